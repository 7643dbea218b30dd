//! A registry that nobody has: packages, releases, signatures and misdeeds, all from one seed.
//!
//! | module | what it is |
//! |---|---|
//! | `draw` | numbers from the seed |
//! | `shape` | what is usual: versions, files, bytes, silence |
//! | `plan` | what happens to each package, without content |
//! | `content` | source files, and how a version changes them |
//! | `make` | the trees of a package, version by version, with their signatures |
//! | `objects` | git objects: ids, trees, and the stream that `git fast-import` reads |
//! | `registry` | the two repositories: all packages, and the registry |
//! | `project` | a Julia project and a depot with what it needs |
//! | `truth` | what was made, for whoever tests against it |
//!
//! Everything is a pure function of [`Options`], so a package can be made again at any time, and packages are made in
//! parallel. All keys are test keys: whoever knows the seed has them.

#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used, clippy::panic)]
// Draws are scaled and never near the limits of any type.
#![allow(clippy::cast_possible_truncation)]

pub mod content;
pub mod draw;
pub mod make;
pub mod objects;
pub mod plan;
pub mod project;
pub mod registry;
pub mod shape;
pub mod truth;

#[path = "../../../src/testing.rs"]
pub mod testing;

/// What to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    pub seed: u64,
    pub packages: usize,
    /// Few and small files, for registries of many packages.
    pub light: bool,
    /// How many packages of a hundred are signed, from some version on.
    pub signed: u64,
    /// How many registrations of a thousand are back-ports; as many yank the version before them, and as many signed
    /// releases have a rival.
    pub events: u64,
    /// Chains with a reserve statement. Each takes seconds to sign.
    pub reserves: usize,
    /// Misconduct of each kind.
    pub plant: usize,
    /// Commits of the registry after the first.
    pub batches: usize,
    /// Registrations in each of these.
    pub batch: usize,
    /// A repository for each package instead of one for all.
    pub separate: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            packages: 100,
            light: false,
            signed: 30,
            // 0.5 % of the registrations in General are back-ports.
            events: 5,
            reserves: 0,
            plant: 0,
            batches: 10,
            batch: 20,
            separate: false,
        }
    }
}
