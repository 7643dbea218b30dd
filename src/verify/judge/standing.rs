//! Step 4: what stands, and the notes about what is known beyond the target.

use super::super::about::ReserveStatement;
use super::super::note::{Note, Stale};
use super::super::reason::{Instead, Reason};
use super::super::verdict::{Head, Step};
use super::{Judge, Known};
use crate::chain::{Belief, Chain, Link, ReservePolicy, State, VerifiedRelease};
use crate::digest::Digest;
use crate::package::Version;
use crate::statement::Seq;
use crate::time::Timestamp;
use crate::trust::Trusted;

/// How long a user may see nothing new from a signatory before it is stale, in seconds (VER-23): 400 days, more than
/// the year between two releases of a slow but living package.
const SILENCE_SECONDS: i64 = 400 * 86_400;

impl Judge<'_> {
    /// What is known from here on, whatever the verdict: VER-44.
    pub(super) fn enter_belief(&mut self, belief: &Belief<'_>, known: &Known) {
        self.verdict.reached = Step::Belief;
        self.verdict.head = Some(head(belief));
        self.verdict.voided = voided(belief, known);
        // Said whatever becomes of the target: in a later verification the store knows it already.
        if !self.verdict.voided.is_empty() {
            self.verdict.notes.push(Note::Voided { releases: self.verdict.voided.clone() });
        }
    }

    /// The notes of step 4: VER-20, VER-22, VER-23, VER-39 to VER-43.
    pub(super) fn note_belief(&mut self, belief: &Belief<'_>, release: Option<VerifiedRelease<'_>>, known: &Known) {
        let notes = &mut self.verdict.notes;
        if let (Some(release), Some(newest)) = (release, belief.newest_release())
            && newest.seq() != release.seq()
        {
            notes.push(Note::NotNewest { seq: newest.seq(), version: newest.version().clone() });
        }
        notes.extend(belief.rivals().map(|rival| Note::Rival { seq: rival.first.seq(), digest: rival.first.digest() }));
        if let Some(contest) = belief.contest() {
            let seq = contest.children.first().map_or(contest.parent.seq(), |child| child.seq());
            let digests = contest.children.iter().map(|child| child.digest()).collect();
            notes.push(Note::ContestedBeyond { seq, digests });
        }
        notes.extend(stale(belief, known.is_ended, known.head_first_seen, self.question.now).map(Note::Stale));
        notes.extend(waiting(belief, known));
        notes.extend(belief.is_final().then(|| Note::Final { seq: belief.head().seq() }));
        notes.extend(belief.successor().map(|id| Note::Successor { id }));
        notes.extend(known.is_ended.then_some(Note::Ended));
    }

    /// VER-39 and VER-40 for a tree without a release: the commit that brings a reserve statement is one.
    pub(super) fn note_waiting(&mut self, belief: &Belief<'_>, known: &Known) {
        self.verdict.notes.extend(waiting(belief, known));
    }

    /// The note of step 4 that a chain file alone has: VER-46.
    pub(super) fn note_forks(&mut self) {
        let forks = self.verdict.admitted.first().into_iter().flat_map(Chain::forks);
        let notes = forks.map(|fork| Note::Fork {
            parent: fork.parent.seq(),
            digest: fork.parent.digest(),
            key: Box::new(fork.parent.statement().look_ahead().next),
            children: fork.children.iter().map(|child| child.digest()).collect(),
        });
        self.verdict.notes.extend(notes.collect::<Vec<_>>());
    }

    /// VER-18
    pub(super) fn check_fresh(&self, belief: &Belief<'_>, known: &Known) -> Result<(), Reason> {
        match stale(belief, known.is_ended, known.head_first_seen, self.question.now) {
            Some(stale) if self.question.strict => Err(Reason::Stale(stale)),
            Some(_) | None => Ok(()),
        }
    }
}

/// VER-39 and VER-40
fn waiting(belief: &Belief<'_>, known: &Known) -> Option<Note> {
    belief.waiting().and_then(ReserveStatement::of).map(match known.decided.policy {
        ReservePolicy::Prompt | ReservePolicy::Accept => Note::Waiting,
        ReservePolicy::Refuse => Note::NotFollowed,
    })
}

/// The releases that stand by the records of the store alone, oldest first.
pub(super) fn releases_of(trusted: &Trusted) -> Vec<(Seq, Version, Digest)> {
    let release = |release: VerifiedRelease<'_>| (release.seq(), release.version().clone(), release.link().digest());
    trusted.belief().releases().map(release).collect()
}

/// VER-44: those of them that no longer stand, and are not in question either.
fn voided(belief: &Belief<'_>, known: &Known) -> Vec<(Seq, Version)> {
    let is_gone = |digest: Digest| match known.chain.find(digest).and_then(|link| belief.state(link)) {
        Some(State::Standing | State::Contested | State::Waiting) => false,
        Some(State::Void | State::Distrusted) | None => true,
    };
    let gone = known.stood.iter().filter(|(_, _, digest)| is_gone(*digest));
    gone.map(|(seq, version, _)| (*seq, version.clone())).collect()
}

/// VER-7, VER-29, VER-8, VER-27, VER-28. A statement has one state, so their order does not matter.
pub(super) fn release<'chain>(
    belief: &Belief<'chain>,
    link: Link<'chain>,
    policy: ReservePolicy,
) -> Result<VerifiedRelease<'chain>, Reason> {
    if let Some(release) = belief.release(link) {
        return Ok(release);
    }
    let (seq, digest) = (link.seq(), link.digest());
    // `release.toml` is a release of the chain (VER-5), so it has a version.
    let Some(version) = link.statement().release().map(|release| release.version.clone()) else {
        return Err(Reason::NotInChain { digest });
    };
    let void = |version| Reason::Void { seq, version, digest, instead: Box::new(instead(belief, link)) };
    Err(match belief.state(link) {
        Some(State::Distrusted) => Reason::Distrusted { seq, version, digest },
        Some(State::Contested) => match belief.contest() {
            Some(contest) => {
                let rivals = contest.children.iter().map(|child| child.digest()).collect();
                Reason::Contested { seq, version, parent: contest.parent.seq(), rivals }
            }
            None => void(version),
        },
        Some(State::Waiting) => match (belief.waiting().and_then(ReserveStatement::of), policy) {
            (Some(waiting), ReservePolicy::Prompt | ReservePolicy::Accept) => Reason::Waiting { seq, version, waiting },
            (Some(waiting), ReservePolicy::Refuse) => Reason::NotFollowed { seq, version, waiting },
            (None, _) => void(version),
        },
        Some(State::Standing | State::Void) | None => void(version),
    })
}

/// What has won at the fork where the branch of a void statement lost.
fn instead(belief: &Belief<'_>, void: Link<'_>) -> Instead {
    let parent = void.path().find(|ancestor| belief.state(*ancestor) == Some(State::Standing));
    let after = parent.and_then(|parent| parent.seq().successor());
    let winner = belief.line().find(|standing| Some(standing.seq()) == after);
    match (winner, belief.waiting().and_then(ReserveStatement::of)) {
        (Some(winner), _) => match ReserveStatement::of(winner) {
            Some(reserve) => Instead::Reserve(reserve),
            None => Instead::Statement { seq: winner.seq(), digest: winner.digest() },
        },
        (None, Some(waiting)) => Instead::Waiting(waiting),
        (None, None) => Instead::Contested { parent: parent.unwrap_or(belief.head()).seq() },
    }
}

/// VER-23. `since` is when the head was first seen.
pub(in crate::verify) fn stale(belief: &Belief<'_>, is_ended: bool, since: Timestamp, now: Timestamp) -> Option<Stale> {
    if is_ended {
        return None;
    }
    if let Some(next_by) = belief.promise().filter(|next_by| now.date() > *next_by) {
        return Some(Stale::Promise { next_by });
    }
    let silence = now.unix_seconds().saturating_sub(since.unix_seconds());
    (!belief.is_final() && silence > SILENCE_SECONDS).then_some(Stale::Silence { since })
}

fn head(belief: &Belief<'_>) -> Head {
    let head = belief.head();
    let version = belief.newest_release().map(|release| release.version().clone());
    Head { seq: head.seq(), digest: head.digest(), version }
}
