//! The synthetic registry is what its documentation says: usual in size, the same for the same seed, whole, signed where it
//! says so, and bad where it says so.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../examples/synthetic_registry/synthetic/mod.rs"]
mod synthetic;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use git2::{Oid, Repository};
use sigpkg::digest::SignatoryId;
use sigpkg::signature::Standard;
use sigpkg::source::git as source;
use sigpkg::source::{Options as SourceOptions, dir};
use sigpkg::time::Timestamp;
use sigpkg::verify::{self, Expectation, Question, Target, TreeTarget};

use synthetic::plan::{self, Misconduct};
use synthetic::truth::{Figures, Planted, Spread, Truth};
use synthetic::{Options, draw::Draw, project, registry, shape};

/// A small registry with everything in it. Its reserve statements take seconds to sign, so it is made once.
struct Small {
    folder: tempfile::TempDir,
    truth: Truth,
}

fn small() -> &'static Small {
    static SMALL: OnceLock<Small> = OnceLock::new();
    SMALL.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let options = Options { reserves: 1, plant: 1, events: 50, signed: 60, ..light(60) };
        let truth = registry::generate(&options, folder.path());
        Small { folder, truth }
    })
}

fn light(packages: usize) -> Options {
    Options { packages, light: true, batches: 3, batch: 5, ..Options::default() }
}

/// What the registry has at a commit: the tree of each version by name and version.
fn registered(registry: &Path, revision: &str) -> BTreeMap<(String, String), String> {
    let mut found = BTreeMap::new();
    let packages = git(registry, &["ls-tree", "-r", "--name-only", revision]);
    for path in packages.lines().filter(|path| path.ends_with("/Versions.toml")) {
        let name = path.split('/').nth(1).unwrap();
        let versions: toml::Table = git(registry, &["show", &format!("{revision}:{path}")]).parse().unwrap();
        for (version, entry) in versions {
            let tree = entry["git-tree-sha1"].as_str().unwrap().to_owned();
            found.insert((name.to_owned(), version), tree);
        }
    }
    found
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git").arg("-C").arg(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The reason word of the verdict on a tree in the repository of all packages; `accepted` if there is none.
fn verdict(packages: &Repository, tree: &str, name: &str, version: Option<&str>, id: Option<&str>) -> &'static str {
    let tree = source::read(packages, Oid::from_str(tree).unwrap(), &TreeTarget::options()).unwrap();
    let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    let id = id.map(|id| id.parse::<SignatoryId>().unwrap());
    let version = version.map(str::to_owned);
    let expectation = Expectation { name: Some(name.to_owned()), version, ..Expectation::default() };
    let question = Question { id, expectation, ..Question::new(&[], now) };
    let verdict = verify::verify(&Target::Tree(TreeTarget::of(&tree)), &question, &Standard);
    verdict.reason().map_or("accepted", |reason| reason.rule().reason())
}

fn planted(kind: Misconduct) -> &'static Planted {
    small().truth.planted.iter().find(|planted| planted.kind == kind.as_str()).unwrap()
}

/// Whoever has signed the newest honest version of a package.
fn signatory(name: &str) -> Option<&'static str> {
    let package = small().truth.packages.iter().find(|package| package.name == name).unwrap();
    package.signatory.as_deref()
}

fn before(planted: &Planted) -> BTreeMap<(String, String), String> {
    registered(&small().folder.path().join("registry"), &format!("batch-{}", planted.batch - 1))
}

fn packages() -> Repository {
    source::open(&small().folder.path().join("packages.git")).unwrap()
}

/// `value` is within so many per cent of `goal`.
fn assert_near(what: &str, value: u64, goal: u64, percent: u64) {
    assert!(value.abs_diff(goal) * 100 <= goal * percent, "{what}: expected about {goal}, found {value}");
}

#[test]
fn versions_are_as_many_as_in_general() {
    let plans = plan::plans(&Options { packages: 15_000, light: true, ..Options::default() });
    let figures = Figures::of(&plans);
    assert_eq!(figures.versions_a_package.median, 5);
    assert_near("p99 of versions", figures.versions_a_package.p99, 113, 5);
    assert_near("versions", figures.versions as u64, 175_000, 2);
    assert_near(
        "back-ports of 100,000 registrations",
        figures.backports as u64 * 100_000 / figures.versions as u64,
        500,
        15,
    );
    assert_near("packages silent for two years", figures.silent_two_years as u64 * 100 / 15_000, 12, 10);
    assert_near("signed packages", figures.signed_packages as u64 * 100 / 15_000, 30, 5);
    let names: BTreeSet<_> = plans.iter().map(|plan| plan.name.to_lowercase()).collect();
    assert_eq!(names.len(), plans.len());
}

#[test]
fn packages_are_as_large_as_in_general() {
    let shapes: Vec<_> = (0..15_000).map(|index| shape::Shape::full(&mut Draw::of(1, "shapes", index))).collect();
    let files = Spread::of(shapes.iter().map(|shape| shape.files));
    let bytes = Spread::of(shapes.iter().map(|shape| shape.bytes));
    assert_near("median of files", files.median, 28, 4);
    assert_near("median of bytes", bytes.median, 79_000, 5);
}

#[test]
fn a_package_has_the_files_and_bytes_that_were_drawn() {
    let options = Options { packages: 40, signed: 0, ..Options::default() };
    for plan in plan::plans(&options).iter().filter(|plan| plan.shape.bytes < 1_000_000) {
        let mut versions = 0;
        synthetic::make::make(plan, &plan::plans(&options), &options, |version| {
            if version.number == 0 {
                let bytes: usize = version.files.values().map(|blob| blob.bytes.len()).sum();
                assert_eq!(version.files.len() as u64, plan.shape.files, "{}", plan.name);
                // Files end with a whole line, and Project.toml is as long as it must be.
                let slack = 100 * plan.shape.files + 600;
                assert!((bytes as u64).abs_diff(plan.shape.bytes) < slack, "{bytes} beside {}", plan.shape.bytes);
            }
            versions += 1;
        });
        assert_eq!(versions, plan.steps.len());
    }
}

#[test]
fn the_same_seed_makes_the_same_registry_and_another_seed_another() {
    let heads = [1, 1, 2].map(|seed| {
        let folder = tempfile::tempdir().unwrap();
        registry::generate(&Options { seed, ..light(12) }, folder.path());
        let refs = git(&folder.path().join("packages.git"), &["for-each-ref"]);
        (git(&folder.path().join("registry"), &["rev-parse", "HEAD"]), refs)
    });
    assert_eq!(heads[0], heads[1]);
    assert_ne!(heads[0], heads[2]);
}

#[test]
fn the_repositories_are_whole_and_every_batch_has_a_tag() {
    let folder = small().folder.path();
    git(&folder.join("packages.git"), &["fsck", "--strict"]);
    let registry = folder.join("registry");
    git(&registry, &["fsck", "--strict"]);
    assert_eq!(git(&registry, &["status", "--short"]), "");
    assert_eq!(git(&registry, &["rev-list", "--count", "HEAD"]).trim(), small().truth.batches.to_string());
    for batch in 0..small().truth.batches {
        git(&registry, &["rev-parse", &format!("batch-{batch}^{{commit}}")]);
    }
    let truth: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("truth.json")).unwrap()).unwrap();
    assert_eq!(truth["planted"].as_array().unwrap().len(), Misconduct::ALL.len());
}

#[test]
fn every_registered_tree_is_there_and_the_signed_ones_verify() {
    let packages = packages();
    let bad: BTreeSet<_> = small().truth.planted.iter().map(|planted| (&*planted.name, &*planted.version)).collect();
    let registered = registered(&small().folder.path().join("registry"), "HEAD");
    let mut accepted = BTreeMap::<_, usize>::new();
    for ((name, version), tree) in registered.iter().filter(|((name, version), _)| !bad.contains(&(name, version))) {
        let id = signatory(name);
        match verdict(&packages, tree, name, Some(version), id) {
            // The version before a yank does not know of it yet.
            "accepted" => *accepted.entry(name.as_str()).or_default() += 1,
            // From before the chain began, or of a package without one.
            "signature-missing" if id.is_some() => {}
            "unsigned" if id.is_none() => {}
            other => panic!("{name} {version}: {other}"),
        }
    }
    for package in small().truth.packages.iter().filter(|package| !bad.iter().any(|(name, _)| *name == package.name)) {
        assert_eq!(
            accepted.get(package.name.as_str()).copied().unwrap_or(0),
            package.signed_versions,
            "{}",
            package.name
        );
    }
    assert!(accepted.values().sum::<usize>() > 50, "{accepted:?}");
    assert_eq!(small().truth.reserves.len(), 2);
}

#[test]
fn a_rival_is_void_and_a_yank_is_in_the_chain() {
    let truth = &small().truth;
    assert!(truth.figures.rivals > 0 && truth.figures.yanks > 0, "{:?}", truth.figures);
    let (mut forks, mut yanks) = (0, 0);
    let packages = packages();
    let newest: BTreeMap<_, _> = registered(&small().folder.path().join("registry"), "batch-0");
    for ((name, _), tree) in &newest {
        let tree = source::read(&packages, Oid::from_str(tree).unwrap(), &SourceOptions::default()).unwrap();
        let (Some(folder), Some(id)) = (tree.folder(), signatory(name)) else { continue };
        let chain = sigpkg::chain::Chain::admit(folder.claimed_chain(), id.parse().unwrap(), &Standard).unwrap();
        let numbers: BTreeSet<_> = chain.links().map(sigpkg::chain::Link::seq).collect();
        forks += chain.len() - numbers.len();
        yanks += chain.links().filter(|link| link.statement().yank().is_some()).count();
    }
    assert!(forks > 0 && yanks > 0, "{forks} forks, {yanks} yanks");
}

#[test]
fn a_replaced_tree_is_another_under_an_old_number() {
    let planted = planted(Misconduct::ReplacedTree);
    let key = (planted.name.clone(), planted.version.clone());
    assert_ne!(before(planted)[&key], planted.tree);
    assert_eq!(
        registered(&small().folder.path().join("registry"), &format!("batch-{}", planted.batch))[&key],
        planted.tree
    );
}

#[test]
fn an_old_tree_is_registered_under_a_new_number() {
    let planted = planted(Misconduct::OldTree);
    let before = before(planted);
    assert!(!before.contains_key(&(planted.name.clone(), planted.version.clone())));
    assert!(before.iter().any(|((name, _), tree)| *name == planted.name && *tree == planted.tree));
}

#[test]
fn an_unsigned_version_follows_signed_ones() {
    let planted = planted(Misconduct::UnsignedAfterSigned);
    let id = signatory(&planted.name);
    assert!(id.is_some());
    assert_eq!(verdict(&packages(), &planted.tree, &planted.name, None, id), "signature-missing");
}

#[test]
fn another_signatory_signs_a_version() {
    let planted = planted(Misconduct::SignatoryChanged);
    let id = signatory(&planted.name);
    assert!(id.is_some());
    assert_eq!(verdict(&packages(), &planted.tree, &planted.name, None, id), "other-signatory");
}

#[test]
fn an_edited_tree_is_not_the_one_that_was_signed() {
    let planted = planted(Misconduct::EditedTree);
    assert_eq!(verdict(&packages(), &planted.tree, &planted.name, None, signatory(&planted.name)), "tree-mismatch");
}

#[test]
fn a_reserve_statement_comes_without_consent() {
    let planted = planted(Misconduct::ReserveWithoutConsent);
    let of_it = |reserve: &&synthetic::truth::ReserveTruth| reserve.name == planted.name && !reserve.consented;
    let reserve = small().truth.reserves.iter().find(of_it).unwrap();
    assert_eq!((reserve.batch, &reserve.version), (planted.batch, &planted.version));
    let tree = source::read(&packages(), Oid::from_str(&planted.tree).unwrap(), &SourceOptions::default()).unwrap();
    let id = signatory(&planted.name).unwrap().parse().unwrap();
    let chain = sigpkg::chain::Chain::admit(tree.folder().unwrap().claimed_chain(), id, &Standard).unwrap();
    let statement = chain.find(reserve.digest.parse().unwrap()).unwrap().statement();
    assert_eq!(u64::from(statement.seq.get()), reserve.seq);
    assert!(statement.reserve_change().is_some());
}

#[test]
fn each_package_can_have_a_repository_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let truth = registry::generate(&Options { separate: true, ..light(5) }, folder.path());
    let registered = registered(&folder.path().join("registry"), "HEAD");
    assert_eq!(registered.len(), truth.figures.versions);
    for ((name, _), tree) in registered {
        let repository = source::open(&folder.path().join("packages").join(format!("{name}.git"))).unwrap();
        assert!(repository.find_tree(Oid::from_str(&tree).unwrap()).is_ok(), "{name} {tree}");
    }
}

#[test]
fn a_project_is_installed_where_julia_looks_and_is_what_the_registry_has() {
    // The check value of CRC-32C (RFC 3720 names the polynomial; the catalogue of parametrised CRCs has the value).
    assert_eq!(project::crc32c(b"123456789"), 0xe306_9283);
    let options = Options { signed: 60, ..light(25) };
    let folder = tempfile::tempdir().unwrap();
    registry::generate(&options, folder.path());
    let truth = project::generate(&options, 20, folder.path());
    assert_eq!(truth.dependencies.len(), 20);
    let registered = registered(&folder.path().join("registry"), "HEAD");
    let manifest: toml::Table =
        fs::read_to_string(folder.path().join("project/Manifest.toml")).unwrap().parse().unwrap();
    for dependency in &truth.dependencies {
        for installed in [&dependency.newest, &dependency.before] {
            assert_eq!(registered[&(dependency.name.clone(), installed.version.clone())], installed.tree);
            let path = folder.path().join("depot/packages").join(&dependency.name).join(&installed.slug);
            let tree = dir::read(&path, &SourceOptions::default()).unwrap();
            assert_eq!(tree.folder().is_some(), installed.signatory.is_some(), "{}", dependency.name);
        }
        let entry = &manifest["deps"][&dependency.name][0];
        assert_eq!(entry["git-tree-sha1"].as_str(), Some(&*dependency.newest.tree));
        assert_eq!(entry["uuid"].as_str(), Some(&*dependency.uuid));
        assert_eq!(entry["version"].as_str(), Some(&*dependency.newest.version));
    }
    let needed = manifest["deps"].as_table().unwrap().values().filter_map(|entry| entry[0].get("deps"));
    for name in needed.flat_map(|deps| deps.as_array().unwrap()) {
        assert!(manifest["deps"].get(name.as_str().unwrap()).is_some(), "{name} is not in the manifest");
    }
    assert!(truth.dependencies.iter().any(|dependency| dependency.newest.signatory.is_some()));
}
