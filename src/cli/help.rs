//! `-h` that fits a screen and shows the common case first; `--help` that says everything.

use std::fmt::Write as _;

use clap::Command;
use clap::builder::StyledStr;

use super::pages::{self, PEOPLE, Page};

/// What every command says at its end.
pub(super) const EXIT_STATUS: &str =
    "Exit status: 0 accepted or done, 1 refused, 2 usage, 3 could not tell, 4 a human must choose.";

/// The environment that the program looks at, each variable with what it does. For people, one line each.
pub(super) const ENVIRONMENT: &[(&str, &str)] = &[
    ("SIGPKG_HOME", "the folder of the key stores and the trust store, instead of XDG_DATA_HOME/sigpkg"),
    ("XDG_DATA_HOME", "where the folder sigpkg is otherwise; without it HOME/.local/share"),
    ("SIGPKG_PASSPHRASE_FILE", "a file whose first line is the passphrase, for machines"),
    (
        "SIGPKG_ASKPASS",
        "a program that asks for the passphrase where there is no terminal; SSH_ASKPASS is the next choice",
    ),
    ("SSH_ASKPASS_REQUIRE", "with the value force the program asks also where there is a terminal"),
    ("JULIA_DEPOT_PATH", "the folders in which Julia installs packages"),
    ("NO_COLOR", "with any value no colours are used; CLICOLOR=0 says the same"),
    ("CLICOLOR_FORCE", "with any value but 0 colours are used also where there is no terminal"),
    ("TERM", "dumb: neither colours nor progress"),
    ("COLUMNS", "how wide the text is to be on a terminal, instead of what the terminal says"),
];

/// How many examples `-h` shows.
const IN_SHORT: usize = 2;

/// How many commands of a group have a line of their own in the short form. The first of the table of pages do.
const IN_GROUP: usize = 6;

/// What fits beside the name of an option, in characters.
const ONE_LINE: usize = 56;

/// Adds to a command and to all below it what the table of pages says.
pub(super) fn dressed(command: Command) -> Command {
    let command = dress(command, "");
    let short = overview(&command, false);
    let long = format!("{}\n{EXIT_STATUS}\n\n{}", overview(&command, true), environment());
    command
        .help_template("{about-with-newline}\n{usage-heading} {usage}{after-help}")
        .after_help(StyledStr::from(short))
        .after_long_help(StyledStr::from(long))
}

fn dress(command: Command, path: &str) -> Command {
    let command = command.mut_subcommands(|inner| {
        let inner_path =
            if path.is_empty() { inner.get_name().to_owned() } else { format!("{path} {}", inner.get_name()) };
        dress(inner, &inner_path)
    });
    match pages::page(path) {
        Some(page) => with_page(command, page),
        None => command,
    }
}

fn with_page(mut command: Command, page: &Page) -> Command {
    if let Some(about) = page.about {
        let long = command.get_long_about().or(command.get_about()).cloned();
        command = command.about(about);
        if let Some(long) = long {
            command = command.long_about(long);
        }
    }
    command = command.mut_args(|arg| {
        let id = arg.get_id().as_str().to_owned();
        if page.common.is_some_and(|common| !common.contains(&id.as_str())) {
            let whole = arg.get_long_help().or(arg.get_help()).cloned().unwrap_or_default();
            // Man pages leave out what has no other help than a hidden one.
            return arg.hide_short_help(true).long_help(whole);
        }
        let whole = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let brief = pages::brief(page.command, &id).map_or_else(|| first_clause(&whole), str::to_owned);
        if brief == whole { arg } else { arg.help(brief).long_help(whole) }
    });
    let brief = examples(&command, page, IN_SHORT);
    let examples = examples(&command, page, usize::MAX);
    let more = command.get_after_long_help().or(command.get_after_help()).map(ToString::to_string);
    let exit_status =
        if more.as_ref().is_some_and(|more| more.contains("Exit status")) { None } else { Some(EXIT_STATUS) };
    let long: Vec<_> = [Some(examples), more, exit_status.map(str::to_owned)].into_iter().flatten().collect();
    command.after_help(StyledStr::from(brief)).after_long_help(StyledStr::from(long.join("\n\n")))
}

/// What is said up to the first stop, if all of it would take more than a line.
fn first_clause(help: &str) -> String {
    if help.len() <= ONE_LINE {
        return help.to_owned();
    }
    let stops = [": ", "; ", ". ", ", so that", ", such as", ", where ", " ["];
    let end = stops.iter().filter_map(|stop| help.find(stop)).min();
    end.and_then(|end| help.get(..end)).unwrap_or(help).to_owned()
}

/// The examples, one above the other, without a line break at the end.
fn examples(command: &Command, page: &Page, most: usize) -> String {
    let style = command.get_styles().get_header();
    let width =
        page.examples.iter().take(most).filter(|(_, what)| !what.is_empty()).map(|(example, _)| example.len()).max();
    let mut text = format!("{style}Examples:{style:#}");
    for (example, what) in page.examples.iter().take(most) {
        // Writing to a string does not fail.
        let _ = if what.is_empty() {
            write!(text, "\n  {example}")
        } else {
            write!(text, "\n  {example:width$}  # {what}", width = width.unwrap_or_default())
        };
    }
    text
}

/// The commands by the people whom they are for. Without styles: clap counts them as columns when it breaks lines.
fn overview(command: &Command, is_long: bool) -> String {
    let mut text = String::new();
    for (person, heading) in PEOPLE {
        let of_person = pages::PAGES.iter().filter(|page| page.person == person);
        let commands: Vec<_> = of_person.filter_map(|page| command.find_subcommand(page.command)).collect();
        // The short form has a line for each command of the first two, and a list of the others.
        if !is_long && matches!(person, pages::Person::Registry | pages::Person::Plumbing) {
            let names: Vec<_> = commands.iter().map(|command| command.get_name()).collect();
            let _ = writeln!(text, "{heading}: {}", names.join(", "));
            continue;
        }
        let _ = writeln!(text, "{heading}:");
        let most = if is_long { usize::MAX } else { IN_GROUP };
        for command in commands.iter().take(most) {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(text, "  {:11}  {about}", command.get_name());
        }
        let others: Vec<_> = commands.iter().skip(most).map(|command| command.get_name()).collect();
        if !others.is_empty() {
            let _ = writeln!(text, "  and {}", others.join(", "));
        }
        if is_long {
            text.push('\n');
        }
    }
    text.push_str(if is_long { LONG_OPTIONS } else { SHORT_OPTIONS });
    text
}

const SHORT_OPTIONS: &str = "Options: -C <DIR> to work in this folder, --json, -V\n\n\
    `sigpkg COMMAND -h` shows the common case, --help everything.";

const LONG_OPTIONS: &str = "Options, of every command:
  -C <DIR>       Work in this folder instead of the current one
  --json         Print the answer as JSON, one object a line
  -h, --help     Print the common options, or all of them
  -V, --version  Print the version
";

fn environment() -> String {
    let mut text = "Environment:".to_owned();
    for (variable, what) in ENVIRONMENT {
        let _ = write!(text, "\n  {variable}  {what}");
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::*;
    use crate::cli::Arguments;

    /// What a terminal has, in lines and columns.
    const SCREEN: (usize, usize) = (24, 80);

    fn command() -> Command {
        let mut command = dressed(Arguments::command()).term_width(SCREEN.1);
        command.build();
        command
    }

    /// Each command with its words after `sigpkg`.
    fn all(command: &Command, path: &str) -> Vec<(String, Command)> {
        let mut found = vec![(path.to_owned(), command.clone())];
        for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
            found.extend(all(inner, format!("{path} {}", inner.get_name()).trim_start()));
        }
        found
    }

    #[test]
    fn the_help_of_every_command_fits_a_screen() {
        let mut wrong = Vec::new();
        for (path, mut command) in all(&command(), "") {
            let help = command.render_help().to_string();
            let lines = help.trim_end().lines().count();
            let columns = help.lines().map(|line| line.chars().count()).max().unwrap_or_default();
            if lines > SCREEN.0 || columns > SCREEN.1 {
                wrong.push(format!("sigpkg {path} -h: {lines} lines, {columns} columns\n{help}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn every_command_has_a_page_and_an_example_and_no_page_is_of_no_command() {
        let commands: Vec<_> =
            all(&command(), "").into_iter().map(|(path, _)| path).filter(|path| !path.is_empty()).collect();
        let without: Vec<_> =
            commands.iter().filter(|path| pages::page(path).is_none_or(|page| page.examples.is_empty())).collect();
        assert!(without.is_empty(), "give these a page with an example in src/cli/pages.rs: {without:?}");
        let lost: Vec<_> = pages::PAGES
            .iter()
            .map(|page| page.command)
            .filter(|path| !commands.iter().any(|command| command == path))
            .collect();
        assert!(lost.is_empty(), "pages of no command: {lost:?}");
        for page in pages::PAGES {
            for see in page.see {
                assert!(pages::page(see).is_some(), "{}: see {see}", page.command);
            }
        }
    }

    #[test]
    fn the_short_help_shows_options_that_there_are() {
        for (path, command) in all(&command(), "") {
            for id in pages::page(&path).and_then(|page| page.common).unwrap_or_default() {
                let is_there = command.get_arguments().any(|arg| arg.get_id() == id);
                assert!(is_there, "{path}: there is no argument {id}");
            }
        }
    }

    #[test]
    fn every_example_is_a_command_that_the_parser_takes() {
        for page in pages::PAGES {
            for (example, _) in page.examples {
                let (words, _) = example.split_once(" > ").unwrap_or((example, ""));
                // Quotes hold words together, as a shell has it.
                let words: Vec<_> = words
                    .split('\'')
                    .enumerate()
                    .flat_map(|(at, part)| if at % 2 == 1 { vec![part] } else { part.split_whitespace().collect() })
                    .collect();
                assert!(example.starts_with(&format!("sigpkg {}", page.command)), "{example}");
                let refused = Arguments::try_parse_from(&words).err().map(|error| error.to_string());
                assert_eq!(refused, None, "{example}");
            }
        }
    }

    #[test]
    fn the_overview_names_every_command() {
        let mut command = command();
        for help in [command.render_help(), command.render_long_help()] {
            let help = help.to_string();
            for inner in command.get_subcommands() {
                assert!(help.contains(inner.get_name()), "{}", inner.get_name());
            }
        }
    }
}
