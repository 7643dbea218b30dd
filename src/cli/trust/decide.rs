//! `sigpkg trust accept` and `policy`: explicit decisions about a signatory.

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use serde_json::Value;
use sigpkg::digest::{Digest, SignatoryId};
use sigpkg::trust::{Acceptance, ReservePolicy, TrustStore, Trusted, Update};

use super::trusted_json;
use super::words::{change_json, change_lines, link_json, links_json, named, reserve_lines};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::output::{Answer, CARE};
use crate::cli::target::find_trusted;
use crate::cli::verify::shell_word;

/// Accept a statement, and with it all before it: follow the reserve, or decide a contested fork
#[derive(Args)]
#[command(allow_missing_positional = true)]
pub(super) struct Accept {
    /// The name of the package, or the id of the signatory; the digest alone finds it, too
    #[arg(value_name = "NAME|ID")]
    named: Option<String>,
    /// The whole digest of the statement, as sigpkg trust show has it
    #[arg(value_name = "DIGEST")]
    digest: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Show or set what to do when the reserve of a signatory speaks, or when the package is signed no longer
#[derive(Args)]
pub(super) struct Policy {
    /// The name of the package, or the id of the signatory
    #[arg(value_name = "NAME|ID")]
    named: String,
    /// prompt: a reserve statement waits for your word; accept: it is followed; refuse: stay at the last release before it.
    /// ended: the package is signed no longer, so what comes unsigned is not refused; signing: it is signed after all
    #[arg(value_name = "POLICY")]
    policy: Option<PolicyWord>,
}

#[derive(Clone, Copy, ValueEnum)]
enum PolicyWord {
    Prompt,
    Accept,
    Refuse,
    Ended,
    Signing,
}

struct Accepted {
    acceptance: Acceptance,
}

struct Policies {
    trusted: Trusted,
    update: Option<Update>,
}

pub(super) fn accept(arguments: &Accept, store: &TrustStore, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let digest: Digest = arguments.digest.parse().map_err(|error| {
        Failure::usage(error).hint(format!(
            "give the whole digest; sigpkg trust show {} shows those that wait for your decision",
            arguments.named.as_deref().map_or_else(|| "NAME".to_owned(), shell_word)
        ))
    })?;
    let id = match &arguments.named {
        Some(named) => find_trusted(store, named)?.id(),
        None => signatory_of(digest, store)?,
    };
    let acceptance = store.would_accept(id, digest, context.now()?)?;
    for line in describe(&acceptance) {
        context.say(&line);
    }
    if !arguments.yes {
        if !context.can_ask() {
            return Err(Failure::undecided("there is no terminal to ask whether to accept it; nothing was decided")
                .hint("--yes accepts without asking"));
        }
        if !context.confirm("Accept it?")? {
            return Err(Failure::undecided("nothing was accepted"));
        }
    }
    store.accept_as_shown(&acceptance)?;
    Ok(Box::new(Accepted { acceptance }))
}

/// A statement names its signatory, so its digest is in one chain at most.
fn signatory_of(digest: Digest, store: &TrustStore) -> Result<SignatoryId, Failure> {
    if let Some(trusted) = store.with_statement(digest)? {
        return Ok(trusted.id());
    }
    let kept = store.history()?.into_iter().find(|chain| chain.find(digest).is_some());
    Err(match kept {
        Some(chain) => Failure::undecided(format!(
            "statement {digest} is one of signatory {}, whom you do not trust any more",
            chain.id()
        ))
        .hint("sigpkg trust add trusts a signatory"),
        None => Failure::undecided(format!("no trusted signatory is known to have made a statement {digest}"))
            .hint("give the whole digest; sigpkg trust update FILE takes new statements in"),
    })
}

/// What the acceptance changes (VER-47).
fn describe(acceptance: &Acceptance) -> Vec<String> {
    let (change, statement) = (acceptance.change(), acceptance.statement());
    let after = acceptance.after();
    let mut lines = vec![
        format!("{}  {}", after.package(), after.id()),
        format!("to accept: {}", named(statement)),
        format!("    {}", statement.digest()),
    ];
    let reserves = acceptance.reserves();
    if !reserves.is_empty() {
        lines.push(format!(
            "{CARE}new keys{CARE:#}: with it you follow the reserve, which says who signs from there on:"
        ));
        lines.extend(reserves.into_iter().flat_map(reserve_lines));
    }
    lines.push(if change.moves_head() {
        format!("the head moves from statement {} to statement {}", change.head_before.seq(), change.head_after.seq())
    } else {
        format!("the head stays at statement {}", change.head_after.seq())
    });
    for withdrawn in acceptance.withdraws() {
        lines.push(format!("{CARE}withdrawn{CARE:#}: what you had accepted, {}", named(withdrawn)));
    }
    lines.extend(change_lines(&change, after));
    lines
}

pub(super) fn policy(arguments: &Policy, store: &TrustStore, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let trusted = find_trusted(store, &arguments.named)?;
    let Some(word) = arguments.policy else {
        return Ok(Box::new(Policies { trusted, update: None }));
    };
    let (id, now) = (trusted.id(), context.now()?);
    let update = match word {
        PolicyWord::Prompt => store.set_policy(id, ReservePolicy::Prompt, now)?,
        PolicyWord::Accept => store.set_policy(id, ReservePolicy::Accept, now)?,
        PolicyWord::Refuse => store.set_policy(id, ReservePolicy::Refuse, now)?,
        PolicyWord::Ended => store.set_ended(id, true)?,
        PolicyWord::Signing => store.set_ended(id, false)?,
    };
    Ok(Box::new(Policies { trusted: update.after.clone(), update: Some(update) }))
}

impl Answer for Accepted {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        let head = self.acceptance.after().belief().head().seq();
        writeln!(out, "accepted {}; the head is statement {head}", self.acceptance.statement().digest())?;
        // It was shown before the question, and is worth saying again to whoever has it installed.
        for release in self.acceptance.change().voided {
            writeln!(out, "void: {}; look whether it is installed", named(release))?;
        }
        Ok(())
    }

    fn json(&self) -> Vec<Value> {
        let mut object = trusted_json("sigpkg.trust-accept/1", self.acceptance.after());
        object["statement"] = link_json(self.acceptance.statement());
        object["reserves"] = links_json(self.acceptance.reserves()).into();
        object["withdraws"] = links_json(self.acceptance.withdraws()).into();
        object["change"] = change_json(&self.acceptance.change());
        vec![object]
    }
}

impl Answer for Policies {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        let decisions = self.trusted.decisions();
        let signing = if decisions.ended { "ended" } else { "signing" };
        writeln!(out, "{}: {}, {signing}", self.trusted.package(), decisions.reserve)?;
        let lines = self.update.iter().flat_map(|update| change_lines(&update.change(), &self.trusted));
        lines.collect::<Vec<_>>().iter().try_for_each(|line| writeln!(out, "  {line}"))
    }

    fn json(&self) -> Vec<Value> {
        let mut object = trusted_json("sigpkg.trust-policy/1", &self.trusted);
        object["change"] = self.update.as_ref().map(|update| change_json(&update.change())).into();
        vec![object]
    }
}
