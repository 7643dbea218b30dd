//! `sigpkg compare`: are these two ids or keys the same?

use std::io::{self, Read as _, Write};
use std::path::Path;

use clap::Args;
use serde_json::{Value, json};
use sigpkg::digest::SignatoryId;
use sigpkg::key::{COMMENT_PREFIX, LinkKey, PublicKey, ReserveKey, TEXT_LENGTH};
use sigpkg::text::printable;

use super::context::Context;
use super::failure::{Failure, Status};
use super::groups::{differing, one_above_the_other};
use super::output::{Answer, BAD, GOOD};
use super::target;

/// Largest file that is looked at for a key, in bytes: two lines, of which the first has at most 1023.
const MAX_KEY_FILE_BYTES: u64 = 2048;

/// Compare two signatory ids or public keys; exit status 0 if they are equal, 1 if not
#[derive(Args)]
pub(crate) struct Compare {
    /// An id or a key (spaces and line breaks do not matter), a public key file, or a target
    #[arg(value_name = "A")]
    one: String,
    /// The other one
    #[arg(value_name = "B")]
    other: String,
}

struct Comparison {
    one: String,
    other: String,
}

pub(crate) fn run(arguments: &Compare, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let one = read(context, &arguments.one)?;
    let other = read(context, &arguments.other)?;
    Ok(Box::new(Comparison { one, other }))
}

/// The 56 characters that an argument stands for.
fn read(context: &Context, given: &str) -> Result<String, Failure> {
    let typed: String = given.split_whitespace().collect();
    if typed.len() == TEXT_LENGTH && is_id_or_key(&typed) {
        return Ok(typed);
    }
    let path = context.path(Path::new(given));
    if let Some(file) = read_key_file(&path) {
        let key = PublicKey::from_file_text(&file).map(|key| key.to_string());
        let key = key.or_else(|error| ReserveKey::from_file_text(&file).map(|key| key.to_string()).map_err(|_| error));
        return key.map_err(|error| Failure::refused(error.rule(), format!("{}: {error}", path.display())));
    }
    if path.exists() || given.contains('#') {
        return Ok(target::admit(context, given)?.id().to_string());
    }
    Err(Failure::usage(format!("{:?} is neither an id, nor a key, nor a file", printable(given)))
        .hint("an id or a key has 56 characters; paste it whole"))
}

fn is_id_or_key(typed: &str) -> bool {
    typed.parse::<SignatoryId>().is_ok()
        || PublicKey::from_text(typed).is_ok()
        || LinkKey::from_text(typed).is_ok()
        || ReserveKey::from_text(typed).is_ok()
}

fn read_key_file(path: &Path) -> Option<String> {
    let file = std::fs::File::open(path).ok()?;
    let mut text = String::new();
    file.take(MAX_KEY_FILE_BYTES).read_to_string(&mut text).ok()?;
    text.starts_with(COMMENT_PREFIX).then_some(text)
}

impl Comparison {
    fn is_equal(&self) -> bool {
        self.one == self.other
    }
}

impl Answer for Comparison {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.is_equal() {
            writeln!(out, "{GOOD}equal{GOOD:#}")?;
        } else {
            writeln!(out, "{BAD}different{BAD:#}")?;
        }
        write!(out, "{}", one_above_the_other(("A", &self.one), ("B", &self.other), "  "))
    }

    fn json(&self) -> Vec<Value> {
        vec![json!({
            "schema": "sigpkg.compare/1",
            "equal": self.is_equal(),
            "a": self.one,
            "b": self.other,
            "different-groups": differing(&self.one, &self.other),
        })]
    }

    fn status(&self) -> Status {
        if self.is_equal() { Status::Done } else { Status::Refused }
    }
}
