//! What a registry remembers of one package: a head (REG-10).
//!
//! A file of two parts: a table in TOML, and after it, if the package is signed, the chain as it is. It is written by the
//! registry for itself; a file that was tampered with is found out as far as it contradicts itself or the registry.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

use crate::chain::{Chain, ChainError, MAX_CHAIN_BYTES, ReservePolicy, Vouchers};
use crate::digest::{Digest, SignatoryId, TreeHash};
use crate::ecosystem::{Ecosystem as _, Julia};
use crate::package::{Package, Uuid, Version};
use crate::signature::Scheme;
use crate::statement::FIRST_LINE;
use crate::text;
use crate::time::Timestamp;
use crate::trust::{Decisions, Grade, SeenHead, Trusted};

/// The largest head that is read, in bytes: a chain, and as many versions as a `Versions.toml` can hold.
pub const MAX_HEAD_BYTES: u64 = MAX_CHAIN_BYTES as u64 + (8 << 20);

/// The format that is written and read.
const FORMAT: i64 = 1;

/// What a registry remembers of one package.
///
/// What was judged once is not judged again:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let trusted = doc::trusted(&["chain-1", "chain-2"])?;
/// use std::collections::BTreeMap;
///
/// use sigpkg::digest::TreeHash;
/// use sigpkg::registry::Head;
/// use sigpkg::signature::Standard;
///
/// let tree = TreeHash::from_bytes([1; 20]);
/// let package = trusted.package().clone();
/// let versions = BTreeMap::from([("1.0.0".to_owned(), tree)]);
/// let file = Head { package: package.clone(), signed: Some(trusted), versions }.to_file();
///
/// let head = Head::read(file.as_bytes(), &package, doc::now(), &Standard)?;
/// assert_eq!(head.signed.map(|signed| signed.chain().len()), Some(2));
/// assert_eq!(head.versions["1.0.0"], tree);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Head {
    /// The package.
    pub package: Package,
    /// Its chain, with what the registry has accepted of it; `None` as long as it was never signed.
    pub signed: Option<Trusted>,
    /// The versions that were judged and passed, each with its tree.
    pub versions: BTreeMap<String, TreeHash>,
}

/// What is wrong with the file of a head. It is the registry's own, so it is no fault of what is submitted.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let package = doc::chain(&["chain-1"])?.package().clone();
/// use sigpkg::registry::{Head, HeadError};
/// use sigpkg::signature::Standard;
///
/// let refused = Head::read(b"sigpkg-head = 2\n", &package, doc::now(), &Standard);
/// assert!(matches!(refused, Err(HeadError::Form { .. })));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// It has another form.
    #[error("expected a head of the registry, found a fault: {reason}")]
    Form {
        /// What is wrong.
        reason: String,
    },
    /// It is about another package.
    #[error("expected the head of {expected}, found that of {found}")]
    OtherPackage {
        /// The package that was asked for.
        expected: Box<Package>,
        /// The package in the file.
        found: String,
    },
    /// The chain in it is none.
    #[error("its chain is not the one that it names: {0}")]
    Chain(Box<ChainError>),
    /// The chain does not have the statement that the table names.
    #[error("expected statement {digest} in its chain, found none")]
    Missing {
        /// The digest.
        digest: Digest,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    sigpkg_head: i64,
    name: String,
    uuid: String,
    signatory: Option<String>,
    #[serde(rename = "seq")]
    _seq: Option<u64>,
    digest: Option<String>,
    #[serde(default)]
    accepted: Vec<String>,
    #[serde(default)]
    vouchers: Vec<String>,
    #[serde(default)]
    versions: BTreeMap<String, String>,
}

impl Head {
    /// Reads the head of a package. Its chain is admitted as any other, signatures included.
    ///
    /// # Errors
    ///
    /// - [`HeadError::Form`] if it has another form
    /// - [`HeadError::OtherPackage`] if it is about another package
    /// - [`HeadError::Chain`], [`HeadError::Missing`] if its chain is not the one that its table names
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let trusted = doc::trusted(&["chain-1", "chain-2"])?;
    /// # let (package, other) = (trusted.package().clone(), doc::chain(&["chain-generic-1"])?.package().clone());
    /// use sigpkg::registry::{Head, HeadError};
    /// use sigpkg::signature::Standard;
    ///
    /// let file = Head { package, signed: Some(trusted), versions: Default::default() }.to_file();
    /// let refused = Head::read(file.as_bytes(), &other, doc::now(), &Standard);
    /// assert!(matches!(refused, Err(HeadError::OtherPackage { .. })));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn read(bytes: &[u8], package: &Package, now: Timestamp, scheme: &dyn Scheme) -> Result<Self, HeadError> {
        let form = |reason: String| HeadError::Form { reason };
        let text = std::str::from_utf8(bytes).map_err(|_| form("no UTF-8".to_owned()))?;
        let (table, chain) = divide(text);
        let written: Written = toml::from_str(table)
            .map_err(|error| form(text::printable(error.message().lines().last().unwrap_or_default())))?;
        if written.sigpkg_head != FORMAT {
            return Err(form(format!("expected sigpkg-head = {FORMAT}, found {}", written.sigpkg_head)));
        }
        let uuid: Uuid = written.uuid.parse().map_err(|_| form("its uuid is none".to_owned()))?;
        if package.uuid() != Some(uuid) || package.name().as_str() != written.name {
            let found = format!("{} [{uuid}]", text::printable(&written.name));
            return Err(HeadError::OtherPackage { expected: Box::new(package.clone()), found });
        }
        let tree = |(version, tree): (String, String)| {
            let version = Julia.version(&version).map_err(|error| form(error.to_string()))?;
            Ok((version.to_string(), tree.parse().map_err(|error| form(format!("{error}")))?))
        };
        let versions = written.versions.into_iter().map(tree).collect::<Result<_, HeadError>>()?;
        let digests = |list: Vec<String>| {
            list.iter()
                .map(|digest| digest.parse())
                .collect::<Result<Vec<Digest>, _>>()
                .map_err(|error| form(error.to_string()))
        };
        let (accepted, vouchers) = (digests(written.accepted)?, digests(written.vouchers)?);
        let signed = match (written.signatory, written.digest, chain) {
            (None, None, None) => None,
            (Some(id), Some(digest), Some(chain)) => {
                let id: SignatoryId = id.parse().map_err(|error| form(format!("{error}")))?;
                let digest: Digest = digest.parse().map_err(|error| form(format!("{error}")))?;
                let chain = Chain::admit_vouched(chain.as_bytes(), id, Vouchers::Accepted(&vouchers), scheme)
                    .map_err(|error| HeadError::Chain(Box::new(error)))?;
                if let Some(digest) = accepted.iter().chain([&digest]).find(|digest| chain.find(**digest).is_none()) {
                    return Err(HeadError::Missing { digest: *digest });
                }
                if chain.package() != package {
                    let found = chain.package().to_string();
                    return Err(HeadError::OtherPackage { expected: Box::new(package.clone()), found });
                }
                Some(Trusted::new(chain, decisions(accepted, vouchers, digest, now)))
            }
            _ => return Err(form("a signatory, a digest and a chain come together".to_owned())),
        };
        Ok(Self { package: package.clone(), signed, versions })
    }

    /// Writes the file.
    ///
    /// A package that was never signed has a table alone:
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let package = doc::chain(&["chain-1"])?.package().clone();
    /// use std::collections::BTreeMap;
    ///
    /// use sigpkg::registry::Head;
    ///
    /// let file = Head { package, signed: None, versions: BTreeMap::new() }.to_file();
    /// assert!(file.starts_with("sigpkg-head = 1\nname = \"Example\"\n"));
    /// assert!(file.ends_with("\n[versions]\n"));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn to_file(&self) -> String {
        let mut file = format!("sigpkg-head = {FORMAT}\nname = \"{}\"\n", self.package.name());
        let list =
            |digests: &[Digest]| digests.iter().map(|digest| format!("\"{digest}\"")).collect::<Vec<_>>().join(", ");
        let mut line = |line: String| writeln!(file, "{line}").expect("a String takes all that is written");
        if let Some(uuid) = self.package.uuid() {
            line(format!("uuid = \"{uuid}\""));
        }
        if let Some(signed) = &self.signed {
            let (belief, decisions) = (signed.belief(), signed.decisions());
            line(format!("signatory = \"{}\"", signed.id()));
            line(format!("seq = {}", belief.head().seq()));
            line(format!("digest = \"{}\"", belief.head().digest()));
            line(format!("accepted = [{}]", list(&decisions.accepted)));
            line(format!("vouchers = [{}]", list(&decisions.vouchers)));
        }
        line("\n[versions]".to_owned());
        for (version, tree) in &self.versions {
            line(format!("\"{version}\" = \"{tree}\""));
        }
        if let Some(signed) = &self.signed {
            file.push('\n');
            file.push_str(&fitting(signed));
        }
        file
    }

    /// Whether this version was judged with this tree, and passed.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let package = doc::chain(&["chain-1"])?.package().clone();
    /// use sigpkg::digest::TreeHash;
    /// use sigpkg::package::{EcosystemName, Version};
    /// use sigpkg::registry::Head;
    ///
    /// let (tree, other) = (TreeHash::from_bytes([1; 20]), TreeHash::from_bytes([2; 20]));
    /// let head = Head { package, signed: None, versions: [("1.0.0".to_owned(), tree)].into() };
    /// let version = Version::new(EcosystemName::Julia, "1.0.0")?;
    /// assert!(head.has(&version, tree) && !head.has(&version, other));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn has(&self, version: &Version, tree: TreeHash) -> bool {
        self.versions.get(version.as_str()) == Some(&tree)
    }
}

/// The table, and the chain that follows it. No line of the table is the first line of a statement.
fn divide(text: &str) -> (&str, Option<&str>) {
    let mark = format!("\n{FIRST_LINE}\n");
    match text.find(&mark) {
        Some(at) => {
            let (table, chain) = text.split_at(at + 1);
            (table, Some(chain))
        }
        None => (text, None),
    }
}

/// As in a trust store (VER-30): whoever has one used key could fill the file with rivals of one statement.
fn fitting(signed: &Trusted) -> String {
    let file = signed.chain().to_file();
    let decided = signed.decisions().decided();
    if file.len() <= MAX_CHAIN_BYTES { file } else { signed.chain().without_lost(&decided).to_file() }
}

/// The registry as a user: it waits for a consent before it follows a reserve statement.
fn decisions(accepted: Vec<Digest>, vouchers: Vec<Digest>, head: Digest, now: Timestamp) -> Decisions {
    Decisions {
        grade: Grade::Confirmed,
        since: now,
        accepted,
        vouchers,
        reserve: ReservePolicy::Prompt,
        distrust: None,
        ended: false,
        before_signing: Vec::new(),
        head: SeenHead { digest: head, first_seen: now },
    }
}
