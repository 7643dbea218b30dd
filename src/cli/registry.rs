//! `sigpkg registry`: does what is registered come from whom the registry has seen before?

mod fetch;
mod heads;
mod packages;
mod report;
mod site;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use clap::{Args, Subcommand};
use sigpkg::registry::{self, PackageReport, RegistryError, Surroundings};
use sigpkg::signature::Standard;
use sigpkg::source::Revision;

use super::context::Context;
use super::failure::Failure;
use super::output::Answer;
use super::progress::Progress;
use super::target::TargetError;
use super::verify::Format;

use self::fetch::Protocol;
use self::heads::HeadsFolder;
use self::packages::PackagesFolder;
use self::report::Report;

/// Judge what a registry of Julia packages takes in, and what it holds
#[derive(Args)]
pub(crate) struct Registry {
    #[command(subcommand)]
    command: RegistryCommand,
}

#[derive(Subcommand)]
enum RegistryCommand {
    Check(Check),
    Audit(Audit),
    Site(site::Site),
}

/// Judge a change: every version that a revision adds to another, as a pull request or a push does
#[derive(Args)]
#[command(after_help = "Needs --packages, --fetch, or both: what is fetched is then kept in the folder.")]
struct Check {
    /// The revision that is there; its policy counts. 40 zeros stand for an empty registry
    #[arg(long, value_name = "REV")]
    base: String,
    /// The revision that is to be there
    #[arg(long, value_name = "REV")]
    head: String,
    /// Take a change of the policy as seen by a maintainer of the registry
    #[arg(long)]
    policy_reviewed: bool,
    #[command(flatten)]
    common: Common,
}

/// Judge all that a registry holds and does not remember to have judged
#[derive(Args)]
#[command(after_help = "Needs --packages, --fetch, or both: what is fetched is then kept in the folder.")]
struct Audit {
    /// The revision to judge
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    at: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
struct Common {
    /// The git repository of the registry; its objects are read, never its worktree
    #[arg(long, value_name = "DIR", default_value = ".")]
    registry: PathBuf,
    /// A folder of clones of the packages, named Name, Name.git, Name.jl, Name.jl.git, UUID or UUID.git, or as in their address
    #[arg(long, value_name = "DIR")]
    packages: Option<PathBuf>,
    /// Fetch what is not in the clones from the addresses in the registry, with git
    #[arg(long)]
    fetch: bool,
    /// The protocols by which to fetch
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "https,ssh")]
    protocols: Vec<Protocol>,
    /// The folder in which the registry remembers its packages
    #[arg(long, value_name = "DIR")]
    heads: Option<PathBuf>,
    /// Write into --heads what has passed: of a change all or nothing, of an audit package by package
    #[arg(long, requires = "heads")]
    update_heads: bool,
    /// Print the answer as annotations of GitHub Actions
    #[arg(long, value_enum, value_name = "FORMAT", conflicts_with = "json")]
    format: Option<Format>,
}

pub(crate) fn run(arguments: &Registry, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    match &arguments.command {
        RegistryCommand::Check(arguments) => check(arguments, context),
        RegistryCommand::Audit(arguments) => audit(arguments, context),
        RegistryCommand::Site(arguments) => site::run(arguments, context),
    }
}

fn check(arguments: &Check, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let common = &arguments.common;
    let place = context.path(&common.registry);
    let base = if is_nothing(&arguments.base) { None } else { Some(open(context, &place, &arguments.base)?) };
    let head = open(context, &place, &arguments.head)?;
    let heads = HeadsFolder::new(context, common.heads.as_deref());
    let packages = common.packages(context)?;
    let _progress = Progress::start("checking the registry".to_owned());
    let surroundings = Surroundings {
        heads: &heads,
        packages: &packages,
        policy_reviewed: arguments.policy_reviewed,
        now: context.now()?,
        scheme: &Standard,
    };
    let reports = registry::check(base.as_ref(), &head, &surroundings)?;
    if common.update_heads && reports.iter().all(PackageReport::has_passed) {
        reports.iter().try_for_each(|report| heads.keep(report))?;
    }
    Ok(Box::new(Report::of_check(reports, common.format)))
}

fn audit(arguments: &Audit, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let common = &arguments.common;
    let revision = open(context, &context.path(&common.registry), &arguments.at)?;
    let heads = HeadsFolder::new(context, common.heads.as_deref());
    let packages = common.packages(context)?;
    let surroundings = Surroundings {
        heads: &heads,
        packages: &packages,
        policy_reviewed: true,
        now: context.now()?,
        scheme: &Standard,
    };
    let progress = Progress::tallying("auditing the registry", "packages");
    let failed = Mutex::new(Vec::new());
    let unwritten = Mutex::new(None);
    let summary = registry::audit(&revision, &surroundings, &|report| {
        progress.advance();
        if common.update_heads
            && let Err(failure) = heads.keep(&report)
        {
            *unwritten.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(failure);
        }
        // Of 175,000 versions only what somebody must see is kept.
        if report::is_worth_showing(&report) {
            failed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(report);
        }
    })?;
    drop(progress);
    if let Some(failure) = unwritten.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
        return Err(failure);
    }
    let reports = failed.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    Ok(Box::new(Report::of_audit(reports, summary, common.format)))
}

/// What git gives hooks for a branch that is not there.
fn is_nothing(revision: &str) -> bool {
    revision.len() == 40 && revision.bytes().all(|byte| byte == b'0')
}

fn open(context: &Context, place: &Path, revision: &str) -> Result<Revision, Failure> {
    Revision::open(place, revision, context.quarantine().as_deref()).map_err(|error| {
        Failure::from(TargetError::from(error)).hint("--registry names a git repository of a registry")
    })
}

impl Common {
    fn packages<'a>(&'a self, context: &'a Context) -> Result<PackagesFolder<'a>, Failure> {
        if self.packages.is_none() && !self.fetch {
            return Err(Failure::usage(
                "neither --packages nor --fetch is given, so there is nowhere to get a tree from",
            )
            .hint("--packages DIR names a folder of clones, --fetch fetches them"));
        }
        PackagesFolder::new(context, self.packages.as_deref(), self.fetch.then_some(self.protocols.as_slice()))
    }
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        let hint = match &error {
            RegistryError::Unreadable(_) => "fetch the whole repository of the registry: a shallow clone lacks objects",
            RegistryError::Base(_) => "what is there already must be mended first, by a maintainer of the registry",
        };
        Self::could_not_tell(&error).hint(hint)
    }
}
