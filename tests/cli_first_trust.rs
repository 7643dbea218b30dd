//! First trust at scale: in all that a project has installed, or in a list of a company, in one decision (PRJ-20).

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

mod common;
#[path = "common/machine.rs"]
#[allow(dead_code, reason = "it is for several tests")]
mod machine;
#[path = "common/project.rs"]
mod project;

use std::fmt::Write as _;
use std::fs;

use common::testing::Files;
use project::{Author, World, hash_of};

/// PRJ-20
#[test]
fn all_that_is_installed_is_trusted_in_one_decision_and_what_is_refused_is_not_among_it() {
    let mut world = World::new();
    let mut authors = Vec::new();
    for (seed, name) in [(130, "One"), (131, "Two"), (132, "Edited")] {
        let mut author = Author::new(seed, name);
        let files = author.release("1.0.0");
        let folder = world.install(&author, "1.0.0", &files);
        if name == "Edited" {
            fs::write(folder.join("src/Edited.jl"), "evil()\n").unwrap();
        }
        authors.push(author);
    }
    let plain = Author::new(133, "Plain");
    world.install(&plain, "1.0.0", &plain.source("1.0.0"));
    let mut signed_later = Author::new(134, "Later");
    let folder = world.install(&signed_later, "0.9.0", &signed_later.source("0.9.0"));
    signed_later.release("1.0.0");
    world.trust(&signed_later);

    let add = ["trust", "add", "--installed", "project", "--depot", "depot"];
    let ran = world.machine.run(&add);
    assert_eq!(ran.status, 4, "{}", ran.stdout);
    for author in &authors[..2] {
        assert!(ran.stderr.contains(&author.id()), "whole ids: {}", ran.stderr);
    }
    assert!(ran.stderr.contains(&hash_of(&folder)) && ran.stderr.contains("--yes"), "{}", ran.stderr);
    let (status, said) = world.machine.on_terminal(&["n"], &add);
    assert_eq!(status, Some(4), "{said}");
    assert!(said.contains("Trust 2 new signatories and 1 unsigned version, as they are installed?"), "{said}");
    assert_eq!(world.machine.done(&["trust", "list"]).matches("sigp").count(), 1);

    let ran = world.machine.run(&[&add[..], &["--yes", "--only", "One"]].concat());
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("One [00000082]  seen"), "{}", ran.stdout);
    let (status, said) = world.machine.on_terminal(&["y"], &add);
    assert_eq!(status, Some(1), "what is refused makes itself heard: {said}");
    assert!(said.contains("Two [00000083]  seen") && said.contains("before-signing"), "{said}");
    let list = world.machine.done(&["trust", "list"]);
    assert!(!list.contains("Edited"), "{list}");
    let (entries, _) = world.judged(&[]);
    for (name, state) in [
        ("One", "accepted"),
        ("Two", "accepted"),
        ("Later", "before-signing"),
        ("Plain", "unsigned"),
        ("Edited", "refused"),
    ] {
        assert_eq!(entries[name]["state"], state, "{name}");
    }
    // What was signed once was not published before it was signed, and a namesake is shown as one.
    let stripped = signed_later.source("1.0.0");
    world.install(&signed_later, "1.0.0", &stripped);
    let mut namesake = Author::new(136, "Later");
    let ran = world.machine.run(&[&add[..], &["--yes", "--only", "Later"]].concat());
    assert_eq!(ran.status, 1, "{}", ran.stdout);
    assert!(ran.stdout.contains("VER-2"), "{}", ran.stdout);
    let ran = world.pin(&["--before-signing", "Later"]);
    assert_eq!(ran.status, 1, "{}", ran.stdout);
    assert!(ran.stderr.contains("found one that"), "{}", ran.stderr);
    world.assert_state("Later", &[], "refused", Some("VER-2"), 1);
    let files = namesake.release("2.0.0");
    world.install(&namesake, "2.0.0", &files);
    let ran = world.machine.run(&[&add[..], &["--only", "Later"]].concat());
    assert_eq!(ran.status, 4, "{}", ran.stdout);
    assert!(ran.stderr.contains("warning: somebody is trusted for another package of this name"), "{}", ran.stderr);
    // A pin of somebody else is not overruled in passing.
    let mut rival = Author::new(135, "Pinned");
    let files = rival.release("1.0.0");
    world.install(&rival, "1.0.0", &files);
    let pin = format!(
        "sigpkg-pins = 1\n\n[[pin]]\nname = \"Pinned\"\nuuid = \"{}\"\nid = \"{}\"\nseq = 1\ndigest = \"{}\"\ngrade = \"seen\"\n",
        rival.uuid,
        authors[0].id(),
        authors[0].digest(1)
    );
    fs::write(world.path("project/Signatories.toml"), pin).unwrap();
    let ran = world.machine.run(&[&add[..], &["--yes", "--only", "Pinned"]].concat());
    assert_eq!(ran.status, 1, "{}", ran.stdout);
    assert!(ran.stdout.contains("PRJ-12"), "{}", ran.stdout);
}

/// A company's list: 120 lines, and one comparison.
#[test]
fn a_list_of_a_company_is_taken_for_a_project_with_one_comparison() {
    let mut world = World::new();
    let mut list = String::new();
    for number in 0..120 {
        let mut author = Author::new(1000 + number, &format!("Package{number}"));
        let files: Files = author.release("1.0.0");
        world.install(&author, "1.0.0", &files);
        let uuid = if number % 2 == 0 { format!("={}", author.uuid) } else { String::new() };
        writeln!(list, "{}  {}{uuid}", author.id(), author.name).unwrap();
    }
    writeln!(list, "{}  Elsewhere", Author::new(140, "Elsewhere").id()).unwrap();
    fs::write(world.path("list"), &list).unwrap();
    let digest = format!("blake3:{}", blake3::hash(list.as_bytes()).to_hex());
    let add = ["trust", "add", "--list", "list", "--installed", "project", "--depot", "depot", "--digest"];
    let wrong = world.machine.run(&[&add[..], &[&digest.replace(['0', '1'], "2")]].concat());
    assert_eq!(wrong.status, 1);
    assert!(!world.path("home/trust/julia").exists());
    let ran = world.machine.run(&[&add[..], &[&digest]].concat());
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert_eq!(ran.stdout.matches("confirmed").count(), 120);
    assert!(ran.stderr.contains("left out: Elsewhere"), "{}", ran.stderr);
    let (_, project) = world.judged(&["--strict"]);
    assert_eq!((project["accepted"].as_u64(), project["verdict"].as_str()), (Some(120), Some("accepted")));

    // And handed on.
    let ran = world.machine.run(&["trust", "list", "--as-list"]);
    assert_eq!(ran.stdout.lines().count(), 120);
    assert!(
        ran.stdout.lines().all(|line| line.starts_with("sigp") && line.contains("  Package") && line.contains('='))
    );
    let digest = format!("blake3:{}", blake3::hash(ran.stdout.as_bytes()).to_hex());
    assert!(ran.stderr.contains(&digest), "{}", ran.stderr);
    fs::write(world.path("list"), &ran.stdout).unwrap();
    world.forget();
    let ran = world.machine.run(&[&add[..], &[&digest]].concat());
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    // One wrong id, and nothing is trusted.
    world.forget();
    let swapped = ran.stdout.len();
    let first = list.lines().next().unwrap().split_once("  ").unwrap().0.to_owned();
    let second = list.lines().nth(1).unwrap().split_once("  ").unwrap().0.to_owned();
    let list = list.replace(&first, &second);
    fs::write(world.path("list"), &list).unwrap();
    let digest = format!("blake3:{}", blake3::hash(list.as_bytes()).to_hex());
    let ran = world.machine.run(&[&add[..], &[&digest]].concat());
    assert_eq!(ran.status, 1, "{swapped}: {}", ran.stdout);
    assert!(!world.path("home/trust/julia").exists());
}
