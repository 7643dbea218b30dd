//! Looking ahead: what would be valid, and what would be believed, if statements were signed that are not. Nothing that is
//! made here leaves memory.

use crate::chain::{Chain, Decided, Link};
use crate::digest::Digest;
use crate::key::{Algorithm, LinkKey};
use crate::release::{Draft, DraftError};
use crate::secret::Seed;
use crate::statement::{Beat, BeatState, Seq};
use crate::time::Timestamp;

/// The most statements that are worth trying: after two, a branch has its highest rank but for the reserve (BEL-1).
const MOST: usize = 2;

/// How many statements must follow `head` until its branch outranks every other, for users who have accepted nothing there
/// (KEEP-20). `None` if none would do.
pub(super) fn statements_needed(all: &Chain, head: Link<'_>) -> Result<Option<usize>, DraftError> {
    let (mut chain, mut tip) = (all.clone(), head.digest());
    for count in 1..=MOST {
        (chain, tip) = with_trial(&chain, tip, head.statement().date)?;
        if chain.belief(&Decided::stranger()).head().digest() == tip {
            return Ok(Some(count));
        }
    }
    Ok(None)
}

/// The statements before which the branch of `head` stops, whatever follows it.
pub(super) fn obstacles(all: &Chain, head: Link<'_>) -> Result<Vec<(Seq, Digest)>, DraftError> {
    let (mut chain, mut tip) = (all.clone(), head.digest());
    for _ in 0..MOST {
        (chain, tip) = with_trial(&chain, tip, head.statement().date)?;
    }
    let own: Vec<_> = chain.find(tip).into_iter().flat_map(Link::path).map(Link::digest).collect();
    let belief = chain.belief(&Decided::stranger());
    let contested = belief.contest().map(|contest| contest.children).unwrap_or_default();
    let firsts = belief.line().chain(contested).filter(|link| !own.contains(&link.digest()));
    // What stands in the way begins where the branches part.
    let is_first = |link: &Link<'_>| link.parent().is_some_and(|parent| own.contains(&parent.digest()));
    Ok(firsts.filter(is_first).map(|link| (link.seq(), link.digest())).collect())
}

/// A key that a statement which follows `parent` could announce. Its secret half is known to everybody, so nothing that
/// names it is ever signed.
pub(super) fn trial_key(parent: Link<'_>) -> LinkKey {
    let bytes = *Digest::of(format!("sigpkg trial {}", parent.seq()).as_bytes()).as_bytes();
    let key = match parent.statement().look_ahead().next.algorithm() {
        Algorithm::SlhDsa | Algorithm::Reserve => LinkKey::new(Algorithm::SlhDsa, bytes),
        // Not any 32 bytes are a point.
        Algorithm::Ed25519 => {
            Seed::from_bytes(bytes).link_secret(Algorithm::Ed25519, 1).and_then(|secret| secret.link_key())
        }
    };
    key.expect("SLH-DSA takes any bytes, and a derived key of Ed25519 is one of a chain")
}

fn with_trial(chain: &Chain, tip: Digest, date: Timestamp) -> Result<(Chain, Digest), DraftError> {
    let parent = chain.find(tip).unwrap_or_else(|| chain.genesis());
    let beat = Beat { state: BeatState::Here, successor: None };
    let draft = Draft::beat(parent, beat, None, trial_key(parent), date)?;
    Ok((draft.as_if_signed(chain)?, Digest::of(draft.text().as_bytes())))
}
