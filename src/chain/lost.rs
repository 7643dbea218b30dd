//! What a store may leave out when all records together do not fit into it (VER-30).

use std::cmp::Reverse;

use super::belief::{Decided, State};
use super::{Authentic, Chain};
use crate::statement::Kind;

impl Chain {
    /// The chain without statements that are void or distrusted, as far as they can be missed: what a user believes of the
    /// rest is as it was.
    ///
    /// What stands, waits, is contested or suspended stays, and so do the ways to every reserve statement, to what was accepted and to
    /// the mark. Of each fork there two lost branches stay as evidence, up to the child that gives them their rank.
    #[cfg_attr(not(feature = "io"), allow(dead_code))]
    pub(crate) fn without_lost(&self, decided: &Decided) -> Self {
        let belief = self.belief(decided);
        let states: Vec<_> = self.links().map(|link| belief.state(link)).collect();
        let is_suspended: Vec<_> = self.links().map(|link| belief.is_suspended(link)).collect();
        let has_lost = |index: usize| match states[index] {
            Some(State::Standing | State::Waiting | State::Contested) => false,
            // BEL-10: a suspended statement is still heard, and may come to stand again by the user's word.
            Some(State::Void | State::Distrusted) | None => !is_suspended[index],
        };
        let is_reserve = |index: usize| self.records[index].record.claimed().kind() == Kind::Reserve;
        let mut stays: Vec<_> = (0..self.records.len()).map(|at| !has_lost(at) || is_reserve(at)).collect();
        for named in decided.accepted.iter().chain(&decided.distrust).filter_map(|digest| self.index_of(*digest)) {
            stays[named] = true;
        }
        for (index, authentic) in self.records.iter().enumerate().rev() {
            if let Some(parent) = authentic.parent {
                stays[parent] |= stays[index];
            }
        }
        // What gives most of a rank comes first: void before distrusted, and extended before lone.
        let weight = |index: &usize| {
            let Authentic { record, children, .. } = &self.records[*index];
            (states[*index] == Some(State::Void), !children.is_empty(), Reverse(record.digest()))
        };
        // First two lost branches of each fork, which prove it, then a child of each.
        for most in [2, 1] {
            let lost = |parent: &Authentic| {
                let children = parent.children.iter().copied();
                let mut lost: Vec<_> = children.filter(|child| has_lost(*child) && !is_reserve(*child)).collect();
                lost.sort_by_key(|index| Reverse(weight(index)));
                lost.truncate(most);
                lost
            };
            let parents = self.records.iter().zip(&stays).filter(|(_, stays)| **stays);
            let evidence: Vec<_> = parents.flat_map(|(parent, _)| lost(parent)).collect();
            for index in evidence {
                stays[index] = true;
            }
        }
        let mut rest = Self::empty(self.id, self.records.len());
        for (Authentic { record, parent, .. }, _) in self.records.iter().zip(&stays).filter(|(_, stays)| **stays) {
            // The parent stays too, and stands before it.
            let parent = parent.and_then(|parent| rest.index_of(self.records[parent].record.digest()));
            rest.push(record.clone(), parent);
        }
        rest
    }
}
