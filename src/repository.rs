//! The git repository in which a package is kept: what is committed, whether more can be, and the commit itself.
//!
//! - [`Workplace`] is a package folder in a worktree, and says what stands against a commit (KEEP-12, KEEP-13).
//! - [`Written`] says where `.sigpkg` was written (KEEP-16).
//! - [`Leak`] is a secret key that was found in it (KEEP-11).
//! - [`Push`] is what leaves for another repository (KEEP-28), and [`Hook`] the hook that looks at it (KEEP-29).
//!
//! This is the one place of the maintainer's side that touches the repository.

mod commit;
mod error;
mod hook;
mod names;
mod outside;
mod program;
mod published;
mod push;
mod replace;
mod search;

use std::path::{Path, PathBuf};

use git2::{ErrorCode, ObjectType, Oid, Repository, RepositoryState, StatusOptions};

pub use self::commit::Written;
pub(crate) use self::commit::{Change, Folder, Tagged, Target};
pub use self::error::RepositoryError;
pub use self::hook::Hook;
pub(crate) use self::outside::Room;
pub use self::program::GitSigns;
pub(crate) use self::push::{Leaving, ReleaseState};
pub use self::push::{Push, Update};
pub use self::search::{Leak, MAX_SEARCHED_BYTES};
pub(crate) use self::search::{Live, Search};

use crate::chain::Chain;
use crate::digest::SignatoryId;
use crate::ecosystem::{self, Ecosystem, Manifest};
use crate::listing::folder::{FOLDER, FolderFile};
use crate::package::Package;
use crate::source::{self, SourceTree, attributes_that_rewrite};
use crate::text;

/// A package folder in a git repository.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # machine.commit("lib/Inner/README", "inner\n")?;
/// use sigpkg::repository::Workplace;
///
/// let inner = Workplace::open(&machine.repository.join("lib/Inner"))?;
/// assert_eq!(inner.below_root(), "lib/Inner");
/// assert!(inner.directory().starts_with(inner.root()));
/// # Ok::<(), doc::Error>(())
/// ```
pub struct Workplace {
    repository: Repository,
    directory: PathBuf,
    /// The folder below the root of the worktree; empty for the root itself.
    prefix: PathBuf,
}

/// The name of a commit.
pub(crate) type CommitId = Oid;

/// The branch that HEAD names, and its commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// The full name of the branch.
    pub(crate) branch: String,
    /// `None` before the first commit.
    pub(crate) commit: Option<Oid>,
}

impl Workplace {
    /// The package in this folder, which may be below the root of its repository.
    ///
    /// # Errors
    ///
    /// - [`RepositoryError::NoRepository`] or [`RepositoryError::Git`] if there is none that can be opened.
    /// - [`RepositoryError::Bare`] if it has no worktree.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// use sigpkg::repository::{RepositoryError, Workplace};
    ///
    /// assert!(Workplace::open(&machine.repository).is_ok());
    /// let outside = Workplace::open(machine.folder.path());
    /// assert!(matches!(outside, Err(RepositoryError::NoRepository { .. })));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn open(directory: &Path) -> Result<Self, RepositoryError> {
        let absent = || RepositoryError::NoRepository { directory: directory.to_owned() };
        let repository = Repository::discover(directory).map_err(|error| {
            if error.code() == ErrorCode::NotFound {
                absent()
            } else {
                RepositoryError::git("open the repository")(error)
            }
        })?;
        let bare = || RepositoryError::Bare { path: repository.path().to_owned() };
        let root = repository.workdir().ok_or_else(bare)?;
        let canonical = |path: &Path| {
            path.canonicalize().map_err(|source| RepositoryError::Write { path: path.to_owned(), source })
        };
        let (root, directory) = (canonical(root)?, canonical(directory)?);
        let prefix = directory.strip_prefix(&root).map_err(|_| absent())?.to_owned();
        Ok(Self { repository, directory, prefix })
    }

    /// The same repository, for the package in another of its folders, which is given below the root of the worktree. It
    /// need not be there.
    ///
    /// # Errors
    ///
    /// - [`RepositoryError::Git`] if the repository cannot be opened again.
    pub(crate) fn at(&self, prefix: &Path) -> Result<Self, RepositoryError> {
        let repository =
            Repository::open(self.repository.path()).map_err(RepositoryError::git("open the repository again"))?;
        Ok(Self { repository, directory: self.root().join(prefix), prefix: prefix.to_owned() })
    }

    /// The folder of the package below the root of the worktree, with slashes; empty for the root itself.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// assert_eq!(machine.workplace()?.below_root(), "", "the package is the repository");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn below_root(&self) -> String {
        let parts: Vec<_> = self.prefix.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        parts.join("/")
    }

    /// The folder of the package.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// assert_eq!(machine.workplace()?.directory(), machine.repository.canonicalize()?);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The root of the worktree.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// # machine.commit("lib/Inner/README", "inner\n")?;
    /// use sigpkg::repository::Workplace;
    ///
    /// let inner = Workplace::open(&machine.repository.join("lib/Inner"))?;
    /// assert_eq!(inner.root().canonicalize()?, machine.repository.canonicalize()?);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn root(&self) -> &Path {
        self.repository.workdir().unwrap_or(&self.directory)
    }

    /// Where a file of `.sigpkg` is in the worktree.
    fn folder_path(&self) -> PathBuf {
        self.directory.join(FOLDER)
    }

    /// Where a file of the package is in git, with slashes.
    fn git_path(&self, below: &str) -> PathBuf {
        self.prefix.join(below)
    }

    fn repository(&self) -> &Repository {
        &self.repository
    }

    /// The branch that a release is committed to.
    pub(crate) fn head(&self) -> Result<Head, RepositoryError> {
        let failed = || RepositoryError::git("read HEAD");
        let reference = self.repository.find_reference("HEAD").map_err(failed())?;
        let Some(branch) = reference.symbolic_target().map_err(failed())?.map(str::to_owned) else {
            let commit = reference.target().map(|commit| commit.to_string()).unwrap_or_default();
            return Err(RepositoryError::Detached { commit });
        };
        match self.repository.refname_to_id(&branch) {
            Ok(commit) => Ok(Head { branch, commit: Some(commit) }),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(Head { branch, commit: None }),
            Err(error) => Err(failed()(error)),
        }
    }

    /// The commit at HEAD, on a branch or not; `None` before the first.
    pub(crate) fn commit_at_head(&self) -> Result<Option<Oid>, RepositoryError> {
        let head = match self.repository.head() {
            Ok(head) => head,
            Err(error) if matches!(error.code(), ErrorCode::UnbornBranch | ErrorCode::NotFound) => return Ok(None),
            Err(error) => return Err(RepositoryError::git("read HEAD")(error)),
        };
        head.peel_to_commit().map(|commit| Some(commit.id())).map_err(RepositoryError::git("read HEAD"))
    }

    /// What HEAD names, a branch or `HEAD` itself, and its commit, which must be there: for a commit that moves no branch.
    pub(crate) fn any_head_commit(&self) -> Result<(String, Oid), RepositoryError> {
        match self.head() {
            Ok(Head { branch, commit: Some(commit) }) => Ok((branch, commit)),
            Ok(Head { branch, commit: None }) => Err(RepositoryError::NoCommit { branch }),
            Err(detached @ RepositoryError::Detached { .. }) => {
                self.commit_at_head()?.map(|commit| ("HEAD".to_owned(), commit)).ok_or(detached)
            }
            Err(error) => Err(error),
        }
    }

    /// The branch and its commit, which must be there.
    pub(crate) fn head_commit(&self) -> Result<(String, Oid), RepositoryError> {
        let Head { branch, commit } = self.head()?;
        commit.map(|commit| (branch.clone(), commit)).ok_or(RepositoryError::NoCommit { branch })
    }

    /// What stands against a statement, as far as it needs nothing but the repository. Changes since the last commit do, if the
    /// tree is signed: they might be meant (KEEP-12). Who commits matters only if something is committed.
    pub(crate) fn check_rest(&self, is_tree_signed: bool, is_committed: bool) -> Vec<RepositoryError> {
        let changes = if is_tree_signed { self.check_changes() } else { Ok(()) };
        let identity = if is_committed { self.check_identity() } else { Ok(()) };
        [self.check_state(), identity, changes].into_iter().filter_map(Result::err).collect()
    }

    /// No merge, rebase or the like has begun.
    pub(crate) fn check_state(&self) -> Result<(), RepositoryError> {
        let state = match self.repository.state() {
            RepositoryState::Clean => return Ok(()),
            RepositoryState::Merge => "merge",
            RepositoryState::Revert | RepositoryState::RevertSequence => "revert",
            RepositoryState::CherryPick | RepositoryState::CherryPickSequence => "cherry-pick",
            RepositoryState::Bisect => "bisect",
            RepositoryState::Rebase | RepositoryState::RebaseInteractive | RepositoryState::RebaseMerge => "rebase",
            RepositoryState::ApplyMailbox | RepositoryState::ApplyMailboxOrRebase => "git am",
        };
        Err(RepositoryError::InProgress { state })
    }

    /// git knows who commits.
    pub(crate) fn check_identity(&self) -> Result<(), RepositoryError> {
        self.repository.signature().map(|_| ()).map_err(|_| RepositoryError::NoIdentity)
    }

    /// Nothing of the package was changed since the commit, but `.sigpkg`.
    pub(crate) fn check_changes(&self) -> Result<(), RepositoryError> {
        let own = self.git_path(FOLDER);
        let paths = self.changes(|path| path.starts_with(&self.prefix) && !path.starts_with(&own))?;
        if paths.is_empty() { Ok(()) } else { Err(RepositoryError::Changes { paths }) }
    }

    /// The files of `.sigpkg` that were changed since the commit.
    pub(crate) fn folder_changes(&self) -> Result<Vec<String>, RepositoryError> {
        let own = self.git_path(FOLDER);
        self.changes(|path| path.starts_with(&own))
    }

    /// Tracked files that differ from the commit, made printable.
    fn changes(&self, is_asked: impl Fn(&Path) -> bool) -> Result<Vec<String>, RepositoryError> {
        let mut options = StatusOptions::new();
        options.include_untracked(false).include_ignored(false).exclude_submodules(true);
        let statuses = self.repository.statuses(Some(&mut options)).map_err(RepositoryError::git("read the status"))?;
        let mut paths = Vec::new();
        for entry in statuses.iter() {
            let path = PathBuf::from(String::from_utf8_lossy(entry.path_bytes()).into_owned());
            if is_asked(&path) {
                paths.push(text::printable(&path.to_string_lossy()));
            }
        }
        Ok(paths)
    }

    /// The tree of the package in a commit; `None` if the commit does not have the folder.
    fn package_tree(&self, commit: Oid) -> Result<Option<git2::Tree<'_>>, RepositoryError> {
        let failed = || RepositoryError::git(format!("read commit {commit}"));
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
    pub(crate) fn read_tree(&self, commit: Oid) -> Result<SourceTree, RepositoryError> {
        let tree = self.tree_without_folder(commit)?;
        Ok(source::git::read(&self.repository, tree, &source::Options::default())?)
    }

    fn tree_without_folder(&self, commit: Oid) -> Result<Oid, RepositoryError> {
        let tree = self.existing_tree(commit)?;
        let failed = || RepositoryError::git(format!("read the tree of {commit}"));
        let mut without_folder = self.repository.treebuilder(Some(&tree)).map_err(failed())?;
        if without_folder.get(FOLDER).map_err(failed())?.is_some() {
            without_folder.remove(FOLDER).map_err(failed())?;
        }
        // The object is never referred to; git removes it in time.
        without_folder.write().map_err(failed())
    }

    /// The tree has no `.sigpkg`, or one that a verifier passes over if it is given another one in its place (DIR-8).
    pub(crate) fn check_passed_over(&self, commit: Oid) -> Result<(), RepositoryError> {
        let tree = self.existing_tree(commit)?;
        let options = source::Options { folder: source::FolderUse::Override, ..source::Options::default() };
        source::git::read(&self.repository, tree.id(), &options)?;
        Ok(())
    }

    /// No attribute would strip or rewrite files of the package on their way to users.
    pub(crate) fn check_attributes(&self, commit: Oid) -> Result<(), RepositoryError> {
        let failed = RepositoryError::git(format!("read commit {commit}"));
        let below = Some(self.prefix.as_path()).filter(|prefix| !prefix.as_os_str().is_empty());
        let root = match below {
            Some(_) => self.repository.find_commit(commit).map_err(failed)?.tree_id(),
            // Whatever is in the folder now, it is about to be replaced.
            None => self.tree_without_folder(commit)?,
        };
        let findings = attributes_that_rewrite(&self.repository, root, below)?;
        if findings.is_empty() { Ok(()) } else { Err(RepositoryError::Attributes { findings }) }
    }

    fn existing_tree(&self, commit: Oid) -> Result<git2::Tree<'_>, RepositoryError> {
        self.package_tree(commit)?
            .ok_or_else(|| RepositoryError::NotCommitted { commit: commit.to_string(), prefix: self.prefix.clone() })
    }

    /// A file of the package in a commit; `None` if there is none.
    pub(crate) fn blob(&self, commit: Oid, path: &str) -> Result<Option<Vec<u8>>, RepositoryError> {
        let Some(tree) = self.package_tree(commit)? else { return Ok(None) };
        let failed = || RepositoryError::git(format!("read {path} of {commit}"));
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
    pub(crate) fn folder_blob(&self, commit: Oid, file: FolderFile) -> Result<Option<Vec<u8>>, RepositoryError> {
        self.blob(commit, &format!("{FOLDER}/{}", file.name()))
    }

    /// The chain that `.sigpkg` in a commit is of, if it has one that can be read: in a merge conflict it is in no state.
    pub(crate) fn claimed_id(&self, commit: Oid) -> Result<Option<SignatoryId>, RepositoryError> {
        let chain = self.folder_blob(commit, FolderFile::Chain)?;
        Ok(chain.and_then(|chain| Chain::claimed_id(&chain).ok()))
    }

    /// What the manifest of this ecosystem says in a commit, and where it is; `None` if there is none.
    pub(crate) fn manifest(
        &self,
        commit: Oid,
        ecosystem: &dyn Ecosystem,
    ) -> Result<Option<(&'static str, Manifest)>, RepositoryError> {
        for path in ecosystem.manifest_paths() {
            if let Some(bytes) = self.blob(commit, path)? {
                let manifest =
                    ecosystem.read_manifest(&bytes).map_err(|error| RepositoryError::Manifest { path, error })?;
                return Ok(Some((path, manifest)));
            }
        }
        Ok(None)
    }

    /// The package that the commit at HEAD is, by its manifest.
    ///
    /// # Errors
    ///
    /// - [`RepositoryError::NoManifest`] if there is none.
    /// - [`RepositoryError::Manifest`] if it does not say.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// use sigpkg::repository::RepositoryError;
    ///
    /// assert!(matches!(machine.workplace()?.detect(), Err(RepositoryError::NoManifest)));
    /// machine.commit("Project.toml", "name = \"Tides\"\nuuid = \"7876af07-990d-54b4-ab0e-23690620f79a\"\n")?;
    /// assert_eq!(machine.workplace()?.detect()?.to_string(), "Tides [7876af07]");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn detect(&self) -> Result<Package, RepositoryError> {
        let Some(commit) = self.commit_at_head()? else { return Err(RepositoryError::NoManifest) };
        for ecosystem in ecosystem::with_manifests() {
            if let Some((_, manifest)) = self.manifest(commit, ecosystem)? {
                return Ok(manifest.package);
            }
        }
        Err(RepositoryError::NoManifest)
    }

    /// The file of `.sigpkg` in the worktree, if it is there.
    pub(crate) fn worktree_blob(&self, file: FolderFile) -> Option<Vec<u8>> {
        std::fs::read(self.folder_path().join(file.name())).ok()
    }

    /// Whether there is anything called `.sigpkg` in the worktree.
    pub(crate) fn has_worktree_folder(&self) -> bool {
        self.folder_path().symlink_metadata().is_ok()
    }

    /// Whether there is a `.sigpkg` in a commit.
    ///
    /// # Errors
    ///
    /// - [`RepositoryError::Git`] if the commit cannot be read.
    pub(crate) fn has_folder(&self, commit: CommitId) -> Result<bool, RepositoryError> {
        Ok(self.package_tree(commit)?.is_some_and(|tree| tree.get_name(FOLDER).is_some()))
    }

    /// The different chain files at the tips of all references, each with the name of the first reference that has it:
    /// local and remote-tracking branches, tags, stashes and whatever else there is.
    ///
    /// # Errors
    ///
    /// - [`RepositoryError::Git`] if the references cannot be read.
    pub(crate) fn chains_at_tips(&self) -> Result<Vec<(String, Vec<u8>)>, RepositoryError> {
        let failed = || RepositoryError::git("read the branches and tags");
        let path = self.git_path(FOLDER).join(FolderFile::Chain.name());
        let mut seen = std::collections::HashSet::new();
        let mut chains = Vec::new();
        for reference in self.repository.references().map_err(failed())? {
            let reference = reference.map_err(failed())?;
            // A symbolic reference without a target, or a tag of something that is no commit, has no tree.
            let Ok(tree) = reference.peel_to_tree() else { continue };
            let blob = match tree.get_path(&path) {
                Ok(entry) if entry.kind() == Some(ObjectType::Blob) => entry.id(),
                Ok(_) => continue,
                Err(error) if error.code() == ErrorCode::NotFound => continue,
                Err(error) => return Err(failed()(error)),
            };
            if seen.insert(blob) {
                let name = text::printable(&String::from_utf8_lossy(reference.name_bytes()));
                chains.push((name, self.repository.find_blob(blob).map_err(failed())?.content().to_vec()));
            }
        }
        Ok(chains)
    }

    /// Whether a path is in this repository, in the worktree or beside it.
    ///
    /// Keys are never kept where they could be committed:
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// let workplace = machine.workplace()?;
    /// assert!(workplace.holds(&machine.repository.join("keys")));
    /// assert!(workplace.holds(&machine.repository.join(".git/keys")));
    /// assert!(!workplace.holds(machine.keys.home()));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn holds(&self, path: &Path) -> bool {
        let path = nearest_existing(path);
        [self.root(), self.repository.path()]
            .iter()
            .filter_map(|root| root.canonicalize().ok())
            .any(|root| path.starts_with(root))
    }
}

/// Whether a path is in any repository, in its worktree or beside it, or in a folder of which git does not say. The path
/// need not exist yet.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// use sigpkg::repository::is_in_a_repository;
///
/// assert!(is_in_a_repository(&machine.repository.join("keys/not there yet")));
/// assert!(is_in_a_repository(&machine.repository.join(".git/page.svg")));
/// assert!(!is_in_a_repository(machine.keys.home()), "a place for secrets");
/// # Ok::<(), doc::Error>(())
/// ```
pub fn is_in_a_repository(path: &Path) -> bool {
    let path = nearest_existing(path);
    let folder = path.ancestors().find(|ancestor| ancestor.is_dir()).unwrap_or(&path);
    match Repository::discover(folder) {
        Ok(_) => true,
        Err(error) => error.code() != ErrorCode::NotFound,
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
