//! The headers of an archive: what each entry is and where it lies, extensions included.

use std::io::Read;
use std::ops::Range;

use super::super::SourceError;
use super::super::collect::printable;
use super::stream::State;

/// The most bytes that an extension header may have (TREE-24): attributes of macOS in them reach some KiB.
const MAX_EXTENSION_BYTES: u64 = 1 << 20;

/// One entry with its extensions applied.
pub(super) struct Member {
    pub(super) path: Vec<u8>,
    pub(super) kind: Kind,
    /// The size of a file.
    pub(super) bytes: u64,
}

/// What an entry may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Directory,
    File,
    /// A symbolic link and its target.
    Link(Vec<u8>),
}

/// What was said about the next entry before it came.
#[derive(Default)]
pub(super) struct Extensions {
    path: Option<Vec<u8>>,
    target: Option<Vec<u8>>,
    bytes: Option<u64>,
    format: Option<Format>,
}

/// Whose extension headers an entry has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// `x`, of POSIX: one for each entry.
    Pax,
    /// `L` and `K`, of GNU.
    Gnu,
}

impl Extensions {
    /// Takes a header. `None` if it was an extension, or the global one, which says nothing about any file.
    pub(super) fn read<R: Read>(
        &mut self,
        entry: &mut ::tar::Entry<'_, R>,
        state: &State,
    ) -> Result<Option<Member>, SourceError> {
        check_format(entry.header())?;
        match entry.header().as_bytes()[156] {
            b'g' => {
                // Some readers drop the extensions before it, others keep them.
                self.check_used()?;
                let records = read_extension(entry, state)?;
                for (key, _) in pax_records(&records)? {
                    if is_meaningful(key) {
                        return Err(SourceError::archive(format!("its global header sets {}", printable(key))));
                    }
                }
                Ok(None)
            }
            b'x' => {
                self.begin(Format::Pax)?;
                let records = read_extension(entry, state)?;
                for (key, value) in pax_records(&records)? {
                    self.set_pax(key, value)?;
                }
                Ok(None)
            }
            b'L' => {
                self.begin(Format::Gnu)?;
                let name = read_extension(entry, state)?;
                set(&mut self.path, before_nul(&name)?, "path")?;
                Ok(None)
            }
            b'K' => {
                self.begin(Format::Gnu)?;
                let name = read_extension(entry, state)?;
                set(&mut self.target, before_nul(&name)?, "link path")?;
                Ok(None)
            }
            kind => std::mem::take(self).apply(entry, kind, state).map(Some),
        }
    }

    /// At the end of the archive nothing may be left over.
    pub(super) fn check_used(&self) -> Result<(), SourceError> {
        if self.format.is_some() { Err(SourceError::archive("an extension header extends nothing")) } else { Ok(()) }
    }

    /// Of two pax headers some readers take both, others the last one; and they differ in which format goes first.
    fn begin(&mut self, format: Format) -> Result<(), SourceError> {
        match (self.format.replace(format), format) {
            (None, _) | (Some(Format::Gnu), Format::Gnu) => Ok(()),
            (Some(Format::Pax), Format::Pax) => Err(SourceError::archive("an entry has two pax headers")),
            (Some(Format::Pax), Format::Gnu) | (Some(Format::Gnu), Format::Pax) => {
                Err(SourceError::archive("an entry has extensions of two formats"))
            }
        }
    }

    fn set_pax(&mut self, key: &[u8], value: &[u8]) -> Result<(), SourceError> {
        match key {
            b"path" => set(&mut self.path, value, "path"),
            b"linkpath" => set(&mut self.target, value, "link path"),
            b"size" => {
                let number = str::from_utf8(value).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
                let number = number.and_then(|text| text.parse().ok());
                let number = number.ok_or_else(|| SourceError::archive("a size is no number"))?;
                if self.bytes.replace(number).is_some() {
                    return Err(SourceError::archive("an entry has two sizes"));
                }
                Ok(())
            }
            key if is_meaningful(key) => Err(SourceError::archive(format!("an entry sets {}", printable(key)))),
            _ => Ok(()),
        }
    }

    fn apply<R: Read>(self, entry: &::tar::Entry<'_, R>, kind: u8, state: &State) -> Result<Member, SourceError> {
        let header = entry.header();
        let path = self.path.unwrap_or_else(|| header.path_bytes().into_owned());
        let bytes = header.entry_size().map_err(|error| state.classify(&error))?;
        // Readers disagree on which of the two counts; where they agree there is no question.
        if self.bytes.is_some_and(|extended| extended != bytes) {
            return Err(SourceError::archive(format!("{} has two sizes", printable(&path))));
        }
        let refused = |found| Err(SourceError::Entry { path: printable(&path), found });
        let kind = match kind {
            b'0' | 0 => Kind::File,
            b'5' => Kind::Directory,
            b'2' => {
                let target = self.target.or_else(|| header.link_name_bytes().map(std::borrow::Cow::into_owned));
                Kind::Link(target.unwrap_or_default())
            }
            b'1' => return refused("a hard link"),
            b'3' | b'4' => return refused("a device"),
            b'6' => return refused("a pipe"),
            b'S' => return refused("a sparse file"),
            _ => return refused("an entry of unusual kind"),
        };
        // Data after what has none would be skipped by some readers, and read as headers by others.
        if kind != Kind::File && bytes != 0 {
            return Err(SourceError::archive(format!("{} has data and is no file", printable(&path))));
        }
        Ok(Member { path, kind, bytes })
    }
}

/// The keys of pax that change where an entry lies, what it holds, or how the next header is found.
fn is_meaningful(key: &[u8]) -> bool {
    matches!(key, b"path" | b"linkpath" | b"size")
        || key.starts_with(b"GNU.sparse.")
        || key.starts_with(b"SUN.holesdata")
        || matches!(key, b"SCHILY.realsize" | b"SCHILY.filetype" | b"SCHILY.tarfiletype")
}

/// Headers of POSIX and of GNU tar, and nothing in between: readers disagree on when the last part of a header, where
/// POSIX has the beginning of the path, is one. GNU has times there, which only its incremental backups fill in. And a
/// size is written as both write it, since readers differ in what else they take for a number.
fn check_format(header: &::tar::Header) -> Result<(), SourceError> {
    let bytes = header.as_bytes();
    let is_gnu = bytes[257..265] == *b"ustar  \0";
    if !is_gnu && bytes[257..265] != *b"ustar\x0000" {
        return Err(SourceError::archive("a header is neither of POSIX nor of GNU tar"));
    }
    if is_gnu && bytes[345..500].iter().any(|byte| *byte != 0) {
        return Err(SourceError::archive("a header of GNU tar has more than a name and a size"));
    }
    // star keeps times where POSIX has the end of a long path, and says so here.
    if bytes[500..].iter().any(|byte| *byte != 0) {
        return Err(SourceError::archive("a header does not end with zeros"));
    }
    let is_size = is_octal(&bytes[SIZE]) && bytes[SIZE.start] != b' ' && bytes[SIZE.start] != 0;
    if !is_size && bytes[124..128] != [0x80, 0, 0, 0] {
        return Err(SourceError::archive("a size is no number"));
    }
    if NUMBERS.into_iter().any(|field| !is_octal(&bytes[field.clone()]) && !matches!(bytes[field.start], 0x80 | 0xff)) {
        return Err(SourceError::archive("a number of a header is none"));
    }
    Ok(())
}

/// Where the size is.
const SIZE: Range<usize> = 124..136;

/// The other numbers: mode, owner, group, time, checksum, and those of a device. They say nothing about the tree, but some
/// readers take a header in which one is damaged for the end of the archive.
const NUMBERS: [Range<usize>; 7] = [100..108, 108..116, 116..124, 136..148, 148..156, 329..337, 337..345];

/// Octal digits, perhaps with spaces before them, and with spaces or zero bytes after them; or nothing but these.
fn is_octal(field: &[u8]) -> bool {
    let rest = field.iter().skip_while(|byte| **byte == b' ');
    rest.skip_while(|byte| matches!(byte, b'0'..=b'7')).all(|byte| matches!(byte, b' ' | 0))
}

fn set(slot: &mut Option<Vec<u8>>, value: &[u8], what: &str) -> Result<(), SourceError> {
    if slot.is_some() {
        return Err(SourceError::archive(format!("an entry has two extensions for its {what}")));
    }
    if value.contains(&0) {
        return Err(SourceError::archive(format!("a {what} has a NUL in it")));
    }
    *slot = Some(value.to_vec());
    Ok(())
}

/// GNU tar ends a long name with a NUL. Without it some readers lose the last character, and others read on.
fn before_nul(name: &[u8]) -> Result<&[u8], SourceError> {
    name.strip_suffix(b"\0").ok_or_else(|| SourceError::archive("a long name does not end with a NUL"))
}

fn read_extension<R: Read>(entry: &mut ::tar::Entry<'_, R>, state: &State) -> Result<Vec<u8>, SourceError> {
    let bytes = entry.size();
    if bytes > MAX_EXTENSION_BYTES {
        return Err(SourceError::archive(format!("an extension header has {bytes} bytes")));
    }
    let mut content = Vec::new();
    entry.read_to_end(&mut content).map_err(|error| state.classify(&error))?;
    if content.len() as u64 == bytes { Ok(content) } else { Err(SourceError::archive("it is cut short")) }
}

/// A key and its value.
type Record<'a> = (&'a [u8], &'a [u8]);

/// The records of a pax header: each is its own length in decimal, a space, a key, `=`, a value and LF.
fn pax_records(content: &[u8]) -> Result<Vec<Record<'_>>, SourceError> {
    let mut records = Vec::new();
    let mut rest = content;
    while !rest.is_empty() {
        let (record, tail) = split_record(rest).ok_or_else(|| SourceError::archive("a pax header is malformed"))?;
        records.push(record);
        rest = tail;
    }
    Ok(records)
}

fn split_record(content: &[u8]) -> Option<(Record<'_>, &[u8])> {
    let space = content.iter().position(|byte| *byte == b' ')?;
    let digits = content.get(..space)?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let length: usize = str::from_utf8(digits).ok()?.parse().ok()?;
    let (record, rest) = content.split_at_checked(length)?;
    let record = record.get(space + 1..)?.strip_suffix(b"\n")?;
    let equals = record.iter().position(|byte| *byte == b'=')?;
    Some(((record.get(..equals)?, record.get(equals + 1..)?), rest))
}
