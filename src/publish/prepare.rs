//! What stands against a release, and what it would be (KEEP-13).

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::checks::{acknowledge, check_leaks, check_news, check_package, check_version, leaked, search};
use super::find::find_store;
use super::note::{Note, notes};
use super::{Event, PublishError, foreign};
use crate::chain::{Belief, Chain, Decided, Link, Unverified};
use crate::digest::Digest;
use crate::keystore::{Journal, KeyStores, LockedStore, Signatures, Store};
use crate::listing::Listing;
use crate::listing::folder::FolderFile;
use crate::package::Version;
use crate::release::{Draft, Plan, Summary};
use crate::repository::{CommitId, Workplace};
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

/// Compares with the release that the commit carries; if that is none of this chain, with nothing.
fn summary(workplace: &Workplace, commit: CommitId, chain: &Chain, tree: &SourceTree) -> Result<Summary, PublishError> {
    let statement = workplace.folder_blob(commit, FolderFile::Statement)?.unwrap_or_default();
    let release = chain.find(Digest::of(&statement)).and_then(|link| link.statement().release());
    let listing = workplace.folder_blob(commit, FolderFile::Files)?.unwrap_or_default();
    let earlier = release.filter(|release| release.files == Digest::of(&listing));
    let listing = Listing::parse(&listing).unwrap_or_default();
    Ok(Summary::new(tree.tree(), earlier.map(|release| (&release.version, &listing))))
}

/// The head of a chain that has no fork.
pub(super) fn head(chain: &Chain) -> Link<'_> {
    let belief: Belief<'_> = chain.belief(&Decided::stranger());
    belief.head()
}
