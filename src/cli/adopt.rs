//! `sigpkg adopt`: sign somebody else's package as one's own.

use std::path::{Path, PathBuf};

use clap::Args;
use sigpkg::publish::{Adoption, Request};

use super::context::Context;
use super::failure::Failure;
use super::maintainer;
use super::output::Answer;
use super::statement::{self, Options};
use super::verify::read_upstream;

/// Sign somebody else's package as your own: same name, same version, your signatory
///
/// The committed tree is signed as `sigpkg release` does it, and the digest of its listing is recorded as that of upstream, so
/// that anybody can compare the two with `sigpkg verify --upstream`. It says nothing about who wrote the tree, and no user of
/// upstream is moved: whoever trusts another signatory refuses yours. `sigpkg init --no-commit` begins the chain.
#[derive(Args)]
pub(crate) struct Adopt {
    /// The version [default: that of the manifest]
    version: Option<String>,
    /// Keep the signatures in this new folder outside of the repository, and leave the tree as it is
    #[arg(long, value_name = "DIR", conflicts_with_all = ["no_commit", "side", "tag"])]
    signatures: Option<PathBuf>,
    /// The tree that is adopted, where the committed one has changes: a directory, a tarball, REPO#REV, or the digest of its
    /// listing
    #[arg(long, value_name = "TREE|DIGEST")]
    upstream: Option<String>,
    /// Replace the .sigpkg of another signatory without asking
    #[arg(long, conflicts_with = "signatures")]
    replace: bool,
    /// The signatory that adopts it [default: yours for this package]
    #[arg(long = "as", value_name = "ID")]
    signatory: Option<String>,
    /// Replace the newest release, of this same version, which was made by mistake
    #[arg(long)]
    redo: bool,
    /// Allow a version that is lower than one released before
    #[arg(long)]
    back_port: bool,
    /// Make a tag on the new commit
    #[arg(long, value_name = "NAME", conflicts_with = "no_commit")]
    tag: Option<String>,
    #[command(flatten)]
    options: Options,
}

pub(crate) fn run(arguments: &Adopt, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let adoption = Adoption {
        upstream: arguments.upstream.as_deref().map(|given| read_upstream(context, given)).transpose()?,
        // Whoever is asked whether to sign has been shown what is replaced.
        replace: arguments.replace || arguments.options.shows_first(context),
        signatures: arguments.signatures.as_deref().map(|folder| absolute(context, folder)).transpose()?,
        signatory: arguments.signatory.as_deref().map(maintainer::typed_id).transpose()?,
    };
    let request = Request {
        version: arguments.version.clone(),
        redo: arguments.redo,
        back_port: arguments.back_port,
        tag: arguments.tag.clone(),
        adoption: Some(adoption),
        common: arguments.options.common(),
    };
    statement::make(&request.into(), &arguments.options, context)
}

/// Whoever finishes what was interrupted may be somewhere else.
fn absolute(context: &Context, folder: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(context.path(folder))
        .map_err(|error| Failure::could_not_tell(format!("{} has no place: {error}", folder.display())))
}
