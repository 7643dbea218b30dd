//! What several tests share.

#[path = "../../src/testing.rs"]
pub mod testing;

#[cfg(feature = "io")]
pub mod story;
#[cfg(feature = "io")]
pub mod user;
