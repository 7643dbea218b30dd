//! What a dependency is found to be.
//!
//! Source: spec/10-projects.md, section 10.2.

use std::fmt;

use crate::verify::reason::Outcome;

/// What a dependency is found to be (section 10.2).
///
/// ```
/// use sigpkg::verify::State;
///
/// assert_eq!(State::BeforeSigning.to_string(), "before-signing");
/// assert_eq!(State::ALL.first(), Some(&State::Accepted));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// A release of the signatory who is trusted or pinned.
    Accepted,
    /// It is not, or must not be used.
    Refused,
    /// A human must choose.
    Undecided,
    /// It could not be read.
    Unreadable,
    /// Unsigned, and known from before the chain began (PRJ-10).
    BeforeSigning,
    /// Nobody has signed it, and nobody expects it.
    Unsigned,
    /// Signed by a signatory whom nobody has trusted yet.
    NewlySigned,
    /// A folder that is being worked on.
    Developed,
    /// It comes with the language.
    Bundled,
    /// There is no such folder.
    NotInstalled,
}

impl State {
    /// Every state, in the order in which they are counted.
    pub const ALL: [Self; 10] = [
        Self::Accepted,
        Self::Refused,
        Self::Undecided,
        Self::Unreadable,
        Self::BeforeSigning,
        Self::Unsigned,
        Self::NewlySigned,
        Self::Developed,
        Self::Bundled,
        Self::NotInstalled,
    ];

    /// The word of the specification.
    ///
    /// ```
    /// use sigpkg::verify::State;
    ///
    /// assert_eq!(State::Bundled.as_str(), "stdlib");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Undecided => "undecided",
            Self::Unreadable => "unreadable",
            Self::BeforeSigning => "before-signing",
            Self::Unsigned => "unsigned",
            Self::NewlySigned => "newly-signed",
            Self::Developed => "developed",
            Self::Bundled => "stdlib",
            Self::NotInstalled => "not-installed",
        }
    }

    pub(super) const fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Refused => Self::Refused,
            Outcome::Undecided => Self::Undecided,
        }
    }

    /// PRJ-14
    pub(super) const fn fails_under_strict(self) -> bool {
        match self {
            Self::Unsigned | Self::NewlySigned | Self::Developed | Self::NotInstalled => true,
            Self::Accepted
            | Self::Refused
            | Self::Undecided
            | Self::Unreadable
            | Self::BeforeSigning
            | Self::Bundled => false,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}
