//! Why a repository cannot be read, written or committed to.

use std::path::PathBuf;

use super::program::GitSigns;
use crate::ecosystem::ManifestError;
use crate::rule::Rule;
use crate::source::{Finding, SourceError};

/// Why a repository cannot be read, written or committed to.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun()?;
/// # let request = sigpkg::publish::Request { version: Some("1.0.0".to_owned()), ..Default::default() };
/// use sigpkg::publish::{PublishError, prepare};
/// use sigpkg::repository::RepositoryError;
///
/// std::fs::write(machine.repository.join("README"), "not committed\n")?;
/// let refused = prepare(machine.workplace()?, &machine.keys, request, doc::now(), &mut |_| {}).unwrap_err();
/// let PublishError::Repository(RepositoryError::Changes { paths }) = refused else { return Err(refused.into()) };
/// assert_eq!(paths, ["README"]);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
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
    /// Attributes of git would strip or rewrite files (TREE-27).
    #[error("attributes of git would change the tree on its way to users: {}", attributes(findings))]
    Attributes {
        /// Which.
        findings: Vec<Finding>,
    },
    /// The program `git` is needed, and not there.
    #[error("the program git is needed to {needed_for}, and cannot be found")]
    NoGit {
        /// What for, as a verb with its object.
        needed_for: String,
    },
    /// The program `git` does not do what it is asked for.
    #[error("git cannot {action}: {said}")]
    GitFailed {
        /// What was tried, as a verb with its object.
        action: String,
        /// What git says, made printable.
        said: String,
    },
    /// git is set to sign, and does not.
    #[error("git is set to sign (the setting {}), but cannot sign the {}: {said}", what.setting(), what.as_str())]
    NotSigned {
        /// What was to be signed.
        what: GitSigns,
        /// What git says, made printable.
        said: String,
    },
    /// There is a hook that somebody else has made, or changed.
    #[error("there is another pre-push hook already, {}", path.display())]
    ForeignHook {
        /// The hook.
        path: PathBuf,
    },
    /// The folder for hooks is a part of the tree, which others share.
    #[error("hooks are in {}, a folder of the worktree (core.hooksPath), which belongs to the project or to another program", path.display())]
    HooksInTree {
        /// The folder.
        path: PathBuf,
    },
    /// What git gives to the hook has another form.
    #[error("expected lines of `LOCAL-REF ID REMOTE-REF ID`, as git gives them to a pre-push hook, found {found:?}")]
    NotAPush {
        /// The line, made printable.
        found: String,
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
}

impl RepositoryError {
    /// The rule of the specification that the tree breaks, if that is the reason.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # machine.commit("aux", "a name that Windows does not have\n")?;
    /// use sigpkg::publish::{PublishError, prepare};
    /// use sigpkg::rule::Rule;
    ///
    /// let request = doc::version("1.0.0");
    /// let refused = prepare(machine.workplace()?, &machine.keys, request, doc::now(), &mut |_| {}).unwrap_err();
    /// let PublishError::Repository(error) = refused else { return Err(refused.into()) };
    /// assert_eq!(error.rule(), Some(Rule::Tree4));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn rule(&self) -> Option<Rule> {
        match self {
            Self::Source(error) => error.rule(),
            Self::NoRepository { .. }
            | Self::Bare { .. }
            | Self::Git { .. }
            | Self::NoCommit { .. }
            | Self::Detached { .. }
            | Self::InProgress { .. }
            | Self::NoIdentity
            | Self::Changes { .. }
            | Self::NotCommitted { .. }
            | Self::NoManifest
            | Self::Manifest { .. }
            | Self::TagExists { .. }
            | Self::BadTag { .. }
            | Self::Attributes { .. }
            | Self::NoGit { .. }
            | Self::GitFailed { .. }
            | Self::NotSigned { .. }
            | Self::ForeignHook { .. }
            | Self::HooksInTree { .. }
            | Self::NotAPush { .. }
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

fn attributes(findings: &[Finding]) -> String {
    listed(&findings.iter().map(|finding| format!("{} {}", finding.path, finding.attribute)).collect::<Vec<_>>())
}

fn count(files: usize) -> String {
    if files == 1 { "1 file".to_owned() } else { format!("{files} files") }
}
