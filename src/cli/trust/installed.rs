//! `sigpkg trust add --installed`: first trust in all that a project has installed, in one decision (PRJ-20).

use std::io::{self, Write};
use std::path::Path;

use serde_json::{Value, json};
use sigpkg::digest::TreeHash;
use sigpkg::listing::folder::SigpkgFolder;
use sigpkg::package::Package;
use sigpkg::project::pinning::can_be_from_before;
use sigpkg::rule::Rule;
use sigpkg::signature::Standard;
use sigpkg::text::printable;
use sigpkg::trust::{Grade, TrustStore, Trusted};
use sigpkg::verify::{DependencyNote, Found, HashMatch, Question, Reason, State, Verdict};

use super::add::{Added, AllAdded, Candidate, OfInstalled, is_no_obstacle};
use super::alike::look_alikes;
use super::trusted_json;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Status};
use crate::cli::output::{Answer, BAD, CARE, GOOD};
use crate::cli::verify::package_json;
use crate::cli::verify::project::{Asked, Entry, Loaded, judge_alone};

/// A project, judged for its user without its pins.
pub(super) struct InstalledProject {
    loaded: Loaded,
    entries: Vec<Entry>,
    question: Question<'static>,
}

/// What a line of a list names.
pub(super) enum Named<'a> {
    /// It has not the form of a name: it is a target.
    NoName,
    /// A dependency that carries a chain.
    Entry(&'a Entry),
    /// A name of which nothing signed is installed, and why.
    Nothing(&'static str),
}

/// What was found, and was decided.
struct Taken {
    added: AllAdded,
    recorded: Vec<Unsigned>,
    refused: Vec<Refused>,
}

/// An unsigned version of a package whose signatory is trusted.
struct Unsigned {
    what: String,
    trusted: Trusted,
    tree: TreeHash,
}

/// What is not taken, and why.
struct Refused {
    package: Package,
    what: String,
    state: State,
    rule: Option<Rule>,
    message: String,
}

pub(super) fn run(
    project: &str,
    arguments: &OfInstalled,
    store: &TrustStore,
    context: &Context,
) -> Result<Box<dyn Answer>, Failure> {
    let project = InstalledProject::open(project, arguments, store, context)?;
    let mut candidates = Vec::new();
    let mut taken = Taken { added: AllAdded(Vec::new()), recorded: Vec::new(), refused: Vec::new() };
    for entry in &project.entries {
        match project.examine(entry, store, context)? {
            Examined::New(candidate) => candidates.push((entry, *candidate)),
            Examined::BeforeSigning(unsigned) => taken.recorded.push(*unsigned),
            Examined::Refused(refused) => taken.refused.push(*refused),
            Examined::Nothing => {}
        }
    }
    if !(candidates.is_empty() && taken.recorded.is_empty()) {
        show(&candidates, &taken, context);
        decide(&candidates, &taken, arguments, context)?;
    }
    let now = context.now()?;
    for (_, candidate) in candidates {
        let trusted = store.add_as_shown(&candidate.trusted, Grade::Seen, now)?;
        taken.added.0.push(Added { trusted, others: Vec::new(), is_replaced: false });
    }
    for unsigned in &taken.recorded {
        store.record_before_signing(unsigned.trusted.id(), &[unsigned.tree])?;
    }
    Ok(Box::new(taken))
}

/// Everything that the decision is about. Nothing is compared, so the ids are shown whole.
fn show(candidates: &[(&Entry, Candidate)], taken: &Taken, context: &Context) {
    for (entry, candidate) in candidates {
        let what = what(entry);
        let trusted = &candidate.trusted;
        let head = trusted.belief().head().seq();
        let newest = trusted.belief().newest_release();
        let newest = newest.map_or("no release yet".to_owned(), |newest| format!("newest {}", newest.version()));
        context.say(&format!("{what}  {newest}, statement {head}\n  {}", trusted.id()));
        for note in entry.judged.notes().iter().filter(|note| **note == DependencyNote::SameName) {
            context.say(&format!("  {CARE}warning{CARE:#}: {note}"));
        }
        candidate.warn(context);
    }
    for Unsigned { what, trusted, tree } in &taken.recorded {
        context.say(&format!(
            "{what}  {CARE}unsigned{CARE:#}, though you trust {}\n  to record as a version from before it was signed: tree {tree}",
            trusted.id()
        ));
    }
    for refused in &taken.refused {
        context.say(&format!("{BAD}not among them{BAD:#}: {}  {}", refused.what, printable(&refused.message)));
    }
}

fn decide(
    candidates: &[(&Entry, Candidate)],
    taken: &Taken,
    arguments: &OfInstalled,
    context: &Context,
) -> Result<(), Failure> {
    if arguments.yes {
        return Ok(());
    }
    let count = |count: usize, what: &str| match count {
        0 => None,
        1 => Some(format!("1 {what}")),
        _ => Some(format!("{count} {what}s")),
    };
    let parts = [
        count(candidates.len(), "new signatory").map(|text| text.replace("signatorys", "signatories")),
        count(taken.recorded.len(), "unsigned version"),
    ];
    let parts = parts.into_iter().flatten().collect::<Vec<_>>().join(" and ");
    if !context.can_ask() {
        return Err(Failure::undecided(format!(
            "whether to trust {parts} is for a human to decide, and there is no terminal to ask"
        ))
        .hint("look at the list, and take it whole with --yes; or compare each id: sigpkg trust add TARGET"));
    }
    context
        .say("None of these ids was compared with the page of a maintainer: a wrong one here is trusted from now on.");
    if context.confirm(&format!("Trust {parts}, as they are installed?"))? {
        Ok(())
    } else {
        Err(Failure::undecided("nothing was decided"))
    }
}

/// What a dependency is to the decision.
enum Examined {
    New(Box<Candidate>),
    BeforeSigning(Box<Unsigned>),
    Refused(Box<Refused>),
    Nothing,
}

impl InstalledProject {
    pub(super) fn open(
        project: &str,
        arguments: &OfInstalled,
        store: &TrustStore,
        context: &Context,
    ) -> Result<Self, Failure> {
        let asked = Asked {
            language: arguments.julia.as_deref(),
            depots: &arguments.depots,
            base: None,
            only: &arguments.only,
        };
        let loaded = Loaded::open(context, Path::new(project), &asked)?;
        let question =
            Question { distrusts_ed25519: store.distrusts_ed25519()?.is_some(), ..Question::new(&[], context.now()?) };
        let entries = loaded.without_pins(store, asked.only, &question)?;
        Ok(Self { loaded, entries, question })
    }

    fn examine(&self, entry: &Entry, store: &TrustStore, context: &Context) -> Result<Examined, Failure> {
        let judged = &entry.judged;
        match judged.state() {
            State::NewlySigned => {}
            State::Refused => return Self::refused_or_unsigned(entry, store),
            State::Undecided | State::Unreadable => return Ok(Examined::refused(entry, judged)),
            State::Accepted
            | State::BeforeSigning
            | State::Unsigned
            | State::Developed
            | State::Bundled
            | State::NotInstalled => return Ok(Examined::Nothing),
        }
        let Some(file) = chain_of(entry) else {
            return Ok(Examined::Nothing);
        };
        let Some(id) = judged.verdict().and_then(|verdict| verdict.claims().signatory) else {
            return Ok(Examined::refused(entry, judged));
        };
        let pins: Vec<_> = self.loaded.pins.of_package(&entry.locked.package).collect();
        if !pins.is_empty() && pins.iter().all(|pin| pin.id != id) {
            let pinned: Vec<_> = pins.iter().map(|pin| pin.id.to_string()).collect();
            let message =
                format!("expected a tree signed by the pinned {}, found one signed by {id}", pinned.join(" or "));
            return Ok(Examined::Refused(Box::new(Refused {
                rule: Some(Rule::Prj12),
                state: State::Refused,
                message,
                ..Refused::of(entry, judged)
            })));
        }
        let trusted = store.would_trust(file, id, Grade::Seen, context.now()?, &Standard)?;
        // As it will be judged once the decision is made.
        let known = [trusted];
        let judged = judge_alone(entry, &known, &self.question);
        let is_fine =
            judged.reason().is_none() && judged.verdict().and_then(Verdict::reason).is_none_or(is_no_obstacle);
        let [trusted] = known;
        Ok(if is_fine {
            let look_alikes = look_alikes(store, trusted.id())?;
            Examined::New(Box::new(Candidate { trusted, is_known: false, others: Vec::new(), look_alikes }))
        } else {
            Examined::refused(entry, &judged)
        })
    }

    /// An unsigned version of a signed package may be from before its chain began; anything else that is refused is not
    /// for a decision.
    fn refused_or_unsigned(entry: &Entry, store: &TrustStore) -> Result<Examined, Failure> {
        let reason = entry.judged.verdict().and_then(Verdict::reason);
        let is_whole = matches!(entry.installed.found(), Found::Tree { hash: HashMatch::Equal, .. });
        let trusted = store.trusted_for(&entry.locked.package)?;
        match (reason, entry.locked.origin.tree(), &trusted[..]) {
            (Some(Reason::SignatureMissing { .. }), Some(tree), [trusted])
                if is_whole && can_be_from_before(&entry.locked, trusted) =>
            {
                let trusted = trusted.clone();
                Ok(Examined::BeforeSigning(Box::new(Unsigned { what: what(entry), trusted, tree })))
            }
            _ => Ok(Examined::refused(entry, &entry.judged)),
        }
    }

    /// What `NAME` or `NAME=UUID` names in the project.
    pub(super) fn named(&self, target: &str) -> Named<'_> {
        let (name, uuid) = target.split_once('=').map_or((target, None), |(name, uuid)| (name, Some(uuid)));
        if name.contains(['/', '\\', '.', '#']) || name.is_empty() {
            return Named::NoName;
        }
        let is_named = |entry: &&Entry| {
            let package = &entry.locked.package;
            let has_uuid =
                |uuid: &str| package.uuid().is_some_and(|found| found.to_string().eq_ignore_ascii_case(uuid));
            package.name().as_str() == name && uuid.is_none_or(has_uuid)
        };
        match self.entries.iter().filter(is_named).collect::<Vec<_>>()[..] {
            [] => Named::Nothing("it is no dependency of the project"),
            [entry] if chain_of(entry).is_some() => Named::Entry(entry),
            [_] => Named::Nothing("it is not installed, or not signed as it is installed"),
            [_, _, ..] => Named::Nothing("several packages have this name; write NAME=UUID"),
        }
    }

    /// Whether what is installed is right, once this signatory is trusted.
    pub(super) fn check(&self, entry: &Entry, trusted: &Trusted) -> Result<(), Failure> {
        let judged = judge_alone(entry, std::slice::from_ref(trusted), &self.question);
        let reason = judged.verdict().and_then(Verdict::reason);
        if judged.reason().is_none() && reason.is_none_or(is_no_obstacle) {
            return Ok(());
        }
        let message = format!("{}: {}", what(entry), judged.message().unwrap_or_default());
        let failure = match judged.rule() {
            Some(rule) => Failure::refused(rule, message),
            None => Failure::could_not_tell(message),
        };
        Err(failure.hint("nothing has changed; let the package manager install it again"))
    }
}

fn chain_of(entry: &Entry) -> Option<&[u8]> {
    entry.installed.tree().and_then(|tree| tree.folder()).map(SigpkgFolder::claimed_chain)
}

impl Examined {
    fn refused(entry: &Entry, judged: &sigpkg::verify::Judged) -> Self {
        Self::Refused(Box::new(Refused::of(entry, judged)))
    }
}

impl Refused {
    fn of(entry: &Entry, judged: &sigpkg::verify::Judged) -> Self {
        Self {
            package: entry.locked.package.clone(),
            what: what(entry),
            state: judged.state(),
            rule: judged.rule(),
            message: judged.message().unwrap_or_default(),
        }
    }

    fn status(&self) -> Status {
        match self.state {
            State::Undecided => Status::Undecided,
            State::Unreadable => Status::CouldNotTell,
            State::Refused
            | State::Accepted
            | State::BeforeSigning
            | State::Unsigned
            | State::NewlySigned
            | State::Developed
            | State::Bundled
            | State::NotInstalled => Status::Refused,
        }
    }
}

/// `Example [7876af07] v1.4.2`
fn what(entry: &Entry) -> String {
    let version = entry.locked.version.as_ref().map(|version| format!(" v{version}")).unwrap_or_default();
    format!("{}{version}", entry.locked.package)
}

impl Answer for Taken {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        self.added.human(out)?;
        for Unsigned { what, tree, .. } in &self.recorded {
            writeln!(out, "{GOOD}recorded{GOOD:#}  {what}  before-signing\n  {tree}")?;
        }
        for Refused { what, rule, message, .. } in &self.refused {
            let rule = rule.map(|rule| format!("{} ({rule})", rule.reason())).unwrap_or_default();
            writeln!(out, "{BAD}not trusted{BAD:#}  {what}  {rule}\n  {}", printable(message))?;
        }
        if self.added.0.is_empty() && self.recorded.is_empty() {
            writeln!(out, "there is no signed package that you do not trust yet")?;
        }
        Ok(())
    }

    fn json(&self) -> Vec<Value> {
        let recorded = self.recorded.iter().map(|unsigned| {
            let mut object = trusted_json("sigpkg.trust-before-signing/1", &unsigned.trusted);
            object["tree"] = unsigned.tree.to_string().into();
            object
        });
        let refused = self.refused.iter().map(|refused| {
            json!({
                "schema": "sigpkg.trust-add-refused/1",
                "package": package_json(&refused.package),
                "rule": refused.rule.map(Rule::id),
                "reason": refused.rule.map(Rule::reason),
                "message": refused.message,
            })
        });
        self.added.json().into_iter().chain(recorded).chain(refused).collect()
    }

    fn status(&self) -> Status {
        Status::of_several(self.refused.iter().map(Refused::status))
    }
}
