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
///
/// ```
/// use sigpkg::listing::folder::FolderFile;
///
/// let names = FolderFile::ALL.map(FolderFile::name);
/// assert_eq!(names, [".gitattributes", "chain", "release.toml", "release.toml.minisig", "files", "links"]);
/// ```
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
    ///
    /// ```
    /// use sigpkg::listing::folder::FolderFile;
    ///
    /// assert_eq!(FolderFile::Statement.name(), "release.toml");
    /// ```
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
    ///
    /// ```
    /// use sigpkg::listing::folder::FolderFile;
    ///
    /// assert_eq!(FolderFile::Statement.max_bytes(), 4096);
    /// ```
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
    /// ```
    /// use sigpkg::listing::folder::FolderFile;
    /// use sigpkg::rule::Rule;
    ///
    /// assert_eq!(FolderFile::named(b"chain")?, FolderFile::Chain);
    /// assert_eq!(FolderFile::named(b"README.md").unwrap_err().rule(), Rule::Dir3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    /// ```
    /// use sigpkg::listing::folder::{FolderError, FolderFile};
    ///
    /// FolderFile::Statement.check_size(500)?;
    /// let error = FolderFile::Statement.check_size(1 << 30);
    /// assert_eq!(error, Err(FolderError::TooLarge { file: FolderFile::Statement, bytes: 1 << 30 }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
///
/// ```
/// use sigpkg::listing::folder::is_folder_name;
///
/// assert!(is_folder_name(".sigpkg"));
/// assert!(is_folder_name(".SigPkg")); // the same folder on most desktops
/// assert!(!is_folder_name("sigpkg"));
/// ```
pub fn is_folder_name(name: &str) -> bool {
    let folded = fold::key(name);
    folded == FOLDER || is_short_name(&folded, "sigpkg")
}

/// What a folder `.sigpkg` says. Its shape obeys DIR-1 to DIR-6; its content is not verified.
///
/// ```
/// use std::collections::BTreeMap;
/// use sigpkg::example::GENESIS;
/// use sigpkg::listing::folder::{FolderFile, GITATTRIBUTES, SigpkgFolder};
///
/// let folder = SigpkgFolder::new(BTreeMap::from([
///     (FolderFile::Attributes, GITATTRIBUTES.into()),
///     (FolderFile::Chain, GENESIS.into()),
/// ]))?;
/// assert_eq!(folder.claimed_chain(), GENESIS.as_bytes());
/// assert!(folder.claimed_release().is_none()); // nothing is released yet
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigpkgFolder {
    chain: Vec<u8>,
    release: Option<ReleaseFiles>,
}

/// The files of one release, as found. Not verified.
///
/// ```
/// # use std::collections::BTreeMap;
/// # use sigpkg::listing::folder::{FolderFile, GITATTRIBUTES, SigpkgFolder};
/// # let files = BTreeMap::from([
/// #     (FolderFile::Attributes, GITATTRIBUTES.into()),
/// #     (FolderFile::Chain, b"...".to_vec()),
/// #     (FolderFile::Statement, b"sigpkg = 1\n...".to_vec()),
/// #     (FolderFile::Files, Vec::new()),
/// # ]);
/// let folder = SigpkgFolder::new(files)?;
/// let release = folder.claimed_release().ok_or("no release")?;
/// assert!(release.claimed_statement().starts_with(b"sigpkg = 1\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    /// ```
    /// use std::collections::BTreeMap;
    /// use sigpkg::listing::folder::{FolderError, FolderFile, GITATTRIBUTES, SigpkgFolder};
    ///
    /// // A release without its chain.
    /// let found = BTreeMap::from([
    ///     (FolderFile::Attributes, GITATTRIBUTES.into()),
    ///     (FolderFile::Statement, b"...".to_vec()),
    ///     (FolderFile::Files, Vec::new()),
    /// ]);
    /// assert_eq!(SigpkgFolder::new(found), Err(FolderError::Missing { file: FolderFile::Chain }));
    /// ```
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
    ///
    /// ```
    /// # use std::collections::BTreeMap;
    /// # use sigpkg::example::{self, FIRST, GENESIS};
    /// # use sigpkg::listing::folder::{FolderFile, GITATTRIBUTES, SigpkgFolder};
    /// # let chain = [GENESIS, FIRST].concat();
    /// # let files =
    /// #     BTreeMap::from([(FolderFile::Attributes, GITATTRIBUTES.into()), (FolderFile::Chain, chain.into_bytes())]);
    /// use sigpkg::chain::Chain;
    /// use sigpkg::signature::Standard;
    ///
    /// let folder = SigpkgFolder::new(files)?;
    /// let chain = Chain::admit(folder.claimed_chain(), example::id()?, &Standard)?;
    /// assert_eq!(chain.len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn claimed_chain(&self) -> &[u8] {
        &self.chain
    }

    /// The release of the tree; `None` after a genesis, a yank, a beat or a reserve (DIR-5). Not verified.
    ///
    /// ```
    /// # use std::collections::BTreeMap;
    /// # use sigpkg::listing::folder::{FolderFile, GITATTRIBUTES, SigpkgFolder};
    /// # let files = BTreeMap::from([(FolderFile::Attributes, GITATTRIBUTES.into()), (FolderFile::Chain, Vec::new())]);
    /// // After a yank, say, the tree of the branch is no release.
    /// assert_eq!(SigpkgFolder::new(files)?.claimed_release(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn claimed_release(&self) -> Option<&ReleaseFiles> {
        self.release.as_ref()
    }
}

impl ReleaseFiles {
    /// `release.toml`. Not verified.
    ///
    /// ```
    /// # use std::collections::BTreeMap;
    /// # use sigpkg::example::{self, FIRST};
    /// # use sigpkg::listing::folder::{FolderFile, GITATTRIBUTES, SigpkgFolder};
    /// # let folder = SigpkgFolder::new(BTreeMap::from([
    /// #     (FolderFile::Attributes, GITATTRIBUTES.into()),
    /// #     (FolderFile::Chain, Vec::new()),
    /// #     (FolderFile::Statement, example::record(FIRST)?.text().into()),
    /// #     (FolderFile::Files, Vec::new()),
    /// # ]))?;
    /// use sigpkg::statement::Statement;
    ///
    /// let release = folder.claimed_release().ok_or("no release")?;
    /// let statement = Statement::parse(release.claimed_statement())?;
    /// assert_eq!(statement.release().map(|release| release.version.as_str()), Some("1.0.0"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn claimed_statement(&self) -> &[u8] {
        &self.statement
    }

    /// `release.toml.minisig`; a release signed with SLH-DSA has none. Not verified.
    ///
    /// ```
    /// # use std::collections::BTreeMap;
    /// # use sigpkg::listing::folder::{FolderFile, GITATTRIBUTES, SigpkgFolder};
    /// # let folder = SigpkgFolder::new(BTreeMap::from([
    /// #     (FolderFile::Attributes, GITATTRIBUTES.into()),
    /// #     (FolderFile::Chain, Vec::new()),
    /// #     (FolderFile::Statement, Vec::new()),
    /// #     (FolderFile::Signature, b"untrusted comment: sigpkg signature\n...".to_vec()),
    /// #     (FolderFile::Files, Vec::new()),
    /// # ]))?;
    /// let release = folder.claimed_release().ok_or("no release")?;
    /// assert!(release.claimed_signature().is_some_and(|file| file.starts_with(b"untrusted comment: ")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn claimed_signature(&self) -> Option<&[u8]> {
        self.signature.as_deref()
    }

    /// `files`, the listing. Not verified.
    ///
    /// ```
    /// # use std::collections::BTreeMap;
    /// # use sigpkg::listing::folder::{FolderFile, GITATTRIBUTES, SigpkgFolder};
    /// # let line = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262  README.md\n";
    /// # let folder = SigpkgFolder::new(BTreeMap::from([
    /// #     (FolderFile::Attributes, GITATTRIBUTES.into()),
    /// #     (FolderFile::Chain, Vec::new()),
    /// #     (FolderFile::Statement, Vec::new()),
    /// #     (FolderFile::Files, line.into()),
    /// # ]))?;
    /// use sigpkg::listing::Listing;
    ///
    /// let release = folder.claimed_release().ok_or("no release")?;
    /// assert_eq!(Listing::parse(release.claimed_files())?.count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn claimed_files(&self) -> &[u8] {
        &self.files
    }

    /// `links`, if the tree has symbolic links. Not verified.
    ///
    /// ```
    /// # use std::collections::BTreeMap;
    /// # use sigpkg::listing::folder::{FolderFile, GITATTRIBUTES, SigpkgFolder};
    /// # let folder = SigpkgFolder::new(BTreeMap::from([
    /// #     (FolderFile::Attributes, GITATTRIBUTES.into()),
    /// #     (FolderFile::Chain, Vec::new()),
    /// #     (FolderFile::Statement, Vec::new()),
    /// #     (FolderFile::Files, Vec::new()),
    /// #     (FolderFile::Links, b"latest\tv2\n".to_vec()),
    /// # ]))?;
    /// use sigpkg::listing::Links;
    ///
    /// let release = folder.claimed_release().ok_or("no release")?;
    /// let links = release.claimed_links().map(Links::parse).transpose()?;
    /// assert_eq!(links.map(|links| links.as_slice().len()), Some(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn claimed_links(&self) -> Option<&[u8]> {
        self.links.as_deref()
    }
}

/// A folder that is not a `.sigpkg` folder.
///
/// ```
/// use sigpkg::listing::folder::{FolderError, FolderFile};
///
/// let error = FolderFile::named(b"keys").unwrap_err();
/// assert_eq!(error, FolderError::UnknownName { name: "keys".to_owned() });
/// assert_eq!(error.to_string(), ".sigpkg holds .gitattributes, chain and the files of a release, found keys");
/// ```
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
    #[error("{FOLDER}/.gitattributes has one fixed text, found \"{found}\"")]
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
    ///
    /// ```
    /// use sigpkg::listing::folder::FolderFile;
    /// use sigpkg::rule::Rule;
    ///
    /// assert_eq!(FolderFile::Chain.check_size(u64::MAX).unwrap_err().rule(), Rule::Dir6);
    /// ```
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
