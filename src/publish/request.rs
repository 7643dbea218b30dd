//! What can be asked for.

use std::path::{Path, PathBuf};

use crate::digest::{Digest, SignatoryId};
use crate::ecosystem;
use crate::package::Version;
use crate::statement::{Beat, BeatState, Severity};
use crate::time::Date;

/// A statement that is asked for.
///
/// ```
/// use sigpkg::publish::{Asked, BeatRequest, Request};
///
/// assert!(matches!(Asked::from(Request::default()), Asked::Release(_)));
/// assert!(matches!(BeatRequest::default().into(), Asked::Beat(_)));
/// ```
#[derive(Clone, Debug)]
pub enum Asked {
    /// A release of the commit at HEAD.
    Release(Request),
    /// A yank of earlier releases.
    Yank(YankRequest),
    /// A beat.
    Beat(BeatRequest),
}

/// A release.
///
/// A release whose commit gets a tag, and which promises another one:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun()?;
/// use sigpkg::publish::{Common, Request, Start, prepare};
///
/// let request = Request {
///     version: Some("1.0.0".to_owned()),
///     tag: Some("v1.0.0".to_owned()),
///     common: Common { next_by: Some("2027-05-31".parse()?), ..Common::default() },
///     ..Request::default()
/// };
/// let start = prepare(machine.workplace()?, &machine.keys, request, doc::now(), &mut |_| {})?;
/// let Start::Ready(prepared) = start else { return Err("something was interrupted".into()) };
/// let published = prepared.carry_out(None, &mut doc::random())?;
/// assert_eq!(published.tag.as_deref(), Some("v1.0.0"));
/// assert!(published.statement.next_by.is_some());
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The version, as a person wrote it; by default that of the manifest.
    pub version: Option<String>,
    /// Whether the newest release is to be replaced, which was made by mistake.
    pub redo: bool,
    /// Whether the version may be lower than one that is released.
    pub back_port: bool,
    /// The tag to make.
    pub tag: Option<String>,
    /// Whether the tree is somebody else's, and how it is adopted.
    pub adoption: Option<Adoption>,
    /// What can be asked of every statement.
    pub common: Common,
}

/// How a tree of somebody else is adopted (KEEP-31).
///
/// Somebody else's tree is signed as it is, and its listing is recorded:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun()?;
/// use sigpkg::publish::{Adoption, Request, Start, prepare};
///
/// let adoption = Some(Adoption::default());
/// let request = Request { version: Some("1.0.0".to_owned()), adoption, ..Request::default() };
/// let start = prepare(machine.workplace()?, &machine.keys, request, doc::now(), &mut |_| {})?;
/// let Start::Ready(prepared) = start else { return Err("something was interrupted".into()) };
/// assert!(prepared.adopted().is_some_and(|adopted| adopted.is_unchanged));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Adoption {
    /// The digest of the listing of the adopted tree; by default the tree that is signed is that tree.
    pub upstream: Option<Digest>,
    /// Whether a `.sigpkg` of somebody else may be replaced (KEEP-32).
    pub replace: bool,
    /// The folder outside of the repository that is written in the place of a commit (KEEP-33); an absolute path.
    pub signatures: Option<PathBuf>,
    /// The chain; by default that of the package in this folder.
    pub signatory: Option<SignatoryId>,
}

/// A yank. Releases are named as a person does: by their version, or by the number of their statement.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::released()?;
/// use sigpkg::publish::{Common, Start, YankRequest, prepare};
/// use sigpkg::statement::Severity;
///
/// let yank = YankRequest {
///     releases: vec!["1.0.0".to_owned()],
///     severity: Severity::Refuse,
///     reason: "it deletes files".to_owned(),
///     advisory: None,
///     replacement: None,
///     common: Common::default(),
/// };
/// let start = prepare(machine.workplace()?, &machine.keys, yank, doc::now(), &mut |_| {})?;
/// let Start::Ready(prepared) = start else { return Err("something was interrupted".into()) };
/// let published = prepared.carry_out(None, &mut doc::random())?;
/// assert_eq!(published.statement.yank().map(|yank| yank.releases[0].get()), Some(2));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct YankRequest {
    /// What is yanked.
    pub releases: Vec<String>,
    /// How grave it is.
    pub severity: Severity,
    /// Why, in words for people.
    pub reason: String,
    /// The name or address of an advisory.
    pub advisory: Option<String>,
    /// The release to use instead.
    pub replacement: Option<String>,
    /// What can be asked of every statement.
    pub common: Common,
}

/// A beat.
///
/// Still here, and nothing else:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::released()?;
/// use sigpkg::publish::{BeatRequest, Start, prepare};
///
/// let start = prepare(machine.workplace()?, &machine.keys, BeatRequest::default(), doc::now(), &mut |_| {})?;
/// let Start::Ready(prepared) = start else { return Err("something was interrupted".into()) };
/// assert_eq!(prepared.carry_out(None, &mut doc::random())?.seq.get(), 3);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct BeatRequest {
    /// What it says.
    pub beat: Beat,
    /// What can be asked of every statement.
    pub common: Common,
}

/// What can be asked of every statement.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun()?;
/// use sigpkg::publish::{Common, Request};
/// use sigpkg::repository::Written;
///
/// let common = Common { no_commit: true, ..Common::default() };
/// let prepared = machine.prepare(Request { common, ..doc::version("1.0.0") })?;
/// assert_eq!(prepared.carry_out(None, &mut doc::random())?.written, Written::Worktree);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Common {
    /// A promise of another statement by this day.
    pub next_by: Option<Date>,
    /// Whether `.sigpkg` is left in the worktree and not committed.
    pub no_commit: bool,
    /// Whether the commit is made beside the branch, where only a tag names it (KEEP-24). Without effect if there is none.
    pub side: bool,
    /// Fingerprints of secret keys in the repository that are meant to be there.
    pub acknowledge: Vec<Digest>,
    /// Statements that somebody else has signed with keys of this chain, and that are to be outranked (KEEP-20).
    pub heal: Vec<Digest>,
}

impl Asked {
    /// How a tree is adopted, if one is.
    pub(super) fn adoption(&self) -> Option<&Adoption> {
        match self {
            Self::Release(request) => request.adoption.as_ref(),
            Self::Yank(_) | Self::Beat(_) => None,
        }
    }

    /// The folder that is written in the place of a commit.
    pub(super) fn signatures(&self) -> Option<&Path> {
        self.adoption()?.signatures.as_deref()
    }

    /// What can be asked of every statement.
    ///
    /// ```
    /// use sigpkg::publish::{Asked, Common, Request};
    ///
    /// let common = Common { side: true, ..Common::default() };
    /// assert!(Asked::from(Request { common, ..Request::default() }).common().side);
    /// ```
    pub fn common(&self) -> &Common {
        match self {
            Self::Release(request) => &request.common,
            Self::Yank(request) => &request.common,
            Self::Beat(request) => &request.common,
        }
    }
}

impl Request {
    /// Whether a release of this version is what is asked for.
    pub(super) fn is_for(&self, released: &Version, ecosystem: &dyn ecosystem::Ecosystem) -> bool {
        let asked = self.version.as_deref().map(|asked| ecosystem.version(asked));
        asked.is_none_or(|asked| asked.is_ok_and(|asked| asked == *released))
    }
}

impl Default for BeatRequest {
    /// Still here, and nothing else.
    fn default() -> Self {
        Self { beat: Beat { state: BeatState::Here, successor: None }, common: Common::default() }
    }
}

impl From<Request> for Asked {
    fn from(request: Request) -> Self {
        Self::Release(request)
    }
}

impl From<YankRequest> for Asked {
    fn from(request: YankRequest) -> Self {
        Self::Yank(request)
    }
}

impl From<BeatRequest> for Asked {
    fn from(request: BeatRequest) -> Self {
        Self::Beat(request)
    }
}
