//! What is said before a push (KEEP-28), and the hook of git that says it (KEEP-29).

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::machine::Machine;
use crate::{commit, done, fails, git, git_in, pre_push, project, script, store, with_origin};

const NOTHING: &str = "0000000000000000000000000000000000000000";

/// The line that git gives for a branch that is pushed to where it is at `origin`.
fn line(machine: &Machine, branch: &str) -> String {
    let known = Command::new("git")
        .current_dir(machine.path("origin.git"))
        .args(["rev-parse", "--verify", "--quiet", branch])
        .output()
        .unwrap();
    let known = String::from_utf8(known.stdout).unwrap();
    let known = if known.is_empty() { NOTHING } else { known.trim_end() };
    let id = git(machine, &["rev-parse", branch]);
    format!("refs/heads/{branch} {id} refs/heads/{branch} {known}\n")
}

/// `git push`, with this sigpkg on PATH: the status, and all that is said.
fn push(machine: &Machine, folder: &Path, arguments: &[&str]) -> (bool, String) {
    let mut path = std::ffi::OsString::from(Path::new(env!("CARGO_BIN_EXE_sigpkg")).parent().unwrap());
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap());
    let output = Command::new("git")
        .current_dir(folder)
        .args(["push", "--quiet", "origin"])
        .args(arguments)
        .env("PATH", path)
        .env("SIGPKG_HOME", machine.path("home"))
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (output.status.success(), said)
}

/// KEEP-28 (1)
#[test]
fn a_release_and_a_commit_that_changes_it_are_warned_of_when_they_leave_together() {
    let machine = Machine::begun();
    with_origin(&machine);
    commit(&machine, "README", "1.0\n");
    done(&machine, &["release", "1.0", "--yes"]);
    let released = git(&machine, &["rev-parse", "HEAD"]);
    let ran = pre_push(&machine, &line(&machine, "main"));
    assert_eq!((ran.status, ran.stdout.as_str()), (0, ""), "a release alone is nothing to speak of: {}", ran.stderr);
    assert!(!done(&machine, &["doctor"]).contains("another tree"));
    commit(&machine, "README", "more\n");
    let ran = pre_push(&machine, &line(&machine, "main"));
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let tip = git(&machine, &["rev-parse", "HEAD"]);
    let warning = format!(
        "sigpkg: warning: commit {released} is demo v1.0 (statement 2), and main ({tip}), which leaves with it, is another \
         tree\nsigpkg: hint: register {released}, "
    );
    assert!(ran.stdout.starts_with(&warning), "{}", ran.stdout);
    let said = done(&machine, &["doctor"]);
    assert!(said.contains("risk: commit") && said.contains(&released), "{said}");
    // A yank after it is no release either.
    let other = Machine::begun();
    with_origin(&other);
    done(&other, &["release", "1.0", "--yes"]);
    done(&other, &["beat", "--yes"]);
    assert!(pre_push(&other, &line(&other, "main")).stdout.contains("demo v1.0 (statement 2)"));
    // And the next release mends it.
    commit(&machine, "README", "1.1\n");
    done(&machine, &["release", "1.1", "--yes"]);
    assert_eq!(pre_push(&machine, &line(&machine, "main")).stdout, "");
}

/// KEEP-28 (2)
#[test]
fn a_tip_that_carries_the_release_of_another_tree_is_named() {
    let machine = Machine::begun();
    done(&machine, &["release", "1.0", "--yes"]);
    with_origin(&machine);
    commit(&machine, "README", "more\n");
    let ran = pre_push(&machine, &line(&machine, "main"));
    assert!(ran.status == 0 && ran.stdout.contains("it is no release"), "{}{}", ran.stdout, ran.stderr);
    let said = done(&machine, &["doctor"]);
    assert!(said.contains("note: main (") && said.contains("it is no release"), "{said}");
    // The same for a tag of it, annotated or not.
    git(&machine, &["tag", "--annotate", "--message", "too late", "v1.0"]);
    let tag = format!("refs/tags/v1.0 {} refs/tags/v1.0 {NOTHING}\n", git(&machine, &["rev-parse", "v1.0"]));
    let ran = pre_push(&machine, &tag);
    assert!(ran.stdout.contains("v1.0 (") && ran.stdout.contains("it is no release"), "{}", ran.stdout);
}

/// KEEP-28 (3)
#[test]
fn a_sigpkg_that_cannot_be_verified_is_named() {
    let machine = Machine::begun();
    with_origin(&machine);
    commit(&machine, ".sigpkg/notes", "not here\n");
    let ran = pre_push(&machine, &line(&machine, "main"));
    assert!(ran.status == 0 && ran.stdout.contains("cannot be verified: "), "{}{}", ran.stdout, ran.stderr);
}

/// KEEP-28: every package of the repository is looked at, wherever it is called.
#[test]
fn packages_in_folders_are_looked_at_too() {
    let machine = Machine::new();
    commit(&machine, "lib/Inner/Project.toml", &project("Inner", "1.0.0"));
    with_origin(&machine);
    let inner = machine.path("repository/lib/Inner");
    let reserve = machine.path("reserve").display().to_string();
    for arguments in [["init", "--no-passphrase", "--reserve-out", &reserve].as_slice(), &["release", "--yes"]] {
        let ran = machine.run_in(&inner, arguments, &[]);
        assert_eq!(ran.status, 0, "{}", ran.stderr);
    }
    commit(&machine, "beside", "does not matter\n");
    assert_eq!(pre_push(&machine, &line(&machine, "main")).stdout, "");
    commit(&machine, "lib/Inner/more", "matters\n");
    let ran = pre_push(&machine, &line(&machine, "main"));
    assert!(ran.stdout.contains("Inner v1.0.0 (statement 2, in lib/Inner)"), "{}", ran.stdout);
}

/// KEEP-28: a key that can sign does not leave; another one is a warning until it is acknowledged.
#[test]
fn a_key_that_can_sign_stops_a_push_and_any_other_is_a_warning() {
    let machine = Machine::begun();
    with_origin(&machine);
    let other = Machine::begun();
    let key = |machine: &Machine| fs::read_to_string(store(machine).join("3.key")).unwrap();
    commit(&machine, "test-key", &key(&other));
    let ran = pre_push(&machine, &line(&machine, "main"));
    assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("warning: a secret key is in test-key") && ran.stdout.contains("--acknowledge"));
    let fingerprint = ran.stdout.split("--acknowledge ").nth(1).unwrap().trim().to_owned();
    done(&machine, &["release", "1.0", "--yes", "--acknowledge", &fingerprint]);
    assert_eq!(pre_push(&machine, &line(&machine, "main")).stdout, "");
    // It was removed again, and still leaves with the history.
    commit(&machine, "oops", &key(&machine));
    git(&machine, &["rm", "--quiet", "oops"]);
    git(&machine, &["commit", "--quiet", "--message", "removed"]);
    let ran = pre_push(&machine, &line(&machine, "main"));
    assert_eq!(ran.status, 1, "{}", ran.stdout);
    assert!(ran.stdout.starts_with("sigpkg: refused: a secret key that can sign for you is in oops in commit"));
    assert!(!machine.path("repository/oops").exists());
    // On a machine without any key store it is a secret key all the same.
    let home = machine.path("home");
    fs::rename(&home, machine.path("away")).unwrap();
    let ran = pre_push(&machine, &line(&machine, "main"));
    assert!(ran.status == 0 && ran.stdout.contains("warning: a secret key is in oops"), "{}", ran.stdout);
}

/// KEEP-28: what has left already is not looked at again, and what is deleted is nothing.
#[test]
fn what_is_there_already_and_what_is_deleted_is_nothing_to_speak_of() {
    let machine = Machine::begun();
    with_origin(&machine);
    done(&machine, &["release", "1.0", "--yes"]);
    commit(&machine, "README", "more\n");
    git(&machine, &["push", "--quiet", "origin", "main"]);
    commit(&machine, "README", "even more\n");
    let ran = pre_push(&machine, &line(&machine, "main"));
    assert!(ran.stdout.contains("it is no release") && !ran.stdout.contains("leaves with it"), "{}", ran.stdout);
    let deleted = format!("(delete) {NOTHING} refs/heads/old {}\n", git(&machine, &["rev-parse", "HEAD~1"]));
    assert_eq!(pre_push(&machine, &deleted).stdout, "");
    assert_eq!(pre_push(&machine, "").stdout, "");
    let unknown = format!("refs/heads/x {NOTHING} refs/heads/x {}\n", "1234".repeat(10));
    assert_eq!(pre_push(&machine, &unknown).status, 0);
}

#[test]
fn lines_that_git_does_not_give_are_refused() {
    let machine = Machine::begun();
    for lines in
        ["refs/heads/main\n", "a b c d\n", &format!("a {NOTHING} b {NOTHING} c\n"), &format!("a 12 b {NOTHING}\n")]
    {
        let ran = pre_push(&machine, lines);
        assert!(ran.status == 2 && ran.stderr.contains("as git gives them"), "{lines:?}: {}", ran.stderr);
    }
}

/// KEEP-28: a repository that has nothing to do with sigpkg is left alone, but for keys that can sign.
#[test]
fn in_a_repository_without_a_sigpkg_only_a_key_that_can_sign_is_looked_for() {
    let (machine, other) = (Machine::begun(), Machine::begun());
    git(&machine, &["checkout", "--quiet", "--orphan", "plain"]);
    git(&machine, &["rm", "--quiet", "-r", "--force", "."]);
    commit(&machine, "a", "1\n");
    git_in(&machine.path(""), &["init", "--quiet", "--bare", "origin.git"]);
    let foreign = fs::read_to_string(store(&other).join("3.key")).unwrap();
    commit(&machine, "test-key", &foreign);
    assert_eq!(pre_push(&machine, &line(&machine, "plain")).stdout, "");
    let live = fs::read_to_string(store(&machine).join("3.key")).unwrap();
    commit(&machine, "oops", &live);
    let ran = pre_push(&machine, &line(&machine, "plain"));
    assert!(ran.status == 1 && ran.stdout.contains("oops") && !ran.stdout.contains("test-key"), "{}", ran.stdout);
}

/// KEEP-3, KEEP-28: what could not be looked at is said.
#[test]
fn a_key_store_that_cannot_be_read_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let machine = Machine::begun();
    with_origin(&machine);
    commit(&machine, "README", "more\n");
    fs::set_permissions(store(&machine), fs::Permissions::from_mode(0o755)).unwrap();
    let ran = pre_push(&machine, &line(&machine, "main"));
    assert!(ran.status == 0 && ran.stdout.contains("were not looked for by name"), "{}{}", ran.stdout, ran.stderr);
}

/// KEEP-28, KEEP-29: by git itself, from the worktree and from a linked one.
#[test]
fn the_installed_hook_is_run_by_git_and_stops_a_live_key() {
    let machine = Machine::begun();
    with_origin(&machine);
    let said = done(&machine, &["hook", "install"]);
    assert!(said.contains("pre-push hook installed: ") && !said.contains("serves every"), "{said}");
    assert!(done(&machine, &["hook", "install"]).contains("there already"));
    let linked = machine.path("linked");
    git(&machine, &["worktree", "add", "--quiet", "-b", "side", linked.to_str().unwrap()]);
    done(&machine, &["release", "1.0", "--yes"]);
    commit(&machine, "README", "more\n");
    let (pushed, said) = push(&machine, &machine.path("repository"), &["main"]);
    assert!(pushed && said.contains("demo v1.0 (statement 2)"), "{said}");
    let keys = store(&machine);
    fs::copy(keys.join("3.key"), linked.join("oops")).unwrap();
    git_in(&linked, &["add", "oops"]);
    git_in(&linked, &["commit", "--quiet", "--message", "oops"]);
    let (pushed, said) = push(&machine, &linked, &["side"]);
    assert!(!pushed && said.contains("can sign for you"), "{said}");
    // From the linked worktree it is the same hook.
    let ran = machine.run_in(&linked, &["hook", "remove"], &[]);
    assert!(ran.status == 0 && ran.stdout.contains("hook removed"), "{}{}", ran.stdout, ran.stderr);
    assert!(!machine.path("repository/.git/hooks/pre-push").exists());
    assert!(done(&machine, &["hook", "remove"]).contains("not there"));
}

/// KEEP-29: without sigpkg the push goes on, and somebody is told.
#[test]
fn without_sigpkg_the_hook_lets_a_push_pass_and_says_so() {
    let machine = Machine::begun();
    with_origin(&machine);
    done(&machine, &["hook", "install"]);
    commit(&machine, "README", "more\n");
    let output = Command::new("git")
        .current_dir(machine.path("repository"))
        .args(["push", "--quiet", "origin", "main"])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("there is no sigpkg on PATH"), "{said}");
}

/// KEEP-29
#[test]
fn a_hook_of_somebody_else_is_never_touched() {
    let machine = Machine::begun();
    let hooks = machine.path("repository/.git/hooks");
    fs::create_dir_all(&hooks).unwrap();
    let own = "#!/bin/sh\nexit 0\n";
    fs::write(hooks.join("pre-push"), own).unwrap();
    for command in ["install", "remove"] {
        fails(&machine, 1, &["hook", command], &["another pre-push hook", "sigpkg hook pre-push \"$@\" || exit"]);
    }
    assert_eq!(fs::read_to_string(hooks.join("pre-push")).unwrap(), own);
    // One of ours that was changed is somebody else's by now; so is a link that leads nowhere.
    fs::remove_file(hooks.join("pre-push")).unwrap();
    done(&machine, &["hook", "install"]);
    let changed = fs::read_to_string(hooks.join("pre-push")).unwrap().replace("exit 0", "exit 1");
    fs::write(hooks.join("pre-push"), &changed).unwrap();
    fails(&machine, 1, &["hook", "install"], &["another pre-push hook"]);
    fails(&machine, 1, &["hook", "remove"], &["another pre-push hook"]);
    fs::remove_file(hooks.join("pre-push")).unwrap();
    std::os::unix::fs::symlink("/nonexistent/hook", hooks.join("pre-push")).unwrap();
    fails(&machine, 1, &["hook", "install"], &["another pre-push hook"]);
}

/// KEEP-29: the folder that `core.hooksPath` names.
#[test]
fn hooks_go_where_git_looks_for_them_but_not_into_the_worktree() {
    let machine = Machine::begun();
    git(&machine, &["config", "core.hooksPath", ".husky/_"]);
    fails(&machine, 1, &["hook", "install"], &["core.hooksPath", ".husky/pre-push"]);
    assert!(!machine.path("repository/.husky").exists());
    let shared = machine.path("shared-hooks");
    git(&machine, &["config", "core.hooksPath", shared.to_str().unwrap()]);
    let said = done(&machine, &["hook", "install"]);
    assert!(said.contains("serves every repository"), "{said}");
    assert!(shared.join("pre-push").exists() && !machine.path("repository/.git/hooks/pre-push").exists());
    with_origin(&machine);
    done(&machine, &["release", "1.0", "--yes"]);
    commit(&machine, "README", "more\n");
    let (pushed, said) = push(&machine, &machine.path("repository"), &["main"]);
    assert!(pushed && said.contains("leaves with it"), "{said}");
}

/// KEEP-28: the lines that the page tells people to put into a hook that reads its input itself.
#[test]
fn a_hook_that_reads_its_input_can_share_it() {
    let machine = Machine::begun();
    with_origin(&machine);
    let other = machine.path("other").display().to_string();
    let text = format!(
        "pushed=$(cat)\nprintf '%s\\n' \"$pushed\" | sigpkg hook pre-push \"$@\" || exit\nprintf '%s\\n' \"$pushed\" | cat >'{other}'\n"
    );
    let hook = script(&machine, "hook", &text);
    fs::create_dir_all(machine.path("repository/.git/hooks")).unwrap();
    fs::rename(hook, machine.path("repository/.git/hooks/pre-push")).unwrap();
    done(&machine, &["release", "1.0", "--yes"]);
    commit(&machine, "README", "more\n");
    let (pushed, said) = push(&machine, &machine.path("repository"), &["main"]);
    assert!(pushed && said.contains("leaves with it"), "{said}");
    assert!(fs::read_to_string(&other).unwrap().starts_with("refs/heads/main "));
}
