//! Audits: all that a registry holds, and the second time only what is new.

use sigpkg::statement::Severity;

use crate::world::{Author, OTHER_UUID, Registry, UUID, World, finding, outcome, outcomes, source, words};

fn two() -> Registry {
    Registry::default().with_package("Example", UUID).with_package("Other", OTHER_UUID)
}

#[test]
fn an_audit_judges_everything_once_and_then_what_is_new() {
    let (world, mut author) = (World::new(), Author::new(40));
    let registry = two()
        .with("Example", "0.9.0", &world.put("Example", &author.source("0.9.0")))
        .with("Example", "1.0.0", &world.put("Example", &author.release("1.0.0")))
        .with("Other", "1.0.0", &world.put("Other", &source("Other", OTHER_UUID, "1.0.0")));
    let (reports, summary) = world.audit(&registry);
    assert_eq!(outcomes(&reports), [("accepted", None); 3]);
    assert_eq!(words(finding(&reports[..1], "0.9.0")), ["before-signing"]);
    assert_eq!((summary.packages, summary.versions, summary.judged), (2, 3, 3));
    assert_eq!((summary.signed, summary.unsigned), (1, 2));

    // Nothing is new, so no tree is asked for: even without clones.
    std::fs::rename(world.folder.path().join("packages"), world.folder.path().join("away")).unwrap();
    let (reports, summary) = world.audit(&registry);
    assert_eq!((outcomes(&reports), summary.versions, summary.judged), (vec![], 3, 0));
    std::fs::rename(world.folder.path().join("away"), world.folder.path().join("packages")).unwrap();

    let more = registry.clone().with("Example", "1.1.0", &world.put("Example", &author.release("1.1.0")));
    let (reports, summary) = world.audit(&more);
    assert_eq!((outcomes(&reports), summary.judged), (vec![("accepted", None)], 1));
    // What is unsigned now has come after the signing.
    let stripped = more.with("Example", "1.2.0", &world.put("Example", &author.source("1.2.0")));
    assert_eq!(outcome(&world.audit(&stripped).0, "1.2.0"), ("refused", Some("VER-2")));
}

#[test]
fn an_audit_finds_what_was_done_behind_its_back() {
    let world = World::new();
    let one = world.put("Other", &source("Other", OTHER_UUID, "1.0.0"));
    let two_trees = world.put("Other", &source("Other", OTHER_UUID, "1.0.0").with("README", "x\n"));
    let registry = two().with("Other", "1.0.0", &one);
    world.audit(&registry);
    assert_eq!(outcomes(&world.audit(&two().with("Other", "1.0.0", &two_trees)).0), [("refused", Some("REG-5"))]);
    assert_eq!(outcomes(&world.audit(&two()).0), [("refused", Some("REG-6"))]);
    // A refusal has changed nothing that is remembered.
    assert_eq!(outcomes(&world.audit(&registry).0), []);
}

#[test]
fn a_release_that_was_yanked_later_must_be_marked() {
    let (world, mut author) = (World::new(), Author::new(41));
    let first = two().with("Example", "1.0.0", &world.put("Example", &author.release("1.0.0")));
    world.audit(&first);
    let yank = author.fixture.yank(&author.chain[1], &[2], Severity::Refuse);
    author.chain.push(yank);
    let second = first.with("Example", "1.1.0", &world.put("Example", &author.release("1.1.0")));
    let (reports, _) = world.audit(&second);
    assert_eq!(outcome(&reports, "1.0.0"), ("refused", Some("VER-36")));
    assert_eq!(outcome(&reports, "1.1.0"), ("accepted", None));
    // It is found again, until it is marked.
    assert_eq!(outcome(&world.audit(&second).0, "1.0.0"), ("refused", Some("VER-36")));
    let marked = second.yanked("Example", "1.0.0", true);
    assert_eq!(outcomes(&world.audit(&marked).0), [("accepted", None)]);
    // And by an audit that remembers nothing.
    world.heads.lock().unwrap().clear();
    let (reports, _) = world.audit(&marked);
    assert_eq!(outcomes(&reports), [("accepted", None); 2]);
    assert_eq!(words(finding(&reports, "1.0.0")), ["registry-yank"]);
}

#[test]
fn a_memory_that_an_audit_has_made_serves_a_check() {
    let (world, mut author) = (World::new(), Author::new(42));
    let base = two().with("Example", "1.0.0", &world.put("Example", &author.release("1.0.0")));
    world.audit(&base);
    let clone = world.folder.path().join("packages/Example.git");
    std::fs::rename(&clone, world.folder.path().join("old")).unwrap();
    // The registered tree is gone, but the registry has seen it.
    let head = base.clone().with("Example", "1.1.0", &world.put("Example", &author.release("1.1.0")));
    assert_eq!(outcomes(&world.check(&base, &head)), [("accepted", None)]);
    let stripped = base.clone().with("Example", "1.1.0", &world.put("Example", &author.source("1.1.0")));
    assert_eq!(outcomes(&world.check(&base, &stripped)), [("refused", Some("VER-2"))]);
    world.heads.lock().unwrap().clear();
    assert_eq!(outcomes(&world.check(&base, &head)), [("unreadable", None)]);
}
