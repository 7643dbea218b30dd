//! Secret keys and seeds, decrypted and in memory. They are wiped when dropped, and never shown.
//!
//! [`mod@file`] reads and writes them, [`words`] are what stands on paper; [`scan`] finds them where they must not be.
//!
//! How they sign is in [`crate::signature`].
//!
//! Source: spec/2-keys-and-signatures.md, section 2.4.

use std::convert::Infallible;
use std::fmt;

use ed25519_dalek::SigningKey;
use rand_core::{CryptoRng, TryCryptoRng, TryRng};
use slh_dsa::Shake128s;
use zeroize::{Zeroize as _, ZeroizeOnDrop, Zeroizing};

use crate::key::{Algorithm, KeyError, KeyId, LinkKey, PublicKey, ReserveKey};

pub mod file;
pub mod kdf;
pub mod scan;
pub mod words;

/// A secret key that can sign.
///
/// ```
/// use rand_core::UnwrapErr;
/// use sigpkg::key::Algorithm;
/// use sigpkg::secret::SecretKey;
/// use sigpkg::signature::verify;
///
/// let secret = SecretKey::generate(Algorithm::Ed25519, &mut UnwrapErr(getrandom::SysRng));
/// let signature = secret.sign(b"a message");
/// assert_eq!(verify::link(&secret.link_key()?, b"a message", &signature), Ok(()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SecretKey {
    key_id: KeyId,
    material: Material,
}

/// What a secret key file is for, and whose.
///
/// ```
/// use sigpkg::secret::Kind;
/// use sigpkg::secret::file::SecretFile;
///
/// # let seed = sigpkg::secret::file::Secret::Seed(sigpkg::secret::Seed::from_bytes([7; 32]));
/// # let mut random = rand_core::UnwrapErr(getrandom::SysRng);
/// # let file = sigpkg::secret::file::encode(&seed, sigpkg::secret::file::Protection::Plain, "test seed", &mut random)?;
/// assert_eq!(SecretFile::parse(&file)?.kind(), Kind::Seed);
/// assert_eq!(Kind::Seed.to_string(), "a sigpkg seed");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An Ed25519 key in the container of minisign: one of minisign's, or a link key of sigpkg.
    Minisign,
    /// An Ed25519 key of signify.
    Signify,
    /// An SLH-DSA link key of sigpkg.
    Link,
    /// A reserve key of sigpkg.
    Reserve,
    /// The seed of a seeded chain of sigpkg.
    Seed,
}

/// The one secret from which the link keys of a seeded chain are derived (SEC-8).
///
/// ```
/// use sigpkg::key::Algorithm;
/// use sigpkg::secret::Seed;
///
/// // On another machine, from the words on paper: the same keys.
/// let (here, there) = (Seed::from_bytes([7; 32]), Seed::from_bytes([7; 32]));
/// let secret = |seed: &Seed| seed.link_secret(Algorithm::Ed25519, 42)?.link_key();
/// assert_eq!(secret(&here)?, secret(&there)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(ZeroizeOnDrop)]
pub struct Seed([u8; 32]);

/// What a secret key signs with. The keys wipe themselves when dropped, and are boxed so that moving one leaves no copy
/// behind.
pub(crate) enum Material {
    Ed25519(Box<SigningKey>),
    SlhDsa(Box<slh_dsa::SigningKey<Shake128s>>),
    Reserve(Box<slh_dsa::SigningKey<Shake128s>>),
}

impl SecretKey {
    /// Makes a key. SLH-DSA keys take a noticeable part of a second.
    ///
    /// ```
    /// use rand_core::UnwrapErr;
    /// use sigpkg::key::Algorithm;
    /// use sigpkg::secret::SecretKey;
    ///
    /// let mut random = UnwrapErr(getrandom::SysRng);
    /// let (one, other) =
    ///     (SecretKey::generate(Algorithm::Ed25519, &mut random), SecretKey::generate(Algorithm::Ed25519, &mut random));
    /// assert_ne!(one.link_key()?, other.link_key()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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

    /// The key of these 64 bytes: Ed25519 seed and public key (RFC 8032), or an SLH-DSA secret key (FIPS 205). `None` if
    /// the public half is not that of the secret half.
    pub(crate) fn from_bytes(algorithm: Algorithm, key_id: KeyId, bytes: &[u8; 64]) -> Option<Self> {
        let (secret, public) = bytes.split_at(32);
        let material = match algorithm {
            Algorithm::Ed25519 => Material::Ed25519(Box::new(SigningKey::from_bytes(secret.try_into().ok()?))),
            // SK.seed, SK.prf, PK.seed and PK.root: the first three give the fourth (FIPS 205, algorithm 18).
            Algorithm::SlhDsa => Material::SlhDsa(Box::new(slh_dsa::SigningKey::new(&mut Replay(&bytes[..48])))),
            Algorithm::Reserve => Material::Reserve(Box::new(slh_dsa::SigningKey::new(&mut Replay(&bytes[..48])))),
        };
        (material.public_bytes() == public).then_some(Self { key_id, material })
    }

    /// The reserve key that was made from these random bytes: SK.seed, SK.prf and PK.seed (FIPS 205, algorithm 18).
    pub(crate) fn reserve_from_random(bytes: &[u8; 48]) -> Self {
        let material = Material::Reserve(Box::new(slh_dsa::SigningKey::new(&mut Replay(bytes))));
        Self { key_id: KeyId::derived(&material.public_bytes()), material }
    }

    /// The 64 bytes of a secret key file.
    pub(crate) fn to_bytes(&self) -> Zeroizing<[u8; 64]> {
        let mut bytes = Zeroizing::new([0; 64]);
        match &self.material {
            Material::Ed25519(key) => {
                bytes[..32].copy_from_slice(key.as_bytes());
                bytes[32..].copy_from_slice(&self.public_bytes());
            }
            Material::SlhDsa(key) | Material::Reserve(key) => {
                let mut copy = key.to_bytes();
                bytes.copy_from_slice(&copy);
                copy.as_mut_slice().zeroize();
            }
        }
        bytes
    }

    /// What this key is for and its algorithm.
    ///
    /// ```
    /// use sigpkg::key::Algorithm;
    /// use sigpkg::secret::Seed;
    ///
    /// let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
    /// assert_eq!(secret.algorithm(), Algorithm::Ed25519);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn algorithm(&self) -> Algorithm {
        match self.material {
            Material::Ed25519(_) => Algorithm::Ed25519,
            Material::SlhDsa(_) => Algorithm::SlhDsa,
            Material::Reserve(_) => Algorithm::Reserve,
        }
    }

    /// The key id: derived, or for a key file of a stock tool the one that it holds.
    ///
    /// ```
    /// use sigpkg::key::{Algorithm, KeyId};
    /// use sigpkg::secret::Seed;
    ///
    /// let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
    /// assert_eq!(secret.key_id(), KeyId::derived(&secret.public_bytes()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// The 32 bytes of the public half.
    ///
    /// ```
    /// use sigpkg::key::Algorithm;
    /// use sigpkg::secret::Seed;
    ///
    /// let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
    /// assert_eq!(secret.public_bytes(), *secret.link_key()?.as_bytes());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn public_bytes(&self) -> [u8; 32] {
        self.material.public_bytes()
    }

    /// The public half, as a chain names it.
    ///
    /// ```
    /// use sigpkg::key::{Algorithm, LinkKey};
    /// use sigpkg::secret::Seed;
    ///
    /// let key = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?.link_key()?;
    /// assert_eq!(LinkKey::from_text(&key.to_string())?, key);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    /// ```
    /// use sigpkg::key::{Algorithm, KeyError};
    /// use sigpkg::secret::Seed;
    ///
    /// // A link key has no say over who may sign.
    /// let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
    /// assert_eq!(secret.reserve_key(), Err(KeyError::Tag { expected: "Sr", found: *b"Ed" }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    /// ```
    /// use sigpkg::key::Algorithm;
    /// use sigpkg::secret::Seed;
    ///
    /// let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
    /// assert_eq!(Some(secret.public_key()?), secret.link_key()?.to_public_key());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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

    /// What the module `signature`, which is above this one, signs with.
    pub(crate) fn material(&self) -> &Material {
        &self.material
    }
}

impl Seed {
    /// Makes a seed.
    ///
    /// ```
    /// use rand_core::UnwrapErr;
    /// use sigpkg::secret::Seed;
    ///
    /// let mut random = UnwrapErr(getrandom::SysRng);
    /// assert_ne!(Seed::generate(&mut random).id(), Seed::generate(&mut random).id());
    /// ```
    pub fn generate(random: &mut impl CryptoRng) -> Self {
        let mut seed = Self([0; 32]);
        random.fill_bytes(&mut seed.0);
        seed
    }

    /// A seed that was kept elsewhere, for instance as words on paper.
    ///
    /// ```
    /// use sigpkg::secret::Seed;
    ///
    /// let seed = Seed::from_bytes([7; 32]);
    /// assert_eq!(Seed::from_bytes(*seed.as_bytes()).id(), seed.id());
    /// ```
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes, for whoever has to keep them.
    ///
    /// ```
    /// assert_eq!(sigpkg::secret::Seed::from_bytes([7; 32]).as_bytes(), &[7; 32]);
    /// ```
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// What tells this seed from others, and says nothing of it (SEC-8).
    ///
    /// ```
    /// use sigpkg::secret::Seed;
    ///
    /// let seed = Seed::from_bytes([7; 32]);
    /// assert_ne!(seed.id(), Seed::from_bytes([8; 32]).id());
    /// assert_eq!(format!("{seed:?}"), "Seed"); // what it is made of is never shown
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn id(&self) -> KeyId {
        KeyId::derived(&blake3::derive_key("sigpkg 1 seed id", &self.0))
    }

    /// The secret link key of the statement with this seq (SEC-8).
    ///
    /// ```
    /// use sigpkg::key::Algorithm;
    /// use sigpkg::secret::Seed;
    ///
    /// let seed = Seed::from_bytes([7; 32]);
    /// let first = seed.link_secret(Algorithm::Ed25519, 1)?.link_key()?;
    /// assert_ne!(first, seed.link_secret(Algorithm::Ed25519, 2)?.link_key()?);
    /// assert!(seed.link_secret(Algorithm::Reserve, 1).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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

impl Kind {
    /// The two bytes that begin a container.
    pub(crate) const fn tag(self) -> [u8; 2] {
        match self {
            Self::Minisign | Self::Signify => *b"Ed",
            Self::Link => *b"Sl",
            Self::Reserve => *b"Sr",
            Self::Seed => *b"Sd",
        }
    }

    /// The kind of a container of minisign.
    pub(crate) const fn from_tag(tag: [u8; 2]) -> Option<Self> {
        match &tag {
            b"Ed" => Some(Self::Minisign),
            b"Sl" => Some(Self::Link),
            b"Sr" => Some(Self::Reserve),
            b"Sd" => Some(Self::Seed),
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Minisign => "a minisign secret key",
            Self::Signify => "a signify secret key",
            Self::Link => "a sigpkg link key",
            Self::Reserve => "a sigpkg reserve key",
            Self::Seed => "a sigpkg seed",
        })
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

/// Bytes that were random once, read again where a key generator expects random bytes. It wants exactly as many as
/// there are; whatever is missing is zero, and the key that comes of it has another public half.
struct Replay<'a>(&'a [u8]);

impl TryRng for Replay<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        let (now, later) = self.0.split_at(bytes.len().min(self.0.len()));
        bytes.fill(0);
        bytes[..now.len()].copy_from_slice(now);
        self.0 = later;
        Ok(())
    }
}

impl TryCryptoRng for Replay<'_> {}

impl Drop for Stream {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests;
