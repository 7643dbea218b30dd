//! Registries: does what is registered come from whom the registry has seen before?
//!
//! [`check()`] judges the change between two revisions of a registry, [`audit()`] all that a revision holds. Both read the
//! registry from git objects, ask [`Packages`] for clones of the packages, and judge each version with
//! [`crate::verify`], as a user would who trusts what this registry has seen so far. They decide nothing and keep nothing:
//! what a registry should remember of a package is in its [`PackageReport`], as a [`Head`]. [`signatories()`] reads who
//! signs what, and [`site`] makes pages of it for people who compare.
//!
//! | what | where it is from |
//! |---|---|
//! | what was registered before | the base revision, and the head of the package if there is one |
//! | what may change hands | the [`Policy`] of the base revision, so that no change brings its own consent |
//! | the trees | [`Packages`]; what cannot be had is [`Outcome::CouldNotTell`], and never a pass |
//!
//! Source: spec/9-registries.md.

mod change;
mod gather;
mod head;
mod judge;
mod known;
mod policy;
mod report;
pub mod site;
mod state;
mod walk;

pub use self::gather::{Gathered, Gathering, signatories};
pub use self::head::{Head, HeadError, MAX_HEAD_BYTES};
pub use self::policy::{Consent, Consented, MAX_POLICY_BYTES, POLICY, Policy, PolicyError};
pub use self::report::{Change, Fault, Finding, Note, Outcome, PackageReport, Reason, Summary};
pub use self::walk::{RegistryError, audit, check};

use crate::digest::TreeHash;
use crate::ecosystem::registry::PackageFile;
use crate::package::Uuid;
use crate::signature::Scheme;
use crate::source::Clones;
use crate::time::Timestamp;

/// Where clones of packages come from.
///
/// Clones that lie in one folder, each named after its package:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # std::fs::rename(&machine.repository, machine.folder.path().join("Tides.git"))?;
/// # let folder = machine.folder.path().to_owned();
/// use std::path::PathBuf;
///
/// use sigpkg::digest::TreeHash;
/// use sigpkg::ecosystem::registry::PackageFile;
/// use sigpkg::registry::Packages;
/// use sigpkg::source::Clones;
///
/// struct Folder(PathBuf);
///
/// impl Packages for Folder {
///     fn clones(&self, package: &PackageFile, _wanted: &[TreeHash]) -> Result<Clones, String> {
///         let place = self.0.join(format!("{}.git", package.package.name()));
///         Clones::open([place]).map_err(|error| error.to_string())
///     }
/// }
///
/// let package = doc::package_file()?;
/// assert!(Folder(folder).clones(&package, &[]).is_ok());
/// # Ok::<(), doc::Error>(())
/// ```
pub trait Packages: Sync {
    /// Clones of a package, which may lack trees. `wanted` are the trees that will be asked for.
    ///
    /// # Errors
    ///
    /// - a sentence that says why nothing can be had of it
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # struct Nowhere;
    /// # impl sigpkg::registry::Packages for Nowhere {
    /// #     fn clones(
    /// #         &self,
    /// #         package: &sigpkg::ecosystem::registry::PackageFile,
    /// #         _wanted: &[sigpkg::digest::TreeHash],
    /// #     ) -> Result<sigpkg::source::Clones, String> {
    /// #         Err(format!("there is no clone of {}", package.package.name()))
    /// #     }
    /// # }
    /// # let packages = Nowhere;
    /// use sigpkg::registry::Packages as _;
    ///
    /// let refused = packages.clones(&doc::package_file()?, &[]).err();
    /// assert_eq!(refused.as_deref(), Some("there is no clone of Tides"));
    /// # Ok::<(), doc::Error>(())
    /// ```
    fn clones(&self, package: &PackageFile, wanted: &[TreeHash]) -> Result<Clones, String>;
}

/// What a registry remembers of its packages.
///
/// In memory:
///
/// ```
/// use std::collections::HashMap;
///
/// use sigpkg::package::Uuid;
/// use sigpkg::registry::Heads;
///
/// struct Memory(HashMap<Uuid, Vec<u8>>);
///
/// impl Heads for Memory {
///     fn load(&self, package: Uuid) -> Result<Option<Vec<u8>>, String> {
///         Ok(self.0.get(&package).cloned())
///     }
/// }
///
/// let uuid = "7876af07-990d-54b4-ab0e-23690620f79a".parse()?;
/// assert_eq!(Memory(HashMap::new()).load(uuid), Ok(None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Heads: Sync {
    /// The file of a package (REG-10); `None` if there is none.
    ///
    /// # Errors
    ///
    /// - a sentence that says why it cannot be read
    ///
    /// # Example
    ///
    /// ```
    /// # struct Locked;
    /// # impl sigpkg::registry::Heads for Locked {
    /// #     fn load(&self, _package: sigpkg::package::Uuid) -> Result<Option<Vec<u8>>, String> {
    /// #         Err("the database is locked".to_owned())
    /// #     }
    /// # }
    /// # let heads = Locked;
    /// use sigpkg::registry::Heads as _;
    ///
    /// let uuid = "7876af07-990d-54b4-ab0e-23690620f79a".parse()?;
    /// assert!(heads.load(uuid).is_err(), "what cannot be read is never taken for absent");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn load(&self, package: Uuid) -> Result<Option<Vec<u8>>, String>;
}

/// What a judgement depends on, beside the registry itself.
///
/// A registry that remembers nothing yet, and is audited without clones:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # use doc::Nothing;
/// # let machine = doc::Machine::new()?;
/// # machine.commit("Registry.toml", doc::REGISTRY)?;
/// use sigpkg::registry::{Surroundings, audit};
/// use sigpkg::signature::Standard;
/// use sigpkg::source::Revision;
///
/// let surroundings = Surroundings {
///     heads: &Nothing,
///     packages: &Nothing,
///     policy_reviewed: false,
///     now: doc::now(),
///     scheme: &Standard,
/// };
/// let registry = Revision::open(&machine.repository, "HEAD", None)?;
/// let summary = audit(&registry, &surroundings, &|report| panic!("there is no package: {report:?}"))?;
/// assert_eq!(summary.versions, 0);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// What the registry remembers.
    pub heads: &'a dyn Heads,
    /// Where the trees come from.
    pub packages: &'a dyn Packages,
    /// Whether a human has looked at a change of the policy (REG-8).
    pub policy_reviewed: bool,
    /// The time, for notes alone.
    pub now: Timestamp,
    /// How signatures are verified.
    pub scheme: &'a dyn Scheme,
}
