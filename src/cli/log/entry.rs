//! One statement in words: a line that names it, and lines of what it means.

use std::collections::HashMap;

use sigpkg::chain::{Belief, Link, State};
use sigpkg::digest::Digest;
use sigpkg::statement::{BeatState, Body, Cause, LookAhead, ReserveChange, ReserveSet, Seq, Yank};
use sigpkg::text::printable;

use crate::cli::output::{BAD, CARE};
use crate::cli::span::{change, thousands};

/// What the words about a statement are taken from, for a whole chain.
pub(super) struct Entries<'belief, 'chain> {
    belief: &'belief Belief<'chain>,
    /// By seq, from the genesis: the standing line has no gaps.
    line: Vec<Link<'chain>>,
    /// The last release before each statement, on its path.
    before: HashMap<Digest, Link<'chain>>,
    /// By whom a release of the standing line is made once more.
    again: HashMap<Seq, Seq>,
}

pub(super) fn state(belief: &Belief<'_>, link: Link<'_>) -> State {
    belief.state(link).unwrap_or(State::Void)
}

/// The mark of a statement in the drawing. The word beside it says the same.
pub(super) fn mark(state: State) -> char {
    match state {
        State::Standing => '*',
        State::Waiting => 'o',
        State::Distrusted => '!',
        State::Contested => '?',
        State::Void => 'x',
    }
}

impl<'belief, 'chain> Entries<'belief, 'chain> {
    pub(super) fn of(belief: &'belief Belief<'chain>) -> Self {
        let line: Vec<_> = belief.line().collect();
        let mut before: HashMap<Digest, Link<'chain>> = HashMap::new();
        // Parents come first.
        for link in belief.chain().links() {
            let Some(parent) = link.parent() else { continue };
            let earlier = if parent.statement().release().is_some() {
                Some(parent)
            } else {
                before.get(&parent.digest()).copied()
            };
            before.extend(earlier.map(|earlier| (link.digest(), earlier)));
        }
        let again = line.iter().filter_map(|link| Some((link.statement().release()?.withdraws?, link.seq()))).collect();
        Self { belief, line, before, again }
    }

    /// `    42  2026-11-20  release v1.4.1  yanked (warn) by statement 43`, with words in colour.
    pub(super) fn heading(&self, link: Link<'_>) -> String {
        let mut words = vec![format!("{}  {}", link.statement().date.date(), printable(&what(link)))];
        match state(self.belief, link) {
            State::Standing => {}
            other @ (State::Waiting | State::Distrusted | State::Contested) => {
                words.push(format!("{CARE}{}{CARE:#}", other.as_str()));
            }
            State::Void => words.push(format!("{BAD}void{BAD:#}")),
        }
        if self.belief.is_withdrawn(link) {
            words.push(format!("{CARE}withdrawn{CARE:#}"));
        }
        if let Some(yanked) = self.belief.yank(link) {
            let (severity, by) = (yanked.severity.as_str(), yanked.by.seq());
            words.push(format!("{CARE}yanked{CARE:#} ({severity}) by statement {by}"));
        }
        if self.belief.head() == link {
            words.push("head".to_owned());
        }
        words.join("  ")
    }

    /// What the statement means. Text of the signatory is made printable.
    pub(super) fn details(&self, link: Link<'_>) -> Vec<String> {
        let statement = link.statement();
        let mut lines = match &statement.body {
            Body::Genesis(genesis) => {
                let mut lines = vec!["the chain begins".to_owned()];
                lines.extend(reserve_lines("reserve", &genesis.reserve));
                lines
            }
            Body::Release(..) => self.release(link),
            Body::Yank(yank, _) => self.yank(link, yank),
            Body::Beat(beat, _) => {
                let mut lines = Vec::new();
                if beat.state == BeatState::Final {
                    lines.push("farewell: no further release is planned".to_owned());
                }
                lines.extend(beat.successor.map(|id| format!("goes on as another chain: {id}")));
                lines
            }
            Body::Reserve(change, look_ahead) => reserve(link, change, look_ahead),
        };
        lines.extend(statement.next_by.map(|day| format!("another statement is promised by {day}")));
        lines
    }

    fn release(&self, link: Link<'_>) -> Vec<String> {
        let Some(release) = link.statement().release() else { return Vec::new() };
        let files =
            if release.count == 1 { "1 file".to_owned() } else { format!("{} files", thousands(release.count)) };
        let since = self.before.get(&link.digest()).and_then(|link| link.statement().release()).map(|earlier| {
            format!(
                " ({} files and {} bytes since v{})",
                change(earlier.count, release.count),
                change(earlier.bytes, release.bytes),
                earlier.version
            )
        });
        let mut lines = vec![format!("{files}, {} bytes{}", thousands(release.bytes), since.unwrap_or_default())];
        lines.extend(release.withdraws.map(|seq| format!("replaces statement {seq}, which was made by mistake")));
        if release.upstream.is_some() {
            lines.push("adopts somebody else's tree".to_owned());
        }
        if self.belief.is_withdrawn(link)
            && let Some(by) = self.again.get(&link.seq())
        {
            lines.push(format!("made by mistake; made once more as statement {by}"));
        }
        if let Some(yanked) = self.belief.yank(link) {
            lines.extend(self.consequences(link, yanked.yank));
        }
        lines
    }

    fn yank(&self, link: Link<'_>, yank: &Yank) -> Vec<String> {
        let named = |seq: &Seq| self.version(link, *seq).map(|version| format!("{version} (statement {seq})"));
        let named: Vec<_> = yank.releases.iter().filter_map(named).collect();
        let mut lines = Vec::new();
        if !named.is_empty() {
            lines.push(format!("yanks {}", named.join(", ")));
        }
        lines.extend(self.consequences(link, yank).into_iter().skip(1));
        lines
    }

    /// Why, and what to do instead.
    fn consequences(&self, link: Link<'_>, yank: &Yank) -> Vec<String> {
        let mut lines = vec![format!("because: \"{}\"", printable(&yank.reason))];
        lines.extend(yank.advisory.as_ref().map(|advisory| format!("advisory: {}", printable(advisory))));
        lines.extend(yank.replacement.map(|seq| match self.version(link, seq) {
            Some(version) => format!("use instead: {version} (statement {seq})"),
            None => format!("use instead: statement {seq}"),
        }));
        lines
    }

    /// The version of a release on the standing line, `v1.2.0`, for what is said there.
    fn version(&self, from: Link<'_>, seq: Seq) -> Option<String> {
        if state(self.belief, from) != State::Standing {
            return None;
        }
        let index = usize::try_from(seq.get()).ok()?.checked_sub(1)?;
        let release = self.line.get(index)?.statement().release()?;
        Some(format!("v{}", release.version))
    }
}

/// What a statement says, on one line. The words of the signatory are between quotation marks.
fn what(link: Link<'_>) -> String {
    let statement = link.statement();
    let kind = statement.kind();
    match &statement.body {
        Body::Genesis(_) => kind.to_string(),
        Body::Release(release, _) => format!("{kind} v{}", release.version),
        Body::Yank(yank, _) => {
            let releases: Vec<_> = yank.releases.iter().map(ToString::to_string).collect();
            let of = if releases.len() == 1 { "statement" } else { "statements" };
            format!("{kind} of {of} {} ({}): \"{}\"", releases.join(", "), yank.severity.as_str(), yank.reason)
        }
        Body::Beat(beat, _) => {
            let is_final = if beat.state == BeatState::Final { ", final" } else { "" };
            let successor = beat.successor.map(|id| format!(", successor {id}")).unwrap_or_default();
            format!("{kind}{is_final}{successor}")
        }
        Body::Reserve(change, _) => format!("{kind}, cause {}: \"{}\"", change.cause.as_str(), change.reason),
    }
}

/// A reserve statement is the event that people look for: what happened, and who signs from now on, whole.
fn reserve(link: Link<'_>, change: &ReserveChange, look_ahead: &LookAhead) -> Vec<String> {
    let what = match change.cause {
        Cause::Lost => "EMERGENCY: the keys were lost; new ones sign from now on",
        Cause::Stolen => "EMERGENCY: somebody else had the keys; nothing counts that does not descend from this",
        Cause::Algorithm => "EMERGENCY: Ed25519 no longer holds; keys of another algorithm sign from now on",
        Cause::Handover => "HAND-OVER: somebody else signs from now on",
        Cause::Planned => "keys are replaced in good order",
    };
    let mut lines = vec![what.to_owned()];
    let (next, after_next) = (link.seq().get() + 1, link.seq().get() + 2);
    lines.push(format!("new key of statement {next}: {}", look_ahead.next));
    lines.push(format!("new key of statement {after_next}: {}", look_ahead.after_next));
    let before = link.parent().map(Link::reserve);
    if before == Some(&change.reserve) {
        lines.push(format!("the reserve stays: {}", quorum(&change.reserve)));
    } else {
        lines.extend(reserve_lines("new reserve", &change.reserve));
    }
    lines
}

fn reserve_lines(label: &str, reserve: &ReserveSet) -> Vec<String> {
    let mut lines = vec![format!("{label}: {}", quorum(reserve))];
    lines.extend(reserve.keys.iter().map(|key| format!("  {key}")));
    lines
}

fn quorum(reserve: &ReserveSet) -> String {
    let (threshold, count) = (reserve.threshold, reserve.keys.len());
    if count == 1 { "1 key".to_owned() } else { format!("any {threshold} of {count} keys") }
}
