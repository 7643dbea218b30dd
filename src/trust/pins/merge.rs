//! Pins after a merge: both sides of a file with conflict markers, made one again pin by pin.
//!
//! Nothing that only one side has is lost, and of two signatories none is ever chosen.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::{Pin, Pins, PinsError};
use crate::chain::{Chain, Link};
use crate::digest::{Digest, SignatoryId};
use crate::package::Package;
use crate::statement::Seq;

/// Why two files of pins cannot be merged without a human.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let [ours, theirs] = [doc::pin(&["chain-1"])?, doc::pin(&["fork-1"])?];
/// use sigpkg::trust::{MergeError, Pins};
///
/// let (ours, theirs) = (Pins::of(vec![ours])?, Pins::of(vec![theirs])?);
/// let refused = Pins::merge(&ours, &theirs, |_| None, |_| None);
/// assert!(matches!(refused, Err(MergeError::Signatories { .. })), "of two signatories none is ever chosen");
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// The sides pin other signatories for a package.
    #[error("the two sides pin other signatories for {package}: {} on one, {} on the other", ids(ours), ids(theirs))]
    Signatories {
        /// The package.
        package: Box<Package>,
        /// Those of the first side.
        ours: Vec<SignatoryId>,
        /// Those of the second side.
        theirs: Vec<SignatoryId>,
    },
    /// No chain that is known says which of two statements comes after the other.
    #[error(
        "the two sides pin statement {} ({}) and statement {} ({}) of {package}, and no chain that is known here has one \
         after the other", ours.0, ours.1, theirs.0, theirs.1
    )]
    Unordered {
        /// The package.
        package: Box<Package>,
        /// Number and digest on the first side.
        ours: (Seq, Digest),
        /// Number and digest on the second side.
        theirs: (Seq, Digest),
    },
    /// There would be two pins of one signatory.
    #[error(transparent)]
    Pins(#[from] PinsError),
}

/// The place in a file with conflict markers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Both,
    Ours,
    Base,
    Theirs,
}

impl Pins {
    /// Both sides of a file of pins; two equal ones if it has no conflict markers.
    ///
    /// # Errors
    ///
    /// - [`PinsError::Conflict`] if the markers are in no order that a merge writes.
    /// - [`PinsError`] if one of the sides is no file of pins.
    ///
    /// # Example
    ///
    /// A branch has pinned a package, and the other has not:
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let pin = sigpkg::trust::Pins::of(vec![doc::pin(&["chain-1"])?])?.to_text();
    /// # let pin = pin.strip_prefix("sigpkg-pins = 1\n").ok_or("it begins so")?;
    /// use sigpkg::trust::Pins;
    ///
    /// let file = format!("sigpkg-pins = 1\n<<<<<<< ours\n{pin}=======\n>>>>>>> theirs\n");
    /// let (ours, theirs) = Pins::sides(file.as_bytes())?;
    /// assert_eq!((ours.len(), theirs.len()), (1, 0));
    /// let merged = Pins::merge(&ours, &theirs, |_| None, |_| None)?;
    /// assert_eq!(merged, ours, "nothing that only one side has is lost");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn sides(file: &[u8]) -> Result<(Self, Self), PinsError> {
        let text = str::from_utf8(file)
            .map_err(|error| PinsError::Form { reason: format!("no UTF-8 at byte {}", error.valid_up_to()) })?;
        let (mut ours, mut theirs) = (String::new(), String::new());
        let mut side = Side::Both;
        for (number, line) in text.lines().enumerate() {
            let next = match (marker(line), side) {
                (None, _) => None,
                (Some('<'), Side::Both) => Some(Side::Ours),
                (Some('|'), Side::Ours) => Some(Side::Base),
                (Some('='), Side::Ours | Side::Base) => Some(Side::Theirs),
                (Some('>'), Side::Theirs) => Some(Side::Both),
                (Some(_), _) => return Err(PinsError::Conflict { line: number + 1 }),
            };
            if let Some(next) = next {
                side = next;
                continue;
            }
            for (text, mine) in [(&mut ours, Side::Ours), (&mut theirs, Side::Theirs)] {
                if side == Side::Both || side == mine {
                    text.push_str(line);
                    text.push('\n');
                }
            }
        }
        if side != Side::Both {
            return Err(PinsError::Conflict { line: text.lines().count() });
        }
        Ok((Self::parse(ours.as_bytes())?, Self::parse(theirs.as_bytes())?))
    }

    /// Makes two files of pins one. `chain_of` has the chains that are known, by which the later one of two statements is
    /// found. `chosen` is the signatory of a package for which a human has decided.
    ///
    /// # Errors
    ///
    /// - [`MergeError::Signatories`] if the sides pin other signatories for a package, and nobody has decided.
    /// - [`MergeError::Unordered`] if neither of two pinned statements is known to come after the other.
    ///
    /// # Example
    ///
    /// The later of two statements, as a chain has them:
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let [older, newer] = [doc::pin(&["chain-1"])?, doc::pin(&["chain-1", "chain-2"])?];
    /// # let chain = doc::chain(&["chain-1", "chain-2"])?;
    /// use sigpkg::trust::Pins;
    ///
    /// let (ours, theirs) = (Pins::of(vec![newer])?, Pins::of(vec![older])?);
    /// let merged = Pins::merge(&ours, &theirs, |id| (id == chain.id()).then_some(&chain), |_| None)?;
    /// assert_eq!(merged, ours);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn merge<'chain>(
        ours: &Self,
        theirs: &Self,
        chain_of: impl Fn(SignatoryId) -> Option<&'chain Chain>,
        chosen: impl Fn(&Package) -> Option<SignatoryId>,
    ) -> Result<Self, MergeError> {
        let packages: BTreeSet<_> = ours.iter().chain(theirs.iter()).map(|pin| pin.package.clone()).collect();
        let mut merged = Vec::new();
        for package in packages {
            let (mut one, mut other): (Vec<_>, Vec<_>) =
                (ours.of_package(&package).collect(), theirs.of_package(&package).collect());
            let ids = |pins: &[&Pin]| pins.iter().map(|pin| pin.id).collect::<Vec<_>>();
            if !one.is_empty() && !other.is_empty() && ids(&one) != ids(&other) {
                let (ours, theirs) = (ids(&one), ids(&other));
                let id = chosen(&package).filter(|id| ours.contains(id) || theirs.contains(id));
                let id = id.ok_or(MergeError::Signatories { package: Box::new(package), ours, theirs })?;
                one.retain(|pin| pin.id == id);
                other.retain(|pin| pin.id == id);
            }
            for pin in &one {
                merged.push(match other.iter().find(|other| other.id == pin.id) {
                    Some(other) => pin.merged(other, chain_of(pin.id))?,
                    None => (*pin).clone(),
                });
            }
            merged.extend(other.iter().filter(|pin| one.iter().all(|one| one.id != pin.id)).map(|pin| (*pin).clone()));
        }
        Ok(Self::of(merged)?)
    }
}

impl Pin {
    /// Whether the pinned statement comes after that of another pin of the same signatory, before it, or is the same one;
    /// `None` if the chain does not say so.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let [older, newer] = [doc::pin(&["chain-1"])?, doc::pin(&["chain-1", "chain-2"])?];
    /// # let chain = doc::chain(&["chain-1", "chain-2"])?;
    /// use std::cmp::Ordering;
    ///
    /// assert_eq!(newer.compare(&older, Some(&chain)), Some(Ordering::Greater));
    /// assert_eq!(newer.compare(&older, None), None, "a seq alone proves nothing");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn compare(&self, other: &Self, chain: Option<&Chain>) -> Option<Ordering> {
        if self.digest == other.digest {
            return Some(Ordering::Equal);
        }
        let (chain, follows) = (chain?, |later: Link<'_>, earlier: Link<'_>| later.path().any(|link| link == earlier));
        let (one, two) = (chain.find(self.digest)?, chain.find(other.digest)?);
        match (follows(one, two), follows(two, one)) {
            (true, _) => Some(Ordering::Greater),
            (_, true) => Some(Ordering::Less),
            (false, false) => None,
        }
    }

    fn merged(&self, other: &Self, chain: Option<&Chain>) -> Result<Self, MergeError> {
        let order = self.compare(other, chain).ok_or_else(|| MergeError::Unordered {
            package: Box::new(self.package.clone()),
            ours: (self.seq, self.digest),
            theirs: (other.seq, other.digest),
        })?;
        let (later, earlier) = if order == Ordering::Less { (other, self) } else { (self, other) };
        let mut merged = later.clone();
        merged.grade = merged.grade.max(earlier.grade);
        merged.before_signing.extend(&earlier.before_signing);
        merged.before_signing.sort_unstable();
        merged.before_signing.dedup();
        for digest in &earlier.accepted {
            if !merged.accepted.contains(digest) {
                merged.accepted.push(*digest);
            }
        }
        let seq_of = |digest: &Digest| chain.and_then(|chain| chain.find(*digest)).map(Link::seq);
        // What is in no chain that is known here keeps its place behind what is.
        merged.accepted.sort_by_key(|digest| seq_of(digest).map_or((true, None), |seq| (false, Some(seq))));
        Ok(merged)
    }
}

/// The character of a conflict marker: a line that begins with seven of them, and a space or nothing behind them.
pub(super) fn marker(line: &str) -> Option<char> {
    let first = line.chars().next().filter(|first| "<|=>".contains(*first))?;
    let rest = line.trim_start_matches(first);
    (line.len() - rest.len() == 7 && (rest.is_empty() || rest.starts_with(' '))).then_some(first)
}

fn ids(ids: &[SignatoryId]) -> String {
    ids.iter().map(SignatoryId::to_string).collect::<Vec<_>>().join(" and ")
}
