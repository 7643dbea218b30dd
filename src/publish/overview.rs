//! What a repository says about its package, for people: what is signed, whether the commit at HEAD is it, and whether it
//! has left. Nothing is written, and no key is opened.

use super::PublishError;
use super::checks::{check_package, check_version};
use super::request::Request;
use crate::chain::{Chain, Decided};
use crate::digest::SignatoryId;
use crate::keystore::Store;
use crate::listing::folder::FolderFile;
use crate::package::Version;
use crate::repository::{ReleaseState, RepositoryError, Workplace};
use crate::statement::Seq;

/// What a repository says about its package.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::released()?;
/// use sigpkg::publish::overview;
///
/// std::fs::write(machine.repository.join("README"), "tides and waves\n")?;
/// let overview = overview(&machine.workplace()?, Some(&machine.store()?))?;
/// assert_eq!(overview.branch.as_deref(), Some("refs/heads/main"));
/// assert_eq!(overview.changes, ["README"]);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Debug)]
pub struct Overview {
    /// The commit at HEAD; `None` before the first.
    pub commit: Option<String>,
    /// The full name of the branch; `None` if HEAD is no branch.
    pub branch: Option<String>,
    /// What the `.sigpkg` at HEAD says about the tree that it is in.
    pub at_head: AtHead,
    /// The chain that `.sigpkg` at HEAD claims to be of.
    pub claimed_signatory: Option<SignatoryId>,
    /// The chain file at HEAD, as it is.
    pub claimed_chain: Option<Vec<u8>>,
    /// Files of the package that differ from the commit, made printable.
    pub changes: Vec<String>,
    /// Files of `.sigpkg` that differ from the commit, made printable.
    pub folder_changes: Vec<String>,
    /// Where the newest release of the chain is; `None` without a release, or if no branch or tag has its commit.
    pub release: Option<ReleaseCommit>,
    /// Whether a remote-tracking branch has the newest statement; `None` if there is none that could, or the statement is
    /// beside the branches.
    pub is_head_published: Option<bool>,
    /// The version that a release would have by the manifest, or what stands against it; `None` for a package without one.
    pub next_version: Option<Result<Version, PublishError>>,
    /// Whether another repository is known, by a remote-tracking branch.
    pub has_remotes: bool,
    /// Whether the clone is shallow.
    pub is_shallow: bool,
    /// Whether git turns line ends of checked-out files (`core.autocrlf`).
    pub is_autocrlf: bool,
}

/// What `.sigpkg` says about the tree of a commit. Signatures are not looked at.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::released()?;
/// use sigpkg::publish::{AtHead, overview};
///
/// let at_head = overview(&machine.workplace()?, None)?.at_head;
/// assert!(matches!(at_head, AtHead::Release { seq, .. } if seq.get() == 2));
/// machine.commit("README", "tides and waves\n")?;
/// let at_head = overview(&machine.workplace()?, None)?.at_head;
/// assert!(matches!(at_head, AtHead::Stale { .. }));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AtHead {
    /// There is none.
    Unsigned,
    /// It carries statements, and no release.
    NoRelease,
    /// It is the release of this very tree.
    Release {
        /// The number of the statement.
        seq: Seq,
        /// The version.
        version: Version,
    },
    /// It carries the release of another tree.
    Stale {
        /// The number of the statement.
        seq: Seq,
        /// The version.
        version: Version,
    },
    /// It is in no state that could be verified; why.
    Broken(String),
}

/// Where a release is.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::released()?;
/// use sigpkg::publish::overview;
///
/// let release = overview(&machine.workplace()?, None)?.release.ok_or("there is a release")?;
/// assert_eq!((release.commit.len(), release.is_published), (40, None), "no other repository is known");
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseCommit {
    /// The newest commit that is the release.
    pub commit: String,
    /// Tags that name it, made printable.
    pub tags: Vec<String>,
    /// Whether a remote-tracking branch leads to it; `None` if there is none at all.
    pub is_published: Option<bool>,
}

/// Looks at the repository, and compares with a chain, if there is one: that of the store, or the one of `.sigpkg`.
///
/// # Errors
///
/// - [`PublishError::Repository`] if something cannot be read.
///
/// # Example
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun()?;
/// use sigpkg::publish::{AtHead, overview};
///
/// let overview = overview(&machine.workplace()?, Some(&machine.store()?))?;
/// assert_eq!(overview.claimed_signatory, Some(machine.id()?));
/// assert_eq!(overview.at_head, AtHead::NoRelease);
/// # Ok::<(), doc::Error>(())
/// ```
pub fn overview(workplace: &Workplace, store: Option<&Store>) -> Result<Overview, PublishError> {
    let commit = workplace.commit_at_head()?;
    let branch = workplace.head().ok().map(|head| head.branch);
    let (mut at_head, mut claimed_chain, mut claimed_signatory, mut next_version) =
        (AtHead::Unsigned, None, None, None);
    if let Some(commit) = commit {
        at_head = AtHead::of(workplace.release_state(commit)?);
        claimed_chain = workplace.folder_blob(commit, FolderFile::Chain)?;
        claimed_signatory = workplace.claimed_id(commit)?;
        next_version = store.and_then(|store| {
            // Without a manifest, the version is the maintainer's to say.
            let in_manifest = check_package(workplace, commit, store.chain());
            matches!(in_manifest, Ok(Some(_)) | Err(_))
                .then(|| check_version(workplace, commit, store.chain(), &Request::default()))
        });
    }
    let published = match &claimed_chain {
        Some(file) => Chain::claimed_id(file).and_then(|id| Chain::admit(file, id, &crate::signature::Standard)).ok(),
        None => None,
    };
    let chain = store.map(Store::chain).or(published.as_ref());
    let (mut release, mut is_head_published) = (None, None);
    if let Some(chain) = chain {
        let belief = chain.belief(&Decided::stranger());
        let head = belief.head();
        let tag = workplace.side_tag(chain.package().name(), head.seq());
        is_head_published = workplace.is_statement_published(head.text(), &tag)?;
        if let Some(newest) = belief.newest_release() {
            let found = workplace.find_release(newest.link().text().as_bytes())?;
            release = found.map(|found| ReleaseCommit {
                commit: found.commit.to_string(),
                tags: found.tags,
                is_published: found.is_published,
            });
        }
    }
    let changes = match workplace.check_changes() {
        Err(RepositoryError::Changes { paths }) => paths,
        Err(error) => return Err(error.into()),
        Ok(()) => Vec::new(),
    };
    Ok(Overview {
        commit: commit.map(|commit| commit.to_string()),
        branch,
        at_head,
        claimed_signatory,
        claimed_chain,
        changes,
        folder_changes: workplace.folder_changes()?,
        release,
        is_head_published,
        next_version,
        has_remotes: workplace.unpushed()?.is_some(),
        is_shallow: workplace.is_shallow(),
        is_autocrlf: workplace.is_autocrlf()?,
    })
}

impl AtHead {
    fn of(state: ReleaseState) -> Self {
        match state {
            ReleaseState::Unsigned => Self::Unsigned,
            ReleaseState::NoRelease => Self::NoRelease,
            ReleaseState::Broken(problem) => Self::Broken(problem),
            ReleaseState::Release(statement) => match statement.release() {
                Some(release) => Self::Release { seq: statement.seq, version: release.version.clone() },
                None => Self::NoRelease,
            },
            ReleaseState::Stale(statement) => match statement.release() {
                Some(release) => Self::Stale { seq: statement.seq, version: release.version.clone() },
                None => Self::NoRelease,
            },
        }
    }
}
