use std::fs;
use std::path::Path;
use std::time::Duration;

use rand_core::UnwrapErr;

use super::*;
use crate::release::Draft;
use crate::statement::ReserveSet;

const SHORT: Duration = Duration::from_millis(50);

fn random() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}

fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}

fn store_in(home: &Path, mode: Mode, passphrase: Option<&[u8]>) -> (KeyStores, SignatoryId) {
    let stores = KeyStores::at(home.join("keys"));
    let keys = FirstKeys::generate(mode, &mut random()).unwrap();
    // Nobody holds the secret half of this reserve key.
    let reserve = ReserveSet { threshold: 1, keys: vec![crate::key::ReserveKey::new([7; 32])] };
    let now = "2026-11-20T12:00:00Z".parse().unwrap();
    let package = Package::generic("example").unwrap();
    let this = keys.this().link_key().unwrap();
    let draft = Draft::genesis(package, reserve, this, keys.look_ahead().unwrap(), now).unwrap();
    let signed = draft.sign(keys.this()).unwrap();
    let protection = if passphrase.is_some() { KeyProtection::Default } else { KeyProtection::None };
    let new = NewStore {
        reserve_files: Vec::new(),
        reserve_place: None,
        protection,
        passphrase,
        now,
        repository: home.to_owned(),
    };
    let store = stores.create(signed.record(), keys, &new, &mut random()).unwrap();
    let id = store.id();
    (stores, id)
}

fn lock(stores: &KeyStores, id: SignatoryId) -> LockedStore {
    stores.open(id).unwrap().lock(SHORT, &mut || {}).unwrap()
}

/// KEEP-2, KEEP-4: the announced keys are there, as stock minisign files; K_1 never was.
#[test]
fn a_new_store_has_the_two_announced_keys() {
    let home = tempfile::tempdir().unwrap();
    let (stores, id) = store_in(home.path(), Mode::Fresh, None);
    let store = stores.open(id).unwrap();
    assert_eq!(store.key_seqs().unwrap(), [seq(2), seq(3)]);
    let announced = store.chain().genesis().statement().look_ahead();
    let opened = store.open_keys(seq(2), None).unwrap();
    assert_eq!(opened.secret().link_key().unwrap(), announced.next);
    assert!(matches!(store.open_keys(seq(1), None), Err(KeyStoreError::NoKey { .. })));
    assert_eq!(stores.ids().unwrap(), [id]);
}

/// KEEP-3
#[cfg(unix)]
#[test]
fn a_store_that_others_can_read_is_refused_with_the_mode_it_should_have() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempfile::tempdir().unwrap();
    let (stores, id) = store_in(home.path(), Mode::Fresh, None);
    let folder = stores.folder(id);
    for (path, mode, expected) in
        [(folder.clone(), 0o750, 0o700), (folder.join("2.key"), 0o640, 0o600), (folder.join("chain"), 0o604, 0o600)]
    {
        let before = fs::metadata(&path).unwrap().permissions();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let refused = stores.open(id).unwrap_err();
        let KeyStoreError::TooOpen { path: named, expected: wanted, found } = refused else { panic!("{refused}") };
        assert_eq!((named, wanted, found), (path.clone(), expected, mode));
        fs::set_permissions(&path, before).unwrap();
    }
    stores.open(id).unwrap();
}

/// KEEP-4: a key that a crash has left is the one that is used.
#[test]
fn a_key_that_is_there_is_not_made_again() {
    let home = tempfile::tempdir().unwrap();
    let (stores, id) = store_in(home.path(), Mode::Fresh, None);
    let mut store = lock(&stores, id);
    let opened = store.store().open_keys(seq(2), None).unwrap();
    let first = store.make_key(seq(4), &opened, None, &mut random()).unwrap();
    let before = fs::read(stores.folder(id).join("4.key")).unwrap();
    assert_eq!(store.make_key(seq(4), &opened, None, &mut random()).unwrap(), first);
    assert_eq!(fs::read(stores.folder(id).join("4.key")).unwrap(), before);
}

/// KEEP-7
#[test]
fn a_store_is_locked_by_one_at_a_time() {
    let home = tempfile::tempdir().unwrap();
    let (stores, id) = store_in(home.path(), Mode::Fresh, None);
    let first = lock(&stores, id);
    let mut waited = 0;
    let second = stores.open(id).unwrap().lock(SHORT, &mut || waited += 1);
    assert!(matches!(second.unwrap_err(), KeyStoreError::Busy { .. }));
    assert_eq!(waited, 1);
    drop(first);
    lock(&stores, id);
}

/// KEEP-1: the store itself is the last line of defence.
#[test]
fn a_second_text_for_a_seq_is_not_taken() {
    let home = tempfile::tempdir().unwrap();
    let (stores, id) = store_in(home.path(), Mode::Seeded, None);
    let mut store = lock(&stores, id);
    let keys = store.store().open_keys(seq(2), None).unwrap();
    let after_next = store.make_key(seq(4), &keys, None, &mut random()).unwrap();
    let tree = crate::listing::TreeBuilder::new().finish().unwrap();
    let chain = store.store().chain().clone();
    let release = |version: &str| {
        let version = crate::package::Version::new(crate::package::EcosystemName::Generic, version).unwrap();
        let plan = crate::release::Plan::new(version, &tree);
        let now = "2026-11-20T12:00:00Z".parse().unwrap();
        Draft::release(chain.genesis(), &plan, after_next, now).unwrap().sign(&keys).unwrap()
    };
    store.add_record(release("1.0").record()).unwrap();
    store.add_record(release("1.0").record()).unwrap();
    let refused = store.add_record(release("2.0").record()).unwrap_err();
    assert!(matches!(refused, KeyStoreError::SecondText { seq: found } if found == seq(2)), "{refused}");
    assert_eq!(stores.open(id).unwrap().chain().len(), 2);
}

/// KEEP-14
#[test]
fn a_moved_store_is_in_one_place_and_signs_from_there() {
    let home = tempfile::tempdir().unwrap();
    let (stores, id) = store_in(home.path(), Mode::Fresh, None);
    let key = fs::read(stores.folder(id).join("2.key")).unwrap();
    let stick = KeyStores::at(home.path().join("stick"));
    stores.move_to(id, &stick, SHORT).unwrap();
    assert!(matches!(stores.open(id), Err(KeyStoreError::NoStore { .. })));
    assert!(!stores.folder(id).exists());
    assert_eq!(fs::read(stick.folder(id).join("2.key")).unwrap(), key);
    stick.open(id).unwrap();
    stick.move_to(id, &stores, SHORT).unwrap();
    lock(&stores, id);
}

/// KEEP-14: from the mark on, the old place does not sign, and the same command takes the move up.
#[test]
fn a_store_on_its_way_signs_in_neither_place_until_the_move_is_taken_up() {
    let home = tempfile::tempdir().unwrap();
    let (stores, id) = store_in(home.path(), Mode::Fresh, None);
    let stick = KeyStores::at(home.path().join("stick"));
    let mark = stores.folder(id).join("moved");
    files::write(&mark, stick.folder(id).to_string_lossy().as_bytes()).unwrap();
    assert!(matches!(stores.open(id), Err(KeyStoreError::Moved { .. })));
    assert!(stores.all().unwrap().is_empty());
    let elsewhere = KeyStores::at(home.path().join("elsewhere"));
    assert!(matches!(stores.move_to(id, &elsewhere, SHORT), Err(KeyStoreError::Moved { .. })));
    stores.move_to(id, &stick, SHORT).unwrap();
    stick.open(id).unwrap();
    assert!(!stores.folder(id).exists());
}

/// KEEP-8
#[test]
fn a_journal_is_opened_once_and_read_back_whole() {
    let home = tempfile::tempdir().unwrap();
    let (stores, id) = store_in(home.path(), Mode::Fresh, None);
    let mut store = lock(&stores, id);
    let place = Place {
        directory: "/somewhere".into(),
        commit: "0".repeat(40),
        branch: "refs/heads/main".to_owned(),
        below_root: "lib/Inner".to_owned(),
        writes: Writes::Commit,
        signatures: None,
        tag: None,
    };
    let journal = Journal { text: "text\n".to_owned(), files: Some(String::new()), links: None, place };
    store.open_journal(&journal).unwrap();
    assert!(matches!(store.open_journal(&journal), Err(KeyStoreError::Unfinished { .. })));
    let signatures = Signatures { block: "block\n".to_owned(), file: Some("file\n".to_owned()) };
    store.write_signatures(&signatures).unwrap();
    assert_eq!(stores.open(id).unwrap().journal().unwrap(), Some((journal, Some(signatures))));
    let stick = KeyStores::at(home.path().join("stick"));
    drop(store);
    assert!(matches!(stores.move_to(id, &stick, SHORT), Err(KeyStoreError::Unfinished { .. })));
    lock(&stores, id).close_journal().unwrap();
    assert_eq!(stores.open(id).unwrap().journal().unwrap(), None);
}

/// KEEP-15
#[test]
fn a_passphrase_is_changed_for_all_keys_and_a_wrong_one_changes_nothing() {
    let home = tempfile::tempdir().unwrap();
    let (stores, id) = store_in(home.path(), Mode::Fresh, Some(b"old"));
    let mut store = lock(&stores, id);
    let wrong = store.change_passphrase(Some(b"wrong"), Some(b"new"), KeyProtection::Default, &mut random());
    assert!(matches!(wrong.unwrap_err(), KeyStoreError::Secret { .. }));
    store.store().open_keys(seq(2), Some(b"old")).unwrap();
    store.change_passphrase(Some(b"old"), None, KeyProtection::None, &mut random()).unwrap();
    for number in [2, 3] {
        store.store().open_keys(seq(number), None).unwrap();
    }
    assert_eq!(stores.open(id).unwrap().settings().protection, KeyProtection::None);
}

#[test]
fn a_seeded_store_derives_every_key() {
    let home = tempfile::tempdir().unwrap();
    let (stores, id) = store_in(home.path(), Mode::Seeded, None);
    let store = stores.open(id).unwrap();
    assert!(store.key_seqs().unwrap().is_empty());
    let announced = store.chain().genesis().statement().look_ahead();
    let keys = store.open_keys(seq(2), None).unwrap();
    assert_eq!(keys.secret().link_key().unwrap(), announced.next);
    assert_eq!(keys.derived(seq(3)).unwrap(), Some(announced.after_next));
}

#[test]
fn a_store_whose_chain_was_tampered_with_is_not_opened() {
    let home = tempfile::tempdir().unwrap();
    let (stores, id) = store_in(home.path(), Mode::Fresh, None);
    let path = stores.folder(id).join("chain");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("example", "another")).unwrap();
    assert!(matches!(stores.open(id), Err(KeyStoreError::Chain { .. })));
}

/// Begins a reserve statement in a store, with whatever for a draft: the store does not read it.
fn begin_reserve(store: &mut LockedStore, keys: NewLinkKeys) -> Result<(), KeyStoreError> {
    let chain = store.store().chain().clone();
    let new = NewReserve { chain: &chain, draft: "a draft\n", protection: KeyProtection::None, passphrase: None };
    store.begin_reserve(keys, &new, &mut random())
}

/// KEEP-17: what was begun is there whole, once, and is given up whole; the keys in force are not touched.
#[test]
fn a_reserve_statement_that_has_begun_keeps_its_keys_apart() {
    let home = tempfile::tempdir().unwrap();
    let (stores, id) = store_in(home.path(), Mode::Fresh, None);
    let mut store = lock(&stores, id);
    let keys = || NewLinkKeys::generate(Mode::Fresh, Algorithm::Ed25519, seq(2), &mut random()).unwrap();
    begin_reserve(&mut store, keys()).unwrap();
    assert!(matches!(begin_reserve(&mut store, keys()), Err(KeyStoreError::ReserveBegun { .. })));
    store.write_reserve_draft("signed\n").unwrap();
    let begun = store.store().begun_reserve().unwrap().unwrap();
    assert_eq!((begun.draft.as_str(), begun.mode, begun.protection), ("signed\n", Mode::Fresh, KeyProtection::None));
    assert_eq!(store.store().key_seqs().unwrap(), [seq(2), seq(3)]);
    assert_eq!(store.store().secret_digests().unwrap().len(), 4, "the new keys are no less secret than the old");
    let nothing = Digest::of(b"");
    assert!(
        matches!(store.activate_reserve_keys(nothing), Err(KeyStoreError::NotJoined { digest }) if digest == nothing)
    );
    assert_eq!(store.store().key_seqs().unwrap(), [seq(2), seq(3)], "no key goes for a statement that is not there");
    let stick = KeyStores::at(home.path().join("stick"));
    drop(store);
    assert!(matches!(stores.move_to(id, &stick, SHORT), Err(KeyStoreError::ReserveBegun { .. })));
    lock(&stores, id).drop_reserve().unwrap();
    let store = stores.open(id).unwrap();
    assert!(!store.has_begun_reserve().unwrap());
    assert_eq!(store.key_seqs().unwrap(), [seq(2), seq(3)]);
}

/// KEEP-22: keys are made for the algorithm in force, at random and from a seed.
#[test]
fn keys_follow_the_algorithm_of_the_keys_before_them() {
    let home = tempfile::tempdir().unwrap();
    for mode in [Mode::Fresh, Mode::Seeded] {
        let new = NewLinkKeys::generate(mode, Algorithm::SlhDsa, seq(2), &mut random()).unwrap().look_ahead().unwrap();
        assert_eq!([new.next, new.after_next].map(|key| key.algorithm()), [Algorithm::SlhDsa; 2]);
        assert_ne!(new.next, new.after_next);
    }
    let (stores, id) = store_in(home.path(), Mode::Fresh, None);
    let mut store = lock(&stores, id);
    let opened = Keys::Fresh(SecretKey::generate(Algorithm::SlhDsa, &mut random()));
    let made = store.make_key(seq(4), &opened, None, &mut random()).unwrap();
    assert_eq!(made.algorithm(), Algorithm::SlhDsa);
    assert_eq!(store.store().open_keys(seq(4), None).unwrap().secret().link_key().unwrap(), made);
    let seed = Seed::from_bytes([5; 32]);
    let key = seed.link_secret(Algorithm::SlhDsa, 2).unwrap();
    let expected = seed.link_secret(Algorithm::SlhDsa, 5).unwrap().link_key().unwrap();
    let opened = Keys::Seeded(seed, key);
    assert_eq!(opened.derived(seq(5)).unwrap(), Some(expected));
    assert_eq!(store.make_key(seq(5), &opened, None, &mut random()).unwrap(), expected);
}
