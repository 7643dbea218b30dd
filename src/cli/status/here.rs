//! What is on this machine: keys, what has begun with them, and what is known of the reserve.

use serde_json::{Value, json};
use sigpkg::chain::Decided;
use sigpkg::keystore::{Mode, Store};
use sigpkg::release::reserve::ReserveDraft;
use sigpkg::statement::{ReserveSet, Statement};

use super::Sheet;
use crate::cli::whereabouts;

/// What has begun and not ended; says whether anything has.
pub(super) fn begun(sheet: &mut Sheet, store: &Store) -> bool {
    let journal = store.journal();
    let interrupted = journal.as_ref().is_ok_and(Option::is_some) || journal.is_err();
    if let Ok(Some((journal, _))) = &journal {
        sheet.interrupted(Statement::parse(journal.text.as_bytes()).ok().as_ref());
    } else if let Err(error) = &journal {
        sheet.line("begun", error.to_string());
    }
    sheet.add("interrupted", interrupted);
    let draft = match store.begun_reserve() {
        Ok(None) => {
            sheet.add("begun_reserve", Value::Null);
            return interrupted;
        }
        Ok(Some(begun)) => begun,
        Err(error) => {
            sheet.line("begun", error.to_string());
            return true;
        }
    };
    let read = ReserveDraft::parse(draft.draft.as_bytes()).and_then(|parsed| {
        let checked = parsed.check(&draft.chain)?;
        Ok((checked.statement().seq, checked.change().cause, checked.signers().len(), checked.reserve().threshold))
    });
    match read {
        Ok((seq, cause, signatures, threshold)) => {
            let cause = cause.as_str();
            sheet.line(
                "begun",
                format!("reserve statement {seq}, cause {cause}: {signatures} of {threshold} signatures are here"),
            );
            let begun = json!({ "seq": seq.get(), "cause": cause, "signatures": signatures, "threshold": threshold });
            sheet.add("begun_reserve", begun);
        }
        Err(error) => sheet.line("begun", format!("a reserve statement, whose draft is damaged: {error}")),
    }
    sheet.line("", "`sigpkg reserve join DRAFT` ends it; `sigpkg reserve drop` gives it up".to_owned());
    true
}

/// Where the keys are, and how they are kept.
pub(super) fn keys(sheet: &mut Sheet, store: &Store) {
    let settings = store.settings();
    let seqs: Vec<_> = store.key_seqs().unwrap_or_default().iter().map(|seq| seq.get()).collect();
    let which = match settings.mode {
        Mode::Seeded => "seeded: all keys come from one seed".to_owned(),
        Mode::Fresh if seqs.is_empty() => "fresh: no key waits".to_owned(),
        Mode::Fresh => {
            let seqs: Vec<_> = seqs.iter().map(ToString::to_string).collect();
            format!("fresh: those of the statements {} wait", seqs.join(", "))
        }
    };
    let passphrase = if store.is_encrypted() {
        format!("a passphrase protects them (kdf {})", settings.protection)
    } else {
        "no passphrase protects them: `sigpkg key passphrase` sets one".to_owned()
    };
    sheet.line("keys", which);
    sheet.line("", passphrase);
    sheet.line("", format!("in {}", store.folder().display()));
    sheet.add(
        "keys",
        json!({
            "mode": settings.mode.as_str(),
            "protection": settings.protection.as_str(),
            "seqs": seqs,
            "folder": store.folder().display().to_string(),
        }),
    );
}

/// The reserve, and where a key of it was put, as far as this machine has made it.
pub(super) fn reserve(sheet: &mut Sheet, store: &Store) {
    let belief = store.chain().belief(&Decided::stranger());
    let reserve = belief.head().reserve();
    sheet.line("reserve", quorum(reserve));
    for key in &reserve.keys {
        sheet.line("", key.to_string());
    }
    let place = store.settings().reserve_place.as_ref().map(|place| place.display().to_string());
    let here = whereabouts::reserve_files(store);
    if here.is_empty() {
        sheet.line(
            "",
            match &place {
                Some(place) => format!("made by init into {place}, and not there any more: as it should be"),
                None => "its secret halves are with their holders".to_owned(),
            },
        );
    }
    for path in &here {
        sheet.line("", format!("still on this machine: {}", path.display()));
    }
    let here: Vec<_> = here.iter().map(|path| path.display().to_string()).collect();
    let keys: Vec<_> = reserve.keys.iter().map(ToString::to_string).collect();
    sheet.add(
        "reserve",
        json!({ "threshold": reserve.threshold, "keys": keys, "made_into": place, "still_here": here }),
    );
}

/// `any 2 of 3 keys`
pub(super) fn quorum(reserve: &ReserveSet) -> String {
    let (threshold, count) = (reserve.threshold, reserve.keys.len());
    if count == 1 { "1 key".to_owned() } else { format!("any {threshold} of {count} keys") }
}
