//! Publishing: beginning a chain, and releasing a tree of a git repository.
//!
//! [`init`] makes the keys and the genesis and commits `.sigpkg`. [`prepare`] checks everything that stands against a
//! release and says what it would be; [`Prepared::carry_out`] then runs the transaction of KEEP-8:
//!
//! 1. make K_{n+2}
//! 2. open the journal, with the full text
//! 3. sign, and verify what was signed with two implementations
//! 4. store the record
//! 5. write `.sigpkg`, commit, tag
//! 6. erase K_n
//! 7. close the journal
//!
//! After a crash, [`prepare`] finds the journal and returns [`Start::Unfinished`]; what was begun is then finished, with the
//! same text, before anything else.
//!
//! Nothing here asks a human or knows the time: the caller does.
//!
//! Source: spec/8-key-store.md.

mod error;
mod foreign;
mod init;
mod prepare;
mod reserve;
mod transaction;

pub use self::error::PublishError;
pub use self::init::{Beginning, Begun, UnfinishedInit, init, unfinished_init};
pub use self::prepare::{Note, Prepared, Request, Start, Unfinished, find_store, findings, prepare};
pub use self::reserve::{
    Joined, Joining, Known, ReserveRequest, Wanted, begin_reserve, drop_reserve, gather, keep_signatures, prepare_join,
    reserve_parent,
};
pub use self::transaction::Released;

/// What takes time, told as it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Another process has the key store, and it is waited for.
    Waiting,
    /// The history is searched for secret keys.
    Searching {
        /// How many commits were searched so far.
        commits: usize,
    },
}
