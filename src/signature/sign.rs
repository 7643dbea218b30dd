//! Signing. It stands here and not with the secret keys because what it makes is a signature of a chain.

use ed25519_dalek::Signer as _;

use super::{Signature, slh};
use crate::secret::{Material, SecretKey};

impl SecretKey {
    /// Signs a message: the same key and message always give the same signature (SIG-1, SIG-3). SLH-DSA takes seconds.
    pub fn sign(&self, message: &[u8]) -> Signature {
        let bytes = match self.material() {
            Material::Ed25519(key) => key.sign(message).to_vec(),
            Material::SlhDsa(key) => slh::sign(slh::LINK_CONTEXT, key, message),
            Material::Reserve(key) => slh::sign(slh::RESERVE_CONTEXT, key, message),
        };
        Signature::made(self.algorithm(), self.key_id(), bytes)
    }
}
