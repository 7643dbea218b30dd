//! The trust store: a folder of plain chain files and small TOML files.
//!
//! ```text
//! <home>/lock
//! <home>/<ecosystem>/<name>/<id>/chain        every record ever admitted
//! <home>/<ecosystem>/<name>/<id>/trust.toml   the decisions; without it the id is not trusted
//! ```
//!
//! Each file is written beside its place, made durable, and then renamed, so that a reader, who takes no lock, sees
//! one state or the next, and so does whoever comes after a kill or a power cut. Writers take turns by the lock, and
//! read again what is there before they add to it: records are only ever added.
//!
//! The texts in the store are trusted, because only admitted records get there. What can be computed from them is
//! computed, and never taken from `trust.toml`.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{Grade, ReservePolicy, Trusted, file};
use crate::chain::{Chain, ChainError, MAX_CHAIN_BYTES};
use crate::digest::{Digest, SignatoryId};
use crate::package::{EcosystemName, Package};
use crate::time::Timestamp;

/// The file with the records.
const CHAIN: &str = "chain";
/// The file with the decisions. An id is trusted if and only if it is there.
const TRUST: &str = "trust.toml";
/// The file whose lock orders the writers. It is always empty.
const LOCK: &str = "lock";

/// Largest `trust.toml` in bytes: ten thousand acceptances.
const MAX_TRUST_BYTES: u64 = 1 << 20;

/// A user's folder of trusted chains.
#[derive(Clone, Debug)]
pub struct TrustStore {
    home: PathBuf,
}

/// What an update did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Update {
    /// How many records were new.
    pub new_records: usize,
    /// The head before.
    pub head_before: Digest,
    /// The head after.
    pub head_after: Digest,
}

/// Why the store cannot be read or changed. Nothing in it was lost by the failure.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// A file or folder cannot be read.
    #[error("the trust store cannot be read: {}: {source}", path.display())]
    Read {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file or folder cannot be written.
    #[error("the trust store cannot be written: {}: {source}", path.display())]
    Write {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A `trust.toml` is damaged.
    #[error("the trust store is damaged: {}: {problem}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A chain file is damaged.
    #[error("the trust store is damaged: {}: {error}", path.display())]
    DamagedChain {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: Box<ChainError>,
    },
    /// The id is not trusted.
    #[error("signatory {id} is not in the trust store")]
    NotTrusted {
        /// The id.
        id: SignatoryId,
    },
    /// The chain has no such statement.
    #[error("the chain of signatory {id} has no statement {digest}")]
    NoStatement {
        /// The id.
        id: SignatoryId,
        /// The digest that was given.
        digest: Digest,
    },
}

impl TrustStore {
    /// The store in this folder. It need not exist: a store that was never written to is empty.
    pub fn open(home: impl Into<PathBuf>) -> Self {
        Self { home: home.into() }
    }

    /// Where the store is.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Every trusted signatory, by ecosystem, name and id.
    ///
    /// # Errors
    ///
    /// - [`TrustError::Read`], [`TrustError::Damaged`] and [`TrustError::DamagedChain`].
    pub fn list(&self) -> Result<Vec<Trusted>, TrustError> {
        let mut all = Vec::new();
        for ecosystem in EcosystemName::ALL {
            let folder = self.home.join(ecosystem.as_str());
            for name in folder_names(&folder)? {
                all.extend(self.in_folder(&folder.join(name))?);
            }
        }
        all.sort_by(|left, right| (left.package(), left.id()).cmp(&(right.package(), right.id())));
        Ok(all)
    }

    /// The trusted signatories of packages with this name, in every ecosystem and with any UUID.
    ///
    /// # Errors
    ///
    /// As [`TrustStore::list`].
    pub fn named(&self, name: &str) -> Result<Vec<Trusted>, TrustError> {
        if !is_one_component(name) {
            return Ok(Vec::new());
        }
        let mut named = Vec::new();
        for ecosystem in EcosystemName::ALL {
            named.extend(self.in_folder(&self.home.join(ecosystem.as_str()).join(name))?);
        }
        // A file system that folds case finds `Example` for `example`.
        named.retain(|trusted| trusted.package().name().as_str() == name);
        Ok(named)
    }

    /// The trusted signatories of this package.
    ///
    /// # Errors
    ///
    /// As [`TrustStore::list`].
    pub fn trusted_for(&self, package: &Package) -> Result<Vec<Trusted>, TrustError> {
        let mut named = self.named(package.name().as_str())?;
        named.retain(|trusted| trusted.package() == package);
        Ok(named)
    }

    /// The trusted signatory with this id.
    ///
    /// # Errors
    ///
    /// As [`TrustStore::list`].
    pub fn find(&self, id: SignatoryId) -> Result<Option<Trusted>, TrustError> {
        match self.folder_with(id)? {
            Some(folder) => load(&folder, id),
            None => Ok(None),
        }
    }

    /// Trusts the signatory of a chain that was admitted: first trust, which accepts the head (VER-31). If the id is
    /// trusted already, the records are added and the grade may rise; nothing is accepted then.
    ///
    /// # Errors
    ///
    /// As [`TrustStore::list`], and [`TrustError::Write`].
    pub fn add(&self, chain: &Chain, grade: Grade, now: Timestamp) -> Result<Trusted, TrustError> {
        let folder = self.folder_of(chain.package(), chain.id());
        create_folders(&self.home)?;
        let _turn = self.lock()?;
        create_folders(&folder)?;
        let trusted = match load(&folder, chain.id())? {
            Some(mut trusted) => {
                trusted.learn(chain, now);
                trusted.raise_grade(grade);
                trusted
            }
            None => Trusted::first(with_leftovers(chain, &folder)?, grade, now),
        };
        // The chain first: without `trust.toml` it means nothing, and the acceptance names a statement in it.
        store_chain(&folder, &trusted)?;
        store_decisions(&folder, &trusted)?;
        Ok(trusted)
    }

    /// Adds the records of a chain that was admitted to those of a trusted signatory (VER-30). No decision changes.
    ///
    /// # Errors
    ///
    /// As [`TrustStore::list`], and [`TrustError::Write`].
    ///
    /// - [`TrustError::NotTrusted`] if the id is not trusted; nothing is written then.
    pub fn update(&self, chain: &Chain, now: Timestamp) -> Result<Update, TrustError> {
        self.change(chain.id(), |trusted| {
            let head_before = trusted.belief().head().digest();
            let new_records = trusted.learn(chain, now);
            Ok(Update { new_records, head_before, head_after: trusted.belief().head().digest() })
        })
    }

    /// Accepts a statement (BEL-2).
    ///
    /// # Errors
    ///
    /// As [`TrustStore::update`].
    ///
    /// - [`TrustError::NoStatement`] if the chain has no such statement.
    pub fn accept(&self, id: SignatoryId, digest: Digest, now: Timestamp) -> Result<Trusted, TrustError> {
        self.change(id, |trusted| {
            if trusted.accept(digest, now) { Ok(trusted.clone()) } else { Err(TrustError::NoStatement { id, digest }) }
        })
    }

    /// Says what to do about reserve records of a signatory.
    ///
    /// # Errors
    ///
    /// As [`TrustStore::update`].
    pub fn set_policy(&self, id: SignatoryId, policy: ReservePolicy) -> Result<(), TrustError> {
        self.change(id, |trusted| {
            trusted.decisions.reserve = policy;
            Ok(())
        })
    }

    /// Forgets a signatory: its decisions and its records.
    ///
    /// # Errors
    ///
    /// - [`TrustError::Read`], [`TrustError::Write`].
    /// - [`TrustError::NotTrusted`] if the id is not trusted.
    pub fn remove(&self, id: SignatoryId) -> Result<(), TrustError> {
        let folder = self.folder_with(id)?.ok_or(TrustError::NotTrusted { id })?;
        let _turn = self.lock()?;
        let write_error = |source| TrustError::Write { path: folder.clone(), source };
        // The decision first: without it the rest means nothing, whenever the process is killed.
        fs::remove_file(folder.join(TRUST)).map_err(write_error)?;
        sync_folder(&folder)?;
        fs::remove_dir_all(&folder).map_err(write_error)?;
        // The folder of the name goes with its last signatory; otherwise it is not empty, and stays.
        let _ = folder.parent().map(fs::remove_dir);
        Ok(())
    }

    /// Changes one entry under the lock, after reading it again.
    fn change<T>(
        &self,
        id: SignatoryId,
        change: impl FnOnce(&mut Trusted) -> Result<T, TrustError>,
    ) -> Result<T, TrustError> {
        let folder = self.folder_with(id)?.ok_or(TrustError::NotTrusted { id })?;
        let _turn = self.lock()?;
        let before = load(&folder, id)?.ok_or(TrustError::NotTrusted { id })?;
        let mut after = before.clone();
        let answer = change(&mut after)?;
        if after.chain.len() != before.chain.len() {
            store_chain(&folder, &after)?;
        }
        if after.decisions != before.decisions {
            store_decisions(&folder, &after)?;
        }
        Ok(answer)
    }

    /// Waits for the turn of this writer. The lock is given back when the file is closed, also by a kill.
    fn lock(&self) -> Result<File, TrustError> {
        let path = self.home.join(LOCK);
        let write_error = |source| TrustError::Write { path: path.clone(), source };
        let lock = File::options().create(true).truncate(false).write(true).open(&path).map_err(write_error)?;
        fs4::FileExt::lock(&lock).map_err(write_error)?;
        Ok(lock)
    }

    fn folder_of(&self, package: &Package, id: SignatoryId) -> PathBuf {
        self.home.join(package.ecosystem().as_str()).join(package.name().as_str()).join(id.to_string())
    }

    /// The folder of an id, by looking into the folder of each name.
    fn folder_with(&self, id: SignatoryId) -> Result<Option<PathBuf>, TrustError> {
        let id = id.to_string();
        for ecosystem in EcosystemName::ALL {
            let folder = self.home.join(ecosystem.as_str());
            for name in folder_names(&folder)? {
                let folder = folder.join(name).join(&id);
                if folder.join(TRUST).exists() {
                    return Ok(Some(folder));
                }
            }
        }
        Ok(None)
    }

    /// The signatories in the folder of one name.
    fn in_folder(&self, folder: &Path) -> Result<Vec<Trusted>, TrustError> {
        let mut trusted = Vec::new();
        for name in folder_names(folder)? {
            if let Ok(id) = name.parse()
                && let Some(found) = load(&folder.join(&name), id)?
            {
                self.check_place(&found, &folder.join(&name))?;
                trusted.push(found);
            }
        }
        trusted.sort_by_key(Trusted::id);
        Ok(trusted)
    }

    /// A folder that was moved by hand would be looked for in vain, and its package taken for an unsigned one.
    fn check_place(&self, found: &Trusted, folder: &Path) -> Result<(), TrustError> {
        let expected = self.folder_of(found.package(), found.id());
        if expected.as_os_str().eq_ignore_ascii_case(folder.as_os_str()) {
            return Ok(());
        }
        let problem = format!("it is the chain of {}, whose place is {}", found.package(), expected.display());
        Err(TrustError::Damaged { path: folder.to_owned(), problem })
    }
}

impl TrustError {
    /// The file or folder that is at fault, if it is one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Read { path, .. }
            | Self::Write { path, .. }
            | Self::Damaged { path, .. }
            | Self::DamagedChain { path, .. } => Some(path),
            Self::NotTrusted { .. } | Self::NoStatement { .. } => None,
        }
    }
}

/// Reads one entry. Decisions come first: they are removed first and written last.
fn load(folder: &Path, id: SignatoryId) -> Result<Option<Trusted>, TrustError> {
    let path = folder.join(TRUST);
    let Some(text) = read(&path, MAX_TRUST_BYTES)? else {
        return Ok(None);
    };
    let damaged = |problem| TrustError::Damaged { path: path.clone(), problem };
    let text = String::from_utf8(text).map_err(|error| damaged(error.to_string()))?;
    let decisions = file::read(&text).map_err(damaged)?;
    match load_chain(folder, id)? {
        Some(chain) => Ok(Some(Trusted { chain, decisions })),
        // Someone may have removed the entry between the two readings.
        None if !path.exists() => Ok(None),
        None => Err(damaged(format!("there is no file {CHAIN} beside it"))),
    }
}

fn load_chain(folder: &Path, id: SignatoryId) -> Result<Option<Chain>, TrustError> {
    let path = folder.join(CHAIN);
    let Some(bytes) = read(&path, MAX_CHAIN_BYTES as u64)? else {
        return Ok(None);
    };
    match Chain::from_store(&bytes, id) {
        Ok(chain) => Ok(Some(chain)),
        Err(error) => Err(TrustError::DamagedChain { path, error: Box::new(error) }),
    }
}

/// A process that was killed before it wrote the decision may have left records behind. They were admitted.
fn with_leftovers(chain: &Chain, folder: &Path) -> Result<Chain, TrustError> {
    let mut chain = chain.clone();
    if let Some(leftover) = load_chain(folder, chain.id())? {
        // Both have the id of the folder, so there is nothing to refuse.
        let _ = chain.merge(&leftover);
    }
    Ok(chain)
}

fn store_chain(folder: &Path, trusted: &Trusted) -> Result<(), TrustError> {
    let (path, file) = (folder.join(CHAIN), fitting_file(trusted, MAX_CHAIN_BYTES));
    check_chain_size(&path, file.len())?;
    replace(&path, file.as_bytes())
}

/// All records; without those that have lost, if all have more than `most` bytes (VER-30). Otherwise whoever has one
/// used key could fill the store with rivals of one statement, and nothing that comes later would be kept.
pub(super) fn fitting_file(trusted: &Trusted, most: usize) -> String {
    let file = trusted.chain.to_file();
    if file.len() <= most { file } else { trusted.chain.without_lost(&trusted.decisions.decided()).to_file() }
}

/// Whether [`load_chain`] will read what is written. Two chain files may each keep CHN-1, and their records together not:
/// whoever holds one key can make as many rivals of one statement as he likes, and a store that took them all in could
/// not be read any more, for no package.
pub(super) fn check_chain_size(path: &Path, bytes: usize) -> Result<(), TrustError> {
    if bytes <= MAX_CHAIN_BYTES {
        return Ok(());
    }
    let problem = format!("a chain file has at most {MAX_CHAIN_BYTES} bytes, all records together have {bytes}");
    Err(TrustError::Write { path: path.to_owned(), source: io::Error::new(io::ErrorKind::FileTooLarge, problem) })
}

fn store_decisions(folder: &Path, trusted: &Trusted) -> Result<(), TrustError> {
    replace(&folder.join(TRUST), file::write(&trusted.decisions).as_bytes())
}

/// Reads a file whole; `None` if there is none.
fn read(path: &Path, most: u64) -> Result<Option<Vec<u8>>, TrustError> {
    use io::Read as _;
    let read_error = |source| TrustError::Read { path: path.to_owned(), source };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if is_absent(path, &error) => return Ok(None),
        Err(source) => return Err(read_error(source)),
    };
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(read_error)?;
    if bytes.len() as u64 > most {
        return Err(TrustError::Damaged { path: path.to_owned(), problem: format!("it has more than {most} bytes") });
    }
    Ok(Some(bytes))
}

/// Puts a file into its place at once: whoever reads it sees the old one or the new one, also after a power cut.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), TrustError> {
    let write_error = |source| TrustError::Write { path: path.to_owned(), source };
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut new = tempfile::Builder::new().prefix(".new-").tempfile_in(folder).map_err(write_error)?;
    new.write_all(bytes).map_err(write_error)?;
    new.as_file().sync_all().map_err(write_error)?;
    new.persist(path).map_err(|error| write_error(error.error))?;
    sync_folder(folder)
}

/// Creates a folder and those above it, and makes their names durable.
fn create_folders(folder: &Path) -> Result<(), TrustError> {
    let missing: Vec<_> = folder.ancestors().take_while(|ancestor| !ancestor.exists()).collect();
    fs::create_dir_all(folder).map_err(|source| TrustError::Write { path: folder.to_owned(), source })?;
    missing.into_iter().filter_map(Path::parent).filter(|parent| parent.is_dir()).try_for_each(sync_folder)
}

/// Makes the names in a folder durable. Where a folder cannot be opened as a file there is no way to ask for it.
fn sync_folder(folder: &Path) -> Result<(), TrustError> {
    match File::open(folder) {
        Ok(opened) => opened.sync_all().map_err(|source| TrustError::Write { path: folder.to_owned(), source }),
        Err(_) => Ok(()),
    }
}

/// The names of the folders in a folder, sorted. What is no folder, or has a name that no entry has, is not ours.
fn folder_names(folder: &Path) -> Result<Vec<String>, TrustError> {
    let read_error = |source| TrustError::Read { path: folder.to_owned(), source };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if is_absent(folder, &error) => return Ok(Vec::new()),
        Err(source) => return Err(read_error(source)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(read_error)?;
        if let Ok(name) = entry.file_name().into_string()
            && is_one_component(&name)
            && is_folder(&entry.path()).map_err(read_error)?
        {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Whether nothing is there, which is not so of a link to a disk that is not mounted (VER-35): everything that was
/// trusted would be taken for unknown.
fn is_absent(path: &Path, error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound && !path.ancestors().any(|above| above.is_symlink() && !above.exists())
}

/// Whether a folder stands there; a link that leads nowhere is an error.
fn is_folder(path: &Path) -> io::Result<bool> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(metadata.is_dir()),
        // Removed since it was listed.
        Err(error) if is_absent(path, &error) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether a name may be joined to a path: neither a way out of the folder nor a hidden file.
fn is_one_component(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('.')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte))
}
