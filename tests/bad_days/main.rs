//! Verdicts on bad days: yanks, reserve statements, distrust, farewells, and what a user is told of them.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;

mod distrust;
mod freshness;
mod proofs;
mod reserves;
mod yanks;

use common::testing::{Files, Fixture, Record, beat_mut, chain_file, release_mut, yank_mut};
use common::user::{User, assert_accepted, assert_not_accepted, assert_refused, notes, source};
use sigpkg::digest::{Digest, SignatoryId};
use sigpkg::package::Package;
use sigpkg::rule::Rule;
use sigpkg::statement::{BeatState, Cause, Seq, Severity};
use sigpkg::trust::ReservePolicy;
use sigpkg::verify::{Fault, Instead, Note, Reason, Replacement, Step, Target, Verdict};

/// A maintainer with a reserve of two of three, and a signed tree for each of three releases: statements 2 to 4. The
/// user trusts them all.
struct Story {
    fixture: Fixture,
    chain: Vec<Record>,
    trees: Vec<Files>,
    user: User,
}

impl Story {
    fn new(seed: u64) -> Self {
        let mut fixture = Fixture::new(seed).fast().with_reserve(2, 3);
        let mut chain = vec![fixture.genesis()];
        let trees = ["1.0.0", "1.1.0", "1.2.0"];
        let trees = trees.map(|version| fixture.release_tree(&mut chain, version, &source(version))).into();
        let user = User::trusting(&fixture, &chain);
        Self { fixture, chain, trees, user }
    }

    fn id(&self) -> SignatoryId {
        self.chain[0].signatory()
    }

    /// Makes a yank after the last statement.
    fn yank(&mut self, releases: &[u64], severity: Severity) -> Record {
        let yank = self.fixture.yank(self.chain.last().unwrap(), releases, severity);
        self.chain.push(yank.clone());
        yank
    }

    /// Makes a reserve statement after `parent`, and a tree of a release that follows it. The chain ends with them.
    fn reserve(&mut self, parent: usize, cause: Cause, version: &str) -> (Record, Files) {
        self.chain.truncate(parent + 1);
        let reserve = self.fixture.reserve_record(&self.chain[parent], cause);
        self.chain.push(reserve.clone());
        let tree = self.fixture.release_tree(&mut self.chain, version, &source(version));
        (reserve, tree)
    }

    /// Lets the user see a chain file with these records.
    fn show(&self, records: &[Record]) -> Verdict {
        self.user.judge(&Target::Chain(chain_file(records).as_bytes()))
    }

    fn show_all(&self) -> Verdict {
        self.show(&self.chain)
    }
}

fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}

fn note<T>(verdict: &Verdict, find: impl Fn(&Note) -> Option<T>) -> T {
    verdict.notes().iter().find_map(find).unwrap_or_else(|| panic!("{:?}", verdict.notes()))
}

fn installed_fault(verdict: &Verdict) -> (u32, Fault) {
    note(verdict, |note| match note {
        Note::Installed { seq, fault, .. } => Some((seq.get(), fault.clone())),
        _ => None,
    })
}
