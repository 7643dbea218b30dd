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
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use git2::{Odb, Oid, Repository};

pub use self::address::{Address, AddressError, Protocol};

use self::run::Run;
use super::SourceError;
use crate::digest::TreeHash;
use crate::text;

/// On what terms a repository is asked.
///
/// What a program that nobody watches may do: it has no key for ssh.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// use sigpkg::source::remote::{Address, Fetch, Limits, Protocol, Terms};
///
/// let terms = Terms { protocols: &[Protocol::Https], runs_helpers: false, limits: Limits::TIPS };
/// let address = Address::parse("git@example.org:ada/Tides.jl")?;
/// assert!(Fetch::new(&address, folder.path(), terms).is_err(), "and nothing was asked");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The protocols that may be used.
    pub protocols: &'a [Protocol],
    /// Whether the credential helpers of the user are run: they know passwords, and may ask for them.
    pub runs_helpers: bool,
    /// How much may be brought.
    pub limits: Limits,
}

/// How much may be brought from one repository. A limit that is reached is an error.
///
/// A file, its folder and a commit are three objects:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # let (address, folder) = (machine.address()?, machine.folder.path().join("fetched"));
/// use sigpkg::source::remote::{Fetch, Limits, RemoteError, Terms};
///
/// let limits = Limits { objects: 2, ..Limits::WHOLE };
/// let refused = Fetch::new(&address, &folder, Terms { limits, ..doc::TERMS })?.whole();
/// assert!(matches!(refused, Err(RemoteError::TooMuch { what: "objects", most: 2, .. })));
/// # Ok::<(), doc::Error>(())
/// ```
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

    /// For a whole repository: 4 GiB, since packages of Julia that keep data in their history reach some gigabytes; ten million
    /// objects, as many as the kernel of Linux has; ten minutes, in which 4 GiB come over a line of 60 megabits.
    pub const WHOLE: Self = Self { bytes: 4 << 30, objects: 10_000_000, time: Duration::from_secs(600) };
}

/// The other side is not told what is here: it would think that all which a commit has is here as well, and leave it out.
const NO_HAVES: &[&str] = &["-c", "fetch.negotiationAlgorithm=noop"];

/// A branch or tag of a repository that is elsewhere.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # let (address, folder) = (machine.address()?, machine.folder.path().join("fetched"));
/// use sigpkg::source::remote::Fetch;
///
/// let references = Fetch::new(&address, &folder, doc::TERMS)?.list()?;
/// let main = references.iter().find(|reference| reference.name == "refs/heads/main").ok_or("no main")?;
/// assert_eq!(main.commit, git2::Repository::open(&machine.repository)?.refname_to_id("HEAD")?);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteReference {
    /// Its name, such as `refs/heads/main`; for the branch that is checked out there, `HEAD`.
    pub name: String,
    /// What it names; of an annotated tag, what that names.
    pub commit: Oid,
}

/// Why a repository cannot be had.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// use sigpkg::source::remote::{Address, Fetch, Limits, Protocol, RemoteError, Terms};
///
/// let protocols = &[Protocol::Https, Protocol::File];
/// let terms = Terms { protocols, runs_helpers: false, limits: Limits::TIPS };
/// let address = Address::parse("git://example.org/Tides.git")?;
/// let refused = Fetch::new(&address, folder.path(), terms).err().ok_or("it is not fetched")?;
/// assert_eq!(
///     refused.to_string(),
///     "git://example.org/Tides.git is not fetched: its protocol is git, and allowed are https, file"
/// );
///
/// let nowhere = Address::parse(&folder.path().join("nowhere").display().to_string())?;
/// let refused = Fetch::new(&nowhere, folder.path(), terms)?.list();
/// assert!(matches!(refused, Err(RemoteError::Failed { .. })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// Its protocol may not be used.
    #[error("{address} is not fetched: its protocol is {}, and allowed are {}", .address.protocol(), words(.allowed))]
    Protocol {
        /// The repository.
        address: Address,
        /// The protocols that may be used.
        allowed: Vec<Protocol>,
    },
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

/// A folder of this machine into which one repository is brought, bit by bit. It is for the caller to remove or to keep.
///
/// Everything that a repository elsewhere has, and what is on its main branch:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # let (address, folder) = (machine.address()?, machine.folder.path().join("fetched"));
/// use sigpkg::source::remote::Fetch;
/// use sigpkg::source::{Options, git};
///
/// let fetch = Fetch::new(&address, &folder, doc::TERMS)?;
/// fetch.whole()?;
/// let main = fetch.list()?.into_iter().find(|reference| reference.name == "refs/heads/main").ok_or("no main")?;
/// let brought = fetch.open()?;
/// let tree = git::read(&brought, brought.find_commit(main.commit)?.tree_id(), &Options::default())?;
/// assert_eq!(tree.tree().listing().count(), 1);
/// # Ok::<(), doc::Error>(())
/// ```
pub struct Fetch<'a> {
    address: &'a Address,
    folder: &'a Path,
    terms: Terms<'a>,
}

impl<'a> Fetch<'a> {
    /// Makes a bare repository in `folder`, unless there is one.
    ///
    /// # Errors
    ///
    /// - [`RemoteError::Protocol`] if the terms do not allow that of the address.
    /// - [`RemoteError::Io`], [`RemoteError::Source`] if no repository can be made.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// # let (address, folder) = (machine.address()?, machine.folder.path().join("fetched"));
    /// use sigpkg::source::remote::{Fetch, Limits, Protocol, RemoteError, Terms};
    ///
    /// let terms = Terms { protocols: &[Protocol::Https], runs_helpers: false, limits: Limits::TIPS };
    /// let refused = Fetch::new(&address, &folder, terms);
    /// assert!(matches!(refused, Err(RemoteError::Protocol { .. })), "a folder is not fetched over https");
    /// assert!(!folder.exists());
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn new(address: &'a Address, folder: &'a Path, terms: Terms<'a>) -> Result<Self, RemoteError> {
        if !terms.protocols.contains(&address.protocol()) {
            return Err(RemoteError::Protocol { address: address.clone(), allowed: terms.protocols.to_vec() });
        }
        if !folder.join("objects").is_dir() {
            std::fs::create_dir_all(folder).map_err(|source| RemoteError::Io { path: folder.to_owned(), source })?;
            // No template, so no hook of anybody comes with it.
            let mut options = git2::RepositoryInitOptions::new();
            options.bare(true).no_reinit(true).external_template(false);
            let failed = |error| SourceError::git(folder.display().to_string(), error);
            Repository::init_opts(folder, &options).map_err(failed)?;
        }
        Ok(Self { address, folder, terms })
    }

    /// The branches and tags of the repository, and its `HEAD`, as many as it has.
    ///
    /// # Errors
    ///
    /// - [`RemoteError`] if it cannot be reached, or its list is longer than 16 MiB: 200,000 references.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// # let (address, folder) = (machine.address()?, machine.folder.path().join("fetched"));
    /// use sigpkg::source::remote::Fetch;
    ///
    /// let references = Fetch::new(&address, &folder, doc::TERMS)?.list()?;
    /// let names: Vec<_> = references.iter().map(|reference| reference.name.as_str()).collect();
    /// assert_eq!(names, ["HEAD", "refs/heads/main"]);
    /// # Ok::<(), doc::Error>(())
    /// ```
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
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::released()?;
    /// # let (address, folder) = (machine.address()?, machine.folder.path().join("fetched"));
    /// use sigpkg::source::remote::Fetch;
    ///
    /// let fetch = Fetch::new(&address, &folder, doc::TERMS)?;
    /// let references = fetch.list()?;
    /// fetch.tips(&references)?;
    /// let brought = fetch.open()?;
    /// let tip = brought.find_commit(references[0].commit)?;
    /// assert!(brought.find_commit(tip.parent_id(0)?).is_err(), "the history stays where it is");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn tips(&self, references: &[RemoteReference]) -> Result<(), RemoteError> {
        let wanted = references.iter().enumerate();
        let lines: Vec<_> = wanted.map(|(at, reference)| format!("+{}:refs/tips/{at}", reference.name)).collect();
        self.fetch(NO_HAVES, &["--depth=1", "--filter=blob:none"], &lines)
    }

    /// Brings objects of which the ids are known from what was brought before.
    ///
    /// # Errors
    ///
    /// - [`RemoteError`] if the other side does not have one, or a limit is reached.
    ///
    /// # Example
    ///
    /// One file of the newest commit, which [`Fetch::tips`] has left where it is:
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// # let (address, folder) = (machine.address()?, machine.folder.path().join("fetched"));
    /// # let mut config = git2::Repository::open(&machine.repository)?.config()?;
    /// # config.set_bool("uploadpack.allowAnySHA1InWant", true)?;
    /// # config.set_bool("uploadpack.allowFilter", true)?;
    /// use sigpkg::source::remote::Fetch;
    ///
    /// let fetch = Fetch::new(&address, &folder, doc::TERMS)?;
    /// let references = fetch.list()?;
    /// fetch.tips(&references)?;
    /// let tree = fetch.open()?.find_commit(references[0].commit)?.tree()?.id();
    /// let readme = fetch.open()?.find_tree(tree)?.get_name("README").ok_or("no README")?.id();
    /// fetch.objects(&[readme])?;
    /// assert_eq!(fetch.open()?.find_blob(readme)?.content(), b"tides\n");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn objects(&self, ids: &[Oid]) -> Result<(), RemoteError> {
        let lines: Vec<_> = ids.iter().map(ToString::to_string).collect();
        self.fetch(NO_HAVES, &["--filter=blob:none"], &lines)
    }

    /// Brings trees of which the names are known from elsewhere, with everything in them. Not every server gives them so.
    ///
    /// # Errors
    ///
    /// - [`RemoteError`] if the other side does not give one, or a limit is reached.
    ///
    /// # Example
    ///
    /// A registry names trees and no commits:
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// # let (address, folder) = (machine.address()?, machine.folder.path().join("fetched"));
    /// # let repository = git2::Repository::open(&machine.repository)?;
    /// # repository.config()?.set_bool("uploadpack.allowAnySHA1InWant", true)?;
    /// # let registered = repository.head()?.peel_to_tree()?.id().to_string();
    /// use sigpkg::digest::TreeHash;
    /// use sigpkg::source::Clones;
    /// use sigpkg::source::remote::Fetch;
    ///
    /// let tree: TreeHash = registered.parse()?;
    /// Fetch::new(&address, &folder, doc::TERMS)?.trees(&[tree])?;
    /// assert!(Clones::open([folder])?.has(tree));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn trees(&self, trees: &[TreeHash]) -> Result<(), RemoteError> {
        let lines: Vec<_> = trees.iter().map(ToString::to_string).collect();
        self.fetch(NO_HAVES, &["--depth=1"], &lines)
    }

    /// Brings every branch and tag with all its history.
    ///
    /// # Errors
    ///
    /// - [`RemoteError`] if it cannot be reached, or a limit is reached.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::released()?;
    /// # let (address, folder) = (machine.address()?, machine.folder.path().join("fetched"));
    /// use sigpkg::source::remote::Fetch;
    ///
    /// let fetch = Fetch::new(&address, &folder, doc::TERMS)?;
    /// fetch.whole()?;
    /// let tip = fetch.list()?.first().ok_or("there is a HEAD")?.commit;
    /// assert_eq!(fetch.open()?.find_commit(tip)?.parent_count(), 1, "with all its history");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn whole(&self) -> Result<(), RemoteError> {
        self.fetch(&[], &[], &["+refs/heads/*:refs/heads/*".to_owned(), "+refs/tags/*:refs/tags/*".to_owned()])
    }

    /// What was brought, as a repository of objects alone: no setting of the folder counts.
    ///
    /// # Errors
    ///
    /// - [`RemoteError::Source`] if it cannot be read.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// # let (address, folder) = (machine.address()?, machine.folder.path().join("fetched"));
    /// use sigpkg::source::remote::Fetch;
    ///
    /// let fetch = Fetch::new(&address, &folder, doc::TERMS)?;
    /// let commit = fetch.list()?[0].commit;
    /// assert!(fetch.open()?.find_commit(commit).is_err(), "nothing was brought yet");
    /// fetch.whole()?;
    /// assert!(fetch.open()?.find_commit(commit).is_ok());
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn open(&self) -> Result<Repository, RemoteError> {
        let objects = self.folder.join("objects");
        let failed = |error| SourceError::git(objects.display().to_string(), error);
        let path = objects.to_str().ok_or_else(|| failed(git2::Error::from_str("the path is not UTF-8")))?;
        let odb = Odb::new().map_err(failed)?;
        odb.add_disk_alternate(path).map_err(failed)?;
        Ok(Repository::from_odb(odb).map_err(failed)?)
    }

    fn fetch(&self, settings: &[&str], options: &[&str], lines: &[String]) -> Result<(), RemoteError> {
        const FETCH: &[&str] =
            &["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--force"];
        self.git(&[settings, FETCH, options, &["--stdin", "origin"]].concat(), &(lines.join("\n") + "\n")).map(drop)
    }

    fn git(&self, arguments: &[&str], lines: &str) -> Result<Vec<u8>, RemoteError> {
        Run { address: self.address, folder: self.folder, terms: self.terms }.git(arguments, lines)
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

fn words(protocols: &[Protocol]) -> String {
    protocols.iter().map(|protocol| protocol.as_str()).collect::<Vec<_>>().join(", ")
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

#[cfg(test)]
mod tests;
