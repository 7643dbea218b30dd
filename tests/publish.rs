//! Publishing from a real git repository: three releases, a back-port, a redo, and each refusal by name.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "support/maintainer.rs"]
mod maintainer;

use std::fs;
use std::process::Command;

use maintainer::{Maintainer, git_in, now, random, request};
use sigpkg::chain::{Chain, Decided, State};
use sigpkg::digest::Digest;
use sigpkg::keystore::{KeyProtection, KeyStoreError, KeyStores, Mode};
use sigpkg::package::Package;
use sigpkg::publish::{self, Common, Note, PublishError, Request, Start, Stranger};
use sigpkg::release::DraftError;
use sigpkg::repository::{RepositoryError, Workplace, Written};
use sigpkg::secret::Seed;
use sigpkg::secret::file::{self, Protection, Secret};
use sigpkg::signature::Standard;
use sigpkg::source::{GitTarget, Options};

/// A release of 1.0.
fn with(common: Common) -> Request {
    Request { common, ..request("1.0") }
}

fn a_secret_key_file(seed: u8) -> String {
    let key = Seed::from_bytes([seed; 32]).link_secret(sigpkg::key::Algorithm::Ed25519, 1).unwrap();
    file::encode(&Secret::Key(key), Protection::Plain, "a test key", &mut random()).unwrap().to_string()
}

/// KEEP-8, KEEP-12, KEEP-16
#[test]
fn three_releases_make_one_chain_that_the_tree_carries() {
    let maintainer = Maintainer::begun();
    for (number, version) in ["1.0", "1.1", "2.0"].into_iter().enumerate() {
        maintainer.commit("README", format!("version {version}\n"));
        let released = maintainer.release(version).unwrap();
        assert_eq!(released.seq.get() as usize, number + 2);
        assert!(matches!(released.written, Written::Commit { .. }));
        assert_eq!(maintainer.git(&["status", "--porcelain"]), "", "the worktree is clean after {version}");
    }
    let target = GitTarget { repository: maintainer.repository(), revision: "HEAD".to_owned() };
    let tree = target.read(&Options::default()).unwrap();
    let folder = tree.folder().unwrap();
    let id = Chain::claimed_id(folder.claimed_chain()).unwrap();
    let chain = Chain::admit(folder.claimed_chain(), id, &Standard).unwrap();
    assert_eq!(chain.len(), 4);
    let files = folder.claimed_release().unwrap().claimed_files();
    assert_eq!(files, tree.tree().listing().text().as_bytes());
    let message = maintainer.git(&["log", "-1", "--format=%s"]);
    assert_eq!(message, "sigpkg: release example v2.0 (statement 4)\n");
}

/// KEEP-1, KEEP-6: K_n is gone once it has signed; K_{n+1} and K_{n+2} wait.
#[test]
fn a_used_key_is_erased_and_two_wait() {
    let maintainer = Maintainer::begun();
    let seqs = || {
        let store = maintainer.keys.all().unwrap().remove(0);
        store.key_seqs().unwrap().into_iter().map(sigpkg::statement::Seq::get).collect::<Vec<_>>()
    };
    assert_eq!(seqs(), [2, 3]);
    maintainer.release("1.0").unwrap();
    assert_eq!(seqs(), [3, 4]);
}

#[test]
fn a_back_port_brings_the_whole_chain_to_its_branch() {
    let maintainer = Maintainer::begun();
    maintainer.release("1.0").unwrap();
    maintainer.git(&["branch", "release-1"]);
    maintainer.commit("new", "2\n");
    maintainer.release("2.0").unwrap();
    maintainer.git(&["checkout", "--quiet", "release-1"]);
    maintainer.commit("fix", "1\n");
    // Versions of a generic package have no order, so nothing says that this one is lower.
    let released = maintainer.release("1.1").unwrap();
    assert_eq!(released.seq.get(), 4);
    let in_tree = fs::read_to_string(maintainer.repository().join(".sigpkg/chain")).unwrap();
    assert_eq!(in_tree, maintainer.chain_text());
}

#[test]
fn a_lower_version_is_released_as_a_back_port_only() {
    let maintainer = Maintainer::new();
    maintainer.commit("Project.toml", project("1.0.0"));
    let package = maintainer.workplace().detect().unwrap();
    maintainer.init_as(Mode::Fresh, package).unwrap();
    let unversioned = Request::default();
    maintainer.release_as(unversioned.clone()).unwrap();
    maintainer.git(&["branch", "release-1"]);
    maintainer.commit("Project.toml", project("2.0.0"));
    maintainer.release_as(unversioned.clone()).unwrap();
    maintainer.git(&["checkout", "--quiet", "release-1"]);
    maintainer.commit("Project.toml", project("1.0.1"));
    let refused = maintainer.release_as(unversioned.clone()).unwrap_err();
    assert!(matches!(refused, PublishError::VersionLower { .. }), "{refused}");
    let released = maintainer.release_as(Request { back_port: true, ..unversioned }).unwrap();
    assert_eq!((released.seq.get(), released.version().unwrap().as_str()), (4, "1.0.1"));
    let in_tree = fs::read_to_string(maintainer.repository().join(".sigpkg/chain")).unwrap();
    assert_eq!(in_tree, maintainer.chain_text(), "the branch has the statement of 2.0.0 too");
}

#[test]
fn a_redo_replaces_the_newest_release() {
    let maintainer = Maintainer::begun();
    maintainer.release("1.0").unwrap();
    maintainer.commit("README", "what was forgotten\n");
    let refused = maintainer.release("1.0").unwrap_err();
    assert!(matches!(refused, PublishError::VersionReleased { .. }), "{refused}");
    let refused = maintainer.release_as(Request { redo: true, ..request("2.0") }).unwrap_err();
    assert!(matches!(refused, PublishError::Draft(DraftError::NothingToRedo { .. })), "{refused}");
    let released = maintainer.release_as(Request { redo: true, ..request("1.0") }).unwrap();
    assert_eq!(released.seq.get(), 3);
    let store = maintainer.keys.all().unwrap().remove(0);
    let belief = store.chain().belief(&Decided::stranger());
    assert_eq!(belief.releases().filter(|release| belief.is_withdrawn(release.link())).count(), 1);
}

/// KEEP-12: what is signed is the commit, and a changed worktree is refused rather than overlooked.
#[test]
fn changes_since_the_commit_are_refused_but_untracked_files_are_not() {
    let maintainer = Maintainer::begun();
    maintainer.write("untracked", "not in the commit\n");
    maintainer.write("README", "changed\n");
    let refused = maintainer.release("1.0").unwrap_err();
    assert!(
        matches!(&refused, PublishError::Repository(RepositoryError::Changes { paths }) if paths == &["README"]),
        "{refused}"
    );
    maintainer.git(&["add", "README"]);
    assert!(
        matches!(maintainer.release("1.0"), Err(PublishError::Repository(RepositoryError::Changes { .. }))),
        "staged changes too"
    );
    maintainer.git(&["reset", "--quiet", "--hard"]);
    let released = maintainer.release("1.0").unwrap();
    assert_eq!(released.seq.get(), 2);
    let files = fs::read_to_string(maintainer.repository().join(".sigpkg/files")).unwrap();
    assert!(files.contains("  README\n") && !files.contains("untracked"));
}

/// KEEP-13
#[test]
fn a_state_of_the_repository_that_cannot_be_committed_to_is_refused() {
    let maintainer = Maintainer::begun();
    maintainer.git(&["checkout", "--quiet", "--detach"]);
    assert!(matches!(maintainer.release("1.0"), Err(PublishError::Repository(RepositoryError::Detached { .. }))));
    maintainer.git(&["checkout", "--quiet", "main"]);

    maintainer.git(&["checkout", "--quiet", "-b", "other"]);
    maintainer.commit("README", "theirs\n");
    maintainer.git(&["checkout", "--quiet", "main"]);
    maintainer.commit("README", "ours\n");
    let merge = Command::new("git").current_dir(maintainer.repository()).args(["merge", "other"]).output().unwrap();
    assert!(!merge.status.success());
    let refused = maintainer.release("1.0").unwrap_err();
    assert!(matches!(refused, PublishError::Repository(RepositoryError::InProgress { state: "merge" })), "{refused}");
    maintainer.git(&["merge", "--abort"]);

    let bare = maintainer.folder.path().join("bare.git");
    git_in(maintainer.folder.path(), &["clone", "--quiet", "--bare", "repository", "bare.git"]);
    assert!(matches!(Workplace::open(&bare), Err(RepositoryError::Bare { .. })));
    assert!(matches!(Workplace::open(maintainer.folder.path()), Err(RepositoryError::NoRepository { .. })));
}

#[test]
fn a_version_is_released_once_and_must_be_that_of_the_manifest() {
    let maintainer = Maintainer::new();
    maintainer.commit("Project.toml", project("1.0.0"));
    let package = maintainer.workplace().detect().unwrap();
    assert_eq!(package.to_string(), "Example [7876af07]");
    maintainer.init_as(Mode::Fresh, package).unwrap();
    let refused = maintainer.release("1.0.1").unwrap_err();
    assert!(matches!(refused, PublishError::VersionMismatch { .. }), "{refused}");
    maintainer.release("v1.0").unwrap();
    maintainer.commit("README", "more\n");
    assert!(matches!(maintainer.release("1.0.0"), Err(PublishError::VersionReleased { .. })));
    maintainer.commit("Project.toml", project("1.0.0").replace("Example", "Other"));
    assert!(matches!(maintainer.release("1.0.0"), Err(PublishError::OtherPackage { .. })));
    maintainer.git(&["rm", "--quiet", "Project.toml"]);
    maintainer.git(&["commit", "--quiet", "--message", "no manifest"]);
    assert!(matches!(maintainer.release("1.0.0"), Err(PublishError::Repository(RepositoryError::NoManifest))));
}

#[test]
fn a_commit_that_is_a_release_is_not_released_again() {
    let maintainer = Maintainer::begun();
    assert!(matches!(maintainer.release_as(Request::default()), Err(PublishError::NoVersion { .. })));
    maintainer.release("1.0").unwrap();
    let refused = maintainer.release("1.1").unwrap_err();
    assert!(matches!(refused, PublishError::AlreadyReleased { .. }), "{refused}");
}

#[test]
fn a_folder_of_another_signatory_is_refused() {
    let maintainer = Maintainer::begun();
    let stranger = Maintainer::begun();
    let chain = fs::read(stranger.repository().join(".sigpkg/chain")).unwrap();
    maintainer.commit(".sigpkg/chain", chain);
    let refused = maintainer.release("1.0").unwrap_err();
    assert!(matches!(refused, PublishError::ForeignFolder { .. }), "{refused}");

    let without_keys = KeyStores::at(maintainer.folder.path().join("elsewhere"));
    let refused = publish::prepare(maintainer.workplace(), &without_keys, request("1.0"), now(), &mut |_| {});
    assert!(matches!(refused.unwrap_err(), PublishError::KeyStore(KeyStoreError::NoStore { .. })));
}

#[test]
fn a_folder_in_any_state_is_rebuilt_from_the_key_store() {
    let maintainer = Maintainer::begun();
    maintainer.release("1.0").unwrap();
    maintainer.commit(".sigpkg/chain", "<<<<<<< ours\n");
    maintainer.commit(".sigpkg/surplus", "left over\n");
    maintainer.commit("README", "more\n");
    maintainer.release("1.1").unwrap();
    assert_eq!(maintainer.git(&["ls-files", ".sigpkg"]).lines().count(), 5);
    let in_tree = fs::read_to_string(maintainer.repository().join(".sigpkg/chain")).unwrap();
    assert_eq!(in_tree, maintainer.chain_text());
}

#[test]
fn attributes_that_change_the_tree_and_submodules_are_refused() {
    let maintainer = Maintainer::begun();
    maintainer.commit(".gitattributes", "README export-ignore\n");
    let refused = maintainer.release("1.0").unwrap_err();
    assert!(matches!(refused, PublishError::Repository(RepositoryError::Attributes { .. })), "{refused}");
    maintainer.commit(".gitattributes", "# nothing\n");

    let head = maintainer.git(&["rev-parse", "HEAD"]);
    let entry = format!("160000,{},inner", head.trim());
    maintainer.git(&["update-index", "--add", "--cacheinfo", &entry]);
    maintainer.git(&["commit", "--quiet", "--message", "a submodule"]);
    let refused = maintainer.release("1.0").unwrap_err();
    assert!(
        matches!(refused, PublishError::Repository(RepositoryError::Source(_) | RepositoryError::Changes { .. })),
        "{refused}"
    );
}

/// KEEP-11
#[test]
fn a_key_in_the_message_of_a_tag_is_found_however_deep_it_lies() {
    let maintainer = Maintainer::begun();
    let store = maintainer.keys.all().unwrap().remove(0);
    let key = fs::read_to_string(store.folder().join("3.key")).unwrap();
    for tags in [&["inner"][..], &["inner", "outer"], &["inner", "outer", "outermost"]] {
        let mut of = "HEAD";
        for tag in tags {
            let message = if *tag == "inner" { key.as_str() } else { "a tag of a tag" };
            maintainer.git(&["tag", "--annotate", "--message", message, tag, of]);
            of = tag;
        }
        if tags.len() > 1 {
            maintainer.git(&["tag", "--delete", "inner"]);
        }
        let found = maintainer.release("1.0").unwrap_err();
        assert!(matches!(found, PublishError::LiveKeyLeaked { .. }), "{tags:?}: {found}");
        maintainer.git(&[&["tag", "--delete"][..], &tags[usize::from(tags.len() > 1)..]].concat());
    }
    maintainer.release("1.0").unwrap();
}

#[test]
fn a_tag_is_made_on_the_new_commit_and_never_moved() {
    let maintainer = Maintainer::begun();
    let tagged = |version: &str| Request { tag: Some(format!("v{version}")), ..request(version) };
    maintainer.release_as(tagged("1.0")).unwrap();
    assert_eq!(maintainer.git(&["rev-parse", "v1.0"]), maintainer.git(&["rev-parse", "HEAD"]));
    maintainer.commit("README", "more\n");
    maintainer.git(&["tag", "v1.1"]);
    assert!(matches!(
        maintainer.release_as(tagged("1.1")),
        Err(PublishError::Repository(RepositoryError::TagExists { .. }))
    ));
    let bad = Request { tag: Some("a..b".to_owned()), ..request("1.1") };
    assert!(matches!(maintainer.release_as(bad), Err(PublishError::Repository(RepositoryError::BadTag { .. }))));
}

#[test]
fn without_a_commit_the_files_are_left_in_the_worktree() {
    let maintainer = Maintainer::begun();
    let head = maintainer.git(&["rev-parse", "HEAD"]);
    let released = maintainer.release_as(with(Common { no_commit: true, ..Common::default() })).unwrap();
    assert_eq!(released.written, Written::Worktree);
    assert_eq!(maintainer.git(&["rev-parse", "HEAD"]), head);
    assert!(maintainer.repository().join(".sigpkg/release.toml").exists());
}

/// KEEP-11
#[test]
fn a_live_key_of_the_chain_in_the_history_is_refused_even_when_acknowledged() {
    let maintainer = Maintainer::begun();
    let key = fs::read_to_string(maintainer.store_folder().join("3.key")).unwrap();
    maintainer.commit("oops", &key);
    maintainer.git(&["rm", "--quiet", "oops"]);
    maintainer.git(&["commit", "--quiet", "--message", "removed"]);
    let PublishError::LiveKeyLeaked { leaks } = maintainer.release("1.0").unwrap_err() else { panic!("not a leak") };
    assert_eq!(leaks.len(), 1);
    let acknowledge = vec![leaks[0].found.digest];
    let refused = maintainer.release_as(with(Common { acknowledge, ..Common::default() })).unwrap_err();
    assert!(matches!(refused, PublishError::LiveKeyLeaked { .. }), "{refused}");
}

/// KEEP-11
#[test]
fn a_reserve_key_in_the_worktree_is_refused() {
    let maintainer = Maintainer::begun();
    let reserve = fs::read_dir(maintainer.folder.path().join("reserve"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension == "key"))
        .unwrap();
    fs::copy(reserve, maintainer.repository().join("untracked")).unwrap();
    let refused = maintainer.release("1.0").unwrap_err();
    assert!(matches!(refused, PublishError::LiveKeyLeaked { .. }), "{refused}");
}

/// KEEP-11
#[test]
fn another_secret_key_is_refused_until_it_is_acknowledged_once() {
    let maintainer = Maintainer::begun();
    maintainer.commit("tests/key", a_secret_key_file(9));
    maintainer.git(&["branch", "side"]);
    let PublishError::KeysLeaked { leaks } = maintainer.release("1.0").unwrap_err() else { panic!("not a leak") };
    assert_eq!(leaks[0].path, "tests/key");
    let acknowledge = vec![leaks[0].found.digest];
    maintainer.release_as(with(Common { acknowledge, ..Common::default() })).unwrap();
    maintainer.commit("README", "more\n");
    maintainer.release("1.1").unwrap();
    // Found on a branch that is not checked out, in a commit that was not searched before.
    maintainer.git(&["checkout", "--quiet", "side"]);
    maintainer.commit("deep/down/key", a_secret_key_file(10));
    maintainer.git(&["checkout", "--quiet", "main"]);
    maintainer.commit("README", "even more\n");
    let refused = maintainer.release("1.2").unwrap_err();
    assert!(matches!(refused, PublishError::KeysLeaked { .. }), "{refused}");
}

/// KEEP-11
#[test]
fn a_shallow_clone_says_what_was_not_searched() {
    let maintainer = Maintainer::begun();
    maintainer.commit("README", "more\n");
    let clone = maintainer.folder.path().join("clone");
    let url = format!("file://{}", maintainer.repository().display());
    git_in(maintainer.folder.path(), &["clone", "--quiet", "--depth=1", &url, "clone"]);
    for (key, value) in [("user.name", "Test"), ("user.email", "test@example.org")] {
        git_in(&clone, &["config", key, value]);
    }
    let workplace = Workplace::open(&clone).unwrap();
    let start = publish::prepare(workplace, &maintainer.keys, request("1.0"), now(), &mut |_| {}).unwrap();
    let Start::Ready(prepared) = start else { panic!("unfinished") };
    assert!(prepared.notes().contains(&Note::Shallow));
}

/// KEEP-10: whoever signs with a stolen key is noticed at the next release.
#[test]
fn a_statement_that_the_store_has_not_made_is_an_alarm() {
    let maintainer = Maintainer::begun();
    let thief = maintainer.folder.path().join("thief");
    copy_folder(maintainer.keys.home(), &thief);
    maintainer.git(&["checkout", "--quiet", "-b", "remote"]);
    let stolen = KeyStores::at(&thief);
    let start = publish::prepare(maintainer.workplace(), &stolen, request("6.6"), now(), &mut |_| {}).unwrap();
    let Start::Ready(prepared) = start else { panic!("unfinished") };
    prepared.carry_out(None, &mut random()).unwrap();
    maintainer.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    maintainer.git(&["checkout", "--quiet", "main"]);
    maintainer.git(&["branch", "--quiet", "-D", "remote"]);
    let refused = maintainer.release("1.0").unwrap_err();
    let PublishError::ForeignStatements { strangers, head, .. } = &refused else { panic!("{refused}") };
    let [Stranger { reference, seq, what, own: None, .. }] = strangers.as_slice() else { panic!("{refused}") };
    assert_eq!((reference.as_str(), seq.get(), what.as_str()), ("refs/remotes/origin/main", 2, "release 6.6"));
    assert_eq!(head.get(), 1);
}

/// KEEP-10: the other holder of a seed is no thief.
#[test]
fn a_seeded_store_takes_in_what_its_seed_has_signed_elsewhere() {
    let maintainer = Maintainer::new();
    maintainer.commit("README", "an example\n");
    maintainer.init(Mode::Seeded).unwrap();
    let other = maintainer.folder.path().join("other");
    copy_folder(maintainer.keys.home(), &other);
    let elsewhere = KeyStores::at(&other);
    let start = publish::prepare(maintainer.workplace(), &elsewhere, request("1.0"), now(), &mut |_| {}).unwrap();
    let Start::Ready(prepared) = start else { panic!("unfinished") };
    prepared.carry_out(None, &mut random()).unwrap();
    maintainer.commit("README", "more\n");
    let Start::Ready(prepared) = maintainer.prepare(request("1.1")).unwrap() else { panic!("unfinished") };
    assert!(prepared.notes().iter().any(|note| matches!(note, Note::TakenIn { .. })));
    let released = prepared.carry_out(None, &mut random()).unwrap();
    assert_eq!(released.seq.get(), 3);
}

/// KEEP-20: whoever says so of a statement of a seeded store, outranks it instead of taking it in.
#[test]
fn a_statement_that_was_made_with_the_seed_by_a_thief_is_outranked_if_the_maintainer_says_so() {
    let maintainer = Maintainer::new();
    maintainer.commit("README", "an example\n");
    maintainer.init(Mode::Seeded).unwrap();
    maintainer.git(&["checkout", "--quiet", "-b", "elsewhere"]);
    let digest = steal(&maintainer, "stolen").carry_out(None, &mut random()).unwrap().digest;
    maintainer.git(&["checkout", "--quiet", "main"]);
    let healing = Common { heal: vec![digest], ..Common::default() };
    let Start::Ready(prepared) = maintainer.prepare(with(healing)).unwrap() else { panic!("unfinished") };
    assert!(prepared.needs_beat() && prepared.notes().iter().all(|note| !matches!(note, Note::TakenIn { .. })));
    let released = prepared.carry_out(None, &mut random()).unwrap();
    assert_eq!((released.seq.get(), released.beat.unwrap().0.get()), (3, 2));
    let store = maintainer.keys.all().unwrap().remove(0);
    assert_eq!((store.chain().len(), store.published().len()), (3, 4));
    let published = store.published();
    let stranger = published.find(digest).unwrap();
    assert_eq!(published.belief(&Decided::stranger()).state(stranger), Some(State::Void));
}

/// KEEP-20: nobody heals blindly.
#[test]
fn only_what_somebody_else_has_signed_can_be_healed() {
    let maintainer = Maintainer::begun();
    let own = maintainer.release("0.9").unwrap();
    maintainer.commit("README", "more\n");
    let healing = |digest| with(Common { heal: vec![digest], ..Common::default() });
    let refused = maintainer.release_as(healing(own.digest)).unwrap_err();
    assert!(matches!(refused, PublishError::NothingToHeal { is_own: true, .. }), "{refused}");
    let refused = maintainer.release_as(healing(Digest::of(b"nothing"))).unwrap_err();
    assert!(matches!(refused, PublishError::NothingToHeal { is_own: false, .. }), "{refused}");
    // Two thieves with one key: to name one of them is not enough.
    let thieves = ["one", "other"].map(|branch| {
        maintainer.git(&["checkout", "--quiet", "-b", branch, "main"]);
        steal(&maintainer, branch)
    });
    let [one, other] = thieves.map(|thief| thief.carry_out(None, &mut random()).unwrap().digest);
    maintainer.git(&["checkout", "--quiet", "main"]);
    let PublishError::ForeignStatements { strangers, .. } = maintainer.release_as(healing(one)).unwrap_err() else {
        panic!("one was not named")
    };
    assert_eq!(strangers.len(), 2);
    assert_eq!(maintainer.keys.all().unwrap()[0].chain().len(), 2, "nothing was signed");
    let both = with(Common { heal: vec![one, other], ..Common::default() });
    let released = maintainer.release_as(both).unwrap();
    assert_eq!((released.seq.get(), released.beat.unwrap().0.get()), (4, 3));
    let proof = publish::proof(&maintainer.keys.all().unwrap()[0], &[other]).unwrap();
    assert_eq!(proof.matches("sigpkg = 1\n").count(), 5, "the path, and three children of one parent");
}

/// Prepares a release with a copy of the key store.
fn steal(maintainer: &Maintainer, name: &str) -> Box<publish::Prepared> {
    let copy = maintainer.folder.path().join(name);
    copy_folder(maintainer.keys.home(), &copy);
    let keys = KeyStores::at(&copy);
    let start = publish::prepare(maintainer.workplace(), &keys, request("6.6"), now(), &mut |_| {}).unwrap();
    let Start::Ready(prepared) = start else { panic!("unfinished") };
    prepared
}

#[test]
fn a_package_in_a_folder_of_a_repository_is_signed_alone() {
    let maintainer = Maintainer::new();
    maintainer.commit("lib/Inner/README", "inner\n");
    maintainer.commit("outer", "outer\n");
    let inner = maintainer.repository().join("lib/Inner");
    let workplace = || Workplace::open(&inner).unwrap();
    let mut beginning = beginning(&maintainer);
    beginning.package = Package::generic("inner").unwrap();
    publish::init(&workplace(), &maintainer.keys, &beginning, &mut random()).unwrap();
    maintainer.write("outer", "a change beside the package\n");
    let start = publish::prepare(workplace(), &maintainer.keys, request("1.0"), now(), &mut |_| {}).unwrap();
    let Start::Ready(prepared) = start else { panic!("unfinished") };
    assert_eq!(prepared.summary().unwrap().to_string(), "1 file");
    prepared.carry_out(None, &mut random()).unwrap();
    assert_eq!(fs::read_to_string(inner.join(".sigpkg/files")).unwrap().lines().count(), 1);
    assert_eq!(maintainer.git(&["status", "--porcelain"]), " M outer\n");
}

#[test]
fn a_chain_begins_once() {
    let maintainer = Maintainer::begun();
    assert!(matches!(maintainer.init(Mode::Fresh), Err(PublishError::FolderExists { .. })));
    let empty = Maintainer::new();
    assert!(matches!(empty.workplace().detect(), Err(RepositoryError::NoManifest)));
    let begun = empty.init(Mode::Fresh).unwrap();
    assert!(begun.id().to_string().starts_with("sigp"));
    assert_eq!(empty.git(&["ls-files"]), ".sigpkg/.gitattributes\n.sigpkg/chain\n");
    assert_eq!(empty.git(&["status", "--porcelain"]), "");
}

/// KEEP-15
#[test]
fn a_wrong_passphrase_changes_nothing() {
    let maintainer = Maintainer::new();
    maintainer.commit("README", "an example\n");
    let mut beginning = beginning(&maintainer);
    (beginning.protection, beginning.passphrase) = (KeyProtection::Default, Some(b"right".as_slice()));
    publish::init(&maintainer.workplace(), &maintainer.keys, &beginning, &mut random()).unwrap();
    let before = fs::read_dir(maintainer.store_folder()).unwrap().count();
    let Start::Ready(prepared) = maintainer.prepare(request("1.0")).unwrap() else { panic!("unfinished") };
    let refused = prepared.carry_out(Some(b"wrong"), &mut random()).unwrap_err();
    assert!(matches!(refused, PublishError::KeyStore(KeyStoreError::Secret { .. })), "{refused}");
    // The lock and the memory of the search may be new; a key, a journal or a record is not.
    let after = fs::read_dir(maintainer.store_folder()).unwrap().count();
    assert!(after <= before + 2);
    let Start::Ready(prepared) = maintainer.prepare(request("1.0")).unwrap() else { panic!("unfinished") };
    prepared.carry_out(Some(b"right"), &mut random()).unwrap();
}

fn beginning(maintainer: &Maintainer) -> publish::Beginning<'static> {
    let reserve = sigpkg::keystore::ReserveSecret::generate(&mut random()).unwrap();
    let folder = maintainer.folder.path().join("reserve");
    let reserve = reserve.write(&folder, KeyProtection::None, None, &mut random()).unwrap();
    publish::Beginning {
        package: Package::generic("example").unwrap(),
        reserve: sigpkg::statement::ReserveSet { threshold: 1, keys: vec![reserve.key] },
        reserve_files: vec![reserve.digest],
        reserve_place: None,
        mode: Mode::Fresh,
        protection: KeyProtection::None,
        passphrase: None,
        now: now(),
    }
}

fn project(version: &str) -> String {
    format!("name = \"Example\"\nuuid = \"7876af07-990d-54b4-ab0e-23690620f79a\"\nversion = \"{version}\"\n")
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    let status = Command::new("cp").arg("-a").args([from, to]).status().unwrap();
    assert!(status.success());
}
