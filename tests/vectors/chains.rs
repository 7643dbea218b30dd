//! Chapter 4: chain files, validity and belief.

use sigpkg::chain::MAX_CHAIN_BYTES;
use sigpkg::rule::Rule;

use super::build::{Corpus, Head, Kind, Source, Vector};
use super::raw::{
    Draft, ED_COMMENT, GENERIC, JULIA, Record, SL_COMMENT, base64, block, chain, digest, edit, genesis, key, key_text,
    release_body, reserve_body,
};

pub(crate) fn add(corpus: &mut Corpus) {
    let line = Line::new("chain");
    add_accepted(corpus, &line);
    add_form(corpus, &line);
    add_links(corpus, &line);
    add_paths(corpus, &line);
    add_signatures(corpus, &line);
    add_belief(corpus);
}

/// A genesis and three releases.
pub(crate) struct Line {
    pub(crate) genesis: Record,
    pub(crate) first: Record,
    pub(crate) second: Record,
    pub(crate) third: Record,
}

impl Line {
    pub(crate) fn new(label: &str) -> Self {
        let genesis = genesis(label, JULIA).sign();
        let first = genesis.release("", "1.0.0").sign();
        let second = first.release("", "1.1.0").sign();
        let third = second.release("", "1.0.1").sign();
        Self { genesis, first, second, third }
    }

    fn all(&self) -> [&Record; 4] {
        [&self.genesis, &self.first, &self.second, &self.third]
    }
}

fn head(record: &Record) -> Head {
    Head { seq: record.draft.seq, digest: record.digest() }
}

fn accept(corpus: &mut Corpus, name: &str, summary: &str, records: &[&Record], expected_head: &Record) {
    let input = chain(corpus, records);
    let vector = Vector::accepted(Kind::Chain, &format!("chain-{name}"), summary).input("chain", input);
    corpus.add(
        vector
            .context(|context| context.id = Some(records[0].id()))
            .expect(|expect| expect.head = Some(head(expected_head))),
    );
}

/// A file of these records is refused; the first of them says which id the user trusts.
fn refuse(corpus: &mut Corpus, rule: Rule, name: &str, summary: &str, records: &[&Record]) {
    let input = chain(corpus, records);
    refuse_source(corpus, rule, name, summary, Some(records[0].id()), input);
}

fn refuse_source(corpus: &mut Corpus, rule: Rule, name: &str, summary: &str, id: Option<String>, input: Source) {
    let vector = Vector::refused(Kind::Chain, rule, &format!("chain-{name}"), summary).input("chain", input);
    corpus.add(vector.context(|context| context.id = id));
}

fn withdrawing(seq: u32, version: &str) -> String {
    format!("{}withdraws = {seq}\n", release_body(version))
}

fn add_accepted(corpus: &mut Corpus, line: &Line) {
    accept(corpus, "genesis", "a genesis alone", &[&line.genesis], &line.genesis);
    accept(corpus, "back-port", "three releases, the last with a lower version", &line.all(), &line.third);
    let generic = genesis("chain generic", GENERIC).sign();
    let release = generic.release("", "2026-11").sign();
    accept(corpus, "generic", "a package without a UUID", &[&generic, &release], &release);
    let redone = line.third.child(" redo", "release", withdrawing(4, "1.0.1")).sign();
    let again = redone.child(" again", "release", withdrawing(5, "1.0.1")).sign();
    let records = [&line.genesis, &line.first, &line.second, &line.third, &redone, &again];
    accept(corpus, "withdrawn-twice", "a release is made again, and again", &records, &again);
    let other = line.first.child(" same", "release", release_body("1.1.0")).sign();
    let records = [&line.genesis, &line.first, &line.second, &line.third, &other];
    accept(corpus, "version-on-two-branches", "each branch may have the version once", &records, &line.third);
    let no_id = chain(corpus, &line.all());
    let vector = Vector::accepted(Kind::Chain, "chain-any-id", "no id was asked for");
    corpus.add(vector.input("chain", no_id).expect(|expect| expect.head = Some(head(&line.third))));
}

/// CHN-1, CHN-2, CHN-15, and rules of the chapters before that break a whole chain.
fn add_form(corpus: &mut Corpus, line: &Line) {
    let id = Some(line.genesis.id());
    let whole = line.genesis.source(corpus);
    let length = corpus.bytes(&whole).len();
    let filler = Source::text("\n").repeat(MAX_CHAIN_BYTES + 1 - length);
    let mut refuse =
        |rule, name: &str, summary: &str, input: Source| refuse_source(corpus, rule, name, summary, id.clone(), input);
    let text = |text: &str| Source::text(text);
    refuse(Rule::Chn1, "too-large", "one byte more than 64 MiB", Source::parts([whole.clone(), filler]));
    refuse(Rule::Chn2, "empty", "the file is empty", text(""));
    refuse(
        Rule::Chn2,
        "block-first",
        "a block without a statement",
        Source::parts([text(&line.first.block), whole.clone()]),
    );
    refuse(
        Rule::Chn2,
        "no-block",
        "the last statement has no block",
        Source::parts([whole.clone(), text(&line.first.text)]),
    );
    let one_line = line.genesis.block.split_inclusive('\n').next().expect("a block has lines");
    refuse(
        Rule::Chn2,
        "half-block",
        "the last block has one line",
        Source::parts([text(&line.genesis.text), text(one_line)]),
    );
    refuse(Rule::Chn2, "no-last-line-end", "the last line has no LF", text(line.genesis.file_text().trim_end()));
    refuse(Rule::Chn2, "text-after", "text follows the last block", Source::parts([whole.clone(), text("# end\n")]));
    refuse(
        Rule::Stm3,
        "empty-line-between",
        "an empty line between two records belongs to the second",
        Source::parts([whole.clone(), text("\n"), text(&line.first.file_text())]),
    );
    refuse(Rule::Stm3, "crlf", "every line ends with CR LF", text(&line.genesis.file_text().replace('\n', "\r\n")));
    refuse(
        Rule::Stm4,
        "statement-changed",
        "a statement is not canonical",
        text(&edit(&line.genesis.file_text(), "seq = 1\n", "seq = 1 \n")),
    );
    let two_blocks =
        Source::parts([whole.clone(), text(&line.first.text), text(&line.first.block), text(&line.first.block)]);
    refuse(Rule::Chn15, "two-blocks", "a release with two signature blocks", two_blocks);
    refuse(
        Rule::Chn15,
        "genesis-two-blocks",
        "a genesis with two signature blocks",
        Source::parts([whole, text(&line.second.block)]),
    );
    refuse(
        Rule::Sig5,
        "comment",
        "the comment of a block is not the fixed one",
        text(&edit(&line.genesis.file_text(), "sigpkg signature", "signature from a key")),
    );
}

/// CHN-3 to CHN-9 and CHN-17.
fn add_links(corpus: &mut Corpus, line: &Line) {
    let Line { genesis: root, first, second, third } = line;
    refuse(corpus, Rule::Chn3, "record-twice", "the same record twice", &[root, first, first]);
    let other = genesis("chain other", JULIA).sign();
    refuse(corpus, Rule::Chn4, "no-genesis", "the file begins with the first release", &[first, second]);
    refuse(corpus, Rule::Chn4, "two-geneses", "a second genesis", &[root, first, &other]);
    let input = chain(corpus, &line.all());
    refuse_source(
        corpus,
        Rule::Chn5,
        "other-id",
        "the chain of another signatory for the same package",
        Some(other.id()),
        input,
    );
    let foreign = Draft { signatory: Some(other.id()), ..first.release(" foreign", "1.1.0") }.sign();
    refuse(
        corpus,
        Rule::Chn5,
        "statement-of-another",
        "a statement that names another signatory",
        &[root, first, &foreign],
    );
    refuse(corpus, Rule::Chn6, "gap", "statement 3 is missing", &[root, first, third]);
    refuse(corpus, Rule::Chn6, "child-before-parent", "statement 3 stands before statement 2", &[root, second, first]);
    let of_record =
        Draft { previous: Some(digest(first.file_text().as_bytes())), ..first.release(" whole-record", "1.1.0") };
    refuse(
        corpus,
        Rule::Chn6,
        "digest-of-record",
        "previous is the digest of statement and block",
        &[root, first, &of_record.sign()],
    );
    let nowhere = Draft { previous: Some(digest(b"")), ..first.release(" nowhere", "1.1.0") };
    refuse(
        corpus,
        Rule::Chn6,
        "unknown-parent",
        "previous is the digest of nothing here",
        &[root, first, &nowhere.sign()],
    );

    let skipped = Draft { seq: 4, ..first.release(" skipped", "1.1.0") }.sign();
    refuse(corpus, Rule::Chn7, "skipped", "statement 4 follows statement 2", &[root, first, &skipped]);
    let repeated = Draft { seq: 2, ..first.release(" repeated", "1.1.0") }.sign();
    refuse(corpus, Rule::Chn7, "repeated", "statement 2 follows statement 2", &[root, first, &repeated]);
    for (name, summary, old, new) in [
        ("name", "the package has another name", "\"Example\"", "\"Ex4mple\""),
        ("uuid", "the package has another UUID", "7876af07", "7876af08"),
    ] {
        let package = edit(JULIA, old, new);
        let changed = Draft { package, ..first.release(&format!(" other-{name}"), "1.1.0") }.sign();
        refuse(corpus, Rule::Chn8, name, summary, &[root, first, &changed]);
    }
    let changed = Draft { package: GENERIC.to_owned(), ..first.release(" other-ecosystem", "1.1.0") }.sign();
    refuse(corpus, Rule::Chn8, "ecosystem", "the package is of another ecosystem", &[root, first, &changed]);

    let replaced = Draft { next: key("thief next"), ..first.release(" replaced", "1.1.0") }.sign();
    refuse(corpus, Rule::Chn9, "next-replaced", "next is not the key that was announced", &[root, first, &replaced]);
    let kept = Draft { next: first.draft.next.clone(), ..first.release(" kept", "1.1.0") }.sign();
    refuse(corpus, Rule::Chn9, "next-kept", "next is the key that signs this statement", &[root, first, &kept]);
    let draft = first.release(" swapped", "1.1.0");
    let swapped = Draft { next: draft.after_next.clone(), after_next: draft.next.clone(), ..draft }.sign();
    refuse(corpus, Rule::Chn9, "swapped", "next and after-next are swapped", &[root, first, &swapped]);
}

/// CHN-10, CHN-12 and CHN-14.
fn add_paths(corpus: &mut Corpus, line: &Line) {
    let Line { genesis: root, first, second, third } = line;
    let reuse = |name: &str, key: &super::raw::TestKey| {
        Draft { after_next: key.clone(), ..second.release(&format!(" reuse {name}"), "1.2.0") }.sign()
    };
    let genesis_key = root.draft.this.clone().expect("a genesis has its own key");
    let reused = reuse("genesis", &genesis_key);
    refuse(
        corpus,
        Rule::Chn10,
        "genesis-key",
        "after-next is the key that signed the genesis",
        &[root, first, second, &reused],
    );
    let reused = reuse("signing", &second.draft.next);
    refuse(
        corpus,
        Rule::Chn10,
        "signing-key",
        "after-next is the key that signs this statement",
        &[root, first, second, &reused],
    );
    add_reserve_reuse(corpus);

    let versions = [root, first, second];
    let repeated = second.release(" repeats", "1.0.0").sign();
    refuse(
        corpus,
        Rule::Chn12,
        "repeated",
        "the version of the first release again",
        &[versions[0], versions[1], versions[2], &repeated],
    );
    let redone = third.child(" redo", "release", withdrawing(4, "1.0.1")).sign();
    let repeated = redone.release(" repeats", "1.0.1").sign();
    refuse(
        corpus,
        Rule::Chn12,
        "repeated-after-withdrawal",
        "the release that replaced a withdrawn one is not withdrawn",
        &[root, first, second, third, &redone, &repeated],
    );

    let bad = second.child(" withdraws-other-version", "release", withdrawing(3, "1.1.1")).sign();
    refuse(
        corpus,
        Rule::Chn14,
        "other-version",
        "the withdrawn release has another version",
        &[root, first, second, &bad],
    );
    let bad = second.child(" withdraws-older", "release", withdrawing(2, "1.0.0")).sign();
    refuse(corpus, Rule::Chn14, "not-newest", "the withdrawn release is not the newest", &[root, first, second, &bad]);
    let bad = redone.child(" withdraws-again", "release", withdrawing(4, "1.0.1")).sign();
    refuse(
        corpus,
        Rule::Chn14,
        "withdrawn-before",
        "the withdrawn release is withdrawn already",
        &[root, first, second, third, &redone, &bad],
    );
}

/// A reserve key has its own tag, but its 32 bytes may be those of an Ed25519 key: the bytes are what must be new.
fn add_reserve_reuse(corpus: &mut Corpus) {
    let double = key("chain double role");
    let keys = [double.text_tagged(*b"Sr")];
    let root = Draft { body: reserve_body(1, &keys), ..genesis("chain double", JULIA) }.sign();
    let reused = Draft { after_next: double, ..root.release("", "1.0.0") }.sign();
    refuse(corpus, Rule::Chn10, "reserve-key", "after-next has the bytes of a reserve key", &[&root, &reused]);
}

/// CHN-16 with SIG-6 to SIG-8: who signed it.
fn add_signatures(corpus: &mut Corpus, line: &Line) {
    let Line { genesis: root, first, second, .. } = line;
    let thief = key("thief");
    let with =
        |branch: &str, signer: &super::raw::TestKey| Draft { signer: signer.clone(), ..first.release(branch, "1.1.0") };

    let own = with(" own-key", &first.draft.after_next).sign();
    refuse(
        corpus,
        Rule::Sig7,
        "own-next",
        "signed by the key that the statement itself names as next",
        &[root, first, &own],
    );
    let old = with(" old-key", &root.draft.next).sign();
    refuse(corpus, Rule::Sig7, "previous-key", "signed by the key of the statement before", &[root, first, &old]);
    let stranger = with(" stranger", &thief).sign();
    refuse(corpus, Rule::Sig7, "stranger", "signed by a key that nobody announced", &[root, first, &stranger]);
    let genesis_by_next = Draft { signer: key("chain self link key 2"), ..genesis("chain self", JULIA) }.sign();
    refuse(corpus, Rule::Sig7, "genesis-by-next", "a genesis signed by its next key", &[&genesis_by_next]);

    let expected = first.draft.next.clone();
    let draft = first.release(" copied-id", "1.1.0");
    let copied = draft.with_block(|text| block(ED_COMMENT, *b"Ed", expected.id(), &thief.sign(text)));
    refuse(
        corpus,
        Rule::Sig8,
        "copied-key-id",
        "signed by another key under the id of the right one",
        &[root, first, &copied],
    );
    let draft = first.release(" other-text", "1.1.0");
    let other = draft.with_block(|_| expected.block(second.text.as_bytes()));
    refuse(
        corpus,
        Rule::Sig8,
        "other-text",
        "the signature of another statement by the same key",
        &[root, first, &other],
    );
    let draft = first.release(" digest", "1.1.0");
    let of_digest = draft.with_block(|text| expected.block(blake3::hash(text).as_bytes()));
    refuse(corpus, Rule::Sig8, "of-digest", "a signature of the digest of the text", &[root, first, &of_digest]);
    let draft = first.release(" flipped", "1.1.0");
    let flipped = draft.with_block(|text| {
        let mut signature = expected.sign(text);
        signature[0] ^= 1;
        block(ED_COMMENT, *b"Ed", expected.id(), &signature)
    });
    refuse(corpus, Rule::Sig8, "flipped", "one bit of the signature is flipped", &[root, first, &flipped]);

    let draft = first.release(" slh-tag", "1.1.0");
    let start = base64([b"Sl".as_slice(), &expected.id(), &[0, 0]].concat());
    let parts = [
        root.source(corpus),
        first.source(corpus),
        Source::text(format!("{}{SL_COMMENT}\n{start}", draft.text())),
        Source::text("AAAA").repeat(2618),
        Source::text("\n"),
    ];
    let summary = "a block labelled SLH-DSA where the key is an Ed25519 key";
    refuse_source(corpus, Rule::Sig6, "other-algorithm", summary, Some(root.id()), Source::parts(parts));

    let not_derived = key_text(*b"Ed", [7; 8], &first.draft.after_next.public());
    let text = edit(&first.release(" foreign-id", "1.1.0").text(), &first.draft.after_next.text(), &not_derived);
    let parts =
        [root.source(corpus), first.source(corpus), Source::text(&text), Source::text(expected.block(text.as_bytes()))];
    refuse_source(
        corpus,
        Rule::Key7,
        "foreign-key-id",
        "the look-ahead key has a key id of its own choice",
        Some(root.id()),
        Source::parts(parts),
    );
}

/// Chapter 4.3: where the head is.
fn add_belief(corpus: &mut Corpus) {
    let line = Line::new("fork");
    let Line { genesis: root, first, second, third } = &line;
    let rival = first.release(" rival", "6.6.6").sign();
    let rival_child = rival.release(" rival", "6.6.7").sign();
    accept(corpus, "contested", "two lone statements: the head is their parent", &[root, first, second, &rival], first);
    accept(
        corpus,
        "contested-other-order",
        "the order of the records does not matter",
        &[root, first, &rival, second],
        first,
    );
    accept(
        corpus,
        "extended-stands",
        "the branch that was extended stands",
        &[root, first, &rival, second, third],
        third,
    );
    accept(
        corpus,
        "both-extended",
        "two extended branches are contested",
        &[root, first, second, third, &rival, &rival_child],
        first,
    );
    let deep = third.release(" deep", "1.2.0").sign();
    let deeper = third.release(" deeper", "1.2.0").sign();
    accept(
        corpus,
        "two-forks",
        "a contest after a fork that was decided",
        &[root, first, &rival, second, third, &deep, &deeper],
        third,
    );

    let mut accepted = |name: &str, summary: &str, records: &[&Record], accepted: &[&Record], expected: &Record| {
        let input = chain(corpus, records);
        let vector = Vector::accepted(Kind::Chain, &format!("chain-{name}"), summary).input("chain", input);
        corpus.add(
            vector
                .context(|context| {
                    context.id = Some(root.id());
                    context.accepted = Some(accepted.iter().map(|record| record.digest()).collect());
                })
                .expect(|expect| expect.head = Some(head(expected))),
        );
    };
    accepted(
        "acceptance-breaks-tie",
        "of equals, the accepted one stands",
        &[root, first, second, &rival],
        &[second],
        second,
    );
    accepted(
        "acceptance-of-descendant",
        "an accepted statement holds its whole branch",
        &[root, first, second, third, &rival, &rival_child],
        &[third],
        third,
    );
    accepted(
        "acceptance-never-outranks",
        "the accepted statement is lone, the other branch was extended",
        &[root, first, second, &rival, &rival_child],
        &[second],
        &rival_child,
    );
    accepted(
        "acceptance-of-parent",
        "the accepted parent says nothing about its children",
        &[root, first, second, &rival],
        &[first],
        first,
    );
}
