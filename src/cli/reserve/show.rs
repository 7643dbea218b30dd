//! `sigpkg reserve show`: what a draft says, and who has signed it.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use super::draft;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::maintainer;
use crate::cli::output::Answer;

/// Say what a draft would do, and who has signed it
#[derive(Args)]
pub(super) struct Show {
    /// The draft
    #[arg(value_name = "DRAFT")]
    draft: PathBuf,
    /// Hold it against this chain: a directory, a tarball, REPO#REV, or a chain file [default: the package in this folder]
    #[arg(long, value_name = "TARGET")]
    chain: Vec<String>,
}

struct Shown {
    lines: Vec<String>,
    json: Value,
}

pub(super) fn run(arguments: &Show, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let stores = maintainer::stores(context)?;
    let read = draft::read(context, &arguments.draft)?;
    let known = draft::gather(context, &stores, Some(read.claimed_signatory()), &arguments.chain)?;
    let checked = read.check(&known.chain).map_err(maintainer::failure)?;
    let mut lines = draft::describe(&checked)?;
    lines.push(draft::missing(&checked).unwrap_or_else(|| {
        "all signatures are there; `sigpkg reserve join` takes it into the chain, where it was begun".to_owned()
    }));
    Ok(Box::new(Shown { lines, json: draft::draft_json("shown", &checked, Some(&arguments.draft))? }))
}

impl Answer for Shown {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        self.lines.iter().try_for_each(|line| writeln!(out, "{line}"))
    }

    fn json(&self) -> Vec<Value> {
        vec![self.json.clone()]
    }
}
