//! The process killed at every durable step of `init`, `release`, `yank` and `beat`, and at random moments; a disk that is full or
//! read-only; two releases at once. Whatever happens: one text for each seq, no key lost, and a rerun finishes.
//!
//! Runs the real command, built with the feature `failpoints`.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use sigpkg::failpoint::Failpoint;
use sigpkg::keystore::KeyStores;
use sigpkg::publish::{self, Request};
use sigpkg::repository::Workplace;

#[path = "crash/side.rs"]
mod side;

/// A maintainer in a folder: `home` with the keys, `repository` with the package.
struct Scene(PathBuf);

impl Scene {
    /// A repository with one commit.
    fn empty(folder: &Path) -> Self {
        let scene = Self(folder.to_owned());
        fs::create_dir(scene.repository()).unwrap();
        scene.git(&["init", "--quiet", "--initial-branch=main", "--template="]);
        for (key, value) in [("user.name", "Test"), ("user.email", "test@example.org"), ("commit.gpgsign", "false")] {
            scene.git(&["config", key, value]);
        }
        scene.commit("the first");
        scene
    }

    /// With a chain of two statements, and something to release.
    fn ready(folder: &Path) -> Self {
        let scene = Self::empty(folder);
        scene.succeeds(&scene.init());
        scene.succeeds(&["release", "1.0", "--yes"]);
        scene.commit("the second");
        scene
    }

    /// With a chain that was begun beside the `.sigpkg` of somebody else.
    fn of_somebody_else(folder: &Path) -> Self {
        let scene = Self::empty(folder);
        fs::create_dir_all(scene.repository().join(".sigpkg/rubbish")).unwrap();
        for name in [".sigpkg/rubbish/file", ".sigpkg/chain"] {
            fs::write(scene.repository().join(name), "somebody else's").unwrap();
        }
        scene.git(&["add", "--all"]);
        scene.git(&["commit", "--quiet", "--message", "theirs"]);
        scene.succeeds(&[scene.init(), vec!["--no-commit".to_owned()]].concat());
        scene
    }

    /// A copy, so that keys need not be made again.
    fn copy_to(&self, folder: &Path) -> Self {
        for name in ["home", "repository"] {
            let status = Command::new("cp").arg("-a").arg(self.0.join(name)).arg(folder).status().unwrap();
            assert!(status.success());
        }
        Self(folder.to_owned())
    }

    fn repository(&self) -> PathBuf {
        self.0.join("repository")
    }

    fn init(&self) -> Vec<String> {
        let reserve = self.0.join("reserve").display().to_string();
        ["init", "--name", "example", "--no-passphrase", "--reserve-out", &reserve].map(str::to_owned).to_vec()
    }

    fn draft(&self) -> String {
        self.0.join("draft").display().to_string()
    }

    fn begin_reserve(&self) -> Vec<String> {
        let reserve = ["reserve", "sign", "--cause", "planned", "--reason", "a test", "--no-passphrase", "--out"];
        reserve.map(str::to_owned).into_iter().chain([self.draft()]).collect()
    }

    fn command(&self, arguments: &[impl AsRef<str>]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sigpkg"));
        command.env("SIGPKG_HOME", self.0.join("home")).env_remove("SIGPKG_FAILPOINT").stdin(Stdio::null());
        command.arg("-C").arg(self.repository()).args(arguments.iter().map(AsRef::as_ref));
        command
    }

    fn run(&self, arguments: &[impl AsRef<str>]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn succeeds(&self, arguments: &[impl AsRef<str>]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git").current_dir(self.repository()).args(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn commit(&self, content: &str) {
        fs::write(self.repository().join("README"), content).unwrap();
        self.git(&["add", "README"]);
        self.git(&["commit", "--quiet", "--message", content]);
    }

    fn store(&self) -> PathBuf {
        let stores = KeyStores::at(self.0.join("home/keys"));
        let ids = stores.ids().unwrap();
        assert_eq!(ids.len(), 1, "one chain in {}", stores.home().display());
        stores.folder(ids[0])
    }

    /// The signatory id of the one chain.
    fn id(&self) -> String {
        self.store().file_name().unwrap().to_str().unwrap().to_owned()
    }

    /// Every text of a statement that is anywhere: in the store, in the worktree, in any object of git.
    fn texts(&self) -> BTreeMap<u32, Vec<String>> {
        let mut places = Vec::new();
        read_all(&self.0, &mut places);
        let objects = self.git(&["cat-file", "--batch-all-objects", "--batch"]);
        places.push(objects);
        let mut texts: BTreeMap<u32, Vec<String>> = BTreeMap::new();
        for place in &places {
            for text in place.split("sigpkg = 1\nkind = ").skip(1) {
                // The last line of a statement is its key `after-next`.
                let Some(end) = text.find("after-next = ").and_then(|at| Some(at + text[at..].find('\n')?)) else {
                    continue;
                };
                let text = &text[..end];
                let seq = text.split("\nseq = ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok()).unwrap();
                let texts = texts.entry(seq).or_default();
                if !texts.iter().any(|known| known == text) {
                    texts.push(text.to_owned());
                }
            }
        }
        texts
    }

    /// One text for each seq; the used key is gone, the next two are there; everything is committed.
    fn assert_finished(&self, head: u32, context: &str) {
        for (seq, texts) in self.texts() {
            assert_eq!(texts.len(), 1, "{context}: statement {seq} has one text");
        }
        let store = self.store();
        assert_eq!(self.texts().keys().max(), Some(&head), "{context}");
        assert!(!store.join("journal").exists(), "{context}: the journal is closed");
        for (seq, is_there) in [(head, false), (head + 1, true), (head + 2, true), (head + 3, false)] {
            assert_eq!(store.join(format!("{seq}.key")).exists(), is_there, "{context}: key {seq}");
        }
        let chain = fs::read(store.join("chain")).unwrap();
        assert_eq!(fs::read(self.repository().join(".sigpkg/chain")).unwrap(), chain, "{context}");
        assert_eq!(self.git(&["status", "--porcelain"]), "", "{context}: the worktree is clean");
        let left_over: Vec<_> = fs::read_dir(&store)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with('.'))
            .collect();
        assert!(left_over.is_empty(), "{context}: {left_over:?}");
    }

    /// The chain goes on, so no key was lost.
    fn assert_goes_on(&self, head: u32, context: &str) {
        self.commit(&format!("after {context}"));
        self.succeeds(&["release", &format!("{head}.9"), "--yes"]);
        self.assert_finished(head + 1, context);
    }

    /// What a human does on the advice of the message: a killed git leaves its locks behind.
    fn remove_locks(&self) {
        for lock in ["index.lock", "HEAD.lock", "refs/heads/main.lock", "packed-refs.lock"] {
            let _ = fs::remove_file(self.repository().join(".git").join(lock));
        }
    }
}

fn read_all(folder: &Path, places: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_all(&path, places);
        } else if let Ok(bytes) = fs::read(&path) {
            places.push(String::from_utf8_lossy(&bytes).into_owned());
        }
    }
}

fn is_of_init(point: Failpoint) -> bool {
    point.name().starts_with("init-")
}

/// The steps that every release, yank and beat takes. A tag is for releases.
fn of_every_statement() -> impl Iterator<Item = Failpoint> {
    let is_other = |point: Failpoint| is_of_init(point) || point.name().starts_with("reserve-");
    let points = Failpoint::ALL.iter().copied();
    let is_special = |point: Failpoint| {
        matches!(point, Failpoint::ForeignKept | Failpoint::TagMade | Failpoint::SideTagMade | Failpoint::FolderWritten)
    };
    points.filter(move |point| !is_other(*point) && !is_special(*point))
}

/// The steps of a statement that goes into a folder outside of the repository.
fn of_a_detached_adoption() -> impl Iterator<Item = Failpoint> {
    let is_of_commit = |point: &Failpoint| {
        matches!(
            point,
            Failpoint::CommitMade | Failpoint::BranchMoved | Failpoint::IndexWritten | Failpoint::WorktreeWritten
        )
    };
    of_every_statement().filter(move |point| !is_of_commit(point)).chain([Failpoint::FolderWritten])
}

fn of_a_tagged_release() -> impl Iterator<Item = Failpoint> {
    of_every_statement().chain([Failpoint::TagMade])
}

/// KEEP-1, KEEP-5, KEEP-8
#[test]
fn a_release_killed_at_any_durable_step_is_finished_by_a_rerun_with_the_same_text() {
    let first = tempfile::tempdir().unwrap();
    let template = Scene::ready(first.path());
    let release = ["release", "1.1", "--yes", "--tag", "v1.1"];
    for point in of_a_tagged_release() {
        let folder = tempfile::tempdir().unwrap();
        let scene = template.copy_to(folder.path());
        let name = point.name();
        // Twice, since the way back can be interrupted too; the second time the point may lie behind.
        let killed = scene.command(&release).env("SIGPKG_FAILPOINT", name).output().unwrap();
        assert_eq!(killed.status.code(), None, "{name} is reached: {}", String::from_utf8_lossy(&killed.stderr));
        scene.command(&release).env("SIGPKG_FAILPOINT", name).output().unwrap();
        let output = scene.run(&release);
        let message = String::from_utf8_lossy(&output.stderr);
        // After the journal is closed there is nothing left to do, and the command says so.
        let is_done = message.contains("released already") || message.contains("nothing to release");
        assert!(output.status.success() || is_done, "{name}: {message}");
        scene.assert_finished(3, name);
        assert_eq!(scene.git(&["rev-parse", "v1.1"]), scene.git(&["rev-parse", "HEAD"]), "{name}");
        scene.assert_goes_on(3, name);
    }
}

/// KEEP-8: killed at one step, and on the way back at each other one.
#[test]
fn a_rerun_may_be_killed_too() {
    let first = tempfile::tempdir().unwrap();
    let template = Scene::ready(first.path());
    let release = ["release", "1.1", "--yes", "--tag", "v1.1"];
    let points: Vec<_> = of_a_tagged_release().collect();
    let folder = tempfile::tempdir().unwrap();
    let scene = template.copy_to(folder.path());
    for point in &points {
        scene.command(&release).env("SIGPKG_FAILPOINT", point.name()).output().unwrap();
    }
    let output = scene.run(&release);
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() || message.contains("released already"), "{message}");
    scene.assert_finished(3, "all points in turn");
    scene.assert_goes_on(3, "all points in turn");
}

/// KEEP-8, KEEP-21
#[test]
fn a_yank_or_beat_killed_at_any_durable_step_is_finished_by_any_command_with_the_same_text() {
    let first = tempfile::tempdir().unwrap();
    let template = Scene::ready(first.path());
    let yank = ["yank", "1.0", "--severity", "refuse", "--reason", "it eats data", "--yes"].as_slice();
    let beat = ["beat", "--final", "--yes"].as_slice();
    for statement in [yank, beat] {
        for point in of_every_statement() {
            let folder = tempfile::tempdir().unwrap();
            let scene = template.copy_to(folder.path());
            let context = format!("{} at {}", statement[0], point.name());
            for _ in 0..2 {
                scene.command(statement).env("SIGPKG_FAILPOINT", point.name()).output().unwrap();
            }
            let was_closed = !scene.store().join("journal").exists();
            let output = scene.run(statement);
            let message = String::from_utf8_lossy(&output.stderr);
            let is_done = was_closed && message.contains("not yanked with severity refuse");
            assert!(output.status.success() || is_done, "{context}: {message}");
            // A beat that had ended when the process was killed is another beat the next time.
            let head = if statement[0] == "beat" && was_closed { highest(&scene) } else { 3 };
            assert!(head <= 5, "{context}: {head}");
            scene.assert_finished(head, &context);
            scene.assert_goes_on(head, &context);
        }
        // Finished by another command, which then does its own work.
        let folder = tempfile::tempdir().unwrap();
        let scene = template.copy_to(folder.path());
        scene.command(statement).env("SIGPKG_FAILPOINT", "journal-opened").output().unwrap();
        let output = scene.run(&["release", "1.1", "--yes"]);
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(message.contains(&format!("the {} (statement 3) was interrupted", statement[0])), "{message}");
        // The yank or beat made a commit, so there is something new.
        assert!(output.status.success(), "{message}");
        scene.assert_finished(4, statement[0]);
    }
}

/// KEEP-8, KEEP-32: somebody else's folder is replaced whole, however often the process was killed on the way.
#[test]
fn an_adoption_killed_at_any_durable_step_is_finished_by_a_rerun_with_the_same_text() {
    let first = tempfile::tempdir().unwrap();
    let template = Scene::of_somebody_else(first.path());
    let id = template.id();
    // A copy of the repository is at another place, and no manifest says whose it is.
    let adopt = ["adopt", "1.0", "--replace", "--yes", "--as", &id];
    for point in of_every_statement() {
        let folder = tempfile::tempdir().unwrap();
        let scene = template.copy_to(folder.path());
        let name = point.name();
        let killed = scene.command(&adopt).env("SIGPKG_FAILPOINT", name).output().unwrap();
        assert_eq!(killed.status.code(), None, "{name} is reached: {}", String::from_utf8_lossy(&killed.stderr));
        scene.command(&adopt).env("SIGPKG_FAILPOINT", name).output().unwrap();
        let output = scene.run(&adopt);
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() || message.contains("released already"), "{name}: {message}");
        scene.assert_finished(2, name);
        assert!(!scene.repository().join(".sigpkg/rubbish").exists(), "{name}");
        assert!(scene.texts()[&2][0].contains("upstream = "), "{name}");
        scene.commit("more");
        scene.succeeds(&["adopt", "1.1", "--yes"]);
        scene.assert_finished(3, name);
    }
}

/// KEEP-8, KEEP-33
#[test]
fn a_detached_adoption_killed_at_any_durable_step_is_finished_by_a_rerun() {
    let first = tempfile::tempdir().unwrap();
    let template = Scene::of_somebody_else(first.path());
    let head = template.git(&["rev-parse", "HEAD"]);
    template.git(&["rm", "--quiet", "-r", ".sigpkg"]);
    template.git(&["commit", "--quiet", "--message", "unsigned"]);
    assert_ne!(template.git(&["rev-parse", "HEAD"]), head);
    let (id, refs) = (template.id(), template.git(&["for-each-ref"]));
    for point in of_a_detached_adoption() {
        for is_elsewhere in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let scene = template.copy_to(folder.path());
            let context = format!("{}, elsewhere: {is_elsewhere}", point.name());
            let [begun, other] = ["begun", "other"].map(|name| folder.path().join(name).display().to_string());
            let adopt = ["adopt", "1.0", "--yes", "--as", &id, "--signatures", &begun];
            let killed = scene.command(&adopt).env("SIGPKG_FAILPOINT", point.name()).output().unwrap();
            assert_eq!(killed.status.code(), None, "{context}: {}", String::from_utf8_lossy(&killed.stderr));
            let was_closed = ["2.key", "journal"].iter().all(|name| !scene.store().join(name).exists());
            let again = if is_elsewhere { [&adopt[..6], &[other.as_str()]].concat() } else { adopt.to_vec() };
            let output = scene.run(&again);
            let message = String::from_utf8_lossy(&output.stderr);
            let is_done = was_closed && (message.contains("is not empty") || message.contains("released already"));
            assert!(output.status.success() || is_done, "{context}: {message}");
            let texts = scene.texts();
            assert_eq!(texts.keys().copied().collect::<Vec<_>>(), [1, 2], "{context}");
            assert_eq!(texts[&2].len(), 1, "{context}: one text");
            let complete = if is_elsewhere && !was_closed { &other } else { &begun };
            assert_eq!(fs::read_dir(complete).unwrap().count(), 5, "{context}");
            let tree = scene.repository().display().to_string();
            scene.succeeds(&["verify", &tree, "--signatures", complete, "--id", &id, "--no-update"]);
            assert_eq!(scene.git(&["for-each-ref"]), refs, "{context}");
            assert_eq!(scene.git(&["status", "--porcelain", "--ignored"]), "", "{context}");
            assert!(!scene.store().join("2.key").exists() && scene.store().join("4.key").exists(), "{context}");
        }
    }
}

fn highest(scene: &Scene) -> u32 {
    scene.texts().keys().max().copied().unwrap()
}

/// KEEP-8, KEEP-20: what somebody else has signed is kept, a beat is made, and then the release; killed anywhere, a rerun
/// ends with the same three.
#[test]
fn the_healing_of_a_fork_killed_at_any_durable_step_is_finished_by_a_rerun() {
    let first = tempfile::tempdir().unwrap();
    let template = Scene::ready(first.path());
    let thief = tempfile::tempdir().unwrap();
    let digest = steal(&template, thief.path());
    let release = ["release", "1.1", "--yes", "--heal", &digest];
    for point in of_every_statement().chain([Failpoint::ForeignKept]) {
        for again in ["release", "without --heal"] {
            let folder = tempfile::tempdir().unwrap();
            let scene = template.copy_to(folder.path());
            let context = format!("{}, {again}", point.name());
            let killed = scene.command(&release).env("SIGPKG_FAILPOINT", point.name()).output().unwrap();
            assert_eq!(killed.status.code(), None, "{context}: {}", String::from_utf8_lossy(&killed.stderr));
            // Before it was kept it is an alarm without the word of the maintainer.
            let is_kept = scene.store().join("foreign").exists();
            let rerun = if again == "release" || !is_kept { release.as_slice() } else { &release[..3] };
            let output = scene.run(rerun);
            let message = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{context}: {message}");
            let chain = fs::read_to_string(scene.repository().join(".sigpkg/chain")).unwrap();
            let seqs: Vec<_> = chain.lines().filter_map(|line| line.strip_prefix("seq = ")).collect();
            assert_eq!(seqs, ["1", "2", "3", "3", "4"], "{context}");
            let texts = scene.texts();
            assert_eq!((texts[&3].len(), texts[&4].len()), (2, 1), "{context}: one of ours, one of the thief's");
            assert!(!scene.store().join("journal").exists(), "{context}");
            assert_eq!(scene.git(&["status", "--porcelain"]), "", "{context}");
            assert!(scene.git(&["log", "-1", "--format=%s"]).contains("v1.1 (statement 4)"), "{context}");
            scene.commit("more");
            let output = scene.succeeds(&["release", "1.2", "--yes"]);
            assert!(output.contains("statement  5 ") && !output.contains("beat"), "{context}: {output}");
        }
    }
}

/// Somebody releases with a copy of the keys, on a branch that stays. The digest of his statement.
fn steal(scene: &Scene, thief: &Path) -> String {
    let status = Command::new("cp").arg("-a").arg(scene.0.join("home")).arg(thief).status().unwrap();
    assert!(status.success());
    scene.git(&["checkout", "--quiet", "-b", "evil"]);
    let mut command = scene.command(&["release", "6.6", "--yes", "--json"]);
    let output = command.env("SIGPKG_HOME", thief.join("home")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    scene.git(&["checkout", "--quiet", "main"]);
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    answer["digest"].as_str().unwrap().to_owned()
}

/// KEEP-5, KEEP-17: begun at any step, it is gone on with; and there is one text and one pair of keys.
#[test]
fn a_reserve_statement_killed_while_it_begins_goes_on_with_one_text() {
    let first = tempfile::tempdir().unwrap();
    let template = Scene::ready(first.path());
    for point in [Failpoint::ReserveStoreBuilt, Failpoint::ReserveBegun] {
        // In a store that is there, and in one that is made for it.
        for has_store in [true, false] {
            let folder = tempfile::tempdir().unwrap();
            let scene = template.copy_to(folder.path());
            let name = format!("{}, store {has_store}", point.name());
            if !has_store {
                fs::remove_dir_all(scene.0.join("home")).unwrap();
            }
            let begin = scene.begin_reserve();
            let killed = scene.command(&begin).env("SIGPKG_FAILPOINT", point.name()).output().unwrap();
            assert_eq!(killed.status.code(), None, "{name} is reached: {}", String::from_utf8_lossy(&killed.stderr));
            scene.succeeds(&begin);
            let texts = scene.texts();
            assert_eq!(texts[&3].len(), 1, "{name}");
            let reserve = scene.store().join("reserve");
            assert!(reserve.join("4.key").exists() && reserve.join("5.key").exists(), "{name}");
            assert!(!scene.store().join(".reserve.new").exists(), "{name}");
            scene.succeeds(&["reserve", "drop", "--yes"]);
            assert!(!reserve.exists(), "{name}");
        }
    }
}

/// KEEP-5, KEEP-17: joined at any step, it is finished by a rerun, and the old keys go only when the record is in the chain.
#[test]
fn a_reserve_statement_killed_at_any_durable_step_of_joining_is_finished_by_a_rerun() {
    let first = tempfile::tempdir().unwrap();
    let template = Scene::ready(first.path());
    template.succeeds(&template.begin_reserve());
    let mut reserve = fs::read_dir(first.path().join("reserve")).unwrap().map(|entry| entry.unwrap().path());
    let key = reserve.find(|path| path.extension().is_some_and(|end| end == "key")).unwrap().display().to_string();
    let (draft, chain) = (template.draft(), template.repository().display().to_string());
    // On the machine of its holder, so that the signature comes with the draft.
    let sign = ["reserve", "sign", &draft, "--chain", &chain, "--key", &key, "--yes"];
    let signed = template.command(&sign).env("SIGPKG_HOME", first.path().join("holder")).output().unwrap();
    assert!(signed.status.success(), "{}", String::from_utf8_lossy(&signed.stderr));
    let join = ["reserve", "join", &draft, "--yes"];
    let points = [
        Failpoint::ReserveSignaturesWritten,
        Failpoint::ChainWritten,
        Failpoint::ChainStored,
        Failpoint::KeyOverwritten,
        Failpoint::ReserveOldKeyErased,
        Failpoint::ReserveKeyMoved,
        Failpoint::CommitMade,
        Failpoint::BranchMoved,
        Failpoint::IndexWritten,
        Failpoint::WorktreeWritten,
        Failpoint::ReserveClosed,
    ];
    for point in points {
        let folder = tempfile::tempdir().unwrap();
        let scene = template.copy_to(folder.path());
        let name = point.name();
        let killed = scene.command(&join).env("SIGPKG_FAILPOINT", name).output().unwrap();
        assert_eq!(killed.status.code(), None, "{name} is reached: {}", String::from_utf8_lossy(&killed.stderr));
        let chain = fs::read_to_string(scene.store().join("chain")).unwrap();
        let has_old_key = scene.store().join("3.key").exists();
        assert!(has_old_key || chain.contains("kind = \"reserve\""), "{name}: no key goes before the record is stored");
        // The way back can be interrupted too; the second time the point may lie behind.
        scene.command(&join).env("SIGPKG_FAILPOINT", name).output().unwrap();
        let output = scene.run(&join);
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() || message.contains("of the chain already"), "{name}: {message}");
        assert!(!scene.store().join("reserve").exists(), "{name}");
        // The next command tidies what the last step has left.
        scene.assert_goes_on(3, name);
    }
}

#[test]
fn an_init_killed_at_any_durable_step_is_finished_by_a_rerun_as_one_chain() {
    let points = Failpoint::ALL.iter().copied().filter(|point| {
        is_of_init(*point)
            || matches!(
                point,
                Failpoint::CommitMade | Failpoint::BranchMoved | Failpoint::IndexWritten | Failpoint::WorktreeWritten
            )
    });
    for point in points {
        let folder = tempfile::tempdir().unwrap();
        let scene = Scene::empty(folder.path());
        let name = point.name();
        let killed = scene.command(&scene.init()).env("SIGPKG_FAILPOINT", name).output().unwrap();
        assert_eq!(killed.status.code(), None, "{name} is reached: {}", String::from_utf8_lossy(&killed.stderr));
        let output = scene.run(&scene.init());
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() || message.contains("there is a .sigpkg already"), "{name}: {message}");
        scene.assert_finished(1, name);
        scene.assert_goes_on(1, name);
    }
}

/// KEEP-8: the branch went on meanwhile, so the signed tree gets a branch of its own and loses nothing.
#[test]
fn an_interrupted_release_is_finished_aside_if_the_branch_went_on() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::ready(folder.path());
    let killed = scene.command(&["release", "1.1", "--yes"]).env("SIGPKG_FAILPOINT", "signed").output().unwrap();
    assert_eq!(killed.status.code(), None);
    scene.commit("the branch goes on");
    let output = scene.succeeds(&["release", "1.1", "--yes"]);
    assert!(output.contains("sigpkg/statement-3"), "{output}");
    assert_eq!(scene.git(&["show", "sigpkg/statement-3:README"]), "the second");
    scene.succeeds(&["release", "1.2", "--yes"]);
    scene.assert_finished(4, "aside");
}

/// KEEP-8: another version is asked for; the first is finished before, and both are there.
#[test]
fn another_release_waits_until_the_interrupted_one_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::ready(folder.path());
    let killed =
        scene.command(&["release", "1.1", "--yes"]).env("SIGPKG_FAILPOINT", "journal-opened").output().unwrap();
    assert_eq!(killed.status.code(), None);
    let output = scene.run(&["release", "1.2", "--yes"]);
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("1.1") && message.contains("nothing to release"), "{message}");
    scene.assert_finished(3, "another version");
}

/// KEEP-8: killed from outside, at any moment.
#[test]
fn a_release_killed_at_random_moments_is_finished_by_a_rerun() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::ready(folder.path());
    let begun = Instant::now();
    scene.succeeds(&["release", "1.1", "--yes"]);
    let whole = begun.elapsed();
    let seed = u64::from(std::process::id());
    let mut state = seed;
    let (mut head, mut killed) = (3, 0);
    for round in 0..40 {
        scene.commit(&format!("round {round}"));
        let version = format!("2.{round}");
        let context = format!("seed {seed}, round {round}");
        loop {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let delay = whole.mul_f64(f64::from(u32::try_from(state >> 40).unwrap()) / f64::from(1 << 24) * 1.2);
            let mut child = scene
                .command(&["release", &version, "--yes"])
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            std::thread::sleep(delay);
            let _ = child.kill();
            let output = child.wait_with_output().unwrap();
            let message = String::from_utf8_lossy(&output.stderr);
            scene.remove_locks();
            if output.status.success() || message.contains("released already") || message.contains("nothing to release")
            {
                break;
            }
            assert_eq!(output.status.code(), None, "{context}: {message}");
            killed += 1;
        }
        head += 1;
        // Killed after the journal was closed, something may be left to tidy: the next command does it.
        scene.commit(&format!("round {round} is over"));
        head += 1;
        scene.succeeds(&["release", &format!("2.{round}.1"), "--yes"]);
        scene.assert_finished(head, &context);
    }
    assert!(killed > 10, "only {killed} of the kills were in time");
}

/// KEEP-7
#[test]
fn two_releases_at_once_make_one_text() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::ready(folder.path());
    for round in 0..8 {
        scene.commit(&format!("round {round}"));
        let children: Vec<_> = ["a", "b", "c"]
            .map(|suffix| {
                let version = format!("3.{round}{suffix}");
                scene
                    .command(&["release", &version, "--yes"])
                    .stdout(Stdio::piped())
                    .stderr(Stdio::piped())
                    .spawn()
                    .unwrap()
            })
            .into_iter()
            .map(|child| child.wait_with_output().unwrap())
            .collect();
        let successes = children.iter().filter(|output| output.status.success()).count();
        assert_eq!(successes, 1, "one is done, the others find nothing to release");
        scene.assert_finished(3 + round, &format!("round {round}"));
    }
}

/// KEEP-7
#[test]
fn a_store_that_another_process_holds_is_waited_for_and_then_refused() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::ready(folder.path());
    let stores = KeyStores::at(scene.0.join("home/keys"));
    let workplace = Workplace::open(&scene.repository()).unwrap();
    let request = Request { version: Some("1.1".to_owned()), ..Request::default() };
    let now = "2026-11-20T12:00:00Z".parse().unwrap();
    let held = publish::prepare(workplace, &stores, request, now, &mut |_| {}).unwrap();
    let begun = Instant::now();
    let output = scene.run(&["release", "1.1", "--yes"]);
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("waiting") && message.contains("another process is using the key store"), "{message}");
    assert!(begun.elapsed() >= Duration::from_secs(5));
    drop(held);
    scene.succeeds(&["release", "1.1", "--yes"]);
    scene.assert_finished(3, "after waiting");
}

/// A file system of its own, unmounted in the end.
struct Disk(PathBuf);

impl Disk {
    /// Needs the right to mount. Without it the test fails and says so: nothing is skipped.
    fn mount(folder: &Path, size: &str) -> Self {
        let options = format!("size={size},mode=0700");
        let status = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(folder).status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "this test mounts a small tmpfs and needs the right to (root, or a user namespace with CAP_SYS_ADMIN)"
        );
        Self(folder.to_owned())
    }

    fn remount(&self, option: &str) {
        let status = Command::new("mount").args(["-o", &format!("remount,{option}")]).arg(&self.0).status().unwrap();
        assert!(status.success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// KEEP-5
#[test]
fn a_full_disk_stops_a_release_and_a_rerun_finishes_it() {
    let first = tempfile::tempdir().unwrap();
    let template = Scene::ready(first.path());
    let mut failures = 0;
    // Pages of 4 KiB that are left: from none at all until there is enough for everything.
    for free in 0..64 {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::mount(folder.path(), "4m");
        let scene = template.copy_to(folder.path());
        let filler = folder.path().join("filler");
        fill(&filler, free);
        let output = scene.run(&["release", "1.1", "--yes"]);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        let context = format!("{free} pages free");
        if !output.status.success() {
            failures += 1;
            assert_eq!(output.status.code(), Some(3), "{context}: {message}");
        }
        fs::remove_file(&filler).unwrap();
        scene.remove_locks();
        if !output.status.success() {
            let output = scene.run(&["release", "1.1", "--yes"]);
            let again = String::from_utf8_lossy(&output.stderr);
            assert!(
                output.status.success() || again.contains("released already"),
                "{context}: {message}, then {again}"
            );
        }
        scene.assert_finished(3, &context);
        drop(disk);
    }
    assert!(failures > 3, "the disk was full {failures} times only");
}

/// Fills a disk but for so many pages.
fn fill(path: &Path, free: usize) {
    use std::io::Write as _;
    let mut file = fs::File::create(path).unwrap();
    let page = [1; 4096];
    let mut pages: u64 = 0;
    while file.write_all(&page).is_ok() {
        pages += 1;
    }
    file.set_len(pages.saturating_sub(free as u64) * 4096).unwrap();
}

/// KEEP-5
#[test]
fn a_read_only_key_store_or_repository_stops_a_release_before_anything_is_signed() {
    for (what, read_only) in [("the key store", "home"), ("the repository", "repository")] {
        let first = tempfile::tempdir().unwrap();
        let template = Scene::ready(first.path());
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join(read_only);
        fs::create_dir(&place).unwrap();
        let disk = Disk::mount(&place, "8m");
        let scene = template.copy_to(folder.path());
        disk.remount("ro");
        for side in [false, true] {
            let release = ["release", "1.1", "--yes", "--side"];
            let output = scene.run(if side { &release[..] } else { &release[..3] });
            let message = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(3), "{what}: {message}");
            assert!(message.to_lowercase().contains("read-only"), "{what}: {message}");
        }
        disk.remount("rw");
        scene.remove_locks();
        scene.succeeds(&["release", "1.1", "--yes"]);
        scene.assert_finished(3, what);
        drop(disk);
    }
}
