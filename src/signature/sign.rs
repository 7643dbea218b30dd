//! Signing. It stands here and not with the secret keys because what it makes is a signature of a chain.

use ed25519_dalek::Signer as _;

use super::{Signature, slh};
use crate::secret::{Material, SecretKey};

impl SecretKey {
    /// Signs a message: the same key and message always give the same signature (SIG-1, SIG-3). SLH-DSA takes seconds.
    ///
    /// ```
    /// use sigpkg::key::Algorithm;
    /// use sigpkg::secret::Seed;
    /// use sigpkg::signature::verify;
    ///
    /// let secret = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?;
    /// let signature = secret.sign(b"text");
    /// assert_eq!(verify::link(&secret.link_key()?, b"text", &signature), Ok(()));
    /// assert_eq!(secret.sign(b"text"), signature);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sign(&self, message: &[u8]) -> Signature {
        let bytes = match self.material() {
            Material::Ed25519(key) => key.sign(message).to_vec(),
            Material::SlhDsa(key) => slh::sign(slh::LINK_CONTEXT, key, message),
            Material::Reserve(key) => slh::sign(slh::RESERVE_CONTEXT, key, message),
        };
        Signature::made(self.algorithm(), self.key_id(), bytes)
    }
}
