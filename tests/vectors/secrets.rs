//! Chapter 2, section 2.4: secret key files.

use blake2::Digest as _;
use sigpkg::rule::Rule;

use super::build::{Corpus, Kind, Source, Vector};
use super::raw::{TestKey, base64, key, key_text, seed};
use super::slow::slow_keys;

const PASSPHRASE: &str = "correct horse";

pub(crate) fn add(corpus: &mut Corpus) {
    add_accepted(corpus);
    add_forms(corpus);
    add_damage(corpus);
}

/// The parts of the container of minisign.
#[derive(Clone)]
struct Container {
    tag: [u8; 2],
    derivation: [u8; 2],
    checksum_kind: [u8; 2],
    salt: [u8; 32],
    opslimit: u64,
    memlimit: u64,
    key_id: [u8; 8],
    secret: [u8; 64],
    checksum: [u8; 32],
}

impl Container {
    /// What minisign writes with `-W`: nothing is encrypted.
    fn plain(key: &TestKey, key_id: [u8; 8]) -> Self {
        let mut secret = [0; 64];
        secret[..32].copy_from_slice(&key.secret());
        secret[32..].copy_from_slice(&key.public());
        Self::of(*b"Ed", key_id, secret)
    }

    fn of(tag: [u8; 2], key_id: [u8; 8], secret: [u8; 64]) -> Self {
        let checksum = blake2::Blake2b256::new().chain_update(tag).chain_update(key_id).chain_update(secret).finalize();
        Self {
            tag,
            derivation: [0, 0],
            checksum_kind: *b"B2",
            salt: [0; 32],
            opslimit: 0,
            memlimit: 0,
            key_id,
            secret,
            checksum: checksum.into(),
        }
    }

    /// Made to be encrypted, at the least cost: N = 2^10, r = 8, p = 1.
    fn costly(self) -> Self {
        let salt = seed("secrets salt");
        Self { derivation: *b"Sc", salt, opslimit: 1 << 15, memlimit: 1 << 20, ..self }
    }

    fn file(&self) -> String {
        self.masked(&[0; 104])
    }

    fn encrypted(&self) -> String {
        let mut stream = [0; 104];
        let parameters = scrypt::Params::new(10, 8, 1).expect("these are good parameters");
        scrypt::scrypt(PASSPHRASE.as_bytes(), &self.salt, &parameters, &mut stream).expect("the output is short");
        self.masked(&stream)
    }

    fn masked(&self, stream: &[u8; 104]) -> String {
        let hidden = [self.key_id.as_slice(), &self.secret, &self.checksum].concat();
        let hidden: Vec<_> = hidden.iter().zip(stream).map(|(byte, mask)| byte ^ mask).collect();
        let head = [self.tag, self.derivation, self.checksum_kind].concat();
        let costs = [self.opslimit.to_le_bytes(), self.memlimit.to_le_bytes()].concat();
        two_lines(&[head.as_slice(), &self.salt, &costs, &hidden].concat())
    }
}

fn two_lines(container: &[u8]) -> String {
    format!("untrusted comment: TEST KEY, trust nothing it signs\n{}\n", base64(container))
}

/// The container of signify without encryption.
fn signify(key: &TestKey, key_id: [u8; 8], rounds: u32) -> Vec<u8> {
    let secret = [key.secret(), key.public()].concat();
    let hash = ed25519_dalek::Sha512::digest(&secret);
    [b"EdBK".as_slice(), &rounds.to_be_bytes(), &[0; 16], &hash[..8], &key_id, &secret].concat()
}

fn reserve_container() -> (Container, String) {
    let [reserve, ..] = slow_keys();
    let mut id = [0; 8];
    id.copy_from_slice(&blake3::hash(&reserve.public()).as_bytes()[..8]);
    (Container::of(*b"Sr", id, reserve.secret()), reserve.text(*b"Sr"))
}

fn add_accepted(corpus: &mut Corpus) {
    let signer = key("secrets");
    let id = [1, 1, 2, 3, 5, 8, 13, 21];
    let public = key_text(*b"Ed", id, &signer.public());
    let plain = Container::plain(&signer, id);
    let mut accept = |name: &str, summary: &str, file: String, passphrase, value: &str| {
        let vector = Vector::accepted(Kind::SecretKeyFile, &format!("secret-{name}"), summary);
        let vector = vector.input("secret", Source::text(file)).value(value);
        corpus.add(vector.context(|context| context.passphrase = passphrase));
    };
    accept("plain", "a key of minisign that is not encrypted", plain.file(), None, &public);
    let no_checksum = Container { checksum: [0; 32], ..plain.clone() };
    accept("no-checksum", "minisign 0.11 leaves the checksum of such a file empty", no_checksum.file(), None, &public);
    accept(
        "needless-passphrase",
        "a passphrase that is not needed is not looked at",
        plain.file(),
        Some(PASSPHRASE),
        &public,
    );
    accept(
        "encrypted",
        "a key of minisign with a passphrase",
        plain.clone().costly().encrypted(),
        Some(PASSPHRASE),
        &public,
    );
    accept("signify", "a key of signify that is not encrypted", two_lines(&signify(&signer, id, 0)), None, &public);
    let (reserve, reserve_text) = reserve_container();
    accept("reserve", "a reserve key", reserve.file(), None, &reserve_text);
}

fn add_forms(corpus: &mut Corpus) {
    let signer = key("secrets");
    let plain = Container::plain(&signer, signer.id());
    let file = plain.file();
    let mut refuse = |rule, name: &str, summary: &str, file: String| {
        let vector = Vector::refused(Kind::SecretKeyFile, rule, name, summary).input("secret", Source::text(file));
        corpus.add(vector.context(|context| context.passphrase = Some(PASSPHRASE)));
    };
    let (comment, line) = file.split_once('\n').expect("a file has two lines");
    refuse(Rule::Sec11, "no-comment", "the container alone", line.to_owned());
    refuse(Rule::Sec11, "comment-alone", "the comment alone", format!("{comment}\n"));
    refuse(Rule::Sec11, "three-lines", "a third line", format!("{file}{line}"));
    refuse(Rule::Sec11, "short", "157 bytes", format!("{comment}\n{}\n", base64([b'E'; 157])));
    refuse(Rule::Sec11, "public-key", "a public key", format!("{comment}\n{}\n", signer.text()));
    refuse(Rule::Sec11, "no-padding", "the padding is missing", file.replace('=', ""));

    refuse(Rule::Sec12, "prehashed", "the tag ED", Container { tag: *b"ED", ..plain.clone() }.file());
    refuse(
        Rule::Sec12,
        "derivation",
        "a key derivation that is not scrypt",
        Container { derivation: *b"Ar", ..plain.clone() }.file(),
    );
    refuse(
        Rule::Sec12,
        "checksum-kind",
        "a checksum that is not BLAKE2b",
        Container { checksum_kind: *b"S2", ..plain.clone() }.file(),
    );
    let mut foreign = signify(&signer, signer.id(), 0);
    foreign[3] = b'L';
    refuse(Rule::Sec12, "signify-derivation", "a signify key whose derivation is not BK", two_lines(&foreign));

    let costly = plain.costly();
    let memory = Container { opslimit: 1 << 27, memlimit: 1 << 33, ..costly.clone() };
    refuse(Rule::Sec6, "memory", "scrypt in 4 GiB", memory.file());
    let work = Container { opslimit: 1 << 28, memlimit: 1 << 20, ..costly };
    refuse(Rule::Sec6, "work", "scrypt with twice the operations that are allowed", work.file());
    refuse(Rule::Sec6, "rounds", "a signify key with 1001 rounds", two_lines(&signify(&signer, signer.id(), 1001)));
}

fn add_damage(corpus: &mut Corpus) {
    let signer = key("secrets");
    let plain = Container::plain(&signer, signer.id());
    let mut refuse = |rule, name: &str, summary: &str, file: String, passphrase| {
        let vector = Vector::refused(Kind::SecretKeyFile, rule, name, summary).input("secret", Source::text(file));
        corpus.add(vector.context(|context| context.passphrase = passphrase));
    };
    let encrypted = plain.clone().costly().encrypted();
    refuse(Rule::Sec13, "missing", "no passphrase for a file that needs one", encrypted.clone(), None);
    refuse(Rule::Sec13, "wrong", "another passphrase", encrypted.clone(), Some("correct horse "));
    refuse(Rule::Sec13, "empty", "an empty passphrase", encrypted, Some(""));

    let mut halves = plain.secret;
    halves[32..].copy_from_slice(&key("secrets other").public());
    let halves = Container::of(*b"Ed", plain.key_id, halves);
    refuse(Rule::Sec7, "halves", "the public half of another key, under a good checksum", halves.file(), None);
    refuse(Rule::Sec7, "halves-encrypted", "the same, encrypted", halves.costly().encrypted(), Some(PASSPHRASE));
    let checksum = Container { checksum: [1; 32], ..plain.clone() };
    refuse(Rule::Sec7, "checksum", "a wrong checksum", checksum.file(), None);
    refuse(
        Rule::Sec7,
        "checksum-encrypted",
        "a wrong checksum under a good passphrase",
        checksum.costly().encrypted(),
        Some(PASSPHRASE),
    );
    let empty = Container { checksum: [0; 32], ..plain.clone() };
    refuse(
        Rule::Sec7,
        "empty-checksum-encrypted",
        "only a file that is not encrypted may have no checksum",
        empty.costly().encrypted(),
        Some(PASSPHRASE),
    );
    let tag = Container { tag: *b"Sl", ..plain };
    refuse(Rule::Sec7, "relabelled", "an Ed25519 key relabelled as an SLH-DSA key", tag.file(), None);
    let mut damaged = signify(&signer, signer.id(), 0);
    damaged[24] ^= 1;
    refuse(Rule::Sec7, "signify-checksum", "a signify key with a wrong checksum", two_lines(&damaged), None);
    let (reserve, _) = reserve_container();
    let foreign = Container::of(*b"Sr", [3; 8], reserve.secret);
    refuse(Rule::Key7, "reserve-secret", "a reserve key with an id of its own choice", foreign.file(), None);
}
