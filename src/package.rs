//! What a chain speaks about: a package is its ecosystem, its name and its stable id.
//!
//! Source: spec/3-statements.md, STM-9 to STM-12.

use std::fmt;
use std::str::FromStr;

use crate::text;

/// The language ecosystem a package belongs to. It decides the form of the name, the id and the versions.
///
/// ```
/// use sigpkg::package::EcosystemName;
///
/// assert_eq!("julia".parse(), Ok(EcosystemName::Julia));
/// assert!("python".parse::<EcosystemName>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EcosystemName {
    /// Julia: a package has a name and a UUID.
    Julia,
    /// Anything else: a package has a name alone.
    Generic,
}

impl EcosystemName {
    /// Every ecosystem.
    pub const ALL: [Self; 2] = [Self::Julia, Self::Generic];

    /// The word a statement uses.
    ///
    /// ```
    /// use sigpkg::package::EcosystemName;
    ///
    /// assert_eq!(EcosystemName::ALL.map(EcosystemName::as_str), ["julia", "generic"]);
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Julia => "julia",
            Self::Generic => "generic",
        }
    }
}

/// The name of a package: 1 to 100 ASCII characters (STM-10).
///
/// ```
/// use sigpkg::package::Package;
///
/// // Names are checked where a package is made, since each ecosystem has its own.
/// assert!(Package::generic("left-pad").is_ok());
/// assert!(Package::julia("left-pad", "7876af07-990d-54b4-ab0e-23690620f79a".parse()?).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageName(String);

/// A UUID in its canonical form, 36 lower-case characters (STM-11).
///
/// ```
/// use sigpkg::package::Uuid;
///
/// let uuid: Uuid = "7876af07-990d-54b4-ab0e-23690620f79a".parse()?;
/// assert_eq!(uuid.to_string(), "7876af07-990d-54b4-ab0e-23690620f79a");
/// assert!("7876AF07-990D-54B4-AB0E-23690620F79A".parse::<Uuid>().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid([u8; 16]);

/// The version of a release, in the canonical form of its ecosystem (STM-12): 1 to 64 ASCII characters.
/// Two versions are the same version exactly if their text is equal; their order is the ecosystem's business.
///
/// ```
/// use sigpkg::package::{EcosystemName, Version};
///
/// let version = Version::new(EcosystemName::Julia, "1.2.0-rc.1")?;
/// assert_eq!(version.to_string(), "1.2.0-rc.1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Version(String);

/// Ecosystem, name and stable id. Constructed only in a valid combination, so a Julia package always has a UUID.
///
/// ```
/// use sigpkg::package::Package;
///
/// let package = Package::julia("Example", "7876af07-990d-54b4-ab0e-23690620f79a".parse()?)?;
/// assert_eq!(package.to_string(), "Example [7876af07]");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Package {
    ecosystem: EcosystemName,
    name: PackageName,
    uuid: Option<Uuid>,
}

/// Why a text is no package, name, id or version.
///
/// ```
/// use sigpkg::package::{EcosystemName, Package, PackageError};
///
/// let no_uuid = Package::new(EcosystemName::Julia, "Example", None);
/// assert_eq!(no_uuid, Err(PackageError::UuidMissing));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackageError {
    /// The ecosystem is not one of those in the specification.
    #[error("expected ecosystem \"julia\" or \"generic\", found \"{}\"", text::printable(.0))]
    Ecosystem(String),
    /// The name breaks STM-10.
    #[error("expected {expected}, found \"{}\"", text::printable(.found))]
    Name {
        /// The form of names in this ecosystem, in words.
        expected: &'static str,
        /// The text that was offered.
        found: String,
    },
    /// The UUID is not in the canonical form.
    #[error("expected a UUID of 36 lower-case characters, found \"{}\"", text::printable(.0))]
    Uuid(String),
    /// A Julia package needs a UUID.
    #[error("a julia package needs a uuid, found none")]
    UuidMissing,
    /// Only Julia packages have a UUID.
    #[error("a generic package has no uuid, found {0}")]
    UuidUnexpected(Uuid),
    /// The version breaks STM-12.
    #[error("expected {expected}, found \"{}\"", text::printable(.found))]
    Version {
        /// The form of versions in this ecosystem, in words.
        expected: &'static str,
        /// The text that was offered.
        found: String,
    },
}

impl Package {
    /// A Julia package.
    ///
    /// ```
    /// use sigpkg::package::{Package, PackageError};
    ///
    /// let uuid = "7876af07-990d-54b4-ab0e-23690620f79a".parse()?;
    /// assert_eq!(Package::julia("Example", uuid)?.uuid(), Some(uuid));
    /// assert!(matches!(Package::julia("Example.jl", uuid), Err(PackageError::Name { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`PackageError::Name`] if the name is no Julia identifier of at most 100 ASCII characters.
    pub fn julia(name: &str, uuid: Uuid) -> Result<Self, PackageError> {
        Self::new(EcosystemName::Julia, name, Some(uuid))
    }

    /// A package of any other kind.
    ///
    /// ```
    /// use sigpkg::package::Package;
    ///
    /// assert_eq!(Package::generic("tides")?.to_string(), "tides");
    /// assert!(Package::generic("../tides").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`PackageError::Name`] if the name does not have the form of STM-10.
    pub fn generic(name: &str) -> Result<Self, PackageError> {
        Self::new(EcosystemName::Generic, name, None)
    }

    /// A package of this ecosystem.
    ///
    /// ```
    /// use sigpkg::package::Package;
    ///
    /// let package = Package::new("generic".parse()?, "tides", None)?;
    /// assert_eq!(package, Package::generic("tides")?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`PackageError::Name`] if the name does not have the ecosystem's form.
    /// - [`PackageError::UuidMissing`], [`PackageError::UuidUnexpected`] if the ecosystem wants it otherwise.
    pub fn new(ecosystem: EcosystemName, name: &str, uuid: Option<Uuid>) -> Result<Self, PackageError> {
        Self::with_name(ecosystem, PackageName::new(ecosystem, name)?, uuid)
    }

    /// A package of the ecosystem that the name was made for.
    pub(crate) fn with_name(
        ecosystem: EcosystemName,
        name: PackageName,
        uuid: Option<Uuid>,
    ) -> Result<Self, PackageError> {
        match (ecosystem, uuid) {
            (EcosystemName::Julia, None) => Err(PackageError::UuidMissing),
            (EcosystemName::Generic, Some(uuid)) => Err(PackageError::UuidUnexpected(uuid)),
            (EcosystemName::Julia, Some(_)) | (EcosystemName::Generic, None) => Ok(Self { ecosystem, name, uuid }),
        }
    }

    /// The ecosystem.
    ///
    /// ```
    /// use sigpkg::package::{EcosystemName, Package};
    ///
    /// assert_eq!(Package::generic("tides")?.ecosystem(), EcosystemName::Generic);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn ecosystem(&self) -> EcosystemName {
        self.ecosystem
    }

    /// The name.
    ///
    /// ```
    /// use sigpkg::package::Package;
    ///
    /// let package = Package::julia("Example", "7876af07-990d-54b4-ab0e-23690620f79a".parse()?)?;
    /// assert_eq!(package.name().as_str(), "Example");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn name(&self) -> &PackageName {
        &self.name
    }

    /// The stable id, where the ecosystem has one.
    ///
    /// ```
    /// use sigpkg::package::Package;
    ///
    /// assert_eq!(Package::generic("tides")?.uuid(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn uuid(&self) -> Option<Uuid> {
        self.uuid
    }
}

impl PackageName {
    pub(crate) fn new(ecosystem: EcosystemName, name: &str) -> Result<Self, PackageError> {
        let (expected, fits): (_, fn(&str) -> bool) = match ecosystem {
            EcosystemName::Julia => {
                ("a Julia package name (ASCII letters, digits and _, not first a digit, at most 100)", is_julia_name)
            }
            EcosystemName::Generic => (
                "a name (ASCII letters, digits and . _ + -, first and last a letter or digit, at most 100)",
                is_generic_name,
            ),
        };
        if name.len() <= 100 && fits(name) {
            Ok(Self(name.to_owned()))
        } else {
            Err(PackageError::Name { expected, found: name.to_owned() })
        }
    }

    /// The name as text.
    ///
    /// ```
    /// use sigpkg::package::Package;
    ///
    /// assert!(Package::generic("tides")?.name().as_str().starts_with("ti"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_julia_name(name: &str) -> bool {
    name.bytes().next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn is_generic_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._+-".contains(byte))
}

impl Version {
    /// Reads a version in the canonical form of its ecosystem.
    ///
    /// ```
    /// use sigpkg::package::{EcosystemName, Version};
    ///
    /// assert!(Version::new(EcosystemName::Julia, "1.2.0").is_ok());
    /// assert!(Version::new(EcosystemName::Julia, "v1.2").is_err());
    /// assert!(Version::new(EcosystemName::Generic, "2026a").is_ok());
    /// ```
    ///
    /// # Errors
    ///
    /// - [`PackageError::Version`] if it has another form. `v1.2`, `01.2.3` and `1.2` are Julia versions in a
    ///   manifest, but each has the canonical form `1.2.0` or `1.2.3`, and a statement takes no other.
    pub fn new(ecosystem: EcosystemName, version: &str) -> Result<Self, PackageError> {
        let (expected, fits): (_, fn(&str) -> bool) = match ecosystem {
            EcosystemName::Julia => {
                ("a Julia version such as 1.2.3, 1.2.3-rc.1 or 1.2.3+4, at most 64 characters", is_julia_version)
            }
            EcosystemName::Generic => (
                "a version (ASCII letters, digits and . + - _ ~, first a letter or digit, at most 64)",
                is_generic_version,
            ),
        };
        if version.len() <= 64 && fits(version) {
            Ok(Self(version.to_owned()))
        } else {
            Err(PackageError::Version { expected, found: version.to_owned() })
        }
    }

    /// The version as text.
    ///
    /// ```
    /// use sigpkg::package::{EcosystemName, Version};
    ///
    /// assert_eq!(Version::new(EcosystemName::Generic, "2026a")?.as_str(), "2026a");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `major.minor.patch`, then at most one `-prerelease` and one `+build`, as Julia prints a `VersionNumber`.
fn is_julia_version(version: &str) -> bool {
    let (version, build) = version.split_once('+').map_or((version, None), |(head, build)| (head, Some(build)));
    let (core, prerelease) = version.split_once('-').map_or((version, None), |(head, pre)| (head, Some(pre)));
    let is_component = |part: &str| is_canonical_number(part) && part.parse::<u32>().is_ok();
    core.split('.').count() == 3
        && core.split('.').all(is_component)
        && prerelease.is_none_or(|identifiers| identifiers.split('.').all(is_version_identifier))
        && build.is_none_or(|identifiers| identifiers.split('.').all(is_version_identifier))
}

/// Letters, digits and `-`; one made of digits alone is a number and has no leading zero.
fn is_version_identifier(identifier: &str) -> bool {
    let digits_only = identifier.bytes().all(|byte| byte.is_ascii_digit());
    !identifier.is_empty()
        && identifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && (!digits_only || is_canonical_number(identifier) && identifier.parse::<u64>().is_ok())
}

fn is_canonical_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'))
}

fn is_generic_version(version: &str) -> bool {
    version.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric())
        && version.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".+-_~".contains(&byte))
}

impl FromStr for EcosystemName {
    type Err = PackageError;

    fn from_str(word: &str) -> Result<Self, PackageError> {
        Self::ALL
            .into_iter()
            .find(|ecosystem| ecosystem.as_str() == word)
            .ok_or_else(|| PackageError::Ecosystem(word.to_owned()))
    }
}

impl FromStr for Uuid {
    type Err = PackageError;

    fn from_str(written: &str) -> Result<Self, PackageError> {
        text::from_hex(&written.replace('-', ""))
            .map(Self)
            // Writing it again proves that the dashes were where they belong.
            .filter(|uuid| uuid.to_string() == written)
            .ok_or_else(|| PackageError::Uuid(written.to_owned()))
    }
}

impl Uuid {
    /// The 16 bytes, in the order in which they are written.
    ///
    /// ```
    /// use sigpkg::package::Uuid;
    ///
    /// let uuid: Uuid = "7876af07-990d-54b4-ab0e-23690620f79a".parse()?;
    /// assert_eq!(uuid.as_bytes()[..4], [0x78, 0x76, 0xaf, 0x07]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for EcosystemName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl fmt::Display for PackageName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = text::to_hex(&self.0);
        write!(out, "{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }
}

/// As Julia prints it: `Example [7876af07]`, and a generic package by its name alone.
impl fmt::Display for Package {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.uuid {
            Some(uuid) => write!(out, "{} [{}]", self.name, &uuid.to_string()[..8]),
            None => self.name.fmt(out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "7876af07-990d-54b4-ab0e-23690620f79a";

    #[test]
    fn a_package_prints_as_julia_prints_it() {
        let package = Package::julia("Example", UUID.parse().expect("a canonical UUID")).expect("a valid name");
        assert_eq!(package.to_string(), "Example [7876af07]");
        assert_eq!(Package::generic("left-pad").map(|package| package.to_string()), Ok("left-pad".to_owned()));
    }

    #[test]
    fn a_uuid_has_one_spelling() {
        assert_eq!(UUID.parse::<Uuid>().map(|uuid| uuid.to_string()), Ok(UUID.to_owned()));
        for other in [
            UUID.to_uppercase(),
            UUID.replace('-', ""),
            format!("{{{UUID}}}"),
            UUID[1..].to_owned(),
            format!("7-{}", &UUID[1..]),
        ] {
            assert_eq!(other.parse::<Uuid>(), Err(PackageError::Uuid(other.clone())));
        }
    }

    #[test]
    fn names_have_the_form_of_their_ecosystem() {
        for good in ["Example", "Foo_jll", "_x", "A1"] {
            assert!(PackageName::new(EcosystemName::Julia, good).is_ok(), "{good:?}");
        }
        for bad in ["", "1A", "a-b", "a.b", "Ünicode", "a b", "a\n", &"a".repeat(101)] {
            assert!(PackageName::new(EcosystemName::Julia, bad).is_err(), "{bad:?}");
        }
        for good in ["left-pad", "a", "libstdc++6", "x.y_z"] {
            assert!(PackageName::new(EcosystemName::Generic, good).is_ok(), "{good:?}");
        }
        for bad in ["", "-a", "a-", "..", "a/b", "a b", "é"] {
            assert!(PackageName::new(EcosystemName::Generic, bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn versions_have_the_canonical_form_of_their_ecosystem() {
        for good in ["0.0.0", "1.2.3", "1.2.3-rc1", "1.2.3-rc.1+build.5", "1.2.3+0", "4294967295.0.0", "1.0.0--"] {
            assert!(Version::new(EcosystemName::Julia, good).is_ok(), "{good:?}");
        }
        for bad in [
            "",
            "v1.2.3",
            "1.2",
            "01.2.3",
            "1.2.3-",
            "1.2.3+",
            "1.2.3-01",
            "1.2.3.4",
            "4294967296.0.0",
            "1.2.3+a+b",
            "1.2.3 ",
        ] {
            assert!(Version::new(EcosystemName::Julia, bad).is_err(), "{bad:?}");
        }
        for good in ["1", "2026.11", "1.0~rc1"] {
            assert!(Version::new(EcosystemName::Generic, good).is_ok(), "{good:?}");
        }
        for bad in ["", "-1", "1/2", "1 2", &"1".repeat(65)] {
            assert!(Version::new(EcosystemName::Generic, bad).is_err(), "{bad:?}");
        }
    }
}
