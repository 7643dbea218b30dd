//! What all sources share: sorting entries into the folder, the tree and the manifests.

use std::collections::BTreeMap;

use super::hash::{Hashed, lf_form};
use super::{FolderUse, MAX_MANIFEST_BYTES, Options, SourceError, SourceKind, SourceTree};
use crate::listing::folder::{FOLDER, FolderError, FolderFile, SigpkgFolder, is_folder_name};
use crate::listing::{TreeBuilder, TreePath};
use crate::text;

/// Where an entry belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A file of the top-level `.sigpkg`.
    Folder(FolderFile),
    /// A file of the tree.
    Tree(TreePath),
}

impl Place {
    /// Where the regular file with this path belongs.
    pub(super) fn of_file(path: &[u8]) -> Result<Self, SourceError> {
        match relation(path)? {
            Relation::Outside => Ok(Self::Tree(TreePath::parse(path)?)),
            Relation::Folder => Err(FolderError::NotADirectory.into()),
            Relation::Inside(name) => Ok(Self::Folder(FolderFile::named(name)?)),
        }
    }

    /// The path of a symbolic link; there is none in the folder.
    pub(super) fn of_link(path: &[u8]) -> Result<TreePath, SourceError> {
        match relation(path)? {
            Relation::Outside => Ok(TreePath::parse(path)?),
            Relation::Folder => Err(FolderError::NotADirectory.into()),
            Relation::Inside(name) => Err(not_a_file(name, "a symbolic link").into()),
        }
    }

    /// Whether the directory with this path may be; the folder has none in it.
    pub(super) fn check_directory(path: &[u8]) -> Result<(), SourceError> {
        match relation(path)? {
            Relation::Outside => TreePath::parse(path).map(|_| ()).map_err(SourceError::Path),
            Relation::Folder => Ok(()),
            Relation::Inside(name) => Err(not_a_file(name, "a directory").into()),
        }
    }
}

/// A tree in the making.
pub(super) struct Collector<'a> {
    manifest_names: &'a [&'a str],
    folder_use: FolderUse,
    tree: TreeBuilder,
    folder: BTreeMap<FolderFile, Vec<u8>>,
    manifests: BTreeMap<String, Vec<u8>>,
}

impl<'a> Collector<'a> {
    pub(super) fn new(options: &Options<'a>) -> Self {
        Self {
            manifest_names: options.manifests,
            folder_use: options.folder,
            tree: TreeBuilder::new(),
            folder: BTreeMap::new(),
            manifests: BTreeMap::new(),
        }
    }

    /// Whether the file is not to be read (DIR-8).
    pub(super) fn leaves_out(&self, place: &Place) -> bool {
        leaves_out(self.folder_use, place)
    }

    /// How many bytes of the file are to be kept; `None` if it is enough to hash them.
    pub(super) fn keep(&self, place: &Place) -> Option<u64> {
        match place {
            Place::Folder(file) => Some(file.max_bytes()),
            Place::Tree(path) => self.manifest_names.contains(&path.as_str()).then_some(MAX_MANIFEST_BYTES),
        }
    }

    /// Whether a file of this size may be read (TREE-16, DIR-6).
    pub(super) fn check_size(&self, place: &Place, bytes: u64) -> Result<(), SourceError> {
        match place {
            Place::Folder(file) => file.check_size(bytes).map_err(SourceError::Folder),
            Place::Tree(_) => self.tree.check_bytes(bytes).map_err(SourceError::Tree),
        }
    }

    /// Takes a file whose content was kept as [`Self::keep`] asked for.
    pub(super) fn file(&mut self, place: Place, hashed: Hashed) -> Result<(), SourceError> {
        match place {
            Place::Folder(file) => {
                let bytes = hashed.kept.ok_or(FolderError::TooLarge { file, bytes: hashed.facts.bytes })?;
                self.folder.insert(file, bytes);
            }
            Place::Tree(path) => {
                // A larger manifest is a file like any other: whoever asks for it is told that there is none.
                if let Some(bytes) = hashed.kept {
                    self.manifests.insert(path.as_str().to_owned(), bytes);
                }
                self.tree.add_file(path, hashed.facts)?;
            }
        }
        Ok(())
    }

    pub(super) fn link(&mut self, path: TreePath, target: &[u8]) -> Result<(), SourceError> {
        self.tree.add_link(path, target).map_err(SourceError::Tree)
    }

    pub(super) fn finish(self, kind: SourceKind) -> Result<SourceTree, SourceError> {
        let Self { manifest_names: _, folder_use: _, tree, mut folder, manifests } = self;
        let folder_read_back = kind == SourceKind::Directory && read_back(&mut folder);
        let folder = if folder.is_empty() { None } else { Some(SigpkgFolder::new(folder)?) };
        Ok(SourceTree { kind, tree: tree.finish()?, folder, folder_read_back, manifests })
    }
}

/// Whether a file is one of a folder that another one takes the place of (DIR-8).
pub(super) fn leaves_out(folder_use: FolderUse, place: &Place) -> bool {
    match (folder_use, place) {
        (FolderUse::Override, Place::Folder(_)) => true,
        (FolderUse::Override, Place::Tree(_)) | (FolderUse::Read, _) => false,
    }
}

/// Reads the files of a folder back to LF (TREE-19). None of their forms has a CR, so nothing is lost.
pub(super) fn read_back(folder: &mut BTreeMap<FolderFile, Vec<u8>>) -> bool {
    let mut any = false;
    for bytes in folder.values_mut() {
        if let Some(form) = lf_form(bytes) {
            *bytes = form;
            any = true;
        }
    }
    any
}

pub(super) fn not_a_file(name: &[u8], found: &'static str) -> FolderError {
    FolderError::NotAFile { name: printable(name), found }
}

/// Foreign bytes as a message may show them.
pub(super) fn printable(bytes: &[u8]) -> String {
    text::printable(&String::from_utf8_lossy(bytes))
}

/// How a path relates to the top-level folder.
enum Relation<'a> {
    Outside,
    Folder,
    Inside(&'a [u8]),
}

fn relation(path: &[u8]) -> Result<Relation<'_>, FolderError> {
    let end = path.iter().position(|byte| *byte == b'/');
    let (root, rest) = end.map_or((path, None), |at| (path.get(..at).unwrap_or(path), path.get(at + 1..)));
    if root == FOLDER.as_bytes() {
        return Ok(rest.map_or(Relation::Folder, Relation::Inside));
    }
    match str::from_utf8(root) {
        Ok(name) if is_folder_name(name) => Err(FolderError::Spelling { name: printable(root) }),
        Ok(_) | Err(_) => Ok(Relation::Outside),
    }
}
