//! The files on disk are those of the generator, byte for byte.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::corpus;

/// What people wrote, and what Python leaves behind.
const BY_HAND: &[&str] = &["README.md", "check.py", "index.schema.json", "sigpkg_py/"];

#[test]
fn files_on_disk_are_those_of_the_generator() {
    let wanted = corpus().all_files();
    if is_writing() {
        write(&wanted);
    }
    let found = on_disk();
    let mut wrong: Vec<_> = wanted
        .iter()
        .filter_map(|(path, bytes)| match found.get(path) {
            None => Some(format!("missing: {path}")),
            Some(other) if other != bytes => Some(format!("different: {path}")),
            Some(_) => None,
        })
        .collect();
    wrong.extend(found.keys().filter(|path| !wanted.contains_key(*path)).map(|path| format!("extra: {path}")));
    assert!(wrong.is_empty(), "run with SIGPKG_WRITE_VECTORS=1 if this is meant:\n{}", wrong.join("\n"));
}

#[test]
fn vectors_stay_small() {
    let bytes: usize = corpus().all_files().values().map(Vec::len).sum();
    assert!(bytes < 2 << 20, "{bytes} bytes of vectors");
}

/// Whether the files are to be written again.
pub(crate) fn is_writing() -> bool {
    std::env::var_os("SIGPKG_WRITE_VECTORS").is_some_and(|value| value == "1")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testvectors")
}

fn is_by_hand(path: &str) -> bool {
    BY_HAND.iter().any(|name| path == *name || name.ends_with('/') && path.starts_with(name))
}

fn write(wanted: &BTreeMap<String, Vec<u8>>) {
    for path in on_disk().keys().filter(|path| !wanted.contains_key(*path)) {
        fs::remove_file(folder().join(path)).unwrap();
    }
    for (path, bytes) in wanted {
        let path = folder().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// Every file that the generator answers for, by its path with `/`.
fn on_disk() -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut rest = vec![String::new()];
    while let Some(prefix) = rest.pop() {
        for entry in fs::read_dir(folder().join(&prefix)).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{prefix}{}", entry.file_name().to_str().unwrap());
            if entry.file_type().unwrap().is_dir() {
                rest.push(format!("{path}/"));
            } else if !is_by_hand(&path) {
                found.insert(path, fs::read(entry.path()).unwrap());
            }
        }
    }
    found
}
