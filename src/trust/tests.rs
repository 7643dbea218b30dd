mod decisions;

use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::package::EcosystemName;
use crate::testing::{Fixture, Record};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn noon() -> Timestamp {
    at("2026-06-01T12:00:00Z")
}

fn later() -> Timestamp {
    at("2026-07-01T12:00:00Z")
}

fn store() -> (tempfile::TempDir, TrustStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = TrustStore::open(folder.path().join("trust"));
    (folder, store)
}

fn entry(store: &TrustStore, record: &Record) -> PathBuf {
    store.home().join("generic").join("example").join(record.signatory().to_string())
}

#[test]
fn a_store_that_was_never_written_to_is_empty_and_is_not_created_by_reading() {
    let (_folder, store) = store();
    let id = Fixture::new(1).genesis().signatory();
    assert!(store.list().unwrap().is_empty());
    assert!(store.find(id).unwrap().is_none());
    assert!(store.named("example").unwrap().is_empty());
    assert!(!store.home().exists());
}

#[test]
fn first_trust_accepts_the_head_and_survives_reopening() {
    let (_folder, store) = store();
    let mut fixture = Fixture::new(2).fast();
    let line = fixture.line(&["1.0.0", "1.1.0"]);
    let chain = fixture.admit(&line).unwrap();
    store.add(&chain, Grade::Seen, noon()).unwrap();

    let found = TrustStore::open(store.home()).find(chain.id()).unwrap().unwrap();
    assert_eq!(found.decisions().accepted, [line[2].digest()]);
    assert_eq!(found.decisions().grade, Grade::Seen);
    assert_eq!(found.decisions().since, noon());
    assert_eq!(found.decisions().head, SeenHead { digest: line[2].digest(), first_seen: noon() });
    assert_eq!(found.chain().to_file(), chain.to_file());
    assert_eq!(store.trusted_for(chain.package()).unwrap().len(), 1);
    let other = Package::new(EcosystemName::Generic, "another", None).unwrap();
    assert!(store.trusted_for(&other).unwrap().is_empty());
}

#[test]
fn an_update_adds_records_and_moves_the_head_but_decides_nothing() {
    let (_folder, store) = store();
    let mut fixture = Fixture::new(3).fast();
    let line = fixture.line(&["1.0.0", "1.1.0"]);
    store.add(&fixture.admit(&line[..2]).unwrap(), Grade::Confirmed, noon()).unwrap();

    let update = store.update(&fixture.admit(&line).unwrap(), later()).unwrap();
    assert_eq!(update.new_records, 1);
    let change = update.change();
    assert_eq!((change.head_before.digest(), change.head_after.digest()), (line[1].digest(), line[2].digest()));
    let found = store.find(line[0].signatory()).unwrap().unwrap();
    assert_eq!(found.decisions().accepted, [line[1].digest()]);
    assert_eq!(found.decisions().since, noon());
    assert_eq!(found.decisions().head.first_seen, later());

    let older = store.update(&fixture.admit(&line[..2]).unwrap(), later()).unwrap();
    assert_eq!(older.new_records, 0);
    assert_eq!(store.find(line[0].signatory()).unwrap().unwrap().chain().len(), 3);
}

/// VER-31
#[test]
fn an_update_never_trusts_an_id() {
    let (_folder, store) = store();
    let mut fixture = Fixture::new(4).fast();
    let line = fixture.line(&["1.0.0"]);
    let refused = store.update(&fixture.admit(&line).unwrap(), noon()).unwrap_err();
    assert!(matches!(refused, TrustError::NotTrusted { id } if id == line[0].signatory()), "{refused}");
    assert!(!store.home().exists());
}

#[test]
fn adding_again_raises_the_grade_and_accepts_nothing() {
    let (_folder, store) = store();
    let mut fixture = Fixture::new(5).fast();
    let line = fixture.line(&["1.0.0", "1.1.0"]);
    store.add(&fixture.admit(&line[..2]).unwrap(), Grade::Seen, noon()).unwrap();
    let again = store.add(&fixture.admit(&line).unwrap(), Grade::Confirmed, later()).unwrap();
    assert_eq!(again.decisions().grade, Grade::Confirmed);
    assert_eq!(again.decisions().accepted, [line[1].digest()]);
    assert_eq!(again.decisions().since, noon());
    assert_eq!(again.chain().len(), 3);
    let lower = store.add(&fixture.admit(&line).unwrap(), Grade::Seen, later()).unwrap();
    assert_eq!(lower.decisions().grade, Grade::Confirmed);
}

/// VER-33
#[test]
fn first_trust_at_a_contested_fork_accepts_the_parent() {
    let mut fixture = Fixture::new(6).fast();
    let mut records = fixture.line(&["1.0.0"]);
    records.push(fixture.release(&records[1], "1.1.0"));
    records.push(fixture.release(&records[1], "1.2.0"));
    let trusted = Trusted::first(fixture.admit(&records).unwrap(), Grade::Confirmed, noon());
    assert_eq!(trusted.decisions().accepted, [records[1].digest()]);
    assert!(trusted.belief().contest().is_some());
}

#[test]
fn a_later_acceptance_withdraws_those_on_rival_branches_only() {
    let mut fixture = Fixture::new(7).fast();
    let mut records = fixture.line(&["1.0.0"]);
    records.push(fixture.release(&records[1], "1.1.0"));
    records.push(fixture.release(&records[1], "1.2.0"));
    let mut trusted = Trusted::first(fixture.admit(&records).unwrap(), Grade::Confirmed, noon());
    let [_, parent, left, right] = [0, 1, 2, 3].map(|index: usize| records[index].digest());

    assert!(trusted.accept(left, later()));
    assert_eq!(trusted.decisions().accepted, [parent, left]);
    assert_eq!(trusted.belief().head().digest(), left);
    assert_eq!(trusted.decisions().head, SeenHead { digest: left, first_seen: later() });
    assert!(trusted.accept(right, later()));
    assert_eq!(trusted.decisions().accepted, [parent, right]);
    assert_eq!(trusted.belief().head().digest(), right);
    assert!(!trusted.accept(Digest::of(b"no statement"), later()));
    assert_eq!(trusted.decisions().accepted, [parent, right]);
}

#[test]
fn two_signatories_of_one_package_stand_beside_each_other() {
    let (_folder, store) = store();
    let mut chains = [8, 9].map(|seed| {
        let mut fixture = Fixture::new(seed).fast();
        let line = fixture.line(&["1.0.0"]);
        fixture.admit(&line).unwrap()
    });
    chains.sort_by_key(Chain::id);
    for chain in &chains {
        store.add(chain, Grade::Seen, noon()).unwrap();
    }
    let both: Vec<_> = store.trusted_for(chains[0].package()).unwrap().iter().map(Trusted::id).collect();
    assert_eq!(both, [chains[0].id(), chains[1].id()]);
    store.remove(chains[0].id()).unwrap();
    let rest: Vec<_> = store.list().unwrap().iter().map(Trusted::id).collect();
    assert_eq!(rest, [chains[1].id()]);
    assert!(matches!(store.remove(chains[0].id()), Err(TrustError::NotTrusted { .. })));
}

/// VER-35
#[test]
fn a_damaged_file_is_named_and_nothing_is_overwritten() {
    let (_folder, store) = store();
    let mut fixture = Fixture::new(10).fast();
    let line = fixture.line(&["1.0.0", "1.1.0"]);
    let chain = fixture.admit(&line).unwrap();
    store.add(&chain, Grade::Seen, noon()).unwrap();
    let entry = entry(&store, &line[0]);
    let good = [CHAIN_FILE, TRUST_FILE].map(|name| fs::read_to_string(entry.join(name)).unwrap());

    for (name, damage) in [
        (TRUST_FILE, String::new()),
        (TRUST_FILE, "no toml".to_owned()),
        (TRUST_FILE, good[1].replace("\"seen\"", "\"sure\"")),
        (TRUST_FILE, good[1].replace("sigpkg-trust = 1", "sigpkg-trust = 2")),
        (TRUST_FILE, format!("{}surplus = 1\n", good[1])),
        (CHAIN_FILE, String::new()),
        (CHAIN_FILE, good[0][..good[0].len() - 5].to_owned()),
        (CHAIN_FILE, good[0].replace("1.1.0", "1.1.1").replace("seq = 2", "seq = 9")),
    ] {
        fs::write(entry.join(name), &damage).unwrap();
        for error in [
            store.list().unwrap_err(),
            store.find(chain.id()).unwrap_err(),
            store.update(&chain, later()).unwrap_err(),
            store.add(&chain, Grade::Confirmed, later()).unwrap_err(),
        ] {
            assert_eq!(error.path(), Some(entry.join(name).as_path()), "{damage:?}: {error}");
        }
        assert_eq!(fs::read_to_string(entry.join(name)).unwrap(), damage);
        fs::write(entry.join(CHAIN_FILE), &good[0]).unwrap();
        fs::write(entry.join(TRUST_FILE), &good[1]).unwrap();
    }
    fs::remove_file(entry.join(CHAIN_FILE)).unwrap();
    assert_eq!(store.find(chain.id()).unwrap_err().path(), Some(entry.join(TRUST_FILE).as_path()));
}

const CHAIN_FILE: &str = "chain";
const TRUST_FILE: &str = "trust.toml";

#[test]
fn an_entry_that_was_moved_to_another_name_is_damage() {
    let (_folder, store) = store();
    let mut fixture = Fixture::new(11).fast();
    let line = fixture.line(&["1.0.0"]);
    store.add(&fixture.admit(&line).unwrap(), Grade::Seen, noon()).unwrap();
    fs::rename(store.home().join("generic/example"), store.home().join("generic/other")).unwrap();
    assert!(matches!(store.list(), Err(TrustError::Damaged { .. })));
}

#[test]
fn records_without_a_decision_are_not_trusted_and_not_lost() {
    let (_folder, store) = store();
    let mut fixture = Fixture::new(12).fast();
    let line = fixture.line(&["1.0.0", "1.1.0"]);
    store.add(&fixture.admit(&line).unwrap(), Grade::Seen, noon()).unwrap();
    // As if the process had been killed between the two files.
    fs::remove_file(entry(&store, &line[0]).join(TRUST_FILE)).unwrap();
    assert!(store.find(line[0].signatory()).unwrap().is_none());
    assert!(store.list().unwrap().is_empty());
    let trusted = store.add(&fixture.admit(&line[..2]).unwrap(), Grade::Seen, noon()).unwrap();
    assert_eq!(trusted.chain().len(), 3);
}

#[test]
fn what_a_kill_left_half_written_is_not_read() {
    let (_folder, store) = store();
    let mut fixture = Fixture::new(13).fast();
    let line = fixture.line(&["1.0.0"]);
    store.add(&fixture.admit(&line).unwrap(), Grade::Seen, noon()).unwrap();
    fs::write(entry(&store, &line[0]).join(".new-abc"), "half a chai").unwrap();
    assert_eq!(store.list().unwrap().len(), 1);
    store.remove(line[0].signatory()).unwrap();
    assert!(store.list().unwrap().is_empty());
}

/// VER-32
#[test]
fn updates_at_the_same_time_lose_no_record() {
    const BRANCHES: usize = 12;
    let (_folder, store) = store();
    let mut fixture = Fixture::new(14).fast();
    let base = fixture.line(&["1.0.0"]);
    store.add(&fixture.admit(&base).unwrap(), Grade::Seen, noon()).unwrap();
    let chains: Vec<_> = (0..BRANCHES)
        .map(|branch| {
            let child = fixture.release(&base[1], &format!("2.{branch}.0"));
            fixture.admit(&[base[0].clone(), base[1].clone(), child]).unwrap()
        })
        .collect();
    std::thread::scope(|scope| {
        for chain in &chains {
            scope.spawn(|| store.update(chain, later()).unwrap());
        }
    });
    assert_eq!(store.find(base[0].signatory()).unwrap().unwrap().chain().len(), 2 + BRANCHES);
}

#[test]
fn the_order_in_which_records_arrive_does_not_matter() {
    let mut fixture = Fixture::new(15).fast();
    let base = fixture.line(&["1.0.0"]);
    let left = fixture.release(&base[1], "1.1.0");
    let right = fixture.release(&base[1], "1.2.0");
    let right_child = fixture.release(&right, "1.3.0");
    let branches = [vec![left], vec![right.clone()], vec![right, right_child]];
    let file_after = |order: [usize; 3]| {
        let (_folder, store) = store();
        store.add(&fixture.admit(&base).unwrap(), Grade::Seen, noon()).unwrap();
        for branch in order {
            let records: Vec<_> = base.iter().chain(&branches[branch]).cloned().collect();
            store.update(&fixture.admit(&records).unwrap(), later()).unwrap();
        }
        let trusted = store.find(base[0].signatory()).unwrap().unwrap();
        (trusted.chain().to_file(), trusted.belief().head().digest())
    };
    let expected = file_after([0, 1, 2]);
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        assert_eq!(file_after(order), expected, "{order:?}");
    }
}

#[test]
fn a_policy_is_kept_and_the_default_is_not_written() {
    let (_folder, store) = store();
    let mut fixture = Fixture::new(16).fast();
    let line = fixture.line(&["1.0.0"]);
    let id = line[0].signatory();
    store.add(&fixture.admit(&line).unwrap(), Grade::Seen, noon()).unwrap();
    let text = || fs::read_to_string(entry(&store, &line[0]).join(TRUST_FILE)).unwrap();
    assert!(!text().contains("reserve"));
    for policy in ReservePolicy::ALL {
        store.set_policy(id, policy, later()).unwrap();
        assert_eq!(store.find(id).unwrap().unwrap().decisions().reserve, policy);
    }
}

#[test]
fn names_that_lead_out_of_the_store_find_nothing() {
    let (folder, store) = store();
    fs::create_dir_all(folder.path().join("outside")).unwrap();
    for name in ["..", "../outside", "/", "", ".", "a/b", "a\\b"] {
        assert!(store.named(name).unwrap().is_empty(), "{name:?}");
    }
}

#[test]
fn the_store_does_not_write_more_than_it_reads() {
    use crate::chain::MAX_CHAIN_BYTES;
    let path = PathBuf::from("chain");
    assert!(store::check_chain_size(&path, MAX_CHAIN_BYTES).is_ok());
    let error = store::check_chain_size(&path, MAX_CHAIN_BYTES + 1).unwrap_err();
    assert!(matches!(&error, TrustError::Write { source, .. } if source.kind() == std::io::ErrorKind::FileTooLarge));
    assert!(error.to_string().contains("67108864") && error.to_string().contains("67108865"), "{error}");
}

/// VER-30
#[test]
fn a_store_that_is_full_leaves_out_what_has_lost_and_keeps_what_comes() {
    let mut fixture = Fixture::new(17).fast();
    let mut records = fixture.line(&["1.0.0"]);
    let mut trusted = Trusted::first(fixture.admit(&records).unwrap(), Grade::Seen, noon());
    let fork = records[0].clone();
    let rivals: Vec<_> = (0..200).map(|_| fixture.beat(&fork)).collect();
    records.extend(rivals);
    trusted.learn(&fixture.admit(&records).unwrap(), noon()).unwrap();
    let full = trusted.chain().to_file().len();
    let next = fixture.release(&records[1], "1.1.0");
    records.push(next.clone());
    trusted.learn(&fixture.admit(&records).unwrap(), later()).unwrap();
    assert_eq!(trusted.belief().head().digest(), next.digest());
    let all = trusted.chain().to_file();
    assert_eq!(store::fitting_file(&trusted, all.len()), all, "nothing is left out without need");
    let file = store::fitting_file(&trusted, full);
    assert!(file.len() < full && file.contains(&next.text));
    let read = Chain::from_store(file.as_bytes(), trusted.id()).unwrap();
    assert_eq!(read.belief(&trusted.decisions().decided()).head().digest(), next.digest());
}
