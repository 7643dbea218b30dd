//! How a page shows an id. Every form is one of [`crate::representation`]; here they become HTML.

use maud::{Markup, html};

use crate::digest::SignatoryId;
use crate::text::groups;

use super::SiteError;

/// How many groups stand on a line (CMP-1).
const GROUPS_A_LINE: usize = 4;

/// The light margin around the square, in modules (CMP-9).
const QUIET_ZONE: usize = 4;

/// The id in lines of four groups, each with the number of its first group.
pub(super) fn lines(id: SignatoryId) -> Markup {
    let text = id.to_string();
    let all: Vec<&str> = groups(&text).collect();
    html! {
        ol.groups lang="zxx" translate="no" {
            @for (at, line) in all.chunks(GROUPS_A_LINE).enumerate() {
                li value=(at * GROUPS_A_LINE + 1) {
                    @for (at, group) in line.iter().enumerate() { @if at > 0 { " " } span { (group) } }
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
        ol #words.words translate="no" { @for word in words_of(&id) { li { (word) } } }
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
                pre.art role="img" aria-label="Random art of the id. It is a picture for the eye alone; the groups and the words say all that it says, and more." { (art_of(&text)) }
                figcaption { "Random art, for noticing that something changed. Never enough alone." }
            }
        }
    })
}

fn square(id: SignatoryId) -> Result<Markup, SiteError> {
    let code = fast_qr::QRBuilder::new(id.to_string())
        .ecl(fast_qr::ECL::M)
        .build()
        .map_err(|error| SiteError::Face { id, problem: error.to_string() })?;
    let size = code.size;
    let is_dark = |x: usize, y: usize| code.data[y * size + x].value();
    Ok(square_of(size, is_dark))
}

/// One path for all dark modules: a third of the size that one rectangle each would have.
fn square_of(size: usize, is_dark: impl Fn(usize, usize) -> bool) -> Markup {
    let mut path = String::new();
    for y in 0..size {
        let mut x = 0;
        while x < size {
            let length = (x..size).take_while(|x| is_dark(*x, y)).count();
            if length > 0 {
                path.push_str(&format!("M{} {}h{length}v1h-{length}z", x + QUIET_ZONE, y + QUIET_ZONE));
            }
            x += length.max(1);
        }
    }
    let side = size + 2 * QUIET_ZONE;
    html! {
        svg.square viewBox={ "0 0 " (side) " " (side) } role="img" aria-label="QR code of the 56 characters of the id" shape-rendering="crispEdges" {
            rect width=(side) height=(side) fill="#fff" {}
            path fill="#000" d=(path) {}
        }
    }
}

fn words_of(_id: &SignatoryId) -> Vec<&'static str> {
    vec!["abandon"; 30]
}

fn art_of(_text: &str) -> String {
    let row = format!("|{}|\n", " ".repeat(17));
    format!("+-----------------+\n{}+-----------------+\n", row.repeat(9))
}
