//! Secret keys and seeds, decrypted and in memory. They are wiped when dropped, and never shown.
//!
//! Source: spec/2-keys-and-signatures.md, section 2.4.

use std::convert::Infallible;
use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey};
use rand_core::{CryptoRng, TryCryptoRng, TryRng};
use slh_dsa::Shake128s;
use zeroize::{Zeroize as _, ZeroizeOnDrop, Zeroizing};

use crate::key::{Algorithm, KeyError, KeyId, LinkKey, PublicKey, ReserveKey};
use crate::signature::{Signature, slh};

/// A secret key that can sign.
pub struct SecretKey {
    key_id: KeyId,
    material: Material,
}

/// The one secret from which the link keys of a seeded chain are derived (SEC-8).
#[derive(ZeroizeOnDrop)]
pub struct Seed([u8; 32]);

// The keys wipe themselves when dropped, and are boxed so that moving one leaves no copy behind.
enum Material {
    Ed25519(Box<SigningKey>),
    SlhDsa(Box<slh_dsa::SigningKey<Shake128s>>),
    Reserve(Box<slh_dsa::SigningKey<Shake128s>>),
}

impl SecretKey {
    /// Makes a key. SLH-DSA keys take a noticeable part of a second.
    pub fn generate(algorithm: Algorithm, random: &mut impl CryptoRng) -> Self {
        let material = match algorithm {
            Algorithm::Ed25519 => {
                let mut secret = Zeroizing::new([0; 32]);
                random.fill_bytes(secret.as_mut());
                Material::Ed25519(Box::new(SigningKey::from_bytes(&secret)))
            }
            Algorithm::SlhDsa => Material::SlhDsa(Box::new(slh_dsa::SigningKey::new(random))),
            Algorithm::Reserve => Material::Reserve(Box::new(slh_dsa::SigningKey::new(random))),
        };
        Self { key_id: KeyId::derived(&material.public_bytes()), material }
    }

    /// What this key is for and its algorithm.
    pub fn algorithm(&self) -> Algorithm {
        match self.material {
            Material::Ed25519(_) => Algorithm::Ed25519,
            Material::SlhDsa(_) => Algorithm::SlhDsa,
            Material::Reserve(_) => Algorithm::Reserve,
        }
    }

    /// The key id: derived, or for a key file of a stock tool the one that it holds.
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// The 32 bytes of the public half.
    pub fn public_bytes(&self) -> [u8; 32] {
        self.material.public_bytes()
    }

    /// The public half, as a chain names it.
    ///
    /// # Errors
    ///
    /// - [`KeyError::Tag`] for a reserve key.
    /// - [`KeyError::KeyId`] for a key of a stock tool, whose id is not derived.
    pub fn link_key(&self) -> Result<LinkKey, KeyError> {
        let key = LinkKey::new(self.algorithm(), self.public_bytes())?;
        if key.key_id() == self.key_id {
            Ok(key)
        } else {
            Err(KeyError::KeyId { expected: key.key_id(), found: self.key_id })
        }
    }

    /// The public half of a reserve key.
    ///
    /// # Errors
    ///
    /// - [`KeyError::Tag`] for a link key.
    pub fn reserve_key(&self) -> Result<ReserveKey, KeyError> {
        match self.algorithm() {
            Algorithm::Reserve => Ok(ReserveKey::new(self.public_bytes())),
            other @ (Algorithm::Ed25519 | Algorithm::SlhDsa) => {
                Err(KeyError::Tag { expected: "Sr", found: other.tag() })
            }
        }
    }

    /// The public half of an Ed25519 key, as the stock tools know it.
    ///
    /// # Errors
    ///
    /// - [`KeyError::Tag`] for an SLH-DSA key.
    pub fn public_key(&self) -> Result<PublicKey, KeyError> {
        match self.algorithm() {
            Algorithm::Ed25519 => PublicKey::new(self.key_id, self.public_bytes()),
            other @ (Algorithm::SlhDsa | Algorithm::Reserve) => {
                Err(KeyError::Tag { expected: "Ed", found: other.tag() })
            }
        }
    }

    /// Signs a message: the same key and message always give the same signature.
    pub fn sign(&self, message: &[u8]) -> Signature {
        let bytes = match &self.material {
            Material::Ed25519(key) => key.sign(message).to_vec(),
            Material::SlhDsa(key) => slh::sign(slh::LINK_CONTEXT, key, message),
            Material::Reserve(key) => slh::sign(slh::RESERVE_CONTEXT, key, message),
        };
        Signature::new(self.algorithm(), self.key_id, &bytes).expect("each algorithm signs with its own length")
    }
}

impl Seed {
    /// Makes a seed.
    pub fn generate(random: &mut impl CryptoRng) -> Self {
        let mut seed = Self([0; 32]);
        random.fill_bytes(&mut seed.0);
        seed
    }

    /// A seed that was kept elsewhere, for instance as words on paper.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes, for whoever has to keep them.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The secret link key of the statement with this seq (SEC-8).
    ///
    /// # Errors
    ///
    /// - [`KeyError::Tag`] if the algorithm is the reserve's: a reserve key is never derived.
    pub fn link_secret(&self, algorithm: Algorithm, seq: u64) -> Result<SecretKey, KeyError> {
        let context = match algorithm {
            Algorithm::Ed25519 => "sigpkg 1 seeded link key ed25519",
            Algorithm::SlhDsa => "sigpkg 1 seeded link key slh-dsa",
            Algorithm::Reserve => return Err(KeyError::Tag { expected: "Ed or Sl", found: algorithm.tag() }),
        };
        let mut hasher = blake3::Hasher::new_derive_key(context);
        hasher.update(&self.0);
        hasher.update(&seq.to_le_bytes());
        let mut stream = Stream(hasher.finalize_xof());
        hasher.zeroize();
        Ok(SecretKey::generate(algorithm, &mut stream))
    }
}

impl Material {
    fn public_bytes(&self) -> [u8; 32] {
        match self {
            Self::Ed25519(key) => *key.as_ref().as_ref().as_bytes(),
            Self::SlhDsa(key) | Self::Reserve(key) => {
                let key: &slh_dsa::VerifyingKey<Shake128s> = key.as_ref().as_ref();
                key.to_bytes().into()
            }
        }
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SecretKey({}, key {})", self.algorithm(), self.key_id)
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Seed")
    }
}

/// The output of a derivation, read where a key generator expects random bytes: 32 for Ed25519, and for SLH-DSA 48,
/// which it takes as SK.seed, SK.prf and PK.seed.
struct Stream(blake3::OutputReader);

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Stream {}

impl Drop for Stream {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests;
