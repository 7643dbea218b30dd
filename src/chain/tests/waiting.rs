//! What a reserve statement that waits can do: stop, and nothing else. The attacker here has k reserve keys, and now and
//! then a link key that was used long ago.

use proptest::prelude::*;
use proptest::sample::Index;

use super::{Chain, Decided, Digest, Fixture, Link, Record, ReservePolicy, State};
use crate::statement::{Cause, Seq, Severity};
use crate::testing::{beat_mut, release_mut};

/// A genesis with a reserve, and three releases.
fn trunk(seed: u64) -> (Fixture, Vec<Record>) {
    let mut fixture = Fixture::new(seed).fast().with_reserve(1, 1);
    let records = fixture.line(&["1.0", "1.1", "1.2"]);
    (fixture, records)
}

fn chain(fixture: &Fixture, trunk: &[Record], more: &[&Record]) -> Chain {
    fixture.admit(&trunk.iter().chain(more.iter().copied()).cloned().collect::<Vec<_>>()).unwrap()
}

fn state(chain: &Chain, decided: &Decided, record: &Record) -> State {
    chain.belief(decided).state(chain.find(record.digest()).unwrap()).unwrap()
}

fn severity(chain: &Chain, decided: &Decided, record: &Record) -> Option<Severity> {
    chain.belief(decided).yank(chain.find(record.digest()).unwrap()).map(|yanked| yanked.severity)
}

#[test]
fn a_reserve_statement_that_waits_lifts_no_forged_statement_over_the_standing_ones() {
    let (mut fixture, trunk) = trunk(1);
    // The key of statement 3 was used, and stolen.
    let forged = fixture.release(&trunk[1], "6.6");
    let reserve = fixture.reserve_record(&forged, Cause::Handover);
    let after = fixture.release(&reserve, "6.7");
    let known = chain(&fixture, &trunk, &[&forged, &reserve, &after]);
    for policy in [ReservePolicy::Prompt, ReservePolicy::Refuse] {
        let decided = Decided { policy, ..Decided::default() };
        let belief = known.belief(&decided);
        assert_eq!(belief.head().digest(), trunk[1].digest(), "nobody is moved without a word");
        assert_eq!(belief.waiting().map(Link::digest), Some(reserve.digest()));
        for waiting in [&forged, &reserve, &after] {
            assert_eq!(state(&known, &decided, waiting), State::Waiting);
        }
        assert_eq!(state(&known, &decided, &trunk[2]), State::Void, "to stop is immediate");
    }
    let decided = Decided::accepting(&[reserve.digest()]);
    assert_eq!(known.belief(&decided).head().digest(), after.digest());
    // Whoever has accepted the statement before it has given a word.
    let decided = Decided::accepting(&[forged.digest()]);
    assert_eq!(known.belief(&decided).head().digest(), forged.digest());
    assert_eq!(known.belief(&decided).waiting().map(Link::digest), Some(reserve.digest()));
}

#[test]
fn what_stands_without_a_reserve_statement_that_waits_stands_with_it() {
    let (mut fixture, trunk) = trunk(2);
    let lone = fixture.release(&trunk[1], "6.6");
    let reserve = fixture.reserve_record(&trunk[3], Cause::Planned);
    let known = chain(&fixture, &trunk, &[&lone, &reserve]);
    let belief = known.belief(&Decided::default());
    assert_eq!(belief.head().digest(), trunk[3].digest());
    assert_eq!(belief.waiting().map(Link::digest), Some(reserve.digest()));
    // A tie that nobody has broken but the reserve statement waits for the user like it.
    let extended = fixture.release(&lone, "6.7");
    let known = chain(&fixture, &trunk, &[&lone, &extended, &reserve]);
    let belief = known.belief(&Decided::default());
    assert_eq!(belief.head().digest(), trunk[1].digest());
    assert_eq!(state(&known, &Decided::default(), &trunk[3]), State::Waiting);
    assert_eq!(state(&known, &Decided::default(), &extended), State::Void);
    assert_eq!(known.belief(&Decided::accepting(&[trunk[2].digest()])).head().digest(), trunk[3].digest());
    assert_eq!(known.belief(&Decided::stranger()).head().digest(), reserve.digest());
}

#[test]
fn a_mark_is_not_lifted_by_a_reserve_statement_that_waits() {
    let (mut fixture, trunk) = trunk(3);
    let forged = fixture.release(&trunk[3], "6.6");
    let reserve = fixture.reserve_record(&forged, Cause::Algorithm);
    let known = chain(&fixture, &trunk, &[&forged, &reserve]);
    let decided = Decided { distrust: Some(trunk[3].digest()), ..Decided::default() };
    assert_eq!(known.belief(&decided).head().digest(), trunk[3].digest());
    assert_eq!(state(&known, &decided, &forged), State::Waiting);
    let accepting = Decided { accepted: vec![reserve.digest()], ..decided };
    assert_eq!(known.belief(&accepting).head().digest(), reserve.digest());
}

#[test]
fn two_reserve_statements_that_wait_force_no_more_than_one() {
    let (mut fixture, trunk) = trunk(4);
    let (one, other) =
        (fixture.reserve_record(&trunk[3], Cause::Handover), fixture.reserve_record(&trunk[3], Cause::Handover));
    let yank = fixture.yank(&one, &[2, 3], Severity::Refuse);
    let withdrawing = fixture.release_as(&other, "1.2", |statement| {
        release_mut(statement).withdraws = Seq::new(4);
        statement.next_by = Some("2026-01-01".parse().unwrap());
    });
    let known = chain(&fixture, &trunk, &[&one, &other, &yank, &withdrawing]);
    let nobody = Decided::default();
    assert_eq!(state(&known, &nobody, &yank), State::Contested);
    assert_eq!(severity(&known, &nobody, &trunk[1]), Some(Severity::Warn), "who does not speak for the user may warn");
    let belief = known.belief(&nobody);
    assert!(!belief.is_withdrawn(known.find(trunk[3].digest()).unwrap()));
    assert_eq!(belief.promise(), None);
    // Who has said beforehand that reserve statements are to be followed has given the word.
    let following = Decided { policy: ReservePolicy::Accept, ..Decided::default() };
    assert_eq!(severity(&known, &following, &trunk[1]), Some(Severity::Refuse));
    assert!(known.belief(&following).is_withdrawn(known.find(trunk[3].digest()).unwrap()));
}

#[test]
fn two_reserve_statements_that_wait_behind_a_forged_one_move_nobody() {
    let (mut fixture, trunk) = trunk(5);
    let forged = fixture.beat_as(&trunk[1], |statement| beat_mut(statement).state = crate::statement::BeatState::Final);
    let lone = fixture.release(&forged, "6.6");
    let (one, other) =
        (fixture.reserve_record(&forged, Cause::Handover), fixture.reserve_record(&forged, Cause::Handover));
    let known = chain(&fixture, &trunk, &[&forged, &lone, &one, &other]);
    let belief = known.belief(&Decided::default());
    assert_eq!(belief.head().digest(), trunk[1].digest());
    assert!(belief.contest().is_none());
    assert_eq!(belief.waiting().map(Link::digest), Some(one.digest().min(other.digest())));
    for waiting in [&forged, &one, &other] {
        assert_eq!(state(&known, &Decided::default(), waiting), State::Waiting);
    }
    assert_eq!(state(&known, &Decided::default(), &lone), State::Void);
    let decided = Decided::accepting(&[other.digest()]);
    assert_eq!(known.belief(&decided).head().digest(), other.digest());
}

proptest! {
    #[test]
    fn nothing_stands_because_of_a_reserve_statement_that_waits(
        made in proptest::collection::vec((any::<Index>(), 0..5u8), 1..24),
        accepted in proptest::option::of(any::<Index>()),
        mark in proptest::option::of(any::<Index>()),
    ) {
        let mut fixture = Fixture::new(6).fast().with_reserve(1, 1);
        let mut records = vec![fixture.genesis()];
        for (parent, kind) in made {
            let parent = records[parent.index(records.len())].clone();
            records.push(match kind {
                0 => fixture.reserve_record(&parent, Cause::Stolen),
                1 => fixture.reserve_record(&parent, Cause::Algorithm),
                _ => fixture.beat(&parent),
            });
        }
        let whole = fixture.admit(&records).unwrap();
        let pick = |index: Index| records[index.index(records.len())].digest();
        let decided = Decided {
            accepted: accepted.map(pick).into_iter().collect(),
            distrust: mark.map(pick),
            policy: ReservePolicy::Prompt,
        };
        let leads_to = |link: Link<'_>, digests: &[Digest]| {
            digests.iter().any(|digest| whole.find(*digest).unwrap().path().any(|above| above == link))
        };
        let waits = |link: Link<'_>| {
            link.statement().reserve_change().is_some() && !leads_to(link, &decided.accepted)
        };
        let is_heard = |record: &&Record| !whole.find(record.digest()).unwrap().path().any(waits);
        let heard = fixture.admit(&records.iter().filter(is_heard).cloned().collect::<Vec<_>>()).unwrap();
        // A mark behind what waits still vouches for what is before it, but not in a chain that does not have it.
        if decided.distrust.is_some_and(|mark| heard.find(mark).is_none()) {
            return Ok(());
        }
        let (all, without) = (whole.belief(&decided), heard.belief(&decided));
        for link in all.line() {
            let had_a_word = leads_to(link, &decided.accepted) || link.path().any(|it| decided.accepted.contains(&it.digest()));
            let stood = heard.find(link.digest()).and_then(|link| without.state(link)) == Some(State::Standing);
            prop_assert!(stood || had_a_word, "{}", link.seq());
        }
        // Whoever waits can be named, and named to be followed.
        for link in whole.links().filter(|link| all.state(*link) == Some(State::Waiting)) {
            let because = all.waiting().expect("a reserve statement because of which it waits");
            prop_assert!(waits(because), "{}", link.seq());
        }
    }
}

#[test]
fn an_acceptance_breaks_a_tie_by_the_reserve_statements_before_it_even_where_it_does_not_count() {
    let (mut fixture, trunk) = trunk(7);
    let (one, other) =
        (fixture.reserve_record(&trunk[3], Cause::Lost), fixture.reserve_record(&trunk[3], Cause::Handover));
    let after = fixture.release(&one, "1.3");
    let known = chain(&fixture, &trunk, &[&one, &other, &after]);
    let decided = Decided { distrust: Some(trunk[3].digest()), ..Decided::accepting(&[after.digest()]) };
    assert_eq!(state(&known, &decided, &after), State::Distrusted);
    assert_eq!(known.belief(&decided).head().digest(), one.digest());
}
