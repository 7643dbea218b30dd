//! Why a command has no answer: a sentence, a hint, and the exit status that says which kind of failure it is.

use std::fmt::Display;
use std::process::ExitCode;

use sigpkg::rule::Rule;

/// The exit statuses of every command (section 7.6 of the specification).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Accepted, or done.
    Done,
    /// A rule refuses it.
    Refused,
    /// The command was used wrongly.
    Usage,
    /// A file, a disk or a repository could not be read or written.
    CouldNotTell,
    /// A human must choose.
    Undecided,
}

impl Status {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Refused => 1,
            Self::Usage => 2,
            Self::CouldNotTell => 3,
            Self::Undecided => 4,
        }
    }

    /// The status of several answers together: 1, then 3, then 4.
    pub(crate) fn of_several(statuses: impl IntoIterator<Item = Self>) -> Self {
        let gravity = |status: &Self| match status {
            Self::Done => 0,
            Self::Undecided => 1,
            Self::CouldNotTell => 2,
            Self::Refused => 3,
            Self::Usage => 4,
        };
        statuses.into_iter().max_by_key(gravity).unwrap_or(Self::Done)
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status.code())
    }
}

/// Why a command has no answer.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: Status,
    /// One sentence: what is wrong, both sides, where. Lower case, no period.
    pub(crate) message: String,
    /// What to do about it, preferably a command.
    pub(crate) hint: Option<String>,
    pub(crate) rule: Option<Rule>,
}

impl Failure {
    /// A rule of the specification refuses it.
    pub(crate) fn refused(rule: Rule, message: impl Display) -> Self {
        Self { rule: Some(rule), ..Self::new(Status::Refused, message) }
    }

    /// It is refused, but no rule of the specification speaks of it: the state of this machine does not allow it.
    pub(crate) fn blocked(message: impl Display) -> Self {
        Self::new(Status::Refused, message)
    }

    /// The command was used wrongly.
    pub(crate) fn usage(message: impl Display) -> Self {
        Self::new(Status::Usage, message)
    }

    /// Something could not be read or written.
    pub(crate) fn could_not_tell(message: impl Display) -> Self {
        Self::new(Status::CouldNotTell, message)
    }

    /// A human must choose.
    pub(crate) fn undecided(message: impl Display) -> Self {
        Self::new(Status::Undecided, message)
    }

    /// Adds what to do about it.
    pub(crate) fn hint(mut self, hint: impl Display) -> Self {
        self.hint = Some(hint.to_string());
        self
    }

    /// What to do about it: its own hint, or what helps with all of its kind.
    pub(crate) fn any_hint(&self) -> Option<&str> {
        self.hint.as_deref().or(match self.status {
            Status::Usage => Some("the same command with --help shows what it takes"),
            Status::CouldNotTell => Some(
                "nothing was decided; see that the path is right and that you may read and write there, and try again",
            ),
            Status::Done | Status::Refused | Status::Undecided => None,
        })
    }

    fn new(status: Status, message: impl Display) -> Self {
        Self { status, message: message.to_string(), hint: None, rule: None }
    }
}
