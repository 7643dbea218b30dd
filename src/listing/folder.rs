//! The folder `.sigpkg`: a closed world of at most six files.
//!
//! Nothing here is verified but the shape. The bytes are claims, and their accessors say so.
//!
//! Source: spec/6-folder.md.

use std::collections::BTreeMap;

use super::fold;
use super::path::{is_short_name, shown};
use crate::rule::Rule;

/// The name of the folder, in the root of a tree (DIR-1).
pub const FOLDER: &str = ".sigpkg";

/// The path of the list of links, the one file of the folder that a listing has (TREE-11).
pub const LINKS_PATH: &str = ".sigpkg/links";

/// The exact text of `.sigpkg/.gitattributes` (DIR-4): no file of the folder is rewritten in a checkout, left out of an
/// archive, or merged line by line, whatever the attributes above say.
pub const GITATTRIBUTES: &str = "* -text -ident -filter !working-tree-encoding -export-ignore -export-subst -merge\n";

/// A file that the folder may have (DIR-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FolderFile {
    /// `.gitattributes`
    Attributes,
    /// `chain`
    Chain,
    /// `release.toml`
    Statement,
    /// `release.toml.minisig`
    Signature,
    /// `files`
    Files,
    /// `links`
    Links,
}

impl FolderFile {
    /// Every file, in the order of the specification.
    pub const ALL: [Self; 6] =
        [Self::Attributes, Self::Chain, Self::Statement, Self::Signature, Self::Files, Self::Links];

    /// The name, such as `release.toml`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Attributes => ".gitattributes",
            Self::Chain => "chain",
            Self::Statement => "release.toml",
            Self::Signature => "release.toml.minisig",
            Self::Files => "files",
            Self::Links => "links",
        }
    }

    /// The largest size in bytes (DIR-6).
    pub const fn max_bytes(self) -> u64 {
        match self {
            // More than the fixed text even with CRLF ends; what is longer need not be read to be refused.
            Self::Attributes => 256,
            // CHN-1: a release a day for 150 years. And for a listing: 250,000 files (TREE-16) with paths of 200 bytes;
            // that of the Linux kernel has 9 MiB.
            Self::Chain | Self::Files => 64 << 20,
            // STM-1.
            Self::Statement => 4096,
            // The four lines of an Ed25519 signature have at most 400 bytes.
            Self::Signature => 1024,
            // The Linux kernel has 80 links, in 6 KiB.
            Self::Links => 1 << 20,
        }
    }

    /// The file with this name.
    ///
    /// # Errors
    ///
    /// [`FolderError::UnknownName`] (DIR-3)
    pub fn named(name: &[u8]) -> Result<Self, FolderError> {
        Self::ALL
            .into_iter()
            .find(|file| file.name().as_bytes() == name)
            .ok_or_else(|| FolderError::UnknownName { name: shown(name) })
    }

    /// Whether a file of `bytes` bytes may be read.
    ///
    /// # Errors
    ///
    /// [`FolderError::TooLarge`] (DIR-6)
    pub const fn check_size(self, bytes: u64) -> Result<(), FolderError> {
        if bytes > self.max_bytes() { Err(FolderError::TooLarge { file: self, bytes }) } else { Ok(()) }
    }
}

/// Whether a name in the root of a tree is that of the folder to some file system (DIR-2): it folds to `.sigpkg`, or is
/// a short name that NTFS would make for it.
pub fn is_folder_name(name: &str) -> bool {
    let folded = fold::key(name);
    folded == FOLDER || is_short_name(&folded, "sigpkg")
}

/// What a folder `.sigpkg` says. Its shape obeys DIR-1 to DIR-6; its content is not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigpkgFolder {
    chain: Vec<u8>,
    release: Option<ReleaseFiles>,
}

/// The files of one release, as found. Not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseFiles {
    statement: Vec<u8>,
    signature: Option<Vec<u8>>,
    files: Vec<u8>,
    links: Option<Vec<u8>>,
}

impl SigpkgFolder {
    /// Takes the files that were found in the folder, each no larger than [`FolderFile::max_bytes`].
    ///
    /// # Errors
    ///
    /// - [`FolderError::TooLarge`] (DIR-6)
    /// - [`FolderError::Attributes`] (DIR-4)
    /// - [`FolderError::Missing`] (DIR-5) if there is no chain, or only a part of the files of a release
    pub fn new(mut files: BTreeMap<FolderFile, Vec<u8>>) -> Result<Self, FolderError> {
        files.iter().try_for_each(|(file, bytes)| file.check_size(bytes.len() as u64))?;
        let mut take = |file| files.remove(&file);
        let attributes = take(FolderFile::Attributes).ok_or(FolderError::Missing { file: FolderFile::Attributes })?;
        if attributes != GITATTRIBUTES.as_bytes() {
            return Err(FolderError::Attributes { found: shown(&attributes) });
        }
        let chain = take(FolderFile::Chain).ok_or(FolderError::Missing { file: FolderFile::Chain })?;
        let (statement, signature) = (take(FolderFile::Statement), take(FolderFile::Signature));
        let (listing, links) = (take(FolderFile::Files), take(FolderFile::Links));
        if statement.is_none() && signature.is_none() && listing.is_none() && links.is_none() {
            return Ok(Self { chain, release: None });
        }
        let statement = statement.ok_or(FolderError::Missing { file: FolderFile::Statement })?;
        let files = listing.ok_or(FolderError::Missing { file: FolderFile::Files })?;
        Ok(Self { chain, release: Some(ReleaseFiles { statement, signature, files, links }) })
    }

    /// The chain file. Not verified.
    pub fn claimed_chain(&self) -> &[u8] {
        &self.chain
    }

    /// The release of the tree; `None` after a genesis, a yank, a beat or a reserve (DIR-5). Not verified.
    pub const fn claimed_release(&self) -> Option<&ReleaseFiles> {
        self.release.as_ref()
    }
}

impl ReleaseFiles {
    /// `release.toml`. Not verified.
    pub fn claimed_statement(&self) -> &[u8] {
        &self.statement
    }

    /// `release.toml.minisig`; a release signed with SLH-DSA has none. Not verified.
    pub fn claimed_signature(&self) -> Option<&[u8]> {
        self.signature.as_deref()
    }

    /// `files`, the listing. Not verified.
    pub fn claimed_files(&self) -> &[u8] {
        &self.files
    }

    /// `links`, if the tree has symbolic links. Not verified.
    pub fn claimed_links(&self) -> Option<&[u8]> {
        self.links.as_deref()
    }
}

/// A folder that is not a `.sigpkg` folder.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FolderError {
    /// DIR-2
    #[error("the folder is spelled {FOLDER}, found {name}")]
    Spelling {
        /// The name in the root of the tree, made printable.
        name: String,
    },
    /// DIR-3
    #[error("{FOLDER} is a directory, found another kind of entry")]
    NotADirectory,
    /// DIR-3
    #[error("{FOLDER} holds regular files only, but {name} is {found}")]
    NotAFile {
        /// The name in the folder, made printable.
        name: String,
        /// What it is.
        found: &'static str,
    },
    /// DIR-3
    #[error("{FOLDER} holds .gitattributes, chain and the files of a release, found {name}")]
    UnknownName {
        /// The name in the folder, made printable.
        name: String,
    },
    /// DIR-4
    #[error("{FOLDER}/.gitattributes has one fixed text, found {found:?}")]
    Attributes {
        /// What it holds, made printable.
        found: String,
    },
    /// DIR-5
    #[error("{FOLDER}/{} is missing", .file.name())]
    Missing {
        /// The file.
        file: FolderFile,
    },
    /// DIR-6
    #[error("{FOLDER}/{} has at most {} bytes, found {bytes}", .file.name(), .file.max_bytes())]
    TooLarge {
        /// The file.
        file: FolderFile,
        /// Its size.
        bytes: u64,
    },
}

impl FolderError {
    /// The rule that is broken.
    pub const fn rule(&self) -> Rule {
        match self {
            Self::Spelling { .. } => Rule::Dir2,
            Self::NotADirectory | Self::NotAFile { .. } | Self::UnknownName { .. } => Rule::Dir3,
            Self::Attributes { .. } => Rule::Dir4,
            Self::Missing { .. } => Rule::Dir5,
            Self::TooLarge { .. } => Rule::Dir6,
        }
    }
}
