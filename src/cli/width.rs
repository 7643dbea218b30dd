//! How wide the terminal is, and text that fits into it: sentences are broken between words, with a hanging indent; ids, paths
//! and commands in backticks are never broken. Where there is no terminal nothing is broken.

use std::env;
use std::io::{self, IsTerminal as _};

use terminal_size::{Width, terminal_size_of};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Longer lines are hard to read, however wide the terminal is. The help has the same limit.
pub(crate) const MOST: usize = 100;

/// Narrower than this nothing can be laid out, in columns.
const LEAST: usize = 20;

/// What a terminal has that does not say how wide it is.
const USUAL: usize = 80;

/// How many columns stderr has.
pub(crate) fn of_stderr() -> usize {
    of(terminal_size_of(io::stderr()).map(|(Width(columns), _)| columns))
}

/// Text for people on stdout.
pub(crate) fn for_stdout(text: &str) -> String {
    if io::stdout().is_terminal() {
        wrapped(text, of(terminal_size_of(io::stdout()).map(|(Width(columns), _)| columns)))
    } else {
        text.to_owned()
    }
}

/// Text for people on stderr.
pub(crate) fn for_stderr(text: &str) -> String {
    if io::stderr().is_terminal() { wrapped(text, of_stderr()) } else { text.to_owned() }
}

/// `COLUMNS`, if the user has set it; otherwise what the terminal says.
fn of(terminal: Option<u16>) -> usize {
    let wish = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).filter(|columns| *columns > 0);
    let columns = wish.or(terminal.map(usize::from).filter(|columns| *columns > 0)).unwrap_or(USUAL);
    columns.clamp(LEAST, MOST)
}

/// Breaks each line that is too long for so many columns.
fn wrapped(text: &str, columns: usize) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        if visible(line) <= columns || is_drawn(line) {
            out.push_str(line);
        } else {
            wrap_line(&mut out, line, columns);
        }
        out.push_str(end);
    }
    out
}

/// Pictures would be torn apart.
fn is_drawn(line: &str) -> bool {
    line.contains(|character| matches!(character, '\u{2500}'..='\u{259f}' | '|'))
}

fn wrap_line(out: &mut String, line: &str, columns: usize) {
    let hanging = hanging(line, columns);
    // A digest that fits into a line, but not below the last column, stands further to the left than the rest.
    let fitting = |indent: usize, word: usize| if word <= columns { indent.min(columns - word) } else { indent };
    let (mut used, mut is_first) = (0, true);
    for (gap, word) in words(line) {
        let (gap_columns, word_columns) = (visible(gap), visible(word));
        // A gap of several spaces stands between two columns of a table, and is kept.
        if is_first {
            used = fitting(gap_columns, word_columns);
            out.push_str(&" ".repeat(used));
        } else if used + gap_columns + word_columns > columns && used > hanging {
            used = fitting(hanging, word_columns);
            out.push('\n');
            out.push_str(&" ".repeat(used));
        } else {
            out.push_str(gap);
            used += gap_columns;
        }
        out.push_str(word);
        used += word_columns;
        is_first = false;
    }
}

/// Where the lines after the first begin: below the last column of a table, or below the text of a message, if enough is
/// left to the right of it; otherwise a little further in than the first line.
fn hanging(line: &str, columns: usize) -> usize {
    let begins = line.len() - line.trim_start_matches(' ').len();
    let mut at = 0;
    let mut found = begins + 2;
    for (gap, word) in words(line) {
        at += visible(gap);
        let is_column = gap.len() >= 2 && at > begins;
        if is_column && at <= columns / 2 {
            found = at;
        }
        at += visible(word);
    }
    let prefix = ["sigpkg: hint: ", "sigpkg: error: ", "sigpkg: warning: ", "sigpkg: "];
    if found == begins + 2 && columns >= 60 && prefix.iter().any(|prefix| line.starts_with(prefix)) {
        found = "sigpkg: ".len();
    }
    found.min(columns / 2)
}

/// The words of a line, each with the spaces before it. A command in backticks is one word.
fn words(line: &str) -> Vec<(&str, &str)> {
    let mut words = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        let text = rest.trim_start_matches(' ');
        let gap = rest.len() - text.len();
        let end = end_of_word(text);
        let (word, after) = text.split_at_checked(end).unwrap_or((text, ""));
        words.push((rest.get(..gap).unwrap_or_default(), word));
        rest = after;
    }
    words
}

fn end_of_word(text: &str) -> usize {
    let mut is_quoted = false;
    for (at, character) in text.char_indices() {
        match character {
            // One without a partner is no quotation mark.
            '`' => is_quoted = !is_quoted && text.get(at + 1..).is_some_and(|rest| rest.contains('`')),
            ' ' if !is_quoted => return at,
            _ => {}
        }
    }
    text.len()
}

/// How many columns a text takes. Styles take none.
fn visible(text: &str) -> usize {
    if !text.contains('\u{1b}') {
        return text.width();
    }
    let (mut columns, mut is_style) = (0, false);
    for character in text.chars() {
        match (is_style, character) {
            (false, '\u{1b}') => is_style = true,
            (false, _) => columns += character.width().unwrap_or_default(),
            (true, 'm') => is_style = false,
            (true, _) => {}
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_broken_between_words_with_a_hanging_indent() {
        let text = "sigpkg: error: expected statement 7 of the package Example, found statement 9 in the file that was given\n";
        let expected = "sigpkg: error: expected statement 7 of the package Example,\n        found statement 9 in the file that was given\n";
        assert_eq!(wrapped(text, 60), expected);
    }

    #[test]
    fn ids_paths_and_commands_are_never_broken() {
        let id = format!("sigp{}", "x".repeat(52));
        let text = format!(
            "sigpkg: hint: `sigpkg trust accept Example blake3:0123456789abcdef0123456789abcdef` follows {id} in /a/very/long/path/to/some/where\n"
        );
        for columns in [20, 40, 60, 80] {
            let shown = wrapped(&text, columns);
            for whole in [
                &id,
                "`sigpkg trust accept Example blake3:0123456789abcdef0123456789abcdef`",
                "/a/very/long/path/to/some/where",
            ] {
                assert!(shown.lines().any(|line| line.contains(whole)), "{columns}: {shown}");
            }
        }
    }

    #[test]
    fn the_rest_of_a_row_hangs_below_its_last_column() {
        let row = "  id    a sentence that is too long for so narrow a screen";
        assert_eq!(wrapped(row, 30), "  id    a sentence that is too\n        long for so narrow a\n        screen");
    }

    #[test]
    fn a_digest_that_fits_into_a_line_is_not_cut_by_its_end() {
        let digest = format!("blake3:{}", "0".repeat(64));
        let hanging = format!("statement  2\n         {digest}");
        assert_eq!(wrapped(&format!("statement  2 {digest}"), 80), hanging);
        assert_eq!(wrapped(&format!("           {digest}"), 80), format!("         {digest}"));
        assert_eq!(wrapped(&format!("           {digest}"), 60), format!("           {digest}"));
    }

    #[test]
    fn styles_take_no_columns() {
        let text = "\u{1b}[1m\u{1b}[31merror\u{1b}[0m: four words fit here";
        assert_eq!(wrapped(text, 26), text);
        assert_eq!(visible(text), 26);
    }

    #[test]
    fn what_fits_and_what_is_drawn_is_left_alone() {
        for text in ["short\n", "", "a\n\nb\n", "|    .o o.   |  a picture is not broken, however long its line is"] {
            assert_eq!(wrapped(text, 30), text);
        }
    }

    #[test]
    fn words_are_lost_nowhere() {
        let text = "  one `two three` fo`ur  five   six seven";
        for columns in 20..50 {
            let flat = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(flat(&wrapped(text, columns)), flat(text));
        }
    }
}
