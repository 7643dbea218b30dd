//! Why something is not published.

use std::fmt;
use std::path::PathBuf;

use super::adopt::AdoptionError;
use super::foreign::Stranger;
use crate::chain::{ChainError, VerifiedRelease};
use crate::digest::{Digest, SignatoryId};
use crate::keystore::KeyStoreError;
use crate::package::{Package, PackageError, Version};
use crate::release::DraftError;
use crate::release::reserve::ReserveDraftError;
use crate::repository::{Leak, RepositoryError};
use crate::rule::Rule;
use crate::statement::{Cause, Seq, Severity};

/// Why something is not published. Nothing was signed, unless the variant says so.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::released()?;
/// use sigpkg::publish::{PublishError, Request, prepare};
///
/// let again = Request { version: Some("1.0.0".to_owned()), ..Request::default() };
/// machine.commit("README", "tides and waves\n")?;
/// let refused = prepare(machine.workplace()?, &machine.keys, again, doc::now(), &mut |_| {}).unwrap_err();
/// assert!(matches!(refused, PublishError::VersionReleased { .. }));
/// assert_eq!(refused.rule().map(|rule| rule.to_string()).as_deref(), Some("CHN-12"));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// There is a `.sigpkg` already.
    #[error("there is a .sigpkg already, {place}")]
    FolderExists {
        /// Where, in words.
        place: String,
    },
    /// The package has no chain that this machine knows.
    #[error("expected a .sigpkg or a key store for {}, found none", directory.display())]
    NoChain {
        /// The folder.
        directory: PathBuf,
    },
    /// More than one store might be meant.
    #[error("more than one key store is for {package}: {}", ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    Ambiguous {
        /// The package.
        package: Box<Package>,
        /// The chains.
        ids: Vec<SignatoryId>,
    },
    /// The `.sigpkg` in the tree is of another chain than the keys on this machine.
    #[error("the .sigpkg in the commit is of signatory {found}, the keys here are of {expected}")]
    ForeignFolder {
        /// The chain of the keys.
        expected: SignatoryId,
        /// The chain in the tree.
        found: SignatoryId,
    },
    /// A tree of somebody else is not adopted.
    #[error(transparent)]
    Adoption(#[from] AdoptionError),
    /// The manifest is of another package than the chain.
    #[error("the chain is about {expected}, the manifest is of {found}")]
    OtherPackage {
        /// The package of the chain.
        expected: Box<Package>,
        /// The package of the manifest.
        found: Box<Package>,
    },
    /// No version was given, and the manifest has none.
    #[error("no version was given, and {place} has none")]
    NoVersion {
        /// Where it was looked for.
        place: String,
    },
    /// The version is none.
    #[error(transparent)]
    Version(#[from] PackageError),
    /// The version given is not the one in the manifest.
    #[error("version {asked} was asked for, the manifest in the commit has {found}")]
    VersionMismatch {
        /// The version given.
        asked: Version,
        /// The version in the manifest.
        found: Version,
    },
    /// The version is released already.
    #[error("version {version} is released already, by statement {seq}")]
    VersionReleased {
        /// The version.
        version: Version,
        /// The release.
        seq: Seq,
    },
    /// The version comes before one that is released.
    #[error("version {version} comes before {newest}, which statement {seq} has released")]
    VersionLower {
        /// The version.
        version: Version,
        /// The highest version so far.
        newest: Version,
        /// The release that has it.
        seq: Seq,
    },
    /// The commit is a release already.
    #[error("nothing to release: the commit is {version} (statement {seq}), and nothing has changed since")]
    AlreadyReleased {
        /// The version of that release.
        version: Version,
        /// The release.
        seq: Seq,
    },
    /// Somebody signs with keys of this chain, or the store is an old copy (KEEP-10).
    #[error("signatory {id}: {}; the newest statement of this key store is {head} ({head_digest})", listed(strangers))]
    ForeignStatements {
        /// The chain.
        id: SignatoryId,
        /// What the store has not made.
        strangers: Vec<Stranger>,
        /// The newest statement of the store.
        head: Seq,
        /// The digest of its text.
        head_digest: Digest,
    },
    /// Somebody had two keys in a row, or the reserve has spoken (KEEP-20).
    #[error(
        "signatory {id}: nothing that follows statement {head} ({head_digest}) of this key store can outrank what somebody else has signed: {}",
        numbered(obstacles)
    )]
    CannotOutrank {
        /// The chain.
        id: SignatoryId,
        /// The first statements of the branches that cannot be outranked, and where they were found, if not long ago.
        obstacles: Vec<(Seq, Digest, Option<String>)>,
        /// The newest statement of the store.
        head: Seq,
        /// The digest of its text.
        head_digest: Digest,
    },
    /// A statement was named that is not somebody else's (KEEP-20).
    #[error("there is nothing to heal about {digest}: {}", if *is_own { "this key store has made it" } else { "no branch or tag here has such a statement" })]
    NothingToHeal {
        /// What was named.
        digest: Digest,
        /// Whether it is of this store.
        is_own: bool,
    },
    /// A release was named that is not there (KEEP-21).
    #[error("expected a release, found none for {named:?}; there are: {known}")]
    NoSuchRelease {
        /// What was named.
        named: String,
        /// What there is.
        known: Releases,
    },
    /// What was named is the version of one release and the number of another.
    #[error("{named:?} is the version of statement {of_version}, and statement {named} releases {by_number}")]
    AmbiguousRelease {
        /// What was named.
        named: String,
        /// The release that has it as its version.
        of_version: Seq,
        /// The version of the release that has it as its number.
        by_number: Version,
    },
    /// A yank would change nothing (KEEP-21).
    #[error("expected a release that is not yanked with severity {} or a higher one, found {releases}", severity.as_str())]
    YankWithoutEffect {
        /// What was named.
        releases: Releases,
        /// The severity that was asked for.
        severity: Severity,
    },
    /// A branch has a chain of this id that is not valid (KEEP-10).
    #[error("{reference} has a chain of signatory {id} that is not valid: {error}")]
    ForeignChain {
        /// The branch or tag.
        reference: String,
        /// The chain.
        id: SignatoryId,
        /// What is wrong with it.
        error: Box<ChainError>,
    },
    /// The chain of the store has a fork: it was edited by hand.
    #[error("the chain of the key store has a fork after statement {seq}")]
    Forked {
        /// The statement before the fork.
        seq: Seq,
    },
    /// A key that can sign for this chain is in the repository (KEEP-11).
    #[error("a secret key of this chain is in the repository: {}", leaked(leaks))]
    LiveKeyLeaked {
        /// Where.
        leaks: Vec<Leak>,
    },
    /// Other secret keys are in the repository, and nobody has said that this is meant (KEEP-11).
    #[error("{} in the repository: {}", secret_keys(leaks.len()), leaked(leaks))]
    KeysLeaked {
        /// Where.
        leaks: Vec<Leak>,
    },
    /// Secret keys would be put into the repository (KEEP-2).
    #[error("{} is in the repository, and secret keys must never be", path.display())]
    SecretsInRepository {
        /// The folder.
        path: PathBuf,
    },
    /// Keys that were announced are not those in the store.
    #[error("statement {} announced key {announced}, the key store has {found}", parent)]
    OtherKeys {
        /// The statement that announced it.
        parent: Seq,
        /// The announced key.
        announced: String,
        /// The key in the store.
        found: String,
    },
    /// A statement was interrupted that was begun somewhere else.
    #[error("statement {seq} was interrupted in {}, and must be finished there", directory.display())]
    UnfinishedElsewhere {
        /// The statement.
        seq: Seq,
        /// The folder of the package.
        directory: PathBuf,
    },
    /// The journal does not fit together.
    #[error("the journal of statement {seq} is damaged: {problem}")]
    Journal {
        /// The statement.
        seq: Seq,
        /// What is wrong.
        problem: String,
    },
    /// A chain file that was given is not valid, or is of another chain.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// Nobody but its owner knows which statement of a chain with stolen keys is the last good one (KEEP-19).
    #[error("cause stolen needs the last statement that is yours")]
    AfterNeeded,
    /// A statement that was named is not known.
    #[error("{wanted} is not in the chain")]
    NoSuchStatement {
        /// How it was named.
        wanted: String,
    },
    /// A number names more than one statement.
    #[error("there are {} statements {seq}: {}", digests.len(), digests.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    SeveralStatements {
        /// The number.
        seq: Seq,
        /// The digests of their texts.
        digests: Vec<Digest>,
    },
    /// The chain is contested, so it has no statement to go on from.
    #[error("the chain is contested after statement {seq}")]
    Contested {
        /// The last statement before the fork.
        seq: Seq,
    },
    /// Another reserve statement follows the same statement, and neither beats the other (BEL-3).
    #[error("reserve statement {digest} follows the same statement, and neither beats the other")]
    RivalReserve {
        /// The digest of its text.
        digest: Digest,
    },
    /// The head of the chain was not made from the key store here.
    #[error(
        "the head of the chain is statement {seq} ({digest}), which this key store has not made; its own head is statement {own}"
    )]
    NotOurs {
        /// The head.
        seq: Seq,
        /// The digest of its text.
        digest: Digest,
        /// The head of the store.
        own: Seq,
    },
    /// Another reserve statement has begun (KEEP-17).
    #[error("another reserve statement of signatory {id} has begun, with cause {} ({reason:?})", cause.as_str())]
    OtherReserve {
        /// The chain.
        id: SignatoryId,
        /// Its cause.
        cause: Cause,
        /// Its reason.
        reason: String,
    },
    /// No reserve statement has begun.
    #[error("no reserve statement of signatory {id} has begun on this machine")]
    NothingBegun {
        /// The chain.
        id: SignatoryId,
    },
    /// A draft that was to be joined is bad.
    #[error("{file}: {error}")]
    InDraft {
        /// The file.
        file: String,
        /// What is wrong.
        error: ReserveDraftError,
    },
    /// A draft does not fit the chain.
    #[error(transparent)]
    ReserveDraft(#[from] ReserveDraftError),
    /// The statement cannot be made.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// The key store cannot be used.
    #[error(transparent)]
    KeyStore(#[from] KeyStoreError),
    /// The repository cannot be read, written or committed to. If the statement is signed by then, running the command again
    /// goes on.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl PublishError {
    /// The rule of the specification that what was to be published would break, if that is the reason.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::released()?;
    /// # machine.commit("README", "tides and waves\n")?;
    /// use sigpkg::publish::{PublishError, prepare};
    /// use sigpkg::rule::Rule;
    ///
    /// let again = doc::version("1.0.0");
    /// let refused = prepare(machine.workplace()?, &machine.keys, again, doc::now(), &mut |_| {}).unwrap_err();
    /// assert_eq!(refused.rule(), Some(Rule::Chn12));
    /// assert_eq!(PublishError::AfterNeeded.rule(), None);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn rule(&self) -> Option<Rule> {
        match self {
            Self::Repository(error) => error.rule(),
            Self::Draft(error) => error.rule(),
            Self::KeyStore(error) => error.rule(),
            Self::ForeignChain { error, .. } => Some(error.rule()),
            Self::VersionReleased { .. } => Some(Rule::Chn12),
            Self::Chain(error) => Some(error.rule()),
            Self::InDraft { error, .. } | Self::ReserveDraft(error) => error.rule(),
            Self::FolderExists { .. }
            | Self::NoChain { .. }
            | Self::Ambiguous { .. }
            | Self::ForeignFolder { .. }
            | Self::Adoption(_)
            | Self::OtherPackage { .. }
            | Self::NoVersion { .. }
            | Self::Version(_)
            | Self::VersionMismatch { .. }
            | Self::VersionLower { .. }
            | Self::AlreadyReleased { .. }
            | Self::ForeignStatements { .. }
            | Self::CannotOutrank { .. }
            | Self::NothingToHeal { .. }
            | Self::NoSuchRelease { .. }
            | Self::AmbiguousRelease { .. }
            | Self::YankWithoutEffect { .. }
            | Self::Forked { .. }
            | Self::LiveKeyLeaked { .. }
            | Self::KeysLeaked { .. }
            | Self::SecretsInRepository { .. }
            | Self::OtherKeys { .. }
            | Self::UnfinishedElsewhere { .. }
            | Self::AfterNeeded
            | Self::NoSuchStatement { .. }
            | Self::SeveralStatements { .. }
            | Self::Contested { .. }
            | Self::RivalReserve { .. }
            | Self::NotOurs { .. }
            | Self::OtherReserve { .. }
            | Self::NothingBegun { .. }
            | Self::Journal { .. } => None,
        }
    }
}

/// How many of a list a sentence names.
const NAMED: usize = 5;
/// How many releases a sentence names, the newest first.
const RELEASES_NAMED: usize = 20;

fn leaked(leaks: &[Leak]) -> String {
    let mut named = leaks.iter().take(NAMED).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if leaks.len() > NAMED {
        named.push_str(", …");
    }
    named
}

fn listed(strangers: &[Stranger]) -> String {
    strangers.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn numbered(statements: &[(Seq, Digest, Option<String>)]) -> String {
    let named = statements.iter().map(|(seq, digest, reference)| match reference {
        Some(reference) => format!("statement {seq} in {reference} ({digest})"),
        None => format!("statement {seq} ({digest})"),
    });
    named.collect::<Vec<_>>().join(", ")
}

/// Releases, for a message: `1.0 (statement 2), 1.1 (statement 3)`.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::released()?;
/// # let yank = doc::yank("2.0.0", sigpkg::statement::Severity::Warn);
/// use sigpkg::publish::{PublishError, prepare};
///
/// let refused = prepare(machine.workplace()?, &machine.keys, yank, doc::now(), &mut |_| {}).unwrap_err();
/// let PublishError::NoSuchRelease { known, .. } = refused else { return Err(refused.into()) };
/// assert_eq!(known.to_string(), "1.0.0 (statement 2)");
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Releases(Vec<(Version, Seq)>);

impl Releases {
    pub(super) fn of<'a>(releases: impl Iterator<Item = VerifiedRelease<'a>>) -> Self {
        Self(releases.map(|release| (release.version().clone(), release.seq())).collect())
    }
}

impl fmt::Display for Releases {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<_> = self
            .0
            .iter()
            .rev()
            .take(RELEASES_NAMED)
            .map(|(version, seq)| format!("{version} (statement {seq})"))
            .collect();
        out.write_str(if shown.is_empty() { "none" } else { "" })?;
        out.write_str(&shown.join(", "))?;
        match self.0.len().checked_sub(RELEASES_NAMED) {
            None | Some(0) => Ok(()),
            Some(more) => write!(out, " and {more} older ones"),
        }
    }
}

fn secret_keys(keys: usize) -> String {
    if keys == 1 { "a secret key is".to_owned() } else { format!("{keys} secret keys are") }
}
