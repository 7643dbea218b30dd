//! `docs/reference/`: the catalogue of all messages in one table, and the JSON objects with their keys. Both are made from
//! what the commands have said, so they cannot say anything else.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;
use sigpkg::rule::Rule;

use crate::cases::Case;
use crate::meanings::{Meaning, NOTES, REASONS};
use crate::user::without_ids;

const INTRODUCTION: &str = "\
# Every message

What sigpkg says when it does not simply accept, and what to do then. Scripts should look at the reason word, which never
changes; sentences may. Where an id, a key or a digest stands in a message, this page has `…`; sigpkg itself never
shortens one.

Verdict and exit status: `refused` 1, `undecided` 4, `unreadable` 3; a command that was called wrongly has `usage` 2. A note
changes no verdict. An example is shown for each rule; the same word always means the same. The rules are in [the specification](../../spec/README.md).

This page is made by `INSTA_UPDATE=always UPDATE=1 cargo test --test messages`; do not edit it.

| reason | rule | verdict | what it says | what it means | what to do |
|---|---|---|---|---|---|
";

/// What is known of one word: the rules in their order, the verdicts, a message for each rule, and a hint.
#[derive(Default)]
struct Row {
    rules: Vec<String>,
    verdicts: BTreeSet<String>,
    messages: Vec<String>,
    hint: Option<String>,
}

/// `docs/reference/messages.md`
pub(crate) fn messages(cases: &[&Case], not_shown: &[(&str, &str)]) -> String {
    let mut text = INTRODUCTION.to_owned();
    for Meaning { word, sentence, page } in REASONS {
        let row = row(word, cases, not_shown);
        line(&mut text, word, &row, sentence, *page);
    }
    for (rule, Meaning { word, sentence, page }) in NOTES {
        let row = note_row(rule, word, cases);
        line(&mut text, word, &row, sentence, *page);
    }
    text
}

fn row(word: &str, cases: &[&Case], not_shown: &[(&str, &str)]) -> Row {
    let mut row = Row::default();
    for rule in Rule::ALL.iter().filter(|rule| rule.reason() == word) {
        row.rules.push(rule.id().to_owned());
        let found = cases.iter().flat_map(|case| &case.shown.objects).find(|object| object["rule"] == rule.id());
        let Some(object) = found else {
            let (_, why) =
                not_shown.iter().find(|(id, _)| *id == rule.id()).expect("each rule has a message or a reason");
            row.verdicts.insert("refused (1)".to_owned());
            row.messages.push(format!("({why})"));
            continue;
        };
        row.verdicts.insert(verdict(object));
        row.messages.push(code(object["message"].as_str().unwrap_or_default()));
        row.hint = row.hint.or_else(|| object["hint"].as_str().map(cell));
    }
    row
}

fn note_row(rule: &str, word: &str, cases: &[&Case]) -> Row {
    let objects = || cases.iter().flat_map(|case| &case.shown.objects);
    let notes = objects().filter_map(|object| object["notes"].as_array()).flatten();
    let message = notes.filter(|note| note["note"] == word).find_map(|note| note["message"].as_str());
    let starts = [format!("  note: {word}: "), format!("  warning: {word}: ")];
    // Only people are told what to do about a note.
    let lines = cases.iter().find_map(|case| {
        let mut lines =
            case.shown.stdout.lines().skip_while(|line| !starts.iter().any(|start| line.starts_with(start)));
        lines.next()?;
        lines.next().and_then(|line| line.strip_prefix("    hint: ")).map(cell)
    });
    Row {
        rules: vec![rule.to_owned()],
        verdicts: BTreeSet::from(["note".to_owned()]),
        messages: message.map(code).into_iter().collect(),
        hint: lines,
    }
}

fn line(text: &mut String, word: &str, row: &Row, meaning: &str, page: Option<&str>) {
    let Row { rules, verdicts, messages, hint } = row;
    let verdicts: Vec<_> = verdicts.iter().cloned().collect();
    let page =
        page.map(|page| format!("[{}](../{page})", page.rsplit('/').next().unwrap_or(page).trim_end_matches(".md")));
    let todo: Vec<_> = hint.iter().cloned().chain(page.map(|page| format!("see {page}"))).collect();
    let todo = if todo.is_empty() { "nothing".to_owned() } else { todo.join("; ") };
    writeln!(
        text,
        "| `{word}` | {} | {} | {} | {meaning} | {todo} |",
        rules.join(", "),
        verdicts.join(", "),
        if messages.is_empty() { "(see the page)".to_owned() } else { messages.join("<br>") }
    )
    .unwrap();
}

fn verdict(object: &Value) -> String {
    let word = object["verdict"].as_str().unwrap_or_else(|| match object["status"].as_u64() {
        Some(4) => "undecided",
        Some(3) => "unreadable",
        Some(2) => "usage",
        _ => "refused",
    });
    let status = match word {
        "undecided" => 4,
        "unreadable" => 3,
        "usage" => 2,
        _ => 1,
    };
    format!("{word} ({status})")
}

/// A message in a cell: as it is, on one line.
fn code(message: &str) -> String {
    let message = short(message).replace('|', "\\|").replace('\n', " ");
    if message.contains('`') { format!("`` {message} ``") } else { format!("`{message}`") }
}

/// A hint in a cell, where commands are set apart.
fn cell(hint: &str) -> String {
    let hint = short(hint).replace('|', "\\|").replace('<', "&lt;");
    match hint.rfind(": sigpkg ") {
        Some(at) if !hint[at + 2..].contains([';', '`']) => format!("{}`{}`", &hint[..at + 2], &hint[at + 2..]),
        _ => hint,
    }
}

/// Ids, digests and keys are not read here.
fn short(text: &str) -> String {
    let text = without_ids(text);
    let is_long = |word: &&str| word.len() >= 56;
    let words: Vec<_> =
        text.split(|c: char| !(c.is_ascii_alphanumeric() || "+/=_-".contains(c))).filter(is_long).collect();
    words.iter().fold(text.clone(), |text, word| text.replace(*word, &format!("{}…", &word[..4])))
}

const JSON_INTRODUCTION: &str = "\
# The JSON of every command

With `--json` a command prints one object a line on stdout. Each has a `schema`: a name and a version, which rises if a key
changes its meaning or goes away. Keys may be added; a script should ignore those that it does not know. A key that does not
apply is `null`. What is asked, warned and explained for people goes to stderr, with `--json` as well.

These are the objects that the tests of messages have seen, with every key, the types that it had, and an example. An id, a
digest or a key that is longer than fits is cut here with `…`, and never by sigpkg.

This page is made by `INSTA_UPDATE=always UPDATE=1 cargo test --test messages`; do not edit it.
";

/// `docs/reference/json.md`
pub(crate) fn json(cases: &[&Case]) -> String {
    let mut schemas: BTreeMap<&str, Vec<(&Case, &Value)>> = BTreeMap::new();
    for case in cases {
        for object in &case.shown.objects {
            schemas
                .entry(object["schema"].as_str().expect("each object has a schema"))
                .or_default()
                .push((case, object));
        }
    }
    let mut text = JSON_INTRODUCTION.to_owned();
    for (schema, objects) in schemas {
        writeln!(text, "\n## `{schema}`\n\n| key | value |\n|---|---|").unwrap();
        let mut keys: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (key, value) in objects.iter().filter_map(|(_, object)| object.as_object()).flatten() {
            keys.entry(key).or_default().insert(type_of(value));
        }
        for (key, types) in keys {
            let types: Vec<_> = types.into_iter().collect();
            writeln!(text, "| `{key}` | {} |", types.join(" or ")).unwrap();
        }
        // The one that says most.
        let (case, example) = objects.iter().rev().max_by_key(|(_, object)| said(object)).expect("there is one");
        let pretty = short(&serde_json::to_string_pretty(example).unwrap());
        writeln!(text, "\n`{} --json`\n\n```json\n{pretty}\n```", short(&case.shown.command)).unwrap();
    }
    text
}

fn said(object: &Value) -> usize {
    object.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()).count()
}

const fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}
