//! Beginning a chain.

use std::path::PathBuf;

use rand_core::CryptoRng;

use super::PublishError;
use crate::chain::Decided;
use crate::digest::{Digest, SignatoryId};
use crate::keystore::{FirstKeys, KeyProtection, KeyStores, Mode, NewStore, Store};
use crate::listing::folder::FolderFile;
use crate::package::Package;
use crate::release::{Draft, folder_without_release};
use crate::repository::{Change, GitSigns, Target, Workplace, Written};
use crate::statement::{ReserveSet, Seq};
use crate::time::Timestamp;

/// A chain that is to begin.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # let beginning = machine.beginning(sigpkg::keystore::Mode::Fresh)?;
/// use sigpkg::publish::{Beginning, init};
/// use sigpkg::statement::ReserveSet;
///
/// let nobody = ReserveSet { threshold: 1, keys: Vec::new() };
/// let without = Beginning { reserve: nobody, ..beginning.clone() };
/// assert!(init(&machine.workplace()?, &machine.keys, &without, &mut doc::random()).is_err());
/// assert!(init(&machine.workplace()?, &machine.keys, &beginning, &mut doc::random()).is_ok());
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Beginning<'a> {
    /// What it is about.
    pub package: Package,
    /// Who may change who signs.
    pub reserve: ReserveSet,
    /// The secret reserve key files that were made for it on this machine.
    pub reserve_files: Vec<Digest>,
    /// The folder that these were put into; an absolute path.
    pub reserve_place: Option<PathBuf>,
    /// How link keys are made.
    pub mode: Mode,
    /// How key files are protected.
    pub protection: KeyProtection,
    /// The passphrase, if they are protected by one.
    pub passphrase: Option<&'a [u8]>,
    /// The time.
    pub now: Timestamp,
}

/// A chain that has begun.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # let beginning = machine.beginning(sigpkg::keystore::Mode::Fresh)?;
/// use sigpkg::publish::init;
///
/// let begun = init(&machine.workplace()?, &machine.keys, &beginning, &mut doc::random())?;
/// assert_eq!(begun.store.chain().len(), 1);
/// assert!(begun.written.commit().is_some());
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Debug)]
pub struct Begun {
    /// Its key store.
    pub store: Store,
    /// Where `.sigpkg` was written.
    pub written: Written,
}

impl Begun {
    /// The signatory id: what people publish and compare.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// # let beginning = machine.beginning(sigpkg::keystore::Mode::Fresh)?;
    /// # let begun = sigpkg::publish::init(&machine.workplace()?, &machine.keys, &beginning, &mut doc::random())?;
    /// assert_eq!(begun.id(), begun.store.chain().id());
    /// assert!(begun.id().to_string().starts_with("sigp"));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn id(&self) -> SignatoryId {
        self.store.id()
    }
}

/// Makes the first keys, the genesis and the key store, and commits `.sigpkg`.
///
/// # Errors
///
/// - [`PublishError::FolderExists`] if there is a `.sigpkg`.
/// - [`RepositoryError::Detached`](crate::repository::RepositoryError::Detached), [`RepositoryError::InProgress`](crate::repository::RepositoryError::InProgress), [`RepositoryError::NoIdentity`](crate::repository::RepositoryError::NoIdentity) if nothing can be committed.
/// - [`PublishError::Draft`] if the reserve is none.
/// - [`PublishError::KeyStore`], [`RepositoryError::Git`](crate::repository::RepositoryError::Git), [`RepositoryError::Write`](crate::repository::RepositoryError::Write) if something cannot be written. If the store
///   is there by then, [`unfinished_init`] finds it.
///
/// # Example
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # let (folder, keys, random) = (&machine.repository, &machine.keys, &mut doc::random());
/// use sigpkg::key::ReserveKey;
/// use sigpkg::keystore::{KeyProtection, Mode};
/// use sigpkg::package::Package;
/// use sigpkg::publish::{Beginning, init};
/// use sigpkg::repository::Workplace;
/// use sigpkg::statement::ReserveSet;
///
/// let beginning = Beginning {
///     package: Package::generic("Tides")?,
///     // From `ReserveSecret::generate`; its secret half is in a safe.
///     reserve: ReserveSet { threshold: 1, keys: vec![ReserveKey::new([7; 32])] },
///     reserve_files: Vec::new(),
///     reserve_place: None,
///     mode: Mode::Fresh,
///     protection: KeyProtection::None,
///     passphrase: None,
///     now: doc::now(),
/// };
/// let begun = init(&Workplace::open(folder)?, keys, &beginning, random)?;
/// assert_eq!(keys.ids()?, [begun.id()]);
/// assert!(folder.join(".sigpkg/chain").exists() && begun.written.commit().is_some());
/// # Ok::<(), doc::Error>(())
/// ```
pub fn init(
    workplace: &Workplace,
    stores: &KeyStores,
    beginning: &Beginning<'_>,
    random: &mut dyn CryptoRng,
) -> Result<Begun, PublishError> {
    check(workplace)?;
    let store = begin(workplace, stores, beginning, random)?;
    finish(workplace, store)
}

/// Makes the first keys, the genesis and the key store, and writes nothing into the repository, whatever state that is in
/// (KEEP-30). The first statement brings the genesis along.
///
/// # Errors
///
/// - [`PublishError::SecretsInRepository`] if the key stores are in the repository.
/// - [`PublishError::Draft`] if the reserve is none.
/// - [`PublishError::KeyStore`] if the store cannot be written.
///
/// # Example
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # let beginning = machine.beginning(sigpkg::keystore::Mode::Fresh)?;
/// use sigpkg::publish::init_without_commit;
/// use sigpkg::repository::Written;
///
/// let begun = init_without_commit(&machine.workplace()?, &machine.keys, &beginning, &mut doc::random())?;
/// assert_eq!(begun.written, Written::Deferred);
/// assert!(!machine.repository.join(".sigpkg").exists());
/// # Ok::<(), doc::Error>(())
/// ```
pub fn init_without_commit(
    workplace: &Workplace,
    stores: &KeyStores,
    beginning: &Beginning<'_>,
    random: &mut dyn CryptoRng,
) -> Result<Begun, PublishError> {
    Ok(Begun { store: begin(workplace, stores, beginning, random)?, written: Written::Deferred })
}

/// The store of a chain for this package that was begun in this folder, and has nothing but its genesis.
///
/// # Errors
///
/// - [`PublishError::KeyStore`] if a store cannot be read.
///
/// # Example
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun()?;
/// # let package = machine.store()?.chain().package().clone();
/// use sigpkg::publish::begun_here;
///
/// assert!(begun_here(&machine.workplace()?, &machine.keys, &package)?.is_some());
/// machine.release("1.0.0")?;
/// assert!(begun_here(&machine.workplace()?, &machine.keys, &package)?.is_none());
/// # Ok::<(), doc::Error>(())
/// ```
pub fn begun_here(workplace: &Workplace, stores: &KeyStores, package: &Package) -> Result<Option<Begun>, PublishError> {
    let store = stores.of_package(package)?.into_iter().find(|store| {
        store.settings().repository.as_deref() == Some(workplace.directory())
            && store.chain().belief(&Decided::stranger()).head().seq() == Seq::FIRST
    });
    Ok(store.map(|store| Begun { store, written: Written::Deferred }))
}

fn begin(
    workplace: &Workplace,
    stores: &KeyStores,
    beginning: &Beginning<'_>,
    random: &mut dyn CryptoRng,
) -> Result<Store, PublishError> {
    if workplace.holds(stores.home()) {
        return Err(PublishError::SecretsInRepository { path: stores.home().to_owned() });
    }
    let keys = FirstKeys::generate(beginning.mode, random)?;
    let draft = Draft::genesis(
        beginning.package.clone(),
        beginning.reserve.clone(),
        keys.this().link_key().map_err(|error| crate::keystore::KeyStoreError::Key { error })?,
        keys.look_ahead()?,
        beginning.now,
    )?;
    let signed = draft.sign(keys.this())?;
    let new = NewStore {
        reserve_files: beginning.reserve_files.clone(),
        reserve_place: beginning.reserve_place.clone(),
        protection: beginning.protection,
        passphrase: beginning.passphrase,
        now: beginning.now,
        repository: workplace.directory().to_owned(),
    };
    Ok(stores.create(signed.record(), keys, &new, random)?)
}

/// The store of an [`init`] of this package here that was interrupted before `.sigpkg` was committed, if there is one.
/// [`UnfinishedInit::finish`] commits it.
///
/// # Errors
///
/// - As [`init`] for the state of the repository.
/// - [`PublishError::KeyStore`] if a store cannot be read.
///
/// # Example
///
/// As a crash would leave it: the store is made, and nothing is committed.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # let beginning = machine.beginning(sigpkg::keystore::Mode::Fresh)?;
/// # let (workplace, package) = (machine.workplace()?, beginning.package.clone());
/// # sigpkg::publish::init_without_commit(&workplace, &machine.keys, &beginning, &mut doc::random())?;
/// use sigpkg::publish::unfinished_init;
///
/// let unfinished = unfinished_init(&workplace, &machine.keys, &package)?.ok_or("there is nothing to finish")?;
/// let begun = unfinished.finish(&workplace)?;
/// assert!(begun.written.commit().is_some());
/// # Ok::<(), doc::Error>(())
/// ```
pub fn unfinished_init(
    workplace: &Workplace,
    stores: &KeyStores,
    package: &Package,
) -> Result<Option<UnfinishedInit>, PublishError> {
    let store = begun_here(workplace, stores, package)?.map(|begun| begun.store);
    let Some(store) = store else { return check(workplace).map(|()| None) };
    let chain = store.chain().to_file().into_bytes();
    let is_in_worktree = workplace.worktree_blob(FolderFile::Chain) == Some(chain);
    if is_committed(workplace, &store)? && !is_in_worktree {
        return Ok(Some(UnfinishedInit(store)));
    }
    check(workplace)?;
    Ok(Some(UnfinishedInit(store)))
}

/// Whether the commit at HEAD has the genesis of this store.
fn is_committed(workplace: &Workplace, store: &Store) -> Result<bool, PublishError> {
    let Some(commit) = workplace.head()?.commit else { return Ok(false) };
    let chain = workplace.folder_blob(commit, FolderFile::Chain)?;
    Ok(chain.is_some_and(|chain| chain == store.chain().to_file().as_bytes()))
}

/// A key store that was made, and whose genesis was not committed.
///
/// A crash came after the key store was made, and before anything was committed:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun()?;
/// # let repository = git2::Repository::open(&machine.repository)?;
/// # let parent = repository.revparse_single("HEAD~1")?;
/// # repository.reset(&parent, git2::ResetType::Hard, None)?;
/// # let package = sigpkg::package::Package::generic("Tides")?;
/// use sigpkg::publish::unfinished_init;
///
/// let unfinished = unfinished_init(&machine.workplace()?, &machine.keys, &package)?.ok_or("it is finished")?;
/// let begun = unfinished.finish(&machine.workplace()?)?;
/// assert!(machine.repository.join(".sigpkg/chain").exists());
/// assert!(begun.written.commit().is_some());
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Debug)]
pub struct UnfinishedInit(Store);

impl UnfinishedInit {
    /// The store.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let repository = git2::Repository::open(&machine.repository)?;
    /// # let parent = repository.revparse_single("HEAD~1")?;
    /// # repository.reset(&parent, git2::ResetType::Hard, None)?;
    /// # let package = sigpkg::package::Package::generic("Tides")?;
    /// use sigpkg::publish::unfinished_init;
    ///
    /// let unfinished = unfinished_init(&machine.workplace()?, &machine.keys, &package)?.ok_or("it is finished")?;
    /// assert_eq!(unfinished.store().id(), machine.id()?);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn store(&self) -> &Store {
        &self.0
    }

    /// Commits `.sigpkg`.
    ///
    /// # Errors
    ///
    /// - [`RepositoryError::Git`](crate::repository::RepositoryError::Git), [`RepositoryError::Write`](crate::repository::RepositoryError::Write) if something cannot be written.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let repository = git2::Repository::open(&machine.repository)?;
    /// # let parent = repository.revparse_single("HEAD~1")?;
    /// # repository.reset(&parent, git2::ResetType::Hard, None)?;
    /// # let package = sigpkg::package::Package::generic("Tides")?;
    /// use sigpkg::publish::unfinished_init;
    ///
    /// let unfinished = unfinished_init(&machine.workplace()?, &machine.keys, &package)?.ok_or("it is finished")?;
    /// assert!(unfinished.finish(&machine.workplace()?)?.written.commit().is_some());
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn finish(self, workplace: &Workplace) -> Result<Begun, PublishError> {
        finish(workplace, self.0)
    }
}

/// What stands against beginning a chain here.
fn check(workplace: &Workplace) -> Result<(), PublishError> {
    workplace.check_state()?;
    workplace.check_identity()?;
    // If git signs commits, it has to be there.
    workplace.is_signed_by_git(GitSigns::Commit)?;
    let head = workplace.head()?;
    if let Some(commit) = head.commit
        && workplace.has_folder(commit)?
    {
        return Err(PublishError::FolderExists { place: format!("in commit {commit}") });
    }
    if workplace.has_worktree_folder() {
        return Err(PublishError::FolderExists { place: "in the worktree".to_owned() });
    }
    Ok(())
}

fn finish(workplace: &Workplace, store: Store) -> Result<Begun, PublishError> {
    let head = workplace.head()?;
    let folder = folder_without_release(store.chain());
    if let Some(commit) = head.commit
        && is_committed(workplace, &store)?
    {
        workplace.bring_after(&folder)?;
        return Ok(Begun { store, written: Written::Commit { commit: commit.to_string(), branch: head.branch } });
    }
    let message = format!("sigpkg: begin signing {}", store.chain().package().name());
    let written = workplace.commit(&Change {
        folder: &folder,
        base: head.commit,
        branch: &head.branch,
        target: Target::Branch,
        message: &message,
        aside: &workplace.aside_branch(store.chain().package().name(), Seq::FIRST),
    })?;
    Ok(Begun { store, written })
}
