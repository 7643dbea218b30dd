//! Makes a registry that nobody has: packages, releases, signatures and, if wished, misconduct, all from one seed.
//!
//! ```text
//! synthetic_registry [OPTION]... [OUT]
//!
//!   --seed N        another registry (1)
//!   --packages N    how many packages (100)
//!   --light         three small files a package, for many packages; otherwise sizes as in General
//!   --signed N      how many packages of a hundred are signed, from some version on (30)
//!   --events N      how many registrations of a thousand are back-ports, are followed by a yank, have a rival (5)
//!   --reserves N    chains with a reserve statement; each takes seconds (0)
//!   --plant N       misconduct of each kind, listed in truth.json (0)
//!   --batches N     commits of the registry after the first (10)
//!   --batch N       registrations in each of these, about (20)
//!   --separate      a repository for each package instead of one for all
//!   --project N     a project that needs the first N packages, and a depot that has them (0: none)
//!   --only-project  no repositories, the project alone
//! ```
//!
//! OUT is a folder that does not exist yet. Without it, a small registry is made in a temporary folder, for a look at the
//! figures. docs/developers/synthetic.md says what is in it. All keys are test keys.

#[path = "synthetic/mod.rs"]
mod synthetic;

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use synthetic::truth::{Spread, Truth};
use synthetic::{Options, project, registry};

/// What the command line says.
struct Arguments {
    options: Options,
    project: usize,
    registry: bool,
    out: Option<PathBuf>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse(env::args().skip(1))?;
    let temporary = tempfile::tempdir()?;
    let out = arguments.out.unwrap_or_else(|| temporary.path().join("synthetic"));
    if out.exists() {
        return Err(format!("{} exists", out.display()).into());
    }
    fs::create_dir_all(&out)?;
    make(&arguments.options, arguments.registry, arguments.project, &out);
    Ok(())
}

fn make(options: &Options, with_registry: bool, needed: usize, out: &Path) {
    if with_registry {
        let start = Instant::now();
        let truth = registry::generate(options, out);
        print(&truth);
        println!("made in {:.1} s", start.elapsed().as_secs_f64());
    }
    if needed > 0 {
        let truth = project::generate(options, needed, out);
        let signed = truth.dependencies.iter().filter(|dependency| dependency.newest.signatory.is_some()).count();
        println!("project: {} dependencies, {signed} of them signed", truth.dependencies.len());
    }
}

fn print(truth: &Truth) {
    let figures = &truth.figures;
    println!("{} packages, {} of them signed", figures.packages, figures.signed_packages);
    println!("{} versions, {} of them signed", figures.versions, figures.signed_versions);
    let spread = |what: &str, Spread { median, p99, mean, most }: Spread| {
        println!("{what:<22} median {median}, mean {mean}, p99 {p99}, most {most}");
    };
    spread("versions a package", figures.versions_a_package);
    spread("files a package", truth.files());
    spread("bytes a package", truth.bytes());
    println!(
        "{} back-ports, {} yanks, {} rivals, {} reserve statements",
        figures.backports,
        figures.yanks,
        figures.rivals,
        truth.reserves.len()
    );
    println!("{} packages were silent for two years", figures.silent_two_years);
    println!("{} commits of the registry, {} planted", truth.batches, truth.planted.len());
}

impl Arguments {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let mut parsed = Self { options: Options::default(), project: 0, registry: true, out: None };
        let options = &mut parsed.options;
        while let Some(argument) = arguments.next() {
            let mut number = || -> Result<u64, Box<dyn Error>> {
                let value = arguments.next().ok_or_else(|| format!("{argument} needs a number"))?;
                value.parse().map_err(|_| format!("{argument} needs a number, found {value}").into())
            };
            match argument.as_str() {
                "--light" => options.light = true,
                "--separate" => options.separate = true,
                "--only-project" => parsed.registry = false,
                "--seed" => options.seed = number()?,
                "--packages" => options.packages = number()?.try_into()?,
                "--signed" => options.signed = number()?,
                "--events" => options.events = number()?,
                "--reserves" => options.reserves = number()?.try_into()?,
                "--plant" => options.plant = number()?.try_into()?,
                "--batches" => options.batches = number()?.try_into()?,
                "--batch" => options.batch = number()?.try_into()?,
                "--project" => parsed.project = number()?.try_into()?,
                option if option.starts_with('-') => return Err(format!("unknown option {option}").into()),
                _ if parsed.out.is_some() => return Err("expected one folder".into()),
                _ => parsed.out = Some(argument.into()),
            }
        }
        Ok(parsed)
    }
}
