//! `sigpkg log`: the chain of a target, statement by statement.

use std::io::{self, Write};
use std::path::Path;

use clap::Args;
use serde_json::{Value, json};
use sigpkg::chain::{Belief, Link, State};
use sigpkg::trust::{TrustStore, Trusted};

use super::context::Context;
use super::failure::Failure;
use super::output::{Answer, BAD, CARE};
use super::target;

/// Show the chain of a target, or of a package whose signatory is trusted
#[derive(Args)]
pub(crate) struct Log {
    /// A directory, a tarball, REPO#REV, a chain file, or the name or id of a trusted signatory
    #[arg(value_name = "TARGET")]
    target: String,
}

/// The chain together with what the store knows of it.
struct History {
    trusted: Trusted,
    /// Whether the user trusts the signatory, so that what stands is what this user believes.
    is_trusted: bool,
}

pub(crate) fn run(arguments: &Log, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let store = TrustStore::open(context.trust_home()?);
    let given = arguments.target.as_str();
    let is_target = context.path(Path::new(given)).exists() || given.contains('#');
    if !is_target {
        return Ok(Box::new(History { trusted: target::find_trusted(&store, given)?, is_trusted: true }));
    }
    let chain = target::admit(context, given)?;
    let now = context.now()?;
    Ok(Box::new(match store.find(chain.id())? {
        Some(mut trusted) => {
            trusted.learn(&chain, now).map_err(|error| Failure::refused(error.rule(), error))?;
            History { trusted, is_trusted: true }
        }
        None => History { trusted: Trusted::stranger(chain, now), is_trusted: false },
    }))
}

/// From the genesis on; at a fork what stands comes first.
fn links<'chain>(belief: &Belief<'chain>) -> Vec<Link<'chain>> {
    let mut links: Vec<_> = belief.chain().links().collect();
    links.sort_by_key(|link| (link.seq(), state(belief, *link) != State::Standing, link.digest()));
    links
}

fn state(belief: &Belief<'_>, link: Link<'_>) -> State {
    belief.state(link).unwrap_or(State::Void)
}

impl Answer for History {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        let belief = self.trusted.belief();
        writeln!(out, "{}  {}", self.trusted.package(), self.trusted.id())?;
        if !self.is_trusted {
            writeln!(out, "{CARE}not trusted{CARE:#}; this is what the target itself says")?;
        }
        for link in links(&belief) {
            let statement = link.statement();
            let what = match statement.release() {
                Some(release) => format!("{} v{}", statement.kind(), release.version),
                None => statement.kind().to_string(),
            };
            write!(out, "{:>6}  {}  {what}", link.seq(), statement.date)?;
            match state(&belief, link) {
                State::Standing => {}
                other @ (State::Waiting | State::Distrusted | State::Contested) => {
                    write!(out, "  {CARE}{}{CARE:#}", other.as_str())?;
                }
                State::Void => write!(out, "  {BAD}void{BAD:#}")?,
            }
            if belief.is_withdrawn(link) {
                write!(out, "  {CARE}withdrawn{CARE:#}")?;
            }
            if belief.head() == link {
                write!(out, "  head")?;
            }
            writeln!(out)?;
        }
        Ok(())
    }

    fn json(&self) -> Vec<Value> {
        let belief = self.trusted.belief();
        let line = |link: Link<'_>| {
            let statement = link.statement();
            json!({
                "schema": "sigpkg.log/1",
                "seq": link.seq().get(),
                "kind": statement.kind().as_str(),
                "date": statement.date.to_string(),
                "digest": link.digest().to_string(),
                "previous": statement.lineage.as_ref().map(|lineage| lineage.previous.to_string()),
                "state": state(&belief, link).as_str(),
                "version": statement.release().map(|release| release.version.to_string()),
                "withdrawn": belief.is_withdrawn(link),
                "signatory": self.trusted.id().to_string(),
            })
        };
        links(&belief).into_iter().map(line).collect()
    }
}
