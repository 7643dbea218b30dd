//! Statements in branches and tags that the key store has not made (KEEP-10).

use std::collections::HashSet;
use std::path::Path;

use git2::{ObjectType, Oid, Reference};

use super::{PublishError, Workplace};
use crate::chain::{Chain, Link, Unverified};
use crate::keystore::{Mode, Store};
use crate::listing::folder::FOLDER;
use crate::signature::Standard;
use crate::text;

/// Looks at the tip of every reference: local and remote-tracking branches, tags, stashes and whatever else there is.
/// Returns the statements that another holder of the seed has made and that follow the head of the store, in order; in
/// a store of fresh keys nobody else can have made one.
pub(super) fn find(workplace: &Workplace, store: &Store) -> Result<Vec<Unverified>, PublishError> {
    let mut known = store.chain().clone();
    let mut taken_in = Vec::new();
    let mut seen = HashSet::new();
    let repository = workplace.repository();
    let failed = || PublishError::git("read the branches and tags");
    for reference in repository.references().map_err(failed())? {
        let reference = reference.map_err(failed())?;
        let Some(blob) = chain_blob(workplace, &reference)? else { continue };
        if !seen.insert(blob) {
            continue;
        }
        let name = text::printable(&String::from_utf8_lossy(reference.name_bytes()));
        let blob = repository.find_blob(blob).map_err(failed())?;
        // What does not even begin with the genesis of this chain is somebody else's, or nothing.
        if Chain::claimed_id(blob.content()) != Ok(store.id()) {
            continue;
        }
        let chain = Chain::admit_beside(blob.content(), &known, &Standard)
            .map_err(|error| PublishError::ForeignChain { reference: name.clone(), id: store.id(), error })?;
        let mut strangers: Vec<_> = chain.links().filter(|link| known.find(link.digest()).is_none()).collect();
        strangers.sort_by_key(|link| link.seq());
        for stranger in strangers {
            match follow(&known, stranger, store.settings().mode) {
                Some(record) => {
                    let admitted = known.append(record.clone(), &Standard).map(|_| ());
                    admitted.map_err(|error| PublishError::ForeignChain {
                        reference: name.clone(),
                        id: store.id(),
                        error,
                    })?;
                    taken_in.push(record);
                }
                None => {
                    return Err(PublishError::ForeignStatement {
                        reference: name,
                        seq: stranger.seq(),
                        digest: stranger.digest(),
                        id: store.id(),
                    });
                }
            }
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

/// The blob of `.sigpkg/chain` at the tip of a reference.
fn chain_blob(workplace: &Workplace, reference: &Reference<'_>) -> Result<Option<Oid>, PublishError> {
    // A symbolic reference without a target, or a tag of something that is no commit, has no tree.
    let Ok(tree) = reference.peel_to_tree() else { return Ok(None) };
    let path = workplace.git_path(FOLDER).join("chain");
    match tree.get_path(Path::new(&path)) {
        Ok(entry) if entry.kind() == Some(ObjectType::Blob) => Ok(Some(entry.id())),
        Ok(_) => Ok(None),
        Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
        Err(error) => Err(PublishError::git("read the branches and tags")(error)),
    }
}
