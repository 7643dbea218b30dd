//! `sigpkg verify PROJECT`: everything that a project depends on, as it is installed.

mod report;

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use sigpkg::digest::TreeHash;
use sigpkg::ecosystem::Locked;
use sigpkg::package::Package;
use sigpkg::project::{Base, Installed, Project, ProjectError};
use sigpkg::signature::Standard;
use sigpkg::source::MAX_MANIFEST_BYTES;
use sigpkg::text::printable;
use sigpkg::time::Timestamp;
use sigpkg::trust::{Pin, Pins, TrustStore, Trusted};
use sigpkg::verify::{self, Dependency, Judged, Question, judge_dependency};

use super::{Verify, keep};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::progress::Progress;

pub(crate) use self::report::ProjectReport;

/// What was asked about a project, beside the project itself.
pub(crate) struct Asked<'a> {
    /// The version of the language.
    pub(crate) language: Option<&'a str>,
    /// The folders of installed packages; none for those of the environment.
    pub(crate) depots: &'a [PathBuf],
    /// The revision from which the pins are taken.
    pub(crate) base: Option<&'a str>,
    /// Names and UUIDs of the dependencies that are asked about; none for all.
    pub(crate) only: &'a [String],
}

/// A project with all that the states of its dependencies depend on beside what is installed and trusted.
#[derive(Clone)]
pub(crate) struct Loaded {
    pub(crate) project: Project,
    pub(crate) depots: Vec<PathBuf>,
    pub(crate) pins: Pins,
    pub(crate) pins_from: PinsFrom,
    base: Option<Base>,
}

/// Where the pins are from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PinsFrom {
    Nowhere,
    Working,
    Base,
}

/// A dependency as it is installed, and what was found about it.
pub(crate) struct Entry {
    pub(crate) locked: Locked,
    pub(crate) installed: Installed,
    pub(crate) judged: Judged,
    pub(crate) is_pinned: bool,
}

/// Whether a target is a project.
///
/// What is in a folder must not choose an easier question than the one that was asked: whoever took the `.sigpkg` of a package
/// away could put a lockfile in its place. So a folder is taken for a project of its own accord only if no package manager
/// could install it as a package; a tree that was asked for by its name, its id, its
/// signatures or its upstream never is.
pub(super) fn is_project(path: &Path, arguments: &Verify) -> bool {
    let asks_for_a_tree = arguments.project.tree
        || arguments.signatures.is_some()
        || arguments.upstream.is_some()
        || arguments.wanted.id.is_some()
        || arguments.wanted.expect.is_some();
    if asks_for_a_tree {
        return false;
    }
    if path.is_file() {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        return Project::is_lockfile_name(&name);
    }
    arguments.project.is_about_a_project() || (!Project::lockfiles_in(path).is_empty() && !may_be_a_package(path))
}

/// The lockfile of a folder that was not taken for a project, so that a hint can name it.
pub(super) fn lockfile_beside(path: &Path) -> Option<String> {
    Project::lockfiles_in(path).into_iter().next()
}

/// An environment has a manifest without name and UUID, and nobody has signed it.
fn may_be_a_package(path: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(path) else {
        return true;
    };
    let mut names = entries.filter_map(Result::ok).map(|entry| entry.file_name());
    if names.any(|name| name.eq_ignore_ascii_case(".sigpkg")) {
        return true;
    }
    let manifests: Vec<_> =
        verify::TreeTarget::MANIFESTS.iter().map(|name| path.join(name)).filter(|path| path.exists()).collect();
    manifests.is_empty() || !manifests.iter().all(|manifest| is_of_an_environment(manifest))
}

fn is_of_an_environment(manifest: &Path) -> bool {
    use std::io::Read as _;
    if !manifest.is_file() {
        return false;
    }
    let mut text = String::new();
    let read =
        std::fs::File::open(manifest).and_then(|file| file.take(MAX_MANIFEST_BYTES + 1).read_to_string(&mut text));
    let whole = read.is_ok_and(|bytes| bytes as u64 <= MAX_MANIFEST_BYTES);
    whole && Project::names_no_package(&text)
}

impl Loaded {
    pub(crate) fn open(context: &Context, path: &Path, asked: &Asked<'_>) -> Result<Self, Failure> {
        let path = context.path(path);
        let project = Project::open(&path, asked.language)?;
        let base = asked.base.map(|revision| Base::read(&path, revision, asked.language)).transpose()?;
        let (pins, pins_from) = match &base {
            Some(base) => (base.pins.clone(), PinsFrom::Base),
            None => match project.pins()? {
                Some(pins) => (pins, PinsFrom::Working),
                None => (Pins::default(), PinsFrom::Nowhere),
            },
        };
        let depots = match asked.depots {
            [] => context.depots(),
            given => given.iter().map(|depot| context.path(depot)).collect(),
        };
        Ok(Self { project, depots, pins, pins_from, base })
    }

    /// The dependencies that are asked about. A name that no dependency has is an error: a check that was asked for would
    /// be left out.
    fn wanted(&self, only: &[String]) -> Result<Vec<Locked>, Failure> {
        let entries = &self.project.lockfile().entries;
        let is_named = |entry: &Locked, name: &String| {
            entry.package.name().as_str() == name || entry.package.uuid().is_some_and(|uuid| uuid.to_string() == *name)
        };
        if let Some(name) = only.iter().find(|name| !entries.iter().any(|entry| is_named(entry, name))) {
            let lockfile = printable(&self.project.lockfile_path().display().to_string());
            return Err(Failure::usage(format!("{name}: {lockfile} has no such dependency")));
        }
        let is_wanted = |entry: &&Locked| only.is_empty() || only.iter().any(|name| is_named(entry, name));
        Ok(entries.iter().filter(is_wanted).cloned().collect())
    }

    /// Judges the dependencies that are asked about, on all processors. `installed` is what is installed in their place.
    pub(crate) fn judge(
        &self,
        store: &TrustStore,
        only: &[String],
        installed: Option<&Self>,
        question: &Question<'_>,
    ) -> Result<Vec<Entry>, Failure> {
        let wanted = self.wanted(only)?;
        let progress = Progress::counting("verifying dependencies", wanted.len());
        let judged = wanted.into_par_iter().map(|locked| {
            let entry = self.judge_one(store, locked, installed, question);
            progress.advance();
            entry
        });
        judged.collect()
    }

    fn judge_one(
        &self,
        store: &TrustStore,
        locked: Locked,
        installed: Option<&Self>,
        question: &Question<'_>,
    ) -> Result<Entry, Failure> {
        let name = locked.package.name().as_str();
        let trusted = store.named(name)?;
        let pins: Vec<Pin> = self.pins.of_package(&locked.package).cloned().collect();
        let is_another = |package: &Package| package.name().as_str() == name && *package != locked.package;
        let has_namesake = trusted.iter().map(Trusted::package).any(is_another)
            || self.pins.iter().map(|pin| &pin.package).any(is_another);
        let before = installed.and_then(|installed| installed.installed(&locked.package));
        let found = Installed::read(&locked, &self.depots, self.project.ecosystem());
        let dependency = Dependency {
            locked: &locked,
            found: found.found(),
            pins: &pins,
            reviewed: self.reviewed(&locked.package),
            has_namesake,
        };
        let question =
            Question { trusted: &trusted, installed: before.as_ref().map(Before::as_installed), ..question.clone() };
        let judged = judge_dependency(&dependency, &question, &Standard);
        Ok(Entry { judged, is_pinned: !pins.is_empty(), installed: found, locked })
    }

    /// Judges the dependencies that are asked about by the decisions of the user alone, as if nothing were pinned.
    pub(crate) fn without_pins(
        &self,
        store: &TrustStore,
        only: &[String],
        question: &Question<'_>,
    ) -> Result<Vec<Entry>, Failure> {
        let unpinned = Self { pins: Pins::default(), pins_from: PinsFrom::Nowhere, base: None, ..self.clone() };
        unpinned.judge(store, only, None, question)
    }

    fn reviewed(&self, package: &Package) -> Option<TreeHash> {
        self.base.as_ref().and_then(|base| base.tree_of(package))
    }

    /// What this project has of a package, as a floor for another one.
    fn installed(&self, package: &Package) -> Option<Before> {
        let locked = self.project.lockfile().entries.iter().find(|entry| entry.package == *package)?;
        let found = Installed::read(locked, &self.depots, self.project.ecosystem());
        Some(Before { found, version: locked.version.as_ref().map(ToString::to_string) })
    }
}

/// Judges a dependency for a user who trusts these signatories, and without any pins.
pub(crate) fn judge_alone(entry: &Entry, trusted: &[Trusted], question: &Question<'_>) -> Judged {
    let dependency = Dependency {
        locked: &entry.locked,
        found: entry.installed.found(),
        pins: &[],
        reviewed: None,
        has_namesake: false,
    };
    judge_dependency(&dependency, &Question { trusted, ..question.clone() }, &Standard)
}

/// What is installed in the place of a dependency.
struct Before {
    found: Installed,
    version: Option<String>,
}

impl Before {
    fn as_installed(&self) -> verify::Installed<'_> {
        let folder = self.found.tree().and_then(|tree| tree.folder());
        verify::Installed { folder, version: self.version.clone() }
    }
}

/// Judges a project that is a target of `sigpkg verify`.
pub(super) fn run(
    arguments: &Verify,
    path: &str,
    store: &TrustStore,
    context: &Context,
    now: Timestamp,
) -> Result<ProjectReport, Failure> {
    let asked = arguments.project.asked();
    let loaded = Loaded::open(context, Path::new(path), &asked)?;
    let installed = match &arguments.installed {
        None => None,
        Some(given) => {
            Some(Loaded::open(context, Path::new(given), &Asked { base: None, ..arguments.project.asked() })?)
        }
    };
    let question = Question {
        allow_downgrade: arguments.allow_downgrade,
        strict: arguments.strict,
        distrusts_ed25519: store.distrusts_ed25519()?.is_some(),
        ..Question::new(&[], now)
    };
    let entries = loaded.judge(store, asked.only, installed.as_ref(), &question)?;
    if !arguments.no_update {
        keep_all(context, store, &entries)?;
    }
    let lockfile = context.shown(loaded.project.lockfile_path());
    Ok(ProjectReport::new(path, lockfile, loaded.pins_from, entries))
}

/// VER-30 for many: what a dependency brings is kept if its signatory is trusted.
pub(crate) fn keep_all(context: &Context, store: &TrustStore, entries: &[Entry]) -> Result<(), Failure> {
    for (locked, verdict) in entries.iter().filter_map(|entry| Some((&entry.locked, entry.judged.verdict()?))) {
        keep(context, store, &store.named(locked.package.name().as_str())?, verdict);
    }
    Ok(())
}

impl From<ProjectError> for Failure {
    fn from(error: ProjectError) -> Self {
        let failure = match error.rule() {
            Some(rule) => Self::refused(rule, &error),
            None => Self::could_not_tell(&error),
        };
        match &error {
            ProjectError::NoLockfile { .. } => {
                failure.hint("name the folder of a project that was instantiated, or its lockfile")
            }
            ProjectError::Ambiguous { .. } => {
                failure.hint("say which version of Julia with --julia, such as --julia 1.11")
            }
            ProjectError::InWorkspace { root, .. } => failure.hint(format!(
                "name the lockfile itself; that of Julia 1.12 and newer is in {}",
                printable(&root.display().to_string())
            )),
            ProjectError::Lockfile { .. } => failure.hint("let the package manager write it again"),
            ProjectError::Pins { path, .. } => {
                let folder = path.parent().filter(|folder| folder.is_dir()).unwrap_or(Path::new("."));
                let folder = super::shell_word(&folder.display().to_string());
                failure.hint(format!(
                    "after a merge: sigpkg trust pin {folder} --resolve; otherwise take it from a reviewed revision"
                ))
            }
            ProjectError::Base { .. } => {
                failure.hint("name a commit or branch that was reviewed, in the repository of the project")
            }
            ProjectError::Read { .. } | ProjectError::TooLarge { .. } => failure,
        }
    }
}
