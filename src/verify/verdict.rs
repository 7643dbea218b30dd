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
///
/// A chain file, as it comes from anywhere:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let id = doc::chain(&["chain-1"])?.id();
/// # let file = doc::chain_file(&["chain-1", "chain-2", "chain-3"])?;
/// use sigpkg::signature::Standard;
/// use sigpkg::verify::{Question, Target, verify};
///
/// let question = Question { id: Some(id), ..Question::new(&[], doc::now()) };
/// let verdict = verify(&Target::Chain(&file), &question, &Standard);
/// assert_eq!(verdict.word(), "accepted");
/// assert_eq!(verdict.head().map(|head| head.seq.get()), Some(3));
/// assert_eq!(verdict.admitted()[0].len(), 3, "these records belong into the store");
/// # Ok::<(), doc::Error>(())
/// ```
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
///
/// Of a refused target nothing is known but what it says itself:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let id = doc::chain(&["fork-1"])?.id();
/// # let file = doc::chain_file(&["chain-1", "chain-2"])?;
/// # let question = sigpkg::verify::Question { id: Some(id), ..sigpkg::verify::Question::new(&[], doc::now()) };
/// use sigpkg::signature::Standard;
/// use sigpkg::verify::{Target, verify};
///
/// let verdict = verify(&Target::Chain(&file), &question, &Standard);
/// assert_eq!(verdict.word(), "refused");
/// let claimed = verdict.claims().package.as_ref().map(ToString::to_string);
/// assert_eq!(claimed.as_deref(), Some("Example [7876af07]"));
/// # Ok::<(), doc::Error>(())
/// ```
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
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let id = doc::chain(&["chain-1"])?.id();
/// # let file = doc::chain_file(&["chain-1", "chain-2", "chain-3"])?;
/// # let question = sigpkg::verify::Question { id: Some(id), ..sigpkg::verify::Question::new(&[], doc::now()) };
/// # let target = sigpkg::verify::Target::Chain(&file);
/// # let verdict = sigpkg::verify::verify(&target, &question, &sigpkg::signature::Standard);
/// let head = verdict.head().ok_or("the chain was not admitted")?;
/// assert_eq!(head.version.as_ref().map(|version| version.as_str()), Some("1.1.0"));
/// # Ok::<(), doc::Error>(())
/// ```
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
///
/// A later step was reached only if nothing was wrong before it:
///
/// ```
/// use sigpkg::verify::Step;
///
/// assert!(Step::Form < Step::Chain);
/// assert_eq!(Step::ALL.map(Step::as_str)[..3], ["tree", "form", "chain"]);
/// ```
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
///
/// ```
/// # #[cfg(feature = "io")]
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # #[cfg(feature = "io")] {
/// # let machine = doc::Machine::released()?;
/// # let id = machine.id()?;
/// # let tree = sigpkg::source::open(&machine.repository, &sigpkg::verify::TreeTarget::options())?;
/// use sigpkg::signature::Standard;
/// use sigpkg::verify::{Question, Target, TreeTarget, verify};
///
/// let question = Question { id: Some(id), ..Question::new(&[], doc::now()) };
/// let verdict = verify(&Target::Tree(TreeTarget::of(&tree)), &question, &Standard);
/// let verified = verdict.verified_tree().ok_or("it is not accepted")?;
/// assert_eq!(verified.release().version().as_str(), "1.0.0");
/// assert_eq!(verified.listing().lines()[0].path.as_str(), "README");
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let tree = sigpkg::listing::TreeBuilder::new().finish()?;
    /// # let target = sigpkg::verify::Target::Tree(sigpkg::verify::TreeTarget::new(&tree, None));
    /// # let question = sigpkg::verify::Question::new(&[], doc::now());
    /// # let verdict = sigpkg::verify::verify(&target, &question, &sigpkg::signature::Standard);
    /// use sigpkg::verify::Reason;
    ///
    /// assert!(matches!(verdict.reason(), Some(Reason::Unsigned { .. })));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn reason(&self) -> Option<&Reason> {
        self.reason.as_ref()
    }

    /// Whether the target is accepted.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let tree = sigpkg::listing::TreeBuilder::new().finish()?;
    /// # let target = sigpkg::verify::Target::Tree(sigpkg::verify::TreeTarget::new(&tree, None));
    /// # let question = sigpkg::verify::Question::new(&[], doc::now());
    /// # let verdict = sigpkg::verify::verify(&target, &question, &sigpkg::signature::Standard);
    /// assert!(!verdict.is_accepted(), "nobody has signed it, and that is for a human to decide");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn is_accepted(&self) -> bool {
        self.reason.is_none()
    }

    /// `accepted`, `refused` or `undecided`.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let tree = sigpkg::listing::TreeBuilder::new().finish()?;
    /// # let target = sigpkg::verify::Target::Tree(sigpkg::verify::TreeTarget::new(&tree, None));
    /// # let question = sigpkg::verify::Question::new(&[], doc::now());
    /// # let verdict = sigpkg::verify::verify(&target, &question, &sigpkg::signature::Standard);
    /// assert_eq!(verdict.word(), "undecided");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn word(&self) -> &'static str {
        match self.reason.as_ref().map(Reason::outcome) {
            None => "accepted",
            Some(Outcome::Refused) => "refused",
            Some(Outcome::Undecided) => "undecided",
        }
    }

    /// The step in which the reason was found; the last one if the target is accepted.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let tree = sigpkg::listing::TreeBuilder::new().finish()?;
    /// # let target = sigpkg::verify::Target::Tree(sigpkg::verify::TreeTarget::new(&tree, None));
    /// # let question = sigpkg::verify::Question::new(&[], doc::now());
    /// # let verdict = sigpkg::verify::verify(&target, &question, &sigpkg::signature::Standard);
    /// use sigpkg::verify::Step;
    ///
    /// assert_eq!(verdict.reached(), Step::Tree, "there is no `.sigpkg` in which it could go on");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn reached(&self) -> Step {
        self.reached
    }

    /// What the target says of itself.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let file = doc::chain_file(&["chain-1", "chain-2"])?;
    /// # let id = doc::chain(&["chain-1"])?.id();
    /// # let target = sigpkg::verify::Target::Chain(&file);
    /// # let question = sigpkg::verify::Question::new(&[], doc::now());
    /// # let verdict = sigpkg::verify::verify(&target, &question, &sigpkg::signature::Standard);
    /// assert_eq!(verdict.claims().signatory, Some(id));
    /// assert_eq!(verdict.word(), "undecided", "it claims so, and nobody has trusted it");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The head that the user would know after an update; `None` if the chain was not admitted.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let file = doc::chain_file(&["chain-1", "chain-2"])?;
    /// # let target = sigpkg::verify::Target::Chain(&file);
    /// # let trusted = [doc::trusted(&["chain-1", "chain-2", "chain-3"])?];
    /// # let question = sigpkg::verify::Question::new(&trusted, doc::now());
    /// # let verdict = sigpkg::verify::verify(&target, &question, &sigpkg::signature::Standard);
    /// assert_eq!(verdict.head().map(|head| head.seq.get()), Some(3), "the store knows more than the file");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn head(&self) -> Option<&Head> {
        self.head.as_ref()
    }

    /// What is to be said beside the verdict.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let id = doc::chain(&["reserve-1"])?.id();
    /// # let file = doc::chain_file(&["reserve-1", "reserve-2", "reserve-3"])?;
    /// # let trusted = [doc::trusted(&["reserve-1", "reserve-2"])?];
    /// use sigpkg::signature::Standard;
    /// use sigpkg::verify::{Question, Target, verify};
    ///
    /// let verdict = verify(&Target::Chain(&file), &Question::new(&trusted, doc::now()), &Standard);
    /// assert!(verdict.notes().iter().any(|note| note.word() == "waiting"));
    /// assert_eq!(verdict.waiting().map(|waiting| waiting.seq.get()), Some(3));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// How the release is yanked, whether that is the reason or a note.
    ///
    /// ```
    /// # #[cfg(feature = "io")]
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # #[cfg(feature = "io")] {
    /// use sigpkg::statement::Severity;
    ///
    /// # use doc::Machine;
    /// let refused = Machine::judge_yanked(Severity::Refuse)?;
    /// let warned = Machine::judge_yanked(Severity::Warn)?;
    /// assert!(!refused.is_accepted() && warned.is_accepted());
    /// assert!([refused, warned].iter().all(|verdict| verdict.yanking().is_some()));
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn yanking(&self) -> Option<&Yanking> {
        if let Some(Reason::Yanked { yanking, .. }) = &self.reason {
            return Some(yanking);
        }
        self.notes.iter().find_map(|note| {
            if let Note::YankNote(yanking) | Note::YankWarning(yanking) = note { Some(yanking) } else { None }
        })
    }

    /// The digest of the listing of the tree that the release adopts, as far as this is known to be what its signatory says.
    ///
    /// An adopted tree that was signed as it is:
    ///
    /// ```
    /// # #[cfg(feature = "io")]
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # #[cfg(feature = "io")] {
    /// # let machine = doc::Machine::begun()?;
    /// # let adoption = Some(sigpkg::publish::Adoption::default());
    /// # let request = sigpkg::publish::Request { adoption, ..doc::version("1.0.0") };
    /// # machine.prepare(request)?.carry_out(None, &mut doc::random())?;
    /// # let verdict = machine.judge(&machine.tree()?)?;
    /// let verified = verdict.verified_tree().ok_or("it is not accepted")?;
    /// assert_eq!(verdict.upstream(), Some(verified.listing().digest()));
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn upstream(&self) -> Option<Digest> {
        self.notes
            .iter()
            .find_map(|note| if let Note::Adopted { upstream, .. } = note { Some(*upstream) } else { None })
    }

    /// The reserve statement that waits, or is not followed, whether that is the reason or a note.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let file = doc::chain_file(&["reserve-1", "reserve-2", "reserve-3"])?;
    /// # let trusted = [doc::trusted(&["reserve-1", "reserve-2"])?];
    /// # let target = sigpkg::verify::Target::Chain(&file);
    /// # let question = sigpkg::verify::Question::new(&trusted, doc::now());
    /// # let verdict = sigpkg::verify::verify(&target, &question, &sigpkg::signature::Standard);
    /// use sigpkg::statement::Cause;
    ///
    /// let waiting = verdict.waiting().ok_or("nothing waits")?;
    /// assert_eq!(waiting.cause, Cause::Lost);
    /// assert_eq!(waiting.digest, doc::record("reserve-3")?.digest(), "by which it is accepted");
    /// # Ok::<(), doc::Error>(())
    /// ```
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
    ///
    /// A thief's release stood until the branch beside it was extended:
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let known = ["belief-1", "belief-2", "belief-b-3"];
    /// # let verdict = doc::verdict(&["belief-1", "belief-2", "belief-a-3", "belief-a-4"], &known)?;
    /// let [(seq, version)] = verdict.voided() else { return Err("one release is void".into()) };
    /// assert_eq!((seq.get(), version.as_str()), (3, "6.6.6"));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn voided(&self) -> &[(Seq, Version)] {
        &self.voided
    }

    /// The chains that were admitted. Their records belong into the store if it trusts their id, whatever the verdict
    /// (VER-30).
    ///
    /// An update, whatever the verdict is:
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let file = doc::chain_file(&["chain-1", "chain-2"])?;
    /// # let mut trusted = [doc::trusted(&["chain-1"])?];
    /// # let target = sigpkg::verify::Target::Chain(&file);
    /// use sigpkg::signature::Standard;
    /// use sigpkg::verify::{Question, verify};
    ///
    /// let verdict = verify(&target, &Question::new(&trusted, doc::now()), &Standard);
    /// for chain in verdict.admitted() {
    ///     assert_eq!(trusted[0].learn(chain, doc::now())?, 1);
    /// }
    /// # assert_eq!(verdict.admitted().len(), 1);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn admitted(&self) -> &[Chain] {
        &self.admitted
    }

    /// The verified tree; `None` unless the target is a tree and is accepted.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let file = doc::chain_file(&["chain-1", "chain-2"])?;
    /// # let target = sigpkg::verify::Target::Chain(&file);
    /// # let trusted = [doc::trusted(&["chain-1", "chain-2"])?];
    /// # let question = sigpkg::verify::Question::new(&trusted, doc::now());
    /// # let verdict = sigpkg::verify::verify(&target, &question, &sigpkg::signature::Standard);
    /// assert!(verdict.is_accepted());
    /// assert!(verdict.verified_tree().is_none(), "a chain file is no tree");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn verified_tree(&self) -> Option<VerifiedTree<'_>> {
        let believed = self.release.as_ref().filter(|_| self.is_accepted())?;
        let link = believed.chain.find(believed.digest)?;
        let release = believed.chain.belief(&believed.decided).release(link)?;
        Some(VerifiedTree { release, listing: &believed.listing })
    }
}

impl<'verdict> VerifiedTree<'verdict> {
    /// The release.
    ///
    /// ```
    /// # #[cfg(feature = "io")]
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # #[cfg(feature = "io")] {
    /// # let machine = doc::Machine::released()?;
    /// # let verdict = machine.judge(&machine.tree()?)?;
    /// let verified = verdict.verified_tree().ok_or("it is not accepted")?;
    /// assert_eq!(verified.release().version().as_str(), "1.0.0");
    /// assert_eq!(verified.release().seq().get(), 2);
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn release(&self) -> VerifiedRelease<'verdict> {
        self.release
    }

    /// The files of the tree.
    ///
    /// ```
    /// # #[cfg(feature = "io")]
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # #[cfg(feature = "io")] {
    /// # let machine = doc::Machine::released()?;
    /// # let verdict = machine.judge(&machine.tree()?)?;
    /// let verified = verdict.verified_tree().ok_or("it is not accepted")?;
    /// let paths: Vec<_> = verified.listing().lines().iter().map(|line| line.path.as_str()).collect();
    /// assert_eq!(paths, ["README"]);
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    ///
    /// ```
    /// use sigpkg::verify::Step;
    ///
    /// let words = Step::ALL.map(Step::as_str);
    /// assert_eq!((words[0], words[7]), ("tree", "expectation"));
    /// ```
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
