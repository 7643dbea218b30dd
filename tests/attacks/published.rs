//! The attacks on update systems that The Update Framework lists, in its order and by its names. What a chain of one
//! package cannot stop is shown here as it is.

use super::common::story::Story;
use super::common::testing::{Files, Fixture};
use super::common::user::{User, assert_accepted, assert_not_accepted, assert_refused, notes, source};
use sigpkg::chain::MAX_CHAIN_BYTES;
use sigpkg::package::Package;
use sigpkg::rule::Rule;
use sigpkg::statement::{Cause, Seq};
use sigpkg::trust::Grade;
use sigpkg::verify::{Expectation, Reason, Step, Target};

/// The name that a user asks for.
fn asked_for(name: &str) -> Expectation {
    Expectation { name: Some(name.to_owned()), ..Expectation::default() }
}

/// Trusts a second package, `other`, with two releases.
fn other_package(story: &Story, seed: u64) -> [Files; 2] {
    let mut fixture = Fixture::of(seed, Package::generic("other").unwrap()).fast();
    let mut chain = vec![fixture.genesis()];
    let trees = ["1.0.0", "1.1.0"].map(|version| fixture.release_tree(&mut chain, version, &source(version)));
    story.user.store.add(&fixture.admit(&chain).unwrap(), Grade::Confirmed, story.user.now).unwrap();
    trees
}

#[test]
fn arbitrary_software_installation() {
    let mut story = Story::new(551);
    story.user.expectation = asked_for("example");
    for tree in [source("evil"), Story::new(552).trees[2].clone(), story.trees[2].clone().with("src/example", "evil")] {
        assert!(!story.user.verify(&tree).is_accepted());
    }
    // Whoever has decided nothing is told so, and nothing is taken for good.
    assert_not_accepted(&User::new().verify(&source("evil")), Rule::Ver3, "undecided", Step::Tree);
}

#[test]
fn rollback_attack() {
    let mut story = Story::new(553);
    let old = story.user.verify(&story.trees[0]);
    assert_eq!(notes(&old), ["not-newest"], "an old copy of the chain does not move the head back");
    assert_eq!(old.head().unwrap().digest, story.chain[3].digest());
    story.user.installed_version = Some("1.2.0".to_owned());
    assert_refused(&story.user.verify(&story.trees[0]), Rule::Ver16, Step::Expectation);
}

#[test]
fn fast_forward_attack() {
    let mut story = Story::new(554);
    // No number is skipped, so there is no highest one to be reached.
    let jump = story.fixture.release_as(&story.chain[3], "1.3.0", |statement| {
        statement.seq = Seq::new(100_000).unwrap();
    });
    let file = [story.chain.clone(), vec![jump]].concat();
    assert_refused(&story.show(&file), Rule::Chn7, Step::Chain);
    // A version that nothing can follow is forged with a stolen key: it goes with its branch, and is no floor.
    let mut forged = story.chain.clone();
    let evil = story.fixture.release_tree(&mut forged, "99999.0.0", &source("evil"));
    assert_accepted(&story.user.verify(&evil));
    let next = story.fixture.release_tree(&mut story.chain, "1.3.0", &source("1.3.0"));
    let after = story.fixture.release_tree(&mut story.chain, "1.4.0", &source("1.4.0"));
    story.user.installed_tree = Some(story.user.place(&evil));
    for tree in [&after, &next] {
        assert_accepted(&story.user.verify(tree));
    }
}

#[test]
fn indefinite_freeze_attack() {
    let mut story = Story::new(555);
    let promising = story.fixture.release_tree_as(&mut story.chain, "1.3.0", &source("x"), |statement| {
        statement.next_by = Some("2026-12-01".parse().unwrap());
    });
    assert_accepted(&story.user.verify(&promising));
    story.user.now = "2026-12-02T00:00:00Z".parse().unwrap();
    assert_eq!(notes(&story.user.verify(&promising)), ["stale"]);
    story.user.strict = true;
    assert_refused(&story.user.verify(&promising), Rule::Ver18, Step::Expectation);
}

#[test]
fn endless_data_attack() {
    let story = Story::new(556);
    let endless = vec![b'a'; MAX_CHAIN_BYTES + 1];
    assert_refused(&story.user.judge(&Target::Chain(&endless)), Rule::Chn1, Step::Form);
}

#[test]
fn extraneous_dependencies_attack() {
    let mut story = Story::new(557);
    let signed = source("x").with("Project.toml", "[deps]\ngood = \"1\"\n");
    let tree = story.fixture.release_tree(&mut story.chain, "1.3.0", &signed);
    assert_accepted(&story.user.verify(&tree));
    let more = tree.with("Project.toml", "[deps]\ngood = \"1\"\nevil = \"1\"\n");
    assert_refused(&story.user.verify(&more), Rule::Ver13, Step::Listing);
}

#[test]
fn mix_and_match_attack() {
    let story = Story::new(558);
    // Within one package, no two releases can be mixed.
    let [old, new] = [&story.trees[0], &story.trees[2]];
    let mixed = new.clone().with("src/example", old.text("src/example"));
    assert_refused(&story.user.verify(&mixed), Rule::Ver13, Step::Listing);
    let listed = mixed.with(".sigpkg/files", old.text(".sigpkg/files"));
    assert_refused(&story.user.verify(&listed), Rule::Ver12, Step::Listing);
    let stated = new.clone().with(".sigpkg/release.toml", old.text(".sigpkg/release.toml"));
    assert_refused(&story.user.verify(&stated), Rule::Sig15, Step::Chain);
    // Between packages nothing is promised: each release is what it is, and the older one is noted.
    let [old_other, _] = other_package(&story, 559);
    assert_accepted(&story.user.verify(new));
    let verdict = story.user.verify(&old_other);
    assert_accepted(&verdict);
    assert_eq!(notes(&verdict), ["not-newest"]);
}

#[test]
fn wrong_software_installation() {
    let mut story = Story::new(560);
    let [_, other] = other_package(&story, 561);
    story.user.expectation = asked_for("example");
    assert_refused(&story.user.verify(&other), Rule::Ver15, Step::Expectation);
}

#[test]
fn malicious_mirrors_preventing_updates() {
    let mut story = Story::new(562);
    let newer = story.fixture.release_tree(&mut story.chain, "1.3.0", &source("1.3.0"));
    let before = story.user.store.list().unwrap()[0].chain().to_file();
    for bad in [newer.clone().with(".sigpkg/chain", "garbage\n"), source("garbage").with(".sigpkg/surplus", "x")] {
        assert!(story.user.verify(&bad).reason().map(Reason::rule).is_some());
    }
    // A refusal leaves nothing behind, so the next mirror is heard as if there had been no other.
    assert_eq!(story.user.store.list().unwrap()[0].chain().to_file(), before);
    assert_accepted(&story.user.verify(&newer));
}

#[test]
fn vulnerability_to_key_compromises() {
    let mut story = Story::new(563);
    // Every link key is stolen, and none of the reserve: the reserve takes it back.
    let mut forged = story.chain[..2].to_vec();
    let evil = ["6.6.5", "6.6.6"].map(|version| story.fixture.release_tree(&mut forged, version, &source(version)));
    story.user = User::trusting(&story.fixture, &forged);
    let (reserve, good) = story.reserve(1, Cause::Stolen, "1.0.1");
    story.show_all();
    for tree in &evil {
        assert_refused(&story.user.verify(tree), Rule::Ver7, Step::Belief);
    }
    story.user.store.accept(story.id(), reserve.digest(), story.user.now).unwrap();
    assert_accepted(&story.user.verify(&good));
}
