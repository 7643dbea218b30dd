//! Ids as people bring them: from a page, a mail, a printed sheet, broken over lines, in groups, in quotation marks.
//!
//! Source: spec/11-comparing.md, CMP-11 to CMP-13.

use crate::digest::SignatoryId;
use crate::rule::Rule;
use crate::text;

use super::words::{self, WordsError};

/// What stands around an id in mails, pages and lists.
const AROUND: &[char] = &[
    '>', '`', '*', '"', '\'', '(', ')', '<', '[', ']', '{', '}', '|', ',', ';', ':', '.', '!', '?', '\u{ab}', '\u{bb}',
    '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{201e}',
];

/// The one id in a text that somebody pasted (CMP-11), or whose words the text is (CMP-12).
///
/// ```
/// use sigpkg::representation::pasted::{self, PastedError};
///
/// let mail = "
/// > Our signatory id is
/// >   sigp BsrS Bo9t 2pxy
/// >   MVAO oCrN b3Y1 TBBn
/// >   sdAK RIo2 A3UF rN4u
/// >   Fwfb MW9g.
/// ";
/// let id = pasted::find(mail)?;
/// assert_eq!(id.to_string(), "sigpBsrSBo9t2pxyMVAOoCrNb3Y1TBBnsdAKRIo2A3UFrN4uFwfbMW9g");
/// # Ok::<(), PastedError>(())
/// ```
///
/// # Errors
///
/// - [`PastedError::None`] if there is no id in it (CMP-12).
/// - [`PastedError::Several`] if there are two different ones (CMP-13).
/// - [`PastedError::Words`] if it is words, and not those of an id (CMP-5 to CMP-7).
pub fn find(text: &str) -> Result<SignatoryId, PastedError> {
    let pieces = pieces(text);
    let mut found: Vec<SignatoryId> = Vec::new();
    for from in 0..pieces.len() {
        if let Some(id) = run(pieces.get(from..).unwrap_or_default()).filter(|id| !found.contains(id)) {
            found.push(id);
        }
    }
    match found.as_slice() {
        [id] => Ok(*id),
        [] => match nearest(&pieces) {
            None if is_meant_as_words(text) => words::to_id(text).map_err(PastedError::Words),
            nearest => Err(PastedError::None { nearest }),
        },
        [_, _, ..] => Err(PastedError::Several(found)),
    }
}

/// Why a text brings no id.
///
/// ```
/// use sigpkg::representation::pasted::find;
///
/// let short = "sigpBsrSBo9t2pxyMVAOoCrNb3Y1TBBnsdAKRIo2A3UFrN4uFwfbMW9";
/// let error = find(short).expect_err("a character is missing").to_string();
/// assert_eq!(error, format!("expected a signatory id of 56 characters, found \"{short}\" (55 characters)"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PastedError {
    /// There is no id in it (CMP-12).
    #[error("{}", none(.nearest.as_deref()))]
    None {
        /// What begins like an id and is none.
        nearest: Option<String>,
    },
    /// There are several different ones (CMP-13).
    #[error("expected one signatory id, found {}: {}", .0.len(), listed(.0))]
    Several(Vec<SignatoryId>),
    /// It is words, and not those of an id (CMP-5 to CMP-7).
    #[error(transparent)]
    Words(WordsError),
}

impl PastedError {
    /// The rule that is broken.
    ///
    /// ```
    /// let error = sigpkg::representation::pasted::find("no id at all").expect_err("there is none");
    /// assert_eq!(error.rule().reason(), "no-id");
    /// ```
    pub fn rule(&self) -> Rule {
        match self {
            Self::None { .. } => Rule::Cmp12,
            Self::Several(_) => Rule::Cmp13,
            Self::Words(error) => error.rule(),
        }
    }
}

fn none(nearest: Option<&str>) -> String {
    match nearest {
        None => "expected a signatory id, and there is nothing in the text that begins with \"sigp\"".to_owned(),
        Some(nearest) => match nearest.chars().find(|character| !is_of_an_id(*character)) {
            None => {
                let count = nearest.chars().count();
                format!("expected a signatory id of 56 characters, found \"{nearest}\" ({count} characters)")
            }
            Some(strange) => format!(
                "expected a signatory id, found \"{}\", in which \"{}\" cannot occur",
                text::printable(nearest),
                text::printable(&strange.to_string())
            ),
        },
    }
}

/// A page of a thousand ids is the wrong page, whichever they are.
const LISTED: usize = 4;

fn listed(ids: &[SignatoryId]) -> String {
    let mut shown: Vec<_> = ids.iter().take(LISTED).map(ToString::to_string).collect();
    if ids.len() > LISTED {
        shown.push(format!("and {} more", ids.len() - LISTED));
    }
    shown.join(", ")
}

/// Fewer words than this are prose in which some words are in the list.
const MEANT_AS_WORDS: usize = 12;

fn is_meant_as_words(text: &str) -> bool {
    let (known, all) = words::recognised(text);
    known >= MEANT_AS_WORDS && known * 2 > all
}

/// What stands between two white spaces.
struct Piece {
    text: String,
    /// Whether it is the last of its line.
    ends_line: bool,
}

fn pieces(text: &str) -> Vec<Piece> {
    let seen: String = text.chars().filter(|character| !is_invisible(*character)).map(hyphenated).collect();
    let mut pieces: Vec<Piece> = Vec::new();
    for line in seen.split(['\n', '\r']) {
        let begun = pieces.len();
        let bare = line.split_whitespace().map(|piece| piece.trim_matches(AROUND)).filter(|piece| !piece.is_empty());
        let bare = bare.enumerate().filter(|(at, piece)| *at > 0 || !is_number_of_line(piece));
        pieces.extend(bare.map(|(_, piece)| Piece { text: piece.to_owned(), ends_line: false }));
        if let Some(last) = pieces.get_mut(begun..).and_then(<[Piece]>::last_mut) {
            last.ends_line = true;
        }
    }
    pieces
}

/// The id that begins with the first piece.
fn run(pieces: &[Piece]) -> Option<SignatoryId> {
    pieces.first().filter(|piece| piece.text.starts_with("sigp"))?;
    let mut whole = String::new();
    for piece in pieces {
        whole.push_str(&piece.text);
        if !piece.ends_line && piece.text.len() % 4 != 0 {
            return None;
        }
        if whole.len() >= SignatoryId::LENGTH {
            return whole.parse().ok();
        }
    }
    None
}

/// What begins like an id: as many pieces as an id may have, up to one that would make it too long.
fn nearest(pieces: &[Piece]) -> Option<String> {
    let from = pieces.iter().position(|piece| piece.text.starts_with("sigp"))?;
    let mut whole = String::new();
    for piece in pieces.get(from..).unwrap_or_default() {
        if !whole.is_empty() && whole.chars().count() + piece.text.chars().count() > SignatoryId::LENGTH {
            break;
        }
        whole.push_str(&piece.text);
    }
    // A text of a million characters helps nobody.
    Some(whole.chars().take(2 * SignatoryId::LENGTH).collect())
}

/// One of the fourteen groups has that number. Digits anywhere else are part of an id.
fn is_number_of_line(piece: &str) -> bool {
    let is_short = piece.len() <= 2 && piece.bytes().all(|byte| byte.is_ascii_digit());
    is_short && piece.parse().is_ok_and(|number: u8| (1..=14).contains(&number))
}

fn is_of_an_id(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_')
}

fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// What a word processor makes of a hyphen is a hyphen again.
fn hyphenated(character: char) -> char {
    if matches!(character, '\u{2010}'..='\u{2015}' | '\u{2212}') { '-' } else { character }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "sigpBsrSBo9t2pxyMVAOoCrNb3Y1TBBnsdAKRIo2A3UFrN4uFwfbMW-g";

    fn found(text: &str) -> Result<String, &'static str> {
        find(text).map(|id| id.to_string()).map_err(|error| error.rule().reason())
    }

    #[test]
    fn an_id_is_found_however_it_was_broken() {
        let groups = text::groups(ID).collect::<Vec<_>>().join(" ");
        let in_the_middle_of_a_group = format!("id: {}\n    {}\n", &ID[..30], &ID[30..]);
        let numbered =
            super::super::lines(ID).iter().map(|(at, line)| format!("{at:>2}  {line}")).collect::<Vec<_>>().join(
                "
",
            );
        let quoted = format!("> The id is `{ID}`.\r\n> Bye");
        let typeset = format!("**{}**", ID.replace('-', "\u{2013}"));
        let with_soft_hyphens = ID.chars().flat_map(|character| [character, '\u{ad}']).collect::<String>();
        for text in [ID, &groups, &in_the_middle_of_a_group, &numbered, &quoted, &typeset, &with_soft_hyphens] {
            assert_eq!(found(text).as_deref(), Ok(ID), "{text}");
        }
        let twice = format!("{ID} and again {groups}");
        assert_eq!(found(&twice).as_deref(), Ok(ID));
        assert_eq!(found(&words::of_id(&ID.parse().unwrap()).join(" ")).as_deref(), Ok(ID));
    }

    #[test]
    fn no_id_and_two_ids_are_refused() {
        let prose = "sigpkg signs every release with a key of its own and carries the keys of those to come";
        for text in ["", prose, &ID[..55], &format!("{ID}A"), &ID.replace('-', "+"), &ID.replace("sigp", "sigq")] {
            assert_eq!(found(text), Err("no-id"), "{text}");
        }
        // Within a line an id is broken between groups alone.
        assert_eq!(found(&format!("{} {}", &ID[..30], &ID[30..])), Err("no-id"));
        assert_eq!(found(&format!("{ID}\n{}", ID.replace("MW-g", "MW-h"))), Err("several-ids"));
    }

    #[test]
    fn words_with_a_slip_of_the_pen_are_told_from_prose() {
        let mut words = words::of_id(&ID.parse().unwrap());
        words[3] = "wimmer";
        assert_eq!(found(&words.join(" ")), Err("unknown-word"));
        words.truncate(3);
        assert_eq!(found(&words.join(" ")), Err("no-id"));
        assert_eq!(found(&["zoo"; 30].join(" ")), Err("word-checksum"));
        assert_eq!(found(&["zoo"; 29].join(" ")), Err("word-count"));
    }

    #[test]
    fn the_message_names_the_character_that_cannot_occur() {
        let error = find(&ID.replace('-', "+")).unwrap_err();
        assert!(error.to_string().ends_with("in which \"+\" cannot occur"), "{error}");
    }

    #[test]
    fn of_many_ids_the_first_are_listed_and_the_others_counted() {
        let ids: Vec<_> = (0..100_u8).map(|number| SignatoryId::of_genesis(&[number]).to_string()).collect();
        let error = find(&ids.join("\n")).unwrap_err().to_string();
        assert!(error.starts_with("expected one signatory id, found 100: "), "{error}");
        assert!(error.contains(&ids[3]) && !error.contains(&ids[4]) && error.ends_with(", and 96 more"), "{error}");
    }
}
