//! The reserve, from its holders' machines to the chain: lost and stolen keys, a fallen algorithm, hand-over, rotation.
//!
//! A signature of SLH-DSA takes seconds, so each test makes as few as it can.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// Several machines, each a folder with a home of its own: `maintainer` has the repository, `a`, `b` and `c` hold reserve keys.
struct World(tempfile::TempDir);

struct Ran {
    status: i32,
    stdout: String,
    stderr: String,
}

impl World {
    /// A repository with one commit, and three reserve keys.
    fn new(threshold: &str, holders: &[&str]) -> Self {
        let world = Self(tempfile::tempdir().unwrap());
        fs::create_dir(world.path("repository")).unwrap();
        world.git("repository", &["init", "--quiet", "--initial-branch=main"]);
        world.identify("repository");
        world.commit("repository", "the first");
        for holder in holders {
            let out = world.path(holder).display().to_string();
            world.done(holder, ".", &["reserve", "new", "--no-passphrase", "--out", &out]);
        }
        let keys: Vec<_> = holders.iter().map(|holder| world.key_file(holder, "pub")).collect();
        let init = ["init", "--name", "demo", "--no-passphrase", "--threshold", threshold, "--reserve-keys"];
        let keys: Vec<_> = keys.iter().map(String::as_str).collect();
        world.done("maintainer", "repository", &[&init, keys.as_slice()].concat());
        world.done("maintainer", "repository", &["release", "1.0", "--yes"]);
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// The file of a holder's reserve key.
    fn key_file(&self, holder: &str, ending: &str) -> String {
        let mut files = fs::read_dir(self.path(holder)).unwrap().map(|entry| entry.unwrap().path());
        files.find(|path| path.extension().is_some_and(|end| end == ending)).unwrap().display().to_string()
    }

    fn run(&self, machine: &str, folder: &str, arguments: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sigpkg"));
        command.arg("-C").arg(self.path(folder)).args(arguments).stdin(Stdio::null());
        command.env("SIGPKG_HOME", self.path("homes").join(machine)).env("NO_COLOR", "1");
        command.env_remove("SIGPKG_PASSPHRASE_FILE").env_remove("SIGPKG_ASKPASS").env_remove("SSH_ASKPASS");
        let output = command.output().unwrap();
        Ran {
            status: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn done(&self, machine: &str, folder: &str, arguments: &[&str]) -> Ran {
        let ran = self.run(machine, folder, arguments);
        assert_eq!(ran.status, 0, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
        ran
    }

    /// Refused with this status and these words.
    fn refused(&self, machine: &str, folder: &str, arguments: &[&str], status: i32, words: &[&str]) {
        let ran = self.run(machine, folder, arguments);
        assert_eq!(ran.status, status, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
        for word in words {
            assert!(ran.stderr.contains(word), "{word:?} is not in: {}", ran.stderr);
        }
    }

    fn json(&self, machine: &str, folder: &str, arguments: &[&str]) -> Value {
        let ran = self.run(machine, folder, &[arguments, &["--json"]].concat());
        let line = ran.stdout.lines().next().unwrap_or_else(|| panic!("{arguments:?}: {}", ran.stderr));
        serde_json::from_str(line).unwrap()
    }

    fn git(&self, folder: &str, arguments: &[&str]) -> String {
        let output = Command::new("git").current_dir(self.path(folder)).args(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn identify(&self, folder: &str) {
        for (key, value) in [("user.name", "Test"), ("user.email", "test@example.org"), ("commit.gpgsign", "false")] {
            self.git(folder, &["config", key, value]);
        }
    }

    fn clone_to(&self, folder: &str) {
        self.git(".", &["clone", "--quiet", "repository", folder]);
        self.identify(folder);
    }

    fn commit(&self, folder: &str, content: &str) {
        fs::write(self.path(folder).join("README"), content).unwrap();
        self.git(folder, &["add", "README"]);
        self.git(folder, &["commit", "--quiet", "--message", "change"]);
    }

    fn release(&self, machine: &str, folder: &str, version: &str) {
        self.commit(folder, &format!("content of {version}"));
        self.done(machine, folder, &["release", version, "--yes"]);
    }

    fn store(&self, machine: &str) -> PathBuf {
        let keys = self.path("homes").join(machine).join("keys");
        let mut stores = fs::read_dir(keys).unwrap().map(|entry| entry.unwrap().path());
        stores.find(|path| path.is_dir()).unwrap()
    }

    fn keys(&self, machine: &str) -> Vec<String> {
        let names = fs::read_dir(self.store(machine)).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = names
            .map(|name| name.into_string().unwrap())
            .filter(|name| Path::new(name).extension().is_some_and(|end| end == "key"))
            .collect();
        names.sort();
        names
    }

    fn copy(&self, from: &str, to: &str) {
        fs::copy(self.path(from), self.path(to)).unwrap();
    }
}

/// KEEP-17, KEEP-18, KEEP-19: keys lost with their store; two of three holders, each on a machine of their own.
#[test]
fn lost_keys_are_replaced_by_two_of_three_holders_on_three_machines() {
    let world = World::new("2", &["a", "b", "c"]);
    world.clone_to("clone");
    let begin = ["reserve", "sign", "--cause", "lost", "--reason", "the disk died", "--no-passphrase"];
    let out = world.text("draft");
    let begin = [begin.as_slice(), &["--out", &out]].concat();
    let shown = world.json("new-machine", "clone", &begin);
    assert_eq!((shown["action"].as_str(), shown["missing"].as_u64()), (Some("begun"), Some(2)));
    assert_eq!((shown["seq"].as_u64(), shown["cause"].as_str()), (Some(3), Some("lost")));
    let draft = fs::read(world.path("draft")).unwrap();
    world.done("new-machine", "clone", &begin);
    assert_eq!(fs::read(world.path("draft")).unwrap(), draft, "the same command goes on with the same text");
    world.refused(
        "new-machine",
        "clone",
        &[&begin[..4], &["--reason", "other", "--no-passphrase"]].concat(),
        1,
        &["has begun", "drop"],
    );
    world.refused("new-machine", "clone", &["release", "2.0", "--yes"], 1, &["has begun", "reserve join"]);
    assert!(world.run("new-machine", "clone", &["doctor"]).stdout.contains("a reserve statement has begun"));
    assert!(world.keys("new-machine").is_empty(), "the new keys are not in force yet");

    let (a, b) = (world.key_file("a", "key"), world.key_file("b", "key"));
    let chain = world.text("repository");
    world.copy("draft", "a/draft");
    world.copy("draft", "b/draft");
    world.refused("a", "a", &["reserve", "sign", "draft", "--key", &a, "--yes"], 4, &["--chain"]);
    let sign = ["reserve", "sign", "draft", "--chain", &chain, "--key", &a];
    let id = shown["signatory"].as_str().unwrap();
    world.refused("a", "a", &sign, 4, &[id, "the disk died", "void        nothing", "--yes"]);
    world.done("a", "a", &[&sign, ["--yes"].as_slice()].concat());
    world.refused("a", "a", &[&sign, ["--yes"].as_slice()].concat(), 1, &["signed this draft already"]);

    let join = |drafts: &[&str]| world.run("new-machine", "clone", &[&["reserve", "join", "--yes"], drafts].concat());
    let ran = join(&[&world.text("a/draft")]);
    assert_eq!(ran.status, 4);
    assert!(ran.stdout.contains("1 of 2 signatures; still needed: any one of\n"), "{}", ran.stdout);
    world.done("b", "b", &["reserve", "sign", "draft", "--chain", &chain, "--key", &b, "--yes"]);
    let ran = join(&[&world.text("b/draft")]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains(&format!("sigpkg trust accept {}", shown["digest"].as_str().unwrap())));
    assert_eq!(world.keys("new-machine"), ["4.key", "5.key"]);
    assert_eq!(world.git("clone", &["log", "-1", "--format=%s"]), "sigpkg: reserve demo (statement 3)\n");
    assert_eq!(world.git("clone", &["ls-files", ".sigpkg"]), ".sigpkg/.gitattributes\n.sigpkg/chain\n");
    assert_eq!(world.git("clone", &["status", "--porcelain"]), "");
    let ran = join(&[&world.text("b/draft")]);
    assert!(ran.status == 1 && ran.stderr.contains("of the chain already"), "{}", ran.stderr);
    let chain = world.text("clone");
    world.refused(
        "a",
        "a",
        &["reserve", "sign", "draft", "--chain", &chain, "--key", &a, "--yes"],
        1,
        &["of the chain already"],
    );
    world.release("new-machine", "clone", "1.1");

    // The old store is an old copy now, and says so.
    world.git("repository", &["pull", "--quiet", "--ff-only", &world.text("clone"), "main"]);
    world.commit("repository", "the old machine is found");
    world.refused("maintainer", "repository", &["release", "1.2", "--yes"], 1, &["statement 3"]);
}

/// KEEP-18, KEEP-19: what the thief has made becomes void, and the owner's own yank behind the theft is named for repetition.
#[test]
fn a_statement_after_a_theft_voids_what_the_holder_was_shown_and_names_the_yank_to_repeat() {
    let world = World::new("1", &["a"]);
    world.release("maintainer", "repository", "1.1");
    world.done(
        "maintainer",
        "repository",
        &["yank", "1.0", "--severity", "refuse", "--reason", "it's broken", "--yes"],
    );
    world.release("maintainer", "repository", "1.2");
    let key = world.key_file("a", "key");
    let begin =
        ["reserve", "sign", "--cause", "stolen", "--reason", "a thief", "--no-passphrase", "--key", &key, "--yes"];
    let out = world.text("draft");
    let begin = [begin.as_slice(), &["--out", &out]].concat();
    world.refused("maintainer", "repository", &begin, 2, &["--after", "release v1.1", "blake3:"]);
    world.refused(
        "maintainer",
        "repository",
        &[&begin[..], &["--after", "99"]].concat(),
        2,
        &["statement 99 is not in the chain"],
    );
    let lost = ["reserve", "sign", "--cause", "lost", "--reason", "x", "--no-passphrase", "--after", "3"];
    world.refused("maintainer", "repository", &lost, 1, &["does not go back"]);
    assert!(!world.store("maintainer").join("reserve").exists(), "a refusal begins nothing");

    let signed = world.json("maintainer", "repository", &[&begin[..], &["--after", "3"]].concat());
    assert_eq!(signed["missing"].as_u64(), Some(0));
    let void: Vec<_> = signed["void"].as_array().unwrap().iter().map(|link| link["seq"].as_u64().unwrap()).collect();
    assert_eq!(void, [4, 5]);
    let repeat = signed["repeat"][0].as_str().unwrap();
    assert_eq!(repeat, r"sigpkg yank 1.0 --severity refuse --reason 'it'\''s broken'");
    let ran = world.run("maintainer", "repository", &["reserve", "show", &out]);
    assert!(ran.stdout.contains("would no longer be yanked") && ran.stdout.contains(repeat), "{}", ran.stdout);

    let ran = world.done("maintainer", "repository", &["reserve", "join", "--yes"]);
    assert!(ran.stdout.contains(repeat), "{}", ran.stdout);
    assert_eq!(world.keys("maintainer"), ["5.key", "6.key"]);
    let chain = fs::read_to_string(world.path("repository/.sigpkg/chain")).unwrap();
    assert!(chain.contains("version = \"1.2\""), "what became void goes on being published");
    world.done(
        "maintainer",
        "repository",
        &["yank", "1.0", "--severity", "refuse", "--reason", "it's broken", "--yes"],
    );
    world.release("maintainer", "repository", "1.2.1");
    let log = world.done("maintainer", "repository", &["log", "."]).stdout;
    assert_eq!(log.matches("void").count(), 2, "{log}");
}

/// KEEP-22: after the change the keys, the signature of a release, and the store are of the other algorithm.
#[test]
fn after_a_fallen_algorithm_releases_are_signed_by_slh_dsa_and_verify() {
    let world = World::new("1", &["a"]);
    let key = world.key_file("a", "key");
    let begin =
        ["reserve", "sign", "--cause", "algorithm", "--reason", "it fell", "--no-passphrase", "--key", &key, "--yes"];
    let out = world.text("draft");
    let ran = world.done("maintainer", "repository", &[begin.as_slice(), &["--out", &out]].concat());
    assert!(ran.stderr.contains("SLH-DSA instead of Ed25519"), "{}", ran.stderr);
    let joined = world.json("maintainer", "repository", &["reserve", "join", "--yes"]);
    assert_eq!((joined["cause"].as_str(), joined["seq"].as_u64()), (Some("algorithm"), Some(3)));
    let id = joined["signatory"].as_str().unwrap();
    world.release("maintainer", "repository", "1.1");
    assert!(!world.path("repository/.sigpkg/release.toml.minisig").exists());
    let statement = fs::read_to_string(world.path("repository/.sigpkg/release.toml")).unwrap();
    assert_eq!(statement.matches(" = \"U2").count(), 2, "both look-ahead keys: {statement}");
    assert_eq!(world.keys("maintainer"), ["5.key", "6.key"]);
    world.done("user", "repository", &["trust", "add", ".", "--id", id]);
    world.done("user", "repository", &["verify", "."]);
}

/// KEEP-17, KEEP-19: a successor, who has a repository of their own and never had a key, begins; the old reserve signs, and has no say
/// afterwards.
#[test]
fn a_successor_takes_over_with_a_new_reserve_and_the_old_holder_is_out() {
    let world = World::new("1", &["a"]);
    world.clone_to("successor");
    let new = world.text("new");
    world.done("successor", ".", &["reserve", "new", "--no-passphrase", "--out", &new]);
    let (old, new) = (world.key_file("a", "key"), world.key_file("new", "pub"));
    let out = world.text("draft");
    let begin =
        ["reserve", "sign", "--cause", "handover", "--reason", "to Sam", "--no-passphrase", "--seeded", "--out", &out];
    world.done("successor", "successor", &[begin.as_slice(), &["--reserve", &new]].concat());
    let chain = world.text("repository");
    let sign = ["reserve", "sign", &out, "--chain", &chain, "--yes", "--key"];
    let stranger = world.key_file("new", "key");
    world.refused(
        "a",
        ".",
        &[sign.as_slice(), &[&stranger]].concat(),
        1,
        &["no key of the reserve in force", "wrong-signer"],
    );
    world.refused("a", ".", &[sign.as_slice(), &[&new]].concat(), 1, &["secret-file"]);
    let ran = world.done("a", ".", &[sign.as_slice(), &[&old]].concat());
    assert!(ran.stderr.contains("CHANGES") && ran.stderr.contains("has no say any more"), "{}", ran.stderr);
    world.done("successor", "successor", &["reserve", "join", &out, "--yes"]);
    assert_eq!(world.keys("successor"), ["seed.key"]);
    world.release("successor", "successor", "2.0");
    let begin = ["reserve", "sign", "--cause", "planned", "--reason", "x", "--no-passphrase", "--key", &old];
    world.refused("successor", "successor", &begin, 1, &["no key of the reserve in force at statement 4"]);
}

/// KEEP-17: what was begun can be given up, and nothing of it is left; the same keys go on.
#[test]
fn what_was_begun_is_given_up_by_an_express_command_alone() {
    let world = World::new("1", &["a"]);
    let out = world.text("draft");
    let begin = ["reserve", "sign", "--cause", "planned", "--reason", "x", "--no-passphrase", "--out", &out];
    world.refused("maintainer", "repository", &["reserve", "drop", "--yes"], 1, &["no reserve statement"]);
    world.done("maintainer", "repository", &begin);
    world.refused("maintainer", "repository", &["reserve", "drop"], 4, &["--yes"]);
    let stick = world.text("stick");
    world.refused("maintainer", "repository", &["key", "move", "--to", &stick], 1, &["has begun"]);
    let before = world.keys("maintainer");
    world.done("maintainer", "repository", &["reserve", "drop", "--yes"]);
    assert_eq!(world.keys("maintainer"), before);
    assert!(!world.store("maintainer").join("reserve").exists());
    world.refused("maintainer", "repository", &["reserve", "join", &out, "--yes"], 1, &["has begun on this machine"]);
    world.release("maintainer", "repository", "1.1");
    // Its draft follows a statement that is not the head any more.
    world.refused("maintainer", "repository", &["reserve", "show", &out], 1, &["follows statement 2", "statement 3"]);

    // A store that was made for nothing else goes with it.
    world.clone_to("clone");
    let begin =
        ["reserve", "sign", "--cause", "lost", "--reason", "x", "--no-passphrase", "--out", &world.text("other")];
    world.done("elsewhere", "clone", &begin);
    let store = world.store("elsewhere");
    world.done("elsewhere", "clone", &["reserve", "drop", "--yes"]);
    assert!(!store.exists());
}

/// KEEP-18: whatever else comes in the place of a draft.
#[test]
fn what_is_no_draft_of_this_chain_is_refused_with_its_name() {
    let (world, other) = (World::new("1", &["a"]), World::new("1", &["a"]));
    let out = world.text("draft");
    let begin = ["reserve", "sign", "--cause", "planned", "--reason", "x", "--no-passphrase", "--out", &out];
    world.done("maintainer", "repository", &begin);
    let show = |draft: &Path, chain: &str| {
        let ran = world.run("a", ".", &["reserve", "show", &draft.display().to_string(), "--chain", chain]);
        (ran.status, ran.stderr)
    };
    let (status, message) = show(&world.path("draft"), &other.text("repository"));
    assert!(status == 1 && message.contains("wrong-signatory"), "{message}");
    let text = fs::read_to_string(&out).unwrap();
    for (content, words) in [
        ("a letter\n".to_owned(), "draft"),
        (text.replace('\n', "\r\n"), "line ends"),
        (text.replace("planned", "Planned"), "bad-value"),
        (format!("{text}untrusted comment: sigpkg reserve signature\nU3I=\n"), "signature 1 of the draft is damaged"),
        ("a".repeat(1 << 20), "bytes"),
    ] {
        let path = world.path("bad.draft");
        fs::write(&path, content).unwrap();
        let (status, message) = show(&path, &world.text("repository"));
        assert!(status == 1 && message.contains(words) && message.contains("bad.draft"), "{words}: {message}");
    }
    let (status, _) = show(&world.path("nowhere"), &world.text("repository"));
    assert_eq!(status, 3);
    let taken = world.text("repository/README");
    let begin = ["reserve", "sign", "--cause", "planned", "--reason", "x", "--no-passphrase", "--out", &taken];
    world.refused("maintainer", "repository", &begin, 1, &["is there already", "--out"]);
}
