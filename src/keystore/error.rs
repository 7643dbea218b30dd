//! Why a key store cannot be used.

use std::io;
use std::path::{Path, PathBuf};

use crate::chain::ChainError;
use crate::digest::{Digest, SignatoryId};
use crate::key::KeyError;
use crate::rule::Rule;
use crate::secret::Kind;
use crate::secret::file::SecretFileError;
use crate::statement::Seq;

/// Why a key store cannot be used. On error the store is as it was, or as a crash would have left it: the next call takes up
/// from there.
///
/// A store that others could read is not used:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun()?;
/// # let (stores, id) = (&machine.keys, machine.id()?);
/// use sigpkg::keystore::KeyStoreError;
///
/// # #[cfg(unix)] {
/// use std::os::unix::fs::PermissionsExt as _;
///
/// std::fs::set_permissions(stores.folder(id), std::fs::Permissions::from_mode(0o755))?;
/// let refused = stores.open(id).unwrap_err();
/// assert!(matches!(refused, KeyStoreError::TooOpen { expected: 0o700, found: 0o755, .. }));
/// # }
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
pub enum KeyStoreError {
    /// A file cannot be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// Others could read a secret (KEEP-3).
    #[error("expected {} to be private (mode {expected:03o}), found mode {found:03o}", path.display())]
    TooOpen {
        /// The file or folder.
        path: PathBuf,
        /// The mode it is to have.
        expected: u32,
        /// The mode it has.
        found: u32,
    },
    /// There is no store for this chain.
    #[error("there is no key store for signatory {id} in {}", home.display())]
    NoStore {
        /// The chain.
        id: SignatoryId,
        /// The folder of key stores.
        home: PathBuf,
    },
    /// There is a store for this chain already.
    #[error("there is a key store for signatory {id} already, in {}", folder.display())]
    StoreExists {
        /// The chain.
        id: SignatoryId,
        /// Where it is.
        folder: PathBuf,
    },
    /// The store is on its way to another place (KEEP-14).
    #[error("the key store of signatory {id} is being moved to {}", to.display())]
    Moved {
        /// The chain.
        id: SignatoryId,
        /// Where it goes.
        to: PathBuf,
    },
    /// Another process has the store (KEEP-7).
    #[error("another process is using the key store {}", folder.display())]
    Busy {
        /// The store.
        folder: PathBuf,
    },
    /// A statement has begun and not ended, so nothing else may begin.
    #[error("a statement of signatory {id} was interrupted and must be finished first")]
    Unfinished {
        /// The chain.
        id: SignatoryId,
    },
    /// A reserve statement has begun and not ended, so nothing else may begin.
    #[error("a reserve statement of signatory {id} has begun, and must be joined or given up first")]
    ReserveBegun {
        /// The chain.
        id: SignatoryId,
    },
    /// Keys are not replaced for a statement that is not in the chain (KEEP-17).
    #[error("expected statement {digest} in the chain of the key store, found it is not there")]
    NotJoined {
        /// The statement.
        digest: Digest,
    },
    /// The chain has no room for what is asked for.
    #[error("statement {} is the last one that a chain may have", Seq::MAX)]
    ChainFull,
    /// The key for a statement is not in the store.
    #[error("there is no key for statement {seq} in {}", folder.display())]
    NoKey {
        /// The statement.
        seq: Seq,
        /// The store.
        folder: PathBuf,
    },
    /// A key of this name is there, and keys are never overwritten (KEEP-4).
    #[error("there is a key file {} already, and keys are never overwritten", path.display())]
    KeyExists {
        /// The file.
        path: PathBuf,
    },
    /// Another text was signed for this seq (KEEP-1).
    #[error("this store has signed another statement {seq}, and signs no second one")]
    SecondText {
        /// The statement.
        seq: Seq,
    },
    /// A secret file does not open.
    #[error("{}: {error}", path.display())]
    Secret {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: SecretFileError,
    },
    /// The keys are made at random, and never copied (KEEP-14, KEEP-36).
    #[error(
        "expected a seeded key store, found that of signatory {id} is fresh: its keys are used once and never copied"
    )]
    NotSeeded {
        /// The chain.
        id: SignatoryId,
    },
    /// A seed is not that of the keys which are announced (KEEP-39).
    #[error("expected the seed of the keys that statement {seq} of signatory {id} announces, found {}", other_seed(*.earlier))]
    OtherSeed {
        /// The chain.
        id: SignatoryId,
        /// Its head.
        seq: Seq,
        /// The newest statement that announces keys of the seed, if there is one: the reserve has replaced it.
        earlier: Option<Seq>,
    },
    /// There is a file in the place of a page (KEEP-36).
    #[error("there is a file {} already, and a page is never written over another file", path.display())]
    PageExists {
        /// The file.
        path: PathBuf,
    },
    /// A file holds another kind of secret than a reserve key.
    #[error("expected a reserve key in {}, found {found}", path.display())]
    NotReserve {
        /// The file.
        path: PathBuf,
        /// What it says it holds.
        found: Kind,
    },
    /// A key is not one of a chain.
    #[error("a key of the store cannot be used: {error}")]
    Key {
        /// What is wrong.
        error: KeyError,
    },
    /// The chain of the store is not valid.
    #[error("{}: {error}", path.display())]
    Chain {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: ChainError,
    },
    /// A file of the store is not what it should be.
    #[error("{} is damaged: {problem}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
}

impl KeyStoreError {
    /// The rule of the specification that a file of the store breaks, if that is the reason.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # std::fs::write(machine.store()?.folder().join("2.key"), "no key\n")?;
    /// use sigpkg::statement::Seq;
    ///
    /// let damaged = machine.store()?.open_keys(Seq::new(2).ok_or("a seq")?, None).unwrap_err();
    /// assert!(damaged.rule().is_some());
    /// let absent = machine.store()?.open_keys(Seq::new(9).ok_or("a seq")?, None).unwrap_err();
    /// assert_eq!(absent.rule(), None, "it breaks no rule, it is not there");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn rule(&self) -> Option<Rule> {
        match self {
            Self::Secret { error, .. } => Some(error.rule()),
            Self::Key { error } => Some(error.rule()),
            Self::Chain { error, .. } => Some(error.rule()),
            Self::Io { .. }
            | Self::TooOpen { .. }
            | Self::NoStore { .. }
            | Self::StoreExists { .. }
            | Self::Moved { .. }
            | Self::Busy { .. }
            | Self::Unfinished { .. }
            | Self::ReserveBegun { .. }
            | Self::ChainFull
            | Self::NotSeeded { .. }
            | Self::OtherSeed { .. }
            | Self::PageExists { .. }
            | Self::NotReserve { .. }
            | Self::NotJoined { .. }
            | Self::NoKey { .. }
            | Self::KeyExists { .. }
            | Self::SecondText { .. }
            | Self::Damaged { .. } => None,
        }
    }

    pub(super) fn io(action: &'static str, path: &Path) -> impl Fn(io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }

    pub(super) fn damaged(path: &Path, problem: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), problem: problem.into() }
    }
}

fn other_seed(earlier: Option<Seq>) -> String {
    match earlier {
        Some(seq) => format!("an earlier one, which the reserve has replaced after statement {seq}"),
        None => "another one".to_owned(),
    }
}
