//! Reserve statements in the making: what goes from one holder of a reserve key to the next.
//!
//! A draft is a file of the exact text of the statement, and then the signature blocks so far, each as in a record, in
//! any order:
//!
//! ```text
//! sigpkg = 1
//! kind = "reserve"
//! …
//! untrusted comment: sigpkg reserve signature
//! U3…
//! ```
//!
//! [`ReserveDraft::parse`] reads one and believes nothing. [`ReserveDraft::check`] holds it against a chain (KEEP-18):
//! only a [`CheckedDraft`] can be signed, joined with others, and made into a record. All of it is pure.
//!
//! Source: spec/8-key-store.md, KEEP-17 to KEEP-19.

mod error;

use std::collections::BTreeMap;
use std::fmt;

pub use self::error::ReserveDraftError;

use super::signatory_of;
use crate::chain::{Chain, Decided, Link, State, Unverified};
use crate::digest::{Digest, SignatoryId};
use crate::key::{Algorithm, COMMENT_PREFIX, LinkKey, ReserveKey};
use crate::secret::SecretKey;
use crate::signature::{Scheme, Signature, Standard, VerifyError, block, verify};
use crate::statement::{
    Body, Cause, Lineage, LookAhead, MAX_STATEMENT_BYTES, ReserveChange, ReserveSet, Severity, Statement,
};
use crate::time::Timestamp;

/// The most keys a reserve may have (STM-16), so the most blocks that a draft can need.
const MAX_BLOCKS: usize = 15;

/// The size of the largest draft in bytes: the largest statement, and a block of each key of the largest reserve.
pub const MAX_DRAFT_BYTES: usize = MAX_STATEMENT_BYTES + MAX_BLOCKS * block::MAX_LENGTH;

/// What a reserve statement is to say, besides what follows from its parent.
///
/// ```
/// use sigpkg::release::reserve::Change;
/// use sigpkg::statement::Cause;
///
/// // The laptop is gone: new link keys, the same reserve.
/// let change = Change { cause: Cause::Lost, reason: "the laptop is at the bottom of a lake".to_owned(), reserve: None };
/// assert_eq!(change.cause.as_str(), "lost");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What made it necessary.
    pub cause: Cause,
    /// The same, in words for people.
    pub reason: String,
    /// The reserve from now on; `None` keeps the one in force.
    pub reserve: Option<ReserveSet>,
}

/// A reserve statement with some or all of its signatures, as it was read. All that it says is claimed.
///
/// ```
/// use sigpkg::example::{self, RESERVE_DRAFT};
/// use sigpkg::release::reserve::ReserveDraft;
///
/// // It arrives by mail. What it says is read before anybody signs it.
/// let draft = ReserveDraft::parse(RESERVE_DRAFT.as_bytes())?;
/// assert_eq!(draft.claimed_signatory(), example::id()?);
/// assert_eq!(draft.claimed_change().cause.as_str(), "stolen");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReserveDraft {
    statement: Statement,
    change: ReserveChange,
    lineage: Lineage,
    text: String,
    digest: Digest,
    blocks: Vec<Signature>,
}

/// A draft that fits a chain: it would be valid there but for missing signatures, and those that it has are good.
///
/// ```
/// use sigpkg::example::{self, FIRST, GENESIS, RESERVE, RESERVE_DRAFT};
/// use sigpkg::release::reserve::ReserveDraft;
///
/// let chain = example::chain(&[GENESIS, FIRST])?;
/// let mut draft = ReserveDraft::parse(RESERVE_DRAFT.as_bytes())?.check(&chain)?;
/// assert_eq!((draft.missing(), draft.others().len()), (1, 1));
/// // The same draft comes back from the holder of the key, signed.
/// draft.join(&ReserveDraft::parse(RESERVE.as_bytes())?)?;
/// assert_eq!(draft.record()?, example::record(RESERVE)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct CheckedDraft<'chain> {
    draft: ReserveDraft,
    chain: &'chain Chain,
    parent: Link<'chain>,
    /// Verified signatures, by the place of their keys in the reserve in force at the parent.
    signatures: BTreeMap<usize, Signature>,
}

/// What changes for whoever has the same chain and follows the statement.
///
/// ```
/// use sigpkg::example::{self, FIRST, GENESIS, RESERVE_DRAFT, RIVAL};
/// use sigpkg::release::reserve::ReserveDraft;
///
/// // A thief has released 6.6.6. What would become of it?
/// let chain = example::chain(&[GENESIS, FIRST, RIVAL])?;
/// let effects = ReserveDraft::parse(RESERVE_DRAFT.as_bytes())?.check(&chain)?.effects()?;
/// let void: Vec<_> = effects.void.iter().map(|link| link.digest()).collect();
/// assert_eq!(void, [example::record(RIVAL)?.digest()]);
/// assert!(effects.lapsed.is_empty() && effects.rivals.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Effects<'chain> {
    /// Statements that stand or are contested now, and would be void.
    pub void: Vec<Link<'chain>>,
    /// Releases that would no longer be yanked or withdrawn as they are now.
    pub lapsed: Vec<Lapsed<'chain>>,
    /// Reserve statements on other branches that this one cannot beat: each user chooses.
    pub rivals: Vec<Link<'chain>>,
}

/// A release that would be good again, because what was said against it is void (BEL-6, BEL-10).
///
/// ```
/// use sigpkg::example::{self, FIRST, GENESIS, RESERVE_DRAFT, YANK};
/// use sigpkg::release::reserve::ReserveDraft;
///
/// // The yank would be void, and must be repeated by whoever still means it.
/// let chain = example::chain(&[GENESIS, FIRST, YANK])?;
/// let effects = ReserveDraft::parse(RESERVE_DRAFT.as_bytes())?.check(&chain)?.effects()?;
/// assert_eq!(
///     effects.lapsed[0].to_string(),
///     "1.0.0 (statement 2) would no longer be yanked (refuse, by statement 3)"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Lapsed<'chain> {
    /// The release.
    pub release: Link<'chain>,
    /// The statement that would be void.
    pub by: Link<'chain>,
    /// How grave the yank is that would fall; `None` for a withdrawal.
    pub severity: Option<Severity>,
}

impl ReserveDraft {
    /// The reserve statement that follows `parent`, without signatures.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST, GENESIS};
    /// use sigpkg::key::Algorithm;
    /// use sigpkg::release::reserve::{Change, ReserveDraft};
    /// use sigpkg::secret::Seed;
    /// use sigpkg::statement::{Cause, LookAhead};
    ///
    /// let chain = example::chain(&[GENESIS, FIRST])?;
    /// let parent = chain.links().next_back().ok_or("a chain has a genesis")?;
    /// let seed = Seed::from_bytes([7; 32]);
    /// let key = |seq| seed.link_secret(Algorithm::Ed25519, seq)?.link_key();
    /// let keys = LookAhead { next: key(4)?, after_next: key(5)? };
    /// let change = Change { cause: Cause::Lost, reason: "the laptop is gone".to_owned(), reserve: None };
    /// let draft = ReserveDraft::begin(parent, change, keys, "2026-11-20T12:00:00Z".parse()?)?;
    /// assert_eq!(draft.check(&chain)?.missing(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`ReserveDraftError::ChainFull`] after the last statement that a chain may have.
    /// - [`ReserveDraftError::Statement`] if what it would say breaks a rule of chapter 3.
    pub fn begin(
        parent: Link<'_>,
        change: Change,
        look_ahead: LookAhead,
        date: Timestamp,
    ) -> Result<Self, ReserveDraftError> {
        let reserve = change.reserve.unwrap_or_else(|| parent.reserve().clone());
        let change = ReserveChange { cause: change.cause, reason: change.reason, reserve };
        let statement = Statement {
            package: parent.statement().package.clone(),
            lineage: Some(Lineage { signatory: signatory_of(parent), previous: parent.digest() }),
            seq: parent.seq().successor().ok_or(ReserveDraftError::ChainFull)?,
            date,
            next_by: None,
            body: Body::Reserve(change, look_ahead),
        };
        statement.check()?;
        let text = statement.to_text();
        // Read back as a verifier will read it: size, form and all.
        Self::of(Statement::parse(text.as_bytes())?, text, Vec::new())
    }

    /// Reads a draft. Nothing in it is verified.
    ///
    /// ```
    /// use sigpkg::example::{RESERVE, RESERVE_DRAFT, YANK};
    /// use sigpkg::release::reserve::{ReserveDraft, ReserveDraftError};
    ///
    /// assert!(ReserveDraft::parse(RESERVE_DRAFT.as_bytes()).is_ok());
    /// assert!(ReserveDraft::parse(RESERVE.as_bytes()).is_ok()); // with its signature
    /// let other = ReserveDraft::parse(YANK.as_bytes());
    /// assert!(matches!(other, Err(ReserveDraftError::Kind { .. })));
    /// ```
    ///
    /// # Errors
    ///
    /// - [`ReserveDraftError::TooLarge`], [`ReserveDraftError::Form`] if the file has not the form of a draft.
    /// - [`ReserveDraftError::Statement`], [`ReserveDraftError::Block`] if the statement or a block is damaged.
    /// - [`ReserveDraftError::Kind`] if the statement is of another kind.
    pub fn parse(file: &[u8]) -> Result<Self, ReserveDraftError> {
        if file.len() > MAX_DRAFT_BYTES {
            return Err(ReserveDraftError::TooLarge { bytes: file.len() });
        }
        let form = |problem| ReserveDraftError::Form { problem };
        let file = std::str::from_utf8(file).map_err(|_| form("it is not UTF-8"))?;
        if file.contains('\r') {
            return Err(form("its line ends were changed on the way"));
        }
        let end = file.find(&format!("\n{COMMENT_PREFIX}")).map_or(file.len(), |at| at + 1);
        let (text, rest) = file.split_at(end);
        let statement = Statement::parse(text.as_bytes())?;
        let lines: Vec<_> = rest.split_inclusive('\n').collect();
        let blocks = lines.chunks(2).enumerate().map(|(index, pair)| {
            block::parse(&pair.concat()).map_err(|error| ReserveDraftError::Block { number: index + 1, error })
        });
        Self::of(statement, text.to_owned(), blocks.collect::<Result<_, _>>()?)
    }

    fn of(statement: Statement, text: String, blocks: Vec<Signature>) -> Result<Self, ReserveDraftError> {
        let kind = ReserveDraftError::Kind { found: statement.kind() };
        let (Body::Reserve(change, _), Some(lineage)) = (&statement.body, statement.lineage) else { return Err(kind) };
        let (change, digest) = (change.clone(), Digest::of(text.as_bytes()));
        Ok(Self { statement, change, lineage, text, digest, blocks })
    }

    /// The file.
    ///
    /// ```
    /// use sigpkg::example::RESERVE;
    /// use sigpkg::release::reserve::ReserveDraft;
    ///
    /// assert_eq!(ReserveDraft::parse(RESERVE.as_bytes())?.to_file(), RESERVE);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_file(&self) -> String {
        self.blocks.iter().fold(self.text.clone(), |file, signature| file + &block::write(signature))
    }

    /// The chain that it says it belongs to.
    ///
    /// ```
    /// use sigpkg::example::{self, RESERVE_DRAFT};
    /// use sigpkg::release::reserve::ReserveDraft;
    ///
    /// assert_eq!(ReserveDraft::parse(RESERVE_DRAFT.as_bytes())?.claimed_signatory(), example::id()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn claimed_signatory(&self) -> SignatoryId {
        self.lineage.signatory
    }

    /// What it says.
    ///
    /// ```
    /// use sigpkg::example::RESERVE_DRAFT;
    /// use sigpkg::release::reserve::ReserveDraft;
    ///
    /// assert_eq!(ReserveDraft::parse(RESERVE_DRAFT.as_bytes())?.claimed().seq.get(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn claimed(&self) -> &Statement {
        &self.statement
    }

    /// What it says about the reserve.
    ///
    /// ```
    /// use sigpkg::example::RESERVE_DRAFT;
    /// use sigpkg::release::reserve::ReserveDraft;
    /// use sigpkg::statement::Cause;
    ///
    /// assert_eq!(ReserveDraft::parse(RESERVE_DRAFT.as_bytes())?.claimed_change().cause, Cause::Stolen);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn claimed_change(&self) -> &ReserveChange {
        &self.change
    }

    /// The digest of its text: two drafts of one statement have the same.
    ///
    /// ```
    /// use sigpkg::example::{RESERVE, RESERVE_DRAFT};
    /// use sigpkg::release::reserve::ReserveDraft;
    ///
    /// let (sent, signed) = (ReserveDraft::parse(RESERVE_DRAFT.as_bytes())?, ReserveDraft::parse(RESERVE.as_bytes())?);
    /// assert_eq!(sent.digest(), signed.digest()); // what the holders read to each other on the phone
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Holds the draft against a chain (KEEP-18).
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST, GENESIS, RESERVE, RESERVE_DRAFT};
    /// use sigpkg::release::reserve::{ReserveDraft, ReserveDraftError};
    ///
    /// let draft = ReserveDraft::parse(RESERVE_DRAFT.as_bytes())?;
    /// assert!(draft.clone().check(&example::chain(&[GENESIS, FIRST])?).is_ok());
    /// let joined = example::chain(&[GENESIS, FIRST, RESERVE])?;
    /// assert!(matches!(draft.check(&joined), Err(ReserveDraftError::Joined { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`ReserveDraftError::OtherChain`] if it is of another chain.
    /// - [`ReserveDraftError::Joined`] if it is in the chain already.
    /// - [`ReserveDraftError::NoParent`] if the chain does not have the statement that it follows.
    /// - [`ReserveDraftError::Chain`] if it would not be valid, whoever signed it.
    /// - [`ReserveDraftError::MovedOn`] if its parent is not the head, and its cause is none that goes back.
    /// - [`ReserveDraftError::UnknownSigner`], [`ReserveDraftError::SignedTwice`] or [`ReserveDraftError::Signature`] if a
    ///   block is not one of a key of the reserve in force, or does not verify.
    pub fn check(self, chain: &Chain) -> Result<CheckedDraft<'_>, ReserveDraftError> {
        if self.lineage.signatory != chain.id() {
            return Err(ReserveDraftError::OtherChain { expected: chain.id(), found: self.lineage.signatory });
        }
        if let Some(link) = chain.find(self.digest) {
            return Err(ReserveDraftError::Joined { seq: link.seq(), digest: self.digest });
        }
        let previous = self.lineage.previous;
        let parent = chain.find(previous).ok_or(ReserveDraftError::NoParent { seq: self.statement.seq, previous })?;
        let blocks = self.blocks.clone();
        let mut checked = CheckedDraft { draft: self, chain, parent, signatures: BTreeMap::new() };
        checked.as_if_signed()?;
        checked.check_head()?;
        for signature in blocks {
            let (place, _) = checked.verify(&signature)?;
            if checked.signatures.insert(place, signature).is_some() {
                return Err(ReserveDraftError::SignedTwice { key: checked.key_at(place)? });
            }
        }
        Ok(checked)
    }
}

impl<'chain> CheckedDraft<'chain> {
    /// What it says.
    ///
    /// ```
    /// # use sigpkg::example::{self, FIRST, GENESIS, RESERVE, RESERVE_DRAFT};
    /// # use sigpkg::release::reserve::ReserveDraft;
    /// # let chain = example::chain(&[GENESIS, FIRST])?;
    /// let draft = ReserveDraft::parse(RESERVE_DRAFT.as_bytes())?.check(&chain)?;
    /// assert_eq!(draft.statement().date, "2026-01-03T12:00:00Z".parse()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn statement(&self) -> &Statement {
        &self.draft.statement
    }

    /// What it says about the reserve.
    ///
    /// ```
    /// # use sigpkg::example::{self, FIRST, GENESIS, RESERVE, RESERVE_DRAFT};
    /// # use sigpkg::release::reserve::ReserveDraft;
    /// # let chain = example::chain(&[GENESIS, FIRST])?;
    /// let draft = ReserveDraft::parse(RESERVE_DRAFT.as_bytes())?.check(&chain)?;
    /// assert_eq!(draft.change().reason, "the keys are those of a test");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn change(&self) -> &ReserveChange {
        &self.draft.change
    }

    /// The digest of its text.
    ///
    /// ```
    /// # use sigpkg::example::{self, FIRST, GENESIS, RESERVE, RESERVE_DRAFT};
    /// # use sigpkg::release::reserve::ReserveDraft;
    /// # let chain = example::chain(&[GENESIS, FIRST])?;
    /// let draft = ReserveDraft::parse(RESERVE_DRAFT.as_bytes())?.check(&chain)?;
    /// assert_eq!(draft.digest(), example::record(RESERVE)?.digest());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn digest(&self) -> Digest {
        self.draft.digest
    }

    /// The chain that it was held against.
    ///
    /// ```
    /// # use sigpkg::example::{self, FIRST, GENESIS, RESERVE, RESERVE_DRAFT};
    /// # use sigpkg::release::reserve::ReserveDraft;
    /// # let chain = example::chain(&[GENESIS, FIRST])?;
    /// let draft = ReserveDraft::parse(RESERVE_DRAFT.as_bytes())?.check(&chain)?;
    /// assert_eq!(draft.chain().id(), example::id()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn chain(&self) -> &'chain Chain {
        self.chain
    }

    /// The statement that it follows.
    ///
    /// ```
    /// # use sigpkg::example::{self, FIRST, GENESIS, RESERVE, RESERVE_DRAFT};
    /// # use sigpkg::release::reserve::ReserveDraft;
    /// # let chain = example::chain(&[GENESIS, FIRST])?;
    /// let draft = ReserveDraft::parse(RESERVE_DRAFT.as_bytes())?.check(&chain)?;
    /// assert_eq!(draft.parent().digest(), example::record(FIRST)?.digest());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parent(&self) -> Link<'chain> {
        self.parent
    }

    /// The reserve that has to sign it: the one in force at the parent (CHN-18).
    ///
    /// ```
    /// # use sigpkg::example::{self, FIRST, GENESIS, RESERVE, RESERVE_DRAFT};
    /// # use sigpkg::release::reserve::ReserveDraft;
    /// # let chain = example::chain(&[GENESIS, FIRST])?;
    /// let draft = ReserveDraft::parse(RESERVE_DRAFT.as_bytes())?.check(&chain)?;
    /// assert_eq!(Some(draft.reserve()), chain.genesis().statement().reserve());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reserve(&self) -> &'chain ReserveSet {
        self.parent.reserve()
    }

    /// The algorithm of link keys before and after it (CHN-13), if it changes.
    ///
    /// ```
    /// # use sigpkg::example::{self, FIRST, GENESIS, RESERVE, RESERVE_DRAFT};
    /// # use sigpkg::release::reserve::ReserveDraft;
    /// # let chain = example::chain(&[GENESIS, FIRST])?;
    /// let draft = ReserveDraft::parse(RESERVE_DRAFT.as_bytes())?.check(&chain)?;
    /// assert_eq!(draft.algorithm_change(), None); // stolen keys are replaced by keys of the same kind
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn algorithm_change(&self) -> Option<(Algorithm, Algorithm)> {
        let of = |statement: &Statement| statement.look_ahead().next.algorithm();
        let (before, after) = (of(self.parent.statement()), of(self.statement()));
        (before != after).then_some((before, after))
    }

    /// The keys that have signed it, in the order of the reserve.
    ///
    /// ```
    /// # use sigpkg::example::{self, FIRST, GENESIS, RESERVE, RESERVE_DRAFT};
    /// # use sigpkg::release::reserve::ReserveDraft;
    /// # let chain = example::chain(&[GENESIS, FIRST])?;
    /// let mut draft = ReserveDraft::parse(RESERVE_DRAFT.as_bytes())?.check(&chain)?;
    /// assert_eq!(draft.signers(), []);
    /// draft.join(&ReserveDraft::parse(RESERVE.as_bytes())?)?;
    /// assert_eq!(draft.signers(), draft.reserve().keys);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn signers(&self) -> Vec<ReserveKey> {
        let keys = &self.reserve().keys;
        self.signatures.keys().filter_map(|place| keys.get(*place)).copied().collect()
    }

    /// The keys that have not, and could.
    ///
    /// ```
    /// # use sigpkg::example::{self, FIRST, GENESIS, RESERVE, RESERVE_DRAFT};
    /// # use sigpkg::release::reserve::ReserveDraft;
    /// # let chain = example::chain(&[GENESIS, FIRST])?;
    /// let draft = ReserveDraft::parse(RESERVE_DRAFT.as_bytes())?.check(&chain)?;
    /// assert_eq!(draft.others(), draft.reserve().keys); // whom to ask
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn others(&self) -> Vec<ReserveKey> {
        let keys = self.reserve().keys.iter().enumerate();
        keys.filter(|(place, _)| !self.signatures.contains_key(place)).map(|(_, key)| *key).collect()
    }

    /// How many signatures are still needed.
    ///
    /// ```
    /// # use sigpkg::example::{self, FIRST, GENESIS, RESERVE, RESERVE_DRAFT};
    /// # use sigpkg::release::reserve::ReserveDraft;
    /// # let chain = example::chain(&[GENESIS, FIRST])?;
    /// let mut draft = ReserveDraft::parse(RESERVE_DRAFT.as_bytes())?.check(&chain)?;
    /// assert_eq!(draft.missing(), 1);
    /// draft.join(&ReserveDraft::parse(RESERVE.as_bytes())?)?;
    /// assert_eq!(draft.missing(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn missing(&self) -> usize {
        self.threshold().saturating_sub(self.signatures.len())
    }

    /// Whether this key may sign it now.
    ///
    /// ```
    /// # use sigpkg::example::{self, FIRST, GENESIS, RESERVE, RESERVE_DRAFT};
    /// # use sigpkg::release::reserve::ReserveDraft;
    /// # let chain = example::chain(&[GENESIS, FIRST])?;
    /// let draft = ReserveDraft::parse(RESERVE_DRAFT.as_bytes())?.check(&chain)?;
    /// use sigpkg::key::ReserveKey;
    /// use sigpkg::release::reserve::ReserveDraftError;
    ///
    /// let holder = draft.reserve().keys[0];
    /// assert_eq!(draft.may_sign(&holder), Ok(()));
    /// let stranger = draft.may_sign(&ReserveKey::new([7; 32]));
    /// assert!(matches!(stranger, Err(ReserveDraftError::NotOfReserve { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`ReserveDraftError::NotOfReserve`] if it is no key of the reserve in force.
    /// - [`ReserveDraftError::SignedAlready`] if it has signed.
    /// - [`ReserveDraftError::Complete`] if enough have.
    pub fn may_sign(&self, key: &ReserveKey) -> Result<(), ReserveDraftError> {
        self.place_of(key).map(|_| ())
    }

    /// Adds the signature of this key, which is verified before it goes anywhere (KEEP-9). It takes seconds.
    ///
    /// ```
    /// use sigpkg::chain::Chain;
    /// use sigpkg::key::Algorithm;
    /// use sigpkg::package::Package;
    /// use sigpkg::release::{Draft, reserve::{Change, ReserveDraft}};
    /// use sigpkg::secret::{SecretKey, Seed};
    /// use sigpkg::signature::Standard;
    /// use sigpkg::statement::{Cause, LookAhead, ReserveSet};
    ///
    /// # let seed = Seed::from_bytes([7; 32]);
    /// # let secret = |seq| seed.link_secret(Algorithm::Ed25519, seq);
    /// # let keys = |seq| Ok::<_, sigpkg::key::KeyError>(LookAhead {
    /// #     next: secret(seq)?.link_key()?,
    /// #     after_next: secret(seq + 1)?.link_key()?,
    /// # });
    /// # let date = "2026-11-20T12:00:00Z".parse()?;
    /// // One holder made this key, long ago, and keeps it in a drawer.
    /// let holder = SecretKey::generate(Algorithm::Reserve, &mut rand_core::UnwrapErr(getrandom::SysRng));
    /// let reserve = ReserveSet { threshold: 1, keys: vec![holder.reserve_key()?] };
    /// let genesis = Draft::genesis(Package::generic("tides")?, reserve, secret(1)?.link_key()?, keys(2)?, date)?;
    /// let chain = Chain::begin(genesis.sign(&secret(1)?)?.record().clone(), &Standard)?;
    ///
    /// // The link keys are lost.
    /// let change = Change { cause: Cause::Lost, reason: "the laptop is gone".to_owned(), reserve: None };
    /// let mut draft = ReserveDraft::begin(chain.genesis(), change, keys(10)?, date)?.check(&chain)?;
    /// draft.sign(&holder.reserve_key()?, &holder)?;
    /// assert_eq!(chain.clone().append(draft.record()?, &Standard)?.seq().get(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`CheckedDraft::may_sign`], and [`ReserveDraftError::Signature`] if what was signed does not verify.
    pub fn sign(&mut self, key: &ReserveKey, secret: &SecretKey) -> Result<(), ReserveDraftError> {
        let place = self.place_of(key)?;
        let signature = secret.sign(self.draft.text.as_bytes());
        verify::reserve(key, self.draft.text.as_bytes(), &signature)
            .map_err(|error| ReserveDraftError::Signature { key: *key, error })?;
        self.signatures.insert(place, signature);
        Ok(())
    }

    /// Adds the signatures of another draft of the same statement, and says how many of them were new. One by a key that has
    /// signed is left out, whatever it is: one signature of a key is as good as another.
    ///
    /// ```
    /// # use sigpkg::example::{self, FIRST, GENESIS, RESERVE, RESERVE_DRAFT};
    /// # use sigpkg::release::reserve::ReserveDraft;
    /// # let chain = example::chain(&[GENESIS, FIRST])?;
    /// let mut draft = ReserveDraft::parse(RESERVE_DRAFT.as_bytes())?.check(&chain)?;
    /// let signed = ReserveDraft::parse(RESERVE.as_bytes())?;
    /// assert_eq!(draft.join(&signed)?, 1);
    /// assert_eq!(draft.join(&signed)?, 0); // it was there already
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`ReserveDraftError::OtherText`] if it is another statement.
    /// - [`ReserveDraftError::UnknownSigner`] or [`ReserveDraftError::Signature`] if one of its signatures is bad; nothing
    ///   is added then.
    pub fn join(&mut self, other: &ReserveDraft) -> Result<usize, ReserveDraftError> {
        if other.digest != self.draft.digest {
            return Err(ReserveDraftError::OtherText { expected: self.draft.digest, found: other.digest });
        }
        let verified = other.blocks.iter().map(|signature| Ok((self.verify(signature)?.0, signature)));
        let verified: Vec<_> = verified.collect::<Result<_, ReserveDraftError>>()?;
        let before = self.signatures.len();
        for (place, signature) in verified {
            self.signatures.entry(place).or_insert_with(|| signature.clone());
        }
        Ok(self.signatures.len() - before)
    }

    /// The draft with its signatures so far, in the order of the reserve.
    ///
    /// ```
    /// # use sigpkg::example::{self, FIRST, GENESIS, RESERVE, RESERVE_DRAFT};
    /// # use sigpkg::release::reserve::ReserveDraft;
    /// # let chain = example::chain(&[GENESIS, FIRST])?;
    /// let mut draft = ReserveDraft::parse(RESERVE_DRAFT.as_bytes())?.check(&chain)?;
    /// draft.join(&ReserveDraft::parse(RESERVE.as_bytes())?)?;
    /// assert_eq!(draft.to_draft().to_file(), RESERVE);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_draft(&self) -> ReserveDraft {
        ReserveDraft { blocks: self.signatures.values().cloned().collect(), ..self.draft.clone() }
    }

    /// The record, verified as part of the chain. Signatures beyond the threshold are left out (CHN-18).
    ///
    /// ```
    /// # use sigpkg::example::{self, FIRST, GENESIS, RESERVE, RESERVE_DRAFT};
    /// # use sigpkg::release::reserve::ReserveDraft;
    /// # let chain = example::chain(&[GENESIS, FIRST])?;
    /// let mut draft = ReserveDraft::parse(RESERVE_DRAFT.as_bytes())?.check(&chain)?;
    /// use sigpkg::release::reserve::ReserveDraftError;
    ///
    /// assert_eq!(draft.record(), Err(ReserveDraftError::Incomplete { expected: 1, found: 0 }));
    /// draft.join(&ReserveDraft::parse(RESERVE.as_bytes())?)?;
    /// assert_eq!(draft.record()?, example::record(RESERVE)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`ReserveDraftError::Incomplete`] if too few have signed.
    /// - [`ReserveDraftError::Chain`] if it is not valid.
    pub fn record(&self) -> Result<Unverified, ReserveDraftError> {
        if self.missing() > 0 {
            return Err(ReserveDraftError::Incomplete { expected: self.threshold(), found: self.signatures.len() });
        }
        let blocks: String = self.signatures.values().take(self.threshold()).map(block::write).collect();
        let record = Unverified::new(self.draft.text.as_bytes(), &blocks)?;
        self.chain.clone().append(record.clone(), &Standard)?;
        Ok(record)
    }

    /// What it changes for whoever has the same chain and follows it.
    ///
    /// ```
    /// # use sigpkg::example::{self, FIRST, GENESIS, RESERVE, RESERVE_DRAFT};
    /// # use sigpkg::release::reserve::ReserveDraft;
    /// # let chain = example::chain(&[GENESIS, FIRST])?;
    /// let draft = ReserveDraft::parse(RESERVE_DRAFT.as_bytes())?.check(&chain)?;
    /// assert!(draft.effects()?.void.is_empty()); // nothing came after its parent
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`ReserveDraftError::Chain`] never: this was checked.
    pub fn effects(&self) -> Result<Effects<'chain>, ReserveDraftError> {
        let after = self.as_if_signed()?;
        let (now, then) = (self.chain.belief(&Decided::stranger()), after.belief(&Decided::stranger()));
        let counts = |state: Option<State>| match state {
            Some(State::Standing | State::Contested) => true,
            Some(State::Waiting | State::Distrusted | State::Void) | None => false,
        };
        let is_voided = |link: &Link<'_>| counts(now.state(*link)) && !counts(then.state(*link));
        let mut lapsed = Vec::new();
        for release in self.parent.path().filter(|link| link.statement().release().is_some()) {
            if let Some(yank) = now.yank(release)
                && then.yank(release).is_none_or(|left| left.severity < yank.severity)
            {
                lapsed.push(Lapsed { release, by: yank.by, severity: Some(yank.severity) });
            }
            if now.is_withdrawn(release) && !then.is_withdrawn(release) {
                let withdraws = |link: &Link<'_>| {
                    let newer = link.statement().release();
                    newer.and_then(|newer| newer.withdraws) == Some(release.seq()) && is_voided(link)
                };
                lapsed.extend(self.chain.links().find(withdraws).map(|by| Lapsed { release, by, severity: None }));
            }
        }
        lapsed.sort_by_key(|lapsed| lapsed.release.seq());
        let contest = then.contest().into_iter().flat_map(|contest| contest.children);
        let mut rivals = Vec::new();
        for child in contest.filter(|child| !is_before(*child, self.digest(), &after)) {
            rivals.extend(self.chain.find(child.digest()));
        }
        Ok(Effects { void: self.chain.links().filter(is_voided).collect(), lapsed, rivals })
    }

    fn threshold(&self) -> usize {
        usize::try_from(self.reserve().threshold).unwrap_or(usize::MAX)
    }

    fn key_at(&self, place: usize) -> Result<ReserveKey, ReserveDraftError> {
        self.reserve().keys.get(place).copied().ok_or(ReserveDraftError::ChainFull)
    }

    fn place_of(&self, key: &ReserveKey) -> Result<usize, ReserveDraftError> {
        let place = self.reserve().keys.iter().position(|known| known == key);
        let place = place.ok_or_else(|| ReserveDraftError::NotOfReserve { key: *key, parent: self.parent.seq() })?;
        if self.signatures.contains_key(&place) {
            return Err(ReserveDraftError::SignedAlready { key: *key });
        }
        if self.missing() == 0 {
            return Err(ReserveDraftError::Complete { threshold: self.threshold() });
        }
        Ok(place)
    }

    /// The key that made a signature, and its place in the reserve in force. Two keys may have one id; one of them is enough.
    fn verify(&self, signature: &Signature) -> Result<(usize, ReserveKey), ReserveDraftError> {
        let named = self.reserve().keys.iter().enumerate();
        let named = named.filter(|(_, key)| key.key_id() == signature.claimed_key_id());
        let mut wrong =
            ReserveDraftError::UnknownSigner { found: signature.claimed_key_id(), parent: self.parent.seq() };
        for (place, key) in named {
            match verify::reserve(key, self.draft.text.as_bytes(), signature) {
                Ok(()) => return Ok((place, *key)),
                Err(error) => wrong = ReserveDraftError::Signature { key: *key, error },
            }
        }
        Err(wrong)
    }

    /// KEEP-19: only some causes go back behind statements that stand.
    fn check_head(&self) -> Result<(), ReserveDraftError> {
        let head = self.chain.belief(&Decided::stranger()).head();
        match self.change().cause {
            Cause::Stolen | Cause::Algorithm => Ok(()),
            Cause::Lost | Cause::Handover | Cause::Planned if head == self.parent => Ok(()),
            cause @ (Cause::Lost | Cause::Handover | Cause::Planned) => Err(ReserveDraftError::MovedOn {
                cause,
                parent: self.parent.seq(),
                head: head.seq(),
                digest: head.digest(),
            }),
        }
    }

    /// The chain with the statement in it, as if enough had signed.
    fn as_if_signed(&self) -> Result<Chain, ReserveDraftError> {
        let signers = self.reserve().keys.iter().take(self.threshold());
        let empty = [0; Algorithm::Reserve.signature_length()];
        let blocks: String = signers
            .filter_map(|key| Signature::new(Algorithm::Reserve, key.key_id(), &empty))
            .map(|signature| block::write(&signature))
            .collect();
        let record = Unverified::new(self.draft.text.as_bytes(), &blocks)?;
        let mut chain = self.chain.clone();
        chain.append(record, &NotYetSigned)?;
        Ok(chain)
    }
}

/// Whether a statement is before another one on its path, or is that one.
fn is_before(first: Link<'_>, last: Digest, chain: &Chain) -> bool {
    chain.find(last).is_some_and(|last| last.path().any(|link| link == first))
}

/// In the place of reserve signatures that are still to be made: everything else is checked as ever, and nothing that was
/// checked so leaves this module.
struct NotYetSigned;

impl Scheme for NotYetSigned {
    fn verify_link(&self, key: &LinkKey, message: &[u8], signature: &Signature) -> Result<(), VerifyError> {
        Standard.verify_link(key, message, signature)
    }

    fn verify_reserve(&self, _: &ReserveKey, _: &[u8], _: &Signature) -> Result<(), VerifyError> {
        Ok(())
    }
}

impl fmt::Display for Lapsed<'_> {
    /// `1.2.0 (statement 4) would no longer be yanked (refuse, statement 7)`
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = self.release.statement().release().map(|release| release.version.to_string()).unwrap_or_default();
        write!(out, "{version} (statement {}) would no longer be ", self.release.seq())?;
        match self.severity {
            Some(severity) => write!(out, "yanked ({}, by statement {})", severity.as_str(), self.by.seq()),
            None => write!(out, "withdrawn (by statement {})", self.by.seq()),
        }
    }
}

#[cfg(test)]
mod tests;
