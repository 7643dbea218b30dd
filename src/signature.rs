//! Signatures: what a key says about a message, in the forms of chains and of the stock tools.
//!
//! - [`verify`] is the one place where a signature is checked.
//! - [`block`] is the form in a chain: two lines.
//! - [`minisign`] are the files of minisign and signify, and [`release`] the one beside a release.
//!
//! Source: spec/2-keys-and-signatures.md.

use std::fmt;

use crate::key::{Algorithm, KeyId, LinkKey, ReserveKey};
use crate::rule::Rule;

pub mod block;
pub mod minisign;
pub mod release;
mod sign;
mod slh;
pub mod verify;

/// A signature of a chain, as read. Nothing in it is verified: the algorithm and the key id are claims.
///
/// ```
/// use sigpkg::example::{self, FIRST};
/// use sigpkg::key::Algorithm;
/// use sigpkg::signature::block;
///
/// let signature = block::parse(example::record(FIRST)?.blocks_text())?;
/// assert_eq!(signature.claimed_algorithm(), Algorithm::Ed25519);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Signature {
    claimed_algorithm: Algorithm,
    claimed_key_id: KeyId,
    bytes: Box<[u8]>,
}

/// Why a signature does not vouch for a message.
///
/// ```
/// use sigpkg::key::Algorithm;
/// use sigpkg::secret::Seed;
/// use sigpkg::signature::{VerifyError, verify};
///
/// let seed = Seed::from_bytes([7; 32]);
/// let (secret, key) = (seed.link_secret(Algorithm::Ed25519, 1)?, seed.link_secret(Algorithm::Ed25519, 2)?.link_key()?);
/// let by_another = verify::link(&key, b"text", &secret.sign(b"text"));
/// assert_eq!(by_another, Err(VerifyError::KeyId { expected: key.key_id(), found: secret.key_id() }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The signature is labelled with another algorithm than the key has (SIG-6).
    #[error("expected a signature by {expected}, the algorithm of the key, found one labelled {found}")]
    Algorithm {
        /// The algorithm of the key.
        expected: Algorithm,
        /// What the signature claims.
        found: Algorithm,
    },
    /// The signature names another key (SIG-7).
    #[error("expected a signature by key {expected}, found one by key {found}")]
    KeyId {
        /// The id of the key.
        expected: KeyId,
        /// What the signature claims.
        found: KeyId,
    },
    /// The signature is not one of this message by this key (SIG-8).
    #[error("expected a signature of this text by key {key_id}, found one that does not verify")]
    Invalid {
        /// The id of the key.
        key_id: KeyId,
    },
}

/// How signatures of a chain are checked. There is one true implementation, [`Standard`]; tests of belief use a fast
/// stand-in.
///
/// ```
/// use sigpkg::chain::Chain;
/// use sigpkg::example::{self, GENESIS};
/// use sigpkg::key::{LinkKey, ReserveKey};
/// use sigpkg::signature::{Scheme, Signature, VerifyError};
///
/// /// A second opinion for whoever doubts the first: nothing is good enough.
/// struct Sceptic;
///
/// impl Scheme for Sceptic {
///     fn verify_link(&self, key: &LinkKey, _: &[u8], _: &Signature) -> Result<(), VerifyError> {
///         Err(VerifyError::Invalid { key_id: key.key_id() })
///     }
///
///     fn verify_reserve(&self, key: &ReserveKey, _: &[u8], _: &Signature) -> Result<(), VerifyError> {
///         Err(VerifyError::Invalid { key_id: key.key_id() })
///     }
/// }
///
/// let error = Chain::admit(GENESIS.as_bytes(), example::id()?, &Sceptic).unwrap_err();
/// assert_eq!(error.rule().reason(), "signature-invalid");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Scheme: Send + Sync {
    /// Checks the signature of an ordinary statement.
    ///
    /// ```
    /// use sigpkg::key::Algorithm;
    /// use sigpkg::secret::Seed;
    /// use sigpkg::signature::{Scheme as _, Standard};
    ///
    /// let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
    /// let signature = secret.sign(b"text");
    /// assert!(Standard.verify_link(&secret.link_key()?, b"text", &signature).is_ok());
    /// assert!(Standard.verify_link(&secret.link_key()?, b"test", &signature).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The first of [`VerifyError::Algorithm`], [`VerifyError::KeyId`] and [`VerifyError::Invalid`] (SIG-6 to SIG-8).
    fn verify_link(&self, key: &LinkKey, message: &[u8], signature: &Signature) -> Result<(), VerifyError>;

    /// Checks one signature of a reserve statement.
    ///
    /// ```
    /// use sigpkg::example::{self, GENESIS, RESERVE};
    /// use sigpkg::signature::{Scheme as _, Standard, block};
    ///
    /// let (genesis, record) = (example::record(GENESIS)?, example::record(RESERVE)?);
    /// let key = genesis.claimed().reserve().ok_or("a genesis has a reserve")?.keys[0];
    /// let signature = block::parse(record.blocks_text())?;
    /// assert!(Standard.verify_reserve(&key, record.text().as_bytes(), &signature).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The first of [`VerifyError::Algorithm`], [`VerifyError::KeyId`] and [`VerifyError::Invalid`] (SIG-6 to SIG-8).
    fn verify_reserve(&self, key: &ReserveKey, message: &[u8], signature: &Signature) -> Result<(), VerifyError>;
}

/// The signatures of the specification: [`verify::link`] and [`verify::reserve`].
///
/// ```
/// use sigpkg::chain::Chain;
/// use sigpkg::example::{self, GENESIS};
/// use sigpkg::signature::Standard;
///
/// assert!(Chain::admit(GENESIS.as_bytes(), example::id()?, &Standard).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Standard;

impl Signature {
    /// A signature as it was read or made; `None` if its length is not that of its algorithm.
    ///
    /// ```
    /// use sigpkg::key::{Algorithm, KeyId};
    /// use sigpkg::signature::Signature;
    ///
    /// let key_id = KeyId::from_bytes([7; 8]);
    /// assert!(Signature::new(Algorithm::Ed25519, key_id, &[0; 64]).is_some());
    /// assert_eq!(Signature::new(Algorithm::SlhDsa, key_id, &[0; 64]), None);
    /// ```
    pub fn new(claimed_algorithm: Algorithm, claimed_key_id: KeyId, bytes: &[u8]) -> Option<Self> {
        (bytes.len() == claimed_algorithm.signature_length()).then(|| Self {
            claimed_algorithm,
            claimed_key_id,
            bytes: bytes.into(),
        })
    }

    /// A signature that was just made, so its length is right.
    fn made(algorithm: Algorithm, key_id: KeyId, bytes: Vec<u8>) -> Self {
        debug_assert_eq!(bytes.len(), algorithm.signature_length());
        Self { claimed_algorithm: algorithm, claimed_key_id: key_id, bytes: bytes.into() }
    }

    /// What the tag says. The key decides.
    ///
    /// ```
    /// use sigpkg::example::{self, RESERVE};
    /// use sigpkg::key::Algorithm;
    /// use sigpkg::signature::block;
    ///
    /// let signature = block::parse(example::record(RESERVE)?.blocks_text())?;
    /// assert_eq!(signature.claimed_algorithm(), Algorithm::Reserve);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn claimed_algorithm(&self) -> Algorithm {
        self.claimed_algorithm
    }

    /// Which key the signature names: good for finding it, worth nothing until verified.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST, GENESIS};
    /// use sigpkg::signature::block;
    ///
    /// let (genesis, first) = (example::record(GENESIS)?, example::record(FIRST)?);
    /// let announced = genesis.claimed().look_ahead().next;
    /// assert_eq!(block::parse(first.blocks_text())?.claimed_key_id(), announced.key_id());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn claimed_key_id(&self) -> KeyId {
        self.claimed_key_id
    }

    /// The signature without tag and key id: 64 or 7856 bytes.
    ///
    /// ```
    /// use sigpkg::key::Algorithm;
    /// use sigpkg::secret::Seed;
    ///
    /// let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
    /// assert_eq!(secret.sign(b"text").as_bytes().len(), 64);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Signature({}, key {})", self.claimed_algorithm, self.claimed_key_id)
    }
}

impl Scheme for Standard {
    fn verify_link(&self, key: &LinkKey, message: &[u8], signature: &Signature) -> Result<(), VerifyError> {
        verify::link(key, message, signature)
    }

    fn verify_reserve(&self, key: &ReserveKey, message: &[u8], signature: &Signature) -> Result<(), VerifyError> {
        verify::reserve(key, message, signature)
    }
}

impl VerifyError {
    /// The rule that the signature breaks.
    ///
    /// ```
    /// use sigpkg::key::KeyId;
    /// use sigpkg::rule::Rule;
    /// use sigpkg::signature::VerifyError;
    ///
    /// assert_eq!(VerifyError::Invalid { key_id: KeyId::from_bytes([7; 8]) }.rule(), Rule::Sig8);
    /// ```
    pub fn rule(&self) -> Rule {
        match self {
            Self::Algorithm { .. } => Rule::Sig6,
            Self::KeyId { .. } => Rule::Sig7,
            Self::Invalid { .. } => Rule::Sig8,
        }
    }
}

#[cfg(test)]
mod tests;
