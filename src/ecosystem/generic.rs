//! Packages that are a name and nothing else.

use std::cmp::Ordering;

use super::registry::RegistryForm;
use super::{Ecosystem, Locked, Lockfile, LockfileError, Manifest, ManifestError};
use crate::package::{EcosystemName, PackageError, Version};

/// Any package of which nothing is known: it has no manifest, and its versions are names without an order.
///
/// ```
/// use sigpkg::ecosystem::{Ecosystem as _, Generic};
///
/// // `2026a` may come before or after `2026.1`: nobody knows, and nothing is made up.
/// let (one, other) = (Generic.version("2026a")?, Generic.version("2026.1")?);
/// assert_eq!(Generic.compare(&one, &other), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Generic;

impl Ecosystem for Generic {
    fn name(&self) -> EcosystemName {
        EcosystemName::Generic
    }

    fn manifest_paths(&self) -> &'static [&'static str] {
        &[]
    }

    fn read_manifest(&self, _manifest: &[u8]) -> Result<Manifest, ManifestError> {
        Err(ManifestError::None)
    }

    fn version(&self, written: &str) -> Result<Version, PackageError> {
        Version::new(EcosystemName::Generic, written)
    }

    /// VER-16: whatever order was chosen, it would be wrong for somebody's versions.
    fn compare(&self, left: &Version, right: &Version) -> Option<Ordering> {
        (left == right).then_some(Ordering::Equal)
    }

    fn lockfile_names(&self, _language: Option<&str>, _present: &[String]) -> Vec<String> {
        Vec::new()
    }

    fn named_lockfile(&self, _manifest: &[u8]) -> Option<String> {
        None
    }

    fn workspace_members(&self, _manifest: &[u8]) -> Vec<String> {
        Vec::new()
    }

    fn read_lockfile(&self, _lockfile: &[u8]) -> Result<Lockfile, LockfileError> {
        Err(LockfileError::None { ecosystem: self.name().as_str() })
    }

    fn installed_paths(&self, _locked: &Locked) -> Vec<String> {
        Vec::new()
    }

    fn is_generated(&self, _path: &str, _is_built: bool) -> bool {
        false
    }

    fn build_step(&self) -> Option<&'static str> {
        None
    }

    fn registry(&self) -> Option<&'static dyn RegistryForm> {
        None
    }
}
