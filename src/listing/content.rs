//! What a listing and a comparison need to know of the content of a file: its digest, its size, its LF form.

use super::{FileFacts, LfForm};
use crate::digest::Digest;

impl FileFacts {
    /// The facts of a file with this content.
    ///
    /// ```
    /// use sigpkg::digest::Digest;
    /// use sigpkg::listing::FileFacts;
    ///
    /// let facts = FileFacts::of(b"Hello\r\n");
    /// assert_eq!((facts.digest, facts.bytes), (Digest::of(b"Hello\r\n"), 7));
    /// assert_eq!(facts.lf_form.map(|form| form.digest), Some(Digest::of(b"Hello\n")));
    /// ```
    pub fn of(content: &[u8]) -> Self {
        let mut seen = Content::default();
        seen.update(content);
        seen.finish()
    }
}

/// The content of a file, as far as it was seen.
#[derive(Default)]
pub(crate) struct Content {
    hasher: blake3::Hasher,
    bytes: u64,
    ends: Ends,
}

impl Content {
    pub(crate) fn update(&mut self, chunk: &[u8]) {
        self.ends.update(&self.hasher, chunk);
        self.bytes += chunk.len() as u64;
        hash(&mut self.hasher, chunk);
    }

    pub(crate) fn finish(self) -> FileFacts {
        FileFacts {
            digest: Digest::from_bytes(*self.hasher.finalize().as_bytes()),
            bytes: self.bytes,
            lf_form: self.ends.finish(),
        }
    }
}

/// From this size on, a chunk is hashed by several threads.
#[cfg(feature = "parallel")]
const PARALLEL_BYTES: usize = 256 << 10;

#[cfg(feature = "parallel")]
fn hash(hasher: &mut blake3::Hasher, chunk: &[u8]) {
    if chunk.len() >= PARALLEL_BYTES {
        hasher.update_rayon(chunk);
    } else {
        hasher.update(chunk);
    }
}

#[cfg(not(feature = "parallel"))]
fn hash(hasher: &mut blake3::Hasher, chunk: &[u8]) {
    hasher.update(chunk);
}

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
