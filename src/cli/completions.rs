//! `sigpkg completions`: what a shell needs to complete commands.

use std::io::{self, Write};

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;
use serde_json::{Value, json};

use super::failure::Failure;
use super::output::Answer;

/// Print completions for a shell
#[derive(Args)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

struct Script(String);

pub(crate) fn run(arguments: &Completions) -> Result<Box<dyn Answer>, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut super::Arguments::command(), "sigpkg", &mut script);
    Ok(Box::new(Script(String::from_utf8_lossy(&script).into_owned())))
}

impl Answer for Script {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(self.0.as_bytes())
    }

    fn json(&self) -> Vec<Value> {
        vec![json!({ "schema": "sigpkg.completions/1", "script": self.0 })]
    }
}
