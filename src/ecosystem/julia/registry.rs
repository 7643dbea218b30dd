//! The files of a Julia registry: `Registry.toml`, `Package.toml` and `Versions.toml`.
//!
//! Nothing here touches a file. What is read is a claim of whoever can write to the registry; whether the trees are what
//! it says is for `crate::registry` to find out.
//!
//! Source: spec/9-registries.md, REG-1 and REG-2. The layout is the one that Julia's Pkg reads.

use std::collections::{BTreeMap, HashMap};

use super::super::{Ecosystem as _, one_line};
use super::Julia;
use crate::digest::{TreeHash, TreeHashError};
use crate::listing::{PathError, TreePath};
use crate::package::{Package, PackageError, Uuid, Version};
use crate::rule::Rule;
use crate::text;

/// The name of the file in the root of a registry that lists its packages.
pub const INDEX: &str = "Registry.toml";

/// The name of the file in the folder of a package that says who it is.
pub const PACKAGE: &str = "Package.toml";

/// The name of the file in the folder of a package that lists its versions.
pub const VERSIONS: &str = "Versions.toml";

/// The largest `Registry.toml` that is read, in bytes (REG-2). General has one of 1.6 MB for 15,000 packages.
pub const MAX_INDEX_BYTES: u64 = 16 << 20;

/// The largest `Package.toml` that is read, in bytes (REG-2). It has four short values.
pub const MAX_PACKAGE_BYTES: u64 = 64 << 10;

/// The largest `Versions.toml` that is read, in bytes (REG-2): room for 50,000 versions. The packages with most versions
/// in General have some hundreds.
pub const MAX_VERSIONS_BYTES: u64 = 4 << 20;

/// The longest address of a repository, in bytes: what browsers and servers take for an address.
const MAX_ADDRESS_BYTES: usize = 2048;

/// What `Registry.toml` says.
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

/// What `Package.toml` says.
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

/// What `Versions.toml` says of one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionEntry {
    /// The tree, as git names it.
    pub tree: TreeHash,
    /// Whether the registry has yanked it.
    pub yanked: bool,
}

/// What `Versions.toml` says.
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

impl Index {
    /// Reads a `Registry.toml`.
    ///
    /// # Errors
    ///
    /// - [`FileFault::Syntax`], [`FileFault::Key`] if it has another form
    /// - [`FileFault::Value`] if an id is no UUID
    /// - [`FileFault::Path`] if the folder of a package is no path in the registry
    /// - [`FileFault::Twice`] if two packages have one id or one folder, in whatever spelling
    pub fn read(bytes: &[u8]) -> Result<Self, FileFault> {
        let table = table(bytes)?;
        let listed = match table.get("packages") {
            None => None,
            Some(value) => Some(value.as_table().ok_or_else(|| key("packages", "a table", Some(value)))?),
        };
        let mut packages = BTreeMap::new();
        let mut written: HashMap<Uuid, &str> = HashMap::new();
        let mut folders: HashMap<String, &str> = HashMap::new();
        for (id, value) in listed.into_iter().flatten() {
            let uuid = uuid(id)?;
            if let Some(first) = written.insert(uuid, id) {
                return Err(FileFault::Twice { what: "id", first: first.to_owned(), second: id.clone() });
            }
            let place = value.as_table().ok_or_else(|| key(id, "a table", Some(value)))?;
            let (name, path) = (required(place, "name")?, required(place, "path")?);
            let path = tree_path(path, || format!("the folder of {}", text::printable(name)))?;
            // A package's files would be those of another one on a file system that folds case, as most desktops have.
            if let Some(first) = folders.insert(path.as_str().to_ascii_lowercase(), id) {
                return Err(FileFault::Twice { what: "folder", first: first.to_owned(), second: id.clone() });
            }
            packages.insert(uuid, Place { name: name.to_owned(), path });
        }
        Ok(Self { name: required(&table, "name")?.to_owned(), uuid: uuid(required(&table, "uuid")?)?, packages })
    }
}

impl PackageFile {
    /// Reads a `Package.toml`.
    ///
    /// # Errors
    ///
    /// - [`FileFault::Syntax`], [`FileFault::Key`] if it has another form
    /// - [`FileFault::Value`] if the name or the id has another form
    /// - [`FileFault::Path`] if `subdir` leaves the repository
    /// - [`FileFault::Address`] if `repo` is an option or names a program
    pub fn read(bytes: &[u8]) -> Result<Self, FileFault> {
        let table = table(bytes)?;
        let package = Package::julia(required(&table, "name")?, uuid(required(&table, "uuid")?)?)?;
        let repository = optional(&table, "repo")?.map(Address::read).transpose()?;
        let subdirectory = optional(&table, "subdir")?
            .map(|path| path.strip_suffix('/').unwrap_or(path))
            .filter(|path| !path.is_empty())
            .map(|path| tree_path(path, || "subdir".to_owned()))
            .transpose()?;
        Ok(Self { package, repository, subdirectory })
    }
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
    /// Reads a `Versions.toml`. Keys beside `git-tree-sha1` and `yanked` are for others.
    ///
    /// # Errors
    ///
    /// - [`FileFault::Syntax`], [`FileFault::Key`] if it has another form
    /// - [`FileFault::Value`], [`FileFault::Tree`] if a version or a tree hash has another form
    /// - [`FileFault::Twice`] if one version stands there in two spellings
    pub fn read(bytes: &[u8]) -> Result<Self, FileFault> {
        let mut found: HashMap<Version, (&str, VersionEntry)> = HashMap::new();
        let table = table(bytes)?;
        for (written, value) in &table {
            let version = Julia.version(written)?;
            let entry = value.as_table().ok_or_else(|| key(written, "a table", Some(value)))?;
            let tree = required(entry, "git-tree-sha1")?
                .parse()
                .map_err(|error| FileFault::Tree { version: version.clone(), error })?;
            let yanked = match entry.get("yanked") {
                None => false,
                Some(value) => value.as_bool().ok_or_else(|| key("yanked", "true or false", Some(value)))?,
            };
            if let Some((first, _)) = found.insert(version, (written, VersionEntry { tree, yanked })) {
                let (first, second) = (first.to_owned(), written.clone());
                return Err(FileFault::Twice { what: "version", first, second });
            }
        }
        Ok(found.into_iter().map(|(version, (_, entry))| (version, entry)).collect())
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

impl FromIterator<(Version, VersionEntry)> for Versions {
    fn from_iter<I: IntoIterator<Item = (Version, VersionEntry)>>(versions: I) -> Self {
        let mut sorted: Vec<_> = versions.into_iter().collect();
        sorted.sort_by(|(left, _), (right, _)| {
            let order = Julia.compare(left, right).unwrap_or(std::cmp::Ordering::Equal);
            order.then_with(|| left.as_str().cmp(right.as_str()))
        });
        let by_version = sorted.iter().enumerate().map(|(index, (version, _))| (version.clone(), index)).collect();
        Self { sorted, by_version }
    }
}

impl FileFault {
    /// The rule that is broken.
    pub const fn rule(&self) -> Rule {
        Rule::Reg2
    }
}

fn table(bytes: &[u8]) -> Result<toml::Table, FileFault> {
    let syntax = |reason| FileFault::Syntax { reason };
    std::str::from_utf8(bytes)
        .map_err(|error| syntax(format!("no UTF-8 at byte {}", error.valid_up_to())))?
        .parse()
        .map_err(|error: toml::de::Error| syntax(one_line(error.message())))
}

fn required<'table>(table: &'table toml::Table, name: &str) -> Result<&'table str, FileFault> {
    optional(table, name)?.ok_or_else(|| key(name, "a text", None))
}

fn optional<'table>(table: &'table toml::Table, name: &str) -> Result<Option<&'table str>, FileFault> {
    match table.get(name) {
        None => Ok(None),
        Some(value) => value.as_str().map(Some).ok_or_else(|| key(name, "a text", Some(value))),
    }
}

fn key(key: &str, expected: &'static str, found: Option<&toml::Value>) -> FileFault {
    FileFault::Key { key: key.to_owned(), expected, found: found.map_or("none", |_| "a value of another type") }
}

/// Julia reads either case and prints the lower one.
fn uuid(written: &str) -> Result<Uuid, FileFault> {
    Ok(written.to_ascii_lowercase().parse::<Uuid>()?)
}

fn tree_path(written: &str, what: impl FnOnce() -> String) -> Result<TreePath, FileFault> {
    TreePath::parse(written.as_bytes()).map_err(|error| FileFault::Path { what: what(), error })
}

#[cfg(test)]
mod tests;
