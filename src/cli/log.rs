//! `sigpkg log`: the chain of a target, statement by statement.

use std::io::{self, Write};
use std::path::Path;

use clap::Args;
use serde_json::{Value, json};
use sigpkg::chain::{Belief, Fork, Link, State};
use sigpkg::statement::{BeatState, Body};
use sigpkg::text::printable;
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
            trusted.learn(&chain, now).map_err(|error| {
                Failure::refused(error.rule(), error)
                    .hint("the file is damaged or forged; get it from its source again")
            })?;
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
        for run in runs(&belief) {
            if let (Some(after), Some(first)) = (run.after, run.links.first()) {
                writeln!(out, "\nbranch after statement {}: {}", after.seq(), first.digest())?;
            }
            run.links.iter().try_for_each(|link| write_statement(out, &belief, *link))?;
        }
        self.trusted.chain().forks().try_for_each(|fork| write_fork(out, &fork))
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
                "yanked": belief.yank(link).map(|yanked| yanked.severity.as_str()),
                "cause": statement.reserve_change().map(|change| change.cause.as_str()),
                "signatory": self.trusted.id().to_string(),
            })
        };
        links(&belief).into_iter().map(line).collect()
    }
}

/// A run of statements, each the parent of the next: the standing line, or a branch beside it.
struct Run<'chain> {
    /// The statement after which it branches off; `None` for the standing line.
    after: Option<Link<'chain>>,
    links: Vec<Link<'chain>>,
}

/// The standing line first, then every branch, in the order of where they branch off.
fn runs<'chain>(belief: &Belief<'chain>) -> Vec<Run<'chain>> {
    let line: Vec<_> = belief.line().collect();
    let mut runs = vec![Run { after: None, links: line }];
    let mut next = 0;
    while let Some(run) = runs.get(next) {
        let mut branches = Vec::new();
        for (at, link) in run.links.iter().enumerate() {
            let beside = link.children().filter(|child| run.links.get(at + 1) != Some(child));
            let mut beside: Vec<_> = beside.map(|child| Run { after: Some(*link), links: first_line(child) }).collect();
            beside.sort_by_key(|run| run.links.first().map(|first| first.digest()));
            branches.extend(beside);
        }
        runs.extend(branches);
        next += 1;
    }
    runs
}

/// A statement, its first child, and so on.
fn first_line(first: Link<'_>) -> Vec<Link<'_>> {
    std::iter::successors(Some(first), |link| link.children().min_by_key(|child| child.digest())).collect()
}

/// `    42  2026-11-20T12:00:00Z  release v1.4.1  yanked (warn) by statement 43`
fn write_statement(out: &mut dyn Write, belief: &Belief<'_>, link: Link<'_>) -> io::Result<()> {
    write!(out, "{:>6}  {}  {}", link.seq(), link.statement().date, printable(&what(link)))?;
    match state(belief, link) {
        State::Standing => {}
        other @ (State::Waiting | State::Distrusted | State::Contested) => {
            write!(out, "  {CARE}{}{CARE:#}", other.as_str())?;
        }
        State::Void => write!(out, "  {BAD}void{BAD:#}")?,
    }
    if belief.is_withdrawn(link) {
        write!(out, "  {CARE}withdrawn{CARE:#}")?;
    }
    if let Some(yanked) = belief.yank(link) {
        let (severity, by) = (yanked.severity.as_str(), yanked.by.seq());
        write!(out, "  {CARE}yanked{CARE:#} ({severity}) by statement {by}")?;
    }
    if belief.head() == link {
        write!(out, "  head")?;
    }
    writeln!(out)
}

/// What a statement says, on one line. The words of the signatory are between quotation marks.
fn what(link: Link<'_>) -> String {
    let statement = link.statement();
    let kind = statement.kind();
    match &statement.body {
        Body::Genesis(_) => kind.to_string(),
        Body::Release(release, _) => format!("{kind} v{}", release.version),
        Body::Yank(yank, _) => {
            let releases: Vec<_> = yank.releases.iter().map(ToString::to_string).collect();
            let of = if releases.len() == 1 { "statement" } else { "statements" };
            format!("{kind} of {of} {} ({}): \"{}\"", releases.join(", "), yank.severity.as_str(), yank.reason)
        }
        Body::Beat(beat, _) => {
            let is_final = if beat.state == BeatState::Final { ", final" } else { "" };
            let successor = beat.successor.map(|id| format!(", successor {id}")).unwrap_or_default();
            format!("{kind}{is_final}{successor}")
        }
        Body::Reserve(change, _) => format!("{kind}, cause {}: \"{}\"", change.cause.as_str(), change.reason),
    }
}

/// The proof that one key has signed several texts, in words.
fn write_fork(out: &mut dyn Write, fork: &Fork<'_>) -> io::Result<()> {
    let (parent, key) = (fork.parent.seq(), &fork.parent.statement().look_ahead().next);
    let count = fork.children.len();
    writeln!(out, "\n{BAD}fork{BAD:#}: key {key}, announced by statement {parent}, has signed {count} texts:")?;
    fork.children.iter().try_for_each(|child| writeln!(out, "  {}", child.digest()))
}
