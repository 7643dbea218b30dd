//! What stands against publishing, one thing after the other (KEEP-11, KEEP-13).

use std::cmp::Ordering;

use super::prepare::head;
use super::request::{Common, Request};
use super::{Event, PublishError};
use crate::chain::{Chain, Decided, VerifiedRelease};
use crate::digest::Digest;
use crate::ecosystem;
use crate::key::ReserveKey;
use crate::keystore::{LockedStore, Store};
use crate::listing::folder::FolderFile;
use crate::package::Version;
use crate::repository::{CommitId, Live, RepositoryError, Search, Workplace};
use crate::source::SourceTree;

/// The manifest, if the ecosystem has one, is of the package of the chain; its version.
pub(super) fn check_package(
    workplace: &Workplace,
    commit: CommitId,
    chain: &Chain,
) -> Result<Option<Version>, PublishError> {
    let ecosystem = ecosystem::of(chain.package().ecosystem());
    let Some((_, manifest)) = workplace.manifest(commit, ecosystem)? else {
        return if ecosystem.manifest_paths().is_empty() { Ok(None) } else { Err(RepositoryError::NoManifest.into()) };
    };
    if manifest.package != *chain.package() {
        let (expected, found) = (Box::new(chain.package().clone()), Box::new(manifest.package));
        return Err(PublishError::OtherPackage { expected, found });
    }
    Ok(manifest.version)
}

/// The version of a release, which must be new.
pub(super) fn check_version(
    workplace: &Workplace,
    commit: CommitId,
    chain: &Chain,
    request: &Request,
) -> Result<Version, PublishError> {
    let ecosystem = ecosystem::of(chain.package().ecosystem());
    let in_manifest = check_package(workplace, commit, chain)?;
    let asked = request.version.as_deref().map(|written| ecosystem.version(written)).transpose()?;
    let version = match (asked, in_manifest) {
        (Some(asked), Some(found)) if asked != found => return Err(PublishError::VersionMismatch { asked, found }),
        (Some(version), Some(_)) | (None, Some(version)) => version,
        (Some(version), None) if ecosystem.manifest_paths().is_empty() => version,
        (Some(_) | None, None) => {
            let place =
                if ecosystem.manifest_paths().is_empty() { "a package without a manifest" } else { "the manifest" };
            return Err(PublishError::NoVersion { place: place.to_owned() });
        }
    };
    let belief = chain.belief(&Decided::stranger());
    let live: Vec<_> = belief.releases().filter(|release| !belief.is_withdrawn(release.link())).collect();
    if request.redo {
        return Ok(version);
    }
    // CHN-12: what is yanked may be released again.
    let is_yanked = |release: &VerifiedRelease<'_>| belief.yank(release.link()).is_some();
    if let Some(same) = live.iter().find(|release| *release.version() == version && !is_yanked(release)) {
        return Err(PublishError::VersionReleased { version, seq: same.seq() });
    }
    let is_lower = |left: &Version, right: &Version| ecosystem.compare(left, right) == Some(Ordering::Less);
    let highest = live.iter().reduce(|one, other| if is_lower(one.version(), other.version()) { other } else { one });
    match highest {
        Some(highest) if is_lower(&version, highest.version()) && !request.back_port => {
            Err(PublishError::VersionLower { version, newest: highest.version().clone(), seq: highest.seq() })
        }
        Some(_) | None => Ok(version),
    }
}

/// The commit is not a release already.
pub(super) fn check_news(
    workplace: &Workplace,
    commit: CommitId,
    chain: &Chain,
    tree: &SourceTree,
) -> Result<(), PublishError> {
    let Some(text) = workplace.folder_blob(commit, FolderFile::Statement)? else { return Ok(()) };
    let Some(link) = chain.find(Digest::of(&text)) else { return Ok(()) };
    match link.statement().release() {
        Some(release) if release.files == tree.tree().listing().digest() => {
            Err(PublishError::AlreadyReleased { version: release.version.clone(), seq: link.seq() })
        }
        Some(_) | None => Ok(()),
    }
}

pub(super) fn acknowledge(store: &mut LockedStore, common: &Common) -> Result<(), PublishError> {
    Ok(store.change_settings(|settings| {
        for digest in &common.acknowledge {
            if !settings.acknowledged.contains(digest) {
                settings.acknowledged.push(*digest);
            }
        }
    })?)
}

pub(super) fn check_leaks(
    workplace: &Workplace,
    store: &mut LockedStore,
    events: &mut dyn FnMut(Event),
) -> Result<Search, PublishError> {
    let searched = store.store().searched()?;
    let search = search(workplace, store.store(), &searched, events)?;
    leaked(&search)?;
    if let Some(searched) = search.remember() {
        store.write_searched(&searched)?;
    }
    Ok(search)
}

pub(super) fn search(
    workplace: &Workplace,
    store: &Store,
    searched: &str,
    events: &mut dyn FnMut(Event),
) -> Result<Search, PublishError> {
    let live = live(store)?;
    Ok(workplace.search(&live, searched, &mut |commits| events(Event::Searching { commits }))?)
}

/// The keys of a store that have not signed yet, and its reserve.
pub(super) fn live(store: &Store) -> Result<Live, PublishError> {
    let head = head(store.chain());
    let announced = head.statement().look_ahead();
    let reserve_keys = head.reserve().keys.iter().map(ReserveKey::key_id);
    Ok(Live {
        files: store.secret_digests()?.into_iter().collect(),
        keys: [announced.next.key_id(), announced.after_next.key_id()].into_iter().chain(reserve_keys).collect(),
        acknowledged: store.settings().acknowledged.iter().copied().collect(),
    })
}

pub(super) fn leaked(search: &Search) -> Result<(), PublishError> {
    let live: Vec<_> = search.leaks.iter().filter(|leak| leak.is_live).cloned().collect();
    if !live.is_empty() {
        Err(PublishError::LiveKeyLeaked { leaks: live })
    } else if !search.leaks.is_empty() {
        Err(PublishError::KeysLeaked { leaks: search.leaks.clone() })
    } else {
        Ok(())
    }
}
