//! Installed packages: where one is, and the tree hash that its folder has (PRJ-3, PRJ-4).

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use git2::{ObjectType, Oid};

use super::hash::lf_form;
use super::{SourceError, SourceTree};
use crate::digest::TreeHash;
use crate::listing::folder::{FOLDER, LINKS_PATH};
use crate::listing::{MAX_TREE_ENTRIES, TreeError, TreePath};

/// The modes of git.
const FILE: u32 = 0o100_644;
const EXECUTABLE: u32 = 0o100_755;
const LINK: u32 = 0o120_000;
const DIRECTORY: u32 = 0o040_000;

/// A file is turned back to LF only up to this size, in bytes: it must be in memory.
const MAX_TURNED_BYTES: u64 = 64 << 20;

/// How the files of a folder count for its tree hash.
///
/// The file of a package that Windows has turned to CRLF has its tree hash in the LF form alone:
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// use sigpkg::source::installed::{Form, tree_hash};
/// use sigpkg::source::{Options, dir};
///
/// let hash = |form| tree_hash(folder.path(), &dir::read(folder.path(), &Options::default())?, form);
/// std::fs::write(folder.path().join("README"), "tides\n")?;
/// let committed = hash(Form::Exact)?;
/// std::fs::write(folder.path().join("README"), "tides\r\n")?;
/// assert_eq!(hash(Form::Lf)?, committed);
/// # if cfg!(unix) {
/// assert_ne!(hash(Form::Exact)?, committed);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As they are.
    Exact,
    /// Each in its LF form, if it has one (TREE-18).
    Lf,
}

/// The folder of a package: the first of `paths` that exists in one of the `depots`; each path is looked for in all of
/// them before the next one is.
///
/// ```
/// use sigpkg::source::installed::find;
///
/// let (own, shared) = (tempfile::tempdir()?, tempfile::tempdir()?);
/// let depots = [own.path().to_owned(), shared.path().to_owned()];
/// let paths = ["packages/Tides/aBcDe".to_owned()];
/// assert_eq!(find(&depots, &paths), None);
///
/// std::fs::create_dir_all(shared.path().join("packages/Tides/aBcDe"))?;
/// assert_eq!(find(&depots, &paths), Some(shared.path().join("packages/Tides/aBcDe")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn find(depots: &[PathBuf], paths: &[String]) -> Option<PathBuf> {
    let places = paths.iter().flat_map(|path| depots.iter().map(move |depot| depot.join(path)));
    // A link to a folder is what Julia would load.
    places.into_iter().find(|place| place.is_dir())
}

/// The tree hash of a folder, of which `tree` was read: with its `.sigpkg`, and without what was left out of it. `None`
/// where the file system does not say who may execute a file.
///
/// # Errors
///
/// - [`SourceError::Io`] if a file cannot be read
/// - [`SourceError::Git`] if git cannot hash it
///
/// # Example
///
/// It is the name that git gives the tree:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # let folder = &machine.repository;
/// use sigpkg::source::installed::{Form, tree_hash};
/// use sigpkg::source::{Options, dir};
///
/// let tree = dir::read(folder, &Options::default())?;
/// if let Some(hash) = tree_hash(folder, &tree, Form::Exact)? {
///     let committed = git2::Repository::open(folder)?.head()?.peel_to_tree()?.id();
///     assert_eq!(hash.to_string(), committed.to_string());
/// }
/// # Ok::<(), doc::Error>(())
/// ```
pub fn tree_hash(root: &Path, tree: &SourceTree, form: Form) -> Result<Option<TreeHash>, SourceError> {
    if !cfg!(unix) {
        return Ok(None);
    }
    let mut top = Directory::default();
    for line in tree.tree().listing().lines().iter().filter(|line| line.path.as_str() != LINKS_PATH) {
        top.add_file(root, &line.path, form)?;
    }
    for link in tree.tree().links().as_slice() {
        let id =
            Oid::hash_object(ObjectType::Blob, link.target.as_str().as_bytes()).map_err(|error| failed(root, error))?;
        top.add(link.path.as_str().as_bytes(), LINK, id);
    }
    if tree.folder().is_some() {
        top.add_folder(&root.join(FOLDER), form)?;
    }
    top.name(root)
}

/// The tree hash of a folder that is no tree by the rules of chapters 5 and 6, such as one with a file `a:b`. `None` where the
/// file system does not say who may execute a file.
///
/// # Errors
///
/// - [`SourceError::Io`] if a file cannot be read
/// - [`SourceError::Tree`] if it has more entries than a tree may have
/// - [`SourceError::Git`] if git cannot hash it
///
/// # Example
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # let folder = &machine.repository;
/// use sigpkg::source::installed::hash_of_any;
///
/// let tree = machine.commit("aux", "a name that no tree of sigpkg has\n")?;
/// if let Some(hash) = hash_of_any(folder)? {
///     assert_eq!(hash.to_string(), tree.to_string());
/// }
/// # Ok::<(), doc::Error>(())
/// ```
pub fn hash_of_any(root: &Path) -> Result<Option<TreeHash>, SourceError> {
    if !cfg!(unix) {
        return Ok(None);
    }
    let mut top = Directory::default();
    let mut folders = vec![(root.to_owned(), Vec::new())];
    let mut entries = 0;
    while let Some((folder, prefix)) = folders.pop() {
        let unreadable = |error| SourceError::io(&folder, error);
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            entries += 1;
            if entries > 2 * MAX_TREE_ENTRIES {
                return Err(TreeError::TooManyEntries.into());
            }
            let mut name: Vec<u8> = prefix.clone();
            name.extend_from_slice(entry.file_name().as_encoded_bytes());
            if name == b".git" {
                continue;
            }
            let kind = entry.file_type().map_err(unreadable)?;
            if kind.is_dir() {
                name.push(b'/');
                folders.push((entry.path(), name));
            } else {
                let (mode, id) = any_entry(&entry.path(), kind)?;
                top.add(&name, mode, id);
            }
        }
    }
    top.name(root)
}

/// What git would have for a file or link. For anything else, such as a pipe, a mode that no tree of git has.
fn any_entry(path: &Path, kind: fs::FileType) -> Result<(u32, Oid), SourceError> {
    if kind.is_symlink() {
        let target = fs::read_link(path).map_err(|error| SourceError::io(path, error))?;
        let id = Oid::hash_object(ObjectType::Blob, target.as_os_str().as_encoded_bytes());
        return id.map(|id| (LINK, id)).map_err(|error| failed(path, error));
    }
    if kind.is_file() { blob(path, Form::Exact) } else { Ok((0, Oid::ZERO_SHA1)) }
}

/// A directory of the tree in the making.
#[derive(Default)]
struct Directory {
    files: BTreeMap<Vec<u8>, (u32, Oid)>,
    directories: BTreeMap<Vec<u8>, Directory>,
}

impl Directory {
    fn add_file(&mut self, root: &Path, path: &TreePath, form: Form) -> Result<(), SourceError> {
        let (mode, id) = blob(&root.join(path.as_str()), form)?;
        self.add(path.as_str().as_bytes(), mode, id);
        Ok(())
    }

    /// Its files are those that were read: it is a closed world.
    fn add_folder(&mut self, folder: &Path, form: Form) -> Result<(), SourceError> {
        for entry in fs::read_dir(folder).map_err(|error| SourceError::io(folder, error))? {
            let entry = entry.map_err(|error| SourceError::io(folder, error))?;
            let (mode, id) = blob(&entry.path(), form)?;
            self.add(&[FOLDER.as_bytes(), b"/", entry.file_name().as_encoded_bytes()].concat(), mode, id);
        }
        Ok(())
    }

    fn add(&mut self, path: &[u8], mode: u32, id: Oid) {
        match path.iter().position(|byte| *byte == b'/') {
            None => {
                self.files.insert(path.to_owned(), (mode, id));
            }
            Some(end) => {
                let (directory, rest) = path.split_at(end);
                self.directories.entry(directory.to_owned()).or_default().add(
                    rest.get(1..).unwrap_or_default(),
                    mode,
                    id,
                );
            }
        }
    }

    fn name(&self, root: &Path) -> Result<Option<TreeHash>, SourceError> {
        let id = self.hash().map_err(|error| failed(root, error))?;
        Ok(<[u8; 20]>::try_from(id.as_bytes()).map(TreeHash::from_bytes).ok())
    }

    fn hash(&self) -> Result<Oid, git2::Error> {
        let mut entries: Vec<(Vec<u8>, u32, &[u8], Oid)> = Vec::new();
        for (name, (mode, id)) in &self.files {
            entries.push((name.clone(), *mode, name, *id));
        }
        for (name, directory) in &self.directories {
            // Git sorts a directory as if its name ended with a slash.
            entries.push(([name, &b"/"[..]].concat(), DIRECTORY, name, directory.hash()?));
        }
        entries.sort_unstable();
        let mut object = Vec::new();
        for (_, mode, name, id) in entries {
            object.extend_from_slice(format!("{mode:o} ").as_bytes());
            object.extend_from_slice(name);
            object.push(0);
            object.extend_from_slice(id.as_bytes());
        }
        Oid::hash_object(ObjectType::Tree, &object)
    }
}

fn blob(path: &Path, form: Form) -> Result<(u32, Oid), SourceError> {
    let unreadable = |error: io::Error| SourceError::io(path, error);
    let metadata = fs::symlink_metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(SourceError::Changed { path: path.to_owned() });
    }
    let mode = if is_executable(&metadata) { EXECUTABLE } else { FILE };
    if form == Form::Lf && metadata.len() <= MAX_TURNED_BYTES {
        let content = fs::read(path).map_err(unreadable)?;
        let content = lf_form(&content).unwrap_or(content);
        return Oid::hash_object(ObjectType::Blob, &content).map(|id| (mode, id)).map_err(|error| failed(path, error));
    }
    Oid::hash_file(ObjectType::Blob, path).map(|id| (mode, id)).map_err(|error| failed(path, error))
}

fn failed(path: &Path, error: git2::Error) -> SourceError {
    SourceError::git(path.display().to_string(), error)
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_metadata: &fs::Metadata) -> bool {
    false
}
