//! `sigpkg trust pin --resolve`: pins after a merge.

use std::io::{self, Write};
use std::path::Path;

use serde_json::{Value, json};
use sigpkg::package::Package;
use sigpkg::project::Project;
use sigpkg::project::review::Chains as _;
use sigpkg::text::printable;
use sigpkg::trust::{MAX_PINS_BYTES, MergeError, PINS_FILE, Pins, TrustStore};

use super::report::pin_json;
use super::{Pin, is_named};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::groups::one_above_the_other;
use crate::cli::output::Answer;
use crate::cli::trust::known::KnownChains;

struct Resolved {
    file: String,
    merged: Pins,
}

pub(super) fn run(arguments: &Pin, store: &TrustStore, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let place = context.path(Path::new(&arguments.project));
    // The lockfile may be in conflict, too; then it says nothing, and what the store knows must do.
    let project = Project::open(&place, arguments.julia.as_deref()).ok();
    let folder = if place.is_dir() { place.as_path() } else { place.parent().unwrap_or(&place) };
    let path = project.as_ref().map_or_else(|| folder.join(PINS_FILE), Project::pins_path);
    let bytes = context.read(&path, MAX_PINS_BYTES)?;
    let (ours, theirs) = Pins::sides(&bytes).map_err(|error| {
        Failure::refused(error.rule(), format!("{}: {error}", printable(&path.display().to_string())))
            .hint("mend this by hand, or take the file of one side and pin again")
    })?;
    let depots: Vec<_> = match &arguments.depots[..] {
        [] => context.depots(),
        given => given.iter().map(|depot| context.path(depot)).collect(),
    };
    let lockfile = project.as_ref().map(Project::lockfile);
    let known = KnownChains::read(store, &[&ours, &theirs], lockfile, &depots, context.now()?)?;
    // The human decides by whom they trust, and not by the order in which the sides stand.
    let chosen = |package: &Package| {
        if !arguments.replace.iter().any(|name| is_named(package, name)) {
            return None;
        }
        match &store.trusted_for(package).ok()?[..] {
            [trusted] => Some(trusted.id()),
            _ => None,
        }
    };
    let merged = Pins::merge(&ours, &theirs, |id| known.chain(id), chosen).map_err(|error| unresolved(&error))?;
    context.write(&path, merged.to_text().as_bytes())?;
    Ok(Box::new(Resolved { file: context.shown(&path), merged }))
}

fn unresolved(error: &MergeError) -> Failure {
    match error {
        MergeError::Signatories { package, ours, theirs } => {
            let mut message = format!("the two sides pin other signatories for {package}:");
            for (one, other) in ours.iter().flat_map(|one| theirs.iter().map(move |other| (one, other))) {
                let ids = one_above_the_other(("one", &one.to_string()), ("other", &other.to_string()), "  ");
                message.push('\n');
                message.push_str(ids.trim_end());
            }
            Failure::undecided(message).hint(format!(
                "nothing was written; ask the maintainer which one is right, trust it (sigpkg trust add), and then: sigpkg \
                 trust pin --resolve --replace {}",
                package.name()
            ))
        }
        MergeError::Unordered { package, .. } => Failure::undecided(error).hint(format!(
            "nothing was written; install {} as either side has it, or take newer statements in with sigpkg trust update, and \
             try again",
            package.name()
        )),
        MergeError::Pins(error) => Failure::refused(error.rule(), error),
    }
}

impl Answer for Resolved {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        let pins = if self.merged.len() == 1 { "1 pin".to_owned() } else { format!("{} pins", self.merged.len()) };
        writeln!(out, "{}: {pins}, without a conflict", printable(&self.file))
    }

    fn json(&self) -> Vec<Value> {
        let pins: Vec<_> = self.merged.iter().map(pin_json).collect();
        vec![json!({
            "schema": "sigpkg.trust-pin-resolve/1",
            "file": self.file,
            "pins": pins,
        })]
    }
}
