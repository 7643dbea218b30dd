//! `sigpkg trust`: whom the user trusts, and what was decided about them.

mod add;
mod alike;
mod challenge;
mod decide;
mod diff;
mod distrust;
mod export;
mod installed;
mod known;
mod list;
mod pin;
mod refresh;
mod remove;
mod show;
mod update;
mod words;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use sigpkg::trust::{AcceptError, TrustError, TrustStore, Trusted};

use super::context::Context;
use super::failure::Failure;
use super::output::Answer;
use super::verify::package_json;

use self::show::void_releases;
use self::words::{contest_json, link_json, links_json, yank_json};

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
    Show(show::Show),
    Update(update::Update),
    Refresh(refresh::Refresh),
    Export(export::Export),
    Accept(decide::Accept),
    Policy(decide::Policy),
    Distrust(distrust::Distrust),
    Remove(remove::Remove),
    Pin(pin::Pin),
    Diff(diff::Diff),
}

pub(crate) fn run(arguments: &Trust, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let store = TrustStore::open(context.trust_home()?);
    match &arguments.command {
        TrustCommand::Add(arguments) => add::run(arguments, &store, context),
        TrustCommand::List(arguments) => list::run(arguments, &store, context),
        TrustCommand::Show(arguments) => show::run(arguments, &store, context),
        TrustCommand::Update(arguments) => update::run(arguments, &store, context),
        TrustCommand::Refresh(arguments) => refresh::run(arguments, &store, context),
        TrustCommand::Export(arguments) => export::run(arguments, &store, context),
        TrustCommand::Accept(arguments) => decide::accept(arguments, &store, context),
        TrustCommand::Policy(arguments) => decide::policy(arguments, &store, context),
        TrustCommand::Distrust(arguments) => distrust::run(arguments, &store, context),
        TrustCommand::Remove(arguments) => remove::run(arguments, &store, context),
        TrustCommand::Pin(arguments) => pin::run(arguments, &store, context),
        TrustCommand::Diff(arguments) => diff::run(arguments, &store, context),
    }
}

impl From<TrustError> for Failure {
    fn from(error: TrustError) -> Self {
        // It names its cause itself.
        let message = error.to_string();
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
            TrustError::Chain(error) => {
                Self::refused(error.rule(), &error).hint("the file is damaged or forged; get it from its source again")
            }
            TrustError::Accept(AcceptError::NoStatement { id, .. }) => {
                Self::undecided(message).hint(format!("sigpkg log {id} --json shows the digests"))
            }
            TrustError::Accept(AcceptError::Outranked { .. }) => Self::blocked(message)
                .hint("nothing has changed; sigpkg trust show has what stands, and what you can decide about"),
            TrustError::Accept(AcceptError::Distrusted { .. }) => Self::blocked(message).hint(
                "nothing has changed; keep what is installed until the maintainer's reserve has signed a statement about it",
            ),
            TrustError::Changed { .. } => {
                Self::undecided(message).hint("nothing was decided; run the command again and look again")
            }
        }
    }
}

/// A trusted signatory for scripts.
fn trusted_json(schema: &str, trusted: &Trusted) -> Value {
    let (belief, decisions) = (trusted.belief(), trusted.decisions());
    let (head, chain) = (belief.head(), trusted.chain());
    let yanked = chain.links().filter_map(|link| Some(yank_json(link, &belief.yank(link)?)));
    json!({
        "schema": schema,
        "signatory": trusted.id().to_string(),
        "package": package_json(trusted.package()),
        "grade": decisions.grade.as_str(),
        "since": decisions.since.to_string(),
        "accepted": decisions.accepted.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "reserve": decisions.reserve.as_str(),
        "statements": trusted.chain().len(),
        "vouchers": decisions.vouchers.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "ended": decisions.ended,
        "distrust": decisions.distrust.map(|mark| mark.to_string()),
        "contested": belief.contest().is_some(),
        "contest": belief.contest().as_ref().map(contest_json),
        "waiting": belief.waiting().map(link_json),
        "rivals": links_json(belief.rivals().map(|rival| rival.first)),
        "void-releases": links_json(void_releases(trusted)),
        "yanked": yanked.collect::<Vec<_>>(),
        "forks": chain.forks().count(),
        "final": belief.is_final(),
        "successor": belief.successor().map(|id| id.to_string()),
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
