//! Keys and signatures in both directions between sigpkg and the stock tools: minisign and signify-openbsd.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::convert::Infallible;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use rand_core::{TryCryptoRng, TryRng};
use sigpkg::key::{Algorithm, LinkKey, PublicKey};
use sigpkg::secret::file::{Protection, Secret, SecretFile, SecretFileError, encode};
use sigpkg::secret::kdf::Cost;
use sigpkg::secret::{Kind, SecretKey, Seed, scan};
use sigpkg::signature::block;
use sigpkg::signature::minisign::{self, Mode, Prehash, SignatureFile, StockError};
use sigpkg::signature::release::{self, ReleaseSignature};
use tempfile::TempDir;

const MESSAGE: &[u8] = b"sigpkg = 1\nthe text of a test\n";
const PASSPHRASE: &str = "correct horse";
const MINISIGN: Tool = Tool { program: "minisign", package: "minisign" };
const SIGNIFY: Tool = Tool { program: "signify-openbsd", package: "signify-openbsd" };

/// A stock tool and the Debian package that has it.
struct Tool {
    program: &'static str,
    package: &'static str,
}

impl Tool {
    /// Runs the tool in the folder, with the passphrase on its standard input; whether it was content.
    fn run(&self, folder: &TempDir, arguments: &[&str]) -> bool {
        let mut child = Command::new(self.program)
            .args(arguments)
            .current_dir(folder)
            .env("HOME", folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{} does not start ({error}); install the Debian package {}", self.program, self.package)
            });
        let mut input = child.stdin.take().unwrap();
        // Twice, for a tool that asks again. One that asks for nothing may be gone already.
        let _ = write!(input, "{PASSPHRASE}\n{PASSPHRASE}\n");
        drop(input);
        child.wait().unwrap().success()
    }
}

/// A folder with the message in it.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "message", MESSAGE);
    folder
}

fn write(folder: &TempDir, name: &str, bytes: impl AsRef<[u8]>) {
    fs::write(folder.path().join(name), bytes).unwrap();
}

fn read(folder: &TempDir, name: impl AsRef<Path>) -> String {
    fs::read_to_string(folder.path().join(name)).unwrap()
}

fn public(folder: &TempDir, name: &str) -> PublicKey {
    PublicKey::from_file_text(&read(folder, name)).unwrap()
}

fn open(folder: &TempDir, name: &str, passphrase: Option<&str>) -> Result<SecretKey, SecretFileError> {
    match SecretFile::parse(&read(folder, name))?.open(passphrase.map(str::as_bytes))? {
        Secret::Key(key) => Ok(key),
        Secret::Seed(_) => panic!("expected a key, found a seed"),
    }
}

/// A test key of its own for each number.
fn secret(number: u64) -> SecretKey {
    Seed::from_bytes([0x51; 32]).link_secret(Algorithm::Ed25519, number).unwrap()
}

/// Writes a test key as secret and public key file.
fn write_pair(folder: &TempDir, number: u64, protection: Protection<'_>) -> PublicKey {
    let key = secret(number).public_key().unwrap();
    let file = encode(&Secret::Key(secret(number)), protection, "a test key", &mut Counter(0)).unwrap();
    write(folder, "key.sec", file.as_bytes());
    write(folder, "key.pub", key.to_file_text());
    key
}

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

#[test]
fn keys_and_signatures_of_minisign_are_read() {
    let folder = folder();
    assert!(MINISIGN.run(&folder, &["-G", "-W", "-p", "key.pub", "-s", "key.sec"]));
    assert!(MINISIGN.run(&folder, &["-S", "-l", "-s", "key.sec", "-m", "message", "-x", "pure", "-t", "trusted"]));
    assert!(MINISIGN.run(&folder, &["-S", "-s", "key.sec", "-m", "message", "-x", "hashed"]));
    let key = public(&folder, "key.pub");
    assert_eq!(open(&folder, "key.sec", None).unwrap().public_key().unwrap(), key);
    // Its id is random, so it is no key of a chain.
    assert!(LinkKey::from_text(&key.to_string()).is_err());

    let pure = SignatureFile::parse(&read(&folder, "pure")).unwrap();
    assert_eq!((pure.claimed_mode(), pure.claimed_key_id()), (Mode::Pure, key.key_id()));
    assert_eq!(pure.verify(&key, MESSAGE).unwrap().trusted_comment, Some("trusted"));
    assert_eq!(pure.verify(&key, b"other"), Err(StockError::Invalid { key_id: key.key_id() }));
    release::second_opinion(&key, &read(&folder, "pure"), MESSAGE).unwrap();

    let hashed = SignatureFile::parse(&read(&folder, "hashed")).unwrap();
    assert_eq!(hashed.claimed_mode(), Mode::Prehashed);
    let comment = hashed.verify(&key, MESSAGE).unwrap().trusted_comment.unwrap().to_owned();
    assert!(comment.starts_with("timestamp:"), "{comment}");
    hashed.as_prehashed().unwrap().verify(&key, &Prehash::of(MESSAGE)).unwrap();

    let [found] = scan::find(read(&folder, "key.sec").as_bytes()).try_into().unwrap();
    assert_eq!((found.kind, found.claimed_key_id, found.is_plain), (Kind::Minisign, Some(key.key_id()), true));
}

#[test]
fn an_encrypted_key_of_minisign_opens_with_its_passphrase_alone() {
    let folder = folder();
    assert!(MINISIGN.run(&folder, &["-G", "-p", "key.pub", "-s", "key.sec"]));
    let file = SecretFile::parse(&read(&folder, "key.sec")).unwrap();
    assert_eq!((file.kind(), file.is_encrypted(), file.cost()), (Kind::Minisign, true, Some(Cost::SENSITIVE)));
    assert_eq!(open(&folder, "key.sec", Some(PASSPHRASE)).unwrap().public_key().unwrap(), public(&folder, "key.pub"));
    assert_eq!(open(&folder, "key.sec", Some("wrong")).map(|_| ()), Err(SecretFileError::Passphrase));
    let [found] = scan::find(read(&folder, "key.sec").as_bytes()).try_into().unwrap();
    assert_eq!((found.kind, found.claimed_key_id, found.is_plain), (Kind::Minisign, None, false));
}

#[test]
fn keys_and_signatures_of_signify_are_read() {
    for locked in [false, true] {
        let folder = folder();
        let flags = if locked { "-G" } else { "-Gn" };
        assert!(SIGNIFY.run(&folder, &[flags, "-c", "a test key", "-p", "key.pub", "-s", "key.sec"]));
        assert!(SIGNIFY.run(&folder, &["-S", "-s", "key.sec", "-m", "message", "-x", "message.sig"]));
        let key = public(&folder, "key.pub");
        let file = SecretFile::parse(&read(&folder, "key.sec")).unwrap();
        assert_eq!((file.kind(), file.is_encrypted()), (Kind::Signify, locked));
        assert_eq!(file.claimed_key_id(), Some(key.key_id()));
        let passphrase = locked.then_some(PASSPHRASE);
        assert_eq!(open(&folder, "key.sec", passphrase).unwrap().public_key().unwrap(), key);
        if locked {
            assert_eq!(open(&folder, "key.sec", None).map(|_| ()), Err(SecretFileError::PassphraseMissing));
            for wrong in ["wrong", ""] {
                assert_eq!(open(&folder, "key.sec", Some(wrong)).map(|_| ()), Err(SecretFileError::Passphrase));
            }
        }

        let signature = SignatureFile::parse(&read(&folder, "message.sig")).unwrap();
        assert_eq!(signature.verify(&key, MESSAGE).unwrap().trusted_comment, None);
        assert_eq!(signature.verify(&key, b"other"), Err(StockError::Invalid { key_id: key.key_id() }));

        let [found] = scan::find(read(&folder, "key.sec").as_bytes()).try_into().unwrap();
        assert_eq!((found.kind, found.claimed_key_id, found.is_plain), (Kind::Signify, Some(key.key_id()), !locked));

        // And what sigpkg signs with it, both tools accept.
        let secret = open(&folder, "key.sec", passphrase).unwrap();
        write(&folder, "ours.sig", minisign::sign_two_lines(&secret, MESSAGE, "verify with key.pub").unwrap());
        assert!(SIGNIFY.run(&folder, &["-V", "-p", "key.pub", "-m", "message", "-x", "ours.sig"]));
        write(&folder, "ours.minisig", minisign::sign(&secret, MESSAGE, "c", "t").unwrap());
        assert!(MINISIGN.run(&folder, &["-V", "-p", "key.pub", "-m", "message", "-x", "ours.minisig"]));
    }
}

#[test]
fn minisign_uses_the_secret_key_files_that_sigpkg_writes() {
    let passphrase = PASSPHRASE.as_bytes();
    for protection in [
        Protection::Plain,
        Protection::Passphrase { passphrase, cost: Cost::TEST },
        Protection::Passphrase { passphrase, cost: Cost::DEFAULT },
    ] {
        let folder = folder();
        let key = write_pair(&folder, 1, protection);
        for flag in ["-l", "-H"] {
            assert!(
                MINISIGN.run(&folder, &["-S", flag, "-s", "key.sec", "-p", "key.pub", "-m", "message", "-x", "sig"]),
                "{protection:?}"
            );
            SignatureFile::parse(&read(&folder, "sig")).unwrap().verify(&key, MESSAGE).unwrap();
        }
        // The public key made from the secret one is the one that sigpkg gives.
        assert!(MINISIGN.run(&folder, &["-R", "-s", "key.sec", "-p", "again.pub"]));
        assert_eq!(public(&folder, "again.pub"), key);
        assert_eq!(open(&folder, "key.sec", Some(PASSPHRASE)).unwrap().link_key().unwrap().key_id(), key.key_id());
    }
}

#[test]
fn minisign_signs_a_release_if_sigpkg_ever_cannot() {
    let folder = folder();
    let key = write_pair(&folder, 1, Protection::Plain);
    let comment = release::trusted_comment("sigpAAAA", 3);
    let arguments =
        ["-S", "-l", "-s", "key.sec", "-m", "message", "-x", "sig", "-c", "sigpkg signature", "-t", &comment];
    assert!(MINISIGN.run(&folder, &arguments));
    let text = read(&folder, "sig");
    ReleaseSignature::parse(&text, &comment).unwrap().verify(&secret(1).link_key().unwrap(), MESSAGE).unwrap();
    assert_eq!(text, release::sign(&secret(1), MESSAGE, &comment).unwrap());
    // Its upper two lines are the block of the chain.
    let upper: String = text.split_inclusive('\n').take(2).collect();
    assert_eq!(upper, block::write(&secret(1).sign(MESSAGE)));
    assert_eq!(key.key_id(), secret(1).key_id());
}

#[test]
fn stock_tools_accept_the_file_beside_a_release_and_refuse_another_text() {
    let folder = folder();
    let key = write_pair(&folder, 1, Protection::Plain);
    write(&folder, "sig", release::sign(&secret(1), MESSAGE, &release::trusted_comment("sigpAAAA", 3)).unwrap());
    let minisign = ["-V", "-P", &key.to_string(), "-m", "message", "-x", "sig"];
    let signify = ["-V", "-p", "key.pub", "-m", "message", "-x", "sig"];
    assert!(MINISIGN.run(&folder, &minisign));
    assert!(SIGNIFY.run(&folder, &signify));
    write(&folder, "message", b"another text");
    assert!(!MINISIGN.run(&folder, &minisign));
    assert!(!SIGNIFY.run(&folder, &signify));
}

#[test]
fn minisign_accepts_the_prehashed_signatures_that_sigpkg_makes() {
    let folder = folder();
    write_pair(&folder, 1, Protection::Plain);
    let text = minisign::sign_prehashed(&secret(1), &Prehash::of(MESSAGE), "c", "t").unwrap();
    write(&folder, "sig", &text);
    let arguments = ["-V", "-p", "key.pub", "-m", "message", "-x", "sig"];
    assert!(MINISIGN.run(&folder, &arguments));
    // -H insists on the prehashed mode.
    assert!(MINISIGN.run(&folder, &["-V", "-H", "-p", "key.pub", "-m", "message", "-x", "sig"]));
    write(&folder, "sig", text.replace("\nRU", "\nRW"));
    assert!(!MINISIGN.run(&folder, &arguments));
}

#[test]
fn signify_accepts_the_signature_block_of_a_chain() {
    let folder = folder();
    write_pair(&folder, 1, Protection::Plain);
    write(&folder, "sig", block::write(&secret(1).sign(MESSAGE)));
    assert!(SIGNIFY.run(&folder, &["-V", "-p", "key.pub", "-m", "message", "-x", "sig"]));
}

#[test]
fn minisign_refuses_the_files_of_sigpkg_that_are_not_its_own() {
    let seed = Seed::from_bytes([0x51; 32]);
    for secret in [Secret::Key(seed.link_secret(Algorithm::SlhDsa, 1).unwrap()), Secret::Seed(seed)] {
        let folder = folder();
        let file = encode(&secret, Protection::Plain, "a test key", &mut Counter(0)).unwrap();
        write(&folder, "key.sec", file.as_bytes());
        assert!(!MINISIGN.run(&folder, &["-S", "-s", "key.sec", "-m", "message", "-x", "sig"]));
    }
}

/// What one stock tool lets pass and the other, or this one, does not. If a tool changes its mind, this test says so.
#[test]
fn what_a_stock_tool_lets_pass_is_still_refused_here() {
    let folder = folder();
    let key = write_pair(&folder, 1, Protection::Plain);
    let text = minisign::sign(&secret(1), MESSAGE, "c", "trusted").unwrap();
    let lines: Vec<_> = text.lines().collect();
    let block = [lines[0], "\n", &with_raised_s(&secret(1)), "\n"].concat();
    let global = [lines[2], "\n", lines[3], "\n"].concat();
    let cases = [
        // (what, file, minisign 0.11 accepts, signify 31 accepts)
        ("nothing wrong", text.clone(), true, true),
        ("S raised by the group order", block + &global, false, true),
        ("spare bits in base64", text.replace(lines[3], &with_spare_bits(lines[3])), true, true),
        ("a fifth line", format!("{text}more\n"), true, true),
        ("CR at the end of the trusted comment", text.replace("trusted\n", "trusted\r\n"), true, true),
        ("CR at the end of each line", text.replace('\n', "\r\n"), true, true),
        ("a global signature cut short", text.replace(lines[3], &lines[3][..84]), false, true),
        ("another trusted comment", text.replace(": trusted", ": Trusted"), false, true),
        ("relabelled as prehashed", text.replace("\nRW", "\nRU"), false, false),
    ];
    for (what, file, minisign_accepts, signify_accepts) in cases {
        write(&folder, "sig", &file);
        let arguments = ["-V", "-p", "key.pub", "-m", "message", "-x", "sig"];
        let accepted = SignatureFile::parse(&file).is_ok_and(|file| file.verify(&key, MESSAGE).is_ok());
        assert_eq!(accepted, what == "nothing wrong", "{what}");
        let stock = (MINISIGN.run(&folder, &arguments), SIGNIFY.run(&folder, &arguments));
        assert_eq!(stock, (minisign_accepts, signify_accepts), "{what}");
    }
}

/// The second line of a signature whose S was raised by the group order (RFC 8032, section 5.1).
fn with_raised_s(secret: &SecretKey) -> String {
    const ORDER: u128 = 0x14de_f9de_a2f7_9cd6_5812_631a_5cf5_d3ed;
    let signature = secret.sign(MESSAGE);
    let (r, s) = signature.as_bytes().split_at(32);
    let (low, high) = s.split_at(16);
    let (low, carry) = u128::from_le_bytes(low.try_into().unwrap()).overflowing_add(ORDER);
    let high = u128::from_le_bytes(high.try_into().unwrap()) + (1 << 124) + u128::from(carry);
    let raised = [b"Ed".as_slice(), secret.key_id().as_bytes(), r, &low.to_le_bytes(), &high.to_le_bytes()].concat();
    sigpkg::text::to_base64(&raised)
}

/// The same bytes of base64 in another spelling: the last character before the padding has bits to spare.
fn with_spare_bits(line: &str) -> String {
    let at = line.find('=').unwrap() - 1;
    format!("{}{}{}", &line[..at], char::from(line.as_bytes()[at] + 1), &line[at + 1..])
}
