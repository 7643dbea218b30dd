use std::process::Command;

use super::*;

fn git(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(["-c", "user.name=Test", "-c", "user.email=test@example.org"]).args(arguments);
    assert!(command.status().unwrap().success(), "git {arguments:?}");
}

/// A repository with two commits, of which a tag names the first.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "--quiet", "--initial-branch=main"]);
    for content in ["one", "two"] {
        std::fs::write(folder.path().join("file"), content).unwrap();
        git(folder.path(), &["add", "file"]);
        git(folder.path(), &["commit", "--quiet", "--message", content]);
        if content == "one" {
            git(folder.path(), &["tag", "-a", "-m", "a tag", "v1"]);
        }
    }
    folder
}

const ALL: &[Protocol] = &[Protocol::Https, Protocol::Ssh, Protocol::Git, Protocol::File];

fn terms(limits: Limits) -> Terms<'static> {
    Terms { protocols: ALL, runs_helpers: false, limits }
}

fn address(folder: &Path) -> Address {
    Address::parse(&format!("file://{}", folder.display())).unwrap()
}

/// PRJ-32
#[test]
fn an_address_is_neither_an_option_nor_a_program() {
    for (good, protocol) in [
        ("https://example.org/JuliaLang/Example.jl.git", "https"),
        ("HTTPS://host.example.org/a", "https"),
        ("http://host.example.org/a", "http"),
        ("ssh://git@host.example.org:22/a.git", "ssh"),
        ("git@host.example.org:a/b.git", "ssh"),
        ("git://host.example.org/a", "git"),
        ("file:///srv/a.git", "file"),
        ("/srv/a.git", "file"),
        ("/srv/a:b", "file"),
    ] {
        assert_eq!(Address::parse(good).unwrap().protocol().as_str(), protocol, "{good}");
    }
    for (bad, problem) in [
        ("", "it is empty or has more than 2048 bytes"),
        ("--upload-pack=touch x", "it begins like an option"),
        ("ext::sh -c touch% x", "it has a blank, a control or a hidden character"),
        ("ext::touch", "git would run a program for it"),
        ("fd::3", "git would run a program for it"),
        ("ext://touch", "its protocol is none of these"),
        ("ftp://host.example.org/a", "its protocol is none of these"),
        ("ssh://-oProxyCommand=touch/a", "its host begins like an option"),
        ("ssh://x@-oProxyCommand=touch/a", "its host begins like an option"),
        ("-oProxyCommand=touch:a", "it begins like an option"),
        ("x@-oProxyCommand=touch:a", "its host or its path begins like an option"),
        ("a\nb", "it has a blank, a control or a hidden character"),
        ("../a", "it is a relative path"),
        ("./a:b", "it is a relative path"),
        ("https://host.example.org/\u{202e}a", "it has a blank, a control or a hidden character"),
    ] {
        assert_eq!(Address::parse(bad).unwrap_err().problem, problem, "{bad}");
    }
    assert_eq!(Address::parse(&format!("https://{}", "a".repeat(2048))).unwrap_err().found.len(), 100);
}

#[test]
fn an_address_never_shows_a_password() {
    let address = Address::parse("https://user:secret@host.example.org/a.git").unwrap();
    assert_eq!(address.to_string(), "https://host.example.org/a.git");
    assert!(address.is_same_as(&Address::parse("https://host.example.org/a/").unwrap()));
    let said = address.hide_in("unable to look up user:secret@host.example.org; secret is wrong");
    assert_eq!(said, "unable to look up host.example.org; … is wrong");
    let error = Address::parse("ftp://user:secret@host.example.org/a.git").unwrap_err();
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[test]
fn tips_come_without_history_and_files_one_by_one() {
    let (there, here) = (repository(), tempfile::tempdir().unwrap());
    git(there.path(), &["config", "uploadpack.allowFilter", "true"]);
    let address = address(there.path());
    let fetch = Fetch::new(&address, here.path(), terms(Limits::TIPS)).unwrap();
    let references = fetch.list().unwrap();
    let names: Vec<_> = references.iter().map(|reference| reference.name.as_str()).collect();
    assert_eq!(names, ["HEAD", "refs/heads/main", "refs/tags/v1"]);
    fetch.tips(&references).unwrap();
    let repository = fetch.open().unwrap();
    for (reference, content) in references.iter().zip(["two", "two", "one"]) {
        let commit = repository.find_commit(reference.commit).unwrap();
        let file = commit.tree().unwrap().get_name("file").unwrap().id();
        if content == "one" {
            assert!(!repository.odb().unwrap().exists(file));
            fetch.objects(&[file]).unwrap();
            let read = fetch.open().unwrap();
            assert_eq!(read.find_blob(file).unwrap().content(), content.as_bytes());
        }
    }
}

#[test]
fn a_whole_repository_has_its_history() {
    let (there, here) = (repository(), tempfile::tempdir().unwrap());
    let address = address(there.path());
    let fetch = Fetch::new(&address, here.path(), terms(Limits::WHOLE)).unwrap();
    fetch.whole().unwrap();
    let repository = Repository::open(here.path()).unwrap();
    let head = repository.find_reference("refs/heads/main").unwrap().peel_to_commit().unwrap();
    assert_eq!(head.parent_count(), 1);
}

/// PRJ-32
#[test]
fn a_protocol_that_is_not_allowed_is_not_spoken() {
    let here = tempfile::tempdir().unwrap();
    let address = Address::parse("http://127.0.0.1:1/a").unwrap();
    let error = Fetch::new(&address, here.path(), terms(Limits::TIPS)).err().unwrap();
    assert_eq!(
        error.to_string(),
        "http://127.0.0.1:1/a is not fetched: its protocol is http, and allowed are https, ssh, git, file"
    );
}

#[test]
fn trees_come_by_their_names_into_a_folder_that_is_kept() {
    let (there, here) = (repository(), tempfile::tempdir().unwrap());
    let address = address(there.path());
    let repository = Repository::open(there.path()).unwrap();
    for revision in ["HEAD^{tree}", "HEAD~1^{tree}"] {
        let tree = repository.revparse_single(revision).unwrap().id();
        let fetch = Fetch::new(&address, here.path(), terms(Limits::WHOLE)).unwrap();
        fetch.trees(&[tree.to_string().parse().unwrap()]).unwrap();
        let fetched = Repository::open(here.path()).unwrap();
        let file = fetched.find_tree(tree).unwrap().get_name("file").unwrap().id();
        assert!(fetched.find_blob(file).is_ok());
    }
}

/// PRJ-32
#[test]
fn what_is_too_much_is_not_taken() {
    let there = repository();
    let address = address(there.path());
    for (limits, expected) in
        [(Limits { objects: 3, ..Limits::WHOLE }, "3 objects"), (Limits { bytes: 100, ..Limits::WHOLE }, "100 bytes")]
    {
        let here = tempfile::tempdir().unwrap();
        let error = Fetch::new(&address, here.path(), terms(limits)).unwrap().whole().unwrap_err();
        assert!(error.to_string().contains(&format!("has sent more than {expected}")), "{error}");
    }
    let here = tempfile::tempdir().unwrap();
    let limits = Limits { time: Duration::ZERO, ..Limits::WHOLE };
    let error = Fetch::new(&address, here.path(), terms(limits)).unwrap().whole().unwrap_err();
    assert!(matches!(error, RemoteError::TooSlow { .. }), "{error}");
}

#[test]
fn a_repository_that_is_not_there_is_said_to_be_so() {
    let here = tempfile::tempdir().unwrap();
    let address = address(&here.path().join("nowhere"));
    let fetch = Fetch::new(&address, here.path(), terms(Limits::TIPS)).unwrap();
    let error = fetch.list().unwrap_err();
    assert!(matches!(&error, RemoteError::Failed { reason, .. } if reason.contains("nowhere")), "{error}");
}

/// PRJ-32
#[test]
fn a_repository_that_asks_who_one_is_is_private() {
    use std::io::{Read as _, Write as _};
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port();
    // The `git` protocol has no passwords; whatever is sent as an error is what git shows.
    let thread = std::thread::spawn(move || {
        let (mut connection, _) = server.accept().unwrap();
        let _ = connection.read(&mut [0; 1024]).unwrap();
        let said = "ERR Authentication failed";
        connection.write_all(format!("{:04x}{said}", said.len() + 4).as_bytes()).unwrap();
    });
    let here = tempfile::tempdir().unwrap();
    let address = Address::parse(&format!("git://127.0.0.1:{port}/a")).unwrap();
    let error = Fetch::new(&address, here.path(), terms(Limits::TIPS)).unwrap().list().unwrap_err();
    thread.join().unwrap();
    assert!(matches!(error, RemoteError::Private { .. }), "{error}");
}

#[test]
fn names_that_would_be_something_else_are_left_out() {
    let id = "9c41df332d5911dc96255159c03c1e21b75a39d2";
    let said =
        format!("{id}\trefs/heads/a b\n{id}\t-x\n{id}\trefs/heads/ok\nshort\trefs/heads/x\n{id}\trefs/tags/a:b\n");
    let found = references(said.as_bytes());
    assert_eq!(found.iter().map(|reference| reference.name.as_str()).collect::<Vec<_>>(), ["refs/heads/ok"]);
}
