//! Decisions on bad days: forks, the reserve, the fall of Ed25519, and signatories that are trusted no longer.

use super::*;
use crate::chain::{Chain, ReservePolicy, State};
use crate::key::{Algorithm, LinkKey, ReserveKey};
use crate::signature::{Scheme, Signature, VerifyError};
use crate::statement::{Cause, Kind, Severity};
use crate::testing::{StandIn, chain_file};

/// A store that trusts the signatory of these records, after comparing the id.
fn trusting(fixture: &Fixture, records: &[Record]) -> (tempfile::TempDir, TrustStore) {
    let (folder, store) = store();
    store.add(&fixture.admit(records).unwrap(), Grade::Confirmed, noon()).unwrap();
    (folder, store)
}

fn with<'a>(base: &'a [Record], more: impl IntoIterator<Item = &'a Record>) -> Vec<Record> {
    base.iter().chain(more).cloned().collect()
}

fn learn(store: &TrustStore, fixture: &Fixture, records: &[Record]) -> Update {
    store.update(&fixture.admit(records).unwrap(), later()).unwrap()
}

fn find(store: &TrustStore, record: &Record) -> Trusted {
    store.find(record.signatory()).unwrap().unwrap()
}

/// Every file of a store by its path, but for the lock.
fn files(store: &TrustStore) -> Vec<(PathBuf, Vec<u8>)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if !path.ends_with("lock") {
                found.push((path.clone(), fs::read(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    walk(store.home(), &mut found);
    found.sort();
    found
}

fn digests<'a>(links: impl IntoIterator<Item = Link<'a>>) -> Vec<Digest> {
    links.into_iter().map(Link::digest).collect()
}

/// VER-47
#[test]
fn an_acceptance_tells_before_it_is_made_which_releases_fall_by_it() {
    let mut fixture = Fixture::new(601).fast();
    let base = fixture.line(&["1.0.0"]);
    let [left, right] = ["1.1.0", "1.2.0"].map(|version| fixture.release(&base[1], version));
    let [left_child, right_child] =
        [(&left, "1.3.0"), (&right, "1.4.0")].map(|(parent, version)| fixture.release(parent, version));
    let (_folder, store) = trusting(&fixture, &base);
    let id = base[0].signatory();
    learn(&store, &fixture, &with(&base, [&left, &left_child, &right, &right_child]));
    store.accept(id, left.digest(), later()).unwrap();

    let before = files(&store);
    let acceptance = store.would_accept(id, right_child.digest(), later()).unwrap();
    let change = acceptance.change();
    assert_eq!(digests(change.voided.iter().copied()), [left.digest(), left_child.digest()]);
    assert_eq!(digests(change.restored.iter().copied()), [right.digest(), right_child.digest()]);
    assert_eq!(change.head_before.digest(), left_child.digest());
    assert_eq!(change.head_after.digest(), right_child.digest());
    assert_eq!(digests(acceptance.withdraws()), [left.digest()]);
    assert!(acceptance.reserves().is_empty() && change.waiting.is_none() && change.contest.is_none());
    assert_eq!(files(&store), before, "nothing is accepted by looking");

    store.accept_as_shown(&acceptance).unwrap();
    assert_eq!(find(&store, &base[0]).belief().head().digest(), right_child.digest());
}

/// VER-47
#[test]
fn an_acceptance_shows_the_reserve_statements_that_come_with_it_and_the_yanks_that_fall() {
    let mut fixture = Fixture::new(602).fast().with_reserve(2, 3);
    let base = fixture.line(&["1.0.0", "1.1.0"]);
    let yank = fixture.yank(&base[2], &[2], Severity::Refuse);
    let after_yank = fixture.release(&yank, "1.2.0");
    let (_folder, store) = trusting(&fixture, &with(&base, [&yank, &after_yank]));
    let lost = fixture.reserve_record(&base[2], Cause::Lost);
    let handover = fixture.reserve_record(&lost, Cause::Handover);
    let release = fixture.release(&handover, "2.0.0");

    let update = learn(&store, &fixture, &with(&base, [&lost, &handover, &release]));
    let change = update.change();
    assert_eq!(update.new_records, 3);
    assert_eq!(digests(change.voided.iter().copied()), [after_yank.digest()], "to stop is immediate");
    assert!(change.fallen_yanks.is_empty(), "it warns until the user decides");
    assert_eq!(change.yanked.iter().map(|(_, yanked)| yanked.severity).collect::<Vec<_>>(), [Severity::Warn]);
    assert_eq!(change.waiting.map(Link::digest), Some(lost.digest()));
    assert_eq!(change.head_after.digest(), base[2].digest());

    let acceptance = store.would_accept(base[0].signatory(), release.digest(), later()).unwrap();
    assert_eq!(digests(acceptance.reserves()), [lost.digest(), handover.digest()]);
    assert_eq!(digests(acceptance.change().fallen_yanks.iter().copied()), [yank.digest()], "now it has fallen");
    let only_one = store.would_accept(base[0].signatory(), lost.digest(), later()).unwrap();
    assert_eq!(digests(only_one.reserves()), [lost.digest()]);
    assert_eq!(only_one.change().waiting.map(Link::digest), Some(handover.digest()));
}

/// VER-47
#[test]
fn an_acceptance_of_what_was_not_shown_is_not_made() {
    let mut fixture = Fixture::new(603).fast();
    let base = fixture.line(&["1.0.0"]);
    let [left, right] = ["1.1.0", "1.2.0"].map(|version| fixture.release(&base[1], version));
    let right_child = fixture.release(&right, "1.3.0");
    let (_folder, store) = trusting(&fixture, &base);
    learn(&store, &fixture, &with(&base, [&left, &right]));
    let shown = store.would_accept(base[0].signatory(), left.digest(), later()).unwrap();
    learn(&store, &fixture, &with(&base, [&right, &right_child]));
    let before = files(&store);
    let refused = store.accept_as_shown(&shown).unwrap_err();
    assert!(matches!(refused, TrustError::Changed { id } if id == base[0].signatory()), "{refused}");
    assert_eq!(files(&store), before);
}

/// VER-47
#[test]
fn an_acceptance_never_outranks_and_one_that_would_is_not_made() {
    let mut fixture = Fixture::new(604).fast().with_reserve(1, 1);
    let base = fixture.line(&["1.0.0"]);
    let [good, forged] = ["1.1.0", "6.6.6"].map(|version| fixture.release(&base[1], version));
    let good_child = fixture.release(&good, "1.2.0");
    let (_folder, store) = trusting(&fixture, &with(&base, [&good, &good_child]));
    let id = base[0].signatory();
    learn(&store, &fixture, &with(&base, [&forged]));
    let before = files(&store);
    for accept in [
        store.accept(id, forged.digest(), later()).unwrap_err(),
        store.would_accept(id, forged.digest(), later()).unwrap_err(),
    ] {
        let TrustError::Accept(AcceptError::Outranked { digest, above, because, .. }) = accept else {
            panic!("{accept}");
        };
        assert_eq!((digest, above), (forged.digest(), (good.statement.seq, good.digest())));
        assert_eq!(because, "was extended");
    }
    assert_eq!(files(&store), before, "the earlier acceptance is not withdrawn");

    let stolen = fixture.reserve_record(&base[1], Cause::Stolen);
    learn(&store, &fixture, &with(&base, [&stolen]));
    let error = store.accept(id, good_child.digest(), later()).unwrap_err();
    assert!(error.to_string().contains("because it leads to a reserve statement"), "{error}");
    let unknown = Digest::of(b"no statement");
    let error = store.accept(id, unknown, later()).unwrap_err();
    assert!(matches!(error, TrustError::Accept(AcceptError::NoStatement { digest, .. }) if digest == unknown));
}

/// VER-34, VER-47
#[test]
fn whoever_had_accepted_a_forged_statement_comes_back_with_nothing_deleted() {
    let mut fixture = Fixture::new(605).fast().with_reserve(2, 3);
    let base = fixture.line(&["1.0.0", "1.1.0"]);
    let mut thief_line = base[..2].to_vec();
    for version in ["1.1.1", "1.1.2"] {
        thief_line.push(fixture.release(thief_line.last().unwrap(), version));
    }
    let own = fixture.release(&base[2], "1.2.0");
    let (_folder, store) = trusting(&fixture, &base[..2]);
    let id = base[0].signatory();
    learn(&store, &fixture, &thief_line);
    learn(&store, &fixture, &with(&base, [&own]));
    // The user took the thief's word for it.
    store.accept(id, thief_line[3].digest(), later()).unwrap();
    assert_eq!(find(&store, &base[0]).belief().head().digest(), thief_line[3].digest());

    let stolen = fixture.reserve_record(&base[2], Cause::Stolen);
    let update = learn(&store, &fixture, &with(&base, [&stolen]));
    let change = update.change();
    assert_eq!(digests(change.voided.iter().copied()), [thief_line[2].digest(), thief_line[3].digest()]);
    assert_eq!(change.head_after.digest(), base[1].digest(), "the thief's line is left before any decision");
    let records = update.after.chain().len();

    let acceptance = store.would_accept(id, stolen.digest(), later()).unwrap();
    assert_eq!(digests(acceptance.change().restored), [base[2].digest()]);
    assert_eq!(digests(acceptance.withdraws()), [thief_line[3].digest()]);
    let after = store.accept_as_shown(&acceptance).unwrap();
    assert_eq!(after.belief().head().digest(), stolen.digest());
    assert!(!after.decisions().accepted.contains(&thief_line[3].digest()), "the old acceptance is withdrawn");
    assert_eq!(after.chain().len(), records, "evidence only grows");
    for forged in &thief_line[2..] {
        let link = after.chain().find(forged.digest()).unwrap();
        assert_eq!(after.belief().state(link), Some(State::Void));
    }
}

#[test]
fn of_two_reserve_statements_that_do_not_descend_from_each_other_the_accepted_one_stays() {
    let mut fixture = Fixture::new(606).fast().with_reserve(1, 1);
    let base = fixture.line(&["1.0.0"]);
    let [one, other] = [Cause::Handover, Cause::Lost].map(|cause| fixture.reserve_record(&base[1], cause));
    let mut heads = Vec::new();
    for order in [[&one, &other], [&other, &one]] {
        let (_folder, store) = trusting(&fixture, &base);
        for record in order {
            learn(&store, &fixture, &with(&base, [record]));
        }
        let undecided = find(&store, &base[0]);
        assert_eq!(undecided.belief().contest().unwrap().children.len(), 2);
        assert_eq!(undecided.belief().head().digest(), base[1].digest());
        assert_eq!(undecided.chain().forks().count(), 0, "it proves nothing against a link key");
        let first = store.accept(base[0].signatory(), order[0].digest(), later()).unwrap();
        assert_eq!(first.belief().head().digest(), order[0].digest());
        assert_eq!(digests(first.belief().rivals().map(|rival| rival.first)), [order[1].digest()]);
        heads.push(first.belief().head().digest());
    }
    assert_eq!(heads, [one.digest(), other.digest()]);

    // Whoever has followed one stays with it when the other comes.
    let (_folder, store) = trusting(&fixture, &with(&base, [&one]));
    let update = learn(&store, &fixture, &with(&base, [&other]));
    assert!(!update.change().moves_head() && update.change().contest.is_none());
}

#[test]
fn a_refused_hand_over_leaves_the_old_holders_last_release() {
    let mut fixture = Fixture::new(607).fast().with_reserve(1, 1);
    let base = fixture.line(&["1.0.0", "1.1.0"]);
    let handover = fixture.reserve_record(&base[2], Cause::Handover);
    let theirs = fixture.release(&handover, "2.0.0");
    let (_folder, store) = trusting(&fixture, &base);
    let id = base[0].signatory();
    let update = store.set_policy(id, ReservePolicy::Refuse, later()).unwrap();
    assert!(!update.change().moves_head());
    learn(&store, &fixture, &with(&base, [&handover, &theirs]));
    let refused = find(&store, &base[0]);
    assert_eq!(refused.belief().newest_release().unwrap().version().as_str(), "1.1.0");
    assert_eq!(refused.belief().waiting().map(Link::digest), Some(handover.digest()));
    // An acceptance goes before the policy (BEL-8).
    let followed = store.accept(id, theirs.digest(), later()).unwrap();
    assert_eq!(followed.belief().newest_release().unwrap().version().as_str(), "2.0.0");
    assert_eq!(followed.decisions().reserve, ReservePolicy::Refuse);
}

#[test]
fn a_policy_that_moves_the_head_notes_when() {
    let mut fixture = Fixture::new(608).fast().with_reserve(1, 1);
    let base = fixture.line(&["1.0.0"]);
    let planned = fixture.reserve_record(&base[1], Cause::Planned);
    let (_folder, store) = trusting(&fixture, &base);
    learn(&store, &fixture, &with(&base, [&planned]));
    let moment = at("2026-09-01T00:00:00Z");
    let update = store.set_policy(base[0].signatory(), ReservePolicy::Accept, moment).unwrap();
    assert_eq!(update.change().head_after.digest(), planned.digest());
    assert_eq!(update.after.decisions().head, SeenHead { digest: planned.digest(), first_seen: moment });
    assert!(update.after.decisions().accepted == [base[1].digest()], "a policy is no acceptance");
    let ended = store.set_ended(base[0].signatory(), true).unwrap();
    assert!(ended.after.decisions().ended);
    assert!(find(&store, &base[0]).decisions().ended);
    store.set_ended(base[0].signatory(), false).unwrap();
    assert!(!find(&store, &base[0]).decisions().ended);
}

#[test]
fn a_chain_of_another_signatory_is_not_learnt() {
    let [mut one, mut other] = [609, 610].map(|seed| Fixture::new(seed).fast());
    let (line, strange) = (one.line(&["1.0.0"]), other.line(&["1.0.0", "1.1.0"]));
    let mut trusted = Trusted::first(one.admit(&line).unwrap(), Grade::Seen, noon());
    let before = trusted.clone();
    let error = trusted.learn(&other.admit(&strange).unwrap(), later()).unwrap_err();
    assert_eq!(error, ChainError::WrongSignatory { expected: line[0].signatory(), found: strange[0].signatory() });
    assert_eq!((trusted.chain().len(), trusted.decisions()), (2, before.decisions()));
}

/// Three packages, of which the first has a fork and so a head before its newest statement.
fn three_packages(seed: u64) -> Vec<(Fixture, Vec<Record>)> {
    ["alpha", "beta", "gamma"]
        .into_iter()
        .zip(seed..)
        .map(|(name, seed)| {
            let mut fixture = Fixture::of(seed, Package::generic(name).unwrap()).fast().with_reserve(1, 1);
            let line = fixture.line(&["1.0.0", "1.1.0"]);
            (fixture, line)
        })
        .collect()
}

/// VER-48
#[test]
fn to_distrust_ed25519_marks_every_chain_with_its_head_and_later_ones_with_their_genesis() {
    let (_folder, store) = store();
    let mut packages = three_packages(620);
    for (fixture, line) in &packages[..2] {
        store.add(&fixture.admit(line).unwrap(), Grade::Seen, noon()).unwrap();
    }
    assert_eq!(store.distrusts_ed25519().unwrap(), None);
    let marked = store.distrust_ed25519(later()).unwrap();
    assert_eq!(store.distrusts_ed25519().unwrap(), Some(later()));
    let marks = |all: &[Trusted]| all.iter().map(|trusted| trusted.decisions().distrust.unwrap()).collect::<Vec<_>>();
    let heads: Vec<_> = packages[..2].iter().map(|(_, line)| line[2].digest()).collect();
    assert_eq!(marks(&marked), heads);

    // What stands goes on standing; what Ed25519 signs from now on does not count.
    for (fixture, line) in &mut packages[..2] {
        let forged = fixture.release(&line[2], "6.6.6");
        let update = learn(&store, fixture, &with(line, [&forged]));
        assert!(!update.change().moves_head());
        let link = update.after.chain().find(forged.digest()).unwrap();
        assert_eq!(update.after.belief().state(link), Some(State::Distrusted));
        let error = store.accept(line[0].signatory(), forged.digest(), later()).unwrap_err();
        assert!(matches!(error, TrustError::Accept(AcceptError::Distrusted { .. })), "{error}");
    }
    let (fixture, line) = &mut packages[2];
    let late = store.add(&fixture.admit(line).unwrap(), Grade::Confirmed, later()).unwrap();
    assert_eq!(late.decisions().distrust, Some(line[0].digest()));
    assert_eq!(late.decisions().accepted, [line[0].digest()], "the head as it is shown in distrust");
    // With the answer of the reserve, everything before it counts.
    let algorithm = fixture.reserve_record(&line[2], Cause::Algorithm);
    learn(&store, fixture, &with(line, [&algorithm]));
    let after = store.accept(line[0].signatory(), algorithm.digest(), later()).unwrap();
    assert_eq!(after.belief().newest_release().unwrap().version().as_str(), "1.1.0");

    // Again: marks stay where they are, and since when, too.
    store.distrust_ed25519(at("2026-12-01T00:00:00Z")).unwrap();
    assert_eq!(store.distrusts_ed25519().unwrap(), Some(later()));
    assert_eq!(marks(&store.list().unwrap()), [heads, vec![packages[2].1[0].digest()]].concat());

    store.trust_ed25519(later()).unwrap();
    assert_eq!(store.distrusts_ed25519().unwrap(), None);
    assert!(store.list().unwrap().iter().all(|trusted| trusted.decisions().distrust.is_none()));
    let head = find(&store, &packages[0].1[0]).belief().head().seq();
    assert_eq!(head.get(), 4, "what did not count counts again");
}

/// VER-48
#[test]
fn a_distrust_that_was_cut_short_is_completed_and_leaves_nothing_trusted_in_between() {
    let (_folder, store) = store();
    let packages = three_packages(630);
    for (fixture, line) in &packages {
        store.add(&fixture.admit(line).unwrap(), Grade::Seen, noon()).unwrap();
    }
    let before = files(&store);
    store.distrust_ed25519(later()).unwrap();
    let after = files(&store);
    let fact = after.iter().position(|(path, _)| path.ends_with("distrust-ed25519.toml")).unwrap();
    let marks: Vec<_> = after.iter().filter(|(path, _)| path.ends_with("trust.toml")).collect();
    assert_eq!((marks.len(), after.len(), before.len()), (3, 7, 6));

    // Each file is replaced at once, so these are all the states that a kill can leave.
    let restore = |files: &[(PathBuf, Vec<u8>)]| {
        fs::remove_file(&after[fact].0).ok();
        for (path, content) in files {
            fs::write(path, content).unwrap();
        }
    };
    for written in 0..=marks.len() {
        restore(&before);
        for (path, content) in &marks[..written] {
            fs::write(path, content).unwrap();
        }
        let marked = store.list().unwrap().iter().filter(|trusted| trusted.decisions().distrust.is_some()).count();
        assert_eq!((marked, store.distrusts_ed25519().unwrap()), (written, None));
        store.distrust_ed25519(later()).unwrap();
        assert_eq!(files(&store), after, "{written} marks were written");
    }
    // Taking it back: the store-wide fact goes first.
    for erased in 0..=marks.len() {
        restore(&before);
        for (path, content) in &marks[erased..] {
            fs::write(path, content).unwrap();
        }
        store.trust_ed25519(later()).unwrap();
        assert_eq!(files(&store), before, "{erased} marks were erased");
    }
    // An entry that came from a backup, without a mark.
    restore(&after);
    restore(&before);
    fs::write(&after[fact].0, &after[fact].1).unwrap();
    for (trusted, (_, line)) in store.list().unwrap().iter().zip(&packages) {
        assert_eq!(trusted.decisions().distrust, Some(line[0].digest()));
        assert_eq!(trusted.belief().head().digest(), line[0].digest());
    }
    // VER-35
    fs::write(&after[fact].0, "").unwrap();
    assert_eq!(store.list().unwrap_err().path(), Some(after[fact].0.as_path()));
    assert_eq!(store.find(packages[0].1[0].signatory()).unwrap_err().path(), Some(after[fact].0.as_path()));
}

/// VER-49
#[test]
fn what_is_trusted_no_longer_is_kept_as_history_and_believed_by_no_path() {
    let mut fixture = Fixture::new(640).fast();
    let line = fixture.line(&["1.0.0", "1.1.0"]);
    let chain = fixture.admit(&line).unwrap();
    let id = chain.id();
    let (_folder, store) = trusting(&fixture, &line);
    store.remove(id).unwrap();
    assert!(store.find(id).unwrap().is_none() && store.list().unwrap().is_empty());
    assert!(store.named("example").unwrap().is_empty() && store.trusted_for(chain.package()).unwrap().is_empty());
    assert!(store.with_statement(line[1].digest()).unwrap().is_none());
    for error in [
        store.update(&chain, later()).unwrap_err(),
        store.accept(id, line[1].digest(), later()).unwrap_err(),
        store.set_policy(id, ReservePolicy::Accept, later()).unwrap_err(),
        store.set_ended(id, true).unwrap_err(),
        store.remove(id).unwrap_err(),
    ] {
        assert!(matches!(error, TrustError::NotTrusted { id: found } if found == id), "{error}");
    }
    store.distrust_ed25519(later()).unwrap();
    store.trust_ed25519(later()).unwrap();
    assert!(store.find(id).unwrap().is_none());
    assert_eq!(store.kept(id).unwrap().unwrap().to_file(), chain.to_file());
    assert_eq!(store.history().unwrap().iter().map(Chain::id).collect::<Vec<_>>(), [id]);

    // First trust again: with the records that are kept, and a decision of its own.
    let again = store.add(&fixture.admit(&line[..2]).unwrap(), Grade::Seen, later()).unwrap();
    assert_eq!((again.chain().len(), again.decisions().grade, again.decisions().since), (3, Grade::Seen, later()));
    assert!(store.history().unwrap().is_empty() && store.kept(id).unwrap().is_none());

    store.remove(id).unwrap();
    store.forget(id).unwrap();
    assert!(files(&store).is_empty());
    assert!(matches!(store.forget(id), Err(TrustError::NotTrusted { .. })));
    store.add(&chain, Grade::Seen, noon()).unwrap();
    store.forget(id).unwrap();
    assert!(files(&store).is_empty());
}

/// A user for whom Ed25519 has fallen, and who has no implementation of it.
struct NoEd25519;

impl Scheme for NoEd25519 {
    fn verify_link(&self, key: &LinkKey, message: &[u8], signature: &Signature) -> Result<(), VerifyError> {
        if key.algorithm() == Algorithm::Ed25519 {
            return Err(VerifyError::Invalid { key_id: key.key_id() });
        }
        StandIn.verify_link(key, message, signature)
    }

    fn verify_reserve(&self, key: &ReserveKey, message: &[u8], signature: &Signature) -> Result<(), VerifyError> {
        StandIn.verify_reserve(key, message, signature)
    }
}

/// VER-33
#[test]
fn after_the_fall_a_first_trust_asks_no_signature_by_ed25519() {
    let mut fixture = Fixture::new(650).fast().with_reserve(2, 3);
    let base = fixture.line(&["1.0.0", "1.1.0"]);
    let algorithm = fixture.reserve_record(&base[2], Cause::Algorithm);
    let release = fixture.release(&algorithm, "2.0.0");
    let line = with(&base, [&algorithm, &release]);
    let (id, file) = (base[0].signatory(), chain_file(&line));
    let (_folder, store) = store();
    store.distrust_ed25519(noon()).unwrap();
    let shown = store.would_trust(file.as_bytes(), id, Grade::Confirmed, noon(), &NoEd25519).unwrap();
    assert_eq!(shown.belief().head().digest(), release.digest());
    assert_eq!(shown.decisions().vouchers, [algorithm.digest()]);
    assert!(store.list().unwrap().is_empty(), "nothing is trusted by looking");
    store.add_as_shown(&shown, Grade::Confirmed, noon()).unwrap();
    let trusted = find(&store, &base[0]);
    assert_eq!(trusted.belief().newest_release().unwrap().version().as_str(), "2.0.0");

    // The next release is admitted the same way; a forged one under the old key is not.
    let next = fixture.release(&release, "2.1.0");
    let admit = |records: &[Record]| {
        Chain::admit_beside(chain_file(records).as_bytes(), trusted.chain(), trusted.vouchers(), &NoEd25519)
    };
    let update = store.update(&admit(&with(&line, [&next])).unwrap(), later()).unwrap();
    assert_eq!(update.change().head_after.digest(), next.digest());
    let forged = fixture.release(&base[2], "6.6.6");
    assert!(matches!(admit(&with(&line, [&forged])), Err(ChainError::Signature { at, .. }) if at.get() == 4));
    // Without the statement of the reserve, nothing vouches.
    let refused = store.would_trust(
        chain_file(&base).as_bytes(),
        Fixture::new(651).fast().genesis().signatory(),
        Grade::Seen,
        noon(),
        &NoEd25519,
    );
    assert!(matches!(refused, Err(TrustError::Chain(ChainError::WrongSignatory { .. }))));
    store.forget(id).unwrap();
    let refused = store.would_trust(chain_file(&base).as_bytes(), id, Grade::Seen, noon(), &NoEd25519);
    assert!(matches!(refused, Err(TrustError::Chain(ChainError::Signature { at, .. })) if at.get() == 1));
}

/// VER-33
#[test]
fn a_reserve_statement_that_first_trust_does_not_accept_does_not_vouch() {
    let mut fixture = Fixture::new(652).fast().with_reserve(1, 1);
    let base = fixture.line(&["1.0.0"]);
    let [kept, shown] = [Cause::Lost, Cause::Algorithm].map(|cause| fixture.reserve_record(&base[1], cause));
    let (_folder, store) = trusting(&fixture, &with(&base, [&kept]));
    store.remove(base[0].signatory()).unwrap();
    // Under another chain the same signatory would be trusted at a contested fork: its statement is not accepted.
    let file = chain_file(&with(&base, [&shown]));
    let known = store.would_trust(file.as_bytes(), base[0].signatory(), Grade::Seen, noon(), &NoEd25519).unwrap();
    assert!(known.decisions().vouchers.is_empty() && known.belief().contest().is_some());
    // What is kept is byte-equal here; with blocks that were never verified it is not, and they are asked.
    let forged = [base[0].clone(), base[1].with_blocks_of(&base[0]), shown.clone()];
    let refused =
        store.would_trust(chain_file(&forged).as_bytes(), base[0].signatory(), Grade::Seen, noon(), &NoEd25519);
    assert!(matches!(refused, Err(TrustError::Chain(ChainError::Signature { at, .. })) if at.get() == 2));
}

/// VER-33
#[test]
fn first_trust_accepts_every_reserve_statement_that_it_shows() {
    let mut fixture = Fixture::new(653).fast().with_reserve(1, 1);
    let base = fixture.line(&["1.0.0"]);
    let handover = fixture.reserve_record(&base[1], Cause::Handover);
    let beat = fixture.beat(&handover);
    let file = chain_file(&with(&base, [&handover, &beat]));
    let (_folder, store) = store();
    let shown = store.would_trust(file.as_bytes(), base[0].signatory(), Grade::Seen, noon(), &StandIn).unwrap();
    let reserves = shown.belief().line().filter(|link| link.statement().kind() == Kind::Reserve).count();
    assert_eq!((reserves, shown.belief().waiting().is_none()), (1, true));
    // Records that came in between move the head, so it is not what was shown.
    let next = fixture.release(&beat, "1.1.0");
    store.add(&fixture.admit(&with(&base, [&handover, &beat, &next])).unwrap(), Grade::Seen, noon()).unwrap();
    assert!(matches!(store.add_as_shown(&shown, Grade::Seen, noon()), Err(TrustError::Changed { .. })));
}
