//! The page of a signatory: the id in the middle, and around it what helps to compare it.

use maud::{Markup, html};

use crate::chain::{Belief, Chain, Link};
use crate::digest::SignatoryId;
use crate::package::{EcosystemName, Package};

use super::face;
use super::frame::{Place, page};
use super::history::{self, PAGE};
use super::neighbours::Neighbours;
use super::{Entry, Pages, Settings, SiteError, page_path, put, view};

/// Writes the page, and further ones if the history is long.
pub(super) fn write(
    chain: &Chain,
    is_whole: bool,
    neighbours: &Neighbours,
    settings: &Settings<'_>,
    pages: &dyn Pages,
) -> Result<(), SiteError> {
    let belief = view(chain);
    let statements = history::newest_first(&belief);
    let count = statements.len().div_ceil(PAGE).max(1);
    let name = chain.package().name().as_str();
    for (at, part) in statements.chunks(PAGE).enumerate() {
        let number = at + 1;
        let history = history::section(&belief, part, Part { id: chain.id(), number, count });
        if number == 1 {
            let content = content(&belief, is_whole, neighbours, settings, &history)?;
            let bytes = page(settings, Place::Below, &titled(chain.package()), "Skip to the id", &content);
            put(pages, &page_path(chain.id()), &bytes)?;
        } else {
            let content = html! {
                p.kicker { "History, part " (number) " of " (count) }
                h1 { (name) }
                p { a href={ (chain.id()) ".html" } { "The page of this signatory" } }
                (history)
            };
            let title = format!("{} · history {number}", titled(chain.package()));
            put(
                pages,
                &part_path(chain.id(), number),
                &page(settings, Place::Below, &title, "Skip to the history", &content),
            )?;
        }
    }
    Ok(())
}

/// Which part of a long history it is.
#[derive(Clone, Copy)]
pub(super) struct Part {
    pub(super) id: SignatoryId,
    pub(super) number: usize,
    pub(super) count: usize,
}

/// The file of a part of the history.
pub(super) fn part_path(id: SignatoryId, number: usize) -> String {
    if number == 1 { page_path(id) } else { format!("s/{id}.{number}.html") }
}

/// Name and the first characters of the UUID, as Julia prints packages.
pub(super) fn titled(package: &Package) -> String {
    match package.uuid() {
        Some(uuid) => format!("{} [{}]", package.name(), uuid.to_string().chars().take(8).collect::<String>()),
        None => package.name().to_string(),
    }
}

/// How the ecosystem calls itself.
fn ecosystem(package: &Package) -> &'static str {
    match package.ecosystem() {
        EcosystemName::Julia => "Julia",
        EcosystemName::Generic => "Generic",
    }
}

fn content(
    belief: &Belief<'_>,
    is_whole: bool,
    neighbours: &Neighbours,
    settings: &Settings<'_>,
    history: &Markup,
) -> Result<Markup, SiteError> {
    let chain = belief.chain();
    let (id, package) = (chain.id(), chain.package());
    Ok(html! {
        div.title {
            p.kicker { "Who signs" }
            h1 { (package.name()) }
            p.package {
                (ecosystem(package)) " package"
                @if let Some(uuid) = package.uuid() { ", UUID " code { (uuid) } }
            }
            @if let Some(release) = belief.newest_release() { p.package { "Newest release " (release.version()) } }
        }
        (warnings(belief, is_whole, neighbours))
        section.card.id aria-labelledby="id-title" {
            h2 #id-title { "Signatory id" }
            (face::lines(id))
            p.whole {
                span.label { "The same, whole:" } " "
                code #whole lang="zxx" translate="no" { (id) }
            }
        }
        (purpose())
        (compare_box())
        section aria-labelledby="words-title" {
            h2 #words-title { "In words" }
            p.soft { "Thirty words say all of the id. Easier to read out than characters, and a slip is noticed." }
            (face::words(id))
        }
        section aria-labelledby="pictures-title" {
            h2 #pictures-title { "In pictures" }
            (face::pictures(id)?)
        }
        @if settings.narrator.is_some() {
            section aria-labelledby="sound-title" {
                h2 #sound-title { "Read aloud" }
                p.soft { "Group by group in the spelling alphabet, capital or small, and then once more." }
                audio controls preload="none" src={ (id) ".wav" } {
                    a href={ (id) ".wav" } { "The recording" }
                }
            }
        }
        (others(id, neighbours))
        (keys(belief))
        (history)
    })
}

/// What a visitor must know before comparing.
fn warnings(belief: &Belief<'_>, is_whole: bool, neighbours: &Neighbours) -> Markup {
    html! {
        @if !neighbours.alike.is_empty() {
            div.notice.bad role="note" {
                p.sign { "Warning" }
                p {
                    strong { "An id in this directory looks like this one. " }
                    "That does not happen by chance. Compare every group, not the first and the last. "
                    a href="#alike" { "See them side by side" } "."
                }
            }
        }
        @if !neighbours.same_name.is_empty() {
            div.notice.bad role="note" {
                p.sign { "Warning" }
                p {
                    strong { "Others sign a package of this name. " }
                    "A name says nothing of who signs: only the id does. "
                    a href="#same-name" { "See them side by side" } "."
                }
            }
        }
        @if belief.contest().is_some() {
            div.notice.bad role="note" {
                p.sign { "Warning" }
                p {
                    strong { "This chain is contested. " }
                    "One key has signed two different statements, and nothing decides yet which of them counts. Ask the maintainer before you trust anything after statement "
                    (belief.head().seq()) "."
                }
            }
        }
        @if belief.is_final() {
            div.notice role="note" {
                p.sign { "Note" }
                p {
                    strong { "The signatory plans no further release. " }
                    @if let Some(successor) = belief.successor() {
                        "The package goes on under another name, as this signatory says, with the id "
                        code.key lang="zxx" translate="no" { (successor) } "."
                    }
                }
            }
        } @else if let Some(successor) = belief.successor() {
            div.notice role="note" {
                p.sign { "Note" }
                p {
                    strong { "The package goes on under another name, " } "as this signatory says, with the id "
                    code.key lang="zxx" translate="no" { (successor) } "."
                }
            }
        }
        @if !is_whole {
            div.notice role="note" {
                p.sign { "Note" }
                p {
                    strong { "There may be more than this. " }
                    "Not every registered tree of the package could be read when this page was made."
                }
            }
        }
    }
}

/// What the page is for. It stands where the id is, because that is where it is needed (REG-26).
fn purpose() -> Markup {
    html! {
        aside.purpose aria-label="What this page is for" {
            p {
                strong { "Compare, do not copy. " }
                "Hold this id against the one that the maintainer gave you by another way: on their own page, on paper, in a talk, on the telephone. "
                "Every group counts."
            }
            p {
                "If you have the id from this page alone, you have compared nothing: who controls the registry controls this page. "
                a href="../about.html" { "Why" } "."
            }
        }
    }
}

/// The script shows it; without one there is nothing to paste into.
fn compare_box() -> Markup {
    html! {
        section.card.compare aria-labelledby="compare-title" {
            h2 #compare-title { "Compare with the id that you were given" }
            noscript {
                p { "The box that compares needs JavaScript. Your eyes do not: read the lines above against yours, group by group." }
            }
            div #compare hidden {
                label for="given" { "Paste or type it here. Spaces, line breaks and the text around it do not matter." }
                textarea #given rows="3" spellcheck="false" autocomplete="off" autocapitalize="off" autocorrect="off" aria-describedby="verdict" {}
                p #verdict.verdict role="status" aria-live="polite" {}
                div #difference {}
            }
        }
    }
}

fn others(id: SignatoryId, neighbours: &Neighbours) -> Markup {
    html! {
        @if !neighbours.alike.is_empty() {
            section aria-labelledby="alike" {
                h2 #alike { "Ids that look like this one" }
                p { (mark()) }
                (beside(id, &neighbours.alike, neighbours.alike_left_out))
            }
        }
        @if !neighbours.same_name.is_empty() {
            section aria-labelledby="same-name" {
                h2 #same-name { "Others who sign a package of this name" }
                p {
                    "At most one of them is the one you were told of. This directory does not know which. "
                    (mark())
                }
                (beside(id, &neighbours.same_name, neighbours.same_name_left_out))
            }
        }
    }
}

fn mark() -> Markup {
    html! { "Each group of theirs that differs is marked " span.unequal { "≠" } ", with the group of this page below it." }
}

fn beside(id: SignatoryId, others: &[Entry], left_out: usize) -> Markup {
    html! {
        ul.others {
            @for other in others {
                li.card {
                    h3 { a href={ (other.id) ".html" } { (titled(&other.package)) } }
                    p.soft {
                        (ecosystem(&other.package)) " package"
                        @if let Some(uuid) = other.package.uuid() { ", UUID " code { (uuid) } }
                        @if let Some(version) = &other.newest { ", newest release " (version) }
                    }
                    (face::compared(id, other.id))
                }
            }
        }
        @if left_out > 0 {
            p { strong { "And " (left_out) " more." } " Search for the name to see all of them." }
        }
    }
}

/// The keys that count now.
fn keys(belief: &Belief<'_>) -> Markup {
    let head: Link<'_> = belief.head();
    let (ahead, reserve) = (head.statement().look_ahead(), head.reserve());
    html! {
        section aria-labelledby="keys-title" {
            h2 #keys-title { "Keys in force" }
            dl.keys {
                dt { "Signs the next statement (" (u64::from(head.seq().get()) + 1) ")" }
                dd { code.key lang="zxx" translate="no" { (ahead.next) } }
                dt { "Signs the one after it" }
                dd { code.key lang="zxx" translate="no" { (ahead.after_next) } }
                dt {
                    "Reserve: " (reserve.threshold) " of " (reserve.keys.len())
                    @if reserve.keys.len() == 1 { " key" } @else { " keys" } " must sign to change who may sign"
                }
                @for key in &reserve.keys {
                    dd { code.key lang="zxx" translate="no" { (key) } }
                }
            }
            @if let Some(promise) = belief.promise() {
                p { "The signatory has promised another statement by " time datetime=(promise) { (promise) } "." }
            }
        }
    }
}
