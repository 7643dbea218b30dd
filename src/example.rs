//! The chain that the examples of this documentation are about: the Julia package `Example`, and what may happen to it.
//!
//! Each constant is one record of the same signatory, the statement with its signatures, as a chain file has it. All its
//! keys are test keys: trust nothing that they sign.
//!
//! ```
//! use sigpkg::chain::Decided;
//! use sigpkg::example::{self, FIRST, GENESIS, SECOND};
//!
//! let chain = example::chain(&[GENESIS, FIRST, SECOND])?;
//! let belief = chain.belief(&Decided::stranger());
//! assert_eq!(belief.newest_release().map(|release| release.version().as_str()), Some("1.1.0"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Source: `testvectors/`, which has a thousand more.

use crate::chain::{Chain, ChainError, Unverified};
use crate::digest::{IdError, SignatoryId};
use crate::key::COMMENT_PREFIX;
use crate::signature::Standard;

/// One file of `testvectors/`.
macro_rules! vector {
    ($path:literal) => {
        include_str!(concat!("../testvectors/", $path))
    };
}

/// The signatory id.
pub const ID: &str = "sigpfziJY8_emlhHVZB7BNfDVeUtvn4vlFV6fO0xhtaYojfkit1yfz8_";

/// Statement 1: the package, three keys, and a reserve of one key.
pub const GENESIS: &str = vector!("records/belief-1.record");

/// Statement 2: release 1.0.0.
pub const FIRST: &str = vector!("records/belief-2.record");

/// Statement 3: release 1.1.0.
pub const SECOND: &str = vector!("records/belief-a-3.record");

/// Statement 4, after [`SECOND`]: release 1.2.0.
pub const THIRD: &str = vector!("records/belief-a-4.record");

/// Another statement 3: a thief of one key releases 6.6.6, and so makes a fork with [`SECOND`].
pub const RIVAL: &str = vector!("records/belief-b-3.record");

/// Another statement 3: release 1.0.0 is yanked, with severity `refuse`.
pub const YANK: &str = vector!("records/belief-yank-3.record");

/// Another statement 3: release 1.0.0 was a mistake, and is made again.
pub const REDONE: &str = vector!("records/belief-redone-3.record");

/// Another statement 3: a beat, which promises another statement by 2026-03-01.
pub const PROMISE: &str = vector!("records/belief-soon-3.record");

/// Another statement 3: a beat, the last one of this chain; another one goes on in its place.
pub const LAST: &str = vector!("records/belief-last-3.record");

/// Another statement 3: the reserve says that keys were stolen, and which ones sign from now on.
pub const RESERVE: &str =
    concat!(vector!("records/belief-reserve-3.toml"), vector!("blocks/holder-a-8403b8f1e9d83df3.block"));

/// [`RESERVE`] before it was signed: a draft of a reserve statement.
pub const RESERVE_DRAFT: &str = vector!("records/belief-reserve-3.toml");

/// Statement 4, after [`RESERVE`]: release 1.1.1.
pub const AFTER_RESERVE: &str = vector!("records/belief-reserve-4.record");

/// The signatory id, read.
///
/// ```
/// use sigpkg::example;
///
/// assert_eq!(example::id()?.to_string(), example::ID);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// - [`IdError`] never: it is one.
pub fn id() -> Result<SignatoryId, IdError> {
    ID.parse()
}

/// A chain of these records, admitted as a user would: parents before children.
///
/// ```
/// use sigpkg::example::{self, FIRST, GENESIS, SECOND};
/// use sigpkg::rule::Rule;
///
/// assert_eq!(example::chain(&[GENESIS, FIRST, SECOND])?.len(), 3);
///
/// let gap = example::chain(&[GENESIS, SECOND]).unwrap_err();
/// assert_eq!(gap.rule(), Rule::Chn6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// As [`Chain::admit`], if they are no chain together.
pub fn chain(records: &[&str]) -> Result<Chain, ChainError> {
    let file = records.concat();
    Chain::admit(file.as_bytes(), Chain::claimed_id(file.as_bytes())?, &Standard)
}

/// One of these records alone, read and not verified.
///
/// ```
/// use sigpkg::example::{self, FIRST};
///
/// let record = example::record(FIRST)?;
/// assert_eq!(record.claimed_seq().get(), 2);
/// assert_eq!(format!("{}{}", record.text(), record.blocks_text()), FIRST);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// As [`Unverified::new`], if it is no record.
pub fn record(record: &str) -> Result<Unverified, ChainError> {
    let (text, blocks) = record.split_at(record.find(COMMENT_PREFIX).unwrap_or(record.len()));
    Unverified::new(text.as_bytes(), blocks)
}
