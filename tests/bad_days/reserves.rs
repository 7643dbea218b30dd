//! Reserve statements: stopping is immediate, following is a decision.

use super::*;

#[test]
fn what_follows_a_reserve_statement_waits_for_the_users_word() {
    let mut story = Story::new(321);
    let (reserve, tree) = story.reserve(3, Cause::Lost, "1.3.0");
    for _ in 0..2 {
        // A verdict accepts nothing, however often it is asked for.
        let verdict = story.user.verify(&tree);
        assert_not_accepted(&verdict, Rule::Ver27, "undecided", Step::Belief);
        let waiting = verdict.waiting().unwrap();
        assert_eq!((waiting.digest, waiting.cause), (reserve.digest(), Cause::Lost));
        assert_eq!((waiting.seq.get(), waiting.reason.as_str()), (5, "a test needs it"));
    }
    let before = story.user.verify(&story.trees[2]);
    assert_accepted(&before);
    assert_eq!(notes(&before), ["waiting"], "what is installed may stay");
    assert_eq!(before.waiting().unwrap().digest, reserve.digest());
    assert_eq!(before.head().unwrap().digest, story.chain[3].digest());

    story.user.store.accept(story.id(), reserve.digest(), story.user.now).unwrap();
    let verdict = story.user.verify(&tree);
    assert_accepted(&verdict);
    assert!(notes(&verdict).is_empty() && verdict.waiting().is_none());
}

#[test]
fn who_refuses_to_follow_stays_at_the_last_release_before_it_and_is_told_each_time() {
    let mut story = Story::new(322);
    let (reserve, tree) = story.reserve(3, Cause::Handover, "1.3.0");
    story.user.policy = Some(ReservePolicy::Refuse);
    for _ in 0..2 {
        let verdict = story.user.verify(&tree);
        assert_refused(&verdict, Rule::Ver28, Step::Belief);
        assert_eq!(verdict.waiting().unwrap().cause, Cause::Handover);
        let before = story.user.verify(&story.trees[2]);
        assert_accepted(&before);
        assert_eq!(notes(&before), ["not-followed"]);
        assert_eq!(before.waiting().unwrap().digest, reserve.digest());
    }
    // An acceptance goes before the policy.
    story.user.store.accept(story.id(), reserve.digest(), story.user.now).unwrap();
    assert_accepted(&story.user.verify(&tree));
}

#[test]
fn who_follows_by_policy_is_not_asked() {
    let mut story = Story::new(323);
    let (_, tree) = story.reserve(3, Cause::Planned, "1.3.0");
    story.user.policy = Some(ReservePolicy::Accept);
    let verdict = story.user.verify(&tree);
    assert_accepted(&verdict);
    assert!(notes(&verdict).is_empty());
    let stranger = User { id: Some(story.id()), scheme: story.fixture.scheme(), ..User::new() };
    assert_accepted(&stranger.verify(&tree));
}

/// A thief with every link key goes on after 1.1.0, and the owner's reserve goes back behind it.
fn stolen(seed: u64) -> (Story, [Files; 2], Record, Files) {
    let mut story = Story::new(seed);
    let mut forged = story.chain[..3].to_vec();
    let evil = ["6.6.5", "6.6.6"];
    let evil = evil.map(|version| story.fixture.release_tree(&mut forged, version, &source(version)));
    // The user has accepted what was forged, and knows nothing else.
    story.user = User::trusting(&story.fixture, &forged);
    let (reserve, tree) = story.reserve(2, Cause::Stolen, "1.2.1");
    (story, evil, reserve, tree)
}

#[test]
fn a_user_who_had_accepted_what_was_forged_is_told_what_is_void_now() {
    let (story, evil, reserve, tree) = stolen(324);
    assert_accepted(&story.user.verify(&evil[1]));
    let verdict = story.show_all();
    assert_accepted(&verdict);
    assert_eq!(notes(&verdict), ["voided", "waiting"]);
    let releases =
        note(&verdict, |note| if let Note::Voided { releases } = note { Some(releases.clone()) } else { None });
    let releases: Vec<_> = releases.iter().map(|(seq, version)| (seq.get(), version.as_str())).collect();
    assert_eq!(releases, [(4, "6.6.5"), (5, "6.6.6")]);
    // Nothing has to be removed from the store by hand.
    let again = story.show_all();
    assert_eq!(notes(&again), ["waiting"], "it stood before no more");
    for tree in &evil {
        let verdict = story.user.verify(tree);
        assert_refused(&verdict, Rule::Ver7, Step::Belief);
        let Some(Reason::Void { instead, .. }) = verdict.reason() else { panic!("{verdict:?}") };
        let Instead::Waiting(waiting) = &**instead else { panic!("{instead:?}") };
        assert_eq!((waiting.digest, waiting.cause), (reserve.digest(), Cause::Stolen));
    }
    assert_accepted(&story.user.verify(&story.trees[1]));
    story.user.store.accept(story.id(), reserve.digest(), story.user.now).unwrap();
    assert_accepted(&story.user.verify(&tree));
    let verdict = story.user.verify(&evil[0]);
    let Some(Reason::Void { instead, .. }) = verdict.reason() else { panic!("{verdict:?}") };
    assert!(matches!(&**instead, Instead::Reserve(stands) if stands.digest == reserve.digest()), "{instead:?}");
}

#[test]
fn what_is_void_now_is_known_of_a_target_that_does_not_stand_too() {
    let (story, _, _, tree) = stolen(325);
    let verdict = story.user.verify(&tree);
    assert_not_accepted(&verdict, Rule::Ver27, "undecided", Step::Belief);
    let words: Vec<_> = verdict.notes().iter().map(Note::word).collect();
    assert_eq!(words, ["voided"], "in a later verification the store knows it already");
    let voided: Vec<_> = verdict.voided().iter().map(|(seq, _)| seq.get()).collect();
    assert_eq!(voided, [4, 5]);
}

#[test]
fn a_void_installed_release_is_said_and_is_no_floor() {
    let (mut story, evil, reserve, tree) = stolen(326);
    story.user.store.update(&story.fixture.admit(&story.chain).unwrap(), story.user.now).unwrap();
    story.user.store.accept(story.id(), reserve.digest(), story.user.now).unwrap();
    story.user.installed_tree = Some(story.user.place(&evil[1]));
    let verdict = story.user.verify(&tree);
    assert_accepted(&verdict);
    assert_eq!(notes(&verdict), ["installed"]);
    assert_eq!(installed_fault(&verdict), (5, Fault::Void));
    let verdict = story.user.verify(&story.trees[0]);
    assert_accepted(&verdict);
    assert_eq!(notes(&verdict), ["installed", "not-newest"]);
}

#[test]
fn an_acceptance_of_what_was_forged_does_not_outrank_the_reserve() {
    let (story, evil, ..) = stolen(327);
    let forged = story.user.verify(&evil[1]).head().unwrap().digest;
    story.show_all();
    // It is not taken: it would change nothing.
    assert!(story.user.store.accept(story.id(), forged, story.user.now).is_err());
    assert_refused(&story.user.verify(&evil[1]), Rule::Ver7, Step::Belief);
}

#[test]
fn a_branch_without_the_reserve_statement_is_void_beside_two_that_are_contested() {
    let mut story = Story::new(328);
    let (one, other) = (
        story.fixture.reserve_record(&story.chain[2], Cause::Stolen),
        story.fixture.reserve_record(&story.chain[2], Cause::Planned),
    );
    story.show(&[&story.chain[..3], &[one, other]].concat());
    let verdict = story.user.verify(&story.trees[2]);
    assert_refused(&verdict, Rule::Ver7, Step::Belief);
    let Some(Reason::Void { instead, .. }) = verdict.reason() else { panic!("{verdict:?}") };
    assert!(matches!(&**instead, Instead::Contested { parent } if parent.get() == 3), "{instead:?}");
}

#[test]
fn a_statement_that_leads_to_a_reserve_statement_on_a_winning_branch_waits_with_it() {
    // Whoever has the reserve and one used key forges beside what stands, and lets the reserve follow.
    let mut story = Story::new(329);
    let mut forged = story.chain[..3].to_vec();
    let tree = story.fixture.release_tree(&mut forged, "6.6.6", &source("evil"));
    let reserve = story.fixture.reserve_record(&forged[3], Cause::Planned);
    forged.push(reserve.clone());
    story.user = User::trusting(&story.fixture, &story.chain[..3]);
    let tree = tree.with(".sigpkg/chain", &chain_file(&forged));
    story.show_all();
    let verdict = story.user.verify(&tree);
    assert_not_accepted(&verdict, Rule::Ver27, "undecided", Step::Belief);
    assert_eq!(verdict.waiting().unwrap().digest, reserve.digest());
    assert!(verdict.reason().unwrap().to_string().contains("waits for your decision about reserve statement 5"));
    let kept = story.user.verify(&story.trees[1]);
    assert_accepted(&kept);
    assert_eq!(notes(&kept), ["waiting"]);
}

#[test]
fn a_thief_of_the_reserve_leads_nobody_back_to_a_yanked_release() {
    let mut story = Story::new(331);
    story.yank(&[2], Severity::Refuse);
    let newest = story.fixture.release_tree(&mut story.chain, "1.3.0", &source("1.3.0"));
    story.show_all();
    let old = story.trees[0].clone();
    assert_refused(&story.user.verify(&old), Rule::Ver36, Step::Release);
    // A reserve statement before the yank, which nobody has accepted.
    story.reserve(2, Cause::Stolen, "1.9.0");
    story.show_all();
    let verdict = story.user.verify(&old);
    assert_accepted(&verdict);
    assert!(notes(&verdict).contains(&"yank-warning"), "{:?}", notes(&verdict));
    story.user.installed_tree = Some(story.user.place(&newest));
    assert_refused(&story.user.verify(&old), Rule::Ver16, Step::Expectation);
    story.user.installed_tree = None;
    story.user.installed_version = Some("1.3.0".to_owned());
    assert_refused(&story.user.verify(&old), Rule::Ver16, Step::Expectation);
}

#[test]
fn the_commit_that_brings_a_reserve_statement_says_that_it_waits() {
    let mut story = Story::new(332);
    let (reserve, _) = story.reserve(3, Cause::Lost, "1.9.0");
    story.chain.pop();
    let commit = Fixture::folder(&story.chain, &source("1.9.0"));
    let verdict = story.user.verify(&commit);
    assert_not_accepted(&verdict, Rule::Ver4, "refused", Step::Belief);
    assert_eq!(notes(&verdict), ["waiting"]);
    assert_eq!(verdict.waiting().map(|waiting| waiting.digest), Some(reserve.digest()));
}
