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
///
/// ```
/// use sigpkg::ecosystem::{Ecosystem, Julia};
///
/// /// What a reviewer is told of a package, whatever its language.
/// fn title(ecosystem: &dyn Ecosystem, manifest: &[u8]) -> Result<String, sigpkg::ecosystem::ManifestError> {
///     let manifest = ecosystem.read_manifest(manifest)?;
///     let version = manifest.version.map(|version| format!(" v{version}"));
///     Ok(format!("{}{}", manifest.package, version.unwrap_or_default()))
/// }
///
/// let manifest = b"name = \"Example\"\nuuid = \"7876af07-990d-54b4-ab0e-23690620f79a\"\nversion = \"1.2.0\"\n";
/// assert_eq!(title(&Julia, manifest)?, "Example [7876af07] v1.2.0");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Ecosystem: Send + Sync {
    /// Its name.
    ///
    /// ```
    /// use sigpkg::ecosystem::{Ecosystem as _, Julia};
    ///
    /// assert_eq!(Julia.name().as_str(), "julia");
    /// ```
    fn name(&self) -> EcosystemName;

    /// Where a package of this ecosystem has its manifest, below the root of its tree: the first path that exists counts.
    ///
    /// ```
    /// use sigpkg::ecosystem::{Ecosystem as _, Generic, Julia};
    ///
    /// assert_eq!(Julia.manifest_paths(), ["JuliaProject.toml", "Project.toml"]);
    /// assert!(Generic.manifest_paths().is_empty());
    /// ```
    fn manifest_paths(&self) -> &'static [&'static str];

    /// Reads who a package is from its manifest.
    ///
    /// ```
    /// use sigpkg::ecosystem::{Ecosystem as _, Julia, ManifestError};
    ///
    /// let manifest = b"name = \"Example\"\nuuid = \"7876af07-990d-54b4-ab0e-23690620f79a\"\nversion = \"1.2.0\"\n";
    /// assert_eq!(Julia.read_manifest(manifest)?.package.name().as_str(), "Example");
    /// // A project of somebody's own has no name: it is no package.
    /// let nameless = Julia.read_manifest(b"[deps]\n");
    /// assert_eq!(nameless, Err(ManifestError::Key { key: "name", found: "none" }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`ManifestError`] if the manifest does not say it, or not in a form that the ecosystem takes.
    fn read_manifest(&self, manifest: &[u8]) -> Result<Manifest, ManifestError>;

    /// The canonical form of a version as people and manifests write it.
    ///
    /// ```
    /// use sigpkg::ecosystem::{Ecosystem as _, Julia};
    ///
    /// assert_eq!(Julia.version("v1.2")?.as_str(), "1.2.0");
    /// assert_eq!(Julia.version("1.2.0-rc1")?.as_str(), "1.2.0-rc1");
    /// assert!(Julia.version("latest").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`PackageError::Version`] if it is no version.
    fn version(&self, written: &str) -> Result<Version, PackageError>;

    /// Which of two versions is the later one; `None` if this ecosystem has no order of versions.
    ///
    /// ```
    /// use std::cmp::Ordering;
    /// use sigpkg::ecosystem::{Ecosystem as _, Generic, Julia};
    ///
    /// let (older, newer) = (Julia.version("1.9.0")?, Julia.version("1.10.0")?);
    /// assert_eq!(Julia.compare(&older, &newer), Some(Ordering::Less));
    /// assert_eq!(Generic.compare(&older, &newer), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn compare(&self, left: &Version, right: &Version) -> Option<Ordering>;

    /// The names that a lockfile may have in the folder of a project, the preferred one first. With a version of the
    /// language they are those that it reads; without one they are all that any version reads and `present` has.
    ///
    /// ```
    /// use sigpkg::ecosystem::{Ecosystem as _, Julia};
    ///
    /// assert_eq!(Julia.lockfile_names(Some("1.11.2"), &[])[0], "JuliaManifest-v1.11.toml");
    /// let present = ["Project.toml", "Manifest.toml"].map(str::to_owned);
    /// assert_eq!(Julia.lockfile_names(None, &present), ["Manifest.toml"]);
    /// ```
    fn lockfile_names(&self, language: Option<&str>, present: &[String]) -> Vec<String>;

    /// The lockfile that the manifest of a project names instead: a path, relative to the folder of the project.
    ///
    /// ```
    /// use sigpkg::ecosystem::{Ecosystem as _, Julia};
    ///
    /// assert_eq!(Julia.named_lockfile(b"manifest = \"../Manifest.toml\"\n").as_deref(), Some("../Manifest.toml"));
    /// assert_eq!(Julia.named_lockfile(b"name = \"Example\"\n"), None);
    /// ```
    fn named_lockfile(&self, manifest: &[u8]) -> Option<String>;

    /// The folders with which the manifest of a project shares its lockfile: paths, relative to its own folder.
    ///
    /// ```
    /// use sigpkg::ecosystem::{Ecosystem as _, Julia};
    ///
    /// assert_eq!(Julia.workspace_members(b"[workspace]\nprojects = [\"docs\", \"test\"]\n"), ["docs", "test"]);
    /// ```
    fn workspace_members(&self, manifest: &[u8]) -> Vec<String>;

    /// Reads the dependencies of a project from its lockfile, sorted by package.
    ///
    /// ```
    /// use sigpkg::ecosystem::{Ecosystem as _, Julia};
    ///
    /// let lockfile = br#"
    /// julia_version = "1.11.2"
    /// manifest_format = "2.0"
    ///
    /// [[deps.Example]]
    /// git-tree-sha1 = "46e44e869b4d90b96bd8ed1fdcf32244fddfb6cc"
    /// uuid = "7876af07-990d-54b4-ab0e-23690620f79a"
    /// version = "0.5.3"
    /// "#;
    /// let lockfile = Julia.read_lockfile(lockfile)?;
    /// assert_eq!(lockfile.entries[0].package.to_string(), "Example [7876af07]");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`LockfileError`] if it is none, or says of one package two things.
    fn read_lockfile(&self, lockfile: &[u8]) -> Result<Lockfile, LockfileError>;

    /// Where a dependency may be installed, as paths below a folder of installed packages, the preferred one first. In
    /// several such folders the first path is looked for in each before the next path is. Empty if it is never
    /// installed there.
    ///
    /// ```
    /// use sigpkg::ecosystem::{Ecosystem as _, Julia, Locked, Origin};
    /// use sigpkg::package::Package;
    ///
    /// let locked = Locked {
    ///     package: Package::julia("Example", "7876af07-990d-54b4-ab0e-23690620f79a".parse()?)?,
    ///     version: Some(Julia.version("0.5.3")?),
    ///     origin: Origin::Registered { tree: "46e44e869b4d90b96bd8ed1fdcf32244fddfb6cc".parse()? },
    /// };
    /// assert_eq!(Julia.installed_paths(&locked)[0], "packages/Example/aqsx3"); // below a depot
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn installed_paths(&self, locked: &Locked) -> Vec<String>;

    /// Whether a file of this path may come into an installed package after it was installed, without being code that
    /// anybody loads unasked. `is_built` says whether the package has a build step, which writes files.
    ///
    /// ```
    /// use sigpkg::ecosystem::{Ecosystem as _, Julia};
    ///
    /// assert!(Julia.is_generated("deps/build.log", false));
    /// assert!(!Julia.is_generated("src/backdoor.jl", true));
    /// ```
    fn is_generated(&self, path: &str, is_built: bool) -> bool;

    /// The file that makes a package one with a build step, below its root.
    ///
    /// ```
    /// use sigpkg::ecosystem::{Ecosystem as _, Julia};
    ///
    /// assert_eq!(Julia.build_step(), Some("deps/build.jl"));
    /// ```
    fn build_step(&self) -> Option<&'static str>;

    /// How its registries are laid out, if it has any that are git repositories.
    ///
    /// ```
    /// use sigpkg::ecosystem::{Ecosystem as _, Generic, Julia};
    ///
    /// assert_eq!(Julia.registry().map(|form| form.index().name), Some("Registry.toml"));
    /// assert!(Generic.registry().is_none());
    /// ```
    fn registry(&self) -> Option<&'static dyn RegistryForm>;
}

/// What a manifest says of its package.
///
/// ```
/// use sigpkg::ecosystem::{Ecosystem as _, Julia, Manifest};
///
/// // Packages that were never registered often have no version.
/// let Manifest { package, version } =
///     Julia.read_manifest(b"name = \"Example\"\nuuid = \"7876af07-990d-54b4-ab0e-23690620f79a\"\n")?;
/// assert_eq!((package.to_string(), version), ("Example [7876af07]".to_owned(), None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Who it is.
    pub package: Package,
    /// Its version, if the manifest gives one.
    pub version: Option<Version>,
}

/// Why a manifest does not say who its package is.
///
/// ```
/// use sigpkg::ecosystem::{Ecosystem as _, Generic, Julia, ManifestError};
///
/// assert!(matches!(Julia.read_manifest(b"<html>"), Err(ManifestError::Syntax { .. })));
/// assert_eq!(Generic.read_manifest(b""), Err(ManifestError::None));
/// ```
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
///
/// ```
/// use sigpkg::ecosystem;
/// use sigpkg::package::EcosystemName;
///
/// for name in EcosystemName::ALL {
///     assert_eq!(ecosystem::of(name).name(), name);
/// }
/// ```
pub fn of(name: EcosystemName) -> &'static dyn Ecosystem {
    match name {
        EcosystemName::Julia => &Julia,
        EcosystemName::Generic => &Generic,
    }
}

/// Every ecosystem that has manifests, in the order in which they are looked for.
///
/// ```
/// use sigpkg::ecosystem;
///
/// // Which manifest does this tree have?
/// let tree = ["Project.toml", "src/Example.jl"];
/// let found = ecosystem::with_manifests().find(|known| known.manifest_paths().iter().any(|path| tree.contains(path)));
/// assert_eq!(found.map(|ecosystem| ecosystem.name().as_str()), Some("julia"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn with_manifests() -> impl Iterator<Item = &'static dyn Ecosystem> {
    EcosystemName::ALL.into_iter().map(of).filter(|ecosystem| !ecosystem.manifest_paths().is_empty())
}

/// How registries may be laid out, in the order in which that is looked for.
///
/// ```
/// use sigpkg::ecosystem;
///
/// // Is this repository a registry?
/// let root = ["E", "Registry.toml"];
/// assert!(ecosystem::registry_forms().any(|form| root.contains(&form.index().name)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn registry_forms() -> impl Iterator<Item = &'static dyn RegistryForm> {
    EcosystemName::ALL.into_iter().filter_map(|name| of(name).registry())
}

/// One line of a parser's message, safe to show.
fn one_line(message: &str) -> String {
    text::printable(message.lines().last().unwrap_or_default())
}

#[cfg(test)]
mod tests;
