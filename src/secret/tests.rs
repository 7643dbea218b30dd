use super::*;
use crate::signature::verify;

#[test]
fn each_kind_of_key_signs_for_its_own_place() {
    let seed = Seed::from_bytes([7; 32]);
    for algorithm in [Algorithm::Ed25519, Algorithm::SlhDsa] {
        let secret = seed.link_secret(algorithm, 3).unwrap();
        let key = secret.link_key().unwrap();
        assert_eq!(key.algorithm(), algorithm);
        let signature = secret.sign(b"text");
        assert_eq!(signature, secret.sign(b"text"));
        assert_eq!(verify::link(&key, b"text", &signature), Ok(()));
        assert!(secret.reserve_key().is_err());
    }
    let secret = SecretKey::generate(Algorithm::Reserve, &mut Stream(blake3::Hasher::new().finalize_xof()));
    let signature = secret.sign(b"text");
    assert_eq!(verify::reserve(&secret.reserve_key().unwrap(), b"text", &signature), Ok(()));
    assert!(secret.link_key().is_err());
}
