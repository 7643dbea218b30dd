//! `sigpkg reserve drop`: give up a reserve statement that has begun.

use std::io::{self, Write};

use clap::Args;
use serde_json::{Value, json};
use sigpkg::digest::{Digest, SignatoryId};
use sigpkg::publish;

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::maintainer;
use crate::cli::output::Answer;

/// Give up a reserve statement that has begun, and erase its new keys
#[derive(Args)]
pub(super) struct Drop {
    /// The signatory [default: that of the package in this folder]
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

struct Dropped {
    id: SignatoryId,
    digest: Digest,
}

pub(super) fn run(arguments: &Drop, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let stores = maintainer::stores(context)?;
    let store = maintainer::named_store(context, &stores, arguments.id.as_deref())?;
    let id = store.id();
    let question = format!("Give up the reserve statement of {id}? Drafts of it are worthless then.");
    maintainer::confirm(context, arguments.yes, &question, "nothing was given up")?;
    let draft = publish::drop_reserve(&stores, id, &mut maintainer::tell(context)).map_err(maintainer::failure)?;
    Ok(Box::new(Dropped { id, digest: draft.digest() }))
}

impl Answer for Dropped {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "given up: reserve statement {}", self.digest)?;
        writeln!(out, "Its new keys are erased. Tell the holders: what they have signed must not be used.")
    }

    fn json(&self) -> Vec<Value> {
        vec![json!({
            "schema": "sigpkg.reserve-dropped/1",
            "signatory": self.id.to_string(),
            "digest": self.digest.to_string(),
        })]
    }
}
