//! The canonical form: a writer that has only one way to write, and a reader of typed fields.

use std::collections::BTreeSet;
use std::fmt::{Display, Write as _};
use std::str::FromStr;

use toml::{Table, Value};

use super::{FIRST_LINE, Kind, Seq, StatementError};
use crate::key::{LinkKey, ReserveKey};
use crate::text;

/// The largest integer that every JSON reader has exactly (TXT-6).
const MAX_INTEGER: i64 = (1 << 53) - 1;

/// Writes the canonical form, key after key.
pub(super) struct Writer(String);

impl Writer {
    pub(super) fn new(kind: Kind) -> Self {
        Self(format!("{FIRST_LINE}\nkind = \"{kind}\"\n"))
    }

    pub(super) fn table(&mut self, name: &str) {
        self.line(format_args!("\n[{name}]"));
    }

    pub(super) fn string(&mut self, key: &str, value: &impl Display) {
        self.line(format_args!("{key} = \"{value}\""));
    }

    pub(super) fn optional_string(&mut self, key: &str, value: Option<&impl Display>) {
        if let Some(value) = value {
            self.string(key, value);
        }
    }

    pub(super) fn integer(&mut self, key: &str, value: u64) {
        self.line(format_args!("{key} = {value}"));
    }

    pub(super) fn integers(&mut self, key: &str, values: impl Iterator<Item = u64>) {
        self.array(key, values.map(|value| value.to_string()));
    }

    pub(super) fn strings(&mut self, key: &str, values: impl Iterator<Item = impl Display>) {
        self.array(key, values.map(|value| format!("\"{value}\"")));
    }

    fn array(&mut self, key: &str, values: impl Iterator<Item = String>) {
        let values: Vec<_> = values.collect();
        self.line(format_args!("{key} = [{}]", values.join(", ")));
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        writeln!(self.0, "{line}").expect("writing to a String cannot fail");
    }

    pub(super) fn finish(self) -> String {
        self.0
    }
}

/// The fields of a table that have not been read yet. Reading takes a field out, so that what is left at the end is
/// what does not belong there.
pub(super) struct Fields<'known> {
    /// `package.` in table `[package]`, empty in the header.
    path: &'static str,
    rest: Table,
    announced: Option<&'known LinkKey>,
}

impl<'known> Fields<'known> {
    /// STM-4: what is no TOML is not canonical.
    pub(super) fn parse(text: &str, announced: Option<&'known LinkKey>) -> Result<Self, StatementError> {
        let rest = text.parse::<Table>().map_err(|error| StatementError::NotToml {
            at: error.span().map(|span| span.start),
            problem: error.message().to_owned(),
        })?;
        Ok(Self { path: "", rest, announced })
    }

    /// STM-5
    pub(super) fn kind(&mut self) -> Result<Kind, StatementError> {
        let word = self.string("kind")?;
        Kind::from_word(&word).ok_or(StatementError::UnknownKind { found: word })
    }

    /// `sigpkg = 1` was seen as the first line; a TOML reader has it as a key too.
    pub(super) fn format(&mut self) -> Result<(), StatementError> {
        match self.integer("sigpkg")? {
            1 => Ok(()),
            other => Err(StatementError::UnknownFormat { found: format!("sigpkg = {other}") }),
        }
    }

    pub(super) fn string(&mut self, key: &'static str) -> Result<String, StatementError> {
        self.optional_string(key)?.ok_or_else(|| self.missing(key))
    }

    pub(super) fn optional_string(&mut self, key: &'static str) -> Result<Option<String>, StatementError> {
        match self.rest.remove(key) {
            None => Ok(None),
            Some(Value::String(value)) => Ok(Some(value)),
            Some(other) => Err(self.bad(key, "a string", &other)),
        }
    }

    /// A text for people, of a limited length in bytes.
    pub(super) fn prose(&mut self, key: &'static str, most: usize) -> Result<String, StatementError> {
        self.optional_prose(key, most)?.ok_or_else(|| self.missing(key))
    }

    pub(super) fn optional_prose(&mut self, key: &'static str, most: usize) -> Result<Option<String>, StatementError> {
        let prose = self.optional_string(key)?;
        if let Some(prose) = &prose {
            check_prose(&self.named(key), prose, most)?;
        }
        Ok(prose)
    }

    /// A string that has a form of its own.
    pub(super) fn parsed<T: FromStr>(&mut self, key: &'static str, expected: &str) -> Result<T, StatementError> {
        self.optional_parsed(key, expected)?.ok_or_else(|| self.missing(key))
    }

    pub(super) fn optional_parsed<T: FromStr>(
        &mut self,
        key: &'static str,
        expected: &str,
    ) -> Result<Option<T>, StatementError> {
        self.optional_string(key)?
            .map(|value| value.parse().map_err(|_| self.bad(key, expected, &Value::String(value))))
            .transpose()
    }

    /// A string that is one of a few words.
    pub(super) fn word<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Result<T, StatementError> {
        let found = self.string(key)?;
        words.iter().find(|(word, _)| *word == found).map(|(_, value)| *value).ok_or_else(|| {
            let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            self.bad(key, &format!("one of {}", words.join(", ")), &Value::String(found))
        })
    }

    pub(super) fn integer(&mut self, key: &'static str) -> Result<u64, StatementError> {
        self.optional_integer(key)?.ok_or_else(|| self.missing(key))
    }

    /// An integer from 1 to a limit.
    pub(super) fn integer_up_to(&mut self, key: &'static str, most: u64) -> Result<u64, StatementError> {
        let found = self.integer(key)?;
        if (1..=most).contains(&found) {
            return Ok(found);
        }
        let expected = format!("an integer from 1 to {most}");
        Err(StatementError::BadValue { field: self.named(key), expected, found: found.to_string() })
    }

    fn optional_integer(&mut self, key: &'static str) -> Result<Option<u64>, StatementError> {
        match self.rest.remove(key) {
            None => Ok(None),
            Some(value) => canonical_integer(&value)
                .map(Some)
                .ok_or_else(|| self.bad(key, "an integer from 0 to 2^53 - 1", &value)),
        }
    }

    pub(super) fn seq(&mut self, key: &'static str) -> Result<Seq, StatementError> {
        self.optional_seq(key)?.ok_or_else(|| self.missing(key))
    }

    pub(super) fn optional_seq(&mut self, key: &'static str) -> Result<Option<Seq>, StatementError> {
        self.optional_integer(key)?.map(|number| Seq::new(number).ok_or_else(|| self.bad_seq(key, &number))).transpose()
    }

    /// Numbers of statements, at least one.
    pub(super) fn seqs(&mut self, key: &'static str) -> Result<Vec<Seq>, StatementError> {
        let values = self.array(key)?;
        if values.is_empty() {
            return Err(self.bad(key, "an array that is not empty", &Value::Array(values)));
        }
        values
            .iter()
            .map(|value| canonical_integer(value).and_then(Seq::new).ok_or_else(|| self.bad_seq(key, value)))
            .collect()
    }

    pub(super) fn link_key(&mut self, key: &'static str) -> Result<LinkKey, StatementError> {
        let written = self.string(key)?;
        LinkKey::from_text_or_known(&written, self.announced)
            .map_err(|error| StatementError::Key { field: self.named(key), error })
    }

    /// The keys of a reserve; how many there must be is STM-16.
    pub(super) fn reserve_keys(&mut self, key: &'static str) -> Result<Vec<ReserveKey>, StatementError> {
        let values = self.array(key)?;
        values
            .iter()
            .map(|value| {
                let written = value.as_str().ok_or_else(|| self.bad(key, "an array of strings", value))?;
                ReserveKey::from_text(written).map_err(|error| StatementError::Key { field: self.named(key), error })
            })
            .collect()
    }

    fn array(&mut self, key: &'static str) -> Result<Vec<Value>, StatementError> {
        match self.rest.remove(key) {
            None => Err(self.missing(key)),
            Some(Value::Array(values)) => Ok(values),
            Some(other) => Err(self.bad(key, "an array", &other)),
        }
    }

    pub(super) fn table(&mut self, name: &'static str) -> Result<Self, StatementError> {
        match self.rest.remove(name) {
            None => Err(self.missing(name)),
            Some(Value::Table(rest)) => Ok(Self { path: name, rest, announced: self.announced }),
            Some(other) => Err(self.bad(name, "a table", &other)),
        }
    }

    /// Reads a table that has nothing but what `read` takes from it.
    pub(super) fn whole_table<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Self) -> Result<T, StatementError>,
    ) -> Result<T, StatementError> {
        let mut table = self.table(name)?;
        let value = read(&mut table)?;
        table.finish()?;
        Ok(value)
    }

    /// STM-6 for the keys of the header, which are followed by tables. A table that does not belong is refused after
    /// the last one.
    pub(super) fn finish_keys(&self) -> Result<(), StatementError> {
        let names: BTreeSet<_> =
            self.rest.iter().filter(|(_, value)| !value.is_table()).map(|(name, _)| name).collect();
        self.none_of(names.first())
    }

    /// STM-6
    pub(super) fn finish(self) -> Result<(), StatementError> {
        let names: BTreeSet<_> = self.rest.keys().collect();
        self.none_of(names.first())
    }

    fn none_of(&self, unknown: Option<&&String>) -> Result<(), StatementError> {
        match unknown {
            None => Ok(()),
            Some(name) => Err(StatementError::UnknownField { field: self.named(&text::printable(name)) }),
        }
    }

    fn missing(&self, key: &str) -> StatementError {
        StatementError::MissingField { field: self.named(key) }
    }

    fn bad(&self, key: &str, expected: &str, found: &Value) -> StatementError {
        StatementError::BadValue { field: self.named(key), expected: expected.to_owned(), found: found.to_string() }
    }

    fn bad_seq(&self, key: &str, found: &impl Display) -> StatementError {
        StatementError::BadValue {
            field: self.named(key),
            expected: format!("an integer from {} to {}", Seq::FIRST, Seq::MAX),
            found: found.to_string(),
        }
    }

    fn named(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

/// STM-8 for a text for people: what a signer asks of what was typed, before it is written where it might read as something
/// else.
pub(super) fn check_prose(field: &str, prose: &str, most: usize) -> Result<(), StatementError> {
    let expected = if !is_prose(prose) {
        "a string of plain characters without \" and \\, not empty".to_owned()
    } else if prose.len() > most {
        format!("at most {most} bytes")
    } else {
        return Ok(());
    };
    let found = Value::String(prose.to_owned()).to_string();
    Err(StatementError::BadValue { field: field.to_owned(), expected, found })
}

/// Every other string has a form of its own, which leaves no room for what this excludes.
fn is_prose(value: &str) -> bool {
    !value.is_empty()
        && value.chars().all(|character| text::is_plain(character) && character != '"' && character != '\\')
}

fn canonical_integer(value: &Value) -> Option<u64> {
    value.as_integer().filter(|integer| *integer <= MAX_INTEGER).and_then(|integer| u64::try_from(integer).ok())
}
