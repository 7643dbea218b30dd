//! Who could be taken for whom: signatories of packages of one name, and ids that look alike.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::digest::SignatoryId;
use crate::representation::alike::Look;

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

/// The pairs of ids that look alike, in ascending order. Every pair is looked at: ids that are alike need not begin or end alike.
fn alike(ids: &[SignatoryId]) -> Vec<(usize, usize)> {
    let looks: Vec<Look> = ids.iter().map(Look::of).collect();
    let pairs = looks.par_iter().enumerate().flat_map_iter(|(at, look)| {
        let after = at + 1;
        look.among(looks.get(after..).unwrap_or_default()).map(move |(other, _)| (at, after + other))
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::Package;

    #[test]
    fn those_who_look_alike_or_have_one_name_are_neighbours_of_each_other() {
        let entry = |id: &str, name: &str| Entry {
            id: id.parse().unwrap(),
            package: Package::generic(name).unwrap(),
            newest: None,
        };
        let entries = [
            entry("sigpBsrSBo9t2pxyMVAOoCrNb3Y1TBBnsdAKRIo2A3UFrN4uFwfbMW9g", "one"),
            entry("sigpBsrSBo9t2pxyMVAO0CrNb3Y1TBBnsdAKRIo2A3UFrN4uFwfbMW9g", "two"),
            entry("sigp7Rd_pCQRx3OhFLhVn5HsQUjEtTZxU25wu2btamigwnEA1OwPNMiq", "ONE"),
            entry("sigpcPvMX79SSQQZePPq_UPhaP_ulgyImGTFQ_tEkCZC18AjRERnH0of", "three"),
        ];
        let found = find(&entries);
        assert_eq!(found.keys().copied().collect::<Vec<_>>(), [0, 1, 2]);
        let of = |at: usize| (found[&at].same_name.clone(), found[&at].alike.clone());
        assert_eq!(of(0), (vec![entries[2].clone()], vec![entries[1].clone()]));
        assert_eq!(of(1), (vec![], vec![entries[0].clone()]));
        assert_eq!(of(2), (vec![entries[0].clone()], vec![]));
    }

    #[test]
    fn more_neighbours_than_a_page_shows_are_counted() {
        let entry = |at: u32| Entry {
            id: SignatoryId::of_genesis(&at.to_le_bytes()),
            package: Package::generic("name").unwrap(),
            newest: None,
        };
        let entries: Vec<_> = (0..25).map(entry).collect();
        let found = find(&entries);
        assert_eq!((found[&7].same_name.len(), found[&7].same_name_left_out), (MOST, 4));
        assert!(found[&7].alike.is_empty());
    }
}
