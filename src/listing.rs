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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing(Vec<Line>);

impl Listing {
    /// Reads a listing in its one canonical form.
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
    pub fn text(&self) -> String {
        let length = self.0.iter().map(|line| line.path.as_str().len() + Line::BYTES_BESIDE_PATH).sum();
        let mut text = String::with_capacity(length);
        for line in &self.0 {
            text.extend([&line.digest.to_hex(), "  ", line.path.as_str(), "\n"]);
        }
        text
    }

    /// The digest of the text: what a statement names as `files`.
    pub fn digest(&self) -> Digest {
        Digest::of(self.text().as_bytes())
    }

    /// How many files there are: what a statement names as `count` (TREE-15).
    pub fn count(&self) -> u64 {
        self.0.len() as u64
    }

    /// The files in order.
    pub fn lines(&self) -> &[Line] {
        &self.0
    }

    /// The digest of the file at this path.
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
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListingError {
    /// TREE-12
    #[error("expected 64 hexadecimal digits, two spaces, a path and a line feed at line {line}, found {found}")]
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
