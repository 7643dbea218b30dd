//! `sigpkg verify PROJECT`: every state, every rule of chapter 10, every form of a lockfile, and what an attacker may put into
//! a folder.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

mod common;
#[path = "common/machine.rs"]
#[allow(dead_code, reason = "it is for several tests")]
mod machine;
#[path = "common/project.rs"]
mod project;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use common::testing::Files;
use project::{Author, World, hash_of, paths_of};
use serde_json::Value;
use sigpkg::source::installed::hash_of_any;

fn append(path: &Path, text: &str) {
    let mut content = fs::read_to_string(path).unwrap_or_default();
    content.push_str(text);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

#[test]
fn every_dependency_is_listed_as_what_it_is() {
    let mut world = World::new();
    let mut trusted = Author::new(1, "Trusted");
    let files = trusted.release("1.0.0");
    world.install(&trusted, "1.0.0", &files);
    world.trust(&trusted);
    let mut new = Author::new(2, "Newcomer");
    let files = new.release("0.1.0");
    world.install(&new, "0.1.0", &files);
    let plain = Author::new(3, "Plain");
    world.install(&plain, "2.0.0", &plain.source("2.0.0"));
    world.lock(&Author::new(4, "Folder"), "1.0.0", "path = \"dev/Folder\"\n");
    world.lock(&Author::new(5, "Dates"), "1.0.0", "");
    world.lock(&Author::new(6, "Absent"), "1.0.0", &format!("git-tree-sha1 = \"{}\"\n", "a".repeat(40)));
    let from_url = Author::new(7, "ByUrl");
    let folder = world.install(&from_url, "1.0.0", &from_url.source("1.0.0"));
    let origin = format!("git-tree-sha1 = \"{}\"\nrepo-url = \"https://example.org/x\"\n", hash_of(&folder));
    world.lock(&from_url, "1.0.0", &origin);

    let (entries, project) = world.judged(&[]);
    let states = [
        ("Trusted", "accepted", "registered"),
        ("Newcomer", "newly-signed", "registered"),
        ("Plain", "unsigned", "registered"),
        ("Folder", "developed", "path"),
        ("Dates", "stdlib", "stdlib"),
        ("Absent", "not-installed", "registered"),
        ("ByUrl", "unsigned", "url"),
    ];
    for (name, state, source) in states {
        let entry = &entries[name];
        assert_eq!((entry["state"].as_str(), entry["source"].as_str()), (Some(state), Some(source)), "{entry:#}");
        assert_eq!((entry["fails"].as_bool(), entry["pinned"].as_bool()), (Some(false), Some(false)), "{entry:#}");
    }
    assert_eq!(project["schema"], "sigpkg.project/1");
    assert_eq!((project["verdict"].as_str(), project["pins"].as_str()), (Some("accepted"), Some("none")));
    assert_eq!((project["accepted"].as_u64(), project["other"].as_u64()), (Some(1), Some(6)));

    let ran = world.verify(&[]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("Trusted [00000001] v1.0.0"), "{}", ran.stdout);
    assert!(ran.stdout.contains("by URL"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("Dates"), "what comes with the language is counted alone: {}", ran.stdout);
    let counts = "1 accepted · 2 unsigned · 1 newly-signed · 1 developed · 1 stdlib · 1 not-installed";
    assert!(ran.stdout.ends_with(&format!("{counts}\n")), "{}", ran.stdout);

    // PRJ-14
    let (entries, project) = world.judged(&["--strict"]);
    assert_eq!(project["verdict"], "refused");
    for (name, fails) in
        [("Trusted", false), ("Dates", false), ("Newcomer", true), ("Plain", true), ("Folder", true), ("Absent", true)]
    {
        let entry = &entries[name];
        let rule = fails.then_some("PRJ-14");
        assert_eq!((entry["fails"].as_bool(), entry["rule"].as_str()), (Some(fails), rule), "{entry:#}");
    }
    assert_eq!(world.verify(&["--strict"]).status, 1);
}

#[test]
fn an_edited_file_is_found_signed_or_not() {
    let mut world = World::new();
    let mut signed = Author::new(10, "Signed");
    let files = signed.release("1.0.0");
    let signed_folder = world.install(&signed, "1.0.0", &files);
    let plain = Author::new(11, "Plain");
    let plain_folder = world.install(&plain, "1.0.0", &plain.source("1.0.0"));
    let mut new = Author::new(12, "Newcomer");
    let files = new.release("1.0.0");
    let new_folder = world.install(&new, "1.0.0", &files);
    world.trust(&signed);
    assert_eq!(world.verify(&[]).status, 0);

    append(&signed_folder.join("src/Signed.jl"), "evil()\n");
    world.assert_state("Signed", &[], "refused", Some("VER-13"), 1);
    append(&plain_folder.join("src/Plain.jl"), "evil()\n");
    world.assert_state("Plain", &[], "refused", Some("PRJ-6"), 1);
    append(&new_folder.join("src/Newcomer.jl"), "evil()\n");
    world.assert_state("Newcomer", &[], "refused", Some("PRJ-6"), 1);
    // A file that is added, too.
    let other = Author::new(13, "Other");
    let folder = world.install(&other, "1.0.0", &other.source("1.0.0"));
    append(&folder.join("src/more.jl"), "evil()\n");
    world.assert_state("Other", &[], "refused", Some("PRJ-6"), 1);
    // An edited signed file is not made good by the lockfile.
    world.lock(&signed, "1.0.0", &format!("git-tree-sha1 = \"{}\"\n", hash_of(&signed_folder)));
    let moved = world.path("depot").join(&paths_of(&signed, &hash_of(&signed_folder))[0]);
    fs::rename(&signed_folder, moved).unwrap();
    world.assert_state("Signed", &[], "refused", Some("VER-13"), 1);
}

#[cfg(unix)]
#[test]
fn permissions_are_no_part_of_a_release_and_are_noted() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut world = World::new();
    let mut author = Author::new(20, "Example");
    let files = author.release("1.0.0");
    let folder = world.install(&author, "1.0.0", &files);
    world.trust(&author);
    fs::set_permissions(folder.join("src/Example.jl"), fs::Permissions::from_mode(0o755)).unwrap();
    world.assert_state("Example", &[], "accepted", None, 0);
    assert_eq!(world.notes("Example", &[]), ["tree-hash"], "PRJ-7");
    world.assert_state("Example", &["--strict"], "refused", Some("PRJ-6"), 1);
    let plain = Author::new(21, "Plain");
    let folder = world.install(&plain, "1.0.0", &plain.source("1.0.0"));
    fs::set_permissions(folder.join("src/Plain.jl"), fs::Permissions::from_mode(0o755)).unwrap();
    world.assert_state("Plain", &[], "refused", Some("PRJ-6"), 1);
}

#[test]
fn what_is_generated_after_the_installation_is_left_out_and_nothing_else() {
    let mut world = World::new();
    let mut author = Author::new(30, "Example");
    let files = author.release("1.0.0");
    let folder = world.install(&author, "1.0.0", &files);
    world.trust(&author);
    for generated in ["deps/build.log", "src/Example.jl.cov", "src/Example.jl.1234.cov", "src/Example.jl.mem"] {
        append(&folder.join(generated), "generated\n");
    }
    world.assert_state("Example", &["--strict"], "accepted", None, 0);
    assert_eq!(world.notes("Example", &[]), ["generated"], "PRJ-8");
    // Without a build step nothing in deps is generated.
    append(&folder.join("deps/deps.jl"), "evil()\n");
    world.assert_state("Example", &[], "refused", Some("VER-13"), 1);

    let mut built = Author::new(31, "Built");
    let source = built.source("1.0.0").with("deps/build.jl", "write(\"deps.jl\", \"x = 1\")\n");
    let files = built.release_of("1.0.0", &source);
    let folder = world.install(&built, "1.0.0", &files);
    world.trust(&built);
    append(&folder.join("deps/deps.jl"), "x = 1\n");
    append(&folder.join("deps/usr/lib/libx.so"), "binary\n");
    assert_eq!(world.notes("Built", &[]), ["generated"]);
    let (entries, _) = world.judged(&[]);
    assert_eq!(entries["Built"]["state"], "accepted");
    assert!(entries["Built"]["notes"].to_string().contains("deps/deps.jl, deps/usr/lib/libx.so"), "{entries:?}");
    // What may be loaded was not signed by anybody.
    world.assert_state("Built", &["--strict"], "refused", Some("PRJ-6"), 1);
    // But a file elsewhere is not, and what was signed must be there unchanged.
    append(&folder.join("src/extra.jl"), "evil()\n");
    assert_eq!(world.judged(&[]).0["Built"]["state"], "refused");
    fs::remove_file(folder.join("src/extra.jl")).unwrap();
    append(&folder.join("deps/build.jl"), "evil()\n");
    assert_eq!(world.judged(&[]).0["Built"]["state"], "refused");

    let plain = Author::new(32, "Plain");
    let source = plain.source("1.0.0").with("deps/build.jl", "x\n");
    let folder = world.install(&plain, "1.0.0", &source);
    append(&folder.join("deps/deps.jl"), "x = 1\n");
    let (entries, _) = world.judged(&[]);
    assert_eq!(entries["Plain"]["state"], "unsigned");
    assert_eq!(world.notes("Plain", &[]), ["built"], "PRJ-9");
}

#[test]
fn a_folder_alone_does_not_tell_what_came_later_and_the_project_that_does_is_named() {
    let mut world = World::new();
    let mut author = Author::new(33, "Example");
    let files = author.release("1.0.0");
    let folder = world.install(&author, "1.0.0", &files);
    append(&folder.join("deps/build.log"), "built\n");
    let (place, id) = (folder.display().to_string(), author.id());
    let add = ["trust", "add", &place, "--id", &id];
    let ran = world.machine.run(&add);
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("VER-13") && ran.stderr.contains(": sigpkg trust add --installed PROJECT"),
        "{}",
        ran.stderr
    );
    // Not of a file that no build has made.
    append(&folder.join("src/extra.jl"), "evil()\n");
    let ran = world.machine.run(&add);
    assert!(ran.status == 1 && !ran.stderr.contains("PROJECT"), "{}", ran.stderr);
    fs::remove_file(folder.join("src/extra.jl")).unwrap();
    world.trust(&author);
    let ran = world.machine.run(&["verify", "--tree", &place]);
    assert!(ran.status == 1 && ran.stdout.contains(": sigpkg verify PROJECT"), "{}{}", ran.stdout, ran.stderr);
    world.assert_state("Example", &[], "accepted", None, 0);
}

#[test]
fn another_tree_in_the_place_of_a_slug_is_not_the_one_of_the_lockfile() {
    let mut world = World::new();
    let mut author = Author::new(40, "Example");
    let old = author.release("1.0.0");
    let new = author.release("1.1.0");
    world.trust(&author);
    // The folder exists, so Julia takes it for installed; but it has the older release.
    let folder = world.install(&author, "1.1.0", &new);
    fs::remove_dir_all(&folder).unwrap();
    old.write_to(&folder);
    world.assert_state("Example", &[], "refused", Some("VER-15"), 1);
    // Nothing signed at all.
    fs::remove_dir_all(&folder).unwrap();
    author.source("1.1.0").write_to(&folder);
    world.assert_state("Example", &[], "refused", Some("VER-2"), 1);

    let plain = Author::new(41, "Plain");
    let folder = world.install(&plain, "1.1.0", &plain.source("1.1.0"));
    fs::remove_dir_all(&folder).unwrap();
    plain.source("1.0.0").write_to(&folder);
    world.assert_state("Plain", &[], "refused", Some("PRJ-6"), 1);
}

#[test]
fn line_ends_that_git_has_turned_are_turned_back() {
    let turned = |files: &Files| {
        let crlf = |text: &[u8]| String::from_utf8(text.to_vec()).unwrap().replace('\n', "\r\n").into_bytes();
        Files(files.0.iter().map(|(path, content)| (path.clone(), crlf(content))).collect())
    };
    let mut world = World::new();
    let mut author = Author::new(50, "Example");
    let files = author.release("1.0.0");
    let folder = world.install(&author, "1.0.0", &files);
    world.trust(&author);
    turned(&files).write_to(&folder);
    let plain = Author::new(51, "Plain");
    let folder = world.install(&plain, "1.0.0", &plain.source("1.0.0"));
    turned(&plain.source("1.0.0")).write_to(&folder);
    let (entries, project) = world.judged(&[]);
    assert_eq!(entries["Example"]["state"], "accepted", "{entries:#?}");
    assert_eq!(world.notes("Example", &[]), ["line-ends"]);
    assert_eq!(entries["Plain"]["state"], "unsigned");
    assert_eq!(project["verdict"], "accepted");
    assert_eq!(world.verify(&["--strict", "--only", "Example"]).status, 1);
}

#[test]
fn every_form_of_a_lockfile_says_the_same() {
    let mut world = World::new();
    let mut author = Author::new(60, "Example");
    let files = author.release("1.0.0");
    world.install(&author, "1.0.0", &files);
    world.trust(&author);
    let two = world.manifest();
    let one = two
        .replace("manifest_format = \"2.0\"\n", "")
        .replace("[[deps.", "[[")
        .replace("julia_version = \"1.10.0\"\n", "");
    let registries = "[registries.General]\nuuid = \"23338594-aafe-5451-b93e-139f81909106\"\n\n";
    let newer = two
        .replace("\"2.0\"\n\n", &format!("\"2.1\"\n\n{registries}"))
        .replace("uuid =", "registries = \"General\"\nuuid =");
    let newer = newer.replacen("[registries.General]\nregistries = \"General\"\n", "[registries.General]\n", 1);
    let at = |name: &str| world.path("project").join(name);
    fs::remove_file(at("Manifest.toml")).unwrap();
    for (name, text, more) in [
        ("Manifest.toml", &one, &[][..]),
        ("Manifest.toml", &two, &[]),
        ("Manifest.toml", &newer, &[]),
        ("JuliaManifest.toml", &two, &[]),
        ("Manifest-v1.11.toml", &two, &["--julia", "1.11"]),
        ("Manifest-v1.11.toml", &two, &["--julia", "v1.11.2"]),
        ("JuliaManifest-v1.12.toml", &two, &["--julia", "1.12"]),
        ("Manifest-v1.11.toml", &two, &[]),
    ] {
        fs::write(at(name), text).unwrap();
        let (entries, project) = world.judged(more);
        assert_eq!(entries["Example"]["state"], "accepted", "{name} {more:?}: {text}");
        assert!(project["lockfile"].as_str().unwrap().ends_with(name));
        // The file itself is a target, too.
        let ran = world.machine.run(&["verify", &format!("project/{name}"), "--depot", "depot"]);
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        fs::remove_file(at(name)).unwrap();
    }

    // Julia 1.11 reads one, and Julia 1.10 the other.
    fs::write(at("Manifest.toml"), &two).unwrap();
    fs::write(at("Manifest-v1.11.toml"), two.replace("1.0.0\"\n", "1.0.1\"\n")).unwrap();
    let ran = world.verify(&[]);
    assert_eq!(ran.status, 3);
    assert!(ran.stderr.contains("Manifest.toml and Manifest-v1.11.toml"), "{}", ran.stderr);
    assert!(ran.stderr.contains("--julia"), "{}", ran.stderr);
    assert_eq!(world.verify(&["--julia", "1.10"]).status, 0);
    assert_eq!(world.verify(&["--julia", "1.11"]).status, 1);
    fs::remove_file(at("Manifest-v1.11.toml")).unwrap();

    // A project may name its lockfile.
    fs::create_dir(at("locked")).unwrap();
    fs::rename(at("Manifest.toml"), at("locked/Manifest.toml")).unwrap();
    fs::write(at("Project.toml"), "manifest = \"locked/Manifest.toml\"\n").unwrap();
    let (_, project) = world.judged(&[]);
    assert!(project["lockfile"].as_str().unwrap().ends_with("locked/Manifest.toml"), "{project:#}");
    fs::write(at("JuliaProject.toml"), "manifest = \"elsewhere.toml\"\n").unwrap();
    assert_eq!(world.verify(&[]).status, 3, "what is named is not there, and nothing else is");
}

#[test]
fn packages_are_found_in_every_depot_and_under_the_short_slug() {
    let mut world = World::new();
    let mut author = Author::new(70, "Example");
    let files = author.release("1.0.0");
    let folder = world.install(&author, "1.0.0", &files);
    world.trust(&author);
    let tree = hash_of(&folder);
    let paths = paths_of(&author, &tree);
    assert!(folder.ends_with(&paths[0]));
    let second = world.path("second").join(&paths[1]);
    fs::create_dir_all(second.parent().unwrap()).unwrap();
    fs::rename(&folder, &second).unwrap();
    world.assert_state("Example", &[], "not-installed", None, 0);
    world.assert_state("Example", &["--depot", "second"], "accepted", None, 0);
    let depots = std::env::join_paths([world.path("depot"), world.path("second")]).unwrap();
    let by_variable = |depots: &std::ffi::OsStr| {
        let mut command = world.machine.command(&["verify", "project", "--strict"]);
        command.env("JULIA_DEPOT_PATH", depots).output().unwrap().status.code()
    };
    assert_eq!(by_variable(&depots), Some(0));
    assert_eq!(by_variable(world.path("depot").as_os_str()), Some(1));
    // The first depot that has it counts, as it does for Julia.
    let first = world.path("depot").join(&paths[1]);
    author.source("1.0.0").write_to(&first);
    world.assert_state("Example", &["--depot", "second"], "refused", Some("VER-2"), 1);
}

#[test]
fn only_what_is_asked_about_is_verified_and_a_name_that_is_nowhere_is_an_error() {
    let mut world = World::new();
    let plain = Author::new(80, "Plain");
    let folder = world.install(&plain, "1.0.0", &plain.source("1.0.0"));
    append(&folder.join("src/Plain.jl"), "evil()\n");
    let other = Author::new(81, "Other");
    world.install(&other, "1.0.0", &other.source("1.0.0"));
    assert_eq!(world.verify(&["--only", "Other"]).status, 0);
    assert_eq!(world.verify(&["--only", &other.uuid]).status, 0);
    assert_eq!(world.verify(&["--only", "Plain"]).status, 1);
    let ran = world.verify(&["--only", "Nothing"]);
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("no such dependency"), "{}", ran.stderr);
}

#[test]
fn what_is_installed_is_a_floor_for_each_dependency() {
    let mut world = World::new();
    let mut author = Author::new(90, "Example");
    let old = author.release("1.0.0");
    let new = author.release("1.1.0");
    world.trust(&author);
    world.install(&author, "1.1.0", &new);
    fs::create_dir(world.path("before")).unwrap();
    fs::copy(world.path("project/Manifest.toml"), world.path("before/Manifest.toml")).unwrap();
    world.install(&author, "1.0.0", &old);
    world.assert_state("Example", &[], "accepted", None, 0);
    world.assert_state("Example", &["--installed", "before"], "refused", Some("VER-16"), 1);
    world.assert_state("Example", &["--installed", "before", "--allow-downgrade"], "accepted", None, 0);
}

#[test]
fn a_package_that_is_trusted_is_not_taken_for_its_namesake() {
    let mut world = World::new();
    let mut author = Author::new(100, "Example");
    author.release("1.0.0");
    world.trust(&author);
    let other = Author::new(101, "Example");
    world.install(&other, "1.0.0", &other.source("1.0.0"));
    world.assert_state("Example", &[], "unsigned", Some("VER-3"), 0);
    assert_eq!(world.notes("Example", &[]), ["same-name"], "PRJ-21");
    assert!(world.verify(&[]).stdout.contains("this one is not it"));
}

#[test]
fn a_folder_that_is_no_tree_is_noted_unless_somebody_is_expected_to_sign_it() {
    let mut world = World::new();
    let author = Author::new(110, "Example");
    let folder = world.install(&author, "1.0.0", &author.source("1.0.0"));
    fs::write(folder.join("a:b"), "").unwrap();
    world.assert_state("Example", &[], "refused", Some("PRJ-6"), 1);
    let tree = hash_of_any(&folder).unwrap().unwrap().to_string();
    let place = world.path("depot").join(&paths_of(&author, &tree)[0]);
    fs::rename(&folder, place).unwrap();
    world.lock(&author, "1.0.0", &format!("git-tree-sha1 = \"{tree}\"\n"));
    world.assert_state("Example", &[], "unsigned", None, 0);
    assert_eq!(world.notes("Example", &[]), ["no-tree"], "PRJ-22");
    world.trust(&author);
    let (entries, _) = world.judged(&[]);
    assert_eq!(entries["Example"]["state"], "refused");
    // With an entry .sigpkg it is refused, too.
    let other = Author::new(111, "Other");
    let folder = world.install(&other, "1.0.0", &other.source("1.0.0"));
    fs::write(folder.join("a:b"), "").unwrap();
    fs::create_dir(folder.join(".SigPkg")).unwrap();
    assert_eq!(world.judged(&[]).0["Other"]["state"], "refused");
}

#[test]
fn a_lockfile_that_is_none_gives_no_verdict() {
    let world = World::new();
    let manifest = world.path("project/Manifest.toml");
    let header = "manifest_format = \"2.0\"\n";
    let uuid = "7876af07-990d-54b4-ab0e-23690620f79a";
    let cases: [(&str, Vec<u8>); 9] = [
        ("binary", vec![0, 159, 146, 150]),
        ("no TOML", b"[[deps.Example]\n".to_vec()),
        ("format 3", b"manifest_format = \"3.0\"\n".to_vec()),
        ("no uuid", format!("{header}[[deps.Example]]\nversion = \"1.0.0\"\n").into_bytes()),
        ("a uuid of another type", format!("{header}[[deps.Example]]\nuuid = 7\n").into_bytes()),
        ("a path as a name", format!("{header}[[deps.\"../../x\"]]\nuuid = \"{uuid}\"\n").into_bytes()),
        (
            "a hash that is none",
            format!("{header}[[deps.X]]\nuuid = \"{uuid}\"\ngit-tree-sha1 = \"../../x\"\n").into_bytes(),
        ),
        (
            "one uuid twice",
            format!("{header}[[deps.X]]\nuuid = \"{uuid}\"\n[[deps.Y]]\nuuid = \"{uuid}\"\n").into_bytes(),
        ),
        ("conflict markers", format!("{header}<<<<<<< HEAD\n[[deps.X]]\nuuid = \"{uuid}\"\n").into_bytes()),
    ];
    for (what, bytes) in cases {
        fs::write(&manifest, bytes).unwrap();
        let ran = world.verify(&[]);
        assert_eq!(ran.status, 3, "{what}: {}{}", ran.stdout, ran.stderr);
    }
    fs::remove_file(&manifest).unwrap();
    assert_eq!(world.verify(&[]).status, 3, "there is none");
    fs::write(&manifest, format!("{header}[deps]\n")).unwrap();
    assert_eq!(world.verify(&[]).status, 0, "an empty one");
}

#[test]
fn a_lockfile_with_too_many_entries_is_an_error_and_no_wait() {
    let world = World::new();
    let mut text = "manifest_format = \"2.0\"\n".to_owned();
    for number in 0..100_000 {
        writeln!(text, "[[deps.P{number}]]\nuuid = \"{number:08x}-0000-4000-8000-000000000000\"").unwrap();
    }
    fs::write(world.path("project/Manifest.toml"), &text).unwrap();
    let begun = Instant::now();
    let ran = world.verify(&[]);
    assert_eq!(ran.status, 3, "{}", ran.stdout);
    assert!(ran.stderr.contains("20000"), "{}", ran.stderr);
    assert!(begun.elapsed() < Duration::from_secs(60));
    fs::write(world.path("project/Manifest.toml"), vec![b'#'; (16 << 20) + 1]).unwrap();
    assert_eq!(world.verify(&[]).status, 3);
}

#[test]
fn one_project_that_is_none_hides_nothing_about_the_others() {
    let mut world = World::new();
    let mut author = Author::new(160, "Example");
    let files = author.release("1.0.0");
    let folder = world.install(&author, "1.0.0", &files);
    world.trust(&author);
    append(&folder.join("src/Example.jl"), "evil()\n");
    fs::create_dir_all(world.path("broken")).unwrap();
    fs::write(world.path("broken/Project.toml"), "[deps]\n").unwrap();
    fs::write(world.path("broken/Manifest.toml"), "manifest_format = \"3.0\"\n").unwrap();
    let verify =
        |more: &[&str]| world.machine.run(&[&["verify", "project", "broken", "--depot", "depot"], more].concat());
    let ran = verify(&[]);
    assert_eq!(ran.status, 1, "of several, 1 comes before 3: {}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("refused         Example"), "{}", ran.stdout);
    assert!(ran.stdout.contains("unreadable broken\n") && ran.stdout.contains("found 3.0"), "{}", ran.stdout);
    let ran = verify(&["--json"]);
    let objects: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = objects.last().unwrap();
    assert_eq!((last["schema"].as_str(), last["target"].as_str()), (Some("sigpkg.error/1"), Some("broken")));
    let ran = verify(&["--format", "github"]);
    assert!(ran.stdout.contains("::error file=broken,title=sigpkg::"), "{}", ran.stdout);
    fs::write(folder.join("src/Example.jl"), files.text("src/Example.jl")).unwrap();
    assert_eq!(verify(&[]).status, 3);
}

/// Newer versions of Julia take the lockfile of the workspace, and not the one that lies in the folder.
#[test]
fn the_lockfile_of_a_folder_in_a_workspace_must_be_named() {
    let world = World::new();
    fs::write(world.path("project/Manifest.toml"), world.manifest()).unwrap();
    fs::write(world.path("project/Project.toml"), "[workspace]\nprojects = [\"test\", \"sub/app/.\"]\n").unwrap();
    fs::create_dir_all(world.path("project/sub/app")).unwrap();
    fs::create_dir_all(world.path("project/other")).unwrap();
    for folder in ["sub/app", "other"] {
        fs::write(world.path("project").join(folder).join("Project.toml"), "[deps]\n").unwrap();
        fs::write(world.path("project").join(folder).join("Manifest.toml"), world.manifest()).unwrap();
    }
    let ran = world.machine.run(&["verify", "project/sub/app"]);
    assert_eq!(ran.status, 3, "{}", ran.stdout);
    assert!(ran.stderr.contains("is in the workspace of"), "{}", ran.stderr);
    assert_eq!(world.machine.run(&["trust", "pin", "project/sub/app"]).status, 3);
    for path in ["project", "project/other", "project/sub/app/Manifest.toml"] {
        assert_eq!(world.machine.run(&["verify", path]).status, 0, "{path}");
    }
}

/// Whoever makes a folder could let its reader wait for ever, or write onto the terminal.
#[cfg(unix)]
#[test]
fn a_pipe_is_not_waited_for_and_a_path_cannot_write_onto_the_terminal() {
    let world = World::new();
    fs::write(world.path("project/Manifest.toml"), world.manifest()).unwrap();
    let pipe = |name: &str| {
        assert!(std::process::Command::new("mkfifo").arg(world.path(name)).status().unwrap().success());
    };
    pipe("project/Signatories.toml");
    let ran = world.verify(&[]);
    assert_eq!(ran.status, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("no regular file"), "{}", ran.stderr);
    fs::remove_file(world.path("project/Signatories.toml")).unwrap();
    pipe("project/JuliaProject.toml");
    assert!(matches!(world.machine.run(&["verify", "project"]).status, 1 | 3 | 4));
    fs::remove_file(world.path("project/JuliaProject.toml")).unwrap();

    let name = "x\u{1b}]0;x\n::error::x";
    fs::create_dir(world.path("project").join(name)).unwrap();
    fs::write(world.path("project").join(name).join("Manifest.toml"), "[[[").unwrap();
    let named = format!("manifest = \"{}/Manifest.toml\"\n", "x\\u001b]0;x\\n::error::x");
    fs::write(world.path("project/Project.toml"), named).unwrap();
    for command in ["verify", "pin"] {
        let ran = if command == "pin" { world.pin(&[]) } else { world.verify(&[]) };
        assert_eq!(ran.status, 3, "{}{}", ran.stdout, ran.stderr);
        assert!(!ran.stderr.contains('\u{1b}') && !ran.stderr.contains("\n::"), "{}", ran.stderr);
    }
}

#[test]
fn annotations_for_github_cannot_be_forged() {
    let mut world = World::new();
    let plain = Author::new(120, "Plain");
    let folder = world.install(&plain, "1.0.0", &plain.source("1.0.0"));
    append(&folder.join("src/Plain.jl"), "evil()\n");
    let mut new = Author::new(121, "Newcomer");
    let files = new.release("1.0.0");
    world.install(&new, "1.0.0", &files);
    let hostile = "it,title=x::y%0A::error::\n::stop-commands::z";
    fs::rename(world.path("project"), world.path(hostile)).unwrap();
    let ran = world.machine.run(&["verify", hostile, "--depot", "depot", "--format", "github"]);
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{}", ran.stdout);
    assert!(lines[0].starts_with("::warning file="), "{}", ran.stdout);
    assert!(lines[0].contains("title=newly-signed%3A Newcomer [00000079] v1.0.0::"), "{}", lines[0]);
    assert!(lines[1].starts_with("::error file="), "{}", ran.stdout);
    assert!(lines[1].contains("title=refused%3A Plain"), "{}", lines[1]);
    assert!(lines[2].starts_with("::notice file="), "{}", ran.stdout);
    for line in lines {
        let (properties, _) = line[2..].split_once("::").unwrap();
        assert_eq!(properties.matches("title=").count(), 2, "one is the text of the name: {line}");
        assert!(properties.contains("it%2Ctitle=x%3A%3Ay%250A%3A%3Aerror"), "{properties}");
    }
}

/// What is in a folder must not choose an easier question than the one that was asked.
#[test]
fn an_untrusted_folder_does_not_become_a_project_by_a_lockfile_of_its_own() {
    let mut world = World::new();
    let mut author = Author::new(130, "Example");
    let files = author.release("1.0.0");
    world.install(&author, "1.0.0", &files);
    world.trust(&author);
    let lockfile = world.manifest();
    let source = author.source("1.0.0").with("Manifest.toml", &lockfile);
    let cases = [
        ("stripped", source.clone()),
        ("no-uuid", source.clone().with("Project.toml", "name = \"Example\"\n")),
        ("no-name", source.clone().with("Project.toml", &format!("uuid = \"{}\"\n", author.uuid))),
        (
            "wrong-version",
            source
                .clone()
                .with("Project.toml", &format!("name = \"Example\"\nuuid = \"{}\"\nversion = 1\n", author.uuid)),
        ),
        ("other-types", source.clone().with("Project.toml", "name = 1\nuuid = 2\n")),
        ("no-toml", source.clone().with("Project.toml", "[[[\n")),
        ("no-manifest", source.clone().without("Project.toml")),
        ("two-manifests", source.clone().with("JuliaProject.toml", "[deps]\n")),
        (
            "own-folder",
            Files::default().with("Project.toml", "[deps]\n").with("Manifest.toml", &lockfile).with(".SIGPKG/x", ""),
        ),
        ("no-src", source.without("src/Example.jl")),
    ];
    for (name, files) in cases {
        files.write_to(&world.path(name));
        let mut command = world.machine.command(&["verify", name]);
        let output = command.env("JULIA_DEPOT_PATH", world.path("depot")).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(matches!(output.status.code(), Some(1 | 4)), "{name}: {:?} {said}", output.status.code());
        assert!(!said.contains("1 accepted"), "{name}: {said}");
        // Whoever asks for the tree is never answered about a project.
        let output = world.machine.run(&["verify", name, "--expect", "Example"]);
        assert!(matches!(output.status, 1 | 4), "{name}: {}", output.stdout);
        assert!(matches!(world.machine.run(&["verify", name, "--tree"]).status, 1 | 4), "{name}");
    }
    // Who meant the project hears how to ask about it.
    let application = Author::new(131, "Application").source("1.0.0").with("Manifest.toml", &lockfile);
    application.write_to(&world.path("application"));
    let ran = world.machine.run(&["verify", "application"]);
    assert!(
        ran.stdout.contains("to verify what it depends on: sigpkg verify application/Manifest.toml"),
        "{}",
        ran.stdout
    );
    // An environment is one: nothing could install it as a package.
    let mut command = world.machine.command(&["verify", "project"]);
    let output = command.env("JULIA_DEPOT_PATH", world.path("depot")).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 accepted"));
}

#[test]
fn an_entry_for_scripts_has_every_key_of_the_specification() {
    let mut world = World::new();
    let mut author = Author::new(140, "Example");
    let files = author.release("1.0.0");
    let folder = world.install(&author, "1.0.0", &files);
    world.lock(&Author::new(141, "Dates"), "1.0.0", "");
    world.trust(&author);
    let keys = [
        "schema",
        "project",
        "name",
        "uuid",
        "version",
        "source",
        "tree",
        "path",
        "state",
        "fails",
        "pinned",
        "verdict",
        "reason",
        "rule",
        "message",
        "hint",
        "reached",
        "signatory",
        "seq",
        "head",
        "notes",
        "files",
        "yank",
        "waiting",
        "upstream",
    ];
    let (entries, project) = world.judged(&[]);
    for entry in entries.values() {
        let mut found: Vec<_> = entry.as_object().unwrap().keys().map(String::as_str).collect();
        let mut expected = keys.to_vec();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected);
        assert_eq!(entry["schema"], "sigpkg.project-entry/1");
    }
    let entry = &entries["Example"];
    assert_eq!(entry["tree"].as_str(), Some(&*hash_of(&folder)));
    assert_eq!(Path::new(entry["path"].as_str().unwrap()).canonicalize().unwrap(), folder.canonicalize().unwrap());
    assert_eq!((entry["seq"].as_u64(), entry["verdict"].as_str()), (Some(2), Some("accepted")));
    assert_eq!(entries["Dates"]["verdict"], Value::Null);
    let mut found: Vec<_> = project.as_object().unwrap().keys().map(String::as_str).collect();
    found.sort_unstable();
    let expected =
        ["accepted", "lockfile", "other", "pins", "project", "refused", "schema", "undecided", "unreadable", "verdict"];
    assert_eq!(found, expected);
}

#[test]
fn a_tree_hash_is_that_of_git() {
    let world = World::new();
    let author = Author::new(150, "Example");
    let files = author.source("1.0.0").with("a.b", "x").with("a/b", "y").with("a0", "z").with("é", "é");
    files.write_to(&world.path("project"));
    world.git(&["init", "--quiet"]);
    world.git(&["add", "-A"]);
    let expected = world.git(&["write-tree"]);
    fs::remove_dir_all(world.path("project/.git")).unwrap();
    assert_eq!(hash_of(&world.path("project")), expected.trim(), "PRJ-3");
}
