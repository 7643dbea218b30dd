//! The policy of a registry: written consents to what is otherwise refused (REG-3).

use serde::Deserialize;

use crate::digest::{Digest, DigestError, IdError, SignatoryId, TreeHash, TreeHashError};
use crate::package::{PackageError, Uuid};
use crate::rule::Rule;
use crate::text;

/// The name of the file in the root of a registry.
pub const POLICY: &str = "SigpkgPolicy.toml";

/// The largest policy that is read, in bytes (REG-3): some thousands of consents.
pub const MAX_POLICY_BYTES: u64 = 1 << 20;

/// The format that is read.
const FORMAT: i64 = 1;

/// The consents of a registry, in the order in which they were written.
///
/// ```
/// use sigpkg::digest::TreeHash;
/// use sigpkg::registry::Policy;
///
/// let policy = Policy::read(
///     br#"sigpkg-registry = 1
///
///     [[consent]]
///     package = "7876af07-990d-54b4-ab0e-23690620f79a"
///     lost = "1234567890123456789012345678901234567890"
///     by = "Ada"
///     why = "its host has closed"
///     "#,
/// )?;
/// let lost: TreeHash = "1234567890123456789012345678901234567890".parse()?;
/// assert!(policy.is_lost("7876af07-990d-54b4-ab0e-23690620f79a".parse()?, lost));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    consents: Vec<Consent>,
}

/// What somebody has consented to, for one package.
///
/// ```
/// use sigpkg::registry::Policy;
///
/// let policy = Policy::read(
///     br#"sigpkg-registry = 1
///
///     [[consent]]
///     package = "7876af07-990d-54b4-ab0e-23690620f79a"
///     lost = "1234567890123456789012345678901234567890"
///     by = "Ada"
///     why = "its host has closed"
///     "#,
/// )?;
/// let consent = &policy.consents()[0];
/// assert_eq!((consent.by.as_str(), consent.why.as_str()), ("Ada", "its host has closed"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// The package.
    pub package: Uuid,
    /// To what.
    pub to: Consented,
    /// Who has consented.
    pub by: String,
    /// Why.
    pub why: String,
}

/// What a consent is about.
///
/// ```
/// use sigpkg::registry::{Consented, Policy};
///
/// let policy = Policy::read(
///     br#"sigpkg-registry = 1
///
///     [[consent]]
///     package = "7876af07-990d-54b4-ab0e-23690620f79a"
///     lost = "1234567890123456789012345678901234567890"
///     by = "Ada"
///     why = "its host has closed"
///     "#,
/// )?;
/// let lost = "1234567890123456789012345678901234567890".parse()?;
/// assert_eq!(policy.consents()[0].to, Consented::Lost(lost));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consented {
    /// The chain goes on with this statement: a reserve statement, or a branch of a fork.
    Statement(Digest),
    /// The package goes on with another chain.
    Signatory {
        /// The signatory until now.
        from: SignatoryId,
        /// The signatory from now on.
        to: SignatoryId,
    },
    /// This registered tree cannot be had any more.
    Lost(TreeHash),
}

/// What is wrong with a policy (REG-4).
///
/// ```
/// use sigpkg::registry::{Policy, PolicyError};
///
/// assert_eq!(Policy::read(b"sigpkg-registry = 2\n"), Err(PolicyError::Format { found: 2 }));
/// assert!(matches!(Policy::read(b"= 1\n"), Err(PolicyError::Syntax { .. })));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// It is larger than it may be.
    #[error("expected a policy of at most {MAX_POLICY_BYTES} bytes, found {bytes}")]
    TooLarge {
        /// Its size.
        bytes: u64,
    },
    /// It is no regular file.
    #[error("expected a file, found {found}")]
    NotAFile {
        /// What it is.
        found: &'static str,
    },
    /// It is no TOML in UTF-8, or has a key that no policy has.
    #[error("expected a policy in TOML, found a fault: {reason}")]
    Syntax {
        /// What the parser says, on one line.
        reason: String,
    },
    /// The format is another one.
    #[error("expected sigpkg-registry = {FORMAT}, found {found}")]
    Format {
        /// What it says.
        found: i64,
    },
    /// A consent names none or several of the things that it can be about.
    #[error("consent {number}: expected one of statement, lost, or from and to, found {found}")]
    About {
        /// Which consent, from 1.
        number: usize,
        /// What it has.
        found: &'static str,
    },
    /// A value has another form.
    #[error("consent {number}: {problem}")]
    Value {
        /// Which consent, from 1.
        number: usize,
        /// What is wrong, with both sides.
        problem: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    sigpkg_registry: i64,
    #[serde(default)]
    consent: Vec<WrittenConsent>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenConsent {
    package: String,
    statement: Option<String>,
    from: Option<String>,
    to: Option<String>,
    lost: Option<String>,
    by: String,
    why: String,
}

impl Policy {
    /// Reads a policy.
    ///
    /// # Errors
    ///
    /// - [`PolicyError::TooLarge`], [`PolicyError::Syntax`], [`PolicyError::Format`] if it has another form
    /// - [`PolicyError::About`], [`PolicyError::Value`] if a consent has another form
    ///
    /// # Example
    ///
    /// ```
    /// use sigpkg::registry::Policy;
    ///
    /// assert!(Policy::read(b"sigpkg-registry = 1\n")?.consents().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read(bytes: &[u8]) -> Result<Self, PolicyError> {
        if bytes.len() as u64 > MAX_POLICY_BYTES {
            return Err(PolicyError::TooLarge { bytes: bytes.len() as u64 });
        }
        let syntax = |reason| PolicyError::Syntax { reason };
        let text =
            std::str::from_utf8(bytes).map_err(|error| syntax(format!("no UTF-8 at byte {}", error.valid_up_to())))?;
        let written: Written = toml::from_str(text)
            .map_err(|error| syntax(text::printable(error.message().lines().last().unwrap_or_default())))?;
        if written.sigpkg_registry != FORMAT {
            return Err(PolicyError::Format { found: written.sigpkg_registry });
        }
        let consents = written.consent.into_iter().enumerate();
        Ok(Self { consents: consents.map(|(index, consent)| consent.read(index + 1)).collect::<Result<_, _>>()? })
    }

    /// Every consent.
    ///
    /// ```
    /// use sigpkg::registry::Policy;
    ///
    /// assert!(Policy::read(b"sigpkg-registry = 1\n")?.consents().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn consents(&self) -> &[Consent] {
        &self.consents
    }

    /// The statements with which the chain of a package goes on, oldest consent first.
    ///
    /// ```
    /// use sigpkg::example::{self, RESERVE};
    /// use sigpkg::registry::Policy;
    ///
    /// let (digest, package) = (example::record(RESERVE)?.digest(), "7876af07-990d-54b4-ab0e-23690620f79a");
    /// let consent = format!("package = \"{package}\"\nstatement = \"{digest}\"\nby = \"Ada\"\nwhy = \"we have called\"\n");
    /// let policy = Policy::read(format!("sigpkg-registry = 1\n[[consent]]\n{consent}").as_bytes())?;
    /// assert_eq!(policy.statements(package.parse()?), [digest]);
    /// assert!(policy.statements("23338594-aafe-5451-b93e-139f81909106".parse()?).is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn statements(&self, package: Uuid) -> Vec<Digest> {
        let statement = |consented| if let Consented::Statement(digest) = consented { Some(digest) } else { None };
        self.about(package).filter_map(statement).collect()
    }

    /// Whether a package may go on with another chain.
    ///
    /// ```
    /// use sigpkg::digest::SignatoryId;
    /// use sigpkg::registry::Policy;
    ///
    /// let [from, to] = [SignatoryId::of_genesis(b"one"), SignatoryId::of_genesis(b"other")];
    /// let package = "7876af07-990d-54b4-ab0e-23690620f79a";
    /// let consent = format!("package = \"{package}\"\nfrom = \"{from}\"\nto = \"{to}\"\nby = \"Ada\"\nwhy = \"a handover\"\n");
    /// let policy = Policy::read(format!("sigpkg-registry = 1\n[[consent]]\n{consent}").as_bytes())?;
    /// assert!(policy.allows(package.parse()?, from, to));
    /// assert!(!policy.allows(package.parse()?, to, from), "it is no consent to go back");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn allows(&self, package: Uuid, from: SignatoryId, to: SignatoryId) -> bool {
        self.about(package).any(|consented| consented == Consented::Signatory { from, to })
    }

    /// Whether it is known that a tree cannot be had any more.
    ///
    /// ```
    /// use sigpkg::digest::TreeHash;
    /// use sigpkg::registry::Policy;
    ///
    /// let tree = TreeHash::from_bytes([1; 20]);
    /// assert!(!Policy::default().is_lost("7876af07-990d-54b4-ab0e-23690620f79a".parse()?, tree));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_lost(&self, package: Uuid, tree: TreeHash) -> bool {
        self.about(package).any(|consented| consented == Consented::Lost(tree))
    }

    fn about(&self, package: Uuid) -> impl Iterator<Item = Consented> {
        self.consents.iter().filter(move |consent| consent.package == package).map(|consent| consent.to)
    }
}

impl WrittenConsent {
    fn read(self, number: usize) -> Result<Consent, PolicyError> {
        let about = |found| PolicyError::About { number, found };
        let value = |problem: String| PolicyError::Value { number, problem };
        let to = match (self.statement, self.from, self.to, self.lost) {
            (Some(statement), None, None, None) => {
                Consented::Statement(statement.parse().map_err(|error: DigestError| value(error.to_string()))?)
            }
            (None, Some(from), Some(to), None) => {
                let id = |written: &str| written.parse().map_err(|error: IdError| value(error.to_string()));
                Consented::Signatory { from: id(&from)?, to: id(&to)? }
            }
            (None, None, None, Some(lost)) => {
                Consented::Lost(lost.parse().map_err(|error: TreeHashError| value(error.to_string()))?)
            }
            (None, None, None, None) => return Err(about("none of them")),
            (None, Some(_), None, None) => return Err(about("from alone")),
            (None, None, Some(_), None) => return Err(about("to alone")),
            _ => return Err(about("several of them")),
        };
        let package = self.package.parse().map_err(|error: PackageError| value(error.to_string()))?;
        for (key, words) in [("by", &self.by), ("why", &self.why)] {
            // A consent that nobody stands for, or that has no reason, is a slip.
            if words.trim().is_empty() {
                return Err(value(format!("expected words for \"{key}\", found none")));
            }
        }
        Ok(Consent { package, to, by: self.by, why: self.why })
    }
}

impl PolicyError {
    /// The rule that is broken.
    ///
    /// ```
    /// use sigpkg::registry::PolicyError;
    /// use sigpkg::rule::Rule;
    ///
    /// assert_eq!(PolicyError::Format { found: 2 }.rule(), Rule::Reg4);
    /// ```
    pub const fn rule(&self) -> Rule {
        Rule::Reg4
    }
}
