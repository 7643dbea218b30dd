//! `sigpkg chain split` and `join`: a chain as files that the stock tools can verify one by one.
//!
//! | file | content |
//! |---|---|
//! | `0007.toml` | the exact text of the seventh statement of the file |
//! | `0007.toml.sig` | its signature, two lines as signify has them |
//! | `0007.pub` | the key that must have signed it, a public key file |
//!
//! `signify -V -p 0007.pub -x 0007.toml.sig -m 0007.toml` verifies it.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use sigpkg::chain::{Chain, Link};
use sigpkg::digest::Digest;
use sigpkg::key::LinkKey;
use sigpkg::statement::{Body, Seq};

use super::context::Context;
use super::failure::Failure;
use super::output::Answer;
use super::target::{self, admit_file};

/// Take a chain apart into files of the stock tools, or put it together again
#[derive(Args)]
pub(crate) struct ChainCommand {
    #[command(subcommand)]
    command: Subcommands,
}

#[derive(Subcommand)]
enum Subcommands {
    Split(Split),
    Join(Join),
}

/// Write each statement of a chain with its signature and the key that verifies it
#[derive(Args)]
struct Split {
    /// A chain file, or a target that has one
    #[arg(value_name = "CHAIN")]
    chain: String,
    /// The folder to write into; it must be empty, or not there
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

/// Put together what split has taken apart, byte for byte
#[derive(Args)]
struct Join {
    /// The folder
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// The chain file to write; it must not be there
    #[arg(value_name = "CHAIN")]
    chain: PathBuf,
}

struct Done {
    schema: &'static str,
    path: PathBuf,
    statements: usize,
    digest: Digest,
}

pub(crate) fn run(arguments: &ChainCommand, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    match &arguments.command {
        Subcommands::Split(arguments) => split(arguments, context),
        Subcommands::Join(arguments) => join(arguments, context),
    }
}

fn split(arguments: &Split, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let content = target::open(context, &arguments.chain)?;
    let file = content
        .claimed_chain()
        .ok_or_else(|| Failure::undecided(format!("{} has no .sigpkg, so it has no chain", arguments.chain)))?;
    let chain = admit_file(file)?;
    let directory = context.path(&arguments.directory);
    make_empty(&directory)?;
    for (index, link) in chain.links().enumerate() {
        let stem = format!("{:04}", index + 1);
        write_new(&directory.join(format!("{stem}.toml")), link.text())?;
        write_new(&directory.join(format!("{stem}.toml.sig")), link.blocks_text())?;
        if let Some(key) = signing_key(link).and_then(LinkKey::to_public_key) {
            write_new(&directory.join(format!("{stem}.pub")), &key.to_file_text())?;
        }
    }
    let (statements, digest) = (chain.len(), Digest::of(file));
    Ok(Box::new(Done { schema: "sigpkg.chain-split/1", path: arguments.directory.clone(), statements, digest }))
}

fn join(arguments: &Join, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let directory = context.path(&arguments.directory);
    let mut file = Vec::new();
    let statements = numbered(&directory)?;
    for (expected, (number, path)) in (1..).zip(&statements) {
        if *number != expected {
            return Err(Failure::could_not_tell(format!(
                "statement {expected} is missing in {}, the next one is {}",
                directory.display(),
                path.display()
            )));
        }
        file.extend(read(path)?);
        let mut signature = path.clone().into_os_string();
        signature.push(".sig");
        file.extend(read(Path::new(&signature))?);
    }
    let chain: Chain = admit_file(&file)?;
    write_new(&context.path(&arguments.chain), &file)?;
    let (statements, digest) = (chain.len(), Digest::of(&file));
    Ok(Box::new(Done { schema: "sigpkg.chain-join/1", path: arguments.chain.clone(), statements, digest }))
}

/// The key that must have signed a statement.
fn signing_key(link: Link<'_>) -> Option<&LinkKey> {
    match &link.statement().body {
        Body::Genesis(genesis) => Some(&genesis.this),
        Body::Release(..) | Body::Yank(..) | Body::Beat(..) => {
            link.parent().map(|parent| &parent.statement().look_ahead().next)
        }
        Body::Reserve(..) => None,
    }
}

/// The files `NNNN.toml` by their number.
fn numbered(directory: &Path) -> Result<BTreeMap<u32, PathBuf>, Failure> {
    let read_error =
        |error: io::Error| Failure::could_not_tell(format!("{} cannot be read: {error}", directory.display()));
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(directory).map_err(read_error)? {
        let path = entry.map_err(read_error)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let number = name.strip_suffix(".toml").filter(|stem| stem.bytes().all(|byte| byte.is_ascii_digit()));
        if let Some(number) = number.and_then(|number| number.parse().ok()).filter(|number| *number <= Seq::MAX.get()) {
            found.insert(number, path);
        }
    }
    Ok(found)
}

fn make_empty(directory: &Path) -> Result<(), Failure> {
    let write_error =
        |error: io::Error| Failure::could_not_tell(format!("{} cannot be written: {error}", directory.display()));
    std::fs::create_dir_all(directory).map_err(write_error)?;
    match std::fs::read_dir(directory).map_err(write_error)?.next() {
        None => Ok(()),
        Some(_) => Err(Failure::blocked(format!("{} is not empty", directory.display()))
            .hint("give a folder that is empty or not there; nothing is overwritten")),
    }
}

fn write_new(path: &Path, content: impl AsRef<[u8]>) -> Result<(), Failure> {
    let written = std::fs::File::create_new(path).and_then(|mut file| file.write_all(content.as_ref()));
    written.map_err(|error| Failure::could_not_tell(format!("{} cannot be written: {error}", path.display())))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::could_not_tell(format!("{} cannot be read: {error}", path.display())))
}

impl Answer for Done {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}: {} statements", self.path.display(), self.statements)
    }

    fn json(&self) -> Vec<Value> {
        vec![json!({
            "schema": self.schema,
            "path": self.path.display().to_string(),
            "statements": self.statements,
            "digest": self.digest.to_string(),
        })]
    }
}
