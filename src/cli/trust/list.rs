//! `sigpkg trust list`.

use std::io::{self, Write};

use clap::Args;
use serde_json::{Value, json};
use sigpkg::chain::{Chain, ReservePolicy, State};
use sigpkg::digest::Digest;
use sigpkg::trust::{Grade, TrustStore, Trusted};

use super::{newest, trusted_json};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::output::{Answer, CARE};
use crate::cli::verify::package_json;

/// List the trusted signatories, and say which need a decision
#[derive(Args)]
pub(super) struct List {
    /// List the signatories that are trusted no longer, whose statements are kept, instead
    #[arg(long)]
    history: bool,
    /// Print a list for others to take with sigpkg trust add --list FILE --installed PROJECT: an id, two spaces, and the
    /// package in each line. Its digest, for them to compare, goes to the standard error
    #[arg(long, conflicts_with_all = ["history", "json"])]
    as_list: bool,
}

/// The lines of a list. Only those whose ids were compared are in it.
struct AsList(String);

struct Listed(Vec<Trusted>);

struct History(Vec<Chain>);

pub(super) fn run(arguments: &List, store: &TrustStore, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    if arguments.history {
        return Ok(Box::new(History(store.history()?)));
    }
    if arguments.as_list {
        return as_list(store, context);
    }
    Ok(Box::new(Listed(store.list()?)))
}

fn as_list(store: &TrustStore, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let mut list = String::new();
    let mut left = 0;
    for trusted in store.list()? {
        let package = trusted.package();
        // Whoever takes the list takes it for compared: what was only seen is not handed on as more than that.
        if trusted.decisions().grade == Grade::Seen {
            left += 1;
            continue;
        }
        let uuid = package.uuid().map(|uuid| format!("={uuid}")).unwrap_or_default();
        list.extend([trusted.id().to_string(), format!("  {}{uuid}\n", package.name())]);
    }
    if left > 0 {
        context.say(&format!("left out: {left} whose ids were never compared (grade seen)"));
    }
    context.say(&format!("the digest of the list, for your colleagues: {}", Digest::of(list.as_bytes())));
    Ok(Box::new(AsList(list)))
}

impl Answer for AsList {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(self.0.as_bytes())
    }

    fn json(&self) -> Vec<Value> {
        Vec::new()
    }
}

/// What a human has to look at, in one word each.
fn marks(trusted: &Trusted) -> Vec<&'static str> {
    let belief = trusted.belief();
    let waiting = belief.waiting().map(|_| match trusted.decisions().reserve {
        ReservePolicy::Prompt | ReservePolicy::Accept => "waiting",
        ReservePolicy::Refuse => "not followed",
    });
    let contested = belief.contest().map(|_| "contested");
    let rival = belief.rivals().next().map(|_| "rival");
    let is_distrusted = trusted.chain().links().any(|link| belief.state(link) == Some(State::Distrusted));
    [waiting, contested, rival, is_distrusted.then_some("distrusted")].into_iter().flatten().collect()
}

impl Answer for Listed {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        for trusted in &self.0 {
            write!(out, "{}  {}  {}", trusted.package(), trusted.decisions().grade, newest(trusted))?;
            for mark in marks(trusted) {
                write!(out, "  {CARE}{mark}{CARE:#}")?;
            }
            if trusted.decisions().ended {
                write!(out, "  ended")?;
            }
            writeln!(out, "\n  {}", trusted.id())?;
        }
        Ok(())
    }

    fn json(&self) -> Vec<Value> {
        self.0.iter().map(|trusted| trusted_json("sigpkg.trust-list/1", trusted)).collect()
    }
}

impl Answer for History {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        for chain in &self.0 {
            writeln!(out, "{}  not trusted, {} statements kept\n  {}", chain.package(), chain.len(), chain.id())?;
        }
        Ok(())
    }

    fn json(&self) -> Vec<Value> {
        let line = |chain: &Chain| {
            json!({
                "schema": "sigpkg.trust-history/1",
                "signatory": chain.id().to_string(),
                "package": package_json(chain.package()),
                "statements": chain.len(),
            })
        };
        self.0.iter().map(line).collect()
    }
}
