//! Secret key files: the container of minisign, which sigpkg shares, and that of signify, which it can read.
//!
//! The container of minisign is two lines, an untrusted comment and the base64 of 158 bytes:
//!
//! | bytes   | meaning                                                                          |
//! |---------|----------------------------------------------------------------------------------|
//! | 0–1     | kind: `Ed`, `Sl`, `Sr` as in a public key, or `Sd` for a seed, see [`Kind`]        |
//! | 2–3     | key derivation: `Sc` for scrypt, or two zero bytes if nothing is encrypted        |
//! | 4–5     | checksum: `B2` for BLAKE2b-256                                                    |
//! | 6–37    | salt                                                                             |
//! | 38–45   | opslimit, little-endian, see [`Cost`]                                             |
//! | 46–53   | memlimit, little-endian                                                          |
//! | 54–61   | key id                                                                           |
//! | 62–125  | secret key: Ed25519 seed and public key; SLH-DSA secret key; seed and 32 zero bytes |
//! | 126–157 | checksum of bytes 0–1 and 54–125                                                  |
//!
//! The output of scrypt hides bytes 54–157, by exclusive or. An `Ed` file is a stock minisign secret key; stock tools
//! refuse the others, as they should.
//!
//! Source: spec/2-keys-and-signatures.md, SEC-1 to SEC-13; `SeckeyStruct` of minisign, `struct enckey` of signify.

use std::fmt;

use blake2::{Blake2b256, Digest as _};
use rand_core::CryptoRng;
use zeroize::{Zeroize as _, Zeroizing};

use super::kdf::{self, Cost, CostError};
use super::{Kind, SecretKey, Seed};
use crate::digest::Digest;
use crate::key::{Algorithm, COMMENT_PREFIX, KeyId, split_comment, tag_text};
use crate::rule::Rule;
use crate::text;

/// The container of minisign, in bytes.
pub(super) const CONTAINER: usize = 158;

/// The container of signify, in bytes.
pub(super) const SIGNIFY: usize = 104;

/// The part of the container that is encrypted: key id, secret key and checksum, in bytes.
const HIDDEN: usize = 104;

const SCRYPT: [u8; 2] = *b"Sc";
const PLAIN: [u8; 2] = [0, 0];
const BLAKE2B: [u8; 2] = *b"B2";

/// What a secret key file holds, decrypted.
///
/// ```
/// use sigpkg::key::Algorithm;
/// use sigpkg::secret::Seed;
/// use sigpkg::secret::file::{Protection, Secret, SecretFile, encode};
///
/// # let mut random = rand_core::UnwrapErr(getrandom::SysRng);
/// let key = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
/// let file = encode(&Secret::Key(key), Protection::Plain, "test key", &mut random)?;
/// match SecretFile::parse(&file)?.open(None)? {
///     Secret::Key(key) => assert_eq!(key.algorithm(), Algorithm::Ed25519),
///     Secret::Seed(_) => return Err("expected a key".into()),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub enum Secret {
    /// A key that signs.
    Key(SecretKey),
    /// The seed of a seeded chain.
    Seed(Seed),
}

/// How a secret key file is to be protected.
///
/// ```
/// use sigpkg::secret::file::Protection;
/// use sigpkg::secret::kdf::Cost;
///
/// let protection = Protection::Passphrase { passphrase: b"correct horse", cost: Cost::DEFAULT };
/// assert!(!format!("{protection:?}").contains("correct horse")); // a passphrase is never shown
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub enum Protection<'a> {
    /// Not at all: whoever has the file has the key.
    Plain,
    /// By a passphrase.
    Passphrase {
        /// The passphrase, without a LF at its end.
        passphrase: &'a [u8],
        /// How much work a guess is to cost.
        cost: Cost,
    },
}

/// A secret key file as read: what can be known without the passphrase. All of it is a claim until [`SecretFile::open`].
///
/// ```
/// use sigpkg::secret::Kind;
/// # use sigpkg::secret::{Seed, file::{Protection, Secret, SecretFile, encode}, kdf::Cost};
/// # let mut random = rand_core::UnwrapErr(getrandom::SysRng);
/// # let protection = Protection::Passphrase { passphrase: b"correct horse", cost: Cost::TEST };
/// # let file = encode(&Secret::Seed(Seed::from_bytes([7; 32])), protection, "test seed", &mut random)?;
/// let secret = SecretFile::parse(&file)?;
/// assert_eq!((secret.kind(), secret.is_encrypted()), (Kind::Seed, true));
/// let Secret::Seed(seed) = secret.open(Some(b"correct horse"))? else { return Err("expected a seed".into()) };
/// assert_eq!(seed.as_bytes(), &[7; 32]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SecretFile {
    kind: Kind,
    container: Container,
}

/// Why a text is no secret key file, or does not open.
///
/// ```
/// # use sigpkg::secret::{Seed, file::{Protection, Secret, SecretFile, SecretFileError, encode}, kdf::Cost};
/// # let mut random = rand_core::UnwrapErr(getrandom::SysRng);
/// # let protection = Protection::Passphrase { passphrase: b"correct horse", cost: Cost::TEST };
/// # let file = encode(&Secret::Seed(Seed::from_bytes([7; 32])), protection, "test seed", &mut random)?;
/// let secret = SecretFile::parse(&file)?;
/// assert_eq!(secret.open(None).unwrap_err(), SecretFileError::PassphraseMissing);
/// assert_eq!(secret.open(Some(b"battery staple")).unwrap_err(), SecretFileError::Passphrase);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretFileError {
    /// SEC-11: it is not two lines of which the first is an untrusted comment.
    #[error("a secret key file has {expected}, found {found}")]
    Form {
        /// The form of the part that is wrong, in words.
        expected: &'static str,
        /// What is there instead, in words.
        found: String,
    },
    /// SEC-11: the second line is not base64 of a secret key. It is not shown: it may still be most of one.
    #[error("expected {CONTAINER} or {SIGNIFY} bytes in base64, found another line")]
    Base64,
    /// SEC-12: a tag in the container is unknown.
    #[error("expected {what} {expected}, found {}", tag_text(*found))]
    Tag {
        /// What the tag is about.
        what: &'static str,
        /// The known ones.
        expected: &'static str,
        /// The two bytes that were offered.
        found: [u8; 2],
    },
    /// SEC-6: opening it would cost too much.
    #[error(transparent)]
    Cost(#[from] CostError),
    /// SEC-13: it is encrypted, and no passphrase was given.
    #[error("expected a passphrase for this secret key file, found none")]
    PassphraseMissing,
    /// SEC-13: nothing in it fits the passphrase. A file that is damaged all over looks the same.
    #[error("expected the passphrase of this secret key file, found another one, or the file is damaged")]
    Passphrase,
    /// SEC-7: it is damaged: it was not encrypted, or the passphrase was right.
    #[error("expected an intact secret key file, found one with {found}")]
    Damaged {
        /// What does not fit, in words.
        found: &'static str,
    },
    /// KEY-7: a key of sigpkg with a key id that is not derived.
    #[error("expected key id {expected}, which this secret key has by derivation, found {found}")]
    KeyId {
        /// What the key gives.
        expected: KeyId,
        /// What the file claims.
        found: KeyId,
    },
}

enum Container {
    Minisign(Box<Minisign>),
    Signify(Box<Signify>),
}

/// The 158 bytes, in parts.
struct Minisign {
    tag: [u8; 2],
    cost: Option<Cost>,
    salt: [u8; 32],
    hidden: Zeroizing<[u8; HIDDEN]>,
}

/// The 104 bytes, in parts.
struct Signify {
    rounds: u32,
    salt: [u8; 16],
    checksum: [u8; 8],
    key_id: KeyId,
    hidden: Zeroizing<[u8; 64]>,
}

/// Writes a secret key file: two lines. The comment is for people, and nothing depends on it; control characters in
/// it are left out.
///
/// ```
/// use rand_core::UnwrapErr;
/// use sigpkg::secret::Seed;
/// use sigpkg::secret::file::{Protection, Secret, SecretFile, encode};
/// use sigpkg::secret::kdf::Cost;
///
/// let secret = Secret::Seed(Seed::from_bytes([7; 32]));
/// // `Cost::DEFAULT` where it is not a test.
/// let protection = Protection::Passphrase { passphrase: b"correct horse", cost: Cost::TEST };
/// let file = encode(&secret, protection, "seed of Example", &mut UnwrapErr(getrandom::SysRng))?;
/// assert!(file.starts_with("untrusted comment: seed of Example\n"));
/// assert!(SecretFile::parse(&file)?.open(Some(b"correct horse")).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// - [`SecretFileError::Cost`] if the cost is above what [`SecretFile::open`] would spend.
pub fn encode(
    secret: &Secret,
    protection: Protection<'_>,
    comment: &str,
    random: &mut impl CryptoRng,
) -> Result<Zeroizing<String>, SecretFileError> {
    let mut bytes = plain(secret);
    let (head, hidden) = bytes.split_at_mut(CONTAINER - HIDDEN);
    match protection {
        Protection::Plain => {}
        Protection::Passphrase { passphrase, cost } => {
            let mut salt = [0; 32];
            random.fill_bytes(&mut salt);
            head[2..4].copy_from_slice(&SCRYPT);
            head[6..38].copy_from_slice(&salt);
            head[38..46].copy_from_slice(&cost.opslimit().to_le_bytes());
            head[46..54].copy_from_slice(&cost.memlimit().to_le_bytes());
            xor(hidden, cost.stream::<HIDDEN>(passphrase, &salt)?.as_slice());
        }
    }
    let line = Zeroizing::new(text::to_base64(bytes.as_slice()));
    Ok(two_lines(comment, &line))
}

/// The second line of the file of a secret that is not encrypted: 212 characters, which are the secret itself (KEEP-35).
///
/// ```
/// use sigpkg::secret::Seed;
/// use sigpkg::secret::file::{Secret, SecretFile, plain_line};
///
/// let line = plain_line(&Secret::Seed(Seed::from_bytes([7; 32])));
/// assert_eq!(line.len(), 212);
/// let file = SecretFile::parse(&format!("untrusted comment: scanned\n{}\n", *line))?;
/// assert!(matches!(file.open(None)?, Secret::Seed(seed) if seed.as_bytes() == &[7; 32]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn plain_line(secret: &Secret) -> Zeroizing<String> {
    Zeroizing::new(text::to_base64(plain(secret).as_slice()))
}

/// The digest that [`super::scan::Found::digest`] has for a secret that is not encrypted, in a file or on paper.
///
/// ```
/// # use sigpkg::secret::Seed;
/// use sigpkg::secret::file::{Secret, plain_digest};
/// use sigpkg::secret::{scan, words};
///
/// let seed = Secret::Seed(Seed::from_bytes([7; 32]));
/// let notes = format!("remember: {}", words::encode(&seed).ok_or("a seed has words")?.join(" "));
/// let found = scan::find(notes.as_bytes());
/// assert_eq!(found[0].digest, plain_digest(&seed), "the words of this seed are in the notes");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn plain_digest(secret: &Secret) -> Digest {
    Digest::of(plain(secret).as_slice())
}

impl SecretFile {
    /// Reads a secret key file of minisign, signify or sigpkg. Line ends of Windows and a missing last one are let
    /// pass: nothing rests on them, and a key is worth more than its line ends.
    ///
    /// ```
    /// use sigpkg::rule::Rule;
    /// use sigpkg::secret::file::SecretFile;
    ///
    /// let public = "untrusted comment: a public key\nRWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3\n";
    /// let error = SecretFile::parse(public).map(|_| ()).unwrap_err();
    /// assert_eq!(error.rule(), Rule::Sec11);
    /// ```
    ///
    /// # Errors
    ///
    /// The first of [`SecretFileError::Form`], [`SecretFileError::Base64`] and [`SecretFileError::Tag`].
    pub fn parse(file: &str) -> Result<Self, SecretFileError> {
        let bytes = Zeroizing::new(text::from_base64(key_line(file)?).ok_or(SecretFileError::Base64)?);
        if let Ok(bytes) = <&[u8; CONTAINER]>::try_from(bytes.as_slice()) {
            let (kind, minisign) = Minisign::read(bytes)?;
            Ok(Self { kind, container: Container::Minisign(Box::new(minisign)) })
        } else if let Ok(bytes) = <&[u8; SIGNIFY]>::try_from(bytes.as_slice()) {
            Ok(Self { kind: Kind::Signify, container: Container::Signify(Box::new(Signify::read(bytes)?)) })
        } else {
            Err(SecretFileError::Base64)
        }
    }

    /// What the file says it holds.
    ///
    /// ```
    /// # use sigpkg::key::Algorithm;
    /// # use sigpkg::secret::{Kind, Seed, file::{Protection, Secret, SecretFile, encode}};
    /// # let mut random = rand_core::UnwrapErr(getrandom::SysRng);
    /// # let key = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
    /// # let file = encode(&Secret::Key(key), Protection::Plain, "test key", &mut random)?;
    /// // An Ed25519 link key is a key file of minisign, which can sign if sigpkg ever cannot.
    /// assert_eq!(SecretFile::parse(&file)?.kind(), Kind::Minisign);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether a passphrase is needed to open it.
    ///
    /// ```
    /// # use sigpkg::secret::{Seed, file::{Protection, Secret, SecretFile, encode}};
    /// # let mut random = rand_core::UnwrapErr(getrandom::SysRng);
    /// # let file = encode(&Secret::Seed(Seed::from_bytes([7; 32])), Protection::Plain, "test seed", &mut random)?;
    /// // Asked before a passphrase is.
    /// assert!(!SecretFile::parse(&file)?.is_encrypted());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_encrypted(&self) -> bool {
        match &self.container {
            Container::Minisign(minisign) => minisign.cost.is_some(),
            Container::Signify(signify) => signify.rounds != 0,
        }
    }

    /// What opening it costs; `None` if it is not encrypted, or is signify's.
    ///
    /// ```
    /// # use sigpkg::secret::{Seed, file::{Protection, Secret, SecretFile, encode}, kdf::Cost};
    /// # let mut random = rand_core::UnwrapErr(getrandom::SysRng);
    /// # let protection = Protection::Passphrase { passphrase: b"correct horse", cost: Cost::TEST };
    /// # let file = encode(&Secret::Seed(Seed::from_bytes([7; 32])), protection, "test seed", &mut random)?;
    /// assert_eq!(SecretFile::parse(&file)?.cost().map(Cost::memory), Some(1 << 20));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn cost(&self) -> Option<Cost> {
        match &self.container {
            Container::Minisign(minisign) => minisign.cost,
            Container::Signify(_) => None,
        }
    }

    /// The key id, where it can be read without the passphrase: in plain files and in those of signify.
    ///
    /// ```
    /// # use sigpkg::secret::{Seed, file::{Protection, Secret, SecretFile, encode}, kdf::Cost};
    /// # let mut random = rand_core::UnwrapErr(getrandom::SysRng);
    /// # let secret = Secret::Seed(Seed::from_bytes([7; 32]));
    /// # let plain = encode(&secret, Protection::Plain, "test seed", &mut random)?;
    /// # let protection = Protection::Passphrase { passphrase: b"correct horse", cost: Cost::TEST };
    /// # let encrypted = encode(&secret, protection, "test seed", &mut random)?;
    /// assert_eq!(SecretFile::parse(&plain)?.claimed_key_id(), Some(Seed::from_bytes([7; 32]).id()));
    /// assert_eq!(SecretFile::parse(&encrypted)?.claimed_key_id(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn claimed_key_id(&self) -> Option<KeyId> {
        match &self.container {
            Container::Minisign(minisign) if minisign.cost.is_none() => Some(parts(&minisign.hidden).0),
            Container::Minisign(_) => None,
            Container::Signify(signify) => Some(signify.key_id),
        }
    }

    /// Opens the file. A passphrase for a file that needs none is not looked at.
    ///
    /// ```
    /// # use sigpkg::secret::{Seed, file::{Protection, Secret, SecretFile, SecretFileError, encode}, kdf::Cost};
    /// # let mut random = rand_core::UnwrapErr(getrandom::SysRng);
    /// # let protection = Protection::Passphrase { passphrase: b"correct horse", cost: Cost::TEST };
    /// # let file = encode(&Secret::Seed(Seed::from_bytes([7; 32])), protection, "test seed", &mut random)?;
    /// let secret = SecretFile::parse(&file)?;
    /// assert!(matches!(secret.open(Some(b"correct horse"))?, Secret::Seed(_)));
    /// assert_eq!(secret.open(Some(b"correct horse\n")).unwrap_err(), SecretFileError::Passphrase);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`SecretFileError::PassphraseMissing`] if it needs one.
    /// - [`SecretFileError::Cost`] if it asks for too much (SEC-6).
    /// - [`SecretFileError::Passphrase`] if nothing in it fits.
    /// - [`SecretFileError::Damaged`] if only some of it fits, or it was not encrypted.
    /// - [`SecretFileError::KeyId`] for an SLH-DSA key whose id is not derived.
    pub fn open(&self, passphrase: Option<&[u8]>) -> Result<Secret, SecretFileError> {
        match &self.container {
            Container::Minisign(minisign) => minisign.open(self.kind, passphrase),
            Container::Signify(signify) => signify.open(passphrase),
        }
    }
}

impl SecretFileError {
    /// The rule that the file breaks, or the passphrase.
    ///
    /// ```
    /// use sigpkg::rule::Rule;
    /// use sigpkg::secret::file::SecretFileError;
    ///
    /// assert_eq!(SecretFileError::Passphrase.rule(), Rule::Sec13);
    /// ```
    pub fn rule(&self) -> Rule {
        match self {
            Self::Form { .. } | Self::Base64 => Rule::Sec11,
            Self::Tag { .. } => Rule::Sec12,
            Self::Cost(_) => Rule::Sec6,
            Self::PassphraseMissing | Self::Passphrase => Rule::Sec13,
            Self::Damaged { .. } => Rule::Sec7,
            Self::KeyId { .. } => Rule::Key7,
        }
    }
}

impl Secret {
    /// The parts of the container: kind, key id and the 64 secret bytes.
    fn parts(&self) -> (Kind, KeyId, Zeroizing<[u8; 64]>) {
        match self {
            Self::Key(key) => {
                let kind = match key.algorithm() {
                    Algorithm::Ed25519 => Kind::Minisign,
                    Algorithm::SlhDsa => Kind::Link,
                    Algorithm::Reserve => Kind::Reserve,
                };
                (kind, key.key_id(), key.to_bytes())
            }
            Self::Seed(seed) => {
                let mut bytes = Zeroizing::new([0; 64]);
                bytes[..32].copy_from_slice(seed.as_bytes());
                (Kind::Seed, seed.id(), bytes)
            }
        }
    }
}

/// The container without encryption (SEC-1).
pub(super) fn plain(secret: &Secret) -> Zeroizing<[u8; CONTAINER]> {
    let (kind, key_id, material) = secret.parts();
    let tag = kind.tag();
    let mut bytes = Zeroizing::new([0; CONTAINER]);
    let (head, hidden) = bytes.split_at_mut(CONTAINER - HIDDEN);
    hidden[..8].copy_from_slice(key_id.as_bytes());
    hidden[8..72].copy_from_slice(material.as_slice());
    let checksum = checksum(tag, &hidden[..72]);
    hidden[72..].copy_from_slice(checksum.as_slice());
    head[..2].copy_from_slice(&tag);
    head[2..4].copy_from_slice(&PLAIN);
    head[4..6].copy_from_slice(&BLAKE2B);
    bytes
}

fn two_lines(comment: &str, line: &str) -> Zeroizing<String> {
    let comment: String = comment.chars().filter(|character| !character.is_control()).take(200).collect();
    // As long as it will be: growing would leave a copy behind.
    let mut file = Zeroizing::new(String::with_capacity(COMMENT_PREFIX.len() + comment.len() + line.len() + 2));
    for part in [COMMENT_PREFIX, &comment, "\n", line, "\n"] {
        file.push_str(part);
    }
    file
}

impl Minisign {
    fn read(bytes: &[u8; CONTAINER]) -> Result<(Kind, Self), SecretFileError> {
        let wrong = |what, expected, found| SecretFileError::Tag { what, expected, found };
        let tag = slice(bytes, 0);
        let kind = Kind::from_tag(tag).ok_or(wrong("a key of kind", "Ed, Sl, Sr or Sd", tag))?;
        let derivation = slice(bytes, 2);
        let cost = match derivation {
            SCRYPT => Some(Cost::claimed(u64::from_le_bytes(slice(bytes, 38)), u64::from_le_bytes(slice(bytes, 46)))),
            PLAIN => None,
            found => return Err(wrong("a key derivation", "Sc or none", found)),
        };
        match slice(bytes, 4) {
            BLAKE2B => {}
            found => return Err(wrong("a checksum of kind", "B2", found)),
        }
        Ok((kind, Self { tag, cost, salt: slice(bytes, 6), hidden: Zeroizing::new(slice(bytes, 54)) }))
    }

    fn open(&self, kind: Kind, passphrase: Option<&[u8]>) -> Result<Secret, SecretFileError> {
        let mut hidden = self.hidden.clone();
        if let Some(cost) = self.cost {
            cost.check()?;
            let passphrase = passphrase.ok_or(SecretFileError::PassphraseMissing)?;
            xor(hidden.as_mut(), cost.stream::<HIDDEN>(passphrase, &self.salt)?.as_slice());
        }
        let (key_id, material, found) = parts(&hidden);
        let expected = checksum(self.tag, &hidden[..72]);
        // minisign 0.11 leaves the checksum of a plain file empty.
        let intact = found == expected || (self.cost.is_none() && *found == [0; 32]);
        let secret = read_material(kind, key_id, &material);
        match (intact, secret) {
            (true, Some(secret)) => derived(kind, secret),
            (true, None) => Err(SecretFileError::Damaged { found: "two halves that do not belong together" }),
            (false, Some(_)) => Err(SecretFileError::Damaged { found: "a wrong checksum" }),
            (false, None) if self.cost.is_none() => Err(SecretFileError::Damaged { found: "a wrong checksum" }),
            (false, None) => Err(SecretFileError::Passphrase),
        }
    }
}

impl Signify {
    fn read(bytes: &[u8; SIGNIFY]) -> Result<Self, SecretFileError> {
        let wrong = |what, expected, found| SecretFileError::Tag { what, expected, found };
        match slice(bytes, 0) {
            [b'E', b'd'] => {}
            found => return Err(wrong("a signify key of kind", "Ed", found)),
        }
        match slice(bytes, 2) {
            [b'B', b'K'] => {}
            found => return Err(wrong("a key derivation", "BK", found)),
        }
        Ok(Self {
            rounds: u32::from_be_bytes(slice(bytes, 4)),
            salt: slice(bytes, 8),
            checksum: slice(bytes, 24),
            key_id: KeyId::from_bytes(slice(bytes, 32)),
            hidden: Zeroizing::new(slice(bytes, 40)),
        })
    }

    fn open(&self, passphrase: Option<&[u8]>) -> Result<Secret, SecretFileError> {
        let mut hidden = self.hidden.clone();
        if self.rounds != 0 {
            kdf::check_rounds(self.rounds)?;
            let passphrase = passphrase.ok_or(SecretFileError::PassphraseMissing)?;
            let stream = kdf::signify_stream(passphrase, &self.salt, self.rounds)?;
            xor(hidden.as_mut(), stream.ok_or(SecretFileError::Passphrase)?.as_slice());
        }
        let intact = ed25519_dalek::Sha512::digest(hidden.as_slice()).starts_with(&self.checksum);
        match (intact, read_material(Kind::Signify, self.key_id, &hidden)) {
            (true, Some(secret)) => Ok(secret),
            (true, None) => Err(SecretFileError::Damaged { found: "two halves that do not belong together" }),
            (false, Some(_)) => Err(SecretFileError::Damaged { found: "a wrong checksum" }),
            (false, None) if self.rounds == 0 => Err(SecretFileError::Damaged { found: "a wrong checksum" }),
            (false, None) => Err(SecretFileError::Passphrase),
        }
    }
}

impl fmt::Debug for SecretFile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SecretFile({:?}, {:?})", self.kind, self.cost())
    }
}

impl fmt::Debug for Protection<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain => out.write_str("Plain"),
            Self::Passphrase { cost, .. } => write!(out, "Passphrase({cost:?})"),
        }
    }
}

/// The line of base64, which may end as it likes.
fn key_line(file: &str) -> Result<&str, SecretFileError> {
    let file = file.strip_suffix('\n').unwrap_or(file);
    let file = file.strip_suffix('\r').unwrap_or(file);
    let form = |expected, found| SecretFileError::Form { expected, found };
    let (comment, line) = file.split_once('\n').ok_or_else(|| form("two lines", "one line".to_owned()))?;
    let comment = comment.strip_suffix('\r').unwrap_or(comment);
    split_comment(&format!("{comment}\n")).map_err(|(expected, found)| form(expected, found))?;
    if line.contains('\n') { Err(form("two lines", "more lines".to_owned())) } else { Ok(line) }
}

/// The hidden part, once it is plain: key id, secret key, checksum.
fn parts(hidden: &[u8; HIDDEN]) -> (KeyId, Zeroizing<[u8; 64]>, Zeroizing<[u8; 32]>) {
    (KeyId::from_bytes(slice(hidden, 0)), Zeroizing::new(slice(hidden, 8)), Zeroizing::new(slice(hidden, 72)))
}

/// The secret that these bytes are, if both halves belong together. A key whose public half is another one's must
/// never sign: its signatures give the secret half away.
fn read_material(kind: Kind, key_id: KeyId, bytes: &[u8; 64]) -> Option<Secret> {
    let algorithm = match kind {
        Kind::Minisign | Kind::Signify => Algorithm::Ed25519,
        Kind::Link => Algorithm::SlhDsa,
        Kind::Reserve => Algorithm::Reserve,
        Kind::Seed => {
            let (seed, zero) = bytes.split_first_chunk::<32>()?;
            let seed = Seed::from_bytes(*seed);
            return (zero == [0; 32] && seed.id() == key_id).then_some(Secret::Seed(seed));
        }
    };
    SecretKey::from_bytes(algorithm, key_id, bytes).map(Secret::Key)
}

/// SLH-DSA keys are keys of a chain or a reserve, so their key id is derived (KEY-7). An Ed25519 key may be anyone's.
fn derived(kind: Kind, secret: Secret) -> Result<Secret, SecretFileError> {
    match (kind, &secret) {
        (Kind::Link | Kind::Reserve, Secret::Key(key)) => {
            let (expected, found) = (KeyId::derived(&key.public_bytes()), key.key_id());
            if expected == found { Ok(secret) } else { Err(SecretFileError::KeyId { expected, found }) }
        }
        (Kind::Minisign | Kind::Signify | Kind::Seed | Kind::Link | Kind::Reserve, _) => Ok(secret),
    }
}

fn checksum(tag: [u8; 2], key_id_and_material: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut hash = Blake2b256::new();
    hash.update(tag);
    hash.update(key_id_and_material);
    let mut output = hash.finalize();
    let checksum = Zeroizing::new(output.into());
    output.as_mut_slice().zeroize();
    checksum
}

fn xor(bytes: &mut [u8], stream: &[u8]) {
    for (byte, with) in bytes.iter_mut().zip(stream) {
        *byte ^= with;
    }
}

/// `N` of the bytes, from `at`. Every caller names a place inside its array.
fn slice<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut part = [0; N];
    part.copy_from_slice(&bytes[at..at + N]);
    part
}

#[cfg(test)]
mod tests;
