//! The words of a seed or a reserve key, as they stand on paper.
//!
//! Source: spec/8-key-store.md, KEEP-34. The words of bytes are those of [`crate::representation::words`].

use zeroize::Zeroizing;

use super::file::Secret;
use super::{Kind, SecretKey, Seed};
use crate::key::Algorithm;
use crate::representation::words::{self, WordsError};

/// The bytes of a seed.
const SEED: usize = 32;

/// The bytes from which a reserve key follows: SK.seed, SK.prf and PK.seed.
const RESERVE: usize = 48;

/// How many bytes the words of such a secret say; `None` for keys that are never on paper.
///
/// ```
/// use sigpkg::secret::{Kind, words};
///
/// assert_eq!((words::bytes_of(Kind::Seed), words::bytes_of(Kind::Reserve)), (Some(32), Some(48)));
/// assert_eq!(words::bytes_of(Kind::Link), None, "it signs once");
/// ```
pub const fn bytes_of(kind: Kind) -> Option<usize> {
    match kind {
        Kind::Seed => Some(SEED),
        Kind::Reserve => Some(RESERVE),
        Kind::Minisign | Kind::Signify | Kind::Link => None,
    }
}

/// How many words such a secret has: 24 or 36; `None` for keys that are never on paper.
///
/// ```
/// use sigpkg::secret::{Kind, words};
///
/// assert_eq!((words::count_of(Kind::Seed), words::count_of(Kind::Reserve)), (Some(24), Some(36)));
/// assert_eq!(words::count_of(Kind::Minisign), None);
/// ```
pub const fn count_of(kind: Kind) -> Option<usize> {
    match bytes_of(kind) {
        Some(bytes) => Some(words::count(bytes)),
        None => None,
    }
}

/// The words of a seed or a reserve key; `None` for a link key, which is never on paper.
///
/// ```
/// use sigpkg::secret::file::Secret;
/// use sigpkg::secret::{Seed, words};
///
/// let seed = Secret::Seed(Seed::from_bytes([0; 32]));
/// let written = words::encode(&seed).unwrap_or_default();
/// assert_eq!((written.len(), written.last()), (24, Some(&"art")));
/// ```
pub fn encode(secret: &Secret) -> Option<Vec<&'static str>> {
    match secret {
        Secret::Seed(seed) => Some(words::encode(seed.as_bytes())),
        Secret::Key(key) => match key.algorithm() {
            Algorithm::Reserve => Some(words::encode(&key.to_bytes()[..RESERVE])),
            Algorithm::Ed25519 | Algorithm::SlhDsa => None,
        },
    }
}

/// Reads the words of a seed or a reserve key; of another kind there are none. A reserve key takes a noticeable part of a
/// second.
///
/// # Errors
///
/// As [`words::decode`]; [`WordsError::Count`] for a kind that has no words.
///
/// # Example
///
/// ```
/// use sigpkg::representation::words::WordsError;
/// use sigpkg::secret::file::Secret;
/// use sigpkg::secret::{Kind, words};
///
/// let zeros = format!("{} art", ["abandon"; 23].join(" "));
/// assert!(matches!(words::decode(&zeros, Kind::Seed)?, Secret::Seed(seed) if seed.as_bytes() == &[0; 32]));
/// let reserve = words::decode(&zeros, Kind::Reserve).map(|_| ());
/// assert_eq!(reserve, Err(WordsError::Count { expected: 36, found: 24 }));
/// # Ok::<(), sigpkg::representation::words::WordsError>(())
/// ```
pub fn decode(text: &str, kind: Kind) -> Result<Secret, WordsError> {
    let bytes: Zeroizing<Vec<u8>> = words::decode(text, bytes_of(kind).unwrap_or_default())?;
    secret_of(&bytes).ok_or(WordsError::Count { expected: 0, found: text.split_whitespace().count() })
}

/// The secret of these bytes, by their number.
pub(super) fn secret_of(bytes: &[u8]) -> Option<Secret> {
    if let Ok(bytes) = <[u8; SEED]>::try_from(bytes) {
        let bytes = Zeroizing::new(bytes);
        Some(Secret::Seed(Seed::from_bytes(*bytes)))
    } else {
        let bytes: &[u8; RESERVE] = bytes.try_into().ok()?;
        Some(Secret::Key(SecretKey::reserve_from_random(bytes)))
    }
}
