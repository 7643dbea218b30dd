//! What a reviewer must see of a change: the pins and the lockfile of two revisions, side by side.
//!
//! Whether a pin has advanced is a matter of signatures, and so of the chains that are known here; without one it is not said.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::Base;
use crate::chain::{Chain, Link};
use crate::digest::{Digest, SignatoryId, TreeHash};
use crate::ecosystem::{Locked, Lockfile, Origin};
use crate::package::Package;
use crate::statement::Kind;
use crate::trust::{Pin, Pins};

/// One difference, and how grave it is.
///
/// A pull request that changes who may sign:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let [before, after] = ["chain-1", "fork-1"].map(|name| doc::pin(&[name]));
/// # let (before, after) = (before?, after?);
/// use sigpkg::project::Base;
/// use sigpkg::project::review::{Gravity, differences};
/// use sigpkg::trust::Pins;
///
/// let base = Base { pins: Pins::of(vec![before])?, lockfile: None };
/// let head = Base { pins: Pins::of(vec![after])?, lockfile: None };
/// let found = differences(&base, &head, &doc::NoChains);
/// assert!(found.iter().any(|difference| difference.word() == "signatory" && difference.gravity() == Gravity::Look));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// A package is pinned that was not.
    Added {
        /// The pin.
        pin: Box<Pin>,
        /// What is known of its statement.
        known: Known,
    },
    /// A package is pinned no longer.
    Removed {
        /// The pin.
        pin: Box<Pin>,
        /// Whether the lockfile still has the package.
        is_locked: bool,
    },
    /// The pinned statement is another one of the same signatory.
    Moved {
        /// Before.
        from: Box<Pin>,
        /// After.
        to: Box<Pin>,
        /// How far that is known.
        movement: Movement,
    },
    /// The signatory is another one.
    Signatory {
        /// The package.
        package: Package,
        /// Those that were pinned.
        from: Vec<SignatoryId>,
        /// Those that are pinned.
        to: Vec<SignatoryId>,
    },
    /// The id is said to have been compared, or not to have been.
    Grade {
        /// Before.
        from: Box<Pin>,
        /// After.
        to: Box<Pin>,
    },
    /// A reserve statement is accepted that was not: somebody else may sign from there on.
    Accepted {
        /// The pin.
        pin: Box<Pin>,
        /// Its digest.
        digest: Digest,
    },
    /// An unsigned tree is recorded as one from before the chain began.
    BeforeSigning {
        /// The pin.
        pin: Box<Pin>,
        /// The tree.
        tree: TreeHash,
    },
    /// The statement that is pinned now is void, is none of the chain, or has another number there.
    Invalid {
        /// The pin.
        pin: Box<Pin>,
        /// What is wrong.
        fault: PinFault,
    },
    /// A pinned package is no longer what a pin can bind.
    Lockfile {
        /// The package.
        package: Package,
        /// Its entry before, if it had one.
        from: Option<Box<Locked>>,
        /// Its entry after.
        to: Option<Box<Locked>>,
        /// What happened to it.
        change: LockChange,
    },
}

/// What is known here of a pinned statement.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let pin = Box::new(doc::pin(&["chain-1"])?);
/// use sigpkg::project::review::{Difference, Gravity, Known};
///
/// let verified = Difference::Added { pin: pin.clone(), known: Known::Verified };
/// let unreached = Difference::Added { pin, known: Known::Unreached };
/// assert_eq!((verified.gravity(), unreached.gravity()), (Gravity::Fine, Gravity::Look));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// It is in a chain that was admitted under the pinned id.
    Verified,
    /// No chain here reaches it.
    Unreached,
}

/// How a pinned statement has moved.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let [from, to] = [&["chain-1"][..], &["chain-1", "chain-2"]].map(doc::pin);
/// # let (from, to) = (Box::new(from?), Box::new(to?));
/// use sigpkg::project::review::{Difference, Movement};
///
/// let moved = Difference::Moved { from, to, movement: Movement::Advanced };
/// assert_eq!(moved.word(), "advanced");
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Movement {
    /// The new one is after the old one, in a chain that was admitted.
    Advanced,
    /// The new one is before the old one.
    Back,
    /// Both are known, and neither is after the other.
    Aside,
    /// No chain here reaches both.
    Unverified,
}

/// What is wrong with a pin.
///
/// Whatever a reviewer says, such a pin cannot be kept:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let pin = Box::new(doc::pin(&["chain-1"])?);
/// use sigpkg::project::review::{Difference, Gravity, PinFault};
///
/// let invalid = Difference::Invalid { pin, fault: PinFault::Number { found: 7 } };
/// assert_eq!(invalid.gravity(), Gravity::Wrong);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinFault {
    /// The statement is void: another branch of the chain has won.
    Void,
    /// The chain has it under another number.
    Number {
        /// That number.
        found: u32,
    },
    /// The chain is about another package.
    Package,
}

/// What happened to a pinned package in the lockfile.
///
/// A pinned package that comes from a folder now is bound by nothing:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let package = doc::pin(&["chain-1"])?.package;
/// use sigpkg::project::review::{Difference, Gravity, LockChange};
///
/// let developed = Difference::Lockfile { package, from: None, to: None, change: LockChange::Developed };
/// assert_eq!(developed.gravity(), Gravity::Look);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockChange {
    /// It is a folder that is being worked on now.
    Developed,
    /// It comes from a URL now.
    Url,
    /// It has no tree of its own now.
    Bundled,
    /// It is gone, and another package has its name.
    OtherUuid,
    /// It is gone.
    Removed,
}

/// How grave a difference is.
///
/// ```
/// use sigpkg::project::review::Gravity;
///
/// let found = [Gravity::Fine, Gravity::Wrong, Gravity::Look];
/// assert_eq!(found.into_iter().max(), Some(Gravity::Wrong));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gravity {
    /// Nothing needs to be done.
    Fine,
    /// A human must look at it.
    Look,
    /// It is wrong whatever a human says.
    Wrong,
}

/// The chains that are known of the signatories in question, and what is believed of them.
///
/// What a trust store knows, once it was read:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let trusted = doc::trusted(&["chain-1", "chain-2"])?;
/// # let pin = doc::pin(&["chain-1", "chain-2"])?;
/// use sigpkg::chain::{Chain, State};
/// use sigpkg::digest::SignatoryId;
/// use sigpkg::project::review::Chains;
/// use sigpkg::trust::{Pin, Trusted};
///
/// struct Known(Vec<Trusted>);
///
/// impl Chains for Known {
///     fn chain(&self, id: SignatoryId) -> Option<&Chain> {
///         self.0.iter().find(|trusted| trusted.id() == id).map(Trusted::chain)
///     }
///
///     fn is_void(&self, pin: &Pin) -> bool {
///         let trusted = self.0.iter().find(|trusted| trusted.id() == pin.id);
///         trusted.is_some_and(|trusted| {
///             let link = trusted.chain().find(pin.digest);
///             link.and_then(|link| trusted.belief().state(link)) == Some(State::Void)
///         })
///     }
/// }
///
/// let known = Known(vec![trusted]);
/// assert!(known.chain(pin.id).is_some() && !known.is_void(&pin));
/// # Ok::<(), doc::Error>(())
/// ```
pub trait Chains {
    /// All records that were admitted of a signatory.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let chains = doc::NoChains;
    /// # let id = doc::chain(&["chain-1"])?.id();
    /// use sigpkg::project::review::Chains as _;
    ///
    /// assert!(chains.chain(id).is_none(), "nothing is known of it here");
    /// # Ok::<(), doc::Error>(())
    /// ```
    fn chain(&self, id: SignatoryId) -> Option<&Chain>;

    /// Whether a statement is void, as far as this user can see.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let chains = doc::NoChains;
    /// # let pin = doc::pin(&["chain-1"])?;
    /// use sigpkg::project::review::Chains as _;
    ///
    /// assert!(!chains.is_void(&pin), "of a chain that is not known here, nothing is said");
    /// # Ok::<(), doc::Error>(())
    /// ```
    fn is_void(&self, pin: &Pin) -> bool;
}

/// The differences between two revisions of a project, by package.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let pin = doc::pin(&["chain-1"])?;
/// use sigpkg::project::Base;
/// use sigpkg::project::review::{Difference, Known, differences};
/// use sigpkg::trust::Pins;
///
/// let base = Base { pins: Pins::default(), lockfile: None };
/// let head = Base { pins: Pins::of(vec![pin.clone()])?, lockfile: None };
/// let found = differences(&base, &head, &doc::NoChains);
/// assert_eq!(found, [Difference::Added { pin: Box::new(pin), known: Known::Unreached }]);
/// assert!(differences(&head, &head, &doc::NoChains).is_empty());
/// # Ok::<(), doc::Error>(())
/// ```
pub fn differences(base: &Base, head: &Base, chains: &dyn Chains) -> Vec<Difference> {
    let packages: BTreeSet<&Package> = base.pins.iter().chain(head.pins.iter()).map(|pin| &pin.package).collect();
    let mut found = Vec::new();
    for package in packages {
        pins(package, base, head, chains, &mut found);
        found.extend(lock_change(package, base.lockfile.as_ref(), head.lockfile.as_ref()));
    }
    found
}

fn pins(package: &Package, base: &Base, head: &Base, chains: &dyn Chains, found: &mut Vec<Difference>) {
    let of = |pins: &Pins| pins.of_package(package).cloned().collect::<Vec<Pin>>();
    let (before, after) = (of(&base.pins), of(&head.pins));
    let ids = |pins: &[Pin]| pins.iter().map(|pin| pin.id).collect::<Vec<_>>();
    found.extend(after.iter().filter_map(|pin| fault(pin, chains)));
    if !before.is_empty() && !after.is_empty() && ids(&before) != ids(&after) {
        found.push(Difference::Signatory { package: package.clone(), from: ids(&before), to: ids(&after) });
    }
    for to in &after {
        let known = if chains.chain(to.id).is_some_and(|chain| chain.find(to.digest).is_some()) {
            Known::Verified
        } else {
            Known::Unreached
        };
        match before.iter().find(|from| from.id == to.id) {
            Some(from) => moved(from, to, chains, found),
            None if before.is_empty() => {
                found.push(Difference::Added { pin: Box::new(to.clone()), known });
                decisions(None, to, chains, found);
            }
            None => decisions(None, to, chains, found),
        }
    }
    if after.is_empty() {
        let is_locked = head.lockfile.as_ref().is_some_and(|lockfile| entry(lockfile, package).is_some());
        found.extend(before.into_iter().map(|pin| Difference::Removed { pin: Box::new(pin), is_locked }));
    }
}

fn moved(from: &Pin, to: &Pin, chains: &dyn Chains, found: &mut Vec<Difference>) {
    let both = || (Box::new(from.clone()), Box::new(to.clone()));
    if from.digest != to.digest {
        let chain = chains.chain(to.id);
        let knows = |pin: &Pin| chain.is_some_and(|chain| chain.find(pin.digest).is_some());
        let movement = match to.compare(from, chain) {
            Some(Ordering::Greater | Ordering::Equal) => Movement::Advanced,
            Some(Ordering::Less) => Movement::Back,
            None if knows(from) && knows(to) => Movement::Aside,
            None => Movement::Unverified,
        };
        let (from, to) = both();
        found.push(Difference::Moved { from, to, movement });
    }
    if from.grade != to.grade {
        let (from, to) = both();
        found.push(Difference::Grade { from, to });
    }
    decisions(Some(from), to, chains, found);
}

/// What the new pin accepts and the old one did not.
fn decisions(from: Option<&Pin>, to: &Pin, chains: &dyn Chains, found: &mut Vec<Difference>) {
    let pin = || Box::new(to.clone());
    let is_new_tree = |tree: &&TreeHash| from.is_none_or(|from| !from.before_signing.contains(tree));
    let accepted_before = from.map(|from| accepted(from, chains)).unwrap_or_default();
    // What an old pin accepts by its statement alone does not vouch until it is listed.
    let is_new_digest = |digest: &Digest| {
        !accepted_before.contains(digest)
            || (to.accepted.contains(digest) && from.is_some_and(|from| !from.accepted.contains(digest)))
    };
    let digests = accepted(to, chains).into_iter().filter(is_new_digest);
    found.extend(digests.map(|digest| Difference::Accepted { pin: pin(), digest }));
    let trees = to.before_signing.iter().filter(is_new_tree);
    found.extend(trees.map(|tree| Difference::BeforeSigning { pin: pin(), tree: *tree }));
}

/// The reserve statements that a pin accepts: those that it lists, and those on the way to the pinned statement (PRJ-15).
fn accepted(pin: &Pin, chains: &dyn Chains) -> Vec<Digest> {
    let pinned = chains.chain(pin.id).and_then(|chain| chain.find(pin.digest));
    let on_the_way = pinned.into_iter().flat_map(Link::path).filter(|link| link.statement().kind() == Kind::Reserve);
    let mut digests = pin.accepted.clone();
    for digest in on_the_way.map(Link::digest) {
        if !digests.contains(&digest) {
            digests.push(digest);
        }
    }
    digests
}

fn fault(pin: &Pin, chains: &dyn Chains) -> Option<Difference> {
    let chain = chains.chain(pin.id)?;
    let fault = match chain.find(pin.digest) {
        _ if *chain.package() != pin.package => PinFault::Package,
        Some(link) if link.seq() != pin.seq => PinFault::Number { found: link.seq().get() },
        Some(_) if chains.is_void(pin) => PinFault::Void,
        Some(_) | None => return None,
    };
    Some(Difference::Invalid { pin: Box::new(pin.clone()), fault })
}

fn lock_change(package: &Package, before: Option<&Lockfile>, after: Option<&Lockfile>) -> Option<Difference> {
    let from = before.and_then(|before| entry(before, package));
    let to = after.and_then(|after| entry(after, package));
    let change = match (from.map(|from| &from.origin), to.map(|to| &to.origin)) {
        (None, None)
        | (Some(Origin::Path { .. }), Some(Origin::Path { .. }))
        | (Some(Origin::Bundled), Some(Origin::Bundled))
        | (Some(Origin::Url { .. }), Some(Origin::Url { .. }))
        | (_, Some(Origin::Registered { .. })) => return None,
        (_, Some(Origin::Path { .. })) => LockChange::Developed,
        (_, Some(Origin::Bundled)) => LockChange::Bundled,
        (_, Some(Origin::Url { .. })) => LockChange::Url,
        (Some(_), None) => {
            let is_namesake = |other: &Locked| other.package.name() == package.name();
            if after.is_some_and(|after| after.entries.iter().any(is_namesake)) {
                LockChange::OtherUuid
            } else {
                LockChange::Removed
            }
        }
    };
    let boxed = |locked: Option<&Locked>| locked.map(|locked| Box::new(locked.clone()));
    Some(Difference::Lockfile { package: package.clone(), from: boxed(from), to: boxed(to), change })
}

fn entry<'lockfile>(lockfile: &'lockfile Lockfile, package: &Package) -> Option<&'lockfile Locked> {
    lockfile.entries.iter().find(|entry| entry.package == *package)
}

impl Difference {
    /// The package.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let pin = doc::pin(&["chain-1"])?;
    /// use sigpkg::project::review::Difference;
    ///
    /// let removed = Difference::Removed { pin: Box::new(pin.clone()), is_locked: true };
    /// assert_eq!(removed.package(), &pin.package);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn package(&self) -> &Package {
        match self {
            Self::Added { pin, .. }
            | Self::Removed { pin, .. }
            | Self::Accepted { pin, .. }
            | Self::BeforeSigning { pin, .. }
            | Self::Invalid { pin, .. } => &pin.package,
            Self::Moved { to, .. } | Self::Grade { to, .. } => &to.package,
            Self::Signatory { package, .. } | Self::Lockfile { package, .. } => package,
        }
    }

    /// How grave it is.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let pin = Box::new(doc::pin(&["chain-1"])?);
    /// use sigpkg::project::review::{Difference, Gravity};
    ///
    /// let unused = Difference::Removed { pin: pin.clone(), is_locked: false };
    /// let bare = Difference::Removed { pin, is_locked: true };
    /// assert_eq!((unused.gravity(), bare.gravity()), (Gravity::Fine, Gravity::Look));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn gravity(&self) -> Gravity {
        match self {
            Self::Invalid { .. } => Gravity::Wrong,
            Self::Added { known: Known::Verified, .. }
            | Self::Removed { is_locked: false, .. }
            | Self::Moved { movement: Movement::Advanced, .. }
            | Self::Lockfile { change: LockChange::Removed, .. } => Gravity::Fine,
            Self::Grade { from, to } if from.grade < to.grade => Gravity::Fine,
            Self::Added { known: Known::Unreached, .. }
            | Self::Removed { is_locked: true, .. }
            | Self::Moved { movement: Movement::Back | Movement::Aside | Movement::Unverified, .. }
            | Self::Signatory { .. }
            | Self::Grade { .. }
            | Self::Accepted { .. }
            | Self::BeforeSigning { .. }
            | Self::Lockfile {
                change: LockChange::Developed | LockChange::Url | LockChange::Bundled | LockChange::OtherUuid,
                ..
            } => Gravity::Look,
        }
    }

    /// The word for scripts.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let pin = Box::new(doc::pin(&["chain-1"])?);
    /// use sigpkg::project::review::Difference;
    ///
    /// assert_eq!(Difference::Removed { pin, is_locked: true }.word(), "removed");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Added { .. } => "added",
            Self::Removed { .. } => "removed",
            Self::Moved { movement: Movement::Advanced, .. } => "advanced",
            Self::Moved { movement: Movement::Back, .. } => "back",
            Self::Moved { movement: Movement::Aside, .. } => "aside",
            Self::Moved { movement: Movement::Unverified, .. } => "not-verified",
            Self::Signatory { .. } => "signatory",
            Self::Grade { .. } => "grade",
            Self::Accepted { .. } => "accepted",
            Self::BeforeSigning { .. } => "before-signing",
            Self::Invalid { .. } => "invalid",
            Self::Lockfile { .. } => "lockfile",
        }
    }
}

/// A reserve statement that a pin accepts, if its chain is known.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let chain = doc::chain(&["reserve-1", "reserve-2", "reserve-3"])?;
/// # let record = doc::record("reserve-3")?;
/// use sigpkg::project::review::accepted_statement;
/// use sigpkg::statement::Cause;
///
/// let accepted = accepted_statement(Some(&chain), record.digest()).ok_or("it is none")?;
/// assert_eq!(accepted.statement().reserve_change().map(|change| change.cause), Some(Cause::Lost));
/// assert!(accepted_statement(Some(&chain), chain.genesis().digest()).is_none());
/// # Ok::<(), doc::Error>(())
/// ```
pub fn accepted_statement(chain: Option<&Chain>, digest: Digest) -> Option<Link<'_>> {
    chain?.find(digest).filter(|link| link.statement().kind() == Kind::Reserve)
}
