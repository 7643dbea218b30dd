//! `sigpkg doctor`: what would block the next release, and what is at risk.

use std::io::{self, Write};

use clap::Args;
use serde_json::{Value, json};
use sigpkg::chain::{Belief, Decided};
use sigpkg::keystore::{Mode, Store};
use sigpkg::publish::{self, Note, Warning};
use sigpkg::statement::Statement;
use sigpkg::time::Timestamp;

use super::context::Context;
use super::failure::{Failure, Status};
use super::output::{Answer, BAD, CARE, GOOD};
use super::statement::what;
use super::{hook, maintainer};

/// Say what would block the next release, and what is at risk
#[derive(Args)]
pub(crate) struct Doctor {}

/// How many days before its end a promise is worth a word.
const SOON_DAYS: u32 = 30;

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
    let warning = publish::judge_head(&workplace).map_err(maintainer::failure)?;
    findings.extend(warning.as_ref().map(|warning| Finding {
        severity: if matches!(warning, Warning::Overtaken { .. }) { Severity::Risk } else { Severity::Note },
        message: warning.to_string(),
        hint: hook::hint(warning),
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
    let belief = store.chain().belief(&Decided::stranger());
    let head = belief.head();
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
        Ok(Some((journal, _))) => add(
            Severity::Blocks,
            match Statement::parse(journal.text.as_bytes()) {
                Ok(statement) => format!("{} was interrupted", what(&statement)),
                Err(error) => format!("a statement was interrupted, and its journal is damaged: {error}"),
            },
            Some(
                "the command that was interrupted finishes it, with the same text; so does each of release, yank and beat",
            ),
        ),
        Err(error) => add(Severity::Blocks, error.to_string(), None),
    }
    match store.has_begun_reserve() {
        Ok(false) => {}
        Ok(true) => add(
            Severity::Blocks,
            "a reserve statement has begun, and waits for signatures".to_owned(),
            Some("`sigpkg reserve join DRAFT…` ends it, `sigpkg reserve drop` gives it up"),
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
    if head.reserve().keys.len() == 1 {
        add(
            Severity::Risk,
            "the reserve is one key: if it is lost too, nobody can ever change who signs".to_owned(),
            Some("keep two copies of its file, in two places away from this machine"),
        );
    }
    if let Some(foreign) = store.foreign() {
        // What a reserve statement has made void since is in the chain of the store, and says so itself.
        let strangers = foreign.links().filter(|link| store.chain().find(link.digest()).is_none());
        let named: Vec<_> =
            strangers.map(|link| format!("{} {} ({})", link.statement().kind(), link.seq(), link.digest())).collect();
        if !named.is_empty() {
            let named = named.join(", ");
            let message = format!("somebody else has signed with your keys; kept as evidence and published: {named}");
            add(Severity::Note, message, None);
        }
    }
    examine_future(&belief, now, &mut add);
}

/// What users are told about what is to come.
fn examine_future(belief: &Belief<'_>, now: Timestamp, add: &mut dyn FnMut(Severity, String, Option<&str>)) {
    if let Some(promise) = belief.promise() {
        let hint = Some("`sigpkg release`, or `sigpkg beat` if there is nothing to release");
        if promise < now.date() {
            let message = format!("another statement was promised by {promise}, and none came: the chain is stale");
            add(Severity::Risk, message, hint);
        } else if now.date().plus_days(SOON_DAYS).is_none_or(|soon| promise <= soon) {
            let message = format!(
                "another statement is promised by {promise}; after that day users are told that the chain is stale"
            );
            add(Severity::Risk, message, hint);
        }
    }
    if belief.is_final() {
        let successor = belief.successor().map(|id| format!("; users are pointed to {id}")).unwrap_or_default();
        add(Severity::Note, format!("no further release is planned, as you have said{successor}"), None);
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
