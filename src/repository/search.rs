//! Secret keys in the repository (KEEP-11): worktree, index, and everything that any reference leads to.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;

use git2::{ObjectType, Oid, Repository, StatusOptions};

use super::{Push, RepositoryError, Workplace};
use crate::digest::Digest;
use crate::key::KeyId;
use crate::secret::Kind;
use crate::secret::scan::{self, Found};
use crate::text;

/// The largest file that is searched, in bytes. Key files have less than 400; a file of this size holds other things.
pub const MAX_SEARCHED_BYTES: u64 = 16 << 20;

/// A secret key in the repository.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun()?;
/// # let key = std::fs::read_to_string(machine.store()?.folder().join("2.key"))?;
/// use sigpkg::publish::{PublishError, prepare};
///
/// machine.commit("notes.txt", &key)?;
/// let request = doc::version("1.0.0");
/// let refused = prepare(machine.workplace()?, &machine.keys, request, doc::now(), &mut |_| {}).unwrap_err();
/// let PublishError::LiveKeyLeaked { leaks } = refused else { return Err(refused.into()) };
/// assert!(leaks[0].is_live && leaks[0].path == "notes.txt");
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// What was found, and its fingerprint.
    pub found: Found,
    /// The file, made printable.
    pub path: String,
    /// Where: a commit, or in words.
    pub place: String,
    /// Whether it can sign for this chain, or for its reserve.
    pub is_live: bool,
}

/// What a search has found, and what it has not looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Search {
    /// Secret keys, the live ones first. Acknowledged ones are left out, unless they are live.
    pub(crate) leaks: Vec<Leak>,
    /// How many commits were searched this time.
    pub(crate) commits: usize,
    /// Whether the clone is shallow, so that older history was not searched.
    pub(crate) is_shallow: bool,
    /// How many files were too large to be searched.
    pub(crate) too_large: usize,
    /// The tips of the history that was searched, for the next time.
    tips: Vec<Oid>,
}

/// What is looked for especially: the keys that can sign for a chain.
#[derive(Clone, Debug, Default)]
pub(crate) struct Live {
    /// The digests of their files, as in [`Found::digest`].
    pub(crate) files: HashSet<Digest>,
    /// Their key ids.
    pub(crate) keys: HashSet<KeyId>,
    /// The digests of other keys that are meant to be there.
    pub(crate) acknowledged: HashSet<Digest>,
}

impl Live {
    fn is_live(&self, found: &Found) -> bool {
        let is_named = found.claimed_key_id.is_some_and(|id| self.keys.contains(&id));
        self.files.contains(&found.digest) || is_named
    }
}

impl Search {
    /// What the store is to remember: `None` if older history may be missing.
    pub(crate) fn remember(&self) -> Option<String> {
        let lines = self.tips.iter().map(|tip| format!("{tip}\n"));
        (!self.is_shallow).then(|| lines.collect())
    }

    fn note(&mut self, live: &Live, bytes: &[u8], path: &str, place: &str) {
        for found in scan::find(bytes) {
            let is_live = live.is_live(&found);
            let is_known = self.leaks.iter().any(|leak| leak.found.digest == found.digest);
            if (is_live || !live.acknowledged.contains(&found.digest)) && !is_known {
                self.leaks.push(Leak { found, path: text::printable(path), place: place.to_owned(), is_live });
            }
        }
    }
}

impl Workplace {
    /// Searches the whole repository. Commits that `searched` names, one a line, and their ancestors are left out; `progress`
    /// is told now and then how many commits were searched.
    ///
    /// # Errors
    ///
    /// - [`RepositoryError::Git`], [`RepositoryError::Write`] if something cannot be read.
    pub(crate) fn search(
        &self,
        live: &Live,
        searched: &str,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Search, RepositoryError> {
        let repository = self.repository();
        let mut search = Search { is_shallow: repository.is_shallow(), ..Search::default() };
        search_worktree(self, live, &mut search)?;
        let mut history = History { repository, live, seen: HashSet::new() };
        let known = history.mark_known(searched)?;
        history.search_index(&mut search)?;
        history.search_references(&mut search, &known, progress)?;
        search.leaks.sort_by_key(|leak| !leak.is_live);
        Ok(search)
    }
}

impl Workplace {
    /// Searches what leaves for another repository: its commits, all that is in them and not in what is there already, and
    /// the messages of tags. Nothing is remembered.
    ///
    /// # Errors
    ///
    /// - [`RepositoryError::Git`] if something cannot be read.
    pub(crate) fn search_leaving(
        &self,
        live: &Live,
        push: &Push,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Search, RepositoryError> {
        let repository = self.repository();
        let failed = || RepositoryError::git("read what is pushed");
        let mut search = Search { is_shallow: repository.is_shallow(), ..Search::default() };
        let mut history = History { repository, live, seen: HashSet::new() };
        let leaving = self.leaving(push)?;
        let mut known: Vec<_> = leaving.iter().flat_map(|leaving| leaving.known.iter().copied()).collect();
        known.sort_unstable();
        known.dedup();
        for id in &known {
            history.mark(repository.find_commit(*id).map_err(failed())?.tree_id())?;
        }
        for update in &push.updates {
            let id = Oid::from_str(&update.id).map_err(failed())?;
            // What is to be deleted is nothing.
            if let Ok(object) = repository.find_object(id, None) {
                history.search_tags(&mut search, &object, &update.remote)?;
            }
        }
        let tips: Vec<_> = leaving.iter().map(|leaving| leaving.tip).collect();
        history.search_commits(&mut search, &tips, &known, progress)?;
        search.leaks.sort_by_key(|leak| !leak.is_live);
        Ok(search)
    }
}

/// Files that differ from the commit, tracked or not. Ignored ones are left out: they do not get into a commit by
/// accident, and are often the build products of gigabytes.
fn search_worktree(workplace: &Workplace, live: &Live, search: &mut Search) -> Result<(), RepositoryError> {
    let mut options = StatusOptions::new();
    options.include_untracked(true).recurse_untracked_dirs(true).include_ignored(false).exclude_submodules(true);
    let failed = || RepositoryError::git("read the status");
    let statuses = workplace.repository().statuses(Some(&mut options)).map_err(failed())?;
    for entry in statuses.iter() {
        let name = String::from_utf8_lossy(entry.path_bytes()).into_owned();
        let path = workplace.root().join(&name);
        // Deleted files are not there, and links lead elsewhere.
        let Ok(metadata) = std::fs::symlink_metadata(&path) else { continue };
        if !metadata.is_file() {
            continue;
        }
        if metadata.len() > MAX_SEARCHED_BYTES {
            search.too_large += 1;
            continue;
        }
        let bytes = std::fs::read(&path).map_err(|source| RepositoryError::Write { path: path.clone(), source })?;
        search.note(live, &bytes, &name, "the worktree");
    }
    Ok(())
}

struct History<'a> {
    repository: &'a Repository,
    live: &'a Live,
    /// Trees and blobs that were searched: most of them are in many commits.
    seen: HashSet<Oid>,
}

impl History<'_> {
    /// The commits that were searched before. Commits of another clone are not here, and are left out.
    fn mark_known(&mut self, searched: &str) -> Result<Vec<Oid>, RepositoryError> {
        let mut known = Vec::new();
        for line in searched.lines() {
            if let Ok(id) = Oid::from_str(line)
                && let Ok(commit) = self.repository.find_commit(id)
            {
                self.mark(commit.tree_id())?;
                known.push(id);
            }
        }
        Ok(known)
    }

    fn search_index(&mut self, search: &mut Search) -> Result<(), RepositoryError> {
        let index = self.repository.index().map_err(RepositoryError::git("read the index"))?;
        for entry in index.iter() {
            if is_file(entry.mode) {
                let path = String::from_utf8_lossy(&entry.path).into_owned();
                self.search_blob(search, entry.id, &path, "the index")?;
            }
        }
        Ok(())
    }

    fn search_references(
        &mut self,
        search: &mut Search,
        known: &[Oid],
        progress: &mut dyn FnMut(usize),
    ) -> Result<(), RepositoryError> {
        let failed = || RepositoryError::git("read the history");
        let mut tips = HashSet::new();
        for reference in self.repository.references().map_err(failed())? {
            let reference = reference.map_err(failed())?;
            // What the reference itself names, and not what its tags stand for: `peel` passes over their messages.
            let named = reference.resolve().ok().and_then(|reference| reference.target());
            let Some(object) = named.and_then(|id| self.repository.find_object(id, None).ok()) else { continue };
            self.search_tags(search, &object, &String::from_utf8_lossy(reference.name_bytes()))?;
            if let Ok(commit) = object.peel_to_commit() {
                tips.insert(commit.id());
            }
        }
        tips.extend(self.repository.head().ok().and_then(|head| head.peel_to_commit().ok()).map(|commit| commit.id()));
        search.tips = tips.into_iter().collect();
        search.tips.sort_unstable();
        let tips = search.tips.clone();
        self.search_commits(search, &tips, known, progress)
    }

    /// All commits that lead to the tips, without those that are known and lead to these.
    fn search_commits(
        &mut self,
        search: &mut Search,
        tips: &[Oid],
        known: &[Oid],
        progress: &mut dyn FnMut(usize),
    ) -> Result<(), RepositoryError> {
        let failed = || RepositoryError::git("read the history");
        let mut walk = self.repository.revwalk().map_err(failed())?;
        for tip in tips {
            walk.push(*tip).map_err(failed())?;
        }
        for known in known {
            walk.hide(*known).map_err(failed())?;
        }
        for commit in walk {
            let commit = self.repository.find_commit(commit.map_err(failed())?).map_err(failed())?;
            let place = format!("commit {}", commit.id());
            search.note(self.live, commit.message_raw_bytes(), "the message", &place);
            self.search_tree(search, commit.tree_id(), Path::new(""), &place)?;
            search.commits += 1;
            if search.commits.is_multiple_of(64) {
                progress(search.commits);
            }
        }
        Ok(())
    }

    /// An annotated tag has a message, and may be of another tag; a reference may name a file or a tree alone.
    fn search_tags(
        &mut self,
        search: &mut Search,
        object: &git2::Object<'_>,
        reference: &str,
    ) -> Result<(), RepositoryError> {
        let failed = || RepositoryError::git(format!("read {}", text::printable(reference)));
        let mut tag = object.as_tag().cloned();
        while let Some(outer) = tag {
            search.note(self.live, outer.message_bytes().unwrap_or_default(), "the message", reference);
            let Ok(target) = outer.target() else { break };
            tag = target.into_tag().ok();
        }
        if object.peel_to_commit().is_err() {
            if let Ok(tree) = object.peel_to_tree() {
                self.search_tree(search, tree.id(), Path::new(""), reference)?;
            } else if let Ok(blob) = object.peel(ObjectType::Blob).map_err(failed()) {
                self.search_blob(search, blob.id(), reference, reference)?;
            }
        }
        Ok(())
    }

    fn search_tree(&mut self, search: &mut Search, tree: Oid, path: &Path, place: &str) -> Result<(), RepositoryError> {
        let mut folders = vec![(tree, path.to_owned())];
        while let Some((id, path)) = folders.pop() {
            if !self.seen.insert(id) {
                continue;
            }
            let tree = self.repository.find_tree(id).map_err(RepositoryError::git(format!("read tree {id}")))?;
            for entry in &tree {
                let below = path.join(String::from_utf8_lossy(entry.name_bytes()).as_ref());
                match entry.kind() {
                    Some(ObjectType::Tree) => folders.push((entry.id(), below)),
                    Some(ObjectType::Blob) => self.search_blob(search, entry.id(), &below.to_string_lossy(), place)?,
                    // Submodules are other repositories.
                    Some(ObjectType::Any | ObjectType::Commit | ObjectType::Tag) | None => {}
                }
            }
        }
        Ok(())
    }

    fn search_blob(&mut self, search: &mut Search, id: Oid, path: &str, place: &str) -> Result<(), RepositoryError> {
        if !self.seen.insert(id) {
            return Ok(());
        }
        let failed = || RepositoryError::git(format!("read {} of {place}", text::printable(path)));
        let odb = self.repository.odb().map_err(failed())?;
        let (size, _) = odb.read_header(id).map_err(failed())?;
        if size as u64 > MAX_SEARCHED_BYTES {
            search.too_large += 1;
            return Ok(());
        }
        let object = odb.read(id).map_err(failed())?;
        search.note(self.live, object.data(), path, place);
        Ok(())
    }

    /// Counts a tree as searched, with all that is in it.
    fn mark(&mut self, tree: Oid) -> Result<(), RepositoryError> {
        let mut folders = vec![tree];
        while let Some(id) = folders.pop() {
            if self.seen.insert(id) {
                let tree = self.repository.find_tree(id).map_err(RepositoryError::git(format!("read tree {id}")))?;
                for entry in &tree {
                    match entry.kind() {
                        Some(ObjectType::Tree) => folders.push(entry.id()),
                        Some(ObjectType::Blob) => drop(self.seen.insert(entry.id())),
                        Some(ObjectType::Any | ObjectType::Commit | ObjectType::Tag) | None => {}
                    }
                }
            }
        }
        Ok(())
    }
}

/// Whether an index entry is a file: neither a link nor a submodule.
fn is_file(mode: u32) -> bool {
    mode & 0o170_000 == 0o100_000
}

/// `keys/5.key in commit 1234…, line 1: a minisign secret key (blake3:…)`
impl fmt::Display for Leak {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Found { kind, line, digest, is_plain, .. } = &self.found;
        let kind: &Kind = kind;
        let plain = if *is_plain { ", not encrypted" } else { "" };
        write!(out, "{} in {}, line {line}: {kind}{plain} ({digest})", self.path, self.place)
    }
}
