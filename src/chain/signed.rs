//! Signatures over the links of a chain (CHN-16).

use super::{Authentic, ChainError, Unverified};
use crate::key::LinkKey;
use crate::signature::Scheme;
use crate::statement::{Body, Kind, Statement};

/// Checks the signature of every record. The error is that of the first record in the file that has a bad one.
pub(super) fn check_all(records: &[Authentic], scheme: &dyn Scheme) -> Result<(), ChainError> {
    check_new(records, |_| false, scheme)
}

/// Checks the signature of every record that is not known.
pub(super) fn check_new(
    records: &[Authentic],
    is_known: impl Fn(&Unverified) -> bool,
    scheme: &dyn Scheme,
) -> Result<(), ChainError> {
    let new: Vec<_> = records.iter().filter(|authentic| !is_known(&authentic.record)).collect();
    first_error(&new, |authentic| check_one(&authentic.record, authentic.parent.map(|parent| &records[parent]), scheme))
}

/// Checks one record against the key that its parent announced.
pub(super) fn check_one(
    record: &Unverified,
    parent: Option<&Authentic>,
    scheme: &dyn Scheme,
) -> Result<(), ChainError> {
    let statement = record.claimed();
    let (Some(key), [block]) = (link_key(statement, parent), record.blocks()) else {
        // Kinds that link keys do not sign were refused as links (CHN-17), and other numbers of blocks when read.
        return Err(ChainError::SignatureCount { at: statement.seq, expected: 1, found: record.blocks().len() });
    };
    scheme
        .verify_link(key, record.text().as_bytes(), block)
        .map_err(|error| ChainError::Signature { at: statement.seq, error })
}

/// The key that must have signed: the parent's `next`, or a genesis's own `this`.
fn link_key<'a>(statement: &'a Statement, parent: Option<&'a Authentic>) -> Option<&'a LinkKey> {
    match (&statement.body, parent) {
        (Body::Genesis(genesis), None) => Some(&genesis.this),
        (Body::Release(..) | Body::Yank(..) | Body::Beat(..), Some(parent)) => {
            Some(&parent.record.claimed().look_ahead().next)
        }
        (Body::Genesis(_), Some(_))
        | (Body::Release(..) | Body::Yank(..) | Body::Beat(..), None)
        | (Body::Reserve(..), _) => None,
    }
}

/// Whether a kind is signed by a link key at all.
pub(super) fn is_signed_by_link_key(kind: Kind) -> bool {
    match kind {
        Kind::Release | Kind::Yank | Kind::Beat => true,
        Kind::Genesis | Kind::Reserve => false,
    }
}

/// Fewer signatures than this are checked by one thread: to start the others takes as long.
#[cfg(feature = "parallel")]
const FEW: usize = 16;

/// The links are independent of each other, so they are checked on all processors; which error is reported must not
/// depend on that.
#[cfg(feature = "parallel")]
fn first_error(
    records: &[&Authentic],
    check: impl Fn(&Authentic) -> Result<(), ChainError> + Sync,
) -> Result<(), ChainError> {
    use rayon::prelude::*;
    if records.len() < FEW {
        return records.iter().try_for_each(|record| check(record));
    }
    records.par_iter().map(|record| check(record)).find_first(Result::is_err).unwrap_or(Ok(()))
}

#[cfg(not(feature = "parallel"))]
fn first_error(records: &[&Authentic], check: impl Fn(&Authentic) -> Result<(), ChainError>) -> Result<(), ChainError> {
    records.iter().try_for_each(|record| check(record))
}
