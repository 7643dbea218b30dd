//! `compare`: two ids or keys, whole, group by group.

use std::io::{self, Read as _, Write};

use clap::Args;
use serde_json::{Value, json};
use sigpkg::chain::{Chain, MAX_CHAIN_BYTES};
use sigpkg::digest::SignatoryId;
use sigpkg::key::{LinkKey, PublicKey, ReserveKey};
use sigpkg::representation::alike::resemblance;
use sigpkg::representation::pasted::{self, PastedError};
use sigpkg::source::GitTarget;
use sigpkg::text::{groups, printable};

use super::context::Context;
use super::failure::{Failure, Status};
use super::groups::{differing, one_above_the_other};
use super::output::{Answer, BAD, CARE, GOOD};
use super::target;

/// Compare two ids or two keys, and mark the groups in which they differ
#[derive(Args)]
#[command(after_help = "\
Examples:
  sigpkg compare Example/ \"$(xclip -o)\"   a package, and what was copied from a web page
  sigpkg compare Example-1.4.tar.gz -     what is typed or piped in, until the end of the input
  sigpkg compare one.pub other.pub        two public key files

Exit status: 0 if they are equal, 1 if they differ.")]
pub(crate) struct Arguments {
    /// An id or a key (white space and line breaks do not matter), text of a page with one id in it, the thirty words of an id, a
    /// public key file, a chain file, a package (a directory, a tarball, REPO#REV), or - for the standard input
    a: String,
    /// What to compare it with
    b: String,
}

/// The largest file or input that is looked at as text, in bytes: a page, with all that is on it.
const MAX_TEXT: usize = 1 << 20;

pub(crate) fn run(arguments: &Arguments, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    if arguments.a == "-" && arguments.b == "-" {
        return Err(
            Failure::usage("both sides are the standard input").hint("give one of them as an argument or a file")
        );
    }
    let (a, b) = (resolve(&arguments.a, context)?, resolve(&arguments.b, context)?);
    if a.what != b.what {
        let message =
            format!("{} cannot be equal to {}: the first is {}, the second {}", a.text, b.text, a.what, b.what);
        return Err(Failure::usage(message)
            .hint("an id names a signatory, a key signs one statement: sigpkg log shows the keys of an id"));
    }
    Ok(Box::new(Comparison { a: a.text, b: b.text, what: a.what }))
}

/// An id or a key, as 56 characters.
struct Comparable {
    text: String,
    what: &'static str,
}

impl Comparable {
    fn id(id: SignatoryId) -> Self {
        Self { text: id.to_string(), what: ID }
    }

    fn key(key: &impl ToString) -> Self {
        Self { text: key.to_string(), what: KEY }
    }
}

const ID: &str = "a signatory id";
const KEY: &str = "a public key";

fn resolve(given: &str, context: &Context) -> Result<Comparable, Failure> {
    if given == "-" {
        let mut text = Vec::new();
        let unreadable = |error| Failure::could_not_tell(format!("the standard input cannot be read: {error}"));
        io::stdin().lock().take(MAX_TEXT as u64 + 1).read_to_end(&mut text).map_err(unreadable)?;
        return from_bytes(&text, "the standard input").ok_or_else(|| nothing_in("the standard input"))?;
    }
    let path = context.path(given.as_ref());
    if path.is_file() {
        let file = context.read(&path, MAX_CHAIN_BYTES as u64).unwrap_or_default();
        if let Some(found) = from_bytes(&file, given) {
            return found;
        }
    }
    if path.exists() || GitTarget::parse(given).is_some() {
        return target::admit(context, given).map(|chain| Comparable::id(chain.id()));
    }
    from_text(given, "what was given")
}

/// What a chain file, a public key file or a text holds; `None` if it is none of these.
fn from_bytes(bytes: &[u8], place: &str) -> Option<Result<Comparable, Failure>> {
    if let Ok(id) = Chain::claimed_id(bytes) {
        return Some(Ok(Comparable::id(id)));
    }
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= MAX_TEXT && !text.contains('\0'))?;
    let key = PublicKey::from_file_text(text).map(|key| Comparable::key(&key));
    let key = key.or_else(|_| ReserveKey::from_file_text(text).map(|key| Comparable::key(&key)));
    Some(key.or_else(|_| from_text(text, place)))
}

fn from_text(text: &str, place: &str) -> Result<Comparable, Failure> {
    let bare: String = text.split_whitespace().collect();
    let key = LinkKey::from_text(&bare).map(|key| Comparable::key(&key));
    let key = key.or_else(|_| ReserveKey::from_text(&bare).map(|key| Comparable::key(&key)));
    let key = key.or_else(|_| PublicKey::from_text(&bare).map(|key| Comparable::key(&key)));
    key.or_else(|_| pasted::find(text).map(Comparable::id)).map_err(|error| {
        let found = format!("{place} holds no id, no key and no package: {error}");
        let rule = error.rule();
        let failure = match error {
            PastedError::None { .. } => Failure::usage(found)
                .hint("an id or a key has 56 characters, white space not counted; copy it whole, from its first character to its last"),
            PastedError::Several(_) => Failure::usage(format!("{place} holds more than one id: {error}"))
                .hint("give the one that you mean"),
            PastedError::Words(_) => Failure::usage(format!("{place} is words, and not those of an id: {error}"))
                .hint(match rule.reason() {
                    "word-count" => "see that no word is missing or there twice",
                    "word-checksum" => "read the words aloud to whoever has them on paper, one after the other",
                    _ => "look at the word that is named, and at its neighbours",
                }),
        };
        Failure { rule: Some(rule), ..failure }
    })
}

fn nothing_in(place: &str) -> Failure {
    Failure::usage(format!("{} holds no chain, no id and no public key, and is no text", printable(place)))
}

struct Comparison {
    a: String,
    b: String,
    what: &'static str,
}

impl Comparison {
    fn is_equal(&self) -> bool {
        self.a == self.b
    }

    /// Whether somebody who looks casually may take one for the other (CMP-14).
    fn is_alike(&self) -> bool {
        match (self.a.parse::<SignatoryId>(), self.b.parse::<SignatoryId>()) {
            (Ok(a), Ok(b)) => resemblance(&a, &b).is_some(),
            (Err(_), _) | (_, Err(_)) => false,
        }
    }
}

impl Answer for Comparison {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{}", one_above_the_other(("A", &self.a), ("B", &self.b), ""))?;
        if self.is_equal() {
            return writeln!(out, "{GOOD}equal{GOOD:#}: both are {}", self.what);
        }
        let (different, all) = (differing(&self.a, &self.b), groups(&self.a).count());
        let numbers = different.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let (word, count) = (if different.len() == 1 { "group" } else { "groups" }, different.len());
        writeln!(out, "{BAD}different{BAD:#}: {count} of {all} groups differ ({word} {numbers})")?;
        if self.is_alike() {
            writeln!(
                out,
                "{CARE}look-alikes{CARE:#}: ids that were made by chance are never so alike; one of them has a slip of the pen in \
                 it, or was made to be taken for the other"
            )?;
        }
        Ok(())
    }

    fn json(&self) -> Vec<Value> {
        vec![json!({
            "schema": "sigpkg.compare/1",
            "a": self.a,
            "b": self.b,
            "equal": self.is_equal(),
            "differing-groups": differing(&self.a, &self.b),
            "look-alikes": self.is_alike(),
        })]
    }

    fn status(&self) -> Status {
        if self.is_equal() { Status::Done } else { Status::Refused }
    }
}
