//! Bytes as words that can be read out, written down and typed: signatory ids, and secrets on paper.
//!
//! Source: spec/11-comparing.md, CMP-2 to CMP-7. For 16 to 32 bytes the words are those of BIP 39, so that other tools
//! read them too.

use bip39::Language;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::digest::SignatoryId;
use crate::rule::Rule;
use crate::text;

/// Bits that one word carries: the list has 2^11 words.
const BITS_A_WORD: usize = 11;

/// The bytes of an id that words carry (CMP-3).
const VARYING_BYTES: usize = 39;

/// From so many letters on, the beginning of a word stands for it: no two words of the list share their first four.
const PREFIX: usize = 4;

/// How many words are offered in the place of one that is not in the list.
const SUGGESTIONS: usize = 3;

/// How many slips of the pen (a letter too many, too few, another one, or two in the wrong order) a word may be away.
const NEAR: usize = 2;

/// The words of some bytes (CMP-2). None for no bytes.
///
/// ```
/// use sigpkg::representation::words;
///
/// let written = words::encode(&[0; 32]);
/// assert_eq!(written.len(), 24);
/// assert_eq!((written[0], written[23]), ("abandon", "art"));
/// ```
pub fn encode(bytes: &[u8]) -> Vec<&'static str> {
    let (list, checksum) = (Language::English.word_list(), Sha256::digest(bytes));
    let bits: Vec<_> = bits(bytes).chain(bits(&checksum).take(checksum_bits(bytes.len()))).collect();
    bits.chunks(BITS_A_WORD).filter_map(|bits| list.get(number(bits)).copied()).collect()
}

/// The 30 words of a signatory id (CMP-3).
///
/// ```
/// use sigpkg::digest::SignatoryId;
/// use sigpkg::representation::words;
///
/// let id = SignatoryId::of_genesis(b"genesis");
/// let typed = words::of_id(&id).join(" ").to_uppercase();
/// assert_eq!(words::to_id(&typed), Ok(id));
/// ```
pub fn of_id(id: &SignatoryId) -> Vec<&'static str> {
    encode(id.varying_bytes())
}

/// The signatory id whose words a text has (CMP-3).
///
/// ```
/// use sigpkg::example;
/// use sigpkg::representation::words;
///
/// let spoken = words::of_id(&example::id()?);
/// assert_eq!(words::to_id(&spoken.join(" "))?, example::id()?);
/// assert!(words::to_id(&spoken[1..].join(" ")).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// As [`decode`].
pub fn to_id(text: &str) -> Result<SignatoryId, WordsError> {
    let bytes = decode(text, VARYING_BYTES)?;
    Ok(SignatoryId::of_varying_bytes(exactly(&bytes)))
}

/// Reads the words of `length` bytes (CMP-4). Numbers of lines, commas and capitals do not matter, and the first four letters
/// of a word are enough.
///
/// ```
/// use sigpkg::representation::words::{self, WordsError};
///
/// let twelve = "1. legal winner thank year wave sausage  2. worth useful legal winner thank yellow";
/// assert_eq!(*words::decode(twelve, 16)?, [0x7f; 16]);
///
/// let misspelt = words::decode(&twelve.replace("winner", "winnr"), 16);
/// let nearest = vec!["winner", "dinner", "inner"];
/// assert_eq!(misspelt, Err(WordsError::Unknown { position: 2, word: "winnr".to_owned().into(), nearest }));
/// # Ok::<(), WordsError>(())
/// ```
///
/// # Errors
///
/// The first rule that is broken:
///
/// - [`WordsError::Unknown`] if a piece is no word of the list (CMP-5).
/// - [`WordsError::Count`] if there are more or fewer words than `length` bytes have (CMP-6).
/// - [`WordsError::Checksum`] if the words are not those of any bytes (CMP-7).
pub fn decode(text: &str, length: usize) -> Result<Zeroizing<Vec<u8>>, WordsError> {
    let mut numbers = Zeroizing::new(Vec::new());
    for (at, piece) in pieces(text).enumerate() {
        numbers.push(look_up(&piece).ok_or_else(|| WordsError::unknown(at + 1, &piece))?);
    }
    let (expected, found) = (count(length), numbers.len());
    if found != expected {
        return Err(WordsError::Count { expected, found });
    }
    of_numbers(&numbers, length).ok_or(WordsError::Checksum)
}

/// The bytes whose words have these numbers in the list; `None` if there are more or fewer, or the checksum is wrong.
pub(crate) fn of_numbers(numbers: &[u16], length: usize) -> Option<Zeroizing<Vec<u8>>> {
    if numbers.len() != count(length) {
        return None;
    }
    let said = numbers.iter().flat_map(|number| (0..BITS_A_WORD).rev().map(move |bit| number >> bit & 1 == 1));
    let said: Zeroizing<Vec<bool>> = Zeroizing::new(said.collect());
    let (said, checksum) = said.split_at(length * 8);
    let bytes: Zeroizing<Vec<u8>> = Zeroizing::new(said.chunks(8).map(byte).collect());
    bits(&Sha256::digest(&bytes)).take(checksum.len()).eq(checksum.iter().copied()).then_some(bytes)
}

/// How many words so many bytes have.
///
/// ```
/// assert_eq!(sigpkg::representation::words::count(32), 24);
/// ```
pub const fn count(length: usize) -> usize {
    (length * 8 + checksum_bits(length)) / BITS_A_WORD
}

/// How many of the pieces of a text are words (CMP-4), and how many pieces there are.
pub(crate) fn recognised(text: &str) -> (usize, usize) {
    let all: Vec<_> = pieces(text).collect();
    (all.iter().filter(|piece| look_up(piece).is_some()).count(), all.len())
}

/// The number of a word in the list, from 0, or of the one word that begins with these four letters or more (CMP-4).
///
/// ```
/// use sigpkg::representation::words::look_up;
///
/// assert_eq!((look_up("zoo"), look_up("addr"), look_up("add")), (Some(2047), look_up("address"), Some(25)));
/// assert_eq!((look_up("zo"), look_up("adda")), (None, None));
/// ```
pub fn look_up(word: &str) -> Option<u16> {
    let list = Language::English;
    list.find_word(word).or_else(|| {
        let mut meant = list.words_by_prefix_iter(word).filter(|_| word.len() >= PREFIX);
        match (meant.next(), meant.next()) {
            (Some(only), None) => list.find_word(only),
            (None, _) | (Some(_), Some(_)) => None,
        }
    })
}

/// The word of the list that is meant by it or by its beginning, whole (CMP-4).
///
/// ```
/// assert_eq!(sigpkg::representation::words::whole("addr"), Some("address"));
/// ```
pub fn whole(word: &str) -> Option<&'static str> {
    look_up(word).and_then(|number| Language::English.word_list().get(usize::from(number)).copied())
}

/// The words of the list that are most like this one, at most three, the likeliest first. None if none is near.
///
/// ```
/// assert_eq!(sigpkg::representation::words::nearest("adress"), ["address", "dress", "access"]);
/// assert!(sigpkg::representation::words::nearest("xylophone").is_empty());
/// ```
pub fn nearest(word: &str) -> Vec<&'static str> {
    let mut near: Vec<_> = Language::English
        .word_list()
        .iter()
        .map(|candidate| (strsim::osa_distance(candidate, word), *candidate))
        .filter(|(distance, _)| *distance <= NEAR)
        .collect();
    near.sort_unstable();
    near.into_iter().take(SUGGESTIONS).map(|(_, candidate)| candidate).collect()
}

/// Why words are not those of some bytes.
///
/// ```
/// use sigpkg::representation::words::{decode, WordsError};
///
/// assert_eq!(decode("abandon ability", 32), Err(WordsError::Count { expected: 24, found: 2 }));
/// assert_eq!(decode(&["zoo"; 24].join(" "), 32), Err(WordsError::Checksum));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WordsError {
    /// A piece is no word of the list (CMP-5).
    #[error("word {position} is \"{}\", which is not in the list{}", text::printable(.word), or(.nearest))]
    Unknown {
        /// The place of the word, from 1.
        position: usize,
        /// What was there.
        word: Zeroizing<String>,
        /// Words that may be meant, the likeliest first.
        nearest: Vec<&'static str>,
    },
    /// There are more or fewer words than expected (CMP-6).
    #[error("expected {expected} words, found {found}")]
    Count {
        /// How many words the bytes have.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// Each is a word, but together they were not written by sigpkg: one is wrong, or two have changed places (CMP-7).
    #[error(
        "every word is in the list, but the checksum at their end is wrong: a word is another one, or two have changed places"
    )]
    Checksum,
}

impl WordsError {
    /// The rule that is broken.
    ///
    /// ```
    /// use sigpkg::representation::words::WordsError;
    ///
    /// assert_eq!(WordsError::Checksum.rule().reason(), "word-checksum");
    /// ```
    pub fn rule(&self) -> Rule {
        match self {
            Self::Unknown { .. } => Rule::Cmp5,
            Self::Count { .. } => Rule::Cmp6,
            Self::Checksum => Rule::Cmp7,
        }
    }

    fn unknown(position: usize, word: &str) -> Self {
        Self::Unknown { position, word: Zeroizing::new(word.to_owned()), nearest: nearest(word) }
    }
}

fn or(nearest: &[&str]) -> String {
    match nearest {
        [] => String::new(),
        nearest => format!("; is it {}?", nearest.join(", or ")),
    }
}

/// The smallest number that is at least a quarter of the bytes and fills the last word.
const fn checksum_bits(length: usize) -> usize {
    let least = length.div_ceil(4);
    least + (BITS_A_WORD - (length * 8 + least) % BITS_A_WORD) % BITS_A_WORD
}

/// The bits of some bytes, the most significant first.
fn bits(bytes: &[u8]) -> impl Iterator<Item = bool> + '_ {
    bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1))
}

/// The number that some bits are, the most significant first.
fn number(bits: &[bool]) -> usize {
    bits.iter().fold(0, |number, bit| number << 1 | usize::from(*bit))
}

/// The byte that eight bits are, the most significant first.
fn byte(bits: &[bool]) -> u8 {
    bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit))
}

fn exactly(bytes: &[u8]) -> &[u8; VARYING_BYTES] {
    bytes.try_into().expect("`decode` gives as many bytes as were asked for")
}

/// The words of a text as they were typed, in small letters, without numbers of lines (CMP-4).
fn pieces(text: &str) -> impl Iterator<Item = Zeroizing<String>> + '_ {
    text.split_whitespace().filter(|piece| !is_number_of_line(piece)).map(|piece| {
        let bare = piece.strip_suffix([',', ';', '.']).unwrap_or(piece);
        Zeroizing::new(bare.to_ascii_lowercase())
    })
}

fn is_number_of_line(piece: &str) -> bool {
    let digits = piece.strip_suffix(['.', ')', ':']).unwrap_or(piece);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words and bytes that BIP 39 publishes with its text.
    const PUBLISHED: &[(&str, [u8; 32])] = &[
        (
            "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon \
             abandon abandon abandon abandon abandon abandon abandon abandon abandon art",
            [0; 32],
        ),
        (
            "legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful legal winner \
             thank year wave sausage worth title",
            [0x7f; 32],
        ),
        (
            "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo vote",
            [0xff; 32],
        ),
    ];

    #[test]
    fn thirty_two_bytes_have_the_words_of_bip_39() {
        for (words, bytes) in PUBLISHED {
            assert_eq!(encode(bytes).join(" "), *words);
            assert_eq!(decode(words, 32).as_deref().map(Vec::as_slice), Ok(bytes.as_slice()));
        }
    }

    #[test]
    fn the_list_is_the_published_one_and_four_letters_are_enough() {
        let list = Language::English.word_list();
        let file: String = list.iter().flat_map(|word| [word, "\n"]).collect();
        let published = "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda";
        assert_eq!(text::to_hex(&Sha256::digest(file)), published);
        for word in list.iter().filter(|word| word.len() > PREFIX) {
            assert_eq!(whole(&word[..PREFIX]), Some(*word));
        }
    }

    #[test]
    fn every_length_comes_back_and_no_bit_is_left_over() {
        for length in 1..=64 {
            let bytes: Vec<_> = (0..length).map(|at| u8::try_from((at * 37 + length) % 256).unwrap()).collect();
            let words = encode(&bytes);
            assert_eq!(words.len(), count(length), "{length} bytes");
            assert_eq!(decode(&words.join("\n"), length).as_deref(), Ok(&bytes), "{length} bytes");
        }
    }

    #[test]
    fn a_changed_word_or_two_that_changed_places_is_a_wrong_checksum() {
        let id = SignatoryId::of_genesis(b"genesis");
        let words = of_id(&id);
        for at in 0..words.len() {
            let mut changed = words.clone();
            changed[at] = if changed[at] == "zoo" { "abandon" } else { "zoo" };
            assert_eq!(to_id(&changed.join(" ")), Err(WordsError::Checksum), "word {}", at + 1);
        }
        for at in 1..words.len() {
            let mut swapped = words.clone();
            swapped.swap(at - 1, at);
            assert_eq!(to_id(&swapped.join(" ")), Err(WordsError::Checksum), "words {at} and {}", at + 1);
        }
    }
}
