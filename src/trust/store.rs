//! The trust store: a folder of plain chain files and small TOML files.
//!
//! ```text
//! <home>/lock
//! <home>/distrust-ed25519.toml                whether Ed25519 is distrusted for every id
//! <home>/<ecosystem>/<name>/<id>/chain        every record ever admitted
//! <home>/<ecosystem>/<name>/<id>/trust.toml   the decisions; without it the id is not trusted
//! ```
//!
//! A chain without `trust.toml` is history: of an id that was trusted once, or was about to be when the process was
//! killed. Nothing is believed because of it.
//!
//! Each file is written beside its place, made durable, and then renamed, so that a reader, who takes no lock, sees
//! one state or the next, and so does whoever comes after a kill or a power cut. Writers take turns by the lock, and
//! read again what is there before they add to it: records are only ever added.
//!
//! The texts in the store are trusted, because only admitted records get there. What can be computed from them is
//! computed, and never taken from `trust.toml`.

mod disk;
mod distrust;
mod each;
mod error;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

pub use self::error::TrustError;

use self::disk::{create_folders, folder_names, is_one_component, is_there, read, replace, sync_folder};
use super::{Acceptance, Change, Grade, ReservePolicy, Trusted, file};
use crate::chain::{Chain, Decided, MAX_CHAIN_BYTES, Vouchers};
use crate::digest::{Digest, SignatoryId, TreeHash};
use crate::package::{EcosystemName, Package};
use crate::signature::Scheme;
use crate::statement::Cause;
use crate::time::Timestamp;

/// The file with the records.
const CHAIN: &str = "chain";
/// The file with the decisions. An id is trusted if and only if it is there.
const TRUST: &str = "trust.toml";
/// The file whose lock orders the writers. It is always empty.
const LOCK: &str = "lock";

/// Largest `trust.toml` in bytes: ten thousand acceptances.
const MAX_TRUST_BYTES: u64 = 1 << 20;

/// A user's folder of trusted chains.
///
/// First trust, and an upgrade of what is known:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let folder = tempfile::tempdir()?;
/// # let home = folder.path().join("trust");
/// # let (chain, newer) = (doc::chain(&["chain-1", "chain-2"])?, doc::chain(&["chain-1", "chain-2", "chain-3"])?);
/// use sigpkg::trust::{Grade, TrustStore};
///
/// let store = TrustStore::open(home);
/// store.add(&chain, Grade::Seen, doc::now())?;
/// let update = store.update(&newer, doc::now())?;
/// assert_eq!(update.new_records, 1);
/// assert_eq!(store.list()?.len(), 1);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct TrustStore {
    home: PathBuf,
}

/// What changed in one entry.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let folder = tempfile::tempdir()?;
/// # let store = sigpkg::trust::TrustStore::open(folder.path());
/// # store.add(&doc::chain(&["chain-1", "chain-2"])?, sigpkg::trust::Grade::Seen, doc::now())?;
/// # let newer = doc::chain(&["chain-1", "chain-2", "chain-3"])?;
/// let update = store.update(&newer, doc::now())?;
/// let (before, after) = (update.before.belief().head().seq(), update.after.belief().head().seq());
/// assert_eq!((before.get(), after.get()), (2, 3));
/// assert!(update.change().moves_head());
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Update {
    /// How many records were new.
    pub new_records: usize,
    /// What was known and decided before.
    pub before: Trusted,
    /// What is known and decided now.
    pub after: Trusted,
}

impl Update {
    /// What it means for the user.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let folder = tempfile::tempdir()?;
    /// # let store = sigpkg::trust::TrustStore::open(folder.path());
    /// # store.add(&doc::chain(&["chain-1"])?, sigpkg::trust::Grade::Seen, doc::now())?;
    /// # let newer = doc::chain(&["chain-1", "chain-2"])?;
    /// let update = store.update(&newer, doc::now())?;
    /// assert_eq!(update.change().new[0].seq().get(), 2);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn change(&self) -> Change<'_> {
        Change::between(&self.before, &self.after)
    }
}

impl TrustStore {
    /// The store in this folder. It need not exist: a store that was never written to is empty.
    ///
    /// ```
    /// use sigpkg::trust::TrustStore;
    ///
    /// let store = TrustStore::open("/nowhere/sigpkg/trust");
    /// assert!(store.list()?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(home: impl Into<PathBuf>) -> Self {
        Self { home: home.into() }
    }

    /// Where the store is.
    ///
    /// ```
    /// use std::path::Path;
    ///
    /// use sigpkg::trust::TrustStore;
    ///
    /// assert_eq!(TrustStore::open("/home/ada/trust").home(), Path::new("/home/ada/trust"));
    /// ```
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Every trusted signatory, by ecosystem, name and id.
    ///
    /// # Errors
    ///
    /// - [`TrustError::Read`], [`TrustError::Damaged`] and [`TrustError::DamagedChain`].
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let folder = tempfile::tempdir()?;
    /// # let store = sigpkg::trust::TrustStore::open(folder.path());
    /// # store.add(&doc::chain(&["chain-1"])?, sigpkg::trust::Grade::Seen, doc::now())?;
    /// # store.add(&doc::chain(&["chain-generic-1"])?, sigpkg::trust::Grade::Seen, doc::now())?;
    /// let names: Vec<_> = store.list()?.iter().map(|trusted| trusted.package().name().to_string()).collect();
    /// # let mut names = names; names.sort();
    /// assert_eq!(names, ["Example", "example-tool"]);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn list(&self) -> Result<Vec<Trusted>, TrustError> {
        let mut all = Vec::new();
        for folder in self.folders_of_names()? {
            all.extend(self.in_folder(&folder)?);
        }
        all.sort_by(|left, right| (left.package(), left.id()).cmp(&(right.package(), right.id())));
        Ok(all)
    }

    /// The trusted signatories of packages with this name, in every ecosystem and with any UUID.
    ///
    /// # Errors
    ///
    /// As [`TrustStore::list`].
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let folder = tempfile::tempdir()?;
    /// # let store = sigpkg::trust::TrustStore::open(folder.path());
    /// # store.add(&doc::chain(&["chain-1"])?, sigpkg::trust::Grade::Seen, doc::now())?;
    /// assert_eq!(store.named("Example")?.len(), 1);
    /// assert!(store.named("example")?.is_empty());
    /// assert!(store.named("../Example")?.is_empty(), "it is no name");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn named(&self, name: &str) -> Result<Vec<Trusted>, TrustError> {
        if !is_one_component(name) {
            return Ok(Vec::new());
        }
        let mut named = Vec::new();
        for ecosystem in EcosystemName::ALL {
            named.extend(self.in_folder(&self.home.join(ecosystem.as_str()).join(name))?);
        }
        // A file system that folds case finds `Example` for `example`.
        named.retain(|trusted| trusted.package().name().as_str() == name);
        Ok(named)
    }

    /// The trusted signatories of this package.
    ///
    /// # Errors
    ///
    /// As [`TrustStore::list`].
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let folder = tempfile::tempdir()?;
    /// # let store = sigpkg::trust::TrustStore::open(folder.path());
    /// # let chain = doc::chain(&["chain-1"])?;
    /// use sigpkg::trust::Grade;
    ///
    /// assert!(store.trusted_for(chain.package())?.is_empty());
    /// store.add(&chain, Grade::Seen, doc::now())?;
    /// assert_eq!(store.trusted_for(chain.package())?[0].id(), chain.id());
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn trusted_for(&self, package: &Package) -> Result<Vec<Trusted>, TrustError> {
        let mut named = self.named(package.name().as_str())?;
        named.retain(|trusted| trusted.package() == package);
        Ok(named)
    }

    /// The trusted signatory with this id.
    ///
    /// # Errors
    ///
    /// As [`TrustStore::list`].
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let folder = tempfile::tempdir()?;
    /// # let store = sigpkg::trust::TrustStore::open(folder.path());
    /// # let chain = doc::chain(&["chain-1"])?;
    /// # let id = chain.id();
    /// assert!(store.find(id)?.is_none());
    /// store.add(&chain, sigpkg::trust::Grade::Confirmed, doc::now())?;
    /// assert!(store.find(id)?.is_some());
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn find(&self, id: SignatoryId) -> Result<Option<Trusted>, TrustError> {
        // Before the entry: whoever distrusts Ed25519 writes the entries first.
        let is_distrusted = self.distrusts_ed25519()?.is_some();
        match self.folder_with(id, TRUST)? {
            Some(folder) => load(&folder, id, is_distrusted),
            None => Ok(None),
        }
    }

    /// The trusted signatory whose chain has this statement. A statement names its signatory, so there is at most one.
    ///
    /// # Errors
    ///
    /// As [`TrustStore::list`].
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let folder = tempfile::tempdir()?;
    /// # let store = sigpkg::trust::TrustStore::open(folder.path());
    /// # let chain = doc::chain(&["chain-1", "chain-2"])?;
    /// # store.add(&chain, sigpkg::trust::Grade::Seen, doc::now())?;
    /// # let digest = doc::record("chain-2")?.digest();
    /// let trusted = store.with_statement(digest)?.ok_or("no chain has it")?;
    /// assert_eq!(trusted.id(), chain.id());
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn with_statement(&self, digest: Digest) -> Result<Option<Trusted>, TrustError> {
        Ok(self.list()?.into_iter().find(|trusted| trusted.chain().find(digest).is_some()))
    }

    /// The chains that are kept as history: those of signatories who are not trusted, by package and id (VER-49).
    ///
    /// # Errors
    ///
    /// - [`TrustError::Read`] and [`TrustError::DamagedChain`].
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let folder = tempfile::tempdir()?;
    /// # let store = sigpkg::trust::TrustStore::open(folder.path());
    /// # let chain = doc::chain(&["chain-1", "chain-2"])?;
    /// # store.add(&chain, sigpkg::trust::Grade::Seen, doc::now())?;
    /// assert!(store.history()?.is_empty());
    /// store.remove(chain.id())?;
    /// assert_eq!(store.history()?[0].len(), 2, "what was seen stays known");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn history(&self) -> Result<Vec<Chain>, TrustError> {
        let mut kept = Vec::new();
        for folder in self.folders_of_names()? {
            for name in folder_names(&folder)? {
                let entry = folder.join(&name);
                if let Ok(id) = name.parse()
                    && !is_there(&entry.join(TRUST))
                {
                    kept.extend(load_chain(&entry, id)?);
                }
            }
        }
        kept.sort_by(|left, right| (left.package(), left.id()).cmp(&(right.package(), right.id())));
        Ok(kept)
    }

    /// The ids that the store has, of signatories who are trusted or once were. No chain is read, so it is quick in a store of thousands.
    ///
    /// # Errors
    ///
    /// - [`TrustError::Read`].
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let home = tempfile::tempdir()?;
    /// assert!(sigpkg::trust::TrustStore::open(home.path()).ids()?.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn ids(&self) -> Result<Vec<SignatoryId>, TrustError> {
        let mut ids = Vec::new();
        for folder in self.folders_of_names()? {
            ids.extend(folder_names(&folder)?.iter().filter_map(|name| name.parse::<SignatoryId>().ok()));
        }
        ids.sort_unstable();
        Ok(ids)
    }

    /// The chain of a signatory who is not trusted, as far as it was kept as history.
    ///
    /// # Errors
    ///
    /// As [`TrustStore::history`].
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let folder = tempfile::tempdir()?;
    /// # let store = sigpkg::trust::TrustStore::open(folder.path());
    /// # let chain = doc::chain(&["chain-1", "chain-2"])?;
    /// # store.add(&chain, sigpkg::trust::Grade::Seen, doc::now())?;
    /// store.remove(chain.id())?;
    /// assert!(store.kept(chain.id())?.is_some());
    /// store.forget(chain.id())?;
    /// assert!(store.kept(chain.id())?.is_none());
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn kept(&self, id: SignatoryId) -> Result<Option<Chain>, TrustError> {
        match self.folder_with(id, CHAIN)? {
            Some(folder) if !is_there(&folder.join(TRUST)) => load_chain(&folder, id),
            Some(_) | None => Ok(None),
        }
    }

    /// Trusts the signatory of a chain that was admitted: first trust, which accepts the head (VER-31, VER-33). If the id is
    /// trusted already, the records are added and the grade may rise; nothing is accepted then.
    ///
    /// No statement may have vouched in the admission of the chain that the user does not accept by this:
    /// [`TrustStore::would_trust`] sees to it.
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
    /// # let chain = doc::chain(&["chain-1", "chain-2"])?;
    /// use sigpkg::trust::Grade;
    ///
    /// let trusted = store.add(&chain, Grade::Seen, doc::now())?;
    /// assert_eq!(trusted.decisions().accepted, [trusted.belief().head().digest()]);
    /// let compared = store.add(&chain, Grade::Confirmed, doc::now())?;
    /// assert_eq!(compared.decisions().grade, Grade::Confirmed);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn add(&self, chain: &Chain, grade: Grade, now: Timestamp) -> Result<Trusted, TrustError> {
        self.add_if(chain, grade, now, |_| true)
    }

    /// What it would be to trust the signatory of a chain file: the chain, together with what is kept of it, and the decisions
    /// that [`TrustStore::add_as_shown`] makes. Nothing is written.
    ///
    /// In the admission of a first trust, the reserve statements that it accepts vouch (CHN-22, VER-33); otherwise those that
    /// were accepted before.
    ///
    /// # Errors
    ///
    /// As [`TrustStore::list`].
    ///
    /// - [`TrustError::Chain`] if the file is not admitted under this id.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let folder = tempfile::tempdir()?;
    /// # let store = sigpkg::trust::TrustStore::open(folder.path());
    /// # let file = doc::chain_file(&["chain-1", "chain-2"])?;
    /// # let id = doc::chain(&["chain-1"])?.id();
    /// use sigpkg::signature::Standard;
    /// use sigpkg::trust::Grade;
    ///
    /// let shown = store.would_trust(&file, id, Grade::Confirmed, doc::now(), &Standard)?;
    /// assert_eq!(shown.belief().head().seq().get(), 2);
    /// assert!(store.list()?.is_empty(), "nothing is decided yet");
    /// store.add_as_shown(&shown, Grade::Confirmed, doc::now())?;
    /// assert_eq!(store.list()?.len(), 1);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn would_trust(
        &self,
        file: &[u8],
        id: SignatoryId,
        grade: Grade,
        now: Timestamp,
        scheme: &dyn Scheme,
    ) -> Result<Trusted, TrustError> {
        let preview = |chain: &Chain| self.added(&self.folder_of(chain.package(), id), chain, grade, now);
        if let Some(known) = self.find(id)? {
            return preview(&Chain::admit_beside(file, known.chain(), known.vouchers(), scheme)?);
        }
        let kept = self.kept(id)?;
        let admit = |vouchers: Vouchers<'_>| match &kept {
            Some(kept) => Chain::admit_beside(file, kept, vouchers, scheme),
            None => Chain::admit_vouched(file, id, vouchers, scheme),
        };
        let chain = admit(Vouchers::FirstTrust)?;
        let trusted = preview(&chain)?;
        // What is kept may contest what the file shows, and then less is accepted than has vouched.
        let accepted = trusted.decisions().vouchers.clone();
        let vouching = chain.belief(&Decided::stranger());
        let all_accepted = vouching
            .line()
            .filter(|link| link.statement().reserve_change().is_some_and(|change| change.cause == Cause::Algorithm))
            .all(|link| accepted.contains(&link.digest()));
        if all_accepted { Ok(trusted) } else { preview(&admit(Vouchers::Accepted(&accepted))?) }
    }

    /// Like [`TrustStore::add`], if that makes of the chain what [`TrustStore::would_trust`] has shown: the same head.
    ///
    /// # Errors
    ///
    /// As [`TrustStore::add`].
    ///
    /// - [`TrustError::Changed`] if records have come since that move the head; nothing is decided then.
    ///
    /// # Example
    ///
    /// Records that came after the question was asked contest its answer, so nothing is decided:
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let folder = tempfile::tempdir()?;
    /// # let store = sigpkg::trust::TrustStore::open(folder.path());
    /// # let file = doc::chain_file(&["fork-1", "fork-2", "fork-3"])?;
    /// # let rival = doc::chain(&["fork-1", "fork-2", "fork-rival-3"])?;
    /// # let id = rival.id();
    /// use sigpkg::signature::Standard;
    /// use sigpkg::trust::{Grade, TrustError};
    ///
    /// let shown = store.would_trust(&file, id, Grade::Confirmed, doc::now(), &Standard)?;
    /// store.add(&rival, Grade::Seen, doc::now())?;
    /// store.remove(id)?;
    /// let refused = store.add_as_shown(&shown, Grade::Confirmed, doc::now());
    /// assert!(matches!(refused, Err(TrustError::Changed { .. })));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn add_as_shown(&self, shown: &Trusted, grade: Grade, now: Timestamp) -> Result<Trusted, TrustError> {
        let head = shown.belief().head().digest();
        self.add_if(shown.chain(), grade, now, |trusted| trusted.belief().head().digest() == head)
    }

    fn add_if(
        &self,
        chain: &Chain,
        grade: Grade,
        now: Timestamp,
        is_as_shown: impl FnOnce(&Trusted) -> bool,
    ) -> Result<Trusted, TrustError> {
        let folder = self.folder_of(chain.package(), chain.id());
        create_folders(&self.home)?;
        let _turn = self.lock()?;
        let trusted = self.added(&folder, chain, grade, now)?;
        if !is_as_shown(&trusted) {
            return Err(TrustError::Changed { id: chain.id() });
        }
        create_folders(&folder)?;
        // The chain first: without `trust.toml` it means nothing, and the acceptance names a statement in it.
        store_chain(&folder, &trusted)?;
        store_decisions(&folder, &trusted)?;
        Ok(trusted)
    }

    fn added(&self, folder: &Path, chain: &Chain, grade: Grade, now: Timestamp) -> Result<Trusted, TrustError> {
        let is_distrusted = self.distrusts_ed25519()?.is_some();
        if let Some(mut trusted) = load(folder, chain.id(), is_distrusted)? {
            trusted.learn(chain, now)?;
            trusted.raise_grade(grade);
            return Ok(trusted);
        }
        let chain = with_kept(chain, folder)?;
        Ok(if is_distrusted {
            Trusted::first_in_distrust(chain, grade, now)
        } else {
            Trusted::first(chain, grade, now)
        })
    }

    /// Adds the records of a chain that was admitted to those of a trusted signatory (VER-30). No decision changes.
    ///
    /// # Errors
    ///
    /// As [`TrustStore::list`], and [`TrustError::Write`].
    ///
    /// - [`TrustError::NotTrusted`] if the id is not trusted; nothing is written then.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let folder = tempfile::tempdir()?;
    /// # let store = sigpkg::trust::TrustStore::open(folder.path());
    /// # let chain = doc::chain(&["chain-1", "chain-2"])?;
    /// use sigpkg::trust::{Grade, TrustError};
    ///
    /// assert!(matches!(store.update(&chain, doc::now()), Err(TrustError::NotTrusted { .. })));
    /// store.add(&chain, Grade::Seen, doc::now())?;
    /// assert_eq!(store.update(&chain, doc::now())?.new_records, 0);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn update(&self, chain: &Chain, now: Timestamp) -> Result<Update, TrustError> {
        self.change(chain.id(), |trusted| {
            trusted.learn(chain, now)?;
            Ok(())
        })
    }

    /// What it would be to accept a statement. Nothing is written.
    ///
    /// # Errors
    ///
    /// As [`TrustStore::list`].
    ///
    /// - [`TrustError::NotTrusted`] if the id is not trusted.
    /// - [`TrustError::Accept`] if the statement cannot be accepted, see [`Acceptance::of`].
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let folder = tempfile::tempdir()?;
    /// # let store = sigpkg::trust::TrustStore::open(folder.path());
    /// # let fork = doc::chain(&["fork-1", "fork-2", "fork-3", "fork-rival-3"])?;
    /// # let (id, rival) = (fork.id(), doc::record("fork-rival-3")?.digest());
    /// store.add(&fork, sigpkg::trust::Grade::Seen, doc::now())?;
    /// let shown = store.would_accept(id, rival, doc::now())?;
    /// assert!(shown.change().moves_head());
    /// let trusted = store.accept_as_shown(&shown)?;
    /// assert_eq!(trusted.belief().head().digest(), rival);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn would_accept(&self, id: SignatoryId, digest: Digest, now: Timestamp) -> Result<Acceptance, TrustError> {
        let trusted = self.find(id)?.ok_or(TrustError::NotTrusted { id })?;
        Ok(Acceptance::of(trusted, digest, now)?)
    }

    /// Accepts a statement (BEL-2).
    ///
    /// # Errors
    ///
    /// As [`TrustStore::would_accept`], and [`TrustError::Write`]; nothing is written then.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let folder = tempfile::tempdir()?;
    /// # let store = sigpkg::trust::TrustStore::open(folder.path());
    /// # let fork = doc::chain(&["fork-1", "fork-2", "fork-3", "fork-rival-3"])?;
    /// # let (id, rival) = (fork.id(), doc::record("fork-rival-3")?.digest());
    /// store.add(&fork, sigpkg::trust::Grade::Seen, doc::now())?;
    /// assert!(store.find(id)?.is_some_and(|trusted| trusted.belief().contest().is_some()));
    /// let trusted = store.accept(id, rival, doc::now())?;
    /// assert_eq!(trusted.belief().head().digest(), rival);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn accept(&self, id: SignatoryId, digest: Digest, now: Timestamp) -> Result<Trusted, TrustError> {
        let update = self.change(id, |trusted| {
            *trusted = Acceptance::of(trusted.clone(), digest, now)?.into_after();
            Ok(())
        })?;
        Ok(update.after)
    }

    /// Accepts what was shown (VER-47), if it is still so.
    ///
    /// # Errors
    ///
    /// As [`TrustStore::update`].
    ///
    /// - [`TrustError::Changed`] if records or decisions have come since; nothing is written then.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let folder = tempfile::tempdir()?;
    /// # let store = sigpkg::trust::TrustStore::open(folder.path());
    /// # let fork = doc::chain(&["fork-1", "fork-2", "fork-3", "fork-rival-3"])?;
    /// # let id = fork.id();
    /// # let (one, rival) = (doc::record("fork-3")?.digest(), doc::record("fork-rival-3")?.digest());
    /// # store.add(&fork, sigpkg::trust::Grade::Seen, doc::now())?;
    /// use sigpkg::trust::TrustError;
    ///
    /// let shown = store.would_accept(id, rival, doc::now())?;
    /// store.accept(id, one, doc::now())?;
    /// assert!(matches!(store.accept_as_shown(&shown), Err(TrustError::Changed { .. })));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn accept_as_shown(&self, shown: &Acceptance) -> Result<Trusted, TrustError> {
        let (before, after) = (shown.before(), shown.after());
        let update = self.change(before.id(), |trusted| {
            // Records are only ever added, so as many are the same ones.
            if trusted.decisions != before.decisions || trusted.chain.len() != before.chain.len() {
                return Err(TrustError::Changed { id: before.id() });
            }
            trusted.clone_from(after);
            Ok(())
        })?;
        Ok(update.after)
    }

    /// Says what to do about reserve records of a signatory.
    ///
    /// # Errors
    ///
    /// As [`TrustStore::update`].
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let folder = tempfile::tempdir()?;
    /// # let store = sigpkg::trust::TrustStore::open(folder.path());
    /// # let chain = doc::chain(&["reserve-1", "reserve-2"])?;
    /// # let newer = doc::chain(&["reserve-1", "reserve-2", "reserve-3"])?;
    /// # let id = chain.id();
    /// # store.add(&chain, sigpkg::trust::Grade::Seen, doc::now())?;
    /// use sigpkg::trust::ReservePolicy;
    ///
    /// assert_eq!(store.update(&newer, doc::now())?.after.belief().head().seq().get(), 2);
    /// let update = store.set_policy(id, ReservePolicy::Accept, doc::now())?;
    /// assert_eq!(update.after.belief().head().seq().get(), 3);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn set_policy(&self, id: SignatoryId, policy: ReservePolicy, now: Timestamp) -> Result<Update, TrustError> {
        self.change(id, |trusted| {
            trusted.decide(now, |decisions| decisions.reserve = policy);
            Ok(())
        })
    }

    /// Says whether a signatory has stopped signing its package (VER-2, VER-43).
    ///
    /// # Errors
    ///
    /// As [`TrustStore::update`].
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let folder = tempfile::tempdir()?;
    /// # let store = sigpkg::trust::TrustStore::open(folder.path());
    /// # let chain = doc::chain(&["chain-1"])?;
    /// # let id = chain.id();
    /// # store.add(&chain, sigpkg::trust::Grade::Seen, doc::now())?;
    /// assert!(store.set_ended(id, true)?.after.decisions().ended);
    /// assert!(!store.set_ended(id, false)?.after.decisions().ended);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn set_ended(&self, id: SignatoryId, ended: bool) -> Result<Update, TrustError> {
        self.change(id, |trusted| {
            trusted.decisions.ended = ended;
            Ok(())
        })
    }

    /// Records the tree hashes of unsigned versions from before the chain began (PRJ-10), beside those that are recorded
    /// already.
    ///
    /// # Errors
    ///
    /// As [`TrustStore::update`].
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let folder = tempfile::tempdir()?;
    /// # let store = sigpkg::trust::TrustStore::open(folder.path());
    /// # let chain = doc::chain(&["chain-1"])?;
    /// # let id = chain.id();
    /// # store.add(&chain, sigpkg::trust::Grade::Seen, doc::now())?;
    /// use sigpkg::digest::TreeHash;
    ///
    /// let tree = TreeHash::from_bytes([1; 20]);
    /// let update = store.record_before_signing(id, &[tree, tree])?;
    /// assert_eq!(update.after.decisions().before_signing, [tree]);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn record_before_signing(&self, id: SignatoryId, trees: &[TreeHash]) -> Result<Update, TrustError> {
        self.change(id, |trusted| {
            let recorded = &mut trusted.decisions.before_signing;
            recorded.extend_from_slice(trees);
            recorded.sort_unstable();
            recorded.dedup();
            Ok(())
        })
    }

    /// Trusts a signatory no longer. Its records are kept as history (VER-49); the decisions about it are not.
    ///
    /// # Errors
    ///
    /// - [`TrustError::Read`], [`TrustError::Write`].
    /// - [`TrustError::NotTrusted`] if the id is not trusted.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let folder = tempfile::tempdir()?;
    /// # let store = sigpkg::trust::TrustStore::open(folder.path());
    /// # let chain = doc::chain(&["chain-1"])?;
    /// # let id = chain.id();
    /// # store.add(&chain, sigpkg::trust::Grade::Seen, doc::now())?;
    /// use sigpkg::trust::TrustError;
    ///
    /// store.remove(id)?;
    /// assert!(store.find(id)?.is_none());
    /// assert!(matches!(store.remove(id), Err(TrustError::NotTrusted { .. })));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn remove(&self, id: SignatoryId) -> Result<(), TrustError> {
        let folder = self.folder_with(id, TRUST)?.ok_or(TrustError::NotTrusted { id })?;
        let _turn = self.lock()?;
        disk::remove(&folder.join(TRUST))
    }

    /// Removes everything that is known of a signatory, trusted or not: its records are history no longer.
    ///
    /// # Errors
    ///
    /// - [`TrustError::Read`], [`TrustError::Write`].
    /// - [`TrustError::NotTrusted`] if nothing is known of the id.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let folder = tempfile::tempdir()?;
    /// # let store = sigpkg::trust::TrustStore::open(folder.path());
    /// # let chain = doc::chain(&["chain-1"])?;
    /// # store.add(&chain, sigpkg::trust::Grade::Seen, doc::now())?;
    /// store.forget(chain.id())?;
    /// assert!(store.list()?.is_empty() && store.history()?.is_empty());
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn forget(&self, id: SignatoryId) -> Result<(), TrustError> {
        let folder = match self.folder_with(id, TRUST)? {
            Some(folder) => Some(folder),
            None => self.folder_with(id, CHAIN)?,
        };
        let folder = folder.ok_or(TrustError::NotTrusted { id })?;
        let _turn = self.lock()?;
        // The decision first: without it the rest means nothing, whenever the process is killed.
        disk::remove(&folder.join(TRUST))?;
        fs::remove_dir_all(&folder).map_err(|source| TrustError::Write { path: folder.clone(), source })?;
        let parent = folder.parent().unwrap_or(&self.home);
        sync_folder(parent)?;
        // The folder of the name goes with its last signatory; otherwise it is not empty, and stays.
        let _ = fs::remove_dir(parent);
        Ok(())
    }

    /// Changes one entry under the lock, after reading it again.
    fn change(
        &self,
        id: SignatoryId,
        change: impl FnOnce(&mut Trusted) -> Result<(), TrustError>,
    ) -> Result<Update, TrustError> {
        let folder = self.folder_with(id, TRUST)?.ok_or(TrustError::NotTrusted { id })?;
        let _turn = self.lock()?;
        let before = load(&folder, id, self.distrusts_ed25519()?.is_some())?.ok_or(TrustError::NotTrusted { id })?;
        let mut after = before.clone();
        change(&mut after)?;
        if after.chain.len() != before.chain.len() {
            store_chain(&folder, &after)?;
        }
        if after.decisions != before.decisions {
            store_decisions(&folder, &after)?;
        }
        Ok(Update { new_records: after.chain.len() - before.chain.len(), before, after })
    }

    /// Waits for the turn of this writer. The lock is given back when the file is closed, also by a kill.
    fn lock(&self) -> Result<File, TrustError> {
        let path = self.home.join(LOCK);
        let write_error = |source| TrustError::Write { path: path.clone(), source };
        let lock = File::options().create(true).truncate(false).write(true).open(&path).map_err(write_error)?;
        fs4::FileExt::lock(&lock).map_err(write_error)?;
        Ok(lock)
    }

    fn folder_of(&self, package: &Package, id: SignatoryId) -> PathBuf {
        self.home.join(package.ecosystem().as_str()).join(package.name().as_str()).join(id.to_string())
    }

    /// The folder of an id that has this file, by looking into the folder of each name.
    fn folder_with(&self, id: SignatoryId, file: &str) -> Result<Option<PathBuf>, TrustError> {
        let id = id.to_string();
        let entries = self.folders_of_names()?.into_iter().map(|folder| folder.join(&id));
        Ok(entries.into_iter().find(|entry| is_there(&entry.join(file))))
    }

    /// The folder of every name, in every ecosystem.
    fn folders_of_names(&self) -> Result<Vec<PathBuf>, TrustError> {
        let mut folders = Vec::new();
        for ecosystem in EcosystemName::ALL {
            let folder = self.home.join(ecosystem.as_str());
            folders.extend(folder_names(&folder)?.into_iter().map(|name| folder.join(name)));
        }
        Ok(folders)
    }

    /// The signatories in the folder of one name.
    fn in_folder(&self, folder: &Path) -> Result<Vec<Trusted>, TrustError> {
        let mut trusted = Vec::new();
        let is_distrusted = self.distrusts_ed25519()?.is_some();
        for name in folder_names(folder)? {
            if let Ok(id) = name.parse()
                && let Some(found) = load(&folder.join(&name), id, is_distrusted)?
            {
                self.check_place(&found, &folder.join(&name))?;
                trusted.push(found);
            }
        }
        trusted.sort_by_key(Trusted::id);
        Ok(trusted)
    }

    /// A folder that was moved by hand would be looked for in vain, and its package taken for an unsigned one.
    fn check_place(&self, found: &Trusted, folder: &Path) -> Result<(), TrustError> {
        let expected = self.folder_of(found.package(), found.id());
        if expected.as_os_str().eq_ignore_ascii_case(folder.as_os_str()) {
            return Ok(());
        }
        let problem = format!("it is the chain of {}, whose place is {}", found.package(), expected.display());
        Err(TrustError::Damaged { path: folder.to_owned(), problem })
    }
}

/// Reads one entry. Decisions come first: they are removed first and written last.
fn load(folder: &Path, id: SignatoryId, is_distrusted: bool) -> Result<Option<Trusted>, TrustError> {
    let path = folder.join(TRUST);
    let Some(text) = read(&path, MAX_TRUST_BYTES)? else {
        return Ok(None);
    };
    let damaged = |problem| TrustError::Damaged { path: path.clone(), problem };
    let text = String::from_utf8(text).map_err(|error| damaged(error.to_string()))?;
    let mut decisions = file::read(&text).map_err(damaged)?;
    match load_chain(folder, id)? {
        Some(chain) => {
            if is_distrusted {
                // One without a mark was brought here from elsewhere, so it is one that is trusted later (BEL-9).
                decisions.distrust.get_or_insert(chain.genesis().digest());
            }
            Ok(Some(Trusted { chain, decisions }))
        }
        // Someone may have removed the entry between the two readings.
        None if !is_there(&path) => Ok(None),
        None => Err(damaged(format!("there is no file {CHAIN} beside it"))),
    }
}

fn load_chain(folder: &Path, id: SignatoryId) -> Result<Option<Chain>, TrustError> {
    let path = folder.join(CHAIN);
    let Some(bytes) = read(&path, MAX_CHAIN_BYTES as u64)? else {
        return Ok(None);
    };
    match Chain::from_store(&bytes, id) {
        Ok(chain) => Ok(Some(chain)),
        Err(error) => Err(TrustError::DamagedChain { path, error: Box::new(error) }),
    }
}

/// What is kept of an id that is not trusted belongs to its chain: it was admitted when it came.
fn with_kept(chain: &Chain, folder: &Path) -> Result<Chain, TrustError> {
    let mut chain = chain.clone();
    if let Some(kept) = load_chain(folder, chain.id())? {
        chain
            .merge(&kept)
            .map_err(|error| TrustError::DamagedChain { path: folder.join(CHAIN), error: Box::new(error) })?;
    }
    Ok(chain)
}

fn store_chain(folder: &Path, trusted: &Trusted) -> Result<(), TrustError> {
    let (path, file) = (folder.join(CHAIN), fitting_file(trusted, MAX_CHAIN_BYTES));
    check_chain_size(&path, file.len())?;
    replace(&path, file.as_bytes())
}

/// All records; without those that have lost, if all have more than `most` bytes (VER-30). Otherwise whoever has one
/// used key could fill the store with rivals of one statement, and nothing that comes later would be kept.
pub(super) fn fitting_file(trusted: &Trusted, most: usize) -> String {
    let file = trusted.chain.to_file();
    if file.len() <= most { file } else { trusted.chain.without_lost(&trusted.decisions.decided()).to_file() }
}

/// Whether [`load_chain`] will read what is written. Two chain files may each keep CHN-1, and their records together not:
/// whoever holds one key can make as many rivals of one statement as he likes, and a store that took them all in could
/// not be read any more, for no package.
pub(super) fn check_chain_size(path: &Path, bytes: usize) -> Result<(), TrustError> {
    if bytes <= MAX_CHAIN_BYTES {
        return Ok(());
    }
    let problem = format!("a chain file has at most {MAX_CHAIN_BYTES} bytes, all records together have {bytes}");
    Err(TrustError::Write { path: path.to_owned(), source: io::Error::new(io::ErrorKind::FileTooLarge, problem) })
}

fn store_decisions(folder: &Path, trusted: &Trusted) -> Result<(), TrustError> {
    replace(&folder.join(TRUST), file::write(&trusted.decisions).as_bytes())
}
