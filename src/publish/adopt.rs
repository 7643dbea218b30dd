//! Adopting the tree of somebody else: it is signed as one's own, and its listing is recorded (KEEP-31 to KEEP-33).

use std::fmt;
use std::path::{Path, PathBuf};

use super::PublishError;
use super::request::{Adoption, Asked};
use crate::chain::{Chain, Decided};
use crate::digest::{Digest, SignatoryId};
use crate::keystore::Store;
use crate::listing::folder::{FolderFile, SigpkgFolder};
use crate::repository::{CommitId, Room, Workplace};
use crate::source::dir;
use crate::statement::Statement;
use crate::text;

/// What a release adopts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adopted {
    /// The digest of the listing of the adopted tree.
    pub upstream: Digest,
    /// Whether that is the tree that is signed.
    pub is_unchanged: bool,
    /// The `.sigpkg` of somebody else that the commit has: it is replaced, or stays in the tree if the signatures are kept
    /// outside.
    pub foreign: Option<Replaced>,
    /// The folder outside of the repository that is written in the place of a commit.
    pub signatures: Option<PathBuf>,
}

/// A `.sigpkg` of somebody else. All of it is a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// Whose it is, if its chain can be read that far.
    pub claimed_signatory: Option<SignatoryId>,
    /// The version that it releases, made printable.
    pub claimed_version: Option<String>,
}

impl Replaced {
    /// The `.sigpkg` of a commit, unless there is none or it is of this chain.
    pub(super) fn find(
        workplace: &Workplace,
        commit: CommitId,
        own: SignatoryId,
    ) -> Result<Option<Self>, PublishError> {
        if !workplace.has_folder(commit)? {
            return Ok(None);
        }
        let claimed_signatory = workplace.claimed_id(commit)?;
        if claimed_signatory == Some(own) {
            return Ok(None);
        }
        let text = workplace.folder_blob(commit, FolderFile::Statement)?;
        let statement = text.and_then(|text| Statement::parse(&text).ok());
        let version = statement.as_ref().and_then(Statement::release).map(|release| release.version.to_string());
        Ok(Some(Self { claimed_signatory, claimed_version: version.map(|version| text::printable(&version)) }))
    }
}

/// `a .sigpkg of signatory sigp… (release 1.2.3)`
impl fmt::Display for Replaced {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.claimed_signatory {
            Some(id) => write!(out, "a .sigpkg of signatory {id}")?,
            None => out.write_str("a .sigpkg that names no signatory")?,
        }
        match &self.claimed_version {
            Some(version) => write!(out, " (release {version})"),
            None => Ok(()),
        }
    }
}

/// What stands against the adoption of a commit, and what it replaces.
pub(super) fn check(
    workplace: &Workplace,
    commit: CommitId,
    chain: &Chain,
    adoption: &Adoption,
    redo: bool,
) -> Result<Option<Replaced>, PublishError> {
    let belief = chain.belief(&Decided::stranger());
    // A redo may say that a release was meant to be an adoption.
    let is_own = belief.releases().all(|release| release.release().upstream.is_none()) && !redo;
    if let Some(newest) = belief.newest_release().filter(|_| is_own) {
        let (version, seq) = (newest.version().clone(), newest.seq());
        return Err(PublishError::OwnPackage { id: chain.id(), version, seq });
    }
    let foreign = Replaced::find(workplace, commit, chain.id())?;
    if adoption.signatures.is_some() {
        workplace.check_passed_over(commit)?;
    } else if let Some(replaced) = &foreign {
        if !adoption.replace {
            return Err(PublishError::NotReplaced { replaced: replaced.clone() });
        }
        if let Some(what) = workplace.in_the_way(commit)? {
            return Err(PublishError::InTheWay { what });
        }
    }
    Ok(foreign)
}

/// The folder for the signatures is outside of the repository, and new or empty; or, to replace a release, of this chain.
pub(super) fn check_signatures(workplace: &Workplace, store: &Store, asked: &Asked) -> Result<(), PublishError> {
    let (Some(path), Asked::Release(request)) = (asked.signatures(), asked) else { return Ok(()) };
    check_outside(workplace, path)?;
    match Room::of(path) {
        Ok(Room::Free) => return Ok(()),
        Ok(Room::Taken) => {}
        Err(source) => return Err(PublishError::Signatures { path: path.to_owned(), source }),
    }
    let own = |folder: &SigpkgFolder| Chain::claimed_id(folder.claimed_chain()) == Ok(store.id());
    match dir::read_folder(path) {
        Ok((folder, _)) if request.redo && own(&folder) => Ok(()),
        Ok(_) | Err(_) => Err(PublishError::SignaturesTaken { path: path.to_owned() }),
    }
}

fn check_outside(workplace: &Workplace, path: &Path) -> Result<(), PublishError> {
    if workplace.holds(path) { Err(PublishError::SignaturesInside { path: path.to_owned() }) } else { Ok(()) }
}

/// Makes the folder before anything is signed: most of what can go wrong with it goes wrong here.
pub(super) fn make_folder(workplace: &Workplace, path: &Path) -> Result<(), PublishError> {
    let failed = |source| PublishError::Signatures { path: path.to_owned(), source };
    Room::make(path).map_err(failed)?;
    check_outside(workplace, path)
}
