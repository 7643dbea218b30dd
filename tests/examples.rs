//! Each example runs to its end without arguments, and says what it should.
//!
//! A `cargo test` that chooses no targets builds the examples too; they stand in `examples/`, beside the folder of the
//! test programs. With `--test examples` alone they are those of an earlier build.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::env;
use std::path::PathBuf;
use std::process::{Command, Output};

fn example(name: &str) -> PathBuf {
    let test_program = env::current_exe().unwrap();
    let built = test_program.parent().unwrap().parent().unwrap().join("examples");
    let path = built.join(format!("{name}{}", env::consts::EXE_SUFFIX));
    assert!(path.is_file(), "{} is missing; cargo build --examples makes it", path.display());
    path
}

fn run(name: &str, arguments: &[&str]) -> Output {
    Command::new(example(name)).args(arguments).output().unwrap()
}

/// The lines that an example prints; it must end well.
fn lines(name: &str) -> Vec<String> {
    let output = run(name, &[]);
    let stdout = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name} ended with {}\n{stdout}{stderr}", output.status);
    stdout.lines().map(str::to_owned).collect()
}

#[test]
fn verify_package_accepts_the_release_and_refuses_an_edited_file_and_another_signatory() {
    let lines = lines("verify_package");
    let verdicts: Vec<&str> = lines.iter().filter(|line| !line.starts_with("  ")).map(String::as_str).collect();
    let [accepted, edited, other] = verdicts.as_slice() else { panic!("expected three verdicts, found {lines:#?}") };
    assert_eq!(*accepted, "accepted: example v1.0.0");
    assert!(edited.starts_with("refused: tree-mismatch (VER-13): "), "{edited}");
    assert!(edited.contains("src/tides.txt"), "{edited}");
    assert!(other.starts_with("refused: other-signatory (VER-9): "), "{other}");
}

#[test]
fn verify_package_fails_on_a_folder_that_nobody_has_signed() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("README"), "unsigned\n").unwrap();
    let id = sigpkg::digest::SignatoryId::of_genesis(b"some genesis").to_string();
    let output = run("verify_package", &[folder.path().to_str().unwrap(), &id]);
    assert_eq!(output.status.code(), Some(1));
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.starts_with("refused: signature-missing (VER-2): "), "{stdout}");
}

#[test]
fn publish_release_publishes_what_a_user_accepts() {
    let lines = lines("publish_release");
    assert!(lines.iter().any(|line| line == "Tides v1.0.0: 1 file"), "{lines:#?}");
    assert!(lines.iter().any(|line| line.starts_with("released 1.0.0 as statement 2 in commit ")), "{lines:#?}");
    assert_eq!(lines.last().map(String::as_str), Some("accepted"));
}

#[test]
fn custom_signer_is_asked_for_one_release_and_then_refuses() {
    let lines = lines("custom_signer");
    let signed = lines.iter().filter(|line| line.starts_with("token: signs ")).count();
    assert_eq!(signed, 2, "{lines:#?}");
    let refusal = "asked again: the signer does not sign: this key has signed its one statement";
    assert!(lines.iter().any(|line| line == refusal), "{lines:#?}");
    assert_eq!(lines.last().map(String::as_str), Some("accepted: Tides v1.0.0"));
}

#[test]
fn synthetic_registry_makes_one_and_says_how_large_it_is() {
    let lines = lines("synthetic_registry");
    assert!(lines[0].starts_with("100 packages, "), "{lines:#?}");
    assert!(lines.iter().any(|line| line.starts_with("11 commits of the registry, 0 planted")), "{lines:#?}");
}
