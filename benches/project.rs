//! What `sigpkg verify PROJECT` costs as a process of its own, beside `b3sum` over the same files, in one run.
//!
//! `cargo bench --bench project`, with the Debian package b3sum installed. The project is a synthetic one of 120
//! dependencies, as large as packages in General are, and all of them signed by signatories that the user trusts. The first
//! line is what comes on top of hashing: lockfile, chains and signatures. Both read from the page cache with all
//! threads.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../examples/synthetic_registry/synthetic/mod.rs"]
mod synthetic;

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sigpkg::digest::Digest;
use sigpkg::source::{Options as SourceOptions, dir};
use synthetic::{Options, project};

/// How often each is run; the fastest run counts, as the one least disturbed.
const ROUNDS: usize = 9;

const DEPENDENCIES: usize = 120;

fn main() {
    for (what, light) in [("three small files each", true), ("as large as in General", false)] {
        let place = tempfile::tempdir().unwrap();
        let options = Options { packages: DEPENDENCIES, light, signed: 100, ..Options::default() };
        let truth = project::generate(&options, DEPENDENCIES, place.path());
        let (mut names, mut bytes) = (Vec::new(), 0);
        for dependency in &truth.dependencies {
            let folder = Path::new("depot/packages").join(&dependency.name).join(&dependency.newest.slug);
            let tree = dir::read(&place.path().join(&folder), &SourceOptions::default()).unwrap();
            bytes += tree.tree().bytes();
            names
                .extend(tree.tree().listing().lines().iter().map(|line| format!("{}/{}", folder.display(), line.path)));
        }
        fs::write(place.path().join("names"), names.join("\0")).unwrap();
        let list = fs::read(place.path().join("signatories.list")).unwrap();
        let digest = Digest::of(&list).to_string();
        run(sigpkg(place.path()).args(["trust", "add", "--list", "signatories.list", "--digest", &digest]));

        let (mut ours, mut theirs) = (Duration::MAX, Duration::MAX);
        for _ in 0..ROUNDS {
            theirs = theirs.min(timed(
                Command::new("xargs")
                    .args(["-0", "b3sum", "--"])
                    .current_dir(place.path())
                    .stdin(Stdio::from(File::open(place.path().join("names")).unwrap())),
            ));
            ours = ours.min(timed(sigpkg(place.path()).args(["verify", "project", "--depot", "depot"])));
        }
        println!("{DEPENDENCIES} dependencies, {what}: {} files, {bytes} bytes", names.len());
        report("b3sum", theirs, theirs);
        report("sigpkg verify PROJECT", ours, theirs);
    }
}

fn sigpkg(place: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sigpkg"));
    command.current_dir(place).env("SIGPKG_HOME", place.join("home"));
    command
}

fn timed(command: &mut Command) -> Duration {
    let start = Instant::now();
    run(command);
    start.elapsed()
}

fn run(command: &mut Command) {
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    let status = status.unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    assert!(status.success(), "{command:?} ended with {status}");
}

fn report(what: &str, time: Duration, theirs: Duration) {
    println!("{what:<24} {:>8.1} ms {:>6.2} x", time.as_secs_f64() * 1e3, time.as_secs_f64() / theirs.as_secs_f64());
}
