//! BLAKE3 digests, as statements and listings name texts and trees; the signatory id, which is one of a kind; and the tree
//! hashes of git, by which lockfiles and registries name trees.

use std::fmt;
use std::str::FromStr;

use crate::rule::Rule;
use crate::text;

/// The BLAKE3 digest of a text: 32 bytes, written `blake3:` and 64 lower-case hexadecimal digits (TXT-4).
///
/// ```
/// use sigpkg::digest::Digest;
///
/// let digest: Digest = "blake3:af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262".parse()?;
/// assert_eq!(digest, Digest::of(b""));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    ///
    /// ```
    /// use sigpkg::digest::Digest;
    ///
    /// let streamed = blake3::Hasher::new().update(b"in two ").update(b"parts").finalize();
    /// assert_eq!(Digest::from_bytes(*streamed.as_bytes()), Digest::of(b"in two parts"));
    /// ```
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    ///
    /// ```
    /// use sigpkg::digest::Digest;
    ///
    /// assert_eq!(Digest::of(b"").as_bytes()[..4], [0xaf, 0x13, 0x49, 0xb9]);
    /// ```
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The 64 hexadecimal digits alone, as a listing has them.
    ///
    /// ```
    /// use sigpkg::digest::Digest;
    ///
    /// let digest = Digest::of(b"using Example");
    /// assert_eq!(digest.to_string(), format!("blake3:{}", digest.to_hex()));
    /// ```
    pub fn to_hex(&self) -> String {
        text::to_hex(&self.0)
    }

    /// Reads the 64 hexadecimal digits of a listing.
    ///
    /// ```
    /// use sigpkg::digest::Digest;
    ///
    /// let digest = Digest::of(b"using Example");
    /// assert_eq!(Digest::from_hex(&digest.to_hex()), Some(digest));
    /// assert_eq!(Digest::from_hex(&digest.to_string()), None); // a listing writes no prefix
    /// ```
    pub fn from_hex(hex: &str) -> Option<Self> {
        text::from_hex(hex).map(Self)
    }
}

/// A digest is written `blake3:` and 64 lower-case hexadecimal digits.
///
/// ```
/// use sigpkg::digest::Digest;
///
/// let error = "sha256:e3b0".parse::<Digest>().unwrap_err();
/// assert_eq!(error.to_string(), r#"expected "blake3:" and 64 lower-case hexadecimal digits, found "sha256:e3b0""#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected \"blake3:\" and 64 lower-case hexadecimal digits, found \"{}\"", text::printable(.0))]
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

/// The name of whoever holds the keys of one chain: 56 characters that begin with `sigp` (STM-20).
///
/// It commits to the genesis statement, and so to the first keys, the reserve and the package. It is what people
/// publish, compare and pin; it is shown whole wherever a decision rests on it.
///
/// ```
/// use sigpkg::digest::SignatoryId;
///
/// let id: SignatoryId = "sigpfziJY8_emlhHVZB7BNfDVeUtvn4vlFV6fO0xhtaYojfkit1yfz8_".parse()?;
/// assert_eq!(id.to_string().len(), SignatoryId::LENGTH);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignatoryId([u8; 42]);

/// The first three bytes of every id: base64url writes them as `sigp`.
const ID_PREFIX: [u8; 3] = [0xb2, 0x28, 0x29];

impl SignatoryId {
    /// How many characters an id has: as many as a public key, so that one habit of comparing serves for both.
    pub const LENGTH: usize = 56;

    /// The id that the exact text of a genesis statement has.
    ///
    /// ```
    /// use sigpkg::digest::SignatoryId;
    /// use sigpkg::example;
    ///
    /// // The text of the genesis, without its signature.
    /// let (text, _) = example::GENESIS.split_once("untrusted comment: ").ok_or("no signature")?;
    /// assert_eq!(SignatoryId::of_genesis(text.as_bytes()), example::id()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of_genesis(text: &[u8]) -> Self {
        let mut bytes = [0; 42];
        let (prefix, hash) = bytes.split_at_mut(ID_PREFIX.len());
        prefix.copy_from_slice(&ID_PREFIX);
        blake3::Hasher::new().update(text).finalize_xof().fill(hash);
        Self(bytes)
    }

    /// The 39 bytes in which two ids can differ: all but the beginning that spells `sigp`.
    ///
    /// ```
    /// use sigpkg::digest::SignatoryId;
    ///
    /// let id = SignatoryId::of_genesis(b"genesis");
    /// assert_eq!(SignatoryId::of_varying_bytes(id.varying_bytes()), id);
    /// ```
    pub const fn varying_bytes(&self) -> &[u8; 39] {
        let [_, _, _, varying @ ..] = &self.0;
        varying
    }

    /// The id that has these bytes after its beginning; see [`SignatoryId::varying_bytes`].
    ///
    /// ```
    /// use sigpkg::digest::SignatoryId;
    ///
    /// let id = SignatoryId::of_varying_bytes(&[0; 39]);
    /// assert_eq!(id.to_string(), format!("sigp{}", "A".repeat(52)));
    /// ```
    pub fn of_varying_bytes(varying: &[u8; 39]) -> Self {
        let mut bytes = [0; 42];
        let (prefix, rest) = bytes.split_at_mut(ID_PREFIX.len());
        prefix.copy_from_slice(&ID_PREFIX);
        rest.copy_from_slice(varying);
        Self(bytes)
    }

    /// Reads an id as a person gives it: white space, such as between groups or at the end of a line, is left out.
    ///
    /// ```
    /// use sigpkg::digest::SignatoryId;
    /// use sigpkg::example;
    ///
    /// let typed = "sigp fziJ Y8_e mlhH VZB7 BNfD VeUt\nvn4v lFV6 fO0x htaY ojfk it1y fz8_\n";
    /// assert_eq!(SignatoryId::from_typed(typed)?, example::id()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`IdError`] if the rest is no signatory id (STM-21).
    pub fn from_typed(typed: &str) -> Result<Self, IdError> {
        typed.split_whitespace().collect::<String>().parse()
    }
}

/// The text is no signatory id (STM-21).
///
/// ```
/// use sigpkg::digest::SignatoryId;
///
/// let shortened = "sigpfziJY8_e".parse::<SignatoryId>().unwrap_err();
/// assert!(shortened.to_string().ends_with(r#"found "sigpfziJY8_e" (12 characters)"#));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a signatory id (56 characters that begin with \"sigp\"), found \"{}\" ({} characters)", text::printable(.0), .0.chars().count())]
pub struct IdError(String);

impl IdError {
    /// The rule that is broken.
    ///
    /// ```
    /// use sigpkg::digest::SignatoryId;
    ///
    /// let error = "nobody".parse::<SignatoryId>().unwrap_err();
    /// assert_eq!(error.rule().reason(), "bad-id");
    /// ```
    pub fn rule(&self) -> Rule {
        Rule::Stm21
    }
}

impl FromStr for SignatoryId {
    type Err = IdError;

    fn from_str(written: &str) -> Result<Self, IdError> {
        text::from_base64url(written)
            .and_then(|bytes| <[u8; 42]>::try_from(bytes).ok())
            .filter(|bytes| bytes.starts_with(&ID_PREFIX))
            .map(Self)
            .ok_or_else(|| IdError(written.to_owned()))
    }
}

impl fmt::Display for SignatoryId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&text::to_base64url(&self.0))
    }
}

impl fmt::Debug for SignatoryId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// The name that git gives a tree: its SHA-1 object id, 20 bytes, written as 40 lower-case hexadecimal digits (PRJ-3).
///
/// Lockfiles and registries name trees by it. It is a claim to be compared with what a statement says, and never a reason
/// to believe anything: SHA-1 has collisions.
///
/// ```
/// use sigpkg::digest::TreeHash;
///
/// // What `git write-tree` says of nothing at all.
/// let empty: TreeHash = "4b825dc642cb6eb9a060e54bf8d69288fbee4904".parse()?;
/// assert_eq!(empty.to_string(), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreeHash([u8; 20]);

impl TreeHash {
    /// A tree hash that git has computed.
    ///
    /// ```
    /// use sigpkg::digest::TreeHash;
    ///
    /// assert_eq!(TreeHash::from_bytes([0xab; 20]).to_string(), "ab".repeat(20));
    /// ```
    pub const fn from_bytes(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    /// The 20 bytes.
    ///
    /// ```
    /// use sigpkg::digest::TreeHash;
    ///
    /// let tree: TreeHash = "4b825dc642cb6eb9a060e54bf8d69288fbee4904".parse()?;
    /// assert_eq!(tree.as_bytes()[..2], [0x4b, 0x82]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }
}

/// A tree hash is written as 40 lower-case hexadecimal digits (PRJ-3).
///
/// ```
/// use sigpkg::digest::TreeHash;
///
/// let error = "4b825dc".parse::<TreeHash>().unwrap_err();
/// assert_eq!(error.to_string(), r#"expected a tree hash of 40 lower-case hexadecimal digits, found "4b825dc""#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a tree hash of 40 lower-case hexadecimal digits, found \"{}\"", text::printable(.0))]
pub struct TreeHashError(String);

impl FromStr for TreeHash {
    type Err = TreeHashError;

    fn from_str(written: &str) -> Result<Self, TreeHashError> {
        text::from_hex(written).map(Self).ok_or_else(|| TreeHashError(written.to_owned()))
    }
}

impl fmt::Display for TreeHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&text::to_hex(&self.0))
    }
}

impl fmt::Debug for TreeHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_hash_has_one_spelling() {
        // The tree that git has for an empty directory.
        let written = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
        assert_eq!(written.parse::<TreeHash>().map(|hash| hash.to_string()), Ok(written.to_owned()));
        for other in [written.to_uppercase(), written[1..].to_owned(), format!("{written} ")] {
            assert_eq!(other.parse::<TreeHash>(), Err(TreeHashError(other.clone())));
        }
    }

    #[test]
    fn an_id_is_56_characters_and_begins_with_sigp() {
        let id = SignatoryId::of_genesis(b"genesis");
        let written = id.to_string();
        assert_eq!(written.len(), SignatoryId::LENGTH);
        assert!(written.starts_with("sigp"));
        assert_eq!(written.parse(), Ok(id));
        let typed = text::groups(&written).collect::<Vec<_>>().join(" ") + "\n";
        assert_eq!(SignatoryId::from_typed(&typed), Ok(id));
        for other in [&written[..52], &written.replace("sigp", "sigq"), &typed, ""] {
            assert_eq!(other.parse::<SignatoryId>().map_err(|error| error.rule()), Err(Rule::Stm21), "{other:?}");
        }
    }

    #[test]
    fn a_digest_has_one_spelling() {
        let digest = Digest::of(b"text");
        assert_eq!(digest.to_string().parse(), Ok(digest));
        for other in [digest.to_hex(), digest.to_string().to_uppercase(), format!("{digest} ")] {
            assert_eq!(other.parse::<Digest>(), Err(DigestError(other.clone())));
        }
    }
}
