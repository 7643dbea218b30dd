//! What a user sees: the human and the JSON answer of each verdict, and what the commands leave in the trust store.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

mod common;
#[path = "common/groups.rs"]
mod groups;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::testing::{Files, Fixture, Record, chain_file, release_mut};
use groups::beside;
use serde_json::Value;
use sigpkg::package::Package;
use snapbox::{assert_data_eq, str};

const UUID: &str = "7876af07-990d-54b4-ab0e-23690620f79a";

/// A machine of its own: a working folder and a home for the stores.
struct Machine {
    folder: tempfile::TempDir,
}

struct Ran {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Machine {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn place(&self, name: &str, files: &Files) {
        files.write_to(&self.path(name));
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sigpkg"));
        command.args(arguments).current_dir(self.folder.path()).env("SIGPKG_HOME", self.path("home"));
        command.env("NO_COLOR", "1").stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let output = self.command(arguments).output().unwrap();
        Ran {
            status: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs a command with `--json` and returns the first object.
    fn json(&self, arguments: &[&str]) -> Value {
        let ran = self.run(&[arguments, &["--json"]].concat());
        serde_json::from_str(ran.stdout.lines().next().unwrap()).unwrap()
    }

    #[track_caller]
    fn trust(&self, target: &str, id: &str) {
        let ran = self.run(&["trust", "add", target, "--id", id]);
        assert_eq!(ran.status, 0, "{}", ran.stderr);
    }

    /// Every file of the trust store with its content.
    fn store(&self) -> Vec<(PathBuf, Vec<u8>)> {
        fn walk(folder: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, found);
                } else {
                    found.push((path.clone(), std::fs::read(&path).unwrap()));
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.path("home/trust"), &mut found);
        found.sort();
        found
    }
}

fn source(text: &str) -> Files {
    Files::new([("README", "read me\n"), ("src/example", text)])
}

/// A machine with three releases of a package, which trusts the first.
fn three_releases(seed: u64) -> (Machine, Fixture, Vec<Record>, [Files; 3]) {
    let mut fixture = Fixture::new(seed);
    let mut chain = vec![fixture.genesis()];
    let trees = ["1.0.0", "1.1.0", "1.2.0"].map(|version| fixture.release_tree(&mut chain, version, &source(version)));
    let machine = Machine::new();
    for (name, tree) in ["one", "two", "three"].iter().zip(&trees) {
        machine.place(name, tree);
    }
    machine.trust("one", &id(&chain));
    (machine, fixture, chain, trees)
}

fn id(chain: &[Record]) -> String {
    chain[0].signatory().to_string()
}

#[test]
fn an_accepted_release_is_one_line_and_its_notes() {
    let (machine, _, chain, _) = three_releases(201);
    let ran = machine.run(&["verify", "three"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    assert_data_eq!(
        ran.stdout,
        str![[r"
accepted   example v1.2.0  (statement 4)

"]]
    );
    let ran = machine.run(&["verify", "one", "two"]);
    assert_eq!(ran.status, 0);
    assert_data_eq!(
        ran.stdout,
        str![[r"
accepted   example v1.0.0  (statement 2)  one
  note: not-newest: the newest release is 1.2.0 (statement 4)
accepted   example v1.1.0  (statement 3)  two
  note: not-newest: the newest release is 1.2.0 (statement 4)

"]]
    );
    let object = machine.json(&["verify", "one"]);
    for (key, expected) in [
        ("schema", "sigpkg.verify/1"),
        ("target", "one"),
        ("verdict", "accepted"),
        ("reached", "expectation"),
        ("version", "1.0.0"),
        ("signatory", &id(&chain)),
    ] {
        assert_eq!(object[key], expected, "{key}");
    }
    for key in ["reason", "rule", "message", "hint", "files", "upstream"] {
        assert_eq!(object[key], Value::Null, "{key}");
    }
    assert_eq!(object["seq"], 2);
    assert_eq!(object["package"], serde_json::json!({ "ecosystem": "generic", "name": "example", "uuid": null }));
    assert_eq!(object["head"]["seq"], 4);
    assert_eq!(object["head"]["version"], "1.2.0");
    assert_eq!(object["head"]["digest"], chain[3].digest().to_string());
    assert_eq!(object["notes"][0]["note"], "not-newest");
    assert_eq!(object.as_object().unwrap().len(), 18, "the keys of section 7.7 and no others");
}

#[test]
fn a_stranger_is_undecided() {
    let (machine, _, chain, _) = three_releases(202);
    machine.run(&["trust", "remove", "example"]);
    let ran = machine.run(&["verify", "two"]);
    assert_eq!(ran.status, 4);
    assert_data_eq!(
        ran.stdout,
        str![[r"
undecided  two: not-trusted (VER-1)
  nobody has decided yet whether to trust the signatory of this example
  hint: compare the id with the one on the maintainer's own page, then: sigpkg trust add two

"]]
    );
    let object = machine.json(&["verify", "two"]);
    assert_eq!(object["verdict"], "undecided");
    assert_eq!((&object["reason"], &object["rule"]), (&"not-trusted".into(), &"VER-1".into()));
    assert_eq!((&object["signatory"], &object["seq"]), (&id(&chain).into(), &3.into()));
    assert!(machine.store().iter().all(|(path, _)| !path.ends_with("trust.toml")));
}

#[test]
fn another_signatory_is_shown_below_the_trusted_one_with_the_groups_that_differ_marked() {
    let (machine, _, chain, _) = three_releases(203);
    let (_other_machine, _, other, other_trees) = three_releases(204);
    machine.place("other", &other_trees[2]);
    let before = machine.store();
    let ran = machine.run(&["verify", "other"]);
    assert_eq!(ran.status, 1);
    assert_data_eq!(
        ran.stdout.clone(),
        str![[r"
refused    other: other-signatory (VER-9)
  the signatory is another one than the one that is trusted
    expected   1  sigp [..]
    found      1  sigp [..]
                       ^^^^ ^^^^ ^^^^
    expected   5  [..]
    found      5  [..]
                  ^^^^ ^^^^ ^^^^ ^^^^
    expected   9  [..]
    found      9  [..]
                  ^^^^ ^^^^ ^^^^ ^^^^
    expected  13  [..]
    found     13  [..]
                  ^^^^ ^^^^
  hint: somebody else has signed this; keep what is installed, and ask the maintainer of example why; sigpkg trust list shows whom you trust

"]]
    );
    assert_eq!(beside(&ran.stdout, "expected"), id(&chain), "both ids whole: {}", ran.stdout);
    assert_eq!(beside(&ran.stdout, "found"), id(&other), "both ids whole: {}", ran.stdout);
    assert_eq!(machine.store(), before);
    let object = machine.json(&["verify", "other"]);
    assert_eq!((&object["reason"], &object["rule"]), (&"other-signatory".into(), &"VER-9".into()));
    let message = object["message"].as_str().unwrap();
    assert!(message.contains(&id(&chain)) && message.contains(&id(&other)), "{message}");
}

#[test]
fn a_tampered_tree_names_the_files() {
    let (machine, _, _, trees) = three_releases(205);
    machine.place("bad", &trees[1].clone().with("src/example", "evil").without("README").with("src/new", "x"));
    let ran = machine.run(&["verify", "bad"]);
    assert_eq!(ran.status, 1);
    assert_data_eq!(
        ran.stdout,
        str![[r"
refused    bad: tree-mismatch (VER-13)
  3 paths differ from the signed listing
    missing     README
    modified    src/example
    not listed  src/new
  hint: an edit, a build or an attack has changed these files; get the release from its source again, then: sigpkg verify bad

"]]
    );
    let files = machine.json(&["verify", "bad"])["files"].clone();
    let expected = serde_json::json!({
        "modified": ["src/example"], "missing": ["README"], "extra": ["src/new"], "line-ends": [],
    });
    assert_eq!(files, expected);
}

#[test]
fn a_stripped_signature_is_refused() {
    let (machine, ..) = three_releases(206);
    machine.place("unsigned", &source("1.1.0"));
    let ran = machine.run(&["verify", "unsigned", "--expect", "example"]);
    assert_eq!(ran.status, 1);
    assert_data_eq!(
        ran.stdout,
        str![[r"
refused    unsigned: signature-missing (VER-2)
  expected a tree signed by sigp[..], found one without .sigpkg
  hint: a package that was signed once is refused without its signature; [..]

"]]
    );
    let ran = machine.run(&["verify", "unsigned"]);
    assert_eq!(ran.status, 4);
    assert_data_eq!(
        ran.stdout,
        str![[r"
undecided  unsigned: unsigned (VER-3)
  the tree has no .sigpkg, and no trusted signatory is known for it
  hint: nothing shows who made it, so whether to use it is for you to judge; ask the maintainer to sign it, which begins with: sigpkg init

"]]
    );
}

#[test]
fn every_other_refusal_says_what_is_wrong_and_what_to_do() {
    let (machine, mut fixture, chain, trees) = three_releases(207);
    let mut longer = chain.clone();
    let mistake = fixture.release_tree(&mut longer, "1.3.0", &source("mistake"));
    let withdrawn = longer[4].statement.seq;
    let redo = fixture.release_tree_as(&mut longer, "1.3.0", &source("right"), |statement| {
        release_mut(statement).withdraws = Some(withdrawn);
    });
    machine.place("withdrawn", &mistake);
    machine.place("redo", &redo);
    machine.place("between", &Fixture::folder(&longer, &source("later")));
    machine.place("stale-toml", &trees[2].clone().with(".sigpkg/chain", &chain_file(&chain[..3])));
    machine.place("relisted", &trees[1].clone().with(".sigpkg/files", &source("evil").listing()));
    machine.place("gap", &trees[2].clone().with(".sigpkg/chain", &chain_file([&chain[0], &chain[2], &chain[3]])));
    machine.place("surplus", &trees[2].clone().with(".sigpkg/surplus", ""));
    let forged = chain[2].text.replace("count = 2", "count = 3");
    let forged_chain = [chain[0].clone(), chain[1].clone(), chain[2].with_text(&forged)];
    machine.place("forged", &trees[1].clone().with(".sigpkg/chain", &chain_file(&forged_chain)));
    assert_eq!(machine.run(&["verify", "redo"]).status, 0);

    for (arguments, rule, part) in [
        (&["withdrawn"][..], "VER-11", "release 1.3.0 (statement 5) was withdrawn by statement 6"),
        (&["between"], "VER-4", "the newest release is 1.3.0 (statement 6)"),
        (&["stale-toml"], "VER-5", "is not the text of a release in .sigpkg/chain"),
        (&["relisted"], "VER-12", "expected a listing with digest blake3:"),
        (&["gap"], "CHN-6", "which does not stand before it in the chain"),
        (&["surplus"], "DIR-3", "found surplus"),
        (&["forged"], "SIG-8", "the signature of statement 3 does not hold"),
        (&["one", "--expect", "example@1.1.0"], "VER-15", "expected version 1.1.0, found 1.0.0"),
        (&["one", "--installed", "1.1.0"], "VER-16", "1.0.0 (statement 2) is a downgrade from the installed 1.1.0"),
        (&["one", "--installed", "three"], "VER-16", "1.0.0 (statement 2) is a downgrade from the installed 1.2.0"),
    ] {
        let ran = machine.run(&[&["verify"], arguments].concat());
        assert_eq!(ran.status, 1, "{}", ran.stdout);
        assert!(ran.stdout.contains(&format!("({rule})")), "{rule}: {}", ran.stdout);
        assert!(ran.stdout.contains(part), "{rule}: {}", ran.stdout);
        assert!(ran.stdout.contains("\n  hint: "), "{rule}: {}", ran.stdout);
        let hint = ran.stdout.split("hint: ").nth(1).unwrap();
        assert!(!hint.contains("--allow") && !hint.contains("--no-"), "a hint leaves no check out: {hint}");
        let object = machine.json(&[&["verify"], arguments].concat());
        assert_eq!((&object["rule"], &object["verdict"]), (&rule.into(), &"refused".into()));
        assert!(object["message"].is_string() && object["hint"].is_string(), "{object}");
    }
    machine.place("elsewhere", &source("nothing that has a version"));
    let without_floor = machine.run(&["verify", "one", "--installed", "elsewhere"]);
    assert_eq!(without_floor.status, 2, "{}", without_floor.stdout);
    assert!(without_floor.stderr.contains("has neither .sigpkg nor a version"), "{}", without_floor.stderr);
    // A path that was misspelled is no version without a floor.
    for misspelled in ["thre/", "../nowhere", "./1.1.0"] {
        let object = machine.json(&["verify", "one", "--installed", misspelled]);
        assert_eq!(object["verdict"], "unreadable", "{object}");
        assert!(object["message"].as_str().unwrap().contains("neither a path that exists nor a version"), "{object}");
    }
    let allowed = machine.run(&["verify", "one", "--installed", "1.1.0", "--allow-downgrade"]);
    assert_eq!(allowed.status, 0);
    assert!(allowed.stdout.contains("note: downgrade-allowed: 1.0.0 is older than the installed 1.1.0"));
}

#[test]
fn forks_are_undecided_until_someone_decides() {
    let (machine, mut fixture, chain, _) = three_releases(208);
    let mut forged_chain = chain[..2].to_vec();
    let forged = fixture.release_tree(&mut forged_chain, "1.1.0", &source("evil"));
    machine.place("forged", &forged);
    assert_eq!(machine.run(&["verify", "two"]).status, 0);
    let ran = machine.run(&["verify", "forged"]);
    assert_eq!(ran.status, 4);
    assert_data_eq!(
        ran.stdout,
        str![[r"
undecided  forged: contested (VER-8)
  release 1.1.0 (statement 3) is contested: 2 statements follow statement 2: blake3:[..] and blake3:[..]
  hint: two texts were signed with one key; keep what is installed, ask the maintainer, and verify again when the next release is there; sigpkg log forged shows both

"]]
    );
    let ran = machine.run(&["trust", "accept", "example", &chain[2].digest().to_string(), "--yes"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let ran = machine.run(&["verify", "forged"]);
    assert_eq!(ran.status, 1);
    assert!(ran.stdout.contains("(VER-7)"), "{}", ran.stdout);
    let ran = machine.run(&["verify", "two"]);
    assert!(ran.stdout.contains("note: rival: another statement 3"), "{}", ran.stdout);
    let states: Vec<Value> = machine
        .run(&["log", "example", "--json"])
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["state"].clone())
        .collect();
    assert_eq!(states, ["standing", "standing", "standing", "void"]);
}

#[test]
fn of_several_targets_the_gravest_decides_the_status() {
    let (machine, _, _, trees) = three_releases(209);
    machine.place("bad", &trees[1].clone().with("README", "evil"));
    machine.place("unsigned", &source("x"));
    for (targets, status) in [
        (&["one", "two"][..], 0),
        (&["one", "unsigned"], 4),
        (&["unsigned", "absent", "one"], 3),
        (&["absent", "bad", "unsigned", "one"], 1),
    ] {
        let ran = machine.run(&[&["verify"], targets].concat());
        assert_eq!(ran.status, status, "{targets:?}: {}", ran.stdout);
        let lines = machine.run(&[&["verify", "--json"], targets].concat()).stdout.lines().count();
        assert_eq!(lines, targets.len());
    }
    let object = machine.json(&["verify", "absent"]);
    assert_eq!((&object["verdict"], &object["reason"]), (&"unreadable".into(), &"unreadable".into()));
    assert_eq!((&object["rule"], &object["reached"]), (&Value::Null, &Value::Null));
    assert_eq!(machine.run(&["verify"]).status, 2);
}

#[test]
fn a_wrong_id_changes_nothing() {
    let (machine, _, _, trees) = three_releases(210);
    let (_, _, other, _) = three_releases(211);
    let fresh = Machine::new();
    fresh.place("two", &trees[1]);
    let ran = fresh.run(&["trust", "add", "two", "--id", &id(&other)]);
    assert_eq!(ran.status, 1);
    assert_data_eq!(
        ran.stderr,
        str![[r"
sigpkg: error: the target has another signatory (other-signatory, VER-9):
  expected   1  sigp [..]
...
sigpkg: hint: nothing has changed; see that you have the right package, and the id from the maintainer's own page

"]]
    );
    assert!(fresh.store().is_empty());
    for (malformed, status) in [("sigp", 1), ("", 1), (&id(&other)[1..], 1)] {
        let ran = fresh.run(&["trust", "add", "two", "--id", malformed]);
        assert_eq!(ran.status, status);
        assert!(ran.stderr.contains("STM-21"), "{}", ran.stderr);
    }
    assert!(fresh.store().is_empty());
    drop(machine);
}

#[test]
fn trust_without_a_terminal_needs_the_id() {
    let (_, _, chain, trees) = three_releases(212);
    let machine = Machine::new();
    machine.place("two", &trees[1]);
    let ran = machine.run(&["trust", "add", "two"]);
    assert_eq!(ran.status, 4);
    assert!(ran.stderr.contains("hint: give the id from the maintainer's own page with --id"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("sigp") || ran.stderr.matches("sigp").count() == ran.stderr.matches("sigpkg").count());
    assert!(machine.store().is_empty());
    // As a person pastes it: in groups, with a line break.
    let whole = id(&chain);
    let typed: Vec<_> = sigpkg::text::groups(&whole).collect();
    machine.trust("two", &(typed.join(" ") + "\n"));
    let shown = machine.json(&["trust", "show", "example"]);
    assert_eq!((&shown["grade"], &shown["signatory"]), (&"confirmed".into(), &id(&chain).into()));
    assert_eq!(shown["accepted"], serde_json::json!([chain[2].digest().to_string()]));
}

#[test]
fn a_tampered_tree_earns_no_trust() {
    let (_, _, chain, trees) = three_releases(213);
    let machine = Machine::new();
    machine.place("bad", &trees[1].clone().with("README", "evil"));
    let ran = machine.run(&["trust", "add", "bad", "--id", &id(&chain)]);
    assert_eq!(ran.status, 1);
    assert!(ran.stderr.contains("VER-13"), "{}", ran.stderr);
    assert!(machine.store().is_empty());
}

#[test]
fn a_second_signatory_of_a_package_needs_an_explicit_word() {
    let (machine, _, chain, _) = three_releases(214);
    let (_, _, other, other_trees) = three_releases(215);
    machine.place("other", &other_trees[2]);
    let before = machine.store();
    let ran = machine.run(&["trust", "add", "other", "--id", &id(&other)]);
    assert_eq!(ran.status, 1);
    assert_eq!(beside(&ran.stderr, "trusted"), id(&chain), "{}", ran.stderr);
    assert_eq!(beside(&ran.stderr, "found"), id(&other), "{}", ran.stderr);
    assert_eq!(machine.store(), before);

    assert_eq!(machine.run(&["trust", "add", "other", "--id", &id(&other), "--also"]).status, 0);
    assert_eq!(machine.run(&["verify", "three", "other"]).status, 0);
    assert_eq!(machine.run(&["trust", "show", "example"]).status, 2, "two have that name");
    assert_eq!(machine.run(&["trust", "remove", &id(&other)]).status, 0);
    assert_eq!(machine.run(&["verify", "other"]).status, 1);
    assert_eq!(machine.run(&["trust", "add", "other", "--id", &id(&other), "--replace"]).status, 0);
    assert_eq!(machine.run(&["verify", "three"]).status, 1);
    assert_eq!(machine.run(&["verify", "other"]).status, 0);
}

#[test]
fn a_list_is_trusted_whole_or_not_at_all() {
    let (_, _, chain, trees) = three_releases(216);
    let mut fixture = Fixture::of(217, Package::generic("another").unwrap());
    let mut another = vec![fixture.genesis()];
    let another_tree = fixture.release_tree(&mut another, "1", &source("another"));
    let machine = Machine::new();
    machine.place("two", &trees[1]);
    machine.place("another", &another_tree);
    let write = |list: &str| std::fs::write(machine.path("list"), list).unwrap();
    let digest = || sigpkg::digest::Digest::of(&std::fs::read(machine.path("list")).unwrap()).to_string();
    let good = format!("# what we use\n{}  two\n{}  another\n", id(&chain), id(&another));
    write(&good);
    assert_eq!(machine.run(&["trust", "add", "--list", "list"]).status, 4);
    assert_eq!(
        machine.run(&["trust", "add", "--list", "list", "--digest", &digest().replace("blake3:", "blake3:0")]).status,
        2
    );
    let expected = digest();
    write(&good.replace("  another\n", "  two\n"));
    assert_eq!(machine.run(&["trust", "add", "--list", "list", "--digest", &expected]).status, 1, "one id is wrong");
    assert_eq!(machine.run(&["trust", "add", "--list", "list", "--digest", &digest()]).status, 1, "one id is wrong");
    write(&format!("{good}\n"));
    assert_eq!(machine.run(&["trust", "add", "--list", "list", "--digest", &expected]).status, 1, "another list");
    assert!(machine.store().is_empty());
    write(&good);
    assert_eq!(machine.run(&["trust", "add", "--list", "list", "--digest", &expected]).status, 0);
    assert_eq!(machine.run(&["trust", "list", "--json"]).stdout.lines().count(), 2);
}

#[test]
fn an_update_takes_records_by_another_road_and_decides_nothing() {
    let (machine, _, chain, _) = three_releases(218);
    std::fs::write(machine.path("news"), chain_file(&chain)).unwrap();
    let ran = machine.run(&["trust", "update", "news"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert_data_eq!(
        ran.stdout,
        str![[r"
example: 2 new statements; the head is now statement 4, newest v1.2.0 (statement 4)

"]]
    );
    let shown = machine.json(&["trust", "show", "example"]);
    assert_eq!(shown["accepted"], serde_json::json!([chain[1].digest().to_string()]));
    let (_, _, other, _) = three_releases(219);
    std::fs::write(machine.path("strange"), chain_file(&other)).unwrap();
    let before = machine.store();
    let ran = machine.run(&["trust", "update", "strange"]);
    assert_eq!(ran.status, 4);
    assert!(ran.stderr.contains("VER-1"), "{}", ran.stderr);
    assert_eq!(machine.store(), before);
}

#[test]
fn no_update_leaves_the_store_as_it_is() {
    let (machine, _, _, _) = three_releases(220);
    let before = machine.store();
    assert_eq!(machine.run(&["verify", "three", "--no-update"]).status, 0);
    assert_eq!(machine.store(), before);
    assert_eq!(machine.run(&["verify", "three"]).status, 0);
    assert_ne!(machine.store(), before);
}

#[test]
fn a_store_that_cannot_be_read_is_no_empty_store() {
    let (machine, ..) = three_releases(221);
    let (chain, _) = machine.store().into_iter().find(|(path, _)| path.ends_with("chain")).unwrap();
    std::fs::write(&chain, "damaged").unwrap();
    let object = machine.json(&["verify", "one"]);
    assert_eq!(object["verdict"], "unreadable");
    assert!(object["message"].as_str().unwrap().contains(chain.to_str().unwrap()), "{object}");
    let ran = machine.run(&["trust", "list"]);
    assert_eq!(ran.status, 3);
    assert!(ran.stderr.contains("hint: bring "), "{}", ran.stderr);
    assert_eq!(std::fs::read(&chain).unwrap(), b"damaged");
}

/// VER-35
#[test]
#[cfg(unix)]
fn a_store_on_a_disk_that_is_not_there_is_no_empty_store() {
    let (machine, ..) = three_releases(229);
    let (chain, _) = machine.store().into_iter().find(|(path, _)| path.ends_with("chain")).unwrap();
    let of_id = chain.parent().unwrap();
    for place in [of_id.join("trust.toml"), of_id.to_owned(), of_id.parent().unwrap().to_owned(), machine.path("home")]
    {
        let aside = machine.path("aside");
        std::fs::rename(&place, &aside).unwrap();
        std::os::unix::fs::symlink("not-mounted", &place).unwrap();
        let object = machine.json(&["verify", "one"]);
        assert_eq!(object["verdict"], "unreadable", "{}: {object}", place.display());
        assert_eq!(machine.run(&["trust", "list"]).status, 3, "{}", place.display());
        std::fs::remove_file(&place).unwrap();
        std::fs::rename(&aside, &place).unwrap();
    }
    assert_eq!(machine.run(&["verify", "one"]).status, 0);
}

/// VER-32
#[test]
fn processes_that_update_at_once_lose_no_record() {
    const BRANCHES: usize = 8;
    let (machine, mut fixture, chain, _) = three_releases(222);
    for branch in 0..BRANCHES {
        let child = fixture.release(&chain[1], &format!("2.{branch}.0"));
        let file = chain_file([&chain[0], &chain[1], &child]);
        std::fs::write(machine.path(&format!("branch-{branch}")), file).unwrap();
    }
    let updates: Vec<_> = (0..BRANCHES)
        .map(|branch| machine.command(&["trust", "update", &format!("branch-{branch}")]).spawn().unwrap())
        .collect();
    for mut update in updates {
        assert!(update.wait().unwrap().success());
    }
    assert_eq!(machine.json(&["trust", "show", "example"])["statements"], 2 + BRANCHES);
}

/// VER-32
#[test]
fn a_kill_at_any_moment_leaves_a_store_that_can_be_read() {
    let (machine, _, chain, _) = three_releases(223);
    std::fs::write(machine.path("news"), chain_file(&chain)).unwrap();
    for micros in (0..60).map(|step| step * 250) {
        let mut update = machine.command(&["trust", "update", "news"]).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_micros(micros));
        let _ = update.kill();
        update.wait().unwrap();
        let statements = machine.json(&["trust", "show", "example"])["statements"].as_u64().unwrap();
        assert!(statements == 2 || statements == 4, "{statements}");
    }
    assert_eq!(machine.run(&["trust", "update", "news"]).status, 0);
    assert_eq!(machine.json(&["trust", "show", "example"])["statements"], 4);
}

#[test]
fn log_and_id_say_what_a_target_claims() {
    let (machine, _, chain, _) = three_releases(224);
    let ran = machine.run(&["id", "three"]);
    assert_eq!(ran.stdout, format!("{}\n", id(&chain)));
    let grouped = machine.run(&["id", "three", "--groups"]).stdout;
    assert_eq!(beside(&grouped, ""), id(&chain));
    assert_eq!(grouped.lines().count(), 4);
    assert_eq!(machine.json(&["id", "three"])["signatory"], id(&chain));
    machine.place("unsigned", &source("x"));
    assert_eq!(machine.run(&["id", "unsigned"]).status, 4);

    let log = machine.run(&["log", "three"]).stdout;
    assert_data_eq!(
        log,
        str![[r"
example  sigp[..]
4 statements since 2026-01-01: 3 releases
...
     4  2026-01-01  release v1.2.0  head
        2 files, [..] bytes ([..] files and [..] bytes since v1.1.0)
     3  2026-01-01  release v1.1.0
        2 files, [..] bytes ([..] files and [..] bytes since v1.0.0)
     2  2026-01-01  release v1.0.0
        2 files, [..] bytes
     1  2026-01-01  genesis
        the chain begins
...
"]]
    );
    let lines: Vec<Value> = machine
        .run(&["log", "three", "--json"])
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[0]["previous"], Value::Null);
    for (line, record) in lines.iter().zip(&chain) {
        assert_eq!(line["schema"], "sigpkg.log/1");
        assert_eq!(line["digest"], record.digest().to_string());
        assert_eq!(line["state"], "standing");
    }
    // The store knows less than the target, and `log` keeps nothing.
    assert_eq!(machine.run(&["log", "example", "--json"]).stdout.lines().count(), 2);
}

#[test]
fn a_julia_package_is_found_by_its_manifest_and_expected_by_its_uuid() {
    let mut fixture = Fixture::of(225, Package::julia("Example", UUID.parse().unwrap()).unwrap());
    let manifest = format!("name = \"Example\"\nuuid = \"{UUID}\"\nversion = \"1.0.0\"\n");
    let unsigned = source("x").with("Project.toml", &manifest);
    let mut chain = vec![fixture.genesis()];
    let tree = fixture.release_tree(&mut chain, "1.0.0", &unsigned);
    let machine = Machine::new();
    machine.place("signed", &tree);
    machine.place("stripped", &unsigned);
    machine.trust("signed", &id(&chain));
    let ran = machine.run(&["verify", "signed", "--expect", &format!("Example={UUID}@v1.0")]);
    assert_data_eq!(
        ran.stdout,
        str![[r"
accepted   Example [7876af07] v1.0.0  (statement 2)

"]]
    );
    let object = machine.json(&["verify", "stripped"]);
    assert_eq!((&object["rule"], &object["package"]["uuid"]), (&"VER-2".into(), &UUID.into()));
}

#[test]
fn signatures_may_be_kept_outside_of_the_tree() {
    let (machine, _, _, trees) = three_releases(226);
    machine.place("plain", &source("1.1.0"));
    machine.place("kept", &trees[1]);
    let ran = machine.run(&["verify", "plain", "--signatures", "kept/.sigpkg"]);
    assert_eq!(ran.status, 0, "{}", ran.stdout);
    assert!(ran.stdout.contains("note: detached"), "{}", ran.stdout);
    // DIR-8: what is in the tree is not read.
    machine.place("broken", &source("1.1.0").with(".sigpkg/chain", "broken"));
    assert_eq!(machine.run(&["verify", "broken", "--signatures", "kept/.sigpkg"]).status, 0);
    assert_eq!(machine.run(&["verify", "broken"]).status, 1);
}

#[test]
fn foreign_text_cannot_steer_the_terminal() {
    let machine = Machine::new();
    let mut file = std::fs::File::create(machine.path("evil")).unwrap();
    file.write_all(b"sigpkg = 1\nkind = \"\x1b[31mred\"\nuntrusted comment: x\nx\n").unwrap();
    for arguments in [&["verify", "evil"][..], &["verify", "nowhere\u{1b}[31m"]] {
        let ran = machine.run(arguments);
        assert!(!ran.stdout.contains('\u{1b}') && !ran.stderr.contains('\u{1b}'), "{}{}", ran.stdout, ran.stderr);
    }
}

/// VER-31
#[test]
fn a_person_at_a_terminal_brings_the_id_from_elsewhere_and_is_not_shown_it() {
    let (_, _, chain, trees) = three_releases(227);
    let (_, _, other, _) = three_releases(228);
    let (right, wrong) = (id(&chain), id(&other));
    for (answers, status) in [
        (&[right.as_str()][..], 0),
        (&["groups"], 0),
        (&["nonsense", "groups"], 0),
        (&["nonsense", wrong.as_str(), right.as_str()], 0),
        (&["nonsense", wrong.as_str(), "y"], 1),
    ] {
        let machine = Machine::new();
        machine.place("two", &trees[1]);
        let python = Command::new("python3")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/common/terminal.py"))
            .arg(&right)
            .args(answers)
            .args(["--", env!("CARGO_BIN_EXE_sigpkg"), "trust", "add", "two"])
            .current_dir(machine.folder.path())
            .env("SIGPKG_HOME", machine.path("home"))
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        let shown = String::from_utf8(python.stdout).unwrap();
        // As wide as the terminal is, or not.
        let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(python.status.code(), Some(status), "{answers:?}: {shown}");
        // What the person types is echoed, so only what came before the first answer is the question.
        let question = shown.split("> ").next().unwrap();
        let is_shown = sigpkg::text::groups(&right).skip(1).any(|group| question.contains(group));
        assert!(!is_shown, "{question}");
        assert!(question.contains("example (generic): 3 statements since 2026-01-01, newest 1.1.0"), "{question}");
        assert_eq!(
            shown.contains("may also be that what you have here is not from the maintainer"),
            answers.len() == 3,
            "{shown}"
        );
        assert_eq!(machine.store().is_empty(), status != 0);
    }
}
