use proptest::prelude::*;

use super::*;
use crate::testing::{Fixture, Record, chain_file};

fn pin(name: &str, fixture: &[Record], at: usize) -> Pin {
    let record = &fixture[at];
    Pin {
        package: Package::generic(name).unwrap(),
        id: record.signatory(),
        seq: record.statement.seq,
        digest: record.digest(),
        grade: Grade::Confirmed,
        accepted: Vec::new(),
        before_signing: Vec::new(),
    }
}

fn noon() -> Timestamp {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

prop_compose! {
    fn any_pin()(
        name in "[A-Za-z]([A-Za-z0-9_]{0,19}[A-Za-z0-9])?",
        uuid in proptest::option::of(any::<[u8; 16]>()),
        genesis in any::<[u8; 8]>(),
        seq in 1u64..100_000,
        digest in any::<[u8; 32]>(),
        confirmed in any::<bool>(),
        accepted in proptest::collection::vec(any::<[u8; 32]>(), 0..3),
        trees in proptest::collection::btree_set(any::<[u8; 20]>(), 0..3),
    ) -> Pin {
        let hex = |bytes: [u8; 16]| format!("{:032x}", u128::from_be_bytes(bytes));
        let dashed = |hex: String| [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-");
        let package = match uuid {
            Some(uuid) => Package::julia(&name, dashed(hex(uuid)).parse().unwrap()).unwrap(),
            None => Package::generic(&name.to_lowercase()).unwrap(),
        };
        Pin {
            package,
            id: SignatoryId::of_genesis(&genesis),
            seq: Seq::new(seq).unwrap(),
            digest: Digest::from_bytes(digest),
            grade: if confirmed { Grade::Confirmed } else { Grade::Seen },
            accepted: accepted.into_iter().map(Digest::from_bytes).collect(),
            before_signing: trees.into_iter().map(TreeHash::from_bytes).collect(),
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(pins in proptest::collection::vec(any_pin(), 0..6)) {
        let pins = Pins::of(pins).unwrap();
        let text = pins.to_text();
        prop_assert_eq!(Pins::parse(text.as_bytes()).unwrap(), pins.clone());
        prop_assert_eq!(Pins::sides(text.as_bytes()).unwrap(), (pins.clone(), pins));
    }

    #[test]
    fn the_order_in_the_file_makes_no_difference(pins in proptest::collection::vec(any_pin(), 0..6)) {
        let reversed = pins.iter().rev().cloned().collect();
        prop_assert_eq!(Pins::of(pins).unwrap(), Pins::of(reversed).unwrap());
    }

    #[test]
    fn no_input_brings_the_reader_down(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Pins::parse(&bytes);
        let _ = Pins::sides(&bytes);
    }

    #[test]
    fn nothing_that_one_side_has_is_lost(ours in proptest::collection::vec(any_pin(), 0..4), theirs in proptest::collection::vec(any_pin(), 0..4)) {
        let (ours, theirs) = (Pins::of(ours).unwrap(), Pins::of(theirs).unwrap());
        if let Ok(merged) = Pins::merge(&ours, &theirs, |_| None, |_| None) {
            for pin in ours.iter().chain(theirs.iter()) {
                prop_assert!(merged.iter().any(|merged| merged == pin));
            }
        }
    }
}

#[test]
fn two_people_who_pin_different_packages_change_different_lines() {
    let mut fixture = Fixture::new(1).fast();
    let line = fixture.line(&["1.0.0"]);
    let base = Pins::of(["a", "m", "z"].map(|name| pin(name, &line, 1)).to_vec()).unwrap();
    let with = |name: &str| Pins::of(base.iter().cloned().chain([pin(name, &line, 1)]).collect()).unwrap().to_text();
    let (one, other) = (with("c"), with("p"));
    let at = |text: &str, name: &str| text.find(&format!("name = \"{name}\"")).unwrap();
    assert!(at(&one, "a") < at(&one, "c") && at(&one, "c") < at(&one, "m"));
    assert!(at(&other, "m") < at(&other, "p") && at(&other, "p") < at(&other, "z"));
}

#[test]
fn of_two_statements_of_one_chain_the_later_one_is_kept_with_the_decisions_of_both() {
    let mut fixture = Fixture::new(2).fast();
    let line = fixture.line(&["1.0.0", "1.1.0"]);
    let chain = fixture.admit(&line).unwrap();
    let mut earlier = pin("example", &line, 1);
    earlier.before_signing = vec![TreeHash::from_bytes([1; 20])];
    earlier.accepted = vec![line[0].digest()];
    let mut later = pin("example", &line, 2);
    later.grade = Grade::Seen;
    later.accepted = vec![line[1].digest()];
    let (ours, theirs) = (Pins::of(vec![earlier.clone()]).unwrap(), Pins::of(vec![later.clone()]).unwrap());
    for (ours, theirs) in [(&ours, &theirs), (&theirs, &ours)] {
        let merged = Pins::merge(ours, theirs, |_| Some(&chain), |_| None).unwrap();
        let merged: Vec<_> = merged.iter().collect();
        assert_eq!(merged.len(), 1);
        assert_eq!((merged[0].seq, merged[0].digest), (later.seq, later.digest));
        assert_eq!(merged[0].grade, Grade::Confirmed);
        assert_eq!(merged[0].accepted, [line[0].digest(), line[1].digest()], "in the order of their seqs");
        assert_eq!(merged[0].before_signing, [TreeHash::from_bytes([1; 20])]);
    }
    let unknown = Pins::merge(&ours, &theirs, |_| None, |_| None).unwrap_err();
    assert!(matches!(unknown, MergeError::Unordered { .. }), "{unknown}");
    // A fork: both are in the chain, and neither is after the other.
    let rival = fixture.release(&line[1], "9.0.0");
    let mut forked = chain.clone();
    forked.merge(&fixture.admit(&[line[0].clone(), line[1].clone(), rival.clone()]).unwrap()).unwrap();
    let aside = Pin { digest: rival.digest(), ..later };
    let aside = Pins::of(vec![aside]).unwrap();
    let unknown = Pins::merge(&aside, &theirs, |_| Some(&forked), |_| None).unwrap_err();
    assert!(matches!(unknown, MergeError::Unordered { .. }), "{unknown}");
}

#[test]
fn of_two_signatories_none_is_chosen_unless_a_human_has() {
    let (one, two) = (Fixture::new(3).fast().line(&["1.0.0"]), Fixture::new(4).fast().line(&["1.0.0"]));
    let (ours, theirs) =
        (Pins::of(vec![pin("example", &one, 1)]).unwrap(), Pins::of(vec![pin("example", &two, 1)]).unwrap());
    let error = Pins::merge(&ours, &theirs, |_| None, |_| None).unwrap_err();
    let said = error.to_string();
    assert!(said.contains(&one[0].signatory().to_string()) && said.contains(&two[0].signatory().to_string()), "{said}");
    let stranger = Fixture::new(5).genesis().signatory();
    assert!(Pins::merge(&ours, &theirs, |_| None, |_| Some(stranger)).is_err(), "neither side has it");
    assert_eq!(Pins::merge(&ours, &theirs, |_| None, |_| Some(two[0].signatory())).unwrap(), theirs);
}

#[test]
fn markers_in_an_order_that_no_merge_writes_are_an_error_with_its_line() {
    for (text, line) in [
        ("=======\n", 1),
        ("sigpkg-pins = 1\n>>>>>>> x\n", 2),
        ("<<<<<<< x\n<<<<<<< y\n", 2),
        ("<<<<<<< x\n=======\n=======\n", 3),
        ("<<<<<<< x\n|||||||\n|||||||\n", 3),
        ("<<<<<<< x\n", 1),
    ] {
        assert_eq!(Pins::sides(text.as_bytes()), Err(PinsError::Conflict { line }), "{text}");
    }
    let both = "sigpkg-pins = 1\n<<<<<<< x\n||||||| y\nnonsense\n=======\n>>>>>>> z\n";
    assert_eq!(Pins::sides(both.as_bytes()), Ok((Pins::default(), Pins::default())));
    assert_eq!(Pins::parse(both.as_bytes()), Err(PinsError::Conflict { line: 2 }));
}

#[test]
fn a_pin_is_all_that_a_user_without_decisions_needs() {
    let mut fixture = Fixture::new(6).fast();
    let line = fixture.line(&["1.0.0", "1.1.0"]);
    let file = chain_file(&line);
    let pin = pin("example", &line, 1);
    let trusted = pin.trusted(file.as_bytes(), false, noon(), fixture.scheme()).unwrap().unwrap();
    assert_eq!(trusted.belief().head().digest(), line[2].digest());
    assert_eq!(trusted.decisions().grade, Grade::Confirmed);
    let short = chain_file(&line[..1]);
    assert!(
        pin.trusted(short.as_bytes(), false, noon(), fixture.scheme()).unwrap().is_none(),
        "it does not reach the pin"
    );
    let other = chain_file(&Fixture::new(7).fast().line(&["1.0.0"]));
    assert!(pin.trusted(other.as_bytes(), false, noon(), fixture.scheme()).is_err());
}

/// A rival of equal rank is decided by the pin, as by an acceptance (PRJ-15).
#[test]
fn a_pin_breaks_a_tie_and_does_not_outrank() {
    let mut fixture = Fixture::new(8).fast();
    let line = fixture.line(&["1.0.0", "1.1.0"]);
    let rival = fixture.release(&line[1], "9.0.0");
    let tied = chain_file(line.iter().chain([&rival]));
    let mine = pin("example", &line, 2);
    let trusted = mine.trusted(tied.as_bytes(), false, noon(), fixture.scheme()).unwrap().unwrap();
    assert_eq!(trusted.belief().head().digest(), line[2].digest());
    let next = fixture.release(&rival, "9.1.0");
    let outranked = chain_file(line.iter().chain([&rival, &next]));
    let trusted = mine.trusted(outranked.as_bytes(), false, noon(), fixture.scheme()).unwrap().unwrap();
    assert_eq!(trusted.belief().head().digest(), next.digest());
}
