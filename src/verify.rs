//! Verdicts: is this what the signatory whom the user trusts has released?
//!
//! [`verify()`] is a function: of what the target says, of what the user knows and wants ([`Question`]), and of nothing
//! else. It reads no file and no clock, and it keeps nothing; what a caller should keep is in the [`Verdict`].
//!
//! Its steps are those of section 7.3 of the specification, in that order, and the first rule that fails is the
//! reason; `judge.rs` has a function for each.
//!
//! Source: spec/7-verdicts.md.

mod judge;
mod note;
mod question;
mod reason;
mod verdict;

pub use self::note::{Note, Stale};
pub use self::question::{Expectation, Installed, Question, Target, TreeTarget};
pub use self::reason::{Outcome, Reason};
pub use self::verdict::{Claims, Head, Step, Verdict, VerifiedTree};

use crate::rule::Rule;
use crate::signature::Scheme;

/// Judges a target.
pub fn verify(target: &Target<'_>, question: &Question<'_>, scheme: &dyn Scheme) -> Verdict {
    judge::judge(target, question, scheme)
}

/// The verdict on a target that breaks a rule of chapters 5 and 6, so that its source could not read it as a tree.
/// `problem` is a sentence with both sides.
pub fn refuse_unread(rule: Rule, problem: String) -> Verdict {
    Verdict::new().refused(Reason::Tree { rule, problem })
}
