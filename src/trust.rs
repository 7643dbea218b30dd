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
#[derive(Clone, Debug)]
pub struct Trusted {
    chain: Chain,
    decisions: Decisions,
}

/// What a human has said about a signatory, and when its head was first seen.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenHead {
    /// The digest of its text.
    pub digest: Digest,
    /// When it was first the head.
    pub first_seen: Timestamp,
}

/// How the id of a signatory was first trusted. Both bind every upgrade alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// The id was taken as it came with the package.
    Seen,
    /// The id was compared with one from elsewhere.
    Confirmed,
}

impl Trusted {
    /// Puts a chain that was admitted together with decisions about it.
    pub fn new(chain: Chain, decisions: Decisions) -> Self {
        Self { chain, decisions }
    }

    /// First trust: an acceptance of the head that the chain shows (BEL-2). At a contested fork that is the parent of
    /// the fork.
    pub fn first(chain: Chain, grade: Grade, now: Timestamp) -> Self {
        Self::first_of(Self::stranger(chain, now), grade, now)
    }

    /// First trust by a user who distrusts Ed25519: the mark is the genesis (BEL-9), so the head that is accepted is the
    /// last statement that the reserve vouches for.
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
    pub fn id(&self) -> SignatoryId {
        self.chain.id()
    }

    /// The package that the chain is about.
    pub fn package(&self) -> &Package {
        self.chain.package()
    }

    /// Every record that was ever admitted.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The records alone.
    pub fn into_chain(self) -> Chain {
        self.chain
    }

    /// What the user has decided.
    pub fn decisions(&self) -> &Decisions {
        &self.decisions
    }

    /// What the user believes.
    pub fn belief(&self) -> Belief<'_> {
        self.chain.belief(&self.decisions.decided())
    }

    /// The statements that vouch, when a further chain of this signatory is admitted (CHN-22).
    pub fn vouchers(&self) -> Vouchers<'_> {
        Vouchers::Accepted(&self.decisions.vouchers)
    }

    /// When the user first saw the head; `now` if that is only now.
    pub fn head_first_seen(&self, now: Timestamp) -> Timestamp {
        let SeenHead { digest, first_seen } = self.decisions.head;
        if self.belief().head().digest() == digest { first_seen } else { now }
    }

    /// Adds the records of another chain of the same signatory, and returns how many were new. No decision changes.
    ///
    /// # Errors
    ///
    /// - [`ChainError::WrongSignatory`] if the other chain has another id; nothing changes then.
    pub fn learn(&mut self, other: &Chain, now: Timestamp) -> Result<usize, ChainError> {
        let new = self.chain.merge(other)?;
        self.note_head(now);
        Ok(new)
    }

    /// Accepts a statement. Acceptances of statements on branches that are rivals of its path are withdrawn (BEL-2).
    /// Returns whether the statement is in the chain; if it is not, nothing changes.
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
    pub fn decided(&self) -> Decided {
        Decided { accepted: self.accepted.clone(), policy: self.reserve, distrust: self.distrust }
    }
}

impl Grade {
    /// The word in files and messages.
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
