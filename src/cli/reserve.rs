//! `sigpkg reserve`: keys that change who signs, and the statements that they make.

pub(super) mod draft;
mod drop;
mod join;
mod new;
mod paper;
mod restore;
mod show;
mod sign;

use clap::{Args, Subcommand};

use super::context::Context;
use super::failure::Failure;
use super::output::Answer;

/// Keys that can change who signs
#[derive(Args)]
pub(crate) struct Reserve {
    #[command(subcommand)]
    command: ReserveCommand,
}

#[derive(Subcommand)]
enum ReserveCommand {
    New(new::New),
    Paper(paper::OnPaper),
    Restore(restore::Restore),
    Sign(Box<sign::Sign>),
    Show(show::Show),
    Join(join::Join),
    Drop(drop::Drop),
}

pub(crate) fn run(arguments: &Reserve, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    match &arguments.command {
        ReserveCommand::New(new) => new::run(new, context),
        ReserveCommand::Paper(paper) => paper::run(paper, context),
        ReserveCommand::Restore(restore) => restore::run(restore, context),
        ReserveCommand::Sign(sign) => sign::run(sign, context),
        ReserveCommand::Show(show) => show::run(show, context),
        ReserveCommand::Join(join) => join::run(join, context),
        ReserveCommand::Drop(drop) => drop::run(drop, context),
    }
}
