//! What changes for a user when records or decisions come: the difference between two beliefs.

use std::collections::HashSet;

use super::Trusted;
use crate::chain::{Belief, Chain, Contest, Link, State, Yanked};

/// The difference between what a user believed of a chain and what the same user believes now. All statements are those of
/// the later chain, parents before children.
///
/// What the yank of the newest release means for a user who has it:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let before = doc::trusted(&["reserve-1", "reserve-2"])?;
/// # let newer = doc::chain(&["reserve-1", "reserve-2", "reserve-yank-3"])?;
/// use sigpkg::trust::Change;
///
/// let mut after = before.clone();
/// after.learn(&newer, doc::now())?;
/// let change = Change::between(&before, &after);
/// assert_eq!(change.new.len(), 1);
/// let (release, yanked) = &change.yanked[0];
/// assert_eq!((release.seq().get(), yanked.by.seq().get()), (2, 3));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Debug)]
pub struct Change<'a> {
    /// Statements that are known now and were not.
    pub new: Vec<Link<'a>>,
    /// The head before.
    pub head_before: Link<'a>,
    /// The head now.
    pub head_after: Link<'a>,
    /// Releases that stood and are void now. One of them may be installed.
    pub voided: Vec<Link<'a>>,
    /// Releases that stood and do not stand now, without being void: they are contested, wait or do not count.
    pub doubted: Vec<(Link<'a>, State)>,
    /// Releases that were known, did not stand, and stand now.
    pub restored: Vec<Link<'a>>,
    /// Releases that are yanked now in another way than before, or for the first time, each with the yank.
    pub yanked: Vec<(Link<'a>, Yanked<'a>)>,
    /// Yanks that no longer count, because their branch has fallen.
    pub fallen_yanks: Vec<Link<'a>>,
    /// The reserve statement that waits now and did not.
    pub waiting: Option<Link<'a>>,
    /// The fork that is contested now and was not, or not among these.
    pub contest: Option<Contest<'a>>,
    /// The first statements of branches that are rivals now and were not (BEL-7).
    pub rivals: Vec<Link<'a>>,
}

impl<'a> Change<'a> {
    /// The difference between two states of one chain. The later one has every record of the earlier one, since records
    /// are only added.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let before = doc::trusted(&["fork-1", "fork-2", "fork-3"])?;
    /// # let mut after = before.clone();
    /// # after.learn(&doc::chain(&["fork-1", "fork-2", "fork-rival-3", "fork-rival-rival-4"])?, doc::now())?;
    /// use sigpkg::trust::Change;
    ///
    /// let change = Change::between(&before, &after);
    /// assert_eq!(change.voided[0].seq().get(), 3, "the other branch was extended, and so it stands");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn between(before: &Trusted, after: &'a Trusted) -> Self {
        let chain = after.chain();
        let (earlier, later) = (before.belief(), after.belief());
        let state_before = |link: Link<'_>| earlier.state(link);
        let head_before = chain.find(earlier.head().digest()).unwrap_or_else(|| chain.genesis());
        let rivals_before: HashSet<_> = earlier.rivals().map(|rival| rival.first.digest()).collect();
        let releases: Vec<_> = chain.links().filter(|link| link.statement().release().is_some()).collect();
        let mut change = Self {
            new: chain.links().filter(|link| state_before(*link).is_none()).collect(),
            head_before,
            head_after: later.head(),
            voided: Vec::new(),
            doubted: Vec::new(),
            restored: Vec::new(),
            yanked: Vec::new(),
            fallen_yanks: fallen_yanks(chain, &earlier, &later),
            waiting: later.waiting().filter(|now| earlier.waiting().is_none_or(|before| before != *now)),
            contest: later.contest().filter(|now| !is_same_contest(&earlier, now)),
            rivals: later
                .rivals()
                .map(|rival| rival.first)
                .filter(|first| !rivals_before.contains(&first.digest()))
                .collect(),
        };
        for release in releases {
            let before = state_before(release);
            let stood = before == Some(State::Standing);
            match later.state(release) {
                Some(State::Void) if stood => change.voided.push(release),
                Some(state @ (State::Contested | State::Waiting | State::Distrusted)) if stood => {
                    change.doubted.push((release, state));
                }
                Some(State::Standing) if before.is_some() && !stood => change.restored.push(release),
                Some(State::Standing | State::Void | State::Contested | State::Waiting | State::Distrusted) | None => {}
            }
            if let Some(yanked) = later.yank(release)
                && earlier.yank(release).is_none_or(|before| !is_same_yank(&before, &yanked))
            {
                change.yanked.push((release, yanked));
            }
        }
        change
    }

    /// Whether the head is another one than before.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let before = doc::trusted(&["chain-1"])?;
    /// # let mut after = before.clone();
    /// # after.learn(&doc::chain(&["chain-1", "chain-2"])?, doc::now())?;
    /// use sigpkg::trust::Change;
    ///
    /// assert!(Change::between(&before, &after).moves_head());
    /// assert!(!Change::between(&after, &after).moves_head());
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn moves_head(&self) -> bool {
        self.head_before != self.head_after
    }
}

fn fallen_yanks<'a>(chain: &'a Chain, earlier: &Belief<'_>, later: &Belief<'_>) -> Vec<Link<'a>> {
    let counts = |belief: &Belief<'_>, link: Link<'_>| match belief.state(link) {
        Some(State::Standing | State::Contested | State::Waiting) => true,
        Some(State::Void) => belief.is_suspended(link),
        Some(State::Distrusted) | None => false,
    };
    let yanks = chain.links().filter(|link| link.statement().yank().is_some());
    yanks.filter(|link| counts(earlier, *link) && !counts(later, *link)).collect()
}

fn is_same_contest(earlier: &Belief<'_>, now: &Contest<'_>) -> bool {
    earlier.contest().is_some_and(|before| before.parent == now.parent && before.children == now.children)
}

fn is_same_yank(one: &Yanked<'_>, other: &Yanked<'_>) -> bool {
    (one.by, one.severity) == (other.by, other.severity)
}
