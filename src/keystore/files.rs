//! Files that survive a crash whole, and that only their owner can read (KEEP-3, KEEP-5, KEEP-6).

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::KeyStoreError;
use crate::failpoint::{self, Failpoint};
use crate::interrupt::Whole;

/// The largest file of a store that is read, in bytes: a chain file of the largest size (CHN-1).
const MAX_BYTES: u64 = 64 << 20;

/// The largest secret key file that is read, in bytes: a comment line of the stock tools, and 212 characters of base64.
const MAX_SECRET_BYTES: u64 = 4096;

/// Writes a file so that a crash leaves either what was there before or all of the new content: a temporary file in the
/// same folder, made durable, then renamed, and the folder made durable.
pub(super) fn write(path: &Path, content: &[u8]) -> Result<(), KeyStoreError> {
    write_reaching(path, content, None)
}

/// Like [`write`], with a point between writing and renaming.
pub(super) fn write_reaching(path: &Path, content: &[u8], written: Option<Failpoint>) -> Result<(), KeyStoreError> {
    let _whole = Whole::begin();
    let temporary = temporary_beside(path);
    write_new(&temporary, content)?;
    if let Some(point) = written {
        failpoint::reach(point);
    }
    fs::rename(&temporary, path).map_err(KeyStoreError::io("rename", &temporary))?;
    sync_folder(parent(path))
}

/// Writes a file that must not be there yet, with the same promise: a key is never overwritten (KEEP-4). The lock of the
/// store keeps others from making it in between.
pub(super) fn write_key(path: &Path, content: &[u8]) -> Result<(), KeyStoreError> {
    if exists(path)? {
        return Err(KeyStoreError::KeyExists { path: path.to_owned() });
    }
    write_reaching(path, content, Some(Failpoint::KeyWritten))
}

/// Erases what a crash has left of keys that never got their names.
pub(super) fn tidy_keys(folder: &Path) -> Result<(), KeyStoreError> {
    names(folder)?
        .iter()
        .filter(|name| name.starts_with('.') && name.ends_with(".key.new"))
        .try_for_each(|name| erase(&folder.join(name)))
}

/// Erases what a crash has left of folders that never got their names: the keys in them have signed nothing that anyone
/// has seen.
pub(super) fn tidy_folders(home: &Path, suffix: &str) -> Result<(), KeyStoreError> {
    for name in names(home)? {
        if name.starts_with('.') && name.ends_with(suffix) {
            let folder = home.join(&name);
            let keys = names(&folder)?.into_iter().map(|name| folder.join(name));
            keys.filter(|path| path.extension().is_some_and(|end| end == "key")).try_for_each(|key| erase(&key))?;
            remove_folder(&folder)?;
        }
    }
    Ok(())
}

/// Creates a file that only its owner can read, and makes its content durable. A left-over of a crash is replaced.
pub(super) fn write_new(path: &Path, content: &[u8]) -> Result<(), KeyStoreError> {
    match fs::remove_file(path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(KeyStoreError::io("remove", path)(error)),
    }
    let create = || private(OpenOptions::new().write(true).create_new(true)).open(path);
    let mut file = create().map_err(KeyStoreError::io("write", path))?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(|error| {
        // On a full disk it would be a part of a secret; why it could not be written is the news.
        let _ = fs::remove_file(path);
        KeyStoreError::io("write", path)(error)
    })
}

/// Reads a file that only its owner can read.
pub(super) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
    check_private(path, Expected::File)?;
    let read = || {
        let mut content = Zeroizing::new(Vec::new());
        File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut content)?;
        Ok(content)
    };
    let content = read().map_err(KeyStoreError::io("read", path))?;
    if content.len() as u64 > MAX_BYTES {
        return Err(KeyStoreError::damaged(path, format!("expected at most {MAX_BYTES} bytes, found more")));
    }
    Ok(content)
}

/// Reads a text from outside of any store: a stick has the modes that it has.
pub(super) fn read_anywhere(path: &Path) -> Result<Zeroizing<String>, KeyStoreError> {
    let mut text = Zeroizing::new(String::new());
    let read = File::open(path).and_then(|file| file.take(MAX_SECRET_BYTES + 1).read_to_string(&mut text));
    match read {
        Ok(_) if text.len() as u64 > MAX_SECRET_BYTES => {
            Err(KeyStoreError::damaged(path, format!("expected at most {MAX_SECRET_BYTES} bytes, found more")))
        }
        Ok(_) => Ok(text),
        Err(error) => Err(KeyStoreError::io("read", path)(error)),
    }
}

/// Reads a text, if the file is there.
pub(super) fn read_text(path: &Path) -> Result<Option<Zeroizing<String>>, KeyStoreError> {
    if !exists(path)? {
        return Ok(None);
    }
    let mut content = read(path)?;
    match String::from_utf8(std::mem::take(&mut *content)) {
        Ok(text) => Ok(Some(Zeroizing::new(text))),
        Err(error) => {
            drop(Zeroizing::new(error.into_bytes()));
            Err(KeyStoreError::damaged(path, "expected UTF-8, found other bytes"))
        }
    }
}

/// Overwrites a file, makes that durable, and removes it (KEEP-6). Journaling file systems, snapshots and flash memory
/// may keep older copies all the same: only encryption helps against whoever reads the bare device.
pub(super) fn erase(path: &Path) -> Result<(), KeyStoreError> {
    if !exists(path)? {
        return Ok(());
    }
    let _whole = Whole::begin();
    let overwrite = || {
        let mut file = OpenOptions::new().write(true).open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(0))?;
        io::copy(&mut io::repeat(0).take(length), &mut file)?;
        file.sync_all()
    };
    overwrite().map_err(KeyStoreError::io("overwrite", path))?;
    failpoint::reach(Failpoint::KeyOverwritten);
    fs::remove_file(path).map_err(KeyStoreError::io("remove", path))?;
    sync_folder(parent(path))
}

/// Removes a folder and the files in it. Whether it was there does not matter.
pub(super) fn remove_folder(path: &Path) -> Result<(), KeyStoreError> {
    match fs::remove_dir_all(path) {
        Ok(()) => sync_folder(parent(path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(KeyStoreError::io("remove", path)(error)),
    }
}

/// Creates a folder that only its owner can enter, with those above it. It may be there already.
pub(super) fn create_folder(path: &Path) -> Result<(), KeyStoreError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(KeyStoreError::io("create", path))?;
    sync_folder(parent(path))
}

/// Makes the names in a folder durable.
pub(super) fn sync_folder(path: &Path) -> Result<(), KeyStoreError> {
    // Windows has no such thing; renames are journaled there.
    if cfg!(unix) {
        File::open(path).and_then(|folder| folder.sync_all()).map_err(KeyStoreError::io("sync", path))?;
    }
    Ok(())
}

/// What a path in a store is to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    File,
    Folder,
}

/// Refuses what others could read or replace, and what is no file or folder of its own (KEEP-3).
pub(super) fn check_private(path: &Path, expected: Expected) -> Result<(), KeyStoreError> {
    let metadata = fs::symlink_metadata(path).map_err(KeyStoreError::io("read", path))?;
    let fits = match expected {
        Expected::File => metadata.is_file(),
        Expected::Folder => metadata.is_dir(),
    };
    if !fits {
        let word = if expected == Expected::File { "file" } else { "folder" };
        return Err(KeyStoreError::damaged(path, format!("expected a {word}, found something else")));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let found = metadata.permissions().mode() & 0o777;
        let expected = if expected == Expected::File { 0o600 } else { 0o700 };
        if found & 0o077 != 0 {
            return Err(KeyStoreError::TooOpen { path: path.to_owned(), expected, found });
        }
    }
    Ok(())
}

/// Whether there is something at this path, a dangling link included.
pub(super) fn exists(path: &Path) -> Result<bool, KeyStoreError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(KeyStoreError::io("read", path)(error)),
    }
}

/// The names in a folder, sorted.
pub(super) fn names(folder: &Path) -> Result<Vec<String>, KeyStoreError> {
    let read = || {
        let mut names = fs::read_dir(folder)?
            .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
            .collect::<io::Result<Vec<_>>>()?;
        names.sort();
        Ok(names)
    };
    read().map_err(KeyStoreError::io("read", folder))
}

pub(super) fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

/// Names that begin with a dot belong to writes that are under way.
fn temporary_beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.new"))
}

/// Lets a new file be one that only its owner can read.
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}
