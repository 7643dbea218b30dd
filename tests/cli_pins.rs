//! `Signatories.toml`: made by `trust pin`, read by `verify PROJECT`, shown to reviewers by `trust diff`, mended after a
//! merge.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

mod common;
#[path = "common/machine.rs"]
#[allow(dead_code, reason = "it is for several tests")]
mod machine;
#[path = "common/project.rs"]
mod project;

use std::fs;

use project::{Author, World, git};
use serde_json::Value;
use sigpkg::statement::Cause;

/// A project whose user trusts the signatory of `Example`, of which a release is installed.
fn begun(seed: u64) -> (World, Author) {
    let mut world = World::new();
    let mut author = Author::new(seed, "Example");
    let files = author.release("1.0.0");
    world.install(&author, "1.0.0", &files);
    world.trust(&author);
    (world, author)
}

/// The same, pinned and committed as `base`.
fn pinned(seed: u64) -> (World, Author) {
    let (world, author) = begun(seed);
    let ran = world.pin(&[]);
    assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
    world.commit("base");
    (world, author)
}

fn diff(world: &World, more: &[&str]) -> (i32, String) {
    let ran = world.machine.run(&[&["trust", "diff", "base", "-C", "project", "--depot", "../depot"], more].concat());
    (ran.status, ran.stdout + &ran.stderr)
}

/// PRJ-15, PRJ-17: what is pinned here is enough for a machine that has never heard of anybody.
#[test]
fn a_throw_away_machine_works_from_the_pins_alone() {
    let (world, author) = pinned(1);
    let expected = format!(
        "sigpkg-pins = 1\n\n[[pin]]\nname = \"Example\"\nuuid = \"{}\"\nid = \"{}\"\nseq = 2\ndigest = \"{}\"\ngrade = \"confirmed\"\n",
        author.uuid,
        author.id(),
        author.digest(2)
    );
    assert_eq!(world.pins(), expected);
    world.forget();
    world.assert_state("Example", &["--strict"], "accepted", None, 0);
    world.assert_state("Example", &["--strict", "--base", "base"], "accepted", None, 0);
    let (_, project) = world.judged(&["--base", "base"]);
    assert_eq!(project["pins"], "base");
    assert!(!world.path("home/trust").exists(), "pins never enter the store");
    // What is only seen says so under --strict.
    fs::write(world.path("project/Signatories.toml"), expected.replace("confirmed", "seen")).unwrap();
    world.assert_state("Example", &[], "accepted", None, 0);
    world.assert_state("Example", &["--strict"], "refused", Some("VER-10"), 1);
}

#[test]
fn a_pin_binds_the_lockfile_the_signatory_and_the_statement() {
    let (mut world, mut author) = pinned(10);
    world.forget();
    let entry = world.entries["Example"].clone();
    // PRJ-11
    world.lock(&author, "1.0.0", "path = \"dev/Example\"\n");
    world.assert_state("Example", &[], "refused", Some("PRJ-11"), 1);
    world.lock(&author, "1.0.0", "");
    world.assert_state("Example", &[], "refused", Some("PRJ-11"), 1);
    // PRJ-12: somebody else.
    let mut thief = Author::rival(11, &author);
    let files = thief.release("1.0.1");
    world.install(&thief, "1.0.1", &files);
    world.assert_state("Example", &[], "refused", Some("PRJ-12"), 1);
    let said = world.verify(&[]).stdout;
    assert!(said.contains("pinned   1  sigp ") && said.contains("found    1  sigp "), "{said}");
    assert!(said.contains("sigpkg trust pin project --replace Example"), "{said}");
    // PRJ-12: the user trusts another one, and a project never changes that.
    world.trust(&thief);
    world.assert_state("Example", &[], "refused", Some("PRJ-12"), 1);
    world.forget();
    // VER-2: nobody.
    world.install(&author, "1.0.1", &author.source("1.0.1"));
    world.assert_state("Example", &[], "refused", Some("VER-2"), 1);
    // PRJ-13: an older release than the pinned one, on a machine that knows nothing later.
    world.entries.insert("Example".to_owned(), entry.clone());
    let old = world.entries["Example"].clone();
    let files = author.release("1.1.0");
    world.install(&author, "1.1.0", &files);
    world.trust(&author);
    assert_eq!(world.pin(&[]).status, 0);
    world.forget();
    world.assert_state("Example", &[], "accepted", None, 0);
    world.entries.insert("Example".to_owned(), old);
    fs::write(world.path("project/Manifest.toml"), world.manifest()).unwrap();
    world.assert_state("Example", &[], "undecided", Some("PRJ-13"), 4);
    // Whoever knows the later statement knows that there is no fork before it.
    world.trust(&author);
    world.assert_state("Example", &[], "accepted", None, 0);
}

#[test]
fn a_file_of_pins_that_is_none_is_refused() {
    let (world, _author) = pinned(20);
    let path = world.path("project/Signatories.toml");
    let good = world.pins();
    let pin = good.split_once("\n\n").unwrap().1.to_owned();
    for (what, text) in [
        ("a conflict", good.replace("seq = 2", "<<<<<<< HEAD\nseq = 2\n=======\nseq = 3\n>>>>>>> theirs")),
        ("another version", good.replace("sigpkg-pins = 1", "sigpkg-pins = 2")),
        ("no version", good.replace("sigpkg-pins = 1\n", "")),
        ("an unknown key", good.replace("seq = 2", "seq = 2\nexpires = \"never\"")),
        ("an unknown table", format!("{good}\n[policy]\n")),
        ("a pin twice", format!("{good}\n{pin}")),
        ("a grade that is none", good.replace("\"confirmed\"", "\"certain\"")),
        ("an id that is none", good.replace("id = \"sigp", "id = \"sigq")),
        ("a number that is none", good.replace("seq = 2", "seq = 0")),
        ("a missing digest", good.lines().filter(|line| !line.starts_with("digest")).collect::<Vec<_>>().join("\n")),
        ("binary", "\u{0}\u{1}".to_owned()),
        ("too much", "#".repeat((4 << 20) + 1)),
    ] {
        fs::write(&path, text).unwrap();
        let ran = world.verify(&[]);
        let expected = if what == "too much" { 3 } else { 1 };
        assert_eq!(ran.status, expected, "{what}: {}", ran.stderr);
        assert!(what == "too much" || ran.stderr.contains("PRJ-16"), "{what}: {}", ran.stderr);
    }
}

/// PRJ-18: nothing that a pull request can change counts.
#[test]
fn a_pull_request_cannot_bring_its_own_pins_or_get_rid_of_those_that_there_are() {
    let (mut world, author) = pinned(30);
    world.forget();
    let mut thief = Author::rival(31, &author);
    let files = thief.release("1.0.1");
    world.install(&thief, "1.0.1", &files);
    let manifest = fs::read_to_string(world.path("project/Manifest.toml")).unwrap();
    let smuggled = format!(
        "sigpkg-pins = 1\n\n[[pin]]\nname = \"Example\"\nuuid = \"{}\"\nid = \"{}\"\nseq = 2\ndigest = \"{}\"\ngrade = \"confirmed\"\n",
        thief.uuid,
        thief.id(),
        thief.digest(2)
    );
    let at = |name: &str| world.path("project").join(name);
    fs::write(at("Signatories.toml"), &smuggled).unwrap();
    world.assert_state("Example", &[], "accepted", None, 0);
    world.assert_state("Example", &["--base", "base"], "refused", Some("PRJ-12"), 1);
    fs::remove_file(at("Signatories.toml")).unwrap();
    world.assert_state("Example", &["--base", "base"], "refused", Some("PRJ-12"), 1);
    fs::write(at("Signatories.toml"), "<<<<<<< ").unwrap();
    world.assert_state("Example", &["--base", "base"], "refused", Some("PRJ-12"), 1);
    // The lockfile moves to a place where the reviewed revision has no pins.
    fs::create_dir(at("elsewhere")).unwrap();
    fs::write(at("elsewhere/Manifest.toml"), &manifest).unwrap();
    fs::write(at("elsewhere/Signatories.toml"), &smuggled).unwrap();
    fs::write(at("Project.toml"), "manifest = \"elsewhere/Manifest.toml\"\n").unwrap();
    world.assert_state("Example", &["--base", "base"], "refused", Some("PRJ-12"), 1);
    fs::write(at("Project.toml"), "[deps]\n").unwrap();
    // A revision that is none, or that lies outside.
    assert_eq!(world.verify(&["--base", "nowhere"]).status, 3);
    assert_eq!(world.machine.run(&["verify", "depot", "--base", "base"]).status, 3);
}

#[cfg(unix)]
#[test]
fn a_folder_that_became_a_link_or_a_repository_of_its_own_was_not_reviewed() {
    let (world, author) = pinned(40);
    world.forget();
    // The project becomes a folder `app` of an outer repository.
    let outer = world.path("outer");
    fs::create_dir_all(outer.join("app")).unwrap();
    for name in ["Project.toml", "Manifest.toml", "Signatories.toml"] {
        fs::copy(world.path("project").join(name), outer.join("app").join(name)).unwrap();
    }
    let run = |arguments: &[&str], folder: &str| {
        let output = git(&outer.join(folder)).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    run(&["init", "--quiet"], "");
    run(&["add", "-A"], "");
    run(&["commit", "--quiet", "-m", "base"], "");
    run(&["tag", "base"], "");
    let verify = |path: &str| world.machine.run(&["verify", path, "--depot", "depot", "--base", "base", "--strict"]);
    assert_eq!(verify("outer/app").status, 0);
    assert_eq!(verify("outer/app/Manifest.toml").status, 0);
    assert_eq!(verify("outer/../outer/app").status, 0);

    fs::rename(outer.join("app"), outer.join("evil")).unwrap();
    fs::remove_file(outer.join("evil/Signatories.toml")).unwrap();
    std::os::unix::fs::symlink("evil", outer.join("app")).unwrap();
    let ran = verify("outer/app");
    assert_eq!(ran.status, 3, "{}", ran.stdout);
    assert!(ran.stderr.contains("is a link"), "{}", ran.stderr);

    fs::remove_file(outer.join("app")).unwrap();
    fs::rename(outer.join("evil"), outer.join("app")).unwrap();
    // In the reviewed revision it was a link: the pins are elsewhere, and not nowhere.
    run(&["tag", "before"], "");
    fs::rename(outer.join("app"), outer.join("real")).unwrap();
    std::os::unix::fs::symlink("real", outer.join("app")).unwrap();
    fs::write(outer.join("Manifest.toml"), "file").unwrap();
    run(&["add", "-A"], "");
    run(&["commit", "--quiet", "-m", "linked"], "");
    run(&["tag", "-f", "base"], "");
    fs::remove_file(outer.join("app")).unwrap();
    fs::rename(outer.join("real"), outer.join("app")).unwrap();
    let ran = verify("outer/app");
    assert_eq!(ran.status, 3, "{}", ran.stdout);
    assert!(ran.stderr.contains("app is no folder in it"), "{}", ran.stderr);
    // And what was a lockfile is a folder now, with a lockfile of its own in it.
    fs::remove_file(outer.join("Manifest.toml")).unwrap();
    fs::rename(outer.join("app"), outer.join("Manifest.toml")).unwrap();
    let ran = verify("outer/Manifest.toml");
    assert_eq!(ran.status, 3, "{}", ran.stdout);
    assert!(ran.stderr.contains("Manifest.toml is no folder in it"), "{}", ran.stderr);
    fs::rename(outer.join("Manifest.toml"), outer.join("app")).unwrap();
    run(&["tag", "-f", "base", "before"], "");
    run(&["init", "--quiet"], "app");
    run(&["add", "-A"], "app");
    run(&["commit", "--quiet", "-m", "base"], "app");
    run(&["tag", "base"], "app");
    let ran = verify("outer/app");
    assert_eq!(ran.status, 3, "{}", ran.stdout);
    assert!(ran.stderr.contains("a repository of its own"), "{}", ran.stderr);
    drop(author);
}

/// PRJ-10
#[test]
fn an_unsigned_version_from_before_the_chain_is_accepted_where_it_is_recorded() {
    let mut world = World::new();
    let mut author = Author::new(50, "Example");
    world.install(&author, "0.9.0", &author.source("0.9.0"));
    author.release("1.0.0");
    world.trust(&author);
    world.assert_state("Example", &[], "refused", Some("VER-2"), 1);
    let ran = world.pin(&[]);
    assert_eq!(ran.status, 1, "{}", ran.stdout);
    assert!(ran.stdout.contains("not pinned"), "{}", ran.stdout);

    let ran = world.pin(&["--before-signing", "Example"]);
    assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
    let pins = world.pins();
    assert!(pins.contains("seq = 2\n") && pins.contains("before-signing = [\""), "{pins}");
    world.assert_state("Example", &["--strict"], "before-signing", None, 0);
    world.forget();
    world.assert_state("Example", &["--strict"], "before-signing", None, 0);
    world.commit("base");
    // A pin never weakens what the user has decided; what was reviewed with the lockfile may.
    world.trust(&author);
    world.assert_state("Example", &[], "refused", Some("VER-2"), 1);
    world.assert_state("Example", &["--base", "base"], "before-signing", None, 0);
    world.forget();
    let folder = world
        .path("depot")
        .join(&project::paths_of(&author, pins.split("before-signing = [\"").nth(1).unwrap().get(..40).unwrap())[0]);
    fs::write(folder.join("src/Example.jl"), "evil()\n").unwrap();
    world.assert_state("Example", &[], "refused", Some("VER-2"), 1);
    // Another unsigned version is not it; the lockfile at the base says which one was there.
    world.install(&author, "0.9.1", &author.source("0.9.1"));
    world.assert_state("Example", &[], "refused", Some("VER-2"), 1);
    let without = pins.lines().filter(|line| !line.starts_with("before-signing")).collect::<Vec<_>>().join("\n");
    fs::write(world.path("project/Signatories.toml"), without).unwrap();
    world.commit("later");
    world.assert_state("Example", &[], "refused", Some("VER-2"), 1);
    world.assert_state("Example", &["--base", "later"], "before-signing", None, 0);
    world.assert_state("Example", &["--base", "base"], "refused", Some("VER-2"), 1);
    assert_eq!(world.pin(&["--before-signing", "Nothing"]).status, 2);
}

/// PRJ-19
#[test]
fn pins_go_forward_and_never_to_another_signatory_unless_told_so() {
    let (mut world, mut author) = pinned(60);
    let before = world.pins();
    let entry = world.entries["Example"].clone();
    let files = author.release("1.1.0");
    world.install(&author, "1.1.0", &files);
    let ran = world.pin(&[]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("Example [0000003c]  statement 2 → 3 (confirmed)"), "{}", ran.stdout);
    assert!(ran.stdout.ends_with("1 pin, 1 changed\n"), "{}", ran.stdout);
    let after = world.pins();
    let ran = world.pin(&[]);
    assert!(ran.stdout.ends_with("1 pin, 0 changed\n"), "{}", ran.stdout);

    // Back.
    world.entries.insert("Example".to_owned(), entry);
    fs::write(world.path("project/Manifest.toml"), world.manifest()).unwrap();
    let ran = world.pin(&[]);
    assert_eq!(ran.status, 1);
    assert!(
        ran.stderr.contains("after the pinned statement 3") && ran.stderr.contains("--back Example"),
        "{}",
        ran.stderr
    );
    assert_eq!(world.pins(), after);
    assert_eq!(world.pin(&["--replace", "Example"]).status, 1, "another permission");
    assert_eq!(world.pin(&["--back", "Example"]).status, 0);
    assert_eq!(world.pins(), before);

    // Somebody else, whom the user trusts now instead.
    let mut other = Author::rival(61, &author);
    let files = other.release("2.0.0");
    world.install(&other, "2.0.0", &files);
    let ran = world.pin(&[]);
    assert_eq!(ran.status, 1, "who is not trusted is not pinned: {}", ran.stdout);
    assert_eq!(world.pins(), before);
    world.machine.done(&["trust", "remove", &author.id()]);
    world.trust(&other);
    let ran = world.pin(&[]);
    assert_eq!(ran.status, 1);
    assert!(ran.stderr.contains("PRJ-12"), "{}", ran.stderr);
    assert!(ran.stderr.contains("pinned   1  sigp ") && ran.stderr.contains("found    1  sigp "), "{}", ran.stderr);
    assert_eq!(world.pins(), before);
    assert_eq!(world.pin(&["--back", "Example"]).status, 1, "another permission");
    let ran = world.pin(&["--replace", "Example"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("REPLACED") && ran.stdout.contains("before   1  sigp "), "{}", ran.stdout);
    assert!(world.pins().contains(&other.id()) && !world.pins().contains(&author.id()));
    // A reviewer cannot overlook it.
    let (status, said) = diff(&world, &[]);
    assert_eq!(status, 4);
    assert!(said.contains("before   1  sigp ") && said.contains("1 SIGNATORY CHANGED"), "{said}");
}

#[test]
fn what_is_not_accepted_is_not_pinned_and_other_pins_stay() {
    let (mut world, author) = pinned(70);
    let mut new = Author::new(71, "Newcomer");
    let files = new.release("1.0.0");
    world.install(&new, "1.0.0", &files);
    let plain = Author::new(72, "Plain");
    world.install(&plain, "1.0.0", &plain.source("1.0.0"));
    let before = world.pins();
    let ran = world.pin(&[]);
    assert_eq!(ran.status, 0);
    assert!(ran.stdout.contains("not pinned  1 unsigned · 1 newly-signed"), "{}", ran.stdout);
    assert_eq!(world.pins(), before);
    assert_eq!(world.pin(&["Newcomer"]).status, 4, "it was asked for by its name");
    // Nobody is trusted only because a pin says so.
    world.forget();
    assert_eq!(world.pin(&[]).status, 0);
    assert_eq!(world.pins(), before);
    // A package that is gone keeps its pin, unless it is to be removed.
    world.unlock("Example");
    let ran = world.pin(&[]);
    assert!(ran.stdout.contains("not in the lockfile"), "{}", ran.stdout);
    assert_eq!(world.pins(), before);
    assert_eq!(world.pin(&["--prune"]).status, 0);
    assert_eq!(world.pins(), "sigpkg-pins = 1\n");
    drop(author);
}

/// A merge by git, where both sides have pinned.
fn merged(world: &World, ours: &str, theirs: &str, style: &str) {
    world.git(&["checkout", "--quiet", "-b", "theirs", "base"]);
    fs::write(world.path("project/Signatories.toml"), theirs).unwrap();
    world.commit("their-side");
    world.git(&["checkout", "--quiet", "main"]);
    fs::write(world.path("project/Signatories.toml"), ours).unwrap();
    world.commit("our-side");
    let style = format!("merge.conflictStyle={style}");
    let merge = git(&world.path("project")).args(["-c", &style, "merge", "theirs"]).output().unwrap();
    assert!(!merge.status.success());
    assert!(world.pins().contains("<<<<<<<"), "{}", world.pins());
}

/// PRJ-23
#[test]
fn a_conflict_is_mended_pin_by_pin_and_loses_nothing() {
    for style in ["merge", "diff3"] {
        let (mut world, mut author) = pinned(80);
        let files = author.release("1.1.0");
        world.install(&author, "1.1.0", &files);
        assert_eq!(world.pin(&[]).status, 0);
        let theirs = world.pins();
        let files = author.release("1.2.0");
        world.install(&author, "1.2.0", &files);
        let mut other = Author::new(81, "Another");
        let files = other.release("1.0.0");
        world.install(&other, "1.0.0", &files);
        world.trust(&other);
        assert_eq!(world.pin(&[]).status, 0);
        let ours = world.pins();
        let tree = "b".repeat(40);
        let with_tree = theirs
            .replace("grade = \"confirmed\"\n", &format!("grade = \"confirmed\"\nbefore-signing = [\"{tree}\"]\n"));
        merged(&world, &ours, &with_tree, style);
        assert_eq!(world.verify(&[]).status, 1);
        let ran = world.machine.run(&["trust", "pin", "project", "--resolve", "--depot", "depot"]);
        assert_eq!(ran.status, 0, "{style}: {}", ran.stderr);
        let pins = world.pins();
        assert!(pins.contains("seq = 4\n") && !pins.contains("seq = 3\n"), "{pins}");
        assert!(pins.contains(&tree) && pins.contains("name = \"Another\""), "{pins}");
        // The chain that is installed is enough, if the lockfile can be read.
        world.forget();
        merged_again(&world, style);
        let ran = world.machine.run(&["trust", "pin", "project", "--resolve", "--depot", "depot"]);
        assert_eq!(ran.status, 0, "{style}: {}", ran.stderr);
        assert_eq!(world.pins(), pins);
        // Without any chain nothing is chosen.
        merged_again(&world, style);
        let ran = world.machine.run(&["trust", "pin", "project", "--resolve", "--depot", "nowhere"]);
        assert_eq!(ran.status, 4, "{}", ran.stdout);
        assert!(ran.stderr.contains("statement 4") && ran.stderr.contains("statement 3"), "{}", ran.stderr);
        assert!(world.pins().contains("<<<<<<<"), "nothing was written");
    }
}

/// The file as git has left it.
fn merged_again(world: &World, style: &str) {
    world.git(&["checkout", &format!("--conflict={style}"), "--", "Signatories.toml"]);
}

#[test]
fn of_two_signatories_none_is_chosen_by_a_merge() {
    let (world, author) = pinned(90);
    let base = world.pins();
    let mut one = Author::rival(91, &author);
    one.release("2.0.0");
    let mut two = Author::rival(92, &author);
    two.release("2.0.0");
    let by = |other: &Author| base.replace(&author.id(), &other.id()).replace(&author.digest(2), &other.digest(2));
    merged(&world, &by(&one), &by(&two), "merge");
    let resolve = |more: &[&str]| {
        world.machine.run(&[&["trust", "pin", "project", "--resolve", "--depot", "depot"], more].concat())
    };
    for more in [&[][..], &["--replace", "Example"]] {
        let ran = resolve(more);
        assert_eq!(ran.status, 4, "{}", ran.stdout);
        assert!(ran.stderr.contains("one     1  sigp ") && ran.stderr.contains("other   1  sigp "), "{}", ran.stderr);
        assert!(world.pins().contains("<<<<<<<"), "nothing was written");
    }
    world.machine.done(&["trust", "remove", &author.id()]);
    world.trust(&two);
    assert_eq!(resolve(&[]).status, 4, "trust alone is not a word about this project");
    assert_eq!(resolve(&["--replace", "Example"]).status, 0);
    assert!(world.pins().contains(&two.id()) && !world.pins().contains(&one.id()), "{}", world.pins());
}

/// PRJ-24
#[test]
fn a_reviewer_sees_what_has_changed_and_whether_it_is_verified() {
    let (mut world, mut author) = pinned(100);
    assert_eq!(diff(&world, &[]), (0, "nothing has changed for 1 pin\n".to_owned()));
    let files = author.release("1.1.0");
    world.install(&author, "1.1.0", &files);
    let mut other = Author::new(101, "Another");
    let files = other.release("1.0.0");
    world.install(&other, "1.0.0", &files);
    world.trust(&other);
    assert_eq!(world.pin(&[]).status, 0);
    let (status, said) = diff(&world, &[]);
    assert_eq!(status, 0, "{said}");
    assert!(said.ends_with("1 head advanced and verified · 1 newly pinned\n"), "{said}");
    assert!(said.contains(&other.id()), "{said}");
    // Two revisions, on a machine that knows nothing.
    world.commit("head");
    world.forget();
    let ran = world.machine.run(&["trust", "diff", "base", "head", "project", "--depot", "depot"]);
    assert_eq!(ran.status, 0, "{}", ran.stdout);
    let ran = world.machine.run(&["trust", "diff", "base", "head", "project", "--depot", "nowhere"]);
    assert_eq!(ran.status, 4);
    assert!(ran.stdout.contains("NOT verified: no chain here reaches"), "{}", ran.stdout);
    // The other way round it goes back, and a pin is gone.
    let ran = world.machine.run(&["trust", "diff", "head", "base", "project", "--depot", "depot"]);
    assert_eq!(ran.status, 4);
    assert!(ran.stdout.contains("1 head GONE BACK"), "{}", ran.stdout);

    let ran = world.machine.run(&["trust", "diff", "base", "head", "project", "--depot", "depot", "--json"]);
    let object: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (object["schema"].as_str(), object["verdict"].as_str()),
        (Some("sigpkg.trust-diff/1"), Some("accepted"))
    );
    let changes = object["changes"].as_array().unwrap();
    assert_eq!((changes[1]["change"].as_str(), changes[1]["to"]["seq"].as_u64()), (Some("advanced"), Some(3)));
    let ran =
        world.machine.run(&["trust", "diff", "base", "head", "project", "--depot", "nowhere", "--format", "github"]);
    assert!(
        ran.stdout.contains("::warning file=project/Signatories.toml,title=not-verified%3A Example"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_reviewer_sees_what_weakens_a_pinned_package() {
    let (mut world, mut author) = pinned(110);
    let good = world.pins();
    let entry = world.entries["Example"].clone();
    let path = world.path("project/Signatories.toml");
    world.lock(&author, "1.0.0", "path = \"/tmp/it\"\n");
    let (status, said) = diff(&world, &[]);
    assert_eq!(status, 4);
    assert!(said.contains("is a folder now that is not verified: /tmp/it"), "{said}");
    world.lock(
        &author,
        "1.0.0",
        &format!("git-tree-sha1 = \"{}\"\nrepo-url = \"https://evil.example\"\n", "a".repeat(40)),
    );
    let (status, said) = diff(&world, &[]);
    assert!(status == 4 && said.contains("from a URL now: https://evil.example"), "{said}");
    let namesake = Author::new(111, "Example");
    world.install(&namesake, "1.0.0", &namesake.source("1.0.0"));
    let (status, said) = diff(&world, &[]);
    assert!(status == 4 && said.contains("ANOTHER PACKAGE of the name Example"), "{said}");
    world.unlock("Example");
    let (status, said) = diff(&world, &[]);
    assert!(status == 0 && said.contains("1 no longer a dependency"), "{said}");
    // It comes back as a folder, with a pin that was kept.
    world.commit("without");
    world.lock(&author, "1.0.0", "path = \"/tmp/it\"\n");
    let ran = world.machine.run(&["trust", "diff", "without", "-C", "project", "--depot", "../depot"]);
    assert!(ran.status == 4 && ran.stdout.contains("is a folder now that is not verified: /tmp/it"), "{}", ran.stdout);
    world.entries.insert("Example".to_owned(), entry);
    fs::write(world.path("project/Manifest.toml"), world.manifest()).unwrap();

    for (text, status, expected) in [
        ("sigpkg-pins = 1\n".to_owned(), 4, "1 PIN REMOVED"),
        (good.replace("confirmed", "seen"), 4, "1 GRADE LOWERED"),
        (format!("{good}before-signing = [\"{}\"]\n", "c".repeat(40)), 4, "1 UNSIGNED VERSION ACCEPTED"),
        (format!("{good}accepted = [\"{}\"]\n", author.digest(1)), 4, "1 RESERVE STATEMENT ACCEPTED"),
        (good.replace("seq = 2", "seq = 7"), 1, "the chain has"),
        (good.replace(&author.digest(2), &author.digest(1)), 1, "the chain has"),
        (format!("{good}<<<<<<< x\n"), 1, "PRJ-16"),
    ] {
        fs::write(&path, text).unwrap();
        let (found, said) = diff(&world, &[]);
        assert_eq!(found, status, "{said}");
        assert!(said.contains(expected), "{expected}: {said}");
    }
    // A void statement is wrong, whatever a human says: the owner has gone on without it.
    let mut forged = author.chain[..1].to_vec();
    let mut thief = Author::new(110, "Example");
    thief.chain.truncate(1);
    for version in ["9.0.0", "9.1.0"] {
        let record = author.fixture.release(forged.last().unwrap(), version);
        forged.push(record);
    }
    world.machine.hears(&forged);
    fs::write(&path, &good).unwrap();
    let (status, said) = diff(&world, &[]);
    assert!(status == 1 && said.contains("is VOID"), "{said}");
}

/// What the reserve says is a decision of everybody who follows it.
#[test]
fn a_reserve_statement_is_pinned_with_its_acceptance_and_shown_with_its_reason() {
    let mut world = World::new();
    let mut author = Author::new(120, "Example");
    author.fixture = Author::new(120, "Example").fixture.with_reserve(1, 1);
    author.chain = vec![author.fixture.genesis()];
    let files = author.release("1.0.0");
    world.install(&author, "1.0.0", &files);
    world.trust(&author);
    assert_eq!(world.pin(&[]).status, 0);
    world.commit("base");
    let reserve = author.fixture.reserve_record(author.chain.last().unwrap(), Cause::Handover);
    let digest = reserve.digest().to_string();
    author.chain.push(reserve);
    let files = author.release("1.1.0");
    world.install(&author, "1.1.0", &files);
    world.assert_state("Example", &[], "undecided", Some("VER-27"), 4);
    assert_eq!(world.pin(&[]).status, 4, "what waits is not pinned");
    world.machine.done(&["trust", "accept", "Example", &digest, "--yes"]);
    let ran = world.pin(&[]);
    assert_eq!(ran.status, 0, "{}", ran.stdout);
    assert!(ran.stdout.contains("accepts the reserve statement"), "{}", ran.stdout);
    assert!(world.pins().contains(&format!("accepted = [\"{digest}\"]\n")), "{}", world.pins());
    let (status, said) = diff(&world, &[]);
    assert_eq!(status, 4);
    assert!(said.contains("cause handover, reason: a test needs it"), "{said}");
    world.forget();
    // A pin of a later statement accepts it, too, whether or not it is listed.
    let path = world.path("project/Signatories.toml");
    let listed = world.pins();
    let unlisted = listed.lines().filter(|line| !line.starts_with("accepted")).collect::<Vec<_>>().join("\n");
    fs::write(&path, unlisted).unwrap();
    world.assert_state("Example", &[], "accepted", None, 0);
    let (status, said) = diff(&world, &[]);
    assert_eq!(status, 4, "{said}");
    assert!(said.contains("1 RESERVE STATEMENT ACCEPTED"), "{said}");
    fs::write(&path, listed).unwrap();
    world.assert_state("Example", &[], "accepted", None, 0);
    // By the pins of the base it still waits.
    world.assert_state("Example", &["--base", "base"], "undecided", Some("VER-27"), 4);
}
