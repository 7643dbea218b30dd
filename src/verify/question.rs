//! What a verdict depends on.

use std::collections::{BTreeMap, BTreeSet};

use crate::chain::Chain;
use crate::digest::{Digest, SignatoryId};
use crate::ecosystem::{self, Manifest};
use crate::listing::folder::SigpkgFolder;
use crate::listing::{LineEnds, Tree};
use crate::package::{EcosystemName, Package, Uuid, Version};
use crate::time::Timestamp;
use crate::trust::Trusted;

/// What is judged.
///
/// Before a target can be judged, whoever is trusted for its names is looked up:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let file = doc::chain_file(&["chain-1", "chain-2"])?;
/// use sigpkg::verify::{Expectation, Target};
///
/// let names = Target::Chain(&file).names(&Expectation::default());
/// assert_eq!(names.into_iter().collect::<Vec<_>>(), ["Example"]);
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub enum Target<'a> {
    /// A source tree.
    Tree(TreeTarget<'a>),
    /// A chain file, which is not verified.
    Chain(&'a [u8]),
}

/// A source tree, which is not verified.
///
/// Without files, from memory:
///
/// ```
/// use sigpkg::listing::{FileFacts, TreeBuilder, TreePath};
/// use sigpkg::verify::{Target, TreeTarget};
///
/// let mut builder = TreeBuilder::new();
/// builder.add_file(TreePath::parse(b"README")?, FileFacts::of(b"tides\n"))?;
/// let tree = builder.finish()?;
/// let target = TreeTarget::new(&tree, None);
/// assert_eq!(target.claimed_version(), None, "there is no manifest");
/// # let _ = Target::Tree(target);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct TreeTarget<'a> {
    /// The files and links outside of `.sigpkg`.
    pub tree: &'a Tree,
    /// The folder `.sigpkg`, if there is one.
    pub folder: Option<&'a SigpkgFolder>,
    /// Whether the folder was kept outside of the tree.
    pub detached: bool,
    /// Whether a file of the folder was read in its LF form.
    pub folder_read_back: bool,
    /// Whether files may have been turned to CRLF.
    pub line_ends: LineEnds,
    /// The manifests in the root of the tree, by name: those of [`TreeTarget::MANIFESTS`] that it has.
    pub manifests: BTreeMap<&'static str, &'a [u8]>,
}

/// What the user knows and wants.
///
/// What a script knows that was given an id and a version:
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let id = doc::chain(&["chain-1"])?.id();
/// # let file = doc::chain_file(&["chain-1", "chain-2"])?;
/// use sigpkg::signature::Standard;
/// use sigpkg::verify::{Expectation, Question, Target, verify};
///
/// let expectation = Expectation { name: Some("Other".to_owned()), ..Expectation::default() };
/// let question = Question { id: Some(id), expectation, ..Question::new(&[], doc::now()) };
/// let verdict = verify(&Target::Chain(&file), &question, &Standard);
/// assert_eq!(verdict.reason().map(|reason| reason.rule().reason()), Some("not-expected"));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// The trusted signatories of every package that [`Target::names`] gives. More do no harm.
    pub trusted: &'a [Trusted],
    /// The id that the caller wants, which is then as good as a confirmed one.
    pub id: Option<SignatoryId>,
    /// The package that the caller wants.
    pub expectation: Expectation,
    /// The digest of the listing of the tree that the target must adopt.
    pub upstream: Option<Digest>,
    /// What is installed.
    pub installed: Option<Installed<'a>>,
    /// Whether a downgrade is allowed.
    pub allow_downgrade: bool,
    /// Whether to refuse what is otherwise a note: `seen`, `line-ends` and `stale`.
    pub strict: bool,
    /// Whether the user distrusts Ed25519 (VER-48), which binds ids that are not trusted, too (BEL-11). A trusted one has
    /// its own mark.
    pub distrusts_ed25519: bool,
    /// The time, for `stale` alone.
    pub now: Timestamp,
}

/// What the caller says of the package, each part optional.
///
/// ```
/// use sigpkg::package::EcosystemName;
/// use sigpkg::verify::Expectation;
///
/// let expectation = Expectation { ecosystem: Some(EcosystemName::Julia), ..Expectation::default() };
/// assert_ne!(expectation, Expectation::default());
/// assert_eq!(expectation.version, None, "any version will do");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expectation {
    /// The ecosystem.
    pub ecosystem: Option<EcosystemName>,
    /// The name.
    pub name: Option<String>,
    /// The UUID.
    pub uuid: Option<Uuid>,
    /// The version, as people write it.
    pub version: Option<String>,
}

/// What is installed, as the caller knows it.
///
/// What is installed is a floor:
///
/// ```
/// # #[cfg(feature = "io")]
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # #[cfg(feature = "io")] {
/// # let machine = doc::Machine::released()?;
/// # let older = machine.tree()?;
/// # machine.commit("README", "tides and waves\n")?;
/// # machine.release("1.1.0")?;
/// # let (tree, trusted) = (machine.tree()?, [machine.trusted()?]);
/// use sigpkg::rule::Rule;
/// use sigpkg::signature::Standard;
/// use sigpkg::verify::{Installed, Question, Reason, Target, TreeTarget, verify};
///
/// let installed = Some(Installed { folder: tree.folder(), version: Some("1.1.0".to_owned()) });
/// let question = Question { installed, ..Question::new(&trusted, doc::now()) };
/// let verdict = verify(&Target::Tree(TreeTarget::of(&older)), &question, &Standard);
/// assert_eq!(verdict.reason().map(Reason::rule), Some(Rule::Ver16));
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Installed<'a> {
    /// The folder `.sigpkg` of the installed tree, which is not verified.
    pub folder: Option<&'a SigpkgFolder>,
    /// The version, as people write it.
    pub version: Option<String>,
}

impl<'a> Question<'a> {
    /// A question without any wishes.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let trusted = [doc::trusted(&["chain-1"])?];
    /// use sigpkg::verify::Question;
    ///
    /// let question = Question { strict: true, ..Question::new(&trusted, doc::now()) };
    /// assert!(question.id.is_none() && !question.allow_downgrade);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn new(trusted: &'a [Trusted], now: Timestamp) -> Self {
        Self {
            trusted,
            id: None,
            expectation: Expectation::default(),
            upstream: None,
            installed: None,
            allow_downgrade: false,
            strict: false,
            distrusts_ed25519: false,
            now,
        }
    }
}

impl Target<'_> {
    /// The names under which a trusted signatory must be looked up, before the target can be judged: those that the
    /// target claims and the one that the caller expects.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
    /// # let file = doc::chain_file(&["chain-1", "chain-2"])?;
    /// use sigpkg::verify::{Expectation, Target};
    ///
    /// let expectation = Expectation { name: Some("Other".to_owned()), ..Expectation::default() };
    /// let names = Target::Chain(&file).names(&expectation);
    /// assert_eq!(names.into_iter().collect::<Vec<_>>(), ["Example", "Other"]);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn names(&self, expectation: &Expectation) -> BTreeSet<String> {
        let (chain, manifest) = match self {
            Self::Tree(target) => (target.folder.map(SigpkgFolder::claimed_chain), target.claimed_package()),
            Self::Chain(file) => (Some(*file), None),
        };
        let genesis = chain.and_then(|file| Chain::claimed_package(file).ok());
        let claimed = [genesis, manifest].into_iter().flatten().map(|package| package.name().to_string());
        claimed.chain(expectation.name.clone()).collect()
    }
}

impl<'a> TreeTarget<'a> {
    /// A tree in memory, with its folder in it and without manifests.
    ///
    /// ```
    /// use sigpkg::listing::TreeBuilder;
    /// use sigpkg::verify::TreeTarget;
    ///
    /// let tree = TreeBuilder::new().finish()?;
    /// let target = TreeTarget::new(&tree, None);
    /// assert!(target.folder.is_none() && !target.detached);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(tree: &'a Tree, folder: Option<&'a SigpkgFolder>) -> Self {
        let manifests = BTreeMap::new();
        Self { tree, folder, detached: false, folder_read_back: false, line_ends: LineEnds::Exact, manifests }
    }
}

impl TreeTarget<'_> {
    /// The names of the manifests that a verdict may ask for.
    pub const MANIFESTS: [&'static str; 2] = ["JuliaProject.toml", "Project.toml"];

    /// The package that a manifest in the tree claims to be.
    pub(super) fn claimed_package(&self) -> Option<Package> {
        ecosystem::with_manifests()
            .filter_map(|ecosystem| self.manifest(ecosystem.name()))
            .find_map(|(_, content)| content.ok())
            .map(|manifest| manifest.package)
    }

    /// The version that a manifest in the tree claims.
    ///
    /// ```
    /// # #[cfg(feature = "io")]
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # #[cfg(feature = "io")] {
    /// # let machine = doc::Machine::new()?;
    /// # let manifest = "name = \"Tides\"\nuuid = \"7876af07-990d-54b4-ab0e-23690620f79a\"\nversion = \"1.2.0\"\n";
    /// # machine.commit("Project.toml", manifest)?;
    /// use sigpkg::source;
    /// use sigpkg::verify::TreeTarget;
    ///
    /// let tree = source::open(&machine.repository, &TreeTarget::options())?;
    /// assert_eq!(TreeTarget::of(&tree).claimed_version().as_deref(), Some("1.2.0"));
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn claimed_version(&self) -> Option<String> {
        ecosystem::with_manifests()
            .filter_map(|ecosystem| self.manifest(ecosystem.name())?.1.ok()?.version)
            .map(|version| version.to_string())
            .next()
    }

    /// The first manifest of an ecosystem, and what it says.
    pub(super) fn manifest(
        &self,
        ecosystem: EcosystemName,
    ) -> Option<(&'static str, Result<Manifest, ecosystem::ManifestError>)> {
        let ecosystem = ecosystem::of(ecosystem);
        let (name, bytes) =
            ecosystem.manifest_paths().iter().find_map(|name| Some((*name, *self.manifests.get(name)?)))?;
        Some((name, ecosystem.read_manifest(bytes)))
    }
}

#[cfg(feature = "io")]
impl<'a> TreeTarget<'a> {
    /// How a source must read a tree that is to be judged: with the manifests that a verdict may ask for.
    ///
    /// ```
    /// # #[cfg(feature = "io")] {
    /// use sigpkg::verify::TreeTarget;
    ///
    /// assert_eq!(TreeTarget::options().manifests, TreeTarget::MANIFESTS);
    /// # }
    /// ```
    pub fn options() -> crate::source::Options<'static> {
        crate::source::Options { manifests: &Self::MANIFESTS, ..crate::source::Options::default() }
    }

    /// A tree as a source has read it, with [`TreeTarget::options`].
    ///
    /// ```
    /// # #[cfg(feature = "io")]
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # #[cfg(feature = "io")] {
    /// # let machine = doc::Machine::released()?;
    /// use sigpkg::source;
    /// use sigpkg::verify::TreeTarget;
    ///
    /// let tree = source::open(&machine.repository, &TreeTarget::options())?;
    /// let target = TreeTarget::of(&tree);
    /// assert!(target.folder.is_some_and(|folder| folder.claimed_release().is_some()));
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of(source: &'a crate::source::SourceTree) -> Self {
        use crate::source::SourceKind;
        Self {
            tree: source.tree(),
            folder: source.folder(),
            detached: false,
            folder_read_back: source.folder_read_back(),
            line_ends: match source.kind() {
                SourceKind::Git | SourceKind::Archive => LineEnds::Exact,
                SourceKind::Directory => LineEnds::ReadBack,
            },
            manifests: Self::MANIFESTS
                .into_iter()
                .filter_map(|name| Some((name, source.claimed_manifest(name)?)))
                .collect(),
        }
    }

    /// Takes a folder that was kept outside of the tree instead of the one in it.
    ///
    /// A tree that must not change, signed from outside:
    ///
    /// ```
    /// # #[cfg(feature = "io")]
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # #[cfg(feature = "io")] {
    /// # let machine = doc::Machine::released()?;
    /// # let id = machine.id()?;
    /// # let signatures = machine.folder.path().join("signatures");
    /// # std::fs::rename(machine.repository.join(".sigpkg"), &signatures)?;
    /// use sigpkg::signature::Standard;
    /// use sigpkg::source::{self, dir};
    /// use sigpkg::verify::{Question, Target, TreeTarget, verify};
    ///
    /// let (folder, was_read_back) = dir::read_folder(&signatures)?;
    /// let tree = source::open(&machine.repository, &TreeTarget::options())?;
    /// let target = Target::Tree(TreeTarget::of(&tree).with_detached(&folder, was_read_back));
    /// let question = Question { id: Some(id), ..Question::new(&[], doc::now()) };
    /// let verdict = verify(&target, &question, &Standard);
    /// assert_eq!((verdict.word(), verdict.notes()[0].word()), ("accepted", "detached"));
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_detached(self, folder: &'a SigpkgFolder, folder_read_back: bool) -> Self {
        Self { folder: Some(folder), folder_read_back, detached: true, ..self }
    }
}

impl Expectation {
    /// Whether a package is the expected one, as far as one is expected at all.
    pub(super) fn names(&self, package: &Package) -> bool {
        (self.name.is_some() || self.uuid.is_some()) && self.first_difference(package).is_none()
    }

    /// VER-15: the first part that differs, with both sides.
    pub(super) fn first_difference(&self, package: &Package) -> Option<(&'static str, String, String)> {
        let found_uuid = package.uuid().map_or("none".to_owned(), |uuid| uuid.to_string());
        let parts = [
            ("ecosystem", self.ecosystem.map(|ecosystem| ecosystem.to_string()), package.ecosystem().to_string()),
            ("name", self.name.clone(), package.name().to_string()),
            ("uuid", self.uuid.map(|uuid| uuid.to_string()), found_uuid),
        ];
        parts.into_iter().find_map(|(part, expected, found)| {
            Some((part, expected?, found)).filter(|(_, expected, found)| expected != found)
        })
    }

    /// VER-15 for the version, with both sides.
    pub(super) fn version_difference(&self, package: &Package, version: &Version) -> Option<(String, String)> {
        let expected = self.version.as_ref()?;
        let is_equal = ecosystem::of(package.ecosystem()).version(expected).is_ok_and(|expected| expected == *version);
        (!is_equal).then(|| (expected.clone(), version.to_string()))
    }
}
