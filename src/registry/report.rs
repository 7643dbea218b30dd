//! What was found: a report for each package, with a finding for each version that was judged.

use crate::digest::{Digest, SignatoryId, TreeHash};
use crate::ecosystem::registry::FileFault;
use crate::package::{Uuid, Version};
use crate::rule::Rule;
use crate::statement::Seq;
use crate::verify;

use super::head::Head;
use super::policy::PolicyError;

/// What was found about one package; about the registry itself, if it has no `uuid`.
///
/// A registry whose policy was edited by the change that is judged:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # let reports = machine.policy_edited()?;
/// let report = &reports[0];
/// assert_eq!((report.uuid, report.file.as_str()), (None, "SigpkgPolicy.toml"));
/// assert!(!report.has_passed());
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct PackageReport {
    /// The id of the package.
    pub uuid: Option<Uuid>,
    /// The name that the registry gives it, which nobody vouches for.
    pub claimed_name: String,
    /// The file of the registry that the findings are about.
    pub file: String,
    /// In the order of versions.
    pub findings: Vec<Finding>,
    /// What the registry should remember of the package; `None` if nothing new passed, or something did not.
    pub head: Option<Head>,
}

/// One thing that was judged.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # let reports = machine.policy_edited()?;
/// let finding = &reports[0].findings[0];
/// assert_eq!((finding.outcome.word(), &finding.version), ("undecided", &None), "it is about no version");
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Finding {
    /// What became of it in the registry.
    pub change: Change,
    /// The version; `None` if it is about the package as a whole.
    pub version: Option<Version>,
    /// The tree that the registry names.
    pub tree: Option<TreeHash>,
    /// The judgement.
    pub outcome: Outcome,
    /// Who has signed it, as it says itself; true if it has passed.
    pub signatory: Option<SignatoryId>,
    /// The number of its statement, as it says itself.
    pub seq: Option<Seq>,
    /// What is to be said beside the judgement.
    pub notes: Vec<Note>,
}

/// What a finding is about.
///
/// ```
/// use sigpkg::registry::Change;
///
/// let is_new = |change| matches!(change, Change::Added | Change::Changed);
/// assert!(is_new(Change::Added) && !is_new(Change::Present));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// The registry as a whole: its index, its policy.
    Registry,
    /// A package as a whole.
    Package,
    /// A version that the base does not have.
    Added,
    /// A version that the base has too, with another tree or another yank flag.
    Changed,
    /// A version or package that the base has and the head does not.
    Removed,
    /// A version that is simply there, in an audit.
    Present,
}

/// A judgement.
///
/// ```
/// use sigpkg::registry::Outcome;
///
/// let unread = Outcome::CouldNotTell("there is no clone".to_owned());
/// assert!(!unread.has_passed(), "what cannot be had is no pass");
/// assert!(Outcome::Lost.has_passed(), "unless the policy says so");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing speaks against it.
    Passed,
    /// A rule refuses it.
    Refused(Box<Reason>),
    /// A human must choose.
    Undecided(Box<Reason>),
    /// Something could not be read or had, so that nothing can be said. It is no pass.
    CouldNotTell(String),
    /// The policy says that its tree cannot be had any more.
    Lost,
}

/// Why something does not pass.
///
/// ```
/// use sigpkg::registry::{Fault, Reason};
///
/// let reason = Reason::Registry(Fault::PolicyChanged);
/// assert_eq!(reason.rule().to_string(), "REG-8");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// A rule of spec/9-registries.md.
    #[error(transparent)]
    Registry(Fault),
    /// A rule of the chapters before it, for a release.
    #[error(transparent)]
    Release(verify::Reason),
}

/// What is wrong with a registry or its change: a variant for each rule of spec/9-registries.md.
///
/// ```
/// use sigpkg::digest::TreeHash;
/// use sigpkg::package::{EcosystemName, Version};
/// use sigpkg::registry::Fault;
///
/// let version = Version::new(EcosystemName::Julia, "1.0.0")?;
/// let [expected, found] = [TreeHash::from_bytes([1; 20]), TreeHash::from_bytes([2; 20])];
/// let fault = Fault::TreeReplaced { version, expected, found };
/// assert_eq!(fault.rule().to_string(), "REG-5");
/// assert!(fault.to_string().contains(&expected.to_string()), "both sides are said");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// REG-2: a file has another form.
    #[error("{path}: {fault}")]
    Malformed {
        /// The file.
        path: String,
        /// What is wrong with it.
        fault: FileFault,
    },
    /// REG-2: a file is not there, or no file, or too large.
    #[error("{path}: {problem}")]
    File {
        /// The file.
        path: String,
        /// What is wrong with it, with both sides.
        problem: String,
    },
    /// REG-2: two files of the registry contradict each other.
    #[error("{path}: expected {part} {expected}, as Registry.toml says, found {found}")]
    Contradiction {
        /// The file.
        path: String,
        /// What differs.
        part: &'static str,
        /// What the index says.
        expected: String,
        /// What the file says.
        found: String,
    },
    /// REG-2: the object that a version names is none.
    #[error("expected a tree for version {version}, but {tree} is {found}")]
    NotATree {
        /// The version.
        version: Version,
        /// The object.
        tree: TreeHash,
        /// What it is.
        found: &'static str,
    },
    /// REG-4
    #[error("{file}: {0}", file = super::policy::POLICY)]
    Policy(PolicyError),
    /// REG-5
    #[error("expected tree {expected} for version {version}, as it was registered, found {found}")]
    TreeReplaced {
        /// The version.
        version: Version,
        /// The tree that was registered.
        expected: TreeHash,
        /// The tree that is there now.
        found: TreeHash,
    },
    /// REG-6
    #[error("expected version {version} with tree {tree}, as it was registered, found none")]
    VersionRemoved {
        /// The version.
        version: Version,
        /// The tree that was registered.
        tree: TreeHash,
    },
    /// REG-6
    #[error("expected package {} [{uuid}], as it was registered, found none", crate::text::printable(name))]
    PackageRemoved {
        /// Its name.
        name: String,
        /// Its id.
        uuid: Uuid,
    },
    /// REG-7
    #[error(
        "expected package {uuid} to have the name {}, as it was registered, found {}",
        crate::text::printable(expected),
        crate::text::printable(found)
    )]
    PackageRenamed {
        /// Its id.
        uuid: Uuid,
        /// The name that was registered.
        expected: String,
        /// The name that is there now.
        found: String,
    },
    /// REG-8
    #[error("the change edits {}, so a human must look at it", super::policy::POLICY)]
    PolicyChanged,
    /// REG-14
    #[error(
        "release {version} (statement {seq}, {digest}) does not follow statement {} ({}), the last one that this registry has seen, nor come before it",
        seen.0, seen.1
    )]
    NotContinued {
        /// The last statement that the registry has seen.
        seen: (Seq, Digest),
        /// The number of the release.
        seq: Seq,
        /// Its version.
        version: Version,
        /// Its digest.
        digest: Digest,
    },
}

/// What is said beside a judgement.
///
/// ```
/// use sigpkg::registry::Note;
///
/// let note = Note { word: "seen", message: "nobody has compared the id".to_owned() };
/// let line = format!("{}: {}", note.word, note.message);
/// assert_eq!(line, "seen: nobody has compared the id");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The stable word.
    pub word: &'static str,
    /// A sentence.
    pub message: String,
}

/// How much was found, over all packages.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # machine.commit("Registry.toml", doc::REGISTRY)?;
/// # let registry = sigpkg::source::Revision::open(&machine.repository, "HEAD", None)?;
/// # let scheme = &sigpkg::signature::Standard;
/// # let (heads, packages) = (&doc::Nothing, &doc::Nothing);
/// # let surroundings =
/// #     sigpkg::registry::Surroundings { heads, packages, policy_reviewed: false, now: doc::now(), scheme };
/// use sigpkg::registry::{Summary, audit};
///
/// assert_eq!(audit(&registry, &surroundings, &|_| {})?, Summary::default(), "there is no package");
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Packages in the registry.
    pub packages: usize,
    /// Versions of them.
    pub versions: usize,
    /// Versions that were judged now; the others were judged before, and are as they were.
    pub judged: usize,
    /// Versions that passed, and are signed.
    pub signed: usize,
    /// Versions that passed, and are not signed.
    pub unsigned: usize,
    /// Findings that are refusals.
    pub refused: usize,
    /// Findings that a human must decide.
    pub undecided: usize,
    /// Findings about which nothing can be said.
    pub unreadable: usize,
    /// Versions whose trees are known to be lost.
    pub lost: usize,
}

impl PackageReport {
    /// Whether nothing speaks against any of the findings.
    ///
    /// ```
    /// use sigpkg::registry::PackageReport;
    ///
    /// let report = PackageReport {
    ///     uuid: None,
    ///     claimed_name: "Tides".to_owned(),
    ///     file: "T/Tides/Versions.toml".to_owned(),
    ///     findings: Vec::new(),
    ///     head: None,
    /// };
    /// assert!(report.has_passed(), "nothing speaks against it");
    /// ```
    pub fn has_passed(&self) -> bool {
        self.findings.iter().all(|finding| finding.outcome.has_passed())
    }
}

impl Outcome {
    /// The outcome that a reason has.
    pub(super) fn of(reason: Reason) -> Self {
        let is_undecided = match &reason {
            Reason::Registry(Fault::PolicyChanged) => true,
            Reason::Registry(_) => false,
            Reason::Release(reason) => reason.outcome() == verify::Outcome::Undecided,
        };
        if is_undecided { Self::Undecided(Box::new(reason)) } else { Self::Refused(Box::new(reason)) }
    }

    /// Whether nothing speaks against it.
    ///
    /// ```
    /// use sigpkg::registry::{Fault, Outcome, Reason};
    ///
    /// assert!(Outcome::Passed.has_passed());
    /// assert!(!Outcome::Undecided(Box::new(Reason::Registry(Fault::PolicyChanged))).has_passed());
    /// ```
    pub const fn has_passed(&self) -> bool {
        match self {
            Self::Passed | Self::Lost => true,
            Self::Refused(_) | Self::Undecided(_) | Self::CouldNotTell(_) => false,
        }
    }

    /// The reason, if there is one.
    ///
    /// ```
    /// use sigpkg::registry::{Fault, Outcome, Reason};
    ///
    /// let reason = Reason::Registry(Fault::PolicyChanged);
    /// assert_eq!(Outcome::Undecided(Box::new(reason.clone())).reason(), Some(&reason));
    /// assert_eq!(Outcome::Passed.reason(), None);
    /// ```
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Refused(reason) | Self::Undecided(reason) => Some(reason),
            Self::Passed | Self::CouldNotTell(_) | Self::Lost => None,
        }
    }

    /// The word of the specification.
    ///
    /// ```
    /// use sigpkg::registry::Outcome;
    ///
    /// assert_eq!(Outcome::Passed.word(), "accepted");
    /// assert_eq!(Outcome::CouldNotTell("there is no clone".to_owned()).word(), "unreadable");
    /// ```
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Passed => "accepted",
            Self::Refused(_) => "refused",
            Self::Undecided(_) => "undecided",
            Self::CouldNotTell(_) => "unreadable",
            Self::Lost => "lost",
        }
    }
}

impl Reason {
    /// The rule that is broken.
    ///
    /// ```
    /// use sigpkg::registry::Reason;
    /// use sigpkg::rule::Rule;
    /// use sigpkg::verify;
    ///
    /// let reason = Reason::Release(verify::Reason::Size { expected: 10, found: 12 });
    /// assert_eq!(reason.rule(), Rule::Ver19, "that of the release");
    /// ```
    pub fn rule(&self) -> Rule {
        match self {
            Self::Registry(fault) => fault.rule(),
            Self::Release(reason) => reason.rule(),
        }
    }
}

impl Fault {
    /// The rule that is broken.
    ///
    /// ```
    /// use sigpkg::registry::Fault;
    /// use sigpkg::rule::Rule;
    ///
    /// assert_eq!(Fault::PolicyChanged.rule(), Rule::Reg8);
    /// ```
    pub const fn rule(&self) -> Rule {
        match self {
            Self::Malformed { fault, .. } => fault.rule(),
            Self::File { .. } | Self::Contradiction { .. } | Self::NotATree { .. } => Rule::Reg2,
            Self::Policy(error) => error.rule(),
            Self::TreeReplaced { .. } => Rule::Reg5,
            Self::VersionRemoved { .. } | Self::PackageRemoved { .. } => Rule::Reg6,
            Self::PackageRenamed { .. } => Rule::Reg7,
            Self::PolicyChanged => Rule::Reg8,
            Self::NotContinued { .. } => Rule::Reg14,
        }
    }
}

impl Change {
    /// The word of the specification.
    ///
    /// ```
    /// use sigpkg::registry::Change;
    ///
    /// assert_eq!(Change::Removed.as_str(), "removed");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::Package => "package",
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Removed => "removed",
            Self::Present => "present",
        }
    }
}

impl Finding {
    pub(super) fn new(change: Change, outcome: Outcome) -> Self {
        Self { change, version: None, tree: None, outcome, signatory: None, seq: None, notes: Vec::new() }
    }

    pub(super) fn fault(change: Change, fault: Fault) -> Self {
        Self::new(change, Outcome::of(Reason::Registry(fault)))
    }

    pub(super) fn about(self, version: &Version, tree: TreeHash) -> Self {
        Self { version: Some(version.clone()), tree: Some(tree), ..self }
    }

    pub(super) fn noted(mut self, word: &'static str, message: impl Into<String>) -> Self {
        self.notes.push(Note { word, message: message.into() });
        self
    }
}

impl Summary {
    /// Adds what was found of one package.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// # let reports = machine.policy_edited()?;
    /// use sigpkg::registry::Summary;
    ///
    /// let mut summary = Summary::default();
    /// reports.iter().for_each(|report| summary.add(report));
    /// assert_eq!((summary.undecided, summary.judged), (1, 0), "the policy is no version");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn add(&mut self, report: &PackageReport) {
        for finding in &report.findings {
            let is_version = finding.version.is_some();
            match &finding.outcome {
                Outcome::Passed => {
                    self.signed += usize::from(is_version && finding.seq.is_some());
                    self.unsigned += usize::from(is_version && finding.seq.is_none());
                }
                Outcome::Refused(_) => self.refused += 1,
                Outcome::Undecided(_) => self.undecided += 1,
                Outcome::CouldNotTell(_) => self.unreadable += 1,
                Outcome::Lost => self.lost += 1,
            }
            self.judged += usize::from(is_version);
        }
    }
}
