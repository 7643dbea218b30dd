//! Section 4.3: what is believed of the records of a chain file, under every kind of decision.

use super::build::Corpus;
use super::raw::{Draft, Record, digest, release_body, signatory_id};
use super::reserve::{Question, STANDING, WAITING, beat_body, held_genesis, yank_body};

const HOLDER: &[&str] = &["holder a"];
const CONTESTED: &str = "contested";
const DISTRUSTED: &str = "distrusted";
const VOID: &str = "void";

pub(crate) fn add(corpus: &mut Corpus) {
    let fork = Fork::new();
    add_reserves(corpus, &fork);
    add_acceptances(corpus, &fork);
    add_distrust(corpus, &fork);
    add_yanks(corpus, &fork);
    add_withdrawals(corpus, &fork);
    add_promises(corpus, &fork);
    add_farewell(corpus, &fork);
}

/// A release with two branches, and reserve statements at every place.
struct Fork {
    root: Record,
    parent: Record,
    /// One branch.
    a: Record,
    a_child: Record,
    /// The other.
    b: Record,
    b_child: Record,
    /// A reserve statement under the parent, and what follows it.
    reserve: Record,
    after: Record,
    /// Another under the parent, and more on one branch.
    other_reserve: Record,
    a_reserve: Record,
    a_child_reserve: Record,
}

impl Fork {
    fn new() -> Self {
        let root = held_genesis("belief", 1, HOLDER);
        let parent = root.release("", "1.0.0").sign();
        let a = parent.release(" a", "1.1.0").sign();
        let a_child = a.release("", "1.2.0").sign();
        let b = parent.release(" b", "6.6.6").sign();
        let b_child = b.release("", "6.6.7").sign();
        let reserve = parent.reserve(" reserve", "stolen", HOLDER).sign_reserve(HOLDER);
        let after = reserve.release("", "1.1.1").sign();
        let other_reserve = parent.reserve(" other reserve", "handover", HOLDER).sign_reserve(HOLDER);
        let a_reserve = a.reserve(" saved", "lost", HOLDER).sign_reserve(HOLDER);
        let a_child_reserve = a_child.reserve(" saved", "lost", HOLDER).sign_reserve(HOLDER);
        Self { root, parent, a, a_child, b, b_child, reserve, after, other_reserve, a_reserve, a_child_reserve }
    }

    /// The genesis, the parent, and these.
    fn and<'a>(&'a self, more: &[&'a Record]) -> Vec<&'a Record> {
        [&self.root, &self.parent].into_iter().chain(more.iter().copied()).collect()
    }
}

fn ask(corpus: &mut Corpus, name: &str, summary: &str, records: &[&Record]) -> Question {
    Question::accepted(corpus, &format!("belief-{name}"), summary, records)
}

/// BEL-1, BEL-3, BEL-4, BEL-8: reserve statements at forks.
fn add_reserves(corpus: &mut Corpus, fork: &Fork) {
    let Fork { parent, a, a_child, b, b_child, reserve, after, other_reserve, a_reserve, a_child_reserve, .. } = fork;
    let two = fork.and(&[a, a_child, b, b_child]);
    ask(corpus, "two-extended", "two extended branches are contested, each with all its statements", &two)
        .head(parent)
        .states(2, &[(STANDING, 2), (CONTESTED, 4)])
        .belief(|belief| belief.forks = vec![2])
        .add(corpus);
    let stopped = fork.and(&[a, a_child, b, b_child, reserve, after]);
    ask(corpus, "reserve-stops", "a reserve statement outranks both branches on sight, and waits", &stopped)
        .head(parent)
        .states(2, &[(STANDING, 2), (VOID, 4), (WAITING, 2)])
        .belief(|belief| belief.forks = vec![2])
        .add(corpus);
    ask(corpus, "reserve-stops-captured", "the same, and the user had accepted one of the branches", &stopped)
        .accepting(&[parent, a_child])
        .head(parent)
        .states(2, &[(STANDING, 2), (VOID, 4), (WAITING, 2)])
        .belief(|belief| belief.forks = vec![2])
        .add(corpus);
    ask(corpus, "reserve-accepted", "the same, and the user accepts the reserve statement", &stopped)
        .accepting(&[a_child, reserve])
        .head(after)
        .states(8, &[(STANDING, 2), (VOID, 4), (STANDING, 2)])
        .belief(|belief| belief.forks = vec![2])
        .add(corpus);
    let other_order = fork.and(&[reserve, b, a, after, b_child, a_child]);
    ask(corpus, "reserve-other-order", "the order of the records does not matter", &other_order)
        .accepting(&[after])
        .head(after)
        .states(6, &[(STANDING, 3), (VOID, 2), (STANDING, 1), (VOID, 2)])
        .belief(|belief| belief.forks = vec![2])
        .add(corpus);

    let both = fork.and(&[reserve, after, other_reserve]);
    ask(corpus, "two-reserves", "two reserve statements with one parent are contested, and none waits", &both)
        .head(parent)
        .states(2, &[(STANDING, 2), (CONTESTED, 3)])
        .add(corpus);
    ask(corpus, "two-reserves-policy", "the policy `accept` breaks no tie", &both)
        .policy("accept")
        .head(parent)
        .states(2, &[(STANDING, 2), (CONTESTED, 3)])
        .add(corpus);
    ask(corpus, "two-reserves-accepted", "whoever accepted one of them stays with it", &both)
        .accepting(&[reserve])
        .head(after)
        .states(4, &[(STANDING, 4), (VOID, 1)])
        .belief(|belief| belief.rivals = vec![5])
        .add(corpus);
    ask(corpus, "two-reserves-later", "a later acceptance withdraws the earlier one", &both)
        .accepting(&[after, other_reserve])
        .head(other_reserve)
        .states(2, &[(STANDING, 2), (VOID, 2), (STANDING, 1)])
        .belief(|belief| belief.rivals = vec![3])
        .add(corpus);
    ask(
        corpus,
        "two-reserves-with-release",
        "a release beside two contested reserve statements is void",
        &fork.and(&[a, reserve, other_reserve]),
    )
    .head(parent)
    .states(2, &[(STANDING, 2), (VOID, 1), (CONTESTED, 2)])
    .add(corpus);

    let deeper = fork.and(&[b, b_child, a, a_reserve]);
    ask(corpus, "reserve-turns", "a branch that wins because of a reserve statement waits with it", &deeper)
        .head(parent)
        .states(2, &[(STANDING, 2), (VOID, 2), (WAITING, 2)])
        .belief(|belief| belief.forks = vec![2])
        .add(corpus);
    ask(corpus, "reserve-turns-policy", "under the policy `accept` it stands", &deeper)
        .policy("accept")
        .head(a_reserve)
        .states(5, &[(STANDING, 2), (VOID, 2), (STANDING, 2)])
        .belief(|belief| belief.forks = vec![2])
        .add(corpus);
    ask(corpus, "reserve-turns-accepted", "what the user has accepted stands before the reserve statement", &deeper)
        .accepting(&[a])
        .head(a)
        .states(5, &[(STANDING, 2), (VOID, 2), (STANDING, 1), (WAITING, 1)])
        .belief(|belief| belief.forks = vec![2])
        .add(corpus);
    ask(
        corpus,
        "reserve-breaks-tie",
        "a tie that a reserve statement breaks alone waits with it",
        &fork.and(&[a, b, a_reserve]),
    )
    .head(parent)
    .states(2, &[(STANDING, 2), (WAITING, 1), (VOID, 1), (WAITING, 1)])
    .belief(|belief| belief.forks = vec![2])
    .add(corpus);
    let on_winner = fork.and(&[a, a_child, b, a_child_reserve]);
    ask(
        corpus,
        "reserve-on-winner",
        "the branch that would win without the reserve statement stands before it",
        &on_winner,
    )
    .head(a_child)
    .states(4, &[(STANDING, 4), (VOID, 1), (WAITING, 1)])
    .belief(|belief| belief.forks = vec![2])
    .add(corpus);
    ask(corpus, "reserve-line", "so does a line without forks", &fork.and(&[a, a_child, a_child_reserve]))
        .head(a_child)
        .states(4, &[(STANDING, 4), (WAITING, 1)])
        .add(corpus);
    let way = fork.and(&[b, b_child, a, a_child, a_child_reserve, a_reserve]);
    ask(corpus, "reserve-way-fork", "what waits goes on to a fork of two reserve branches that nothing decides", &way)
        .head(parent)
        .states(2, &[(STANDING, 2), (VOID, 2), (WAITING, 4)])
        .belief(|belief| belief.forks = vec![2])
        .add(corpus);
    let lone = a.release(" lone", "1.2.1").sign();
    let way = fork.and(&[b, b_child, a, &lone, a_child, a_child_reserve]);
    ask(corpus, "reserve-way-void", "what loses on the way to the reserve statement is void", &way)
        .head(parent)
        .states(2, &[(STANDING, 2), (VOID, 2), (WAITING, 1), (VOID, 1), (WAITING, 2)])
        .belief(|belief| belief.forks = vec![2, 5])
        .add(corpus);
    let tie = fork.and(&[a, a_reserve, reserve]);
    ask(corpus, "reserve-on-both", "branches with a reserve statement each are equals, wherever it stands", &tie)
        .policy("accept")
        .head(parent)
        .states(2, &[(STANDING, 2), (CONTESTED, 3)])
        .add(corpus);
    ask(corpus, "reserve-on-both-accepted", "the accepted branch stands, and its reserve statement waits still", &tie)
        .accepting(&[a])
        .head(a)
        .states(3, &[(STANDING, 3), (WAITING, 1), (VOID, 1)])
        .belief(|belief| belief.rivals = vec![5])
        .add(corpus);
    ask(corpus, "reserve-beside", "a reserve statement beside a release proves no fork", &fork.and(&[a, reserve]))
        .policy("accept")
        .head(reserve)
        .states(2, &[(STANDING, 2), (VOID, 1), (STANDING, 1)])
        .add(corpus);
}

/// BEL-2 and BEL-7.
fn add_acceptances(corpus: &mut Corpus, fork: &Fork) {
    let Fork { parent, a, a_child, b, b_child, .. } = fork;
    let two = fork.and(&[a, a_child, b, b_child]);
    let mut tie = |name: &str, summary: &str, accepted: &[&Record], rival: usize| {
        let (head, states) = match rival {
            5 => (a_child, [(STANDING, 4), (VOID, 2), (VOID, 0)]),
            _ => (b_child, [(STANDING, 2), (VOID, 2), (STANDING, 2)]),
        };
        ask(corpus, name, summary, &two)
            .accepting(accepted)
            .head(head)
            .states(if rival == 5 { 4 } else { 6 }, &states)
            .belief(|belief| {
                belief.rivals = vec![rival];
                belief.forks = vec![2];
            })
            .add(corpus);
    };
    tie("accepted-a", "the branch that lost to an acceptance is a rival", &[a], 5);
    tie("accepted-deep", "the acceptance of a descendant holds its branch", &[parent, b_child], 3);
    tie("accepted-twice", "the last acceptance counts", &[b, a, b_child], 3);
    tie("accepted-ancestor-later", "a later acceptance of an ancestor withdraws nothing", &[a_child, parent], 5);
}

/// BEL-9.
fn add_distrust(corpus: &mut Corpus, fork: &Fork) {
    let Fork { root, parent, a, a_child, b, b_child, reserve, after, other_reserve, a_reserve, .. } = fork;
    let line = fork.and(&[a, a_child]);
    ask(corpus, "distrust-line", "what follows the marked statement by Ed25519 does not count", &line)
        .distrusting(a.digest())
        .head(a)
        .states(3, &[(STANDING, 3), (DISTRUSTED, 1)])
        .add(corpus);
    ask(corpus, "distrust-unknown", "if the marked statement is not known, the genesis is marked", &line)
        .distrusting(digest(b"not among the records"))
        .head(root)
        .states(0, &[(STANDING, 1), (DISTRUSTED, 3)])
        .add(corpus);
    ask(corpus, "distrust-fork", "a branch that does not count makes no tie", &fork.and(&[a, a_child, b, b_child]))
        .distrusting(a.digest())
        .head(a)
        .states(3, &[(STANDING, 3), (DISTRUSTED, 3)])
        .belief(|belief| belief.forks = vec![2])
        .add(corpus);
    let vouched = fork.and(&[a, a_child, a_reserve]);
    ask(corpus, "distrust-reserve", "what counts because of a reserve statement that waits waits with it", &vouched)
        .distrusting(parent.digest())
        .head(parent)
        .states(2, &[(STANDING, 2), (WAITING, 1), (DISTRUSTED, 1), (WAITING, 1)])
        .add(corpus);
    ask(corpus, "distrust-reserve-accepted", "the ancestors of a reserve statement that is accepted count", &vouched)
        .accepting(&[a_reserve])
        .distrusting(parent.digest())
        .head(a_reserve)
        .states(3, &[(STANDING, 3), (DISTRUSTED, 1), (STANDING, 1)])
        .add(corpus);
    ask(corpus, "distrust-reserve-captured", "the same, and the user has accepted what does not count", &vouched)
        .accepting(&[a_child])
        .distrusting(parent.digest())
        .head(a)
        .states(3, &[(STANDING, 3), (DISTRUSTED, 1), (WAITING, 1)])
        .add(corpus);
    ask(
        corpus,
        "distrust-waiting",
        "after a reserve statement that waits, what does not count does not wait",
        &fork.and(&[reserve, after]),
    )
    .distrusting(parent.digest())
    .head(parent)
    .states(2, &[(STANDING, 2), (WAITING, 1), (DISTRUSTED, 1)])
    .add(corpus);
    ask(
        corpus,
        "distrust-tie",
        "the acceptance of what does not count breaks no tie",
        &fork.and(&[a, a_child, a_reserve, reserve]),
    )
    .accepting(&[a_child])
    .distrusting(parent.digest())
    .head(parent)
    .states(2, &[(STANDING, 2), (CONTESTED, 1), (DISTRUSTED, 1), (CONTESTED, 2)])
    .add(corpus);
    let reserves = fork.and(&[reserve, after, other_reserve]);
    ask(corpus, "distrust-tie-reserve", "but it accepts the reserve statement before it, which counts", &reserves)
        .accepting(&[after])
        .distrusting(parent.digest())
        .head(reserve)
        .states(2, &[(STANDING, 3), (DISTRUSTED, 1), (VOID, 1)])
        .belief(|belief| belief.rivals = vec![5])
        .add(corpus);
    let after_reserve = fork.and(&[a, reserve, after]);
    ask(corpus, "distrust-after-reserve", "what follows a reserve statement by Ed25519 does not count", &after_reserve)
        .policy("accept")
        .distrusting(a.digest())
        .head(reserve)
        .states(2, &[(STANDING, 2), (VOID, 1), (STANDING, 1), (DISTRUSTED, 1)])
        .add(corpus);
    let yank = parent.child(" yank", "yank", yank_body("2", "refuse")).sign();
    ask(corpus, "distrust-yank", "a yank that does not count yanks nothing", &fork.and(&[&yank]))
        .distrusting(parent.digest())
        .head(parent)
        .states(2, &[(STANDING, 2), (DISTRUSTED, 1)])
        .add(corpus);
}

/// BEL-10.
fn add_yanks(corpus: &mut Corpus, fork: &Fork) {
    let Fork { parent, a, b, b_child, reserve, after, other_reserve, .. } = fork;
    let yank = |parent: &Record, branch: &str, releases: &str, severity: &str| {
        parent.child(branch, "yank", yank_body(releases, severity)).sign()
    };
    let standing = yank(a, " yank", "2, 3", "refuse");
    let lower = yank(&standing, "", "2", "warn");
    let equal = yank(&lower, "", "2", "refuse");
    ask(corpus, "yank-of-two", "a yank of two releases", &fork.and(&[a, &standing]))
        .head(&standing)
        .states(3, &[(STANDING, 4)])
        .yanked(2, "refuse", 4)
        .yanked(3, "refuse", 4)
        .add(corpus);
    ask(
        corpus,
        "yank-gravest",
        "the gravest yank counts, and no later one takes it back",
        &fork.and(&[a, &standing, &lower]),
    )
    .head(&lower)
    .states(3, &[(STANDING, 5)])
    .yanked(2, "refuse", 4)
    .yanked(3, "refuse", 4)
    .add(corpus);
    ask(
        corpus,
        "yank-equal",
        "of equal yanks, the one with the higher seq counts",
        &fork.and(&[a, &standing, &lower, &equal]),
    )
    .head(&equal)
    .states(3, &[(STANDING, 6)])
    .yanked(2, "refuse", 6)
    .yanked(3, "refuse", 4)
    .add(corpus);

    let early = yank(parent, " yank", "2", "refuse");
    ask(corpus, "yank-contested", "a yank that is contested counts in full", &fork.and(&[&early, b]))
        .head(parent)
        .states(2, &[(STANDING, 2), (CONTESTED, 2)])
        .yanked(2, "refuse", 3)
        .belief(|belief| belief.forks = vec![2])
        .add(corpus);
    ask(corpus, "yank-void", "a yank falls with its branch", &fork.and(&[&early, b, b_child]))
        .head(b_child)
        .states(5, &[(STANDING, 2), (VOID, 1), (STANDING, 2)])
        .belief(|belief| belief.forks = vec![2])
        .add(corpus);
    let second = yank(parent, " second yank", "2", "refuse");
    let winner = if early.digest() < second.digest() { 3 } else { 4 };
    ask(
        corpus,
        "yank-digest",
        "of two contested yanks that are equal, the one with the lower digest counts",
        &fork.and(&[&early, &second]),
    )
    .head(parent)
    .states(2, &[(STANDING, 2), (CONTESTED, 2)])
    .yanked(2, "refuse", winner)
    .belief(|belief| belief.forks = vec![2])
    .add(corpus);

    let waits = yank(after, "", "2, 4", "refuse");
    let records = fork.and(&[reserve, after, &waits]);
    ask(corpus, "yank-waiting", "a yank that waits is a warning", &records)
        .head(parent)
        .states(2, &[(STANDING, 2), (WAITING, 3)])
        .yanked(2, "warn", 5)
        .yanked(4, "warn", 5)
        .add(corpus);
    ask(corpus, "yank-not-followed", "under the policy `refuse` it is one too", &records)
        .policy("refuse")
        .head(parent)
        .states(2, &[(STANDING, 2), (WAITING, 3)])
        .yanked(2, "warn", 5)
        .yanked(4, "warn", 5)
        .add(corpus);
    ask(corpus, "yank-followed", "once the reserve statement is accepted it counts in full", &records)
        .accepting(&[reserve])
        .head(&waits)
        .states(4, &[(STANDING, 5)])
        .yanked(2, "refuse", 5)
        .yanked(4, "refuse", 5)
        .add(corpus);
    let both = fork.and(&[reserve, after, &waits, other_reserve]);
    ask(corpus, "yank-contested-reserves", "reserve statements that wait and contest each other can warn alone", &both)
        .head(parent)
        .states(2, &[(STANDING, 2), (CONTESTED, 4)])
        .yanked(2, "warn", 5)
        .yanked(4, "warn", 5)
        .add(corpus);
    ask(corpus, "yank-contested-reserves-policy", "where none of them waits, a contested yank counts in full", &both)
        .policy("accept")
        .head(parent)
        .states(2, &[(STANDING, 2), (CONTESTED, 4)])
        .yanked(2, "refuse", 5)
        .yanked(4, "refuse", 5)
        .add(corpus);
    let before = yank(a, " before", "2", "refuse");
    let before_reserve = before.reserve("", "lost", HOLDER).sign_reserve(HOLDER);
    let turned = fork.and(&[b, b_child, a, &before, &before_reserve]);
    ask(corpus, "yank-turned", "a yank that was contested before a reserve statement after it counts in full", &turned)
        .head(parent)
        .states(2, &[(STANDING, 2), (VOID, 2), (WAITING, 3)])
        .yanked(2, "refuse", 6)
        .belief(|belief| belief.forks = vec![2])
        .add(corpus);
    ask(corpus, "yank-turned-lost", "the same, and without the reserve statement it was void: it warns", &turned)
        .accepting(&[b])
        .head(parent)
        .states(2, &[(STANDING, 2), (VOID, 2), (WAITING, 3)])
        .yanked(2, "warn", 6)
        .belief(|belief| belief.forks = vec![2])
        .add(corpus);
    ask(corpus, "yank-suspended", "a yank that is void because of a reserve statement that waits warns", &{
        fork.and(&[&early, reserve])
    })
    .head(parent)
    .states(2, &[(STANDING, 2), (VOID, 1), (WAITING, 1)])
    .yanked(2, "warn", 3)
    .add(corpus);
    ask(corpus, "yank-suspended-followed", "once that is accepted, the yank is void for good", &{
        fork.and(&[&early, reserve])
    })
    .accepting(&[reserve])
    .head(reserve)
    .states(2, &[(STANDING, 2), (VOID, 1), (STANDING, 1)])
    .add(corpus);
    let early_reserve = early.reserve(" honest", "lost", HOLDER).sign_reserve(HOLDER);
    let contests = fork.and(&[&early, &early_reserve, reserve]);
    ask(
        corpus,
        "yank-suspended-contested",
        "a yank that stood before two reserve statements counts in full",
        &contests,
    )
    .head(parent)
    .states(2, &[(STANDING, 2), (CONTESTED, 3)])
    .yanked(2, "refuse", 3)
    .add(corpus);
    let note = yank(after, " note", "2", "note");
    ask(corpus, "yank-waiting-note", "a note that waits stays a note", &fork.and(&[reserve, after, &note]))
        .head(parent)
        .states(2, &[(STANDING, 2), (WAITING, 3)])
        .yanked(2, "note", 5)
        .add(corpus);
    let mild = yank(&early, " mild", "2", "warn");
    let over = early.reserve(" over", "lost", HOLDER).sign_reserve(HOLDER);
    let over_yank = yank(&over, "", "2", "refuse");
    ask(
        corpus,
        "yank-standing-and-waiting",
        "a yank that stands is graver than one that waits",
        &fork.and(&[&early, &mild, &over, &over_yank]),
    )
    .head(&early)
    .states(2, &[(STANDING, 3), (VOID, 1), (WAITING, 2)])
    .yanked(2, "refuse", 3)
    .add(corpus);
}

/// BEL-6.
fn add_withdrawals(corpus: &mut Corpus, fork: &Fork) {
    let Fork { parent, b, b_child, reserve, other_reserve, .. } = fork;
    let body = format!("{}withdraws = 2\n", release_body("1.0.0"));
    let redone = parent.child(" redone", "release", body).sign();
    ask(corpus, "withdrawn-contested", "a withdrawal that is contested counts", &fork.and(&[&redone, b]))
        .head(parent)
        .states(2, &[(STANDING, 2), (CONTESTED, 2)])
        .belief(|belief| {
            belief.withdrawn = vec![2];
            belief.forks = vec![2];
        })
        .add(corpus);
    ask(corpus, "withdrawn-void", "a withdrawal falls with its branch", &fork.and(&[&redone, b, b_child]))
        .head(b_child)
        .states(5, &[(STANDING, 2), (VOID, 1), (STANDING, 2)])
        .belief(|belief| belief.forks = vec![2])
        .add(corpus);
    let after_reserve = reserve.child(" redone", "release", format!("{}withdraws = 2\n", release_body("1.0.0"))).sign();
    let both = fork.and(&[reserve, &after_reserve, other_reserve]);
    ask(
        corpus,
        "withdrawn-contested-reserves",
        "a withdrawal on a branch whose reserve statement waits is none",
        &both,
    )
    .head(parent)
    .states(2, &[(STANDING, 2), (CONTESTED, 3)])
    .add(corpus);
    ask(corpus, "withdrawn-contested-reserves-policy", "where none of them waits, it counts", &both)
        .policy("accept")
        .head(parent)
        .states(2, &[(STANDING, 2), (CONTESTED, 3)])
        .belief(|belief| belief.withdrawn = vec![2])
        .add(corpus);
    let redone_reserve = redone.reserve(" redone", "lost", HOLDER).sign_reserve(HOLDER);
    let records = fork.and(&[&redone, &redone_reserve, b]);
    ask(corpus, "withdrawn-suspended", "a withdrawal that was contested before what waits counts", &records)
        .head(parent)
        .states(2, &[(STANDING, 2), (WAITING, 2), (VOID, 1)])
        .belief(|belief| {
            belief.withdrawn = vec![2];
            belief.forks = vec![2];
        })
        .add(corpus);
    let records = fork.and(&[&redone, reserve]);
    ask(corpus, "withdrawn-suspended-void", "one that is void because of what waits does not", &records)
        .head(parent)
        .states(2, &[(STANDING, 2), (VOID, 1), (WAITING, 1)])
        .add(corpus);
}

/// BEL-12: the promise in force.
fn add_promises(corpus: &mut Corpus, fork: &Fork) {
    let Fork { parent, b, b_child, reserve, other_reserve, .. } = fork;
    let promise = |branch: &str, day| {
        let draft = parent.child(branch, "beat", beat_body("here"));
        Draft { next_by: Some(day), ..draft }.sign()
    };
    let soon = promise(" soon", "2026-03-01");
    let late = promise(" late", "2126-03-01");
    let kept = soon.release("", "1.1.0").sign();
    let mut ask =
        |name: &str, summary: &str, records: &[&Record], newest: usize, head: &Record, states, day: Option<&str>| {
            let forks = matches!(name, "promise-contested" | "promise-void");
            ask(corpus, name, summary, records)
                .head(head)
                .states(newest, states)
                .belief(|belief| {
                    belief.promise = day.map(ToOwned::to_owned);
                    belief.forks = if forks { vec![2] } else { Vec::new() };
                })
                .add(corpus);
        };
    let states: &[(&'static str, usize)] = &[(STANDING, 3)];
    ask("promise", "the promise of the head", &fork.and(&[&soon]), 2, &soon, states, Some("2026-03-01"));
    let summary = "a promise that was kept";
    ask("promise-kept", summary, &fork.and(&[&soon, &kept]), 4, &kept, &[(STANDING, 4)], None);
    let summary = "of contested statements, the earliest promise counts";
    let states: &[(&'static str, usize)] = &[(STANDING, 2), (CONTESTED, 2)];
    ask("promise-contested", summary, &fork.and(&[&late, &soon]), 2, parent, states, Some("2026-03-01"));
    let states: &[(&'static str, usize)] = &[(STANDING, 2), (VOID, 1), (STANDING, 2)];
    ask("promise-void", "a promise that lost", &fork.and(&[&soon, b, b_child]), 5, b_child, states, None);
    let over = soon.reserve(" promised", "lost", HOLDER).sign_reserve(HOLDER);
    let states: &[(&'static str, usize)] = &[(STANDING, 3), (WAITING, 1)];
    ask("promise-before-waiting", "what waits keeps a promise too", &fork.and(&[&soon, &over]), 2, &soon, states, None);
    let promised = Draft { next_by: Some("2026-03-01"), ..reserve.child(" promise", "beat", beat_body("here")) }.sign();
    let records = fork.and(&[reserve, &promised, other_reserve]);
    let summary = "of reserve statements that wait and contest each other, no promise counts";
    let states: &[(&'static str, usize)] = &[(STANDING, 2), (CONTESTED, 3)];
    ask("promise-contested-reserves", summary, &records, 2, parent, states, None);
}

/// BEL-12: the last beat.
fn add_farewell(corpus: &mut Corpus, fork: &Fork) {
    let Fork { parent, b, .. } = fork;
    let heir = signatory_id(b"the genesis of the heir");
    let last = parent.child(" last", "beat", format!("{}successor = \"{heir}\"\n", beat_body("final"))).sign();
    ask(corpus, "final", "the signatory has ended the chain and names a successor", &fork.and(&[&last]))
        .head(&last)
        .states(2, &[(STANDING, 3)])
        .belief(|belief| {
            belief.is_final = true;
            belief.successor = Some(heir.clone());
        })
        .add(corpus);
    let moved = parent.child(" moved", "beat", format!("{}successor = \"{heir}\"\n", beat_body("here"))).sign();
    ask(corpus, "successor", "a successor is named, and the chain goes on", &fork.and(&[&moved]))
        .head(&moved)
        .states(2, &[(STANDING, 3)])
        .belief(|belief| belief.successor = Some(heir.clone()))
        .add(corpus);
    let back = last.release("", "1.1.0").sign();
    ask(corpus, "final-and-back", "a release after the last beat", &fork.and(&[&last, &back]))
        .head(&back)
        .states(4, &[(STANDING, 4)])
        .add(corpus);
    ask(corpus, "final-contested", "an end that is contested is none", &fork.and(&[&last, b]))
        .head(parent)
        .states(2, &[(STANDING, 2), (CONTESTED, 2)])
        .belief(|belief| belief.forks = vec![2])
        .add(corpus);
}
