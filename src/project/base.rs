//! What a revision says of a project (PRJ-18).

use std::path::{Path, PathBuf};

use super::ProjectError;
use super::place::{self, InRevision, Place as _};
use crate::digest::TreeHash;
use crate::ecosystem::{self, Lockfile, MAX_LOCKFILE_BYTES};
use crate::package::{EcosystemName, Package};
use crate::trust::{MAX_PINS_BYTES, PINS_FILE, Pins};

/// The pins and the lockfile of a project in a revision of its repository.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # machine.commit("Signatories.toml", "sigpkg-pins = 1\n")?;
/// # machine.commit("Signatories.toml", "no pins\n")?;
/// use sigpkg::project::Base;
///
/// let reviewed = Base::read(&machine.repository, "HEAD~1", None)?;
/// assert!(reviewed.pins.is_empty() && reviewed.lockfile.is_none());
/// assert!(Base::read(&machine.repository, "HEAD", None).is_err());
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// The pins; none if the revision has no file of pins.
    pub pins: Pins,
    /// The lockfile; `None` if the revision has none.
    pub lockfile: Option<Lockfile>,
}

impl Base {
    /// Reads what the revision `revision` has at the path of a project: its folder, or its lockfile, which need not exist now.
    ///
    /// Of a folder, the lockfile is the one that the revision itself names (PRJ-1), and the pins are those beside it: what the
    /// working folder has may be the work of whoever wants to be rid of the pins.
    ///
    /// # Errors
    ///
    /// - [`ProjectError::Base`] if there is no such repository or revision, if a file of it cannot be read, or if the path
    ///   leads through a link or into another repository, so that something else was reviewed.
    /// - [`ProjectError::Ambiguous`] if the revision has lockfiles for several versions of the language, and none is given.
    /// - [`ProjectError::TooLarge`], [`ProjectError::Pins`], [`ProjectError::Lockfile`] if a file of it has another form.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// use sigpkg::project::{Base, ProjectError};
    ///
    /// let unknown = Base::read(&machine.repository, "no-such-branch", None);
    /// assert!(matches!(unknown, Err(ProjectError::Base { .. })));
    /// let base = Base::read(&machine.repository, "HEAD", None)?;
    /// assert!(base.lockfile.is_none(), "a revision before there was a project has no pins and no lockfile");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn read(path: &Path, revision: &str, language: Option<&str>) -> Result<Self, ProjectError> {
        let names_a_file = !path.is_dir()
            && path.file_name().and_then(|name| name.to_str()).is_some_and(super::Project::is_lockfile_name);
        let folder = if names_a_file { path.parent().unwrap_or(path) } else { path };
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let (repository, below) = place::discover(folder, revision)?;
        let place = InRevision::open(&repository, revision, below)?;
        let (ecosystem, lockfile) = if names_a_file {
            (EcosystemName::Julia, path.file_name().map(PathBuf::from))
        } else {
            match place::find_lockfile(&place, language) {
                Ok((ecosystem, lockfile)) => (ecosystem, Some(lockfile)),
                Err(ProjectError::NoLockfile { .. }) => (EcosystemName::Julia, None),
                Err(error) => return Err(error),
            }
        };
        let pins_path =
            lockfile.as_ref().map_or_else(|| PathBuf::from(PINS_FILE), |path| path.with_file_name(PINS_FILE));
        let pins = place.read(&pins_path, MAX_PINS_BYTES)?.map(|bytes| Pins::parse(&bytes)).transpose();
        let pins = pins.map_err(|error| ProjectError::Pins { path: place.shown(&pins_path), error })?;
        let lockfile = lockfile.map(|path| -> Result<Option<Lockfile>, ProjectError> {
            let bytes = place.read(&path, MAX_LOCKFILE_BYTES)?;
            let lockfile = bytes.map(|bytes| ecosystem::of(ecosystem).read_lockfile(&bytes)).transpose();
            lockfile.map_err(|error| ProjectError::Lockfile { path: place.shown(&path), error })
        });
        Ok(Self { pins: pins.unwrap_or_default(), lockfile: lockfile.transpose()?.flatten() })
    }

    /// The tree of a package in the lockfile of the revision.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// # let project = doc::project()?;
    /// # let manifest = std::fs::read_to_string(project.path().join("Manifest.toml"))?;
    /// # machine.commit("Project.toml", "[deps]\n")?;
    /// # machine.commit("Manifest.toml", &manifest)?;
    /// use sigpkg::project::Base;
    ///
    /// let base = Base::read(&machine.repository, "HEAD", None)?;
    /// let package = doc::locked()?.package;
    /// let tree = base.tree_of(&package).map(|tree| tree.to_string());
    /// assert_eq!(tree.as_deref(), Some("1234567890123456789012345678901234567890"));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn tree_of(&self, package: &Package) -> Option<TreeHash> {
        let entries = self.lockfile.iter().flat_map(|lockfile| &lockfile.entries);
        entries.filter(|entry| entry.package == *package).find_map(|entry| entry.origin.tree())
    }
}
