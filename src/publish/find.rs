//! The key store of a package.

use super::PublishError;
use crate::digest::SignatoryId;
use crate::keystore::{KeyStoreError, KeyStores, Store};
use crate::repository::{RepositoryError, Workplace};

/// Finds the key store of the package in this folder: the one of its `.sigpkg`; without one, that of its manifest or of
/// this folder.
///
/// # Errors
///
/// - [`PublishError::NoChain`] if there is neither.
/// - [`PublishError::ForeignFolder`] if `.sigpkg` is of another chain than the keys on this machine.
/// - [`PublishError::Ambiguous`] if there are several stores for the package, and no `.sigpkg` to say which.
/// - [`PublishError::KeyStore`] if there is no store for the chain, or it cannot be read.
///
/// # Example
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun()?;
/// # let nothing = sigpkg::keystore::KeyStores::at(machine.folder.path().join("nothing"));
/// use sigpkg::keystore::KeyStoreError;
/// use sigpkg::publish::{PublishError, find_store};
///
/// assert_eq!(find_store(&machine.workplace()?, &machine.keys)?.id(), machine.id()?);
/// let elsewhere = find_store(&machine.workplace()?, &nothing);
/// assert!(matches!(elsewhere, Err(PublishError::KeyStore(KeyStoreError::NoStore { .. }))));
/// # Ok::<(), doc::Error>(())
/// ```
pub fn find_store(workplace: &Workplace, stores: &KeyStores) -> Result<Store, PublishError> {
    let commit = workplace.commit_at_head()?;
    let claimed = commit.map(|commit| workplace.claimed_id(commit)).transpose()?.flatten();
    if let Some(id) = claimed
        && stores.contains(id)?
    {
        return Ok(stores.open(id)?);
    }
    let candidates = candidates(workplace, stores)?;
    match (claimed, candidates.as_slice()) {
        (Some(found), [store]) => Err(PublishError::ForeignFolder { expected: store.id(), found }),
        (Some(id), _) => Err(KeyStoreError::NoStore { id, home: stores.home().to_owned() }.into()),
        (None, []) => Err(PublishError::NoChain { directory: workplace.directory().to_owned() }),
        (None, [_]) => candidates.into_iter().next().ok_or(RepositoryError::NoManifest.into()),
        (None, several) => Err(PublishError::Ambiguous {
            package: Box::new(
                several.first().map_or_else(|| workplace.detect(), |one| Ok(one.chain().package().clone()))?,
            ),
            ids: several.iter().map(Store::id).collect(),
        }),
    }
}

/// Finds the key store into whose chain a tree of somebody else is adopted: the one that was named, that of a `.sigpkg` which
/// is not somebody else's after all, or that of the manifest or of this folder.
///
/// # Errors
///
/// - [`PublishError::NoChain`] if there is none.
/// - [`PublishError::Ambiguous`] if there are several.
/// - [`PublishError::KeyStore`] if there is no store for the chain that was named, or it cannot be read.
pub(super) fn find_adopter(
    workplace: &Workplace,
    stores: &KeyStores,
    named: Option<SignatoryId>,
) -> Result<Store, PublishError> {
    if let Some(id) = named {
        return Ok(stores.open(id)?);
    }
    let (_, commit) = workplace.any_head_commit()?;
    if let Some(id) = workplace.claimed_id(commit)?
        && stores.contains(id)?
    {
        return Ok(stores.open(id)?);
    }
    let mut candidates = candidates(workplace, stores)?;
    match (candidates.pop(), candidates.as_slice()) {
        (Some(store), []) => Ok(store),
        (None, _) => Err(PublishError::NoChain { directory: workplace.directory().to_owned() }),
        (Some(last), others) => Err(PublishError::Ambiguous {
            package: Box::new(last.chain().package().clone()),
            ids: others.iter().map(Store::id).chain([last.id()]).collect(),
        }),
    }
}

/// The stores that might be meant: of the package that the manifest names, and those last used for this folder first.
fn candidates(workplace: &Workplace, stores: &KeyStores) -> Result<Vec<Store>, PublishError> {
    let package = workplace.detect().ok();
    let is_here = |store: &Store| store.settings().repository.as_deref() == Some(workplace.directory());
    let mut candidates = stores.all()?;
    candidates.retain(|store| is_here(store) || package.as_ref() == Some(store.chain().package()));
    if candidates.iter().any(is_here) {
        candidates.retain(is_here);
    }
    Ok(candidates)
}
