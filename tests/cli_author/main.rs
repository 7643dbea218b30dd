//! The author's workflow, by the real command and the real git: signing by git, commits beside a branch, packages in folders,
//! and what is said before a push.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

#[path = "../support/machine.rs"]
mod machine;

mod folders;
mod hook;
mod side;
mod signing;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use machine::{Machine, Ran};

/// Runs git in the repository of a machine, and returns what it prints without the last line end.
#[track_caller]
fn git(machine: &Machine, arguments: &[&str]) -> String {
    git_in(&machine.path("repository"), arguments)
}

#[track_caller]
fn git_in(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git").current_dir(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

/// Commits a file.
fn commit(machine: &Machine, path: &str, content: &str) {
    let file = machine.path("repository").join(path);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, content).unwrap();
    git(machine, &["add", "--force", path]);
    git(machine, &["commit", "--quiet", "--no-gpg-sign", "--message", "change"]);
}

#[track_caller]
fn done(machine: &Machine, arguments: &[&str]) -> String {
    let ran = machine.run(arguments, &[]);
    assert_eq!(ran.status, 0, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
    ran.stdout
}

#[track_caller]
fn fails(machine: &Machine, status: i32, arguments: &[&str], words: &[&str]) -> String {
    let ran = machine.run(arguments, &[]);
    assert_eq!(ran.status, status, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
    for word in words {
        assert!(ran.stderr.contains(word), "{arguments:?} does not say {word:?}: {}", ran.stderr);
    }
    ran.stderr
}

/// Runs `sigpkg hook pre-push origin` with these lines as its input.
fn pre_push(machine: &Machine, lines: &str) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sigpkg"))
        .arg("-C")
        .arg(machine.path("repository"))
        .args(["hook", "pre-push", "origin", "an address"])
        .env("SIGPKG_HOME", machine.path("home"))
        .env("NO_COLOR", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may end without reading everything.
    let _ = child.stdin.take().unwrap().write_all(lines.as_bytes());
    let output = child.wait_with_output().unwrap();
    Ran {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// An executable file with this shell script.
fn script(machine: &Machine, name: &str, text: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let path = machine.path(name);
    std::fs::write(&path, format!("#!/bin/sh\n{text}")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// A Julia manifest.
fn project(name: &str, version: &str) -> String {
    let digit = name.len() % 10;
    format!("name = \"{name}\"\nuuid = \"7876af07-990d-54b4-ab0e-23690620f79{digit}\"\nversion = \"{version}\"\n")
}

/// A second repository, bare, that this one pushes to as `origin`; what is on main is there.
fn with_origin(machine: &Machine) -> PathBuf {
    let origin = machine.path("origin.git");
    git_in(&machine.path(""), &["init", "--quiet", "--bare", "--initial-branch=main", "origin.git"]);
    git(machine, &["remote", "add", "origin", origin.to_str().unwrap()]);
    git(machine, &["push", "--quiet", "--no-verify", "origin", "main"]);
    origin
}

/// The folder of the one key store.
fn store(machine: &Machine) -> PathBuf {
    let mut entries = std::fs::read_dir(machine.path("home/keys")).unwrap().map(|entry| entry.unwrap().path());
    entries.find(|path| path.is_dir()).unwrap()
}
