use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::{EdwardsPoint, edwards::CompressedEdwardsY};
use ed25519_dalek::{Sha512, VerifyingKey};
use proptest::prelude::*;

use super::minisign::{FileError, Prehash, SignatureFile, StockError};
use super::release::{ReleaseSignature, ReleaseSignatureError, second_opinion};
use super::*;
use crate::key::PublicKey;
use crate::secret::{SecretKey, Seed};

const MESSAGE: &[u8] = b"sigpkg = 1\nthe text of a test\n";

/// The order of the base point: 2^252 + 27742317777372353535851937790883648493, least byte first (RFC 8032).
const L: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// A test key of its own for each number.
fn secret(number: u64) -> SecretKey {
    Seed::from_bytes([21; 32]).link_secret(Algorithm::Ed25519, number).unwrap()
}

fn key(number: u64) -> LinkKey {
    secret(number).link_key().unwrap()
}

fn public(number: u64) -> PublicKey {
    secret(number).public_key().unwrap()
}

fn ed25519(key: &LinkKey, bytes: &[u8]) -> Signature {
    Signature::new(Algorithm::Ed25519, key.key_id(), bytes).unwrap()
}

/// The signature with S raised by the group order: RFC 8032 refuses it, old verifiers do not.
fn raised(signature: &[u8]) -> Vec<u8> {
    let mut bytes = signature.to_vec();
    let mut carry = 0;
    for (byte, add) in bytes[32..].iter_mut().zip(L) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    bytes
}

/// k of RFC 8032: SHA-512 of R, A and the message, as a number below L.
fn challenge(r: &CompressedEdwardsY, a: &CompressedEdwardsY, message: &[u8]) -> Scalar {
    use ed25519_dalek::Digest as _;
    Scalar::from_hash(Sha512::new().chain_update(r.as_bytes()).chain_update(a.as_bytes()).chain_update(message))
}

#[test]
fn a_signature_verifies_by_its_own_key_over_its_own_text() {
    let signature = secret(1).sign(MESSAGE);
    assert_eq!(verify::link(&key(1), MESSAGE, &signature), Ok(()));
    let invalid = Err(VerifyError::Invalid { key_id: key(1).key_id() });
    assert_eq!(verify::link(&key(1), &MESSAGE[1..], &signature), invalid);
    assert_eq!(
        verify::link(&key(2), MESSAGE, &signature),
        Err(VerifyError::KeyId { expected: key(2).key_id(), found: key(1).key_id() })
    );
    let relabelled = Signature::new(Algorithm::Ed25519, key(2).key_id(), signature.as_bytes()).unwrap();
    assert_eq!(verify::link(&key(2), MESSAGE, &relabelled), Err(VerifyError::Invalid { key_id: key(2).key_id() }));
    assert_eq!(Standard.verify_link(&key(1), MESSAGE, &signature), Ok(()));
}

#[test]
fn the_algorithm_is_the_keys_and_not_the_signatures() {
    let key = LinkKey::new(Algorithm::SlhDsa, secret(1).public_bytes()).unwrap();
    let signature = secret(1).sign(MESSAGE);
    assert_eq!(
        verify::link(&key, MESSAGE, &signature),
        Err(VerifyError::Algorithm { expected: Algorithm::SlhDsa, found: Algorithm::Ed25519 })
    );
    let zeros = Signature::new(Algorithm::SlhDsa, key.key_id(), &[0; 7856]).unwrap();
    assert_eq!(verify::link(&key, MESSAGE, &zeros), Err(VerifyError::Invalid { key_id: key.key_id() }));
    let reserve = ReserveKey::new(*key.as_bytes());
    assert_eq!(
        Standard.verify_reserve(&reserve, MESSAGE, &zeros),
        Err(VerifyError::Algorithm { expected: Algorithm::Reserve, found: Algorithm::SlhDsa })
    );
}

#[test]
fn a_raised_s_is_refused_here_and_by_the_second_verifier() {
    let signature = secret(1).sign(MESSAGE);
    let raised = ed25519(&key(1), &raised(signature.as_bytes()));
    assert_eq!(verify::link(&key(1), MESSAGE, &raised), Err(VerifyError::Invalid { key_id: key(1).key_id() }));
    // minisign-verify compares S with L too.
    let file = four_lines(&raised, "sigpkg id 1", &secret(1));
    assert!(matches!(second_opinion(&public(1), &file, MESSAGE), Err(ReleaseSignatureError::SecondOpinion { .. })));
}

#[test]
fn a_nonce_point_of_small_order_is_refused() {
    // With R of small order and S chosen to fit, the equation holds; only the look at R refuses it.
    let scalar = Scalar::from_bytes_mod_order([3; 32]);
    let a = EdwardsPoint::mul_base(&scalar).compress();
    let key = LinkKey::new(Algorithm::Ed25519, a.to_bytes()).unwrap();
    let mut held = 0;
    for torsion in EIGHT_TORSION {
        let r = torsion.compress();
        let s = challenge(&r, &a, MESSAGE) * scalar;
        let bytes = [r.to_bytes(), s.to_bytes()].concat();
        let plain = ed25519_dalek::Signature::from_slice(&bytes).unwrap();
        let lenient = VerifyingKey::from_bytes(a.as_bytes()).unwrap();
        held += usize::from(ed25519_dalek::Verifier::verify(&lenient, MESSAGE, &plain).is_ok());
        assert_eq!(
            verify::link(&key, MESSAGE, &ed25519(&key, &bytes)),
            Err(VerifyError::Invalid { key_id: key.key_id() })
        );
    }
    assert_ne!(held, 0, "no signature was refused for its small order alone");
}

#[test]
fn a_key_with_a_torsion_part_is_judged_without_the_cofactor() {
    // A = aB + T is canonical and of large order, so it is a key. Whether the equation holds then depends on k mod 8.
    let scalar = Scalar::from_bytes_mod_order([3; 32]);
    let a = (EdwardsPoint::mul_base(&scalar) + EIGHT_TORSION[1]).compress();
    let key = LinkKey::new(Algorithm::Ed25519, a.to_bytes()).unwrap();
    let (mut accepted, mut refused) = (0, 0);
    for nonce in 1..=40u8 {
        let nonce = Scalar::from(nonce);
        let r = EdwardsPoint::mul_base(&nonce).compress();
        let k = challenge(&r, &a, MESSAGE);
        let bytes = [r.to_bytes(), (nonce + k * scalar).to_bytes()].concat();
        match verify::link(&key, MESSAGE, &ed25519(&key, &bytes)) {
            Ok(()) => accepted += 1,
            Err(_) => refused += 1,
        }
        assert_eq!(verify::link(&key, MESSAGE, &ed25519(&key, &bytes)).is_ok(), k.as_bytes()[0].is_multiple_of(8));
    }
    assert!(accepted > 0 && refused > 0, "{accepted} {refused}");
}

#[test]
fn a_block_is_written_and_read_back() {
    let signature = secret(1).sign(MESSAGE);
    let text = block::write(&signature);
    assert!(text.starts_with("untrusted comment: sigpkg signature\nRW"));
    assert_eq!(text.lines().count(), 2);
    assert_eq!(block::parse(&text), Ok(signature));
    for (algorithm, line) in [
        (Algorithm::SlhDsa, "untrusted comment: sigpkg slh-dsa signature"),
        (Algorithm::Reserve, "untrusted comment: sigpkg reserve signature"),
    ] {
        let signature = Signature::new(algorithm, key(1).key_id(), &[5; 7856]).unwrap();
        let text = block::write(&signature);
        assert_eq!(text.lines().next(), Some(line));
        assert_eq!(block::parse(&text), Ok(signature));
        assert!(text.len() <= block::MAX_LENGTH);
    }
    assert_eq!(Signature::new(Algorithm::Ed25519, key(1).key_id(), &[5; 63]), None);
}

#[test]
fn a_block_has_one_spelling() {
    let text = block::write(&secret(1).sign(MESSAGE));
    let slh_dsa = block::write(&Signature::new(Algorithm::SlhDsa, key(1).key_id(), &[5; 7856]).unwrap());
    let cases = [
        (String::new(), "Lines"),
        (text.replace('\n', ""), "Lines"),
        (text.trim_end().to_owned(), "Lines"),
        (format!("{text}\n"), "Lines"),
        (text.lines().next().unwrap().to_owned() + "\n", "Lines"),
        (text.replace('\n', "\r\n"), "Base64"),
        (text.replace("=\n", "\n"), "Base64"),
        (text.replace("\nRW", "\n RW"), "Base64"),
        (text.replace("\nRW", "\nRU"), "Tag"),
        (text.replace("\nRW", "\nU2"), "Tag"),
        ("untrusted comment: sigpkg signature\nRWQ=\n".to_owned(), "Base64"),
        ("untrusted comment: sigpkg signature\nRWQAAAAAAAAAAAAA\n".to_owned(), "Length"),
        (text.replace("sigpkg", "Sigpkg"), "Comment"),
        (text.replace("signature\n", "signature\r\n"), "Comment"),
        (text.replace("sigpkg ", "sigpkg slh-dsa "), "Comment"),
        (slh_dsa.replace("slh-dsa", "reserve"), "Comment"),
    ];
    for (text, variant) in cases {
        let error = block::parse(&text).unwrap_err();
        assert!(format!("{error:?}").starts_with(variant), "{text:?}: {error:?}");
        assert_eq!(error.rule(), Rule::Sig5);
    }
}

/// Every change of one byte, every prefix and every swap of unequal lines.
fn mangled(text: &str) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for at in 0..text.len() {
        for change in [1, 2, 0x20, 0x80] {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] ^= change;
            all.push(bytes);
        }
        all.push(text.as_bytes()[..at].to_vec());
    }
    let lines: Vec<_> = text.split_inclusive('\n').collect();
    for one in 0..lines.len() {
        for other in 0..one {
            let mut swapped = lines.clone();
            swapped.swap(one, other);
            if swapped != lines {
                all.push(swapped.concat().into_bytes());
            }
        }
    }
    all
}

#[test]
fn every_mangling_of_a_block_is_refused() {
    let text = block::write(&secret(1).sign(MESSAGE));
    for bytes in mangled(&text) {
        let accepted = str::from_utf8(&bytes)
            .ok()
            .and_then(|text| block::parse(text).ok())
            .is_some_and(|signature| verify::link(&key(1), MESSAGE, &signature).is_ok());
        assert!(!accepted, "{:?}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn every_mangling_of_the_file_beside_a_release_is_refused() {
    let comment = release::trusted_comment("sigpAAAA", 7);
    let text = release::sign(&secret(1), MESSAGE, &comment).unwrap();
    let accept = |text: &str| ReleaseSignature::parse(text, &comment)?.verify(&key(1), MESSAGE);
    assert_eq!(accept(&text), Ok(()));
    for bytes in mangled(&text) {
        let accepted = str::from_utf8(&bytes).is_ok_and(|text| accept(text).is_ok());
        assert!(!accepted, "{:?}", String::from_utf8_lossy(&bytes));
    }
}

/// A minisign file made by hand, with whatever signature.
fn four_lines(signature: &Signature, trusted_comment: &str, signer: &SecretKey) -> String {
    let global = signer.sign(&[signature.as_bytes(), trusted_comment.as_bytes()].concat());
    let global = crate::text::to_base64(global.as_bytes());
    format!("{}trusted comment: {trusted_comment}\n{global}\n", block::write(signature))
}

#[test]
fn the_file_beside_a_release_is_exactly_as_specified() {
    let comment = release::trusted_comment("sigpAAAA", 7);
    assert_eq!(comment, "sigpkg sigpAAAA 7");
    let text = release::sign(&secret(1), MESSAGE, &comment).unwrap();
    assert_eq!(text, four_lines(&secret(1).sign(MESSAGE), &comment, &secret(1)));
    let parsed = ReleaseSignature::parse(&text, &comment).unwrap();
    assert_eq!(parsed.as_bytes(), secret(1).sign(MESSAGE).as_bytes());

    let rule = |text: &str| ReleaseSignature::parse(text, &comment).map(|_| ()).map_err(|error| error.rule());
    let other = minisign::sign(&secret(1), MESSAGE, "sigpkg signaturE", &comment).unwrap();
    assert_eq!(rule(&other), Err(Rule::Sig15));
    let other = minisign::sign(&secret(1), MESSAGE, "sigpkg signature", "sigpkg sigpAAAA 8").unwrap();
    assert_eq!(rule(&other), Err(Rule::Sig15));
    let other = minisign::sign_prehashed(&secret(1), &Prehash::of(MESSAGE), "sigpkg signature", &comment).unwrap();
    assert_eq!(rule(&other), Err(Rule::Sig15));
    let other = minisign::sign_two_lines(&secret(1), MESSAGE, "sigpkg signature").unwrap();
    assert_eq!(rule(&other), Err(Rule::Sig15));
    let slh_dsa = LinkKey::new(Algorithm::SlhDsa, [1; 32]).unwrap();
    assert_eq!(parsed.verify(&slh_dsa, MESSAGE), Err(ReleaseSignatureError::Algorithm { found: Algorithm::SlhDsa }));
    assert_eq!(parsed.verify(&key(2), MESSAGE).map_err(|error| error.rule()), Err(Rule::Sig7));
    assert_eq!(parsed.verify(&key(1), b"other").map_err(|error| error.rule()), Err(Rule::Sig8));
}

#[test]
fn both_modes_verify_and_neither_verifies_under_the_others_label() {
    let pure = minisign::sign(&secret(1), MESSAGE, "c", "t").unwrap();
    let hashed = minisign::sign_prehashed(&secret(1), &Prehash::of(MESSAGE), "c", "t").unwrap();
    for (text, other_label) in [(&pure, ("\nRW", "\nRU")), (&hashed, ("\nRU", "\nRW"))] {
        let file = SignatureFile::parse(text).unwrap();
        assert_eq!(file.verify(&public(1), MESSAGE).unwrap().trusted_comment, Some("t"));
        let file = SignatureFile::parse(&text.replace(other_label.0, other_label.1)).unwrap();
        assert_eq!(file.verify(&public(1), MESSAGE), Err(StockError::Invalid { key_id: public(1).key_id() }));
    }
    assert!(SignatureFile::parse(&pure).unwrap().as_prehashed().is_none());
    let mut hash = Prehash::default();
    hash.update(&MESSAGE[..5]);
    hash.update(&MESSAGE[5..]);
    let file = SignatureFile::parse(&hashed).unwrap();
    assert!(file.as_prehashed().unwrap().verify(&public(1), &hash).is_ok());
    hash.update(b"more");
    assert!(file.as_prehashed().unwrap().verify(&public(1), &hash).is_err());
}

#[test]
fn a_signature_file_is_checked_whole() {
    let text = minisign::sign(&secret(1), MESSAGE, "c", "one").unwrap();
    let other = minisign::sign(&secret(1), b"other", "c", "one").unwrap();
    let verified = |text: &str, key| SignatureFile::parse(text).unwrap().verify(&key, MESSAGE).map(|_| ());
    assert_eq!(verified(&text, public(1)), Ok(()));
    assert_eq!(
        verified(&text, public(2)),
        Err(StockError::KeyId { expected: public(2).key_id(), found: public(1).key_id() })
    );
    // Same id, another key: the id vouches for nothing.
    let namesake = PublicKey::new(public(1).key_id(), secret(2).public_bytes()).unwrap();
    assert_eq!(verified(&text, namesake), Err(StockError::Invalid { key_id: public(1).key_id() }));
    let global = Err(StockError::Global { key_id: public(1).key_id() });
    assert_eq!(verified(&text.replace(": one", ": two"), public(1)), global);
    let (lines, others): (Vec<_>, Vec<_>) = (text.lines().collect(), other.lines().collect());
    let swapped = format!("{}\n{}\n{}\n{}\n", lines[0], lines[1], lines[2], others[3]);
    assert_eq!(verified(&swapped, public(1)), global);
}

#[test]
fn what_the_stock_tools_let_pass_in_different_ways_is_refused() {
    let text = minisign::sign(&secret(1), MESSAGE, "c", "trusted").unwrap();
    let two = minisign::sign_two_lines(&secret(1), MESSAGE, "c").unwrap();
    let lines: Vec<_> = text.lines().collect();
    let [comment, signature, trusted, global] = lines.as_slice() else { panic!("four lines") };
    // The last character before `=` or `==` has bits to spare.
    let spare = |line: &str| {
        let at = line.find('=').unwrap() - 1;
        let bumped = char::from(line.as_bytes()[at] + 1);
        format!("{}{bumped}{}", &line[..at], &line[at + 1..])
    };
    let cases = [
        (format!("{text}more\n"), Rule::Sig10),
        (format!("{text}\n"), Rule::Sig10),
        (format!("{two}\n"), Rule::Sig10),
        (text.trim_end().to_owned(), Rule::Sig10),
        (format!("{comment}\n{signature}\n{trusted}\n"), Rule::Sig10),
        (format!("{comment}\n"), Rule::Sig10),
        (String::new(), Rule::Sig10),
        (text.replace('\n', "\r\n"), Rule::Sig10),
        (text.replace("untrusted", "trusted"), Rule::Sig10),
        (text.replace("\ntrusted", "\nTrusted"), Rule::Sig10),
        (format!("{comment}\n{}\n{trusted}\n{global}\n", spare(signature)), Rule::Sig10),
        (format!("{comment}\n{signature}\n{trusted}\n{}\n", spare(global)), Rule::Sig10),
        (format!("{comment}\n{signature}\n{trusted}\n{}\n", &global[..84]), Rule::Sig10),
        (format!("{comment}\n{signature} \n{trusted}\n{global}\n"), Rule::Sig10),
        (text.replace("trusted\n", "trusted\r\n"), Rule::Sig11),
        (text.replace(": trusted", ": \rhidden"), Rule::Sig11),
        (text.replace(": trusted", ": \u{1b}[2K"), Rule::Sig11),
        (text.replace(": trusted", ": \u{85}"), Rule::Sig11),
        (text.replace("\nRW", "\nRV"), Rule::Sig12),
        (two.replace("\nRW", "\nRU"), Rule::Sig12),
        (block::write(&Signature::new(Algorithm::SlhDsa, key(1).key_id(), &[0; 7856]).unwrap()), Rule::Sig10),
        (format!("untrusted comment: {}\n{signature}\n", "x".repeat(1004)), Rule::Sig10),
        (text.replace(": trusted", &format!(": {}", "x".repeat(8174))), Rule::Sig10),
    ];
    for (text, rule) in cases {
        let error = SignatureFile::parse(&text).unwrap_err();
        assert_eq!(error.rule(), rule, "{text:?}: {error}");
    }
    assert!(matches!(
        SignatureFile::parse(&text.replace("trusted\n", "trusted\r\n")),
        Err(FileError::Control { found }) if found == "trusted\r"
    ));
}

#[test]
fn a_trusted_comment_may_have_tabs_as_minisign_writes_them() {
    let text = minisign::sign(&secret(1), MESSAGE, "c", "timestamp:1\tfile:x").unwrap();
    let file = SignatureFile::parse(&text).unwrap();
    assert_eq!(file.verify(&public(1), MESSAGE).unwrap().trusted_comment, Some("timestamp:1\tfile:x"));
}

#[test]
fn comments_that_would_break_the_file_are_not_signed() {
    for comment in ["a\nb", "a\rb", &"x".repeat(1004)] {
        let error = minisign::sign(&secret(1), MESSAGE, comment, "t").unwrap_err();
        assert!(matches!(error, minisign::SignError::Comment { limit: 1003, .. }), "{error}");
    }
    assert!(minisign::sign(&secret(1), MESSAGE, "c", &"x".repeat(8174)).is_err());
    assert!(minisign::sign(&secret(1), MESSAGE, &"x".repeat(1003), &"x".repeat(8173)).is_ok());
}

#[test]
fn the_second_verifier_agrees_with_what_is_accepted_here() {
    let text = minisign::sign(&secret(1), MESSAGE, "c", "t").unwrap();
    assert_eq!(second_opinion(&public(1), &text, MESSAGE), Ok(()));
    let error = second_opinion(&public(1), &text, b"other").unwrap_err();
    assert_eq!(error.rule(), Rule::Ver6);
    assert!(second_opinion(&public(2), &text, MESSAGE).is_err());
}

proptest! {
    #[test]
    fn reading_a_block_is_total(comment in ".{0,60}", line in "[A-Za-z0-9+/=]{0,120}", text in ".{0,200}") {
        let _ = block::parse(&text);
        let _ = block::parse(&format!("{comment}\n{line}\n"));
    }

    #[test]
    fn what_is_read_as_a_block_is_written_the_same(line in "RW[A-Za-z0-9+/]{96}[AQgw]==|RW[A-Za-z0-9+/]{97}=") {
        let text = format!("untrusted comment: sigpkg signature\n{line}\n");
        if let Ok(signature) = block::parse(&text) {
            prop_assert_eq!(block::write(&signature), text);
        }
    }

    #[test]
    fn reading_a_signature_file_is_total(
        lines in prop::collection::vec("(untrusted comment: |trusted comment: )?[ -~\\r\\t]{0,104}", 0..6),
        text in ".{0,300}",
    ) {
        let _ = SignatureFile::parse(&text);
        let _ = SignatureFile::parse(&lines.join("\n"));
        let _ = ReleaseSignature::parse(&(lines.join("\n") + "\n"), "t");
        let _ = second_opinion(&public(1), &text, MESSAGE);
        let _ = second_opinion(&public(1), &lines.join("\n"), MESSAGE);
    }

    #[test]
    fn verifying_is_total(bytes: [u8; 32], r: [u8; 32], s: [u8; 32], message: Vec<u8>) {
        if let Ok(key) = LinkKey::new(Algorithm::Ed25519, bytes) {
            prop_assert!(verify::link(&key, &message, &ed25519(&key, &[r, s].concat())).is_err());
        }
    }
}
