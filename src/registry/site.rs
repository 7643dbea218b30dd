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
///
/// A folder on disk:
///
/// ```
/// # use sigpkg::chain::Chain;
/// # use sigpkg::example::{self, FIRST, GENESIS};
/// # struct Known(Vec<Chain>);
/// # impl sigpkg::registry::site::Source for Known {
/// #     fn each(
/// #         &self,
/// #         only: Option<&std::collections::BTreeSet<sigpkg::package::Package>>,
/// #         take: &(dyn Fn(&Chain, bool) + Sync),
/// #     ) -> Result<(), String> {
/// #         let is_wanted = |chain: &&Chain| only.is_none_or(|only| only.contains(chain.package()));
/// #         self.0.iter().filter(is_wanted).for_each(|chain| take(chain, true));
/// #         Ok(())
/// #     }
/// # }
/// # let source = Known(vec![example::chain(&[GENESIS, FIRST])?]);
/// # let folder = tempfile::tempdir()?;
/// # use std::{fs, path::PathBuf};
/// use sigpkg::registry::site::{Pages, Settings, make};
///
/// struct Folder(PathBuf);
///
/// impl Pages for Folder {
///     fn put(&self, path: &str, bytes: &[u8]) -> Result<(), String> {
///         let made = self.0.join(path).parent().map_or(Ok(()), fs::create_dir_all);
///         made.and_then(|()| fs::write(self.0.join(path), bytes)).map_err(|error| error.to_string())
///     }
/// }
///
/// make(&source, &Folder(folder.path().to_owned()), &Settings { title: "Signatories", narrator: None })?;
/// assert!(folder.path().join("s").join(format!("{}.html", example::ID)).is_file());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Pages: Sync {
    /// Takes one file. `path` is relative, with `/`, and made of ASCII letters, digits and `-._` alone. Called from several threads,
    /// and at most twice for one path, the second time in place of the first.
    ///
    /// # Errors
    ///
    /// - a sentence that says why it cannot be kept
    ///
    /// # Example
    ///
    /// No path needs to be escaped on any file system:
    ///
    /// ```
    /// # use sigpkg::chain::Chain;
    /// # use sigpkg::example::{self, FIRST, GENESIS};
    /// # struct Known(Vec<Chain>);
    /// # impl sigpkg::registry::site::Source for Known {
    /// #     fn each(
    /// #         &self,
    /// #         only: Option<&std::collections::BTreeSet<sigpkg::package::Package>>,
    /// #         take: &(dyn Fn(&Chain, bool) + Sync),
    /// #     ) -> Result<(), String> {
    /// #         let is_wanted = |chain: &&Chain| only.is_none_or(|only| only.contains(chain.package()));
    /// #         self.0.iter().filter(is_wanted).for_each(|chain| take(chain, true));
    /// #         Ok(())
    /// #     }
    /// # }
    /// # let source = Known(vec![example::chain(&[GENESIS, FIRST])?]);
    /// use sigpkg::registry::site::{Pages, Settings, make};
    ///
    /// struct Checked;
    ///
    /// impl Pages for Checked {
    ///     fn put(&self, path: &str, _bytes: &[u8]) -> Result<(), String> {
    ///         let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/".contains(&byte);
    ///         path.bytes().all(is_plain).then_some(()).ok_or("it has another character".to_owned())
    ///     }
    /// }
    ///
    /// assert!(make(&source, &Checked, &Settings { title: "Signatories", narrator: None }).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn put(&self, path: &str, bytes: &[u8]) -> Result<(), String>;
}

/// Where the chains come from.
///
/// Chains in memory:
///
/// ```
/// # struct Nowhere;
/// # impl sigpkg::registry::site::Pages for Nowhere {
/// #     fn put(&self, _path: &str, _bytes: &[u8]) -> Result<(), String> {
/// #         Ok(())
/// #     }
/// # }
/// # let pages = Nowhere;
/// # use std::collections::BTreeSet;
/// # use sigpkg::chain::Chain;
/// # use sigpkg::example::{self, FIRST, GENESIS};
/// # use sigpkg::package::Package;
/// # let chain = example::chain(&[GENESIS, FIRST])?;
/// # let settings = sigpkg::registry::site::Settings { title: "Signatories", narrator: None };
/// use sigpkg::registry::site::{Source, make};
///
/// struct Known(Vec<Chain>);
///
/// impl Source for Known {
///     fn each(&self, only: Option<&BTreeSet<Package>>, take: &(dyn Fn(&Chain, bool) + Sync)) -> Result<(), String> {
///         let is_wanted = |chain: &&Chain| only.is_none_or(|only| only.contains(chain.package()));
///         self.0.iter().filter(is_wanted).for_each(|chain| take(chain, true));
///         Ok(())
///     }
/// }
///
/// assert_eq!(make(&Known(vec![chain]), &pages, &settings)?.signatories, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Source {
    /// Calls `take` with each chain, once for each id, from any number of threads; of these packages alone if there is a choice.
    /// `is_whole` is false where something about the package could not be read.
    ///
    /// # Errors
    ///
    /// - a sentence that says why nothing can be read
    ///
    /// # Example
    ///
    /// A source that fails is no empty directory:
    ///
    /// ```
    /// # struct Nowhere;
    /// # impl sigpkg::registry::site::Pages for Nowhere {
    /// #     fn put(&self, _path: &str, _bytes: &[u8]) -> Result<(), String> {
    /// #         Ok(())
    /// #     }
    /// # }
    /// # let pages = Nowhere;
    /// # use std::collections::BTreeSet;
    /// # use sigpkg::chain::Chain;
    /// # use sigpkg::package::Package;
    /// use sigpkg::registry::site::{Settings, SiteError, Source, make};
    ///
    /// struct Away;
    ///
    /// impl Source for Away {
    ///     fn each(&self, _only: Option<&BTreeSet<Package>>, _take: &(dyn Fn(&Chain, bool) + Sync)) -> Result<(), String> {
    ///         Err("the registry is away".to_owned())
    ///     }
    /// }
    ///
    /// let refused = make(&Away, &pages, &Settings { title: "Signatories", narrator: None });
    /// assert_eq!(refused, Err(SiteError::Source("the registry is away".to_owned())));
    /// ```
    fn each(&self, only: Option<&BTreeSet<Package>>, take: &(dyn Fn(&Chain, bool) + Sync)) -> Result<(), String>;
}

/// What else a site depends on.
///
/// A title is text, and never markup:
///
/// ```
/// # use sigpkg::chain::Chain;
/// # use sigpkg::example::{self, FIRST, GENESIS};
/// # struct Known(Vec<Chain>);
/// # impl sigpkg::registry::site::Source for Known {
/// #     fn each(
/// #         &self,
/// #         only: Option<&std::collections::BTreeSet<sigpkg::package::Package>>,
/// #         take: &(dyn Fn(&Chain, bool) + Sync),
/// #     ) -> Result<(), String> {
/// #         let is_wanted = |chain: &&Chain| only.is_none_or(|only| only.contains(chain.package()));
/// #         self.0.iter().filter(is_wanted).for_each(|chain| take(chain, true));
/// #         Ok(())
/// #     }
/// # }
/// # let source = Known(vec![example::chain(&[GENESIS, FIRST])?]);
/// # #[derive(Default)]
/// # struct Kept(std::sync::Mutex<std::collections::BTreeMap<String, Vec<u8>>>);
/// # impl sigpkg::registry::site::Pages for Kept {
/// #     fn put(&self, path: &str, bytes: &[u8]) -> Result<(), String> {
/// #         self.0.lock().map_err(|error| error.to_string())?.insert(path.to_owned(), bytes.to_vec());
/// #         Ok(())
/// #     }
/// # }
/// # impl Kept {
/// #     fn page(&self, path: &str) -> String {
/// #         let files = self.0.lock().expect("no thread has panicked");
/// #         String::from_utf8_lossy(files.get(path).expect("there is such a file")).into_owned()
/// #     }
/// # }
/// # let pages = Kept::default();
/// use sigpkg::registry::site::{Settings, make};
///
/// make(&source, &pages, &Settings { title: "Moon & <Tides>", narrator: None })?;
/// assert!(pages.page("index.html").contains("Moon &amp; &lt;Tides&gt;"));
/// assert!(!pages.page(&format!("s/{}.html", example::ID)).contains(".wav"), "nobody reads the id aloud");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Settings<'a> {
    /// What the directory calls itself.
    pub title: &'a str,
    /// What reads ids aloud; without it the pages have no sound.
    pub narrator: Option<&'a Narrator>,
}

/// What was made.
///
/// Two signatories of one package:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # use sigpkg::chain::Chain;
/// # use sigpkg::example::{self, FIRST, GENESIS};
/// # struct Known(Vec<Chain>);
/// # impl sigpkg::registry::site::Source for Known {
/// #     fn each(
/// #         &self,
/// #         only: Option<&std::collections::BTreeSet<sigpkg::package::Package>>,
/// #         take: &(dyn Fn(&Chain, bool) + Sync),
/// #     ) -> Result<(), String> {
/// #         let is_wanted = |chain: &&Chain| only.is_none_or(|only| only.contains(chain.package()));
/// #         self.0.iter().filter(is_wanted).for_each(|chain| take(chain, true));
/// #         Ok(())
/// #     }
/// # }
/// # struct Nowhere;
/// # impl sigpkg::registry::site::Pages for Nowhere {
/// #     fn put(&self, _path: &str, _bytes: &[u8]) -> Result<(), String> {
/// #         Ok(())
/// #     }
/// # }
/// # let pages = Nowhere;
/// # let (one, other) = (example::chain(&[GENESIS, FIRST])?, doc::chain(&["chain-1"])?);
/// use sigpkg::registry::site::{Made, Settings, make};
///
/// let made = make(&Known(vec![one, other]), &pages, &Settings { title: "Signatories", narrator: None })?;
/// assert_eq!(made, Made { signatories: 2, same_name: 2, alike: 0 });
/// # Ok::<(), doc::Error>(())
/// ```
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
///
/// ```
/// # use sigpkg::chain::Chain;
/// # use sigpkg::example::{self, FIRST, GENESIS};
/// # struct Known(Vec<Chain>);
/// # impl sigpkg::registry::site::Source for Known {
/// #     fn each(
/// #         &self,
/// #         only: Option<&std::collections::BTreeSet<sigpkg::package::Package>>,
/// #         take: &(dyn Fn(&Chain, bool) + Sync),
/// #     ) -> Result<(), String> {
/// #         let is_wanted = |chain: &&Chain| only.is_none_or(|only| only.contains(chain.package()));
/// #         self.0.iter().filter(is_wanted).for_each(|chain| take(chain, true));
/// #         Ok(())
/// #     }
/// # }
/// # let source = Known(vec![example::chain(&[GENESIS, FIRST])?]);
/// use sigpkg::registry::site::{Pages, Settings, make};
///
/// struct Full;
///
/// impl Pages for Full {
///     fn put(&self, path: &str, _bytes: &[u8]) -> Result<(), String> {
///         if path == "about.html" { Err("the disk is full".to_owned()) } else { Ok(()) }
///     }
/// }
///
/// let refused = make(&source, &Full, &Settings { title: "Signatories", narrator: None }).unwrap_err();
/// assert_eq!(refused.to_string(), "about.html cannot be written: the disk is full");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
///
/// # Example
///
/// The page of a signatory has the id whole, and its history:
///
/// ```
/// # use sigpkg::chain::Chain;
/// # use sigpkg::example::{self, FIRST, GENESIS};
/// # struct Known(Vec<Chain>);
/// # impl sigpkg::registry::site::Source for Known {
/// #     fn each(
/// #         &self,
/// #         only: Option<&std::collections::BTreeSet<sigpkg::package::Package>>,
/// #         take: &(dyn Fn(&Chain, bool) + Sync),
/// #     ) -> Result<(), String> {
/// #         let is_wanted = |chain: &&Chain| only.is_none_or(|only| only.contains(chain.package()));
/// #         self.0.iter().filter(is_wanted).for_each(|chain| take(chain, true));
/// #         Ok(())
/// #     }
/// # }
/// # let source = Known(vec![example::chain(&[GENESIS, FIRST])?]);
/// # #[derive(Default)]
/// # struct Kept(std::sync::Mutex<std::collections::BTreeMap<String, Vec<u8>>>);
/// # impl sigpkg::registry::site::Pages for Kept {
/// #     fn put(&self, path: &str, bytes: &[u8]) -> Result<(), String> {
/// #         self.0.lock().map_err(|error| error.to_string())?.insert(path.to_owned(), bytes.to_vec());
/// #         Ok(())
/// #     }
/// # }
/// # impl Kept {
/// #     fn page(&self, path: &str) -> String {
/// #         let files = self.0.lock().expect("no thread has panicked");
/// #         String::from_utf8_lossy(files.get(path).expect("there is such a file")).into_owned()
/// #     }
/// # }
/// # let pages = Kept::default();
/// use sigpkg::registry::site::{Settings, make};
///
/// let made = make(&source, &pages, &Settings { title: "Signatories", narrator: None })?;
/// assert_eq!(made.signatories, 1);
/// let page = pages.page(&format!("s/{}.html", example::ID));
/// assert!(page.contains(&format!(">{}</code>", example::ID)));
/// assert!(page.contains("1.0.0"), "what was released");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
