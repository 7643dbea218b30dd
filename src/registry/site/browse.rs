//! All packages by their first letter, for whoever has no script, and no name to search for.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::frame::{Place, page};
use super::signatory::titled;
use super::{Entry, Pages, Settings, SiteError, put};

/// How many packages stand on a page: a few screens of a phone.
const PAGE: usize = 200;

/// A letter, or what begins with none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Letter(Option<char>);

impl Letter {
    fn of(entry: &Entry) -> Self {
        Self(
            entry
                .package
                .name()
                .as_str()
                .chars()
                .next()
                .map(|first| first.to_ascii_lowercase())
                .filter(char::is_ascii_lowercase),
        )
    }

    fn shown(self) -> String {
        self.0.map_or_else(|| "Other".to_owned(), |letter| letter.to_ascii_uppercase().to_string())
    }

    fn file(self, number: usize) -> String {
        self.0.map_or_else(|| format!("other-{number}.html"), |letter| format!("{letter}-{number}.html"))
    }
}

pub(super) fn write(entries: &[Entry], settings: &Settings<'_>, pages: &dyn Pages) -> Result<(), SiteError> {
    let letters = letters(entries);
    let content = html! {
        h1 { "Browse" }
        p { (count(entries.len())) "." }
        (by_letter(&letters, ""))
    };
    put(pages, "browse/index.html", &page(settings, Place::Below, "Browse", "Skip to the letters", &content))?;
    for (letter, of_letter) in &letters {
        let parts = of_letter.len().div_ceil(PAGE);
        for (at, part) in of_letter.chunks(PAGE).enumerate() {
            let number = at + 1;
            let content = html! {
                h1 { "Packages: " (letter.shown()) }
                @if parts > 1 { p.soft { "Page " (number) " of " (parts) } }
                (list(part))
                (turn(*letter, number, parts))
                (by_letter(&letters, ""))
            };
            let title = format!("Browse {} {number}", letter.shown());
            let bytes = page(settings, Place::Below, &title, "Skip to the packages", &content);
            put(pages, &format!("browse/{}", letter.file(number)), &bytes)?;
        }
    }
    Ok(())
}

/// The way in from another page. `folder` leads to `browse/`.
pub(super) fn index(entries: &[Entry], folder: &str) -> Markup {
    by_letter(&letters(entries), folder)
}

fn letters(entries: &[Entry]) -> BTreeMap<Letter, Vec<&Entry>> {
    let mut letters: BTreeMap<Letter, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        letters.entry(Letter::of(entry)).or_default().push(entry);
    }
    for of_letter in letters.values_mut() {
        of_letter.sort_by_cached_key(|entry| {
            let name = entry.package.name().as_str();
            (name.to_ascii_lowercase(), name.to_owned(), entry.package.uuid(), entry.id)
        });
    }
    letters
}

fn by_letter(letters: &BTreeMap<Letter, Vec<&Entry>>, folder: &str) -> Markup {
    html! {
        nav aria-label="Packages by letter" {
            ul.letters {
                @for (letter, of_letter) in letters {
                    li {
                        a href={ (folder) (letter.file(1)) } aria-label={ (letter.shown()) ", " (count(of_letter.len())) } {
                            (letter.shown()) " " span.soft { (of_letter.len()) }
                        }
                    }
                }
            }
        }
    }
}

fn list(entries: &[&Entry]) -> Markup {
    html! {
        ul.packages {
            @for entry in entries {
                li {
                    a href={ "../s/" (entry.id) ".html" } { (titled(&entry.package)) }
                    @if let Some(version) = &entry.newest { " " span.soft { (version) } }
                }
            }
        }
    }
}

fn turn(letter: Letter, number: usize, parts: usize) -> Markup {
    html! {
        @if parts > 1 {
            nav.turn aria-label="Pages of this letter" {
                @if number > 1 { a rel="prev" href=(letter.file(number - 1)) { "Back" } }
                span { "Page " (number) " of " (parts) }
                @if number < parts { a rel="next" href=(letter.file(number + 1)) { "Further" } }
            }
        }
    }
}

/// How many, in words.
pub(super) fn count(signatories: usize) -> String {
    if signatories == 1 { "1 signatory".to_owned() } else { format!("{signatories} signatories") }
}
