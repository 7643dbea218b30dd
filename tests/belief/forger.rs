//! Ed25519 has fallen: somebody makes any Ed25519 signature he likes, and has none of the reserve. Each line of the table
//! in section 4.5 of the specification is a test here, run with the stand-in and once more with true signatures, where
//! the forger has the honest secret keys.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use sigpkg::chain::{Chain, Decided, Link, ReservePolicy, State, Vouchers};
use sigpkg::digest::Digest;
use sigpkg::key::{Algorithm, LinkKey, ReserveKey};
use sigpkg::package::Package;
use sigpkg::rule::Rule;
use sigpkg::signature::{Scheme, Signature, VerifyError};
use sigpkg::statement::{Cause, Severity};
use sigpkg::trust::{Grade, Trusted};

use crate::now;
use crate::testing::{Fixture, Record, chain_file};

/// A chain that had to change its algorithm.
struct Fall {
    fixture: Fixture,
    /// A genesis and three releases, by Ed25519.
    line: Vec<Record>,
    /// The reserve statement with cause `algorithm` that follows.
    record: Record,
    /// The release that follows it, by SLH-DSA.
    after: Record,
}

/// True signatures, with no Ed25519: whoever asks for one is refused, and counted.
struct NoEd25519<'a> {
    inner: &'a dyn Scheme,
    asked: AtomicUsize,
}

#[test]
fn who_knows_of_no_fall_is_captured_contested_and_yanked_by_a_forger() {
    with_stand_in_and_truly(|fall| {
        let [genesis, _, _, newest] = fall.line.clone().try_into().unwrap();
        let forged = fall.fixture.release(&newest, "6.6.6");
        let up_to_date = fall.heard(fall.user(), &[&forged]);
        assert_eq!(up_to_date.belief().head().digest(), forged.digest(), "captured");

        let rewritten = fall.forge_line(&genesis);
        let up_to_date = fall.heard(fall.user(), &[&rewritten[0], &rewritten[1]]);
        assert_eq!(up_to_date.belief().head().digest(), genesis.digest(), "contested, back to the genesis");
        assert!(up_to_date.belief().contest().is_some());
        let stale = fall.first_trust(&fall.line[..1]);
        let stale = fall.heard_file(stale, &with(&fall.line[..1], &[&rewritten[0], &rewritten[1]]));
        assert_eq!(stale.belief().head().digest(), rewritten[1].digest(), "captured");

        let yank = fall.fixture.yank(&newest, &[2, 3, 4], Severity::Refuse);
        let up_to_date = fall.heard(fall.user(), &[&yank]);
        for release in up_to_date.belief().releases() {
            let yanked = up_to_date.belief().yank(release.link());
            assert_eq!(yanked.map(|yanked| yanked.severity), Some(Severity::Refuse), "yanked");
        }
    });
}

#[test]
fn a_forger_changes_neither_package_nor_genesis_nor_reserve_nor_what_a_known_digest_names() {
    with_stand_in_and_truly(|fall| {
        let [genesis, first, _, newest] = fall.line.clone().try_into().unwrap();
        let other_package = fall.fixture.release_as(&newest, "6.6.6", |statement| {
            statement.package = Package::generic("another").unwrap();
        });
        assert_eq!(fall.refused(&with(&fall.line, &[&other_package])), Rule::Chn8);

        let another = Fixture::new(4).genesis();
        assert_eq!(fall.refused(&[another]), Rule::Chn5);

        let reserve = fall.fixture.unsigned_reserve(&newest, Cause::Stolen);
        let by_link_key = fall.fixture.sign_with(&newest.next, reserve);
        assert_eq!(fall.refused(&with(&fall.line, &[&by_link_key])), Rule::Chn19);

        let changed = fall.fixture.release(&genesis, "1.0.0");
        assert_ne!(changed.digest(), first.digest());
        let mut swapped = fall.line.clone();
        swapped[1] = changed.clone();
        assert_eq!(fall.refused(&swapped), Rule::Chn6, "what follows it names the true one");
        let user = fall.heard(fall.user(), &[&changed]);
        assert_eq!(user.chain().find(first.digest()).unwrap().text(), first.text);
    });
}

#[test]
fn who_knows_the_record_is_not_moved_contested_or_refused_by_a_forger_and_once_it_is_accepted_not_warned() {
    with_stand_in_and_truly(|fall| {
        let forged = fall.forge_everywhere();
        for decided in [
            Decided::default(),
            Decided { policy: ReservePolicy::Refuse, ..Decided::default() },
            Decided::accepting(&[fall.record.digest()]),
            Decided::stranger(),
        ] {
            let honest = with(&fall.line, &[&fall.record, &fall.after]);
            let before = fall.admit(&honest);
            let chain = fall.admit(&with(&honest, &forged.iter().collect::<Vec<_>>()));
            let (before, belief) = (before.belief(&decided), chain.belief(&decided));
            assert_eq!(belief.waiting().map(Link::digest), before.waiting().map(Link::digest));
            assert!(belief.contest().is_none());
            for forged in &forged {
                let forged = chain.find(forged.digest()).unwrap();
                assert_eq!(belief.state(forged), Some(State::Void));
            }
            // Whoever has not accepted the record waits with what only the record decides, and nobody goes elsewhere.
            let goes_back = belief.waiting().is_some();
            assert_eq!(belief.head().digest(), if goes_back { honest[0].digest() } else { before.head().digest() });
            let waits = honest[1..].iter().map(|it| belief.state(chain.find(it.digest()).unwrap()));
            assert!(waits.into_iter().all(|it| it == Some(if goes_back { State::Waiting } else { State::Standing })));
            let severities: Vec<_> = chain.links().filter_map(|link| belief.yank(link)).map(|it| it.severity).collect();
            assert_eq!(!severities.is_empty(), goes_back, "what came before the record is heard until it is accepted");
            assert!(severities.iter().all(|severity| *severity == Severity::Warn), "but it forces nothing");
            assert!(chain.links().all(|link| !belief.is_withdrawn(link)));
        }
        // Only withholding is left.
        let mut user = fall.heard(fall.user(), &[&fall.record]);
        assert!(user.accept(fall.record.digest(), now()));
        assert_eq!(user.belief().head().digest(), fall.record.digest());
    });
}

#[test]
fn a_forger_signs_nothing_after_the_record() {
    with_stand_in_and_truly(|fall| {
        let own = fall.fixture.link_key();
        let statement = fall.fixture.unsigned_release(&fall.record, "6.6.6");
        let by_own_key = fall.fixture.sign_with(&own, statement);
        let records = with(&fall.line, &[&fall.record, &by_own_key]);
        assert_eq!(fall.refused(&records), Rule::Sig6);
        let back = fall.fixture.unsigned_release(&fall.line[3], "6.6.6");
        let mut under_it = fall.fixture.unsigned_release(&fall.record, "6.6.6");
        *crate::testing::look_ahead_mut(&mut under_it) = back.look_ahead().clone();
        let with_old_keys = fall.fixture.sign_with(&own, under_it);
        assert_eq!(fall.refused(&with(&fall.line, &[&fall.record, &with_old_keys])), Rule::Chn9);
    });
}

#[test]
fn what_captured_a_user_is_void_on_sight_of_the_record() {
    with_stand_in_and_truly(|fall| {
        let genesis = fall.line[0].clone();
        let extended = fall.forge_line(&fall.line[3].clone());
        let rewritten = fall.forge_line(&genesis);

        let followed = fall.heard(fall.user(), &[&extended[0], &extended[1]]);
        let trusted_first = fall.first_trust(&with(&[genesis], &[&rewritten[0], &rewritten[1]]));
        let mut said_so = fall.heard(fall.user(), &[&rewritten[0], &rewritten[1]]);
        assert!(said_so.accept(rewritten[1].digest(), now()));
        let newest = fall.line[3].digest();
        let first = fall.line[0].digest();
        for (captured, by, back_to) in
            [(followed, &extended[1], newest), (trusted_first, &rewritten[1], first), (said_so, &rewritten[1], first)]
        {
            assert_eq!(captured.belief().head().digest(), by.digest());

            let honest = with(&fall.line, &[&fall.record, &fall.after]);
            let mut user = fall.heard_file(captured, &honest);
            assert_eq!(state(&user, by), State::Void);
            assert_eq!(user.belief().head().digest(), back_to, "back to what stands without the record");
            assert_eq!(user.belief().waiting().map(Link::digest), Some(fall.record.digest()));
            assert!(user.chain().find(by.digest()).is_some(), "nothing had to be deleted");

            assert!(user.accept(fall.record.digest(), now()));
            let forged = fall.forge_everywhere();
            let user = fall.heard(user, &forged.iter().collect::<Vec<_>>());
            assert_eq!((state(&user, by), user.belief().head().digest()), (State::Void, fall.after.digest()));
        }
    });
}

#[test]
fn after_the_distrust_mark_a_forgery_does_not_count_and_before_it_nothing_is_better() {
    with_stand_in_and_truly(|fall| {
        let newest = fall.line[3].clone();
        let forged = fall.forge_everywhere();
        let marked = fall.heard(distrusting(fall.user()), &forged.iter().collect::<Vec<_>>());
        let belief = marked.belief();
        assert_eq!(belief.head().digest(), newest.digest(), "the head does not move");
        assert!(belief.contest().is_none() && belief.rivals().next().is_none(), "no tie is made");
        for forged in &forged {
            assert_eq!(belief.state(marked.chain().find(forged.digest()).unwrap()), Some(State::Distrusted));
        }
        assert!(marked.chain().links().all(|link| belief.yank(link).is_none()));

        // What was forged before the mark is still believed, until the reserve speaks.
        let extended = fall.forge_line(&newest);
        let captured = distrusting(fall.heard(fall.user(), &[&extended[0]]));
        let captured = fall.heard(captured, &[&extended[0], &extended[1]]);
        assert_eq!(captured.belief().head().digest(), extended[0].digest(), "but no more of it");
        let freed = fall.heard(captured, &[&fall.record]);
        assert_eq!(freed.belief().head().digest(), newest.digest());
        assert_eq!(freed.belief().waiting().map(Link::digest), Some(fall.record.digest()));
    });
}

#[test]
fn a_forger_neither_makes_nor_breaks_a_tie_for_who_distrusts_ed25519() {
    // No signature matters here, so the stand-in is enough.
    let mut fall = Fall::new(Fixture::new(13).fast());
    let other = fall.fixture.reserve_record(&fall.line[3].clone(), Cause::Planned);
    let tied = fall.heard_file(distrusting(fall.user()), &with(&fall.line, &[&fall.record, &other]));
    let children = |user: &Trusted| user.belief().contest().map(|contest| contest.children.len());
    assert_eq!(children(&tied), Some(2));
    let mut forged = fall.forge_everywhere();
    forged.extend(fall.forge_line(&other));
    let tied = fall.heard_file(
        tied,
        &with(&fall.line, &with(&[other], &forged.iter().collect::<Vec<_>>()).iter().collect::<Vec<_>>()),
    );
    assert_eq!(children(&tied), Some(2), "what is forged after the reserve record that kept Ed25519 breaks no tie");
    assert_eq!(tied.belief().head().digest(), fall.line[3].digest());
}

#[test]
fn a_record_that_goes_back_behind_a_reserve_statement_only_ties_with_it() {
    let mut fall = Fall::new(Fixture::new(14).fast());
    let earlier = fall.fixture.reserve_record(&fall.line[3].clone(), Cause::Planned);
    let forged = fall.forge_line(&earlier);
    let everything = with(&fall.line, &[&earlier, &forged[0], &forged[1], &fall.record]);
    let mut user = fall.heard_file(fall.user(), &everything);
    assert_eq!(state(&user, &forged[1]), State::Contested);
    // Who has followed the earlier one is captured below it, until he accepts the other.
    assert!(user.accept(earlier.digest(), now()));
    assert_eq!(user.belief().head().digest(), forged[1].digest());
    assert!(user.accept(fall.record.digest(), now()));
    assert_eq!((state(&user, &forged[1]), user.belief().head().digest()), (State::Void, fall.record.digest()));
}

#[test]
fn a_first_trust_is_captured_without_the_record_and_safe_with_it() {
    with_stand_in_and_truly(|fall| {
        let genesis = fall.line[0].clone();
        let rewritten = fall.forge_line(&genesis);
        let captured = fall.first_trust(&with(&fall.line[..1], &[&rewritten[0], &rewritten[1]]));
        assert_eq!(captured.id(), genesis.signatory(), "the true id");
        assert_eq!(captured.belief().head().digest(), rewritten[1].digest());

        let honest = with(&fall.line, &[&fall.record, &fall.after]);
        let forged = fall.forge_everywhere();
        let everything = with(&honest, &forged.iter().collect::<Vec<_>>());
        let user = fall.first_trust(&everything);
        assert_eq!(user.belief().head().digest(), fall.after.digest());
        assert!(user.belief().contest().is_none() && user.belief().rivals().next().is_none());
    });
}

#[test]
fn the_record_and_what_follows_is_checked_with_no_ed25519_at_all() {
    with_stand_in_and_truly(|fall| {
        let honest = with(&fall.line, &[&fall.record, &fall.after]);
        let file = chain_file(&honest);
        let id = honest[0].signatory();
        let accepted = [fall.record.digest()];
        let no_ed25519 = NoEd25519 { inner: fall.fixture.scheme(), asked: AtomicUsize::new(0) };

        let up_to_date = Chain::admit_beside(file.as_bytes(), fall.user().chain(), Vouchers::None, &no_ed25519);
        let accepting = Chain::admit_vouched(file.as_bytes(), id, Vouchers::Accepted(&accepted), &no_ed25519);
        let first_trust = Chain::admit_vouched(file.as_bytes(), id, Vouchers::FirstTrust, &no_ed25519);
        assert_eq!([up_to_date, accepting, first_trust].map(|chain| chain.unwrap().len()), [6; 3]);
        assert_eq!(no_ed25519.asked.load(Ordering::Relaxed), 0, "no Ed25519 was asked for");

        // By then any bytes may stand where an Ed25519 signature was.
        let mut worthless = vec![honest[0].clone()];
        worthless.extend(fall.line.windows(2).map(|pair| pair[1].with_blocks_of(&pair[0])));
        worthless.extend_from_slice(&honest[fall.line.len()..]);
        let file = chain_file(&worthless);
        let vouched = |vouchers| Chain::admit_vouched(file.as_bytes(), id, vouchers, &no_ed25519).map(|it| it.len());
        assert_eq!(vouched(Vouchers::Accepted(&accepted)).map_err(|error| error.rule()), Ok(6));
        assert_eq!(vouched(Vouchers::FirstTrust).map_err(|error| error.rule()), Ok(6));

        // Before the user's word they are asked, and so they are on a branch that nothing vouches for.
        let unheard: [Digest; 0] = [];
        assert_eq!(vouched(Vouchers::Accepted(&unheard)).map_err(|error| error.rule()), Err(Rule::Sig8));
        let forged = fall.fixture.release(&fall.line[1].clone(), "6.6.6");
        let beside = chain_file(&with(&honest, &[&forged]));
        let beside = Chain::admit_vouched(beside.as_bytes(), id, Vouchers::Accepted(&accepted), &no_ed25519);
        assert_eq!(beside.map(|chain| chain.len()).map_err(|error| error.rule()), Err(Rule::Sig8));
        assert_eq!(no_ed25519.asked.load(Ordering::Relaxed), 2);
    });
}

impl Fall {
    fn new(fixture: Fixture) -> Self {
        let mut fixture = fixture.with_reserve(1, 1);
        let line = fixture.line(&["1.0.0", "1.1.0", "1.2.0"]);
        let record = fixture.reserve_record(&line[3], Cause::Algorithm);
        let after = fixture.release(&record, "2.0.0");
        Self { fixture, line, record, after }
    }

    fn admit(&self, records: &[Record]) -> Chain {
        self.fixture.admit(records).unwrap()
    }

    /// The rule by which a file is refused under the true id.
    fn refused(&self, records: &[Record]) -> Rule {
        let file = chain_file(records);
        let id = self.line[0].signatory();
        Chain::admit(file.as_bytes(), id, self.fixture.scheme()).map(|chain| chain.len()).unwrap_err().rule()
    }

    /// A user who first trusted long ago and has every release by Ed25519.
    fn user(&self) -> Trusted {
        self.heard_file(self.first_trust(&self.line[..1]), &self.line)
    }

    fn first_trust(&self, records: &[Record]) -> Trusted {
        Trusted::first(self.admit(records), Grade::Confirmed, now())
    }

    fn heard_file(&self, mut user: Trusted, records: &[Record]) -> Trusted {
        let file = chain_file(records);
        let scheme = self.fixture.scheme();
        let chain = Chain::admit_beside(file.as_bytes(), user.chain(), user.vouchers(), scheme).unwrap();
        user.learn(&chain, now()).unwrap();
        user
    }

    /// A user who hears these records together with the honest ones by Ed25519.
    fn heard(&self, user: Trusted, records: &[&Record]) -> Trusted {
        self.heard_file(user, &with(&self.line, records))
    }

    /// Two releases in a row after any statement that announced Ed25519 keys.
    fn forge_line(&mut self, after: &Record) -> [Record; 2] {
        let first = self.fixture.release(after, "6.6.6");
        let second = self.fixture.release(&first, "6.6.7");
        [first, second]
    }

    /// After every statement by Ed25519: two releases, and a yank of all that came before with a release after it.
    fn forge_everywhere(&mut self) -> Vec<Record> {
        let mut forged = Vec::new();
        for (at, after) in self.line.clone().iter().enumerate() {
            forged.extend(self.forge_line(after));
            let releases: Vec<u64> = (2..=at as u64 + 1).collect();
            if !releases.is_empty() {
                let yank = self.fixture.yank(after, &releases, Severity::Refuse);
                let release = self.fixture.release(&yank, "6.6.8");
                forged.extend([yank, release]);
            }
        }
        forged
    }
}

impl Scheme for NoEd25519<'_> {
    fn verify_link(&self, key: &LinkKey, message: &[u8], signature: &Signature) -> Result<(), VerifyError> {
        if key.algorithm() == Algorithm::Ed25519 {
            self.asked.fetch_add(1, Ordering::Relaxed);
            return Err(VerifyError::Invalid { key_id: key.key_id() });
        }
        self.inner.verify_link(key, message, signature)
    }

    fn verify_reserve(&self, key: &ReserveKey, message: &[u8], signature: &Signature) -> Result<(), VerifyError> {
        self.inner.verify_reserve(key, message, signature)
    }
}

/// Runs a test with the stand-in, and then with signatures by Ed25519 and SLH-DSA. These take seconds to make, so all
/// tests share one chain; what they forge in it is theirs alone.
fn with_stand_in_and_truly(test: impl Fn(&mut Fall)) {
    static TRUE: OnceLock<Mutex<Fall>> = OnceLock::new();
    test(&mut Fall::new(Fixture::new(11).fast()));
    let fall = TRUE.get_or_init(|| Mutex::new(Fall::new(Fixture::new(12))));
    test(&mut fall.lock().unwrap_or_else(PoisonError::into_inner));
}

fn with(records: &[Record], more: &[&Record]) -> Vec<Record> {
    records.iter().chain(more.iter().copied()).cloned().collect()
}

fn state(user: &Trusted, record: &Record) -> State {
    user.belief().state(user.chain().find(record.digest()).unwrap()).unwrap()
}

/// `trust distrust ed25519`: the mark is the head.
fn distrusting(user: Trusted) -> Trusted {
    let mut decisions = user.decisions().clone();
    decisions.distrust = Some(user.belief().head().digest());
    Trusted::new(user.into_chain(), decisions)
}
