//! What every page has: head, way in, way round, and what is in `assets/`.

use maud::{DOCTYPE, Markup, html};

use super::{Pages, Settings, SiteError, put};

/// What a browser may do with a page: load what is in the same folder, and nothing else.
pub(super) const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'";

pub(super) const STYLE: &str = include_str!("assets/site.css");
pub(super) const SCRIPT: &str = include_str!("assets/site.js");

/// Where a page stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the folder of the site.
    Top,
    /// In a folder of it.
    Below,
}

impl Place {
    /// The way to the folder of the site: relative, so that it may lie below any address, and on a disk.
    pub(super) const fn root(self) -> &'static str {
        match self {
            Self::Top => "",
            Self::Below => "../",
        }
    }
}

/// A whole page. `skip` says in words what the first link leads to.
pub(super) fn page(settings: &Settings<'_>, place: Place, title: &str, skip: &str, content: &Markup) -> Vec<u8> {
    let root = place.root();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (title) " · " (settings.title) }
                link rel="stylesheet" href={ (root) "assets/site.css" };
                link rel="icon" type="image/svg+xml" href={ (root) "assets/icon.svg" };
                script src={ (root) "assets/site.js" } defer {}
            }
            body {
                a.skip href="#main" { (skip) }
                header.site {
                    a.name href={ (root) "index.html" } { (settings.title) }
                    nav aria-label="Site" {
                        a href={ (root) "index.html#search" } { "Search" }
                        a href={ (root) "browse/index.html" } { "Browse" }
                        a href={ (root) "about.html" } { "About" }
                    }
                }
                main #main tabindex="-1" { (content) }
                footer.site {
                    p {
                        "For people who compare. This page proves nothing by itself: "
                        a href={ (root) "about.html" } { "what it is for" } "."
                    }
                }
            }
        }
    };
    let mut bytes = page.into_string().into_bytes();
    bytes.push(b'\n');
    bytes
}

pub(super) fn write_assets(pages: &dyn Pages) -> Result<(), SiteError> {
    put(pages, "assets/site.css", STYLE.as_bytes())?;
    put(pages, "assets/site.js", SCRIPT.as_bytes())?;
    put(pages, "assets/icon.svg", include_bytes!("assets/icon.svg"))
}
