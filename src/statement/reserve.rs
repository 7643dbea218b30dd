//! `reserve`: the statement that changes who may sign, and the set of keys that may make one.

use super::StatementError;
use super::canonical::{Fields, Writer, check_prose};
use crate::key::ReserveKey;

/// A k-of-n reserve: `threshold` of the `keys` must sign.
///
/// ```
/// use sigpkg::key::ReserveKey;
/// use sigpkg::statement::ReserveSet;
///
/// // Two of three holders must sign.
/// let reserve = ReserveSet { threshold: 2, keys: [1, 2, 3].map(|holder| ReserveKey::new([holder; 32])).to_vec() };
/// assert!(2 * reserve.threshold > reserve.keys.len() as u64); // two honest quorums cannot differ
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReserveSet {
    /// k
    pub threshold: u64,
    /// The n public keys.
    pub keys: Vec<ReserveKey>,
}

/// What a reserve statement adds to its new link keys.
///
/// ```
/// use sigpkg::example::{self, RESERVE};
/// use sigpkg::statement::Cause;
///
/// let record = example::record(RESERVE)?;
/// let change = record.claimed().reserve_change().ok_or("no reserve statement")?;
/// assert_eq!((change.cause, change.reserve.threshold), (Cause::Stolen, 1));
/// assert_eq!(change.reason, "the keys are those of a test");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReserveChange {
    /// What made it necessary.
    pub cause: Cause,
    /// The same, in words for people: 1 to 500 bytes.
    pub reason: String,
    /// The reserve from now on.
    pub reserve: ReserveSet,
}

/// Why the reserve speaks.
///
/// ```
/// use sigpkg::statement::Cause;
///
/// let words = [Cause::Lost, Cause::Stolen, Cause::Algorithm, Cause::Handover, Cause::Planned].map(Cause::as_str);
/// assert_eq!(words, ["lost", "stolen", "algorithm", "handover", "planned"]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// Link keys are lost.
    Lost,
    /// Link keys are in wrong hands.
    Stolen,
    /// The link algorithm no longer holds.
    Algorithm,
    /// Somebody else signs from now on.
    Handover,
    /// Keys are replaced in good order.
    Planned,
}

/// The most keys a reserve may have (STM-16): they fit into a statement, and more people than this do not meet.
const MAX_KEYS: usize = 15;

/// The highest threshold (section 3.4): all of the most keys.
const MAX_THRESHOLD: u64 = 15;

/// The longest `reason` in bytes.
const MAX_REASON: usize = 500;

const CAUSES: [(&str, Cause); 5] = [
    ("lost", Cause::Lost),
    ("stolen", Cause::Stolen),
    ("algorithm", Cause::Algorithm),
    ("handover", Cause::Handover),
    ("planned", Cause::Planned),
];

impl ReserveSet {
    pub(super) fn read(table: &mut Fields<'_>) -> Result<Self, StatementError> {
        Ok(Self { threshold: table.integer_up_to("threshold", MAX_THRESHOLD)?, keys: table.reserve_keys("keys")? })
    }

    pub(super) fn write(&self, out: &mut Writer) {
        out.integer("threshold", self.threshold);
        out.strings("keys", self.keys.iter());
    }

    /// STM-16: two quorums of an honest reserve share a member, so they cannot say different things unnoticed.
    pub(super) fn check(&self) -> Result<(), StatementError> {
        let keys = self.keys.len();
        let threshold = usize::try_from(self.threshold).unwrap_or(usize::MAX);
        if (1..=MAX_KEYS).contains(&keys) && threshold <= keys && keys < threshold.saturating_mul(2) {
            Ok(())
        } else {
            Err(StatementError::Reserve { keys, threshold: self.threshold })
        }
    }
}

impl ReserveChange {
    pub(super) fn read(table: &mut Fields<'_>) -> Result<Self, StatementError> {
        Ok(Self {
            cause: table.word("cause", &CAUSES)?,
            reason: table.prose("reason", MAX_REASON)?,
            reserve: ReserveSet::read(table)?,
        })
    }

    /// What a reader has seen to already, for who writes one.
    pub(super) fn check(&self) -> Result<(), StatementError> {
        check_prose("reserve.reason", &self.reason, MAX_REASON)
    }

    pub(super) fn write(&self, out: &mut Writer) {
        out.table("reserve");
        out.string("cause", &self.cause.as_str());
        out.string("reason", &self.reason);
        self.reserve.write(out);
    }
}

impl Cause {
    /// The word of a statement.
    ///
    /// ```
    /// use sigpkg::statement::Cause;
    ///
    /// assert_eq!(Cause::Handover.as_str(), "handover");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Stolen => "stolen",
            Self::Algorithm => "algorithm",
            Self::Handover => "handover",
            Self::Planned => "planned",
        }
    }
}
