//! Signers: whatever holds the secret half of one link key and can sign with it.
//!
//! A [`SecretKey`] in memory is one. A hardware token, an agent or a remote service is another: it implements
//! [`Signer`], and `release` takes it like any other. A signer is asked for two signatures for one
//! release, both fixed by the text of the statement: over the statement itself, and the global signature of the
//! minisign file beside it. It must not be asked for anything else, ever (KEEP-1).

use crate::key::{KeyError, LinkKey};
use crate::secret::SecretKey;
use crate::signature::Signature;

/// Something that signs with one link key.
///
/// ```
/// use sigpkg::key::LinkKey;
/// use sigpkg::secret::SecretKey;
/// use sigpkg::signature::Signature;
/// use sigpkg::signer::{Signer, SignerError};
///
/// /// Asks before each signature, as a token with a button does.
/// struct Token<'ask> {
///     key: SecretKey,
///     pressed: &'ask dyn Fn() -> bool,
/// }
///
/// impl Signer for Token<'_> {
///     fn link_key(&self) -> Result<LinkKey, SignerError> {
///         Signer::link_key(&self.key)
///     }
///
///     fn sign(&self, message: &[u8]) -> Result<Signature, SignerError> {
///         if (self.pressed)() { Signer::sign(&self.key, message) } else { Err(SignerError::new("nobody pressed the button")) }
///     }
/// }
/// ```
pub trait Signer {
    /// The public half of the key that this signer holds.
    ///
    /// ```
    /// use sigpkg::key::Algorithm;
    /// use sigpkg::secret::Seed;
    /// use sigpkg::signer::Signer;
    ///
    /// let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
    /// let signer: &dyn Signer = &secret;
    /// assert_eq!(signer.link_key()?.algorithm(), Algorithm::Ed25519);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`SignerError`] if the signer cannot be reached, or holds no link key.
    fn link_key(&self) -> Result<LinkKey, SignerError>;

    /// Signs a message. The caller verifies the result before anything is made of it.
    ///
    /// ```
    /// use sigpkg::key::Algorithm;
    /// use sigpkg::secret::Seed;
    /// use sigpkg::signature::verify;
    /// use sigpkg::signer::Signer;
    ///
    /// let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
    /// let signer: &dyn Signer = &secret;
    /// let signature = signer.sign(b"text")?;
    /// assert_eq!(verify::link(&signer.link_key()?, b"text", &signature), Ok(()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`SignerError`] if the signer cannot be reached, or will not sign.
    fn sign(&self, message: &[u8]) -> Result<Signature, SignerError>;
}

/// Why a signer does not sign, in its own words: a lower-case sentence without a period.
///
/// ```
/// use sigpkg::signer::SignerError;
///
/// let error = SignerError::new("nobody pressed the button");
/// assert_eq!(error.to_string(), "the signer does not sign: nobody pressed the button");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signer does not sign: {reason}")]
pub struct SignerError {
    reason: String,
}

impl SignerError {
    /// An error with this reason.
    ///
    /// ```
    /// use sigpkg::signer::SignerError;
    ///
    /// assert_eq!(SignerError::new("no card"), SignerError::new(String::from("no card")));
    /// ```
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}

impl From<KeyError> for SignerError {
    fn from(error: KeyError) -> Self {
        Self::new(error.to_string())
    }
}

impl Signer for SecretKey {
    fn link_key(&self) -> Result<LinkKey, SignerError> {
        Ok(Self::link_key(self)?)
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignerError> {
        Ok(Self::sign(self, message))
    }
}
