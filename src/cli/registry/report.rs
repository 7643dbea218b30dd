//! What was found in a registry, for people, for machines, and for a workflow on GitHub.

use std::io::{self, Write};

use serde_json::{Value, json};
use sigpkg::registry::{Fault, Finding, Outcome, POLICY, PackageReport, Reason, Summary};
use sigpkg::rule::Rule;
use sigpkg::statement::Seq;
use sigpkg::text::printable;
use sigpkg::verify;

use crate::cli::failure::Status;
use crate::cli::output::{Answer, BAD, CARE, GOOD, annotation};
use crate::cli::verify::Format;

/// Notes that ask for something to be done.
const CARE_NOTES: [&str; 5] = ["not-marked", "reserve-taken", "yank-warning", "manifest-differs", "repository-moved"];

pub(super) struct Report {
    reports: Vec<PackageReport>,
    summary: Summary,
    format: Option<Format>,
    is_audit: bool,
}

/// Whether an audit shows a package, of which there are many.
pub(super) fn is_worth_showing(report: &PackageReport) -> bool {
    report.findings.iter().any(is_finding_worth_showing)
}

fn is_finding_worth_showing(finding: &Finding) -> bool {
    finding.outcome != Outcome::Passed
        || finding.notes.iter().any(|note| ["not-marked", "reserve-taken"].contains(&note.word))
}

impl Report {
    pub(super) fn of_check(reports: Vec<PackageReport>, format: Option<Format>) -> Self {
        let mut summary = Summary { packages: reports.len(), ..Summary::default() };
        for report in &reports {
            summary.add(report);
        }
        Self { reports, summary, format, is_audit: false }
    }

    pub(super) fn of_audit(mut reports: Vec<PackageReport>, summary: Summary, format: Option<Format>) -> Self {
        // They came as the threads were done with them.
        reports.sort_by(|left, right| (&left.claimed_name, left.uuid).cmp(&(&right.claimed_name, right.uuid)));
        Self { reports, summary, format, is_audit: true }
    }

    fn shown(&self) -> impl Iterator<Item = (&PackageReport, &Finding)> {
        let findings =
            self.reports.iter().flat_map(|report| report.findings.iter().map(move |finding| (report, finding)));
        findings.filter(|(_, finding)| !self.is_audit || is_finding_worth_showing(finding))
    }

    fn summary_line(&self) -> String {
        let Summary { packages, versions, judged, signed, unsigned, refused, undecided, unreadable, lost } =
            self.summary;
        let several = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
        let all = format!(" of {} in {}", several(versions, "version"), several(packages, "package"));
        let all = if self.is_audit { all } else { String::new() };
        let parts = [
            (signed, "signed"),
            (unsigned, "unsigned"),
            (refused, "refused"),
            (undecided, "undecided"),
            (unreadable, "unreadable"),
            (lost, "lost"),
        ];
        let counts: Vec<_> =
            parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
        let counts = if counts.is_empty() { "nothing to say".to_owned() } else { counts.join(", ") };
        format!("{judged} judged{all}: {counts}")
    }
}

impl Answer for Report {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        match self.format {
            None => self.shown().try_for_each(|(report, finding)| write_finding(out, report, finding))?,
            Some(Format::Github) => {
                self.shown().try_for_each(|(report, finding)| write_annotations(out, report, finding))?;
            }
        }
        writeln!(out, "{}", self.summary_line())
    }

    fn json(&self) -> Vec<Value> {
        let Summary { packages, versions, judged, signed, unsigned, refused, undecided, unreadable, lost } =
            self.summary;
        let summary = json!({
            "schema": "sigpkg.registry-summary/1", "packages": packages,
            "versions": if self.is_audit { Value::from(versions) } else { Value::Null },
            "judged": judged, "signed": signed, "unsigned": unsigned, "refused": refused, "undecided": undecided,
            "unreadable": unreadable, "lost": lost, "status": self.status().code(),
        });
        self.shown().map(|(report, finding)| finding_json(report, finding)).chain([summary]).collect()
    }

    fn status(&self) -> Status {
        // The summary counts those findings of an audit, too, that are not shown.
        let Summary { refused, undecided, unreadable, .. } = self.summary;
        let counts = [(refused, Status::Refused), (undecided, Status::Undecided), (unreadable, Status::CouldNotTell)];
        Status::of_several(counts.into_iter().filter(|(count, _)| *count > 0).map(|(_, status)| status))
    }
}

/// `Example [7876af07] v1.4.2  (statement 43)`
fn subject(report: &PackageReport, finding: &Finding) -> String {
    let id = report.uuid.map(|uuid| format!(" [{}]", &uuid.to_string()[..8])).unwrap_or_default();
    let version = finding.version.as_ref().map(|version| format!(" v{version}")).unwrap_or_default();
    let statement = finding.seq.map(|seq| format!("  (statement {seq})")).unwrap_or_default();
    format!("{}{id}{version}{statement}", printable(&report.claimed_name))
}

/// The sentence about what has not passed.
fn message(finding: &Finding) -> Option<String> {
    match &finding.outcome {
        Outcome::Passed => None,
        Outcome::Refused(reason) | Outcome::Undecided(reason) => Some(reason.to_string()),
        Outcome::CouldNotTell(problem) => Some(problem.clone()),
        Outcome::Lost => Some(format!("{POLICY} says that its tree cannot be had any more")),
    }
}

fn write_finding(out: &mut dyn Write, report: &PackageReport, finding: &Finding) -> io::Result<()> {
    let style = match &finding.outcome {
        Outcome::Passed => GOOD,
        Outcome::Refused(_) => BAD,
        Outcome::Undecided(_) | Outcome::CouldNotTell(_) | Outcome::Lost => CARE,
    };
    write!(out, "{style}{:10}{style:#} {}", finding.outcome.word(), subject(report, finding))?;
    match finding.outcome.reason().map(Reason::rule) {
        Some(rule) => writeln!(out, ": {} ({rule})", rule.reason())?,
        None => writeln!(out)?,
    }
    if let Some(message) = message(finding) {
        writeln!(out, "  {}", printable(&message))?;
    }
    if let Some(hint) = hint(report, finding) {
        writeln!(out, "  hint: {hint}")?;
    }
    finding.notes.iter().try_for_each(|note| {
        let is_care = CARE_NOTES.contains(&note.word);
        let word = if is_care { format!("{CARE}warning{CARE:#}") } else { "note".to_owned() };
        writeln!(out, "  {word}: {}: {}", note.word, printable(&note.message))
    })
}

fn write_annotations(out: &mut dyn Write, report: &PackageReport, finding: &Finding) -> io::Result<()> {
    let mut annotate = |level: &str, word: &str, message: &str| {
        let title = format!("{}: {word}", subject(report, finding));
        writeln!(out, "{}", annotation(level, &report.file, &title, message))
    };
    if let Some(message) = message(finding) {
        let word = finding.outcome.reason().map_or(finding.outcome.word(), |reason| reason.rule().reason());
        let hint = hint(report, finding).map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
        let level = if finding.outcome.has_passed() { "notice" } else { "error" };
        annotate(level, word, &format!("{message}{hint}"))?;
    }
    finding.notes.iter().try_for_each(|note| {
        let level = if CARE_NOTES.contains(&note.word) { "warning" } else { "notice" };
        annotate(level, note.word, &note.message)
    })
}

fn finding_json(report: &PackageReport, finding: &Finding) -> Value {
    let rule = finding.outcome.reason().map(Reason::rule);
    let notes: Vec<_> =
        finding.notes.iter().map(|note| json!({ "note": note.word, "message": note.message })).collect();
    let is_unreadable = matches!(finding.outcome, Outcome::CouldNotTell(_));
    let reason = if is_unreadable { Some(finding.outcome.word()) } else { rule.map(Rule::reason) };
    json!({
        "schema": "sigpkg.registry-check/1",
        "verdict": finding.outcome.word(),
        "reason": reason,
        "rule": rule.map(Rule::id),
        "message": message(finding),
        "hint": hint(report, finding),
        "change": finding.change.as_str(),
        "package": report.uuid.map(|uuid| json!({
            "ecosystem": "julia", "name": report.claimed_name, "uuid": uuid.to_string(),
        })),
        "version": finding.version.as_ref().map(ToString::to_string),
        "tree": finding.tree.map(|tree| tree.to_string()),
        "file": report.file,
        "signatory": finding.signatory.map(|id| id.to_string()),
        "seq": finding.seq.map(Seq::get),
        "notes": notes,
    })
}

/// What to do about it.
fn hint(report: &PackageReport, finding: &Finding) -> Option<String> {
    let package = report.uuid.map(|uuid| format!("package = \"{uuid}\"")).unwrap_or_default();
    let consent = |what: &str| {
        format!("a maintainer of the registry may consent in {POLICY}: [[consent]] {package}, {what}, by, why")
    };
    Some(match &finding.outcome {
        Outcome::Passed | Outcome::Lost => return None,
        Outcome::CouldNotTell(_) => {
            "what cannot be had cannot pass: put a clone into --packages, or use --fetch".to_owned()
        }
        Outcome::Refused(reason) | Outcome::Undecided(reason) => match &**reason {
            Reason::Registry(Fault::TreeReplaced { .. }) => {
                "what was registered stays as it is: register a new version".to_owned()
            }
            Reason::Registry(Fault::VersionRemoved { .. } | Fault::PackageRemoved { .. }) => {
                "what was registered stays: mark a version with yanked = true instead".to_owned()
            }
            Reason::Registry(Fault::PackageRenamed { .. }) => "a package with another name has another UUID".to_owned(),
            Reason::Registry(Fault::PolicyChanged) => {
                "the change edits the rules by which it is judged; a maintainer of the registry who has read it says so with --policy-reviewed".to_owned()
            }
            Reason::Registry(Fault::Policy(_)) => "docs/registry/README.md shows the form of a policy".to_owned(),
            Reason::Registry(Fault::NotContinued { digest, .. }) => {
                format!(
                    "ask the maintainer of the package which branch is right; {}",
                    consent(&format!("statement = \"{digest}\""))
                )
            }
            Reason::Registry(
                Fault::Malformed { .. } | Fault::File { .. } | Fault::Contradiction { .. } | Fault::NotATree { .. },
            ) => "Registrator and LocalRegistry write these files in the right form".to_owned(),
            Reason::Release(reason) => release_hint(reason, &consent),
        },
    })
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the other reasons are the package's own, and one hint helps with all of them"
)]
fn release_hint(reason: &verify::Reason, consent: &dyn Fn(&str) -> String) -> String {
    match reason {
        verify::Reason::SignatureMissing { .. } | verify::Reason::NoRelease { .. } => {
            "the package is signed: register the commit that sigpkg release has made".to_owned()
        }
        verify::Reason::OtherSignatory { expected, found } => {
            let from = expected.first().map(ToString::to_string).unwrap_or_default();
            consent(&format!("from = \"{from}\", to = \"{found}\""))
        }
        verify::Reason::Waiting { waiting, .. } => consent(&format!("statement = \"{}\"", waiting.digest)),
        _ => "the release is not what its signatory has signed: register the commit that sigpkg release has made"
            .to_owned(),
    }
}
