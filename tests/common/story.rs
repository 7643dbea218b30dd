//! One package, its maintainer and a user, at the beginning of a bad day.

#![allow(dead_code, unreachable_pub, missing_docs)]

use sigpkg::digest::SignatoryId;
use sigpkg::statement::{Cause, Severity};
use sigpkg::verify::{Target, Verdict};

use super::testing::{Files, Fixture, Record, chain_file};
use super::user::{User, source};

/// A maintainer with a reserve of two of three, and a signed tree for each of three releases: statements 2 to 4. The
/// user trusts them all.
pub struct Story {
    pub fixture: Fixture,
    pub chain: Vec<Record>,
    pub trees: Vec<Files>,
    pub user: User,
}

impl Story {
    pub fn new(seed: u64) -> Self {
        let mut fixture = Fixture::new(seed).fast().with_reserve(2, 3);
        let mut chain = vec![fixture.genesis()];
        let trees = ["1.0.0", "1.1.0", "1.2.0"];
        let trees = trees.map(|version| fixture.release_tree(&mut chain, version, &source(version))).into();
        let user = User::trusting(&fixture, &chain);
        Self { fixture, chain, trees, user }
    }

    pub fn id(&self) -> SignatoryId {
        self.chain[0].signatory()
    }

    /// Makes a yank after the last statement.
    pub fn yank(&mut self, releases: &[u64], severity: Severity) -> Record {
        let yank = self.fixture.yank(self.chain.last().unwrap(), releases, severity);
        self.chain.push(yank.clone());
        yank
    }

    /// Makes a reserve statement after `parent`, and a tree of a release that follows it. The chain ends with them.
    pub fn reserve(&mut self, parent: usize, cause: Cause, version: &str) -> (Record, Files) {
        self.chain.truncate(parent + 1);
        let reserve = self.fixture.reserve_record(&self.chain[parent], cause);
        self.chain.push(reserve.clone());
        let tree = self.fixture.release_tree(&mut self.chain, version, &source(version));
        (reserve, tree)
    }

    /// Lets the user see a chain file with these records.
    pub fn show(&self, records: &[Record]) -> Verdict {
        self.user.judge(&Target::Chain(chain_file(records).as_bytes()))
    }

    pub fn show_all(&self) -> Verdict {
        self.show(&self.chain)
    }
}
