//! The path of a file in a tree, obeying every name rule.

use std::fmt;

use super::fold;
use crate::rule::Rule;
use crate::text;

/// The longest path in bytes (TREE-7): `PATH_MAX` of macOS and the BSDs, less its NUL.
pub const MAX_PATH_BYTES: usize = 1023;

/// The longest component in bytes (TREE-7): `NAME_MAX` of Linux. NTFS and APFS count 255 units of UTF-16 or UTF-8, which
/// are never more.
pub const MAX_COMPONENT_BYTES: usize = 255;

/// A path inside a tree, such as `src/Example.jl`. It has one meaning on every system: it obeys TREE-2 to TREE-7.
///
/// Paths are ordered by their bytes, so that `a.b` comes before `a/b`.
///
/// ```
/// use sigpkg::listing::TreePath;
///
/// let path = TreePath::parse(b"src/Example.jl")?;
/// assert_eq!((path.root_name(), path.parent()), ("src", Some("src")));
/// assert!(TreePath::parse(b"a.b")? < TreePath::parse(b"a/b")?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreePath(Box<str>);

impl TreePath {
    /// Reads a path as a tree, a listing or an archive has it.
    ///
    /// ```
    /// use sigpkg::listing::{PathError, TreePath};
    ///
    /// assert_eq!(TreePath::parse(b"src/Example.jl")?.as_str(), "src/Example.jl");
    /// assert!(matches!(TreePath::parse(b"../Example.jl"), Err(PathError::Form { .. })));
    /// assert!(matches!(TreePath::parse(b"src/aux.jl"), Err(PathError::Device { .. })));
    /// assert!(matches!(TreePath::parse(b".GIT/hooks"), Err(PathError::Git { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The first rule that fails, in this order for the whole path and then for each component:
    ///
    /// - [`PathError::NotUtf8`], [`PathError::Form`] (TREE-2)
    /// - [`PathError::Character`] (TREE-3)
    /// - [`PathError::Device`] (TREE-4)
    /// - [`PathError::Trailing`] (TREE-5)
    /// - [`PathError::Git`] (TREE-6)
    /// - [`PathError::TooLong`], [`PathError::ComponentTooLong`] (TREE-7)
    pub fn parse(path: &[u8]) -> Result<Self, PathError> {
        let path = str::from_utf8(path).map_err(|_| PathError::NotUtf8 { path: shown(path) })?;
        // Before anything else, so that no error carries more than a screenful of a hostile name.
        if path.len() > MAX_PATH_BYTES {
            return Err(PathError::TooLong { bytes: path.len() });
        }
        path.split('/').try_for_each(|component| check_component(path, component))?;
        Ok(Self(path.into()))
    }

    /// The path, with `/` between its components.
    ///
    /// ```
    /// use sigpkg::listing::TreePath;
    ///
    /// assert_eq!(TreePath::parse(b"src/Example.jl")?.as_str(), "src/Example.jl");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn as_str(&self) -> &str {
        &self.0
    }

    /// The components, of which there is at least one.
    ///
    /// ```
    /// use sigpkg::listing::TreePath;
    ///
    /// let path = TreePath::parse(b"src/deep/Example.jl")?;
    /// assert_eq!(path.components().next_back(), Some("Example.jl"));
    /// assert_eq!(path.components().count(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/')
    }

    /// The first component: the name in the root of the tree.
    ///
    /// ```
    /// use sigpkg::listing::TreePath;
    ///
    /// assert_eq!(TreePath::parse(b"src/Example.jl")?.root_name(), "src");
    /// assert_eq!(TreePath::parse(b"README.md")?.root_name(), "README.md");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn root_name(&self) -> &str {
        self.0.split_once('/').map_or(&self.0, |(name, _)| name)
    }

    /// The path without its last component; `None` for a path in the root.
    ///
    /// ```
    /// use sigpkg::listing::TreePath;
    ///
    /// assert_eq!(TreePath::parse(b"src/deep/Example.jl")?.parent(), Some("src/deep"));
    /// assert_eq!(TreePath::parse(b"README.md")?.parent(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parent(&self) -> Option<&str> {
        self.0.rsplit_once('/').map(|(parent, _)| parent)
    }
}

impl fmt::Display for TreePath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// A name that would mean different things to different systems, or nothing good to any.
///
/// ```
/// use sigpkg::listing::{PathError, TreePath};
///
/// let error = TreePath::parse(b"src\\Example.jl").unwrap_err();
/// assert!(matches!(error, PathError::Character { character: '\\', .. }));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// TREE-2
    #[error("a path is UTF-8, found {path}")]
    NotUtf8 {
        /// The path, made printable.
        path: String,
    },
    /// TREE-2
    #[error("a path is relative and has no empty, . or .. component, found \"{path}\"")]
    Form {
        /// The path, made printable.
        path: String,
    },
    /// TREE-3
    #[error("a path may not contain U+{:04X}, found {path}", u32::from(*.character))]
    Character {
        /// The path, made printable.
        path: String,
        /// The first character that is not allowed.
        character: char,
    },
    /// TREE-4
    #[error("a name may not be a device name of Windows, found {component} in {path}")]
    Device {
        /// The path.
        path: String,
        /// The component.
        component: String,
    },
    /// TREE-5
    #[error("a name may not end with a dot or a space, found \"{component}\" in {path}")]
    Trailing {
        /// The path.
        path: String,
        /// The component.
        component: String,
    },
    /// TREE-6
    #[error("a name may not be taken for .git, found {component} in {path}")]
    Git {
        /// The path.
        path: String,
        /// The component.
        component: String,
    },
    /// TREE-7
    #[error("a path has at most {MAX_PATH_BYTES} bytes, found one of {bytes}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// TREE-7
    #[error("a name has at most {MAX_COMPONENT_BYTES} bytes, found one of {bytes} in {path}")]
    ComponentTooLong {
        /// The path.
        path: String,
        /// The length of the component.
        bytes: usize,
    },
}

impl PathError {
    /// The rule that is broken.
    ///
    /// ```
    /// use sigpkg::listing::TreePath;
    /// use sigpkg::rule::Rule;
    ///
    /// assert_eq!(TreePath::parse(b"CON").unwrap_err().rule(), Rule::Tree4);
    /// ```
    pub const fn rule(&self) -> Rule {
        match self {
            Self::NotUtf8 { .. } | Self::Form { .. } => Rule::Tree2,
            Self::Character { .. } => Rule::Tree3,
            Self::Device { .. } => Rule::Tree4,
            Self::Trailing { .. } => Rule::Tree5,
            Self::Git { .. } => Rule::Tree6,
            Self::TooLong { .. } | Self::ComponentTooLong { .. } => Rule::Tree7,
        }
    }
}

/// Foreign bytes as a message may show them: what is not UTF-8 is replaced, what is not plain is escaped, and a long
/// text is cut, visibly.
pub(super) fn shown(bytes: &[u8]) -> String {
    const MOST: usize = 200;
    let lossy = String::from_utf8_lossy(bytes);
    let mut text = text::printable(&lossy.chars().take(MOST).collect::<String>());
    if lossy.chars().nth(MOST).is_some() {
        text.push('…');
    }
    text
}

/// The rules for one component of a path, or of the target of a link (TREE-2 to TREE-7).
pub(super) fn check_component(path: &str, component: &str) -> Result<(), PathError> {
    let in_path = || shown(path.as_bytes());
    if matches!(component, "" | "." | "..") {
        return Err(PathError::Form { path: in_path() });
    }
    if let Some(character) = component.chars().find(|character| !is_allowed(*character)) {
        return Err(PathError::Character { path: in_path(), character });
    }
    let named = || shown(component.as_bytes());
    if is_device(component) {
        return Err(PathError::Device { path: in_path(), component: named() });
    }
    if component.ends_with(['.', ' ']) {
        return Err(PathError::Trailing { path: in_path(), component: named() });
    }
    if is_git(component) {
        return Err(PathError::Git { path: in_path(), component: named() });
    }
    if component.len() > MAX_COMPONENT_BYTES {
        return Err(PathError::ComponentTooLong { path: in_path(), bytes: component.len() });
    }
    Ok(())
}

/// TREE-3. Besides what could steer a terminal: the separators of Windows, the rest of what HFS+ leaves out when it
/// compares names, and U+FFFD, which `b3sum --check` takes for the trace of a name that was not UTF-8.
fn is_allowed(character: char) -> bool {
    text::is_plain(character) && !matches!(character, '\\' | ':' | '\u{206a}'..='\u{206f}' | '\u{fffd}')
}

/// TREE-4. Windows opens a device whatever the extension, the case, and spaces before the extension.
fn is_device(component: &str) -> bool {
    const DEVICES: [&str; 7] = ["con", "prn", "aux", "nul", "conin$", "conout$", "clock$"];
    let stem = component.split('.').next().unwrap_or(component).trim_end_matches(' ').to_ascii_lowercase();
    let numbered = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    // Windows takes the superscripts of Latin-1 for the digits.
    let is_number = |rest: &str| {
        let mut characters = rest.chars();
        matches!(characters.next(), Some('0'..='9' | '¹' | '²' | '³')) && characters.next().is_none()
    };
    DEVICES.contains(&stem.as_str()) || numbered.is_some_and(is_number)
}

/// TREE-6. A file system that folds case opens `.GIT`; NTFS gives `.git` the short name `GIT~1`, or a later number. What
/// HFS+ and NTFS leave out of names is refused before (TREE-3, TREE-5).
fn is_git(component: &str) -> bool {
    let folded = fold::key(component);
    folded == ".git" || is_short_name(&folded, "git")
}

/// Whether a folded name is a short name that NTFS makes from `stem`: the stem, `~` and digits.
pub(super) fn is_short_name(folded: &str, stem: &str) -> bool {
    folded
        .strip_prefix(stem)
        .and_then(|rest| rest.strip_prefix('~'))
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()))
}
