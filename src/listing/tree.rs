//! A tree as it was found: the listing, the links, and what a comparison needs besides.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use super::folder::{FolderError, FolderFile, LINKS_PATH, is_folder_name};
use super::links::{Link, LinkError, LinkTarget, Links};
use super::path::{PathError, TreePath};
use super::{Line, Listing, fold};
use crate::digest::Digest;
use crate::rule::Rule;

/// The most files and links a tree may have (TREE-16): the Linux kernel has 90,000.
pub const MAX_TREE_ENTRIES: u64 = 250_000;

/// The most directories that the files and links of a tree may lie in (TREE-16): one for each. A path alone can name 511
/// of them, so that without this limit a small archive could ask for more memory than there is.
pub const MAX_TREE_DIRECTORIES: u64 = MAX_TREE_ENTRIES;

/// The most bytes that the files of a tree may have together (TREE-16): 4 GiB. The largest hosts of git ask for less
/// than 5 GB in a repository, history included.
pub const MAX_TREE_BYTES: u64 = 4 << 30;

/// What a source found out about one regular file.
///
/// ```
/// use sigpkg::listing::FileFacts;
///
/// let facts = FileFacts::of(b"\x00\x01\x02");
/// assert_eq!((facts.bytes, facts.lf_form), (3, None));
/// ```
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
///
/// ```
/// use sigpkg::listing::FileFacts;
///
/// let form = FileFacts::of(b"one\r\ntwo\r\n").lf_form;
/// assert_eq!(form.map(|form| form.line_ends), Some(2));
/// assert_eq!(FileFacts::of(b"one\r\ntwo\n").lf_form, None); // mixed line ends: the file is what it is
/// ```
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
///
/// ```
/// use sigpkg::listing::{FileFacts, TreeBuilder, TreePath};
///
/// let mut tree = TreeBuilder::new();
/// tree.add_file(TreePath::parse(b"README.md")?, FileFacts::of(b"Hello\n"))?;
/// let tree = tree.finish()?;
/// assert_eq!((tree.listing().count(), tree.bytes()), (1, 6));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    listing: Listing,
    links: Links,
    bytes: u64,
    lf_forms: BTreeMap<TreePath, LfForm>,
}

impl Tree {
    /// The listing.
    ///
    /// ```
    /// use sigpkg::listing::TreeBuilder;
    ///
    /// assert_eq!(TreeBuilder::new().finish()?.listing().count(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn listing(&self) -> &Listing {
        &self.listing
    }

    /// The symbolic links.
    ///
    /// ```
    /// use sigpkg::listing::TreeBuilder;
    ///
    /// assert!(TreeBuilder::new().finish()?.links().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn links(&self) -> &Links {
        &self.links
    }

    /// How many bytes the listed files have together, `.sigpkg/links` included (TREE-15).
    ///
    /// ```
    /// use sigpkg::listing::{TreeBuilder, TreePath};
    ///
    /// let mut tree = TreeBuilder::new();
    /// tree.add_link(TreePath::parse(b"latest")?, b"v2")?;
    /// // The list of links is listed like a file.
    /// assert_eq!(tree.finish()?.bytes(), "latest\tv2\n".len() as u64);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The LF form of the file at this path, if it has one (TREE-18).
    pub(super) fn lf_form(&self, path: &TreePath) -> Option<LfForm> {
        self.lf_forms.get(path).copied()
    }
}

/// Collects the entries of a tree in any order.
///
/// ```
/// use sigpkg::listing::{FileFacts, TreeBuilder, TreePath};
///
/// let mut tree = TreeBuilder::new();
/// for (path, content) in [("src/Example.jl", "module Example end\n"), ("README.md", "Hello\n")] {
///     tree.add_file(TreePath::parse(path.as_bytes())?, FileFacts::of(content.as_bytes()))?;
/// }
/// let tree = tree.finish()?;
/// assert_eq!(tree.listing().lines()[0].path.as_str(), "README.md"); // sorted, however they came
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct TreeBuilder {
    files: Vec<(TreePath, FileFacts)>,
    links: Vec<Link>,
    bytes: u64,
    /// How long the listing will be, in bytes.
    listing_bytes: u64,
    /// How long the list of links will be, in bytes.
    links_bytes: u64,
}

impl TreeBuilder {
    /// An empty tree.
    ///
    /// ```
    /// use sigpkg::listing::TreeBuilder;
    ///
    /// assert_eq!(TreeBuilder::new().finish()?.bytes(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a regular file outside the top-level `.sigpkg`.
    ///
    /// ```
    /// use sigpkg::listing::{FileFacts, TreeBuilder, TreePath};
    ///
    /// let mut tree = TreeBuilder::new();
    /// tree.add_file(TreePath::parse(b"README.md")?, FileFacts::of(b"Hello\n"))?;
    /// assert_eq!(tree.finish()?.listing().count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`TreeError::TooManyEntries`], [`TreeError::TooManyBytes`] (TREE-16)
    /// - [`TreeError::Folder`] (DIR-6) if the listing would be too long
    pub fn add_file(&mut self, path: TreePath, facts: FileFacts) -> Result<(), TreeError> {
        self.check_room()?;
        self.check_bytes(facts.bytes)?;
        self.list(path.as_str())?;
        self.bytes += facts.bytes;
        self.files.push((path, facts));
        Ok(())
    }

    /// Whether a file of this size may be added: known before it is read.
    ///
    /// ```
    /// use sigpkg::listing::{MAX_TREE_BYTES, TreeBuilder, TreeError};
    ///
    /// let tree = TreeBuilder::new();
    /// assert_eq!(tree.check_bytes(1 << 20), Ok(()));
    /// assert_eq!(tree.check_bytes(MAX_TREE_BYTES + 1), Err(TreeError::TooManyBytes));
    /// ```
    ///
    /// # Errors
    ///
    /// [`TreeError::TooManyBytes`] (TREE-16)
    pub const fn check_bytes(&self, bytes: u64) -> Result<(), TreeError> {
        if self.bytes.saturating_add(bytes) > MAX_TREE_BYTES { Err(TreeError::TooManyBytes) } else { Ok(()) }
    }

    /// Adds a symbolic link outside the top-level `.sigpkg`.
    ///
    /// ```
    /// use sigpkg::listing::{TreeBuilder, TreePath};
    /// use sigpkg::rule::Rule;
    ///
    /// let mut tree = TreeBuilder::new();
    /// tree.add_link(TreePath::parse(b"latest")?, b"v2")?;
    /// let leaves = tree.add_link(TreePath::parse(b"home")?, b"/root").unwrap_err();
    /// assert_eq!(leaves.rule(), Rule::Tree14);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`TreeError::TooManyEntries`] (TREE-16)
    /// - [`TreeError::Link`] (TREE-14)
    /// - [`TreeError::Folder`] (DIR-6) if the list of links would be too long
    pub fn add_link(&mut self, path: TreePath, target: &[u8]) -> Result<(), TreeError> {
        self.check_room()?;
        let target = LinkTarget::parse(&path, target).map_err(TreeError::Link)?;
        if self.links.is_empty() {
            self.list(LINKS_PATH)?;
        }
        self.links_bytes += (path.as_str().len() + target.as_str().len() + "\t\n".len()) as u64;
        FolderFile::Links.check_size(self.links_bytes).map_err(TreeError::Folder)?;
        self.links.push(Link { path, target });
        Ok(())
    }

    /// The tree. Its listing does not depend on the order in which the entries came, nor does the error.
    ///
    /// ```
    /// use sigpkg::listing::{FileFacts, TreeBuilder, TreeError, TreePath};
    ///
    /// let mut tree = TreeBuilder::new();
    /// for path in ["src/Example.jl", "SRC/example.jl"] {
    ///     tree.add_file(TreePath::parse(path.as_bytes())?, FileFacts::of(b""))?;
    /// }
    /// // Two directories here, one on most desktops.
    /// assert!(matches!(tree.finish(), Err(TreeError::Collision { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`TreeError::Folder`] (DIR-2) if a name in the root folds to `.sigpkg`
    /// - [`TreeError::Collision`] (TREE-9) if two entries, or an entry and a directory, are one name to some file system
    /// - [`TreeError::TooManyDirectories`] (TREE-16)
    pub fn finish(self) -> Result<Tree, TreeError> {
        let Self { mut files, mut links, mut bytes, listing_bytes: _, links_bytes: _ } = self;
        files.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        links.sort_unstable();
        let mut paths: Vec<&TreePath> = files.iter().map(|(path, _)| path).collect();
        paths.extend(links.iter().map(|link| &link.path));
        paths.sort_unstable();
        let mut names = Names::new();
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

    /// Counts the line that a path will have in the listing.
    fn list(&mut self, path: &str) -> Result<(), TreeError> {
        self.listing_bytes += (path.len() + Line::BYTES_BESIDE_PATH) as u64;
        FolderFile::Files.check_size(self.listing_bytes).map_err(TreeError::Folder)
    }

    fn check_room(&self) -> Result<(), TreeError> {
        let entries = (self.files.len() + self.links.len()) as u64;
        if entries >= MAX_TREE_ENTRIES { Err(TreeError::TooManyEntries) } else { Ok(()) }
    }
}

/// Entries that cannot stand in one tree.
///
/// ```
/// use sigpkg::listing::{FileFacts, TreeBuilder, TreePath};
///
/// let mut tree = TreeBuilder::new();
/// for path in ["README", "readme"] {
///     tree.add_file(TreePath::parse(path.as_bytes())?, FileFacts::of(b""))?;
/// }
/// let error = tree.finish().unwrap_err();
/// assert_eq!(error.to_string(), "README and readme are one name to some file systems");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    /// DIR-2, DIR-6
    #[error(transparent)]
    Folder(FolderError),
    /// TREE-16
    #[error("a tree has at most {MAX_TREE_ENTRIES} files and links, this one has more")]
    TooManyEntries,
    /// TREE-16
    #[error("the files and links of a tree lie in at most {MAX_TREE_DIRECTORIES} directories, these lie in more")]
    TooManyDirectories,
    /// TREE-16
    #[error("the files of a tree have at most {MAX_TREE_BYTES} bytes together, these have more")]
    TooManyBytes,
}

impl TreeError {
    /// The rule that is broken.
    ///
    /// ```
    /// use sigpkg::listing::TreeError;
    /// use sigpkg::rule::Rule;
    ///
    /// assert_eq!(TreeError::TooManyEntries.rule(), Rule::Tree16);
    /// ```
    pub const fn rule(&self) -> Rule {
        match self {
            Self::Path(error) => error.rule(),
            Self::Link(error) => error.rule(),
            Self::Collision { .. } => Rule::Tree9,
            Self::Folder(error) => error.rule(),
            Self::TooManyEntries | Self::TooManyDirectories | Self::TooManyBytes => Rule::Tree16,
        }
    }
}

/// The names met so far, directory by directory, so that no two of them are one name to some file system. A path costs
/// what it is long however deep it lies, and each of its directories is kept once.
#[derive(Debug)]
pub(super) struct Names {
    /// What each directory holds, by the folded form (TREE-8) of the name; the root first.
    directories: Vec<HashMap<Box<str>, Name>>,
    entries: u64,
}

#[derive(Debug)]
struct Name {
    spelling: Box<str>,
    /// Its place among the directories, if it is one.
    directory: Option<usize>,
}

impl Names {
    pub(super) fn new() -> Self {
        Self { directories: vec![HashMap::new()], entries: 0 }
    }

    /// Adds an entry and the directories that it lies in.
    pub(super) fn add(&mut self, path: &TreePath) -> Result<(), TreeError> {
        if is_folder_name(path.root_name()) {
            return Err(TreeError::Folder(FolderError::Spelling { name: path.root_name().to_owned() }));
        }
        self.entries += 1;
        if self.entries > MAX_TREE_ENTRIES {
            return Err(TreeError::TooManyEntries);
        }
        let mut directory = 0;
        for (end, _) in path.as_str().match_indices('/') {
            directory = self.enter(directory, path.as_str().split_at(end).0)?;
        }
        self.claim(directory, path.as_str(), None)
    }

    /// The directory that stands at this path, below the directory `parent`; it may be met again under one spelling.
    fn enter(&mut self, parent: usize, path: &str) -> Result<usize, TreeError> {
        let name = last_component(path);
        if let Some(Name { spelling, directory: Some(known) }) = self.directories[parent].get(&*fold::key(name))
            && **spelling == *name
        {
            return Ok(*known);
        }
        let new = self.directories.len();
        self.claim(parent, path, Some(new))?;
        if new as u64 > MAX_TREE_DIRECTORIES {
            return Err(TreeError::TooManyDirectories);
        }
        self.directories.push(HashMap::new());
        Ok(new)
    }

    /// Takes a name that nothing has taken before.
    fn claim(&mut self, parent: usize, path: &str, directory: Option<usize>) -> Result<(), TreeError> {
        let name = last_component(path);
        let names = &mut self.directories[parent];
        match names.entry(fold::key(name).into()) {
            Entry::Vacant(free) => {
                free.insert(Name { spelling: name.into(), directory });
                Ok(())
            }
            Entry::Occupied(taken) => {
                // Everything before the last component is spelled alike, or there would have been a collision there.
                let known = format!("{}{}", path.strip_suffix(name).unwrap_or_default(), taken.get().spelling);
                let found = path.to_owned();
                let (first, second) = if known <= found { (known, found) } else { (found, known) };
                Err(TreeError::Collision { first, second })
            }
        }
    }
}

fn last_component(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}
