//! `sigpkg trust show`: what is known and decided about a signatory, what it needs from the user, and the proof of its forks.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use sigpkg::chain::{Chain, Link, State};
use sigpkg::representation::lines;
use sigpkg::trust::{TrustStore, Trusted};

use super::words::{
    contest_lines, first_of, has_fork, named, proof_line, rival_lines, settle_lines, waiting_lines, yank_lines,
};
use super::{newest, trusted_json};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::output::{Answer, CARE};
use crate::cli::target::find_trusted;

/// Show what is known and decided about a signatory, and what needs a decision
#[derive(Args)]
pub(super) struct Show {
    /// The name of its package, or its id
    #[arg(value_name = "NAME|ID")]
    named: String,
    /// Write the proof of every fork that is known into a new file: a chain file that convinces whoever has the id
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
}

struct Shown(Trusted);

struct Proof {
    path: PathBuf,
    forks: usize,
    trusted: Trusted,
}

pub(super) fn run(arguments: &Show, store: &TrustStore, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let trusted = find_trusted(store, &arguments.named)?;
    let Some(path) = &arguments.proof else {
        return Ok(Box::new(Shown(trusted)));
    };
    let forks = trusted.chain().forks().count();
    if forks == 0 {
        return Err(Failure::blocked(format!(
            "no fork of {} is known: no key of signatory {} has signed two statements",
            trusted.package(),
            trusted.id()
        ))
        .hint("two reserve statements, or one beside another statement, prove nothing against a key"));
    }
    let path = context.path(path);
    context.write_new(&path, proof(trusted.chain()).as_bytes())?;
    Ok(Box::new(Proof { path, forks, trusted }))
}

/// The paths to all forks and their children, in the order of a chain file, and no other record (section 4.4).
fn proof(chain: &Chain) -> String {
    let mut links = BTreeSet::new();
    for fork in chain.forks() {
        let children = fork.children.iter().map(|child| (child.seq(), child.digest()));
        links.extend(children.chain(fork.parent.path().map(|link| (link.seq(), link.digest()))));
    }
    let links = links.into_iter().filter_map(|(_, digest)| chain.find(digest));
    links.flat_map(|link| [link.text(), link.blocks_text()]).collect()
}

impl Answer for Shown {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        let Self(trusted) = self;
        let (belief, decisions) = (trusted.belief(), trusted.decisions());
        let (head, package) = (belief.head(), trusted.package());
        writeln!(out, "package    {} ({})", package.name(), package.ecosystem())?;
        if let Some(uuid) = package.uuid() {
            writeln!(out, "uuid       {uuid}")?;
        }
        writeln!(out, "signatory  {}", trusted.id())?;
        for (number, line) in lines(&trusted.id().to_string()) {
            writeln!(out, "       {number:>2}  {line}")?;
        }
        writeln!(out, "trusted    {}, {}", decisions.since, decisions.grade)?;
        writeln!(out, "reserve    {}", decisions.reserve)?;
        if decisions.ended {
            writeln!(out, "signing    ended, as you have said")?;
        }
        writeln!(out, "newest     {}", newest(trusted))?;
        writeln!(out, "head       statement {}, first seen {}", head.seq(), decisions.head.first_seen)?;
        writeln!(out, "           {}", head.digest())?;
        for (word, digests) in [("accepted", &decisions.accepted), ("vouches", &decisions.vouchers)] {
            for digest in digests {
                let named = trusted.chain().find(*digest).map(named).unwrap_or_default();
                writeln!(out, "{word:9}  {named}\n           {digest}")?;
            }
        }
        if let Some(mark) = decisions.distrust {
            let seq = trusted.chain().find(mark).unwrap_or_else(|| trusted.chain().genesis()).seq();
            writeln!(out, "{CARE}distrust{CARE:#}   Ed25519, beyond statement {seq}\n           {mark}")?;
        }
        if belief.is_final() {
            writeln!(out, "{CARE}final{CARE:#}      no further release is planned, says statement {}", head.seq())?;
        }
        if let Some(successor) = belief.successor() {
            writeln!(out, "{CARE}successor{CARE:#}  {successor}")?;
            writeln!(out, "           so says statement {}; you trust it no more than any other id", head.seq())?;
        }
        writeln!(out, "statements {}", states(trusted))?;
        let mut lines: Vec<String> = Vec::new();
        lines.extend(belief.waiting().into_iter().flat_map(|link| waiting_lines(link, decisions.reserve)));
        if let Some(contest) = belief.contest() {
            lines.extend(contest_lines(&contest).into_iter().chain(settle_lines(trusted)));
        }
        lines.extend(first_of(belief.rivals(), |rival| rival_lines(rival.first)));
        lines.extend(first_of(void_releases(trusted), |release| {
            vec![format!("{CARE}void{CARE:#}: {}", named(release)), format!("    {}", release.digest())]
        }));
        let yanked = trusted.chain().links().filter_map(|link| Some((link, belief.yank(link)?)));
        lines.extend(first_of(yanked, |(release, yanked)| yank_lines(release, &yanked)));
        if has_fork(trusted) && belief.contest().is_none() {
            lines.push(format!("{CARE}fork{CARE:#}: a key has signed two statements\n{}", proof_line(trusted)));
        }
        lines.iter().try_for_each(|line| writeln!(out, "{line}"))
    }

    fn json(&self) -> Vec<Value> {
        vec![trusted_json("sigpkg.trust-show/1", &self.0)]
    }
}

impl Answer for Proof {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        let forks = if self.forks == 1 { "1 fork".to_owned() } else { format!("{} forks", self.forks) };
        writeln!(out, "{}: the proof of {forks} of {}", self.path.display(), self.trusted.package())?;
        writeln!(out, "whoever has the id can check it: sigpkg verify FILE --id {}", self.trusted.id())
    }

    fn json(&self) -> Vec<Value> {
        vec![json!({
            "schema": "sigpkg.trust-proof/1",
            "signatory": self.trusted.id().to_string(),
            "file": self.path.display().to_string(),
            "forks": self.forks,
        })]
    }
}

pub(super) fn void_releases(trusted: &Trusted) -> Vec<Link<'_>> {
    let belief = trusted.belief();
    let is_void = |link: &Link<'_>| belief.state(*link) == Some(State::Void) && link.statement().release().is_some();
    trusted.chain().links().filter(is_void).collect()
}

/// `5: 3 standing, 2 void`
fn states(trusted: &Trusted) -> String {
    let belief = trusted.belief();
    let count = |state: State| trusted.chain().links().filter(|link| belief.state(*link) == Some(state)).count();
    let all = [State::Standing, State::Waiting, State::Contested, State::Distrusted, State::Void];
    let counts = all.into_iter().map(|state| (count(state), state)).filter(|(count, _)| *count > 0);
    let counts: Vec<_> = counts.map(|(count, state)| format!("{count} {}", state.as_str())).collect();
    format!("{}: {}", trusted.chain().len(), counts.join(", "))
}
