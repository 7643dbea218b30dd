//! `sigpkg reserve restore`: a reserve key from its words on paper.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use sigpkg::key::{ReserveKey, TEXT_LENGTH};
use sigpkg::keystore::{ReserveFile, ReserveSecret};
use sigpkg::representation;
use sigpkg::secret::Kind;

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::maintainer::{self, Kdf};
use crate::cli::output::Answer;
use crate::cli::paper;

/// Bring a reserve key back from its words on paper
#[derive(Args)]
#[command(
    after_help = "The words are asked for one by one, and are never arguments. What they give is shown as a public key, to be \
    compared with the one on the page."
)]
pub(super) struct Restore {
    /// The folder for the secret and the public file
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// A file with the words, or with the text of the QR code; `-` is stdin [default: they are asked for]
    #[arg(long, value_name = "FILE")]
    words: Option<PathBuf>,
    /// The public key that it must be, or its file [default: a human compares]
    #[arg(long, value_name = "KEY|FILE")]
    key: Option<String>,
    /// What a guess at the new passphrase costs
    #[arg(long, value_enum, default_value_t, value_name = "COST")]
    kdf: Kdf,
    /// Do not protect the key by a passphrase
    #[arg(long, conflicts_with = "kdf")]
    no_passphrase: bool,
}

struct Restored(ReserveFile);

pub(super) fn run(arguments: &Restore, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let folder = context.path(&arguments.out);
    paper::outside(&folder)?;
    let expected = arguments.key.as_deref().map(|given| public_key(context, given)).transpose()?;
    let secret = paper::read(context, arguments.words.as_deref(), Kind::Reserve)?;
    let secret = ReserveSecret::from_paper(secret)
        .ok_or_else(|| Failure::blocked("expected the words of a reserve key, found those of a seed"))?;
    compare(context, expected, secret.key())?;
    let protection = arguments.kdf.protection(arguments.no_passphrase);
    let (protection, passphrase) = maintainer::new_passphrase(context, protection, "the reserve key")?;
    let passphrase = passphrase.as_ref().map(|passphrase| passphrase.as_bytes());
    let written = secret.write(&folder, protection, passphrase, &mut maintainer::random());
    Ok(Box::new(Restored(written.map_err(maintainer::store_failure)?)))
}

/// A checksum of twelve bits lets one of four thousand wrong sheets pass; 32 bytes let none (KEEP-38).
fn compare(context: &Context, expected: Option<ReserveKey>, found: ReserveKey) -> Result<(), Failure> {
    match expected {
        Some(expected) if expected == found => Ok(()),
        Some(expected) => Err(Failure::blocked(format!("expected reserve key {expected}, found the words of {found}"))
            .hint("this is the paper of another key; nothing was written")),
        None if context.can_ask() => {
            context.say("The words are those of this public key:");
            for (_, line) in representation::lines(&found.to_string()) {
                context.say(&format!("    {line}"));
            }
            if context.confirm("Is it the public key on the page?")? {
                Ok(())
            } else {
                Err(Failure::undecided("the public key is another one, and nothing was written")
                    .hint("a word may be wrong, or this is the paper of another key"))
            }
        }
        None => Ok(()),
    }
}

fn public_key(context: &Context, given: &str) -> Result<ReserveKey, Failure> {
    let read = if given.len() == TEXT_LENGTH && !context.path(given.as_ref()).exists() {
        ReserveKey::from_text(given)
    } else {
        let bytes = context.read(&context.path(given.as_ref()), maintainer::MAX_KEY_FILE_BYTES)?;
        ReserveKey::from_file_text(&String::from_utf8_lossy(&bytes))
    };
    read.map_err(|error| Failure::refused(error.rule(), format!("{given}: {error}")))
}

impl Answer for Restored {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        let key = self.0.key.to_string();
        writeln!(out, "{key}")?;
        paper::write_groups(out, &key)?;
        writeln!(out)?;
        writeln!(out, "public  {}", self.0.public_path.display())?;
        writeln!(out, "secret  {}", self.0.secret_path.display())?;
        writeln!(out)?;
        writeln!(
            out,
            "restored: compare the groups with the paper. Erase the files when they have done their work; the paper stays."
        )
    }

    fn json(&self) -> Vec<Value> {
        vec![json!({
            "schema": "sigpkg.reserve/1",
            "key": self.0.key.to_string(),
            "public": self.0.public_path.display().to_string(),
            "secret": self.0.secret_path.display().to_string(),
        })]
    }
}
