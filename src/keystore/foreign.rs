//! Statements of somebody else that were signed with keys of the chain: kept as evidence, and published beside the store's
//! own (KEEP-20).

use std::path::Path;

use super::{KeyStoreError, LockedStore, Store, files};
use crate::chain::{Chain, Vouchers};
use crate::failpoint::{self, Failpoint};
use crate::signature::Standard;

const FOREIGN: &str = "foreign";

impl Store {
    /// The statements of somebody else that are kept, with those of the store that they follow; `None` if there are none.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let store = machine.store()?;
    /// assert!(store.foreign().is_none(), "nobody else has signed");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn foreign(&self) -> Option<&Chain> {
        self.foreign.as_ref()
    }

    /// What goes into `.sigpkg/chain`: every statement of the store, and what is kept of somebody else.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::released()?;
    /// # let store = machine.store()?;
    /// let in_tree = std::fs::read_to_string(machine.repository.join(".sigpkg/chain"))?;
    /// assert_eq!(store.published().to_file(), in_tree);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn published(&self) -> Chain {
        let mut all = self.chain.clone();
        if let Some(foreign) = &self.foreign {
            let merged = all.merge(foreign);
            debug_assert!(merged.is_ok(), "both were admitted under the id of the store");
        }
        all
    }
}

impl LockedStore {
    /// Keeps statements of somebody else, besides those that are kept already.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Chain`] if they are of another chain.
    /// - [`KeyStoreError::Io`] if they cannot be written.
    ///
    /// # Example
    ///
    /// Whoever has stolen a key of the chain can sign with it; what was signed is published as evidence:
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let mut locked = machine.locked()?;
    /// # let [now, later] = [2, 4].map(|seq| sigpkg::statement::Seq::new(seq).expect("a seq"));
    /// # let keys = locked.store().open_keys(now, None)?;
    /// # let after_next = locked.make_key(later, &keys, None, &mut doc::random())?;
    /// # let mut theirs = locked.store().chain().clone();
    /// # let beat = sigpkg::statement::Beat { state: sigpkg::statement::BeatState::Here, successor: None };
    /// # let signed = sigpkg::release::Draft::beat(theirs.genesis(), beat, None, after_next, doc::now())?.sign(&keys)?;
    /// # theirs.append(signed.record().clone(), &sigpkg::signature::Standard)?;
    /// locked.keep_foreign(&theirs)?;
    /// assert_eq!(locked.store().chain().len(), 1);
    /// assert_eq!(locked.store().published().len(), 2);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn keep_foreign(&mut self, evidence: &Chain) -> Result<(), KeyStoreError> {
        let path = self.store.folder.join(FOREIGN);
        let mut kept = self.store.foreign.clone().unwrap_or_else(|| evidence.clone());
        kept.merge(evidence).map_err(|error| KeyStoreError::Chain { path: path.clone(), error })?;
        files::write(&path, kept.to_file().as_bytes())?;
        self.store.foreign = Some(kept);
        failpoint::reach(Failpoint::ForeignKept);
        Ok(())
    }
}

/// Verified again each time, as the chain of the store is.
pub(super) fn read(folder: &Path, known: &Chain) -> Result<Option<Chain>, KeyStoreError> {
    let path = folder.join(FOREIGN);
    let Some(text) = files::read_text(&path)? else { return Ok(None) };
    let foreign = Chain::admit_beside(text.as_bytes(), known, Vouchers::None, &Standard)
        .map_err(|error| KeyStoreError::Chain { path, error })?;
    Ok(Some(foreign))
}
