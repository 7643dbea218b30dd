//! Seeds and reserve keys that go to paper and come back (KEEP-36, KEEP-38, KEEP-39).

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use rand_core::CryptoRng;

use super::create::PATIENCE;
use super::lock::take_lock;
use super::settings::{Mode, Settings};
use super::{
    CHAIN, KeyProtection, KeyStoreError, KeyStores, LockedStore, SEED, SETTINGS, Store, derive, files, link_key,
    open_secret, seal, seed_comment,
};
use crate::chain::{Chain, Decided, Link};
use crate::interrupt::Whole;
use crate::secret::Seed;
use crate::secret::file::{Secret, plain_digest};
use crate::statement::Seq;
use crate::time::Timestamp;

/// A store that is to be made from a seed that was kept elsewhere.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun_in(sigpkg::keystore::Mode::Seeded)?;
/// # let (store, stores) = (machine.store()?, sigpkg::keystore::KeyStores::at(machine.folder.path().join("new")));
/// use sigpkg::keystore::{KeyProtection, Mode, RestoredStore};
///
/// let new = RestoredStore {
///     protection: KeyProtection::None,
///     passphrase: None,
///     now: doc::now(),
///     repository: Some(machine.repository.clone()),
/// };
/// let restored = stores.restore(store.chain(), store.open_seed(None)?, &new, &mut doc::random())?;
/// assert_eq!((restored.settings().mode, &restored.settings().repository), (Mode::Seeded, &new.repository));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RestoredStore<'a> {
    /// How the file of the seed is protected.
    pub protection: KeyProtection,
    /// The passphrase, if it is protected by one.
    pub passphrase: Option<&'a [u8]>,
    /// The time.
    pub now: Timestamp,
    /// The folder of the package, if there is one here.
    pub repository: Option<PathBuf>,
}

/// Writes a page with a secret on it to a new file, which only its owner can read. It may not be there yet; whatever goes wrong
/// leaves no file.
///
/// # Errors
///
/// - [`KeyStoreError::PageExists`] if there is something of this name: it is never overwritten.
/// - [`KeyStoreError::Io`] if it cannot be written.
///
/// # Example
///
/// ```
/// # let safe = tempfile::tempdir()?;
/// use sigpkg::keystore::{KeyStoreError, write_page};
///
/// let path = safe.path().join("seed.svg");
/// write_page(&path, b"<svg/>")?;
/// let again = write_page(&path, b"another page");
/// assert!(matches!(again, Err(KeyStoreError::PageExists { .. })));
/// assert_eq!(std::fs::read(&path)?, b"<svg/>");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_page(path: &Path, page: &[u8]) -> Result<(), KeyStoreError> {
    // Half a page, left by Ctrl-C, would be half a secret that nobody knows of.
    let _whole = Whole::begin();
    let mut options = fs::OpenOptions::new();
    let opened = files::private(options.write(true).create_new(true)).open(path);
    let mut file = opened.map_err(|error| {
        if error.kind() == io::ErrorKind::AlreadyExists {
            KeyStoreError::PageExists { path: path.to_owned() }
        } else {
            KeyStoreError::io("create", path)(error)
        }
    })?;
    if let Err(error) = file.write_all(page).and_then(|()| file.sync_all()) {
        // What was written of it goes with the file; why it could not be written is the news.
        let _ = fs::remove_file(path);
        return Err(KeyStoreError::io("write", path)(error));
    }
    Ok(())
}

impl Store {
    /// Opens the seed of a seeded store, to be put on paper.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::NotSeeded`] if its keys are made at random: they are used once and never copied (KEEP-14).
    /// - [`KeyStoreError::NoKey`] if the file is not there.
    /// - [`KeyStoreError::Secret`] if the passphrase is another one, or the file is damaged.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun_in(sigpkg::keystore::Mode::Seeded)?;
    /// # let fresh = doc::Machine::begun_in(sigpkg::keystore::Mode::Fresh)?;
    /// use sigpkg::keystore::KeyStoreError;
    ///
    /// // This seed makes the keys that the genesis announces.
    /// let seed = machine.store()?.open_seed(None)?;
    /// let next = machine.store()?.chain().belief(&Default::default()).head().statement().look_ahead().next;
    /// assert_eq!(seed.link_secret(next.algorithm(), 2)?.link_key()?, next);
    /// assert!(matches!(fresh.store()?.open_seed(None), Err(KeyStoreError::NotSeeded { .. })));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn open_seed(&self, passphrase: Option<&[u8]>) -> Result<Seed, KeyStoreError> {
        if self.settings.mode != Mode::Seeded {
            return Err(KeyStoreError::NotSeeded { id: self.id() });
        }
        let path = self.folder.join(SEED);
        if !files::exists(&path)? {
            let head = self.chain.belief(&Decided::stranger()).head().seq();
            let seq = head.successor().ok_or(KeyStoreError::ChainFull)?;
            return Err(KeyStoreError::NoKey { seq, folder: self.folder.clone() });
        }
        match open_secret(&path, passphrase)? {
            Secret::Seed(seed) => Ok(seed),
            Secret::Key(_) => Err(KeyStoreError::damaged(&path, "expected a seed, found a secret key")),
        }
    }
}

impl LockedStore {
    /// Remembers that the seed is on paper: a copy of the page in a repository is a leak of a live key (KEEP-11).
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Io`] if it cannot be written.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun_in(sigpkg::keystore::Mode::Seeded)?;
    /// use sigpkg::secret::file::{Secret, plain_digest};
    ///
    /// let mut locked = machine.locked()?;
    /// let seed = locked.store().open_seed(None)?;
    /// locked.remember_paper(&seed)?;
    /// assert_eq!(machine.store()?.settings().papers, [plain_digest(&Secret::Seed(seed))]);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn remember_paper(&mut self, seed: &Seed) -> Result<(), KeyStoreError> {
        let digest = plain_digest(&Secret::Seed(Seed::from_bytes(*seed.as_bytes())));
        self.change_settings(|settings| {
            if !settings.papers.contains(&digest) {
                settings.papers.push(digest);
            }
        })
    }
}

impl KeyStores {
    /// Makes a store from a seed that was kept elsewhere and what is known of its chain. It signs what follows the head. A crash
    /// leaves no store or the whole store.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::StoreExists`] if there is one.
    /// - [`KeyStoreError::OtherSeed`] if the keys that the head announces do not come from this seed.
    /// - [`KeyStoreError::Secret`] if there is no passphrase where one is needed.
    /// - [`KeyStoreError::Io`] if it cannot be written.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun_in(sigpkg::keystore::Mode::Seeded)?;
    /// # let (store, old) = (machine.store()?, &machine.keys);
    /// # let new_home = machine.folder.path().join("new");
    /// use sigpkg::keystore::{KeyProtection, KeyStores, RestoredStore};
    ///
    /// // On a new machine, with the seed from paper and the chain from a clone:
    /// let (seed, chain) = (store.open_seed(None)?, store.chain());
    /// let new = RestoredStore { protection: KeyProtection::None, passphrase: None, now: doc::now(), repository: None };
    /// let restored = KeyStores::at(new_home).restore(chain, seed, &new, &mut doc::random())?;
    /// assert_eq!(restored.key_seqs()?, store.key_seqs()?);
    /// assert!(old.restore(chain, store.open_seed(None)?, &new, &mut doc::random()).is_err(), "there is a store");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn restore(
        &self,
        chain: &Chain,
        seed: Seed,
        new: &RestoredStore<'_>,
        random: &mut dyn CryptoRng,
    ) -> Result<Store, KeyStoreError> {
        self.check_restore(chain, &seed)?;
        let id = chain.id();
        let folder = self.folder(id);
        let secret = Secret::Seed(seed);
        let settings = Settings {
            signatory: id,
            mode: Mode::Seeded,
            protection: new.protection,
            created: new.now,
            repository: new.repository.clone(),
            acknowledged: Vec::new(),
            reserve_files: Vec::new(),
            reserve_place: None,
            papers: vec![plain_digest(&secret)],
        };
        files::create_folder(&self.home)?;
        let lock = take_lock(&self.home, PATIENCE, &mut || {})?;
        if files::exists(&folder)? {
            return Err(KeyStoreError::StoreExists { id, folder });
        }
        files::tidy_folders(&self.home, ".building")?;
        let building = self.home.join(format!(".{id}.building"));
        files::create_folder(&building)?;
        let text = seal(&secret, new.protection, new.passphrase, &seed_comment(chain.package()), random)?;
        files::write_new(&building.join(SEED), text.as_bytes())?;
        files::write_new(&building.join(CHAIN), chain.to_file().as_bytes())?;
        files::write_new(&building.join(SETTINGS), settings.to_text()?.as_bytes())?;
        files::sync_folder(&building)?;
        fs::rename(&building, &folder).map_err(KeyStoreError::io("create", &folder))?;
        files::sync_folder(&self.home)?;
        drop(lock);
        Store::read(folder, id)
    }

    /// Whether [`KeyStores::restore`] would make a store, before a passphrase is asked for.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::StoreExists`], [`KeyStoreError::OtherSeed`] as there.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun_in(sigpkg::keystore::Mode::Seeded)?;
    /// # let (store, stores) = (machine.store()?, sigpkg::keystore::KeyStores::at(machine.folder.path().join("new")));
    /// use sigpkg::keystore::KeyStoreError;
    /// use sigpkg::secret::Seed;
    ///
    /// stores.check_restore(store.chain(), &store.open_seed(None)?)?;
    /// let other = stores.check_restore(store.chain(), &Seed::from_bytes([7; 32]));
    /// assert!(matches!(other, Err(KeyStoreError::OtherSeed { earlier: None, .. })), "it is of another chain");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn check_restore(&self, chain: &Chain, seed: &Seed) -> Result<(), KeyStoreError> {
        let id = chain.id();
        if self.contains(id)? {
            return Err(KeyStoreError::StoreExists { id, folder: self.folder(id) });
        }
        let belief = chain.belief(&Decided::stranger());
        let head = belief.head();
        if announces(head, seed)? {
            return Ok(());
        }
        let mut earlier = None;
        for link in chain.links() {
            if announces(link, seed)? {
                earlier = Some(link.seq());
            }
        }
        Err(KeyStoreError::OtherSeed { id, seq: head.seq(), earlier })
    }
}

/// Whether the keys that a statement announces both come from this seed.
fn announces(link: Link<'_>, seed: &Seed) -> Result<bool, KeyStoreError> {
    let announced = link.statement().look_ahead();
    let next = link.seq().successor();
    for (key, seq) in [(announced.next, next), (announced.after_next, next.and_then(Seq::successor))] {
        let Some(seq) = seq else { return Ok(false) };
        if link_key(&derive(seed, key.algorithm(), seq)?)? != key {
            return Ok(false);
        }
    }
    Ok(true)
}
