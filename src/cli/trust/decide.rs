//! `sigpkg trust accept`, `policy` and `remove`: explicit decisions about a signatory.

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use sigpkg::digest::Digest;
use sigpkg::trust::{ReservePolicy, TrustStore, Trusted};

use super::trusted_json;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::output::Answer;
use crate::cli::target::find_trusted;

/// Decide between statements that were signed with one key: accept one, and with it all before it
#[derive(Args)]
pub(super) struct Accept {
    /// The name of the package, or the id of the signatory
    #[arg(value_name = "NAME|ID")]
    named: String,
    /// The whole digest of the statement, as sigpkg trust show has it
    #[arg(value_name = "DIGEST")]
    digest: String,
}

/// Show or set what to do when the reserve of a signatory speaks
#[derive(Args)]
pub(super) struct Policy {
    /// The name of the package, or the id of the signatory
    #[arg(value_name = "NAME|ID")]
    named: String,
    /// prompt: wait for your word; accept: follow it; refuse: stay at the last release before it
    #[arg(value_name = "POLICY")]
    policy: Option<PolicyWord>,
}

/// Forget a signatory: what was decided, and its statements
#[derive(Args)]
pub(super) struct Remove {
    /// The name of the package, or the id of the signatory
    #[arg(value_name = "NAME|ID")]
    named: String,
}

#[derive(Clone, Copy, ValueEnum)]
enum PolicyWord {
    Prompt,
    Accept,
    Refuse,
}

struct Decided {
    schema: &'static str,
    sentence: String,
    trusted: Trusted,
}

struct Removed(Trusted);

pub(super) fn accept(arguments: &Accept, store: &TrustStore, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let digest: Digest = arguments.digest.parse().map_err(Failure::usage)?;
    let id = find_trusted(store, &arguments.named)?.id();
    let trusted = store.accept(id, digest, context.now()?)?;
    let sentence = format!("accepted {digest}; the head is statement {}", trusted.belief().head().seq());
    Ok(Box::new(Decided { schema: "sigpkg.trust-accept/1", sentence, trusted }))
}

pub(super) fn policy(arguments: &Policy, store: &TrustStore) -> Result<Box<dyn Answer>, Failure> {
    let mut trusted = find_trusted(store, &arguments.named)?;
    if let Some(word) = arguments.policy {
        let policy = match word {
            PolicyWord::Prompt => ReservePolicy::Prompt,
            PolicyWord::Accept => ReservePolicy::Accept,
            PolicyWord::Refuse => ReservePolicy::Refuse,
        };
        store.set_policy(trusted.id(), policy)?;
        trusted = find_trusted(store, &trusted.id().to_string())?;
    }
    let sentence = format!("{}: {}", trusted.package(), trusted.decisions().reserve);
    Ok(Box::new(Decided { schema: "sigpkg.trust-policy/1", sentence, trusted }))
}

pub(super) fn remove(arguments: &Remove, store: &TrustStore) -> Result<Box<dyn Answer>, Failure> {
    let trusted = find_trusted(store, &arguments.named)?;
    store.remove(trusted.id())?;
    Ok(Box::new(Removed(trusted)))
}

impl Answer for Decided {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.sentence)
    }

    fn json(&self) -> Vec<Value> {
        vec![trusted_json(self.schema, &self.trusted)]
    }
}

impl Answer for Removed {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "removed {}  {}", self.0.package(), self.0.id())
    }

    fn json(&self) -> Vec<Value> {
        vec![json!({ "schema": "sigpkg.trust-remove/1", "signatory": self.0.id().to_string() })]
    }
}
