//! `sigpkg sig sign` and `verify`: files of stock minisign and signify, judged by our rule for Ed25519.

use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args, Subcommand};
use serde_json::{Value, json};
use sigpkg::key::{KeyId, PublicKey};
use sigpkg::rule::Rule;
use sigpkg::secret::SecretKey;
use sigpkg::secret::file::{Secret, SecretFile};
use sigpkg::signature::minisign::{self, Mode, Prehash, SignatureFile};
use sigpkg::text::printable;

use super::context::Context;
use super::failure::Failure;
use super::output::{Answer, GOOD};

/// Longest key or signature file in bytes: two comments of at most 8191, and two lines of base64.
const MAX_FILE_BYTES: u64 = 32 << 10;

/// Longest message in bytes that is signed as it is, since it has to be held whole. A prehashed one has no limit.
const MAX_PURE_BYTES: u64 = 1 << 30;

/// Sign and verify files as stock minisign and signify do
#[derive(Args)]
pub(crate) struct Sig {
    #[command(subcommand)]
    command: SigCommand,
}

#[derive(Subcommand)]
enum SigCommand {
    Verify(Verify),
    Sign(Sign),
}

/// Verify a signature file of minisign or signify
#[derive(Args)]
#[command(group = ArgGroup::new("key").required(true))]
struct Verify {
    /// The public key file
    #[arg(short = 'p', value_name = "PUBFILE", group = "key")]
    public_file: Option<PathBuf>,
    /// The public key itself, 56 characters
    #[arg(short = 'P', value_name = "KEY", group = "key")]
    public_key: Option<String>,
    /// The signature file
    #[arg(short = 'x', value_name = "SIG")]
    signature: PathBuf,
    /// The file that was signed
    #[arg(short = 'm', value_name = "FILE")]
    message: PathBuf,
}

/// Sign a file in the four lines of minisign
#[derive(Args)]
struct Sign {
    /// The secret key file, of minisign or signify
    #[arg(short = 's', value_name = "SECRET")]
    secret: PathBuf,
    /// The signature file to write
    #[arg(short = 'x', value_name = "SIG")]
    signature: PathBuf,
    /// The file to sign
    #[arg(short = 'm', value_name = "FILE")]
    message: PathBuf,
    /// Sign the hash of the file, for files that are too large to hold; signify cannot verify that
    #[arg(long)]
    prehashed: bool,
    /// The untrusted comment
    #[arg(short = 'c', value_name = "COMMENT", default_value = "signature from sigpkg sig sign")]
    comment: String,
    /// The trusted comment, which is signed too
    #[arg(short = 't', value_name = "COMMENT", default_value = "signed with sigpkg sig sign")]
    trusted_comment: String,
}

struct Verified {
    key: PublicKey,
    trusted_comment: Option<String>,
}

struct Signed {
    path: PathBuf,
    key_id: KeyId,
}

pub(crate) fn run(arguments: &Sig, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    match &arguments.command {
        SigCommand::Verify(arguments) => verify(arguments, context),
        SigCommand::Sign(arguments) => sign(arguments, context),
    }
}

fn verify(arguments: &Verify, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let key = match (&arguments.public_file, &arguments.public_key) {
        (Some(file), _) => PublicKey::from_file_text(&read_small(&context.path(file))?),
        (None, Some(key)) => PublicKey::from_text(key),
        (None, None) => return Err(Failure::usage("there is no public key")),
    };
    let refused = |rule: Rule, message: String| {
        Failure::refused(rule, message)
            .hint("get key, signature and file again, each from where you trust it to be right")
    };
    let key = key.map_err(|error| refused(error.rule(), error.to_string()))?;
    let text = read_small(&context.path(&arguments.signature))?;
    let file = SignatureFile::parse(&text).map_err(|error| refused(error.rule(), error.to_string()))?;
    let message = context.path(&arguments.message);
    let verified = match file.as_prehashed() {
        Some(file) => file.verify(&key, &hash(&message)?),
        None => file.verify(&key, &read_message(&message)?),
    };
    let verified = verified.map_err(|error| refused(error.rule(), error.to_string()))?;
    Ok(Box::new(Verified { key, trusted_comment: verified.trusted_comment.map(str::to_owned) }))
}

fn sign(arguments: &Sign, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let secret = open_secret(&context.path(&arguments.secret), context)?;
    if KeyId::derived(&secret.public_bytes()) == secret.key_id() {
        context.say(
            "sigpkg: warning: this looks like the key of a statement in a chain; a second text signed with such a key \
             is proof of a fork",
        );
    }
    let message = context.path(&arguments.message);
    let (comment, trusted_comment) = (arguments.comment.as_str(), arguments.trusted_comment.as_str());
    let file = match if arguments.prehashed { Mode::Prehashed } else { Mode::Pure } {
        Mode::Prehashed => minisign::sign_prehashed(&secret, &hash(&message)?, comment, trusted_comment),
        Mode::Pure => minisign::sign(&secret, &read_message(&message)?, comment, trusted_comment),
    };
    let file = file.map_err(Failure::usage)?;
    let path = context.path(&arguments.signature);
    std::fs::write(&path, file)
        .map_err(|error| Failure::could_not_tell(format!("{} cannot be written: {error}", path.display())))?;
    Ok(Box::new(Signed { path: arguments.signature.clone(), key_id: secret.key_id() }))
}

fn open_secret(path: &Path, context: &Context) -> Result<SecretKey, Failure> {
    let text = zeroize::Zeroizing::new(read_small(path)?);
    let refused = |error: sigpkg::secret::file::SecretFileError| {
        Failure::refused(error.rule(), format!("{}: {error}", path.display()))
    };
    let file = SecretFile::parse(&text).map_err(refused)?;
    let passphrase = if file.is_encrypted() { Some(context.passphrase(&path.display().to_string())?) } else { None };
    match file.open(passphrase.as_ref().map(|passphrase| passphrase.as_bytes())).map_err(refused)? {
        Secret::Key(key) => Ok(key),
        Secret::Seed(_) => Err(Failure::usage(format!("{} holds a seed, and no key that signs files", path.display()))),
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::could_not_tell(format!("{} cannot be read: {error}", path.display()))
}

fn read_small(path: &Path) -> Result<String, Failure> {
    let bytes = read_at_most(path, MAX_FILE_BYTES)?;
    // A byte that is no UTF-8 is refused like any other that does not belong there.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn read_message(path: &Path) -> Result<Vec<u8>, Failure> {
    read_at_most(path, MAX_PURE_BYTES)
}

fn read_at_most(path: &Path, most: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(most + 1).read_to_end(&mut bytes))
        .map_err(|error| unreadable(path, &error))?;
    if bytes.len() as u64 > most {
        return Err(Failure::could_not_tell(format!("{} has more than {most} bytes", path.display())));
    }
    Ok(bytes)
}

fn hash(path: &Path) -> Result<Prehash, Failure> {
    let mut file = File::open(path).map_err(|error| unreadable(path, &error))?;
    let (mut hash, mut buffer) = (Prehash::default(), vec![0; 64 << 10]);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hash),
            Ok(length) => hash.update(buffer.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(path, &error)),
        }
    }
}

impl Answer for Verified {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{GOOD}verified{GOOD:#}  by key {}", self.key.key_id())?;
        match &self.trusted_comment {
            Some(comment) => writeln!(out, "  trusted comment: {}", printable(comment)),
            None => Ok(()),
        }
    }

    fn json(&self) -> Vec<Value> {
        vec![json!({
            "schema": "sigpkg.sig-verify/1",
            "verdict": "accepted",
            "key": self.key.to_string(),
            "trusted-comment": self.trusted_comment,
        })]
    }
}

impl Answer for Signed {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}: signed by key {}", self.path.display(), self.key_id)
    }

    fn json(&self) -> Vec<Value> {
        vec![json!({
            "schema": "sigpkg.sig-sign/1",
            "path": self.path.display().to_string(),
            "key-id": self.key_id.to_string(),
        })]
    }
}
