//! Chains: who may say what, and what a user believes.
//!
//! There is one door. [`Chain::admit`] takes the bytes of a chain file and the id that the caller trusts, and returns a
//! [`Chain`] in which every statement is valid on its own path, or an error that names the first rule that is broken;
//! nothing in between. [`Chain::belief`] then says, from the set of records and what the user has decided alone, which
//! of them stand. Only a [`Belief`] hands out a [`VerifiedRelease`].
//!
//! | type | what is known about it |
//! |---|---|
//! | [`Unverified`] | it has the form of a record; all it says is claimed |
//! | `Authentic` (private) | valid on its path, and signed by the key that the path announced |
//! | [`Chain`] | a set of authentic records of one id, without gaps |
//! | [`VerifiedRelease`] | a release that stands in the chain it borrows from |
//!
//! Source: spec/4-chains-and-belief.md.

mod belief;
mod error;
mod evidence;
mod lost;
mod record;
mod signed;
mod valid;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

pub use self::belief::{Belief, Contest, Decided, ReservePolicy, Rival, State, VerifiedRelease, Yanked};
pub use self::error::ChainError;
pub use self::evidence::Fork;
pub use self::record::Unverified;

use crate::digest::{Digest, SignatoryId};
use crate::package::Package;
use crate::signature::Scheme;
use crate::statement::{Cause, ReserveSet, Seq, Statement};

/// The size of the largest chain file in bytes (CHN-1): a release a day for 150 years.
pub const MAX_CHAIN_BYTES: usize = 64 << 20;

/// A set of valid records of one signatory id: a tree with the genesis as its root and no gaps.
///
/// ```
/// use sigpkg::chain::{Chain, Decided};
/// use sigpkg::example::{self, FIRST, GENESIS, SECOND};
/// use sigpkg::signature::Standard;
///
/// let file = [GENESIS, FIRST, SECOND].concat();
/// let chain = Chain::admit(file.as_bytes(), example::id()?, &Standard)?;
/// // Well signed is not authorised: what may be acted on is in the belief.
/// let belief = chain.belief(&Decided::stranger());
/// assert_eq!(belief.releases().count(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Chain {
    id: SignatoryId,
    /// Parents stand before children.
    records: Vec<Authentic>,
    by_digest: HashMap<Digest, usize>,
}

/// A record that is valid on its own path.
#[derive(Clone, Debug)]
struct Authentic {
    record: Unverified,
    /// `None` for the genesis alone.
    parent: Option<usize>,
    children: Vec<usize>,
    /// The newest release at or before this record, on its path.
    newest_release: Option<usize>,
    /// The genesis or reserve statement whose reserve is in force here (CHN-18): the last one on its path.
    reserve_from: usize,
}

/// The reserve statements with cause `algorithm` that vouch for their ancestors (CHN-22). The Ed25519 signatures of
/// these are not asked.
///
/// ```
/// use sigpkg::chain::{Chain, Vouchers};
/// use sigpkg::example::{self, FIRST, GENESIS};
/// use sigpkg::signature::Standard;
///
/// // No reserve statement says that Ed25519 has fallen, so every signature is asked in any case.
/// let forged = [GENESIS, FIRST].concat().replace("1.0.0", "1.0.1");
/// for vouchers in [Vouchers::None, Vouchers::Accepted(&[]), Vouchers::FirstTrust] {
///     assert!(Chain::admit_vouched(forged.as_bytes(), example::id()?, vouchers, &Standard).is_err());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub enum Vouchers<'a> {
    /// None: every signature is asked.
    None,
    /// Those that the user has at some time accepted, among these statements.
    Accepted(&'a [Digest]),
    /// Those on the standing line: for the decision that accepts them, which is first trust.
    FirstTrust,
}

/// One statement of a chain, with its exact text and signature blocks.
///
/// ```
/// use sigpkg::example::{self, FIRST, GENESIS, SECOND};
///
/// let chain = example::chain(&[GENESIS, FIRST, SECOND])?;
/// let last = chain.links().next_back().ok_or("a chain has a genesis")?;
/// assert_eq!(last.seq().get(), 3);
/// assert_eq!(last.parent().map(|parent| parent.digest()), last.statement().lineage.map(|lineage| lineage.previous));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Link<'chain> {
    chain: &'chain Chain,
    index: usize,
}

impl Chain {
    /// Admits a chain file whole or not at all: every record in it is valid, from the genesis that `id` names.
    ///
    /// ```
    /// use sigpkg::chain::{Chain, ChainError};
    /// use sigpkg::example::{self, FIRST, GENESIS};
    /// use sigpkg::signature::Standard;
    ///
    /// let file = [GENESIS, FIRST].concat();
    /// assert_eq!(Chain::admit(file.as_bytes(), example::id()?, &Standard)?.len(), 2);
    ///
    /// // One digit of the version, changed on the way.
    /// let forged = file.replace("1.0.0", "1.0.1");
    /// let error = Chain::admit(forged.as_bytes(), example::id()?, &Standard).unwrap_err();
    /// assert!(matches!(error, ChainError::Signature { .. }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The first rule that is broken, in the order that section 4.2 of the specification gives: the form of the whole
    /// file, then the links, the paths and the signatures. See [`ChainError`].
    pub fn admit(file: &[u8], id: SignatoryId, scheme: &dyn Scheme) -> Result<Self, ChainError> {
        Self::admit_vouched(file, id, Vouchers::None, scheme)
    }

    /// Like [`Chain::admit`], but the Ed25519 signatures of statements that are vouched for are not asked (CHN-22).
    ///
    /// ```
    /// use sigpkg::chain::{Chain, Vouchers};
    /// use sigpkg::example::{self, FIRST, GENESIS, RESERVE};
    /// use sigpkg::signature::Standard;
    ///
    /// // What this user has accepted; it has another cause than `algorithm`, so it vouches for nothing.
    /// let accepted = [example::record(RESERVE)?.digest()];
    /// let file = [GENESIS, FIRST, RESERVE].concat();
    /// let chain = Chain::admit_vouched(file.as_bytes(), example::id()?, Vouchers::Accepted(&accepted), &Standard)?;
    /// assert_eq!(chain.len(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Chain::admit`].
    pub fn admit_vouched(
        file: &[u8],
        id: SignatoryId,
        vouchers: Vouchers<'_>,
        scheme: &dyn Scheme,
    ) -> Result<Self, ChainError> {
        let chain = Self::of_valid(Unverified::read_file(file, |_| None)?, id)?;
        chain.check_signatures(vouchers, |_| false, scheme)?;
        Ok(chain)
    }

    /// Like [`Chain::admit_vouched`] for the id of `known`, but does not check the signature of a record again that is
    /// byte-equal to one in `known`. A chain that brings nothing new costs hashing only. What was accepted vouches for its
    /// ancestors even if it is in `known` alone.
    ///
    /// ```
    /// use sigpkg::chain::{Chain, Vouchers};
    /// use sigpkg::example::{self, FIRST, GENESIS, SECOND};
    /// use sigpkg::signature::Standard;
    ///
    /// let known = example::chain(&[GENESIS, FIRST])?;
    /// let upgrade = [GENESIS, FIRST, SECOND].concat();
    /// // One signature is checked, that of the new statement.
    /// let chain = Chain::admit_beside(upgrade.as_bytes(), &known, Vouchers::None, &Standard)?;
    /// assert_eq!(chain.len(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Chain::admit`].
    pub fn admit_beside(
        file: &[u8],
        known: &Self,
        vouchers: Vouchers<'_>,
        scheme: &dyn Scheme,
    ) -> Result<Self, ChainError> {
        let records = Unverified::read_file(file, |digest| known.find(digest).map(Link::record))?;
        let chain = Self::of_valid(records, known.id)?;
        let vouched = match vouchers {
            Vouchers::Accepted(_) => known.vouched(vouchers),
            // What is not accepted yet vouches for the file that is about to be accepted and for no other.
            Vouchers::None | Vouchers::FirstTrust => Vec::new(),
        };
        let is_vouched = |record: &Unverified| {
            known.index_of(record.digest()).and_then(|index| vouched.get(index)).is_some_and(|vouched| *vouched)
        };
        chain.check_signatures(vouchers, |record| known.holds(record) || is_vouched(record), scheme)?;
        Ok(chain)
    }

    /// Reads a chain file that this user's own store has written after it was admitted. The structure is checked, the
    /// signatures are not.
    #[cfg_attr(not(feature = "io"), allow(dead_code))]
    pub(crate) fn from_store(file: &[u8], id: SignatoryId) -> Result<Self, ChainError> {
        Self::of_valid(Unverified::read_file(file, |_| None)?, id)
    }

    /// Links and paths (steps 2 and 3 of section 4.2). Not a chain yet: the signatures are still to be checked.
    fn of_valid(records: Vec<Unverified>, id: SignatoryId) -> Result<Self, ChainError> {
        let mut chain = Self::empty(id, records.len());
        for record in records {
            let parent = chain.check_link(&record)?;
            chain.push(record, parent);
        }
        chain.check_paths()?;
        Ok(chain)
    }

    /// Signatures (step 4), of every record that is neither known nor vouched for.
    fn check_signatures(
        &self,
        vouchers: Vouchers<'_>,
        is_known: impl Fn(&Unverified) -> bool,
        scheme: &dyn Scheme,
    ) -> Result<(), ChainError> {
        let vouched = self.vouched(vouchers);
        let is_asked = |index: usize| !vouched[index] && !is_known(&self.records[index].record);
        signed::check_all(&self.records, is_asked, scheme)
    }

    /// CHN-22: the ancestors of the vouching statements that are signed by Ed25519.
    fn vouched(&self, vouchers: Vouchers<'_>) -> Vec<bool> {
        let vouching: Vec<usize> = match vouchers {
            Vouchers::None => Vec::new(),
            Vouchers::Accepted(digests) => digests.iter().filter_map(|digest| self.index_of(*digest)).collect(),
            // Nothing is verified yet, and nothing needs to be: a line that is not what it seems is refused with the file.
            Vouchers::FirstTrust => self.belief(&Decided::stranger()).line().map(|link| link.index).collect(),
        };
        let mut is_above = vec![false; self.records.len()];
        for voucher in vouching.into_iter().filter(|index| self.changes_algorithm(*index)) {
            let mut above = self.records[voucher].parent;
            while let Some(index) = above.filter(|index| !is_above[*index]) {
                is_above[index] = true;
                above = self.records[index].parent;
            }
        }
        (0..self.records.len())
            .map(|index| is_above[index] && signed::is_signed_by_ed25519(&self.records, index))
            .collect()
    }

    fn changes_algorithm(&self, index: usize) -> bool {
        let change = self.records[index].record.claimed().reserve_change();
        change.is_some_and(|change| change.cause == Cause::Algorithm)
    }

    fn empty(id: SignatoryId, capacity: usize) -> Self {
        Self { id, records: Vec::with_capacity(capacity), by_digest: HashMap::with_capacity(capacity) }
    }

    /// The id that the first record of a chain file would have. It is a claim about nothing but this file: whether it
    /// is an id that anyone trusts is for the caller to say.
    ///
    /// ```
    /// use sigpkg::chain::Chain;
    /// use sigpkg::example::{self, GENESIS};
    ///
    /// // Good for asking the user about it; to be trusted it has to be compared.
    /// assert_eq!(Chain::claimed_id(GENESIS.as_bytes())?, example::id()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - CHN-1, CHN-2 or a rule of chapters 2 and 3 if the file has not the form of a chain file.
    /// - [`ChainError::NotAGenesis`] if its first statement is of another kind.
    pub fn claimed_id(file: &[u8]) -> Result<SignatoryId, ChainError> {
        let id = Unverified::read_first(file).and_then(|first| first.claimed_genesis_id());
        if id.is_err() {
            // The form of the whole file comes before the links (section 4.2), so the fault of another record may.
            Unverified::read_file(file, |_| None)?;
        }
        id
    }

    /// The package that the first record of a chain file speaks of: a claim, as [`Chain::claimed_id`] is.
    ///
    /// ```
    /// use sigpkg::chain::Chain;
    /// use sigpkg::example::GENESIS;
    ///
    /// assert_eq!(Chain::claimed_package(GENESIS.as_bytes())?.to_string(), "Example [7876af07]");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - CHN-1, CHN-2 or a rule of chapters 2 and 3 if the file has not the form of a chain file.
    pub fn claimed_package(file: &[u8]) -> Result<Package, ChainError> {
        Ok(Unverified::read_first(file)?.claimed().package.clone())
    }

    /// The chain that begins with this record, which is as yet its only one. Its id is the one that the record gives it:
    /// for whoever has just made it.
    ///
    /// ```
    /// use sigpkg::chain::{Chain, ChainError};
    /// use sigpkg::example::{self, FIRST, GENESIS};
    /// use sigpkg::signature::Standard;
    ///
    /// assert_eq!(Chain::begin(example::record(GENESIS)?, &Standard)?.id(), example::id()?);
    /// let error = Chain::begin(example::record(FIRST)?, &Standard).unwrap_err();
    /// assert!(matches!(error, ChainError::NotAGenesis { .. }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`ChainError::NotAGenesis`] (CHN-4) if the record is of another kind, and otherwise as [`Chain::admit`].
    pub fn begin(genesis: Unverified, scheme: &dyn Scheme) -> Result<Self, ChainError> {
        let id = genesis.claimed_genesis_id()?;
        let chain = Self::of_valid(vec![genesis], id)?;
        chain.check_signatures(Vouchers::None, |_| false, scheme)?;
        Ok(chain)
    }

    /// Appends one record.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST, GENESIS, SECOND};
    /// use sigpkg::rule::Rule;
    /// use sigpkg::signature::Standard;
    ///
    /// let mut chain = example::chain(&[GENESIS])?;
    /// let gap = chain.append(example::record(SECOND)?, &Standard).unwrap_err();
    /// assert_eq!((gap.rule(), chain.len()), (Rule::Chn6, 1)); // as it was
    ///
    /// assert_eq!(chain.append(example::record(FIRST)?, &Standard)?.seq().get(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Chain::admit`]; the chain is then as it was, so the caller may try another candidate.
    pub fn append(&mut self, record: Unverified, scheme: &dyn Scheme) -> Result<Link<'_>, ChainError> {
        let parent = self.check_link(&record)?;
        self.check_path_of(&record, parent)?;
        signed::check_one(&record, parent.map(|parent| signed::Before::of(&self.records, parent)), scheme)?;
        let index = self.push(record, parent);
        Ok(Link { chain: self, index })
    }

    /// Adds the records of another chain of the same id, and says how many of them were new.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST, GENESIS, RIVAL, SECOND};
    ///
    /// // Two users meet, and find out that they were shown two histories.
    /// let mut here = example::chain(&[GENESIS, FIRST, SECOND])?;
    /// let there = example::chain(&[GENESIS, FIRST, RIVAL])?;
    /// assert_eq!(here.merge(&there)?, 1);
    /// assert_eq!(here.forks().count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`ChainError::WrongSignatory`] if the other chain has another id; nothing is added then.
    pub fn merge(&mut self, other: &Self) -> Result<usize, ChainError> {
        if self.id != other.id {
            return Err(ChainError::WrongSignatory { expected: self.id, found: other.id });
        }
        let before = self.records.len();
        for Authentic { record, parent, .. } in &other.records {
            if !self.by_digest.contains_key(&record.digest()) {
                // The parent of a record stands before it in both chains, so it is here by now.
                let parent = parent.and_then(|parent| self.index_of(other.records[parent].record.digest()));
                self.push(record.clone(), parent);
            }
        }
        Ok(self.records.len() - before)
    }

    /// Writes all records as a chain file. The order depends on the set of records alone: by seq, and at a fork by
    /// digest.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST, GENESIS, RIVAL, SECOND};
    ///
    /// let (one, other) = ([GENESIS, FIRST, SECOND, RIVAL], [GENESIS, FIRST, RIVAL, SECOND]);
    /// assert_eq!(example::chain(&one)?.to_file(), example::chain(&other)?.to_file());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_file(&self) -> String {
        let mut order: Vec<_> = self.records.iter().map(|authentic| &authentic.record).collect();
        order.sort_by_key(|record| (record.claimed().seq, record.digest()));
        order.into_iter().flat_map(|record| [record.text(), record.blocks_text()]).collect()
    }

    /// The signatory id.
    ///
    /// ```
    /// use sigpkg::example::{self, GENESIS};
    ///
    /// assert_eq!(example::chain(&[GENESIS])?.id().to_string(), example::ID);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn id(&self) -> SignatoryId {
        self.id
    }

    /// The package that the chain is about.
    ///
    /// ```
    /// use sigpkg::example::{self, GENESIS};
    ///
    /// assert_eq!(example::chain(&[GENESIS])?.package().name().as_str(), "Example");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn package(&self) -> &Package {
        &self.genesis().statement().package
    }

    /// The first statement.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST, GENESIS};
    /// use sigpkg::statement::Kind;
    ///
    /// assert_eq!(example::chain(&[GENESIS, FIRST])?.genesis().statement().kind(), Kind::Genesis);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn genesis(&self) -> Link<'_> {
        Link { chain: self, index: 0 }
    }

    /// All statements, parents before children.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST, GENESIS, SECOND};
    ///
    /// let chain = example::chain(&[GENESIS, FIRST, SECOND])?;
    /// let kinds: Vec<_> = chain.links().map(|link| link.statement().kind().as_str()).collect();
    /// assert_eq!(kinds, ["genesis", "release", "release"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn links(&self) -> impl DoubleEndedIterator<Item = Link<'_>> {
        (0..self.records.len()).map(|index| Link { chain: self, index })
    }

    /// The statement that has this exact text.
    ///
    /// ```
    /// use sigpkg::digest::Digest;
    /// use sigpkg::example::{self, FIRST, GENESIS};
    ///
    /// let chain = example::chain(&[GENESIS, FIRST])?;
    /// let digest = "blake3:a5822b9a34a8e150a5c7bed9f9b716553ae81672ef0a18b0f67e34f768bd40d6".parse()?;
    /// assert_eq!(chain.find(digest).map(|link| link.seq().get()), Some(2));
    /// assert_eq!(chain.find(Digest::of(b"another text")), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn find(&self, digest: Digest) -> Option<Link<'_>> {
        self.index_of(digest).map(|index| Link { chain: self, index })
    }

    /// How many statements there are; never 0.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST, GENESIS};
    ///
    /// assert_eq!(example::chain(&[GENESIS, FIRST])?.len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[expect(clippy::len_without_is_empty, reason = "a chain has a genesis, so it is never empty")]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// What a user believes who has decided this (section 4.3).
    ///
    /// ```
    /// use sigpkg::chain::Decided;
    /// use sigpkg::example::{self, FIRST, GENESIS, RESERVE, SECOND};
    ///
    /// // The keys were stolen, and the reserve has said so. Who knew nothing before follows it at once; who trusted the
    /// // chain is asked first.
    /// let chain = example::chain(&[GENESIS, FIRST, SECOND, RESERVE])?;
    /// assert_eq!(chain.belief(&Decided::stranger()).head().statement().kind().as_str(), "reserve");
    /// let belief = chain.belief(&Decided::default());
    /// assert_eq!(belief.waiting().map(|link| link.digest()), Some(example::record(RESERVE)?.digest()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn belief(&self, decided: &Decided) -> Belief<'_> {
        Belief::new(self, decided)
    }

    fn reserve_in_force(&self, index: usize) -> &ReserveSet {
        signed::reserve_in_force(&self.records, index)
    }

    fn index_of(&self, digest: Digest) -> Option<usize> {
        self.by_digest.get(&digest).copied()
    }

    /// Whether this record, blocks included, was admitted before.
    fn holds(&self, record: &Unverified) -> bool {
        self.index_of(record.digest()).is_some_and(|index| self.records[index].record == *record)
    }

    fn push(&mut self, record: Unverified, parent: Option<usize>) -> usize {
        let index = self.records.len();
        let inherited = parent.and_then(|parent| self.records[parent].newest_release);
        let newest_release = if record.claimed().release().is_some() { Some(index) } else { inherited };
        let inherited = parent.map(|parent| self.records[parent].reserve_from);
        let reserve_from = inherited.filter(|_| record.claimed().reserve().is_none()).unwrap_or(index);
        if let Some(parent) = parent {
            self.records[parent].children.push(index);
        }
        self.by_digest.insert(record.digest(), index);
        self.records.push(Authentic { record, parent, children: Vec::new(), newest_release, reserve_from });
        index
    }
}

impl<'chain> Link<'chain> {
    /// What it says.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST, GENESIS};
    ///
    /// let chain = example::chain(&[GENESIS, FIRST])?;
    /// assert_eq!(chain.genesis().statement().date, "2026-01-01T12:00:00Z".parse()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn statement(self) -> &'chain Statement {
        self.record().claimed()
    }

    /// Its number.
    ///
    /// ```
    /// use sigpkg::example::{self, GENESIS};
    /// use sigpkg::statement::Seq;
    ///
    /// assert_eq!(example::chain(&[GENESIS])?.genesis().seq(), Seq::FIRST);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn seq(self) -> Seq {
        self.statement().seq
    }

    /// The exact text that is signed.
    ///
    /// ```
    /// use sigpkg::digest::Digest;
    /// use sigpkg::example::{self, GENESIS};
    ///
    /// let chain = example::chain(&[GENESIS])?;
    /// assert_eq!(Digest::of(chain.genesis().text().as_bytes()), chain.genesis().digest());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn text(self) -> &'chain str {
        self.record().text()
    }

    /// The exact text of its signature block or blocks.
    ///
    /// ```
    /// use sigpkg::example::{self, GENESIS};
    /// use sigpkg::signature::block;
    ///
    /// let chain = example::chain(&[GENESIS])?;
    /// assert!(block::parse(chain.genesis().blocks_text()).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn blocks_text(self) -> &'chain str {
        self.record().blocks_text()
    }

    /// The digest of the exact text, by which other statements and people name it.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST, GENESIS};
    ///
    /// let chain = example::chain(&[GENESIS, FIRST])?;
    /// let last = chain.links().next_back().ok_or("a chain has a genesis")?;
    /// assert_eq!(
    ///     last.digest().to_string(),
    ///     "blake3:a5822b9a34a8e150a5c7bed9f9b716553ae81672ef0a18b0f67e34f768bd40d6"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn digest(self) -> Digest {
        self.record().digest()
    }

    /// The statement it follows; `None` for the genesis.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST, GENESIS};
    ///
    /// let chain = example::chain(&[GENESIS, FIRST])?;
    /// let last = chain.links().next_back().ok_or("a chain has a genesis")?;
    /// assert_eq!(last.parent(), Some(chain.genesis()));
    /// assert_eq!(chain.genesis().parent(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parent(self) -> Option<Self> {
        self.chain.records[self.index].parent.map(|index| Self { index, ..self })
    }

    /// This statement, its parent, and so on to the genesis.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST, GENESIS, SECOND};
    ///
    /// let chain = example::chain(&[GENESIS, FIRST, SECOND])?;
    /// let last = chain.links().next_back().ok_or("a chain has a genesis")?;
    /// assert_eq!(last.path().map(|link| link.seq().get()).collect::<Vec<_>>(), [3, 2, 1]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn path(self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |link| link.parent())
    }

    /// The statements that name this one as their parent. More than one is a fork.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST, GENESIS, RIVAL, SECOND};
    ///
    /// let chain = example::chain(&[GENESIS, FIRST, SECOND, RIVAL])?;
    /// let children = chain.links().map(|link| link.children().count()).collect::<Vec<_>>();
    /// assert_eq!(children, [1, 2, 0, 0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn children(self) -> impl Iterator<Item = Self> {
        self.chain.records[self.index].children.iter().map(move |index| Self { index: *index, ..self })
    }

    /// The reserve in force at this statement, which signs a reserve statement that follows it (CHN-18).
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST, GENESIS};
    ///
    /// let chain = example::chain(&[GENESIS, FIRST])?;
    /// let last = chain.links().next_back().ok_or("a chain has a genesis")?;
    /// assert_eq!(Some(last.reserve()), chain.genesis().statement().reserve());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reserve(self) -> &'chain ReserveSet {
        self.chain.reserve_in_force(self.index)
    }

    /// A chain file with the path from the genesis to this statement and no other record.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST, GENESIS, RIVAL, SECOND};
    ///
    /// let chain = example::chain(&[GENESIS, FIRST, SECOND, RIVAL])?;
    /// let second = chain.find(example::record(SECOND)?.digest()).ok_or("not in the chain")?;
    /// assert_eq!(second.path_to_file(), [GENESIS, FIRST, SECOND].concat());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn path_to_file(self) -> String {
        let mut path: Vec<_> = self.path().collect();
        path.reverse();
        path.into_iter().flat_map(|link| [link.text(), link.blocks_text()]).collect()
    }

    fn record(self) -> &'chain Unverified {
        &self.chain.records[self.index].record
    }
}

impl PartialEq for Link<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.digest() == other.digest()
    }
}

impl Eq for Link<'_> {}
