//! What can be wrong with a project.

use std::io;
use std::path::{Path, PathBuf};

use crate::ecosystem::LockfileError;
use crate::rule::Rule;
use crate::text;
use crate::trust::PinsError;

/// A project that could not be read, or is none.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// use sigpkg::project::{Project, ProjectError};
///
/// let empty = Project::open(folder.path(), None);
/// assert!(matches!(empty, Err(ProjectError::NoLockfile { .. })));
/// for name in ["Manifest-v1.10.toml", "Manifest-v1.11.toml"] {
///     std::fs::write(folder.path().join(name), "manifest_format = \"2.0\"\n")?;
/// }
/// assert!(matches!(Project::open(folder.path(), None), Err(ProjectError::Ambiguous { .. })));
/// assert!(Project::open(folder.path(), Some("1.11")).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// A file or folder cannot be read.
    #[error("{} cannot be read: {source}", shown(.path))]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is larger than any of its kind.
    #[error("{} has more than {most} bytes, the most that is read of such a file", shown(.path))]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most bytes it may have.
        most: u64,
    },
    /// The folder has no lockfile.
    #[error("{} has no lockfile", shown(.folder))]
    NoLockfile {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder has several lockfiles, for several versions of the language.
    #[error("{} has {}, and which one counts depends on the version of the language", shown(.folder), text::printable(&.names.join(" and ")))]
    Ambiguous {
        /// The folder.
        folder: PathBuf,
        /// Their names.
        names: Vec<String>,
    },
    /// The folder is in the workspace of a project above, whose lockfile newer versions of the language take.
    #[error("{} is in the workspace of {}, and whose lockfile counts depends on the version of the language", shown(.folder), shown(.root))]
    InWorkspace {
        /// The folder.
        folder: PathBuf,
        /// The folder of the project above.
        root: PathBuf,
    },
    /// The lockfile is none (PRJ-1).
    #[error("{}: {error}", shown(.path))]
    Lockfile {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: LockfileError,
    },
    /// The file of pins has another form (PRJ-16).
    #[error("{}: {error}", shown(.path))]
    Pins {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: PinsError,
    },
    /// The reviewed revision cannot be read (PRJ-18).
    #[error("the revision {} cannot be read: {}", text::printable(.revision), text::printable(.reason))]
    Base {
        /// The revision.
        revision: String,
        /// Why.
        reason: String,
    },
}

impl ProjectError {
    /// The rule that is broken; `None` if nothing can be said.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let project = doc::project()?;
    /// # std::fs::write(project.path().join("Signatories.toml"), "no pins\n")?;
    /// use sigpkg::project::Project;
    /// use sigpkg::rule::Rule;
    ///
    /// let refused = Project::open(project.path(), None)?.pins().err();
    /// assert_eq!(refused.and_then(|error| error.rule()), Some(Rule::Prj16));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub const fn rule(&self) -> Option<Rule> {
        match self {
            Self::Pins { error, .. } => Some(error.rule()),
            Self::Read { .. }
            | Self::TooLarge { .. }
            | Self::NoLockfile { .. }
            | Self::Ambiguous { .. }
            | Self::InWorkspace { .. }
            | Self::Lockfile { .. }
            | Self::Base { .. } => None,
        }
    }
}

/// A project names its lockfile itself, and could put control characters into the path.
fn shown(path: &Path) -> String {
    text::printable(&path.display().to_string())
}
