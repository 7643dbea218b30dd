//! The command line over a synthetic project: as many dependencies as a real one has, some of them signed.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../examples/synthetic_registry/synthetic/mod.rs"]
mod synthetic;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use sigpkg::digest::Digest;

use synthetic::project::{self, Dependency, ProjectTruth};
use synthetic::{Options, shape};

/// As many as a large application has.
const DEPENDENCIES: usize = 120;

struct Project {
    folder: tempfile::TempDir,
    truth: ProjectTruth,
}

impl Project {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options { packages: DEPENDENCIES, light: true, ..Options::default() };
        let truth = project::generate(&options, DEPENDENCIES, folder.path());
        Self { folder, truth }
    }

    fn sigpkg(&self, arguments: &[&str]) -> (i32, Vec<Value>) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sigpkg"));
        command.current_dir(self.folder.path()).env("SIGPKG_HOME", self.folder.path().join("home"));
        let output = command.args(arguments).arg("--json").output().unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        (output.status.code().unwrap(), stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    }

    /// Trusts whoever has signed what was installed before.
    fn trust(&self) {
        let list = fs::read(self.folder.path().join("signatories.list")).unwrap();
        let digest = Digest::of(&list).to_string();
        let (status, _) = self.sigpkg(&["trust", "add", "--list", "signatories.list", "--digest", &digest]);
        assert_eq!(status, 0);
    }

    /// The state of each dependency by name, and the exit status.
    fn verify(&self) -> (i32, BTreeMap<String, String>) {
        let arguments = ["verify", "project", "--depot", "depot", "--installed", "project-before"];
        let (status, lines) = self.sigpkg(&arguments);
        let text = |line: &Value, key: &str| line[key].as_str().map(str::to_owned);
        let found = lines.iter().filter_map(|line| Some((text(line, "name")?, text(line, "state")?)));
        (status, found.collect())
    }

    fn signed(&self) -> impl Iterator<Item = &Dependency> {
        self.truth.dependencies.iter().filter(|dependency| dependency.newest.signatory.is_some())
    }
}

#[test]
fn a_project_of_usual_size_is_verified_from_its_depot() {
    let project = Project::new();
    let (status, found) = project.verify();
    let count = |word: &str| found.values().filter(|state| *state == word).count();
    assert_eq!(status, 0);
    assert_eq!(count("stdlib"), 3);
    assert_eq!(count("newly-signed"), project.signed().count());
    assert_eq!(count("unsigned"), DEPENDENCIES - project.signed().count());

    project.trust();
    let (status, found) = project.verify();
    assert_eq!(status, 0);
    for dependency in &project.truth.dependencies {
        let expected = if dependency.newest.signatory.is_some() { "accepted" } else { "unsigned" };
        assert_eq!(found[&dependency.name], expected, "{}", dependency.name);
    }
}

#[test]
fn one_edited_file_among_all_dependencies_is_found() {
    let project = Project::new();
    project.trust();
    let victim = project.signed().nth(7).unwrap();
    let installed = Path::new("depot/packages").join(&victim.name).join(&victim.newest.slug);
    let module = project.folder.path().join(installed).join("src").join(format!("{}.jl", victim.name));
    fs::write(&module, [&fs::read(&module).unwrap()[..], b"# edited\n"].concat()).unwrap();
    let (status, found) = project.verify();
    assert_eq!(status, 1);
    let refused: Vec<_> = found.iter().filter(|(_, state)| *state == "refused").map(|(name, _)| name).collect();
    assert_eq!(refused, [&victim.name]);
}

#[test]
fn a_light_package_has_three_files() {
    let project = Project::new();
    let unsigned = project.truth.dependencies.iter().find(|dependency| dependency.newest.signatory.is_none()).unwrap();
    let folder = project.folder.path().join("depot/packages").join(&unsigned.name).join(&unsigned.newest.slug);
    let tree = sigpkg::source::dir::read(&folder, &sigpkg::source::Options::default()).unwrap();
    assert_eq!(tree.tree().listing().count(), shape::Shape::light().files);
}
