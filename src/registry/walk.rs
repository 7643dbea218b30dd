//! The walk over the packages of a registry: those that a change touches, or all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use rayon::prelude::*;

use crate::ecosystem::registry::{Place, RegistryForm};
use crate::package::Uuid;
use crate::source::{Handle, Revision, RevisionError, SourceError};

use super::Surroundings;
use super::judge::{self, Against};
use super::policy::{POLICY, Policy};
use super::report::{Change, Fault, Finding, Outcome, PackageReport, Reason, Summary};
use super::state::{
    Listed, PackageState, Unread, index_name, path_of, read_index, read_package, read_policy, sentence,
};

/// Why nothing can be said of a registry.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # machine.commit("Registry.toml", doc::REGISTRY)?;
/// # let revision = |revision| sigpkg::source::Revision::open(&machine.repository, revision, None);
/// # let scheme = &sigpkg::signature::Standard;
/// # let (heads, packages) = (&doc::Nothing, &doc::Nothing);
/// # let surroundings =
/// #     sigpkg::registry::Surroundings { heads, packages, policy_reviewed: false, now: doc::now(), scheme };
/// use sigpkg::registry::{RegistryError, check};
///
/// let (before, head) = (revision("HEAD~1")?, revision("HEAD")?);
/// let refused = check(Some(&before), &head, &surroundings);
/// assert!(matches!(refused, Err(RegistryError::Base(_))), "there was no registry yet");
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The repository of the registry cannot be read.
    #[error("the registry cannot be read: {0}")]
    Unreadable(String),
    /// The base is no registry, so there is nothing to compare with.
    #[error("the base revision is no registry: {0}")]
    Base(Fault),
}

/// Judges the change from one revision of a registry to another. Without a base everything is new. There is a report for
/// each package that the change touches, and one for the registry itself if there is something to say.
///
/// # Errors
///
/// - [`RegistryError::Unreadable`] if the repository cannot be read
/// - [`RegistryError::Base`] if the base is no registry
///
/// # Example
///
/// A change that removes the index of the registry, judged by its base:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # machine.commit("Registry.toml", doc::REGISTRY)?;
/// # machine.commit("Registry.toml", "no registry\n")?;
/// # let revision = |revision| sigpkg::source::Revision::open(&machine.repository, revision, None);
/// # let scheme = &sigpkg::signature::Standard;
/// # let (heads, packages) = (&doc::Nothing, &doc::Nothing);
/// # let surroundings =
/// #     sigpkg::registry::Surroundings { heads, packages, policy_reviewed: false, now: doc::now(), scheme };
/// use sigpkg::registry::check;
///
/// let (base, head) = (revision("HEAD~1")?, revision("HEAD")?);
/// assert!(check(Some(&base), &base, &surroundings)?.is_empty(), "nothing has changed");
/// let reports = check(Some(&base), &head, &surroundings)?;
/// assert_eq!(reports[0].findings[0].outcome.word(), "refused");
/// # Ok::<(), doc::Error>(())
/// ```
pub fn check(
    base: Option<&Revision>,
    head: &Revision,
    surroundings: &Surroundings<'_>,
) -> Result<Vec<PackageReport>, RegistryError> {
    let base_index = base.map(|base| read_index(base).map_err(of_base)).transpose()?;
    // From the base: no change brings its own consent.
    let policy = base.map(|base| read_policy(base).map_err(of_base)).transpose()?.unwrap_or_default();
    let mut reports = Vec::new();
    reports.extend(policy_report(base, head, surroundings)?);
    let Listed { form, index: head_index } = match read_index(head) {
        Ok(listed) => listed,
        Err(unread) => {
            reports.push(registry_report(index_name(), of_head(unread)?));
            return Ok(reports);
        }
    };
    let no_packages = BTreeMap::new();
    let before = base_index.as_ref().map_or(&no_packages, |listed| &listed.index.packages);
    let gone = before.iter().filter(|(uuid, _)| !head_index.packages.contains_key(uuid));
    reports.extend(gone.map(|(uuid, place)| {
        let fault = Fault::PackageRemoved { name: place.name.clone(), uuid: *uuid };
        report(form, *uuid, place, vec![Finding::fault(Change::Removed, fault)])
    }));
    let changed = match base {
        Some(base) => head.changed_since(base).map_err(|error| unreadable_source(&error))?,
        None => BTreeSet::new(),
    };
    let with_before = head_index.packages.iter().map(|(uuid, place)| (*uuid, before.get(uuid), place));
    let touched: Vec<_> =
        with_before.filter(|(_, before, place)| *before != Some(*place) || is_touched(form, &changed, place)).collect();
    let handles = (base.map(Revision::handle), head.handle());
    let judged: Vec<_> = touched
        .into_par_iter()
        .map_init(
            || open_both(handles),
            |revisions, (uuid, before, place)| match revisions {
                Ok((base, head)) => {
                    package(form, uuid, base.as_ref().zip(before), (head, place), &policy, surroundings)
                }
                Err(problem) => report(form, uuid, place, vec![unreadable(problem.clone())]),
            },
        )
        .collect();
    reports.extend(judged);
    Ok(reports)
}

/// Judges what a revision of a registry holds, as far as the registry does not remember to have judged it before. `each`
/// is called with each package, from several threads, as soon as it is done; nothing of it is kept here.
///
/// # Errors
///
/// As [`check`].
///
/// # Example
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # let package = "7876af07-990d-54b4-ab0e-23690620f79a = { name = \"Tides\", path = \"T/Tides\" }\n";
/// # machine.commit("Registry.toml", &[doc::REGISTRY, package].concat())?;
/// # let registry = sigpkg::source::Revision::open(&machine.repository, "HEAD", None)?;
/// # let scheme = &sigpkg::signature::Standard;
/// # let (heads, packages) = (&doc::Nothing, &doc::Nothing);
/// # let surroundings =
/// #     sigpkg::registry::Surroundings { heads, packages, policy_reviewed: false, now: doc::now(), scheme };
/// use std::sync::Mutex;
///
/// use sigpkg::registry::audit;
///
/// let failed = Mutex::new(Vec::new());
/// let summary = audit(&registry, &surroundings, &|report| {
///     if !report.has_passed() {
///         failed.lock().expect("nobody panics").push(report.claimed_name);
///     }
/// })?;
/// assert_eq!(failed.into_inner()?, ["Tides"], "its files are not there");
/// assert_eq!(summary.refused, 1);
/// # Ok::<(), doc::Error>(())
/// ```
pub fn audit(
    revision: &Revision,
    surroundings: &Surroundings<'_>,
    each: &(dyn Fn(PackageReport) + Sync),
) -> Result<Summary, RegistryError> {
    let summary = Mutex::new(Summary::default());
    let add = |versions: usize, report: PackageReport| {
        // A thread that panicked has left whole numbers behind.
        let mut summary = summary.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        summary.versions += versions;
        summary.add(&report);
        drop(summary);
        each(report);
    };
    let policy = match read_policy(revision) {
        Ok(policy) => policy,
        Err(unread) => {
            // Without its consents nothing can be said of what they are about.
            add(0, registry_report(POLICY, of_head(unread)?));
            return Ok(into_inner(summary));
        }
    };
    let Listed { form, index } = match read_index(revision) {
        Ok(listed) => listed,
        Err(unread) => {
            add(0, registry_report(index_name(), of_head(unread)?));
            return Ok(into_inner(summary));
        }
    };
    let count = index.packages.len();
    let handle = revision.handle();
    index.packages.into_par_iter().for_each_init(
        || handle.open().map_err(|error| sentence(&error)),
        |revision, (uuid, place)| {
            let state = match revision {
                Ok(revision) => read_package(revision, form, uuid, &place),
                Err(problem) => Err(Unread::CouldNotTell(problem.clone())),
            };
            match state {
                Ok(state) => {
                    let judged = judge::judge(uuid, &state, &Against::Head, &policy, surroundings);
                    add(state.versions.len(), placed(form, judged, &place));
                }
                Err(unread) => add(0, report(form, uuid, &place, vec![finding_of(unread)])),
            }
        },
    );
    let mut summary = into_inner(summary);
    summary.packages = count;
    Ok(summary)
}

fn into_inner(summary: Mutex<Summary>) -> Summary {
    summary.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// REG-8 and REG-4 for the policy of the head.
fn policy_report(
    base: Option<&Revision>,
    head: &Revision,
    surroundings: &Surroundings<'_>,
) -> Result<Option<PackageReport>, RegistryError> {
    let object = |revision: &Revision| revision.object(POLICY).map_err(|error| unreadable_source(&error));
    let before = base.map(object).transpose()?.flatten();
    if before == object(head)? {
        return Ok(None);
    }
    let outcome = match read_policy(head) {
        Err(unread) => of_head(unread)?,
        Ok(_) if surroundings.policy_reviewed => {
            let finding = Finding::new(Change::Registry, Outcome::Passed);
            finding.noted("policy-changed", format!("the change edits {POLICY}; it counts from the next change on"))
        }
        Ok(_) => Finding::fault(Change::Registry, Fault::PolicyChanged),
    };
    Ok(Some(registry_report(POLICY, outcome)))
}

/// Whether one of the files of a package is among those that have changed.
fn is_touched(form: &dyn RegistryForm, changed: &BTreeSet<Vec<u8>>, place: &Place) -> bool {
    // What takes the place of the folder is no file in it.
    let paths =
        [place.path.as_str().to_owned(), path_of(&place.path, form.package()), path_of(&place.path, form.versions())];
    let is_link_above = |path: &String| {
        path.match_indices('/').any(|(end, _)| path.get(..end).is_some_and(|above| changed.contains(above.as_bytes())))
    };
    paths.iter().any(|path| changed.contains(path.as_bytes()) || is_link_above(path))
}

fn open_both((base, head): (Option<&Handle>, &Handle)) -> Result<(Option<Revision>, Revision), String> {
    let open = |handle: &Handle| handle.open().map_err(|error: SourceError| sentence(&error));
    Ok((base.map(open).transpose()?, open(head)?))
}

/// Judges a package that a change touches.
fn package(
    form: &dyn RegistryForm,
    uuid: Uuid,
    before: Option<(&Revision, &Place)>,
    (head, place): (&Revision, &Place),
    policy: &Policy,
    surroundings: &Surroundings<'_>,
) -> PackageReport {
    if let Some((_, before)) = before
        && before.name != place.name
    {
        let fault = Fault::PackageRenamed { uuid, expected: before.name.clone(), found: place.name.clone() };
        return report(form, uuid, place, vec![Finding::fault(Change::Package, fault)]);
    }
    let base: Option<PackageState> = match before.map(|(revision, place)| read_package(revision, form, uuid, place)) {
        None => None,
        Some(Ok(state)) => Some(state),
        // What was there before cannot be made good by what is there now.
        Some(Err(Unread::Fault(fault))) => {
            return report(form, uuid, place, vec![unreadable(format!("in the base, {fault}"))]);
        }
        Some(Err(Unread::CouldNotTell(problem))) => return report(form, uuid, place, vec![unreadable(problem)]),
    };
    match read_package(head, form, uuid, place) {
        Ok(state) => {
            placed(form, judge::judge(uuid, &state, &Against::Base(base.as_ref()), policy, surroundings), place)
        }
        Err(unread) => report(form, uuid, place, vec![finding_of(unread)]),
    }
}

fn placed(form: &dyn RegistryForm, report: PackageReport, place: &Place) -> PackageReport {
    PackageReport { claimed_name: place.name.clone(), file: path_of(&place.path, form.versions()), ..report }
}

fn report(form: &dyn RegistryForm, uuid: Uuid, place: &Place, findings: Vec<Finding>) -> PackageReport {
    let file = path_of(&place.path, form.package());
    PackageReport { uuid: Some(uuid), claimed_name: place.name.clone(), file, findings, head: None }
}

fn registry_report(file: &str, finding: Finding) -> PackageReport {
    let (claimed_name, file) = ("the registry".to_owned(), file.to_owned());
    PackageReport { uuid: None, claimed_name, file, findings: vec![finding], head: None }
}

fn finding_of(unread: Unread) -> Finding {
    match unread {
        Unread::Fault(fault) => Finding::fault(Change::Package, fault),
        Unread::CouldNotTell(problem) => unreadable(problem),
    }
}

fn unreadable(problem: String) -> Finding {
    Finding::new(Change::Package, Outcome::CouldNotTell(problem))
}

/// A fault of the head is a finding.
fn of_head(unread: Unread) -> Result<Finding, RegistryError> {
    match unread {
        Unread::Fault(fault) => Ok(Finding::new(Change::Registry, Outcome::of(Reason::Registry(fault)))),
        Unread::CouldNotTell(problem) => Err(RegistryError::Unreadable(problem)),
    }
}

fn of_base(unread: Unread) -> RegistryError {
    match unread {
        Unread::Fault(fault) => RegistryError::Base(fault),
        Unread::CouldNotTell(problem) => RegistryError::Unreadable(problem),
    }
}

fn unreadable_source(error: &RevisionError) -> RegistryError {
    RegistryError::Unreadable(sentence(error))
}
