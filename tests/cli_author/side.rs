//! Commits beside a branch (KEEP-24, KEEP-25), and what a merge makes of signed ones.

use std::fs;

use crate::machine::Machine;
use crate::{commit, done, fails, git, project, store, with_origin};

/// A machine whose user trusts its signatory, so that revisions can be verified.
fn trusting(machine: &Machine, revision: &str) {
    let repository = machine.path("repository").display().to_string();
    let target = format!("{repository}#{revision}");
    let id = done(machine, &["id", &target]).lines().next().unwrap().to_owned();
    done(machine, &["trust", "add", &target, "--id", &id]);
}

fn verdict(machine: &Machine, revision: &str) -> i32 {
    let target = format!("{}#{revision}", machine.path("repository").display());
    machine.run(&["verify", &target], &[]).status
}

/// KEEP-24, KEEP-27
#[test]
fn a_side_release_moves_no_branch_and_only_its_tag_names_it() {
    let machine = Machine::begun();
    let (before, index) = (git(&machine, &["rev-parse", "main"]), git(&machine, &["ls-files", "--stage"]));
    let said = done(&machine, &["release", "1.0", "--yes", "--side"]);
    assert_eq!(git(&machine, &["rev-parse", "main", "HEAD"]), format!("{before}\n{before}"));
    assert_eq!(git(&machine, &["ls-files", "--stage"]), index);
    assert_eq!(git(&machine, &["status", "--porcelain"]), "");
    assert!(!machine.path("repository/.sigpkg/release.toml").exists(), "the worktree is as it was");
    let (side, tree) = (git(&machine, &["rev-parse", "sigpkg-2"]), git(&machine, &["rev-parse", "sigpkg-2^{tree}"]));
    assert_eq!(git(&machine, &["rev-parse", "sigpkg-2^"]), before, "its parent is the commit that was signed");
    for line in
        [format!("commit     {side}, which only the tag names; main was not moved"), format!("tree       {tree}")]
    {
        assert!(said.contains(&line), "{said}");
    }
    assert!(said.contains("push the tag sigpkg-2, and register this commit"), "{said}");
    trusting(&machine, "sigpkg-2");
    assert_eq!(verdict(&machine, "sigpkg-2"), 0);
}

/// KEEP-24: the branch has never heard of the chain, and the key store has it.
#[test]
fn the_next_release_follows_the_one_that_no_branch_has() {
    let machine = Machine::new();
    git(&machine, &["checkout", "--quiet", "-b", "signing"]);
    assert_eq!(machine.init(&[]).status, 0);
    git(&machine, &["checkout", "--quiet", "main"]);
    assert!(!machine.path("repository/.sigpkg").exists());
    for (seq, version) in [(2, "1.0"), (3, "1.1"), (4, "1.2")] {
        commit(&machine, "README", version);
        let ran = machine.run(&["release", version, "--yes", "--side"], &[]);
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        let since = if seq > 2 { "~1 since" } else { "1 file\n" };
        assert!(ran.stderr.contains(since), "{}", ran.stderr);
        let chain = git(&machine, &["show", &format!("sigpkg-{seq}:.sigpkg/chain")]);
        assert_eq!(chain.matches("\nkind = ").count(), seq, "{chain}");
    }
    assert!(!git(&machine, &["ls-tree", "main"]).contains(".sigpkg"));
    trusting(&machine, "sigpkg-4");
    for tag in ["sigpkg-2", "sigpkg-3", "sigpkg-4"] {
        assert_eq!(verdict(&machine, tag), 0, "{tag}");
    }
    // The same for what carries no tree, and for a release on the branch again.
    done(&machine, &["yank", "1.1", "--severity", "warn", "--reason", "a test", "--yes", "--side"]);
    done(&machine, &["beat", "--yes", "--side"]);
    done(&machine, &["release", "1.2", "--redo", "--yes", "--side"]);
    assert_eq!(git(&machine, &["tag", "--list", "sigpkg-*"]).lines().count(), 6);
    commit(&machine, "README", "2.0");
    done(&machine, &["release", "2.0", "--yes"]);
    assert_eq!(git(&machine, &["log", "-1", "--format=%s"]), "sigpkg: release demo v2.0 (statement 8)");
}

/// KEEP-13, KEEP-24
#[test]
fn a_side_release_needs_no_branch_and_any_other_does() {
    let machine = Machine::begun();
    git(&machine, &["checkout", "--quiet", "--detach"]);
    fails(&machine, 1, &["release", "1.0", "--yes"], &["expected HEAD on a branch", "--side"]);
    let said = done(&machine, &["release", "1.0", "--yes", "--side"]);
    assert!(said.contains("HEAD was not moved"), "{said}");
    commit(&machine, "README", "more\n");
    done(&machine, &["release", "1.1", "--yes", "--side"]);
    assert_eq!(git(&machine, &["rev-parse", "sigpkg-3^"]), git(&machine, &["rev-parse", "HEAD"]));
}

/// KEEP-12, KEEP-24: whatever stands against a release stands against one beside the branch.
#[test]
fn a_side_release_of_a_changed_worktree_is_refused() {
    let machine = Machine::begun();
    fs::write(machine.path("repository/README"), "changed\n").unwrap();
    fails(&machine, 1, &["release", "1.0", "--yes", "--side"], &["found 1 file changed: README"]);
    git(&machine, &["checkout", "--quiet", "README"]);
    let ran = machine.run(&["release", "1.0", "--yes", "--side", "--no-commit"], &[]);
    assert_eq!(ran.status, 2, "{}", ran.stderr);
    assert_eq!(git(&machine, &["tag"]), "");
}

/// KEEP-24, KEEP-25: whatever a tag of this name is, the branch's own commit even, it was not made for this statement.
#[test]
fn a_side_tag_that_is_there_is_refused_before_anything_is_signed() {
    let machine = Machine::begun();
    for make in [["tag", "sigpkg-2", "HEAD"].as_slice(), &["tag", "-m", "mine", "sigpkg-2", "HEAD~1"]] {
        git(&machine, make);
        fails(
            &machine,
            1,
            &["release", "1.0", "--yes", "--side"],
            &["there is a tag sigpkg-2 already", "git tag --delete"],
        );
        git(&machine, &["tag", "--delete", "sigpkg-2"]);
    }
    // Not even as a folder of other tags, which would leave no place for it.
    git(&machine, &["tag", "sigpkg-2/x"]);
    fails(&machine, 1, &["release", "1.0", "--yes", "--side"], &["there is a tag sigpkg-2/x already"]);
    git(&machine, &["tag", "--delete", "sigpkg-2/x"]);
    assert!(!store(&machine).join("journal").exists());
    // A tag of a version is another name.
    git(&machine, &["tag", "v1.0"]);
    done(&machine, &["release", "1.0", "--yes", "--side"]);
}

/// KEEP-25: what TagBot makes is not in the way, and is not made.
#[test]
fn a_side_tag_is_no_tag_of_a_version() {
    let machine = Machine::new();
    commit(&machine, "Project.toml", &project("sigpkg", "3.0.0"));
    let reserve = machine.path("reserve").display().to_string();
    done(&machine, &["init", "--no-passphrase", "--reserve-out", &reserve]);
    done(&machine, &["release", "--yes", "--side"]);
    assert_eq!(git(&machine, &["tag"]), "sigpkg-2");
}

/// A merge or a squash keeps the signed tree, so that it is a release wherever it is; unless another change lands first.
#[test]
fn a_squash_or_merge_of_a_signed_commit_is_the_release_unless_another_change_lands_first() {
    let machine = Machine::begun();
    with_origin(&machine);
    git(&machine, &["checkout", "--quiet", "-b", "release"]);
    commit(&machine, "README", "1.0\n");
    done(&machine, &["release", "1.0", "--yes"]);
    trusting(&machine, "release");
    let signed = git(&machine, &["rev-parse", "release^{tree}"]);
    for merge in
        [["merge", "--quiet", "--no-ff", "-m", "merge", "release"].as_slice(), &["merge", "--squash", "release"]]
    {
        git(&machine, &["checkout", "--quiet", "-B", "target", "main"]);
        git(&machine, merge);
        if merge[1] == "--squash" {
            git(&machine, &["commit", "--quiet", "-m", "squashed"]);
        }
        assert_eq!(git(&machine, &["rev-parse", "HEAD^{tree}"]), signed);
        assert_eq!(verdict(&machine, "target"), 0, "{merge:?}");
        assert!(!done(&machine, &["doctor"]).contains("another tree"));
        fails(&machine, 1, &["release", "1.1", "--yes"], &["nothing to release"]);
        // Another change lands first.
        git(&machine, &["checkout", "--quiet", "-B", "target", "main"]);
        commit(&machine, "other", "another change\n");
        git(&machine, merge);
        if merge[1] == "--squash" {
            git(&machine, &["commit", "--quiet", "-m", "squashed"]);
        }
        assert_eq!(verdict(&machine, "target"), 1, "{merge:?}");
        let said = done(&machine, &["doctor"]);
        assert!(said.contains("demo v1.0 (statement 2)") && said.contains("another tree"), "{said}");
    }
    // The way out: the same version again, of what has landed.
    done(&machine, &["release", "1.0", "--redo", "--yes", "--side"]);
    assert_eq!(verdict(&machine, "sigpkg-3"), 0);
}

/// KEEP-10, KEEP-24: a side tag of somebody else is an alarm like any reference.
#[test]
fn a_side_tag_with_a_statement_that_the_store_has_not_made_is_an_alarm() {
    let machine = Machine::begun();
    let thief = machine.path("thief").display().to_string();
    let copied = std::process::Command::new("cp").arg("-a").arg(machine.path("home")).arg(&thief).status();
    assert!(copied.unwrap().success());
    let ran = machine.run(&["release", "6.6", "--yes", "--side"], &[("SIGPKG_HOME", &thief)]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let said = fails(&machine, 1, &["release", "1.0", "--yes", "--side"], &["sigpkg-2", "--heal"]);
    let digest = said.split("--heal ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    // The tag is his; the beat that goes first has no commit, so the release is statement 3.
    done(&machine, &["release", "1.0", "--yes", "--side", "--heal", &digest]);
    assert_eq!(git(&machine, &["log", "-1", "--format=%s", "sigpkg-3"]), "sigpkg: release demo v1.0 (statement 3)");
}
