//! What a change does to the versions of a package, before any tree is looked at: REG-5 to REG-7, and the notes about
//! addresses and yank flags.

use crate::digest::TreeHash;
use crate::ecosystem::registry::{PackageFile, VersionEntry, Versions};
use crate::package::Version;

use super::report::{Change, Fault, Finding, Outcome};

/// A version that must be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) version: Version,
    pub(super) entry: VersionEntry,
    pub(super) change: Change,
}

/// The versions that must be judged, and what is wrong or worth a note before that.
#[derive(Debug, Default)]
pub(super) struct Difference {
    pub(super) candidates: Vec<Candidate>,
    pub(super) findings: Vec<Finding>,
}

/// Compares the versions of two revisions.
pub(super) fn between(base: &Versions, head: &Versions) -> Difference {
    let mut difference = Difference::default();
    for (version, entry) in head.iter() {
        let Some(before) = base.get(version) else {
            difference.candidates.push(Candidate { version: version.clone(), entry, change: Change::Added });
            continue;
        };
        if before.tree != entry.tree {
            difference.findings.push(replaced(version, before.tree, entry.tree, Change::Changed));
        } else if before.yanked && !entry.yanked {
            // It comes back, so it is judged as if it came anew.
            difference.candidates.push(Candidate { version: version.clone(), entry, change: Change::Changed });
        } else if entry.yanked && !before.yanked {
            let finding = Finding::new(Change::Changed, Outcome::Passed).about(version, entry.tree);
            difference.findings.push(finding.noted("registry-yank", "the registry marks it as yanked"));
        }
    }
    for (version, before) in base.iter().filter(|(version, _)| head.get(version).is_none()) {
        difference.findings.push(removed(version, before.tree));
    }
    difference
}

/// Compares the versions of a revision with what the registry remembers to have judged.
pub(super) fn since<'seen>(seen: impl Iterator<Item = (&'seen Version, TreeHash)>, head: &Versions) -> Difference {
    let mut difference = Difference::default();
    let mut known = std::collections::HashSet::new();
    for (version, tree) in seen {
        match head.get(version) {
            Some(entry) if entry.tree == tree => drop(known.insert(version.clone())),
            Some(entry) => {
                known.insert(version.clone());
                difference.findings.push(replaced(version, tree, entry.tree, Change::Present));
            }
            None => difference.findings.push(removed(version, tree)),
        }
    }
    let new = head.iter().filter(|(version, _)| !known.contains(version));
    difference.candidates =
        new.map(|(version, entry)| Candidate { version: version.clone(), entry, change: Change::Present }).collect();
    difference
}

/// What has changed about the package itself.
pub(super) fn of_package(base: &PackageFile, head: &PackageFile) -> Option<Finding> {
    let shown = |file: &PackageFile| {
        let address = file.repository.as_ref().map_or("none", |address| address.as_str());
        match &file.subdirectory {
            Some(folder) => format!("{address} (folder {})", folder.as_str()),
            None => address.to_owned(),
        }
    };
    let (before, after) = (shown(base), shown(head));
    (before != after).then(|| {
        let message = format!("the repository was {before}, and is {after}");
        Finding::new(Change::Package, Outcome::Passed).noted("repository-moved", message)
    })
}

fn replaced(version: &Version, expected: TreeHash, found: TreeHash, change: Change) -> Finding {
    let fault = Fault::TreeReplaced { version: version.clone(), expected, found };
    Finding::fault(change, fault).about(version, found)
}

fn removed(version: &Version, tree: TreeHash) -> Finding {
    Finding::fault(Change::Removed, Fault::VersionRemoved { version: version.clone(), tree }).about(version, tree)
}
