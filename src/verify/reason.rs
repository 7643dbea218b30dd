//! Why a target is not accepted.

use std::fmt::Display;

use crate::chain::ChainError;
use crate::digest::{Digest, SignatoryId};
use crate::ecosystem::ManifestError;
use crate::listing::folder::FolderError;
use crate::listing::{ExpectedError, Mismatch};
use crate::package::{Package, Version};
use crate::rule::Rule;
use crate::signature::minisign::FileError;
use crate::signature::release::ReleaseSignatureError;
use crate::statement::{Seq, StatementError};

use super::about::{ReserveStatement, Yanking};
use super::note::{DIGESTS_SHOWN, Stale};

/// Why a target is not accepted: a variant for each rule of spec/7-verdicts.md, and one for each chapter before it.
///
/// Both sides are in its fields and in its sentence; the rule is for scripts:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let id = doc::chain(&["fork-1"])?.id();
/// # let file = doc::chain_file(&["chain-1", "chain-2"])?;
/// # let question = sigpkg::verify::Question { id: Some(id), ..sigpkg::verify::Question::new(&[], doc::now()) };
/// # let target = sigpkg::verify::Target::Chain(&file);
/// # let verdict = sigpkg::verify::verify(&target, &question, &sigpkg::signature::Standard);
/// use sigpkg::verify::{Outcome, Reason};
///
/// let reason = verdict.reason().ok_or("it is accepted")?;
/// assert!(matches!(reason, Reason::OtherSignatory { .. }));
/// assert_eq!(reason.rule().reason(), "other-signatory");
/// assert_eq!(reason.outcome(), Outcome::Refused);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The target is no tree: a rule of spec/5-trees.md or spec/6-folder.md.
    #[error("{problem}")]
    Tree {
        /// The rule.
        rule: Rule,
        /// The sentence of the source that read it.
        problem: String,
    },
    /// A rule of spec/5-trees.md or spec/6-folder.md for `.sigpkg/files` and `.sigpkg/links`.
    #[error(transparent)]
    Listing(ExpectedError),
    /// A rule of spec/6-folder.md.
    #[error(transparent)]
    Folder(FolderError),
    /// A rule of spec/4-chains-and-belief.md, or of the chapters before it for a record.
    #[error(transparent)]
    Chain(ChainError),
    /// A rule of spec/3-statements.md for `release.toml`.
    #[error("release.toml is no statement: {0}")]
    Statement(StatementError),
    /// SIG-10 to SIG-12 for `release.toml.minisig`.
    #[error("release.toml.minisig: {0}")]
    SignatureFile(FileError),
    /// Another rule of spec/2-keys-and-signatures.md for `release.toml.minisig`.
    #[error("release.toml.minisig: {0}")]
    ReleaseSignature(ReleaseSignatureError),
    /// VER-1. The sentence does not show the id: whoever copies it from here has compared it with nothing.
    #[error("nobody has decided yet whether to trust the signatory of this {package}")]
    NotTrusted {
        /// The package.
        package: Box<Package>,
        /// The id of the target.
        found: SignatoryId,
    },
    /// VER-2
    #[error("expected a tree signed by {}, found one without .sigpkg", list(expected))]
    SignatureMissing {
        /// The ids that the user trusts for it, or the one that the caller gave.
        expected: Vec<SignatoryId>,
    },
    /// VER-3
    #[error("the tree has no .sigpkg, and {}", nobody(ended))]
    Unsigned {
        /// The ids that the user trusts for it, if the signing of every one has ended, as the user has said.
        ended: Vec<SignatoryId>,
    },
    /// VER-4
    #[error("this tree is no release but a commit between two: {}", newest_release(newest.as_ref()))]
    NoRelease {
        /// The newest release of the standing line.
        newest: Option<(Seq, Version)>,
    },
    /// VER-5
    #[error("release.toml ({digest}) is not the text of a release in .sigpkg/chain")]
    NotInChain {
        /// The digest of the text.
        digest: Digest,
    },
    /// VER-7
    #[error("release {version} (statement {seq}, {digest}) is void: {instead}")]
    Void {
        /// Its number.
        seq: Seq,
        /// Its version.
        version: Version,
        /// Its digest.
        digest: Digest,
        /// What has won at the fork.
        instead: Box<Instead>,
    },
    /// VER-8
    #[error(
        "release {version} (statement {seq}) is contested: {} statements follow statement {parent}: {}",
        rivals.len(),
        first_of(rivals)
    )]
    Contested {
        /// Its number.
        seq: Seq,
        /// Its version.
        version: Version,
        /// The last statement before the fork.
        parent: Seq,
        /// The digests of the statements that follow it.
        rivals: Vec<Digest>,
    },
    /// VER-27
    #[error("release {version} (statement {seq}) waits for your decision about {waiting}")]
    Waiting {
        /// Its number.
        seq: Seq,
        /// Its version.
        version: Version,
        /// What it follows, or leads to: the reserve statement because of which it waits.
        waiting: ReserveStatement,
    },
    /// VER-28
    #[error("release {version} (statement {seq}) goes with {waiting}, which you decided not to follow")]
    NotFollowed {
        /// Its number.
        seq: Seq,
        /// Its version.
        version: Version,
        /// What it follows, or leads to: the reserve statement because of which it waits.
        waiting: ReserveStatement,
    },
    /// VER-29
    #[error("release {version} (statement {seq}, {digest}) is signed by Ed25519 alone, which you no longer trust")]
    Distrusted {
        /// Its number.
        seq: Seq,
        /// Its version.
        version: Version,
        /// Its digest.
        digest: Digest,
    },
    /// VER-9
    #[error("expected signatory {}, found {found}", list(expected))]
    OtherSignatory {
        /// The ids that the user trusts, or the one that the caller gave.
        expected: Vec<SignatoryId>,
        /// The id of the target.
        found: SignatoryId,
    },
    /// VER-10
    #[error("expected a confirmed signatory, found {id}, which was only seen")]
    NotConfirmed {
        /// The id.
        id: SignatoryId,
    },
    /// VER-11
    #[error("release {version} (statement {seq}) was withdrawn by statement {by}")]
    Withdrawn {
        /// Its number.
        seq: Seq,
        /// Its version.
        version: Version,
        /// The number of the statement that withdraws it.
        by: Seq,
    },
    /// VER-36
    #[error("release {version} (statement {seq}) is {yanking}")]
    Yanked {
        /// Its number.
        seq: Seq,
        /// Its version.
        version: Version,
        /// How.
        yanking: Box<Yanking>,
    },
    /// VER-12
    #[error("expected a listing with digest {expected}, found {found}")]
    ListingDigest {
        /// What the release says.
        expected: Digest,
        /// The digest of `.sigpkg/files`.
        found: Digest,
    },
    /// VER-12
    #[error("expected a listing of {expected} files, found {found}")]
    ListingCount {
        /// What the release says.
        expected: u64,
        /// How many lines `.sigpkg/files` has.
        found: u64,
    },
    /// VER-13
    #[error(transparent)]
    TreeMismatch(Mismatch),
    /// VER-14
    #[error("expected a manifest ({}), found none", expected.join(" or "))]
    NoManifest {
        /// The names that it may have.
        expected: &'static [&'static str],
    },
    /// VER-14
    #[error("{name}: {error}")]
    Manifest {
        /// The name of the manifest.
        name: &'static str,
        /// What is wrong with it.
        error: ManifestError,
    },
    /// VER-14
    #[error("expected {part} {expected} in {name}, as the release says, found {found}")]
    ManifestMismatch {
        /// The name of the manifest.
        name: &'static str,
        /// What differs.
        part: &'static str,
        /// What the release says.
        expected: String,
        /// What the manifest says.
        found: String,
    },
    /// VER-15
    #[error("expected {part} {}, found {found}", crate::text::printable(expected))]
    NotExpected {
        /// What differs.
        part: &'static str,
        /// What the caller said.
        expected: String,
        /// What the release says.
        found: String,
    },
    /// VER-61
    #[error("expected a release that adopts the tree with listing {expected}, found one that adopts {}", found.map_or_else(|| "none".to_owned(), |found| found.to_string()))]
    OtherUpstream {
        /// The digest of the listing that the caller gave.
        expected: Digest,
        /// The one that the release names.
        found: Option<Digest>,
    },
    /// VER-16
    #[error("{} (statement {}) is a downgrade from the installed {} (statement {})", found.1, found.0, installed.1, installed.0)]
    Downgrade {
        /// The installed release.
        installed: (Seq, Version),
        /// The target.
        found: (Seq, Version),
    },
    /// VER-17
    #[error(
        "expected the bytes that were signed, found line ends turned to CRLF in {}",
        turned(*files)
    )]
    LineEnds {
        /// How many files of the listing were read back.
        files: usize,
    },
    /// VER-18
    #[error("the chain is stale: {0}")]
    Stale(Stale),
    /// VER-19
    #[error("expected files of {expected} bytes together, found {found} bytes")]
    Size {
        /// What the release says.
        expected: u64,
        /// What the files have.
        found: u64,
    },
}

/// What has won at the fork where a branch lost.
///
/// ```
/// use sigpkg::statement::Seq;
/// use sigpkg::verify::Instead;
///
/// let contested = Instead::Contested { parent: Seq::new(2).ok_or("a seq")? };
/// assert!(contested.to_string().ends_with("which one stands is contested"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Instead {
    /// Another statement that stands.
    #[error("statement {seq} ({digest}) stands instead")]
    Statement {
        /// Its number.
        seq: Seq,
        /// Its digest.
        digest: Digest,
    },
    /// A reserve statement that stands.
    #[error("{0} stands instead")]
    Reserve(ReserveStatement),
    /// A reserve statement that waits for the user's word, and stops everything beside it meanwhile.
    #[error("{0} has taken its place, and waits for your decision")]
    Waiting(ReserveStatement),
    /// Several branches of a higher rank, between which nothing is decided.
    #[error("after statement {parent} other branches lead further, and which one stands is contested")]
    Contested {
        /// The last statement before the fork.
        parent: Seq,
    },
}

/// What a reason makes of a target.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let tree = sigpkg::listing::TreeBuilder::new().finish()?;
/// # let target = sigpkg::verify::Target::Tree(sigpkg::verify::TreeTarget::new(&tree, None));
/// # let question = sigpkg::verify::Question::new(&[], doc::now());
/// # let verdict = sigpkg::verify::verify(&target, &question, &sigpkg::signature::Standard);
/// use sigpkg::verify::{Outcome, Reason};
///
/// let status = match verdict.reason().map(Reason::outcome) {
///     None => 0,
///     Some(Outcome::Refused) => 1,
///     Some(Outcome::Undecided) => 4,
/// };
/// assert_eq!(status, 4);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It must not be used.
    Refused,
    /// A human must choose.
    Undecided,
}

impl Reason {
    /// The rule.
    ///
    /// ```
    /// use sigpkg::rule::Rule;
    /// use sigpkg::verify::Reason;
    ///
    /// let reason = Reason::Size { expected: 10, found: 12 };
    /// assert_eq!((reason.rule(), reason.rule().reason()), (Rule::Ver19, "size-mismatch"));
    /// ```
    pub fn rule(&self) -> Rule {
        match self {
            Self::Tree { rule, .. } => *rule,
            Self::Listing(error) => error.rule(),
            Self::Folder(error) => error.rule(),
            Self::Chain(error) => error.rule(),
            Self::Statement(error) => error.rule(),
            Self::SignatureFile(error) => error.rule(),
            Self::ReleaseSignature(error) => error.rule(),
            Self::NotTrusted { .. } => Rule::Ver1,
            Self::SignatureMissing { .. } => Rule::Ver2,
            Self::Unsigned { .. } => Rule::Ver3,
            Self::NoRelease { .. } => Rule::Ver4,
            Self::NotInChain { .. } => Rule::Ver5,
            Self::Void { .. } => Rule::Ver7,
            Self::Contested { .. } => Rule::Ver8,
            Self::Waiting { .. } => Rule::Ver27,
            Self::NotFollowed { .. } => Rule::Ver28,
            Self::Distrusted { .. } => Rule::Ver29,
            Self::OtherSignatory { .. } => Rule::Ver9,
            Self::NotConfirmed { .. } => Rule::Ver10,
            Self::Withdrawn { .. } => Rule::Ver11,
            Self::Yanked { .. } => Rule::Ver36,
            Self::ListingDigest { .. } | Self::ListingCount { .. } => Rule::Ver12,
            Self::TreeMismatch(_) => Rule::Ver13,
            Self::NoManifest { .. } | Self::Manifest { .. } | Self::ManifestMismatch { .. } => Rule::Ver14,
            Self::NotExpected { .. } => Rule::Ver15,
            Self::OtherUpstream { .. } => Rule::Ver61,
            Self::Downgrade { .. } => Rule::Ver16,
            Self::LineEnds { .. } => Rule::Ver17,
            Self::Stale(_) => Rule::Ver18,
            Self::Size { .. } => Rule::Ver19,
        }
    }

    /// Whether it refuses the target, or leaves a human to choose.
    ///
    /// ```
    /// use sigpkg::verify::{Outcome, Reason};
    ///
    /// assert_eq!(Reason::Size { expected: 10, found: 12 }.outcome(), Outcome::Refused);
    /// assert_eq!(Reason::Unsigned { ended: Vec::new() }.outcome(), Outcome::Undecided);
    /// ```
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::NotTrusted { .. }
            | Self::Unsigned { .. }
            | Self::Contested { .. }
            | Self::Waiting { .. }
            | Self::Distrusted { .. } => Outcome::Undecided,
            Self::Tree { .. }
            | Self::Listing(_)
            | Self::Folder(_)
            | Self::Chain(_)
            | Self::Statement(_)
            | Self::SignatureFile(_)
            | Self::ReleaseSignature(_)
            | Self::SignatureMissing { .. }
            | Self::NoRelease { .. }
            | Self::NotInChain { .. }
            | Self::Void { .. }
            | Self::NotFollowed { .. }
            | Self::OtherSignatory { .. }
            | Self::NotConfirmed { .. }
            | Self::Withdrawn { .. }
            | Self::Yanked { .. }
            | Self::ListingDigest { .. }
            | Self::ListingCount { .. }
            | Self::TreeMismatch(_)
            | Self::NoManifest { .. }
            | Self::Manifest { .. }
            | Self::ManifestMismatch { .. }
            | Self::NotExpected { .. }
            | Self::OtherUpstream { .. }
            | Self::Downgrade { .. }
            | Self::LineEnds { .. }
            | Self::Stale(_)
            | Self::Size { .. } => Outcome::Refused,
        }
    }
}

/// Where line ends were turned; 0 if only in files of `.sigpkg`.
fn turned(files: usize) -> String {
    match files {
        0 => ".sigpkg".to_owned(),
        1 => "1 file, and perhaps in .sigpkg".to_owned(),
        _ => format!("{files} files, and perhaps in .sigpkg"),
    }
}

fn list(items: &[impl Display]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}

/// As [`list`], with no more digests than a message has room for: whoever has one key can make any number of rivals.
fn first_of(digests: &[Digest]) -> String {
    let shown = digests.get(..DIGESTS_SHOWN).unwrap_or(digests);
    let mut shown: Vec<_> = shown.iter().map(ToString::to_string).collect();
    match digests.len().saturating_sub(DIGESTS_SHOWN) {
        0 => {}
        more => shown.push(format!("{more} more")),
    }
    shown.join(" and ")
}

fn newest_release(newest: Option<&(Seq, Version)>) -> String {
    newest.map_or("nothing was released yet".to_owned(), |(seq, version)| {
        format!("the newest release is {version} (statement {seq})")
    })
}

fn nobody(ended: &[SignatoryId]) -> String {
    if ended.is_empty() {
        return "no trusted signatory is known for it".to_owned();
    }
    format!("you have said that the signing by {} has ended", list(ended))
}
