//! `sigpkg trust`: whom the user trusts, and what was decided about them.

mod add;
mod challenge;
mod decide;
mod list;
mod update;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use sigpkg::trust::{TrustError, TrustStore, Trusted};

use super::context::Context;
use super::failure::Failure;
use super::output::Answer;
use super::target::with_causes;
use super::verify::package_json;

/// Say whom you trust
#[derive(Args)]
pub(crate) struct Trust {
    #[command(subcommand)]
    command: TrustCommand,
}

#[derive(Subcommand)]
enum TrustCommand {
    Add(add::Add),
    List(list::List),
    Show(list::Show),
    Update(update::Update),
    Accept(decide::Accept),
    Policy(decide::Policy),
    Remove(decide::Remove),
}

pub(crate) fn run(arguments: &Trust, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let store = TrustStore::open(context.trust_home()?);
    match &arguments.command {
        TrustCommand::Add(arguments) => add::run(arguments, &store, context),
        TrustCommand::List(_) => list::list(&store),
        TrustCommand::Show(arguments) => list::show(arguments, &store),
        TrustCommand::Update(arguments) => update::run(arguments, &store, context),
        TrustCommand::Accept(arguments) => decide::accept(arguments, &store, context),
        TrustCommand::Policy(arguments) => decide::policy(arguments, &store),
        TrustCommand::Remove(arguments) => decide::remove(arguments, &store),
    }
}

impl From<TrustError> for Failure {
    fn from(error: TrustError) -> Self {
        let message = with_causes(&error);
        match error {
            TrustError::Read { .. } | TrustError::Write { .. } => {
                Self::could_not_tell(message).hint("see that you may read and write there, and that the disk has room")
            }
            TrustError::Damaged { path, .. } | TrustError::DamagedChain { path, .. } => {
                let folder = path.parent().unwrap_or(&path).display().to_string();
                Self::could_not_tell(message)
                    .hint(format!("bring {folder} back from a backup, or move it away and trust the signatory again"))
            }
            TrustError::NotTrusted { .. } => Self::undecided(message).hint("sigpkg trust list shows who is trusted"),
            TrustError::NoStatement { .. } => Self::undecided(message).hint("sigpkg log --json shows the digests"),
        }
    }
}

/// A trusted signatory for scripts.
fn trusted_json(schema: &str, trusted: &Trusted) -> Value {
    let (belief, decisions) = (trusted.belief(), trusted.decisions());
    let head = belief.head();
    json!({
        "schema": schema,
        "signatory": trusted.id().to_string(),
        "package": package_json(trusted.package()),
        "grade": decisions.grade.as_str(),
        "since": decisions.since.to_string(),
        "accepted": decisions.accepted.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "reserve": decisions.reserve.as_str(),
        "statements": trusted.chain().len(),
        "contested": belief.contest().is_some(),
        "head": {
            "seq": head.seq().get(),
            "digest": head.digest().to_string(),
            "version": belief.newest_release().map(|release| release.version().to_string()),
            "first-seen": decisions.head.first_seen.to_string(),
        },
    })
}

/// `v1.4.2 (statement 43)`
fn newest(trusted: &Trusted) -> String {
    let belief = trusted.belief();
    belief
        .newest_release()
        .map_or("no release yet".to_owned(), |release| format!("v{} (statement {})", release.version(), release.seq()))
}
