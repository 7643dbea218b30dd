//! Sources: a git tree, a directory or an archive, read into one [`SourceTree`].
//!
//! The same tree gives the same listing from each, byte for byte. Files are hashed as they stream by; only the files of
//! `.sigpkg` and the manifests that the caller asks for are kept.
//!
//! Source: spec/5-trees.md, sections 5.6 to 5.9.

mod attributes;
pub mod clones;
mod collect;
pub mod dir;
mod error;
pub mod git;
mod hash;
pub mod installed;
pub mod remote;
pub mod revision;
pub mod tar;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::Path;

pub use self::attributes::{Attribute, Finding, attributes_that_rewrite};
pub use self::clones::{CloneError, Clones, Glance};
pub use self::error::SourceError;
pub use self::git::GitTarget;
pub use self::revision::{Handle, Revision, RevisionError};

use crate::listing::folder::SigpkgFolder;
use crate::listing::{Comparison, Expected, LineEnds, MAX_TREE_BYTES, MAX_TREE_ENTRIES, Tree, TreePath, compare};

/// The largest manifest that is kept, in bytes (TREE-20). A Project.toml has a few KiB.
pub const MAX_MANIFEST_BYTES: u64 = 1 << 20;

/// What to keep of a tree, and how much of an archive to read.
///
/// With the manifest of a Julia package kept, and everything else by default:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # std::fs::write(machine.repository.join("Project.toml"), "name = \"Tides\"\n")?;
/// # let folder = &machine.repository;
/// use sigpkg::source::{self, Options};
///
/// let options = Options { manifests: &["Project.toml"], ..Options::default() };
/// let tree = source::open(folder, &options)?;
/// assert_eq!(tree.claimed_manifest("Project.toml"), Some(b"name = \"Tides\"\n".as_slice()));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// Names in the root whose content the caller wants, such as `Project.toml`.
    pub manifests: &'a [&'a str],
    /// Whether the folder `.sigpkg` in the tree is read.
    pub folder: FolderUse,
    /// How much of an archive to read before it is refused.
    pub limits: Limits,
    /// Files of a directory to read as if they were not there, in ascending order: those that were made after it was
    /// installed (PRJ-5).
    pub leave_out: &'a [TreePath],
    /// Who wants to know how far the reading has come.
    pub progress: Option<&'a dyn Progress>,
}

/// Hears how far a reading has come. It is told from several threads, in no order.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use sigpkg::source::{self, Options, Progress};
///
/// #[derive(Debug, Default)]
/// struct Bar(AtomicU64);
///
/// impl Progress for Bar {
///     fn expect(&self, _bytes: u64) {}
///     fn read(&self, bytes: u64) {
///         self.0.fetch_add(bytes, Ordering::Relaxed);
///     }
///     fn file(&self) {}
/// }
///
/// let bar = Bar::default();
/// source::open(&machine.repository, &Options { progress: Some(&bar), ..Options::default() })?;
/// assert_eq!(bar.0.into_inner(), 6, "the bytes of its one file");
/// # Ok::<(), doc::Error>(())
/// ```
pub trait Progress: Debug + Sync {
    /// So many more bytes are to be read. Of a git tree nobody knows before.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # #[derive(Debug, Default)]
    /// # struct Bar(std::sync::atomic::AtomicU64);
    /// # impl sigpkg::source::Progress for Bar {
    /// #     fn expect(&self, bytes: u64) {
    /// #         self.0.fetch_add(bytes, std::sync::atomic::Ordering::Relaxed);
    /// #     }
    /// #     fn read(&self, _bytes: u64) {}
    /// #     fn file(&self) {}
    /// # }
    /// # let machine = doc::Machine::new()?;
    /// # let bar = Bar::default();
    /// use sigpkg::source::{self, Options};
    ///
    /// source::open(&machine.repository, &Options { progress: Some(&bar), ..Options::default() })?;
    /// assert_eq!(bar.0.into_inner(), 6, "of a directory all is known before");
    /// # Ok::<(), doc::Error>(())
    /// ```
    fn expect(&self, bytes: u64);

    /// So many more bytes have been read: of an archive as it is packed, otherwise of the files.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # #[derive(Debug, Default)]
    /// # struct Bar(std::sync::atomic::AtomicU64);
    /// # impl sigpkg::source::Progress for Bar {
    /// #     fn expect(&self, _bytes: u64) {}
    /// #     fn read(&self, bytes: u64) {
    /// #         self.0.fetch_add(bytes, std::sync::atomic::Ordering::Relaxed);
    /// #     }
    /// #     fn file(&self) {}
    /// # }
    /// # let machine = doc::Machine::new()?;
    /// # let bar = Bar::default();
    /// use sigpkg::source::{self, Options};
    ///
    /// source::open(&machine.repository, &Options { progress: Some(&bar), ..Options::default() })?;
    /// assert_eq!(bar.0.into_inner(), 6);
    /// # Ok::<(), doc::Error>(())
    /// ```
    fn read(&self, bytes: u64);

    /// One more file has been read.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # #[derive(Debug, Default)]
    /// # struct Bar(std::sync::atomic::AtomicU64);
    /// # impl sigpkg::source::Progress for Bar {
    /// #     fn expect(&self, _bytes: u64) {}
    /// #     fn read(&self, _bytes: u64) {}
    /// #     fn file(&self) {
    /// #         self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    /// #     }
    /// # }
    /// # let machine = doc::Machine::new()?;
    /// # let bar = Bar::default();
    /// use sigpkg::source::{self, Options};
    ///
    /// source::open(&machine.repository, &Options { progress: Some(&bar), ..Options::default() })?;
    /// assert_eq!(bar.0.into_inner(), 1);
    /// # Ok::<(), doc::Error>(())
    /// ```
    fn file(&self);
}

impl Options<'_> {
    fn expect(&self, bytes: u64) {
        if let Some(progress) = self.progress {
            progress.expect(bytes);
        }
    }

    fn has_read(&self, bytes: u64) {
        if let Some(progress) = self.progress {
            progress.read(bytes);
        }
    }

    fn has_file(&self) {
        if let Some(progress) = self.progress {
            progress.file();
        }
    }
}

/// What to do with the folder `.sigpkg` in a tree.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::released()?;
/// # let folder = &machine.repository;
/// use sigpkg::source::{self, FolderUse, Options};
///
/// let overridden = Options { folder: FolderUse::Override, ..Options::default() };
/// assert!(source::open(folder, &Options::default())?.folder().is_some());
/// assert!(source::open(folder, &overridden)?.folder().is_none());
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FolderUse {
    /// It is read.
    #[default]
    Read,
    /// Another one, kept outside the tree, takes its place (DIR-8): its name and those in it obey DIR-2 and DIR-3, and no
    /// file of it is read.
    Override,
}

/// How much of an archive to read before it is refused (TREE-26).
///
/// A caller who will have no more than one entry:
///
/// ```
/// # let archive = concat!(env!("CARGO_MANIFEST_DIR"), "/testvectors/archives/stored.gz");
/// use std::path::Path;
///
/// use sigpkg::source::{self, Limits, Options, SourceError};
///
/// let limits = Limits { entries: 1, ..Limits::default() };
/// let refused = source::open(Path::new(archive), &Options { limits, ..Options::default() });
/// assert!(matches!(refused, Err(SourceError::TooMuch { what: "entries", limit: 1 })));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most entries, directories and headers included.
    pub entries: u64,
    /// The most bytes that its files may have together. The signed `bytes` is a good value where it is known; the folder
    /// comes on top of it.
    pub bytes: u64,
    /// What may be unpacked whatever the size of the archive, in bytes.
    pub free_bytes: u64,
    /// How many times its own size an archive may unpack to, beyond [`Self::free_bytes`].
    pub ratio: u64,
}

impl Default for Limits {
    /// Twice [`MAX_TREE_ENTRIES`] entries, so that each may have a directory of its own; [`MAX_TREE_BYTES`] bytes; and
    /// 64 MiB or 200 times the size of the archive, whichever is more. Source code packs to a fifth, logs to a fiftieth; a
    /// bomb of zeros to a thousandth with deflate, and to a ten-thousandth with zstd.
    fn default() -> Self {
        Self { entries: 2 * MAX_TREE_ENTRIES, bytes: MAX_TREE_BYTES, free_bytes: 64 << 20, ratio: 200 }
    }
}

/// What a tree was read from.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # let folder = &machine.repository;
/// use sigpkg::source::{self, GitTarget, Options, SourceKind};
///
/// let directory = source::open(folder, &Options::default())?;
/// let git = GitTarget { repository: folder.clone(), revision: "HEAD".to_owned() }.read(&Options::default())?;
/// assert_eq!((directory.kind(), git.kind()), (SourceKind::Directory, SourceKind::Git));
/// assert_eq!(directory.tree().listing().digest(), git.tree().listing().digest());
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// The objects of a git repository.
    Git,
    /// A directory.
    Directory,
    /// A tarball.
    Archive,
}

/// A tree as some source has it. Its names and links obey the rules; nothing is verified.
///
/// What it says of itself is verified by [`crate::verify`]; this is only what is there:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::released()?;
/// # let folder = &machine.repository;
/// use sigpkg::source::{self, Options};
///
/// let tree = source::open(folder, &Options::default())?;
/// assert_eq!(tree.tree().listing().count(), 1);
/// assert!(tree.folder().is_some_and(|folder| folder.claimed_release().is_some()));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct SourceTree {
    kind: SourceKind,
    tree: Tree,
    folder: Option<SigpkgFolder>,
    folder_read_back: bool,
    manifests: BTreeMap<String, Vec<u8>>,
}

impl SourceTree {
    /// What it was read from.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// use sigpkg::source::{self, Options, SourceKind};
    ///
    /// let tree = source::open(&machine.repository, &Options::default())?;
    /// assert_eq!(tree.kind(), SourceKind::Directory);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub const fn kind(&self) -> SourceKind {
        self.kind
    }

    /// The files and links outside `.sigpkg`.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// use sigpkg::digest::Digest;
    /// use sigpkg::source::{self, Options};
    ///
    /// let tree = source::open(&machine.repository, &Options::default())?;
    /// assert_eq!(tree.tree().listing().get("README"), Some(Digest::of(b"tides\n")));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub const fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The folder `.sigpkg`, if there is one and it was to be read. Its content is not verified.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::released()?;
    /// # let id = machine.id()?;
    /// use sigpkg::chain::Chain;
    /// use sigpkg::source::{self, Options};
    ///
    /// let tree = source::open(&machine.repository, &Options::default())?;
    /// let folder = tree.folder().ok_or("it is unsigned")?;
    /// assert_eq!(Chain::claimed_id(folder.claimed_chain())?, id);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub const fn folder(&self) -> Option<&SigpkgFolder> {
        self.folder.as_ref()
    }

    /// Whether a file of the folder was read in its LF form (TREE-19): the note `line-ends`.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::released()?;
    /// # let folder = &machine.repository;
    /// use sigpkg::source::{self, Options};
    ///
    /// let chain = folder.join(".sigpkg/chain");
    /// assert!(!source::open(folder, &Options::default())?.folder_read_back());
    /// std::fs::write(&chain, std::fs::read_to_string(&chain)?.replace('\n', "\r\n"))?;
    /// assert!(source::open(folder, &Options::default())?.folder_read_back());
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub const fn folder_read_back(&self) -> bool {
        self.folder_read_back
    }

    /// A file in the root that the caller asked for; `None` if the tree has none.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// use sigpkg::source::{self, Options};
    ///
    /// let options = Options { manifests: &["README", "Project.toml"], ..Options::default() };
    /// let tree = source::open(&machine.repository, &options)?;
    /// assert_eq!(tree.claimed_manifest("README"), Some(b"tides\n".as_slice()));
    /// assert_eq!(tree.claimed_manifest("Project.toml"), None);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn claimed_manifest(&self, name: &str) -> Option<&[u8]> {
        self.manifests.get(name).map(Vec::as_slice)
    }

    /// Compares the tree with what it should be. A directory may hold files in their CRLF form (TREE-19).
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// # let folder = &machine.repository;
    /// use sigpkg::listing::Expected;
    /// use sigpkg::source::{self, Options};
    ///
    /// let before = source::open(folder, &Options::default())?;
    /// let expected = Expected::parse(before.tree().listing().text().as_bytes(), None)?;
    /// std::fs::write(folder.join("README"), "tides and waves\n")?;
    /// let mismatch = source::open(folder, &Options::default())?.compare(&expected).into_result().unwrap_err();
    /// assert_eq!(mismatch.differences.len(), 1);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn compare(&self, expected: &Expected) -> Comparison {
        let ends = match self.kind {
            SourceKind::Git | SourceKind::Archive => LineEnds::Exact,
            SourceKind::Directory => LineEnds::ReadBack,
        };
        compare(expected, &self.tree, ends)
    }
}

/// Reads what stands at `path`: a directory, or a file that is a tarball.
///
/// # Errors
///
/// Those of [`dir::read`] and [`tar::read`]; [`SourceError::NotATree`] if it is neither.
///
/// # Example
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # let folder = &machine.repository;
/// # let archive = concat!(env!("CARGO_MANIFEST_DIR"), "/testvectors/archives/bare.tar");
/// use std::path::Path;
///
/// use sigpkg::source::{self, Options, SourceError, SourceKind};
///
/// assert_eq!(source::open(folder, &Options::default())?.kind(), SourceKind::Directory);
/// assert_eq!(source::open(Path::new(archive), &Options::default())?.kind(), SourceKind::Archive);
/// let readme = source::open(&folder.join("README"), &Options::default());
/// assert!(matches!(readme, Err(SourceError::NotATree { .. })));
/// # Ok::<(), doc::Error>(())
/// ```
pub fn open(path: &Path, options: &Options<'_>) -> Result<SourceTree, SourceError> {
    let metadata = std::fs::metadata(path).map_err(|error| SourceError::io(path, error))?;
    if metadata.is_dir() {
        dir::read(path, options)
    } else if metadata.is_file() {
        tar::open(path, options)
    } else {
        Err(SourceError::NotATree { path: path.to_owned() })
    }
}
