//! The files `.gitattributes` of a tree, and what they say about a path.
//!
//! Source: gitattributes(5) and gitignore(5).

use std::collections::{BTreeMap, HashMap};

use super::pattern::Pattern;
use super::split;

/// git ignores longer lines.
const MAX_LINE_BYTES: usize = 2048;

/// What an attribute is for a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// `attribute`
    Set,
    /// `-attribute`
    Unset,
    /// `attribute=value`
    Value(Vec<u8>),
    /// `!attribute`, or not mentioned.
    Unspecified,
}

/// Attributes in the order in which a line names them.
type Assignments = Vec<(Vec<u8>, State)>;

/// One `.gitattributes`.
pub(super) struct AttributesFile {
    lines: Vec<(Pattern, Assignments)>,
    macros: Vec<(Vec<u8>, Assignments)>,
}

impl AttributesFile {
    /// Reads what git would; the rest it ignores, with a warning. Macros may be defined in the root only.
    pub(super) fn parse(text: &[u8], is_root: bool) -> Self {
        let mut file = Self { lines: Vec::new(), macros: Vec::new() };
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        for line in text.split(|byte| *byte == b'\n').filter(|line| line.len() < MAX_LINE_BYTES) {
            let Some((head, rest)) = split_head(line) else {
                continue;
            };
            let assignments = words(rest).filter_map(assignment).collect();
            if let Some(name) = head.strip_prefix(b"[attr]") {
                // The name may stand apart from the mark.
                let named = if name.is_empty() { words(rest).next().unwrap_or_default() } else { name };
                let skip = usize::from(name.is_empty());
                if is_root && !named.is_empty() {
                    let assignments = words(rest).skip(skip).filter_map(assignment).collect();
                    file.macros.push((named.to_vec(), assignments));
                }
            } else if let Some(pattern) = Pattern::parse(&head) {
                file.lines.push((pattern, assignments));
            }
        }
        file
    }
}

/// All files of a tree, by their directory.
pub(super) struct Stack<'a> {
    files: &'a BTreeMap<Vec<u8>, AttributesFile>,
    macros: HashMap<&'a [u8], &'a Assignments>,
}

impl<'a> Stack<'a> {
    pub(super) fn new(files: &'a BTreeMap<Vec<u8>, AttributesFile>) -> Self {
        let defined = files.values().flat_map(|file| &file.macros);
        Self { files, macros: defined.map(|(name, assignments)| (name.as_slice(), assignments)).collect() }
    }

    /// What the attributes of this path are. The last line that mentions one decides, in the deepest file that does.
    pub(super) fn states(&self, path: &[u8], is_directory: bool) -> States {
        let mut states = States(HashMap::new());
        let (mut directory, _) = split(path);
        loop {
            if let Some(file) = self.files.get(directory) {
                let inner = if directory.is_empty() { path } else { path.get(directory.len() + 1..).unwrap_or(path) };
                for (pattern, assignments) in file.lines.iter().rev() {
                    if pattern.matches(inner, is_directory) {
                        self.fill(&mut states, assignments);
                    }
                }
            }
            if directory.is_empty() {
                return states;
            }
            (directory, _) = split(directory);
        }
    }

    /// What was decided before stays. A macro that is set brings its own assignments, weaker than what follows it.
    fn fill(&self, states: &mut States, assignments: &Assignments) {
        for (name, state) in assignments.iter().rev() {
            if states.0.contains_key(name) {
                continue;
            }
            states.0.insert(name.clone(), state.clone());
            if *state == State::Set {
                if let Some(assignments) = self.macros.get(name.as_slice()) {
                    // It ends: each name is filled once.
                    self.fill(states, assignments);
                } else if name == b"binary" {
                    let unset = [&b"diff"[..], b"merge", b"text"];
                    self.fill(states, &unset.map(|name| (name.to_vec(), State::Unset)).to_vec());
                }
            }
        }
    }
}

/// The attributes of one path.
pub(super) struct States(HashMap<Vec<u8>, State>);

impl States {
    pub(super) fn get(&self, name: &[u8]) -> &State {
        self.0.get(name).unwrap_or(&State::Unspecified)
    }

    /// Whether a checkout converts LF to CRLF on every system: `eol=crlf`, unless the file is said to be no text.
    pub(super) fn is_converted_to_crlf(&self) -> bool {
        self.get(b"eol") == &State::Value(b"crlf".to_vec()) && !matches!(self.text(), State::Unset)
    }

    /// Whether git decides by the content whether it is text.
    pub(super) fn is_auto(&self) -> bool {
        self.text() == &State::Value(b"auto".to_vec())
    }

    /// `crlf` is the old name of `text`.
    fn text(&self) -> &State {
        match self.get(b"text") {
            State::Unspecified => self.get(b"crlf"),
            state @ (State::Set | State::Unset | State::Value(_)) => state,
        }
    }
}

/// The pattern of a line without its quotes, and what follows it; `None` for an empty line or a comment.
fn split_head(line: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let line = line.trim_ascii_start();
    if line.is_empty() || line.starts_with(b"#") {
        return None;
    }
    if let Some(quoted) = line.strip_prefix(b"\"")
        && let Some(unquoted) = unquote(quoted)
    {
        return Some(unquoted);
    }
    let end = line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len());
    let (head, rest) = line.split_at_checked(end)?;
    Some((head.to_vec(), rest))
}

/// A string in the quotes of C, up to its closing quote, and what follows it.
fn unquote(quoted: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut text = Vec::new();
    let mut rest = quoted;
    loop {
        let (byte, tail) = rest.split_first()?;
        rest = tail;
        match byte {
            b'"' => return Some((text, rest)),
            b'\\' => {
                let (escaped, tail) = rest.split_first()?;
                rest = tail;
                text.push(match escaped {
                    b'a' => 7,
                    b'b' => 8,
                    b'f' => 12,
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'v' => 11,
                    b'\\' | b'"' => *escaped,
                    b'0'..=b'3' => {
                        let (low, tail) = rest.split_at_checked(2)?;
                        rest = tail;
                        let octal = [&[*escaped], low].concat();
                        u8::from_str_radix(str::from_utf8(&octal).ok()?, 8).ok()?
                    }
                    _ => return None,
                });
            }
            byte => text.push(*byte),
        }
    }
}

fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty())
}

fn assignment(word: &[u8]) -> Option<(Vec<u8>, State)> {
    let (name, state) = match (word.first()?, word.iter().position(|byte| *byte == b'=')) {
        (b'-', _) => (word.get(1..)?, State::Unset),
        (b'!', _) => (word.get(1..)?, State::Unspecified),
        (_, None) => (word, State::Set),
        (_, Some(at)) => (word.get(..at)?, State::Value(word.get(at + 1..)?.to_vec())),
    };
    Some((name.to_vec(), state))
}
