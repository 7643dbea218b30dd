//! Words as they are typed, one after the other (KEEP-37).

use std::fmt;

use zeroize::Zeroizing;

use super::PaperError;
use super::read::{is_code, read};
use crate::representation::words::{WordsError, nearest, whole};
use crate::secret::file::Secret;
use crate::secret::{Kind, words};

/// The words of a secret, as far as they have been typed.
///
/// ```
/// use sigpkg::paper::Entry;
/// use sigpkg::secret::Kind;
///
/// let mut entry = Entry::new(Kind::Seed);
/// assert_eq!(entry.push("Lega")?, "legal");
/// assert!(entry.push("winnner").is_err_and(|error| error.to_string().contains("is it winner")));
/// assert_eq!((entry.missing(), entry.words()), (23, ["legal"].as_slice()));
/// # Ok::<(), sigpkg::representation::words::WordsError>(())
/// ```
pub struct Entry {
    kind: Kind,
    words: Vec<&'static str>,
}

impl Entry {
    /// No words yet.
    ///
    /// ```
    /// use sigpkg::paper::Entry;
    /// use sigpkg::secret::Kind;
    ///
    /// let entry = Entry::new(Kind::Reserve);
    /// assert_eq!((entry.words().len(), entry.missing()), (0, 36));
    /// ```
    pub fn new(kind: Kind) -> Self {
        Self { kind, words: Vec::with_capacity(words::count_of(kind).unwrap_or_default()) }
    }

    /// Whether this can be the text of the QR code in the place of the words: [`super::read`] takes it.
    ///
    /// ```
    /// use sigpkg::paper::Entry;
    /// use sigpkg::secret::Seed;
    /// use sigpkg::secret::file::{Secret, plain_line};
    ///
    /// let scanned = plain_line(&Secret::Seed(Seed::from_bytes([7; 32])));
    /// assert!(Entry::is_code(&scanned));
    /// assert!(!Entry::is_code("legal winner"));
    /// ```
    pub fn is_code(typed: &str) -> bool {
        is_code(typed.trim())
    }

    /// Takes the next word, and gives it back whole: its first four letters are enough.
    ///
    /// # Errors
    ///
    /// - [`WordsError::Unknown`] if it is not in the list.
    ///
    /// # Example
    ///
    /// ```
    /// use sigpkg::paper::Entry;
    /// use sigpkg::secret::Kind;
    ///
    /// let mut entry = Entry::new(Kind::Seed);
    /// assert_eq!(entry.push(" LEGA "), Ok("legal"));
    /// assert!(entry.push("yea").is_err(), "three letters are too few for a word of four");
    /// assert_eq!(entry.words(), ["legal"]);
    /// ```
    pub fn push(&mut self, typed: &str) -> Result<&'static str, WordsError> {
        let word = known(self.words.len() + 1, typed)?;
        self.words.push(word);
        Ok(word)
    }

    /// Puts another word into a place, from 1, and gives it back whole. Nothing is changed by a place that has no word yet.
    ///
    /// # Errors
    ///
    /// - [`WordsError::Unknown`] if it is not in the list.
    ///
    /// # Example
    ///
    /// ```
    /// use sigpkg::paper::Entry;
    /// use sigpkg::secret::Kind;
    ///
    /// let mut entry = Entry::new(Kind::Seed);
    /// entry.push("legal")?;
    /// entry.push("dinner")?;
    /// assert_eq!(entry.replace(2, "winn"), Ok("winner"));
    /// assert_eq!(entry.replace(3, "thank"), Ok("thank"));
    /// assert_eq!(entry.words(), ["legal", "winner"], "there is no third word yet");
    /// # Ok::<(), sigpkg::representation::words::WordsError>(())
    /// ```
    pub fn replace(&mut self, place: usize, typed: &str) -> Result<&'static str, WordsError> {
        let word = known(place, typed)?;
        if let Some(before) = place.checked_sub(1).and_then(|at| self.words.get_mut(at)) {
            *before = word;
        }
        Ok(word)
    }

    /// Lets two words change places, from 1; whether both are there.
    ///
    /// ```
    /// use sigpkg::paper::Entry;
    /// use sigpkg::secret::Kind;
    ///
    /// let mut entry = Entry::new(Kind::Seed);
    /// for word in ["winner", "legal", "thank"] {
    ///     entry.push(word)?;
    /// }
    /// assert!(entry.exchange(1, 2));
    /// assert!(!entry.exchange(3, 4), "there is no fourth word yet");
    /// assert_eq!(entry.words(), ["legal", "winner", "thank"]);
    /// # Ok::<(), sigpkg::representation::words::WordsError>(())
    /// ```
    pub fn exchange(&mut self, one: usize, other: usize) -> bool {
        let places = 1..=self.words.len();
        let are_there = places.contains(&one) && places.contains(&other);
        if are_there {
            self.words.swap(one - 1, other - 1);
        }
        are_there
    }

    /// Takes the last word back.
    ///
    /// ```
    /// use sigpkg::paper::Entry;
    /// use sigpkg::secret::Kind;
    ///
    /// let mut entry = Entry::new(Kind::Seed);
    /// entry.push("legal")?;
    /// assert_eq!(entry.pop(), Some("legal"));
    /// assert_eq!((entry.pop(), entry.missing()), (None, 24));
    /// # Ok::<(), sigpkg::representation::words::WordsError>(())
    /// ```
    pub fn pop(&mut self) -> Option<&'static str> {
        self.words.pop()
    }

    /// How many words are still missing.
    ///
    /// ```
    /// use sigpkg::paper::Entry;
    /// use sigpkg::secret::Kind;
    ///
    /// let mut entry = Entry::new(Kind::Seed);
    /// entry.push("legal")?;
    /// assert_eq!(entry.missing(), 23);
    /// # Ok::<(), sigpkg::representation::words::WordsError>(())
    /// ```
    pub fn missing(&self) -> usize {
        words::count_of(self.kind).unwrap_or_default().saturating_sub(self.words.len())
    }

    /// The words so far.
    ///
    /// ```
    /// use sigpkg::paper::Entry;
    /// use sigpkg::secret::Kind;
    ///
    /// let mut entry = Entry::new(Kind::Seed);
    /// entry.push("lega")?;
    /// entry.push("winn")?;
    /// assert_eq!(entry.words(), ["legal", "winner"], "whole, however they were typed");
    /// # Ok::<(), sigpkg::representation::words::WordsError>(())
    /// ```
    pub fn words(&self) -> &[&'static str] {
        &self.words
    }

    /// The secret that the words say.
    ///
    /// # Errors
    ///
    /// - [`PaperError::Words`] if there are too few, or the checksum is wrong. The words stay, to be changed.
    ///
    /// # Example
    ///
    /// ```
    /// # use sigpkg::secret::{Kind, file::Secret};
    /// use sigpkg::paper::{Entry, PaperError};
    /// use sigpkg::representation::words::WordsError;
    ///
    /// let mut entry = Entry::new(Kind::Seed);
    /// for word in std::iter::repeat_n("abandon", 23).chain(["zoo"]) {
    ///     entry.push(word)?;
    /// }
    /// assert!(matches!(entry.secret(), Err(PaperError::Words(WordsError::Checksum))));
    /// entry.replace(24, "art")?;
    /// assert!(matches!(entry.secret()?, Secret::Seed(seed) if seed.as_bytes() == &[0; 32]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn secret(&self) -> Result<Secret, PaperError> {
        read(&Zeroizing::new(self.words.join(" ")), self.kind)
    }
}

fn known(position: usize, typed: &str) -> Result<&'static str, WordsError> {
    let typed = Zeroizing::new(typed.trim().to_ascii_lowercase());
    whole(&typed).ok_or_else(|| {
        let nearest = nearest(&typed);
        WordsError::Unknown { position, word: typed, nearest }
    })
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.words.fill("");
        // What is written and never read again might not be written.
        std::hint::black_box(&self.words);
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Entry").field("kind", &self.kind).field("missing", &self.missing()).finish_non_exhaustive()
    }
}
