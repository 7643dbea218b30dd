//! `sigpkg trust pin`: what the user has accepted, for everybody who works on the project (PRJ-19).

mod report;
mod resolve;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;
use sigpkg::package::Package;
use sigpkg::project::pinning::{self, Allowed, NewPin, PinError};
use sigpkg::text::printable;
use sigpkg::trust::{Pins, TrustStore};
use sigpkg::verify::{Found, HashMatch, Question, Reason, State, Verdict};

use self::report::{Left, Report};

pub(super) use self::report::pin_json;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::groups::one_above_the_other;
use crate::cli::output::Answer;
use crate::cli::verify::project::{Asked, Entry, Loaded, keep_all};

/// Write down, in Signatories.toml beside the lockfile, whom you trust for what a project depends on
#[derive(Args)]
pub(super) struct Pin {
    /// The folder of a project, or its lockfile
    #[arg(value_name = "PROJECT", default_value = ".")]
    project: String,
    /// Pin only these dependencies
    #[arg(value_name = "NAME|UUID")]
    names: Vec<String>,
    /// Change the signatory of this pin to the one that you trust now
    #[arg(long, value_name = "NAME|UUID")]
    replace: Vec<String>,
    /// Let this pin go to a statement that is not after the one that is pinned now
    #[arg(long, value_name = "NAME|UUID")]
    back: Vec<String>,
    /// This unsigned version was installed before the package was signed: record its tree, here and in your trust store
    #[arg(long, value_name = "NAME|UUID")]
    before_signing: Vec<String>,
    /// Remove the pins of packages that the lockfile does not have
    #[arg(long)]
    prune: bool,
    /// Mend a Signatories.toml with the conflict markers of a merge, pin by pin; nothing new is pinned
    #[arg(long, conflicts_with_all = ["names", "back", "before_signing", "prune"])]
    resolve: bool,
    /// The version of Julia, if there are lockfiles for several
    #[arg(long, value_name = "VERSION")]
    julia: Option<String>,
    /// A folder of installed packages, in the place of JULIA_DEPOT_PATH
    #[arg(long = "depot", value_name = "DIR")]
    depots: Vec<PathBuf>,
}

impl Pin {
    fn asked(&self) -> Asked<'_> {
        Asked { language: self.julia.as_deref(), depots: &self.depots, base: None, only: &self.names }
    }
}

pub(super) fn run(arguments: &Pin, store: &TrustStore, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    if arguments.resolve {
        return resolve::run(arguments, store, context);
    }
    let loaded = Loaded::open(context, Path::new(&arguments.project), &arguments.asked())?;
    let old = &loaded.pins;
    let names = Names { loaded: &loaded, old };
    let (replace, back) = (names.packages(&arguments.replace)?, names.packages(&arguments.back)?);
    let before_signing = names.packages(&arguments.before_signing)?;

    let question =
        Question { distrusts_ed25519: store.distrusts_ed25519()?.is_some(), ..Question::new(&[], context.now()?) };
    // What the project has pinned is no reason to pin it again.
    let mut entries = loaded.without_pins(store, &arguments.names, &question)?;
    if record_before_signing(&entries, &before_signing, store, context)? {
        entries = loaded.without_pins(store, &arguments.names, &question)?;
    }
    keep_all(context, store, &entries)?;
    let mut new = Vec::new();
    let mut left = Vec::new();
    for entry in entries {
        let trusted = store.trusted_for(&entry.locked.package)?;
        match NewPin::of(&entry.locked, &entry.judged, &trusted) {
            Some(pin) => new.push(pin),
            None => left.push(Left { was_named: !arguments.names.is_empty(), entry }),
        }
    }
    let allowed = Allowed { replace: &replace, back: &back, prune: arguments.prune };
    let is_locked = |package: &Package| loaded.project.lockfile().entries.iter().any(|entry| entry.package == *package);
    let planned = pinning::plan(old, &new, is_locked, &allowed).map_err(|errors| refused(&errors))?;
    let after = pinning::after(&planned).map_err(|error| {
        Failure::refused(error.rule(), &error)
            .hint("nothing has changed; mend the file, or take it from a reviewed revision")
    })?;
    let path = loaded.project.pins_path();
    if after != *old || (old.is_empty() && path.is_file()) {
        context.write(&path, after.to_text().as_bytes())?;
    }
    let file = context.shown(&path);
    Ok(Box::new(Report { project: arguments.project.clone(), file, planned, after, left }))
}

/// By what the command line names packages.
struct Names<'a> {
    loaded: &'a Loaded,
    old: &'a Pins,
}

impl Names<'_> {
    /// Packages of the lockfile or the pins. A name that is in neither is an error.
    fn packages(&self, names: &[String]) -> Result<BTreeSet<Package>, Failure> {
        let all = || {
            let locked = self.loaded.project.lockfile().entries.iter().map(|entry| &entry.package);
            locked.chain(self.old.iter().map(|pin| &pin.package))
        };
        let mut packages = BTreeSet::new();
        for name in names {
            let found: Vec<_> = all().filter(|package| is_named(package, name)).cloned().collect();
            if found.is_empty() {
                let lockfile = printable(&self.loaded.project.lockfile_path().display().to_string());
                return Err(Failure::usage(format!("neither {lockfile} nor the pins have a package {name}")));
            }
            packages.extend(found);
        }
        Ok(packages)
    }
}

fn is_named(package: &Package, name: &str) -> bool {
    package.name().as_str() == name || package.uuid().is_some_and(|uuid| uuid.to_string() == *name)
}

/// Records the trees of unsigned versions for which the user vouches, and returns whether there was one.
fn record_before_signing(
    entries: &[Entry],
    named: &BTreeSet<Package>,
    store: &TrustStore,
    context: &Context,
) -> Result<bool, Failure> {
    let mut is_recorded = false;
    for entry in entries {
        let package = &entry.locked.package;
        let missing = matches!(entry.judged.verdict().and_then(Verdict::reason), Some(Reason::SignatureMissing { .. }));
        let is_whole = matches!(entry.installed.found(), Found::Tree { hash: HashMatch::Equal, .. });
        let (true, Some(tree)) = (missing && is_whole, entry.locked.origin.tree()) else {
            if named.contains(package) && entry.judged.state() != State::BeforeSigning {
                return Err(Failure::blocked(format!(
                    "expected an unsigned {package} of a trusted signatory, with the tree of the lockfile, found: {}",
                    entry.judged.message().unwrap_or_else(|| entry.judged.state().to_string())
                )));
            }
            continue;
        };
        let trusted = store.trusted_for(package)?;
        if let Some(signed) = trusted.iter().find(|trusted| !pinning::can_be_from_before(&entry.locked, trusted)) {
            if named.contains(package) {
                return Err(Failure::blocked(format!(
                    "expected a version of {package} that was never signed, found one that {} has signed",
                    signed.id()
                ))
                .hint("its signature was taken away; get the release from its source again"));
            }
            continue;
        }
        if !named.contains(package) {
            if !context.can_ask() {
                continue;
            }
            let version = entry.locked.version.as_ref().map(|version| format!(" v{version}")).unwrap_or_default();
            context
                .say(&format!("{package}{version} is unsigned, and you trust a signatory for it; its tree is {tree}"));
            if !context.confirm("Was it published before the package was signed, and do you vouch for it?")? {
                continue;
            }
        }
        let [trusted] = &trusted[..] else {
            return Err(Failure::usage(format!("{} signatories are trusted for {package}", trusted.len()))
                .hint("trust one of them alone, to say before whose signing it was"));
        };
        store.record_before_signing(trusted.id(), &[tree])?;
        is_recorded = true;
    }
    Ok(is_recorded)
}

/// All that stands in the way, so that it is seen at once.
fn refused(errors: &[PinError]) -> Failure {
    let mut message = String::new();
    for error in errors {
        if !message.is_empty() {
            message.push('\n');
        }
        message.push_str(&error.to_string());
        if let PinError::OtherSignatory { pinned, found, .. } = error {
            for pinned in pinned {
                message.push('\n');
                let ids = one_above_the_other(("pinned", &pinned.to_string()), ("found", &found.to_string()), "  ");
                message.push_str(ids.trim_end());
            }
        }
    }
    let option = |error: &PinError| match error {
        PinError::OtherSignatory { package, .. } => format!("--replace {}", package.name()),
        PinError::NotAfter { package, .. } => format!("--back {}", package.name()),
    };
    let options: Vec<_> = errors.iter().map(option).collect();
    let failure = match errors.iter().find_map(PinError::rule) {
        Some(rule) => Failure::refused(rule, message),
        None => Failure::blocked(message),
    };
    failure.hint(format!(
        "nothing was written; ask the maintainer why. If it is right, and your reviewers will see it: sigpkg trust pin {}",
        options.join(" ")
    ))
}
