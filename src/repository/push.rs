//! What leaves for another repository, and what state the packages in it are in (KEEP-28).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use git2::{ErrorCode, ObjectType, Oid};

use super::{RepositoryError, Workplace};
use crate::digest::Digest;
use crate::listing::folder::{FOLDER, FolderFile};
use crate::source::{self, SourceError};
use crate::statement::Statement;
use crate::text;

/// What git is about to push: what it gives to a `pre-push` hook.
///
/// ```
/// # let zeros = "0".repeat(40);
/// # let id = "1".repeat(40);
/// use sigpkg::repository::Push;
///
/// let push = Push::parse(Some("origin".to_owned()), &format!("refs/heads/main {id} refs/heads/main {zeros}\n"))?;
/// assert_eq!(push.updates[0].local, "refs/heads/main");
/// assert!(Push::parse(None, "whatever\n").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Push {
    /// The name of the remote; its address if it has none. `None` if nobody has said.
    pub remote: Option<String>,
    /// What changes there.
    pub updates: Vec<Update>,
}

/// One reference that is pushed.
///
/// ```
/// # let zeros = "0".repeat(40);
/// # let id = "1".repeat(40);
/// use sigpkg::repository::Push;
///
/// let push = Push::parse(None, &format!("(delete) {zeros} refs/heads/old {id}\n"))?;
/// let update = &push.updates[0];
/// assert!(update.id == zeros && update.remote == "refs/heads/old", "it is deleted there");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// The local name, such as `refs/heads/main`.
    pub local: String,
    /// What it names: 40 hexadecimal digits; zeros for what is to be deleted.
    pub id: String,
    /// The name in the other repository.
    pub remote: String,
    /// What it names there until now; zeros for nothing.
    pub remote_id: String,
}

/// A reference that leaves, and the commits that leave with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leaving {
    /// The name in the other repository.
    pub(crate) reference: String,
    pub(crate) tip: Oid,
    /// What is there already, and is not looked at.
    pub(crate) known: Vec<Oid>,
}

/// What the `.sigpkg` of a package says about its tree in one commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ReleaseState {
    /// There is none.
    Unsigned,
    /// It speaks of no release: after a genesis, a yank, a beat or a reserve.
    NoRelease,
    /// It is the release of this very tree. Signatures are not looked at.
    Release(Box<Statement>),
    /// It is the release of another tree.
    Stale(Box<Statement>),
    /// It is in no state that could be verified; why.
    Broken(String),
}

impl Push {
    /// Reads the lines that git gives to a `pre-push` hook.
    ///
    /// # Errors
    ///
    /// - [`RepositoryError::NotAPush`] if a line has another form.
    ///
    /// # Example
    ///
    /// ```
    /// # let id = "1".repeat(40);
    /// use sigpkg::repository::{Push, RepositoryError};
    ///
    /// assert!(Push::parse(None, "")?.updates.is_empty(), "nothing is pushed");
    /// let cut = Push::parse(None, &format!("refs/heads/main {id}\n"));
    /// assert!(matches!(cut, Err(RepositoryError::NotAPush { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse(remote: Option<String>, lines: &str) -> Result<Self, RepositoryError> {
        let update = |line: &str| {
            let wrong = || RepositoryError::NotAPush { found: text::printable(line) };
            let mut words = line.split(' ');
            let mut next = || words.next().filter(|word| !word.is_empty()).map(str::to_owned).ok_or_else(wrong);
            let update = Update { local: next()?, id: next()?, remote: next()?, remote_id: next()? };
            let are_ids =
                [&update.id, &update.remote_id].into_iter().all(|id| id.len() == 40 && Oid::from_str(id).is_ok());
            if words.next().is_none() && are_ids { Ok(update) } else { Err(wrong()) }
        };
        let updates = lines.lines().filter(|line| !line.is_empty()).map(update).collect::<Result<_, _>>()?;
        Ok(Self { remote, updates })
    }
}

impl Workplace {
    /// What leaves, without what is deleted and what is no commit. What the other repository has is told by its
    /// remote-tracking branches, and by git.
    ///
    /// # Errors
    ///
    /// - [`RepositoryError::Git`] if a reference cannot be read.
    pub(crate) fn leaving(&self, push: &Push) -> Result<Vec<Leaving>, RepositoryError> {
        let tracked = self.tracked(push.remote.as_deref())?;
        let mut leaving = Vec::new();
        for update in &push.updates {
            let commit = |id: &str| {
                let object = Oid::from_str(id).and_then(|id| self.repository().find_object(id, None));
                object.and_then(|object| object.peel_to_commit()).map(|commit| commit.id()).ok()
            };
            if let Some(tip) = commit(&update.id) {
                let known = tracked.iter().copied().chain(commit(&update.remote_id)).collect();
                leaving.push(Leaving { reference: update.remote.clone(), tip, known });
            }
        }
        Ok(leaving)
    }

    /// The commit at HEAD with what no other repository is known to have. `None` without a commit, or if this repository
    /// knows of no other one, so that nothing can be said to leave.
    ///
    /// # Errors
    ///
    /// - [`RepositoryError::Git`] if a reference cannot be read.
    pub(crate) fn unpushed(&self) -> Result<Option<Leaving>, RepositoryError> {
        let known = self.tracked(None)?;
        let Some(tip) = self.commit_at_head()? else { return Ok(None) };
        let reference = self.head().map_or_else(|_| "HEAD".to_owned(), |head| head.branch);
        Ok((!known.is_empty()).then_some(Leaving { reference, tip, known }))
    }

    /// What the remote-tracking branches name: of one remote, if there is one of this name, and otherwise of all.
    fn tracked(&self, remote: Option<&str>) -> Result<Vec<Oid>, RepositoryError> {
        let failed = || RepositoryError::git("read the remote-tracking branches");
        let is_named = remote.filter(|name| self.repository().find_remote(name).is_ok());
        let prefix = is_named.map_or_else(|| "refs/remotes/".to_owned(), |name| format!("refs/remotes/{name}/"));
        let mut commits = Vec::new();
        for reference in self.repository().references().map_err(failed())? {
            let reference = reference.map_err(failed())?;
            if reference.name_bytes().starts_with(prefix.as_bytes())
                && let Ok(commit) = reference.peel_to_commit()
            {
                commits.push(commit.id());
            }
        }
        Ok(commits)
    }

    /// The folders of the packages in a commit, below the root: the root itself, and all that have a `.sigpkg`.
    ///
    /// # Errors
    ///
    /// - [`RepositoryError::Git`] if the commit cannot be read.
    pub(crate) fn packages(&self, commit: Oid) -> Result<Vec<PathBuf>, RepositoryError> {
        let failed = || RepositoryError::git(format!("read commit {commit}"));
        let tree = self.repository().find_commit(commit).and_then(|commit| commit.tree()).map_err(failed())?;
        let mut packages = BTreeSet::from([PathBuf::new()]);
        let mut folders = vec![(PathBuf::new(), tree)];
        while let Some((path, tree)) = folders.pop() {
            for entry in &tree {
                if entry.kind() != Some(ObjectType::Tree) {
                    continue;
                }
                if entry.name_bytes() == FOLDER.as_bytes() {
                    packages.insert(path.clone());
                } else if let Ok(name) = std::str::from_utf8(entry.name_bytes()) {
                    // A path that is not UTF-8 cannot be signed.
                    folders.push((path.join(name), self.repository().find_tree(entry.id()).map_err(failed())?));
                }
            }
        }
        Ok(packages.into_iter().collect())
    }

    /// What the `.sigpkg` of this package says about its tree in a commit.
    ///
    /// # Errors
    ///
    /// - [`RepositoryError::Git`] if an object cannot be read.
    pub(crate) fn release_state(&self, commit: Oid) -> Result<ReleaseState, RepositoryError> {
        let Some(tree) = self.package_tree(commit)? else { return Ok(ReleaseState::Unsigned) };
        if tree.get_name(FOLDER).is_none() {
            return Ok(ReleaseState::Unsigned);
        }
        let tree = match source::git::read(self.repository(), tree.id(), &source::Options::default()) {
            Ok(tree) => tree,
            Err(error @ (SourceError::Git { .. } | SourceError::Packed { .. })) => return Err(error.into()),
            Err(error) => return Ok(ReleaseState::Broken(error.to_string())),
        };
        let Some(folder) = tree.folder() else { return Ok(ReleaseState::Unsigned) };
        let Some(files) = folder.claimed_release() else { return Ok(ReleaseState::NoRelease) };
        let statement = match Statement::parse(files.claimed_statement()) {
            Ok(statement) => Box::new(statement),
            Err(error) => return Ok(ReleaseState::Broken(error.to_string())),
        };
        let Some(release) = statement.release() else { return Ok(ReleaseState::NoRelease) };
        let is_of_tree = release.files == tree.tree().listing().digest();
        let is_whole = Digest::of(files.claimed_files()) == release.files;
        Ok(if is_of_tree && is_whole { ReleaseState::Release(statement) } else { ReleaseState::Stale(statement) })
    }

    /// The newest commit that leaves with the tip and is a release of this package. `barren` names commits that lead to none.
    ///
    /// # Errors
    ///
    /// - [`RepositoryError::Git`] if a commit cannot be read.
    pub(crate) fn leaving_release(
        &self,
        leaving: &Leaving,
        barren: &[Oid],
    ) -> Result<Option<(Oid, Box<Statement>)>, RepositoryError> {
        let failed = || RepositoryError::git("read the history");
        let mut walk = self.repository().revwalk().map_err(failed())?;
        walk.set_sorting(git2::Sort::TOPOLOGICAL).map_err(failed())?;
        walk.push(leaving.tip).map_err(failed())?;
        for known in leaving.known.iter().chain(barren) {
            walk.hide(*known).map_err(failed())?;
        }
        let path = self.git_path(FOLDER).join(FolderFile::Statement.name());
        for id in walk {
            let id = id.map_err(failed())?;
            let commit = self.repository().find_commit(id).map_err(failed())?;
            let Some(own) = entry(&commit, &path)? else { continue };
            let parents = commit.parents().map(|parent| entry(&parent, &path)).collect::<Result<Vec<_>, _>>()?;
            // What a parent has too was brought by that one.
            if parents.contains(&Some(own)) {
                continue;
            }
            if let ReleaseState::Release(statement) = self.release_state(id)? {
                return Ok(Some((id, statement)));
            }
        }
        Ok(None)
    }
}

/// What a commit has at a path.
fn entry(commit: &git2::Commit<'_>, path: &Path) -> Result<Option<Oid>, RepositoryError> {
    let found = commit.tree().and_then(|tree| tree.get_path(path).map(|entry| entry.id()));
    match found {
        Ok(id) => Ok(Some(id)),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) => Err(RepositoryError::git(format!("read commit {}", commit.id()))(error)),
    }
}
