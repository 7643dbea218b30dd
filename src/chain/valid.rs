//! Validity: what a statement must have to do with its parent and its path.
//!
//! Rules about a statement and its parent are checked as the records come ([`Chain::check_link`]). Rules about a whole
//! path are checked in one walk over the tree ([`Chain::check_paths`]), so that the work is linear in the size of the
//! file whatever forks someone has put into it.

use std::collections::{HashMap, HashSet};

use super::error::ExpectedSeq;
use super::signed::is_signed_by_link_key;
use super::{Chain, ChainError, Unverified};
use crate::statement::{Body, Kind, Release, Seq, Statement};

impl Chain {
    /// Checks CHN-3 to CHN-9 and CHN-17, and returns the parent's index.
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
        check_kind(statement)?;
        check_seq(statement, parent)?;
        check_package(statement, self)?;
        if is_signed_by_link_key(statement.kind()) {
            check_look_ahead(statement, parent)?;
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

    /// Checks CHN-10, CHN-12 and CHN-14 for every record. The error is that of the first record in the file that
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

    /// Checks CHN-10, CHN-12 and CHN-14 for one record that is not in the chain yet.
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

/// CHN-17
fn check_kind(statement: &Statement) -> Result<(), ChainError> {
    match statement.kind() {
        Kind::Genesis | Kind::Release => Ok(()),
        kind @ (Kind::Yank | Kind::Beat | Kind::Reserve) => {
            Err(ChainError::KindNotSupported { at: statement.seq, kind })
        }
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

/// What a path has named so far: its keys, and the versions that it has released.
#[derive(Default)]
struct Path<'chain> {
    keys: HashSet<&'chain [u8; 32]>,
    releases: Vec<(Seq, &'chain Release)>,
    /// Releases that are not withdrawn, newest last.
    live: HashMap<&'chain str, Vec<Seq>>,
}

impl<'chain> Path<'chain> {
    fn check(&self, statement: &Statement) -> Result<(), ChainError> {
        self.check_keys(statement)?;
        match statement.release() {
            Some(release) => self.check_release(statement.seq, release),
            None => Ok(()),
        }
    }

    /// CHN-10
    fn check_keys(&self, statement: &Statement) -> Result<(), ChainError> {
        match introduced_keys(statement).find(|(bytes, _)| self.keys.contains(*bytes)) {
            None => Ok(()),
            Some((_, key)) => Err(ChainError::KeyReused { at: statement.seq, key: key() }),
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
        let live = self.live.get(version.as_str()).and_then(|live| live.last()).copied();
        match live.filter(|seq| release.withdraws != Some(*seq)) {
            Some(earlier) => Err(ChainError::VersionRepeated { at, version, earlier }),
            None => Ok(()),
        }
    }

    fn enter(&mut self, statement: &'chain Statement) {
        self.keys.extend(introduced_keys(statement).map(|(bytes, _)| bytes));
        if let Some(release) = statement.release() {
            let live = self.live.entry(release.version.as_str()).or_default();
            if release.withdraws.is_some() {
                live.pop();
            }
            live.push(statement.seq);
            self.releases.push((statement.seq, release));
        }
    }

    /// Undoes [`Path::enter`].
    fn leave(&mut self, statement: &'chain Statement) {
        for (bytes, _) in introduced_keys(statement) {
            self.keys.remove(bytes);
        }
        if let Some(release) = statement.release() {
            let live = self.live.entry(release.version.as_str()).or_default();
            live.pop();
            live.extend(release.withdraws);
            self.releases.pop();
        }
    }
}

/// The keys that a statement is the first to name, with a way to write each.
fn introduced_keys(statement: &Statement) -> impl Iterator<Item = (&[u8; 32], Box<dyn Fn() -> String + '_>)> {
    let keys = statement.look_ahead();
    let (this, next) = match &statement.body {
        Body::Genesis(genesis) => (Some(&genesis.this), Some(&keys.next)),
        Body::Reserve(..) => (None, Some(&keys.next)),
        // Their `next` was introduced by the parent (CHN-9).
        Body::Release(..) | Body::Yank(..) | Body::Beat(..) => (None, None),
    };
    let link_keys = [this, next, Some(&keys.after_next)].into_iter().flatten();
    let reserve_keys = statement.reserve().into_iter().flat_map(|reserve| &reserve.keys);
    link_keys.map(|key| (key.as_bytes(), Box::new(move || key.to_string()) as Box<dyn Fn() -> String + '_>)).chain(
        reserve_keys.map(|key| (key.as_bytes(), Box::new(move || key.to_string()) as Box<dyn Fn() -> String + '_>)),
    )
}
