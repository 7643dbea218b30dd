//! Putting `.sigpkg` into the repository: a commit on the branch, the index, the worktree, a tag (KEEP-16).
//!
//! The commit is made from objects: its tree is that of its parent with `.sigpkg` replaced. Hooks are not run. Each step
//! finds what an interrupted run has left, and goes on from there.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use git2::{ErrorCode, FileMode, IndexEntry, IndexTime, ObjectType, Oid};

use super::{RepositoryError, Workplace};
use crate::failpoint::{self, Failpoint};
use crate::listing::folder::{FOLDER, FolderFile};

/// The files of `.sigpkg`.
pub(crate) type Folder = BTreeMap<FolderFile, Vec<u8>>;

/// Where `.sigpkg` was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// In a commit on the branch that it was begun on.
    Commit {
        /// The commit.
        commit: String,
        /// The full name of the branch.
        branch: String,
    },
    /// In a commit on a branch of its own, because the branch went on after the statement was interrupted.
    Aside {
        /// The commit.
        commit: String,
        /// The full name of the new branch.
        branch: String,
        /// The branch that it was begun on.
        from: String,
    },
    /// In the worktree alone.
    Worktree,
    /// In a folder outside of the repository (KEEP-33).
    Folder {
        /// The folder.
        folder: PathBuf,
    },
    /// In the key store alone: the commit of the statement that follows at once brings it along.
    Deferred,
    /// Nowhere: the commit that was signed is no longer in the repository. The key store has the statement.
    Nowhere,
}

/// What is to be committed, on top of what.
pub(crate) struct Change<'a> {
    pub(crate) folder: &'a Folder,
    /// The parent, which is the commit that was signed; `None` for the first commit of a repository.
    pub(crate) base: Option<Oid>,
    pub(crate) branch: &'a str,
    pub(crate) message: &'a str,
    /// Where to commit if the branch went on.
    pub(crate) aside: &'a str,
}

impl Workplace {
    /// Commits a change to its branch, and brings index and worktree after it.
    pub(crate) fn commit(&self, change: &Change<'_>) -> Result<Written, RepositoryError> {
        let tip = self.tip(change.branch)?;
        let tree = self.changed_tree(change.base, change.folder)?;
        let written = if let Some(commit) = self.committed_before(tip, change.base, tree)? {
            Written::Commit { commit: commit.to_string(), branch: change.branch.to_owned() }
        } else {
            let commit = self.make_commit(change, tree)?;
            failpoint::reach(Failpoint::CommitMade);
            if tip == change.base {
                self.move_branch(change.branch, commit, tip, change.message)?;
                Written::Commit { commit: commit.to_string(), branch: change.branch.to_owned() }
            } else {
                self.move_branch(change.aside, commit, self.tip(change.aside)?, change.message)?;
                let (branch, from) = (change.aside.to_owned(), change.branch.to_owned());
                Written::Aside { commit: commit.to_string(), branch, from }
            }
        };
        failpoint::reach(Failpoint::BranchMoved);
        // Another branch may be checked out by now, and then its files are none of ours.
        let is_checked_out = match &written {
            Written::Commit { branch, .. } => self.head().is_ok_and(|head| head.branch == *branch),
            Written::Aside { .. }
            | Written::Worktree
            | Written::Folder { .. }
            | Written::Deferred
            | Written::Nowhere => false,
        };
        if is_checked_out {
            if let Some(base) = change.base {
                self.clear_worktree(base)?;
            }
            self.bring_after(change.folder)?;
        }
        Ok(written)
    }

    /// Brings index and worktree after a commit.
    pub(crate) fn bring_after(&self, folder: &Folder) -> Result<(), RepositoryError> {
        self.write_index(folder)?;
        failpoint::reach(Failpoint::IndexWritten);
        self.write_worktree(folder)
    }

    /// Whether a name can be given to a tag, and is not taken.
    pub(crate) fn check_tag(&self, name: &str) -> Result<(), RepositoryError> {
        let reference = format!("refs/tags/{name}");
        if !git2::Reference::is_valid_name(&reference) || name.starts_with('-') {
            return Err(RepositoryError::BadTag { name: name.to_owned() });
        }
        match self.tip(&reference)? {
            Some(_) => Err(RepositoryError::TagExists { name: name.to_owned() }),
            None => Ok(()),
        }
    }

    /// Makes a lightweight tag, unless the name is taken by now; says whether it names the commit.
    pub(crate) fn make_tag(&self, name: &str, commit: &str) -> Result<bool, RepositoryError> {
        let failed = || RepositoryError::git(format!("make the tag {name}"));
        let commit = Oid::from_str(commit).map_err(failed())?;
        if let Some(found) = self.tip(&format!("refs/tags/{name}"))? {
            return Ok(found == commit);
        }
        let object = self.repository().find_object(commit, None).map_err(failed())?;
        self.repository().tag_lightweight(name, &object, false).map_err(failed())?;
        failpoint::reach(Failpoint::TagMade);
        Ok(true)
    }

    /// Writes `.sigpkg` into the worktree: the files that it is to have, and none of the others that it may have.
    pub(crate) fn write_worktree(&self, folder: &Folder) -> Result<(), RepositoryError> {
        let directory = self.folder_path();
        let at = unwritten;
        match fs::symlink_metadata(&directory) {
            Ok(metadata) if metadata.is_dir() => {}
            // A link to a folder elsewhere, or a file.
            Ok(_) => fs::remove_file(&directory).map_err(at(&directory))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(at(&directory)(error)),
        }
        self.write_files(&directory, folder)?;
        failpoint::reach(Failpoint::WorktreeWritten);
        Ok(())
    }

    /// Writes the files that a folder is to have, and none of the others that it may have.
    pub(super) fn write_files(&self, directory: &Path, folder: &Folder) -> Result<(), RepositoryError> {
        fs::create_dir_all(directory).map_err(unwritten(directory))?;
        for file in FolderFile::ALL {
            let path = directory.join(file.name());
            if let Some(content) = folder.get(&file) {
                replace(&path, content, self.repository().path()).map_err(unwritten(&path))?;
            } else {
                match fs::remove_file(&path) {
                    Ok(()) => {}
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(unwritten(&path)(error)),
                }
            }
        }
        Ok(())
    }

    /// Whether a commit is still in the repository.
    pub(crate) fn has_commit(&self, commit: Oid) -> bool {
        self.repository().find_commit(commit).is_ok()
    }

    fn tip(&self, reference: &str) -> Result<Option<Oid>, RepositoryError> {
        match self.repository().refname_to_id(reference) {
            Ok(commit) => Ok(Some(commit)),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(RepositoryError::git(format!("read {reference}"))(error)),
        }
    }

    /// The commit of an interrupted run: on the branch, on top of the same parent, with the same tree.
    fn committed_before(&self, tip: Option<Oid>, base: Option<Oid>, tree: Oid) -> Result<Option<Oid>, RepositoryError> {
        let Some(tip) = tip.filter(|tip| Some(*tip) != base) else { return Ok(None) };
        let failed = || RepositoryError::git("read the history");
        let mut walk = self.repository().revwalk().map_err(failed())?;
        walk.push(tip).map_err(failed())?;
        if let Some(base) = base {
            walk.hide(base).map_err(failed())?;
        }
        for id in walk {
            let id = id.map_err(failed())?;
            let commit = self.repository().find_commit(id).map_err(failed())?;
            if commit.tree_id() == tree && commit.parent_ids().eq(base) {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    fn make_commit(&self, change: &Change<'_>, tree: Oid) -> Result<Oid, RepositoryError> {
        let failed = || RepositoryError::git("make the commit");
        let repository = self.repository();
        let tree = repository.find_tree(tree).map_err(failed())?;
        let who = repository.signature().map_err(|_| RepositoryError::NoIdentity)?;
        let parent = change.base.map(|base| repository.find_commit(base)).transpose().map_err(failed())?;
        let parents: Vec<_> = parent.iter().collect();
        repository.commit(None, &who, &who, change.message, &tree, &parents).map_err(failed())
    }

    /// Moves a branch, if it is still where it was seen.
    fn move_branch(
        &self,
        branch: &str,
        commit: Oid,
        expected: Option<Oid>,
        message: &str,
    ) -> Result<(), RepositoryError> {
        let reflog = format!("commit: {message}");
        let moved = match expected {
            Some(expected) => self.repository().reference_matching(branch, commit, true, expected, &reflog),
            None => self.repository().reference(branch, commit, false, &reflog),
        };
        moved.map(|_| ()).map_err(RepositoryError::git(format!("move {branch}")))
    }

    /// The tree of a commit with `.sigpkg` of the package replaced.
    fn changed_tree(&self, base: Option<Oid>, folder: &Folder) -> Result<Oid, RepositoryError> {
        let failed = || RepositoryError::git("write the tree");
        let repository = self.repository();
        let mut inner = repository.treebuilder(None).map_err(failed())?;
        for (file, content) in folder {
            let blob = repository.blob(content).map_err(failed())?;
            inner.insert(file.name(), blob, FileMode::Blob.into()).map_err(failed())?;
        }
        let mut child = inner.write().map_err(failed())?;
        let root = base.map(|base| repository.find_commit(base).and_then(|commit| commit.tree()));
        let root = root.transpose().map_err(failed())?;
        // From the folder upwards: each folder is that of the parent with one entry replaced.
        let mut path = self.git_path(FOLDER);
        while let Some(name) = path.file_name().map(ToOwned::to_owned) {
            path.pop();
            let existing = match &root {
                Some(root) if path.as_os_str().is_empty() => Some(root.clone()),
                Some(root) => root.get_path(&path).and_then(|entry| entry.to_object(repository)?.peel_to_tree()).ok(),
                None => None,
            };
            let mut builder = repository.treebuilder(existing.as_ref()).map_err(failed())?;
            builder.insert(name, child, FileMode::Tree.into()).map_err(failed())?;
            child = builder.write().map_err(failed())?;
        }
        Ok(child)
    }

    /// Brings the index after the commit, for `.sigpkg` alone.
    fn write_index(&self, folder: &Folder) -> Result<(), RepositoryError> {
        let failed = || RepositoryError::git("write the index");
        let mut index = self.repository().index().map_err(failed())?;
        let own = self.git_path(FOLDER);
        index.remove_dir(&own, 0).map_err(failed())?;
        for (file, content) in folder {
            let id = Oid::hash_object(ObjectType::Blob, content).map_err(failed())?;
            let path = own.join(file.name());
            index.add(&entry(&path, id, content.len())).map_err(failed())?;
        }
        index.write().map_err(failed())
    }
}

pub(super) fn unwritten(path: &Path) -> impl FnOnce(io::Error) -> RepositoryError + use<> {
    let path = path.to_owned();
    move |source| RepositoryError::Write { path, source }
}

/// An entry without the times of a file: git compares the content once, and then fills them in.
fn entry(path: &Path, id: Oid, size: usize) -> IndexEntry {
    let zero = IndexTime::new(0, 0);
    IndexEntry {
        ctime: zero,
        mtime: zero,
        dev: 0,
        ino: 0,
        mode: FileMode::Blob.into(),
        uid: 0,
        gid: 0,
        file_size: u32::try_from(size).unwrap_or(0),
        id,
        flags: 0,
        flags_extended: 0,
        path: slashes(path),
    }
}

/// A path as git has it.
fn slashes(path: &Path) -> Vec<u8> {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/").into_bytes()
}

/// Writes a file elsewhere and renames it, so that a reader sees the old one or the new one. `.sigpkg` holds nothing else
/// at any time, so the temporary file is in the folder of git.
fn replace(path: &Path, content: &[u8], elsewhere: &Path) -> io::Result<()> {
    let temporary = elsewhere.join("sigpkg-file.new");
    let write = |path: &Path| {
        let mut file = fs::File::create(path)?;
        io::Write::write_all(&mut file, content)?;
        file.sync_all()
    };
    write(&temporary)?;
    match fs::rename(&temporary, path) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            fs::remove_file(&temporary)?;
            write(path)
        }
        other => other,
    }
}
