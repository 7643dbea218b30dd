//! Directories: what is left out, what is refused, and CRLF.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;

use sigpkg::listing::folder::FolderFile;
use sigpkg::listing::{Change, Expected, TreePath};
use sigpkg::rule::Rule;
use sigpkg::source::{SourceError, SourceTree, dir};

use crate::model::{ATTRIBUTES, Model, OPTIONS, read_git, read_tarball, run};

fn expected(tree: &SourceTree) -> Expected {
    Expected::parse(tree.tree().listing().text().as_bytes(), None).unwrap()
}

#[test]
fn its_own_git_and_empty_directories_are_left_out() {
    let root = tempfile::tempdir().unwrap();
    Model::package().write_directory(root.path());
    let before = dir::read(root.path(), &OPTIONS).unwrap();
    fs::create_dir_all(root.path().join("empty/inner")).unwrap();
    fs::create_dir_all(root.path().join(".git/hooks")).unwrap();
    fs::write(root.path().join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
    assert_eq!(dir::read(root.path(), &OPTIONS).unwrap().tree(), before.tree());
    // In a worktree and a submodule, `.git` is a file.
    fs::remove_dir_all(root.path().join(".git")).unwrap();
    fs::write(root.path().join(".git"), "gitdir: elsewhere\n").unwrap();
    assert_eq!(dir::read(root.path(), &OPTIONS).unwrap().tree(), before.tree());
}

#[test]
fn another_git_is_refused() {
    for path in ["lib/.git/HEAD", "lib/.git", ".GIT/HEAD"] {
        let root = tempfile::tempdir().unwrap();
        Model::package().file(path, b"").write_directory(root.path());
        let error = dir::read(root.path(), &OPTIONS).unwrap_err();
        assert_eq!(error.rule(), Some(Rule::Tree6), "{path}");
    }
}

#[test]
fn exec_bits_and_hard_links_make_no_difference() {
    let root = tempfile::tempdir().unwrap();
    let model = Model::package().file("one", b"same").file("two", b"same");
    model.write_directory(root.path());
    let before = dir::read(root.path(), &OPTIONS).unwrap();
    fs::remove_file(root.path().join("two")).unwrap();
    fs::hard_link(root.path().join("one"), root.path().join("two")).unwrap();
    fs::set_permissions(root.path().join("one"), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(dir::read(root.path(), &OPTIONS).unwrap().tree(), before.tree());
}

#[test]
fn special_files_are_refused() {
    let root = tempfile::tempdir().unwrap();
    Model::package().write_directory(root.path());
    let _socket = UnixListener::bind(root.path().join("socket")).unwrap();
    let error = dir::read(root.path(), &OPTIONS).unwrap_err();
    assert!(matches!(&error, SourceError::Entry { found: "a socket", .. }), "{error}");
    assert_eq!(error.rule(), Some(Rule::Tree10));
    fs::remove_file(root.path().join("socket")).unwrap();
    run("mkfifo", "coreutils", root.path(), &["src/pipe"]);
    let error = dir::read(root.path(), &OPTIONS).unwrap_err();
    assert_eq!(error.to_string(), "a tree has regular files, directories and symbolic links, but src/pipe is a pipe");
}

#[test]
fn a_name_that_is_not_utf_8_is_refused() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join(OsStr::from_bytes(b"a\xff")), "").unwrap();
    assert_eq!(dir::read(root.path(), &OPTIONS).unwrap_err().rule(), Some(Rule::Tree2));
}

#[test]
fn what_cannot_be_read_is_no_refusal() {
    let root = tempfile::tempdir().unwrap();
    let missing = root.path().join("missing");
    let error = dir::read(&missing, &OPTIONS).unwrap_err();
    assert!(matches!(&error, SourceError::Io { path, .. } if *path == missing), "{error}");
    assert_eq!(error.rule(), None);
}

#[test]
fn no_link_is_followed() {
    let root = tempfile::tempdir().unwrap();
    let model = Model::package().link("loop", "loop").link("dangling", "nowhere").link("to-dir", "src");
    model.write_directory(root.path());
    let found = dir::read(root.path(), &OPTIONS).unwrap();
    assert_eq!(found.tree().links().text(), "dangling\tnowhere\nloop\tloop\nto-dir\tsrc\n");
}

#[test]
fn a_link_that_was_pointed_elsewhere_is_found() {
    let signed = Model::package().file("good", b"1").file("evil", b"2").link("run", "good");
    let moved = signed.clone().link("run", "evil");
    let signed = read_git(&signed).unwrap();
    let links = signed.tree().links().text();
    let expected = Expected::parse(signed.tree().listing().text().as_bytes(), Some(links.as_bytes())).unwrap();
    for found in [read_git(&moved).unwrap(), read_tarball(&moved.tarball("")).unwrap()] {
        let comparison = found.compare(&expected);
        let [difference] = comparison.differences.as_slice() else {
            panic!("{comparison:?}");
        };
        assert_eq!((difference.path.as_str(), difference.change), ("run", Change::Modified));
        assert_ne!(found.tree().listing().digest(), expected.listing().digest());
    }
}

/// A package and the same with CRLF ends in every text, or in every text but those of the folder.
fn converted(with_folder: bool) -> (Model, Model) {
    let ends = |text: &str| text.replace('\n', "\r\n");
    let text = "module Example\nend\n";
    let keep = |text: &str| if with_folder { ends(text) } else { text.to_owned() };
    let signed = Model::package().file("src/a.jl", text.as_bytes()).file("blob", b"\0\n").file("was-crlf", b"a\r\n");
    let installed = Model::of(&[
        ("Project.toml", &ends("name = \"Example\"\n")),
        ("src/Example.jl", &ends("module Example end\n")),
        ("src/a.jl", &ends(text)),
        (".sigpkg/.gitattributes", &keep(ATTRIBUTES)),
        (".sigpkg/chain", &keep("chain\n")),
    ]);
    (signed, installed.file("blob", b"\0\n").file("was-crlf", b"a\r\n"))
}

#[test]
fn a_directory_in_crlf_form_is_read_back() {
    for with_folder in [true, false] {
        let (signed, installed) = converted(with_folder);
        let signed = read_git(&signed).unwrap();
        let root = tempfile::tempdir().unwrap();
        installed.write_directory(root.path());
        let found = dir::read(root.path(), &OPTIONS).unwrap();
        assert_eq!(found.folder(), signed.folder());
        assert_eq!(found.folder_read_back(), with_folder);
        let comparison = found.compare(&expected(&signed));
        assert_eq!(comparison.differences, []);
        let read_back: Vec<&str> = comparison.read_back.iter().map(TreePath::as_str).collect();
        assert_eq!(read_back, ["Project.toml", "src/Example.jl", "src/a.jl"]);
    }
}

#[test]
fn an_archive_and_a_git_tree_in_crlf_form_are_refused() {
    let (signed, installed) = converted(false);
    let expected = expected(&read_git(&signed).unwrap());
    for found in [read_git(&installed).unwrap(), read_tarball(&installed.tarball("")).unwrap()] {
        let mismatch = found.compare(&expected).into_result().unwrap_err();
        assert_eq!(mismatch.differences.len(), 3);
        assert!(mismatch.differences.iter().all(|difference| difference.change == Change::LineEnds));
    }
    let (_, installed) = converted(true);
    assert_eq!(read_git(&installed).unwrap_err().rule(), Some(Rule::Dir4));
}

#[test]
fn a_file_with_some_crlf_ends_is_modified() {
    let (signed, _) = converted(false);
    let expected = expected(&read_git(&signed).unwrap());
    let root = tempfile::tempdir().unwrap();
    signed.file("src/a.jl", b"module Example\r\nend\n").write_directory(root.path());
    let mismatch = dir::read(root.path(), &OPTIONS).unwrap().compare(&expected).into_result().unwrap_err();
    assert_eq!(mismatch.to_string(), "1 path differs from the signed listing: src/a.jl (modified)");
}

#[test]
fn a_detached_folder_has_any_name_and_the_same_rules() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join(".gitattributes"), ATTRIBUTES).unwrap();
    fs::write(root.path().join("chain"), "chain\r\n").unwrap();
    let (folder, read_back) = dir::read_folder(root.path()).unwrap();
    assert_eq!(folder.claimed_chain(), b"chain\n");
    assert!(read_back);
    fs::write(root.path().join("notes"), "").unwrap();
    assert_eq!(dir::read_folder(root.path()).unwrap_err().rule(), Some(Rule::Dir3));
    fs::remove_file(root.path().join("notes")).unwrap();
    fs::create_dir(root.path().join("files")).unwrap();
    assert_eq!(dir::read_folder(root.path()).unwrap_err().rule(), Some(Rule::Dir3));
    fs::remove_dir(root.path().join("files")).unwrap();
    let large = fs::File::create(root.path().join("chain")).unwrap();
    large.set_len(FolderFile::Chain.max_bytes() + 1).unwrap();
    assert_eq!(dir::read_folder(root.path()).unwrap_err().rule(), Some(Rule::Dir6));
}
