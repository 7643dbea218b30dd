//! `release`: this tree is version V.

use super::canonical::{Fields, Writer};
use super::{Seq, StatementError};
use crate::digest::Digest;
use crate::package::{EcosystemName, Version};

/// What a release says about one source tree.
///
/// ```
/// use sigpkg::example::{self, REDONE};
///
/// let record = example::record(REDONE)?;
/// let release = record.claimed().release().ok_or("no release")?;
/// assert_eq!((release.version.as_str(), release.count, release.bytes), ("1.0.0", 3, 1234));
/// assert_eq!(release.withdraws.map(|seq| seq.get()), Some(2)); // statement 2 was made by mistake
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The version.
    pub version: Version,
    /// The digest of the exact text of the listing.
    pub files: Digest,
    /// How many files the listing has.
    pub count: u64,
    /// How many bytes the listed files have together.
    pub bytes: u64,
    /// The newest ancestor release, of the same version, which was made by mistake.
    pub withdraws: Option<Seq>,
    /// The listing of the unsigned tree that this release adopts.
    pub upstream: Option<Digest>,
}

impl Release {
    pub(super) fn read(table: &mut Fields<'_>, ecosystem: EcosystemName) -> Result<Self, StatementError> {
        Ok(Self {
            version: Version::new(ecosystem, &table.string("version")?).map_err(StatementError::Package)?,
            files: table.parsed("files", "a digest")?,
            count: table.integer("count")?,
            bytes: table.integer("bytes")?,
            withdraws: table.optional_seq("withdraws")?,
            upstream: table.optional_parsed("upstream", "a digest")?,
        })
    }

    pub(super) fn write(&self, out: &mut Writer) {
        out.table("release");
        out.string("version", &self.version);
        out.string("files", &self.files);
        out.integer("count", self.count);
        out.integer("bytes", self.bytes);
        if let Some(seq) = self.withdraws {
            out.integer("withdraws", u64::from(seq.get()));
        }
        out.optional_string("upstream", self.upstream.as_ref());
    }

    /// STM-17
    pub(super) fn check(&self, seq: Seq) -> Result<(), StatementError> {
        match self.withdraws {
            Some(found) => check_reference("release.withdraws", seq, found),
            None => Ok(()),
        }
    }
}

/// STM-17: a statement names its own ancestors, and the genesis is no release.
pub(super) fn check_reference(field: &'static str, seq: Seq, found: Seq) -> Result<(), StatementError> {
    if Seq::FIRST < found && found < seq {
        Ok(())
    } else {
        Err(StatementError::Reference { field, seq, expected: "an earlier statement after the genesis", found })
    }
}
