//! Beats, promises and farewells.

use super::*;

const LATER: &str = "2028-01-01T12:00:00Z";

/// The user at a later time; the statement is the last one that he has seen, months ago.
fn after(story: &mut Story, record: Record) {
    story.chain.push(record);
    story.show_all();
    story.user.now = LATER.parse().unwrap();
}

#[test]
fn a_beat_renews_the_promise_and_the_400_days() {
    let mut story = Story::new(351);
    let promising = story.fixture.release_tree_as(&mut story.chain, "1.3.0", &source("x"), |statement| {
        statement.next_by = Some("2026-12-01".parse().unwrap());
    });
    assert_accepted(&story.user.verify(&promising));
    story.user.now = "2027-01-01T12:00:00Z".parse().unwrap();
    story.user.strict = true;
    assert_refused(&story.user.verify(&promising), Rule::Ver18, Step::Expectation);
    story.user.strict = false;
    assert_eq!(notes(&story.user.verify(&promising)), ["stale"]);
    let beat = story.fixture.beat(&story.chain[4]);
    story.chain.push(beat);
    story.show_all();
    story.user.strict = true;
    let verdict = story.user.verify(&promising);
    assert_accepted(&verdict);
    assert!(notes(&verdict).is_empty());
}

#[test]
fn a_promise_of_a_contested_branch_counts() {
    let mut story = Story::new(352);
    let beats = ["2027-06-01", "2026-12-01"]
        .map(|day| story.fixture.beat_as(&story.chain[3], |statement| statement.next_by = Some(day.parse().unwrap())));
    story.show(&[&story.chain[..], &beats].concat());
    story.user.now = "2026-12-02T00:00:00Z".parse().unwrap();
    let verdict = story.user.verify(&story.trees[2]);
    assert_eq!(notes(&verdict), ["rival", "stale"]);
}

#[test]
fn a_chain_that_its_signatory_has_ended_is_not_silent_but_keeps_its_promise() {
    let mut story = Story::new(353);
    let farewell = |statement: &mut _| beat_mut(statement).state = BeatState::Final;
    let beat = story.fixture.beat_as(&story.chain[3], farewell);
    after(&mut story, beat);
    story.user.strict = true;
    let verdict = story.user.verify(&story.trees[2]);
    assert_accepted(&verdict);
    assert_eq!(notes(&verdict), ["final"]);

    let mut story = Story::new(353);
    let beat = story.fixture.beat_as(&story.chain[3], |statement| {
        farewell(statement);
        statement.next_by = Some("2026-12-01".parse().unwrap());
    });
    after(&mut story, beat);
    assert_eq!(notes(&story.user.verify(&story.trees[2])), ["final", "stale"]);

    // A farewell that something follows was none.
    let mut story = Story::new(353);
    let beat = story.fixture.beat_as(&story.chain[3], farewell);
    story.chain.push(beat);
    let back = story.fixture.release_tree(&mut story.chain, "2.0.0", &source("2.0.0"));
    assert!(notes(&story.user.verify(&back)).is_empty());
}

#[test]
fn a_successor_is_named_whole_and_is_trusted_no_more_than_any_other() {
    let mut story = Story::new(354);
    let mut other = Fixture::of(355, Package::generic("renamed").unwrap()).fast();
    let mut other_chain = vec![other.genesis()];
    let other_tree = other.release_tree(&mut other_chain, "1.0.0", &source("renamed"));
    let successor = other_chain[0].signatory();
    let beat = story.fixture.beat_as(&story.chain[3], |statement| beat_mut(statement).successor = Some(successor));
    story.chain.push(beat);
    let verdict = story.show_all();
    assert_eq!(notes(&verdict), ["successor"]);
    assert!(verdict.notes()[0].to_string().contains(&successor.to_string()));
    assert_not_accepted(&story.user.verify(&other_tree), Rule::Ver1, "undecided", Step::Decision);
}

#[test]
fn of_a_package_whose_signing_has_ended_nothing_is_stale_and_unsigned_is_unsigned() {
    let mut story = Story::new(356);
    let promising = story.fixture.release_tree_as(&mut story.chain, "1.3.0", &source("x"), |statement| {
        statement.next_by = Some("2026-12-01".parse().unwrap());
    });
    story.user.verify(&promising);
    story.user.now = LATER.parse().unwrap();
    story.user.expectation.name = Some("example".to_owned());
    assert_refused(&story.user.verify(&source("unsigned")), Rule::Ver2, Step::Tree);
    assert_eq!(notes(&story.user.verify(&promising)), ["stale"]);

    story.user.ended = true;
    story.user.strict = true;
    let verdict = story.user.verify(&promising);
    assert_accepted(&verdict);
    assert_eq!(notes(&verdict), ["ended"]);
    let verdict = story.user.verify(&source("unsigned"));
    assert_not_accepted(&verdict, Rule::Ver3, "undecided", Step::Tree);
    assert_eq!(verdict.reason(), Some(&Reason::Unsigned { ended: vec![story.id()] }));
    // An id that the caller gives is asked for, whatever was said.
    story.user.id = Some(story.id());
    assert_refused(&story.user.verify(&source("unsigned")), Rule::Ver2, Step::Tree);
}

#[test]
fn a_package_is_still_known_as_signed_if_only_one_of_its_signatories_has_ended() {
    let story = Story::new(357);
    let mut other = Fixture::new(358).fast();
    let chain = other.line(&["1.0.0"]);
    let user = story.user;
    user.store.add(&other.admit(&chain).unwrap(), sigpkg::trust::Grade::Seen, user.now).unwrap();
    let mut trusted = user.store.named("example").unwrap();
    assert_eq!(trusted.len(), 2);
    let mut judge = |ended: [bool; 2]| {
        for (trusted, ended) in trusted.iter_mut().zip(ended) {
            let mut decisions = trusted.decisions().clone();
            decisions.ended = ended;
            *trusted = sigpkg::trust::Trusted::new(trusted.chain().clone(), decisions);
        }
        let tree = sigpkg::listing::TreeBuilder::new().finish().unwrap();
        let target = Target::Tree(sigpkg::verify::TreeTarget::new(&tree, None));
        let expectation = sigpkg::verify::Expectation { name: Some("example".to_owned()), ..Default::default() };
        let question = sigpkg::verify::Question { expectation, ..sigpkg::verify::Question::new(&trusted, user.now) };
        sigpkg::verify::verify(&target, &question, user.scheme).reason().map(Reason::rule)
    };
    assert_eq!(judge([true, false]), Some(Rule::Ver2));
    assert_eq!(judge([false, true]), Some(Rule::Ver2));
    assert_eq!(judge([true, true]), Some(Rule::Ver3));
}
