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
use crate::repository::{CommitId, GitSigns, Tagged, Workplace};
use crate::source::SourceTree;
use crate::statement::{Beat, Body, Seq, Yank};
use crate::time::{Date, Timestamp};

/// How long a key store that another process has is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// What [`prepare`] found.
///
/// What a crash has interrupted goes first, with the text that it had:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun()?;
/// # let request =
/// #     |version: &str| sigpkg::publish::Request { version: Some(version.to_owned()), ..Default::default() };
/// # let mut locked = machine.locked()?;
/// # let [second, fourth] = [2, 4].map(|seq| sigpkg::statement::Seq::new(seq).expect("a seq"));
/// # let keys = locked.store().open_keys(second, None)?;
/// # let after_next = locked.make_key(fourth, &keys, None, &mut doc::random())?;
/// # let beat = sigpkg::statement::Beat { state: sigpkg::statement::BeatState::Here, successor: None };
/// # let draft = sigpkg::release::Draft::beat(locked.store().chain().genesis(), beat, None, after_next, doc::now())?;
/// # let repository = git2::Repository::open(&machine.repository)?;
/// # let place = sigpkg::keystore::Place {
/// #     directory: machine.workplace()?.directory().to_owned(),
/// #     commit: repository.refname_to_id("HEAD")?.to_string(),
/// #     branch: "refs/heads/main".to_owned(),
/// #     below_root: String::new(),
/// #     writes: sigpkg::keystore::Writes::Commit,
/// #     signatures: None,
/// #     tag: None,
/// # };
/// # let text = draft.text().to_owned();
/// # locked.open_journal(&sigpkg::keystore::Journal { text, files: None, links: None, place })?;
/// # drop(locked);
/// use sigpkg::publish::{Start, prepare};
///
/// let start = prepare(machine.workplace()?, &machine.keys, request("1.0.0"), doc::now(), &mut |_| {})?;
/// let Start::Unfinished(unfinished) = start else { return Err("nothing was interrupted".into()) };
/// assert!(!unfinished.is_what_was_asked(), "it is a beat");
/// assert_eq!(unfinished.carry_out(None)?.seq.get(), 2);
/// let start = prepare(machine.workplace()?, &machine.keys, request("1.0.0"), doc::now(), &mut |_| {})?;
/// assert!(matches!(start, Start::Ready(_)));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Debug)]
pub enum Start {
    /// A statement was interrupted, and has to be finished first.
    Unfinished(Box<Unfinished>),
    /// Nothing stands against the one that is asked for.
    Ready(Box<Prepared>),
}

/// A statement that was interrupted.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::interrupted()?;
/// # let request = doc::version("1.0.0");
/// use sigpkg::publish::{Start, prepare};
///
/// let start = prepare(machine.workplace()?, &machine.keys, request, doc::now(), &mut |_| {})?;
/// let Start::Unfinished(unfinished) = start else { return Err("nothing was interrupted".into()) };
/// assert_eq!(unfinished.draft().statement().seq.get(), 2);
/// assert!(!unfinished.needs_passphrase());
/// # Ok::<(), doc::Error>(())
/// ```
pub struct Unfinished {
    pub(super) workplace: Workplace,
    pub(super) store: LockedStore,
    pub(super) draft: Draft,
    pub(super) journal: Journal,
    pub(super) signatures: Option<Signatures>,
    is_what_was_asked: bool,
}

/// A statement that nothing stands against.
///
/// What a maintainer is shown before anything is signed:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun()?;
/// # let request = sigpkg::publish::Request { version: Some("1.0.0".to_owned()), ..Default::default() };
/// # let start = sigpkg::publish::prepare(machine.workplace()?, &machine.keys, request, doc::now(), &mut |_| {})?;
/// use sigpkg::publish::{Note, Start};
///
/// let Start::Ready(prepared) = start else { return Err("something was interrupted".into()) };
/// assert_eq!(prepared.version().map(|version| version.as_str()), Some("1.0.0"));
/// assert_eq!(prepared.notes(), [Note::NoPassphrase]);
/// # Ok::<(), doc::Error>(())
/// ```
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
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::released()?;
/// use sigpkg::publish::{BeatRequest, Content};
///
/// let prepared = machine.prepare(BeatRequest::default())?;
/// assert!(matches!(prepared.content(), Content::Beat(_)));
/// # Ok::<(), doc::Error>(())
/// ```
pub enum Content {
    /// A release.
    Release(Box<ReleaseContent>),
    /// A yank.
    Yank(Yank),
    /// A beat.
    Beat(Beat),
}

/// What a release is to say.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun()?;
/// let prepared = machine.prepare(doc::version("1.0.0"))?;
/// let release = prepared.content().release().ok_or("it is a release")?;
/// assert_eq!(release.version.as_str(), "1.0.0");
/// assert!(release.adopted.is_none());
/// # Ok::<(), doc::Error>(())
/// ```
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
    /// The key store that it was begun with.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::interrupted()?;
    /// # let unfinished = machine.unfinished()?;
    /// assert_eq!(unfinished.store().id(), machine.id()?);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn store(&self) -> &Store {
        self.store.store()
    }

    /// What the interrupted statement says.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let unfinished = doc::Machine::interrupted()?.unfinished()?;
    /// assert!(unfinished.draft().text().contains("kind = \"beat\"\n"));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    /// Whether a passphrase is needed to finish it.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let unfinished = doc::Machine::interrupted()?.unfinished()?;
    /// assert!(!unfinished.store().is_encrypted() && !unfinished.needs_passphrase());
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn needs_passphrase(&self) -> bool {
        self.signatures.is_none() && self.store.store().is_encrypted()
    }

    /// Whether git is asked to sign, and may in its turn ask the maintainer.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let unfinished = doc::Machine::interrupted()?.unfinished()?;
    /// assert!(!unfinished.is_signed_by_git(), "`commit.gpgSign` and `tag.gpgSign` are off here");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn is_signed_by_git(&self) -> bool {
        asks_git(&self.workplace)
    }

    /// Whether it is the statement that is asked for now, so that nothing is left to do when it is finished.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let unfinished = doc::Machine::interrupted()?.unfinished()?;
    /// assert!(!unfinished.is_what_was_asked(), "a release is asked for, and a beat was interrupted");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn is_what_was_asked(&self) -> bool {
        self.is_what_was_asked
    }
}

impl Prepared {
    /// The key store.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let prepared = machine.prepare(doc::version("1.0.0"))?;
    /// assert_eq!(prepared.store().id(), machine.id()?);
    /// assert_eq!(prepared.store().chain().len(), 1, "nothing is signed yet");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn store(&self) -> &Store {
        self.store.store()
    }

    /// What the statement will say.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::released()?;
    /// # let prepared = machine.prepare(doc::yank("1.0.0", sigpkg::statement::Severity::Warn))?;
    /// use sigpkg::publish::Content;
    ///
    /// let Content::Yank(yank) = prepared.content() else { return Err("it is a yank".into()) };
    /// assert_eq!(yank.releases[0].get(), 2);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// The version, if it is a release.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::released()?;
    /// use sigpkg::publish::BeatRequest;
    ///
    /// assert_eq!(machine.prepare(BeatRequest::default())?.version(), None);
    /// machine.commit("README", "tides and waves\n")?;
    /// let prepared = machine.prepare(doc::version("1.1.0"))?;
    /// assert_eq!(prepared.version().map(|version| version.as_str()), Some("1.1.0"));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn version(&self) -> Option<&Version> {
        self.content.release().map(|release| &release.version)
    }

    /// How the tree differs from the release before, if it is a release.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::released()?;
    /// # machine.commit("README", "tides and waves\n")?;
    /// use sigpkg::publish::BeatRequest;
    ///
    /// assert!(machine.prepare(doc::version("1.1.0"))?.summary().is_some());
    /// assert!(machine.prepare(BeatRequest::default())?.summary().is_none(), "it has no tree");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn summary(&self) -> Option<&Summary> {
        self.content.release().map(|release| &release.summary)
    }

    /// The promise of another statement.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// use sigpkg::publish::{Common, Request};
    ///
    /// let common = Common { next_by: Some("2027-05-31".parse()?), ..Common::default() };
    /// let prepared = machine.prepare(Request { common, ..doc::version("1.0.0") })?;
    /// assert_eq!(prepared.next_by().map(|day| day.to_string()).as_deref(), Some("2027-05-31"));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn next_by(&self) -> Option<Date> {
        self.common.next_by
    }

    /// The number that the statement will have.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// let prepared = machine.prepare(doc::version("1.0.0"))?;
    /// assert_eq!(prepared.seq().get(), 2, "it follows the genesis");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn seq(&self) -> Seq {
        next_seq(&self.found)
    }

    /// Whether a beat is made first, so that the branch of the store outranks that of somebody else (KEEP-20).
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let (machine, digest) = doc::Machine::robbed()?;
    /// use sigpkg::publish::{Common, Request};
    ///
    /// let common = Common { heal: vec![digest], ..Common::default() };
    /// let prepared = machine.prepare(Request { common, ..doc::version("1.0.0") })?;
    /// assert!(prepared.needs_beat(), "one statement alone would only be as long as the thief's");
    /// let published = prepared.carry_out(None, &mut doc::random())?;
    /// assert_eq!((published.seq.get(), published.beat.map(|(seq, _)| seq.get())), (3, Some(2)));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn needs_beat(&self) -> bool {
        self.found.needs_beat
    }

    /// The statements of somebody else that are kept as evidence from now on.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let (machine, digest) = doc::Machine::robbed()?;
    /// use sigpkg::publish::{Common, Request};
    ///
    /// let common = Common { heal: vec![digest], ..Common::default() };
    /// let prepared = machine.prepare(Request { common, ..doc::version("1.0.0") })?;
    /// assert_eq!(prepared.healed()[0].digest, digest);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn healed(&self) -> &[Stranger] {
        &self.found.healed
    }

    /// The release with this number, such as one that a yank names.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::released()?;
    /// # let yank = doc::yank("1.0.0", sigpkg::statement::Severity::Warn);
    /// use sigpkg::publish::Content;
    ///
    /// let prepared = machine.prepare(yank)?;
    /// let Content::Yank(yank) = prepared.content() else { return Err("it is a yank".into()) };
    /// assert_eq!(prepared.release(yank.releases[0]).map(|version| version.as_str()), Some("1.0.0"));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn release(&self, seq: Seq) -> Option<&Version> {
        let belief = self.found.chain.belief(&Decided::stranger());
        belief.releases().find(|release| release.seq() == seq).map(|release| release.version())
    }

    /// What it adopts, if it is a release of a tree of somebody else.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// use sigpkg::publish::{Adoption, Request};
    ///
    /// assert_eq!(machine.prepare(doc::version("1.0.0"))?.adopted(), None);
    /// let adoption = Some(Adoption::default());
    /// let prepared = machine.prepare(Request { adoption, ..doc::version("1.0.0") })?;
    /// assert!(prepared.adopted().is_some_and(|adopted| adopted.is_unchanged));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn adopted(&self) -> Option<&Adopted> {
        self.content.release()?.adopted.as_ref()
    }

    /// What a human should know.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// use sigpkg::publish::Note;
    ///
    /// assert_eq!(machine.prepare(doc::version("1.0.0"))?.notes(), [Note::NoPassphrase]);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The branch that is committed to, or that a side commit leaves where it is, by its short name; `HEAD` if HEAD is none.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// assert_eq!(machine.prepare(doc::version("1.0.0"))?.branch(), "main");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn branch(&self) -> &str {
        self.branch.strip_prefix("refs/heads/").unwrap_or(&self.branch)
    }

    /// The tag that will name the commit, if it is made beside the branch (KEEP-24).
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// use sigpkg::publish::{Common, Request};
    ///
    /// let common = Common { side: true, ..Common::default() };
    /// let prepared = machine.prepare(Request { common, ..doc::version("1.0.0") })?;
    /// assert_eq!(prepared.side_tag().as_deref(), Some("sigpkg-2"));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn side_tag(&self) -> Option<String> {
        let tag = || self.workplace.side_tag(self.store().chain().package().name(), self.seq());
        self.common.side.then(tag)
    }

    /// Whether git is asked to sign, and may in its turn ask the maintainer.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// let prepared = machine.prepare(doc::version("1.0.0"))?;
    /// assert!(!prepared.is_signed_by_git(), "`commit.gpgSign` and `tag.gpgSign` are off here");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn is_signed_by_git(&self) -> bool {
        asks_git(&self.workplace)
    }
}

impl Content {
    /// The release that it is, if it is one.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::released()?;
    /// use sigpkg::publish::BeatRequest;
    ///
    /// let prepared = machine.prepare(BeatRequest::default())?;
    /// assert!(prepared.content().release().is_none());
    /// # Ok::<(), doc::Error>(())
    /// ```
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
///
/// # Example
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun()?;
/// # let keys = &machine.keys;
/// # let random = &mut doc::random();
/// use sigpkg::publish::{Request, Start, prepare};
///
/// let request = Request { version: Some("1.0.0".to_owned()), ..Request::default() };
/// let published = match prepare(machine.workplace()?, keys, request, doc::now(), &mut |_| {})? {
///     Start::Ready(prepared) => {
///         assert_eq!(prepared.seq().get(), 2);
///         assert_eq!(prepared.branch(), "main");
///         prepared.carry_out(None, random)?
///     }
///     Start::Unfinished(unfinished) => unfinished.carry_out(None)?,
/// };
/// assert_eq!(published.version().map(|version| version.as_str()), Some("1.0.0"));
/// # Ok::<(), doc::Error>(())
/// ```
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
    let is_release = matches!(asked, Asked::Release(_));
    let common = asked.common().clone();
    // What moves no branch needs none (KEEP-24, KEEP-33).
    let is_on_branch = is_committed && !common.side;
    let (branch, commit) = if is_on_branch { workplace.head_commit()? } else { workplace.any_head_commit()? };
    if let Some(problem) = workplace.check_rest(is_release, is_committed).into_iter().next() {
        return Err(problem.into());
    }
    adopt::check_signatures(&workplace, store.store(), &asked)?;
    let found = foreign::look(&workplace, store.store(), &common.heal)?;
    let content = content(&workplace, commit, &found.chain, asked)?;
    let is_signed_by_git = check_git(&workplace, &found, &content, &common)?;
    // Whatever the statement must not say is refused before anyone is asked to sign it.
    let parent = head(&found.chain);
    content.draft(parent, common.next_by, trial_key(parent), now)?.as_if_signed(&found.chain)?;
    acknowledge(&mut store, &common)?;
    let search = check_leaks(&workplace, &mut store, events)?;
    let directory = workplace.directory().to_owned();
    store.change_settings(|settings| settings.repository = Some(directory))?;
    let mut notes = notes(store.store(), &found.taken_in, &search, is_signed_by_git);
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

/// What is asked of git afterwards is seen to be possible, as far as can be known: the tag of a side commit is free, and there
/// is a program to sign with if git is set to sign. Whether the commit will be signed (KEEP-23).
fn check_git(workplace: &Workplace, found: &Found, content: &Content, common: &Common) -> Result<bool, PublishError> {
    let is_detached = content.release().and_then(|release| release.adopted.as_ref()?.signatures.as_ref()).is_some();
    if common.no_commit || is_detached {
        return Ok(false);
    }
    if common.side {
        workplace.check_tag(&workplace.side_tag(found.chain.package().name(), next_seq(found)))?;
    }
    if common.side || content.release().is_some_and(|release| release.tag.is_some()) {
        workplace.is_signed_by_git(GitSigns::Tag)?;
    }
    Ok(workplace.is_signed_by_git(GitSigns::Commit)?)
}

/// The number of the statement that is asked for.
fn next_seq(found: &Found) -> Seq {
    let after = |seq: Seq| seq.successor().unwrap_or(Seq::MAX);
    let next = after(head(&found.chain).seq());
    if found.needs_beat { after(next) } else { next }
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
///
/// # Example
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun()?;
/// # let key = std::fs::read_to_string(machine.store()?.folder().join("2.key"))?;
/// use sigpkg::publish::{PublishError, findings};
///
/// machine.commit("notes.txt", &key)?;
/// let (problems, _) = findings(&machine.workplace()?, &machine.store()?, &mut |_| {})?;
/// assert!(matches!(problems[..], [PublishError::LiveKeyLeaked { .. }]));
/// # Ok::<(), doc::Error>(())
/// ```
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
    let is_signed_by_git = workplace.is_signed_by_git(GitSigns::Commit).unwrap_or_else(|problem| {
        problems.push(problem.into());
        false
    });
    Ok((problems, notes(store, &taken_in, &search, is_signed_by_git)))
}

/// Whether git may ask for a passphrase or a touch. If it cannot say so, it might.
fn asks_git(workplace: &Workplace) -> bool {
    [GitSigns::Commit, GitSigns::Tag].into_iter().any(|what| workplace.is_signed_by_git(what).unwrap_or(true))
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
    // The folder that was signed, wherever this command was called.
    let workplace = if journal.place.below_root == workplace.below_root() {
        workplace
    } else {
        workplace.at(&PathBuf::from(&journal.place.below_root))?
    };
    let commit = CommitId::from_str(&journal.place.commit).map_err(|_| damaged("the commit has no name of one"))?;
    // Another clone will do if it has the commit; and if the first one is gone, the statement at least is finished.
    if !workplace.has_commit(commit) && directory != workplace.directory() && Workplace::open(directory).is_ok() {
        return Err(PublishError::UnfinishedElsewhere { seq, directory: PathBuf::from(directory) });
    }
    let is_what_was_asked = is_same(&draft, journal.place.writes, asked, store.store().chain());
    // The first folder may be out of reach by now.
    let mut journal = journal;
    let is_here = workplace.any_head_commit().is_ok_and(|(_, at_head)| at_head == commit);
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

/// Compares with the release that the commit carries; if that is none of this chain, with the newest one that a side tag names;
/// and otherwise with nothing.
fn summary(workplace: &Workplace, commit: CommitId, chain: &Chain, tree: &SourceTree) -> Result<Summary, PublishError> {
    let mut commits = vec![commit];
    if let Some(newest) = chain.belief(&Decided::stranger()).newest_release() {
        let tag = workplace.side_tag(chain.package().name(), newest.seq());
        commits.extend(match workplace.tagged(&tag)? {
            Tagged::Commit(commit) => Some(commit),
            Tagged::Nothing | Tagged::Other => None,
        });
    }
    for commit in commits {
        let statement = workplace.folder_blob(commit, FolderFile::Statement)?.unwrap_or_default();
        let release = chain.find(Digest::of(&statement)).and_then(|link| link.statement().release());
        let listing = workplace.folder_blob(commit, FolderFile::Files)?.unwrap_or_default();
        if let Some(release) = release.filter(|release| release.files == Digest::of(&listing)) {
            let listing = Listing::parse(&listing).unwrap_or_default();
            return Ok(Summary::new(tree.tree(), Some((&release.version, &listing))));
        }
    }
    Ok(Summary::new(tree.tree(), None))
}

/// The head of a chain that has no fork.
pub(super) fn head(chain: &Chain) -> Link<'_> {
    let belief: Belief<'_> = chain.belief(&Decided::stranger());
    belief.head()
}
