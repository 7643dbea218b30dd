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
#[derive(Clone, Debug)]
pub struct Project {
    folder: PathBuf,
    lockfile_path: PathBuf,
    ecosystem: EcosystemName,
    lockfile: Lockfile,
}

impl Project {
    /// Whether a file has the name of a lockfile.
    pub fn is_lockfile_name(name: &str) -> bool {
        with_lockfiles().any(|ecosystem| !ecosystem.lockfile_names(None, &[name.to_owned()]).is_empty())
    }

    /// The lockfiles in a folder, whatever their version.
    pub fn lockfiles_in(folder: &Path) -> Vec<String> {
        let present = OnDisk(folder).names().unwrap_or_default();
        with_lockfiles().flat_map(|ecosystem| ecosystem.lockfile_names(None, &present)).collect()
    }

    /// Whether a manifest is that of an environment alone, which no package manager would install: it has neither a name nor
    /// an id, of whatever form.
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
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The lockfile that was read.
    pub fn lockfile_path(&self) -> &Path {
        &self.lockfile_path
    }

    /// What it depends on.
    pub fn lockfile(&self) -> &Lockfile {
        &self.lockfile
    }

    /// The ecosystem.
    pub fn ecosystem(&self) -> &'static dyn Ecosystem {
        ecosystem::of(self.ecosystem)
    }

    /// Where its pins are, or would be: beside the lockfile.
    pub fn pins_path(&self) -> PathBuf {
        self.lockfile_path.parent().unwrap_or(&self.folder).join(PINS_FILE)
    }

    /// The pins of the folder; `None` if there is no such file.
    ///
    /// # Errors
    ///
    /// - [`ProjectError::Read`] and [`ProjectError::TooLarge`].
    /// - [`ProjectError::Pins`] (PRJ-16) if it has another form.
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
