//! Chains for tests: made from a seed, so every fixture has keys of its own and is the same in each run.
//!
//! It uses the public library alone, so that the tests in `tests/` can take it in with `#[path]`. All keys that it makes
//! are test keys.

#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::path::Path;

use rand_core::{TryCryptoRng, TryRng};

use sigpkg::chain::{Chain, ChainError, Unverified};
use sigpkg::digest::{Digest, SignatoryId};
use sigpkg::key::{Algorithm, KeyId, LinkKey, ReserveKey};
use sigpkg::listing::folder::GITATTRIBUTES;
use sigpkg::package::{Package, Version};
use sigpkg::secret::{SecretKey, Seed};
use sigpkg::signature::{Scheme, Signature, Standard, VerifyError, block, release};
use sigpkg::statement::{
    Beat, BeatState, Body, Cause, Genesis, Lineage, LookAhead, Release, ReserveChange, ReserveSet, Seq, Severity,
    Statement, Yank,
};
use sigpkg::time::Timestamp;

/// One maintainer: the keys of one chain, and the statements they sign.
pub struct Fixture {
    pub package: Package,
    /// The date of every statement that is made from now on.
    pub date: Timestamp,
    /// The reserve that the next genesis names and that signs the next reserve record. Without one, a genesis names a
    /// key whose secret half nobody has.
    pub reserve: Option<ReserveSet>,
    seed: Seed,
    made: u64,
    secrets: HashMap<LinkKey, SecretKey>,
    reserve_secrets: HashMap<ReserveKey, SecretKey>,
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

/// A scheme that is a hundred times faster than Ed25519, and a million times faster than SLH-DSA, and as strict about who
/// signed what. Its secret is public: whoever knows a public key can sign with it. So it is for tests of everything but
/// signatures, and for attackers who can forge.
#[derive(Clone, Copy, Debug)]
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
            reserve: None,
            seed: Seed::from_bytes(*hasher.finalize().as_bytes()),
            made: 0,
            secrets: HashMap::new(),
            reserve_secrets: HashMap::new(),
            signs: Signs::Really,
        }
    }

    /// Signs with the stand-in from now on.
    pub fn fast(mut self) -> Self {
        self.signs = Signs::WithStandIn;
        self
    }

    /// Has a reserve from now on: of `keys` new keys, `threshold` must sign. Without the stand-in a key takes a tenth of
    /// a second and a signature seconds, so tests share what they make. Comes after [`Fixture::fast`].
    pub fn with_reserve(mut self, threshold: u64, keys: usize) -> Self {
        self.reserve = Some(self.new_reserve(threshold, keys));
        self
    }

    /// The scheme that accepts what this fixture signs.
    pub fn scheme(&self) -> &'static dyn Scheme {
        match self.signs {
            Signs::Really => &Standard,
            Signs::WithStandIn => &StandIn,
        }
    }

    /// A new Ed25519 link key; the fixture keeps its secret half.
    pub fn link_key(&mut self) -> LinkKey {
        self.link_key_of(Algorithm::Ed25519)
    }

    /// A new link key of an algorithm; the fixture keeps its secret half. With the stand-in an SLH-DSA key has none.
    pub fn link_key_of(&mut self, algorithm: Algorithm) -> LinkKey {
        if algorithm == Algorithm::SlhDsa && self.signs == Signs::WithStandIn {
            return LinkKey::new(algorithm, self.new_bytes()).unwrap();
        }
        self.made += 1;
        let secret = self.seed.link_secret(algorithm, self.made).unwrap();
        let key = secret.link_key().unwrap();
        self.secrets.insert(key, secret);
        key
    }

    /// New reserve keys; the fixture keeps their secret halves. With the stand-in they have none.
    pub fn new_reserve(&mut self, threshold: u64, keys: usize) -> ReserveSet {
        ReserveSet { threshold, keys: (0..keys).map(|_| self.reserve_key()).collect() }
    }

    /// A new reserve key, as [`Fixture::new_reserve`] makes them.
    pub fn reserve_key(&mut self) -> ReserveKey {
        let bytes = self.new_bytes();
        match self.signs {
            Signs::WithStandIn => ReserveKey::new(bytes),
            Signs::Really => {
                let mut random = Stream(blake3::Hasher::new_keyed(&bytes).finalize_xof());
                let secret = SecretKey::generate(Algorithm::Reserve, &mut random);
                let key = secret.reserve_key().unwrap();
                self.reserve_secrets.insert(key, secret);
                key
            }
        }
    }

    /// A genesis with new keys and the reserve of this fixture.
    pub fn genesis(&mut self) -> Record {
        let nobody = self.new_bytes();
        let reserve = self.reserve.clone();
        let reserve = reserve.unwrap_or(ReserveSet { threshold: 1, keys: vec![ReserveKey::new(nobody)] });
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

    /// The yank that follows `parent`, of the releases with these numbers.
    pub fn yank(&mut self, parent: &Record, releases: &[u64], severity: Severity) -> Record {
        self.yank_as(parent, releases, severity, |_| {})
    }

    /// Like [`Fixture::yank`], after a change to the statement.
    pub fn yank_as(
        &mut self,
        parent: &Record,
        releases: &[u64],
        severity: Severity,
        change: impl FnOnce(&mut Statement),
    ) -> Record {
        let releases = releases.iter().map(|seq| Seq::new(*seq).unwrap()).collect();
        let reason = "a test yanks it".to_owned();
        let yank = Yank { releases, severity, reason, advisory: None, replacement: None };
        let mut statement = self.unsigned(parent, |keys| Body::Yank(yank, keys));
        change(&mut statement);
        self.sign_with(&parent.next, statement)
    }

    /// The beat that follows `parent`.
    pub fn beat(&mut self, parent: &Record) -> Record {
        self.beat_as(parent, |_| {})
    }

    /// Like [`Fixture::beat`], after a change to the statement.
    pub fn beat_as(&mut self, parent: &Record, change: impl FnOnce(&mut Statement)) -> Record {
        let beat = Beat { state: BeatState::Here, successor: None };
        let mut statement = self.unsigned(parent, |keys| Body::Beat(beat, keys));
        change(&mut statement);
        self.sign_with(&parent.next, statement)
    }

    /// The reserve record that follows `parent`: new link keys, the reserve stays, and the first of its keys sign, as
    /// many as must. With cause `algorithm`, and after it, the new keys are SLH-DSA keys.
    pub fn reserve_record(&mut self, parent: &Record, cause: Cause) -> Record {
        self.reserve_record_as(parent, cause, |_| {})
    }

    /// Like [`Fixture::reserve_record`], after a change to the statement. The reserve that signs is still the one of
    /// this fixture, so a test that rotates it sets [`Fixture::reserve`] afterwards.
    pub fn reserve_record_as(&mut self, parent: &Record, cause: Cause, change: impl FnOnce(&mut Statement)) -> Record {
        let mut statement = self.unsigned_reserve(parent, cause);
        change(&mut statement);
        let signers = quorum(self.reserve.as_ref().unwrap());
        self.sign_with_reserve(&signers, statement)
    }

    /// What the reserve record that follows `parent` would say: new link keys, and the reserve of this fixture.
    pub fn unsigned_reserve(&mut self, parent: &Record, cause: Cause) -> Statement {
        let before = parent.statement.look_ahead().next.algorithm();
        let algorithm = if cause == Cause::Algorithm { Algorithm::SlhDsa } else { before };
        let keys = LookAhead { next: self.link_key_of(algorithm), after_next: self.link_key_of(algorithm) };
        let reserve = self.reserve.clone().unwrap();
        let change = ReserveChange { cause, reason: "a test needs it".to_owned(), reserve };
        self.after(parent, Body::Reserve(change, keys))
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
        self.unsigned(parent, |keys| Body::Release(release, keys))
    }

    /// A statement that a link key is to sign after `parent`: its look-ahead keys are what they must be.
    pub fn unsigned(&mut self, parent: &Record, body: impl FnOnce(LookAhead) -> Body) -> Statement {
        let announced = parent.statement.look_ahead().after_next;
        let keys = LookAhead { next: announced, after_next: self.link_key_of(announced.algorithm()) };
        self.after(parent, body(keys))
    }

    fn after(&self, parent: &Record, body: Body) -> Statement {
        Statement {
            package: self.package.clone(),
            lineage: Some(Lineage { signatory: parent.signatory(), previous: parent.digest() }),
            seq: parent.statement.seq.successor().unwrap(),
            date: self.date,
            next_by: None,
            body,
        }
    }

    /// Signs any statement with any key that this fixture has made, and with the stand-in with any key at all.
    pub fn sign_with(&self, key: &LinkKey, statement: Statement) -> Record {
        let text = statement.to_text();
        let blocks = self.block(key, &text);
        Record { next: statement.look_ahead().next, statement, text, blocks }
    }

    /// Signs any statement with any reserve keys, in this order.
    pub fn sign_with_reserve(&self, signers: &[ReserveKey], statement: Statement) -> Record {
        let text = statement.to_text();
        let blocks = signers.iter().map(|key| self.reserve_block(key, &text)).collect();
        Record { next: statement.look_ahead().next, statement, text, blocks }
    }

    /// The signature block of any text by any key that this fixture has made.
    pub fn block(&self, key: &LinkKey, text: &str) -> String {
        block::write(&match self.signs {
            Signs::Really => self.secret(key).sign(text.as_bytes()),
            Signs::WithStandIn => StandIn::sign(key, text.as_bytes()),
        })
    }

    /// The signature block of any text by any reserve key that this fixture has made.
    pub fn reserve_block(&self, key: &ReserveKey, text: &str) -> String {
        block::write(&match self.signs {
            Signs::Really => self.reserve_secrets[key].sign(text.as_bytes()),
            Signs::WithStandIn => StandIn::sign_with_reserve(key, text.as_bytes()),
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

    /// 32 bytes that no other fixture makes, and this one never again.
    fn new_bytes(&mut self) -> [u8; 32] {
        self.made += 1;
        *Digest::of(&[self.seed.as_bytes().as_slice(), &self.made.to_le_bytes()].concat()).as_bytes()
    }
}

/// The first keys of a reserve, as many as must sign.
pub fn quorum(reserve: &ReserveSet) -> Vec<ReserveKey> {
    reserve.keys[..usize::try_from(reserve.threshold).unwrap()].to_vec()
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

    /// A tree with the folder of the last record of a chain, which `signer` has signed. A release that an SLH-DSA key has
    /// signed has no file for the stock tools.
    pub fn sign_folder(&self, chain: &[Record], signer: &LinkKey, files: &Files) -> Files {
        let record = chain.last().unwrap();
        let listing = files.listing();
        let folder =
            Self::folder(chain, files).with(".sigpkg/release.toml", &record.text).with(".sigpkg/files", &listing);
        if signer.algorithm() == Algorithm::SlhDsa {
            return folder;
        }
        let comment = release::trusted_comment(&record.signatory().to_string(), u64::from(record.statement.seq.get()));
        let signature = release::sign(self.secret(signer), record.text.as_bytes(), &comment).unwrap();
        folder.with(".sigpkg/release.toml.minisig", &signature)
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

/// What a yank says.
pub fn yank_mut(statement: &mut Statement) -> &mut Yank {
    match &mut statement.body {
        Body::Yank(yank, _) => yank,
        Body::Genesis(_) | Body::Release(..) | Body::Beat(..) | Body::Reserve(..) => panic!("the statement is a yank"),
    }
}

/// What a beat says.
pub fn beat_mut(statement: &mut Statement) -> &mut Beat {
    match &mut statement.body {
        Body::Beat(beat, _) => beat,
        Body::Genesis(_) | Body::Release(..) | Body::Yank(..) | Body::Reserve(..) => panic!("the statement is a beat"),
    }
}

/// What a reserve statement changes.
pub fn reserve_mut(statement: &mut Statement) -> &mut ReserveChange {
    match &mut statement.body {
        Body::Reserve(change, _) => change,
        Body::Genesis(_) | Body::Release(..) | Body::Yank(..) | Body::Beat(..) => {
            panic!("the statement is a reserve statement")
        }
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
    /// Anybody's signature of any message with any link key.
    pub fn sign(key: &LinkKey, message: &[u8]) -> Signature {
        Self::make(key.algorithm(), key.key_id(), key.as_bytes(), message)
    }

    /// Anybody's signature of any message with any reserve key.
    pub fn sign_with_reserve(key: &ReserveKey, message: &[u8]) -> Signature {
        Self::make(key.algorithm(), key.key_id(), key.as_bytes(), message)
    }

    fn make(algorithm: Algorithm, key_id: KeyId, key: &[u8; 32], message: &[u8]) -> Signature {
        let mut bytes = vec![0; algorithm.signature_length()];
        blake3::Hasher::new_keyed(key).update(&algorithm.tag()).update(message).finalize_xof().fill(&mut bytes);
        Signature::new(algorithm, key_id, &bytes).unwrap()
    }

    /// The order of the checks is that of SIG-6 to SIG-8.
    fn compare(expected: &Signature, found: &Signature) -> Result<(), VerifyError> {
        let (algorithm, key_id) = (expected.claimed_algorithm(), expected.claimed_key_id());
        if found.claimed_algorithm() != algorithm {
            Err(VerifyError::Algorithm { expected: algorithm, found: found.claimed_algorithm() })
        } else if found.claimed_key_id() != key_id {
            Err(VerifyError::KeyId { expected: key_id, found: found.claimed_key_id() })
        } else if found != expected {
            Err(VerifyError::Invalid { key_id })
        } else {
            Ok(())
        }
    }
}

impl Scheme for StandIn {
    fn verify_link(&self, key: &LinkKey, message: &[u8], signature: &Signature) -> Result<(), VerifyError> {
        Self::compare(&Self::sign(key, message), signature)
    }

    fn verify_reserve(&self, key: &ReserveKey, message: &[u8], signature: &Signature) -> Result<(), VerifyError> {
        Self::compare(&Self::sign_with_reserve(key, message), signature)
    }
}

/// Bytes for keys: an endless stream that a seed gives.
pub struct Stream(blake3::OutputReader);

impl Stream {
    /// The stream of a number.
    pub fn of(seed: u64) -> Self {
        Self(blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof())
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Stream {}
