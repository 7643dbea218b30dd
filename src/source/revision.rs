//! One revision of a repository, file by file: how a registry is read (REG-1). The objects alone count, never a worktree.

use std::path::{Path, PathBuf};

use git2::{ErrorCode, Oid, Repository, TreeEntry};

use super::{SourceError, git};
use crate::digest::TreeHash;

/// The tree of one revision.
pub struct Revision {
    repository: Repository,
    handle: Handle,
}

/// What is needed to open a revision again, in another thread.
#[derive(Clone, Debug)]
pub struct Handle {
    place: PathBuf,
    quarantine: Option<PathBuf>,
    root: Oid,
}

/// Why a file of a revision is not there to be read.
#[derive(Debug, thiserror::Error)]
pub enum RevisionError {
    /// There is something of this name, and it is no regular file.
    #[error("expected a file, found {found}")]
    NotAFile {
        /// What it is.
        found: &'static str,
    },
    /// The file is larger than it may be.
    #[error("expected a file of at most {most} bytes, found {bytes}")]
    TooLarge {
        /// The most that is read.
        most: u64,
        /// Its size.
        bytes: u64,
    },
    /// The repository cannot be read.
    #[error(transparent)]
    Source(SourceError),
}

impl Revision {
    /// Opens a revision. `quarantine` is a further folder of objects: where git keeps what is pushed while the hook
    /// `pre-receive` decides about it.
    ///
    /// # Errors
    ///
    /// - [`SourceError::Git`] if there is no such repository, revision or folder
    pub fn open(place: &Path, revision: &str, quarantine: Option<&Path>) -> Result<Self, SourceError> {
        let repository = open(place, quarantine)?;
        let root = git::find_tree(&repository, revision, None)?;
        let handle = Handle { place: place.to_owned(), quarantine: quarantine.map(Path::to_owned), root };
        Ok(Self { repository, handle })
    }

    /// What another thread needs to open the same tree.
    pub const fn handle(&self) -> &Handle {
        &self.handle
    }

    /// The content of a regular file; `None` if there is nothing of this name.
    ///
    /// # Errors
    ///
    /// - [`RevisionError::NotAFile`], [`RevisionError::TooLarge`] if it is something else or larger
    /// - [`RevisionError::Source`] if the repository cannot be read
    pub fn file(&self, path: &str, most: u64) -> Result<Option<Vec<u8>>, RevisionError> {
        let Some(entry) = self.entry(path)? else { return Ok(None) };
        let found = match entry.filemode_raw() {
            0o100_644 | 0o100_755 => None,
            0o120_000 => Some("a symbolic link"),
            0o040_000 => Some("a directory"),
            0o160_000 => Some("a submodule"),
            _ => Some("an entry of unusual mode"),
        };
        if let Some(found) = found {
            return Err(RevisionError::NotAFile { found });
        }
        let failed = |error| RevisionError::Source(SourceError::git(path, error));
        let odb = self.repository.odb().map_err(failed)?;
        let (size, _) = odb.read_header(entry.id()).map_err(failed)?;
        if size as u64 > most {
            return Err(RevisionError::TooLarge { most, bytes: size as u64 });
        }
        Ok(Some(odb.read(entry.id()).map_err(failed)?.data().to_vec()))
    }

    /// The name that git gives what stands at a path, a file or a folder. Where two revisions have one name, they have
    /// one content.
    ///
    /// # Errors
    ///
    /// - [`RevisionError::Source`] if the repository cannot be read
    pub fn object(&self, path: &str) -> Result<Option<TreeHash>, RevisionError> {
        let entry = self.entry(path)?;
        Ok(entry.and_then(|entry| entry.id().as_bytes().try_into().ok()).map(TreeHash::from_bytes))
    }

    fn entry(&self, path: &str) -> Result<Option<TreeEntry<'static>>, RevisionError> {
        let failed = |error| RevisionError::Source(SourceError::git(path, error));
        let root = self.repository.find_tree(self.handle.root).map_err(failed)?;
        match root.get_path(Path::new(path)) {
            Ok(entry) => Ok(Some(entry)),
            Err(error) if error.code() == ErrorCode::NotFound => {
                // An object that is missing is not found either, and then nothing can be said of the path.
                self.check_whole(path).map(|()| None)
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// Whether every folder on the way to a path that is not there can be read.
    fn check_whole(&self, path: &str) -> Result<(), RevisionError> {
        let failed = |error| RevisionError::Source(SourceError::git(path, error));
        let mut tree = self.repository.find_tree(self.handle.root).map_err(failed)?;
        for component in path.split('/') {
            let next = tree.get_name(component).filter(|entry| entry.filemode_raw() == 0o040_000);
            let Some(id) = next.map(|entry| entry.id()) else { return Ok(()) };
            tree = self.repository.find_tree(id).map_err(failed)?;
        }
        Ok(())
    }
}

impl Handle {
    /// Opens the tree.
    ///
    /// # Errors
    ///
    /// - [`SourceError::Git`] if the repository is no longer there
    pub fn open(&self) -> Result<Revision, SourceError> {
        let repository = open(&self.place, self.quarantine.as_deref())?;
        Ok(Revision { repository, handle: self.clone() })
    }
}

fn open(place: &Path, quarantine: Option<&Path>) -> Result<Repository, SourceError> {
    let repository = git::open(place)?;
    if let Some(objects) = quarantine {
        // `odb` is the one that the repository itself reads from, so what is added to it is found by every reader.
        let failed = |error| SourceError::git(objects.display().to_string(), error);
        let path = objects.to_str().ok_or_else(|| failed(git2::Error::from_str("the path is not UTF-8")))?;
        repository.odb().and_then(|odb| odb.add_disk_alternate(path)).map_err(failed)?;
    }
    Ok(repository)
}
