//! Every message: what the real command says about each broken rule, for people and as JSON, held as text in `snapshots/`;
//! and the catalogue in `docs/reference/`, which is made from the same.
//!
//! After a change of a message, look at the difference and write the files again: `UPDATE=1 cargo test --test messages`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "a test fails by panicking")]

mod cases;
#[path = "../common/mod.rs"]
mod common;
mod errors;
mod registry;
mod user;
mod vectors;
#[path = "../registry/world.rs"]
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::OnceLock;
use std::thread;

use sigpkg::rule::Rule;

use cases::{CHAPTERS, Case, of_vector};

/// Rules that no command can be made to break, and why.
const NOT_SHOWN: &[(&str, &str)] = &[("VER-6", "only a fault in one of two implementations breaks it")];

/// Every case, run once for all tests: the chapters in their order.
fn all() -> &'static BTreeMap<&'static str, Vec<Case>> {
    static ALL: OnceLock<BTreeMap<&'static str, Vec<Case>>> = OnceLock::new();
    ALL.get_or_init(|| {
        thread::scope(|scope| {
            let chapters: Vec<_> = CHAPTERS
                .iter()
                .map(|(name, ids)| (*name, scope.spawn(move || ids.iter().map(|id| of_vector(id)).collect::<Vec<_>>())))
                .collect();
            let others: [(_, fn() -> Vec<Case>); 3] = [
                ("registries", registry::cases),
                ("errors-of-users", errors::of_users),
                ("errors-of-maintainers", errors::of_maintainers),
            ];
            let others = others.map(|(name, cases)| (name, scope.spawn(cases)));
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
