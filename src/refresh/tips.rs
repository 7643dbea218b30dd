//! The chain files at the newest branches and tags of a repository (PRJ-31).

use std::collections::{BTreeMap, HashSet};
use std::path::{Component, Path, PathBuf};

use git2::{ObjectType, Oid, Repository, Tree};

use super::{Gathered, Known, Problem};
use crate::chain::MAX_CHAIN_BYTES;
use crate::listing::folder::FOLDER;
use crate::rule::Rule;
use crate::text;

/// How many branches and tags are looked at: those with the newest commits.
pub(super) const NEWEST: usize = 256;

/// How many tags `sigpkg-N` are looked at beside them, those with the greatest N; and as many tags `v…`, the newest ones.
pub(super) const NEWEST_TAGS: usize = 16;

/// The most references that are read to find the newest ones. A clone of the largest packages, with every pull request, has
/// some ten thousand.
const MAX_REFERENCES: usize = 100_000;

/// The largest commit or tag that is read, in bytes. Messages are shorter; git unpacks an object as a whole.
const MAX_COMMIT_BYTES: usize = 1 << 20;

/// The largest directory that is read, in bytes: some 300,000 entries.
const MAX_DIRECTORY_BYTES: usize = 16 << 20;

/// The most bytes of chain files that are read in one repository: four of the largest.
const MAX_TOTAL_BYTES: usize = 4 * MAX_CHAIN_BYTES;

/// The most tags of tags that are followed.
const MAX_TAGS: usize = 8;

/// A commit, and by what name it was found.
#[derive(Clone, Debug)]
pub(super) struct Tip {
    pub(super) name: String,
    pub(super) commit: Oid,
}

/// A file of a commit that may be a chain file.
pub(super) struct Found {
    pub(super) id: Oid,
    pub(super) place: String,
}

/// The newest tips of a repository on this machine.
pub(super) fn newest(repository: &Repository) -> Result<Vec<Tip>, git2::Error> {
    let mut tips: Vec<(i64, Tip)> = Vec::new();
    let mut seen = HashSet::new();
    let mut add = |name: &str, id: Oid| {
        if let Some((time, commit)) = commit_of(repository, id)
            && seen.insert((commit, is_tag(name)))
        {
            tips.push((time, Tip { name: name.to_owned(), commit }));
        }
    };
    if let Some(id) = repository.head().ok().and_then(|head| head.target()) {
        add("HEAD", id);
    }
    for (count, reference) in repository.references()?.enumerate() {
        if count == MAX_REFERENCES {
            return Err(git2::Error::from_str("it has more than 100000 references"));
        }
        // One that cannot be read names nothing.
        let Ok(reference) = reference else { continue };
        if let (Ok(name), Some(id)) = (reference.name(), reference.target())
            && is_looked_at(name)
        {
            add(name, id);
        }
    }
    // Of equals the order is that of the names, so that the same are taken every time.
    tips.sort_by(|(one, left), (other, right)| (other, &left.name).cmp(&(one, &right.name)));
    let (mut taken, rest): (Vec<_>, Vec<_>) = {
        let at = tips.len().min(NEWEST);
        let rest = tips.split_off(at);
        (tips, rest)
    };
    let versions = rest.iter().filter(|(_, tip)| version_of(&tip.name).is_some()).take(NEWEST_TAGS);
    let mut by_seq: Vec<_> = rest.iter().filter_map(|(time, tip)| Some((seq_of(&tip.name)?, time, tip))).collect();
    by_seq.sort_by(|(one, ..), (other, ..)| other.cmp(one));
    let by_seq = by_seq.into_iter().take(NEWEST_TAGS).map(|(_, time, tip)| (*time, tip.clone()));
    let more: Vec<_> = versions.cloned().chain(by_seq).collect();
    taken.extend(more);
    Ok(taken.into_iter().map(|(_, tip)| tip).collect())
}

/// Pkg keeps all that a repository has below `refs/remotes/cache`, pull requests included: those are anybody's.
fn is_looked_at(name: &str) -> bool {
    let below = |prefix: &str| name.strip_prefix(prefix);
    if let Some(cached) = below("refs/remotes/cache/") {
        return cached.starts_with("heads/") || cached.starts_with("tags/");
    }
    ["refs/heads/", "refs/tags/", "refs/remotes/"].into_iter().any(|prefix| below(prefix).is_some())
}

fn is_tag(name: &str) -> bool {
    tag_of(name).is_some()
}

fn tag_of(name: &str) -> Option<&str> {
    ["refs/tags/", "refs/remotes/cache/tags/"].into_iter().find_map(|prefix| name.strip_prefix(prefix))
}

/// The N of a tag `sigpkg-N`: where statements are published that are on no branch.
pub(super) fn seq_of(name: &str) -> Option<u64> {
    tag_of(name)?.strip_prefix("sigpkg-")?.parse().ok()
}

/// The rest of a tag `v…`.
pub(super) fn version_of(name: &str) -> Option<&str> {
    tag_of(name)?.strip_prefix('v')
}

/// The commit that a reference names, and its time; `None` if it names none that can be read.
fn commit_of(repository: &Repository, id: Oid) -> Option<(i64, Oid)> {
    let odb = repository.odb().ok()?;
    let mut id = id;
    for _ in 0..MAX_TAGS {
        match odb.read_header(id).ok()? {
            (bytes, ObjectType::Commit) if bytes <= MAX_COMMIT_BYTES => {
                return Some((repository.find_commit(id).ok()?.committer().when().seconds(), id));
            }
            (bytes, ObjectType::Tag) if bytes <= MAX_COMMIT_BYTES => id = repository.find_tag(id).ok()?.target_id(),
            (_, ObjectType::Commit | ObjectType::Tag | ObjectType::Tree | ObjectType::Blob | ObjectType::Any) => {
                return None;
            }
        }
    }
    None
}

/// Where the chain files of these tips are: each content once, under the name of the first tip that has it.
pub(super) fn files(
    repository: &Repository,
    place: &str,
    tips: &[Tip],
    subdirectories: &[PathBuf],
) -> (Vec<Found>, Vec<Problem>) {
    let mut look = Look { repository, seen: HashSet::new(), found: BTreeMap::new(), problems: Vec::new() };
    let folders: Vec<&Path> =
        std::iter::once(Path::new("")).chain(subdirectories.iter().map(PathBuf::as_path)).collect();
    for tip in tips {
        let label = format!("{place}#{}", text::printable(tip.name.strip_prefix("refs/").unwrap_or(&tip.name)));
        look.at(&label, tip.commit, &folders);
    }
    let found = look.found.into_iter().map(|(id, (_, place))| Found { id, place }).collect();
    (found, look.problems)
}

struct Look<'a> {
    repository: &'a Repository,
    /// Objects that need not be looked at once more.
    seen: HashSet<(Oid, PathBuf)>,
    /// With the order in which they were found.
    found: BTreeMap<Oid, (usize, String)>,
    problems: Vec<Problem>,
}

impl Look<'_> {
    fn at(&mut self, label: &str, commit: Oid, folders: &[&Path]) {
        let root = match self.repository.find_commit(commit) {
            Ok(commit) => commit.tree_id(),
            Err(error) => return self.unread(label, &error),
        };
        for folder in folders {
            if self.seen.insert((root, folder.to_path_buf()))
                && let Err(error) = self.in_folder(label, root, folder)
            {
                self.unread(label, &error);
            }
        }
    }

    fn in_folder(&mut self, label: &str, root: Oid, folder: &Path) -> Result<(), git2::Error> {
        let mut tree = directory(self.repository, root)?;
        for component in folder.components() {
            let Component::Normal(name) = component else { return Ok(()) };
            let entry =
                name.to_str().and_then(|name| tree.get_name(name)).filter(|entry| entry.filemode() == 0o040_000);
            let Some(id) = entry.map(|entry| entry.id()) else { return Ok(()) };
            tree = directory(self.repository, id)?;
        }
        let place = folder.join(FOLDER).join("chain").display().to_string();
        let Some(entry) = tree.get_name(FOLDER).map(|entry| (entry.id(), entry.filemode())) else { return Ok(()) };
        let (id, mode) = entry;
        if mode != 0o040_000 {
            self.refuse(label, id, &format!("{FOLDER} is {}, and no folder", kind(mode)));
            return Ok(());
        }
        let inner = directory(self.repository, id)?;
        let Some(chain) = inner.get_name("chain") else { return Ok(()) };
        if matches!(chain.filemode(), 0o100_644 | 0o100_755) {
            let at = self.found.len();
            self.found.entry(chain.id()).or_insert_with(|| (at, format!("{label}:{place}")));
        } else {
            self.refuse(label, chain.id(), &format!("{place} is {}, and no file", kind(chain.filemode())));
        }
        Ok(())
    }

    fn refuse(&mut self, label: &str, id: Oid, reason: &str) {
        // The same one at a thousand tips is one problem.
        if self.seen.insert((id, PathBuf::from(reason))) {
            let (place, reason) = (label.to_owned(), reason.to_owned());
            self.problems.push(Problem::Refused { place, reason, rule: None });
        }
    }

    fn unread(&mut self, label: &str, error: &git2::Error) {
        if self.seen.insert((Oid::ZERO_SHA1, PathBuf::from(error.message()))) {
            self.problems.push(Problem::unreached(label, text::printable(error.message())));
        }
    }
}

fn directory(repository: &Repository, id: Oid) -> Result<Tree<'_>, git2::Error> {
    let (bytes, _) = repository.odb()?.read_header(id)?;
    if bytes > MAX_DIRECTORY_BYTES {
        return Err(git2::Error::from_str(&format!("a directory has {bytes} bytes, {MAX_DIRECTORY_BYTES} are read")));
    }
    repository.find_tree(id)
}

fn kind(mode: i32) -> &'static str {
    match mode {
        0o040_000 => "a folder",
        0o120_000 => "a symbolic link",
        0o160_000 => "a submodule",
        _ => "an entry of unusual mode",
    }
}

/// Reads the files that were found, as far as they are chain files of who is looked for.
pub(super) fn read(repository: &Repository, found: Vec<Found>, known: &Known, is_expected: bool) -> Gathered {
    let mut gathered = Gathered::default();
    let mut rest = MAX_TOTAL_BYTES;
    for Found { id, place } in found {
        let odb = match repository.odb() {
            Ok(odb) => odb,
            Err(error) => return Gathered::problem(Problem::unreached(place, text::printable(error.message()))),
        };
        let bytes = match odb.read_header(id) {
            Ok((bytes, ObjectType::Blob)) => bytes,
            Ok(_) => continue,
            Err(error) => {
                gathered.problems.push(Problem::unreached(place, text::printable(error.message())));
                continue;
            }
        };
        if bytes > MAX_CHAIN_BYTES {
            let reason = format!("a chain file has at most {MAX_CHAIN_BYTES} bytes, this one has {bytes}");
            gathered.problems.push(Problem::Refused { place, reason, rule: Some(Rule::Chn1) });
            continue;
        }
        if bytes > rest {
            let reason = format!("its chain files have more than {MAX_TOTAL_BYTES} bytes together");
            gathered.problems.push(Problem::unreached(place, reason));
            break;
        }
        rest -= bytes;
        match odb.read(id) {
            Ok(object) => match known.sift(object.data().to_vec(), &place, is_expected) {
                Some(Ok(candidate)) => gathered.candidates.push(candidate),
                Some(Err(problem)) => gathered.problems.push(problem),
                None => {}
            },
            Err(error) => gathered.problems.push(Problem::unreached(place, text::printable(error.message()))),
        }
    }
    gathered
}
