//! The git repository in which a package is kept, and the state that it must be in for signing (KEEP-12, KEEP-13).

use std::path::{Path, PathBuf};

use git2::{ErrorCode, ObjectType, Oid, Repository, RepositoryState, StatusOptions};

use super::PublishError;
use crate::chain::Chain;
use crate::digest::SignatoryId;
use crate::ecosystem::{self, Ecosystem, Manifest};
use crate::listing::folder::{FOLDER, FolderFile};
use crate::package::Package;
use crate::source::{self, SourceTree, attributes_that_rewrite};
use crate::text;

/// A package folder in a git repository.
pub struct Workplace {
    repository: Repository,
    directory: PathBuf,
    /// The folder below the root of the worktree; empty for the root itself.
    prefix: PathBuf,
}

/// The branch that HEAD names, and its commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// The full name of the branch.
    pub(super) branch: String,
    /// `None` before the first commit.
    pub(super) commit: Option<Oid>,
}

impl Workplace {
    /// The package in this folder, which may be below the root of its repository.
    ///
    /// # Errors
    ///
    /// - [`PublishError::NoRepository`] or [`PublishError::Git`] if there is none that can be opened.
    /// - [`PublishError::Bare`] if it has no worktree.
    pub fn open(directory: &Path) -> Result<Self, PublishError> {
        let absent = || PublishError::NoRepository { directory: directory.to_owned() };
        let repository = Repository::discover(directory).map_err(|error| match error.code() {
            ErrorCode::NotFound => absent(),
            _ => PublishError::git("open the repository")(error),
        })?;
        let bare = || PublishError::Bare { path: repository.path().to_owned() };
        let root = repository.workdir().ok_or_else(bare)?;
        let canonical =
            |path: &Path| path.canonicalize().map_err(|source| PublishError::Write { path: path.to_owned(), source });
        let (root, directory) = (canonical(root)?, canonical(directory)?);
        let prefix = directory.strip_prefix(&root).map_err(|_| absent())?.to_owned();
        Ok(Self { repository, directory, prefix })
    }

    /// The folder of the package.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The root of the worktree.
    pub fn root(&self) -> &Path {
        self.repository.workdir().unwrap_or(&self.directory)
    }

    /// Where a file of `.sigpkg` is in the worktree.
    pub(super) fn folder_path(&self) -> PathBuf {
        self.directory.join(FOLDER)
    }

    /// Where a file of the package is in git, with slashes.
    pub(super) fn git_path(&self, below: &str) -> PathBuf {
        self.prefix.join(below)
    }

    pub(super) fn repository(&self) -> &Repository {
        &self.repository
    }

    /// The branch that a release is committed to.
    pub(super) fn head(&self) -> Result<Head, PublishError> {
        let failed = || PublishError::git("read HEAD");
        let reference = self.repository.find_reference("HEAD").map_err(failed())?;
        let Some(branch) = reference.symbolic_target().map_err(failed())?.map(str::to_owned) else {
            let commit = reference.target().map(|commit| commit.to_string()).unwrap_or_default();
            return Err(PublishError::Detached { commit });
        };
        match self.repository.refname_to_id(&branch) {
            Ok(commit) => Ok(Head { branch, commit: Some(commit) }),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(Head { branch, commit: None }),
            Err(error) => Err(failed()(error)),
        }
    }

    /// The branch and its commit, which must be there.
    pub(super) fn head_commit(&self) -> Result<(String, Oid), PublishError> {
        let Head { branch, commit } = self.head()?;
        commit.map(|commit| (branch.clone(), commit)).ok_or(PublishError::NoCommit { branch })
    }

    /// The checks that need nothing but the repository, each with its outcome, in the order in which a release makes them.
    pub(super) fn check_rest(&self) -> Vec<PublishError> {
        let checks = [self.check_state(), self.check_identity(), self.check_changes()];
        checks.into_iter().filter_map(Result::err).collect()
    }

    /// No merge, rebase or the like has begun.
    pub(super) fn check_state(&self) -> Result<(), PublishError> {
        let state = match self.repository.state() {
            RepositoryState::Clean => return Ok(()),
            RepositoryState::Merge => "merge",
            RepositoryState::Revert | RepositoryState::RevertSequence => "revert",
            RepositoryState::CherryPick | RepositoryState::CherryPickSequence => "cherry-pick",
            RepositoryState::Bisect => "bisect",
            RepositoryState::Rebase | RepositoryState::RebaseInteractive | RepositoryState::RebaseMerge => "rebase",
            RepositoryState::ApplyMailbox | RepositoryState::ApplyMailboxOrRebase => "git am",
        };
        Err(PublishError::InProgress { state })
    }

    /// git knows who commits.
    pub(super) fn check_identity(&self) -> Result<(), PublishError> {
        self.repository.signature().map(|_| ()).map_err(|_| PublishError::NoIdentity)
    }

    /// Nothing of the package was changed since the commit, but `.sigpkg`.
    pub(super) fn check_changes(&self) -> Result<(), PublishError> {
        let own = self.git_path(FOLDER);
        let mut options = StatusOptions::new();
        options.include_untracked(false).include_ignored(false).exclude_submodules(true);
        let statuses = self.repository.statuses(Some(&mut options)).map_err(PublishError::git("read the status"))?;
        let mut paths = Vec::new();
        for entry in statuses.iter() {
            let path = PathBuf::from(String::from_utf8_lossy(entry.path_bytes()).into_owned());
            if path.starts_with(&self.prefix) && !path.starts_with(&own) {
                paths.push(text::printable(&path.to_string_lossy()));
            }
        }
        if paths.is_empty() { Ok(()) } else { Err(PublishError::Changes { paths }) }
    }

    /// The tree of the package in a commit; `None` if the commit does not have the folder.
    pub(super) fn package_tree(&self, commit: Oid) -> Result<Option<git2::Tree<'_>>, PublishError> {
        let failed = || PublishError::git(format!("read commit {commit}"));
        let root = self.repository.find_commit(commit).and_then(|commit| commit.tree()).map_err(failed())?;
        if self.prefix.as_os_str().is_empty() {
            return Ok(Some(root));
        }
        match root.get_path(&self.prefix) {
            Ok(entry) => {
                let object = entry.to_object(&self.repository).map_err(failed())?;
                Ok(object.into_tree().ok())
            }
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(failed()(error)),
        }
    }

    /// What is signed: the tree of the package without its `.sigpkg`, whatever state that is in.
    pub(super) fn read_tree(&self, commit: Oid) -> Result<SourceTree, PublishError> {
        let tree = self.existing_tree(commit)?;
        let failed = || PublishError::git(format!("read the tree of {commit}"));
        let mut without_folder = self.repository.treebuilder(Some(&tree)).map_err(failed())?;
        if without_folder.get(FOLDER).map_err(failed())?.is_some() {
            without_folder.remove(FOLDER).map_err(failed())?;
        }
        // The object is never referred to; git removes it in time.
        let tree = without_folder.write().map_err(failed())?;
        Ok(source::git::read(&self.repository, tree, &source::Options::default())?)
    }

    /// No attribute would strip or rewrite files of the package on their way to users.
    pub(super) fn check_attributes(&self, commit: Oid) -> Result<(), PublishError> {
        let failed = PublishError::git(format!("read commit {commit}"));
        let root = self.repository.find_commit(commit).map_err(failed)?.tree_id();
        let below = Some(self.prefix.as_path()).filter(|prefix| !prefix.as_os_str().is_empty());
        let findings = attributes_that_rewrite(&self.repository, root, below)?;
        if findings.is_empty() { Ok(()) } else { Err(PublishError::Attributes { findings }) }
    }

    fn existing_tree(&self, commit: Oid) -> Result<git2::Tree<'_>, PublishError> {
        self.package_tree(commit)?
            .ok_or_else(|| PublishError::NotCommitted { commit: commit.to_string(), prefix: self.prefix.clone() })
    }

    /// A file of the package in a commit; `None` if there is none.
    pub(super) fn blob(&self, commit: Oid, path: &str) -> Result<Option<Vec<u8>>, PublishError> {
        let Some(tree) = self.package_tree(commit)? else { return Ok(None) };
        let failed = || PublishError::git(format!("read {path} of {commit}"));
        match tree.get_path(Path::new(path)) {
            Ok(entry) if entry.kind() == Some(ObjectType::Blob) => {
                Ok(Some(self.repository.find_blob(entry.id()).map_err(failed())?.content().to_vec()))
            }
            Ok(_) => Ok(None),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(failed()(error)),
        }
    }

    /// A file of `.sigpkg` in a commit.
    pub(super) fn folder_blob(&self, commit: Oid, file: FolderFile) -> Result<Option<Vec<u8>>, PublishError> {
        self.blob(commit, &format!("{FOLDER}/{}", file.name()))
    }

    /// The chain that `.sigpkg` in a commit is of, if it has one that can be read: in a merge conflict it is in no state.
    pub(super) fn claimed_id(&self, commit: Oid) -> Result<Option<SignatoryId>, PublishError> {
        let chain = self.folder_blob(commit, FolderFile::Chain)?;
        Ok(chain.and_then(|chain| Chain::claimed_id(&chain).ok()))
    }

    /// What the manifest of this ecosystem says in a commit, and where it is; `None` if there is none.
    pub(super) fn manifest(
        &self,
        commit: Oid,
        ecosystem: &dyn Ecosystem,
    ) -> Result<Option<(&'static str, Manifest)>, PublishError> {
        for path in ecosystem.manifest_paths() {
            if let Some(bytes) = self.blob(commit, path)? {
                let manifest =
                    ecosystem.read_manifest(&bytes).map_err(|error| PublishError::Manifest { path, error })?;
                return Ok(Some((path, manifest)));
            }
        }
        Ok(None)
    }

    /// The package that the commit at HEAD is, by its manifest.
    ///
    /// # Errors
    ///
    /// - [`PublishError::NoManifest`] if there is none.
    /// - [`PublishError::Manifest`] if it does not say.
    pub fn detect(&self) -> Result<Package, PublishError> {
        let Some(commit) = self.head()?.commit else { return Err(PublishError::NoManifest) };
        for ecosystem in ecosystem::with_manifests() {
            if let Some((_, manifest)) = self.manifest(commit, ecosystem)? {
                return Ok(manifest.package);
            }
        }
        Err(PublishError::NoManifest)
    }

    /// Whether git is set to sign commits, which this program does not do.
    pub(super) fn wants_signed_commits(&self) -> bool {
        self.repository.config().and_then(|config| config.get_bool("commit.gpgsign")).unwrap_or(false)
    }

    /// Whether a path is in this repository, in the worktree or beside it.
    pub fn holds(&self, path: &Path) -> bool {
        let path = nearest_existing(path);
        [self.root(), self.repository.path()]
            .iter()
            .filter_map(|root| root.canonicalize().ok())
            .any(|root| path.starts_with(root))
    }
}

/// The canonical form of a path, of which the last parts need not exist yet.
fn nearest_existing(path: &Path) -> PathBuf {
    for ancestor in path.ancestors() {
        if let Ok(canonical) = ancestor.canonicalize() {
            return canonical.join(path.strip_prefix(ancestor).unwrap_or(Path::new("")));
        }
    }
    path.to_owned()
}
