//! Clones of a package, in which a tree is looked for by the name that git gives it.
//!
//! A registry names trees and no commits. A tree may be reachable from a tag only, or from nothing; the object is enough.

use std::collections::BTreeMap;
use std::path::PathBuf;

use git2::{ErrorCode, ObjectType, Oid, Repository};

use super::collect::printable;
use super::{MAX_MANIFEST_BYTES, Options, SourceError, SourceTree, git};
use crate::digest::TreeHash;
use crate::listing::folder::{FOLDER, FolderFile, is_folder_name};

/// Repositories of one package.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # let repository = &machine.repository;
/// # let id = git2::Repository::open(repository)?.head()?.peel_to_tree()?.id();
/// use sigpkg::digest::TreeHash;
/// use sigpkg::source::{Clones, Options};
///
/// # let tree = TreeHash::from_bytes(id.as_bytes().try_into()?);
/// let clones = Clones::open([repository.clone()])?;
/// assert_eq!(clones.tree(tree, &Options::default())?.tree().listing().count(), 1);
/// # Ok::<(), doc::Error>(())
/// ```
pub struct Clones {
    repositories: Vec<(PathBuf, Repository)>,
}

/// What can be seen of a tree without reading all of it. Nothing of it is verified.
///
/// A package without a folder and without a manifest:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # let id = git2::Repository::open(&machine.repository)?.head()?.peel_to_tree()?.id();
/// # let tree = sigpkg::digest::TreeHash::from_bytes(id.as_bytes().try_into()?);
/// use sigpkg::source::Glance;
///
/// assert_eq!(machine.clones()?.glance(tree, &["Project.toml"])?, Glance::default());
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Glance {
    /// Whether the root has something that is `.sigpkg`, or is called so on some file system.
    pub has_folder: bool,
    /// The content of `.sigpkg/chain`, if there is such a file and it is no larger than a chain file may be.
    pub chain: Option<Vec<u8>>,
    /// The manifests that were asked for, as far as they are regular files of a size that is read.
    pub manifests: BTreeMap<&'static str, Vec<u8>>,
}

/// Why a tree cannot be had.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # let repository = &machine.repository;
/// use sigpkg::digest::TreeHash;
/// use sigpkg::source::{CloneError, Clones, Options};
///
/// let clones = Clones::open([repository.clone()])?;
/// let absent = clones.tree(TreeHash::from_bytes([0; 20]), &Options::default());
/// assert!(matches!(absent, Err(CloneError::Missing { places, .. }) if places == [repository.clone()]));
///
/// # let commit = git2::Repository::open(repository)?.head()?.peel_to_commit()?.id();
/// # let commit = TreeHash::from_bytes(commit.as_bytes().try_into()?);
/// let no_tree = clones.tree(commit, &Options::default());
/// assert!(matches!(no_tree, Err(CloneError::NotATree { found: "a commit", .. })));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
pub enum CloneError {
    /// No clone has it.
    #[error("tree {tree} is in {}", nowhere(.places))]
    Missing {
        /// The tree.
        tree: TreeHash,
        /// The clones that were asked.
        places: Vec<PathBuf>,
    },
    /// The object is no tree.
    #[error("{tree} is {found}, and no tree")]
    NotATree {
        /// The object.
        tree: TreeHash,
        /// What it is.
        found: &'static str,
    },
    /// It breaks a rule of trees, or cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
}

impl Clones {
    /// Opens repositories, bare or not.
    ///
    /// # Errors
    ///
    /// - [`SourceError::Git`] if one of them is none
    ///
    /// # Example
    ///
    /// ```
    /// use sigpkg::source::{Clones, SourceError};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let refused = Clones::open([folder.path().to_owned()]);
    /// assert!(matches!(refused, Err(SourceError::Git { .. })), "there is no repository in it");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(places: impl IntoIterator<Item = PathBuf>) -> Result<Self, SourceError> {
        let open = |place: PathBuf| git::open(&place).map(|repository| (place, repository));
        Ok(Self { repositories: places.into_iter().map(open).collect::<Result<_, _>>()? })
    }

    /// Whether some clone has the object.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// # let clones = machine.clones()?;
    /// # let id = git2::Repository::open(&machine.repository)?.head()?.peel_to_tree()?.id();
    /// use sigpkg::digest::TreeHash;
    ///
    /// # let tree = TreeHash::from_bytes(id.as_bytes().try_into()?);
    /// assert!(clones.has(tree));
    /// assert!(!clones.has(TreeHash::from_bytes([0; 20])));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn has(&self, tree: TreeHash) -> bool {
        self.find(tree).is_ok()
    }

    /// Reads a tree.
    ///
    /// # Errors
    ///
    /// - [`CloneError::Missing`], [`CloneError::NotATree`] if no clone has it as a tree
    /// - [`CloneError::Source`] as [`git::read`]
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// # let clones = machine.clones()?;
    /// # let id = git2::Repository::open(&machine.repository)?.head()?.peel_to_tree()?.id();
    /// # let tree = sigpkg::digest::TreeHash::from_bytes(id.as_bytes().try_into()?);
    /// use sigpkg::source::Options;
    ///
    /// let read = clones.tree(tree, &Options::default())?;
    /// assert_eq!(read.tree().listing().lines()[0].path.as_str(), "README");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn tree(&self, tree: TreeHash, options: &Options<'_>) -> Result<SourceTree, CloneError> {
        let (repository, id) = self.find(tree)?;
        Ok(git::read(repository, id, options)?)
    }

    /// Looks at the root of a tree and at its chain.
    ///
    /// # Errors
    ///
    /// As [`Clones::tree`], but only objects that cannot be read are [`CloneError::Source`].
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::released()?;
    /// # let clones = machine.clones()?;
    /// # let id = git2::Repository::open(&machine.repository)?.head()?.peel_to_tree()?.id();
    /// # let tree = sigpkg::digest::TreeHash::from_bytes(id.as_bytes().try_into()?);
    /// let glance = clones.glance(tree, &[])?;
    /// assert!(glance.has_folder);
    /// assert_eq!(glance.chain, Some(machine.store()?.chain().to_file().into_bytes()));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn glance(&self, tree: TreeHash, manifests: &[&'static str]) -> Result<Glance, CloneError> {
        let (repository, id) = self.find(tree)?;
        let failed = |error| SourceError::git(format!("tree {tree}"), error);
        let root = repository.find_tree(id).map_err(failed)?;
        let mut glance = Glance::default();
        for entry in &root {
            let name = String::from_utf8_lossy(entry.name_bytes());
            glance.has_folder |= is_folder_name(&name);
            if name == FOLDER && entry.kind() == Some(ObjectType::Tree) {
                let folder = repository.find_tree(entry.id()).map_err(failed)?;
                glance.chain = match folder.get_name("chain") {
                    Some(chain) => small_file(repository, &chain, FolderFile::Chain.max_bytes())?,
                    None => None,
                };
            }
            if let Some(manifest) = manifests.iter().find(|manifest| ***manifest == name)
                && let Some(content) = small_file(repository, &entry, MAX_MANIFEST_BYTES)?
            {
                glance.manifests.insert(manifest, content);
            }
        }
        Ok(glance)
    }

    fn find(&self, tree: TreeHash) -> Result<(&Repository, Oid), CloneError> {
        let failed = |error| CloneError::Source(SourceError::git(format!("tree {tree}"), error));
        let id = Oid::from_bytes(tree.as_bytes()).map_err(failed)?;
        for (_, repository) in &self.repositories {
            let found = match repository.odb().and_then(|odb| odb.read_header(id)) {
                Ok((_, ObjectType::Tree)) => return Ok((repository, id)),
                Ok((_, ObjectType::Commit)) => "a commit",
                Ok((_, ObjectType::Blob)) => "a file",
                Ok((_, ObjectType::Tag)) => "a tag",
                Ok((_, ObjectType::Any)) => "an object of unknown kind",
                Err(error) if error.code() == ErrorCode::NotFound => continue,
                Err(error) => return Err(failed(error)),
            };
            return Err(CloneError::NotATree { tree, found });
        }
        Err(CloneError::Missing { tree, places: self.repositories.iter().map(|(place, _)| place.clone()).collect() })
    }
}

/// The content of a regular file; `None` for anything else and for what is larger.
fn small_file(repository: &Repository, entry: &git2::TreeEntry<'_>, most: u64) -> Result<Option<Vec<u8>>, SourceError> {
    if !matches!(entry.filemode_raw(), 0o100_644 | 0o100_755) {
        return Ok(None);
    }
    let failed = |error| SourceError::git(printable(entry.name_bytes()), error);
    let odb = repository.odb().map_err(failed)?;
    let (size, kind) = odb.read_header(entry.id()).map_err(failed)?;
    if kind != ObjectType::Blob || size as u64 > most {
        return Ok(None);
    }
    Ok(Some(odb.read(entry.id()).map_err(failed)?.data().to_vec()))
}

fn nowhere(places: &[PathBuf]) -> String {
    match places {
        [] => "no clone: there is none of this package".to_owned(),
        [one] => format!("no clone: {} does not have it", one.display()),
        many => format!("none of {} clones of this package", many.len()),
    }
}
