//! Finds secret keys by their structure in any bytes: a key that was committed, pasted into a script, or put into the
//! secrets of a cluster (SEC-10).
//!
//! Every container begins with six or eight bytes that are known beforehand, so its base64 begins with eight known
//! characters. What follows them must decode to a container whole; so hardly anything else is found. The words of a secret
//! on paper are found by their list and their checksum (SEC-14).

use crate::digest::Digest;
use crate::key::KeyId;
use crate::text;

use super::Kind;
use super::file::{CONTAINER, SIGNIFY};

mod words;

/// A secret key that was found.
///
/// ```
/// use sigpkg::secret::{Kind, scan};
///
/// # let secret = sigpkg::secret::file::Secret::Seed(sigpkg::secret::Seed::from_bytes([7; 32]));
/// # let mut random = rand_core::UnwrapErr(getrandom::SysRng);
/// # let file = sigpkg::secret::file::encode(&secret, sigpkg::secret::file::Protection::Plain, "seed", &mut random)?;
/// let script = format!("#!/bin/sh\ncat > seed <<EOF\n{}EOF\n", *file);
/// let found = scan::find(script.as_bytes());
/// assert_eq!((found[0].kind, found[0].line, found[0].is_plain), (Kind::Seed, 4, true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Whose key and what for.
    pub kind: Kind,
    /// Where it begins, in bytes from the start.
    pub offset: usize,
    /// The line it begins on, from 1.
    pub line: usize,
    /// The key id, where it can be read without a passphrase. Nothing says that it is true.
    pub claimed_key_id: Option<KeyId>,
    /// Whether it is usable without a passphrase.
    pub is_plain: bool,
    /// The digest of the container. The same key file has the same one, encrypted or not, however it is wrapped.
    pub digest: Digest,
}

/// The digest that [`Found::digest`] has for this key file; `None` if it holds no key, or more than one.
///
/// ```
/// use sigpkg::secret::scan;
///
/// # let secret = sigpkg::secret::file::Secret::Seed(sigpkg::secret::Seed::from_bytes([7; 32]));
/// # let mut random = rand_core::UnwrapErr(getrandom::SysRng);
/// # let file = sigpkg::secret::file::encode(&secret, sigpkg::secret::file::Protection::Plain, "seed", &mut random)?;
/// // Is it this key file that leaked?
/// let leaked = scan::find(format!("export SEED='{}'", *file).as_bytes());
/// assert_eq!(Some(leaked[0].digest), scan::digest_of(file.as_bytes()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn digest_of(file: &[u8]) -> Option<Digest> {
    match find(file).as_slice() {
        [found] => Some(found.digest),
        _ => None,
    }
}

/// Finds all secret keys in these bytes, in order.
///
/// The base64 of a key may stand anywhere, in quotes or not, with its comment or not, on lines of any width and with
/// any line ends, as UTF-8 or UTF-16, without its padding, and itself encoded in base64 once more, as in a Kubernetes
/// secret. Reading time grows with the input alone.
///
/// ```
/// use sigpkg::secret::scan;
///
/// # let secret = sigpkg::secret::file::Secret::Seed(sigpkg::secret::Seed::from_bytes([7; 32]));
/// # let mut random = rand_core::UnwrapErr(getrandom::SysRng);
/// # let file = sigpkg::secret::file::encode(&secret, sigpkg::secret::file::Protection::Plain, "seed", &mut random)?;
/// let manifest = format!("data:\n  seed: {}\n", sigpkg::text::to_base64(file.as_bytes())); // as Kubernetes has it
/// assert_eq!(scan::find(manifest.as_bytes()).len(), 1);
/// assert_eq!(scan::find(b"RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"), []); // a public key is none
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn find(bytes: &[u8]) -> Vec<Found> {
    let mut found = Vec::new();
    search(bytes, 1, &mut found);
    found.sort_by_key(|found| found.offset);
    let mut line = 1;
    let mut counted = 0;
    for found in &mut found {
        line += count_lines(&bytes[counted..found.offset]);
        counted = found.offset;
        found.line = line;
    }
    found
}

/// The characters by which each container is found, and nested text last. All are eight long.
const MARKS: [(&[u8; 8], Mark); 11] = [
    (b"RWRTY0Iy", Mark::Container(Kind::Minisign)),
    (b"RWQAAEIy", Mark::Container(Kind::Minisign)),
    (b"U2xTY0Iy", Mark::Container(Kind::Link)),
    (b"U2wAAEIy", Mark::Container(Kind::Link)),
    (b"U3JTY0Iy", Mark::Container(Kind::Reserve)),
    (b"U3IAAEIy", Mark::Container(Kind::Reserve)),
    (b"U2RTY0Iy", Mark::Container(Kind::Seed)),
    (b"U2QAAEIy", Mark::Container(Kind::Seed)),
    // `EdBK` and the upper half of a number of rounds below 65536.
    (b"RWRCSwAA", Mark::Container(Kind::Signify)),
    // `untrus`, as in `untrusted comment: `, in base64.
    (b"dW50cnVz", Mark::Nested),
    (b"VW50cnVz", Mark::Nested),
];

#[derive(Clone, Copy)]
enum Mark {
    Container(Kind),
    Nested,
}

/// Longest text that is searched as one container with whatever wraps it, in bytes. The longest container is 212
/// characters of base64; the rest is for UTF-16 and line ends.
const WINDOW: usize = 1024;

/// Longest key file inside base64, in bytes of base64 with whatever wraps it: two lines, of which minisign allows 1022
/// and 214 characters.
const NESTED_WINDOW: usize = 4096;

fn search(bytes: &[u8], depth: u8, found: &mut Vec<Found>) {
    scan_marks(bytes, 0, 1, depth, found);
    words::find(bytes, found);
    // UTF-16 has a zero byte after each of these characters, or before it.
    if bytes.contains(&0) {
        scan_marks(bytes, 0, 2, depth, found);
        scan_marks(bytes, 1, 2, depth, found);
    }
}

/// Looks for the marks from `at` on, with `stride` bytes from one character to the next. Compares the last character
/// first, and steps over as many as that one allows (Horspool).
fn scan_marks(bytes: &[u8], mut at: usize, stride: usize, depth: u8, found: &mut Vec<Found>) {
    const LAST: usize = 7;
    let steps = steps();
    let mut nested_end = 0;
    while let Some(&last) = bytes.get(at + LAST * stride) {
        let hit = MARKS.iter().find(|(mark, _)| mark[LAST] == last && stands_at(bytes, at, stride, mark.as_slice()));
        let length = match hit {
            Some((_, Mark::Container(kind))) => container(bytes, at, *kind, found),
            // Text within text is read once, however often it says that it begins.
            Some((_, Mark::Nested)) if depth > 0 && at >= nested_end => {
                nested_end = at + nested(bytes, at, depth, found);
                None
            }
            Some((_, Mark::Nested)) | None => None,
        };
        at += length.map_or(steps[usize::from(last)], |length| length.div_ceil(stride)) * stride;
    }
}

/// How far each last character lets the search step: to where it next occurs in a mark, or over all of it.
fn steps() -> [usize; 256] {
    let mut steps = [8; 256];
    for (mark, _) in MARKS {
        for (index, &character) in mark[..7].iter().enumerate() {
            let step = &mut steps[usize::from(character)];
            *step = (*step).min(7 - index);
        }
    }
    steps
}

fn stands_at(bytes: &[u8], at: usize, stride: usize, mark: &[u8]) -> bool {
    mark.iter().enumerate().all(|(index, character)| {
        let place = at + index * stride;
        bytes.get(place) == Some(character) && (stride == 1 || index == 7 || bytes.get(place + 1) == Some(&0))
    })
}

/// Reads the container behind its mark; how many bytes it takes, if it is one.
fn container(bytes: &[u8], at: usize, kind: Kind, found: &mut Vec<Found>) -> Option<usize> {
    let size = if kind == Kind::Signify { SIGNIFY } else { CONTAINER };
    let (characters, length) = gather(&bytes[at..], WINDOW, (size * 4).div_ceil(3));
    let container = decode(&characters).filter(|container| container.len() == size)?;
    found.push(describe(kind, at, &container));
    Some(length)
}

/// Searches the text behind a mark, which is base64 once more; how many bytes that takes.
fn nested(bytes: &[u8], at: usize, depth: u8, found: &mut Vec<Found>) -> usize {
    let (characters, length) = gather(&bytes[at..], NESTED_WINDOW, NESTED_WINDOW);
    let before = found.len();
    if let Some(inner) = decode(&characters) {
        search(&inner, depth - 1, found);
    }
    for found in &mut found[before..] {
        found.offset = at;
    }
    length
}

/// Gathers up to `most` characters of base64 within the window, passing over what wraps them: white space, zero bytes
/// of UTF-16, quotes, and line ends written as escapes. Also says how many bytes that took.
fn gather(bytes: &[u8], window: usize, most: usize) -> (Vec<u8>, usize) {
    let mut characters = Vec::with_capacity(most.min(window));
    let mut rest = bytes.iter().take(window).enumerate().peekable();
    let mut length = 0;
    while let Some((at, &byte)) = rest.next() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => {
                characters.push(byte);
                length = at + 1;
                if characters.len() == most {
                    break;
                }
            }
            b' ' | b'\t' | b'\r' | b'\n' | 0 | b'"' | b'\'' => {}
            // `\n`, `\r` and `\t` as a string literal has them, and the backslash before a real line end.
            b'\\' => {
                rest.next_if(|&(_, &next)| next == 0);
                rest.next_if(|(_, next)| matches!(next, b'n' | b'r' | b't'));
            }
            _ => break,
        }
    }
    (characters, length)
}

/// Decodes base64 of which the padding was left out. What is left of an incomplete group at the end is dropped.
fn decode(characters: &[u8]) -> Option<Vec<u8>> {
    let whole = match characters.len() % 4 {
        1 => characters.len() - 1,
        _ => characters.len(),
    };
    let mut padded = String::from_utf8(characters[..whole].to_vec()).ok()?;
    while padded.len() % 4 != 0 {
        padded.push('=');
    }
    text::from_base64(&padded).or_else(|| text::from_base64(&padded[..padded.len().saturating_sub(4)]))
}

fn describe(kind: Kind, offset: usize, container: &[u8]) -> Found {
    let (key_id_at, is_plain) = match kind {
        Kind::Signify => (Some(32), container[4..8] == [0; 4]),
        Kind::Minisign | Kind::Link | Kind::Reserve | Kind::Seed => {
            let is_plain = container[2..4] == [0; 2];
            (is_plain.then_some(54), is_plain)
        }
    };
    let claimed_key_id = key_id_at.and_then(|at| container.get(at..at + 8)?.try_into().ok()).map(KeyId::from_bytes);
    Found { kind, offset, line: 0, claimed_key_id, is_plain, digest: Digest::of(container) }
}

fn count_lines(bytes: &[u8]) -> usize {
    bytes.split(|&byte| byte == b'\n').count() - 1
}

#[cfg(test)]
mod tests;
