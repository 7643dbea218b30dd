//! A tree as it was found: the listing, the links, and what a comparison needs besides.

use std::collections::{BTreeMap, HashMap};

use super::folder::{FolderError, LINKS_PATH, is_folder_name};
use super::links::{Link, LinkError, LinkTarget, Links};
use super::path::{PathError, TreePath};
use super::{Line, Listing, fold};
use crate::digest::Digest;
use crate::rule::Rule;

/// The most files and links a tree may have (TREE-16): the Linux kernel has 90,000.
pub const MAX_TREE_ENTRIES: u64 = 250_000;

/// The most bytes that the files of a tree may have together (TREE-16): 4 GiB. The largest hosts of git ask for less
/// than 5 GB in a repository, history included.
pub const MAX_TREE_BYTES: u64 = 4 << 30;

/// What a source found out about one regular file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileFacts {
    /// The digest of its content.
    pub digest: Digest,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its LF form, if it has one (TREE-18).
    pub lf_form: Option<LfForm>,
}

/// The LF form of a file whose lines end with CRLF (TREE-18).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LfForm {
    /// The digest of the file with each CRLF replaced by LF.
    pub digest: Digest,
    /// How many there are: the bytes that the LF form is shorter by.
    pub line_ends: u64,
}

/// A tree that obeys every rule of spec/5-trees.md, as some source found it.
///
/// The top-level `.sigpkg` is not a part of it; but if there are links, the listing has the line that `.sigpkg/links`
/// would have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    listing: Listing,
    links: Links,
    bytes: u64,
    lf_forms: BTreeMap<TreePath, LfForm>,
}

impl Tree {
    /// The listing.
    pub const fn listing(&self) -> &Listing {
        &self.listing
    }

    /// The symbolic links.
    pub const fn links(&self) -> &Links {
        &self.links
    }

    /// How many bytes the listed files have together, `.sigpkg/links` included (TREE-15).
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The LF form of the file at this path, if it has one (TREE-18).
    pub(super) fn lf_form(&self, path: &TreePath) -> Option<LfForm> {
        self.lf_forms.get(path).copied()
    }
}

/// Collects the entries of a tree in any order.
#[derive(Clone, Debug, Default)]
pub struct TreeBuilder {
    files: Vec<(TreePath, FileFacts)>,
    links: Vec<Link>,
    bytes: u64,
}

impl TreeBuilder {
    /// An empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a regular file outside the top-level `.sigpkg`.
    ///
    /// # Errors
    ///
    /// [`TreeError::TooManyEntries`], [`TreeError::TooManyBytes`] (TREE-16)
    pub fn add_file(&mut self, path: TreePath, facts: FileFacts) -> Result<(), TreeError> {
        self.check_room()?;
        self.bytes = self.bytes.saturating_add(facts.bytes);
        if self.bytes > MAX_TREE_BYTES {
            return Err(TreeError::TooManyBytes);
        }
        self.files.push((path, facts));
        Ok(())
    }

    /// Adds a symbolic link outside the top-level `.sigpkg`.
    ///
    /// # Errors
    ///
    /// - [`TreeError::TooManyEntries`] (TREE-16)
    /// - [`TreeError::Link`] (TREE-14)
    pub fn add_link(&mut self, path: TreePath, target: &[u8]) -> Result<(), TreeError> {
        self.check_room()?;
        let target = LinkTarget::parse(&path, target).map_err(TreeError::Link)?;
        self.links.push(Link { path, target });
        Ok(())
    }

    /// The tree. Its listing does not depend on the order in which the entries came, nor does the error.
    ///
    /// # Errors
    ///
    /// - [`TreeError::Folder`] (DIR-2) if a name in the root folds to `.sigpkg`
    /// - [`TreeError::Collision`] (TREE-9) if two entries, or an entry and a directory, are one name to some file system
    pub fn finish(self) -> Result<Tree, TreeError> {
        let Self { mut files, mut links, mut bytes } = self;
        files.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        links.sort_unstable();
        let mut paths: Vec<&TreePath> = files.iter().map(|(path, _)| path).collect();
        paths.extend(links.iter().map(|link| &link.path));
        paths.sort_unstable();
        let mut names = Names::default();
        for path in paths {
            names.add(path)?;
        }

        let links = Links::from_sorted(links);
        let lf_forms = files.iter().filter_map(|(path, facts)| Some((path.clone(), facts.lf_form?))).collect();
        let mut listed: Vec<Line> =
            files.into_iter().map(|(path, facts)| Line { path, digest: facts.digest }).collect();
        if !links.is_empty() {
            let path = TreePath::parse(LINKS_PATH.as_bytes()).map_err(TreeError::Path)?;
            let text = links.text();
            bytes += text.len() as u64;
            let at = listed.partition_point(|line| line.path < path);
            listed.insert(at, Line { path, digest: Digest::of(text.as_bytes()) });
        }
        Ok(Tree { listing: Listing::from_sorted(listed), links, bytes, lf_forms })
    }

    fn check_room(&self) -> Result<(), TreeError> {
        let entries = (self.files.len() + self.links.len()) as u64;
        if entries >= MAX_TREE_ENTRIES { Err(TreeError::TooManyEntries) } else { Ok(()) }
    }
}

/// Entries that cannot stand in one tree.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// TREE-2 to TREE-7
    #[error(transparent)]
    Path(PathError),
    /// TREE-14
    #[error(transparent)]
    Link(LinkError),
    /// TREE-9
    #[error("{first} and {second} are one name to some file systems")]
    Collision {
        /// The one that comes first in the order of bytes.
        first: String,
        /// The other.
        second: String,
    },
    /// DIR-2
    #[error(transparent)]
    Folder(FolderError),
    /// TREE-16
    #[error("a tree has at most {MAX_TREE_ENTRIES} files and links, this one has more")]
    TooManyEntries,
    /// TREE-16
    #[error("the files of a tree have at most {MAX_TREE_BYTES} bytes together, these have more")]
    TooManyBytes,
}

impl TreeError {
    /// The rule that is broken.
    pub const fn rule(&self) -> Rule {
        match self {
            Self::Path(error) => error.rule(),
            Self::Link(error) => error.rule(),
            Self::Collision { .. } => Rule::Tree9,
            Self::Folder(error) => error.rule(),
            Self::TooManyEntries | Self::TooManyBytes => Rule::Tree16,
        }
    }
}

/// The names met so far, by their folded form (TREE-8), so that no two of them are one name to some file system.
#[derive(Debug, Default)]
pub(super) struct Names {
    by_key: HashMap<Box<str>, Name>,
}

#[derive(Debug)]
struct Name {
    path: Box<str>,
    is_directory: bool,
}

impl Names {
    /// Adds an entry and the directories that it lies in. The directories of the entry before it need not be looked at
    /// again, so entries are best added in order.
    pub(super) fn add(&mut self, path: &TreePath) -> Result<(), TreeError> {
        if is_folder_name(path.root_name()) {
            return Err(TreeError::Folder(FolderError::Spelling { name: path.root_name().to_owned() }));
        }
        // `/` neither folds nor composes, so the path can be folded whole.
        let key = fold::key(path.as_str());
        self.claim(path.as_str(), &key, false)?;
        let (mut directory, mut key) = (path.as_str(), &*key);
        while let (Some((parent, _)), Some((parent_key, _))) = (directory.rsplit_once('/'), key.rsplit_once('/')) {
            if !self.claim(parent, parent_key, true)? {
                break;
            }
            (directory, key) = (parent, parent_key);
        }
        Ok(())
    }

    /// Takes a name, and says whether it was new. A directory may be met again under the same spelling.
    fn claim(&mut self, path: &str, key: &str, is_directory: bool) -> Result<bool, TreeError> {
        match self.by_key.get(key) {
            None => {
                self.by_key.insert(key.into(), Name { path: path.into(), is_directory });
                Ok(true)
            }
            Some(known) if known.is_directory && is_directory && *known.path == *path => Ok(false),
            Some(known) => {
                let (known, found) = ((*known.path).to_owned(), path.to_owned());
                let (first, second) = if known <= found { (known, found) } else { (found, known) };
                Err(TreeError::Collision { first, second })
            }
        }
    }
}
