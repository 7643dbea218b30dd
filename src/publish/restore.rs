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
///
/// # Example
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun_in(sigpkg::keystore::Mode::Seeded)?;
/// # let stores = sigpkg::keystore::KeyStores::at(machine.folder.path().join("new"));
/// # let seed = machine.store()?.open_seed(None)?;
/// use sigpkg::publish::{check_restore, gather};
/// use sigpkg::secret::Seed;
///
/// let known = gather(Some(&machine.workplace()?), &stores, None, &[])?.ok_or("nothing is known")?;
/// assert!(check_restore(&known, &stores, &seed).is_ok());
/// assert!(check_restore(&known, &stores, &Seed::from_bytes([7; 32])).is_err(), "it is of another chain");
/// assert!(check_restore(&known, &machine.keys, &seed).is_err(), "that machine has its store");
/// # Ok::<(), doc::Error>(())
/// ```
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
///
/// # Example
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun_in(sigpkg::keystore::Mode::Seeded)?;
/// # let stores = sigpkg::keystore::KeyStores::at(machine.folder.path().join("new"));
/// # let seed = machine.store()?.open_seed(None)?;
/// use sigpkg::keystore::{KeyProtection, RestoredStore};
/// use sigpkg::publish::{gather, restore};
///
/// // On a new machine, in a clone of the repository; the seed was on paper.
/// let known = gather(Some(&machine.workplace()?), &stores, None, &[])?.ok_or("nothing is known")?;
/// let new = RestoredStore { protection: KeyProtection::None, passphrase: None, now: doc::now(), repository: None };
/// let store = restore(&known, &stores, seed, &new, &mut doc::random())?;
/// assert_eq!(stores.ids()?, [known.chain.id()]);
/// let next = store.chain().belief(&Default::default()).head().seq().successor().ok_or("the chain goes on")?;
/// assert!(store.open_keys(next, None).is_ok(), "it signs what follows the head");
/// # Ok::<(), doc::Error>(())
/// ```
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
