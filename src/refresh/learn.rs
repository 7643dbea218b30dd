//! What is kept of the chains that were found (PRJ-30): what VER-30 lets a store keep, and no decision.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{Candidate, Gathered, Problem};
use crate::chain::Chain;
use crate::digest::SignatoryId;
use crate::package::Package;
use crate::signature::Scheme;
use crate::statement::FIRST_LINE;
use crate::time::Timestamp;
use crate::trust::{TrustStore, Trusted, Update};

/// What was heard.
///
/// Somebody else signs a package of the same name and id:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::released()?;
/// # let trusted = [machine.trusted()?];
/// # let other = doc::Machine::released()?;
/// # let from = [sigpkg::refresh::From::Folder(other.repository.clone())];
/// # let request = sigpkg::refresh::Request {
/// #     trusted: &trusted,
/// #     depots: &[],
/// #     project: None,
/// #     from: &from,
/// #     fetch: false,
/// #     terms: doc::TERMS,
/// # };
/// use sigpkg::refresh::{Plan, learn};
/// use sigpkg::signature::Standard;
///
/// let gathered = Plan::new(&request).gather(&|| {});
/// let report = learn(&machine.trust(), &trusted, gathered, doc::now(), &Standard);
/// assert_eq!(report.others[0].found, other.id()?);
/// assert_eq!(report.learned[0].update.new_records, 0, "and nothing is learned from it");
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Debug)]
pub struct Report {
    /// One for each trusted signatory, in their order.
    pub learned: Vec<Learned>,
    /// Other signatories of the same packages.
    pub others: Vec<Other>,
    /// What could not be heard.
    pub problems: Vec<Problem>,
}

/// What was learned of one signatory.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun()?;
/// # let store = machine.trust();
/// # store.add(machine.store()?.chain(), sigpkg::trust::Grade::Seen, doc::now())?;
/// # machine.release("1.0.0")?;
/// # let trusted = store.list()?;
/// # let from = [sigpkg::refresh::From::Folder(machine.repository.clone())];
/// # let request = sigpkg::refresh::Request {
/// #     trusted: &trusted, depots: &[], project: None, from: &from, fetch: false, terms: doc::TERMS,
/// # };
/// # let gathered = sigpkg::refresh::Plan::new(&request).gather(&|| {});
/// use sigpkg::refresh::learn;
/// use sigpkg::signature::Standard;
///
/// let report = learn(&store, &trusted, gathered, doc::now(), &Standard);
/// let [learned] = &report.learned[..] else { return Err("one is trusted".into()) };
/// assert_eq!((learned.update.new_records, learned.from.len()), (1, 1));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Debug)]
pub struct Learned {
    /// What was known before, and what is known now.
    pub update: Update,
    /// The places that had something new.
    pub from: Vec<String>,
}

/// A valid chain of another signatory for a package of which a signatory is trusted. Nothing was learned from it.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::released()?;
/// # let trusted = [machine.trusted()?];
/// # let other = doc::Machine::released()?;
/// # let from = [sigpkg::refresh::From::Folder(other.repository.clone())];
/// # let request = sigpkg::refresh::Request {
/// #     trusted: &trusted, depots: &[], project: None, from: &from, fetch: false, terms: doc::TERMS,
/// # };
/// # let gathered = sigpkg::refresh::Plan::new(&request).gather(&|| {});
/// use sigpkg::refresh::learn;
/// use sigpkg::signature::Standard;
///
/// let report = learn(&machine.trust(), &trusted, gathered, doc::now(), &Standard);
/// let [found] = &report.others[..] else { return Err("one other was found".into()) };
/// assert_eq!((found.found, &found.trusted[..]), (other.id()?, &[machine.id()?][..]));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// The package.
    pub package: Package,
    /// Who is trusted for it.
    pub trusted: Vec<SignatoryId>,
    /// Whose chain was found.
    pub found: SignatoryId,
    /// Where.
    pub places: Vec<String>,
}

/// Admits the chains that were found, and adds the records of trusted signatories to the store. No decision changes.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun()?;
/// # let store = machine.trust();
/// # store.add(machine.store()?.chain(), sigpkg::trust::Grade::Seen, doc::now())?;
/// # machine.release("1.0.0")?;
/// # let trusted = store.list()?;
/// # let from = [sigpkg::refresh::From::Folder(machine.repository.clone())];
/// use sigpkg::refresh::{Plan, Request, learn};
/// use sigpkg::signature::Standard;
///
/// let request =
///     Request { trusted: &trusted, depots: &[], project: None, from: &from, fetch: false, terms: doc::TERMS };
/// let report = learn(&store, &trusted, Plan::new(&request).gather(&|| {}), doc::now(), &Standard);
/// assert_eq!(report.learned[0].update.new_records, 1);
/// assert_eq!(store.list()?[0].chain().len(), 2);
/// # Ok::<(), doc::Error>(())
/// ```
pub fn learn(
    store: &TrustStore,
    trusted: &[Trusted],
    gathered: Gathered,
    now: Timestamp,
    scheme: &dyn Scheme,
) -> Report {
    let Gathered { candidates, problems } = gathered;
    let mut by_id: BTreeMap<SignatoryId, Vec<Candidate>> = BTreeMap::new();
    for candidate in candidates {
        by_id.entry(candidate.claimed_id).or_default().push(candidate);
    }
    let mut report = Report { learned: Vec::new(), others: Vec::new(), problems };
    let with_candidates: Vec<_> =
        trusted.iter().map(|trusted| (trusted, by_id.remove(&trusted.id()).unwrap_or_default())).collect();
    let admitted: Vec<_> =
        with_candidates.into_par_iter().map(|(trusted, found)| (trusted, admit(trusted, found, scheme))).collect();
    for (trusted, Admitted { chain, from, problems }) in admitted {
        report.problems.extend(problems);
        let kept = if from.is_empty() { None } else { Some(store.update(&chain, now)) };
        let update = match kept {
            Some(Ok(update)) => Some(update),
            None => None,
            Some(Err(error)) => {
                report.problems.push(Problem::unreached(trusted.package().to_string(), error.to_string()));
                None
            }
        };
        let nothing = || Update { new_records: 0, before: trusted.clone(), after: trusted.clone() };
        report.learned.push(Learned { update: update.unwrap_or_else(nothing), from });
    }
    for (found, candidates) in by_id {
        add_other(&mut report, trusted, found, candidates, scheme);
    }
    report
}

struct Admitted {
    chain: Chain,
    from: Vec<String>,
    problems: Vec<Problem>,
}

/// Admits one chain after the other beside what is known, the largest first: most of the others are its beginnings.
fn admit(trusted: &Trusted, candidates: Vec<Candidate>, scheme: &dyn Scheme) -> Admitted {
    let mut admitted = Admitted { chain: trusted.chain().clone(), from: Vec::new(), problems: Vec::new() };
    let mut taken: Vec<Vec<u8>> = vec![trusted.chain().to_file().into_bytes()];
    for Candidate { place, file, .. } in largest_first(candidates) {
        if taken.iter().any(|taken| is_beginning(taken, &file)) {
            continue;
        }
        match Chain::admit_beside(&file, &admitted.chain, trusted.vouchers(), scheme) {
            Ok(chain) => {
                // The id is the same, or it would not have been admitted.
                if admitted.chain.merge(&chain).is_ok_and(|new| new > 0) {
                    admitted.from.push(place);
                }
                taken.push(file);
            }
            Err(error) => {
                let (reason, rule) = (error.to_string(), Some(error.rule()));
                admitted.problems.push(Problem::Refused { place, reason, rule });
            }
        }
    }
    admitted
}

fn add_other(
    report: &mut Report,
    trusted: &[Trusted],
    found: SignatoryId,
    candidates: Vec<Candidate>,
    scheme: &dyn Scheme,
) {
    let mut places: Vec<_> = candidates.iter().map(|candidate| candidate.place.clone()).collect();
    places.sort();
    places.dedup();
    let mut refused = Vec::new();
    for Candidate { place, file, .. } in largest_first(candidates) {
        match Chain::admit(&file, found, scheme) {
            Ok(chain) => {
                let of_package = trusted.iter().filter(|trusted| trusted.package() == chain.package());
                let trusted: Vec<_> = of_package.map(Trusted::id).collect();
                // One valid chain is enough to warn of it; what else claims this id does not matter.
                report.others.push(Other { package: chain.package().clone(), trusted, found, places });
                return;
            }
            Err(error) => {
                let (reason, rule) = (error.to_string(), Some(error.rule()));
                refused.push(Problem::Refused { place, reason, rule });
            }
        }
    }
    report.problems.extend(refused);
}

fn largest_first(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    candidates.sort_by(|one, other| {
        let size = other.file.len().cmp(&one.file.len());
        size.then_with(|| one.file.cmp(&other.file)).then_with(|| one.place.cmp(&other.place))
    });
    candidates.dedup_by(|later, earlier| later.file == earlier.file);
    candidates
}

/// Whether a file is a chain file that ends where another statement of the larger one begins.
fn is_beginning(larger: &[u8], file: &[u8]) -> bool {
    larger.strip_prefix(file).is_some_and(|rest| rest.is_empty() || rest.starts_with(FIRST_LINE.as_bytes()))
}

impl Candidate {
    pub(super) fn claimed_package(&self) -> Option<Package> {
        Chain::claimed_package(&self.file).ok()
    }
}
