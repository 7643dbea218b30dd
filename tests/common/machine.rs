//! A user's machine for tests of the command line: a working folder, and a home for the stores.

#![allow(unreachable_pub, missing_docs, clippy::unwrap_used)]

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::common::testing::{Record, chain_file};

/// A machine of its own: a working folder and a home for the stores.
pub struct Machine {
    folder: tempfile::TempDir,
}

pub struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Machine {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A machine that trusts the signatory of these records.
    #[track_caller]
    pub fn trusting(records: &[Record]) -> Self {
        let machine = Self::new();
        machine.place("first", records);
        let ran = machine.run(&["trust", "add", "first", "--id", &id(records)]);
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        machine
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts a chain file there.
    pub fn place(&self, name: &str, records: &[Record]) {
        std::fs::write(self.path(name), chain_file(records)).unwrap();
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sigpkg"));
        command.args(arguments).current_dir(self.folder.path()).env("SIGPKG_HOME", self.path("home"));
        command.env("NO_COLOR", "1").stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        let output = self.command(arguments).output().unwrap();
        Ran {
            status: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs a command that must do what it is asked for, and returns what it says.
    #[track_caller]
    pub fn done(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.status, 0, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
        ran.stdout
    }

    /// Runs a command with `--json` and returns the first object.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let ran = self.run(&[arguments, &["--json"]].concat());
        serde_json::from_str(ran.stdout.lines().next().unwrap()).unwrap()
    }

    /// Runs a command on a terminal, where a person answers its questions; the status, and what was shown.
    pub fn on_terminal(&self, answers: &[&str], arguments: &[&str]) -> (Option<i32>, String) {
        let python = Command::new("python3")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/terminal.py"))
            .arg("no groups are asked for")
            .args(answers)
            .args(["--", env!("CARGO_BIN_EXE_sigpkg")])
            .args(arguments)
            .current_dir(self.folder.path())
            .env("SIGPKG_HOME", self.path("home"))
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        (python.status.code(), String::from_utf8(python.stdout).unwrap())
    }

    /// Takes in what these records say, by a chain file.
    #[track_caller]
    pub fn hears(&self, records: &[Record]) -> String {
        self.place("news", records);
        self.done(&["trust", "update", "news"])
    }
}

/// The signatory id of a chain.
pub fn id(records: &[Record]) -> String {
    records[0].signatory().to_string()
}
