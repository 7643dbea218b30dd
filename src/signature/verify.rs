//! Checking a signature. The algorithm is the key's; what the signature says of itself must agree.

use ed25519_dalek::VerifyingKey;

use super::{Signature, VerifyError, slh};
use crate::key::{Algorithm, KeyId, LinkKey, Material, ReserveKey};

/// Checks the signature of an ordinary statement by its link key.
///
/// ```
/// use sigpkg::example::{self, FIRST, GENESIS};
/// use sigpkg::signature::{block, verify};
///
/// let (genesis, first) = (example::record(GENESIS)?, example::record(FIRST)?);
/// let signature = block::parse(first.blocks_text())?;
/// let keys = genesis.claimed().look_ahead();
/// assert!(verify::link(&keys.next, first.text().as_bytes(), &signature).is_ok());
/// assert!(verify::link(&keys.after_next, first.text().as_bytes(), &signature).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// The first of [`VerifyError::Algorithm`], [`VerifyError::KeyId`] and [`VerifyError::Invalid`] (SIG-6 to SIG-8).
pub fn link(key: &LinkKey, message: &[u8], signature: &Signature) -> Result<(), VerifyError> {
    claims(key.algorithm(), key.key_id(), signature)?;
    let valid = match key.material() {
        Material::Ed25519(point) => ed25519(point, message, signature.as_bytes()),
        Material::SlhDsa(bytes) => slh::verify(slh::LINK_CONTEXT, bytes, message, signature.as_bytes()),
    };
    if valid { Ok(()) } else { Err(VerifyError::Invalid { key_id: key.key_id() }) }
}

/// Checks one signature of a reserve statement.
///
/// ```
/// use sigpkg::example::{self, GENESIS, RESERVE};
/// use sigpkg::signature::{block, verify};
///
/// let (genesis, record) = (example::record(GENESIS)?, example::record(RESERVE)?);
/// let key = genesis.claimed().reserve().ok_or("a genesis has a reserve")?.keys[0];
/// let signature = block::parse(record.blocks_text())?;
/// assert!(verify::reserve(&key, record.text().as_bytes(), &signature).is_ok());
/// assert!(verify::reserve(&key, b"another text", &signature).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// The first of [`VerifyError::Algorithm`], [`VerifyError::KeyId`] and [`VerifyError::Invalid`] (SIG-6 to SIG-8).
pub fn reserve(key: &ReserveKey, message: &[u8], signature: &Signature) -> Result<(), VerifyError> {
    claims(key.algorithm(), key.key_id(), signature)?;
    if slh::verify(slh::RESERVE_CONTEXT, key.as_bytes(), message, signature.as_bytes()) {
        Ok(())
    } else {
        Err(VerifyError::Invalid { key_id: key.key_id() })
    }
}

/// The one rule for Ed25519 (SIG-2), for chains and for the files of the stock tools alike. That the key is canonical
/// and of large order is known: no [`VerifyingKey`] leaves `key` otherwise.
pub(crate) fn ed25519(key: &VerifyingKey, message: &[u8], signature: &[u8]) -> bool {
    <&[u8; 64]>::try_from(signature).is_ok_and(|bytes| {
        let signature = ed25519_dalek::Signature::from_bytes(bytes);
        key.verify_strict(message, &signature).is_ok()
    })
}

/// What the signature says of itself must be what the key is (SIG-6, SIG-7).
fn claims(algorithm: Algorithm, key_id: KeyId, signature: &Signature) -> Result<(), VerifyError> {
    if signature.claimed_algorithm() != algorithm {
        return Err(VerifyError::Algorithm { expected: algorithm, found: signature.claimed_algorithm() });
    }
    if signature.claimed_key_id() != key_id {
        return Err(VerifyError::KeyId { expected: key_id, found: signature.claimed_key_id() });
    }
    Ok(())
}
