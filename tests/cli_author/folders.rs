//! Packages in folders of a repository (KEEP-26).

use std::fs;
use std::path::PathBuf;

use crate::machine::{Machine, Ran};
use crate::{commit, git, project};

/// A repository with a package at its root and two in folders. Each has a chain.
struct Monorepo(Machine);

impl Monorepo {
    fn new() -> Self {
        let machine = Machine::new();
        commit(&machine, "Project.toml", &project("Outer", "1.0.0"));
        commit(&machine, "lib/Inner/Project.toml", &project("Inner", "1.0.0"));
        commit(&machine, "lib/Inner/src/Inner.jl", "module Inner end\n");
        commit(&machine, "lib/Second/Project.toml", &project("Second", "1.0.0"));
        Self(machine)
    }

    fn begun() -> Self {
        let monorepo = Self::new();
        for folder in ["lib/Inner", "lib/Second", ""] {
            monorepo.init(folder);
        }
        monorepo
    }

    fn init(&self, folder: &str) {
        let reserve = self.0.path(&format!("reserve-{}", folder.replace('/', "-"))).display().to_string();
        self.done(folder, &["init", "--no-passphrase", "--reserve-out", &reserve]);
    }

    fn folder(&self, folder: &str) -> PathBuf {
        self.0.path("repository").join(folder)
    }

    fn run(&self, folder: &str, arguments: &[&str]) -> Ran {
        self.0.run_in(&self.folder(folder), arguments, &[])
    }

    #[track_caller]
    fn done(&self, folder: &str, arguments: &[&str]) -> String {
        let ran = self.run(folder, arguments);
        assert_eq!(ran.status, 0, "{folder}: {arguments:?}: {}{}", ran.stdout, ran.stderr);
        ran.stdout
    }

    fn trust(&self, folder: &str, revision: &str) {
        let id = self.done(folder, &["id", "."]).lines().next().unwrap().to_owned();
        let target = format!("{}#{revision}", self.0.path("repository").display());
        self.done(folder, &["trust", "add", &target, "--id", &id]);
    }

    fn verdict(&self, revision: &str) -> i32 {
        let target = format!("{}#{revision}", self.0.path("repository").display());
        self.run("", &["verify", &target]).status
    }
}

/// KEEP-26, KEEP-27
#[test]
fn a_release_in_a_folder_signs_that_folder_and_names_its_tree() {
    let monorepo = Monorepo::begun();
    let machine = &monorepo.0;
    let said = monorepo.done("lib/Inner", &["release", "--yes"]);
    let tree = git(machine, &["rev-parse", "HEAD:lib/Inner"]);
    assert!(said.contains(&format!("tree       {tree} of lib/Inner\n")), "{said}");
    assert!(said.contains("register this commit, with subdir lib/Inner;"), "{said}");
    let files = git(machine, &["show", "HEAD:lib/Inner/.sigpkg/files"]);
    let names: Vec<_> = files.lines().map(|line| line.split("  ").nth(1).unwrap()).collect();
    assert_eq!(names, ["Project.toml", "src/Inner.jl"]);
    let changed = git(machine, &["show", "--format=", "--name-only", "HEAD"]);
    assert!(changed.lines().all(|path| path.starts_with("lib/Inner/.sigpkg/")), "{changed}");
    monorepo.trust("lib/Inner", "HEAD:lib/Inner");
    assert_eq!(monorepo.verdict("HEAD:lib/Inner"), 0);
    // From a folder inside it is the package of that folder, and there is none.
    let ran = monorepo.run("lib", &["release", "--yes"]);
    assert!(ran.status == 1 && ran.stderr.contains("init"), "{}", ran.stderr);
}

/// KEEP-26: what changes beside the package does not matter to it, and what changes inside does.
#[test]
fn only_changes_in_its_own_folder_stand_against_a_release() {
    let monorepo = Monorepo::begun();
    fs::write(monorepo.folder("lib/Second/Project.toml"), "changed\n").unwrap();
    monorepo.done("lib/Inner", &["release", "--yes"]);
    for folder in ["lib/Second", ""] {
        let ran = monorepo.run(folder, &["release", "--yes"]);
        assert!(ran.status == 1 && ran.stderr.contains("lib/Second/Project.toml"), "{folder}: {}", ran.stderr);
    }
}

/// KEEP-26: the inner ones first; the outer one lists what they have made, and they stay what they are.
#[test]
fn inner_packages_are_signed_first_and_all_are_releases_in_the_last_commit() {
    let monorepo = Monorepo::begun();
    for folder in ["lib/Inner", "lib/Second", ""] {
        monorepo.done(folder, &["release", "--yes"]);
    }
    let files = git(&monorepo.0, &["show", "HEAD:.sigpkg/files"]);
    for listed in ["lib/Inner/.sigpkg/chain", "lib/Inner/.sigpkg/release.toml", "lib/Second/.sigpkg/files"] {
        assert!(files.contains(listed), "{files}");
    }
    for (folder, revision) in [("", "HEAD"), ("lib/Inner", "HEAD:lib/Inner"), ("lib/Second", "HEAD:lib/Second")] {
        monorepo.trust(folder, revision);
        assert_eq!(monorepo.verdict(revision), 0, "{revision}");
        assert!(!monorepo.done(folder, &["doctor"]).contains("another tree"), "{folder}");
    }
    // Any statement of an inner package is a change of the outer one, and of no other.
    monorepo.done("lib/Inner", &["beat", "--yes"]);
    assert_eq!(monorepo.verdict("HEAD"), 1);
    assert_eq!(monorepo.verdict("HEAD:lib/Second"), 0);
}

/// KEEP-25, KEEP-26: two packages have the same numbers, and tags of their own.
#[test]
fn side_tags_of_packages_in_folders_have_their_names() {
    let monorepo = Monorepo::begun();
    for folder in ["lib/Inner", "lib/Second", ""] {
        monorepo.done(folder, &["release", "--yes", "--side"]);
    }
    assert_eq!(git(&monorepo.0, &["tag"]), "Inner-sigpkg-2\nSecond-sigpkg-2\nsigpkg-2");
    monorepo.trust("lib/Inner", "Inner-sigpkg-2:lib/Inner");
    assert_eq!(monorepo.verdict("Inner-sigpkg-2:lib/Inner"), 0);
    monorepo.done("lib/Inner", &["yank", "1.0.0", "--severity", "warn", "--reason", "a test", "--yes", "--side"]);
    assert!(git(&monorepo.0, &["tag"]).starts_with("Inner-sigpkg-2\nInner-sigpkg-3\n"));
}

/// KEEP-26
#[test]
fn every_statement_is_made_in_a_folder_too() {
    let monorepo = Monorepo::begun();
    let (machine, inner) = (&monorepo.0, "lib/Inner");
    monorepo.done(inner, &["release", "--yes"]);
    commit(machine, "lib/Inner/src/Inner.jl", "module Inner f() = 1 end\n");
    monorepo.done(inner, &["release", "--redo", "--yes"]);
    commit(machine, "lib/Inner/Project.toml", &project("Inner", "1.1.0"));
    monorepo.done(inner, &["release", "--yes"]);
    monorepo.done(inner, &["yank", "1.0.0", "--severity", "warn", "--reason", "a test", "--yes"]);
    monorepo.done(inner, &["beat", "--yes"]);
    // A reserve statement, and its folder.
    let draft = machine.path("draft").display().to_string();
    let reserve = ["reserve", "sign", "--cause", "planned", "--reason", "a test", "--no-passphrase", "--out", &draft];
    monorepo.done(inner, &reserve);
    let mut keys = fs::read_dir(machine.path("reserve-lib-Inner")).unwrap().map(|entry| entry.unwrap().path());
    let key = keys.find(|path| path.extension().is_some_and(|end| end == "key")).unwrap().display().to_string();
    let holder = machine.path("holder").display().to_string();
    let chain = monorepo.folder(inner).display().to_string();
    let sign = ["reserve", "sign", &draft, "--chain", &chain, "--key", &key, "--yes"];
    let signed = machine.run_in(&machine.path(""), &sign, &[("SIGPKG_HOME", &holder)]);
    assert_eq!(signed.status, 0, "{}", signed.stderr);
    monorepo.done(inner, &["reserve", "join", &draft, "--yes"]);
    let changed = git(machine, &["show", "--format=%s", "--name-only", "HEAD"]);
    assert!(changed.starts_with("sigpkg: reserve Inner (statement 7)\n"), "{changed}");
    assert!(changed.lines().skip(2).all(|path| path.starts_with("lib/Inner/.sigpkg/")), "{changed}");
    assert_eq!(git(machine, &["status", "--porcelain"]), "");
    assert!(monorepo.done(inner, &["doctor"]).contains("nothing blocks the next release"));
    // The others never saw any of it.
    monorepo.done("lib/Second", &["release", "--yes"]);
    assert_eq!(git(machine, &["log", "-1", "--format=%s"]), "sigpkg: release Second v1.0.0 (statement 2)");
}

/// KEEP-20, KEEP-26
#[test]
fn a_fork_of_an_inner_package_is_healed_where_it_is() {
    let monorepo = Monorepo::begun();
    let machine = &monorepo.0;
    let thief = machine.path("thief").display().to_string();
    let copied = std::process::Command::new("cp").arg("-a").arg(machine.path("home")).arg(&thief).status();
    assert!(copied.unwrap().success());
    git(machine, &["checkout", "--quiet", "-b", "evil"]);
    let ran = machine.run_in(&monorepo.folder("lib/Inner"), &["release", "--yes"], &[("SIGPKG_HOME", &thief)]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    git(machine, &["checkout", "--quiet", "main"]);
    let ran = monorepo.run("lib/Inner", &["release", "--yes"]);
    assert!(ran.status == 1 && ran.stderr.contains("--heal"), "{}", ran.stderr);
    let digest = ran.stderr.split("--heal ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    monorepo.done("lib/Second", &["release", "--yes"]);
    monorepo.done("lib/Inner", &["release", "--yes", "--heal", &digest]);
    assert_eq!(git(machine, &["log", "-1", "--format=%s"]), "sigpkg: release Inner v1.0.0 (statement 3)");
}

/// KEEP-8, KEEP-26: two packages of one repository at once. At worst one of them ends on a branch of its own.
#[test]
fn two_packages_of_one_repository_released_at_once_lose_nothing() {
    let monorepo = Monorepo::begun();
    let release = |folder: &'static str| monorepo.run(folder, &["release", "--yes"]);
    std::thread::scope(|scope| {
        let threads = ["lib/Inner", "lib/Second"].map(|folder| scope.spawn(move || release(folder)));
        let ran = threads.map(|thread| thread.join().unwrap());
        assert!(ran.iter().any(|ran| ran.status == 0), "{} {}", ran[0].stderr, ran[1].stderr);
    });
    for folder in ["lib/Inner", "lib/Second"] {
        let ran = monorepo.run(folder, &["release", "--yes"]);
        assert!(ran.status == 0 || ran.stderr.contains("released already"), "{}", ran.stderr);
        let name = folder.rsplit('/').next().unwrap();
        let subject = format!("sigpkg: release {name} v1.0.0 (statement 2)");
        let made = git(&monorepo.0, &["log", "--branches", "--format=%s"]);
        assert_eq!(made.lines().filter(|line| **line == subject).count(), 1, "{made}");
    }
}

/// KEEP-8: a branch that was made for a statement of another package is not moved.
#[test]
fn a_branch_that_is_taken_is_left_where_it_is() {
    let machine = Machine::begun();
    git(&machine, &["branch", "sigpkg/statement-2"]);
    let before = git(&machine, &["rev-parse", "sigpkg/statement-2"]);
    // Interrupted by git, which cannot sign; then the branch goes on.
    for (name, value) in [("commit.gpgsign", "true"), ("gpg.program", "/nonexistent/gpg")] {
        git(&machine, &["config", name, value]);
    }
    let ran = machine.run(&["release", "1.0", "--yes"], &[]);
    assert_eq!(ran.status, 3, "{}", ran.stderr);
    git(&machine, &["config", "commit.gpgsign", "false"]);
    commit(&machine, "README", "the branch goes on\n");
    let ran = machine.run(&["release", "1.0", "--yes"], &[]);
    assert!(ran.status == 0 && ran.stdout.contains("sigpkg/statement-2-2"), "{}{}", ran.stdout, ran.stderr);
    assert_eq!(git(&machine, &["rev-parse", "sigpkg/statement-2"]), before);
}
