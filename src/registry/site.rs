//! A directory of signatories, for people who come to compare (REG-26 to REG-32): a page for each, in files that any web server
//! can hand out.
//!
//! [`make`] reads the chains from a [`Source`] and gives the files to [`Pages`], one by one; what it keeps of a signatory meanwhile is
//! an id, a package and a version. The same chains give the same bytes: there is no clock in it, and no order of arrival.
//!
//! | file | what it is |
//! |---|---|
//! | `index.html`, `about.html` | the way in, and what a directory is for |
//! | `browse/LETTER-N.html` | all packages by their first letter |
//! | `s/ID.html`, `s/ID.N.html` | a signatory; the older parts of a long history |
//! | `s/ID.wav` | the id, read aloud, if there is a voice |
//! | `find/` | the names, split so that a search loads a few kilobytes |
//! | `assets/` | the style and the script |
//!
//! All text goes through [`maud`], which escapes it; nothing here writes HTML in another way. No file has a name that is from a
//! package, the letters and digits of prefixes in `find/` excepted.

mod browse;
mod face;
mod frame;
mod front;
mod history;
mod neighbours;
mod search;
mod signatory;
mod voice;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use crate::chain::{Belief, Chain, Decided};
use crate::digest::SignatoryId;
use crate::package::{Package, Version};

use self::neighbours::Neighbours;

pub use self::voice::Narrator;

/// The file by which whoever writes the pages marks their folder, so that a later site may take its place.
pub const MARKER: &str = "sigpkg-site.txt";

/// What the marker holds.
pub const MARKER_TEXT: &str = "sigpkg-site 1

This folder is a directory of signatories, made by `sigpkg registry site`, which replaces it as a whole.
It is for people who compare an id with the one that they were given. Programs have no business here.
";

/// Where the files go.
pub trait Pages: Sync {
    /// Takes one file. `path` is relative, with `/`, and made of ASCII letters, digits and `-._` alone. Called from several threads,
    /// and at most twice for one path, the second time in place of the first.
    ///
    /// # Errors
    ///
    /// - a sentence that says why it cannot be kept
    fn put(&self, path: &str, bytes: &[u8]) -> Result<(), String>;
}

/// Where the chains come from.
pub trait Source {
    /// Calls `take` with each chain, once for each id, from any number of threads; of these packages alone if there is a choice.
    /// `is_whole` is false where something about the package could not be read.
    ///
    /// # Errors
    ///
    /// - a sentence that says why nothing can be read
    fn each(&self, only: Option<&BTreeSet<Package>>, take: &(dyn Fn(&Chain, bool) + Sync)) -> Result<(), String>;
}

/// What else a site depends on.
#[derive(Clone, Copy)]
pub struct Settings<'a> {
    /// What the directory calls itself.
    pub title: &'a str,
    /// What reads ids aloud; without it the pages have no sound.
    pub narrator: Option<&'a Narrator>,
}

/// What was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// Signatories, each with a page.
    pub signatories: usize,
    /// Those whose package has another signatory, or whose package has the name of another.
    pub same_name: usize,
    /// Those whose id looks like that of another.
    pub alike: usize,
}

/// Why there is no site.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SiteError {
    /// The chains cannot be read.
    #[error("{0}")]
    Source(String),
    /// A file cannot be written.
    #[error("{path} cannot be written: {problem}")]
    Page {
        /// The file.
        path: String,
        /// Why.
        problem: String,
    },
    /// An id cannot be shown or said.
    #[error("the id {id} cannot be shown: {problem}")]
    Face {
        /// The id.
        id: SignatoryId,
        /// Why.
        problem: String,
    },
}

/// What is remembered of each signatory while the pages are made.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    id: SignatoryId,
    package: Package,
    /// The newest release that stands.
    newest: Option<Version>,
}

/// Makes the site.
///
/// # Errors
///
/// - [`SiteError::Source`] if the source fails
/// - [`SiteError::Page`] if a page cannot be kept
/// - [`SiteError::Face`] if an id has no square, or the voice fails
pub fn make(source: &dyn Source, pages: &dyn Pages, settings: &Settings<'_>) -> Result<Made, SiteError> {
    let entries = Mutex::new(BTreeMap::new());
    let failed = Failed::default();
    // Most have no neighbours, so their pages are right as they are.
    let alone = Neighbours::default();
    source
        .each(None, &|chain, is_whole| {
            failed.note(|| {
                let entry = Entry::of(&view(chain));
                lock(&entries).insert(entry.id, entry);
                if let Some(narrator) = settings.narrator {
                    put(pages, &sound_path(chain.id()), &narrator.narrate(chain.id())?)?;
                }
                signatory::write(chain, is_whole, &alone, settings, pages)
            });
        })
        .map_err(SiteError::Source)?;
    failed.result()?;
    let entries: Vec<Entry> = entries.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect();
    let all = neighbours::find(&entries);
    let again: BTreeSet<Package> = all.keys().map(|index| entries[*index].package.clone()).collect();
    if !again.is_empty() {
        let by_id: BTreeMap<SignatoryId, &Neighbours> =
            all.iter().map(|(index, neighbours)| (entries[*index].id, neighbours)).collect();
        let failed = Failed::default();
        let take = |chain: &Chain, is_whole: bool| {
            if let Some(neighbours) = by_id.get(&chain.id()) {
                failed.note(|| signatory::write(chain, is_whole, neighbours, settings, pages));
            }
        };
        source.each(Some(&again), &take).map_err(SiteError::Source)?;
        failed.result()?;
    }
    front::write(&entries, settings, pages)?;
    browse::write(&entries, settings, pages)?;
    search::write(&entries, pages)?;
    frame::write_assets(pages)?;
    Ok(Made {
        signatories: entries.len(),
        same_name: all.values().filter(|neighbours| !neighbours.same_name.is_empty()).count(),
        alike: all.values().filter(|neighbours| !neighbours.alike.is_empty()).count(),
    })
}

/// What somebody sees who has decided nothing, as everybody is who comes to a directory (BEL-11).
fn view(chain: &Chain) -> Belief<'_> {
    chain.belief(&Decided::stranger())
}

impl Entry {
    fn of(belief: &Belief<'_>) -> Self {
        let chain = belief.chain();
        let newest = belief.newest_release().map(|release| release.version().clone());
        Self { id: chain.id(), package: chain.package().clone(), newest }
    }
}

fn put(pages: &dyn Pages, path: &str, bytes: &[u8]) -> Result<(), SiteError> {
    pages.put(path, bytes).map_err(|problem| SiteError::Page { path: path.to_owned(), problem })
}

/// The page of a signatory. The id is the name of the file: it is made of letters, digits, `-` and `_`.
fn page_path(id: SignatoryId) -> String {
    format!("s/{id}.html")
}

fn sound_path(id: SignatoryId) -> String {
    format!("s/{id}.wav")
}

/// The first thing that failed on any thread; nothing is begun after it.
#[derive(Default)]
struct Failed(Mutex<Option<SiteError>>);

impl Failed {
    fn note(&self, work: impl FnOnce() -> Result<(), SiteError>) {
        if lock(&self.0).is_some() {
            return;
        }
        if let Err(error) = work() {
            lock(&self.0).get_or_insert(error);
        }
    }

    fn result(self) -> Result<(), SiteError> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }
}

/// A thread that panicked has left whole values behind.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
