//! The chains of a site: those of a registry, and those that were named.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sigpkg::chain::Chain;
use sigpkg::digest::{SignatoryId, TreeHash};
use sigpkg::ecosystem::registry::PackageFile;
use sigpkg::package::{Package, Uuid};
use sigpkg::registry::site::Source;
use sigpkg::registry::{Gathered, Gathering, Packages, Surroundings, signatories};
use sigpkg::source::{Clones, Revision};

use crate::cli::failure::Failure;
use crate::cli::progress::Progress;

/// A registry, and what is read of it.
#[derive(Clone, Copy)]
pub(super) struct InRegistry<'a> {
    pub(super) revision: &'a Revision,
    pub(super) surroundings: Surroundings<'a>,
    /// Whether the trees are asked for.
    pub(super) trees: bool,
}

/// All chains of a site.
pub(super) struct Chains<'a> {
    registry: Option<InRegistry<'a>>,
    /// What was named, by id.
    named: BTreeMap<SignatoryId, Chain>,
    progress: &'a Progress,
    problems: Mutex<BTreeSet<String>>,
}

/// For a registry of whose packages there are no clones.
pub(super) struct NoPackages;

impl<'a> Chains<'a> {
    /// Of two files of one signatory both count.
    pub(super) fn new(
        registry: Option<InRegistry<'a>>,
        targets: Vec<Chain>,
        progress: &'a Progress,
    ) -> Result<Self, Failure> {
        let mut named: BTreeMap<SignatoryId, Chain> = BTreeMap::new();
        for chain in targets {
            match named.get_mut(&chain.id()) {
                Some(known) => {
                    known.merge(&chain).map_err(|error| Failure::refused(error.rule(), error))?;
                }
                None => drop(named.insert(chain.id(), chain)),
            }
        }
        Ok(Self { registry, named, progress, problems: Mutex::new(BTreeSet::new()) })
    }

    /// What could not be read, in sentences.
    pub(super) fn into_problems(self) -> Vec<String> {
        self.problems.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().collect()
    }
}

impl Source for Chains<'_> {
    fn each(&self, only: Option<&BTreeSet<Package>>, take: &(dyn Fn(&Chain, bool) + Sync)) -> Result<(), String> {
        // A revision is for one thread alone, so it is not taken to the others.
        let Self { registry, named, progress, problems } = self;
        let met = Mutex::new(BTreeSet::new());
        let take = |chain: &Chain, is_whole: bool| {
            take(chain, is_whole);
            progress.advance();
        };
        if let Some(InRegistry { revision, surroundings, trees }) = registry {
            let uuids: Option<BTreeSet<Uuid>> = only.map(|only| only.iter().filter_map(Package::uuid).collect());
            let each = |gathered: Gathered| {
                let is_whole = gathered.problems.is_empty();
                lock(problems).extend(gathered.problems);
                for mut chain in gathered.chains {
                    if let Some(named) = named.get(&chain.id()) {
                        // It has the id that was looked for.
                        drop(chain.merge(named));
                    }
                    lock(&met).insert(chain.id());
                    take(&chain, is_whole);
                }
            };
            let gathering = Gathering { trees: *trees, only: uuids.as_ref() };
            signatories(revision, surroundings, gathering, &each).map_err(|error| error.to_string())?;
        }
        let met = lock(&met);
        let rest = named.values().filter(|chain| !met.contains(&chain.id()));
        let wanted = rest.filter(|chain| only.is_none_or(|only| only.contains(chain.package())));
        wanted.for_each(|chain| take(chain, true));
        Ok(())
    }
}

/// A thread that panicked has left whole values behind.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Packages for NoPackages {
    fn clones(&self, _package: &PackageFile, _wanted: &[TreeHash]) -> Result<Clones, String> {
        Clones::open([]).map_err(|error| error.to_string())
    }
}
