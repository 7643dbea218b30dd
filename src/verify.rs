//! Verdicts: is this what the signatory whom the user trusts has released?
//!
//! [`verify()`] is a function: of what the target says, of what the user knows and wants ([`Question`]), and of nothing
//! else. It reads no file and no clock, and it keeps nothing; what a caller should keep is in the [`Verdict`].
//!
//! Its steps are those of section 7.3 of the specification, in that order, and the first rule that fails is the
//! reason; `judge.rs` has a function for each.
//!
//! | a [`Verdict`] has | which is |
//! |---|---|
//! | a [`Reason`] | the rule that failed, with both sides; none if the target is accepted |
//! | [`Note`]s | what a user should know beside it: a yank, a reserve statement that waits, an installed release that is void |
//! | [`Claims`] | what the target says of itself, true or not |
//! | a [`Head`] | the newest statement that stands by all that is known now |
//! | chains | what was admitted, and belongs into the store whatever the verdict |
//! | a [`VerifiedTree`] | if it is accepted: the release and its files, and nothing else makes one |
//!
//! # Example: a tree that nobody has signed
//!
//! ```
//! use sigpkg::listing::TreeBuilder;
//! use sigpkg::rule::Rule;
//! use sigpkg::signature::Standard;
//! use sigpkg::verify::{Outcome, Question, Reason, Target, TreeTarget, verify};
//!
//! let tree = TreeBuilder::new().finish()?;
//! let target = Target::Tree(TreeTarget::new(&tree, None));
//! // Nothing is trusted yet, so nothing is expected to be signed.
//! let question = Question::new(&[], "2026-11-20T12:00:00Z".parse()?);
//! let verdict = verify(&target, &question, &Standard);
//! assert_eq!(verdict.reason().map(Reason::rule), Some(Rule::Ver3));
//! assert_eq!(verdict.reason().map(Reason::outcome), Some(Outcome::Undecided));
//! assert!(verdict.verified_tree().is_none());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`judge_dependency`] judges what a project depends on.
//!
//! Source: spec/7-verdicts.md; spec/10-projects.md, section 10.2 and 10.3.

mod about;
mod dependency;
mod judge;
mod note;
mod question;
mod reason;
mod verdict;

pub use self::about::{Fault, Replacement, ReserveStatement, Yanking};
pub use self::dependency::{
    Dependency, DependencyNote, DependencyReason, Found, Generated, HashMatch, Judged, State, judge_dependency,
};
pub use self::note::{Note, Stale};
pub use self::question::{Expectation, Installed, Question, Target, TreeTarget};
pub use self::reason::{Instead, Outcome, Reason};
pub use self::verdict::{Claims, Head, Step, Verdict, VerifiedTree};

use crate::rule::Rule;
use crate::signature::Scheme;
use crate::time::Timestamp;
use crate::trust::Trusted;

/// Judges a target.
///
/// A release in a folder, judged by the id that its user has from elsewhere:
///
/// ```
/// # #[cfg(feature = "io")]
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # #[cfg(feature = "io")] {
/// # let machine = doc::Machine::released()?;
/// # let (folder, id) = (&machine.repository, machine.id()?);
/// use sigpkg::signature::Standard;
/// use sigpkg::source;
/// use sigpkg::verify::{Question, Target, TreeTarget, verify};
///
/// let question = Question { id: Some(id), ..Question::new(&[], doc::now()) };
/// let tree = source::open(folder, &TreeTarget::options())?;
/// let verdict = verify(&Target::Tree(TreeTarget::of(&tree)), &question, &Standard);
/// assert_eq!(verdict.word(), "accepted");
///
/// std::fs::write(folder.join("README"), "tides, and something else\n")?;
/// let tree = source::open(folder, &TreeTarget::options())?;
/// let verdict = verify(&Target::Tree(TreeTarget::of(&tree)), &question, &Standard);
/// assert_eq!(verdict.reason().map(|reason| reason.rule().reason()), Some("tree-mismatch"));
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn verify(target: &Target<'_>, question: &Question<'_>, scheme: &dyn Scheme) -> Verdict {
    judge::judge(target, question, scheme)
}

/// Whether a chain is stale, and why (VER-23): for whoever asks about what is trusted, without a target.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let trusted = doc::trusted(&["belief-1", "belief-2", "belief-soon-3"])?;
/// use sigpkg::verify::{Stale, stale};
///
/// assert_eq!(stale(&trusted, "2026-02-28T00:00:00Z".parse()?), None);
/// let late = stale(&trusted, "2026-11-20T12:00:00Z".parse()?);
/// assert!(matches!(late, Some(Stale::Promise { .. })), "another statement was promised by 2026-03-01");
/// # Ok::<(), doc::Error>(())
/// ```
pub fn stale(trusted: &Trusted, now: Timestamp) -> Option<Stale> {
    judge::stale(&trusted.belief(), trusted.decisions().ended, trusted.head_first_seen(now), now)
}

/// The verdict on a target that breaks a rule of chapters 5 and 6, so that its source could not read it as a tree.
/// `problem` is a sentence with both sides.
///
/// ```
/// # #[cfg(feature = "io")] {
/// # let folder = tempfile::tempdir()?;
/// # std::fs::write(folder.path().join("README"), "")?;
/// # std::fs::write(folder.path().join("readme"), "")?;
/// # let folder = folder.path();
/// use sigpkg::source;
/// use sigpkg::verify::{TreeTarget, refuse_unread};
///
/// let error = source::open(folder, &TreeTarget::options()).unwrap_err();
/// let rule = error.rule().ok_or("it could not be read")?;
/// let verdict = refuse_unread(rule, error.to_string());
/// assert_eq!(verdict.word(), "refused");
/// assert_eq!(verdict.reason().map(ToString::to_string), Some(error.to_string()));
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn refuse_unread(rule: Rule, problem: String) -> Verdict {
    Verdict::new().refused(Reason::Tree { rule, problem })
}
