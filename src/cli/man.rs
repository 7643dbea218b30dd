//! `sigpkg man`: manual pages, one for each command.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, CommandFactory as _};
use serde_json::{Value, json};

use super::context::Context;
use super::failure::Failure;
use super::output::Answer;

/// Write manual pages into a folder
#[derive(Args)]
pub(crate) struct Man {
    /// The folder; it is made if it is not there
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

struct Pages(Vec<PathBuf>);

pub(crate) fn run(arguments: &Man, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let directory = context.path(&arguments.directory);
    let written = std::fs::create_dir_all(&directory)
        .and_then(|()| clap_mangen::generate_to(super::Arguments::command(), &directory));
    written.map_err(|error| Failure::could_not_tell(format!("{} cannot be written: {error}", directory.display())))?;
    let pages = std::fs::read_dir(&directory)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>());
    let mut pages =
        pages.map_err(|error| Failure::could_not_tell(format!("{} cannot be read: {error}", directory.display())))?;
    pages.retain(|page| page.extension().is_some_and(|extension| extension == "1"));
    pages.sort();
    Ok(Box::new(Pages(pages)))
}

impl Answer for Pages {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        self.0.iter().try_for_each(|page| writeln!(out, "{}", page.display()))
    }

    fn json(&self) -> Vec<Value> {
        let pages: Vec<_> = self.0.iter().map(|page| page.display().to_string()).collect();
        vec![json!({ "schema": "sigpkg.man/1", "pages": pages })]
    }
}
