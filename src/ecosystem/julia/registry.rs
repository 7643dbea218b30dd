//! The files of a Julia registry: `Registry.toml`, `Package.toml` and `Versions.toml`.
//!
//! Source: spec/9-registries.md, REG-1 and REG-2. The layout is the one that Julia's Pkg reads.

use std::collections::{BTreeMap, HashMap};

use super::super::registry::{
    Address, FileFault, Index, PackageFile, Place, RegistryFile, RegistryForm, VersionEntry, Versions,
};
use super::super::{Ecosystem as _, one_line};
use super::Julia;
use crate::listing::TreePath;
use crate::package::{Package, Uuid, Version};
use crate::text;

/// General has one of 1.6 MB for 15,000 packages.
const INDEX: RegistryFile = RegistryFile { name: "Registry.toml", max_bytes: 16 << 20 };

/// It has four short values.
const PACKAGE: RegistryFile = RegistryFile { name: "Package.toml", max_bytes: 64 << 10 };

/// Room for 50,000 versions. The packages with most versions in General have some hundreds.
const VERSIONS: RegistryFile = RegistryFile { name: "Versions.toml", max_bytes: 4 << 20 };

/// The registries of Julia.
#[derive(Clone, Copy, Debug)]
pub(super) struct JuliaRegistry;

impl RegistryForm for JuliaRegistry {
    fn index(&self) -> RegistryFile {
        INDEX
    }

    fn package(&self) -> RegistryFile {
        PACKAGE
    }

    fn versions(&self) -> RegistryFile {
        VERSIONS
    }

    fn read_index(&self, bytes: &[u8]) -> Result<Index, FileFault> {
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
        Ok(Index { name: required(&table, "name")?.to_owned(), uuid: uuid(required(&table, "uuid")?)?, packages })
    }

    fn read_package(&self, bytes: &[u8]) -> Result<PackageFile, FileFault> {
        let table = table(bytes)?;
        let package = Package::julia(required(&table, "name")?, uuid(required(&table, "uuid")?)?)?;
        let repository = optional(&table, "repo")?.map(Address::read).transpose()?;
        let subdirectory = optional(&table, "subdir")?
            .map(|path| path.strip_suffix('/').unwrap_or(path))
            .filter(|path| !path.is_empty())
            .map(|path| tree_path(path, || "subdir".to_owned()))
            .transpose()?;
        Ok(PackageFile { package, repository, subdirectory })
    }

    /// Keys beside `git-tree-sha1` and `yanked` are for others.
    fn read_versions(&self, bytes: &[u8]) -> Result<Versions, FileFault> {
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
        Ok(Versions::of(found.into_iter().map(|(version, (_, entry))| (version, entry)), &Julia))
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
