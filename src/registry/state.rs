//! A registry at one revision, read package by package.

use crate::ecosystem::registry::{FileFault, Index, PackageFile, Place, RegistryFile, RegistryForm, Versions};
use crate::ecosystem::registry_forms;
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

/// What a registry says it has, and how it is laid out.
pub(super) struct Listed {
    pub(super) form: &'static dyn RegistryForm,
    pub(super) index: Index,
}

/// The form is that of the first index that is there.
pub(super) fn read_index(revision: &Revision) -> Result<Listed, Unread> {
    let mut names = Vec::new();
    for form in registry_forms() {
        let file = form.index();
        if let Some(bytes) = read(revision, file.name, file)? {
            let index = form.read_index(&bytes).map_err(|fault| malformed(file.name, fault))?;
            return Ok(Listed { form, index });
        }
        names.push(file.name);
    }
    Err(missing(&names.join(" or ")))
}

/// The name of an index, where a registry as a whole is spoken of.
pub(super) fn index_name() -> &'static str {
    registry_forms().next().map_or("the index", |form| form.index().name)
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

pub(super) fn read_package(
    revision: &Revision,
    form: &dyn RegistryForm,
    uuid: Uuid,
    place: &Place,
) -> Result<PackageState, Unread> {
    let path = path_of(&place.path, form.package());
    let bytes = read(revision, &path, form.package())?.ok_or_else(|| missing(&path))?;
    let file = form.read_package(&bytes).map_err(|fault| malformed(&path, fault))?;
    let found_uuid = file.package.uuid().map_or_else(String::new, |uuid| uuid.to_string());
    let parts = [("name", place.name.clone(), file.package.name().to_string()), ("uuid", uuid.to_string(), found_uuid)];
    if let Some((part, expected, found)) = parts.into_iter().find(|(_, expected, found)| expected != found) {
        let expected = crate::text::printable(&expected);
        return Err(Unread::Fault(Fault::Contradiction { path, part, expected, found }));
    }
    let path = path_of(&place.path, form.versions());
    let versions = match read(revision, &path, form.versions())? {
        Some(bytes) => form.read_versions(&bytes).map_err(|fault| malformed(&path, fault))?,
        None => Versions::default(),
    };
    Ok(PackageState { file, versions })
}

/// The path of a file in the folder of a package.
pub(super) fn path_of(folder: &TreePath, file: RegistryFile) -> String {
    format!("{}/{}", folder.as_str(), file.name)
}

/// An error with what lies behind it, in one line.
pub(super) fn sentence(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    std::iter::once(error.to_string()).chain(causes.map(ToString::to_string)).collect::<Vec<_>>().join(": ")
}

fn read(revision: &Revision, path: &str, file: RegistryFile) -> Result<Option<Vec<u8>>, Unread> {
    revision.file(path, file.max_bytes).map_err(|error| match error {
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
