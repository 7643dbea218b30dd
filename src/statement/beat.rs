//! `beat`: still here, still holding the keys.

use super::canonical::{Fields, Writer};
use super::{Lineage, StatementError};
use crate::digest::SignatoryId;

/// What a beat says.
///
/// ```
/// use sigpkg::example::{self, LAST};
/// use sigpkg::statement::{Beat, BeatState};
///
/// let last = example::record(LAST)?;
/// let Some(Beat { state: BeatState::Final, successor: Some(successor) }) = last.claimed().beat() else {
///     return Err("expected the last beat of a chain that goes on under another name".into());
/// };
/// assert_ne!(*successor, example::id()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beat {
    /// Whether more is planned.
    pub state: BeatState,
    /// The chain that goes on under another name.
    pub successor: Option<SignatoryId>,
}

/// Whether further releases are planned.
///
/// ```
/// use sigpkg::example::{self, PROMISE};
/// use sigpkg::statement::BeatState;
///
/// assert_eq!(example::record(PROMISE)?.claimed().beat().map(|beat| beat.state), Some(BeatState::Here));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BeatState {
    /// `here`
    Here,
    /// `final`: no further release is planned.
    Final,
}

const STATES: [(&str, BeatState); 2] = [("here", BeatState::Here), ("final", BeatState::Final)];

impl Beat {
    pub(super) fn read(table: &mut Fields<'_>) -> Result<Self, StatementError> {
        Ok(Self {
            state: table.word("state", &STATES)?,
            successor: table.optional_parsed("successor", "a signatory id")?,
        })
    }

    pub(super) fn write(&self, out: &mut Writer) {
        out.table("beat");
        out.string("state", &self.state.as_str());
        out.optional_string("successor", self.successor.as_ref());
    }

    /// STM-18
    pub(super) fn check(&self, lineage: Option<&Lineage>) -> Result<(), StatementError> {
        if self.successor.is_some() && self.successor == lineage.map(|lineage| lineage.signatory) {
            Err(StatementError::OwnSuccessor)
        } else {
            Ok(())
        }
    }
}

impl BeatState {
    /// The word of a statement.
    ///
    /// ```
    /// use sigpkg::statement::BeatState;
    ///
    /// assert_eq!(BeatState::Final.as_str(), "final");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Here => "here",
            Self::Final => "final",
        }
    }
}
