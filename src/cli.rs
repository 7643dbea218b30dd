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
mod completions;
mod context;
mod doctor;
mod failure;
mod groups;
mod hook;
mod id;
mod init;
mod key;
mod log;
mod maintainer;
mod output;
mod progress;
mod registry;
mod release;
mod reserve;
mod sig;
mod span;
mod statement;
mod status;
mod target;
mod trust;
mod verify;
mod voice;
mod whereabouts;
mod yank;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use self::context::Context;
use self::failure::Failure;
use self::output::Answer;

/// Sign every release with its own key; verify an unbroken chain from the first trusted install.
#[derive(Parser)]
#[command(name = "sigpkg", version, max_term_width = 100, disable_help_subcommand = true)]
#[command(after_help = "Exit status: 0 accepted or done, 1 refused, 2 usage, 3 could not tell, 4 a human must choose.")]
struct Arguments {
    /// Work in this folder instead of the current one
    #[arg(short = 'C', value_name = "DIR", global = true)]
    directory: Option<PathBuf>,
    /// Print the answer as JSON, one object a line
    #[arg(long, global = true)]
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
    Man(completions::Man),
}

/// Runs the command that the process was called with.
pub(crate) fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let context = match Context::new(arguments.directory, arguments.json) {
        Ok(context) => context,
        Err(failure) => return output::fail(&failure, arguments.json),
    };
    match run(arguments.command, &context) {
        Ok(answer) => output::answer(answer.as_ref(), context.json),
        Err(failure) => output::fail(&failure, context.json),
    }
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
        Command::Completions(arguments) => Ok(completions::completions(&arguments, Arguments::command())),
        Command::Man(arguments) => completions::man(&arguments, Arguments::command(), context),
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
