//! Moving a store: afterwards it is in one place, never in two (KEEP-14).

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::files::{self, Expected};
use super::lock::take_lock;
use super::{CHAIN, KeyStoreError, KeyStores, LOCK, SEED, Store, seq_of};
use crate::digest::SignatoryId;

/// Where a store goes is written here before anything is copied: from then on it does not sign.
const MOVED: &str = "moved";

impl KeyStores {
    /// Moves the store of a chain to another folder of key stores, such as one on a stick, and returns where it is now.
    /// The copy is complete and durable before anything is erased here; meanwhile neither of the two signs. Interrupted,
    /// it is taken up by calling it again with the same folder.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::NoStore`] if there is none here.
    /// - [`KeyStoreError::Moved`] if it is on its way to another folder than this one.
    /// - [`KeyStoreError::Unfinished`] if a release has begun and not ended.
    /// - [`KeyStoreError::ReserveBegun`] if a reserve statement has.
    /// - [`KeyStoreError::StoreExists`] if there is another store for the chain.
    /// - [`KeyStoreError::Io`] if a file cannot be read, written or erased.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let (stores, id) = (&machine.keys, machine.id()?);
    /// # let stick = sigpkg::keystore::KeyStores::at(machine.folder.path().join("stick"));
    /// use std::time::Duration;
    ///
    /// let now_in = stores.move_to(id, &stick, Duration::ZERO)?;
    /// assert!(now_in.starts_with(stick.home()));
    /// assert!(!stores.contains(id)? && stick.contains(id)?);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn move_to(&self, id: SignatoryId, other: &Self, patience: Duration) -> Result<PathBuf, KeyStoreError> {
        let from = self.folder(id);
        let to = std::path::absolute(other.folder(id)).map_err(KeyStoreError::io("read", &other.home))?;
        let begun = moved_to(&from)?;
        match (&begun, files::exists(&from)?) {
            (_, false) => return Err(KeyStoreError::NoStore { id, home: self.home.clone() }),
            (Some(elsewhere), true) if *elsewhere != to => {
                return Err(KeyStoreError::Moved { id, to: elsewhere.clone() });
            }
            (Some(_) | None, true) => {}
        }
        let lock = take_lock(&from, patience, &mut || {})?;
        let store = Store::read(from.clone(), id)?;
        if store.journal()?.is_some() {
            return Err(KeyStoreError::Unfinished { id });
        }
        if store.has_begun_reserve()? {
            return Err(KeyStoreError::ReserveBegun { id });
        }
        if files::exists(&to)? {
            // Complete, since it has its name; ours if this is the second attempt.
            if begun.is_none() {
                return Err(KeyStoreError::StoreExists { id, folder: to });
            }
        } else {
            files::create_folder(&other.home)?;
            files::write(&from.join(MOVED), to.to_string_lossy().as_bytes())?;
            copy(&from, &to, id)?;
        }
        // Complete and readable over there, or nothing is erased here.
        Store::read(to.clone(), id)?;
        erase(&from)?;
        drop(lock);
        Ok(to)
    }
}

/// Where a store is on its way to, if it is.
pub(super) fn moved_to(folder: &Path) -> Result<Option<PathBuf>, KeyStoreError> {
    Ok(files::read_text(&folder.join(MOVED))?.map(|to| PathBuf::from(to.as_str())))
}

/// Copies every file under a temporary name, and gives it its own when it is complete.
fn copy(from: &Path, to: &Path, id: SignatoryId) -> Result<(), KeyStoreError> {
    let incoming = to.with_file_name(format!(".{id}.incoming"));
    files::remove_folder(&incoming)?;
    files::create_folder(&incoming)?;
    files::check_private(&incoming, Expected::Folder)?;
    for name in files::names(from)? {
        if name != LOCK && name != MOVED && !name.starts_with('.') {
            let content = files::read(&from.join(&name))?;
            let copied = incoming.join(&name);
            files::write_new(&copied, &content)?;
            if *files::read(&copied)? != *content {
                return Err(KeyStoreError::damaged(&copied, "expected what was written, found other bytes"));
            }
        }
    }
    files::sync_folder(&incoming)?;
    std::fs::rename(&incoming, to).map_err(KeyStoreError::io("create", to))?;
    files::sync_folder(files::parent(to))
}

/// Erases the keys, and then the folder. The chain goes last: without it the folder is no store.
fn erase(folder: &Path) -> Result<(), KeyStoreError> {
    for name in files::names(folder)? {
        if name == SEED || seq_of(&name).is_some() {
            files::erase(&folder.join(name))?;
        }
    }
    debug_assert!(folder.join(CHAIN).exists());
    files::remove_folder(folder)
}
