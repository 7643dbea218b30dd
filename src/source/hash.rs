//! Hashing a file as it streams by, together with its LF form.

use std::io::{self, Read};

use crate::listing::{Content, FileFacts};

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
    use crate::digest::Digest;
    use crate::listing::LfForm;

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
