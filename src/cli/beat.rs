//! `sigpkg beat`: say that the keys are still here, or that this is the end.

use clap::Args;
use sigpkg::publish::BeatRequest;
use sigpkg::statement::{Beat, BeatState};

use super::context::Context;
use super::failure::Failure;
use super::maintainer::typed_id;
use super::output::Answer;
use super::statement::{self, Options};

/// Say that you are still here and still hold the keys, and commit .sigpkg
#[derive(Args)]
pub(crate) struct BeatArguments {
    /// Say that no further release is planned
    #[arg(long = "final")]
    is_final: bool,
    /// The signatory id of the chain that goes on in the place of this one, such as under another name
    #[arg(long, value_name = "ID")]
    successor: Option<String>,
    #[command(flatten)]
    options: Options,
}

pub(crate) fn run(arguments: &BeatArguments, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let beat = Beat {
        state: if arguments.is_final { BeatState::Final } else { BeatState::Here },
        successor: arguments.successor.as_deref().map(typed_id).transpose()?,
    };
    let request = BeatRequest { beat, common: arguments.options.common() };
    statement::make(&request.into(), &arguments.options, context)
}
