//! Hashing a file as it streams by, together with its LF form.

use std::io::{self, Read};

use crate::digest::Digest;
use crate::listing::{FileFacts, LfForm};

/// How much is read at once, in bytes: what blake3 needs to make good use of its widest instructions.
pub(super) const CHUNK_BYTES: usize = 64 << 10;

/// Reads to the end. Keeps the content if it has at most `keep` bytes.
pub(super) fn digest(reader: &mut impl Read, buffer: &mut [u8], keep: Option<u64>) -> io::Result<Hashed> {
    let mut content = Content::default();
    let mut kept = keep.map(|_| Vec::new());
    loop {
        let read = match reader.read(buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let chunk = buffer.get(..read).ok_or_else(|| io::Error::other("a reader returned more than was asked for"))?;
        content.update(chunk);
        if let Some(bytes) = &mut kept {
            if Some((bytes.len() + read) as u64) <= keep {
                bytes.extend_from_slice(chunk);
            } else {
                kept = None;
            }
        }
    }
    Ok(Hashed { facts: content.finish(), kept })
}

/// What [`digest`] found.
pub(super) struct Hashed {
    pub(super) facts: FileFacts,
    /// The content, if it was to be kept and was small enough.
    pub(super) kept: Option<Vec<u8>>,
}

/// The content of a file, as far as it was seen.
#[derive(Default)]
pub(super) struct Content {
    hasher: blake3::Hasher,
    bytes: u64,
    ends: Ends,
}

impl Content {
    pub(super) fn update(&mut self, chunk: &[u8]) {
        self.ends.update(&self.hasher, chunk);
        self.bytes += chunk.len() as u64;
        if chunk.len() >= PARALLEL_BYTES {
            self.hasher.update_rayon(chunk);
        } else {
            self.hasher.update(chunk);
        }
    }

    pub(super) fn finish(self) -> FileFacts {
        FileFacts {
            digest: Digest::from_bytes(*self.hasher.finalize().as_bytes()),
            bytes: self.bytes,
            lf_form: self.ends.finish(),
        }
    }
}

/// From this size on, a chunk is hashed by several threads.
const PARALLEL_BYTES: usize = 256 << 10;

/// The LF form (TREE-18) as far as it is known.
#[derive(Default)]
enum Ends {
    /// No CR and no LF yet: the LF form is the content.
    #[default]
    None,
    /// Every LF so far had its CR.
    Crlf {
        hasher: Box<blake3::Hasher>,
        line_ends: u64,
        /// The last byte was a CR.
        after_cr: bool,
    },
    /// There is no LF form.
    Other,
}

impl Ends {
    /// `before` has hashed everything before this chunk.
    fn update(&mut self, before: &blake3::Hasher, chunk: &[u8]) {
        let mut rest = chunk;
        while !rest.is_empty() {
            let Some(next) = self.step(before, chunk, rest) else {
                *self = Self::Other;
                return;
            };
            rest = next;
        }
    }

    /// Takes what comes up to and with the next line end; `None` if there is no LF form.
    fn step<'a>(&mut self, before: &blake3::Hasher, chunk: &[u8], rest: &'a [u8]) -> Option<&'a [u8]> {
        match self {
            Self::Other => None,
            Self::None => {
                let Some(at) = rest.iter().position(|byte| matches!(byte, 0 | b'\r' | b'\n')) else {
                    return Some(&[]);
                };
                if rest.get(at) != Some(&b'\r') {
                    return None;
                }
                let mut hasher = Box::new(before.clone());
                // In this state nothing of the chunk was taken yet.
                hasher.update(chunk.get(..at)?);
                *self = Self::Crlf { hasher, line_ends: 0, after_cr: true };
                rest.get(at + 1..)
            }
            Self::Crlf { hasher, line_ends, after_cr: after_cr @ true } => {
                hasher.update(b"\n");
                *line_ends += 1;
                *after_cr = false;
                rest.strip_prefix(b"\n")
            }
            Self::Crlf { hasher, after_cr, .. } => {
                let Some(at) = rest.iter().position(|byte| matches!(byte, 0 | b'\r' | b'\n')) else {
                    hasher.update(rest);
                    return Some(&[]);
                };
                if rest.get(at) != Some(&b'\r') {
                    return None;
                }
                hasher.update(rest.get(..at)?);
                *after_cr = true;
                rest.get(at + 1..)
            }
        }
    }

    fn finish(self) -> Option<LfForm> {
        match self {
            Self::Crlf { hasher, line_ends, after_cr: false } => {
                Some(LfForm { digest: Digest::from_bytes(*hasher.finalize().as_bytes()), line_ends })
            }
            Self::Crlf { after_cr: true, .. } | Self::None | Self::Other => None,
        }
    }
}

/// The LF form of a small file (TREE-18): each CRLF replaced by LF.
pub(super) fn lf_form(content: &[u8]) -> Option<Vec<u8>> {
    let mut form = Vec::with_capacity(content.len());
    let mut after_cr = false;
    for byte in content {
        match (byte, after_cr) {
            (b'\n', true) => {
                form.push(b'\n');
                after_cr = false;
            }
            (b'\r', false) => after_cr = true,
            (0 | b'\n', false) | (_, true) => return None,
            (_, false) => form.push(*byte),
        }
    }
    (!after_cr && form.len() < content.len()).then_some(form)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hashed_in_chunks(content: &[u8], size: usize) -> FileFacts {
        let mut buffer = vec![0; size];
        digest(&mut &content[..], &mut buffer, None).unwrap().facts
    }

    #[test]
    fn a_file_has_an_lf_form_if_every_line_ends_with_crlf() {
        for (content, form) in [
            ("a\r\nb\r\n", Some("a\nb\n")),
            ("a\r\nb", Some("a\nb")),
            ("\r\n\r\n", Some("\n\n")),
            ("", None),
            ("a", None),
            ("a\nb\n", None),
            ("a\r\nb\n", None),
            ("a\nb\r\n", None),
            ("a\rb\r\n", None),
            ("a\r\r\n", None),
            ("a\r\n\r", None),
            ("a\r\n\0", None),
            ("\0\r\n", None),
        ] {
            assert_eq!(lf_form(content.as_bytes()), form.map(|form| form.as_bytes().to_vec()), "{content:?}");
        }
    }

    proptest! {
        #[test]
        fn the_streamed_lf_form_does_not_depend_on_the_chunks(content in "(\r\n|[ab\r\n\0]){0,12}|(a|\r\n){0,20}", size in 1_usize..9) {
            let facts = hashed_in_chunks(content.as_bytes(), size);
            prop_assert_eq!(facts.digest, Digest::of(content.as_bytes()));
            prop_assert_eq!(facts.bytes, content.len() as u64);
            let expected = lf_form(content.as_bytes()).map(|form| LfForm {
                digest: Digest::of(&form),
                line_ends: (content.len() - form.len()) as u64,
            });
            prop_assert_eq!(facts.lf_form, expected);
        }
    }
}
