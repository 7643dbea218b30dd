//! The attacks that the design answers, in its order.

use super::common::story::Story;
use super::common::testing::{Fixture, Record, chain_file};
use super::common::user::{User, assert_accepted, assert_not_accepted, assert_refused, notes, source};
use sigpkg::digest::SignatoryId;
use sigpkg::package::Package;
use sigpkg::rule::Rule;
use sigpkg::statement::{Cause, Severity};
use sigpkg::trust::ReservePolicy;
use sigpkg::verify::{Reason, Step, Target};

/// A user who has no store, and gives the id.
fn stranger(story: &Story) -> User {
    User { id: Some(story.id()), scheme: story.fixture.scheme(), ..User::new() }
}

#[test]
fn a_forged_package() {
    let mut story = Story::new(501);
    // With everything that is public, and a key of the attacker's own.
    let key = story.fixture.link_key();
    let statement = story.fixture.unsigned_release(&story.chain[3], "1.3.0");
    let record = story.fixture.sign_with(&key, statement);
    let forged = [story.chain.clone(), vec![record]].concat();
    let tree = story.fixture.sign_folder(&forged, &key, &source("evil"));
    assert_refused(&story.user.verify(&tree), Rule::Sig7, Step::Chain);
    let text = story.chain[3].text.replace("1.2.0", "1.3.0");
    let edited = [&story.chain[..3], &[story.chain[3].with_text(&text)]].concat();
    let tree = story.trees[2].clone().with(".sigpkg/chain", &chain_file(&edited)).with(".sigpkg/release.toml", &text);
    assert_refused(&story.user.verify(&tree), Rule::Sig8, Step::Chain);
}

#[test]
fn a_swapped_file() {
    let story = Story::new(502);
    let swapped = story.trees[2].clone().with("src/example", "evil");
    assert_refused(&story.user.verify(&swapped), Rule::Ver13, Step::Listing);
    let listed = swapped.clone().with(".sigpkg/files", &swapped.listing());
    assert_refused(&story.user.verify(&listed), Rule::Ver12, Step::Listing);
}

#[test]
fn another_package_under_this_name() {
    let mut story = Story::new(503);
    let impostor = Story::new(504);
    assert_refused(&story.user.verify(&impostor.trees[2]), Rule::Ver9, Step::Decision);
    // A package that the user trusts too, under the name of the one that was asked for.
    let mut other = Fixture::of(505, Package::generic("other").unwrap()).fast();
    let mut chain = vec![other.genesis()];
    let tree = other.release_tree(&mut chain, "1.0.0", &source("other"));
    story.user.store.add(&other.admit(&chain).unwrap(), sigpkg::trust::Grade::Confirmed, story.user.now).unwrap();
    story.user.expectation.name = Some("example".to_owned());
    assert_refused(&story.user.verify(&tree), Rule::Ver15, Step::Expectation);
}

#[test]
fn an_account_a_registry_or_a_mirror_that_is_taken_over() {
    let mut story = Story::new(506);
    story.user.expectation.name = Some("example".to_owned());
    let before = story.user.store.list().unwrap()[0].chain().to_file();
    let evil = source("evil");
    let own = Story::new(507);
    for (tree, rule) in [
        (evil.clone(), Rule::Ver2),
        (own.trees[2].clone(), Rule::Ver9),
        (story.trees[2].clone().with("src/example", "evil"), Rule::Ver13),
        (story.fixture.sign_folder(&story.chain, &story.chain[3].next, &evil), Rule::Sig7),
        (Fixture::folder(&story.chain, &evil), Rule::Ver4),
    ] {
        assert_eq!(story.user.verify(&tree).reason().map(Reason::rule), Some(rule));
    }
    assert_eq!(story.user.store.list().unwrap()[0].chain().to_file(), before);
}

#[test]
fn a_repository_that_is_handed_to_a_stranger() {
    // Without the keys nobody is moved.
    let mut story = Story::new(508);
    assert_refused(&story.user.verify(&Story::new(509).trees[2]), Rule::Ver9, Step::Decision);
    // By record everybody is asked, and who refuses stays at the old holder's last release.
    let (_, tree) = story.reserve(3, Cause::Handover, "2.0.0");
    assert_not_accepted(&story.user.verify(&tree), Rule::Ver27, "undecided", Step::Belief);
    story.user.policy = Some(ReservePolicy::Refuse);
    assert_refused(&story.user.verify(&tree), Rule::Ver28, Step::Belief);
    let kept = story.user.verify(&story.trees[2]);
    assert_accepted(&kept);
    assert_eq!(notes(&kept), ["not-followed"]);
}

#[test]
fn an_old_release_offered_as_an_upgrade() {
    let mut story = Story::new(510);
    assert_eq!(notes(&story.user.verify(&story.trees[0])), ["not-newest"]);
    story.user.installed_tree = Some(story.user.place(&story.trees[1]));
    assert_refused(&story.user.verify(&story.trees[0]), Rule::Ver16, Step::Expectation);
}

#[test]
fn a_stripped_signature() {
    let mut story = Story::new(511);
    story.user.expectation.name = Some("example".to_owned());
    assert_refused(&story.user.verify(&source("1.2.0")), Rule::Ver2, Step::Tree);
    let stripped = story.trees[2].clone().without(".sigpkg/release.toml.minisig");
    assert_refused(&story.user.verify(&stripped), Rule::Dir5, Step::Chain);
}

#[test]
fn a_newest_release_that_is_withheld() {
    let mut story = Story::new(512);
    let newer = story.fixture.release(&story.chain[3], "1.3.0");
    story.user.now = "2028-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(notes(&story.user.verify(&story.trees[2])), ["stale"]);
    // A head that comes by any other road is a head.
    story.show(&[story.chain.clone(), vec![newer]].concat());
    assert_eq!(notes(&story.user.verify(&story.trees[2])), ["not-newest"]);
}

#[test]
fn one_stolen_key() {
    let mut story = Story::new(513);
    let owner = story.chain.clone();
    let mut forged = owner.clone();
    let release = story.fixture.release_tree(&mut forged, "6.6.6", &source("evil"));
    let yank = story.fixture.yank(&owner[3], &[2, 3, 4], Severity::Refuse);
    // A release, and a yank of everything: who sees them first believes one of them for a while.
    assert_accepted(&story.user.verify(&release));
    story.show(&[owner.clone(), vec![yank]].concat());
    assert_not_accepted(&story.user.verify(&release), Rule::Ver8, "undecided", Step::Belief);
    // The owner's next two statements settle it; beats will do.
    for _ in 0..2 {
        let beat = story.fixture.beat(story.chain.last().unwrap());
        story.chain.push(beat);
    }
    story.show_all();
    assert_refused(&story.user.verify(&release), Rule::Ver7, Step::Belief);
    let mine = story.user.verify(&story.trees[2]);
    assert_accepted(&mine);
    assert!(notes(&mine).is_empty(), "neither yanked nor contested");
}

/// A thief who can go on from any statement, and the reserve that goes back behind him.
fn captured(seed: u64, thief: impl FnOnce(&mut Story) -> Vec<Record>) {
    let mut story = Story::new(seed);
    let mut forged = thief(&mut story);
    let tree = story.fixture.release_tree(&mut forged, "6.6.6", &source("evil"));
    let user = User::trusting(&story.fixture, &forged[..2]);
    assert_accepted(&user.verify(&tree));
    let (reserve, good) = story.reserve(2, Cause::Stolen, "1.2.1");
    assert_not_accepted(&user.verify(&good), Rule::Ver27, "undecided", Step::Belief);
    assert_refused(&user.verify(&tree), Rule::Ver7, Step::Belief);
    user.store.accept(story.id(), reserve.digest(), user.now).unwrap();
    assert_accepted(&user.verify(&good));
    assert_refused(&user.verify(&tree), Rule::Ver7, Step::Belief);
}

#[test]
fn two_consecutive_stolen_keys() {
    captured(514, |story| {
        let mut forged = story.chain[..3].to_vec();
        forged.push(story.fixture.release(&forged[2], "6.6.5"));
        forged
    });
}

#[test]
fn a_stolen_seed() {
    captured(515, |story| {
        let mut forged = story.chain[..3].to_vec();
        for version in ["6.6.1", "6.6.2", "6.6.3", "6.6.4"] {
            forged.push(story.fixture.release(forged.last().unwrap(), version));
        }
        forged
    });
}

#[test]
fn lost_keys() {
    let mut story = Story::new(516);
    let (reserve, tree) = story.reserve(3, Cause::Lost, "1.3.0");
    assert_not_accepted(&story.user.verify(&tree), Rule::Ver27, "undecided", Step::Belief);
    assert_accepted(&story.user.verify(&story.trees[2]));
    story.user.store.accept(story.id(), reserve.digest(), story.user.now).unwrap();
    assert_accepted(&story.user.verify(&tree));
}

#[test]
fn a_stolen_reserve() {
    let mut story = Story::new(517);
    let owner = story.chain.clone();
    let (_, evil) = story.reserve(3, Cause::Planned, "6.6.6");
    // It stops the chain at once, and moves nobody without their word.
    assert_not_accepted(&story.user.verify(&evil), Rule::Ver27, "undecided", Step::Belief);
    let kept = story.user.verify(&story.trees[2]);
    assert_accepted(&kept);
    assert_eq!(notes(&kept), ["waiting"]);
    // The owner's own record of the same reserve: neither beats the other, and who accepted one stays with it.
    story.chain = owner;
    let (reserve, good) = story.reserve(3, Cause::Stolen, "1.2.1");
    assert_not_accepted(&story.user.verify(&good), Rule::Ver8, "undecided", Step::Belief);
    story.user.store.accept(story.id(), reserve.digest(), story.user.now).unwrap();
    assert_accepted(&story.user.verify(&good));
    assert_refused(&story.user.verify(&evil), Rule::Ver7, Step::Belief);
}

#[test]
fn a_reserve_and_a_used_key_that_are_stolen_together() {
    let mut story = Story::new(518);
    let owner = story.chain.clone();
    let forged = story.fixture.release(&owner[2], "6.6.5");
    let reserve = story.fixture.reserve_record(&forged, Cause::Planned);
    let mut branch = [&owner[..3], &[forged, reserve]].concat();
    let evil = story.fixture.release_tree(&mut branch, "6.6.6", &source("evil"));
    let verdict = story.user.verify(&evil);
    assert!(!verdict.is_accepted(), "nobody is moved, not to the statement before the reserve's either");
    assert!(story.user.store.list().unwrap()[0].belief().line().all(|link| link.digest() != branch[3].digest()));
}

#[test]
fn broken_ed25519() {
    let mut story = Story::new(519);
    let mut forged = story.chain.clone();
    let before = story.fixture.release_tree(&mut forged, "6.6.5", &source("evil"));
    let (reserve, good) = story.reserve(3, Cause::Algorithm, "1.3.0");
    story.show_all();
    // What was forged beside it is void on sight, and what is forged afterwards is never signed by an announced key.
    assert_refused(&story.user.verify(&before), Rule::Ver7, Step::Belief);
    story.user.store.accept(story.id(), reserve.digest(), story.user.now).unwrap();
    assert_accepted(&story.user.verify(&good));
    let later = story.fixture.release_tree(&mut forged, "6.6.6", &source("evil"));
    assert_refused(&story.user.verify(&later), Rule::Ver7, Step::Belief);
    // Who heard it first is asked about nothing that Ed25519 alone has signed.
    let mut story = Story::new(520);
    story.user.distrust = Some(story.chain[3].digest());
    let evil = story.fixture.release_tree(&mut story.chain, "6.6.6", &source("evil"));
    assert_not_accepted(&story.user.verify(&evil), Rule::Ver29, "undecided", Step::Belief);
    assert_accepted(&story.user.verify(&story.trees[2]));
}

#[test]
fn two_histories_shown_to_two_users() {
    let mut story = Story::new(521);
    let mut other = story.chain.clone();
    let one = story.fixture.release_tree(&mut story.chain, "1.3.0", &source("one"));
    let two = story.fixture.release_tree(&mut other, "1.3.0", &source("two"));
    let neighbour = User::trusting(&story.fixture, &other[..4]);
    assert_accepted(&story.user.verify(&one));
    assert_accepted(&neighbour.verify(&two));
    // They compare what they have, and the proof convinces anyone who has the id.
    assert_not_accepted(&story.user.verify(&two), Rule::Ver8, "undecided", Step::Belief);
    let proof = story.user.store.list().unwrap()[0].chain().forks().next().unwrap().proof();
    let verdict = stranger(&story).judge(&Target::Chain(proof.as_bytes()));
    assert_accepted(&verdict);
    assert_eq!(notes(&verdict), ["fork", "rival"]);
}

#[test]
fn a_look_alike_id() {
    let story = Story::new(522);
    let id = story.id().to_string();
    for at in [4, 20, 55] {
        let mut alike = id.clone().into_bytes();
        alike[at] = if alike[at] == b'A' { b'B' } else { b'A' };
        let alike = SignatoryId::from_typed(std::str::from_utf8(&alike).unwrap()).unwrap();
        let user = User { id: Some(alike), scheme: story.fixture.scheme(), ..User::new() };
        assert_refused(&user.verify(&story.trees[2]), Rule::Ver9, Step::Decision);
    }
    assert_eq!(SignatoryId::from_typed(&id[..20]).unwrap_err().rule(), Rule::Stm21, "a part of it is no id");
}

#[test]
fn pins_smuggled_in_by_a_pull_request() {
    let story = Story::new(523);
    let evil = Story::new(524);
    let pins = format!("[[signatory]]\nname = \"example\"\nid = \"{}\"\n", evil.id());
    let mut chain = evil.chain.clone();
    let mut fixture = evil.fixture;
    let tree = fixture.release_tree(&mut chain, "1.3.0", &source("evil").with("Signatories.toml", &pins));
    let before = story.user.store.list().unwrap().len();
    assert_refused(&story.user.verify(&tree), Rule::Ver9, Step::Decision);
    assert_eq!(story.user.store.list().unwrap().len(), before, "nothing in a tree is a decision");
}
