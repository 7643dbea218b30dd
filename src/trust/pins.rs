//! Pins: whom a project trusts, as its reviewers have agreed. The text of `Signatories.toml`.
//!
//! Source: spec/10-projects.md, PRJ-15 to PRJ-17.

mod merge;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use self::merge::MergeError;

use super::{Decisions, Grade, SeenHead, Trusted};
use crate::chain::{Chain, ChainError, ReservePolicy, Vouchers};
use crate::digest::{Digest, SignatoryId, TreeHash};
use crate::package::{EcosystemName, Package};
use crate::rule::Rule;
use crate::signature::Scheme;
use crate::statement::{Cause, Seq};
use crate::text;
use crate::time::Timestamp;

/// The name of the file, beside the lockfile of its project.
pub const PINS_FILE: &str = "Signatories.toml";

/// The largest file of pins in bytes: ten thousand pins (PRJ-16).
pub const MAX_PINS_BYTES: u64 = 4 << 20;

/// The version of the form. Another one is refused, since it may hold pins that this program would overlook.
const VERSION: u32 = 1;

/// The pins of a project, in their order.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let pin = doc::pin(&["chain-1", "chain-2"])?;
/// use sigpkg::trust::Pins;
///
/// let text = Pins::of(vec![pin.clone()])?.to_text();
/// assert!(text.starts_with("sigpkg-pins = 1\n\n[[pin]]\nname = \"Example\"\n"));
/// assert_eq!(Pins::parse(text.as_bytes())?.iter().collect::<Vec<_>>(), [&pin]);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pins {
    pins: Vec<Pin>,
}

/// Whom a project trusts for one package, and which statement of the chain it has come to.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let pin = doc::pin(&["chain-1", "chain-2"])?;
/// # let chain = doc::chain(&["chain-1", "chain-2", "chain-3"])?;
/// assert!(pin.is_reached_by(&chain), "the chain has gone on since");
/// # let older = doc::chain(&["chain-1"])?;
/// assert!(!pin.is_reached_by(&older), "a chain that ends before it was cut short");
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The package.
    pub package: Package,
    /// The signatory.
    pub id: SignatoryId,
    /// The number of the pinned statement.
    pub seq: Seq,
    /// Its digest.
    pub digest: Digest,
    /// How the id was first trusted by who made the pin.
    pub grade: Grade,
    /// The reserve statements that were accepted, in the order of their seqs.
    pub accepted: Vec<Digest>,
    /// The tree hashes of unsigned versions from before the chain began (PRJ-10), in ascending order.
    pub before_signing: Vec<TreeHash>,
}

/// Why a text is no file of pins (PRJ-16).
///
/// ```
/// use sigpkg::trust::{Pins, PinsError};
///
/// assert_eq!(Pins::parse(b"sigpkg-pins = 7\n"), Err(PinsError::Version { found: 7 }));
/// let merged = b"sigpkg-pins = 1\n<<<<<<< HEAD\n";
/// assert_eq!(Pins::parse(merged), Err(PinsError::Conflict { line: 2 }));
/// assert!(matches!(Pins::parse(b"[[pin]]\n"), Err(PinsError::Form { .. })));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PinsError {
    /// It is not UTF-8, or no TOML of the form of PRJ-17.
    #[error("expected a file of pins, found a fault: {}", text::printable(.reason))]
    Form {
        /// What is wrong, on one line.
        reason: String,
    },
    /// It has the conflict markers of a merge.
    #[error("expected a file of pins, found the conflict markers of a merge in line {line}")]
    Conflict {
        /// The first line with one, counted from 1.
        line: usize,
    },
    /// It is of another version.
    #[error("expected sigpkg-pins = {VERSION}, found {found}")]
    Version {
        /// What it says.
        found: u32,
    },
    /// A pin has a value that is none of its kind.
    #[error("the pin of {}: {}", text::printable(.name), text::printable(.reason))]
    Value {
        /// The name that the pin gives.
        name: String,
        /// What is wrong, with both sides.
        reason: String,
    },
    /// Two pins are about the same package and signatory.
    #[error("expected one pin of {package} for signatory {id}, found two")]
    Twice {
        /// The package.
        package: Package,
        /// The signatory.
        id: SignatoryId,
    },
}

impl PinsError {
    /// The rule that is broken.
    ///
    /// ```
    /// use sigpkg::rule::Rule;
    /// use sigpkg::trust::PinsError;
    ///
    /// assert_eq!(PinsError::Version { found: 7 }.rule(), Rule::Prj16);
    /// ```
    pub const fn rule(&self) -> Rule {
        Rule::Prj16
    }
}

impl Pins {
    /// Reads a file of pins, in whatever order they are.
    ///
    /// # Errors
    ///
    /// - [`PinsError`] (PRJ-16) if it has another form, or two pins of one signatory for one package.
    ///
    /// # Example
    ///
    /// ```
    /// use sigpkg::trust::Pins;
    ///
    /// assert!(Pins::parse(b"sigpkg-pins = 1\n")?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse(file: &[u8]) -> Result<Self, PinsError> {
        let file = str::from_utf8(file)
            .map_err(|error| PinsError::Form { reason: format!("no UTF-8 at byte {}", error.valid_up_to()) })?;
        if let Some(line) = file.lines().position(|line| merge::marker(line).is_some()) {
            return Err(PinsError::Conflict { line: line + 1 });
        }
        let file: File = toml::from_str(file)
            .map_err(|error| PinsError::Form { reason: error.message().lines().collect::<Vec<_>>().join(" ") })?;
        if file.sigpkg_pins != VERSION {
            return Err(PinsError::Version { found: file.sigpkg_pins });
        }
        let pins = file.pin.into_iter().map(Entry::into_pin).collect::<Result<Vec<_>, _>>()?;
        Self::of(pins)
    }

    /// Puts pins in their order.
    ///
    /// # Errors
    ///
    /// - [`PinsError::Twice`] if two are about the same package and signatory.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let pin = doc::pin(&["chain-1"])?;
    /// use sigpkg::trust::{Pins, PinsError};
    ///
    /// let twice = Pins::of(vec![pin.clone(), pin.clone()]);
    /// assert_eq!(twice, Err(PinsError::Twice { package: pin.package, id: pin.id }));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn of(mut pins: Vec<Pin>) -> Result<Self, PinsError> {
        pins.sort_by(|one, other| one.key().cmp(&other.key()));
        match pins.iter().zip(pins.iter().skip(1)).find(|(one, other)| one.key() == other.key()) {
            Some((twice, _)) => Err(PinsError::Twice { package: twice.package.clone(), id: twice.id }),
            None => Ok(Self { pins }),
        }
    }

    /// The text of the file (PRJ-17).
    ///
    /// ```
    /// use sigpkg::trust::Pins;
    ///
    /// assert_eq!(Pins::default().to_text(), "sigpkg-pins = 1\n");
    /// ```
    pub fn to_text(&self) -> String {
        let mut text = format!("sigpkg-pins = {VERSION}\n");
        for pin in &self.pins {
            text.push_str("\n[[pin]]\n");
            text.push_str(&Entry::from_pin(pin).to_text());
        }
        text
    }

    /// The pins, in their order.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let pins = sigpkg::trust::Pins::of(vec![doc::pin(&["chain-generic-1"])?, doc::pin(&["chain-1"])?])?;
    /// let names: Vec<_> = pins.iter().map(|pin| pin.package.name().as_str()).collect();
    /// assert_eq!(names, ["Example", "example-tool"], "in the order of the file");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = &Pin> {
        self.pins.iter()
    }

    /// How many there are.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let pins = sigpkg::trust::Pins::of(vec![doc::pin(&["chain-1"])?])?;
    /// assert_eq!(pins.len(), 1);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn len(&self) -> usize {
        self.pins.len()
    }

    /// Whether there is none.
    ///
    /// ```
    /// use sigpkg::trust::Pins;
    ///
    /// assert!(Pins::default().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.pins.is_empty()
    }

    /// The pins of a package.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let pins = sigpkg::trust::Pins::of(vec![doc::pin(&["chain-1"])?, doc::pin(&["chain-generic-1"])?])?;
    /// # let package = doc::pin(&["chain-1"])?.package;
    /// assert_eq!(pins.len(), 2);
    /// assert_eq!(pins.of_package(&package).count(), 1);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn of_package<'pins>(&'pins self, package: &Package) -> impl Iterator<Item = &'pins Pin> + use<'pins> {
        let package = package.clone();
        self.pins.iter().filter(move |pin| pin.package == package)
    }
}

impl Pin {
    /// By what pins are told apart, and sorted.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let [pin, other] = [doc::pin(&["chain-1"])?, doc::pin(&["chain-1", "chain-2"])?];
    /// assert_eq!(pin.key(), other.key(), "they are pins of one chain, so a project has one of them");
    /// assert_eq!(pin.key().0, "Example");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn key(&self) -> (&str, Option<String>, String) {
        let package = &self.package;
        (package.name().as_str(), package.uuid().map(|uuid| uuid.to_string()), self.id.to_string())
    }

    /// Whether a chain has the pinned statement (PRJ-13).
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let pin = doc::pin(&["chain-1", "chain-2"])?;
    /// assert!(pin.is_reached_by(&doc::chain(&["chain-1", "chain-2"])?));
    /// assert!(!pin.is_reached_by(&doc::chain(&["chain-1"])?));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn is_reached_by(&self, chain: &Chain) -> bool {
        chain.id() == self.id && chain.find(self.digest).is_some_and(|link| link.seq() == self.seq)
    }

    /// What a project that has nothing but this pin knows and has decided, once it sees a chain file (PRJ-15). With
    /// `distrusts_ed25519` the mark is the genesis.
    ///
    /// `Ok(None)` is the answer if the chain does not reach the pinned statement (PRJ-13).
    ///
    /// # Errors
    ///
    /// - [`ChainError`] if the file is not admitted under the id of the pin.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let pin = doc::pin(&["chain-1", "chain-2"])?;
    /// # let [file, older] = [doc::chain_file(&["chain-1", "chain-2", "chain-3"])?, doc::chain_file(&["chain-1"])?];
    /// use sigpkg::signature::Standard;
    ///
    /// let trusted = pin.trusted(&file, false, doc::now(), &Standard)?.ok_or("the pin is not reached")?;
    /// assert_eq!(trusted.belief().head().seq().get(), 3);
    /// assert!(pin.trusted(&older, false, doc::now(), &Standard)?.is_none());
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn trusted(
        &self,
        file: &[u8],
        distrusts_ed25519: bool,
        now: Timestamp,
        scheme: &dyn Scheme,
    ) -> Result<Option<Trusted>, ChainError> {
        let chain = Chain::admit_vouched(file, self.id, Vouchers::Accepted(&self.accepted), scheme)?;
        let Some(pinned) = chain.find(self.digest).filter(|_| self.is_reached_by(&chain)) else {
            return Ok(None);
        };
        let is_voucher = |digest: &Digest| {
            chain
                .find(*digest)
                .and_then(|link| link.statement().reserve_change())
                .is_some_and(|change| change.cause == Cause::Algorithm)
        };
        let vouchers = self.accepted.iter().copied().filter(is_voucher).collect();
        // The reserve statements on the path were accepted with the pinned statement; those that are not on it by
        // themselves.
        let elsewhere =
            self.accepted.iter().copied().filter(|digest| pinned.path().all(|link| link.digest() != *digest));
        let mut accepted: Vec<_> = elsewhere.filter(|digest| chain.find(*digest).is_some()).collect();
        accepted.push(self.digest);
        let distrust = distrusts_ed25519.then(|| chain.genesis().digest());
        let decisions = Decisions {
            grade: self.grade,
            since: now,
            accepted,
            vouchers,
            reserve: ReservePolicy::default(),
            distrust,
            ended: false,
            before_signing: self.before_signing.clone(),
            head: SeenHead { digest: self.digest, first_seen: now },
        };
        let mut trusted = Trusted::new(chain, decisions);
        trusted.note_head(now);
        Ok(Some(trusted))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    sigpkg_pins: u32,
    #[serde(default)]
    pin: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uuid: Option<String>,
    id: String,
    seq: u64,
    digest: String,
    grade: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    accepted: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    before_signing: Vec<String>,
}

impl Entry {
    fn from_pin(pin: &Pin) -> Self {
        Self {
            name: pin.package.name().to_string(),
            uuid: pin.package.uuid().map(|uuid| uuid.to_string()),
            id: pin.id.to_string(),
            seq: u64::from(pin.seq.get()),
            digest: pin.digest.to_string(),
            grade: pin.grade.to_string(),
            accepted: pin.accepted.iter().map(ToString::to_string).collect(),
            before_signing: pin.before_signing.iter().map(ToString::to_string).collect(),
        }
    }

    fn to_text(&self) -> String {
        toml::to_string(self).expect("strings, an integer and arrays are TOML")
    }

    fn into_pin(self) -> Result<Pin, PinsError> {
        let name = self.name.clone();
        self.parsed().map_err(|reason| PinsError::Value { name, reason })
    }

    fn parsed(self) -> Result<Pin, String> {
        let uuid = self.uuid.map(|uuid| parsed(&uuid)).transpose()?;
        // What decides is the form of the name and the id: a Julia package has a UUID, and no other has one.
        let ecosystem = if uuid.is_some() { EcosystemName::Julia } else { EcosystemName::Generic };
        let mut before_signing: Vec<TreeHash> = all_parsed(&self.before_signing)?;
        before_signing.sort_unstable();
        before_signing.dedup();
        Ok(Pin {
            package: Package::new(ecosystem, &self.name, uuid).map_err(|error| error.to_string())?,
            id: parsed(&self.id)?,
            seq: Seq::new(self.seq).ok_or_else(|| format!("expected the number of a statement, found {}", self.seq))?,
            digest: parsed(&self.digest)?,
            grade: [Grade::Seen, Grade::Confirmed]
                .into_iter()
                .find(|grade| grade.as_str() == self.grade)
                .ok_or_else(|| format!("expected grade \"seen\" or \"confirmed\", found {:?}", self.grade))?,
            accepted: all_parsed(&self.accepted)?,
            before_signing,
        })
    }
}

fn all_parsed<T: std::str::FromStr<Err: ToString>>(texts: &[String]) -> Result<Vec<T>, String> {
    texts.iter().map(|text| parsed(text)).collect()
}

fn parsed<T: std::str::FromStr<Err: ToString>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}
