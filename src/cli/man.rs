//! `sigpkg man`: a man page for each command, with the examples of [`super::pages`].

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Command};
use clap_mangen::roff::{Roff, bold, italic, roman};
use serde_json::{Value, json};

use super::context::Context;
use super::failure::Failure;
use super::help::ENVIRONMENT;
use super::output::Answer;
use super::pages::{self, Page, Person};

/// Write the man pages into a folder, one for each command
#[derive(Args)]
pub(crate) struct Man {
    /// The folder; it is made if it does not exist
    #[arg(value_name = "FOLDER", required_unless_present = "out")]
    folder: Option<PathBuf>,
    /// The same
    #[arg(long, value_name = "DIR", conflicts_with = "folder")]
    out: Option<PathBuf>,
}

/// What the exit status says, for every command that has no other meaning for it.
const STATUSES: [(&str, &str); 6] = [
    ("0", "Accepted, or done."),
    ("1", "Refused, and the message says why."),
    ("2", "The command was used wrongly."),
    ("3", "It could not be told: something cannot be read, written or reached."),
    ("4", "Undecided: a human must choose. With several targets the gravest counts: 1, then 3, then 4."),
    (
        "128+n",
        "Ended by signal n, such as 130 for Ctrl-C. Nothing is left half done; a release that was cut short is finished by the same command.",
    ),
];

/// Folders and files, and whom they concern; `None` concerns everybody.
const FILES: [(&str, &str, Option<Person>); 6] = [
    (
        ".sigpkg/",
        "in a source tree: the chain, the newest statement, its signature, and the listing of the files",
        None,
    ),
    (
        "~/.local/share/sigpkg/trust/",
        "the trust store: whom you trust, and all statements that you have seen of them",
        Some(Person::User),
    ),
    ("~/.local/share/sigpkg/keys/ID/", "the key store of a chain, for its owner alone", Some(Person::Maintainer)),
    ("Manifest.toml", "the lockfile of a Julia project, of which verify and trust speak", Some(Person::User)),
    ("Signatories.toml", "beside a lockfile: the pins of the project", Some(Person::User)),
    ("SigpkgPolicy.toml", "in the root of a registry: its policy", Some(Person::Registry)),
];

pub(crate) fn man(arguments: &Man, command: Command, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let folder = arguments.folder.as_ref().or(arguments.out.as_ref());
    let folder = folder.ok_or_else(|| Failure::usage("neither a folder nor --out is given"))?;
    let place = context.path(folder);
    let failed = |error: io::Error| Failure::could_not_tell(format!("{} cannot be written: {error}", place.display()));
    std::fs::create_dir_all(&place).map_err(failed)?;
    for (name, page) in rendered(command).map_err(failed)? {
        context.write(&place.join(name), &page)?;
    }
    Ok(Box::new(Pages(folder.clone())))
}

/// Every page with the name of its file.
fn rendered(mut command: Command) -> io::Result<Vec<(String, Vec<u8>)>> {
    command.build();
    let mut pages = Vec::new();
    collect(&command, "", &mut pages)?;
    Ok(pages)
}

fn collect(command: &Command, path: &str, pages: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        collect(inner, format!("{path} {}", inner.get_name()).trim_start(), pages)?;
    }
    pages.push((format!("{}.1", page_name(path)), render(command, path)?));
    Ok(())
}

/// `sigpkg-trust-add`
fn page_name(path: &str) -> String {
    format!("sigpkg {path}").trim_end().replace(' ', "-")
}

fn render(command: &Command, path: &str) -> io::Result<Vec<u8>> {
    let page = pages::page(path);
    let man = clap_mangen::Man::new(command.clone());
    // Without a date: the same source gives the same page.
    let title = format!(".TH {} 1 \"\" \"sigpkg {}\" \"sigpkg manual\"\n", page_name(path), env!("CARGO_PKG_VERSION"));
    let mut out = title.into_bytes();
    man.render_name_section(&mut out)?;
    let mut synopsis = Roff::new();
    let usage = command.clone().render_usage().to_string();
    synopsis.control("SH", ["SYNOPSIS"]);
    synopsis.text([bold(usage.strip_prefix("Usage: ").unwrap_or(&usage))]);
    out.extend(synopsis.render().into_bytes());
    man.render_description_section(&mut out)?;
    if command.get_arguments().any(|arg| !arg.is_hide_set()) {
        man.render_options_section(&mut out)?;
    }
    if command.has_subcommands() {
        man.render_subcommands_section(&mut out)?;
    }
    let mut rest = Roff::new();
    if let Some(page) = page {
        add_examples(&mut rest, page);
    }
    add_exit_status(&mut rest);
    add_environment(&mut rest, page.map(|page| page.person));
    add_files(&mut rest, page.map(|page| page.person));
    add_see_also(&mut rest, command, path, page);
    out.extend(rest.render().into_bytes());
    Ok(out)
}

fn add_examples(roff: &mut Roff, page: &Page) {
    roff.control("SH", ["EXAMPLES"]);
    for (example, what) in page.examples {
        roff.control("TP", []);
        roff.text([bold(*example)]);
        roff.text([roman(if what.is_empty() { "the common case" } else { what })]);
    }
}

fn add_exit_status(roff: &mut Roff) {
    roff.control("SH", ["EXIT STATUS"]);
    for (status, what) in STATUSES {
        roff.control("TP", []);
        roff.text([bold(status)]);
        roff.text([roman(what)]);
    }
}

fn add_environment(roff: &mut Roff, person: Option<Person>) {
    roff.control("SH", ["ENVIRONMENT"]);
    for (variable, what) in ENVIRONMENT {
        let is_of_keys = variable.contains("PASS");
        if is_of_keys && matches!(person, Some(Person::User | Person::Registry)) {
            continue;
        }
        roff.control("TP", []);
        roff.text([bold(*variable)]);
        roff.text([roman(*what)]);
    }
}

fn add_files(roff: &mut Roff, person: Option<Person>) {
    roff.control("SH", ["FILES"]);
    for (path, what, of) in FILES {
        if of.is_none() || person.is_none() || of == person {
            roff.control("TP", []);
            roff.text([italic(path)]);
            roff.text([roman(what)]);
        }
    }
}

fn add_see_also(roff: &mut Roff, command: &Command, path: &str, page: Option<&'static Page>) {
    let mut names: Vec<String> = Vec::new();
    if !path.is_empty() {
        names.push(page_name(path.rsplit_once(' ').map_or("", |(above, _)| above)));
    }
    names.extend(command.get_subcommands().map(|inner| page_name(format!("{path} {}", inner.get_name()).trim_start())));
    names.extend(page.into_iter().flat_map(|page| page.see).map(|see| page_name(see)));
    names.sort_unstable();
    names.dedup();
    roff.control("SH", ["SEE ALSO"]);
    let mut inlines = Vec::new();
    for (at, name) in names.into_iter().enumerate() {
        inlines.push(roman(if at == 0 { "" } else { ", " }));
        inlines.push(bold(name));
        inlines.push(roman("(1)"));
    }
    roff.text(inlines);
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
