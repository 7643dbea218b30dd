//! Admission: whole or not at all, and each rule by its name.

use proptest::prelude::*;

use super::{Chain, ChainError, Decided, Fixture, Record, SignatoryId, Vouchers, chain_file, refused, refused_file};
use crate::package::Package;
use crate::rule::Rule;
use crate::signature::Standard;
use crate::statement::Seq;
use crate::testing::{look_ahead_mut, release_mut};

#[test]
fn a_chain_is_written_as_it_was_read() {
    let mut fixture = Fixture::new(1);
    let records = fixture.line(&["1.0", "1.1", "1.2"]);
    let chain = fixture.admit(&records).unwrap();
    assert_eq!(chain.to_file(), chain_file(&records));
    assert_eq!(chain.len(), 4);
    assert_eq!(chain.belief(&Decided::default()).head().digest(), records[3].digest());
}

#[test]
fn a_missing_statement_is_refused_by_name() {
    let mut fixture = Fixture::new(2);
    let mut records = fixture.line(&["1.0", "1.1", "1.2"]);
    let missing = records.remove(2);
    let file = chain_file(&records);
    let refused = Chain::admit(file.as_bytes(), records[0].signatory(), &Standard).unwrap_err();
    assert_eq!(refused, ChainError::Missing { at: Seq::new(4).unwrap(), previous: missing.digest() });
}

#[test]
fn another_genesis_than_the_trusted_one_is_refused() {
    let (mut ours, mut theirs) = (Fixture::new(3), Fixture::new(4));
    let (ours, theirs) = (ours.line(&["1.0"]), theirs.line(&["1.0"]));
    let refused = Chain::admit(chain_file(&theirs).as_bytes(), ours[0].signatory(), &Standard).unwrap_err();
    assert_eq!(refused, ChainError::WrongSignatory { expected: ours[0].signatory(), found: theirs[0].signatory() });
}

#[test]
fn a_file_that_is_not_divided_into_records_is_refused() {
    let mut fixture = Fixture::new(5).fast();
    let records = fixture.line(&["1.0"]);
    let file = chain_file(&records);
    let (text, blocks) = (&records[1].text, &records[1].blocks);
    for malformed in [
        String::new(),
        text.clone(),
        blocks.clone(),
        file.trim_end().to_owned(),
        format!("{file}sigpkg = 1\n"),
        format!("{file}untrusted comment: sigpkg signature\n"),
    ] {
        assert_eq!(refused_file(&fixture, malformed.as_bytes()), Rule::Chn2, "{malformed:?}");
    }
    let two_blocks = format!("{file}{blocks}");
    assert_eq!(refused_file(&fixture, two_blocks.as_bytes()), Rule::Chn15);
}

#[test]
fn the_form_of_the_whole_file_comes_before_the_kind_of_its_first_record() {
    let mut fixture = Fixture::new(5).fast();
    let records = fixture.line(&["1.0", "1.1"]);
    let headless = chain_file(&records[1..]);
    assert_eq!(Chain::claimed_id(headless.as_bytes()).unwrap_err().rule(), Rule::Chn4);
    let file = headless.replace("\"1.1\"", "\"\"");
    assert_eq!(Chain::claimed_id(file.as_bytes()).unwrap_err().rule(), Rule::Stm12);
    let file = format!("{headless}sigpkg = 1\n");
    assert_eq!(Chain::claimed_id(file.as_bytes()).unwrap_err().rule(), Rule::Chn2);
}

#[test]
fn a_block_that_is_not_even_text_is_refused_as_a_block_and_in_its_turn() {
    let mut fixture = Fixture::new(5).fast();
    let records = fixture.line(&["1.0"]);
    let blocks = |blocks: &[u8]| [chain_file(&records[..1]).as_bytes(), records[1].text.as_bytes(), blocks].concat();
    for not_text in [&b"untrusted comment: \xff\nAAAA\n"[..], b"untrusted comment: sigpkg signature\n\xff\n"] {
        assert_eq!(refused_file(&fixture, &blocks(not_text)), Rule::Sig5);
        assert_eq!(refused_file(&fixture, &blocks(&not_text.repeat(2))), Rule::Chn15);
        let file = String::from_utf8_lossy(&blocks(b"")).replacen("kind = \"release\"", "kind = \"other\"", 1);
        assert_eq!(refused_file(&fixture, &[file.as_bytes(), not_text].concat()), Rule::Stm5);
    }
}

#[test]
fn a_file_over_the_limit_is_refused_before_it_is_read() {
    let file = vec![b'a'; super::MAX_CHAIN_BYTES + 1];
    let refused = Chain::admit(&file, SignatoryId::of_genesis(b""), &Standard).unwrap_err();
    assert_eq!(refused, ChainError::TooLarge { bytes: file.len() });
}

#[test]
fn order_and_number_of_records_are_checked() {
    let mut fixture = Fixture::new(6).fast();
    let records = fixture.line(&["1.0", "1.1"]);
    let [genesis, first, second] = records.as_slice() else { panic!("three records") };
    let pick = |chosen: &[&Record]| chosen.iter().map(|record| (*record).clone()).collect::<Vec<_>>();
    assert_eq!(refused(&fixture, &pick(&[genesis, first, first])), Rule::Chn3);
    assert_eq!(refused(&fixture, &pick(&[genesis, first, genesis])), Rule::Chn3);
    assert_eq!(refused(&fixture, &pick(&[first, second])), Rule::Chn4);
    assert_eq!(refused(&fixture, &pick(&[genesis, second, first])), Rule::Chn6);
    let other = Fixture::new(7).fast().genesis();
    assert_eq!(refused(&fixture, &pick(&[genesis, &other])), Rule::Chn4);
    let stranger = Fixture::new(8).fast().line(&["1.0"]).remove(1);
    assert_eq!(refused(&fixture, &pick(&[genesis, first, &stranger])), Rule::Chn5);
}

#[test]
fn what_a_statement_has_to_do_with_its_parent_is_checked() {
    let mut fixture = Fixture::new(9).fast();
    let mut records = fixture.line(&["1.0"]);
    let parent = records[1].clone();
    let announced_before = parent.statement.look_ahead().next;
    let cases: [(Rule, Record); 5] = [
        (Rule::Chn7, fixture.release_as(&parent, "1.1", |statement| statement.seq = Seq::new(4).unwrap())),
        (
            Rule::Chn8,
            fixture.release_as(&parent, "1.1", |statement| statement.package = Package::generic("other").unwrap()),
        ),
        (Rule::Chn9, {
            let thief = fixture.link_key();
            fixture.release_as(&parent, "1.1", |statement| look_ahead_mut(statement).next = thief)
        }),
        (
            Rule::Chn10,
            fixture.release_as(&parent, "1.1", |statement| look_ahead_mut(statement).after_next = announced_before),
        ),
        (Rule::Chn12, fixture.release(&parent, "1.0")),
    ];
    for (rule, record) in cases {
        records.push(record);
        assert_eq!(refused(&fixture, &records), rule);
        records.pop();
    }
}

#[test]
fn a_key_that_any_ancestor_named_is_refused_and_one_on_another_branch_is_not() {
    let mut fixture = Fixture::new(10).fast();
    let records = fixture.line(&["1.0", "1.1", "1.2"]);
    for ancestor in &records[..3] {
        let old = ancestor.statement.look_ahead().next;
        let reusing = fixture.release_as(&records[3], "1.3", |statement| look_ahead_mut(statement).after_next = old);
        let file = [records.as_slice(), &[reusing]].concat();
        assert_eq!(refused(&fixture, &file), Rule::Chn10);
    }
    let on_branch = records[3].statement.look_ahead().after_next;
    let rival = fixture.release_as(&records[2], "2.0", |statement| look_ahead_mut(statement).after_next = on_branch);
    assert!(fixture.admit(&[records.as_slice(), &[rival]].concat()).is_ok());
}

#[test]
fn a_withdrawal_names_the_newest_release_and_frees_its_version() {
    let mut fixture = Fixture::new(11).fast();
    let records = fixture.line(&["1.0", "1.1"]);
    let withdrawing = |fixture: &mut Fixture, parent: &Record, version: &str, seq: u64| {
        fixture.release_as(parent, version, |statement| release_mut(statement).withdraws = Seq::new(seq))
    };
    for (version, seq) in [("1.0", 2), ("1.2", 3), ("1.1", 2)] {
        let wrong = withdrawing(&mut fixture, &records[2], version, seq);
        assert_eq!(refused(&fixture, &[records.as_slice(), &[wrong]].concat()), Rule::Chn14, "{version} {seq}");
    }
    let again = withdrawing(&mut fixture, &records[2], "1.1", 3);
    let once_more = withdrawing(&mut fixture, &again, "1.1", 4);
    let all = [records.as_slice(), &[again, once_more.clone()]].concat();
    let chain = fixture.admit(&all).unwrap();
    let belief = chain.belief(&Decided::default());
    let withdrawn: Vec<_> =
        chain.links().filter(|link| belief.is_withdrawn(*link)).map(|link| link.seq().get()).collect();
    assert_eq!(withdrawn, [3, 4]);
    let repeated = fixture.release(&once_more, "1.1");
    assert_eq!(refused(&fixture, &[all.as_slice(), &[repeated]].concat()), Rule::Chn12);
}

#[test]
fn signatures_are_checked_against_the_key_that_the_parent_announced() {
    let mut fixture = Fixture::new(12);
    let records = fixture.line(&["1.0", "1.1"]);
    let by = |key| {
        let mut forged = records.clone();
        forged[2].blocks = fixture.block(&key, &forged[2].text);
        refused(&fixture, &forged)
    };
    let keys = records[2].statement.look_ahead();
    // The key that the statement itself announces, the key before, and the parent's own signer: none is asked.
    assert_eq!(by(keys.next), Rule::Sig7);
    assert_eq!(by(records[0].statement.look_ahead().next), Rule::Sig7);
    // The right key id on a wrong signature.
    let mut forged = records.clone();
    forged[2].text = forged[2].text.replace("\"1.1\"", "\"1.2\"");
    assert_eq!(refused(&fixture, &forged), Rule::Sig8);
    let mut forged = records;
    forged[0].blocks = fixture.block(&forged[0].statement.look_ahead().next, &forged[0].text);
    assert_eq!(refused(&fixture, &forged), Rule::Sig7);
}

#[test]
fn the_first_fault_in_the_file_is_the_one_that_is_named() {
    let mut fixture = Fixture::new(14);
    let mut records = fixture.line(&["1.0", "1.1", "1.2"]);
    records[1].blocks = fixture.block(&records[2].next, &records[1].text);
    records[3].text = records[3].text.replace("1.2", "1.3");
    let file = chain_file(&records);
    let refused = Chain::admit(file.as_bytes(), records[0].signatory(), &Standard).unwrap_err();
    // Record 4 no longer has the signature of its text, but record 2 comes first.
    assert!(matches!(refused, ChainError::Signature { at, .. } if at.get() == 2), "{refused}");
}

#[test]
fn a_refused_record_leaves_the_chain_as_it_was() {
    let mut fixture = Fixture::new(15);
    let records = fixture.line(&["1.0", "1.1"]);
    let mut chain = fixture.admit(&records[..2]).unwrap();
    let before = chain.to_file();
    let forged = records[2].with_blocks_of(&records[1]);
    assert_eq!(chain.append(forged.unverified(), &Standard).unwrap_err().rule(), Rule::Sig7);
    assert_eq!(chain.to_file(), before);
    assert_eq!(chain.append(records[2].unverified(), &Standard).unwrap().seq().get(), 3);
    assert_eq!(chain.to_file(), chain_file(&records));
}

#[test]
fn a_known_record_with_another_signature_is_verified_again() {
    let mut fixture = Fixture::new(16);
    let mut records = fixture.line(&["1.0"]);
    let known = fixture.admit(&records).unwrap();
    let file = chain_file(&records);
    assert!(
        Chain::admit_beside(file.as_bytes(), &known, Vouchers::None, &crate::testing::StandIn).is_ok(),
        "nothing new to verify"
    );
    records[1].blocks = fixture.block(&records[1].next, &records[1].text);
    let refused = Chain::admit_beside(chain_file(&records).as_bytes(), &known, Vouchers::None, &Standard).unwrap_err();
    assert_eq!(refused.rule(), Rule::Sig7);
}

proptest! {
    #[test]
    fn the_reader_is_total(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Chain::claimed_id(&bytes);
        let _ = Chain::admit(&bytes, SignatoryId::of_genesis(b""), &Standard);
    }

    #[test]
    fn a_changed_byte_anywhere_in_a_chain_is_refused(at in any::<proptest::sample::Index>(), change in 1..=255_u8) {
        let mut fixture = Fixture::new(17);
        let records = fixture.line(&["1.0", "1.1"]);
        let mut file = chain_file(&records).into_bytes();
        let at = at.index(file.len());
        file[at] ^= change;
        prop_assert!(Chain::admit(&file, records[0].signatory(), &Standard).is_err());
    }
}
