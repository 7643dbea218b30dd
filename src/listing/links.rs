//! Symbolic links: where they may point, and the file `.sigpkg/links` that names them.

use std::fmt;

use super::folder::{FOLDER, is_folder_name};
use super::path::{MAX_PATH_BYTES, PathError, TreePath, check_component, shown};
use crate::digest::Digest;
use crate::rule::Rule;

/// Where a symbolic link points (TREE-14): to another place in the tree, however it is resolved.
///
/// ```
/// use sigpkg::listing::{LinkTarget, TreePath};
///
/// let target = LinkTarget::parse(&TreePath::parse(b"docs/latest")?, b"../v2/docs")?;
/// assert_eq!(target.to_string(), "../v2/docs");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkTarget(Box<str>);

impl LinkTarget {
    /// Reads the target of the link at `path`, as the file system, git or the archive has it.
    ///
    /// ```
    /// use sigpkg::listing::{LinkError, LinkTarget, TreePath};
    ///
    /// let link = TreePath::parse(b"docs/latest")?;
    /// assert!(LinkTarget::parse(&link, b"../v2/docs").is_ok());
    /// assert!(matches!(LinkTarget::parse(&link, b"../../../etc/passwd"), Err(LinkError::Leaves { .. })));
    /// assert!(matches!(LinkTarget::parse(&link, b"../.sigpkg/chain"), Err(LinkError::EntersFolder { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`LinkError::Target`] (TREE-14) if it is not UTF-8, too long, absolute, or has a component that a path may not
    ///   have; `..` is allowed at the beginning only
    /// - [`LinkError::Leaves`] (TREE-14) if it leads out of the tree
    /// - [`LinkError::Root`] (TREE-14) if it leads to the root of the tree itself
    /// - [`LinkError::EntersFolder`] (TREE-14) if it leads into the top-level `.sigpkg`
    pub fn parse(path: &TreePath, target: &[u8]) -> Result<Self, LinkError> {
        let fault = |source| LinkError::Target { path: path.clone(), source };
        let text = str::from_utf8(target).map_err(|_| fault(PathError::NotUtf8 { path: shown(target) }))?;
        if text.len() > MAX_PATH_BYTES {
            return Err(fault(PathError::TooLong { bytes: text.len() }));
        }
        let climbs = text.split('/').take_while(|component| *component == "..").count();
        let Some(depth) = (path.components().count() - 1).checked_sub(climbs) else {
            return Err(LinkError::Leaves { path: path.clone(), target: shown(target) });
        };
        // A `..` anywhere else is no component of a path, and is refused as such.
        let mut rest = text.split('/').skip(climbs);
        let first = rest.next();
        first.into_iter().chain(rest).try_for_each(|component| check_component(text, component)).map_err(fault)?;
        match first {
            None if depth == 0 => Err(LinkError::Root { path: path.clone(), target: shown(target) }),
            Some(name) if depth == 0 && is_folder_name(name) => {
                Err(LinkError::EntersFolder { path: path.clone(), target: shown(target) })
            }
            None | Some(_) => Ok(Self(text.into())),
        }
    }

    /// The target as it stands in the link.
    ///
    /// ```
    /// use sigpkg::listing::{LinkTarget, TreePath};
    ///
    /// assert_eq!(LinkTarget::parse(&TreePath::parse(b"latest")?, b"v2")?.as_str(), "v2");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LinkTarget {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// One symbolic link.
///
/// ```
/// use sigpkg::listing::Links;
///
/// let links = Links::parse(b"latest\tv2\n")?;
/// let [link] = links.as_slice() else { return Err("expected one link".into()) };
/// assert_eq!((link.path.as_str(), link.target.as_str()), ("latest", "v2"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    /// Where it is.
    pub path: TreePath,
    /// Where it points.
    pub target: LinkTarget,
}

/// The symbolic links of a tree, sorted by the bytes of their paths, none twice.
///
/// ```
/// use sigpkg::listing::{TreeBuilder, TreePath};
///
/// let mut tree = TreeBuilder::new();
/// tree.add_link(TreePath::parse(b"latest")?, b"v2")?;
/// let tree = tree.finish()?;
/// assert_eq!(tree.links().text(), "latest\tv2\n");
/// // The listing vouches for them in one line.
/// assert_eq!(tree.listing().get(".sigpkg/links"), Some(tree.links().digest()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links(Vec<Link>);

impl Links {
    /// Reads the file `.sigpkg/links` (TREE-13).
    ///
    /// ```
    /// use sigpkg::listing::Links;
    /// use sigpkg::rule::Rule;
    ///
    /// assert_eq!(Links::parse(b"latest\tv2\nstable\tv1\n")?.as_slice().len(), 2);
    /// assert_eq!(Links::parse(b"stable\tv1\nlatest\tv2\n").unwrap_err().rule(), Rule::Tree13);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`LinkError::Line`] (TREE-13) if a line has another form, or there is no line
    /// - [`LinkError::Order`] (TREE-13) if a line is not greater than the one before it
    /// - [`LinkError::Path`] (TREE-2 to TREE-7)
    /// - [`LinkError::Target`], [`LinkError::Leaves`], [`LinkError::Root`], [`LinkError::EntersFolder`] (TREE-14)
    pub fn parse(text: &[u8]) -> Result<Self, LinkError> {
        let mut links: Vec<Link> = Vec::new();
        let mut rest = text;
        let mut line = 1;
        while !rest.is_empty() || line == 1 {
            let (path, target, tail) = split_line(rest).ok_or(LinkError::Line { line })?;
            let path = TreePath::parse(path).map_err(LinkError::Path)?;
            if let Some(last) = links.last()
                && last.path >= path
            {
                return Err(LinkError::Order { line, previous: last.path.clone(), found: path });
            }
            let target = LinkTarget::parse(&path, target)?;
            links.push(Link { path, target });
            rest = tail;
            line += 1;
        }
        Ok(Self(links))
    }

    /// The links in order.
    ///
    /// ```
    /// use sigpkg::listing::Links;
    ///
    /// let links = Links::parse(b"latest\tv2\nstable\tv1\n")?;
    /// let targets: Vec<_> = links.as_slice().iter().map(|link| link.target.as_str()).collect();
    /// assert_eq!(targets, ["v2", "v1"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn as_slice(&self) -> &[Link] {
        &self.0
    }

    /// Whether the tree has none.
    ///
    /// ```
    /// use sigpkg::listing::Links;
    ///
    /// assert!(Links::default().is_empty());
    /// assert!(Links::parse(b"").is_err()); // without links there is no such file
    /// ```
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text of `.sigpkg/links` (TREE-13); without links there is no such file, and this is empty.
    ///
    /// ```
    /// use sigpkg::listing::Links;
    ///
    /// assert_eq!(Links::parse(b"latest\tv2\n")?.text(), "latest\tv2\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn text(&self) -> String {
        let mut text = String::new();
        for link in &self.0 {
            text.extend([link.path.as_str(), "\t", link.target.as_str(), "\n"]);
        }
        text
    }

    /// The digest of the text.
    ///
    /// ```
    /// use sigpkg::digest::Digest;
    /// use sigpkg::listing::Links;
    ///
    /// assert_eq!(Links::parse(b"latest\tv2\n")?.digest(), Digest::of(b"latest\tv2\n"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn digest(&self) -> Digest {
        Digest::of(self.text().as_bytes())
    }

    /// Sorted and without repetition, as the builder has made sure.
    pub(super) const fn from_sorted(links: Vec<Link>) -> Self {
        Self(links)
    }
}

/// A link that a tree may not have, or a text that is not a list of links.
///
/// ```
/// use sigpkg::listing::{LinkError, Links};
///
/// let error = Links::parse(b"latest -> v2\n").unwrap_err();
/// assert_eq!(error, LinkError::Line { line: 1 });
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// TREE-13
    #[error("expected a path, a tab, a target and a line feed, found another form at line {line} of {FOLDER}/links")]
    Line {
        /// The line, from 1.
        line: usize,
    },
    /// TREE-13
    #[error("the paths of {FOLDER}/links rise, but line {line} has {found} after {previous}")]
    Order {
        /// The line, from 1.
        line: usize,
        /// The path before it.
        previous: TreePath,
        /// Its path.
        found: TreePath,
    },
    /// TREE-2 to TREE-7
    #[error(transparent)]
    Path(PathError),
    /// TREE-14
    #[error("the target of the link {path} is no path: {source}")]
    Target {
        /// The link.
        path: TreePath,
        /// What is wrong with its target.
        source: PathError,
    },
    /// TREE-14
    #[error("the link {path} leads out of the tree, to {target}")]
    Leaves {
        /// The link.
        path: TreePath,
        /// Its target, made printable.
        target: String,
    },
    /// TREE-14
    #[error("the link {path} leads to the root of its tree, {target}")]
    Root {
        /// The link.
        path: TreePath,
        /// Its target, made printable.
        target: String,
    },
    /// TREE-14
    #[error("the link {path} leads into {FOLDER}, to {target}")]
    EntersFolder {
        /// The link.
        path: TreePath,
        /// Its target, made printable.
        target: String,
    },
}

impl LinkError {
    /// The rule that is broken.
    ///
    /// ```
    /// use sigpkg::listing::Links;
    /// use sigpkg::rule::Rule;
    ///
    /// assert_eq!(Links::parse(b"home\t/root\n").unwrap_err().rule(), Rule::Tree14);
    /// ```
    pub const fn rule(&self) -> Rule {
        match self {
            Self::Line { .. } | Self::Order { .. } => Rule::Tree13,
            Self::Path(error) => error.rule(),
            Self::Target { .. } | Self::Leaves { .. } | Self::Root { .. } | Self::EntersFolder { .. } => Rule::Tree14,
        }
    }
}

/// The path and the target of the first line, and what follows it.
fn split_line(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let end = text.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = (text.get(..end)?, text.get(end + 1..)?);
    let tab = line.iter().position(|byte| *byte == b'\t')?;
    Some((line.get(..tab)?, line.get(tab + 1..)?, rest))
}
