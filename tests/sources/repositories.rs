//! Git repositories: revisions, packs, submodules and modes.

use std::path::Path;

use git2::Repository;
use sigpkg::digest::Digest;
use sigpkg::rule::Rule;
use sigpkg::source::{GitTarget, SourceError, git};

use crate::model::{Model, OPTIONS, commit, git_command, repository};

#[test]
fn a_target_is_a_repository_and_a_revision() {
    let target = GitTarget::parse("some/#dir#v1.0").unwrap();
    assert_eq!((target.repository.as_path(), target.revision.as_str()), (Path::new("some/#dir"), "v1.0"));
    for other in ["dir", "#v1.0", "dir#", "#"] {
        assert_eq!(GitTarget::parse(other), None, "{other}");
    }
}

#[test]
fn any_revision_names_a_tree_and_the_worktree_does_not_count() {
    let (root, repository) = repository();
    let inner = Model::package().file("lib/Inner/a", b"inner\n");
    commit(&repository, inner.write_tree(&repository));
    git_command(root.path(), &["tag", "v1.0"]);
    commit(&repository, Model::package().file("new", b"").write_tree(&repository));
    std::fs::write(root.path().join("untracked"), "").unwrap();
    let names = |revision: &str| {
        let target = GitTarget { repository: root.path().to_owned(), revision: revision.to_owned() };
        let tree = target.read(&OPTIONS).unwrap();
        tree.tree().listing().lines().iter().map(|line| line.path.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(names("v1.0"), ["Project.toml", "lib/Inner/a", "src/Example.jl"]);
    assert_eq!(names("HEAD~1"), names("v1.0"));
    assert_eq!(names("HEAD"), ["Project.toml", "new", "src/Example.jl"]);
    assert_eq!(names("v1.0:lib/Inner"), ["a"]);
    let by_path = git::find_tree(&repository, "v1.0", Some(Path::new("lib/Inner"))).unwrap();
    assert_eq!(by_path, git::find_tree(&repository, "v1.0:lib/Inner", None).unwrap());
    for missing in ["v2.0", "v1.0:nowhere", "v1.0:Project.toml"] {
        let error = git::find_tree(&repository, missing, None).unwrap_err();
        assert!(matches!(error, SourceError::Git { .. }), "{missing}");
        assert_eq!(error.rule(), None);
    }
}

#[test]
fn bare_and_packed_repositories_are_read_alike() {
    let (root, repository) = repository();
    let content: Vec<u8> = (0_u32..100_000).flat_map(u32::to_le_bytes).collect();
    let tree = Model::package().file("large", &content).write_tree(&repository);
    commit(&repository, tree);
    let loose = git::read(&repository, tree, &OPTIONS).unwrap();
    let bare = root.path().join("bare.git");
    git_command(root.path(), &["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    git_command(&bare, &["repack", "-adq"]);
    let packed = git::read(&Repository::open_bare(&bare).unwrap(), tree, &OPTIONS).unwrap();
    assert_eq!(packed.tree(), loose.tree());
    assert_eq!(packed.folder(), loose.folder());
}

#[test]
fn submodules_and_unusual_entries_are_refused() {
    let (root, repository) = repository();
    let head = commit(&repository, Model::package().write_tree(&repository)).to_string();
    let blob = repository.blob(b"x").unwrap().to_string();
    let base = git_command(root.path(), &["ls-tree", "HEAD"]);
    for (line, found, rule) in [
        (format!("160000 commit {head}\tsub\n"), "a submodule", Rule::Tree10),
        (format!("100664 blob {blob}\told\n"), "an entry of unusual mode", Rule::Tree10),
    ] {
        let mut listed = base.clone();
        listed.extend_from_slice(line.as_bytes());
        let mut object = Vec::new();
        for line in String::from_utf8(listed).unwrap().lines() {
            let (fields, name) = line.split_once('\t').unwrap();
            let [mode, _, id] = fields.split(' ').collect::<Vec<_>>()[..] else {
                panic!("{line}");
            };
            object.extend_from_slice(format!("{} {name}\0", mode.trim_start_matches('0')).as_bytes());
            object.extend_from_slice(git2::Oid::from_str(id).unwrap().as_bytes());
        }
        let tree = repository.odb().unwrap().write(git2::ObjectType::Tree, &object).unwrap();
        let error = git::read(&repository, tree, &OPTIONS).unwrap_err();
        assert!(error.to_string().ends_with(found), "{error}");
        assert_eq!(error.rule(), Some(rule));
    }
}

#[test]
fn a_tree_made_by_hand_cannot_smuggle_in_a_path() {
    let (_root, repository) = repository();
    let blob = repository.blob(b"x").unwrap();
    for (name, rule) in [("..", Rule::Tree2), (".git", Rule::Tree6), ("a/b", Rule::Tree10), ("../a", Rule::Tree10)] {
        let mut object = format!("100644 {name}\0").into_bytes();
        object.extend_from_slice(blob.as_bytes());
        let tree = repository.odb().unwrap().write(git2::ObjectType::Tree, &object).unwrap();
        let error = git::read(&repository, tree, &OPTIONS).unwrap_err();
        assert_eq!(error.rule(), Some(rule), "{name} {error}");
    }
}

#[test]
fn a_missing_object_is_no_refusal() {
    let (root, repository) = repository();
    let tree = Model::package().write_tree(&repository);
    let blob = repository.find_tree(tree).unwrap().get_name("Project.toml").unwrap().id().to_string();
    std::fs::remove_file(root.path().join(".git/objects").join(&blob[..2]).join(&blob[2..])).unwrap();
    let error = git::read(&repository, tree, &OPTIONS).unwrap_err();
    assert_eq!(error.to_string(), "cannot read Project.toml from the repository");
    assert_eq!(error.rule(), None);
}

#[test]
fn a_file_too_large_to_be_read_at_once_is_streamed_while_loose_and_refused_when_packed() {
    let (root, repository) = repository();
    let content = vec![0; usize::try_from(git::MAX_PACKED_BYTES).unwrap() + 1];
    let tree = Model::package().file("large", &content).write_tree(&repository);
    commit(&repository, tree);
    let found = git::read(&repository, tree, &OPTIONS).unwrap();
    assert_eq!(found.tree().listing().get("large"), Some(Digest::of(&content)));
    git_command(root.path(), &["repack", "-adq"]);
    let repository = Repository::open(root.path()).unwrap();
    let error = git::read(&repository, tree, &OPTIONS).unwrap_err();
    assert!(matches!(&error, SourceError::Packed { path, .. } if path == "large"), "{error}");
    assert_eq!(error.rule(), None);
}
