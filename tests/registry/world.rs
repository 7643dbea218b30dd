//! A registry with a handful of packages, each a repository of git objects, and what the registry remembers of them.

#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::Mutex;

use git2::{ObjectType, Oid, Repository};
use sigpkg::digest::TreeHash;
use sigpkg::ecosystem::registry::PackageFile;
use sigpkg::package::{Package, Uuid};
use sigpkg::registry::{
    Finding, Heads, Outcome, PackageReport, Packages, Reason, RegistryError, Summary, Surroundings, audit, check,
};
use sigpkg::signature::{Scheme, Standard};
use sigpkg::source::{Clones, Revision};
use sigpkg::verify;

use crate::common::testing::{Files, Fixture, Record};

pub const UUID: &str = "7876af07-990d-54b4-ab0e-23690620f79a";
pub const OTHER_UUID: &str = "00000000-990d-54b4-ab0e-23690620f79a";

/// The folder of everything.
pub struct World {
    pub folder: tempfile::TempDir,
    pub scheme: &'static dyn Scheme,
    pub policy_reviewed: bool,
    pub heads: Mutex<HashMap<Uuid, Vec<u8>>>,
}

/// The files of a registry, which become a commit when they are judged.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    /// Name, UUID and versions of each package.
    pub packages: BTreeMap<String, Entry>,
    /// Files that stand there as they are, whatever else is said.
    pub raw: BTreeMap<String, Vec<u8>>,
}

#[derive(Clone, Debug, Default)]
pub struct Entry {
    pub uuid: String,
    pub repository: String,
    /// Version, tree, and whether it is yanked.
    pub versions: Vec<(String, String, bool)>,
}

impl World {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Repository::init_bare(folder.path().join("registry.git")).unwrap();
        std::fs::create_dir(folder.path().join("packages")).unwrap();
        let heads = Mutex::new(HashMap::new());
        Self { folder, scheme: &Standard, policy_reviewed: false, heads }
    }

    /// Puts a tree into the repository of a package, with no commit and no name, and returns its id.
    pub fn put(&self, package: &str, files: &Files) -> String {
        write_tree(&self.clone_of(package), &files.0).to_string()
    }

    /// The repository of a package.
    pub fn clone_of(&self, package: &str) -> Repository {
        Repository::init_bare(self.folder.path().join("packages").join(format!("{package}.git"))).unwrap()
    }

    /// Commits a state of the registry, and returns the id.
    pub fn commit(&self, registry: &Registry) -> String {
        let tree = write_tree(&self.registry(), &registry.files());
        self.commit_tree(tree)
    }

    pub fn commit_tree(&self, tree: Oid) -> String {
        let who = git2::Signature::new("Test", "test@example.org", &git2::Time::new(0, 0)).unwrap();
        let repository = self.registry();
        let tree = repository.find_tree(tree).unwrap();
        repository.commit(None, &who, &who, "a state", &tree, &[]).unwrap().to_string()
    }

    pub fn registry(&self) -> Repository {
        Repository::open(self.folder.path().join("registry.git")).unwrap()
    }

    pub fn revision(&self, commit: &str) -> Revision {
        Revision::open(self.registry().path(), commit, None).unwrap()
    }

    /// Judges the change from one state to another.
    pub fn try_check(&self, base: &Registry, head: &Registry) -> Result<Vec<PackageReport>, RegistryError> {
        let (base, head) = (self.commit(base), self.commit(head));
        check(Some(&self.revision(&base)), &self.revision(&head), &self.surroundings())
    }

    pub fn check_commits(&self, base: &str, head: &str) -> Vec<PackageReport> {
        check(Some(&self.revision(base)), &self.revision(head), &self.surroundings()).unwrap()
    }

    #[track_caller]
    pub fn check(&self, base: &Registry, head: &Registry) -> Vec<PackageReport> {
        self.try_check(base, head).unwrap()
    }

    /// The same, and the registry remembers what has passed.
    pub fn take_in(&self, base: &Registry, head: &Registry) -> Vec<PackageReport> {
        let reports = self.check(base, head);
        assert!(reports.iter().all(PackageReport::has_passed), "{:?}", outcomes(&reports));
        for report in &reports {
            self.keep(report);
        }
        reports
    }

    /// Judges all of a state; what has passed is remembered.
    pub fn audit(&self, at: &Registry) -> (Vec<PackageReport>, Summary) {
        let commit = self.commit(at);
        let reports = Mutex::new(Vec::new());
        let summary = audit(&self.revision(&commit), &self.surroundings(), &|report| {
            self.keep(&report);
            reports.lock().unwrap().push(report);
        });
        let mut reports = reports.into_inner().unwrap();
        reports.sort_by_key(|report| report.claimed_name.clone());
        (reports, summary.unwrap())
    }

    fn keep(&self, report: &PackageReport) {
        if let (Some(uuid), Some(head)) = (report.uuid, &report.head) {
            self.heads.lock().unwrap().insert(uuid, head.to_file().into_bytes());
        }
    }

    fn surroundings(&self) -> Surroundings<'_> {
        Surroundings {
            heads: self,
            packages: self,
            policy_reviewed: self.policy_reviewed,
            now: "2026-11-20T12:00:00Z".parse().unwrap(),
            scheme: self.scheme,
        }
    }
}

impl Packages for World {
    fn clones(&self, package: &PackageFile, _wanted: &[TreeHash]) -> Result<Clones, String> {
        let place = self.folder.path().join("packages").join(format!("{}.git", package.package.name()));
        Clones::open(Some(place).filter(|place| place.is_dir())).map_err(|error| error.to_string())
    }
}

impl Heads for World {
    fn load(&self, package: Uuid) -> Result<Option<Vec<u8>>, String> {
        Ok(self.heads.lock().unwrap().get(&package).cloned())
    }
}

impl Registry {
    /// With a package and no versions.
    pub fn with_package(mut self, name: &str, uuid: &str) -> Self {
        let repository = format!("https://example.org/{name}.jl.git");
        self.packages.insert(name.to_owned(), Entry { uuid: uuid.to_owned(), repository, versions: Vec::new() });
        self
    }

    /// With a further version of a package.
    pub fn with(mut self, name: &str, version: &str, tree: &str) -> Self {
        let versions = &mut self.packages.get_mut(name).unwrap().versions;
        versions.retain(|(known, _, _)| known != version);
        versions.push((version.to_owned(), tree.to_owned(), false));
        self
    }

    pub fn with_raw(mut self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.raw.insert(path.to_owned(), content.as_ref().to_vec());
        self
    }

    pub fn yanked(mut self, name: &str, version: &str, is_yanked: bool) -> Self {
        let versions = &mut self.packages.get_mut(name).unwrap().versions;
        versions.iter_mut().filter(|(known, _, _)| known == version).for_each(|(_, _, flag)| *flag = is_yanked);
        self
    }

    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut index = "name = \"Test\"\nuuid = \"23338594-aafe-5451-b93e-139f81909106\"\n\n[packages]\n".to_owned();
        let mut files = BTreeMap::new();
        for (name, Entry { uuid, repository, versions }) in &self.packages {
            let folder = format!("{}/{name}", &name[..1]);
            writeln!(index, "{uuid} = {{ name = \"{name}\", path = \"{folder}\" }}").unwrap();
            let package = format!("name = \"{name}\"\nuuid = \"{uuid}\"\nrepo = \"{repository}\"\n");
            let version = |(version, tree, yanked): &(String, String, bool)| {
                let yanked = if *yanked { "yanked = true\n" } else { "" };
                format!("[\"{version}\"]\ngit-tree-sha1 = \"{tree}\"\n{yanked}\n")
            };
            files.insert(format!("{folder}/Package.toml"), package.into_bytes());
            files.insert(
                format!("{folder}/Versions.toml"),
                versions.iter().map(version).collect::<String>().into_bytes(),
            );
        }
        files.insert("Registry.toml".to_owned(), index.into_bytes());
        files.extend(self.raw.clone());
        files
    }
}

/// The maintainer of a Julia package, and what was signed so far.
pub struct Author {
    pub fixture: Fixture,
    pub chain: Vec<Record>,
    pub name: String,
    pub uuid: String,
}

impl Author {
    pub fn new(seed: u64) -> Self {
        Self::of(seed, "Example", UUID)
    }

    pub fn of(seed: u64, name: &str, uuid: &str) -> Self {
        Self::with(Fixture::of(seed, Package::julia(name, uuid.parse().unwrap()).unwrap()), name, uuid)
    }

    /// One with a reserve, whose signatures are those of the stand-in.
    pub fn with_reserve(seed: u64) -> Self {
        let package = Package::julia("Example", UUID.parse().unwrap()).unwrap();
        Self::with(Fixture::of(seed, package).fast().with_reserve(2, 3), "Example", UUID)
    }

    fn with(mut fixture: Fixture, name: &str, uuid: &str) -> Self {
        let chain = vec![fixture.genesis()];
        Self { fixture, chain, name: name.to_owned(), uuid: uuid.to_owned() }
    }

    /// The files of a version, unsigned.
    pub fn source(&self, version: &str) -> Files {
        source(&self.name, &self.uuid, version)
    }

    /// Signs the files of a version as the next release.
    pub fn release(&mut self, version: &str) -> Files {
        let source = self.source(version);
        self.fixture.release_tree(&mut self.chain, version, &source)
    }

    pub fn id(&self) -> String {
        self.chain[0].signatory().to_string()
    }
}

pub fn source(name: &str, uuid: &str, version: &str) -> Files {
    let project = format!("name = \"{name}\"\nuuid = \"{uuid}\"\nversion = \"{version}\"\n");
    Files::new([("Project.toml", project.as_str()), (&format!("src/{name}.jl"), &format!("module {name} end\n"))])
}

/// Writes a tree of git objects.
pub fn write_tree(repository: &Repository, files: &BTreeMap<String, Vec<u8>>) -> Oid {
    let mut builder = repository.treebuilder(None).unwrap();
    let mut folders: BTreeMap<&str, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
    for (path, content) in files {
        if let Some((folder, rest)) = path.split_once('/') {
            folders.entry(folder).or_default().insert(rest.to_owned(), content.clone());
        } else {
            let blob = repository.odb().unwrap().write(ObjectType::Blob, content).unwrap();
            builder.insert(path, blob, 0o100_644).unwrap();
        }
    }
    for (folder, files) in folders {
        builder.insert(folder, write_tree(repository, &files), 0o040_000).unwrap();
    }
    builder.write().unwrap()
}

/// The finding about a version.
#[track_caller]
pub fn finding<'a>(reports: &'a [PackageReport], version: &str) -> &'a Finding {
    let mut all = reports.iter().flat_map(|report| &report.findings);
    let is_it = |finding: &&Finding| finding.version.as_ref().is_some_and(|found| found.as_str() == version);
    all.find(is_it).unwrap_or_else(|| panic!("no finding about {version}: {:?}", outcomes(reports)))
}

/// The word and the rule of the finding about a version.
#[track_caller]
pub fn outcome(reports: &[PackageReport], version: &str) -> (&'static str, Option<&'static str>) {
    word_and_rule(finding(reports, version))
}

/// The words and rules of all findings.
pub fn outcomes(reports: &[PackageReport]) -> Vec<(&'static str, Option<&'static str>)> {
    reports.iter().flat_map(|report| &report.findings).map(word_and_rule).collect()
}

/// The sentence about what has not passed.
pub fn sentence(finding: &Finding) -> String {
    if let Outcome::CouldNotTell(problem) = &finding.outcome {
        return problem.clone();
    }
    finding.outcome.reason().map_or_else(String::new, ToString::to_string)
}

pub fn words(finding: &Finding) -> Vec<&'static str> {
    finding.notes.iter().map(|note| note.word).collect()
}

pub fn release_reason(finding: &Finding) -> &verify::Reason {
    match finding.outcome.reason() {
        Some(Reason::Release(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

fn word_and_rule(finding: &Finding) -> (&'static str, Option<&'static str>) {
    (finding.outcome.word(), finding.outcome.reason().map(|reason| reason.rule().id()))
}

/// A policy with these consents, each without its `by` and `why`.
pub fn policy(consents: &[String]) -> String {
    let consent = |about: &String| format!("[[consent]]\n{about}by = \"Ada\"\nwhy = \"she called\"\n\n");
    "sigpkg-registry = 1\n\n".to_owned() + &consents.iter().map(consent).collect::<String>()
}

/// A `Versions.toml` of this many versions, all of one tree.
pub fn many_versions(count: usize, tree: &str) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        writeln!(text, "[\"{number}.0.0\"]\ngit-tree-sha1 = \"{tree}\"").unwrap();
        text
    })
}
