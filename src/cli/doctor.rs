//! `sigpkg doctor`: what would block the next release, and what is at risk.

use std::io::{self, Write};

use clap::Args;
use serde_json::{Value, json};
use sigpkg::chain::Decided;
use sigpkg::keystore::{Mode, Store};
use sigpkg::publish::{self, Note};
use sigpkg::time::Timestamp;

use super::context::Context;
use super::failure::{Failure, Status};
use super::maintainer;
use super::output::{Answer, BAD, CARE, GOOD};

/// Say what would block the next release, and what is at risk
#[derive(Args)]
pub(crate) struct Doctor {}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Severity {
    /// The next release is refused.
    Blocks,
    /// Something can be lost or stolen.
    Risk,
    /// Good to know.
    Note,
}

struct Finding {
    severity: Severity,
    message: String,
    hint: Option<String>,
}

struct Report {
    signatory: Option<String>,
    findings: Vec<Finding>,
}

pub(crate) fn run(_arguments: &Doctor, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let workplace = maintainer::workplace(context)?;
    let stores = maintainer::stores(context)?;
    let store = match publish::find_store(&workplace, &stores) {
        Ok(store) => store,
        Err(error) => {
            let hint = maintainer::hint(&error);
            let finding = Finding { severity: Severity::Blocks, message: error.to_string(), hint };
            return Ok(Box::new(Report { signatory: None, findings: vec![finding] }));
        }
    };
    let mut findings = Vec::new();
    let (problems, notes) =
        publish::findings(&workplace, &store, &mut maintainer::tell(context)).map_err(maintainer::failure)?;
    findings.extend(problems.iter().map(|error| Finding {
        severity: Severity::Blocks,
        message: error.to_string(),
        hint: maintainer::hint(error),
    }));
    findings.extend(notes.iter().filter(|note| **note != Note::NoPassphrase).map(|note| Finding {
        severity: Severity::Note,
        message: note.to_string(),
        hint: None,
    }));
    examine(&store, context.now()?, &mut findings);
    findings.sort_by_key(|finding| finding.severity);
    Ok(Box::new(Report { signatory: Some(store.id().to_string()), findings }))
}

/// What the store itself shows.
fn examine(store: &Store, now: Timestamp, findings: &mut Vec<Finding>) {
    let mut add = |severity, message: String, hint: Option<&str>| {
        findings.push(Finding { severity, message, hint: hint.map(str::to_owned) });
    };
    let head = store.chain().belief(&Decided::stranger()).head();
    let (next, after_next) =
        (head.seq().successor(), head.seq().successor().and_then(sigpkg::statement::Seq::successor));
    for seq in [next, after_next].into_iter().flatten() {
        match store.has_key(seq) {
            Ok(true) => {}
            Ok(false) => add(
                Severity::Blocks,
                format!("the key of statement {seq} is not in {}", store.folder().display()),
                Some("find it; if it is lost, the reserve can name new keys"),
            ),
            Err(error) => add(Severity::Blocks, error.to_string(), None),
        }
    }
    match store.journal() {
        Ok(None) => {}
        Ok(Some(_)) => add(
            Severity::Blocks,
            "a release was interrupted".to_owned(),
            Some("`sigpkg release` finishes it, with the same text"),
        ),
        Err(error) => add(Severity::Blocks, error.to_string(), None),
    }
    if !store.is_encrypted() {
        add(
            Severity::Risk,
            "the keys are not protected by a passphrase: whoever can read the files can sign".to_owned(),
            Some("`sigpkg key passphrase`"),
        );
    }
    if store.settings().mode == Mode::Seeded {
        add(
            Severity::Risk,
            "all keys come from one seed: whoever steals it can sign until the reserve acts".to_owned(),
            Some("keep few copies, and know where they are"),
        );
    }
    if let Some(reserve) = store.chain().genesis().statement().reserve()
        && reserve.keys.len() == 1
    {
        add(
            Severity::Risk,
            "the reserve is one key: if it is lost too, nobody can ever change who signs".to_owned(),
            Some("keep two copies of its file, in two places away from this machine"),
        );
    }
    if let Some(promise) = head.statement().next_by {
        let soon = now.date().plus_days(30).is_none_or(|soon| promise <= soon);
        if soon {
            add(
                Severity::Risk,
                format!(
                    "another statement was promised by {promise}; after that day users are told that the chain is stale"
                ),
                Some("`sigpkg release`"),
            );
        }
    }
}

impl Severity {
    fn word(self) -> &'static str {
        match self {
            Self::Blocks => "blocks",
            Self::Risk => "risk",
            Self::Note => "note",
        }
    }
}

impl Answer for Report {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        if let Some(id) = &self.signatory {
            writeln!(out, "{id}")?;
        }
        for Finding { severity, message, hint } in &self.findings {
            let style = match severity {
                Severity::Blocks => BAD,
                Severity::Risk | Severity::Note => CARE,
            };
            writeln!(out, "{style}{}{style:#}: {message}", severity.word())?;
            if let Some(hint) = hint {
                writeln!(out, "    {hint}")?;
            }
        }
        if self.status() == Status::Done {
            writeln!(out, "{GOOD}nothing blocks the next release{GOOD:#}")?;
        }
        Ok(())
    }

    fn json(&self) -> Vec<Value> {
        self.findings
            .iter()
            .map(|finding| {
                json!({
                    "schema": "sigpkg.doctor/1",
                    "signatory": self.signatory,
                    "severity": finding.severity.word(),
                    "message": finding.message,
                    "hint": finding.hint,
                })
            })
            .collect()
    }

    /// Refused if something blocks.
    fn status(&self) -> Status {
        if self.findings.iter().any(|finding| finding.severity == Severity::Blocks) {
            Status::Refused
        } else {
            Status::Done
        }
    }
}
