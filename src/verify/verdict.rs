//! The answer to a question about a target.

use std::fmt;

use super::about::{ReserveStatement, Yanking};
use super::note::Note;
use super::reason::{Outcome, Reason};
use crate::chain::{Chain, Decided, VerifiedRelease};
use crate::digest::{Digest, SignatoryId};
use crate::listing::Listing;
use crate::package::{Package, Version};
use crate::statement::Seq;

/// A verdict, and what the target claims, whether it is true or not.
#[derive(Clone, Debug)]
pub struct Verdict {
    pub(super) reason: Option<Reason>,
    pub(super) reached: Step,
    pub(super) claims: Claims,
    pub(super) head: Option<Head>,
    pub(super) notes: Vec<Note>,
    pub(super) voided: Vec<(Seq, Version)>,
    /// The chains of the target and of the installed tree, as far as they were admitted.
    pub(super) admitted: Vec<Chain>,
    pub(super) release: Option<Believed>,
}

/// What the target says of itself. Only for one that is accepted it is more than a claim.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// The package.
    pub package: Option<Package>,
    /// The signatory.
    pub signatory: Option<SignatoryId>,
    /// The number of the release; a chain file has none.
    pub seq: Option<Seq>,
    /// The version of the release; a chain file has none.
    pub version: Option<Version>,
}

/// The head of the chain, with the records that the user knew before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its number.
    pub seq: Seq,
    /// Its digest.
    pub digest: Digest,
    /// The version of the newest release.
    pub version: Option<Version>,
}

/// The steps of a verification, in their order (section 7.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The form of the tree.
    Tree,
    /// The form of the chain, the statement and the signature file.
    Form,
    /// Links, paths and signatures.
    Chain,
    /// Forks, and what the reserve has said.
    Belief,
    /// What the user has decided.
    Decision,
    /// Withdrawals and yanks.
    Release,
    /// The tree against its listing.
    Listing,
    /// The manifest and what the caller expects.
    Expectation,
}

/// A tree that is, byte for byte, a release of the signatory whom the user trusts. Only an accepted [`Verdict`] has one.
#[derive(Clone, Copy, Debug)]
pub struct VerifiedTree<'verdict> {
    release: VerifiedRelease<'verdict>,
    listing: &'verdict Listing,
}

/// What is needed to find the release again in the chain that was believed.
#[derive(Clone, Debug)]
pub(super) struct Believed {
    pub(super) chain: Chain,
    pub(super) decided: Decided,
    pub(super) digest: Digest,
    pub(super) listing: Listing,
}

impl Verdict {
    pub(super) fn new() -> Self {
        Self {
            reason: None,
            reached: Step::Tree,
            claims: Claims::default(),
            head: None,
            notes: Vec::new(),
            voided: Vec::new(),
            admitted: Vec::new(),
            release: None,
        }
    }

    pub(super) fn refused(self, reason: Reason) -> Self {
        Self { reason: Some(reason), release: None, ..self }
    }

    /// Why the target is not accepted; `None` if it is.
    pub fn reason(&self) -> Option<&Reason> {
        self.reason.as_ref()
    }

    /// Whether the target is accepted.
    pub fn is_accepted(&self) -> bool {
        self.reason.is_none()
    }

    /// `accepted`, `refused` or `undecided`.
    pub fn word(&self) -> &'static str {
        match self.reason.as_ref().map(Reason::outcome) {
            None => "accepted",
            Some(Outcome::Refused) => "refused",
            Some(Outcome::Undecided) => "undecided",
        }
    }

    /// The step in which the reason was found; the last one if the target is accepted.
    pub fn reached(&self) -> Step {
        self.reached
    }

    /// What the target says of itself.
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The head that the user would know after an update; `None` if the chain was not admitted.
    pub fn head(&self) -> Option<&Head> {
        self.head.as_ref()
    }

    /// What is to be said beside the verdict.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// How the release is yanked, whether that is the reason or a note.
    pub fn yanking(&self) -> Option<&Yanking> {
        if let Some(Reason::Yanked { yanking, .. }) = &self.reason {
            return Some(yanking);
        }
        self.notes.iter().find_map(|note| {
            if let Note::YankNote(yanking) | Note::YankWarning(yanking) = note { Some(yanking) } else { None }
        })
    }

    /// The digest of the listing of the tree that the release adopts, as far as this is known to be what its signatory says.
    pub fn upstream(&self) -> Option<Digest> {
        self.notes
            .iter()
            .find_map(|note| if let Note::Adopted { upstream, .. } = note { Some(*upstream) } else { None })
    }

    /// The reserve statement that waits, or is not followed, whether that is the reason or a note.
    pub fn waiting(&self) -> Option<&ReserveStatement> {
        if let Some(Reason::Waiting { waiting, .. } | Reason::NotFollowed { waiting, .. }) = &self.reason {
            return Some(waiting);
        }
        self.notes.iter().find_map(|note| {
            if let Note::Waiting(waiting) | Note::NotFollowed(waiting) = note { Some(waiting) } else { None }
        })
    }

    /// The releases that stood by the store alone and are void now, oldest first (VER-44). The note says it only of a
    /// target that stands itself; one of them may be installed in any case.
    pub fn voided(&self) -> &[(Seq, Version)] {
        &self.voided
    }

    /// The chains that were admitted. Their records belong into the store if it trusts their id, whatever the verdict
    /// (VER-30).
    pub fn admitted(&self) -> &[Chain] {
        &self.admitted
    }

    /// The verified tree; `None` unless the target is a tree and is accepted.
    pub fn verified_tree(&self) -> Option<VerifiedTree<'_>> {
        let believed = self.release.as_ref().filter(|_| self.is_accepted())?;
        let link = believed.chain.find(believed.digest)?;
        let release = believed.chain.belief(&believed.decided).release(link)?;
        Some(VerifiedTree { release, listing: &believed.listing })
    }
}

impl<'verdict> VerifiedTree<'verdict> {
    /// The release.
    pub fn release(&self) -> VerifiedRelease<'verdict> {
        self.release
    }

    /// The files of the tree.
    pub fn listing(&self) -> &'verdict Listing {
        self.listing
    }
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 8] = [
        Self::Tree,
        Self::Form,
        Self::Chain,
        Self::Belief,
        Self::Decision,
        Self::Release,
        Self::Listing,
        Self::Expectation,
    ];

    /// The word of the specification.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tree => "tree",
            Self::Form => "form",
            Self::Chain => "chain",
            Self::Belief => "belief",
            Self::Decision => "decision",
            Self::Release => "release",
            Self::Listing => "listing",
            Self::Expectation => "expectation",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}
