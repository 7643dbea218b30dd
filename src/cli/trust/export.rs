//! `sigpkg trust export`: one file with all that is known, for a site without a network.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use sigpkg::chain::Chain;
use sigpkg::ecosystem::Locked;
use sigpkg::listing::folder::FOLDER;
use sigpkg::project::Project;
use sigpkg::signature::Standard;
use sigpkg::source::{dir, installed};
use sigpkg::trust::{EXPORT_FIRST_LINE, ExportError, TrustStore, Trusted, write_export};

use super::refresh::InDepots;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::output::Answer;

/// Write the chains that are known into one file, for a site without a network; `trust update` takes it in there
#[derive(Args)]
#[command(
    after_help = "No decision is in it: it brings news of those who are trusted there, and makes nobody trusted."
)]
pub(super) struct Export {
    /// The folder of a project, or its lockfile: all its signed dependencies; otherwise every trusted signatory
    #[arg(value_name = "PROJECT")]
    project: Option<PathBuf>,
    /// The file; one that is there is replaced. Without it the answer is the export itself
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    installed: InDepots,
}

struct Printed(String);

struct Written {
    path: PathBuf,
    chains: usize,
    bytes: usize,
}

pub(super) fn run(arguments: &Export, store: &TrustStore, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    if arguments.out.is_none() && context.json {
        return Err(Failure::usage("an export is no JSON").hint("name a file for it with --out FILE"));
    }
    let depots = arguments.installed.depots(context);
    let chains: Vec<Chain> = match arguments.installed.open(arguments.project.as_ref(), context)? {
        None => store.list()?.into_iter().map(Trusted::into_chain).collect(),
        Some(project) => of_project(&project, &depots, store, context)?,
    };
    let file = write_export(&chains).map_err(|error| too_large(&error))?;
    let Some(out) = &arguments.out else {
        return Ok(Box::new(Printed(file)));
    };
    let path = context.path(out);
    context.write(&path, file.as_bytes())?;
    let mut ids: Vec<_> = chains.iter().map(Chain::id).collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(Box::new(Written { path: out.clone(), chains: ids.len(), bytes: file.len() }))
}

/// What the store has and what is installed, for every dependency.
fn of_project(
    project: &Project,
    depots: &[PathBuf],
    store: &TrustStore,
    context: &Context,
) -> Result<Vec<Chain>, Failure> {
    let mut chains = Vec::new();
    for locked in &project.lockfile().entries {
        let trusted = store.trusted_for(&locked.package)?;
        if let Some(chain) = installed_chain(locked, project, depots, &trusted, context) {
            chains.push(chain);
        }
        chains.extend(trusted.into_iter().map(Trusted::into_chain));
    }
    Ok(chains)
}

/// The chain of what is installed, whether its signatory is trusted or not; whoever takes it in decides that anew.
fn installed_chain(
    locked: &Locked,
    project: &Project,
    depots: &[PathBuf],
    trusted: &[Trusted],
    context: &Context,
) -> Option<Chain> {
    let path = installed::find(depots, &project.ecosystem().installed_paths(locked))?;
    let folder = path.join(FOLDER);
    if !folder.symlink_metadata().ok()?.is_dir() {
        return None;
    }
    let left_out = |problem: String| {
        context.say(&format!("sigpkg: left out: {}: {problem}", path.display()));
    };
    let read = match dir::read_folder(&folder) {
        Ok((read, _)) => read,
        Err(error) => {
            left_out(error.to_string());
            return None;
        }
    };
    let file = read.claimed_chain();
    let admitted = Chain::claimed_id(file).and_then(|id| match trusted.iter().find(|trusted| trusted.id() == id) {
        Some(trusted) => Chain::admit_beside(file, trusted.chain(), trusted.vouchers(), &Standard),
        None => Chain::admit(file, id, &Standard),
    });
    match admitted {
        Ok(chain) if *chain.package() == locked.package => Some(chain),
        Ok(chain) => {
            left_out(format!("its chain is that of {}", chain.package()));
            None
        }
        Err(error) => {
            left_out(error.to_string());
            None
        }
    }
}

fn too_large(error: &ExportError) -> Failure {
    Failure::blocked(error).hint("export one project after the other")
}

impl Answer for Printed {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(self.0.as_bytes())
    }

    /// Nobody gets here: without a file, JSON is refused.
    fn json(&self) -> Vec<Value> {
        Vec::new()
    }
}

impl Answer for Written {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        let chains = if self.chains == 1 { "1 chain".to_owned() } else { format!("{} chains", self.chains) };
        let path = self.path.display();
        writeln!(out, "wrote {chains} to {path}; to take it in elsewhere: sigpkg trust update {path}")
    }

    fn json(&self) -> Vec<Value> {
        vec![json!({
            "schema": "sigpkg.trust-export/1",
            "file": self.path.display().to_string(),
            "form": EXPORT_FIRST_LINE.trim_end(),
            "chains": self.chains,
            "bytes": self.bytes,
        })]
    }
}
