//! One dependency as it is installed.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::ecosystem::{Ecosystem, Locked};
use crate::listing::folder::FOLDER;
use crate::listing::{Change, Expected, TreePath};
use crate::rule::Rule;
use crate::source::installed::{self, Form};
use crate::source::{Options, SourceError, SourceTree, dir};
use crate::verify::{Found, Generated, HashMatch, TreeTarget};

/// A dependency, read from where it is installed. Nothing is verified.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let project = doc::project()?;
/// # let depot = tempfile::tempdir()?;
/// use sigpkg::project::{Installed, Project};
/// use sigpkg::verify::Found;
///
/// let project = Project::open(project.path(), None)?;
/// let depots = [depot.path().to_owned()];
/// for locked in &project.lockfile().entries {
///     let installed = Installed::read(locked, &depots, project.ecosystem());
///     assert!(matches!(installed.found(), Found::Nothing), "it is not installed");
/// }
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Debug)]
pub struct Installed {
    path: Option<PathBuf>,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Nothing,
    Tree { tree: Box<SourceTree>, hash: HashMatch, generated: Generated, is_built: bool },
    NoTree { error: SourceError, rule: Rule, has_folder: bool, hash: HashMatch },
    Unreadable(SourceError),
}

impl Installed {
    /// Reads a dependency from the first place that exists in the depots (PRJ-4), without what was generated there (PRJ-5).
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let depot = tempfile::tempdir()?;
    /// use sigpkg::ecosystem::Julia;
    /// use sigpkg::project::Installed;
    ///
    /// let installed = Installed::read(&doc::locked()?, &[depot.path().to_owned()], &Julia);
    /// assert!(installed.path().is_none() && installed.tree().is_none(), "the depot is empty");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn read(locked: &Locked, depots: &[PathBuf], ecosystem: &dyn Ecosystem) -> Self {
        let Some(path) = installed::find(depots, &ecosystem.installed_paths(locked)) else {
            return Self { path: None, content: Content::Nothing };
        };
        let content = read(&path, locked, ecosystem).unwrap_or_else(|error| no_tree(&path, locked, error));
        Self { path: Some(path), content }
    }

    /// The folder in which it is installed.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let depot = tempfile::tempdir()?;
    /// # let depots = [depot.path().to_owned()];
    /// use sigpkg::ecosystem::{Ecosystem as _, Julia};
    /// use sigpkg::project::Installed;
    ///
    /// let locked = doc::locked()?;
    /// let folder = depot.path().join(&Julia.installed_paths(&locked)[0]);
    /// std::fs::create_dir_all(&folder)?;
    /// assert_eq!(Installed::read(&locked, &depots, &Julia).path(), Some(folder.as_path()));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The tree, if it is one.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let depot = tempfile::tempdir()?;
    /// # let depots = [depot.path().to_owned()];
    /// # use sigpkg::ecosystem::{Ecosystem as _, Julia};
    /// # let locked = doc::locked()?;
    /// # let folder = depot.path().join(&Julia.installed_paths(&locked)[0]);
    /// # std::fs::create_dir_all(&folder)?;
    /// # std::fs::write(folder.join("README"), "an example\n")?;
    /// use sigpkg::project::Installed;
    ///
    /// let installed = Installed::read(&locked, &depots, &Julia);
    /// let tree = installed.tree().ok_or("it is a tree")?;
    /// assert_eq!(tree.tree().listing().lines()[0].path.as_str(), "README");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn tree(&self) -> Option<&SourceTree> {
        match &self.content {
            Content::Tree { tree, .. } => Some(tree),
            Content::Nothing | Content::NoTree { .. } | Content::Unreadable(_) => None,
        }
    }

    /// What a verdict depends on.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let depot = tempfile::tempdir()?;
    /// # let depots = [depot.path().to_owned()];
    /// # use sigpkg::ecosystem::{Ecosystem as _, Julia};
    /// # let locked = doc::locked()?;
    /// # let folder = depot.path().join(&Julia.installed_paths(&locked)[0]);
    /// # std::fs::create_dir_all(&folder)?;
    /// # std::fs::write(folder.join("README"), "an example\n")?;
    /// use sigpkg::project::Installed;
    /// use sigpkg::verify::{Found, HashMatch};
    ///
    /// let installed = Installed::read(&locked, &depots, &Julia);
    /// let Found::Tree { hash, .. } = installed.found() else { return Err("it is a tree".into()) };
    /// assert_ne!(hash, HashMatch::Equal, "the lockfile has another one");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn found(&self) -> Found<'_> {
        match &self.content {
            Content::Nothing => Found::Nothing,
            Content::Tree { tree, hash, generated, is_built } => Found::Tree {
                target: TreeTarget::of(tree),
                hash: *hash,
                generated: generated.clone(),
                is_built: *is_built,
            },
            Content::NoTree { error, rule, has_folder, hash } => {
                Found::NoTree { rule: *rule, problem: error.to_string(), has_folder: *has_folder, hash: *hash }
            }
            Content::Unreadable(error) => Found::Unreadable(with_source(error)),
        }
    }
}

/// Whether there is an entry `.sigpkg`, in whatever case: a file system may make no difference.
fn has_folder(path: &Path) -> bool {
    let entries = path.read_dir().into_iter().flatten().filter_map(Result::ok);
    path.join(FOLDER).is_symlink()
        || path.join(FOLDER).exists()
        || entries.map(|entry| entry.file_name()).any(|name| name.eq_ignore_ascii_case(FOLDER))
}

fn read(path: &Path, locked: &Locked, ecosystem: &dyn Ecosystem) -> Result<Content, SourceError> {
    let whole = dir::read(path, &TreeTarget::options())?;
    let lists = |tree: &SourceTree, name: &str| tree.tree().listing().get(name).is_some();
    let is_built = ecosystem.build_step().is_some_and(|step| lists(&whole, step));
    let generated = generated(&whole, ecosystem);
    if !generated.is_empty() {
        let rest = dir::read(path, &Options { leave_out: &generated, ..TreeTarget::options() })?;
        if hash_match(path, &rest, locked)? == HashMatch::Equal {
            let may_be_loaded = |path: &&TreePath| !ecosystem.is_generated(path.as_str(), false);
            let built = generated.iter().filter(may_be_loaded).map(|path| path.as_str().to_owned()).collect();
            let whole = installed::tree_hash(path, &whole, Form::Exact)?;
            let (tree, generated) = (Box::new(rest), Generated { files: generated.len(), built, whole });
            return Ok(Content::Tree { tree, hash: HashMatch::Equal, generated, is_built });
        }
    }
    let hash = hash_match(path, &whole, locked)?;
    Ok(Content::Tree { tree: Box::new(whole), hash, generated: Generated::default(), is_built })
}

/// The files that the signed listing does not have and that may have been made after the package was installed; without a
/// listing, those that are never loaded.
fn generated(tree: &SourceTree, ecosystem: &dyn Ecosystem) -> Vec<TreePath> {
    let release = tree.folder().and_then(|folder| folder.claimed_release());
    let Some(listed) = release.and_then(|release| Expected::of(release).ok()) else {
        let paths = tree.tree().listing().lines().iter().map(|line| &line.path);
        return paths.filter(|path| ecosystem.is_generated(path.as_str(), false)).cloned().collect();
    };
    let is_built = ecosystem.build_step().is_some_and(|step| listed.listing().get(step).is_some());
    let extra = tree.compare(&listed).differences.into_iter().filter(|difference| difference.change == Change::Extra);
    extra.map(|difference| difference.path).filter(|path| ecosystem.is_generated(path.as_str(), is_built)).collect()
}

/// A folder that could not be read as a tree. It still has a tree hash, unless it cannot be read at all.
fn no_tree(path: &Path, locked: &Locked, error: SourceError) -> Content {
    let Some(rule) = error.rule() else {
        return Content::Unreadable(error);
    };
    let hash = match (installed::hash_of_any(path), locked.origin.tree()) {
        (Ok(None), _) => HashMatch::Unknown,
        (Ok(Some(found)), Some(expected)) if found == expected => HashMatch::Equal,
        (Ok(Some(found)), _) => HashMatch::Differs { found },
        (Err(unread), _) => return Content::Unreadable(unread),
    };
    Content::NoTree { has_folder: has_folder(path), error, rule, hash }
}

/// PRJ-6
fn hash_match(path: &Path, tree: &SourceTree, locked: &Locked) -> Result<HashMatch, SourceError> {
    let Some(found) = installed::tree_hash(path, tree, Form::Exact)? else {
        return Ok(HashMatch::Unknown);
    };
    let expected = locked.origin.tree();
    if expected == Some(found) || expected == installed::tree_hash(path, tree, Form::Lf)? {
        return Ok(HashMatch::Equal);
    }
    Ok(HashMatch::Differs { found })
}

/// The depots that a variable like `JULIA_DEPOT_PATH` names (PRJ-4): an empty part, or no variable, means `.julia` in the
/// home of the user.
///
/// ```
/// use std::ffi::OsStr;
/// use std::path::{Path, PathBuf};
///
/// use sigpkg::project::depots_of;
///
/// let home = Some(Path::new("/home/ada"));
/// assert_eq!(depots_of(None, home), [PathBuf::from("/home/ada/.julia")]);
/// # if cfg!(unix) {
/// let several = depots_of(Some(OsStr::new("/shared/depot:")), home);
/// assert_eq!(several, [PathBuf::from("/shared/depot"), PathBuf::from("/home/ada/.julia")]);
/// # }
/// ```
pub fn depots_of(variable: Option<&OsStr>, home: Option<&Path>) -> Vec<PathBuf> {
    let usual = || home.map(|home| home.join(".julia"));
    let Some(variable) = variable.filter(|value| !value.is_empty()) else {
        return usual().into_iter().collect();
    };
    let mut depots = Vec::new();
    for part in std::env::split_paths(variable) {
        let depot = match part.strip_prefix("~") {
            _ if part.as_os_str().is_empty() => usual(),
            Ok(below) => home.map(|home| home.join(below)),
            Err(_) => Some(part),
        };
        depots.extend(depot.filter(|depot| !depots.contains(depot)));
    }
    depots
}

fn with_source(error: &SourceError) -> String {
    use std::error::Error as _;
    error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}
