//! Why a chain file is not admitted.

use crate::digest::{Digest, SignatoryId};
use crate::key::{Algorithm, KeyId, LinkKey};
use crate::package::{Package, Version};
use crate::rule::Rule;
use crate::signature::VerifyError;
use crate::signature::block::BlockError;
use crate::statement::{Cause, Kind, Seq, StatementError};

/// Why a chain file is not admitted: a variant for each rule of spec/4-chains-and-belief.md. `at` is the number that
/// the statement gives itself; `record` counts from 1 in the file.
///
/// ```
/// use sigpkg::chain::ChainError;
/// use sigpkg::example::{self, GENESIS, SECOND};
///
/// let error = example::chain(&[GENESIS, SECOND]).unwrap_err();
/// assert!(matches!(error, ChainError::Missing { .. }));
/// assert_eq!(
///     error.to_string(),
///     "statement 3 follows blake3:a5822b9a34a8e150a5c7bed9f9b716553ae81672ef0a18b0f67e34f768bd40d6, \
///      which does not stand before it in the chain"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// CHN-1
    #[error("a chain file has at most {} bytes, this one has {bytes}", super::MAX_CHAIN_BYTES)]
    TooLarge {
        /// The size of the file.
        bytes: usize,
    },
    /// CHN-2
    #[error("record {record} of the chain is malformed: {problem}")]
    Malformed {
        /// Which record, from 1.
        record: usize,
        /// What is wrong.
        problem: &'static str,
    },
    /// A rule of spec/3-statements.md.
    #[error("record {record} of the chain is no statement: {error}")]
    Statement {
        /// Which record, from 1.
        record: usize,
        /// What is wrong.
        error: StatementError,
    },
    /// The form of a block breaks a rule of spec/2-keys-and-signatures.md.
    #[error("the signature block of statement {at} is malformed: {error}")]
    Block {
        /// The statement.
        at: Seq,
        /// What is wrong.
        error: BlockError,
    },
    /// CHN-3
    #[error("statement {at} ({digest}) stands twice in the chain")]
    Duplicate {
        /// The statement.
        at: Seq,
        /// The digest of its text.
        digest: Digest,
    },
    /// CHN-4
    #[error("a chain begins with its genesis and has no other, found statement {at} of kind {found}")]
    NotAGenesis {
        /// The number of the statement that is out of place.
        at: Seq,
        /// Its kind.
        found: Kind,
    },
    /// CHN-5
    #[error("expected signatory {expected}, found {found}")]
    WrongSignatory {
        /// The id that was asked for, or that the genesis has.
        expected: SignatoryId,
        /// The id in the file.
        found: SignatoryId,
    },
    /// CHN-6
    #[error("statement {at} follows {previous}, which does not stand before it in the chain")]
    Missing {
        /// The statement whose parent is missing.
        at: Seq,
        /// The digest of the parent.
        previous: Digest,
    },
    /// CHN-7
    #[error("expected statement {expected}, found statement {found}")]
    OutOfSequence {
        /// The number after the parent's; `None` if the parent has the last number there is.
        expected: ExpectedSeq,
        /// The number it gives itself.
        found: Seq,
    },
    /// CHN-8
    #[error("statement {at} is about package {found}, the chain is about {expected}")]
    PackageChanged {
        /// The statement.
        at: Seq,
        /// The package of the genesis.
        expected: Box<Package>,
        /// The package of the statement.
        found: Box<Package>,
    },
    /// CHN-9
    #[error("statement {at} names {found} as the next key, its parent announced {expected}")]
    LookAhead {
        /// The statement.
        at: Seq,
        /// The parent's `after-next`.
        expected: Box<LinkKey>,
        /// The statement's `next`.
        found: Box<LinkKey>,
    },
    /// CHN-10
    #[error("statement {at} introduces key {key}, which an ancestor has named before")]
    KeyReused {
        /// The statement.
        at: Seq,
        /// The key, as written.
        key: String,
    },
    /// CHN-12
    #[error("statement {at} releases version {version}, which statement {earlier} has released already")]
    VersionRepeated {
        /// The statement.
        at: Seq,
        /// The version.
        version: Version,
        /// The release that has it.
        earlier: Seq,
    },
    /// CHN-14
    #[error("statement {at} withdraws statement {found} as {version}, but the newest release before it is {newest}")]
    BadWithdrawal {
        /// The statement.
        at: Seq,
        /// The seq it withdraws.
        found: Seq,
        /// Its version.
        version: Version,
        /// The newest release among the ancestors, in words.
        newest: String,
    },
    /// CHN-15
    #[error("statement {at} needs {expected} signature block, found {found}")]
    SignatureCount {
        /// The statement.
        at: Seq,
        /// How many it must have.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// SIG-6 to SIG-8, with the key that CHN-16 or CHN-19 names.
    #[error("the signature of statement {at} does not hold: {error}")]
    Signature {
        /// The statement.
        at: Seq,
        /// What is wrong.
        error: VerifyError,
    },
    /// CHN-18
    #[error(
        "reserve statement {at} needs exactly {expected} signatures of the reserve in force before it, found {found}"
    )]
    ReserveSignatureCount {
        /// The statement.
        at: Seq,
        /// The threshold of the reserve in force at its parent.
        expected: u64,
        /// How many blocks it has.
        found: usize,
    },
    /// CHN-19
    #[error(
        "signature {block} of reserve statement {at} names key {found}, which {} the reserve in force before it",
        if *is_known { "has signed already, or comes too late in the order of" } else { "is not in" }
    )]
    WrongSigner {
        /// The statement.
        at: Seq,
        /// Which block, from 1.
        block: usize,
        /// The key id that it names.
        found: KeyId,
        /// Whether the reserve has such a key.
        is_known: bool,
    },
    /// CHN-20
    #[error("reserve statement {at} has cause {}, which keeps the algorithm {expected}, found keys of {found}", cause.as_str())]
    AlgorithmChanged {
        /// The statement.
        at: Seq,
        /// Its cause.
        cause: Cause,
        /// The algorithm in force at its parent.
        expected: Algorithm,
        /// The algorithm of its keys.
        found: Algorithm,
    },
    /// CHN-21
    #[error("yank {at} names statement {found}, which is no release before it")]
    NoSuchRelease {
        /// The yank.
        at: Seq,
        /// The number that it names.
        found: Seq,
    },
}

/// The number that the next statement must have.
///
/// ```
/// use sigpkg::chain::ChainError;
/// use sigpkg::example::{self, FIRST, GENESIS};
/// use sigpkg::statement::Seq;
///
/// # let forged = [GENESIS, &FIRST.replace("seq = 2", "seq = 3")].concat();
/// // A release says that it is statement 3, right after the genesis.
/// let error = example::chain(&[&forged]).unwrap_err();
/// let ChainError::OutOfSequence { expected, .. } = error else { return Err(error.into()) };
/// assert_eq!(expected.0, Seq::new(2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpectedSeq(pub Option<Seq>);

impl std::fmt::Display for ExpectedSeq {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(seq) => seq.fmt(out),
            None => write!(out, "no further one after {}", Seq::MAX),
        }
    }
}

impl ChainError {
    /// The rule that is broken.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST};
    /// use sigpkg::rule::Rule;
    ///
    /// assert_eq!(example::chain(&[FIRST]).unwrap_err().rule(), Rule::Chn4);
    /// ```
    pub fn rule(&self) -> Rule {
        match self {
            Self::TooLarge { .. } => Rule::Chn1,
            Self::Malformed { .. } => Rule::Chn2,
            Self::Statement { error, .. } => error.rule(),
            Self::Block { error, .. } => error.rule(),
            Self::Duplicate { .. } => Rule::Chn3,
            Self::NotAGenesis { .. } => Rule::Chn4,
            Self::WrongSignatory { .. } => Rule::Chn5,
            Self::Missing { .. } => Rule::Chn6,
            Self::OutOfSequence { .. } => Rule::Chn7,
            Self::PackageChanged { .. } => Rule::Chn8,
            Self::LookAhead { .. } => Rule::Chn9,
            Self::KeyReused { .. } => Rule::Chn10,
            Self::VersionRepeated { .. } => Rule::Chn12,
            Self::BadWithdrawal { .. } => Rule::Chn14,
            Self::SignatureCount { .. } => Rule::Chn15,
            Self::Signature { error, .. } => error.rule(),
            Self::ReserveSignatureCount { .. } => Rule::Chn18,
            Self::WrongSigner { .. } => Rule::Chn19,
            Self::AlgorithmChanged { .. } => Rule::Chn20,
            Self::NoSuchRelease { .. } => Rule::Chn21,
        }
    }
}
