//! What a reviewed revision says of a project (PRJ-18).

use std::path::{Path, PathBuf};

use git2::{ObjectType, Repository};

use super::{Project, ProjectError};
use crate::digest::TreeHash;
use crate::ecosystem::{Lockfile, MAX_LOCKFILE_BYTES};
use crate::package::Package;
use crate::text;
use crate::trust::{MAX_PINS_BYTES, Pins};

/// The pins and the lockfile of a project in a reviewed revision of its repository.
#[derive(Clone, Debug)]
pub struct Base {
    /// The pins; none if the revision has no file of pins.
    pub pins: Pins,
    /// The lockfile; `None` if the revision has none.
    pub lockfile: Option<Lockfile>,
}

impl Base {
    /// Reads the revision `revision` of the repository in which the project is, at the paths that the project has now.
    ///
    /// # Errors
    ///
    /// - [`ProjectError::Base`] if there is no such repository or revision, or a file of it cannot be read.
    /// - [`ProjectError::TooLarge`], [`ProjectError::Pins`], [`ProjectError::Lockfile`] if a file of it has another form.
    pub fn read(project: &Project, revision: &str) -> Result<Self, ProjectError> {
        let failed = |reason: String| ProjectError::Base { revision: revision.to_owned(), reason };
        let in_git = |error: git2::Error| failed(text::printable(error.message()));
        let repository = Repository::discover(project.folder()).map_err(in_git)?;
        let root = repository.workdir().ok_or_else(|| failed("the repository is bare".to_owned()))?;
        let canonical =
            |path: &Path| path.canonicalize().map_err(|source| ProjectError::Read { path: path.to_owned(), source });
        // The folder, and not the file: whether the file is there now makes no difference, nor where a link leads.
        let beside = canonical(project.pins_path().parent().unwrap_or(project.folder()))?;
        let below = beside.strip_prefix(canonical(root)?).map_err(|_| failed("the project is not in it".to_owned()))?;
        let tree = repository.revparse_single(revision).and_then(|object| object.peel_to_tree()).map_err(in_git)?;
        let name = |path: PathBuf| path.file_name().map(PathBuf::from).unwrap_or_default();
        let file = |name: PathBuf, most: u64| -> Result<Option<Vec<u8>>, ProjectError> {
            let path = below.join(name);
            let entry = match tree.get_path(&path) {
                Ok(entry) => entry,
                Err(error) if error.code() == git2::ErrorCode::NotFound => return Ok(None),
                Err(error) => return Err(in_git(error)),
            };
            // A link has no content of its own that a reviewer would have read.
            if entry.kind() != Some(ObjectType::Blob) || entry.filemode() == 0o120_000 {
                return Err(failed(format!("{} is no regular file in it", path.display())));
            }
            let size = repository.odb().and_then(|odb| odb.read_header(entry.id())).map_err(in_git)?.0;
            if size as u64 > most {
                return Err(ProjectError::TooLarge { path, most });
            }
            let blob = repository.find_blob(entry.id()).map_err(in_git)?;
            Ok(Some(blob.content().to_vec()))
        };
        let pins_path = project.pins_path();
        let pins = file(name(pins_path.clone()), MAX_PINS_BYTES)?;
        let pins = pins.map(|bytes| Pins::parse(&bytes)).transpose();
        let lockfile_path = project.lockfile_path().to_owned();
        let lockfile = file(name(lockfile_path.clone()), MAX_LOCKFILE_BYTES)?;
        let lockfile = lockfile.map(|bytes| project.ecosystem().read_lockfile(&bytes)).transpose();
        Ok(Self {
            pins: pins.map_err(|error| ProjectError::Pins { path: pins_path, error })?.unwrap_or_default(),
            lockfile: lockfile.map_err(|error| ProjectError::Lockfile { path: lockfile_path, error })?,
        })
    }

    /// The tree of a package in the lockfile of the revision.
    pub fn tree_of(&self, package: &Package) -> Option<TreeHash> {
        let entries = self.lockfile.iter().flat_map(|lockfile| &lockfile.entries);
        entries.filter(|entry| entry.package == *package).find_map(|entry| entry.origin.tree())
    }
}
