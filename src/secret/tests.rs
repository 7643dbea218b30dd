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

/// A reserve key and one signature of `text` by it, shared too. Its secret bytes are those of the link key, so that it
/// is told from it by tag and context alone.
fn reserve() -> &'static (SecretKey, Signature) {
    static MADE: OnceLock<(SecretKey, Signature)> = OnceLock::new();
    MADE.get_or_init(|| {
        // Made anew, so that the two signatures can be made at once.
        let link = SEED.link_secret(Algorithm::SlhDsa, 3).unwrap();
        let secret = SecretKey::from_bytes(Algorithm::Reserve, link.key_id(), &link.to_bytes()).unwrap();
        let signature = secret.sign(b"text");
        (secret, signature)
    })
}

/// The same key as the other implementation has it.
fn theirs() -> (other::PublicKey, other::PrivateKey) {
    let private = other::PrivateKey::try_from_bytes(*slh_dsa().0.to_bytes()).unwrap();
    (private.get_public_key(), private)
}

/// A signature by the shared key, as if it had this label.
fn labelled(algorithm: Algorithm, bytes: &[u8]) -> Signature {
    Signature::new(algorithm, slh_dsa().0.key_id(), bytes).unwrap()
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
fn an_slh_dsa_link_key_signs_as_a_link_key_alone() {
    let (secret, signature) = slh_dsa();
    let key = secret.link_key().unwrap();
    assert_eq!(verify::link(&key, b"text", signature), Ok(()));
    assert_eq!(verify::link(&key, b"other", signature), Err(VerifyError::Invalid { key_id: key.key_id() }));
    assert_eq!(secret.public_key(), Err(KeyError::Tag { expected: "Ed", found: *b"Sl" }));
    assert_eq!(secret.reserve_key(), Err(KeyError::Tag { expected: "Sr", found: *b"Sl" }));
}

#[test]
fn a_reserve_key_signs_as_a_reserve_key_alone() {
    let (secret, signature) = reserve();
    let key = secret.reserve_key().unwrap();
    assert_eq!(verify::reserve(&key, b"text", signature), Ok(()));
    assert_eq!(verify::reserve(&key, b"other", signature), Err(VerifyError::Invalid { key_id: key.key_id() }));
    assert_eq!(secret.link_key(), Err(KeyError::Tag { expected: "Ed or Sl", found: *b"Sr" }));
    assert_eq!(secret.public_key(), Err(KeyError::Tag { expected: "Ed", found: *b"Sr" }));
}

#[test]
fn a_signature_in_one_role_is_none_in_the_other_by_the_key_of_the_same_bytes() {
    let (link, link_signature) = slh_dsa();
    let (reserve, reserve_signature) = reserve();
    assert_eq!(link.public_bytes(), reserve.public_bytes());
    let (link, reserve) = (link.link_key().unwrap(), reserve.reserve_key().unwrap());
    assert_eq!(
        verify::reserve(&reserve, b"text", link_signature),
        Err(VerifyError::Algorithm { expected: Algorithm::Reserve, found: Algorithm::SlhDsa })
    );
    assert_eq!(
        verify::link(&link, b"text", reserve_signature),
        Err(VerifyError::Algorithm { expected: Algorithm::SlhDsa, found: Algorithm::Reserve })
    );
    // Relabelled, it still has the other context string.
    let invalid = Err(VerifyError::Invalid { key_id: link.key_id() });
    assert_eq!(verify::reserve(&reserve, b"text", &labelled(Algorithm::Reserve, link_signature.as_bytes())), invalid);
    assert_eq!(verify::link(&link, b"text", &labelled(Algorithm::SlhDsa, reserve_signature.as_bytes())), invalid);
}

#[test]
fn another_implementation_of_slh_dsa_derives_the_same_keys_from_the_same_seeds() {
    let bytes = slh_dsa().0.to_bytes();
    let seeds = [0, 16, 32].map(|at| bytes[at..at + 16].try_into().unwrap());
    let (public, private) = other::KG::keygen_from_seed::<16>(&seeds[0], &seeds[1], &seeds[2]);
    assert_eq!(public.into_bytes(), slh_dsa().0.public_bytes());
    assert_eq!(private.into_bytes(), *bytes);
}

#[test]
fn another_implementation_of_slh_dsa_makes_the_same_signature_where_nothing_is_random() {
    let (_, private) = theirs();
    assert_eq!(private.try_sign(b"text", b"sigpkg 1 link", false).unwrap(), slh_dsa().1.as_bytes());
}

#[test]
fn another_implementation_of_slh_dsa_accepts_each_signature_in_its_own_context_alone() {
    let (public, _) = theirs();
    for (signature, context) in [(&slh_dsa().1, "sigpkg 1 link"), (&reserve().1, "sigpkg 1 reserve")] {
        let bytes = signature.as_bytes().try_into().unwrap();
        for asked in ["sigpkg 1 link", "sigpkg 1 reserve", "sigpkg 1", ""] {
            assert_eq!(
                public.verify(b"text", &bytes, asked.as_bytes()),
                asked == context,
                "{context:?}, asked {asked:?}"
            );
        }
        assert!(!public.verify(b"other", &bytes, context.as_bytes()));
    }
}

#[test]
fn a_randomised_signature_of_another_implementation_of_slh_dsa_is_accepted_in_its_own_context_alone() {
    // SIG-3 recommends the deterministic variant to signers; a verifier cannot tell, and does not ask.
    let (_, private) = theirs();
    let signature = private.try_sign(b"text", b"sigpkg 1 reserve", true).unwrap();
    assert_ne!(signature, reserve().1.as_bytes());
    let (link, reserve) = (slh_dsa().0.link_key().unwrap(), reserve().0.reserve_key().unwrap());
    let as_reserve = labelled(Algorithm::Reserve, &signature);
    assert_eq!(verify::reserve(&reserve, b"text", &as_reserve), Ok(()));
    let invalid = Err(VerifyError::Invalid { key_id: reserve.key_id() });
    assert_eq!(verify::reserve(&reserve, b"other", &as_reserve), invalid);
    assert_eq!(verify::link(&link, b"text", &labelled(Algorithm::SlhDsa, &signature)), invalid);
}

#[test]
fn both_implementations_of_slh_dsa_refuse_a_changed_byte_in_every_part_of_a_signature() {
    // FIPS 205, 9.2: R, then 14 FORS values with 12 nodes each, then 7 layers of 35 chains and 9 nodes; 16 bytes each.
    const FORS: usize = 16 * 13;
    const LAYER: usize = 16 * (35 + 9);
    let starts = [0].into_iter().chain((0..14).map(|tree| 16 + tree * FORS));
    let starts = starts.chain((0..7).flat_map(|layer| [0, 16 * 35].map(|part| 16 + 14 * FORS + layer * LAYER + part)));
    let (public, _) = theirs();
    let (secret, signature) = reserve();
    let key = secret.reserve_key().unwrap();
    let mut changed = 0;
    for at in starts.chain([7855]) {
        let mut bytes: [u8; 7856] = signature.as_bytes().try_into().unwrap();
        bytes[at] ^= 0x40;
        assert!(!public.verify(b"text", &bytes, b"sigpkg 1 reserve"), "byte {at}");
        assert_eq!(
            verify::reserve(&key, b"text", &labelled(Algorithm::Reserve, &bytes)),
            Err(VerifyError::Invalid { key_id: key.key_id() }),
            "byte {at}"
        );
        changed += 1;
    }
    assert_eq!(changed, 1 + 14 + 2 * 7 + 1);
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
