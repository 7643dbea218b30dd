//! Commits and tags that git signs (KEEP-23).

use std::fs;

use crate::machine::Machine;
use crate::{commit, done, fails, git, script, store};

/// What gpg says to git when it has signed.
const FAKE_GPG: &str = r#"
case " $* " in
  *" --verify "*) exit 1 ;;
esac
[ ! -e "$0.locked" ] || { echo "gpg: the agent is locked" >&2; exit 2; }
cat >"$0.signed"
echo "[GNUPG:] SIG_CREATED D" >&2
printf '%s\n' "-----BEGIN PGP SIGNATURE-----" "" "dGhlIHRlc3Rz" "-----END PGP SIGNATURE-----"
"#;

/// A key of ssh without a passphrase, made for this test alone; git is set to sign with it.
fn sign_with_ssh(machine: &Machine) {
    let key = machine.path("ssh-test-key");
    let made = std::process::Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "a test key", "-f"])
        .arg(&key)
        .status();
    assert!(made.is_ok_and(|status| status.success()), "this test needs ssh-keygen (Debian: openssh-client)");
    let public = fs::read_to_string(machine.path("ssh-test-key.pub")).unwrap();
    let allowed = machine.path("allowed-signers");
    fs::write(&allowed, format!("test@example.org {public}")).unwrap();
    for (name, value) in [
        ("gpg.format", "ssh"),
        ("user.signingkey", key.with_extension("pub").to_str().unwrap()),
        ("gpg.ssh.allowedSignersFile", allowed.to_str().unwrap()),
        ("commit.gpgsign", "true"),
        ("tag.gpgsign", "yes"),
    ] {
        git(machine, &["config", name, value]);
    }
}

fn sign_with_gpg(machine: &Machine, format: &str) -> std::path::PathBuf {
    let gpg = script(machine, "fake-gpg", FAKE_GPG);
    let program = if format == "x509" { "gpg.x509.program" } else { "gpg.program" };
    for (name, value) in [("gpg.format", format), (program, gpg.to_str().unwrap()), ("commit.gpgsign", "true")] {
        git(machine, &["config", name, value]);
    }
    gpg
}

/// KEEP-23: by the real ssh-keygen, and git says that the signatures are good.
#[test]
fn every_commit_and_tag_is_signed_with_ssh_if_git_is_set_to() {
    let machine = Machine::new();
    sign_with_ssh(&machine);
    assert_eq!(machine.init(&[]).status, 0);
    git(&machine, &["verify-commit", "HEAD"]);
    let ran = machine.run(&["release", "1.0", "--yes", "--tag", "v1.0"], &[]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("git signs the commit") && !ran.stderr.contains("will not"), "{}", ran.stderr);
    git(&machine, &["verify-commit", "HEAD"]);
    git(&machine, &["verify-tag", "v1.0"]);
    assert_eq!(git(&machine, &["rev-parse", "v1.0^{commit}"]), git(&machine, &["rev-parse", "HEAD"]));
    commit(&machine, "README", "more\n");
    done(&machine, &["release", "1.1", "--yes", "--side"]);
    git(&machine, &["verify-tag", "sigpkg-3"]);
    git(&machine, &["verify-commit", "sigpkg-3^{commit}"]);
    done(&machine, &["beat", "--yes"]);
    git(&machine, &["verify-commit", "HEAD"]);
    assert_eq!(git(&machine, &["status", "--porcelain"]), "");
}

/// KEEP-23: gpg and gpgsm are called as git calls them, and what was signed is the commit.
#[test]
fn a_commit_is_signed_by_the_program_that_git_is_set_to_call() {
    for format in ["openpgp", "x509"] {
        let machine = Machine::begun();
        let gpg = sign_with_gpg(&machine, format);
        done(&machine, &["release", "1.0", "--yes"]);
        let raw = git(&machine, &["cat-file", "commit", "HEAD"]);
        assert!(raw.contains("\ngpgsig -----BEGIN PGP SIGNATURE-----\n"), "{format}: {raw}");
        let signed = fs::read_to_string(gpg.with_extension("signed")).unwrap();
        assert!(signed.contains("sigpkg: release demo v1.0 (statement 2)"), "{format}: {signed}");
        assert!(raw.contains("author Test <test@example.org>"), "{format}: {raw}");
    }
}

/// KEEP-23: a signature that fails leaves the release to be finished, with the same text; never an unsigned commit.
#[test]
fn a_release_whose_commit_git_cannot_sign_is_finished_by_a_rerun_with_the_same_text() {
    for side in [false, true] {
        let machine = Machine::begun();
        let gpg = sign_with_gpg(&machine, "openpgp");
        git(&machine, &["config", "tag.gpgsign", "true"]);
        let locked = gpg.with_extension("locked");
        fs::write(&locked, "").unwrap();
        let before = git(&machine, &["rev-parse", "HEAD"]);
        let release = ["release", "1.0", "--yes", "--side"];
        let release = if side { &release[..] } else { &release[..3] };
        fails(&machine, 3, release, &["cannot sign the commit", "the agent is locked", "same command again"]);
        assert_eq!(git(&machine, &["rev-parse", "HEAD"]), before);
        assert_eq!(git(&machine, &["tag"]), "");
        let statement = || fs::read_to_string(store(&machine).join("journal/statement.toml")).unwrap();
        let text = statement();
        fails(&machine, 3, release, &["was interrupted", "the agent is locked"]);
        assert_eq!(statement(), text);
        fs::remove_file(&locked).unwrap();
        done(&machine, release);
        let revision = if side { "sigpkg-2" } else { "HEAD" };
        assert_eq!(git(&machine, &["show", &format!("{revision}:.sigpkg/release.toml")]), text.trim_end());
        assert!(git(&machine, &["cat-file", "commit", &format!("{revision}^{{commit}}")]).contains("\ngpgsig "));
        assert_eq!(git(&machine, &["status", "--porcelain"]), "");
    }
}

/// KEEP-23: turning the signing off is a way on, too.
#[test]
fn a_release_that_waits_for_git_goes_on_when_the_signing_is_turned_off() {
    let machine = Machine::begun();
    let gpg = sign_with_gpg(&machine, "openpgp");
    fs::write(gpg.with_extension("locked"), "").unwrap();
    fails(&machine, 3, &["release", "1.0", "--yes"], &["git config commit.gpgsign false"]);
    git(&machine, &["config", "commit.gpgsign", "false"]);
    done(&machine, &["release", "1.0", "--yes"]);
    assert!(!git(&machine, &["cat-file", "commit", "HEAD"]).contains("gpgsig"));
}

/// KEEP-23: a setting that nobody can read, or a git that is not there, is seen before the key signs.
#[test]
fn what_git_cannot_do_is_refused_before_the_statement_is_signed() {
    let machine = Machine::begun();
    git(&machine, &["config", "commit.gpgsign", "maybe"]);
    fails(&machine, 3, &["release", "1.0", "--yes"], &["commit.gpgsign"]);
    git(&machine, &["config", "commit.gpgsign", "true"]);
    let empty = machine.path("empty");
    fs::create_dir(&empty).unwrap();
    let path = [("PATH", empty.to_str().unwrap())];
    let ran = machine.run(&["release", "1.0", "--yes"], &path);
    assert_eq!(ran.status, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("the program git is needed to sign the commit"), "{}", ran.stderr);
    let ran = machine.run(&["doctor"], &path);
    assert!(ran.status == 1 && ran.stdout.contains("the program git is needed"), "{}", ran.stdout);
    let begun = git(&machine, &["log", "--format=%s", "-1"]);
    assert_eq!(begun, "sigpkg: begin signing demo", "nothing was made");
    let keys = store(&machine);
    assert!(!keys.join("journal").exists() && keys.join("2.key").exists());
    // Who has no git and does not want it to sign needs none.
    git(&machine, &["config", "commit.gpgsign", "false"]);
    let ran = machine.run(&["release", "1.0", "--yes"], &path);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
}

/// KEEP-16: the release commit is made from objects, so that no hook can change what is signed.
#[test]
fn hooks_of_git_are_not_run_for_a_release_commit() {
    let machine = Machine::begun();
    sign_with_gpg(&machine, "openpgp");
    fs::create_dir_all(machine.path("repository/.git/hooks")).unwrap();
    for name in ["pre-commit", "commit-msg", "prepare-commit-msg", "post-commit"] {
        let hook = script(&machine, name, &format!("touch '{}'; exit 1\n", machine.path("ran").display()));
        fs::rename(hook, machine.path("repository/.git/hooks").join(name)).unwrap();
    }
    done(&machine, &["release", "1.0", "--yes"]);
    assert!(!machine.path("ran").exists());
}

/// A variable that leads git elsewhere, as it is set in hooks, does not.
#[test]
fn the_environment_of_a_hook_leads_git_to_no_other_repository() {
    let machine = Machine::begun();
    sign_with_gpg(&machine, "openpgp");
    let other = Machine::begun();
    let elsewhere = other.path("repository/.git").display().to_string();
    let index = format!("{elsewhere}/index");
    let leading = [("GIT_DIR", elsewhere.as_str()), ("GIT_INDEX_FILE", &index), ("GIT_OBJECT_DIRECTORY", "/nowhere")];
    let ran = machine.run(&["release", "1.0", "--yes"], &leading);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(git(&machine, &["cat-file", "commit", "HEAD"]).contains("\ngpgsig "));
    assert_eq!(git(&other, &["log", "--format=%s", "-1"]), "sigpkg: begin signing demo");
}
