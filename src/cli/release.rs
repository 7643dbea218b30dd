//! `sigpkg release`: sign the committed tree as a version.

use clap::Args;
use sigpkg::publish::Request;

use super::context::Context;
use super::failure::Failure;
use super::output::Answer;
use super::statement::{self, Options};

/// Sign the committed tree as a version, and commit .sigpkg
///
/// What is signed is the tree of this folder in the commit at HEAD. The new commit has it as its parent and adds .sigpkg:
/// register, tag or publish that commit, by the commit or the tree that are printed. Every later commit is another tree.
/// docs/maintainers/releasing.md has the whole way, with Registrator, LocalRegistry and TagBot.
#[derive(Args)]
pub(crate) struct Release {
    /// The version [default: that of the manifest]
    version: Option<String>,
    /// Replace the newest release, of this same version, which was made by mistake
    #[arg(long)]
    redo: bool,
    /// Allow a version that is lower than one released before
    #[arg(long)]
    back_port: bool,
    /// Make a tag on the new commit; leave that to TagBot if you use it, which skips a version whose tag exists
    #[arg(long, value_name = "NAME", conflicts_with = "no_commit")]
    tag: Option<String>,
    #[command(flatten)]
    options: Options,
}

pub(crate) fn run(arguments: &Release, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let request = Request {
        version: arguments.version.clone(),
        redo: arguments.redo,
        back_port: arguments.back_port,
        tag: arguments.tag.clone(),
        adoption: None,
        common: arguments.options.common(),
    };
    statement::make(&request.into(), &arguments.options, context)
}
