//! Listings: the files of a tree with their digests, as one text that a statement can name.
//!
//! A source reads a tree into a [`TreeBuilder`], file by file and in any order; [`Tree`] is what came of it, and obeys
//! every name rule. [`Expected`] is what a folder `.sigpkg` says that the tree should be, and [`compare`] tells the two
//! apart, path by path.
//!
//! Source: spec/5-trees.md and, for [`folder`], spec/6-folder.md.

mod compare;
mod content;
mod fold;
pub mod folder;
mod links;
mod path;
mod tree;

#[cfg(test)]
mod tests;

#[cfg_attr(not(feature = "io"), allow(unused_imports))]
pub(crate) use self::content::Content;

pub use self::compare::{Change, Comparison, Difference, Expected, ExpectedError, LineEnds, Mismatch, compare};
pub use self::links::{Link, LinkError, LinkTarget, Links};
pub use self::path::{MAX_COMPONENT_BYTES, MAX_PATH_BYTES, PathError, TreePath};
pub use self::tree::{
    FileFacts, LfForm, MAX_TREE_BYTES, MAX_TREE_DIRECTORIES, MAX_TREE_ENTRIES, Tree, TreeBuilder, TreeError,
};

use self::folder::{FOLDER, LINKS_PATH};
use self::path::shown;
use self::tree::Names;
use crate::digest::Digest;
use crate::rule::Rule;

/// One file of a listing.
///
/// ```
/// use sigpkg::listing::Listing;
///
/// let listing = Listing::parse(b"af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262  src/Example.jl\n")?;
/// let [line] = listing.lines() else { return Err("expected one line".into()) };
/// assert_eq!((line.path.as_str(), line.digest), ("src/Example.jl", sigpkg::digest::Digest::of(b"")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it is.
    pub path: TreePath,
    /// The digest of its content.
    pub digest: Digest,
}

impl Line {
    /// The 64 digits, two spaces and the LF of a line.
    const BYTES_BESIDE_PATH: usize = 67;
}

/// The regular files of a tree with their digests, sorted by the bytes of their paths, no two of them one name to any
/// file system (TREE-9, TREE-11).
///
/// ```
/// use sigpkg::listing::{FileFacts, TreeBuilder, TreePath};
///
/// let mut tree = TreeBuilder::new();
/// tree.add_file(TreePath::parse(b"src/Example.jl")?, FileFacts::of(b""))?;
/// assert_eq!(
///     tree.finish()?.listing().text(),
///     "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262  src/Example.jl\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing(Vec<Line>);

impl Listing {
    /// Reads a listing in its one canonical form.
    ///
    /// ```
    /// use sigpkg::listing::Listing;
    /// use sigpkg::rule::Rule;
    ///
    /// let line = b"af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262  src/Example.jl\n";
    /// assert_eq!(Listing::parse(line)?.count(), 1);
    /// // The same file twice: the second line does not come after the first.
    /// assert_eq!(Listing::parse(&line.repeat(2)).unwrap_err().rule(), Rule::Tree12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`ListingError::Line`] (TREE-12) if a line is not 64 lower-case hexadecimal digits, two spaces, a path and LF
    /// - [`ListingError::Order`] (TREE-12) if a line is not greater than the one before it
    /// - [`ListingError::Path`] (TREE-2 to TREE-7)
    /// - [`ListingError::InFolder`] (TREE-12) if a path lies in the top-level `.sigpkg` and is not `.sigpkg/links`
    /// - [`ListingError::Names`] (TREE-9, TREE-16, DIR-2) if two paths are one name to some file system, or there are too
    ///   many
    pub fn parse(text: &[u8]) -> Result<Self, ListingError> {
        let mut lines: Vec<Line> = Vec::new();
        let mut names = Names::new();
        let mut rest = text;
        while !rest.is_empty() {
            let number = lines.len() + 1;
            let (digest, path, tail) = split_line(rest).ok_or_else(|| ListingError::malformed(number, rest))?;
            let path = TreePath::parse(path).map_err(ListingError::Path)?;
            if let Some(last) = lines.last()
                && last.path >= path
            {
                return Err(ListingError::Order { line: number, previous: last.path.clone(), found: path });
            }
            if path.as_str() != LINKS_PATH {
                if path.root_name() == FOLDER {
                    return Err(ListingError::InFolder { line: number, found: path });
                }
                names.add(&path).map_err(ListingError::Names)?;
            }
            lines.push(Line { path, digest });
            rest = tail;
        }
        Ok(Self(lines))
    }

    /// The text (TREE-11), which `b3sum --check` reads.
    ///
    /// ```
    /// use sigpkg::listing::Listing;
    ///
    /// let text = b"af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262  src/Example.jl\n";
    /// assert_eq!(Listing::parse(text)?.text().as_bytes(), text);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn text(&self) -> String {
        let length = self.0.iter().map(|line| line.path.as_str().len() + Line::BYTES_BESIDE_PATH).sum();
        let mut text = String::with_capacity(length);
        for line in &self.0 {
            text.extend([&line.digest.to_hex(), "  ", line.path.as_str(), "\n"]);
        }
        text
    }

    /// The digest of the text: what a statement names as `files`.
    ///
    /// ```
    /// use sigpkg::digest::Digest;
    /// use sigpkg::listing::Listing;
    ///
    /// let listing = Listing::parse(b"af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262  README.md\n")?;
    /// assert_eq!(listing.digest(), Digest::of(listing.text().as_bytes()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn digest(&self) -> Digest {
        Digest::of(self.text().as_bytes())
    }

    /// How many files there are: what a statement names as `count` (TREE-15).
    ///
    /// ```
    /// use sigpkg::listing::Listing;
    ///
    /// assert_eq!(Listing::parse(b"")?.count(), 0); // a tree without files has a listing too
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn count(&self) -> u64 {
        self.0.len() as u64
    }

    /// The files in order.
    ///
    /// ```
    /// use sigpkg::listing::{FileFacts, TreeBuilder, TreePath};
    ///
    /// let mut tree = TreeBuilder::new();
    /// for path in [b"src/b.jl", b"src/a.jl"] {
    ///     tree.add_file(TreePath::parse(path)?, FileFacts::of(b""))?;
    /// }
    /// let tree = tree.finish()?;
    /// let paths: Vec<_> = tree.listing().lines().iter().map(|line| line.path.as_str()).collect();
    /// assert_eq!(paths, ["src/a.jl", "src/b.jl"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn lines(&self) -> &[Line] {
        &self.0
    }

    /// The digest of the file at this path.
    ///
    /// ```
    /// use sigpkg::digest::Digest;
    /// use sigpkg::listing::Listing;
    ///
    /// let listing = Listing::parse(b"af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262  README.md\n")?;
    /// assert_eq!(listing.get("README.md"), Some(Digest::of(b"")));
    /// assert_eq!(listing.get("LICENSE"), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn get(&self, path: &str) -> Option<Digest> {
        let at = self.0.binary_search_by(|line| line.path.as_str().cmp(path)).ok()?;
        self.0.get(at).map(|line| line.digest)
    }

    /// Sorted and without collisions, as the builder has made sure.
    fn from_sorted(lines: Vec<Line>) -> Self {
        Self(lines)
    }
}

/// A text that is not a listing.
///
/// ```
/// use sigpkg::listing::{Listing, ListingError};
///
/// let error = Listing::parse(b"d41d8cd98f00b204e9800998ecf8427e  README.md\n").unwrap_err();
/// assert!(matches!(error, ListingError::Line { line: 1, .. })); // what md5sum writes
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListingError {
    /// TREE-12
    #[error("expected 64 hexadecimal digits, two spaces, a path and a line feed at line {line}, found \"{found}\"")]
    Line {
        /// The line, from 1.
        line: usize,
        /// The line itself, made printable.
        found: String,
    },
    /// TREE-12
    #[error("the paths of a listing rise, but line {line} has {found} after {previous}")]
    Order {
        /// The line, from 1.
        line: usize,
        /// The path before it.
        previous: TreePath,
        /// Its path.
        found: TreePath,
    },
    /// TREE-12
    #[error("a listing has no file of {FOLDER} but {LINKS_PATH}, found {found} at line {line}")]
    InFolder {
        /// The line, from 1.
        line: usize,
        /// Its path.
        found: TreePath,
    },
    /// TREE-2 to TREE-7
    #[error(transparent)]
    Path(PathError),
    /// TREE-9, TREE-16, DIR-2
    #[error(transparent)]
    Names(TreeError),
}

impl ListingError {
    /// The rule that is broken.
    ///
    /// ```
    /// use sigpkg::listing::Listing;
    /// use sigpkg::rule::Rule;
    ///
    /// let in_git = format!("{}  .git/config\n", "00".repeat(32));
    /// assert_eq!(Listing::parse(in_git.as_bytes()).unwrap_err().rule(), Rule::Tree6);
    /// ```
    pub const fn rule(&self) -> Rule {
        match self {
            Self::Line { .. } | Self::Order { .. } | Self::InFolder { .. } => Rule::Tree12,
            Self::Path(error) => error.rule(),
            Self::Names(error) => error.rule(),
        }
    }

    fn malformed(line: usize, rest: &[u8]) -> Self {
        let found = rest.split(|byte| *byte == b'\n').next().unwrap_or(rest);
        Self::Line { line, found: shown(found) }
    }
}

/// The digest and the path of the first line, and what follows it.
fn split_line(text: &[u8]) -> Option<(Digest, &[u8], &[u8])> {
    let (hex, rest) = text.split_at_checked(64)?;
    let digest = Digest::from_hex(str::from_utf8(hex).ok()?)?;
    let rest = rest.strip_prefix(b"  ")?;
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    Some((digest, rest.get(..end)?, rest.get(end + 1..)?))
}
