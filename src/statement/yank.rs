//! `yank`: do not use these releases.

use super::canonical::{Fields, Writer, check_prose};
use super::release::check_reference;
use super::{Seq, StatementError};

/// What a yank says.
///
/// ```
/// use sigpkg::statement::{Seq, Severity, Yank};
///
/// let yank = Yank {
///     releases: vec![Seq::new(2).ok_or("no number of a statement")?],
///     severity: Severity::Refuse,
///     reason: "deletes files".to_owned(),
///     advisory: Some("CVE-2026-0001".to_owned()),
///     replacement: Seq::new(3),
/// };
/// assert!(yank.severity > Severity::Warn);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Yank {
    /// The ancestor releases it speaks of, strictly ascending, 1 to 256.
    pub releases: Vec<Seq>,
    /// What a user is to do about it.
    pub severity: Severity,
    /// Why, in words for people: 1 to 500 bytes.
    pub reason: String,
    /// The name or address of an advisory: 1 to 200 bytes.
    pub advisory: Option<String>,
    /// The ancestor release to use instead.
    pub replacement: Option<Seq>,
}

/// How grave a yank is.
///
/// ```
/// use sigpkg::statement::Severity;
///
/// assert!(Severity::Note < Severity::Warn && Severity::Warn < Severity::Refuse);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Worth a warning at each use.
    Warn,
    /// Not to be used.
    Refuse,
}

/// The most releases one yank may name.
const MAX_RELEASES: usize = 256;
/// The longest `reason` in bytes.
const MAX_REASON: usize = 500;
/// The longest `advisory` in bytes.
const MAX_ADVISORY: usize = 200;

const SEVERITIES: [(&str, Severity); 3] =
    [("note", Severity::Note), ("warn", Severity::Warn), ("refuse", Severity::Refuse)];

impl Yank {
    pub(super) fn read(table: &mut Fields<'_>) -> Result<Self, StatementError> {
        Ok(Self {
            releases: table.seqs("releases")?,
            severity: table.word("severity", &SEVERITIES)?,
            reason: table.prose("reason", MAX_REASON)?,
            advisory: table.optional_prose("advisory", MAX_ADVISORY)?,
            replacement: table.optional_seq("replacement")?,
        })
    }

    pub(super) fn write(&self, out: &mut Writer) {
        out.table("yank");
        out.integers("releases", self.releases.iter().map(|seq| u64::from(seq.get())));
        out.string("severity", &self.severity.as_str());
        out.string("reason", &self.reason);
        out.optional_string("advisory", self.advisory.as_ref());
        if let Some(seq) = self.replacement {
            out.integer("replacement", u64::from(seq.get()));
        }
    }

    /// STM-8 for what people write, and STM-17
    pub(super) fn check(&self, seq: Seq) -> Result<(), StatementError> {
        check_prose("yank.reason", &self.reason, MAX_REASON)?;
        if let Some(advisory) = &self.advisory {
            check_prose("yank.advisory", advisory, MAX_ADVISORY)?;
        }
        self.check_references(seq)
    }

    fn check_references(&self, seq: Seq) -> Result<(), StatementError> {
        const FIELD: &str = "yank.releases";
        for found in &self.releases {
            check_reference(FIELD, seq, *found)?;
        }
        if let Some([_, found]) = self.releases.windows(2).find(|pair| !pair.is_sorted_by(|left, right| left < right)) {
            return Err(StatementError::Reference {
                field: FIELD,
                seq,
                expected: "strictly ascending numbers",
                found: *found,
            });
        }
        if let Some(found) = self.releases.get(MAX_RELEASES) {
            return Err(StatementError::Reference {
                field: FIELD,
                seq,
                expected: "at most 256 numbers",
                found: *found,
            });
        }
        let Some(found) = self.replacement else { return Ok(()) };
        check_reference("yank.replacement", seq, found)?;
        if self.releases.contains(&found) {
            return Err(StatementError::Reference {
                field: "yank.replacement",
                seq,
                expected: "a release that is not yanked here",
                found,
            });
        }
        Ok(())
    }
}

impl Severity {
    /// The word of a statement.
    ///
    /// ```
    /// use sigpkg::statement::Severity;
    ///
    /// assert_eq!(Severity::Warn.as_str(), "warn");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warn => "warn",
            Self::Refuse => "refuse",
        }
    }
}
