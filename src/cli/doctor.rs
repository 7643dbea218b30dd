//! `sigpkg doctor`: what stands in the way, what is at risk, and what is good to know, each with the command that mends it.
//!
//! For a maintainer it looks at the package in this folder and its keys; for a user, anywhere, at what is trusted.

mod signing;
mod trust;

#[cfg(test)]
mod tests;

use std::io::{self, Write};

use clap::Args;
use serde_json::{Value, json};
use sigpkg::keystore::KeyStores;
use sigpkg::publish::{self, PublishError};
use sigpkg::repository::{RepositoryError, Workplace};

use super::context::Context;
use super::failure::{Failure, Status};
use super::maintainer;
use super::output::{Answer, BAD, CARE, GOOD};

/// Look for what is wrong or at risk, here and with what is trusted, and name the command that mends it
#[derive(Args)]
pub(crate) struct Doctor {}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Severity {
    /// The next release, or a verdict, is refused or cannot be told.
    Blocks,
    /// Something can be lost or stolen, or users are kept waiting.
    Risk,
    /// Good to know.
    Note,
}

/// Whose affair a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Signing,
    Trust,
}

struct Finding {
    severity: Severity,
    side: Side,
    message: String,
    hint: Option<String>,
}

/// Findings of one side, as they come up.
struct Findings {
    side: Side,
    all: Vec<Finding>,
}

struct Report {
    signatory: Option<String>,
    /// Whether there was a package here that could be signed.
    has_looked_at_signing: bool,
    /// How many signatories are trusted.
    trusted: usize,
    findings: Vec<Finding>,
}

pub(crate) fn run(_arguments: &Doctor, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let stores = maintainer::stores(context)?;
    let now = context.now()?;
    let mut signing = Findings { side: Side::Signing, all: Vec::new() };
    let mut report = Report { signatory: None, has_looked_at_signing: true, trusted: 0, findings: Vec::new() };
    match Workplace::open(&context.directory) {
        Ok(workplace) => match publish::find_store(&workplace, &stores) {
            Ok(store) => {
                report.signatory = Some(store.id().to_string());
                signing::examine(&workplace, &stores, &store, context, now, &mut signing)?;
            }
            Err(PublishError::NoChain { .. }) if has_no_keys(&stores) => {
                report.has_looked_at_signing = false;
                signing.note("no package of yours is signed here", "`sigpkg init` begins a chain");
            }
            Err(error) => signing.add(Severity::Blocks, error.to_string(), maintainer::hint(&error)),
        },
        Err(RepositoryError::NoRepository { .. } | RepositoryError::Bare { .. }) => {
            report.has_looked_at_signing = false;
            signing::examine_stores(&stores, &mut signing);
        }
        Err(error) => return Err(maintainer::failure(error)),
    }
    let mut trust = Findings { side: Side::Trust, all: Vec::new() };
    report.trusted = trust::examine(context, now, &mut trust)?;
    report.findings = signing.all;
    report.findings.extend(trust.all);
    report.findings.sort_by_key(|finding| (finding.severity, finding.side));
    Ok(Box::new(report))
}

fn has_no_keys(stores: &KeyStores) -> bool {
    stores.ids().is_ok_and(|ids| ids.is_empty())
}

impl Findings {
    fn blocks(&mut self, message: impl Into<String>, hint: impl Into<String>) {
        self.add(Severity::Blocks, message.into(), Some(hint.into()));
    }

    fn risk(&mut self, message: impl Into<String>, hint: impl Into<String>) {
        self.add(Severity::Risk, message.into(), Some(hint.into()));
    }

    fn note(&mut self, message: impl Into<String>, hint: impl Into<String>) {
        self.add(Severity::Note, message.into(), Some(hint.into()));
    }

    fn add(&mut self, severity: Severity, message: String, hint: Option<String>) {
        self.all.push(Finding { severity, side: self.side, message, hint });
    }
}

impl Severity {
    const ALL: [Self; 3] = [Self::Blocks, Self::Risk, Self::Note];

    fn word(self) -> &'static str {
        match self {
            Self::Blocks => "blocks",
            Self::Risk => "risk",
            Self::Note => "note",
        }
    }

    /// `2 things block`, `1 risk`
    fn counted(self, count: usize) -> String {
        let plural = if count == 1 { "" } else { "s" };
        match self {
            Self::Blocks if count == 1 => "1 thing blocks".to_owned(),
            Self::Blocks => format!("{count} things block"),
            Self::Risk | Self::Note => format!("{count} {}{plural}", self.word()),
        }
    }
}

impl Side {
    fn word(self) -> &'static str {
        match self {
            Self::Signing => "signing",
            Self::Trust => "trust",
        }
    }
}

impl Report {
    fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    fn blocks(&self, side: Side) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Blocks && finding.side == side)
    }
}

impl Answer for Report {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        if let Some(id) = &self.signatory {
            writeln!(out, "{id}")?;
        }
        let mut before = None;
        for Finding { severity, message, hint, .. } in &self.findings {
            let style = match severity {
                Severity::Blocks => BAD,
                Severity::Risk | Severity::Note => CARE,
            };
            if before.is_some_and(|before| before != *severity) {
                writeln!(out)?;
            }
            before = Some(*severity);
            writeln!(out, "{style}{}{style:#}: {message}", severity.word())?;
            if let Some(hint) = hint {
                writeln!(out, "    {hint}")?;
            }
        }
        if !self.findings.is_empty() {
            writeln!(out)?;
        }
        if self.has_looked_at_signing && !self.blocks(Side::Signing) {
            writeln!(out, "{GOOD}nothing blocks the next release{GOOD:#}")?;
        }
        match self.trusted {
            // A store that cannot be read is never the same as an empty one (VER-35).
            _ if self.blocks(Side::Trust) => {}
            0 if self.has_looked_at_signing => {}
            0 => writeln!(out, "nobody is trusted yet; `sigpkg trust add TARGET` trusts the signatory of a package")?,
            1 => writeln!(out, "{GOOD}1 signatory is trusted, and can be read{GOOD:#}")?,
            many => writeln!(out, "{GOOD}{many} signatories are trusted, and all can be read{GOOD:#}")?,
        }
        let counts: Vec<_> = Severity::ALL.map(|severity| severity.counted(self.count(severity))).into_iter().collect();
        writeln!(out, "{}", counts.join(", "))
    }

    fn json(&self) -> Vec<Value> {
        self.findings
            .iter()
            .map(|finding| {
                json!({
                    "schema": "sigpkg.doctor/1",
                    "signatory": self.signatory,
                    "side": finding.side.word(),
                    "severity": finding.severity.word(),
                    "message": finding.message,
                    "hint": finding.hint,
                })
            })
            .collect()
    }

    /// Refused if something blocks.
    fn status(&self) -> Status {
        if self.count(Severity::Blocks) > 0 { Status::Refused } else { Status::Done }
    }
}
