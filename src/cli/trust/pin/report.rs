//! What `trust pin` has pinned, and what it has not.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value, json};
use sigpkg::project::pinning::Pinned;
use sigpkg::text::printable;
use sigpkg::trust::{Pin, Pins};
use sigpkg::verify::{Outcome, State};

use crate::cli::failure::Status;
use crate::cli::groups::one_above_the_other;
use crate::cli::output::{Answer, BAD, CARE, GOOD};
use crate::cli::verify::project::Entry;

pub(super) struct Report {
    pub(super) project: String,
    pub(super) file: String,
    pub(super) planned: Vec<Pinned>,
    pub(super) after: Pins,
    pub(super) left: Vec<Left>,
}

/// A dependency that was not pinned.
pub(super) struct Left {
    pub(super) entry: Entry,
    /// Whether the user asked for it by its name.
    pub(super) was_named: bool,
}

impl Left {
    fn status(&self) -> Status {
        match self.entry.judged.outcome() {
            Some(Outcome::Refused) => Status::Refused,
            Some(Outcome::Undecided) => Status::Undecided,
            None if self.entry.judged.state() == State::Unreadable => Status::CouldNotTell,
            None if self.was_named => Status::Undecided,
            None => Status::Done,
        }
    }

    fn what(&self) -> String {
        let version = self.entry.locked.version.as_ref().map(|version| format!(" v{version}")).unwrap_or_default();
        format!("{}{version}", self.entry.locked.package)
    }

    fn message(&self) -> String {
        self.entry.judged.message().unwrap_or_else(|| self.entry.judged.state().to_string())
    }
}

impl Answer for Report {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        self.planned.iter().try_for_each(|pinned| write_pinned(out, pinned))?;
        let mut counts: BTreeMap<State, usize> = BTreeMap::new();
        for left in &self.left {
            if left.status() == Status::Done {
                *counts.entry(left.entry.judged.state()).or_default() += 1;
            } else {
                writeln!(out, "{BAD}not pinned{BAD:#}  {}: {}", left.what(), printable(&left.message()))?;
            }
        }
        if !counts.is_empty() {
            let counts: Vec<_> = counts.iter().map(|(state, count)| format!("{count} {state}")).collect();
            writeln!(out, "not pinned  {}", counts.join(" · "))?;
        }
        let changed = self
            .planned
            .iter()
            .filter(|it| !matches!(it, Pinned::Same(_) | Pinned::Kept(_) | Pinned::Foreign(_)))
            .count();
        let pins = if self.after.len() == 1 { "1 pin".to_owned() } else { format!("{} pins", self.after.len()) };
        writeln!(out, "{}: {pins}, {changed} changed", printable(&self.file))
    }

    fn json(&self) -> Vec<Value> {
        let pinned = self.planned.iter().map(|pinned| {
            let before: Vec<_> = match pinned {
                Pinned::Added(_) => Vec::new(),
                Pinned::Changed { from, .. } => vec![pin_json(from)],
                Pinned::Replaced { from, .. } => from.iter().map(pin_json).collect(),
                Pinned::Same(pin) | Pinned::Kept(pin) | Pinned::Foreign(pin) | Pinned::Pruned(pin) => {
                    vec![pin_json(pin)]
                }
            };
            json!({
                "schema": "sigpkg.trust-pin/1",
                "project": self.project,
                "change": pinned.word(),
                "pin": pinned.after().map(pin_json),
                "before": before,
            })
        });
        let left = self.left.iter().map(|left| {
            json!({
                "schema": "sigpkg.trust-pin/1",
                "project": self.project,
                "change": "not-pinned",
                "name": left.entry.locked.package.name().as_str(),
                "uuid": left.entry.locked.package.uuid().map(|uuid| uuid.to_string()),
                "state": left.entry.judged.state().as_str(),
                "message": left.message(),
            })
        });
        pinned.chain(left).collect()
    }

    fn status(&self) -> Status {
        Status::of_several(self.left.iter().map(Left::status))
    }
}

/// A pin for scripts: what the file has.
pub(in crate::cli::trust) fn pin_json(pin: &Pin) -> Value {
    json!({
        "name": pin.package.name().as_str(),
        "uuid": pin.package.uuid().map(|uuid| uuid.to_string()),
        "id": pin.id.to_string(),
        "seq": pin.seq.get(),
        "digest": pin.digest.to_string(),
        "grade": pin.grade.as_str(),
        "accepted": pin.accepted.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "before-signing": pin.before_signing.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn write_pinned(out: &mut dyn Write, pinned: &Pinned) -> io::Result<()> {
    match pinned {
        Pinned::Same(_) | Pinned::Kept(_) => Ok(()),
        Pinned::Foreign(pin) => {
            writeln!(out, "kept        {}  not in the lockfile; --prune removes its pin", pin.package)
        }
        Pinned::Added(pin) => {
            writeln!(out, "{GOOD}pinned{GOOD:#}      {}  statement {} ({})", pin.package, pin.seq, pin.grade)?;
            writeln!(out, "  {}", pin.id)?;
            write_decisions(out, None, pin)
        }
        Pinned::Changed { from, to } => {
            write!(out, "{GOOD}pinned{GOOD:#}      {}  statement {} → {}", to.package, from.seq, to.seq)?;
            if from.grade == to.grade {
                writeln!(out, " ({})", to.grade)?;
            } else {
                writeln!(out, " ({} → {})", from.grade, to.grade)?;
            }
            write_decisions(out, Some(from), to)
        }
        Pinned::Replaced { from, to } => {
            writeln!(out, "{CARE}REPLACED{CARE:#}    {}  statement {} ({})", to.package, to.seq, to.grade)?;
            for from in from {
                let (from, to) = (from.id.to_string(), to.id.to_string());
                write!(out, "{}", one_above_the_other(("before", &from), ("now", &to), "  "))?;
            }
            write_decisions(out, None, to)
        }
        Pinned::Pruned(pin) => {
            writeln!(out, "{CARE}removed{CARE:#}     {}  statement {} ({})", pin.package, pin.seq, pin.grade)?;
            writeln!(out, "  {}", pin.id)
        }
    }
}

/// The decisions in a pin that were not there before.
fn write_decisions(out: &mut dyn Write, from: Option<&Pin>, to: &Pin) -> io::Result<()> {
    for digest in to.accepted.iter().filter(|digest| from.is_none_or(|from| !from.accepted.contains(digest))) {
        writeln!(out, "  {CARE}accepts the reserve statement{CARE:#} {digest}")?;
    }
    for tree in to.before_signing.iter().filter(|tree| from.is_none_or(|from| !from.before_signing.contains(tree))) {
        writeln!(out, "  {CARE}unsigned, from before the chain began{CARE:#}: tree {tree}")?;
    }
    Ok(())
}
