//! `registry site` on the command line: what it reads, what it says, and what becomes of the folder.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

mod common;
#[path = "registry/world.rs"]
mod world;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use sigpkg::package::Package;

use crate::common::testing::{Fixture, chain_file};
use crate::world::{Author, OTHER_UUID, Registry, UUID, World};

fn sigpkg(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sigpkg"));
    command.args(["registry", "site"]).args(arguments).current_dir(folder);
    command.env("SIGPKG_HOME", folder.join("home")).env("NO_COLOR", "1");
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    command
}

#[track_caller]
fn run(folder: &Path, arguments: &[&str], status: i32) -> Output {
    let output = sigpkg(folder, arguments).output().unwrap();
    let said = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{said:?}");
    output
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

/// All files below a folder.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    all
}

/// What stands in a folder, hidden things included.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A folder with a chain file for each name, and the ids.
fn chains(names: &[&str]) -> (tempfile::TempDir, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let write = |(seed, name): (usize, &&str)| {
        let mut fixture = Fixture::of(seed as u64 + 1, Package::generic(name).unwrap());
        let records = fixture.line(&["1.0.0"]);
        fs::write(folder.path().join(format!("{name}.chain")), chain_file(&records)).unwrap();
        records[0].signatory().to_string()
    };
    let ids = names.iter().enumerate().map(write).collect();
    (folder, ids)
}

fn page(folder: &Path, id: &str) -> String {
    fs::read_to_string(folder.join(format!("s/{id}.html"))).unwrap()
}

#[test]
fn a_registry_is_read_from_its_trees_or_from_what_it_remembers() {
    let world = World::new();
    let (mut example, mut other) = (Author::new(90), Author::of(91, "Other", OTHER_UUID));
    let registry = Registry::default()
        .with_package("Example", UUID)
        .with_package("Other", OTHER_UUID)
        .with("Example", "1.0.0", &world.put("Example", &example.source("1.0.0")))
        .with("Example", "1.1.0", &world.put("Example", &example.release("1.1.0")))
        .with("Other", "2.0.0", &world.put("Other", &other.release("2.0.0")));
    let commit = world.commit(&registry);
    let folder = world.folder.path();
    let common = ["--registry", "registry.git", "--at", &commit];
    let made = run(folder, &[&["--out", "trees", "--packages", "packages", "--json"], &common[..]].concat(), 0);
    let made = json(&made);
    assert_eq!(made["schema"], "sigpkg.registry-site/1");
    assert_eq!((&made["signatories"], &made["same-name"], &made["alike"]), (&2.into(), &0.into(), &0.into()));
    assert_eq!(made["files"], files(&folder.join("trees")).len());
    assert_eq!(made["bytes"], files(&folder.join("trees")).values().map(Vec::len).sum::<usize>());
    assert!(page(&folder.join("trees"), &example.id()).contains("Release 1.1.0"));
    assert!(page(&folder.join("trees"), &other.id()).contains("Release 2.0.0"));

    world.audit(&registry);
    fs::create_dir(folder.join("heads")).unwrap();
    for (uuid, head) in world.heads.lock().unwrap().iter() {
        fs::write(folder.join(format!("heads/{uuid}.head")), head).unwrap();
    }
    run(folder, &[&["--out", "heads-site", "--heads", "heads"], &common[..]].concat(), 0);
    assert_eq!(page(&folder.join("heads-site"), &example.id()), page(&folder.join("trees"), &example.id()));
}

#[test]
fn a_chain_that_was_named_adds_to_what_the_registry_has() {
    let world = World::new();
    let mut author = Author::new(92);
    let tree = world.put("Example", &author.release("1.0.0"));
    let registry = Registry::default().with_package("Example", UUID).with("Example", "1.0.0", &tree);
    let commit = world.commit(&registry);
    let beat = author.fixture.beat(author.chain.last().unwrap());
    author.chain.push(beat);
    let folder = world.folder.path();
    fs::write(folder.join("newer.chain"), chain_file(&author.chain)).unwrap();
    let arguments =
        ["--out", "site", "--packages", "packages", "--registry", "registry.git", "--at", &commit, "newer.chain"];
    run(folder, &arguments, 0);
    assert!(page(&folder.join("site"), &author.id()).contains("Still here"));
}

#[test]
fn what_cannot_be_read_is_said_and_the_exit_status_says_so() {
    // REG-32
    let world = World::new();
    let mut author = Author::new(93);
    let registry = Registry::default()
        .with_package("Example", UUID)
        .with("Example", "1.0.0", &world.put("Example", &author.release("1.0.0")))
        .with("Example", "1.1.0", &"1".repeat(40));
    let commit = world.commit(&registry);
    let folder = world.folder.path();
    let arguments = ["--out", "site", "--packages", "packages", "--registry", "registry.git", "--at", &commit];
    let said = String::from_utf8(run(folder, &arguments, 3).stdout).unwrap();
    assert!(said.contains("not read: version 1.1.0 of Example"), "{said}");
    assert!(page(&folder.join("site"), &author.id()).contains("There may be more than this."));
}

#[test]
fn a_site_takes_the_place_of_an_earlier_one_whole() {
    // REG-32
    let (folder, ids) = chains(&["one", "two"]);
    let folder = folder.path();
    run(folder, &["--out", "site", "one.chain"], 0);
    assert!(folder.join(format!("site/s/{}.html", ids[0])).exists());
    run(folder, &["--out", "site", "two.chain"], 0);
    assert!(!folder.join(format!("site/s/{}.html", ids[0])).exists());
    assert!(folder.join(format!("site/s/{}.html", ids[1])).exists());
    assert_eq!(names(folder), ["one.chain", "site", "two.chain"]);
    let before = files(&folder.join("site"));
    run(folder, &["--out", "site", "two.chain"], 0);
    assert_eq!(files(&folder.join("site")), before, "the same chains give the same bytes");
}

#[test]
fn a_folder_that_is_no_site_is_left_as_it_is() {
    let (folder, _) = chains(&["one"]);
    let folder = folder.path();
    fs::create_dir(folder.join("thesis")).unwrap();
    fs::write(folder.join("thesis/chapter"), "ten years of work").unwrap();
    let said = run(folder, &["--out", "thesis", "one.chain"], 1);
    assert!(String::from_utf8_lossy(&said.stderr).contains("found something else"));
    assert_eq!(fs::read_to_string(folder.join("thesis/chapter")).unwrap(), "ten years of work");
    fs::write(folder.join("file"), "content").unwrap();
    run(folder, &["--out", "file", "one.chain"], 1);
    assert_eq!(fs::read_to_string(folder.join("file")).unwrap(), "content");
    assert_eq!(names(folder), ["file", "one.chain", "thesis"]);
    fs::create_dir(folder.join("empty")).unwrap();
    run(folder, &["--out", "empty", "one.chain"], 0);
}

#[cfg(unix)]
#[test]
fn a_link_is_not_followed() {
    let (folder, _) = chains(&["one"]);
    let folder = folder.path();
    fs::create_dir(folder.join("elsewhere")).unwrap();
    std::os::unix::fs::symlink("elsewhere", folder.join("site")).unwrap();
    run(folder, &["--out", "site", "one.chain"], 1);
    assert_eq!(names(&folder.join("elsewhere")), Vec::<String>::new());
}

#[test]
fn a_chain_that_is_refused_leaves_the_old_site() {
    let (folder, ids) = chains(&["one"]);
    let folder = folder.path();
    run(folder, &["--out", "site", "one.chain"], 0);
    let chain = fs::read_to_string(folder.join("one.chain")).unwrap();
    fs::write(folder.join("bad.chain"), chain.replace("count = 0", "count = 1")).unwrap();
    run(folder, &["--out", "site", "one.chain", "bad.chain"], 1);
    assert!(folder.join(format!("site/s/{}.html", ids[0])).exists());
    assert_eq!(names(folder), ["bad.chain", "one.chain", "site"]);
}

/// A voice that speaks, or that never ends.
#[cfg(unix)]
fn voice(folder: &Path, script: &str) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let bin = folder.join("bin");
    fs::create_dir_all(&bin).unwrap();
    let program = bin.join("espeak-ng");
    fs::write(&program, format!("#!/bin/sh\n[ \"$1\" = --version ] && exit 0\n{script}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    format!("{}:/usr/bin:/bin", bin.display())
}

#[cfg(unix)]
#[test]
fn a_process_that_is_killed_halfway_leaves_the_old_site_and_the_next_one_clears_up() {
    // REG-32
    let (folder, ids) = chains(&["one", "two"]);
    let folder = folder.path();
    run(folder, &["--out", "site", "one.chain"], 0);
    let before = files(&folder.join("site"));
    let path = voice(folder, "exec sleep 60");
    let mut stuck = sigpkg(folder, &["--out", "site", "--audio", "two.chain"]).env("PATH", path).spawn().unwrap();
    let half = folder.join(".site.sigpkg-new/s");
    for _ in 0..500 {
        if half.exists() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(half.exists(), "it has begun");
    let said = run(folder, &["--out", "site", "two.chain"], 1);
    assert!(String::from_utf8_lossy(&said.stderr).contains("another sigpkg is making this site"));
    stuck.kill().unwrap();
    stuck.wait().unwrap();
    assert_eq!(files(&folder.join("site")), before);
    // Killed between the two steps that put one in the place of the other.
    fs::rename(folder.join("site"), folder.join(".site.sigpkg-old")).unwrap();
    run(folder, &["--out", "site", "missing.chain"], 3);
    run(folder, &["--out", "site", "two.chain"], 0);
    assert!(folder.join(format!("site/s/{}.html", ids[1])).exists());
    assert_eq!(names(folder), ["bin", "one.chain", "site", "two.chain"]);
}

#[cfg(unix)]
#[test]
fn a_voice_is_asked_once_for_each_word_however_many_ids_there_are() {
    let (folder, ids) = chains(&["one", "two", "three"]);
    let folder = folder.path();
    // A tenth of a second of silence, one channel of 16 bits at 8000 Hz.
    let mut wav = Vec::new();
    let mut writer = hound::WavWriter::new(
        std::io::Cursor::new(&mut wav),
        hound::WavSpec { channels: 1, sample_rate: 8000, bits_per_sample: 16, sample_format: hound::SampleFormat::Int },
    )
    .unwrap();
    (0..800).for_each(|_| writer.write_sample(0_i16).unwrap());
    writer.finalize().unwrap();
    fs::write(folder.join("clip.wav"), wav).unwrap();
    let (clip, log) = (folder.join("clip.wav"), folder.join("said"));
    let script = format!(
        "for last; do :; done\necho \"$last\" >>{}\nwhile [ \"$1\" != -w ]; do shift; done\ncp {} \"$2\"",
        log.display(),
        clip.display()
    );
    let path = voice(folder, &script);
    let arguments = ["--out", "site", "--audio", "one.chain", "two.chain", "three.chain"];
    let output = sigpkg(folder, &arguments).env("PATH", path).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = fs::read_to_string(log).unwrap();
    let mut words: Vec<_> = said.lines().collect();
    let count = words.len();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), count, "no word is said twice");
    for id in ids {
        let sound = fs::read(folder.join(format!("site/s/{id}.wav"))).unwrap();
        assert!(sound.starts_with(b"RIFF"));
        assert!(
            page(&folder.join("site"), &id).contains(&format!("<audio controls preload=\"none\" src=\"{id}.wav\">"))
        );
    }
}

#[cfg(unix)]
#[test]
fn without_a_voice_it_says_what_to_install_and_makes_nothing() {
    let (folder, _) = chains(&["one"]);
    let folder = folder.path();
    let output =
        sigpkg(folder, &["--out", "site", "--audio", "one.chain"]).env("PATH", folder.join("none")).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("espeak-ng") && said.contains("hint: "), "{said}");
    assert_eq!(names(folder), ["one.chain"]);
}

#[test]
fn there_must_be_something_to_make_a_site_of() {
    let folder = tempfile::tempdir().unwrap();
    let said = run(folder.path(), &["--out", "site"], 2);
    assert!(String::from_utf8_lossy(&said.stderr).contains("there is nothing to make a site of"));
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

#[test]
fn a_site_has_nothing_that_sigpkg_takes_as_a_chain_or_a_list() {
    // REG-31
    let (folder, ids) = chains(&["one", "two"]);
    let folder = folder.path();
    run(folder, &["--out", "site", "one.chain", "two.chain"], 0);
    for (path, bytes) in files(&folder.join("site")) {
        let text = String::from_utf8(bytes).unwrap();
        assert!(!text.starts_with("sigpkg = 1"), "{} is a chain", path.display());
        assert!(!text.lines().any(|line| ids.iter().any(|id| line.starts_with(id.as_str()))), "{}", path.display());
        let mut command = Command::new(env!("CARGO_BIN_EXE_sigpkg"));
        command
            .args(["trust", "add", "--list"])
            .arg(&path)
            .args(["--digest", &format!("blake3:{}", blake3::hash(text.as_bytes()))]);
        let output = command.env("SIGPKG_HOME", folder.join("home")).output().unwrap();
        assert_ne!(output.status.code(), Some(0), "{} is a list", path.display());
    }
}
