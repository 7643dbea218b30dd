//! One revision of a repository, file by file: how a registry is read (REG-1). The objects alone count, never a worktree.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use git2::{Delta, Oid, Repository};

use super::{SourceError, git};
use crate::digest::TreeHash;

/// How many entries a folder must have to be remembered. libgit2 remembers smaller ones itself, and reads others anew
/// each time that one of their files is asked for: a registry of 15,000 packages has folders of 600.
const MANY_ENTRIES: usize = 64;

/// The tree of one revision.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # let registry = &machine.repository;
/// use sigpkg::source::Revision;
///
/// let revision = Revision::open(registry, "HEAD", None)?;
/// assert_eq!(revision.file("README", 100)?.as_deref(), Some(b"tides\n".as_slice()));
/// assert_eq!(revision.file("Registry.toml", 100)?, None);
/// # Ok::<(), doc::Error>(())
/// ```
pub struct Revision {
    repository: Repository,
    handle: Handle,
    /// The entries of large folders, by the path of the folder.
    folders: RefCell<HashMap<String, HashMap<Vec<u8>, Entry>>>,
}

/// An entry of a folder: its id, and its mode as git has it.
type Entry = (Oid, i32);

/// What is needed to open a revision again, in another thread.
///
/// A [`Revision`] stays in its thread; what goes to another is this:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # let registry = &machine.repository;
/// use sigpkg::source::Revision;
///
/// let handle = Revision::open(registry, "HEAD", None)?.handle().clone();
/// let thread = std::thread::spawn(move || handle.open().map(|revision| revision.file("README", 100).is_ok()));
/// assert!(thread.join().expect("it does not panic")?);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Handle {
    place: PathBuf,
    quarantine: Option<PathBuf>,
    root: Oid,
}

/// Why a file of a revision is not there to be read.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # machine.commit("T/Tides/Package.toml", "name = \"Tides\"\n")?;
/// use sigpkg::source::{Revision, RevisionError};
///
/// let revision = Revision::open(&machine.repository, "HEAD", None)?;
/// let folder = revision.file("T/Tides", 100).unwrap_err();
/// assert_eq!(folder.to_string(), "expected a file, found a directory");
/// let large = revision.file("T/Tides/Package.toml", 10).unwrap_err();
/// assert!(matches!(large, RevisionError::TooLarge { most: 10, bytes: 15 }));
/// # Ok::<(), doc::Error>(())
/// ```
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
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// use sigpkg::source::{Revision, SourceError};
    ///
    /// assert!(Revision::open(&machine.repository, "main", None).is_ok());
    /// let absent = Revision::open(&machine.repository, "v1.0.0", None);
    /// assert!(matches!(absent, Err(SourceError::Git { what, .. }) if what == "v1.0.0"));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn open(place: &Path, revision: &str, quarantine: Option<&Path>) -> Result<Self, SourceError> {
        let repository = open(place, quarantine)?;
        let root = git::find_tree(&repository, revision, None)?;
        let handle = Handle { place: place.to_owned(), quarantine: quarantine.map(Path::to_owned), root };
        Ok(Self { repository, handle, folders: RefCell::default() })
    }

    /// What another thread needs to open the same tree.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// use sigpkg::source::Revision;
    ///
    /// let revision = Revision::open(&machine.repository, "HEAD", None)?;
    /// let again = revision.handle().open()?;
    /// assert_eq!(again.object("README")?, revision.object("README")?);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub const fn handle(&self) -> &Handle {
        &self.handle
    }

    /// The content of a regular file; `None` if there is nothing of this name.
    ///
    /// # Errors
    ///
    /// - [`RevisionError::NotAFile`], [`RevisionError::TooLarge`] if it is something else or larger
    /// - [`RevisionError::Source`] if the repository cannot be read
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// # let revision = sigpkg::source::Revision::open(&machine.repository, "HEAD", None)?;
    /// assert_eq!(revision.file("README", 100)?.as_deref(), Some(b"tides\n".as_slice()));
    /// assert_eq!(revision.file("docs/README", 100)?, None);
    /// assert!(revision.file("README", 5).is_err(), "it has 6 bytes");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn file(&self, path: &str, most: u64) -> Result<Option<Vec<u8>>, RevisionError> {
        let Some((id, mode)) = self.entry(path)? else { return Ok(None) };
        let found = match mode {
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
        let (size, _) = odb.read_header(id).map_err(failed)?;
        if size as u64 > most {
            return Err(RevisionError::TooLarge { most, bytes: size as u64 });
        }
        Ok(Some(odb.read(id).map_err(failed)?.data().to_vec()))
    }

    /// The name that git gives what stands at a path, a file or a folder. Where two revisions have one name, they have
    /// one content.
    ///
    /// # Errors
    ///
    /// - [`RevisionError::Source`] if the repository cannot be read
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// # let open = |revision| sigpkg::source::Revision::open(&machine.repository, revision, None);
    /// # machine.commit("docs/tides", "high\n")?;
    /// let (before, after) = (open("HEAD~1")?, open("HEAD")?);
    /// assert_eq!(before.object("README")?, after.object("README")?, "nothing changed there");
    /// assert_ne!(before.object("docs")?, after.object("docs")?);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn object(&self, path: &str) -> Result<Option<TreeHash>, RevisionError> {
        let entry = self.entry(path)?;
        Ok(entry.and_then(|(id, _)| id.as_bytes().try_into().ok()).map(TreeHash::from_bytes))
    }

    /// The paths of all files that are not the same in both revisions. The other one must be of the same repository.
    ///
    /// # Errors
    ///
    /// - [`RevisionError::Source`] if the repository cannot be read
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// # let open = |revision| sigpkg::source::Revision::open(&machine.repository, revision, None);
    /// # machine.commit("docs/tides", "high\n")?;
    /// let changed = open("HEAD")?.changed_since(&open("HEAD~1")?)?;
    /// assert_eq!(changed.into_iter().collect::<Vec<_>>(), [b"docs/tides"]);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn changed_since(&self, other: &Self) -> Result<BTreeSet<Vec<u8>>, RevisionError> {
        let failed = |error| RevisionError::Source(SourceError::git("the difference of two revisions", error));
        let tree = |revision: &Self| self.repository.find_tree(revision.handle.root).map_err(failed);
        let (before, after) = (tree(other)?, tree(self)?);
        let mut options = git2::DiffOptions::new();
        options.include_typechange(true).skip_binary_check(true);
        let difference =
            self.repository.diff_tree_to_tree(Some(&before), Some(&after), Some(&mut options)).map_err(failed)?;
        let deltas = difference.deltas().filter(|delta| delta.status() != Delta::Unmodified);
        let paths = deltas.flat_map(|delta| [delta.old_file().path_bytes(), delta.new_file().path_bytes()]);
        Ok(paths.flatten().map(<[u8]>::to_vec).collect())
    }

    /// What stands at a path. A folder on the way that cannot be read is an error: nothing can then be said of the path.
    fn entry(&self, path: &str) -> Result<Option<Entry>, RevisionError> {
        let mut folder = self.handle.root;
        let mut above = String::new();
        let mut components = path.split('/').peekable();
        while let Some(component) = components.next() {
            let Some((id, mode)) = self.entry_of(&above, folder, component, path)? else { return Ok(None) };
            if components.peek().is_none() {
                return Ok(Some((id, mode)));
            }
            if mode != 0o040_000 {
                return Ok(None);
            }
            folder = id;
            above.push_str(component);
            above.push('/');
        }
        Ok(None)
    }

    fn entry_of(&self, above: &str, folder: Oid, name: &str, path: &str) -> Result<Option<Entry>, RevisionError> {
        if let Some(entries) = self.folders.borrow().get(above) {
            return Ok(entries.get(name.as_bytes()).copied());
        }
        let tree =
            self.repository.find_tree(folder).map_err(|error| RevisionError::Source(SourceError::git(path, error)))?;
        if tree.len() >= MANY_ENTRIES {
            let entries = tree.iter().map(|entry| (entry.name_bytes().to_vec(), (entry.id(), entry.filemode_raw())));
            self.folders.borrow_mut().insert(above.to_owned(), entries.collect());
        }
        Ok(tree.get_name(name).map(|entry| (entry.id(), entry.filemode_raw())))
    }
}

impl Handle {
    /// Opens the tree.
    ///
    /// # Errors
    ///
    /// - [`SourceError::Git`] if the repository is no longer there
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// use sigpkg::source::Revision;
    ///
    /// let handle = Revision::open(&machine.repository, "HEAD", None)?.handle().clone();
    /// # machine.commit("README", "waves\n")?;
    /// let revision = handle.open()?;
    /// let readme = revision.file("README", 100)?;
    /// assert_eq!(readme.as_deref(), Some(b"tides\n".as_slice()), "the same tree, wherever HEAD is by now");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn open(&self) -> Result<Revision, SourceError> {
        let repository = open(&self.place, self.quarantine.as_deref())?;
        Ok(Revision { repository, handle: self.clone(), folders: RefCell::default() })
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
