//! What the lockfile of a project says: the exact dependencies of a project, and by what they are named.

use crate::digest::{TreeHash, TreeHashError};
use crate::package::{Package, PackageError, Version};
use crate::text;

/// The largest lockfile that is read, in bytes. A Julia manifest has about 150 bytes an entry; the largest projects
/// have a thousand entries.
pub const MAX_LOCKFILE_BYTES: u64 = 16 << 20;

/// The most entries of one lockfile: more packages than Julia's General registry has.
pub const MAX_LOCKED: usize = 20_000;

/// A lockfile. It is a claim: nothing in it is signed.
///
/// ```
/// use sigpkg::ecosystem::{Ecosystem as _, Julia};
///
/// let lockfile = Julia.read_lockfile(b"julia_version = \"1.11.2\"\nmanifest_format = \"2.0\"\n[deps]\n")?;
/// assert_eq!(lockfile.language.as_deref(), Some("1.11.2"));
/// assert!(lockfile.entries.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lockfile {
    /// The version of the language that wrote it, as it is written there.
    pub language: Option<String>,
    /// The dependencies, by package.
    pub entries: Vec<Locked>,
}

/// One dependency.
///
/// ```
/// use sigpkg::ecosystem::{Ecosystem as _, Julia};
///
/// # let lockfile = b"manifest_format = \"2.0\"\n[[deps.Example]]\nversion = \"0.5.3\"\n\
/// #     uuid = \"7876af07-990d-54b4-ab0e-23690620f79a\"\n\
/// #     git-tree-sha1 = \"46e44e869b4d90b96bd8ed1fdcf32244fddfb6cc\"\n";
/// for locked in Julia.read_lockfile(lockfile)?.entries {
///     let version = locked.version.as_ref().map(|version| version.as_str());
///     assert_eq!((locked.package.name().as_str(), version), ("Example", Some("0.5.3")));
///     assert_eq!(locked.origin.word(), "registered");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked {
    /// The package.
    pub package: Package,
    /// Its version, if the lockfile gives one.
    pub version: Option<Version>,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a dependency comes from (PRJ-2).
///
/// ```
/// use sigpkg::ecosystem::Origin;
///
/// let tree = "46e44e869b4d90b96bd8ed1fdcf32244fddfb6cc".parse()?;
/// assert_eq!(Origin::Registered { tree }.tree(), Some(tree));
/// assert_eq!(Origin::Path { path: "../Example".to_owned() }.tree(), None); // it may change at any time
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// From a registry: `tree` is what it should be.
    Registered {
        /// The tree.
        tree: TreeHash,
    },
    /// From a repository that somebody has named, and not from a registry.
    Url {
        /// The repository, as it is written.
        url: String,
        /// The tree.
        tree: TreeHash,
    },
    /// From a folder that is being worked on. It may change at any time, so nothing is known of it.
    Path {
        /// The folder, relative to that of the lockfile, or absolute.
        path: String,
    },
    /// It comes with the language.
    Bundled,
}

impl Origin {
    /// The word of the specification.
    ///
    /// ```
    /// use sigpkg::ecosystem::Origin;
    ///
    /// assert_eq!(Origin::Bundled.word(), "stdlib");
    /// ```
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Registered { .. } => "registered",
            Self::Url { .. } => "url",
            Self::Path { .. } => "path",
            Self::Bundled => "stdlib",
        }
    }

    /// The tree that the lockfile names.
    ///
    /// ```
    /// use sigpkg::ecosystem::Origin;
    ///
    /// assert_eq!(Origin::Bundled.tree(), None);
    /// ```
    pub const fn tree(&self) -> Option<TreeHash> {
        match self {
            Self::Registered { tree } | Self::Url { tree, .. } => Some(*tree),
            Self::Path { .. } | Self::Bundled => None,
        }
    }
}

/// Why a text is no lockfile (PRJ-1).
///
/// ```
/// use sigpkg::ecosystem::{Ecosystem as _, Generic, Julia, LockfileError};
///
/// let newer = Julia.read_lockfile(b"manifest_format = \"3.0\"\n[deps]\n").unwrap_err();
/// assert!(matches!(newer, LockfileError::Format { .. }));
/// assert_eq!(Generic.read_lockfile(b""), Err(LockfileError::None { ecosystem: "generic" }));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LockfileError {
    /// This ecosystem has none.
    #[error("a {ecosystem} project has no lockfile")]
    None {
        /// The ecosystem.
        ecosystem: &'static str,
    },
    /// It is not written in the language of lockfiles.
    #[error("expected a lockfile in TOML, found a fault: {reason}")]
    Syntax {
        /// What the parser says, on one line.
        reason: String,
    },
    /// Its format is of another version.
    #[error("expected a manifest_format of 1 or 2, found {}", text::printable(.found))]
    Format {
        /// What it says.
        found: String,
    },
    /// A key of an entry is missing, or has a value of another type.
    #[error("the entry {}: expected {expected} for {key:?}, found {found}", text::printable(.entry))]
    Key {
        /// The name of the entry.
        entry: String,
        /// The key.
        key: &'static str,
        /// What should be there.
        expected: &'static str,
        /// What is there instead.
        found: &'static str,
    },
    /// A name, id or version has a form that none has.
    #[error("the entry {}: {error}", text::printable(.entry))]
    Value {
        /// The name of the entry.
        entry: String,
        /// What is wrong with it.
        error: PackageError,
    },
    /// A tree hash is none.
    #[error("the entry {}: {error}", text::printable(.entry))]
    Tree {
        /// The name of the entry.
        entry: String,
        /// What is wrong with it.
        error: TreeHashError,
    },
    /// One package has two entries, and readers could choose different ones.
    #[error("expected one entry for {package}, found two")]
    Twice {
        /// The package.
        package: Package,
    },
    /// It has too many entries.
    #[error("expected at most {MAX_LOCKED} entries, found {found}")]
    TooMany {
        /// How many there are.
        found: usize,
    },
}
