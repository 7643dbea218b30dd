//! Why a draft of a reserve statement is not taken.

use super::{MAX_BLOCKS, MAX_DRAFT_BYTES};
use crate::chain::ChainError;
use crate::digest::{Digest, SignatoryId};
use crate::key::{KeyId, ReserveKey};
use crate::rule::Rule;
use crate::signature::VerifyError;
use crate::signature::block::BlockError;
use crate::statement::{Cause, Kind, Seq, StatementError};

/// Why a draft of a reserve statement is not taken, signed or joined.
///
/// ```
/// use sigpkg::example::{self, GENESIS, RESERVE_DRAFT};
/// use sigpkg::release::reserve::{ReserveDraft, ReserveDraftError};
///
/// let draft = ReserveDraft::parse(RESERVE_DRAFT.as_bytes())?;
/// let chain = example::chain(&[GENESIS])?; // it does not know the parent
/// assert!(matches!(draft.check(&chain), Err(ReserveDraftError::NoParent { .. })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReserveDraftError {
    /// More than a statement and the blocks of the largest reserve.
    #[error(
        "a draft has at most {MAX_DRAFT_BYTES} bytes (a statement and {MAX_BLOCKS} signatures), this file has {bytes}"
    )]
    TooLarge {
        /// The size of the file.
        bytes: usize,
    },
    /// It is no text as sigpkg writes it.
    #[error("expected the draft of a reserve statement as sigpkg writes it, found another file: {problem}")]
    Form {
        /// What is wrong.
        problem: &'static str,
    },
    /// The statement breaks a rule of spec/3-statements.md.
    #[error("the statement of the draft is damaged, or would not be valid: {0}")]
    Statement(#[from] StatementError),
    /// It is a statement of another kind.
    #[error("expected a statement of kind reserve, found kind {found}")]
    Kind {
        /// The kind.
        found: Kind,
    },
    /// A block has not the form of one.
    #[error("signature {number} of the draft is damaged: {error}")]
    Block {
        /// Which one, from 1.
        number: usize,
        /// What is wrong.
        error: BlockError,
    },
    /// It belongs to another chain.
    #[error("the draft is of signatory {found}, the chain is of {expected}")]
    OtherChain {
        /// The chain.
        expected: SignatoryId,
        /// What the draft says.
        found: SignatoryId,
    },
    /// It is a record of the chain by now.
    #[error("the reserve statement {digest} is statement {seq} of the chain already")]
    Joined {
        /// Its number.
        seq: Seq,
        /// The digest of its text.
        digest: Digest,
    },
    /// The chain does not have the parent.
    #[error("the draft is statement {seq} and follows {previous}, which is not in the chain")]
    NoParent {
        /// Its number.
        seq: Seq,
        /// The parent that it names.
        previous: Digest,
    },
    /// The chain went on since it was begun.
    #[error("the draft follows statement {parent}, but the head of the chain is statement {head} ({digest}), and cause {} does not go back", cause.as_str())]
    MovedOn {
        /// Its cause.
        cause: Cause,
        /// The statement that it follows.
        parent: Seq,
        /// The head of the chain.
        head: Seq,
        /// The digest of the head.
        digest: Digest,
    },
    /// It would not be valid in the chain.
    #[error("the draft would not be valid in the chain: {0}")]
    Chain(#[from] ChainError),
    /// A block names no key of the reserve.
    #[error("expected signatures by keys of the reserve in force at statement {parent}, found one by key {found}")]
    UnknownSigner {
        /// The key id that the block names.
        found: KeyId,
        /// The parent.
        parent: Seq,
    },
    /// Two blocks are by one key.
    #[error("expected one signature of each key, found two by {key}")]
    SignedTwice {
        /// The key.
        key: ReserveKey,
    },
    /// A block does not verify.
    #[error("the signature that names reserve key {key} is damaged or forged: {error}")]
    Signature {
        /// The key that it names.
        key: ReserveKey,
        /// What is wrong.
        error: VerifyError,
    },
    /// The key that is to sign has no say.
    #[error("{key} is no key of the reserve in force at statement {parent}")]
    NotOfReserve {
        /// The key.
        key: ReserveKey,
        /// The parent.
        parent: Seq,
    },
    /// The key that is to sign has signed.
    #[error("{key} has signed this draft already")]
    SignedAlready {
        /// The key.
        key: ReserveKey,
    },
    /// No more signatures are wanted.
    #[error("the draft has all {threshold} signatures that it needs")]
    Complete {
        /// How many that is.
        threshold: usize,
    },
    /// More signatures are wanted.
    #[error("expected {expected} signatures, found {found}")]
    Incomplete {
        /// The threshold of the reserve in force.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// It is another statement than the one that was begun here.
    #[error("expected a draft of statement {expected}, found one of {found}, which is another text")]
    OtherText {
        /// The digest of what was begun.
        expected: Digest,
        /// The digest of the draft.
        found: Digest,
    },
    /// The chain is full.
    #[error("statement {} is the last one that a chain may have", Seq::MAX)]
    ChainFull,
}

impl ReserveDraftError {
    /// The rule of the specification that the statement or its record would break, if that is the reason.
    ///
    /// ```
    /// use sigpkg::release::reserve::ReserveDraftError;
    ///
    /// assert_eq!(ReserveDraftError::Incomplete { expected: 2, found: 1 }.rule(), None); // no rule is broken yet
    /// ```
    pub fn rule(&self) -> Option<Rule> {
        match self {
            Self::Statement(error) => Some(error.rule()),
            Self::Block { error, .. } => Some(error.rule()),
            Self::OtherChain { .. } => Some(Rule::Chn5),
            Self::NoParent { .. } => Some(Rule::Chn6),
            Self::Chain(error) => Some(error.rule()),
            Self::UnknownSigner { .. } | Self::SignedTwice { .. } | Self::NotOfReserve { .. } => Some(Rule::Chn19),
            Self::Signature { error, .. } => Some(error.rule()),
            Self::TooLarge { .. }
            | Self::Form { .. }
            | Self::Kind { .. }
            | Self::Joined { .. }
            | Self::MovedOn { .. }
            | Self::SignedAlready { .. }
            | Self::Complete { .. }
            | Self::Incomplete { .. }
            | Self::OtherText { .. }
            | Self::ChainFull => None,
        }
    }
}
