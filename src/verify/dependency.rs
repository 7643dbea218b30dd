//! One dependency of a project: a target of which its lockfile says what it should be, and of which the pins of the
//! project say whose it should be.
//!
//! Source: spec/10-projects.md, section 10.2 and 10.3.

mod state;

use std::fmt;

pub use self::state::State;

use super::judge;
use super::note::Note;
use super::question::{Expectation, Question, Target, TreeTarget};
use super::reason::{Outcome, Reason};
use super::verdict::{Step, Verdict};
use crate::chain::{Chain, Link, Vouchers};
use crate::digest::{SignatoryId, TreeHash};
use crate::ecosystem::{Locked, Origin};
use crate::package::Package;
use crate::rule::Rule;
use crate::signature::Scheme;
use crate::statement::Seq;
use crate::trust::{Pin, Trusted};

/// A dependency, and all that its state depends on beside the [`Question`].
///
/// A folder that is being worked on is no release, so a pin does not allow it:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let locked = doc::locked_from(sigpkg::ecosystem::Origin::Path { path: "../Example".to_owned() })?;
/// # let pins = [doc::pin(&["chain-1"])?];
/// use sigpkg::signature::Standard;
/// use sigpkg::verify::{Dependency, Found, Question, State, judge_dependency};
///
/// let developed =
///     Dependency { locked: &locked, found: Found::Nothing, pins: &[], reviewed: None, has_namesake: false };
/// let question = Question::new(&[], doc::now());
/// assert_eq!(judge_dependency(&developed, &question, &Standard).state(), State::Developed);
/// let pinned = Dependency { pins: &pins, ..developed };
/// assert_eq!(judge_dependency(&pinned, &question, &Standard).state(), State::Refused);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Dependency<'a> {
    /// What the lockfile says.
    pub locked: &'a Locked,
    /// What is installed.
    pub found: Found<'a>,
    /// The pins of the package.
    pub pins: &'a [Pin],
    /// The tree of the same package in the lockfile of a reviewed revision (PRJ-18).
    pub reviewed: Option<TreeHash>,
    /// Whether somebody is trusted or pinned for another package of this name (PRJ-21).
    pub has_namesake: bool,
}

/// What is installed of a dependency.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// use sigpkg::verify::{Found, State};
///
/// assert_eq!(doc::judged(Found::Nothing, false)?.state(), State::NotInstalled);
/// let unreadable = Found::Unreadable("permission denied".to_owned());
/// assert_eq!(doc::judged(unreadable, false)?.state(), State::Unreadable);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub enum Found<'a> {
    /// Nothing, or nothing was looked for: it is developed, or comes with the language.
    Nothing,
    /// A tree.
    Tree {
        /// The tree, without what is generated (PRJ-5).
        target: TreeTarget<'a>,
        /// Whether it has the tree hash of the lockfile.
        hash: HashMatch,
        /// The generated files that were left out.
        generated: Generated,
        /// Whether the package has a build step.
        is_built: bool,
    },
    /// A folder that is no tree by the rules of chapters 5 and 6.
    NoTree {
        /// The rule.
        rule: Rule,
        /// A sentence with both sides.
        problem: String,
        /// Whether it has an entry `.sigpkg`.
        has_folder: bool,
        /// Whether it has the tree hash of the lockfile.
        hash: HashMatch,
    },
    /// A folder that cannot be read, and why.
    Unreadable(String),
}

/// Files that came into an installed package after it was installed, and were left out (PRJ-5).
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let tree = sigpkg::listing::TreeBuilder::new().finish()?;
/// # let target = sigpkg::verify::TreeTarget::new(&tree, None);
/// use sigpkg::verify::{Found, Generated, HashMatch};
///
/// let generated = Generated { files: 2, built: Vec::new(), whole: None };
/// let found = Found::Tree { target, hash: HashMatch::Equal, generated, is_built: false };
/// assert_eq!(doc::judged(found, false)?.notes()[0].word(), "generated");
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Generated {
    /// How many there are.
    pub files: usize,
    /// Those that only a build step can have made, and that may be loaded.
    pub built: Vec<String>,
    /// The tree hash with all of them, if there are any and it could be had.
    pub whole: Option<TreeHash>,
}

/// Whether a tree has the tree hash of the lockfile (PRJ-6).
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let tree = sigpkg::listing::TreeBuilder::new().finish()?;
/// # let target = sigpkg::verify::TreeTarget::new(&tree, None);
/// # let other = sigpkg::digest::TreeHash::from_bytes([2; 20]);
/// use sigpkg::rule::Rule;
/// use sigpkg::verify::{Found, HashMatch};
///
/// let hash = HashMatch::Differs { found: other };
/// let found = Found::Tree { target, hash, generated: Default::default(), is_built: false };
/// assert_eq!(doc::judged(found, false)?.rule(), Some(Rule::Prj6));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashMatch {
    /// It has.
    Equal,
    /// It has another.
    Differs {
        /// The one it has, as it is.
        found: TreeHash,
    },
    /// The file system does not say who may execute a file.
    Unknown,
}

/// A dependency that was judged.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let judged = doc::judged(sigpkg::verify::Found::Nothing, true)?;
/// assert!(judged.fails(), "it was judged strictly");
/// assert_eq!(judged.message().as_deref(), Some("expected a verified release, found none installed"));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Judged {
    state: State,
    is_strict: bool,
    verdict: Option<Verdict>,
    reason: Option<DependencyReason>,
    notes: Vec<DependencyNote>,
}

/// Why a dependency is not accepted, beyond the reasons of a target alone.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// use sigpkg::verify::{DependencyReason, Found};
///
/// let judged = doc::judged(Found::Nothing, true)?;
/// assert!(matches!(judged.reason(), Some(DependencyReason::NotVerified { found: "not-installed" })));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DependencyReason {
    /// PRJ-6
    #[error("expected the tree {expected} of the lockfile, found {found}")]
    TreeHash {
        /// The tree of the lockfile.
        expected: TreeHash,
        /// The tree that is installed.
        found: TreeHash,
    },
    /// PRJ-11
    #[error("expected {package} as a release, since it is pinned, found {found} in the lockfile")]
    Pinned {
        /// The package.
        package: Box<Package>,
        /// What the lockfile says instead.
        found: &'static str,
    },
    /// PRJ-12: the target has another signatory.
    #[error("expected a tree signed by the pinned {}, found one signed by {found}", ids(expected))]
    OtherSignatory {
        /// The pinned ones.
        expected: Vec<SignatoryId>,
        /// The one of the target.
        found: SignatoryId,
    },
    /// PRJ-12: the user trusts another signatory.
    #[error("expected a pin of {}, whom you trust for {package}, found one of {}", ids(expected), ids(found))]
    PinsAnother {
        /// The package.
        package: Box<Package>,
        /// Those whom the user trusts.
        expected: Vec<SignatoryId>,
        /// The pinned ones.
        found: Vec<SignatoryId>,
    },
    /// PRJ-13
    #[error("expected a chain that has the pinned statement {seq}, found one {}", without(*seq, *found))]
    PinNotReached {
        /// The number of the pinned statement.
        seq: Seq,
        /// The highest number in the chain that was found.
        found: Seq,
    },
    /// PRJ-14
    #[error("expected a verified release, found {}", in_words(found))]
    NotVerified {
        /// The word of the state.
        found: &'static str,
    },
    /// The folder could not be read. No rule.
    #[error("{0}")]
    Unreadable(String),
}

/// How a chain does not have the pinned statement: it is shorter, or has another one of that number.
fn without(pinned: Seq, last: Seq) -> String {
    if last < pinned { format!("that ends at statement {last}") } else { format!("with another statement {pinned}") }
}

/// What the word of a state means (PRJ-14).
fn in_words(state: &str) -> String {
    if state == State::Unsigned.as_str() {
        "one that nobody has signed".to_owned()
    } else if state == State::NewlySigned.as_str() {
        "one of a signatory about whom you have not decided".to_owned()
    } else if state == State::Developed.as_str() {
        "a folder that is being worked on".to_owned()
    } else if state == State::NotInstalled.as_str() {
        "none installed".to_owned()
    } else {
        state.to_owned()
    }
}

/// Something that a user should know about a dependency, beyond the notes on a target alone.
///
/// Nobody has signed a folder that could not be signed as it is:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// use sigpkg::rule::Rule;
/// use sigpkg::verify::{DependencyNote, Found, HashMatch};
///
/// let problem = "aux is reserved".to_owned();
/// let found = Found::NoTree { rule: Rule::Tree4, problem, has_folder: false, hash: HashMatch::Equal };
/// let judged = doc::judged(found, false)?;
/// assert!(matches!(judged.notes(), [DependencyNote::NoTree(_)]));
/// assert!(!judged.fails());
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DependencyNote {
    /// PRJ-7
    TreeHash {
        /// The tree of the lockfile.
        expected: TreeHash,
        /// The tree that is installed.
        found: TreeHash,
    },
    /// PRJ-8
    Generated {
        /// How many files were left out.
        files: usize,
        /// Those that only a build step can have made, and that may be loaded.
        built: Vec<String>,
    },
    /// PRJ-9
    Built,
    /// PRJ-21
    SameName,
    /// The folder of an unsigned package is no tree by the rules of sigpkg. It could not be signed as it is.
    NoTree(String),
}

/// Judges a dependency. `question` has the trusted signatories of every package of its name, and what is installed in its
/// place; what it expects is taken from the lockfile.
///
/// A package that is in the lockfile and in no depot:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let package = doc::chain(&["chain-1"])?.package().clone();
/// # let origin = sigpkg::ecosystem::Origin::Registered { tree: sigpkg::digest::TreeHash::from_bytes([1; 20]) };
/// # let locked = sigpkg::ecosystem::Locked { package, version: None, origin };
/// use sigpkg::signature::Standard;
/// use sigpkg::verify::{Dependency, Found, Question, State, judge_dependency};
///
/// let dependency =
///     Dependency { locked: &locked, found: Found::Nothing, pins: &[], reviewed: None, has_namesake: false };
/// let question = Question::new(&[], doc::now());
/// let judged = judge_dependency(&dependency, &question, &Standard);
/// assert_eq!(judged.state(), State::NotInstalled);
/// assert!(!judged.fails());
///
/// let strict = Question { strict: true, ..question };
/// assert!(judge_dependency(&dependency, &strict, &Standard).fails());
/// # Ok::<(), doc::Error>(())
/// ```
pub fn judge_dependency(dependency: &Dependency<'_>, question: &Question<'_>, scheme: &dyn Scheme) -> Judged {
    let mut judged = Judged {
        state: State::NotInstalled,
        is_strict: question.strict,
        verdict: None,
        reason: None,
        notes: Vec::new(),
    };
    let judge = Judge { dependency, question, scheme };
    match judge.state(&mut judged) {
        Ok(state) => judged.state = state,
        Err(reason) => {
            judged.state = reason.state();
            judged.reason = Some(reason);
        }
    }
    if judged.state.fails_under_strict() && question.strict {
        judged.reason = Some(DependencyReason::NotVerified { found: judged.state.as_str() });
    }
    judged
}

struct Judge<'a> {
    dependency: &'a Dependency<'a>,
    question: &'a Question<'a>,
    scheme: &'a dyn Scheme,
}

impl Judge<'_> {
    fn state(&self, judged: &mut Judged) -> Result<State, DependencyReason> {
        let locked = self.dependency.locked;
        let trusted: Vec<_> =
            self.question.trusted.iter().filter(|trusted| *trusted.package() == locked.package).cloned().collect();
        let is_expected = !trusted.is_empty() || !self.dependency.pins.is_empty();
        if self.dependency.has_namesake && !is_expected {
            judged.notes.push(DependencyNote::SameName);
        }
        match &locked.origin {
            Origin::Path { .. } => self.check_unpinned(State::Developed)?,
            Origin::Bundled => self.check_unpinned(State::Bundled)?,
            Origin::Registered { .. } | Origin::Url { .. } => {}
        }
        self.check_pins_trusted(&trusted)?;
        match &locked.origin {
            Origin::Path { .. } => Ok(State::Developed),
            Origin::Bundled => Ok(State::Bundled),
            Origin::Registered { tree } | Origin::Url { tree, .. } => match &self.dependency.found {
                Found::Nothing => Ok(State::NotInstalled),
                Found::Unreadable(problem) => Err(DependencyReason::Unreadable(problem.clone())),
                Found::NoTree { rule, problem, has_folder, hash } => {
                    if !has_folder && !is_expected {
                        judged.notes.push(DependencyNote::NoTree(problem.clone()));
                        self.check_hash(State::Unsigned, *tree, *hash, false, judged)?;
                        return Ok(State::Unsigned);
                    }
                    judged.verdict = Some(super::refuse_unread(*rule, problem.clone()));
                    Ok(State::Refused)
                }
                Found::Tree { target, hash, generated, is_built } => {
                    if generated.files > 0 {
                        let Generated { files, built, .. } = generated.clone();
                        judged.notes.push(DependencyNote::Generated { files, built });
                    }
                    let state = self.tree(target, *hash, &trusted, *tree, judged)?;
                    self.check_hash(state, *tree, *hash, *is_built, judged)?;
                    self.check_unbuilt(state, *tree, generated)?;
                    Ok(state)
                }
            },
        }
    }

    /// PRJ-11
    fn check_unpinned(&self, state: State) -> Result<(), DependencyReason> {
        if self.dependency.pins.is_empty() {
            return Ok(());
        }
        let package = Box::new(self.dependency.locked.package.clone());
        Err(DependencyReason::Pinned { package, found: state.as_str() })
    }

    fn tree(
        &self,
        target: &TreeTarget<'_>,
        hash: HashMatch,
        trusted: &[Trusted],
        tree: TreeHash,
        judged: &mut Judged,
    ) -> Result<State, DependencyReason> {
        let pins = self.dependency.pins;
        let Some(folder) = target.folder else {
            return Ok(self.unsigned(target, hash, trusted, tree, judged));
        };
        let file = folder.claimed_chain();
        let claimed = Chain::claimed_id(file).ok();
        let pin = pins.iter().find(|pin| Some(pin.id) == claimed);
        if let (false, None, Some(found)) = (pins.is_empty(), pin, claimed) {
            return Err(DependencyReason::OtherSignatory { expected: pins.iter().map(|pin| pin.id).collect(), found });
        }
        let mut pinned = Vec::new();
        if let Some(pin) = pin {
            match trusted.iter().find(|trusted| trusted.id() == pin.id) {
                Some(known) => self.check_reached(pin, known, file)?,
                // A pin never adds to what the user has decided about the package (PRJ-15).
                None if trusted.is_empty() => pinned.extend(self.trusted_by(pin, file)?),
                None => {}
            }
        }
        // A chain that is not admitted is refused by its own rule, and not for want of a decision.
        let id = pin.filter(|_| pinned.is_empty() && trusted.is_empty());
        let known: Vec<_> = trusted.iter().cloned().chain(pinned).collect();
        let question = Question {
            trusted: &known,
            id: self.question.id.or(id.map(|pin| pin.id)),
            expectation: self.expectation(),
            ..self.question.clone()
        };
        let mut verdict = judge::judge(&Target::Tree(target.clone()), &question, self.scheme);
        // A signed release of another package is not newly signed: somebody is trusted for the one that is expected.
        if let (false, Some(&Reason::NotTrusted { found, .. })) = (trusted.is_empty(), verdict.reason()) {
            let expected = trusted.iter().map(Trusted::id).collect();
            verdict = verdict.refused(Reason::OtherSignatory { expected, found });
        }
        let state = match verdict.reason() {
            None => State::Accepted,
            Some(Reason::NotTrusted { .. }) => State::NewlySigned,
            // Nobody expects a release of it, so one that stands for nobody is no worse than none.
            Some(_) if verdict.reached() == Step::Belief && trusted.is_empty() && pins.is_empty() => State::NewlySigned,
            Some(reason) => State::of(reason.outcome()),
        };
        judged.verdict = Some(verdict);
        Ok(state)
    }

    /// PRJ-12, the second half.
    fn check_pins_trusted(&self, trusted: &[Trusted]) -> Result<(), DependencyReason> {
        let pins = self.dependency.pins;
        if pins.is_empty() || trusted.is_empty() || trusted.iter().any(|it| pins.iter().any(|pin| pin.id == it.id())) {
            return Ok(());
        }
        Err(DependencyReason::PinsAnother {
            package: Box::new(self.dependency.locked.package.clone()),
            expected: trusted.iter().map(Trusted::id).collect(),
            found: pins.iter().map(|pin| pin.id).collect(),
        })
    }

    /// PRJ-13 where the user trusts the signatory.
    fn check_reached(&self, pin: &Pin, known: &Trusted, file: &[u8]) -> Result<(), DependencyReason> {
        if pin.is_reached_by(known.chain()) {
            return Ok(());
        }
        match Chain::admit_beside(file, known.chain(), known.vouchers(), self.scheme) {
            Ok(chain) if !pin.is_reached_by(&chain) => Err(not_reached(pin, &chain)),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// PRJ-13 and PRJ-15 where the user does not. A chain that is not admitted is refused later, by its own rule.
    fn trusted_by(&self, pin: &Pin, file: &[u8]) -> Result<Option<Trusted>, DependencyReason> {
        match pin.trusted(file, self.question.distrusts_ed25519, self.question.now, self.scheme) {
            Ok(Some(trusted)) => Ok(Some(trusted)),
            Ok(None) => {
                let vouchers = Vouchers::Accepted(&pin.accepted);
                match Chain::admit_vouched(file, pin.id, vouchers, self.scheme) {
                    Ok(chain) => Err(not_reached(pin, &chain)),
                    Err(_) => Ok(None),
                }
            }
            Err(_) => Ok(None),
        }
    }

    /// A tree without `.sigpkg`: PRJ-10, VER-2, VER-3.
    fn unsigned(
        &self,
        target: &TreeTarget<'_>,
        hash: HashMatch,
        trusted: &[Trusted],
        tree: TreeHash,
        judged: &mut Judged,
    ) -> State {
        let pins = self.dependency.pins;
        let question = Question { expectation: self.expectation(), ..self.question.clone() };
        let mut verdict = judge::judge(&Target::Tree(target.clone()), &question, self.scheme);
        if let (false, Some(Reason::Unsigned { .. })) = (pins.is_empty(), verdict.reason()) {
            verdict = verdict.refused(Reason::SignatureMissing { expected: pins.iter().map(|pin| pin.id).collect() });
        }
        let state = match verdict.reason() {
            Some(Reason::SignatureMissing { .. }) if hash == HashMatch::Equal && self.is_recorded(trusted, tree) => {
                return State::BeforeSigning;
            }
            Some(Reason::Unsigned { .. }) => State::Unsigned,
            Some(reason) => State::of(reason.outcome()),
            None => State::Accepted,
        };
        judged.verdict = Some(verdict);
        state
    }

    /// PRJ-6 under `--strict`: what may be loaded was made here, or by whoever had a tree at this place before.
    fn check_unbuilt(&self, state: State, expected: TreeHash, generated: &Generated) -> Result<(), DependencyReason> {
        match generated.whole {
            Some(found) if self.question.strict && state == State::Accepted && !generated.built.is_empty() => {
                Err(DependencyReason::TreeHash { expected, found })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// PRJ-10
    fn is_recorded(&self, trusted: &[Trusted], tree: TreeHash) -> bool {
        trusted.iter().any(|trusted| trusted.decisions().before_signing.contains(&tree))
            // Whoever can change a pin could strip a package of its signature, if pins overrode a decision of the user.
            || (trusted.is_empty() && self.dependency.pins.iter().any(|pin| pin.before_signing.contains(&tree)))
            || self.dependency.reviewed == Some(tree)
    }

    /// PRJ-6, PRJ-7, PRJ-9
    fn check_hash(
        &self,
        state: State,
        expected: TreeHash,
        hash: HashMatch,
        is_built: bool,
        judged: &mut Judged,
    ) -> Result<(), DependencyReason> {
        let HashMatch::Differs { found } = hash else {
            return Ok(());
        };
        match state {
            State::Accepted if !self.question.strict => {
                judged.notes.push(DependencyNote::TreeHash { expected, found });
                Ok(())
            }
            State::Unsigned | State::NewlySigned if is_built => {
                judged.notes.push(DependencyNote::Built);
                Ok(())
            }
            State::Accepted | State::Unsigned | State::NewlySigned => {
                Err(DependencyReason::TreeHash { expected, found })
            }
            State::Refused
            | State::Undecided
            | State::Unreadable
            | State::BeforeSigning
            | State::Developed
            | State::Bundled
            | State::NotInstalled => Ok(()),
        }
    }

    fn expectation(&self) -> Expectation {
        let Locked { package, version, .. } = self.dependency.locked;
        Expectation {
            ecosystem: Some(package.ecosystem()),
            name: Some(package.name().to_string()),
            uuid: package.uuid(),
            version: version.as_ref().map(ToString::to_string),
        }
    }
}

fn not_reached(pin: &Pin, chain: &Chain) -> DependencyReason {
    let found = chain.links().map(Link::seq).max().unwrap_or(Seq::FIRST);
    DependencyReason::PinNotReached { seq: pin.seq, found }
}

impl Judged {
    /// The state.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let judged = doc::judged(sigpkg::verify::Found::Nothing, false)?;
    /// use sigpkg::verify::State;
    ///
    /// assert_eq!(judged.state(), State::NotInstalled);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub const fn state(&self) -> State {
        self.state
    }

    /// Whether the project fails because of it.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// use sigpkg::verify::Found;
    ///
    /// assert!(!doc::judged(Found::Nothing, false)?.fails());
    /// assert!(doc::judged(Found::Nothing, true)?.fails(), "it was judged strictly");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub const fn fails(&self) -> bool {
        match self.state {
            State::Refused | State::Undecided | State::Unreadable => true,
            State::Accepted | State::BeforeSigning | State::Bundled => false,
            State::Unsigned | State::NewlySigned | State::Developed | State::NotInstalled => self.is_strict,
        }
    }

    /// How it fails; `None` if it does not. A dependency that cannot be read has no verdict.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// use sigpkg::verify::{Found, Outcome};
    ///
    /// assert_eq!(doc::judged(Found::Nothing, true)?.outcome(), Some(Outcome::Refused));
    /// let unreadable = doc::judged(Found::Unreadable("permission denied".to_owned()), true)?;
    /// assert!(unreadable.fails() && unreadable.outcome().is_none());
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn outcome(&self) -> Option<Outcome> {
        match self.state {
            State::Undecided => Some(Outcome::Undecided),
            State::Refused => Some(Outcome::Refused),
            State::Unreadable => None,
            State::Accepted
            | State::BeforeSigning
            | State::Bundled
            | State::Unsigned
            | State::NewlySigned
            | State::Developed
            | State::NotInstalled => self.fails().then_some(Outcome::Refused),
        }
    }

    /// The verdict on the tree as a target of its own, if it came to that.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let tree = sigpkg::listing::TreeBuilder::new().finish()?;
    /// # let target = sigpkg::verify::TreeTarget::new(&tree, None);
    /// use sigpkg::verify::{Found, HashMatch};
    ///
    /// assert!(doc::judged(Found::Nothing, false)?.verdict().is_none(), "there is no target");
    /// # let rule = sigpkg::rule::Rule::Tree4;
    /// let broken = Found::NoTree { rule, problem: "aux".to_owned(), has_folder: true, hash: HashMatch::Equal };
    /// let judged = doc::judged(broken, false)?;
    /// assert_eq!(judged.verdict().map(|verdict| verdict.word()), Some("refused"));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub const fn verdict(&self) -> Option<&Verdict> {
        self.verdict.as_ref()
    }

    /// The reason beyond that of the verdict, and before it.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// use sigpkg::verify::{DependencyReason, Found};
    ///
    /// assert_eq!(doc::judged(Found::Nothing, false)?.reason(), None);
    /// let unreadable = doc::judged(Found::Unreadable("permission denied".to_owned()), false)?;
    /// assert!(matches!(unreadable.reason(), Some(DependencyReason::Unreadable(_))));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub const fn reason(&self) -> Option<&DependencyReason> {
        self.reason.as_ref()
    }

    /// The rule that was broken.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let rule = sigpkg::rule::Rule::Tree4;
    /// use sigpkg::verify::{Found, HashMatch};
    ///
    /// let broken = Found::NoTree { rule, problem: "aux".to_owned(), has_folder: true, hash: HashMatch::Equal };
    /// assert_eq!(doc::judged(broken, false)?.rule(), Some(rule), "that of the verdict");
    /// assert_eq!(doc::judged(Found::Nothing, false)?.rule(), None);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn rule(&self) -> Option<Rule> {
        match &self.reason {
            Some(reason) => reason.rule(),
            None => self.verdict.as_ref().and_then(Verdict::reason).map(Reason::rule),
        }
    }

    /// What is wrong, as one sentence.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// use sigpkg::verify::Found;
    ///
    /// let unreadable = doc::judged(Found::Unreadable("permission denied".to_owned()), false)?;
    /// assert_eq!(unreadable.message().as_deref(), Some("permission denied"));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn message(&self) -> Option<String> {
        match &self.reason {
            Some(reason) => Some(reason.to_string()),
            None => self.verdict.as_ref().and_then(Verdict::reason).map(Reason::to_string),
        }
    }

    /// The notes beyond those of the verdict.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let tree = sigpkg::listing::TreeBuilder::new().finish()?;
    /// # let target = sigpkg::verify::TreeTarget::new(&tree, None);
    /// use sigpkg::verify::{DependencyNote, Found, Generated, HashMatch};
    ///
    /// let generated = Generated { files: 3, ..Generated::default() };
    /// let judged = doc::judged(Found::Tree { target, hash: HashMatch::Equal, generated, is_built: false }, false)?;
    /// assert!(matches!(judged.notes(), [DependencyNote::Generated { files: 3, .. }]));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn notes(&self) -> &[DependencyNote] {
        &self.notes
    }

    /// The notes of the verdict.
    ///
    /// ```
    /// # #[cfg(feature = "io")]
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # #[cfg(feature = "io")] {
    /// # let (_, judged, _) = doc::accepted()?;
    /// let verdict = judged.verdict().ok_or("it is a tree")?;
    /// assert_eq!(judged.verdict_notes(), verdict.notes());
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn verdict_notes(&self) -> &[Note] {
        self.verdict.as_ref().map_or(&[], Verdict::notes)
    }
}

impl DependencyReason {
    /// The rule that was broken; `None` if nothing can be said about the dependency.
    ///
    /// ```
    /// use sigpkg::rule::Rule;
    /// use sigpkg::verify::DependencyReason;
    ///
    /// assert_eq!(DependencyReason::NotVerified { found: "unsigned" }.rule(), Some(Rule::Prj14));
    /// assert_eq!(DependencyReason::Unreadable("permission denied".to_owned()).rule(), None);
    /// ```
    pub const fn rule(&self) -> Option<Rule> {
        match self {
            Self::TreeHash { .. } => Some(Rule::Prj6),
            Self::Pinned { .. } => Some(Rule::Prj11),
            Self::OtherSignatory { .. } | Self::PinsAnother { .. } => Some(Rule::Prj12),
            Self::PinNotReached { .. } => Some(Rule::Prj13),
            Self::NotVerified { .. } => Some(Rule::Prj14),
            Self::Unreadable(_) => None,
        }
    }

    const fn state(&self) -> State {
        match self {
            Self::TreeHash { .. }
            | Self::Pinned { .. }
            | Self::OtherSignatory { .. }
            | Self::PinsAnother { .. }
            | Self::NotVerified { .. } => State::Refused,
            Self::PinNotReached { .. } => State::Undecided,
            Self::Unreadable(_) => State::Unreadable,
        }
    }
}

impl DependencyNote {
    /// The word of the specification.
    ///
    /// ```
    /// use sigpkg::verify::DependencyNote;
    ///
    /// assert_eq!(DependencyNote::SameName.word(), "same-name");
    /// ```
    pub const fn word(&self) -> &'static str {
        match self {
            Self::TreeHash { .. } => "tree-hash",
            Self::Generated { .. } => "generated",
            Self::Built => "built",
            Self::SameName => "same-name",
            Self::NoTree(_) => "no-tree",
        }
    }
}

impl fmt::Display for DependencyNote {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TreeHash { expected, found } => write!(
                out,
                "every file is as it was signed, but the tree is {found} and not {expected} as in the lockfile: \
                 permissions differ, or another release of this version is meant"
            ),
            Self::Generated { files, built } => write_generated(out, *files, built),
            Self::Built => {
                out.write_str("it differs from the lockfile; its build step may have written the difference")
            }
            Self::SameName => out.write_str("somebody is trusted for another package of this name; this one is not it"),
            Self::NoTree(problem) => write!(out, "it could not be signed as it is: {problem}"),
        }
    }
}

fn ids(ids: &[SignatoryId]) -> String {
    ids.iter().map(SignatoryId::to_string).collect::<Vec<_>>().join(" or ")
}

fn write_generated(out: &mut fmt::Formatter<'_>, files: usize, built: &[String]) -> fmt::Result {
    /// How many paths a message names.
    const NAMED: usize = 5;
    let (noun, verb) = if files == 1 { ("file", "was") } else { ("files", "were") };
    write!(out, "{files} {noun} {verb} made after it was installed, and left out")?;
    if built.is_empty() {
        return Ok(());
    }
    out.write_str("; code may be loaded from those of a build step, of which nobody has signed any: ")?;
    out.write_str(&built.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", "))?;
    match built.len().saturating_sub(NAMED) {
        0 => Ok(()),
        more => write!(out, " and {more} more"),
    }
}
