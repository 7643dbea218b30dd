//! What a maintainer should know before commits leave (KEEP-28): a release that a later commit has changed, and secret keys.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::PathBuf;

use super::checks::live;
use super::{Event, PublishError};
use crate::keystore::KeyStores;
use crate::package::{PackageName, Version};
use crate::repository::{CommitId, Leak, Leaving, Live, Push, ReleaseState, Workplace};
use crate::statement::{Seq, Statement};

/// What is wrong with what leaves.
///
/// A commit after the release takes its signature away:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::released()?;
/// # machine.commit("README", "tides and waves\n")?;
/// # let id = git2::Repository::open(&machine.repository)?.refname_to_id("HEAD")?;
/// # let zeros = "0".repeat(40);
/// # let lines = format!("refs/heads/main {id} refs/heads/main {zeros}\n");
/// use sigpkg::publish::{Warning, judge_push};
/// use sigpkg::repository::Push;
///
/// let push = Push::parse(Some("origin".to_owned()), &lines)?;
/// let warnings = judge_push(&machine.workplace()?, &machine.keys, &push, &mut |_| {})?;
/// assert!(matches!(&warnings[..], [Warning::Overtaken { release, .. }] if release.version.as_str() == "1.0.0"));
/// assert!(!warnings[0].is_grave());
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// A secret key leaves.
    Leak(Leak),
    /// A release leaves together with a commit after which the tree is another one.
    Overtaken {
        /// The release.
        release: Released,
        /// Its commit.
        commit: String,
        /// What leaves.
        tip: Tip,
    },
    /// What leaves carries the files of a release, and is none.
    NoRelease {
        /// The release that it carries.
        release: Released,
        /// What leaves.
        tip: Tip,
    },
    /// The `.sigpkg` of what leaves is in no state that could be verified.
    Broken {
        /// The folder of the package below the root of the worktree; empty for the root itself.
        below_root: String,
        /// What leaves.
        tip: Tip,
        /// What is wrong with it.
        problem: String,
    },
    /// A key store that cannot be read, so that its keys were not looked for by their names.
    Unread {
        /// What is wrong with it.
        problem: String,
    },
}

/// A release, as a warning names it.
///
/// ```
/// use sigpkg::package::{EcosystemName, Package, Version};
/// use sigpkg::publish::Released;
/// use sigpkg::statement::Seq;
///
/// let released = Released {
///     name: Package::generic("Tides")?.name().clone(),
///     version: Version::new(EcosystemName::Generic, "1.2.0")?,
///     seq: Seq::new(5).ok_or("a seq")?,
///     below_root: String::new(),
/// };
/// assert_eq!(released.to_string(), "Tides v1.2.0 (statement 5)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Released {
    /// The name of the package.
    pub name: PackageName,
    /// The version.
    pub version: Version,
    /// The number of the statement.
    pub seq: Seq,
    /// The folder of the package below the root of the worktree, with slashes; empty for the root itself.
    pub below_root: String,
}

/// A reference and its commit.
///
/// ```
/// use sigpkg::publish::Tip;
///
/// let tip = Tip { reference: "refs/heads/main".to_owned(), commit: "1234".to_owned() };
/// assert_eq!(tip.to_string(), "main (1234)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tip {
    /// The full name of the reference.
    pub reference: String,
    /// The commit.
    pub commit: String,
}

impl Warning {
    /// Whether it must not leave at all: a key that can sign for a chain of this machine.
    ///
    /// ```
    /// use sigpkg::publish::Warning;
    ///
    /// let unread = Warning::Unread { problem: "permission denied".to_owned() };
    /// assert!(!unread.is_grave(), "whoever pushes may do so");
    /// ```
    pub fn is_grave(&self) -> bool {
        match self {
            Self::Leak(leak) => leak.is_live,
            Self::Overtaken { .. } | Self::NoRelease { .. } | Self::Broken { .. } | Self::Unread { .. } => false,
        }
    }
}

/// Looks at what git is about to push: all packages of all its tips, and everything in it that the other repository does not
/// have yet. Needs no key store; the keys of those that are there are known for what they are, and are looked for even where
/// nothing has a `.sigpkg`.
///
/// # Errors
///
/// - [`PublishError::Repository`] if something cannot be read.
/// - [`PublishError::KeyStore`] if the folder of the key stores cannot be read.
///
/// # Example
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::released()?;
/// # let id = git2::Repository::open(&machine.repository)?.refname_to_id("HEAD")?;
/// use sigpkg::publish::judge_push;
/// use sigpkg::repository::Push;
///
/// let zeros = "0".repeat(40);
/// let push = Push::parse(Some("origin".to_owned()), &format!("refs/heads/main {id} refs/heads/main {zeros}\n"))?;
/// let warnings = judge_push(&machine.workplace()?, &machine.keys, &push, &mut |_| {})?;
/// assert_eq!(warnings, []);
/// # Ok::<(), doc::Error>(())
/// ```
pub fn judge_push(
    workplace: &Workplace,
    stores: &KeyStores,
    push: &Push,
    events: &mut dyn FnMut(Event),
) -> Result<Vec<Warning>, PublishError> {
    let mut warnings = Vec::new();
    let leaving = workplace.leaving(push)?;
    let mut packages = HashSet::new();
    // Of each package: commits that lead to no release, so that no history is read once for each of many tags.
    let mut barren: HashMap<PathBuf, Vec<CommitId>> = HashMap::new();
    for leaving in &leaving {
        for package in workplace.packages(leaving.tip)? {
            // The same commit may leave under several names.
            if packages.insert((leaving.tip, package.clone())) {
                let inner = workplace.at(&package)?;
                warnings.extend(judge_tip(&inner, leaving, barren.entry(package).or_default())?);
            }
        }
    }
    let is_about_sigpkg = !warnings.is_empty()
        || packages.iter().any(|(_, package)| *package != PathBuf::new())
        || is_signed(workplace, &leaving)?;
    let (live, unread) = all_live(stores)?;
    let search = workplace.search_leaving(&live, push, &mut |commits| events(Event::Searching { commits }))?;
    // The keys of other people are their own business in a repository that has nothing to do with sigpkg.
    let leaks = search.leaks.into_iter().filter(|leak| leak.is_live || is_about_sigpkg);
    warnings.extend(unread);
    warnings.extend(leaks.map(Warning::Leak));
    warnings.sort_by_key(|warning| !warning.is_grave());
    Ok(warnings)
}

/// The same of the commit at HEAD and one package, as far as it has not left yet. For `doctor`, which looks for keys itself.
///
/// # Errors
///
/// - [`PublishError::Repository`] if something cannot be read.
///
/// # Example
///
/// A commit after a release that nobody else has yet:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::released()?;
/// # let repository = git2::Repository::open(&machine.repository)?;
/// # let before = repository.revparse_single("HEAD~1")?.id();
/// # repository.reference("refs/remotes/origin/main", before, true, "")?;
/// use sigpkg::publish::{Warning, judge_head};
///
/// assert_eq!(judge_head(&machine.workplace()?)?, None);
/// machine.commit("README", "tides and waves\n")?;
/// let warning = judge_head(&machine.workplace()?)?;
/// assert!(matches!(warning, Some(Warning::Overtaken { release, .. }) if release.seq.get() == 2));
/// # Ok::<(), doc::Error>(())
/// ```
pub fn judge_head(workplace: &Workplace) -> Result<Option<Warning>, PublishError> {
    match workplace.unpushed()? {
        Some(leaving) => judge_tip(workplace, &leaving, &mut Vec::new()),
        None => Ok(None),
    }
}

/// What one package says about the commit that leaves. `barren` is known to lead to no release that leaves.
fn judge_tip(
    workplace: &Workplace,
    leaving: &Leaving,
    barren: &mut Vec<CommitId>,
) -> Result<Option<Warning>, PublishError> {
    let tip = || Tip { reference: leaving.reference.clone(), commit: leaving.tip.to_string() };
    let state = workplace.release_state(leaving.tip)?;
    if let ReleaseState::Release(_) = state {
        return Ok(None);
    }
    let found = workplace.leaving_release(leaving, barren)?;
    if found.is_none() {
        barren.push(leaving.tip);
    }
    if let Some((commit, statement)) = found
        && let Some(release) = released(workplace, &statement)
    {
        return Ok(Some(Warning::Overtaken { release, commit: commit.to_string(), tip: tip() }));
    }
    Ok(match state {
        ReleaseState::Release(_) | ReleaseState::Unsigned | ReleaseState::NoRelease => None,
        ReleaseState::Stale(statement) => {
            released(workplace, &statement).map(|release| Warning::NoRelease { release, tip: tip() })
        }
        ReleaseState::Broken(problem) => {
            Some(Warning::Broken { below_root: workplace.below_root(), tip: tip(), problem })
        }
    })
}

fn released(workplace: &Workplace, statement: &Statement) -> Option<Released> {
    let release = statement.release()?;
    let (name, version) = (statement.package.name().clone(), release.version.clone());
    Some(Released { name, version, seq: statement.seq, below_root: workplace.below_root() })
}

/// Whether any tip has a `.sigpkg` in its root.
fn is_signed(workplace: &Workplace, leaving: &[Leaving]) -> Result<bool, PublishError> {
    for leaving in leaving {
        if workplace.has_folder(leaving.tip)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The keys of all stores of this machine.
fn all_live(stores: &KeyStores) -> Result<(Live, Vec<Warning>), PublishError> {
    let (mut all, mut unread) = (Live::default(), Vec::new());
    for id in stores.ids()? {
        let found = stores.open(id).map_err(PublishError::from).and_then(|store| live(&store));
        match found {
            Ok(live) => {
                all.files.extend(live.files);
                all.keys.extend(live.keys);
                all.acknowledged.extend(live.acknowledged);
            }
            Err(error) => unread.push(Warning::Unread { problem: error.to_string() }),
        }
    }
    Ok((all, unread))
}

/// One sentence.
impl fmt::Display for Warning {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Leak(leak) if leak.is_live => write!(out, "a secret key that can sign for you is in {leak}"),
            Self::Leak(leak) => write!(out, "a secret key is in {leak}"),
            Self::Overtaken { release, commit, tip } => {
                write!(out, "commit {commit} is {release}, and {tip}, which leaves with it, is another tree")
            }
            Self::NoRelease { release, tip } => {
                write!(out, "{tip} carries {release}, and is another tree: it is no release")
            }
            Self::Broken { below_root, tip, problem } => {
                write!(out, "the .sigpkg of {tip}{} cannot be verified: {problem}", in_folder(below_root))
            }
            Self::Unread { problem } => write!(out, "keys of this machine were not looked for by name: {problem}"),
        }
    }
}

/// `Example v1.2.0 (statement 5)`
impl fmt::Display for Released {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} v{} (statement {}{})", self.name, self.version, self.seq, in_folder(&self.below_root))
    }
}

/// `main (1234…)`, whole.
impl fmt::Display for Tip {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = ["refs/heads/", "refs/tags/"].iter().find_map(|prefix| self.reference.strip_prefix(prefix));
        write!(out, "{} ({})", crate::text::printable(name.unwrap_or(&self.reference)), self.commit)
    }
}

fn in_folder(below_root: &str) -> String {
    if below_root.is_empty() { String::new() } else { format!(", in {}", crate::text::printable(below_root)) }
}
