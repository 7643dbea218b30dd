//! Making statements: what each kind says but that of the reserve, their signatures, and what goes into `.sigpkg`.
//!
//! All of it is pure: dates, keys and trees come in, text goes out. A [`Draft`] is a text that may be signed; a
//! [`Signed`] is the same text with signatures that two implementations have verified. Files, locks and the order in
//! which things are made durable are the business of [`crate::publish`].
//!
//! Source: spec/3-statements.md, spec/6-folder.md and spec/8-key-store.md.

pub mod reserve;

use std::collections::BTreeMap;
use std::fmt;

use crate::chain::{Chain, ChainError, Link, Unverified};
use crate::digest::{Digest, SignatoryId};
use crate::key::{Algorithm, LinkKey, ReserveKey};
use crate::listing::folder::{FolderFile, GITATTRIBUTES};
use crate::listing::{Listing, Tree};
use crate::package::{Package, Version};
use crate::rule::Rule;
use crate::signature::release::{self as file, ReleaseSignature, ReleaseSignatureError};
use crate::signature::{Scheme, Signature, Standard, VerifyError, block, verify};
use crate::signer::{Signer, SignerError};
use crate::statement::{
    Beat, Body, Genesis, Lineage, LookAhead, Release, ReserveSet, Seq, Statement, StatementError, Yank,
};
use crate::text;
use crate::time::{Date, Timestamp};

/// What a release is to say, besides what follows from its parent.
///
/// ```
/// use sigpkg::listing::{FileFacts, TreeBuilder, TreePath};
/// use sigpkg::package::{EcosystemName, Version};
/// use sigpkg::release::Plan;
///
/// let mut tree = TreeBuilder::new();
/// tree.add_file(TreePath::parse(b"src/Example.jl")?, FileFacts::of(b"module Example end\n"))?;
/// let tree = tree.finish()?;
/// let version = Version::new(EcosystemName::Julia, "1.1.0")?;
/// let plan = Plan { next_by: Some("2027-12-20".parse()?), ..Plan::new(version, &tree) };
/// assert!(!plan.redo);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Plan<'tree> {
    /// The version.
    pub version: Version,
    /// The tree, as a source has read it.
    pub tree: &'tree Tree,
    /// A promise of another statement by this day.
    pub next_by: Option<Date>,
    /// Whether this replaces the newest release, which has the same version and was made by mistake.
    pub redo: bool,
    /// The listing of the unsigned tree that this release adopts.
    pub upstream: Option<Digest>,
}

impl<'tree> Plan<'tree> {
    /// A release of this tree that says nothing beyond what it must.
    ///
    /// ```
    /// use sigpkg::listing::TreeBuilder;
    /// use sigpkg::package::{EcosystemName, Version};
    /// use sigpkg::release::Plan;
    ///
    /// let tree = TreeBuilder::new().finish()?;
    /// let plan = Plan::new(Version::new(EcosystemName::Julia, "1.1.0")?, &tree);
    /// assert_eq!((plan.version.as_str(), plan.redo, plan.next_by), ("1.1.0", false, None));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn new(version: Version, tree: &'tree Tree) -> Self {
        Self { version, tree, next_by: None, redo: false, upstream: None }
    }
}

/// A statement that nobody has signed yet, with the key that has to.
///
/// ```
/// use sigpkg::example::{self, FIRST, GENESIS};
/// use sigpkg::key::Algorithm;
/// use sigpkg::listing::TreeBuilder;
/// use sigpkg::package::{EcosystemName, Version};
/// use sigpkg::release::{Draft, Plan};
/// use sigpkg::secret::Seed;
///
/// let chain = example::chain(&[GENESIS, FIRST])?;
/// let parent = chain.links().next_back().ok_or("a chain has a genesis")?;
/// let tree = TreeBuilder::new().finish()?;
/// let plan = Plan::new(Version::new(EcosystemName::Julia, "1.1.0")?, &tree);
/// let after_next = Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, 5)?.link_key()?;
///
/// let draft = Draft::release(parent, &plan, after_next, "2026-11-20T12:00:00Z".parse()?)?;
/// assert_eq!(draft.statement().seq.get(), 3);
/// assert_eq!(*draft.key(), parent.statement().look_ahead().next); // who has to sign it
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Draft {
    statement: Statement,
    text: String,
    signatory: SignatoryId,
    key: LinkKey,
}

/// A statement with its signatures, all of them verified.
///
/// ```
/// use sigpkg::chain::Chain;
/// use sigpkg::release::Draft;
/// use sigpkg::signature::Standard;
///
/// # use sigpkg::{key::{Algorithm, ReserveKey}, package::Package, secret::Seed, statement::{LookAhead, ReserveSet}};
/// # let seed = Seed::from_bytes([7; 32]);
/// # let key = |seq| seed.link_secret(Algorithm::Ed25519, seq)?.link_key();
/// # let reserve = ReserveSet { threshold: 1, keys: vec![ReserveKey::new([7; 32])] };
/// # let keys = LookAhead { next: key(2)?, after_next: key(3)? };
/// # let date = "2026-11-20T12:00:00Z".parse()?;
/// # let genesis = Draft::genesis(Package::generic("tides")?, reserve, key(1)?, keys, date)?;
/// let signed = genesis.sign(&seed.link_secret(Algorithm::Ed25519, 1)?)?;
/// assert!(Chain::begin(signed.record().clone(), &Standard).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Signed {
    record: Unverified,
    signature_file: Option<String>,
}

/// Why a statement cannot be made or signed.
///
/// ```
/// use sigpkg::release::{Draft, DraftError};
///
/// # use sigpkg::{key::{Algorithm, ReserveKey}, package::Package, secret::Seed, statement::{LookAhead, ReserveSet}};
/// # let seed = Seed::from_bytes([7; 32]);
/// # let key = |seq| seed.link_secret(Algorithm::Ed25519, seq)?.link_key();
/// # let reserve = ReserveSet { threshold: 1, keys: vec![ReserveKey::new([7; 32])] };
/// # let keys = LookAhead { next: key(2)?, after_next: key(3)? };
/// # let date = "2026-11-20T12:00:00Z".parse()?;
/// # let genesis = Draft::genesis(Package::generic("tides")?, reserve, key(1)?, keys, date)?;
/// // The key of another statement: the signer is not even asked to sign.
/// let error = genesis.sign(&seed.link_secret(Algorithm::Ed25519, 2)?).unwrap_err();
/// assert!(matches!(error, DraftError::OtherKey { .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// What it would say breaks a rule of spec/3-statements.md.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// It does not fit the chain.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The chain is full.
    #[error("statement {} is the last one that a chain may have", Seq::MAX)]
    ChainFull,
    /// There is no release to replace.
    #[error("there is no release of version {version} to replace: the newest release is {newest}")]
    NothingToRedo {
        /// The version that was asked for.
        version: Version,
        /// The newest release, in words.
        newest: String,
    },
    /// A draft read back is not of this chain.
    #[error("expected a statement of signatory {expected}, found {found}")]
    OtherChain {
        /// The chain.
        expected: SignatoryId,
        /// What the text says, in words.
        found: String,
    },
    /// The signer will not sign.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// The signer holds another key than the one that was announced.
    #[error("expected the signer to hold key {expected}, found {found}")]
    OtherKey {
        /// The announced key.
        expected: Box<LinkKey>,
        /// The key of the signer.
        found: Box<LinkKey>,
    },
    /// What the signer returned does not verify (KEEP-9).
    #[error("the signer returned a signature that does not verify: {0}")]
    Signature(#[from] VerifyError),
    /// The signature file does not verify with both implementations (KEEP-9).
    #[error("the signature file does not verify: {0}")]
    SignatureFile(#[from] ReleaseSignatureError),
}

impl DraftError {
    /// The rule of the specification that the statement or its signature would break, if that is the reason.
    ///
    /// ```
    /// use sigpkg::release::DraftError;
    /// use sigpkg::rule::Rule;
    /// use sigpkg::statement::StatementError;
    ///
    /// assert_eq!(DraftError::from(StatementError::OwnSuccessor).rule(), Some(Rule::Stm18));
    /// assert_eq!(DraftError::ChainFull.rule(), None);
    /// ```
    pub fn rule(&self) -> Option<Rule> {
        match self {
            Self::Statement(error) => Some(error.rule()),
            Self::Chain(error) => Some(error.rule()),
            Self::NothingToRedo { .. } => Some(Rule::Chn14),
            Self::OtherChain { .. } => Some(Rule::Chn5),
            Self::Signature(error) => Some(error.rule()),
            Self::SignatureFile(error) => Some(error.rule()),
            Self::ChainFull | Self::Signer(_) | Self::OtherKey { .. } => None,
        }
    }
}

impl Draft {
    /// The first statement of a chain.
    ///
    /// ```
    /// use sigpkg::key::{Algorithm, ReserveKey};
    /// use sigpkg::package::Package;
    /// use sigpkg::release::Draft;
    /// use sigpkg::secret::Seed;
    /// use sigpkg::statement::{LookAhead, ReserveSet};
    ///
    /// let seed = Seed::from_bytes([7; 32]);
    /// let key = |seq| seed.link_secret(Algorithm::Ed25519, seq)?.link_key();
    /// // The public half; its holder keeps the secret one somewhere else.
    /// let reserve = ReserveSet { threshold: 1, keys: vec![ReserveKey::new([7; 32])] };
    /// let look_ahead = LookAhead { next: key(2)?, after_next: key(3)? };
    /// let date = "2026-11-20T12:00:00Z".parse()?;
    /// let draft = Draft::genesis(Package::generic("tides")?, reserve, key(1)?, look_ahead, date)?;
    /// // The id is known before anything is signed.
    /// assert!(draft.signatory().to_string().starts_with("sigp"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`DraftError::Statement`] if keys repeat (STM-15) or the reserve is none (STM-16).
    pub fn genesis(
        package: Package,
        reserve: ReserveSet,
        this: LinkKey,
        look_ahead: LookAhead,
        date: Timestamp,
    ) -> Result<Self, DraftError> {
        let genesis = Genesis { reserve, this, look_ahead };
        let body = Body::Genesis(genesis);
        let statement = Statement { package, lineage: None, seq: Seq::FIRST, date, next_by: None, body };
        let (statement, text) = written(&statement)?;
        let signatory = SignatoryId::of_genesis(text.as_bytes());
        Ok(Self { statement, text, signatory, key: this })
    }

    /// The release that follows `parent`.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST, GENESIS};
    /// use sigpkg::listing::TreeBuilder;
    /// use sigpkg::package::{EcosystemName, Version};
    /// use sigpkg::release::{Draft, DraftError, Plan};
    ///
    /// # let key = sigpkg::secret::Seed::from_bytes([7; 32]).link_secret(sigpkg::key::Algorithm::Ed25519, 5)?.link_key()?;
    /// let chain = example::chain(&[GENESIS, FIRST])?;
    /// let first = chain.links().next_back().ok_or("a chain has a genesis")?;
    /// let tree = TreeBuilder::new().finish()?;
    /// let again = Plan { redo: true, ..Plan::new(Version::new(EcosystemName::Julia, "1.0.0")?, &tree) };
    /// let draft = Draft::release(first, &again, key, "2026-11-20T12:00:00Z".parse()?)?;
    /// assert_eq!(draft.statement().release().and_then(|release| release.withdraws), Some(first.seq()));
    ///
    /// let other = Plan { redo: true, ..Plan::new(Version::new(EcosystemName::Julia, "1.1.0")?, &tree) };
    /// let error = Draft::release(first, &other, key, "2026-11-20T12:00:00Z".parse()?).unwrap_err();
    /// assert!(matches!(error, DraftError::NothingToRedo { .. }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`DraftError::NothingToRedo`] if it is to replace the newest release, and that has another version (CHN-14).
    /// - [`DraftError::ChainFull`] after statement [`Seq::MAX`].
    /// - [`DraftError::Statement`] if what it would say breaks a rule.
    pub fn release(
        parent: Link<'_>,
        plan: &Plan<'_>,
        after_next: LinkKey,
        date: Timestamp,
    ) -> Result<Self, DraftError> {
        let withdraws = if plan.redo { Some(to_redo(parent, &plan.version)?) } else { None };
        let release = Release {
            version: plan.version.clone(),
            files: plan.tree.listing().digest(),
            count: plan.tree.listing().count(),
            bytes: plan.tree.bytes(),
            withdraws,
            upstream: plan.upstream,
        };
        Self::following(parent, plan.next_by, after_next, date, |keys| Body::Release(release, keys))
    }

    /// The yank that follows `parent`.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST, GENESIS};
    /// use sigpkg::release::Draft;
    /// use sigpkg::statement::{Severity, Yank};
    ///
    /// # let key = sigpkg::secret::Seed::from_bytes([7; 32]).link_secret(sigpkg::key::Algorithm::Ed25519, 5)?.link_key()?;
    /// let chain = example::chain(&[GENESIS, FIRST])?;
    /// let first = chain.links().next_back().ok_or("a chain has a genesis")?;
    /// let yank = Yank {
    ///     releases: vec![first.seq()],
    ///     severity: Severity::Refuse,
    ///     reason: "deletes files".to_owned(),
    ///     advisory: None,
    ///     replacement: None,
    /// };
    /// let draft = Draft::yank(first, yank, None, key, "2026-11-20T12:00:00Z".parse()?)?;
    /// assert!(draft.text().contains("releases = [2]\nseverity = \"refuse\"\nreason = \"deletes files\"\n"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`DraftError::ChainFull`] after statement [`Seq::MAX`].
    /// - [`DraftError::Statement`] if what it would say breaks a rule.
    pub fn yank(
        parent: Link<'_>,
        yank: Yank,
        next_by: Option<Date>,
        after_next: LinkKey,
        date: Timestamp,
    ) -> Result<Self, DraftError> {
        Self::following(parent, next_by, after_next, date, |keys| Body::Yank(yank, keys))
    }

    /// The beat that follows `parent`.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST, GENESIS};
    /// use sigpkg::release::Draft;
    /// use sigpkg::statement::{Beat, BeatState};
    ///
    /// # let key = sigpkg::secret::Seed::from_bytes([7; 32]).link_secret(sigpkg::key::Algorithm::Ed25519, 5)?.link_key()?;
    /// let chain = example::chain(&[GENESIS, FIRST])?;
    /// let first = chain.links().next_back().ok_or("a chain has a genesis")?;
    /// let beat = Beat { state: BeatState::Here, successor: None };
    /// let promise = Some("2027-12-20".parse()?);
    /// let draft = Draft::beat(first, beat, promise, key, "2026-11-20T12:00:00Z".parse()?)?;
    /// assert_eq!(draft.statement().next_by, promise);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`DraftError::ChainFull`] after statement [`Seq::MAX`].
    /// - [`DraftError::Statement`] if what it would say breaks a rule.
    pub fn beat(
        parent: Link<'_>,
        beat: Beat,
        next_by: Option<Date>,
        after_next: LinkKey,
        date: Timestamp,
    ) -> Result<Self, DraftError> {
        Self::following(parent, next_by, after_next, date, |keys| Body::Beat(beat, keys))
    }

    fn following(
        parent: Link<'_>,
        next_by: Option<Date>,
        after_next: LinkKey,
        date: Timestamp,
        body: impl FnOnce(LookAhead) -> Body,
    ) -> Result<Self, DraftError> {
        let signatory = signatory_of(parent);
        let announced = parent.statement().look_ahead();
        let (statement, text) = written(&Statement {
            package: parent.statement().package.clone(),
            lineage: Some(Lineage { signatory, previous: parent.digest() }),
            seq: parent.seq().successor().ok_or(DraftError::ChainFull)?,
            date,
            next_by,
            body: body(LookAhead { next: announced.after_next, after_next }),
        })?;
        Ok(Self { statement, text, signatory, key: announced.next })
    }

    /// Reads a draft back, such as from a journal: the same text for the same key.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST, GENESIS, SECOND};
    /// use sigpkg::release::Draft;
    ///
    /// // The power failed after the text was written down: the same text is finished, and no other is ever signed.
    /// let chain = example::chain(&[GENESIS, FIRST])?;
    /// let journal = example::record(SECOND)?;
    /// let draft = Draft::resume(journal.text(), &chain)?;
    /// assert_eq!(draft.text(), journal.text());
    /// assert!(Draft::resume(journal.text(), &example::chain(&[GENESIS])?).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`DraftError::Statement`] if the text is no statement.
    /// - [`DraftError::OtherChain`] if it does not follow a statement of this chain.
    pub fn resume(text: &str, chain: &Chain) -> Result<Self, DraftError> {
        let statement = Statement::parse(text.as_bytes())?;
        let other = |found: String| DraftError::OtherChain { expected: chain.id(), found };
        let lineage = statement.lineage.ok_or_else(|| other("a genesis".to_owned()))?;
        if lineage.signatory != chain.id() {
            return Err(other(lineage.signatory.to_string()));
        }
        let parent = chain.find(lineage.previous).ok_or_else(|| {
            other(format!("a statement that follows {}, which is not in the chain", lineage.previous))
        })?;
        let key = parent.statement().look_ahead().next;
        Ok(Self { statement, text: text.to_owned(), signatory: chain.id(), key })
    }

    /// What it says.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST, GENESIS, SECOND};
    /// use sigpkg::release::Draft;
    ///
    /// let draft = Draft::resume(example::record(SECOND)?.text(), &example::chain(&[GENESIS, FIRST])?)?;
    /// assert_eq!(draft.statement().release().map(|release| release.version.as_str()), Some("1.1.0"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// The exact text that is to be signed.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST, GENESIS, SECOND};
    /// use sigpkg::release::Draft;
    ///
    /// let draft = Draft::resume(example::record(SECOND)?.text(), &example::chain(&[GENESIS, FIRST])?)?;
    /// assert_eq!(draft.text(), draft.statement().to_text());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The chain it belongs to; for a genesis, the one that it begins.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST, GENESIS, SECOND};
    /// use sigpkg::release::Draft;
    ///
    /// let draft = Draft::resume(example::record(SECOND)?.text(), &example::chain(&[GENESIS, FIRST])?)?;
    /// assert_eq!(draft.signatory(), example::id()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn signatory(&self) -> SignatoryId {
        self.signatory
    }

    /// The key that was announced for it.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST, GENESIS, SECOND};
    /// use sigpkg::release::Draft;
    ///
    /// let draft = Draft::resume(example::record(SECOND)?.text(), &example::chain(&[GENESIS, FIRST])?)?;
    /// assert_eq!(*draft.key(), example::record(FIRST)?.claimed().look_ahead().next);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn key(&self) -> &LinkKey {
        &self.key
    }

    /// The chain with this statement in it, as if it were signed: everything but the signature is checked. For looking ahead;
    /// what it returns is not to be shown to anyone.
    ///
    /// ```
    /// use sigpkg::chain::Decided;
    /// use sigpkg::example::{self, FIRST, GENESIS, YANK};
    /// use sigpkg::release::Draft;
    ///
    /// // `--dry-run`: what would users think of 1.0.0?
    /// let chain = example::chain(&[GENESIS, FIRST])?;
    /// let draft = Draft::resume(example::record(YANK)?.text(), &chain)?;
    /// let after = draft.as_if_signed(&chain)?;
    /// let belief = after.belief(&Decided::stranger());
    /// let first = belief.newest_release().ok_or("no release")?;
    /// assert!(belief.yank(first.link()).is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`DraftError::Chain`] if it would not be valid there.
    pub fn as_if_signed(&self, chain: &Chain) -> Result<Chain, DraftError> {
        let algorithm = self.key.algorithm();
        let empty = vec![0; algorithm.signature_length()];
        let block = Signature::new(algorithm, self.key.key_id(), &empty).map(|signature| block::write(&signature));
        let mut chain = chain.clone();
        let record = Unverified::new(self.text.as_bytes(), &block.unwrap_or_default())?;
        chain.append(record, &NotYetSigned)?;
        Ok(chain)
    }

    /// Signs it, and verifies what was signed: the block by the rule of chains, and the signature file of a release also by an
    /// independent implementation of minisign (KEEP-9).
    ///
    /// ```
    /// use sigpkg::release::Draft;
    ///
    /// # use sigpkg::{key::{Algorithm, ReserveKey}, package::Package, secret::Seed, statement::{LookAhead, ReserveSet}};
    /// # let seed = Seed::from_bytes([7; 32]);
    /// # let key = |seq| seed.link_secret(Algorithm::Ed25519, seq)?.link_key();
    /// # let reserve = ReserveSet { threshold: 1, keys: vec![ReserveKey::new([7; 32])] };
    /// # let keys = LookAhead { next: key(2)?, after_next: key(3)? };
    /// # let date = "2026-11-20T12:00:00Z".parse()?;
    /// # let genesis = Draft::genesis(Package::generic("tides")?, reserve, key(1)?, keys, date)?;
    /// let signed = genesis.sign(&seed.link_secret(Algorithm::Ed25519, 1)?)?;
    /// assert_eq!(signed.record().text(), genesis.text());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`DraftError::OtherKey`] if the signer holds another key; it is then not asked to sign.
    /// - [`DraftError::Signer`] if the signer refuses.
    /// - [`DraftError::Signature`], [`DraftError::SignatureFile`] if what it returned does not verify.
    pub fn sign(&self, signer: &dyn Signer) -> Result<Signed, DraftError> {
        let found = signer.link_key()?;
        if found != self.key {
            return Err(DraftError::OtherKey { expected: Box::new(self.key), found: Box::new(found) });
        }
        let signature = signer.sign(self.text.as_bytes())?;
        let file = if self.has_signature_file() { Some(self.sign_file(signer, &signature)?) } else { None };
        self.signed_before(&block::write(&signature), file.as_deref())
    }

    /// Takes signatures that were made before, such as from a journal, and verifies them as [`Draft::sign`] does.
    ///
    /// ```
    /// use sigpkg::release::Draft;
    ///
    /// # use sigpkg::{key::{Algorithm, ReserveKey}, package::Package, secret::Seed, statement::{LookAhead, ReserveSet}};
    /// # let seed = Seed::from_bytes([7; 32]);
    /// # let key = |seq| seed.link_secret(Algorithm::Ed25519, seq)?.link_key();
    /// # let reserve = ReserveSet { threshold: 1, keys: vec![ReserveKey::new([7; 32])] };
    /// # let keys = LookAhead { next: key(2)?, after_next: key(3)? };
    /// # let date = "2026-11-20T12:00:00Z".parse()?;
    /// # let genesis = Draft::genesis(Package::generic("tides")?, reserve, key(1)?, keys, date)?;
    /// let signed = genesis.sign(&seed.link_secret(Algorithm::Ed25519, 1)?)?;
    /// let journal = signed.record().blocks_text();
    /// assert!(genesis.signed_before(journal, None).is_ok());
    /// let torn = &journal[..journal.len() / 2];
    /// assert!(genesis.signed_before(torn, None).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`DraftError::Chain`] if the block has not the form of one.
    /// - [`DraftError::Signature`], [`DraftError::SignatureFile`] if they do not verify.
    pub fn signed_before(&self, block: &str, signature_file: Option<&str>) -> Result<Signed, DraftError> {
        let record = Unverified::new(self.text.as_bytes(), block)?;
        let signature = block::parse(block).map_err(|error| ChainError::Block { at: self.statement.seq, error })?;
        verify::link(&self.key, self.text.as_bytes(), &signature)?;
        let signature_file = signature_file.filter(|_| self.has_signature_file()).map(str::to_owned);
        if let Some(file) = &signature_file {
            ReleaseSignature::parse(file, &self.trusted_comment())?.verify(&self.key, self.text.as_bytes())?;
        }
        Ok(Signed { record, signature_file })
    }

    /// Stock tools know Ed25519 alone, and only a release has a file beside it.
    fn has_signature_file(&self) -> bool {
        match self.key.algorithm() {
            Algorithm::Ed25519 => self.statement.release().is_some(),
            Algorithm::SlhDsa | Algorithm::Reserve => false,
        }
    }

    fn trusted_comment(&self) -> String {
        file::trusted_comment(&self.signatory.to_string(), u64::from(self.statement.seq.get()))
    }

    /// The four lines of minisign. The global signature is the second and last thing that a link key signs: its message
    /// begins with the 64 bytes of the first signature, so it is no statement.
    fn sign_file(&self, signer: &dyn Signer, signature: &Signature) -> Result<String, DraftError> {
        let comment = self.trusted_comment();
        let global = signer.sign(&[signature.as_bytes(), comment.as_bytes()].concat())?;
        Ok(format!("{}trusted comment: {comment}\n{}\n", block::write(signature), text::to_base64(global.as_bytes())))
    }
}

impl Signed {
    /// The record, to be appended to its chain.
    ///
    /// ```
    /// use sigpkg::release::Draft;
    ///
    /// # use sigpkg::{key::{Algorithm, ReserveKey}, package::Package, secret::Seed, statement::{LookAhead, ReserveSet}};
    /// # let seed = Seed::from_bytes([7; 32]);
    /// # let key = |seq| seed.link_secret(Algorithm::Ed25519, seq)?.link_key();
    /// # let reserve = ReserveSet { threshold: 1, keys: vec![ReserveKey::new([7; 32])] };
    /// # let keys = LookAhead { next: key(2)?, after_next: key(3)? };
    /// # let date = "2026-11-20T12:00:00Z".parse()?;
    /// # let genesis = Draft::genesis(Package::generic("tides")?, reserve, key(1)?, keys, date)?;
    /// let signed = genesis.sign(&seed.link_secret(Algorithm::Ed25519, 1)?)?;
    /// assert_eq!(signed.record().claimed_genesis_id()?, genesis.signatory());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn record(&self) -> &Unverified {
        &self.record
    }

    /// The file beside a release, `release.toml.minisig`; other statements have none, nor has one signed by SLH-DSA.
    ///
    /// ```
    /// use sigpkg::release::{Draft, Plan};
    ///
    /// # use sigpkg::{key::{Algorithm, ReserveKey}, package::Package, secret::Seed, statement::{LookAhead, ReserveSet}};
    /// # let seed = Seed::from_bytes([7; 32]);
    /// # let key = |seq| seed.link_secret(Algorithm::Ed25519, seq)?.link_key();
    /// # let reserve = ReserveSet { threshold: 1, keys: vec![ReserveKey::new([7; 32])] };
    /// # let keys = LookAhead { next: key(2)?, after_next: key(3)? };
    /// # let date = "2026-11-20T12:00:00Z".parse()?;
    /// # let genesis = Draft::genesis(Package::generic("tides")?, reserve, key(1)?, keys, date)?;
    /// # use sigpkg::{chain::Chain, listing::TreeBuilder, package::{EcosystemName, Version}, signature::Standard};
    /// # let signed = genesis.sign(&seed.link_secret(Algorithm::Ed25519, 1)?)?;
    /// # let mut chain = Chain::begin(signed.record().clone(), &Standard)?;
    /// # let tree = TreeBuilder::new().finish()?;
    /// # let version = Version::new(EcosystemName::Generic, "1.0.0")?;
    /// assert_eq!(signed.signature_file(), None); // the genesis has none
    /// let release = Draft::release(chain.genesis(), &Plan::new(version, &tree), key(4)?, date)?;
    /// let signed = release.sign(&seed.link_secret(Algorithm::Ed25519, 2)?)?;
    /// assert!(signed.signature_file().is_some_and(|file| file.lines().count() == 4));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn signature_file(&self) -> Option<&str> {
        self.signature_file.as_deref()
    }
}

/// In the place of a signature that is still to be made.
struct NotYetSigned;

impl Scheme for NotYetSigned {
    fn verify_link(&self, _: &LinkKey, _: &[u8], _: &Signature) -> Result<(), VerifyError> {
        Ok(())
    }

    fn verify_reserve(&self, key: &ReserveKey, message: &[u8], signature: &Signature) -> Result<(), VerifyError> {
        Standard.verify_reserve(key, message, signature)
    }
}

/// The files of `.sigpkg` after a statement that is no release.
///
/// ```
/// use sigpkg::example::{self, FIRST, GENESIS, YANK};
/// use sigpkg::listing::folder::{FolderFile, SigpkgFolder};
/// use sigpkg::release::folder_without_release;
///
/// let files = folder_without_release(&example::chain(&[GENESIS, FIRST, YANK])?);
/// assert_eq!(files[&FolderFile::Chain], [GENESIS, FIRST, YANK].concat().into_bytes());
/// assert!(SigpkgFolder::new(files)?.claimed_release().is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn folder_without_release(chain: &Chain) -> BTreeMap<FolderFile, Vec<u8>> {
    BTreeMap::from([(FolderFile::Attributes, GITATTRIBUTES.into()), (FolderFile::Chain, chain.to_file().into_bytes())])
}

/// The files of `.sigpkg` after a release: `chain` holds its record already. `links` is the list of symbolic links, if
/// the tree has any.
///
/// ```
/// use sigpkg::listing::folder::SigpkgFolder;
/// use sigpkg::release::{Draft, Plan, folder_with_release};
///
/// # use sigpkg::{key::{Algorithm, ReserveKey}, package::Package, secret::Seed, statement::{LookAhead, ReserveSet}};
/// # let seed = Seed::from_bytes([7; 32]);
/// # let key = |seq| seed.link_secret(Algorithm::Ed25519, seq)?.link_key();
/// # let reserve = ReserveSet { threshold: 1, keys: vec![ReserveKey::new([7; 32])] };
/// # let keys = LookAhead { next: key(2)?, after_next: key(3)? };
/// # let date = "2026-11-20T12:00:00Z".parse()?;
/// # let genesis = Draft::genesis(Package::generic("tides")?, reserve, key(1)?, keys, date)?;
/// # use sigpkg::{chain::Chain, listing::TreeBuilder, package::{EcosystemName, Version}, signature::Standard};
/// # let signed = genesis.sign(&seed.link_secret(Algorithm::Ed25519, 1)?)?;
/// # let mut chain = Chain::begin(signed.record().clone(), &Standard)?;
/// # let tree = TreeBuilder::new().finish()?;
/// # let version = Version::new(EcosystemName::Generic, "1.0.0")?;
/// let release = Draft::release(chain.genesis(), &Plan::new(version, &tree), key(4)?, date)?;
/// let signed = release.sign(&seed.link_secret(Algorithm::Ed25519, 2)?)?;
/// chain.append(signed.record().clone(), &Standard)?;
/// let files = folder_with_release(&chain, &signed, &tree.listing().text(), None);
/// let folder = SigpkgFolder::new(files)?;
/// let written = folder.claimed_release().map(|release| release.claimed_statement());
/// assert_eq!(written, Some(release.text().as_bytes()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn folder_with_release(
    chain: &Chain,
    signed: &Signed,
    files: &str,
    links: Option<&str>,
) -> BTreeMap<FolderFile, Vec<u8>> {
    let mut folder = folder_without_release(chain);
    folder.insert(FolderFile::Statement, signed.record.text().into());
    folder.insert(FolderFile::Files, files.into());
    folder.extend(signed.signature_file.as_ref().map(|file| (FolderFile::Signature, file.as_str().into())));
    folder.extend(links.map(|links| (FolderFile::Links, links.into())));
    folder
}

/// How the files of a release differ from those of an earlier one.
///
/// ```
/// use sigpkg::listing::{FileFacts, TreeBuilder, TreePath};
/// use sigpkg::release::Summary;
///
/// let mut tree = TreeBuilder::new();
/// tree.add_file(TreePath::parse(b"README.md")?, FileFacts::of(b"Hello\n"))?;
/// let summary = Summary::new(&tree.finish()?, None);
/// assert_eq!((summary.files, summary.bytes, summary.to_string().as_str()), (1, 6, "1 file"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// How many files there are.
    pub files: u64,
    /// How many bytes they have together.
    pub bytes: u64,
    /// What it is compared with, if there is something.
    pub since: Option<Since>,
}

/// What has changed since a release.
///
/// ```
/// use sigpkg::package::{EcosystemName, Version};
/// use sigpkg::release::{Since, Summary};
///
/// let version = Version::new(EcosystemName::Julia, "1.4.1")?;
/// let since = Since { version, added: 2, removed: 1, changed: 3 };
/// let summary = Summary { files: 28, bytes: 79_321, since: Some(since) };
/// assert_eq!(summary.to_string(), "28 files, +2 −1 ~3 since 1.4.1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Since {
    /// The version of that release.
    pub version: Version,
    /// Files that it did not have.
    pub added: usize,
    /// Files that it had.
    pub removed: usize,
    /// Files of the same path and other content.
    pub changed: usize,
}

impl Summary {
    /// Compares a tree with the listing of an earlier release.
    ///
    /// ```
    /// use sigpkg::listing::{FileFacts, TreeBuilder, TreePath};
    /// use sigpkg::package::{EcosystemName, Version};
    /// use sigpkg::release::Summary;
    ///
    /// let mut tree = TreeBuilder::new();
    /// let empty = tree.clone().finish()?;
    /// tree.add_file(TreePath::parse(b"README.md")?, FileFacts::of(b"Hello\n"))?;
    /// let version = Version::new(EcosystemName::Julia, "1.4.1")?;
    /// let summary = Summary::new(&tree.finish()?, Some((&version, empty.listing())));
    /// assert_eq!(summary.to_string(), "1 file, +1 since 1.4.1");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(tree: &Tree, earlier: Option<(&Version, &Listing)>) -> Self {
        let now = tree.listing();
        let since = earlier.map(|(version, then)| Since {
            version: version.clone(),
            added: now.lines().iter().filter(|line| then.get(line.path.as_str()).is_none()).count(),
            removed: then.lines().iter().filter(|line| now.get(line.path.as_str()).is_none()).count(),
            changed: now
                .lines()
                .iter()
                .filter(|line| then.get(line.path.as_str()).is_some_and(|digest| digest != line.digest))
                .count(),
        });
        Self { files: now.count(), bytes: tree.bytes(), since }
    }
}

/// `28 files, +2 −1 ~3 since 1.4.1`: added, removed and changed.
impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} file{}", self.files, if self.files == 1 { "" } else { "s" })?;
        match &self.since {
            None => Ok(()),
            Some(Since { version, added: 0, removed: 0, changed: 0 }) => write!(out, ", none changed since {version}"),
            Some(Since { version, added, removed, changed }) => {
                write!(out, ",")?;
                for (sign, count) in [('+', added), ('−', removed), ('~', changed)] {
                    if *count > 0 {
                        write!(out, " {sign}{count}")?;
                    }
                }
                write!(out, " since {version}")
            }
        }
    }
}

/// The canonical text, read back as a verifier will read it: size, form and all.
fn written(statement: &Statement) -> Result<(Statement, String), DraftError> {
    statement.check()?;
    let text = statement.to_text();
    Ok((Statement::parse(text.as_bytes())?, text))
}

fn signatory_of(parent: Link<'_>) -> SignatoryId {
    match &parent.statement().lineage {
        Some(lineage) => lineage.signatory,
        None => SignatoryId::of_genesis(parent.text().as_bytes()),
    }
}

/// The newest release before a statement that would follow `parent`, if it has this version (CHN-14): the one that a
/// release with `redo` replaces.
///
/// ```
/// use sigpkg::example::{self, FIRST, GENESIS};
/// use sigpkg::package::{EcosystemName, Version};
/// use sigpkg::release::to_redo;
///
/// let chain = example::chain(&[GENESIS, FIRST])?;
/// let first = chain.links().next_back().ok_or("a chain has a genesis")?;
/// let version = |text| Version::new(EcosystemName::Julia, text);
/// assert_eq!(to_redo(first, &version("1.0.0")?)?, first.seq());
/// let error = to_redo(first, &version("0.9.0")?).unwrap_err();
/// assert!(error.to_string().ends_with("the newest release is 1.0.0 (statement 2)"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// - [`DraftError::NothingToRedo`] if it has another version, or there is none.
pub fn to_redo(parent: Link<'_>, version: &Version) -> Result<Seq, DraftError> {
    let newest =
        parent.path().find_map(|link| link.statement().release().map(|release| (link.seq(), &release.version)));
    match newest {
        Some((seq, found)) if found == version => Ok(seq),
        Some((seq, found)) => {
            Err(DraftError::NothingToRedo { version: version.clone(), newest: format!("{found} (statement {seq})") })
        }
        None => Err(DraftError::NothingToRedo { version: version.clone(), newest: "none yet".to_owned() }),
    }
}

#[cfg(test)]
mod tests;
