//! What tests/openssl.sh asks of sigpkg: signatures as the files that `openssl pkeyutl` reads, and verdicts.
//!
//! - `openssl vectors TESTVECTORS FOLDER` writes every SLH-DSA signature of the vectors whose key is known: NAME.der,
//!   NAME.message and NAME.signature, and in `cases` a line for each: name, `link` or `reserve`, `accept` or `refuse`.
//! - `openssl new-link-key SECRET` makes a secret key file, unprotected: a TEST KEY.
//! - `openssl sign SECRET MESSAGE NAME` writes NAME.signature, and NAME.der with the public key.
//! - `openssl verify link|reserve PUBLIC MESSAGE SIGNATURE` prints `accept` or `refuse`.
//!
//! Keys are in the form of RFC 9909, signatures the bytes of FIPS 205.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot read its files fails")]

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::Path;

use rand_core::UnwrapErr;
use serde_json::Value;
use sigpkg::key::{Algorithm, KeyId, LinkKey, ReserveKey};
use sigpkg::secret::SecretKey;
use sigpkg::secret::file::{Protection, Secret, SecretFile, encode};
use sigpkg::signature::{Signature, VerifyError, block, verify};
use sigpkg::text::from_hex;

/// What stands before the 32 bytes of a public key: a SEQUENCE of the algorithm, whose identifier is
/// 2.16.840.1.101.3.4.3.26 (id-slh-dsa-shake-128s), and of a BIT STRING (RFC 9909).
const PUBLIC_PREFIX: [u8; 18] = *b"\x30\x30\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x1a\x03\x21\x00";

/// A key that can have made an SLH-DSA signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Link([u8; 32]),
    Reserve([u8; 32]),
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["vectors", testvectors, folder] => write_vectors(Path::new(testvectors), Path::new(folder)),
        ["new-link-key", secret] => new_link_key(Path::new(secret)),
        ["sign", secret, message, name] => sign(Path::new(secret), Path::new(message), name),
        ["verify", role, public, message, signature] => {
            let public = fs::read(public).unwrap();
            let public = public.strip_prefix(PUBLIC_PREFIX.as_slice()).expect("a public key of SLH-DSA-SHAKE-128s");
            let key = Key::new(role, public.try_into().unwrap());
            let (message, signature) = (fs::read(message).unwrap(), fs::read(signature).unwrap());
            println!("{}", word(key.accepts(&message, &signature)));
        }
        _ => panic!("expected vectors, new-link-key, sign or verify, and what belongs to it, found {arguments:?}"),
    }
}

fn new_link_key(path: &Path) {
    let mut random = UnwrapErr(getrandom::SysRng);
    let secret = Secret::Key(SecretKey::generate(Algorithm::SlhDsa, &mut random));
    fs::write(path, encode(&secret, Protection::Plain, "a TEST KEY", &mut random).unwrap().as_str()).unwrap();
}

fn sign(secret: &Path, message: &Path, name: &str) {
    let secret = match SecretFile::parse(&fs::read_to_string(secret).unwrap()).unwrap().open(None).unwrap() {
        Secret::Key(secret) => secret,
        Secret::Seed(_) => panic!("expected a key, found a seed"),
    };
    let signature = secret.sign(&fs::read(message).unwrap());
    fs::write(format!("{name}.signature"), signature.as_bytes()).unwrap();
    fs::write(format!("{name}.der"), public_file(&secret.public_bytes())).unwrap();
}

fn write_vectors(testvectors: &Path, folder: &Path) {
    let index: Value = serde_json::from_slice(&fs::read(testvectors.join("index.json")).unwrap()).unwrap();
    let mut seen = BTreeSet::new();
    let mut cases = Vec::new();
    for vector in index["vectors"].as_array().unwrap() {
        for (key, message, signature) in signatures(testvectors, vector) {
            if !seen.insert((key, message.clone(), signature.clone())) {
                continue;
            }
            let name = format!("{:03}-{}", seen.len(), vector["id"].as_str().unwrap());
            fs::write(folder.join(format!("{name}.der")), public_file(key.as_bytes())).unwrap();
            fs::write(folder.join(format!("{name}.message")), &message).unwrap();
            fs::write(folder.join(format!("{name}.signature")), &signature).unwrap();
            cases.push(format!("{name} {} {}\n", key.role(), word(key.accepts(&message, &signature))));
        }
    }
    fs::write(folder.join("cases"), cases.concat()).unwrap();
}

/// Each SLH-DSA signature of a vector with its message, and with the key that it names, if that is there.
fn signatures(testvectors: &Path, vector: &Value) -> Vec<(Key, Vec<u8>, Vec<u8>)> {
    let mut found = Vec::new();
    let input = |name: &str| source(testvectors, &vector["input"][name]);
    if let (Some(block), Some(key), Some(message)) = (input("block"), input("key"), input("message")) {
        let keys = Key::all_in(&format!("\"{}\"", String::from_utf8_lossy(&key)));
        found.extend(named(&keys, &String::from_utf8_lossy(&block)).map(|(key, signature)| (key, message, signature)));
    }
    let mut chains = Vec::new();
    collect_chains(testvectors, vector, &mut chains);
    for chain in &chains {
        let keys = Key::all_in(chain);
        for (statement, blocks) in records(chain) {
            let signed = blocks.iter().filter_map(|block| named(&keys, block));
            found.extend(signed.map(|(key, signature)| (key, statement.as_bytes().to_vec(), signature)));
        }
    }
    found
}

/// The one of these keys that an SLH-DSA block names, and the signature. OpenSSL knows neither tags nor ids, so a
/// block that names no key or the wrong one is nothing to ask it about.
fn named(keys: &[Key], block: &str) -> Option<(Key, Vec<u8>)> {
    let signature = block::parse(block).ok()?;
    let claimed = (signature.claimed_algorithm(), signature.claimed_key_id());
    let key = keys.iter().find(|key| (key.algorithm(), KeyId::derived(key.as_bytes())) == claimed)?;
    Some((*key, signature.as_bytes().to_vec()))
}

/// Every chain in a vector or in the tree files that it names.
fn collect_chains(testvectors: &Path, value: &Value, found: &mut Vec<String>) {
    if let Some(bytes) = source(testvectors, value) {
        if bytes.starts_with(b"sigpkg = 1\n") {
            found.extend(String::from_utf8(bytes));
        } else if let Ok(tree @ Value::Object(_)) = serde_json::from_slice(&bytes) {
            collect_chains(testvectors, &tree, found);
        }
    } else if let Some(list) = value.as_array() {
        for value in list {
            collect_chains(testvectors, value, found);
        }
    } else if let Some(object) = value.as_object() {
        for value in object.values() {
            collect_chains(testvectors, value, found);
        }
    }
}

/// The bytes of a source of testvectors/README.md; `None` for what is none, and for one that repeats.
fn source(testvectors: &Path, value: &Value) -> Option<Vec<u8>> {
    let text = |name: &str| value.get(name)?.as_str();
    if let Some(path) = text("file") {
        Some(fs::read(testvectors.join(path)).unwrap())
    } else if let Some(text) = text("text") {
        Some(text.as_bytes().to_vec())
    } else if let Some(hex) = text("hex") {
        hex.as_bytes().chunks(2).map(|pair| Some(from_hex::<1>(str::from_utf8(pair).ok()?)?[0])).collect()
    } else {
        let parts = value.get("parts")?.as_array()?;
        Some(parts.iter().map(|part| source(testvectors, part)).collect::<Option<Vec<_>>>()?.concat())
    }
}

/// The statements of a chain file, each with its blocks. It is made for files that are well formed, and does not mind
/// what it finds in others.
fn records(chain: &str) -> Vec<(&str, Vec<&str>)> {
    let mut records: Vec<(&str, Vec<&str>)> = Vec::new();
    for record in split_before(chain, "sigpkg = 1\n") {
        let parts = split_before(record, "untrusted comment: ");
        if let [statement, blocks @ ..] = parts.as_slice() {
            records.push((statement, blocks.to_vec()));
        }
    }
    records
}

/// Divides a text before each line that begins so.
fn split_before<'text>(text: &'text str, beginning: &str) -> Vec<&'text str> {
    let between = format!("\n{beginning}");
    let mut cuts = vec![0];
    cuts.extend(text.match_indices(&between).map(|(at, _)| at + 1));
    cuts.push(text.len());
    cuts.windows(2).map(|ends| &text[ends[0]..ends[1]]).collect()
}

fn public_file(key: &[u8; 32]) -> Vec<u8> {
    [PUBLIC_PREFIX.as_slice(), key].concat()
}

fn word(accepted: bool) -> &'static str {
    if accepted { "accept" } else { "refuse" }
}

impl Key {
    fn new(role: &str, bytes: [u8; 32]) -> Self {
        match role {
            "link" => Self::Link(bytes),
            "reserve" => Self::Reserve(bytes),
            other => panic!("expected link or reserve, found {other}"),
        }
    }

    /// The SLH-DSA keys that a text has between quotation marks.
    fn all_in(text: &str) -> Vec<Self> {
        let link = |text| LinkKey::from_text(text).ok().filter(|key| key.algorithm() == Algorithm::SlhDsa);
        let key = |text| {
            let reserve = || ReserveKey::from_text(text).ok().map(|key| Self::Reserve(*key.as_bytes()));
            link(text).map(|key| Self::Link(*key.as_bytes())).or_else(reserve)
        };
        text.split('"').filter_map(key).collect()
    }

    fn role(&self) -> &'static str {
        match self {
            Self::Link(_) => "link",
            Self::Reserve(_) => "reserve",
        }
    }

    fn algorithm(&self) -> Algorithm {
        match self {
            Self::Link(_) => Algorithm::SlhDsa,
            Self::Reserve(_) => Algorithm::Reserve,
        }
    }

    fn as_bytes(&self) -> &[u8; 32] {
        match self {
            Self::Link(bytes) | Self::Reserve(bytes) => bytes,
        }
    }

    fn accepts(&self, message: &[u8], signature: &[u8]) -> bool {
        let key_id = KeyId::derived(self.as_bytes());
        let signature = Signature::new(self.algorithm(), key_id, signature).expect("7856 bytes");
        let answer = match self {
            Self::Link(bytes) => verify::link(&LinkKey::new(Algorithm::SlhDsa, *bytes).unwrap(), message, &signature),
            Self::Reserve(bytes) => verify::reserve(&ReserveKey::new(*bytes), message, &signature),
        };
        match answer {
            Ok(()) => true,
            Err(VerifyError::Invalid { .. }) => false,
            Err(error @ (VerifyError::Algorithm { .. } | VerifyError::KeyId { .. })) => panic!("{error}"),
        }
    }
}
