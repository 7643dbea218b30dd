//! `sigpkg trust update`: records that came by another road.

use std::io::{self, Write};

use clap::Args;
use serde_json::Value;
use sigpkg::chain::Chain;
use sigpkg::rule::Rule;
use sigpkg::signature::Standard;
use sigpkg::trust::{TrustStore, Update as Updated};

use super::newest;
use super::words::{change_json, change_lines};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::output::Answer;
use crate::cli::target::{self, admit_file};

/// Add the statements of chain files, proofs or other targets to those of trusted signatories; nothing is decided
#[derive(Args)]
pub(super) struct Update {
    /// Chain files, proofs of a fork, directories, tarballs, or REPO#REV
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
}

struct Done(Vec<(String, Updated)>);

pub(super) fn run(arguments: &Update, store: &TrustStore, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    // All are admitted before the first is kept, so that a failure has changed nothing.
    let chains: Vec<_> =
        arguments.files.iter().map(|file| admit(store, context, file)).collect::<Result<_, Failure>>()?;
    let now = context.now()?;
    let mut done = Vec::new();
    for (file, chain) in arguments.files.iter().zip(&chains) {
        done.push((file.clone(), store.update(chain, now)?));
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
        Failure::refused(error.rule(), format!("{file}: {error}"))
            .hint("nothing was kept; get it from its source again")
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
        for (_, update) in &self.0 {
            let (change, trusted) = (update.change(), &update.after);
            let (new, head) = (change.new.len(), change.head_after.seq());
            let moved = if change.moves_head() { "the head is now" } else { "the head is" };
            let statements = if new == 1 { "1 new statement" } else { &format!("{new} new statements") };
            writeln!(out, "{}: {statements}; {moved} statement {head}, newest {}", trusted.package(), newest(trusted))?;
            for line in change_lines(&change, trusted) {
                writeln!(out, "  {line}")?;
            }
            // Kept by an earlier verification, it is no change; and whoever updates wants to hear of it.
            let belief = trusted.belief();
            let still = [
                ("waiting", belief.waiting().is_some() && change.waiting.is_none()),
                ("contested", belief.contest().is_some() && change.contest.is_none()),
            ];
            for (word, _) in still.into_iter().filter(|(_, is_so)| *is_so) {
                writeln!(out, "  still {word}: see sigpkg trust show {}", trusted.id())?;
            }
        }
        Ok(())
    }

    fn json(&self) -> Vec<Value> {
        let line = |(file, update): &(String, Updated)| {
            let mut object = change_json(&update.change());
            object["schema"] = "sigpkg.trust-update/1".into();
            object["target"] = file.as_str().into();
            object["signatory"] = update.after.id().to_string().into();
            object
        };
        self.0.iter().map(line).collect()
    }
}
