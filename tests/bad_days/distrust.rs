//! Distrust: the user has heard first that Ed25519 has fallen.

use super::*;

#[test]
fn what_ed25519_alone_has_signed_after_the_mark_is_undecided_until_the_reserve_speaks() {
    let mut story = Story::new(341);
    story.user.distrust = Some(story.chain[3].digest());
    let later = story.fixture.release_tree(&mut story.chain, "1.3.0", &source("1.3.0"));
    let verdict = story.user.verify(&later);
    assert_not_accepted(&verdict, Rule::Ver29, "undecided", Step::Belief);
    let Some(Reason::Distrusted { digest, .. }) = verdict.reason() else { panic!("{verdict:?}") };
    assert_eq!(*digest, story.chain[4].digest());
    for tree in &story.trees {
        assert_accepted(&story.user.verify(tree));
    }
    // The reserve vouches for what it builds on, and what follows is signed otherwise.
    let (reserve, tree) = story.reserve(4, Cause::Algorithm, "1.4.0");
    assert_not_accepted(&story.user.verify(&tree), Rule::Ver27, "undecided", Step::Belief);
    story.user.store.accept(story.id(), reserve.digest(), story.user.now).unwrap();
    let verdict = story.user.verify(&tree);
    assert_accepted(&verdict);
    assert!(notes(&verdict).is_empty());
    assert_accepted(&story.user.verify(&later));
}

#[test]
fn a_forger_of_ed25519_makes_nothing_stand_after_the_mark() {
    let mut story = Story::new(342);
    story.user.distrust = Some(story.chain[3].digest());
    let mut forged = story.chain[..2].to_vec();
    for version in ["6.0.0", "6.1.0", "6.2.0", "6.3.0"] {
        let tree = story.fixture.release_tree(&mut forged, version, &source(version));
        assert_not_accepted(&story.user.verify(&tree), Rule::Ver29, "undecided", Step::Belief);
    }
    let head = story.user.verify(&story.trees[2]);
    assert_accepted(&head);
    assert!(notes(&head).is_empty(), "neither a fork nor a newer release");
}

#[test]
fn an_id_that_is_not_in_the_store_is_distrusted_from_its_genesis_on() {
    let mut story = Story::new(343);
    let stranger = Story::new(344);
    let tree = &stranger.trees[2];
    story.user.id = Some(stranger.id());
    assert_accepted(&story.user.verify(tree));
    story.user.store.distrust_ed25519(story.user.now).unwrap();
    assert_not_accepted(&story.user.verify(tree), Rule::Ver29, "undecided", Step::Belief);
}
