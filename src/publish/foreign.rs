//! Statements in branches and tags that the key store has not made (KEEP-10).

use super::PublishError;
use crate::chain::{Chain, Link, Unverified, Vouchers};
use crate::keystore::{Mode, Store};
use crate::repository::Workplace;
use crate::signature::Standard;

/// Looks at the tip of every reference. Returns the statements that another holder of the seed has made and that follow
/// the head of the store, in order; in a store of fresh keys nobody else can have made one.
pub(super) fn find(workplace: &Workplace, store: &Store) -> Result<Vec<Unverified>, PublishError> {
    let mut known = store.chain().clone();
    let mut taken_in = Vec::new();
    for (reference, file) in workplace.chains_at_tips()? {
        // What does not even begin with the genesis of this chain is somebody else's, or nothing.
        if Chain::claimed_id(&file) != Ok(store.id()) {
            continue;
        }
        let invalid =
            |error| PublishError::ForeignChain { reference: reference.clone(), id: store.id(), error: Box::new(error) };
        let chain = Chain::admit_beside(&file, &known, Vouchers::None, &Standard).map_err(invalid)?;
        let mut strangers: Vec<_> = chain.links().filter(|link| known.find(link.digest()).is_none()).collect();
        strangers.sort_by_key(|link| link.seq());
        for stranger in strangers {
            let Some(record) = follow(&known, stranger, store.settings().mode) else {
                return Err(PublishError::ForeignStatement {
                    reference,
                    seq: stranger.seq(),
                    digest: stranger.digest(),
                    id: store.id(),
                });
            };
            known.append(record.clone(), &Standard).map_err(invalid)?;
            taken_in.push(record);
        }
    }
    Ok(taken_in)
}

/// The record of a statement that follows the head of a seeded store.
fn follow(known: &Chain, stranger: Link<'_>, mode: Mode) -> Option<Unverified> {
    let head = known.links().next_back()?;
    match mode {
        Mode::Seeded if stranger.parent().map(Link::digest) == Some(head.digest()) => {
            Unverified::new(stranger.text().as_bytes(), stranger.blocks_text()).ok()
        }
        Mode::Seeded | Mode::Fresh => None,
    }
}
