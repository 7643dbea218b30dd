//! `sigpkg trust refresh`: what is new of those who are trusted.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use sigpkg::project::Project;
use sigpkg::refresh::{self, From, Learned, Other, PROTOCOLS, Plan, Problem, Report, Request};
use sigpkg::rule::Rule;
use sigpkg::signature::Standard;
use sigpkg::source::remote::{Address, Limits, Terms};
use sigpkg::text::printable;
use sigpkg::trust::{TrustStore, Trusted};

use super::words::{change_json, update_lines};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Status};
use crate::cli::output::{Answer, BAD, CARE};
use crate::cli::progress::Progress;
use crate::cli::verify::package_json;

/// Hear what is new of trusted signatories: releases, yanks, reserve statements; nothing is decided
#[derive(Args)]
#[command(
    after_help = "Looks at other installed versions, at the clones that Julia keeps and at the repositories of developed \
                        packages; with --fetch, also at the repositories that registries and lockfile name. It is git that \
                        fetches, over https, ssh, git or file, and it asks for no password.\n\n\
                        Exit status: 0 done, with news or without, 3 something could not be reached; all else is done."
)]
pub(super) struct Refresh {
    /// The folder of a project, or its lockfile: only what it depends on; otherwise every trusted signatory
    #[arg(value_name = "PROJECT")]
    project: Option<PathBuf>,
    /// Ask the repositories of the packages, too
    #[arg(long)]
    fetch: bool,
    /// Look into this repository, too: its URL, or a folder in it
    #[arg(long, value_name = "URL|DIR")]
    from: Vec<String>,
    #[command(flatten)]
    installed: InDepots,
}

/// Where packages are installed.
#[derive(Args)]
pub(super) struct InDepots {
    /// The version of Julia, if the project has lockfiles for several
    #[arg(long, value_name = "VERSION", requires = "project")]
    julia: Option<String>,
    /// A folder of installed packages, in the place of JULIA_DEPOT_PATH
    #[arg(long = "depot", value_name = "DIR")]
    depots: Vec<PathBuf>,
}

impl InDepots {
    pub(super) fn depots(&self, context: &Context) -> Vec<PathBuf> {
        match &self.depots[..] {
            [] => context.depots(),
            given => given.iter().map(|depot| context.path(depot)).collect(),
        }
    }

    pub(super) fn open(&self, project: Option<&PathBuf>, context: &Context) -> Result<Option<Project>, Failure> {
        Ok(project.map(|path| Project::open(&context.path(path), self.julia.as_deref())).transpose()?)
    }
}

struct Refreshed {
    report: Report,
    places: usize,
}

pub(super) fn run(arguments: &Refresh, store: &TrustStore, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let now = context.now()?;
    let from = arguments.from.iter().map(|from| named(from, context)).collect::<Result<Vec<_>, Failure>>()?;
    let depots = arguments.installed.depots(context);
    let project = arguments.installed.open(arguments.project.as_ref(), context)?;
    let trusted = match &project {
        Some(project) => trusted_in(project, store)?,
        None => store.list()?,
    };
    let request = Request {
        trusted: &trusted,
        depots: &depots,
        project: project.as_ref().map(|project| (&project.lockfile().entries[..], folder_of(project))),
        from: &from,
        fetch: arguments.fetch,
        terms: Terms { protocols: PROTOCOLS, runs_helpers: false, limits: Limits::TIPS },
    };
    // Nobody to hear of: nothing is looked at, and nothing is fetched.
    let plan = if trusted.is_empty() {
        Plan::new(&Request { depots: &[], from: &[], ..request })
    } else {
        Plan::new(&request)
    };
    let places = plan.len();
    let progress = Progress::counting("looking for news", places);
    let gathered = plan.gather(&|| progress.advance());
    drop(progress);
    let report = refresh::learn(store, &trusted, gathered, now, &Standard);
    Ok(Box::new(Refreshed { report, places }))
}

/// Paths in a lockfile are relative to it.
fn folder_of(project: &Project) -> &Path {
    let folder = project.lockfile_path().parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(project.folder())
}

fn trusted_in(project: &Project, store: &TrustStore) -> Result<Vec<Trusted>, Failure> {
    let mut trusted = Vec::new();
    for entry in &project.lockfile().entries {
        trusted.extend(store.trusted_for(&entry.package)?);
    }
    Ok(trusted)
}

/// A folder that exists is that folder; anything else must be an address.
fn named(written: &str, context: &Context) -> Result<From, Failure> {
    let path = context.path(Path::new(written));
    if path.exists() {
        return Ok(From::Folder(path));
    }
    let address = Address::parse(written).map_err(|error| {
        Failure::usage(format!("--from: {error}"))
            .hint("there is no such folder either; write the address as git clone takes it")
    })?;
    Ok(match address.as_path() {
        Some(path) => From::Folder(path),
        None => From::Address(address),
    })
}

impl Refreshed {
    fn has_news(learned: &Learned) -> bool {
        learned.update.new_records > 0
    }
}

impl Answer for Refreshed {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        let Report { learned, others, problems } = &self.report;
        for Learned { update, from } in learned {
            let belief = update.after.belief();
            if update.new_records == 0 && belief.waiting().is_none() && belief.contest().is_none() {
                continue;
            }
            update_lines(update).iter().try_for_each(|line| writeln!(out, "{line}"))?;
            from.iter().try_for_each(|place| writeln!(out, "  from {}", printable(place)))?;
        }
        for Other { package, trusted, found, places } in others {
            writeln!(out, "{BAD}another signatory{BAD:#} of {package}; nothing was learned from it")?;
            trusted.iter().try_for_each(|id| writeln!(out, "  trusted {id}"))?;
            writeln!(out, "  found   {found}")?;
            places.iter().take(3).try_for_each(|place| writeln!(out, "  in {}", printable(place)))?;
            if let Some(more) = places.len().checked_sub(3).filter(|more| *more > 0) {
                writeln!(out, "  and {more} more places; --json has them all")?;
            }
        }
        for problem in problems {
            match problem {
                Problem::Refused { place, reason, rule } => {
                    let rule = rule.map(|rule| format!(" ({}, {})", rule.reason(), rule.id())).unwrap_or_default();
                    let (place, reason) = (printable(place), printable(reason));
                    writeln!(out, "{BAD}refused{BAD:#} {place}: {reason}{rule}; nothing was learned from it")?;
                }
                Problem::Unreached { place, reason } => {
                    let reason = if reason.starts_with(place) { reason.clone() } else { format!("{place}: {reason}") };
                    writeln!(out, "{CARE}not reached{CARE:#} {}", printable(&reason))?;
                }
                Problem::NoRepository { package } => {
                    writeln!(
                        out,
                        "{CARE}not reached{CARE:#} {package}: no registry names its repository; --from URL does"
                    )?;
                }
            }
        }
        let news = learned.iter().filter(|learned| Self::has_news(learned)).count();
        let counted = |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
        let (of, places) = (
            counted(learned.len(), "trusted signatory", "trusted signatories"),
            counted(self.places, "place", "places"),
        );
        writeln!(out, "news of {news} of {of}; looked into {places}")
    }

    fn json(&self) -> Vec<Value> {
        let Report { learned, others, problems } = &self.report;
        let mut objects = Vec::new();
        for Learned { update, from } in learned {
            let mut object = change_json(&update.change());
            object["schema"] = "sigpkg.trust-refresh/1".into();
            object["signatory"] = update.after.id().to_string().into();
            object["package"] = package_json(update.after.package());
            object["from"] = from.clone().into();
            objects.push(object);
        }
        for Other { package, trusted, found, places } in others {
            objects.push(json!({
                "schema": "sigpkg.trust-refresh-other/1",
                "package": package_json(package),
                "trusted": trusted.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "found": found.to_string(),
                "from": places,
            }));
        }
        objects.extend(problems.iter().map(problem_json));
        objects
    }

    fn status(&self) -> Status {
        let is_missing = |problem: &Problem| match problem {
            Problem::Unreached { .. } | Problem::NoRepository { .. } => true,
            // It was reached; that it teaches nothing is no failure of the command.
            Problem::Refused { .. } => false,
        };
        if self.report.problems.iter().any(is_missing) { Status::CouldNotTell } else { Status::Done }
    }
}

fn problem_json(problem: &Problem) -> Value {
    let (kind, place, message, rule) = match problem {
        Problem::Unreached { place, reason } => ("unreached", Some(place.clone()), reason.clone(), None),
        Problem::NoRepository { package } => {
            ("no-repository", None, format!("no registry names the repository of {package}"), None)
        }
        Problem::Refused { place, reason, rule } => ("refused", Some(place.clone()), reason.clone(), *rule),
    };
    json!({
        "schema": "sigpkg.trust-refresh-problem/1",
        "kind": kind,
        "from": place,
        "message": message,
        "rule": rule.map(Rule::id),
        "reason": rule.map(Rule::reason),
    })
}
