//! The signature block of a chain: the two lines of signify, with a comment that is fixed.
//!
//! ```text
//! untrusted comment: sigpkg signature
//! RW…                                      base64 of tag, key id and signature
//! ```

use super::Signature;
use crate::key::{Algorithm, COMMENT_PREFIX, KeyId, tag_text};
use crate::rule::Rule;
use crate::text;

/// The longest block, in bytes with both LF: that of a reserve signature.
pub const MAX_LENGTH: usize = comment_line(Algorithm::SlhDsa).len() + 1 + base64_length(Algorithm::Reserve) + 1;

/// Why a text is no signature block.
///
/// ```
/// use sigpkg::signature::block::{self, BlockError};
///
/// let error = block::parse("untrusted comment: sigpkg signature\n").unwrap_err();
/// assert!(matches!(error, BlockError::Lines { .. }));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    /// SIG-5: it is not two lines.
    #[error("expected a signature block of two lines, each with its LF, found {found}")]
    Lines {
        /// What is there instead, in words.
        found: &'static str,
    },
    /// SIG-5: the second line is not base64 in its one spelling.
    #[error("expected a signature in base64, found \"{}\"", text::printable(found))]
    Base64 {
        /// The line that was offered, at most its first 80 characters.
        found: String,
    },
    /// SIG-5: the tag is not one of a key.
    #[error("expected a signature tagged Ed, Sl or Sr, found {}", tag_text(*found))]
    Tag {
        /// The two bytes that were offered.
        found: [u8; 2],
    },
    /// SIG-5: the length is not that of the algorithm.
    #[error("expected {} bytes of tag, key id and {algorithm} signature, found {found}", 10 + algorithm.signature_length())]
    Length {
        /// What the tag says.
        algorithm: Algorithm,
        /// The length after base64, in bytes.
        found: usize,
    },
    /// SIG-5: the first line is not the one that belongs to the tag.
    #[error("expected the line \"{}\", found \"{}\"", comment_line(*algorithm), text::printable(found))]
    Comment {
        /// What the tag says.
        algorithm: Algorithm,
        /// The line that was offered, at most its first 80 characters.
        found: String,
    },
}

/// Reads a block: exactly two lines, each with its LF, in the one form that [`write()`] gives.
///
/// ```
/// use sigpkg::example::{self, FIRST};
/// use sigpkg::rule::Rule;
/// use sigpkg::signature::block;
///
/// let record = example::record(FIRST)?;
/// assert!(block::parse(record.blocks_text()).is_ok());
/// // The comment is fixed too: nothing in a chain may say what nobody signed.
/// let embellished = record.blocks_text().replace("sigpkg signature", "signed by Alice");
/// assert_eq!(block::parse(&embellished).unwrap_err().rule(), Rule::Sig5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Any of [`BlockError`], in the order of its variants; all are SIG-5.
pub fn parse(block: &str) -> Result<Signature, BlockError> {
    let (comment, line) = two_lines(block)?;
    let bytes = text::from_base64(line).ok_or_else(|| BlockError::Base64 { found: beginning(line) })?;
    let (tag, key_id, signature) = match bytes.as_slice() {
        &[t0, t1, i0, i1, i2, i3, i4, i5, i6, i7, ref signature @ ..] => {
            ([t0, t1], KeyId::from_bytes([i0, i1, i2, i3, i4, i5, i6, i7]), signature)
        }
        _ => return Err(BlockError::Base64 { found: beginning(line) }),
    };
    let algorithm = Algorithm::from_tag(tag).ok_or(BlockError::Tag { found: tag })?;
    let signature =
        Signature::new(algorithm, key_id, signature).ok_or(BlockError::Length { algorithm, found: bytes.len() })?;
    if comment == comment_line(algorithm) {
        Ok(signature)
    } else {
        Err(BlockError::Comment { algorithm, found: beginning(comment) })
    }
}

/// Writes the block of a signature: two lines.
///
/// ```
/// use sigpkg::key::Algorithm;
/// use sigpkg::secret::Seed;
/// use sigpkg::signature::block;
///
/// let signature = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 1)?.sign(b"text");
/// assert_eq!(block::parse(&block::write(&signature))?, signature);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write(signature: &Signature) -> String {
    format!("{}\n{}\n", comment_line(signature.claimed_algorithm), signature_line(signature))
}

/// Whether this line, without its LF, is the first one of a block.
///
/// ```
/// use sigpkg::signature::block;
///
/// assert!(block::is_first_line("untrusted comment: sigpkg signature"));
/// assert!(!block::is_first_line("sigpkg = 1"));
/// ```
pub fn is_first_line(line: &str) -> bool {
    line.starts_with(COMMENT_PREFIX)
}

/// The first line of a block, without its LF (SIG-4).
///
/// ```
/// use sigpkg::key::Algorithm;
/// use sigpkg::signature::block;
///
/// assert_eq!(block::comment_line(Algorithm::Ed25519), "untrusted comment: sigpkg signature");
/// ```
pub const fn comment_line(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Ed25519 => "untrusted comment: sigpkg signature",
        Algorithm::SlhDsa => "untrusted comment: sigpkg slh-dsa signature",
        Algorithm::Reserve => "untrusted comment: sigpkg reserve signature",
    }
}

impl BlockError {
    /// The rule that the block breaks.
    ///
    /// ```
    /// use sigpkg::rule::Rule;
    /// use sigpkg::signature::block;
    ///
    /// assert_eq!(block::parse("").unwrap_err().rule(), Rule::Sig5);
    /// ```
    pub fn rule(&self) -> Rule {
        Rule::Sig5
    }
}

/// The second line of a block, without its LF: base64 of tag, key id and signature.
pub(super) fn signature_line(signature: &Signature) -> String {
    let mut bytes = Vec::with_capacity(10 + signature.bytes.len());
    bytes.extend_from_slice(&signature.claimed_algorithm.tag());
    bytes.extend_from_slice(signature.claimed_key_id.as_bytes());
    bytes.extend_from_slice(&signature.bytes);
    text::to_base64(&bytes)
}

/// The start of a line, for a message.
pub(super) fn beginning(line: &str) -> String {
    line.chars().take(80).collect()
}

const fn base64_length(algorithm: Algorithm) -> usize {
    (10 + algorithm.signature_length()).div_ceil(3) * 4
}

fn two_lines(block: &str) -> Result<(&str, &str), BlockError> {
    let wrong = |found| BlockError::Lines { found };
    let (comment, rest) = block.split_once('\n').ok_or(wrong("no line that ends"))?;
    match rest.split_once('\n') {
        Some((line, "")) => Ok((comment, line)),
        Some((_, _)) => Err(wrong("more")),
        None if rest.is_empty() => Err(wrong("one line")),
        None => Err(wrong("no LF at the end")),
    }
}
