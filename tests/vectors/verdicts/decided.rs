//! What the user has decided: reserve statements that wait or are followed, distrust, and what is vouched for.

use sigpkg::rule::Rule;

use super::super::build::{Context, Corpus, Vector};
use super::super::forest::{Forest, Package, signed, sources};
use super::super::raw::{Draft, ED_COMMENT, Record, block, paper_link_key, slow_link_key};
use super::super::reserve::{held_genesis, yank_body};
use super::{Case, accepted, refused, undecided};

const HOLDER: &[&str] = &["holder a"];

pub(super) fn add(corpus: &mut Corpus) {
    let saved = Saved::new(corpus);
    add_waiting(corpus, &saved);
    add_stolen(corpus, &saved);
    add_turned(corpus, &saved);
    add_strangers(corpus, &saved);
    add_distrust(corpus, &saved);
    add_waiting_yanks(corpus, &saved);
    add_suspended(corpus, &saved);
    add_chain_files(corpus, &saved);
    add_fallen(corpus);
}

/// Keys are stolen after the first release, the thief makes one, and the reserve goes on without it.
struct Saved {
    /// The releases are the first, the thief's, and the first one after the reserve statement.
    package: Package,
    reserve: Record,
    other_reserve: Record,
}

impl Saved {
    fn new(corpus: &mut Corpus) -> Self {
        let genesis = held_genesis("decided", 1, HOLDER);
        let files = ["1.0.0", "6.6.6", "1.0.1"].map(sources);
        let first = genesis.child("", "release", files[0].body("1.0.0")).sign();
        let stolen = first.child(" stolen", "release", files[1].body("6.6.6")).sign();
        let reserve = first.reserve(" saved", "stolen", HOLDER).sign_reserve(HOLDER);
        let other_reserve = first.reserve(" other", "handover", HOLDER).sign_reserve(HOLDER);
        let after = reserve.child("", "release", files[2].body("1.0.1")).sign();
        let trees = [
            signed(corpus, &files[0], &[&genesis, &first], &first),
            signed(corpus, &files[1], &[&genesis, &first, &stolen], &stolen),
            signed(corpus, &files[2], &[&genesis, &first, &reserve, &after], &after),
        ];
        Self { package: Package { genesis, releases: [first, stolen, after], trees }, reserve, other_reserve }
    }

    /// The genesis, the first release, and these.
    fn and<'a>(&'a self, more: &[&'a Record]) -> Vec<&'a Record> {
        self.package.records(1).into_iter().chain(more.iter().copied()).collect()
    }

    /// The tree of the first release, with the chain of the last one.
    fn first_with_news(&self) -> Forest {
        self.package.trees[0].clone().adopt(".sigpkg/chain", &self.package.trees[2])
    }

    fn case<'a>(&'a self, corpus: &'a mut Corpus, vector: Vector) -> Case<'a> {
        Case::new(corpus, &self.package, vector)
    }
}

/// VER-27, VER-28, VER-39 and VER-40.
fn add_waiting(corpus: &mut Corpus, saved: &Saved) {
    let [first, _, after] = &saved.package.releases;
    let tree = &saved.package.trees[2];
    let waiting =
        undecided(Rule::Ver27, "new", "the release follows a reserve statement that the user has not accepted");
    saved.case(corpus, waiting).tree(tree).head(first).add();
    let known = undecided(Rule::Ver27, "known", "the same, and the store has the reserve statement already");
    saved.case(corpus, known).tree(tree).store(&saved.and(&[&saved.reserve])).accepting(&[first]).head(first).add();
    let refuses = refused(Rule::Ver28, "policy", "the same, and the user follows no reserve statement");
    saved.case(corpus, refuses).tree(tree).policy("refuse").head(first).add();
    let follows = accepted("reserve-accepted", "the user has accepted the reserve statement that the release follows");
    saved
        .case(corpus, follows)
        .tree(tree)
        .store(&saved.and(&[&saved.reserve]))
        .accepting(&[first, &saved.reserve])
        .head(after)
        .add();
    let follows = accepted("reserve-policy", "the policy `accept` follows a reserve statement on sight");
    saved.case(corpus, follows).tree(tree).policy("accept").head(after).add();

    let news = saved.first_with_news();
    let before = accepted("before-waiting", "a reserve statement waits beyond the release");
    saved.case(corpus, before).tree(&news).notes(&["waiting"]).head(first).add();
    let before = accepted("before-not-followed", "the user does not follow the reserve statement beyond the release");
    saved.case(corpus, before).tree(&news).policy("refuse").notes(&["not-followed"]).head(first).add();
    let behind = accepted("before-followed", "the reserve statement beyond the release is followed");
    saved.case(corpus, behind).tree(&news).policy("accept").notes(&["not-newest"]).head(after).add();
}

/// VER-7, VER-8 and VER-44: what a reserve statement does to what was signed beside it.
fn add_stolen(corpus: &mut Corpus, saved: &Saved) {
    let [first, stolen, _] = &saved.package.releases;
    let tree = &saved.package.trees[1];
    let void = refused(Rule::Ver7, "stolen", "a reserve statement is known beside the release");
    saved.case(corpus, void).tree(tree).store(&saved.and(&[&saved.reserve])).accepting(&[first]).head(first).add();
    let captured = refused(Rule::Ver7, "captured", "the same, and the user had accepted the release");
    saved
        .case(corpus, captured)
        .tree(tree)
        .store(&saved.and(&[stolen, &saved.reserve]))
        .accepting(&[stolen])
        .head(first)
        .add();
    let refuses = refused(Rule::Ver7, "stolen-policy", "the same, whatever the user thinks of following");
    saved
        .case(corpus, refuses)
        .tree(tree)
        .store(&saved.and(&[&saved.reserve]))
        .accepting(&[first])
        .policy("refuse")
        .head(first)
        .add();
    let voided = accepted("voided", "a reserve statement in the target makes void what stood in the store");
    saved
        .case(corpus, voided)
        .tree(&saved.first_with_news())
        .store(&saved.and(&[stolen]))
        .notes(&["voided", "waiting"])
        .head(first)
        .add();
    let contested = undecided(Rule::Ver8, "reserves", "two reserve statements with one parent, and none was accepted");
    saved
        .case(corpus, contested)
        .tree(&saved.package.trees[2])
        .store(&saved.and(&[&saved.other_reserve]))
        .accepting(&[first])
        .policy("accept")
        .head(first)
        .add();
    let other = refused(Rule::Ver7, "other-reserve", "the user has accepted the other reserve statement");
    saved
        .case(corpus, other)
        .tree(&saved.package.trees[2])
        .store(&saved.and(&[&saved.other_reserve]))
        .accepting(&[&saved.other_reserve])
        .head(&saved.other_reserve)
        .add();
}

/// BEL-3, BEL-4: the thief of the reserve has a link key too, and puts a release before the reserve statement.
fn add_turned(corpus: &mut Corpus, saved: &Saved) {
    let [first, stolen, _] = &saved.package.releases;
    let turned = stolen.reserve("", "lost", HOLDER).sign_reserve(HOLDER);
    let files = sources("1.1.0");
    let honest = first.child(" honest", "release", files.body("1.1.0")).sign();
    let stolen_tree = signed(corpus, &sources("6.6.6"), &saved.and(&[stolen, &turned]), stolen);
    let honest_tree = signed(corpus, &files, &saved.and(&[&honest]), &honest);
    let moved =
        undecided(Rule::Ver27, "turned", "a release that would stand because of a reserve statement that waits");
    saved
        .case(corpus, moved)
        .tree(&stolen_tree)
        .store(&saved.and(&[&honest]))
        .accepting(&[&honest])
        .notes(&["voided"])
        .head(first)
        .add();
    let refuses = refused(Rule::Ver28, "turned", "the same under the policy `refuse`");
    saved
        .case(corpus, refuses)
        .tree(&stolen_tree)
        .store(&saved.and(&[&honest]))
        .policy("refuse")
        .notes(&["voided"])
        .head(first)
        .add();
    let stopped = refused(Rule::Ver7, "turned", "the release beside it is void on sight");
    saved
        .case(corpus, stopped)
        .tree(&honest_tree)
        .store(&saved.and(&[stolen, &turned]))
        .accepting(&[first])
        .head(first)
        .add();
    let known = accepted("turned-before", "what stands without the reserve statement stands with it");
    saved.case(corpus, known).tree(&stolen_tree).store(&saved.and(&[stolen])).notes(&["waiting"]).head(stolen).add();
    let behind = accepted("turned-behind", "the release before the fork, and the way on waits");
    saved
        .case(corpus, behind)
        .tree(&saved.package.trees[0].clone().adopt(".sigpkg/chain", &stolen_tree))
        .store(&saved.and(&[&honest]))
        .notes(&["voided", "waiting"])
        .head(first)
        .add();
}

/// BEL-11: of an id that is not trusted, no reserve statement waits.
fn add_strangers(corpus: &mut Corpus, saved: &Saved) {
    let [_, stolen, after] = &saved.package.releases;
    let asked = || Context { asked_id: Some(saved.package.id()), ..Context::default() };
    let follows =
        accepted("asked-reserve", "the caller gave an id that is not in the store: no reserve statement waits");
    saved.case(corpus, follows).tree(&saved.package.trees[2]).context(|context| *context = asked()).add();
    let both = signed(corpus, &sources("6.6.6"), &saved.and(&[stolen, &saved.reserve, after]), stolen);
    let void = refused(Rule::Ver7, "asked-stolen", "the same, and the release lies beside the reserve statement");
    saved.case(corpus, void).tree(&both).context(|context| *context = asked()).add();
    let stranger = undecided(Rule::Ver1, "stranger-reserve", "a release of a stranger after a reserve statement");
    saved.case(corpus, stranger).tree(&saved.package.trees[2]).context(|context| *context = Context::default()).add();
}

/// VER-29.
fn add_distrust(corpus: &mut Corpus, saved: &Saved) {
    let [first, stolen, _] = &saved.package.releases;
    let mark = |record: &Record| Some(record.digest());
    let after = undecided(Rule::Ver29, "new", "a release by Ed25519 after the user distrusted it");
    saved
        .case(corpus, after)
        .tree(&saved.package.trees[1])
        .context(|context| context.distrust_ed25519 = mark(first))
        .head(first)
        .add();
    let later = undecided(Rule::Ver29, "later-trust", "the chain was trusted after that: its genesis is marked");
    saved
        .case(corpus, later)
        .tree(&saved.package.trees[0])
        .context(|context| context.distrust_ed25519 = mark(&saved.package.genesis))
        .head(&saved.package.genesis)
        .add();
    let after = undecided(
        Rule::Ver29,
        "after-reserve",
        "a release by Ed25519 after a reserve statement that did not change the algorithm",
    );
    saved
        .case(corpus, after)
        .tree(&saved.package.trees[2])
        .policy("accept")
        .context(|context| context.distrust_ed25519 = mark(first))
        .head(&saved.reserve)
        .add();
    let before = accepted("distrust-before", "the release that was the head when the user distrusted Ed25519");
    saved
        .case(corpus, before)
        .tree(&saved.package.trees[0])
        .store(&saved.and(&[stolen]))
        .accepting(&[first])
        .context(|context| context.distrust_ed25519 = mark(first))
        .head(first)
        .add();
}

/// VER-36 and VER-38: yanks that wait.
fn add_waiting_yanks(corpus: &mut Corpus, saved: &Saved) {
    let [first, _, after] = &saved.package.releases;
    let yank = after.child("", "yank", yank_body("2", "refuse")).sign();
    let records = saved.and(&[&saved.reserve, after, &yank]);
    let warned = accepted("yank-waiting", "a yank that waits warns");
    saved
        .case(corpus, warned)
        .tree(&saved.package.trees[0])
        .store(&records)
        .accepting(&[first])
        .notes(&["waiting", "yank-warning"])
        .head(first)
        .add();
    let warned = accepted("yank-not-followed", "the same under the policy `refuse`");
    saved
        .case(corpus, warned)
        .tree(&saved.package.trees[0])
        .store(&records)
        .accepting(&[first])
        .policy("refuse")
        .notes(&["not-followed", "yank-warning"])
        .add();
    let yanked = refused(Rule::Ver36, "followed", "a yank after a reserve statement that the user has accepted");
    saved
        .case(corpus, yanked)
        .tree(&saved.package.trees[0])
        .store(&records)
        .accepting(&[&saved.reserve])
        .notes(&["not-newest"])
        .head(&yank)
        .add();
}

/// VER-16, VER-36, VER-38 and VER-45: what was heard before a reserve statement came is heard until the user decides.
fn add_suspended(corpus: &mut Corpus, saved: &Saved) {
    let [first, stolen, _] = &saved.package.releases;
    let yank = first.child(" suspended", "yank", yank_body("2", "refuse")).sign();
    let over = yank.reserve(" suspended", "lost", HOLDER).sign_reserve(HOLDER);
    let mut judged = |vector: Vector, accepting: &Record, records: &[&Record], notes: &[&str], head: &Record| {
        let case = saved.case(corpus, vector).tree(&saved.package.trees[0]).store(&saved.and(records));
        case.accepting(&[accepting]).notes(notes).head(head).add();
    };
    let warned = accepted("yank-suspended", "a yank that is void because of a reserve statement that waits warns");
    judged(warned, &yank, &[&yank, &saved.reserve], &["waiting", "yank-warning"], first);
    let refuses = refused(Rule::Ver36, "suspended", "a yank that stands or was contested before what waits refuses");
    judged(refuses, first, &[&yank, &over, stolen], &["waiting"], first);
    let refuses = refused(Rule::Ver36, "suspended-policy", "the same under the policy `refuse`");
    let refuses = refuses.context(|context| context.policy = Some("refuse"));
    judged(refuses, first, &[&yank, &over, stolen], &["not-followed"], first);

    let installed = saved.package.trees[1].store(corpus, "installed-suspended");
    let both = saved.and(&[stolen, &saved.reserve]);
    let mut judged = |vector: Vector, is_tree: bool, accepting: &Record, notes: &[&str], head: &Record| {
        let tree = &saved.package.trees[0];
        let case = saved.case(corpus, vector).tree(tree).store(&both).accepting(&[accepting]).notes(notes).head(head);
        if is_tree {
            case.context(|context| context.installed_tree = Some(installed.clone())).add();
        } else {
            case.installed("6.6.6").add();
        }
    };
    for (name, is_tree) in [("tree", true), ("version", false)] {
        let summary = "the installed release is void because of a reserve statement that waits: a floor still";
        let floor = refused(Rule::Ver16, &format!("suspended-{name}"), summary);
        judged(floor, is_tree, stolen, &["waiting"], first);
        let summary = "the same under the policy `refuse`: a floor for ever";
        let floor = refused(Rule::Ver16, &format!("suspended-{name}-policy"), summary);
        let floor = floor.context(|context| context.policy = Some("refuse"));
        judged(floor, is_tree, stolen, &["not-followed"], first);
        let summary = "the installed release is void for good, and no floor";
        let free = accepted(&format!("installed-void-{name}"), summary);
        judged(free, is_tree, &saved.reserve, if is_tree { &["installed"] } else { &[] }, &saved.reserve);
    }

    let asked = undecided(Rule::Ver29, "asked", "the user distrusts Ed25519, and the id is not in the store");
    let asked = saved.case(corpus, asked).tree(&saved.package.trees[0]);
    let distrust_ed25519 = Some(saved.package.genesis.digest());
    let context = Context { asked_id: Some(saved.package.id()), distrust_ed25519, ..Context::default() };
    asked.context(|asked| *asked = context).add();
}

fn add_chain_files(corpus: &mut Corpus, saved: &Saved) {
    let [first, stolen, after] = &saved.package.releases;
    let ask =
        |name: &str, summary: &str| Vector::accepted(super::Kind::ChainFile, &format!("chain-file-{name}"), summary);
    let records = saved.and(&[&saved.reserve, after]);
    let waiting = ask("waiting", "a chain file with a reserve statement that waits");
    saved.case(corpus, waiting).chain(&records).notes(&["waiting"]).head(first).add();
    let refuses = ask("not-followed", "the same under the policy `refuse`");
    saved.case(corpus, refuses).chain(&records).policy("refuse").notes(&["not-followed"]).head(first).add();
    let beside = ask("reserve-beside", "a reserve statement beside a release proves no fork");
    saved
        .case(corpus, beside)
        .chain(&saved.and(&[&saved.reserve, stolen]))
        .store(&saved.and(&[stolen]))
        .notes(&["voided", "waiting"])
        .head(first)
        .add();
}

/// CHN-22 and SIG-15: after the change of the algorithm.
fn add_fallen(corpus: &mut Corpus) {
    let genesis = held_genesis("fallen", 1, HOLDER);
    let files = ["1.0.0", "1.1.0"].map(sources);
    let first = genesis.child("", "release", files[0].body("1.0.0")).sign();
    let change = first.reserve("", "algorithm", HOLDER);
    let change =
        Draft { next: slow_link_key("link 1"), after_next: paper_link_key("2"), ..change }.sign_reserve(HOLDER);
    let slow = change.child("", "release", files[1].body("1.1.0"));
    let slow = Draft { after_next: paper_link_key("3"), ..slow }.sign();
    let trees = [
        signed(corpus, &files[0], &[&genesis, &first], &first),
        signed(corpus, &files[1], &[&genesis, &first, &change, &slow], &slow),
    ];
    // A forged signature in place of the genuine one: whoever could make the one could make the other.
    let garbled = Draft { label: "fallen garbled".to_owned(), ..first.draft.clone() };
    let garbled = garbled.with_block(|text| {
        let mut signature = first.draft.signer.sign(text);
        signature[50] ^= 1;
        block(ED_COMMENT, *b"Ed", first.draft.signer.id(), &signature)
    });
    let forged = [
        signed(corpus, &files[0], &[&genesis, &garbled], &first),
        signed(corpus, &files[1], &[&genesis, &garbled, &change, &slow], &slow),
    ];
    let package = Package {
        trees: [trees[0].clone(), trees[1].clone(), trees[1].clone()],
        releases: [first.clone(), slow.clone(), slow.clone()],
        genesis: genesis.clone(),
    };
    let known = [&genesis, &first, &change];
    let mut case = |vector: Vector, tree: &Forest, store: &[&Record], accepting: &[&Record], head: &Record| {
        Case::new(corpus, &package, vector).tree(tree).store(store).accepting(accepting).head(head).add();
    };
    let plain = accepted("slh-dsa", "a release that is signed by an SLH-DSA key has no signature file");
    case(plain, &trees[1], &known, &[&change], &slow);
    let waits = undecided(Rule::Ver27, "algorithm", "the user has not accepted the change of the algorithm");
    case(waits, &trees[1], &known, &[&first], &first);
    let minisig = trees[1].clone().file(".sigpkg/release.toml.minisig", first.minisig());
    let surplus =
        refused(Rule::Sig15, "slh-dsa-minisig", "a release that is signed by an SLH-DSA key has a signature file");
    case(surplus, &minisig, &known, &[&change], &slow);

    let vouched = accepted("vouched", "a forged Ed25519 signature before a change of the algorithm that was accepted");
    case(vouched, &forged[1], &known, &[&change], &slow);
    let rival = first.child(" rival", "release", files[1].body("1.1.0")).sign();
    let withdrawn = undecided(Rule::Ver27, "vouched-withdrawn", "the acceptance was withdrawn, and it vouches still");
    case(withdrawn, &forged[1], &[&genesis, &first, &change, &rival], &[&change, &rival], &first);
    let vouched = accepted("vouched-store", "the same, and the store has the forged signature too");
    case(vouched, &forged[1], &[&genesis, &garbled, &change], &[&change], &slow);
    let older = accepted("vouched-older", "the chain in the tree ends before the change that is accepted in the store");
    case(older, &forged[0], &known, &[&change], &change);
    let alone =
        refused(Rule::Sig8, "vouched-not-accepted", "the store has the change, and the user has not accepted it");
    case(alone, &forged[1], &known, &[&first], &first);
    let unknown = refused(Rule::Sig8, "vouched-policy", "a policy is no acceptance");
    Case::new(corpus, &package, unknown)
        .tree(&forged[1])
        .store(&[&genesis, &first])
        .accepting(&[&first])
        .policy("accept")
        .head(&first)
        .add();
    let asked = refused(Rule::Sig8, "vouched-asked", "of an id that is not trusted, nothing is vouched for");
    Case::new(corpus, &package, asked)
        .tree(&forged[1])
        .context(|context| *context = Context { asked_id: Some(genesis.id()), ..Context::default() })
        .add();
    let trusts = accepted("distrust-slh-dsa", "a release by an SLH-DSA key counts where Ed25519 is distrusted");
    Case::new(corpus, &package, trusts)
        .tree(&trees[1])
        .store(&known)
        .accepting(&[&change])
        .context(|context| context.distrust_ed25519 = Some(genesis.digest()))
        .head(&slow)
        .add();
}
