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
#[derive(Clone, Debug)]
pub struct NewPin {
    /// The pin.
    pub pin: Pin,
    /// All records that are known of its signatory.
    pub chain: Chain,
}

/// What a user has allowed beyond moving pins forward.
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
    pub const fn rule(&self) -> Option<Rule> {
        match self {
            Self::OtherSignatory { .. } => Some(Rule::Prj12),
            Self::NotAfter { .. } => None,
        }
    }

    /// The package.
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
    pub fn after(&self) -> Option<&Pin> {
        match self {
            Self::Added(pin) | Self::Same(pin) | Self::Kept(pin) | Self::Foreign(pin) => Some(pin),
            Self::Changed { to, .. } | Self::Replaced { to, .. } => Some(to),
            Self::Pruned(_) => None,
        }
    }

    /// The word for scripts.
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
pub fn after(planned: &[Pinned]) -> Result<Pins, PinsError> {
    Pins::of(planned.iter().filter_map(Pinned::after).cloned().collect())
}

fn ids(ids: &[SignatoryId]) -> String {
    ids.iter().map(SignatoryId::to_string).collect::<Vec<_>>().join(" or ")
}
