//! What differs between the tree that was signed and the tree that was found.

use std::collections::BTreeMap;
use std::fmt;

use super::folder::{FOLDER, LINKS_PATH, ReleaseFiles};
use super::{LfForm, Link, LinkError, Links, Listing, ListingError, Tree, TreePath};
use crate::digest::Digest;
use crate::rule::Rule;

/// What a folder `.sigpkg` says that its tree should be. It is a claim until the digest of the listing is the one that
/// a verified statement names.
///
/// ```
/// use sigpkg::listing::Expected;
///
/// let files = b"af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262  README.md\n";
/// let expected = Expected::parse(files, None)?;
/// // The digest of the listing is what a verified statement must name; until then all of it is a claim.
/// assert_eq!(expected.listing().digest(), sigpkg::digest::Digest::of(files));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    listing: Listing,
    links: Links,
}

impl Expected {
    /// Reads `files` and `links` of a folder.
    ///
    /// ```
    /// # use std::collections::BTreeMap;
    /// # use sigpkg::listing::folder::{FolderFile, GITATTRIBUTES, SigpkgFolder};
    /// # let folder = SigpkgFolder::new(BTreeMap::from([
    /// #     (FolderFile::Attributes, GITATTRIBUTES.into()),
    /// #     (FolderFile::Chain, Vec::new()),
    /// #     (FolderFile::Statement, Vec::new()),
    /// #     (FolderFile::Files, Vec::new()),
    /// # ]))?;
    /// use sigpkg::listing::Expected;
    ///
    /// let release = folder.claimed_release().ok_or("no release")?;
    /// assert_eq!(Expected::of(release)?.listing().count(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// See [`Self::parse`].
    pub fn of(release: &ReleaseFiles) -> Result<Self, ExpectedError> {
        Self::parse(release.claimed_files(), release.claimed_links())
    }

    /// Reads the texts of `.sigpkg/files` and `.sigpkg/links`.
    ///
    /// ```
    /// use sigpkg::digest::Digest;
    /// use sigpkg::listing::Expected;
    /// use sigpkg::rule::Rule;
    ///
    /// let links = b"latest\tv2\n";
    /// let files = format!("{}  .sigpkg/links\n", Digest::of(links).to_hex());
    /// assert!(Expected::parse(files.as_bytes(), Some(links)).is_ok());
    /// // The listing vouches for the links: others are refused, and so are none.
    /// assert_eq!(Expected::parse(files.as_bytes(), None).unwrap_err().rule(), Rule::Dir7);
    /// ```
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
    ///
    /// ```
    /// use sigpkg::listing::Expected;
    ///
    /// assert_eq!(Expected::parse(b"", None)?.listing().count(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn listing(&self) -> &Listing {
        &self.listing
    }

    /// The links.
    ///
    /// ```
    /// use sigpkg::listing::Expected;
    ///
    /// assert!(Expected::parse(b"", None)?.links().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn links(&self) -> &Links {
        &self.links
    }
}

/// A folder whose `files` and `links` do not describe a tree.
///
/// ```
/// use sigpkg::listing::{Expected, ExpectedError};
///
/// let unlisted = Expected::parse(b"", Some(b"latest\tv2\n"));
/// assert!(matches!(unlisted, Err(ExpectedError::LinksNotListed { expected: None, found: Some(_) })));
/// ```
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
    ///
    /// ```
    /// use sigpkg::listing::Expected;
    /// use sigpkg::rule::Rule;
    ///
    /// assert_eq!(Expected::parse(b"no listing", None).unwrap_err().rule(), Rule::Tree12);
    /// ```
    pub const fn rule(&self) -> Rule {
        match self {
            Self::Listing(error) => error.rule(),
            Self::Links(error) => error.rule(),
            Self::LinksNotListed { .. } => Rule::Dir7,
        }
    }
}

/// Whether a file may stand for its LF form (TREE-19).
///
/// ```
/// use sigpkg::listing::{Expected, FileFacts, LineEnds, TreeBuilder, TreePath, compare};
///
/// let file = |content| FileFacts::of(content);
/// let files = format!("{}  README.md\n", file(b"Hello\n").digest.to_hex());
/// let mut found = TreeBuilder::new();
/// found.add_file(TreePath::parse(b"README.md")?, file(b"Hello\r\n"))?;
/// let (expected, found) = (Expected::parse(files.as_bytes(), None)?, found.finish()?);
///
/// // What Windows makes of a checkout is read back; in an archive it is another file.
/// assert_eq!(compare(&expected, &found, LineEnds::ReadBack).read_back, [TreePath::parse(b"README.md")?]);
/// assert_eq!(compare(&expected, &found, LineEnds::Exact).differences.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnds {
    /// Every byte counts: git trees and archives.
    Exact,
    /// A file in its CRLF form matches the listing, and is noted: directories.
    ReadBack,
}

/// How one path differs.
///
/// ```
/// use sigpkg::listing::Change;
///
/// assert_eq!(Change::Extra.to_string(), "not listed");
/// ```
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
///
/// ```
/// use sigpkg::listing::{Change, Difference, TreePath};
///
/// let difference = Difference { path: TreePath::parse(b"deps/build.jl")?, change: Change::Modified };
/// assert_eq!(format!("{} is {}", difference.path, difference.change), "deps/build.jl is modified");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The file or link.
    pub path: TreePath,
    /// How it differs.
    pub change: Change,
}

/// What [`compare`] found.
///
/// ```
/// use sigpkg::listing::{Change, Expected, LineEnds, TreeBuilder, compare};
///
/// let files = b"af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262  README.md\n";
/// let comparison = compare(&Expected::parse(files, None)?, &TreeBuilder::new().finish()?, LineEnds::Exact);
/// assert_eq!(comparison.differences[0].change, Change::Missing);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    /// ```
    /// use sigpkg::listing::Comparison;
    ///
    /// assert_eq!(Comparison::default().into_result(), Ok(Vec::new()));
    /// ```
    ///
    /// # Errors
    ///
    /// [`Mismatch`] (VER-13) if any path differs.
    pub fn into_result(self) -> Result<Vec<TreePath>, Mismatch> {
        if self.differences.is_empty() { Ok(self.read_back) } else { Err(Mismatch { differences: self.differences }) }
    }
}

/// The tree is not the one that was signed (VER-13).
///
/// ```
/// use sigpkg::listing::{Expected, LineEnds, TreeBuilder, compare};
///
/// let files = b"af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262  README.md\n";
/// let comparison = compare(&Expected::parse(files, None)?, &TreeBuilder::new().finish()?, LineEnds::Exact);
/// let mismatch = comparison.into_result().unwrap_err();
/// assert_eq!(mismatch.to_string(), "1 path differs from the signed listing: README.md (missing)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Mismatch {
    /// The paths that differ, in order; at least one.
    pub differences: Vec<Difference>,
}

impl Mismatch {
    /// The rule that is broken.
    ///
    /// ```
    /// use sigpkg::listing::Mismatch;
    ///
    /// assert_eq!(Mismatch { differences: Vec::new() }.rule().reason(), "tree-mismatch");
    /// ```
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
///
/// ```
/// use sigpkg::listing::{Change, Expected, FileFacts, LineEnds, TreeBuilder, TreePath, compare};
///
/// let signed = format!("{}  README.md\n", FileFacts::of(b"Hello\n").digest.to_hex());
/// let mut found = TreeBuilder::new();
/// found.add_file(TreePath::parse(b"README.md")?, FileFacts::of(b"Hello\n"))?;
/// found.add_file(TreePath::parse(b"deps/build.jl")?, FileFacts::of(b"run(`...`)\n"))?;
///
/// let comparison = compare(&Expected::parse(signed.as_bytes(), None)?, &found.finish()?, LineEnds::Exact);
/// let [extra] = &comparison.differences[..] else { return Err("expected one difference".into()) };
/// assert_eq!((extra.path.as_str(), extra.change), ("deps/build.jl", Change::Extra));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
