//! The index as a whole: its form, its size, and that every rule has its vector.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sigpkg::rule::Rule;

use super::build::Verdict;
use super::corpus;

/// Rules that no vector can break alone, and why.
const WITHOUT_VECTOR: &[(Rule, &str)] = &[
    (Rule::Chn11, "STM-14 refuses two algorithms in one statement, and CHN-9 fixes the first of its two keys"),
    (Rule::Ver6, "it takes a fault in one of two implementations"),
];

#[test]
fn every_rule_has_a_vector_or_a_reason() {
    let covered: BTreeSet<_> = corpus().vectors.iter().filter_map(|vector| vector.expect.rule.as_deref()).collect();
    let excused: BTreeMap<_, _> = WITHOUT_VECTOR.iter().copied().collect();
    let missing: Vec<_> =
        Rule::ALL.iter().filter(|rule| !covered.contains(rule.id()) && !excused.contains_key(rule)).collect();
    assert!(missing.is_empty(), "no vector for {missing:?}");
    let needless: Vec<_> = excused.keys().filter(|rule| covered.contains(rule.id())).collect();
    assert!(needless.is_empty(), "a vector and an excuse for {needless:?}");
}

#[test]
fn there_are_150_vectors_and_four_of_five_are_refusals() {
    let vectors = &corpus().vectors;
    let refusals = vectors.iter().filter(|vector| vector.expect.verdict != Verdict::Accepted).count();
    assert!(vectors.len() >= 150, "{} vectors", vectors.len());
    assert!(refusals * 5 >= vectors.len() * 4, "{refusals} refusals of {} vectors", vectors.len());
}

#[test]
fn ids_are_unique_and_say_their_rule() {
    let mut seen = BTreeSet::new();
    for vector in &corpus().vectors {
        assert!(seen.insert(&vector.id), "{} is there twice", vector.id);
        let is_kebab =
            vector.id.split('-').all(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric()));
        assert!(is_kebab, "{} is not in kebab-case", vector.id);
        if let Some(rule) = &vector.expect.rule {
            assert!(vector.id.starts_with(&format!("{rule}-")), "{} is about {rule}", vector.id);
        }
    }
}

#[test]
fn the_index_has_the_form_of_its_schema() {
    let schema: Value = serde_json::from_str(include_str!("../../testvectors/index.schema.json")).unwrap();
    let files = corpus().all_files();
    let index: Value = serde_json::from_slice(&files["index.json"]).unwrap();
    Schema { root: &schema }.check(&schema, &index, "index").unwrap();
    for (path, bytes) in files.iter().filter(|(path, _)| path.starts_with("trees/")) {
        let tree: Value = serde_json::from_slice(bytes).unwrap();
        Schema { root: &schema }.check(&schema["$defs"]["tree-file"], &tree, path).unwrap();
    }
}

/// As much of JSON Schema as index.schema.json uses; a keyword that is not known here is an error.
struct Schema<'a> {
    root: &'a Value,
}

impl Schema<'_> {
    fn check(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        for (keyword, wanted) in schema.as_object().unwrap() {
            let fits = match keyword.as_str() {
                "$schema" | "title" | "description" | "$defs" => true,
                "$ref" => {
                    let name = wanted.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                    self.check(&self.root["$defs"][name], value, at)?;
                    true
                }
                "type" => match wanted {
                    Value::Array(types) => types.iter().any(|one| is_of_type(one, value)),
                    one => is_of_type(one, value),
                },
                "const" => value == wanted,
                "enum" => wanted.as_array().unwrap().contains(value),
                "minLength" => value.as_str().unwrap().len() as u64 >= wanted.as_u64().unwrap(),
                "minimum" => value.as_u64().is_some_and(|number| number >= wanted.as_u64().unwrap()),
                "minItems" => value.as_array().unwrap().len() as u64 >= wanted.as_u64().unwrap(),
                "items" => {
                    for (number, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(wanted, item, &format!("{at}[{number}]"))?;
                    }
                    true
                }
                "required" => wanted.as_array().unwrap().iter().all(|name| value.get(name.as_str().unwrap()).is_some()),
                "properties" => {
                    for (name, wanted) in wanted.as_object().unwrap() {
                        if let Some(value) = value.get(name) {
                            self.check(wanted, value, &format!("{at}.{name}"))?;
                        }
                    }
                    true
                }
                "additionalProperties" => {
                    let known = schema["properties"].as_object().unwrap();
                    value.as_object().is_none_or(|object| object.keys().all(|name| known.contains_key(name)))
                }
                "allOf" => {
                    for one in wanted.as_array().unwrap() {
                        self.check(one, value, at)?;
                    }
                    true
                }
                "oneOf" => {
                    wanted.as_array().unwrap().iter().filter(|one| self.check(one, value, at).is_ok()).count() == 1
                }
                "if" => {
                    if self.check(wanted, value, at).is_ok() {
                        self.check(&schema["then"], value, at)?;
                    }
                    true
                }
                "then" => true,
                other => panic!("the keyword {other} of the schema is not known here"),
            };
            if !fits {
                return Err(format!("{at} breaks {keyword}: {wanted}; it is {value}"));
            }
        }
        Ok(())
    }
}

fn is_of_type(wanted: &Value, value: &Value) -> bool {
    match wanted.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("the type {other} of the schema is not known here"),
    }
}
