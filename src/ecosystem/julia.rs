//! Julia: `Project.toml`, a UUID, the order of `VersionNumber`, `Manifest.toml` and the depot.

mod depot;
mod lockfile;
mod registry;

use std::cmp::Ordering;

use super::registry::RegistryForm;
use super::{Ecosystem, Locked, Lockfile, LockfileError, Manifest, ManifestError, one_line};
use crate::package::{EcosystemName, Package, PackageError, Uuid, Version};

/// Packages of the Julia language.
///
/// ```
/// use std::cmp::Ordering;
/// use sigpkg::ecosystem::{Ecosystem as _, Julia};
///
/// let (candidate, release) = (Julia.version("1.2.0-rc1")?, Julia.version("1.2")?);
/// assert_eq!(Julia.compare(&candidate, &release), Some(Ordering::Less));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Julia;

impl Ecosystem for Julia {
    fn name(&self) -> EcosystemName {
        EcosystemName::Julia
    }

    /// Julia looks for the names in this order (`Base.project_names`).
    fn manifest_paths(&self) -> &'static [&'static str] {
        &["JuliaProject.toml", "Project.toml"]
    }

    fn read_manifest(&self, manifest: &[u8]) -> Result<Manifest, ManifestError> {
        let manifest = std::str::from_utf8(manifest)
            .map_err(|error| ManifestError::Syntax { reason: format!("no UTF-8 at byte {}", error.valid_up_to()) })?;
        let table: toml::Table = manifest
            .parse()
            .map_err(|error: toml::de::Error| ManifestError::Syntax { reason: one_line(error.message()) })?;
        let name = required(&table, "name")?;
        // Julia reads either case and prints the lower one.
        let uuid = required(&table, "uuid")?.to_ascii_lowercase().parse::<Uuid>()?;
        let version = optional(&table, "version")?.map(|written| self.version(written)).transpose()?;
        Ok(Manifest { package: Package::julia(name, uuid)?, version })
    }

    /// Julia reads `v1.2` and `1.2rc1` as 1.2.0 and 1.2.0-rc1; a statement has what Julia prints.
    fn version(&self, written: &str) -> Result<Version, PackageError> {
        let spelled_out = spell_out(written).unwrap_or_else(|| written.to_owned());
        Version::new(EcosystemName::Julia, &spelled_out).map_err(|error| {
            match Version::new(EcosystemName::Julia, written) {
                Ok(_) => error,
                Err(as_written) => as_written,
            }
        })
    }

    fn compare(&self, left: &Version, right: &Version) -> Option<Ordering> {
        Some(Parts::of(left).cmp(&Parts::of(right)))
    }

    fn lockfile_names(&self, language: Option<&str>, present: &[String]) -> Vec<String> {
        lockfile::names(language, present)
    }

    fn named_lockfile(&self, manifest: &[u8]) -> Option<String> {
        lockfile::named(manifest)
    }

    fn workspace_members(&self, manifest: &[u8]) -> Vec<String> {
        lockfile::workspace_members(manifest)
    }

    fn read_lockfile(&self, lockfile: &[u8]) -> Result<Lockfile, LockfileError> {
        lockfile::read(lockfile)
    }

    fn installed_paths(&self, locked: &Locked) -> Vec<String> {
        depot::installed_paths(locked)
    }

    fn is_generated(&self, path: &str, is_built: bool) -> bool {
        depot::is_generated(path, is_built)
    }

    fn build_step(&self) -> Option<&'static str> {
        Some(depot::BUILD_STEP)
    }

    fn registry(&self) -> Option<&'static dyn RegistryForm> {
        Some(&registry::JuliaRegistry)
    }
}

fn required<'table>(table: &'table toml::Table, key: &'static str) -> Result<&'table str, ManifestError> {
    optional(table, key)?.ok_or(ManifestError::Key { key, found: "none" })
}

fn optional<'table>(table: &'table toml::Table, key: &'static str) -> Result<Option<&'table str>, ManifestError> {
    match table.get(key) {
        None => Ok(None),
        Some(value) => value.as_str().map(Some).ok_or(ManifestError::Key { key, found: "a value of another type" }),
    }
}

/// Fills in what `VersionNumber` fills in: minor and patch, and the hyphen before a prerelease.
fn spell_out(written: &str) -> Option<String> {
    let written = written.strip_prefix(['v', 'V']).unwrap_or(written);
    let end = written.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(written.len());
    let (core, rest) = written.split_at(end);
    let mut numbers = core.split('.').map(|number| number.parse::<u32>().ok()).collect::<Option<Vec<_>>>()?;
    if numbers.len() > 3 {
        return None;
    }
    numbers.resize(3, 0);
    let core = numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(".");
    let hyphen = if rest.starts_with(|first: char| first.is_ascii_alphabetic()) { "-" } else { "" };
    Some(format!("{core}{hyphen}{rest}"))
}

/// A version as Julia compares it: the numbers; then a prerelease, which comes before the version itself; then the build,
/// which comes after it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Parts<'version> {
    numbers: Vec<u64>,
    prerelease: Prerelease<'version>,
    build: Vec<Identifier<'version>>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Prerelease<'version> {
    Some(Vec<Identifier<'version>>),
    None,
}

/// Numbers come before words, and have their numerical order.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Identifier<'version> {
    Number(u64),
    Word(&'version str),
}

impl<'version> Parts<'version> {
    fn of(version: &'version Version) -> Self {
        let version = version.as_str();
        let (version, build) = version.split_once('+').map_or((version, None), |(head, build)| (head, Some(build)));
        let (core, prerelease) = version.split_once('-').map_or((version, None), |(head, pre)| (head, Some(pre)));
        Self {
            numbers: core.split('.').map(|number| number.parse().unwrap_or(u64::MAX)).collect(),
            prerelease: prerelease.map_or(Prerelease::None, |words| Prerelease::Some(Identifier::all(words))),
            build: build.map(Identifier::all).unwrap_or_default(),
        }
    }
}

impl<'version> Identifier<'version> {
    fn all(words: &'version str) -> Vec<Self> {
        words.split('.').map(|word| word.parse().map_or(Self::Word(word), Self::Number)).collect()
    }
}
