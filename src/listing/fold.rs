//! When two names are one name to some file system.

use std::borrow::Cow;

use icu_casemap::CaseMapper;
use icu_normalizer::DecomposingNormalizer;

/// The key of a name (TREE-8): two names with one key are one name to a file system that folds case, normalises, or
/// both. It is NFD(toCasefold(NFD(name))), the canonical caseless match of the Unicode standard, definition D145, of the
/// name without what Linux leaves out when it folds, and with the letter that ZFS takes for an `i`.
pub(super) fn key(name: &str) -> Cow<'_, str> {
    if name.is_ascii() {
        return if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(name.to_ascii_lowercase())
        } else {
            Cow::Borrowed(name)
        };
    }
    let nfd = DecomposingNormalizer::new_nfd();
    let name: String = name.chars().filter(|character| !is_ignorable(*character)).map(with_dotted_i).collect();
    let folded = CaseMapper::new().fold_string(&nfd.normalize(&name)).into_owned();
    Cow::Owned(nfd.normalize(&folded).into_owned())
}

/// Default_Ignorable_Code_Point of the Unicode standard. Directories of ext4 and f2fs that fold case compare names
/// without these; the property is stable, so the list does not depend on a version.
fn is_ignorable(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// The dotless ı becomes `I` where a file system compares in upper case, as ZFS does; folding keeps it apart from `i`.
fn with_dotted_i(character: char) -> char {
    if character == '\u{131}' { 'i' } else { character }
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn names_that_differ_in_case_or_composition_have_one_key() {
        for (one, other) in [
            ("README", "readme"),
            ("straße", "STRASSE"),
            ("\u{e9}", "e\u{301}"),
            ("\u{c9}", "e\u{301}"),
            ("\u{212a}", "k"),
            ("\u{17f}", "S"),
            ("\u{3a3}", "\u{3c2}"),
            ("\u{fb01}", "FI"),
            ("\u{1e9e}", "ss"),
            ("\u{345}\u{313}", "\u{313}\u{3b9}"),
            ("ı", "i"),
            ("İ", "I\u{307}"),
            ("a\u{ad}b", "ab"),
            ("\u{2764}\u{fe0f}", "\u{2764}"),
            ("a\u{308}\u{34f}\u{323}", "a\u{323}\u{308}"),
            ("\u{e0061}x", "X"),
        ] {
            assert_eq!(key(one), key(other), "{one:?} {other:?}");
        }
    }

    #[test]
    fn names_that_merely_look_alike_have_two_keys() {
        for (one, other) in [("a", "\u{430}"), ("İ", "i"), ("ａ", "a"), ("ﷺ", "صلى")] {
            assert_ne!(key(one), key(other), "{one:?} {other:?}");
        }
    }

    #[test]
    fn the_tables_are_those_of_unicode_17() {
        assert_eq!(key("\u{a7d2}"), key("\u{a7d3}"), "new in 17.0");
        assert_eq!(key("\u{16ea0}"), key("\u{16ebb}"), "new in 17.0");
    }
}
