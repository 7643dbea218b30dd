//! Statements, forks and changes in words, for people and for scripts.

use serde_json::{Value, json};
use sigpkg::chain::{Contest, Link, ReservePolicy, Yanked};
use sigpkg::statement::{BeatState, Body};
use sigpkg::text::printable;
use sigpkg::trust::{Change, Trusted, Update};

use super::newest;
use crate::cli::output::CARE;

/// How many statements of one sort people are shown; `--json` has them all. Whoever has one key can make as many rivals of
/// one statement as he likes.
const SHOWN: usize = 20;

/// The lines of each of several things, or of the first of them, and how many more there are.
pub(super) fn first_of<T>(all: impl IntoIterator<Item = T>, lines_of: impl Fn(T) -> Vec<String>) -> Vec<String> {
    let mut all = all.into_iter();
    let mut lines: Vec<_> = all.by_ref().take(SHOWN).flat_map(lines_of).collect();
    match all.count() {
        0 => {}
        more => lines.push(format!("  and {more} more; --json has them all")),
    }
    lines
}

/// `release v1.2.0 (statement 4, 2026-01-01)`
pub(super) fn named(link: Link<'_>) -> String {
    format!("{} (statement {}, {})", what(link), link.seq(), link.statement().date.date())
}

/// What a statement is.
fn what(link: Link<'_>) -> String {
    match &link.statement().body {
        Body::Genesis(_) => "genesis".to_owned(),
        Body::Release(release, _) => format!("release v{}", release.version),
        Body::Yank(yank, _) => format!("yank with severity {}", yank.severity.as_str()),
        Body::Beat(beat, _) => match beat.state {
            BeatState::Here => "beat".to_owned(),
            BeatState::Final => "last beat".to_owned(),
        },
        Body::Reserve(change, _) => format!("reserve statement with cause {}", change.cause.as_str()),
    }
}

/// Name, reason and digest of a reserve statement, on lines of their own.
pub(super) fn reserve_lines(link: Link<'_>) -> Vec<String> {
    let reason = link.statement().reserve_change().map(|change| printable(&change.reason)).unwrap_or_default();
    vec![format!("  {}", named(link)), format!("    reason: {reason}"), format!("    {}", link.digest())]
}

/// A reserve statement that waits, and how to follow it.
pub(super) fn waiting_lines(link: Link<'_>, policy: ReservePolicy) -> Vec<String> {
    let mut lines = vec![match policy {
        ReservePolicy::Prompt | ReservePolicy::Accept => {
            format!("{CARE}waiting{CARE:#}: the reserve has spoken; nothing after it is believed without your word:")
        }
        ReservePolicy::Refuse => {
            format!("{CARE}not followed{CARE:#}: the reserve has spoken, and your policy is to stay before it:")
        }
    }];
    lines.extend(reserve_lines(link));
    lines.push(format!(
        "    ask the maintainer at a place that you know; to follow it: sigpkg trust accept {}",
        link.digest()
    ));
    lines
}

/// The children of a contested fork.
pub(super) fn contest_lines(contest: &Contest<'_>) -> Vec<String> {
    let mut lines = vec![format!(
        "{CARE}contested{CARE:#}: {} statements follow statement {}, and nothing decides between them yet:",
        contest.children.len(),
        contest.parent.seq()
    )];
    lines.extend(first_of(&contest.children, |child| {
        vec![format!("  {}", named(*child)), format!("    {}", child.digest())]
    }));
    lines
}

/// How a contested fork is settled, and how to prove it.
pub(super) fn settle_lines(trusted: &Trusted) -> Vec<String> {
    let settle = "    keep what is installed; the maintainer's next statement settles it, or your word: sigpkg trust accept DIGEST";
    let proof = has_fork(trusted).then(|| proof_line(trusted));
    [Some(settle.to_owned()), proof].into_iter().flatten().collect()
}

/// A branch that lost to nothing but an acceptance.
pub(super) fn rival_lines(first: Link<'_>) -> Vec<String> {
    let named = named(first);
    vec![
        format!("{CARE}rival{CARE:#}: {named}, which lost to your acceptance alone; ask the maintainer which is right"),
        format!("    {}", first.digest()),
    ]
}

pub(super) fn has_fork(trusted: &Trusted) -> bool {
    trusted.chain().forks().next().is_some()
}

/// How to get the proof of the forks.
pub(super) fn proof_line(trusted: &Trusted) -> String {
    format!("    the proof, for anyone who has the id: sigpkg trust show {} --proof FILE", trusted.id())
}

/// `v1.1.0 (statement 3) is yanked …`, with the reason and what to use instead.
pub(super) fn yank_lines(release: Link<'_>, yanked: &Yanked<'_>) -> Vec<String> {
    let Yanked { by, yank, severity } = yanked;
    let mut lines = vec![format!(
        "{CARE}yanked{CARE:#} with severity {}: {}, by statement {}",
        severity.as_str(),
        named(release),
        by.seq()
    )];
    lines.push(format!("    reason: {}", printable(&yank.reason)));
    lines.extend(yank.advisory.as_ref().map(|advisory| format!("    advisory: {}", printable(advisory))));
    if let Some(replacement) = yank.replacement.and_then(|seq| by.path().find(|link| link.seq() == seq)) {
        lines.push(format!("    use instead: {}", named(replacement)));
    }
    lines
}

/// What changed for the user: the count of statements, the head, and everything else.
pub(super) fn update_lines(update: &Update) -> Vec<String> {
    let (change, trusted) = (update.change(), &update.after);
    let (new, head) = (change.new.len(), change.head_after.seq());
    let moved = if change.moves_head() { "the head is now" } else { "the head is" };
    let statements = if new == 1 { "1 new statement" } else { &format!("{new} new statements") };
    let package = trusted.package();
    let mut lines = vec![format!("{package}: {statements}; {moved} statement {head}, newest {}", newest(trusted))];
    lines.extend(change_lines(&change, trusted).into_iter().map(|line| format!("  {line}")));
    // Kept by an earlier verification, it is no change; and whoever asks for news wants to hear of it.
    let belief = trusted.belief();
    let still = [
        ("waiting", belief.waiting().is_some() && change.waiting.is_none()),
        ("contested", belief.contest().is_some() && change.contest.is_none()),
    ];
    let still = still.into_iter().filter(|(_, is_so)| *is_so);
    lines.extend(still.map(|(word, _)| format!("  still {word}: see sigpkg trust show {}", trusted.id())));
    lines
}

/// What changed for the user, without the count of statements and the head.
pub(super) fn change_lines(change: &Change<'_>, after: &Trusted) -> Vec<String> {
    let mut lines = first_of(&change.voided, |release| {
        let named = named(*release);
        vec![format!("{CARE}void{CARE:#}: {named} stood before and is void; you may have installed it")]
    });
    lines.extend(first_of(&change.doubted, |(release, state)| {
        let named = named(*release);
        vec![format!("{CARE}{}{CARE:#}: {named} stood before; keep it if it is installed", state.as_str())]
    }));
    lines.extend(first_of(&change.restored, |release| vec![format!("stands now: {}", named(*release))]));
    lines.extend(first_of(&change.yanked, |(release, yanked)| yank_lines(*release, yanked)));
    lines.extend(first_of(&change.fallen_yanks, |yank| {
        vec![format!("{CARE}yank fallen{CARE:#}: {} counts no longer", named(*yank))]
    }));
    lines.extend(change.waiting.into_iter().flat_map(|link| waiting_lines(link, after.decisions().reserve)));
    if let Some(contest) = &change.contest {
        lines.extend(contest_lines(contest).into_iter().chain(settle_lines(after)));
    }
    lines.extend(first_of(&change.rivals, |rival| rival_lines(*rival)));
    if !change.rivals.is_empty() && has_fork(after) {
        lines.push(proof_line(after));
    }
    lines
}

/// A statement for scripts.
pub(super) fn link_json(link: Link<'_>) -> Value {
    let statement = link.statement();
    let reserve = statement.reserve_change();
    json!({
        "seq": link.seq().get(),
        "digest": link.digest().to_string(),
        "kind": statement.kind().as_str(),
        "date": statement.date.to_string(),
        "version": statement.release().map(|release| release.version.to_string()),
        "cause": reserve.map(|change| change.cause.as_str()),
        "reason": reserve.map(|change| change.reason.clone()),
    })
}

pub(super) fn links_json<'a>(links: impl IntoIterator<Item = Link<'a>>) -> Vec<Value> {
    links.into_iter().map(link_json).collect()
}

pub(super) fn contest_json(contest: &Contest<'_>) -> Value {
    json!({ "parent": link_json(contest.parent), "children": links_json(contest.children.iter().copied()) })
}

pub(super) fn yank_json(release: Link<'_>, yanked: &Yanked<'_>) -> Value {
    let Yanked { by, yank, severity } = yanked;
    json!({
        "release": link_json(release),
        "by": link_json(*by),
        "severity": severity.as_str(),
        "reason": yank.reason,
        "advisory": yank.advisory,
        "replacement": yank.replacement.map(sigpkg::statement::Seq::get),
    })
}

pub(super) fn change_json(change: &Change<'_>) -> Value {
    json!({
        "new-statements": change.new.len(),
        "head-before": change.head_before.digest().to_string(),
        "head-after": change.head_after.digest().to_string(),
        "voided": links_json(change.voided.iter().copied()),
        "doubted": change.doubted.iter().map(|(release, state)| {
            json!({ "release": link_json(*release), "state": state.as_str() })
        }).collect::<Vec<_>>(),
        "restored": links_json(change.restored.iter().copied()),
        "yanked": change.yanked.iter().map(|(release, yanked)| yank_json(*release, yanked)).collect::<Vec<_>>(),
        "fallen-yanks": links_json(change.fallen_yanks.iter().copied()),
        "waiting": change.waiting.map(link_json),
        "contest": change.contest.as_ref().map(contest_json),
        "rivals": links_json(change.rivals.iter().copied()),
    })
}
