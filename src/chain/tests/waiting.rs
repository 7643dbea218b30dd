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

fn is_suspended(chain: &Chain, decided: &Decided, record: &Record) -> bool {
    chain.belief(decided).is_suspended(chain.find(record.digest()).unwrap())
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

#[test]
fn a_yank_refuses_on_while_it_waits_and_warns_on_while_it_is_void_if_a_reserve_statement_alone_is_why() {
    let (mut fixture, trunk) = trunk(8);
    let yank = fixture.yank(&trunk[3], &[2], Severity::Refuse);
    let nobody = Decided::default();
    assert_eq!(severity(&chain(&fixture, &trunk, &[&yank]), &nobody, &trunk[1]), Some(Severity::Refuse));

    // A reserve statement that goes back behind the yank would be the end of it.
    let behind = fixture.reserve_record(&trunk[3], Cause::Handover);
    let known = chain(&fixture, &trunk, &[&yank, &behind]);
    assert_eq!((state(&known, &nobody, &yank), is_suspended(&known, &nobody, &yank)), (State::Void, true));
    assert_eq!(severity(&known, &nobody, &trunk[1]), Some(Severity::Warn));
    let accepting = Decided::accepting(&[behind.digest()]);
    assert_eq!((state(&known, &accepting, &yank), is_suspended(&known, &accepting, &yank)), (State::Void, false));
    assert_eq!(severity(&known, &accepting, &trunk[1]), None, "it fell with its branch, by the user's word");

    // One that follows the yank makes it wait, where it alone decides between the yank and a rival.
    let rivals = [(); 2].map(|()| fixture.release(&trunk[3], "6.6"));
    let extended = fixture.beat(&rivals[0]);
    let after = fixture.reserve_record(&yank, Cause::Stolen);
    let kept = fixture.beat(&yank);
    let known = chain(&fixture, &trunk, &[&yank, &rivals[0], &extended, &rivals[1], &kept, &after]);
    assert_eq!((state(&known, &nobody, &yank), is_suspended(&known, &nobody, &yank)), (State::Waiting, true));
    assert_eq!(severity(&known, &nobody, &trunk[1]), Some(Severity::Refuse));
    for (lost, is_suspended_too) in [(&rivals[0], true), (&extended, true), (&rivals[1], false)] {
        assert_eq!(state(&known, &nobody, lost), State::Void);
        assert_eq!(is_suspended(&known, &nobody, lost), is_suspended_too, "the lone one had lost before");
    }
    assert!(!is_suspended(&known, &nobody, &after), "what waits for itself was never heard");
    assert!(!is_suspended(&known, &nobody, &trunk[3]), "and what stands is heard as ever");
    let accepting = Decided::accepting(&[after.digest()]);
    assert_eq!((state(&known, &accepting, &yank), is_suspended(&known, &accepting, &yank)), (State::Standing, false));
    assert_eq!(severity(&known, &accepting, &trunk[1]), Some(Severity::Refuse));
}

#[test]
fn a_yank_that_only_a_reserve_statement_that_waits_would_let_stand_warns_and_is_not_suspended() {
    let (mut fixture, trunk) = trunk(9);
    let yank = fixture.yank(&trunk[1], &[2], Severity::Refuse);
    let reserve = fixture.reserve_record(&yank, Cause::Handover);
    let known = chain(&fixture, &trunk, &[&yank, &reserve]);
    let nobody = Decided::default();
    assert_eq!((state(&known, &nobody, &yank), is_suspended(&known, &nobody, &yank)), (State::Waiting, false));
    assert_eq!(severity(&known, &nobody, &trunk[1]), Some(Severity::Warn));
    assert_eq!((state(&known, &nobody, &trunk[3]), is_suspended(&known, &nobody, &trunk[3])), (State::Void, true));
}

#[test]
fn two_reserve_statements_in_a_tie_do_not_silence_a_yank_on_either_branch() {
    let (mut fixture, trunk) = trunk(10);
    let yank = fixture.yank(&trunk[3], &[2], Severity::Refuse);
    let (owners, thiefs) =
        (fixture.reserve_record(&yank, Cause::Stolen), fixture.reserve_record(&trunk[2], Cause::Handover));
    let known = chain(&fixture, &trunk, &[&yank, &owners, &thiefs]);
    let nobody = Decided::default();
    assert_eq!((state(&known, &nobody, &yank), is_suspended(&known, &nobody, &yank)), (State::Contested, true));
    assert_eq!(severity(&known, &nobody, &trunk[1]), Some(Severity::Refuse));
    for reserve in [&owners, &thiefs] {
        assert_eq!(
            (state(&known, &nobody, reserve), is_suspended(&known, &nobody, reserve)),
            (State::Contested, false)
        );
    }
    let forged = fixture.yank(&thiefs, &[3], Severity::Refuse);
    let known = chain(&fixture, &trunk, &[&yank, &owners, &thiefs, &forged]);
    assert_eq!(severity(&known, &nobody, &trunk[2]), Some(Severity::Warn), "what came with one of them may warn");
}

#[test]
fn what_was_withdrawn_and_promised_stays_so_while_it_waits_and_falls_while_it_is_void() {
    let (mut fixture, trunk) = trunk(11);
    let day = |text: &str| Some(text.parse().unwrap());
    let again = fixture.release_as(&trunk[3], "1.2", |statement| {
        release_mut(statement).withdraws = Seq::new(4);
        statement.next_by = day("2030-01-01");
    });
    let withdrawal = |known: &Chain, decided: &Decided| {
        known.belief(decided).withdrawal(known.find(trunk[3].digest()).unwrap()).map(Link::digest)
    };
    let nobody = Decided::default();
    let known = chain(&fixture, &trunk, &[&again]);
    assert_eq!(withdrawal(&known, &nobody), Some(again.digest()));
    assert_eq!(known.belief(&nobody).promise(), day("2030-01-01"));

    // Of two quorums, neither silences what came before both.
    let (one, other) =
        (fixture.reserve_record(&again, Cause::Stolen), fixture.reserve_record(&trunk[3], Cause::Handover));
    let known = chain(&fixture, &trunk, &[&again, &one, &other]);
    assert_eq!(withdrawal(&known, &nobody), Some(again.digest()));
    assert_eq!(known.belief(&nobody).promise(), None, "a statement follows, which may keep it");

    // The tie with a rival that the reserve statement decides, and beside it a statement that nothing follows.
    let rival = fixture.beat(&trunk[3]);
    let rivals_next = fixture.beat(&rival);
    let (kept, reserve) = (
        fixture.beat_as(&again, |statement| statement.next_by = day("2031-01-01")),
        fixture.reserve_record_as(&again, Cause::Stolen, |statement| statement.next_by = day("2029-01-01")),
    );
    let tie = chain(&fixture, &trunk, &[&again, &kept, &rival, &rivals_next]);
    assert_eq!(tie.belief(&nobody).promise(), day("2031-01-01"), "contested, and it speaks");
    let known = chain(&fixture, &trunk, &[&again, &kept, &rival, &rivals_next, &reserve]);
    assert_eq!((state(&known, &nobody, &again), is_suspended(&known, &nobody, &again)), (State::Waiting, true));
    assert_eq!(withdrawal(&known, &nobody), Some(again.digest()));
    assert_eq!((state(&known, &nobody, &kept), is_suspended(&known, &nobody, &kept)), (State::Void, true));
    assert_eq!(known.belief(&nobody).promise(), None, "who is void promises nothing, nor who does not speak yet");
    let accepting = Decided::accepting(&[reserve.digest()]);
    assert_eq!(known.belief(&accepting).promise(), day("2029-01-01"));

    // What is void withdraws nothing, and forces nothing.
    let behind = fixture.reserve_record(&trunk[3], Cause::Handover);
    let known = chain(&fixture, &trunk, &[&again, &behind]);
    assert_eq!((state(&known, &nobody, &again), is_suspended(&known, &nobody, &again)), (State::Void, true));
    assert_eq!((withdrawal(&known, &nobody), known.belief(&nobody).promise()), (None, None));
}

#[test]
fn a_promise_that_waits_with_a_tie_is_in_force_as_before() {
    let (mut fixture, trunk) = trunk(12);
    let day = |text: &str| Some(text.parse().unwrap());
    // Of two reserve statements in a tie one waits under a statement, and another end of that statement is open.
    let open = fixture.beat_as(&trunk[3], |statement| statement.next_by = day("2030-01-01"));
    let (under, beside) =
        (fixture.reserve_record(&trunk[3], Cause::Stolen), fixture.reserve_record(&trunk[2], Cause::Handover));
    let nobody = Decided::default();
    assert_eq!(chain(&fixture, &trunk, &[&open]).belief(&nobody).promise(), day("2030-01-01"));
    let known = chain(&fixture, &trunk, &[&open, &under, &beside]);
    assert_eq!((state(&known, &nobody, &open), is_suspended(&known, &nobody, &open)), (State::Contested, true));
    assert_eq!(known.belief(&nobody).promise(), day("2030-01-01"));
}
