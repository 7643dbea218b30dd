//! `sigpkg trust remove`: a signatory that is trusted no longer.

use std::io::{self, Write};

use clap::Args;
use serde_json::{Value, json};
use sigpkg::chain::Chain;
use sigpkg::digest::SignatoryId;
use sigpkg::trust::TrustStore;

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::output::Answer;
use crate::cli::target::find_trusted;

/// Trust a signatory no longer; its statements are kept as history
#[derive(Args)]
pub(super) struct Remove {
    /// The name of the package, or the id of the signatory
    #[arg(value_name = "NAME|ID")]
    named: String,
    /// Erase its statements, too: the evidence of what it has signed is lost
    #[arg(long)]
    forget: bool,
    /// Do not ask before statements are erased
    #[arg(long, requires = "forget")]
    yes: bool,
}

struct Removed {
    chain: Chain,
    is_forgotten: bool,
}

pub(super) fn run(arguments: &Remove, store: &TrustStore, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let kept = match SignatoryId::from_typed(&arguments.named) {
        Ok(id) if arguments.forget => store.kept(id)?,
        Ok(_) | Err(_) => None,
    };
    let chain = match kept {
        Some(chain) => chain,
        None => find_trusted(store, &arguments.named)?.into_chain(),
    };
    if arguments.forget {
        confirm(arguments, &chain, context)?;
        store.forget(chain.id())?;
    } else {
        store.remove(chain.id())?;
    }
    Ok(Box::new(Removed { chain, is_forgotten: arguments.forget }))
}

fn confirm(arguments: &Remove, chain: &Chain, context: &Context) -> Result<(), Failure> {
    if arguments.yes {
        return Ok(());
    }
    let (statements, id) = (chain.len(), chain.id());
    let what = format!("{statements} statements of {} by signatory {id}", chain.package());
    if !context.can_ask() {
        return Err(Failure::undecided(format!("there is no terminal to ask whether to erase {what}"))
            .hint("--yes erases them without asking; without --forget they are kept as history"));
    }
    if context.confirm(&format!("Erase {what}?"))? { Ok(()) } else { Err(Failure::undecided("nothing was removed")) }
}

impl Answer for Removed {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        let (package, id, statements) = (self.chain.package(), self.chain.id(), self.chain.len());
        writeln!(out, "removed {package}  {id}")?;
        if self.is_forgotten {
            return writeln!(out, "  its {statements} statements are erased");
        }
        writeln!(
            out,
            "  its {statements} statements are kept as history; to erase them: sigpkg trust remove {id} --forget"
        )?;
        writeln!(
            out,
            "  unless another signatory is trusted for {package}, it is not refused any more when it is unsigned"
        )
    }

    fn json(&self) -> Vec<Value> {
        vec![json!({
            "schema": "sigpkg.trust-remove/1",
            "signatory": self.chain.id().to_string(),
            "statements": self.chain.len(),
            "forgotten": self.is_forgotten,
        })]
    }
}
