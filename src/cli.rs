//! The command line: one file per subcommand.
//!
//! A command reads its arguments, asks the library, and returns an [`Answer`]. It never prints: [`output`] shows the
//! answer on stdout, for people or as JSON, and everything else goes to stderr. [`context`] is the one place where the
//! environment, the clock and the terminal are asked; [`failure`] turns what went wrong into a sentence, a hint and an
//! exit status.

mod adopt;
mod beat;
mod chain;
mod compare;
mod complete;
mod completions;
mod context;
mod doctor;
mod failure;
mod groups;
mod help;
mod hook;
mod id;
mod init;
mod key;
mod log;
mod maintainer;
mod man;
mod output;
mod pages;
mod paper;
mod progress;
mod registry;
mod release;
mod reserve;
mod sig;
mod signals;
mod span;
mod statement;
mod status;
mod target;
mod trust;
mod verify;
mod voice;
mod whereabouts;
mod width;
mod yank;

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking"
)]
mod tests;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use self::context::Context;
use self::failure::Failure;
use self::output::Answer;

/// Sign every release with its own key; verify an unbroken chain of them
///
/// A package is installed once, by a human decision. From then on an upgrade is accepted only if whoever holds the keys has
/// released it: no registry, mirror, git host or network has a say.
#[derive(Parser)]
#[command(name = "sigpkg", version, max_term_width = 100, disable_help_subcommand = true)]
struct Arguments {
    /// Work in this folder instead of the current one
    #[arg(short = 'C', value_name = "DIR", global = true, hide_short_help = true)]
    #[arg(long_help = "Work in this folder instead of the current one")]
    directory: Option<PathBuf>,
    /// Print the answer as JSON, one object a line
    #[arg(long, global = true, hide_short_help = true)]
    #[arg(long_help = "Print the answer as JSON, one object a line")]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Init(init::Init),
    Release(release::Release),
    Adopt(adopt::Adopt),
    Yank(yank::YankArguments),
    Beat(beat::BeatArguments),
    Reserve(reserve::Reserve),
    Key(key::Key),
    Status(status::Status),
    Doctor(doctor::Doctor),
    Hook(hook::Hook),
    Verify(verify::Verify),
    Trust(trust::Trust),
    Log(log::Log),
    Registry(registry::Registry),
    Id(id::Id),
    Compare(compare::Arguments),
    Sig(sig::Arguments),
    Chain(chain::Arguments),
    Completions(completions::Completions),
    Man(man::Man),
}

/// Runs the command that the process was called with.
pub(crate) fn main() -> ExitCode {
    if let Some(answered) = complete::answer(command) {
        return answered;
    }
    let matches = command().get_matches();
    let arguments = match Arguments::from_arg_matches(&matches) {
        Ok(arguments) => arguments,
        Err(error) => error.exit(),
    };
    let context = match Context::new(arguments.directory, arguments.json) {
        Ok(context) => context,
        Err(failure) => return output::fail(&failure, arguments.json),
    };
    signals::listen();
    let result = run(arguments.command, &context);
    signals::yield_to_end();
    match result {
        Ok(answer) => output::answer(answer.as_ref(), context.json),
        Err(failure) => output::fail(&failure, context.json),
    }
}

/// The command line with its help.
fn command() -> clap::Command {
    help::dressed(Arguments::command())
}

fn run(command: Command, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    match command {
        Command::Verify(arguments) => verify::run(&arguments, context),
        Command::Trust(arguments) => trust::run(&arguments, context),
        Command::Registry(arguments) => registry::run(&arguments, context),
        Command::Log(arguments) => log::run(&arguments, context),
        Command::Id(arguments) => id::run(&arguments, context),
        Command::Compare(arguments) => compare::run(&arguments, context),
        Command::Sig(arguments) => sig::run(arguments, context),
        Command::Chain(arguments) => chain::run(arguments, context),
        Command::Completions(arguments) => Ok(completions::completions(&arguments)),
        Command::Man(arguments) => man::man(&arguments, self::command(), context),
        Command::Init(arguments) => init::run(&arguments, context),
        Command::Release(arguments) => release::run(&arguments, context),
        Command::Adopt(arguments) => adopt::run(&arguments, context),
        Command::Yank(arguments) => yank::run(&arguments, context),
        Command::Beat(arguments) => beat::run(&arguments, context),
        Command::Reserve(arguments) => reserve::run(&arguments, context),
        Command::Key(arguments) => key::run(&arguments, context),
        Command::Status(arguments) => status::run(&arguments, context),
        Command::Doctor(arguments) => doctor::run(&arguments, context),
        Command::Hook(arguments) => hook::run(&arguments, context),
    }
}
