//! Chains for tests: made from a seed, so every fixture has keys of its own and is the same in each run.
//!
//! It uses the public library alone, so that the tests in `tests/` can take it in with `#[path]`. All keys that it makes
//! are test keys.

#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use sigpkg::chain::{Chain, ChainError, Unverified};
use sigpkg::digest::{Digest, SignatoryId};
use sigpkg::key::{Algorithm, LinkKey, ReserveKey};
use sigpkg::listing::folder::GITATTRIBUTES;
use sigpkg::package::{Package, Version};
use sigpkg::secret::{SecretKey, Seed};
use sigpkg::signature::{Scheme, Signature, Standard, VerifyError, block, release};
use sigpkg::statement::{Body, Genesis, Lineage, LookAhead, Release, ReserveSet, Seq, Statement};
use sigpkg::time::Timestamp;

/// One maintainer: the keys of one chain, and the statements they sign.
pub struct Fixture {
    pub package: Package,
    /// The date of every statement that is made from now on.
    pub date: Timestamp,
    seed: Seed,
    made: u64,
    secrets: HashMap<LinkKey, SecretKey>,
    signs: Signs,
}

/// How a fixture signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signs {
    Really,
    WithStandIn,
}

/// A record as a test holds it: what the statement says, and the exact bytes that were made of it.
#[derive(Clone, Debug)]
pub struct Record {
    pub statement: Statement,
    pub text: String,
    pub blocks: String,
    /// The key that signs its children.
    pub next: LinkKey,
}

/// A scheme that is a hundred times faster than Ed25519 and as strict about who signed what. Its secret is public, so
/// it is for tests of everything but signatures.
pub struct StandIn;

impl Fixture {
    /// A maintainer of the generic package `example`, who signs with Ed25519.
    pub fn new(seed: u64) -> Self {
        Self::of(seed, Package::generic("example").unwrap())
    }

    /// A maintainer of some package, who signs with Ed25519.
    pub fn of(seed: u64, package: Package) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("sigpkg test fixture");
        hasher.update(&seed.to_le_bytes());
        Self {
            package,
            date: "2026-01-01T12:00:00Z".parse().unwrap(),
            seed: Seed::from_bytes(*hasher.finalize().as_bytes()),
            made: 0,
            secrets: HashMap::new(),
            signs: Signs::Really,
        }
    }

    /// Signs with the stand-in from now on.
    pub fn fast(mut self) -> Self {
        self.signs = Signs::WithStandIn;
        self
    }

    /// The scheme that accepts what this fixture signs.
    pub fn scheme(&self) -> &'static dyn Scheme {
        match self.signs {
            Signs::Really => &Standard,
            Signs::WithStandIn => &StandIn,
        }
    }

    /// A new link key; the fixture keeps its secret half.
    pub fn link_key(&mut self) -> LinkKey {
        self.made += 1;
        let secret = self.seed.link_secret(Algorithm::Ed25519, self.made).unwrap();
        let key = secret.link_key().unwrap();
        self.secrets.insert(key, secret);
        key
    }

    /// A genesis with new keys and a reserve of one key, whose secret half nobody has.
    pub fn genesis(&mut self) -> Record {
        self.made += 1;
        let nobody = Digest::of(&[self.seed.as_bytes().as_slice(), &self.made.to_le_bytes()].concat());
        let reserve = ReserveSet { threshold: 1, keys: vec![ReserveKey::new(*nobody.as_bytes())] };
        let this = self.link_key();
        let look_ahead = LookAhead { next: self.link_key(), after_next: self.link_key() };
        self.sign_with(
            &this,
            Statement {
                package: self.package.clone(),
                lineage: None,
                seq: Seq::FIRST,
                date: self.date,
                next_by: None,
                body: Body::Genesis(Genesis { reserve, this, look_ahead }),
            },
        )
    }

    /// The release that follows `parent`, of an empty tree. Called twice for one parent it makes a fork: the second
    /// introduces another key, so its text is another.
    pub fn release(&mut self, parent: &Record, version: &str) -> Record {
        self.release_as(parent, version, |_| {})
    }

    /// Like [`Fixture::release`], after a change to the statement, which is then signed as it is.
    pub fn release_as(&mut self, parent: &Record, version: &str, change: impl FnOnce(&mut Statement)) -> Record {
        let mut statement = self.unsigned_release(parent, version);
        change(&mut statement);
        self.sign_with(&parent.next, statement)
    }

    /// The release of a tree with this listing.
    pub fn release_of(&mut self, parent: &Record, version: &str, listing: &[u8], count: u64, bytes: u64) -> Record {
        self.release_as(parent, version, |statement| {
            let release = release_mut(statement);
            (release.files, release.count, release.bytes) = (Digest::of(listing), count, bytes);
        })
    }

    /// A genesis and one release for each version.
    pub fn line(&mut self, versions: &[&str]) -> Vec<Record> {
        let mut records = vec![self.genesis()];
        for version in versions {
            let next = self.release(records.last().unwrap(), version);
            records.push(next);
        }
        records
    }

    /// What the release that follows `parent` would say.
    pub fn unsigned_release(&mut self, parent: &Record, version: &str) -> Statement {
        let version = Version::new(self.package.ecosystem(), version).unwrap();
        let release = Release { version, files: Digest::of(b""), count: 0, bytes: 0, withdraws: None, upstream: None };
        let look_ahead = LookAhead { next: parent.statement.look_ahead().after_next, after_next: self.link_key() };
        Statement {
            package: self.package.clone(),
            lineage: Some(Lineage { signatory: parent.signatory(), previous: parent.digest() }),
            seq: parent.statement.seq.successor().unwrap(),
            date: self.date,
            next_by: None,
            body: Body::Release(release, look_ahead),
        }
    }

    /// Signs any statement with any key that this fixture has made.
    pub fn sign_with(&self, key: &LinkKey, statement: Statement) -> Record {
        let text = statement.to_text();
        let blocks = self.block(key, &text);
        Record { next: statement.look_ahead().next, statement, text, blocks }
    }

    /// The signature block of any text by any key that this fixture has made.
    pub fn block(&self, key: &LinkKey, text: &str) -> String {
        block::write(&match self.signs {
            Signs::Really => self.secret(key).sign(text.as_bytes()),
            Signs::WithStandIn => StandIn::sign(key, text.as_bytes()),
        })
    }

    /// The secret half of a key.
    pub fn secret(&self, key: &LinkKey) -> &SecretKey {
        &self.secrets[key]
    }

    /// Admits these records as one chain file, under the id of the first.
    pub fn admit(&self, records: &[Record]) -> Result<Chain, ChainError> {
        let file = chain_file(records);
        Chain::admit(file.as_bytes(), Chain::claimed_id(file.as_bytes())?, self.scheme())
    }
}

/// The regular files of a tree by their path, `.sigpkg` included.
#[derive(Clone, Debug, Default)]
pub struct Files(pub BTreeMap<String, Vec<u8>>);

impl Files {
    pub fn new<const N: usize>(files: [(&str, &str); N]) -> Self {
        Self(files.into_iter().map(|(path, content)| (path.to_owned(), content.as_bytes().to_vec())).collect())
    }

    /// The listing, as `b3sum` writes it, without the help of the library.
    pub fn listing(&self) -> String {
        let line = |(path, content): (&String, &Vec<u8>)| format!("{}  {path}\n", blake3::hash(content).to_hex());
        self.0.iter().filter(|(path, _)| !path.starts_with(".sigpkg/")).map(line).collect()
    }

    fn count_and_bytes(&self) -> (u64, u64) {
        let outside = self.0.iter().filter(|(path, _)| !path.starts_with(".sigpkg/"));
        outside.fold((0, 0), |(count, bytes), (_, content)| (count + 1, bytes + content.len() as u64))
    }

    /// With another content at a path.
    pub fn with(mut self, path: &str, content: &str) -> Self {
        self.0.insert(path.to_owned(), content.as_bytes().to_vec());
        self
    }

    pub fn without(mut self, path: &str) -> Self {
        assert!(self.0.remove(path).is_some(), "there is no {path}");
        self
    }

    pub fn text(&self, path: &str) -> &str {
        std::str::from_utf8(&self.0[path]).unwrap()
    }

    /// Writes the tree into a folder, which is made.
    pub fn write_to(&self, folder: &Path) {
        for (path, content) in &self.0 {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
    }
}

impl Fixture {
    /// The release of a tree: it follows the last record of the chain, and is appended to it.
    pub fn release_tree(&mut self, chain: &mut Vec<Record>, version: &str, files: &Files) -> Files {
        self.release_tree_as(chain, version, files, |_| {})
    }

    /// Like [`Fixture::release_tree`], after a change to the statement.
    pub fn release_tree_as(
        &mut self,
        chain: &mut Vec<Record>,
        version: &str,
        files: &Files,
        change: impl FnOnce(&mut Statement),
    ) -> Files {
        let (count, bytes) = files.count_and_bytes();
        let record = self.release_as(chain.last().unwrap(), version, |statement| {
            let release = release_mut(statement);
            (release.files, release.count, release.bytes) = (Digest::of(files.listing().as_bytes()), count, bytes);
            change(statement);
        });
        let signer = chain.last().unwrap().next;
        chain.push(record);
        self.sign_folder(chain, &signer, files)
    }

    /// A tree with the folder of the last record of a chain, which `signer` has signed.
    pub fn sign_folder(&self, chain: &[Record], signer: &LinkKey, files: &Files) -> Files {
        let record = chain.last().unwrap();
        let comment = release::trusted_comment(&record.signatory().to_string(), u64::from(record.statement.seq.get()));
        let signature = release::sign(self.secret(signer), record.text.as_bytes(), &comment).unwrap();
        let listing = files.listing();
        Self::folder(chain, files)
            .with(".sigpkg/release.toml", &record.text)
            .with(".sigpkg/release.toml.minisig", &signature)
            .with(".sigpkg/files", &listing)
    }

    /// A tree with a folder that has a chain and no release.
    pub fn folder(chain: &[Record], files: &Files) -> Files {
        files.clone().with(".sigpkg/.gitattributes", GITATTRIBUTES).with(".sigpkg/chain", &chain_file(chain))
    }
}

impl Record {
    pub fn digest(&self) -> Digest {
        Digest::of(self.text.as_bytes())
    }

    /// The id of the chain that the record belongs to.
    pub fn signatory(&self) -> SignatoryId {
        match &self.statement.lineage {
            Some(lineage) => lineage.signatory,
            None => SignatoryId::of_genesis(self.text.as_bytes()),
        }
    }

    /// As a chain file has it.
    pub fn to_file(&self) -> String {
        format!("{}{}", self.text, self.blocks)
    }

    pub fn unverified(&self) -> Unverified {
        Unverified::new(self.text.as_bytes(), &self.blocks).unwrap()
    }

    /// With another text under the same signature.
    pub fn with_text(&self, text: &str) -> Self {
        Self { text: text.to_owned(), ..self.clone() }
    }

    /// With the blocks of another record.
    pub fn with_blocks_of(&self, other: &Self) -> Self {
        Self { blocks: other.blocks.clone(), ..self.clone() }
    }
}

/// The release that a statement makes.
pub fn release_mut(statement: &mut Statement) -> &mut Release {
    match &mut statement.body {
        Body::Release(release, _) => release,
        Body::Genesis(_) | Body::Yank(..) | Body::Beat(..) | Body::Reserve(..) => panic!("the statement is a release"),
    }
}

/// The keys that a statement announces.
pub fn look_ahead_mut(statement: &mut Statement) -> &mut LookAhead {
    match &mut statement.body {
        Body::Genesis(genesis) => &mut genesis.look_ahead,
        Body::Release(_, keys) | Body::Yank(_, keys) | Body::Beat(_, keys) | Body::Reserve(_, keys) => keys,
    }
}

/// A chain file of these records, in this order.
pub fn chain_file<'a>(records: impl IntoIterator<Item = &'a Record>) -> String {
    records.into_iter().map(Record::to_file).collect()
}

impl StandIn {
    fn sign(key: &LinkKey, message: &[u8]) -> Signature {
        Signature::new(key.algorithm(), key.key_id(), &Self::bytes(key.as_bytes(), message)).unwrap()
    }

    fn bytes(key: &[u8; 32], message: &[u8]) -> [u8; 64] {
        let mut bytes = [0; 64];
        blake3::Hasher::new_keyed(key).update(message).finalize_xof().fill(&mut bytes);
        bytes
    }
}

impl Scheme for StandIn {
    fn verify_link(&self, key: &LinkKey, message: &[u8], signature: &Signature) -> Result<(), VerifyError> {
        if signature.claimed_key_id() != key.key_id() {
            Err(VerifyError::KeyId { expected: key.key_id(), found: signature.claimed_key_id() })
        } else if signature.as_bytes() != Self::bytes(key.as_bytes(), message) {
            Err(VerifyError::Invalid { key_id: key.key_id() })
        } else {
            Ok(())
        }
    }

    fn verify_reserve(&self, key: &ReserveKey, message: &[u8], signature: &Signature) -> Result<(), VerifyError> {
        if signature.as_bytes().starts_with(&Self::bytes(key.as_bytes(), message)) {
            Ok(())
        } else {
            Err(VerifyError::Invalid { key_id: key.key_id() })
        }
    }
}
