//! The store, entry by entry.

use super::disk::folder_names;
use super::{TrustError, TrustStore, load};
use crate::trust::Trusted;

impl TrustStore {
    /// Every trusted signatory, as [`TrustStore::list`] has them, but each by itself: what is damaged hides nothing else. For
    /// whoever looks after the store.
    ///
    /// # Errors
    ///
    /// - [`TrustError::Read`] if the folder cannot be read, or [`TrustError::Damaged`] if the distrust of Ed25519 cannot.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let store = machine.trust();
    /// use sigpkg::trust::Grade;
    ///
    /// store.add(machine.store()?.chain(), Grade::Confirmed, doc::now())?;
    /// let each = store.each()?;
    /// assert!(matches!(&each[..], [Ok(trusted)] if trusted.id() == machine.id()?));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn each(&self) -> Result<Vec<Result<Trusted, TrustError>>, TrustError> {
        let is_distrusted = self.distrusts_ed25519()?.is_some();
        let mut each = Vec::new();
        for folder in self.folders_of_names()? {
            for name in folder_names(&folder)? {
                let Ok(id) = name.parse() else { continue };
                let entry = folder.join(&name);
                let loaded = load(&entry, id, is_distrusted).transpose();
                each.extend(
                    loaded.map(|found| found.and_then(|found| self.check_place(&found, &entry).map(|()| found))),
                );
            }
        }
        Ok(each)
    }
}
