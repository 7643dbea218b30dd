//! Where secrets are, as far as this machine can know: for `status` and `doctor`.

use std::fs;
use std::path::{Path, PathBuf};

use sigpkg::keystore::Store;
use sigpkg::secret::scan;

/// The most entries of a folder that are looked at: it may have become a folder of something else.
const MOST_ENTRIES: usize = 1000;
/// The largest file that is looked at, in bytes: more than any secret key file has.
const MOST_BYTES: u64 = 4096;

/// Folders that programs copy to other machines, by what they are called, in lower case.
const COPIED: &[&str] = &[
    "dropbox",
    "google drive",
    "googledrive",
    "my drive",
    "icloud drive",
    "mobile documents",
    "nextcloud",
    "onedrive",
    "owncloud",
    "pcloud drive",
    "sync",
    "syncthing",
];

/// Reserve key files of `init` that are still where it put them, or beside the store. What was kept under another name
/// elsewhere is not found.
pub(crate) fn reserve_files(store: &Store) -> Vec<PathBuf> {
    let settings = store.settings();
    if settings.reserve_files.is_empty() {
        return Vec::new();
    }
    let beside = [Some(store.folder()), store.folder().parent(), settings.reserve_place.as_deref()];
    let mut found = Vec::new();
    for folder in beside.into_iter().flatten() {
        let Ok(entries) = fs::read_dir(folder) else { continue };
        for entry in entries.flatten().take(MOST_ENTRIES) {
            let is_small = entry.metadata().is_ok_and(|entry| entry.is_file() && entry.len() <= MOST_BYTES);
            let digest =
                is_small.then(|| fs::read(entry.path()).ok()).flatten().and_then(|file| scan::digest_of(&file));
            if digest.is_some_and(|digest| settings.reserve_files.contains(&digest)) && !found.contains(&entry.path()) {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

/// The part of a path that is called like a folder which a program copies elsewhere.
pub(crate) fn copied_folder(path: &Path) -> Option<PathBuf> {
    let is_copied = |folder: &&Path| {
        let name = folder.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        COPIED.iter().any(|copied| name == *copied || name.starts_with(&format!("{copied} -")))
    };
    path.ancestors().find(is_copied).map(Path::to_owned)
}

/// The mode of a folder that others may write to; whoever may can put another one in the place of what is in it.
#[cfg(unix)]
pub(crate) fn open_to_others(folder: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = folder.metadata().ok()?.permissions().mode() & 0o7777;
    (mode & 0o022 != 0).then_some(mode)
}

#[cfg(not(unix))]
pub(crate) fn open_to_others(_folder: &Path) -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_copied_elsewhere_is_known_by_its_name() {
        for (path, folder) in [
            ("/home/a/Dropbox/keys", Some("/home/a/Dropbox")),
            ("/home/a/OneDrive - Example/x/keys", Some("/home/a/OneDrive - Example")),
            ("/Users/a/Library/Mobile Documents/keys", Some("/Users/a/Library/Mobile Documents")),
            ("/home/a/.local/share/sigpkg/keys", None),
            ("/home/a/dropboxes/keys", None),
        ] {
            assert_eq!(copied_folder(Path::new(path)), folder.map(PathBuf::from), "{path}");
        }
    }
}
