//! `sigpkg registry site`: a directory of signatories, for people who come to compare.

mod folder;
mod source;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use sigpkg::registry::site::{self, Made, Settings, SiteError};
use sigpkg::registry::{Surroundings, site::Narrator};
use sigpkg::representation::spoken::Voice as _;
use sigpkg::signature::Standard;
use sigpkg::text::printable;

use super::fetch::Protocol;
use super::heads::HeadsFolder;
use super::open;
use super::packages::PackagesFolder;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Status};
use crate::cli::output::{Answer, CARE};
use crate::cli::progress::Progress;
use crate::cli::target;
use crate::cli::voice::EspeakNg;

use self::folder::Folder;
use self::source::{Chains, InRegistry, NoPackages};

/// Make web pages of who signs what, for people who compare an id with the one that they were given
#[derive(Args)]
#[command(after_help = "Reads a registry if --heads, --packages or --fetch says from where, and the TARGETs.\n\
    Serve the folder with any web server, on another host than the registry's if you can.")]
pub(super) struct Site {
    /// The folder to make; what is in its place must be empty, or a site that was made before
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// What the directory calls itself
    #[arg(long, value_name = "TEXT", default_value = "Signatory directory")]
    title: String,
    /// Add recordings of the ids, read aloud by espeak-ng: more than two megabytes for each
    #[arg(long)]
    audio: bool,
    /// The git repository of the registry; its objects are read, never its worktree
    #[arg(long, value_name = "DIR", default_value = ".")]
    registry: PathBuf,
    /// The revision to read
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    at: String,
    /// The folder in which the registry remembers its packages
    #[arg(long, value_name = "DIR")]
    heads: Option<PathBuf>,
    /// A folder of clones of the packages, as for `registry audit`
    #[arg(long, value_name = "DIR")]
    packages: Option<PathBuf>,
    /// Fetch what is not in the clones from the addresses in the registry, with git
    #[arg(long)]
    fetch: bool,
    /// The protocols by which to fetch
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "https,ssh")]
    protocols: Vec<Protocol>,
    /// Chain files, directories, tarballs or REPO#REV to list as well, or alone
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
}

/// What was made, and what is not in it.
struct Report {
    out: PathBuf,
    made: Made,
    files: u64,
    bytes: u64,
    problems: Vec<String>,
}

/// How many problems are shown to people one by one.
const MOST_PROBLEMS: usize = 20;

pub(super) fn run(arguments: &Site, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let with_trees = arguments.packages.is_some() || arguments.fetch;
    if !with_trees && arguments.heads.is_none() && arguments.targets.is_empty() {
        return Err(Failure::usage("there is nothing to make a site of").hint(
            "--heads DIR names what a registry remembers, --packages DIR clones of its packages; or name chain files",
        ));
    }
    let narrator = if arguments.audio { Some(narrator()?) } else { None };
    let mut targets = Vec::new();
    for target in &arguments.targets {
        targets.push(target::admit(context, target)?);
    }
    // Before the work, and not after it.
    let folder = Folder::begin(&context.path(&arguments.out))?;
    let heads = HeadsFolder::new(context, arguments.heads.as_deref());
    let packages = if with_trees {
        Some(PackagesFolder::new(
            context,
            arguments.packages.as_deref(),
            arguments.fetch.then_some(arguments.protocols.as_slice()),
        )?)
    } else {
        None
    };
    let surroundings = Surroundings {
        heads: &heads,
        packages: packages.as_ref().map_or(&NoPackages, |packages| packages),
        policy_reviewed: true,
        now: context.now()?,
        scheme: &Standard,
    };
    let revision = if with_trees || arguments.heads.is_some() {
        Some(open(context, &context.path(&arguments.registry), &arguments.at)?)
    } else {
        None
    };
    let in_registry = revision.as_ref().map(|revision| InRegistry { revision, surroundings, trees: with_trees });
    let progress = Progress::tallying("making the site", "signatories");
    let chains = Chains::new(in_registry, targets, &progress)?;
    let settings = Settings { title: &printable(&arguments.title), narrator: narrator.as_ref() };
    let made = site::make(&chains, &folder, &settings)?;
    let problems = chains.into_problems();
    drop(progress);
    let (files, bytes) = folder.finish()?;
    Ok(Box::new(Report { out: arguments.out.clone(), made, files, bytes, problems }))
}

/// Each word is said once by the program, however many ids there are.
fn narrator() -> Result<Narrator, Failure> {
    let mut voice = EspeakNg::find()?;
    Ok(Narrator::new(move |words| voice.say(words).map_err(|failure| failure.message)))
}

impl From<SiteError> for Failure {
    fn from(error: SiteError) -> Self {
        Self::could_not_tell(&error)
    }
}

impl Answer for Report {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        let Made { signatories, same_name, alike } = self.made;
        let (place, files) = (shown(&self.out), self.files);
        let word = if signatories == 1 { "signatory" } else { "signatories" };
        writeln!(out, "{place}: {signatories} {word}, {files} files, {} kB", self.bytes.div_ceil(1000))?;
        if same_name > 0 {
            writeln!(
                out,
                "{CARE}{same_name}{CARE:#} sign packages of names that others sign, too; their pages say so"
            )?;
        }
        if alike > 0 {
            writeln!(out, "{CARE}{alike}{CARE:#} have ids that look like another, which does not happen by chance")?;
        }
        for problem in self.problems.iter().take(MOST_PROBLEMS) {
            writeln!(out, "{CARE}not read{CARE:#}: {}", printable(problem))?;
        }
        match self.problems.len().checked_sub(MOST_PROBLEMS) {
            None | Some(0) => Ok(()),
            Some(more) => writeln!(out, "and {more} more that were not read"),
        }
    }

    fn json(&self) -> Vec<Value> {
        vec![json!({
            "schema": "sigpkg.registry-site/1",
            "out": shown(&self.out),
            "signatories": self.made.signatories,
            "same-name": self.made.same_name,
            "alike": self.made.alike,
            "files": self.files,
            "bytes": self.bytes,
            "problems": self.problems,
        })]
    }

    /// REG-15: what cannot be read is said.
    fn status(&self) -> Status {
        if self.problems.is_empty() { Status::Done } else { Status::CouldNotTell }
    }
}

fn shown(path: &Path) -> String {
    printable(&path.display().to_string())
}
