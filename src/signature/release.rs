//! The signature file beside a release, `release.toml.minisig`: four lines of minisign, every byte of which is fixed
//! or signed (SIG-15).
//!
//! ```text
//! untrusted comment: sigpkg signature
//! RW…                                      base64 of Ed, key id and signature of the statement
//! trusted comment: sigpkg <signatory id> <seq>
//! …                                        base64 of the global signature
//! ```

use super::block;
use super::minisign::{self, FileError, Mode, SignError, SignatureFile, StockError};
use crate::key::{Algorithm, COMMENT_PREFIX, LinkKey, PublicKey};
use crate::rule::Rule;
use crate::secret::SecretKey;
use crate::text;

/// The signature file beside a release, as read and not verified.
///
/// ```
/// use sigpkg::key::Algorithm;
/// use sigpkg::secret::Seed;
/// use sigpkg::signature::release::{self, ReleaseSignature};
///
/// let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 2)?;
/// let comment = release::trusted_comment(sigpkg::example::ID, 2);
/// let file = release::sign(&secret, b"the statement", &comment)?;
/// let signature = ReleaseSignature::parse(&file, &comment)?;
/// assert_eq!(signature.verify(&secret.link_key()?, b"the statement"), Ok(()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseSignature {
    text: String,
    file: SignatureFile,
}

/// Why a signature file does not vouch for the release beside it.
///
/// ```
/// use sigpkg::key::Algorithm;
/// use sigpkg::secret::Seed;
/// use sigpkg::signature::release::{self, ReleaseSignature, ReleaseSignatureError};
///
/// let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 2)?;
/// let file = release::sign(&secret, b"the statement", "sigpkg someone 2")?;
/// // The file of another release: its trusted comment is not the one expected here.
/// let error = ReleaseSignature::parse(&file, "sigpkg someone 3").unwrap_err();
/// assert!(matches!(error, ReleaseSignatureError::Line { .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseSignatureError {
    /// It is no signature file at all (SIG-10 to SIG-12).
    #[error(transparent)]
    File(#[from] FileError),
    /// SIG-15: a line that the specification fixes reads otherwise.
    #[error("expected the line \"{expected}\", found \"{}\"", text::printable(found))]
    Line {
        /// The line as it must be.
        expected: String,
        /// The line that was offered, at most its first 200 characters.
        found: String,
    },
    /// SIG-15: the prehashed mode, or the two lines of signify.
    #[error("expected four lines in the pure mode Ed, found {found}")]
    Mode {
        /// What is there instead, in words.
        found: &'static str,
    },
    /// The key of the statement is an SLH-DSA key, and such a release has no signature file (SIG-15).
    #[error("expected no signature file beside a release signed by an {found} key, found one")]
    Algorithm {
        /// The algorithm of the key.
        found: Algorithm,
    },
    /// It is not signed by the key (SIG-7, SIG-8, SIG-13).
    #[error(transparent)]
    Signature(#[from] StockError),
    /// VER-6: this verifier accepts, the independent one does not.
    #[error("expected two verifiers to agree, found that minisign-verify refuses what sigpkg accepts: {reason}")]
    SecondOpinion {
        /// What the other one says.
        reason: String,
    },
}

/// The trusted comment of a release: `sigpkg`, the signatory id and the seq. It helps whoever looks at the file; no
/// verdict rests on it.
///
/// ```
/// use sigpkg::example;
/// use sigpkg::signature::release;
///
/// assert_eq!(release::trusted_comment(example::ID, 42), format!("sigpkg {} 42", example::ID));
/// ```
pub fn trusted_comment(signatory: &str, seq: u64) -> String {
    format!("sigpkg {signatory} {seq}")
}

/// Signs a release statement for the stock tools.
///
/// ```
/// use sigpkg::key::Algorithm;
/// use sigpkg::secret::Seed;
/// use sigpkg::signature::release;
///
/// let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 2)?;
/// let file = release::sign(&secret, b"the statement", "sigpkg someone 2")?;
/// assert_eq!(file.lines().count(), 4);
/// assert_eq!(file.lines().nth(2), Some("trusted comment: sigpkg someone 2"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// - [`SignError::Algorithm`] for an SLH-DSA key: such a release has no signature file.
/// - [`SignError::Comment`] if the trusted comment has control characters or is too long.
pub fn sign(secret: &SecretKey, statement: &[u8], trusted_comment: &str) -> Result<String, SignError> {
    minisign::sign(secret, statement, fixed_comment(), trusted_comment)
}

impl ReleaseSignature {
    /// Reads the file beside a release whose statement gives this [`trusted_comment`].
    ///
    /// ```
    /// use sigpkg::key::Algorithm;
    /// use sigpkg::rule::Rule;
    /// use sigpkg::secret::Seed;
    /// use sigpkg::signature::release::{self, ReleaseSignature};
    ///
    /// let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 2)?;
    /// let file = release::sign(&secret, b"the statement", "sigpkg someone 2")?;
    /// assert!(ReleaseSignature::parse(&file, "sigpkg someone 2").is_ok());
    /// let more = format!("{file}\n");
    /// assert_eq!(ReleaseSignature::parse(&more, "sigpkg someone 2").unwrap_err().rule(), Rule::Sig10);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`ReleaseSignatureError::File`] if it is no signature file (SIG-10 to SIG-12).
    /// - [`ReleaseSignatureError::Mode`], [`ReleaseSignatureError::Line`] if it is not this one (SIG-15).
    pub fn parse(file: &str, expected_trusted_comment: &str) -> Result<Self, ReleaseSignatureError> {
        let parsed = SignatureFile::parse(file)?;
        match (parsed.claimed_mode(), parsed.claimed_trusted_comment()) {
            (Mode::Pure, Some(found)) => {
                let first = file.lines().next().unwrap_or_default();
                same_line(block::comment_line(Algorithm::Ed25519), first)?;
                let prefix = minisign::TRUSTED_PREFIX;
                same_line(&format!("{prefix}{expected_trusted_comment}"), &format!("{prefix}{found}"))?;
                Ok(Self { text: file.to_owned(), file: parsed })
            }
            (Mode::Prehashed, _) => Err(ReleaseSignatureError::Mode { found: "the prehashed mode ED" }),
            (Mode::Pure, None) => Err(ReleaseSignatureError::Mode { found: "the two lines of signify" }),
        }
    }

    /// Checks the file twice, here and by [`second_opinion`], so that the stock tools will agree.
    ///
    /// ```
    /// use sigpkg::key::Algorithm;
    /// use sigpkg::rule::Rule;
    /// use sigpkg::secret::Seed;
    /// use sigpkg::signature::release::{self, ReleaseSignature};
    ///
    /// let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 2)?;
    /// let file = release::sign(&secret, b"the statement", "sigpkg someone 2")?;
    /// let signature = ReleaseSignature::parse(&file, "sigpkg someone 2")?;
    /// assert!(signature.verify(&secret.link_key()?, b"the statement").is_ok());
    /// let error = signature.verify(&secret.link_key()?, b"another one").unwrap_err();
    /// assert_eq!(error.rule(), Rule::Sig8);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`ReleaseSignatureError::Algorithm`] if the key is no Ed25519 key (SIG-15).
    /// - [`ReleaseSignatureError::Signature`] if the key did not sign it (SIG-7, SIG-8, SIG-13).
    /// - [`ReleaseSignatureError::SecondOpinion`] if the second verifier refuses it (VER-6).
    pub fn verify(&self, key: &LinkKey, statement: &[u8]) -> Result<(), ReleaseSignatureError> {
        let key = key.to_public_key().ok_or(ReleaseSignatureError::Algorithm { found: key.algorithm() })?;
        self.file.verify(&key, statement)?;
        second_opinion(&key, &self.text, statement)
    }

    /// The signature itself, 64 bytes.
    ///
    /// ```
    /// use sigpkg::key::Algorithm;
    /// use sigpkg::secret::Seed;
    /// use sigpkg::signature::release::{self, ReleaseSignature};
    ///
    /// let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 2)?;
    /// let file = release::sign(&secret, b"the statement", "sigpkg someone 2")?;
    /// // The same signature as in the chain.
    /// let signature = ReleaseSignature::parse(&file, "sigpkg someone 2")?;
    /// assert_eq!(signature.as_bytes(), secret.sign(b"the statement").as_bytes());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn as_bytes(&self) -> &[u8; 64] {
        self.file.signature()
    }
}

/// Asks minisign-verify, which shares no code with this crate, whether it accepts a file that [`SignatureFile::verify`]
/// accepts.
///
/// ```
/// use sigpkg::key::Algorithm;
/// use sigpkg::secret::Seed;
/// use sigpkg::signature::release;
///
/// let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 2)?;
/// let file = release::sign(&secret, b"the statement", "sigpkg someone 2")?;
/// assert!(release::second_opinion(&secret.public_key()?, &file, b"the statement").is_ok());
/// assert!(release::second_opinion(&secret.public_key()?, &file, b"another one").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// - [`ReleaseSignatureError::SecondOpinion`] if it does not (VER-6).
pub fn second_opinion(key: &PublicKey, file: &str, message: &[u8]) -> Result<(), ReleaseSignatureError> {
    minisign_verify::PublicKey::from_base64(&key.to_string())
        .and_then(|key| key.verify(message, &minisign_verify::Signature::decode(file)?, true))
        .map_err(|error| ReleaseSignatureError::SecondOpinion { reason: error.to_string().to_lowercase() })
}

impl ReleaseSignatureError {
    /// The rule that the file breaks.
    ///
    /// ```
    /// use sigpkg::rule::Rule;
    /// use sigpkg::signature::release::ReleaseSignatureError;
    ///
    /// let disagreement = ReleaseSignatureError::SecondOpinion { reason: "the signature is invalid".to_owned() };
    /// assert_eq!(disagreement.rule(), Rule::Ver6);
    /// ```
    pub fn rule(&self) -> Rule {
        match self {
            Self::File(error) => error.rule(),
            Self::Line { .. } | Self::Mode { .. } | Self::Algorithm { .. } => Rule::Sig15,
            Self::Signature(error) => error.rule(),
            Self::SecondOpinion { .. } => Rule::Ver6,
        }
    }
}

fn fixed_comment() -> &'static str {
    let line = block::comment_line(Algorithm::Ed25519);
    line.strip_prefix(COMMENT_PREFIX).unwrap_or(line)
}

fn same_line(expected: &str, found: &str) -> Result<(), ReleaseSignatureError> {
    if expected == found {
        Ok(())
    } else {
        let found = found.chars().take(200).collect();
        Err(ReleaseSignatureError::Line { expected: expected.to_owned(), found })
    }
}
