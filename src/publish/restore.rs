//! A key store from a seed that was kept elsewhere, and from what is published of its chain (KEEP-39).

use rand_core::CryptoRng;

use super::{Known, PublishError};
use crate::chain::Decided;
use crate::keystore::{KeyStores, RestoredStore, Store};
use crate::secret::Seed;

/// Whether [`restore`] would make a store, before a passphrase is asked for.
///
/// # Errors
///
/// - [`PublishError::Contested`] if the chain has no head to follow.
/// - [`crate::keystore::KeyStoreError::StoreExists`] if there is a store for it.
/// - [`crate::keystore::KeyStoreError::OtherSeed`] if the keys that its head announces do not come from this seed.
pub fn check_restore(known: &Known, stores: &KeyStores, seed: &Seed) -> Result<(), PublishError> {
    let belief = known.chain.belief(&Decided::stranger());
    if belief.contest().is_some() {
        return Err(PublishError::Contested { seq: belief.head().seq() });
    }
    Ok(stores.check_restore(&known.chain, seed)?)
}

/// Makes the key store of a chain from its seed. It signs what follows the newest statement that is known.
///
/// # Errors
///
/// - As [`check_restore`].
/// - [`PublishError::KeyStore`] if the store cannot be written.
pub fn restore(
    known: &Known,
    stores: &KeyStores,
    seed: Seed,
    new: &RestoredStore<'_>,
    random: &mut dyn CryptoRng,
) -> Result<Store, PublishError> {
    check_restore(known, stores, &seed)?;
    Ok(stores.restore(&known.chain, seed, new, random)?)
}
