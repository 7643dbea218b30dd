//! What a registry takes in and what it refuses: each rule of spec/9-registries.md, and those who try to get round them.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;

mod attacks;
mod audits;
mod changes;
mod consents;
mod world;
