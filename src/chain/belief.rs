//! Belief: which statements of a chain stand.
//!
//! A pure function of the set of records, the user's decisions and policy; read it beside section 4.3 of the
//! specification. It is the one place where forks are decided, and nothing in it depends on the order in which records came.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::fmt;

use super::signed::is_signed_by_ed25519;
use super::{Chain, Link};
use crate::digest::{Digest, SignatoryId};
use crate::package::Version;
use crate::statement::{BeatState, Body, Kind, Release, Seq, Severity, Yank};
use crate::time::Date;

/// What a user has decided about a chain. The default is a user who has decided nothing.
///
/// ```
/// use sigpkg::chain::{Decided, ReservePolicy};
/// use sigpkg::example::{self, AFTER_RESERVE, FIRST, GENESIS, RESERVE};
///
/// let chain = example::chain(&[GENESIS, FIRST, RESERVE, AFTER_RESERVE])?;
/// let version = |decided: &Decided| {
///     chain.belief(decided).newest_release().map(|release| release.version().to_string())
/// };
/// // The reserve statement waits for the user's word, unless that was given beforehand.
/// assert_eq!(version(&Decided::default()).as_deref(), Some("1.0.0"));
/// let trusting = Decided { policy: ReservePolicy::Accept, ..Decided::default() };
/// assert_eq!(version(&trusting).as_deref(), Some("1.1.1"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// The statements that were accepted, without those that a later acceptance withdrew (BEL-2).
    pub accepted: Vec<Digest>,
    /// What happens when a reserve statement appears (BEL-8).
    pub policy: ReservePolicy,
    /// The distrust mark (BEL-9): the last statement for which a signature by Ed25519 was good enough.
    pub distrust: Option<Digest>,
}

/// What happens when a valid reserve statement appears (BEL-8).
///
/// ```
/// use sigpkg::chain::ReservePolicy;
///
/// assert_eq!(ReservePolicy::default(), ReservePolicy::Prompt);
/// assert_eq!(ReservePolicy::ALL.map(ReservePolicy::as_str), ["prompt", "accept", "refuse"]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ReservePolicy {
    /// It waits for the user's word.
    #[default]
    Prompt,
    /// It is followed.
    Accept,
    /// It is not followed; the last release before it stays.
    Refuse,
}

/// What a user believes about a chain.
///
/// ```
/// use sigpkg::chain::Decided;
/// use sigpkg::example::{self, FIRST, GENESIS, SECOND};
///
/// let chain = example::chain(&[GENESIS, FIRST, SECOND])?;
/// let belief = chain.belief(&Decided::stranger());
/// let versions: Vec<_> = belief.releases().map(|release| release.version().as_str()).collect();
/// assert_eq!(versions, ["1.0.0", "1.1.0"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Belief<'chain> {
    chain: &'chain Chain,
    /// One for each record of the chain.
    states: Vec<State>,
    /// Indexes of the standing line, from the genesis to the head.
    line: Vec<usize>,
    /// Indexes of releases that are withdrawn, and of the first statement that withdraws each (BEL-6).
    withdrawn: HashMap<usize, usize>,
    /// The gravest yank of each yanked release, by its index (BEL-10).
    yanks: HashMap<usize, Gravest>,
    contest: Option<Vec<usize>>,
    /// Whether a reserve statement waits on a contested branch, so that none of them speaks (BEL-4).
    is_contest_mute: bool,
    /// Indexes of statements that are not heard as before only because of a reserve statement that waits (BEL-4).
    suspended: HashSet<usize>,
    waiting: Option<usize>,
    rivals: Vec<usize>,
}

/// The state of a statement (BEL-4).
///
/// ```
/// use sigpkg::chain::{Decided, State};
/// use sigpkg::example::{self, FIRST, GENESIS, RIVAL, SECOND, THIRD};
///
/// // The owner's next statement settles the fork: only the owner had the key for it.
/// let chain = example::chain(&[GENESIS, FIRST, SECOND, RIVAL, THIRD])?;
/// let belief = chain.belief(&Decided::stranger());
/// let (second, rival) = (example::record(SECOND)?.digest(), example::record(RIVAL)?.digest());
/// let state = |digest| chain.find(digest).and_then(|link| belief.state(link));
/// assert_eq!((state(second), state(rival)), (Some(State::Standing), Some(State::Void)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// On the standing line.
    Standing,
    /// It would follow on the standing line, but by the word of a reserve statement alone, which waits for the user's.
    Waiting,
    /// Signed by Ed25519, which this user no longer trusts, and vouched for by nothing else.
    Distrusted,
    /// On a branch that might come to stand.
    Contested,
    /// On a branch that lost.
    Void,
}

/// A fork that nothing decides yet.
///
/// ```
/// use sigpkg::chain::Decided;
/// use sigpkg::example::{self, FIRST, GENESIS, RIVAL, SECOND};
///
/// let chain = example::chain(&[GENESIS, FIRST, SECOND, RIVAL])?;
/// let belief = chain.belief(&Decided::stranger());
/// let contest = belief.contest().ok_or("no contest")?;
/// assert_eq!((contest.parent, contest.children.len()), (belief.head(), 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Contest<'chain> {
    /// The last statement before the fork, which is the head.
    pub parent: Link<'chain>,
    /// The first statements of the branches that have the highest rank, in the order of their digests.
    pub children: Vec<Link<'chain>>,
}

/// A branch that lost to an acceptance alone (BEL-7).
///
/// ```
/// use sigpkg::chain::Decided;
/// use sigpkg::example::{self, FIRST, GENESIS, RIVAL, SECOND};
///
/// let chain = example::chain(&[GENESIS, FIRST, SECOND, RIVAL])?;
/// let accepted = example::record(SECOND)?.digest();
/// let belief = chain.belief(&Decided::accepting(&[accepted]));
/// // It lost to the user's word alone, so it is shown at every verify.
/// let firsts: Vec<_> = belief.rivals().map(|rival| rival.first.digest()).collect();
/// assert_eq!(firsts, [example::record(RIVAL)?.digest()]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Rival<'chain> {
    /// Its first statement.
    pub first: Link<'chain>,
}

/// How a release is yanked (BEL-10).
///
/// ```
/// use sigpkg::chain::Decided;
/// use sigpkg::example::{self, FIRST, GENESIS, YANK};
/// use sigpkg::statement::Severity;
///
/// let chain = example::chain(&[GENESIS, FIRST, YANK])?;
/// let belief = chain.belief(&Decided::stranger());
/// let first = belief.newest_release().ok_or("no release")?;
/// let yanked = belief.yank(first.link()).ok_or("not yanked")?;
/// assert_eq!((yanked.severity, yanked.by.seq().get()), (Severity::Refuse, 3));
/// assert_eq!(yanked.yank.reason, "deletes files");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Yanked<'chain> {
    /// The statement that yanks it: the gravest, if there are several.
    pub by: Link<'chain>,
    /// What it says.
    pub yank: &'chain Yank,
    /// Its severity, which is at most [`Severity::Warn`] as long as the statement does not speak for this user.
    pub severity: Severity,
}

/// BEL-1. What a branch shows of the keys of whoever signed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// A lone statement.
    Lone,
    /// Its first statement has been extended.
    Extended,
    /// It leads to a reserve statement.
    Reserve,
}

/// The order of yanks of one release: severity, then seq, then the lower digest. The last field is the index.
type Gravest = (Severity, Seq, Reverse<Digest>, usize);

/// A release that stands in the chain from which it is borrowed. Nothing else can make one.
///
/// ```
/// use sigpkg::chain::Decided;
/// use sigpkg::example::{self, FIRST, GENESIS};
///
/// let chain = example::chain(&[GENESIS, FIRST])?;
/// let release = chain.belief(&Decided::stranger()).newest_release().ok_or("no release")?;
/// assert_eq!((release.version().as_str(), release.release().count), ("1.0.0", 3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct VerifiedRelease<'chain> {
    link: Link<'chain>,
    release: &'chain Release,
}

impl Decided {
    /// What is decided about a signatory whom the user does not trust (BEL-11): what first trust would take. It is also
    /// how owners see their own chain, for which no reserve statement waits.
    ///
    /// ```
    /// use sigpkg::chain::Decided;
    /// use sigpkg::example::{self, FIRST, GENESIS, RESERVE};
    ///
    /// let chain = example::chain(&[GENESIS, FIRST, RESERVE])?;
    /// assert_eq!(chain.belief(&Decided::stranger()).head().seq().get(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stranger() -> Self {
        Self { policy: ReservePolicy::Accept, ..Self::default() }
    }

    /// A user who has accepted these statements, and decided nothing else.
    ///
    /// ```
    /// use sigpkg::chain::Decided;
    /// use sigpkg::example::{self, FIRST, GENESIS, RIVAL, SECOND};
    ///
    /// // The word of a user breaks the tie.
    /// let chain = example::chain(&[GENESIS, FIRST, SECOND, RIVAL])?;
    /// assert_eq!(chain.belief(&Decided::default()).head().seq().get(), 2);
    /// let accepted = example::record(SECOND)?.digest();
    /// assert_eq!(chain.belief(&Decided::accepting(&[accepted])).head().digest(), accepted);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn accepting(accepted: &[Digest]) -> Self {
        Self { accepted: accepted.to_vec(), ..Self::default() }
    }
}

impl<'chain> Belief<'chain> {
    pub(super) fn new(chain: &'chain Chain, decided: &Decided) -> Self {
        let word = Word::of(chain, decided);
        let facts = Facts::of(chain, decided, &word, |_| true);
        let heard =
            word.waits.contains(&true).then(|| Facts::of(chain, decided, &word, |index| !word.is_behind[index]));
        let state = |counts: &bool| if *counts { State::Void } else { State::Distrusted };
        let mut belief = Self {
            chain,
            states: facts.counts.iter().map(state).collect(),
            line: Vec::new(),
            withdrawn: HashMap::new(),
            yanks: HashMap::new(),
            contest: None,
            is_contest_mute: false,
            suspended: HashSet::new(),
            waiting: None,
            rivals: Vec::new(),
        };
        belief.find_standing_line(&facts, heard.as_ref(), &word);
        if let Some(heard) = &heard {
            belief.find_suspended(heard, &word);
        }
        belief.find_withdrawn();
        belief.find_yanked();
        belief
    }

    /// BEL-3. `heard` are the facts without the reserve statements that wait and what descends from them; `None` if
    /// nothing waits, so that there is no difference.
    fn find_standing_line(&mut self, facts: &Facts, heard: Option<&Facts>, word: &Word) {
        let mut standing = Some(0);
        while let Some(index) = standing {
            self.states[index] = State::Standing;
            self.line.push(index);
            let stands_without = |first| match heard.map(|heard| self.successor_of(index, heard)) {
                None => true,
                Some(Successor::One { first: other, .. }) => first == other,
                Some(Successor::None | Successor::Tie(_)) => false,
            };
            standing = match self.successor_of(index, facts) {
                Successor::None => None,
                Successor::One { first, rivals } if word.is_accepted[first] || stands_without(first) => {
                    self.rivals.extend(rivals);
                    Some(first)
                }
                Successor::One { first, .. } => {
                    self.wait_before(first, facts, word);
                    None
                }
                Successor::Tie(firsts) => {
                    self.set_branches(&firsts, State::Contested);
                    self.is_contest_mute = firsts.iter().any(|first| word.holds_waiting[*first]);
                    self.contest = Some(firsts);
                    None
                }
            };
        }
    }

    /// BEL-4: the way on from the end of the line, up to the reserve statement that waits, and what descends from that.
    fn wait_before(&mut self, first: usize, facts: &Facts, word: &Word) {
        let mut next = Some(first);
        while let Some(index) = next {
            if word.waits[index] {
                self.set_branches(&[index], State::Waiting);
                break;
            }
            self.states[index] = State::Waiting;
            next = match self.successor_of(index, facts) {
                Successor::None => None,
                Successor::One { first, .. } => Some(first),
                Successor::Tie(firsts) => {
                    self.set_branches(&firsts, State::Waiting);
                    None
                }
            };
        }
        let waiting = (0..self.states.len()).filter(|at| word.waits[*at] && self.states[*at] == State::Waiting);
        self.waiting = waiting.min_by_key(|at| {
            let record = &self.chain.records[*at].record;
            (record.claimed().seq, record.digest())
        });
    }

    /// BEL-4: what would stand or be contested without the reserve statements that wait, and does neither for their sake.
    fn find_suspended(&mut self, heard: &Facts, word: &Word) {
        let mut without = Vec::new();
        let mut standing = Some(0);
        while let Some(index) = standing {
            without.push(index);
            standing = match self.successor_of(index, heard) {
                Successor::None => None,
                Successor::One { first, .. } => Some(first),
                Successor::Tie(mut rest) => {
                    while let Some(index) = rest.pop() {
                        if heard.counts[index] && !word.is_behind[index] {
                            without.push(index);
                            rest.extend(&self.chain.records[index].children);
                        }
                    }
                    None
                }
            };
        }
        let is_suspended = |index: &usize| match self.states[*index] {
            State::Waiting | State::Void => true,
            State::Contested => self.is_contest_mute,
            State::Standing | State::Distrusted => false,
        };
        self.suspended = without.into_iter().filter(is_suspended).collect();
    }

    /// The child that follows on the standing line, whether it waits or not.
    fn successor_of(&self, index: usize, facts: &Facts) -> Successor {
        let children = self.chain.records[index].children.iter().copied();
        let children: Vec<_> = children.filter(|child| facts.counts[*child]).collect();
        let highest = children.iter().map(|child| facts.rank(*child)).max();
        let mut equals: Vec<_> = children.into_iter().filter(|child| Some(facts.rank(*child)) == highest).collect();
        equals.sort_by_key(|child| self.chain.records[*child].record.digest());
        let accepted: Vec<_> = equals.iter().copied().filter(|child| facts.holds_accepted[*child]).collect();
        match (equals.as_slice(), accepted.as_slice()) {
            ([], _) => Successor::None,
            ([first], _) => Successor::One { first: *first, rivals: Vec::new() },
            (_, [first]) => {
                let rivals = equals.iter().copied().filter(|child| child != first).collect();
                Successor::One { first: *first, rivals }
            }
            _ => Successor::Tie(equals),
        }
    }

    /// BEL-4: a whole branch has one state, but for what does not count.
    fn set_branches(&mut self, firsts: &[usize], state: State) {
        let mut rest = firsts.to_vec();
        while let Some(index) = rest.pop() {
            if self.states[index] != State::Distrusted {
                self.states[index] = state;
                rest.extend(&self.chain.records[index].children);
            }
        }
    }

    /// BEL-6
    fn find_withdrawn(&mut self) {
        for (index, authentic) in self.chain.records.iter().enumerate() {
            let withdraws = authentic.record.claimed().release().and_then(|release| release.withdraws);
            if withdraws.is_some() && self.speaks(index) {
                // CHN-14: it is the newest release before this one.
                let parent = authentic.parent.map(|parent| &self.chain.records[parent]);
                let Some(release) = parent.and_then(|parent| parent.newest_release) else { continue };
                let by = self.withdrawn.entry(release).or_insert(index);
                *by = std::cmp::min_by_key(*by, index, |at| self.chain.records[*at].record.digest());
            }
        }
    }

    /// BEL-10, in one walk: the releases before a yank are those on its path.
    fn find_yanked(&mut self) {
        enum Step {
            Enter(usize),
            Leave,
        }
        let mut releases: Vec<(Seq, usize)> = Vec::new();
        let mut steps = vec![Step::Enter(0)];
        while let Some(step) = steps.pop() {
            let Step::Enter(index) = step else {
                releases.pop();
                continue;
            };
            let is_heard = match self.states[index] {
                State::Standing | State::Contested | State::Waiting => true,
                State::Void => self.suspended.contains(&index),
                State::Distrusted => false,
            };
            if !is_heard {
                // Nor is what follows it.
                continue;
            }
            let most = if self.speaks(index) { Severity::Refuse } else { Severity::Warn };
            let authentic = &self.chain.records[index];
            let statement = authentic.record.claimed();
            match &statement.body {
                Body::Release(..) => {
                    releases.push((statement.seq, index));
                    steps.push(Step::Leave);
                }
                Body::Yank(yank, _) => {
                    let by = (yank.severity.min(most), statement.seq, Reverse(authentic.record.digest()), index);
                    self.add_yank(yank, by, &releases);
                }
                Body::Genesis(_) | Body::Beat(..) | Body::Reserve(..) => {}
            }
            steps.extend(authentic.children.iter().map(|child| Step::Enter(*child)));
        }
    }

    /// BEL-4: whether a statement speaks for this user.
    fn speaks(&self, index: usize) -> bool {
        match self.states[index] {
            State::Standing => true,
            State::Contested => !self.is_contest_mute || self.suspended.contains(&index),
            State::Waiting => self.suspended.contains(&index),
            State::Distrusted | State::Void => false,
        }
    }

    fn add_yank(&mut self, yank: &Yank, by: Gravest, releases: &[(Seq, usize)]) {
        for seq in &yank.releases {
            // CHN-21: it is there.
            if let Ok(at) = releases.binary_search_by_key(seq, |(seq, _)| *seq) {
                let gravest = self.yanks.entry(releases[at].1).or_insert(by);
                *gravest = by.max(*gravest);
            }
        }
    }

    /// The chain it is about.
    ///
    /// ```
    /// # use sigpkg::chain::Decided;
    /// # use sigpkg::example::{self, GENESIS};
    /// let chain = example::chain(&[GENESIS])?;
    /// assert_eq!(chain.belief(&Decided::stranger()).chain().id(), chain.id());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn chain(&self) -> &'chain Chain {
        self.chain
    }

    /// The last statement of the standing line (BEL-5).
    ///
    /// ```
    /// # use sigpkg::chain::Decided;
    /// # use sigpkg::example::{self, FIRST, GENESIS, RIVAL, SECOND, THIRD};
    /// let contested = example::chain(&[GENESIS, FIRST, SECOND, RIVAL])?;
    /// assert_eq!(contested.belief(&Decided::stranger()).head().seq().get(), 2);
    /// let settled = example::chain(&[GENESIS, FIRST, SECOND, RIVAL, THIRD])?;
    /// assert_eq!(settled.belief(&Decided::stranger()).head().seq().get(), 4);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn head(&self) -> Link<'chain> {
        let head = self.line.last().copied().unwrap_or_default();
        self.link(head)
    }

    /// The standing line, from the genesis to the head.
    ///
    /// ```
    /// # use sigpkg::chain::Decided;
    /// # use sigpkg::example::{self, FIRST, GENESIS, RIVAL, SECOND, THIRD};
    /// let chain = example::chain(&[GENESIS, FIRST, RIVAL, SECOND, THIRD])?;
    /// let belief = chain.belief(&Decided::stranger());
    /// assert_eq!(belief.line().map(|link| link.seq().get()).collect::<Vec<_>>(), [1, 2, 3, 4]);
    /// assert_eq!(belief.line().next_back(), Some(belief.head()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn line(&self) -> impl DoubleEndedIterator<Item = Link<'chain>> {
        self.line.iter().map(|index| self.link(*index))
    }

    /// The state of a statement; `None` if it is of another chain.
    ///
    /// ```
    /// # use sigpkg::chain::Decided;
    /// # use sigpkg::example::{self, FIRST, GENESIS, RIVAL, SECOND};
    /// use sigpkg::chain::State;
    ///
    /// let chain = example::chain(&[GENESIS, FIRST, SECOND, RIVAL])?;
    /// let belief = chain.belief(&Decided::stranger());
    /// let states: Vec<_> = chain.links().filter_map(|link| belief.state(link)).collect();
    /// assert_eq!(states, [State::Standing, State::Standing, State::Contested, State::Contested]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn state(&self, link: Link<'_>) -> Option<State> {
        self.chain.index_of(link.digest()).and_then(|index| self.states.get(index)).copied()
    }

    /// The fork at which the standing line ends, if it ends at one.
    ///
    /// ```
    /// # use sigpkg::chain::Decided;
    /// # use sigpkg::example::{self, FIRST, GENESIS, RIVAL, SECOND, THIRD};
    /// let contested = example::chain(&[GENESIS, FIRST, SECOND, RIVAL])?;
    /// assert!(contested.belief(&Decided::stranger()).contest().is_some());
    /// let settled = example::chain(&[GENESIS, FIRST, SECOND, RIVAL, THIRD])?;
    /// assert!(settled.belief(&Decided::stranger()).contest().is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn contest(&self) -> Option<Contest<'chain>> {
        let children = self.contest.as_ref()?.iter().map(|index| self.link(*index)).collect();
        Some(Contest { parent: self.head(), children })
    }

    /// The reserve statement because of which the standing line ends: it waits (BEL-4).
    ///
    /// ```
    /// # use sigpkg::chain::Decided;
    /// # use sigpkg::example::{self, FIRST, GENESIS, RESERVE};
    /// let chain = example::chain(&[GENESIS, FIRST, RESERVE])?;
    /// let belief = chain.belief(&Decided::default());
    /// let change = belief.waiting().and_then(|link| link.statement().reserve_change()).ok_or("nothing waits")?;
    /// assert_eq!(change.cause.as_str(), "stolen"); // what the user is asked about
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn waiting(&self) -> Option<Link<'chain>> {
        self.waiting.map(|index| self.link(index))
    }

    /// The branches that lost to nothing but an acceptance (BEL-7).
    ///
    /// ```
    /// # use sigpkg::chain::Decided;
    /// # use sigpkg::example::{self, FIRST, GENESIS, RIVAL, SECOND, THIRD};
    /// let accepting = Decided::accepting(&[example::record(SECOND)?.digest()]);
    /// let tied = example::chain(&[GENESIS, FIRST, SECOND, RIVAL])?;
    /// assert_eq!(tied.belief(&accepting).rivals().count(), 1);
    /// // Here the rank decides, and no acceptance is needed.
    /// let settled = example::chain(&[GENESIS, FIRST, SECOND, RIVAL, THIRD])?;
    /// assert_eq!(settled.belief(&accepting).rivals().count(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rivals(&self) -> impl Iterator<Item = Rival<'chain>> {
        self.rivals.iter().map(|index| Rival { first: self.link(*index) })
    }

    /// Whether a statement is suspended: it would stand or be contested if the reserve statements that wait were not
    /// known (BEL-4).
    ///
    /// ```
    /// # use sigpkg::chain::Decided;
    /// # use sigpkg::example::{self, FIRST, GENESIS, RESERVE, SECOND};
    /// // A reserve statement stops what does not descend from it on sight, before it is followed.
    /// let chain = example::chain(&[GENESIS, FIRST, SECOND, RESERVE])?;
    /// let belief = chain.belief(&Decided::default());
    /// let second = chain.find(example::record(SECOND)?.digest()).ok_or("not in the chain")?;
    /// assert!(belief.is_suspended(second));
    /// assert!(!belief.is_suspended(chain.genesis()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_suspended(&self, link: Link<'_>) -> bool {
        self.chain.index_of(link.digest()).is_some_and(|index| self.suspended.contains(&index))
    }

    /// Whether a release is withdrawn (BEL-6).
    ///
    /// ```
    /// # use sigpkg::chain::Decided;
    /// # use sigpkg::example::{self, FIRST, GENESIS, REDONE};
    /// let chain = example::chain(&[GENESIS, FIRST, REDONE])?;
    /// let belief = chain.belief(&Decided::stranger());
    /// let withdrawn: Vec<_> = belief.releases().map(|release| belief.is_withdrawn(release.link())).collect();
    /// assert_eq!(withdrawn, [true, false]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_withdrawn(&self, link: Link<'_>) -> bool {
        self.withdrawal(link).is_some()
    }

    /// The statement that withdraws a release: of several the one with the lowest digest. `None` if it is not withdrawn.
    ///
    /// ```
    /// # use sigpkg::chain::Decided;
    /// # use sigpkg::example::{self, FIRST, GENESIS, REDONE};
    /// let chain = example::chain(&[GENESIS, FIRST, REDONE])?;
    /// let belief = chain.belief(&Decided::stranger());
    /// let first = belief.releases().next().ok_or("no release")?;
    /// assert_eq!(belief.withdrawal(first.link()), Some(belief.head()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn withdrawal(&self, link: Link<'_>) -> Option<Link<'chain>> {
        let index = self.chain.index_of(link.digest())?;
        self.withdrawn.get(&index).map(|by| self.link(*by))
    }

    /// The gravest yank of a release; `None` if it is not yanked (BEL-10).
    ///
    /// ```
    /// # use sigpkg::chain::Decided;
    /// # use sigpkg::example::{self, FIRST, GENESIS, YANK};
    /// let chain = example::chain(&[GENESIS, FIRST, YANK])?;
    /// let belief = chain.belief(&Decided::stranger());
    /// let first = belief.newest_release().ok_or("no release")?;
    /// assert_eq!(belief.yank(first.link()).map(|yanked| yanked.severity.as_str()), Some("refuse"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn yank(&self, link: Link<'_>) -> Option<Yanked<'chain>> {
        let (severity, _, _, index) = self.yanks.get(&self.chain.index_of(link.digest())?)?;
        let by = self.link(*index);
        let yank = by.statement().yank()?;
        Some(Yanked { by, yank, severity: *severity })
    }

    /// The day by which another statement is promised (BEL-12).
    ///
    /// ```
    /// # use sigpkg::chain::Decided;
    /// # use sigpkg::example::{self, FIRST, GENESIS, PROMISE};
    /// let chain = example::chain(&[GENESIS, FIRST, PROMISE])?;
    /// assert_eq!(chain.belief(&Decided::stranger()).promise(), Some("2026-03-01".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn promise(&self) -> Option<Date> {
        let has_no_follower = |index: usize| {
            self.chain.records[index].children.iter().all(|child| match self.states[*child] {
                State::Standing | State::Contested | State::Waiting => false,
                State::Distrusted | State::Void => true,
            })
        };
        let is_tip = |index: &usize| self.speaks(*index) && has_no_follower(*index);
        let tips = (0..self.states.len()).filter(is_tip);
        tips.filter_map(|index| self.link(index).statement().next_by).min()
    }

    /// Whether the signatory has said that no further release is planned (BEL-12).
    ///
    /// ```
    /// # use sigpkg::chain::Decided;
    /// # use sigpkg::example::{self, FIRST, GENESIS, LAST};
    /// assert!(example::chain(&[GENESIS, FIRST, LAST])?.belief(&Decided::stranger()).is_final());
    /// assert!(!example::chain(&[GENESIS, FIRST])?.belief(&Decided::stranger()).is_final());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_final(&self) -> bool {
        self.head().statement().beat().is_some_and(|beat| beat.state == BeatState::Final)
    }

    /// The chain that goes on in the place of this one, as its signatory says (BEL-12).
    ///
    /// ```
    /// # use sigpkg::chain::Decided;
    /// # use sigpkg::example::{self, FIRST, GENESIS, LAST};
    /// let chain = example::chain(&[GENESIS, FIRST, LAST])?;
    /// let successor = "sigpRIdxuVx2YolMWSA75g2nV0mjg8UNoDwXUFwJolDNbvcZujNKVJvq".parse()?;
    /// assert_eq!(chain.belief(&Decided::stranger()).successor(), Some(successor));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn successor(&self) -> Option<SignatoryId> {
        self.head().statement().beat().and_then(|beat| beat.successor)
    }

    /// The release that a statement of the standing line makes; `None` if it does not stand or is no release. A
    /// withdrawn or yanked release still stands, see [`Belief::is_withdrawn`] and [`Belief::yank`].
    ///
    /// ```
    /// # use sigpkg::chain::Decided;
    /// # use sigpkg::example::{self, FIRST, GENESIS, RIVAL, SECOND, THIRD};
    /// let chain = example::chain(&[GENESIS, FIRST, SECOND, RIVAL, THIRD])?;
    /// let belief = chain.belief(&Decided::stranger());
    /// let thief = chain.find(example::record(RIVAL)?.digest()).ok_or("not in the chain")?;
    /// assert!(belief.release(thief).is_none()); // well signed, and void
    /// assert!(belief.release(belief.head()).is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn release(&self, link: Link<'_>) -> Option<VerifiedRelease<'chain>> {
        let index = self.chain.index_of(link.digest()).filter(|index| self.states[*index] == State::Standing)?;
        let link = self.link(index);
        link.statement().release().map(|release| VerifiedRelease { link, release })
    }

    /// The releases of the standing line, oldest first.
    ///
    /// ```
    /// # use sigpkg::chain::Decided;
    /// # use sigpkg::example::{self, FIRST, GENESIS, SECOND, THIRD};
    /// let chain = example::chain(&[GENESIS, FIRST, SECOND, THIRD])?;
    /// let belief = chain.belief(&Decided::stranger());
    /// let versions: Vec<_> = belief.releases().map(|release| release.version().as_str()).collect();
    /// assert_eq!(versions, ["1.0.0", "1.1.0", "1.2.0"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn releases(&self) -> impl DoubleEndedIterator<Item = VerifiedRelease<'chain>> {
        self.line().filter_map(|link| link.statement().release().map(|release| VerifiedRelease { link, release }))
    }

    /// The last release of the standing line (BEL-5).
    ///
    /// ```
    /// # use sigpkg::chain::Decided;
    /// # use sigpkg::example::{self, FIRST, GENESIS, PROMISE};
    /// // The head is a beat; the newest release is the one before it.
    /// let chain = example::chain(&[GENESIS, FIRST, PROMISE])?;
    /// let belief = chain.belief(&Decided::stranger());
    /// assert_eq!(belief.newest_release().map(|release| release.seq().get()), Some(2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn newest_release(&self) -> Option<VerifiedRelease<'chain>> {
        self.releases().next_back()
    }

    fn link(&self, index: usize) -> Link<'chain> {
        Link { chain: self.chain, index }
    }
}

impl<'chain> VerifiedRelease<'chain> {
    /// The statement.
    ///
    /// ```
    /// # use sigpkg::chain::Decided;
    /// # use sigpkg::example::{self, FIRST, GENESIS};
    /// let chain = example::chain(&[GENESIS, FIRST])?;
    /// let belief = chain.belief(&Decided::stranger());
    /// assert_eq!(belief.newest_release().map(|release| release.link()), Some(belief.head()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn link(&self) -> Link<'chain> {
        self.link
    }

    /// What it says about the tree.
    ///
    /// ```
    /// # use sigpkg::chain::Decided;
    /// # use sigpkg::example::{self, FIRST, GENESIS};
    /// let chain = example::chain(&[GENESIS, FIRST])?;
    /// let release = chain.belief(&Decided::stranger()).newest_release().ok_or("no release")?;
    /// // What the listing of a tree must have for it to be this release.
    /// assert_eq!(
    ///     release.release().files.to_string(),
    ///     "blake3:bd8b52aa152382542d47bf5fa76cb7d7a468a25629fcb5f7f924a6b223c26305"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn release(&self) -> &'chain Release {
        self.release
    }

    /// The version.
    ///
    /// ```
    /// # use sigpkg::chain::Decided;
    /// # use sigpkg::example::{self, FIRST, GENESIS};
    /// let chain = example::chain(&[GENESIS, FIRST])?;
    /// let release = chain.belief(&Decided::stranger()).newest_release().ok_or("no release")?;
    /// assert_eq!(release.version().as_str(), "1.0.0");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn version(&self) -> &'chain Version {
        &self.release.version
    }

    /// Its number.
    ///
    /// ```
    /// # use sigpkg::chain::Decided;
    /// # use sigpkg::example::{self, FIRST, GENESIS};
    /// let chain = example::chain(&[GENESIS, FIRST])?;
    /// let release = chain.belief(&Decided::stranger()).newest_release().ok_or("no release")?;
    /// assert_eq!(release.seq().get(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn seq(&self) -> Seq {
        self.link.seq()
    }
}

/// What follows a statement on the standing line.
enum Successor {
    None,
    One {
        first: usize,
        /// The branches that lost to an acceptance alone (BEL-7).
        rivals: Vec<usize>,
    },
    /// The first statements of the branches with the highest rank, in the order of their digests.
    Tie(Vec<usize>),
}

/// What the user has said about each statement.
struct Word {
    /// BEL-2: it is accepted, or leads to a statement that is.
    is_accepted: Vec<bool>,
    /// BEL-8: reserve statements that wait.
    waits: Vec<bool>,
    /// It is a reserve statement that waits, or descends from one.
    is_behind: Vec<bool>,
    /// It is a reserve statement that waits, or leads to one.
    holds_waiting: Vec<bool>,
}

impl Word {
    fn of(chain: &Chain, decided: &Decided) -> Self {
        let records = &chain.records;
        let mut is_accepted = vec![false; records.len()];
        for index in decided.accepted.iter().filter_map(|digest| chain.index_of(*digest)) {
            is_accepted[index] = true;
        }
        // Children stand after their parents, so going backwards each branch is complete when its parent is reached.
        for (index, authentic) in records.iter().enumerate().rev() {
            if let Some(parent) = authentic.parent {
                is_accepted[parent] |= is_accepted[index];
            }
        }
        let waits = |index: usize| is_reserve(chain, index) && !is_accepted[index] && !decided.policy.follows();
        let waits: Vec<_> = (0..records.len()).map(waits).collect();
        let (mut is_behind, mut holds_waiting) = (waits.clone(), waits.clone());
        for (index, authentic) in records.iter().enumerate() {
            is_behind[index] |= authentic.parent.is_some_and(|parent| is_behind[parent]);
        }
        for (index, authentic) in records.iter().enumerate().rev() {
            if let Some(parent) = authentic.parent {
                holds_waiting[parent] |= holds_waiting[index];
            }
        }
        Self { is_accepted, waits, is_behind, holds_waiting }
    }
}

/// What the walk needs to know of each statement, and of the branch that it starts, before it comes to it.
struct Facts {
    /// BEL-9
    counts: Vec<bool>,
    /// Whether the branch has a child, a reserve statement or an accepted statement that counts.
    is_extended: Vec<bool>,
    holds_reserve: Vec<bool>,
    holds_accepted: Vec<bool>,
}

impl Facts {
    /// The facts as if only those statements counted, gave a rank and vouched of which `is_known` says so.
    fn of(chain: &Chain, decided: &Decided, word: &Word, is_known: impl Fn(usize) -> bool) -> Self {
        let records = &chain.records;
        let counts = counts(chain, decided.distrust, &is_known);
        let is_accepted = |digest: &Digest| chain.index_of(*digest).filter(|index| counts[*index]);
        let mut is_extended = vec![false; records.len()];
        let mut holds_reserve: Vec<_> =
            (0..records.len()).map(|index| is_known(index) && is_reserve(chain, index)).collect();
        // An acceptance accepts the reserve statements before it (BEL-2), which count even where it does not itself.
        let mut holds_accepted: Vec<_> =
            (0..records.len()).map(|index| holds_reserve[index] && word.is_accepted[index]).collect();
        for index in decided.accepted.iter().filter_map(is_accepted) {
            holds_accepted[index] = true;
        }
        for (index, authentic) in records.iter().enumerate().rev() {
            let Some(parent) = authentic.parent else { continue };
            is_extended[parent] |= counts[index];
            holds_reserve[parent] |= holds_reserve[index];
            holds_accepted[parent] |= holds_accepted[index];
        }
        Self { counts, is_extended, holds_reserve, holds_accepted }
    }

    /// BEL-1
    fn rank(&self, first: usize) -> Rank {
        if self.holds_reserve[first] {
            Rank::Reserve
        } else if self.is_extended[first] {
            Rank::Extended
        } else {
            Rank::Lone
        }
    }
}

fn is_reserve(chain: &Chain, index: usize) -> bool {
    chain.records[index].record.claimed().kind() == Kind::Reserve
}

/// BEL-9
fn counts(chain: &Chain, distrust: Option<Digest>, is_known: impl Fn(usize) -> bool) -> Vec<bool> {
    let records = &chain.records;
    let known = (0..records.len()).filter(|index| is_known(*index));
    let mut counts = vec![false; records.len()];
    let Some(mark) = distrust else {
        known.for_each(|index| counts[index] = true);
        return counts;
    };
    let mut is_done = counts.clone();
    let mut vouching: Vec<_> = [0].into_iter().chain(chain.index_of(mark)).collect();
    for index in known {
        counts[index] = !is_signed_by_ed25519(records, index);
        vouching.extend(is_reserve(chain, index).then_some(index));
    }
    for index in vouching {
        let mut above = Some(index);
        while let Some(index) = above.filter(|index| !is_done[*index]) {
            (counts[index], is_done[index]) = (is_known(index), true);
            above = records[index].parent;
        }
    }
    counts
}

impl ReservePolicy {
    /// Every policy.
    pub const ALL: [Self; 3] = [Self::Prompt, Self::Accept, Self::Refuse];

    /// The word in files and messages.
    ///
    /// ```
    /// use sigpkg::chain::ReservePolicy;
    ///
    /// assert_eq!(ReservePolicy::Refuse.as_str(), "refuse");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::Accept => "accept",
            Self::Refuse => "refuse",
        }
    }

    /// Whether a reserve statement is followed without an acceptance.
    const fn follows(self) -> bool {
        match self {
            Self::Accept => true,
            Self::Prompt | Self::Refuse => false,
        }
    }
}

impl fmt::Display for ReservePolicy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl State {
    /// The word of the specification.
    ///
    /// ```
    /// use sigpkg::chain::State;
    ///
    /// assert_eq!(State::Void.as_str(), "void");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standing => "standing",
            Self::Waiting => "waiting",
            Self::Distrusted => "distrusted",
            Self::Contested => "contested",
            Self::Void => "void",
        }
    }
}
