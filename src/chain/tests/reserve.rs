//! Reserve statements, yanks and beats: who may make them, and what they do to belief.

use super::{
    Chain, ChainError, Decided, Digest, Fixture, Link, Record, ReservePolicy, State, Vouchers, chain_file, refused,
};
use crate::key::{Algorithm, LinkKey};
use crate::rule::Rule;
use crate::signature::{Scheme, Signature, VerifyError};
use crate::statement::{Body, Cause, ReserveSet, Severity};
use crate::testing::{StandIn, look_ahead_mut};

/// A genesis with a reserve of two keys out of three, and two releases.
fn trunk(seed: u64) -> (Fixture, Vec<Record>) {
    let mut fixture = Fixture::new(seed).fast().with_reserve(2, 3);
    let records = fixture.line(&["1.0", "1.1"]);
    (fixture, records)
}

fn with(records: &[Record], more: &[&Record]) -> Vec<Record> {
    records.iter().chain(more.iter().copied()).cloned().collect()
}

fn state(chain: &Chain, decided: &Decided, record: &Record) -> State {
    chain.belief(decided).state(chain.find(record.digest()).unwrap()).unwrap()
}

fn policy(policy: ReservePolicy) -> Decided {
    Decided { policy, ..Decided::default() }
}

fn reserve_mut(record: &mut crate::statement::Statement) -> &mut ReserveSet {
    match &mut record.body {
        Body::Reserve(change, _) => &mut change.reserve,
        Body::Genesis(_) | Body::Release(..) | Body::Yank(..) | Body::Beat(..) => {
            panic!("the statement is of the reserve")
        }
    }
}

#[test]
fn a_reserve_statement_has_as_many_signatures_as_the_reserve_before_it_says() {
    let (mut fixture, trunk) = trunk(1);
    let reserve = fixture.reserve.clone().unwrap();
    // It lowers the threshold, which has no say about itself.
    let statement = fixture.unsigned_reserve(&trunk[2], Cause::Planned);
    for signers in [&reserve.keys[..1], &reserve.keys[..3]] {
        let record = fixture.sign_with_reserve(signers, statement.clone());
        assert_eq!(refused(&fixture, &with(&trunk, &[&record])), Rule::Chn18, "{} signatures", signers.len());
    }
    let record = fixture.sign_with_reserve(&reserve.keys[1..], statement);
    assert_eq!(fixture.admit(&with(&trunk, &[&record])).map(|chain| chain.len()), Ok(4));
}

#[test]
fn signers_of_a_reserve_statement_are_distinct_and_in_the_order_of_the_reserve() {
    let (mut fixture, trunk) = trunk(2);
    let [a, b, c] = fixture.reserve.clone().unwrap().keys.try_into().unwrap();
    let stranger = fixture.reserve_key();
    let statement = fixture.unsigned_reserve(&trunk[2], Cause::Lost);
    for (signers, known) in [([b, a], true), ([a, a], true), ([a, stranger], false), ([stranger, a], false)] {
        let record = fixture.sign_with_reserve(&signers, statement.clone());
        let refused = fixture.admit(&with(&trunk, &[&record])).unwrap_err();
        assert_eq!(refused.rule(), Rule::Chn19);
        assert!(matches!(refused, ChainError::WrongSigner { is_known, .. } if is_known == known), "{refused}");
    }
    let record = fixture.sign_with_reserve(&[a, c], statement);
    assert!(fixture.admit(&with(&trunk, &[&record])).is_ok());
}

#[test]
fn after_a_rotation_only_the_new_reserve_signs() {
    let (mut fixture, trunk) = trunk(3);
    let (old, new) = (fixture.reserve.clone().unwrap(), fixture.new_reserve(1, 1));
    let rotation =
        fixture.reserve_record_as(&trunk[2], Cause::Planned, |statement| *reserve_mut(statement) = new.clone());
    fixture.reserve = Some(new);
    let by_new = fixture.reserve_record(&rotation, Cause::Lost);
    let by_old = fixture.sign_with_reserve(&old.keys[..2], by_new.statement.clone());
    let by_one_of_old = fixture.sign_with_reserve(&old.keys[..1], by_new.statement.clone());
    assert!(fixture.admit(&with(&trunk, &[&rotation, &by_new])).is_ok());
    assert_eq!(refused(&fixture, &with(&trunk, &[&rotation, &by_old])), Rule::Chn18);
    assert_eq!(refused(&fixture, &with(&trunk, &[&rotation, &by_one_of_old])), Rule::Chn19);
}

#[test]
fn no_key_comes_back_in_another_role() {
    let (mut fixture, trunk) = trunk(4);
    let link_key = |algorithm, bytes: &[u8; 32]| LinkKey::new(algorithm, *bytes).unwrap();
    let used = trunk[0].statement.look_ahead().after_next;
    let as_link = fixture.reserve_record_as(&trunk[2], Cause::Lost, |statement| look_ahead_mut(statement).next = used);
    assert_eq!(refused(&fixture, &with(&trunk, &[&as_link])), Rule::Chn10, "a used link key");
    let [a, _, _] = fixture.reserve.clone().unwrap().keys.try_into().unwrap();
    let reserve_as_link = fixture.reserve_record_as(&trunk[2], Cause::Algorithm, |statement| {
        let others = statement.look_ahead().clone();
        *reserve_mut(statement) = ReserveSet { threshold: 1, keys: vec![crate::key::ReserveKey::new([9; 32])] };
        look_ahead_mut(statement).next = link_key(Algorithm::SlhDsa, a.as_bytes());
        look_ahead_mut(statement).after_next = others.after_next;
    });
    assert_eq!(refused(&fixture, &with(&trunk, &[&reserve_as_link])), Rule::Chn10, "a reserve key as a link key");
    let link_as_reserve = fixture.reserve_record_as(&trunk[2], Cause::Planned, |statement| {
        reserve_mut(statement).keys[0] = crate::key::ReserveKey::new(*used.as_bytes());
    });
    assert_eq!(refused(&fixture, &with(&trunk, &[&link_as_reserve])), Rule::Chn10, "a link key as a reserve key");
}

#[test]
fn only_a_change_of_the_algorithm_changes_the_algorithm_and_there_is_no_way_back() {
    let (mut fixture, trunk) = trunk(5);
    let slh = [(); 2].map(|()| fixture.link_key_of(Algorithm::SlhDsa));
    let sneaky = fixture.reserve_record_as(&trunk[2], Cause::Lost, |statement| {
        let keys = look_ahead_mut(statement);
        (keys.next, keys.after_next) = (slh[0], slh[1]);
    });
    assert_eq!(refused(&fixture, &with(&trunk, &[&sneaky])), Rule::Chn20);
    let change = fixture.reserve_record(&trunk[2], Cause::Algorithm);
    let ed25519 = [(); 2].map(|()| fixture.link_key());
    let back = fixture.reserve_record_as(&change, Cause::Planned, |statement| {
        let keys = look_ahead_mut(statement);
        (keys.next, keys.after_next) = (ed25519[0], ed25519[1]);
    });
    assert_eq!(refused(&fixture, &with(&trunk, &[&change, &back])), Rule::Chn20);
    let release = fixture.release(&change, "2.0");
    assert!(fixture.admit(&with(&trunk, &[&change, &release])).is_ok());
}

#[test]
fn a_yank_names_releases_before_it_and_frees_their_versions() {
    let (mut fixture, trunk) = trunk(6);
    let beat = fixture.beat(&trunk[2]);
    let of_a_beat = fixture.yank(&beat, &[2, 4], Severity::Note);
    assert_eq!(refused(&fixture, &with(&trunk, &[&beat, &of_a_beat])), Rule::Chn21);
    let replaced_by_it = fixture.yank_as(&beat, &[2], Severity::Note, |statement| match &mut statement.body {
        Body::Yank(yank, _) => yank.replacement = crate::statement::Seq::new(4),
        Body::Genesis(_) | Body::Release(..) | Body::Beat(..) | Body::Reserve(..) => {}
    });
    assert_eq!(refused(&fixture, &with(&trunk, &[&beat, &replaced_by_it])), Rule::Chn21);
    let yank = fixture.yank(&beat, &[2], Severity::Note);
    let again = fixture.release(&yank, "1.0");
    let twice = fixture.release(&again, "1.0");
    assert!(fixture.admit(&with(&trunk, &[&beat, &yank, &again])).is_ok());
    assert_eq!(refused(&fixture, &with(&trunk, &[&beat, &yank, &again, &twice])), Rule::Chn12);
    // A yank on another branch frees nothing here.
    let beside = fixture.release(&beat, "1.0");
    assert_eq!(refused(&fixture, &with(&trunk, &[&beat, &yank, &again, &beside])), Rule::Chn12);
}

#[test]
fn to_stop_is_immediate_and_to_follow_is_a_decision() {
    let (mut fixture, trunk) = trunk(7);
    let forged = fixture.release(&trunk[2], "6.6");
    let more = fixture.release(&forged, "6.7");
    let recovery = fixture.reserve_record(&trunk[2], Cause::Stolen);
    let honest = fixture.release(&recovery, "1.2");
    let chain = fixture.admit(&with(&trunk, &[&forged, &more, &recovery, &honest])).unwrap();
    let expected = [
        (Decided::default(), State::Waiting, &trunk[2]),
        (policy(ReservePolicy::Refuse), State::Waiting, &trunk[2]),
        (policy(ReservePolicy::Accept), State::Standing, &honest),
        (Decided::accepting(&[recovery.digest()]), State::Standing, &honest),
        // Nobody who accepts what follows a record can mean not to follow the record.
        (Decided::accepting(&[honest.digest()]), State::Standing, &honest),
        // An acceptance never outranks.
        (Decided::accepting(&[more.digest()]), State::Waiting, &trunk[2]),
        (
            Decided { policy: ReservePolicy::Refuse, ..Decided::accepting(&[recovery.digest()]) },
            State::Standing,
            &honest,
        ),
    ];
    for (decided, of_honest, head) in expected {
        assert_eq!(state(&chain, &decided, &honest), of_honest, "{decided:?}");
        assert_eq!(state(&chain, &decided, &forged), State::Void, "{decided:?}");
        assert_eq!(state(&chain, &decided, &more), State::Void, "{decided:?}");
        let belief = chain.belief(&decided);
        assert_eq!(belief.head().digest(), head.digest(), "{decided:?}");
        let waiting = belief.waiting().map(Link::digest);
        assert_eq!(waiting, (of_honest == State::Waiting).then_some(recovery.digest()), "{decided:?}");
    }
}

#[test]
fn of_two_reserve_statements_neither_beats_the_other_and_who_accepted_one_stays() {
    let (mut fixture, trunk) = trunk(8);
    let (ours, theirs) =
        (fixture.reserve_record(&trunk[2], Cause::Lost), fixture.reserve_record(&trunk[1], Cause::Handover));
    let chain = fixture.admit(&with(&trunk, &[&ours, &theirs])).unwrap();
    for decided in [Decided::default(), policy(ReservePolicy::Accept)] {
        let belief = chain.belief(&decided);
        assert_eq!(belief.head().digest(), trunk[1].digest(), "a policy breaks no tie");
        assert_eq!(state(&chain, &decided, &ours), State::Contested);
        assert_eq!(state(&chain, &decided, &theirs), State::Contested);
    }
    let decided = Decided::accepting(&[ours.digest()]);
    let belief = chain.belief(&decided);
    assert_eq!(belief.head().digest(), ours.digest());
    assert_eq!(belief.rivals().map(|rival| rival.first.digest()).collect::<Vec<_>>(), [theirs.digest()]);
    assert_eq!(chain.forks().count(), 0, "a reserve statement proves nothing against a link key");
}

#[test]
fn the_gravest_yank_counts_while_it_stands_or_is_contested_and_only_warns_while_it_waits() {
    let (mut fixture, trunk) = trunk(9);
    let severity = |chain: &Chain, decided: &Decided, record: &Record| {
        let belief = chain.belief(decided);
        belief.yank(chain.find(record.digest()).unwrap()).map(|yanked| (yanked.severity, yanked.by.digest()))
    };
    let (note, refuse) =
        (fixture.yank(&trunk[2], &[2, 3], Severity::Note), fixture.yank(&trunk[2], &[2], Severity::Refuse));
    let contested = fixture.admit(&with(&trunk, &[&note, &refuse])).unwrap();
    let nobody = Decided::default();
    assert_eq!(severity(&contested, &nobody, &trunk[1]), Some((Severity::Refuse, refuse.digest())));
    assert_eq!(severity(&contested, &nobody, &trunk[2]), Some((Severity::Note, note.digest())));
    let settled = fixture.beat(&note);
    let settled = fixture.admit(&with(&trunk, &[&note, &refuse, &settled])).unwrap();
    assert_eq!(
        severity(&settled, &nobody, &trunk[1]),
        Some((Severity::Note, note.digest())),
        "it fell with its branch"
    );
    let recovery = fixture.reserve_record(&trunk[2], Cause::Stolen);
    let repeated = fixture.yank(&recovery, &[2], Severity::Refuse);
    let recovered = fixture.admit(&with(&trunk, &[&refuse, &recovery, &repeated])).unwrap();
    assert_eq!(severity(&recovered, &nobody, &trunk[1]), Some((Severity::Warn, repeated.digest())));
    let accepted = Decided::accepting(&[recovery.digest()]);
    assert_eq!(severity(&recovered, &accepted, &trunk[1]), Some((Severity::Refuse, repeated.digest())));
}

#[test]
fn with_a_distrust_mark_only_what_it_or_the_reserve_vouches_for_counts() {
    let (mut fixture, trunk) = trunk(10);
    let (forged, more) = {
        let forged = fixture.release(&trunk[2], "6.6");
        let more = fixture.yank(&forged, &[2], Severity::Refuse);
        (forged, more)
    };
    let distrusting = |mark: &Record| Decided { distrust: Some(mark.digest()), ..Decided::default() };
    let chain = fixture.admit(&with(&trunk, &[&forged, &more])).unwrap();
    let decided = distrusting(&trunk[2]);
    assert_eq!(chain.belief(&decided).head().digest(), trunk[2].digest());
    assert_eq!(state(&chain, &decided, &forged), State::Distrusted);
    assert!(chain.belief(&decided).yank(chain.find(trunk[1].digest()).unwrap()).is_none());
    assert_eq!(chain.belief(&distrusting(&trunk[0])).head().digest(), trunk[0].digest());
    assert_eq!(
        chain.belief(&Decided { distrust: Some(Digest::of(b"")), ..Decided::default() }).head().digest(),
        trunk[0].digest(),
        "an unknown mark vouches for nothing"
    );
    let change = fixture.reserve_record(&trunk[2], Cause::Algorithm);
    let release = fixture.release(&change, "2.0");
    let chain = fixture.admit(&with(&trunk, &[&forged, &more, &change, &release])).unwrap();
    let decided = Decided { accepted: vec![change.digest()], ..distrusting(&trunk[0]) };
    assert_eq!(chain.belief(&decided).head().digest(), release.digest());
    assert_eq!(state(&chain, &decided, &trunk[1]), State::Standing, "the reserve vouches for it");
}

/// A scheme for a world in which Ed25519 has fallen: it takes no signature of it, and panics when asked for one.
struct WithoutEd25519;

impl Scheme for WithoutEd25519 {
    fn verify_link(&self, key: &LinkKey, message: &[u8], signature: &Signature) -> Result<(), VerifyError> {
        assert_eq!(key.algorithm(), Algorithm::SlhDsa, "Ed25519 is not asked");
        StandIn.verify_link(key, message, signature)
    }

    fn verify_reserve(
        &self,
        key: &crate::key::ReserveKey,
        message: &[u8],
        signature: &Signature,
    ) -> Result<(), VerifyError> {
        StandIn.verify_reserve(key, message, signature)
    }
}

#[test]
fn a_change_of_the_algorithm_vouches_for_its_ancestors_once_it_is_accepted() {
    let (mut fixture, trunk) = trunk(11);
    let change = fixture.reserve_record(&trunk[2], Cause::Algorithm);
    let release = fixture.release(&change, "2.0");
    let mut records = with(&trunk, &[&change, &release]);
    let id = records[0].signatory();
    let file = chain_file(&records);
    for vouchers in [Vouchers::FirstTrust, Vouchers::Accepted(&[change.digest()])] {
        assert!(Chain::admit_vouched(file.as_bytes(), id, vouchers, &WithoutEd25519).is_ok());
    }
    // An ancestor whose signature is not one at all.
    records[1].blocks = fixture.block(&records[0].next, "another text");
    let file = chain_file(&records);
    let scheme = fixture.scheme();
    let admit = |vouchers: Vouchers<'_>| {
        Chain::admit_vouched(file.as_bytes(), id, vouchers, scheme).map_err(|error| error.rule())
    };
    assert_eq!(admit(Vouchers::None).unwrap_err(), Rule::Sig8);
    assert_eq!(
        admit(Vouchers::Accepted(&[release.digest()])).unwrap_err(),
        Rule::Sig8,
        "a release vouches for nothing"
    );
    assert!(admit(Vouchers::Accepted(&[change.digest()])).is_ok());
    // What is beside the path is asked all the same, and so is every reserve statement.
    let beside = fixture.release(&trunk[1], "6.6").with_blocks_of(&records[1]);
    let with_beside = chain_file(&with(&records, &[&beside]));
    let refused = Chain::admit_vouched(with_beside.as_bytes(), id, Vouchers::FirstTrust, fixture.scheme()).unwrap_err();
    assert_eq!(refused.rule(), Rule::Sig7);
    let first = fixture.reserve_record(&trunk[2], Cause::Planned);
    let second = fixture.reserve_record(&first, Cause::Algorithm);
    let unsigned = first.with_blocks_of(&second);
    let file = chain_file(&with(&trunk, &[&unsigned, &second]));
    let refused = Chain::admit_vouched(file.as_bytes(), id, Vouchers::FirstTrust, fixture.scheme()).unwrap_err();
    assert_eq!(refused.rule(), Rule::Sig8, "never for another reserve statement");
}

#[test]
fn the_earliest_promise_of_an_open_end_is_the_one_in_force() {
    let (mut fixture, trunk) = trunk(12);
    let day = |text: &str| Some(text.parse().unwrap());
    let promise =
        |records: &[Record], fixture: &Fixture| fixture.admit(records).unwrap().belief(&Decided::default()).promise();
    let first = fixture.beat_as(&trunk[2], |statement| statement.next_by = day("2030-01-01"));
    assert_eq!(promise(&with(&trunk, &[&first]), &fixture), day("2030-01-01"));
    let rival = fixture.beat_as(&trunk[2], |statement| statement.next_by = day("2099-01-01"));
    assert_eq!(promise(&with(&trunk, &[&first, &rival]), &fixture), day("2030-01-01"), "both are contested");
    let kept = fixture.beat(&first);
    assert_eq!(promise(&with(&trunk, &[&first, &rival, &kept]), &fixture), None, "it was kept, and the rival is void");
}

#[test]
fn an_acceptance_that_does_not_count_still_accepts_the_reserve_statements_before_it() {
    let (mut fixture, trunk) = trunk(42);
    let [mine, other] = [(), ()].map(|()| fixture.reserve_record(&trunk[2], Cause::Stolen));
    let release = fixture.release(&mine, "2.0");
    let chain = fixture.admit(&with(&trunk, &[&mine, &other, &release])).unwrap();
    let decided = Decided { distrust: Some(trunk[2].digest()), ..Decided::accepting(&[release.digest()]) };
    assert_eq!(state(&chain, &decided, &release), State::Distrusted);
    assert_eq!(chain.belief(&decided).head().digest(), mine.digest());
    assert_eq!(chain.belief(&decided).rivals().map(|rival| rival.first.digest()).collect::<Vec<_>>(), [other.digest()]);
}
