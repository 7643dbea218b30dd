//! The journal: what a transaction that has begun will do, so that a rerun does the same (KEEP-8).

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{KeyStoreError, files};
use crate::failpoint::{self, Failpoint};

/// What a statement that has begun will make. Nothing in it is secret: it is about to be published.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::interrupted()?;
/// let (journal, signatures) = machine.store()?.journal()?.ok_or("there is a journal")?;
/// assert!(journal.text.contains("kind = \"beat\"\n"));
/// assert!(journal.files.is_none() && signatures.is_none(), "it is no release, and not signed yet");
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    /// The exact text of the statement.
    pub text: String,
    /// The listing, if it is a release.
    pub files: Option<String>,
    /// The list of symbolic links, if there are any.
    pub links: Option<String>,
    /// Where it goes.
    pub place: Place,
}

/// Where a statement goes.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::interrupted()?;
/// let (journal, _) = machine.store()?.journal()?.ok_or("there is a journal")?;
/// assert_eq!(journal.place.directory, machine.workplace()?.directory());
/// assert_eq!((journal.place.branch.as_str(), journal.place.commit.len()), ("refs/heads/main", 40));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Place {
    /// The folder of the package.
    pub directory: PathBuf,
    /// The commit whose tree is signed, or that is the parent of the next one: 40 hexadecimal digits.
    pub commit: String,
    /// The full name of the branch, or `HEAD` if none is moved and HEAD is no branch.
    pub branch: String,
    /// The folder of the package below the root of the worktree, with slashes; empty for the root itself.
    #[serde(default)]
    pub below_root: String,
    /// What is written there.
    pub writes: Writes,
    /// The folder outside of the repository, if it goes there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signatures: Option<PathBuf>,
    /// The tag to make, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
}

/// How `.sigpkg` gets into the repository.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::interrupted()?;
/// use sigpkg::keystore::Writes;
///
/// let (journal, _) = machine.store()?.journal()?.ok_or("there is a journal")?;
/// assert_eq!(journal.place.writes, Writes::Commit);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Writes {
    /// By a commit.
    Commit,
    /// By a commit beside the branch, which only a tag names (KEEP-24).
    Side,
    /// It is left in the worktree.
    Worktree,
    /// Into a folder outside of the repository, which stays as it is (KEEP-33).
    Folder,
    /// Not at all: another statement follows at once, and brings this one along (KEEP-20).
    Nothing,
}

/// Signatures that were made before a crash.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::interrupted()?;
/// use sigpkg::keystore::Signatures;
///
/// let made = Signatures { block: "a block\n".to_owned(), file: Some("a file\n".to_owned()) };
/// machine.locked()?.write_signatures(&made)?;
/// let (_, signatures) = machine.store()?.journal()?.ok_or("there is a journal")?;
/// assert_eq!(signatures, Some(made), "what was signed is not signed again");
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signatures {
    /// The signature block of the record.
    pub block: String,
    /// The file `release.toml.minisig`.
    pub file: Option<String>,
}

const FOLDER: &str = "journal";
const BEGUN: &str = ".journal.new";
const DONE: &str = ".journal.done";

const TEXT: &str = "statement.toml";
const FILES: &str = "files";
const LINKS: &str = "links";
const PLACE: &str = "place.toml";
const BLOCK: &str = "block";
const FILE: &str = "release.toml.minisig";

/// Opens the journal: it appears whole or not at all.
pub(super) fn open(store: &Path, journal: &Journal) -> Result<(), KeyStoreError> {
    let (begun, folder) = (store.join(BEGUN), store.join(FOLDER));
    files::remove_folder(&begun)?;
    files::create_folder(&begun)?;
    let place = toml::to_string(&journal.place)
        .map_err(|error| KeyStoreError::damaged(&begun.join(PLACE), error.to_string()))?;
    files::write_new(&begun.join(TEXT), journal.text.as_bytes())?;
    if let Some(listing) = &journal.files {
        files::write_new(&begun.join(FILES), listing.as_bytes())?;
    }
    if let Some(links) = &journal.links {
        files::write_new(&begun.join(LINKS), links.as_bytes())?;
    }
    files::write_new(&begun.join(PLACE), place.as_bytes())?;
    files::sync_folder(&begun)?;
    failpoint::reach(Failpoint::JournalWritten);
    // Fails if there is a journal already, since that is not empty.
    std::fs::rename(&begun, &folder).map_err(KeyStoreError::io("create", &folder))?;
    files::sync_folder(store)?;
    failpoint::reach(Failpoint::JournalOpened);
    Ok(())
}

/// The journal of a transaction that has not ended, with its signatures if it got that far.
pub(super) fn read(store: &Path) -> Result<Option<(Journal, Option<Signatures>)>, KeyStoreError> {
    let folder = store.join(FOLDER);
    if !files::exists(&folder)? {
        return Ok(None);
    }
    let text = |name: &str| Ok(files::read_text(&folder.join(name))?.map(|text| text.to_string()));
    let needed = |name: &str| {
        text(name)?.ok_or_else(|| KeyStoreError::damaged(&folder.join(name), "expected a file, found none"))
    };
    let place = toml::from_str(&needed(PLACE)?)
        .map_err(|error| KeyStoreError::damaged(&folder.join(PLACE), error.message().to_owned()))?;
    let journal = Journal { text: needed(TEXT)?, files: text(FILES)?, links: text(LINKS)?, place };
    let file = text(FILE)?;
    let signatures = text(BLOCK)?.map(|block| Signatures { block, file });
    Ok(Some((journal, signatures)))
}

/// Adds the signatures; the block comes last, because its presence says that they are complete.
pub(super) fn write_signatures(store: &Path, signatures: &Signatures) -> Result<(), KeyStoreError> {
    let folder = store.join(FOLDER);
    if let Some(file) = &signatures.file {
        files::write(&folder.join(FILE), file.as_bytes())?;
    }
    files::write(&folder.join(BLOCK), signatures.block.as_bytes())?;
    failpoint::reach(Failpoint::SignaturesWritten);
    Ok(())
}

/// Ends the transaction.
pub(super) fn close(store: &Path) -> Result<(), KeyStoreError> {
    let (folder, done) = (store.join(FOLDER), store.join(DONE));
    files::remove_folder(&done)?;
    std::fs::rename(&folder, &done).map_err(KeyStoreError::io("rename", &folder))?;
    files::sync_folder(store)?;
    failpoint::reach(Failpoint::JournalClosed);
    files::remove_folder(&done)
}

/// Removes what a crash left of a journal that never began or had ended.
pub(super) fn tidy(store: &Path) -> Result<(), KeyStoreError> {
    files::remove_folder(&store.join(BEGUN))?;
    files::remove_folder(&store.join(DONE))
}
