//! What differs between the tree that was signed and the tree that was found.

use std::collections::BTreeMap;
use std::fmt;

use super::folder::{FOLDER, LINKS_PATH, ReleaseFiles};
use super::{LfForm, Link, LinkError, Links, Listing, ListingError, Tree, TreePath};
use crate::digest::Digest;
use crate::rule::Rule;

/// What a folder `.sigpkg` says that its tree should be. It is a claim until the digest of the listing is the one that
/// a verified statement names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    listing: Listing,
    links: Links,
}

impl Expected {
    /// Reads `files` and `links` of a folder.
    ///
    /// # Errors
    ///
    /// See [`Self::parse`].
    pub fn of(release: &ReleaseFiles) -> Result<Self, ExpectedError> {
        Self::parse(release.claimed_files(), release.claimed_links())
    }

    /// Reads the texts of `.sigpkg/files` and `.sigpkg/links`.
    ///
    /// # Errors
    ///
    /// - [`ExpectedError::Listing`] (TREE-12 and the name rules)
    /// - [`ExpectedError::Links`] (TREE-13, TREE-14 and the name rules)
    /// - [`ExpectedError::LinksNotListed`] (DIR-7) if the listing does not name these links
    pub fn parse(files: &[u8], links: Option<&[u8]>) -> Result<Self, ExpectedError> {
        let listing = Listing::parse(files).map_err(ExpectedError::Listing)?;
        let (expected, found) = (listing.get(LINKS_PATH), links.map(Digest::of));
        if expected != found {
            return Err(ExpectedError::LinksNotListed { expected, found });
        }
        let links = links.map_or_else(|| Ok(Links::default()), Links::parse).map_err(ExpectedError::Links)?;
        Ok(Self { listing, links })
    }

    /// The listing; its digest is what the statement must name.
    pub const fn listing(&self) -> &Listing {
        &self.listing
    }

    /// The links.
    pub const fn links(&self) -> &Links {
        &self.links
    }
}

/// A folder whose `files` and `links` do not describe a tree.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpectedError {
    /// A rule for listings.
    #[error(transparent)]
    Listing(ListingError),
    /// A rule for links.
    #[error(transparent)]
    Links(LinkError),
    /// DIR-7
    #[error("the listing names {} as {LINKS_PATH}, found {}", or_none(.expected.as_ref()), or_none(.found.as_ref()))]
    LinksNotListed {
        /// The digest in the listing.
        expected: Option<Digest>,
        /// The digest of the file.
        found: Option<Digest>,
    },
}

impl ExpectedError {
    /// The rule that is broken.
    pub const fn rule(&self) -> Rule {
        match self {
            Self::Listing(error) => error.rule(),
            Self::Links(error) => error.rule(),
            Self::LinksNotListed { .. } => Rule::Dir7,
        }
    }
}

/// Whether a file may stand for its LF form (TREE-19).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnds {
    /// Every byte counts: git trees and archives.
    Exact,
    /// A file in its CRLF form matches the listing, and is noted: directories.
    ReadBack,
}

/// How one path differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// Both trees have the path, with another content, target or kind.
    Modified,
    /// As [`Self::Modified`], but the LF form of the file is the one that was signed.
    LineEnds,
    /// Only the signed tree has it.
    Missing,
    /// Only the tree that was found has it.
    Extra,
}

impl fmt::Display for Change {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Modified => "modified",
            Self::LineEnds => "line ends",
            Self::Missing => "missing",
            Self::Extra => "not listed",
        })
    }
}

/// One path that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The file or link.
    pub path: TreePath,
    /// How it differs.
    pub change: Change,
}

/// What [`compare`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The paths that differ, in order.
    pub differences: Vec<Difference>,
    /// The files that matched in their LF form only (TREE-19), in order: the note `line-ends`.
    pub read_back: Vec<TreePath>,
    /// How many bytes the listed files have together (TREE-15), those that were read back in their LF form.
    pub bytes: u64,
}

impl Comparison {
    /// # Errors
    ///
    /// [`Mismatch`] (VER-13) if any path differs.
    pub fn into_result(self) -> Result<Vec<TreePath>, Mismatch> {
        if self.differences.is_empty() { Ok(self.read_back) } else { Err(Mismatch { differences: self.differences }) }
    }
}

/// The tree is not the one that was signed (VER-13).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Mismatch {
    /// The paths that differ, in order; at least one.
    pub differences: Vec<Difference>,
}

impl Mismatch {
    /// The rule that is broken.
    pub const fn rule(&self) -> Rule {
        Rule::Ver13
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// How many paths a message names.
        const NAMED: usize = 5;
        let count = self.differences.len();
        let (noun, verb) = if count == 1 { ("path", "differs") } else { ("paths", "differ") };
        write!(out, "{count} {noun} {verb} from the signed listing")?;
        for (index, difference) in self.differences.iter().take(NAMED).enumerate() {
            let before = if index == 0 { ": " } else { ", " };
            write!(out, "{before}{} ({})", difference.path, difference.change)?;
        }
        if count > NAMED {
            write!(out, " and {} more", count - NAMED)?;
        }
        Ok(())
    }
}

/// Compares a tree with what it should be, path by path (TREE-17).
///
/// The file `.sigpkg/links` is not compared as a file: the links are, each under its own path.
pub fn compare(expected: &Expected, found: &Tree, ends: LineEnds) -> Comparison {
    let signed = entries(&expected.listing, &expected.links);
    let present = entries(found.listing(), found.links());
    let mut result = Comparison { bytes: found.bytes(), ..Comparison::default() };
    for (path, entry) in &signed {
        let change = match present.get(path) {
            None => Change::Missing,
            Some(other) if other == entry => continue,
            Some(_) => match (lf_form_of(path, entry, found), ends) {
                (None, _) => Change::Modified,
                (Some(_), LineEnds::Exact) => Change::LineEnds,
                (Some(form), LineEnds::ReadBack) => {
                    result.read_back.push((*path).clone());
                    result.bytes -= form.line_ends;
                    continue;
                }
            },
        };
        result.differences.push(Difference { path: (*path).clone(), change });
    }
    let extra = present.keys().filter(|path| !signed.contains_key(*path));
    result.differences.extend(extra.map(|path| Difference { path: (*path).clone(), change: Change::Extra }));
    result.differences.sort_unstable_by(|one, other| one.path.cmp(&other.path));
    result
}

/// What stands at a path.
#[derive(PartialEq, Eq)]
enum Entry<'a> {
    File(Digest),
    Link(&'a Link),
}

fn entries<'a>(listing: &'a Listing, links: &'a Links) -> BTreeMap<&'a TreePath, Entry<'a>> {
    let files = listing.lines().iter().filter(|line| line.path.root_name() != FOLDER);
    let files = files.map(|line| (&line.path, Entry::File(line.digest)));
    files.chain(links.as_slice().iter().map(|link| (&link.path, Entry::Link(link)))).collect()
}

/// The LF form of what was found, if it is what was signed.
fn lf_form_of(path: &TreePath, expected: &Entry<'_>, found: &Tree) -> Option<LfForm> {
    match expected {
        Entry::File(digest) => found.lf_form(path).filter(|form| form.digest == *digest),
        Entry::Link(_) => None,
    }
}

fn or_none(digest: Option<&Digest>) -> String {
    digest.map_or_else(|| "no file".to_owned(), Digest::to_string)
}
