//! SLH-DSA-SHAKE-128s (FIPS 205), pure, with the context strings of sigpkg.

use slh_dsa::Shake128s;

/// The context string of signatures by link keys (SIG-3).
pub(crate) const LINK_CONTEXT: &[u8] = b"sigpkg 1 link";

/// The context string of signatures by reserve keys (SIG-3).
pub(crate) const RESERVE_CONTEXT: &[u8] = b"sigpkg 1 reserve";

/// Whether these 7856 bytes are a signature of the message by the key under the context (FIPS 205, algorithm 24).
pub(crate) fn verify(context: &[u8], key: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    let key = slh_dsa::VerifyingKey::<Shake128s>::try_from(key.as_slice());
    let signature = slh_dsa::Signature::<Shake128s>::try_from(signature);
    match (key, signature) {
        (Ok(key), Ok(signature)) => key.try_verify_with_context(message, context, &signature).is_ok(),
        _ => false,
    }
}

/// Signs deterministically (FIPS 205, algorithm 22 with `PK.seed` for `addrnd`).
pub(crate) fn sign(context: &[u8], key: &slh_dsa::SigningKey<Shake128s>, message: &[u8]) -> Vec<u8> {
    key.try_sign_with_context(message, context, None).expect("both contexts are shorter than 256 bytes").to_vec()
}
