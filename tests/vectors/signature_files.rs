//! Chapter 2, section 2.3: signature files, beside a release and of the stock tools.

use blake2::Digest as _;
use sigpkg::rule::Rule;

use super::build::{Corpus, Kind, Source, Vector};
use super::keys::raised;
use super::raw::{ED_COMMENT, JULIA, Record, TestKey, base64, block, edit, four_lines, genesis, hex, key, key_text};

const ACCEPT: &str = "accept";
const REFUSE: &str = "refuse";
const MINISIGN_STRIPS: &str = "minisign strips what comes before the line end, and signify never looks below line 2";
const SIGNIFY_STOPS: &str = "signify never looks below line 2";

pub(crate) fn add(corpus: &mut Corpus) {
    let release = Release::new();
    add_release(corpus, &release);
    add_release_signatures(corpus, &release);
    add_stock(corpus);
    add_stock_refusals(corpus);
}

/// A release, and what belongs into the file beside it.
struct Release {
    statement: String,
    signer: TestKey,
    trusted: String,
    file: String,
}

impl Release {
    fn new() -> Self {
        let record: Record = genesis("minisig", JULIA).sign().release("", "1.0.0").sign();
        let signer = record.draft.signer.clone();
        let trusted = format!("sigpkg {} 2", record.id());
        let file = signer.minisig(record.text.as_bytes(), &trusted);
        Self { statement: record.text, signer, trusted, file }
    }

    /// The file with other lines, each signed as it should be.
    fn signed(&self, comment: &str, tag: [u8; 2], message: &[u8], trusted: &str) -> String {
        signed(&self.signer, self.signer.id(), comment, tag, message, trusted)
    }
}

/// Four lines, good in themselves.
fn signed(signer: &TestKey, id: [u8; 8], comment: &str, tag: [u8; 2], message: &[u8], trusted: &str) -> String {
    let signature = signer.sign(message);
    let global = signer.sign(&[signature.as_slice(), trusted.as_bytes()].concat());
    four_lines(&block(comment, tag, id, &signature), trusted, &global)
}

fn inputs(vector: Vector, file: Source, key: &str, message: &[u8]) -> Vector {
    vector
        .input("signature", file)
        .input("key", Source::text(key))
        .input("message", Source::bytes(message))
        .context(|context| context.usage = Some("sig"))
}

fn add_release(corpus: &mut Corpus, release: &Release) {
    let statement = corpus.file("signatures/release.toml", &release.statement);
    let file = corpus.file("signatures/release.toml.minisig", &release.file);
    let vector = Vector::accepted(Kind::SignatureFile, "signature-file-release", "the file beside a release");
    corpus.add(
        vector
            .input("signature", file)
            .input("key", Source::text(release.signer.text()))
            .input("message", statement.clone())
            .stock(ACCEPT, ACCEPT),
    );

    let Release { statement: text, trusted, file, signer } = release;
    let message = text.as_bytes();
    let mut refuse = |rule, name: &str, summary: &str, file: String, minisign, signify, why| {
        let vector = Vector::refused(Kind::SignatureFile, rule, &format!("release-{name}"), summary)
            .input("signature", Source::text(file))
            .input("key", Source::text(signer.text()))
            .input("message", statement.clone())
            .stock(minisign, signify);
        corpus.add(if minisign == ACCEPT || signify == ACCEPT { vector.why(why) } else { vector });
    };
    let lines: Vec<_> = file.split_inclusive('\n').collect();

    refuse(
        Rule::Sig10,
        "five-lines",
        "a line after the fourth",
        format!("{file}\n"),
        ACCEPT,
        ACCEPT,
        "both read no further than they must",
    );
    refuse(
        Rule::Sig10,
        "three-lines",
        "the global signature is missing",
        lines[..3].concat(),
        REFUSE,
        ACCEPT,
        SIGNIFY_STOPS,
    );
    refuse(Rule::Sig10, "one-line", "the comment alone", lines[0].to_owned(), REFUSE, REFUSE, "");
    refuse(
        Rule::Sig10,
        "no-last-line-end",
        "no LF at the end",
        file.trim_end().to_owned(),
        ACCEPT,
        ACCEPT,
        "both take the end of the file for the end of a line",
    );
    refuse(
        Rule::Sig10,
        "global-truncated",
        "the global signature is cut short",
        format!("{}{}\n", lines[..3].concat(), &lines[3][..40]),
        REFUSE,
        ACCEPT,
        SIGNIFY_STOPS,
    );
    refuse(
        Rule::Sig10,
        "global-spare-bits",
        "spare bits of the global signature are set",
        spare_bits(file),
        ACCEPT,
        ACCEPT,
        "minisign reads base64 with spare bits set, and signify never looks there",
    );
    refuse(
        Rule::Sig10,
        "crlf",
        "lines end with CR LF",
        file.replace('\n', "\r\n"),
        ACCEPT,
        ACCEPT,
        "minisign strips a CR, and so does the decoder of signify",
    );
    refuse(
        Rule::Sig10,
        "comment",
        "the first line is no untrusted comment",
        edit(file, "untrusted comment", "comment"),
        REFUSE,
        REFUSE,
        "",
    );
    refuse(
        Rule::Sig10,
        "trusted-comment",
        "the third line is no trusted comment",
        edit(file, "\ntrusted comment", "\nTrusted comment"),
        REFUSE,
        ACCEPT,
        SIGNIFY_STOPS,
    );
    let carriage_return = edit(file, &format!("{trusted}\n"), &format!("{trusted}\r\n"));
    refuse(Rule::Sig11, "cr", "a CR ends the trusted comment", carriage_return, ACCEPT, ACCEPT, MINISIGN_STRIPS);
    let escape = release.signed(ED_COMMENT, *b"Ed", message, "\u{1b}[8m");
    refuse(
        Rule::Sig11,
        "escape",
        "a control sequence in the trusted comment",
        escape,
        ACCEPT,
        ACCEPT,
        "minisign shows the trusted comment as it is, and signify never looks there",
    );
    refuse(
        Rule::Sig12,
        "slh-dsa-tag",
        "the tag of an SLH-DSA key",
        release.signed(ED_COMMENT, *b"Sl", message, trusted),
        REFUSE,
        REFUSE,
        "",
    );

    refuse(
        Rule::Sig15,
        "two-lines",
        "the two lines of signify",
        lines[..2].concat(),
        REFUSE,
        ACCEPT,
        "it is what signify writes",
    );
    let prehashed = release.signed(ED_COMMENT, *b"ED", &prehash(message), trusted);
    refuse(
        Rule::Sig15,
        "prehashed",
        "the prehashed mode, which signify cannot verify",
        prehashed,
        ACCEPT,
        REFUSE,
        "it is what minisign writes by default",
    );
    let other = "the stock tools read no meaning into comments";
    let comment = release.signed("untrusted comment: signature from minisign secret key", *b"Ed", message, trusted);
    refuse(Rule::Sig15, "untrusted-comment", "another untrusted comment", comment, ACCEPT, ACCEPT, other);
    for (name, summary, comment) in [
        ("other-seq", "the trusted comment has another seq", format!("{}3", &trusted[..trusted.len() - 1])),
        (
            "leading-zero",
            "the seq in the trusted comment has a leading zero",
            format!("{}02", &trusted[..trusted.len() - 1]),
        ),
        (
            "other-id",
            "the trusted comment has another signatory id",
            format!("sigpkg {} 2", genesis("minisig other", JULIA).sign().id()),
        ),
        ("trusted-space", "a space after the trusted comment", format!("{trusted} ")),
        ("trusted-empty", "an empty trusted comment", String::new()),
    ] {
        refuse(
            Rule::Sig15,
            name,
            summary,
            release.signed(ED_COMMENT, *b"Ed", message, &comment),
            ACCEPT,
            ACCEPT,
            other,
        );
    }
}

/// SIG-7, SIG-8 and SIG-13 beside a release.
fn add_release_signatures(corpus: &mut Corpus, release: &Release) {
    let statement = corpus.file("signatures/release.toml", &release.statement);
    let Release { statement: text, trusted, file, signer } = release;
    let message = text.as_bytes();
    let mut refuse = |rule, name: &str, summary: &str, file: String, minisign, signify, why| {
        let vector = Vector::refused(Kind::SignatureFile, rule, &format!("release-{name}"), summary)
            .input("signature", Source::text(file))
            .input("key", Source::text(signer.text()))
            .input("message", statement.clone())
            .stock(minisign, signify);
        corpus.add(if minisign == ACCEPT || signify == ACCEPT { vector.why(why) } else { vector });
    };
    let thief = key("minisig thief");
    refuse(Rule::Sig7, "other-key", "signed whole by another key", thief.minisig(message, trusted), REFUSE, REFUSE, "");
    let copied = signed(&thief, signer.id(), ED_COMMENT, *b"Ed", message, trusted);
    refuse(Rule::Sig8, "copied-id", "signed whole by another key under the right key id", copied, REFUSE, REFUSE, "");
    let other_text = release.signed(ED_COMMENT, *b"Ed", &edit(text, "1.0.0", "1.0.1").into_bytes(), trusted);
    refuse(Rule::Sig8, "other-text", "a signature of another statement", other_text, REFUSE, REFUSE, "");
    let signature = raised(&signer.sign(message));
    let global = signer.sign(&[signature.as_slice(), trusted.as_bytes()].concat());
    let high = four_lines(&block(ED_COMMENT, *b"Ed", signer.id(), &signature), trusted, &global);
    refuse(
        Rule::Sig8,
        "raised-s",
        "S is raised by the group order",
        high,
        REFUSE,
        ACCEPT,
        "signify does not compare S with the group order",
    );

    let signature = signer.sign(message);
    let two_lines = block(ED_COMMENT, *b"Ed", signer.id(), &signature);
    let mut global = |name: &str, summary: &str, global: [u8; 64]| {
        refuse(Rule::Sig13, name, summary, four_lines(&two_lines, trusted, &global), REFUSE, ACCEPT, SIGNIFY_STOPS);
    };
    global("global-of-comment", "the global signature is over the comment alone", signer.sign(trusted.as_bytes()));
    global("global-of-message", "the global signature is the signature again", signature);
    global(
        "global-other-comment",
        "the global signature is over another comment",
        signer.sign(&[signature.as_slice(), b"sigpkg"].concat()),
    );
    global(
        "global-other-key",
        "the global signature is by another key",
        thief.sign(&[signature.as_slice(), trusted.as_bytes()].concat()),
    );
    global(
        "global-raised-s",
        "S of the global signature is raised by the group order",
        raised(&signer.sign(&[signature.as_slice(), trusted.as_bytes()].concat())),
    );
    assert!(file.starts_with(&two_lines));
}

/// `sig verify`: files of the stock tools, with key ids that they chose.
fn add_stock(corpus: &mut Corpus) {
    let signer = key("minisig stock");
    let id = [8, 7, 6, 5, 4, 3, 2, 1];
    let public = key_text(*b"Ed", id, &signer.public());
    let message = b"any file at all\r\nwith any bytes\x00\xff";
    let comment = "untrusted comment: signature from minisign secret key";
    let hashed = prehash(message);
    let mut accept = |name: &str, summary: &str, file: String, minisign, signify, why| {
        let vector = Vector::accepted(Kind::SignatureFile, &format!("signature-file-{name}"), summary);
        let vector = inputs(vector, Source::text(file), &public, message).stock(minisign, signify);
        corpus.add(if minisign == REFUSE || signify == REFUSE { vector.why(why) } else { vector });
    };
    let stamp = "timestamp:1767268800\tfile:message\thashed";
    accept(
        "prehashed",
        "what minisign writes: prehashed, tabs in the trusted comment",
        signed(&signer, id, comment, *b"ED", &hashed, stamp),
        ACCEPT,
        REFUSE,
        "signify does not know the prehashed mode",
    );
    accept(
        "legacy",
        "what minisign -l writes: pure",
        signed(&signer, id, comment, *b"Ed", message, "timestamp:1767268800\tfile:message"),
        ACCEPT,
        ACCEPT,
        "",
    );
    accept(
        "empty-comment",
        "an empty trusted comment",
        signed(&signer, id, comment, *b"Ed", message, ""),
        ACCEPT,
        ACCEPT,
        "",
    );
    accept(
        "unicode-comment",
        "a trusted comment in another script",
        signed(&signer, id, comment, *b"Ed", message, "Grüße"),
        ACCEPT,
        ACCEPT,
        "",
    );
    let two_lines = block("untrusted comment: verify with key.pub", *b"Ed", id, &signer.sign(message));
    accept("signify", "what signify writes: two lines", two_lines, REFUSE, ACCEPT, "minisign wants four lines");
}

fn add_stock_refusals(corpus: &mut Corpus) {
    let signer = key("minisig stock");
    let id = [8, 7, 6, 5, 4, 3, 2, 1];
    let public = key_text(*b"Ed", id, &signer.public());
    let message = b"any file at all";
    let comment = "untrusted comment: signature from minisign secret key";
    let mut refuse = |rule, name: &str, summary: &str, file: String, minisign, signify, why| {
        let vector = Vector::refused(Kind::SignatureFile, rule, &format!("file-{name}"), summary);
        let vector = inputs(vector, Source::text(file), &public, message).stock(minisign, signify);
        corpus.add(if minisign == ACCEPT || signify == ACCEPT { vector.why(why) } else { vector });
    };
    let pure = signed(&signer, id, comment, *b"Ed", message, "hello");
    let pure_signature = signer.sign(message);
    let global = signer.sign(&[pure_signature.as_slice(), b"hello"].concat());
    let relabelled = four_lines(&block(comment, *b"ED", id, &pure_signature), "hello", &global);
    refuse(Rule::Sig8, "relabelled-prehashed", "a pure signature relabelled ED", relabelled, REFUSE, REFUSE, "");
    let prehashed = signed(&signer, id, comment, *b"Ed", &prehash(message), "hello");
    refuse(Rule::Sig8, "relabelled-pure", "a prehashed signature relabelled Ed", prehashed, REFUSE, REFUSE, "");
    let two_lines = block(comment, *b"ED", id, &signer.sign(&prehash(message)));
    refuse(Rule::Sig12, "prehashed-two-lines", "the prehashed mode in two lines", two_lines, REFUSE, REFUSE, "");
    refuse(
        Rule::Sig12,
        "unknown-tag",
        "a tag of no signature",
        signed(&signer, id, comment, *b"eD", message, "hello"),
        REFUSE,
        REFUSE,
        "",
    );
    refuse(
        Rule::Sig13,
        "comment-changed",
        "the trusted comment was changed",
        edit(&pure, "hello", "hullo"),
        REFUSE,
        ACCEPT,
        SIGNIFY_STOPS,
    );
    let other_id = signed(&signer, [1; 8], comment, *b"Ed", message, "hello");
    refuse(Rule::Sig7, "other-id", "the right key under another key id", other_id, REFUSE, REFUSE, "");
    let long = format!("untrusted comment: {}", "c".repeat(1023 - "untrusted comment: ".len()));
    refuse(
        Rule::Sig10,
        "comment-too-long",
        "the first line has 1023 bytes",
        edit(&pure, comment, &long),
        REFUSE,
        ACCEPT,
        "signify holds one byte more than minisign",
    );
    let url = edit(&pure, &base64(global), &base64(global).replace('+', "-").replace('/', "_"));
    refuse(
        Rule::Sig10,
        "url-alphabet",
        "the global signature in the alphabet of base64url",
        url,
        REFUSE,
        ACCEPT,
        SIGNIFY_STOPS,
    );
    assert!(base64(global).contains(['+', '/']), "{}", hex(global));
}

/// What is signed in the prehashed mode.
fn prehash(message: &[u8]) -> Vec<u8> {
    blake2::Blake2b512::digest(message).to_vec()
}

/// 64 bytes end with two `=` and leave four spare bits.
fn spare_bits(file: &str) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let head = file.strip_suffix("==\n").expect("64 bytes are padded by two =");
    let (head, last) = head.split_at(head.len() - 1);
    let index = ALPHABET.find(last).expect("the character is of the alphabet");
    format!("{head}{}==\n", &ALPHABET[index + 1..index + 2])
}
