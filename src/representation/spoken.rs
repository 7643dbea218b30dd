//! Ids read aloud: the words of each group, and a recording made of them.
//!
//! Source: spec/11-comparing.md, CMP-10. The words are those of the spelling alphabet of the ICAO.

#[cfg(feature = "io")]
mod recording;

use std::fmt;

use crate::text::groups;

#[cfg(feature = "io")]
pub use self::recording::{Clip, Depth, Recording, Voice};

const LETTERS: [&str; 26] = [
    "alfa", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliett", "kilo", "lima",
    "mike", "november", "oscar", "papa", "quebec", "romeo", "sierra", "tango", "uniform", "victor", "whiskey", "x-ray",
    "yankee", "zulu",
];

const DIGITS: [&str; 10] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

/// One group, as it is read aloud.
///
/// ```
/// use sigpkg::representation::spoken::script;
///
/// let groups = script("sigpB-9_");
/// assert_eq!(groups[1].to_string(), "group 2: capital bravo, hyphen, nine, underscore");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its number, from 1.
    pub number: usize,
    /// The words of its characters, such as `capital bravo`.
    pub characters: Vec<String>,
}

/// What is said of an id or a key, group by group (CMP-10).
///
/// ```
/// let id = "sigpBsrSBo9t2pxyMVAOoCrNb3Y1TBBnsdAKRIo2A3UFrN4uFwfbMW9g";
/// let script = sigpkg::representation::spoken::script(id);
/// assert_eq!(script.len(), 14);
/// assert_eq!(script[0].to_string(), "group 1: small sierra, small india, small golf, small papa");
/// ```
pub fn script(text: &str) -> Vec<Group> {
    let said = |(at, group): (usize, &str)| Group { number: at + 1, characters: group.chars().map(word).collect() };
    groups(text).enumerate().map(said).collect()
}

/// What a character is called.
fn word(character: char) -> String {
    let letter = |first: u8| LETTERS.get(usize::from((character as u8).wrapping_sub(first))).copied();
    let digit = || DIGITS.get(usize::from((character as u8).wrapping_sub(b'0'))).copied();
    let (kind, word) = match character {
        'A'..='Z' => ("capital ", letter(b'A')),
        'a'..='z' => ("small ", letter(b'a')),
        '0'..='9' => ("", digit()),
        '-' => ("", Some("hyphen")),
        '_' => ("", Some("underscore")),
        '+' => ("", Some("plus")),
        '/' => ("", Some("slash")),
        '=' => ("", Some("equals sign")),
        _ => ("", None),
    };
    word.map_or_else(|| character.escape_unicode().to_string(), |word| format!("{kind}{word}"))
}

impl fmt::Display for Group {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "group {}: {}", self.number, self.characters.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_of_an_id_or_a_key_has_words_of_its_own() {
        let all = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain("-_+/=".chars());
        let mut words: Vec<_> = all.map(word).collect();
        assert!(words.iter().all(|word| !word.contains('\\')), "{words:?}");
        let count = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), count);
    }
}
