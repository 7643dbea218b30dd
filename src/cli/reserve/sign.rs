//! `sigpkg reserve sign`: begin a reserve statement, or add a signature to a draft of one.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::Value;
use sigpkg::digest::Digest;
use sigpkg::key::{ReserveKey, TEXT_LENGTH};
use sigpkg::keystore::{KeyStores, Mode, ReserveSecret};
use sigpkg::publish::{self, Known, PublishError, ReserveRequest, Wanted};
use sigpkg::release::reserve::{Change, CheckedDraft, ReserveDraft, ReserveDraftError};
use sigpkg::statement::{Cause, ReserveSet, Seq};

use super::draft;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::maintainer::{self, Kdf};
use crate::cli::output::Answer;
use crate::cli::progress::Progress;

/// Begin a reserve statement, or add a signature to the draft of one
#[derive(Args)]
#[command(
    after_help = "With --cause a statement begins where the new keys are to be: they are made, and a draft is written. \
    The draft goes to the holders of the reserve; each adds a signature, with `sigpkg reserve sign DRAFT --key FILE`, and \
    sends the file back. `sigpkg reserve join DRAFT…` does the rest."
)]
pub(super) struct Sign {
    /// The draft to sign
    #[arg(value_name = "DRAFT", required_unless_present = "cause", conflicts_with = "cause")]
    draft: Option<PathBuf>,
    /// The secret reserve key to sign with; may be given again
    #[arg(long, value_name = "FILE", required_unless_present = "cause")]
    key: Vec<PathBuf>,
    /// Hold it against this chain: a directory, a tarball, REPO#REV, or a chain file; may be given again [default: the
    /// package in this folder]
    #[arg(long, value_name = "TARGET")]
    chain: Vec<String>,
    /// Where the draft is written [default: NAME-reserve-SEQ.draft, or where it was]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Begin a statement: why the reserve speaks
    #[arg(long, value_enum, value_name = "CAUSE", requires = "reason")]
    cause: Option<CauseWord>,
    #[command(flatten)]
    begin: Begin,
}

/// What only a statement that begins can be told.
#[derive(Args)]
#[command(next_help_heading = "With --cause")]
struct Begin {
    /// The same in words for people, who will read it before they follow
    #[arg(long, value_name = "TEXT", requires = "cause")]
    reason: Option<String>,
    /// The last good statement; what does not descend from it becomes void [default: the
    /// head; with stolen it must be named]
    #[arg(long, value_name = "SEQ|DIGEST", requires = "cause")]
    after: Option<String>,
    /// The reserve from now on: public keys, or files of them [default: it stays]
    #[arg(long, value_name = "KEY|FILE", num_args = 1.., requires = "cause")]
    reserve: Vec<String>,
    /// How many of these must sign together [default: more than half]
    #[arg(long, value_name = "K", requires = "reserve")]
    threshold: Option<u64>,
    /// Derive the new link keys from one new seed [default: as before]
    #[arg(long, requires = "cause", conflicts_with = "fresh")]
    seeded: bool,
    /// Make the new link keys at random [default: as before, and fresh in a new store]
    #[arg(long, requires = "cause")]
    fresh: bool,
    /// What a guess at the passphrase of the new link keys costs
    #[arg(long, value_enum, default_value_t, value_name = "COST", requires = "cause")]
    kdf: Kdf,
    /// Do not protect the new link keys by a passphrase
    #[arg(long, requires = "cause", conflicts_with = "kdf")]
    no_passphrase: bool,
}

/// Why the reserve speaks.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum CauseWord {
    /// The link keys are lost
    Lost,
    /// Somebody else has the link keys
    Stolen,
    /// Ed25519 no longer holds; the new link keys are SLH-DSA keys
    Algorithm,
    /// Somebody else signs from now on
    Handover,
    /// Keys are replaced in good order
    Planned,
}

struct Report {
    lines: Vec<String>,
    json: Value,
}

pub(super) fn run(arguments: &Sign, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let stores = maintainer::stores(context)?;
    match (arguments.cause, &arguments.draft) {
        (Some(cause), _) => begin(arguments, cause.into(), context, &stores),
        (None, Some(path)) => add(arguments, path, context, &stores),
        (None, None) => Err(Failure::usage("there is neither a draft nor a cause")
            .hint("`sigpkg reserve sign DRAFT --key FILE` signs a draft; --cause CAUSE --reason TEXT begins one")),
    }
}

fn begin(arguments: &Sign, cause: Cause, context: &Context, stores: &KeyStores) -> Result<Box<dyn Answer>, Failure> {
    let known = draft::gather(context, stores, None, &arguments.chain)?;
    let after = arguments.begin.after.as_deref().map(wanted).transpose()?;
    let reserve = new_reserve(&arguments.begin, context)?;
    let parent = publish::reserve_parent(&known, cause, after).map_err(|error| parent_failure(error, &known))?;
    // Before anything is made: a wrong passphrase, or a key that has no say.
    let keys = draft::open_keys(context, &arguments.key)?;
    if let Some(key) = keys.iter().map(ReserveSecret::key).find(|key| !parent.reserve().keys.contains(key)) {
        return Err(maintainer::failure(ReserveDraftError::NotOfReserve { key, parent: parent.seq() }));
    }
    let is_interrupted = match &known.store {
        Some(store) => store.has_begun_reserve().map_err(maintainer::store_failure)?,
        None => false,
    };
    let protection = arguments.begin.kdf.protection(arguments.begin.no_passphrase);
    let (protection, passphrase) = if is_interrupted {
        (protection, None)
    } else {
        maintainer::new_passphrase(context, protection, &format!("the new keys of {}", known.chain.package()))?
    };
    let request = ReserveRequest {
        change: Change { cause, reason: arguments.begin.reason.clone().unwrap_or_default(), reserve },
        after,
        mode: match (arguments.begin.seeded, arguments.begin.fresh) {
            (true, _) => Some(Mode::Seeded),
            (false, true) => Some(Mode::Fresh),
            (false, false) => None,
        },
        protection,
        passphrase: passphrase.as_ref().map(|passphrase| passphrase.as_bytes()),
        repository: draft::workplace(context)?.map(|workplace| workplace.directory().to_owned()),
        now: context.now()?,
    };
    let chain = known.chain.clone();
    let begun =
        publish::begin_reserve(known, stores, request, &mut maintainer::random(), &mut maintainer::tell(context));
    let begun = begun.map_err(maintainer::failure)?;
    if is_interrupted {
        context.say("sigpkg: this reserve statement has begun before; going on with it");
    }
    let out = arguments.out.clone().unwrap_or_else(|| draft::file_name(begun.claimed()).into());
    check_out(context, &out, &begun)?;
    context.write(&context.path(&out), begun.to_file().as_bytes())?;
    let checked = begun.check(&chain).map_err(maintainer::failure)?;
    sign(arguments, checked, &keys, &out, context, stores)
}

fn add(arguments: &Sign, path: &Path, context: &Context, stores: &KeyStores) -> Result<Box<dyn Answer>, Failure> {
    let read = draft::read(context, path)?;
    let known = draft::gather(context, stores, Some(read.claimed_signatory()), &arguments.chain)?;
    let out = arguments.out.clone().unwrap_or_else(|| path.to_owned());
    check_out(context, &out, &read)?;
    let checked = read.check(&known.chain).map_err(maintainer::failure)?;
    let keys = draft::open_keys(context, &arguments.key)?;
    for key in &keys {
        checked.may_sign(&key.key()).map_err(maintainer::failure)?;
    }
    sign(arguments, checked, &keys, &out, context, stores)
}

/// Shows everything, asks, signs, and writes the draft.
fn sign(
    arguments: &Sign,
    mut draft: CheckedDraft<'_>,
    keys: &[ReserveSecret],
    out: &Path,
    context: &Context,
    stores: &KeyStores,
) -> Result<Box<dyn Answer>, Failure> {
    for line in draft::describe(&draft)? {
        context.say(&line);
    }
    // Taken up after an interruption, some of them have signed.
    let keys: Vec<_> = keys.iter().filter(|key| draft.may_sign(&key.key()).is_ok()).collect();
    if !keys.is_empty() {
        context
            .say("Compare the id with the one that you know, and ask the maintainer by voice whether this is meant.");
        maintainer::confirm(context, arguments.yes, "Sign it?", "nothing was signed")?;
    }
    for (index, key) in keys.iter().enumerate() {
        let working = Progress::start(format!("signing, key {} of {}; this takes seconds", index + 1, keys.len()));
        let signed = draft.sign(&key.key(), key.secret());
        drop(working);
        signed.map_err(maintainer::failure)?;
        publish::keep_signatures(stores, &draft, &mut maintainer::tell(context)).map_err(maintainer::failure)?;
        context.write(&context.path(out), draft.to_draft().to_file().as_bytes())?;
    }
    let action = if keys.is_empty() { "begun" } else { "signed" };
    let mut lines = vec![format!("{action}: {}", out.display())];
    if let Some(missing) = draft::missing(&draft) {
        lines.push(missing);
        lines.push(String::new());
        lines.push("Send the file to a holder of one of these keys, who looks at it and signs it with".to_owned());
        lines.push("    sigpkg reserve sign DRAFT --chain TARGET --key FILE".to_owned());
    } else {
        lines.push("all signatures are there".to_owned());
        lines.push(String::new());
        lines.push("Where it was begun, in the folder of the package:".to_owned());
        lines.push("    sigpkg reserve join DRAFT".to_owned());
    }
    Ok(Box::new(Report { lines, json: draft::draft_json(action, &draft, Some(out))? }))
}

/// A file that is there is replaced only by a draft of the same statement.
fn check_out(context: &Context, out: &Path, draft: &ReserveDraft) -> Result<(), Failure> {
    let path = context.path(out);
    if !path.exists() || draft::read(context, out).is_ok_and(|found| found.digest() == draft.digest()) {
        return Ok(());
    }
    Err(Failure::blocked(format!("{} is there already, and is no draft of this statement", path.display()))
        .hint("--out FILE names another file; run the same command with it"))
}

fn new_reserve(begin: &Begin, context: &Context) -> Result<Option<ReserveSet>, Failure> {
    if begin.reserve.is_empty() {
        return Ok(None);
    }
    let read = |given: &String| {
        let key = if given.len() == TEXT_LENGTH && !context.path(given.as_ref()).exists() {
            ReserveKey::from_text(given)
        } else {
            let file = context.read(&context.path(given.as_ref()), maintainer::MAX_KEY_FILE_BYTES)?;
            ReserveKey::from_file_text(&String::from_utf8_lossy(&file))
        };
        key.map_err(|error| Failure::refused(error.rule(), format!("{given}: {error}")))
    };
    let keys = begin.reserve.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(ReserveSet { threshold: begin.threshold.unwrap_or(keys.len() as u64 / 2 + 1), keys }))
}

fn wanted(given: &str) -> Result<Wanted, Failure> {
    let seq = given.parse().ok().and_then(Seq::new).map(Wanted::Seq);
    let digest = given.parse::<Digest>().ok().map(Wanted::Digest);
    seq.or(digest).ok_or_else(|| {
        Failure::usage(format!("expected the number of a statement or a digest for --after, found {given:?}"))
    })
}

/// Names the statements that might be meant, the newest last.
fn parent_failure(error: PublishError, known: &Known) -> Failure {
    let asks = matches!(
        error,
        PublishError::AfterNeeded
            | PublishError::NoSuchStatement { .. }
            | PublishError::SeveralStatements { .. }
            | PublishError::Contested { .. }
            | PublishError::NotOurs { .. }
    );
    if !asks {
        return maintainer::failure(error);
    }
    let mut links: Vec<_> = known.chain.links().collect();
    links.sort_by_key(|link| link.seq());
    let own = known.store.as_ref().map(sigpkg::keystore::Store::chain);
    let listed = links.iter().rev().take(LISTED).rev().map(|link| {
        let is_own = own.is_some_and(|own| own.find(link.digest()).is_some());
        let mark = if own.is_some() && !is_own { "  NOT from this key store" } else { "" };
        format!("\n  {}  {}  {}{mark}", link.seq(), link.digest(), draft::summary(*link))
    });
    let failure = maintainer::failure(error);
    let hint = failure.hint.clone().unwrap_or_default();
    failure.hint(format!("{hint}; the newest statements:{}", listed.collect::<String>()))
}

/// How many statements a hint lists.
const LISTED: usize = 8;

impl From<CauseWord> for Cause {
    fn from(word: CauseWord) -> Self {
        match word {
            CauseWord::Lost => Self::Lost,
            CauseWord::Stolen => Self::Stolen,
            CauseWord::Algorithm => Self::Algorithm,
            CauseWord::Handover => Self::Handover,
            CauseWord::Planned => Self::Planned,
        }
    }
}

impl Answer for Report {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        self.lines.iter().try_for_each(|line| writeln!(out, "{line}"))
    }

    fn json(&self) -> Vec<Value> {
        vec![self.json.clone()]
    }
}
