//! A git tree as a source (TREE-21): the objects of a revision, never the worktree.

use std::path::{Path, PathBuf};

use git2::{ErrorCode, ObjectType, Odb, Oid, Repository};

use super::collect::{Collector, Place, printable};
use super::hash::{CHUNK_BYTES, Hashed, digest};
use super::{Options, SourceError, SourceKind, SourceTree};
use crate::listing::{MAX_PATH_BYTES, MAX_TREE_ENTRIES, TreeError};

/// The largest packed file that is read, in bytes. libgit2 streams loose objects only, so a packed one is unpacked in
/// memory. GitHub takes no file above 100 MB, GitLab and Codeberg by default none above 100 MiB.
pub const MAX_PACKED_BYTES: u64 = 128 << 20;

/// A repository and a revision in it, written `REPO#REV`.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::released()?;
/// # let repository = machine.repository.clone();
/// use sigpkg::source::{GitTarget, Options};
///
/// let target = GitTarget { repository, revision: "HEAD~1".to_owned() };
/// let tree = target.read(&Options::default())?;
/// assert!(tree.folder().is_some_and(|folder| folder.claimed_release().is_none()), "the chain has begun, no more");
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitTarget {
    /// The repository: bare, or the directory that holds `.git`.
    pub repository: PathBuf,
    /// What `git rev-parse` takes: `v1.2.3`, `HEAD~1`, or `main:lib/Inner` for the tree of a directory.
    pub revision: String,
}

impl GitTarget {
    /// Splits `REPO#REV` at its last `#`; `None` if there is none, or nothing on one side of it.
    ///
    /// ```
    /// use sigpkg::source::GitTarget;
    ///
    /// let target = GitTarget::parse("C# tools/Tides#v1.0.0").ok_or("there is a `#`")?;
    /// assert_eq!(target.repository.to_str(), Some("C# tools/Tides"));
    /// assert_eq!(target.revision, "v1.0.0");
    /// assert_eq!(GitTarget::parse("Tides"), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse(target: &str) -> Option<Self> {
        let (repository, revision) = target.rsplit_once('#')?;
        let is_whole = !repository.is_empty() && !revision.is_empty();
        is_whole.then(|| Self { repository: repository.into(), revision: revision.to_owned() })
    }

    /// Reads the tree of the revision.
    ///
    /// # Errors
    ///
    /// Those of [`read`] and [`find_tree`].
    ///
    /// # Example
    ///
    /// The worktree does not count, only what is committed:
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// # let repository = machine.repository.clone();
    /// use sigpkg::digest::Digest;
    /// use sigpkg::source::{GitTarget, Options};
    ///
    /// std::fs::write(repository.join("README"), "changed, and not committed\n")?;
    /// let tree = GitTarget { repository, revision: "main".to_owned() }.read(&Options::default())?;
    /// assert_eq!(tree.tree().listing().get("README"), Some(Digest::of(b"tides\n")));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn read(&self, options: &Options<'_>) -> Result<SourceTree, SourceError> {
        let repository = open(&self.repository)?;
        let tree = find_tree(&repository, &self.revision, None)?;
        read(&repository, tree, options)
    }
}

/// Opens the repository at `path`, bare or not.
///
/// # Errors
///
/// [`SourceError::Git`] if there is none.
///
/// # Example
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// use sigpkg::source::{SourceError, git};
///
/// assert!(!git::open(&machine.repository)?.is_bare());
/// assert!(matches!(git::open(machine.folder.path()), Err(SourceError::Git { .. })));
/// # Ok::<(), doc::Error>(())
/// ```
pub fn open(path: &Path) -> Result<Repository, SourceError> {
    Repository::open(path).map_err(|error| SourceError::git(path.display().to_string(), error))
}

/// The id of the tree that a revision has, or of the directory `subdirectory` in it.
///
/// # Errors
///
/// [`SourceError::Git`] if there is no such revision or directory.
///
/// # Example
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # machine.commit("lib/Inner/README", "inner\n")?;
/// use std::path::Path;
///
/// use sigpkg::source::{Options, git};
///
/// let repository = git::open(&machine.repository)?;
/// let inner = git::find_tree(&repository, "HEAD", Some(Path::new("lib/Inner")))?;
/// let tree = git::read(&repository, inner, &Options::default())?;
/// assert_eq!(tree.tree().listing().lines()[0].path.as_str(), "README");
/// # Ok::<(), doc::Error>(())
/// ```
pub fn find_tree(repository: &Repository, revision: &str, subdirectory: Option<&Path>) -> Result<Oid, SourceError> {
    let failed = |error| SourceError::git(printable(revision.as_bytes()), error);
    let object = repository.revparse_single(revision).map_err(failed)?;
    let tree = object.peel_to_tree().map_err(failed)?;
    let Some(subdirectory) = subdirectory.filter(|path| !path.as_os_str().is_empty()) else {
        return Ok(tree.id());
    };
    let failed =
        |error| SourceError::git(format!("{} of {}", subdirectory.display(), printable(revision.as_bytes())), error);
    let entry = tree.get_path(subdirectory).map_err(failed)?;
    let inner = entry.to_object(repository).and_then(|object| object.peel_to_tree()).map_err(failed)?;
    Ok(inner.id())
}

/// Reads the tree with this id.
///
/// # Errors
///
/// - [`SourceError::Path`], [`SourceError::Tree`], [`SourceError::Folder`], [`SourceError::Entry`] if it is no tree
/// - [`SourceError::Git`], [`SourceError::Packed`] if an object cannot be read
///
/// # Example
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// use sigpkg::source::{Options, git};
///
/// let repository = git::open(&machine.repository)?;
/// let tree = repository.head()?.peel_to_tree()?.id();
/// assert_eq!(git::read(&repository, tree, &Options::default())?.tree().listing().count(), 1);
/// # Ok::<(), doc::Error>(())
/// ```
pub fn read(repository: &Repository, tree: Oid, options: &Options<'_>) -> Result<SourceTree, SourceError> {
    let odb = repository.odb().map_err(|error| SourceError::git("objects", error))?;
    let mut collector = Collector::new(options);
    let mut buffer = vec![0; CHUNK_BYTES];
    walk(repository, tree, |entry| {
        match entry.kind {
            EntryKind::Directory => return Ok(()),
            EntryKind::Link => {
                let path = Place::of_link(entry.path)?;
                // A longer target is refused by TREE-14; no need to read it.
                let target = read_small(&odb, &entry, MAX_PATH_BYTES as u64 + 1)?;
                collector.link(path, &target)?;
            }
            EntryKind::File => {
                let place = Place::of_file(entry.path)?;
                if collector.leaves_out(&place) {
                    return Ok(());
                }
                let hashed = hash(&odb, &entry, &place, &collector, &mut buffer)?;
                options.has_read(hashed.facts.bytes);
                options.has_file();
                collector.file(place, hashed)?;
            }
        }
        Ok(())
    })?;
    collector.finish(SourceKind::Git)
}

/// What a tree may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EntryKind {
    Directory,
    File,
    Link,
}

/// One entry below a tree.
pub(super) struct Entry<'a> {
    pub(super) path: &'a [u8],
    pub(super) kind: EntryKind,
    pub(super) id: Oid,
}

/// Visits every entry below a tree, directories included, each directory before what it holds.
pub(super) fn walk(
    repository: &Repository,
    tree: Oid,
    mut visit: impl FnMut(Entry<'_>) -> Result<(), SourceError>,
) -> Result<(), SourceError> {
    let mut directories = vec![(Vec::new(), tree)];
    let mut entries = 0;
    while let Some((prefix, id)) = directories.pop() {
        let failed = |error| SourceError::git(format!("tree {id}"), error);
        let tree = repository.find_tree(id).map_err(failed)?;
        let mut last = Vec::new();
        for entry in &tree {
            entries += 1;
            // As in a directory: trees that hold trees only cost time and no files.
            if entries > 2 * MAX_TREE_ENTRIES {
                return Err(TreeError::TooManyEntries.into());
            }
            let mut path = prefix.clone();
            path.extend_from_slice(entry.name_bytes());
            let kind =
                kind_of(entry.filemode_raw()).map_err(|found| SourceError::Entry { path: printable(&path), found })?;
            // git writes no such name; a tree made by hand could make one entry look like a file in a directory.
            if entry.name_bytes().contains(&b'/') {
                return Err(SourceError::Entry { path: printable(&path), found: "an entry with a slash in its name" });
            }
            // Nor does it write a tree in another order; one made by hand could have a directory twice, as two trees.
            let mut name = entry.name_bytes().to_vec();
            if kind == EntryKind::Directory {
                name.push(b'/');
            }
            if last >= name {
                return Err(SourceError::Entry { path: printable(&path), found: "an entry out of order" });
            }
            last = name;
            visit(Entry { path: &path, kind, id: entry.id() })?;
            if kind == EntryKind::Directory {
                Place::check_directory(&path)?;
                path.push(b'/');
                directories.push((path, entry.id()));
            }
        }
    }
    Ok(())
}

/// The content of a small blob.
pub(super) fn read_small(odb: &Odb<'_>, entry: &Entry<'_>, most: u64) -> Result<Vec<u8>, SourceError> {
    let failed = |error| SourceError::git(printable(entry.path), error);
    let (size, _) = odb.read_header(entry.id).map_err(failed)?;
    if size as u64 > most.max(MAX_PACKED_BYTES) {
        return Err(SourceError::Packed { path: printable(entry.path), bytes: size as u64 });
    }
    let object = odb.read(entry.id).map_err(failed)?;
    check_kind(entry, object.kind())?;
    let bytes = object.data();
    Ok(bytes.get(..usize::try_from(most).unwrap_or(usize::MAX)).unwrap_or(bytes).to_vec())
}

/// Octal modes as git writes them; anything else was made by another program, and means nothing to the rest.
fn kind_of(mode: i32) -> Result<EntryKind, &'static str> {
    match mode {
        0o040_000 => Ok(EntryKind::Directory),
        0o100_644 | 0o100_755 => Ok(EntryKind::File),
        0o120_000 => Ok(EntryKind::Link),
        0o160_000 => Err("a submodule"),
        _ => Err("an entry of unusual mode"),
    }
}

fn hash(
    odb: &Odb<'_>,
    entry: &Entry<'_>,
    place: &Place,
    collector: &Collector<'_>,
    buffer: &mut [u8],
) -> Result<Hashed, SourceError> {
    let failed = |error| SourceError::git(printable(entry.path), error);
    let keep = collector.keep(place);
    let (size, kind) = odb.read_header(entry.id).map_err(failed)?;
    check_kind(entry, kind)?;
    let size = size as u64;
    collector.check_size(place, size)?;
    // A whole read checks the id of the object, and is the faster one; only the large are streamed.
    if size <= MAX_PACKED_BYTES {
        let object = odb.read(entry.id).map_err(failed)?;
        let mut content = object.data();
        return digest(&mut content, buffer, keep)
            .map_err(|_| SourceError::Packed { path: printable(entry.path), bytes: size });
    }
    let (mut reader, _, _) = odb.reader(entry.id).map_err(|error| {
        if error.code() == ErrorCode::NotFound {
            SourceError::Packed { path: printable(entry.path), bytes: size }
        } else {
            failed(error)
        }
    })?;
    let hashed =
        digest(&mut reader, buffer, keep).map_err(|error| failed(git2::Error::from_str(&error.to_string())))?;
    if hashed.facts.bytes != size {
        return Err(failed(git2::Error::from_str("the object is shorter than it says")));
    }
    Ok(hashed)
}

fn check_kind(entry: &Entry<'_>, kind: ObjectType) -> Result<(), SourceError> {
    if kind == ObjectType::Blob {
        Ok(())
    } else {
        Err(SourceError::git(printable(entry.path), git2::Error::from_str("the object is not a file")))
    }
}
