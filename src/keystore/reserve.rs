//! A reserve statement that has begun and not ended: its text, the new keys, and the signatures that came so far
//! (KEEP-17).
//!
//! ```text
//! <store>/reserve/
//!     reserve.toml          how the new keys are made and protected
//!     chain                 what was known of the chain when it was begun
//!     draft                 the statement, and the signatures so far
//!     8.key  9.key          the new keys, or seed.key
//! ```

use std::path::Path;

use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};

use super::lock::take_lock;
use super::settings::{KeyProtection, Mode, Settings};
use super::{
    CHAIN, KeyStoreError, KeyStores, LockedStore, SEED, SETTINGS, Store, derive, files, key_comment, key_name,
    link_key, seal, seed_comment, seq_of,
};
use crate::chain::{Chain, Unverified};
use crate::digest::Digest;
use crate::failpoint::{self, Failpoint};
use crate::key::Algorithm;
use crate::package::Package;
use crate::secret::file::Secret;
use crate::secret::{SecretKey, Seed};
use crate::signature::Standard;
use crate::statement::{LookAhead, Seq};

const FOLDER: &str = "reserve";
const BEGUN: &str = ".reserve.new";
const DONE: &str = ".reserve.done";

const HOW: &str = "reserve.toml";
const DRAFT: &str = "draft";

/// The link keys that a reserve statement introduces, in memory only.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let random = &mut doc::random();
/// use sigpkg::key::Algorithm;
/// use sigpkg::keystore::{Mode, NewLinkKeys};
/// use sigpkg::statement::Seq;
///
/// let keys = NewLinkKeys::generate(Mode::Fresh, Algorithm::Ed25519, Seq::FIRST, random)?;
/// let look_ahead = keys.look_ahead()?;
/// assert_ne!(look_ahead.next, look_ahead.after_next);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Debug)]
pub struct NewLinkKeys {
    seed: Option<Seed>,
    keys: [(Seq, SecretKey); 2],
}

/// How a reserve statement begins.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// use sigpkg::example::{self, FIRST, GENESIS, RESERVE_DRAFT};
/// use sigpkg::keystore::{KeyProtection, NewReserve};
///
/// let chain = example::chain(&[GENESIS, FIRST])?;
/// let new = NewReserve { chain: &chain, draft: RESERVE_DRAFT, protection: KeyProtection::None, passphrase: None };
/// # drop(machine.reserve_begun_for(new.chain, new.draft)?);
/// let begun = machine.keys.open(chain.id())?.begun_reserve()?.ok_or("it has begun")?;
/// assert_eq!(begun.draft, new.draft);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct NewReserve<'a> {
    /// What is known of the chain.
    pub chain: &'a Chain,
    /// The statement, as a draft.
    pub draft: &'a str,
    /// How the new key files are protected.
    pub protection: KeyProtection,
    /// The passphrase, if they are protected by one.
    pub passphrase: Option<&'a [u8]>,
}

/// A reserve statement that has begun and not ended.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # let locked = machine.reserve_begun()?;
/// let begun = locked.store().begun_reserve()?.ok_or("it has begun")?;
/// assert_eq!((begun.draft.as_str(), begun.chain.len()), ("a draft\n", 2));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct BegunReserve {
    /// How the new keys are made.
    pub mode: Mode,
    /// How their files are protected.
    pub protection: KeyProtection,
    /// What was known of the chain when it was begun.
    pub chain: Chain,
    /// The statement and the signatures so far, as a draft.
    pub draft: String,
}

/// `reserve.toml` as it is written.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct How {
    mode: String,
    kdf: String,
}

impl NewLinkKeys {
    /// Makes the keys of the two statements that follow the one with this seq. A seeded store gets a new seed: an old one
    /// may be in wrong hands. SLH-DSA keys take a noticeable part of a second.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Key`] if the algorithm is the reserve's.
    /// - [`KeyStoreError::ChainFull`] if there is no room for two more statements.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let random = &mut doc::random();
    /// use sigpkg::key::Algorithm;
    /// use sigpkg::keystore::{KeyStoreError, Mode, NewLinkKeys};
    /// use sigpkg::statement::Seq;
    ///
    /// let last = Seq::new(u64::from(Seq::MAX.get())).ok_or("a seq")?;
    /// let full = NewLinkKeys::generate(Mode::Fresh, Algorithm::Ed25519, last, random);
    /// assert!(matches!(full, Err(KeyStoreError::ChainFull)));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn generate(
        mode: Mode,
        algorithm: Algorithm,
        seq: Seq,
        mut random: &mut dyn CryptoRng,
    ) -> Result<Self, KeyStoreError> {
        let next = seq.successor().ok_or(KeyStoreError::ChainFull)?;
        let after_next = next.successor().ok_or(KeyStoreError::ChainFull)?;
        match mode {
            Mode::Fresh => {
                let keys = [next, after_next].map(|seq| (seq, SecretKey::generate(algorithm, &mut random)));
                Ok(Self { seed: None, keys })
            }
            Mode::Seeded => {
                let seed = Seed::generate(&mut random);
                let keys =
                    [(next, derive(&seed, algorithm, next)?), (after_next, derive(&seed, algorithm, after_next)?)];
                Ok(Self { keys, seed: Some(seed) })
            }
        }
    }

    /// The public halves.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Key`] never: they are link keys.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let random = &mut doc::random();
    /// use sigpkg::key::Algorithm;
    /// use sigpkg::keystore::{Mode, NewLinkKeys};
    /// use sigpkg::statement::Seq;
    ///
    /// let keys = NewLinkKeys::generate(Mode::Seeded, Algorithm::Ed25519, Seq::FIRST, random)?;
    /// assert_eq!(keys.look_ahead()?.next.algorithm(), Algorithm::Ed25519);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn look_ahead(&self) -> Result<LookAhead, KeyStoreError> {
        let [(_, next), (_, after_next)] = &self.keys;
        Ok(LookAhead { next: link_key(next)?, after_next: link_key(after_next)? })
    }

    fn mode(&self) -> Mode {
        if self.seed.is_some() { Mode::Seeded } else { Mode::Fresh }
    }
}

impl KeyStores {
    /// Makes a store for a chain that has none here, to begin a reserve statement in it: keys may be lost together with their
    /// store, and a successor never had one (KEEP-19). The store appears whole, with the new keys in it, and no others.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::StoreExists`] if there is one.
    /// - [`KeyStoreError::Secret`] if there is no passphrase where one is needed.
    /// - [`KeyStoreError::Io`] if it cannot be written.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// # let (stores, random) = (&machine.keys, &mut doc::random());
    /// # let chain = doc::chain(&["reserve-1", "reserve-2"])?;
    /// # let seq = sigpkg::statement::Seq::new(3).ok_or("a seq")?;
    /// use sigpkg::key::Algorithm;
    /// use sigpkg::keystore::{KeyProtection, Mode, NewLinkKeys, NewReserve, Settings};
    ///
    /// let keys = NewLinkKeys::generate(Mode::Fresh, Algorithm::Ed25519, seq, random)?;
    /// let protection = KeyProtection::None;
    /// let new = NewReserve { chain: &chain, draft: "…", protection, passphrase: None };
    /// let settings = Settings {
    ///     signatory: chain.id(),
    ///     mode: Mode::Fresh,
    ///     protection,
    ///     created: doc::now(),
    ///     repository: None,
    ///     acknowledged: Vec::new(),
    ///     reserve_files: Vec::new(),
    ///     reserve_place: None,
    ///     papers: Vec::new(),
    /// };
    /// let store = stores.create_for_reserve(keys, &new, &settings, random)?;
    /// assert!(store.key_seqs()?.is_empty(), "the new keys wait until the statement is signed");
    /// assert!(store.has_begun_reserve()?);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn create_for_reserve(
        &self,
        keys: NewLinkKeys,
        new: &NewReserve<'_>,
        settings: &Settings,
        random: &mut dyn CryptoRng,
    ) -> Result<Store, KeyStoreError> {
        let id = new.chain.id();
        let folder = self.folder(id);
        files::create_folder(&self.home)?;
        let lock = take_lock(&self.home, super::create::PATIENCE, &mut || {})?;
        if files::exists(&folder)? {
            return Err(KeyStoreError::StoreExists { id, folder });
        }
        files::tidy_folders(&self.home, ".building")?;
        let building = self.home.join(format!(".{id}.building"));
        files::create_folder(&building)?;
        write_folder(&building.join(FOLDER), keys, new, random)?;
        files::write_new(&building.join(CHAIN), new.chain.to_file().as_bytes())?;
        files::write_new(&building.join(SETTINGS), settings.to_text()?.as_bytes())?;
        files::sync_folder(&building)?;
        failpoint::reach(Failpoint::ReserveStoreBuilt);
        std::fs::rename(&building, &folder).map_err(KeyStoreError::io("create", &folder))?;
        files::sync_folder(&self.home)?;
        drop(lock);
        failpoint::reach(Failpoint::ReserveBegun);
        Store::read(folder, id)
    }
}

impl Store {
    /// The reserve statement that has begun and not ended, if there is one.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Damaged`], [`KeyStoreError::Chain`] or [`KeyStoreError::Io`] if it cannot be read.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// # let locked = machine.reserve_begun()?;
    /// let begun = locked.store().begun_reserve()?.ok_or("a reserve statement has begun")?;
    /// assert_eq!(begun.draft, "a draft\n");
    /// assert_eq!(begun.chain.len(), 2);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn begun_reserve(&self) -> Result<Option<BegunReserve>, KeyStoreError> {
        let folder = self.folder.join(FOLDER);
        if !files::exists(&folder)? {
            return Ok(None);
        }
        let text = |name: &str| {
            let path = folder.join(name);
            files::read_text(&path)?.ok_or_else(|| KeyStoreError::damaged(&path, "expected a file, found none"))
        };
        let wrong = |problem: String| KeyStoreError::damaged(&folder.join(HOW), problem);
        let how: How = toml::from_str(&text(HOW)?).map_err(|error| wrong(error.message().to_owned()))?;
        let chain = Chain::admit(text(CHAIN)?.as_bytes(), self.id(), &Standard)
            .map_err(|error| KeyStoreError::Chain { path: folder.join(CHAIN), error })?;
        Ok(Some(BegunReserve {
            mode: Mode::from_word(&how.mode).map_err(wrong)?,
            protection: KeyProtection::from_word(&how.kdf).map_err(wrong)?,
            chain,
            draft: text(DRAFT)?.to_string(),
        }))
    }

    /// Whether a reserve statement has begun and not ended.
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
    /// assert!(!machine.store()?.has_begun_reserve()?);
    /// assert!(machine.reserve_begun()?.store().has_begun_reserve()?);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn has_begun_reserve(&self) -> Result<bool, KeyStoreError> {
        files::exists(&self.folder.join(FOLDER))
    }
}

impl LockedStore {
    /// Begins a reserve statement in a store that is there: it appears whole or not at all.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::ReserveBegun`] if there is one.
    /// - [`KeyStoreError::Secret`] if there is no passphrase where one is needed.
    /// - [`KeyStoreError::Io`] if it cannot be written.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let random = &mut doc::random();
    /// # let seq = sigpkg::statement::Seq::new(2).ok_or("a seq")?;
    /// use sigpkg::key::Algorithm;
    /// use sigpkg::keystore::{KeyProtection, Mode, NewLinkKeys, NewReserve};
    ///
    /// let mut locked = machine.locked()?;
    /// let chain = locked.store().chain().clone();
    /// let keys = NewLinkKeys::generate(Mode::Fresh, Algorithm::Ed25519, seq, random)?;
    /// let new = NewReserve { chain: &chain, draft: "…", protection: KeyProtection::None, passphrase: None };
    /// locked.begin_reserve(keys, &new, random)?;
    /// assert!(locked.store().has_begun_reserve()?);
    /// assert_eq!(locked.store().key_seqs()?.len(), 2, "the old keys are still there");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn begin_reserve(
        &mut self,
        keys: NewLinkKeys,
        new: &NewReserve<'_>,
        random: &mut dyn CryptoRng,
    ) -> Result<(), KeyStoreError> {
        if self.store.has_begun_reserve()? {
            return Err(KeyStoreError::ReserveBegun { id: self.store.id() });
        }
        let (begun, folder) = (self.store.folder.join(BEGUN), self.store.folder.join(FOLDER));
        write_folder(&begun, keys, new, random)?;
        failpoint::reach(Failpoint::ReserveStoreBuilt);
        std::fs::rename(&begun, &folder).map_err(KeyStoreError::io("create", &folder))?;
        files::sync_folder(&self.store.folder)?;
        failpoint::reach(Failpoint::ReserveBegun);
        Ok(())
    }

    /// Keeps the draft with the signatures that came so far.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Io`] if it cannot be written.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// # let mut locked = machine.reserve_begun()?;
    /// locked.write_reserve_draft("a draft with one signature\n")?;
    /// let begun = locked.store().begun_reserve()?.ok_or("a reserve statement has begun")?;
    /// assert_eq!(begun.draft, "a draft with one signature\n");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn write_reserve_draft(&mut self, draft: &str) -> Result<(), KeyStoreError> {
        files::write(&self.store.folder.join(FOLDER).join(DRAFT), draft.as_bytes())?;
        failpoint::reach(Failpoint::ReserveSignaturesWritten);
        Ok(())
    }

    /// Takes a reserve record into the chain of the store, with the statements of `known`: what it makes void is kept as
    /// evidence (KEEP-19). Done before, it is not done again.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Chain`] if the record is not valid.
    /// - [`KeyStoreError::Io`] if the chain cannot be written.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// # let mut locked = machine.reserve_begun()?;
    /// # let record = doc::record("reserve-3")?;
    /// let known = locked.store().chain().clone();
    /// locked.add_reserve_record(&known, &record)?;
    /// assert!(locked.store().chain().find(record.digest()).is_some());
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn add_reserve_record(&mut self, known: &Chain, record: &Unverified) -> Result<(), KeyStoreError> {
        if self.store.chain.find(record.digest()).is_some() {
            return Ok(());
        }
        let path = self.store.folder.join(CHAIN);
        let invalid = |error| KeyStoreError::Chain { path: path.clone(), error };
        let mut chain = self.store.chain.clone();
        chain.merge(known).map_err(invalid)?;
        chain.append(record.clone(), &Standard).map_err(invalid)?;
        self.write_chain(chain)
    }

    /// Puts the new keys into the place of the old ones, which are erased: the record with this digest must be in the chain of
    /// the store by then, so that no key is erased for a statement that never came about (KEEP-17). Interrupted, it is
    /// called again.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::NotJoined`] if the record is not in the chain.
    /// - [`KeyStoreError::Io`] if a key cannot be erased or moved.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// # let mut locked = machine.reserve_begun()?;
    /// # let record = doc::record("reserve-3")?;
    /// use sigpkg::keystore::KeyStoreError;
    ///
    /// let early = locked.activate_reserve_keys(record.digest());
    /// assert!(matches!(early, Err(KeyStoreError::NotJoined { .. })));
    ///
    /// let known = locked.store().chain().clone();
    /// locked.add_reserve_record(&known, &record)?;
    /// locked.activate_reserve_keys(record.digest())?;
    /// assert_eq!(locked.store().key_seqs()?.len(), 2);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn activate_reserve_keys(&mut self, record: Digest) -> Result<(), KeyStoreError> {
        let link = self.store.chain.find(record).ok_or(KeyStoreError::NotJoined { digest: record })?;
        // What the new keys of a fresh store are called.
        let next = link.seq().successor();
        let announced = [next, next.and_then(Seq::successor)].map(|seq| seq.map(key_name));
        let Some(begun) = self.store.begun_reserve()? else { return Ok(()) };
        let folder = self.store.folder.join(FOLDER);
        let waiting: Vec<_> = files::names(&folder)?.into_iter().filter(|name| is_secret(name)).collect();
        // A new key that has its place is not in the folder any more. Everything else is of before.
        for name in files::names(&self.store.folder)?.into_iter().filter(|name| is_secret(name)) {
            let is_new = match begun.mode {
                Mode::Fresh => announced.iter().flatten().any(|new| *new == name),
                Mode::Seeded => name == SEED,
            };
            if !is_new || waiting.contains(&name) {
                files::erase(&self.store.folder.join(&name))?;
                failpoint::reach(Failpoint::ReserveOldKeyErased);
            }
        }
        // The store needs a passphrase, or none, as the keys do that it is about to have.
        self.change_settings(|settings| {
            (settings.mode, settings.protection) = (begun.mode, begun.protection);
            // Of the seed that was.
            settings.papers.clear();
        })?;
        for name in waiting {
            let (from, to) = (folder.join(&name), self.store.folder.join(&name));
            std::fs::rename(&from, &to).map_err(KeyStoreError::io("rename", &from))?;
            files::sync_folder(&self.store.folder)?;
            files::sync_folder(&folder)?;
            failpoint::reach(Failpoint::ReserveKeyMoved);
        }
        Ok(())
    }

    /// Ends it.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Io`] if it cannot be written.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// # let mut locked = machine.reserve_begun()?;
    /// locked.close_reserve()?;
    /// assert!(!locked.store().has_begun_reserve()?);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn close_reserve(&mut self) -> Result<(), KeyStoreError> {
        let (folder, done) = (self.store.folder.join(FOLDER), self.store.folder.join(DONE));
        remove_done(&done)?;
        std::fs::rename(&folder, &done).map_err(KeyStoreError::io("rename", &folder))?;
        files::sync_folder(&self.store.folder)?;
        failpoint::reach(Failpoint::ReserveClosed);
        remove_done(&done)
    }

    /// Gives up what was begun, and erases the new keys. A store that was made for it, and so has no other keys, goes too.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Io`] if it cannot be written.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// # let stores = &machine.keys;
    /// # let locked = machine.reserve_begun()?;
    /// locked.drop_reserve()?;
    /// assert!(stores.ids()?.is_empty(), "the store was made for it alone");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn drop_reserve(mut self) -> Result<(), KeyStoreError> {
        self.close_reserve()?;
        let has_keys = files::names(&self.store.folder)?.iter().any(|name| is_secret(name));
        if has_keys || self.store.journal()?.is_some() {
            return Ok(());
        }
        let gone = self.store.folder.with_file_name(format!(".{}.building", self.store.id()));
        files::remove_folder(&gone)?;
        std::fs::rename(&self.store.folder, &gone).map_err(KeyStoreError::io("rename", &self.store.folder))?;
        files::remove_folder(&gone)
    }
}

/// Removes what a crash left of one that never began or had ended.
pub(super) fn tidy(store: &Path) -> Result<(), KeyStoreError> {
    remove_done(&store.join(BEGUN))?;
    remove_done(&store.join(DONE))
}

/// What [`super::scan::find`] would find: the new keys, too, can sign for the chain.
pub(super) fn secret_paths(store: &Path) -> Result<Vec<std::path::PathBuf>, KeyStoreError> {
    let folder = store.join(FOLDER);
    if !files::exists(&folder)? {
        return Ok(Vec::new());
    }
    let names = files::names(&folder)?.into_iter();
    Ok(names.filter(|name| is_secret(name)).map(|name| folder.join(name)).collect())
}

/// Erases the keys in it before the folder goes.
fn remove_done(folder: &Path) -> Result<(), KeyStoreError> {
    if files::exists(folder)? {
        for name in files::names(folder)? {
            // Also under the temporary name of a write that was interrupted.
            if name.contains(".key") {
                files::erase(&folder.join(name))?;
            }
        }
    }
    files::remove_folder(folder)
}

fn is_secret(name: &str) -> bool {
    name == SEED || seq_of(name).is_some()
}

fn write_folder(
    folder: &Path,
    keys: NewLinkKeys,
    new: &NewReserve<'_>,
    random: &mut dyn CryptoRng,
) -> Result<(), KeyStoreError> {
    remove_done(folder)?;
    files::create_folder(folder)?;
    let package: &Package = new.chain.package();
    let how = How { mode: keys.mode().to_string(), kdf: new.protection.to_string() };
    let how = toml::to_string(&how).map_err(|error| KeyStoreError::damaged(&folder.join(HOW), error.to_string()))?;
    let mut write_secret = |name: &str, secret: &Secret, comment: &str| {
        let text = seal(secret, new.protection, new.passphrase, comment, random)?;
        files::write_new(&folder.join(name), text.as_bytes())
    };
    if let Some(seed) = keys.seed {
        write_secret(SEED, &Secret::Seed(seed), &seed_comment(package))?;
    } else {
        for (seq, key) in keys.keys {
            write_secret(&key_name(seq), &Secret::Key(key), &key_comment(package, seq))?;
        }
    }
    files::write_new(&folder.join(HOW), how.as_bytes())?;
    files::write_new(&folder.join(CHAIN), new.chain.to_file().as_bytes())?;
    files::write_new(&folder.join(DRAFT), new.draft.as_bytes())?;
    files::sync_folder(folder)
}
