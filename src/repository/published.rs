//! Where a statement of this repository is: in which commit, under which tags, and whether it has left for another one. What
//! another repository has is known by the remote-tracking branches alone; nobody is asked.

use git2::{ObjectType, Oid};

use super::{RepositoryError, Workplace};
use crate::listing::folder::{FOLDER, FolderFile};
use crate::text;

/// Where a release is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FoundRelease {
    /// The newest commit with it.
    pub(crate) commit: Oid,
    /// The names of the tags on it, made printable.
    pub(crate) tags: Vec<String>,
    /// Whether a remote-tracking branch leads to it; `None` if there is none at all.
    pub(crate) is_published: Option<bool>,
}

impl Workplace {
    /// The newest commit that brings this text as the statement of a release, wherever a reference leads to it.
    ///
    /// # Errors
    ///
    /// - [`RepositoryError::Git`] if a commit or a reference cannot be read.
    pub(crate) fn find_release(&self, statement: &[u8]) -> Result<Option<FoundRelease>, RepositoryError> {
        let failed = || RepositoryError::git("read the history");
        let wanted = Oid::hash_object(ObjectType::Blob, statement).map_err(failed())?;
        let path = self.git_path(FOLDER).join(FolderFile::Statement.name());
        let holds = |commit: &git2::Commit<'_>| {
            let entry = commit.tree().and_then(|tree| tree.get_path(&path).map(|entry| entry.id()));
            entry.is_ok_and(|entry| entry == wanted)
        };
        let mut walk = self.repository().revwalk().map_err(failed())?;
        walk.set_sorting(git2::Sort::TIME).map_err(failed())?;
        let (mut remotes, mut tags) = (Vec::new(), Vec::new());
        for reference in self.repository().references().map_err(failed())? {
            let reference = reference.map_err(failed())?;
            // A tag of a tree, or a reference that leads nowhere, has no history.
            let Ok(commit) = reference.peel_to_commit() else { continue };
            walk.push(commit.id()).map_err(failed())?;
            if reference.name_bytes().starts_with(b"refs/remotes/") {
                remotes.push(commit.id());
            } else if let Some(tag) = reference.name_bytes().strip_prefix(b"refs/tags/") {
                tags.push((commit.id(), text::printable(&String::from_utf8_lossy(tag))));
            }
        }
        if let Some(head) = self.commit_at_head()? {
            walk.push(head).map_err(failed())?;
        }
        let mut found = None;
        for id in walk {
            let id = id.map_err(failed())?;
            let commit = self.repository().find_commit(id).map_err(failed())?;
            // The statement stays in the tree of later commits, which are no release.
            if holds(&commit) && !commit.parents().any(|parent| holds(&parent)) {
                found = Some(id);
                break;
            }
        }
        let Some(commit) = found else { return Ok(None) };
        let leads_there =
            |tip: &Oid| *tip == commit || self.repository().graph_descendant_of(*tip, commit).unwrap_or(false);
        let is_published = (!remotes.is_empty()).then(|| remotes.iter().any(leads_there));
        let tags = tags.into_iter().filter(|(named, _)| *named == commit).map(|(_, tag)| tag).collect();
        Ok(Some(FoundRelease { commit, tags, is_published }))
    }

    /// Whether a remote-tracking branch has a statement in its chain. `None` if there is no such branch, or if the statement
    /// has a tag of its own (KEEP-25): whether a tag was pushed is not known here.
    ///
    /// # Errors
    ///
    /// - [`RepositoryError::Git`] if a reference cannot be read.
    pub(crate) fn is_statement_published(&self, text: &str, tag: &str) -> Result<Option<bool>, RepositoryError> {
        let failed = || RepositoryError::git("read the remote-tracking branches");
        if self.repository().find_reference(&format!("refs/tags/{tag}")).is_ok() {
            return Ok(None);
        }
        let path = self.git_path(FOLDER).join(FolderFile::Chain.name());
        let mut is_known = None;
        for reference in self.repository().references().map_err(failed())? {
            let reference = reference.map_err(failed())?;
            if !reference.name_bytes().starts_with(b"refs/remotes/") {
                continue;
            }
            let Ok(tree) = reference.peel_to_tree() else { continue };
            is_known.get_or_insert(false);
            let blob = tree.get_path(&path).and_then(|entry| self.repository().find_blob(entry.id()));
            // Each record begins with its text, and no other text contains one.
            if blob.is_ok_and(|blob| String::from_utf8_lossy(blob.content()).contains(text)) {
                return Ok(Some(true));
            }
        }
        Ok(is_known)
    }

    /// Whether older history is missing here.
    pub(crate) fn is_shallow(&self) -> bool {
        self.repository().is_shallow()
    }

    /// Whether git turns the line ends of files that it checks out.
    ///
    /// # Errors
    ///
    /// - [`RepositoryError::Git`] if git's settings cannot be read.
    pub(crate) fn is_autocrlf(&self) -> Result<bool, RepositoryError> {
        let config = self.repository().config().and_then(|mut config| config.snapshot());
        let config = config.map_err(RepositoryError::git("read the settings of git"))?;
        // Absent, or a word such as `input`, which leaves checked-out files alone.
        Ok(config.get_bool("core.autocrlf").unwrap_or(false))
    }
}
