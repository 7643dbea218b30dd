//! The canonical form, whatever it says.

use sigpkg::rule::Rule;

use super::super::build::{Corpus, Kind, Source, Vector};
use super::super::raw::edit;
use super::{Texts, refuser, table_of, without_table};

/// STM-1 to STM-5: the form, whatever it says.
pub(super) fn add(corpus: &mut Corpus, texts: &Texts) {
    let Texts { release, yank, beat, .. } = texts;
    let long =
        Source::parts([Source::text(yank.clone()), Source::text("# a comment\n").repeat(1 + (4096 - yank.len()) / 12)]);
    corpus.add(
        Vector::refused(Kind::Statement, Rule::Stm1, "too-large", "more than 4096 bytes; limits come before the form")
            .input("statement", long),
    );
    let mut refuse = refuser(corpus);

    refuse(
        Rule::Stm2,
        "latin-1",
        "a byte of Latin-1 in the reason",
        &replace_bytes(yank, b"big-endian", b"gr\xfc\xdfe"),
    );
    refuse(
        Rule::Stm2,
        "surrogate",
        "a surrogate written in three bytes",
        &replace_bytes(yank, b"big", b"\xed\xa0\x80"),
    );
    refuse(Rule::Stm2, "overlong", "a slash written in two bytes", &replace_bytes(yank, b"big", b"\xc0\xaf"));
    refuse(Rule::Stm2, "byte-order-mark", "a byte order mark comes first", format!("\u{feff}{release}").as_bytes());

    let mut refuse_text = |rule, name: &str, summary: &str, text: String| refuse(rule, name, summary, text.as_bytes());
    refuse_text(Rule::Stm3, "empty", "the text is empty", String::new());
    refuse_text(
        Rule::Stm3,
        "version-2",
        "the number of the format is 2",
        edit(release, "sigpkg = 1\n", "sigpkg = 2\n"),
    );
    refuse_text(
        Rule::Stm3,
        "no-spaces",
        "no spaces around the equals sign",
        edit(release, "sigpkg = 1\n", "sigpkg=1\n"),
    );
    refuse_text(Rule::Stm3, "kind-first", "the first line is that of kind", edit(release, "sigpkg = 1\n", ""));
    refuse_text(Rule::Stm3, "crlf", "every line ends with CR LF", release.replace('\n', "\r\n"));
    refuse_text(Rule::Stm3, "empty-line-first", "an empty line comes first", format!("\n{release}"));

    refuse_text(
        Rule::Stm4,
        "trailing-space",
        "the line of kind ends with a space",
        edit(release, "\"release\"\n", "\"release\" \n"),
    );
    refuse_text(Rule::Stm4, "no-last-line-end", "the last line has no LF", release.trim_end().to_owned());
    refuse_text(Rule::Stm4, "two-last-line-ends", "an empty line at the end", format!("{release}\n"));
    refuse_text(Rule::Stm4, "comment", "a comment after a value", edit(release, "count = 3\n", "count = 3 # files\n"));
    refuse_text(
        Rule::Stm4,
        "keys-swapped",
        "count and bytes are swapped",
        edit(release, "count = 3\nbytes = 1234\n", "bytes = 1234\ncount = 3\n"),
    );
    refuse_text(Rule::Stm4, "tables-swapped", "keys stands before release", swap_tables(release));
    refuse_text(Rule::Stm4, "one-cr", "one line ends with CR LF", edit(release, "count = 3\n", "count = 3\r\n"));
    refuse_text(Rule::Stm4, "tab", "a tab instead of a space", edit(release, "count = 3", "count =\t3"));
    refuse_text(Rule::Stm4, "indented", "a line is indented", edit(release, "count = 3", "  count = 3"));
    refuse_text(Rule::Stm4, "literal-string", "a string in single quotes", edit(release, "\"1.1.1\"", "'1.1.1'"));
    refuse_text(
        Rule::Stm4,
        "multi-line-string",
        "a string in three quotes",
        edit(release, "\"1.1.1\"", "\"\"\"1.1.1\"\"\""),
    );
    refuse_text(Rule::Stm4, "escape", "an escape for a letter", edit(release, "\"Example\"", "\"Ex\\u0061mple\""));
    refuse_text(Rule::Stm4, "integer-separator", "a separator in an integer", edit(release, "1234", "1_234"));
    refuse_text(Rule::Stm4, "integer-sign", "a sign before an integer", edit(release, "1234", "+1234"));
    refuse_text(Rule::Stm4, "integer-hex", "an integer in hexadecimal", edit(release, "1234", "0x4d2"));
    refuse_text(
        Rule::Stm4,
        "integer-leading-zero",
        "a leading zero, which TOML does not allow",
        edit(release, "1234", "01234"),
    );
    refuse_text(
        Rule::Stm4,
        "integer-beyond-64-bits",
        "an integer that TOML does not hold",
        edit(release, "1234", "18446744073709551616"),
    );
    refuse_text(Rule::Stm4, "array-without-space", "no space after a comma", edit(yank, "[2, 3]", "[2,3]"));
    refuse_text(Rule::Stm4, "array-last-comma", "a comma after the last value", edit(yank, "[2, 3]", "[2, 3,]"));
    refuse_text(Rule::Stm4, "array-many-lines", "an array over several lines", edit(yank, "[2, 3]", "[\n2,\n3\n]"));
    refuse_text(Rule::Stm4, "no-empty-line", "no empty line before a table", edit(release, "\n\n[keys]", "\n[keys]"));
    refuse_text(
        Rule::Stm4,
        "two-empty-lines",
        "two empty lines before a table",
        edit(release, "\n\n[keys]", "\n\n\n[keys]"),
    );
    refuse_text(Rule::Stm4, "spaced-table", "spaces in the brackets of a table", edit(release, "[keys]", "[ keys ]"));
    refuse_text(Rule::Stm4, "quoted-key", "a key in quotes", edit(release, "count =", "\"count\" ="));
    refuse_text(Rule::Stm4, "inline-table", "a table on one line", inline_beat(beat));
    refuse_text(Rule::Stm4, "key-twice", "the same key twice", edit(release, "count = 3\n", "count = 3\ncount = 3\n"));
    refuse_text(
        Rule::Stm4,
        "table-twice",
        "the same table twice",
        edit(beat, "\n[keys]", "\n[beat]\nstate = \"here\"\n\n[keys]"),
    );
    refuse_text(
        Rule::Stm4,
        "no-toml",
        "a line that is no TOML",
        edit(release, "count = 3\n", "count = 3\nand so on\n"),
    );

    refuse_text(
        Rule::Stm5,
        "unknown-kind",
        "the kind is no kind",
        edit(release, "kind = \"release\"", "kind = \"revoke\""),
    );
    refuse_text(
        Rule::Stm5,
        "upper-case",
        "the kind has a capital letter",
        edit(beat, "kind = \"beat\"", "kind = \"Beat\""),
    );
}

fn swap_tables(release: &str) -> String {
    let (first, second) = (table_of(release, "release"), table_of(release, "keys"));
    let head = release.strip_suffix(&format!("{first}{second}")).expect("these two tables are the last");
    format!("{head}{second}{first}")
}

fn inline_beat(beat: &str) -> String {
    let text = without_table(beat, "beat");
    edit(&text, "\n\n[package]", "\nbeat = { state = \"here\" }\n\n[package]")
}

fn replace_bytes(text: &str, old: &[u8], new: &[u8]) -> Vec<u8> {
    let text = text.as_bytes();
    let at = text.windows(old.len()).position(|window| window == old).expect("the text has these bytes");
    [&text[..at], new, &text[at + old.len()..]].concat()
}
