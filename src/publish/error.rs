//! Why something is not published.

use std::path::PathBuf;

use crate::chain::ChainError;
use crate::digest::{Digest, SignatoryId};
use crate::ecosystem::ManifestError;
use crate::keystore::KeyStoreError;
use crate::package::{Package, PackageError, Version};
use crate::release::DraftError;
use crate::rule::Rule;
use crate::source::Finding;
use crate::source::SourceError;
use crate::statement::Seq;

use super::leaks::Leak;

/// Why something is not published. Nothing was signed, unless the variant says so.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The folder is in no git repository.
    #[error("{} is not in a git repository", directory.display())]
    NoRepository {
        /// The folder.
        directory: PathBuf,
    },
    /// The repository has no worktree.
    #[error("{} is a bare repository, which has no branch to commit to", path.display())]
    Bare {
        /// The repository.
        path: PathBuf,
    },
    /// git cannot read or write something.
    #[error("git cannot {action}: {}", source.message())]
    Git {
        /// What was tried, as a verb with its object.
        action: String,
        /// What git says.
        source: git2::Error,
    },
    /// There is nothing to sign yet.
    #[error("branch {branch} has no commit yet")]
    NoCommit {
        /// The branch.
        branch: String,
    },
    /// HEAD is a commit and no branch.
    #[error("expected HEAD on a branch, found it detached at {commit}")]
    Detached {
        /// The commit.
        commit: String,
    },
    /// A merge, rebase or the like has begun and not ended.
    #[error("expected a repository at rest, found a {state} that has not ended")]
    InProgress {
        /// What has begun.
        state: &'static str,
    },
    /// git does not know who commits.
    #[error("git does not know who makes the commit: user.name or user.email is not set")]
    NoIdentity,
    /// The worktree or the index differs from the commit that would be signed.
    #[error("expected no changes since the last commit, found {} changed: {}", count(paths.len()), listed(paths))]
    Changes {
        /// The changed files, made printable.
        paths: Vec<String>,
    },
    /// The folder is not in the commit.
    #[error("commit {commit} has no folder {}", prefix.display())]
    NotCommitted {
        /// The commit.
        commit: String,
        /// The folder, below the root of the repository.
        prefix: PathBuf,
    },
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
    /// The tree has no manifest to take the package from.
    #[error("found no manifest in the commit to take the name of the package from")]
    NoManifest,
    /// The manifest cannot be read.
    #[error("{path}: {error}")]
    Manifest {
        /// Where it is.
        path: &'static str,
        /// What is wrong.
        error: ManifestError,
    },
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
    /// The tag is there already.
    #[error("there is a tag {name} already")]
    TagExists {
        /// The tag.
        name: String,
    },
    /// The name is none for a tag.
    #[error("{name:?} is no name for a tag")]
    BadTag {
        /// The name.
        name: String,
    },
    /// Somebody signs with keys of this chain (KEEP-10).
    #[error("{reference} has statement {seq} ({digest}) of signatory {id}, which this key store has not made")]
    ForeignStatement {
        /// The branch or tag.
        reference: String,
        /// The statement.
        seq: Seq,
        /// The digest of its text.
        digest: Digest,
        /// The chain.
        id: SignatoryId,
    },
    /// A branch has a chain of this id that is not valid (KEEP-10).
    #[error("{reference} has a chain of signatory {id} that is not valid: {error}")]
    ForeignChain {
        /// The branch or tag.
        reference: String,
        /// The chain.
        id: SignatoryId,
        /// What is wrong with it.
        error: ChainError,
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
    /// A secret reserve key would be put into the repository.
    #[error("{} is in the repository, and a secret key must never be", path.display())]
    ReserveInRepository {
        /// The folder.
        path: PathBuf,
    },
    /// Attributes of git would strip or rewrite files (TREE-27).
    #[error("attributes of git would change the tree on its way to users: {}", attributes(findings))]
    Attributes {
        /// Which.
        findings: Vec<Finding>,
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
    /// A release was interrupted that was begun somewhere else.
    #[error("a release (statement {seq}) was interrupted in {}, and must be finished there", directory.display())]
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
    /// A file of `.sigpkg` cannot be written. The statement is signed and kept; running the command again writes it.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The tree cannot be signed.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The statement cannot be made.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// The key store cannot be used.
    #[error(transparent)]
    KeyStore(#[from] KeyStoreError),
}

impl PublishError {
    /// The rule of the specification that what was to be published would break, if that is the reason.
    pub fn rule(&self) -> Option<Rule> {
        match self {
            Self::Source(error) => error.rule(),
            Self::Draft(error) => error.rule(),
            Self::KeyStore(error) => error.rule(),
            Self::ForeignChain { error, .. } => Some(error.rule()),
            Self::VersionReleased { .. } => Some(Rule::Chn12),
            Self::Attributes { .. }
            | Self::NoRepository { .. }
            | Self::Bare { .. }
            | Self::Git { .. }
            | Self::NoCommit { .. }
            | Self::Detached { .. }
            | Self::InProgress { .. }
            | Self::NoIdentity
            | Self::Changes { .. }
            | Self::NotCommitted { .. }
            | Self::FolderExists { .. }
            | Self::NoChain { .. }
            | Self::Ambiguous { .. }
            | Self::ForeignFolder { .. }
            | Self::NoManifest
            | Self::Manifest { .. }
            | Self::OtherPackage { .. }
            | Self::NoVersion { .. }
            | Self::Version(_)
            | Self::VersionMismatch { .. }
            | Self::VersionLower { .. }
            | Self::AlreadyReleased { .. }
            | Self::TagExists { .. }
            | Self::BadTag { .. }
            | Self::ForeignStatement { .. }
            | Self::Forked { .. }
            | Self::LiveKeyLeaked { .. }
            | Self::KeysLeaked { .. }
            | Self::ReserveInRepository { .. }
            | Self::OtherKeys { .. }
            | Self::UnfinishedElsewhere { .. }
            | Self::Journal { .. }
            | Self::Write { .. } => None,
        }
    }

    pub(super) fn git(action: impl Into<String>) -> impl FnOnce(git2::Error) -> Self {
        let action = action.into();
        move |source| Self::Git { action, source }
    }
}

/// How many of a list a sentence names.
const NAMED: usize = 5;

fn listed(items: &[String]) -> String {
    let mut named = items.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if items.len() > NAMED {
        named.push_str(", …");
    }
    named
}

fn leaked(leaks: &[Leak]) -> String {
    listed(&leaks.iter().map(ToString::to_string).collect::<Vec<_>>())
}

fn attributes(findings: &[Finding]) -> String {
    listed(&findings.iter().map(|finding| format!("{} {}", finding.path, finding.attribute)).collect::<Vec<_>>())
}

fn count(files: usize) -> String {
    if files == 1 { "1 file".to_owned() } else { format!("{files} files") }
}

fn secret_keys(keys: usize) -> String {
    if keys == 1 { "a secret key is".to_owned() } else { format!("{keys} secret keys are") }
}
