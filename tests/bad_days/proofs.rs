//! Proofs of a fork.

use super::*;

fn forks(verdict: &Verdict) -> Vec<(u32, String, Vec<Digest>)> {
    let fork = |note: &Note| {
        if let Note::Fork { parent, key, children, .. } = note {
            Some((parent.get(), key.to_string(), children.clone()))
        } else {
            None
        }
    };
    verdict.notes().iter().filter_map(fork).collect()
}

#[test]
fn a_proof_of_a_fork_convinces_whoever_has_the_id() {
    let mut story = Story::new(371);
    let forged = story.fixture.release(&story.chain[2], "6.6.6");
    let chain = story.fixture.admit(&[story.chain.clone(), vec![forged.clone()]].concat()).unwrap();
    let proof = chain.forks().next().unwrap().proof();
    let stranger = User { id: Some(story.id()), scheme: story.fixture.scheme(), ..User::new() };
    let verdict = stranger.judge(&Target::Chain(proof.as_bytes()));
    assert_accepted(&verdict);
    assert_eq!(notes(&verdict), ["fork", "rival"]);
    let mut children = vec![story.chain[3].digest(), forged.digest()];
    children.sort();
    assert_eq!(forks(&verdict), [(3, story.chain[2].next.to_string(), children.clone())]);
    let message = verdict.notes().iter().find(|note| note.word() == "fork").unwrap().to_string();
    for part in children.iter().map(ToString::to_string).chain([story.chain[2].digest().to_string()]) {
        assert!(message.contains(&part), "{message}");
    }
    // It proves nothing under another id, and nothing if a byte is changed.
    let other = User { id: Some(Story::new(372).id()), scheme: story.fixture.scheme(), ..User::new() };
    assert_refused(&other.judge(&Target::Chain(proof.as_bytes())), Rule::Ver9, Step::Decision);
    let changed = proof.replacen("6.6.6", "6.6.7", 1);
    assert_refused(&stranger.judge(&Target::Chain(changed.as_bytes())), Rule::Sig8, Step::Chain);
}

#[test]
fn it_is_about_the_target_alone_and_no_tree_has_it() {
    let mut story = Story::new(373);
    let forged = story.fixture.release(&story.chain[2], "6.6.6");
    let all = [story.chain.clone(), vec![forged.clone()]].concat();
    assert_eq!(forks(&story.show(&all)).len(), 1);
    assert!(forks(&story.show(&story.chain)).is_empty(), "the store has it, the target does not");
    let tree = story.trees[0].clone().with(".sigpkg/chain", &chain_file(&all));
    assert_eq!(notes(&story.user.verify(&tree)), ["not-newest", "rival"]);
}

#[test]
fn a_reserve_statement_beside_another_child_proves_nothing() {
    let mut story = Story::new(374);
    let honest = story.chain.clone();
    let (reserve, _) = story.reserve(2, Cause::Planned, "1.3.0");
    let verdict = story.show(&[honest, vec![reserve]].concat());
    assert!(forks(&verdict).is_empty());
}
