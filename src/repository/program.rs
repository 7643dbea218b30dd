//! The program `git`, for the few things that only it does as its user has set it up: signing a commit or a tag, and
//! knowing where hooks are.
//!
//! How git signs is a matter of many settings (`gpg.format`, `user.signingkey`, `gpg.program`, `gpg.ssh.program`,
//! `gpg.ssh.defaultKeyCommand`, conditional includes, …), so git is asked to do it, and not imitated. It runs in the
//! environment of its caller, so that an agent or a terminal (`GPG_TTY`, `SSH_AUTH_SOCK`, `SSH_ASKPASS`) is found as
//! ever; only what would lead it to another repository is taken out.

use std::io;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use git2::{ErrorCode, Oid, Signature};

use super::{RepositoryError, Workplace};
use crate::text;

/// Variables that name another repository, or another part of one, than the one that was opened.
const LEADING_ELSEWHERE: [&str; 8] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_WORK_TREE",
];

/// How many lines of what git says an error repeats.
const SAID_LINES: usize = 4;

/// What is signed by git.
///
/// ```
/// use sigpkg::repository::GitSigns;
///
/// assert_eq!(GitSigns::Commit.setting(), "commit.gpgsign");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GitSigns {
    /// A commit: `commit.gpgsign`.
    Commit,
    /// A tag: `tag.gpgsign`.
    Tag,
}

impl GitSigns {
    /// The setting that asks for it.
    ///
    /// ```
    /// use sigpkg::repository::GitSigns;
    ///
    /// assert_eq!(GitSigns::Tag.setting(), "tag.gpgsign");
    /// ```
    pub const fn setting(self) -> &'static str {
        match self {
            Self::Commit => "commit.gpgsign",
            Self::Tag => "tag.gpgsign",
        }
    }

    /// The word for it.
    ///
    /// ```
    /// use sigpkg::repository::GitSigns;
    ///
    /// assert_eq!(GitSigns::Tag.as_str(), "tag");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Tag => "tag",
        }
    }
}

impl Workplace {
    /// Whether git is set to sign this.
    ///
    /// # Errors
    ///
    /// - [`RepositoryError::NoGit`] if it is, and there is no program `git` to do it.
    /// - [`RepositoryError::GitFailed`], [`RepositoryError::Git`] if the setting is no truth value.
    pub(crate) fn is_signed_by_git(&self, what: GitSigns) -> Result<bool, RepositoryError> {
        let action = || format!("read the setting {}", what.setting());
        let asked = self.git_program().args(["config", "--type=bool", "--get", what.setting()]).output();
        match asked {
            Ok(output) if output.status.success() => Ok(output.stdout.trim_ascii() == b"true"),
            // The exit status of a setting that is not there.
            Ok(output) if output.status.code() == Some(1) && output.stderr.is_empty() => Ok(false),
            Ok(output) => Err(failed(action(), &output)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let setting = self.repository().config().and_then(|config| config.get_bool(what.setting()));
                match setting {
                    Ok(false) => Ok(false),
                    Ok(true) => Err(RepositoryError::NoGit { needed_for: format!("sign the {}", what.as_str()) }),
                    Err(error) if error.code() == ErrorCode::NotFound => Ok(false),
                    Err(error) => Err(RepositoryError::git(action())(error)),
                }
            }
            Err(error) => Err(RepositoryError::GitFailed { action: action(), said: error.to_string() }),
        }
    }

    /// Makes a commit that git signs.
    ///
    /// # Errors
    ///
    /// - [`RepositoryError::NotSigned`] if git, or the program that it calls, does not sign.
    /// - [`RepositoryError::NoGit`] if there is no program `git`.
    pub(super) fn signed_commit(
        &self,
        tree: Oid,
        parent: Option<Oid>,
        who: &Signature<'_>,
        message: &str,
    ) -> Result<Oid, RepositoryError> {
        let mut command = self.git_program();
        command.args(["commit-tree", "--gpg-sign", "-m", message]);
        if let Some(parent) = parent {
            command.args(["-p", &parent.to_string()]);
        }
        command.arg(tree.to_string());
        let (name, email) = (String::from_utf8_lossy(who.name_bytes()), String::from_utf8_lossy(who.email_bytes()));
        let minutes = who.when().offset_minutes();
        let sign = if minutes < 0 { '-' } else { '+' };
        let date = format!(
            "@{} {sign}{:02}{:02}",
            who.when().seconds(),
            minutes.unsigned_abs() / 60,
            minutes.unsigned_abs() % 60
        );
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), name.as_ref()).env(format!("GIT_{role}_EMAIL"), email.as_ref());
            command.env(format!("GIT_{role}_DATE"), &date);
        }
        let output = sign_with(&mut command, GitSigns::Commit)?;
        let said = String::from_utf8_lossy(output.stdout.trim_ascii()).into_owned();
        self.check_signed_commit(&said, tree, parent).ok_or_else(|| RepositoryError::NotSigned {
            what: GitSigns::Commit,
            said: format!("git says {:?}, which is no such commit with a signature", text::printable(&said)),
        })
    }

    /// The commit that git has made, if it is the one that was asked for, and signed.
    fn check_signed_commit(&self, id: &str, tree: Oid, parent: Option<Oid>) -> Option<Oid> {
        let id = Oid::from_str(id).ok()?;
        let commit = self.repository().find_commit(id).ok()?;
        let is_signed = self.repository().extract_signature(&id, None).is_ok();
        (is_signed && commit.tree_id() == tree && commit.parent_ids().eq(parent)).then_some(id)
    }

    /// Makes a tag that git signs. The name must be free.
    ///
    /// # Errors
    ///
    /// As [`Self::signed_commit`].
    pub(super) fn signed_tag(&self, name: &str, commit: Oid, message: &str) -> Result<(), RepositoryError> {
        let mut command = self.git_program();
        command.args(["tag", "--sign", "-m", message, name, &commit.to_string()]);
        sign_with(&mut command, GitSigns::Tag).map(|_| ())
    }

    /// The folder in which git looks for hooks, whatever `core.hooksPath` and linked worktrees make of it.
    ///
    /// # Errors
    ///
    /// - [`RepositoryError::NoGit`], [`RepositoryError::GitFailed`] if git does not say.
    pub(super) fn hooks_folder(&self) -> Result<PathBuf, RepositoryError> {
        let action = || "say where hooks are".to_owned();
        let output = self.git_program().args(["rev-parse", "--git-path", "hooks"]).output();
        let output = output.map_err(|error| not_run(&error, action()))?;
        if !output.status.success() {
            return Err(failed(action(), &output));
        }
        let path = String::from_utf8_lossy(&output.stdout);
        Ok(self.root().join(path.strip_suffix('\n').unwrap_or(&path)))
    }

    fn git_program(&self) -> Command {
        let mut command = Command::new("git");
        command.current_dir(self.root()).env("GIT_DIR", self.repository().path()).stdin(Stdio::null());
        for name in LEADING_ELSEWHERE {
            command.env_remove(name);
        }
        command
    }
}

fn sign_with(command: &mut Command, what: GitSigns) -> Result<Output, RepositoryError> {
    let output = command.output().map_err(|error| not_run(&error, format!("sign the {}", what.as_str())))?;
    if output.status.success() { Ok(output) } else { Err(RepositoryError::NotSigned { what, said: said(&output) }) }
}

fn not_run(error: &io::Error, needed_for: String) -> RepositoryError {
    if error.kind() == io::ErrorKind::NotFound {
        RepositoryError::NoGit { needed_for }
    } else {
        RepositoryError::GitFailed { action: needed_for, said: error.to_string() }
    }
}

fn failed(action: String, output: &Output) -> RepositoryError {
    RepositoryError::GitFailed { action, said: said(output) }
}

/// The end of what git says, on one line.
fn said(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<_> = stderr.lines().map(str::trim).filter(|line| !line.is_empty()).map(text::printable).collect();
    let last = lines.get(lines.len().saturating_sub(SAID_LINES)..).unwrap_or_default();
    if last.is_empty() { output.status.to_string() } else { last.join("; ") }
}
