//! `sigpkg yank`: say that releases are not to be used.

use clap::{Args, ValueEnum};
use sigpkg::publish::YankRequest;
use sigpkg::statement::Severity;

use super::context::Context;
use super::failure::Failure;
use super::output::Answer;
use super::statement::{self, Options};

/// Say that releases are not to be used, and commit .sigpkg
#[derive(Args)]
#[command(override_usage = "sigpkg yank [OPTIONS] --severity <SEVERITY> --reason <TEXT> <RELEASE>...")]
pub(crate) struct YankArguments {
    /// Releases: each its version, or the number of its statement (@7, if that might be a version)
    #[arg(required = true, value_name = "VERSION|SEQ")]
    releases: Vec<String>,
    /// How grave it is
    #[arg(long, value_enum, value_name = "SEVERITY")]
    severity: Grave,
    /// Why, for people; shown to each user
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// The name or address of an advisory
    #[arg(long, value_name = "TEXT")]
    advisory: Option<String>,
    /// The release to use instead
    #[arg(long, value_name = "VERSION|SEQ")]
    replacement: Option<String>,
    #[command(flatten)]
    options: Options,
}

#[derive(Clone, Copy, ValueEnum)]
enum Grave {
    /// Users are told, and nothing else happens
    Note,
    /// Users are warned at each use
    Warn,
    /// The release is refused
    Refuse,
}

pub(crate) fn run(arguments: &YankArguments, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let request = YankRequest {
        releases: arguments.releases.clone(),
        severity: match arguments.severity {
            Grave::Note => Severity::Note,
            Grave::Warn => Severity::Warn,
            Grave::Refuse => Severity::Refuse,
        },
        reason: arguments.reason.clone(),
        advisory: arguments.advisory.clone(),
        replacement: arguments.replacement.clone(),
        common: arguments.options.common(),
    };
    statement::make(&request.into(), &arguments.options, context)
}
