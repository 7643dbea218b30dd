//! How news arrive: `trust refresh`, `trust export`, and `trust update` of many files.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

mod common;
#[path = "common/machine.rs"]
#[allow(dead_code, reason = "it is for several tests")]
mod machine;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::testing::{Files, Fixture, Record, chain_file};
use git2::{FileMode, Oid, Repository, Signature, Time};
use machine::{Machine, Ran, id};
use serde_json::Value;
use sigpkg::package::Package;
use sigpkg::statement::Severity;

const UUID: &str = "7876af07-990d-54b4-ab0e-23690620f79a";

/// The Julia package Example, with releases 1.0.0 and 1.1.0 and then a yank of the first.
struct World {
    fixture: Fixture,
    /// Genesis and 1.0.0: what the user knows.
    old: Vec<Record>,
    /// All.
    new: Vec<Record>,
}

fn world(seed: u64) -> World {
    world_of(seed, "Example", UUID)
}

fn world_of(seed: u64, name: &str, uuid: &str) -> World {
    let mut fixture = Fixture::of(seed, Package::julia(name, uuid.parse().unwrap()).unwrap());
    let mut new = fixture.line(&["1.0.0", "1.1.0"]);
    let yank = fixture.yank(&new[2], &[2], Severity::Refuse);
    new.push(yank);
    World { fixture, old: new[..2].to_vec(), new }
}

/// A git repository that is written object by object.
struct Repo(Repository);

impl Repo {
    fn bare(path: &Path) -> Self {
        Self(Repository::init_bare(path).unwrap())
    }

    /// A commit of these files, at this time, under this name.
    fn commit(&self, reference: &str, seconds: i64, files: &[(&str, &[u8], FileMode)]) -> Oid {
        let empty = self.0.find_tree(self.0.treebuilder(None).unwrap().write().unwrap()).unwrap();
        let mut update = git2::build::TreeUpdateBuilder::new();
        for (path, content, mode) in files {
            // A submodule names a commit of another repository.
            let id = if *mode == FileMode::Commit {
                Oid::from_str(&"1".repeat(40)).unwrap()
            } else {
                self.0.blob(content).unwrap()
            };
            update.upsert(*path, id, *mode);
        }
        let tree = self.0.find_tree(update.create_updated(&self.0, &empty).unwrap()).unwrap();
        let who = Signature::new("Test", "test@example.org", &Time::new(seconds, 0)).unwrap();
        let id = self.0.commit(None, &who, &who, reference, &tree, &[]).unwrap();
        self.0.reference(reference, id, true, "test").unwrap();
        id
    }

    fn chain(&self, reference: &str, seconds: i64, records: &[Record]) -> Oid {
        self.chain_in("", reference, seconds, records)
    }

    fn chain_in(&self, folder: &str, reference: &str, seconds: i64, records: &[Record]) -> Oid {
        let chain = chain_file(records);
        let path = format!("{folder}.sigpkg/chain");
        self.commit(reference, seconds, &[(&path, chain.as_bytes(), FileMode::Blob)])
    }
}

impl Machine {
    fn refresh(&self, more: &[&str]) -> Ran {
        self.run(&[&["trust", "refresh", "--depot", "depot"], more].concat())
    }

    #[track_caller]
    fn refreshed(&self, more: &[&str]) -> String {
        let ran = self.refresh(more);
        assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
        ran.stdout
    }

    fn known(&self, named: &str) -> u64 {
        self.json(&["trust", "show", named])["statements"].as_u64().unwrap()
    }

    /// A registry in the depot, as a folder, that names the repository of Example.
    fn registry(&self, repository: &str, subdirectory: Option<&str>) -> PathBuf {
        self.registry_in("depot/registries/Local", repository, subdirectory)
    }

    fn registry_in(&self, folder: &str, repository: &str, subdirectory: Option<&str>) -> PathBuf {
        let folder = self.path(folder);
        fs::create_dir_all(folder.join("E/Example")).unwrap();
        let index = format!(
            "name = \"Local\"\nuuid = \"00000000-0000-4000-8000-000000000001\"\n[packages]\n{UUID} = {{ name = \"Example\", path = \"E/Example\" }}\n"
        );
        fs::write(folder.join("Registry.toml"), index).unwrap();
        let subdirectory = subdirectory.map(|path| format!("subdir = \"{path}\"\n")).unwrap_or_default();
        let package = format!("name = \"Example\"\nuuid = \"{UUID}\"\nrepo = \"{repository}\"\n{subdirectory}");
        fs::write(folder.join("E/Example/Package.toml"), package).unwrap();
        folder
    }

    fn url(&self, name: &str) -> String {
        format!("file://{}", self.path(name).display())
    }
}

fn all_json(ran: &Ran) -> Vec<Value> {
    ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// PRJ-30
#[test]
fn news_come_from_the_clones_of_a_depot_and_decide_nothing() {
    let World { mut fixture, old, new } = world(1);
    let machine = Machine::trusting(&old);
    let before = machine.json(&["trust", "show", "Example"]);
    // As Pkg makes it: the clone has a branch, and what was fetched later is below `refs/remotes/cache`.
    let clone = Repo::bare(&machine.path("depot/clones/1234567890"));
    clone.chain("refs/heads/main", 1_000, &old);
    clone.chain("refs/remotes/cache/tags/v1.1.0", 2_000, &new);
    let rival = fixture.release(&old[1], "6.6.6");
    clone.chain("refs/remotes/cache/pull/1/head", 3_000, &[&old[..], &[rival]].concat());
    let told = machine.refreshed(&[]);
    assert!(told.contains("2 new statements; the head is now statement 4, newest v1.1.0 (statement 3)"), "{told}");
    assert!(told.contains("yanked with severity refuse: release v1.0.0 (statement 2"), "{told}");
    assert!(told.contains("clones/1234567890#remotes/cache/tags/v1.1.0:.sigpkg/chain"), "{told}");
    assert!(told.ends_with("news of 1 of 1 trusted signatory; looked into 1 place\n"), "{told}");
    let after = machine.json(&["trust", "show", "Example"]);
    assert_eq!(after["statements"], 4);
    for decided in ["accepted", "grade", "since", "reserve", "vouchers", "ended"] {
        assert_eq!(after[decided], before[decided], "{decided}");
    }
    // Nothing new is no failure.
    assert_eq!(machine.refreshed(&[]), "news of 0 of 1 trusted signatory; looked into 1 place\n");
    let answer = machine.json(&["trust", "refresh", "--depot", "depot"]);
    assert_eq!((&answer["schema"], &answer["new-statements"]), (&"sigpkg.trust-refresh/1".into(), &0.into()));
    assert_eq!(answer["package"]["name"], "Example");
}

/// PRJ-30
#[test]
fn a_store_that_trusts_nobody_asks_nobody() {
    let machine = Machine::new();
    machine.registry("git://127.0.0.1:1/nowhere", None);
    let told = machine.refreshed(&["--fetch", "--from", "git://127.0.0.1:1/nowhere"]);
    assert_eq!(told, "news of 0 of 0 trusted signatories; looked into 0 places\n");
}

#[test]
fn news_come_from_other_installed_versions_in_either_line_ends() {
    let World { old, new, .. } = world(2);
    for line_ends in ["\n", "\r\n"] {
        let machine = Machine::trusting(&old);
        for (slug, records) in [("aaaaa", &old), ("bbbbb", &new)] {
            let files = Fixture::folder(records, &Files::new([("Project.toml", "name = \"Example\"\n")]));
            let folder = machine.path("depot/packages/Example").join(slug);
            files.write_to(&folder);
            for name in ["chain", ".gitattributes"] {
                let path = folder.join(".sigpkg").join(name);
                let text = fs::read_to_string(&path).unwrap().replace('\n', line_ends);
                fs::write(path, text).unwrap();
            }
        }
        let told = machine.refreshed(&[]);
        assert!(told.contains("2 new statements") && told.contains("bbbbb"), "{told}");
        assert_eq!(machine.known("Example"), 4);
    }
}

/// PRJ-32
#[test]
fn with_fetch_the_repositories_that_registries_name_are_asked_and_without_it_they_are_not() {
    let World { old, new, .. } = world(3);
    for (form, subdirectory) in
        [("folder", None), ("folder", Some("lib/Example")), ("gz", Some("lib/Example")), ("zst", None)]
    {
        let machine = Machine::trusting(&old);
        let repository = Repo::bare(&machine.path("Example.git"));
        let folder = subdirectory.map(|path| format!("{path}/")).unwrap_or_default();
        repository.chain_in(&folder, "refs/heads/main", 1_000, &new);
        let url = machine.url("Example.git");
        if form == "folder" {
            machine.registry(&url, subdirectory);
        } else {
            let folder = machine.registry_in("unpacked", &url, subdirectory);
            let registries = machine.path("depot/registries");
            fs::create_dir_all(&registries).unwrap();
            let mut archive = tar::Builder::new(Vec::new());
            archive.append_dir_all(".", folder).unwrap();
            let (plain, name) = (archive.into_inner().unwrap(), format!("Local.tar.{form}"));
            let packed = if form == "gz" {
                let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                std::io::Write::write_all(&mut gzip, &plain).unwrap();
                gzip.finish().unwrap()
            } else {
                zstd::encode_all(&plain[..], 1).unwrap()
            };
            fs::write(registries.join(&name), packed).unwrap();
            let text = format!("git-tree-sha1 = \"{}\"\nuuid = \"x\"\npath = \"{name}\"\n", "1".repeat(40));
            fs::write(registries.join("Local.toml"), text).unwrap();
        }
        machine.refreshed(&[]);
        assert_eq!(machine.known("Example"), 2, "{form}");
        let told = machine.refreshed(&["--fetch"]);
        assert!(told.contains(&format!("from {url}#heads/main:{folder}.sigpkg/chain")), "{told}");
        assert_eq!(machine.known("Example"), 4, "{form}");
    }
}

/// PRJ-31: the newest of a thousand, and a tag of a statement that is on no branch.
#[test]
fn of_a_thousand_branches_the_newest_are_looked_at() {
    let World { mut fixture, old, new } = world(4);
    let machine = Machine::trusting(&old);
    let repository = Repo::bare(&machine.path("depot/clones").join(UUID));
    for at in 0..1000 {
        let readme = at.to_string();
        repository.commit(
            &format!("refs/heads/old-{at}"),
            10_000 + at,
            &[("README", readme.as_bytes(), FileMode::Blob)],
        );
    }
    // Older than all of them, so it is none of the newest 256; as a branch nobody finds it.
    let lost = fixture.release(&old[1], "6.6.6");
    repository.chain("refs/heads/lost", 1, &[&old[..], &[lost]].concat());
    assert_eq!(machine.refreshed(&[]), "news of 0 of 1 trusted signatory; looked into 1 place\n");
    repository.chain("refs/tags/sigpkg-3", 2, &new[..3]);
    let told = machine.refreshed(&[]);
    assert!(told.contains("1 new statement;") && told.contains("#tags/sigpkg-3:"), "{told}");
    repository.chain("refs/heads/main", 20_000, &new);
    let told = machine.refreshed(&[]);
    assert!(told.contains("1 new statement;") && told.contains("#heads/main:"), "{told}");
    assert_eq!(machine.known("Example"), 4);
}

/// PRJ-30
#[test]
fn a_hostile_repository_teaches_nothing_and_is_named() {
    let World { old, new, .. } = world(5);
    let machine = Machine::trusting(&old);
    let repository = Repo::bare(&machine.path("hostile"));
    let chain = chain_file(&new);
    let forged = chain_file(&new[..3]).replace("1.1.0", "6.6.6");
    let huge = vec![0; (64 << 20) + 1];
    let blob = FileMode::Blob;
    repository.commit("refs/heads/a", 1, &[(".sigpkg/chain", &huge, blob)]);
    repository.commit(
        "refs/heads/b",
        1,
        &[(".sigpkg/chain", b"../chain", FileMode::Link), ("chain", chain.as_bytes(), blob)],
    );
    repository.commit("refs/heads/c", 1, &[(".sigpkg", b"", FileMode::Commit)]);
    repository.commit(
        "refs/heads/d",
        1,
        &[(".sigpkg", b"other", FileMode::Link), ("other/chain", chain.as_bytes(), blob)],
    );
    repository.commit("refs/heads/e", 1, &[(".sigpkg/chain", forged.as_bytes(), blob)]);
    repository.commit("refs/heads/f", 1, &[(".sigpkg/chain", b"no chain", blob)]);
    repository.commit("refs/heads/g", 1, &[(".sigpkg/chain/chain", chain.as_bytes(), blob)]);
    for from in ["hostile".to_owned(), machine.url("hostile")] {
        let told = machine.refreshed(&["--from", &from]);
        for expected in [
            "heads/a:.sigpkg/chain: a chain file has at most 67108864 bytes, this one has 67108865 (too-large, CHN-1)",
            "heads/b: .sigpkg/chain is a symbolic link, and no file",
            "heads/c: .sigpkg is a submodule, and no folder",
            "heads/d: .sigpkg is a symbolic link, and no folder",
            "heads/e:.sigpkg/chain: the signature of statement 3 does not hold",
            "heads/f:.sigpkg/chain:",
            "heads/g: .sigpkg/chain is a folder, and no file",
        ] {
            assert!(told.contains(expected), "{expected}\n{told}");
        }
        assert_eq!(told.matches("refused ").count(), 7, "{told}");
        assert_eq!(machine.known("Example"), 2);
    }
}

/// PRJ-30
#[test]
fn another_signatory_is_shown_with_both_ids_and_teaches_nothing() {
    let (World { old, .. }, stranger) = (world(6), world(7));
    let machine = Machine::trusting(&old);
    Repo::bare(&machine.path("taken")).chain("refs/heads/main", 1, &stranger.new);
    let told = machine.refreshed(&["--from", "taken"]);
    assert!(told.contains("another signatory of Example [7876af07]; nothing was learned from it"), "{told}");
    assert!(told.contains(&format!("trusted {}", id(&old))), "{told}");
    assert!(told.contains(&format!("found   {}", id(&stranger.new))), "{told}");
    assert_eq!(machine.known("Example"), 2);
    assert_eq!(machine.run(&["trust", "show", &id(&stranger.new)]).status, 4);
    let objects = all_json(&machine.refresh(&["--from", "taken", "--json"]));
    assert_eq!(objects[1]["schema"], "sigpkg.trust-refresh-other/1");
    assert_eq!((&objects[1]["found"], &objects[1]["trusted"][0]), (&id(&stranger.new).into(), &id(&old).into()));
    // A package of which nobody is trusted is none of ours.
    let other = world_of(8, "Other", "00000000-0000-4000-8000-000000000002");
    Repo::bare(&machine.path("depot/clones/other")).chain("refs/heads/main", 1, &other.new);
    assert_eq!(machine.refreshed(&[]), "news of 0 of 1 trusted signatory; looked into 1 place\n");
}

/// PRJ-30, PRJ-32
#[test]
fn what_cannot_be_reached_is_named_and_the_rest_is_done() {
    let World { old, new, .. } = world(9);
    let machine = Machine::trusting(&old);
    let unknown = world_of(10, "Unknown", "00000000-0000-4000-8000-000000000003");
    machine.place("unknown", &unknown.old);
    machine.done(&["trust", "add", "unknown", "--id", &id(&unknown.old)]);
    Repo::bare(&machine.path("depot/clones/1")).chain("refs/heads/main", 1, &new);
    machine.registry("git://user:secret@127.0.0.1:1/Example.git", None);
    fs::create_dir_all(machine.path("empty")).unwrap();
    let ran = machine.refresh(&["--fetch", "--from", "empty"]);
    assert_eq!(ran.status, 3, "{}", ran.stdout);
    for expected in [
        "2 new statements",
        "not reached git://127.0.0.1:1/Example.git cannot be reached:",
        "empty: there is no git repository",
        "not reached Unknown [00000000]: no registry names its repository; --from URL does",
    ] {
        assert!(ran.stdout.contains(expected), "{expected}\n{}", ran.stdout);
    }
    assert!(!ran.stdout.contains("secret"), "{}", ran.stdout);
    assert_eq!(machine.known("Example"), 4);
    let objects = all_json(&machine.refresh(&["--fetch", "--json"]));
    let kinds: Vec<_> = objects.iter().filter_map(|object| object["kind"].as_str()).collect();
    assert_eq!(kinds, ["unreached", "no-repository"]);
    // Named by the user, it is the repository that was missing.
    machine.registry(&machine.url("depot/clones/1"), None);
    Repo::bare(&machine.path("Unknown.git")).chain("refs/heads/main", 1, &unknown.new);
    machine.refreshed(&["--fetch", "--from", "Unknown.git"]);
    assert_eq!(machine.known("Unknown"), 4);
}

/// PRJ-32
#[test]
fn an_address_that_names_a_program_runs_none() {
    let World { old, .. } = world(11);
    let machine = Machine::trusting(&old);
    for address in ["ext::touch pwned", "ext::touch", "ext://touch", "--upload-pack=touch pwned"] {
        let ran = machine.refresh(&[&format!("--from={address}")]);
        assert_eq!(ran.status, 2, "{address}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains("expected the address of a repository"), "{}", ran.stderr);
        machine.registry(address, None);
        let ran = machine.refresh(&["--fetch"]);
        assert_eq!(ran.status, 3, "{address}: {}", ran.stdout);
        assert!(ran.stdout.contains("not reached Example [7876af07]: expected the address"), "{}", ran.stdout);
    }
    assert!(!machine.path("pwned").exists());
    let ran = machine.refresh(&["--from", "http://127.0.0.1:1/a"]);
    assert_eq!(ran.status, 3, "{}", ran.stdout);
    assert!(ran.stdout.contains("its protocol is http, and allowed are https, ssh, git, file"), "{}", ran.stdout);
}

/// PRJ-32: what the user has set up for git runs no program either.
#[test]
fn no_hook_and_no_helper_of_the_user_is_run() {
    let World { old, new, .. } = world(12);
    let machine = Machine::trusting(&old);
    Repo::bare(&machine.path("Example.git")).chain("refs/heads/main", 1, &new);
    let (pwned, hooks) = (machine.path("pwned"), machine.path("hooks"));
    fs::create_dir(&hooks).unwrap();
    for hook in ["reference-transaction", "post-checkout", "pre-auto-gc"] {
        let path = hooks.join(hook);
        fs::write(&path, format!("#!/bin/sh\necho {hook} >>'{}'\n", pwned.display())).unwrap();
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
    let (hooks, pwned) = (hooks.display().to_string(), pwned.display().to_string());
    let config = format!(
        "[core]\n\thooksPath = {hooks}\n\tfsmonitor = touch {pwned}\n\taskPass = touch {pwned}\n[credential]\n\thelper = !touch {pwned}\n[protocol]\n\tallow = always\n[url \"ext::touch {pwned} \"]\n\tinsteadOf = https://127.0.0.1:1/\n"
    );
    fs::write(machine.path("gitconfig"), config).unwrap();
    let run = |from: &str| {
        let mut command = machine.command(&["trust", "refresh", "--depot", "depot", "--from", from]);
        command.env("GIT_CONFIG_GLOBAL", machine.path("gitconfig")).output().unwrap()
    };
    let output = run(&machine.url("Example.git"));
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(machine.known("Example"), 4);
    let output = run("https://127.0.0.1:1/a");
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.contains("'ext' not allowed"), "{told}");
    assert!(!machine.path("pwned").exists());
}

/// PRJ-31
#[test]
fn a_project_hears_of_its_dependencies_alone_and_of_developed_ones_from_their_repositories() {
    let (World { old, new, .. }, other) = (world(13), world_of(14, "Other", "00000000-0000-4000-8000-000000000002"));
    let machine = Machine::trusting(&old);
    machine.place("other", &other.old);
    machine.done(&["trust", "add", "other", "--id", &id(&other.old)]);
    Repo::bare(&machine.path("depot/clones/1")).chain("refs/heads/main", 1, &other.new);
    // A monorepo with the package in a folder, of which a newer state is on another branch.
    let repository = machine.path("mono");
    Command::new("git").args(["init", "--quiet"]).arg(&repository).status().unwrap();
    Repo(Repository::open(&repository).unwrap()).chain_in("Example/", "refs/heads/next", 1, &new);
    fs::create_dir(repository.join("Example")).unwrap();
    fs::create_dir(machine.path("project")).unwrap();
    fs::write(machine.path("project/Project.toml"), format!("[deps]\nExample = \"{UUID}\"\n")).unwrap();
    let manifest = format!("[[Example]]\npath = \"../mono/Example\"\nuuid = \"{UUID}\"\nversion = \"1.0.0\"\n");
    fs::write(machine.path("project/Manifest.toml"), manifest).unwrap();
    // Its own repository is all that is known of it, and enough.
    let told = machine.refreshed(&["project", "--fetch"]);
    assert!(told.contains("#heads/next:Example/.sigpkg/chain"), "{told}");
    assert!(told.ends_with("news of 1 of 1 trusted signatory; looked into 2 places\n"), "{told}");
    assert_eq!((machine.known("Example"), machine.known("Other")), (4, 2));
    let manifest = format!(
        "[[Example]]\ngit-tree-sha1 = \"{}\"\nrepo-url = \"{}\"\nuuid = \"{UUID}\"\n",
        "1".repeat(40),
        machine.url("mono")
    );
    fs::write(machine.path("project/Manifest.toml"), manifest).unwrap();
    let told = machine.refreshed(&["project", "--fetch"]);
    assert_eq!(told, "news of 0 of 1 trusted signatory; looked into 2 places\n");
}

/// VER-18: a chain that is heard of again is not stale.
#[test]
fn after_a_refresh_a_silent_chain_is_fresh_under_strict() {
    let mut fixture = Fixture::new(15);
    let mut chain = vec![fixture.genesis()];
    let tree = fixture.release_tree(&mut chain, "1.0.0", &Files::new([("README", "read me\n")]));
    let machine = Machine::trusting(&chain);
    tree.write_to(&machine.path("tree"));
    let decisions = machine.path("home/trust/generic/example").join(id(&chain)).join("trust.toml");
    let text = fs::read_to_string(&decisions).unwrap();
    let seen = text.lines().find(|line| line.starts_with("first-seen")).unwrap();
    fs::write(&decisions, text.replace(seen, "first-seen = \"2024-01-01T00:00:00Z\"")).unwrap();
    let ran = machine.run(&["verify", "tree", "--strict"]);
    assert_eq!(ran.status, 1, "{}", ran.stdout);
    assert!(ran.stdout.contains("VER-18"), "{}", ran.stdout);
    let beat = fixture.beat(chain.last().unwrap());
    chain.push(beat);
    Repo::bare(&machine.path("example.git")).chain("refs/heads/main", 1, &chain);
    let told = machine.refreshed(&["--from", "example.git"]);
    assert!(told.contains("1 new statement"), "{told}");
    let ran = machine.run(&["verify", "tree", "--strict"]);
    assert_eq!(ran.status, 0, "{}", ran.stdout);
}

/// PRJ-33
#[test]
fn an_export_brings_news_to_another_machine_and_trust_to_none() {
    let (one, two, three) = (
        world(16),
        world_of(17, "Two", "00000000-0000-4000-8000-000000000002"),
        world_of(18, "Three", "00000000-0000-4000-8000-000000000003"),
    );
    let online = Machine::trusting(&one.new);
    for (name, records) in [("two", &two.new), ("three", &three.new)] {
        online.place(name, records);
        online.done(&["trust", "add", name, "--id", &id(records)]);
    }
    let told = online.done(&["trust", "export", "--out", "news"]);
    assert_eq!(told, "wrote 3 chains to news; to take it in elsewhere: sigpkg trust update news\n");
    let printed = online.done(&["trust", "export"]);
    assert_eq!(printed, fs::read_to_string(online.path("news")).unwrap());
    assert_eq!(online.run(&["trust", "export", "--json"]).status, 2);
    assert_eq!(online.json(&["trust", "export", "-o", "news"])["chains"], 3);

    let site = Machine::trusting(&one.old);
    site.place("two", &two.old);
    site.done(&["trust", "add", "two", "--id", &id(&two.old)]);
    fs::copy(online.path("news"), site.path("news")).unwrap();
    let told = site.done(&["trust", "update", "news"]);
    assert_eq!(told.matches("2 new statements").count(), 2, "{told}");
    assert!(told.ends_with("passed over: the chain of a signatory who is not trusted here\n"), "{told}");
    assert_eq!((site.known("Example"), site.known("Two")), (4, 4));
    assert_eq!(site.run(&["trust", "show", "Three"]).status, 4);

    // One chain of it forged: that one is named, and the others are kept.
    let site = Machine::trusting(&one.old);
    site.place("two", &two.old);
    site.done(&["trust", "add", "two", "--id", &id(&two.old)]);
    let good = chain_file(&one.new);
    assert!(printed.contains(&good));
    fs::write(site.path("news"), printed.replace(&good, &good.replace("1.1.0", "1.1.1"))).unwrap();
    let ran = site.run(&["trust", "update", "news"]);
    assert_eq!(ran.status, 1, "{}", ran.stdout);
    assert!(ran.stdout.contains(&format!("refused news ({}): statement 4 follows", id(&one.new))), "{}", ran.stdout);
    assert_eq!((site.known("Example"), site.known("Two")), (2, 4));
    // One that was cut off is no export at all.
    fs::write(site.path("news"), &printed[..printed.len() - 1]).unwrap();
    let ran = site.run(&["trust", "update", "news"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (3, ""));
    assert!(ran.stderr.contains("bytes of the chain of"), "{}", ran.stderr);
}

/// PRJ-33
#[test]
fn the_export_of_a_project_has_what_the_store_knows_and_what_is_installed() {
    let (known, installed) = (world(19), world_of(20, "Two", "00000000-0000-4000-8000-000000000002"));
    let unrelated = world_of(21, "Three", "00000000-0000-4000-8000-000000000003");
    let machine = Machine::trusting(&known.old);
    machine.place("three", &unrelated.old);
    machine.done(&["trust", "add", "three", "--id", &id(&unrelated.old)]);
    let mut manifest = String::new();
    for (name, uuid, tree, records) in [
        ("Example", UUID, "46e44e869b4d90b96bd8ed1fdcf32244fddfb6cc", &known.new),
        ("Two", "00000000-0000-4000-8000-000000000002", "1111111111111111111111111111111111111111", &installed.new),
    ] {
        let entry = format!("[[{name}]]\ngit-tree-sha1 = \"{tree}\"\nuuid = \"{uuid}\"\nversion = \"1.1.0\"\n");
        manifest.push_str(&entry);
        let locked =
            sigpkg::ecosystem::of(sigpkg::package::EcosystemName::Julia).read_lockfile(manifest.as_bytes()).unwrap();
        let locked = locked.entries.iter().find(|entry| entry.package.name().as_str() == name).unwrap();
        let paths = sigpkg::ecosystem::of(sigpkg::package::EcosystemName::Julia).installed_paths(locked);
        Fixture::folder(records, &Files::new([])).write_to(&machine.path("depot").join(&paths[0]));
    }
    fs::create_dir(machine.path("project")).unwrap();
    fs::write(machine.path("project/Manifest.toml"), manifest).unwrap();
    machine.done(&["trust", "export", "project", "--depot", "depot", "-o", "news"]);
    let export = fs::read(machine.path("news")).unwrap();
    let chains = sigpkg::trust::read_export(&export).unwrap();
    let mut expected = vec![(id(&known.new), chain_file(&known.new)), (id(&installed.new), chain_file(&installed.new))];
    expected.sort();
    let found: Vec<_> =
        chains.iter().map(|(id, chain)| (id.to_string(), String::from_utf8(chain.to_vec()).unwrap())).collect();
    assert_eq!(found, expected);
    // It was written, and nothing was learned by it.
    assert_eq!(machine.known("Example"), 2);
}
