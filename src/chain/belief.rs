//! Belief: which statements of a chain stand.
//!
//! A pure function of the set of records and the user's acceptances; read it beside section 4.3 of the specification.
//! It is the one place where forks are decided.

use std::collections::HashSet;

use super::{Chain, Link};
use crate::digest::Digest;
use crate::package::Version;
use crate::statement::{Kind, Release, Seq};

/// What a user believes about a chain.
#[derive(Debug)]
pub struct Belief<'chain> {
    chain: &'chain Chain,
    /// One for each record of the chain.
    states: Vec<State>,
    /// Indexes of the standing line, from the genesis to the head.
    line: Vec<usize>,
    /// Indexes of releases that are withdrawn (BEL-6).
    withdrawn: HashSet<usize>,
    contest: Option<Vec<usize>>,
    rivals: Vec<usize>,
}

/// The state of a statement when forks are known (BEL-3, BEL-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// On the standing line.
    Standing,
    /// On a branch that might come to stand.
    Contested,
    /// On a branch that lost.
    Void,
}

/// A fork that nothing decides yet.
#[derive(Clone, Debug)]
pub struct Contest<'chain> {
    /// The last statement before the fork, which is the head.
    pub parent: Link<'chain>,
    /// The first statements of the branches that have the highest rank, in the order of their digests.
    pub children: Vec<Link<'chain>>,
}

/// A branch that lost to an acceptance alone (BEL-7).
#[derive(Clone, Copy, Debug)]
pub struct Rival<'chain> {
    /// Its first statement.
    pub first: Link<'chain>,
}

/// BEL-1. What a branch shows of the keys of whoever signed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// A lone statement.
    Lone,
    /// Its first statement has been extended.
    Extended,
    /// It leads to a reserve record.
    Reserve,
}

/// A release that stands in the chain from which it is borrowed. Nothing else can make one.
#[derive(Clone, Copy, Debug)]
pub struct VerifiedRelease<'chain> {
    link: Link<'chain>,
    release: &'chain Release,
}

impl State {
    /// The word of the specification.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standing => "standing",
            Self::Contested => "contested",
            Self::Void => "void",
        }
    }
}

impl<'chain> Belief<'chain> {
    pub(super) fn new(chain: &'chain Chain, acceptances: &[Digest]) -> Self {
        let mut belief = Self {
            chain,
            states: vec![State::Void; chain.records.len()],
            line: Vec::new(),
            withdrawn: HashSet::new(),
            contest: None,
            rivals: Vec::new(),
        };
        belief.find_standing_line(&Facts::of(chain, acceptances));
        belief.find_withdrawn();
        belief
    }

    /// BEL-3
    fn find_standing_line(&mut self, facts: &Facts) {
        let mut standing = Some(0);
        while let Some(index) = standing {
            self.states[index] = State::Standing;
            self.line.push(index);
            standing = match self.chain.records[index].children.as_slice() {
                [] => None,
                [only] => Some(*only),
                fork => self.decide(fork, facts),
            };
        }
    }

    /// The child of a fork that stands; `None` if the fork is contested.
    fn decide(&mut self, fork: &[usize], facts: &Facts) -> Option<usize> {
        let highest = fork.iter().map(|child| facts.rank(self.chain, *child)).max();
        let mut equals: Vec<_> =
            fork.iter().copied().filter(|child| Some(facts.rank(self.chain, *child)) == highest).collect();
        equals.sort_by_key(|child| self.chain.records[*child].record.digest());
        let accepted: Vec<_> = equals.iter().copied().filter(|child| facts.holds_accepted[*child]).collect();
        match (equals.as_slice(), accepted.as_slice()) {
            ([only], _) => Some(*only),
            (_, [chosen]) => {
                self.rivals.extend(equals.iter().filter(|child| *child != chosen));
                Some(*chosen)
            }
            _ => {
                self.contest_branches(&equals);
                self.contest = Some(equals);
                None
            }
        }
    }

    /// BEL-4
    fn contest_branches(&mut self, firsts: &[usize]) {
        let mut rest = firsts.to_vec();
        while let Some(index) = rest.pop() {
            self.states[index] = State::Contested;
            rest.extend(&self.chain.records[index].children);
        }
    }

    /// BEL-6
    fn find_withdrawn(&mut self) {
        for (index, authentic) in self.chain.records.iter().enumerate() {
            let withdraws = authentic.record.claimed().release().and_then(|release| release.withdraws);
            let counts = match self.states[index] {
                State::Standing | State::Contested => true,
                State::Void => false,
            };
            if withdraws.is_some() && counts {
                // CHN-14: it is the newest release before this one.
                let parent = authentic.parent.map(|parent| &self.chain.records[parent]);
                self.withdrawn.extend(parent.and_then(|parent| parent.newest_release));
            }
        }
    }

    /// The chain it is about.
    pub fn chain(&self) -> &'chain Chain {
        self.chain
    }

    /// The last statement of the standing line (BEL-5).
    pub fn head(&self) -> Link<'chain> {
        let head = self.line.last().copied().unwrap_or_default();
        self.link(head)
    }

    /// The standing line, from the genesis to the head.
    pub fn line(&self) -> impl DoubleEndedIterator<Item = Link<'chain>> {
        self.line.iter().map(|index| self.link(*index))
    }

    /// The state of a statement; `None` if it is of another chain.
    pub fn state(&self, link: Link<'_>) -> Option<State> {
        self.chain.index_of(link.digest()).and_then(|index| self.states.get(index)).copied()
    }

    /// The fork at which the standing line ends, if it ends at one.
    pub fn contest(&self) -> Option<Contest<'chain>> {
        let children = self.contest.as_ref()?.iter().map(|index| self.link(*index)).collect();
        Some(Contest { parent: self.head(), children })
    }

    /// The branches that lost to nothing but an acceptance (BEL-7).
    pub fn rivals(&self) -> impl Iterator<Item = Rival<'chain>> {
        self.rivals.iter().map(|index| Rival { first: self.link(*index) })
    }

    /// Whether a release is withdrawn (BEL-6).
    pub fn is_withdrawn(&self, link: Link<'_>) -> bool {
        self.chain.index_of(link.digest()).is_some_and(|index| self.withdrawn.contains(&index))
    }

    /// The release that a statement of the standing line makes; `None` if it does not stand or is no release. A
    /// withdrawn release still stands, see [`Belief::is_withdrawn`].
    pub fn release(&self, link: Link<'_>) -> Option<VerifiedRelease<'chain>> {
        let index = self.chain.index_of(link.digest()).filter(|index| self.states[*index] == State::Standing)?;
        let link = self.link(index);
        link.statement().release().map(|release| VerifiedRelease { link, release })
    }

    /// The releases of the standing line, oldest first.
    pub fn releases(&self) -> impl DoubleEndedIterator<Item = VerifiedRelease<'chain>> {
        self.line().filter_map(|link| link.statement().release().map(|release| VerifiedRelease { link, release }))
    }

    /// The last release of the standing line (BEL-5).
    pub fn newest_release(&self) -> Option<VerifiedRelease<'chain>> {
        self.releases().next_back()
    }

    fn link(&self, index: usize) -> Link<'chain> {
        Link { chain: self.chain, index }
    }
}

impl<'chain> VerifiedRelease<'chain> {
    /// The statement.
    pub fn link(&self) -> Link<'chain> {
        self.link
    }

    /// What it says about the tree.
    pub fn release(&self) -> &'chain Release {
        self.release
    }

    /// The version.
    pub fn version(&self) -> &'chain Version {
        &self.release.version
    }

    /// Its number.
    pub fn seq(&self) -> Seq {
        self.link.seq()
    }
}

/// What the walk needs to know of each branch before it comes to it.
struct Facts {
    holds_reserve: Vec<bool>,
    holds_accepted: Vec<bool>,
}

impl Facts {
    fn of(chain: &Chain, acceptances: &[Digest]) -> Self {
        let accepted: HashSet<_> = acceptances.iter().collect();
        let records = &chain.records;
        let mut holds_reserve: Vec<_> =
            records.iter().map(|authentic| authentic.record.claimed().kind() == Kind::Reserve).collect();
        let mut holds_accepted: Vec<_> =
            records.iter().map(|authentic| accepted.contains(&authentic.record.digest())).collect();
        // Children stand after their parents, so going backwards each branch is complete when its parent is reached.
        for (index, authentic) in records.iter().enumerate().rev() {
            if let Some(parent) = authentic.parent {
                holds_reserve[parent] |= holds_reserve[index];
                holds_accepted[parent] |= holds_accepted[index];
            }
        }
        Self { holds_reserve, holds_accepted }
    }

    /// BEL-1
    fn rank(&self, chain: &Chain, first: usize) -> Rank {
        if self.holds_reserve[first] {
            Rank::Reserve
        } else if chain.records[first].children.is_empty() {
            Rank::Lone
        } else {
            Rank::Extended
        }
    }
}
