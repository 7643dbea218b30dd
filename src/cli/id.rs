//! `sigpkg id`: the signatory id that a target has.

use std::io::{self, Write};

use clap::Args;
use serde_json::{Value, json};
use sigpkg::digest::SignatoryId;

use super::context::Context;
use super::failure::Failure;
use super::groups::grouped;
use super::output::Answer;
use super::target;

/// Print the signatory id that a target has, which says nothing about whether to trust it
#[derive(Args)]
pub(crate) struct Id {
    /// A directory, a tarball, REPO#REV, or a chain file
    #[arg(value_name = "TARGET")]
    target: String,
    /// In groups of four characters, for comparing by eye
    #[arg(long)]
    groups: bool,
}

struct Found {
    target: String,
    id: SignatoryId,
    in_groups: bool,
}

pub(crate) fn run(arguments: &Id, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let id = target::admit(context, &arguments.target)?.id();
    Ok(Box::new(Found { target: arguments.target.clone(), id, in_groups: arguments.groups }))
}

impl Answer for Found {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        let id = self.id.to_string();
        writeln!(out, "{}", if self.in_groups { grouped(&id) } else { id })
    }

    fn json(&self) -> Vec<Value> {
        vec![json!({ "schema": "sigpkg.id/1", "target": self.target, "signatory": self.id.to_string() })]
    }
}
