//! Repositories that are elsewhere, brought here by the `git` program of the user.
//!
//! It is `git` that speaks to the network, as the user has set it up: proxies, certificates and ssh are its own. What it may
//! do here is bounded: the protocols, the time, the bytes and the objects. It asks for nothing, runs no hook and no credential
//! helper, and never takes an address for an option or for the name of a program. Nothing that it brings is verified.
//!
//! Source: spec/10-projects.md, PRJ-32; spec/rationale.md says why it is a program and no library.

mod address;
mod run;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use git2::{Odb, Oid, Repository};

pub use self::address::{Address, AddressError};

use self::run::Run;
use super::SourceError;
use crate::digest::TreeHash;
use crate::text;

/// How much may be brought from one repository. A limit that is reached is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes on disk: packed objects and what git says.
    pub bytes: u64,
    /// The most objects of one pack.
    pub objects: u64,
    /// How long one command of git may take.
    pub time: Duration,
}

impl Limits {
    /// For the newest commits without their history: 256 MiB, four of the largest chain files; a million objects, twice those
    /// of the largest tree that may be (TREE-9); two minutes.
    pub const TIPS: Self = Self { bytes: 256 << 20, objects: 1 << 20, time: Duration::from_secs(120) };

    /// For a whole repository: 2 GiB, which is what GitHub recommends that no repository exceeds by far; ten million objects,
    /// which is as many as the kernel of Linux has; ten minutes.
    pub const WHOLE: Self = Self { bytes: 2 << 30, objects: 10_000_000, time: Duration::from_secs(600) };
}

/// A branch or tag of a repository that is elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteReference {
    /// Its name, such as `refs/heads/main`; for the branch that is checked out there, `HEAD`.
    pub name: String,
    /// What it names; of an annotated tag, what that names.
    pub commit: Oid,
}

/// Why a repository cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// There is no program `git`.
    #[error("the program git cannot be run: {0}")]
    NoGit(io::Error),
    /// A file of this machine cannot be read or written.
    #[error("{} cannot be read or written: {source}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It took longer than it may.
    #[error("{address} has not answered within {} seconds", .most.as_secs())]
    TooSlow {
        /// The repository.
        address: Address,
        /// The most time.
        most: Duration,
    },
    /// It has more than may be brought here.
    #[error("{address} has sent more than {most} {what}, the most that is taken")]
    TooMuch {
        /// The repository.
        address: Address,
        /// What is counted.
        what: &'static str,
        /// The most of it.
        most: u64,
    },
    /// It asks who the user is.
    #[error("{address} asks for a password or a key: it is private, or there is no such repository")]
    Private {
        /// The repository.
        address: Address,
    },
    /// Anything else that git says.
    #[error("{address} cannot be reached: {reason}")]
    Failed {
        /// The repository.
        address: Address,
        /// What git says, made printable.
        reason: String,
    },
    /// What was brought cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// A folder of this machine into which one repository is brought, bit by bit. It is for the caller to remove.
pub struct Fetch<'a> {
    address: &'a Address,
    folder: &'a Path,
    limits: Limits,
}

impl<'a> Fetch<'a> {
    /// Makes a bare repository in `folder`, which must be empty or not there.
    ///
    /// # Errors
    ///
    /// - [`RemoteError::Io`], [`RemoteError::Source`] if that cannot be done.
    pub fn new(address: &'a Address, folder: &'a Path, limits: Limits) -> Result<Self, RemoteError> {
        std::fs::create_dir_all(folder).map_err(|source| RemoteError::Io { path: folder.to_owned(), source })?;
        // No template, so no hook of anybody comes with it.
        let mut options = git2::RepositoryInitOptions::new();
        options.bare(true).no_reinit(true).external_template(false);
        Repository::init_opts(folder, &options)
            .map_err(|error| SourceError::git(folder.display().to_string(), error))?;
        Ok(Self { address, folder, limits })
    }

    /// Takes a folder that [`Fetch::new`] has made at some time, to bring more into it. What it has counts for the limits.
    ///
    /// # Errors
    ///
    /// - [`RemoteError::Source`] if it is no bare repository.
    pub fn again(address: &'a Address, folder: &'a Path, limits: Limits) -> Result<Self, RemoteError> {
        Repository::open_bare(folder).map_err(|error| SourceError::git(folder.display().to_string(), error))?;
        Ok(Self { address, folder, limits })
    }

    /// The branches and tags of the repository, and its `HEAD`, as many as it has.
    ///
    /// # Errors
    ///
    /// - [`RemoteError`] if it cannot be reached, or its list is longer than 16 MiB: 200,000 references.
    pub fn list(&self) -> Result<Vec<RemoteReference>, RemoteError> {
        let said = self.git(&["ls-remote", "--quiet", "origin", "HEAD", "refs/heads/*", "refs/tags/*"], "")?;
        Ok(references(&said))
    }

    /// Brings the commits that these references name, without their history and, if the other side can do so, without any
    /// file.
    ///
    /// # Errors
    ///
    /// - [`RemoteError`] if one of them is no longer there, or a limit is reached.
    pub fn tips(&self, references: &[RemoteReference]) -> Result<(), RemoteError> {
        let wanted = references.iter().enumerate();
        let lines: Vec<_> = wanted.map(|(at, reference)| format!("+{}:refs/tips/{at}", reference.name)).collect();
        self.fetch(&["--depth=1", "--filter=blob:none"], &lines)
    }

    /// Brings objects of which the ids are known from what was brought before.
    ///
    /// # Errors
    ///
    /// - [`RemoteError`] if the other side does not have one, or a limit is reached.
    pub fn objects(&self, ids: &[Oid]) -> Result<(), RemoteError> {
        let lines: Vec<_> = ids.iter().map(ToString::to_string).collect();
        self.fetch(&["--filter=blob:none"], &lines)
    }

    /// Brings trees by their ids, with everything in them.
    ///
    /// # Errors
    ///
    /// - [`RemoteError::Failed`] if the other side does not have one, or gives none that is asked for in this way.
    /// - [`RemoteError`] if it cannot be reached, or a limit is reached.
    pub fn trees(&self, ids: &[TreeHash]) -> Result<(), RemoteError> {
        let lines: Vec<_> = ids.iter().map(ToString::to_string).collect();
        self.fetch(&["--depth=1"], &lines)
    }

    /// Brings every branch and tag with all its history.
    ///
    /// # Errors
    ///
    /// - [`RemoteError`] if it cannot be reached, or a limit is reached.
    pub fn whole(&self) -> Result<(), RemoteError> {
        self.fetch(&[], &["+refs/heads/*:refs/heads/*".to_owned(), "+refs/tags/*:refs/tags/*".to_owned()])
    }

    /// What was brought, as a repository of objects alone: no setting of the folder counts.
    ///
    /// # Errors
    ///
    /// - [`RemoteError::Source`] if it cannot be read.
    pub fn open(&self) -> Result<Repository, RemoteError> {
        let objects = self.folder.join("objects");
        let failed = |error| SourceError::git(objects.display().to_string(), error);
        let path = objects.to_str().ok_or_else(|| failed(git2::Error::from_str("the path is not UTF-8")))?;
        let odb = Odb::new().map_err(failed)?;
        odb.add_disk_alternate(path).map_err(failed)?;
        Ok(Repository::from_odb(odb).map_err(failed)?)
    }

    fn fetch(&self, options: &[&str], lines: &[String]) -> Result<(), RemoteError> {
        const FETCH: &[&str] =
            &["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--force"];
        self.git(&[FETCH, options, &["--stdin", "origin"]].concat(), &(lines.join("\n") + "\n")).map(drop)
    }

    fn git(&self, arguments: &[&str], lines: &str) -> Result<Vec<u8>, RemoteError> {
        Run { address: self.address, folder: self.folder, limits: self.limits }.git(arguments, lines)
    }
}

/// Lines of `<id> TAB <name>`; an annotated tag has a second one, whose name ends with `^{}`.
fn references(said: &[u8]) -> Vec<RemoteReference> {
    let mut found: BTreeMap<&str, Oid> = BTreeMap::new();
    for line in said.split(|byte| *byte == b'\n') {
        // A name that is not UTF-8 is none that a release is looked for under.
        let Some((id, name)) = std::str::from_utf8(line).ok().and_then(|line| line.split_once('\t')) else { continue };
        let Ok(commit) = Oid::from_str(id) else { continue };
        // In the lines that ask for it, a blank or a colon would be the end of its name.
        if name.starts_with(['+', '^', '-']) || name.contains([' ', ':', '*', '\t', '\r']) {
            continue;
        }
        // The line of the tag itself comes first.
        found.insert(name.strip_suffix("^{}").unwrap_or(name), commit);
    }
    found.into_iter().map(|(name, commit)| RemoteReference { name: name.to_owned(), commit }).collect()
}

/// What git complains about, on one line, without the advice that comes with every failure.
fn complaint_of(said: &[u8]) -> String {
    const ADVICE: [&str; 4] =
        ["fatal: Could not read from remote", "Please make sure you have", "and the repository exists", "warning: "];
    let said = String::from_utf8_lossy(said);
    let lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines = lines.filter(|line| !ADVICE.iter().any(|advice| line.starts_with(advice)));
    let lines: Vec<_> = lines.map(|line| line.strip_prefix("fatal: ").unwrap_or(line)).take(3).collect();
    if lines.is_empty() { "git does not say why".to_owned() } else { text::printable(&lines.join("; ")) }
}

/// Reads the beginning of a file; what comes after `most` bytes is not looked at.
fn beginning(path: &Path, most: u64) -> Result<Vec<u8>, RemoteError> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(|source| RemoteError::Io { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests;
