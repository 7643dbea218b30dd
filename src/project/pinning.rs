//! New pins from what was accepted, and what they change in a file of pins (PRJ-19).

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::chain::{Chain, Link};
use crate::digest::{Digest, SignatoryId};
use crate::ecosystem::Locked;
use crate::package::Package;
use crate::rule::Rule;
use crate::statement::{Kind, Seq};
use crate::trust::{Pin, Pins, PinsError, Trusted};
use crate::verify::{Judged, State};

/// A pin of what a user has accepted, and the chain by which it is compared with older pins.
///
/// Where nothing was pinned before:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let (locked, judged, trusted) = doc::accepted()?;
/// use std::collections::BTreeSet;
///
/// use sigpkg::project::pinning::{Allowed, NewPin, Pinned, after, plan};
/// use sigpkg::trust::Pins;
///
/// let new = NewPin::of(&locked, &judged, &trusted).ok_or("it was not accepted")?;
/// let nothing = BTreeSet::new();
/// let allowed = Allowed { replace: &nothing, back: &nothing, prune: false };
/// let planned = plan(&Pins::default(), &[new.clone()], |_| true, &allowed).map_err(|_| "not allowed")?;
/// assert_eq!(planned, [Pinned::Added(new.pin)]);
/// assert!(after(&planned)?.to_text().starts_with("sigpkg-pins = 1\n\n[[pin]]\nname = \"Example\"\n"));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct NewPin {
    /// The pin.
    pub pin: Pin,
    /// All records that are known of its signatory.
    pub chain: Chain,
}

/// What a user has allowed beyond moving pins forward.
///
/// A pin that is in nobody's lockfile goes when it may go:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let pins = sigpkg::trust::Pins::of(vec![doc::pin(&["chain-1"])?])?;
/// use std::collections::BTreeSet;
///
/// use sigpkg::project::pinning::{Allowed, plan};
///
/// let nothing = BTreeSet::new();
/// for (prune, word) in [(false, "foreign"), (true, "pruned")] {
///     let allowed = Allowed { replace: &nothing, back: &nothing, prune };
///     let planned = plan(&pins, &[], |_| false, &allowed).map_err(|_| "not allowed")?;
///     assert_eq!(planned[0].word(), word);
/// }
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Allowed<'a> {
    /// Packages whose pins may get another signatory.
    pub replace: &'a BTreeSet<Package>,
    /// Packages whose pins may go to a statement that is not after the old one.
    pub back: &'a BTreeSet<Package>,
    /// Whether pins of packages that are not `locked` are removed.
    pub prune: bool,
}

/// What becomes of the pins of one package.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let [old, new] = [&["chain-1", "chain-2"][..], &["chain-1", "chain-2", "chain-3"]].map(doc::pin);
/// # let (old, new) = (old?, new?);
/// use sigpkg::project::pinning::Pinned;
///
/// let changed = Pinned::Changed { from: Box::new(old), to: Box::new(new.clone()) };
/// assert_eq!(changed.after(), Some(&new));
/// assert_eq!(changed.word(), "changed");
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pinned {
    /// It had none.
    Added(Pin),
    /// It had one of the same signatory, with something else in it.
    Changed {
        /// The old pin.
        from: Box<Pin>,
        /// The new one.
        to: Box<Pin>,
    },
    /// Nothing changes.
    Same(Pin),
    /// It had pins of other signatories.
    Replaced {
        /// The old pins.
        from: Vec<Pin>,
        /// The new one.
        to: Box<Pin>,
    },
    /// It has one, and there is nothing new to pin.
    Kept(Pin),
    /// It is not in the lockfile, and its pin stays.
    Foreign(Pin),
    /// It is not in the lockfile, and its pin is removed.
    Pruned(Pin),
}

/// Why a pin is not changed.
///
/// Without consent, another signatory is refused, and so is a step back:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let [old, newer, other] =
/// #     [&["chain-1", "chain-2"][..], &["chain-1", "chain-2", "chain-3"], &["fork-1"]].map(doc::pin);
/// # let (old, newer, other) = (old?, newer?, other?);
/// # let chain = doc::chain(&["chain-1", "chain-2", "chain-3"])?;
/// use std::collections::BTreeSet;
///
/// use sigpkg::project::pinning::{Allowed, NewPin, PinError, plan};
/// use sigpkg::trust::Pins;
///
/// let nothing = BTreeSet::new();
/// let allowed = Allowed { replace: &nothing, back: &nothing, prune: false };
/// let new = [NewPin { pin: old, chain }];
/// let errors = plan(&Pins::of(vec![other])?, &new, |_| true, &allowed).unwrap_err();
/// assert!(matches!(errors[0], PinError::OtherSignatory { .. }));
/// let errors = plan(&Pins::of(vec![newer])?, &new, |_| true, &allowed).unwrap_err();
/// assert!(matches!(errors[0], PinError::NotAfter { .. }));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// The package is pinned, and not to this signatory (PRJ-19).
    #[error("expected {package} signed by the pinned {}, found it signed by {found}", ids(pinned))]
    OtherSignatory {
        /// The package.
        package: Box<Package>,
        /// The pinned ones.
        pinned: Vec<SignatoryId>,
        /// The one that the user has accepted.
        found: SignatoryId,
    },
    /// The pinned statement is later than the new one, or no chain that is known has one after the other (PRJ-19).
    #[error("expected a statement of {package} after the pinned statement {} ({}), found statement {} ({})", pinned.0, pinned.1, found.0, found.1)]
    NotAfter {
        /// The package.
        package: Box<Package>,
        /// Number and digest of the pinned statement.
        pinned: (Seq, Digest),
        /// Number and digest of the new one.
        found: (Seq, Digest),
    },
}

impl PinError {
    /// The rule that a project with the pins as they are would break.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let pin = doc::pin(&["chain-1"])?;
    /// use sigpkg::project::pinning::PinError;
    /// use sigpkg::rule::Rule;
    ///
    /// let error = PinError::OtherSignatory { package: Box::new(pin.package), pinned: vec![pin.id], found: pin.id };
    /// assert_eq!(error.rule(), Some(Rule::Prj12));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub const fn rule(&self) -> Option<Rule> {
        match self {
            Self::OtherSignatory { .. } => Some(Rule::Prj12),
            Self::NotAfter { .. } => None,
        }
    }

    /// The package.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let pin = doc::pin(&["chain-1"])?;
    /// use sigpkg::project::pinning::PinError;
    ///
    /// let package = Box::new(pin.package.clone());
    /// let error = PinError::NotAfter { package, pinned: (pin.seq, pin.digest), found: (pin.seq, pin.digest) };
    /// assert_eq!(error.package(), &pin.package);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn package(&self) -> &Package {
        match self {
            Self::OtherSignatory { package, .. } | Self::NotAfter { package, .. } => package,
        }
    }
}

impl NewPin {
    /// The pin of a dependency that was judged without any pins, under the decisions of a user alone; `None` if it was not
    /// accepted. `trusted` has the signatories that the user trusts.
    ///
    /// An accepted release is pinned itself; of an unsigned version from before the chain began the head is, and its tree.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let (locked, judged, trusted) = doc::accepted()?;
    /// use sigpkg::project::pinning::NewPin;
    ///
    /// let NewPin { pin, chain } = NewPin::of(&locked, &judged, &trusted).ok_or("it was not accepted")?;
    /// assert_eq!(pin.seq.get(), 2);
    /// assert_eq!(pin.grade, trusted[0].decisions().grade);
    /// assert!(pin.is_reached_by(&chain));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn of(locked: &Locked, judged: &Judged, trusted: &[Trusted]) -> Option<Self> {
        match judged.state() {
            State::Accepted => {
                let release = judged.verdict()?.verified_tree()?.release();
                let id = judged.verdict()?.claims().signatory?;
                let trusted = trusted.iter().find(|trusted| trusted.id() == id)?;
                let mut chain = trusted.chain().clone();
                for admitted in judged.verdict()?.admitted().iter().filter(|admitted| admitted.id() == id) {
                    // Only a chain of another signatory cannot be merged.
                    let _ = chain.merge(admitted);
                }
                let pin = pin(chain.find(release.link().digest())?, trusted);
                Some(Self { pin, chain })
            }
            State::BeforeSigning => {
                let tree = locked.origin.tree()?;
                let knows_it = |trusted: &&Trusted| {
                    *trusted.package() == locked.package && trusted.decisions().before_signing.contains(&tree)
                };
                let trusted = trusted.iter().find(knows_it)?;
                let pin = Pin { before_signing: vec![tree], ..pin(trusted.belief().head(), trusted) };
                Some(Self { pin, chain: trusted.chain().clone() })
            }
            State::Refused
            | State::Undecided
            | State::Unreadable
            | State::Unsigned
            | State::NewlySigned
            | State::Developed
            | State::Bundled
            | State::NotInstalled => None,
        }
    }
}

/// Whether an unsigned version can be one from before the chain began: the signatory has signed none of that version. Of one
/// that is signed, the signature was taken away.
///
/// The chain has signed 1.0.0, so an unsigned 1.0.0 is no older one:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let trusted = doc::trusted(&["chain-1", "chain-2"])?;
/// # let package = trusted.package().clone();
/// # let origin = sigpkg::ecosystem::Origin::Bundled;
/// use sigpkg::ecosystem::Locked;
/// use sigpkg::package::{EcosystemName, Version};
/// use sigpkg::project::pinning::can_be_from_before;
///
/// let [signed, older] = ["1.0.0", "0.9.0"].map(|version| Version::new(EcosystemName::Julia, version));
/// let mut locked = Locked { package, version: Some(signed?), origin };
/// assert!(!can_be_from_before(&locked, &trusted));
/// locked.version = Some(older?);
/// assert!(can_be_from_before(&locked, &trusted));
/// # Ok::<(), doc::Error>(())
/// ```
pub fn can_be_from_before(locked: &Locked, trusted: &Trusted) -> bool {
    let mut releases = trusted.chain().links().filter_map(|link| link.statement().release());
    releases.all(|release| Some(&release.version) != locked.version.as_ref())
}

/// With the reserve statements on the way there that the user has accepted, oldest first.
fn pin(link: Link<'_>, trusted: &Trusted) -> Pin {
    let decisions = trusted.decisions();
    let leads_to = |above: Link<'_>, accepted: &Digest| {
        trusted.chain().find(*accepted).is_some_and(|accepted| accepted.path().any(|link| link == above))
    };
    let is_accepted = |above: &Link<'_>| decisions.accepted.iter().any(|accepted| leads_to(*above, accepted));
    let reserves = link.path().filter(|above| above.statement().kind() == Kind::Reserve).filter(is_accepted);
    let mut accepted: Vec<_> = reserves.map(Link::digest).collect();
    accepted.reverse();
    Pin {
        package: trusted.package().clone(),
        id: trusted.id(),
        seq: link.seq(),
        digest: link.digest(),
        grade: decisions.grade,
        accepted,
        before_signing: Vec::new(),
    }
}

/// What becomes of old pins when there are new ones, package by package. `locked` says which packages the lockfile has.
///
/// # Errors
///
/// - Every [`PinError`] for which nothing is allowed. Nothing is to be written then.
///
/// # Example
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let [old, new] = [&["chain-1", "chain-2"][..], &["chain-1", "chain-2", "chain-3"]].map(doc::pin);
/// # let (old, pin) = (old?, new?);
/// # let chain = doc::chain(&["chain-1", "chain-2", "chain-3"])?;
/// use std::collections::BTreeSet;
///
/// use sigpkg::project::pinning::{Allowed, NewPin, plan};
/// use sigpkg::trust::Pins;
///
/// let nothing = BTreeSet::new();
/// let allowed = Allowed { replace: &nothing, back: &nothing, prune: false };
/// let planned = plan(&Pins::of(vec![old])?, &[NewPin { pin, chain }], |_| true, &allowed).map_err(|_| "not allowed")?;
/// assert_eq!(planned[0].word(), "changed");
/// # Ok::<(), doc::Error>(())
/// ```
pub fn plan(
    old: &Pins,
    new: &[NewPin],
    locked: impl Fn(&Package) -> bool,
    allowed: &Allowed<'_>,
) -> Result<Vec<Pinned>, Vec<PinError>> {
    let mut packages: BTreeSet<_> = old.iter().map(|pin| &pin.package).collect();
    packages.extend(new.iter().map(|new| &new.pin.package));
    let (mut planned, mut errors) = (Vec::new(), Vec::new());
    for package in packages {
        let olds: Vec<_> = old.of_package(package).cloned().collect();
        let Some(new) = new.iter().find(|new| new.pin.package == *package) else {
            planned.extend(olds.into_iter().map(|pin| match (locked(package), allowed.prune) {
                (true, _) => Pinned::Kept(pin),
                (false, false) => Pinned::Foreign(pin),
                (false, true) => Pinned::Pruned(pin),
            }));
            continue;
        };
        match one(&olds, new, allowed) {
            Ok(pinned) => {
                let same = |pin: &Pin| pin.id == new.pin.id;
                let is_replaced = matches!(pinned, Pinned::Replaced { .. });
                planned.push(pinned);
                // A project may have several signatories for a package: the others stay.
                let others = olds.into_iter().filter(|pin| !same(pin) && !is_replaced);
                planned.extend(others.map(Pinned::Kept));
            }
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(planned) } else { Err(errors) }
}

fn one(olds: &[Pin], new: &NewPin, allowed: &Allowed<'_>) -> Result<Pinned, PinError> {
    let NewPin { pin, chain } = new;
    let package = || Box::new(pin.package.clone());
    let may_replace = allowed.replace.contains(&pin.package);
    let Some(from) = olds.iter().find(|old| old.id == pin.id) else {
        return match olds {
            [] => Ok(Pinned::Added(pin.clone())),
            _ if may_replace => Ok(Pinned::Replaced { from: olds.to_vec(), to: Box::new(pin.clone()) }),
            _ => Err(PinError::OtherSignatory {
                package: package(),
                pinned: olds.iter().map(|old| old.id).collect(),
                found: pin.id,
            }),
        };
    };
    match pin.compare(from, Some(chain)) {
        Some(Ordering::Equal | Ordering::Greater) => {}
        Some(Ordering::Less) | None if allowed.back.contains(&pin.package) => {}
        Some(Ordering::Less) | None => {
            return Err(PinError::NotAfter {
                package: package(),
                pinned: (from.seq, from.digest),
                found: (pin.seq, pin.digest),
            });
        }
    }
    let to = Box::new(with_decisions_of(from, pin, chain));
    Ok(if may_replace && olds.len() > 1 {
        Pinned::Replaced { from: olds.to_vec(), to }
    } else if *from == *to {
        Pinned::Same(*to)
    } else {
        Pinned::Changed { from: Box::new(from.clone()), to }
    })
}

/// What somebody else has decided about the same signatory is not undone: the id was compared, and the reserve statements on
/// the way were accepted.
fn with_decisions_of(from: &Pin, pin: &Pin, chain: &Chain) -> Pin {
    let mut path: Vec<_> = chain.find(pin.digest).into_iter().flat_map(Link::path).map(Link::digest).collect();
    path.reverse();
    path.retain(|digest| pin.accepted.contains(digest) || from.accepted.contains(digest));
    Pin { grade: pin.grade.max(from.grade), accepted: path, ..pin.clone() }
}

impl Pinned {
    /// The pin that there is afterwards.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let pin = doc::pin(&["chain-1"])?;
    /// use sigpkg::project::pinning::Pinned;
    ///
    /// assert_eq!(Pinned::Kept(pin.clone()).after(), Some(&pin));
    /// assert_eq!(Pinned::Pruned(pin).after(), None);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn after(&self) -> Option<&Pin> {
        match self {
            Self::Added(pin) | Self::Same(pin) | Self::Kept(pin) | Self::Foreign(pin) => Some(pin),
            Self::Changed { to, .. } | Self::Replaced { to, .. } => Some(to),
            Self::Pruned(_) => None,
        }
    }

    /// The word for scripts.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let pin = doc::pin(&["chain-1"])?;
    /// use sigpkg::project::pinning::Pinned;
    ///
    /// assert_eq!(Pinned::Same(pin).word(), "same");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Added(_) => "added",
            Self::Changed { .. } => "changed",
            Self::Same(_) => "same",
            Self::Replaced { .. } => "replaced",
            Self::Kept(_) => "kept",
            Self::Foreign(_) => "foreign",
            Self::Pruned(_) => "pruned",
        }
    }
}

/// The file of pins afterwards.
///
/// # Errors
///
/// - [`PinsError::Twice`] if two are about the same package and signatory.
///
/// # Example
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let [kept, pruned] = [doc::pin(&["chain-1"])?, doc::pin(&["fork-1"])?];
/// use sigpkg::project::pinning::{Pinned, after};
///
/// let pins = after(&[Pinned::Kept(kept.clone()), Pinned::Pruned(pruned)])?;
/// assert_eq!(pins.iter().collect::<Vec<_>>(), [&kept]);
/// # Ok::<(), doc::Error>(())
/// ```
pub fn after(planned: &[Pinned]) -> Result<Pins, PinsError> {
    Pins::of(planned.iter().filter_map(Pinned::after).cloned().collect())
}

fn ids(ids: &[SignatoryId]) -> String {
    ids.iter().map(SignatoryId::to_string).collect::<Vec<_>>().join(" or ")
}
