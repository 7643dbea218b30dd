//! What can be wrong with a project.

use std::io;
use std::path::PathBuf;

use crate::ecosystem::LockfileError;
use crate::rule::Rule;
use crate::text;
use crate::trust::PinsError;

/// A project that could not be read, or is none.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// A file or folder cannot be read.
    #[error("{} cannot be read: {source}", .path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is larger than any of its kind.
    #[error("{} has more than {most} bytes, the most that is read of such a file", .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most bytes it may have.
        most: u64,
    },
    /// The folder has no lockfile.
    #[error("{} has no lockfile", .folder.display())]
    NoLockfile {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder has several lockfiles, for several versions of the language.
    #[error("{} has {}, and which one counts depends on the version of the language", .folder.display(), .names.join(" and "))]
    Ambiguous {
        /// The folder.
        folder: PathBuf,
        /// Their names.
        names: Vec<String>,
    },
    /// The lockfile is none (PRJ-1).
    #[error("{}: {error}", .path.display())]
    Lockfile {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: LockfileError,
    },
    /// The file of pins has another form (PRJ-16).
    #[error("{}: {error}", .path.display())]
    Pins {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: PinsError,
    },
    /// The reviewed revision cannot be read (PRJ-18).
    #[error("the revision {} cannot be read: {reason}", text::printable(.revision))]
    Base {
        /// The revision.
        revision: String,
        /// Why.
        reason: String,
    },
}

impl ProjectError {
    /// The rule that is broken; `None` if nothing can be said.
    pub const fn rule(&self) -> Option<Rule> {
        match self {
            Self::Pins { error, .. } => Some(error.rule()),
            Self::Read { .. }
            | Self::TooLarge { .. }
            | Self::NoLockfile { .. }
            | Self::Ambiguous { .. }
            | Self::Lockfile { .. }
            | Self::Base { .. } => None,
        }
    }
}
