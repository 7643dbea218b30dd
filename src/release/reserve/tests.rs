//! Signatures of SLH-DSA take seconds, so all tests share the few that are made here.

use std::sync::OnceLock;

use super::*;
use crate::rule::Rule;
use crate::statement::Seq;
use crate::testing::{Fixture, Record, Stream, release_mut};

/// A chain with a 2-of-3 reserve, a draft that follows its head, and the signatures of two holders.
struct Scene {
    /// Genesis, releases 1.0 and 1.1.
    records: Vec<Record>,
    secrets: Vec<SecretKey>,
    reserve: ReserveSet,
    draft: ReserveDraft,
    /// The same draft, as each of the first two holders sends it back.
    signed: Vec<ReserveDraft>,
}

const DATE: &str = "2026-11-20T12:00:00Z";

fn scene() -> &'static Scene {
    static SCENE: OnceLock<Scene> = OnceLock::new();
    SCENE.get_or_init(|| {
        let secrets = reserve_secrets();
        let keys = secrets.iter().map(|secret| secret.reserve_key().unwrap()).collect();
        let reserve = ReserveSet { threshold: 2, keys };
        let mut fixture = Fixture::new(171);
        fixture.reserve = Some(reserve.clone());
        let records = fixture.line(&["1.0", "1.1"]);
        let chain = fixture.admit(&records).unwrap();
        let draft = begin(&mut fixture, &chain, head(&chain), Cause::Lost);
        let signed = std::thread::scope(|scope| {
            let sign = |secret| {
                let (draft, chain) = (draft.clone(), &chain);
                scope.spawn(move || sign(draft, chain, secret).to_draft())
            };
            let threads: Vec<_> = secrets[..2].iter().map(sign).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        Scene { records, secrets, reserve, draft, signed }
    })
}

/// Test keys: nobody's.
fn reserve_secrets() -> Vec<SecretKey> {
    let mut random = Stream::of(172);
    (0..3).map(|_| SecretKey::generate(Algorithm::Reserve, &mut random)).collect()
}

fn sign<'chain>(draft: ReserveDraft, chain: &'chain Chain, secret: &SecretKey) -> CheckedDraft<'chain> {
    let mut checked = draft.check(chain).unwrap();
    checked.sign(&secret.reserve_key().unwrap(), secret).unwrap();
    checked
}

fn head(chain: &Chain) -> Link<'_> {
    chain.belief(&Decided::stranger()).head()
}

fn begin(fixture: &mut Fixture, chain: &Chain, parent: Link<'_>, cause: Cause) -> ReserveDraft {
    let algorithm = if cause == Cause::Algorithm { Algorithm::SlhDsa } else { Algorithm::Ed25519 };
    let keys = LookAhead { next: fixture.link_key_of(algorithm), after_next: fixture.link_key_of(algorithm) };
    assert!(chain.find(parent.digest()).is_some());
    let change = Change { cause, reason: "a test needs it".to_owned(), reserve: None };
    ReserveDraft::begin(parent, change, keys, DATE.parse().unwrap()).unwrap()
}

fn chain_of(records: &[Record]) -> Chain {
    let file = crate::testing::chain_file(records);
    Chain::admit(file.as_bytes(), records[0].signatory(), &Standard).unwrap()
}

fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}

#[test]
fn a_draft_is_the_text_and_then_the_blocks_and_reads_back_the_same() {
    let scene = scene();
    for draft in [&scene.draft, &scene.signed[0]] {
        let file = draft.to_file();
        assert_eq!(ReserveDraft::parse(file.as_bytes()).as_ref(), Ok(draft));
        assert_eq!(file, scene.draft.to_file() + &draft.blocks.iter().map(block::write).collect::<String>());
        assert!(file.len() <= MAX_DRAFT_BYTES);
    }
    assert!(scene.draft.to_file().starts_with("sigpkg = 1\nkind = \"reserve\"\n"));
    assert_eq!(scene.draft.claimed_change().reserve, scene.reserve, "without a new reserve the old one stays");
}

#[test]
fn a_file_that_is_no_draft_is_refused_with_what_is_wrong() {
    let scene = scene();
    let parse = |file: &[u8]| ReserveDraft::parse(file).unwrap_err();
    let file = scene.signed[0].to_file();
    assert_eq!(
        parse("a".repeat(MAX_DRAFT_BYTES + 1).as_bytes()),
        ReserveDraftError::TooLarge { bytes: MAX_DRAFT_BYTES + 1 }
    );
    assert!(matches!(parse(b"sigpkg = 1\n\xff"), ReserveDraftError::Form { problem } if problem.contains("UTF-8")));
    let crlf = file.replace('\n', "\r\n");
    assert!(matches!(parse(crlf.as_bytes()), ReserveDraftError::Form { problem } if problem.contains("line ends")));
    assert!(matches!(parse(b""), ReserveDraftError::Statement(_)));
    assert!(matches!(parse(b"a letter\n"), ReserveDraftError::Statement(_)));
    let damaged = file.replace("cause = \"lost\"", "cause = \"Lost\"");
    assert!(matches!(parse(damaged.as_bytes()), ReserveDraftError::Statement(_)));
    assert!(
        matches!(parse(scene.records[1].text.as_bytes()), ReserveDraftError::Kind { found } if found.as_str() == "release")
    );
    for damaged in [file.trim_end().to_owned(), file.replace("reserve signature", "signature"), format!("{file}more\n")]
    {
        let error = parse(damaged.as_bytes());
        assert!(matches!(error, ReserveDraftError::Block { .. }), "{error}");
        assert_eq!(error.rule(), Some(Rule::Sig5));
    }
}

/// KEEP-18: the id, the parent, and everything that makes a statement valid but its signatures.
#[test]
fn a_draft_is_held_against_the_chain_that_the_holder_has() {
    let scene = scene();
    let chain = chain_of(&scene.records);
    assert_eq!(scene.draft.clone().check(&chain).unwrap().parent().seq(), seq(3));
    let refused = |chain: &Chain| scene.draft.clone().check(chain).unwrap_err();

    let other = Fixture::new(172).line(&["1.0"]);
    let error = refused(&chain_of(&other));
    assert!(matches!(error, ReserveDraftError::OtherChain { found, .. } if found == chain.id()), "{error}");

    let error = refused(&chain_of(&scene.records[..2]));
    assert!(matches!(error, ReserveDraftError::NoParent { .. }), "{error}");
    assert_eq!(error.rule(), Some(Rule::Chn6));

    let mut fixture = Fixture::new(171);
    fixture.reserve = Some(scene.reserve.clone());
    let mut records = fixture.line(&["1.0", "1.1"]);
    records.push(fixture.release(&records[2], "1.2"));
    let error = refused(&chain_of(&records));
    assert!(
        matches!(error, ReserveDraftError::MovedOn { parent, head, .. } if parent == seq(3) && head == seq(4)),
        "{error}"
    );

    // Keys that were named before.
    let keys = chain.genesis().statement().look_ahead().clone();
    let change = Change { cause: Cause::Planned, reason: "a test".to_owned(), reserve: None };
    let known_keys = ReserveDraft::begin(head(&chain), change, keys, DATE.parse().unwrap()).unwrap();
    assert_eq!(known_keys.check(&chain).unwrap_err().rule(), Some(Rule::Chn10));
}

/// KEEP-18: a cause that goes back may follow any statement; the others follow the head.
#[test]
fn only_stolen_keys_and_a_fallen_algorithm_go_back() {
    let scene = scene();
    let chain = chain_of(&scene.records);
    let back = chain.links().nth(1).unwrap();
    let mut fixture = Fixture::new(173);
    for cause in [Cause::Stolen, Cause::Algorithm] {
        let draft = begin(&mut fixture, &chain, back, cause).check(&chain).unwrap();
        let effects = draft.effects().unwrap();
        assert_eq!(effects.void.iter().map(|link| link.seq()).collect::<Vec<_>>(), [seq(3)]);
        assert_eq!(draft.algorithm_change().is_some(), cause == Cause::Algorithm);
    }
    for cause in [Cause::Lost, Cause::Handover, Cause::Planned] {
        let error = begin(&mut fixture, &chain, back, cause).check(&chain).unwrap_err();
        assert!(matches!(error, ReserveDraftError::MovedOn { .. }), "{error}");
    }
}

/// KEEP-18: the key is one of the reserve in force at the parent, and signs once.
#[test]
fn who_is_no_holder_or_has_signed_does_not_sign() {
    let scene = scene();
    let chain = chain_of(&scene.records);
    let stranger = ReserveKey::new([9; 32]);
    let unsigned = scene.draft.clone().check(&chain).unwrap();
    assert_eq!(unsigned.may_sign(&stranger), Err(ReserveDraftError::NotOfReserve { key: stranger, parent: seq(3) }));
    assert_eq!((unsigned.missing(), unsigned.others()), (2, scene.reserve.keys.clone()));
    let mut signed = scene.signed[0].clone().check(&chain).unwrap();
    let [first, second, third] = scene.reserve.keys.as_slice() else { panic!("three keys") };
    assert_eq!(signed.may_sign(first), Err(ReserveDraftError::SignedAlready { key: *first }));
    assert_eq!((signed.signers(), signed.missing(), signed.others()), (vec![*first], 1, vec![*second, *third]));
    assert_eq!(signed.record().unwrap_err(), ReserveDraftError::Incomplete { expected: 2, found: 1 });
    signed.join(&scene.signed[1]).unwrap();
    assert_eq!(signed.may_sign(third), Err(ReserveDraftError::Complete { threshold: 2 }));
}

/// KEEP-17: blocks of all drafts of one text are put together, in whatever order they come.
#[test]
fn joined_drafts_make_a_record_with_the_keys_in_the_order_of_the_reserve() {
    let scene = scene();
    let chain = chain_of(&scene.records);
    let records = [[0, 1], [1, 0]].map(|order| {
        let mut joined = scene.draft.clone().check(&chain).unwrap();
        for (index, new) in order.iter().zip([1, 1]) {
            assert_eq!(joined.join(&scene.signed[*index]), Ok(new));
        }
        assert_eq!(joined.join(&scene.signed[0]), Ok(0));
        assert_eq!(joined.signers(), scene.reserve.keys[..2]);
        joined.record().unwrap()
    });
    assert_eq!(records[0], records[1]);
    let mut chain = chain.clone();
    chain.append(records[0].clone(), &Standard).unwrap();
    let error = scene.draft.clone().check(&chain).unwrap_err();
    assert_eq!(error, ReserveDraftError::Joined { seq: seq(4), digest: scene.draft.digest() });
}

/// KEEP-18: a block that does not verify is never joined.
#[test]
fn a_bad_signature_is_not_joined_and_changes_nothing() {
    let scene = scene();
    let chain = chain_of(&scene.records);
    let mut joined = scene.signed[0].clone().check(&chain).unwrap();
    let good = &scene.signed[1].blocks[0];
    let with = |signature: Signature| ReserveDraft { blocks: vec![signature], ..scene.draft.clone() };

    let mut bytes = good.as_bytes().to_vec();
    bytes[4000] ^= 1;
    let damaged = with(Signature::new(Algorithm::Reserve, good.claimed_key_id(), &bytes).unwrap());
    let error = joined.join(&damaged).unwrap_err();
    assert!(matches!(error, ReserveDraftError::Signature { key, .. } if key == scene.reserve.keys[1]), "{error}");

    let stranger = ReserveKey::new([9; 32]).key_id();
    let unknown = with(Signature::new(Algorithm::Reserve, stranger, good.as_bytes()).unwrap());
    let error = joined.join(&unknown).unwrap_err();
    assert_eq!(error, ReserveDraftError::UnknownSigner { found: stranger, parent: seq(3) });
    assert_eq!(unknown.check(&chain).unwrap_err(), error);

    let twice = ReserveDraft { blocks: vec![good.clone(), good.clone()], ..scene.draft.clone() };
    let error = twice.check(&chain).unwrap_err();
    assert_eq!(error, ReserveDraftError::SignedTwice { key: scene.reserve.keys[1] });

    let mut fixture = Fixture::new(174);
    let other = begin(&mut fixture, &chain, head(&chain), Cause::Lost);
    let error = joined.join(&other).unwrap_err();
    assert_eq!(error, ReserveDraftError::OtherText { expected: scene.draft.digest(), found: other.digest() });

    assert_eq!(joined.signers(), scene.reserve.keys[..1]);
    assert_eq!(scene.secrets.len(), 3);
}

/// KEEP-18, BEL-6, BEL-10: the holder sees what would be void, and what would be good again.
#[test]
fn the_effects_name_what_becomes_void_and_which_words_fall_with_it() {
    let mut fixture = Fixture::new(175);
    fixture.reserve = Some(scene().reserve.clone());
    let mut records = fixture.line(&["1.0", "1.1"]);
    records.push(fixture.release_as(&records[2], "1.1", |statement| {
        release_mut(statement).withdraws = Seq::new(3);
    }));
    records.push(fixture.yank(&records[3], &[2, 4], Severity::Refuse));
    let chain = chain_of(&records);
    let after_1_1 = chain.links().nth(2).unwrap();
    let draft = begin(&mut fixture, &chain, after_1_1, Cause::Stolen).check(&chain).unwrap();
    let effects = draft.effects().unwrap();
    assert_eq!(effects.void.iter().map(|link| link.seq()).collect::<Vec<_>>(), [seq(4), seq(5)]);
    let lapsed: Vec<_> = effects.lapsed.iter().map(ToString::to_string).collect();
    assert_eq!(
        lapsed,
        [
            "1.0 (statement 2) would no longer be yanked (refuse, by statement 5)",
            "1.1 (statement 3) would no longer be withdrawn (by statement 4)",
        ]
    );
    assert!(effects.rivals.is_empty());
    let head = begin(&mut fixture, &chain, head(&chain), Cause::Planned).check(&chain).unwrap();
    let effects = head.effects().unwrap();
    assert!(effects.void.is_empty() && effects.lapsed.is_empty());
}

#[test]
fn a_reason_that_a_statement_cannot_hold_is_named_before_anything_is_made() {
    let Scene { records, .. } = scene();
    let chain = chain_of(records);
    let mut fixture = Fixture::new(173);
    let keys = LookAhead { next: fixture.link_key(), after_next: fixture.link_key() };
    let change = Change { cause: Cause::Lost, reason: "a \"quoted\" word".to_owned(), reserve: None };
    let refused = ReserveDraft::begin(head(&chain), change, keys, DATE.parse().unwrap()).unwrap_err();
    assert!(refused.to_string().contains("reserve.reason"), "{refused}");
}
