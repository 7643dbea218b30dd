//! What can go wrong with the trust store.

use std::io;
use std::path::{Path, PathBuf};

use crate::chain::ChainError;
use crate::digest::SignatoryId;
use crate::trust::AcceptError;

/// Why the store cannot be read or changed. Nothing in it was lost by the failure.
///
/// What is damaged is never taken for absent:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let folder = tempfile::tempdir()?;
/// # let store = sigpkg::trust::TrustStore::open(folder.path());
/// # let chain = doc::chain(&["chain-1"])?;
/// # let id = chain.id();
/// use sigpkg::trust::{Grade, TrustError};
///
/// assert!(matches!(store.set_ended(id, true), Err(TrustError::NotTrusted { .. })));
/// store.add(&chain, Grade::Seen, doc::now())?;
/// let entry = store.home().join("julia/Example").join(id.to_string());
/// std::fs::write(entry.join("trust.toml"), "grade = \"whatever\"\n")?;
/// assert!(matches!(store.find(id), Err(TrustError::Damaged { .. })));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// A file or folder cannot be read.
    #[error("the trust store cannot be read: {}: {source}", path.display())]
    Read {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file or folder cannot be written.
    #[error("the trust store cannot be written: {}: {source}", path.display())]
    Write {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A `trust.toml` is damaged.
    #[error("the trust store is damaged: {}: {problem}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A chain file is damaged.
    #[error("the trust store is damaged: {}: {error}", path.display())]
    DamagedChain {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: Box<ChainError>,
    },
    /// The id is not trusted.
    #[error("signatory {id} is not in the trust store")]
    NotTrusted {
        /// The id.
        id: SignatoryId,
    },
    /// A chain file is not admitted.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The statement cannot be accepted.
    #[error(transparent)]
    Accept(#[from] AcceptError),
    /// What was shown before a decision is no longer so.
    #[error("what is known or decided about signatory {id} has changed since it was shown")]
    Changed {
        /// The id.
        id: SignatoryId,
    },
}

impl TrustError {
    /// The file or folder that is at fault, if it is one.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let folder = tempfile::tempdir()?;
    /// # let home = folder.path().join("a file");
    /// # std::fs::write(&home, "")?;
    /// # let chain = doc::chain(&["chain-1"])?;
    /// use sigpkg::trust::{Grade, TrustStore};
    ///
    /// let failed = TrustStore::open(&home).add(&chain, Grade::Seen, doc::now()).unwrap_err();
    /// assert!(failed.path().is_some_and(|path| path.starts_with(&home)));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Read { path, .. }
            | Self::Write { path, .. }
            | Self::Damaged { path, .. }
            | Self::DamagedChain { path, .. } => Some(path),
            Self::NotTrusted { .. } | Self::Chain(_) | Self::Accept(_) | Self::Changed { .. } => None,
        }
    }
}
