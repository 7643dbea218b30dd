//! What a reason or a note is about: statements of the signatory, in a form that outlives the chain.

use std::fmt;

use crate::chain::{Belief, Link, State, Yanked};
use crate::digest::Digest;
use crate::package::Version;
use crate::statement::{Cause, Seq, Severity};

/// A reserve statement.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let verdict =
/// #     doc::verdict(&["belief-1", "belief-2", "belief-reserve-3"], &["belief-1", "belief-2"])?;
/// let waiting = verdict.waiting().ok_or("nothing waits")?;
/// assert_eq!(waiting.seq.get(), 3);
/// assert!(waiting.to_string().starts_with("reserve statement 3 ("));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReserveStatement {
    /// Its number.
    pub seq: Seq,
    /// Its digest, by which it is accepted.
    pub digest: Digest,
    /// Its cause.
    pub cause: Cause,
    /// Its reason, in the words of the reserve.
    pub reason: String,
}

/// How a release is yanked (BEL-10).
///
/// ```
/// # #[cfg(feature = "io")]
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # #[cfg(feature = "io")] {
/// # let verdict = doc::Machine::judge_yanked(sigpkg::statement::Severity::Refuse)?;
/// let yanking = verdict.yanking().ok_or("it is not yanked")?;
/// assert_eq!(yanking.to_string(), "yanked by statement 3 (refuse): \"it deletes files\"");
/// assert!(!yanking.waits);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Yanking {
    /// The number of the yank.
    pub by: Seq,
    /// Whether the yank does not speak for the user yet (BEL-4), since a reserve statement waits for the user's word.
    pub waits: bool,
    /// The severity: that of the yank, and at most [`Severity::Warn`] if it waits.
    pub severity: Severity,
    /// Why, in the words of the signatory.
    pub reason: String,
    /// The advisory, in the words of the signatory.
    pub advisory: Option<String>,
    /// The release to use instead.
    pub replacement: Option<Replacement>,
}

/// The release that a yank names as the one to use instead.
///
/// ```
/// use sigpkg::package::{EcosystemName, Version};
/// use sigpkg::statement::Seq;
/// use sigpkg::verify::Replacement;
///
/// let seq = Seq::new(4).ok_or("a seq")?;
/// let version = Version::new(EcosystemName::Julia, "1.2.1")?;
/// let replacement = Replacement { seq, version, yanked: None, withdrawn: false };
/// assert_eq!(replacement.to_string(), "use 1.2.1 (statement 4) instead");
/// let withdrawn = Replacement { withdrawn: true, ..replacement };
/// assert!(withdrawn.to_string().ends_with("which is withdrawn itself"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// Its number.
    pub seq: Seq,
    /// Its version.
    pub version: Version,
    /// The severity with which it is yanked itself.
    pub yanked: Option<Severity>,
    /// Whether it is withdrawn itself.
    pub withdrawn: bool,
}

/// Why an installed release should not stay (VER-45).
///
/// An update of a project whose installed release was yanked since:
///
/// ```
/// # #[cfg(feature = "io")]
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # #[cfg(feature = "io")] {
/// # let machine = doc::Machine::released()?;
/// # let folder = machine.tree()?.folder().cloned();
/// # machine.prepare(doc::yank("1.0.0", sigpkg::statement::Severity::Refuse))?.carry_out(None, &mut doc::random())?;
/// # machine.release("1.1.0")?;
/// # let (tree, trusted) = (machine.tree()?, [machine.trusted()?]);
/// use sigpkg::signature::Standard;
/// use sigpkg::verify::{Fault, Installed, Note, Question, Target, TreeTarget, verify};
///
/// let installed = Some(Installed { folder: folder.as_ref(), version: Some("1.0.0".to_owned()) });
/// let question = Question { installed, ..Question::new(&trusted, doc::now()) };
/// let verdict = verify(&Target::Tree(TreeTarget::of(&tree)), &question, &Standard);
/// assert!(verdict.is_accepted());
/// let is_yanked = |note: &Note| matches!(note, Note::Installed { fault: Fault::Yanked(_), .. });
/// assert!(verdict.notes().iter().any(is_yanked));
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It lies on a branch that lost.
    Void,
    /// It is withdrawn.
    Withdrawn,
    /// It is yanked, with severity `warn` or `refuse`.
    Yanked(Yanking),
}

impl ReserveStatement {
    /// What a reserve statement says; `None` for another kind.
    pub(super) fn of(link: Link<'_>) -> Option<Self> {
        let change = link.statement().reserve_change()?;
        Some(Self { seq: link.seq(), digest: link.digest(), cause: change.cause, reason: change.reason.clone() })
    }
}

impl Yanking {
    pub(super) fn of(belief: &Belief<'_>, Yanked { by, yank, severity }: Yanked<'_>) -> Self {
        let replacement = yank.replacement.and_then(|seq| by.path().find(|link| link.seq() == seq));
        Self {
            by: by.seq(),
            waits: belief.state(by) == Some(State::Waiting) || severity != yank.severity,
            severity,
            reason: yank.reason.clone(),
            advisory: yank.advisory.clone(),
            replacement: replacement.and_then(|link| Replacement::of(belief, link)),
        }
    }
}

impl Replacement {
    fn of(belief: &Belief<'_>, link: Link<'_>) -> Option<Self> {
        Some(Self {
            seq: link.seq(),
            version: link.statement().release()?.version.clone(),
            yanked: belief.yank(link).map(|yanked| yanked.severity),
            withdrawn: belief.is_withdrawn(link),
        })
    }
}

impl fmt::Display for ReserveStatement {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seq, digest, cause, reason } = self;
        write!(out, "reserve statement {seq} ({digest}; cause: {}; \"{reason}\")", cause.as_str())
    }
}

/// `yanked by statement 5 (refuse): "it deletes files", advisory "JLSEC-1"; use 1.2.1 (statement 4) instead`. The words
/// of the signatory are between quotation marks, of which they have none (STM-8).
impl fmt::Display for Yanking {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "yanked by statement {} ({})", self.by, self.severity.as_str())?;
        if self.waits {
            out.write_str(", which waits for your decision")?;
        }
        write!(out, ": \"{}\"", self.reason)?;
        if let Some(advisory) = &self.advisory {
            write!(out, ", advisory \"{advisory}\"")?;
        }
        match &self.replacement {
            Some(replacement) => write!(out, "; {replacement}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Replacement {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seq, version, yanked, withdrawn } = self;
        match (yanked, withdrawn) {
            (None, false) => write!(out, "use {version} (statement {seq}) instead"),
            (Some(severity), _) => {
                let severity = severity.as_str();
                write!(out, "it names {version} (statement {seq}) to use instead, which is yanked itself ({severity})")
            }
            (None, true) => {
                write!(out, "it names {version} (statement {seq}) to use instead, which is withdrawn itself")
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Void => out.write_str("void: it was signed with a key that the signatory no longer stands by"),
            Self::Withdrawn => out.write_str("withdrawn"),
            Self::Yanked(yanking) => yanking.fmt(out),
        }
    }
}
