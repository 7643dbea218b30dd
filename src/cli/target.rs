//! Targets: what a user points at. A directory, a tarball, `REPO#REV`, or a chain file.

use std::error::Error;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use sigpkg::chain::{Chain, MAX_CHAIN_BYTES};
use sigpkg::digest::SignatoryId;
use sigpkg::representation::pasted::{self, PastedError};
use sigpkg::rule::Rule;
use sigpkg::signature::Standard;
use sigpkg::source::{self, FolderUse, GitTarget, Options, SourceError, SourceTree};
use sigpkg::statement::FIRST_LINE;
use sigpkg::text;
use sigpkg::trust::{TrustStore, Trusted};
use sigpkg::verify::TreeTarget;

use super::context::Context;
use super::failure::Failure;
use super::progress::Progress;

/// What a target holds. Nothing of it is verified.
pub(crate) enum Content {
    /// A source tree.
    Tree(Box<SourceTree>),
    /// A chain file.
    Chain(Vec<u8>),
}

/// A target that cannot be read, or is no tree.
#[derive(Debug)]
pub(crate) struct TargetError {
    /// The rule that it breaks; `None` if nothing can be said about it.
    pub(crate) rule: Option<Rule>,
    pub(crate) message: String,
    /// What to do about it, if it is known better than from the rule.
    pub(crate) hint: Option<String>,
}

impl Content {
    /// The chain that the target brings, if any.
    pub(crate) fn claimed_chain(&self) -> Option<&[u8]> {
        match self {
            Self::Tree(tree) => tree.folder().map(sigpkg::listing::folder::SigpkgFolder::claimed_chain),
            Self::Chain(file) => Some(file),
        }
    }
}

/// Opens a target. A path that exists is that path, whatever characters it has.
pub(crate) fn open(context: &Context, target: &str) -> Result<Content, TargetError> {
    open_with(context, target, FolderUse::Read)
}

/// Opens a target whose `.sigpkg` may have another one in its place.
pub(crate) fn open_with(context: &Context, target: &str, folder: FolderUse) -> Result<Content, TargetError> {
    let progress = Progress::reading(format!("reading {}", text::printable(target)));
    let options = Options { folder, progress: Some(&progress), ..TreeTarget::options() };
    let path = context.path(Path::new(target));
    match GitTarget::parse(target) {
        Some(git) if !path.exists() => {
            let git = GitTarget { repository: context.path(&git.repository), ..git };
            Ok(Content::Tree(Box::new(git.read(&options)?)))
        }
        Some(_) | None => open_path(&path, &options),
    }
}

fn open_path(path: &Path, options: &Options<'_>) -> Result<Content, TargetError> {
    if path.is_file() && begins_like_a_chain(path).map_err(|error| TargetError::unreadable(path, &error))? {
        return read_chain(path).map(Content::Chain).map_err(|error| TargetError::unreadable(path, &error));
    }
    Ok(Content::Tree(Box::new(source::open(path, options)?)))
}

fn begins_like_a_chain(path: &Path) -> io::Result<bool> {
    let mut beginning = Vec::new();
    File::open(path)?.take(FIRST_LINE.len() as u64).read_to_end(&mut beginning)?;
    Ok(beginning == FIRST_LINE.as_bytes())
}

/// Reads one byte more than a chain file may have, so that one that is too large is refused as such.
fn read_chain(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_CHAIN_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl TargetError {
    pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Self {
        Self { rule: None, message: format!("{} cannot be read: {error}", path.display()), hint: None }
    }
}

impl From<SourceError> for TargetError {
    fn from(error: SourceError) -> Self {
        let hint = match &error {
            SourceError::NotATree { .. } => {
                Some("a target is a folder, a tarball, REPO#REV, or a chain file".to_owned())
            }
            SourceError::Changed { .. } => Some("nothing was decided; try again when nobody writes there".to_owned()),
            SourceError::Path(_)
            | SourceError::Tree(_)
            | SourceError::Folder(_)
            | SourceError::Entry { .. }
            | SourceError::Archive { .. }
            | SourceError::Twice { .. }
            | SourceError::TooMuch { .. }
            | SourceError::Io { .. }
            | SourceError::Git { .. }
            | SourceError::Packed { .. } => None,
        };
        Self { rule: error.rule(), message: with_causes(&error), hint }
    }
}

impl From<TargetError> for Failure {
    fn from(TargetError { rule, message, hint }: TargetError) -> Self {
        let failure = match rule {
            Some(rule) => Self::refused(rule, message),
            None => Self::could_not_tell(message),
        };
        Self { hint, ..failure }
    }
}

/// An error and what lies behind it, in one line.
fn with_causes(error: &dyn Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Git's own sentence, without the numbers that follow it.
        let more =
            error.downcast_ref().map_or_else(|| error.to_string(), |error: &git2::Error| error.message().to_owned());
        // Some sentences have their cause in them.
        if !message.ends_with(&more) {
            message.push_str(": ");
            message.push_str(&more);
        }
        cause = error.source();
    }
    message
}

/// The chain of a target, admitted under the id that its own genesis has.
pub(crate) fn admit(context: &Context, target: &str) -> Result<Chain, Failure> {
    let opened = open(context, target)?;
    let Some(file) = opened.claimed_chain() else {
        return Err(Failure::undecided(format!("{target} has no .sigpkg, so it names no signatory"))
            .hint("nobody has signed it, or its .sigpkg was removed on the way; ask where you have it from"));
    };
    admit_file(file)
}

/// The signatory that a user points at: by a target, by an id in any form, or by the name of a package that they trust.
pub(crate) fn signatory(context: &Context, given: &str) -> Result<SignatoryId, Failure> {
    if context.path(Path::new(given)).exists() || GitTarget::parse(given).is_some() {
        return admit(context, given).map(|chain| chain.id());
    }
    match pasted::find(given) {
        Ok(id) => Ok(id),
        // What begins like an id is a slip of the pen, and no name.
        Err(PastedError::None { nearest: None }) => {
            find_trusted(&TrustStore::open(context.trust_home()?), given).map(|trusted| trusted.id())
        }
        Err(error) => Err(Failure::usage(error)),
    }
}

/// The chain of a file, admitted under the id that its own genesis has.
pub(crate) fn admit_file(file: &[u8]) -> Result<Chain, Failure> {
    Chain::claimed_id(file)
        .or_else(|_| Ok(SignatoryId::of_genesis(b"")))
        .and_then(|id| Chain::admit(file, id, &Standard))
        .map_err(|error| {
            Failure::refused(error.rule(), &error).hint("the file is damaged or forged; get it from its source again")
        })
}

/// The trusted signatory that a user names by its id or by the name of its package.
pub(crate) fn find_trusted(store: &TrustStore, named: &str) -> Result<Trusted, Failure> {
    if let Ok(id) = SignatoryId::from_typed(named) {
        return store.find(id)?.ok_or_else(|| not_trusted(format!("signatory {id} is not in the trust store")));
    }
    let mut found = store.named(named)?;
    match (found.pop(), found.as_slice()) {
        (Some(trusted), []) => Ok(trusted),
        (Some(last), rest) => {
            let ids = rest.iter().chain([&last]).map(|trusted| format!("\n  {}  {}", trusted.id(), trusted.package()));
            Err(Failure::usage(format!("{} signatories are trusted under the name {named}", rest.len() + 1))
                .hint(format!("give the id of one of them instead:{}", ids.collect::<String>())))
        }
        (None, _) => Err(not_trusted(format!("no signatory is trusted for a package named {named:?}"))),
    }
}

fn not_trusted(message: String) -> Failure {
    Failure::undecided(message).hint("sigpkg trust list shows who is trusted")
}
