//! Every message: what the real command says about each broken rule, for people and as JSON, held as text in `snapshots/`;
//! and the catalogue in `docs/reference/`, which is made from the same.
//!
//! After a change of a message, look at the difference and write the files again: `INSTA_UPDATE=always UPDATE=1
//! cargo test --test messages`.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test fails by panicking"
)]

mod cases;
mod catalogue;
#[path = "../common/mod.rs"]
mod common;
mod errors;
mod meanings;
mod registry;
mod user;
mod vectors;
#[path = "../registry/world.rs"]
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;
use std::thread;

use sigpkg::rule::Rule;

use cases::{CHAPTERS, Case, of_vector};
use meanings::{NOTES, REASONS};

/// Rules that no command can be made to break, and why.
const NOT_SHOWN: &[(&str, &str)] = &[("VER-6", "only a fault in one of two implementations breaks it")];

/// A chapter that is not made of vectors.
type Chapter = (&'static str, fn() -> Vec<Case>);

const OTHERS: [Chapter; 4] = [
    ("registries", registry::cases),
    ("answers", errors::answers),
    ("errors-of-users", errors::of_users),
    ("errors-of-maintainers", errors::of_maintainers),
];

/// Every case, run once for all tests: the chapters in their order.
fn all() -> &'static BTreeMap<&'static str, Vec<Case>> {
    static ALL: OnceLock<BTreeMap<&'static str, Vec<Case>>> = OnceLock::new();
    ALL.get_or_init(|| {
        thread::scope(|scope| {
            let chapters: Vec<_> = CHAPTERS
                .iter()
                .map(|(name, ids)| (*name, scope.spawn(move || ids.iter().map(|id| of_vector(id)).collect::<Vec<_>>())))
                .collect();
            let others = OTHERS.map(|(name, cases)| (name, scope.spawn(cases)));
            chapters.into_iter().chain(others).map(|(name, cases)| (name, cases.join().unwrap())).collect()
        })
    })
}

fn snapshot(cases: &[Case]) -> String {
    let mut text = String::new();
    for Case { id, summary, shown, .. } in cases {
        writeln!(text, "=== {id}: {summary}\n$ {}", shown.command).unwrap();
        text.push_str(&shown.stdout);
        for line in shown.stderr.lines() {
            writeln!(text, "stderr: {line}").unwrap();
        }
        writeln!(text, "exit {}", shown.status).unwrap();
        for object in &shown.objects {
            writeln!(text, "{}", serde_json::to_string_pretty(object).unwrap()).unwrap();
        }
        text.push('\n');
    }
    text
}

#[test]
fn every_message_is_as_it_was_reviewed() {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| {
        for (chapter, cases) in all() {
            insta::assert_snapshot!(*chapter, snapshot(cases));
        }
    });
}

#[test]
fn every_rule_has_a_message() {
    let shown: BTreeSet<&str> = all().values().flatten().filter_map(|case| case.rule.as_deref()).collect();
    let exempt: BTreeSet<&str> = NOT_SHOWN.iter().map(|(rule, _)| *rule).collect();
    let missing: Vec<_> = Rule::ALL
        .iter()
        .filter(|rule| !shown.contains(rule.id()) && !exempt.contains(rule.id()))
        .map(|rule| format!("{} {}", rule.id(), rule.reason()))
        .collect();
    assert!(missing.is_empty(), "no message is shown of: {}", missing.join(", "));
}

#[test]
fn every_message_is_about_the_rule_that_was_broken() {
    for case in all().values().flatten() {
        let Some(rule) = &case.rule else { continue };
        let told = case.shown.objects.iter().any(|object| object["rule"] == rule.as_str());
        assert!(told, "{}: {}{}", case.id, case.shown.stdout, case.shown.stderr);
    }
}

#[test]
fn every_reason_and_every_note_has_a_meaning() {
    let of_rules: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.reason()).collect();
    let of_meanings: BTreeSet<&str> = REASONS.iter().map(|meaning| meaning.word).collect();
    assert_eq!(of_rules, of_meanings);
    assert_eq!(of_meanings.len(), REASONS.len(), "each word once");
    // A note is a rule of the form "**VER-20** note `not-newest`."
    let mut of_spec = BTreeSet::new();
    for entry in fs::read_dir(root().join("spec")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        for (rule, word) in text.lines().filter_map(|line| line.strip_prefix("**")?.split_once("** note `")) {
            of_spec.insert((rule.to_owned(), word.split('`').next().unwrap().to_owned()));
        }
    }
    let notes = NOTES.iter().map(|(rule, meaning)| ((*rule).to_owned(), meaning.word.to_owned())).collect();
    assert_eq!(of_spec, notes);
}

#[test]
fn every_note_has_a_message() {
    let cases = cases();
    let objects = cases.iter().flat_map(|case| &case.shown.objects);
    let shown: BTreeSet<&str> = objects
        .filter_map(|object| object["notes"].as_array())
        .flatten()
        .filter_map(|note| note["note"].as_str())
        .collect();
    let missing: Vec<_> = NOTES
        .iter()
        .filter(|(rule, meaning)| !rule.starts_with("REG-") && !shown.contains(meaning.word))
        .map(|(_, meaning)| meaning.word)
        .collect();
    assert!(missing.is_empty(), "no message is shown of: {}", missing.join(", "));
}

#[test]
fn every_failure_says_what_to_do() {
    for case in cases() {
        let is_of_parser = case.shown.stderr.starts_with("error: ");
        let says = case.shown.stdout.contains("hint: ") || case.shown.stderr.contains("sigpkg: hint: ");
        assert!(
            case.shown.status == 0 || says || is_of_parser,
            "{}: {}{}",
            case.id,
            case.shown.stdout,
            case.shown.stderr
        );
    }
}

/// No capital, no period: the style of every sentence that the library or the command line writes.
#[test]
fn every_sentence_has_one_style() {
    for object in cases().iter().flat_map(|case| &case.shown.objects) {
        for sentence in ["message", "hint"].iter().filter_map(|key| object[*key].as_str()) {
            let first = sentence.split([' ', ':']).next().unwrap();
            let is_name = first.contains('.')
                || first.chars().skip(1).any(|c| !c.is_lowercase())
                || ["Example", "Exemple", "Registrator"].contains(&first);
            assert!(is_name || !sentence.starts_with(char::is_uppercase), "{sentence}");
            let is_of_dots = sentence.starts_with("a name may not end with a dot");
            assert!(is_of_dots || !sentence.ends_with(['.', '!']), "{sentence}");
        }
    }
}

#[test]
fn the_catalogue_in_the_docs_is_what_the_commands_say() {
    let cases = cases();
    for (name, text) in [("messages.md", catalogue::messages(&cases, NOT_SHOWN)), ("json.md", catalogue::json(&cases))]
    {
        let path = root().join("docs/reference").join(name);
        if std::env::var_os("UPDATE").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &text).unwrap();
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == text,
            "docs/reference/{name} is not what the commands say: UPDATE=1 cargo test --test messages"
        );
    }
}

fn cases() -> Vec<&'static Case> {
    let chapters = CHAPTERS.iter().map(|(name, _)| *name).chain(OTHERS.map(|(name, _)| name));
    chapters.flat_map(|name| &all()[name]).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
