//! One tree, one listing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use sigpkg::listing::folder::{FOLDER, FolderFile, GITATTRIBUTES, LINKS_PATH};
use sigpkg::rule::Rule;
use sigpkg::source::{FolderUse, Options, SourceKind, SourceTree, dir, git, open, tar};

use crate::model::{
    ATTRIBUTES, Entry, Model, OPTIONS, gzip, read_directory, read_git, read_tarball, refused_by_all, repository, run,
    zstandard,
};

/// Reads the model in every way.
fn read_all(model: &Model) -> Vec<SourceTree> {
    let (bare, below) = (model.tarball(""), model.tarball("Example-1.0.0/"));
    vec![
        read_git(model).unwrap(),
        read_directory(model).unwrap(),
        read_tarball(&bare).unwrap(),
        read_tarball(&below).unwrap(),
        read_tarball(&model.tarball("./")).unwrap(),
        read_tarball(&gzip(&bare)).unwrap(),
        read_tarball(&gzip(&below)).unwrap(),
        read_tarball(&zstandard(&below)).unwrap(),
    ]
}

fn assert_same(model: &Model) -> SourceTree {
    let mut all = read_all(model);
    let first = all.remove(0);
    for other in all {
        assert_eq!(other.tree().listing(), first.tree().listing());
        assert_eq!(other.tree(), first.tree());
        assert_eq!(other.folder(), first.folder());
        assert_eq!(other.claimed_manifest("Project.toml"), first.claimed_manifest("Project.toml"));
    }
    first
}

#[test]
fn the_text_of_the_attributes_is_that_of_the_specification() {
    assert_eq!(ATTRIBUTES, GITATTRIBUTES);
    assert!(include_str!("../../spec/6-folder.md").contains(GITATTRIBUTES));
}

#[test]
fn the_limits_of_the_folder_are_those_of_what_is_in_it() {
    assert_eq!(FolderFile::Chain.max_bytes(), sigpkg::chain::MAX_CHAIN_BYTES as u64);
    assert_eq!(FolderFile::Statement.max_bytes(), sigpkg::statement::MAX_STATEMENT_BYTES as u64);
}

/// DIR-8
#[test]
fn a_folder_that_another_one_takes_the_place_of_is_not_read_beyond_its_names() {
    let options = Options { folder: FolderUse::Override, ..OPTIONS };
    let read_all = |model: &Model| {
        let (directory, (_bare, repository)) = (tempfile::tempdir().unwrap(), repository());
        model.write_directory(directory.path());
        let archive = model.tarball("Example-1.0.0/");
        [
            dir::read(directory.path(), &options),
            git::read(&repository, model.write_tree(&repository), &options),
            tar::read(&archive[..], archive.len() as u64, Path::new("archive"), &options),
        ]
    };
    let sources = Model::of(&[("Project.toml", "name = \"Example\"\n"), ("src/Example.jl", "x")]);
    let expected = read_directory(&sources).unwrap();
    for broken in [
        sources.clone().file(".sigpkg/chain", b"broken"),
        sources.clone().file(".sigpkg/.gitattributes", &[b'x'; 257]),
        sources.clone().file(".sigpkg/release.toml", &[b'x'; 4097]).file(".sigpkg/files", b"broken"),
    ] {
        refused_by_all(&broken);
        for read in read_all(&broken) {
            let read = read.unwrap();
            assert_eq!(read.tree(), expected.tree());
            assert_eq!(read.folder(), None);
        }
    }
    for (path, rule) in [(".sigpkg/notes", Rule::Dir3), (".sigpkg/chain/x", Rule::Dir3), (".SIGPKG/chain", Rule::Dir2)]
    {
        for read in read_all(&sources.clone().file(path, b"x")) {
            assert_eq!(read.unwrap_err().rule(), Some(rule));
        }
    }
}

#[test]
fn a_package_is_the_same_from_every_source() {
    let model = Model::package().link("docs/index.md", "../README.md").file("README.md", b"Example\n");
    let found = assert_same(&model);
    assert_eq!(found.claimed_manifest("Project.toml"), Some(&b"name = \"Example\"\n"[..]));
    assert_eq!(found.claimed_manifest("JuliaProject.toml"), None);
    assert_eq!(found.folder().unwrap().claimed_chain(), b"chain\n");
    let names: Vec<&str> = found.tree().listing().lines().iter().map(|line| line.path.as_str()).collect();
    assert_eq!(names, [LINKS_PATH, "Project.toml", "README.md", "src/Example.jl"]);
    assert_eq!(found.tree().links().text(), "docs/index.md\t../README.md\n");
}

#[test]
fn an_inner_folder_is_ordinary_files_to_the_outer_one() {
    let model = Model::package().file("lib/Inner/.sigpkg/chain", b"inner\n").file("lib/Inner/.sigpkg/notes", b"");
    let found = assert_same(&model);
    assert!(found.tree().listing().get("lib/Inner/.sigpkg/chain").is_some());
    assert_eq!(found.folder().unwrap().claimed_chain(), b"chain\n");
}

#[test]
fn a_tree_without_a_folder_is_a_tree() {
    let found = assert_same(&Model::of(&[("a", "1"), ("b/c", "2")]));
    assert!(found.folder().is_none());
}

#[test]
fn a_large_file_is_hashed_as_a_small_one() {
    let content: Vec<u8> = (0_u32..2_300_000).flat_map(u32::to_le_bytes).collect();
    let crlf = b"line\r\n".repeat(1_000_000);
    assert_same(&Model::of(&[("a", "1")]).file("large", &content).file("crlf", &crlf));
}

#[test]
fn what_stands_at_a_path_is_told_by_looking() {
    let root = tempfile::tempdir().unwrap();
    let (directory, archive, neither) = (root.path().join("d"), root.path().join("a"), root.path().join("n"));
    Model::package().write_directory(&directory);
    fs::write(&archive, gzip(&Model::package().tarball(""))).unwrap();
    fs::write(&neither, "neither").unwrap();
    assert_eq!(open(&directory, &OPTIONS).unwrap().kind(), SourceKind::Directory);
    assert_eq!(open(&archive, &OPTIONS).unwrap().kind(), SourceKind::Archive);
    let error = open(&neither, &OPTIONS).unwrap_err();
    assert_eq!(error.rule(), None);
    assert!(error.to_string().ends_with("n is neither a directory nor a tarball"), "{error}");
    assert!(open(&root.path().join("missing"), &OPTIONS).unwrap_err().to_string().starts_with("cannot read "));
}

#[test]
fn each_source_refuses_the_same_for_the_same_rule() {
    let package = Model::package;
    for (model, rule) in [
        (package().file("src/nul.jl", b""), Rule::Tree4),
        (package().file("src/a.", b""), Rule::Tree5),
        (package().file("a/GIT~1/x", b""), Rule::Tree6),
        (package().file("src/a\\b", b""), Rule::Tree3),
        (package().file("src/\u{202e}b", b""), Rule::Tree3),
        (package().file("readme", b"").file("README", b""), Rule::Tree9),
        (package().file("SRC/b", b""), Rule::Tree9),
        (package().file("e\u{301}", b"").file("\u{e9}", b""), Rule::Tree9),
        (package().link("up", "../outside"), Rule::Tree14),
        (package().link("src/up", "../../outside"), Rule::Tree14),
        (package().link("absolute", "/etc/passwd"), Rule::Tree14),
        (package().link("sig", ".sigpkg/chain"), Rule::Tree14),
        (package().link("root/up", ".."), Rule::Tree14),
        (package().file(".SIGPKG/chain", b""), Rule::Dir2),
        (package().file(".SigPkg", b""), Rule::Dir2),
        (package().link(".ſigpkg", "src"), Rule::Dir2),
        (Model::of(&[("a", ""), (FOLDER, "")]), Rule::Dir3),
        (Model::of(&[("a", "")]).link(FOLDER, "a"), Rule::Dir3),
        (package().file(".sigpkg/README", b""), Rule::Dir3),
        (package().file(".sigpkg/Chain", b""), Rule::Dir3),
        (package().file(".sigpkg/inner/chain", b""), Rule::Dir3),
        (package().link(".sigpkg/release.toml", "../a"), Rule::Dir3),
        (package().file(".sigpkg/.gitattributes", b"* -text\n"), Rule::Dir4),
        (package().file(".sigpkg/files", b""), Rule::Dir5),
        (Model::of(&[("a", ""), (".sigpkg/.gitattributes", ATTRIBUTES)]), Rule::Dir5),
        (package().file(".sigpkg/release.toml", &[b'x'; 4097]), Rule::Dir6),
        (package().file(".sigpkg/release.toml.minisig", &[b'x'; 1025]), Rule::Dir6),
    ] {
        assert_eq!(refused_by_all(&model), rule, "{:?}", model.0.keys());
    }
}

#[test]
fn b3sum_checks_what_a_listing_says() {
    let root = tempfile::tempdir().unwrap();
    let model = Model::package()
        .file("-rf", b"1")
        .file("--check", b"2")
        .file(" leading", b"3")
        .file("a  b/c d", b"4")
        .file("日本語/é/e\u{301}x", b"5")
        .file("*?\"<>|'$(x)", b"6")
        .file("empty", b"")
        .file("lib/.sigpkg/chain", b"7");
    model.write_directory(root.path());
    let found = dir::read(root.path(), &OPTIONS).unwrap();
    let files = root.path().join(FOLDER).join(FolderFile::Files.name());
    fs::write(&files, found.tree().listing().text()).unwrap();
    let checked = run("b3sum", "b3sum", root.path(), &["--check", ".sigpkg/files"]);
    let checked = String::from_utf8(checked).unwrap();
    assert_eq!(checked.lines().filter(|line| line.ends_with(": OK")).count(), 10, "{checked}");
    let digest = run("b3sum", "b3sum", root.path(), &["--no-names", ".sigpkg/files"]);
    assert_eq!(String::from_utf8(digest).unwrap().trim_end(), found.tree().listing().digest().to_hex());
}

/// Names that are odd and allowed, few enough to collide often.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-cA-C]{1,3}",
        "[-_. ]{0,2}[a-zé日ß]{1,8}",
        "(\\.gitignore|\\.gitattributes|Project\\.toml|e\u{301}|\u{e9}|pax_global_header)",
        "[a-z]{90,120}",
    ]
}

fn model() -> impl Strategy<Value = Model> {
    let path = || proptest::collection::vec(name(), 1..4).prop_map(|names| names.join("/"));
    let file = (path(), proptest::collection::vec(any::<u8>(), 0..1500).prop_map(Entry::File));
    let link = (path(), name().prop_map(Entry::Link));
    proptest::collection::vec(prop_oneof![3 => file, 1 => link], 0..12).prop_map(|entries| {
        let mut model = Model::package();
        for (path, entry) in entries {
            // A file and a directory of one name cannot be written, and other collisions are another test's business.
            let mut with = model.clone();
            with.0.insert(path, entry);
            if has_distinct_names(&with) {
                model = with;
            }
        }
        model
    })
}

/// Whether no two paths, and no path and directory, are one name by a rough rule of this test's own.
fn has_distinct_names(model: &Model) -> bool {
    let rough = |path: &str| path.replace("e\u{301}", "\u{e9}").to_lowercase().replace('ß', "ss");
    let files: BTreeSet<String> = model.0.keys().map(|path| rough(path)).collect();
    let mut directories = BTreeMap::new();
    let mut parents = model.0.keys().flat_map(|path| path.match_indices('/').map(|(at, _)| &path[..at]));
    files.len() == model.0.len()
        && parents.all(|parent| {
            let spelling = directories.entry(rough(parent)).or_insert(parent);
            *spelling == parent && !files.contains(&rough(parent))
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_random_tree_is_the_same_from_every_source(model in model()) {
        // The package's own names may collide with a random one; then no source takes it.
        if let Ok(found) = read_git(&model) {
            let same = assert_same(&model);
            prop_assert_eq!(found.tree(), same.tree());
        } else {
            refused_by_all(&model);
        }
    }
}
