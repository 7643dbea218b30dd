//! Every statement that anybody has made in a history, and how it travels.

use std::fmt::Write as _;

use sigpkg::chain::{Chain, Link};
use sigpkg::statement::{Body, Cause, Kind, ReserveSet, Seq, Severity};

use crate::model::{Fact, Set};
use crate::testing::{Fixture, Record, beat_mut, chain_file, quorum, release_mut, reserve_mut};

/// The statements of one chain, honest and forged, in the order in which they were made. Number 0 is the genesis.
pub(crate) struct World {
    pub(crate) fixture: Fixture,
    pub(crate) records: Vec<Record>,
    pub(crate) facts: Vec<Fact>,
    /// The reserve in force at each.
    reserves: Vec<ReserveSet>,
}

/// What a statement that a link key signs is to say.
#[derive(Clone, Debug)]
pub(crate) enum Say {
    Release,
    /// The newest release again, because it was a mistake.
    Redo,
    /// Of the ancestor releases those that the bits choose, newest first.
    Yank(u8, Severity),
    Beat {
        next_by: Option<u8>,
        last: bool,
        successor: bool,
    },
}

impl World {
    /// A genesis, with a reserve of three keys of which two must sign.
    pub(crate) fn new(seed: u64) -> Self {
        Self::of(Fixture::new(seed).fast().with_reserve(2, 3))
    }

    pub(crate) fn of(mut fixture: Fixture) -> Self {
        let genesis = fixture.genesis();
        let mut world = Self { fixture, records: Vec::new(), facts: Vec::new(), reserves: Vec::new() };
        world.add(None, genesis);
        world
    }

    /// Adds a statement that somebody has made.
    pub(crate) fn add(&mut self, parent: Option<usize>, record: Record) -> usize {
        let number = self.records.len();
        let signed_with = match (record.statement.kind(), parent) {
            (Kind::Genesis | Kind::Reserve, _) | (_, None) => None,
            (Kind::Release | Kind::Yank | Kind::Beat, Some(parent)) => Some(self.records[parent].next.algorithm()),
        };
        let path = parent.map_or(Set::default(), |parent| self.facts[parent].path).or(Set::one(number));
        self.facts.push(Fact {
            digest: record.digest(),
            statement: record.statement.clone(),
            parent,
            signed_with,
            path,
        });
        let inherited = || self.reserves[parent.unwrap()].clone();
        self.reserves.push(record.statement.reserve().cloned().unwrap_or_else(inherited));
        self.records.push(record);
        number
    }

    /// The link key that `parent` announced signs. A yank without releases to speak of is a beat.
    pub(crate) fn say(&mut self, parent: usize, say: &Say) -> usize {
        let on = self.records[parent].clone();
        let mut releases: Vec<_> =
            self.facts[parent].path.members().filter(|it| self.release_seq(*it).is_some()).collect();
        releases.reverse();
        let version = format!("1.{}", self.records.len());
        let day = |add: u8| self.fixture.date.date().plus_days(u32::from(add));
        let record = match *say {
            Say::Redo if !releases.is_empty() => {
                let again = self.records[releases[0]].statement.clone();
                self.fixture.release_as(&on, again.release().unwrap().version.as_str(), |statement| {
                    release_mut(statement).withdraws = Some(again.seq);
                })
            }
            Say::Release | Say::Redo => self.fixture.release(&on, &version),
            Say::Yank(bits, severity) if !releases.is_empty() => {
                let chosen = releases.iter().enumerate().filter(|(at, _)| *at < 8 && bits & (1 << at) != 0);
                let mut seqs: Vec<_> = chosen.map(|(_, it)| self.release_seq(*it).unwrap()).collect();
                seqs.sort_unstable();
                let newest = self.release_seq(releases[0]).unwrap();
                self.fixture.yank(&on, if seqs.is_empty() { std::slice::from_ref(&newest) } else { &seqs }, severity)
            }
            Say::Yank(..) => self.fixture.beat(&on),
            Say::Beat { next_by, last, successor } => {
                let next_by = next_by.and_then(day);
                let other = successor.then(|| Fixture::new(99).fast().genesis().signatory());
                self.fixture.beat_as(&on, |statement| {
                    statement.next_by = next_by;
                    let beat = beat_mut(statement);
                    beat.successor = other;
                    if last {
                        beat.state = sigpkg::statement::BeatState::Final;
                    }
                })
            }
        };
        self.add(Some(parent), record)
    }

    /// The reserve in force at `parent` signs. With `rotate`, other keys are the reserve from then on.
    pub(crate) fn reserve(&mut self, parent: usize, cause: Cause, rotate: bool, next_by: Option<u8>) -> usize {
        let on = self.records[parent].clone();
        let in_force = self.reserves[parent].clone();
        let then = if rotate { self.fixture.new_reserve(1, 1) } else { in_force.clone() };
        self.fixture.reserve = Some(then);
        let mut statement = self.fixture.unsigned_reserve(&on, cause);
        statement.next_by = next_by.and_then(|add| self.fixture.date.date().plus_days(u32::from(add)));
        assert_eq!(reserve_mut(&mut statement).cause, cause);
        let record = self.fixture.sign_with_reserve(&quorum(&in_force), statement);
        self.add(Some(parent), record)
    }

    /// The smallest set without gaps that holds these.
    pub(crate) fn closure(&self, numbers: impl IntoIterator<Item = usize>) -> Set {
        numbers.into_iter().map(|it| self.facts[it].path).fold(Set::one(0), Set::or)
    }

    /// A chain file with these statements, parents before children, otherwise in an order that `luck` gives.
    pub(crate) fn file(&self, set: Set, luck: u64) -> String {
        let mut luck = luck;
        let mut written = Set::default();
        let mut order = Vec::new();
        while written != set {
            let ready = set.without(written);
            let ready = ready.where_(|it| self.facts[it].path.without(Set::one(it)).without(written).is_empty());
            let ready: Vec<_> = ready.members().collect();
            let next = ready[draw(&mut luck, ready.len())];
            written = written.or(Set::one(next));
            order.push(&self.records[next]);
        }
        chain_file(order)
    }

    /// A chain of these statements, as it is admitted from a file.
    pub(crate) fn chain(&self, set: Set, luck: u64) -> Chain {
        let id = self.records[0].signatory();
        Chain::admit(self.file(set, luck).as_bytes(), id, self.fixture.scheme()).unwrap()
    }

    /// The number of a statement of a chain.
    pub(crate) fn number(&self, link: Link<'_>) -> usize {
        self.facts.iter().position(|fact| fact.digest == link.digest()).unwrap()
    }

    /// The numbers of some statements of a chain.
    pub(crate) fn numbers<'a>(&self, links: impl IntoIterator<Item = Link<'a>>) -> Set {
        links.into_iter().map(|link| Set::one(self.number(link))).fold(Set::default(), Set::or)
    }

    /// The history as a tree, for whoever has to read why a test failed.
    pub(crate) fn draw(&self) -> String {
        let mut out = String::new();
        self.draw_below(&mut out, 0);
        out
    }

    fn draw_below(&self, out: &mut String, number: usize) {
        let fact = &self.facts[number];
        let says = match &fact.statement.body {
            Body::Genesis(_) => "genesis".to_owned(),
            Body::Release(release, _) => {
                let withdraws = release.withdraws.map_or(String::new(), |seq| format!(" withdraws seq {seq}"));
                format!("release {}{withdraws}", release.version.as_str())
            }
            Body::Yank(yank, _) => {
                let seqs: Vec<_> = yank.releases.iter().map(ToString::to_string).collect();
                format!("yank {} of seq {}", yank.severity.as_str(), seqs.join(", "))
            }
            Body::Beat(beat, _) => format!("beat {}", beat.state.as_str()),
            Body::Reserve(change, _) => format!("reserve {}", change.cause.as_str()),
        };
        let next_by = fact.statement.next_by.map_or(String::new(), |day| format!(", next by {day}"));
        let indent = "  ".repeat(fact.path.len() - 1);
        writeln!(out, "{indent}#{number} {says}{next_by}").unwrap();
        for (child, _) in self.facts.iter().enumerate().filter(|(_, fact)| fact.parent == Some(number)) {
            self.draw_below(out, child);
        }
    }

    fn release_seq(&self, number: usize) -> Option<u64> {
        let statement = &self.facts[number].statement;
        statement.release().map(|_| u64::from(Seq::get(statement.seq)))
    }
}

/// A number below `bound`, and the luck that is left.
pub(crate) fn draw(luck: &mut u64, bound: usize) -> usize {
    *luck = luck.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*luck >> 33).unwrap() % bound
}
