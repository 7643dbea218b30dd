use curve25519_dalek::edwards::CompressedEdwardsY;
use proptest::prelude::*;

use super::*;

/// The example key of RFC 8032, section 7.1, test 1: a test key.
const POINT: [u8; 32] = [
    0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72,
    0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
];

fn written(tag: [u8; 2], key_id: KeyId, bytes: &[u8; 32]) -> String {
    text::to_base64(&[tag.as_slice(), key_id.as_bytes(), bytes].concat())
}

#[test]
fn a_key_is_56_characters_and_reads_back() {
    for algorithm in [Algorithm::Ed25519, Algorithm::SlhDsa] {
        let key = LinkKey::new(algorithm, POINT).unwrap();
        let text = key.to_string();
        assert_eq!(text.len(), TEXT_LENGTH);
        let read = LinkKey::from_text(&text).unwrap();
        assert_eq!((read, read.algorithm(), read.key_id()), (key, algorithm, KeyId::derived(&POINT)));
        assert_eq!(read.as_bytes(), &POINT);
    }
    let reserve = ReserveKey::new(POINT);
    assert_eq!(ReserveKey::from_text(&reserve.to_string()), Ok(reserve));
    assert_eq!(ReserveKey::from_file_text(&reserve.to_file_text()), Ok(reserve));
    assert!(LinkKey::new(Algorithm::Ed25519, POINT).unwrap().to_string().starts_with("RW"));
}

#[test]
fn keys_of_two_kinds_are_unequal_though_their_bytes_are_equal() {
    let ed25519 = LinkKey::new(Algorithm::Ed25519, POINT).unwrap();
    let slh_dsa = LinkKey::new(Algorithm::SlhDsa, POINT).unwrap();
    assert_ne!(ed25519, slh_dsa);
}

#[test]
fn a_key_id_is_shown_as_minisign_shows_it() {
    assert_eq!(KeyId::from_bytes([0xb6, 0xc6, 0xb5, 0xb7, 0xcc, 0x3e, 0x52, 0x98]).to_string(), "98523ECCB7B5C6B6");
    assert_eq!(KeyId::from_bytes([1, 0, 0, 0, 0, 0, 0, 0]).to_string(), "0000000000000001");
}

#[test]
fn a_chain_refuses_a_key_id_that_is_not_derived_and_sig_does_not() {
    let foreign = KeyId::from_bytes(*b"whatever");
    let text = written(*b"Ed", foreign, &POINT);
    assert_eq!(LinkKey::from_text(&text), Err(KeyError::KeyId { expected: KeyId::derived(&POINT), found: foreign }));
    let key = PublicKey::from_text(&text).unwrap();
    assert_eq!((key.key_id(), key.as_bytes()), (foreign, &POINT));
    assert_eq!(PublicKey::from_file_text(&key.to_file_text()), Ok(key));
    assert_eq!(
        ReserveKey::from_text(&written(*b"Sr", foreign, &POINT)),
        Err(KeyError::KeyId { expected: KeyId::derived(&POINT), found: foreign })
    );
}

#[test]
fn each_place_takes_its_own_tags() {
    let id = KeyId::derived(&POINT);
    let tag = |expected, found: &[u8; 2]| Some(KeyError::Tag { expected, found: *found });
    for found in [b"Sr", b"ED", b"ed", b"\0\0", b"XX"] {
        assert_eq!(LinkKey::from_text(&written(*found, id, &POINT)).err(), tag("Ed or Sl", found));
    }
    for found in [b"Sr", b"Sl", b"ED", b"XX"] {
        assert_eq!(PublicKey::from_text(&written(*found, id, &POINT)).err(), tag("Ed", found));
    }
    for found in [b"Ed", b"Sl", b"XX"] {
        assert_eq!(ReserveKey::from_text(&written(*found, id, &POINT)).err(), tag("Sr", found));
    }
    assert_eq!(
        KeyError::Tag { expected: "Ed", found: *b"\0\x01" }.to_string(),
        "expected a key of kind Ed, found 0001"
    );
}

#[test]
fn a_key_text_has_one_spelling() {
    let text = LinkKey::new(Algorithm::Ed25519, POINT).unwrap().to_string();
    for length in 0..TEXT_LENGTH {
        assert_eq!(LinkKey::from_text(&text[..length]), Err(KeyError::Length { found: length }));
    }
    assert_eq!(LinkKey::from_text(&format!("{text}\n")), Err(KeyError::Length { found: 57 }));
    for other in [format!(" {}", &text[1..]), format!("{}=", &text[..55]), format!("_{}", &text[1..]), "é".repeat(56)]
    {
        assert_eq!(LinkKey::from_text(&other), Err(KeyError::Base64 { found: other }));
    }
}

#[test]
fn every_spelling_of_a_point_but_the_canonical_one_is_refused() {
    // 2^255 - 19 to 2^255 - 1, with either sign, and the points whose x is zero with the sign of a negative x.
    let mut spellings = Vec::new();
    for least in 0xed..=0xff {
        spellings.push(little_endian(least, 0xff, 0x7f));
        spellings.push(little_endian(least, 0xff, 0xff));
    }
    spellings.push(little_endian(0x01, 0x00, 0x80));
    spellings.push(little_endian(0xec, 0xff, 0xff));
    let mut large_order = 0;
    for bytes in spellings {
        assert_eq!(LinkKey::new(Algorithm::Ed25519, bytes), Err(KeyError::NotCanonical { bytes }));
        if let Some(point) = CompressedEdwardsY(bytes).decompress() {
            assert_ne!(point.compress().to_bytes(), bytes);
            large_order += usize::from(!point.is_small_order());
        }
    }
    assert_ne!(large_order, 0, "no spelling was refused for its spelling alone");
}

#[test]
fn points_of_small_order_and_bytes_of_no_point_are_refused() {
    let mut found = 0;
    for torsion in curve25519_dalek::constants::EIGHT_TORSION {
        let bytes = torsion.compress().to_bytes();
        assert_eq!(LinkKey::new(Algorithm::Ed25519, bytes), Err(KeyError::SmallOrder { bytes }));
        assert_eq!(PublicKey::new(KeyId::from_bytes([0; 8]), bytes).map(|_| ()), Err(KeyError::SmallOrder { bytes }));
        found += 1;
    }
    assert_eq!(found, 8);
    // y = 2 is on no point of the curve.
    let bytes = little_endian(0x02, 0x00, 0x00);
    assert_eq!(LinkKey::new(Algorithm::Ed25519, bytes), Err(KeyError::NotAPoint { bytes }));
}

#[test]
fn a_key_file_is_two_lines() {
    let key = PublicKey::new(KeyId::from_bytes(*b"whatever"), POINT).unwrap();
    let file = format!("untrusted comment: minisign public key\n{key}\n");
    assert_eq!(PublicKey::from_file_text(&file), Ok(key));
    let wrong = [
        String::new(),
        format!("{key}\n"),
        format!("{file}\n"),
        file.trim_end().to_owned(),
        file.replace('\n', "\r\n"),
        file.replace("untrusted", "trusted"),
        format!("untrusted comment: {}\n{key}\n", "x".repeat(1005)),
    ];
    for file in wrong {
        assert_eq!(PublicKey::from_file_text(&file).map_err(|error| error.rule()), Err(Rule::Key11), "{file:?}");
    }
}

proptest! {
    #[test]
    fn reading_a_key_is_total(text in ".{0,70}") {
        let _ = LinkKey::from_text(&text);
        let _ = PublicKey::from_file_text(&text);
        let _ = ReserveKey::from_file_text(&text);
    }

    #[test]
    fn the_byte_test_for_canonical_points_agrees_with_encoding_again(bytes: [u8; 32]) {
        if let Some(point) = CompressedEdwardsY(bytes).decompress() {
            prop_assert_eq!(is_canonical(&bytes), point.compress().to_bytes() == bytes);
        }
    }

    #[test]
    fn what_is_read_is_written_the_same(bytes: [u8; 32]) {
        if let Ok(key) = LinkKey::new(Algorithm::Ed25519, bytes) {
            let text = key.to_string();
            prop_assert_eq!(LinkKey::from_text(&text).unwrap().to_string(), text);
        }
    }
}
