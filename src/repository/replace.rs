//! Replacing a `.sigpkg` that somebody else has made (KEEP-32): it may hold anything.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use git2::{ObjectType, Oid};

use super::{RepositoryError, Workplace};
use crate::listing::MAX_PATH_BYTES;
use crate::listing::folder::{FOLDER, FolderFile};
use crate::text;

impl Workplace {
    /// What keeps the `.sigpkg` of a commit from being replaced, in words: what cannot be removed without a loss. What is
    /// committed is not lost.
    pub(crate) fn in_the_way(&self, commit: Oid) -> Result<Option<String>, RepositoryError> {
        let entry = self.existing_tree(commit)?.get_name(FOLDER).and_then(|entry| entry.kind());
        if entry == Some(ObjectType::Commit) {
            return Ok(Some(format!("{FOLDER} is a submodule")));
        }
        let committed = self.committed_in_folder(commit)?;
        let mut directories = vec![PathBuf::new()];
        while let Some(directory) = directories.pop() {
            let place = self.folder_path().join(&directory);
            if !is_directory(&place) {
                continue;
            }
            let mut is_empty = true;
            for entry in fs::read_dir(&place).map_err(unread(&place))? {
                let entry = entry.map_err(unread(&place))?;
                is_empty = false;
                let below = directory.join(entry.file_name());
                if is_directory(&entry.path()) {
                    directories.push(below);
                } else if !committed.contains(&below) && !is_of_folder(&below) {
                    return Ok(Some(format!("{} is in the worktree and in no commit", shown(&below))));
                }
            }
            if is_empty && !directory.as_os_str().is_empty() {
                return Ok(Some(format!("{} is an empty folder in the worktree", shown(&directory))));
            }
        }
        Ok(None)
    }

    /// Removes from the worktree what a commit has in its `.sigpkg` and no `.sigpkg` may have.
    pub(crate) fn clear_worktree(&self, base: Oid) -> Result<(), RepositoryError> {
        if self.package_tree(base)?.is_none() {
            return Ok(());
        }
        let folder = self.folder_path();
        for below in self.committed_in_folder(base)?.into_iter().filter(|below| !is_of_folder(below)) {
            // A link on the way would lead to somewhere else.
            let is_inside = |below: &Path| below.ancestors().skip(1).all(|above| is_directory(&folder.join(above)));
            let path = folder.join(&below);
            if !is_inside(&below) || is_directory(&path) {
                continue;
            }
            match fs::remove_file(&path) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    return Err(RepositoryError::Write { path, source });
                }
                Ok(()) | Err(_) => {}
            }
            // Those that still hold something stay.
            let above = below.ancestors().skip(1).filter(|above| !above.as_os_str().is_empty());
            above.take_while(|above| fs::remove_dir(folder.join(above)).is_ok()).for_each(drop);
        }
        Ok(())
    }

    /// The files and links in the `.sigpkg` of a commit, by their paths below it. What has a name that no worktree can have is
    /// left out.
    fn committed_in_folder(&self, commit: Oid) -> Result<BTreeSet<PathBuf>, RepositoryError> {
        let failed = || RepositoryError::git(format!("read {FOLDER} of {commit}"));
        let tree = self.existing_tree(commit)?;
        let Some(entry) = tree.get_name(FOLDER).filter(|entry| entry.kind() == Some(ObjectType::Tree)) else {
            return Ok(BTreeSet::new());
        };
        let mut paths = BTreeSet::new();
        // A list, and not a recursion, so that no depth can exhaust the stack.
        let mut directories = vec![(PathBuf::new(), entry.id())];
        while let Some((above, id)) = directories.pop() {
            for entry in &self.repository().find_tree(id).map_err(failed())? {
                let Ok(name) = entry.name() else { continue };
                let below = above.join(name);
                // git writes no other; a tree made by hand could lead to files outside of the folder.
                let is_plain = below.components().all(|part| matches!(part, Component::Normal(_)));
                if !is_plain || below.as_os_str().len() > MAX_PATH_BYTES {
                    continue;
                }
                match entry.kind() {
                    Some(ObjectType::Tree) => directories.push((below, entry.id())),
                    Some(ObjectType::Blob) => drop(paths.insert(below)),
                    Some(ObjectType::Any | ObjectType::Commit | ObjectType::Tag) | None => {}
                }
            }
        }
        Ok(paths)
    }
}

/// Whether a path below `.sigpkg` is one of the files that it may have.
fn is_of_folder(below: &Path) -> bool {
    FolderFile::ALL.iter().any(|file| below == Path::new(file.name()))
}

/// Whether there is a directory, and no link to one.
fn is_directory(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

fn shown(below: &Path) -> String {
    text::printable(&format!("{FOLDER}/{}", below.to_string_lossy()))
}

fn unread(path: &Path) -> impl FnOnce(io::Error) -> RepositoryError + use<> {
    let path = path.to_owned();
    move |source| RepositoryError::Write { path, source }
}
