//! Who signs the packages of a registry: the chains that it remembers, and those in the trees that it registers.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::chain::Chain;
use crate::digest::TreeHash;
use crate::ecosystem::registry::Place;
use crate::package::{Package, Uuid};
use crate::source::{Glance, Revision};

use super::Surroundings;
use super::judge;
use super::known::{Rules, Signatories};
use super::policy::Policy;
use super::report::Fault;
use super::state::{Listed, PackageState, Unread, read_index, read_package, read_policy, sentence};
use super::walk::RegistryError;

/// What is looked at.
///
/// Nothing is read of packages that are not asked for:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # let uuid = "7876af07-990d-54b4-ab0e-23690620f79a";
/// # let index = format!("{}{uuid} = {{ name = \"Example\", path = \"E/Example\" }}\n", doc::REGISTRY);
/// # machine.commit("Registry.toml", &index)?;
/// # let package = format!("name = \"Example\"\nuuid = \"{uuid}\"\nrepo = \"https://example.org/Example.jl\"\n");
/// # machine.commit("E/Example/Package.toml", &package)?;
/// # let registry = sigpkg::source::Revision::open(&machine.repository, "HEAD", None)?;
/// # let scheme = &sigpkg::signature::Standard;
/// # let (heads, packages) = (&doc::Nothing, &doc::Nothing);
/// # let surroundings =
/// #     sigpkg::registry::Surroundings { heads, packages, policy_reviewed: false, now: doc::now(), scheme };
/// use std::collections::BTreeSet;
///
/// use sigpkg::registry::{Gathering, signatories};
///
/// let other = BTreeSet::from(["23338594-aafe-5451-b93e-139f81909106".parse()?]);
/// let gathering = Gathering { trees: true, only: Some(&other) };
/// signatories(&registry, &surroundings, gathering, &|gathered| panic!("nobody asked for {gathered:?}"))?;
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Gathering<'a> {
    /// Whether the trees are asked for, or what the registry remembers alone.
    pub trees: bool,
    /// These packages alone; `None` for all.
    pub only: Option<&'a BTreeSet<Uuid>>,
}

/// The signatories of one package, as far as they could be read.
///
/// A package whose trees cannot be had may have signatories that nobody was told of:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # let uuid = "7876af07-990d-54b4-ab0e-23690620f79a";
/// # let index = format!("{}{uuid} = {{ name = \"Example\", path = \"E/Example\" }}\n", doc::REGISTRY);
/// # machine.commit("Registry.toml", &index)?;
/// # let package = format!("name = \"Example\"\nuuid = \"{uuid}\"\nrepo = \"https://example.org/Example.jl\"\n");
/// # machine.commit("E/Example/Package.toml", &package)?;
/// # let registry = sigpkg::source::Revision::open(&machine.repository, "HEAD", None)?;
/// # let scheme = &sigpkg::signature::Standard;
/// # let (heads, packages) = (&doc::Nothing, &doc::Nothing);
/// # let surroundings =
/// #     sigpkg::registry::Surroundings { heads, packages, policy_reviewed: false, now: doc::now(), scheme };
/// use std::sync::Mutex;
///
/// use sigpkg::registry::{Gathering, signatories};
///
/// let found = Mutex::new(Vec::new());
/// let keep = |gathered| found.lock().expect("no thread has panicked").push(gathered);
/// signatories(&registry, &surroundings, Gathering { trees: true, only: None }, &keep)?;
/// let found = found.into_inner()?;
/// assert_eq!(found[0].claimed_name, "Example");
/// assert!(found[0].chains.is_empty());
/// assert_eq!(found[0].problems, ["there is no clone of Example"]);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Gathered {
    /// The name that the registry gives the package, which nobody vouches for.
    pub claimed_name: String,
    /// Its id.
    pub uuid: Uuid,
    /// A chain for each signatory. All are valid, and speak of this package; nothing is said of whom to trust.
    pub chains: Vec<Chain>,
    /// Why there may be more than this, a sentence for each reason.
    pub problems: Vec<String>,
}

/// Reads who signs the packages of a registry (REG-9, without the decisions that it names). `each` is called with each package,
/// from several threads, as soon as it is read; nothing of it is kept here.
///
/// # Errors
///
/// - [`RegistryError::Unreadable`] if the repository cannot be read, or is no registry
///
/// # Example
///
/// What the registry remembers, without a clone of any package:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # struct Remembers(String);
/// # impl sigpkg::registry::Heads for Remembers {
/// #     fn load(&self, _package: sigpkg::package::Uuid) -> Result<Option<Vec<u8>>, String> {
/// #         Ok(Some(self.0.clone().into_bytes()))
/// #     }
/// # }
/// # let machine = doc::Machine::new()?;
/// # let uuid = "7876af07-990d-54b4-ab0e-23690620f79a";
/// # let index = format!("{}{uuid} = {{ name = \"Example\", path = \"E/Example\" }}\n", doc::REGISTRY);
/// # machine.commit("Registry.toml", &index)?;
/// # let package = format!("name = \"Example\"\nuuid = \"{uuid}\"\nrepo = \"https://example.org/Example.jl\"\n");
/// # machine.commit("E/Example/Package.toml", &package)?;
/// # let registry = sigpkg::source::Revision::open(&machine.repository, "HEAD", None)?;
/// # let scheme = &sigpkg::signature::Standard;
/// # let signed = doc::trusted(&["chain-1", "chain-2"])?;
/// # let id = signed.id();
/// # let package = signed.package().clone();
/// # let head = sigpkg::registry::Head { package, signed: Some(signed), versions: Default::default() };
/// # let (heads, packages) = (&Remembers(head.to_file()), &doc::Nothing);
/// # let surroundings =
/// #     sigpkg::registry::Surroundings { heads, packages, policy_reviewed: false, now: doc::now(), scheme };
/// use std::sync::Mutex;
///
/// use sigpkg::registry::{Gathering, signatories};
///
/// let ids = Mutex::new(Vec::new());
/// signatories(&registry, &surroundings, Gathering { trees: false, only: None }, &|gathered| {
///     ids.lock().expect("no thread has panicked").extend(gathered.chains.iter().map(|chain| chain.id()));
/// })?;
/// assert_eq!(ids.into_inner()?, [id]);
/// # Ok::<(), doc::Error>(())
/// ```
pub fn signatories(
    revision: &Revision,
    surroundings: &Surroundings<'_>,
    gathering: Gathering<'_>,
    each: &(dyn Fn(Gathered) + Sync),
) -> Result<(), RegistryError> {
    let policy = read_policy(revision).map_err(unreadable)?;
    let Listed { form, index } = read_index(revision).map_err(unreadable)?;
    let handle = revision.handle();
    let is_wanted = |uuid: &Uuid| gathering.only.is_none_or(|only| only.contains(uuid));
    let wanted: Vec<(Uuid, Place)> = index.packages.into_iter().filter(|(uuid, _)| is_wanted(uuid)).collect();
    wanted.into_par_iter().for_each_init(
        || handle.open().map_err(|error| sentence(&error)),
        |revision, (uuid, place)| {
            let state = match revision {
                Ok(revision) => read_package(revision, form, uuid, &place).map_err(problem_of),
                Err(problem) => Err(problem.clone()),
            };
            let (chains, problems) = match state {
                Ok(state) => gather(uuid, &state, &policy, surroundings, gathering.trees),
                Err(problem) => (Vec::new(), vec![problem]),
            };
            each(Gathered { claimed_name: place.name, uuid, chains, problems });
        },
    );
    Ok(())
}

fn gather(
    uuid: Uuid,
    state: &PackageState,
    policy: &Policy,
    surroundings: &Surroundings<'_>,
    trees: bool,
) -> (Vec<Chain>, Vec<String>) {
    let package: &Package = &state.file.package;
    let rules = Rules { package, uuid, policy, now: surroundings.now, scheme: surroundings.scheme };
    let mut problems = Vec::new();
    let mut head = judge::load_head(rules, surroundings).unwrap_or_else(|problem| {
        problems.push(problem);
        None
    });
    let mut signatories = Signatories::remembered(head.as_mut().and_then(|head| head.signed.take()));
    if trees {
        let wanted: Vec<TreeHash> = state.versions.iter().map(|(_, entry)| entry.tree).collect();
        match surroundings.packages.clones(&state.file, &wanted) {
            Err(problem) => problems.push(problem),
            Ok(clones) => {
                for (version, entry) in state.versions.iter() {
                    match clones.glance(entry.tree, &[]) {
                        Ok(Glance { chain: Some(chain), .. }) => {
                            problems.extend(signatories.meet(rules, &chain).err());
                        }
                        Ok(Glance { chain: None, .. }) => {}
                        Err(_) if head.as_ref().is_some_and(|head| head.has(version, entry.tree)) => {}
                        Err(_) if policy.is_lost(uuid, entry.tree) => {}
                        Err(error) => {
                            problems
                                .push(format!("version {version} of {package} cannot be had: {}", sentence(&error)));
                        }
                    }
                }
            }
        }
    }
    (signatories.into_chains().collect(), problems)
}

fn unreadable(unread: Unread) -> RegistryError {
    RegistryError::Unreadable(problem_of(unread))
}

fn problem_of(unread: Unread) -> String {
    match unread {
        Unread::Fault(fault) => Fault::to_string(&fault),
        Unread::CouldNotTell(problem) => problem,
    }
}
