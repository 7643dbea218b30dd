//! What a maintainer asks of the tool about itself: the history, the state of things, and what is wrong.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

#[path = "support/machine.rs"]
mod machine;

use std::fs;
use std::path::Path;
use std::process::Command;

use machine::{Machine, Ran};
use serde_json::{Value, json};

fn released(versions: &[&str]) -> Machine {
    let machine = Machine::begun();
    for version in versions {
        machine.commit(version);
        done(&machine, &["release", version, "--yes"]);
    }
    machine
}

#[track_caller]
fn done(machine: &Machine, arguments: &[&str]) -> String {
    let ran = machine.run(arguments, &[]);
    assert_eq!(ran.status, 0, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
    ran.stdout
}

fn status(machine: &Machine) -> Value {
    machine.json(&["status"]).remove(0)
}

fn elsewhere(machine: &Machine, folder: &Path, home: &str, arguments: &[&str]) -> Ran {
    machine.run_in(folder, arguments, &[("SIGPKG_HOME", machine.path(home).to_str().unwrap())])
}

#[test]
fn a_history_has_the_newest_first_and_says_what_each_statement_means() {
    let machine = released(&["1.0", "1.1"]);
    done(&machine, &["yank", "1.0", "--severity", "warn", "--reason", "loses data", "--yes"]);
    let log = done(&machine, &["log"]);
    let heads: Vec<_> = log.lines().filter(|line| line.starts_with("     ") && !line.starts_with("        ")).collect();
    assert_eq!(heads.len(), 4, "{log}");
    assert!(heads[0].contains("yank of statement 2 (warn): \"loses data\"  head"), "{log}");
    assert!(heads[2].contains("release v1.0  yanked (warn) by statement 4") && heads[3].contains("genesis"), "{log}");
    for line in [
        "4 statements since ",
        ": 2 releases, 1 yank\n",
        "        yanks v1.0 (statement 2)\n",
        "        because: \"loses data\"\n",
        "        1 file, 3 bytes (+0 files and +0 bytes since v1.0)\n",
        "        reserve: 1 key\n",
    ] {
        assert!(log.contains(line), "{line:?}: {log}");
    }
    let reversed = done(&machine, &["log", "--reverse"]);
    assert!(reversed.find("genesis").unwrap() < reversed.find("head").unwrap(), "{reversed}");
    let newest = done(&machine, &["log", "-n", "1"]);
    assert!(newest.contains("yank of") && !newest.contains("genesis"), "{newest}");
    assert!(newest.contains("3 statements more are not shown"), "{newest}");
    let graph = done(&machine, &["log", "--graph"]);
    assert!(graph.contains("\n* 4  ") && graph.contains("\n|    yanks v1.0") && graph.contains("\n* 1  "), "{graph}");
    // The order of JSON is that of the chain, and what was there is there.
    let lines = machine.json(&["log", "-n", "2"]);
    assert_eq!(lines.iter().map(|line| line["seq"].as_u64().unwrap()).collect::<Vec<_>>(), [3, 4]);
    assert_eq!((&lines[0]["version"], &lines[0]["files"], &lines[0]["bytes"]), (&json!("1.1"), &json!(1), &json!(3)));
    assert_eq!((&lines[1]["reason"], &lines[1]["releases"]), (&json!("loses data"), &json!([2])));
    assert_eq!(lines[1]["schema"], "sigpkg.log/1");
}

#[test]
fn the_status_says_what_is_signed_what_is_next_and_where_the_keys_are() {
    let machine = Machine::begun();
    let said = done(&machine, &["status"]);
    assert!(said.contains("signed     no release so far"), "{said}");
    done(&machine, &["release", "1.0", "--yes"]);
    let said = done(&machine, &["status"]);
    let home = machine.path("home").display().to_string();
    for part in [
        "package    demo\n",
        "signed     v1.0 (statement 2) on ",
        ", today\n",
        "           is v1.0 (statement 2)\n",
        "next       statement 3, whose key is here\n",
        "keys       fresh: those of the statements 3, 4 wait\n",
        "no passphrase protects them: `sigpkg key passphrase`",
        &format!("in {home}"),
        "reserve    1 key\n",
        "still on this machine: ",
        "no remote-tracking branch is here",
    ] {
        assert!(said.contains(part), "{part:?}: {said}");
    }
    let object = status(&machine);
    assert_eq!((&object["schema"], &object["head"]["state"]), (&json!("sigpkg.status/1"), &json!("release")));
    assert_eq!(object["release"]["commit"], object["head"]["commit"]);

    // What came after is no release, and what is not committed is named.
    machine.commit("more");
    fs::write(machine.path("repository/README"), "not committed").unwrap();
    let said = done(&machine, &["status"]);
    assert!(said.contains("carries v1.0 (statement 2), and the tree has changed since: it is no release"), "{said}");
    assert!(said.contains("1 file was changed and not committed: README"), "{said}");
    assert_eq!(status(&machine)["head"]["state"], "changed");

    // The reserve key leaves, as it should.
    fs::remove_dir_all(machine.path("reserve")).unwrap();
    assert!(done(&machine, &["status"]).contains("not there any more: as it should be"));
}

#[test]
fn the_status_knows_what_was_pushed_and_works_in_linked_worktrees_and_fresh_clones() {
    let machine = released(&["1.0"]);
    let git = |folder: &str, arguments: &[&str]| {
        let ran = Command::new("git").current_dir(machine.path(folder)).args(arguments).output().unwrap();
        assert!(ran.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    };
    git(".", &["init", "-q", "--bare", "host"]);
    git("repository", &["remote", "add", "origin", "../host"]);
    git("repository", &["push", "-q", "-u", "origin", "main"]);
    assert_eq!(status(&machine)["release"]["pushed"], true);
    machine.commit("next");
    done(&machine, &["release", "1.1", "--yes"]);
    assert_eq!(status(&machine)["release"]["pushed"], false);
    let doctor = done(&machine, &["doctor"]);
    assert!(doctor.contains("the release of 1.1 (statement 3) is in no remote-tracking branch"), "{doctor}");
    assert!(doctor.contains("`git push`") && doctor.contains("`sigpkg hook install`"), "{doctor}");
    git("repository", &["push", "-q"]);
    assert!(!done(&machine, &["doctor"]).contains("remote-tracking"));

    git("repository", &["worktree", "add", "-q", "../linked"]);
    let ran = machine.run_in(&machine.path("linked"), &["status"], &[]);
    assert!(ran.status == 0 && ran.stdout.contains("is v1.1 (statement 3)"), "{}{}", ran.stdout, ran.stderr);

    // A co-maintainer has the chain, and no keys.
    git(".", &["clone", "-q", "-b", "main", "host", "clone"]);
    let ran = elsewhere(&machine, &machine.path("clone"), "other", &["status"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("signed     v1.1 (statement 3)"), "{}", ran.stdout);
    assert!(ran.stdout.contains("keys       not on this machine") && ran.stdout.contains("sigpkg key move --from"));
    assert!(!machine.path("other").exists(), "nothing is written");
    // And nothing signed at all is no error.
    git(".", &["init", "-q", "plain"]);
    let ran = elsewhere(&machine, &machine.path("plain"), "other", &["status"]);
    assert!(ran.status == 0 && ran.stdout.contains("`sigpkg init` begins one"), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn the_doctor_groups_what_it_finds_and_counts_it() {
    let machine = released(&["1.0"]);
    let ran = machine.run(&["doctor"], &[]);
    assert_eq!(ran.status, 0, "{}", ran.stdout);
    let words: Vec<_> = ran.stdout.lines().filter_map(|line| line.split_once(": ").map(|(word, _)| word)).collect();
    let risks = words.iter().filter(|word| **word == "risk").count();
    assert_eq!(risks, 3, "no passphrase, one reserve key, and it is here: {}", ran.stdout);
    assert!(ran.stdout.contains("the reserve key is still on this machine"), "{}", ran.stdout);
    assert!(
        ran.stdout.ends_with("nothing blocks the next release\n0 things block, 3 risks, 0 notes\n"),
        "{}",
        ran.stdout
    );
    for line in ran.stdout.lines().filter(|line| line.starts_with("    ")) {
        assert!(line.contains('`'), "a hint has a command: {line}");
    }
    fs::write(machine.path("repository/README"), "changed\n").unwrap();
    fs::write(machine.path("repository/.sigpkg/.gitattributes"), "").unwrap();
    machine.git(&["config", "core.autocrlf", "true"]);
    let ran = machine.run(&["doctor"], &[]);
    assert_eq!(ran.status, 1, "{}", ran.stdout);
    let order: Vec<_> = ["blocks: ", "risk: ", "note: "].map(|word| ran.stdout.find(word).unwrap()).into();
    assert!(order.is_sorted(), "{}", ran.stdout);
    assert!(ran.stdout.contains(".sigpkg/.gitattributes") && ran.stdout.contains("core.autocrlf"), "{}", ran.stdout);
    assert!(ran.stdout.ends_with("1 thing blocks, 3 risks, 2 notes\n"), "{}", ran.stdout);
}

#[cfg(unix)]
#[test]
fn the_doctor_sees_loose_folders_and_ones_that_are_copied_elsewhere() {
    use std::os::unix::fs::PermissionsExt as _;
    let machine = Machine::begun();
    let keys = machine.path("home/keys");
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o777)).unwrap();
    let doctor = done(&machine, &["doctor"]);
    assert!(doctor.contains("mode 0777") && doctor.contains(&format!("chmod go-w {}", keys.display())), "{doctor}");
    let home = machine.path("Dropbox").display().to_string();
    fs::rename(machine.path("home"), &home).unwrap();
    let ran = machine.run(&["doctor"], &[("SIGPKG_HOME", &home)]);
    assert!(ran.stdout.contains("an old copy that comes back could sign a second text"), "{}", ran.stdout);
}

#[test]
fn the_doctor_looks_at_what_a_user_trusts_in_any_folder() {
    let machine = released(&["1.0"]);
    let user = |arguments: &[&str]| elsewhere(&machine, &machine.path("."), "user", arguments);
    let ran = user(&["doctor"]);
    assert!(ran.status == 0 && ran.stdout.contains("nobody is trusted yet"), "{}{}", ran.stdout, ran.stderr);
    let ran = user(&["id", "repository"]);
    let id = ran.stdout.trim().to_owned();
    let ran = user(&["trust", "add", "repository", "--id", &id]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let ran = user(&["doctor"]);
    assert!(ran.status == 0 && ran.stdout.contains("1 signatory is trusted, and can be read"), "{}", ran.stdout);
    let entry = machine.path("user/trust/generic/demo").join(&id);
    fs::write(entry.join("trust.toml"), "rubbish").unwrap();
    let ran = user(&["doctor"]);
    assert_eq!(ran.status, 1, "{}", ran.stdout);
    assert!(ran.stdout.contains("blocks: ") && ran.stdout.contains("`sigpkg trust add TARGET`"), "{}", ran.stdout);
}

/// VER-35
#[test]
fn a_damaged_trust_store_is_no_empty_one_and_what_is_damaged_in_it_hides_nothing_else() {
    let machine = released(&["1.0"]);
    let id = status(&machine)["signatory"].as_str().unwrap().to_owned();
    let repository = machine.path("repository").display().to_string();
    let user = |arguments: &[&str]| elsewhere(&machine, &machine.path(""), "user", arguments);
    assert_eq!(user(&["trust", "add", &repository, "--id", &id]).status, 0);
    let trusted = machine.path("user/trust/generic/demo").join(&id).join("trust.toml");
    let whole = fs::read(&trusted).unwrap();

    fs::write(&trusted, "damaged").unwrap();
    let ran = user(&["doctor"]);
    assert_eq!(ran.status, 1, "{}", ran.stdout);
    assert!(ran.stdout.contains("the trust store is damaged"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("nobody is trusted yet"), "{}", ran.stdout);

    fs::write(&trusted, whole).unwrap();
    let other = sigpkg::digest::SignatoryId::of_genesis(b"another").to_string();
    let folder = machine.path("user/trust/generic/another").join(other);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("trust.toml"), "damaged").unwrap();
    assert!(user(&["doctor"]).stdout.contains("the trust store is damaged"));
    let mut asked = Command::new(env!("CARGO_BIN_EXE_sigpkg"));
    asked.args(["__complete", "3", "--", "sigpkg", "trust", "show", ""]).env("SIGPKG_HOME", machine.path("user"));
    assert_eq!(String::from_utf8(asked.output().unwrap().stdout).unwrap(), "demo\tdemo\n");
}
