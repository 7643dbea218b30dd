//! Chapter 2: keys and signature blocks.

use blake2::Digest as _;
use curve25519_dalek::constants::{ED25519_BASEPOINT_TABLE, EIGHT_TORSION};
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::Sha512;
use sigpkg::rule::Rule;

use super::build::{Corpus, Kind, Source, Vector};
use super::raw::{
    ED_COMMENT, SL_COMMENT, SR_COMMENT, TestKey, base64, block, derived_id, edit, hex, key, key_text,
    paper_reserve_key, seed,
};
use super::slow::{LINK, RESERVE, SlowKey, slow_keys};

/// A message that no signature of a chain has: these vectors are about signatures alone.
const MESSAGE: &[u8] = b"a message of the test vectors\n";

pub(crate) fn add(corpus: &mut Corpus) {
    add_link_keys(corpus);
    add_points(corpus);
    add_reserve_keys(corpus);
    add_key_files(corpus);
    add_block_forms(corpus);
    add_equation(corpus);
    add_slow_signatures(corpus);
}

/// A key text for these 32 bytes, with the id that belongs to them.
fn derived_text(tag: [u8; 2], bytes: &[u8; 32]) -> String {
    key_text(tag, derived_id(bytes), bytes)
}

fn refuse_key(corpus: &mut Corpus, kind: Kind, rule: Rule, name: &str, summary: &str, text: impl Into<String>) {
    corpus.add(Vector::refused(kind, rule, name, summary).input("key", Source::text(text)));
}

fn add_link_keys(corpus: &mut Corpus) {
    let good = key("keys link");
    let mut accept = |name: &str, summary: &str, tag, bytes: [u8; 32]| {
        let vector = Vector::accepted(Kind::PublicKey, &format!("key-{name}"), summary);
        corpus.add(vector.input("key", Source::text(derived_text(tag, &bytes))).value(hex(bytes)));
    };
    accept("ed25519", "an Ed25519 link key", *b"Ed", good.public());
    accept("slh-dsa", "an SLH-DSA link key; any 32 bytes are one, these are no Ed25519 key", *b"Sl", [0; 32]);
    let mixed = Mixed::new("keys mixed");
    accept(
        "mixed-order",
        "an Ed25519 key with a part of small order, which only the equation judges",
        *b"Ed",
        mixed.public,
    );

    let text = good.text();
    let mut refuse =
        |rule, name: &str, summary: &str, text: String| refuse_key(corpus, Kind::PublicKey, rule, name, summary, text);
    refuse(Rule::Key4, "empty", "no characters", String::new());
    refuse(Rule::Key4, "short", "55 characters", text[..55].to_owned());
    refuse(Rule::Key4, "line-end", "a line end after the key", format!("{text}\n"));
    refuse(Rule::Key4, "id", "two characters more", format!("{text}AA"));
    refuse(Rule::Key5, "url-alphabet", "a character of the other base64 alphabet", format!("{}-", &text[..55]));
    refuse(Rule::Key5, "space", "a space among the characters", format!("{} {}", &text[..20], &text[21..]));
    refuse(
        Rule::Key5,
        "padding",
        "padding: 41 bytes in 56 characters",
        base64([b"Ed".as_slice(), &good.id(), &good.public()[..31]].concat()),
    );
    refuse(Rule::Key5, "accent", "56 characters in 57 bytes", format!("{}é", &text[..55]));
    refuse(Rule::Key6, "prehashed", "the tag ED of prehashed signatures", good.text_tagged(*b"ED"));
    refuse(Rule::Key6, "reserve", "a reserve key where a link key belongs", good.text_tagged(*b"Sr"));
    refuse(Rule::Key6, "unknown", "a tag that nobody has", good.text_tagged(*b"Rs"));
    refuse(
        Rule::Key7,
        "chosen",
        "a key id of the signer's choice, as the stock tools have",
        key_text(*b"Ed", [1, 2, 3, 4, 5, 6, 7, 8], &good.public()),
    );
    refuse(
        Rule::Key7,
        "of-another-key",
        "the key id of another key",
        key_text(*b"Ed", key("keys other").id(), &good.public()),
    );
    let mut reversed = good.id();
    reversed.reverse();
    refuse(
        Rule::Key7,
        "reversed",
        "the key id in the order in which people are shown it",
        key_text(*b"Ed", reversed, &good.public()),
    );
    refuse(
        Rule::Key7,
        "of-text",
        "the digest of tag and key",
        key_text(*b"Ed", derived_id(&[b"Ed".as_slice(), &good.public()].concat()), &good.public()),
    );
    refuse(
        Rule::Key7,
        "slh-dsa",
        "an SLH-DSA key with an id of its own choice",
        key_text(*b"Sl", [0; 8], &good.public()),
    );
}

/// KEY-8 to KEY-10.
fn add_points(corpus: &mut Corpus) {
    let mut refuse = |rule, name: &str, summary: &str, bytes: [u8; 32]| {
        refuse_key(corpus, Kind::PublicKey, rule, name, summary, derived_text(*b"Ed", &bytes));
    };
    // p + 3 and so on: y has a second spelling as long as it is below 19.
    let large = (2..19).map(above_prime).find(|bytes| decompress(bytes).is_some_and(|point| !point.is_small_order()));
    refuse(
        Rule::Key8,
        "large-order",
        "p is added to the y of a point of large order",
        large.expect("there is such a y"),
    );
    refuse(Rule::Key8, "order-4", "y is p, another spelling of 0", above_prime(0));
    refuse(Rule::Key8, "neutral", "y is p + 1, another spelling of 1", above_prime(1));
    refuse(Rule::Key8, "all-ones", "all bits are set", [0xff; 32]);
    let with_sign = |mut bytes: [u8; 32]| {
        bytes[31] |= 0x80;
        bytes
    };
    refuse(
        Rule::Key8,
        "sign-of-zero",
        "y is 1, so x is 0, which has no sign",
        with_sign(EIGHT_TORSION[0].compress().to_bytes()),
    );
    refuse(
        Rule::Key8,
        "sign-of-zero-2",
        "y is p - 1, so x is 0, which has no sign",
        with_sign(EIGHT_TORSION[4].compress().to_bytes()),
    );

    let no_points = (2..=255).filter(|y| decompress(&small_y(*y)).is_none());
    for (y, name) in no_points.zip(["first", "second"]) {
        refuse(Rule::Key9, name, &format!("there is no point with y = {y}"), small_y(y));
    }
    let random = (0..64)
        .map(|n| seed(&format!("no point {n}")))
        .find(|bytes| decompress(bytes).is_none() && bytes[31] & 0x7f < 0x7f);
    refuse(Rule::Key9, "random", "half of all 32 bytes are no point", random.expect("half of all are none"));

    let orders = ["neutral", "order-8-a", "order-4-a", "order-8-b", "order-2", "order-8-c", "order-4-b", "order-8-d"];
    for (point, name) in EIGHT_TORSION.iter().zip(orders) {
        refuse(Rule::Key10, name, "one of the eight points of small order", point.compress().to_bytes());
    }
}

fn add_reserve_keys(corpus: &mut Corpus) {
    for (name, summary, bytes) in [
        ("any-bytes", "any 32 bytes are a reserve key", seed("keys reserve")),
        ("small-order", "bytes that would be a weak Ed25519 key", [0; 32]),
    ] {
        let vector = Vector::accepted(Kind::ReserveKey, &format!("reserve-key-{name}"), summary);
        corpus.add(vector.input("key", Source::text(derived_text(*b"Sr", &bytes))).value(hex(bytes)));
    }
    let text = paper_reserve_key("keys");
    let mut refuse = |rule, name: &str, summary: &str, text: String| {
        refuse_key(corpus, Kind::ReserveKey, rule, &format!("reserve-{name}"), summary, text);
    };
    refuse(Rule::Key4, "short", "a reserve key of 52 characters", text[..52].to_owned());
    refuse(Rule::Key6, "ed25519", "a link key where a reserve key belongs", key("keys link").text());
    refuse(
        Rule::Key6,
        "slh-dsa-link",
        "an SLH-DSA link key where a reserve key belongs",
        derived_text(*b"Sl", &seed("keys reserve")),
    );
    refuse(
        Rule::Key7,
        "chosen",
        "a reserve key with an id of its own choice",
        key_text(*b"Sr", [1; 8], &seed("keys reserve")),
    );
}

/// Key files of the stock tools, whose key ids are chosen at random.
fn add_key_files(corpus: &mut Corpus) {
    let stock = key("keys stock");
    let text = key_text(*b"Ed", [9; 8], &stock.public());
    let longest = "c".repeat(1022 - "untrusted comment: ".len());
    for (name, summary, comment) in [
        ("chosen-id", "a key file of a stock tool, whose key id is chosen", "minisign public key 0909090909090909"),
        ("longest-comment", "the first line has 1022 bytes", longest.as_str()),
        ("tab", "a tab in the comment", "two\twords"),
        ("empty-comment", "an empty comment", ""),
    ] {
        let vector = Vector::accepted(Kind::PublicKeyFile, &format!("key-file-{name}"), summary);
        let file = format!("untrusted comment: {comment}\n{text}\n");
        corpus.add(vector.input("key", Source::text(file)).value(hex(stock.public())));
    }
    let file = format!("untrusted comment: a test key\n{text}\n");
    let mut refuse = |rule, name: &str, summary: &str, file: String| {
        refuse_key(corpus, Kind::PublicKeyFile, rule, &format!("file-{name}"), summary, file);
    };
    refuse(Rule::Key11, "no-comment", "the key alone", format!("{text}\n"));
    refuse(
        Rule::Key11,
        "other-comment",
        "the first line is no untrusted comment",
        edit(&file, "untrusted comment", "comment"),
    );
    refuse(Rule::Key11, "no-last-line-end", "no LF at the end", file.trim_end().to_owned());
    refuse(Rule::Key11, "three-lines", "a third line", format!("{file}{text}\n"));
    refuse(Rule::Key11, "crlf", "lines end with CR LF", file.replace('\n', "\r\n"));
    refuse(Rule::Key11, "escape", "a control sequence in the comment", edit(&file, "a test", "\u{1b}[8m"));
    refuse(
        Rule::Key11,
        "comment-too-long",
        "the first line has 1023 bytes",
        format!("untrusted comment: {longest}c\n{text}\n"),
    );
    refuse(
        Rule::Key6,
        "slh-dsa",
        "an SLH-DSA key, which no stock tool has",
        edit(&file, &text, &derived_text(*b"Sl", &stock.public())),
    );
    let weak = key_text(*b"Ed", [9; 8], &EIGHT_TORSION[0].compress().to_bytes());
    refuse(Rule::Key10, "small-order", "a key of small order, for which anyone can sign", edit(&file, &text, &weak));
}

/// SIG-5 to SIG-7.
fn add_block_forms(corpus: &mut Corpus) {
    let signer = key("keys block");
    let good = signer.block(MESSAGE);
    let signature = signer.sign(MESSAGE);
    let vector = Vector::accepted(Kind::Block, "block-ed25519", "an Ed25519 signature block");
    corpus.add(judged(vector, Source::text(&good), &signer.text()));

    let mut refuse = |name: &str, summary: &str, text: String| {
        corpus.add(
            Vector::refused(Kind::Block, Rule::Sig5, &format!("block-{name}"), summary)
                .input("block", Source::text(text)),
        );
    };
    refuse("one-line", "the comment alone", format!("{ED_COMMENT}\n"));
    refuse("three-lines", "a line after the block", format!("{good}\n"));
    refuse("no-last-line-end", "no LF at the end", good.trim_end().to_owned());
    refuse("crlf", "lines end with CR LF", good.replace('\n', "\r\n"));
    refuse(
        "comment",
        "another comment, which stock tools would let pass",
        edit(&good, "sigpkg signature", "signature from a test key"),
    );
    refuse("comment-of-reserve", "the comment of a reserve signature", edit(&good, ED_COMMENT, SR_COMMENT));
    refuse("comment-space", "a space after the comment", edit(&good, "signature\n", "signature \n"));
    refuse("no-padding", "the padding is missing", edit(&good, "=\n", "\n"));
    refuse("spare-bits", "spare bits of the last character are set, as minisign lets pass", spare_bits(&good));
    refuse("space-after", "a space after the signature", edit(&good, "=\n", "= \n"));
    refuse(
        "prehashed",
        "relabelled ED: a chain has no prehashed signatures",
        block(ED_COMMENT, *b"ED", signer.id(), &signature),
    );
    refuse("unknown-tag", "a tag of no key", block(ED_COMMENT, *b"Rs", signer.id(), &signature));
    refuse(
        "too-long",
        "one byte too many",
        block(ED_COMMENT, *b"Ed", signer.id(), &[signature.as_slice(), &[0]].concat()),
    );
    refuse("too-short", "one byte too few", block(ED_COMMENT, *b"Ed", signer.id(), &signature[..63]));
    refuse("no-signature", "a tag and a key id alone", block(ED_COMMENT, *b"Ed", signer.id(), &[]));
    refuse(
        "slh-dsa-too-short",
        "an SLH-DSA block with the bytes of an Ed25519 signature",
        block(SL_COMMENT, *b"Sl", signer.id(), &signature),
    );

    let other = key("keys other");
    let mut refuse = |rule, name: &str, summary: &str, text: String| {
        let vector = Vector::refused(Kind::Block, rule, &format!("block-{name}"), summary);
        corpus.add(judged(vector, Source::text(text), &signer.text()));
    };
    refuse(Rule::Sig7, "other-key", "a good block of another key", other.block(MESSAGE));
    refuse(
        Rule::Sig7,
        "other-id",
        "the right signature under another key id",
        block(ED_COMMENT, *b"Ed", other.id(), &signature),
    );
    refuse(
        Rule::Sig8,
        "copied-id",
        "another key's signature under the right key id",
        block(ED_COMMENT, *b"Ed", signer.id(), &other.sign(MESSAGE)),
    );
    refuse(Rule::Sig8, "other-message", "a signature of another message", signer.block(b"another message\n"));
}

/// SIG-2: what some verifiers of Ed25519 accept and others do not.
fn add_equation(corpus: &mut Corpus) {
    let signer = key("keys equation");
    let public = signer.public();
    let ours = |signature: [u8; 64]| block(ED_COMMENT, *b"Ed", signer.id(), &signature);
    let mut refuse = |name: &str, summary: &str, key: String, text: String| {
        let vector = Vector::refused(Kind::Block, Rule::Sig8, &format!("block-{name}"), summary);
        corpus.add(judged(vector, Source::text(text), &key));
    };
    let good = signer.sign(MESSAGE);
    refuse("raised-s", "S is raised by the group order, as signify lets pass", signer.text(), ours(raised(&good)));
    let mut high = good;
    high[63] |= 0xe0;
    refuse("high-bits", "the highest bits of S are set", signer.text(), ours(high));
    refuse("zero", "all bytes are zero", signer.text(), ours([0; 64]));
    for (at, name) in [(0, "flipped-r"), (33, "flipped-s")] {
        let mut flipped = good;
        flipped[at] ^= 0x10;
        refuse(name, "one bit is flipped", signer.text(), ours(flipped));
    }
    // With R of small order, S = k a solves the equation; nobody's nonce was needed.
    let a = signer.scalar();
    for (name, summary, r) in [
        ("small-order-r", "R is the neutral element, and the equation holds", EIGHT_TORSION[0].compress().to_bytes()),
        (
            "non-canonical-r",
            "R is the neutral element in another spelling, and the equation holds for the point",
            above_prime(1),
        ),
    ] {
        let s = challenge(&r, &public, MESSAGE) * a;
        refuse(name, summary, signer.text(), ours(joined(r, s)));
    }
    let nonce = Scalar::from_bytes_mod_order(seed("keys nonce"));
    let r = (&nonce * ED25519_BASEPOINT_TABLE + EIGHT_TORSION[1]).compress().to_bytes();
    let s = nonce + challenge(&r, &public, MESSAGE) * a;
    refuse(
        "cofactored-r",
        "R has a part of small order: the equation holds only if it is multiplied by 8",
        signer.text(),
        ours(joined(r, s)),
    );

    let mixed = Mixed::new("keys mixed");
    let (bad, fine) = mixed.signatures(MESSAGE);
    let text = derived_text(*b"Ed", &mixed.public);
    let mixed_block = |signature| block(ED_COMMENT, *b"Ed", derived_id(&mixed.public), signature);
    refuse(
        "cofactored-key",
        "the key has a part of small order: the equation holds only if it is multiplied by 8",
        text.clone(),
        mixed_block(&bad),
    );
    let vector =
        Vector::accepted(Kind::Block, "block-mixed-order", "the key has a part of small order, and the equation holds");
    corpus.add(judged(vector, Source::text(mixed_block(&fine)), &text));
}

/// SLH-DSA signatures are long, so a few of them serve many vectors.
fn add_slow_signatures(corpus: &mut Corpus) {
    let [reserve, other, link] = slow_keys();
    let (reserve_key, link_key) = (reserve.text(*b"Sr"), link.text(*b"Sl"));
    let mut stored = |name: &str, key: &SlowKey, signed, said| {
        let block = key.block_in(format!("signatures/slh-dsa-{name}.block"), signed, said, MESSAGE);
        corpus.file(&block.path, block.text)
    };
    let reserve_block = stored("reserve", reserve, &RESERVE, &RESERVE);
    let link_block = stored("link", link, &LINK, &LINK);
    // The signature of a link key under the tag of a reserve key: only the context tells them apart.
    let crossed = stored("crossed", reserve, &LINK, &RESERVE);

    let vector = Vector::accepted(Kind::Block, "block-reserve", "a reserve signature");
    corpus.add(judged(vector, reserve_block.clone(), &reserve_key));
    let vector = Vector::accepted(Kind::Block, "block-slh-dsa", "an SLH-DSA signature by a link key");
    corpus.add(judged(vector, link_block.clone(), &link_key));

    let mut refuse = |rule, name: &str, summary: &str, block: &Source, key: &str| {
        let vector = Vector::refused(Kind::Block, rule, &format!("block-{name}"), summary);
        corpus.add(judged(vector, block.clone(), key));
    };
    refuse(
        Rule::Sig6,
        "reserve-as-link",
        "a reserve signature where a link key signs, with the same bytes of key",
        &reserve_block,
        &reserve.text(*b"Sl"),
    );
    refuse(
        Rule::Sig6,
        "link-as-reserve",
        "a link signature where the reserve signs, with the same bytes of key",
        &link_block,
        &link.text(*b"Sr"),
    );
    let ed25519 = Source::text(key("keys block").block(MESSAGE));
    refuse(
        Rule::Sig6,
        "ed25519-for-slh-dsa",
        "an Ed25519 signature where the key is an SLH-DSA key",
        &ed25519,
        &link_key,
    );
    refuse(
        Rule::Sig7,
        "other-reserve-key",
        "a good signature of another reserve key",
        &reserve_block,
        &other.text(*b"Sr"),
    );
    refuse(Rule::Sig8, "context", "a reserve key signed in the context of link keys", &crossed, &reserve_key);
    let vector =
        Vector::refused(Kind::Block, Rule::Sig8, "block-slh-dsa-message", "an SLH-DSA signature of another message");
    corpus.add(
        vector
            .input("block", reserve_block)
            .input("key", Source::text(reserve_key))
            .input("message", Source::text("another message\n")),
    );
}

/// A block that is judged with a key over [`MESSAGE`].
fn judged(vector: Vector, block: Source, key: &str) -> Vector {
    vector.input("block", block).input("key", Source::text(key)).input("message", Source::bytes(MESSAGE))
}

/// Sets the lowest spare bit of the last character before the padding of a block.
fn spare_bits(block: &str) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (head, last) = block.strip_suffix("=\n").expect("74 bytes are padded by one =").split_at(block.len() - 3);
    let index = ALPHABET.find(last).expect("the character is of the alphabet");
    format!("{head}{}=\n", &ALPHABET[index + 1..index + 2])
}

/// S + L: the equation cannot tell it from S.
pub(crate) fn raised(signature: &[u8; 64]) -> [u8; 64] {
    /// The group order, least byte first (RFC 8032).
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut raised = *signature;
    let mut carry = 0;
    for (byte, order) in raised[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    raised
}

impl TestKey {
    /// The secret scalar of RFC 8032.
    fn scalar(&self) -> Scalar {
        Scalar::from_bytes_mod_order(self.scalar_bytes())
    }
}

/// A key A = aB + T with T of order 8.
struct Mixed {
    scalar: Scalar,
    public: [u8; 32],
}

impl Mixed {
    fn new(label: &str) -> Self {
        let scalar = key(label).scalar();
        let point = &scalar * ED25519_BASEPOINT_TABLE + EIGHT_TORSION[1];
        Self { scalar, public: point.compress().to_bytes() }
    }

    /// A signature whose challenge is no multiple of 8, so that T stays in the equation, and one whose challenge is.
    fn signatures(&self, message: &[u8]) -> ([u8; 64], [u8; 64]) {
        let signature = |is_wanted: fn(u8) -> bool| {
            let mut attempts = (0..).map(|attempt| {
                let nonce = Scalar::from_bytes_mod_order(seed(&format!("keys mixed nonce {attempt}")));
                let r = (&nonce * ED25519_BASEPOINT_TABLE).compress().to_bytes();
                let k = challenge(&r, &self.public, message);
                (k.to_bytes()[0] % 8, joined(r, nonce + k * self.scalar))
            });
            attempts.find(|(rest, _)| is_wanted(*rest)).expect("one of eight is").1
        };
        (signature(|rest| rest != 0), signature(|rest| rest == 0))
    }
}

fn challenge(r: &[u8; 32], key: &[u8; 32], message: &[u8]) -> Scalar {
    let hash: [u8; 64] = Sha512::new().chain_update(r).chain_update(key).chain_update(message).finalize().into();
    Scalar::from_bytes_mod_order_wide(&hash)
}

fn joined(r: [u8; 32], s: Scalar) -> [u8; 64] {
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&r);
    signature[32..].copy_from_slice(&s.to_bytes());
    signature
}

fn decompress(bytes: &[u8; 32]) -> Option<EdwardsPoint> {
    CompressedEdwardsY(*bytes).decompress()
}

/// p + n for n below 19, least byte first.
fn above_prime(n: u8) -> [u8; 32] {
    let mut bytes = [0xff; 32];
    bytes[0] = 0xed + n;
    bytes[31] = 0x7f;
    bytes
}

fn small_y(y: u8) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[0] = y;
    bytes
}
