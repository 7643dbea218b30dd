//! Files and folders of the trust store: read whole, replaced at once, and never taken for absent when they cannot be read.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use super::TrustError;
use crate::interrupt::Whole;

/// Reads a file whole; `None` if there is none.
pub(super) fn read(path: &Path, most: u64) -> Result<Option<Vec<u8>>, TrustError> {
    use io::Read as _;
    let read_error = |source| TrustError::Read { path: path.to_owned(), source };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if is_absent(path, &error) => return Ok(None),
        Err(source) => return Err(read_error(source)),
    };
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(read_error)?;
    if bytes.len() as u64 > most {
        return Err(TrustError::Damaged { path: path.to_owned(), problem: format!("it has more than {most} bytes") });
    }
    Ok(Some(bytes))
}

/// Puts a file into its place at once: whoever reads it sees the old one or the new one, also after a power cut.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), TrustError> {
    let write_error = |source| TrustError::Write { path: path.to_owned(), source };
    let folder = path.parent().unwrap_or(Path::new("."));
    let _whole = Whole::begin();
    let mut new = tempfile::Builder::new().prefix(".new-").tempfile_in(folder).map_err(write_error)?;
    new.write_all(bytes).map_err(write_error)?;
    new.as_file().sync_all().map_err(write_error)?;
    new.persist(path).map_err(|error| write_error(error.error))?;
    sync_folder(folder)
}

/// Creates a folder and those above it, and makes their names durable.
pub(super) fn create_folders(folder: &Path) -> Result<(), TrustError> {
    let missing: Vec<_> = folder.ancestors().take_while(|ancestor| !ancestor.exists()).collect();
    fs::create_dir_all(folder).map_err(|source| TrustError::Write { path: folder.to_owned(), source })?;
    missing.into_iter().filter_map(Path::parent).filter(|parent| parent.is_dir()).try_for_each(sync_folder)
}

/// Makes the names in a folder durable. Where a folder cannot be opened as a file there is no way to ask for it.
pub(super) fn sync_folder(folder: &Path) -> Result<(), TrustError> {
    match File::open(folder) {
        Ok(opened) => opened.sync_all().map_err(|source| TrustError::Write { path: folder.to_owned(), source }),
        Err(_) => Ok(()),
    }
}

/// The names of the folders in a folder, sorted. What is no folder, or has a name that no entry has, is not ours.
pub(super) fn folder_names(folder: &Path) -> Result<Vec<String>, TrustError> {
    let read_error = |source| TrustError::Read { path: folder.to_owned(), source };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if is_absent(folder, &error) => return Ok(Vec::new()),
        Err(source) => return Err(read_error(source)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(read_error)?;
        if let Ok(name) = entry.file_name().into_string()
            && is_one_component(&name)
            && is_folder(&entry.path()).map_err(read_error)?
        {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Whether nothing is there, which is not so of a link to a disk that is not mounted (VER-35): everything that was
/// trusted would be taken for unknown.
fn is_absent(path: &Path, error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound && !path.ancestors().any(|above| above.is_symlink() && !above.exists())
}

/// Whether a folder stands there; a link that leads nowhere is an error.
fn is_folder(path: &Path) -> io::Result<bool> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(metadata.is_dir()),
        // Removed since it was listed.
        Err(error) if is_absent(path, &error) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether a name may be joined to a path: neither a way out of the folder nor a hidden file.
pub(super) fn is_one_component(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('.')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte))
}

/// Removes a file, if it is there, and makes that durable.
pub(super) fn remove(path: &Path) -> Result<(), TrustError> {
    match fs::remove_file(path) {
        Ok(()) => sync_folder(path.parent().unwrap_or(Path::new("."))),
        Err(error) if is_absent(path, &error) => Ok(()),
        Err(source) => Err(TrustError::Write { path: path.to_owned(), source }),
    }
}

/// Whether something has this name: a link that leads nowhere is something.
pub(super) fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}
