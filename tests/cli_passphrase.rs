//! The passphrase dialogue: as good as that of ssh (KEEP-15). On a terminal of its own, without one, and with programs that
//! ask. Passphrases here are test passphrases.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

#[path = "support/machine.rs"]
mod machine;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use machine::Machine;

/// What a person has to say: what is waited for, and the answer.
type Said<'a> = &'a [(&'a str, &'a str)];

/// Everything that asks looks at these.
const ASKING: [&str; 6] =
    ["SIGPKG_PASSPHRASE_FILE", "SIGPKG_ASKPASS", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "DISPLAY", "WAYLAND_DISPLAY"];

fn dialogue(
    machine: &Machine,
    kind: &str,
    said: Said<'_>,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> (i32, String) {
    let mut python = Command::new("python3");
    python.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/dialogue.py")).arg(kind);
    python.args(said.iter().flat_map(|(expected, answer)| [expected, answer]));
    python.args(["--", env!("CARGO_BIN_EXE_sigpkg")]).arg("-C").arg(machine.path("repository")).args(arguments);
    python.env("SIGPKG_HOME", machine.path("home")).env("NO_COLOR", "1");
    for name in ASKING {
        python.env_remove(name);
    }
    let output = python.envs(environment.iter().copied()).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

fn terminal(machine: &Machine, said: Said<'_>, arguments: &[&str]) -> (i32, String) {
    dialogue(machine, "terminal", said, arguments, &[])
}

/// Sets a passphrase by a file, the way of machines.
fn protected(passphrase: &str) -> Machine {
    let machine = Machine::begun();
    let file = machine.path("passphrase");
    fs::write(&file, passphrase).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let ran = machine.run(&["key", "passphrase"], &[("SIGPKG_PASSPHRASE_FILE", &file.display().to_string())]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(!ran.stderr.contains("warning"), "a private file is as it should be: {}", ran.stderr);
    machine
}

fn script(machine: &Machine, name: &str, text: &str) -> String {
    let path = machine.path(name);
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    path.display().to_string()
}

/// KEEP-15
#[test]
fn a_new_passphrase_is_typed_twice_and_a_wrong_one_may_be_tried_again() {
    let machine = Machine::begun();
    let (new, again) = ("New passphrase for the keys of demo: ", "The same passphrase again: ");
    let odd = " größer  als 日本 ";
    let slip = [(new, "correct horse"), (again, "correct house"), (new, odd), (again, odd)];
    let (status, said) = terminal(&machine, &slip, &["key", "passphrase"]);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("sigpkg: the two are not equal; once more\n"), "{said}");
    assert!(!said.contains("correct") && !said.contains("日本"), "nothing of it is shown: {said}");
    assert!(said.contains("(echo on)"), "{said}");

    // Spaces around it are part of it.
    let asked = "Passphrase for the keys of demo: ";
    let tried = [(asked, odd.trim()), (asked, "wrong"), (asked, odd)];
    let (status, said) = terminal(&machine, &tried, &["release", "1.0", "--yes"]);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("that is not the passphrase for the keys of demo; 2 tries left\n"), "{said}");
    assert!(said.contains("; 1 try left\n"), "{said}");
    assert_eq!(said.matches(asked).count(), 3, "once a command, but for the wrong ones: {said}");
    machine.commit("more");
    let wrong = [(asked, "a"), (asked, "b"), (asked, "c")];
    let (status, said) = terminal(&machine, &wrong, &["release", "1.1", "--yes"]);
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("SEC-13") && !said.contains("0 tries"), "{said}");
    let (status, said) = terminal(&machine, &[(asked, "^D")], &["release", "1.1", "--yes"]);
    assert_eq!(status, 4, "{said}");
    assert!(said.contains("not answered"), "{said}");
    assert_eq!(machine.json(&["log", "."]).len(), 2, "a wrong passphrase changes nothing");
}

/// KEEP-15
#[test]
fn an_empty_passphrase_takes_a_clear_yes() {
    let machine = protected("old\n");
    let (old, new) = ("Passphrase for the keys of demo: ", "New passphrase for the keys of demo: ");
    let (status, said) = terminal(&machine, &[(old, "old"), (new, ""), ("[y/N]", "")], &["key", "passphrase"]);
    assert_eq!(status, 4, "{said}");
    assert!(said.contains("leaves the keys of demo unprotected"), "{said}");
    assert_eq!(machine.json(&["key", "list"])[0]["protection"], "default");
    let (status, said) = terminal(&machine, &[(old, "old"), (new, ""), ("[y/N]", "y")], &["key", "passphrase"]);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("WARNING"), "that is said loudly: {said}");
    assert_eq!(machine.json(&["key", "list"])[0]["protection"], "none");
    // A file cannot be asked whether that is meant.
    let file = machine.path("empty");
    fs::write(&file, "\n").unwrap();
    let given = [("SIGPKG_PASSPHRASE_FILE", file.to_str().unwrap())];
    let ran = machine.run(&["key", "passphrase"], &given);
    assert_eq!(ran.status, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("is empty") && ran.stderr.contains("--no-passphrase"), "{}", ran.stderr);
}

/// KEEP-15
#[test]
fn a_passphrase_file_is_one_line_and_a_loose_one_is_warned_of() {
    let machine = protected("one line\r\n");
    let path = machine.path("passphrase");
    let file = path.display().to_string();
    let given = [("SIGPKG_PASSPHRASE_FILE", file.as_str())];
    for (content, words) in [
        (b"one\ntwo\n".to_vec(), "more than one line"),
        (b"a\0b\n".to_vec(), "NUL"),
        (vec![b'x'; 1 << 20], "more than 1022 bytes"),
        (b"\xff\n".to_vec(), "not UTF-8"),
    ] {
        fs::write(&path, content).unwrap();
        let ran = machine.run(&["release", "1.0", "--yes"], &given);
        assert_eq!(ran.status, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains(words) && ran.stderr.contains(&file), "{}", ran.stderr);
    }
    fs::write(&path, "another\n").unwrap();
    let ran = machine.run(&["release", "1.0", "--yes"], &given);
    assert_eq!(ran.status, 1, "a file has one try: {}", ran.stderr);
    assert!(
        ran.stderr.contains("SEC-13") && ran.stderr.contains("was read from SIGPKG_PASSPHRASE_FILE"),
        "{}",
        ran.stderr
    );
    fs::write(&path, "one line").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let ran = machine.run(&["release", "1.0", "--yes"], &given);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("mode 0644") && ran.stderr.contains(&format!("chmod 600 {file}")), "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("mode 0644").count(), 1, "once: {}", ran.stderr);
}

/// KEEP-15
#[test]
fn without_a_terminal_the_three_ways_are_named_and_a_program_is_asked_as_by_ssh() {
    let machine = protected("correct horse\n");
    let release = ["release", "1.0", "--yes", "--dry-run"];
    let none =
        |environment: &[(&str, &str)], arguments: &[&str]| dialogue(&machine, "none", &[], arguments, environment);
    let sign = ["release", "1.0", "--yes"];
    let (status, said) = none(&[], &sign);
    assert_eq!(status, 3, "{said}");
    for way in ["run it on a terminal", "SIGPKG_PASSPHRASE_FILE", "SIGPKG_ASKPASS"] {
        assert!(said.contains(way), "{way}: {said}");
    }
    assert_eq!(none(&[], &release).0, 0, "a dry run asks for nothing");

    let right = script(&machine, "right", r#"echo "$1" >>"$0.asked"; echo "correct horse""#);
    let (status, said) = none(&[("SSH_ASKPASS", &right)], &sign);
    assert_eq!(status, 3, "{said}");
    assert!(said.contains("neither DISPLAY nor WAYLAND_DISPLAY is set"), "{said}");
    let (status, said) = none(&[("SSH_ASKPASS", &right), ("DISPLAY", ":0"), ("SSH_ASKPASS_REQUIRE", "never")], &sign);
    assert_eq!(status, 3, "{said}");
    assert!(said.contains("SSH_ASKPASS_REQUIRE is never"), "{said}");

    let cancelled = script(&machine, "cancelled", "exit 1");
    let (status, said) = none(&[("SIGPKG_ASKPASS", &cancelled)], &sign);
    assert_eq!(status, 4, "{said}");
    assert!(said.contains("ended without an answer"), "{said}");
    let endless = script(&machine, "endless", "exec yes");
    let (status, said) = none(&[("SIGPKG_ASKPASS", &endless)], &sign);
    assert_eq!(status, 2, "{said}");
    assert!(said.contains("has more than 1022 bytes"), "{said}");
    let wrong = script(&machine, "wrong", r#"echo x >>"$0.asked"; echo wrong"#);
    let (status, said) = none(&[("SIGPKG_ASKPASS", &wrong)], &sign);
    assert_eq!(status, 1, "{said}");
    let tries = fs::read_to_string(machine.path("wrong.asked")).unwrap();
    assert_eq!(tries, "x\nx\nx\n", "a person at a program has three tries, too");

    let (status, said) = none(&[("SSH_ASKPASS", &right), ("WAYLAND_DISPLAY", "wayland-0")], &sign);
    assert_eq!(status, 0, "{said}");
    let asked = fs::read_to_string(machine.path("right.asked")).unwrap();
    assert_eq!(asked, "Passphrase for the keys of demo:\n");

    // On a terminal, a program is asked if that is wanted.
    machine.commit("more");
    let environment = [("SIGPKG_ASKPASS", right.as_str()), ("SSH_ASKPASS_REQUIRE", "prefer")];
    let (status, said) = dialogue(&machine, "terminal", &[], &["release", "1.1", "--yes"], &environment);
    assert_eq!(status, 0, "{said}");
    assert!(!said.contains("Passphrase for"), "{said}");
}
