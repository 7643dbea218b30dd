//! Text as sigpkg reads and shows it: strict base64, groups for the eye, and words that are safe on a terminal.
//!
//! Source: spec/1-conventions.md.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Refuses what most decoders let pass: spare bits that are not zero, and padding that is missing or too long.
/// Otherwise one signature would have several spellings (TXT-1).
const STRICT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(false)
    .with_decode_padding_mode(DecodePaddingMode::RequireCanonical);

const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, STRICT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, STRICT);

/// Writes bytes in standard base64 with padding, as signify and minisign do.
///
/// ```
/// assert_eq!(sigpkg::text::to_base64(b"signify?"), "c2lnbmlmeT8=");
/// ```
pub fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads standard base64 in its one canonical spelling (TXT-1); anything else is `None`.
///
/// ```
/// use sigpkg::text::from_base64;
///
/// assert_eq!(from_base64("TWE=").as_deref(), Some(b"Ma".as_slice()));
/// assert_eq!(from_base64("TWF="), None); // the same bytes elsewhere: a spare bit is set
/// assert_eq!(from_base64("TWE"), None); // padding is missing
/// ```
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Writes bytes in the URL-safe base64 alphabet, as signatory ids use it.
///
/// ```
/// assert_eq!(sigpkg::text::to_base64url(&[0xb2, 0x28, 0x29]), "sigp");
/// ```
pub fn to_base64url(bytes: &[u8]) -> String {
    URL_SAFE.encode(bytes)
}

/// Reads URL-safe base64 in its one canonical spelling (TXT-1); anything else is `None`.
///
/// ```
/// use sigpkg::text::from_base64url;
///
/// assert_eq!(from_base64url("sigp"), Some(vec![0xb2, 0x28, 0x29]));
/// assert_eq!(from_base64url("a+b/"), None); // the standard alphabet is another one
/// ```
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE.decode(text).ok()
}

/// Writes bytes as lower-case hexadecimal.
///
/// ```
/// assert_eq!(sigpkg::text::to_hex(&[0x0a, 0xff]), "0aff");
/// ```
pub fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
        .map(char::from)
        .collect()
}

/// Reads lower-case hexadecimal into an array of exactly `N` bytes; upper case is another spelling and is `None`.
///
/// ```
/// use sigpkg::text::from_hex;
///
/// assert_eq!(from_hex("0aff"), Some([0x0a, 0xff]));
/// assert_eq!(from_hex::<2>("0AFF"), None);
/// assert_eq!(from_hex::<2>("0a"), None);
/// ```
pub fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    fn nibble(digit: u8) -> Option<u8> {
        match digit {
            b'0'..=b'9' => Some(digit - b'0'),
            b'a'..=b'f' => Some(digit - b'a' + 10),
            _ => None,
        }
    }
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(bytes)
}

/// Splits an id or a key into groups of four characters, the unit in which people compare (TXT-3).
///
/// ```
/// let groups: Vec<_> = sigpkg::text::groups("sigpfziJY8_e").collect();
/// assert_eq!(groups, ["sigp", "fziJ", "Y8_e"]);
/// ```
pub fn groups(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = rest.char_indices().nth(4).map_or(rest.len(), |(at, _)| at);
        let (group, tail) = rest.split_at(end);
        rest = tail;
        (!group.is_empty()).then_some(group)
    })
}

/// Whether a character may stand in a string of a statement (TXT-2): printable, and unable to reorder or hide its
/// neighbours on a terminal, or to be there unseen.
///
/// ```
/// use sigpkg::text::is_plain;
///
/// assert!(is_plain('ß'));
/// assert!(!is_plain('\n'));
/// assert!(!is_plain('\u{202e}')); // turns the direction of what follows
/// ```
pub fn is_plain(character: char) -> bool {
    !character.is_control()
        && !matches!(
            character,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Makes foreign text safe to print: every character that is not plain (TXT-2) becomes an escape such as `\u{1b}`.
///
/// ```
/// assert_eq!(sigpkg::text::printable("harmless\u{1b}[2J"), r"harmless\u{1b}[2J");
/// ```
pub fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if is_plain(character) {
            safe.push(character);
        } else {
            safe.extend(character.escape_unicode());
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_has_one_spelling() {
        assert_eq!(from_base64("TWE="), Some(b"Ma".to_vec()));
        for other in ["TWF=", "TWE", "TWE==", " TWE=", "TWE=\n", "TW_=", "T WE="] {
            assert_eq!(from_base64(other), None, "{other:?}");
        }
        assert_eq!(from_base64url("_-8="), Some(vec![0xff, 0xef]));
        assert_eq!(from_base64("_-8="), None);
    }

    #[test]
    fn hexadecimal_is_lower_case_and_of_exact_length() {
        assert_eq!(from_hex::<2>("0aff"), Some([0x0a, 0xff]));
        assert_eq!(to_hex(&[0x0a, 0xff]), "0aff");
        for other in ["0AFF", "0af", "0aff0", "0agf"] {
            assert_eq!(from_hex::<2>(other), None, "{other:?}");
        }
    }

    #[test]
    fn groups_are_of_four_characters() {
        assert_eq!(groups("sigpABCDef").collect::<Vec<_>>(), ["sigp", "ABCD", "ef"]);
        assert_eq!(groups("").count(), 0);
    }

    #[test]
    fn what_could_steer_a_terminal_is_escaped() {
        assert_eq!(printable("a\u{1b}[31m\u{202e}b"), "a\\u{1b}[31m\\u{202e}b");
        assert_eq!(printable("Grüße, 世界"), "Grüße, 世界");
    }
}
