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
#[derive(Clone, PartialEq, Eq)]
pub struct Signature {
    claimed_algorithm: Algorithm,
    claimed_key_id: KeyId,
    bytes: Box<[u8]>,
}

/// Why a signature does not vouch for a message.
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
pub trait Scheme: Send + Sync {
    /// Checks the signature of an ordinary statement.
    ///
    /// # Errors
    ///
    /// The first of [`VerifyError::Algorithm`], [`VerifyError::KeyId`] and [`VerifyError::Invalid`] (SIG-6 to SIG-8).
    fn verify_link(&self, key: &LinkKey, message: &[u8], signature: &Signature) -> Result<(), VerifyError>;

    /// Checks one signature of a reserve statement.
    ///
    /// # Errors
    ///
    /// The first of [`VerifyError::Algorithm`], [`VerifyError::KeyId`] and [`VerifyError::Invalid`] (SIG-6 to SIG-8).
    fn verify_reserve(&self, key: &ReserveKey, message: &[u8], signature: &Signature) -> Result<(), VerifyError>;
}

/// The signatures of the specification: [`verify::link`] and [`verify::reserve`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Standard;

impl Signature {
    /// A signature as it was read or made; `None` if its length is not that of its algorithm.
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
    pub fn claimed_algorithm(&self) -> Algorithm {
        self.claimed_algorithm
    }

    /// Which key the signature names: good for finding it, worth nothing until verified.
    pub fn claimed_key_id(&self) -> KeyId {
        self.claimed_key_id
    }

    /// The signature without tag and key id: 64 or 7856 bytes.
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
