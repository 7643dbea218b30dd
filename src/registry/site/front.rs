//! The way in, and the page that says what a directory is for.

use maud::{Markup, html};

use super::browse;
use super::frame::{Place, page};
use super::{Entry, Pages, Settings, SiteError, put};

pub(super) fn write(entries: &[Entry], settings: &Settings<'_>, pages: &dyn Pages) -> Result<(), SiteError> {
    put(pages, "index.html", &page(settings, Place::Top, "Who signs what", "Skip to the search", &front(entries)))?;
    put(pages, "about.html", &page(settings, Place::Top, "What this is for", "Skip to the text", &about()))
}

fn front(entries: &[Entry]) -> Markup {
    html! {
        div.title {
            p.kicker { (browse::count(entries.len())) }
            h1 { "Who signs what" }
            p.lead {
                "A package is trusted once, by comparing the id of who signs it. Here is each id, in every form that helps to compare it with the one that you were given."
            }
        }
        section.card.search #search aria-labelledby="search-title" {
            h2 #search-title { "Find a package" }
            noscript { p { "The search needs JavaScript. The letters below do not." } }
            div #finder hidden {
                label for="query" { "Name, or the beginning of a word in it" }
                input #query type="search" autocomplete="off" autocapitalize="off" autocorrect="off" spellcheck="false" maxlength="100" aria-describedby="found";
                p #found.soft role="status" aria-live="polite" {}
                ul #results.packages {}
            }
        }
        section aria-labelledby="browse-title" {
            h2 #browse-title { "Or browse" }
            (browse::index(entries, "browse/"))
        }
        section aria-labelledby="how-title" {
            h2 #how-title { "How to compare" }
            ol.steps {
                li { "Get the id from the maintainer by another way than this registry: their own page, paper, a talk, the telephone." }
                li { "Open the page of the package here, and hold the two against each other: every group, not the first and the last." }
                li { "Type or paste the id that " em { "they" } " gave you when " code { "sigpkg trust add" } " asks for it." }
            }
            p { a href="about.html" { "What this proves, and what it does not" } "." }
        }
    }
}

/// REG-26: what the directory is for, and what it is not.
fn about() -> Markup {
    html! {
        h1 { "What this directory is for" }
        p.lead { "It is for people who want to compare. It is a second place to look, and never the first place to learn an id from." }
        h2 { "What an id is" }
        p {
            "Whoever signs a package holds a chain of keys. The signatory id names the chain: 56 characters that commit to its first statement, with the first keys, the reserve and the package. "
            "Somebody who signs a package of the same name with other keys has another id. From the first trust on, upgrades are accepted from the same signatory alone, wherever they come from."
        }
        h2 { "What to do here" }
        ol.steps {
            li { "Bring an id that you have from the maintainer by another way." }
            li { "Compare it with the one on the page of the package: by eye, by the words, by ear, or in the box that marks what differs." }
            li { "If all of it is equal, two ways that have little to do with each other say the same. That is worth something." }
            li { "If anything differs, do not install. One of the two is wrong, or somebody lies to you. Ask the maintainer, by a third way." }
        }
        h2 { "What it does not prove" }
        ul {
            li { strong { "It is not independent of the registry. " } "Who controls the registry, or the machine that this page comes from, can show any id here. A page on the host of the registry and a package from the same registry are one way, and not two." }
            li { strong { "It does not say who is right. " } "Where several sign a package of one name, all are listed, in no order of merit." }
            li { strong { "It does not know everything. " } "It shows the statements that its maker had seen when it was made. A newer statement, a yank or a fork may be missing." }
            li { strong { "Dates, reasons and versions are claims. " } "They are what the signatory wrote. That it was the signatory who wrote them is verified; that they are true is not." }
            li { strong { "The pages themselves are not signed. " } "That the ids fit the chains was verified when they were made, not when you read them." }
        }
        h2 { "Not for programs" }
        p {
            "No program should take an id from here. A script that fetches ids and trusts them asks the registry whom to trust, and then a signature is worth no more than the registry. sigpkg has no command that reads this site, and will not have one: what a program can verify by itself is in the packages."
        }
        h2 { "The forms of an id" }
        dl {
            dt { "Groups" } dd { "The 56 characters in groups of four. All ids begin with " code { "sigp" } "; the other thirteen groups differ." }
            dt { "Words" } dd { "Thirty English words from the list of BIP 39, the last of them with a checksum." }
            dt { "Square" } dd { "A QR code with the 56 characters, and no address." }
            dt { "Random art" } dd { "A picture in which a change leaps to the eye. Far fewer pictures look different than there are ids, so it is never enough." }
            dt { "Sound" } dd { "The groups in the spelling alphabet, where the maker of the site has added recordings." }
        }
        h2 { "This site" }
        p { "These are plain files. They load nothing from elsewhere, set no cookies, and send nothing that you type anywhere: the box compares on your own device, and the search loads a list of names and looks through it there." }
    }
}
