//! A maintainer's machine for tests of the command line: a repository, key stores, and the real command. All keys that it
//! makes are test keys.

#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// A machine of its own, with a repository that has one commit.
pub struct Machine(tempfile::TempDir);

pub struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Machine {
    pub fn new() -> Self {
        let machine = Self(tempfile::tempdir().unwrap());
        fs::create_dir(machine.path("repository")).unwrap();
        machine.git(&["init", "--quiet", "--initial-branch=main"]);
        for (key, value) in [("user.name", "Test"), ("user.email", "test@example.org"), ("commit.gpgsign", "false")] {
            machine.git(&["config", key, value]);
        }
        machine.commit("the first");
        machine
    }

    /// With a chain of the generic package `demo`.
    pub fn begun() -> Self {
        let machine = Self::new();
        let ran = machine.init(&[]);
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        machine
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn init(&self, more: &[&str]) -> Ran {
        let reserve = self.path("reserve").display().to_string();
        let arguments = ["init", "--name", "demo", "--no-passphrase", "--reserve-out", &reserve];
        self.run(&[&arguments, more].concat(), &[])
    }

    pub fn run(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
        self.run_in(&self.path("repository"), arguments, environment)
    }

    pub fn run_in(&self, folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sigpkg"));
        command.arg("-C").arg(folder).args(arguments).stdin(Stdio::null());
        command.env("SIGPKG_HOME", self.path("home")).env("NO_COLOR", "1");
        command.env_remove("SIGPKG_PASSPHRASE_FILE").env_remove("SIGPKG_ASKPASS").env_remove("SSH_ASKPASS");
        let output = command.envs(environment.iter().copied()).output().unwrap();
        Ran {
            status: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub fn json(&self, arguments: &[&str]) -> Vec<Value> {
        let ran = self.run(&[arguments, &["--json"]].concat(), &[]);
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub fn git(&self, arguments: &[&str]) {
        let status = Command::new("git").current_dir(self.path("repository")).args(arguments).status().unwrap();
        assert!(status.success(), "git {arguments:?}");
    }

    pub fn commit(&self, content: &str) {
        fs::write(self.path("repository/README"), content).unwrap();
        self.git(&["add", "README"]);
        self.git(&["commit", "--quiet", "--message", "change"]);
    }
}
