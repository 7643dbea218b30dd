//! A Julia project on a machine of its own: packages, a depot where they are installed, and a lockfile. No Julia is needed.

#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use sigpkg::ecosystem::{self, Locked, Origin};
use sigpkg::package::{EcosystemName, Package};
use sigpkg::source::installed::{Form, tree_hash};
use sigpkg::source::{Options, dir};

use crate::common::testing::{Files, Fixture, Record};
use crate::machine::{Machine, Ran, id};

/// The maintainer of one Julia package.
pub struct Author {
    pub fixture: Fixture,
    pub chain: Vec<Record>,
    pub name: String,
    pub uuid: String,
}

impl Author {
    pub fn new(seed: u64, name: &str) -> Self {
        Self::with_uuid(seed, name, &format!("{seed:08x}-0000-4000-8000-000000000000"))
    }

    /// Another signatory for a package that there is.
    pub fn rival(seed: u64, of: &Self) -> Self {
        Self::with_uuid(seed, &of.name, &of.uuid)
    }

    pub fn with_uuid(seed: u64, name: &str, uuid: &str) -> Self {
        let package = Package::julia(name, uuid.parse().unwrap()).unwrap();
        let mut fixture = Fixture::of(seed, package);
        let chain = vec![fixture.genesis()];
        Self { fixture, chain, name: name.to_owned(), uuid: uuid.to_owned() }
    }

    pub fn id(&self) -> String {
        id(&self.chain)
    }

    /// The files of a version, unsigned.
    pub fn source(&self, version: &str) -> Files {
        let Self { name, uuid, .. } = self;
        let manifest = format!("name = \"{name}\"\nuuid = \"{uuid}\"\nversion = \"{version}\"\n");
        let code = format!("module {name}\nversion() = \"{version}\"\nend\n");
        Files::default().with("Project.toml", &manifest).with(&format!("src/{name}.jl"), &code)
    }

    /// A signed version: the next statement of the chain.
    pub fn release(&mut self, version: &str) -> Files {
        let source = self.source(version);
        self.release_of(version, &source)
    }

    pub fn release_of(&mut self, version: &str, source: &Files) -> Files {
        self.fixture.release_tree(&mut self.chain, version, source)
    }

    pub fn digest(&self, seq: usize) -> String {
        self.chain[seq - 1].digest().to_string()
    }
}

/// A machine with a project in `project` and a depot in `depot`.
pub struct World {
    pub machine: Machine,
    /// The entries of the lockfile, by name.
    pub entries: BTreeMap<String, String>,
}

impl World {
    pub fn new() -> Self {
        let world = Self { machine: Machine::new(), entries: BTreeMap::new() };
        fs::create_dir_all(world.path("project")).unwrap();
        fs::create_dir_all(world.path("depot")).unwrap();
        fs::write(world.path("project/Project.toml"), "[deps]\n").unwrap();
        world
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.machine.path(name)
    }

    /// Installs a version in the depot, and locks it. Returns its folder.
    pub fn install(&mut self, author: &Author, version: &str, files: &Files) -> PathBuf {
        let folder = self.install_in("depot", author, files);
        let tree = hash_of(&folder);
        self.lock(author, version, &format!("git-tree-sha1 = \"{tree}\"\n"));
        folder
    }

    /// Puts a tree where a depot has it, without a lockfile.
    pub fn install_in(&self, depot: &str, author: &Author, files: &Files) -> PathBuf {
        let place = tempfile::Builder::new().tempdir_in(self.path("depot").parent().unwrap()).unwrap();
        let made = place.path().join("tree");
        fs::create_dir(&made).unwrap();
        files.write_to(&made);
        let folder = self.path(depot).join(&paths_of(author, &hash_of(&made))[0]);
        fs::create_dir_all(folder.parent().unwrap()).unwrap();
        if !folder.exists() {
            fs::rename(made, &folder).unwrap();
        }
        folder
    }

    /// An entry of the lockfile, with these lines of its own.
    pub fn lock(&mut self, author: &Author, version: &str, lines: &str) {
        let Author { name, uuid, .. } = author;
        let entry = format!("[[deps.{name}]]\n{lines}uuid = \"{uuid}\"\nversion = \"{version}\"\n");
        self.entries.insert(name.clone(), entry);
        self.write_manifest();
    }

    pub fn unlock(&mut self, name: &str) {
        assert!(self.entries.remove(name).is_some());
        self.write_manifest();
    }

    pub fn manifest(&self) -> String {
        let entries: Vec<_> = self.entries.values().cloned().collect();
        format!("julia_version = \"1.10.0\"\nmanifest_format = \"2.0\"\n\n{}", entries.join("\n"))
    }

    fn write_manifest(&self) {
        fs::write(self.path("project/Manifest.toml"), self.manifest()).unwrap();
    }

    /// The user trusts a signatory, after comparing the id.
    #[track_caller]
    pub fn trust(&self, author: &Author) {
        self.machine.place("chain", &author.chain);
        self.machine.done(&["trust", "add", "chain", "--id", &author.id()]);
    }

    pub fn verify(&self, more: &[&str]) -> Ran {
        self.machine.run(&[&["verify", "project", "--depot", "depot"], more].concat())
    }

    /// The objects of `verify --json`: those of the entries by their names, and that of the project.
    pub fn judged(&self, more: &[&str]) -> (BTreeMap<String, Value>, Value) {
        let ran = self.verify(&[more, &["--json"]].concat());
        let mut objects: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let project = objects.pop().unwrap_or_else(|| panic!("{}", ran.stderr));
        let named = |object: Value| (object["name"].as_str().unwrap_or_default().to_owned(), object);
        (objects.into_iter().map(named).collect(), project)
    }

    /// State, rule and exit status of one dependency.
    #[track_caller]
    pub fn assert_state(&self, name: &str, more: &[&str], state: &str, rule: Option<&str>, status: i32) {
        let (entries, _) = self.judged(more);
        let entry = &entries[name];
        assert_eq!((entry["state"].as_str(), entry["rule"].as_str()), (Some(state), rule), "{entry:#}");
        let ran = self.verify(more);
        assert_eq!(ran.status, status, "{}{}", ran.stdout, ran.stderr);
    }

    pub fn notes(&self, name: &str, more: &[&str]) -> Vec<String> {
        let (entries, _) = self.judged(more);
        let notes = entries[name]["notes"].as_array().unwrap();
        notes.iter().map(|note| note["note"].as_str().unwrap().to_owned()).collect()
    }

    pub fn pin(&self, more: &[&str]) -> Ran {
        self.machine.run(&[&["trust", "pin", "project", "--depot", "depot"], more].concat())
    }

    pub fn pins(&self) -> String {
        fs::read_to_string(self.path("project/Signatories.toml")).unwrap()
    }

    /// Somebody else: an empty store.
    pub fn forget(&self) {
        let _ = fs::remove_dir_all(self.path("home"));
    }

    #[track_caller]
    pub fn git(&self, arguments: &[&str]) -> String {
        let output = git(&self.path("project")).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Commits all that the project has, and names the commit.
    pub fn commit(&self, name: &str) {
        if !self.path("project/.git").exists() {
            self.git(&["init", "--quiet", "--initial-branch=main"]);
        }
        self.git(&["add", "-A"]);
        self.git(&["commit", "--quiet", "--allow-empty", "-m", name]);
        self.git(&["tag", "-f", name]);
    }
}

pub fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(folder).env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    for who in ["AUTHOR", "COMMITTER"] {
        git.env(format!("GIT_{who}_NAME"), "Test").env(format!("GIT_{who}_EMAIL"), "test@example.org");
    }
    git
}

/// The tree hash of a folder, in hexadecimal.
pub fn hash_of(folder: &Path) -> String {
    let tree = dir::read(folder, &Options::default()).unwrap();
    tree_hash(folder, &tree, Form::Exact).unwrap().unwrap().to_string()
}

/// Where a depot has a tree, below itself.
pub fn paths_of(author: &Author, tree: &str) -> Vec<String> {
    let locked = Locked {
        package: author.fixture.package.clone(),
        version: None,
        origin: Origin::Registered { tree: tree.parse().unwrap() },
    };
    ecosystem::of(EcosystemName::Julia).installed_paths(&locked)
}
