//! Verdicts on bad days: yanks, reserve statements, distrust, farewells, and what a user is told of them.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;

mod distrust;
mod freshness;
mod proofs;
mod reserves;
mod yanks;

use common::story::Story;
use common::testing::{Files, Fixture, Record, beat_mut, chain_file, release_mut, yank_mut};
use common::user::{User, assert_accepted, assert_not_accepted, assert_refused, notes, source};
use sigpkg::digest::Digest;
use sigpkg::package::Package;
use sigpkg::rule::Rule;
use sigpkg::statement::{BeatState, Cause, Seq, Severity};
use sigpkg::trust::ReservePolicy;
use sigpkg::verify::{Fault, Instead, Note, Reason, Replacement, Step, Target, Verdict};

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
