//! The key store of a package.

use super::PublishError;
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
