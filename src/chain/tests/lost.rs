//! What is left out of a store that is full changes nothing that is believed.

use proptest::prelude::*;
use proptest::sample::Index;

use super::{Belief, Chain, Decided, Fixture, Link, ReservePolicy, State};
use crate::statement::{Cause, Severity};

#[test]
fn the_holder_of_one_used_key_cannot_fill_a_store_for_ever() {
    let mut fixture = Fixture::new(1).fast().with_reserve(1, 1);
    let mut records = fixture.line(&["1.0", "1.1", "1.2"]);
    let fork = records[1].clone();
    records.extend((0..500).map(|_| fixture.beat(&fork)));
    let recovery = fixture.reserve_record(&records[3], Cause::Stolen);
    records.push(recovery);
    let chain = fixture.admit(&records).unwrap();
    let decided = Decided::default();
    let rest = chain.without_lost(&decided);
    assert_eq!(rest.len(), 7, "of the rivals two stay as evidence");
    assert_eq!(rest.forks().count(), 1);
    assert_eq!(rest.belief(&decided).head().digest(), records[3].digest());
    assert!(rest.belief(&decided).waiting().is_some());
    assert_eq!(Chain::from_store(rest.to_file().as_bytes(), rest.id()).map(|chain| chain.len()), Ok(7));
}

proptest! {
    #[test]
    fn what_has_lost_can_be_left_out_and_nothing_else_changes(
        made in proptest::collection::vec((any::<Index>(), 0..8u8), 1..24),
        accepted in proptest::collection::vec(any::<Index>(), 0..3),
        policy in 0..3usize,
        mark in proptest::option::of(any::<Index>()),
    ) {
        let mut fixture = Fixture::new(2).fast().with_reserve(1, 1);
        let mut records = fixture.line(&["1.0"]);
        for (number, (parent, kind)) in made.into_iter().enumerate() {
            let parent = records[parent.index(records.len())].clone();
            records.push(match kind {
                0 => fixture.reserve_record(&parent, Cause::Lost),
                1 if parent.statement.seq.get() > 1 => fixture.yank(&parent, &[2], Severity::Refuse),
                2 => fixture.beat_as(&parent, |statement| statement.next_by = Some("2030-01-01".parse().unwrap())),
                _ => fixture.release(&parent, &format!("2.{number}")),
            });
        }
        // A beat beside statement 2 has no release 2 before it.
        let Ok(whole) = fixture.admit(&records) else { return Ok(()) };
        let decided = Decided {
            accepted: accepted.iter().map(|index| records[index.index(records.len())].digest()).collect(),
            policy: ReservePolicy::ALL[policy],
            distrust: mark.map(|index| records[index.index(records.len())].digest()),
        };
        let rest = whole.without_lost(&decided);
        let (before, after) = (whole.belief(&decided), rest.belief(&decided));
        for link in rest.links() {
            prop_assert_eq!(before.state(link), after.state(link));
            prop_assert_eq!(before.is_suspended(link), after.is_suspended(link));
            let yank = |belief: &Belief<'_>| belief.yank(link).map(|yanked| (yanked.by.digest(), yanked.severity));
            prop_assert_eq!(yank(&before), yank(&after));
            let withdrawal = |belief: &Belief<'_>| belief.withdrawal(link).map(Link::digest);
            prop_assert_eq!(withdrawal(&before), withdrawal(&after));
        }
        prop_assert_eq!(before.head().digest(), after.head().digest());
        prop_assert_eq!(before.promise(), after.promise());
        prop_assert_eq!(before.waiting().map(Link::digest), after.waiting().map(Link::digest));
        prop_assert_eq!(before.rivals().count() > 0, after.rivals().count() > 0);
        for fork in whole.forks().filter(|fork| before.state(fork.parent) != Some(State::Void)) {
            let is_proven = rest.forks().any(|proven| proven.parent == fork.parent);
            prop_assert!(is_proven || before.state(fork.parent) == Some(State::Distrusted));
        }
        let are_kept = |link: Link<'_>| rest.find(link.digest()).is_some();
        prop_assert!(whole.links().filter(|link| before.is_suspended(*link)).all(are_kept));
        prop_assert!(before.line().all(are_kept));
    }
}
