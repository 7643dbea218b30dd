//! How a page shows an id. Every form is one of [`crate::representation`]; here they become HTML.

use std::fmt::Write as _;

use maud::{Markup, html};

use crate::digest::SignatoryId;
use crate::representation::art::Art;
use crate::representation::qr::{QUIET_ZONE, Qr};
use crate::representation::{lines as lines_of, words as word_list};
use crate::text::groups;

use super::SiteError;

/// The id in lines of four groups, each with the number of its first group.
pub(super) fn lines(id: SignatoryId) -> Markup {
    html! {
        ol.groups lang="zxx" translate="no" {
            @for (number, line) in lines_of(&id.to_string()) {
                li value=(number) {
                    @for (at, group) in line.split(' ').enumerate() { @if at > 0 { " " } span { (group) } }
                }
            }
        }
    }
}

/// Another id, group by group; each that differs from `id` has a mark, and the group of `id` below it (CMP-16).
pub(super) fn compared(id: SignatoryId, other: SignatoryId) -> Markup {
    let (id, other) = (id.to_string(), other.to_string());
    html! {
        ol.cells lang="zxx" translate="no" {
            @for (group, here) in groups(&other).zip(groups(&id)) {
                @if group == here {
                    li { span.group { (group) } " " span.sign { "=" } }
                } @else {
                    li.differs { span.group { (group) } " " span.sign { "≠" } " " span.here { (here) } }
                }
            }
        }
    }
}

/// The words, numbered.
pub(super) fn words(id: SignatoryId) -> Markup {
    html! {
        ol #words.words translate="no" { @for word in word_list::of_id(&id) { li { (word) } } }
    }
}

/// The square and the random art, side by side.
pub(super) fn pictures(id: SignatoryId) -> Result<Markup, SiteError> {
    let text = id.to_string();
    Ok(html! {
        div.pictures {
            figure {
                (square(id)?)
                figcaption { "The 56 characters for a camera. It holds no address: scan it, and compare the text." }
            }
            figure {
                pre.art role="img" aria-label="Random art of the id. It is a picture for the eye alone; the groups and the words say all that it says, and more." { (Art::of(&text)) }
                figcaption { "Random art, for noticing that something changed. Never enough alone." }
            }
        }
    })
}

fn square(id: SignatoryId) -> Result<Markup, SiteError> {
    let code = Qr::of(&id.to_string()).map_err(|error| SiteError::Face { id, problem: error.to_string() })?;
    // One path of whole runs: a fifth of the size that a piece for each module would have.
    let mut path = String::new();
    for row in 0..code.size() {
        let mut column = 0;
        while column < code.size() {
            let run = (column..code.size()).take_while(|column| code.is_dark(*column, row)).count();
            if run > 0 {
                // Writing to a string cannot fail.
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", column + QUIET_ZONE, row + QUIET_ZONE);
            }
            column += run.max(1);
        }
    }
    let side = code.size() + 2 * QUIET_ZONE;
    Ok(html! {
        svg.square viewBox={ "0 0 " (side) " " (side) } role="img" aria-label="QR code of the 56 characters of the id" shape-rendering="crispEdges" {
            rect width=(side) height=(side) fill="#fff" {}
            path fill="#000" d=(path) {}
        }
    })
}
