//! What is known beside the release: yanks, what is installed, that a signing has ended, and how old the news are.

use sigpkg::rule::Rule;

use super::super::build::{Corpus, Other, Vector, Wanted};
use super::super::forest::{Forest, Package, signed, sources};
use super::super::raw::{Draft, JULIA, Record, chain, genesis, signatory_id};
use super::super::reserve::{beat_body, yank_body};
use super::{Case, Kind, accepted, refused, undecided};

pub(super) fn add(corpus: &mut Corpus, package: &Package) {
    add_yanks(corpus, package);
    add_installed(corpus, package);
    add_installed_trees(corpus, package);
    add_ended(corpus, package);
    add_farewell(corpus, package);
    add_promises(corpus, package);
    add_chain_files(corpus, package);
}

fn yank(package: &Package, severity: &str) -> Record {
    package.releases[2].child(&format!(" {severity}"), "yank", yank_body("3", severity)).sign()
}

/// All releases, and these.
fn and<'a>(package: &'a Package, more: &[&'a Record]) -> Vec<&'a Record> {
    package.records(3).into_iter().chain(more.iter().copied()).collect()
}

/// VER-36 to VER-38.
fn add_yanks(corpus: &mut Corpus, package: &Package) {
    let [_, second, third] = &package.releases;
    let [note, warn, refuse] = ["note", "warn", "refuse"].map(|severity| yank(package, severity));
    let all = and(package, &[&refuse]);
    Case::new(corpus, package, refused(Rule::Ver36, "known", "the user knows that the release is yanked"))
        .release(1)
        .store(&all)
        .notes(&["not-newest"])
        .head(&refuse)
        .add();
    let body = format!("{}advisory = \"CVE-2026-0001\"\nreplacement = 4\n", yank_body("2, 3", "refuse"));
    let full = third.child(" full", "yank", body).sign();
    let told = signed(corpus, &sources("1.1.0"), &and(package, &[&full]), second);
    Case::new(
        corpus,
        package,
        refused(Rule::Ver36, "told", "the chain in the tree says so itself, and what to use instead"),
    )
    .tree(&told)
    .notes(&["not-newest"])
    .head(&full)
    .add();
    let newest = third.child(" newest", "yank", yank_body("4", "refuse")).sign();
    Case::new(corpus, package, refused(Rule::Ver36, "newest", "the newest release is yanked, and nothing is newer"))
        .release(2)
        .store(&and(package, &[&newest]))
        .add();
    for (name, record, word) in [("note", &note, "yank-note"), ("warning", &warn, "yank-warning")] {
        let summary = "a yank that does not refuse is reported";
        Case::new(corpus, package, accepted(&format!("yank-{name}"), summary))
            .release(1)
            .store(&and(package, &[record]))
            .notes(&["not-newest", word])
            .head(record)
            .add();
    }
    let other = accepted("yank-of-another", "another release is yanked");
    Case::new(corpus, package, other).release(0).store(&all).notes(&["not-newest"]).add();
    let before = second.child(" before", "yank", yank_body("2", "refuse")).sign();
    let lost = accepted("yank-void", "a yank on a branch that lost");
    Case::new(corpus, package, lost)
        .release(0)
        .store(&[&package.genesis, &package.releases[0], second, &before, third, &warn])
        .notes(&["not-newest"])
        .add();
    let contested = refused(Rule::Ver36, "contested", "a yank that is contested refuses as one that stands");
    Case::new(corpus, package, contested)
        .release(0)
        .store(&[&package.genesis, &package.releases[0], second, &before, third])
        .accepting(&[second])
        .notes(&["not-newest", "rival"])
        .head(second)
        .add();
}

/// VER-16 and VER-45, by version.
fn add_installed(corpus: &mut Corpus, package: &Package) {
    let [warn, refuse] = ["warn", "refuse"].map(|severity| yank(package, severity));
    let lower = refused(Rule::Ver16, "yanked-warning", "a release that is yanked as a warning is a floor still");
    Case::new(corpus, package, lower)
        .release(0)
        .store(&and(package, &[&warn]))
        .installed("1.1.0")
        .notes(&["not-newest"])
        .add();
    let free = accepted("installed-yanked", "a release that is yanked is no floor, and that it is installed is said");
    Case::new(corpus, package, free)
        .release(0)
        .store(&and(package, &[&refuse]))
        .installed("1.1.0")
        .notes(&["installed", "not-newest"])
        .add();
    let warned = accepted("installed-warning", "the installed release is yanked as a warning");
    Case::new(corpus, package, warned)
        .release(2)
        .store(&and(package, &[&warn]))
        .installed("1.1.0")
        .notes(&["installed"])
        .add();
    let noted = accepted("installed-note", "the installed release is yanked as a note");
    Case::new(corpus, package, noted)
        .release(2)
        .store(&and(package, &[&yank(package, "note")]))
        .installed("1.1.0")
        .add();
}

/// VER-16, VER-30 and VER-45, by tree.
fn add_installed_trees(corpus: &mut Corpus, package: &Package) {
    let [first, second, third] = &package.releases;
    let install = |corpus: &mut Corpus, name: &str, tree: &Forest| tree.store(corpus, &format!("installed-{name}"));

    let newer = install(corpus, "newer", &package.trees[1]);
    let lower = refused(Rule::Ver16, "installed-tree", "the installed tree is newer than all that the store knows");
    Case::new(corpus, package, lower)
        .release(0)
        .context(|context| context.installed_tree = Some(newer.clone()))
        .notes(&["not-newest"])
        .head(second)
        .add();
    let same = accepted("installed-tree", "the installed tree is older");
    let older = install(corpus, "older", &package.trees[0]);
    Case::new(corpus, package, same)
        .release(1)
        .context(|context| context.installed_tree = Some(older.clone()))
        .head(second)
        .add();

    let sources_again = sources("1.0.1").with("README.md", "# Example, again\n");
    let body = format!("{}withdraws = 4\n", sources_again.body("1.0.1"));
    let redone = third.child(" redone", "release", body).sign();
    let withdrawn = install(corpus, "withdrawn", &package.trees[2]);
    let free = accepted("installed-withdrawn", "a release that was withdrawn is no floor, though its version stands");
    Case::new(corpus, package, free)
        .release(0)
        .store(&and(package, &[&redone]))
        .context(|context| context.installed_tree = Some(withdrawn.clone()))
        .notes(&["installed", "not-newest"])
        .head(&redone)
        .add();

    let files = sources("6.6.6").with("README.md", "# Example, improved\n");
    let rival = first.child(" rival", "release", files.body("6.6.6")).sign();
    let void = signed(corpus, &files, &[&package.genesis, first, &rival], &rival);
    let void = install(corpus, "void", &void);
    let told = accepted("installed-void", "the installed release is void, and no floor");
    Case::new(corpus, package, told)
        .release(2)
        .store(&package.records(3))
        .context(|context| context.installed_tree = Some(void.clone()))
        .notes(&["installed"])
        .head(third)
        .add();
    let contested = undecided(Rule::Ver8, "installed", "the installed tree has a rival of the release");
    Case::new(corpus, package, contested)
        .release(1)
        .context(|context| context.installed_tree = Some(void.clone()))
        .head(first)
        .add();

    let elsewhere = Package::new(corpus, "verdict installed");
    let foreign = install(corpus, "foreign", &elsewhere.trees[2]);
    let ignored = accepted("installed-foreign", "the installed tree is signed by another signatory: no floor");
    Case::new(corpus, package, ignored)
        .release(0)
        .context(|context| context.installed_tree = Some(foreign.clone()))
        .head(first)
        .add();
    let stolen = Draft { signer: super::key("verdict thief"), ..second.draft.clone() };
    let stolen = Draft { label: "verdict forged".to_owned(), ..stolen }.sign();
    let forged = signed(corpus, &sources("1.1.0"), &[&package.genesis, first, &stolen], second);
    let forged = install(corpus, "forged", &forged);
    let ignored =
        accepted("installed-forged", "the chain in the installed tree is not admitted: its records are not known");
    Case::new(corpus, package, ignored)
        .release(0)
        .context(|context| context.installed_tree = Some(forged.clone()))
        .head(first)
        .add();
}

/// VER-2, VER-9, VER-23 and VER-43: the user has said that a signing has ended; and a second signatory.
fn add_ended(corpus: &mut Corpus, package: &Package) {
    let only = sources("1.1.0");
    let second = genesis("verdict second", JULIA).sign();
    let files = sources("1.1.0").with("README.md", "# Example, by others\n");
    let theirs = second.child("", "release", files.body("1.1.0")).sign();
    let store = chain(corpus, &[&second, &theirs]);
    let other = |ended| vec![Other { store: store.clone(), ended }];

    let unsigned = undecided(Rule::Ver3, "ended", "the user has said that the signing has ended");
    Case::new(corpus, package, unsigned)
        .tree(&only)
        .context(|context| context.ended = true)
        .head(&package.releases[0])
        .add();
    let expected = undecided(Rule::Ver3, "ended-expected", "the same, and the caller expects the package");
    Case::new(corpus, package, expected)
        .tree(&only)
        .context(|context| {
            context.ended = true;
            context.expect = Wanted { name: Some("Example"), ..Wanted::default() };
        })
        .add();
    let asked = refused(Rule::Ver2, "ended-asked", "the same, and the caller gave the id");
    Case::new(corpus, package, asked)
        .tree(&only)
        .context(|context| {
            context.ended = true;
            context.asked_id = context.id.clone();
        })
        .add();
    let one = refused(Rule::Ver2, "one-ended", "one of two signatories of the package goes on");
    Case::new(corpus, package, one)
        .tree(&only)
        .context(|context| {
            context.ended = true;
            context.others = other(false);
        })
        .add();
    let both = undecided(Rule::Ver3, "both-ended", "both signatories of the package have ended");
    Case::new(corpus, package, both)
        .tree(&only)
        .context(|context| {
            context.ended = true;
            context.others = other(true);
        })
        .add();
    let late = accepted("ended", "a release after the user has said that the signing has ended");
    Case::new(corpus, package, late).release(1).context(|context| context.ended = true).notes(&["ended"]).add();
    let silent = accepted("ended-silent", "nothing is stale where the signing has ended");
    Case::new(corpus, package, silent)
        .release(0)
        .context(|context| {
            context.ended = true;
            context.first_seen = Some("2020-01-01T00:00:00Z");
            context.strict = true;
        })
        .notes(&["ended"])
        .add();

    let tree = signed(corpus, &files, &[&second, &theirs], &theirs);
    let two = accepted("second-signatory", "a release of the second signatory whom the user trusts");
    Case::new(corpus, package, two).tree(&tree).context(|context| context.others = other(false)).add();
    let third =
        refused(Rule::Ver9, "second-signatory", "the user trusts one of two signatories, and it is the other's");
    Case::new(corpus, package, third).tree(&tree).head(&package.releases[0]).add();
}

/// VER-23, VER-41 and VER-42: what the last beat says.
fn add_farewell(corpus: &mut Corpus, package: &Package) {
    let first = &package.releases[0];
    let heir = signatory_id(b"the genesis of the heir");
    let last = first.child(" last", "beat", format!("{}successor = \"{heir}\"\n", beat_body("final"))).sign();
    let here = first.child(" here", "beat", beat_body("here")).sign();
    let long_ago = Some("2020-01-01T00:00:00Z");
    let ended = accepted("final", "the signatory has ended the chain and names a successor: the silence is no wonder");
    Case::new(corpus, package, ended)
        .release(0)
        .store(&[&package.genesis, first, &last])
        .context(|context| {
            context.first_seen = long_ago;
            context.strict = true;
        })
        .notes(&["final", "successor"])
        .head(&last)
        .add();
    let unsigned = refused(Rule::Ver2, "final", "the signatory's last beat lets nothing come unsigned");
    Case::new(corpus, package, unsigned).tree(&sources("1.1.0")).store(&[&package.genesis, first, &last]).add();
    let alive = accepted("stale-beat", "a beat that is old too");
    Case::new(corpus, package, alive)
        .release(0)
        .store(&[&package.genesis, first, &here])
        .context(|context| context.first_seen = long_ago)
        .notes(&["stale"])
        .add();
    let told = accepted("fresh-beat", "a beat in the target is seen now");
    let tree = signed(corpus, &sources("1.0.0"), &[&package.genesis, first, &here], first);
    Case::new(corpus, package, told)
        .tree(&tree)
        .context(|context| {
            context.first_seen = long_ago;
            context.strict = true;
        })
        .head(&here)
        .add();
}

/// VER-18 and VER-23: promises.
fn add_promises(corpus: &mut Corpus, package: &Package) {
    let first = &package.releases[0];
    let promise = |parent: &Record, branch: &str, day, state| {
        Draft { next_by: Some(day), ..parent.child(branch, "beat", beat_body(state)) }.sign()
    };
    let (soon, late) = (promise(first, " soon", "2026-03-01", "here"), promise(first, " late", "2126-03-01", "here"));
    let both = [&package.genesis, first, &late, &soon];
    let stale = accepted("stale-contested", "of two contested promises the earlier one was not kept");
    Case::new(corpus, package, stale).release(0).store(&both).accepting(&[first]).notes(&["rival", "stale"]).add();
    let strict = refused(Rule::Ver18, "contested", "the same under --strict");
    Case::new(corpus, package, strict)
        .release(0)
        .store(&both)
        .accepting(&[first])
        .context(|context| context.strict = true)
        .notes(&["rival", "stale"])
        .add();
    let kept = soon.child("", "beat", beat_body("here")).sign();
    let fresh = accepted("fresh-promise-kept", "a promise that was kept");
    Case::new(corpus, package, fresh)
        .release(0)
        .store(&[&package.genesis, first, &soon, &kept])
        .context(|context| context.strict = true)
        .head(&kept)
        .add();
    let last = promise(first, " last promise", "2026-03-01", "final");
    let broken = accepted("stale-final", "a chain that was ended with a promise that was not kept");
    Case::new(corpus, package, broken)
        .release(0)
        .store(&[&package.genesis, first, &last])
        .notes(&["final", "stale"])
        .add();
}

/// VER-18, VER-37, VER-44 and VER-46, of chain files.
fn add_chain_files(corpus: &mut Corpus, package: &Package) {
    let [first, second, third] = &package.releases;
    let ask = |name: &str, summary: &str| Vector::accepted(Kind::ChainFile, &format!("chain-file-{name}"), summary);
    let lone = first.child(" lone", "yank", yank_body("2", "refuse")).sign();
    Case::new(corpus, package, ask("fork-decided", "a fork is reported though one branch has won"))
        .chain(&[&package.genesis, first, second, third, &lone])
        .notes(&["fork"])
        .head(third)
        .add();
    Case::new(corpus, package, ask("fork-in-store", "a fork that the target does not show alone"))
        .chain(&[&package.genesis, first, &lone])
        .store(&package.records(2))
        .accepting(&[first])
        .notes(&["rival"])
        .head(first)
        .add();
    Case::new(corpus, package, ask("voided", "what stood in the store is void by the chain file"))
        .chain(&package.records(3))
        .store(&[&package.genesis, first, &first.child(" thief", "release", sources("6.6.6").body("6.6.6")).sign()])
        .notes(&["voided"])
        .head(third)
        .add();
    let yanked = yank(package, "refuse");
    Case::new(corpus, package, ask("yank", "a chain file with a yank is judged as a chain"))
        .chain(&and(package, &[&yanked]))
        .head(&yanked)
        .add();
    let soon = Draft { next_by: Some("2026-03-01"), ..first.child(" soon", "beat", beat_body("here")) }.sign();
    let stale = Vector::refused(
        Kind::ChainFile,
        Rule::Ver18,
        "chain-file-promise",
        "under --strict, a chain with a promise that was not kept",
    );
    Case::new(corpus, package, stale)
        .chain(&[&package.genesis, first, &soon])
        .context(|context| context.strict = true)
        .notes(&["stale"])
        .head(&soon)
        .add();
}
