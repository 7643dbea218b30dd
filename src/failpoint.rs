//! Places where a crash test stops the process: each is just after something was made durable.
//!
//! With the feature `failpoints`, the process aborts at the point that the environment variable `SIGPKG_FAILPOINT` names.
//! Without it there is nothing here but names.

macro_rules! points {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)*) => {
        /// A durable step of a transaction on a key store.
        ///
        /// A crash test runs a program once for each name, as the value of `SIGPKG_FAILPOINT`:
        ///
        /// ```
        /// use sigpkg::failpoint::Failpoint;
        ///
        /// let names: Vec<_> = Failpoint::ALL.iter().map(|point| point.name()).collect();
        /// assert!(names.contains(&"journal-opened"));
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Failpoint {
            $($(#[$doc])* $name,)*
        }

        impl Failpoint {
            /// Every point.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The name that `SIGPKG_FAILPOINT` takes.
            ///
            /// ```
            /// use sigpkg::failpoint::Failpoint;
            ///
            /// assert_eq!(Failpoint::KeyErased.name(), "key-erased");
            /// ```
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }
        }
    };
}

points! {
    /// `init`: the reserve key is in its folder.
    InitReserveWritten = "init-reserve-written";
    /// `init`: the store is complete under a temporary name.
    InitStoreBuilt = "init-store-built";
    /// `init`: the store has its own name.
    InitStoreMade = "init-store-made";
    /// What somebody else has signed is kept as evidence.
    ForeignKept = "foreign-kept";
    /// A new link key is written under a temporary name.
    KeyWritten = "key-written";
    /// A new link key has its own name.
    KeyMade = "key-made";
    /// The journal is complete under a temporary name.
    JournalWritten = "journal-written";
    /// The journal is open: from here on there is one text for this seq.
    JournalOpened = "journal-opened";
    /// The statement is signed, and the signatures are in memory only.
    Signed = "signed";
    /// The signatures are in the journal.
    SignaturesWritten = "signatures-written";
    /// The chain of the store is written under a temporary name.
    ChainWritten = "chain-written";
    /// The chain of the store has the new record.
    ChainStored = "chain-stored";
    /// The commit is an object that no branch names.
    CommitMade = "commit-made";
    /// The branch names the commit.
    BranchMoved = "branch-moved";
    /// The index has the new `.sigpkg`.
    IndexWritten = "index-written";
    /// The worktree has the new `.sigpkg`.
    WorktreeWritten = "worktree-written";
    /// `adopt`: the folder outside of the repository has its files.
    FolderWritten = "folder-written";
    /// The tag is made.
    TagMade = "tag-made";
    /// The tag that alone names the commit of a statement is made.
    SideTagMade = "side-tag-made";
    /// The used key is overwritten and still has its name.
    KeyOverwritten = "key-overwritten";
    /// The used key is gone.
    KeyErased = "key-erased";
    /// The journal has another name, and its files are still there.
    JournalClosed = "journal-closed";
    /// `reserve`: the new keys and the draft are complete under a temporary name.
    ReserveStoreBuilt = "reserve-store-built";
    /// `reserve`: it has begun.
    ReserveBegun = "reserve-begun";
    /// `reserve`: the store has the signatures that came.
    ReserveSignaturesWritten = "reserve-signatures-written";
    /// `reserve`: an old key is gone.
    ReserveOldKeyErased = "reserve-old-key-erased";
    /// `reserve`: a new key has its place.
    ReserveKeyMoved = "reserve-key-moved";
    /// `reserve`: it has ended, and its files are still there.
    ReserveClosed = "reserve-closed";
}

/// Aborts the process here, if a crash test has asked for it.
#[cfg(feature = "failpoints")]
pub(crate) fn reach(point: Failpoint) {
    if std::env::var_os("SIGPKG_FAILPOINT").is_some_and(|name| name == point.name()) {
        std::process::abort();
    }
}

/// Does nothing.
#[cfg(not(feature = "failpoints"))]
pub(crate) fn reach(_point: Failpoint) {}
