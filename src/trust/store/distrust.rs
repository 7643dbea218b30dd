//! The one decision about all signatories: that Ed25519 has fallen (VER-48).

use super::disk::{create_folders, read, remove, replace};
use super::{MAX_TRUST_BYTES, TrustError, TrustStore, store_decisions};
use crate::time::Timestamp;
use crate::trust::{Trusted, file};

/// The file that says that Ed25519 is distrusted, whoever signs. What is trusted while it is there has a mark (BEL-9).
const DISTRUST: &str = "distrust-ed25519.toml";

impl TrustStore {
    /// Since when Ed25519 is distrusted; `None` if it is not.
    ///
    /// # Errors
    ///
    /// - [`TrustError::Read`] and [`TrustError::Damaged`].
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let folder = tempfile::tempdir()?;
    /// # let store = sigpkg::trust::TrustStore::open(folder.path());
    /// assert_eq!(store.distrusts_ed25519()?, None);
    /// store.distrust_ed25519(doc::now())?;
    /// assert_eq!(store.distrusts_ed25519()?, Some(doc::now()));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn distrusts_ed25519(&self) -> Result<Option<Timestamp>, TrustError> {
        let path = self.home.join(DISTRUST);
        let Some(text) = read(&path, MAX_TRUST_BYTES)? else {
            return Ok(None);
        };
        let damaged = |problem| TrustError::Damaged { path: path.clone(), problem };
        let text = String::from_utf8(text).map_err(|error| damaged(error.to_string()))?;
        file::read_distrust(&text).map(Some).map_err(damaged)
    }

    /// Distrusts Ed25519 from now on, whoever signs (VER-48): each trusted chain gets its head as the mark, unless it has one;
    /// what is trusted later gets its genesis. Returns every trusted signatory. A call that did not come to its end is
    /// completed by the next one.
    ///
    /// # Errors
    ///
    /// As [`TrustStore::list`], and [`TrustError::Write`].
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let folder = tempfile::tempdir()?;
    /// # let store = sigpkg::trust::TrustStore::open(folder.path());
    /// # store.add(&doc::chain(&["chain-1", "chain-2"])?, sigpkg::trust::Grade::Seen, doc::now())?;
    /// # let newer = doc::chain(&["chain-1", "chain-2", "chain-3"])?;
    /// let marked = store.distrust_ed25519(doc::now())?;
    /// assert_eq!(marked[0].decisions().distrust, Some(marked[0].belief().head().digest()));
    /// let update = store.update(&newer, doc::now())?;
    /// assert_eq!(update.after.belief().head().seq().get(), 2, "what comes after the mark does not count");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn distrust_ed25519(&self, now: Timestamp) -> Result<Vec<Trusted>, TrustError> {
        create_folders(&self.home)?;
        let _turn = self.lock()?;
        let mut all = self.list()?;
        for trusted in &mut all {
            let mark = trusted.decisions.distrust.unwrap_or(trusted.belief().head().digest());
            trusted.decide(now, |decisions| decisions.distrust = Some(mark));
            store_decisions(&self.folder_of(trusted.package(), trusted.id()), trusted)?;
        }
        // The marks first: nothing is without a mark once this is there, and until then nothing has been promised.
        if self.distrusts_ed25519()?.is_none() {
            replace(&self.home.join(DISTRUST), file::write_distrust(now).as_bytes())?;
        }
        Ok(all)
    }

    /// Takes the distrust of Ed25519 back, for every signatory. A call that did not come to its end is completed by the
    /// next one.
    ///
    /// # Errors
    ///
    /// As [`TrustStore::distrust_ed25519`].
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let folder = tempfile::tempdir()?;
    /// # let store = sigpkg::trust::TrustStore::open(folder.path());
    /// # store.add(&doc::chain(&["chain-1", "chain-2"])?, sigpkg::trust::Grade::Seen, doc::now())?;
    /// store.distrust_ed25519(doc::now())?;
    /// let trusted = store.trust_ed25519(doc::now())?;
    /// assert_eq!(trusted[0].decisions().distrust, None);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn trust_ed25519(&self, now: Timestamp) -> Result<Vec<Trusted>, TrustError> {
        create_folders(&self.home)?;
        let _turn = self.lock()?;
        // It gives a mark to whatever has none, so it goes before the marks.
        remove(&self.home.join(DISTRUST))?;
        let mut all = self.list()?;
        for trusted in &mut all {
            if trusted.decisions.distrust.is_some() {
                trusted.decide(now, |decisions| decisions.distrust = None);
                store_decisions(&self.folder_of(trusted.package(), trusted.id()), trusted)?;
            }
        }
        Ok(all)
    }
}
