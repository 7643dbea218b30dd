//! `Manifest.toml`, in every form that Julia has written (PRJ-1).
//!
//! Format 1 has the entries at the top, `[[Name]]`; format 2 has them below `deps`, `[[deps.Name]]`, beside what it says of
//! itself. Format 2.1 adds keys that say which registry an entry is from; they are not needed here.
//!
//! Source: Julia's `Base.explicit_manifest_entry_path` and `Base.manifest_names`, Pkg's `manifest.jl`.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::super::{Ecosystem as _, Locked, Lockfile, LockfileError, MAX_LOCKED, Origin, one_line};
use super::Julia;
use crate::package::{Package, PackageError, Uuid};

/// The names without a version, in the order in which Julia looks for them.
const NAMES: [&str; 2] = ["JuliaManifest.toml", "Manifest.toml"];

/// Julia 1.10.8 and 1.11 and later look for the names with their own version first; older ones do not know these.
pub(super) fn names(language: Option<&str>, present: &[String]) -> Vec<String> {
    let plain = NAMES.map(str::to_owned);
    let Some(language) = language else {
        let mut all: Vec<_> = plain.into_iter().filter(|name| present.contains(name)).collect();
        all.extend(present.iter().filter(|name| is_versioned(name)).cloned());
        return all;
    };
    let minor: Vec<_> = language.trim_start_matches('v').split('.').take(2).collect();
    let [major, minor] = minor[..] else {
        return plain.to_vec();
    };
    let versioned = ["JuliaManifest", "Manifest"].map(|name| format!("{name}-v{major}.{minor}.toml"));
    versioned.into_iter().chain(plain).collect()
}

/// `Manifest-v1.11.toml`
fn is_versioned(name: &str) -> bool {
    let version = name.strip_prefix("Julia").unwrap_or(name).strip_prefix("Manifest-v");
    let numbers = version.and_then(|version| version.strip_suffix(".toml")).and_then(|numbers| numbers.split_once('.'));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    numbers.is_some_and(|(major, minor)| is_number(major) && is_number(minor))
}

/// A project may name its manifest: `manifest = "path"`.
pub(super) fn named(manifest: &[u8]) -> Option<String> {
    let table: Table = str::from_utf8(manifest).ok()?.parse().ok()?;
    table.get("manifest")?.as_str().map(str::to_owned)
}

pub(super) fn read(lockfile: &[u8]) -> Result<Lockfile, LockfileError> {
    let text = str::from_utf8(lockfile)
        .map_err(|error| LockfileError::Syntax { reason: format!("no UTF-8 at byte {}", error.valid_up_to()) })?;
    let table: Table =
        text.parse().map_err(|error: toml::de::Error| LockfileError::Syntax { reason: one_line(error.message()) })?;
    let by_name = entries_of(&table)?;
    let mut entries = Vec::new();
    for (name, listed) in by_name {
        // A manifest of format 1 without any entry may still have tables of another kind.
        let listed =
            listed.as_array().ok_or_else(|| wrong(name, "", "an array of tables", "a value of another type"))?;
        for entry in listed {
            let entry = entry.as_table().ok_or_else(|| wrong(name, "", "a table", "a value of another type"))?;
            entries.push(locked(name, entry)?);
        }
        if entries.len() > MAX_LOCKED {
            return Err(LockfileError::TooMany { found: entries.len() });
        }
    }
    check_unique(&entries)?;
    entries.sort_by(|one, other| one.package.cmp(&other.package));
    let language = table.get("julia_version").and_then(Value::as_str).map(str::to_owned);
    Ok(Lockfile { language, entries })
}

/// The entries by name, wherever this format has them.
fn entries_of(table: &Table) -> Result<Vec<(&String, &Value)>, LockfileError> {
    let Some(format) = table.get("manifest_format") else {
        return Ok(table.iter().collect());
    };
    let found = format.as_str().map_or_else(|| format.to_string(), str::to_owned);
    match found.split('.').next() {
        // An empty manifest of format 2 may lack the table.
        Some("2") => match table.get("deps") {
            None => Ok(Vec::new()),
            Some(deps) => deps
                .as_table()
                .map(|deps| deps.iter().collect())
                .ok_or_else(|| wrong("deps", "deps", "a table", "a value of another type")),
        },
        Some("1") => Ok(table.iter().filter(|(key, _)| *key != "manifest_format" && *key != "julia_version").collect()),
        Some(_) | None => Err(LockfileError::Format { found }),
    }
}

fn locked(name: &str, entry: &Table) -> Result<Locked, LockfileError> {
    let value = |error: PackageError| LockfileError::Value { entry: name.to_owned(), error };
    let uuid = text_of(name, entry, "uuid")?.ok_or_else(|| wrong(name, "uuid", "a UUID", "none"))?;
    let uuid: Uuid = uuid.to_ascii_lowercase().parse().map_err(value)?;
    let package = Package::julia(name, uuid).map_err(value)?;
    let version = text_of(name, entry, "version")?.map(|version| Julia.version(version)).transpose().map_err(value)?;
    Ok(Locked { package, version, origin: origin(name, entry)? })
}

/// Julia loads from `path` if there is one, whatever else the entry has.
fn origin(name: &str, entry: &Table) -> Result<Origin, LockfileError> {
    let tree = text_of(name, entry, "git-tree-sha1")?
        .map(|tree| tree.to_ascii_lowercase().parse())
        .transpose()
        .map_err(|error| LockfileError::Tree { entry: name.to_owned(), error })?;
    let path = text_of(name, entry, "path")?;
    let url = text_of(name, entry, "repo-url")?;
    Ok(match (path, tree, url) {
        (Some(path), _, _) => Origin::Path { path: path.to_owned() },
        (None, Some(tree), Some(url)) => Origin::Url { url: url.to_owned(), tree },
        (None, Some(tree), None) => Origin::Registered { tree },
        (None, None, Some(_)) => return Err(wrong(name, "git-tree-sha1", "a tree hash", "none")),
        (None, None, None) => Origin::Bundled,
    })
}

fn text_of<'entry>(name: &str, entry: &'entry Table, key: &'static str) -> Result<Option<&'entry str>, LockfileError> {
    match entry.get(key) {
        None => Ok(None),
        Some(value) => value.as_str().map(Some).ok_or_else(|| wrong(name, key, "a text", "a value of another type")),
    }
}

fn wrong(name: &str, key: &'static str, expected: &'static str, found: &'static str) -> LockfileError {
    LockfileError::Key { entry: name.to_owned(), key, expected, found }
}

/// Names may come twice, since packages are told apart by their UUIDs.
fn check_unique(entries: &[Locked]) -> Result<(), LockfileError> {
    let mut seen = BTreeSet::new();
    match entries.iter().find(|entry| !seen.insert(entry.package.uuid())) {
        Some(twice) => Err(LockfileError::Twice { package: twice.package.clone() }),
        None => Ok(()),
    }
}
