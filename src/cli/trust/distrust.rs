//! `sigpkg trust distrust`: for the user who hears that an algorithm has fallen before the signatories have said so.

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use sigpkg::chain::{Link, State};
use sigpkg::statement::Cause;
use sigpkg::trust::{TrustStore, Trusted};

use super::words::{link_json, named};
use super::{newest, trusted_json};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::output::{Answer, CARE};

/// Believe no new signature by an algorithm, whoever signs; what stands now goes on standing
#[derive(Args)]
pub(super) struct Distrust {
    /// The algorithm
    #[arg(value_name = "ALGORITHM")]
    algorithm: AlgorithmWord,
    /// Take it back: believe its signatures again
    #[arg(long)]
    undo: bool,
    /// Do not ask before it is taken back
    #[arg(long, requires = "undo")]
    yes: bool,
}

/// Only one can be distrusted: the reserve, which must survive its fall, has the other.
#[derive(Clone, Copy, ValueEnum)]
enum AlgorithmWord {
    Ed25519,
}

struct Distrusted {
    is_distrusted: bool,
    all: Vec<Trusted>,
}

pub(super) fn run(arguments: &Distrust, store: &TrustStore, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let AlgorithmWord::Ed25519 = arguments.algorithm;
    let now = context.now()?;
    // To stop needs no question: it can be taken back, and nothing that stands falls by it.
    let all = if arguments.undo {
        confirm(arguments, context)?;
        store.trust_ed25519(now)?
    } else {
        store.distrust_ed25519(now)?
    };
    Ok(Box::new(Distrusted { is_distrusted: !arguments.undo, all }))
}

fn confirm(arguments: &Distrust, context: &Context) -> Result<(), Failure> {
    if arguments.yes {
        return Ok(());
    }
    if !context.can_ask() {
        return Err(Failure::undecided("there is no terminal to ask whether to believe Ed25519 again")
            .hint("--yes takes the distrust back without asking"));
    }
    if context.confirm("Believe every signature by Ed25519 again, also those that you did not count?")? {
        Ok(())
    } else {
        Err(Failure::undecided("nothing has changed"))
    }
}

/// The reserve statement that says itself that the algorithm has fallen, if one stands or waits.
fn vouching(trusted: &Trusted) -> Option<(Link<'_>, State)> {
    let belief = trusted.belief();
    let is_one =
        |link: &Link<'_>| link.statement().reserve_change().is_some_and(|change| change.cause == Cause::Algorithm);
    let found = trusted.chain().links().filter(is_one).filter_map(|link| Some((link, belief.state(link)?)));
    found.into_iter().find(|(_, state)| match state {
        State::Standing | State::Waiting => true,
        State::Contested | State::Distrusted | State::Void => false,
    })
}

fn line(trusted: &Trusted) -> String {
    match vouching(trusted) {
        Some((link, State::Waiting)) => {
            format!("{CARE}waiting{CARE:#}: {}; to follow it: sigpkg trust accept {}", named(link), link.digest())
        }
        Some((link, _)) => format!("its reserve has answered with the {}, and you follow it", named(link)),
        None => format!(
            "{CARE}no answer of its reserve yet{CARE:#}: nothing that Ed25519 signs after statement {} is believed",
            mark(trusted).seq()
        ),
    }
}

/// The statement with the mark; the genesis, if there is none with it.
fn mark(trusted: &Trusted) -> Link<'_> {
    let mark = trusted.decisions().distrust.and_then(|mark| trusted.chain().find(mark));
    mark.unwrap_or_else(|| trusted.chain().genesis())
}

impl Answer for Distrusted {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        if !self.is_distrusted {
            return writeln!(out, "Ed25519 is believed again for every trusted signatory ({})", self.all.len());
        }
        writeln!(out, "Ed25519 is distrusted for every trusted signatory ({}), and for those to come", self.all.len())?;
        for trusted in &self.all {
            writeln!(out, "{}  {}\n  {}\n  {}", trusted.package(), newest(trusted), trusted.id(), line(trusted))?;
        }
        writeln!(out, "to take it back: sigpkg trust distrust ed25519 --undo")
    }

    fn json(&self) -> Vec<Value> {
        let object = |trusted: &Trusted| {
            let mut object = trusted_json("sigpkg.trust-show/1", trusted);
            object["vouching"] = vouching(trusted).map(|(link, _)| link_json(link)).into();
            object
        };
        vec![json!({
            "schema": "sigpkg.trust-distrust/1",
            "algorithm": "ed25519",
            "distrusted": self.is_distrusted,
            "signatories": self.all.iter().map(object).collect::<Vec<_>>(),
        })]
    }
}
