//! News of signatories that a user trusts: newer chains, from wherever they can be had.
//!
//! A yank or a reserve statement is of use only to who hears of it. [`Plan`] says where to look, [`Plan::gather`] looks
//! there and verifies nothing, and [`learn`] admits what was found and keeps what the rules let it keep. None of it decides
//! anything.
//!
//! | where | what |
//! |---|---|
//! | other installed versions of a package | `.sigpkg/chain` of each folder |
//! | clones that the package manager keeps, and repositories of developed packages | the newest branches and tags |
//! | repositories elsewhere, if the user asks for it | the same, brought by `git` within limits |
//!
//! Source: spec/10-projects.md, section 10.5.

mod elsewhere;
mod learn;
mod plan;
mod registries;
mod tips;

use std::path::{Path, PathBuf};

pub use self::learn::{Learned, Other, Report, learn};
pub use self::plan::Plan;

use crate::digest::SignatoryId;
use crate::ecosystem::Locked;
use crate::package::Package;
use crate::rule::Rule;
use crate::source::remote::{Address, Protocol, Terms};
use crate::trust::Trusted;

/// The protocols by which news are asked for (PRJ-32).
pub const PROTOCOLS: &[Protocol] = &[Protocol::Https, Protocol::Ssh, Protocol::Git, Protocol::File];

/// What news are wanted of, and where they may come from.
///
/// News of everything that is trusted, from this machine alone:
///
/// ```
/// # let store = tempfile::tempdir()?;
/// # let store = sigpkg::trust::TrustStore::open(store.path());
/// # let depots = [];
/// use sigpkg::refresh::{PROTOCOLS, Plan, Request};
/// use sigpkg::source::remote::{Limits, Terms};
///
/// let trusted = store.list()?;
/// let request = Request {
///     trusted: &trusted,
///     depots: &depots,
///     project: None,
///     from: &[],
///     fetch: false,
///     terms: Terms { protocols: PROTOCOLS, runs_helpers: false, limits: Limits::TIPS },
/// };
/// assert!(Plan::new(&request).is_empty(), "there is no place to look");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The signatories.
    pub trusted: &'a [Trusted],
    /// The folders of installed packages.
    pub depots: &'a [PathBuf],
    /// The dependencies of a project, and the folder of its lockfile, if it is about one.
    pub project: Option<(&'a [Locked], &'a Path)>,
    /// Repositories that the user names.
    pub from: &'a [From],
    /// Whether repositories elsewhere are asked that the user has not named.
    pub fetch: bool,
    /// On what terms.
    pub terms: Terms<'a>,
}

/// A repository that the user names.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::released()?;
/// # let chain = machine.store()?.chain().clone();
/// # let trusted = [sigpkg::trust::Trusted::first(chain, sigpkg::trust::Grade::Seen, doc::now())];
/// use sigpkg::refresh::{From, Plan, Request};
///
/// let from = [From::Folder(machine.repository.clone())];
/// let request =
///     Request { trusted: &trusted, depots: &[], project: None, from: &from, fetch: false, terms: doc::TERMS };
/// assert_eq!(Plan::new(&request).len(), 1);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// On this machine; a folder below its root is the folder of the package.
    Folder(PathBuf),
    /// Elsewhere.
    Address(Address),
}

/// A chain file that was found, and where. Nothing of it is verified.
///
/// They come of [`Plan::gather`] and go into [`learn`], which alone can look inside:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::released()?;
/// # let chain = machine.store()?.chain().clone();
/// # let genesis = sigpkg::chain::Chain::begin(
/// #     sigpkg::chain::Unverified::new(chain.genesis().text().as_bytes(), chain.genesis().blocks_text())?,
/// #     &sigpkg::signature::Standard,
/// # )?;
/// # let store = sigpkg::trust::TrustStore::open(machine.folder.path().join("trust"));
/// # store.add(&genesis, sigpkg::trust::Grade::Seen, doc::now())?;
/// use sigpkg::refresh::{From, Plan, Request, learn};
/// use sigpkg::signature::Standard;
///
/// let trusted = store.list()?;
/// let from = [From::Folder(machine.repository.clone())];
/// let request =
///     Request { trusted: &trusted, depots: &[], project: None, from: &from, fetch: false, terms: doc::TERMS };
/// let gathered = Plan::new(&request).gather(&|| {});
/// let report = learn(&store, &trusted, gathered, doc::now(), &Standard);
/// assert_eq!(report.learned[0].update.new_records, 1);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Candidate {
    place: String,
    claimed_id: SignatoryId,
    file: Vec<u8>,
}

/// What came of looking into one place, or into several.
///
/// Nothing was looked into, so nothing is learned:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let store = tempfile::tempdir()?;
/// # let store = sigpkg::trust::TrustStore::open(store.path());
/// use sigpkg::refresh::{Gathered, learn};
/// use sigpkg::signature::Standard;
///
/// let report = learn(&store, &[], Gathered::default(), doc::now(), &Standard);
/// assert!(report.learned.is_empty() && report.problems.is_empty());
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Gathered {
    candidates: Vec<Candidate>,
    problems: Vec<Problem>,
}

/// What could not be heard, and why. Nothing is learned from it.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::released()?;
/// # let chain = machine.store()?.chain().clone();
/// # let trusted = [sigpkg::trust::Trusted::first(chain, sigpkg::trust::Grade::Seen, doc::now())];
/// # let store = sigpkg::trust::TrustStore::open(machine.folder.path().join("trust"));
/// use sigpkg::refresh::{From, Plan, Problem, Request, learn};
/// use sigpkg::signature::Standard;
///
/// let from = [From::Folder(machine.folder.path().join("nowhere"))];
/// let request =
///     Request { trusted: &trusted, depots: &[], project: None, from: &from, fetch: false, terms: doc::TERMS };
/// let gathered = Plan::new(&request).gather(&|| {});
/// let report = learn(&store, &trusted, gathered, doc::now(), &Standard);
/// assert!(matches!(report.problems[0], Problem::Unreached { .. }));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Debug)]
pub enum Problem {
    /// A place could not be looked into, or not into all of it.
    Unreached {
        /// The place.
        place: String,
        /// Why.
        reason: String,
    },
    /// Repositories were to be asked, and none is known of this package.
    NoRepository {
        /// The package.
        package: Package,
    },
    /// What was found is no chain file that is admitted.
    Refused {
        /// Where.
        place: String,
        /// Why.
        reason: String,
        /// The rule that it breaks; `None` if it is no file at all.
        rule: Option<Rule>,
    },
}

impl Problem {
    fn unreached(place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Unreached { place: place.into(), reason: reason.into() }
    }
}

impl Gathered {
    fn problem(problem: Problem) -> Self {
        Self { candidates: Vec::new(), problems: vec![problem] }
    }
}

/// Whose chains are looked for: those of these ids, and others of the same packages.
#[derive(Clone, Debug)]
struct Known {
    ids: Vec<SignatoryId>,
    packages: Vec<Package>,
}

impl Known {
    fn of(trusted: &[Trusted]) -> Self {
        let mut packages: Vec<_> = trusted.iter().map(|trusted| trusted.package().clone()).collect();
        packages.dedup();
        Self { ids: trusted.iter().map(Trusted::id).collect(), packages }
    }

    /// A chain file as a candidate; `None` if it is about something else. What cannot be read is a problem only in a place
    /// where a chain of one of the packages is expected.
    fn sift(&self, file: Vec<u8>, place: &str, is_expected: bool) -> Option<Result<Candidate, Problem>> {
        use crate::chain::Chain;
        match (Chain::claimed_id(&file), Chain::claimed_package(&file)) {
            (Ok(claimed_id), Ok(package)) => {
                let is_wanted = self.ids.contains(&claimed_id) || self.packages.contains(&package);
                is_wanted.then(|| Ok(Candidate { place: place.to_owned(), claimed_id, file }))
            }
            (Err(error), _) | (_, Err(error)) => is_expected.then(|| {
                let rule = Some(error.rule());
                Err(Problem::Refused { place: place.to_owned(), reason: error.to_string(), rule })
            }),
        }
    }
}

/// An error and what lies behind it, in one line.
fn sentence(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    std::iter::once(error.to_string()).chain(causes.map(ToString::to_string)).collect::<Vec<_>>().join(": ")
}
