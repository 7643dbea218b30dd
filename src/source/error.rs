//! What can be wrong with a source.

use std::io;
use std::path::{Path, PathBuf};

use crate::listing::folder::FolderError;
use crate::listing::{PathError, TreeError};
use crate::rule::Rule;

/// A tree that may not be, or that could not be read.
///
/// A tree that breaks a rule has one; what cannot be read has none:
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// use sigpkg::source::{self, Options, SourceError};
///
/// let absent = source::open(&folder.join("nowhere"), &Options::default()).unwrap_err();
/// assert!(matches!(absent, SourceError::Io { .. }));
/// assert_eq!(absent.rule(), None);
///
/// std::fs::write(folder.join("aux"), "")?;
/// let refused = source::open(folder, &Options::default()).unwrap_err();
/// assert!(matches!(refused, SourceError::Path(_)));
/// assert_eq!(refused.rule().map(|rule| rule.to_string()).as_deref(), Some("TREE-4"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// TREE-2 to TREE-7
    #[error(transparent)]
    Path(PathError),
    /// TREE-9, TREE-14, TREE-16, DIR-2
    #[error(transparent)]
    Tree(TreeError),
    /// DIR-2 to DIR-6
    #[error(transparent)]
    Folder(FolderError),
    /// TREE-10
    #[error("a tree has regular files, directories and symbolic links, but {path} is {found}")]
    Entry {
        /// Where it is, made printable.
        path: String,
        /// What it is.
        found: &'static str,
    },
    /// TREE-24
    #[error("the archive is broken: {reason}")]
    Archive {
        /// What is wrong with it.
        reason: String,
    },
    /// TREE-25
    #[error("an archive has each path once, found {path} twice")]
    Twice {
        /// The path, made printable.
        path: String,
    },
    /// TREE-26
    #[error("expected an archive of at most {limit} {what}, found more")]
    TooMuch {
        /// What is counted.
        what: &'static str,
        /// The most that is read.
        limit: u64,
    },
    /// The named file or directory could not be read.
    #[error("cannot read {}", .path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file was another one after it was looked at, or grew or shrank while it was read.
    #[error("{} changed while it was read", .path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// What stands there is neither a directory nor a tarball.
    #[error("{} is neither a directory nor a tarball", .path.display())]
    NotATree {
        /// What was given.
        path: PathBuf,
    },
    /// The repository, the revision or an object could not be read.
    #[error("cannot read {what} from the repository")]
    Git {
        /// The repository, the revision or the object.
        what: String,
        /// Why.
        source: git2::Error,
    },
    /// The blob is too large to be read at once, and packed, so that it cannot be streamed.
    #[error(
        "{path} has {bytes} bytes and is packed; a packed file is read up to {} bytes",
        super::git::MAX_PACKED_BYTES
    )]
    Packed {
        /// The file.
        path: String,
        /// Its size.
        bytes: u64,
    },
}

impl SourceError {
    /// The rule that is broken; `None` if the tree could not be read, so that nothing can be said about it.
    ///
    /// ```
    /// use sigpkg::rule::Rule;
    /// use sigpkg::source::SourceError;
    ///
    /// let twice = SourceError::Twice { path: "README".to_owned() };
    /// assert_eq!(twice.rule(), Some(Rule::Tree25));
    /// assert_eq!(SourceError::NotATree { path: "README".into() }.rule(), None, "nothing can be said about it");
    /// ```
    pub const fn rule(&self) -> Option<Rule> {
        match self {
            Self::Path(error) => Some(error.rule()),
            Self::Tree(error) => Some(error.rule()),
            Self::Folder(error) => Some(error.rule()),
            Self::Entry { .. } => Some(Rule::Tree10),
            Self::Archive { .. } => Some(Rule::Tree24),
            Self::Twice { .. } => Some(Rule::Tree25),
            Self::TooMuch { .. } => Some(Rule::Tree26),
            Self::Io { .. } | Self::Changed { .. } | Self::NotATree { .. } | Self::Git { .. } | Self::Packed { .. } => {
                None
            }
        }
    }

    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }

    pub(super) fn git(what: impl Into<String>, source: git2::Error) -> Self {
        Self::Git { what: what.into(), source }
    }

    pub(super) fn archive(reason: impl Into<String>) -> Self {
        Self::Archive { reason: reason.into() }
    }
}

impl From<PathError> for SourceError {
    fn from(error: PathError) -> Self {
        Self::Path(error)
    }
}

impl From<TreeError> for SourceError {
    fn from(error: TreeError) -> Self {
        Self::Tree(error)
    }
}

impl From<FolderError> for SourceError {
    fn from(error: FolderError) -> Self {
        Self::Folder(error)
    }
}
