//! `sigpkg trust add`: first trust, a decision that only a human makes.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use serde_json::Value;
use sigpkg::chain::{Chain, Decided};
use sigpkg::digest::{Digest, SignatoryId};
use sigpkg::rule::Rule;
use sigpkg::signature::Standard;
use sigpkg::trust::{Grade, TrustStore, Trusted};
use sigpkg::verify::{self, Question, Reason, Target, TreeTarget};

use super::challenge::Challenge;
use super::{newest, trusted_json};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::groups::one_above_the_other;
use crate::cli::output::{Answer, CARE, GOOD};
use crate::cli::target::{self, Content};
use crate::cli::verify::parse_id;

/// Largest list in bytes: ten thousand lines.
const MAX_LIST_BYTES: u64 = 4 << 20;

/// Trust the signatory of a target, after comparing its id with the one on the maintainer's own page
#[derive(Args)]
pub(super) struct Add {
    /// A directory, a tarball, REPO#REV, or a chain file
    #[arg(value_name = "TARGET", required_unless_present = "list")]
    target: Option<String>,
    /// The id that the target must have; without a terminal it is needed
    #[arg(long, value_name = "ID", conflicts_with = "list")]
    id: Option<String>,
    /// Trust many at once: a file whose lines are an id, two spaces, and a target
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
}

/// What the decision is about.
struct Candidate {
    chain: Chain,
    /// Other signatories that are trusted for the package.
    others: Vec<Trusted>,
}

struct Added(Vec<Trusted>);

pub(super) fn run(arguments: &Add, store: &TrustStore, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let candidates = match (&arguments.list, &arguments.target) {
        (Some(list), _) => confirm_list(arguments, list, store, context)?,
        (None, Some(target)) => vec![confirm(arguments, target, store, context)?],
        (None, None) => return Err(Failure::usage("there is neither a target nor a list")),
    };
    let now = context.now()?;
    let mut added = Vec::new();
    for Candidate { chain, others } in candidates {
        added.push(store.add(&chain, Grade::Confirmed, now)?);
        if arguments.replace {
            others.iter().try_for_each(|other| store.remove(other.id()))?;
        }
    }
    Ok(Box::new(Added(added)))
}

fn confirm(arguments: &Add, target: &str, store: &TrustStore, context: &Context) -> Result<Candidate, Failure> {
    let expected = arguments.id.as_deref().map(parse_id).transpose()?;
    let candidate = candidate(arguments, target, expected, store, context)?;
    if expected.is_some() {
        return Ok(candidate);
    }
    if !context.can_ask() {
        return Err(Failure::undecided(format!(
            "whether to trust the signatory of {} is for a human to decide, and there is no terminal to ask",
            candidate.chain.package()
        ))
        .hint("give the id from the maintainer's own page with --id"));
    }
    candidate.introduce(context);
    Challenge {
        what: "signatory id",
        place: "on the maintainer's own page",
        secret: &candidate.chain.id().to_string(),
        fixed_groups: 1,
    }
    .ask(context)?;
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
    let mut candidates = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
        let (id, target) = line.split_once("  ").ok_or_else(|| {
            Failure::usage(format!("{}, line {}: expected an id, two spaces and a target", path.display(), number + 1))
        })?;
        candidates.push(candidate(arguments, target, Some(parse_id(id)?), store, context)?);
    }
    match &arguments.digest {
        Some(given) => {
            let expected: Digest = given.parse().map_err(Failure::usage)?;
            if expected != found {
                return Err(Failure::blocked(format!("expected a list with digest {expected}, found {found}"))
                    .hint("this is another list than the one you were told about; nothing has changed"));
            }
        }
        None if context.can_ask() => {
            for candidate in &candidates {
                candidate.introduce(context);
            }
            let secret = found.to_hex();
            let place = "where its author publishes it (b3sum prints it)";
            Challenge { what: "digest of the list", place, secret: &secret, fixed_groups: 0 }.ask(context)?;
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
    let chain = target::admit_file(file)?;
    if let Some(expected) = expected.filter(|expected| *expected != chain.id()) {
        return Err(another_signatory(expected, chain.id()));
    }
    check_content(&opened, &chain, store, context)?;
    let mut others = store.trusted_for(chain.package())?;
    others.retain(|other| other.id() != chain.id());
    if let Some(other) = others.first().filter(|_| !arguments.replace && !arguments.also) {
        let message = format!(
            "another signatory is trusted for {} already:\n{}",
            chain.package(),
            one_above_the_other(("trusted", &other.id().to_string()), ("found", &chain.id().to_string()), "  ")
                .trim_end()
        );
        return Err(Failure::refused(Rule::Ver9, message).hint(
            "ask the maintainer why; --replace trusts the new one instead, --also both, and either is as grave as the \
             first decision",
        ));
    }
    Ok(Candidate { chain, others })
}

fn another_signatory(expected: SignatoryId, found: SignatoryId) -> Failure {
    let ids = one_above_the_other(("expected", &expected.to_string()), ("found", &found.to_string()), "  ");
    Failure::refused(Rule::Ver9, format!("the target has another signatory:\n{}", ids.trim_end()))
        .hint("nothing has changed; see that you have the right package, and the id from the maintainer's own page")
}

/// Whoever trusts a signatory because of a tree wants that tree to be theirs.
fn check_content(opened: &Content, chain: &Chain, store: &TrustStore, context: &Context) -> Result<(), Failure> {
    let Content::Tree(tree) = opened else {
        return Ok(());
    };
    let known: Vec<_> = store.find(chain.id())?.into_iter().collect();
    let question = Question { id: Some(chain.id()), ..Question::new(&known, context.now()?) };
    match verify::verify(&Target::Tree(TreeTarget::of(tree)), &question, &Standard).reason() {
        // A commit between two releases has a chain like any other, and a fork is shown before the question.
        None | Some(Reason::NoRelease { .. } | Reason::Contested { .. }) => Ok(()),
        Some(reason) => Err(Failure::refused(reason.rule(), reason)
            .hint("nothing has changed; get the release from its source again, or take the newest one")),
    }
}

impl Candidate {
    /// Says what the decision is about. Nothing of the id.
    fn introduce(&self, context: &Context) {
        let belief = self.chain.belief(&Decided::stranger());
        let newest = belief.newest_release().map_or("no release yet".to_owned(), |newest| {
            format!("newest {} (statement {})", newest.version(), newest.seq())
        });
        let package = self.chain.package();
        let uuid = package.uuid().map(|uuid| format!(" {uuid}")).unwrap_or_default();
        context.say(&format!(
            "{} ({}{uuid}): {} statements since {}, {newest}",
            package.name(),
            package.ecosystem(),
            self.chain.len(),
            self.chain.genesis().statement().date.date(),
        ));
        if let Some(contest) = belief.contest() {
            context.say(&format!(
                "{CARE}contested{CARE:#}: two or more statements follow statement {}; you would trust it up to there:",
                contest.parent.seq()
            ));
            contest.children.iter().for_each(|child| context.say(&format!("  {}", child.digest())));
        }
        for other in &self.others {
            context.say(&format!("{CARE}another signatory{CARE:#} is trusted for it: {}", other.id()));
        }
    }
}

impl Answer for Added {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        for trusted in &self.0 {
            let grade = trusted.decisions().grade;
            writeln!(out, "{GOOD}trusted{GOOD:#}  {}  {grade}, {}", trusted.package(), newest(trusted))?;
            writeln!(out, "  {}", trusted.id())?;
        }
        Ok(())
    }

    fn json(&self) -> Vec<Value> {
        self.0.iter().map(|trusted| trusted_json("sigpkg.trust-add/1", trusted)).collect()
    }
}
