//! Public keys: 42 bytes, 56 characters of base64, in the layout of signify and minisign.
//!
//! | bytes | meaning                                                        |
//! |-------|----------------------------------------------------------------|
//! | 0–1   | tag: what the key is for and its algorithm, see [`Algorithm`]   |
//! | 2–9   | key id as stored; stock tools print it in reverse, see [`KeyId`] |
//! | 10–41 | the key: an Ed25519 point (RFC 8032) or an SLH-DSA key (FIPS 205) |
//!
//! [`LinkKey`] and [`ReserveKey`] are keys of a chain, whose key id is derived from the key. [`PublicKey`] is any
//! Ed25519 key of the stock tools, with whatever key id it has; it never enters a chain.
//!
//! Source: spec/2-keys-and-signatures.md. The layout is `struct pubkey` of OpenBSD signify.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use ed25519_dalek::VerifyingKey;

use crate::rule::Rule;
use crate::text;

/// The length of a key in its text form, in characters (KEY-1).
pub const TEXT_LENGTH: usize = 56;

/// The length of a key with its tag and its key id, in bytes (KEY-1).
const LENGTH: usize = 42;

/// Longest comment line of a file in the manner of signify, in bytes and without its LF: what both stock tools hold
/// (`COMMENTMAXLEN` of signify and `COMMENTMAXBYTES` of minisign are 1024), less the LF and the NUL.
pub(crate) const COMMENT_LINE_MAX: usize = 1022;

/// How the first line of every key and signature file begins.
pub const COMMENT_PREFIX: &str = "untrusted comment: ";

/// What a key is for and the algorithm it uses (KEY-2).
///
/// ```
/// use sigpkg::key::{Algorithm, LinkKey};
///
/// let key = LinkKey::from_text("RWSSNVB5sQWFKKRXxPggk/Aq5Xv6wvk4xklCLao5Uih/rVqZXQjH792b")?;
/// assert_eq!(key.algorithm(), Algorithm::Ed25519);
/// assert_eq!(Algorithm::Reserve.to_string(), "reserve SLH-DSA");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// `Ed`: Ed25519 of RFC 8032, as the stock tools have it; in a chain, a link key.
    Ed25519,
    /// `Sl`: SLH-DSA-SHAKE-128s of FIPS 205, a link key.
    SlhDsa,
    /// `Sr`: SLH-DSA-SHAKE-128s of FIPS 205, a reserve key.
    Reserve,
}

/// The 8-byte key id, in the order in which it is stored. Displayed as minisign does: reversed, in upper-case
/// hexadecimal.
///
/// ```
/// use sigpkg::key::PublicKey;
///
/// // The key that signs minisign itself: its users know it by this id.
/// let key = PublicKey::from_text("RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3")?;
/// assert_eq!(key.key_id().to_string(), "E7620F1842B4E81F");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 8]);

/// An Ed25519 public key of the stock tools, with any key id. For `sig verify`; a chain has [`LinkKey`]s.
///
/// ```
/// use sigpkg::key::PublicKey;
///
/// let written = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
/// assert_eq!(PublicKey::from_text(written)?.to_string(), written);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey {
    key_id: KeyId,
    point: VerifyingKey,
}

/// A key that signs one statement of a chain. Its key id is the derived one (KEY-7), and an Ed25519 key is a canonical
/// point of large order (KEY-8 to KEY-10), held decompressed so that verifying does not have to do it again.
///
/// ```
/// use sigpkg::key::LinkKey;
///
/// let written = "RWSSNVB5sQWFKKRXxPggk/Aq5Xv6wvk4xklCLao5Uih/rVqZXQjH792b";
/// assert_eq!(LinkKey::from_text(written)?.to_string(), written);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct LinkKey {
    key_id: KeyId,
    material: Material,
}

/// A key of the reserve. Its key id is the derived one (KEY-7).
///
/// ```
/// use sigpkg::key::ReserveKey;
///
/// let written = "U3LB63e3ElmhKMEfvm3aoVfSADbjJ/x+9WVtlG2Y5SARHcZJMuNx2XWn";
/// assert_eq!(ReserveKey::from_text(written)?.to_string(), written);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReserveKey {
    bytes: [u8; 32],
    key_id: KeyId,
}

/// What a link key verifies with.
#[derive(Clone, Copy)]
pub(crate) enum Material {
    Ed25519(VerifyingKey),
    SlhDsa([u8; 32]),
}

/// Why a text is no key.
///
/// ```
/// use sigpkg::key::{KeyError, LinkKey};
///
/// let reserve = LinkKey::from_text("U3LB63e3ElmhKMEfvm3aoVfSADbjJ/x+9WVtlG2Y5SARHcZJMuNx2XWn").unwrap_err();
/// assert_eq!(reserve, KeyError::Tag { expected: "Ed or Sl", found: *b"Sr" });
/// assert_eq!(reserve.to_string(), "expected a key of kind Ed or Sl, found Sr");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// KEY-4.
    #[error("expected a key of {TEXT_LENGTH} characters, found {found} characters")]
    Length {
        /// The length of the text, in characters.
        found: usize,
    },
    /// KEY-5.
    #[error("expected a key in base64, found \"{}\"", text::printable(found))]
    Base64 {
        /// The text that was offered.
        found: String,
    },
    /// KEY-6.
    #[error("expected a key of kind {expected}, found {}", tag_text(*found))]
    Tag {
        /// The kinds that fit the place, in words.
        expected: &'static str,
        /// The two bytes that were offered.
        found: [u8; 2],
    },
    /// KEY-7.
    #[error("expected key id {expected}, which this key has by derivation, found {found}")]
    KeyId {
        /// What the key bytes give.
        expected: KeyId,
        /// What the text claims.
        found: KeyId,
    },
    /// KEY-8.
    #[error("expected a canonical Ed25519 point, found another spelling of one: {}", text::to_hex(bytes))]
    NotCanonical {
        /// The 32 key bytes.
        bytes: [u8; 32],
    },
    /// KEY-9.
    #[error("expected an Ed25519 point, found bytes of none: {}", text::to_hex(bytes))]
    NotAPoint {
        /// The 32 key bytes.
        bytes: [u8; 32],
    },
    /// KEY-10.
    #[error("expected an Ed25519 point of large order, found one of small order: {}", text::to_hex(bytes))]
    SmallOrder {
        /// The 32 key bytes.
        bytes: [u8; 32],
    },
    /// KEY-11.
    #[error("a public key file has {expected}, found {found}")]
    File {
        /// The form of the part that is wrong, in words.
        expected: &'static str,
        /// What is there instead, in words.
        found: String,
    },
}

impl Algorithm {
    /// The two bytes that begin a key or a signature.
    ///
    /// ```
    /// use sigpkg::key::Algorithm;
    ///
    /// assert_eq!(Algorithm::SlhDsa.tag(), *b"Sl");
    /// ```
    pub const fn tag(self) -> [u8; 2] {
        match self {
            Self::Ed25519 => *b"Ed",
            Self::SlhDsa => *b"Sl",
            Self::Reserve => *b"Sr",
        }
    }

    /// The algorithm of a tag; a tag of no key is `None`.
    ///
    /// ```
    /// use sigpkg::key::Algorithm;
    ///
    /// assert_eq!(Algorithm::from_tag(*b"Ed"), Some(Algorithm::Ed25519));
    /// assert_eq!(Algorithm::from_tag(*b"ED"), None); // of a prehashed signature, and of no key
    /// ```
    pub const fn from_tag(tag: [u8; 2]) -> Option<Self> {
        match &tag {
            b"Ed" => Some(Self::Ed25519),
            b"Sl" => Some(Self::SlhDsa),
            b"Sr" => Some(Self::Reserve),
            _ => None,
        }
    }

    /// The length of a signature, in bytes.
    ///
    /// ```
    /// use sigpkg::key::Algorithm;
    ///
    /// assert_eq!(Algorithm::Ed25519.signature_length(), 64);
    /// assert_eq!(Algorithm::Reserve.signature_length(), 7856);
    /// ```
    pub const fn signature_length(self) -> usize {
        match self {
            Self::Ed25519 => 64,
            Self::SlhDsa | Self::Reserve => 7856,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Ed25519 => "Ed25519",
            Self::SlhDsa => "SLH-DSA",
            Self::Reserve => "reserve SLH-DSA",
        })
    }
}

impl KeyId {
    /// The key id that a chain wants for these key bytes: the first 8 bytes of their BLAKE3 hash (KEY-3).
    ///
    /// ```
    /// use sigpkg::key::{KeyId, LinkKey};
    ///
    /// let key = LinkKey::from_text("RWSSNVB5sQWFKKRXxPggk/Aq5Xv6wvk4xklCLao5Uih/rVqZXQjH792b")?;
    /// assert_eq!(key.key_id(), KeyId::derived(key.as_bytes()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn derived(key: &[u8; 32]) -> Self {
        let mut id = [0; 8];
        blake3::Hasher::new().update(key).finalize_xof().fill(&mut id);
        Self(id)
    }

    /// A key id as it is stored.
    ///
    /// ```
    /// use sigpkg::key::KeyId;
    ///
    /// let id = KeyId::from_bytes([0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef]);
    /// assert_eq!(id.to_string(), "EFCDAB8967452301");
    /// ```
    pub const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// The 8 bytes as they are stored.
    ///
    /// ```
    /// use sigpkg::key::KeyId;
    ///
    /// assert_eq!(KeyId::from_bytes(*b"8 bytes!").as_bytes(), b"8 bytes!");
    /// ```
    pub const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:016X}", u64::from_le_bytes(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl PublicKey {
    /// Reads the 56 characters of a stock public key.
    ///
    /// ```
    /// use sigpkg::key::{KeyError, PublicKey};
    ///
    /// assert!(PublicKey::from_text("RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3").is_ok());
    /// assert_eq!(PublicKey::from_text("RWQf6LRCGA9i"), Err(KeyError::Length { found: 12 }));
    /// ```
    ///
    /// # Errors
    ///
    /// The first of [`KeyError::Length`], [`KeyError::Base64`], [`KeyError::Tag`], [`KeyError::NotCanonical`],
    /// [`KeyError::NotAPoint`] and [`KeyError::SmallOrder`] (KEY-4 to KEY-6, KEY-8 to KEY-10).
    pub fn from_text(written: &str) -> Result<Self, KeyError> {
        let (tag, key_id, bytes) = split(written)?;
        if Algorithm::from_tag(tag) != Some(Algorithm::Ed25519) {
            return Err(KeyError::Tag { expected: "Ed", found: tag });
        }
        Ok(Self { key_id, point: point(&bytes)? })
    }

    /// Reads a public key file of signify or minisign: a line beginning `untrusted comment: `, and the key.
    ///
    /// ```
    /// use sigpkg::key::PublicKey;
    ///
    /// let file = "untrusted comment: minisign public key E7620F1842B4E81F\n\
    ///             RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3\n";
    /// assert_eq!(PublicKey::from_file_text(file)?.key_id().to_string(), "E7620F1842B4E81F");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`KeyError::File`] if it is not those two lines (KEY-11).
    /// - Those of [`PublicKey::from_text`].
    pub fn from_file_text(file: &str) -> Result<Self, KeyError> {
        Self::from_text(key_line(file)?)
    }

    /// A key with the id that the stock tool gave it.
    ///
    /// ```
    /// use sigpkg::key::{KeyError, KeyId, PublicKey};
    ///
    /// let known = PublicKey::from_text("RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3")?;
    /// assert_eq!(PublicKey::new(known.key_id(), *known.as_bytes())?, known);
    ///
    /// let zero = PublicKey::new(KeyId::from_bytes([0; 8]), [0; 32]);
    /// assert!(matches!(zero, Err(KeyError::SmallOrder { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The first of [`KeyError::NotCanonical`], [`KeyError::NotAPoint`] and [`KeyError::SmallOrder`].
    pub fn new(key_id: KeyId, bytes: [u8; 32]) -> Result<Self, KeyError> {
        Ok(Self { key_id, point: point(&bytes)? })
    }

    /// The key id as stored, which a stock tool chose at random.
    ///
    /// ```
    /// use sigpkg::key::{KeyId, PublicKey};
    ///
    /// let key = PublicKey::from_text("RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3")?;
    /// assert_ne!(key.key_id(), KeyId::derived(key.as_bytes()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// The 32 key bytes.
    ///
    /// ```
    /// use sigpkg::key::PublicKey;
    ///
    /// let key = PublicKey::from_text("RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3")?;
    /// assert_eq!(key.as_bytes()[..3], [0x79, 0xa5, 0x61]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.point.as_bytes()
    }

    /// The point, decompressed.
    pub(crate) fn point(&self) -> &VerifyingKey {
        &self.point
    }

    /// A public key file that both stock tools read: two lines.
    ///
    /// ```
    /// use sigpkg::key::PublicKey;
    ///
    /// let key = PublicKey::from_text("RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3")?;
    /// assert_eq!(PublicKey::from_file_text(&key.to_file_text())?, key);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_file_text(&self) -> String {
        format!("{COMMENT_PREFIX}sigpkg public key {}\n{self}\n", self.key_id)
    }
}

impl LinkKey {
    /// Reads the 56 characters of a link key.
    ///
    /// ```
    /// use sigpkg::key::{KeyError, LinkKey};
    ///
    /// assert!(LinkKey::from_text("RWSSNVB5sQWFKKRXxPggk/Aq5Xv6wvk4xklCLao5Uih/rVqZXQjH792b").is_ok());
    ///
    /// // A key of minisign chose its key id at random: no chain takes it.
    /// let stock = LinkKey::from_text("RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3");
    /// assert!(matches!(stock, Err(KeyError::KeyId { .. })));
    /// ```
    ///
    /// # Errors
    ///
    /// The first of [`KeyError::Length`], [`KeyError::Base64`], [`KeyError::Tag`], [`KeyError::KeyId`],
    /// [`KeyError::NotCanonical`], [`KeyError::NotAPoint`] and [`KeyError::SmallOrder`] (KEY-4 to KEY-10).
    pub fn from_text(written: &str) -> Result<Self, KeyError> {
        let (tag, found, bytes) = split(written)?;
        let algorithm = match Algorithm::from_tag(tag) {
            Some(algorithm @ (Algorithm::Ed25519 | Algorithm::SlhDsa)) => algorithm,
            Some(Algorithm::Reserve) | None => {
                return Err(KeyError::Tag { expected: "Ed or Sl", found: tag });
            }
        };
        derived(found, &bytes)?;
        Self::new(algorithm, bytes)
    }

    /// Like [`LinkKey::from_text`]. If the text is that of `known`, which a chain repeats in each statement, the point
    /// is not decompressed again: it was introduced before, and that is when a key is checked.
    ///
    /// # Errors
    ///
    /// As [`LinkKey::from_text`].
    pub(crate) fn from_text_or_known(written: &str, known: Option<&Self>) -> Result<Self, KeyError> {
        let (tag, found, bytes) = split(written)?;
        match known {
            Some(known) if known.algorithm().tag() == tag && known.key_id() == found && *known.as_bytes() == bytes => {
                Ok(*known)
            }
            Some(_) | None => Self::from_text(written),
        }
    }

    /// A link key of these bytes, with the key id that is derived from them.
    ///
    /// ```
    /// use sigpkg::key::{Algorithm, KeyError, LinkKey};
    ///
    /// let key = LinkKey::new(Algorithm::SlhDsa, [7; 32])?;
    /// assert_eq!(LinkKey::from_text(&key.to_string())?, key);
    /// assert!(matches!(LinkKey::new(Algorithm::Ed25519, [0; 32]), Err(KeyError::SmallOrder { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`KeyError::Tag`] if the algorithm is not one of link keys.
    /// - [`KeyError::NotCanonical`], [`KeyError::NotAPoint`], [`KeyError::SmallOrder`] for Ed25519.
    pub fn new(algorithm: Algorithm, bytes: [u8; 32]) -> Result<Self, KeyError> {
        let material = match algorithm {
            Algorithm::Ed25519 => Material::Ed25519(point(&bytes)?),
            Algorithm::SlhDsa => Material::SlhDsa(bytes),
            Algorithm::Reserve => return Err(KeyError::Tag { expected: "Ed or Sl", found: algorithm.tag() }),
        };
        Ok(Self { key_id: KeyId::derived(&bytes), material })
    }

    /// The 32 key bytes.
    ///
    /// ```
    /// use sigpkg::key::{Algorithm, LinkKey};
    ///
    /// assert_eq!(LinkKey::new(Algorithm::SlhDsa, [7; 32])?.as_bytes(), &[7; 32]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn as_bytes(&self) -> &[u8; 32] {
        match &self.material {
            Material::Ed25519(point) => point.as_bytes(),
            Material::SlhDsa(bytes) => bytes,
        }
    }

    /// The algorithm that this key, and nothing in a signature, decides.
    ///
    /// ```
    /// use sigpkg::key::{Algorithm, LinkKey};
    ///
    /// assert_eq!(LinkKey::new(Algorithm::SlhDsa, [7; 32])?.algorithm(), Algorithm::SlhDsa);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn algorithm(&self) -> Algorithm {
        match self.material {
            Material::Ed25519(_) => Algorithm::Ed25519,
            Material::SlhDsa(_) => Algorithm::SlhDsa,
        }
    }

    /// The derived key id.
    ///
    /// ```
    /// use sigpkg::key::LinkKey;
    ///
    /// let key = LinkKey::from_text("RWSSNVB5sQWFKKRXxPggk/Aq5Xv6wvk4xklCLao5Uih/rVqZXQjH792b")?;
    /// assert_eq!(key.key_id().to_string(), "288505B179503592");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// An Ed25519 link key as the stock tools see it; an SLH-DSA key is nothing to them.
    ///
    /// ```
    /// use sigpkg::key::{Algorithm, LinkKey};
    ///
    /// // What `minisign -P` takes to check a release by hand.
    /// let key = LinkKey::from_text("RWSSNVB5sQWFKKRXxPggk/Aq5Xv6wvk4xklCLao5Uih/rVqZXQjH792b")?;
    /// assert_eq!(key.to_public_key().map(|stock| stock.to_string()), Some(key.to_string()));
    /// assert_eq!(LinkKey::new(Algorithm::SlhDsa, [7; 32])?.to_public_key(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_public_key(&self) -> Option<PublicKey> {
        match self.material {
            Material::Ed25519(point) => Some(PublicKey { key_id: self.key_id, point }),
            Material::SlhDsa(_) => None,
        }
    }

    pub(crate) fn material(&self) -> &Material {
        &self.material
    }
}

impl PartialEq for LinkKey {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for LinkKey {}

impl PartialOrd for LinkKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for LinkKey {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.algorithm(), self.as_bytes()).cmp(&(other.algorithm(), other.as_bytes()))
    }
}

impl Hash for LinkKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.algorithm(), self.as_bytes()).hash(state);
    }
}

impl ReserveKey {
    /// Reads the 56 characters of a reserve key.
    ///
    /// ```
    /// use sigpkg::key::{KeyError, ReserveKey};
    ///
    /// assert!(ReserveKey::from_text("U3LB63e3ElmhKMEfvm3aoVfSADbjJ/x+9WVtlG2Y5SARHcZJMuNx2XWn").is_ok());
    ///
    /// let link_key = "RWSSNVB5sQWFKKRXxPggk/Aq5Xv6wvk4xklCLao5Uih/rVqZXQjH792b";
    /// assert_eq!(ReserveKey::from_text(link_key), Err(KeyError::Tag { expected: "Sr", found: *b"Ed" }));
    /// ```
    ///
    /// # Errors
    ///
    /// The first of [`KeyError::Length`], [`KeyError::Base64`], [`KeyError::Tag`] and [`KeyError::KeyId`] (KEY-4 to
    /// KEY-7).
    pub fn from_text(written: &str) -> Result<Self, KeyError> {
        let (tag, found, bytes) = split(written)?;
        if Algorithm::from_tag(tag) != Some(Algorithm::Reserve) {
            return Err(KeyError::Tag { expected: "Sr", found: tag });
        }
        derived(found, &bytes)?;
        Ok(Self::new(bytes))
    }

    /// Reads a reserve key file: a line beginning `untrusted comment: `, and the key.
    ///
    /// ```
    /// use sigpkg::key::{KeyError, ReserveKey};
    ///
    /// let key = ReserveKey::new([7; 32]);
    /// assert_eq!(ReserveKey::from_file_text(&key.to_file_text())?, key);
    /// // The key alone is no file: without its comment nobody knows what it is.
    /// assert!(matches!(ReserveKey::from_file_text(&key.to_string()), Err(KeyError::File { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`KeyError::File`] if it is not those two lines (KEY-11).
    /// - Those of [`ReserveKey::from_text`].
    pub fn from_file_text(file: &str) -> Result<Self, KeyError> {
        Self::from_text(key_line(file)?)
    }

    /// A reserve key of these bytes, with the key id that is derived from them. Any 32 bytes are one (FIPS 205).
    ///
    /// ```
    /// use sigpkg::key::ReserveKey;
    ///
    /// let key = ReserveKey::new([7; 32]);
    /// assert_eq!(ReserveKey::from_text(&key.to_string())?, key);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(bytes: [u8; 32]) -> Self {
        Self { bytes, key_id: KeyId::derived(&bytes) }
    }

    /// The 32 key bytes.
    ///
    /// ```
    /// assert_eq!(sigpkg::key::ReserveKey::new([7; 32]).as_bytes(), &[7; 32]);
    /// ```
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// Always [`Algorithm::Reserve`].
    ///
    /// ```
    /// use sigpkg::key::{Algorithm, ReserveKey};
    ///
    /// assert_eq!(ReserveKey::new([7; 32]).algorithm(), Algorithm::Reserve);
    /// ```
    pub fn algorithm(&self) -> Algorithm {
        Algorithm::Reserve
    }

    /// The derived key id.
    ///
    /// ```
    /// use sigpkg::key::{KeyId, ReserveKey};
    ///
    /// assert_eq!(ReserveKey::new([7; 32]).key_id(), KeyId::derived(&[7; 32]));
    /// ```
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// A public key file for the reserve: two lines.
    ///
    /// ```
    /// use sigpkg::key::ReserveKey;
    ///
    /// let key = ReserveKey::new([7; 32]);
    /// let file = format!("untrusted comment: sigpkg reserve public key {}\n{key}\n", key.key_id());
    /// assert_eq!(key.to_file_text(), file);
    /// ```
    pub fn to_file_text(&self) -> String {
        format!("{COMMENT_PREFIX}sigpkg reserve public key {}\n{self}\n", self.key_id)
    }
}

impl KeyError {
    /// The rule that the key breaks.
    ///
    /// ```
    /// use sigpkg::key::LinkKey;
    /// use sigpkg::rule::Rule;
    ///
    /// assert_eq!(LinkKey::from_text("too short").unwrap_err().rule(), Rule::Key4);
    /// ```
    pub fn rule(&self) -> Rule {
        match self {
            Self::Length { .. } => Rule::Key4,
            Self::Base64 { .. } => Rule::Key5,
            Self::Tag { .. } => Rule::Key6,
            Self::KeyId { .. } => Rule::Key7,
            Self::NotCanonical { .. } => Rule::Key8,
            Self::NotAPoint { .. } => Rule::Key9,
            Self::SmallOrder { .. } => Rule::Key10,
            Self::File { .. } => Rule::Key11,
        }
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&joined(Algorithm::Ed25519, self.key_id, self.as_bytes()))
    }
}

impl fmt::Display for LinkKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&joined(self.algorithm(), self.key_id, self.as_bytes()))
    }
}

impl fmt::Display for ReserveKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&joined(Algorithm::Reserve, self.key_id, &self.bytes))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl fmt::Debug for LinkKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl fmt::Debug for ReserveKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// A tag as a message shows it: two letters, or its bytes where they are no letters.
pub(crate) fn tag_text(tag: [u8; 2]) -> String {
    if tag.iter().all(u8::is_ascii_alphanumeric) {
        tag.iter().map(|&byte| char::from(byte)).collect()
    } else {
        text::to_hex(&tag)
    }
}

/// The comment and the rest of a text whose first line is an untrusted comment; what is wrong, in words, otherwise.
pub(crate) fn split_comment(file: &str) -> Result<(&str, &str), (&'static str, String)> {
    const EXPECTED: &str = "a first line beginning \"untrusted comment: \"";
    let Some((line, rest)) = file.split_once('\n') else {
        return Err((EXPECTED, "no line that ends".to_owned()));
    };
    if line.len() > COMMENT_LINE_MAX {
        return Err(("a comment line of at most 1022 bytes", format!("{} bytes", line.len())));
    }
    if line.chars().any(|character| character.is_control() && character != '\t') {
        return Err(("a comment without control characters", format!("{:?}", text::printable(line))));
    }
    match line.strip_prefix(COMMENT_PREFIX) {
        Some(comment) => Ok((comment, rest)),
        None => Err((EXPECTED, format!("{:?}", text::printable(line)))),
    }
}

/// The second line of a key file, if that is its last one (KEY-11).
fn key_line(file: &str) -> Result<&str, KeyError> {
    let (_, rest) = split_comment(file).map_err(|(expected, found)| KeyError::File { expected, found })?;
    let wrong = |found: &str| KeyError::File { expected: "two lines, each with its LF", found: found.to_owned() };
    match rest.split_once('\n') {
        Some((line, "")) => Ok(line),
        Some((_, _)) => Err(wrong("more lines")),
        None if rest.is_empty() => Err(wrong("one line")),
        None => Err(wrong("no LF at the end")),
    }
}

/// Splits the text form of a key into tag, claimed key id and key bytes (KEY-1).
fn split(written: &str) -> Result<([u8; 2], KeyId, [u8; 32]), KeyError> {
    let found = written.chars().count();
    if found != TEXT_LENGTH {
        return Err(KeyError::Length { found });
    }
    let bytes = text::from_base64(written)
        .and_then(|bytes| <[u8; LENGTH]>::try_from(bytes).ok())
        .ok_or_else(|| KeyError::Base64 { found: written.to_owned() })?;
    // The patterns prove the lengths: 2 + 8 + 32 = 42.
    let [tag0, tag1, i0, i1, i2, i3, i4, i5, i6, i7, key @ ..] = bytes;
    Ok(([tag0, tag1], KeyId([i0, i1, i2, i3, i4, i5, i6, i7]), key))
}

fn joined(algorithm: Algorithm, key_id: KeyId, key: &[u8; 32]) -> String {
    let mut bytes = Vec::with_capacity(LENGTH);
    bytes.extend_from_slice(&algorithm.tag());
    bytes.extend_from_slice(&key_id.0);
    bytes.extend_from_slice(key);
    text::to_base64(&bytes)
}

fn derived(found: KeyId, key: &[u8; 32]) -> Result<(), KeyError> {
    let expected = KeyId::derived(key);
    if found == expected { Ok(()) } else { Err(KeyError::KeyId { expected, found }) }
}

/// A canonical point of large order (KEY-8 to KEY-10).
fn point(bytes: &[u8; 32]) -> Result<VerifyingKey, KeyError> {
    if !is_canonical(bytes) {
        return Err(KeyError::NotCanonical { bytes: *bytes });
    }
    let point = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::NotAPoint { bytes: *bytes })?;
    if point.is_weak() { Err(KeyError::SmallOrder { bytes: *bytes }) } else { Ok(point) }
}

/// Whether these bytes, if they are a point, are the one spelling of it (KEY-8): y below 2^255 - 19, and not the sign
/// of an x that is zero, which only y = 1 and y = -1 have. Decided on the bytes, because encoding the point again for
/// comparison costs a field inversion for every key of a chain.
fn is_canonical(bytes: &[u8; 32]) -> bool {
    const ONE: [u8; 32] = little_endian(0x01, 0x00, 0x00);
    const MINUS_ONE: [u8; 32] = little_endian(0xec, 0xff, 0x7f);
    const PRIME: [u8; 32] = little_endian(0xed, 0xff, 0x7f);
    let sign = bytes[31] >> 7 == 1;
    let mut y = *bytes;
    y[31] &= 0x7f;
    let below_prime = y.iter().rev().lt(PRIME.iter().rev());
    below_prime && !(sign && (y == ONE || y == MINUS_ONE))
}

/// A number of 32 bytes, least byte first: its first byte, thirty equal ones and its last.
const fn little_endian(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
}

#[cfg(test)]
mod tests;
