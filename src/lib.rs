#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic))]

// The chains that tests are made of are also taken in by `tests/`, where this crate has a name.
#[cfg(test)]
extern crate self as sigpkg;
#[cfg(test)]
pub(crate) mod testing;

// Floor 1: words and values that know nothing of each other.
pub mod digest;
pub mod package;
pub mod rule;
pub mod text;
pub mod time;

// Floors 2 and 3: keys, and what they sign.
pub mod key;
pub mod secret;
pub mod signature;
pub mod statement;

// Floor 4: what the statements of one signatory say together.
pub mod chain;

pub mod ecosystem;
pub mod signer;
