//! The stock tools' own answers, where a vector records them.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::build::{Kind, Vector};
use super::corpus;
use super::targets::check_out;

#[test]
fn minisign_answers_as_recorded() {
    ask(
        |vector| vector.stock.minisign,
        |vector, folder| {
            let key = text(vector, "key");
            run("minisign", "minisign", folder, &["-V", "-m", "message", "-x", "signature", "-P", &key])
        },
    );
}

#[test]
fn signify_answers_as_recorded() {
    ask(
        |vector| vector.stock.signify,
        |vector, folder| {
            let key = format!("untrusted comment: a test key\n{}\n", text(vector, "key"));
            fs::write(folder.join("key"), key).unwrap();
            run("signify-openbsd", "signify-openbsd", folder, &["-V", "-m", "message", "-x", "signature", "-p", "key"])
        },
    );
}

#[test]
fn b3sum_answers_as_recorded() {
    let mut asked = 0;
    for vector in &corpus().vectors {
        let Some(expected) = vector.stock.b3sum else { continue };
        let folder = tempfile::tempdir().unwrap();
        check_out(corpus(), &vector.input["tree"], folder.path());
        let found = run("b3sum", "b3sum", folder.path(), &["--check", "--quiet", ".sigpkg/files"]);
        assert_eq!(found, expected == "accept", "{}", vector.id);
        asked += 1;
    }
    assert!(asked > 0, "no vector records an answer");
}

/// Asks a tool about every signature file for which an answer is recorded, and compares.
fn ask(recorded: impl Fn(&Vector) -> Option<&'static str>, tool: impl Fn(&Vector, &Path) -> bool) {
    let mut asked = 0;
    let mut wrong = Vec::new();
    for vector in corpus().vectors.iter().filter(|vector| vector.kind == Kind::SignatureFile) {
        let Some(expected) = recorded(vector) else { continue };
        let folder = tempfile::tempdir().unwrap();
        for input in ["message", "signature"] {
            fs::write(folder.path().join(input), corpus().bytes(&vector.input[input])).unwrap();
        }
        let found = if tool(vector, folder.path()) { "accept" } else { "refuse" };
        asked += 1;
        if found != expected {
            wrong.push(format!("{}: expected {expected}, found {found}", vector.id));
        }
    }
    assert!(asked > 0, "no vector records an answer");
    assert!(wrong.is_empty(), "{} of {asked} answers differ:\n{}", wrong.len(), wrong.join("\n"));
}

fn run(program: &str, package: &str, folder: &Path, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap_or_else(|error| panic!("{program} does not start ({error}); install the Debian package {package}"))
        .success()
}

fn text(vector: &Vector, input: &str) -> String {
    String::from_utf8(corpus().bytes(&vector.input[input])).unwrap()
}
