//! What differs from one language ecosystem to the next: where a package says who it is, how versions are ordered, what a
//! project depends on, and where that is installed.
//!
//! Nothing here touches a file. The caller reads the manifest or the lockfile from wherever it is and hands over its bytes.
//! `docs/developers/ecosystems.md` says how to write another one.
//!
//! Source: spec/7-verdicts.md (VER-14, VER-16) and spec/10-projects.md, sections 10.1 to 10.3.

mod generic;
mod julia;
mod lockfile;
pub mod registry;

use std::cmp::Ordering;

pub use self::generic::Generic;
pub use self::julia::Julia;
pub use self::lockfile::{Locked, Lockfile, LockfileError, MAX_LOCKED, MAX_LOCKFILE_BYTES, Origin};

use self::registry::RegistryForm;
use crate::package::{EcosystemName, Package, PackageError, Version};
use crate::text;

/// A language ecosystem.
pub trait Ecosystem: Send + Sync {
    /// Its name.
    fn name(&self) -> EcosystemName;

    /// Where a package of this ecosystem has its manifest, below the root of its tree: the first path that exists counts.
    fn manifest_paths(&self) -> &'static [&'static str];

    /// Reads who a package is from its manifest.
    ///
    /// # Errors
    ///
    /// - [`ManifestError`] if the manifest does not say it, or not in a form that the ecosystem takes.
    fn read_manifest(&self, manifest: &[u8]) -> Result<Manifest, ManifestError>;

    /// The canonical form of a version as people and manifests write it.
    ///
    /// # Errors
    ///
    /// - [`PackageError::Version`] if it is no version.
    fn version(&self, written: &str) -> Result<Version, PackageError>;

    /// Which of two versions is the later one; `None` if this ecosystem has no order of versions.
    fn compare(&self, left: &Version, right: &Version) -> Option<Ordering>;

    /// The names that a lockfile may have in the folder of a project, the preferred one first. With a version of the
    /// language they are those that it reads; without one they are all that any version reads and `present` has.
    fn lockfile_names(&self, language: Option<&str>, present: &[String]) -> Vec<String>;

    /// The lockfile that the manifest of a project names instead: a path, relative to the folder of the project.
    fn named_lockfile(&self, manifest: &[u8]) -> Option<String>;

    /// The folders with which the manifest of a project shares its lockfile: paths, relative to its own folder.
    fn workspace_members(&self, manifest: &[u8]) -> Vec<String>;

    /// Reads the dependencies of a project from its lockfile, sorted by package.
    ///
    /// # Errors
    ///
    /// - [`LockfileError`] if it is none, or says of one package two things.
    fn read_lockfile(&self, lockfile: &[u8]) -> Result<Lockfile, LockfileError>;

    /// Where a dependency may be installed, as paths below a folder of installed packages, the preferred one first. In
    /// several such folders the first path is looked for in each before the next path is. Empty if it is never
    /// installed there.
    fn installed_paths(&self, locked: &Locked) -> Vec<String>;

    /// Whether a file of this path may come into an installed package after it was installed, without being code that
    /// anybody loads unasked. `is_built` says whether the package has a build step, which writes files.
    fn is_generated(&self, path: &str, is_built: bool) -> bool;

    /// The file that makes a package one with a build step, below its root.
    fn build_step(&self) -> Option<&'static str>;

    /// How its registries are laid out, if it has any that are git repositories.
    fn registry(&self) -> Option<&'static dyn RegistryForm>;
}

/// What a manifest says of its package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Who it is.
    pub package: Package,
    /// Its version, if the manifest gives one.
    pub version: Option<Version>,
}

/// Why a manifest does not say who its package is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// It is no TOML.
    #[error("expected a manifest in TOML, found a fault: {reason}")]
    Syntax {
        /// What the parser says, on one line.
        reason: String,
    },
    /// A key is missing, or is no string.
    #[error("expected a text for {key:?} in the manifest, found {found}")]
    Key {
        /// The key.
        key: &'static str,
        /// What is there instead.
        found: &'static str,
    },
    /// A value has a form that no package, id or version has.
    #[error(transparent)]
    Value(#[from] PackageError),
    /// This ecosystem has no manifest.
    #[error("a generic package has no manifest")]
    None,
}

/// The ecosystem of this name.
pub fn of(name: EcosystemName) -> &'static dyn Ecosystem {
    match name {
        EcosystemName::Julia => &Julia,
        EcosystemName::Generic => &Generic,
    }
}

/// Every ecosystem that has manifests, in the order in which they are looked for.
pub fn with_manifests() -> impl Iterator<Item = &'static dyn Ecosystem> {
    EcosystemName::ALL.into_iter().map(of).filter(|ecosystem| !ecosystem.manifest_paths().is_empty())
}

/// How registries may be laid out, in the order in which that is looked for.
pub fn registry_forms() -> impl Iterator<Item = &'static dyn RegistryForm> {
    EcosystemName::ALL.into_iter().filter_map(|name| of(name).registry())
}

/// One line of a parser's message, safe to show.
fn one_line(message: &str) -> String {
    text::printable(message.lines().last().unwrap_or_default())
}

#[cfg(test)]
mod tests;
