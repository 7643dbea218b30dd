//! What the commands about drafts share: reading drafts, keys and chains, and showing what a statement would do.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sigpkg::chain::Link;
use sigpkg::digest::SignatoryId;
use sigpkg::key::ReserveKey;
use sigpkg::keystore::{KeyStores, ReserveSecret};
use sigpkg::publish::{self, Known};
use sigpkg::release::reserve::{CheckedDraft, Lapsed, MAX_DRAFT_BYTES, ReserveDraft};
use sigpkg::repository::{RepositoryError, Workplace};
use sigpkg::representation::lines as in_groups;
use sigpkg::statement::{Cause, Statement};
use sigpkg::text::printable;

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::verify::shell_word;
use crate::cli::{maintainer, statement, target};

/// Reads a draft. What is wrong with it is said with its name.
pub(super) fn read(context: &Context, path: &Path) -> Result<ReserveDraft, Failure> {
    let bytes = context.read(&context.path(path), MAX_DRAFT_BYTES as u64)?;
    ReserveDraft::parse(&bytes).map_err(|error| {
        let message = format!("{}: {error}", path.display());
        let failure = error.rule().map_or_else(|| Failure::blocked(&message), |rule| Failure::refused(rule, &message));
        failure.hint("drafts come from `sigpkg reserve sign`; ask for the file again, as an attachment, so that nothing changes it")
    })
}

/// Opens reserve key files, each with a passphrase of its own.
pub(super) fn open_keys(context: &Context, paths: &[PathBuf]) -> Result<Vec<ReserveSecret>, Failure> {
    paths.iter().map(|path| open_key(context, &context.path(path))).collect()
}

fn open_key(context: &Context, path: &Path) -> Result<ReserveSecret, Failure> {
    // Without a passphrase first: only a file that has one makes anybody type it.
    match ReserveSecret::open(path, || Err(Asked::IsEncrypted)) {
        Ok(secret) => return Ok(secret),
        Err(Asked::Wrong(error)) => return Err(maintainer::store_failure(error)),
        Err(Asked::IsEncrypted) => {}
    }
    let what = format!("the reserve key {}", path.display());
    context.open_with_passphrase(&what, |passphrase| {
        ReserveSecret::open(path, || Ok(passphrase.clone())).map_err(maintainer::unopened)
    })
}

/// Why a key file is not opened.
enum Asked {
    IsEncrypted,
    Wrong(sigpkg::keystore::KeyStoreError),
}

impl From<sigpkg::keystore::KeyStoreError> for Asked {
    fn from(error: sigpkg::keystore::KeyStoreError) -> Self {
        Self::Wrong(error)
    }
}

/// The package in the folder that the command works in, if it is in a repository: holders have none.
pub(in crate::cli) fn workplace(context: &Context) -> Result<Option<Workplace>, Failure> {
    match Workplace::open(&context.directory) {
        Ok(workplace) => Ok(Some(workplace)),
        Err(RepositoryError::NoRepository { .. } | RepositoryError::Bare { .. }) => Ok(None),
        Err(error) => Err(maintainer::failure(error)),
    }
}

/// Everything that is known of a chain on this machine, and from the targets that were given.
pub(super) fn gather(
    context: &Context,
    stores: &KeyStores,
    id: Option<SignatoryId>,
    targets: &[String],
) -> Result<Known, Failure> {
    gather_known(context, stores, id, targets)?.ok_or_else(|| {
        let of = id.map(|id| format!(" of signatory {id}")).unwrap_or_default();
        Failure::undecided(format!("there is no chain{of} here to hold the statement against")).hint(
            "--chain TARGET names one: a clone or a release of the package, REPO#REV, or a chain file; get it yourself, \
             not from whoever sent the draft",
        )
    })
}

/// The same; `None` if there is none.
pub(in crate::cli) fn gather_known(
    context: &Context,
    stores: &KeyStores,
    id: Option<SignatoryId>,
    targets: &[String],
) -> Result<Option<Known>, Failure> {
    let workplace = workplace(context)?;
    let mut files = Vec::new();
    for given in targets {
        let opened = target::open(context, given)?;
        let Some(file) = opened.claimed_chain() else {
            return Err(Failure::undecided(format!("{given} has no .sigpkg, so no chain"))
                .hint("name a chain file, or a tree with .sigpkg"));
        };
        files.push(file.to_vec());
    }
    let known = publish::gather(workplace.as_ref(), stores, id, &files).map_err(maintainer::failure)?;
    for (reference, error) in known.iter().flat_map(|known| &known.ignored) {
        context.say(&format!(
            "sigpkg: note: {reference} has a chain of this id that is not valid, and is left out: {error}"
        ));
    }
    Ok(known)
}

/// All that a holder has to see before signing, and a maintainer before joining (KEEP-18).
pub(super) fn describe(draft: &CheckedDraft<'_>) -> Result<Vec<String>, Failure> {
    let (statement, change, parent) = (draft.statement(), draft.change(), draft.parent());
    let effects = draft.effects().map_err(maintainer::failure)?;
    let id = draft.chain().id().to_string();
    let mut lines =
        vec![format!("reserve statement {} of {}", statement.seq, statement.package), format!("  signatory   {id}")];
    lines.extend(in_groups(&id).into_iter().map(|(number, line)| format!("          {number:>2}  {line}")));
    lines.push(format!("  cause       {}: {}", change.cause.as_str(), meaning(change.cause)));
    lines.push(format!("  reason      {}", printable(&change.reason)));
    lines.push(format!("  follows     statement {}, {}", parent.seq(), summary(parent)));
    lines.push(format!("              {}", parent.digest()));
    lines.push(format!("  digest      {}", draft.digest()));
    if let Some((before, after)) = draft.algorithm_change() {
        lines.push(format!("  algorithm   of releases: {after} instead of {before}"));
    }
    describe_reserve(draft, &mut lines);
    describe_signatures(draft, &mut lines);
    if effects.void.is_empty() {
        lines.push("  void        nothing".to_owned());
    }
    for (index, link) in effects.void.iter().enumerate() {
        let label = if index == 0 { "void" } else { "" };
        lines.push(format!("  {label:<11} statement {}, {}, {}", link.seq(), summary(*link), link.digest()));
    }
    for lapsed in &effects.lapsed {
        lines.push(format!("  care        {lapsed}"));
    }
    for command in repeats(&effects.lapsed) {
        lines.push(format!("              if that was your own word, repeat it afterwards: {command}"));
    }
    for rival in &effects.rivals {
        lines.push(format!(
            "  care        reserve statement {} follows the same statement: neither beats the other, and each user chooses",
            rival.digest()
        ));
    }
    Ok(lines)
}

/// The reserve from now on, key by key.
fn describe_reserve(draft: &CheckedDraft<'_>, lines: &mut Vec<String>) {
    let (before, after) = (draft.reserve(), &draft.change().reserve);
    if before == after {
        let care = match draft.change().cause {
            Cause::Handover => "; its holders can take the chain back",
            Cause::Lost | Cause::Stolen | Cause::Algorithm | Cause::Planned => "",
        };
        lines.push(format!("  reserve     stays: {} of {} keys{care}", after.threshold, after.keys.len()));
        return;
    }
    lines.push(format!("  reserve     CHANGES: from now on {} of {} keys", after.threshold, after.keys.len()));
    for key in &after.keys {
        let word = if before.keys.contains(key) { "stays" } else { "NEW" };
        lines.push(format!("              {key}  {word}"));
    }
    for key in before.keys.iter().filter(|key| !after.keys.contains(key)) {
        lines.push(format!("              {key}  has no say any more"));
    }
}

fn describe_signatures(draft: &CheckedDraft<'_>, lines: &mut Vec<String>) {
    let signers = draft.signers();
    lines.push(format!("  signatures  {} of {}", signers.len(), draft.reserve().threshold));
    lines.extend(signers.iter().map(|key| format!("              {key}  has signed")));
}

/// "1 of 2 signatures; still needed: any one of …"
pub(super) fn missing(draft: &CheckedDraft<'_>) -> Option<String> {
    let keys: Vec<_> = draft.others().iter().map(|key| format!("\n  {key}")).collect();
    let (missing, threshold) = (draft.missing(), draft.reserve().threshold);
    let found = draft.signers().len();
    let which = match missing {
        _ if missing == keys.len() => "each of".to_owned(),
        1 => "any one of".to_owned(),
        _ => format!("any {missing} of"),
    };
    (missing > 0).then(|| format!("{found} of {threshold} signatures; still needed: {which}{}", keys.concat()))
}

/// The commands that say again what falls with the statements that become void.
pub(super) fn repeats(lapsed: &[Lapsed<'_>]) -> Vec<String> {
    let version = |link: Link<'_>| {
        let release = link.statement().release();
        shell_word(&release.map(|release| release.version.to_string()).unwrap_or_default())
    };
    let command = |lapsed: &Lapsed<'_>| {
        let yank = lapsed.by.statement().yank();
        let (severity, reason) = match (lapsed.severity, yank) {
            (Some(severity), Some(yank)) => (severity.as_str(), yank.reason.as_str()),
            (Some(_) | None, _) => ("refuse", "released by mistake"),
        };
        let mut command =
            format!("sigpkg yank {} --severity {severity} --reason {}", version(lapsed.release), shell_word(reason));
        if let Some(advisory) = yank.and_then(|yank| yank.advisory.as_ref()) {
            command = format!("{command} --advisory {}", shell_word(advisory));
        }
        command
    };
    lapsed.iter().map(command).collect()
}

/// What a statement is, in a few words.
pub(super) fn summary(link: Link<'_>) -> String {
    let statement = link.statement();
    let what = match statement.release() {
        Some(release) => format!("{} v{}", statement.kind(), release.version),
        None => statement.kind().to_string(),
    };
    format!("{what} of {}", statement.date)
}

/// What a cause means for those who follow it.
fn meaning(cause: Cause) -> &'static str {
    match cause {
        Cause::Lost => "the keys are lost, and new ones sign from now on",
        Cause::Stolen => "somebody has the keys; what does not descend from this is void",
        Cause::Algorithm => "Ed25519 no longer holds; the new keys are of another algorithm",
        Cause::Handover => "somebody else signs from now on",
        Cause::Planned => "keys are replaced in good order",
    }
}

/// The name that a draft has unless told otherwise.
pub(super) fn file_name(statement: &Statement) -> String {
    format!("{}-reserve-{}.draft", statement.package.name(), statement.seq)
}

/// A draft for scripts.
pub(super) fn draft_json(action: &str, draft: &CheckedDraft<'_>, file: Option<&Path>) -> Result<Value, Failure> {
    let (statement, change, parent) = (draft.statement(), draft.change(), draft.parent());
    let effects = draft.effects().map_err(maintainer::failure)?;
    let keys = |keys: &[ReserveKey]| keys.iter().map(ToString::to_string).collect::<Vec<_>>();
    let digests = |links: &[Link<'_>]| -> Vec<Value> {
        let one = |link: &Link<'_>| json!({ "seq": link.seq().get(), "digest": link.digest().to_string() });
        links.iter().map(one).collect()
    };
    Ok(json!({
        "schema": "sigpkg.reserve-draft/1",
        "action": action,
        "signatory": draft.chain().id().to_string(),
        "package": statement::package_json(&statement.package),
        "seq": statement.seq.get(),
        "digest": draft.digest().to_string(),
        "parent": { "seq": parent.seq().get(), "digest": parent.digest().to_string() },
        "cause": change.cause.as_str(),
        "reason": change.reason,
        "threshold": change.reserve.threshold,
        "keys": keys(&change.reserve.keys),
        "signatures": keys(&draft.signers()),
        "missing": draft.missing(),
        "could-sign": keys(&draft.others()),
        "void": digests(&effects.void),
        "rivals": digests(&effects.rivals),
        "repeat": repeats(&effects.lapsed),
        "file": file.map(|file| file.display().to_string()),
    }))
}
