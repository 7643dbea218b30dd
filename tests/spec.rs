//! Holds the specification, the table of rules, the vectors and the tests to each other.
//!
//! - Every rule paragraph of `spec/` that can decide a verdict has its entry in `src/rule.rs`, and the other way round.
//! - Every such rule has a vector that breaks it, and every duty a test that names it.
//! - Every rule that is cited anywhere exists.
//! - The index of the vectors has the form of its schema, and names every file.

#![allow(clippy::unwrap_used, reason = "a test that cannot read the project fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sigpkg::rule::Rule;

/// Rules that decide a verdict but cannot be shown by a file, each with the reason and the test that guards it.
const WITHOUT_VECTOR: &[(&str, &str)] =
    &[("VER-6", "only a fault in one of two implementations breaks it; a unit test brings one about")];

/// Chapters whose rules cannot be shown by a file: each of their rules is named in a test of this folder instead.
const SHOWN_BY_TESTS: &[(&str, &str)] = &[("REG-", "tests/registry/")];

/// Words that look like the id of a rule and are none.
const NOT_RULES: &[&str] = &["AES", "BSD", "CVE", "FIPS", "GHSA", "GPL", "JLSEC", "MIT", "RFC", "SHA", "SHAKE", "UTF"];

/// The folders and files in which rules are cited. `spec/` itself is read too; the inputs of vectors are not.
const CITING: &[&str] = &[
    "src",
    "tests",
    "testvectors",
    "examples",
    "benches",
    "docs/attacks.md",
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
];

/// Manifests in which rules are cited.
const CITING_MANIFESTS: &[&str] = &["Cargo.toml", "deny.toml"];

/// At least so many vectors, and of five at least four are refusals.
const MIN_VECTORS: usize = 150;

/// A rule paragraph of the specification.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Paragraph {
    id: String,
    form: Form,
    place: String,
}

/// What a rule paragraph says of itself (spec/1-conventions.md, section 1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    /// `refuse` and the reason word.
    Refuse(String),
    /// `undecided` and the reason word.
    Undecided(String),
    /// `note` and its word.
    Note(String),
    Definition,
    Duty,
}

impl Form {
    /// The reason word, if the rule can decide a verdict.
    fn reason(&self) -> Option<&str> {
        match self {
            Self::Refuse(word) | Self::Undecided(word) => Some(word),
            Self::Note(_) | Self::Definition | Self::Duty => None,
        }
    }
}

#[test]
fn every_rule_of_the_specification_is_in_the_table_and_every_entry_in_the_specification() {
    let spec: BTreeMap<_, _> = paragraphs().into_iter().map(|rule| (rule.id.clone(), rule)).collect();
    let table: BTreeMap<_, _> = Rule::ALL.iter().map(|rule| (rule.id(), rule.reason())).collect();
    assert_eq!(table.len(), Rule::ALL.len(), "two entries of src/rule.rs have one id");
    let mut wrong = Vec::new();
    for rule in spec.values() {
        match (rule.form.reason(), table.get(rule.id.as_str())) {
            (Some(expected), Some(found)) if expected != *found => {
                wrong.push(format!("{}: {} has the word {expected}, src/rule.rs has {found}", rule.place, rule.id));
            }
            (Some(word), None) => wrong.push(format!("{}: {} `{word}` is not in src/rule.rs", rule.place, rule.id)),
            (None, Some(_)) => {
                wrong.push(format!("{}: {} decides nothing, but src/rule.rs has it", rule.place, rule.id));
            }
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
    for (id, reason) in &table {
        if !spec.contains_key(*id) {
            wrong.push(format!("src/rule.rs: {id} `{reason}` is not in spec/"));
        }
    }
    none(&wrong, "the table of rules and spec/ differ");
}

#[test]
fn ids_of_rules_are_unique_over_all_chapters() {
    let mut seen = BTreeMap::new();
    let mut twice = Vec::new();
    for rule in paragraphs() {
        if let Some(before) = seen.insert(rule.id.clone(), rule.place.clone()) {
            twice.push(format!("{}: {} was used before, at {before}", rule.place, rule.id));
        }
    }
    none(&twice, "ids of rules are used twice");
}

#[test]
fn every_rule_that_decides_has_a_vector_that_breaks_it() {
    let vectors = vectors();
    let broken: BTreeSet<&str> = vectors.iter().filter_map(|vector| vector["expect"]["rule"].as_str()).collect();
    let exempt: BTreeSet<&str> = WITHOUT_VECTOR.iter().map(|(id, _)| *id).collect();
    let rules = paragraphs();
    let tests = read_all(&["tests"], &["rs"]);
    let is_shown = |rule: &Paragraph| {
        let folder = SHOWN_BY_TESTS.iter().find(|(chapter, _)| rule.id.starts_with(chapter));
        folder.is_some_and(|(_, folder)| {
            let quoted = format!("\"{}\"", rule.id);
            tests.iter().any(|(name, text)| name.starts_with(folder) && text.contains(&quoted))
        })
    };
    let missing: Vec<_> = rules
        .iter()
        .filter(|rule| rule.form.reason().is_some() && !broken.contains(&*rule.id) && !exempt.contains(&*rule.id))
        .filter(|rule| !is_shown(rule))
        .map(|rule| format!("{}: no vector breaks {}", rule.place, rule.id))
        .collect();
    none(&missing, "rules have no vector");
    let needless: Vec<_> = exempt.intersection(&broken).map(|id| format!("{id} has a vector after all")).collect();
    none(&needless, "exceptions in tests/spec.rs are out of date");
}

#[test]
fn every_duty_is_named_in_a_test() {
    let tests: Vec<(String, String)> = read_all(&["src", "tests"], &["rs", "sh", "py"])
        .into_iter()
        .filter(|(name, _)| name != "tests/spec.rs")
        .map(|(name, text)| (name.clone(), test_part(&name, &text).to_owned()))
        .collect();
    let named: BTreeSet<String> =
        tests.iter().flat_map(|(_, text)| cited(text).into_iter().map(|(_, id)| id)).collect();
    let missing: Vec<_> = paragraphs()
        .into_iter()
        .filter(|rule| rule.form == Form::Duty && !named.contains(&rule.id))
        .map(|rule| format!("{}: no test names the duty {}", rule.place, rule.id))
        .collect();
    none(&missing, "duties have no test");
}

#[test]
fn every_rule_that_is_cited_exists() {
    let known: BTreeSet<String> = paragraphs().into_iter().map(|rule| rule.id).collect();
    let mut files = read_all(CITING, &["rs", "sh", "py", "md"]);
    files.extend(read_all(CITING_MANIFESTS, &["toml"]));
    // The chapter on conventions shows forms of rules that need not exist.
    files.extend(read_all(&["spec"], &["md"]).into_iter().filter(|(name, _)| name != "spec/1-conventions.md"));
    let missing: Vec<_> = files
        .iter()
        .flat_map(|(name, text)| cited(text).into_iter().map(move |(line, id)| (name, line, id)))
        .filter(|(_, _, id)| !known.contains(id))
        .map(|(name, line, id)| format!("{name}:{line}: {id} is not in spec/"))
        .collect();
    none(&missing, "rules are cited that do not exist");
}

#[test]
fn the_index_has_the_form_of_its_schema() {
    let schema = json("testvectors/index.schema.json");
    let mut wrong = Vec::new();
    conform(&schema, &schema, &index(), "index", &mut wrong);
    for file in tree_files() {
        let tree = json(&format!("testvectors/{file}"));
        conform(&schema, &schema["$defs"]["tree-file"], &tree, &file, &mut wrong);
    }
    none(&wrong, "testvectors/ does not have the form of index.schema.json");
}

#[test]
fn vectors_name_rules_and_words_that_exist() {
    let rules: BTreeMap<_, _> = paragraphs().into_iter().map(|rule| (rule.id.clone(), rule)).collect();
    let notes: BTreeSet<&str> = rules
        .values()
        .filter_map(|rule| if let Form::Note(word) = &rule.form { Some(word.as_str()) } else { None })
        .collect();
    let mut ids = BTreeSet::new();
    let mut wrong = Vec::new();
    for vector in &vectors() {
        let id = vector["id"].as_str().unwrap();
        let expect = &vector["expect"];
        if !ids.insert(id.to_owned()) {
            wrong.push(format!("{id}: the id is used twice"));
        }
        if let Some(rule) = vector["rule"].as_str().filter(|rule| !rules.contains_key(*rule)) {
            wrong.push(format!("{id}: {rule} is not in spec/"));
        }
        let rule = expect["rule"].as_str();
        let form = rule.and_then(|rule| rules.get(rule)).map(|rule| &rule.form);
        let verdict = expect["verdict"].as_str().unwrap();
        let fits = match form {
            None => rule.is_none() && (verdict == "accepted" || vector["kind"] == "text") && expect["reason"].is_null(),
            Some(Form::Refuse(word)) => verdict == "refused" && expect["reason"] == **word,
            Some(Form::Undecided(word)) => verdict == "undecided" && expect["reason"] == **word,
            Some(Form::Note(_) | Form::Definition | Form::Duty) => false,
        };
        if !fits {
            wrong.push(format!("{id}: {verdict}, rule {rule:?} and reason {} do not fit", expect["reason"]));
        }
        if rule.is_some() && vector["rule"] != expect["rule"] {
            wrong.push(format!("{id}: it is about {}, but breaks {}", vector["rule"], expect["rule"]));
        }
        for note in expect["notes"].as_array().into_iter().flatten() {
            if !notes.contains(note.as_str().unwrap()) {
                wrong.push(format!("{id}: the note {note} is not in spec/"));
            }
        }
        let stock = &vector["stock"];
        let ours = if verdict == "accepted" { "accept" } else { "refuse" };
        let differs =
            ["minisign", "signify", "b3sum"].iter().any(|tool| stock[tool].as_str().is_some_and(|it| it != ours));
        if differs && !stock["why"].is_string() {
            wrong.push(format!("{id}: a stock tool differs from us, and `why` does not say why"));
        }
    }
    none(&wrong, "vectors are wrong");
}

#[test]
fn every_file_of_the_vectors_is_there_and_is_used() {
    let mut used = BTreeSet::new();
    files_named(&index(), &mut used);
    for file in tree_files() {
        files_named(&json(&format!("testvectors/{file}")), &mut used);
    }
    let root = root().join("testvectors");
    let missing: Vec<_> = used.iter().filter(|file| !root.join(file).is_file()).cloned().collect();
    none(&missing, "files of vectors are missing");
    let own = |file: &str| {
        ["README.md", "index.json", "index.schema.json", "check.py"].contains(&file)
            || file.starts_with("sigpkg_py/")
            || file.contains("__pycache__")
    };
    let surplus: Vec<_> = walk("testvectors")
        .into_iter()
        .map(|file| file.trim_start_matches("testvectors/").to_owned())
        .filter(|file| !own(file) && !used.contains(file))
        .collect();
    none(&surplus, "files in testvectors/ belong to no vector");
}

#[test]
fn there_are_enough_vectors_and_four_fifths_are_refusals() {
    let mut vectors = vectors();
    assert!(vectors.len() >= MIN_VECTORS, "there are {} vectors, expected at least {MIN_VECTORS}", vectors.len());
    // What is believed of good records, what state a dependency has that is only listed, and how an id
    // looks are no questions that could be answered with a refusal; and people bring an id in more ways than it can be wrong.
    let is_open = |vector: &Value| {
        ["dependency", "words", "shown-id", "pasted-id", "look-alike"].iter().any(|kind| vector["kind"] == *kind)
    };
    vectors.retain(|vector| vector["expect"]["belief"].is_null() && !is_open(vector));
    let refusals = vectors.iter().filter(|vector| vector["expect"]["verdict"] != "accepted").count();
    assert!(refusals * 5 >= vectors.len() * 4, "{refusals} of {} vectors are refusals", vectors.len());
}

#[test]
fn the_tests_that_the_readme_names_exist() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let sources: String = read_all(&["src", "tests"], &["rs"]).into_iter().map(|(_, text)| text).collect();
    let (_, table) = readme.split_once("| guarded by |").expect("the README has a table of invariants");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|')).collect::<Vec<_>>();
    let mut wrong = Vec::new();
    for row in &rows {
        let guards = row.trim_end_matches('|').rsplit('|').next().unwrap_or("");
        let mut names = guards.split('`').skip(1).step_by(2).peekable();
        if names.peek().is_none() {
            wrong.push(format!("no test is named: {row}"));
        }
        let exists = |name: &str| root().join(name).exists() || sources.contains(&format!("fn {name}("));
        wrong.extend(names.filter(|name| !exists(name)).map(|name| format!("there is no {name}: {row}")));
    }
    assert_eq!(rows.len(), 11, "the design has eleven invariants");
    none(&wrong, "the README names tests that are not there");
}

#[test]
fn rule_paragraphs_are_read_in_their_one_form() {
    let read = |line: &str| paragraph(line, "here").map(|read| read.map(|rule| (rule.id, rule.form)));
    let id = |form| Some(Ok(("ABC".to_owned() + "-3", form)));
    assert_eq!(read(&rule_line("refuse `too-large`. It is")), id(Form::Refuse("too-large".to_owned())));
    assert_eq!(read(&rule_line("undecided `a`.")), id(Form::Undecided("a".to_owned())));
    assert_eq!(read(&rule_line("note `seen`. The")), id(Form::Note("seen".to_owned())));
    assert_eq!(read(&rule_line("definition. A")), id(Form::Definition));
    assert_eq!(read(&rule_line("duty. Whoever")), id(Form::Duty));
    assert_eq!(read("- `**ABC** definition.` in a list"), None);
    assert_eq!(read("**Bold** words"), None);
    for wrong in ["refuse too-large.", "refuse `Too large`.", "refuses `too-large`.", "refuse `too-large` It", "Duty."]
    {
        assert!(matches!(read(&rule_line(wrong)), Some(Err(_))), "{wrong}");
    }
}

#[test]
fn citations_are_found_and_look_alikes_are_not() {
    // Written with a tilde, so that this file does not cite them.
    let text = "(ABC~3)\nSHA~512, UTF~8, SHAKE~128s, XABC~3b ABC~n ABC~12.".replace('~', "-");
    let expected = [(1, "ABC~3"), (2, "ABC~12")].map(|(line, id)| (line, id.replace('~', "-")));
    assert_eq!(cited(&text), expected);
}

#[test]
fn the_schema_reader_finds_what_does_not_conform() {
    let schema: Value = serde_json::from_str(
        r#"{"type": "object", "properties": {"a": {"enum": ["x", "y"]}, "b": {"oneOf": [{"type": "integer", "minimum": 1},
            {"type": "null"}]}}, "required": ["a"], "additionalProperties": false,
            "allOf": [{"if": {"properties": {"a": {"const": "y"}}}, "then": {"required": ["b"]}}]}"#,
    )
    .unwrap();
    let wrong = |text: &str| {
        let mut wrong = Vec::new();
        conform(&schema, &schema, &serde_json::from_str(text).unwrap(), "it", &mut wrong);
        wrong.len()
    };
    for good in [r#"{"a": "x"}"#, r#"{"a": "y", "b": 1}"#, r#"{"a": "x", "b": null}"#] {
        assert_eq!(wrong(good), 0, "{good}");
    }
    for bad in ["[]", r#"{"b": 1}"#, r#"{"a": "z"}"#, r#"{"a": "x", "c": 1}"#, r#"{"a": "y"}"#, r#"{"a": "x", "b": 0}"#]
    {
        assert_eq!(wrong(bad), 1, "{bad}");
    }
}

fn rule_line(rest: &str) -> String {
    format!("**{}-3** {rest}", "ABC")
}

fn none(wrong: &[String], what: &str) {
    assert!(wrong.is_empty(), "{what}, {} times:\n{}", wrong.len(), wrong.join("\n"));
}

/// Every rule paragraph of `spec/`, in order.
fn paragraphs() -> Vec<Paragraph> {
    let mut found = Vec::new();
    let mut wrong = Vec::new();
    for (name, text) in read_all(&["spec"], &["md"]) {
        let mut in_code = false;
        for (number, line) in text.lines().enumerate() {
            in_code ^= line.starts_with("```");
            match paragraph(line, &format!("{name}:{}", number + 1)).filter(|_| !in_code) {
                Some(Ok(rule)) => found.push(rule),
                Some(Err(error)) => wrong.push(error),
                None => {}
            }
        }
    }
    none(&wrong, "rule paragraphs do not have the form of spec/1-conventions.md");
    assert!(!found.is_empty(), "spec/ has no rules");
    found
}

/// Reads a line as the first of a rule paragraph: `None` if it is none, an error if it is nearly one.
fn paragraph(line: &str, place: &str) -> Option<Result<Paragraph, String>> {
    let (id, rest) = line.strip_prefix("**")?.split_once("**")?;
    let (letters, number) = id.split_once('-')?;
    let is_id = letters.bytes().all(|byte| byte.is_ascii_uppercase()) && number.parse::<u32>().is_ok();
    if !is_id {
        return None;
    }
    let word = |form: &str| -> Option<String> {
        let (word, _) = rest.strip_prefix(form)?.strip_prefix(" `")?.split_once("`.")?;
        let is_word = !word.is_empty()
            && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        is_word.then(|| word.to_owned())
    };
    let form = if rest.starts_with(" definition.") {
        Some(Form::Definition)
    } else if rest.starts_with(" duty.") {
        Some(Form::Duty)
    } else {
        let refuse = word(" refuse").map(Form::Refuse);
        refuse.or_else(|| word(" undecided").map(Form::Undecided)).or_else(|| word(" note").map(Form::Note))
    };
    let paragraph = form.map(|form| Paragraph { id: id.to_owned(), form, place: place.to_owned() });
    Some(paragraph.ok_or_else(|| format!("{place}: expected refuse, undecided, note, definition or duty: {line}")))
}

/// The rule ids in a text, with their lines.
fn cited(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
        for word in line.split(|c| !is_part(c)) {
            let Some((letters, digits)) = word.split_once('-') else { continue };
            let is_id = (2..=5).contains(&letters.len())
                && letters.bytes().all(|byte| byte.is_ascii_uppercase())
                && !digits.is_empty()
                && digits.bytes().all(|byte| byte.is_ascii_digit());
            if is_id && !NOT_RULES.contains(&letters) {
                found.push((number + 1, word.to_owned()));
            }
        }
    }
    found
}

/// What of a file is test code: all of `tests/` and `tests.rs`, and in other files what follows `#[cfg(test)]`.
fn test_part<'text>(name: &str, text: &'text str) -> &'text str {
    if name.starts_with("tests/") || name.ends_with("/tests.rs") || name.contains("/tests/") {
        return text;
    }
    text.find("#[cfg(test)]").map_or("", |at| &text[at..])
}

fn index() -> Value {
    json("testvectors/index.json")
}

fn vectors() -> Vec<Value> {
    index()["vectors"].as_array().expect("the index has vectors").clone()
}

/// The tree files that the index names.
fn tree_files() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for vector in vectors() {
        for input in ["tree", "signatures"] {
            files_named(&vector["input"][input], &mut found);
        }
        files_named(&vector["context"]["installed-tree"], &mut found);
    }
    found
}

/// Every `{"file": NAME}` within.
fn files_named(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| files_named(value, into)),
        Value::Object(fields) => {
            if let Some(Value::String(name)) = fields.get("file") {
                into.insert(name.clone());
            }
            fields.values().for_each(|value| files_named(value, into));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn json(name: &str) -> Value {
    let text = fs::read_to_string(root().join(name)).unwrap_or_else(|error| fail(name, &error));
    serde_json::from_str(&text).unwrap_or_else(|error| fail(name, &error))
}

#[allow(clippy::panic, reason = "a test that cannot read the project fails")]
fn fail<T>(name: &str, error: &dyn std::fmt::Display) -> T {
    panic!("{name}: {error}")
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file under these folders (or these files) that has one of the endings, with its text.
fn read_all(places: &[&str], endings: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for place in places {
        for name in walk(place) {
            let path = PathBuf::from(&name);
            if path.extension().is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted)) {
                let text = fs::read_to_string(root().join(&name)).unwrap_or_else(|error| fail(&name, &error));
                found.push((name, text));
            }
        }
    }
    found
}

/// The files under a folder, sorted, as paths from the root of the project; or the file itself; nothing if it is absent.
fn walk(place: &str) -> Vec<String> {
    let path = root().join(place);
    if path.is_file() {
        return vec![place.to_owned()];
    }
    let mut names: Vec<String> = fs::read_dir(&path)
        .into_iter()
        .flatten()
        .map(|entry| format!("{place}/{}", entry.unwrap().file_name().to_str().expect("names here are UTF-8")))
        .collect();
    names.sort();
    names.iter().flat_map(|name| walk(name)).collect()
}

/// Checks a value against a schema: the part of JSON Schema that index.schema.json uses. An unknown keyword is an error,
/// since it would go unchecked.
fn conform(top: &Value, schema: &Value, value: &Value, place: &str, wrong: &mut Vec<String>) {
    let Some(keywords) = schema.as_object() else {
        if schema == false {
            wrong.push(format!("{place}: nothing is allowed here"));
        }
        return;
    };
    for (keyword, rule) in keywords {
        match keyword.as_str() {
            "$ref" => {
                let pointer = rule.as_str().unwrap().trim_start_matches('#');
                conform(top, top.pointer(pointer).expect("a reference leads somewhere"), value, place, wrong);
            }
            "type" => {
                let allowed = rule.as_array().map_or_else(|| vec![rule], |types| types.iter().collect());
                if !allowed.iter().any(|name| is_type(value, name.as_str().unwrap())) {
                    wrong.push(format!("{place}: expected {rule}, found {value}"));
                }
            }
            "const" if value != rule => wrong.push(format!("{place}: expected {rule}, found {value}")),
            "enum" if !rule.as_array().unwrap().contains(value) => {
                wrong.push(format!("{place}: expected one of {rule}, found {value}"));
            }
            "minimum" if value.as_i64() < rule.as_i64() => wrong.push(format!("{place}: {value} is less than {rule}")),
            "minLength" if value.as_str().is_some_and(str::is_empty) => wrong.push(format!("{place}: it is empty")),
            "minItems" if value.as_array().is_some_and(Vec::is_empty) => wrong.push(format!("{place}: it is empty")),
            "required" => {
                for name in rule.as_array().unwrap() {
                    if value.is_object() && value.get(name.as_str().unwrap()).is_none() {
                        wrong.push(format!("{place}: {name} is missing"));
                    }
                }
            }
            "properties" => {
                for (name, schema) in rule.as_object().unwrap() {
                    if let Some(value) = value.get(name) {
                        conform(top, schema, value, &format!("{place}.{name}"), wrong);
                    }
                }
            }
            "additionalProperties" => {
                assert_eq!(*rule, false, "only false is understood");
                for name in value.as_object().into_iter().flat_map(|fields| fields.keys()) {
                    if schema["properties"].get(name).is_none() {
                        wrong.push(format!("{place}: {name} is not known"));
                    }
                }
            }
            "items" => {
                for (at, item) in value.as_array().into_iter().flatten().enumerate() {
                    let name = item["id"].as_str().map_or_else(|| at.to_string(), str::to_owned);
                    conform(top, rule, item, &format!("{place}[{name}]"), wrong);
                }
            }
            "allOf" => rule.as_array().unwrap().iter().for_each(|each| conform(top, each, value, place, wrong)),
            "oneOf" => {
                let fitting = rule.as_array().unwrap().iter().filter(|each| conforms(top, each, value)).count();
                if fitting != 1 {
                    wrong.push(format!("{place}: {value} has {fitting} of the forms that it may have, expected 1"));
                }
            }
            "if" => {
                if conforms(top, rule, value) {
                    conform(top, &schema["then"], value, place, wrong);
                }
            }
            // Words for people, parts that are read elsewhere, and limits that were kept.
            "$schema" | "$defs" | "title" | "description" | "then" | "const" | "enum" | "minimum" | "minLength"
            | "minItems" => {}
            other => wrong.push(format!("the schema has a keyword that this test does not know: {other}")),
        }
    }
}

fn conforms(top: &Value, schema: &Value, value: &Value) -> bool {
    let mut wrong = Vec::new();
    conform(top, schema, value, "", &mut wrong);
    wrong.is_empty()
}

fn is_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    }
}
