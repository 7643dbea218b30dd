//! What a user sees on a bad day: the warning, and the command that helps.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

mod common;

use std::path::PathBuf;
use std::process::{Command, Stdio};

use common::testing::{Files, Fixture, Record, beat_mut, chain_file, yank_mut};
use common::user::source;
use serde_json::{Value, json};
use sigpkg::statement::{BeatState, Cause, Seq, Severity};
use sigpkg::trust::TrustStore;
use snapbox::{assert_data_eq, str};

/// A machine of its own, with three releases of a package, which trusts the first.
struct Machine {
    folder: tempfile::TempDir,
    fixture: Fixture,
    chain: Vec<Record>,
    trees: Vec<Files>,
}

impl Machine {
    fn new(fixture: Fixture) -> Self {
        let mut machine = Self { folder: tempfile::tempdir().unwrap(), fixture, chain: Vec::new(), trees: Vec::new() };
        machine.chain.push(machine.fixture.genesis());
        for (name, version) in [("one", "1.0.0"), ("two", "1.1.0"), ("three", "1.2.0")] {
            let tree = machine.fixture.release_tree(&mut machine.chain, version, &source(version));
            machine.place(name, &tree);
            machine.trees.push(tree);
        }
        let id = machine.chain[0].signatory().to_string();
        assert_eq!(machine.run(&["trust", "add", "one", "--id", &id]).0, 0);
        machine
    }

    fn place(&self, name: &str, files: &Files) {
        files.write_to(&self.path(name));
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a chain file of these records, and takes them into the store.
    fn update(&self, records: &[Record]) {
        std::fs::write(self.path("news"), chain_file(records)).unwrap();
        assert_eq!(self.run(&["trust", "update", "news"]).0, 0);
    }

    /// The exit status and what was printed.
    fn run(&self, arguments: &[&str]) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sigpkg"));
        command.args(arguments).current_dir(self.folder.path()).env("SIGPKG_HOME", self.path("home"));
        let output = command.env("NO_COLOR", "1").stdin(Stdio::null()).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    }

    fn json(&self, arguments: &[&str]) -> Vec<Value> {
        let (_, stdout) = self.run(&[arguments, &["--json"]].concat());
        stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// What a yank of statement 3 says in these tests.
fn yanked(machine: &mut Machine, severity: Severity) {
    let last = machine.chain.last().unwrap().clone();
    let yank = machine.fixture.yank_as(&last, &[3], severity, |statement| {
        let yank = yank_mut(statement);
        "it deletes files".clone_into(&mut yank.reason);
        yank.advisory = Some("JLSEC-2026-1".to_owned());
        yank.replacement = Seq::new(4);
    });
    machine.chain.push(yank);
    machine.update(&machine.chain);
}

#[test]
fn a_yank_stands_out_with_the_words_of_the_signatory_and_what_to_use_instead() {
    let mut machine = Machine::new(Fixture::new(401));
    yanked(&mut machine, Severity::Warn);
    let (status, shown) = machine.run(&["verify", "two"]);
    assert_eq!(status, 0);
    assert_data_eq!(
        shown,
        str![[r#"
accepted   example v1.1.0  (statement 3)
  note: not-newest: the newest release is 1.2.0 (statement 4)
  warning: yank-warning: this release is yanked by statement 5 (warn): "it deletes files", advisory "JLSEC-2026-1"; use 1.2.0 (statement 4) instead
    hint: get release 1.2.0, such as its tag, and verify it before you use it

"#]]
    );
    let (_, shown) = machine.run(&["verify", "three", "--installed", "two"]);
    assert_data_eq!(
        shown,
        str![[r#"
accepted   example v1.2.0  (statement 4)
  warning: installed: the installed release 1.1.0 (statement 3) is yanked by statement 5 (warn): "it deletes files", advisory "JLSEC-2026-1"; use 1.2.0 (statement 4) instead
    hint: get release 1.2.0, such as its tag, and verify it before you use it

"#]]
    );
    yanked(&mut machine, Severity::Refuse);
    let (status, shown) = machine.run(&["verify", "two"]);
    assert_eq!(status, 1);
    assert_data_eq!(
        shown,
        str![[r#"
refused    two: yanked (VER-36)
  release 1.1.0 (statement 3) is yanked by statement 6 (refuse): "it deletes files", advisory "JLSEC-2026-1"; use 1.2.0 (statement 4) instead
  hint: get release 1.2.0, such as its tag, and verify it before you use it
  note: not-newest: the newest release is 1.2.0 (statement 4)

"#]]
    );
    let object = &machine.json(&["verify", "two"])[0];
    let expected = json!({
        "by": 6, "severity": "refuse", "reason": "it deletes files", "advisory": "JLSEC-2026-1",
        "replacement": { "seq": 4, "version": "1.2.0" },
    });
    assert_eq!((&object["rule"], &object["yank"], &object["waiting"]), (&"VER-36".into(), &expected, &Value::Null));
    assert_eq!(machine.json(&["verify", "three"])[0]["yank"], Value::Null);

    let (_, log) = machine.run(&["log", "example"]);
    assert_data_eq!(
        log,
        str![[r#"
example  sigp[..]
6 statements since 2026-01-01: 3 releases, 2 yanks
...
     6  2026-01-01  yank of statement 3 (refuse): "it deletes files"  head
        yanks v1.1.0 (statement 3)
        advisory: JLSEC-2026-1
        use instead: v1.2.0 (statement 4)
     5  2026-01-01  yank of statement 3 (warn): "it deletes files"
        yanks v1.1.0 (statement 3)
...
     4  2026-01-01  release v1.2.0
        2 files, [..]
     3  2026-01-01  release v1.1.0  yanked (refuse) by statement 6
        2 files, [..]
        because: "it deletes files"
        advisory: JLSEC-2026-1
        use instead: v1.2.0 (statement 4)
     2  2026-01-01  release v1.0.0
        2 files, [..]
     1  2026-01-01  genesis
...
"#]]
    );
    let yanked: Vec<_> = machine.json(&["log", "example"]).iter().map(|line| line["yanked"].clone()).collect();
    assert_eq!(yanked, [json!(null), json!(null), json!("refuse"), json!(null), json!(null), json!(null)]);
}

#[test]
fn a_reserve_statement_says_what_it_is_for_and_how_to_follow_it() {
    let mut machine = Machine::new(Fixture::new(402).with_reserve(1, 1));
    // A thief has the keys, and this user has seen nothing else since 1.1.0.
    machine.update(&machine.chain);
    let mut chain = machine.chain[..3].to_vec();
    chain.push(machine.fixture.reserve_record(&chain[2], Cause::Stolen));
    let reserve = chain[3].digest().to_string();
    let tree = machine.fixture.release_tree(&mut chain, "1.2.1", &source("1.2.1"));
    machine.place("new", &tree);

    let (status, shown) = machine.run(&["verify", "new"]);
    assert_eq!(status, 4);
    let expected = format!(
        "undecided  new: waiting (VER-27)\n  release 1.2.1 (statement 5) waits for your decision about reserve \
         statement 4 ({reserve}; cause: stolen; \"a test needs it\")\n  hint: the maintainer says that keys were \
         stolen: keep what is installed unless it is void, see sigpkg trust show example, and ask the maintainer at a \
         place that you know; if it is true: sigpkg trust accept example {reserve}\n  warning: voided: these releases \
         stood before and are void now, and one of them may be installed: 1.2.0 (statement 4)\n    hint: if one of them \
         is installed, replace it with a release that stands; sigpkg log example shows them\n"
    );
    assert_eq!(shown, expected);
    let object = &machine.json(&["verify", "new"])[0];
    let waiting = json!({ "seq": 4, "digest": reserve, "cause": "stolen", "reason": "a test needs it" });
    assert_eq!((&object["reason"], &object["waiting"], &object["yank"]), (&"waiting".into(), &waiting, &Value::Null));

    let (status, shown) = machine.run(&["verify", "two"]);
    assert_eq!(status, 0);
    assert!(shown.contains("  warning: waiting: reserve statement 4 (blake3:"), "{shown}");
    assert!(shown.contains(&format!("sigpkg trust accept example {reserve}\n")), "{shown}");
    assert_eq!(machine.json(&["verify", "two"])[0]["waiting"], waiting);
    let (status, shown) = machine.run(&["verify", "three"]);
    assert_eq!(status, 1);
    assert!(shown.contains(&format!("is void: reserve statement 4 ({reserve}; cause: stolen;")), "{shown}");
    assert!(shown.contains("replace it with a release that stands; sigpkg log example shows them"), "{shown}");

    let (_, log) = machine.run(&["log", "example"]);
    assert_data_eq!(
        log.clone(),
        str![[r"
example  sigp[..]
6 statements since 2026-01-01: 4 releases, 1 reserve statement
...
     3  2026-01-01  release v1.1.0  head
...
     2  2026-01-01  release v1.0.0
...
     1  2026-01-01  genesis
...
branch after statement 3: blake3:[..]
...
branch after statement 3: blake3:[..]
...
"]]
    );
    assert!(log.contains("reserve, cause stolen: \"a test needs it\"  waiting\n"), "{log}");
    assert!(log.contains("release v1.2.0  void\n") && log.contains("release v1.2.1  waiting\n"), "{log}");
    let next = chain[3].next.to_string();
    assert!(log.contains("EMERGENCY") && log.contains(&format!("new key of statement 5: {next}\n")), "{log}");
    // What follows the head without standing is above it, and what lost beside it.
    let (_, graph) = machine.run(&["log", "example", "--graph"]);
    assert_eq!(drawn(&graph), ["o 5", "o 4", "| x 4", "|/", "* 3", "* 2", "* 1"], "{graph}");
    assert!(!log.contains("fork:"), "a reserve statement beside another proves nothing: {log}");
    let lines = machine.json(&["log", "example"]);
    let of_reserve = lines.iter().find(|line| line["kind"] == "reserve").unwrap();
    assert_eq!((&of_reserve["cause"], &of_reserve["state"]), (&"stolen".into(), &"waiting".into()));
    assert!(lines.iter().all(|line| line["cause"].is_null() == (line["kind"] != "reserve")));

    let store = TrustStore::open(machine.path("home/trust"));
    store.accept(chain[0].signatory(), chain[3].digest(), "2026-06-01T12:00:00Z".parse().unwrap()).unwrap();
    assert_eq!(machine.run(&["verify", "new"]).0, 0);
    let (_, shown) = machine.run(&["verify", "new", "--installed", "three"]);
    assert!(shown.contains("  warning: installed: the installed release 1.2.0 (statement 4) is void:"), "{shown}");
    assert!(shown.contains("    hint: replace it with this release\n"), "{shown}");
}

#[test]
fn a_proof_of_a_fork_is_shown_with_its_key_and_both_texts() {
    let mut machine = Machine::new(Fixture::new(403));
    let forged = machine.fixture.release(&machine.chain[2], "6.6.6");
    let proof = [&machine.chain[..4], std::slice::from_ref(&forged)].concat();
    std::fs::write(machine.path("proof"), chain_file(&proof)).unwrap();
    let id = machine.chain[0].signatory().to_string();
    let (status, shown) = machine.run(&["verify", "proof", "--id", &id]);
    assert_eq!(status, 0, "{shown}");
    let key = machine.chain[2].next.to_string();
    assert!(shown.contains(&format!("  warning: fork: key {key}, announced by statement 3 (blake3:")), "{shown}");
    for digest in [machine.chain[3].digest(), forged.digest()] {
        assert!(shown.contains(&digest.to_string()), "{shown}");
    }
    assert!(shown.contains("hint: this proves to anyone that one key has signed two texts"), "{shown}");
    let (_, log) = machine.run(&["log", "proof"]);
    assert!(
        log.contains(&format!("fork: key {key}, announced by statement 3, has signed 2 texts:\n  blake3:")),
        "{log}"
    );
    assert_eq!(log.matches("contested\n").count(), 2, "{log}");
}

/// The drawing alone: marks, numbers, and where branches meet.
fn drawn(graph: &str) -> Vec<&str> {
    let row = |line: &str| {
        let text = line.trim_start_matches(['|', ' ']);
        let is_statement = text.starts_with(['*', 'o', 'x', '?', '!']) && text[1..].starts_with(' ');
        let end = line.find("  ").filter(|_| is_statement);
        end.or_else(|| line.ends_with("|/").then_some(line.len()))
    };
    graph
        .lines()
        .filter(|line| !line.contains(", o waits"))
        .filter_map(|line| row(line).map(|end| &line[..end]))
        .collect()
}

#[test]
fn forks_of_forks_are_drawn_beside_what_stands() {
    let mut machine = Machine::new(Fixture::new(406));
    let stolen = machine.fixture.release(&machine.chain[2], "6.6.6");
    let further = [machine.fixture.release(&stolen, "6.6.7"), machine.fixture.release(&stolen, "6.6.8")];
    for version in ["1.3.0", "1.4.0"] {
        let next = machine.fixture.release(machine.chain.last().unwrap(), version);
        machine.chain.push(next);
    }
    let all = [&machine.chain[..], &[stolen], &further[..]].concat();
    machine.update(&all);
    let store = TrustStore::open(machine.path("home/trust"));
    let (_, graph) = machine.run(&["log", "example", "--graph"]);
    assert!(graph.contains("? 4  2026-01-01  release v6.6.6  contested\n"), "two branches of one rank: {graph}");
    let now = "2026-06-01T12:00:00Z".parse().unwrap();
    store.accept(machine.chain[0].signatory(), machine.chain[5].digest(), now).unwrap();
    let (_, graph) = machine.run(&["log", "example", "--graph"]);
    let expected = ["* 6", "* 5", "* 4", "| x 5", "| | x 5", "| |/", "| x 4", "|/", "* 3", "* 2", "* 1"];
    assert_eq!(drawn(&graph), expected, "{graph}");
    assert!(graph.contains("* stands, o waits for a decision, ? contested, x void"), "{graph}");
    assert!(graph.contains("| x 4  2026-01-01  release v6.6.6  void\n"), "the word says what the mark says: {graph}");
    let (_, graph) = machine.run(&["log", "example", "--graph", "-n", "4"]);
    assert_eq!(drawn(&graph), expected[..4], "{graph}");
    assert!(graph.contains("5 statements more are not shown"), "{graph}");
    assert_eq!(graph.matches("has signed 2 texts").count(), 2, "forks are named whatever is left out: {graph}");
}

/// A long history is read a page at a time.
#[test]
fn a_history_of_ten_thousand_statements_can_be_read_from_its_beginning() {
    let mut fixture = Fixture::new(407);
    let mut chain = vec![fixture.genesis()];
    for number in 1..10_000 {
        let next = fixture.release(chain.last().unwrap(), &format!("1.{number}.0"));
        chain.push(next);
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("long"), chain_file(&chain)).unwrap();
    for options in [&["log", "long"][..], &["log", "long", "--graph"], &["log", "long", "--reverse"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sigpkg"));
        command.args(options).current_dir(folder.path()).env("SIGPKG_HOME", folder.path().join("home"));
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
        let last = lines.by_ref().take(10).last().unwrap().unwrap();
        assert!(!last.is_empty());
        drop(lines);
        assert_eq!(child.wait().unwrap().code(), Some(0), "{options:?}: who has seen enough has seen no error");
    }
}

#[test]
fn a_farewell_names_the_chain_that_goes_on() {
    let mut machine = Machine::new(Fixture::new(404));
    let successor = Fixture::new(405).genesis().signatory();
    let beat = machine.fixture.beat_as(&machine.chain[3], |statement| {
        let beat = beat_mut(statement);
        (beat.state, beat.successor) = (BeatState::Final, Some(successor));
    });
    machine.chain.push(beat);
    machine.update(&machine.chain);
    let (status, shown) = machine.run(&["verify", "three"]);
    assert_eq!(status, 0);
    let expected = format!(
        "accepted   example v1.2.0  (statement 4)\n  note: final: the signatory says that no further release is \
         planned (statement 5)\n  note: successor: the signatory names {successor} as the chain that goes on; you trust \
         it no more than any other\n    hint: whether to trust it is a new decision: compare its id with the one on \
         the maintainer's own page\n"
    );
    assert_eq!(shown, expected);
    let (_, log) = machine.run(&["log", "example"]);
    assert!(log.contains(&format!("beat, final, successor {successor}  head\n")), "{log}");
}
