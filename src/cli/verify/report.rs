//! Verdicts as people and scripts see them (section 7.7 of the specification).

use std::io::{self, Write};

use serde_json::{Value, json};
use sigpkg::listing::{Change, Mismatch};
use sigpkg::package::Package;
use sigpkg::statement::Seq;
use sigpkg::text::printable;
use sigpkg::verify::{Claims, Note, Outcome, Reason, ReserveStatement, Verdict, Yanking};

use super::hint;
use super::project::ProjectReport;
use crate::cli::failure::{Failure, Status};
use crate::cli::groups::one_above_the_other;
use crate::cli::output::{Answer, BAD, CARE, GOOD, annotation, failure_json};
use crate::cli::target::TargetError;

/// How many paths of a mismatch people are shown; `--json` has them all.
const PATHS_SHOWN: usize = 20;

/// The answers about several targets, in their order.
pub(super) struct Reports {
    pub(super) reports: Vec<Either>,
    pub(super) as_annotations: bool,
}

/// The answer about one target, which is a project or is not.
pub(super) enum Either {
    Target(Box<Report>),
    Project(ProjectReport),
    /// A project, one of several targets, about which nothing can be said.
    Failed {
        target: String,
        failure: Failure,
    },
}

/// Why nothing can be said about a target, and what to do about it.
struct Unread {
    message: String,
    hint: String,
}

/// The answer about one target.
pub(super) struct Report {
    target: String,
    verdict: Result<Verdict, Unread>,
    /// A lockfile in the folder that was judged as a tree.
    lockfile: Option<String>,
}

impl Report {
    pub(super) fn new(target: &str, verdict: Result<Verdict, TargetError>, lockfile: Option<String>) -> Self {
        let verdict = verdict.or_else(|error| match error.rule {
            Some(rule) => Ok(sigpkg::verify::refuse_unread(rule, error.message)),
            None => {
                Err(Unread { message: error.message, hint: error.hint.unwrap_or_else(|| hint::UNREADABLE.to_owned()) })
            }
        });
        Self { target: target.to_owned(), verdict, lockfile }
    }

    /// Whoever meant the project hears how to ask about it.
    fn hint(&self, verdict: &Verdict) -> Option<String> {
        let hint = hint::of(verdict, &self.target)?;
        match (&self.lockfile, verdict.reason()) {
            (Some(lockfile), Some(Reason::Unsigned { .. })) => {
                let lockfile = format!("{}/{lockfile}", self.target.trim_end_matches('/'));
                Some(format!("{hint}; to verify what it depends on: sigpkg verify {}", hint::shell_word(&lockfile)))
            }
            _ => Some(hint),
        }
    }

    fn status(&self) -> Status {
        match self.verdict.as_ref().map(|verdict| verdict.reason().map(Reason::outcome)) {
            Ok(None) => Status::Done,
            Ok(Some(Outcome::Refused)) => Status::Refused,
            Ok(Some(Outcome::Undecided)) => Status::Undecided,
            Err(_) => Status::CouldNotTell,
        }
    }

    fn json(&self) -> Value {
        let mut object = match &self.verdict {
            Ok(verdict) => {
                let mut object = verdict_json(verdict, &self.target);
                object["hint"] = self.hint(verdict).into();
                object
            }
            Err(problem) => json!({
                "verdict": "unreadable", "reason": "unreadable", "rule": null, "message": problem.message,
                "hint": problem.hint, "reached": null, "package": null, "signatory": null, "seq": null,
                "version": null, "head": null, "notes": [], "files": null, "yank": null, "waiting": null,
                "upstream": null,
            }),
        };
        object["schema"] = "sigpkg.verify/1".into();
        object["target"] = self.target.as_str().into();
        object
    }

    fn human(&self, out: &mut dyn Write, is_one_of_several: bool) -> io::Result<()> {
        let target = printable(&self.target);
        let (style, word) = match self.status() {
            Status::Done => (GOOD, "accepted"),
            Status::Undecided => (CARE, "undecided"),
            Status::CouldNotTell => (CARE, "unreadable"),
            Status::Refused | Status::Usage => (BAD, "refused"),
        };
        write!(out, "{style}{word:10}{style:#} ")?;
        let verdict = match &self.verdict {
            Ok(verdict) => verdict,
            Err(problem) => {
                writeln!(out, "{target}")?;
                writeln!(out, "  {}", printable(&problem.message))?;
                return writeln!(out, "  hint: {}", printable(&problem.hint));
            }
        };
        match verdict.reason() {
            None if is_one_of_several => writeln!(out, "{}  {target}", what(verdict.claims()))?,
            None => writeln!(out, "{}", what(verdict.claims()))?,
            Some(reason) => {
                writeln!(out, "{target}: {} ({})", reason.rule().reason(), reason.rule())?;
                write_reason(out, reason)?;
                if let Some(hint) = self.hint(verdict) {
                    writeln!(out, "  hint: {hint}")?;
                }
            }
        }
        verdict.notes().iter().try_for_each(|note| write_note(out, note, verdict.claims()))
    }
}

impl Answer for Reports {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.as_annotations {
            return self.reports.iter().try_for_each(|report| match report {
                Either::Project(project) => out.write_all(project.annotations().as_bytes()),
                Either::Failed { target, failure } => {
                    writeln!(out, "{}", annotation("error", target, "sigpkg", &failure.message))
                }
                Either::Target(_) => Ok(()),
            });
        }
        self.reports.iter().try_for_each(|report| match report {
            Either::Target(report) => report.human(out, self.reports.len() > 1),
            Either::Project(project) => project.human(out),
            Either::Failed { target, failure } => write_failure(out, target, failure),
        })
    }

    fn json(&self) -> Vec<Value> {
        let objects = self.reports.iter().flat_map(|report| match report {
            Either::Target(report) => vec![report.json()],
            Either::Project(project) => project.json(),
            Either::Failed { target, failure } => vec![failure_json(failure, Some(target))],
        });
        objects.collect()
    }

    fn status(&self) -> Status {
        Status::of_several(self.reports.iter().map(|report| match report {
            Either::Target(report) => report.status(),
            Either::Project(project) => project.status(),
            Either::Failed { failure, .. } => failure.status,
        }))
    }
}

fn write_failure(out: &mut dyn Write, target: &str, failure: &Failure) -> io::Result<()> {
    let (style, word) = match failure.status {
        Status::Refused | Status::Usage => (BAD, "refused"),
        Status::Done | Status::Undecided => (CARE, "undecided"),
        Status::CouldNotTell => (CARE, "unreadable"),
    };
    let rule = failure.rule.map(|rule| format!(": {} ({rule})", rule.reason())).unwrap_or_default();
    writeln!(out, "{style}{word:10}{style:#} {}{rule}", printable(target))?;
    writeln!(out, "  {}", printable(&failure.message))?;
    failure.any_hint().iter().try_for_each(|hint| writeln!(out, "  hint: {}", printable(hint)))
}

/// `Example [7876af07] v1.4.2  (statement 43)`
fn what(claims: &Claims) -> String {
    let package = claims.package.as_ref().map_or("?".to_owned(), ToString::to_string);
    let version = claims.version.as_ref().map(|version| format!(" v{version}"));
    let statement = claims.seq.map(|seq| format!("  (statement {seq})"));
    [Some(package), version, statement].into_iter().flatten().collect()
}

/// The sentence. Ids that people must compare stand one above the other, and differing files in a list.
pub(super) fn write_reason(out: &mut dyn Write, reason: &Reason) -> io::Result<()> {
    if let Reason::OtherSignatory { expected, found } = reason {
        writeln!(out, "  the signatory is another one than the one that is trusted")?;
        expected.iter().try_for_each(|expected| {
            let (expected, found) = (expected.to_string(), found.to_string());
            write!(out, "{}", one_above_the_other(("expected", &expected), ("found", &found), "    "))
        })
    } else if let Reason::TreeMismatch(mismatch) = reason {
        write_mismatch(out, mismatch)
    } else {
        writeln!(out, "  {}", printable(&reason.to_string()))
    }
}

/// A note; one that asks for something to be done stands out, and says what.
pub(super) fn write_note(out: &mut dyn Write, note: &Note, claims: &Claims) -> io::Result<()> {
    match note {
        Note::YankWarning(_) | Note::Waiting(_) | Note::Voided { .. } | Note::Installed { .. } | Note::Fork { .. } => {
            write!(out, "  {CARE}warning{CARE:#}: ")?;
        }
        Note::NotNewest { .. }
        | Note::Seen
        | Note::Rival { .. }
        | Note::ContestedBeyond { .. }
        | Note::Stale(_)
        | Note::LineEnds { .. }
        | Note::DowngradeAllowed { .. }
        | Note::Detached
        | Note::Adopted { .. }
        | Note::YankNote(_)
        | Note::NotFollowed(_)
        | Note::Final { .. }
        | Note::Successor { .. }
        | Note::Ended => write!(out, "  note: ")?,
    }
    writeln!(out, "{}: {}", note.word(), printable(&note.to_string()))?;
    match hint::of_note(note, claims) {
        Some(hint) => writeln!(out, "    hint: {hint}"),
        None => Ok(()),
    }
}

fn write_mismatch(out: &mut dyn Write, mismatch: &Mismatch) -> io::Result<()> {
    let count = mismatch.differences.len();
    let differ = if count == 1 { "path differs" } else { "paths differ" };
    writeln!(out, "  {count} {differ} from the signed listing")?;
    for difference in mismatch.differences.iter().take(PATHS_SHOWN) {
        writeln!(out, "    {:10}  {}", difference.change.to_string(), printable(difference.path.as_str()))?;
    }
    match count.checked_sub(PATHS_SHOWN) {
        None | Some(0) => Ok(()),
        Some(more) => writeln!(out, "    and {more} more"),
    }
}

pub(super) fn verdict_json(verdict: &Verdict, target: &str) -> Value {
    let (reason, claims) = (verdict.reason(), verdict.claims());
    let notes: Vec<_> =
        verdict.notes().iter().map(|note| json!({ "note": note.word(), "message": note.to_string() })).collect();
    json!({
        "verdict": verdict.word(),
        "reason": reason.map(|reason| reason.rule().reason()),
        "rule": reason.map(|reason| reason.rule().id()),
        "message": reason.map(ToString::to_string),
        "hint": hint::of(verdict, target),
        "reached": verdict.reached().as_str(),
        "package": claims.package.as_ref().map(package_json),
        "signatory": claims.signatory.map(|id| id.to_string()),
        "seq": claims.seq.map(Seq::get),
        "version": claims.version.as_ref().map(ToString::to_string),
        "head": verdict.head().map(|head| json!({
            "seq": head.seq.get(),
            "digest": head.digest.to_string(),
            "version": head.version.as_ref().map(ToString::to_string),
        })),
        "notes": notes,
        "files": reason.and_then(files_json),
        "yank": verdict.yanking().map(yanking_json),
        "waiting": verdict.waiting().map(waiting_json),
        "upstream": verdict.upstream().map(|upstream| upstream.to_string()),
    })
}

fn yanking_json(yanking: &Yanking) -> Value {
    json!({
        "by": yanking.by.get(),
        "severity": yanking.severity.as_str(),
        "reason": yanking.reason,
        "advisory": yanking.advisory,
        "replacement": yanking.replacement.as_ref().map(|replacement| json!({
            "seq": replacement.seq.get(),
            "version": replacement.version.to_string(),
        })),
    })
}

fn waiting_json(waiting: &ReserveStatement) -> Value {
    json!({
        "seq": waiting.seq.get(),
        "digest": waiting.digest.to_string(),
        "cause": waiting.cause.as_str(),
        "reason": waiting.reason,
    })
}

pub(crate) fn package_json(package: &Package) -> Value {
    json!({
        "ecosystem": package.ecosystem().as_str(),
        "name": package.name().as_str(),
        "uuid": package.uuid().map(|uuid| uuid.to_string()),
    })
}

fn files_json(reason: &Reason) -> Option<Value> {
    let Reason::TreeMismatch(mismatch) = reason else {
        return None;
    };
    let of = |wanted: Change| -> Vec<_> {
        let differences = mismatch.differences.iter().filter(|difference| difference.change == wanted);
        differences.map(|difference| difference.path.as_str()).collect()
    };
    Some(json!({
        "modified": of(Change::Modified),
        "missing": of(Change::Missing),
        "extra": of(Change::Extra),
        "line-ends": of(Change::LineEnds),
    }))
}
