//! Signature files of the stock tools: four lines of minisign, two lines of signify.
//!
//! ```text
//! untrusted comment: whatever the signer wrote
//! RW…                                      base64 of Ed or ED, key id and signature
//! trusted comment: whatever the signer signed          } four lines: minisign
//! …                                        base64 of the global signature
//! ```
//!
//! The stock tools disagree about what they let pass: one takes a raised S, the other spare bits in base64, both take
//! more lines. This reader takes what all of them write, and nothing else (SIG-9 to SIG-14).
//!
//! The file beside a release is stricter still: see [`super::release`].

use std::fmt;

use blake2::{Blake2b512, Digest as _};

use super::block::beginning;
use super::verify;
use crate::key::{COMMENT_LINE_MAX, COMMENT_PREFIX, KeyId, PublicKey, split_comment, tag_text};
use crate::rule::Rule;
use crate::secret::SecretKey;
use crate::text;

/// How the third line of a minisign file begins.
pub const TRUSTED_PREFIX: &str = "trusted comment: ";

/// Longest trusted comment line, in bytes and without its LF: what minisign holds (`TRUSTEDCOMMENTMAXBYTES`), less
/// the LF and the NUL that it reads into the same 8192 bytes.
pub const TRUSTED_LINE_MAX: usize = 8190;

/// What was signed: the message, or its hash.
///
/// ```
/// use sigpkg::key::Algorithm;
/// use sigpkg::secret::Seed;
/// use sigpkg::signature::minisign::{self, Mode, Prehash, SignatureFile};
///
/// let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
/// let file = minisign::sign_prehashed(&secret, &Prehash::of(b"text"), "comment", "trusted")?;
/// assert_eq!(SignatureFile::parse(&file)?.claimed_mode(), Mode::Prehashed);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// `Ed`: Ed25519 over the message itself. minisign calls it legacy; signify knows no other.
    Pure,
    /// `ED`: Ed25519 over the BLAKE2b-512 hash of the message.
    Prehashed,
}

/// The BLAKE2b-512 hash of a message that is too long to hold.
///
/// ```
/// use sigpkg::key::Algorithm;
/// use sigpkg::secret::Seed;
/// use sigpkg::signature::minisign::{self, Prehash};
///
/// // Part by part, as a large file is read.
/// let mut hash = Prehash::default();
/// hash.update(b"te");
/// hash.update(b"xt");
/// let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
/// let file = minisign::sign_prehashed(&secret, &hash, "comment", "trusted")?;
/// assert_eq!(file, minisign::sign_prehashed(&secret, &Prehash::of(b"text"), "comment", "trusted")?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Prehash(Blake2b512);

/// A signature file as read. Everything in it is a claim until [`SignatureFile::verify`] says otherwise.
///
/// ```
/// use sigpkg::key::PublicKey;
/// use sigpkg::signature::minisign::SignatureFile;
///
/// # use sigpkg::{key::Algorithm, secret::Seed, signature::minisign};
/// # let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
/// # let file = minisign::sign(&secret, b"text", "signature from a test key", "timestamp:1767268800")?;
/// # let key = secret.public_key()?;
/// let signature = SignatureFile::parse(&file)?;
/// let verified = signature.verify(&key, b"text")?;
/// assert_eq!(verified.trusted_comment, Some("timestamp:1767268800"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureFile {
    claimed_mode: Mode,
    claimed_key_id: KeyId,
    signature: [u8; 64],
    comment: Option<TrustedComment>,
}

/// A signature file in the prehashed mode.
///
/// ```
/// use sigpkg::signature::minisign::{Prehash, SignatureFile};
///
/// # use sigpkg::{key::Algorithm, secret::Seed, signature::minisign};
/// # let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
/// # let file = minisign::sign_prehashed(&secret, &Prehash::of(b"a large file"), "comment", "trusted")?;
/// # let key = secret.public_key()?;
/// let signature = SignatureFile::parse(&file)?;
/// let prehashed = signature.as_prehashed().ok_or("it needs the whole message")?;
/// assert!(prehashed.verify(&key, &Prehash::of(b"a large file")).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct PrehashedFile<'file>(&'file SignatureFile);

/// The lower two lines of a minisign file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct TrustedComment {
    claimed_text: String,
    global: [u8; 64],
}

/// What a verified signature file vouches for besides the message.
///
/// ```
/// use sigpkg::signature::minisign::SignatureFile;
///
/// # use sigpkg::{key::Algorithm, secret::Seed, signature::minisign};
/// # let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
/// # let file = minisign::sign_two_lines(&secret, b"text", "verify with example.pub")?;
/// # let key = secret.public_key()?;
/// // signify's two lines hold a comment, but nobody signed it.
/// assert_eq!(SignatureFile::parse(&file)?.verify(&key, b"text")?.trusted_comment, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified<'file> {
    /// The trusted comment; a signify file has none.
    pub trusted_comment: Option<&'file str>,
}

/// Why a text is no signature file.
///
/// ```
/// use sigpkg::signature::minisign::{FileError, SignatureFile};
///
/// let error = SignatureFile::parse("untrusted comment: half a file\n").unwrap_err();
/// assert!(matches!(error, FileError::Lines { .. }));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// SIG-10: not two and not four lines.
    #[error("expected a signature file of two or four lines, each with its LF, found {found}")]
    Lines {
        /// What is there instead, in words.
        found: String,
    },
    /// SIG-10: a comment line does not begin as it must, or is too long.
    #[error("expected {expected}, found {found}")]
    Comment {
        /// The form of the line, in words.
        expected: &'static str,
        /// What is there instead, in words.
        found: String,
    },
    /// SIG-11: a control character that could hide the rest of a trusted comment, for instance a CR.
    #[error("expected a trusted comment without control characters, found \"{}\"", text::printable(found))]
    Control {
        /// The trusted comment, at most its first 80 characters.
        found: String,
    },
    /// SIG-10: a line of base64 is not that, or not of the right length.
    #[error("expected {expected} bytes in base64, found \"{}\"", text::printable(found))]
    Base64 {
        /// How many bytes the line has to hold.
        expected: usize,
        /// The line, at most its first 80 characters.
        found: String,
    },
    /// SIG-12: the tag is neither `Ed` nor `ED`, or `ED` in a file of two lines.
    #[error("expected a signature tagged {expected}, found {}", tag_text(*found))]
    Tag {
        /// The tags that fit, in words.
        expected: &'static str,
        /// The two bytes that were offered.
        found: [u8; 2],
    },
}

/// Why a signature file does not vouch for a message.
///
/// ```
/// use sigpkg::key::Algorithm;
/// use sigpkg::secret::Seed;
/// use sigpkg::signature::minisign::{self, SignatureFile, StockError};
///
/// let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
/// let file = minisign::sign(&secret, b"text", "comment", "trusted")?.replace("trusted\n", "forged\n");
/// let error = SignatureFile::parse(&file)?.verify(&secret.public_key()?, b"text").unwrap_err();
/// assert_eq!(error, StockError::Global { key_id: secret.key_id() });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StockError {
    /// SIG-7.
    #[error("expected a signature by key {expected}, found one by key {found}")]
    KeyId {
        /// The id of the key.
        expected: KeyId,
        /// What the file claims.
        found: KeyId,
    },
    /// SIG-8.
    #[error("expected a signature of this text by key {key_id}, found one that does not verify")]
    Invalid {
        /// The id of the key.
        key_id: KeyId,
    },
    /// SIG-13.
    #[error("expected a trusted comment signed by key {key_id}, found one whose signature does not verify")]
    Global {
        /// The id of the key.
        key_id: KeyId,
    },
}

/// Why a signature file cannot be made.
///
/// ```
/// use sigpkg::key::Algorithm;
/// use sigpkg::secret::Seed;
/// use sigpkg::signature::minisign::{self, SignError};
///
/// let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
/// let error = minisign::sign(&secret, b"text", "comment", "two\nlines").unwrap_err();
/// assert!(matches!(error, SignError::Comment { .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The stock tools know Ed25519 alone.
    #[error("expected an Ed25519 key, found a key for {found}")]
    Algorithm {
        /// What the key is for.
        found: crate::key::Algorithm,
    },
    /// The comment would not fit, or would not stay on its line.
    #[error(
        "expected a comment of at most {limit} bytes without control characters, found \"{}\"",
        text::printable(found)
    )]
    Comment {
        /// The limit, in bytes.
        limit: usize,
        /// The comment, at most its first 80 characters.
        found: String,
    },
}

impl SignatureFile {
    /// Reads a signature file.
    ///
    /// ```
    /// use sigpkg::rule::Rule;
    /// use sigpkg::signature::minisign::SignatureFile;
    ///
    /// # use sigpkg::{key::Algorithm, secret::Seed, signature::minisign};
    /// # let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
    /// # let file = minisign::sign(&secret, b"text", "comment", "trusted")?;
    /// assert!(SignatureFile::parse(&file).is_ok());
    /// // Both stock tools let another line pass at the end.
    /// assert_eq!(SignatureFile::parse(&format!("{file}more\n")).unwrap_err().rule(), Rule::Sig10);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The first of [`FileError`], from the first line to the last.
    pub fn parse(file: &str) -> Result<Self, FileError> {
        let (_, rest) = split_comment(file).map_err(|(expected, found)| FileError::Comment { expected, found })?;
        let lines = Lines::split(rest)?;
        let [tag0, tag1, i0, i1, i2, i3, i4, i5, i6, i7, signature @ ..] = base64::<74>(lines.signature)?;
        let claimed_mode = match (&[tag0, tag1], &lines.trusted) {
            (b"Ed", _) => Mode::Pure,
            (b"ED", Some(_)) => Mode::Prehashed,
            (_, Some(_)) => return Err(FileError::Tag { expected: "Ed or ED", found: [tag0, tag1] }),
            (_, None) => return Err(FileError::Tag { expected: "Ed", found: [tag0, tag1] }),
        };
        let comment = match lines.trusted {
            Some((comment, global)) => Some(TrustedComment::read(comment, global)?),
            None => None,
        };
        let claimed_key_id = KeyId::from_bytes([i0, i1, i2, i3, i4, i5, i6, i7]);
        Ok(Self { claimed_mode, claimed_key_id, signature, comment })
    }

    /// Whether the signature is one of the message or of its hash: what has to be read to check it.
    ///
    /// ```
    /// use sigpkg::signature::minisign::{Mode, SignatureFile};
    ///
    /// # use sigpkg::{key::Algorithm, secret::Seed, signature::minisign};
    /// # let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
    /// # let file = minisign::sign(&secret, b"text", "comment", "trusted")?;
    /// assert_eq!(SignatureFile::parse(&file)?.claimed_mode(), Mode::Pure); // the message is needed whole
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn claimed_mode(&self) -> Mode {
        self.claimed_mode
    }

    /// Which key the file names: good for finding it, worth nothing until verified.
    ///
    /// ```
    /// use sigpkg::signature::minisign::SignatureFile;
    ///
    /// # use sigpkg::{key::Algorithm, secret::Seed, signature::minisign};
    /// # let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
    /// # let file = minisign::sign(&secret, b"text", "comment", "trusted")?;
    /// # let keys = [secret.public_key()?];
    /// let signature = SignatureFile::parse(&file)?;
    /// let key = keys.iter().find(|key| key.key_id() == signature.claimed_key_id()).ok_or("no such key")?;
    /// assert!(signature.verify(key, b"text").is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn claimed_key_id(&self) -> KeyId {
        self.claimed_key_id
    }

    /// Checks the file whole: the signature, and where there is a trusted comment its signature too. Only then can
    /// the trusted comment be had.
    ///
    /// A signature that was relabelled between `Ed` and `ED` is one of other bytes and does not verify.
    ///
    /// ```
    /// use sigpkg::rule::Rule;
    /// use sigpkg::signature::minisign::SignatureFile;
    ///
    /// # use sigpkg::{key::Algorithm, secret::Seed, signature::minisign};
    /// # let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
    /// # let file = minisign::sign(&secret, b"text", "comment", "trusted")?;
    /// # let key = secret.public_key()?;
    /// let signature = SignatureFile::parse(&file)?;
    /// assert_eq!(signature.verify(&key, b"text")?.trusted_comment, Some("trusted"));
    /// assert_eq!(signature.verify(&key, b"test").unwrap_err().rule(), Rule::Sig8);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The first of [`StockError::KeyId`], [`StockError::Invalid`] and [`StockError::Global`] (SIG-7, SIG-8, SIG-13).
    pub fn verify(&self, key: &PublicKey, message: &[u8]) -> Result<Verified<'_>, StockError> {
        match self.claimed_mode {
            Mode::Pure => self.verify_signed(key, message),
            Mode::Prehashed => self.verify_signed(key, &Prehash::of(message).finish()),
        }
    }

    /// The same file, to be checked by the hash of a message that is too long to hold; `None` if it needs the message.
    ///
    /// ```
    /// use sigpkg::signature::minisign::SignatureFile;
    ///
    /// # use sigpkg::{key::Algorithm, secret::Seed, signature::minisign};
    /// # let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
    /// # let pure = minisign::sign(&secret, b"text", "comment", "trusted")?;
    /// assert!(SignatureFile::parse(&pure)?.as_prehashed().is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn as_prehashed(&self) -> Option<PrehashedFile<'_>> {
        match self.claimed_mode {
            Mode::Pure => None,
            Mode::Prehashed => Some(PrehashedFile(self)),
        }
    }

    /// Checks the file against the bytes that Ed25519 has to see.
    fn verify_signed(&self, key: &PublicKey, signed: &[u8]) -> Result<Verified<'_>, StockError> {
        let key_id = key.key_id();
        if self.claimed_key_id != key_id {
            return Err(StockError::KeyId { expected: key_id, found: self.claimed_key_id });
        }
        if !verify::ed25519(key.point(), signed, &self.signature) {
            return Err(StockError::Invalid { key_id });
        }
        let Some(comment) = &self.comment else {
            return Ok(Verified { trusted_comment: None });
        };
        if verify::ed25519(key.point(), &global_message(&self.signature, &comment.claimed_text), &comment.global) {
            Ok(Verified { trusted_comment: Some(&comment.claimed_text) })
        } else {
            Err(StockError::Global { key_id })
        }
    }

    /// The signature itself, unverified.
    pub(super) fn signature(&self) -> &[u8; 64] {
        &self.signature
    }

    /// The trusted comment, unverified.
    pub(super) fn claimed_trusted_comment(&self) -> Option<&str> {
        self.comment.as_ref().map(|comment| comment.claimed_text.as_str())
    }
}

impl<'file> PrehashedFile<'file> {
    /// Checks the file whole, as [`SignatureFile::verify`] does.
    ///
    /// ```
    /// use sigpkg::signature::minisign::{Prehash, SignatureFile};
    ///
    /// # use sigpkg::{key::Algorithm, secret::Seed, signature::minisign};
    /// # let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
    /// # let file = minisign::sign_prehashed(&secret, &Prehash::of(b"a large file"), "comment", "trusted")?;
    /// # let key = secret.public_key()?;
    /// let signature = SignatureFile::parse(&file)?;
    /// let prehashed = signature.as_prehashed().ok_or("it needs the whole message")?;
    /// assert!(prehashed.verify(&key, &Prehash::of(b"a large file")).is_ok());
    /// assert!(prehashed.verify(&key, &Prehash::of(b"a larger file")).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`SignatureFile::verify`].
    pub fn verify(self, key: &PublicKey, hash: &Prehash) -> Result<Verified<'file>, StockError> {
        self.0.verify_signed(key, &hash.finish())
    }
}

/// Signs in the four lines of minisign, pure: what `minisign -S -l` does.
///
/// ```
/// use sigpkg::key::Algorithm;
/// use sigpkg::secret::Seed;
/// use sigpkg::signature::minisign::{self, SignatureFile};
///
/// let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
/// let file = minisign::sign(&secret, b"text", "signature of text", "file:text")?;
/// assert!(SignatureFile::parse(&file)?.verify(&secret.public_key()?, b"text").is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// - [`SignError::Algorithm`] for an SLH-DSA key.
/// - [`SignError::Comment`] if a comment has control characters or is too long for the stock tools.
pub fn sign(secret: &SecretKey, message: &[u8], comment: &str, trusted_comment: &str) -> Result<String, SignError> {
    four_lines(secret, Mode::Pure, message, comment, trusted_comment)
}

/// Signs the hash of a message in the four lines of minisign: what `minisign -S` does.
///
/// ```
/// use sigpkg::key::Algorithm;
/// use sigpkg::secret::Seed;
/// use sigpkg::signature::minisign::{self, Prehash, SignatureFile};
///
/// let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
/// let file = minisign::sign_prehashed(&secret, &Prehash::of(b"text"), "signature of text", "file:text")?;
/// assert!(SignatureFile::parse(&file)?.verify(&secret.public_key()?, b"text").is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Those of [`sign`].
pub fn sign_prehashed(
    secret: &SecretKey,
    hash: &Prehash,
    comment: &str,
    trusted_comment: &str,
) -> Result<String, SignError> {
    four_lines(secret, Mode::Prehashed, &hash.finish(), comment, trusted_comment)
}

/// Signs in the two lines of signify: what `signify -S` does.
///
/// ```
/// use sigpkg::key::Algorithm;
/// use sigpkg::secret::Seed;
/// use sigpkg::signature::minisign;
///
/// let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
/// let file = minisign::sign_two_lines(&secret, b"text", "verify with example.pub")?;
/// assert!(file.starts_with("untrusted comment: verify with example.pub\nRW"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Those of [`sign`].
pub fn sign_two_lines(secret: &SecretKey, message: &[u8], comment: &str) -> Result<String, SignError> {
    two_lines(secret, Mode::Pure, message, comment).map(|(_, file)| file)
}

impl Prehash {
    /// The hash of a whole message.
    ///
    /// ```
    /// use sigpkg::signature::minisign::{Prehash, SignatureFile};
    ///
    /// # use sigpkg::{key::Algorithm, secret::Seed, signature::minisign};
    /// # let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
    /// # let key = secret.public_key()?;
    /// let file = minisign::sign_prehashed(&secret, &Prehash::of(b"text"), "comment", "trusted")?;
    /// assert!(SignatureFile::parse(&file)?.verify(&key, b"text").is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of(message: &[u8]) -> Self {
        let mut hash = Self::default();
        hash.update(message);
        hash
    }

    /// Takes in the next part of the message.
    ///
    /// ```
    /// use sigpkg::signature::minisign::{Prehash, SignatureFile};
    ///
    /// # use sigpkg::{key::Algorithm, secret::Seed, signature::minisign};
    /// # let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
    /// # let key = secret.public_key()?;
    /// let mut hash = Prehash::default();
    /// for part in ["one\n", "two\n"] {
    ///     hash.update(part.as_bytes());
    /// }
    /// let file = minisign::sign_prehashed(&secret, &hash, "comment", "trusted")?;
    /// assert!(SignatureFile::parse(&file)?.verify(&key, b"one\ntwo\n").is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn update(&mut self, part: &[u8]) {
        self.0.update(part);
    }

    fn finish(&self) -> [u8; 64] {
        self.0.clone().finalize().into()
    }
}

impl fmt::Debug for Prehash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Prehash")
    }
}

impl FileError {
    /// The rule that the file breaks.
    ///
    /// ```
    /// use sigpkg::rule::Rule;
    /// use sigpkg::signature::minisign::SignatureFile;
    ///
    /// assert_eq!(SignatureFile::parse("").unwrap_err().rule(), Rule::Sig10);
    /// ```
    pub fn rule(&self) -> Rule {
        match self {
            Self::Lines { .. } | Self::Comment { .. } | Self::Base64 { .. } => Rule::Sig10,
            Self::Control { .. } => Rule::Sig11,
            Self::Tag { .. } => Rule::Sig12,
        }
    }
}

impl StockError {
    /// The rule that the file breaks.
    ///
    /// ```
    /// use sigpkg::key::KeyId;
    /// use sigpkg::rule::Rule;
    /// use sigpkg::signature::minisign::StockError;
    ///
    /// assert_eq!(StockError::Global { key_id: KeyId::from_bytes([7; 8]) }.rule(), Rule::Sig13);
    /// ```
    pub fn rule(&self) -> Rule {
        match self {
            Self::KeyId { .. } => Rule::Sig7,
            Self::Invalid { .. } => Rule::Sig8,
            Self::Global { .. } => Rule::Sig13,
        }
    }
}

/// The lines after the untrusted comment.
struct Lines<'a> {
    signature: &'a str,
    trusted: Option<(&'a str, &'a str)>,
}

impl<'a> Lines<'a> {
    fn split(rest: &'a str) -> Result<Self, FileError> {
        let found = |found: &str| FileError::Lines { found: found.to_owned() };
        let Some(rest) = rest.strip_suffix('\n') else {
            return Err(found(if rest.is_empty() { "one line" } else { "no LF at the end" }));
        };
        let mut lines = rest.split('\n');
        match (lines.next(), lines.next(), lines.next(), lines.next()) {
            (Some(signature), None, _, _) => Ok(Self { signature, trusted: None }),
            (Some(signature), Some(comment), Some(global), None) => {
                Ok(Self { signature, trusted: Some((comment, global)) })
            }
            (Some(_), Some(_), None, _) => Err(found("three lines")),
            _ => Err(found("more than four lines")),
        }
    }
}

impl TrustedComment {
    fn read(line: &str, global: &str) -> Result<Self, FileError> {
        let wrong = |expected, found| FileError::Comment { expected, found };
        let Some(comment) = line.strip_prefix(TRUSTED_PREFIX) else {
            let found = format!("{:?}", text::printable(&beginning(line)));
            return Err(wrong("a third line beginning \"trusted comment: \"", found));
        };
        if line.len() > TRUSTED_LINE_MAX {
            return Err(wrong("a trusted comment line of at most 8190 bytes", format!("{} bytes", line.len())));
        }
        if comment.chars().any(is_refused) {
            return Err(FileError::Control { found: beginning(comment) });
        }
        Ok(Self { claimed_text: comment.to_owned(), global: base64(global)? })
    }
}

/// What no comment may have. minisign itself separates the parts of its trusted comment by tabs.
fn is_refused(character: char) -> bool {
    character.is_control() && character != '\t'
}

fn base64<const N: usize>(line: &str) -> Result<[u8; N], FileError> {
    text::from_base64(line)
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| FileError::Base64 { expected: N, found: beginning(line) })
}

/// What the global signature signs: the 64 bytes of the signature, then the trusted comment (SIG-9).
fn global_message(signature: &[u8; 64], trusted_comment: &str) -> Vec<u8> {
    [signature.as_slice(), trusted_comment.as_bytes()].concat()
}

fn four_lines(
    secret: &SecretKey,
    mode: Mode,
    signed: &[u8],
    comment: &str,
    trusted_comment: &str,
) -> Result<String, SignError> {
    fits(trusted_comment, TRUSTED_LINE_MAX - TRUSTED_PREFIX.len())?;
    let (signature, mut file) = two_lines(secret, mode, signed, comment)?;
    let global = ed25519(secret, &global_message(&signature, trusted_comment))?;
    file.push_str(TRUSTED_PREFIX);
    file.push_str(trusted_comment);
    file.push('\n');
    file.push_str(&text::to_base64(&global));
    file.push('\n');
    Ok(file)
}

fn two_lines(secret: &SecretKey, mode: Mode, signed: &[u8], comment: &str) -> Result<([u8; 64], String), SignError> {
    fits(comment, COMMENT_LINE_MAX - COMMENT_PREFIX.len())?;
    let signature = ed25519(secret, signed)?;
    let tag: &[u8; 2] = match mode {
        Mode::Pure => b"Ed",
        Mode::Prehashed => b"ED",
    };
    let line = text::to_base64(&[tag.as_slice(), secret.key_id().as_bytes(), &signature].concat());
    Ok((signature, format!("{COMMENT_PREFIX}{comment}\n{line}\n")))
}

fn ed25519(secret: &SecretKey, message: &[u8]) -> Result<[u8; 64], SignError> {
    let wrong = || SignError::Algorithm { found: secret.algorithm() };
    // Asked first: an SLH-DSA signature takes seconds, and would be thrown away.
    secret.public_key().map_err(|_| wrong())?;
    secret.sign(message).as_bytes().try_into().map_err(|_| wrong())
}

fn fits(comment: &str, limit: usize) -> Result<(), SignError> {
    if comment.len() <= limit && !comment.chars().any(is_refused) {
        Ok(())
    } else {
        Err(SignError::Comment { limit, found: beginning(comment) })
    }
}
