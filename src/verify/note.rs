//! Notes: what is reported beside a verdict and changes none.

use std::fmt;

use crate::digest::Digest;
use crate::package::Version;
use crate::statement::Seq;
use crate::time::{Date, Timestamp};

/// Something that a user should know about a target, whatever the verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// VER-20
    NotNewest {
        /// The number of the newest release.
        seq: Seq,
        /// Its version.
        version: Version,
    },
    /// VER-21
    Seen,
    /// VER-22: a branch of equal rank lost to an acceptance.
    Rival {
        /// The number of its first statement.
        seq: Seq,
        /// The digest of its first statement.
        digest: Digest,
    },
    /// VER-22: beyond this release two branches of equal rank follow one statement.
    ContestedBeyond {
        /// The number of the first statements of the branches.
        seq: Seq,
        /// The digests of the first statements of the branches.
        digests: Vec<Digest>,
    },
    /// VER-23
    Stale(Stale),
    /// VER-24
    LineEnds {
        /// How many files of the listing were read back; 0 if only files of `.sigpkg` were.
        files: usize,
    },
    /// VER-25
    DowngradeAllowed {
        /// The installed version.
        installed: Version,
        /// The version of the target.
        found: Version,
    },
    /// VER-26
    Detached,
}

/// Why a chain is stale (VER-23).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stale {
    /// A promise was not kept.
    Promise {
        /// The day by which another statement was promised.
        next_by: Date,
    },
    /// Nothing new was seen for too long.
    Silence {
        /// When the head was first seen.
        since: Timestamp,
    },
}

impl Note {
    /// The word of the specification.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::NotNewest { .. } => "not-newest",
            Self::Seen => "seen",
            Self::Rival { .. } | Self::ContestedBeyond { .. } => "rival",
            Self::Stale(_) => "stale",
            Self::LineEnds { .. } => "line-ends",
            Self::DowngradeAllowed { .. } => "downgrade-allowed",
            Self::Detached => "detached",
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotNewest { seq, version } => write!(out, "the newest release is {version} (statement {seq})"),
            Self::Seen => {
                out.write_str("the signatory id was taken as it came, and never compared with one from elsewhere")
            }
            Self::Rival { seq, digest } => {
                write!(out, "another statement {seq} ({digest}) was signed with the same key; you chose against it")
            }
            Self::ContestedBeyond { seq, digests } => {
                write!(out, "beyond this, {} statements {seq} were signed with one key:", digests.len())?;
                digests.iter().try_for_each(|digest| write!(out, " {digest}"))
            }
            Self::Stale(stale) => stale.fmt(out),
            Self::LineEnds { files: 0 } => out.write_str("line ends were turned back to LF in .sigpkg"),
            Self::LineEnds { files: 1 } => out.write_str("line ends were turned back to LF in 1 file"),
            Self::LineEnds { files } => write!(out, "line ends were turned back to LF in {files} files"),
            Self::DowngradeAllowed { installed, found } => {
                write!(out, "{found} is older than the installed {installed}")
            }
            Self::Detached => out.write_str("the signatures are from a folder outside of the tree"),
        }
    }
}

impl fmt::Display for Stale {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Promise { next_by } => write!(out, "another statement was promised by {next_by}, and none is known"),
            Self::Silence { since } => write!(out, "nothing new was seen since {since}"),
        }
    }
}
