//! Attacks, each with a test of its name. The table in docs/attacks.md links them, and a test here holds the two together.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;

mod answered;
mod published;
#[cfg(unix)]
mod readers;

#[test]
fn every_attack_of_the_page_has_its_test_and_every_test_its_row() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| std::fs::read_to_string(root.join(name)).unwrap();
    let page = read("docs/attacks.md");
    let (_, table) = page.split_once("## What happens in an attack?\n").unwrap();
    let table = table.split("\n## ").next().unwrap();
    let tests = ["answered", "published", "readers"].map(|file| read(&format!("tests/attacks/{file}.rs")));
    for row in table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| attack")) {
        let named = row.trim_end_matches('|').rsplit('|').next().unwrap().split('`').skip(1).step_by(2);
        let named: Vec<_> = named.collect();
        assert!(!named.is_empty(), "no test is named: {row}");
        for name in named {
            let is_test = tests.iter().any(|text| text.contains(&format!("fn {name}(")));
            assert!(is_test || root.join(name).exists(), "there is no {name}: {row}");
        }
    }
    for text in &tests[..2] {
        for name in text.split("#[test]\nfn ").skip(1).filter_map(|rest| rest.split('(').next()) {
            assert!(table.contains(&format!("`{name}`")), "docs/attacks.md does not name {name}");
        }
    }
}
