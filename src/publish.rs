//! Publishing: beginning a chain, releasing a tree of a git repository, and statements that carry no tree.
//!
//! [`init`] makes the keys and the genesis and commits `.sigpkg`. [`prepare`] checks everything that stands against a
//! release, a yank or a beat, and says what it would be; [`Prepared::carry_out`] then runs the transaction of KEEP-8:
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
//! If somebody else has signed with a key of the chain, nothing is signed until the maintainer names what was not theirs
//! ([`Common::heal`]); a beat goes first where one is needed to outrank it (KEEP-20).
//!
//! A release can adopt a tree of somebody else ([`Adoption`]); its `.sigpkg` may then be kept outside of the tree.
//!
//! Nothing here asks a human or knows the time: the caller does.
//!
//! Source: spec/8-key-store.md.

mod adopt;
mod checks;
mod error;
mod find;
mod foreign;
mod init;
mod leaving;
mod note;
mod outlook;
mod overview;
mod prepare;
mod request;
mod reserve;
mod restore;
mod transaction;
mod yank;

pub use self::adopt::{Adopted, AdoptionError, Replaced};
pub use self::error::{PublishError, Releases};
pub use self::find::find_store;
pub use self::foreign::{Stranger, proof};
pub use self::init::{Beginning, Begun, UnfinishedInit, begun_here, init, init_without_commit, unfinished_init};
pub use self::leaving::{Released, Tip, Warning, judge_head, judge_push};
pub use self::note::Note;
pub use self::overview::{AtHead, Overview, ReleaseCommit, overview};
pub use self::prepare::{Content, Prepared, ReleaseContent, Start, Unfinished, findings, prepare};
pub use self::request::{Adoption, Asked, BeatRequest, Common, Request, YankRequest};
pub use self::reserve::{
    Joined, Joining, Known, ReserveRequest, Wanted, begin_reserve, drop_reserve, gather, keep_signatures, prepare_join,
    reserve_parent,
};
pub use self::restore::{check_restore, restore};
pub use self::transaction::Published;

/// What takes time, told as it happens.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun()?;
/// # let request = sigpkg::publish::Request { version: Some("1.0.0".to_owned()), ..Default::default() };
/// use sigpkg::publish::{Event, prepare};
///
/// let show = |event| match event {
///     Event::Waiting => "waiting for another sigpkg".to_owned(),
///     Event::Searching { commits } => format!("searched {commits} commits"),
/// };
/// let mut shown = Vec::new();
/// prepare(machine.workplace()?, &machine.keys, request, doc::now(), &mut |event| shown.push(show(event)))?;
/// assert!(shown.iter().all(|line| line.starts_with("searched ")), "nobody else has the store");
/// # Ok::<(), doc::Error>(())
/// ```
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
