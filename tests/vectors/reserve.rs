//! Chapter 4: reserve statements, yanks and beats in chain files, and what an accepted change of the algorithm vouches for.

use sigpkg::rule::Rule;

use super::build::{BeliefFields, Corpus, Head, Kind, Source, Vector, YankedFields};
use super::raw::{
    Draft, ED_COMMENT, JULIA, Record, SR_COMMENT, TestKey, block, chain, edit, genesis, key, paper_link_key,
    release_body, reserve_body, slow_link_key,
};
use super::slow::{LINK, RESERVE, SlowBlock, slow_key};

const A: &str = "holder a";
const B: &str = "holder b";
const C: &str = "holder c";
const STRANGER: &str = "holder d";

pub(crate) const STANDING: &str = "standing";
pub(crate) const WAITING: &str = "waiting";

pub(crate) fn add(corpus: &mut Corpus) {
    let story = Story::new();
    add_story(corpus, &story);
    add_form(corpus, &story);
    add_links(corpus, &story);
    add_yanks_and_beats(corpus, &story);
    add_quorum(corpus);
    add_signers(corpus, &story);
    add_keys(corpus, &story);
    add_references(corpus, &story);
    add_vouching(corpus, &story);
}

/// A genesis whose reserve is these holders, all of whom must sign.
pub(crate) fn held_genesis(label: &str, threshold: u32, holders: &[&str]) -> Record {
    let keys: Vec<_> = holders.iter().map(|holder| slow_key(holder).text(*b"Sr")).collect();
    Draft { body: reserve_body(threshold, &keys), ..genesis(label, JULIA) }.sign()
}

/// A question about a chain file: who decided what, and what is believed of its records.
pub(crate) struct Question {
    vector: Vector,
    belief: BeliefFields,
    /// The reserve statements: number, digest, and place in the file.
    reserves: Vec<(u32, String, usize)>,
}

impl Question {
    pub(crate) fn accepted(corpus: &mut Corpus, name: &str, summary: &str, records: &[&Record]) -> Self {
        let input = chain(corpus, records);
        let vector = Vector::accepted(Kind::Chain, &format!("chain-{name}"), summary).input("chain", input);
        let vector = vector.context(|context| context.id = Some(records[0].id()));
        let placed = records.iter().zip(1..).filter(|(record, _)| record.draft.kind == "reserve");
        let mut reserves: Vec<_> = placed.map(|(record, place)| (record.draft.seq, record.digest(), place)).collect();
        reserves.sort();
        Self { vector, belief: BeliefFields::default(), reserves }
    }

    pub(crate) fn policy(mut self, policy: &'static str) -> Self {
        self.vector.context.policy = Some(policy);
        self
    }

    /// The user has accepted these, the oldest first.
    pub(crate) fn accepting(mut self, accepted: &[&Record]) -> Self {
        self.vector.context.accepted = Some(accepted.iter().map(|record| record.digest()).collect());
        self
    }

    /// The user distrusts Ed25519 since this was the head.
    pub(crate) fn distrusting(mut self, mark: String) -> Self {
        self.vector.context.distrust_ed25519 = Some(mark);
        self
    }

    pub(crate) fn head(mut self, head: &Record) -> Self {
        self.vector.expect.head = Some(Head { seq: head.draft.seq, digest: head.digest() });
        self
    }

    /// The place of the newest release; the states of the records follow, each with how many there are.
    pub(crate) fn states(mut self, newest: usize, states: &[(&'static str, usize)]) -> Self {
        self.belief.newest = Some(newest).filter(|newest| *newest > 0);
        let states: Vec<_> = states.iter().flat_map(|(state, times)| std::iter::repeat_n(*state, *times)).collect();
        let because = self.reserves.iter().find(|(_, _, place)| states[place - 1] == WAITING);
        self.belief.waiting = because.map(|(_, _, place)| *place);
        self.belief.states = states;
        self
    }

    pub(crate) fn yanked(mut self, record: usize, severity: &'static str, by: usize) -> Self {
        self.belief.yanked.push(YankedFields { record, severity, by });
        self
    }

    pub(crate) fn belief(mut self, change: impl FnOnce(&mut BeliefFields)) -> Self {
        change(&mut self.belief);
        self
    }

    pub(crate) fn add(mut self, corpus: &mut Corpus) {
        self.vector.expect.belief = Some(self.belief);
        corpus.add(self.vector);
    }
}

fn refuse(corpus: &mut Corpus, rule: Rule, name: &str, summary: &str, records: &[&Record]) {
    refuse_accepting(corpus, rule, name, summary, records, &[]);
}

fn refuse_accepting(
    corpus: &mut Corpus,
    rule: Rule,
    name: &str,
    summary: &str,
    records: &[&Record],
    accepted: &[&Record],
) {
    let input = chain(corpus, records);
    let vector = Vector::refused(Kind::Chain, rule, &format!("chain-{name}"), summary).input("chain", input);
    corpus.add(vector.context(|context| {
        context.id = Some(records[0].id());
        if !accepted.is_empty() {
            context.accepted = Some(accepted.iter().map(|record| record.digest()).collect());
        }
    }));
}

pub(crate) fn yank_body(releases: &str, severity: &str) -> String {
    format!("[yank]\nreleases = [{releases}]\nseverity = \"{severity}\"\nreason = \"deletes files\"\n")
}

pub(crate) fn beat_body(state: &str) -> String {
    format!("[beat]\nstate = \"{state}\"\n")
}

/// A chain in which the reserve speaks for every cause but theft.
struct Story {
    records: [Record; 10],
}

impl Story {
    fn new() -> Self {
        let root = held_genesis("reserve", 1, &[A]);
        let first = root.release("", "1.0.0").sign();
        let lost = first.reserve("", "lost", &[A]).sign_reserve(&[A]);
        let second = lost.release("", "1.1.0").sign();
        let planned = second.reserve("", "planned", &[B]).sign_reserve(&[A]);
        let handed = planned.reserve("", "handover", &[B, C]).sign_reserve(&[B]);
        let algorithm = Draft {
            next: slow_link_key("link 1"),
            after_next: paper_link_key("2"),
            ..handed.reserve("", "algorithm", &[C])
        };
        let algorithm = algorithm.sign_reserve(&[B, C]);
        let slow = Draft { after_next: paper_link_key("3"), ..algorithm.release("", "1.2.0") }.sign();
        let again =
            Draft { next: paper_link_key("4"), after_next: paper_link_key("5"), ..slow.reserve("", "algorithm", &[C]) };
        let again = again.sign_reserve(&[C]);
        let renewed =
            Draft { next: paper_link_key("6"), after_next: paper_link_key("7"), ..again.reserve("", "lost", &[C]) };
        let renewed = renewed.sign_reserve(&[C]);
        Self { records: [root, first, lost, second, planned, handed, algorithm, slow, again, renewed] }
    }

    fn first(&self, count: usize) -> Vec<&Record> {
        self.records[..count].iter().collect()
    }

    /// The first records, and one more.
    fn and<'a>(&'a self, count: usize, more: &'a Record) -> Vec<&'a Record> {
        self.records[..count].iter().chain([more]).collect()
    }

    /// The record with this number.
    fn seq(&self, seq: usize) -> &Record {
        &self.records[seq - 1]
    }

    /// All records, this one in place of the one with its number.
    fn with<'a>(&'a self, record: &'a Record) -> Vec<&'a Record> {
        self.records.iter().map(|old| if old.draft.seq == record.draft.seq { record } else { old }).collect()
    }
}

fn add_story(corpus: &mut Corpus, story: &Story) {
    let all = story.first(10);
    let ask = |corpus: &mut Corpus, name: &str, summary: &str| Question::accepted(corpus, name, summary, &all);
    ask(corpus, "reserve-followed", "a reserve statement of each cause but theft, under the policy `accept`")
        .policy("accept")
        .head(story.seq(10))
        .states(8, &[(STANDING, 10)])
        .add(corpus);
    ask(corpus, "reserve-prompt", "under the policy `prompt`, the first reserve statement waits with all that follows")
        .head(story.seq(2))
        .states(2, &[(STANDING, 2), (WAITING, 8)])
        .add(corpus);
    ask(corpus, "reserve-refuse", "under the policy `refuse` it waits for ever")
        .policy("refuse")
        .head(story.seq(2))
        .states(2, &[(STANDING, 2), (WAITING, 8)])
        .add(corpus);
    ask(corpus, "reserve-refuse-accepted", "an acceptance goes before the policy `refuse`")
        .policy("refuse")
        .accepting(&[story.seq(3)])
        .head(story.seq(4))
        .states(4, &[(STANDING, 4), (WAITING, 6)])
        .add(corpus);
    ask(corpus, "reserve-accepted-all-before", "the acceptance of a release accepts every reserve statement before it")
        .accepting(&[story.seq(8)])
        .head(story.seq(8))
        .states(8, &[(STANDING, 8), (WAITING, 2)])
        .add(corpus);
    ask(corpus, "distrust-ancestors-of-reserve", "what a reserve statement follows counts, mark or no mark")
        .policy("accept")
        .distrusting(story.seq(1).digest())
        .head(story.seq(10))
        .states(8, &[(STANDING, 10)])
        .add(corpus);
    Question::accepted(
        corpus,
        "distrust-slh-dsa",
        "a release that is signed by an SLH-DSA key counts, mark or no mark",
        &story.first(8),
    )
    .policy("accept")
    .distrusting(story.seq(2).digest())
    .head(story.seq(8))
    .states(8, &[(STANDING, 8)])
    .add(corpus);
    Question::accepted(
        corpus,
        "distrust-after-reserve",
        "what follows a reserve statement by an Ed25519 key does not count",
        &story.first(4),
    )
    .policy("accept")
    .distrusting(story.seq(2).digest())
    .head(story.seq(3))
    .states(2, &[(STANDING, 3), ("distrusted", 1)])
    .add(corpus);
}

/// CHN-2, CHN-4 to CHN-6 and SIG-5, of reserve records.
fn add_form(corpus: &mut Corpus, story: &Story) {
    let (first, lost) = (story.seq(2), story.seq(3));
    let half = lost.block.lines().next().expect("a block has two lines");
    let parts = chain(corpus, &story.first(3));
    let input = Source::parts([parts, Source::text(format!("{half}\n"))]);
    let vector = Vector::refused(
        Kind::Chain,
        Rule::Chn2,
        "chain-reserve-half-block",
        "the last block of a reserve record has one line",
    );
    corpus.add(vector.input("chain", input).context(|context| context.id = Some(first.id())));
    let draft = Draft { label: "reserve other-length".to_owned(), ..lost.draft.clone() };
    let short = draft.with_block(|text| block(SR_COMMENT, *b"Sr", slow_key(A).id(), &first.draft.signer.sign(text)));
    let summary = "the block of a reserve record has a signature of 64 bytes";
    refuse(corpus, Rule::Sig5, "reserve-length", summary, &story.and(2, &short));
    let draft = Draft { label: "reserve other-comment".to_owned(), ..lost.draft.clone() };
    let link = draft.with_block(|text| block(SR_COMMENT, *b"Ed", slow_key(A).id(), &first.draft.signer.sign(text)));
    let summary = "the comment is that of a reserve signature, the tag that of Ed25519";
    refuse(corpus, Rule::Sig5, "reserve-comment", summary, &story.and(2, &link));
    let summary = "the file begins with a reserve statement";
    refuse(corpus, Rule::Chn4, "reserve-first", summary, &[lost, story.seq(1), first]);
    let other = held_genesis("belief", 1, &[A]).release("", "1.0.0").sign();
    let other = other.reserve(" reserve", "stolen", &[A]).sign_reserve(&[A]);
    refuse(corpus, Rule::Chn5, "reserve-of-another", "a reserve statement of another chain", &story.and(2, &other));
    let summary = "a reserve statement stands before its parent";
    refuse(corpus, Rule::Chn6, "reserve-before-parent", summary, &[story.seq(1), lost, first]);
}

/// CHN-7 to CHN-10, SIG-7 and SIG-8: a yank and a beat are bound as a release is.
fn add_yanks_and_beats(corpus: &mut Corpus, story: &Story) {
    let first = story.seq(2);
    for (kind, body) in [("yank", yank_body("2", "warn")), ("beat", beat_body("here"))] {
        let draft = |what: &str| first.child(&format!(" {kind} {what}"), kind, body.clone());
        let mut bad = |rule, what: &str, summary: &str, draft: Draft| {
            refuse(corpus, rule, &format!("{kind}-{what}"), summary, &story.and(2, &draft.sign()));
        };
        bad(Rule::Chn7, "skipped", "statement 4 follows statement 2", Draft { seq: 4, ..draft("skipped") });
        let package = edit(JULIA, "\"Example\"", "\"Ex4mple\"");
        bad(Rule::Chn8, "name", "the package has another name", Draft { package, ..draft("name") });
        let next = key("reserve thief");
        bad(
            Rule::Chn9,
            "next",
            "next is not the key that was announced",
            Draft { next: next.clone(), ..draft("next") },
        );
        let after_next = first.draft.next.clone();
        bad(Rule::Chn10, "reuse", "after-next is the key that signs it", Draft { after_next, ..draft("reuse") });
        bad(Rule::Sig7, "signer", "signed by a stranger", Draft { signer: next, ..draft("signer") });
        let draft = draft("flipped");
        let flipped = draft.with_block(|text| flipped(&draft.signer, text));
        let summary = "one bit of the signature is flipped";
        refuse(corpus, Rule::Sig8, &format!("{kind}-flipped"), summary, &story.and(2, &flipped));
    }
}

/// CHN-3, CHN-7, CHN-9 and CHN-20, and the key that signs after a reserve statement.
fn add_links(corpus: &mut Corpus, story: &Story) {
    let (first, lost, second, algorithm) = (story.seq(2), story.seq(3), story.seq(4), story.seq(7));
    let skipped = Draft { seq: 4, ..first.reserve(" skips", "lost", &[A]) }.sign_reserve(&[A]);
    let summary = "reserve statement 4 follows statement 2";
    refuse(corpus, Rule::Chn7, "reserve-skipped", summary, &story.and(2, &skipped));

    let old = Draft { next: first.draft.after_next.clone(), ..lost.release(" old-line", "1.1.0") }.sign();
    let summary = "after a reserve statement, next is the key that was announced before it";
    refuse(corpus, Rule::Chn9, "reserve-old-next", summary, &story.and(3, &old));
    let old = Draft { signer: first.draft.next.clone(), ..lost.release(" old-signer", "1.1.0") }.sign();
    let summary = "after a reserve statement, signed by the key that was announced before it";
    refuse(corpus, Rule::Sig7, "reserve-old-signer", summary, &story.and(3, &old));

    let early =
        Draft { next: paper_link_key("2"), after_next: paper_link_key("3"), ..first.reserve(" early", "lost", &[A]) };
    let summary = "SLH-DSA link keys with another cause than `algorithm`";
    refuse(corpus, Rule::Chn20, "reserve-to-slh-dsa", summary, &story.and(2, &early.sign_reserve(&[A])));
    let back = algorithm.reserve(" back", "planned", &[C]).sign_reserve(&[C]);
    refuse(corpus, Rule::Chn20, "reserve-back", "back to Ed25519 link keys", &story.and(7, &back));

    let fallen = Draft { after_next: paper_link_key("3"), ..algorithm.release(" fallen", "1.2.0") };
    let fallen = fallen.with_block(|text| second.draft.next.block(text));
    let summary = "an Ed25519 signature after the change of the algorithm";
    refuse(corpus, Rule::Sig6, "reserve-fallen", summary, &story.and(7, &fallen));
    let mixed = Draft { after_next: key("reserve mixed"), ..algorithm.release(" mixed", "1.2.0") }.sign();
    let summary = "after the change of the algorithm, after-next is an Ed25519 key";
    refuse(corpus, Rule::Stm14, "reserve-mixed", summary, &story.and(7, &mixed));
    let relabelled = Draft { after_next: paper_link_key("3"), ..algorithm.release("", "1.2.0") };
    let crossed = slow_key("link 1").block_labelled(&RESERVE, &LINK, relabelled.text().as_bytes());
    let summary = "a release signed by its SLH-DSA key in the context of reserve signatures";
    refuse(corpus, Rule::Sig8, "slh-dsa-context", summary, &story.and(7, &relabelled.with_slow(vec![crossed])));
}

/// CHN-18 and CHN-19, with a reserve of which two of three must sign.
fn add_quorum(corpus: &mut Corpus) {
    let root = held_genesis("quorum", 2, &[A, B, C]);
    let first = root.release("", "1.0.0").sign();
    let stolen_release = first.release("", "6.6.6").sign();
    let holders = [A, B, C].map(|holder| slow_key(holder).text(*b"Sr"));
    let draft = first.reserve_of(" stolen", "stolen", 2, &holders);
    let whole = draft.sign_reserve(&[A, B, C]);
    let by = |signers: &[usize]| -> Record {
        let blocks: Vec<SlowBlock> = signers.iter().map(|signer| whole.slow_block(*signer)).collect();
        draft.with_slow(blocks)
    };
    for (name, signers) in [("a-b", [0, 1]), ("a-c", [0, 2]), ("b-c", [1, 2])] {
        let record = by(&signers);
        Question::accepted(
            corpus,
            &format!("quorum-{name}"),
            "two of three keys sign, and what was stolen is void",
            &[&root, &first, &stolen_release, &record],
        )
        .policy("accept")
        .head(&record)
        .states(2, &[(STANDING, 2), ("void", 1), (STANDING, 1)])
        .add(corpus);
    }
    let mut refuse = |rule, name: &str, summary: &str, record: &Record| {
        refuse(corpus, rule, name, summary, &[&root, &first, record]);
    };
    refuse(Rule::Chn18, "quorum-one", "one signature where the threshold is two", &by(&[0]));
    refuse(Rule::Chn18, "quorum-three", "three signatures where the threshold is two", &by(&[0, 1, 2]));
    refuse(Rule::Chn19, "quorum-order", "the signatures do not have the order of the keys", &by(&[1, 0]));
    refuse(Rule::Chn19, "quorum-twice", "one key signs twice", &by(&[0, 0]));
    let foreign = slow_key(STRANGER).block(&RESERVE, draft.text().as_bytes());
    let record = draft.with_slow(vec![whole.slow_block(0), foreign]);
    refuse(Rule::Chn19, "quorum-foreign", "the second signature is by a key that is not in the reserve", &record);
    let own = first.reserve(" own-threshold", "stolen", &[A]).sign_reserve(&[A]);
    refuse(
        Rule::Chn18,
        "quorum-own-threshold",
        "as many signatures as the threshold that the statement itself names, where two are needed",
        &own,
    );
    let other = first.reserve(" other", "stolen", &[A]).sign_reserve(&[B]);
    let record = draft.with_slow(vec![whole.slow_block(0), other.slow_block(0)]);
    refuse(Rule::Sig8, "quorum-second", "the second signature is one of another statement", &record);
    let record = draft.with_slow(vec![slow_key(A).block(&RESERVE, other.text.as_bytes()), whole.slow_block(2)]);
    refuse(Rule::Sig8, "quorum-first", "the first signature is one of another statement", &record);

    let summary = "a record twice, with other signatures: two other keys have signed it too";
    self::refuse(corpus, Rule::Chn3, "quorum-both", summary, &[&root, &first, &by(&[0, 1]), &by(&[1, 2])]);
}

/// CHN-19, SIG-6 and SIG-8: who must sign is said by the reserve in force at the parent.
fn add_signers(corpus: &mut Corpus, story: &Story) {
    let (first, planned, algorithm) = (story.seq(2), story.seq(5), story.seq(7));
    let draft = first.reserve(" own", "stolen", &[STRANGER]);
    let own = draft.sign_reserve(&[STRANGER]);
    refuse(corpus, Rule::Chn19, "reserve-own", "signed by the reserve that it names itself", &story.and(2, &own));
    let retired = planned.reserve(" retired", "stolen", &[A]).sign_reserve(&[A]);
    refuse(corpus, Rule::Chn19, "reserve-retired", "signed by a reserve that was replaced", &story.and(5, &retired));
    let text = draft.text();
    let relabelled = slow_key(A).block_labelled(&RESERVE, &LINK, text.as_bytes());
    refuse(
        corpus,
        Rule::Sig6,
        "reserve-tag",
        "a signature by the reserve key that is labelled as one by a link key",
        &story.and(2, &draft.with_slow(vec![relabelled])),
    );
    let crossed = slow_key(A).block_labelled(&LINK, &RESERVE, text.as_bytes());
    refuse(
        corpus,
        Rule::Sig8,
        "reserve-context",
        "a signature by the reserve key in the context of link keys",
        &story.and(2, &draft.with_slow(vec![crossed])),
    );
    let ed = draft.with_block(|text| first.draft.next.block(text));
    let summary = "a reserve statement that is signed by the link key";
    refuse(corpus, Rule::Chn19, "reserve-by-link-key", summary, &story.and(2, &ed));
    let release = first.release(" by-reserve", "1.1.0");
    let by_reserve = release.with_slow(vec![slow_key(A).block(&RESERVE, release.text().as_bytes())]);
    let summary = "a release that is signed by the reserve";
    refuse(corpus, Rule::Sig6, "release-by-reserve", summary, &story.and(2, &by_reserve));
    let twice = [
        first.child(" yank-twice", "yank", yank_body("2", "note")),
        first.child(" beat-twice", "beat", beat_body("here")),
    ];
    for draft in twice {
        let doubled = draft.with_block(|text| draft.signer.block(text).repeat(2));
        let summary = "a yank or a beat with its signature block twice";
        refuse(corpus, Rule::Chn15, &format!("{}-two-blocks", draft.kind), summary, &story.and(2, &doubled));
    }
    assert_eq!(algorithm.draft.kind, "reserve");
}

/// CHN-10: no key comes back in another role.
fn add_keys(corpus: &mut Corpus, story: &Story) {
    let (root, first, lost) = (story.seq(1), story.seq(2), story.seq(3));
    let mut reuse = |name: &str, summary: &str, draft: Draft| {
        refuse(corpus, Rule::Chn10, name, summary, &story.and(2, &draft.sign_reserve(&[A])));
    };
    let draft = first.reserve(" next-used", "lost", &[A]);
    let draft = Draft { next: first.draft.next.clone(), ..draft };
    reuse("reserve-next", "a reserve statement takes the key that would sign next as its own", draft);
    let draft = first.reserve(" after-next-used", "lost", &[A]);
    let draft = Draft { after_next: root.draft.this.clone().expect("a genesis has its key"), ..draft };
    reuse("reserve-after-next", "after-next of a reserve statement is the key that signed the genesis", draft);
    let draft = first.reserve(" next-reserve", "algorithm", &[B]);
    let draft = Draft { next: slow_link_key(A), after_next: paper_link_key("2"), ..draft };
    reuse("reserve-next-reserve", "next of a reserve statement has the bytes of a reserve key", draft);
    let link = root.draft.next.text_tagged(*b"Sr");
    reuse(
        "reserve-names-link-key",
        "a reserve key that a reserve statement names has the bytes of a link key",
        first.reserve_of(" names-link-key", "lost", 1, &[link]),
    );

    let abandoned = Draft { after_next: first.draft.after_next.clone(), ..lost.release(" abandoned", "1.1.0") }.sign();
    let summary = "after-next is a key that was announced before a reserve statement and never used";
    refuse(corpus, Rule::Chn10, "abandoned-key", summary, &story.and(3, &abandoned));
}

/// CHN-12 and CHN-21: what a yank may name, and which versions it frees.
fn add_references(corpus: &mut Corpus, story: &Story) {
    let (first, lost) = (story.seq(2), story.seq(3));
    let beat = first.child(" beat", "beat", beat_body("here")).sign();
    let yank = first.child(" yank", "yank", yank_body("2", "refuse")).sign();
    let mut names = |name: &str, summary: &str, parent: &Record, before: &[&Record], body: String| {
        let bad = parent.child(&format!(" names-{name}"), "yank", body).sign();
        let records: Vec<_> = before.iter().copied().chain([&bad]).collect();
        refuse(corpus, Rule::Chn21, &format!("yank-{name}"), summary, &records);
    };
    let to_beat = story.and(2, &beat);
    let to_yank = story.and(2, &yank);
    names("beat", "a yank names a beat", &beat, &to_beat, yank_body("3", "warn"));
    names("mixed", "a yank names a release and a beat", &beat, &to_beat, yank_body("2, 3", "warn"));
    names("yank", "a yank names a yank", &yank, &to_yank, yank_body("3", "warn"));
    names("reserve", "a yank names a reserve statement", lost, &story.first(3), yank_body("3", "warn"));
    let replacement = format!("{}replacement = 3\n", yank_body("2", "warn"));
    names("replacement", "the replacement is a beat", &beat, &to_beat, replacement);
    let elsewhere = first.release(" elsewhere", "1.1.0").sign();
    let mut both = story.and(2, &beat);
    both.push(&elsewhere);
    names("elsewhere", "a yank names a release of another branch", &beat, &both, yank_body("3", "warn"));

    let again = yank.release("", "1.0.0").sign();
    let records: Vec<_> = to_yank.iter().copied().chain([&again]).collect();
    Question::accepted(corpus, "version-of-yanked", "a version may come again once it was yanked", &records)
        .head(&again)
        .states(4, &[(STANDING, 4)])
        .yanked(2, "refuse", 3)
        .add(corpus);
    let third = again.release("", "1.0.0").sign();
    let records: Vec<_> = records.iter().copied().chain([&third]).collect();
    let summary = "a yank frees the version of the release that it names alone";
    refuse(corpus, Rule::Chn12, "repeated-after-yank", summary, &records);
    let beside = beat.release("", "1.0.0").sign();
    let summary = "the release was yanked on another branch alone";
    refuse(corpus, Rule::Chn12, "yanked-elsewhere", summary, &[&story.records[0], first, &yank, &beat, &beside]);
    let after = lost.release(" repeats", "1.0.0").sign();
    let summary = "a reserve statement frees no version";
    refuse(corpus, Rule::Chn12, "repeated-after-reserve", summary, &story.and(3, &after));
    let redone = format!("{}withdraws = 2\n", release_body("1.0.0"));
    let redone = lost.child(" redone", "release", redone).sign();
    Question::accepted(
        corpus,
        "withdrawn-after-reserve",
        "a withdrawal by what waits is none yet",
        &story.and(3, &redone),
    )
    .head(first)
    .states(2, &[(STANDING, 2), (WAITING, 2)])
    .add(corpus);
    Question::accepted(
        corpus,
        "withdrawn-after-accepted",
        "a release is made again after a reserve statement that was accepted",
        &story.and(3, &redone),
    )
    .accepting(&[lost])
    .head(&redone)
    .states(4, &[(STANDING, 4)])
    .belief(|belief| belief.withdrawn = vec![2])
    .add(corpus);
}

/// CHN-22. A record is garbled by a signature with one bit flipped.
fn add_vouching(corpus: &mut Corpus, story: &Story) {
    let garbled = |seq: usize| {
        let draft = Draft { label: "reserve garbled".to_owned(), ..story.seq(seq).draft.clone() };
        draft.with_block(|text| flipped(&draft.signer, text))
    };
    let (genesis, first, second) = (garbled(1), garbled(2), garbled(4));
    let both: Vec<_> =
        story.with(&second).into_iter().map(|old| if old.draft.seq == 2 { &first } else { old }).collect();
    let root: Vec<_> = story.with(&genesis);
    let seen = |seq: usize| [story.seq(seq)];

    refuse(corpus, Rule::Sig8, "vouched-by-nobody", "a forged Ed25519 signature, and nothing was accepted", &both);
    let mut refuse = |rule, name: &str, summary: &str, records: &[&Record], accepted: &[&Record]| {
        refuse_accepting(corpus, rule, name, summary, records, accepted);
    };
    let summary = "the accepted reserve statements did not change the algorithm";
    refuse(Rule::Sig8, "vouched-by-handover", summary, &both, &seen(6));
    let summary = "a change of the algorithm vouches for no reserve statement";
    let lost = &story.seq(3).draft;
    let bad_reserve = lost.with_slow(vec![slow_key(A).block(&RESERVE, story.seq(5).text.as_bytes())]);
    refuse(Rule::Sig8, "vouched-reserve", summary, &story.with(&bad_reserve), &seen(7));
    let summary = "a change of the algorithm vouches for Ed25519 signatures alone";
    let slow = &story.seq(8).draft;
    let crossed = slow_key("link 1").block_labelled(&RESERVE, &LINK, slow.text().as_bytes());
    refuse(Rule::Sig8, "vouched-slh-dsa", summary, &story.with(&slow.with_slow(vec![crossed])), &seen(9));
    let beside = story.seq(2).release(" beside", "6.6.6");
    let beside = beside.with_block(|text| flipped(&beside.signer, text));
    let summary = "a change of the algorithm vouches for its ancestors alone";
    refuse(Rule::Sig8, "vouched-beside", summary, &story.and(10, &beside), &seen(7));
    let reused = Draft { after_next: story.seq(1).draft.next.clone(), ..story.seq(2).release(" reused", "1.1.0") };
    let reused = reused.with_block(|text| flipped(&reused.signer, text));
    let slow_keys = [paper_link_key("2"), paper_link_key("3")];
    let [next, after_next] = slow_keys.clone();
    let over = Draft { next, after_next, ..reused.reserve("", "algorithm", &[A]) }.sign_reserve(&[A]);
    let records = [story.seq(1), story.seq(2), &reused, &over];
    refuse(Rule::Chn10, "vouched-key-reused", "all other rules bind what is vouched for", &records, &[&over]);

    let ask = |corpus: &mut Corpus, name: &str, summary: &str, records: &[&Record], accepted: usize, head: usize| {
        let standing = (STANDING, head);
        Question::accepted(corpus, name, summary, records)
            .accepting(&[story.seq(accepted)])
            .head(story.seq(head))
            .states(8, &[standing, (WAITING, 10 - head)])
            .add(corpus);
    };
    let summary = "forged Ed25519 signatures before a change of the algorithm that was accepted: nobody asks them";
    ask(corpus, "vouched", summary, &both, 7, 8);
    ask(corpus, "vouched-genesis", "the same, and the signature of the genesis is garbled", &root, 7, 8);
    ask(corpus, "vouched-by-descendant", "the acceptance of a release accepts the change before it", &both, 8, 8);
    ask(corpus, "vouched-by-second", "a second change of the algorithm vouches for the same", &both, 9, 9);
    let relabelled = Draft { label: "reserve relabelled".to_owned(), ..story.seq(4).draft.clone() };
    let relabelled = relabelled.with_slow(vec![story.seq(8).slow_block(0)]);
    let relabelled = story.with(&relabelled);
    let strange = Draft { label: "reserve strange".to_owned(), ..story.seq(4).draft.clone() };
    let strange = strange.with_block(|text| key("thief").block(text));
    let strange = story.with(&strange);
    ask(corpus, "vouched-foreign-key-id", "the block names a stranger's key", &strange, 7, 8);
    ask(corpus, "vouched-other-algorithm", "the block is one of another algorithm", &relabelled, 7, 8);
}

fn flipped(signer: &TestKey, text: &[u8]) -> String {
    let mut signature = signer.sign(text);
    signature[40] ^= 1;
    block(ED_COMMENT, *b"Ed", signer.id(), &signature)
}
