//! Chapter 1: forms of text. A text that has not its form breaks no rule by itself, so these vectors name none.

use super::build::{Corpus, Kind, Source, Vector};
use super::raw::digest;

pub(crate) fn add(corpus: &mut Corpus) {
    let accepted: &[(&str, &str, &str, &str)] = &[
        ("base64", "padded", "two spare bits of the last character are zero", "TWE="),
        ("plain", "accents", "letters of other scripts are plain", "Grüße, 世界"),
        ("digest", "of-nothing", "the digest of the empty text", &digest(b"")),
        ("instant", "leap-day", "2024 has a 29 February", "2024-02-29T23:59:59Z"),
        ("day", "first", "the first day that can be written", "0001-01-01"),
        ("julia-version", "prerelease-and-build", "both kinds of identifiers", "1.2.3-rc.1+build.5"),
        ("julia-version", "hyphens", "an identifier may be a hyphen alone", "1.0.0--"),
        ("generic-version", "tilde", "a tilde is allowed", "1.0~rc1"),
    ];
    for (form, name, summary, text) in accepted {
        let vector = Vector::accepted(Kind::Text, &format!("text-{form}-{name}"), summary);
        corpus.add(vector.input("text", Source::text(*text)).context(|context| context.form = Some(form)));
    }
    let refused: &[(&'static str, &str, &str, &str)] = &[
        ("base64", "spare-bits", "a spare bit of the last character is set", "TWF="),
        ("base64", "no-padding", "the padding is missing", "TWE"),
        ("base64", "line-end", "a line end follows", "TWE=\n"),
        ("base64", "url-alphabet", "the alphabet is that of base64url", "_-8="),
        ("base64url", "standard-alphabet", "the alphabet is that of base64", "/+8="),
        ("plain", "right-to-left-override", "U+202E would reorder what follows it", "a\u{202e}b"),
        ("plain", "zero-width-space", "U+200B cannot be seen", "a\u{200b}b"),
        ("plain", "tag-character", "U+E0041 cannot be seen", "a\u{e0041}b"),
        ("plain", "soft-hyphen", "U+00AD cannot be seen", "a\u{ad}b"),
        ("plain", "c1-control", "U+0085 is a control character", "a\u{85}b"),
        (
            "digest",
            "upper-case",
            "hexadecimal digits are upper case",
            &digest(b"").to_uppercase().replace("BLAKE3", "blake3"),
        ),
        ("digest", "no-prefix", "the word of the algorithm is missing", &digest(b"")[7..]),
        ("instant", "leap-second", "there is no second 60", "2016-12-31T23:59:60Z"),
        ("instant", "offset", "an offset is another spelling of UTC", "2026-01-02T12:00:00+00:00"),
        ("instant", "fraction", "there are no fractions", "2026-01-02T12:00:00.0Z"),
        ("day", "no-leap-day", "2100 is no leap year", "2100-02-29"),
        ("day", "year-zero", "there is no year 0000", "0000-01-01"),
    ];
    for (form, name, summary, text) in refused {
        corpus.add(Vector::not_of_form(form, name, summary).input("text", Source::text(*text)));
    }
}
