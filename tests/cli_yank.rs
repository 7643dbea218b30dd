//! Yanks, beats and forks as a maintainer sees them, and what a user is told afterwards.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

#[path = "support/machine.rs"]
mod machine;

use std::fs;
use std::process::Command;

use machine::{Machine, Ran};

impl Machine {
    /// With releases 1.0 (statement 2) and 1.1 (statement 3).
    fn released() -> Self {
        let machine = Self::begun();
        machine.releases("1.0");
        machine.releases("1.1");
        machine
    }

    /// Releases something new; the tag has the name of the version.
    fn releases(&self, version: &str) {
        self.commit(version);
        self.succeeds(&["release", version, "--yes", "--tag", version]);
    }

    fn succeeds(&self, arguments: &[&str]) -> Ran {
        let ran = self.run(arguments, &[]);
        assert_eq!(ran.status, 0, "{arguments:?}: {}", ran.stderr);
        ran
    }

    fn yank(&self, more: &[&str]) -> Ran {
        self.run(&[&["yank", "--severity", "refuse", "--reason", "it eats data"], more].concat(), &[])
    }

    fn ask_git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git").current_dir(self.path("repository")).args(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// A user, who trusts what this revision shows.
    fn user(&self, name: &str, revision: &str) -> User<'_> {
        let chain = fs::read(self.path("repository/.sigpkg/chain")).unwrap();
        let id = sigpkg::chain::Chain::claimed_id(&chain).unwrap().to_string();
        let user = User { machine: self, home: self.path(name).display().to_string() };
        let ran = user.run(&["trust", "add", &self.at(revision), "--id", &id]);
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        user
    }

    fn at(&self, revision: &str) -> String {
        format!("{}#{revision}", self.path("repository").display())
    }

    /// Somebody has copied the key store as it is now.
    fn thief(&self) -> Thief<'_> {
        let home = self.path("thief");
        let status = Command::new("cp").arg("-a").args([self.path("home"), home.clone()]).status().unwrap();
        assert!(status.success());
        Thief { machine: self, home: home.display().to_string(), base: self.ask_git(&["rev-parse", "HEAD"]) }
    }
}

struct User<'a> {
    machine: &'a Machine,
    home: String,
}

impl User<'_> {
    fn run(&self, arguments: &[&str]) -> Ran {
        self.machine.run(arguments, &[("SIGPKG_HOME", &self.home)])
    }

    /// The verdict and its reason word.
    fn verify(&self, revision: &str) -> (String, String) {
        let ran = self.run(&["verify", &self.machine.at(revision), "--json"]);
        let answer: serde_json::Value = serde_json::from_str(ran.stdout.lines().next().unwrap()).unwrap();
        let word = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
        (word("verdict"), word("reason"))
    }
}

struct Thief<'a> {
    machine: &'a Machine,
    home: String,
    base: String,
}

impl Thief<'_> {
    /// Releases from where the keys were stolen, and puts it where a push would.
    fn releases(&self, version: &str) {
        let machine = self.machine;
        let has_begun = machine.ask_git(&["branch", "--list", "evil"]).contains("evil");
        machine.git(&["checkout", "--quiet", "-B", "evil", if has_begun { "evil" } else { self.base.trim() }]);
        machine.commit(&format!("evil {version}"));
        // He does not look at what the owner has.
        let elsewhere = machine.path("evil-clone");
        let _ = fs::remove_dir_all(&elsewhere);
        machine.git(&[
            "clone",
            "--quiet",
            "--no-tags",
            "--single-branch",
            "--branch=evil",
            ".",
            &elsewhere.display().to_string(),
        ]);
        let clone = elsewhere.display().to_string();
        for (key, value) in [("user.name", "Thief"), ("user.email", "thief@example.org")] {
            machine.git(&["-C", &clone, "config", key, value]);
        }
        let ran = machine.run_in(&elsewhere, &["release", version, "--yes"], &[("SIGPKG_HOME", &self.home)]);
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        machine.git(&["fetch", "--quiet", &clone, "evil:refs/remotes/origin/evil"]);
        machine.git(&["checkout", "--quiet", "-B", "evil", "refs/remotes/origin/evil"]);
        machine.git(&["checkout", "--quiet", "main"]);
    }
}

fn accepted() -> (String, String) {
    ("accepted".to_owned(), String::new())
}

fn verdict(verdict: &str, reason: &str) -> (String, String) {
    (verdict.to_owned(), reason.to_owned())
}

/// What follows `--heal` in a hint.
fn digests_to_heal(ran: &Ran) -> Vec<String> {
    let mut words = ran.stderr.split_whitespace();
    let mut digests = Vec::new();
    while let Some(word) = words.next() {
        if word == "--heal" {
            digests.extend(words.next().map(str::to_owned));
        }
    }
    digests
}

/// KEEP-21
#[test]
fn a_yank_asks_and_says_what_it_would_do_before_it_does_it() {
    let machine = Machine::released();
    let asked = ["1.0", "--advisory", "CVE-2026-1", "--replacement", "1.1", "--next-by", "2099-01-01"];
    let ran = machine.yank(&asked);
    assert_eq!(ran.status, 4);
    let summary = "demo yank, statement 4\n  refuse 1.0 (statement 2)\n  reason: it eats data\n  advisory: CVE-2026-1\n  \
                   to be used instead: 1.1 (statement 3)\n  another statement is promised by 2099-01-01\n";
    assert!(ran.stderr.contains(summary) && ran.stderr.contains("--yes"), "{}", ran.stderr);
    let ran = machine.yank(&[&asked[..], &["--dry-run"]].concat());
    assert!(ran.status == 0 && ran.stdout.contains("nothing was signed"), "{}", ran.stdout);
    assert_eq!(machine.ask_git(&["log", "-1", "--format=%s"]), "sigpkg: release demo v1.1 (statement 3)\n");

    let ran = machine.yank(&[&asked[..], &["--yes", "--json"]].concat());
    let answer: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((answer["schema"].as_str(), answer["done"].as_bool()), (Some("sigpkg.yank/1"), Some(true)));
    assert_eq!((answer["seq"].as_u64(), &answer["releases"]), (Some(4), &serde_json::json!([2])));
    assert_eq!((answer["severity"].as_str(), answer["replacement"].as_u64()), (Some("refuse"), Some(3)));
    assert_eq!(machine.ask_git(&["log", "-1", "--format=%s"]), "sigpkg: yank demo (statement 4)\n");
    assert_eq!(machine.ask_git(&["ls-files", ".sigpkg"]), ".sigpkg/.gitattributes\n.sigpkg/chain\n");
    assert_eq!(machine.ask_git(&["status", "--porcelain"]), "");
}

/// KEEP-21
#[test]
fn a_yank_of_what_is_not_there_or_yanked_already_is_refused_before_anything_is_signed() {
    let machine = Machine::released();
    let ran = machine.yank(&["9.9", "--yes"]);
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("1.1 (statement 3), 1.0 (statement 2)"), "{}", ran.stderr);
    assert_eq!(machine.yank(&["1", "--yes"]).status, 2, "the genesis is no release");
    assert_eq!(machine.yank(&["1.0", "--replacement", "1.0", "--yes"]).status, 1);
    let ran = machine.run(&["yank", "1.0", "--severity", "warn", "--reason", "say \"no\"", "--yes"], &[]);
    assert!(ran.status == 1 && ran.stderr.contains("yank.reason"), "{}", ran.stderr);

    assert_eq!(machine.run(&["yank", "1.0", "--severity", "warn", "--reason", "bad", "--yes"], &[]).status, 0);
    let ran = machine.run(&["yank", "2", "--severity", "note", "--reason", "bad", "--yes"], &[]);
    assert!(ran.status == 1 && ran.stderr.contains("found 1.0 (statement 2)"), "{}", ran.stderr);
    // Graver, or of more releases, it has an effect.
    assert_eq!(machine.yank(&["1.0", "--yes"]).status, 0);
    assert_eq!(machine.yank(&["1.0", "1.1", "--yes"]).status, 0);
    assert_eq!(machine.ask_git(&["rev-list", "--count", "--grep=sigpkg: yank", "HEAD"]), "3\n");
}

/// KEEP-21: a yank is made in haste, and signs nothing of the tree.
#[test]
fn changes_in_the_worktree_stop_no_yank_and_are_left_alone() {
    let machine = Machine::released();
    fs::write(machine.path("repository/README"), "half done\n").unwrap();
    assert_eq!(machine.yank(&["1.0", "--yes"]).status, 0);
    assert_eq!(machine.ask_git(&["status", "--porcelain"]), " M README\n");
}

/// CHN-12, CHN-14, CHN-21
#[test]
fn a_version_that_was_released_twice_is_named_by_the_newest_and_may_be_released_again_once_yanked() {
    let machine = Machine::released();
    machine.commit("what was forgotten");
    machine.succeeds(&["release", "1.1", "--redo", "--yes"]);
    let answers = machine.json(&["yank", "1.1", "--severity", "refuse", "--reason", "bad", "--yes"]);
    assert_eq!(answers[0]["releases"], serde_json::json!([4]), "statement 3 was withdrawn");
    machine.commit("mended");
    let ran = machine.succeeds(&["release", "1.1", "--yes"]);
    assert!(ran.stdout.contains("statement  6 "), "{}", ran.stdout);
    machine.commit("more");
    let ran = machine.run(&["release", "1.1", "--yes"], &[]);
    assert!(ran.status == 1 && ran.stderr.contains("by statement 6"), "{}", ran.stderr);
}

#[test]
fn a_number_that_might_be_a_version_too_is_not_guessed() {
    let machine = Machine::released();
    machine.releases("3");
    let ran = machine.yank(&["3", "--yes"]);
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("@4") && ran.stderr.contains("@3"), "{}", ran.stderr);
    let answers = machine.json(&["yank", "@3", "--severity", "note", "--reason", "bad", "--yes"]);
    assert_eq!(answers[0]["releases"], serde_json::json!([3]));
}

/// VER-4, KEEP-21
#[test]
fn the_tree_after_a_yank_is_no_release_and_the_next_release_brings_the_yank_to_users() {
    let machine = Machine::released();
    let user = machine.user("user", "1.0");
    assert_eq!(machine.yank(&["1.0", "--yes"]).status, 0);
    assert_eq!(user.verify("main"), verdict("refused", "no-release"));
    let ran = user.run(&["verify", &machine.at("main")]);
    assert!(ran.stdout.contains("1.1"), "the newest release is named: {}", ran.stdout);
    machine.releases("1.2");
    assert_eq!(user.verify("1.2"), accepted());
    assert_eq!(user.verify("1.0"), verdict("refused", "yanked"));
}

/// KEEP-21
#[test]
fn a_beat_renews_a_promise_or_ends_the_chain() {
    let machine = Machine::released();
    let ran = machine.run(&["beat", "--next-by", "2001-01-01", "--yes"], &[]);
    assert!(ran.status == 1 && ran.stderr.contains("STM-19"), "{}", ran.stderr);
    machine.succeeds(&["beat", "--next-by", "2099-01-01", "--yes"]);
    assert_eq!(machine.ask_git(&["log", "-1", "--format=%s"]), "sigpkg: beat demo (statement 4)\n");
    assert_eq!(machine.ask_git(&["ls-files", ".sigpkg"]), ".sigpkg/.gitattributes\n.sigpkg/chain\n");
    assert!(!machine.succeeds(&["doctor"]).stdout.contains("promised"));

    let other = Machine::begun();
    let successor = other.json(&["key", "list"])[0]["signatory"].as_str().unwrap().to_owned();
    let own = machine.json(&["key", "list"])[0]["signatory"].as_str().unwrap().to_owned();
    let ran = machine.run(&["beat", "--final", "--successor", &own, "--yes"], &[]);
    assert!(ran.status == 1 && ran.stderr.contains("STM-18"), "{}", ran.stderr);
    let answers = machine.json(&["beat", "--final", "--successor", &successor, "--yes"]);
    assert_eq!((answers[0]["state"].as_str(), answers[0]["successor"].as_str()), (Some("final"), Some(&*successor)));
    let doctor = machine.succeeds(&["doctor"]);
    assert!(doctor.stdout.contains("no further release is planned") && doctor.stdout.contains(&successor));
    machine.succeeds(&["beat", "--next-by", &tomorrow(), "--yes"]);
    let doctor = machine.succeeds(&["doctor"]);
    assert!(doctor.stdout.contains("is promised by") && !doctor.stdout.contains("no further"), "{}", doctor.stdout);
}

fn tomorrow() -> String {
    let output = Command::new("date").args(["--utc", "--date=tomorrow", "+%F"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// KEEP-20: K_{n+1} was stolen, and used before the owner did.
#[test]
fn a_thief_with_the_next_key_is_outranked_by_a_beat_and_the_release() {
    let machine = Machine::released();
    let [up_to_date, caught] = ["up-to-date", "caught"].map(|name| machine.user(name, "1.1"));
    machine.thief().releases("6.6");
    assert_eq!(caught.verify("evil"), accepted(), "nobody can tell yet");

    machine.commit("1.2");
    let alarm = machine.run(&["release", "1.2", "--yes"], &[]);
    assert_eq!(alarm.status, 1);
    for part in
        ["refs/heads/evil has statement 4 (release 6.6, blake3:", "newest statement of this key store is 3 (blake3:"]
    {
        assert!(alarm.stderr.contains(part), "{}", alarm.stderr);
    }
    assert!(alarm.stderr.contains("old copy") && alarm.stderr.contains("--heal blake3:"), "{}", alarm.stderr);
    let doctor = machine.run(&["doctor"], &[]);
    assert!(doctor.status == 1 && doctor.stdout.contains("--heal"), "{}", doctor.stdout);
    let digests = digests_to_heal(&alarm);
    let [digest] = digests.as_slice() else { panic!("{digests:?}") };
    let proof = machine.path("proof").display().to_string();
    let ran = machine.succeeds(&["release", "1.2", "--yes", "--tag", "1.2", "--heal", digest, "--proof", &proof]);
    assert!(ran.stdout.contains("beat       4 ") && ran.stdout.contains("statement  5 "), "{}", ran.stdout);
    assert_eq!(machine.ask_git(&["rev-list", "--count", "1.1..1.2"]), "2\n", "one commit carries both");
    assert_eq!(machine.ask_git(&["status", "--porcelain"]), "");

    // The void statement is published with the others, so whoever sees the release knows of the theft.
    for user in [&up_to_date, &caught] {
        assert_eq!(user.verify("1.2"), accepted());
        assert_eq!(user.verify("evil"), verdict("refused", "void"));
    }
    let late = machine.user("late", "1.2");
    assert_eq!(late.verify("evil"), verdict("refused", "void"));
    assert_eq!(fs::read_to_string(&proof).unwrap().matches("sigpkg = 1\n").count(), 5, "the path and two children");

    // It is no alarm any more, and no more beats are needed.
    let doctor = machine.succeeds(&["doctor"]);
    assert!(doctor.stdout.contains(&format!("release 4 ({digest})")), "{}", doctor.stdout);
    machine.commit("1.3");
    let ran = machine.succeeds(&["release", "1.3", "--yes"]);
    assert!(ran.stdout.contains("statement  6 ") && !ran.stdout.contains("beat"), "{}", ran.stdout);
}

/// KEEP-20: a proof that cannot be written is said before anything is signed, not after.
#[test]
fn a_proof_that_cannot_be_written_stops_the_healing_before_anything_is_signed() {
    let machine = Machine::released();
    machine.thief().releases("6.6");
    machine.commit("1.2");
    let digests = digests_to_heal(&machine.run(&["release", "1.2", "--yes"], &[]));
    let nowhere = machine.path("no-such-folder/proof").display().to_string();
    let heal = ["release", "1.2", "--yes", "--heal", &digests[0], "--proof"];
    let ran = machine.run(&[heal.as_slice(), &[&nowhere]].concat(), &[]);
    assert!(ran.status == 3 && ran.stderr.contains("cannot be written"), "{}{}", ran.stdout, ran.stderr);
    let log = machine.json(&["log", "."]);
    assert_eq!(log.len(), 3, "{log:?}");
    machine.succeeds(&[heal.as_slice(), &[&machine.path("proof").display().to_string()]].concat());
}

/// KEEP-20: K_{n+1} was stolen, and used after the owner did.
#[test]
fn a_thief_with_the_last_key_is_outranked_by_one_statement() {
    let machine = Machine::released();
    let thief = machine.thief();
    let users = ["a", "b"].map(|name| machine.user(name, "1.1"));
    machine.releases("1.2");
    thief.releases("6.6");
    assert_eq!(users[0].verify("1.2"), accepted());
    assert_eq!(users[0].verify("evil"), verdict("undecided", "contested"));
    assert_eq!(users[0].verify("1.2"), verdict("undecided", "contested"), "there is no telling who is who");
    assert_eq!(users[1].verify("evil"), accepted());

    let alarm = machine.run(&["beat", "--yes"], &[]);
    let own = machine.ask_git(&["log", "-1", "--format=%s", "1.2"]);
    assert!(alarm.status == 1 && own.contains("statement 4"), "{}", alarm.stderr);
    assert!(alarm.stderr.contains("where this key store has made blake3:"), "{}", alarm.stderr);
    let digests = digests_to_heal(&alarm);
    let answers = machine.json(&["beat", "--yes", "--heal", &digests[0]]);
    assert_eq!((answers[0]["seq"].as_u64(), &answers[0]["beat"]), (Some(5), &serde_json::Value::Null));
    for user in &users {
        assert_eq!(user.verify("main"), verdict("refused", "no-release"));
        assert_eq!(user.verify("1.2"), accepted());
        assert_eq!(user.verify("evil"), verdict("refused", "void"));
    }
}

/// KEEP-20: two keys in a row were stolen.
#[test]
fn a_thief_with_two_keys_cannot_be_outranked_and_nothing_is_signed() {
    let machine = Machine::released();
    let thief = machine.thief();
    let user = machine.user("user", "1.1");
    thief.releases("6.6");
    thief.releases("6.7");
    assert_eq!(user.verify("evil"), accepted());
    machine.commit("1.2");
    let before = machine.ask_git(&["rev-parse", "HEAD"]);
    let alarm = machine.run(&["release", "1.2", "--yes"], &[]);
    assert_eq!(alarm.status, 1);
    assert!(alarm.stderr.contains("statement 4 in refs/heads/evil (blake3:"), "{}", alarm.stderr);
    assert!(alarm.stderr.contains("sigpkg reserve sign --cause stolen --after blake3:"), "{}", alarm.stderr);
    assert!(digests_to_heal(&alarm).is_empty(), "{}", alarm.stderr);
    let digests: Vec<_> = alarm
        .stderr
        .split('(')
        .filter_map(|part| part.split(')').next())
        .filter(|part| part.starts_with("blake3:"))
        .collect();
    let heal = ["release", "1.2", "--yes", "--heal", digests.last().unwrap()];
    let ran = machine.run(&heal, &[]);
    assert!(ran.status == 1 && ran.stderr.contains("can outrank"), "{}", ran.stderr);
    assert_eq!(machine.ask_git(&["rev-parse", "HEAD"]), before);
    assert_eq!(machine.json(&["key", "list"])[0]["keys"], serde_json::json!([4, 5]), "no key was used");
}

/// KEEP-20: after the fork was healed the thief shows that he has the next key too.
#[test]
fn a_thief_who_shows_a_second_key_is_an_alarm_again() {
    let machine = Machine::released();
    let thief = machine.thief();
    let user = machine.user("user", "1.1");
    thief.releases("6.6");
    let digests = digests_to_heal(&machine.run(&["beat", "--yes"], &[]));
    machine.commit("1.2");
    machine.succeeds(&["release", "1.2", "--yes", "--tag", "1.2", "--heal", &digests[0]]);
    assert_eq!(user.verify("1.2"), accepted());
    thief.releases("6.7");
    assert_eq!(user.verify("evil"), verdict("undecided", "contested"));
    assert_eq!(user.verify("1.2"), verdict("undecided", "contested"));
    machine.commit("1.3");
    let alarm = machine.run(&["release", "1.3", "--yes"], &[]);
    assert!(alarm.status == 1 && alarm.stderr.contains("--cause stolen"), "{}", alarm.stderr);
}

#[test]
fn a_trust_store_that_cannot_be_read_is_said_once() {
    let machine = Machine::new();
    fs::create_dir_all(machine.path("home")).unwrap();
    fs::write(machine.path("home/trust"), "no folder").unwrap();
    let ran = machine.run(&["trust", "distrust", "ed25519"], &[]);
    assert_eq!((ran.status, ran.stderr.matches("os error").count()), (3, 1), "{}", ran.stderr);
}
