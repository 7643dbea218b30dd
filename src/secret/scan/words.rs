//! Words of seeds and reserve keys in any bytes (SEC-14): on a page made for printing, in a list, a table or a sentence.

use std::sync::OnceLock;

use bip39::Language;
use zeroize::Zeroizing;

use super::{CONTAINER, Found, describe};
use crate::representation::words;
use crate::secret::Kind;
use crate::secret::file::plain;
use crate::secret::words::{bytes_of, count_of, secret_of};

/// The fewest letters of a word in the list.
const SHORTEST: usize = 3;

/// The most letters of a word in the list.
const LONGEST: usize = 8;

/// How many bytes may stand between two words, without tags of markup (SEC-14): what a PDF needs to move its pen.
const GAP: usize = 128;

/// The longest tag of markup that is passed over, in bytes (SEC-14).
const TAG: usize = 256;

/// The longest run that is looked at (SEC-14): seven pages. The list itself, and what is made from it for tests, is longer.
const LONGEST_RUN: usize = 256;

/// A word of the list, as its number, and where it stands.
#[derive(Clone, Copy)]
struct Word {
    number: u16,
    offset: usize,
}

/// Finds the words of all secrets in these bytes. Reading time grows with the input alone.
pub(super) fn find(bytes: &[u8], found: &mut Vec<Found>) {
    let mut run: Vec<Word> = Vec::new();
    let (mut at, mut gap, mut closes) = (0, 0, 0);
    while let Some(&byte) = bytes.get(at) {
        if byte.is_ascii_alphabetic() {
            let length = bytes[at..].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
            if length < SHORTEST {
                gap += length;
            } else {
                let number = number_of(&bytes[at..at + length]);
                if number.is_none() || gap > GAP {
                    end(&mut run, found);
                }
                run.extend(number.map(|number| Word { number, offset: at }));
                gap = 0;
            }
            at += length;
        } else if let Some(length) = (byte == b'<').then(|| tag(bytes, at, &mut closes)).flatten() {
            at += length;
        } else {
            gap += 1;
            at += 1;
        }
    }
    end(&mut run, found);
}

/// How long the tag is that begins here. `closes` is where the last `>` was found, so that none is looked for twice.
fn tag(bytes: &[u8], at: usize, closes: &mut usize) -> Option<usize> {
    if *closes < at {
        let rest = bytes.get(at..)?;
        *closes = at + rest.iter().position(|byte| *byte == b'>').unwrap_or(rest.len());
    }
    let length = *closes - at + 1;
    (length <= TAG && *closes < bytes.len()).then_some(length)
}

/// The number of a word in the list, from 0; capitals do not matter.
fn number_of(word: &[u8]) -> Option<u16> {
    /// Which beginnings of three letters the list has. Most words of a text are turned away by it.
    static BEGINNINGS: OnceLock<Vec<bool>> = OnceLock::new();
    let place = |word: &[u8]| {
        let letters =
            word.iter().take(SHORTEST).map(|letter| usize::from(letter.to_ascii_lowercase().wrapping_sub(b'a')));
        letters.fold(0, |place, letter| place * 26 + letter)
    };
    if word.len() > LONGEST {
        return None;
    }
    let beginnings = BEGINNINGS.get_or_init(|| {
        let mut beginnings = vec![false; 26 * 26 * 26];
        for word in Language::English.word_list() {
            if let Some(is_there) = beginnings.get_mut(place(word.as_bytes())) {
                *is_there = true;
            }
        }
        beginnings
    });
    if !beginnings.get(place(word)).is_some_and(|is_there| *is_there) {
        return None;
    }
    let word = str::from_utf8(word).ok()?.to_ascii_lowercase();
    Language::English.find_word(&word)
}

/// Looks at a run that is over, and empties it.
fn end(run: &mut Vec<Word>, found: &mut Vec<Found>) {
    let mut rest = if run.len() <= LONGEST_RUN { run.as_slice() } else { &[] };
    while let Some((first, next)) = rest.split_first() {
        // The longer ones first: their checksum is longer too.
        let hit = [Kind::Reserve, Kind::Seed].into_iter().find_map(|kind| secret_at(rest, kind));
        rest = match hit {
            Some((kind, container)) => {
                found.push(describe(kind, first.offset, container.as_slice()));
                rest.get(count_of(kind).unwrap_or_default()..).unwrap_or_default()
            }
            None => next,
        };
    }
    run.clear();
}

/// The secret whose words begin here, as the container of a file that is not encrypted.
fn secret_at(words: &[Word], kind: Kind) -> Option<(Kind, Zeroizing<[u8; CONTAINER]>)> {
    let words = words.get(..count_of(kind)?)?;
    if words.is_sorted_by_key(|word| word.number) {
        return None;
    }
    let numbers: Zeroizing<Vec<_>> = Zeroizing::new(words.iter().map(|word| word.number).collect());
    let bytes = words::of_numbers(&numbers, bytes_of(kind)?)?;
    secret_of(&bytes).map(|secret| (kind, plain(&secret)))
}

#[cfg(test)]
mod tests {
    use super::super::{digest_of, find as find_all};
    use super::*;
    use crate::secret::Seed;
    use crate::secret::file::{Secret, plain_digest};

    /// Secrets of test keys.
    fn secrets() -> [(Kind, Secret, Vec<&'static str>); 2] {
        [(Kind::Seed, vec![7; 32]), (Kind::Reserve, (1..=48).collect())].map(|(kind, bytes)| {
            let secret = secret_of(&bytes).unwrap();
            let written = crate::secret::words::encode(&secret).unwrap();
            (kind, secret, written)
        })
    }

    // The tests of this file hold SEC-14.
    #[test]
    fn words_are_found_however_they_are_written() {
        for (kind, secret, words) in secrets() {
            let numbered = |between: &str| {
                let rows = words.iter().enumerate().map(|(at, word)| format!("{}{between}{word}", at + 1));
                rows.collect::<Vec<_>>()
            };
            let forms = [
                words.join(" "),
                words.join("\r\n"),
                format!("The words are: {}. Keep them!", words.join(", ")),
                format!("{words:?}"),
                words.join(" ").to_uppercase(),
                numbered(". ").join("\n"),
                numbered("  ").join("   "),
                format!("| {} |", numbered(" | ").join(" |\n| ")),
                words
                    .iter()
                    .map(|word| format!("<li class=\"secret word\">{word}</li>\n"))
                    .collect::<Vec<_>>()
                    .concat(),
                words
                    .iter()
                    .map(|word| format!("BT\n/F3 14 Tf\n1 0 0 1 72.25 500.5 Tm\n({word}) Tj\nET\n"))
                    .collect::<Vec<_>>()
                    .concat(),
            ];
            // Making the public half of a reserve key takes a while.
            let most = if kind == Kind::Seed { forms.len() } else { 2 };
            for form in forms.iter().rev().take(most) {
                let found = find_all(form.as_bytes());
                assert_eq!(found.iter().map(|found| found.kind).collect::<Vec<_>>(), [kind], "{form}");
                assert!(found[0].is_plain && found[0].claimed_key_id.is_some());
                assert_eq!(found[0].digest, plain_digest(&secret), "{form}");
            }
        }
    }

    #[test]
    fn the_words_of_several_pages_are_found_with_their_lines() {
        let [(_, _, seed), (_, _, reserve)] = secrets();
        let text = format!("first\n{}\n{}\n{}\n", seed.join("\n"), reserve.join(" "), seed.join(" "));
        let found: Vec<_> = find_all(text.as_bytes()).iter().map(|found| (found.kind, found.line)).collect();
        assert_eq!(found, [(Kind::Seed, 2), (Kind::Reserve, 26), (Kind::Seed, 27)]);
    }

    #[test]
    fn what_is_not_the_words_of_a_secret_is_not_found() {
        let [(_, _, words), _] = secrets();
        let mut swapped = words.clone();
        swapped.swap(3, 4);
        let list = Language::English.word_list();
        let harmless = [
            words[1..].join(" "),
            swapped.join(" "),
            words.join(" the "),
            words.join("x"),
            words.join(&" ".repeat(GAP + 1)),
            list.join("\n"),
            list[100..160].join("\n"),
            ["abandon"; 23].join(" ") + " art",
            words.join("< "),
        ];
        for text in &harmless[..8] {
            assert_eq!(find_all(text.as_bytes()), [], "{text}");
        }
        assert_eq!(find_all(harmless[8].as_bytes()).len(), 1, "a lone < is no tag");
    }

    #[test]
    fn a_large_text_of_words_and_tags_is_searched_in_time_that_grows_with_it_alone() {
        for worst in ["<", "<a ", "<<>", "zoo ", "abandon zoo ", "zoo zoo the "] {
            let _ = find_all(worst.repeat(4_000_000 / worst.len()).as_bytes());
        }
    }

    #[test]
    fn a_seed_has_one_fingerprint_as_words_and_as_the_text_of_the_qr_code() {
        let seed = Secret::Seed(Seed::from_bytes([9; 32]));
        let written = crate::secret::words::encode(&seed).unwrap().join(" ");
        let line = crate::secret::file::plain_line(&seed);
        assert_eq!(line.len(), 212);
        assert_eq!(digest_of(written.as_bytes()), Some(plain_digest(&seed)));
        assert_eq!(digest_of(line.as_bytes()), Some(plain_digest(&seed)));
    }
}
