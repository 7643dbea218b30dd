//! `sigpkg log`: the history of a chain, for people.
//!
//! For people, the newest statement comes first, as in the logs that they know; in JSON the order is that of the chain,
//! whatever the options say.

mod entry;
mod order;

use std::io::{self, Write};
use std::path::Path;

use clap::Args;
use serde_json::{Value, json};
use sigpkg::chain::{Belief, Fork, Link, State};
use sigpkg::statement::{Body, Kind, Seq};
use sigpkg::time::Timestamp;
use sigpkg::trust::{TrustStore, Trusted};

use self::entry::{Entries, mark, state};
use self::order::Row;
use super::context::Context;
use super::failure::Failure;
use super::output::{Answer, BAD, CARE};
use super::{span, target};

/// Show the history of a package: releases, yanks, hand-overs, emergencies and silences
#[derive(Args)]
pub(crate) struct Log {
    /// A directory, a tarball, REPO#REV, a chain file, or the name or id of a trusted signatory
    #[arg(value_name = "TARGET", default_value = ".")]
    target: String,
    /// Draw forks: a branch beside the line that stands
    #[arg(long, conflicts_with = "reverse")]
    graph: bool,
    /// Show the oldest statement first
    #[arg(long)]
    reverse: bool,
    /// Show the newest N statements alone
    #[arg(short = 'n', long, value_name = "N")]
    number: Option<usize>,
}

/// The chain together with what the store knows of it.
struct History {
    trusted: Trusted,
    /// Whether the user trusts the signatory, so that what stands is what this user believes.
    is_trusted: bool,
    now: Timestamp,
    is_graph: bool,
    is_reverse: bool,
    /// How many statements are shown at most.
    most: usize,
}

pub(crate) fn run(arguments: &Log, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let store = TrustStore::open(context.trust_home()?);
    let given = arguments.target.as_str();
    let is_target = context.path(Path::new(given)).exists() || given.contains('#');
    let now = context.now()?;
    let (trusted, is_trusted) = if is_target {
        let chain = target::admit(context, given)?;
        match store.find(chain.id())? {
            Some(mut trusted) => {
                trusted.learn(&chain, now).map_err(|error| {
                    Failure::refused(error.rule(), error)
                        .hint("the file is damaged or forged; get it from its source again")
                })?;
                (trusted, true)
            }
            None => (Trusted::stranger(chain, now), false),
        }
    } else {
        (target::find_trusted(&store, given)?, true)
    };
    let (is_graph, is_reverse) = (arguments.graph, arguments.reverse);
    let most = arguments.number.unwrap_or(usize::MAX);
    Ok(Box::new(History { trusted, is_trusted, now, is_graph, is_reverse, most }))
}

impl Answer for History {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        let belief = self.trusted.belief();
        writeln!(out, "{}  {}", self.trusted.package(), self.trusted.id())?;
        if !self.is_trusted {
            writeln!(out, "{CARE}not trusted{CARE:#}; this is what the package says of itself")?;
        }
        writeln!(out, "{}", summary(&belief))?;
        writeln!(out)?;
        let entries = Entries::of(&belief);
        let shown = if self.is_graph { self.draw(out, &belief, &entries)? } else { self.list(out, &belief, &entries)? };
        let rest = belief.chain().len() - shown;
        if rest > 0 {
            let words = if rest == 1 { "1 statement more is" } else { "statements more are" };
            let count = if rest == 1 { String::new() } else { format!("{rest} ") };
            writeln!(out, "{count}{words} not shown; without -n all are")?;
        }
        self.trusted.chain().forks().try_for_each(|fork| write_fork(out, &fork))
    }

    fn json(&self) -> Vec<Value> {
        let belief = self.trusted.belief();
        let mut links: Vec<_> = belief.chain().links().collect();
        // At a fork what stands comes first.
        links.sort_by_key(|link| (link.seq(), state(&belief, *link) != State::Standing, link.digest()));
        let first = links.len().saturating_sub(self.most);
        let head = belief.head();
        links.into_iter().skip(first).map(|link| self.object(&belief, link, head == link)).collect()
    }
}

impl History {
    /// Every branch under a heading of its own. Returns how many statements were shown.
    fn list(&self, out: &mut dyn Write, belief: &Belief<'_>, entries: &Entries<'_, '_>) -> io::Result<usize> {
        let mut left = self.most;
        for mut run in order::runs(belief) {
            run.links.truncate(left);
            if run.links.is_empty() {
                break;
            }
            left -= run.links.len();
            if let Some(after) = run.after
                && let Some(first) = run.links.last()
            {
                writeln!(out, "\nbranch after statement {}: {}", after.seq(), first.digest())?;
            }
            if self.is_reverse {
                run.links.reverse();
            }
            for link in &run.links {
                let before = span::before(*link);
                let since = (belief.head() == *link).then(|| self.since(belief)).flatten();
                let (above, below) = if self.is_reverse { (before, since) } else { (since, before) };
                write_span(out, "        ", above)?;
                writeln!(out, "{:>6}  {}", link.seq(), entries.heading(*link))?;
                entries.details(*link).iter().try_for_each(|line| writeln!(out, "        {line}"))?;
                write_span(out, "        ", below)?;
            }
        }
        Ok(self.most - left)
    }

    /// Branches beside each other. Returns how many statements were shown.
    fn draw(&self, out: &mut dyn Write, belief: &Belief<'_>, entries: &Entries<'_, '_>) -> io::Result<usize> {
        if belief.chain().links().any(|link| state(belief, link) != State::Standing) {
            writeln!(out, "* stands, o waits for a decision, ? contested, x void, ! signed by what is distrusted\n")?;
        }
        let mut shown = 0;
        for row in order::rows(belief) {
            match row {
                Row::Join(column) => writeln!(out, "{}|/", "| ".repeat(column - 1))?,
                Row::Statement(_, _) if shown == self.most => break,
                Row::Statement(link, column) => {
                    shown += 1;
                    let beside = "| ".repeat(column);
                    let below = if link.parent().is_some() { "|" } else { " " };
                    if belief.head() == link {
                        let above = if link.children().next().is_some() { "|" } else { " " };
                        write_span(out, &format!("{beside}{above}    "), self.since(belief))?;
                    }
                    let mark = mark(state(belief, link));
                    writeln!(out, "{beside}{mark} {}  {}", link.seq(), entries.heading(link))?;
                    let margin = format!("{beside}{below}    ");
                    entries.details(link).iter().try_for_each(|line| writeln!(out, "{margin}{line}"))?;
                    write_span(out, &margin, span::before(link))?;
                }
            }
        }
        Ok(shown)
    }

    /// What there is to say about the time since the head; nothing if its signatory has said farewell.
    fn since(&self, belief: &Belief<'_>) -> Option<String> {
        if belief.is_final() {
            return None;
        }
        span::since(belief.head().statement().date, belief.promise(), self.now)
    }

    fn object(&self, belief: &Belief<'_>, link: Link<'_>, is_head: bool) -> Value {
        let statement = link.statement();
        let yanked = belief.yank(link);
        let mut object = json!({
            "schema": "sigpkg.log/1",
            "seq": link.seq().get(),
            "kind": statement.kind().as_str(),
            "date": statement.date.to_string(),
            "digest": link.digest().to_string(),
            "previous": statement.lineage.as_ref().map(|lineage| lineage.previous.to_string()),
            "state": state(belief, link).as_str(),
            "head": is_head,
            "version": statement.release().map(|release| release.version.to_string()),
            "withdrawn": belief.is_withdrawn(link),
            "yanked": yanked.as_ref().map(|yanked| yanked.severity.as_str()),
            "yanked_by": yanked.as_ref().map(|yanked| yanked.by.seq().get()),
            "cause": statement.reserve_change().map(|change| change.cause.as_str()),
            "next_by": statement.next_by.map(|day| day.to_string()),
            "days_since_previous": link.parent().map(|parent| span::days(parent.statement().date, statement.date)),
            "signatory": self.trusted.id().to_string(),
        });
        let mut add = |key: &str, value: Value| object[key] = value;
        match &statement.body {
            Body::Genesis(_) => {}
            Body::Release(release, _) => {
                add("files", release.count.into());
                add("bytes", release.bytes.into());
                add("withdraws", release.withdraws.map(Seq::get).into());
                add("upstream", release.upstream.map(|digest| digest.to_string()).into());
            }
            Body::Yank(yank, _) => {
                add("releases", yank.releases.iter().map(|seq| seq.get()).collect::<Vec<_>>().into());
                add("severity", yank.severity.as_str().into());
                add("reason", yank.reason.clone().into());
                add("advisory", yank.advisory.clone().into());
                add("replacement", yank.replacement.map(Seq::get).into());
            }
            Body::Beat(beat, _) => {
                add("beat", beat.state.as_str().into());
                add("successor", beat.successor.map(|id| id.to_string()).into());
            }
            Body::Reserve(change, look_ahead) => {
                add("reason", change.reason.clone().into());
                add("next", look_ahead.next.to_string().into());
                add("after_next", look_ahead.after_next.to_string().into());
                add("threshold", change.reserve.threshold.into());
                let keys: Vec<_> = change.reserve.keys.iter().map(ToString::to_string).collect();
                add("reserve", keys.into());
            }
        }
        object
    }
}

/// `12 statements since 2024-01-03: 9 releases, 1 yank, 1 hand-over; 1 fork`
fn summary(belief: &Belief<'_>) -> String {
    let chain = belief.chain();
    let counted = |kind: Kind, one: &str, several: &str| {
        let count = chain.links().filter(|link| link.statement().kind() == kind).count();
        (count > 0).then(|| counted(count, one, several))
    };
    let kinds: Vec<_> = [
        counted(Kind::Release, "release", "releases"),
        counted(Kind::Yank, "yank", "yanks"),
        counted(Kind::Beat, "beat", "beats"),
        counted(Kind::Reserve, "reserve statement", "reserve statements"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let since = chain.genesis().statement().date.date();
    let of = if kinds.is_empty() { String::new() } else { format!(": {}", kinds.join(", ")) };
    let forks = chain.forks().count();
    let forks = if forks == 0 { String::new() } else { format!("; {}", self::counted(forks, "fork", "forks")) };
    format!("{} since {since}{of}{forks}", self::counted(chain.len(), "statement", "statements"))
}

fn counted(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

fn write_span(out: &mut dyn Write, margin: &str, span: Option<String>) -> io::Result<()> {
    span.map_or(Ok(()), |span| writeln!(out, "{margin}{CARE}-- {span} --{CARE:#}"))
}

/// The proof that one key has signed several texts, in words.
fn write_fork(out: &mut dyn Write, fork: &Fork<'_>) -> io::Result<()> {
    let (parent, key) = (fork.parent.seq(), &fork.parent.statement().look_ahead().next);
    let count = fork.children.len();
    writeln!(out, "\n{BAD}fork{BAD:#}: key {key}, announced by statement {parent}, has signed {count} texts:")?;
    fork.children.iter().try_for_each(|child| writeln!(out, "  {}", child.digest()))
}
