//! What a user must believe: section 4.3 of the specification once more, as statements about sets.
//!
//! It shares nothing with the library but the form of statements. It does not walk: for each statement it asks, from the
//! statement upwards, whether it stands, by the definitions alone, and never mind the work.

use sigpkg::chain::{ReservePolicy, State};
use sigpkg::digest::{Digest, SignatoryId};
use sigpkg::key::Algorithm;
use sigpkg::statement::{BeatState, Body, Kind, Severity, Statement};
use sigpkg::time::Date;

use std::cmp::Reverse;

/// A set of statements, by their numbers in the world: at most 64.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Set(u64);

/// A statement as the model sees it.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    pub(crate) digest: Digest,
    pub(crate) statement: Statement,
    pub(crate) parent: Option<usize>,
    /// The algorithm of the link key that signed it; none signs a genesis or a reserve statement.
    pub(crate) signed_with: Option<Algorithm>,
    /// The statement and all its ancestors.
    pub(crate) path: Set,
}

/// One user of the world.
#[derive(Clone, Debug)]
pub(crate) struct Model<'a> {
    pub(crate) facts: &'a [Fact],
    pub(crate) seen: Set,
    /// What may count, give a rank and vouch: all that was seen, but for one question (BEL-3).
    heard: Set,
    pub(crate) accepted: Set,
    pub(crate) policy: ReservePolicy,
    /// The marked statement, whether it was seen or not.
    pub(crate) mark: Option<usize>,
}

impl Set {
    pub(crate) fn one(member: usize) -> Self {
        assert!(member < 64, "the world is too large for the model");
        Self(1 << member)
    }

    pub(crate) fn has(self, member: usize) -> bool {
        self.0 & Self::one(member).0 != 0
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn len(self) -> usize {
        usize::try_from(self.0.count_ones()).unwrap()
    }

    pub(crate) fn members(self) -> impl Iterator<Item = usize> {
        (0..64).filter(move |member| self.has(*member))
    }

    pub(crate) fn where_(self, holds: impl Fn(usize) -> bool) -> Self {
        self.members().filter(|member| holds(*member)).map(Self::one).fold(Self::default(), Self::or)
    }

    pub(crate) fn any(self, holds: impl Fn(usize) -> bool) -> bool {
        self.members().any(holds)
    }

    /// The member, if there is exactly one.
    pub(crate) fn only(self) -> Option<usize> {
        self.members().next().filter(|_| self.len() == 1)
    }
}

impl Fact {
    fn is(&self, kind: Kind) -> bool {
        self.statement.kind() == kind
    }

    fn seq(&self) -> u32 {
        self.statement.seq.get()
    }
}

/// BEL-2: what is left of the acceptances after one more.
pub(crate) fn accept(facts: &[Fact], accepted: Set, one: usize) -> Set {
    let on_one_path = |other: usize| facts[other].path.has(one) || facts[one].path.has(other);
    accepted.where_(on_one_path).or(Set::one(one))
}

impl<'a> Model<'a> {
    pub(crate) fn new(facts: &'a [Fact], seen: Set, accepted: Set, policy: ReservePolicy, mark: Option<usize>) -> Self {
        Self { facts, seen, heard: seen, accepted, policy, mark }
    }

    /// BEL-11
    pub(crate) fn stranger(facts: &'a [Fact], seen: Set) -> Self {
        Self::new(facts, seen, Set::default(), ReservePolicy::Accept, None)
    }

    /// BEL-3: as if no reserve statement that waits, and nothing that descends from one, were there.
    fn without_what_waits(&self) -> Self {
        let is_behind = |it: usize| self.path(it).any(|reserve| self.waits(reserve));
        Self { heard: self.seen.where_(|it| !is_behind(it)), ..self.clone() }
    }

    fn path(&self, one: usize) -> Set {
        self.facts[one].path
    }

    /// The branch that a statement starts.
    fn branch(&self, first: usize) -> Set {
        self.heard.where_(|it| self.path(it).has(first))
    }

    fn children(&self, parent: usize) -> Set {
        self.heard.where_(|it| self.facts[it].parent == Some(parent))
    }

    fn of_kind(&self, kind: Kind) -> Set {
        self.heard.where_(|it| self.facts[it].is(kind))
    }

    /// BEL-9
    fn counting(&self) -> Set {
        let Some(mark) = self.mark else { return self.heard };
        let mark = if self.seen.has(mark) { mark } else { 0 };
        let vouched = |it: usize| self.of_kind(Kind::Reserve).any(|reserve| self.path(reserve).has(it));
        let by_ed25519 = |it: usize| self.facts[it].signed_with == Some(Algorithm::Ed25519);
        self.heard.where_(|it| !by_ed25519(it) || self.path(mark).has(it) || vouched(it))
    }

    /// BEL-2, with the reserve statements that come with an acceptance. What does not count breaks no tie.
    fn counting_acceptances(&self) -> Set {
        let named = self.accepted.and(self.seen);
        let with_it = self.of_kind(Kind::Reserve).where_(|reserve| named.any(|it| self.path(it).has(reserve)));
        named.or(with_it).and(self.counting())
    }

    /// BEL-1
    fn rank(&self, first: usize) -> u8 {
        let branch = self.branch(first).and(self.counting());
        let is_extended = branch.any(|it| self.facts[it].parent == Some(first));
        if branch.any(|it| self.facts[it].is(Kind::Reserve)) { 2 } else { u8::from(is_extended) }
    }

    /// The children that are not outranked.
    fn best(&self, parent: usize) -> Set {
        let children = self.children(parent).and(self.counting());
        children.where_(|it| children.members().all(|other| self.rank(other) <= self.rank(it)))
    }

    /// BEL-3: who comes after a statement, if it stands.
    fn successor(&self, parent: usize) -> Option<usize> {
        let best = self.best(parent);
        let accepted = best.where_(|it| !self.branch(it).and(self.counting_acceptances()).is_empty());
        best.only().or(accepted.only())
    }

    fn is_accepted(&self, one: usize) -> bool {
        self.accepted.and(self.seen).any(|it| self.path(it).has(one))
    }

    /// BEL-8
    fn waits(&self, one: usize) -> bool {
        self.facts[one].is(Kind::Reserve) && !self.is_accepted(one) && self.policy != ReservePolicy::Accept
    }

    /// BEL-3
    fn stands(&self, one: usize) -> bool {
        let Some(parent) = self.facts[one].parent else { return true };
        let follows = self.successor(parent) == Some(one);
        let needs_nobody = || self.is_accepted(one) || self.without_what_waits().successor(parent) == Some(one);
        follows && needs_nobody() && self.stands(parent)
    }

    pub(crate) fn standing(&self) -> Set {
        self.seen.where_(|it| self.stands(it))
    }

    /// BEL-4: whether a statement is on the way that goes on where the line ended before a successor, and not behind a
    /// reserve statement that waits or a fork.
    fn is_next(&self, standing: Set, one: usize) -> bool {
        let Some(parent) = self.facts[one].parent.filter(|parent| self.successor(*parent) == Some(one)) else {
            return false;
        };
        let goes_on = || !self.waits(parent) && self.is_next(standing, parent);
        !standing.has(one) && (standing.has(parent) || goes_on())
    }

    /// BEL-4
    fn waiting(&self) -> Set {
        let standing = self.standing();
        let in_a_tie = |it: usize| {
            let parent = self.facts[it].parent.filter(|parent| self.is_next(standing, *parent) && !self.waits(*parent));
            parent.is_some_and(|parent| self.successor(parent).is_none() && self.best(parent).has(it))
        };
        let brings_its_branch = |it: usize| in_a_tie(it) || (self.waits(it) && self.is_next(standing, it));
        self.counting().where_(|it| self.is_next(standing, it) || self.path(it).any(brings_its_branch))
    }

    /// BEL-4
    fn contested(&self) -> Set {
        let standing = self.standing();
        let in_a_tie = |it: usize| {
            let parent = self.facts[it].parent.filter(|parent| standing.has(*parent));
            parent.is_some_and(|parent| self.successor(parent).is_none() && self.best(parent).has(it))
        };
        self.counting().where_(|it| self.path(it).any(in_a_tie))
    }

    /// BEL-4: what would be heard but for the reserve statements that wait.
    pub(crate) fn suspended(&self) -> Set {
        // Most users wait for nothing, and this is asked for often.
        if !self.seen.any(|it| self.waits(it)) {
            return Set::default();
        }
        let without = self.without_what_waits();
        let would_be_heard = without.standing().or(without.contested());
        would_be_heard.and(self.counting()).without(self.standing()).without(self.heard_in_a_tie())
    }

    /// BEL-4: what is contested, unless by a reserve statement that waits.
    fn heard_in_a_tie(&self) -> Set {
        let contested = self.contested();
        if contested.any(|it| self.waits(it)) { Set::default() } else { contested }
    }

    /// What is not void: what stands, is contested or waits.
    fn alive(&self) -> Set {
        self.standing().or(self.contested()).or(self.waiting())
    }

    /// BEL-4
    fn speaking(&self) -> Set {
        self.standing().or(self.heard_in_a_tie()).or(self.suspended().and(self.alive()))
    }

    /// Where the line ended in a tie.
    pub(crate) fn contest(&self) -> Option<(usize, Set)> {
        let head = self.head();
        let best = self.best(head);
        (self.successor(head).is_none() && best.len() > 1).then_some((head, best))
    }

    /// BEL-4, for every statement that was seen.
    pub(crate) fn states(&self) -> Vec<(usize, State)> {
        let (counting, standing) = (self.counting(), self.standing());
        let (waiting, contested) = (self.waiting(), self.contested());
        let state = |it: usize| {
            if standing.has(it) {
                State::Standing
            } else if !counting.has(it) {
                State::Distrusted
            } else if waiting.has(it) {
                State::Waiting
            } else if contested.has(it) {
                State::Contested
            } else {
                State::Void
            }
        };
        self.seen.members().map(|it| (it, state(it))).collect()
    }

    /// BEL-5: of a line, the last is the one with the longest path.
    pub(crate) fn head(&self) -> usize {
        self.standing().members().max_by_key(|it| self.path(*it).len()).unwrap()
    }

    pub(crate) fn newest_release(&self) -> Option<usize> {
        self.standing().and(self.of_kind(Kind::Release)).members().max_by_key(|it| self.path(*it).len())
    }

    /// BEL-6
    pub(crate) fn is_withdrawn(&self, release: usize) -> bool {
        let seq = Some(self.facts[release].statement.seq);
        let withdraws = |it: usize| self.facts[it].statement.release().is_some_and(|it| it.withdraws == seq);
        self.speaking().any(|it| withdraws(it) && self.path(it).has(release))
    }

    /// BEL-7
    pub(crate) fn rivals(&self) -> Set {
        let standing = self.standing();
        self.seen.where_(|it| {
            let parent = self.facts[it].parent.filter(|parent| standing.has(*parent) && self.best(*parent).has(it));
            let winner = parent.and_then(|parent| self.successor(parent));
            winner.is_some_and(|winner| winner != it && standing.has(winner))
        })
    }

    /// BEL-10: by which statement, and how grave.
    pub(crate) fn yank(&self, release: usize) -> Option<(usize, Severity)> {
        let seq = self.facts[release].statement.seq;
        let speaking = self.speaking();
        let severity = |it: usize| match &self.facts[it].statement.body {
            Body::Yank(yank, _) if yank.releases.contains(&seq) && self.path(it).has(release) => {
                Some(if speaking.has(it) { yank.severity } else { yank.severity.min(Severity::Warn) })
            }
            Body::Genesis(_) | Body::Release(..) | Body::Yank(..) | Body::Beat(..) | Body::Reserve(..) => None,
        };
        let heard = self.alive().or(self.suspended());
        let yanks = heard.members().filter_map(|it| severity(it).map(|severity| (it, severity)));
        yanks.max_by_key(|(it, severity)| (*severity, self.facts[*it].seq(), Reverse(self.facts[*it].digest)))
    }

    /// BEL-12
    pub(crate) fn promise(&self) -> Option<Date> {
        let alive = self.alive();
        let last = self.speaking().where_(|it| self.children(it).and(alive).is_empty());
        last.members().filter_map(|it| self.facts[it].statement.next_by).min()
    }

    /// BEL-12: the beat at the head, if there is one.
    pub(crate) fn farewell(&self) -> (bool, Option<SignatoryId>) {
        match &self.facts[self.head()].statement.body {
            Body::Beat(beat, _) => (beat.state == BeatState::Final, beat.successor),
            Body::Genesis(_) | Body::Release(..) | Body::Yank(..) | Body::Reserve(..) => (false, None),
        }
    }

    /// BEL-4: the reserve statement because of which the line ended.
    pub(crate) fn waits_at(&self) -> Option<usize> {
        let waiting = self.waiting().where_(|it| self.waits(it));
        waiting.members().min_by_key(|it| (self.facts[*it].seq(), self.facts[*it].digest))
    }
}
