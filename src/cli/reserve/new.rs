//! `sigpkg reserve new`: a reserve key on its holder's machine.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use sigpkg::keystore::{ReserveFile, ReserveSecret};
use sigpkg::publish::PublishError;
use sigpkg::repository::Workplace;

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::maintainer::{self, Kdf};
use crate::cli::output::Answer;
use crate::cli::progress::Progress;

/// Make a reserve key on its holder's machine
#[derive(Args)]
pub(super) struct New {
    /// The folder for the secret and the public file
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// What a guess at the passphrase costs
    #[arg(long, value_enum, default_value_t, value_name = "COST")]
    kdf: Kdf,
    /// Do not protect the key by a passphrase
    #[arg(long, conflicts_with = "kdf")]
    no_passphrase: bool,
}

struct Made(ReserveFile);

pub(super) fn run(arguments: &New, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let path = context.path(&arguments.out);
    if Workplace::open(&context.directory).is_ok_and(|workplace| workplace.holds(&path)) {
        return Err(maintainer::failure(PublishError::SecretsInRepository { path }));
    }
    let protection = arguments.kdf.protection(arguments.no_passphrase);
    let what = format!("the reserve key in {}", path.display());
    let (protection, passphrase) = maintainer::new_passphrase(context, protection, &what)?;
    let passphrase = passphrase.as_ref().map(|passphrase| passphrase.as_bytes());
    let mut random = maintainer::random();
    let _working = Progress::start("making the key");
    let made = ReserveSecret::generate(&mut random)
        .and_then(|secret| secret.write(&path, protection, passphrase, &mut random))
        .map_err(maintainer::store_failure)?;
    Ok(Box::new(Made(made)))
}

impl Answer for Made {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.0.key)?;
        writeln!(out)?;
        writeln!(out, "public  {}", self.0.public_path.display())?;
        writeln!(out, "secret  {}", self.0.secret_path.display())?;
        writeln!(out)?;
        writeln!(
            out,
            "Give the public file to the maintainer, for `sigpkg init --reserve-keys FILE…`, or later for `sigpkg reserve sign \
             --reserve FILE…`, and compare the key above by voice. Keep the secret file off this machine: on a stick or on paper \
             (`sigpkg reserve paper`), in two places."
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
