//! An acceptance before it is made: what it would change (VER-47).

use super::{Change, Trusted};
use crate::chain::{Link, State};
use crate::digest::{Digest, SignatoryId};
use crate::statement::{Kind, Seq};
use crate::time::Timestamp;

/// An acceptance that is not made yet. It is about one state of what is known and decided; on another state it has to be
/// made anew.
///
/// What a user is shown before they answer:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let trusted = doc::trusted(&["fork-1", "fork-2", "fork-3", "fork-rival-3"])?;
/// # let rival = doc::record("fork-rival-3")?.digest();
/// use sigpkg::trust::Acceptance;
///
/// let acceptance = Acceptance::of(trusted, rival, doc::now())?;
/// assert_eq!(acceptance.statement().seq().get(), 3);
/// assert!(acceptance.reserves().is_empty(), "no reserve statement is accepted with it");
/// assert!(acceptance.change().moves_head());
/// assert!(acceptance.after().belief().contest().is_none());
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Acceptance {
    digest: Digest,
    before: Trusted,
    after: Trusted,
}

/// Why a statement cannot be accepted. Nothing has changed.
///
/// A branch that was extended outranks one that was not, whatever a user accepts:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let trusted = doc::trusted(&["fork-1", "fork-2", "fork-3", "fork-4", "fork-rival-3"])?;
/// # let lone = doc::record("fork-rival-3")?.digest();
/// use sigpkg::digest::Digest;
/// use sigpkg::trust::{AcceptError, Acceptance};
///
/// let outranked = Acceptance::of(trusted.clone(), lone, doc::now()).err();
/// assert!(matches!(outranked, Some(AcceptError::Outranked { above, .. }) if above.0.get() == 3));
/// let unknown = Acceptance::of(trusted, Digest::of(b"another"), doc::now()).err();
/// assert!(matches!(unknown, Some(AcceptError::NoStatement { .. })));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AcceptError {
    /// The chain has no such statement.
    #[error("the chain of signatory {id} has no statement {digest}")]
    NoStatement {
        /// The id.
        id: SignatoryId,
        /// The digest that was given.
        digest: Digest,
    },
    /// Another branch has a higher rank (BEL-1), and an acceptance never outranks (BEL-2).
    #[error(
        "statement {seq} {digest} is void whatever you accept: the branch of statement {} {} has a higher rank, \
         because it {because}; an acceptance breaks ties and never outranks", above.0, above.1
    )]
    Outranked {
        /// The number of the statement that was to be accepted.
        seq: Seq,
        /// Its digest.
        digest: Digest,
        /// Number and digest of the first statement of the branch that is above it.
        above: (Seq, Digest),
        /// What gives that branch its rank.
        because: &'static str,
    },
    /// The user distrusts Ed25519, and it does not count (BEL-9).
    #[error(
        "statement {seq} {digest} does not count: it was signed by Ed25519, which you distrust, and no reserve statement \
         vouches for it"
    )]
    Distrusted {
        /// The number of the statement that was to be accepted.
        seq: Seq,
        /// Its digest.
        digest: Digest,
    },
}

impl Acceptance {
    /// What it would be to accept a statement.
    ///
    /// # Errors
    ///
    /// - [`AcceptError::NoStatement`] if the chain has no such statement.
    /// - [`AcceptError::Outranked`] and [`AcceptError::Distrusted`] if the statement would not stand afterwards: such an
    ///   acceptance would decide nothing, and withdraw earlier ones (VER-47).
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let trusted = doc::trusted(&["chain-1", "chain-2"])?;
    /// # let head = trusted.belief().head().digest();
    /// use sigpkg::trust::Acceptance;
    ///
    /// let acceptance = Acceptance::of(trusted, head, doc::now())?;
    /// assert!(!acceptance.change().moves_head(), "it was accepted at first trust");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn of(before: Trusted, digest: Digest, now: Timestamp) -> Result<Self, AcceptError> {
        let mut after = before.clone();
        if !after.accept(digest, now) {
            return Err(AcceptError::NoStatement { id: before.id(), digest });
        }
        check_stands(&after, digest)?;
        Ok(Self { digest, before, after })
    }

    /// What is known and decided without it.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let trusted = doc::trusted(&["fork-1", "fork-2", "fork-3", "fork-rival-3"])?;
    /// # let rival = doc::record("fork-rival-3")?.digest();
    /// use sigpkg::trust::Acceptance;
    ///
    /// let acceptance = Acceptance::of(trusted, rival, doc::now())?;
    /// assert!(acceptance.before().belief().contest().is_some());
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn before(&self) -> &Trusted {
        &self.before
    }

    /// What will be known and decided with it.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let trusted = doc::trusted(&["fork-1", "fork-2", "fork-3", "fork-rival-3"])?;
    /// # let rival = doc::record("fork-rival-3")?.digest();
    /// use sigpkg::trust::Acceptance;
    ///
    /// let acceptance = Acceptance::of(trusted, rival, doc::now())?;
    /// assert_eq!(acceptance.after().belief().head().digest(), rival);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn after(&self) -> &Trusted {
        &self.after
    }

    /// As [`Acceptance::after`].
    #[cfg_attr(not(feature = "io"), allow(dead_code))]
    pub(super) fn into_after(self) -> Trusted {
        self.after
    }

    /// The statement that is to be accepted.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let trusted = doc::trusted(&["fork-1", "fork-2", "fork-3", "fork-rival-3"])?;
    /// # let rival = doc::record("fork-rival-3")?.digest();
    /// use sigpkg::trust::Acceptance;
    ///
    /// let acceptance = Acceptance::of(trusted, rival, doc::now())?;
    /// assert_eq!(acceptance.statement().digest(), rival);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn statement(&self) -> Link<'_> {
        self.after.chain().find(self.digest).unwrap_or_else(|| self.after.chain().genesis())
    }

    /// The reserve statements that are accepted with it for the first time, oldest first; it may be one of them.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let mut trusted = doc::trusted(&["reserve-1", "reserve-2"])?;
    /// # trusted.learn(&doc::chain(&["reserve-1", "reserve-2", "reserve-3"])?, doc::now())?;
    /// # let reserve = doc::record("reserve-3")?.digest();
    /// use sigpkg::trust::Acceptance;
    ///
    /// let acceptance = Acceptance::of(trusted, reserve, doc::now())?;
    /// assert_eq!(acceptance.reserves()[0].digest(), reserve, "from here on, others may sign");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn reserves(&self) -> Vec<Link<'_>> {
        let accepted = &self.before.decisions().accepted;
        let is_accepted = |link: Link<'_>| {
            let leads_there = |digest: &Digest| {
                self.before.chain().find(*digest).is_some_and(|accepted| accepted.path().any(|above| above == link))
            };
            accepted.iter().any(leads_there)
        };
        let mut path: Vec<_> = self.statement().path().collect();
        path.reverse();
        path.retain(|link| link.statement().kind() == Kind::Reserve && !is_accepted(*link));
        path
    }

    /// The acceptances that it withdraws (BEL-2).
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let mut trusted = doc::trusted(&["fork-1", "fork-2", "fork-3", "fork-rival-3"])?;
    /// # let (one, rival) = (doc::record("fork-3")?.digest(), doc::record("fork-rival-3")?.digest());
    /// use sigpkg::trust::Acceptance;
    ///
    /// assert!(trusted.accept(one, doc::now()));
    /// let acceptance = Acceptance::of(trusted, rival, doc::now())?;
    /// assert_eq!(acceptance.withdraws()[0].digest(), one);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn withdraws(&self) -> Vec<Link<'_>> {
        let kept = &self.after.decisions().accepted;
        let withdrawn = self.before.decisions().accepted.iter().filter(|digest| !kept.contains(digest));
        withdrawn.filter_map(|digest| self.after.chain().find(*digest)).collect()
    }

    /// What else changes.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let trusted = doc::trusted(&["fork-1", "fork-2", "fork-3", "fork-rival-3"])?;
    /// # let rival = doc::record("fork-rival-3")?.digest();
    /// use sigpkg::trust::Acceptance;
    ///
    /// let acceptance = Acceptance::of(trusted, rival, doc::now())?;
    /// assert_eq!(acceptance.change().head_after.digest(), rival);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn change(&self) -> Change<'_> {
        Change::between(&self.before, &self.after)
    }
}

fn check_stands(after: &Trusted, digest: Digest) -> Result<(), AcceptError> {
    let belief = after.belief();
    let Some(link) = after.chain().find(digest) else {
        return Err(AcceptError::NoStatement { id: after.id(), digest });
    };
    let seq = link.seq();
    match belief.state(link) {
        Some(State::Standing) => return Ok(()),
        Some(State::Distrusted) => return Err(AcceptError::Distrusted { seq, digest }),
        Some(State::Void | State::Contested | State::Waiting) | None => {}
    }
    // The fork at which its path left the line, and the branch that has won there or may still win.
    let fork = link.path().find(|above| belief.state(*above) == Some(State::Standing));
    let is_above = |child: &Link<'_>| match belief.state(*child) {
        Some(State::Standing | State::Waiting | State::Contested) => true,
        Some(State::Void | State::Distrusted) | None => false,
    };
    let above = fork.and_then(|fork| fork.children().find(is_above)).unwrap_or(belief.head());
    let reserves = after.chain().links().filter(|link| link.statement().kind() == Kind::Reserve);
    let leads_to_reserve = reserves.into_iter().any(|reserve| reserve.path().any(|link| link == above));
    let because = if leads_to_reserve { "leads to a reserve statement" } else { "was extended" };
    Err(AcceptError::Outranked { seq, digest, above: (above.seq(), above.digest()), because })
}
