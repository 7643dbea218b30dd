//! Projects: a folder with a lockfile, what it depends on, and where that is installed.
//!
//! [`Project::open`] finds and reads the lockfile; [`Installed::read`] reads one dependency from the depots, in the form in which
//! [`judge_dependency`](crate::verify::judge_dependency) asks for it.
//!
//! Source: spec/10-projects.md.

mod base;
mod error;
mod installed;

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

pub use self::base::Base;
pub use self::error::ProjectError;
pub use self::installed::{Installed, depots_of};

use crate::ecosystem::{self, Ecosystem, Lockfile, MAX_LOCKFILE_BYTES};
use crate::package::EcosystemName;
use crate::source::MAX_MANIFEST_BYTES;
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
    /// Whether a path may be a project: a folder with a lockfile or a manifest and no other sign of being a package that
    /// was asked for, or a file with the name of a lockfile. The caller decides by what it wants.
    pub fn is_lockfile_name(name: &str) -> bool {
        with_lockfiles().any(|ecosystem| !ecosystem.lockfile_names(None, &[name.to_owned()]).is_empty())
    }

    /// The lockfiles in a folder, whatever their version.
    pub fn lockfiles_in(folder: &Path) -> Vec<String> {
        let present = names_in(folder).unwrap_or_default();
        with_lockfiles().flat_map(|ecosystem| ecosystem.lockfile_names(None, &present)).collect()
    }

    /// Opens a project: its folder, or its lockfile. `language` is the version of the language, where several lockfiles
    /// are there for several versions (PRJ-1).
    ///
    /// # Errors
    ///
    /// - [`ProjectError::NoLockfile`] if the folder has none.
    /// - [`ProjectError::Ambiguous`] if it has several and no version was given.
    /// - [`ProjectError::Read`], [`ProjectError::TooLarge`], [`ProjectError::Lockfile`] if it cannot be read, or is none.
    pub fn open(path: &Path, language: Option<&str>) -> Result<Self, ProjectError> {
        if path.is_dir() {
            let (ecosystem, lockfile) = find_lockfile(path, language)?;
            Self::read(path.to_owned(), lockfile, ecosystem)
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

/// PRJ-1
fn find_lockfile(folder: &Path, language: Option<&str>) -> Result<(EcosystemName, PathBuf), ProjectError> {
    let present = names_in(folder)?;
    for ecosystem in with_lockfiles() {
        let manifest = ecosystem.manifest_paths().iter().find(|name| present.iter().any(|it| it == *name));
        if let Some(name) = manifest {
            let manifest = read(&folder.join(name), MAX_MANIFEST_BYTES)?;
            // Julia falls back to the usual names if what is named is not there.
            if let Some(path) =
                ecosystem.named_lockfile(&manifest).map(|path| folder.join(path)).filter(|it| it.is_file())
            {
                return Ok((ecosystem.name(), path));
            }
        }
        let mut names = ecosystem.lockfile_names(language, &present);
        names.retain(|name| present.contains(name));
        match (&names[..], language) {
            ([], _) => {}
            ([name], _) | ([name, ..], Some(_)) => return Ok((ecosystem.name(), folder.join(name))),
            ([_, ..], None) => return Err(ProjectError::Ambiguous { folder: folder.to_owned(), names }),
        }
    }
    Err(ProjectError::NoLockfile { folder: folder.to_owned() })
}

fn names_in(folder: &Path) -> Result<Vec<String>, ProjectError> {
    let failed = |source| ProjectError::Read { path: folder.to_owned(), source };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.path().is_file() {
            names.extend(entry.file_name().into_string());
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Reads a file of at most `most` bytes; a limit reached is an error.
fn read(path: &Path, most: u64) -> Result<Vec<u8>, ProjectError> {
    let failed = |source| ProjectError::Read { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() as u64 > most {
        return Err(ProjectError::TooLarge { path: path.to_owned(), most });
    }
    Ok(bytes)
}
