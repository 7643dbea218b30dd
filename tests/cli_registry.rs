//! What a registry sees on the command line: lines, JSON, annotations, exit statuses, and what the folder of heads keeps.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

mod common;
#[path = "registry/world.rs"]
mod world;

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::common::testing::Files;
use crate::world::{Author, Registry, UUID, World, policy};

struct Ran {
    status: i32,
    stdout: String,
    stderr: String,
}

fn empty() -> Registry {
    Registry::default().with_package("Example", UUID)
}

impl World {
    fn sigpkg(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sigpkg"));
        command.args(arguments).args(["--registry", "registry.git"]).current_dir(self.folder.path());
        command.env("SIGPKG_HOME", self.folder.path().join("home")).env("NO_COLOR", "1");
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        let output = command.output().unwrap();
        Ran {
            status: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn check_cli(&self, base: &Registry, head: &Registry, more: &[&str]) -> Ran {
        let (base, head) = (self.commit(base), self.commit(head));
        let arguments = ["registry", "check", "--base", &base, "--head", &head];
        self.sigpkg(&[&arguments, more].concat())
    }
}

fn with_clones<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["--packages", "packages"], more].concat()
}

/// A registry with an unsigned and a signed version, and one that was stripped of its signature.
fn story(world: &World, seed: u64) -> (Author, Registry, Registry, Registry) {
    let mut author = Author::new(seed);
    let base = empty().with("Example", "1.0.0", &world.put("Example", &author.source("1.0.0")));
    let good = base.clone().with("Example", "1.1.0", &world.put("Example", &author.release("1.1.0")));
    let bad = good.clone().with("Example", "1.2.0", &world.put("Example", &author.source("1.2.0")));
    (author, base, good, bad)
}

fn lines(ran: &Ran) -> Vec<Value> {
    ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_change_is_judged_in_lines_for_people() {
    let world = World::new();
    let (_, base, good, bad) = story(&world, 80);
    let ran = world.check_cli(&base, &good, &with_clones(&[]));
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert_data_eq!(
        ran.stdout,
        str![[r"
accepted   Example [7876af07] v1.1.0  (statement 2)
  note: first-signed: the package is signed from now on, by sigp[..]
1 judged: 1 signed

"]]
    );
    let ran = world.check_cli(&good, &bad, &with_clones(&[]));
    assert_eq!(ran.status, 1);
    assert_data_eq!(
        ran.stdout,
        str![[r"
refused    Example [7876af07] v1.2.0: signature-missing (VER-2)
  expected a tree signed by sigp[..], found one without .sigpkg
  hint: the package is signed: register the commit that sigpkg release has made
1 judged: 1 refused

"]]
    );
}

#[test]
fn a_change_is_judged_in_json() {
    let world = World::new();
    let (author, _, good, bad) = story(&world, 81);
    let ran = world.check_cli(&good, &bad, &with_clones(&["--json"]));
    let [finding, summary] = lines(&ran).try_into().unwrap();
    assert_eq!(finding["schema"], "sigpkg.registry-check/1");
    assert_eq!((&finding["verdict"], &finding["reason"]), (&"refused".into(), &"signature-missing".into()));
    assert_eq!((&finding["rule"], &finding["change"]), (&"VER-2".into(), &"added".into()));
    assert_eq!(finding["package"]["uuid"], UUID);
    assert_eq!((&finding["version"], &finding["file"]), (&"1.2.0".into(), &"E/Example/Versions.toml".into()));
    assert_eq!(finding["signatory"], Value::Null);
    assert_eq!((&summary["schema"], &summary["status"]), (&"sigpkg.registry-summary/1".into(), &1.into()));
    let ran = world.check_cli(&empty(), &good, &with_clones(&["--json"]));
    let signed = &lines(&ran)[1];
    assert_eq!((&signed["signatory"], &signed["seq"]), (&author.id().into(), &2.into()));
    assert_eq!(signed["notes"][0]["note"], "first-signed");
}

#[test]
fn a_change_is_judged_in_annotations_that_cannot_be_forged() {
    let world = World::new();
    let (_, _, good, bad) = story(&world, 82);
    let ran = world.check_cli(&good, &bad, &with_clones(&["--format", "github"]));
    assert_eq!(ran.status, 1);
    let first = ran.stdout.lines().next().unwrap();
    assert!(
        first
            .starts_with("::error file=E/Example/Versions.toml,title=Example [7876af07] v1.2.0%3A signature-missing::")
    );
    // A name with a line of its own is not a command of its own.
    let index = "name = \"T\"\nuuid = \"23338594-aafe-5451-b93e-139f81909106\"\n[packages]\n".to_owned()
        + UUID
        + " = { name = \"A\\n::error::x, 100%\", path = \"a,b\" }\n";
    let evil = empty().with_raw("Registry.toml", index);
    let ran = world.check_cli(&Registry::default(), &evil, &with_clones(&["--format", "github"]));
    assert_eq!(ran.status, 1);
    assert_eq!(ran.stdout.lines().filter(|line| line.starts_with("::")).count(), 1, "{}", ran.stdout);
    assert!(ran.stdout.starts_with("::error file=a%2Cb/Package.toml,title="), "{}", ran.stdout);
}

#[test]
fn heads_are_written_only_if_everything_has_passed() {
    // REG-11
    let world = World::new();
    let (_, base, good, bad) = story(&world, 83);
    let head = world.folder.path().join(format!("heads/{UUID}.head"));
    let update = with_clones(&["--heads", "heads", "--update-heads"]);
    let half = good.clone().with("Example", "1.2.0", &"1".repeat(40));
    assert_eq!(world.check_cli(&base, &half, &update).status, 3);
    assert!(!head.exists());
    assert_eq!(world.check_cli(&base, &good, &with_clones(&["--heads", "heads"])).status, 0);
    assert!(!head.exists());
    assert_eq!(world.check_cli(&base, &good, &update).status, 0);
    let written = std::fs::read_to_string(&head).unwrap();
    assert!(written.contains("\"1.1.0\" = ") && !written.contains("\"1.2.0\" = "), "{written}");
    assert_eq!(world.check_cli(&good, &bad, &update).status, 1);
    assert_eq!(std::fs::read_to_string(&head).unwrap(), written);
    let ran = world.check_cli(&base, &good, &with_clones(&["--update-heads"]));
    assert_eq!(ran.status, 2, "{}", ran.stderr);
}

#[cfg(unix)]
#[test]
fn a_head_that_is_a_link_is_not_followed() {
    let world = World::new();
    let (_, base, good, _) = story(&world, 84);
    let heads = world.folder.path().join("heads");
    std::fs::create_dir(&heads).unwrap();
    std::os::unix::fs::symlink("/dev/zero", heads.join(format!("{UUID}.head"))).unwrap();
    let ran = world.check_cli(&base, &good, &with_clones(&["--heads", "heads"]));
    assert_eq!(ran.status, 3, "{}", ran.stdout);
    assert!(ran.stdout.contains("no regular file"), "{}", ran.stdout);
}

#[test]
fn an_audit_shows_what_must_be_seen_and_remembers_the_rest() {
    let world = World::new();
    let (_, _, good, bad) = story(&world, 85);
    let audit = |at: &Registry| {
        let at = world.commit(at);
        let audit = ["registry", "audit", "--packages", "packages", "--heads", "heads", "--update-heads", "--at", &at];
        world.sigpkg(&audit)
    };
    let ran = audit(&good);
    assert_eq!((ran.status, ran.stdout.as_str()), (0, "2 judged of 2 versions in 1 package: 1 signed, 1 unsigned\n"));
    let ran = audit(&good);
    assert_eq!(ran.stdout, "0 judged of 2 versions in 1 package: nothing to say\n");
    let ran = audit(&bad);
    assert_eq!(ran.status, 1);
    assert!(ran.stdout.starts_with("refused    Example [7876af07] v1.2.0: signature-missing (VER-2)\n"));
}

#[test]
fn what_cannot_be_had_is_status_3_and_says_where_it_was_looked_for() {
    // REG-15
    let world = World::new();
    let tree = "1234567890123456789012345678901234567890";
    let ran = world.check_cli(&empty(), &empty().with("Example", "1.0.0", tree), &with_clones(&["--json"]));
    assert_eq!(ran.status, 3);
    let finding = &lines(&ran)[0];
    assert_eq!((&finding["verdict"], &finding["rule"]), (&"unreadable".into(), &Value::Null));
    assert!(finding["message"].as_str().unwrap().contains(tree));
    assert!(finding["hint"].as_str().unwrap().contains("--packages"));
}

#[test]
fn questions_that_make_no_sense_are_status_2_or_3() {
    let world = World::new();
    assert_eq!(world.check_cli(&empty(), &empty(), &[]).status, 2);
    assert_eq!(world.check_cli(&empty(), &empty(), &["--packages", "nowhere"]).status, 3);
    let head = world.commit(&empty());
    let check = |base: &str| world.sigpkg(&["registry", "check", "--base", base, "--head", &head, "--fetch"]).status;
    assert_eq!(check("nothing"), 3);
    assert_eq!(check(&"0".repeat(40)), 0);
    // A base that is no registry is none to compare with.
    let tree = world.registry().treebuilder(None).unwrap().write().unwrap();
    assert_eq!(check(&world.commit_tree(tree)), 3);
}

#[test]
fn a_change_of_the_policy_is_status_4_until_somebody_has_looked_at_it() {
    let world = World::new();
    let head = empty().with_raw("SigpkgPolicy.toml", policy(&[]));
    assert_eq!(world.check_cli(&empty(), &head, &with_clones(&[])).status, 4);
    assert_eq!(world.check_cli(&empty(), &head, &with_clones(&["--policy-reviewed"])).status, 0);
}

/// A repository with one commit that a tag alone reaches, and the tree of that commit.
fn tagged(place: &Path, files: &Files) -> String {
    let repository = git2::Repository::init_bare(place).unwrap();
    let tree = world::write_tree(&repository, &files.0);
    let who = git2::Signature::new("Test", "test@example.org", &git2::Time::new(0, 0)).unwrap();
    let commit = repository.commit(None, &who, &who, "x", &repository.find_tree(tree).unwrap(), &[]).unwrap();
    repository.reference("refs/tags/v1.0.0", commit, false, "").unwrap();
    tree.to_string()
}

#[test]
fn what_is_not_there_is_fetched_even_from_a_tag_alone() {
    let (world, mut author) = (World::new(), Author::new(86));
    let remote = world.folder.path().join("remote/Example.jl.git");
    let tree = tagged(&remote, &author.release("1.0.0"));
    let mut head = empty().with("Example", "1.0.0", &tree);
    head.packages.get_mut("Example").unwrap().repository = format!("file://{}", remote.display());
    // Not by a protocol that nobody has allowed.
    let ran = world.check_cli(&empty(), &head, &["--fetch"]);
    assert_eq!(ran.status, 3, "{}", ran.stdout);
    assert!(ran.stdout.contains("its protocol is file, and --protocols allows https and ssh"), "{}", ran.stdout);
    let ran = world.check_cli(&empty(), &head, &["--fetch", "--protocols", "file"]);
    assert_eq!(ran.status, 0, "{}", ran.stdout);
    // Into a folder, from which it is taken the next time.
    let fetch = ["--fetch", "--protocols", "file", "--packages", "packages"];
    assert_eq!(world.check_cli(&empty(), &head, &fetch).status, 0);
    std::fs::remove_dir_all(&remote).unwrap();
    assert_eq!(world.check_cli(&empty(), &head, &fetch).status, 0);
    assert_eq!(world.check_cli(&empty(), &head, &["--fetch", "--protocols", "file"]).status, 3);
}

#[test]
fn a_host_that_gives_a_tree_by_its_name_is_asked_for_no_more() {
    let (world, mut author) = (World::new(), Author::new(87));
    let remote = world.folder.path().join("remote/Example.jl.git");
    let tree = tagged(&remote, &author.release("1.0.0"));
    let repository = git2::Repository::open(&remote).unwrap();
    repository.config().unwrap().set_bool("uploadpack.allowAnySHA1InWant", true).unwrap();
    let mut head = empty().with("Example", "1.0.0", &tree);
    head.packages.get_mut("Example").unwrap().repository = format!("file://{}", remote.display());
    let fetch = ["--fetch", "--protocols", "file", "--packages", "packages"];
    assert_eq!(world.check_cli(&empty(), &head, &fetch).status, 0);
    let fetched = git2::Repository::open(world.folder.path().join(format!("packages/{UUID}.git"))).unwrap();
    assert!(fetched.find_tree(tree.parse().unwrap()).is_ok());
    assert_eq!(fetched.references().unwrap().count(), 0);
}

#[test]
fn an_address_runs_no_program_and_is_no_option() {
    let world = World::new();
    let touched = world.folder.path().join("touched");
    let tree = "1".repeat(40);
    for address in [
        format!("--upload-pack=touch {}", touched.display()),
        format!("ext::touch {}", touched.display()),
        format!("ext::touch%20{}", touched.display()),
        format!("ssh://-oProxyCommand=touch%20{}/x", touched.display()),
        "file:///etc".to_owned(),
        "../../../etc".to_owned(),
    ] {
        let mut head = empty().with("Example", "1.0.0", &tree);
        head.packages.get_mut("Example").unwrap().repository = address.clone();
        let ran = world.check_cli(&empty(), &head, &["--fetch"]);
        assert!(matches!(ran.status, 1 | 3), "{address}: {}", ran.stdout);
        assert!(!touched.exists(), "{address}");
    }
}
