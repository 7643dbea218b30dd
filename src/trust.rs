//! Trust: what a user has decided about a signatory, and the records this user has ever admitted from it.
//!
//! [`Trusted`] is one chain with the decisions about it, in memory and without IO; a verdict is a function of it.
//! `TrustStore` (feature `io`) keeps them in a folder.
//!
//! [`Pins`] are what a project has decided, in a file that its reviewers see.
//!
//! Source: spec/7-verdicts.md, sections 7.2 and 7.5; spec/10-projects.md, section 10.3.

mod accept;
mod change;
mod export;
#[cfg(feature = "io")]
mod file;
mod pins;
#[cfg(feature = "io")]
mod store;

#[cfg(all(test, feature = "io"))]
mod tests;

use std::fmt;

pub use crate::chain::ReservePolicy;

pub use self::accept::{AcceptError, Acceptance};
pub use self::change::Change;
pub use self::export::{EXPORT_FIRST_LINE, ExportError, MAX_EXPORT_BYTES, read_export, write_export};
pub use self::pins::{MAX_PINS_BYTES, MergeError, PINS_FILE, Pin, Pins, PinsError};
#[cfg(feature = "io")]
pub use self::store::{TrustError, TrustStore, Update};

use crate::chain::{Belief, Chain, ChainError, Decided, Link, Vouchers};
use crate::digest::{Digest, SignatoryId, TreeHash};
use crate::package::Package;
use crate::statement::Cause;
use crate::time::Timestamp;

/// A chain whose signatory the user trusts, with what the user has decided about it.
///
/// A fork leaves the user where both branches begin, until a decision breaks the tie:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let fork = doc::chain(&["fork-1", "fork-2", "fork-3", "fork-rival-3"])?;
/// # let rival = doc::record("fork-rival-3")?.digest();
/// # let now = doc::now();
/// use sigpkg::trust::{Grade, Trusted};
///
/// let mut trusted = Trusted::first(fork, Grade::Seen, now);
/// assert!(trusted.belief().contest().is_some());
/// assert_eq!(trusted.belief().head().seq().get(), 2);
/// assert!(trusted.accept(rival, now));
/// assert_eq!(trusted.belief().head().digest(), rival);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Trusted {
    chain: Chain,
    decisions: Decisions,
}

/// What a human has said about a signatory, and when its head was first seen.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let trusted = doc::trusted(&["chain-1", "chain-2"])?;
/// use sigpkg::trust::{Grade, ReservePolicy};
///
/// let decisions = trusted.decisions();
/// assert_eq!(decisions.grade, Grade::Confirmed);
/// assert_eq!(decisions.accepted, [trusted.belief().head().digest()], "first trust accepts the head");
/// assert_eq!(decisions.reserve, ReservePolicy::Prompt);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decisions {
    /// How the id was first trusted.
    pub grade: Grade,
    /// When the id was first trusted.
    pub since: Timestamp,
    /// The statements that were accepted, oldest first, without those that a later one withdrew (BEL-2).
    pub accepted: Vec<Digest>,
    /// The reserve statements with cause `algorithm` that were accepted at some time, by the acceptance of a statement
    /// at or after them. They go on vouching for their ancestors (CHN-22), whatever is accepted later: only so can what
    /// was admitted once be read again.
    pub vouchers: Vec<Digest>,
    /// What to do about a reserve statement.
    pub reserve: ReservePolicy,
    /// The distrust mark (BEL-9).
    pub distrust: Option<Digest>,
    /// Whether the user has said that the signing has ended: what comes unsigned is then as unsigned as anything else.
    pub ended: bool,
    /// The tree hashes of unsigned versions from before the chain began, as they were recorded at first trust (PRJ-10), in
    /// ascending order.
    pub before_signing: Vec<TreeHash>,
    /// The head, as of the last time that a record was added.
    pub head: SeenHead,
}

/// A head, and when the user first saw it (VER-23). That it is the head is never taken from here; only the time is.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let trusted = doc::trusted(&["chain-1", "chain-2"])?;
/// use sigpkg::trust::SeenHead;
///
/// let SeenHead { digest, first_seen } = trusted.decisions().head;
/// assert_eq!(digest, trusted.belief().head().digest());
/// assert_eq!(first_seen, doc::now());
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenHead {
    /// The digest of its text.
    pub digest: Digest,
    /// When it was first the head.
    pub first_seen: Timestamp,
}

/// How the id of a signatory was first trusted. Both bind every upgrade alike.
///
/// `--strict` demands the higher one:
///
/// ```
/// use sigpkg::trust::Grade;
///
/// assert!(Grade::Confirmed > Grade::Seen);
/// assert_eq!(Grade::Confirmed.to_string(), "confirmed");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// The id was taken as it came with the package.
    Seen,
    /// The id was compared with one from elsewhere.
    Confirmed,
}

impl Trusted {
    /// Puts a chain that was admitted together with decisions about it.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let trusted = doc::trusted(&["chain-1"])?;
    /// use sigpkg::trust::{Decisions, Trusted};
    ///
    /// let decisions = Decisions { ended: true, ..trusted.decisions().clone() };
    /// let ended = Trusted::new(trusted.into_chain(), decisions);
    /// assert!(ended.decisions().ended);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn new(chain: Chain, decisions: Decisions) -> Self {
        Self { chain, decisions }
    }

    /// First trust: an acceptance of the head that the chain shows (BEL-2). At a contested fork that is the parent of
    /// the fork.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let chain = doc::chain(&["chain-1", "chain-2", "chain-3"])?;
    /// use sigpkg::trust::{Grade, Trusted};
    ///
    /// let trusted = Trusted::first(chain, Grade::Seen, doc::now());
    /// assert_eq!(trusted.belief().head().seq().get(), 3);
    /// assert_eq!(trusted.decisions().since, doc::now());
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn first(chain: Chain, grade: Grade, now: Timestamp) -> Self {
        Self::first_of(Self::stranger(chain, now), grade, now)
    }

    /// First trust by a user who distrusts Ed25519: the mark is the genesis (BEL-9), so the head that is accepted is the
    /// last statement that the reserve vouches for.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let chain = doc::chain(&["chain-1", "chain-2", "chain-3"])?;
    /// use sigpkg::trust::{Grade, Trusted};
    ///
    /// let trusted = Trusted::first_in_distrust(chain, Grade::Seen, doc::now());
    /// let genesis = trusted.chain().genesis();
    /// assert_eq!(trusted.decisions().distrust, Some(genesis.digest()));
    /// assert_eq!(trusted.belief().head(), genesis, "the reserve vouches for nothing after it");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn first_in_distrust(chain: Chain, grade: Grade, now: Timestamp) -> Self {
        Self::first_of(Self::stranger_in_distrust(chain, now), grade, now)
    }

    /// A chain about which nothing was decided, for a user who distrusts Ed25519 (BEL-11).
    pub(crate) fn stranger_in_distrust(chain: Chain, now: Timestamp) -> Self {
        let mut stranger = Self::stranger(chain, now);
        stranger.decisions.distrust = Some(stranger.chain.genesis().digest());
        stranger.note_head(now);
        stranger
    }

    fn first_of(stranger: Self, grade: Grade, now: Timestamp) -> Self {
        let mut trusted = stranger;
        trusted.decisions.grade = grade;
        trusted.decisions.reserve = ReservePolicy::default();
        trusted.accept(trusted.decisions.head.digest, now);
        trusted
    }

    /// A chain about which nothing was decided: what would be believed of a signatory that is not trusted (BEL-11). It is
    /// never stored.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let chain = doc::chain(&["chain-1", "chain-2"])?;
    /// use sigpkg::trust::Trusted;
    ///
    /// let stranger = Trusted::stranger(chain, doc::now());
    /// assert!(stranger.decisions().accepted.is_empty());
    /// assert_eq!(stranger.belief().head().seq().get(), 2);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn stranger(chain: Chain, now: Timestamp) -> Self {
        let Decided { accepted, policy, distrust } = Decided::stranger();
        let digest = chain.belief(&Decided::stranger()).head().digest();
        let decisions = Decisions {
            grade: Grade::Seen,
            since: now,
            accepted,
            vouchers: Vec::new(),
            reserve: policy,
            distrust,
            ended: false,
            before_signing: Vec::new(),
            head: SeenHead { digest, first_seen: now },
        };
        Self { chain, decisions }
    }

    /// The signatory id.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let chain = doc::chain(&["chain-1"])?;
    /// # let id = chain.id();
    /// # let trusted = doc::trusted(&["chain-1"])?;
    /// assert_eq!(trusted.id(), id);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn id(&self) -> SignatoryId {
        self.chain.id()
    }

    /// The package that the chain is about.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let trusted = doc::trusted(&["chain-1"])?;
    /// assert_eq!(trusted.package().to_string(), "Example [7876af07]");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn package(&self) -> &Package {
        self.chain.package()
    }

    /// Every record that was ever admitted.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let trusted = doc::trusted(&["fork-1", "fork-2", "fork-3", "fork-rival-3"])?;
    /// assert_eq!(trusted.chain().len(), 4, "what is contested is kept too");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The records alone.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let trusted = doc::trusted(&["chain-1", "chain-2"])?;
    /// use sigpkg::trust::write_export;
    ///
    /// let file = write_export(&[trusted.into_chain()])?;
    /// assert!(file.starts_with("sigpkg-export = 1\n"));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn into_chain(self) -> Chain {
        self.chain
    }

    /// What the user has decided.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let trusted = doc::trusted(&["chain-1"])?;
    /// use sigpkg::trust::Grade;
    ///
    /// assert!(trusted.decisions().grade >= Grade::Confirmed);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn decisions(&self) -> &Decisions {
        &self.decisions
    }

    /// What the user believes.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let trusted = doc::trusted(&["chain-1", "chain-2", "chain-3"])?;
    /// let newest = trusted.belief().newest_release().map(|release| release.version().to_string());
    /// assert_eq!(newest.as_deref(), Some("1.1.0"));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn belief(&self) -> Belief<'_> {
        self.chain.belief(&self.decisions.decided())
    }

    /// The statements that vouch, when a further chain of this signatory is admitted (CHN-22).
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let trusted = doc::trusted(&["chain-1"])?;
    /// # let file = doc::chain_file(&["chain-1", "chain-2"])?;
    /// use sigpkg::chain::Chain;
    /// use sigpkg::signature::Standard;
    ///
    /// let newer = Chain::admit_beside(&file, trusted.chain(), trusted.vouchers(), &Standard)?;
    /// assert_eq!(newer.len(), 2);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn vouchers(&self) -> Vouchers<'_> {
        Vouchers::Accepted(&self.decisions.vouchers)
    }

    /// When the user first saw the head; `now` if that is only now.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let mut trusted = doc::trusted(&["chain-1"])?;
    /// # let newer = doc::chain(&["chain-1", "chain-2"])?;
    /// # let (monday, tuesday) = ("2026-11-23T12:00:00Z".parse()?, "2026-11-24T12:00:00Z".parse()?);
    /// trusted.learn(&newer, monday)?;
    /// assert_eq!(trusted.head_first_seen(tuesday), monday);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn head_first_seen(&self, now: Timestamp) -> Timestamp {
        let SeenHead { digest, first_seen } = self.decisions.head;
        if self.belief().head().digest() == digest { first_seen } else { now }
    }

    /// Adds the records of another chain of the same signatory, and returns how many were new. No decision changes.
    ///
    /// # Errors
    ///
    /// - [`ChainError::WrongSignatory`] if the other chain has another id; nothing changes then.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let mut trusted = doc::trusted(&["chain-1"])?;
    /// # let newer = doc::chain(&["chain-1", "chain-2"])?;
    /// # let other = doc::chain(&["fork-1"])?;
    /// use sigpkg::chain::ChainError;
    ///
    /// assert_eq!(trusted.learn(&newer, doc::now())?, 1);
    /// assert_eq!(trusted.learn(&newer, doc::now())?, 0);
    /// assert!(matches!(trusted.learn(&other, doc::now()), Err(ChainError::WrongSignatory { .. })));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn learn(&mut self, other: &Chain, now: Timestamp) -> Result<usize, ChainError> {
        let new = self.chain.merge(other)?;
        self.note_head(now);
        Ok(new)
    }

    /// Accepts a statement. Acceptances of statements on branches that are rivals of its path are withdrawn (BEL-2).
    /// Returns whether the statement is in the chain; if it is not, nothing changes.
    ///
    /// A reserve statement waits until it is accepted:
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let mut trusted = doc::trusted(&["reserve-1", "reserve-2"])?;
    /// # let newer = doc::chain(&["reserve-1", "reserve-2", "reserve-3"])?;
    /// trusted.learn(&newer, doc::now())?;
    /// let waiting = trusted.belief().waiting().map(|link| link.digest()).ok_or("nothing waits")?;
    /// assert!(trusted.accept(waiting, doc::now()));
    /// assert_eq!(trusted.belief().head().digest(), waiting);
    /// assert!(!trusted.accept(sigpkg::digest::Digest::of(b"another"), doc::now()));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn accept(&mut self, digest: Digest, now: Timestamp) -> bool {
        let Some(accepted) = self.chain.find(digest) else {
            return false;
        };
        let before = |earlier: Digest, later: Digest| {
            self.chain.find(later).is_some_and(|link| link.path().any(|ancestor| ancestor.digest() == earlier))
        };
        let digest = accepted.digest();
        self.decisions.accepted.retain(|old| *old != digest && (before(*old, digest) || before(digest, *old)));
        self.decisions.accepted.push(digest);
        let vouch =
            |link: &Link<'_>| link.statement().reserve_change().is_some_and(|change| change.cause == Cause::Algorithm);
        let vouchers: Vec<_> = accepted.path().filter(vouch).map(Link::digest).collect();
        for voucher in vouchers {
            if !self.decisions.vouchers.contains(&voucher) {
                self.decisions.vouchers.push(voucher);
            }
        }
        self.note_head(now);
        true
    }

    /// Notes that the head is another one, if it is, since this moment (VER-23).
    fn note_head(&mut self, now: Timestamp) {
        let digest = self.belief().head().digest();
        if self.decisions.head.digest != digest {
            self.decisions.head = SeenHead { digest, first_seen: now };
        }
    }

    /// Changes decisions other than acceptances, which may move the head.
    #[cfg_attr(not(feature = "io"), allow(dead_code))]
    fn decide(&mut self, now: Timestamp, change: impl FnOnce(&mut Decisions)) {
        change(&mut self.decisions);
        self.note_head(now);
    }

    /// Notes that the id was compared with one from elsewhere.
    #[cfg_attr(not(feature = "io"), allow(dead_code))]
    fn raise_grade(&mut self, grade: Grade) {
        self.decisions.grade = self.decisions.grade.max(grade);
    }
}

impl Decisions {
    /// What belief depends on.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let trusted = doc::trusted(&["chain-1", "chain-2"])?;
    /// let belief = trusted.chain().belief(&trusted.decisions().decided());
    /// assert_eq!(belief.head(), trusted.belief().head());
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn decided(&self) -> Decided {
        Decided { accepted: self.accepted.clone(), policy: self.reserve, distrust: self.distrust }
    }
}

impl Grade {
    /// The word in files and messages.
    ///
    /// ```
    /// use sigpkg::trust::Grade;
    ///
    /// assert_eq!(Grade::Seen.as_str(), "seen");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Confirmed => "confirmed",
        }
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}
