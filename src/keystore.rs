//! Key stores: one folder for each chain that this machine can sign for.
//!
//! ```text
//! <home>/<signatory id>/            0700; every file in it 0600
//!     store.toml                    how keys are made and protected, and what was acknowledged
//!     chain                         every statement of the chain, as a chain file
//!     7.key  8.key                  the secret keys that were announced and not yet used, as stock minisign files
//!     seed.key                      instead of these in a seeded store
//!     foreign                       statements of somebody else that were signed with keys of this chain
//!     searched                      commits that were searched for leaked keys before
//!     journal/                      a statement that has begun and not ended
//!     reserve/                      a reserve statement that has begun and not ended
//!     lock
//! ```
//!
//! A [`Store`] can be read; only a [`LockedStore`] can be changed, and only one process holds it at a time. Every
//! change survives a crash whole or not at all, and no key that signed one text can sign another: it is erased, and
//! until then the journal holds the text.
//!
//! Source: spec/8-key-store.md.

mod create;
mod error;
mod files;
mod foreign;
mod journal;
mod lock;
mod paper;
mod passphrase;
mod relocate;
mod reserve;
mod settings;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rand_core::CryptoRng;

pub use self::create::{FirstKeys, NewStore, ReserveFile, ReserveSecret};
pub use self::error::KeyStoreError;
pub use self::journal::{Journal, Place, Signatures, Writes};
pub use self::paper::{RestoredStore, write_page};
pub use self::reserve::{BegunReserve, NewLinkKeys, NewReserve};
pub use self::settings::{KeyProtection, Mode, Settings};

use self::files::Expected;
use self::lock::take_lock;
use crate::chain::{Chain, Decided, Unverified};
use crate::digest::{Digest, SignatoryId};
use crate::failpoint::{self, Failpoint};
use crate::key::{Algorithm, LinkKey};
use crate::package::Package;
use crate::secret::file::{self, Protection, Secret, SecretFile, SecretFileError};
use crate::secret::{SecretKey, Seed, scan};
use crate::signature::{Signature, Standard};
use crate::signer::{Signer, SignerError};
use crate::statement::{Kind, Seq};

const CHAIN: &str = "chain";
const SETTINGS: &str = "store.toml";
const SEED: &str = "seed.key";
const SEARCHED: &str = "searched";
const LOCK: &str = "lock";

/// The folder that holds the key stores.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun()?;
/// # let home = machine.keys.home();
/// use sigpkg::keystore::KeyStores;
/// use sigpkg::package::Package;
///
/// let stores = KeyStores::at(home);
/// for store in stores.of_package(&Package::generic("Tides")?)? {
///     assert_eq!(store.folder(), home.join(store.id().to_string()));
///     assert_eq!(store.chain().len(), 1);
/// }
/// # assert_eq!(stores.ids()?.len(), 1);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct KeyStores {
    home: PathBuf,
}

/// The key store of one chain, as it was read. Nothing can be changed through it.
///
/// A release follows the head of this chain, and is signed with the key for the next seq:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::released()?;
/// # let (stores, id) = (&machine.keys, machine.id()?);
/// use sigpkg::chain::Decided;
///
/// let store = stores.open(id)?;
/// let head = store.chain().belief(&Decided::stranger()).head().seq();
/// assert_eq!(head.get(), 2);
/// assert!(store.has_key(head.successor().ok_or("there is room")?)?);
/// assert!(!store.has_key(head)?, "what has signed is erased");
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    settings: Settings,
    chain: Chain,
    /// Kept as evidence (KEEP-20).
    foreign: Option<Chain>,
}

/// A key store that this process alone may change.
///
/// A lock that is held elsewhere is waited for no longer than the caller says:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun()?;
/// # let (stores, id) = (&machine.keys, machine.id()?);
/// use std::time::Duration;
///
/// use sigpkg::keystore::KeyStoreError;
///
/// let locked = stores.open(id)?.lock(Duration::ZERO, &mut || {})?;
/// let second = stores.open(id)?.lock(Duration::ZERO, &mut || {});
/// assert!(matches!(second, Err(KeyStoreError::Busy { .. })));
/// drop(locked);
/// assert!(stores.open(id)?.lock(Duration::ZERO, &mut || {}).is_ok());
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Debug)]
pub struct LockedStore {
    store: Store,
    // Unlocked when the file is closed.
    _lock: File,
}

/// The keys of a store, opened.
///
/// They are a [`Signer`], for whatever takes one:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun()?;
/// # let store = machine.store()?;
/// use sigpkg::signer::Signer as _;
/// use sigpkg::statement::Seq;
///
/// let seq = Seq::new(2).ok_or("2 is a seq")?;
/// let keys = store.open_keys(seq, None)?;
/// let announced = store.chain().genesis().statement().look_ahead().next;
/// assert_eq!(keys.link_key()?, announced);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Debug)]
pub enum Keys {
    /// The one secret key that was asked for.
    Fresh(SecretKey),
    /// The seed, from which that key was derived.
    Seeded(Seed, SecretKey),
}

impl KeyStores {
    /// The stores in this folder, which need not be there yet.
    ///
    /// ```
    /// use sigpkg::keystore::KeyStores;
    ///
    /// let stores = KeyStores::at("/nowhere/sigpkg/keys");
    /// assert!(stores.ids()?.is_empty(), "a folder that is not there has no stores");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn at(home: impl Into<PathBuf>) -> Self {
        Self { home: home.into() }
    }

    /// The folder.
    ///
    /// ```
    /// use std::path::Path;
    ///
    /// use sigpkg::keystore::KeyStores;
    ///
    /// assert_eq!(KeyStores::at("/media/stick").home(), Path::new("/media/stick"));
    /// ```
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Where the store of this chain is, or would be.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let (stores, id) = (&machine.keys, machine.id()?);
    /// assert_eq!(stores.folder(id), stores.home().join(id.to_string()));
    /// assert!(stores.folder(id).join("store.toml").exists());
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn folder(&self, id: SignatoryId) -> PathBuf {
        self.home.join(id.to_string())
    }

    /// The chains that have a store here, in the order of their ids.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Io`] if the folder cannot be read.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let stores = &machine.keys;
    /// for id in stores.ids()? {
    ///     assert_eq!(stores.open(id)?.chain().package().name().as_str(), "Tides");
    /// }
    /// # assert_eq!(stores.ids()?.len(), 1);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn ids(&self) -> Result<Vec<SignatoryId>, KeyStoreError> {
        if !files::exists(&self.home)? {
            return Ok(Vec::new());
        }
        Ok(files::names(&self.home)?.iter().filter_map(|name| name.parse().ok()).collect())
    }

    /// Whether there is a store for this chain.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Io`] if the folder cannot be read.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let (stores, id) = (&machine.keys, machine.id()?);
    /// let other = doc::chain(&["chain-1"])?;
    /// assert!(stores.contains(id)?);
    /// assert!(!stores.contains(other.id())?);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn contains(&self, id: SignatoryId) -> Result<bool, KeyStoreError> {
        files::exists(&self.folder(id))
    }

    /// Reads the store of a chain. Nothing is decrypted.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::NoStore`] if there is none.
    /// - [`KeyStoreError::Moved`] if it is on its way to another place (KEEP-14).
    /// - [`KeyStoreError::TooOpen`] if others could read it (KEEP-3).
    /// - [`KeyStoreError::Damaged`], [`KeyStoreError::Chain`] if a file is not what it should be.
    /// - [`KeyStoreError::Io`] if it cannot be read.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let (stores, id) = (&machine.keys, machine.id()?);
    /// use sigpkg::keystore::KeyStoreError;
    ///
    /// assert_eq!(stores.open(id)?.id(), id);
    /// let other = doc::chain(&["chain-1"])?;
    /// assert!(matches!(stores.open(other.id()), Err(KeyStoreError::NoStore { .. })));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn open(&self, id: SignatoryId) -> Result<Store, KeyStoreError> {
        let folder = self.folder(id);
        if !files::exists(&folder)? {
            return Err(KeyStoreError::NoStore { id, home: self.home.clone() });
        }
        if let Some(to) = relocate::moved_to(&folder)? {
            return Err(KeyStoreError::Moved { id, to });
        }
        Store::read(folder, id)
    }

    /// Every store of a package, by its ecosystem, name and id.
    ///
    /// # Errors
    ///
    /// As [`KeyStores::open`], for any store.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let stores = &machine.keys;
    /// use sigpkg::package::Package;
    ///
    /// assert_eq!(stores.of_package(&Package::generic("Tides")?)?.len(), 1);
    /// assert!(stores.of_package(&Package::generic("tides")?)?.is_empty(), "a name is exact");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn of_package(&self, package: &Package) -> Result<Vec<Store>, KeyStoreError> {
        let mut stores = self.all()?;
        stores.retain(|store| store.chain.package() == package);
        Ok(stores)
    }

    /// Every store but those on their way to another place.
    ///
    /// # Errors
    ///
    /// As [`KeyStores::open`], for any store.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let stores = &machine.keys;
    /// for store in stores.all()? {
    ///     assert_eq!(store.journal()?, None, "nothing was interrupted");
    /// }
    /// # assert_eq!(stores.all()?.len(), 1);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn all(&self) -> Result<Vec<Store>, KeyStoreError> {
        let mut stores = Vec::new();
        for id in self.ids()? {
            match self.open(id) {
                Ok(store) => stores.push(store),
                Err(KeyStoreError::Moved { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(stores)
    }
}

impl Store {
    fn read(folder: PathBuf, id: SignatoryId) -> Result<Self, KeyStoreError> {
        files::check_private(&folder, Expected::Folder)?;
        for name in files::names(&folder)? {
            // The lock file says nothing, and some file systems make it as they please.
            if name != LOCK && !name.starts_with('.') {
                let path = folder.join(&name);
                let expected = if path.is_dir() { Expected::Folder } else { Expected::File };
                files::check_private(&path, expected)?;
            }
        }
        let missing = |name: &str| KeyStoreError::damaged(&folder.join(name), "expected a file, found none");
        let settings = files::read_text(&folder.join(SETTINGS))?.ok_or_else(|| missing(SETTINGS))?;
        let settings = Settings::parse(&folder.join(SETTINGS), &settings)?;
        if settings.signatory != id {
            let problem = format!("expected signatory {id}, found {}", settings.signatory);
            return Err(KeyStoreError::damaged(&folder.join(SETTINGS), problem));
        }
        let chain = files::read_text(&folder.join(CHAIN))?.ok_or_else(|| missing(CHAIN))?;
        // Verified again each time: a store that was tampered with must not lead to a signature.
        let chain = Chain::admit(chain.as_bytes(), id, &Standard)
            .map_err(|error| KeyStoreError::Chain { path: folder.join(CHAIN), error })?;
        let foreign = foreign::read(&folder, &chain)?;
        Ok(Self { folder, settings, chain, foreign })
    }

    /// Whose chain it is.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let store = machine.store()?;
    /// assert_eq!(store.id(), store.chain().id());
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn id(&self) -> SignatoryId {
        self.settings.signatory
    }

    /// Where it is.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let store = machine.store()?;
    /// assert!(store.folder().ends_with(store.id().to_string()));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What it knows besides keys and statements.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let store = machine.store()?;
    /// use sigpkg::keystore::{KeyProtection, Mode};
    ///
    /// assert_eq!(store.settings().mode, Mode::Fresh);
    /// assert_eq!(store.settings().protection, KeyProtection::None);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Every statement that was made from it. For signing, only this chain counts (KEEP-10).
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::released()?;
    /// # let store = machine.store()?;
    /// let versions: Vec<_> = store.chain().links().filter_map(|link| link.statement().release()).collect();
    /// assert_eq!(versions[0].version.as_str(), "1.0.0");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The seqs for which there is a key file, ascending; none in a seeded store.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Io`] if the folder cannot be read.
    ///
    /// # Example
    ///
    /// The genesis is signed in memory; what waits are the two keys that it announces:
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let store = machine.store()?;
    /// let seqs: Vec<_> = store.key_seqs()?.into_iter().map(|seq| seq.get()).collect();
    /// assert_eq!(seqs, [2, 3]);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn key_seqs(&self) -> Result<Vec<Seq>, KeyStoreError> {
        let mut seqs: Vec<_> = files::names(&self.folder)?.iter().filter_map(|name| seq_of(name)).collect();
        seqs.sort_unstable();
        Ok(seqs)
    }

    /// Whether its files need a passphrase.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let store = machine.store()?;
    /// # let ask = || "a passphrase".to_owned();
    /// let passphrase = store.is_encrypted().then(|| ask());
    /// assert_eq!(passphrase, None);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn is_encrypted(&self) -> bool {
        self.settings.protection != KeyProtection::None
    }

    /// The release that has begun and not ended, if there is one.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Damaged`] or [`KeyStoreError::Io`] if it cannot be read.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::released()?;
    /// # let store = machine.store()?;
    /// assert_eq!(store.journal()?, None, "the release has ended");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn journal(&self) -> Result<Option<(Journal, Option<Signatures>)>, KeyStoreError> {
        journal::read(&self.folder)
    }

    /// The algorithm of the link keys that are announced and not yet used (CHN-13, KEEP-22).
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let store = machine.store()?;
    /// use sigpkg::key::Algorithm;
    ///
    /// assert_eq!(store.algorithm(), Algorithm::Ed25519);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn algorithm(&self) -> Algorithm {
        self.chain.belief(&Decided::stranger()).head().statement().look_ahead().next.algorithm()
    }

    /// Opens the key for the statement with this seq.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::NoKey`] if there is none.
    /// - [`KeyStoreError::Secret`] if the passphrase is another one, or the file is damaged.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::released()?;
    /// # let store = machine.store()?;
    /// use sigpkg::keystore::KeyStoreError;
    /// use sigpkg::statement::Seq;
    ///
    /// let [used, next] = [2, 3].map(|seq| Seq::new(seq).expect("a seq"));
    /// assert!(store.open_keys(next, None).is_ok());
    /// assert!(matches!(store.open_keys(used, None), Err(KeyStoreError::NoKey { .. })));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn open_keys(&self, seq: Seq, passphrase: Option<&[u8]>) -> Result<Keys, KeyStoreError> {
        match self.settings.mode {
            Mode::Fresh => {
                let path = self.key_path(seq);
                if !files::exists(&path)? {
                    return Err(KeyStoreError::NoKey { seq, folder: self.folder.clone() });
                }
                match open_secret(&path, passphrase)? {
                    Secret::Key(key) => Ok(Keys::Fresh(key)),
                    Secret::Seed(_) => Err(KeyStoreError::damaged(&path, "expected a secret key, found a seed")),
                }
            }
            Mode::Seeded => {
                let path = self.folder.join(SEED);
                if !files::exists(&path)? {
                    return Err(KeyStoreError::NoKey { seq, folder: self.folder.clone() });
                }
                match open_secret(&path, passphrase)? {
                    Secret::Seed(seed) => {
                        let key = derive(&seed, self.algorithm(), seq)?;
                        Ok(Keys::Seeded(seed, key))
                    }
                    Secret::Key(_) => Err(KeyStoreError::damaged(&path, "expected a seed, found a secret key")),
                }
            }
        }
    }

    /// Whether the key for this seq can be had, without opening it.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Io`] if the folder cannot be read.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::released()?;
    /// # let store = machine.store()?;
    /// use sigpkg::statement::Seq;
    ///
    /// let [used, next] = [2, 3].map(|seq| Seq::new(seq).expect("a seq"));
    /// assert!(!store.has_key(used)?);
    /// assert!(store.has_key(next)?);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn has_key(&self, seq: Seq) -> Result<bool, KeyStoreError> {
        match self.settings.mode {
            Mode::Fresh => files::exists(&self.key_path(seq)),
            Mode::Seeded => files::exists(&self.folder.join(SEED)),
        }
    }

    /// What [`scan::find`] would find in the secret files of this store: a copy of one of them in a repository is a leak of
    /// a live key, even encrypted.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Io`] if a file cannot be read.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let store = machine.store()?;
    /// use sigpkg::secret::scan;
    ///
    /// let copied = std::fs::read(store.folder().join("2.key"))?;
    /// for found in scan::find(&copied) {
    ///     assert!(store.secret_digests()?.contains(&found.digest), "a live key of this chain");
    /// }
    /// # assert_eq!(scan::find(&copied).len(), 1);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn secret_digests(&self) -> Result<Vec<Digest>, KeyStoreError> {
        let names = files::names(&self.folder)?;
        let secrets = names.iter().filter(|name| *name == SEED || seq_of(name).is_some());
        let mut digests = [self.settings.reserve_files.as_slice(), &self.settings.papers].concat();
        let paths = secrets.map(|name| self.folder.join(name)).chain(reserve::secret_paths(&self.folder)?);
        for path in paths {
            digests.extend(scan::digest_of(&files::read(&path)?));
        }
        Ok(digests)
    }

    /// The commits that were searched before, as they were written by [`LockedStore::write_searched`].
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Io`] if the file cannot be read.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// let mut locked = machine.locked()?;
    /// assert_eq!(locked.store().searched()?, "");
    /// locked.write_searched("b5c6f1a0\n")?;
    /// assert_eq!(locked.store().searched()?, "b5c6f1a0\n");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn searched(&self) -> Result<String, KeyStoreError> {
        Ok(files::read_text(&self.folder.join(SEARCHED))?.map(|text| text.to_string()).unwrap_or_default())
    }

    /// Takes the store for this process alone, and reads it again. If another process has it, `waiting` is called once,
    /// and the store is waited for.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Busy`] if the other process still has it after `patience`.
    /// - As [`KeyStores::open`].
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let store = machine.store()?;
    /// use std::time::Duration;
    ///
    /// let mut waited = false;
    /// let locked = store.lock(Duration::from_secs(5), &mut || waited = true)?;
    /// assert!(!waited, "nobody else has it");
    /// assert_eq!(locked.store().key_seqs()?.len(), 2);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn lock(self, patience: Duration, waiting: &mut dyn FnMut()) -> Result<LockedStore, KeyStoreError> {
        let lock = take_lock(&self.folder, patience, waiting)?;
        if let Some(to) = relocate::moved_to(&self.folder)? {
            return Err(KeyStoreError::Moved { id: self.id(), to });
        }
        let store = Self::read(self.folder, self.settings.signatory)?;
        journal::tidy(&store.folder)?;
        reserve::tidy(&store.folder)?;
        files::tidy_keys(&store.folder)?;
        Ok(LockedStore { store, _lock: lock })
    }

    fn key_path(&self, seq: Seq) -> PathBuf {
        self.folder.join(key_name(seq))
    }
}

impl LockedStore {
    /// The store.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let id = machine.id()?;
    /// let locked = machine.locked()?;
    /// assert_eq!(locked.store().id(), id);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The public half of the key for this seq, which is made if it is not there: a rerun after a crash finds the one
    /// that was made before. `opened` are keys of this store, and show that the passphrase is the right one.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Secret`] if a key that is there cannot be opened.
    /// - [`KeyStoreError::Io`] if the file cannot be written.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let random = &mut doc::random();
    /// use sigpkg::statement::Seq;
    ///
    /// let [now, later] = [2, 4].map(|seq| Seq::new(seq).expect("a seq"));
    /// let mut locked = machine.locked()?;
    /// let opened = locked.store().open_keys(now, None)?;
    /// let made = locked.make_key(later, &opened, None, random)?;
    /// assert_eq!(locked.make_key(later, &opened, None, random)?, made, "a rerun finds the first one");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn make_key(
        &mut self,
        seq: Seq,
        opened: &Keys,
        passphrase: Option<&[u8]>,
        mut random: &mut dyn CryptoRng,
    ) -> Result<LinkKey, KeyStoreError> {
        if let Keys::Seeded(seed, _) = opened {
            return link_key(&derive(seed, opened.secret().algorithm(), seq)?);
        }
        if self.store.has_key(seq)? {
            return link_key(self.store.open_keys(seq, passphrase)?.secret());
        }
        // A statement that a link key signs announces a key of the same algorithm (CHN-11).
        let key = SecretKey::generate(opened.secret().algorithm(), &mut random);
        let public = link_key(&key)?;
        let comment = key_comment(self.store.chain.package(), seq);
        let text = seal(&Secret::Key(key), self.store.settings.protection, passphrase, &comment, random)?;
        files::write_key(&self.store.key_path(seq), text.as_bytes())?;
        failpoint::reach(Failpoint::KeyMade);
        Ok(public)
    }

    /// Opens the journal. From here on, this text and no other is signed for its seq (KEEP-1, KEEP-8).
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Unfinished`] if there is one.
    /// - [`KeyStoreError::ReserveBegun`] if a reserve statement has begun: what it says rests on the head.
    /// - [`KeyStoreError::Io`] if it cannot be written.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// use sigpkg::keystore::{Journal, KeyStoreError, Place, Writes};
    ///
    /// # let mut locked = machine.locked()?;
    /// # let place = Place { directory: machine.repository.clone(), commit: String::new(), branch: "HEAD".to_owned(),
    /// #     below_root: String::new(), writes: Writes::Worktree, signatures: None, tag: None };
    /// let journal = Journal { text: "sigpkg = 1\n".to_owned(), files: None, links: None, place };
    /// locked.open_journal(&journal)?;
    /// assert_eq!(locked.store().journal()?, Some((journal.clone(), None)));
    /// assert!(matches!(locked.open_journal(&journal), Err(KeyStoreError::Unfinished { .. })));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn open_journal(&mut self, journal: &Journal) -> Result<(), KeyStoreError> {
        if self.store.has_begun_reserve()? {
            return Err(KeyStoreError::ReserveBegun { id: self.store.id() });
        }
        if self.store.journal()?.is_some() {
            return Err(KeyStoreError::Unfinished { id: self.store.id() });
        }
        journal::open(&self.store.folder, journal)
    }

    /// Adds the signatures to the journal.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Io`] if they cannot be written.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// use sigpkg::keystore::{Journal, Place, Signatures, Writes};
    ///
    /// # let mut locked = machine.locked()?;
    /// # let place = Place { directory: machine.repository.clone(), commit: String::new(), branch: "HEAD".to_owned(),
    /// #     below_root: String::new(), writes: Writes::Worktree, signatures: None, tag: None };
    /// # locked.open_journal(&Journal { text: "sigpkg = 1\n".to_owned(), files: None, links: None, place })?;
    /// let signatures = Signatures { block: "a block\n".to_owned(), file: None };
    /// locked.write_signatures(&signatures)?;
    /// let (_, written) = locked.store().journal()?.ok_or("there is a journal")?;
    /// assert_eq!(written, Some(signatures));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn write_signatures(&mut self, signatures: &Signatures) -> Result<(), KeyStoreError> {
        journal::write_signatures(&self.store.folder, signatures)
    }

    /// Adds a record to the chain of the store, unless it is there already.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::SecondText`] if the store holds another text for its seq (KEEP-1).
    /// - [`KeyStoreError::Chain`] if it is not valid there.
    /// - [`KeyStoreError::Io`] if it cannot be written.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// use sigpkg::release::Draft;
    /// use sigpkg::statement::{Beat, BeatState, Seq};
    ///
    /// # let [now, later] = [2, 4].map(|seq| Seq::new(seq).expect("a seq"));
    /// let mut locked = machine.locked()?;
    /// let keys = locked.store().open_keys(now, None)?;
    /// let after_next = locked.make_key(later, &keys, None, &mut doc::random())?;
    /// let beat = Beat { state: BeatState::Here, successor: None };
    /// let parent = locked.store().chain().genesis();
    /// let signed = Draft::beat(parent, beat, None, after_next, doc::now())?.sign(&keys)?;
    /// locked.add_record(signed.record())?;
    /// assert_eq!(locked.store().chain().len(), 2);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn add_record(&mut self, record: &Unverified) -> Result<(), KeyStoreError> {
        if self.store.chain.find(record.digest()).is_some() {
            return Ok(());
        }
        // Below a reserve statement the numbers of void statements come again, and the keys do not: a key signs what follows
        // the statement that announced it.
        let lineage = record.claimed().lineage;
        let parent = lineage.and_then(|lineage| self.store.chain.find(lineage.previous));
        if parent.is_some_and(|parent| parent.children().any(|child| child.statement().kind() != Kind::Reserve)) {
            return Err(KeyStoreError::SecondText { seq: record.claimed_seq() });
        }
        let path = self.store.folder.join(CHAIN);
        let mut chain = self.store.chain.clone();
        chain.append(record.clone(), &Standard).map_err(|error| KeyStoreError::Chain { path, error })?;
        self.write_chain(chain)
    }

    fn write_chain(&mut self, chain: Chain) -> Result<(), KeyStoreError> {
        let path = self.store.folder.join(CHAIN);
        files::write_reaching(&path, chain.to_file().as_bytes(), Some(Failpoint::ChainWritten))?;
        self.store.chain = chain;
        failpoint::reach(Failpoint::ChainStored);
        Ok(())
    }

    /// Erases the key for this seq, if it is there (KEEP-6). A seed stays.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Io`] if it cannot be erased.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// use sigpkg::statement::Seq;
    ///
    /// let seq = Seq::new(2).ok_or("a seq")?;
    /// let mut locked = machine.locked()?;
    /// locked.erase_key(seq)?;
    /// assert!(!locked.store().has_key(seq)?);
    /// locked.erase_key(seq)?;
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn erase_key(&mut self, seq: Seq) -> Result<(), KeyStoreError> {
        files::erase(&self.store.key_path(seq))?;
        failpoint::reach(Failpoint::KeyErased);
        Ok(())
    }

    /// Ends the transaction.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Io`] if it cannot be written.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// use sigpkg::keystore::{Journal, Place, Writes};
    ///
    /// # let mut locked = machine.locked()?;
    /// # let place = Place { directory: machine.repository.clone(), commit: String::new(), branch: "HEAD".to_owned(),
    /// #     below_root: String::new(), writes: Writes::Worktree, signatures: None, tag: None };
    /// # locked.open_journal(&Journal { text: "sigpkg = 1\n".to_owned(), files: None, links: None, place })?;
    /// assert!(locked.store().journal()?.is_some());
    /// locked.close_journal()?;
    /// assert_eq!(locked.store().journal()?, None);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn close_journal(&mut self) -> Result<(), KeyStoreError> {
        journal::close(&self.store.folder)
    }

    /// Changes what the store knows besides keys and statements.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Io`] if it cannot be written.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let (stores, id) = (&machine.keys, machine.id()?);
    /// use sigpkg::digest::Digest;
    ///
    /// let acknowledged = Digest::of(b"a key in the tests of the package");
    /// machine.locked()?.change_settings(|settings| settings.acknowledged.push(acknowledged))?;
    /// assert_eq!(stores.open(id)?.settings().acknowledged, [acknowledged]);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn change_settings(&mut self, change: impl FnOnce(&mut Settings)) -> Result<(), KeyStoreError> {
        let mut settings = self.store.settings.clone();
        change(&mut settings);
        if settings != self.store.settings {
            files::write(&self.store.folder.join(SETTINGS), settings.to_text()?.as_bytes())?;
            self.store.settings = settings;
        }
        Ok(())
    }

    /// Remembers which commits were searched. It is a help only, and may be lost.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Io`] if it cannot be written.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let (stores, id) = (&machine.keys, machine.id()?);
    /// machine.locked()?.write_searched("b5c6f1a0\n")?;
    /// assert_eq!(stores.open(id)?.searched()?, "b5c6f1a0\n");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn write_searched(&mut self, searched: &str) -> Result<(), KeyStoreError> {
        files::write(&self.store.folder.join(SEARCHED), searched.as_bytes())
    }
}

impl Keys {
    /// The key that was asked for.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let store = machine.store()?;
    /// use sigpkg::statement::Seq;
    ///
    /// let keys = store.open_keys(Seq::new(2).ok_or("a seq")?, None)?;
    /// assert_eq!(keys.secret().link_key()?, store.chain().genesis().statement().look_ahead().next);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn secret(&self) -> &SecretKey {
        match self {
            Self::Fresh(key) | Self::Seeded(_, key) => key,
        }
    }

    /// The public half of the key for another seq, if it follows from a seed.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Key`] never: it is a link key.
    ///
    /// # Example
    ///
    /// A seeded store knows every key to come; a fresh one knows none:
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// use sigpkg::keystore::Mode;
    /// use sigpkg::statement::Seq;
    ///
    /// let [now, later] = [2, 9].map(|seq| Seq::new(seq).expect("a seq"));
    /// let [fresh, seeded] = [Mode::Fresh, Mode::Seeded].map(doc::Machine::begun_in);
    /// assert!(fresh?.store()?.open_keys(now, None)?.derived(later)?.is_none());
    /// assert!(seeded?.store()?.open_keys(now, None)?.derived(later)?.is_some());
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn derived(&self, seq: Seq) -> Result<Option<LinkKey>, KeyStoreError> {
        match self {
            Self::Fresh(_) => Ok(None),
            Self::Seeded(seed, key) => link_key(&derive(seed, key.algorithm(), seq)?).map(Some),
        }
    }
}

impl Signer for Keys {
    fn link_key(&self) -> Result<LinkKey, SignerError> {
        Signer::link_key(self.secret())
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignerError> {
        Signer::sign(self.secret(), message)
    }
}

fn open_secret(path: &Path, passphrase: Option<&[u8]>) -> Result<Secret, KeyStoreError> {
    let in_file = |error: SecretFileError| KeyStoreError::Secret { path: path.to_owned(), error };
    let text = files::read_text(path)?.ok_or_else(|| KeyStoreError::damaged(path, "expected a file, found none"))?;
    SecretFile::parse(&text).and_then(|file| file.open(passphrase)).map_err(in_file)
}

/// Writes a secret as a file text, under the passphrase if there is protection.
fn seal(
    secret: &Secret,
    protection: KeyProtection,
    passphrase: Option<&[u8]>,
    comment: &str,
    mut random: &mut dyn CryptoRng,
) -> Result<zeroize::Zeroizing<String>, KeyStoreError> {
    let wrong = |error| KeyStoreError::Secret { path: PathBuf::from("a new key"), error };
    let protection = match (protection.cost(), passphrase) {
        (None, _) => Protection::Plain,
        (Some(cost), Some(passphrase)) => Protection::Passphrase { passphrase, cost },
        (Some(_), None) => return Err(wrong(SecretFileError::PassphraseMissing)),
    };
    file::encode(secret, protection, comment, &mut random).map_err(wrong)
}

fn derive(seed: &Seed, algorithm: Algorithm, seq: Seq) -> Result<SecretKey, KeyStoreError> {
    seed.link_secret(algorithm, u64::from(seq.get())).map_err(|error| KeyStoreError::Key { error })
}

fn link_key(key: &SecretKey) -> Result<LinkKey, KeyStoreError> {
    key.link_key().map_err(|error| KeyStoreError::Key { error })
}

fn key_name(seq: Seq) -> String {
    format!("{seq}.key")
}

/// The seq of a key file, such as `7.key`.
fn seq_of(name: &str) -> Option<Seq> {
    let seq = Seq::new(name.strip_suffix(".key")?.parse().ok()?)?;
    (key_name(seq) == name).then_some(seq)
}

fn key_comment(package: &Package, seq: Seq) -> String {
    format!("sigpkg secret link key {seq} of {}", package.name())
}

fn seed_comment(package: &Package) -> String {
    format!("sigpkg secret seed of {}", package.name())
}
