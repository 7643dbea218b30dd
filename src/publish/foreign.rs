//! Statements in branches and tags that the key store has not made (KEEP-10), and how they are outranked (KEEP-20).

use std::fmt;

use super::PublishError;
use super::outlook::{obstacles, statements_needed};
use super::prepare::head;
use crate::chain::{Chain, Decided, Link, Unverified, Vouchers};
use crate::digest::Digest;
use crate::keystore::{Mode, Store};
use crate::repository::Workplace;
use crate::signature::Standard;
use crate::statement::{Body, Seq};

/// A statement that the key store has not made.
///
/// A thief has the keys of this chain, and has used one:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let (machine, digest) = doc::Machine::robbed()?;
/// use sigpkg::publish::{PublishError, prepare};
///
/// let request = doc::version("1.0.0");
/// let alarm = prepare(machine.workplace()?, &machine.keys, request, doc::now(), &mut |_| {}).unwrap_err();
/// let PublishError::ForeignStatements { strangers, .. } = alarm else { return Err(alarm.into()) };
/// assert_eq!((strangers[0].seq.get(), strangers[0].digest), (2, digest));
/// assert!(strangers[0].what.contains("6.6.6"));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranger {
    /// The branch or tag that has it.
    pub reference: String,
    /// Its number.
    pub seq: Seq,
    /// The digest of its text.
    pub digest: Digest,
    /// What it is, such as `release 1.2`.
    pub what: String,
    /// The statement of the store that was signed with the same key.
    pub own: Option<Digest>,
}

/// What the references hold, and what follows from it.
pub(super) struct Found {
    /// Statements that another holder of the seed has made and that follow the head of the store, in order; in a store of
    /// fresh keys nobody else can have made one.
    pub(super) taken_in: Vec<Unverified>,
    /// The chain of the store with these.
    pub(super) chain: Chain,
    /// What is to be kept of somebody else, because the maintainer has said so.
    pub(super) evidence: Option<Chain>,
    /// The statements of it.
    pub(super) healed: Vec<Stranger>,
    /// Whether a beat has to go before the statement that is asked for.
    pub(super) needs_beat: bool,
}

/// Looks at the tip of every reference. `heal` names statements that are said to be somebody else's.
///
/// # Errors
///
/// - [`PublishError::Forked`] if the chain of the store has a fork that nothing decides.
/// - [`PublishError::ForeignChain`] if a reference has a chain of this id that is not valid.
/// - [`PublishError::CannotOutrank`] if the store cannot outrank what somebody else has signed, whether kept before or not.
/// - [`PublishError::ForeignStatements`] if there are statements that the store has not made and `heal` does not name.
/// - [`PublishError::NothingToHeal`] if `heal` names something else.
pub(super) fn look(workplace: &Workplace, store: &Store, heal: &[Digest]) -> Result<Found, PublishError> {
    let mut chain = store.chain().clone();
    if let Some(contest) = chain.belief(&Decided::stranger()).contest() {
        return Err(PublishError::Forked { seq: contest.parent.seq() });
    }
    let (mut all, mut evidence) = (store.published(), None::<Chain>);
    let (mut taken_in, mut strangers) = (Vec::new(), Vec::new());
    for (reference, file) in workplace.chains_at_tips()? {
        // What does not even begin with the genesis of this chain is somebody else's, or nothing.
        if Chain::claimed_id(&file) != Ok(store.id()) {
            continue;
        }
        let invalid =
            |error| PublishError::ForeignChain { reference: reference.clone(), id: store.id(), error: Box::new(error) };
        let found = Chain::admit_beside(&file, &all, Vouchers::None, &Standard).map_err(invalid)?;
        let mut news: Vec<_> = found.links().filter(|link| all.find(link.digest()).is_none()).collect();
        news.sort_by_key(|link| link.seq());
        let before = strangers.len();
        for link in news {
            match follow(&chain, link, store.settings().mode).filter(|_| !heal.contains(&link.digest())) {
                Some(record) => {
                    chain.append(record.clone(), &Standard).map_err(invalid)?;
                    taken_in.push(record);
                }
                None => strangers.push(stranger(&reference, link, store.chain())),
            }
        }
        if strangers.len() > before {
            match &mut evidence {
                Some(evidence) => drop(evidence.merge(&found).map_err(invalid)?),
                None => evidence = Some(found.clone()),
            }
        }
        all.merge(&found).map_err(invalid)?;
    }
    let needs_beat = needs_beat(store, &all, head(&chain), &strangers)?;
    check_named(store, &strangers, heal)?;
    Ok(Found { taken_in, chain, evidence, healed: strangers, needs_beat })
}

/// Whether it takes a beat and another statement until the branch of the store outranks every other, and not one alone.
fn needs_beat(store: &Store, all: &Chain, head: Link<'_>, strangers: &[Stranger]) -> Result<bool, PublishError> {
    if strangers.is_empty() && store.foreign().is_none() {
        return Ok(false);
    }
    if let Some(needed) = statements_needed(all, head)? {
        return Ok(needed > 1);
    }
    let place = |digest| strangers.iter().find(|stranger| stranger.digest == digest);
    let place = |digest| place(digest).map(|stranger| stranger.reference.clone());
    let obstacles = obstacles(all, head)?.into_iter().map(|(seq, digest)| (seq, digest, place(digest)));
    let (obstacles, head, head_digest) = (obstacles.collect(), head.seq(), head.digest());
    Err(PublishError::CannotOutrank { id: store.id(), obstacles, head, head_digest })
}

/// Nobody heals blindly: each statement was named, and nothing else.
fn check_named(store: &Store, strangers: &[Stranger], heal: &[Digest]) -> Result<(), PublishError> {
    if strangers.iter().any(|stranger| !heal.contains(&stranger.digest)) {
        let newest = head(store.chain());
        return Err(PublishError::ForeignStatements {
            id: store.id(),
            strangers: strangers.to_vec(),
            head: newest.seq(),
            head_digest: newest.digest(),
        });
    }
    // Named by a command that was interrupted, it is kept by now.
    let is_kept = |digest: &Digest| store.foreign().is_some_and(|foreign| foreign.find(*digest).is_some());
    for digest in heal {
        let is_own = store.chain().find(*digest).is_some();
        let is_known = strangers.iter().any(|stranger| stranger.digest == *digest) || is_kept(digest);
        if is_own || !is_known {
            return Err(PublishError::NothingToHeal { digest: *digest, is_own });
        }
    }
    Ok(())
}

/// The record of a statement that follows the head of a seeded store.
fn follow(known: &Chain, stranger: Link<'_>, mode: Mode) -> Option<Unverified> {
    match mode {
        Mode::Seeded if stranger.parent().map(Link::digest) == Some(head(known).digest()) => {
            Unverified::new(stranger.text().as_bytes(), stranger.blocks_text()).ok()
        }
        Mode::Seeded | Mode::Fresh => None,
    }
}

fn stranger(reference: &str, link: Link<'_>, own: &Chain) -> Stranger {
    let parent = link.parent().and_then(|parent| own.find(parent.digest()));
    Stranger {
        reference: reference.to_owned(),
        seq: link.seq(),
        digest: link.digest(),
        what: what(link),
        own: parent.and_then(|parent| parent.children().next()).map(Link::digest),
    }
}

fn what(link: Link<'_>) -> String {
    match &link.statement().body {
        Body::Release(release, _) => format!("release {}", release.version),
        Body::Genesis(_) | Body::Yank(..) | Body::Beat(..) | Body::Reserve(..) => {
            link.statement().kind().as_str().to_owned()
        }
    }
}

/// A proof that a key of this chain has signed two texts, one of which is among those that were healed (section 4.4): a chain
/// file that convinces anyone who has the id. `None` as long as the store has made no statement beside it.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::released()?;
/// use sigpkg::publish::proof;
///
/// assert_eq!(proof(&machine.store()?, &[]), None, "nobody else has signed");
/// # Ok::<(), doc::Error>(())
/// ```
pub fn proof(store: &Store, healed: &[Digest]) -> Option<String> {
    let published = store.published();
    let mut forks = published.forks();
    let fork = forks.find(|fork| fork.children.iter().any(|child| healed.contains(&child.digest())))?;
    Some(fork.proof())
}

/// `refs/remotes/origin/main has statement 3 (release 1.2, blake3:…), where this key store has made blake3:…`
impl fmt::Display for Stranger {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} has statement {} ({}, {})", self.reference, self.seq, self.what, self.digest)?;
        match self.own {
            Some(own) => write!(out, ", where this key store has made {own}"),
            None => Ok(()),
        }
    }
}
