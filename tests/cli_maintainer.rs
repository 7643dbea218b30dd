//! What a maintainer sees: the contract of `init` and `release` for scripts, and the commands about keys.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

#[path = "common/groups.rs"]
mod groups;
#[path = "support/machine.rs"]
mod machine;

use std::fs;

use groups::beside;
use machine::Machine;

#[test]
fn init_prints_the_id_whole_and_in_groups_and_says_where_the_reserve_goes() {
    let machine = Machine::new();
    let ran = machine.init(&[]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let id = ran.stdout.lines().next().unwrap();
    assert_eq!((id.len(), &id[..4]), (56, "sigp"));
    let groups: Vec<_> = ran.stdout.lines().skip(1).take(4).collect();
    assert_eq!(beside(&groups.join("\n"), ""), id);
    assert!(ran.stdout.contains("two places") && ran.stdout.contains("erase it here"));
    assert!(ran.stderr.contains("WARNING"), "--no-passphrase is loud");
}

#[test]
fn a_chain_needs_a_reserve_that_is_not_in_the_repository() {
    let machine = Machine::new();
    let ran = machine.run(&["init", "--name", "demo", "--no-passphrase"], &[]);
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("--reserve-out") && ran.stderr.contains("reserve new"), "{}", ran.stderr);
    let ran = machine.run(&["init", "--name", "demo", "--no-passphrase", "--reserve-out", "inside"], &[]);
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    assert!(!machine.path("repository/inside").exists(), "nothing was written");
}

#[test]
fn a_reserve_of_other_people_needs_more_than_half_of_them() {
    let machine = Machine::new();
    let mut files = Vec::new();
    for holder in ["a", "b", "c"] {
        let out = machine.path(holder).display().to_string();
        let objects = machine.json(&["reserve", "new", "--no-passphrase", "--out", &out]);
        files.push(objects[0]["public"].as_str().unwrap().to_owned());
    }
    let keys: Vec<_> = files.iter().map(String::as_str).collect();
    let init = ["init", "--name", "demo", "--no-passphrase", "--threshold", "1", "--reserve-keys"];
    let ran = machine.run(&[&init, keys.as_slice()].concat(), &[]);
    assert_eq!(ran.status, 1);
    assert!(ran.stderr.contains("bad-reserve"), "{}", ran.stderr);
    let init = ["init", "--name", "demo", "--no-passphrase", "--reserve-keys"];
    let ran = machine.run(&[&init, keys.as_slice()].concat(), &[]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let chain = fs::read_to_string(machine.path("repository/.sigpkg/chain")).unwrap();
    assert!(chain.contains("threshold = 2\n"));
}

#[test]
fn a_release_asks_and_without_a_terminal_it_must_be_told_yes() {
    let machine = Machine::begun();
    let ran = machine.run(&["release", "1.0"], &[]);
    assert_eq!(ran.status, 4);
    assert!(
        ran.stderr.contains("demo v1.0, statement 2\n  1 file\n") && ran.stderr.contains("--yes"),
        "{}",
        ran.stderr
    );
    let ran = machine.run(&["release", "1.0", "--dry-run"], &[]);
    assert_eq!((ran.status, ran.stdout.contains("nothing was signed")), (0, true));
    let objects = machine.json(&["release", "1.0", "--yes"]);
    assert_eq!(objects[0]["schema"], "sigpkg.release/1");
    assert_eq!((objects[0]["seq"].as_u64(), objects[0]["version"].as_str()), (Some(2), Some("1.0")));
    let ran = machine.run(&["release", "1.0", "--yes"], &[]);
    assert_eq!(ran.status, 1);
    assert!(ran.stderr.contains("released already") && ran.stderr.contains("hint:"), "{}", ran.stderr);
}

/// KEEP-15
#[test]
fn a_passphrase_file_is_enough_for_a_machine() {
    let machine = Machine::begun();
    let file = machine.path("passphrase");
    fs::write(&file, "correct horse\n").unwrap();
    let file = file.display().to_string();
    let given = [("SIGPKG_PASSPHRASE_FILE", file.as_str())];
    assert_eq!(machine.run(&["key", "passphrase"], &given).status, 0);
    let ran = machine.run(&["release", "1.0", "--yes"], &[]);
    assert_eq!(ran.status, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("SIGPKG_PASSPHRASE_FILE"), "{}", ran.stderr);
    let ran = machine.run(&["release", "1.0"], &given);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
}

/// KEEP-14
#[test]
fn keys_are_listed_and_move_there_and_back() {
    let machine = Machine::begun();
    let listed = machine.json(&["key", "list"]);
    assert_eq!(listed[0]["keys"], serde_json::json!([2, 3]));
    let stick = machine.path("stick").display().to_string();
    assert_eq!(machine.run(&["key", "move", "--to", &stick], &[]).status, 0);
    assert!(machine.json(&["key", "list"]).is_empty());
    let ran = machine.run(&["release", "1.0", "--yes"], &[]);
    assert!(ran.status == 1 && ran.stderr.contains("key move"), "{}", ran.stderr);
    assert_eq!(machine.run(&["key", "move", "--from", &stick], &[]).status, 0);
    assert_eq!(machine.run(&["release", "1.0", "--yes"], &[]).status, 0);
}

#[test]
fn the_doctor_names_what_blocks_with_the_command_that_mends_it() {
    let machine = Machine::begun();
    let ran = machine.run(&["doctor"], &[]);
    assert_eq!(ran.status, 0, "{}", ran.stdout);
    assert!(ran.stdout.contains("nothing blocks the next release"));
    fs::write(machine.path("repository/README"), "changed\n").unwrap();
    let mut reserve = fs::read_dir(machine.path("reserve")).unwrap().map(|entry| entry.unwrap().path());
    let secret = reserve.find(|path| path.extension().is_some_and(|end| end == "key")).unwrap();
    fs::copy(secret, machine.path("repository/oops")).unwrap();
    let ran = machine.run(&["doctor"], &[]);
    assert_eq!(ran.status, 1);
    assert!(ran.stdout.contains("git stash") && ran.stdout.contains("oops in the worktree"), "{}", ran.stdout);
    let findings = machine.json(&["doctor"]);
    let blocks = findings.iter().filter(|finding| finding["severity"] == "blocks").count();
    assert_eq!(blocks, 2);
    assert!(findings.iter().all(|finding| finding["schema"] == "sigpkg.doctor/1"));
}

#[test]
fn secrets_are_not_kept_in_the_repository() {
    let machine = Machine::new();
    let reserve = machine.path("reserve").display().to_string();
    let inside = machine.path("repository/home").display().to_string();
    let init = ["init", "--name", "demo", "--no-passphrase", "--reserve-out", &reserve];
    let ran = machine.run(&init, &[("SIGPKG_HOME", &inside)]);
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("secret keys must never be"), "{}", ran.stderr);
    assert!(!machine.path("reserve").exists(), "nothing was written");
}
