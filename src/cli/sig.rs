//! `sig`: sign and verify files of the stock tools, signify and minisign.

use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use sigpkg::key::PublicKey;
use sigpkg::secret::SecretKey;
use sigpkg::secret::file::{Secret, SecretFile, SecretFileError};
use sigpkg::signature::minisign::{self, Mode, Prehash, SignatureFile};
use sigpkg::source::Progress as _;
use sigpkg::text::printable;
use zeroize::Zeroizing;

use super::context::{Context, Unopened};
use super::failure::Failure;
use super::output::{Answer, GOOD};
use super::progress::Progress;

/// Sign and verify single files in the formats of signify and minisign
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Sign(Sign),
    Verify(Verify),
}

/// Sign a file; the result is one that minisign and signify verify
#[derive(Args)]
struct Sign {
    /// The secret key file: minisign's, signify's or sigpkg's
    #[arg(short, value_name = "SECRET")]
    secret: PathBuf,
    /// Where to write the signature
    #[arg(short = 'x', value_name = "SIG")]
    signature: PathBuf,
    /// The file to sign
    #[arg(short, value_name = "FILE")]
    message: PathBuf,
    /// Sign the BLAKE2b hash of the file, as minisign does by default; signify cannot verify that
    #[arg(long, conflicts_with = "signify")]
    prehashed: bool,
    /// Write the two lines of signify instead of the four of minisign
    #[arg(long)]
    signify: bool,
    /// The trusted comment, which is signed too
    #[arg(short, value_name = "TEXT", conflicts_with = "signify", default_value = "signed with sigpkg")]
    trusted_comment: String,
}

/// Verify a file by a signature of signify or minisign
#[derive(Args)]
struct Verify {
    #[command(flatten)]
    key: Key,
    /// The signature file
    #[arg(short = 'x', value_name = "SIG")]
    signature: PathBuf,
    /// The file that was signed
    #[arg(short, value_name = "FILE")]
    message: PathBuf,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Key {
    /// A public key file
    #[arg(short = 'p', value_name = "PUBFILE")]
    file: Option<PathBuf>,
    /// A public key, 56 characters
    #[arg(short = 'P', value_name = "KEY")]
    text: Option<String>,
}

/// The largest key or signature file in bytes; the stock tools take at most 10 KiB of comments.
const MAX_SMALL_FILE: u64 = 64 << 10;

/// The largest file that is signed or verified whole, in bytes: it has to be held in memory. A larger one can be prehashed.
const MAX_WHOLE_FILE: u64 = 1 << 30;

/// What helps with a public key that cannot be used.
const KEY_HINT: &str =
    "get the key again from its owner's own page: minisign and signify write two lines, a comment and the key";

/// What helps with a file that holds no secret key.
const NO_SECRET_HINT: &str = "name the file that minisign, signify or sigpkg has made for the secret half of the key";

/// The comment in front of a signature that sigpkg makes; nobody vouches for it.
const COMMENT: &str = "signature from sigpkg";

pub(crate) fn run(arguments: Arguments, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    match arguments.command {
        Command::Sign(sign) => run_sign(&sign, context),
        Command::Verify(verify) => run_verify(&verify, context),
    }
}

fn run_sign(arguments: &Sign, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let secret = open_secret(&context.path(&arguments.secret), context)?;
    let message = context.path(&arguments.message);
    let file = if arguments.prehashed {
        minisign::sign_prehashed(&secret, &hash_of(&message)?, COMMENT, &arguments.trusted_comment)
    } else {
        let _working = Progress::start(reading(&message));
        let message = context.read(&message, MAX_WHOLE_FILE)?;
        if arguments.signify {
            minisign::sign_two_lines(&secret, &message, COMMENT)
        } else {
            minisign::sign(&secret, &message, COMMENT, &arguments.trusted_comment)
        }
    };
    let file = file.map_err(Failure::usage)?;
    context.write(&context.path(&arguments.signature), file.as_bytes())?;
    Ok(Box::new(Signed { signature: arguments.signature.clone() }))
}

/// Opens a secret key file, and asks for its passphrase if it has one.
fn open_secret(path: &Path, context: &Context) -> Result<SecretKey, Failure> {
    let shown = path.display();
    let refused =
        |error: SecretFileError| Failure::refused(error.rule(), format!("{shown}: {error}")).hint(secret_hint(&error));
    let text = Zeroizing::new(context.read(path, MAX_SMALL_FILE)?);
    let text = std::str::from_utf8(&text)
        .map_err(|_| Failure::blocked(format!("{shown} is no secret key file: it is not text")).hint(NO_SECRET_HINT))?;
    let file = SecretFile::parse(text).map_err(refused)?;
    let secret = if file.is_encrypted() {
        context.open_with_passphrase(&format!("the key {shown}"), |passphrase| {
            file.open(Some(passphrase.as_bytes())).map_err(|error| {
                if error == SecretFileError::Passphrase {
                    Unopened::Wrong(refused(error))
                } else {
                    Unopened::Other(refused(error))
                }
            })
        })?
    } else {
        file.open(None).map_err(refused)?
    };
    match secret {
        Secret::Key(key) => Ok(key),
        Secret::Seed(_) => Err(Failure::usage(format!("{shown} holds a seed, which signs nothing itself"))
            .hint("the keys of a seed sign statements alone: sigpkg release")),
    }
}

fn secret_hint(error: &SecretFileError) -> &'static str {
    match error.rule().reason() {
        "passphrase" => "give the passphrase of this file, as it was typed when the key was made",
        "secret-file-cost" => "no key of minisign, signify or sigpkg asks for that much; see where the file is from",
        "secret-file-damaged" => "bring the file back from a backup",
        _ => NO_SECRET_HINT,
    }
}

fn run_verify(arguments: &Verify, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let key = public_key(&arguments.key, context)?;
    let path = context.path(&arguments.signature);
    let shown = path.display().to_string();
    let text = context.read(&path, MAX_SMALL_FILE)?;
    // What is not UTF-8 has no strict base64 in it either; the reader then says what is wrong with the first line.
    let file = SignatureFile::parse(&String::from_utf8_lossy(&text)).map_err(|error| {
        Failure::refused(error.rule(), format!("{shown}: {error}"))
            .hint("it was damaged or replaced on the way; get the signature file from its source again")
    })?;
    let message = context.path(&arguments.message);
    let verified = if let Some(prehashed) = file.as_prehashed() {
        prehashed.verify(&key, &hash_of(&message)?)
    } else {
        let _working = Progress::start(reading(&message));
        file.verify(&key, &context.read(&message, MAX_WHOLE_FILE)?)
    };
    let verified = verified.map_err(|error| {
        Failure::refused(error.rule(), format!("{}: {error}", arguments.message.display()))
            .hint("the file or the signature is not what was signed, or another key signed it; get both again from their source")
    })?;
    Ok(Box::new(Verified {
        message: arguments.message.clone(),
        mode: file.claimed_mode(),
        key: key.to_string(),
        trusted_comment: verified.trusted_comment.map(str::to_owned),
    }))
}

fn public_key(key: &Key, context: &Context) -> Result<PublicKey, Failure> {
    match (&key.file, &key.text) {
        (Some(path), _) => {
            let path = context.path(path);
            let text = context.read(&path, MAX_SMALL_FILE)?;
            PublicKey::from_file_text(&String::from_utf8_lossy(&text))
                .map_err(|error| Failure::refused(error.rule(), format!("{}: {error}", path.display())).hint(KEY_HINT))
        }
        (None, Some(text)) => PublicKey::from_text(text)
            .map_err(|error| Failure::refused(error.rule(), format!("-P: {error}")).hint(KEY_HINT)),
        (None, None) => Err(Failure::usage("no public key is given: -p PUBFILE or -P KEY")),
    }
}

/// The name alone: a line has no room for the way to it.
fn reading(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    format!("reading {}", printable(&name.to_string_lossy()))
}

/// Hashes a file of any size.
fn hash_of(path: &Path) -> Result<Prehash, Failure> {
    let unreadable = |error: io::Error| Failure::could_not_tell(format!("{} cannot be read: {error}", path.display()));
    let mut file = File::open(path).map_err(unreadable)?;
    let mut hash = Prehash::default();
    let progress = Progress::reading(reading(path));
    progress.expect(file.metadata().map(|metadata| metadata.len()).unwrap_or_default());
    let mut buffer = vec![0; 128 << 10];
    loop {
        match file.read(&mut buffer).map_err(unreadable)? {
            0 => return Ok(hash),
            length => {
                hash.update(buffer.get(..length).unwrap_or_default());
                progress.read(length as u64);
            }
        }
    }
}

struct Signed {
    signature: PathBuf,
}

impl Answer for Signed {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "signed: {}", self.signature.display())
    }

    fn json(&self) -> Vec<Value> {
        vec![json!({ "schema": "sigpkg.sig-sign/1", "signature": self.signature.display().to_string() })]
    }
}

struct Verified {
    message: PathBuf,
    mode: Mode,
    key: String,
    trusted_comment: Option<String>,
}

impl Answer for Verified {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{GOOD}verified{GOOD:#}: {}", self.message.display())?;
        match &self.trusted_comment {
            Some(comment) => writeln!(out, "trusted comment: {}", printable(comment)),
            None => Ok(()),
        }
    }

    fn json(&self) -> Vec<Value> {
        let mode = match self.mode {
            Mode::Pure => "pure",
            Mode::Prehashed => "prehashed",
        };
        vec![json!({
            "schema": "sigpkg.sig-verify/1",
            "verdict": "accepted",
            "file": self.message.display().to_string(),
            "mode": mode,
            "key": self.key,
            "trusted-comment": self.trusted_comment,
        })]
    }
}
