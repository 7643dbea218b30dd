//! A tarball as a source (TREE-23): plain, gzip or zstd, told apart by their first bytes, read once from front to back.
//!
//! Headers are read one by one and judged here, since two readers that understand one archive differently are what an
//! attacker needs: whatever POSIX leaves to taste is refused.

mod headers;
mod stream;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use self::headers::{Extensions, Kind, Member};
use self::stream::{Unpacked, Watched};
use super::collect::{Collector, Place, printable};
use super::hash::{CHUNK_BYTES, Hashed, digest};
use super::{FolderUse, Limits, MAX_MANIFEST_BYTES, Options, SourceError, SourceKind, SourceTree};
use crate::listing::folder::{FOLDER, FolderFile, is_folder_name};
use crate::listing::{MAX_COMPONENT_BYTES, MAX_PATH_BYTES, MAX_TREE_BYTES, PathError, TreeError, TreePath};
use crate::statement::Statement;

/// The longest path in an archive, in bytes: one of the longest in a tree, in a top folder.
const MAX_MEMBER_PATH_BYTES: usize = MAX_COMPONENT_BYTES + 1 + MAX_PATH_BYTES;

/// How many bytes the paths of an archive may have together (TREE-26): twice the largest listing (DIR-6), since
/// directories and the top folder come on top of what is listed.
const MAX_PATHS_BYTES: u64 = 2 * FolderFile::Files.max_bytes();

/// How many bytes the files of an archive may have beyond what its release promises (TREE-26): more than the largest
/// folder (DIR-6) has.
const MAX_FOLDER_BYTES: u64 = 256 << 20;

/// The statement whose promise is believed.
const RELEASE_PATH: &[u8] = b".sigpkg/release.toml";

/// Opens a tarball and reads it.
///
/// # Errors
///
/// Those of [`read`]; [`SourceError::NotATree`] if the file is no tarball.
///
/// # Example
///
/// ```
/// # let archive = concat!(env!("CARGO_MANIFEST_DIR"), "/testvectors/archives/bare.tar");
/// use std::path::Path;
///
/// use sigpkg::source::{Options, SourceKind, tar};
///
/// let tree = tar::open(Path::new(archive), &Options::default())?;
/// assert_eq!(tree.kind(), SourceKind::Archive);
/// let paths: Vec<_> = tree.tree().listing().lines().iter().map(|line| line.path.as_str()).collect();
/// assert_eq!(paths, ["Project.toml", "README.md", "src/Example.jl"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn open(path: &Path, options: &Options<'_>) -> Result<SourceTree, SourceError> {
    let file = File::open(path).map_err(|error| SourceError::io(path, error))?;
    let metadata = file.metadata().map_err(|error| SourceError::io(path, error))?;
    read(file, metadata.len(), path, options)
}

/// Reads a tarball of `packed_bytes` bytes. If all of it lies in one directory, and that is not `.sigpkg`, the directory is
/// looked through. `name` stands for it in messages.
///
/// # Errors
///
/// - [`SourceError::Path`], [`SourceError::Tree`], [`SourceError::Folder`], [`SourceError::Entry`] if it is no tree
/// - [`SourceError::Archive`] (TREE-24) if it is cut short, damaged, followed by something else, or ambiguous
/// - [`SourceError::Twice`] (TREE-25) if a path comes twice
/// - [`SourceError::TooMuch`] (TREE-26) if a limit of the options is exceeded
/// - [`SourceError::NotATree`] if it does not begin as a tarball, plain, gzip or zstd
/// - [`SourceError::Io`] if the reader fails
///
/// # Example
///
/// What comes over a network is read once, from front to back; its top folder is looked through:
///
/// ```
/// # let mut builder = tar::Builder::new(Vec::new());
/// # let mut header = tar::Header::new_ustar();
/// # header.set_size(6);
/// # header.set_mode(0o644);
/// # builder.append_data(&mut header, "Tides-1.0.0/README", b"tides\n".as_slice())?;
/// # let archive = builder.into_inner()?;
/// use std::path::Path;
///
/// use sigpkg::source::Options;
///
/// let name = Path::new("Tides-1.0.0.tar");
/// let tree = sigpkg::source::tar::read(archive.as_slice(), archive.len() as u64, name, &Options::default())?;
/// assert_eq!(tree.tree().listing().lines()[0].path.as_str(), "README");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read(
    reader: impl Read,
    packed_bytes: u64,
    name: &Path,
    options: &Options<'_>,
) -> Result<SourceTree, SourceError> {
    options.expect(packed_bytes);
    let mut packed = BufReader::with_capacity(CHUNK_BYTES, Watched::new(reader, *options));
    let failure = packed.get_ref().failure();
    let result = Unpacked::new(&mut packed, packed_bytes, name, options.limits)
        .and_then(|unpacked| read_members(unpacked, options));
    // Whatever the unpackers made of it: if the reader failed, nothing can be said about the archive.
    match failure.take() {
        Some(error) => Err(SourceError::io(name, error)),
        None => result,
    }
}

fn read_members(unpacked: Unpacked<'_>, options: &Options<'_>) -> Result<SourceTree, SourceError> {
    let state = unpacked.state();
    let mut archive = ::tar::Archive::new(unpacked);
    let mut members = Members::new(options);
    let mut extensions = Extensions::default();
    let mut buffer = vec![0; CHUNK_BYTES];
    let mut end = 0;
    let entries = archive.entries().map_err(|error| state.classify(&error))?.raw(true);
    for entry in entries {
        let mut entry = entry.map_err(|error| state.classify(&error))?;
        // Rounded up to a whole block.
        end = entry.raw_file_position().saturating_add(entry.size().saturating_add(511) & !511);
        members.count_entry()?;
        let Some(member) = extensions.read(&mut entry, &state)? else {
            continue;
        };
        members.add(member, &mut entry, &mut buffer, &state)?;
    }
    extensions.check_used()?;
    archive.into_inner().check_end(end)?;
    members.finish(options)
}

/// Everything in the archive, by its full path, since only the end tells whether there is a top folder.
struct Members<'a> {
    options: &'a Options<'a>,
    limits: Limits,
    entries: u64,
    bytes: u64,
    /// How many bytes the paths and the targets of links have together.
    path_bytes: u64,
    by_path: BTreeMap<Vec<u8>, Content>,
    /// The first name in the root.
    root: Option<Vec<u8>>,
    /// Whether there is another, or the first is no directory; then there is no top folder.
    is_bare: bool,
    promise: Option<Promise>,
}

/// What a `release.toml` in the archive says about the size of its tree. It is a claim, and good enough to stop early:
/// what exceeds it cannot be accepted.
#[derive(Clone, Copy)]
struct Promise {
    bytes: u64,
}

impl Promise {
    /// How many bytes the files of the archive may have together (TREE-26).
    fn limit(self) -> u64 {
        self.bytes.saturating_add(MAX_FOLDER_BYTES)
    }
}

enum Content {
    Directory,
    File(Hashed),
    Link(Vec<u8>),
}

impl<'a> Members<'a> {
    const fn new(options: &'a Options<'a>) -> Self {
        let limits = options.limits;
        Self {
            options,
            limits,
            entries: 0,
            bytes: 0,
            path_bytes: 0,
            by_path: BTreeMap::new(),
            root: None,
            is_bare: false,
            promise: None,
        }
    }

    /// Counts every header, so that directories and extensions cannot go on for ever.
    fn count_entry(&mut self) -> Result<(), SourceError> {
        self.entries += 1;
        if self.entries > self.limits.entries {
            return Err(SourceError::TooMuch { what: "entries", limit: self.limits.entries });
        }
        Ok(())
    }

    fn add(
        &mut self,
        member: Member,
        data: &mut impl Read,
        buffer: &mut [u8],
        state: &stream::State,
    ) -> Result<(), SourceError> {
        let Member { path, kind, bytes } = member;
        let Some(path) = self.place(&path, &kind)? else {
            return Ok(());
        };
        self.count_path(&path, &kind)?;
        let content = match kind {
            Kind::Directory => Content::Directory,
            Kind::Link(target) => Content::Link(target),
            Kind::File => {
                // The size is known before the first byte is unpacked.
                self.bytes = self.bytes.saturating_add(bytes);
                if self.bytes > MAX_TREE_BYTES {
                    return Err(TreeError::TooManyBytes.into());
                }
                self.check_bytes()?;
                let keep = self.keep(&path);
                let hashed = digest(data, buffer, keep).map_err(|error| state.classify(&error))?;
                if hashed.facts.bytes != bytes {
                    return Err(SourceError::archive("it is cut short"));
                }
                self.believe(&path, &hashed);
                self.check_bytes()?;
                self.options.has_file();
                Content::File(hashed)
            }
        };
        match (self.by_path.get(&path), &content) {
            (None, _) => {}
            (Some(Content::Directory), Content::Directory) => return Ok(()),
            (Some(_), _) => return Err(SourceError::Twice { path: printable(&path) }),
        }
        self.by_path.insert(path, content);
        Ok(())
    }

    /// TREE-26
    fn check_bytes(&self) -> Result<(), SourceError> {
        let promised = self.promise.map_or(u64::MAX, Promise::limit);
        let limit = promised.min(self.limits.bytes);
        if self.bytes > limit { Err(SourceError::TooMuch { what: "bytes", limit }) } else { Ok(()) }
    }

    /// Takes the promise of the first `release.toml`.
    fn believe(&mut self, path: &[u8], hashed: &Hashed) {
        let inner = path.iter().position(|byte| *byte == b'/').and_then(|at| path.get(at + 1..));
        let is_first = self.promise.is_none() && (path == RELEASE_PATH || inner == Some(RELEASE_PATH));
        let statement = hashed.kept.as_deref().filter(|_| is_first).and_then(|text| Statement::parse(text).ok());
        if let Some(release) = statement.as_ref().and_then(Statement::release) {
            self.promise = Some(Promise { bytes: release.bytes });
        }
    }

    /// Paths are kept until the end, and an archive of some KiB can have some GiB of them.
    fn count_path(&mut self, path: &[u8], kind: &Kind) -> Result<(), SourceError> {
        if path.len() > MAX_MEMBER_PATH_BYTES {
            return Err(PathError::TooLong { bytes: path.len() }.into());
        }
        let target_bytes = match kind {
            Kind::Link(target) => target.len(),
            Kind::Directory | Kind::File => 0,
        };
        self.path_bytes += (path.len() + target_bytes) as u64;
        if self.path_bytes > MAX_PATHS_BYTES {
            return Err(SourceError::TooMuch { what: "bytes of paths", limit: MAX_PATHS_BYTES });
        }
        Ok(())
    }

    /// The path without a leading `./` and, for a directory, without the trailing `/`; `None` for the root itself.
    fn place(&mut self, path: &[u8], kind: &Kind) -> Result<Option<Vec<u8>>, SourceError> {
        let mut rest = path.strip_prefix(b"./").unwrap_or(path);
        if *kind == Kind::Directory {
            rest = rest.strip_suffix(b"/").unwrap_or(rest);
            if rest.is_empty() || rest == b"." {
                return Ok(None);
            }
        }
        let (root, is_inner) = match rest.iter().position(|byte| *byte == b'/') {
            Some(at) => (rest.get(..at).unwrap_or(rest), true),
            None => (rest, false),
        };
        // The top folder is not part of the tree, but its name is used to unpack it.
        check_root(root)?;
        if self.root.get_or_insert_with(|| root.to_vec()) != root || (!is_inner && *kind != Kind::Directory) {
            self.is_bare = true;
        }
        Ok(Some(rest.to_vec()))
    }

    /// How much of a file to keep, given that it may lie in a top folder or not.
    fn keep(&self, path: &[u8]) -> Option<u64> {
        let inner = path.iter().position(|byte| *byte == b'/').and_then(|at| path.get(at + 1..));
        let inner = inner.filter(|_| !self.is_bare);
        [Some(path), inner].into_iter().flatten().filter_map(|path| self.keep_at(path)).max()
    }

    fn keep_at(&self, path: &[u8]) -> Option<u64> {
        if self.options.manifests.iter().any(|name| name.as_bytes() == path) {
            return Some(MAX_MANIFEST_BYTES);
        }
        if self.options.folder == FolderUse::Override {
            return None;
        }
        let name = path.strip_prefix(FOLDER.as_bytes())?.strip_prefix(b"/")?;
        FolderFile::named(name).ok().map(FolderFile::max_bytes)
    }

    fn finish(self, options: &Options<'_>) -> Result<SourceTree, SourceError> {
        let Self { by_path, root, is_bare, .. } = self;
        let is_folder = |root: &Vec<u8>| str::from_utf8(root).is_ok_and(is_folder_name);
        let prefix = match root {
            Some(root) if !is_bare && !is_folder(&root) => root.len() + 1,
            Some(_) | None => 0,
        };
        let mut collector = Collector::new(options);
        for (path, content) in by_path {
            // The top folder itself has nothing left.
            let Some(path) = path.get(prefix..) else {
                continue;
            };
            match content {
                Content::Directory => Place::check_directory(path)?,
                Content::Link(target) => collector.link(Place::of_link(path)?, &target)?,
                Content::File(Hashed { facts, kept }) => {
                    let place = Place::of_file(path)?;
                    if collector.leaves_out(&place) {
                        continue;
                    }
                    // What was kept in case there is a top folder, and is not one, is a file like any other.
                    let most = collector.keep(&place);
                    let kept = kept.filter(|bytes| most.is_some_and(|most| bytes.len() as u64 <= most));
                    collector.file(place, Hashed { facts, kept })?;
                }
            }
        }
        collector.finish(SourceKind::Archive)
    }
}

/// A name in the root obeys the rules for names, or is the folder.
fn check_root(root: &[u8]) -> Result<(), SourceError> {
    TreePath::parse(root).map(|_| ()).map_err(SourceError::Path)
}
