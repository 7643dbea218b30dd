//! Chapter 3: the form of one statement.

mod form;

use sigpkg::rule::Rule;

use super::build::{Corpus, Kind, Source, Vector};
use super::raw::{
    Draft, GENERIC, JULIA, Record, UUID, digest, edit, genesis, hex, key, paper_reserve_key, reserve_body, signatory_id,
};
use super::slow::slow_keys;

pub(crate) fn add(corpus: &mut Corpus) {
    let texts = Texts::new();
    add_accepted(corpus, &texts);
    form::add(corpus, &texts);
    add_fields(corpus, &texts);
    add_values(corpus, &texts);
    add_package(corpus, &texts);
    add_relations(corpus, &texts);
    add_ids(corpus, &texts);
}

/// A good statement of each kind, from which the bad ones are made.
struct Texts {
    genesis: String,
    release: String,
    yank: String,
    beat: String,
    reserve: String,
    generic: String,
    /// The statement before `release`, to make others.
    parent: Record,
}

impl Texts {
    fn new() -> Self {
        let genesis_draft = genesis("statements", JULIA);
        let mut parent = genesis_draft.sign();
        for version in ["0.9.0", "1.0.0", "1.1.0"] {
            parent = parent.release("", version).sign();
        }
        let generic = genesis("statements generic", GENERIC).sign().release("", "2026.11~rc1");
        Self {
            genesis: genesis_draft.text(),
            release: parent.release("", "1.1.1").text(),
            yank: parent.child("", "yank", yank_body("2, 3")).text(),
            beat: parent.child("", "beat", "[beat]\nstate = \"here\"\n").text(),
            reserve: reserve(&parent, "lost").text(),
            generic: generic.text(),
            parent,
        }
    }
}

fn yank_body(releases: &str) -> String {
    format!("[yank]\nreleases = [{releases}]\nseverity = \"warn\"\nreason = \"wrong results on big-endian machines\"\n")
}

/// A reserve statement has new link keys, so neither is the parent's `after-next`.
fn reserve(parent: &Record, cause: &str) -> Draft {
    let keys = ["d", "e", "f"].map(paper_reserve_key);
    let body = edit(
        &reserve_body(2, &keys),
        "[reserve]\n",
        &format!("[reserve]\ncause = \"{cause}\"\nreason = \"the laptop with the keys is gone\"\n"),
    );
    Draft { next: key("statements new link key 6"), ..parent.child(" reserve", "reserve", body) }
}

fn add_accepted(corpus: &mut Corpus, texts: &Texts) {
    let mut accept = |name: &str, summary: &str, text: &str| {
        let file = corpus.file(&format!("statements/accept-{name}.toml"), text);
        let vector = Vector::accepted(Kind::Statement, &format!("statement-{name}"), summary);
        corpus.add(vector.input("statement", file).value(digest(text.as_bytes())));
    };
    accept("genesis", "a genesis with three reserve keys, two of which must sign", &texts.genesis);
    accept("release", "a release without optional keys", &texts.release);
    accept("yank", "a yank without optional keys", &texts.yank);
    accept("beat", "a beat without optional keys", &texts.beat);
    accept("reserve", "a reserve statement", &texts.reserve);
    accept("release-generic", "a release of a package without a UUID", &texts.generic);

    let upstream = digest(b"an unsigned tree");
    let all =
        edit(&texts.release, "bytes = 1234\n", &format!("bytes = 1234\nwithdraws = 4\nupstream = \"{upstream}\"\n"));
    let all = edit(&all, "\n\n[package]", "\nnext-by = \"2026-01-05\"\n\n[package]");
    accept("release-every-field", "every optional key; next-by is the day of the date itself", &all);

    let long = "ü".repeat(250);
    let all = edit(
        &texts.yank,
        "wrong results on big-endian machines\"\n",
        &format!("{long}\"\nadvisory = \"CVE-2026-0001\"\nreplacement = 4\n"),
    );
    accept("yank-every-field", "every optional key; the reason has 500 bytes in 250 characters", &all);

    let successor = signatory_id(b"another chain");
    let last = edit(&texts.beat, "\"here\"\n", &format!("\"final\"\nsuccessor = \"{successor}\"\n"));
    accept("beat-successor", "the last beat of a chain, which goes on under another name", &last);

    let keys = ["slh next", "slh after-next"].map(|label| key(label).text_tagged(*b"Sl"));
    let old = [key("statements new link key 6").text(), key("statements reserve link key 7").text()];
    let algorithm = edit(&texts.reserve, "\"lost\"", "\"algorithm\"");
    let algorithm = edit(&edit(&algorithm, &old[0], &keys[0]), &old[1], &keys[1]);
    accept("reserve-algorithm", "a change of the algorithm names SLH-DSA link keys", &algorithm);

    let high = Draft { seq: 100_000, ..texts.parent.release("", "1.1.1") };
    accept("highest-seq", "the highest seq and the highest numbers", &edit(&high.text(), "1234", "9007199254740991"));
    let zero = edit(&edit(&texts.release, "1234", "0"), "count = 3", "count = 0");
    accept("empty-tree", "count and bytes may be zero", &zero);
    let version = "4294967295.0.0-rc.18446744073709551615+--";
    accept(
        "version-limits",
        "the largest numbers that a Julia version may have",
        &edit(&texts.release, "1.1.1", version),
    );
}

/// STM-6 and STM-7: fields that are too many or too few.
fn add_fields(corpus: &mut Corpus, texts: &Texts) {
    let (genesis, release, yank) = (&texts.genesis, &texts.release, &texts.yank);
    let this = format!("this = \"{}\"\nnext = ", key("statements this").text());
    let signatory = line_of(release, "signatory = ");
    let mut refuse = refuser(corpus);
    let mut refuse = |rule, name: &str, summary: &str, text: String| refuse(rule, name, summary, text.as_bytes());
    for (name, summary, text) in [
        (
            "in-header",
            "a key in the header that no kind has",
            edit(release, "\n\n[package]", "\nauthor = \"me\"\n\n[package]"),
        ),
        (
            "in-package",
            "a key in package that no kind has",
            edit(release, "\n\n[release]", "\nlicence = \"MIT\"\n\n[release]"),
        ),
        (
            "in-release",
            "a key of a yank in a release",
            edit(release, "count = 3\n", "count = 3\nseverity = \"warn\"\n"),
        ),
        (
            "in-keys",
            "the key `this` of a genesis in a release",
            edit(release, "[keys]\nnext = ", &format!("[keys]\n{this}")),
        ),
        ("table", "a table of another kind", edit(release, "\n[keys]", "\n[beat]\nstate = \"here\"\n\n[keys]")),
        (
            "genesis-signatory",
            "a genesis that names a signatory",
            edit(genesis, "kind = \"genesis\"\n", &format!("kind = \"genesis\"\n{signatory}")),
        ),
        (
            "genesis-previous",
            "a genesis that names a parent",
            edit(genesis, "seq = 1\n", &format!("seq = 1\nprevious = \"{}\"\n", digest(b""))),
        ),
        ("yank-version", "a yank that names a version", edit(yank, "severity = ", "version = \"1.0.0\"\nseverity = ")),
    ] {
        refuse(Rule::Stm6, name, summary, text);
    }
    for (name, summary, text) in [
        ("date", "no date", without(release, "date = ")),
        ("signatory", "a release without a signatory", without(release, "signatory = ")),
        ("previous", "a release without a parent", without(release, "previous = ")),
        ("seq", "no seq", without(release, "seq = ")),
        ("count", "no count of files", without(release, "count = ")),
        ("files", "no digest of a listing", without(release, "files = ")),
        ("after-next", "only one look-ahead key", without(release, "after-next = ")),
        ("this", "a genesis that does not name its own key", without(genesis, "this = ")),
        ("threshold", "a reserve without a threshold", without(genesis, "threshold = ")),
        ("reserve-table", "a genesis without a reserve", without_table(genesis, "reserve")),
        ("package-table", "no package", without_table(release, "package")),
        ("reason", "a yank without a reason", without(yank, "reason = ")),
        ("state", "a beat without a state", without(&texts.beat, "state = ")),
        ("cause", "a reserve statement without a cause", without(&texts.reserve, "cause = ")),
    ] {
        refuse(Rule::Stm7, name, summary, text);
    }
}

/// STM-8: values, one by one.
fn add_values(corpus: &mut Corpus, texts: &Texts) {
    let Texts { genesis, release, yank, beat, reserve, .. } = texts;
    let reason = "wrong results on big-endian machines";
    let mut refuse = refuser(corpus);
    let mut refuse = |name: &str, summary: &str, text: String| refuse(Rule::Stm8, name, summary, text.as_bytes());
    refuse("seq-zero", "seq is 0", edit(release, "seq = 5", "seq = 0"));
    refuse("seq-too-high", "seq is 100001", edit(release, "seq = 5", "seq = 100001"));
    refuse("seq-string", "seq is a string", edit(release, "seq = 5", "seq = \"5\""));
    refuse("seq-float", "seq is a float", edit(release, "seq = 5", "seq = 5.0"));
    refuse("bytes-beyond-json", "bytes is 2^53", edit(release, "1234", "9007199254740992"));
    refuse("bytes-negative", "bytes is negative", edit(release, "1234", "-1234"));
    refuse(
        "date-no-string",
        "the date is a date of TOML",
        edit(release, "\"2026-01-05T12:00:00Z\"", "2026-01-05T12:00:00Z"),
    );
    refuse("date-no-such-day", "30 February", edit(release, "2026-01-05T", "2026-02-30T"));
    refuse("date-hour-24", "there is no hour 24", edit(release, "T12:00:00Z", "T24:00:00Z"));
    refuse("date-lower-case", "t and z are lower case", edit(release, "T12:00:00Z", "t12:00:00z"));
    refuse(
        "next-by-instant",
        "next-by is an instant",
        edit(release, "\n\n[package]", "\nnext-by = \"2027-01-05T00:00:00Z\"\n\n[package]"),
    );
    refuse(
        "files-upper-case",
        "a digest in upper case",
        edit(release, &line_of(release, "files = "), &upper_digest(release)),
    );
    refuse("files-sha256", "a digest of another algorithm", edit(release, "files = \"blake3:", "files = \"sha256:"));
    refuse("signatory-not-sigp", "a signatory id that does not begin with sigp", edit(release, "\"sigp", "\"sigq"));
    refuse("withdraws-zero", "withdraws is 0", edit(release, "1234\n", "1234\nwithdraws = 0\n"));
    refuse("severity", "an unknown severity", edit(yank, "\"warn\"", "\"fatal\""));
    refuse("releases-empty", "no release is yanked", edit(yank, "[2, 3]", "[]"));
    refuse("releases-strings", "releases are strings", edit(yank, "[2, 3]", "[\"2\", \"3\"]"));
    refuse("reason-empty", "the reason is empty", edit(yank, reason, ""));
    refuse("reason-too-long", "the reason has 501 bytes", edit(yank, reason, &format!("{}a", "ü".repeat(250))));
    refuse("reason-line-end", "an escaped line end in the reason", edit(yank, reason, "one\\ntwo"));
    refuse("reason-quote", "an escaped quote in the reason", edit(yank, reason, "a \\\"fix\\\""));
    refuse(
        "reason-override",
        "U+202E would reorder the reason on a terminal",
        edit(yank, reason, "safe \u{202e}efas ton"),
    );
    refuse("reason-c1-control", "U+009B begins a control sequence on some terminals", edit(yank, reason, "\u{9b}31m"));
    refuse(
        "advisory-too-long",
        "the advisory has 201 bytes",
        edit(yank, &format!("{reason}\"\n"), &format!("{reason}\"\nadvisory = \"{}\"\n", "a".repeat(201))),
    );
    refuse("state", "an unknown state", edit(beat, "\"here\"", "\"there\""));
    refuse(
        "successor",
        "a successor that is no signatory id",
        edit(beat, "\"here\"\n", "\"final\"\nsuccessor = \"Example2\"\n"),
    );
    refuse("cause", "an unknown cause", edit(reserve, "\"lost\"", "\"bored\""));
    refuse("threshold-zero", "nobody would have to sign", edit(genesis, "threshold = 2", "threshold = 0"));
    refuse("threshold-16", "more than there can be keys", edit(genesis, "threshold = 2", "threshold = 16"));
}

/// STM-9 to STM-12.
fn add_package(corpus: &mut Corpus, texts: &Texts) {
    let Texts { release, generic, .. } = texts;
    let uuid = format!("uuid = \"{UUID}\"\n");
    let mut refuse = refuser(corpus);
    let mut refuse = |rule, name: &str, summary: &str, text: String| refuse(rule, name, summary, text.as_bytes());
    refuse(
        Rule::Stm9,
        "unknown-ecosystem",
        "an ecosystem that is not specified",
        edit(generic, "\"generic\"", "\"rust\""),
    );
    let name = |new: &str| edit(release, "\"Example\"", &format!("\"{new}\""));
    refuse(Rule::Stm10, "julia-hyphen", "a hyphen in a Julia name", name("Exam-ple"));
    refuse(Rule::Stm10, "julia-digit-first", "a digit first in a Julia name", name("1Example"));
    refuse(Rule::Stm10, "julia-suffix", "a Julia name has no .jl", name("Example.jl"));
    refuse(Rule::Stm10, "cyrillic", "a letter that only looks like an ASCII one", name("Ex\u{0430}mple"));
    refuse(Rule::Stm10, "too-long", "a name of 101 characters", name(&"E".repeat(101)));
    refuse(
        Rule::Stm10,
        "generic-hyphen-last",
        "a hyphen last in a generic name",
        edit(generic, "\"example-tool\"", "\"example-\""),
    );
    refuse(
        Rule::Stm10,
        "generic-slash",
        "a slash in a generic name",
        edit(generic, "\"example-tool\"", "\"example/tool\""),
    );
    refuse(Rule::Stm11, "missing", "a Julia package without a UUID", edit(release, &uuid, ""));
    refuse(
        Rule::Stm11,
        "generic",
        "a generic package with a UUID",
        edit(generic, "\"example-tool\"\n", &format!("\"example-tool\"\n{uuid}")),
    );
    refuse(Rule::Stm11, "upper-case", "a UUID in upper case", edit(release, UUID, &UUID.to_uppercase()));
    refuse(Rule::Stm11, "no-hyphens", "a UUID without hyphens", edit(release, UUID, &UUID.replace('-', "")));
    refuse(
        Rule::Stm11,
        "hyphens-moved",
        "hyphens of a UUID in other places",
        edit(release, UUID, "7876af0-7990d-54b4-ab0e-23690620f79a"),
    );
    for (name, summary, version) in [
        ("v", "a v before the version", "v1.1.1"),
        ("two-parts", "no patch number", "1.1"),
        ("four-parts", "four numbers", "1.1.1.1"),
        ("leading-zero", "a leading zero", "01.1.1"),
        ("component-too-large", "a number beyond 32 bits", "4294967296.0.0"),
        ("prerelease-empty", "an empty pre-release", "1.1.1-"),
        ("prerelease-leading-zero", "a leading zero in a pre-release number", "1.1.1-01"),
        ("prerelease-too-large", "a pre-release number beyond 64 bits", "1.1.1-18446744073709551616"),
        ("two-builds", "two plus signs", "1.1.1+a+b"),
        ("space", "a space after the version", "1.1.1 "),
        ("too-long", "65 characters", "1.1.1-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
    ] {
        refuse(Rule::Stm12, name, summary, edit(release, "\"1.1.1\"", &format!("\"{version}\"")));
    }
    refuse(Rule::Stm12, "generic-hyphen-first", "a hyphen first", edit(generic, "\"2026.11~rc1\"", "\"-1\""));
    refuse(Rule::Stm12, "generic-slash", "a slash", edit(generic, "\"2026.11~rc1\"", "\"2026/11\""));
}

/// STM-13 to STM-19, and a key that is damaged where a statement names it.
fn add_relations(corpus: &mut Corpus, texts: &Texts) {
    let Texts { genesis, release, yank, beat, reserve, .. } = texts;
    let mut refuse = refuser(corpus);
    let mut refuse = |rule, name: &str, summary: &str, text: String| refuse(rule, name, summary, text.as_bytes());
    refuse(Rule::Stm13, "genesis-2", "a genesis with seq 2", edit(genesis, "seq = 1\n", "seq = 2\n"));
    refuse(Rule::Stm13, "release-1", "a release with seq 1", edit(release, "seq = 5", "seq = 1"));

    let link = |number: u32| key(&format!("statements link key {number}"));
    let tag = |text: &str, key: &super::raw::TestKey| edit(text, &key.text(), &key.text_tagged(*b"Sl"));
    refuse(Rule::Stm14, "genesis-this", "a genesis signed by an SLH-DSA key", tag(genesis, &link(1)));
    refuse(
        Rule::Stm14,
        "genesis-look-ahead",
        "a genesis announces SLH-DSA keys",
        tag(&tag(genesis, &link(2)), &link(3)),
    );
    refuse(Rule::Stm14, "release-mixed", "next is Ed25519 and after-next is SLH-DSA", tag(release, &link(7)));
    refuse(
        Rule::Stm14,
        "reserve-mixed",
        "next is SLH-DSA and after-next is Ed25519",
        tag(reserve, &key("statements new link key 6")),
    );
    refuse(
        Rule::Stm14,
        "algorithm-unchanged",
        "a change of the algorithm to Ed25519",
        edit(reserve, "\"lost\"", "\"algorithm\""),
    );

    refuse(
        Rule::Stm15,
        "next-twice",
        "next and after-next are one key",
        edit(release, &link(7).text(), &link(6).text()),
    );
    refuse(
        Rule::Stm15,
        "genesis-this-again",
        "the genesis announces its own key",
        edit(genesis, &link(3).text(), &link(1).text()),
    );
    let holders = ["a", "b", "c"].map(|holder| paper_reserve_key(&format!("statements {holder}")));
    refuse(
        Rule::Stm15,
        "reserve-twice",
        "one reserve key twice: one holder would count as two",
        edit(genesis, &holders[1], &holders[0]),
    );
    refuse(
        Rule::Stm15,
        "two-roles",
        "a reserve key with the 32 bytes of a link key, under another tag",
        edit(genesis, &holders[2], &link(2).text_tagged(*b"Sr")),
    );

    let many = |count: u32| (1..=count).map(|n| paper_reserve_key(&format!("many {n}"))).collect::<Vec<_>>();
    let set = |threshold, keys: &[String]| {
        let old = reserve_body(2, &holders);
        edit(genesis, &old, &reserve_body(threshold, keys))
    };
    refuse(Rule::Stm16, "two-quorums", "2 of 4: two quorums need not share a member", set(2, &many(4)));
    refuse(Rule::Stm16, "half", "1 of 2 is half and not more", set(1, &many(2)));
    refuse(Rule::Stm16, "threshold-above-keys", "4 of 3 can never sign", set(4, &holders));
    refuse(Rule::Stm16, "sixteen-keys", "16 keys", set(9, &many(16)));

    let withdraws = |seq: u32| edit(release, "bytes = 1234\n", &format!("bytes = 1234\nwithdraws = {seq}\n"));
    refuse(Rule::Stm17, "withdraws-itself", "a release withdraws itself", withdraws(5));
    refuse(Rule::Stm17, "withdraws-genesis", "the genesis is no release", withdraws(1));
    refuse(Rule::Stm17, "withdraws-later", "a release withdraws one to come", withdraws(6));
    let releases = |list: &str| edit(yank, "[2, 3]", &format!("[{list}]"));
    refuse(Rule::Stm17, "releases-descending", "seqs in descending order", releases("3, 2"));
    refuse(Rule::Stm17, "releases-twice", "one seq twice", releases("2, 2"));
    refuse(Rule::Stm17, "releases-itself", "a yank yanks itself", releases("2, 5"));
    refuse(Rule::Stm17, "releases-genesis", "a yank yanks the genesis", releases("1, 2"));
    let long = (2..259).map(|seq| seq.to_string()).collect::<Vec<_>>().join(", ");
    refuse(Rule::Stm17, "releases-257", "257 seqs", edit(&releases(&long), "seq = 5", "seq = 500"));
    let replacement = |seq: u32| edit(yank, "machines\"\n", &format!("machines\"\nreplacement = {seq}\n"));
    refuse(Rule::Stm17, "replacement-yanked", "the replacement is yanked too", replacement(3));
    refuse(Rule::Stm17, "replacement-itself", "the replacement is the yank", replacement(5));

    let own = line_of(beat, "signatory = ").replace("signatory", "successor");
    refuse(
        Rule::Stm18,
        "own-successor",
        "a chain succeeds itself",
        edit(beat, "\"here\"\n", &format!("\"final\"\n{own}")),
    );
    refuse(
        Rule::Stm19,
        "promise-in-the-past",
        "next-by is the day before the date",
        edit(release, "\n\n[package]", "\nnext-by = \"2026-01-04\"\n\n[package]"),
    );

    let next = link(6);
    let damaged = |text: String| edit(release, &next.text(), &text);
    refuse(
        Rule::Key6,
        "reserve-key-as-link-key",
        "a link key with the tag of a reserve key",
        damaged(next.text_tagged(*b"Sr")),
    );
    refuse(
        Rule::Key6,
        "link-key-as-reserve-key",
        "a reserve key with the tag of a link key",
        edit(genesis, &holders[0], &key("loose").text()),
    );
    let mut foreign_id = next.id();
    foreign_id[7] ^= 1;
    let foreign = super::raw::key_text(*b"Ed", foreign_id, &next.public());
    refuse(Rule::Key7, "in-statement", "a key id that is not that of the key", damaged(foreign));
    refuse(Rule::Key4, "in-statement", "a key that is cut short", damaged(next.text()[..52].to_owned()));
}

/// STM-20 and STM-21.
fn add_ids(corpus: &mut Corpus, texts: &Texts) {
    let genesis = corpus.file("statements/accept-genesis.toml", &texts.genesis);
    let id = signatory_id(texts.genesis.as_bytes());
    corpus.add(
        Vector::accepted(Kind::Id, "id-of-genesis", "the signatory id of a genesis")
            .input("id", Source::text(id.clone()))
            .input("genesis", genesis)
            .value(id.clone()),
    );
    let mut refuse = |name: &str, summary: &str, text: String| {
        corpus.add(Vector::refused(Kind::Id, Rule::Stm21, name, summary).input("id", Source::text(text)));
    };
    refuse("short", "the first groups of an id are no id", id[..52].to_owned());
    refuse("long", "an id with four more characters", format!("{id}AAAA"));
    refuse("prefix", "the first four characters are not sigp", edit(&id, "sigp", "sigq"));
    refuse("key", "a public key is no id", key("loose").text());
    refuse("standard-alphabet", "a character of the other base64 alphabet", format!("{}+", &id[..55]));
    refuse("hex", "an id in hexadecimal", hex(id.as_bytes()));
    // The whole reserve of a real chain can sign; its id is like any other.
    let slow: Vec<_> = slow_keys().iter().take(1).map(|key| key.text(*b"Sr")).collect();
    let text = edit(
        &texts.genesis,
        &reserve_body(2, &["a", "b", "c"].map(|h| paper_reserve_key(&format!("statements {h}")))),
        &reserve_body(1, &slow),
    );
    let id = signatory_id(text.as_bytes());
    let file = corpus.file("statements/accept-genesis-one-reserve-key.toml", &text);
    corpus.add(
        Vector::accepted(Kind::Id, "id-one-reserve-key", "1 of 1: a reserve of one key")
            .input("id", Source::text(id.clone()))
            .input("genesis", file)
            .value(id),
    );
}

/// Adds a refused statement and its file.
fn refuser(corpus: &mut Corpus) -> impl FnMut(Rule, &str, &str, &[u8]) + '_ {
    |rule, name, summary, text| {
        let file = corpus.file(&format!("statements/{rule}-{name}.toml"), text);
        corpus.add(Vector::refused(Kind::Statement, rule, name, summary).input("statement", file));
    }
}

/// The line that begins so, with its LF.
fn line_of(text: &str, beginning: &str) -> String {
    text.split_inclusive('\n').find(|line| line.starts_with(beginning)).expect("the text has such a line").to_owned()
}

fn without(text: &str, beginning: &str) -> String {
    edit(text, &line_of(text, beginning), "")
}

fn table_of<'a>(text: &'a str, name: &str) -> &'a str {
    let from = text.find(&format!("\n[{name}]")).expect("the text has such a table");
    let rest = &text[from + 1..];
    let length = rest.find("\n\n").map_or(rest.len(), |at| at + 1);
    &text[from..=from + length]
}

fn without_table(text: &str, name: &str) -> String {
    edit(text, table_of(text, name), "")
}

fn upper_digest(release: &str) -> String {
    let line = line_of(release, "files = ");
    let (head, digits) = line.split_once(':').expect("a digest has a colon");
    format!("{head}:{}", digits.to_uppercase())
}
