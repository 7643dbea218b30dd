//! Changing the passphrase of a store (KEEP-15).

use rand_core::CryptoRng;

use super::{
    KeyProtection, KeyStoreError, LockedStore, SEED, files, key_comment, open_secret, seal, seed_comment, seq_of,
};

impl LockedStore {
    /// Encrypts every secret file anew. Killed in between, some files have the old passphrase and some the new: running
    /// it again with both takes up where it stopped.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Secret`] if a file opens with neither passphrase.
    /// - [`KeyStoreError::Io`] if one cannot be written.
    ///
    /// # Example
    ///
    /// A passphrase is taken away; [`KeyProtection::Default`] and `Some(new)` would set one:
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// use sigpkg::keystore::KeyProtection;
    ///
    /// let mut locked = machine.locked()?;
    /// locked.change_passphrase(None, None, KeyProtection::None, &mut doc::random())?;
    /// assert!(!locked.store().is_encrypted());
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn change_passphrase(
        &mut self,
        old: Option<&[u8]>,
        new: Option<&[u8]>,
        protection: KeyProtection,
        random: &mut dyn CryptoRng,
    ) -> Result<(), KeyStoreError> {
        let names = files::names(&self.store.folder)?;
        let secrets: Vec<_> = names.iter().filter(|name| *name == SEED || seq_of(name).is_some()).collect();
        let mut opened = Vec::new();
        for name in &secrets {
            let path = self.store.folder.join(name);
            opened.push((path.clone(), open_secret(&path, old).or_else(|_| open_secret(&path, new))?));
        }
        // From the first encrypted file to the last plain one, the store says that a passphrase is needed.
        if protection != KeyProtection::None {
            self.change_settings(|settings| settings.protection = protection)?;
        }
        for (path, secret) in opened {
            let comment = match path.file_name().and_then(|name| seq_of(&name.to_string_lossy())) {
                Some(seq) => key_comment(self.store.chain.package(), seq),
                None => seed_comment(self.store.chain.package()),
            };
            let text = seal(&secret, protection, new, &comment, random)?;
            files::write(&path, text.as_bytes())?;
        }
        self.change_settings(|settings| settings.protection = protection)
    }
}
