//! A folder outside of the repository, for a `.sigpkg` that is kept beside its tree (KEEP-33).

use std::fs;
use std::io;
use std::path::Path;

use super::commit::{Folder, unwritten};
use super::{RepositoryError, Workplace};
use crate::failpoint::{self, Failpoint};

/// What is in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// Nothing, or there is no such folder yet.
    Free,
    /// Something.
    Taken,
}

impl Room {
    /// Looks at a folder.
    pub(crate) fn of(folder: &Path) -> io::Result<Self> {
        match folder.read_dir() {
            Ok(mut entries) => Ok(if entries.next().is_some() { Self::Taken } else { Self::Free }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::Free),
            Err(error) => Err(error),
        }
    }

    /// Makes a folder, and those above it.
    pub(crate) fn make(folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)
    }
}

impl Workplace {
    /// Writes the files of `.sigpkg` into a folder outside of the repository, and makes them durable.
    pub(crate) fn write_outside(&self, directory: &Path, folder: &Folder) -> Result<(), RepositoryError> {
        self.write_files(directory, folder)?;
        sync(directory)?;
        if let Some(parent) = directory.parent() {
            sync(parent)?;
        }
        failpoint::reach(Failpoint::FolderWritten);
        Ok(())
    }
}

/// Makes the names in a folder durable.
fn sync(folder: &Path) -> Result<(), RepositoryError> {
    // Windows has no such thing; renames are journaled there.
    if cfg!(unix) {
        fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(unwritten(folder))?;
    }
    Ok(())
}
