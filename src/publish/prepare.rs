//! What stands against a release, and what it would be (KEEP-13).

use std::cmp::Ordering;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::{Event, PublishError, foreign};
use crate::chain::{Belief, Chain, Decided, Link, Unverified};
use crate::digest::Digest;
use crate::ecosystem;
use crate::key::ReserveKey;
use crate::keystore::{Journal, KeyStoreError, KeyStores, LockedStore, Signatures, Store};
use crate::listing::Listing;
use crate::listing::folder::FolderFile;
use crate::package::Version;
use crate::release::{Draft, Plan, Summary};
use crate::repository::{CommitId, Live, MAX_SEARCHED_BYTES, RepositoryError, Search, Workplace};
use crate::signature::Standard;
use crate::source::SourceTree;
use crate::statement::Seq;
use crate::time::{Date, Timestamp};

/// How long a key store that another process has is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The version, as a person wrote it; by default that of the manifest.
    pub version: Option<String>,
    /// Whether the newest release is to be replaced, which was made by mistake.
    pub redo: bool,
    /// Whether the version may be lower than one that is released.
    pub back_port: bool,
    /// A promise of another statement by this day.
    pub next_by: Option<Date>,
    /// The tag to make.
    pub tag: Option<String>,
    /// Whether `.sigpkg` is left in the worktree and not committed.
    pub no_commit: bool,
    /// Fingerprints of secret keys in the repository that are meant to be there.
    pub acknowledge: Vec<Digest>,
}

/// What [`prepare`] found.
#[derive(Debug)]
pub enum Start {
    /// A release was interrupted, and has to be finished first.
    Unfinished(Box<Unfinished>),
    /// Nothing stands against a new release.
    Ready(Box<Prepared>),
}

/// A release that was interrupted.
pub struct Unfinished {
    pub(super) workplace: Workplace,
    pub(super) store: LockedStore,
    pub(super) draft: Draft,
    pub(super) journal: Journal,
    pub(super) signatures: Option<Signatures>,
}

/// A release that nothing stands against.
pub struct Prepared {
    pub(super) workplace: Workplace,
    pub(super) store: LockedStore,
    /// Statements of other holders of the seed, to be taken in first.
    pub(super) taken_in: Vec<Unverified>,
    /// The chain of the store with these.
    pub(super) chain: Chain,
    pub(super) tree: SourceTree,
    pub(super) commit: CommitId,
    pub(super) branch: String,
    pub(super) version: Version,
    pub(super) request: Request,
    pub(super) now: Timestamp,
    summary: Summary,
    notes: Vec<Note>,
}

/// What a human should know before a release, and what does not stand against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// The clone is shallow, so that older history was not searched for secret keys.
    Shallow,
    /// Some files were too large to be searched for secret keys.
    TooLarge {
        /// How many.
        files: usize,
    },
    /// git is set to sign commits, and this one will not be.
    CommitNotSigned,
    /// Another holder of the seed has made a statement, which is taken in.
    TakenIn {
        /// The statement.
        seq: Seq,
        /// What it releases, if it is a release.
        version: Option<Version>,
        /// Its digest.
        digest: Digest,
    },
    /// The keys are not protected by a passphrase.
    NoPassphrase,
}

impl fmt::Display for Note {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shallow => {
                out.write_str("this is a shallow clone: its older history was not searched for secret keys")
            }
            Self::TooLarge { files } => {
                let limit = MAX_SEARCHED_BYTES >> 20;
                write!(out, "not searched for secret keys, because larger than {limit} MiB: {files} files")
            }
            Self::CommitNotSigned => out.write_str(
                "git is set to sign commits (commit.gpgsign), but the release commit will not be signed by it",
            ),
            Self::TakenIn { seq, version, digest } => {
                let what = version.as_ref().map(|version| format!(", version {version}")).unwrap_or_default();
                write!(out, "statement {seq}{what} was made with this seed elsewhere and is taken in ({digest})")
            }
            Self::NoPassphrase => out.write_str("the keys of this chain are not protected by a passphrase"),
        }
    }
}

impl fmt::Debug for Unfinished {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Unfinished").field("text", &self.draft.text()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Prepared").field("version", &self.version).finish_non_exhaustive()
    }
}

impl Unfinished {
    /// What the interrupted release says.
    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    /// Whether a passphrase is needed to finish it.
    pub fn needs_passphrase(&self) -> bool {
        self.signatures.is_none() && self.store.store().is_encrypted()
    }
}

impl Prepared {
    /// The key store.
    pub fn store(&self) -> &Store {
        self.store.store()
    }

    /// The version.
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// The number that the statement will have.
    pub fn seq(&self) -> Seq {
        head(&self.chain).seq().successor().unwrap_or(Seq::MAX)
    }

    /// How the tree differs from the release before.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// What a human should know.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The branch that is committed to, by its short name.
    pub fn branch(&self) -> &str {
        self.branch.strip_prefix("refs/heads/").unwrap_or(&self.branch)
    }

    pub(super) fn plan(&self) -> Plan<'_> {
        Plan {
            version: self.version.clone(),
            tree: self.tree.tree(),
            next_by: self.request.next_by,
            redo: self.request.redo,
            upstream: None,
        }
    }
}

/// Finds the key store of the package in this folder: the one of its `.sigpkg`; without one, that of its manifest or of
/// this folder.
///
/// # Errors
///
/// - [`PublishError::NoChain`] if there is neither.
/// - [`PublishError::ForeignFolder`] if `.sigpkg` is of another chain than the keys on this machine.
/// - [`PublishError::Ambiguous`] if there are several stores for the package, and no `.sigpkg` to say which.
/// - [`PublishError::KeyStore`] if there is no store for the chain, or it cannot be read.
pub fn find_store(workplace: &Workplace, stores: &KeyStores) -> Result<Store, PublishError> {
    let head = workplace.head();
    let commit = head.as_ref().ok().and_then(|head| head.commit);
    let claimed = commit.map(|commit| workplace.claimed_id(commit)).transpose()?.flatten();
    if let Some(id) = claimed
        && stores.contains(id)?
    {
        return Ok(stores.open(id)?);
    }
    let candidates = candidates(workplace, stores)?;
    match (claimed, candidates.as_slice()) {
        (Some(found), [store]) => Err(PublishError::ForeignFolder { expected: store.id(), found }),
        (Some(id), _) => Err(KeyStoreError::NoStore { id, home: stores.home().to_owned() }.into()),
        (None, []) => {
            head?;
            Err(PublishError::NoChain { directory: workplace.directory().to_owned() })
        }
        (None, [_]) => candidates.into_iter().next().ok_or(RepositoryError::NoManifest.into()),
        (None, several) => Err(PublishError::Ambiguous {
            package: Box::new(
                several.first().map_or_else(|| workplace.detect(), |one| Ok(one.chain().package().clone()))?,
            ),
            ids: several.iter().map(Store::id).collect(),
        }),
    }
}

/// The stores that might be meant: of the package that the manifest names, and those last used for this folder first.
fn candidates(workplace: &Workplace, stores: &KeyStores) -> Result<Vec<Store>, PublishError> {
    let package = workplace.detect().ok();
    let is_here = |store: &Store| store.settings().repository.as_deref() == Some(workplace.directory());
    let mut candidates = stores.all()?;
    candidates.retain(|store| is_here(store) || package.as_ref() == Some(store.chain().package()));
    if candidates.iter().any(is_here) {
        candidates.retain(is_here);
    }
    Ok(candidates)
}

/// Checks everything that stands against a release of the commit at HEAD, and says what it would be. Nothing is made but
/// what the store remembers of its search.
///
/// # Errors
///
/// The first thing that stands against it; see [`PublishError`]. The lock of the store is released then.
pub fn prepare(
    workplace: Workplace,
    stores: &KeyStores,
    request: Request,
    now: Timestamp,
    events: &mut dyn FnMut(Event),
) -> Result<Start, PublishError> {
    let store = find_store(&workplace, stores)?;
    let mut store = store.lock(PATIENCE, &mut || events(Event::Waiting))?;
    if let Some((journal, signatures)) = store.store().journal()? {
        return unfinished(workplace, store, journal, signatures)
            .map(|unfinished| Start::Unfinished(Box::new(unfinished)));
    }
    let (branch, commit) = workplace.head_commit()?;
    if let Some(problem) = workplace.check_rest().into_iter().next() {
        return Err(problem.into());
    }
    let (taken_in, chain) = whole_chain(&workplace, store.store())?;
    let version = check_version(&workplace, commit, &chain, &request)?;
    if let Some(tag) = &request.tag {
        workplace.check_tag(tag)?;
    }
    workplace.check_attributes(commit)?;
    let tree = workplace.read_tree(commit)?;
    if !request.redo {
        check_news(&workplace, commit, &chain, &tree)?;
    }
    acknowledge(&mut store, &request)?;
    let search = check_leaks(&workplace, &mut store, events)?;
    let directory = workplace.directory().to_owned();
    store.change_settings(|settings| settings.repository = Some(directory))?;
    let summary = summary(&workplace, commit, &chain, &tree)?;
    let notes = notes(&workplace, store.store(), &taken_in, &search);
    let prepared =
        Prepared { workplace, store, taken_in, chain, tree, commit, branch, version, request, now, summary, notes };
    if prepared.request.redo {
        crate::release::to_redo(head(&prepared.chain), &prepared.version)?;
    }
    Ok(Start::Ready(Box::new(prepared)))
}

/// Everything that stands against a release of the commit at HEAD, as far as one thing does not hide another. For
/// `doctor`.
///
/// # Errors
///
/// - [`PublishError`] if the store itself cannot be read.
pub fn findings(
    workplace: &Workplace,
    store: &Store,
    events: &mut dyn FnMut(Event),
) -> Result<(Vec<PublishError>, Vec<Note>), PublishError> {
    let mut problems: Vec<PublishError> = workplace.check_rest().into_iter().map(PublishError::from).collect();
    let mut taken_in = Vec::new();
    match whole_chain(workplace, store) {
        Ok((found, _)) => taken_in = found,
        Err(problem) => problems.push(problem),
    }
    match workplace.head_commit() {
        Ok((_, commit)) => {
            problems.extend(workplace.check_attributes(commit).err().map(PublishError::from));
            problems.extend(workplace.read_tree(commit).err().map(PublishError::from));
            problems.extend(check_package(workplace, commit, store.chain()).err());
        }
        Err(problem) => problems.push(problem.into()),
    }
    let search = search(workplace, store, "", events)?;
    problems.extend(leaked(&search).err());
    Ok((problems, notes(workplace, store, &taken_in, &search)))
}

fn unfinished(
    workplace: Workplace,
    store: LockedStore,
    journal: Journal,
    signatures: Option<Signatures>,
) -> Result<Unfinished, PublishError> {
    let draft = Draft::resume(&journal.text, store.store().chain())?;
    let seq = draft.statement().seq;
    let damaged = |problem: &str| PublishError::Journal { seq, problem: problem.to_owned() };
    let release = draft.statement().release().ok_or_else(|| damaged("expected a release, found another kind"))?;
    if Digest::of(journal.files.as_bytes()) != release.files {
        return Err(damaged("the listing is not the one that the statement names"));
    }
    let directory = &journal.place.directory;
    let commit = CommitId::from_str(&journal.place.commit).map_err(|_| damaged("the commit has no name of one"))?;
    // Another clone will do if it has the commit; and if the first one is gone, the statement at least is finished.
    if !workplace.has_commit(commit) && directory != workplace.directory() && Workplace::open(directory).is_ok() {
        return Err(PublishError::UnfinishedElsewhere { seq, directory: PathBuf::from(directory) });
    }
    Ok(Unfinished { workplace, store, draft, journal, signatures })
}

/// The chain of the store, and what other holders of its seed have added.
fn whole_chain(workplace: &Workplace, store: &Store) -> Result<(Vec<Unverified>, Chain), PublishError> {
    let mut chain = store.chain().clone();
    if let Some(contest) = chain.belief(&Decided::stranger()).contest() {
        return Err(PublishError::Forked { seq: contest.parent.seq() });
    }
    let taken_in = foreign::find(workplace, store)?;
    for record in &taken_in {
        chain.append(record.clone(), &Standard).map_err(crate::release::DraftError::Chain)?;
    }
    Ok((taken_in, chain))
}

/// The manifest, if the ecosystem has one, is of the package of the chain; its version.
fn check_package(workplace: &Workplace, commit: CommitId, chain: &Chain) -> Result<Option<Version>, PublishError> {
    let ecosystem = ecosystem::of(chain.package().ecosystem());
    let Some((_, manifest)) = workplace.manifest(commit, ecosystem)? else {
        return if ecosystem.manifest_paths().is_empty() { Ok(None) } else { Err(RepositoryError::NoManifest.into()) };
    };
    if manifest.package != *chain.package() {
        let (expected, found) = (Box::new(chain.package().clone()), Box::new(manifest.package));
        return Err(PublishError::OtherPackage { expected, found });
    }
    Ok(manifest.version)
}

fn check_version(
    workplace: &Workplace,
    commit: CommitId,
    chain: &Chain,
    request: &Request,
) -> Result<Version, PublishError> {
    let ecosystem = ecosystem::of(chain.package().ecosystem());
    let in_manifest = check_package(workplace, commit, chain)?;
    let asked = request.version.as_deref().map(|written| ecosystem.version(written)).transpose()?;
    let version = match (asked, in_manifest) {
        (Some(asked), Some(found)) if asked != found => return Err(PublishError::VersionMismatch { asked, found }),
        (Some(version), Some(_)) | (None, Some(version)) => version,
        (Some(version), None) if ecosystem.manifest_paths().is_empty() => version,
        (Some(_) | None, None) => {
            let place =
                if ecosystem.manifest_paths().is_empty() { "a package without a manifest" } else { "the manifest" };
            return Err(PublishError::NoVersion { place: place.to_owned() });
        }
    };
    let belief = chain.belief(&Decided::stranger());
    let live: Vec<_> = belief.releases().filter(|release| !belief.is_withdrawn(release.link())).collect();
    if request.redo {
        return Ok(version);
    }
    if let Some(same) = live.iter().find(|release| *release.version() == version) {
        return Err(PublishError::VersionReleased { version, seq: same.seq() });
    }
    let is_lower = |left: &Version, right: &Version| ecosystem.compare(left, right) == Some(Ordering::Less);
    let highest = live.iter().reduce(|one, other| if is_lower(one.version(), other.version()) { other } else { one });
    match highest {
        Some(highest) if is_lower(&version, highest.version()) && !request.back_port => {
            Err(PublishError::VersionLower { version, newest: highest.version().clone(), seq: highest.seq() })
        }
        Some(_) | None => Ok(version),
    }
}

/// The commit is not a release already.
fn check_news(workplace: &Workplace, commit: CommitId, chain: &Chain, tree: &SourceTree) -> Result<(), PublishError> {
    let Some(text) = workplace.folder_blob(commit, FolderFile::Statement)? else { return Ok(()) };
    let Some(link) = chain.find(Digest::of(&text)) else { return Ok(()) };
    match link.statement().release() {
        Some(release) if release.files == tree.tree().listing().digest() => {
            Err(PublishError::AlreadyReleased { version: release.version.clone(), seq: link.seq() })
        }
        Some(_) | None => Ok(()),
    }
}

fn acknowledge(store: &mut LockedStore, request: &Request) -> Result<(), PublishError> {
    Ok(store.change_settings(|settings| {
        for digest in &request.acknowledge {
            if !settings.acknowledged.contains(digest) {
                settings.acknowledged.push(*digest);
            }
        }
    })?)
}

fn check_leaks(
    workplace: &Workplace,
    store: &mut LockedStore,
    events: &mut dyn FnMut(Event),
) -> Result<Search, PublishError> {
    let searched = store.store().searched()?;
    let search = search(workplace, store.store(), &searched, events)?;
    leaked(&search)?;
    if let Some(searched) = search.remember() {
        store.write_searched(&searched)?;
    }
    Ok(search)
}

fn search(
    workplace: &Workplace,
    store: &Store,
    searched: &str,
    events: &mut dyn FnMut(Event),
) -> Result<Search, PublishError> {
    let live = live(store)?;
    Ok(workplace.search(&live, searched, &mut |commits| events(Event::Searching { commits }))?)
}

/// The keys of a store that have not signed yet, and its reserve.
fn live(store: &Store) -> Result<Live, PublishError> {
    let head = head(store.chain());
    let announced = head.statement().look_ahead();
    let reserve = head.path().find_map(|link| link.statement().reserve());
    let reserve_keys = reserve.into_iter().flat_map(|reserve| &reserve.keys).map(ReserveKey::key_id);
    Ok(Live {
        files: store.secret_digests()?.into_iter().collect(),
        keys: [announced.next.key_id(), announced.after_next.key_id()].into_iter().chain(reserve_keys).collect(),
        acknowledged: store.settings().acknowledged.iter().copied().collect(),
    })
}

fn leaked(search: &Search) -> Result<(), PublishError> {
    let live: Vec<_> = search.leaks.iter().filter(|leak| leak.is_live).cloned().collect();
    if !live.is_empty() {
        Err(PublishError::LiveKeyLeaked { leaks: live })
    } else if !search.leaks.is_empty() {
        Err(PublishError::KeysLeaked { leaks: search.leaks.clone() })
    } else {
        Ok(())
    }
}

/// Compares with the release that the commit carries; if that is none of this chain, with nothing.
fn summary(workplace: &Workplace, commit: CommitId, chain: &Chain, tree: &SourceTree) -> Result<Summary, PublishError> {
    let statement = workplace.folder_blob(commit, FolderFile::Statement)?.unwrap_or_default();
    let release = chain.find(Digest::of(&statement)).and_then(|link| link.statement().release());
    let listing = workplace.folder_blob(commit, FolderFile::Files)?.unwrap_or_default();
    let earlier = release.filter(|release| release.files == Digest::of(&listing));
    let listing = Listing::parse(&listing).unwrap_or_default();
    Ok(Summary::new(tree.tree(), earlier.map(|release| (&release.version, &listing))))
}

fn notes(workplace: &Workplace, store: &Store, taken_in: &[Unverified], search: &Search) -> Vec<Note> {
    let mut notes: Vec<_> = taken_in
        .iter()
        .map(|record| Note::TakenIn {
            seq: record.claimed_seq(),
            version: record.claimed().release().map(|release| release.version.clone()),
            digest: record.digest(),
        })
        .collect();
    notes.extend(search.is_shallow.then_some(Note::Shallow));
    notes.extend((search.too_large > 0).then_some(Note::TooLarge { files: search.too_large }));
    notes.extend(workplace.wants_signed_commits().then_some(Note::CommitNotSigned));
    notes.extend((!store.is_encrypted()).then_some(Note::NoPassphrase));
    notes
}

/// The head of a chain that has no fork.
pub(super) fn head(chain: &Chain) -> Link<'_> {
    let belief: Belief<'_> = chain.belief(&Decided::stranger());
    belief.head()
}
