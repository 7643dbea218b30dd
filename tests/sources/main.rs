//! The same tree, whatever it is read from; and everything that is no tree, refused with its rule.

#![allow(clippy::unwrap_used, clippy::panic)]

mod archives;
mod attributes;
mod directories;
mod model;
mod repositories;
mod same_listing;
