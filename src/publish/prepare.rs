//! What stands against a statement, and what it would be (KEEP-13).

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::adopt::{self, Adopted};
use super::checks::{acknowledge, check_leaks, check_news, check_package, check_version, leaked, search};
use super::find::{find_adopter, find_store};
use super::foreign::{self, Found, Stranger};
use super::note::{Note, notes};
use super::outlook::trial_key;
use super::request::{Adoption, Asked, Common, Request};
use super::{Event, PublishError, yank};
use crate::chain::{Belief, Chain, Decided, Link};
use crate::digest::Digest;
use crate::ecosystem;
use crate::key::LinkKey;
use crate::keystore::{Journal, KeyStoreError, KeyStores, LockedStore, Signatures, Store, Writes};
use crate::listing::Listing;
use crate::listing::folder::FolderFile;
use crate::package::Version;
use crate::release::{Draft, DraftError, Plan, Summary};
use crate::repository::{CommitId, RepositoryError, Workplace};
use crate::source::SourceTree;
use crate::statement::{Beat, Body, Seq, Yank};
use crate::time::{Date, Timestamp};

/// How long a key store that another process has is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// What [`prepare`] found.
#[derive(Debug)]
pub enum Start {
    /// A statement was interrupted, and has to be finished first.
    Unfinished(Box<Unfinished>),
    /// Nothing stands against the one that is asked for.
    Ready(Box<Prepared>),
}

/// A statement that was interrupted.
pub struct Unfinished {
    pub(super) workplace: Workplace,
    pub(super) store: LockedStore,
    pub(super) draft: Draft,
    pub(super) journal: Journal,
    pub(super) signatures: Option<Signatures>,
    is_what_was_asked: bool,
}

/// A statement that nothing stands against.
pub struct Prepared {
    pub(super) workplace: Workplace,
    pub(super) store: LockedStore,
    pub(super) found: Found,
    pub(super) content: Content,
    pub(super) common: Common,
    pub(super) commit: CommitId,
    pub(super) branch: String,
    pub(super) now: Timestamp,
    notes: Vec<Note>,
}

/// What a statement is to say.
pub enum Content {
    /// A release.
    Release(Box<ReleaseContent>),
    /// A yank.
    Yank(Yank),
    /// A beat.
    Beat(Beat),
}

/// What a release is to say.
pub struct ReleaseContent {
    pub(super) tree: SourceTree,
    /// The version.
    pub version: Version,
    /// How the tree differs from the release before.
    pub summary: Summary,
    /// What it adopts, if the tree is somebody else's.
    pub adopted: Option<Adopted>,
    pub(super) redo: bool,
    pub(super) tag: Option<String>,
}

impl fmt::Debug for Unfinished {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Unfinished").field("text", &self.draft.text()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Prepared").field("seq", &self.seq()).finish_non_exhaustive()
    }
}

impl Unfinished {
    /// What the interrupted statement says.
    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    /// Whether a passphrase is needed to finish it.
    pub fn needs_passphrase(&self) -> bool {
        self.signatures.is_none() && self.store.store().is_encrypted()
    }

    /// Whether it is the statement that is asked for now, so that nothing is left to do when it is finished.
    pub fn is_what_was_asked(&self) -> bool {
        self.is_what_was_asked
    }
}

impl Prepared {
    /// The key store.
    pub fn store(&self) -> &Store {
        self.store.store()
    }

    /// What the statement will say.
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// The version, if it is a release.
    pub fn version(&self) -> Option<&Version> {
        self.content.release().map(|release| &release.version)
    }

    /// How the tree differs from the release before, if it is a release.
    pub fn summary(&self) -> Option<&Summary> {
        self.content.release().map(|release| &release.summary)
    }

    /// The promise of another statement.
    pub fn next_by(&self) -> Option<Date> {
        self.common.next_by
    }

    /// The number that the statement will have.
    pub fn seq(&self) -> Seq {
        let after = |seq: Seq| seq.successor().unwrap_or(Seq::MAX);
        let next = after(head(&self.found.chain).seq());
        if self.found.needs_beat { after(next) } else { next }
    }

    /// Whether a beat is made first, so that the branch of the store outranks that of somebody else (KEEP-20).
    pub fn needs_beat(&self) -> bool {
        self.found.needs_beat
    }

    /// The statements of somebody else that are kept as evidence from now on.
    pub fn healed(&self) -> &[Stranger] {
        &self.found.healed
    }

    /// The release with this number, such as one that a yank names.
    pub fn release(&self, seq: Seq) -> Option<&Version> {
        let belief = self.found.chain.belief(&Decided::stranger());
        belief.releases().find(|release| release.seq() == seq).map(|release| release.version())
    }

    /// What it adopts, if it is a release of a tree of somebody else.
    pub fn adopted(&self) -> Option<&Adopted> {
        self.content.release()?.adopted.as_ref()
    }

    /// What a human should know.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The branch that is committed to, by its short name.
    pub fn branch(&self) -> &str {
        self.branch.strip_prefix("refs/heads/").unwrap_or(&self.branch)
    }
}

impl Content {
    /// The release that it is, if it is one.
    pub fn release(&self) -> Option<&ReleaseContent> {
        match self {
            Self::Release(release) => Some(release),
            Self::Yank(_) | Self::Beat(_) => None,
        }
    }

    /// The text of it.
    pub(super) fn draft(
        &self,
        parent: Link<'_>,
        next_by: Option<Date>,
        after_next: LinkKey,
        now: Timestamp,
    ) -> Result<Draft, DraftError> {
        match self {
            Self::Release(release) => {
                let (version, tree) = (release.version.clone(), release.tree.tree());
                let upstream = release.adopted.as_ref().map(|adopted| adopted.upstream);
                let plan = Plan { next_by, redo: release.redo, upstream, ..Plan::new(version, tree) };
                Draft::release(parent, &plan, after_next, now)
            }
            Self::Yank(yank) => Draft::yank(parent, yank.clone(), next_by, after_next, now),
            Self::Beat(beat) => Draft::beat(parent, beat.clone(), next_by, after_next, now),
        }
    }
}

/// Checks everything that stands against a statement, and says what it would be. What is released is the commit at HEAD.
/// Nothing is made but what the store remembers of its search.
///
/// # Errors
///
/// The first thing that stands against it; see [`PublishError`]. The lock of the store is released then.
pub fn prepare(
    workplace: Workplace,
    stores: &KeyStores,
    asked: impl Into<Asked>,
    now: Timestamp,
    events: &mut dyn FnMut(Event),
) -> Result<Start, PublishError> {
    let asked = asked.into();
    let store = match asked.adoption() {
        Some(adoption) => find_adopter(&workplace, stores, adoption.signatory)?,
        None => find_store(&workplace, stores)?,
    };
    let mut store = store.lock(PATIENCE, &mut || events(Event::Waiting))?;
    if let Some((journal, signatures)) = store.store().journal()? {
        return unfinished(workplace, store, journal, signatures, &asked)
            .map(|unfinished| Start::Unfinished(Box::new(unfinished)));
    }
    // What a reserve statement says rests on the head (KEEP-17).
    if store.store().has_begun_reserve()? {
        return Err(KeyStoreError::ReserveBegun { id: store.store().id() }.into());
    }
    let is_committed = asked.signatures().is_none();
    let (branch, commit) = match workplace.commit_at_head()? {
        (Some(branch), commit) => (branch, commit),
        (None, commit) if is_committed => return Err(RepositoryError::Detached { commit: commit.to_string() }.into()),
        (None, commit) => (String::new(), commit),
    };
    let is_release = matches!(asked, Asked::Release(_));
    if let Some(problem) = workplace.check_rest(is_release, is_committed).into_iter().next() {
        return Err(problem.into());
    }
    adopt::check_signatures(&workplace, store.store(), &asked)?;
    let common = asked.common().clone();
    let found = foreign::look(&workplace, store.store(), &common.heal)?;
    let content = content(&workplace, commit, &found.chain, asked)?;
    // Whatever the statement must not say is refused before anyone is asked to sign it.
    let parent = head(&found.chain);
    content.draft(parent, common.next_by, trial_key(parent), now)?.as_if_signed(&found.chain)?;
    acknowledge(&mut store, &common)?;
    let search = check_leaks(&workplace, &mut store, events)?;
    let directory = workplace.directory().to_owned();
    store.change_settings(|settings| settings.repository = Some(directory))?;
    let mut notes = notes(&workplace, store.store(), &found.taken_in, &search);
    if !is_committed {
        notes.retain(|note| *note != Note::CommitNotSigned);
    }
    if asked_is_own(&content) && adopts(&found.chain) {
        notes.push(Note::NotAdopted);
    }
    let prepared = Prepared { workplace, store, found, content, common, commit, branch, now, notes };
    Ok(Start::Ready(Box::new(prepared)))
}

/// Whether it is a release that adopts nothing.
fn asked_is_own(content: &Content) -> bool {
    content.release().is_some_and(|release| release.adopted.is_none())
}

/// Whether the newest release of a chain adopts the tree of somebody else.
fn adopts(chain: &Chain) -> bool {
    let belief = chain.belief(&Decided::stranger());
    belief.newest_release().is_some_and(|release| release.release().upstream.is_some())
}

fn content(workplace: &Workplace, commit: CommitId, chain: &Chain, asked: Asked) -> Result<Content, PublishError> {
    match asked {
        Asked::Release(request) => {
            let check = |adoption| adopt::check(workplace, commit, chain, adoption, request.redo);
            let foreign = request.adoption.as_ref().map(check).transpose()?.flatten();
            let version = check_version(workplace, commit, chain, &request)?;
            if let Some(tag) = &request.tag {
                workplace.check_tag(tag)?;
            }
            workplace.check_attributes(commit)?;
            let tree = workplace.read_tree(commit)?;
            if !request.redo {
                check_news(workplace, commit, chain, &tree)?;
            }
            let summary = summary(workplace, commit, chain, &tree)?;
            let Request { redo, tag, adoption, .. } = request;
            let listing = tree.tree().listing().digest();
            let adopted = adoption.map(|Adoption { upstream, signatures, .. }| {
                let upstream = upstream.unwrap_or(listing);
                Adopted { upstream, is_unchanged: upstream == listing, foreign, signatures }
            });
            Ok(Content::Release(Box::new(ReleaseContent { tree, version, summary, adopted, redo, tag })))
        }
        Asked::Yank(request) => {
            let yank = yank::resolve(chain, &request)?;
            yank::check_effect(chain, &yank)?;
            Ok(Content::Yank(yank))
        }
        Asked::Beat(request) => Ok(Content::Beat(request.beat)),
    }
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
    let mut problems: Vec<PublishError> =
        workplace.check_rest(true, true).into_iter().map(PublishError::from).collect();
    let mut taken_in = Vec::new();
    match foreign::look(workplace, store, &[]) {
        Ok(found) => taken_in = found.taken_in,
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
    asked: &Asked,
) -> Result<Unfinished, PublishError> {
    let draft = Draft::resume(&journal.text, store.store().chain())?;
    let seq = draft.statement().seq;
    let damaged = |problem: &str| PublishError::Journal { seq, problem: problem.to_owned() };
    let listed = draft.statement().release().map(|release| release.files);
    if journal.files.as_ref().map(|files| Digest::of(files.as_bytes())) != listed {
        return Err(damaged("the listing is not the one that the statement names"));
    }
    let directory = &journal.place.directory;
    let commit = CommitId::from_str(&journal.place.commit).map_err(|_| damaged("the commit has no name of one"))?;
    // Another clone will do if it has the commit; and if the first one is gone, the statement at least is finished.
    if !workplace.has_commit(commit) && directory != workplace.directory() && Workplace::open(directory).is_ok() {
        return Err(PublishError::UnfinishedElsewhere { seq, directory: PathBuf::from(directory) });
    }
    let is_what_was_asked = is_same(&draft, journal.place.writes, asked, store.store().chain());
    // The first folder may be out of reach by now.
    let mut journal = journal;
    let is_here = workplace.commit_at_head().is_ok_and(|(_, at_head)| at_head == commit);
    if let Some(other) = asked.signatures().filter(|other| journal.place.signatures.as_deref() != Some(*other))
        && is_what_was_asked
        && is_here
    {
        adopt::check_signatures(&workplace, store.store(), asked)?;
        journal.place.signatures = Some(other.to_owned());
    }
    Ok(Unfinished { workplace, store, draft, journal, signatures, is_what_was_asked })
}

/// Whether a statement that has begun is the one that is asked for.
fn is_same(begun: &Draft, writes: Writes, asked: &Asked, chain: &Chain) -> bool {
    let statement = begun.statement();
    match (&statement.body, asked) {
        // It only goes before the one that was asked for.
        _ if writes == Writes::Nothing => false,
        (Body::Release(release, _), Asked::Release(request)) => {
            request.adoption.is_some() == release.upstream.is_some()
                && (writes == Writes::Folder) == asked.signatures().is_some()
                && request.is_for(&release.version, ecosystem::of(statement.package.ecosystem()))
        }
        (Body::Yank(yank, _), Asked::Yank(request)) => yank::resolve(chain, request).is_ok_and(|asked| asked == *yank),
        (Body::Beat(beat, _), Asked::Beat(request)) => {
            (beat, statement.next_by) == (&request.beat, request.common.next_by)
        }
        (
            Body::Release(..) | Body::Yank(..) | Body::Beat(..) | Body::Genesis(_) | Body::Reserve(..),
            Asked::Release(_) | Asked::Yank(_) | Asked::Beat(_),
        ) => false,
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

/// The head of a chain that has no fork.
pub(super) fn head(chain: &Chain) -> Link<'_> {
    let belief: Belief<'_> = chain.belief(&Decided::stranger());
    belief.head()
}
