//! Making a store: the first keys, the genesis, and perhaps a reserve key.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::lock::take_lock;
use super::settings::{KeyProtection, Mode, Settings};
use super::{
    CHAIN, KeyStoreError, KeyStores, SEED, SETTINGS, Store, derive, files, key_comment, key_name, link_key, seal,
    seed_comment,
};
use crate::chain::{Chain, Unverified};
use crate::digest::Digest;
use crate::failpoint::{self, Failpoint};
use crate::key::{Algorithm, ReserveKey};
use crate::secret::file::{Secret, SecretFile};
use crate::secret::{Kind, SecretKey, Seed, scan};
use crate::signature::Standard;
use crate::statement::{LookAhead, Seq};
use crate::time::Timestamp;

/// How long another process that is making a store is waited for.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// The keys of a chain that is to begin, in memory only. They sign its genesis.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let random = &mut doc::random();
/// use sigpkg::keystore::{FirstKeys, Mode};
///
/// let keys = FirstKeys::generate(Mode::Seeded, random)?;
/// let look_ahead = keys.look_ahead()?;
/// assert_ne!(keys.this().link_key()?, look_ahead.next);
/// assert_ne!(look_ahead.next, look_ahead.after_next);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Debug)]
pub struct FirstKeys {
    seed: Option<Seed>,
    /// K_1, K_2 and K_3.
    keys: [SecretKey; 3],
}

/// A store that is to be made.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// use sigpkg::keystore::{KeyProtection, NewStore};
///
/// let passphrase = b"tides and waves";
/// let new = NewStore {
///     reserve_files: Vec::new(),
///     reserve_place: None,
///     protection: KeyProtection::Default,
///     passphrase: Some(passphrase),
///     now: doc::now(),
///     repository: machine.repository.clone(),
/// };
/// assert!(new.protection.cost().is_some(), "so the passphrase is needed");
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct NewStore<'a> {
    /// The reserve key files that were made for it.
    pub reserve_files: Vec<Digest>,
    /// The folder that these were put into.
    pub reserve_place: Option<PathBuf>,
    /// How key files are protected.
    pub protection: KeyProtection,
    /// The passphrase, if they are protected by one.
    pub passphrase: Option<&'a [u8]>,
    /// The time.
    pub now: Timestamp,
    /// The folder of the package.
    pub repository: PathBuf,
}

/// A reserve key that was made on this machine and is in memory only.
///
/// On a stick that goes into a safe; a real one has a passphrase:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let safe = tempfile::tempdir()?;
/// # let safe = safe.path().join("stick");
/// # let random = &mut doc::random();
/// use sigpkg::keystore::{KeyProtection, KeyStoreError, ReserveSecret};
///
/// let reserve = ReserveSecret::generate(random)?;
/// let file = reserve.write(&safe, KeyProtection::None, None, random)?;
/// let opened = ReserveSecret::open::<KeyStoreError>(&file.secret_path, || unreachable!("it has no passphrase"))?;
/// assert_eq!(opened.key(), file.key);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Debug)]
pub struct ReserveSecret {
    secret: SecretKey,
    public: ReserveKey,
}

/// A reserve key in its files.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let safe = tempfile::tempdir()?;
/// # let random = &mut doc::random();
/// use sigpkg::keystore::{KeyProtection, ReserveSecret};
///
/// let file = ReserveSecret::generate(random)?.write(safe.path(), KeyProtection::None, None, random)?;
/// assert!(file.secret_path.is_file());
/// assert_eq!(std::fs::read_to_string(&file.public_path)?, file.key.to_file_text());
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ReserveFile {
    /// The public half, which a genesis names.
    pub key: ReserveKey,
    /// The secret half, which goes to a safe place.
    pub secret_path: PathBuf,
    /// The file with the public half.
    pub public_path: PathBuf,
    /// What tells the secret file from others.
    pub digest: Digest,
}

impl FirstKeys {
    /// Makes the first three keys.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Key`] never, as long as link keys are Ed25519.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let random = &mut doc::random();
    /// use sigpkg::keystore::{FirstKeys, Mode};
    ///
    /// let [one, other] = [FirstKeys::generate(Mode::Fresh, random)?, FirstKeys::generate(Mode::Fresh, random)?];
    /// assert_ne!(one.this().link_key()?, other.this().link_key()?);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn generate(mode: Mode, mut random: &mut dyn CryptoRng) -> Result<Self, KeyStoreError> {
        match mode {
            Mode::Fresh => {
                let keys = [(); 3].map(|()| SecretKey::generate(Algorithm::Ed25519, &mut random));
                Ok(Self { seed: None, keys })
            }
            Mode::Seeded => {
                let seed = Seed::generate(&mut random);
                let [k1, k2, k3] = first_seqs().map(|seq| derive(&seed, Algorithm::Ed25519, seq));
                Ok(Self { keys: [k1?, k2?, k3?], seed: Some(seed) })
            }
        }
    }

    /// K_1, which signs the genesis.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let random = &mut doc::random();
    /// use sigpkg::key::Algorithm;
    /// use sigpkg::keystore::{FirstKeys, Mode};
    ///
    /// let keys = FirstKeys::generate(Mode::Fresh, random)?;
    /// assert_eq!(keys.this().algorithm(), Algorithm::Ed25519);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn this(&self) -> &SecretKey {
        let [this, _, _] = &self.keys;
        this
    }

    /// The public halves of K_2 and K_3.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Key`] never, as long as link keys are Ed25519.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let random = &mut doc::random();
    /// use sigpkg::keystore::{FirstKeys, Mode};
    ///
    /// let look_ahead = FirstKeys::generate(Mode::Fresh, random)?.look_ahead()?;
    /// assert_ne!(look_ahead.next, look_ahead.after_next);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn look_ahead(&self) -> Result<LookAhead, KeyStoreError> {
        let [_, next, after_next] = &self.keys;
        Ok(LookAhead { next: link_key(next)?, after_next: link_key(after_next)? })
    }
}

impl KeyStores {
    /// Makes the store of a chain that begins with this genesis, which these keys have signed. K_1 has then signed its one
    /// statement and was never in a file. A crash leaves no store or the whole store.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Chain`] if the record is no valid genesis.
    /// - [`KeyStoreError::Secret`] if there is no passphrase where one is needed.
    /// - [`KeyStoreError::Io`] if the store cannot be written.
    ///
    /// # Example
    ///
    /// `publish::init` does this, and commits `.sigpkg` after it:
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// # let (stores, random) = (&machine.keys, &mut doc::random());
    /// # let beginning = machine.beginning(sigpkg::keystore::Mode::Fresh)?;
    /// # let (package, reserve) = (beginning.package, beginning.reserve);
    /// use sigpkg::keystore::{FirstKeys, KeyProtection, Mode, NewStore};
    /// use sigpkg::release::Draft;
    ///
    /// let keys = FirstKeys::generate(Mode::Fresh, random)?;
    /// let draft = Draft::genesis(package, reserve, keys.this().link_key()?, keys.look_ahead()?, doc::now())?;
    /// let signed = draft.sign(keys.this())?;
    /// let new = NewStore {
    ///     reserve_files: Vec::new(),
    ///     reserve_place: None,
    ///     protection: KeyProtection::None,
    ///     passphrase: None,
    ///     now: doc::now(),
    ///     repository: machine.repository.clone(),
    /// };
    /// let store = stores.create(signed.record(), keys, &new, random)?;
    /// assert_eq!(stores.ids()?, [store.id()]);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn create(
        &self,
        genesis: &Unverified,
        keys: FirstKeys,
        new: &NewStore<'_>,
        random: &mut dyn CryptoRng,
    ) -> Result<Store, KeyStoreError> {
        let invalid = |error| KeyStoreError::Chain { path: self.home.join(CHAIN), error };
        let chain = Chain::begin(genesis.clone(), &Standard).map_err(invalid)?;
        let (id, package) = (chain.id(), chain.package());
        let settings = Settings {
            signatory: id,
            mode: if keys.seed.is_some() { Mode::Seeded } else { Mode::Fresh },
            protection: new.protection,
            created: new.now,
            repository: Some(new.repository.clone()),
            acknowledged: Vec::new(),
            reserve_files: new.reserve_files.clone(),
            reserve_place: new.reserve_place.clone(),
            papers: Vec::new(),
        };
        files::create_folder(&self.home)?;
        let lock = take_lock(&self.home, PATIENCE, &mut || {})?;
        files::tidy_folders(&self.home, ".building")?;
        let building = self.home.join(format!(".{id}.building"));
        files::create_folder(&building)?;
        let mut write_secret = |name: &str, secret: &Secret, comment: &str| {
            let text = seal(secret, new.protection, new.passphrase, comment, random)?;
            files::write_new(&building.join(name), text.as_bytes())
        };
        let FirstKeys { seed, keys: [_, k2, k3] } = keys;
        if let Some(seed) = seed {
            write_secret(SEED, &Secret::Seed(seed), &seed_comment(package))?;
        } else {
            let [_, second, third] = first_seqs();
            write_secret(&key_name(second), &Secret::Key(k2), &key_comment(package, second))?;
            write_secret(&key_name(third), &Secret::Key(k3), &key_comment(package, third))?;
        }
        files::write_new(&building.join(CHAIN), chain.to_file().as_bytes())?;
        files::write_new(&building.join(SETTINGS), settings.to_text()?.as_bytes())?;
        files::sync_folder(&building)?;
        failpoint::reach(Failpoint::InitStoreBuilt);
        let folder = self.folder(id);
        std::fs::rename(&building, &folder).map_err(KeyStoreError::io("create", &folder))?;
        files::sync_folder(&self.home)?;
        drop(lock);
        failpoint::reach(Failpoint::InitStoreMade);
        Store::read(folder, id)
    }
}

impl ReserveSecret {
    /// Makes a reserve key. It takes a noticeable part of a second.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Key`] never, as long as reserve keys are of the reserve's algorithm.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let random = &mut doc::random();
    /// use sigpkg::keystore::ReserveSecret;
    ///
    /// let reserve = ReserveSecret::generate(random)?;
    /// assert_eq!(reserve.secret().reserve_key()?, reserve.key());
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn generate(mut random: &mut dyn CryptoRng) -> Result<Self, KeyStoreError> {
        let secret = SecretKey::generate(Algorithm::Reserve, &mut random);
        let public = secret.reserve_key().map_err(|error| KeyStoreError::Key { error })?;
        Ok(Self { secret, public })
    }

    /// Opens the secret file of its holder. `passphrase` is asked for if the file needs one. It takes a noticeable part of a
    /// second.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::Io`] if the file cannot be read.
    /// - [`KeyStoreError::NotReserve`] if it holds something else.
    /// - [`KeyStoreError::Secret`] if the passphrase is another one, or the file is damaged.
    /// - `E` if there is no passphrase.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let link_key = machine.store()?.folder().join("2.key");
    /// use sigpkg::keystore::{KeyStoreError, ReserveSecret};
    ///
    /// let opened = ReserveSecret::open(&link_key, || Err(KeyStoreError::ChainFull));
    /// assert!(matches!(opened, Err(KeyStoreError::NotReserve { .. })), "it holds the key of a statement");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn open<E: From<KeyStoreError>>(
        path: &Path,
        passphrase: impl FnOnce() -> Result<Zeroizing<String>, E>,
    ) -> Result<Self, E> {
        let in_file = |error| KeyStoreError::Secret { path: path.to_owned(), error };
        let text = files::read_anywhere(path)?;
        let file = SecretFile::parse(&text).map_err(in_file)?;
        if file.kind() != Kind::Reserve {
            return Err(KeyStoreError::NotReserve { path: path.to_owned(), found: file.kind() }.into());
        }
        let passphrase = if file.is_encrypted() { Some(passphrase()?) } else { None };
        let opened = file.open(passphrase.as_ref().map(|passphrase| passphrase.as_bytes())).map_err(in_file)?;
        let not_reserve = |found| KeyStoreError::NotReserve { path: path.to_owned(), found };
        let Secret::Key(secret) = opened else { return Err(not_reserve(Kind::Seed).into()) };
        let public = secret.reserve_key().map_err(|error| KeyStoreError::Key { error })?;
        Ok(Self { secret, public })
    }

    /// The public half.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let random = &mut doc::random();
    /// use sigpkg::keystore::ReserveSecret;
    /// use sigpkg::statement::ReserveSet;
    ///
    /// let holders = [ReserveSecret::generate(random)?, ReserveSecret::generate(random)?];
    /// let reserve = ReserveSet { threshold: 1, keys: holders.iter().map(ReserveSecret::key).collect() };
    /// assert_ne!(reserve.keys[0], reserve.keys[1]);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn key(&self) -> ReserveKey {
        self.public
    }

    /// The secret half, to sign with.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let random = &mut doc::random();
    /// use sigpkg::key::Algorithm;
    /// use sigpkg::keystore::ReserveSecret;
    ///
    /// assert_eq!(ReserveSecret::generate(random)?.secret().algorithm(), Algorithm::Reserve);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn secret(&self) -> &SecretKey {
        &self.secret
    }

    /// A reserve key that was kept elsewhere, as words on paper; `None` if it is another kind of secret.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let random = &mut doc::random();
    /// use sigpkg::keystore::ReserveSecret;
    /// use sigpkg::paper::read;
    /// use sigpkg::secret::{Kind, Seed, file::Secret, words};
    ///
    /// let reserve = ReserveSecret::generate(random)?;
    /// let key = reserve.key();
    /// let written = words::encode(&reserve.into_secret()).ok_or("a reserve key has words")?.join(" ");
    /// assert_eq!(ReserveSecret::from_paper(read(&written, Kind::Reserve)?).map(|restored| restored.key()), Some(key));
    /// assert!(ReserveSecret::from_paper(Secret::Seed(Seed::from_bytes([7; 32]))).is_none());
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn from_paper(secret: Secret) -> Option<Self> {
        let Secret::Key(secret) = secret else { return None };
        let public = secret.reserve_key().ok()?;
        Some(Self { secret, public })
    }

    /// The secret half, to be put on paper.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let random = &mut doc::random();
    /// # let today = "2026-11-21".parse()?;
    /// use sigpkg::keystore::ReserveSecret;
    /// use sigpkg::paper::Paper;
    /// use sigpkg::secret::file::Secret;
    ///
    /// let reserve = ReserveSecret::generate(random)?;
    /// let key = reserve.key();
    /// let secret = reserve.into_secret();
    /// assert!(matches!(&secret, Secret::Key(half) if half.reserve_key().is_ok_and(|public| public == key)));
    /// assert_eq!(Paper::of_reserve(&secret, today).map(|paper| paper.words().len()), Some(36));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn into_secret(self) -> Secret {
        Secret::Key(self.secret)
    }

    /// Writes it as a secret file and a public file, named after its key id, into a folder of its holder's. The folder is made
    /// if it is not there; a file that is there is never overwritten.
    ///
    /// # Errors
    ///
    /// - [`KeyStoreError::KeyExists`] if there is such a file.
    /// - [`KeyStoreError::Secret`] if there is no passphrase where one is needed.
    /// - [`KeyStoreError::Io`] if a file cannot be written.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let safe = tempfile::tempdir()?;
    /// # let random = &mut doc::random();
    /// use sigpkg::keystore::{KeyProtection, KeyStoreError, ReserveSecret};
    ///
    /// let reserve = ReserveSecret::generate(random)?;
    /// let refused = reserve.write(safe.path(), KeyProtection::Default, None, random);
    /// assert!(matches!(refused, Err(KeyStoreError::Secret { .. })), "there is no passphrase");
    /// assert_eq!(safe.path().read_dir()?.count(), 0, "and nothing was written");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn write(
        self,
        folder: &Path,
        protection: KeyProtection,
        passphrase: Option<&[u8]>,
        random: &mut dyn CryptoRng,
    ) -> Result<ReserveFile, KeyStoreError> {
        if !files::exists(folder)? {
            files::create_folder(folder)?;
        }
        let name = format!("sigpkg-reserve-{}", self.public.key_id());
        let (secret_path, public_path) = (folder.join(format!("{name}.key")), folder.join(format!("{name}.pub")));
        let comment = format!("sigpkg reserve secret key {}", self.public.key_id());
        let text: Zeroizing<String> = seal(&Secret::Key(self.secret), protection, passphrase, &comment, random)?;
        let digest = scan::digest_of(text.as_bytes()).ok_or_else(|| {
            KeyStoreError::damaged(&secret_path, "expected a key file that can be found, found another")
        })?;
        files::write_key(&secret_path, text.as_bytes())?;
        files::write_key(&public_path, self.public.to_file_text().as_bytes())?;
        failpoint::reach(Failpoint::InitReserveWritten);
        Ok(ReserveFile { key: self.public, secret_path, public_path, digest })
    }
}

fn first_seqs() -> [Seq; 3] {
    [1, 2, 3].map(|seq| Seq::new(seq).unwrap_or(Seq::FIRST))
}
