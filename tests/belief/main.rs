//! What users believe, over whole histories: random ones against an independent model, every theft of keys against a
//! population of users, and a forger of Ed25519.

#![allow(clippy::unwrap_used, clippy::panic)]

mod forger;
mod machine;
mod model;
// Not by way of `tests/common`, which needs more than the core.
#[path = "../../src/testing.rs"]
mod testing;
mod thefts;
mod world;

/// When users hear something. Belief does not depend on it.
fn now() -> sigpkg::time::Timestamp {
    "2026-06-01T12:00:00Z".parse().unwrap()
}
