//! `sigpkg trust diff`: what a reviewer must see of a change to the pins and the lockfile of a project.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use sigpkg::digest::SignatoryId;
use sigpkg::ecosystem::Locked;
use sigpkg::project::review::{
    Chains as _, Difference, Gravity, Known, LockChange, Movement, PinFault, accepted_statement, differences,
};
use sigpkg::project::{Base, Project};
use sigpkg::text::printable;
use sigpkg::trust::{PINS_FILE, Pin, TrustStore};

use super::known::KnownChains;
use super::pin::pin_json;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Status};
use crate::cli::groups::one_above_the_other;
use crate::cli::output::{Answer, BAD, CARE, GOOD, annotation};
use crate::cli::verify::Format;

/// Show what a change does to the pins of a project, and to the lockfile entries that they bind
#[derive(Args)]
pub(super) struct Diff {
    /// The revision that was reviewed
    #[arg(value_name = "BASE")]
    base: String,
    /// The revision with the change; without one, the working folder
    #[arg(value_name = "HEAD")]
    head: Option<String>,
    /// The folder of the project, or its lockfile
    #[arg(value_name = "PROJECT", default_value = ".")]
    project: String,
    /// The version of Julia, if there are lockfiles for several
    #[arg(long, value_name = "VERSION")]
    julia: Option<String>,
    /// A folder of installed packages, in the place of JULIA_DEPOT_PATH
    #[arg(long = "depot", value_name = "DIR")]
    depots: Vec<PathBuf>,
    /// Print the answer as annotations of GitHub Actions
    #[arg(long, value_enum, value_name = "FORMAT", conflicts_with = "json")]
    format: Option<Format>,
}

struct Report {
    base: String,
    head: Option<String>,
    project: String,
    items: Vec<Item>,
    /// How many pins are the same on both sides.
    unchanged: usize,
    as_annotations: bool,
}

/// A difference, in words.
struct Item {
    difference: Difference,
    /// One sentence, made printable.
    message: String,
}

pub(super) fn run(arguments: &Diff, store: &TrustStore, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let path = context.path(Path::new(&arguments.project));
    let language = arguments.julia.as_deref();
    let base = Base::read(&path, &arguments.base, language)?;
    let head = if let Some(revision) = &arguments.head {
        Base::read(&path, revision, language)?
    } else {
        let project = Project::open(&path, language)?;
        Base { pins: project.pins()?.unwrap_or_default(), lockfile: Some(project.lockfile().clone()) }
    };
    let depots: Vec<_> = match &arguments.depots[..] {
        [] => context.depots(),
        given => given.iter().map(|depot| context.path(depot)).collect(),
    };
    let lockfiles = base.lockfile.iter().chain(&head.lockfile);
    let known = KnownChains::read(store, &[&base.pins, &head.pins], lockfiles, &depots, context.now()?)?;
    let found = differences(&base, &head, &known);
    let unchanged = head.pins.iter().filter(|pin| base.pins.iter().any(|before| before == *pin)).count();
    let items = found.into_iter().map(|difference| Item { message: message(&difference, &known), difference });
    Ok(Box::new(Report {
        base: arguments.base.clone(),
        head: arguments.head.clone(),
        project: arguments.project.clone(),
        items: items.collect(),
        unchanged,
        as_annotations: arguments.format.is_some(),
    }))
}

/// A difference as one sentence. Ids are whole; people see them one above the other, too.
fn message(difference: &Difference, known: &KnownChains) -> String {
    let text = match difference {
        Difference::Added { pin, known: Known::Verified } => {
            format!("pinned to {} at statement {} ({}), which its chain has", pin.id, pin.seq, pin.grade)
        }
        Difference::Added { pin, known: Known::Unreached } => format!(
            "pinned to {} at statement {} ({}): NOT verified: no chain here reaches {}",
            pin.id, pin.seq, pin.grade, pin.digest
        ),
        Difference::Removed { pin, is_locked: true } => {
            format!("no longer pinned (it was, to {}), and still a dependency: nothing binds it now", pin.id)
        }
        Difference::Removed { pin, is_locked: false } => {
            format!("no longer pinned (it was, to {}), and no dependency any more", pin.id)
        }
        Difference::Moved { from, to, movement } => {
            let numbers = format!("statement {} → {}", from.seq, to.seq);
            match movement {
                Movement::Advanced => format!("{numbers}, verified"),
                Movement::Back => format!("{numbers}: it GOES BACK"),
                Movement::Aside => format!("{numbers}: on ANOTHER BRANCH; neither is after the other"),
                Movement::Unverified => {
                    format!("{numbers}: NOT verified: no chain here reaches {}", missing(from, to, known))
                }
            }
        }
        Difference::Signatory { from, to, .. } => {
            format!("the SIGNATORY CHANGED from {} to {}", ids(from), ids(to))
        }
        Difference::Grade { from, to } if to.grade > from.grade => format!("the id is said to be {} now", to.grade),
        Difference::Grade { from, to } => format!("the grade is LOWERED from {} to {}", from.grade, to.grade),
        Difference::Accepted { pin, digest } => match accepted_statement(known.chain(pin.id), *digest) {
            Some(link) => {
                let change = link.statement().reserve_change();
                let (cause, reason) =
                    change.map(|change| (change.cause.as_str(), change.reason.as_str())).unwrap_or_default();
                format!(
                    "a RESERVE STATEMENT is accepted: statement {}, cause {cause}, reason: {reason} ({digest})",
                    link.seq()
                )
            }
            None => format!("a RESERVE STATEMENT is accepted that no chain here has: {digest}"),
        },
        Difference::BeforeSigning { tree, .. } => {
            format!("an UNSIGNED version is accepted as one from before the chain began: tree {tree}")
        }
        Difference::Invalid { pin, fault } => match fault {
            PinFault::Void => format!("the pinned statement {} ({}) is VOID", pin.seq, pin.digest),
            PinFault::Number { found } => {
                format!("the pin says statement {}, and the chain has {} as statement {found}", pin.seq, pin.digest)
            }
            PinFault::Package => format!("the chain of {} is about another package", pin.id),
        },
        Difference::Lockfile { from, to, change, package } => {
            let origin = from.as_ref().map_or("not there", |from| from.origin.word());
            match (change, to.as_ref().map(|to| &to.origin)) {
                (LockChange::Developed, Some(sigpkg::ecosystem::Origin::Path { path })) => {
                    format!("in the lockfile it was {origin}, and is a folder now that is not verified: {path}")
                }
                (LockChange::Url, Some(sigpkg::ecosystem::Origin::Url { url, .. })) => {
                    format!("in the lockfile it was {origin}, and is from a URL now: {url}")
                }
                (LockChange::OtherUuid, _) => {
                    format!(
                        "the lockfile has ANOTHER PACKAGE of the name {} in its place, which no pin binds",
                        package.name()
                    )
                }
                (LockChange::Removed, _) => "it is no dependency any more".to_owned(),
                (LockChange::Developed | LockChange::Url | LockChange::Bundled, _) => {
                    format!("in the lockfile it was {origin}, and has no tree of its own now")
                }
            }
        }
    };
    printable(&text)
}

/// The digest that is not known.
fn missing(from: &Pin, to: &Pin, known: &KnownChains) -> String {
    let reaches = |pin: &Pin| known.chain(pin.id).is_some_and(|chain| chain.find(pin.digest).is_some());
    if reaches(to) { from.digest } else { to.digest }.to_string()
}

fn ids(ids: &[SignatoryId]) -> String {
    ids.iter().map(SignatoryId::to_string).collect::<Vec<_>>().join(" and ")
}

impl Report {
    fn gravity(&self) -> Gravity {
        self.items.iter().map(|item| item.difference.gravity()).max().unwrap_or(Gravity::Fine)
    }

    /// `14 heads advanced and verified · 1 SIGNATORY CHANGED`
    fn summary(&self) -> String {
        let mut counts: BTreeMap<(usize, &str), usize> = BTreeMap::new();
        for item in &self.items {
            *counts.entry(phrase(&item.difference)).or_default() += 1;
        }
        if counts.is_empty() {
            let noun = if self.unchanged == 1 { "pin" } else { "pins" };
            return format!("nothing has changed for {} {noun}", self.unchanged);
        }
        let parts = counts.iter().map(|((_, phrase), count)| {
            let phrase = phrase.strip_prefix("s ").map_or_else(
                || (*phrase).to_owned(),
                |rest| if *count == 1 { format!("head {rest}") } else { format!("heads {rest}") },
            );
            format!("{count} {phrase}")
        });
        parts.collect::<Vec<_>>().join(" · ")
    }

    fn annotations(&self) -> String {
        let file = match self.project.as_str() {
            "." => PINS_FILE.to_owned(),
            project if Path::new(project).is_file() => {
                Path::new(project).with_file_name(PINS_FILE).display().to_string()
            }
            project => Path::new(project).join(PINS_FILE).display().to_string(),
        };
        let lines = self.items.iter().map(|item| {
            let level = match item.difference.gravity() {
                Gravity::Fine => "notice",
                Gravity::Look => "warning",
                Gravity::Wrong => "error",
            };
            let title = format!("{}: {}", item.difference.word(), item.difference.package());
            annotation(level, &file, &title, &item.message)
        });
        let summary = annotation("notice", &file, "sigpkg trust diff", &self.summary());
        lines.chain([summary]).map(|line| line + "\n").collect()
    }
}

/// What a difference is counted as, in the order in which it is said. One about a head begins with `s `, for its plural.
fn phrase(difference: &Difference) -> (usize, &'static str) {
    match difference {
        Difference::Moved { movement: Movement::Advanced, .. } => (0, "s advanced and verified"),
        Difference::Added { known: Known::Verified, .. } => (1, "newly pinned"),
        Difference::Removed { is_locked: false, .. } => (2, "no longer pinned"),
        Difference::Lockfile { change: LockChange::Removed, .. } => (3, "no longer a dependency"),
        Difference::Grade { from, to } if to.grade > from.grade => (4, "confirmed"),
        Difference::Moved { movement: Movement::Unverified, .. } => (5, "s advanced and NOT VERIFIED"),
        Difference::Added { known: Known::Unreached, .. } => (6, "newly pinned and NOT VERIFIED"),
        Difference::Moved { movement: Movement::Back, .. } => (7, "s GONE BACK"),
        Difference::Moved { movement: Movement::Aside, .. } => (8, "s on ANOTHER BRANCH"),
        Difference::Signatory { .. } => (9, "SIGNATORY CHANGED"),
        Difference::Accepted { .. } => (10, "RESERVE STATEMENT ACCEPTED"),
        Difference::BeforeSigning { .. } => (11, "UNSIGNED VERSION ACCEPTED"),
        Difference::Grade { .. } => (12, "GRADE LOWERED"),
        Difference::Removed { is_locked: true, .. } => (13, "PIN REMOVED"),
        Difference::Lockfile {
            change: LockChange::Developed | LockChange::Url | LockChange::Bundled | LockChange::OtherUuid,
            ..
        } => (14, "PINNED PACKAGE NO LONGER BOUND"),
        Difference::Invalid { .. } => (15, "INVALID"),
    }
}

impl Answer for Report {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.as_annotations {
            return out.write_all(self.annotations().as_bytes());
        }
        for Item { difference, message } in &self.items {
            let style = match difference.gravity() {
                Gravity::Fine => GOOD,
                Gravity::Look => CARE,
                Gravity::Wrong => BAD,
            };
            let (word, package) = (difference.word(), difference.package());
            if let Difference::Signatory { from, to, .. } = difference {
                writeln!(out, "{BAD}{word:14}{BAD:#}  {package}  the SIGNATORY CHANGED")?;
                for (from, to) in from.iter().flat_map(|from| to.iter().map(move |to| (from, to))) {
                    let (from, to) = (from.to_string(), to.to_string());
                    write!(out, "{}", one_above_the_other(("before", &from), ("now", &to), "    "))?;
                }
            } else {
                writeln!(out, "{style}{word:14}{style:#}  {package}  {message}")?;
            }
        }
        writeln!(out, "{}", self.summary())
    }

    fn json(&self) -> Vec<Value> {
        let entry = |item: &Item| {
            let package = item.difference.package();
            let (from, to) = match &item.difference {
                Difference::Added { pin, .. }
                | Difference::Accepted { pin, .. }
                | Difference::BeforeSigning { pin, .. }
                | Difference::Invalid { pin, .. } => (Value::Null, pin_json(pin)),
                Difference::Removed { pin, .. } => (pin_json(pin), Value::Null),
                Difference::Moved { from, to, .. } | Difference::Grade { from, to } => (pin_json(from), pin_json(to)),
                Difference::Signatory { from, to, .. } => {
                    let of = |ids: &[SignatoryId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().into();
                    (of(from), of(to))
                }
                Difference::Lockfile { from, to, .. } => {
                    let of = |locked: &Option<Box<Locked>>| locked.as_ref().map(|locked| locked.origin.word()).into();
                    (of(from), of(to))
                }
            };
            json!({
                "change": item.difference.word(),
                "look": item.difference.gravity() >= Gravity::Look,
                "invalid": item.difference.gravity() == Gravity::Wrong,
                "name": package.name().as_str(),
                "uuid": package.uuid().map(|uuid| uuid.to_string()),
                "from": from,
                "to": to,
                "message": item.message,
            })
        };
        vec![json!({
            "schema": "sigpkg.trust-diff/1",
            "project": self.project,
            "base": self.base,
            "head": self.head,
            "verdict": match self.gravity() {
                Gravity::Fine => "accepted",
                Gravity::Look => "undecided",
                Gravity::Wrong => "refused",
            },
            "unchanged": self.unchanged,
            "changes": self.items.iter().map(entry).collect::<Vec<_>>(),
            "summary": self.summary(),
        })]
    }

    fn status(&self) -> Status {
        match self.gravity() {
            Gravity::Fine => Status::Done,
            Gravity::Look => Status::Undecided,
            Gravity::Wrong => Status::Refused,
        }
    }
}
