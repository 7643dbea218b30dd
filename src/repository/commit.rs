//! Putting `.sigpkg` into the repository: a commit on the branch or beside it, the index, the worktree, a tag (KEEP-16,
//! KEEP-24).
//!
//! The commit is made from objects: its tree is that of its parent with `.sigpkg` replaced. Hooks are not run; git signs the
//! commit if it is set to (KEEP-23). Each step finds what an interrupted run has left, and goes on from there.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use git2::{ErrorCode, FileMode, IndexEntry, IndexTime, ObjectType, Oid};

use super::{GitSigns, RepositoryError, Workplace};
use crate::digest::Digest;
use crate::failpoint::{self, Failpoint};
use crate::interrupt::Whole;
use crate::listing::folder::{FOLDER, FolderFile};
use crate::text;

/// The files of `.sigpkg`.
pub(crate) type Folder = BTreeMap<FolderFile, Vec<u8>>;

/// Where `.sigpkg` was written.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun()?;
/// use sigpkg::repository::Written;
///
/// let Written::Commit { commit, branch } = machine.release("1.0.0")?.written else { return Err("elsewhere".into()) };
/// assert_eq!(branch, "refs/heads/main");
/// assert_eq!(commit, git2::Repository::open(&machine.repository)?.refname_to_id("HEAD")?.to_string());
/// # Ok::<(), doc::Error>(())
/// ```
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
    /// In a commit beside the branch, which only a tag names (KEEP-24).
    Side {
        /// The commit.
        commit: String,
        /// The tag.
        tag: String,
        /// The full name of the branch that was not moved, or `HEAD`.
        from: String,
    },
    /// In a commit on a branch of its own, because the tag was taken after the statement had begun.
    TagTaken {
        /// The commit.
        commit: String,
        /// The full name of the new branch.
        branch: String,
        /// The tag that is somebody else's.
        tag: String,
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

impl Written {
    /// The commit, if there is one.
    ///
    /// ```
    /// use sigpkg::repository::Written;
    ///
    /// let commit = "1".repeat(40);
    /// let written = Written::Commit { commit: commit.clone(), branch: "refs/heads/main".to_owned() };
    /// assert_eq!(written.commit(), Some(commit.as_str()));
    /// assert_eq!(Written::Worktree.commit(), None);
    /// ```
    pub fn commit(&self) -> Option<&str> {
        match self {
            Self::Commit { commit, .. }
            | Self::Aside { commit, .. }
            | Self::Side { commit, .. }
            | Self::TagTaken { commit, .. } => Some(commit),
            Self::Worktree | Self::Folder { .. } | Self::Deferred | Self::Nowhere => None,
        }
    }
}

/// What is to be committed, on top of what.
pub(crate) struct Change<'a> {
    pub(crate) folder: &'a Folder,
    /// The parent, which is the commit that was signed; `None` for the first commit of a repository.
    pub(crate) base: Option<Oid>,
    /// The full name of the branch that the parent is taken from, or `HEAD`.
    pub(crate) branch: &'a str,
    pub(crate) target: Target<'a>,
    pub(crate) message: &'a str,
    /// The branch to commit to if the target is taken meanwhile.
    pub(crate) aside: &'a str,
}

/// What will name a commit.
pub(crate) enum Target<'a> {
    /// The branch of its parent.
    Branch,
    /// A tag with this name, and no branch.
    Tag(&'a str),
}

/// What a tag names, be it annotated or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tagged {
    /// There is no such tag.
    Nothing,
    /// A commit.
    Commit(Oid),
    /// A tree or a file.
    Other,
}

/// The most names of branches that are tried, each with a number behind it: one is taken only if somebody has used it before.
const MAX_ASIDE: usize = 100;

impl Workplace {
    /// Commits a change to its target. A branch that is checked out takes index and worktree along.
    pub(crate) fn commit(&self, change: &Change<'_>) -> Result<Written, RepositoryError> {
        let tree = self.changed_tree(change.base, change.folder)?;
        match change.target {
            Target::Branch => self.commit_to_branch(change, tree),
            Target::Tag(tag) => self.commit_beside(change, tree, tag),
        }
    }

    fn commit_to_branch(&self, change: &Change<'_>, tree: Oid) -> Result<Written, RepositoryError> {
        let tip = self.tip(change.branch)?;
        let branch = change.branch.to_owned();
        let written = if let Some(commit) = self.committed_before(tip, change.base, tree)? {
            Written::Commit { commit: commit.to_string(), branch }
        } else if tip == change.base {
            let commit = self.make_commit(change, tree)?;
            self.move_branch(change.branch, commit, tip, change.message)?;
            Written::Commit { commit: commit.to_string(), branch }
        } else {
            let (commit, aside) = self.commit_aside(change, tree)?;
            Written::Aside { commit, branch: aside, from: branch }
        };
        failpoint::reach(Failpoint::BranchMoved);
        // Another branch may be checked out by now, and then its files are none of ours.
        let is_checked_out = match &written {
            Written::Commit { branch, .. } => self.head().is_ok_and(|head| head.branch == *branch),
            Written::Aside { .. }
            | Written::Side { .. }
            | Written::TagTaken { .. }
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

    /// The tag alone names the commit; nothing that is checked out changes.
    fn commit_beside(&self, change: &Change<'_>, tree: Oid, tag: &str) -> Result<Written, RepositoryError> {
        let (name, from) = (tag.to_owned(), change.branch.to_owned());
        let written = match self.tagged(tag)? {
            Tagged::Nothing => {
                let commit = self.make_commit(change, tree)?;
                if !self.make_tag(tag, &commit.to_string(), change.message)? {
                    let (commit, branch) = self.commit_aside(change, tree)?;
                    return Ok(Written::TagTaken { commit, branch, tag: name });
                }
                Written::Side { commit: commit.to_string(), tag: name, from }
            }
            Tagged::Commit(commit) if self.is_same(commit, change.base, tree)? => {
                Written::Side { commit: commit.to_string(), tag: name, from }
            }
            Tagged::Commit(_) | Tagged::Other => {
                let (commit, branch) = self.commit_aside(change, tree)?;
                Written::TagTaken { commit, branch, tag: name }
            }
        };
        failpoint::reach(Failpoint::SideTagMade);
        Ok(written)
    }

    /// Commits to a branch of its own, and moves nobody else's: the commit, and the full name of the branch.
    fn commit_aside(&self, change: &Change<'_>, tree: Oid) -> Result<(String, String), RepositoryError> {
        let names = (1..=MAX_ASIDE).map(|number| match number {
            1 => change.aside.to_owned(),
            number => format!("{}-{number}", change.aside),
        });
        for name in names {
            match self.tip(&name)? {
                Some(commit) if self.is_same(commit, change.base, tree)? => return Ok((commit.to_string(), name)),
                Some(_) => {}
                None => {
                    let commit = self.make_commit(change, tree)?;
                    self.move_branch(&name, commit, None, change.message)?;
                    return Ok((commit.to_string(), name));
                }
            }
        }
        let said = format!("{} is taken, and so are {MAX_ASIDE} names that begin with it", change.aside);
        Err(RepositoryError::GitFailed { action: "commit to a branch of its own".to_owned(), said })
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
        if self.tip(&reference)?.is_some() {
            return Err(RepositoryError::TagExists { name: name.to_owned() });
        }
        // A name is a file in a folder, or a folder of other names.
        let failed = || RepositoryError::git("read the tags");
        let below = format!("{reference}/");
        for tag in self.repository().references_glob("refs/tags/*").map_err(failed())?.names() {
            let tag = tag.map_err(failed())?;
            if tag.starts_with(&below) || reference.starts_with(&format!("{tag}/")) {
                let taken = tag.strip_prefix("refs/tags/").unwrap_or(tag);
                return Err(RepositoryError::TagExists { name: text::printable(taken) });
            }
        }
        Ok(())
    }

    /// Makes a tag, which git signs if it is set to, unless the name is taken by now; says whether it names the commit.
    pub(crate) fn make_tag(&self, name: &str, commit: &str, message: &str) -> Result<bool, RepositoryError> {
        let failed = || RepositoryError::git(format!("make the tag {name}"));
        let commit = Oid::from_str(commit).map_err(failed())?;
        match self.tagged(name)? {
            Tagged::Nothing => {}
            found @ (Tagged::Commit(_) | Tagged::Other) => return Ok(found == Tagged::Commit(commit)),
        }
        if self.is_signed_by_git(GitSigns::Tag)? {
            self.signed_tag(name, commit, message)?;
        } else {
            let object = self.repository().find_object(commit, None).map_err(failed())?;
            self.repository().tag_lightweight(name, &object, false).map_err(failed())?;
        }
        failpoint::reach(Failpoint::TagMade);
        Ok(true)
    }

    /// What the tag with this name names.
    pub(crate) fn tagged(&self, name: &str) -> Result<Tagged, RepositoryError> {
        match self.repository().find_reference(&format!("refs/tags/{name}")) {
            Ok(reference) => Ok(reference.peel_to_commit().map_or(Tagged::Other, |commit| Tagged::Commit(commit.id()))),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(Tagged::Nothing),
            Err(error) => Err(RepositoryError::git(format!("read the tag {name}"))(error)),
        }
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
        // Of two packages of one repository each has a name of its own, so that both can be released at once.
        let name = Digest::of(self.below_root().as_bytes()).to_hex();
        let temporary = self.repository().path().join(format!("sigpkg-file-{name}.new"));
        for file in FolderFile::ALL {
            let path = directory.join(file.name());
            if let Some(content) = folder.get(&file) {
                replace(&path, content, &temporary).map_err(unwritten(&path))?;
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
            if self.is_same(id, base, tree)? {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// Whether a commit is what an interrupted run would have made.
    fn is_same(&self, commit: Oid, base: Option<Oid>, tree: Oid) -> Result<bool, RepositoryError> {
        let commit =
            self.repository().find_commit(commit).map_err(RepositoryError::git(format!("read commit {commit}")))?;
        Ok(commit.tree_id() == tree && commit.parent_ids().eq(base))
    }

    fn make_commit(&self, change: &Change<'_>, tree: Oid) -> Result<Oid, RepositoryError> {
        let failed = || RepositoryError::git("make the commit");
        let repository = self.repository();
        let who = repository.signature().map_err(|_| RepositoryError::NoIdentity)?;
        let commit = if self.is_signed_by_git(GitSigns::Commit)? {
            self.signed_commit(tree, change.base, &who, change.message)?
        } else {
            let tree = repository.find_tree(tree).map_err(failed())?;
            let parent = change.base.map(|base| repository.find_commit(base)).transpose().map_err(failed())?;
            let parents: Vec<_> = parent.iter().collect();
            repository.commit(None, &who, &who, change.message, &tree, &parents).map_err(failed())?
        };
        failpoint::reach(Failpoint::CommitMade);
        Ok(commit)
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
        let _whole = Whole::begin();
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
        let _whole = Whole::begin();
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
fn replace(path: &Path, content: &[u8], temporary: &Path) -> io::Result<()> {
    let _whole = Whole::begin();
    let write = |path: &Path| {
        let mut file = fs::File::create(path)?;
        io::Write::write_all(&mut file, content)?;
        file.sync_all()
    };
    write(temporary)?;
    match fs::rename(temporary, path) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            fs::remove_file(temporary)?;
            write(path)
        }
        other => other,
    }
}
