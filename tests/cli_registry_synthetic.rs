//! The registry commands over a synthetic registry: all that is planted is found, and nothing else.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../examples/synthetic_registry/synthetic/mod.rs"]
mod synthetic;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use synthetic::truth::{Planted, Truth};
use synthetic::{Options, registry};

type Refused = BTreeSet<(String, String, String)>;

/// The exit status, and name, version and reason of everything that is not accepted.
fn sigpkg(place: &Path, arguments: &[&str]) -> (i32, Refused) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sigpkg"));
    command.current_dir(place).env("SIGPKG_HOME", place.join("home"));
    command.arg("registry").args(arguments).args(["--registry", "registry", "--packages", ".", "--json"]);
    let output = command.output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let lines = stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let refused = lines.filter_map(|line| {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Some((text(&line["package"]["name"])?, text(&line["version"])?, text(&line["reason"])?))
    });
    (output.status.code().unwrap(), refused.collect())
}

/// What the registry is to say to the batch that brings it.
fn reason(planted: &Planted) -> &'static str {
    match planted.kind {
        "replaced-tree" => "tree-replaced",
        "unsigned-after-signed" => "signature-missing",
        "signatory-changed" => "other-signatory",
        "reserve-without-consent" => "waiting",
        "old-tree" => "not-expected",
        "edited-tree" => "tree-mismatch",
        other => panic!("no reason for {other}"),
    }
}

fn expected<'a>(planted: impl Iterator<Item = &'a Planted>) -> Refused {
    planted.map(|planted| (planted.name.clone(), planted.version.clone(), reason(planted).to_owned())).collect()
}

/// All packages are signed, so an old tree is one, too.
fn generate(folder: &Path) -> Truth {
    let options = Options {
        packages: 80,
        light: true,
        signed: 100,
        events: 30,
        reserves: 1,
        plant: 1,
        batches: 5,
        batch: 15,
        ..Options::default()
    };
    registry::generate(&options, folder)
}

#[test]
fn every_planted_misconduct_is_found_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let truth = generate(folder.path());
    assert_eq!(truth.planted.len(), 6);

    // Each change by itself.
    for batch in 1..truth.batches {
        let (base, head) = (format!("batch-{}", batch - 1), format!("batch-{batch}"));
        let (status, refused) = sigpkg(folder.path(), &["check", "--base", &base, "--head", &head]);
        let expected = expected(truth.planted.iter().filter(|planted| planted.batch == batch));
        assert_eq!(refused, expected, "batch {batch}");
        assert_eq!(status == 0, expected.is_empty(), "batch {batch}");
    }

    // The whole, after the beginning was seen.
    let remembering =
        |revision: &str| sigpkg(folder.path(), &["audit", "--heads", "heads", "--update-heads", "--at", revision]);
    assert_eq!(remembering("batch-0"), (0, Refused::new()));
    let (status, refused) = remembering("HEAD");
    assert_eq!(status, 1);
    assert_eq!(refused, expected(truth.planted.iter()));
}
