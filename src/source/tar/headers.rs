//! The headers of an archive: what each entry is and where it lies, extensions included.

use std::io::Read;

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
    any: bool,
}

impl Extensions {
    /// Takes a header. `None` if it was an extension, or the global one, which says nothing about any file.
    pub(super) fn read<R: Read>(
        &mut self,
        entry: &mut ::tar::Entry<'_, R>,
        state: &State,
    ) -> Result<Option<Member>, SourceError> {
        match entry.header().as_bytes()[156] {
            b'g' => {
                let records = read_extension(entry, state)?;
                for (key, _) in pax_records(&records)? {
                    if is_meaningful(key) {
                        return Err(SourceError::archive(format!("its global header sets {}", printable(key))));
                    }
                }
                Ok(None)
            }
            b'x' => {
                let records = read_extension(entry, state)?;
                for (key, value) in pax_records(&records)? {
                    self.set_pax(key, value)?;
                }
                self.any = true;
                Ok(None)
            }
            b'L' => {
                let name = read_extension(entry, state)?;
                set(&mut self.path, until_nul(&name), "path")?;
                self.any = true;
                Ok(None)
            }
            b'K' => {
                let name = read_extension(entry, state)?;
                set(&mut self.target, until_nul(&name), "link path")?;
                self.any = true;
                Ok(None)
            }
            kind => std::mem::take(self).apply(entry, kind, state).map(Some),
        }
    }

    /// At the end of the archive nothing may be left over.
    pub(super) fn check_used(&self) -> Result<(), SourceError> {
        if self.any { Err(SourceError::archive("its last header extends nothing")) } else { Ok(()) }
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
            key if is_meaningful(key) => Err(SourceError::archive("it has a sparse file")),
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

/// GNU tar ends a long name with a NUL.
fn until_nul(name: &[u8]) -> &[u8] {
    name.strip_suffix(b"\0").unwrap_or(name)
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
