//! Where to look (PRJ-31).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use git2::Repository;
use rayon::prelude::*;

use super::registries::{self, Source, entries};
use super::{Candidate, From, Gathered, Known, Problem, Request, elsewhere, sentence, tips};
use crate::ecosystem::Origin;
use crate::listing::folder::FOLDER;
use crate::source::dir;
use crate::source::remote::{Address, Terms};
use crate::text;

/// The most installed versions of one name that are looked at in one depot, and the most clones of one depot.
const MAX_FOLDERS: usize = 10_000;

/// How many repositories elsewhere are asked at a time. Each is one program that mostly waits.
const AT_A_TIME: usize = 8;

/// All places in which news may be.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::released()?;
/// # let trusted = [machine.trusted()?];
/// # let from = [sigpkg::refresh::From::Folder(machine.repository.clone())];
/// use std::sync::atomic::{AtomicUsize, Ordering};
///
/// use sigpkg::refresh::{Plan, Request};
///
/// let request =
///     Request { trusted: &trusted, depots: &[], project: None, from: &from, fetch: false, terms: doc::TERMS };
/// let plan = Plan::new(&request);
/// let (places, done) = (plan.len(), AtomicUsize::new(0));
/// plan.gather(&|| _ = done.fetch_add(1, Ordering::Relaxed));
/// assert_eq!(done.into_inner(), places);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Debug)]
pub struct Plan<'a> {
    known: Known,
    terms: Terms<'a>,
    places: Vec<Place>,
    problems: Vec<Problem>,
}

#[derive(Debug)]
enum Place {
    /// The folder of an installed version.
    Installed(PathBuf),
    /// A repository on this machine. In one that the user or a registry names for a package, its chain is expected.
    Repository { path: PathBuf, subdirectories: Vec<PathBuf>, is_expected: bool },
    /// A repository elsewhere.
    Elsewhere { address: Address, subdirectories: Vec<PathBuf> },
}

impl<'a> Plan<'a> {
    /// Finds the places. Of what is on this machine only names are read, and the registries.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::released()?;
    /// # let trusted = [machine.trusted()?];
    /// use sigpkg::refresh::{From, Plan, Request};
    ///
    /// let from = [From::Folder(machine.repository.clone())];
    /// let request =
    ///     Request { trusted: &trusted, depots: &[], project: None, from: &from, fetch: false, terms: doc::TERMS };
    /// assert_eq!(Plan::new(&request).len(), 1);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn new(request: &Request<'a>) -> Self {
        let known = Known::of(request.trusted);
        let terms = request.terms;
        let mut plan = Self { known, terms, places: Vec::new(), problems: Vec::new() };
        let sources = plan.sources(request);
        plan.add_installed(request.depots);
        plan.add_clones(request.depots, &sources);
        plan.add_developed(request);
        plan.add_named(request.from, &sources);
        if request.fetch {
            plan.add_elsewhere(request, &sources);
        }
        plan
    }

    /// How many places there are.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::released()?;
    /// # let trusted = [machine.trusted()?];
    /// # let terms = doc::TERMS;
    /// use sigpkg::refresh::{Plan, Request};
    ///
    /// let request = Request { trusted: &trusted, depots: &[], project: None, from: &[], fetch: false, terms };
    /// assert_eq!(Plan::new(&request).len(), 0, "nothing is named, and nothing is to be fetched");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is no place to look.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let terms = doc::TERMS;
    /// use sigpkg::refresh::{Plan, Request};
    ///
    /// let request = Request { trusted: &[], depots: &[], project: None, from: &[], fetch: true, terms };
    /// assert!(Plan::new(&request).is_empty(), "nobody is trusted, so nothing is looked for");
    /// ```
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Looks into all places, several at a time. `done` is called after each.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::released()?;
    /// # let trusted = [machine.trusted()?];
    /// # let from = [sigpkg::refresh::From::Folder(machine.repository.clone())];
    /// # let request = sigpkg::refresh::Request {
    /// #     trusted: &trusted, depots: &[], project: None, from: &from, fetch: false, terms: doc::TERMS,
    /// # };
    /// use sigpkg::refresh::Plan;
    ///
    /// let (request, done) = (&request, std::sync::atomic::AtomicUsize::new(0));
    /// let gathered = Plan::new(request).gather(&|| _ = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    /// assert_eq!(done.into_inner(), 1, "it has looked into the one repository");
    /// let store = machine.trust();
    /// let report = sigpkg::refresh::learn(&store, &trusted, gathered, doc::now(), &sigpkg::signature::Standard);
    /// assert!(report.problems.is_empty());
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn gather(self, done: &(dyn Fn() + Sync)) -> Gathered {
        let all = || {
            let each = self.places.par_iter().map(|place| {
                let gathered = self.look(place);
                done();
                (place.is_asked(), gathered)
            });
            each.collect::<Vec<_>>()
        };
        // More than there are processors, since they wait for others. Without such a pool it only takes longer.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(AT_A_TIME).build();
        let each = match &pool {
            Ok(pool) => pool.install(all),
            Err(_) => all(),
        };
        let mut gathered = Gathered::default();
        let mut asked = Vec::new();
        for (is_asked, found) in each {
            if is_asked {
                asked.extend(found.candidates.iter().filter_map(Candidate::claimed_package));
            }
            gathered.candidates.extend(found.candidates);
            gathered.problems.extend(found.problems);
        }
        // A repository that the user has named turned out to be the one that nobody else knows of.
        let is_known_after_all = |problem: &Problem| match problem {
            Problem::NoRepository { package } => asked.contains(package),
            Problem::Unreached { .. } | Problem::Refused { .. } => false,
        };
        gathered.problems.extend(self.problems.into_iter().filter(|problem| !is_known_after_all(problem)));
        gathered
    }

    fn look(&self, place: &Place) -> Gathered {
        match place {
            Place::Installed(folder) => self.look_at_installed(folder),
            Place::Repository { path, subdirectories, is_expected } => {
                let shown = path.display().to_string();
                let open = Repository::open(path).and_then(|repository| {
                    let tips = tips::newest(&repository)?;
                    Ok((repository, tips))
                });
                match open {
                    Ok((repository, tips)) => {
                        let (found, mut problems) = tips::files(&repository, &shown, &tips, subdirectories);
                        let mut gathered = tips::read(&repository, found, &self.known, *is_expected);
                        gathered.problems.append(&mut problems);
                        gathered
                    }
                    Err(error) => Gathered::problem(Problem::unreached(shown, text::printable(error.message()))),
                }
            }
            Place::Elsewhere { address, subdirectories } => {
                elsewhere::gather(address, subdirectories, self.terms, &self.known)
            }
        }
    }

    fn look_at_installed(&self, folder: &Path) -> Gathered {
        let place = folder.display().to_string();
        let mut gathered = Gathered::default();
        match dir::read_folder(&folder.join(FOLDER)) {
            Ok((read, _)) => match self.known.sift(read.claimed_chain().to_vec(), &place, false) {
                Some(Ok(candidate)) => gathered.candidates.push(candidate),
                Some(Err(problem)) => gathered.problems.push(problem),
                None => {}
            },
            Err(error) => {
                let (reason, rule) = (sentence(&error), error.rule());
                gathered.problems.push(Problem::Refused { place, reason, rule });
            }
        }
        gathered
    }

    /// What registries and the lockfile say of repositories. It is asked only if there is a use for it: to read a packed
    /// registry takes a while.
    fn sources(&mut self, request: &Request<'_>) -> Vec<Source> {
        let has_clones = request.depots.iter().any(|depot| !entries(&depot.join("clones")).is_empty());
        if !request.fetch && !has_clones && request.from.is_empty() {
            return Vec::new();
        }
        let (mut sources, problems) = registries::sources(request.depots, &self.known.packages);
        self.problems.extend(problems);
        let (locked, _) = request.project.unwrap_or((&[], Path::new("")));
        for entry in locked.iter().filter(|entry| self.known.packages.contains(&entry.package)) {
            if let Origin::Url { url, .. } = &entry.origin {
                let (package, repository) = (entry.package.clone(), url.clone());
                sources.push(Source { package, repository, subdirectory: None });
            }
        }
        sources
    }

    fn add_installed(&mut self, depots: &[PathBuf]) {
        let mut names: Vec<_> = self.known.packages.iter().map(|package| package.name().to_string()).collect();
        names.dedup();
        for folder in depots.iter().flat_map(|depot| names.iter().map(|name| depot.join("packages").join(name))) {
            let folders = self.at_most(&folder);
            let is_signed = |folder: &PathBuf| folder.join(FOLDER).symlink_metadata().is_ok_and(|it| it.is_dir());
            self.places.extend(folders.into_iter().filter(is_signed).map(Place::Installed));
        }
    }

    /// The clones that Pkg keeps: `clones/UUID` of registered packages, `clones/HASH` of those added by URL. The hash is
    /// one of Julia's own that no other program knows, so all of them are looked at.
    fn add_clones(&mut self, depots: &[PathBuf], sources: &[Source]) {
        for depot in depots {
            for path in self.at_most(&depot.join("clones")) {
                if !path.is_dir() {
                    continue;
                }
                let subdirectories = self.subdirectories_of_clone(&path, sources);
                self.places.push(Place::Repository { path, subdirectories, is_expected: false });
            }
        }
    }

    #[expect(clippy::unused_self, reason = "it is one of the steps, and reads like one")]
    fn subdirectories_of_clone(&self, path: &Path, sources: &[Source]) -> Vec<PathBuf> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let repository = Repository::open_bare(path).ok();
        let origin = repository.as_ref().and_then(|it| it.find_remote("origin").ok());
        let origin = origin.as_ref().and_then(|it| it.url().ok()).and_then(|url| Address::parse(url).ok());
        let is_of = |source: &&Source| {
            source.package.uuid().is_some_and(|uuid| uuid.to_string() == name)
                || origin.as_ref().is_some_and(|origin| {
                    Address::parse(&source.repository).is_ok_and(|address| address.is_same_as(origin))
                })
        };
        unique(sources.iter().filter(is_of).filter_map(|source| source.subdirectory.clone()))
    }

    /// The repositories in which developed packages are; a folder that is in none has no news.
    fn add_developed(&mut self, request: &Request<'_>) {
        let (locked, folder) = request.project.unwrap_or((&[], Path::new("")));
        for entry in locked.iter().filter(|entry| self.known.packages.contains(&entry.package)) {
            if let Origin::Path { path } = &entry.origin
                && let Some((path, below)) = discover(&folder.join(path))
            {
                let subdirectories = unique([below]);
                self.places.push(Place::Repository { path, subdirectories, is_expected: true });
            }
        }
    }

    fn add_named(&mut self, named: &[From], sources: &[Source]) {
        for from in named {
            match from {
                From::Folder(folder) => {
                    if let Some((path, below)) = discover(folder) {
                        let known = sources.iter().filter_map(|source| source.subdirectory.clone());
                        let subdirectories = unique(std::iter::once(below).chain(known));
                        self.places.push(Place::Repository { path, subdirectories, is_expected: true });
                    } else {
                        let place = folder.display().to_string();
                        self.problems.push(Problem::unreached(place, "there is no git repository"));
                    }
                }
                From::Address(address) => {
                    let is_of = |source: &&Source| {
                        Address::parse(&source.repository).is_ok_and(|other| other.is_same_as(address))
                    };
                    let subdirectories = sources.iter().filter(is_of).filter_map(|it| it.subdirectory.clone());
                    let subdirectories = unique(subdirectories);
                    self.places.push(Place::Elsewhere { address: address.clone(), subdirectories });
                }
            }
        }
    }

    /// One place for each repository, however many packages it has.
    fn add_elsewhere(&mut self, request: &Request<'_>, sources: &[Source]) {
        let mut asked: BTreeMap<Address, Vec<PathBuf>> = BTreeMap::new();
        for source in sources {
            match Address::parse(&source.repository) {
                Ok(address) => asked.entry(address).or_default().extend(source.subdirectory.clone()),
                Err(error) => self.problems.push(Problem::unreached(source.package.to_string(), error.to_string())),
            }
        }
        for (address, subdirectories) in asked {
            let subdirectories = unique(subdirectories);
            if request.from.contains(&From::Address(address.clone())) {
                continue;
            }
            self.places.push(match address.as_path() {
                Some(path) => Place::Repository { path, subdirectories, is_expected: true },
                None => Place::Elsewhere { address, subdirectories },
            });
        }
        let (locked, _) = request.project.unwrap_or((&[], Path::new("")));
        let is_developed = |entry: &crate::ecosystem::Locked| matches!(entry.origin, Origin::Path { .. });
        let unknown: Vec<_> = self
            .known
            .packages
            .iter()
            .filter(|package| !sources.iter().any(|source| source.package == **package))
            .filter(|package| !locked.iter().any(|entry| entry.package == **package && is_developed(entry)))
            .map(|package| Problem::NoRepository { package: package.clone() })
            .collect();
        self.problems.extend(unknown);
    }

    /// What a folder holds; a limit that is reached is a problem.
    fn at_most(&mut self, folder: &Path) -> Vec<PathBuf> {
        let mut found = entries(folder);
        if found.len() > MAX_FOLDERS {
            let reason = format!("it holds {} folders, {MAX_FOLDERS} are looked at", found.len());
            self.problems.push(Problem::unreached(folder.display().to_string(), reason));
            found.truncate(MAX_FOLDERS);
        }
        found
    }
}

impl Place {
    /// Whether it is one that the user or a registry names, and not one that happens to be on this machine.
    const fn is_asked(&self) -> bool {
        match self {
            Self::Installed(_) => false,
            Self::Repository { is_expected, .. } => *is_expected,
            Self::Elsewhere { .. } => true,
        }
    }
}

/// The repository in which a folder is, and where in it.
fn discover(folder: &Path) -> Option<(PathBuf, PathBuf)> {
    let repository = Repository::discover(folder).ok()?;
    let below = repository.workdir().and_then(|root| {
        let (root, folder) = (root.canonicalize().ok()?, folder.canonicalize().ok()?);
        Some(folder.strip_prefix(root).ok()?.to_owned())
    });
    // A bare repository has no folders of its own.
    Some((repository.path().components().collect(), below.unwrap_or_default()))
}

fn unique(paths: impl IntoIterator<Item = PathBuf>) -> Vec<PathBuf> {
    let mut unique: Vec<_> = paths.into_iter().filter(|path| !path.as_os_str().is_empty()).collect();
    unique.sort();
    unique.dedup();
    unique
}
