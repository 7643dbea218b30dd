//! Why a text is no statement.

use super::{Kind, Seq};
use crate::key::{Algorithm, KeyError};
use crate::package::PackageError;
use crate::rule::Rule;
use crate::text::printable;
use crate::time::{Date, Timestamp};

/// Why a text is no statement: a variant for each rule of spec/3-statements.md.
///
/// ```
/// use sigpkg::example::{self, FIRST};
/// use sigpkg::statement::{Statement, StatementError};
///
/// let text = example::record(FIRST)?.text().replace("kind = \"release\"", "kind = \"revocation\"");
/// let error = Statement::parse(text.as_bytes()).unwrap_err();
/// assert_eq!(error, StatementError::UnknownKind { found: "revocation".to_owned() });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// STM-1
    #[error("a statement has at most {} bytes, this one has {bytes}", super::MAX_STATEMENT_BYTES)]
    TooLarge {
        /// The size of the text.
        bytes: usize,
    },
    /// STM-2
    #[error("a statement is UTF-8 without a byte order mark, this one has another byte at offset {at}")]
    NotText {
        /// Where the text stops being UTF-8.
        at: usize,
    },
    /// STM-3
    #[error("expected the first line \"{}\", found \"{}\"", super::FIRST_LINE, printable(.found))]
    UnknownFormat {
        /// The first line of the text.
        found: String,
    },
    /// STM-4: the text is no TOML.
    #[error("expected a TOML document, found a fault{}: {}", offset(*.at), printable(.problem))]
    NotToml {
        /// Offset in bytes.
        at: Option<usize>,
        /// What the TOML reader says.
        problem: String,
    },
    /// STM-4: the text is TOML, but not written in the canonical form.
    #[error("line {line} is not in canonical form: expected \"{}\", found \"{}\"", printable(.expected.trim_end_matches('\n')), printable(.found.trim_end_matches('\n')))]
    NotCanonical {
        /// The first line that differs, from 1.
        line: usize,
        /// That line in canonical form.
        expected: String,
        /// That line in the text.
        found: String,
    },
    /// STM-5
    #[error("expected kind genesis, release, yank, beat or reserve, found \"{}\"", printable(.found))]
    UnknownKind {
        /// The kind in the text.
        found: String,
    },
    /// STM-6
    #[error("field {field} does not belong in a statement of this kind")]
    UnknownField {
        /// The table and key.
        field: String,
    },
    /// STM-7
    #[error("field {field} is missing")]
    MissingField {
        /// The table and key.
        field: String,
    },
    /// STM-8
    #[error("field {field}: expected {expected}, found {}", printable(.found))]
    BadValue {
        /// The table and key.
        field: String,
        /// The form it must have.
        expected: String,
        /// The value in the text, as TOML.
        found: String,
    },
    /// STM-9 to STM-12
    #[error(transparent)]
    Package(PackageError),
    /// A rule of spec/2-keys-and-signatures.md.
    #[error("field {field}: {error}")]
    Key {
        /// The table and key.
        field: String,
        /// What is wrong with the key.
        error: KeyError,
    },
    /// STM-13
    #[error("a genesis is statement 1 and no other kind is, found statement {found} of kind {kind}")]
    Sequence {
        /// The kind.
        kind: Kind,
        /// Its number.
        found: Seq,
    },
    /// STM-14
    #[error("expected look-ahead keys of {} in this {kind}, found {next} and {after_next}", algorithms_of(*kind))]
    Algorithm {
        /// The kind.
        kind: Kind,
        /// The algorithm of `next`.
        next: Algorithm,
        /// The algorithm of `after-next`.
        after_next: Algorithm,
    },
    /// STM-15
    #[error("a statement names each key once, found {key} twice")]
    KeyReused {
        /// The second mention, as written.
        key: String,
    },
    /// STM-16
    #[error(
        "a reserve has 1 to 15 keys and a threshold of more than half of them, found {keys} keys and threshold {threshold}"
    )]
    Reserve {
        /// How many keys are named.
        keys: usize,
        /// How many must sign.
        threshold: u64,
    },
    /// STM-17
    #[error("field {field} of statement {seq}: expected {expected}, found {found}")]
    Reference {
        /// The table and key.
        field: &'static str,
        /// The statement's own number.
        seq: Seq,
        /// What the field may name.
        expected: &'static str,
        /// What it names.
        found: Seq,
    },
    /// STM-18
    #[error("expected another chain as the successor, found this chain itself")]
    OwnSuccessor,
    /// STM-19
    #[error("next-by {next_by} lies before the date {date}")]
    PromiseInThePast {
        /// The promise.
        next_by: Date,
        /// The date of the statement.
        date: Timestamp,
    },
}

/// STM-14 in words.
const fn algorithms_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Genesis => "Ed25519",
        Kind::Release | Kind::Yank | Kind::Beat | Kind::Reserve => "one algorithm",
    }
}

impl StatementError {
    /// The rule that is broken.
    ///
    /// ```
    /// use sigpkg::rule::Rule;
    /// use sigpkg::statement::Statement;
    ///
    /// assert_eq!(Statement::parse(b"").unwrap_err().rule(), Rule::Stm3);
    /// ```
    pub fn rule(&self) -> Rule {
        match self {
            Self::TooLarge { .. } => Rule::Stm1,
            Self::NotText { .. } => Rule::Stm2,
            Self::UnknownFormat { .. } => Rule::Stm3,
            Self::NotToml { .. } | Self::NotCanonical { .. } => Rule::Stm4,
            Self::UnknownKind { .. } => Rule::Stm5,
            Self::UnknownField { .. } => Rule::Stm6,
            Self::MissingField { .. } => Rule::Stm7,
            Self::BadValue { .. } => Rule::Stm8,
            Self::Package(error) => package_rule(error),
            Self::Key { error, .. } => error.rule(),
            Self::Sequence { .. } => Rule::Stm13,
            Self::Algorithm { .. } => Rule::Stm14,
            Self::KeyReused { .. } => Rule::Stm15,
            Self::Reserve { .. } => Rule::Stm16,
            Self::Reference { .. } => Rule::Stm17,
            Self::OwnSuccessor => Rule::Stm18,
            Self::PromiseInThePast { .. } => Rule::Stm19,
        }
    }

    /// The first line in which two texts that mean the same differ.
    pub(super) fn not_canonical(canonical: &str, found: &str) -> Self {
        let mut expected_lines = canonical.split_inclusive('\n');
        let mut found_lines = found.split_inclusive('\n');
        let mut line = 0;
        loop {
            line += 1;
            let (expected, found) = (expected_lines.next(), found_lines.next());
            if expected != found || expected.is_none() {
                let owned = |text: Option<&str>| text.unwrap_or("nothing").to_owned();
                return Self::NotCanonical { line, expected: owned(expected), found: owned(found) };
            }
        }
    }
}

fn package_rule(error: &PackageError) -> Rule {
    match error {
        PackageError::Ecosystem(_) => Rule::Stm9,
        PackageError::Name { .. } => Rule::Stm10,
        PackageError::Uuid(_) | PackageError::UuidMissing | PackageError::UuidUnexpected(_) => Rule::Stm11,
        PackageError::Version { .. } => Rule::Stm12,
    }
}

fn offset(at: Option<usize>) -> String {
    at.map(|at| format!(" at offset {at}")).unwrap_or_default()
}
