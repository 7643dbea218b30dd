//! Registries: does what is registered come from whom the registry has seen before?
//!
//! [`check()`] judges the change between two revisions of a registry, [`audit()`] all that a revision holds. Both read the
//! registry from git objects, ask [`Packages`] for clones of the packages, and judge each version with
//! [`crate::verify`], as a user would who trusts what this registry has seen so far. They decide nothing and keep nothing:
//! what a registry should remember of a package is in its [`PackageReport`], as a [`Head`].
//!
//! | what | where it is from |
//! |---|---|
//! | what was registered before | the base revision, and the head of the package if there is one |
//! | what may change hands | the [`Policy`] of the base revision, so that no change brings its own consent |
//! | the trees | [`Packages`]; what cannot be had is [`Outcome::CouldNotTell`], and never a pass |
//!
//! Source: spec/9-registries.md.

mod change;
mod head;
mod judge;
mod known;
mod policy;
mod report;
mod state;
mod walk;

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
pub trait Packages: Sync {
    /// Clones of a package, which may lack trees. `wanted` are the trees that will be asked for.
    ///
    /// # Errors
    ///
    /// - a sentence that says why nothing can be had of it
    fn clones(&self, package: &PackageFile, wanted: &[TreeHash]) -> Result<Clones, String>;
}

/// What a registry remembers of its packages.
pub trait Heads: Sync {
    /// The file of a package (REG-10); `None` if there is none.
    ///
    /// # Errors
    ///
    /// - a sentence that says why it cannot be read
    fn load(&self, package: Uuid) -> Result<Option<Vec<u8>>, String>;
}

/// What a judgement depends on, beside the registry itself.
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
