//! What several tests share.

#[path = "../../src/testing.rs"]
pub mod testing;
