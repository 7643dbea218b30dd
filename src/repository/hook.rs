//! The `pre-push` hook (KEEP-29).

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{RepositoryError, Workplace};

/// The name that git calls it by.
const NAME: &str = "pre-push";

/// The hook. What it is known by is its text, whole; so it may not be changed in place.
const TEXT: &str = r#"#!/bin/sh
# Made by `sigpkg hook install`, and taken away by `sigpkg hook remove`. `git push --no-verify` goes past it.
if ! command -v sigpkg >/dev/null 2>&1; then
  echo "sigpkg: hint: there is no sigpkg on PATH, so nothing was looked at before this push" >&2
  exit 0
fi
exec sigpkg hook pre-push "$@"
"#;

/// A hook that was made, or is there.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// let hook = machine.workplace()?.install_hook()?;
/// assert!(hook.path.exists());
/// assert!(!hook.is_shared, "it is in the folder of this repository alone");
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// Where it is.
    pub path: PathBuf,
    /// Whether something was changed.
    pub is_changed: bool,
    /// Whether the folder is that of more repositories than this one (`core.hooksPath`).
    pub is_shared: bool,
}

impl Workplace {
    /// Makes the `pre-push` hook where git looks for it. One that sigpkg has made is left as it is.
    ///
    /// # Errors
    ///
    /// - [`RepositoryError::ForeignHook`] if there is another one.
    /// - [`RepositoryError::HooksInTree`] if git looks for hooks in the worktree, which is shared by commits.
    /// - [`RepositoryError::NoGit`], [`RepositoryError::GitFailed`] if git does not say where that is.
    /// - [`RepositoryError::Write`] if it cannot be written.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// # let workplace = machine.workplace()?;
    /// use sigpkg::repository::RepositoryError;
    ///
    /// let hook = workplace.install_hook()?;
    /// assert!(hook.is_changed && hook.path.ends_with("hooks/pre-push"));
    /// assert!(!workplace.install_hook()?.is_changed, "once is enough");
    ///
    /// std::fs::write(&hook.path, "#!/bin/sh\necho mine\n")?;
    /// assert!(matches!(workplace.install_hook(), Err(RepositoryError::ForeignHook { .. })));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn install_hook(&self) -> Result<Hook, RepositoryError> {
        let (path, is_shared) = self.hook_path()?;
        match find(&path)? {
            Found::Own => return Ok(Hook { path, is_changed: false, is_shared }),
            Found::Foreign => return Err(RepositoryError::ForeignHook { path }),
            Found::None => {}
        }
        let failed = |source| RepositoryError::Write { path: path.clone(), source };
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(failed)?;
        let _whole = crate::interrupt::Whole::begin();
        let mut file = tempfile::Builder::new().prefix("sigpkg-hook").tempfile_in(folder).map_err(failed)?;
        file.write_all(TEXT.as_bytes()).and_then(|()| make_executable(file.as_file())).map_err(failed)?;
        // Fails if somebody has made one meanwhile.
        match file.persist_noclobber(&path) {
            Ok(_) => Ok(Hook { path, is_changed: true, is_shared }),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                Err(RepositoryError::ForeignHook { path })
            }
            Err(error) => Err(failed(error.error)),
        }
    }

    /// Removes the `pre-push` hook that sigpkg has made, if it is there.
    ///
    /// # Errors
    ///
    /// As [`Self::install_hook`].
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// # let workplace = machine.workplace()?;
    /// let hook = workplace.install_hook()?;
    /// assert!(workplace.remove_hook()?.is_changed);
    /// assert!(!hook.path.exists());
    /// assert!(!workplace.remove_hook()?.is_changed, "there is none any more");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn remove_hook(&self) -> Result<Hook, RepositoryError> {
        let (path, is_shared) = self.hook_path()?;
        match find(&path)? {
            Found::None => Ok(Hook { path, is_changed: false, is_shared }),
            Found::Foreign => Err(RepositoryError::ForeignHook { path }),
            Found::Own => {
                fs::remove_file(&path).map_err(|source| RepositoryError::Write { path: path.clone(), source })?;
                Ok(Hook { path, is_changed: true, is_shared })
            }
        }
    }

    /// Whether git finds a `pre-push` hook, whoever has made it. One in a folder of the worktree is the project's own affair,
    /// and counts as found.
    ///
    /// # Errors
    ///
    /// - [`RepositoryError::NoGit`], [`RepositoryError::GitFailed`] if git does not say where that is.
    /// - [`RepositoryError::Write`] if it cannot be read.
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::new()?;
    /// let workplace = machine.workplace()?;
    /// assert!(!workplace.has_hook()?);
    /// std::fs::create_dir_all(machine.repository.join(".git/hooks"))?;
    /// std::fs::write(machine.repository.join(".git/hooks/pre-push"), "#!/bin/sh\n")?;
    /// assert!(workplace.has_hook()?, "whoever has made it");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn has_hook(&self) -> Result<bool, RepositoryError> {
        match self.hook_path() {
            Ok((path, _)) => Ok(!matches!(find(&path)?, Found::None)),
            Err(RepositoryError::HooksInTree { .. }) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Where git looks for the hook, and whether other repositories do so too.
    fn hook_path(&self) -> Result<(PathBuf, bool), RepositoryError> {
        let folder = self.hooks_folder()?;
        let real = super::nearest_existing(&folder);
        let root = super::nearest_existing(self.root());
        let own = super::nearest_existing(self.repository().commondir());
        if real.starts_with(&own) {
            return Ok((folder.join(NAME), false));
        }
        if real.starts_with(&root) {
            return Err(RepositoryError::HooksInTree { path: folder });
        }
        Ok((folder.join(NAME), true))
    }
}

enum Found {
    None,
    Own,
    Foreign,
}

fn find(path: &Path) -> Result<Found, RepositoryError> {
    let failed = |source| RepositoryError::Write { path: path.to_owned(), source };
    // A link that leads nowhere is a hook of somebody, too.
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() && metadata.len() == TEXT.len() as u64 => {
            let text = fs::read(path).map_err(failed)?;
            Ok(if text == TEXT.as_bytes() { Found::Own } else { Found::Foreign })
        }
        Ok(_) => Ok(Found::Foreign),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Found::None),
        Err(error) => Err(failed(error)),
    }
}

#[cfg(unix)]
fn make_executable(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o755))
}

/// There is nothing to make.
#[cfg(not(unix))]
fn make_executable(_file: &fs::File) -> io::Result<()> {
    Ok(())
}
