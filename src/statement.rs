//! Statements: the small texts that are signed.
//!
//! There are five kinds, and each has one canonical form, so that a statement can be read by any TOML reader and still
//! has one spelling. [`Statement::parse`] is total: it takes any bytes and never panics. What it returns says what the
//! text *claims*; whether its author may claim it is the business of [`crate::chain`].
//!
//! Source: spec/3-statements.md.

mod beat;
mod canonical;
mod error;
mod genesis;
mod release;
mod reserve;
mod yank;

#[cfg(test)]
mod tests;

use std::fmt;

pub use self::beat::{Beat, BeatState};
pub use self::error::StatementError;
pub use self::genesis::Genesis;
pub use self::release::Release;
pub use self::reserve::{Cause, ReserveChange, ReserveSet};
pub use self::yank::{Severity, Yank};

use self::canonical::{Fields, Writer};
use crate::digest::{Digest, SignatoryId};
use crate::key::{Algorithm, LinkKey};
use crate::package::{EcosystemName, Package, PackageError, PackageName, Uuid};
use crate::time::{Date, Timestamp};

/// The size of the largest statement in bytes (STM-1). The largest useful one, a reserve with 15 keys, has 2 KiB.
pub const MAX_STATEMENT_BYTES: usize = 4096;

/// What some editors write before a text (STM-2).
const BYTE_ORDER_MARK: char = '\u{feff}';

/// The first line of every statement (STM-3).
pub const FIRST_LINE: &str = "sigpkg = 1";

/// The number of a statement in its chain, from 1 (the genesis) to [`Seq::MAX`].
///
/// ```
/// use sigpkg::statement::Seq;
///
/// assert_eq!(Seq::new(1), Some(Seq::FIRST));
/// assert_eq!(Seq::new(43).map(|seq| seq.to_string()), Some("43".to_owned()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(u32);

/// What a statement says. Its parts are public, since anyone may write anything; a [`Statement`] is a draft until a
/// chain vouches for it.
///
/// ```
/// use sigpkg::example::{self, FIRST};
/// use sigpkg::statement::{Kind, Statement};
///
/// let record = example::record(FIRST)?;
/// let statement = Statement::parse(record.text().as_bytes())?;
/// assert_eq!((statement.kind(), statement.seq.get()), (Kind::Release, 2));
/// assert_eq!(statement.package.to_string(), "Example [7876af07]");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The package it speaks about.
    pub package: Package,
    /// The chain and the parent it names; a genesis has none.
    pub lineage: Option<Lineage>,
    /// Its number.
    pub seq: Seq,
    /// When the signer says that it was made. A claim.
    pub date: Timestamp,
    /// The day by which the signer promises another statement.
    pub next_by: Option<Date>,
    /// What its kind adds.
    pub body: Body,
}

/// Where a statement says that it belongs.
///
/// ```
/// use sigpkg::example::{self, FIRST, GENESIS};
///
/// let (genesis, first) = (example::record(GENESIS)?, example::record(FIRST)?);
/// assert_eq!(genesis.claimed().lineage, None);
/// let lineage = first.claimed().lineage.ok_or("a release has a parent")?;
/// assert_eq!((lineage.signatory, lineage.previous), (example::id()?, genesis.digest()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lineage {
    /// The chain.
    pub signatory: SignatoryId,
    /// The digest of the exact text of the parent.
    pub previous: Digest,
}

/// What the kinds add to the header. All but the genesis announce the same two look-ahead keys.
///
/// ```
/// use sigpkg::example::{self, YANK};
/// use sigpkg::statement::{Body, Severity};
///
/// match &example::record(YANK)?.claimed().body {
///     Body::Yank(yank, _) => assert_eq!((yank.severity, yank.reason.as_str()), (Severity::Refuse, "deletes files")),
///     Body::Genesis(_) | Body::Release(..) | Body::Beat(..) | Body::Reserve(..) => return Err("expected a yank".into()),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// The first statement of a chain.
    Genesis(Genesis),
    /// A tree is a version.
    Release(Release, LookAhead),
    /// Releases are withdrawn.
    Yank(Yank, LookAhead),
    /// The signatory is still here.
    Beat(Beat, LookAhead),
    /// The reserve says who may sign from now on.
    Reserve(ReserveChange, LookAhead),
}

/// The kinds of statement.
///
/// ```
/// use sigpkg::example::{self, FIRST, GENESIS, PROMISE, RESERVE, YANK};
///
/// let mut kinds = Vec::new();
/// for record in [GENESIS, FIRST, YANK, PROMISE, RESERVE] {
///     kinds.push(example::record(record)?.claimed().kind().as_str());
/// }
/// assert_eq!(kinds, ["genesis", "release", "yank", "beat", "reserve"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `genesis`
    Genesis,
    /// `release`
    Release,
    /// `yank`
    Yank,
    /// `beat`
    Beat,
    /// `reserve`
    Reserve,
}

/// The look-ahead keys that statement n carries.
///
/// ```
/// use sigpkg::example::{self, FIRST, GENESIS};
///
/// // What one statement announces, the next one must repeat.
/// let (genesis, first) = (example::record(GENESIS)?, example::record(FIRST)?);
/// assert_eq!(genesis.claimed().look_ahead().after_next, first.claimed().look_ahead().next);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookAhead {
    /// K_{n+1}, which signs the next statement.
    pub next: LinkKey,
    /// K_{n+2}, which signs the one after.
    pub after_next: LinkKey,
}

impl Seq {
    /// The number of the genesis.
    pub const FIRST: Self = Self(1);

    /// The highest number: a statement a day for 270 years (STM-8).
    pub const MAX: Self = Self(100_000);

    /// The number, if it is one that a statement may have.
    ///
    /// ```
    /// use sigpkg::statement::Seq;
    ///
    /// assert_eq!(Seq::new(0), None);
    /// assert_eq!(Seq::new(100_000), Some(Seq::MAX));
    /// assert_eq!(Seq::new(100_001), None);
    /// ```
    pub fn new(number: u64) -> Option<Self> {
        let number = u32::try_from(number).ok().map(Self)?;
        (Self::FIRST..=Self::MAX).contains(&number).then_some(number)
    }

    /// The number as an integer.
    ///
    /// ```
    /// assert_eq!(sigpkg::statement::Seq::FIRST.get(), 1);
    /// ```
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The number after this one; `None` after the last.
    ///
    /// ```
    /// use sigpkg::statement::Seq;
    ///
    /// assert_eq!(Seq::FIRST.successor(), Seq::new(2));
    /// assert_eq!(Seq::MAX.successor(), None);
    /// ```
    pub fn successor(self) -> Option<Self> {
        Self::new(u64::from(self.0) + 1)
    }
}

impl Statement {
    /// Reads a statement from its exact text.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST};
    /// use sigpkg::rule::Rule;
    /// use sigpkg::statement::Statement;
    ///
    /// let record = example::record(FIRST)?;
    /// assert!(Statement::parse(record.text().as_bytes()).is_ok());
    /// // The same to every reader of TOML, and still not a statement: it has one spelling.
    /// let respelled = record.text().replace("seq = 2", "seq = 0x2");
    /// assert_eq!(Statement::parse(respelled.as_bytes()).unwrap_err().rule(), Rule::Stm4);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The first rule that is broken, in the order that STM-4 gives; see [`StatementError`].
    pub fn parse(text: &[u8]) -> Result<Self, StatementError> {
        Self::parse_after(text, None)
    }

    /// Like [`Statement::parse`]. A statement that follows one which announced `announced` most likely names that key,
    /// and reading it is then much cheaper.
    pub(crate) fn parse_after(text: &[u8], announced: Option<&LinkKey>) -> Result<Self, StatementError> {
        if text.len() > MAX_STATEMENT_BYTES {
            return Err(StatementError::TooLarge { bytes: text.len() });
        }
        let text = std::str::from_utf8(text).map_err(|error| StatementError::NotText { at: error.valid_up_to() })?;
        if text.starts_with(BYTE_ORDER_MARK) {
            return Err(StatementError::NotText { at: 0 });
        }
        // Not `lines`, which takes CR LF for a line end too.
        let first_line = text.split('\n').next().unwrap_or_default();
        if first_line != FIRST_LINE {
            return Err(StatementError::UnknownFormat { found: first_line.to_owned() });
        }
        let statement = Self::read(Fields::parse(text, announced)?)?;
        statement.check()?;
        let canonical = statement.to_text();
        if canonical == text { Ok(statement) } else { Err(StatementError::not_canonical(&canonical, text)) }
    }

    /// Writes the statement in its canonical form.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST};
    ///
    /// let record = example::record(FIRST)?;
    /// assert_eq!(record.claimed().to_text(), record.text());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_text(&self) -> String {
        let mut out = Writer::new(self.kind());
        if let Some(lineage) = &self.lineage {
            out.string("signatory", &lineage.signatory);
        }
        out.integer("seq", u64::from(self.seq.get()));
        if let Some(lineage) = &self.lineage {
            out.string("previous", &lineage.previous);
        }
        out.string("date", &self.date);
        out.optional_string("next-by", self.next_by.as_ref());

        out.table("package");
        out.string("ecosystem", &self.package.ecosystem());
        out.string("name", self.package.name());
        out.optional_string("uuid", self.package.uuid().as_ref());

        match &self.body {
            Body::Genesis(genesis) => genesis.write(&mut out),
            Body::Release(release, _) => release.write(&mut out),
            Body::Yank(yank, _) => yank.write(&mut out),
            Body::Beat(beat, _) => beat.write(&mut out),
            Body::Reserve(change, _) => change.write(&mut out),
        }

        out.table("keys");
        if let Body::Genesis(genesis) = &self.body {
            out.string("this", &genesis.this);
        }
        let keys = self.look_ahead();
        out.string("next", &keys.next);
        out.string("after-next", &keys.after_next);
        out.finish()
    }

    /// Checks what the values of one statement have to do with each other (section 3.5 of the specification).
    /// [`Statement::parse`] has done so; a signer does so before it writes.
    ///
    /// ```
    /// use sigpkg::example::{self, PROMISE};
    /// use sigpkg::rule::Rule;
    ///
    /// let mut statement = example::record(PROMISE)?.claimed().clone();
    /// assert!(statement.check().is_ok());
    /// statement.next_by = Some("2025-12-31".parse()?); // before its own date
    /// assert_eq!(statement.check().unwrap_err().rule(), Rule::Stm19);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The first of STM-13 to STM-19 that is broken.
    pub fn check(&self) -> Result<(), StatementError> {
        self.check_seq()?;
        self.check_algorithms()?;
        self.check_keys_differ()?;
        if let Some(reserve) = self.reserve() {
            reserve.check()?;
        }
        match &self.body {
            Body::Release(release, _) => release.check(self.seq)?,
            Body::Yank(yank, _) => yank.check(self.seq)?,
            Body::Beat(beat, _) => beat.check(self.lineage.as_ref())?,
            Body::Reserve(change, _) => change.check()?,
            Body::Genesis(_) => {}
        }
        match self.next_by {
            Some(next_by) if next_by < self.date.date() => {
                Err(StatementError::PromiseInThePast { next_by, date: self.date })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The kind.
    ///
    /// ```
    /// use sigpkg::example::{self, GENESIS};
    /// use sigpkg::statement::Kind;
    ///
    /// assert_eq!(example::record(GENESIS)?.claimed().kind(), Kind::Genesis);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn kind(&self) -> Kind {
        match self.body {
            Body::Genesis(_) => Kind::Genesis,
            Body::Release(..) => Kind::Release,
            Body::Yank(..) => Kind::Yank,
            Body::Beat(..) => Kind::Beat,
            Body::Reserve(..) => Kind::Reserve,
        }
    }

    /// The keys that the next two statements are to be signed with.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST};
    ///
    /// // The key that signs the release after this one: `minisign -Vm release.toml -P KEY`.
    /// let key = example::record(FIRST)?.claimed().look_ahead().next;
    /// assert_eq!(key.to_string(), "RWSAYowirL2J2LDcYkE+XXJllIDCUEQsrIUmkLNqeqZ4HMNfYjSUYEhk");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn look_ahead(&self) -> &LookAhead {
        match &self.body {
            Body::Genesis(genesis) => &genesis.look_ahead,
            Body::Release(_, keys) | Body::Yank(_, keys) | Body::Beat(_, keys) | Body::Reserve(_, keys) => keys,
        }
    }

    /// The reserve that this statement sets, if it is of a kind that sets one.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST, GENESIS};
    ///
    /// let genesis = example::record(GENESIS)?;
    /// assert_eq!(genesis.claimed().reserve().map(|reserve| reserve.threshold), Some(1));
    /// assert_eq!(example::record(FIRST)?.claimed().reserve(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reserve(&self) -> Option<&ReserveSet> {
        match &self.body {
            Body::Genesis(genesis) => Some(&genesis.reserve),
            Body::Reserve(change, _) => Some(&change.reserve),
            Body::Release(..) | Body::Yank(..) | Body::Beat(..) => None,
        }
    }

    /// What it says about a tree, if it is a release.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST, YANK};
    ///
    /// let first = example::record(FIRST)?;
    /// assert_eq!(first.claimed().release().map(|release| release.version.as_str()), Some("1.0.0"));
    /// assert_eq!(example::record(YANK)?.claimed().release(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn release(&self) -> Option<&Release> {
        match &self.body {
            Body::Release(release, _) => Some(release),
            Body::Genesis(_) | Body::Yank(..) | Body::Beat(..) | Body::Reserve(..) => None,
        }
    }

    /// What it withdraws, if it is a yank.
    ///
    /// ```
    /// use sigpkg::example::{self, YANK};
    /// use sigpkg::statement::Seq;
    ///
    /// let record = example::record(YANK)?;
    /// let yank = record.claimed().yank().ok_or("no yank")?;
    /// assert_eq!(yank.releases, [Seq::new(2).ok_or("no number")?]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn yank(&self) -> Option<&Yank> {
        match &self.body {
            Body::Yank(yank, _) => Some(yank),
            Body::Genesis(_) | Body::Release(..) | Body::Beat(..) | Body::Reserve(..) => None,
        }
    }

    /// What it says of its signatory, if it is a beat.
    ///
    /// ```
    /// use sigpkg::example::{self, LAST};
    /// use sigpkg::statement::BeatState;
    ///
    /// let record = example::record(LAST)?;
    /// assert_eq!(record.claimed().beat().map(|beat| beat.state), Some(BeatState::Final));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn beat(&self) -> Option<&Beat> {
        match &self.body {
            Body::Beat(beat, _) => Some(beat),
            Body::Genesis(_) | Body::Release(..) | Body::Yank(..) | Body::Reserve(..) => None,
        }
    }

    /// What it changes, if it is a reserve statement.
    ///
    /// ```
    /// use sigpkg::example::{self, RESERVE};
    /// use sigpkg::statement::Cause;
    ///
    /// let record = example::record(RESERVE)?;
    /// assert_eq!(record.claimed().reserve_change().map(|change| change.cause), Some(Cause::Stolen));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reserve_change(&self) -> Option<&ReserveChange> {
        match &self.body {
            Body::Reserve(change, _) => Some(change),
            Body::Genesis(_) | Body::Release(..) | Body::Yank(..) | Body::Beat(..) => None,
        }
    }

    fn read(mut header: Fields<'_>) -> Result<Self, StatementError> {
        // STM-5 comes before all other keys: what they must be depends on it.
        let kind: Kind = header.kind()?;
        header.format()?;
        let signatory = (kind != Kind::Genesis).then(|| header.parsed("signatory", "a signatory id")).transpose()?;
        let seq = header.seq("seq")?;
        let previous = (kind != Kind::Genesis).then(|| header.parsed("previous", "a digest")).transpose()?;
        let date = header.parsed("date", "an instant")?;
        let next_by = header.optional_parsed("next-by", "a day")?;
        header.finish_keys()?;
        let mut package_table = header.table("package")?;
        let package = read_package(&mut package_table)?;
        package_table.finish()?;
        let body = Body::read(kind, &mut header, package.ecosystem())?;
        header.finish()?;
        let lineage = signatory.zip(previous).map(|(signatory, previous)| Lineage { signatory, previous });
        Ok(Self { package, lineage, seq, date, next_by, body })
    }

    /// STM-13
    fn check_seq(&self) -> Result<(), StatementError> {
        if (self.seq == Seq::FIRST) == (self.kind() == Kind::Genesis) {
            Ok(())
        } else {
            Err(StatementError::Sequence { kind: self.kind(), found: self.seq })
        }
    }

    /// STM-14, as far as one statement shows it.
    fn check_algorithms(&self) -> Result<(), StatementError> {
        let LookAhead { next, after_next } = self.look_ahead();
        let mut allowed = next.algorithm() == after_next.algorithm();
        match &self.body {
            Body::Genesis(genesis) => {
                allowed &= [&genesis.this, next].iter().all(|key| key.algorithm() == Algorithm::Ed25519);
            }
            Body::Reserve(change, _) => {
                allowed &= change.cause != Cause::Algorithm || next.algorithm() == Algorithm::SlhDsa;
            }
            Body::Release(..) | Body::Yank(..) | Body::Beat(..) => {}
        }
        if allowed {
            Ok(())
        } else {
            Err(StatementError::Algorithm {
                next: next.algorithm(),
                after_next: after_next.algorithm(),
                kind: self.kind(),
            })
        }
    }

    /// STM-15
    fn check_keys_differ(&self) -> Result<(), StatementError> {
        let mut seen = std::collections::HashSet::new();
        let LookAhead { next, after_next } = self.look_ahead();
        let this = match &self.body {
            Body::Genesis(genesis) => Some(&genesis.this),
            Body::Release(..) | Body::Yank(..) | Body::Beat(..) | Body::Reserve(..) => None,
        };
        let link_keys = this.into_iter().chain([next, after_next]).map(|key| (key.as_bytes(), key.to_string()));
        let reserve_keys = self.reserve().into_iter().flat_map(|reserve| &reserve.keys);
        for (bytes, key) in link_keys.chain(reserve_keys.map(|key| (key.as_bytes(), key.to_string()))) {
            if !seen.insert(bytes) {
                return Err(StatementError::KeyReused { key });
            }
        }
        Ok(())
    }
}

impl Body {
    fn read(kind: Kind, header: &mut Fields<'_>, ecosystem: EcosystemName) -> Result<Self, StatementError> {
        Ok(match kind {
            Kind::Genesis => Self::Genesis(Genesis::read(header)?),
            Kind::Release => {
                let release = header.whole_table("release", |table| Release::read(table, ecosystem))?;
                Self::Release(release, LookAhead::read(header)?)
            }
            Kind::Yank => {
                let yank = header.whole_table("yank", Yank::read)?;
                Self::Yank(yank, LookAhead::read(header)?)
            }
            Kind::Beat => {
                let beat = header.whole_table("beat", Beat::read)?;
                Self::Beat(beat, LookAhead::read(header)?)
            }
            Kind::Reserve => {
                let change = header.whole_table("reserve", ReserveChange::read)?;
                Self::Reserve(change, LookAhead::read(header)?)
            }
        })
    }
}

impl LookAhead {
    fn read(header: &mut Fields<'_>) -> Result<Self, StatementError> {
        header.whole_table("keys", Self::read_keys)
    }

    fn read_keys(table: &mut Fields<'_>) -> Result<Self, StatementError> {
        Ok(Self { next: table.link_key("next")?, after_next: table.link_key("after-next")? })
    }
}

/// STM-9 to STM-11
fn read_package(table: &mut Fields<'_>) -> Result<Package, StatementError> {
    let in_package = |error: PackageError| StatementError::Package(error);
    let ecosystem = table.string("ecosystem")?.parse().map_err(in_package)?;
    let name = PackageName::new(ecosystem, &table.string("name")?).map_err(in_package)?;
    let uuid = table.optional_string("uuid")?.map(|uuid| uuid.parse::<Uuid>()).transpose().map_err(in_package)?;
    Package::with_name(ecosystem, name, uuid).map_err(in_package)
}

impl Kind {
    /// The word of a statement.
    ///
    /// ```
    /// use sigpkg::statement::Kind;
    ///
    /// assert_eq!(Kind::Release.as_str(), "release");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Genesis => "genesis",
            Self::Release => "release",
            Self::Yank => "yank",
            Self::Beat => "beat",
            Self::Reserve => "reserve",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Genesis, Self::Release, Self::Yank, Self::Beat, Self::Reserve]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}
