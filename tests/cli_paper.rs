//! Seeds and reserve keys on paper, as somebody types them in on a terminal. tests/paper.sh restores from what is printed.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A folder with a repository whose chain is seeded, and homes for several machines.
struct World {
    folder: tempfile::TempDir,
    id: String,
}

struct Ran {
    status: i32,
    stdout: String,
    stderr: String,
}

impl World {
    fn new() -> Self {
        let mut world = Self { folder: tempfile::tempdir().unwrap(), id: String::new() };
        fs::create_dir(world.path("demo")).unwrap();
        world.git(&["init", "--quiet", "--initial-branch=main"]);
        for (key, value) in [("user.name", "Test"), ("user.email", "test@example.org"), ("commit.gpgsign", "false")] {
            world.git(&["config", key, value]);
        }
        fs::write(world.path("demo/file"), "first").unwrap();
        world.git(&["add", "file"]);
        world.git(&["commit", "--quiet", "--message", "first"]);
        let reserve = world.text("reserve");
        let ran = world
            .done("maintainer", &["init", "--name", "demo", "--seeded", "--no-passphrase", "--reserve-out", &reserve]);
        ran.stdout.lines().next().unwrap().clone_into(&mut world.id);
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn git(&self, arguments: &[&str]) {
        let status = Command::new("git").current_dir(self.path("demo")).args(arguments).status().unwrap();
        assert!(status.success(), "git {arguments:?}");
    }

    fn run(&self, machine: &str, arguments: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sigpkg"));
        command.current_dir(self.path("demo")).args(arguments).stdin(Stdio::null());
        command.env("SIGPKG_HOME", self.path("homes").join(machine)).env("NO_COLOR", "1");
        command.env_remove("SIGPKG_PASSPHRASE_FILE").env_remove("SIGPKG_ASKPASS").env_remove("SSH_ASKPASS");
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { status: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    #[track_caller]
    fn done(&self, machine: &str, arguments: &[&str]) -> Ran {
        let ran = self.run(machine, arguments);
        assert_eq!(ran.status, 0, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
        ran
    }

    /// Runs a command on a terminal, where a person answers; the status, and what was shown.
    fn on_terminal(&self, machine: &str, answers: &[&str], arguments: &[&str]) -> (i32, String) {
        let output = Command::new("python3")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/terminal.py"))
            .arg("no groups are asked for")
            .args(answers)
            .args(["--", env!("CARGO_BIN_EXE_sigpkg")])
            .args(arguments)
            .current_dir(self.path("demo"))
            .env("SIGPKG_HOME", self.path("homes").join(machine))
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    }

    /// The file of the reserve key with this ending.
    fn reserve_file(&self, ending: &str) -> PathBuf {
        let mut files = fs::read_dir(self.path("reserve")).unwrap().map(|entry| entry.unwrap().path());
        files.find(|path| path.extension().is_some_and(|end| end == ending)).unwrap()
    }

    /// The words on a page.
    fn words(&self, arguments: &[&str], page: &str) -> Vec<String> {
        let out = self.text(page);
        self.done("maintainer", &[arguments, &["--out", &out]].concat());
        let svg = fs::read_to_string(self.path(page)).unwrap();
        let texts = svg.lines().filter_map(|line| line.strip_suffix("</text>")?.rsplit_once("font-weight=\"bold\">"));
        let words = texts.map(|(_, word)| word.to_owned());
        words.filter(|word| word.bytes().all(|byte| byte.is_ascii_lowercase())).collect()
    }

    fn reserve_words(&self) -> Vec<String> {
        self.words(&["reserve", "paper", &self.reserve_file("key").display().to_string()], "reserve.svg")
    }

    fn has_store(&self, machine: &str) -> bool {
        self.path("homes").join(machine).join("keys").join(&self.id).exists()
    }
}

/// Two neighbours that are not the same word, from 1.
fn neighbours(words: &[String]) -> (usize, usize) {
    let at = words.windows(2).position(|two| two[0] != two[1]).unwrap();
    (at + 1, at + 2)
}

// KEEP-37, KEEP-39
#[test]
fn words_are_typed_one_by_one_and_what_is_wrong_is_mended_on_the_spot() {
    let world = World::new();
    let words = world.words(&["key", "paper"], "seed.svg");
    assert_eq!(words.len(), 24);
    let (one, other) = neighbours(&words);
    let mut typed = words.clone();
    typed.swap(one - 1, other - 1);
    // The first by its beginning, in capitals; the second misspelt at first; the third twice, and taken back.
    typed[0] = typed[0].chars().take(4).collect::<String>().to_uppercase();
    typed.insert(1, "winnner".to_owned());
    typed.insert(4, "zoo".to_owned());
    typed.insert(5, "-".to_owned());
    let exchange = format!("{one} {other}");
    typed.extend(["7 wimmmer".to_owned(), format!("7 {}", words[6]), "1 99".to_owned(), exchange]);
    let answers: Vec<_> = typed.iter().map(String::as_str).collect();
    let (status, shown) = world.on_terminal("new", &answers, &["key", "restore", "--no-passphrase"]);
    if !shown.contains("checksum") {
        // One in 256 seeds has a checksum that fits with two words exchanged; then there is nothing to mend.
        assert_eq!(status, 1, "{shown}");
        return;
    }
    assert_eq!(status, 0, "{shown}");
    for expected in [
        "word  1 of 24",
        "word 2 is \"winnner\"",
        "is it winner",
        "word 7 is \"wimmmer\"",
        "two numbers from 1 to 24",
        "\x1b[3J",
        &world.id,
    ] {
        assert!(shown.contains(expected), "{expected:?} is not in {shown}");
    }
    assert!(world.has_store("new"));
    world.done("new", &["release", "1.0", "--yes"]);
}

// KEEP-37
#[test]
fn whoever_gives_up_has_written_nothing() {
    let world = World::new();
    let mut words = world.words(&["key", "paper"], "seed.svg");
    let last = if words[23] == "zoo" { "zone" } else { "zoo" };
    words[23] = last.to_owned();
    words.push("stop".to_owned());
    let answers: Vec<_> = words.iter().map(String::as_str).collect();
    let (status, shown) = world.on_terminal("new", &answers, &["key", "restore", "--no-passphrase"]);
    assert_eq!(status, 1, "{shown}");
    assert!(!world.has_store("new"));
    let ran = world.run("new", &["key", "restore", "--no-passphrase"]);
    assert_eq!(ran.status, 4);
    assert!(ran.stderr.contains("there is no terminal to ask for the words"), "{}", ran.stderr);
    assert!(ran.stderr.contains("--words FILE"), "{}", ran.stderr);
    // A word is no argument of any command.
    assert_eq!(world.run("new", &["key", "restore", "abandon"]).status, 2);
    assert_eq!(world.run("new", &["reserve", "restore", "--out", "keys", "abandon"]).status, 2);
}

// KEEP-38
#[test]
fn a_reserve_key_is_written_only_when_its_holder_has_seen_its_public_half() {
    let world = World::new();
    let words = world.reserve_words();
    assert_eq!(words.len(), 36);
    let all = words.join(" ");
    let out = world.text("restored");
    let restore = ["reserve", "restore", "--no-passphrase", "--out", &out];
    let public = fs::read_to_string(world.reserve_file("pub")).unwrap();
    let key = public.lines().nth(1).unwrap();

    let (status, shown) = world.on_terminal("holder", &[&all, "n"], &restore);
    assert_eq!(status, 4, "{shown}");
    assert!(shown.contains(&format!("{} {}", &key[..4], &key[4..8])), "{shown}");
    assert!(!world.path("restored").exists());

    let (status, shown) = world.on_terminal("holder", &[&all, "y"], &restore);
    assert_eq!(status, 0, "{shown}");
    let name = world.reserve_file("key").file_name().unwrap().to_owned();
    let read = |path: PathBuf| fs::read_to_string(path).unwrap().lines().nth(1).unwrap().to_owned();
    assert_eq!(read(world.path("restored").join(&name)), read(world.reserve_file("key")));

    // Keys are never overwritten (KEEP-4).
    let (status, shown) = world.on_terminal("holder", &[&all, "y"], &restore);
    assert_eq!(status, 1, "{shown}");
    assert!(shown.contains("keys are never overwritten"), "{shown}");
}

// KEEP-36
#[test]
fn a_page_is_a_new_private_file_outside_of_repositories_and_never_of_fresh_keys() {
    let world = World::new();
    let page = world.text("page.pdf");
    world.done("maintainer", &["key", "paper", "--out", &page]);
    assert_eq!(fs::metadata(&page).unwrap().permissions().mode() & 0o777, 0o600);
    let before = fs::read(&page).unwrap();
    for (out, words) in [
        (page.as_str(), "never written over another file"),
        ("page.pdf", "secret keys must never be"),
        (".git/page.svg", "secret keys must never be"),
        ("-", "ends in .pdf or .svg"),
        ("../page.txt", "ends in .pdf or .svg"),
    ] {
        let ran = world.run("maintainer", &["key", "paper", "--out", out]);
        assert_ne!(ran.status, 0, "{out}");
        assert!(ran.stderr.contains(words), "{out}: {}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
    assert_eq!(fs::read(&page).unwrap(), before);
    assert!(!world.path("page.txt").exists());
    let store = fs::read_to_string(world.path("homes/maintainer/keys").join(&world.id).join("store.toml")).unwrap();
    assert!(store.contains("papers = [\"blake3:"), "{store}");
    fs::remove_dir_all(world.path("demo/.sigpkg")).unwrap();
    world.git(&["commit", "--quiet", "--all", "--message", "begin again"]);
    let keys: Vec<_> = ["pub"].map(|end| world.reserve_file(end).display().to_string()).into();
    world.done("fresh", &["init", "--name", "demo", "--no-passphrase", "--reserve-keys", &keys[0]]);
    let ran = world.run("fresh", &["key", "paper", "--out", &world.text("fresh.pdf")]);
    assert_eq!(ran.status, 1);
    assert!(ran.stderr.contains("is fresh: its keys are used once and never copied"), "{}", ran.stderr);
    assert!(ran.stderr.contains("sigpkg reserve paper"), "{}", ran.stderr);
    assert!(!world.path("fresh.pdf").exists());
}
