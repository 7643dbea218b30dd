//! SLH-DSA test keys, and signatures by them.
//!
//! A signature takes seconds in a build for tests, so it is taken back from the file that holds it in `testvectors/`, as
//! long as it is one of the text by the key. The name of this file follows from the two.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::{Mutex, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fips205::slh_dsa_shake_128s::{PrivateKey, PublicKey};
use fips205::traits::{SerDes as _, Signer as _, Verifier as _};
use slh_dsa::Shake128s;

use super::files::is_writing;
use super::raw::{SL_COMMENT, SR_COMMENT, block, derived_id, hex, key_text, seed};

/// An SLH-DSA-SHAKE-128s test key.
pub(crate) struct SlowKey {
    label: String,
    key: slh_dsa::SigningKey<Shake128s>,
}

/// What a key is used for (SIG-3, SIG-4).
pub(crate) struct Usage {
    pub(crate) tag: [u8; 2],
    pub(crate) context: &'static [u8],
    pub(crate) comment: &'static str,
}

pub(crate) const LINK: Usage = Usage { tag: *b"Sl", context: b"sigpkg 1 link", comment: SL_COMMENT };
pub(crate) const RESERVE: Usage = Usage { tag: *b"Sr", context: b"sigpkg 1 reserve", comment: SR_COMMENT };

/// A signature block, and the file of `testvectors/` that holds it.
#[derive(Clone)]
pub(crate) struct SlowBlock {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Three keys that statements and signatures of single texts use.
pub(crate) fn slow_keys() -> [&'static SlowKey; 3] {
    ["reserve 1", "reserve 2", "link"].map(slow_key)
}

/// The key of this label. Making one takes a while, so it is made once.
pub(crate) fn slow_key(label: &str) -> &'static SlowKey {
    static KEYS: OnceLock<Mutex<HashMap<String, &'static SlowKey>>> = OnceLock::new();
    let mut keys = KEYS.get_or_init(Mutex::default).lock().unwrap();
    keys.entry(label.to_owned()).or_insert_with(|| Box::leak(Box::new(SlowKey::new(label))))
}

impl SlowKey {
    fn new(label: &str) -> Self {
        let [secret, prf, public] = ["secret", "prf", "public"].map(|part| seed(&format!("slh-dsa {label} {part}")));
        let key = slh_dsa::SigningKey::slh_keygen_internal(&secret[..16], &prf[..16], &public[..16]);
        Self { label: label.to_owned(), key }
    }

    pub(crate) fn public(&self) -> [u8; 32] {
        let key: &slh_dsa::VerifyingKey<Shake128s> = self.key.as_ref();
        key.to_bytes().into()
    }

    pub(crate) fn id(&self) -> [u8; 8] {
        derived_id(&self.public())
    }

    pub(crate) fn text(&self, tag: [u8; 2]) -> String {
        key_text(tag, self.id(), &self.public())
    }

    /// All four parts.
    pub(crate) fn secret(&self) -> [u8; 64] {
        self.key.to_bytes().into()
    }

    fn sign(&self, context: &[u8], message: &[u8]) -> Vec<u8> {
        // An implementation that is not the library's, and many times faster when not optimised.
        let key = PrivateKey::try_from_bytes(self.secret()).expect("64 bytes are a key");
        key.try_sign(message, context, false).expect("the context is short").to_vec()
    }

    /// The signature block of a statement.
    pub(crate) fn block(&self, usage: &Usage, text: &[u8]) -> SlowBlock {
        self.block_labelled(usage, usage, text)
    }

    /// A block that is made for one use and says that it is for another.
    pub(crate) fn block_labelled(&self, signed: &Usage, said: &Usage, message: &[u8]) -> SlowBlock {
        let named = [&said.tag, signed.context, &self.public(), message].concat();
        let name = hex(&blake3::hash(&named).as_bytes()[..8]);
        let path = format!("blocks/{}-{name}.block", self.label.replace(' ', "-"));
        self.block_in(path, signed, said, message)
    }

    /// A block that has a file of this name.
    pub(crate) fn block_in(&self, path: String, signed: &Usage, said: &Usage, message: &[u8]) -> SlowBlock {
        let made = |signature: &[u8]| block(said.comment, said.tag, self.id(), signature);
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("testvectors").join(&path);
        let held = fs::read_to_string(&file);
        let held = held.ok().filter(|held| {
            let signature = held.lines().nth(1).and_then(|line| STANDARD.decode(line).ok());
            let signature = signature.and_then(|bytes| <[u8; 7856]>::try_from(bytes.get(10..)?).ok());
            signature.is_some_and(|bytes| *held == made(&bytes) && self.has_signed(signed.context, message, &bytes))
        });
        let text = held.unwrap_or_else(|| {
            let text = made(&self.sign(signed.context, message));
            if is_writing() {
                // At once, so that a generator that fails later has not signed for nothing.
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(&file, &text).unwrap();
            }
            text
        });
        SlowBlock { path, text }
    }

    fn has_signed(&self, context: &[u8], text: &[u8], signature: &[u8; 7856]) -> bool {
        let key = PublicKey::try_from_bytes(self.public()).expect("32 bytes are a key");
        key.verify(text, signature, context)
    }
}
