use std::convert::Infallible;

use proptest::prelude::*;
use rand_core::{TryCryptoRng, TryRng};

use super::*;

/// Counts up: salts of tests need no randomness.
struct Counter(u8);

impl TryRng for Counter {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0.into())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.into())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for byte in bytes {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
        Ok(())
    }
}

impl TryCryptoRng for Counter {}

const LOCKED: Protection<'_> = Protection::Passphrase { passphrase: b"open sesame", cost: Cost::TEST };

/// Test keys of each kind that this module writes.
fn secrets() -> Vec<Secret> {
    let seed = Seed::from_bytes([9; 32]);
    vec![
        Secret::Key(seed.link_secret(Algorithm::Ed25519, 1).unwrap()),
        Secret::Key(seed.link_secret(Algorithm::SlhDsa, 1).unwrap()),
        Secret::Key(SecretKey::generate(Algorithm::Reserve, &mut Counter(0))),
        Secret::Seed(seed),
    ]
}

fn written(secret: &Secret, protection: Protection<'_>) -> String {
    encode(secret, protection, "a test key", &mut Counter(0)).unwrap().as_str().to_owned()
}

/// The file with one byte of its container changed.
fn changed(file: &str, at: usize) -> String {
    let (comment, line) = file.trim_end().split_once('\n').unwrap();
    let mut bytes = text::from_base64(line).unwrap();
    bytes[at] ^= 1;
    format!("{comment}\n{}\n", text::to_base64(&bytes))
}

fn same(one: &Secret, other: &Secret) -> bool {
    one.parts() == other.parts()
}

#[test]
fn each_kind_is_written_and_read_back_plain_and_encrypted() {
    let kinds = [Kind::Minisign, Kind::Link, Kind::Reserve, Kind::Seed];
    for (secret, kind) in secrets().iter().zip(kinds) {
        let plain = SecretFile::parse(&written(secret, Protection::Plain)).unwrap();
        assert_eq!((plain.kind(), plain.is_encrypted(), plain.cost()), (kind, false, None));
        assert_eq!(plain.claimed_key_id(), Some(secret.parts().1));
        assert!(same(&plain.open(None).unwrap(), secret));
        assert!(same(&plain.open(Some(b"not needed")).unwrap(), secret));

        let locked = SecretFile::parse(&written(secret, LOCKED)).unwrap();
        assert_eq!((locked.kind(), locked.is_encrypted(), locked.cost()), (kind, true, Some(Cost::TEST)));
        assert_eq!(locked.claimed_key_id(), None);
        assert!(same(&locked.open(Some(b"open sesame")).unwrap(), secret));
        assert_eq!(locked.open(None).map(|_| ()), Err(SecretFileError::PassphraseMissing));
        assert_eq!(locked.open(Some(b"open Sesame")).map(|_| ()), Err(SecretFileError::Passphrase));
    }
}

#[test]
fn a_plain_file_that_is_damaged_says_so() {
    let file = written(&secrets()[0], Protection::Plain);
    for at in 54..CONTAINER {
        let error = SecretFile::parse(&changed(&file, at)).unwrap().open(None).map(|_| ()).unwrap_err();
        assert_eq!(error, SecretFileError::Damaged { found: "a wrong checksum" }, "byte {at}");
    }
}

#[test]
fn an_encrypted_file_that_is_damaged_in_part_is_told_from_a_wrong_passphrase() {
    let file = written(&secrets()[0], LOCKED);
    let open = |at| SecretFile::parse(&changed(&file, at)).unwrap().open(Some(b"open sesame")).map(|_| ()).unwrap_err();
    // In the key id and in the checksum: the key itself still fits.
    assert_eq!(open(54), SecretFileError::Damaged { found: "a wrong checksum" });
    assert_eq!(open(157), SecretFileError::Damaged { found: "a wrong checksum" });
    // In the salt or the key: nothing fits.
    assert_eq!(open(6), SecretFileError::Passphrase);
    assert_eq!(open(70), SecretFileError::Passphrase);
}

#[test]
fn the_checksum_of_a_plain_file_may_be_empty_as_minisign_0_11_leaves_it() {
    let secrets = secrets();
    let file = written(&secrets[0], Protection::Plain);
    let (comment, line) = file.trim_end().split_once('\n').unwrap();
    let mut bytes = text::from_base64(line).unwrap();
    bytes[126..].fill(0);
    let file = format!("{comment}\n{}\n", text::to_base64(&bytes));
    assert!(same(&SecretFile::parse(&file).unwrap().open(None).unwrap(), &secrets[0]));
    // Then at least the halves must belong together.
    let file = changed(&file, 125);
    assert_eq!(
        SecretFile::parse(&file).unwrap().open(None).map(|_| ()),
        Err(SecretFileError::Damaged { found: "two halves that do not belong together" })
    );
}

#[test]
fn a_file_that_asks_for_too_much_is_refused_before_anything_is_spent() {
    let mut bytes = text::from_base64(written(&secrets()[0], LOCKED).lines().nth(1).unwrap()).unwrap();
    bytes[38..54].fill(0xff);
    let file = SecretFile::parse(&format!("untrusted comment: x\n{}\n", text::to_base64(&bytes))).unwrap();
    let error = file.open(Some(b"open sesame")).map(|_| ()).unwrap_err();
    assert!(matches!(error, SecretFileError::Cost(CostError::Memory { .. })), "{error}");
    // Not even a passphrase is asked for.
    assert!(matches!(file.open(None), Err(SecretFileError::Cost(_))));
}

#[test]
fn a_signify_file_that_asks_for_too_many_rounds_is_refused() {
    let mut bytes = b"EdBK\0\0\x04\0".to_vec();
    bytes.resize(SIGNIFY, 1);
    let file = SecretFile::parse(&format!("untrusted comment: x\n{}\n", text::to_base64(&bytes))).unwrap();
    let error = file.open(None).map(|_| ()).unwrap_err();
    assert_eq!((error.rule(), error), (Rule::Sec6, SecretFileError::Cost(CostError::Rounds { found: 1024 })));
}

#[test]
fn a_seed_that_is_not_followed_by_zeros_is_no_seed() {
    let secret = Secret::Seed(Seed::from_bytes([9; 32]));
    let mut bytes = text::from_base64(written(&secret, Protection::Plain).lines().nth(1).unwrap()).unwrap();
    bytes[125] = 1;
    let checksum = checksum(*b"Sd", &bytes[54..126]);
    bytes[126..].copy_from_slice(checksum.as_slice());
    let file = SecretFile::parse(&format!("untrusted comment: x\n{}\n", text::to_base64(&bytes))).unwrap();
    assert_eq!(
        file.open(None).map(|_| ()),
        Err(SecretFileError::Damaged { found: "two halves that do not belong together" })
    );
}

#[test]
fn an_slh_dsa_key_with_a_key_id_of_its_own_is_refused() {
    let Secret::Key(key) = &secrets()[1] else { panic!("the second secret is a key") };
    let foreign = KeyId::from_bytes(*b"whatever");
    let key = SecretKey::from_bytes(Algorithm::SlhDsa, foreign, &key.to_bytes()).unwrap();
    let expected = KeyId::derived(&key.public_bytes());
    let file = SecretFile::parse(&written(&Secret::Key(key), Protection::Plain)).unwrap();
    assert_eq!(file.open(None).map(|_| ()), Err(SecretFileError::KeyId { expected, found: foreign }));
}

#[test]
fn tags_that_are_unknown_are_named() {
    let file = written(&secrets()[0], Protection::Plain);
    for (at, what) in [(0, "a key of kind"), (2, "a key derivation"), (4, "a checksum of kind")] {
        match SecretFile::parse(&changed(&file, at)) {
            Err(SecretFileError::Tag { what: found, .. }) => assert_eq!(found, what),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn line_ends_are_let_pass_and_other_forms_are_not() {
    let secrets = secrets();
    let file = written(&secrets[0], Protection::Plain);
    for other in [file.replace('\n', "\r\n"), file.trim_end().to_owned(), file.replacen('\n', "\r\n", 1)] {
        assert!(same(&SecretFile::parse(&other).unwrap().open(None).unwrap(), &secrets[0]));
    }
    for other in [String::new(), format!("{file}x\n"), format!("\n{file}"), file.replace("untrusted ", "")] {
        assert!(matches!(SecretFile::parse(&other), Err(SecretFileError::Form { .. })), "{other:?}");
    }
    let line = file.lines().nth(1).unwrap();
    for other in [&line[..200], "", &line.replace('=', "")] {
        let file = format!("untrusted comment: x\n{other}\n");
        assert_eq!(SecretFile::parse(&file).map(|_| ()), Err(SecretFileError::Base64));
    }
}

#[test]
fn a_comment_cannot_break_the_file() {
    let secrets = secrets();
    let file = encode(&secrets[0], Protection::Plain, "one\ntwo\r\u{7f}", &mut Counter(0)).unwrap();
    assert!(file.starts_with("untrusted comment: onetwo\n"));
    assert!(SecretFile::parse(&file).is_ok());
    assert_eq!(file.len(), file.capacity());
}

#[test]
fn the_crate_minisign_reads_what_is_written_and_is_read() {
    let secrets = secrets();
    let plain = minisign::SecretKeyBox::from_string(&written(&secrets[0], Protection::Plain)).unwrap();
    let key = plain.into_unencrypted_secret_key().unwrap();
    assert_eq!(key.keynum(), secrets[0].parts().1.as_bytes());
    let locked = minisign::SecretKeyBox::from_string(&written(&secrets[0], LOCKED)).unwrap();
    assert_eq!(locked.into_secret_key(Some("open sesame".to_owned())).unwrap(), key);

    let pair = minisign::KeyPair::generate_unencrypted_keypair().unwrap();
    let theirs = pair.sk.to_box(None).unwrap().into_string();
    let Secret::Key(read) = SecretFile::parse(&theirs).unwrap().open(None).unwrap() else { panic!("a key") };
    assert_eq!(read.public_key().unwrap().to_string(), pair.pk.to_base64());
}

proptest! {
    #[test]
    fn reading_a_file_is_total(line in "[A-Za-z0-9+/=]{0,220}", comment in ".{0,40}") {
        let _ = SecretFile::parse(&line);
        let _ = SecretFile::parse(&format!("untrusted comment: {comment}\n{line}"));
    }

    #[test]
    fn reading_and_opening_a_container_is_total(
        tag in prop::sample::select(vec![*b"Ed", *b"Sd"]),
        rest in prop::collection::vec(any::<u8>(), CONTAINER - 6),
        signify in prop::collection::vec(any::<u8>(), SIGNIFY - 8),
    ) {
        let minisign = [tag.as_slice(), &[0, 0], b"B2", &rest].concat();
        let signify = [b"EdBK\0\0\0\0".as_slice(), &signify].concat();
        for bytes in [minisign, signify] {
            let file = SecretFile::parse(&format!("untrusted comment: x\n{}", text::to_base64(&bytes))).unwrap();
            prop_assert!(file.open(None).is_err());
        }
    }
}
