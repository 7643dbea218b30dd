//! Notes: what is reported beside a verdict and changes none.

use std::fmt;

use super::about::{Fault, ReserveStatement, Yanking};
use crate::digest::{Digest, SignatoryId};
use crate::key::LinkKey;
use crate::package::Version;
use crate::statement::Seq;
use crate::time::{Date, Timestamp};

/// Something that a user should know about a target, whatever the verdict.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let file = doc::chain_file(&["chain-1", "chain-2"])?;
/// # let mut trusted = [doc::trusted(&["chain-1", "chain-2"])?];
/// use sigpkg::signature::Standard;
/// use sigpkg::verify::{Note, Question, Target, verify};
///
/// let two_years_later = "2028-11-20T12:00:00Z".parse()?;
/// let verdict = verify(&Target::Chain(&file), &Question::new(&trusted, two_years_later), &Standard);
/// assert!(verdict.is_accepted(), "a note is no refusal");
/// assert!(verdict.notes().iter().any(|note| matches!(note, Note::Stale(_))));
/// # Ok::<(), doc::Error>(())
/// ```
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
    /// VER-37
    YankNote(Yanking),
    /// VER-38
    YankWarning(Yanking),
    /// VER-39
    Waiting(ReserveStatement),
    /// VER-40
    NotFollowed(ReserveStatement),
    /// VER-41
    Final {
        /// The number of the beat that says so.
        seq: Seq,
    },
    /// VER-42
    Successor {
        /// The chain that goes on in the place of this one, as its signatory says.
        id: SignatoryId,
    },
    /// VER-43
    Ended,
    /// VER-44
    Voided {
        /// The releases that stood before, oldest first.
        releases: Vec<(Seq, Version)>,
    },
    /// VER-45
    Installed {
        /// The number of the installed release.
        seq: Seq,
        /// Its version.
        version: Version,
        /// What is wrong with it.
        fault: Fault,
    },
    /// VER-60: the release adopts a tree of somebody else.
    Adopted {
        /// The digest of the listing of that tree, as the signatory says.
        upstream: Digest,
        /// Whether that is the tree of the release itself.
        is_unchanged: bool,
    },
    /// VER-46: two texts that were signed with one key.
    Fork {
        /// The number of the statement that announced the key.
        parent: Seq,
        /// Its digest.
        digest: Digest,
        /// The key.
        key: Box<LinkKey>,
        /// The digests of the statements that were signed with it.
        children: Vec<Digest>,
    },
}

/// How many digests of one sort a message names; the chain has them all.
pub(super) const DIGESTS_SHOWN: usize = 8;

/// Why a chain is stale (VER-23).
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let file = doc::chain_file(&["belief-1", "belief-2", "belief-soon-3"])?;
/// # let trusted = [doc::trusted(&["belief-1", "belief-2", "belief-soon-3"])?];
/// use sigpkg::signature::Standard;
/// use sigpkg::verify::{Question, Reason, Stale, Target, verify};
///
/// let question = Question { strict: true, ..Question::new(&trusted, "2026-11-20T12:00:00Z".parse()?) };
/// let verdict = verify(&Target::Chain(&file), &question, &Standard);
/// let Some(Reason::Stale(Stale::Promise { next_by })) = verdict.reason() else { return Err("it is not stale".into()) };
/// assert_eq!(next_by.to_string(), "2026-03-01");
/// # Ok::<(), doc::Error>(())
/// ```
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
    ///
    /// ```
    /// use sigpkg::verify::Note;
    ///
    /// assert_eq!(Note::LineEnds { files: 2 }.word(), "line-ends");
    /// ```
    pub const fn word(&self) -> &'static str {
        match self {
            Self::NotNewest { .. } => "not-newest",
            Self::Seen => "seen",
            Self::Rival { .. } | Self::ContestedBeyond { .. } => "rival",
            Self::Stale(_) => "stale",
            Self::LineEnds { .. } => "line-ends",
            Self::DowngradeAllowed { .. } => "downgrade-allowed",
            Self::Detached => "detached",
            Self::YankNote(_) => "yank-note",
            Self::YankWarning(_) => "yank-warning",
            Self::Waiting(_) => "waiting",
            Self::NotFollowed(_) => "not-followed",
            Self::Final { .. } => "final",
            Self::Successor { .. } => "successor",
            Self::Ended => "ended",
            Self::Voided { .. } => "voided",
            Self::Installed { .. } => "installed",
            Self::Adopted { .. } => "adopted",
            Self::Fork { .. } => "fork",
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
                write_digests(out, digests)
            }
            Self::Stale(stale) => stale.fmt(out),
            Self::LineEnds { files: 0 } => out.write_str("line ends were turned back to LF in .sigpkg"),
            Self::LineEnds { files: 1 } => out.write_str("line ends were turned back to LF in 1 file"),
            Self::LineEnds { files } => write!(out, "line ends were turned back to LF in {files} files"),
            Self::DowngradeAllowed { installed, found } => {
                write!(out, "{found} is older than the installed {installed}")
            }
            Self::Detached => out.write_str("the signatures are from a folder outside of the tree"),
            Self::YankNote(yanking) | Self::YankWarning(yanking) => write!(out, "this release is {yanking}"),
            Self::Waiting(reserve) => {
                write!(out, "{reserve} waits for your decision; until then nothing beyond the head is accepted")
            }
            Self::NotFollowed(reserve) => {
                write!(out, "you decided not to follow {reserve}; nothing beyond the head is accepted")
            }
            Self::Final { seq } => {
                write!(out, "the signatory says that no further release is planned (statement {seq})")
            }
            Self::Successor { id } => {
                write!(out, "the signatory names {id} as the chain that goes on; you trust it no more than any other")
            }
            Self::Ended => out.write_str("you have said that the signing of this package has ended"),
            Self::Voided { releases } => {
                out.write_str("these releases stood before and are void now, and one of them may be installed: ")?;
                for (number, (seq, version)) in releases.iter().enumerate() {
                    write!(out, "{}{version} (statement {seq})", if number == 0 { "" } else { ", " })?;
                }
                Ok(())
            }
            Self::Installed { seq, version, fault } => {
                write!(out, "the installed release {version} (statement {seq}) is {fault}")
            }
            Self::Adopted { upstream, is_unchanged } => {
                let how = if *is_unchanged { "unchanged" } else { "with changes" };
                write!(out, "the signatory has adopted this, {how}, from an upstream tree with listing {upstream}")
            }
            Self::Fork { parent, digest, key, children } => {
                write!(
                    out,
                    "key {key}, announced by statement {parent} ({digest}), has signed {} texts:",
                    children.len()
                )?;
                write_digests(out, children)
            }
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

/// The first of several digests, and how many more there are.
fn write_digests(out: &mut fmt::Formatter<'_>, digests: &[Digest]) -> fmt::Result {
    digests.iter().take(DIGESTS_SHOWN).try_for_each(|digest| write!(out, " {digest}"))?;
    match digests.len().saturating_sub(DIGESTS_SHOWN) {
        0 => Ok(()),
        more => write!(out, " and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecosystem;
    use crate::package::EcosystemName;
    use crate::verify::Reason;

    /// Whoever has one key can sign as many texts as he likes, and must not hide the rest of the answer behind them.
    #[test]
    fn a_thousand_rivals_of_one_statement_are_counted_and_not_all_named() {
        let digests: Vec<_> = (0..1000_u32).map(|number| Digest::of(&number.to_be_bytes())).collect();
        let seq = Seq::new(4).unwrap();
        let version = ecosystem::of(EcosystemName::Generic).version("1.0").unwrap();
        let contested = Reason::Contested { seq, version, parent: seq, rivals: digests.clone() }.to_string();
        assert!(contested.len() < 1100 && contested.ends_with(" and 992 more"), "{contested}");
        let message = Note::ContestedBeyond { seq, digests }.to_string();
        assert!(message.len() < 1000 && message.ends_with(" and 992 more"), "{message}");
        assert!(message.starts_with("beyond this, 1000 statements 4 were signed with one key: blake3:"), "{message}");
    }
}
