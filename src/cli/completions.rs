//! `completions` and `man`: what a packager installs beside the binary.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;
use serde_json::{Value, json};

use super::context::Context;
use super::failure::Failure;
use super::output::Answer;

/// Print the completions for a shell
#[derive(Args)]
pub(crate) struct Completions {
    /// Which shell
    shell: Shell,
}

/// Write the man pages into a folder
#[derive(Args)]
pub(crate) struct Man {
    /// The folder; it is made if it does not exist
    folder: PathBuf,
}

pub(crate) fn completions(arguments: &Completions, mut command: clap::Command) -> Box<dyn Answer> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "sigpkg", &mut script);
    Box::new(Script(String::from_utf8_lossy(&script).into_owned()))
}

pub(crate) fn man(arguments: &Man, command: clap::Command, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let folder = context.path(&arguments.folder);
    let failed = |error: io::Error| Failure::could_not_tell(format!("{} cannot be written: {error}", folder.display()));
    std::fs::create_dir_all(&folder).map_err(failed)?;
    clap_mangen::generate_to(command, &folder).map_err(failed)?;
    Ok(Box::new(Pages(arguments.folder.clone())))
}

struct Script(String);

impl Answer for Script {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(self.0.as_bytes())
    }

    fn json(&self) -> Vec<Value> {
        vec![json!({ "schema": "sigpkg.completions/1", "script": self.0 })]
    }

    fn is_verbatim(&self) -> bool {
        true
    }
}

struct Pages(PathBuf);

impl Answer for Pages {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "wrote the man pages to {}", self.0.display())
    }

    fn json(&self) -> Vec<Value> {
        vec![json!({ "schema": "sigpkg.man/1", "folder": self.0.display().to_string() })]
    }
}
