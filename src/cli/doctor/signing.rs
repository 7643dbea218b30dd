//! The maintainer's side: what would block the next release of the package in this folder, and what is at risk.

use sigpkg::chain::{Belief, Decided};
use sigpkg::keystore::{KeyStoreError, KeyStores, Mode, Store};
use sigpkg::publish::{self, AtHead, Note, Overview, Warning};
use sigpkg::repository::Workplace;
use sigpkg::statement::{Seq, Statement};
use sigpkg::text::printable;
use sigpkg::time::Timestamp;

use super::{Findings, Severity};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::statement::what;
use crate::cli::{hook, maintainer, span, whereabouts};

/// How many days before its end a promise is worth a word.
const SOON_DAYS: u32 = 30;
/// How many days of silence are worth a word: a month before users are told that the chain is stale (VER-23).
const SILENT_DAYS: i64 = 370;
/// By how much a date may be ahead of the clock here, in seconds: clocks differ, and an hour is a matter of time zones.
pub(super) const CLOCK_SECONDS: i64 = 60 * 60;

/// Everything about the package in this folder.
pub(super) fn examine(
    workplace: &Workplace,
    stores: &KeyStores,
    store: &Store,
    context: &Context,
    now: Timestamp,
    findings: &mut Findings,
) -> Result<(), Failure> {
    let (problems, notes) =
        publish::findings(workplace, store, &mut maintainer::tell(context)).map_err(maintainer::failure)?;
    for error in &problems {
        findings.add(Severity::Blocks, error.to_string(), maintainer::hint(error));
    }
    for note in notes.iter().filter(|note| **note != Note::NoPassphrase) {
        findings.add(Severity::Note, note.to_string(), note_hint(note));
    }
    let warning = publish::judge_head(workplace).map_err(maintainer::failure)?;
    if let Some(warning) = &warning {
        let severity = if matches!(warning, Warning::Overtaken { .. }) { Severity::Risk } else { Severity::Note };
        findings.add(severity, warning.to_string(), hook::hint(warning));
    }
    let belief = store.chain().belief(&Decided::stranger());
    let overview = publish::overview(workplace, Some(store)).map_err(maintainer::failure)?;
    if let (AtHead::Broken(problem), None) = (&overview.at_head, &warning) {
        findings.risk(
            format!("the .sigpkg at HEAD cannot be verified: {}", printable(problem)),
            "`sigpkg release` makes it anew from the key store",
        );
    }
    examine_keys(store, &belief, findings);
    examine_begun(store, findings);
    examine_reserve(store, &belief, findings);
    examine_place(stores, store, findings);
    examine_evidence(store, findings);
    examine_published(workplace, &belief, &overview, findings);
    examine_future(&belief, now, findings);
    Ok(())
}

/// Only whether the stores can be read, where there is no package to release.
pub(super) fn examine_stores(stores: &KeyStores, findings: &mut Findings) {
    let ids = match stores.ids() {
        Ok(ids) => ids,
        Err(error) => return findings.add(Severity::Blocks, error.to_string(), maintainer::store_hint(&error)),
    };
    for id in ids {
        match stores.open(id) {
            Ok(_) => {}
            Err(error @ KeyStoreError::Moved { .. }) => {
                findings.add(Severity::Note, error.to_string(), maintainer::store_hint(&error));
            }
            Err(error) => findings.add(Severity::Blocks, error.to_string(), maintainer::store_hint(&error)),
        }
    }
}

fn note_hint(note: &Note) -> Option<String> {
    Some(
        match note {
            Note::Shallow => "`git fetch --unshallow` brings it",
            Note::TooLarge { .. } => "`git ls-files` names the files; look at the large ones yourself",
            Note::CommitSigned => "`git config commit.gpgsign false` if that is not meant",
            Note::TakenIn { .. } => "`git log` of the branch that brought it shows who made it; if it was nobody with the seed, the seed is stolen",
            Note::NotAdopted => "`sigpkg adopt` makes one that says so",
            Note::NoPassphrase => return None,
        }
        .to_owned(),
    )
}

fn examine_keys(store: &Store, belief: &Belief<'_>, findings: &mut Findings) {
    let next = belief.head().seq().successor();
    for seq in [next, next.and_then(Seq::successor)].into_iter().flatten() {
        match store.has_key(seq) {
            Ok(true) => {}
            Ok(false) => findings.blocks(
                format!("the key of statement {seq} is not in {}", store.folder().display()),
                "find it, and never restore an old copy; if it is lost, `sigpkg reserve sign --cause lost --reason TEXT` names new ones",
            ),
            Err(error) => findings.add(Severity::Blocks, error.to_string(), maintainer::store_hint(&error)),
        }
    }
    if !store.is_encrypted() {
        findings.risk(
            "the keys are not protected by a passphrase: whoever can read the files can sign",
            "`sigpkg key passphrase` sets one",
        );
    }
    if store.settings().mode == Mode::Seeded {
        findings.risk(
            "all keys come from one seed: whoever steals it can sign until the reserve acts",
            "keep few copies, and know where they are; `sigpkg reserve sign --cause planned --fresh --reason TEXT` goes over to keys that are erased after use",
        );
    }
}

fn examine_begun(store: &Store, findings: &mut Findings) {
    match store.journal() {
        Ok(None) => {}
        Ok(Some((journal, _))) => findings.blocks(
            match Statement::parse(journal.text.as_bytes()) {
                Ok(statement) => format!("{} was interrupted", what(&statement)),
                Err(error) => format!("a statement was interrupted, and its journal is damaged: {error}"),
            },
            "the command that was interrupted finishes it, with the same text; so does each of `sigpkg release` and `sigpkg beat`",
        ),
        Err(error) => findings.add(Severity::Blocks, error.to_string(), maintainer::store_hint(&error)),
    }
    match store.has_begun_reserve() {
        Ok(false) => {}
        Ok(true) => findings.blocks(
            "a reserve statement has begun, and waits for signatures",
            "`sigpkg reserve join DRAFT…` ends it, `sigpkg reserve drop` gives it up",
        ),
        Err(error) => findings.add(Severity::Blocks, error.to_string(), maintainer::store_hint(&error)),
    }
}

fn examine_reserve(store: &Store, belief: &Belief<'_>, findings: &mut Findings) {
    if belief.head().reserve().keys.len() == 1 {
        findings.risk(
            "the reserve is one key: if it is lost too, nobody can ever change who signs",
            "keep two copies of its file, in two places away from this machine; `sigpkg reserve sign --cause planned --reserve FILES --reason TEXT` gives it more holders",
        );
    }
    for path in whereabouts::reserve_files(store) {
        let path = path.display();
        findings.risk(
            format!("the reserve key is still on this machine, beside what it is the way back from: {path}"),
            format!("copy it to two places away from here, such as two sticks in two drawers; then `rm {path}`"),
        );
    }
}

/// Where the store is, and who else is there.
fn examine_place(stores: &KeyStores, store: &Store, findings: &mut Findings) {
    if let Some(mode) = whereabouts::open_to_others(stores.home()) {
        let home = stores.home().display();
        findings.risk(
            format!("others may write to the folder of the key stores {home}: mode {mode:04o}"),
            format!("`chmod go-w {home}`"),
        );
    }
    if let Some(folder) = whereabouts::copied_folder(store.folder()) {
        let why = match store.settings().mode {
            Mode::Fresh => "an old copy that comes back could sign a second text with a used key",
            Mode::Seeded => "every machine that it comes to has the seed",
        };
        findings.risk(
            format!("the keys are in {}, which a program may copy to other machines: {why}", folder.display()),
            "`sigpkg key move --to DIR` moves them; set SIGPKG_HOME to the folder above it",
        );
    }
    match stores.of_package(store.chain().package()) {
        Ok(all) if all.len() > 1 => findings.note(
            format!("there are {} chains of this package with keys here; this folder is of {}", all.len(), store.id()),
            "`sigpkg key list` shows them; `sigpkg key move --to DIR` moves one away",
        ),
        Ok(_) => {}
        Err(error) => findings.add(
            Severity::Note,
            format!("another key store cannot be read: {error}"),
            maintainer::store_hint(&error),
        ),
    }
}

fn examine_evidence(store: &Store, findings: &mut Findings) {
    let Some(foreign) = store.foreign() else { return };
    // What a reserve statement has made void since is in the chain of the store, and says so itself.
    let strangers = foreign.links().filter(|link| store.chain().find(link.digest()).is_none());
    let named: Vec<_> =
        strangers.map(|link| format!("{} {} ({})", link.statement().kind(), link.seq(), link.digest())).collect();
    if !named.is_empty() {
        findings.note(
            format!("somebody else has signed with your keys; kept as evidence and published: {}", named.join(", ")),
            "`sigpkg log --graph .` draws both; `sigpkg reserve sign --cause stolen --after SEQ --reason TEXT` if more keys may be gone",
        );
    }
}

/// Whether users can have what was signed, as far as this clone knows.
fn examine_published(workplace: &Workplace, belief: &Belief<'_>, overview: &Overview, findings: &mut Findings) {
    let head = belief.head();
    if overview.is_head_published == Some(false) {
        findings.note(
            format!(
                "{} is in no remote-tracking branch: as far as is known here, nobody has it",
                what(head.statement())
            ),
            "`git push`; if it was pushed from elsewhere, `git fetch` shows it",
        );
    }
    // What was adopted may be kept outside of the repository (KEEP-33).
    let newest = belief.newest_release().filter(|newest| newest.release().upstream.is_none());
    if let (Some(newest), None) = (newest, &overview.release) {
        findings.note(
            format!("no branch or tag here has the commit of v{} (statement {})", newest.version(), newest.seq()),
            "`git fetch --all --tags` may bring it; the statement is in the key store, and the next `sigpkg release` carries it",
        );
    }
    if !overview.folder_changes.is_empty() {
        findings.note(
            format!("changed since the commit, by hand or by a merge: {}", overview.folder_changes.join(", ")),
            "`git restore .sigpkg` takes the files of the commit; the next release makes them anew in any case",
        );
    }
    if overview.is_autocrlf {
        findings.note(
            "git turns the line ends of files that it checks out (core.autocrlf); what is signed is what is committed, so tools that look at the worktree may differ",
            "`git config core.autocrlf false`",
        );
    }
    if overview.has_remotes && workplace.has_hook().is_ok_and(|has_hook| !has_hook) {
        findings.note(
            "no hook looks at what leaves with a push: secret keys, and commits after a release",
            "`sigpkg hook install`",
        );
    }
}

/// What users are told about what is to come.
fn examine_future(belief: &Belief<'_>, now: Timestamp, findings: &mut Findings) {
    let head = belief.head();
    let date = head.statement().date;
    if date.unix_seconds() > now.unix_seconds() + CLOCK_SECONDS {
        findings.risk(
            format!("statement {} is dated {date}, which is later than the clock of this machine has it", head.seq()),
            "`date -u` shows its time; set the clock before you sign, for a date cannot be mended",
        );
    }
    let hint = "`sigpkg release`, or `sigpkg beat` if there is nothing to release";
    match belief.promise() {
        Some(promise) if promise < now.date() => findings.risk(
            format!("another statement was promised by {promise}, and none came: the chain is stale"),
            hint,
        ),
        Some(promise) if now.date().plus_days(SOON_DAYS).is_none_or(|soon| promise <= soon) => findings.risk(
            format!("another statement is promised by {promise}; after that day users are told that the chain is stale"),
            hint,
        ),
        Some(_) => {}
        None if belief.is_final() || span::days(date, now) < SILENT_DAYS => {}
        None => findings.note(
            format!(
                "the newest statement is {} old; users are told that the chain is stale when they have heard nothing for 400 days",
                span::in_words(span::days(date, now))
            ),
            hint,
        ),
    }
    if belief.is_final() {
        let successor = belief.successor().map(|id| format!("; users are pointed to {id}")).unwrap_or_default();
        findings.note(
            format!("no further release is planned, as you have said{successor}"),
            "`sigpkg beat` says that you are here again",
        );
    }
}
