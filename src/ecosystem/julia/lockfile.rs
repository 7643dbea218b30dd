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

/// Julia 1.12 and newer: `[workspace]` with `projects`, a list of folders.
///
/// Source: Julia's `Base.base_project`.
pub(super) fn workspace_members(manifest: &[u8]) -> Vec<String> {
    let table: Option<Table> = str::from_utf8(manifest).ok().and_then(|manifest| manifest.parse().ok());
    let projects = table.as_ref().and_then(|table| table.get("workspace")?.get("projects")?.as_array());
    projects.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
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
    let at_the_top = || table.iter().filter(|(key, _)| !["manifest_format", "julia_version"].contains(&key.as_str()));
    let Some(format) = table.get("manifest_format") else {
        return Ok(at_the_top().collect());
    };
    // A number would be another version to whoever reads `2.10` as one.
    let found = format.as_str().ok_or_else(|| LockfileError::Format { found: format.to_string() })?.to_owned();
    match found.split('.').next() {
        // An empty manifest of format 2 may lack the table.
        Some("2") => {
            // Julia before 1.6.2 knows no format, and would load these.
            let is_stray = |value: &Value| value.as_array().is_some_and(|array| array.iter().any(Value::is_table));
            if let Some((name, _)) = table.iter().find(|(key, value)| *key != "deps" && is_stray(value)) {
                return Err(wrong(name, "deps", "all entries below it", "one beside it"));
            }
            match table.get("deps") {
                None => Ok(Vec::new()),
                Some(deps) => deps
                    .as_table()
                    .map(|deps| deps.iter().collect())
                    .ok_or_else(|| wrong("deps", "deps", "a table", "a value of another type")),
            }
        }
        Some("1") => Ok(at_the_top().collect()),
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

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "7876af07-990d-54b4-ab0e-23690620f79a";
    const TREE: &str = "46e44e869b4d90b96bd8ed1fdcf32244fddfb6cc";

    fn one(entry: &str) -> Result<Locked, LockfileError> {
        let text = format!("manifest_format = \"2.0\"\n[[deps.Example]]\nuuid = \"{UUID}\"\n{entry}");
        read(text.as_bytes()).map(|lockfile| lockfile.entries[0].clone())
    }

    /// PRJ-2, in the order in which Julia looks at them.
    #[test]
    fn what_an_entry_has_says_where_it_comes_from() {
        let tree = format!("git-tree-sha1 = \"{TREE}\"\n");
        let url = "repo-url = \"https://example.org\"\n";
        let path = "path = \"dev\"\n";
        for (entry, word) in [
            (String::new(), "stdlib"),
            (tree.clone(), "registered"),
            (format!("{tree}{url}"), "url"),
            (path.to_owned(), "path"),
            (format!("{tree}{url}{path}"), "path"),
            (tree.to_ascii_uppercase().replace("GIT-TREE-SHA1", "git-tree-sha1"), "registered"),
        ] {
            assert_eq!(one(&entry).unwrap().origin.word(), word, "{entry}");
        }
        assert!(matches!(one(url), Err(LockfileError::Key { key: "git-tree-sha1", .. })));
    }

    #[test]
    fn the_formats_have_their_entries_in_different_places() {
        let entry = format!("Example\"]]\nuuid = \"{UUID}\"\n");
        for (text, entries) in [
            (String::new(), 0),
            (format!("[[\"{entry}"), 1),
            (format!("manifest_format = \"1.0\"\n[[\"{entry}"), 1),
            ("manifest_format = \"2.0\"\n".to_owned(), 0),
            (format!("manifest_format = \"2.1\"\n[registries.General]\nuuid = \"{UUID}\"\n[[deps.\"{entry}"), 1),
        ] {
            assert_eq!(read(text.as_bytes()).unwrap().entries.len(), entries, "{text}");
        }
        // Other versions of Julia would load what is in the other place.
        for text in [
            format!("manifest_format = \"2.0\"\n[[\"{entry}"),
            format!("manifest_format = \"1.0\"\n[[deps.\"{entry}"),
            format!("[[deps.\"{entry}"),
        ] {
            let found = read(text.as_bytes());
            assert!(matches!(found, Err(LockfileError::Key { .. })), "{text}: {found:?}");
        }
        for format in ["\"3.0\"", "\"\"", "3", "\"x\""] {
            let found = read(format!("manifest_format = {format}\n").as_bytes());
            assert!(matches!(found, Err(LockfileError::Format { .. })), "{format}: {found:?}");
        }
    }

    #[test]
    fn names_may_come_twice_and_ids_may_not() {
        let entry = |name: &str, uuid: &str| format!("[[{name}]]\nuuid = \"{uuid}\"\n");
        let other = UUID.replace('7', "8");
        let two = format!("{}{}", entry("Example", UUID), entry("Example", &other));
        assert_eq!(read(two.as_bytes()).unwrap().entries.len(), 2);
        let upper = UUID.to_ascii_uppercase();
        let twice = format!("{}{}", entry("Example", UUID), entry("Other", &upper));
        assert!(matches!(read(twice.as_bytes()), Err(LockfileError::Twice { .. })));
    }

    /// PRJ-1
    #[test]
    fn julia_looks_for_the_names_with_its_version_first() {
        let named = |language: &str| names(Some(language), &[]);
        let expected = ["JuliaManifest-v1.11.toml", "Manifest-v1.11.toml", "JuliaManifest.toml", "Manifest.toml"];
        assert_eq!(named("1.11"), expected);
        assert_eq!(named("v1.11.4"), expected);
        assert_eq!(named("1"), NAMES);
        let present = ["Manifest.toml", "Manifest-v1.11.toml", "Manifest-vx.toml", "Manifest-v1.toml", "Project.toml"];
        assert_eq!(names(None, &present.map(str::to_owned)), ["Manifest.toml", "Manifest-v1.11.toml"]);
    }

    #[test]
    fn only_a_text_names_a_manifest() {
        assert_eq!(named(b"manifest = \"../Manifest.toml\"").as_deref(), Some("../Manifest.toml"));
        for other in ["manifest = 1", "[deps]", "no toml", "[manifest]"] {
            assert_eq!(named(other.as_bytes()), None, "{other}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_input_brings_the_reader_down(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let _ = read(&bytes);
            let _ = named(&bytes);
        }
    }
}
