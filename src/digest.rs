//! BLAKE3 digests, as statements and listings name texts and trees.

use std::fmt;
use std::str::FromStr;

use crate::text;

/// The BLAKE3 digest of a text: 32 bytes, written `blake3:` and 64 lower-case hexadecimal digits (TXT-4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

/// The word before the colon of a written digest.
const PREFIX: &str = "blake3:";

impl Digest {
    /// The digest of these bytes.
    ///
    /// ```
    /// let empty = sigpkg::digest::Digest::of(b"");
    /// assert!(empty.to_string().starts_with("blake3:af1349b9"));
    /// ```
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// A digest that was computed elsewhere, for instance while streaming a file.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The 64 hexadecimal digits alone, as a listing has them.
    pub fn to_hex(&self) -> String {
        text::to_hex(&self.0)
    }

    /// Reads the 64 hexadecimal digits of a listing.
    pub fn from_hex(hex: &str) -> Option<Self> {
        text::from_hex(hex).map(Self)
    }
}

/// A digest is written `blake3:` and 64 lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected \"blake3:\" and 64 lower-case hexadecimal digits, found {:?}", text::printable(.0))]
pub struct DigestError(String);

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(written: &str) -> Result<Self, DigestError> {
        written.strip_prefix(PREFIX).and_then(Self::from_hex).ok_or_else(|| DigestError(written.to_owned()))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{PREFIX}{}", self.to_hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_has_one_spelling() {
        let digest = Digest::of(b"text");
        assert_eq!(digest.to_string().parse(), Ok(digest));
        for other in [digest.to_hex(), digest.to_string().to_uppercase(), format!("{digest} ")] {
            assert_eq!(other.parse::<Digest>(), Err(DigestError(other.clone())));
        }
    }
}
