//! Consents: the written word of the registry, without which nothing changes hands.

use sigpkg::chain::Chain;
use sigpkg::statement::Cause;

use crate::common::testing::StandIn;
use crate::world::{Author, Registry, UUID, World, finding, outcome, outcomes, policy, sentence, source, words};

fn empty() -> Registry {
    Registry::default().with_package("Example", UUID)
}

fn statement(digest: impl std::fmt::Display) -> String {
    format!("package = \"{UUID}\"\nstatement = \"{digest}\"\n")
}

fn signatory(from: &Author, to: &Author) -> String {
    format!("package = \"{UUID}\"\nfrom = \"{}\"\nto = \"{}\"\n", from.id(), to.id())
}

#[test]
fn a_reserve_statement_waits_for_a_consent() {
    let (mut world, mut author) = (World::new(), Author::with_reserve(20));
    world.scheme = &StandIn;
    let base = empty().with("Example", "1.0.0", &world.put("Example", &author.release("1.0.0")));
    let reserve = author.fixture.reserve_record(&author.chain[1], Cause::Stolen);
    author.chain.push(reserve.clone());
    let after = world.put("Example", &author.release("1.1.0"));
    let reports = world.check(&base, &base.clone().with("Example", "1.1.0", &after));
    assert_eq!(outcomes(&reports), [("undecided", Some("VER-27"))]);
    assert!(sentence(finding(&reports, "1.1.0")).contains(&reserve.digest().to_string()));

    let base = base.with_raw("SigpkgPolicy.toml", policy(&[statement(reserve.digest())]));
    let head = base.clone().with("Example", "1.1.0", &after);
    let reports = world.take_in(&base, &head);
    assert_eq!(outcome(&reports, "1.1.0"), ("accepted", None));
    // The memory goes on from there.
    let next = head.clone().with("Example", "1.2.0", &world.put("Example", &author.release("1.2.0")));
    assert_eq!(outcomes(&world.take_in(&head, &next)), [("accepted", None)]);
    assert!(Chain::claimed_id(b"").is_err());
}

#[test]
fn a_branch_goes_on_by_consent_though_the_registry_has_seen_another() {
    let (mut world, mut author) = (World::new(), Author::with_reserve(21));
    world.scheme = &StandIn;
    let good = author.release("1.0.0");
    let mut forged = author.chain.clone();
    let files = author.source("1.1.0");
    let bad = author.fixture.release_tree(&mut forged, "1.1.0", &files);
    // The thief was faster: statement 3 is registered.
    let base = empty().with("Example", "1.0.0", &world.put("Example", &good));
    let base = base.with("Example", "1.1.0", &world.put("Example", &bad));
    let reserve = author.fixture.reserve_record(&author.chain[1], Cause::Stolen);
    author.chain.push(reserve.clone());
    let healed = world.put("Example", &author.release("1.1.1"));
    let base = base.with_raw("SigpkgPolicy.toml", policy(&[statement(reserve.digest())]));
    world.take_in(&empty().with_raw("SigpkgPolicy.toml", policy(&[statement(reserve.digest())])), &base);
    let reports = world.check(&base, &base.clone().with("Example", "1.1.1", &healed));
    assert_eq!(outcomes(&reports), [("accepted", None)]);
}

#[test]
fn a_reserve_statement_before_the_first_registration_is_taken_and_said() {
    let (mut world, mut author) = (World::new(), Author::with_reserve(25));
    world.scheme = &StandIn;
    author.release("1.0.0");
    let reserve = author.fixture.reserve_record(&author.chain[1], Cause::Planned);
    author.chain.push(reserve.clone());
    let head = empty().with("Example", "1.1.0", &world.put("Example", &author.release("1.1.0")));
    let reports = world.check(&empty(), &head);
    assert_eq!(outcomes(&reports), [("accepted", None)]);
    assert_eq!(words(finding(&reports, "1.1.0")), ["first-signed", "reserve-taken"]);
    assert!(finding(&reports, "1.1.0").notes[1].message.contains(&reserve.digest().to_string()));
    assert_eq!(words(finding(&world.audit(&head).0, "1.1.0")), ["first-signed", "reserve-taken"]);
    world.heads.lock().unwrap().clear();
    let consent = policy(&[statement(reserve.digest())]);
    let (base, head) = (empty().with_raw("SigpkgPolicy.toml", &consent), head.with_raw("SigpkgPolicy.toml", &consent));
    assert_eq!(words(finding(&world.check(&base, &head), "1.1.0")), ["first-signed"]);
}

#[test]
fn another_signatory_comes_by_consent_and_the_old_one_does_not_come_back() {
    let (world, mut author, mut heir) = (World::new(), Author::new(22), Author::new(23));
    let base = empty().with("Example", "1.0.0", &world.put("Example", &author.release("1.0.0")));
    let base = base.with_raw("SigpkgPolicy.toml", policy(&[signatory(&author, &heir)]));
    let head = base.clone().with("Example", "1.1.0", &world.put("Example", &heir.release("1.1.0")));
    let reports = world.check(&base, &head);
    assert_eq!(outcomes(&reports), [("accepted", None)]);
    assert_eq!(words(finding(&reports, "1.1.0")), ["signatory-changed"]);
    let next = head.clone().with("Example", "1.2.0", &world.put("Example", &heir.release("1.2.0")));
    let old = head.clone().with("Example", "1.2.0", &world.put("Example", &author.release("1.2.0")));
    for _ in 0..2 {
        assert_eq!(outcomes(&world.check(&head, &next)), [("accepted", None)]);
        assert_eq!(outcomes(&world.check(&head, &old)), [("refused", Some("VER-9"))]);
        // And with a memory.
        world.take_in(&base, &head);
    }
}

#[test]
fn a_tree_that_is_said_to_be_lost_is_no_obstacle_and_no_pass() {
    let world = World::new();
    let lost = "1234567890123456789012345678901234567890";
    let consent = policy(&[format!("package = \"{UUID}\"\nlost = \"{lost}\"\n")]);
    let base = empty().with("Example", "1.0.0", lost).with_raw("SigpkgPolicy.toml", &consent);
    let tree = world.put("Example", &source("Example", UUID, "1.1.0"));
    let reports = world.check(&base, &base.clone().with("Example", "1.1.0", &tree));
    assert_eq!(outcomes(&reports), [("accepted", None)]);
    // It cannot be registered anew.
    let before = empty().with_raw("SigpkgPolicy.toml", &consent);
    assert_eq!(outcomes(&world.check(&before, &base)), [("unreadable", None)]);
    let (reports, summary) = world.audit(&base);
    assert_eq!(outcome(&reports, "1.0.0"), ("lost", None));
    assert_eq!((summary.lost, summary.unreadable), (1, 0));
}

#[test]
fn a_change_of_the_policy_is_for_a_human() {
    let mut world = World::new();
    let head = empty().with_raw("SigpkgPolicy.toml", policy(&[]));
    assert_eq!(outcomes(&world.check(&empty(), &head)), [("undecided", Some("REG-8"))]);
    // To take it away is to change it.
    assert_eq!(outcomes(&world.check(&head, &empty())), [("undecided", Some("REG-8"))]);
    world.policy_reviewed = true;
    let reports = world.check(&empty(), &head);
    assert_eq!(outcomes(&reports), [("accepted", None)]);
    assert_eq!(words(&reports[0].findings[0]), ["policy-changed"]);
}

#[test]
fn a_malformed_policy_is_refused_and_one_in_the_base_lets_nothing_pass() {
    let mut world = World::new();
    world.policy_reviewed = true;
    let consent = |about: &str| policy(&[format!("package = \"{UUID}\"\n{about}")]);
    let author = Author::new(24);
    for (bad, words) in [
        (String::new(), "sigpkg-registry"),
        ("sigpkg-registry = 2\n".to_owned(), "found 2"),
        (consent(""), "none of them"),
        (consent(&format!("from = \"{}\"\n", author.id())), "from alone"),
        (consent(&format!("to = \"{}\"\n", author.id())), "to alone"),
        (consent("statement = \"x\"\nlost = \"y\"\n"), "several"),
        (consent("statement = \"blake3:x\"\n"), "blake3:x"),
        (consent("statment = \"blake3:x\"\n"), "statment"),
        (policy(&["lost = \"x\"\n".to_owned()]), "package"),
        (consent(&format!("lost = \"{}\"\n", "1".repeat(40))).replace("she called", " "), "why"),
        (consent(&format!("lost = \"{}\"\n", "1".repeat(40))).replace("by = \"Ada\"\n", ""), "by"),
    ] {
        let broken = empty().with_raw("SigpkgPolicy.toml", &bad);
        let reports = world.check(&empty(), &broken);
        assert_eq!(outcomes(&reports), [("refused", Some("REG-4"))], "{bad}");
        let sentence = sentence(&reports[0].findings[0]);
        assert!(sentence.contains(words), "{sentence}");
        assert!(world.try_check(&broken, &broken).is_err());
        let (reports, summary) = world.audit(&broken);
        assert_eq!((outcomes(&reports), summary.refused), (vec![("refused", Some("REG-4"))], 1));
    }
}
