//! `chain split` and `chain join`: a chain file as stock files, and back.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use sigpkg::chain::{Chain, Link, MAX_CHAIN_BYTES};
use sigpkg::signature::Standard;
use sigpkg::statement::Body;

use super::context::Context;
use super::failure::Failure;
use super::output::Answer;

/// Take a chain file apart into files of the stock tools, and put it together again
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Split(Split),
    Join(Join),
}

/// Write each statement as NNNNNN.toml, with its signature (.sig) and the public key that verifies it (.pub)
#[derive(Args)]
#[command(after_help = "Then, with stock tools: signify -V -p 000002.pub -x 000002.toml.sig -m 000002.toml")]
struct Split {
    /// A chain file, such as .sigpkg/chain
    chain: PathBuf,
    /// A new or empty folder
    folder: PathBuf,
}

/// Put a folder that `chain split` has written together again
#[derive(Args)]
struct Join {
    /// The folder
    folder: PathBuf,
    /// The chain file to write; it must not exist
    chain: PathBuf,
}

pub(crate) fn run(arguments: Arguments, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    match arguments.command {
        Command::Split(split) => run_split(&split, context),
        Command::Join(join) => run_join(&join, context),
    }
}

fn run_split(arguments: &Split, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let path = context.path(&arguments.chain);
    let file = context.read(&path, MAX_CHAIN_BYTES as u64)?;
    let chain = admit(&file, &path)?;
    let folder = context.path(&arguments.folder);
    context.create_empty_folder(&folder)?;
    for (number, link) in chain.links().enumerate() {
        // Counted, not named by seq: at a fork two statements have the same one.
        let name = format!("{:06}", number + 1);
        context.write(&folder.join(format!("{name}.toml")), link.text().as_bytes())?;
        context.write(&folder.join(format!("{name}.toml.sig")), link.blocks_text().as_bytes())?;
        if let Some(key) = public_key_file(link) {
            context.write(&folder.join(format!("{name}.pub")), key.as_bytes())?;
        }
    }
    Ok(Box::new(Done { schema: "sigpkg.chain-split/1", records: chain.len(), path: arguments.folder.clone() }))
}

/// The key that verifies a statement, as the stock tools want it; they know Ed25519 alone.
fn public_key_file(link: Link<'_>) -> Option<String> {
    let key = match (&link.statement().body, link.parent()) {
        (Body::Genesis(genesis), _) => &genesis.this,
        (Body::Release(..) | Body::Yank(..) | Body::Beat(..), Some(parent)) => &parent.statement().look_ahead().next,
        (Body::Release(..) | Body::Yank(..) | Body::Beat(..), None) | (Body::Reserve(..), _) => return None,
    };
    key.to_public_key().map(|key| key.to_file_text())
}

fn run_join(arguments: &Join, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let folder = context.path(&arguments.folder);
    let mut file = Vec::new();
    for number in 1.. {
        let statement = folder.join(format!("{number:06}.toml"));
        if !statement.exists() {
            break;
        }
        for part in [statement, folder.join(format!("{number:06}.toml.sig"))] {
            file.extend(context.read(&part, (MAX_CHAIN_BYTES - file.len().min(MAX_CHAIN_BYTES)) as u64)?);
        }
    }
    if file.is_empty() {
        return Err(Failure::usage(format!("{} has no 000001.toml", folder.display())));
    }
    let chain = admit(&file, &folder)?;
    context.write_new(&context.path(&arguments.chain), &file)?;
    Ok(Box::new(Done { schema: "sigpkg.chain-join/1", records: chain.len(), path: arguments.chain.clone() }))
}

/// Admits a chain under the id that it has itself: what is taken apart is sound, whoever made it.
fn admit(file: &[u8], path: &Path) -> Result<Chain, Failure> {
    Chain::claimed_id(file).and_then(|id| Chain::admit(file, id, &Standard)).map_err(|error| {
        Failure::refused(error.rule(), format!("{}: {error}", path.display()))
            .hint("the chain was damaged or forged; get it from its source again")
    })
}

struct Done {
    schema: &'static str,
    records: usize,
    path: PathBuf,
}

impl Answer for Done {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "wrote {} statements to {}", self.records, self.path.display())
    }

    fn json(&self) -> Vec<Value> {
        vec![json!({ "schema": self.schema, "statements": self.records, "path": self.path.display().to_string() })]
    }
}
