//! Validity: what a statement must have to do with its parent and its path.
//!
//! Rules about a statement and its parent are checked as the records come ([`Chain::check_link`]). Rules about a whole
//! path are checked in one walk over the tree ([`Chain::check_paths`]), so that the work is linear in the size of the
//! file whatever forks someone has put into it.

use std::collections::{HashMap, HashSet};

use super::error::ExpectedSeq;
use super::signed::signers;
use super::{Chain, ChainError, Unverified};
use crate::key::{LinkKey, ReserveKey};
use crate::statement::{Body, Cause, Kind, Release, Seq, Statement, Yank};

impl Chain {
    /// Checks CHN-3 to CHN-9 and CHN-18 to CHN-20, and returns the parent's index.
    pub(super) fn check_link(&self, record: &Unverified) -> Result<Option<usize>, ChainError> {
        let statement = record.claimed();
        let at = statement.seq;
        if self.by_digest.contains_key(&record.digest()) {
            return Err(ChainError::Duplicate { at, digest: record.digest() });
        }
        let Some(lineage) = &statement.lineage else {
            return self.check_genesis(record).map(|()| None);
        };
        if self.records.is_empty() {
            return Err(ChainError::NotAGenesis { at, found: statement.kind() });
        }
        if lineage.signatory != self.id {
            return Err(ChainError::WrongSignatory { expected: self.id, found: lineage.signatory });
        }
        let previous = lineage.previous;
        let parent_index = self.index_of(previous).ok_or(ChainError::Missing { at, previous })?;
        let parent = self.records[parent_index].record.claimed();
        check_seq(statement, parent)?;
        check_package(statement, self)?;
        match &statement.body {
            Body::Reserve(change, _) => {
                check_algorithm(statement, change.cause, parent)?;
                signers(record, self.reserve_in_force(parent_index))?;
            }
            Body::Genesis(_) | Body::Release(..) | Body::Yank(..) | Body::Beat(..) => {
                check_look_ahead(statement, parent)?;
            }
        }
        Ok(Some(parent_index))
    }

    /// CHN-4 and CHN-5 for a genesis.
    fn check_genesis(&self, record: &Unverified) -> Result<(), ChainError> {
        let found = record.claimed_genesis_id()?;
        if !self.records.is_empty() {
            return Err(ChainError::NotAGenesis { at: record.claimed_seq(), found: Kind::Genesis });
        }
        if found != self.id {
            return Err(ChainError::WrongSignatory { expected: self.id, found });
        }
        Ok(())
    }

    /// Checks CHN-10, CHN-12, CHN-14 and CHN-21 for every record. The error is that of the first record in the file that
    /// breaks one of them.
    pub(super) fn check_paths(&self) -> Result<(), ChainError> {
        enum Step {
            Enter(usize),
            Leave(usize),
        }
        let mut first: Option<(usize, ChainError)> = None;
        let mut path = Path::default();
        let mut steps = vec![Step::Enter(0)];
        while let Some(step) = steps.pop() {
            match step {
                Step::Enter(index) => {
                    let statement = self.records[index].record.claimed();
                    if let Err(error) = path.check(statement) {
                        // Its descendants stand after it in the file, so they cannot be the first.
                        if first.as_ref().is_none_or(|(earliest, _)| index < *earliest) {
                            first = Some((index, error));
                        }
                        continue;
                    }
                    path.enter(statement);
                    steps.push(Step::Leave(index));
                    steps.extend(self.records[index].children.iter().map(|child| Step::Enter(*child)));
                }
                Step::Leave(index) => path.leave(self.records[index].record.claimed()),
            }
        }
        first.map_or(Ok(()), |(_, error)| Err(error))
    }

    /// Checks CHN-10, CHN-12, CHN-14 and CHN-21 for one record that is not in the chain yet.
    pub(super) fn check_path_of(&self, record: &Unverified, parent: Option<usize>) -> Result<(), ChainError> {
        let mut ancestors: Vec<_> = std::iter::successors(parent, |index| self.records[*index].parent).collect();
        ancestors.reverse();
        let mut path = Path::default();
        for index in ancestors {
            path.enter(self.records[index].record.claimed());
        }
        path.check(record.claimed())
    }
}

/// CHN-7
fn check_seq(statement: &Statement, parent: &Statement) -> Result<(), ChainError> {
    let expected = parent.seq.successor();
    if expected == Some(statement.seq) {
        Ok(())
    } else {
        Err(ChainError::OutOfSequence { expected: ExpectedSeq(expected), found: statement.seq })
    }
}

/// CHN-8
fn check_package(statement: &Statement, chain: &Chain) -> Result<(), ChainError> {
    if statement.package == *chain.package() {
        return Ok(());
    }
    Err(ChainError::PackageChanged {
        at: statement.seq,
        expected: Box::new(chain.package().clone()),
        found: Box::new(statement.package.clone()),
    })
}

/// CHN-9: nothing that a link key signs can replace an announced key.
fn check_look_ahead(statement: &Statement, parent: &Statement) -> Result<(), ChainError> {
    let announced = &parent.look_ahead().after_next;
    let keys = statement.look_ahead();
    if keys.next != *announced {
        return Err(ChainError::LookAhead {
            at: statement.seq,
            expected: Box::new(*announced),
            found: Box::new(keys.next),
        });
    }
    Ok(())
}

/// CHN-20: only a reserve statement that says so changes the algorithm, and there is no way back.
fn check_algorithm(statement: &Statement, cause: Cause, parent: &Statement) -> Result<(), ChainError> {
    let (expected, found) = (parent.look_ahead().next.algorithm(), statement.look_ahead().next.algorithm());
    match cause {
        // STM-14 has seen to its keys.
        Cause::Algorithm => Ok(()),
        Cause::Lost | Cause::Stolen | Cause::Handover | Cause::Planned if expected == found => Ok(()),
        Cause::Lost | Cause::Stolen | Cause::Handover | Cause::Planned => {
            Err(ChainError::AlgorithmChanged { at: statement.seq, cause, expected, found })
        }
    }
}

/// What a path has named so far: its keys, and the versions that it has released.
#[derive(Default)]
struct Path<'chain> {
    link_keys: HashSet<&'chain [u8; 32]>,
    /// How many statements of the path name each reserve key: unlike a link key it may come again.
    reserve_keys: HashMap<&'chain [u8; 32], usize>,
    releases: Vec<(Seq, &'chain Release)>,
    /// The release of each version that is neither withdrawn nor yanked: at most one (CHN-12).
    live: HashMap<&'chain str, Seq>,
    /// What [`Path::enter`] has changed in `live`, newest last: how many entries for each statement, and the entries.
    changes: Vec<usize>,
    undo: Vec<(&'chain str, Option<Seq>)>,
}

impl<'chain> Path<'chain> {
    /// CHN-10, CHN-21, then CHN-14 and CHN-12
    fn check(&self, statement: &Statement) -> Result<(), ChainError> {
        self.check_keys(statement)?;
        match &statement.body {
            Body::Yank(yank, _) => self.check_yank(statement.seq, yank),
            Body::Release(release, _) => self.check_release(statement.seq, release),
            Body::Genesis(_) | Body::Beat(..) | Body::Reserve(..) => Ok(()),
        }
    }

    /// CHN-10
    fn check_keys(&self, statement: &Statement) -> Result<(), ChainError> {
        let reused = |key: String| Err(ChainError::KeyReused { at: statement.seq, key });
        for key in introduced_link_keys(statement) {
            if self.link_keys.contains(key.as_bytes()) || self.reserve_keys.contains_key(key.as_bytes()) {
                return reused(key.to_string());
            }
        }
        match reserve_keys(statement).find(|key| self.link_keys.contains(key.as_bytes())) {
            Some(key) => reused(key.to_string()),
            None => Ok(()),
        }
    }

    /// CHN-21
    fn check_yank(&self, at: Seq, yank: &Yank) -> Result<(), ChainError> {
        let is_release = |seq: &Seq| self.releases.binary_search_by_key(seq, |(seq, _)| *seq).is_ok();
        match yank.releases.iter().chain(&yank.replacement).find(|seq| !is_release(seq)) {
            Some(found) => Err(ChainError::NoSuchRelease { at, found: *found }),
            None => Ok(()),
        }
    }

    /// CHN-14, then CHN-12
    fn check_release(&self, at: Seq, release: &Release) -> Result<(), ChainError> {
        let version = release.version.clone();
        let newest = self.releases.last();
        if let Some(found) = release.withdraws
            && newest.is_none_or(|(seq, newest)| *seq != found || newest.version != version)
        {
            let newest =
                newest.map_or("none".to_owned(), |(seq, release)| format!("statement {seq} ({})", release.version));
            return Err(ChainError::BadWithdrawal { at, found, version, newest });
        }
        let live = self.live.get(version.as_str()).copied();
        match live.filter(|seq| release.withdraws != Some(*seq)) {
            Some(earlier) => Err(ChainError::VersionRepeated { at, version, earlier }),
            None => Ok(()),
        }
    }

    fn enter(&mut self, statement: &'chain Statement) {
        self.link_keys.extend(introduced_link_keys(statement).map(LinkKey::as_bytes));
        for key in reserve_keys(statement) {
            *self.reserve_keys.entry(key.as_bytes()).or_default() += 1;
        }
        let before = self.undo.len();
        match &statement.body {
            Body::Release(release, _) => {
                let version = release.version.as_str();
                self.undo.push((version, self.live.insert(version, statement.seq)));
                self.releases.push((statement.seq, release));
            }
            Body::Yank(yank, _) => {
                for seq in &yank.releases {
                    self.retire(*seq);
                }
            }
            Body::Genesis(_) | Body::Beat(..) | Body::Reserve(..) => {}
        }
        self.changes.push(self.undo.len() - before);
    }

    /// A yanked release does not keep its version (CHN-12).
    fn retire(&mut self, seq: Seq) {
        let Ok(index) = self.releases.binary_search_by_key(&seq, |(seq, _)| *seq) else { return };
        let version = self.releases[index].1.version.as_str();
        if self.live.get(version) == Some(&seq) {
            self.live.remove(version);
            self.undo.push((version, Some(seq)));
        }
    }

    /// Undoes [`Path::enter`].
    fn leave(&mut self, statement: &'chain Statement) {
        for key in introduced_link_keys(statement) {
            self.link_keys.remove(key.as_bytes());
        }
        for key in reserve_keys(statement) {
            if let Some(times) = self.reserve_keys.get_mut(key.as_bytes()) {
                *times -= 1;
                if *times == 0 {
                    self.reserve_keys.remove(key.as_bytes());
                }
            }
        }
        for _ in 0..self.changes.pop().unwrap_or_default() {
            match self.undo.pop() {
                Some((version, Some(seq))) => drop(self.live.insert(version, seq)),
                Some((version, None)) => drop(self.live.remove(version)),
                None => {}
            }
        }
        if statement.release().is_some() {
            self.releases.pop();
        }
    }
}

/// The link keys that a statement is the first to name.
fn introduced_link_keys(statement: &Statement) -> impl Iterator<Item = &LinkKey> {
    let keys = statement.look_ahead();
    let (this, next) = match &statement.body {
        Body::Genesis(genesis) => (Some(&genesis.this), Some(&keys.next)),
        Body::Reserve(..) => (None, Some(&keys.next)),
        // Their `next` was introduced by the parent (CHN-9).
        Body::Release(..) | Body::Yank(..) | Body::Beat(..) => (None, None),
    };
    [this, next, Some(&keys.after_next)].into_iter().flatten()
}

fn reserve_keys(statement: &Statement) -> impl Iterator<Item = &ReserveKey> {
    statement.reserve().into_iter().flat_map(|reserve| &reserve.keys)
}
