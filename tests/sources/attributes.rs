//! Attributes that rewrite or strip (TREE-27): what we find is what git does.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use sigpkg::source::{Attribute, Finding, attributes_that_rewrite, dir, git};

use crate::model::{ATTRIBUTES, Model, OPTIONS, commit, git_command, read_tarball, repository};

fn findings(model: &Model, subdirectory: Option<&str>) -> Vec<(String, Attribute)> {
    let (_root, repository) = repository();
    let tree = model.write_tree(&repository);
    let found = attributes_that_rewrite(&repository, tree, subdirectory.map(Path::new)).unwrap();
    found.into_iter().map(|Finding { path, attribute }| (path, attribute)).collect()
}

fn with(attributes: &str) -> Model {
    Model::package().file(".gitattributes", attributes.as_bytes())
}

#[test]
fn ordinary_attributes_are_not_found() {
    let model = with(
        "# a comment\n* text=auto\n*.jl text diff=julia linguist-language=Julia\n*.sh text eol=lf\n*.png binary\n\
         *.bat -text\n!*.x filter=y\n*.utf working-tree-encoding=UTF-8\n",
    );
    assert_eq!(findings(&model.file("run.sh", b"x\n").file("a.png", b"\0"), None), []);
    assert_eq!(findings(&Model::package(), None), []);
}

#[test]
fn what_rewrites_or_strips_is_found() {
    let model = with(
        "docs/ export-ignore\n/test export-ignore\n*.id ident\n*.v export-subst\n*.bin filter=lfs diff=lfs -text\n\
         *.utf16 working-tree-encoding=UTF-16LE\n*.bat text eol=crlf\n\"with space\" ident\n",
    );
    let model = model
        .file("docs/index.md", b"")
        .file("test/a.jl", b"")
        .file("lib/test/a.jl", b"")
        .file("a.id", b"")
        .file("b.v", b"")
        .file("c.bin", b"")
        .file("d.utf16", b"")
        .file("lf.bat", b"x\r\ny\n")
        .file("crlf.bat", b"x\r\n")
        .file("with space", b"");
    let expected = [
        ("a.id", Attribute::Ident),
        ("b.v", Attribute::ExportSubst),
        ("c.bin", Attribute::Filter("lfs".to_owned())),
        ("d.utf16", Attribute::WorkingTreeEncoding("UTF-16LE".to_owned())),
        ("docs/", Attribute::ExportIgnore),
        ("lf.bat", Attribute::EolCrlf),
        ("test/", Attribute::ExportIgnore),
        ("with space", Attribute::Ident),
    ];
    assert_eq!(findings(&model, None), expected.map(|(path, attribute)| (path.to_owned(), attribute)));
}

#[test]
fn attributes_on_the_folder_itself_are_found_even_before_it_exists() {
    for attributes in
        [".sigpkg export-ignore\n", "/.sigpkg/ export-ignore\n", "* export-ignore\nProject.toml -export-ignore\n"]
    {
        for model in [with(attributes), Model::of(&[(".gitattributes", attributes)])] {
            let found = findings(&model, None);
            assert!(found.contains(&(".sigpkg/".to_owned(), Attribute::ExportIgnore)), "{attributes} {found:?}");
        }
    }
    // What lies in the folder is guarded by its own file.
    assert_eq!(
        findings(&with("chain ident\n.sigpkg/** filter=x export-ignore\n.sigpkg/chain export-ignore\n"), None),
        []
    );
}

#[test]
fn a_package_in_a_subdirectory_inherits_attributes() {
    let model = Model::of(&[
        (".gitattributes", "lib export-ignore\n*.a ident\nother ident\n"),
        ("lib/Inner/x.a", ""),
        ("lib/Inner/.gitattributes", "*.b ident\n"),
        ("lib/Inner/x.b", ""),
        ("other", ""),
    ]);
    let names: Vec<String> = findings(&model, Some("lib/Inner")).into_iter().map(|(path, _)| path).collect();
    assert_eq!(names, ["lib/", "lib/Inner/x.a", "lib/Inner/x.b"]);
}

#[test]
fn macros_bring_their_attributes() {
    let model = with("[attr]ours ident -diff\n[attr]theirs ours\n*.a theirs\nb.a -ident\nc.a theirs -ident\n");
    let model = model.file("a.a", b"").file("b.a", b"").file("c.a", b"");
    assert_eq!(findings(&model, None), [("a.a".to_owned(), Attribute::Ident)]);
}

#[test]
fn nothing_in_the_folder_is_rewritten_by_git() {
    let (root, repository) = repository();
    let hostile = "* text eol=crlf working-tree-encoding=UTF-16 ident filter=shout export-subst\n\
                   .sigpkg/* export-ignore ident text eol=crlf\n";
    let text = "hello $Id$ $Format:%H$\nline\n";
    let model = Model::package().file(".sigpkg/chain", text.as_bytes()).file(".gitattributes", hostile.as_bytes());
    commit(&repository, model.write_tree(&repository));
    let clone = root.path().join("clone");
    git_command(root.path(), &["clone", "-qn", ".", clone.to_str().unwrap()]);
    git_command(&clone, &["config", "filter.shout.smudge", "tr a-z A-Z"]);
    git_command(&clone, &["config", "core.autocrlf", "true"]);
    git_command(&clone, &["checkout", "-q", "HEAD", "--", ".sigpkg"]);
    for (name, content) in [(".gitattributes", ATTRIBUTES), ("chain", text)] {
        assert_eq!(fs::read_to_string(clone.join(".sigpkg").join(name)).unwrap(), content);
    }
    let archive = git_command(&clone, &["archive", "HEAD", ".sigpkg"]);
    assert_eq!(read_tarball(&archive).unwrap().folder().unwrap().claimed_chain(), text.as_bytes());
}

#[test]
fn a_clean_tree_is_the_same_in_a_checkout_and_an_archive_of_git() {
    let (root, repository) = repository();
    let model = with("* text=auto\n").file("a b/é", b"x\n").link("l", "src/Example.jl").file(&"d/".repeat(90), b"");
    let model = Model(model.0.into_iter().filter(|(path, _)| !path.ends_with('/')).collect());
    let model = model.file(&format!("{}x", "directory/".repeat(20)), b"deep\n");
    let tree = model.write_tree(&repository);
    commit(&repository, tree);
    assert_eq!(attributes_that_rewrite(&repository, tree, None).unwrap(), []);
    let signed = git::read(&repository, tree, &OPTIONS).unwrap();
    let clone = root.path().join("clone");
    git_command(root.path(), &["clone", "-q", ".", clone.to_str().unwrap()]);
    assert_eq!(dir::read(&clone, &OPTIONS).unwrap().tree(), signed.tree());
    for arguments in
        [&["archive", "--format=tar", "HEAD"][..], &["archive", "--format=tar.gz", "--prefix=Example-1.0.0/", "HEAD"]]
    {
        let archive = git_command(&clone, arguments);
        assert_eq!(read_tarball(&archive).unwrap().tree(), signed.tree());
    }
}

fn pattern() -> impl Strategy<Value = String> {
    let part =
        prop_oneof!["[ab]", "\\*", "\\?", "\\*\\*", "\\[ab\\]", "\\[!a\\]", "\\[a-b\\]", "\\\\a", "/", "\\*a", "a\\*"];
    proptest::collection::vec(part, 1..6).prop_map(|parts| parts.concat())
}

fn line() -> impl Strategy<Value = String> {
    let state = prop_oneof!["x", "-x", "!x", "x=v", "m", "-m", "x m", "m -x"];
    (pattern(), state)
        .prop_map(|(pattern, state)| format!("{pattern} {state}\n").replace('x', "ident").replace('m', "mac"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn attributes_mean_to_us_what_they_mean_to_git(
        root_lines in proptest::collection::vec(line(), 0..6),
        inner_lines in proptest::collection::vec(line(), 0..4),
    ) {
        let paths = ["a", "b", "ab", "ba", "c", "a-", "d/a", "d/b", "d/ab", "d/a.d/b", "d/d/a", "d/d/ba", "aa/bb/ab", "b.d/a/b/a"];
        let mut model = Model::default();
        for path in paths {
            if !paths.iter().any(|other| other.starts_with(&format!("{path}/"))) {
                model = model.file(path, b"");
            }
        }
        let root_text = format!("[attr]mac ident\n{}", root_lines.concat());
        let model = model.file(".gitattributes", root_text.as_bytes());
        let model = model.file("d/.gitattributes", inner_lines.concat().as_bytes());
        let (root, repository) = repository();
        let tree = model.write_tree(&repository);
        let ours: BTreeMap<String, Attribute> = attributes_that_rewrite(&repository, tree, None)
            .unwrap()
            .into_iter()
            .map(|finding| (finding.path, finding.attribute))
            .collect();
        let names: Vec<&str> = model.0.keys().map(String::as_str).collect();
        let source = format!("--source={tree}");
        let mut arguments = vec!["check-attr", "-z", source.as_str(), "ident", "--"];
        arguments.extend(&names);
        let checked = git_command(root.path(), &arguments);
        let fields: Vec<&str> = str::from_utf8(&checked).unwrap().split_terminator('\0').collect();
        for record in fields.chunks(3) {
            prop_assert_eq!(record[2] == "set", ours.contains_key(record[0]), "{} in {:?} {:?}", record[0], root_text, inner_lines);
        }
    }
}
