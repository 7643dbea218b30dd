//! When two names are one name to some file system.

use std::borrow::Cow;

use icu_casemap::CaseMapper;
use icu_normalizer::DecomposingNormalizer;

/// The key of a name (TREE-8): two names with one key are one name to a file system that folds case, normalises, or
/// both. It is NFD(toCasefold(NFD(name))), the canonical caseless match of the Unicode standard, definition D145.
pub(super) fn key(name: &str) -> Cow<'_, str> {
    if name.is_ascii() {
        return if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(name.to_ascii_lowercase())
        } else {
            Cow::Borrowed(name)
        };
    }
    let nfd = DecomposingNormalizer::new_nfd();
    let folded = CaseMapper::new().fold_string(&nfd.normalize(name)).into_owned();
    Cow::Owned(nfd.normalize(&folded).into_owned())
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
        ] {
            assert_eq!(key(one), key(other), "{one:?} {other:?}");
        }
    }

    #[test]
    fn names_that_merely_look_alike_have_two_keys() {
        for (one, other) in [("a", "\u{430}"), ("ı", "i"), ("İ", "i"), ("ａ", "a"), ("ﷺ", "صلى")] {
            assert_ne!(key(one), key(other), "{one:?} {other:?}");
        }
    }

    #[test]
    fn the_tables_are_those_of_unicode_17() {
        assert_eq!(key("\u{a7d2}"), key("\u{a7d3}"), "new in 17.0");
        assert_eq!(key("\u{16ea0}"), key("\u{16ebb}"), "new in 17.0");
    }
}
