//! `sigpkg trust update`: records that came by another road.

use std::io::{self, Write};

use clap::Args;
use serde_json::{Value, json};
use sigpkg::chain::Chain;
use sigpkg::rule::Rule;
use sigpkg::signature::Standard;
use sigpkg::trust::{TrustStore, Trusted, Update as Updated};

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::output::Answer;
use crate::cli::target::{self, admit_file};

use super::newest;

/// Add the statements of chain files or other targets to those of trusted signatories; nothing is decided
#[derive(Args)]
pub(super) struct Update {
    /// Chain files, directories, tarballs, or REPO#REV
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
}

struct Done(Vec<(String, Trusted, Updated)>);

pub(super) fn run(arguments: &Update, store: &TrustStore, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let mut done = Vec::new();
    for file in &arguments.files {
        let chain = admit(store, context, file)?;
        let update = store.update(&chain, context.now()?)?;
        let trusted = store.find(chain.id())?.ok_or_else(|| not_trusted(file, &chain))?;
        done.push((file.clone(), trusted, update));
    }
    Ok(Box::new(Done(done)))
}

fn admit(store: &TrustStore, context: &Context, file: &str) -> Result<Chain, Failure> {
    let opened = target::open(context, file)?;
    let Some(chain) = opened.claimed_chain() else {
        return Err(Failure::undecided(format!("{file} has no .sigpkg, so it has no chain"))
            .hint("give a chain file, or a tree with .sigpkg"));
    };
    let trusted = Chain::claimed_id(chain).ok().map(|id| store.find(id)).transpose()?.flatten();
    let Some(trusted) = trusted else {
        return Err(not_trusted(file, &admit_file(chain)?));
    };
    Chain::admit_beside(chain, trusted.chain(), trusted.vouchers(), &Standard).map_err(|error| {
        Failure::refused(error.rule(), &error).hint("nothing of it was kept; get it from its source again")
    })
}

fn not_trusted(file: &str, chain: &Chain) -> Failure {
    let message =
        format!("signatory {} of {} is not trusted, so there is nothing to update", chain.id(), chain.package());
    Failure { rule: Some(Rule::Ver1), ..Failure::undecided(message) }
        .hint(format!("compare the id with the one on the maintainer's own page, then: sigpkg trust add {file}"))
}

impl Answer for Done {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        for (_, trusted, update) in &self.0 {
            let (new, head) = (update.new_records, trusted.belief().head().seq());
            let moved = if update.head_before == update.head_after { "the head is" } else { "the head is now" };
            let statements = if new == 1 { "1 new statement" } else { &format!("{new} new statements") };
            writeln!(out, "{}: {statements}; {moved} statement {head}, newest {}", trusted.package(), newest(trusted))?;
        }
        Ok(())
    }

    fn json(&self) -> Vec<Value> {
        let line = |(file, trusted, update): &(String, Trusted, Updated)| {
            json!({
                "schema": "sigpkg.trust-update/1",
                "target": file,
                "signatory": trusted.id().to_string(),
                "new-statements": update.new_records,
                "head-before": update.head_before.to_string(),
                "head-after": update.head_after.to_string(),
            })
        };
        self.0.iter().map(line).collect()
    }
}
