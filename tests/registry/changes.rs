//! Changes as they come every day, and those that break a rule.

use sigpkg::registry::{Change, PackageReport};
use sigpkg::statement::Severity;
use sigpkg::verify::Reason;

use crate::world::{
    Author, OTHER_UUID, Registry, UUID, World, finding, outcome, outcomes, release_reason, sentence, source, words,
};

fn empty() -> Registry {
    Registry::default().with_package("Example", UUID)
}

#[test]
fn an_unsigned_package_that_was_never_signed_passes() {
    let world = World::new();
    let head = empty().with("Example", "1.0.0", &world.put("Example", &source("Example", UUID, "1.0.0")));
    let reports = world.check(&empty(), &head);
    assert_eq!(outcomes(&reports), [("accepted", None)]);
    assert_eq!(words(finding(&reports, "1.0.0")), Vec::<&str>::new());
    assert_eq!(reports[0].file, "E/Example/Versions.toml");
    // A new package in an empty registry is no other matter.
    let revision = world.revision(&world.commit(&head));
    let nothing = world.revision(&world.commit(&Registry::default()));
    drop((revision, nothing));
    assert_eq!(outcomes(&world.check(&Registry::default(), &head)), [("accepted", None)]);
}

#[test]
fn an_unsigned_tree_whose_manifest_says_another_thing_is_noted() {
    let world = World::new();
    let old = world.put("Example", &source("Example", UUID, "0.9.0"));
    let reports = world.check(&empty(), &empty().with("Example", "1.0.0", &old));
    assert_eq!(outcome(&reports, "1.0.0"), ("accepted", None));
    assert_eq!(words(finding(&reports, "1.0.0")), ["manifest-differs"]);
    let message = &finding(&reports, "1.0.0").notes[0].message;
    assert!(message.contains("1.0.0") && message.contains("0.9.0"), "{message}");
}

#[test]
fn a_first_signed_version_of_an_old_package_passes_and_is_remembered() {
    let (world, mut author) = (World::new(), Author::new(1));
    let base = empty().with("Example", "1.0.0", &world.put("Example", &author.source("1.0.0")));
    let head = base.clone().with("Example", "1.1.0", &world.put("Example", &author.release("1.1.0")));
    let reports = world.take_in(&base, &head);
    let found = finding(&reports, "1.1.0");
    assert_eq!(words(found), ["first-signed"]);
    assert_eq!(found.signatory.unwrap().to_string(), author.id());
    assert_eq!(found.seq.unwrap().get(), 2);
    let head_file = String::from_utf8(world.heads.lock().unwrap()[&UUID.parse().unwrap()].clone()).unwrap();
    assert!(head_file.contains(&format!("signatory = \"{}\"", author.id())) && head_file.contains("seq = 2"));
}

#[test]
fn the_next_release_of_the_same_signatory_passes() {
    let (world, mut author) = (World::new(), Author::new(2));
    let base = empty().with("Example", "1.0.0", &world.put("Example", &author.release("1.0.0")));
    let head = base.clone().with("Example", "1.1.0", &world.put("Example", &author.release("1.1.0")));
    // With and without a memory: the registered trees say the same.
    assert_eq!(outcomes(&world.check(&base, &head)), [("accepted", None)]);
    world.take_in(&empty(), &base);
    assert_eq!(outcomes(&world.take_in(&base, &head)), [("accepted", None)]);
}

#[test]
fn an_earlier_release_and_a_back_port_may_be_registered_late() {
    let (world, mut author) = (World::new(), Author::new(3));
    let first = world.put("Example", &author.release("1.0.0"));
    let second = world.put("Example", &author.release("2.0.0"));
    let back_port = world.put("Example", &author.release("1.0.1"));
    let base = empty().with("Example", "2.0.0", &second);
    world.take_in(&empty(), &base);
    let late = base.clone().with("Example", "1.0.0", &first);
    assert_eq!(outcomes(&world.take_in(&base, &late)), [("accepted", None)]);
    let head = late.clone().with("Example", "1.0.1", &back_port);
    assert_eq!(outcomes(&world.take_in(&late, &head)), [("accepted", None)]);
}

#[test]
fn unsigned_after_signed_is_refused_with_and_without_a_memory() {
    let (world, mut author) = (World::new(), Author::new(4));
    let base = empty().with("Example", "1.0.0", &world.put("Example", &author.release("1.0.0")));
    let head = base.clone().with("Example", "1.1.0", &world.put("Example", &author.source("1.1.0")));
    for _ in 0..2 {
        let reports = world.check(&base, &head);
        assert_eq!(outcomes(&reports), [("refused", Some("VER-2"))]);
        assert!(sentence(finding(&reports, "1.1.0")).contains(&author.id()));
        world.take_in(&empty(), &base);
    }
}

#[test]
fn another_signatory_is_refused_with_both_ids() {
    let (world, mut author, mut stranger) = (World::new(), Author::new(5), Author::new(6));
    let base = empty().with("Example", "1.0.0", &world.put("Example", &author.release("1.0.0")));
    let head = base.clone().with("Example", "1.1.0", &world.put("Example", &stranger.release("1.1.0")));
    let reports = world.check(&base, &head);
    assert_eq!(outcomes(&reports), [("refused", Some("VER-9"))]);
    let sentence = sentence(finding(&reports, "1.1.0"));
    assert!(sentence.contains(&author.id()) && sentence.contains(&stranger.id()), "{sentence}");
}

#[test]
fn a_branch_that_does_not_follow_what_was_seen_is_refused() {
    let (world, mut author) = (World::new(), Author::new(7));
    let seen = author.release("1.0.0");
    let mut branch = vec![author.chain[0].clone()];
    let base = empty().with("Example", "1.0.0", &world.put("Example", &seen));
    // A thief of two consecutive keys: the branch has been extended, so for a user it would stand.
    let files = author.source("1.1.0");
    author.fixture.release_tree(&mut branch, "1.1.0", &files);
    let files = author.source("1.2.0");
    let extended = author.fixture.release_tree(&mut branch, "1.2.0", &files);
    let head = base.clone().with("Example", "1.2.0", &world.put("Example", &extended));
    let reports = world.check(&base, &head);
    assert_eq!(outcomes(&reports), [("refused", Some("REG-14"))]);
    let sentence = sentence(finding(&reports, "1.2.0"));
    let (seen, found) = (author.chain[1].digest().to_string(), branch[2].digest().to_string());
    assert!(sentence.contains(&seen) && sentence.contains(&found), "{sentence}");
    // A lone rival of what was accepted is void.
    let mut rival = vec![author.chain[0].clone()];
    let lone = author.fixture.release_tree(&mut rival, "1.2.0", &author.source("1.2.0"));
    let head = base.clone().with("Example", "1.2.0", &world.put("Example", &lone));
    assert_eq!(outcomes(&world.check(&base, &head)), [("refused", Some("VER-7"))]);
}

#[test]
fn a_replaced_tree_is_misconduct() {
    let world = World::new();
    let old = world.put("Example", &source("Example", UUID, "1.0.0"));
    let new = world.put("Example", &source("Example", UUID, "1.0.0").with("README", "better\n"));
    let (base, head) = (empty().with("Example", "1.0.0", &old), empty().with("Example", "1.0.0", &new));
    let reports = world.check(&base, &head);
    assert_eq!(outcomes(&reports), [("refused", Some("REG-5"))]);
    let found = finding(&reports, "1.0.0");
    assert_eq!(found.change, Change::Changed);
    assert!(sentence(found).contains(&old) && sentence(found).contains(&new));
}

#[test]
fn a_version_or_a_package_that_is_taken_away_is_refused() {
    let world = World::new();
    let base = empty().with("Example", "1.0.0", &world.put("Example", &source("Example", UUID, "1.0.0")));
    let reports = world.check(&base, &empty());
    assert_eq!(outcomes(&reports), [("refused", Some("REG-6"))]);
    assert_eq!(finding(&reports, "1.0.0").change, Change::Removed);
    let reports = world.check(&base, &Registry::default());
    assert_eq!(outcomes(&reports), [("refused", Some("REG-6"))]);
    assert!(sentence(&reports[0].findings[0]).contains(UUID));
}

#[test]
fn a_package_keeps_its_name() {
    let world = World::new();
    let base = empty().with("Example", "1.0.0", &world.put("Example", &source("Example", UUID, "1.0.0")));
    let reports = world.check(&base, &Registry::default().with_package("Exemple", UUID));
    assert_eq!(outcomes(&reports), [("refused", Some("REG-7"))]);
    let sentence = sentence(&reports[0].findings[0]);
    assert!(sentence.contains("Example") && sentence.contains("Exemple"), "{sentence}");
}

#[test]
fn a_repository_that_has_moved_is_noted() {
    let world = World::new();
    let base = empty().with("Example", "1.0.0", &world.put("Example", &source("Example", UUID, "1.0.0")));
    let mut head = base.clone();
    head.packages.get_mut("Example").unwrap().repository = "https://example.net/Example.jl.git".to_owned();
    let reports = world.check(&base, &head);
    assert_eq!(outcomes(&reports), [("accepted", None)]);
    assert_eq!(words(&reports[0].findings[0]), ["repository-moved"]);
    let message = &reports[0].findings[0].notes[0].message;
    assert!(message.contains("example.org") && message.contains("example.net"), "{message}");
}

#[test]
fn registry_and_release_and_manifest_must_agree() {
    let (world, mut author) = (World::new(), Author::new(8));
    let release = author.release("1.0.0");
    let tree = world.put("Example", &release);
    // An old tree as a new version.
    let reports = world.check(&empty(), &empty().with("Example", "1.0.1", &tree));
    assert_eq!(outcomes(&reports), [("refused", Some("VER-15"))]);
    // The tree of one package as another.
    let other = Registry::default().with_package("Other", OTHER_UUID);
    let tree = world.put("Other", &release);
    let reports = world.check(&other, &other.clone().with("Other", "1.0.0", &tree));
    assert_eq!(outcomes(&reports), [("refused", Some("VER-15"))]);
    assert!(matches!(release_reason(finding(&reports, "1.0.0")), Reason::NotExpected { part: "name", .. }));
    // A file that was not signed.
    let edited = world.put("Example", &release.clone().with("src/Example.jl", "module Example; evil() end\n"));
    let reports = world.check(&empty(), &empty().with("Example", "1.0.0", &edited));
    assert_eq!(outcomes(&reports), [("refused", Some("VER-13"))]);
    // A manifest that says another version than the release; it is signed so.
    let mut author = Author::new(9);
    let source = author.source("1.0.0");
    let lie = author.fixture.release_tree(&mut author.chain, "1.0.1", &source);
    let reports = world.check(&empty(), &empty().with("Example", "1.0.1", &world.put("Example", &lie)));
    assert_eq!(outcomes(&reports), [("refused", Some("VER-14"))]);
}

#[test]
fn a_commit_between_two_releases_is_no_version() {
    let (world, mut author) = (World::new(), Author::new(10));
    author.release("1.0.0");
    let between = sigpkg_folder(&author);
    let reports = world.check(&empty(), &empty().with("Example", "1.0.0", &world.put("Example", &between)));
    assert_eq!(outcomes(&reports), [("refused", Some("VER-4"))]);
}

fn sigpkg_folder(author: &Author) -> crate::common::testing::Files {
    crate::common::testing::Fixture::folder(&author.chain, &author.source("1.0.0"))
}

#[test]
fn a_tree_that_cannot_be_had_is_no_pass() {
    // REG-15
    let world = World::new();
    let nowhere = "1234567890123456789012345678901234567890";
    let reports = world.check(&empty(), &empty().with("Example", "1.0.0", nowhere));
    assert_eq!(outcomes(&reports), [("unreadable", None)]);
    assert!(sentence(finding(&reports, "1.0.0")).contains(nowhere));
    // Nor is it known whether a package was signed whose registered trees are gone.
    let base = empty().with("Example", "1.0.0", nowhere);
    let tree = world.put("Example", &source("Example", UUID, "1.1.0"));
    let reports = world.check(&base, &base.clone().with("Example", "1.1.0", &tree));
    assert_eq!(outcomes(&reports), [("unreadable", None)]);
    assert!(sentence(finding(&reports, "1.1.0")).contains("signed before"));
}

#[test]
fn a_yanked_release_is_not_registered() {
    let (world, mut author) = (World::new(), Author::new(11));
    author.release("1.0.0");
    let yank = author.fixture.yank(&author.chain[1], &[2], Severity::Refuse);
    author.chain.push(yank);
    let first = world.put("Example", &{
        let mut earlier = Author::new(11);
        earlier.release("1.0.0")
    });
    let second = world.put("Example", &author.release("1.1.0"));
    // The later tree brings the yank of the earlier one, in the same change and in a later one.
    let both = empty().with("Example", "1.0.0", &first).with("Example", "1.1.0", &second);
    let reports = world.check(&empty(), &both);
    assert_eq!(outcome(&reports, "1.0.0"), ("refused", Some("VER-36")));
    assert_eq!(outcome(&reports, "1.1.0"), ("accepted", None));
    let base = empty().with("Example", "1.0.0", &first);
    let reports = world.check(&base, &both);
    assert_eq!(outcome(&reports, "1.1.0"), ("accepted", None));
    assert_eq!(words(finding(&reports, "1.0.0")), ["not-marked"]);
    // Marked by the registry it is as it should be, and it does not come back.
    let marked = both.yanked("Example", "1.0.0", true);
    assert_eq!(words(finding(&world.check(&base, &marked), "1.0.0")), ["registry-yank"]);
    let back = marked.clone().yanked("Example", "1.0.0", false);
    assert_eq!(outcome(&world.check(&marked, &back), "1.0.0"), ("refused", Some("VER-36")));
}

#[test]
fn only_what_has_changed_is_judged() {
    let world = World::new();
    // The tree of the other package is nowhere, and nobody asks.
    let other = empty().with_package("Other", OTHER_UUID).with("Other", "1.0.0", &"1".repeat(40));
    let head = other.clone().with("Example", "1.0.0", &world.put("Example", &source("Example", UUID, "1.0.0")));
    let reports = world.check(&other, &head);
    assert_eq!(reports.iter().map(|report| report.claimed_name.as_str()).collect::<Vec<_>>(), ["Example"]);
    assert!(reports.iter().all(PackageReport::has_passed));
    assert!(world.check(&head, &head).is_empty());
}
