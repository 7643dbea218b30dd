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

// Floors 2 and 3: trees, keys, and what is signed.
pub mod key;
pub mod listing;
pub mod paper;
pub mod representation;
pub mod secret;
pub mod signature;
#[cfg(feature = "io")]
pub mod source;
pub mod statement;

// Floor 4: what the statements of one signatory say together, and who signs them.
pub mod chain;
pub mod ecosystem;
pub mod signer;

// Floors 5 and 6, the user's wing: what a user has decided, and what follows from it for a package.
pub mod trust;
pub mod verify;

// Floor 6: what the examples of the documentation are about.
pub mod example;

// Floor 7: many packages at once.
#[cfg(feature = "io")]
pub mod project;
#[cfg(feature = "io")]
pub mod refresh;

// Floors 5 and 6, the maintainer's wing: making statements, and keeping the keys that sign them.
#[cfg(feature = "io")]
pub mod failpoint;
#[cfg(feature = "io")]
pub mod interrupt;
#[cfg(feature = "io")]
pub mod keystore;
#[cfg(feature = "io")]
pub mod publish;
pub mod release;
#[cfg(feature = "io")]
pub mod repository;

// Floor 7: what a registry asks of a change, and of all that it holds.
#[cfg(feature = "io")]
pub mod registry;
