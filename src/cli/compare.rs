//! `compare`: two ids or keys, whole, group by group.

use std::io::{self, Write};

use clap::Args;
use serde_json::{Value, json};
use sigpkg::chain::{Chain, MAX_CHAIN_BYTES};
use sigpkg::digest::SignatoryId;
use sigpkg::key::{LinkKey, PublicKey, ReserveKey};
use sigpkg::text::{groups, printable};

use super::context::Context;
use super::failure::{Failure, Status};
use super::output::{Answer, BAD, GOOD};

/// Compare two ids or two keys, and mark the groups in which they differ
#[derive(Args)]
#[command(after_help = "Exit status: 0 if they are equal, 1 if they differ.")]
pub(crate) struct Arguments {
    /// An id, a key (spaces and line breaks do not matter), a public key file, a chain file, or a signed folder
    a: String,
    /// What to compare it with
    b: String,
}

/// The largest file that is looked at as one of keys, in bytes.
const MAX_KEY_FILE: usize = 64 << 10;

/// How many groups stand on a line: 56 characters in two lines of seven groups are easy to follow with a finger.
const GROUPS_A_LINE: usize = 7;

pub(crate) fn run(arguments: &Arguments, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let (a, b) = (resolve(&arguments.a, context)?, resolve(&arguments.b, context)?);
    Ok(Box::new(Comparison { a, b }))
}

/// An id or a key, as 56 characters.
fn resolve(given: &str, context: &Context) -> Result<String, Failure> {
    let path = context.path(given.as_ref());
    let chain = path.join(".sigpkg/chain");
    if chain.is_file() {
        return from_file(&context.read(&chain, MAX_CHAIN_BYTES as u64)?, given);
    }
    if path.is_file() {
        return from_file(&context.read(&path, MAX_CHAIN_BYTES as u64)?, given);
    }
    from_text(given).ok_or_else(|| {
        Failure::usage(format!("\"{}\" is no id, no key, no file and no signed folder", printable(given)))
            .hint("an id or a key has 56 characters, white space not counted")
    })
}

fn from_file(file: &[u8], given: &str) -> Result<String, Failure> {
    if let Ok(id) = Chain::claimed_id(file) {
        return Ok(id.to_string());
    }
    let text = file.get(..file.len().min(MAX_KEY_FILE)).map(String::from_utf8_lossy).unwrap_or_default();
    PublicKey::from_file_text(&text)
        .map(|key| key.to_string())
        .or_else(|_| ReserveKey::from_file_text(&text).map(|key| key.to_string()))
        .ok()
        .or_else(|| from_text(&text))
        .ok_or_else(|| Failure::usage(format!("{} holds no chain, no id and no public key", printable(given))))
}

fn from_text(text: &str) -> Option<String> {
    let bare: String = text.split_whitespace().collect();
    SignatoryId::from_typed(&bare)
        .map(|id| id.to_string())
        .or_else(|_| LinkKey::from_text(&bare).map(|key| key.to_string()))
        .or_else(|_| ReserveKey::from_text(&bare).map(|key| key.to_string()))
        .or_else(|_| PublicKey::from_text(&bare).map(|key| key.to_string()))
        .ok()
}

struct Comparison {
    a: String,
    b: String,
}

impl Comparison {
    fn is_equal(&self) -> bool {
        self.a == self.b
    }

    fn differing_groups(&self) -> Vec<usize> {
        groups(&self.a).zip(groups(&self.b)).enumerate().filter(|(_, (a, b))| a != b).map(|(at, _)| at + 1).collect()
    }
}

impl Answer for Comparison {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        let (a, b): (Vec<_>, Vec<_>) = (groups(&self.a).collect(), groups(&self.b).collect());
        for (a, b) in a.chunks(GROUPS_A_LINE).zip(b.chunks(GROUPS_A_LINE)) {
            let marks: Vec<_> = a.iter().zip(b).map(|(a, b)| if a == b { "    " } else { "^^^^" }).collect();
            writeln!(out, "  {}", a.join(" "))?;
            writeln!(out, "  {}", b.join(" "))?;
            // A mark, not a colour, so that it says the same to everyone and in a log.
            writeln!(out, "  {BAD}{}{BAD:#}", marks.join(" ").trim_end())?;
        }
        if self.is_equal() {
            writeln!(out, "{GOOD}equal{GOOD:#}")
        } else {
            writeln!(out, "{BAD}different{BAD:#} in {} of {} groups", self.differing_groups().len(), a.len())
        }
    }

    fn json(&self) -> Vec<Value> {
        vec![json!({
            "schema": "sigpkg.compare/1",
            "a": self.a,
            "b": self.b,
            "equal": self.is_equal(),
            "differing-groups": self.differing_groups(),
        })]
    }

    fn status(&self) -> Status {
        if self.is_equal() { Status::Done } else { Status::Refused }
    }
}
