//! Commits beside a branch, and packages in folders, killed at every durable step.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use sigpkg::failpoint::Failpoint;

use super::{Scene, of_a_tagged_release};

/// KEEP-8, KEEP-24: beside the branch, which stays where it is. The next release knows of it by the key store alone.
#[test]
fn a_side_release_killed_at_any_durable_step_is_finished_by_a_rerun_with_the_same_text() {
    let first = tempfile::tempdir().unwrap();
    let template = Scene::ready(first.path());
    let branch = template.git(&["rev-parse", "main"]);
    let release = ["release", "1.1", "--yes", "--side", "--tag", "v1.1"];
    // Twice at each step, and then at all of them in turn.
    let all: Vec<_> = of_a_side_release().collect();
    let each = all.iter().map(|point| vec![*point, *point]);
    for points in each.chain([all.clone()]) {
        let folder = tempfile::tempdir().unwrap();
        let scene = template.copy_to(folder.path());
        let context = format!("{points:?}");
        for (index, point) in points.iter().enumerate() {
            let killed = scene.command(&release).env("SIGPKG_FAILPOINT", point.name()).output().unwrap();
            let message = String::from_utf8_lossy(&killed.stderr);
            assert!(index > 0 || killed.status.code().is_none(), "{context} is reached: {message}");
        }
        let output = scene.run(&release);
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() || message.contains("released already"), "{context}: {message}");
        for (seq, texts) in scene.texts() {
            assert_eq!(texts.len(), 1, "{context}: statement {seq} has one text");
        }
        assert_eq!(scene.git(&["rev-parse", "main"]), branch, "{context}");
        assert_eq!(scene.git(&["status", "--porcelain"]), "", "{context}");
        assert_eq!(scene.git(&["rev-parse", "sigpkg-3^"]), branch, "{context}");
        assert_eq!(scene.git(&["rev-parse", "v1.1"]), scene.git(&["rev-parse", "sigpkg-3"]), "{context}");
        assert!(!scene.store().join("journal").exists(), "{context}");
        let chain = scene.git(&["show", "sigpkg-3:.sigpkg/chain"]);
        assert_eq!(chain, fs::read_to_string(scene.store().join("chain")).unwrap(), "{context}");
        scene.assert_goes_on(3, &context);
    }
}

/// KEEP-24: a tag of this name that somebody makes meanwhile is not moved; the commit is found on a branch of its own.
#[test]
fn a_side_tag_that_is_taken_meanwhile_is_not_moved() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::ready(folder.path());
    let release = ["release", "1.1", "--yes", "--side"];
    let killed = scene.command(&release).env("SIGPKG_FAILPOINT", "signatures-written").output().unwrap();
    assert_eq!(killed.status.code(), None);
    scene.git(&["tag", "sigpkg-3", "HEAD~1"]);
    let taken = scene.git(&["rev-parse", "sigpkg-3"]);
    for point in ["commit-made", "side-tag-made", "key-overwritten"] {
        scene.command(&release).env("SIGPKG_FAILPOINT", point).output().unwrap();
    }
    let output = scene.succeeds(&release);
    assert!(output.contains("sigpkg/statement-3\n") && output.contains("the tag sigpkg-3 was taken"), "{output}");
    assert_eq!(scene.git(&["rev-parse", "sigpkg-3"]), taken);
    assert_eq!(scene.git(&["branch", "--list", "sigpkg/*"]).lines().count(), 1);
    assert_eq!(scene.git(&["rev-parse", "sigpkg/statement-3^"]), scene.git(&["rev-parse", "main"]));
    scene.assert_goes_on(3, "the tag was taken");
}

/// KEEP-7, KEEP-24
#[test]
fn two_side_releases_at_once_make_one_text() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::ready(folder.path());
    let release = ["release", "1.1", "--yes", "--side"];
    let start = || scene.command(&release).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let children = [start(), start(), start()].map(|child| child.wait_with_output().unwrap());
    let successes = children.iter().filter(|output| output.status.success()).count();
    assert_eq!(successes, 1, "one is done, the others find the version released");
    assert_eq!(scene.texts()[&3].len(), 1);
    assert_eq!(scene.git(&["tag"]), "sigpkg-3\n");
}

/// KEEP-8, KEEP-26: a release of a package in a folder is finished there, wherever its key store is found from.
#[test]
fn an_interrupted_release_in_a_folder_is_finished_in_that_folder() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::empty(folder.path());
    let inner = scene.repository().join("lib/Inner");
    fs::create_dir_all(&inner).unwrap();
    fs::write(inner.join("file"), "1").unwrap();
    scene.git(&["add", "lib"]);
    scene.git(&["commit", "--quiet", "--message", "inner"]);
    let run_in = |place: &Path, arguments: &[String], point: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sigpkg"));
        command.env("SIGPKG_HOME", scene.0.join("home")).env("SIGPKG_FAILPOINT", point).stdin(Stdio::null());
        command.arg("-C").arg(place).args(arguments).output().unwrap()
    };
    let run = |arguments: &[String], point: &str| run_in(&inner, arguments, point);
    let init = run(&scene.init(), "none");
    assert!(init.status.success(), "{}", String::from_utf8_lossy(&init.stderr));
    let release: Vec<String> = ["release", "1.0", "--yes"].map(str::to_owned).to_vec();
    assert_eq!(run(&release, "signed").status.code(), None);
    // The package moves, with all that is in it.
    scene.git(&["mv", "lib/Inner", "Moved"]);
    scene.git(&["commit", "--quiet", "--message", "moved"]);
    let moved = scene.repository().join("Moved");
    let output = run_in(&moved, &release, "none");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let made = scene.git(&["show", "--format=", "--name-only", "sigpkg/example-statement-2"]);
    assert!(made.lines().all(|path| path.starts_with("lib/Inner/.sigpkg/")), "{made}");
}

/// The steps of a release beside the branch: a tag in the place of branch, index and worktree.
fn of_a_side_release() -> impl Iterator<Item = Failpoint> {
    let is_of_branch =
        |point| matches!(point, Failpoint::BranchMoved | Failpoint::IndexWritten | Failpoint::WorktreeWritten);
    of_a_tagged_release().chain([Failpoint::SideTagMade]).filter(move |point| !is_of_branch(*point))
}
