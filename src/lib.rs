#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic))]

// Floor 1: words and values that know nothing of each other.
pub mod digest;
pub mod package;
pub mod rule;
pub mod text;
pub mod time;

// Floor 2: listings.
pub mod listing;

// Floor 3: statements, signatures, and the sources of trees.
#[cfg(feature = "io")]
pub mod source;
