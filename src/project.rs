//! Projects: a folder with a lockfile, what it depends on, and where that is installed.
//!
//! [`Project::open`] finds and reads the lockfile; [`Installed::read`] reads one dependency from the depots, in the form in which
//! [`judge_dependency`](crate::verify::judge_dependency) asks for it.
//!
//! Source: spec/10-projects.md.

mod base;
mod error;
mod installed;
pub mod pinning;
mod place;
pub mod review;
#[cfg(test)]
mod tests;
mod workspace;

use std::io;
use std::path::{Path, PathBuf};

pub use self::base::Base;
pub use self::error::ProjectError;
pub use self::installed::{Installed, depots_of};

use self::place::{OnDisk, Place as _, read};
use crate::ecosystem::{self, Ecosystem, Lockfile, MAX_LOCKFILE_BYTES};
use crate::package::EcosystemName;
use crate::trust::{MAX_PINS_BYTES, PINS_FILE, Pins};

/// A project whose lockfile was read.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let project = doc::project()?;
/// # let folder = project.path();
/// use sigpkg::project::Project;
///
/// let project = Project::open(folder, None)?;
/// for locked in &project.lockfile().entries {
///     assert_eq!(locked.package.to_string(), "Example [7876af07]");
/// }
/// assert_eq!(project.pins()?, None, "nobody has pinned anything");
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Project {
    folder: PathBuf,
    lockfile_path: PathBuf,
    ecosystem: EcosystemName,
    lockfile: Lockfile,
}

impl Project {
    /// Whether a file has the name of a lockfile.
    ///
    /// ```
    /// use sigpkg::project::Project;
    ///
    /// assert!(Project::is_lockfile_name("Manifest.toml"));
    /// assert!(Project::is_lockfile_name("Manifest-v1.11.toml"));
    /// assert!(!Project::is_lockfile_name("Project.toml"));
    /// ```
    pub fn is_lockfile_name(name: &str) -> bool {
        with_lockfiles().any(|ecosystem| !ecosystem.lockfile_names(None, &[name.to_owned()]).is_empty())
    }

    /// The lockfiles in a folder, whatever their version.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let project = doc::project()?;
    /// # let folder = project.path();
    /// use sigpkg::project::Project;
    ///
    /// assert_eq!(Project::lockfiles_in(folder), ["Manifest.toml"]);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn lockfiles_in(folder: &Path) -> Vec<String> {
        let present = OnDisk(folder).names().unwrap_or_default();
        with_lockfiles().flat_map(|ecosystem| ecosystem.lockfile_names(None, &present)).collect()
    }

    /// Whether a manifest is that of an environment alone, which no package manager would install: it has neither a name nor
    /// an id, of whatever form.
    ///
    /// ```
    /// use sigpkg::project::Project;
    ///
    /// assert!(Project::names_no_package("[deps]\n"));
    /// assert!(!Project::names_no_package("name = \"Tides\"\n"));
    /// ```
    pub fn names_no_package(manifest: &str) -> bool {
        let table: Result<toml::Table, _> = manifest.parse();
        table.is_ok_and(|table| ["name", "uuid"].iter().all(|key| !table.contains_key(*key)))
    }

    /// Opens a project: its folder, or its lockfile. `language` is the version of the language, where several lockfiles
    /// are there for several versions (PRJ-1).
    ///
    /// # Errors
    ///
    /// - [`ProjectError::NoLockfile`] if the folder has none.
    /// - [`ProjectError::Ambiguous`] if it has several and no version was given.
    /// - [`ProjectError::InWorkspace`] if a project above has it in its workspace.
    /// - [`ProjectError::Read`], [`ProjectError::TooLarge`], [`ProjectError::Lockfile`] if it cannot be read, or is none.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let project = doc::project()?;
    /// # let folder = project.path();
    /// use sigpkg::project::{Project, ProjectError};
    ///
    /// assert!(Project::open(folder, None).is_ok());
    /// assert!(Project::open(&folder.join("Manifest.toml"), None).is_ok());
    ///
    /// std::fs::remove_file(folder.join("Manifest.toml"))?;
    /// assert!(matches!(Project::open(folder, None), Err(ProjectError::NoLockfile { .. })));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn open(path: &Path, language: Option<&str>) -> Result<Self, ProjectError> {
        if path.is_dir() {
            workspace::check(path)?;
            let (ecosystem, lockfile) = place::find_lockfile(&OnDisk(path), language)?;
            Self::read(path.to_owned(), path.join(lockfile), ecosystem)
        } else {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            Self::read(folder.to_owned(), path.to_owned(), EcosystemName::Julia)
        }
    }

    fn read(folder: PathBuf, lockfile_path: PathBuf, ecosystem: EcosystemName) -> Result<Self, ProjectError> {
        let bytes = read(&lockfile_path, MAX_LOCKFILE_BYTES)?;
        let lockfile = ecosystem::of(ecosystem)
            .read_lockfile(&bytes)
            .map_err(|error| ProjectError::Lockfile { path: lockfile_path.clone(), error })?;
        Ok(Self { folder, lockfile_path, ecosystem, lockfile })
    }

    /// The folder of the project.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let folder = doc::project()?;
    /// # let project = sigpkg::project::Project::open(folder.path(), None)?;
    /// assert_eq!(project.folder(), folder.path());
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The lockfile that was read.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let folder = doc::project()?;
    /// # let project = sigpkg::project::Project::open(folder.path(), None)?;
    /// assert_eq!(project.lockfile_path(), folder.path().join("Manifest.toml"));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn lockfile_path(&self) -> &Path {
        &self.lockfile_path
    }

    /// What it depends on.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let folder = doc::project()?;
    /// # let project = sigpkg::project::Project::open(folder.path(), None)?;
    /// assert_eq!(project.lockfile().language.as_deref(), Some("1.11.0"));
    /// assert_eq!(project.lockfile().entries.len(), 1);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn lockfile(&self) -> &Lockfile {
        &self.lockfile
    }

    /// The ecosystem.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let folder = doc::project()?;
    /// # let project = sigpkg::project::Project::open(folder.path(), None)?;
    /// use sigpkg::package::EcosystemName;
    ///
    /// assert_eq!(project.ecosystem().name(), EcosystemName::Julia);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn ecosystem(&self) -> &'static dyn Ecosystem {
        ecosystem::of(self.ecosystem)
    }

    /// Where its pins are, or would be: beside the lockfile.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let folder = doc::project()?;
    /// # let project = sigpkg::project::Project::open(folder.path(), None)?;
    /// assert_eq!(project.pins_path(), folder.path().join("Signatories.toml"));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn pins_path(&self) -> PathBuf {
        self.lockfile_path.parent().unwrap_or(&self.folder).join(PINS_FILE)
    }

    /// The pins of the folder; `None` if there is no such file.
    ///
    /// # Errors
    ///
    /// - [`ProjectError::Read`] and [`ProjectError::TooLarge`].
    /// - [`ProjectError::Pins`] (PRJ-16) if it has another form.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let folder = doc::project()?;
    /// # let project = sigpkg::project::Project::open(folder.path(), None)?;
    /// use sigpkg::project::ProjectError;
    ///
    /// assert_eq!(project.pins()?, None);
    /// std::fs::write(project.pins_path(), "sigpkg-pins = 1\n")?;
    /// assert!(project.pins()?.is_some_and(|pins| pins.is_empty()));
    /// std::fs::write(project.pins_path(), "sigpkg-pins = 2\n")?;
    /// assert!(matches!(project.pins(), Err(ProjectError::Pins { .. })));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn pins(&self) -> Result<Option<Pins>, ProjectError> {
        let path = self.pins_path();
        match read(&path, MAX_PINS_BYTES) {
            Ok(bytes) => Pins::parse(&bytes).map(Some).map_err(|error| ProjectError::Pins { path, error }),
            Err(ProjectError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn with_lockfiles() -> impl Iterator<Item = &'static dyn Ecosystem> {
    ecosystem::with_manifests()
}
