//! A registry at one revision, read package by package.

use crate::ecosystem::registry::{
    FileFault, INDEX, Index, MAX_INDEX_BYTES, MAX_PACKAGE_BYTES, MAX_VERSIONS_BYTES, PACKAGE, PackageFile, Place,
    VERSIONS, Versions,
};
use crate::listing::TreePath;
use crate::package::Uuid;
use crate::source::{Revision, RevisionError};

use super::policy::{MAX_POLICY_BYTES, POLICY, Policy, PolicyError};
use super::report::Fault;

/// What the registry says of one package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PackageState {
    pub(super) file: PackageFile,
    pub(super) versions: Versions,
}

/// Why a part of a registry is not read.
#[derive(Debug)]
pub(super) enum Unread {
    /// A rule refuses it.
    Fault(Fault),
    /// The repository cannot be read.
    CouldNotTell(String),
}

pub(super) fn read_index(revision: &Revision) -> Result<Index, Unread> {
    let bytes = read(revision, INDEX, MAX_INDEX_BYTES)?.ok_or_else(|| missing(INDEX))?;
    Index::read(&bytes).map_err(|fault| malformed(INDEX, fault))
}

/// The policy of a revision; an empty one if it has none.
pub(super) fn read_policy(revision: &Revision) -> Result<Policy, Unread> {
    let policy = |error| Unread::Fault(Fault::Policy(error));
    match revision.file(POLICY, MAX_POLICY_BYTES) {
        Ok(None) => Ok(Policy::default()),
        Ok(Some(bytes)) => Policy::read(&bytes).map_err(policy),
        Err(RevisionError::NotAFile { found }) => Err(policy(PolicyError::NotAFile { found })),
        Err(RevisionError::TooLarge { bytes, .. }) => Err(policy(PolicyError::TooLarge { bytes })),
        Err(RevisionError::Source(error)) => Err(Unread::CouldNotTell(sentence(&error))),
    }
}

pub(super) fn read_package(revision: &Revision, uuid: Uuid, place: &Place) -> Result<PackageState, Unread> {
    let path = path_of(&place.path, PACKAGE);
    let bytes = read(revision, &path, MAX_PACKAGE_BYTES)?.ok_or_else(|| missing(&path))?;
    let file = PackageFile::read(&bytes).map_err(|fault| malformed(&path, fault))?;
    let found_uuid = file.package.uuid().map_or_else(String::new, |uuid| uuid.to_string());
    let parts = [("name", place.name.clone(), file.package.name().to_string()), ("uuid", uuid.to_string(), found_uuid)];
    if let Some((part, expected, found)) = parts.into_iter().find(|(_, expected, found)| expected != found) {
        let expected = crate::text::printable(&expected);
        return Err(Unread::Fault(Fault::Contradiction { path, part, expected, found }));
    }
    let path = path_of(&place.path, VERSIONS);
    let versions = match read(revision, &path, MAX_VERSIONS_BYTES)? {
        Some(bytes) => Versions::read(&bytes).map_err(|fault| malformed(&path, fault))?,
        None => Versions::default(),
    };
    Ok(PackageState { file, versions })
}

/// The path of a file in the folder of a package.
pub(super) fn path_of(folder: &TreePath, file: &str) -> String {
    format!("{}/{file}", folder.as_str())
}

/// An error with what lies behind it, in one line.
pub(super) fn sentence(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    std::iter::once(error.to_string()).chain(causes.map(ToString::to_string)).collect::<Vec<_>>().join(": ")
}

fn read(revision: &Revision, path: &str, most: u64) -> Result<Option<Vec<u8>>, Unread> {
    revision.file(path, most).map_err(|error| match error {
        RevisionError::NotAFile { .. } | RevisionError::TooLarge { .. } => {
            Unread::Fault(Fault::File { path: path.to_owned(), problem: error.to_string() })
        }
        RevisionError::Source(error) => Unread::CouldNotTell(sentence(&error)),
    })
}

fn missing(path: &str) -> Unread {
    Unread::Fault(Fault::File { path: path.to_owned(), problem: "expected a file, found none".to_owned() })
}

fn malformed(path: &str, fault: FileFault) -> Unread {
    Unread::Fault(Fault::Malformed { path: path.to_owned(), fault })
}
