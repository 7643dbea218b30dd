//! What a human should know before something is signed, and what does not stand against it.

use std::fmt;

use crate::chain::Unverified;
use crate::digest::Digest;
use crate::keystore::Store;
use crate::package::Version;
use crate::repository::{MAX_SEARCHED_BYTES, Search};
use crate::statement::Seq;

/// What a human should know before a release, and what does not stand against it.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun()?;
/// use sigpkg::publish::Note;
///
/// let prepared = machine.prepare(doc::version("1.0.0"))?;
/// assert_eq!(prepared.notes(), [Note::NoPassphrase]);
/// assert_eq!(Note::NoPassphrase.to_string(), "the keys of this chain are not protected by a passphrase");
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// The clone is shallow, so that older history was not searched for secret keys.
    Shallow,
    /// Some files were too large to be searched for secret keys.
    TooLarge {
        /// How many.
        files: usize,
    },
    /// git is set to sign commits, and signs this one.
    CommitSigned,
    /// Another holder of the seed has made a statement, which is taken in.
    TakenIn {
        /// The statement.
        seq: Seq,
        /// What it releases, if it is a release.
        version: Option<Version>,
        /// Its digest.
        digest: Digest,
    },
    /// The release adopts nothing, and the one before it did.
    NotAdopted,
    /// The keys are not protected by a passphrase.
    NoPassphrase,
}

impl fmt::Display for Note {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shallow => {
                out.write_str("this is a shallow clone: its older history was not searched for secret keys")
            }
            Self::TooLarge { files } => {
                let limit = MAX_SEARCHED_BYTES >> 20;
                write!(out, "not searched for secret keys, because larger than {limit} MiB: {files} files")
            }
            Self::CommitSigned => out.write_str("git signs the commit, as it is set to (commit.gpgsign)"),
            Self::TakenIn { seq, version, digest } => {
                let what = version.as_ref().map(|version| format!(", version {version}")).unwrap_or_default();
                write!(out, "statement {seq}{what} was made with this seed elsewhere and is taken in ({digest})")
            }
            Self::NotAdopted => out.write_str(
                "the newest release adopts somebody else's tree, and this one will not say so: `sigpkg adopt` would",
            ),
            Self::NoPassphrase => out.write_str("the keys of this chain are not protected by a passphrase"),
        }
    }
}

/// What there is to know.
pub(super) fn notes(store: &Store, taken_in: &[Unverified], search: &Search, is_signed_by_git: bool) -> Vec<Note> {
    let mut notes: Vec<_> = taken_in
        .iter()
        .map(|record| Note::TakenIn {
            seq: record.claimed_seq(),
            version: record.claimed().release().map(|release| release.version.clone()),
            digest: record.digest(),
        })
        .collect();
    notes.extend(search.is_shallow.then_some(Note::Shallow));
    notes.extend((search.too_large > 0).then_some(Note::TooLarge { files: search.too_large }));
    notes.extend(is_signed_by_git.then_some(Note::CommitSigned));
    notes.extend((!store.is_encrypted()).then_some(Note::NoPassphrase));
    notes
}
