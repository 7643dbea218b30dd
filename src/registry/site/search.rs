//! The names, cut into files that a script on a telephone loads one or two of.
//!
//! Each name is filed under each word in it: `DataFrames` under `dataframes` and `frames`. All that begin alike are in one file, unless
//! that grew larger than [`LEAF`]: then they are in several, under longer
//! beginnings, and under numbers where nothing is longer. `find/index.json` lists the beginnings.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Entry, Pages, SiteError, put};

/// The size up to which a file is not cut, in bytes: a tenth of a second on a slow line.
const LEAF: usize = 16 << 10;

/// The most words of one name that are filed.
const WORDS: usize = 8;

pub(super) fn write(entries: &[Entry], pages: &dyn Pages) -> Result<(), SiteError> {
    let mut keyed: Vec<(String, usize)> = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        keyed.extend(keys(entry.package.name().as_str()).into_iter().map(|key| (key, at)));
    }
    keyed.sort_unstable();
    let lines: Vec<String> = entries.iter().map(line).collect();
    let mut leaves = BTreeMap::new();
    cut("", &keyed, &lines, &mut leaves);
    for (beginning, found) in &leaves {
        put(pages, &leaf_path(beginning), array(found.iter().map(|at| lines[*at].as_str())).as_bytes())?;
    }
    let beginnings: Vec<String> = leaves.keys().map(|beginning| string(beginning)).collect();
    put(pages, "find/index.json", array(beginnings.iter().map(String::as_str)).as_bytes())
}

/// No beginning is the name of a device on Windows, as `con` would be.
fn leaf_path(beginning: &str) -> String {
    format!("find/n-{beginning}.json")
}

/// `[name, first characters of the UUID, newest version, id]`
fn line(entry: &Entry) -> String {
    let uuid = entry.package.uuid().map_or_else(String::new, |uuid| uuid.to_string().chars().take(8).collect());
    let version = entry.newest.as_ref().map_or("", |version| version.as_str());
    let fields = [entry.package.name().as_str(), &uuid, version, &entry.id.to_string()].map(string);
    format!("[{}]", fields.join(","))
}

/// The name from each of its words on, in small letters and digits alone.
fn keys(name: &str) -> Vec<String> {
    let mut keys = Vec::new();
    let mut before: Option<char> = None;
    for (at, character) in name.char_indices() {
        let is_start = match before {
            None => true,
            Some(before) => {
                !before.is_ascii_alphanumeric()
                    || before.is_ascii_lowercase() && character.is_ascii_uppercase()
                    || before.is_ascii_digit() != character.is_ascii_digit()
            }
        };
        if is_start && character.is_ascii_alphanumeric() && keys.len() < WORDS {
            let rest = name.get(at..).unwrap_or_default();
            keys.push(
                rest.chars()
                    .filter(char::is_ascii_alphanumeric)
                    .map(|character| character.to_ascii_lowercase())
                    .collect(),
            );
        }
        before = Some(character);
    }
    keys
}

/// Files what begins with `beginning`. `keyed` is in ascending order, so that what begins alike stands together.
fn cut(beginning: &str, keyed: &[(String, usize)], lines: &[String], leaves: &mut BTreeMap<String, Vec<usize>>) {
    let mut found: Vec<usize> = keyed.iter().map(|(_, at)| *at).collect();
    found.sort_unstable();
    found.dedup();
    let size: usize = found.iter().map(|at| lines[*at].len() + 1).sum();
    if found.is_empty() {
        return;
    }
    // The empty beginning would be a file for those who have typed nothing.
    if !beginning.is_empty() && size <= LEAF {
        leaves.insert(beginning.to_owned(), found);
        return;
    }
    let longer = |key: &str| key.chars().nth(beginning.len());
    for group in keyed.chunk_by(|one, other| longer(&one.0) == longer(&other.0)) {
        match group.first().and_then(|(key, _)| longer(key)) {
            Some(next) => cut(&format!("{beginning}{next}"), group, lines, leaves),
            // They end so.
            None => parts(beginning, group, lines, leaves),
        }
    }
}

/// What no further letter can tell apart, such as all names that end in `graphs`, is cut by size.
fn parts(beginning: &str, keyed: &[(String, usize)], lines: &[String], leaves: &mut BTreeMap<String, Vec<usize>>) {
    let (mut number, mut size) = (1, 0);
    for (_, at) in keyed {
        size += lines[*at].len() + 1;
        if size > LEAF {
            (number, size) = (number + 1, lines[*at].len() + 1);
        }
        let name = if number == 1 { beginning.to_owned() } else { format!("{beginning}.{number}") };
        leaves.entry(name).or_default().push(*at);
    }
}

fn array<'a>(items: impl Iterator<Item = &'a str>) -> String {
    let items: Vec<_> = items.collect();
    format!("[{}]\n", items.join(",\n"))
}

/// A JSON string. What is not a plain ASCII character of a name is escaped, whatever the rules of names may once be.
fn string(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        if character.is_ascii_alphanumeric() || "._+-~ ".contains(character) {
            out.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_filed_under_each_of_its_words() {
        assert_eq!(keys("DataFrames"), ["dataframes", "frames"]);
        assert_eq!(keys("HTTP2_jll"), ["http2jll", "2jll", "jll"]);
        assert_eq!(keys("a.b-c"), ["abc", "bc", "c"]);
        assert_eq!(keys("___"), Vec::<String>::new());
    }

    #[test]
    fn strings_of_the_index_are_json_whatever_they_hold() {
        assert_eq!(string("A_b-1.0+x"), "\"A_b-1.0+x\"");
        assert_eq!(string("\"</script>\\"), "\"\\u0022\\u003c\\u002fscript\\u003e\\u005c\"");
    }
}
