//! What messages tell people to do: every command in a hint is one that there is, and none leaves a check out.

use std::fs;
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use clap::error::ErrorKind;

use super::Arguments;

/// Words that leave a check out, whoever proposes them.
const SWITCHES: &[&str] = &[
    "--force",
    "--no-",
    "--allow-",
    "--acknowledge",
    "--replace",
    "--also",
    "--back",
    "--policy-reviewed",
    "ignore",
    "skip",
    "disable",
    "turn it off",
    "turn off",
    "without --strict",
    "bypass",
];

/// Texts that have such a word and may: a part of the text, and why.
const ALLOWED: &[(&str, &str)] = &[
    ("--no-commit", "no check: what is made is committed by its maintainer"),
    ("--no-passphrase", "a decision about one's own keys; init says what it costs, loudly"),
    ("if everybody may have it, such as a test key", "a decision about a key that is out already, after its price"),
    ("such as a test key, the next release takes", "the same, said before a push"),
    ("--acknowledge X", "the end of that hint"),
    ("ask the maintainer which one is right, trust it", "a pin follows the decision of the user, made before"),
    ("--replace trusts the new one instead, --also both", "the first decision again, and as grave, as the hint says"),
    ("If it is right: ", "a pin changes only to the signatory whom the user trusts already"),
    ("To go back on purpose: ", "a pin goes back by name alone, in a file that is reviewed"),
    ("--replace, if that is meant", "the .sigpkg of upstream is replaced by that of an adoption"),
    ("--back-port says that this is meant", "no check: a version for an older line is as good as any other"),
    ("who has read it says so with --policy-reviewed", "the answer of the human whom the rule asks for"),
    ("git config X false", "git's own signing of commits, which sigpkg does not rest on"),
];

/// Where a command ends that stands in a sentence without marks of its own.
const ENDS: &[&str] = &[
    "  ", "; ", ", ", ". ", " shows", " has ", " takes ", " trusts ", " ends ", " tells", " asks ", " says ", " lists",
    " and ", " ||", "\n",
];

#[test]
fn every_command_in_a_text_is_one_that_there_is() {
    let mut wrong = Vec::new();
    let texts = literals().into_iter().chain(shown());
    let mut count = 0;
    for (place, text) in texts {
        for command in commands(&text) {
            count += 1;
            if let Err(problem) = parse(&command) {
                wrong.push(format!("{place}: `{command}`: {problem}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 100, "the commands are found: {count}");
}

#[test]
fn no_text_suggests_to_leave_a_check_out() {
    let is_allowed = |text: &str| ALLOWED.iter().any(|(part, _)| text.contains(part));
    let mut wrong = Vec::new();
    for (place, text) in hints() {
        if SWITCHES.iter().any(|word| text.contains(word)) && !is_allowed(&text) {
            wrong.push(format!("{place}: {text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A command of a text, as words of a shell.
fn parse(command: &str) -> Result<(), String> {
    // A synopsis is the parser's own, and what the shell does with the output is the shell's.
    if command.contains("[OPTIONS]") {
        return Ok(());
    }
    let command = command.split_once(" > ").map_or(command, |(command, _)| command);
    // A full stop at the end of a text is taken for one, and here it was a folder.
    let folder = if command.ends_with("--installed ") { "." } else { "" };
    let words = shell_words(&format!("{command}{folder}"));
    let Err(error) = Arguments::command().try_get_matches_from(words) else {
        return Ok(());
    };
    match error.kind() {
        // What is filled in where the parser knows all the words there are.
        ErrorKind::InvalidValue if error.to_string().contains("'X'") => Ok(()),
        // The name of a command alone, where the text is about it.
        ErrorKind::MissingRequiredArgument
        | ErrorKind::MissingSubcommand
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        | ErrorKind::DisplayHelp => Ok(()),
        _ => Err(error.to_string().lines().next().unwrap_or_default().to_owned()),
    }
}

fn shell_words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut quoted = false;
    let mut word = String::new();
    for character in command.chars() {
        match character {
            '\'' | '"' => quoted = !quoted,
            ' ' if !quoted => words.push(std::mem::take(&mut word)),
            other => word.push(other),
        }
    }
    words.push(word);
    // What stands for a word of one's own, where the parser knows all the words there are.
    let word = |word: String| match &*word {
        "CAUSE" => "lost".to_owned(),
        _ => word,
    };
    words.into_iter().filter(|word| !word.is_empty()).map(word).collect()
}

/// The commands in a text: between backquotes, or up to the end of a clause.
fn commands(text: &str) -> Vec<String> {
    let known: Vec<String> =
        Arguments::command().get_subcommands().map(|command| format!("sigpkg {}", command.get_name())).collect();
    let begins = |text: &str| {
        known.iter().any(|known| {
            text.strip_prefix(known.as_str()).is_some_and(|rest| {
                !rest.starts_with(|next: char| next.is_alphanumeric() || next == '-' || next == '.')
            })
        })
    };
    let mut found = Vec::new();
    for (at, _) in text.match_indices("sigpkg ") {
        let (before, after) = text.split_at(at);
        if !begins(after) || before.ends_with(|last: char| last.is_alphanumeric() || "/.-".contains(last)) {
            continue;
        }
        let end = if before.ends_with('`') {
            let end = after.find('`').unwrap_or(after.len());
            after[..end].find(" ||").unwrap_or(end)
        } else if before.ends_with(": ") || before.is_empty() || ENDS.iter().any(|end| after.contains(end)) {
            ENDS.iter().filter_map(|end| after.find(end)).min().unwrap_or(after.len())
        } else {
            continue;
        };
        found.push(after[..end].trim_end_matches([')', '.', ':', '?', ';', ',']).to_owned());
    }
    found
}

/// The texts in which a hint is given: what stands in the sources, and what the snapshots have.
fn hints() -> Vec<(String, String)> {
    let is_of_hints =
        |place: &str| place.contains("hint") || place.contains("maintainer.rs") || place.contains("hook.rs");
    let of_sources = literals().into_iter().filter(|(place, _)| is_of_hints(place));
    of_sources.chain(shown().into_iter().filter(|(_, text)| text.contains("hint: "))).collect()
}

/// The lines of the snapshots that are for people.
fn shown() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/messages/snapshots");
    let mut lines = Vec::new();
    for file in files(&folder) {
        let text = fs::read_to_string(&file).unwrap();
        let of_people = text.lines().filter(|line| line.contains("hint: "));
        lines.extend(of_people.map(|line| (file.display().to_string(), line.to_owned())));
    }
    assert!(lines.len() > 100, "the snapshots are there");
    lines
}

/// The string literals of the command line, with the file in which they stand; those of a hint are marked so.
fn literals() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli");
    let mut found = Vec::new();
    for file in files(&folder).iter().filter(|file| !file.ends_with("src/cli/tests.rs")) {
        let text = fs::read_to_string(file).unwrap();
        let shown = file.strip_prefix(&folder).unwrap().display().to_string();
        let mut last = 0;
        for (start, end) in spans(&text) {
            let is_hint = text[last..start].contains("hint(");
            let place = if is_hint { format!("{shown} (hint)") } else { shown.clone() };
            found.push((place, unescaped(&text[start..end])));
            last = end;
        }
    }
    found
}

/// Where the string literals of a source file begin and end.
fn spans(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let (mut at, mut found) = (0, Vec::new());
    while at < bytes.len() {
        match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at += text[at..].find('\n').unwrap_or(text.len() - at);
            }
            // A character in quotation marks, such as '"'.
            b'\'' if bytes.get(at + 2) == Some(&b'\'') => at += 3,
            b'\'' if bytes.get(at + 1) == Some(&b'\\') && bytes.get(at + 3) == Some(&b'\'') => at += 4,
            b'"' => {
                let start = at + 1;
                at = start;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                found.push((start, at.min(text.len())));
                at += 1;
            }
            _ => at += 1,
        }
    }
    found
}

/// A literal as it is shown; what is filled in is a word.
fn unescaped(literal: &str) -> String {
    let mut text = String::new();
    let mut rest = literal;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.chars().next() {
            Some('\n') => rest = rest.trim_start(),
            Some('n') => {
                text.push('\n');
                rest = &rest[1..];
            }
            _ => {}
        }
    }
    text.push_str(rest);
    let mut filled = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        rest = after.split_once('}').map_or("", |(_, after)| after);
        filled.push('X');
    }
    filled + rest
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}
