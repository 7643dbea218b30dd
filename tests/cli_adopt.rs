//! `sigpkg adopt`: somebody else's package, signed as one's own; what its users are told, and what stands against it.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

#[path = "support/machine.rs"]
mod machine;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

use machine::{Machine, Ran};
use serde_json::Value;

const JULIA: &str = "name = \"Demo\"\nuuid = \"7876af07-990d-54b4-ab0e-23690620f79a\"\nversion = \"1.0.0\"\n";

impl Machine {
    /// Somebody else's package, of which version 1.0 is a tag.
    fn of_upstream() -> Self {
        let machine = Self::new();
        machine.git(&["tag", "1.0"]);
        machine
    }

    /// The same, signed by its makers, whose keys are elsewhere.
    fn of_signing_upstream() -> Self {
        let machine = Self::begun();
        machine.good(&["release", "1.0", "--yes", "--tag", "1.0"]);
        fs::rename(machine.path("home"), machine.path("theirs")).unwrap();
        machine
    }

    /// Begins a chain of one's own; the signatory id.
    fn begin(&self) -> String {
        let reserve = self.path("own reserve").display().to_string();
        let init = ["init", "--name", "demo", "--no-passphrase", "--no-commit", "--reserve-out", &reserve];
        self.good(&init).stdout.lines().next().unwrap().to_owned()
    }

    #[track_caller]
    fn good(&self, arguments: &[&str]) -> Ran {
        let ran = self.run(arguments, &[]);
        assert_eq!(ran.status, 0, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
        ran
    }

    /// A command that is refused before anything is signed; what it says.
    #[track_caller]
    fn refuses(&self, arguments: &[&str]) -> String {
        let before = self.statements();
        let ran = self.run(arguments, &[]);
        assert_ne!(ran.status, 0, "{arguments:?}: {}", ran.stdout);
        assert_eq!(self.statements(), before, "{arguments:?}: nothing was signed");
        ran.stderr
    }

    /// How many statements the key store has.
    fn statements(&self) -> usize {
        let Ok(stores) = fs::read_dir(self.path("home/keys")) else { return 0 };
        let chains = stores.map(|store| fs::read_to_string(store.unwrap().path().join("chain")).unwrap_or_default());
        chains.map(|chain| chain.matches("sigpkg = 1\n").count()).sum()
    }

    /// Runs a command on a terminal, where a person answers its questions; the status, and what was shown.
    fn on_terminal(&self, answers: &[&str], arguments: &[&str]) -> (Option<i32>, String) {
        let output = Command::new("python3")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/terminal.py"))
            .arg("no groups are asked for")
            .args(answers)
            .args(["--", env!("CARGO_BIN_EXE_sigpkg")])
            .args(arguments)
            .current_dir(self.path("repository"))
            .env("SIGPKG_HOME", self.path("home"))
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    }

    /// Everything in the repository that another program can see: references, index and worktree.
    fn state(&self) -> String {
        let shown = |arguments: &[&str]| self.ask_git(arguments);
        shown(&["for-each-ref"]) + &shown(&["ls-files", "--stage"]) + &shown(&["status", "--porcelain", "--ignored"])
    }

    fn ask_git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git").current_dir(self.path("repository")).args(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn at(&self, revision: &str) -> String {
        format!("{}#{revision}", self.path("repository").display())
    }

    /// The signatory of the worktree's `.sigpkg`.
    fn claimed_id(&self) -> String {
        let chain = fs::read(self.path("repository/.sigpkg/chain")).unwrap();
        sigpkg::chain::Chain::claimed_id(&chain).unwrap().to_string()
    }

    fn named(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// A user, who trusts the signatory of a chain.
    fn user(&self, chain: &str, id: &str) -> User<'_> {
        let home = tempfile::Builder::new().tempdir_in(self.path("")).unwrap().keep();
        let user = User { machine: self, home: home.display().to_string() };
        let ran = user.run(&["trust", "add", chain, "--id", id]);
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        user
    }

    fn commit_file(&self, path: &str, content: &str) {
        let place = self.path("repository").join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, content).unwrap();
        self.commit_all();
    }

    fn commit_all(&self) {
        self.git(&["add", "--all", "--force"]);
        self.git(&["commit", "--quiet", "--message", "change"]);
    }
}

struct User<'a> {
    machine: &'a Machine,
    home: String,
}

impl User<'_> {
    fn run(&self, arguments: &[&str]) -> Ran {
        self.machine.run(arguments, &[("SIGPKG_HOME", &self.home)])
    }

    fn verify(&self, arguments: &[&str]) -> Value {
        let ran = self.run(&[&["verify", "--json"], arguments].concat());
        serde_json::from_str(ran.stdout.lines().next().unwrap()).unwrap_or_else(|_| panic!("{}", ran.stderr))
    }

    #[track_caller]
    fn accepts(&self, arguments: &[&str]) -> Value {
        let answer = self.verify(arguments);
        assert_eq!(answer["verdict"], "accepted", "{arguments:?}: {answer}");
        answer
    }

    #[track_caller]
    fn refuses(&self, word: &str, arguments: &[&str]) -> Value {
        let answer = self.verify(arguments);
        assert_eq!((&answer["verdict"], &answer["reason"]), (&"refused".into(), &word.into()), "{answer}");
        answer
    }
}

fn notes(answer: &Value) -> Vec<&str> {
    answer["notes"].as_array().unwrap().iter().map(|note| note["note"].as_str().unwrap()).collect()
}

/// KEEP-30, KEEP-31, KEEP-33
#[test]
fn a_distributor_signs_the_tree_as_it_is_and_every_copy_of_it_verifies() {
    let machine = Machine::of_upstream();
    machine.git(&["checkout", "--quiet", "--detach", "1.0"]);
    machine.git(&["config", "--unset", "user.email"]);
    let before = machine.state();
    let id = machine.begin();
    let folder = machine.named("signatures/1.0");
    let objects = machine.json(&["adopt", "1.0", "--signatures", &folder, "--yes"]);
    assert_eq!(objects[0]["schema"], "sigpkg.adopt/1", "{objects:?}");
    assert_eq!(objects[0]["written"]["signatures"], *folder);
    assert_eq!(machine.state(), before, "the repository is as it was");

    let user = machine.user(&format!("{folder}/chain"), &id);
    machine.ask_git(&["archive", "--prefix=demo-1.0/", "--output", &machine.named("demo-1.0.tar.gz"), "1.0"]);
    let copies = [machine.at("1.0"), machine.named("demo-1.0.tar.gz"), machine.named("repository")];
    for copy in &copies {
        let answer = user.accepts(&[copy, "--signatures", &folder]);
        assert_eq!(notes(&answer), ["detached", "adopted"], "{copy}");
        assert_eq!(answer["upstream"], objects[0]["upstream"]);
        assert!(answer["notes"][1]["message"].as_str().unwrap().contains("unchanged"));
        user.accepts(&[copy, "--signatures", &folder, "--upstream", &copies[1]]);
        // Without the signatures it is a tree that somebody has stripped.
        user.refuses("signature-missing", &[copy, "--expect", "demo"]);
    }
    fs::write(machine.path("repository/README"), "changed").unwrap();
    user.refuses("tree-mismatch", &[&copies[2], "--signatures", &folder]);
}

/// KEEP-31: each version is a release of its own; the same one once more only in the place of the first.
#[test]
fn several_versions_are_adopted_one_after_the_other() {
    let machine = Machine::of_upstream();
    let id = machine.begin();
    let folder = |version: &str| machine.named(&format!("signatures/{version}"));
    machine.good(&["adopt", "1.0", "--signatures", &folder("1.0"), "--yes"]);
    machine.commit("the second");
    machine.good(&["adopt", "1.1", "--signatures", &folder("1.1"), "--yes"]);
    let again = machine.refuses(&["adopt", "1.1", "--signatures", &folder("1.1 again"), "--yes"]);
    assert!(again.contains("released already") && again.contains("--redo"), "{again}");
    let taken = machine.refuses(&["adopt", "1.2", "--signatures", &folder("1.1"), "--yes"]);
    assert!(taken.contains("is not empty") && taken.contains("a new folder for each version"), "{taken}");
    machine.commit("the second, as it is now");
    machine.good(&["adopt", "1.1", "--signatures", &folder("1.1"), "--redo", "--yes"]);

    let user = machine.user(&format!("{}/chain", folder("1.0")), &id);
    user.accepts(&[&machine.at("HEAD"), "--signatures", &folder("1.1"), "--installed", "1.0"]);
    let answer = user.accepts(&[&machine.at("1.0"), "--signatures", &folder("1.0")]);
    assert!(notes(&answer).contains(&"not-newest"), "{answer}");
    user.refuses("tree-mismatch", &[&machine.at("HEAD~1"), "--signatures", &folder("1.1")]);
    let note = machine.good(&["release", "1.3", "--dry-run"]);
    assert!(note.stdout.contains("`sigpkg adopt` would"), "{}", note.stdout);
}

/// KEEP-31, VER-60, VER-61
#[test]
fn an_adoption_on_a_branch_of_a_fork_can_be_compared_with_upstream() {
    let machine = Machine::of_upstream();
    let id = machine.begin();
    machine.git(&["checkout", "--quiet", "-b", "signed"]);
    let said = machine.good(&["adopt", "1.0", "--yes", "--tag", "signed-1.0"]);
    assert!(said.stdout.contains("adopted demo v1.0"), "{}", said.stdout);
    assert!(said.stderr.contains("adopts unchanged an upstream tree with listing blake3:"), "{}", said.stderr);
    assert_eq!(machine.ask_git(&["log", "-1", "--format=%s"]), "sigpkg: adopt demo v1.0 (statement 2)\n");
    assert_eq!(machine.ask_git(&["status", "--porcelain"]), "");
    let user = machine.user(&machine.at("signed"), &id);
    let (signed, upstream) = (machine.at("signed"), machine.at("1.0"));
    let answer = user.accepts(&[&signed, "--upstream", &upstream]);
    assert_eq!(notes(&answer), ["adopted"]);
    user.accepts(&[&signed, "--upstream", answer["upstream"].as_str().unwrap()]);
    // The adopted tree is itself a tree with that listing: its .sigpkg does not count.
    user.accepts(&[&signed, "--upstream", &signed]);

    machine.commit("with a patch");
    machine.good(&["adopt", "1.0+patched", "--upstream", &upstream, "--yes"]);
    let answer = user.accepts(&[&signed, "--upstream", &upstream]);
    assert!(answer["notes"][0]["message"].as_str().unwrap().contains("with changes"), "{answer}");
    let other = user.refuses("other-upstream", &[&signed, "--upstream", &signed]);
    assert_eq!((&other["rule"], &other["reached"]), (&"VER-61".into(), &"expectation".into()));
    assert_eq!(other["upstream"], answer["upstream"]);
    let chain = machine.path("repository/.sigpkg/chain").display().to_string();
    user.refuses("other-upstream", &[&chain, "--upstream", &upstream]);
    let mistyped = user.run(&["verify", &signed, "--upstream", "blake3:123"]);
    assert_eq!(mistyped.status, 2, "{}", mistyped.stderr);
    let absent = user.run(&["verify", &signed, "--upstream", "nowhere"]);
    assert_eq!(absent.status, 3, "{}", absent.stderr);

    machine.commit("one's own");
    machine.good(&["release", "2.0", "--yes"]);
    assert_eq!(user.accepts(&[&signed])["upstream"], Value::Null);
    user.refuses("other-upstream", &[&signed, "--upstream", &upstream]);
}

/// KEEP-30, KEEP-32
#[test]
fn a_fork_of_a_signed_package_is_adopted_and_moves_nobody() {
    let machine = Machine::of_signing_upstream();
    let theirs = machine.claimed_id();
    let refused = machine.refuses(&["release", "1.1", "--yes"]);
    assert!(refused.contains("sigpkg adopt"), "{refused}");
    let refused = machine.refuses(&["adopt", "1.0", "--replace", "--yes"]);
    assert!(refused.contains("sigpkg init"), "{refused}");
    let refused = machine.init(&[]).stderr;
    assert!(refused.contains("--no-commit") && refused.contains("sigpkg adopt"), "{refused}");
    let own = machine.begin();
    assert_eq!(machine.begin(), own, "once more begins no second chain");
    let refused = machine.refuses(&["release", "1.1", "--yes"]);
    assert!(refused.contains(&theirs) && refused.contains("sigpkg adopt"), "{refused}");

    // An answer to everything is no answer to this.
    let refused = machine.refuses(&["adopt", "1.0", "--yes"]);
    assert!(refused.contains(&theirs) && refused.contains("release 1.0") && refused.contains("--replace"), "{refused}");
    let planned = machine.good(&["adopt", "1.0", "--dry-run"]).stdout;
    assert!(planned.contains(&format!("replaces a .sigpkg of signatory {theirs} (release 1.0)")), "{planned}");
    machine.good(&["adopt", "1.0", "--replace", "--yes"]);

    let (upstream, fork) = (machine.at("1.0"), machine.at("main"));
    let of_upstream = machine.user(&upstream, &theirs);
    of_upstream.accepts(&[&upstream]);
    of_upstream.refuses("other-signatory", &[&fork]);
    let of_fork = machine.user(&fork, &own);
    let answer = of_fork.accepts(&[&fork, "--upstream", &upstream]);
    let listing = fs::read(machine.path("repository/.sigpkg/files")).unwrap();
    assert_eq!(
        answer["upstream"],
        sigpkg::digest::Digest::of(&listing).to_string(),
        "the listing that upstream signed"
    );
    of_fork.refuses("other-signatory", &[&upstream]);
}

/// KEEP-32: on a terminal the question says what is replaced, and no is an answer.
#[test]
fn a_person_is_shown_what_is_replaced_before_it_is() {
    let machine = Machine::of_signing_upstream();
    let theirs = machine.claimed_id();
    machine.begin();
    let before = machine.state();
    let (status, shown) = machine.on_terminal(&["n"], &["adopt", "1.0"]);
    assert_eq!((status, machine.statements()), (Some(4), 1), "{shown}");
    let (replaces, question) = (format!("replaces a .sigpkg of signatory {theirs}"), "Sign it? [y/N]");
    // As wide as the terminal is, or not.
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.find(&replaces).unwrap() < shown.find(question).unwrap(), "{shown}");
    assert_eq!(machine.state(), before);
    let (status, shown) = machine.on_terminal(&[], &["adopt", "1.0", "--yes"]);
    assert_eq!((status, machine.statements()), (Some(1), 1), "whoever asks not to be asked must say it: {shown}");
    let (status, shown) = machine.on_terminal(&["y"], &["adopt", "1.0"]);
    assert_eq!((status, machine.statements()), (Some(0), 2), "{shown}");
}

/// KEEP-33: the folder of a detached adoption is the `.sigpkg` that the tree could have.
#[test]
fn a_folder_that_was_kept_outside_can_be_put_into_the_tree() {
    let machine = Machine::of_upstream();
    let id = machine.begin();
    machine.good(&["adopt", "1.0", "--signatures", &machine.named("signatures"), "--yes"]);
    fs::rename(machine.path("signatures"), machine.path("repository/.sigpkg")).unwrap();
    machine.commit_all();
    let user = machine.user(&machine.at("HEAD"), &id);
    assert_eq!(notes(&user.accepts(&[&machine.at("HEAD"), "--upstream", &machine.at("1.0")])), ["adopted"]);
}

/// KEEP-33: the tree keeps upstream's signature, and both can be asked.
#[test]
fn a_signed_tree_is_adopted_without_a_change_and_verifies_for_both() {
    let machine = Machine::of_signing_upstream();
    let own = machine.begin();
    let theirs = machine.claimed_id();
    let (before, folder) = (machine.state(), machine.named("signatures"));
    let said = machine.good(&["adopt", "1.0", "--signatures", &folder, "--yes"]);
    assert!(said.stderr.contains(&format!("the tree keeps a .sigpkg of signatory {theirs}")), "{}", said.stderr);
    assert_eq!(machine.state(), before);
    let tree = machine.named("repository");
    machine.user(&machine.at("1.0"), &theirs).accepts(&[&tree]);
    let user = machine.user(&format!("{folder}/chain"), &own);
    user.accepts(&[&tree, "--signatures", &folder]);
    user.refuses("other-signatory", &[&tree]);
}

/// KEEP-32: whatever state somebody else's folder is in, nothing of it stays, and nothing else goes.
#[test]
fn a_folder_of_rubbish_is_replaced_whole_and_no_link_in_it_is_followed() {
    type Litter = fn(&Machine);
    let litters: [(&str, Litter); 5] = [
        ("a damaged chain", |machine| machine.commit_file(".sigpkg/chain", "<<<<<<< theirs\n")),
        ("more than there may be", |machine| {
            machine.commit_file(".sigpkg/deep/er/file", "left over\n");
            machine.commit_file(".sigpkg/surplus", "left over\n");
            machine.commit_file(".sigpkg/files/file", "a folder in the place of a file\n");
        }),
        ("a file", |machine| machine.commit_file(".sigpkg", "a file\n")),
        ("a link to a folder", |machine| {
            symlink("../outside", machine.path("repository/.sigpkg")).unwrap();
            machine.commit_all();
        }),
        ("links in it", |machine| {
            fs::create_dir(machine.path("repository/.sigpkg")).unwrap();
            symlink("../../outside/chain", machine.path("repository/.sigpkg/chain")).unwrap();
            symlink("../../outside", machine.path("repository/.sigpkg/more")).unwrap();
            machine.commit_all();
        }),
    ];
    for (what, litter) in litters {
        let machine = Machine::of_upstream();
        fs::create_dir(machine.path("outside")).unwrap();
        fs::write(machine.path("outside/chain"), "not ours").unwrap();
        litter(&machine);
        let id = machine.begin();
        let refused = machine.refuses(&["adopt", "1.0", "--yes"]);
        assert!(refused.contains("a .sigpkg that names no signatory"), "{what}: {refused}");
        machine.good(&["adopt", "1.0", "--yes", "--replace"]);
        assert_eq!(machine.ask_git(&["status", "--porcelain"]), "", "{what}");
        let user = machine.user(&machine.at("main"), &id);
        user.accepts(&[&machine.named("repository"), "--upstream", &machine.at("1.0")]);
        user.accepts(&[&machine.at("main")]);
        assert_eq!(fs::read_to_string(machine.path("outside/chain")).unwrap(), "not ours", "{what}");
        assert_eq!(fs::read_dir(machine.path("outside")).unwrap().count(), 1, "{what}");
    }
}

/// KEEP-32
#[test]
fn a_folder_is_not_replaced_if_something_in_it_would_be_lost() {
    let machine = Machine::of_signing_upstream();
    machine.begin();
    fs::create_dir(machine.path("repository/.sigpkg/notes")).unwrap();
    let refused = machine.refuses(&["adopt", "1.0", "--replace", "--yes"]);
    assert!(refused.contains(".sigpkg/notes is an empty folder"), "{refused}");
    fs::write(machine.path("repository/.sigpkg/notes/mine"), "not committed").unwrap();
    let refused = machine.refuses(&["adopt", "1.0", "--replace", "--yes"]);
    assert!(refused.contains(".sigpkg/notes/mine is in the worktree and in no commit"), "{refused}");
    fs::remove_dir_all(machine.path("repository/.sigpkg")).unwrap();
    machine.good(&["adopt", "1.0", "--replace", "--yes"]);

    let machine = Machine::of_upstream();
    let head = machine.ask_git(&["rev-parse", "HEAD"]);
    machine.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{},.sigpkg", head.trim())]);
    machine.git(&["commit", "--quiet", "--message", "a submodule"]);
    machine.begin();
    let refused = machine.refuses(&["adopt", "1.0", "--replace", "--yes"]);
    assert!(refused.contains(".sigpkg is a submodule"), "{refused}");
}

/// KEEP-31
#[test]
fn what_is_ones_own_is_released_and_not_adopted() {
    let machine = Machine::begun();
    machine.good(&["release", "1.0", "--yes"]);
    machine.commit("more");
    for more in [&["--replace"][..], &["--signatures", &machine.named("out")]] {
        let refused = machine.refuses(&[&["adopt", "1.1", "--yes"], more].concat());
        assert!(
            refused.contains("there is nobody to adopt this one from") && refused.contains("sigpkg release"),
            "{refused}"
        );
    }
    assert!(!machine.path("out").exists());
    // It was somebody else's all along, and signed by the wrong command.
    machine.good(&["adopt", "1.0", "--redo", "--yes"]);
    machine.commit("even more");
    machine.good(&["adopt", "1.1", "--yes"]);
}

/// KEEP-33
#[test]
fn signatures_are_kept_outside_of_the_repository() {
    let machine = Machine::of_upstream();
    machine.begin();
    symlink(machine.path("repository"), machine.path("way in")).unwrap();
    for inside in ["repository/signatures", "repository", "repository/.git/signatures", "way in/signatures"] {
        let refused = machine.refuses(&["adopt", "1.0", "--yes", "--signatures", &machine.named(inside)]);
        assert!(refused.contains("is in the repository"), "{inside}: {refused}");
    }
    assert!(machine.refuses(&["adopt", "1.0", "--yes", "--signatures", "deeper/in"]).contains("is in the repository"));
    let roundabout = machine.named("nowhere/../repository/signatures");
    assert!(machine.refuses(&["adopt", "1.0", "--yes", "--signatures", &roundabout]).contains("is in the repository"));
    fs::write(machine.path("a file"), "").unwrap();
    let refused = machine.refuses(&["adopt", "1.0", "--yes", "--signatures", &machine.named("a file")]);
    assert!(refused.contains("cannot use"), "{refused}");
    let refused = machine.refuses(&["adopt", "1.0", "--yes", "--signatures", &machine.named("a file/below")]);
    assert!(refused.contains("nothing was signed"), "{refused}");
    for other in [&["--replace"][..], &["--tag", "x"], &["--no-commit"]] {
        let arguments = ["adopt", "1.0", "--yes", "--signatures", "../out"];
        assert_eq!(machine.run(&[&arguments, other].concat(), &[]).status, 2, "{other:?}");
    }
    assert_eq!(machine.ask_git(&["status", "--porcelain", "--ignored"]), "");
}

/// KEEP-31, KEEP-33: a tree that breaks a rule of chapter 5 or 6 is adopted by nobody, and neither is one that git would change.
#[test]
fn a_tree_that_cannot_be_signed_is_not_adopted() {
    let machine = Machine::of_upstream();
    machine.begin();
    let out = machine.named("out");
    let detached = ["adopt", "1.0", "--yes", "--signatures", &out];
    machine.commit_file("aux.txt", "a device\n");
    assert!(machine.refuses(&detached).contains("bad-path"));
    assert!(machine.refuses(&["adopt", "1.0", "--yes"]).contains("bad-path"));
    let broken = machine.at("HEAD");
    machine.git(&["reset", "--quiet", "--hard", "1.0"]);
    let refused = machine.refuses(&["adopt", "1.0", "--yes", "--upstream", &broken.replace("HEAD", "HEAD@{1}")]);
    assert!(refused.contains("bad-path"), "{refused}");

    // Beside a detached folder a verifier passes over the one in the tree, but not over its form.
    machine.commit_file(".sigpkg/surplus", "left over\n");
    assert!(machine.refuses(&detached).contains("bad-folder"));
    machine.git(&["reset", "--quiet", "--hard", "1.0"]);
    machine.commit_file(".SIGPKG/chain", "another spelling\n");
    assert!(machine.refuses(&detached).contains("bad-folder"));
    machine.git(&["reset", "--quiet", "--hard", "1.0"]);

    machine.commit_file(".gitattributes", "README export-ignore\n");
    machine.git(&["tag", "theirs"]);
    let refused = machine.refuses(&detached);
    assert!(refused.contains("export-ignore") && refused.contains("--upstream"), "{refused}");
    machine.commit_file(".gitattributes", "# nothing\n");
    machine.good(&[&detached[..], &["--upstream", &machine.at("theirs")]].concat());
}

#[test]
fn the_manifest_and_the_chain_must_be_of_one_package() {
    let machine = Machine::of_upstream();
    machine.commit_file("Project.toml", JULIA);
    let reserve = machine.named("own reserve");
    let init = ["init", "--no-passphrase", "--no-commit", "--reserve-out", &reserve];
    let id = machine.good(&init).stdout.lines().next().unwrap().to_owned();
    machine.good(&["adopt", "--yes"]);
    machine.commit_file("Project.toml", &JULIA.replace("1.0.0", "1.1.0"));
    assert!(machine.refuses(&["adopt", "1.2.0", "--yes"]).contains("1.1.0"));
    // In another clone the manifest says which chain it is; of two chains the id.
    let clone = machine.path("clone");
    machine.ask_git(&["clone", "--quiet", ".", clone.to_str().unwrap()]);
    let in_clone = |arguments: &[&str]| machine.run_in(&clone, arguments, &[]);
    assert_eq!(in_clone(&["adopt", "--dry-run"]).status, 0);
    let out = machine.named("out");
    let named = in_clone(&["adopt", "--yes", "--signatures", &out, "--as", &id]);
    assert_eq!(named.status, 0, "{}", named.stderr);
    let unknown = in_clone(&["adopt", "--yes", "--as", &id.replace("sigp", "sigq")]);
    assert_eq!(unknown.status, 1, "{}", unknown.stderr);
    machine.commit_file("Project.toml", &JULIA.replace("Demo", "Other").replace("1.0.0", "1.2.0"));
    assert!(machine.refuses(&["adopt", "--yes"]).contains("the manifest is of"));
}

/// KEEP-30
#[test]
fn a_chain_that_was_begun_without_a_commit_can_be_committed_later() {
    let machine = Machine::of_upstream();
    let before = machine.state();
    let id = machine.begin();
    assert_eq!(machine.state(), before);
    assert_eq!(machine.statements(), 1);
    let init = machine.init(&[]);
    assert_eq!(init.status, 0, "{}", init.stderr);
    assert!(init.stdout.starts_with(&id), "no second chain");
    assert!(machine.path("repository/.sigpkg/chain").exists());
    let inside = PathBuf::from("repository/home");
    let ran = machine.run(
        &["init", "--name", "demo", "--no-passphrase", "--no-commit", "--reserve-out", &machine.named("r2")],
        &[("SIGPKG_HOME", machine.path(inside.to_str().unwrap()).to_str().unwrap())],
    );
    assert!(ran.stderr.contains("secret keys must never be"), "{}", ran.stderr);
}
