//! Texts, keys and signatures made by hand. Nothing here uses the library's own writers, so that they cannot hide their
//! own mistakes, and so that broken inputs can be made as easily as good ones.
//!
//! All keys are TEST KEYS: their secrets follow from a label that stands in this folder. Trust nothing they sign.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use ed25519_dalek::{Signer as _, SigningKey};

use super::build::{Corpus, Source};
use super::slow::{LINK, RESERVE, SlowBlock, SlowKey, slow_key};

pub(crate) const UUID: &str = "7876af07-990d-54b4-ab0e-23690620f79a";
pub(crate) const JULIA: &str =
    "[package]\necosystem = \"julia\"\nname = \"Example\"\nuuid = \"7876af07-990d-54b4-ab0e-23690620f79a\"\n";
pub(crate) const GENERIC: &str = "[package]\necosystem = \"generic\"\nname = \"example-tool\"\n";
pub(crate) const ED_COMMENT: &str = "untrusted comment: sigpkg signature";
pub(crate) const SL_COMMENT: &str = "untrusted comment: sigpkg slh-dsa signature";
pub(crate) const SR_COMMENT: &str = "untrusted comment: sigpkg reserve signature";

/// 32 bytes that follow from a label.
pub(crate) fn seed(label: &str) -> [u8; 32] {
    blake3::derive_key("sigpkg test vectors, TEST KEYS ONLY", label.as_bytes())
}

/// A link key.
#[derive(Clone)]
pub(crate) struct TestKey(Secret);

#[derive(Clone)]
enum Secret {
    Ed25519(SigningKey),
    SlhDsa(&'static SlowKey),
    /// An SLH-DSA key that nobody can sign with: any 32 bytes are one.
    Paper([u8; 32]),
}

/// A public key as it is written, whoever holds the secret.
pub(crate) fn key_text(tag: [u8; 2], key_id: [u8; 8], key: &[u8]) -> String {
    base64([&tag, key_id.as_slice(), key].concat())
}

/// The key id that a chain wants.
pub(crate) fn derived_id(key: &[u8]) -> [u8; 8] {
    let mut id = [0; 8];
    id.copy_from_slice(&blake3::hash(key).as_bytes()[..8]);
    id
}

pub(crate) fn key(label: &str) -> TestKey {
    TestKey(Secret::Ed25519(SigningKey::from_bytes(&seed(label))))
}

/// An SLH-DSA link key, for the time after a change of the algorithm.
pub(crate) fn slow_link_key(label: &str) -> TestKey {
    TestKey(Secret::SlhDsa(slow_key(label)))
}

/// The same, but it never signs.
pub(crate) fn paper_link_key(label: &str) -> TestKey {
    TestKey(Secret::Paper(seed(&format!("paper link {label}"))))
}

impl TestKey {
    pub(crate) fn public(&self) -> [u8; 32] {
        match &self.0 {
            Secret::Ed25519(key) => key.verifying_key().to_bytes(),
            Secret::SlhDsa(key) => key.public(),
            Secret::Paper(bytes) => *bytes,
        }
    }

    pub(crate) fn id(&self) -> [u8; 8] {
        derived_id(&self.public())
    }

    pub(crate) fn text(&self) -> String {
        match &self.0 {
            Secret::Ed25519(_) => self.text_tagged(*b"Ed"),
            Secret::SlhDsa(_) | Secret::Paper(_) => self.text_tagged(*b"Sl"),
        }
    }

    /// The same 32 bytes with the tag of another kind of key.
    pub(crate) fn text_tagged(&self, tag: [u8; 2]) -> String {
        key_text(tag, self.id(), &self.public())
    }

    pub(crate) fn is_ed25519(&self) -> bool {
        matches!(self.0, Secret::Ed25519(_))
    }

    fn ed25519(&self) -> &SigningKey {
        match &self.0 {
            Secret::Ed25519(key) => key,
            Secret::SlhDsa(_) | Secret::Paper(_) => panic!("this takes an Ed25519 key"),
        }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.ed25519().sign(message).to_bytes()
    }

    /// The 32 bytes from which everything follows.
    pub(crate) fn secret(&self) -> [u8; 32] {
        self.ed25519().to_bytes()
    }

    /// The secret scalar of RFC 8032, least byte first.
    pub(crate) fn scalar_bytes(&self) -> [u8; 32] {
        self.ed25519().to_scalar_bytes()
    }

    pub(crate) fn block(&self, message: &[u8]) -> String {
        block(ED_COMMENT, *b"Ed", self.id(), &self.sign(message))
    }

    /// The four lines of minisign in the pure mode.
    pub(crate) fn minisig(&self, message: &[u8], trusted: &str) -> String {
        let signature = self.sign(message);
        let global = self.sign(&[signature.as_slice(), trusted.as_bytes()].concat());
        four_lines(&block(ED_COMMENT, *b"Ed", self.id(), &signature), trusted, &global)
    }
}

/// A reserve key that nobody can sign with: any 32 bytes are one.
pub(crate) fn paper_reserve_key(label: &str) -> String {
    let bytes = seed(&format!("paper reserve {label}"));
    key_text(*b"Sr", derived_id(&bytes), &bytes)
}

/// A signature block, or the first two lines of a signature file.
pub(crate) fn block(comment: &str, tag: [u8; 2], key_id: [u8; 8], signature: &[u8]) -> String {
    format!("{comment}\n{}\n", base64([&tag, key_id.as_slice(), signature].concat()))
}

pub(crate) fn four_lines(two_lines: &str, trusted: &str, global: &[u8]) -> String {
    format!("{two_lines}trusted comment: {trusted}\n{}\n", base64(global))
}

/// One statement with everything it says, good or not.
#[derive(Clone)]
pub(crate) struct Draft {
    /// Names its keys and its file.
    pub(crate) label: String,
    pub(crate) kind: &'static str,
    pub(crate) signatory: Option<String>,
    pub(crate) seq: u32,
    pub(crate) previous: Option<String>,
    pub(crate) date: String,
    pub(crate) next_by: Option<&'static str>,
    pub(crate) package: String,
    pub(crate) body: String,
    pub(crate) this: Option<TestKey>,
    pub(crate) next: TestKey,
    pub(crate) after_next: TestKey,
    /// Who signs, which is not part of the text.
    pub(crate) signer: TestKey,
}

/// A statement and its block.
#[derive(Clone)]
pub(crate) struct Record {
    pub(crate) draft: Draft,
    pub(crate) text: String,
    pub(crate) block: String,
    /// The blocks, if they are SLH-DSA signatures: these have files of their own.
    slow: Vec<SlowBlock>,
}

/// The genesis of a fixture: each label has keys of its own, so that nothing passes because two keys are one.
pub(crate) fn genesis(label: &str, package: &str) -> Draft {
    let [this, next, after_next] = [1, 2, 3].map(|number| key(&format!("{label} link key {number}")));
    let reserve = ["a", "b", "c"].map(|holder| paper_reserve_key(&format!("{label} {holder}")));
    Draft {
        label: label.to_owned(),
        kind: "genesis",
        signatory: None,
        seq: 1,
        previous: None,
        date: "2026-01-01T12:00:00Z".to_owned(),
        next_by: None,
        package: package.to_owned(),
        body: reserve_body(2, &reserve),
        signer: this.clone(),
        this: Some(this),
        next,
        after_next,
    }
}

pub(crate) fn reserve_body(threshold: u32, keys: &[String]) -> String {
    format!("[reserve]\nthreshold = {threshold}\nkeys = [{}]\n", quoted(keys))
}

fn quoted(keys: &[String]) -> String {
    keys.iter().map(|key| format!("\"{key}\"")).collect::<Vec<_>>().join(", ")
}

/// What a release says of a tree that no vector needs to have.
pub(crate) fn release_body(version: &str) -> String {
    let files = digest(format!("the listing of {version}").as_bytes());
    format!("[release]\nversion = \"{version}\"\nfiles = \"{files}\"\ncount = 3\nbytes = 1234\n")
}

impl Draft {
    pub(crate) fn text(&self) -> String {
        let mut text = format!("sigpkg = 1\nkind = \"{}\"\n", self.kind);
        if let Some(signatory) = &self.signatory {
            text += &format!("signatory = \"{signatory}\"\n");
        }
        text += &format!("seq = {}\n", self.seq);
        if let Some(previous) = &self.previous {
            text += &format!("previous = \"{previous}\"\n");
        }
        text += &format!("date = \"{}\"\n", self.date);
        if let Some(next_by) = self.next_by {
            text += &format!("next-by = \"{next_by}\"\n");
        }
        text += &format!("\n{}\n{}\n[keys]\n", self.package, self.body);
        if let Some(this) = &self.this {
            text += &format!("this = \"{}\"\n", this.text());
        }
        text + &format!("next = \"{}\"\nafter-next = \"{}\"\n", self.next.text(), self.after_next.text())
    }

    /// Signed by its link key.
    pub(crate) fn sign(&self) -> Record {
        match &self.signer.0 {
            Secret::Ed25519(_) => self.with_block(|text| self.signer.block(text)),
            Secret::Paper(_) => panic!("nobody can sign with this key"),
            Secret::SlhDsa(key) => self.with_slow(vec![key.block(&LINK, self.text().as_bytes())]),
        }
    }

    /// Signed by these holders of reserve keys, in this order.
    pub(crate) fn sign_reserve(&self, holders: &[&str]) -> Record {
        let text = self.text();
        self.with_slow(holders.iter().map(|holder| slow_key(holder).block(&RESERVE, text.as_bytes())).collect())
    }

    /// A record of this statement whose block is made from its text by hand.
    pub(crate) fn with_block(&self, block: impl FnOnce(&[u8]) -> String) -> Record {
        let text = self.text();
        let block = block(text.as_bytes());
        Record { draft: self.clone(), text, block, slow: Vec::new() }
    }

    /// A record of this statement with these blocks.
    pub(crate) fn with_slow(&self, slow: Vec<SlowBlock>) -> Record {
        let block = slow.iter().map(|block| &*block.text).collect();
        Record { draft: self.clone(), text: self.text(), block, slow }
    }
}

impl Record {
    /// The statement that follows. `branch` tells it from another one that follows too; it is empty on the main line.
    pub(crate) fn child(&self, branch: &str, kind: &'static str, body: impl Into<String>) -> Draft {
        let parent = &self.draft;
        let seq = parent.seq + 1;
        let label = format!("{}{branch}", parent.label);
        Draft {
            kind,
            signatory: Some(self.id()),
            seq,
            previous: Some(self.digest()),
            date: format!("2026-01-{seq:02}T12:00:00Z"),
            next_by: None,
            package: parent.package.clone(),
            body: body.into(),
            this: None,
            next: parent.after_next.clone(),
            after_next: key(&format!("{label} link key {}", seq + 2)),
            signer: parent.next.clone(),
            label,
        }
    }

    pub(crate) fn release(&self, branch: &str, version: &str) -> Draft {
        self.child(branch, "release", release_body(version))
    }

    /// A reserve statement that names these holders, all of whom must sign from then on.
    pub(crate) fn reserve(&self, branch: &str, cause: &str, holders: &[&str]) -> Draft {
        let keys: Vec<_> = holders.iter().map(|holder| slow_key(holder).text(*b"Sr")).collect();
        let threshold = u32::try_from(keys.len()).expect("there are few holders");
        self.reserve_of(branch, cause, threshold, &keys)
    }

    pub(crate) fn reserve_of(&self, branch: &str, cause: &str, threshold: u32, keys: &[String]) -> Draft {
        let head = format!("[reserve]\ncause = \"{cause}\"\nreason = \"the keys are those of a test\"\n");
        let body = edit(&reserve_body(threshold, keys), "[reserve]\n", &head);
        let draft = self.child(branch, "reserve", body);
        let new = |number| key(&format!("{} {} new link key {number}", draft.label, draft.seq));
        Draft { next: new(draft.seq + 1), after_next: new(draft.seq + 2), ..draft }
    }

    /// One of the blocks of SLH-DSA signatures.
    pub(crate) fn slow_block(&self, index: usize) -> SlowBlock {
        self.slow[index].clone()
    }

    /// The signature file beside the release, by the key that its record is signed with.
    pub(crate) fn minisig(&self) -> String {
        let trusted = format!("sigpkg {} {}", self.id(), self.draft.seq);
        self.draft.signer.minisig(self.text.as_bytes(), &trusted)
    }

    pub(crate) fn digest(&self) -> String {
        digest(self.text.as_bytes())
    }

    /// The signatory id of the chain.
    pub(crate) fn id(&self) -> String {
        self.draft.signatory.clone().unwrap_or_else(|| signatory_id(self.text.as_bytes()))
    }

    pub(crate) fn file_text(&self) -> String {
        format!("{}{}", self.text, self.block)
    }

    /// The record as a file of `testvectors/`.
    pub(crate) fn source(&self, corpus: &mut Corpus) -> Source {
        let name = format!("records/{}-{}", self.draft.label.replace(' ', "-"), self.draft.seq);
        if self.slow.is_empty() {
            return corpus.file(&format!("{name}.record"), self.file_text());
        }
        let text = corpus.file(&format!("{name}.toml"), &self.text);
        let blocks = self.slow.iter().map(|block| corpus.file(&block.path, &block.text));
        Source::parts([text].into_iter().chain(blocks))
    }
}

/// A chain file of these records.
pub(crate) fn chain(corpus: &mut Corpus, records: &[&Record]) -> Source {
    Source::parts(records.iter().map(|record| record.source(corpus)))
}

pub(crate) fn digest(bytes: &[u8]) -> String {
    format!("blake3:{}", blake3::hash(bytes).to_hex())
}

pub(crate) fn signatory_id(genesis: &[u8]) -> String {
    let mut bytes = [0; 42];
    bytes[..3].copy_from_slice(&[0xb2, 0x28, 0x29]);
    blake3::Hasher::new().update(genesis).finalize_xof().fill(&mut bytes[3..]);
    URL_SAFE.encode(bytes)
}

pub(crate) fn base64(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

pub(crate) fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Replaces one part of a text, which must be there exactly once, so that a vector breaks what its author meant.
pub(crate) fn edit(text: &str, old: &str, new: &str) -> String {
    assert_eq!(text.matches(old).count(), 1, "{old:?} is not there exactly once in {text:?}");
    text.replace(old, new)
}
