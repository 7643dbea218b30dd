//! Adopting the tree of somebody else: it is signed as one's own, and its listing is recorded (KEEP-31 to KEEP-33).

use std::fmt;
use std::path::{Path, PathBuf};

use super::PublishError;
use super::request::{Adoption, Asked};
use crate::chain::{Chain, Decided};
use crate::digest::{Digest, SignatoryId};
use crate::keystore::Store;
use crate::listing::folder::{FolderFile, SigpkgFolder};
use crate::package::Version;
use crate::repository::{CommitId, Room, Workplace};
use crate::source::dir;
use crate::statement::{Seq, Statement};
use crate::text;

/// What a release adopts.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun()?;
/// use sigpkg::publish::{Adoption, Request};
///
/// let adoption = Some(Adoption::default());
/// let prepared = machine.prepare(Request { adoption, ..doc::version("1.0.0") })?;
/// let adopted = prepared.adopted().ok_or("it adopts nothing")?;
/// assert!(adopted.is_unchanged && adopted.foreign.is_none());
/// # Ok::<(), doc::Error>(())
/// ```
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
///
/// ```
/// use sigpkg::publish::Replaced;
///
/// let replaced = Replaced { claimed_signatory: None, claimed_version: Some("1.2.3".to_owned()) };
/// assert_eq!(replaced.to_string(), "a .sigpkg that names no signatory (release 1.2.3)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// Whose it is, if its chain can be read that far.
    pub claimed_signatory: Option<SignatoryId>,
    /// The version that it releases, made printable.
    pub claimed_version: Option<String>,
}

/// Why a tree of somebody else is not adopted. Nothing was signed.
///
/// The signatures cannot be kept inside of the tree that they are about:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun()?;
/// use sigpkg::publish::{Adoption, AdoptionError, PublishError, Request, prepare};
///
/// let signatures = Some(machine.workplace()?.directory().join("signatures"));
/// let adoption = Some(Adoption { signatures, ..Adoption::default() });
/// let request = Request { adoption, ..doc::version("1.0.0") };
/// let refused = prepare(machine.workplace()?, &machine.keys, request, doc::now(), &mut |_| {}).err();
/// assert!(matches!(refused, Some(PublishError::Adoption(AdoptionError::SignaturesInside { .. }))));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
pub enum AdoptionError {
    /// The `.sigpkg` in the commit is of somebody else, and nobody has said that it is to be replaced (KEEP-32).
    #[error("the commit has {replaced}, and adopting the tree would replace it")]
    NotReplaced {
        /// What is there.
        replaced: Replaced,
    },
    /// The `.sigpkg` in the worktree holds what would be lost (KEEP-32).
    #[error("the .sigpkg in the commit cannot be replaced: {what}")]
    InTheWay {
        /// What it is, in words.
        what: String,
    },
    /// The package is the maintainer's own (KEEP-31).
    #[error(
        "every release of signatory {id} is its own, the newest is {version} (statement {seq}), so there is nobody to adopt this one from"
    )]
    OwnPackage {
        /// The chain.
        id: SignatoryId,
        /// The newest release.
        version: Version,
        /// Its number.
        seq: Seq,
    },
    /// Signatures are to be kept outside of the tree that they are about (KEEP-33).
    #[error("{} is in the repository, and the signatures are to be kept outside", path.display())]
    SignaturesInside {
        /// The folder.
        path: PathBuf,
    },
    /// There is something in the folder for the signatures (KEEP-33).
    #[error("{} is not empty", path.display())]
    SignaturesTaken {
        /// The folder.
        path: PathBuf,
    },
    /// The folder for the signatures cannot be used.
    #[error("cannot use {}: {source}", path.display())]
    Signatures {
        /// The folder.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
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
        return Err(AdoptionError::OwnPackage { id: chain.id(), version, seq }.into());
    }
    let foreign = Replaced::find(workplace, commit, chain.id())?;
    if adoption.signatures.is_some() {
        workplace.check_passed_over(commit)?;
    } else if let Some(replaced) = &foreign {
        if !adoption.replace {
            return Err(AdoptionError::NotReplaced { replaced: replaced.clone() }.into());
        }
        if let Some(what) = workplace.in_the_way(commit)? {
            return Err(AdoptionError::InTheWay { what }.into());
        }
    }
    Ok(foreign)
}

/// The folder for the signatures is outside of the repository, and new or empty; or, to replace a release, of this chain.
pub(super) fn check_signatures(workplace: &Workplace, store: &Store, asked: &Asked) -> Result<(), AdoptionError> {
    let (Some(path), Asked::Release(request)) = (asked.signatures(), asked) else { return Ok(()) };
    check_outside(workplace, path)?;
    match Room::of(path) {
        Ok(Room::Free) => return Ok(()),
        Ok(Room::Taken) => {}
        Err(source) => return Err(AdoptionError::Signatures { path: path.to_owned(), source }),
    }
    let own = |folder: &SigpkgFolder| Chain::claimed_id(folder.claimed_chain()) == Ok(store.id());
    match dir::read_folder(path) {
        Ok((folder, _)) if request.redo && own(&folder) => Ok(()),
        Ok(_) | Err(_) => Err(AdoptionError::SignaturesTaken { path: path.to_owned() }),
    }
}

fn check_outside(workplace: &Workplace, path: &Path) -> Result<(), AdoptionError> {
    if workplace.holds(path) { Err(AdoptionError::SignaturesInside { path: path.to_owned() }) } else { Ok(()) }
}

/// Makes the folder before anything is signed: most of what can go wrong with it goes wrong here.
pub(super) fn make_folder(workplace: &Workplace, path: &Path) -> Result<(), AdoptionError> {
    let failed = |source| AdoptionError::Signatures { path: path.to_owned(), source };
    Room::make(path).map_err(failed)?;
    check_outside(workplace, path)
}
