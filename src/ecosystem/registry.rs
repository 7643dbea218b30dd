//! What registries say, whatever the files are called that say it: packages, where their repositories are, and the trees of
//! their versions.
//!
//! Nothing here touches a file. What is read is a claim of whoever can write to the registry; whether the trees are what
//! it says is for `crate::registry` to find out.
//!
//! Source: spec/9-registries.md, REG-1 and REG-2.

use std::collections::{BTreeMap, HashMap};

use super::Ecosystem;
use crate::digest::{TreeHash, TreeHashError};
use crate::listing::{PathError, TreePath};
use crate::package::{Package, PackageError, Uuid, Version};
use crate::rule::Rule;
use crate::text;

/// How the registries of an ecosystem are laid out: which files there are, and what they say.
pub trait RegistryForm: Send + Sync {
    /// The file in the root that lists the packages.
    fn index(&self) -> RegistryFile;

    /// The file in the folder of a package that says who it is.
    fn package(&self) -> RegistryFile;

    /// The file in the folder of a package that lists its versions.
    fn versions(&self) -> RegistryFile;

    /// Reads the index.
    ///
    /// # Errors
    ///
    /// - [`FileFault`] (REG-2) if it has another form, leads out of the registry, or has one id or folder twice.
    fn read_index(&self, bytes: &[u8]) -> Result<Index, FileFault>;

    /// Reads who a package is.
    ///
    /// # Errors
    ///
    /// - [`FileFault`] (REG-2) if it has another form, leads out of the repository, or names a program.
    fn read_package(&self, bytes: &[u8]) -> Result<PackageFile, FileFault>;

    /// Reads the versions of a package.
    ///
    /// # Errors
    ///
    /// - [`FileFault`] (REG-2) if it has another form, or one version in two spellings.
    fn read_versions(&self, bytes: &[u8]) -> Result<Versions, FileFault>;
}

/// A file of a registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegistryFile {
    /// Its name.
    pub name: &'static str,
    /// The most bytes that are read of it.
    pub max_bytes: u64,
}

/// The longest address of a repository, in bytes: what browsers and servers take for an address.
const MAX_ADDRESS_BYTES: usize = 2048;

/// What the index of a registry says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// The name of the registry.
    pub name: String,
    /// The id of the registry.
    pub uuid: Uuid,
    /// Its packages.
    pub packages: BTreeMap<Uuid, Place>,
}

/// Where the files of a package are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The name that the index gives the package.
    pub name: String,
    /// The folder of its files, from the root of the registry.
    pub path: TreePath,
}

/// What a registry says of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageFile {
    /// The package.
    pub package: Package,
    /// The address of its repository.
    pub repository: Option<Address>,
    /// The folder of the package in its repository, if that is not its root.
    pub subdirectory: Option<TreePath>,
}

/// The address of a git repository as a registry may have it: no option, and no program to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(String);

/// What a registry says of one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionEntry {
    /// The tree, as git names it.
    pub tree: TreeHash,
    /// Whether the registry has yanked it.
    pub yanked: bool,
}

/// The versions of a package that a registry has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Versions {
    /// In the order of versions.
    sorted: Vec<(Version, VersionEntry)>,
    by_version: HashMap<Version, usize>,
}

/// What is wrong with a file of a registry (REG-2).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    /// It is no TOML in UTF-8.
    #[error("expected TOML, found a fault: {reason}")]
    Syntax {
        /// What the parser says, on one line.
        reason: String,
    },
    /// A key is missing, or has a value of another type.
    #[error("expected {expected} for \"{}\", found {found}", text::printable(.key))]
    Key {
        /// The key.
        key: String,
        /// What should be there.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// A name, id or version has another form.
    #[error(transparent)]
    Value(#[from] PackageError),
    /// A tree hash has another form.
    #[error("version {version}: {error}")]
    Tree {
        /// The version.
        version: Version,
        /// What is wrong.
        error: TreeHashError,
    },
    /// A path leaves the registry or the repository, or is no path on some system.
    #[error("{what}: {error}")]
    Path {
        /// What has the path.
        what: String,
        /// What is wrong with it.
        error: PathError,
    },
    /// The address of the repository is one that no registry needs.
    #[error("expected the address of a git repository, found \"{}\" ({problem})", text::printable(.found))]
    Address {
        /// What is there.
        found: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Two things that must differ are one.
    #[error("\"{}\" and \"{}\" are one {what}", text::printable(.first), text::printable(.second))]
    Twice {
        /// What they are.
        what: &'static str,
        /// The first, as written.
        first: String,
        /// The second, as written.
        second: String,
    },
}

impl Address {
    /// Takes an address that is no option of a program, and names no program.
    ///
    /// # Errors
    ///
    /// - [`FileFault::Address`] if it begins with `-`, is empty or too long, holds a blank, a control or a hidden
    ///   character, or has the form `helper::address`
    pub fn read(written: &str) -> Result<Self, FileFault> {
        let fault = |problem| FileFault::Address { found: written.chars().take(100).collect(), problem };
        let before_slash = written.split('/').next().unwrap_or_default();
        if written.is_empty() || written.len() > MAX_ADDRESS_BYTES {
            Err(fault("it is empty or has more than 2048 bytes"))
        } else if written.starts_with('-') {
            Err(fault("it begins like an option"))
        } else if !written.chars().all(|character| text::is_plain(character) && !character.is_whitespace()) {
            Err(fault("it has a blank, a control or a hidden character"))
        } else if before_slash.contains("::") {
            Err(fault("git would run a helper program for it"))
        } else {
            Ok(Self(written.to_owned()))
        }
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Versions {
    /// Puts versions in the order of their ecosystem; those that it does not order, in that of their text.
    pub fn of(versions: impl IntoIterator<Item = (Version, VersionEntry)>, ecosystem: &dyn Ecosystem) -> Self {
        let mut sorted: Vec<_> = versions.into_iter().collect();
        sorted.sort_by(|(left, _), (right, _)| {
            let order = ecosystem.compare(left, right).unwrap_or(std::cmp::Ordering::Equal);
            order.then_with(|| left.as_str().cmp(right.as_str()))
        });
        let by_version = sorted.iter().enumerate().map(|(index, (version, _))| (version.clone(), index)).collect();
        Self { sorted, by_version }
    }

    /// The versions, in their order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Version, VersionEntry)> {
        self.sorted.iter().map(|(version, entry)| (version, *entry))
    }

    /// What is said of one version.
    pub fn get(&self, version: &Version) -> Option<VersionEntry> {
        let (_, entry) = self.sorted.get(*self.by_version.get(version)?)?;
        Some(*entry)
    }

    /// Where a version stands in their order, from 0.
    pub fn position(&self, version: &Version) -> Option<usize> {
        self.by_version.get(version).copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }
}

impl FileFault {
    /// The rule that is broken.
    pub const fn rule(&self) -> Rule {
        Rule::Reg2
    }
}
