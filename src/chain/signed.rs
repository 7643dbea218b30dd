//! Signatures over the links of a chain (CHN-16), and who may give them (CHN-18, CHN-19).

use super::{Authentic, ChainError, Unverified};
use crate::key::{Algorithm, LinkKey, ReserveKey};
use crate::signature::{Scheme, VerifyError};
use crate::statement::{Body, ReserveSet, Statement};

/// Checks the signatures of every record for which `is_asked` says so. The error is that of the first record in the
/// file that has a bad one.
pub(super) fn check_all(
    records: &[Authentic],
    is_asked: impl Fn(usize) -> bool,
    scheme: &dyn Scheme,
) -> Result<(), ChainError> {
    let asked: Vec<_> = (0..records.len()).filter(|index| is_asked(*index)).collect();
    first_error(&asked, |index| {
        let Authentic { record, parent, .. } = &records[index];
        check_one(record, parent.map(|parent| Before::of(records, parent)), scheme)
    })
}

/// What the path before a record says about who signs it.
#[derive(Clone, Copy)]
pub(super) struct Before<'a> {
    parent: &'a Statement,
    reserve: &'a ReserveSet,
}

impl<'a> Before<'a> {
    pub(super) fn of(records: &'a [Authentic], parent: usize) -> Self {
        Self { parent: records[parent].record.claimed(), reserve: reserve_in_force(records, parent) }
    }
}

/// Checks the signatures of one record: by the link key that its parent announced, or by the reserve in force there.
pub(super) fn check_one(
    record: &Unverified,
    before: Option<Before<'_>>,
    scheme: &dyn Scheme,
) -> Result<(), ChainError> {
    let statement = record.claimed();
    let text = record.text().as_bytes();
    let invalid = |error: VerifyError| ChainError::Signature { at: statement.seq, error };
    if let (Body::Reserve(..), Some(before)) = (&statement.body, before) {
        let keys = signers(record, before.reserve)?;
        let mut pairs = keys.into_iter().zip(record.blocks());
        return pairs.try_for_each(|(key, block)| scheme.verify_reserve(key, text, block)).map_err(invalid);
    }
    match (link_key(statement, before.map(|before| before.parent)), record.blocks()) {
        (Some(key), [block]) => scheme.verify_link(key, text, block).map_err(invalid),
        // Seen before: other numbers of blocks when the record was read, and a parent that is missing as a link.
        (_, blocks) => Err(ChainError::SignatureCount { at: statement.seq, expected: 1, found: blocks.len() }),
    }
}

/// The link key that must have signed: the parent's `next`, or a genesis's own `this`. Reserve statements have none.
pub(super) fn link_key<'a>(statement: &'a Statement, parent: Option<&'a Statement>) -> Option<&'a LinkKey> {
    match (&statement.body, parent) {
        (Body::Genesis(genesis), None) => Some(&genesis.this),
        (Body::Release(..) | Body::Yank(..) | Body::Beat(..), Some(parent)) => Some(&parent.look_ahead().next),
        (Body::Genesis(_), Some(_))
        | (Body::Release(..) | Body::Yank(..) | Body::Beat(..), None)
        | (Body::Reserve(..), _) => None,
    }
}

/// Whether a record is signed by an Ed25519 key.
pub(super) fn is_signed_by_ed25519(records: &[Authentic], index: usize) -> bool {
    let Authentic { record, parent, .. } = &records[index];
    let parent = parent.map(|parent| records[parent].record.claimed());
    link_key(record.claimed(), parent).is_some_and(|key| key.algorithm() == Algorithm::Ed25519)
}

/// The key of each block of a reserve record, under the reserve in force at its parent (CHN-18, CHN-19).
pub(super) fn signers<'a>(record: &Unverified, reserve: &'a ReserveSet) -> Result<Vec<&'a ReserveKey>, ChainError> {
    let (at, blocks) = (record.claimed_seq(), record.blocks());
    if usize::try_from(reserve.threshold) != Ok(blocks.len()) {
        return Err(ChainError::ReserveSignatureCount { at, expected: reserve.threshold, found: blocks.len() });
    }
    let mut rest = reserve.keys.iter();
    let mut keys = Vec::with_capacity(blocks.len());
    for (index, block) in blocks.iter().enumerate() {
        let found = block.claimed_key_id();
        // The search goes on where the last one ended: so no key signs twice, and a record has one form.
        let Some(key) = rest.find(|key| key.key_id() == found) else {
            let is_known = reserve.keys.iter().any(|key| key.key_id() == found);
            return Err(ChainError::WrongSigner { at, block: index + 1, found, is_known });
        };
        keys.push(key);
    }
    Ok(keys)
}

/// The reserve in force at a record (CHN-18): that of the last genesis or reserve statement on its path.
pub(super) fn reserve_in_force(records: &[Authentic], index: usize) -> &ReserveSet {
    records[records[index].reserve_from].record.claimed().reserve().expect("a genesis or a reserve statement has one")
}

/// Fewer signatures than this are checked by one thread: to start the others takes as long.
#[cfg(feature = "parallel")]
const FEW: usize = 16;

/// The links are independent of each other, so they are checked on all processors; which error is reported must not
/// depend on that.
#[cfg(feature = "parallel")]
fn first_error(records: &[usize], check: impl Fn(usize) -> Result<(), ChainError> + Sync) -> Result<(), ChainError> {
    use rayon::prelude::*;
    if records.len() < FEW {
        return records.iter().try_for_each(|record| check(*record));
    }
    records.par_iter().map(|record| check(*record)).find_first(Result::is_err).unwrap_or(Ok(()))
}

#[cfg(not(feature = "parallel"))]
fn first_error(records: &[usize], check: impl Fn(usize) -> Result<(), ChainError>) -> Result<(), ChainError> {
    records.iter().try_for_each(|record| check(*record))
}
