//! A directory as a source (TREE-22): a checkout, an unpacked archive, or an installed package.
//!
//! No symbolic link is followed. A file is hashed only if it is still the one that was looked at, and refused as
//! changed if it grew or shrank meanwhile; whoever can write to the directory while it is read can do more than that.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::collect::{Collector, Place, leaves_out, not_a_file, printable, read_back};
use super::hash::{CHUNK_BYTES, Hashed, digest};
use super::{Options, SourceError, SourceKind, SourceTree};
use crate::listing::folder::{FolderFile, SigpkgFolder};
use crate::listing::{Content, MAX_TREE_BYTES, MAX_TREE_ENTRIES, TreeError, TreePath};

/// Fewer files than this are read by one thread, if they are small altogether: to start the others takes as long.
const FEW_FILES: usize = 64;

/// How much few files may have together, in bytes, so that one thread reads them.
const FEW_BYTES: u64 = 1 << 20;

/// Files from this size on, in bytes, are read one at a time by all threads together.
const LARGE_BYTES: u64 = 4 << 20;

/// How much of a large file is read at once, in bytes.
const LARGE_CHUNK_BYTES: usize = 4 << 20;

/// How much of it one thread reads, in bytes.
const PIECE_BYTES: usize = 1 << 20;

/// Reads a directory. An entry `.git` in its root is left out, and so are empty directories.
///
/// # Errors
///
/// - [`SourceError::Path`], [`SourceError::Tree`], [`SourceError::Folder`], [`SourceError::Entry`] if it is no tree
/// - [`SourceError::Io`], [`SourceError::Changed`] if it cannot be read
///
/// # Example
///
/// ```
/// use std::fs;
///
/// use sigpkg::source::{Options, SourceError, dir};
///
/// let folder = tempfile::tempdir()?;
/// fs::write(folder.path().join("README"), "tides\n")?;
/// fs::create_dir(folder.path().join("empty"))?;
/// assert_eq!(dir::read(folder.path(), &Options::default())?.tree().listing().count(), 1);
///
/// fs::write(folder.path().join("readme"), "TIDES\n")?;
/// let refused = dir::read(folder.path(), &Options::default());
/// assert!(matches!(refused, Err(SourceError::Tree(_))), "two names are equal after case folding");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read(root: &Path, options: &Options<'_>) -> Result<SourceTree, SourceError> {
    let mut walk = Walk { options, files: Vec::new(), links: Vec::new(), entries: 0, bytes: 0 };
    walk.run(root)?;
    let mut collector = Collector::new(options);
    for (path, target) in walk.links {
        collector.link(path, &target)?;
    }
    options.expect(walk.bytes);
    let (large, small): (Vec<Found>, Vec<Found>) = walk.files.into_iter().partition(Found::is_large);
    let buffer = || vec![0; CHUNK_BYTES];
    let hash = |buffer: &mut Vec<u8>, file: &Found| {
        let hashed = file.hash(buffer, collector.keep(&file.place));
        options.has_read(file.metadata.len());
        options.has_file();
        hashed
    };
    let hashed: Vec<Result<Hashed, SourceError>> = if small.len() < FEW_FILES && walk.bytes <= FEW_BYTES {
        let mut buffer = buffer();
        small.iter().map(|file| hash(&mut buffer, file)).collect()
    } else {
        small.par_iter().map_init(buffer, hash).collect()
    };
    for (file, hashed) in small.into_iter().zip(hashed) {
        collector.file(file.place, hashed?)?;
    }
    let mut buffers = None;
    for file in large {
        let hashed = file.hash_large(buffers.get_or_insert_with(Buffers::default), options)?;
        options.has_file();
        collector.file(file.place, hashed)?;
    }
    collector.finish(SourceKind::Directory)
}

/// Reads a folder `.sigpkg` that is kept outside its tree, whatever its own name (DIR-8). Says also whether any file was
/// read in its LF form (TREE-19).
///
/// # Errors
///
/// - [`SourceError::Folder`] (DIR-3 to DIR-6)
/// - [`SourceError::Io`], [`SourceError::Changed`] if it cannot be read
///
/// # Example
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::released()?;
/// use sigpkg::source::dir;
///
/// let detached = machine.folder.path().join("signatures of Tides");
/// std::fs::rename(machine.repository.join(".sigpkg"), &detached)?;
/// let (folder, was_read_back) = dir::read_folder(&detached)?;
/// assert!(folder.claimed_release().is_some());
/// assert!(!was_read_back);
/// # Ok::<(), doc::Error>(())
/// ```
pub fn read_folder(root: &Path) -> Result<(SigpkgFolder, bool), SourceError> {
    let mut files = BTreeMap::new();
    for entry in entries(root)? {
        let (name, path) = entry?;
        let metadata = fs::symlink_metadata(&path).map_err(|error| SourceError::io(&path, error))?;
        if !metadata.is_file() {
            return Err(not_a_file(&name, kind_of(&metadata)).into());
        }
        let file = FolderFile::named(&name)?;
        file.check_size(metadata.len())?;
        let found = Found { place: Place::Folder(file), path, metadata };
        let hashed = found.hash(&mut vec![0; CHUNK_BYTES], Some(file.max_bytes()))?;
        files.insert(file, hashed.kept.unwrap_or_default());
    }
    let any = read_back(&mut files);
    Ok((SigpkgFolder::new(files)?, any))
}

/// Everything below a directory, not yet read.
struct Walk<'a> {
    options: &'a Options<'a>,
    files: Vec<Found>,
    links: Vec<(TreePath, Vec<u8>)>,
    entries: u64,
    /// What the files outside the folder have together, before any of them is read.
    bytes: u64,
}

impl Walk<'_> {
    fn run(&mut self, root: &Path) -> Result<(), SourceError> {
        // The paths of directories with the bytes of their place in the tree. A list, and not a recursion, so that no
        // depth can exhaust the stack.
        let mut directories = vec![(root.to_owned(), Vec::new())];
        while let Some((directory, prefix)) = directories.pop() {
            for entry in entries(&directory)? {
                let (name, path) = entry?;
                if prefix.is_empty() && name == b".git" {
                    continue;
                }
                self.entries += 1;
                // Directories may be empty, and so do not count in the tree; but they cost time to read.
                if self.entries > 2 * MAX_TREE_ENTRIES {
                    return Err(TreeError::TooManyEntries.into());
                }
                let mut place = prefix.clone();
                place.extend_from_slice(&name);
                if let Some(directory) = self.add(place, path)? {
                    directories.push(directory);
                }
            }
        }
        Ok(())
    }

    /// Sorts in one entry; a directory is handed back.
    fn add(&mut self, place: Vec<u8>, path: PathBuf) -> Result<Option<(PathBuf, Vec<u8>)>, SourceError> {
        let metadata = fs::symlink_metadata(&path).map_err(|error| SourceError::io(&path, error))?;
        if metadata.is_dir() {
            Place::check_directory(&place)?;
            let mut prefix = place;
            prefix.push(b'/');
            return Ok(Some((path, prefix)));
        }
        if metadata.is_symlink() {
            let place = Place::of_link(&place)?;
            let target = fs::read_link(&path).map_err(|error| SourceError::io(&path, error))?;
            self.links.push((place, link_bytes(&target)));
        } else if metadata.is_file() {
            let place = Place::of_file(&place)?;
            if leaves_out(self.options.folder, &place) {
                return Ok(None);
            }
            match &place {
                Place::Tree(path) if self.options.leave_out.binary_search(path).is_ok() => return Ok(None),
                Place::Folder(file) => file.check_size(metadata.len())?,
                Place::Tree(_) => {
                    self.bytes = self.bytes.saturating_add(metadata.len());
                    if self.bytes > MAX_TREE_BYTES {
                        return Err(TreeError::TooManyBytes.into());
                    }
                }
            }
            self.files.push(Found { place, path, metadata });
        } else {
            return Err(SourceError::Entry { path: printable(&place), found: kind_of(&metadata) });
        }
        Ok(None)
    }
}

/// A regular file that was found, not yet read.
struct Found {
    place: Place,
    path: PathBuf,
    metadata: Metadata,
}

impl Found {
    /// Files of the folder are kept, and so read as small ones.
    fn is_large(&self) -> bool {
        match self.place {
            Place::Folder(_) => false,
            Place::Tree(_) => self.metadata.len() >= LARGE_BYTES,
        }
    }

    fn hash(&self, buffer: &mut [u8], keep: Option<u64>) -> Result<Hashed, SourceError> {
        // One byte more than it had when it was found is enough to see that it grew.
        let mut file = self.open()?.take(self.metadata.len().saturating_add(1));
        let hashed = digest(&mut file, buffer, keep).map_err(|error| SourceError::io(&self.path, error))?;
        self.check_unchanged(&hashed)?;
        Ok(hashed)
    }

    /// Some threads read while others hash what was read before.
    fn hash_large(&self, buffers: &mut Buffers, options: &Options<'_>) -> Result<Hashed, SourceError> {
        let file = self.open()?;
        let mut content = Content::default();
        let Buffers { current, next } = buffers;
        let failed = |error| SourceError::io(&self.path, error);
        let mut at = 0;
        let mut length = fill(&file, at, current).map_err(failed)?;
        while length > 0 {
            at += length as u64;
            self.check_end(at)?;
            options.has_read(length as u64);
            let chunk = current.get(..length).unwrap_or(current);
            let (read, ()) = rayon::join(|| fill(&file, at, next), || content.update(chunk));
            length = read.map_err(failed)?;
            std::mem::swap(current, next);
        }
        let hashed = Hashed { facts: content.finish(), kept: None };
        self.check_unchanged(&hashed)?;
        Ok(hashed)
    }

    /// A file that grows as fast as it is read is not read for ever.
    fn check_end(&self, at: u64) -> Result<(), SourceError> {
        if at <= self.metadata.len() { Ok(()) } else { Err(SourceError::Changed { path: self.path.clone() }) }
    }

    fn open(&self) -> Result<File, SourceError> {
        let file = File::open(&self.path).map_err(|error| SourceError::io(&self.path, error))?;
        let opened = file.metadata().map_err(|error| SourceError::io(&self.path, error))?;
        if opened.is_file() && is_same(&opened, &self.metadata) {
            Ok(file)
        } else {
            Err(SourceError::Changed { path: self.path.clone() })
        }
    }

    fn check_unchanged(&self, hashed: &Hashed) -> Result<(), SourceError> {
        if hashed.facts.bytes == self.metadata.len() {
            Ok(())
        } else {
            Err(SourceError::Changed { path: self.path.clone() })
        }
    }
}

/// The part of a large file that is hashed, and the part that is read meanwhile. Kept from file to file, since fresh
/// memory costs as much as the hashing.
struct Buffers {
    current: Vec<u8>,
    next: Vec<u8>,
}

impl Default for Buffers {
    fn default() -> Self {
        Self { current: vec![0; LARGE_CHUNK_BYTES], next: vec![0; LARGE_CHUNK_BYTES] }
    }
}

/// Names and paths of what a directory holds.
fn entries(
    directory: &Path,
) -> Result<impl Iterator<Item = Result<(Vec<u8>, PathBuf), SourceError>> + use<'_>, SourceError> {
    let listed = fs::read_dir(directory).map_err(|error| SourceError::io(directory, error))?;
    Ok(listed.map(move |entry| {
        let entry = entry.map_err(|error| SourceError::io(directory, error))?;
        Ok((entry.file_name().into_encoded_bytes(), entry.path()))
    }))
}

/// The bytes of a link's target, with the separators of git.
fn link_bytes(target: &Path) -> Vec<u8> {
    let bytes = target.as_os_str().as_encoded_bytes();
    if cfg!(windows) {
        bytes.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect()
    } else {
        bytes.to_vec()
    }
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.dev(), one.ino(), one.len()) == (other.dev(), other.ino(), other.len())
}

#[cfg(not(unix))]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    one.len() == other.len()
}

fn kind_of(metadata: &Metadata) -> &'static str {
    if metadata.is_dir() {
        return "a directory";
    }
    if metadata.is_symlink() {
        return "a symbolic link";
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        let kind = metadata.file_type();
        if kind.is_fifo() {
            return "a pipe";
        }
        if kind.is_socket() {
            return "a socket";
        }
        if kind.is_block_device() || kind.is_char_device() {
            return "a device";
        }
    }
    "another kind of entry"
}

/// Reads from an offset until the buffer is full or the file is at its end; each piece of the buffer by some thread.
fn fill(file: &File, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let pieces = buffer.par_chunks_mut(PIECE_BYTES).enumerate();
    let read: io::Result<Vec<(usize, bool)>> = pieces
        .map(|(index, piece)| {
            let read = fill_piece(file, at + (index * PIECE_BYTES) as u64, piece)?;
            Ok((read, read == piece.len()))
        })
        .collect();
    let read = read?;
    // A short piece is at the end of the file, so nothing can follow it but what was written meanwhile.
    let mut after_short = read.iter().skip_while(|(_, is_full)| *is_full).skip(1);
    if after_short.any(|(read, _)| *read > 0) {
        return Err(io::Error::other("the file changed while it was read"));
    }
    Ok(read.iter().map(|(read, _)| *read).sum())
}

fn fill_piece(file: &File, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..)
        && !rest.is_empty()
    {
        match read_at(file, at + filled as u64, rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(unix)]
fn read_at(file: &File, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
fn read_at(file: &File, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}
