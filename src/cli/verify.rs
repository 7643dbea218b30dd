//! `sigpkg verify`: is this what the signatory whom I trust has released?

pub(crate) mod hint;
pub(crate) mod project;
mod report;

use std::path::{Path, PathBuf};

use clap::Args;
use sigpkg::digest::{Digest, SignatoryId};
use sigpkg::ecosystem;
use sigpkg::listing::folder::SigpkgFolder;
use sigpkg::package::{EcosystemName, Package};
use sigpkg::signature::Standard;
use sigpkg::source::{FolderUse, dir};
use sigpkg::trust::{TrustError, TrustStore, Trusted};
use sigpkg::verify::{self, Expectation, Installed, Question, Target, TreeTarget, Verdict};

use super::context::Context;
use super::failure::{Failure, Status};
use super::output::Answer;
use super::progress::Progress;
use super::target::{self, Content, TargetError};

use self::project::Asked;
use self::report::{Either, Report, Reports};

pub(crate) use self::hint::shell_word;
pub(crate) use self::report::package_json;

/// Verify a release against the signatory you trust
#[derive(Args)]
pub(crate) struct Verify {
    /// A directory, a tarball, REPO#REV, a chain file, or a project: a folder with a lockfile, or the lockfile
    #[arg(required = true, value_name = "TARGET")]
    targets: Vec<String>,
    /// Take the signatures from this folder instead of .sigpkg in the tree
    #[arg(long, value_name = "DIR")]
    signatures: Option<PathBuf>,
    #[command(flatten)]
    wanted: Wanted,
    /// The tree that the target must adopt: a directory, a tarball, REPO#REV, or the digest of its listing
    #[arg(long, value_name = "TREE|DIGEST")]
    upstream: Option<String>,
    /// What is installed, so that a downgrade is refused: a directory, a tarball, REPO#REV, or a version; for a project,
    /// another project
    #[arg(long, value_name = "PATH|VERSION")]
    installed: Option<String>,
    /// Accept a release that is older than what is installed
    #[arg(long)]
    allow_downgrade: bool,
    /// Refuse what is otherwise only noted: an id that was never compared, line ends turned back, a stale chain
    #[arg(long)]
    strict: bool,
    /// Keep nothing of what the targets bring
    #[arg(long)]
    no_update: bool,
    #[command(flatten)]
    project: OfProject,
}

/// What can be asked about a project.
#[derive(Args)]
#[command(next_help_heading = "Projects")]
struct OfProject {
    /// Take a folder for a source tree, even if it has a lockfile
    #[arg(long, conflicts_with_all = ["julia", "depots", "base", "only", "format"])]
    tree: bool,
    /// The version of Julia, if it has lockfiles for several
    #[arg(long, value_name = "VERSION")]
    julia: Option<String>,
    /// A folder of installed packages, in the place of JULIA_DEPOT_PATH
    #[arg(long = "depot", value_name = "DIR")]
    depots: Vec<PathBuf>,
    /// Take the pins from this reviewed revision, so that a pull request cannot bring its own
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// Verify only this dependency
    #[arg(long, value_name = "NAME|UUID")]
    only: Vec<String>,
    /// Print the answer as annotations of GitHub Actions
    #[arg(long, value_enum, value_name = "FORMAT", conflicts_with = "json")]
    format: Option<Format>,
}

/// Another form of the answer.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Format {
    /// Annotations of GitHub Actions
    Github,
}

impl OfProject {
    /// Whether there is a wish that only a project can fulfil.
    fn is_about_a_project(&self) -> bool {
        self.julia.is_some()
            || !self.depots.is_empty()
            || self.base.is_some()
            || !self.only.is_empty()
            || self.format.is_some()
    }

    fn asked(&self) -> Asked<'_> {
        Asked { language: self.julia.as_deref(), depots: &self.depots, base: self.base.as_deref(), only: &self.only }
    }
}

/// What the caller expects of a target.
#[derive(Args)]
pub(crate) struct Wanted {
    /// The signatory id that the target must have
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// The package that the target must be: its name, and optionally its UUID and version
    #[arg(long, value_name = "NAME[=UUID][@VERSION]")]
    expect: Option<String>,
}

/// A target with all that its verdict depends on, read but not judged.
struct Loaded {
    content: Content,
    detached: Option<(SigpkgFolder, bool)>,
}

/// What is installed, as it was read.
enum InstalledContent {
    Version(String),
    Folder(SigpkgFolder),
}

pub(crate) fn run(arguments: &Verify, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let store = TrustStore::open(context.trust_home()?);
    let (id, expectation) = arguments.wanted.parse()?;
    let upstream = arguments.upstream.as_deref().map(|given| read_upstream(context, given)).transpose()?;
    let now = context.now()?;
    let is_project = |name: &String| project::is_project(&context.path(Path::new(name)), arguments);
    let (projects, trees): (Vec<&String>, Vec<&String>) = arguments.targets.iter().partition(|name| is_project(name));
    if let Some(tree) = trees.first().filter(|_| arguments.project.is_about_a_project()) {
        return Err(Failure::usage(format!(
            "{tree} is no project, and --julia, --depot, --base, --only and --format are about one"
        ))
        .hint("name the folder of a project, or its lockfile"));
    }
    let installed = arguments.installed.as_deref().filter(|_| projects.is_empty());
    let installed = installed.map(|given| read_installed(context, given)).transpose()?;
    let mut reports = Vec::new();
    for (number, name) in arguments.targets.iter().enumerate() {
        if projects.contains(&name) {
            reports.push(match project::run(arguments, name, &store, context, now) {
                Ok(report) => Either::Project(report),
                // What is wrong with one must not hide what was found about another.
                Err(failure) if arguments.targets.len() > 1 && failure.status != Status::Usage => {
                    Either::Failed { target: name.clone(), failure }
                }
                Err(failure) => return Err(failure),
            });
            continue;
        }
        let verdict = load(context, name, arguments.signatures.as_deref()).and_then(|loaded| {
            let _progress =
                Progress::start(format!("verifying {name} ({} of {})", number + 1, arguments.targets.len()));
            let target = loaded.target();
            let trusted = trusted_for(&store, &target, &expectation, id)?;
            let question = Question {
                id,
                expectation: expectation.clone(),
                upstream,
                installed: installed.as_ref().map(InstalledContent::as_installed),
                allow_downgrade: arguments.allow_downgrade,
                strict: arguments.strict,
                distrusts_ed25519: store.distrusts_ed25519()?.is_some(),
                ..Question::new(&trusted, now)
            };
            let verdict = verify::verify(&target, &question, &Standard);
            if let (Some(InstalledContent::Version(version)), Some(package)) = (&installed, &verdict.claims().package) {
                check_version(version, package)?;
            }
            if !arguments.no_update {
                keep(context, &store, &trusted, &verdict);
            }
            Ok(verdict)
        });
        let lockfile = project::lockfile_beside(&context.path(Path::new(name)));
        reports.push(Either::Target(Box::new(Report::new(name, verdict, lockfile))));
    }
    Ok(Box::new(Reports { reports, as_annotations: arguments.project.format.is_some() }))
}

impl Wanted {
    pub(crate) fn parse(&self) -> Result<(Option<SignatoryId>, Expectation), Failure> {
        let id = self.id.as_deref().map(parse_id).transpose()?;
        let expectation = self.expect.as_deref().map(parse_expectation).transpose()?;
        Ok((id, expectation.unwrap_or_default()))
    }
}

pub(crate) fn parse_id(given: &str) -> Result<SignatoryId, Failure> {
    SignatoryId::from_typed(given)
        .map_err(|error| Failure::refused(error.rule(), error).hint("copy the whole id from the maintainer's own page"))
}

/// `NAME[=UUID][@VERSION]`
fn parse_expectation(given: &str) -> Result<Expectation, Failure> {
    let (package, version) = given.split_once('@').map_or((given, None), |(package, version)| (package, Some(version)));
    let (name, uuid) = package.split_once('=').map_or((package, None), |(name, uuid)| (name, Some(uuid)));
    if name.is_empty() || version.is_some_and(str::is_empty) {
        return Err(Failure::usage(format!("--expect {given:?} has no name, or an empty version"))
            .hint("write it as Name, Name@1.2.3 or Name=UUID@1.2.3"));
    }
    let uuid = uuid.map(|uuid| uuid.to_ascii_lowercase().parse()).transpose();
    let uuid = uuid.map_err(|error| Failure::usage(format!("--expect: {error}")))?;
    Ok(Expectation {
        ecosystem: uuid.map(|_| EcosystemName::Julia),
        name: Some(name.to_owned()),
        uuid,
        version: version.map(str::to_owned),
    })
}

fn load(context: &Context, name: &str, signatures: Option<&Path>) -> Result<Loaded, TargetError> {
    let folder_use = if signatures.is_some() { FolderUse::Override } else { FolderUse::Read };
    let opened = target::open_with(context, name, folder_use)?;
    let detached = signatures.map(|folder| dir::read_folder(&context.path(folder))).transpose()?;
    Ok(Loaded { content: opened, detached })
}

impl Loaded {
    fn target(&self) -> Target<'_> {
        match (&self.content, &self.detached) {
            (Content::Chain(file), _) => Target::Chain(file),
            (Content::Tree(tree), None) => Target::Tree(TreeTarget::of(tree)),
            (Content::Tree(tree), Some((folder, read_back))) => {
                Target::Tree(TreeTarget::of(tree).with_detached(folder, *read_back))
            }
        }
    }
}

/// The digest of the listing of a tree, without its `.sigpkg` if it has one.
pub(crate) fn read_upstream(context: &Context, given: &str) -> Result<Digest, Failure> {
    if given.starts_with("blake3:") && !context.path(Path::new(given)).exists() {
        return given.parse().map_err(|error| Failure::usage(format!("--upstream: {error}")));
    }
    match target::open_with(context, given, FolderUse::Override) {
        Ok(Content::Tree(tree)) => Ok(tree.tree().listing().digest()),
        Ok(Content::Chain(_)) => Err(Failure::usage(format!("--upstream {given} is a chain file, and no tree"))),
        Err(error) => {
            let message = format!("--upstream {given}: {}", error.message);
            Err(Failure::from(TargetError { message, ..error }))
        }
    }
}

/// A path that exists is a tree; everything else is a version.
fn read_installed(context: &Context, given: &str) -> Result<InstalledContent, Failure> {
    let path = context.path(Path::new(given));
    if !path.exists() && !given.contains('#') {
        return Ok(InstalledContent::Version(given.to_owned()));
    }
    let folder = path.join(".sigpkg");
    if folder.is_dir() {
        // What else is installed is not judged, so it need not be read.
        let (folder, _) = dir::read_folder(&folder).map_err(TargetError::from)?;
        return Ok(InstalledContent::Folder(folder));
    }
    match target::open(context, given)? {
        Content::Tree(tree) => match (tree.folder(), TreeTarget::of(&tree).claimed_version()) {
            (Some(folder), _) => Ok(InstalledContent::Folder(folder.clone())),
            (None, Some(version)) => Ok(InstalledContent::Version(version)),
            // Without a floor every old release would pass, and the caller asked for one.
            (None, None) => Err(Failure::usage(format!("--installed {given} has neither .sigpkg nor a version"))
                .hint("name the folder of the installed package itself, or its version")),
        },
        Content::Chain(_) => Err(Failure::usage(format!("--installed {given} is a chain file, and no tree"))),
    }
}

/// A version that the ecosystem does not have is a path that was misspelled, and no floor would be left of it (VER-16).
fn check_version(given: &str, package: &Package) -> Result<(), TargetError> {
    ecosystem::of(package.ecosystem()).version(given).map(|_| ()).map_err(|error| TargetError {
        rule: None,
        message: format!("--installed {given:?} is neither a path that exists nor a version: {error}"),
        hint: Some("name the folder of the installed package, or its version".to_owned()),
    })
}

impl InstalledContent {
    fn as_installed(&self) -> Installed<'_> {
        match self {
            Self::Version(version) => Installed { folder: None, version: Some(version.clone()) },
            Self::Folder(folder) => Installed { folder: Some(folder), version: None },
        }
    }
}

/// The trusted signatories that the verdict may depend on.
fn trusted_for(
    store: &TrustStore,
    target: &Target<'_>,
    expectation: &Expectation,
    id: Option<SignatoryId>,
) -> Result<Vec<Trusted>, TargetError> {
    let mut trusted = Vec::new();
    for name in target.names(expectation) {
        trusted.extend(store.named(&name)?);
    }
    if let Some(id) = id.filter(|id| trusted.iter().all(|trusted| trusted.id() != *id)) {
        trusted.extend(store.find(id)?);
    }
    Ok(trusted)
}

impl From<TrustError> for TargetError {
    fn from(error: TrustError) -> Self {
        // It names its cause itself.
        let failure = Failure::from(error);
        Self { rule: None, message: failure.message, hint: failure.hint }
    }
}

/// VER-30: valid records are kept, whatever the verdict. That the store cannot be written does not change the verdict.
fn keep(context: &Context, store: &TrustStore, trusted: &[Trusted], verdict: &Verdict) {
    for chain in verdict.admitted() {
        let is_news = |known: &Trusted| chain.links().any(|link| known.chain().find(link.digest()).is_none());
        let known = trusted.iter().find(|trusted| trusted.id() == chain.id());
        if known.is_some_and(is_news)
            && let Ok(now) = context.now()
            && let Err(error) = store.update(chain, now)
        {
            context.say(&format!("sigpkg: warning: new statements were not kept: {error}"));
        }
    }
}
