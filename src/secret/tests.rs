use std::sync::OnceLock;

use fips205::slh_dsa_shake_128s as other;
use fips205::traits::{KeyGen as _, SerDes as _, Signer as _, Verifier as _};

use super::*;
use crate::signature::{Signature, VerifyError, block, verify};

/// A test seed.
const SEED: Seed = Seed([7; 32]);

/// A link key by SLH-DSA and one signature of `text` by it. It takes seconds, so the tests share it.
fn slh_dsa() -> &'static (SecretKey, Signature) {
    static MADE: OnceLock<(SecretKey, Signature)> = OnceLock::new();
    MADE.get_or_init(|| {
        let secret = SEED.link_secret(Algorithm::SlhDsa, 3).unwrap();
        let signature = secret.sign(b"text");
        (secret, signature)
    })
}

#[test]
fn an_ed25519_key_signs_as_a_link_key_alone() {
    let secret = SEED.link_secret(Algorithm::Ed25519, 3).unwrap();
    let key = secret.link_key().unwrap();
    let signature = secret.sign(b"text");
    assert_eq!(verify::link(&key, b"text", &signature), Ok(()));
    assert_eq!(verify::link(&key, b"texT", &signature), Err(VerifyError::Invalid { key_id: key.key_id() }));
    assert_eq!(secret.sign(b"text"), signature);
    assert_eq!(secret.reserve_key(), Err(KeyError::Tag { expected: "Sr", found: *b"Ed" }));
}

#[test]
fn slh_dsa_agrees_with_another_implementation_in_keys_signatures_and_contexts() {
    let (secret, signature) = slh_dsa();
    let key = secret.link_key().unwrap();
    assert_eq!(verify::link(&key, b"text", signature), Ok(()));
    assert_eq!(secret.public_key(), Err(KeyError::Tag { expected: "Ed", found: *b"Sl" }));

    let bytes = secret.to_bytes();
    let seeds = [0, 16, 32].map(|at| bytes[at..at + 16].try_into().unwrap());
    let (public, private) = other::KG::keygen_from_seed::<16>(&seeds[0], &seeds[1], &seeds[2]);
    assert_eq!(&public.clone().into_bytes(), key.as_bytes());
    assert_eq!(private.clone().into_bytes(), *bytes);
    let theirs = private.try_sign(b"text", b"sigpkg 1 link", false).unwrap();
    assert_eq!(theirs, signature.as_bytes());
    assert!(public.verify(b"text", &theirs, b"sigpkg 1 link"));
    assert!(!public.verify(b"text", &theirs, b"sigpkg 1 reserve"));
    assert!(!public.verify(b"text", &theirs, b""));
}

#[test]
fn a_signature_by_a_link_key_is_none_by_the_reserve_key_of_the_same_bytes() {
    let (secret, signature) = slh_dsa();
    let reserve = ReserveKey::new(secret.public_bytes());
    assert_eq!(
        verify::reserve(&reserve, b"text", signature),
        Err(VerifyError::Algorithm { expected: Algorithm::Reserve, found: Algorithm::SlhDsa })
    );
    // Relabelled, it still has the other context string.
    let relabelled = Signature::new(Algorithm::Reserve, reserve.key_id(), signature.as_bytes()).unwrap();
    let invalid = Err(VerifyError::Invalid { key_id: reserve.key_id() });
    assert_eq!(verify::reserve(&reserve, b"text", &relabelled), invalid);
}

#[test]
fn a_reserve_key_signs_as_a_reserve_key_alone() {
    // The same secret bytes as the link key, to spare the making of another.
    let bytes = slh_dsa().0.to_bytes();
    let key_id = slh_dsa().0.key_id();
    let secret = SecretKey::from_bytes(Algorithm::Reserve, key_id, &bytes).unwrap();
    let key = secret.reserve_key().unwrap();
    let signature = secret.sign(b"text");
    assert_eq!(verify::reserve(&key, b"text", &signature), Ok(()));
    assert_eq!(verify::reserve(&key, b"other", &signature), Err(VerifyError::Invalid { key_id }));
    assert_eq!(secret.link_key(), Err(KeyError::Tag { expected: "Ed or Sl", found: *b"Sr" }));
    assert!(secret.public_key().is_err());
}

#[test]
fn a_seed_gives_each_seq_its_own_key_and_always_the_same_one() {
    let public = |seq| SEED.link_secret(Algorithm::Ed25519, seq).unwrap().public_bytes();
    assert_eq!(public(1), public(1));
    assert_ne!(public(1), public(2));
    assert_ne!(public(1), Seed([8; 32]).link_secret(Algorithm::Ed25519, 1).unwrap().public_bytes());
    assert_eq!(
        SEED.link_secret(Algorithm::Reserve, 1).map(|_| ()),
        Err(KeyError::Tag { expected: "Ed or Sl", found: *b"Sr" })
    );
}

#[test]
fn a_seed_derives_as_the_specification_says() {
    let material: Vec<u8> = [[7; 32].as_slice(), &3u64.to_le_bytes()].concat();
    let ed25519 = blake3::derive_key("sigpkg 1 seeded link key ed25519", &material);
    let secret = SEED.link_secret(Algorithm::Ed25519, 3).unwrap();
    assert_eq!(secret.to_bytes()[..32], ed25519);

    let mut slh = [0; 48];
    blake3::Hasher::new_derive_key("sigpkg 1 seeded link key slh-dsa").update(&material).finalize_xof().fill(&mut slh);
    assert_eq!(slh_dsa().0.to_bytes()[..48], slh);
}

#[test]
fn generated_keys_differ_and_have_derived_ids() {
    let mut random = Stream(blake3::Hasher::new().finalize_xof());
    let one = SecretKey::generate(Algorithm::Ed25519, &mut random);
    let two = SecretKey::generate(Algorithm::Ed25519, &mut random);
    assert_ne!(one.public_bytes(), two.public_bytes());
    assert_eq!(one.key_id(), KeyId::derived(&one.public_bytes()));
    let seed = Seed::generate(&mut random);
    assert_ne!(seed.as_bytes(), &[0; 32]);
}

#[test]
fn halves_that_do_not_belong_together_are_no_key() {
    let secret = SEED.link_secret(Algorithm::Ed25519, 1).unwrap();
    for (key, algorithm) in [(&secret, Algorithm::Ed25519), (&slh_dsa().0, Algorithm::SlhDsa)] {
        let mut bytes = key.to_bytes();
        assert!(SecretKey::from_bytes(algorithm, key.key_id(), &bytes).is_some());
        bytes[63] ^= 1;
        assert!(SecretKey::from_bytes(algorithm, key.key_id(), &bytes).is_none());
    }
}

#[test]
fn nothing_secret_is_shown() {
    let secret = SEED.link_secret(Algorithm::Ed25519, 1).unwrap();
    assert_eq!(format!("{secret:?}"), format!("SecretKey(Ed25519, key {})", secret.key_id()));
    assert_eq!(format!("{SEED:?}"), "Seed");
}

#[test]
fn an_slh_dsa_block_that_was_changed_anywhere_is_refused() {
    let (secret, signature) = slh_dsa();
    let key = secret.link_key().unwrap();
    let text = block::write(signature);
    // 256 places of the text, the same at every run.
    let mut places = [0; 512];
    blake3::Hasher::new().update(b"places").finalize_xof().fill(&mut places);
    for place in places.chunks(2) {
        let at = usize::from(place[0]) * 256 + usize::from(place[1]);
        let mut bytes = text.as_bytes().to_vec();
        bytes[at % text.len()] ^= 1;
        let accepted = String::from_utf8(bytes)
            .ok()
            .and_then(|text| block::parse(&text).ok())
            .is_some_and(|signature| verify::link(&key, b"text", &signature).is_ok());
        assert!(!accepted, "place {at}");
    }
}
