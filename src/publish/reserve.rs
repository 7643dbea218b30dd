//! The reserve: beginning a statement that says who signs from now on, and joining what its holders have signed
//! (KEEP-17 to KEEP-19).
//!
//! [`gather`] puts together what is known of a chain. [`begin_reserve`] makes the new keys and the draft, in the key
//! store. Holders sign drafts with [`CheckedDraft::sign`], which needs no store. [`prepare_join`] puts the signatures of
//! several drafts together, and [`Joining::carry_out`] does the rest:
//!
//! 1. take the record into the chain of the store
//! 2. erase the old keys, and put the new ones into their place
//! 3. write `.sigpkg`, commit
//! 4. end it
//!
//! Each step finds what an interrupted run has left, so the same call goes on.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use rand_core::CryptoRng;

use super::{Event, PublishError};
use crate::chain::{Chain, ChainError, Decided, Link, Vouchers};
use crate::digest::{Digest, SignatoryId};
use crate::key::Algorithm;
use crate::keystore::{
    BegunReserve, KeyProtection, KeyStoreError, KeyStores, LockedStore, Mode, NewLinkKeys, NewReserve, Settings, Store,
};
use crate::listing::folder::FolderFile;
use crate::package::Package;
use crate::release::folder_without_release;
use crate::release::reserve::{Change, CheckedDraft, ReserveDraft, ReserveDraftError};
use crate::repository::{self, Workplace, Written};
use crate::signature::Standard;
use crate::statement::{Cause, Seq};
use crate::time::Timestamp;

/// How long a key store that another process has is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is known of a chain on this machine.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let (machine, _) = doc::Machine::robbed()?;
/// use sigpkg::publish::gather;
///
/// let known = gather(Some(&machine.workplace()?), &machine.keys, None, &[])?.ok_or("nothing is known")?;
/// assert_eq!(known.store.map(|store| store.chain().len()), Some(1));
/// assert_eq!(known.chain.len(), 2, "the thief's statement is on a branch");
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Debug)]
pub struct Known {
    /// Every statement that could be found.
    pub chain: Chain,
    /// The key store of the chain, if there is one here.
    pub store: Option<Store>,
    /// Branches and tags with a chain of this id that is not valid, and so was left out.
    pub ignored: Vec<(String, ChainError)>,
}

/// A statement, as a person names it.
///
/// ```
/// use sigpkg::publish::Wanted;
/// use sigpkg::statement::Seq;
///
/// assert_eq!(Wanted::Seq(Seq::FIRST).to_string(), "statement 1");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// By its number.
    Seq(Seq),
    /// By the digest of its text.
    Digest(Digest),
}

/// A reserve statement that is to begin.
///
/// Keys are lost: the store gets new ones, and its holders are asked to sign.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::released()?;
/// # let workplace = machine.workplace()?;
/// # let known = sigpkg::publish::gather(Some(&workplace), &machine.keys, None, &[])?.ok_or("nothing is known")?;
/// use sigpkg::keystore::KeyProtection;
/// use sigpkg::publish::{ReserveRequest, begin_reserve};
/// use sigpkg::release::reserve::Change;
/// use sigpkg::statement::Cause;
///
/// let request = ReserveRequest {
///     change: Change { cause: Cause::Lost, reason: "a broken disk".to_owned(), reserve: None },
///     after: None,
///     mode: None,
///     protection: KeyProtection::None,
///     passphrase: None,
///     repository: Some(machine.repository.clone()),
///     now: doc::now(),
/// };
/// let draft = begin_reserve(known, &machine.keys, request, &mut doc::random(), &mut |_| {})?;
/// assert_eq!(draft.claimed().seq.get(), 3);
/// assert!(machine.store()?.has_begun_reserve()?);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ReserveRequest<'a> {
    /// What it is to say.
    pub change: Change,
    /// The last good statement; `None` is the head.
    pub after: Option<Wanted>,
    /// How the new link keys are made; `None` is as before, and fresh in a new store.
    pub mode: Option<Mode>,
    /// How their files are protected.
    pub protection: KeyProtection,
    /// The passphrase, if they are protected by one.
    pub passphrase: Option<&'a [u8]>,
    /// The folder of the package, if there is one here.
    pub repository: Option<PathBuf>,
    /// The time.
    pub now: Timestamp,
}

/// A reserve statement that was begun on this machine, and the signatures that have come.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// let joining = machine.joining()?;
/// let checked = joining.checked()?.ok_or("it is not joined yet")?;
/// assert_eq!(checked.missing(), 0, "its holder has signed");
/// # Ok::<(), doc::Error>(())
/// ```
pub struct Joining {
    workplace: Workplace,
    store: LockedStore,
    chain: Chain,
    draft: ReserveDraft,
}

/// A reserve statement that was joined.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # let joining = machine.joining()?;
/// use sigpkg::example::{self, RESERVE};
///
/// let joined = joining.carry_out(true)?;
/// assert_eq!(joined.seq.get(), 3);
/// assert_eq!(joined.digest, example::record(RESERVE)?.digest(), "by which users accept it");
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// The chain.
    pub id: SignatoryId,
    /// The package.
    pub package: Package,
    /// Its cause.
    pub cause: Cause,
    /// Its number.
    pub seq: Seq,
    /// The digest of its text, by which users accept it.
    pub digest: Digest,
    /// Where `.sigpkg` was written.
    pub written: Written,
}

impl fmt::Debug for Joining {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Joining").field("text", &self.draft.claimed().to_text()).finish_non_exhaustive()
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seq(seq) => write!(out, "statement {seq}"),
            Self::Digest(digest) => write!(out, "statement {digest}"),
        }
    }
}

/// Puts together what is known of a chain: chain files, the key store, and every branch and tag of the repository. Without
/// an `id` it is the chain of the first file, or that of the repository. `None` if nothing is known.
///
/// # Errors
///
/// - [`PublishError::Chain`] if a file is not a valid chain of this id.
/// - [`PublishError::KeyStore`], [`PublishError::Repository`] if a store or the repository cannot be read.
///
/// # Example
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::released()?;
/// use sigpkg::publish::gather;
///
/// let known = gather(Some(&machine.workplace()?), &machine.keys, None, &[])?.ok_or("nothing is known")?;
/// assert_eq!(known.chain.len(), 2);
/// assert!(known.store.is_some());
/// # Ok::<(), doc::Error>(())
/// ```
pub fn gather(
    workplace: Option<&Workplace>,
    stores: &KeyStores,
    id: Option<SignatoryId>,
    files: &[Vec<u8>],
) -> Result<Option<Known>, PublishError> {
    let Some(id) = which_chain(workplace, stores, id, files)? else { return Ok(None) };
    let store = if stores.contains(id)? { Some(stores.open(id)?) } else { None };
    let mut known: Option<Chain> = None;
    if let Some(store) = &store {
        let begun = store.begun_reserve()?;
        for chain in begun.into_iter().map(|begun| begun.chain).chain([store.published()]) {
            merge(&mut known, chain)?;
        }
    }
    for file in files {
        let chain = admit(file, id, known.as_ref())?;
        merge(&mut known, chain)?;
    }
    let ignored = merge_tips(&mut known, workplace, id)?;
    Ok(known.map(|chain| Known { chain, store, ignored }))
}

/// The statement that a reserve statement is to follow (KEEP-19).
///
/// # Errors
///
/// - [`PublishError::NoSuchStatement`], [`PublishError::SeveralStatements`] if `after` names none, or more than one.
/// - [`PublishError::AfterNeeded`] with cause `stolen` and no `after`: nobody but its owner knows which statement is the
///   last good one.
/// - [`PublishError::Contested`] if the chain has no head to follow.
/// - [`PublishError::NotOurs`] if the head is not one of the key store: that may be a thief's.
///
/// # Example
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::released()?;
/// # let known = sigpkg::publish::gather(None, &machine.keys, Some(machine.id()?), &[])?.ok_or("nothing is known")?;
/// use sigpkg::publish::{PublishError, Wanted, reserve_parent};
/// use sigpkg::statement::{Cause, Seq};
///
/// assert_eq!(reserve_parent(&known, Cause::Lost, None)?.seq().get(), 2);
/// let refused = reserve_parent(&known, Cause::Stolen, None);
/// assert!(matches!(refused, Err(PublishError::AfterNeeded)), "only the owner knows what a thief has signed");
/// assert_eq!(reserve_parent(&known, Cause::Stolen, Some(Wanted::Seq(Seq::FIRST)))?.seq(), Seq::FIRST);
/// # Ok::<(), doc::Error>(())
/// ```
pub fn reserve_parent(known: &Known, cause: Cause, after: Option<Wanted>) -> Result<Link<'_>, PublishError> {
    if let Some(wanted) = after {
        return find(&known.chain, wanted);
    }
    if cause == Cause::Stolen {
        return Err(PublishError::AfterNeeded);
    }
    let belief = known.chain.belief(&Decided::stranger());
    let head = belief.head();
    if belief.contest().is_some() {
        return Err(PublishError::Contested { seq: head.seq() });
    }
    match &known.store {
        Some(store) if store.chain().find(head.digest()).is_none() => Err(PublishError::NotOurs {
            seq: head.seq(),
            digest: head.digest(),
            own: store.chain().belief(&Decided::stranger()).head().seq(),
        }),
        Some(_) | None => Ok(head),
    }
}

/// Begins a reserve statement: makes the new link keys, fixes its text, and keeps both in the key store, which is made if
/// there is none. A call that was interrupted is taken up by the same call.
///
/// # Errors
///
/// - As [`reserve_parent`].
/// - [`PublishError::ReserveDraft`] if the statement would not be valid.
/// - [`PublishError::OtherReserve`] if another one has begun.
/// - [`KeyStoreError::Unfinished`] if a release was signed and not ended.
/// - [`PublishError::KeyStore`] if the store cannot be read or written.
///
/// # Example
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::released()?;
/// # let known = || -> Result<sigpkg::publish::Known, doc::Error> {
/// #     Ok(sigpkg::publish::gather(None, &machine.keys, Some(machine.id()?), &[])?.ok_or("nothing is known")?)
/// # };
/// # let request = sigpkg::publish::ReserveRequest {
/// #     change: sigpkg::release::reserve::Change {
/// #         cause: sigpkg::statement::Cause::Lost,
/// #         reason: "a broken disk".to_owned(),
/// #         reserve: None,
/// #     },
/// #     after: None,
/// #     mode: None,
/// #     protection: sigpkg::keystore::KeyProtection::None,
/// #     passphrase: None,
/// #     repository: None,
/// #     now: doc::now(),
/// # };
/// # let random = &mut doc::random();
/// use sigpkg::publish::begin_reserve;
///
/// let draft = begin_reserve(known()?, &machine.keys, request.clone(), random, &mut |_| {})?;
/// let again = begin_reserve(known()?, &machine.keys, request, random, &mut |_| {})?;
/// assert_eq!(again.digest(), draft.digest(), "it is taken up, and not begun anew");
/// # Ok::<(), doc::Error>(())
/// ```
pub fn begin_reserve(
    known: Known,
    stores: &KeyStores,
    request: ReserveRequest<'_>,
    random: &mut dyn CryptoRng,
    events: &mut dyn FnMut(Event),
) -> Result<ReserveDraft, PublishError> {
    let parent = reserve_parent(&known, request.change.cause, request.after)?.digest();
    let Known { chain, store, .. } = known;
    let store = store.map(|store| store.lock(PATIENCE, &mut || events(Event::Waiting))).transpose()?;
    if let Some(store) = &store {
        if let Some(begun) = store.store().begun_reserve()? {
            return same(&begun, parent, &request.change, store.store().id());
        }
        // What is signed may be in the world; what is only begun may never be finished, for want of the key.
        if let Some((_, Some(_))) = store.store().journal()? {
            return Err(KeyStoreError::Unfinished { id: store.store().id() }.into());
        }
    }
    let parent = find(&chain, Wanted::Digest(parent))?;
    let seq = parent.seq().successor().ok_or(ReserveDraftError::ChainFull)?;
    let algorithm = match request.change.cause {
        Cause::Algorithm => Algorithm::SlhDsa,
        // CHN-20
        Cause::Lost | Cause::Stolen | Cause::Handover | Cause::Planned => {
            parent.statement().look_ahead().next.algorithm()
        }
    };
    let before = store.as_ref().map(|store| store.store().settings().mode);
    let mode = request.mode.or(before).unwrap_or(Mode::Fresh);
    let keys = NewLinkKeys::generate(mode, algorithm, seq, random)?;
    let draft = ReserveDraft::begin(parent, request.change, keys.look_ahead()?, request.now)?;
    draft.clone().check(&chain)?;
    let file = draft.to_file();
    let new =
        NewReserve { chain: &chain, draft: &file, protection: request.protection, passphrase: request.passphrase };
    if let Some(mut store) = store {
        store.begin_reserve(keys, &new, random)?;
    } else {
        let settings = Settings {
            signatory: chain.id(),
            mode,
            protection: request.protection,
            created: request.now,
            repository: request.repository,
            acknowledged: Vec::new(),
            reserve_files: Vec::new(),
            reserve_place: None,
            papers: Vec::new(),
        };
        stores.create_for_reserve(keys, &new, &settings, random)?;
    }
    Ok(draft)
}

/// Keeps the signatures of a draft, if its statement has begun on this machine; says whether it has.
///
/// # Errors
///
/// - [`PublishError::KeyStore`] if the store cannot be read or written.
/// - [`PublishError::ReserveDraft`] if the draft in the store is damaged.
///
/// # Example
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # let chain = sigpkg::example::chain(&[sigpkg::example::GENESIS, sigpkg::example::FIRST])?;
/// # let elsewhere = doc::Machine::new()?;
/// # drop(machine.reserve_begun_for(&chain, sigpkg::example::RESERVE_DRAFT)?);
/// use sigpkg::example::RESERVE;
/// use sigpkg::publish::keep_signatures;
/// use sigpkg::release::reserve::ReserveDraft;
///
/// let signed = ReserveDraft::parse(RESERVE.as_bytes())?.check(&chain)?;
/// assert!(keep_signatures(&machine.keys, &signed, &mut |_| {})?);
/// let begun = machine.keys.open(chain.id())?.begun_reserve()?.ok_or("it has begun")?;
/// assert_eq!(begun.draft, RESERVE);
/// assert!(!keep_signatures(&elsewhere.keys, &signed, &mut |_| {})?, "it has not begun there");
/// # Ok::<(), doc::Error>(())
/// ```
pub fn keep_signatures(
    stores: &KeyStores,
    signed: &CheckedDraft<'_>,
    events: &mut dyn FnMut(Event),
) -> Result<bool, PublishError> {
    let id = signed.chain().id();
    if !stores.contains(id)? {
        return Ok(false);
    }
    let mut store = stores.open(id)?.lock(PATIENCE, &mut || events(Event::Waiting))?;
    let Some(begun) = store.store().begun_reserve()? else { return Ok(false) };
    let begun = ReserveDraft::parse(begun.draft.as_bytes())?;
    if begun.digest() != signed.digest() {
        return Ok(false);
    }
    let mut begun = begun.check(signed.chain())?;
    if begun.join(&signed.to_draft())? > 0 {
        store.write_reserve_draft(&begun.to_draft().to_file())?;
    }
    Ok(true)
}

/// Puts the signatures of drafts to those that are in the key store, and says what stands against joining. Each draft has
/// a name, for messages.
///
/// # Errors
///
/// - [`PublishError::NothingBegun`] if no reserve statement of this chain has begun here.
/// - [`PublishError::InDraft`] if a draft is of another statement, or has a bad signature.
/// - [`PublishError::ReserveDraft`] if what was begun does not fit the chain any more.
/// - [`PublishError::Repository`], [`PublishError::ForeignFolder`], [`PublishError::OtherPackage`] if nothing can be
///   committed here.
///
/// # Example
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # let chain = sigpkg::example::chain(&[sigpkg::example::GENESIS, sigpkg::example::FIRST])?;
/// # drop(machine.reserve_begun_for(&chain, sigpkg::example::RESERVE_DRAFT)?);
/// # let (workplace, keys, id) = (machine.workplace()?, &machine.keys, chain.id());
/// use sigpkg::example::RESERVE;
/// use sigpkg::publish::prepare_join;
/// use sigpkg::release::reserve::ReserveDraft;
///
/// let drafts = [("ada.draft".to_owned(), ReserveDraft::parse(RESERVE.as_bytes())?)];
/// let joining = prepare_join(workplace, keys, id, &drafts, &mut |_| {})?;
/// assert_eq!(joining.carry_out(true)?.id, id);
/// # Ok::<(), doc::Error>(())
/// ```
pub fn prepare_join(
    workplace: Workplace,
    stores: &KeyStores,
    id: SignatoryId,
    drafts: &[(String, ReserveDraft)],
    events: &mut dyn FnMut(Event),
) -> Result<Joining, PublishError> {
    let mut store = stores.open(id)?.lock(PATIENCE, &mut || events(Event::Waiting))?;
    let Some(begun) = store.store().begun_reserve()? else {
        return Err(nothing_begun(store.store(), drafts));
    };
    check_workplace(&workplace, store.store())?;
    let mut chain = Some(store.store().published());
    merge(&mut chain, begun.chain)?;
    merge_tips(&mut chain, Some(&workplace), id)?;
    let chain = chain.unwrap_or_else(|| store.store().chain().clone());
    let mut draft = ReserveDraft::parse(begun.draft.as_bytes())?;
    // Once the record is in the chain of the store, the rest only has to be finished.
    if store.store().chain().find(draft.digest()).is_none() {
        let mut checked = draft.check(&chain)?;
        for (file, draft) in drafts {
            checked.join(draft).map_err(|error| PublishError::InDraft { file: file.clone(), error })?;
        }
        draft = checked.to_draft();
        if draft.to_file() != begun.draft {
            store.write_reserve_draft(&draft.to_file())?;
        }
    }
    Ok(Joining { workplace, store, chain, draft })
}

/// Gives up the reserve statement that has begun, and erases its keys.
///
/// # Errors
///
/// - [`PublishError::NothingBegun`] if none has.
/// - [`ReserveDraftError::Joined`] if its record is in the chain: then it has to be finished.
/// - [`PublishError::KeyStore`] if the store cannot be read or written.
///
/// # Example
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # let chain = sigpkg::example::chain(&[sigpkg::example::GENESIS, sigpkg::example::FIRST])?;
/// # drop(machine.reserve_begun_for(&chain, sigpkg::example::RESERVE_DRAFT)?);
/// # let id = chain.id();
/// use sigpkg::publish::{PublishError, drop_reserve};
///
/// let dropped = drop_reserve(&machine.keys, id, &mut |_| {})?;
/// assert_eq!(dropped.claimed().seq.get(), 3);
/// let again = drop_reserve(&machine.keys, id, &mut |_| {});
/// assert!(again.is_err(), "nothing is begun any more");
/// # Ok::<(), doc::Error>(())
/// ```
pub fn drop_reserve(
    stores: &KeyStores,
    id: SignatoryId,
    events: &mut dyn FnMut(Event),
) -> Result<ReserveDraft, PublishError> {
    let store = stores.open(id)?.lock(PATIENCE, &mut || events(Event::Waiting))?;
    let begun = store.store().begun_reserve()?.ok_or(PublishError::NothingBegun { id })?;
    let draft = ReserveDraft::parse(begun.draft.as_bytes())?;
    if let Some(link) = store.store().chain().find(draft.digest()) {
        return Err(ReserveDraftError::Joined { seq: link.seq(), digest: link.digest() }.into());
    }
    store.drop_reserve()?;
    Ok(draft)
}

impl Joining {
    /// The statement with the signatures so far, held against all that is known; `None` if it is in the chain of the store
    /// by now, and only has to be finished.
    ///
    /// # Errors
    ///
    /// - [`PublishError::ReserveDraft`] never: this was checked.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// # let joining = machine.joining()?;
    /// let checked = joining.checked()?.ok_or("it is not joined yet")?;
    /// assert_eq!(checked.signers().len(), 1);
    /// assert!(checked.effects()?.rivals.is_empty());
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn checked(&self) -> Result<Option<CheckedDraft<'_>>, PublishError> {
        if self.is_in_chain() { Ok(None) } else { Ok(Some(self.draft.clone().check(&self.chain)?)) }
    }

    /// Takes the record into the chain, replaces the keys, and commits. Whenever it is interrupted, [`prepare_join`] finds
    /// it again.
    ///
    /// # Errors
    ///
    /// - [`ReserveDraftError::Incomplete`] if too few have signed.
    /// - [`PublishError::RivalReserve`] if another reserve statement stands beside it, which it cannot beat.
    /// - [`PublishError::KeyStore`] if the store cannot be written.
    /// - [`PublishError::Repository`] if nothing can be committed. The record is in the store then, and so are the keys.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// # let joining = machine.joining()?;
    /// let joined = joining.carry_out(true)?;
    /// let store = machine.keys.open(joined.id)?;
    /// assert_eq!(store.chain().len(), 3);
    /// assert!(store.begun_reserve()?.is_none());
    /// assert!(joined.written.commit().is_some());
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn carry_out(mut self, makes_commit: bool) -> Result<Joined, PublishError> {
        let digest = self.draft.digest();
        if let Some(checked) = self.checked()? {
            let record = checked.record()?;
            if let Some(rival) = checked.effects()?.rivals.first() {
                return Err(PublishError::RivalReserve { digest: rival.digest() });
            }
            self.store.add_reserve_record(&self.chain, &record)?;
        }
        self.store.activate_reserve_keys(digest)?;
        // Its key is gone, and it was never signed.
        if self.store.store().journal()?.is_some() {
            self.store.close_journal()?;
        }
        let directory = self.workplace.directory().to_owned();
        self.store.change_settings(|settings| settings.repository = Some(directory))?;
        let statement = self.draft.claimed();
        let (package, seq) = (statement.package.clone(), statement.seq);
        let written = write(&self.workplace, self.store.store(), &package, seq, makes_commit)?;
        self.store.close_reserve()?;
        let (id, cause) = (self.store.store().id(), self.draft.claimed_change().cause);
        Ok(Joined { id, package, cause, seq, digest, written })
    }

    /// The key store.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// # let joining = machine.joining()?;
    /// assert_eq!(joining.store().id(), sigpkg::example::id()?);
    /// assert!(joining.store().has_begun_reserve()?);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn store(&self) -> &Store {
        self.store.store()
    }

    fn is_in_chain(&self) -> bool {
        self.store.store().chain().find(self.draft.digest()).is_some()
    }
}

fn which_chain(
    workplace: Option<&Workplace>,
    stores: &KeyStores,
    id: Option<SignatoryId>,
    files: &[Vec<u8>],
) -> Result<Option<SignatoryId>, PublishError> {
    if let Some(id) = id {
        return Ok(Some(id));
    }
    if let Some(first) = files.first() {
        return Ok(Some(Chain::claimed_id(first)?));
    }
    let Some(workplace) = workplace else { return Ok(None) };
    if let Some(commit) = workplace.head()?.commit
        && let Some(id) = workplace.claimed_id(commit)?
    {
        return Ok(Some(id));
    }
    match super::find_store(workplace, stores) {
        Ok(store) => Ok(Some(store.id())),
        Err(PublishError::NoChain { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn admit(file: &[u8], id: SignatoryId, known: Option<&Chain>) -> Result<Chain, ChainError> {
    match known {
        Some(known) => Chain::admit_beside(file, known, Vouchers::None, &Standard),
        None => Chain::admit(file, id, &Standard),
    }
}

fn merge(known: &mut Option<Chain>, chain: Chain) -> Result<(), ChainError> {
    if let Some(known) = known {
        return known.merge(&chain).map(|_| ());
    }
    *known = Some(chain);
    Ok(())
}

/// Adds the chains of all branches and tags; one that is not valid says nothing, and stops nobody in an emergency.
fn merge_tips(
    known: &mut Option<Chain>,
    workplace: Option<&Workplace>,
    id: SignatoryId,
) -> Result<Vec<(String, ChainError)>, PublishError> {
    let mut ignored = Vec::new();
    let Some(workplace) = workplace else { return Ok(ignored) };
    for (reference, file) in workplace.chains_at_tips()? {
        if Chain::claimed_id(&file) == Ok(id) {
            match admit(&file, id, known.as_ref()) {
                Ok(chain) => merge(known, chain)?,
                Err(error) => ignored.push((reference, error)),
            }
        }
    }
    Ok(ignored)
}

fn find(chain: &Chain, wanted: Wanted) -> Result<Link<'_>, PublishError> {
    let found: Vec<_> = match wanted {
        Wanted::Seq(seq) => chain.links().filter(|link| link.seq() == seq).collect(),
        Wanted::Digest(digest) => chain.find(digest).into_iter().collect(),
    };
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(PublishError::NoSuchStatement { wanted: wanted.to_string() }),
        [first, ..] => Err(PublishError::SeveralStatements {
            seq: first.seq(),
            digests: found.iter().map(|link| link.digest()).collect(),
        }),
    }
}

/// A statement that has begun is gone on with if it is the one that is asked for.
fn same(begun: &BegunReserve, parent: Digest, change: &Change, id: SignatoryId) -> Result<ReserveDraft, PublishError> {
    let draft = ReserveDraft::parse(begun.draft.as_bytes())?;
    let said = draft.claimed_change();
    let lineage = draft.claimed().lineage;
    let kept = lineage.and_then(|lineage| begun.chain.find(lineage.previous)).map(Link::reserve);
    let reserve = change.reserve.as_ref().or(kept);
    if lineage.is_some_and(|lineage| lineage.previous == parent)
        && (said.cause, &said.reason, Some(&said.reserve)) == (change.cause, &change.reason, reserve)
    {
        return Ok(draft);
    }
    Err(PublishError::OtherReserve { id, cause: said.cause, reason: said.reason.clone() })
}

fn nothing_begun(store: &Store, drafts: &[(String, ReserveDraft)]) -> PublishError {
    let joined = drafts.iter().find_map(|(_, draft)| store.chain().find(draft.digest()));
    match joined {
        Some(link) => ReserveDraftError::Joined { seq: link.seq(), digest: link.digest() }.into(),
        None => PublishError::NothingBegun { id: store.id() },
    }
}

/// Asked before anything is changed.
fn check_workplace(workplace: &Workplace, store: &Store) -> Result<(), PublishError> {
    workplace.check_state()?;
    workplace.check_identity()?;
    workplace.is_signed_by_git(repository::GitSigns::Commit)?;
    let commit = workplace.head()?.commit;
    match commit.map(|commit| workplace.claimed_id(commit)).transpose()?.flatten() {
        Some(found) if found != store.id() => return Err(PublishError::ForeignFolder { expected: store.id(), found }),
        Some(_) => {}
        None => {
            if let Ok(found) = workplace.detect()
                && found != *store.chain().package()
            {
                let expected = Box::new(store.chain().package().clone());
                return Err(PublishError::OtherPackage { expected, found: Box::new(found) });
            }
        }
    }
    Ok(())
}

fn write(
    workplace: &Workplace,
    store: &Store,
    package: &Package,
    seq: Seq,
    makes_commit: bool,
) -> Result<Written, PublishError> {
    let folder = folder_without_release(&store.published());
    if !makes_commit {
        workplace.write_worktree(&folder)?;
        return Ok(Written::Worktree);
    }
    let head = workplace.head()?;
    if let Some(commit) = head.commit
        && is_committed(workplace, commit, &folder)?
    {
        workplace.bring_after(&folder)?;
        return Ok(Written::Commit { commit: commit.to_string(), branch: head.branch });
    }
    Ok(workplace.commit(&repository::Change {
        folder: &folder,
        base: head.commit,
        branch: &head.branch,
        target: repository::Target::Branch,
        message: &format!("sigpkg: reserve {} (statement {seq})", package.name()),
        aside: &workplace.aside_branch(package.name(), seq),
    })?)
}

/// Whether a commit has this folder, as an interrupted run has made it.
fn is_committed(
    workplace: &Workplace,
    commit: repository::CommitId,
    folder: &repository::Folder,
) -> Result<bool, PublishError> {
    for file in FolderFile::ALL {
        if workplace.folder_blob(commit, file)?.as_ref() != folder.get(&file) {
            return Ok(false);
        }
    }
    Ok(true)
}
