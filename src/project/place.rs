//! Where the files of a project are: in a folder, or at the same path of a revision of its repository.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use git2::{ObjectType, Repository, Tree};

use super::{ProjectError, with_lockfiles};
use crate::package::EcosystemName;
use crate::source::MAX_MANIFEST_BYTES;
use crate::text;

/// The mode of a link in git.
const LINK: i32 = 0o120_000;

/// Files below one folder, by their paths relative to it.
pub(super) trait Place {
    /// The names of the regular files in the folder itself, in order.
    fn names(&self) -> Result<Vec<String>, ProjectError>;

    /// Reads a file of at most `most` bytes; a limit reached is an error. `None` if there is no such file.
    fn read(&self, path: &Path, most: u64) -> Result<Option<Vec<u8>>, ProjectError>;

    /// The file as messages name it.
    fn shown(&self, path: &Path) -> PathBuf;
}

/// A folder of the file system.
pub(super) struct OnDisk<'a>(pub(super) &'a Path);

/// A folder in a revision.
pub(super) struct InRevision<'repository> {
    repository: &'repository Repository,
    tree: Tree<'repository>,
    revision: &'repository str,
    /// From the root of the repository; it has names alone.
    below: PathBuf,
}

/// PRJ-1: the lockfile of a project, relative to its folder.
pub(super) fn find_lockfile(
    place: &dyn Place,
    language: Option<&str>,
) -> Result<(EcosystemName, PathBuf), ProjectError> {
    let folder = || place.shown(Path::new(""));
    let present = place.names()?;
    for ecosystem in with_lockfiles() {
        let manifest = ecosystem.manifest_paths().iter().find(|name| present.iter().any(|it| it == *name));
        let manifest = manifest.map(|name| place.read(Path::new(name), MAX_MANIFEST_BYTES)).transpose()?.flatten();
        if let Some(path) = manifest.and_then(|manifest| ecosystem.named_lockfile(&manifest)).map(PathBuf::from) {
            // Julia falls back to the usual names if what is named is not there.
            if place.read(&path, crate::ecosystem::MAX_LOCKFILE_BYTES)?.is_some() {
                return Ok((ecosystem.name(), path));
            }
        }
        let mut names = ecosystem.lockfile_names(language, &present);
        names.retain(|name| present.contains(name));
        match (&names[..], language) {
            ([], _) => {}
            ([name], _) | ([name, ..], Some(_)) => return Ok((ecosystem.name(), PathBuf::from(name))),
            ([_, ..], None) => return Err(ProjectError::Ambiguous { folder: folder(), names }),
        }
    }
    Err(ProjectError::NoLockfile { folder: folder() })
}

impl Place for OnDisk<'_> {
    fn names(&self) -> Result<Vec<String>, ProjectError> {
        let failed = |source| ProjectError::Read { path: self.0.to_owned(), source };
        let mut names = Vec::new();
        for entry in fs::read_dir(self.0).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if entry.path().is_file() {
                names.extend(entry.file_name().into_string());
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn read(&self, path: &Path, most: u64) -> Result<Option<Vec<u8>>, ProjectError> {
        let path = self.0.join(path);
        if path.is_file() { read(&path, most).map(Some) } else { Ok(None) }
    }

    fn shown(&self, path: &Path) -> PathBuf {
        if path.as_os_str().is_empty() { self.0.to_owned() } else { self.0.join(path) }
    }
}

impl Place for InRevision<'_> {
    fn names(&self) -> Result<Vec<String>, ProjectError> {
        let Some(tree) = self.folder(&self.below)? else {
            return Ok(Vec::new());
        };
        let files = tree.iter().filter(|entry| entry.kind() == Some(ObjectType::Blob));
        let mut names: Vec<_> = files.filter_map(|entry| entry.name().map(str::to_owned).ok()).collect();
        names.sort_unstable();
        Ok(names)
    }

    fn read(&self, path: &Path, most: u64) -> Result<Option<Vec<u8>>, ProjectError> {
        let Some(path) = names_alone(&self.below.join(path)) else {
            return Ok(None);
        };
        let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(OsStr::to_str)) else {
            return Ok(None);
        };
        let folder = self.folder(folder)?;
        let Some(entry) = folder.as_ref().and_then(|folder| folder.get_name(name)) else {
            return Ok(None);
        };
        // A link has no content of its own that a reviewer would have read.
        if entry.kind() != Some(ObjectType::Blob) || entry.filemode() == LINK {
            return Err(self.is_no(&path, "regular file"));
        }
        let header = self.repository.odb().and_then(|odb| odb.read_header(entry.id()));
        if header.map_err(|error| self.failed(&error))?.0 as u64 > most {
            return Err(ProjectError::TooLarge { path: self.shown(&path), most });
        }
        let blob = self.repository.find_blob(entry.id()).map_err(|error| self.failed(&error))?;
        Ok(Some(blob.content().to_vec()))
    }

    fn shown(&self, path: &Path) -> PathBuf {
        PathBuf::from(format!("{}:{}", text::printable(self.revision), self.below.join(path).display()))
    }
}

impl<'repository> InRevision<'repository> {
    /// The folder `below` of a revision.
    pub(super) fn open(
        repository: &'repository Repository,
        revision: &'repository str,
        below: PathBuf,
    ) -> Result<Self, ProjectError> {
        let tree = tree_of(repository, revision).map_err(|error| in_git(revision, &error))?;
        Ok(Self { repository, tree, revision, below })
    }

    /// A folder, from the root; `None` if there is nothing of its name.
    ///
    /// Where the revision has something else, such as a link, its pins are elsewhere: there would seem to be none.
    fn folder(&self, path: &Path) -> Result<Option<Tree<'repository>>, ProjectError> {
        let mut tree = self.tree.clone();
        let mut gathered = PathBuf::new();
        for name in path {
            gathered.push(name);
            let Some(entry) =
                name.to_str().and_then(|name| tree.get_name(name)).map(|entry| (entry.kind(), entry.id()))
            else {
                return Ok(None);
            };
            let (Some(ObjectType::Tree), id) = entry else {
                return Err(self.is_no(&gathered, "folder"));
            };
            tree = self.repository.find_tree(id).map_err(|error| self.failed(&error))?;
        }
        Ok(Some(tree))
    }

    fn is_no(&self, path: &Path, what: &str) -> ProjectError {
        let reason = format!("{} is no {what} in it", path.display());
        ProjectError::Base { revision: self.revision.to_owned(), reason }
    }

    fn failed(&self, error: &git2::Error) -> ProjectError {
        in_git(self.revision, error)
    }
}

/// The repository in which a path is, and the path from its root (PRJ-18). The path need not exist.
///
/// The path counts as it is written, and not where it leads: a pull request can turn a folder into a link to another one, or
/// into a repository of its own, of which `revision` would say what the pull request likes.
pub(super) fn discover(path: &Path, revision: &str) -> Result<(Repository, PathBuf), ProjectError> {
    let failed = |reason: String| ProjectError::Base { revision: revision.to_owned(), reason };
    let path = absolute(path)?;
    let existing = path.ancestors().find(|ancestor| ancestor.exists()).unwrap_or(&path);
    let repository = Repository::discover(existing).map_err(|error| in_git(revision, &error))?;
    let root = repository.workdir().ok_or_else(|| failed("the repository is bare".to_owned()))?;
    let root = canonical(root)?;
    let is_root = |ancestor: &&Path| ancestor.canonicalize().is_ok_and(|ancestor| ancestor == root);
    let above = path.ancestors().find(is_root).ok_or_else(|| failed(format!("{} is not in it", path.display())))?;
    let below = path.strip_prefix(above).unwrap_or(&path).to_owned();
    let mut link = above.to_owned();
    for name in &below {
        link.push(name);
        if link.is_symlink() {
            return Err(failed(format!("{} is a link, and what it stands for was not reviewed", link.display())));
        }
    }
    if is_a_folder_of_an_outer_one(&root, revision) {
        return Err(failed(format!("{} is a repository of its own now, and was not there", root.display())));
    }
    Ok((repository, below))
}

/// Whether a repository lies in another one, in which the revision has its root for an ordinary folder.
fn is_a_folder_of_an_outer_one(root: &Path, revision: &str) -> bool {
    let Some(outer) = root.parent().and_then(|parent| Repository::discover(parent).ok()) else {
        return false;
    };
    let Some(below) = outer
        .workdir()
        .and_then(|outer| outer.canonicalize().ok())
        .and_then(|outer| root.strip_prefix(outer).ok().map(Path::to_owned))
    else {
        return false;
    };
    let kind = tree_of(&outer, revision).and_then(|tree| tree.get_path(&below)).map(|entry| entry.kind());
    kind.is_ok_and(|kind| kind == Some(ObjectType::Tree))
}

fn tree_of<'repository>(repository: &'repository Repository, revision: &str) -> Result<Tree<'repository>, git2::Error> {
    repository.revparse_single(revision).and_then(|object| object.peel_to_tree())
}

fn in_git(revision: &str, error: &git2::Error) -> ProjectError {
    ProjectError::Base { revision: revision.to_owned(), reason: text::printable(error.message()) }
}

/// A path from the root, without `.` and `..`.
fn absolute(path: &Path) -> Result<PathBuf, ProjectError> {
    let path = std::path::absolute(path).map_err(|source| ProjectError::Read { path: path.to_owned(), source })?;
    let mut gathered = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                // `..` after a link leads out of where the link leads to.
                gathered = canonical(&gathered)?;
                gathered.pop();
            }
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => gathered.push(component),
        }
    }
    Ok(gathered)
}

fn canonical(path: &Path) -> Result<PathBuf, ProjectError> {
    path.canonicalize().map_err(|source| ProjectError::Read { path: path.to_owned(), source })
}

/// A relative path without `.` and `..`; `None` if it leads out of its root.
fn names_alone(path: &Path) -> Option<PathBuf> {
    let mut names = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => names.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !names.pop() {
                    return None;
                }
            }
            Component::Prefix(_) | Component::RootDir => return None,
        }
    }
    Some(names)
}

/// Reads a file of at most `most` bytes; a limit reached is an error.
pub(super) fn read(path: &Path, most: u64) -> Result<Vec<u8>, ProjectError> {
    let failed = |source: io::Error| ProjectError::Read { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    // A pipe would be waited for.
    let metadata = path.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(failed(io::Error::other("it is no regular file")));
    }
    File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() as u64 > most {
        return Err(ProjectError::TooLarge { path: path.to_owned(), most });
    }
    Ok(bytes)
}
