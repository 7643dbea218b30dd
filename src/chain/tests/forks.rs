//! Belief about forks: which branch stands, in whichever order the records came.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{Chain, Decided, Digest, Fixture, Link, Record, State, chain_file};

/// A fork after the first release: ours and theirs.
struct Fork {
    fixture: Fixture,
    trunk: Vec<Record>,
    ours: Record,
    theirs: Record,
}

impl Fork {
    fn new(seed: u64) -> Self {
        let mut fixture = Fixture::new(seed).fast();
        let trunk = fixture.line(&["1.0"]);
        let (ours, theirs) = (fixture.release(&trunk[1], "1.1"), fixture.release(&trunk[1], "6.6.6"));
        Self { fixture, trunk, ours, theirs }
    }

    fn chain(&self, more: &[&Record]) -> Chain {
        let branches = [&self.ours, &self.theirs].into_iter().chain(more.iter().copied()).cloned();
        self.fixture.admit(&self.trunk.iter().cloned().chain(branches).collect::<Vec<_>>()).unwrap()
    }
}

fn state(chain: &Chain, acceptances: &[Digest], record: &Record) -> Option<State> {
    chain.belief(&Decided::accepting(acceptances)).state(chain.find(record.digest()).unwrap())
}

#[test]
fn a_fork_of_equals_is_contested_and_the_head_is_its_parent() {
    let fork = Fork::new(1);
    let chain = fork.chain(&[]);
    let belief = chain.belief(&Decided::default());
    assert_eq!(belief.head().digest(), fork.trunk[1].digest());
    let contest = belief.contest().expect("a contested fork");
    assert_eq!(contest.parent.digest(), fork.trunk[1].digest());
    assert_eq!(contest.children.len(), 2);
    for child in [&fork.ours, &fork.theirs] {
        assert_eq!(state(&chain, &[], child), Some(State::Contested));
        assert!(belief.release(chain.find(child.digest()).unwrap()).is_none(), "a contested release is not handed out");
    }
}

#[test]
fn the_owners_second_statement_settles_a_fork() {
    let mut fork = Fork::new(2);
    let next = fork.fixture.release(&fork.ours, "1.2");
    let chain = fork.chain(&[&next]);
    let belief = chain.belief(&Decided::default());
    assert_eq!(belief.head().digest(), next.digest());
    assert_eq!(state(&chain, &[], &fork.theirs), Some(State::Void));
    assert!(belief.contest().is_none());
    assert_eq!(belief.rivals().count(), 0, "a branch of lower rank is no rival");
}

#[test]
fn an_acceptance_breaks_a_tie_and_the_rival_is_reported() {
    let fork = Fork::new(3);
    let chain = fork.chain(&[]);
    let accepted = [fork.theirs.digest()];
    let belief = chain.belief(&Decided::accepting(&accepted));
    assert_eq!(belief.head().digest(), fork.theirs.digest());
    assert_eq!(state(&chain, &accepted, &fork.ours), Some(State::Void));
    let rivals: Vec<_> = belief.rivals().map(|rival| rival.first.digest()).collect();
    assert_eq!(rivals, [fork.ours.digest()]);
}

#[test]
fn an_acceptance_never_outranks() {
    let mut fork = Fork::new(4);
    let next = fork.fixture.release(&fork.ours, "1.2");
    let chain = fork.chain(&[&next]);
    assert_eq!(state(&chain, &[fork.theirs.digest()], &fork.theirs), Some(State::Void));
}

#[test]
fn two_acceptances_on_rival_branches_leave_the_fork_contested() {
    let fork = Fork::new(5);
    let chain = fork.chain(&[]);
    let both = [fork.ours.digest(), fork.theirs.digest()];
    assert_eq!(chain.belief(&Decided::accepting(&both)).head().digest(), fork.trunk[1].digest());
}

#[test]
fn extended_branches_of_both_sides_are_contested_again() {
    let mut fork = Fork::new(6);
    let (ours, theirs) = (fork.fixture.release(&fork.ours, "1.2"), fork.fixture.release(&fork.theirs, "6.6.7"));
    let chain = fork.chain(&[&ours, &theirs]);
    assert_eq!(chain.belief(&Decided::default()).head().digest(), fork.trunk[1].digest());
    assert_eq!(state(&chain, &[], &ours), Some(State::Contested));
    assert_eq!(chain.belief(&Decided::accepting(&[ours.digest()])).head().digest(), ours.digest());
}

#[test]
fn a_withdrawal_counts_while_it_is_contested_and_falls_with_its_branch() {
    let mut fork = Fork::new(7);
    fork.theirs = fork.fixture.release_as(&fork.trunk[1], "1.0", |statement| {
        crate::testing::release_mut(statement).withdraws = crate::statement::Seq::new(2);
    });
    let withdrawn = fork.trunk[1].digest();
    let is_withdrawn = |chain: &Chain| chain.belief(&Decided::default()).is_withdrawn(chain.find(withdrawn).unwrap());
    assert!(is_withdrawn(&fork.chain(&[])), "contested");
    let settled = fork.fixture.release(&fork.ours, "1.2");
    assert!(!is_withdrawn(&fork.chain(&[&settled])), "void");
}

#[test]
fn merging_adds_what_is_new_and_nothing_twice() {
    let fork = Fork::new(8);
    let mut ours = fork.fixture.admit(&[fork.trunk.as_slice(), std::slice::from_ref(&fork.ours)].concat()).unwrap();
    let theirs = fork.fixture.admit(&[fork.trunk.as_slice(), std::slice::from_ref(&fork.theirs)].concat()).unwrap();
    assert_eq!(ours.merge(&theirs), Ok(1));
    assert_eq!(ours.merge(&theirs), Ok(0));
    assert_eq!(ours.to_file(), fork.chain(&[]).to_file());
    let stranger = Fork::new(9).chain(&[]);
    assert!(ours.merge(&stranger).is_err());
    assert_eq!(ours.len(), 4);
}

#[test]
fn a_proof_of_a_fork_convinces_anyone() {
    let fork = Fork::new(10);
    let chain = fork.chain(&[]);
    let contest = chain.belief(&Decided::default()).contest().unwrap();
    let children: String = contest.children.iter().flat_map(|child| [child.text(), child.blocks_text()]).collect();
    let proof = contest.parent.path_to_file() + &children;
    let admitted = Chain::admit(proof.as_bytes(), chain.id(), fork.fixture.scheme()).unwrap();
    assert!(admitted.belief(&Decided::default()).contest().is_some());
}

/// Whether a branch holds an accepted statement.
fn holds(first: Digest, children: &dyn Fn(Option<Digest>) -> Vec<Digest>, accepted: &BTreeSet<Digest>) -> bool {
    accepted.contains(&first) || children(Some(first)).into_iter().any(|child| holds(child, children, accepted))
}

/// What the specification says about belief, written once more without any regard to speed: for each statement its
/// children, and the rules of section 4.3 word by word.
fn model(records: &BTreeMap<Digest, Option<Digest>>, accepted: &BTreeSet<Digest>) -> Vec<Digest> {
    let children = |of: Option<Digest>| {
        records.iter().filter(|(_, parent)| **parent == of).map(|(child, _)| *child).collect::<Vec<_>>()
    };
    let mut line = children(None);
    while let Some(last) = line.last().copied() {
        let fork = children(Some(last));
        let extended: Vec<_> = fork.iter().copied().filter(|child| !children(Some(*child)).is_empty()).collect();
        let highest = if extended.is_empty() { fork } else { extended };
        let chosen: Vec<_> = highest.iter().copied().filter(|child| holds(*child, &children, accepted)).collect();
        match (highest.as_slice(), chosen.as_slice()) {
            ([only], _) | (_, [only]) => line.push(*only),
            _ => break,
        }
    }
    line
}

proptest! {
    #[test]
    fn belief_is_a_function_of_the_set_of_records(
        parents in proptest::collection::vec(any::<proptest::sample::Index>(), 1..14),
        accepted in proptest::collection::vec(any::<proptest::sample::Index>(), 0..3),
        order in any::<u64>(),
    ) {
        let mut fixture = Fixture::new(11).fast();
        let mut records = vec![fixture.genesis()];
        for (number, parent) in parents.iter().enumerate() {
            let parent = records[parent.index(records.len())].clone();
            records.push(fixture.release(&parent, &format!("1.{number}")));
        }
        let accepted: Vec<_> = accepted.iter().map(|index| records[index.index(records.len())].digest()).collect();
        let parents: BTreeMap<_, _> = records
            .iter()
            .map(|record| (record.digest(), record.statement.lineage.as_ref().map(|lineage| lineage.previous)))
            .collect();
        let expected = model(&parents, &accepted.iter().copied().collect());

        let whole = fixture.admit(&records).unwrap();
        let line = |chain: &Chain| chain.belief(&Decided::accepting(&accepted)).line().map(Link::digest).collect::<Vec<_>>();
        prop_assert_eq!(line(&whole), expected.clone());

        // The same records, as the paths to each of them, in another order.
        let mut rest: Vec<_> = whole.links().map(Link::path_to_file).collect();
        let mut state = order;
        let mut arrived: Option<Chain> = None;
        while !rest.is_empty() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let next = rest.swap_remove(usize::try_from(state >> 33).unwrap() % rest.len());
            let next = Chain::admit(next.as_bytes(), whole.id(), fixture.scheme()).unwrap();
            match &mut arrived {
                None => arrived = Some(next),
                Some(arrived) => { arrived.merge(&next).unwrap(); }
            }
        }
        let arrived = arrived.unwrap();
        prop_assert_eq!(line(&arrived), expected);
        prop_assert_eq!(arrived.to_file(), whole.to_file());
    }
}

#[test]
fn a_chain_of_many_forks_is_judged_in_linear_time() {
    // The file of the rationale: a long path, and many children of its end that introduce one key. Quadratic work
    // would take hours; that this test ends at all is the claim.
    let mut fixture = Fixture::new(12).fast();
    let mut records = vec![fixture.genesis()];
    for number in 0..2000 {
        let parent = records.last().unwrap().clone();
        records.push(fixture.release(&parent, &format!("1.{number}")));
    }
    let end = records.last().unwrap().clone();
    let key = fixture.link_key();
    for number in 0..2000 {
        records.push(fixture.release_as(&end, &format!("2.{number}"), |statement| {
            crate::testing::look_ahead_mut(statement).after_next = key;
        }));
    }
    let file = chain_file(&records);
    let chain = Chain::admit(file.as_bytes(), records[0].signatory(), fixture.scheme()).unwrap();
    assert_eq!(chain.belief(&Decided::default()).contest().map(|contest| contest.children.len()), Some(2000));
}
