//! What the signatory has said, newest first. All words and dates in it are those of the signatory.

use std::cmp::Reverse;

use maud::{Markup, html};

use crate::chain::{Belief, Link, State};
use crate::statement::{BeatState, Body, Cause, Seq, Severity, Yank};

use super::signatory::{Part, part_path};

/// How many statements stand on one page: some 100 kB of it, and a long afternoon of reading.
pub(super) const PAGE: usize = 100;

/// A silence that is pointed out, in days: as long as the one after which a head is stale (VER-23).
const GAP: i64 = 400;

const SECONDS_A_DAY: i64 = 24 * 60 * 60;

/// All statements; of several with one number what stands comes first.
pub(super) fn newest_first<'chain>(belief: &Belief<'chain>) -> Vec<Link<'chain>> {
    let mut links: Vec<_> = belief.chain().links().collect();
    links.sort_by_cached_key(|link| (Reverse(link.seq()), belief.state(*link) != Some(State::Standing), link.digest()));
    links
}

/// One part of the history.
pub(super) fn section(belief: &Belief<'_>, links: &[Link<'_>], part: Part) -> Markup {
    let standing: Vec<_> = belief.line().collect();
    let total = belief.chain().len();
    html! {
        section aria-labelledby="history-title" {
            h2 #history-title { "History" }
            p.soft {
                (total) @if total == 1 { " statement" } @else { " statements" } ", newest first. "
                "Dates are claims: the signatory wrote them, and nobody has checked them."
            }
            ol.history {
                @for link in links { (statement(belief, &standing, *link)) }
            }
            (turn(part))
        }
    }
}

/// The way to the other parts.
fn turn(Part { id, number, count }: Part) -> Markup {
    // From one page of `s/` to another.
    let link = |number: usize| part_path(id, number).trim_start_matches("s/").to_owned();
    html! {
        @if count > 1 {
            nav.turn aria-label="Parts of the history" {
                @if number > 1 { a rel="prev" href=(link(number - 1)) { "Newer" } }
                span { "Part " (number) " of " (count) }
                @if number < count { a rel="next" href=(link(number + 1)) { "Older" } }
            }
        }
    }
}

fn statement(belief: &Belief<'_>, standing: &[Link<'_>], link: Link<'_>) -> Markup {
    let statement = link.statement();
    let state = belief.state(link).unwrap_or(State::Void);
    let is_on_line = state == State::Standing;
    html! {
        li.off[!is_on_line].void[state == State::Void] value=(link.seq()) {
            p.head {
                strong { (what(&statement.body)) }
                " " time datetime=(statement.date) { (statement.date.date()) }
                @if let Some(word) = state_in_words(state) { " " span.badge { (word) } }
                @if belief.is_withdrawn(link) { " " span.badge { "withdrawn: made by mistake" } }
                @if let Some(yanked) = belief.yank(link) {
                    " " span.badge.bad { "yanked: " (severity_in_words(yanked.severity)) } " by statement " (yanked.by.seq())
                }
            }
            (details(standing, is_on_line, &statement.body))
            @if let Some(gap) = gap(link) { p.gap { (gap) } }
        }
    }
}

fn what(body: &Body) -> Markup {
    html! {
        @match body {
            Body::Genesis(_) => "Beginning of the chain",
            Body::Release(release, _) => { "Release " (release.version) },
            Body::Yank(..) => "Yank",
            Body::Beat(beat, _) => @match beat.state {
                BeatState::Here => "Still here",
                BeatState::Final => "Farewell: no further release is planned",
            },
            Body::Reserve(change, _) => (cause_in_words(change.cause)),
        }
    }
}

fn details(standing: &[Link<'_>], is_on_line: bool, body: &Body) -> Markup {
    html! {
        @match body {
            Body::Genesis(genesis) => p {
                "It names the reserve: " (genesis.reserve.threshold) " of " (genesis.reserve.keys.len()) " must sign."
            },
            Body::Release(release, _) => {
                p.soft {
                    (release.count) @if release.count == 1 { " file, " } @else { " files, " }
                    (release.bytes) " bytes"
                    @if let Some(seq) = release.withdraws { "; withdraws statement " (seq) }
                }
            },
            Body::Yank(yank, _) => (yanked(standing, is_on_line, yank)),
            Body::Beat(beat, _) => {
                @if let Some(successor) = beat.successor {
                    p { "Goes on under another name, with the id " code.key lang="zxx" translate="no" { (successor) } }
                }
            },
            Body::Reserve(change, _) => {
                (words_of_the_signatory(&change.reason))
                p.soft {
                    "The reserve from here on: " (change.reserve.threshold) " of " (change.reserve.keys.len()) " must sign. "
                    "Nobody follows this without a decision of their own."
                }
            },
        }
    }
}

fn yanked(standing: &[Link<'_>], is_on_line: bool, yank: &Yank) -> Markup {
    // Of a statement on the standing line all ancestors are on it, too, and stand in the order of their numbers.
    let release = |seq: Seq| {
        let at = usize::try_from(seq.get()).ok().and_then(|seq| seq.checked_sub(1));
        let link = at.filter(|_| is_on_line).and_then(|at| standing.get(at)).filter(|link| link.seq() == seq);
        link.and_then(|link| link.statement().release())
    };
    let named = |seq: Seq| {
        html! {
            @match release(seq) {
                Some(release) => { (release.version) " (statement " (seq) ")" },
                None => { "statement " (seq) },
            }
        }
    };
    html! {
        p {
            span.badge.bad { (severity_in_words(yank.severity)) } " "
            @for (at, seq) in yank.releases.iter().enumerate() { @if at > 0 { ", " } (named(*seq)) }
        }
        (words_of_the_signatory(&yank.reason))
        @if let Some(advisory) = &yank.advisory { p { "Advisory: " bdi dir="auto" { (advisory) } } }
        @if let Some(seq) = yank.replacement { p { "Use instead: " (named(seq)) } }
    }
}

/// Free text, in a block of its own, so that it cannot pass for a word of this page. Its direction does not reach beyond it.
fn words_of_the_signatory(text: &str) -> Markup {
    html! {
        p.soft { "In the words of the signatory:" }
        blockquote { p dir="auto" { (text) } }
    }
}

/// What the dates of a statement and its parent say, if that is worth a word.
fn gap(link: Link<'_>) -> Option<String> {
    let parent = link.parent()?;
    let seconds = link.statement().date.unix_seconds() - parent.statement().date.unix_seconds();
    let days = seconds / SECONDS_A_DAY;
    if days > GAP {
        Some(format!("{days} days after the statement before it, by these dates"))
    } else if seconds < 0 {
        Some("dated before the statement that it follows".to_owned())
    } else {
        None
    }
}

fn state_in_words(state: State) -> Option<&'static str> {
    match state {
        State::Standing => None,
        State::Waiting => Some("waits for a decision"),
        State::Distrusted => Some("not counted"),
        State::Contested => Some("contested"),
        State::Void => Some("void: on a branch that lost"),
    }
}

fn severity_in_words(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "worth knowing (note)",
        Severity::Warn => "take care (warn)",
        Severity::Refuse => "do not use (refuse)",
    }
}

fn cause_in_words(cause: Cause) -> &'static str {
    match cause {
        Cause::Lost => "The reserve spoke: keys were lost",
        Cause::Stolen => "The reserve spoke: keys were stolen",
        Cause::Algorithm => "The reserve spoke: another algorithm",
        Cause::Handover => "Hand-over: somebody else signs from here on",
        Cause::Planned => "The reserve spoke: a planned change of keys",
    }
}
