//! `sigpkg trust list` and `sigpkg trust show`.

use std::io::{self, Write};

use clap::Args;
use serde_json::Value;
use sigpkg::trust::{TrustStore, Trusted};

use super::{newest, trusted_json};
use crate::cli::failure::Failure;
use crate::cli::groups::grouped;
use crate::cli::output::{Answer, CARE};
use crate::cli::target::find_trusted;

/// List the trusted signatories
#[derive(Args)]
pub(super) struct List {}

/// Show what is known and decided about a signatory
#[derive(Args)]
pub(super) struct Show {
    /// The name of its package, or its id
    #[arg(value_name = "NAME|ID")]
    named: String,
}

struct Listed(Vec<Trusted>);

struct Shown(Trusted);

pub(super) fn list(store: &TrustStore) -> Result<Box<dyn Answer>, Failure> {
    Ok(Box::new(Listed(store.list()?)))
}

pub(super) fn show(arguments: &Show, store: &TrustStore) -> Result<Box<dyn Answer>, Failure> {
    Ok(Box::new(Shown(find_trusted(store, &arguments.named)?)))
}

impl Answer for Listed {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        for trusted in &self.0 {
            writeln!(out, "{}  {}  {}", trusted.package(), trusted.decisions().grade, newest(trusted))?;
            writeln!(out, "  {}", trusted.id())?;
        }
        Ok(())
    }

    fn json(&self) -> Vec<Value> {
        self.0.iter().map(|trusted| trusted_json("sigpkg.trust-list/1", trusted)).collect()
    }
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
        writeln!(out, "           {}", grouped(&trusted.id().to_string()))?;
        writeln!(out, "trusted    {}, {}", decisions.since, decisions.grade)?;
        writeln!(out, "reserve    {}", decisions.reserve)?;
        writeln!(out, "newest     {}", newest(trusted))?;
        writeln!(out, "head       statement {}, first seen {}", head.seq(), decisions.head.first_seen)?;
        writeln!(out, "           {}", head.digest())?;
        for digest in &decisions.accepted {
            writeln!(out, "accepted   {digest}")?;
        }
        if let Some(contest) = belief.contest() {
            writeln!(out, "{CARE}contested{CARE:#}  after statement {}:", contest.parent.seq())?;
            for child in contest.children {
                writeln!(out, "           {}", child.digest())?;
            }
        }
        for rival in belief.rivals() {
            writeln!(out, "{CARE}rival{CARE:#}      statement {}: {}", rival.first.seq(), rival.first.digest())?;
        }
        Ok(())
    }

    fn json(&self) -> Vec<Value> {
        vec![trusted_json("sigpkg.trust-show/1", &self.0)]
    }
}
