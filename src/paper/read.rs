//! Reading back what stands on a paper (KEEP-37).

use zeroize::Zeroizing;

use crate::key::COMMENT_PREFIX;
use crate::representation::words::WordsError;
use crate::rule::Rule;
use crate::secret::file::{Secret, SecretFile, SecretFileError};
use crate::secret::{Kind, words};

/// What programs that read QR codes write before the text.
const SCANNED: &str = "QR-Code:";

/// No word of the list is so long: so many characters in a row are the text of a QR code.
const NO_WORD: usize = 40;

/// Why a text is not what stands on a paper.
///
/// ```
/// use sigpkg::paper::{PaperError, read};
/// use sigpkg::secret::Kind;
///
/// // The third line was torn off.
/// let torn = read("1. legal\n2. winner\n4. year\n", Kind::Seed).map(|_| ());
/// assert_eq!(torn, Err(PaperError::Missing { expected: 24, missing: 3 }));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PaperError {
    /// CMP-5 to CMP-7: a word is wrong, or there are too many or too few.
    #[error(transparent)]
    Words(#[from] WordsError),
    /// Every word has a number before it, and one number has no word.
    #[error("expected {expected} numbered words, found no word {missing}")]
    Missing {
        /// How many words there are to be.
        expected: usize,
        /// The number without a word.
        missing: usize,
    },
    /// Every word has a number before it, and one number is there more than once.
    #[error("expected each number once, found {number} twice")]
    Twice {
        /// The number.
        number: usize,
    },
    /// SEC-6 to SEC-13: the text of the QR code is damaged.
    #[error("the text of the QR code is damaged: {0}")]
    Code(#[source] SecretFileError),
    /// It is another secret than the one that was asked for.
    #[error("expected {expected}, found {found}")]
    Kind {
        /// What was asked for.
        expected: Kind,
        /// What it is.
        found: Kind,
    },
}

impl PaperError {
    /// The rule of the specification that is broken, if one speaks of it.
    ///
    /// ```
    /// use sigpkg::paper::{PaperError, read};
    /// use sigpkg::rule::Rule;
    /// use sigpkg::secret::Kind;
    ///
    /// let rule = |typed| read(typed, Kind::Seed).err().as_ref().and_then(PaperError::rule);
    /// assert_eq!(rule("legal winnner"), Some(Rule::Cmp5));
    /// assert_eq!(rule("legal winner"), Some(Rule::Cmp6));
    /// assert_eq!(rule("1. legal 1. winner"), None, "of numbers the specification says nothing");
    /// ```
    pub fn rule(&self) -> Option<Rule> {
        match self {
            Self::Words(error) => Some(error.rule()),
            Self::Code(error) => Some(error.rule()),
            Self::Missing { .. } | Self::Twice { .. } | Self::Kind { .. } => None,
        }
    }
}

/// Reads a seed or a reserve key from what somebody typed or scanned: its words with or without numbers, the text of the QR
/// code, or a secret key file without a passphrase.
///
/// # Errors
///
/// - [`PaperError::Code`], [`PaperError::Kind`] if it is a text of a QR code or a file, and damaged or of another secret.
/// - [`PaperError::Twice`], [`PaperError::Missing`] if the words have numbers that do not go from 1 on.
/// - [`PaperError::Words`] if a word is not in the list, there are too many or too few, or the checksum is wrong.
///
/// # Example
///
/// ```
/// # use sigpkg::secret::{Kind, Seed, file::{Secret, plain_line}, words};
/// # let written = words::encode(&Secret::Seed(Seed::from_bytes([7; 32]))).ok_or("a seed has words")?;
/// # let code = plain_line(&Secret::Seed(Seed::from_bytes([7; 32])));
/// use sigpkg::paper::read;
///
/// // Whoever types column by column gives the words in another order.
/// let numbered: Vec<_> = (1..).zip(&written).map(|(number, word)| format!("{number}. {word}")).collect();
/// let columns: Vec<_> = (0..6).flat_map(|row| numbered.iter().skip(row).step_by(6).cloned()).collect();
/// for typed in [written.join(" "), columns.join("  "), format!("QR-Code:{}", *code)] {
///     assert!(matches!(read(&typed, Kind::Seed)?, Secret::Seed(seed) if seed.as_bytes() == &[7; 32]));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read(text: &str, kind: Kind) -> Result<Secret, PaperError> {
    let text = text.trim();
    if is_code(text) {
        return read_code(text, kind);
    }
    let expected = words::count_of(kind).unwrap_or_default();
    let ordered = in_order(text, expected)?;
    Ok(words::decode(ordered.as_ref().map_or(text, |ordered| ordered.as_str()), kind)?)
}

/// Whether this can be the text of the QR code or a key file, and no words.
pub(super) fn is_code(text: &str) -> bool {
    text.starts_with(COMMENT_PREFIX) || text.split_whitespace().any(|piece| piece.len() >= NO_WORD)
}

fn read_code(text: &str, kind: Kind) -> Result<Secret, PaperError> {
    let bare = text.strip_prefix(SCANNED).unwrap_or(text);
    let file = if bare.starts_with(COMMENT_PREFIX) {
        Zeroizing::new(bare.to_owned())
    } else {
        // A terminal or a mail may have broken the line.
        let line: Zeroizing<String> = Zeroizing::new(bare.split_whitespace().collect());
        Zeroizing::new(format!("{COMMENT_PREFIX}paper\n{}\n", line.as_str()))
    };
    let file = SecretFile::parse(&file).map_err(PaperError::Code)?;
    if file.kind() != kind {
        return Err(PaperError::Kind { expected: kind, found: file.kind() });
    }
    file.open(None).map_err(PaperError::Code)
}

/// The words in the order of their numbers; `None` if a word has no number before it, or there is no word at all.
fn in_order(text: &str, expected: usize) -> Result<Option<Zeroizing<String>>, PaperError> {
    let mut numbered: Vec<(usize, &str)> = Vec::new();
    let mut number = None;
    for piece in text.split_whitespace() {
        let digits = piece.strip_suffix(['.', ')', ':']).unwrap_or(piece);
        match (digits.parse::<usize>(), number.take()) {
            (Ok(read), _) => number = Some(read),
            (Err(_), Some(read)) => numbered.push((read, piece)),
            (Err(_), None) => return Ok(None),
        }
    }
    if numbered.is_empty() {
        return Ok(None);
    }
    // The sort is stable, and nothing rests on it: no number may be there twice.
    numbered.sort_by_key(|(number, _)| *number);
    if let Some(twice) = numbered.windows(2).find_map(|two| match two {
        [(one, _), (other, _)] if one == other => Some(*one),
        [..] => None,
    }) {
        return Err(PaperError::Twice { number: twice });
    }
    let last = numbered.last().map_or(0, |(last, _)| *last).max(expected);
    // The number of a word is its place, as far as numbers go from 1 on without a gap.
    let missing = (1..=last).zip(numbered.iter().map(|(number, _)| Some(*number)).chain(std::iter::repeat(None)));
    if let Some((missing, _)) = missing.into_iter().find(|(place, number)| Some(*place) != *number) {
        return Err(PaperError::Missing { expected, missing });
    }
    let mut ordered = Zeroizing::new(String::with_capacity(text.len()));
    for (_, word) in numbered {
        ordered.push_str(word);
        ordered.push(' ');
    }
    Ok(Some(ordered))
}
