//! `sigpkg trust add`: first trust, a decision that only a human makes.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use serde_json::Value;
use sigpkg::chain::Chain;
use sigpkg::digest::{Digest, SignatoryId};
use sigpkg::listing::folder::SigpkgFolder;
use sigpkg::rule::Rule;
use sigpkg::signature::Standard;
use sigpkg::statement::Kind;
use sigpkg::trust::{Grade, TrustStore, Trusted};
use sigpkg::verify::{self, Question, Reason, Target, TreeTarget};

use super::alike::{LookAlike, look_alikes};
use super::challenge::Challenge;
use super::installed::{InstalledProject, Named};
use super::words::{contest_lines, reserve_lines, waiting_lines};
use super::{newest, trusted_json};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::groups::one_above_the_other;
use crate::cli::output::{Answer, CARE, GOOD};
use crate::cli::target::{self, Content};
use crate::cli::verify::{hint, parse_id};

/// Largest list in bytes: ten thousand lines.
const MAX_LIST_BYTES: u64 = 4 << 20;

/// Where to look for an id. Never in the package alone: whoever forges it writes that page, too.
const HONEST_PLACES: &str = "Good places: the maintainer's own web site, a talk or a mail of theirs, a colleague who has \
                             used the package for long, a directory of ids that somebody else keeps. Its README alone is no proof: whoever \
                             made this package wrote it.";

/// Trust the signatory of a target, after comparing its id with the one on the maintainer's own page
#[derive(Args)]
pub(super) struct Add {
    /// A directory, a tarball, REPO#REV, or a chain file
    #[arg(value_name = "TARGET", required_unless_present_any = ["list", "installed"], conflicts_with = "installed")]
    target: Option<String>,
    /// The id that the target must have; without a terminal it is needed
    #[arg(long, value_name = "ID", conflicts_with_all = ["list", "installed"])]
    id: Option<String>,
    /// Trust many at once: a file whose lines are an id, two spaces, and a target; with --installed, NAME or NAME=UUID as well
    #[arg(long, value_name = "FILE", conflicts_with = "target")]
    list: Option<PathBuf>,
    /// The digest of the list, as its author publishes it; without a terminal it is needed
    #[arg(long, value_name = "DIGEST", requires = "list")]
    digest: Option<String>,
    /// Trust this signatory instead of the one that is trusted for the package now
    #[arg(long, conflicts_with = "also")]
    replace: bool,
    /// Trust this signatory beside the one that is trusted for the package now
    #[arg(long)]
    also: bool,
    #[command(flatten)]
    installed: OfInstalled,
}

/// What can be asked about a project whose dependencies are installed.
#[derive(Args)]
#[command(next_help_heading = "Projects")]
pub(super) struct OfInstalled {
    /// Show every signed package that this project has installed and that you do not trust yet, and trust them all in one
    /// decision, as they come. Nothing is compared: their grade is seen
    #[arg(long = "installed", value_name = "PROJECT")]
    pub(super) installed: Option<String>,
    /// Of the project, take only this dependency
    #[arg(long, value_name = "NAME|UUID", requires = "installed", conflicts_with = "list")]
    pub(super) only: Vec<String>,
    /// Take what is shown, without asking
    #[arg(long, requires = "installed", conflicts_with = "list")]
    pub(super) yes: bool,
    /// The version of Julia, if the project has lockfiles for several
    #[arg(long, value_name = "VERSION", requires = "installed")]
    pub(super) julia: Option<String>,
    /// A folder of installed packages, in the place of JULIA_DEPOT_PATH
    #[arg(long = "depot", value_name = "DIR", requires = "installed")]
    pub(super) depots: Vec<PathBuf>,
}

/// What the decision is about.
pub(super) struct Candidate {
    /// What would be known and decided.
    pub(super) trusted: Trusted,
    /// Whether the id is trusted already, so that nothing is accepted.
    pub(super) is_known: bool,
    /// Other signatories that are trusted for the package.
    pub(super) others: Vec<Trusted>,
    /// Known signatories whose ids look like this one.
    pub(super) look_alikes: Vec<LookAlike>,
}

pub(super) struct Added {
    pub(super) trusted: Trusted,
    pub(super) others: Vec<Trusted>,
    /// Whether the others are trusted no longer.
    pub(super) is_replaced: bool,
}

pub(super) struct AllAdded(pub(super) Vec<Added>);

pub(super) fn run(arguments: &Add, store: &TrustStore, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    if let (None, Some(project)) = (&arguments.list, &arguments.installed.installed) {
        return super::installed::run(project, &arguments.installed, store, context);
    }
    let candidates = match (&arguments.list, &arguments.target) {
        (Some(list), _) => confirm_list(arguments, list, store, context)?,
        (None, Some(target)) => vec![confirm(arguments, target, store, context)?],
        (None, None) => return Err(Failure::usage("there is neither a target nor a list")),
    };
    let now = context.now()?;
    let mut added = Vec::new();
    for Candidate { trusted, others, .. } in candidates {
        let trusted = store.add_as_shown(&trusted, Grade::Confirmed, now)?;
        if arguments.replace {
            others.iter().try_for_each(|other| store.remove(other.id()))?;
        }
        added.push(Added { trusted, others, is_replaced: arguments.replace });
    }
    Ok(Box::new(AllAdded(added)))
}

fn confirm(arguments: &Add, target: &str, store: &TrustStore, context: &Context) -> Result<Candidate, Failure> {
    let expected = arguments.id.as_deref().map(parse_id).transpose()?;
    let candidate = candidate(arguments, target, expected, store, context)?;
    if expected.is_some() {
        candidate.warn(context);
        return Ok(candidate);
    }
    if !context.can_ask() {
        return Err(Failure::undecided(format!(
            "whether to trust the signatory of {} is for a human to decide, and there is no terminal to ask",
            candidate.trusted.package()
        ))
        .hint("give the id from the maintainer's own page with --id"));
    }
    candidate.introduce(context);
    candidate.warn(context);
    Challenge {
        what: "signatory id",
        places: HONEST_PLACES,
        secret: &candidate.trusted.id().to_string(),
        fixed_groups: 1,
    }
    .ask(context)?;
    candidate.confirm_second(arguments, context)?;
    Ok(candidate)
}

/// One challenge for all lines. Nothing is trusted before every line was found right.
fn confirm_list(
    arguments: &Add,
    list: &std::path::Path,
    store: &TrustStore,
    context: &Context,
) -> Result<Vec<Candidate>, Failure> {
    let path = context.path(list);
    let bytes = context.read(&path, MAX_LIST_BYTES)?;
    let found = Digest::of(&bytes);
    let text = std::str::from_utf8(&bytes)
        .map_err(|error| Failure::usage(format!("{} is not UTF-8: {error}", path.display())))?;
    let project = match &arguments.installed.installed {
        Some(project) => Some(InstalledProject::open(project, &arguments.installed, store, context)?),
        None => None,
    };
    let mut candidates = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
        let (id, target) = line.split_once("  ").ok_or_else(|| {
            Failure::usage(format!("{}, line {}: expected an id, two spaces and a target", path.display(), number + 1))
        })?;
        let id = parse_id(id)?;
        match project.as_ref().map(|project| project.named(target)) {
            None | Some(Named::NoName) => candidates.push(candidate(arguments, target, Some(id), store, context)?),
            Some(Named::Nothing(why)) => context.say(&format!("left out: {target}, line {}: {why}", number + 1)),
            Some(Named::Entry(entry)) => {
                let file = entry.installed.tree().and_then(|tree| tree.folder()).map(SigpkgFolder::claimed_chain);
                let file = file.unwrap_or_default();
                let check =
                    |trusted: &Trusted| project.as_ref().map_or(Ok(()), |project| project.check(entry, trusted));
                candidates.push(candidate_of(arguments, file, Some(id), store, context, check)?);
            }
        }
    }
    match &arguments.digest {
        Some(given) => {
            for candidate in &candidates {
                candidate.warn(context);
            }
            let expected: Digest = given.parse().map_err(Failure::usage)?;
            if expected != found {
                return Err(Failure::blocked(format!("expected a list with digest {expected}, found {found}"))
                    .hint("this is another list than the one you were told about; nothing has changed"));
            }
        }
        None if context.can_ask() => {
            for candidate in &candidates {
                candidate.introduce(context);
                candidate.warn(context);
            }
            let secret = found.to_hex();
            let places = "Its author publishes it, and `b3sum` prints it.";
            Challenge { what: "digest of the list", places, secret: &secret, fixed_groups: 0 }.ask(context)?;
        }
        None => {
            return Err(Failure::undecided(
                "whether to trust a list is for a human to decide, and there is no terminal",
            )
            .hint("give the digest that its author publishes with --digest blake3:…"));
        }
    }
    Ok(candidates)
}

/// Reads a target and sees that, but for the user's word, there is nothing wrong with it.
fn candidate(
    arguments: &Add,
    target: &str,
    expected: Option<SignatoryId>,
    store: &TrustStore,
    context: &Context,
) -> Result<Candidate, Failure> {
    let opened = target::open(context, target)?;
    let Some(file) = opened.claimed_chain() else {
        return Err(Failure { rule: Some(Rule::Ver3), ..Failure::undecided(format!("{target} has no .sigpkg")) }
            .hint("there is no signatory to trust; ask the maintainer to sign the package"));
    };
    candidate_of(arguments, file, expected, store, context, |trusted| check_content(&opened, trusted, context))
}

/// The candidate of a chain file; `check` sees whether what came with it is right.
fn candidate_of(
    arguments: &Add,
    file: &[u8],
    expected: Option<SignatoryId>,
    store: &TrustStore,
    context: &Context,
    check: impl FnOnce(&Trusted) -> Result<(), Failure>,
) -> Result<Candidate, Failure> {
    // Without a genesis there is no id. Whichever is asked for, the file is refused: by its form or by CHN-4.
    let id = Chain::claimed_id(file).unwrap_or_else(|_| SignatoryId::of_genesis(b""));
    let is_known = store.find(id)?.is_some();
    let trusted = store.would_trust(file, id, Grade::Confirmed, context.now()?, &Standard)?;
    if let Some(expected) = expected.filter(|expected| *expected != id) {
        return Err(another_signatory(expected, id));
    }
    check(&trusted)?;
    let mut others = store.trusted_for(trusted.package())?;
    others.retain(|other| other.id() != id);
    let look_alikes = if is_known { Vec::new() } else { look_alikes(store, id)? };
    let candidate = Candidate { trusted, is_known, others, look_alikes };
    if !is_known && !candidate.others.is_empty() && !arguments.replace && !arguments.also {
        let ids = if expected.is_some() { candidate.beside_others() } else { candidate.only_others() };
        let message = format!("another signatory is trusted for {} already:\n{ids}", candidate.trusted.package());
        return Err(Failure::refused(Rule::Ver9, message.trim_end()).hint(
            "ask the maintainer why; --replace trusts the new one instead, --also both, and either is as grave as the \
             first decision",
        ));
    }
    Ok(candidate)
}

fn another_signatory(expected: SignatoryId, found: SignatoryId) -> Failure {
    let ids = one_above_the_other(("expected", &expected.to_string()), ("found", &found.to_string()), "  ");
    Failure::refused(Rule::Ver9, format!("the target has another signatory:\n{}", ids.trim_end()))
        .hint("nothing has changed; see that you have the right package, and the id from the maintainer's own page")
}

/// Whoever trusts a signatory because of a tree wants that tree to be theirs.
fn check_content(opened: &Content, trusted: &Trusted, context: &Context) -> Result<(), Failure> {
    let Content::Tree(tree) = opened else {
        return Ok(());
    };
    // As it will be judged once the decision is made.
    let known = [trusted.clone()];
    let question = Question { id: Some(trusted.id()), ..Question::new(&known, context.now()?) };
    match verify::verify(&Target::Tree(TreeTarget::of(tree)), &question, &Standard).reason() {
        None => Ok(()),
        Some(reason) if is_no_obstacle(reason) => Ok(()),
        Some(reason) => Err(Failure::refused(reason.rule(), reason).hint(of_refusal(reason, trusted))),
    }
}

fn of_refusal(reason: &Reason, trusted: &Trusted) -> String {
    if let Reason::TreeMismatch(mismatch) = reason
        && let Some(hint) = hint::of_generated(mismatch, Some(trusted.package()))
    {
        return format!("nothing has changed; {hint}: sigpkg trust add --installed PROJECT");
    }
    "nothing has changed; get the release from its source again, or take the newest one".to_owned()
}

/// A commit between two releases has a chain like any other, and what is not decided is shown before the question.
pub(super) fn is_no_obstacle(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::NoRelease { .. }
            | Reason::Contested { .. }
            | Reason::Waiting { .. }
            | Reason::NotFollowed { .. }
            | Reason::Distrusted { .. }
    )
}

impl Candidate {
    /// Says what the decision is about. Nothing of the id.
    pub(super) fn introduce(&self, context: &Context) {
        let (belief, chain) = (self.trusted.belief(), self.trusted.chain());
        let newest = belief.newest_release().map_or("no release yet".to_owned(), |newest| {
            format!("newest {} (statement {})", newest.version(), newest.seq())
        });
        let package = chain.package();
        let uuid = package.uuid().map(|uuid| format!(" {uuid}")).unwrap_or_default();
        context.say(&format!(
            "{} ({}{uuid}): {} statements since {}, {newest}",
            package.name(),
            package.ecosystem(),
            chain.len(),
            chain.genesis().statement().date.date(),
        ));
    }

    /// Says what is out of the ordinary: forks, what the reserve has done, and what the user has decided before. Nothing of
    /// the id.
    pub(super) fn warn(&self, context: &Context) {
        let (belief, decisions) = (self.trusted.belief(), self.trusted.decisions());
        if self.is_known {
            context.say("it is trusted already: statements are added, and nothing is accepted");
        }
        let mut lines: Vec<_> = self.look_alikes.iter().map(LookAlike::warning).collect();
        let reserves: Vec<_> = belief.line().filter(|link| link.statement().kind() == Kind::Reserve).collect();
        if !self.is_known && !reserves.is_empty() {
            lines.push(format!("{CARE}new keys{CARE:#}: its reserve has spoken, and to trust it is to accept that:"));
            lines.extend(reserves.into_iter().flat_map(reserve_lines));
        }
        lines.extend(belief.waiting().into_iter().flat_map(|link| waiting_lines(link, decisions.reserve)));
        if let Some(contest) = belief.contest() {
            lines.extend(contest_lines(&contest));
            if !self.is_known {
                lines.push(format!("    you would trust it up to statement {}", contest.parent.seq()));
            }
        }
        for line in lines {
            context.say(&line);
        }
        if decisions.distrust.is_some() {
            context.say(&format!(
                "{CARE}distrust{CARE:#}: you distrust Ed25519, so nothing counts that its reserve does not vouch for; the head \
                 is statement {}",
                belief.head().seq()
            ));
        }
        for other in &self.others {
            context.say(&format!("{CARE}another signatory{CARE:#} is trusted for it: {}", other.id()));
            context.say(&format!("    {}", self.connection(other)));
        }
    }

    /// What leads from a signatory that is trusted to this one (VER-49): nothing that decides anything.
    fn connection(&self, other: &Trusted) -> &'static str {
        if other.belief().successor() == Some(self.trusted.id()) {
            "its last statement names this one as its successor, and no key connects the two: this is a new decision"
        } else {
            "nothing connects the two, neither keys nor a reserve: this is a new decision"
        }
    }

    /// Each other signatory whole, above this one.
    fn beside_others(&self) -> String {
        let found = self.trusted.id().to_string();
        let both = |other: &Trusted| {
            let ids = one_above_the_other(("trusted", &other.id().to_string()), ("found", &found), "  ");
            format!("{ids}  {}\n", self.connection(other))
        };
        self.others.iter().map(both).collect()
    }

    /// Each other signatory whole, and nothing of the id of this one: nobody has brought it yet, and who saw it here could paste
    /// it into the challenge (CMP-15).
    fn only_others(&self) -> String {
        let one = |other: &Trusted| format!("  trusted  {}\n  {}\n", other.id(), self.connection(other));
        self.others.iter().map(one).collect()
    }

    /// VER-49: once the human has brought the id, both can be shown.
    fn confirm_second(&self, arguments: &Add, context: &Context) -> Result<(), Failure> {
        if self.is_known || self.others.is_empty() {
            return Ok(());
        }
        context.say(self.beside_others().trim_end());
        let question = if arguments.replace { "Trust it instead of what you trust now?" } else { "Trust it, too?" };
        if context.confirm(question)? { Ok(()) } else { Err(Failure::undecided("nothing has changed")) }
    }
}

impl Answer for AllAdded {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        for Added { trusted, others, is_replaced } in &self.0 {
            let grade = trusted.decisions().grade;
            writeln!(out, "{GOOD}trusted{GOOD:#}  {}  {grade}, {}", trusted.package(), newest(trusted))?;
            writeln!(out, "  {}", trusted.id())?;
            for other in others {
                let id = other.id();
                if *is_replaced {
                    writeln!(out, "trusted no longer; its statements are kept as history\n  {id}")?;
                } else {
                    writeln!(out, "trusted beside it; to stop that: sigpkg trust remove {id}")?;
                }
            }
        }
        Ok(())
    }

    fn json(&self) -> Vec<Value> {
        let object = |added: &Added| {
            let mut object = trusted_json("sigpkg.trust-add/1", &added.trusted);
            let others: Vec<_> = added.others.iter().map(|other| other.id().to_string()).collect();
            object["others"] = others.into();
            object["replaced"] = added.is_replaced.into();
            object
        };
        self.0.iter().map(object).collect()
    }
}
