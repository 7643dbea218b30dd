//! What was found about a project, for people, for scripts (section 10.4 of the specification) and for GitHub.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::{Value, json};
use sigpkg::ecosystem::Locked;
use sigpkg::text::printable;
use sigpkg::verify::{DependencyReason, Note, Outcome, State, Verdict};

use super::super::hint;
use super::super::report::{verdict_json, write_note, write_reason};
use super::{Entry, PinsFrom};
use crate::cli::failure::Status;
use crate::cli::groups::one_above_the_other;
use crate::cli::output::{BAD, CARE, GOOD, annotation};

/// The answer about one project.
pub(crate) struct ProjectReport {
    target: String,
    lockfile: String,
    pins: PinsFrom,
    entries: Vec<Entry>,
}

impl ProjectReport {
    pub(crate) fn new(target: &str, lockfile: String, pins: PinsFrom, entries: Vec<Entry>) -> Self {
        Self { target: target.to_owned(), lockfile, pins, entries }
    }

    pub(crate) fn status(&self) -> Status {
        Status::of_several(self.entries.iter().map(Entry::status))
    }

    fn count(&self, state: State) -> usize {
        self.entries.iter().filter(|entry| entry.judged.state() == state).count()
    }

    pub(crate) fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        let pins = match self.pins {
            PinsFrom::Nowhere => "no pins",
            PinsFrom::Working => "pins of the working folder, which a reviewer may not have seen",
            PinsFrom::Base => "pins of the reviewed revision",
        };
        writeln!(out, "{}  ({pins})", printable(&self.lockfile))?;
        let width = self.entries.iter().map(|entry| what(&entry.locked).chars().count()).max().unwrap_or(0);
        // What comes with the language is counted, and not listed: it is no dependency that anybody could sign.
        for entry in self.entries.iter().filter(|entry| entry.judged.state() != State::Bundled) {
            entry.human(out, &self.target, width)?;
        }
        let counts = State::ALL.into_iter().map(|state| (self.count(state), state));
        let counts: Vec<_> =
            counts.filter(|(count, _)| *count > 0).map(|(count, state)| format!("{count} {state}")).collect();
        let summary = if counts.is_empty() { "nothing to verify".to_owned() } else { counts.join(" · ") };
        writeln!(out, "{summary}")
    }

    pub(crate) fn json(&self) -> Vec<Value> {
        let mut objects: Vec<_> = self.entries.iter().map(|entry| entry.json(&self.target)).collect();
        let with = |status: Status| self.entries.iter().filter(|entry| entry.status() == status).count();
        let (refused, undecided, unreadable) =
            (with(Status::Refused), with(Status::Undecided), with(Status::CouldNotTell));
        let accepted = self.entries.iter().filter(|entry| entry.is_accepted()).count();
        objects.push(json!({
            "schema": "sigpkg.project/1",
            "project": self.target,
            "lockfile": self.lockfile,
            "pins": match self.pins {
                PinsFrom::Nowhere => "none",
                PinsFrom::Working => "working",
                PinsFrom::Base => "base",
            },
            "verdict": word_of(self.status()),
            "accepted": accepted,
            "refused": refused,
            "undecided": undecided,
            "unreadable": unreadable,
            "other": self.entries.len() - accepted - refused - undecided - unreadable,
        }));
        objects
    }

    /// The workflow commands of GitHub Actions: an error for what fails, a warning for what a reviewer should see.
    pub(crate) fn annotations(&self) -> String {
        let mut lines = Vec::new();
        for entry in &self.entries {
            let (judged, what) = (&entry.judged, what(&entry.locked));
            if judged.fails() {
                let hint = entry.hint(&self.target).map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
                let message = format!("{}{hint}", judged.message().unwrap_or_default());
                lines.push(annotation("error", &self.lockfile, &format!("{}: {what}", entry.word()), &message));
            } else if judged.state() == State::NewlySigned {
                let message = "signed by a signatory whom nobody has trusted yet";
                lines.push(annotation("warning", &self.lockfile, &format!("newly-signed: {what}"), message));
            }
            for (word, message) in entry.warnings() {
                lines.push(annotation("warning", &self.lockfile, &format!("{word}: {what}"), &message));
            }
        }
        let mut summary = String::new();
        for (count, state) in
            State::ALL.into_iter().map(|state| (self.count(state), state)).filter(|(count, _)| *count > 0)
        {
            let _ = write!(summary, "{}{count} {state}", if summary.is_empty() { "" } else { ", " });
        }
        lines.push(annotation("notice", &self.lockfile, "sigpkg", &summary));
        lines.into_iter().map(|line| line + "\n").collect()
    }
}

impl Entry {
    fn status(&self) -> Status {
        if !self.judged.fails() {
            return Status::Done;
        }
        match self.judged.outcome() {
            Some(Outcome::Refused) => Status::Refused,
            Some(Outcome::Undecided) => Status::Undecided,
            None => Status::CouldNotTell,
        }
    }

    fn is_accepted(&self) -> bool {
        self.status() == Status::Done && self.judged.state() == State::Accepted
    }

    /// The state; under `--strict` what fails because of it is refused.
    fn word(&self) -> &'static str {
        if self.judged.fails() { word_of(self.status()) } else { self.judged.state().as_str() }
    }

    fn human(&self, out: &mut dyn Write, project: &str, width: usize) -> io::Result<()> {
        let style = match (self.status(), self.judged.state()) {
            (Status::Refused | Status::Usage, _) => BAD,
            (Status::Undecided | Status::CouldNotTell, _) => CARE,
            (Status::Done, State::Accepted | State::BeforeSigning) => GOOD,
            (
                Status::Done,
                State::Refused
                | State::Undecided
                | State::Unreadable
                | State::Unsigned
                | State::NewlySigned
                | State::Developed
                | State::Bundled
                | State::NotInstalled,
            ) => anstyle::Style::new(),
        };
        let mut notes = self.short_notes();
        if let Some(rule) = self.judged.rule().filter(|_| self.judged.fails()) {
            notes.insert(0, format!("{} ({rule})", rule.reason()));
        }
        let line = format!("{:width$}  {}", what(&self.locked), notes.join(", "));
        writeln!(out, "{style}{:14}{style:#}  {}", self.word(), line.trim_end())?;
        if self.judged.fails() {
            self.write_problem(out, project)?;
        }
        for (_, message) in self.warnings() {
            writeln!(out, "  {CARE}warning{CARE:#}: {}", printable(&message))?;
        }
        let loud = self.judged.verdict_notes().iter().filter(|note| is_loud(note));
        match self.judged.verdict() {
            Some(verdict) => loud.into_iter().try_for_each(|note| write_note(out, note, verdict.claims())),
            None => Ok(()),
        }
    }

    fn write_problem(&self, out: &mut dyn Write, project: &str) -> io::Result<()> {
        match (self.judged.reason(), self.judged.verdict().and_then(Verdict::reason)) {
            (Some(DependencyReason::OtherSignatory { expected, found }), _) => {
                writeln!(out, "  the signatory is another one than the one that is pinned")?;
                for expected in expected {
                    let (expected, found) = (expected.to_string(), found.to_string());
                    write!(out, "{}", one_above_the_other(("pinned", &expected), ("found", &found), "    "))?;
                }
            }
            (Some(DependencyReason::PinsAnother { expected, found, .. }), _) => {
                writeln!(out, "  the project pins another signatory than the one that you trust")?;
                for (expected, found) in expected.iter().flat_map(|one| found.iter().map(move |other| (one, other))) {
                    let (expected, found) = (expected.to_string(), found.to_string());
                    write!(out, "{}", one_above_the_other(("trusted", &expected), ("pinned", &found), "    "))?;
                }
            }
            (Some(reason), _) => writeln!(out, "  {}", printable(&reason.to_string()))?,
            (None, Some(reason)) => write_reason(out, reason)?,
            (None, None) => {}
        }
        match self.hint(project) {
            Some(hint) => writeln!(out, "  hint: {hint}"),
            None => Ok(()),
        }
    }

    fn hint(&self, project: &str) -> Option<String> {
        match self.judged.reason() {
            Some(reason) => Some(hint::of_dependency(reason, &self.locked.package, project, self.path().as_deref())),
            None => self.judged.verdict().and_then(|verdict| hint::of(verdict, &self.place())),
        }
    }

    /// Where it is installed, for people and hints.
    fn place(&self) -> String {
        self.path().unwrap_or_else(|| self.locked.package.to_string())
    }

    fn path(&self) -> Option<String> {
        self.installed.path().map(|path| path.display().to_string())
    }

    /// The words of the notes that are explained nowhere else.
    fn short_notes(&self) -> Vec<String> {
        let of_verdict = self.judged.verdict_notes().iter().filter(|note| !is_loud(note)).map(Note::word);
        let own = self.judged.notes().iter().map(sigpkg::verify::DependencyNote::word);
        let pinned = self.is_pinned.then_some("pinned");
        let url = (self.locked.origin.word() == "url").then_some("by URL");
        pinned.into_iter().chain(url).chain(of_verdict).chain(own).map(str::to_owned).collect()
    }

    /// The notes of this chapter, that a user or a reviewer should not overlook.
    fn warnings(&self) -> Vec<(&'static str, String)> {
        use sigpkg::verify::DependencyNote as N;
        let is_warning = |note: &&N| match note {
            N::TreeHash { .. } | N::SameName => true,
            N::Generated { built, .. } => !built.is_empty(),
            N::Built | N::NoTree(_) => false,
        };
        self.judged.notes().iter().filter(is_warning).map(|note| (note.word(), note.to_string())).collect()
    }

    fn json(&self, project: &str) -> Value {
        let judged = &self.judged;
        let mut object = match judged.verdict() {
            Some(verdict) => verdict_json(verdict, &self.place()),
            None => json!({
                "verdict": null, "reason": null, "rule": null, "message": null, "hint": null, "reached": null,
                "signatory": null, "seq": null, "head": null, "notes": [], "files": null, "yank": null, "waiting": null,
                "upstream": null,
            }),
        };
        if let Some(reason) = judged.reason() {
            object["verdict"] = word_of(self.status()).into();
            object["reason"] = reason.rule().map_or("unreadable", sigpkg::rule::Rule::reason).into();
            object["rule"] = reason.rule().map(sigpkg::rule::Rule::id).into();
            object["message"] = reason.to_string().into();
            object["hint"] = self.hint(project).into();
        }
        if let Some(notes) = object["notes"].as_array_mut() {
            let own = judged.notes().iter();
            notes.extend(own.map(|note| json!({ "note": note.word(), "message": note.to_string() })));
        }
        if let Some(fields) = object.as_object_mut() {
            fields.remove("package");
        }
        let Locked { package, version, origin } = &self.locked;
        object["schema"] = "sigpkg.project-entry/1".into();
        object["project"] = project.into();
        object["name"] = package.name().as_str().into();
        object["uuid"] = package.uuid().map(|uuid| uuid.to_string()).into();
        object["version"] = version.as_ref().map(ToString::to_string).into();
        object["source"] = origin.word().into();
        object["tree"] = origin.tree().map(|tree| tree.to_string()).into();
        object["path"] = self.installed.path().map(|path| path.display().to_string()).into();
        object["state"] = judged.state().as_str().into();
        object["fails"] = judged.fails().into();
        object["pinned"] = self.is_pinned.into();
        object
    }
}

/// Notes that ask for something to be done.
fn is_loud(note: &Note) -> bool {
    match note {
        Note::YankWarning(_)
        | Note::Waiting(_)
        | Note::Voided { .. }
        | Note::Installed { .. }
        | Note::Fork { .. }
        | Note::Rival { .. }
        | Note::ContestedBeyond { .. } => true,
        Note::NotNewest { .. }
        | Note::Seen
        | Note::Stale(_)
        | Note::LineEnds { .. }
        | Note::DowngradeAllowed { .. }
        | Note::Detached
        | Note::Adopted { .. }
        | Note::YankNote(_)
        | Note::NotFollowed(_)
        | Note::Final { .. }
        | Note::Successor { .. }
        | Note::Ended => false,
    }
}

fn word_of(status: Status) -> &'static str {
    match status {
        Status::Done => "accepted",
        Status::Refused | Status::Usage => "refused",
        Status::Undecided => "undecided",
        Status::CouldNotTell => "unreadable",
    }
}

/// `Example [7876af07] v1.4.2`
fn what(locked: &Locked) -> String {
    let version = locked.version.as_ref().map(|version| format!(" v{version}")).unwrap_or_default();
    format!("{}{version}", locked.package)
}
