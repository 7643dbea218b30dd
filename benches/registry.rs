//! What an audit of a whole registry costs, beside `git cat-file --batch` over the same objects and beside a bare loop
//! of `verify_strict` and BLAKE3 over the same bytes, in one run.
//!
//! `cargo bench --bench registry` makes a synthetic registry of a tenth of General, with the program git; a number, as in
//! `cargo bench --bench registry -- 15000`, makes another size. The goal is seconds for the size of General, and for
//! the second audit a time that follows from what is new. git reads with one thread, and checks no hash of what it reads.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../examples/synthetic_registry/synthetic/mod.rs"]
mod synthetic;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ed25519_dalek::{Signature, VerifyingKey};
use git2::{ObjectType, Oid, Repository};
use sigpkg::chain::Unverified;
use sigpkg::signature::block;
use sigpkg::statement::LookAhead;

use synthetic::{Options, registry};

/// How often each is run; the fastest run counts, as the one least disturbed.
const ROUNDS: usize = 3;

/// A tenth of General.
const PACKAGES: usize = 1_500;

fn main() {
    let packages = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(PACKAGES);
    let place = tempfile::tempdir().unwrap();
    let options = Options { packages, light: true, batches: 1, batch: packages / 75, ..Options::default() };
    let truth = registry::generate(&options, place.path());
    let bytes = Bytes::collect(place.path());
    println!(
        "{packages} packages, {} versions, {} of them signed; {} objects; fastest of {ROUNDS} rounds",
        truth.figures.versions,
        truth.figures.signed_versions,
        bytes.objects.len()
    );

    let [mut git, mut bare, mut first, mut again, mut new] = [Duration::MAX; 5];
    for round in 0..ROUNDS {
        let heads = place.path().join(format!("heads-{round}"));
        git = git.min(timed(|| cat_file(place.path())));
        bare = bare.min(timed(|| bytes.check()));
        first = first.min(timed(|| audit(place.path(), &heads, "batch-0")));
        again = again.min(timed(|| audit(place.path(), &heads, "batch-0")));
        new = new.min(timed(|| audit(place.path(), &heads, "batch-1")));
    }
    report("git cat-file --batch, 1 thread", git, git);
    report("bare verify_strict and BLAKE3, 1 thread", bare, git);
    report("audit, nothing remembered", first, git);
    report("audit, nothing new", again, git);
    report(&format!("audit, {} registrations new", options.batch), new, git);
}

/// What an audit has to look at, and nothing around it.
struct Bytes {
    /// Trees and blobs, as often as they are looked at.
    objects: Vec<Oid>,
    /// Every statement that an Ed25519 key signs, once, with that key and its signature.
    links: Vec<([u8; 32], String, Signature)>,
    /// The files of signed trees, as often as they are listed.
    files: Vec<Vec<u8>>,
}

impl Bytes {
    fn collect(place: &Path) -> Self {
        let repository = Repository::open(place.join("packages.git")).unwrap();
        let mut bytes = Self { objects: Vec::new(), links: Vec::new(), files: Vec::new() };
        let mut seen = BTreeSet::new();
        for versions in version_files(&place.join("registry")) {
            for entry in versions.values() {
                let tree = Oid::from_str(entry["git-tree-sha1"].as_str().unwrap()).unwrap();
                let root = repository.find_tree(tree).unwrap();
                bytes.objects.push(tree);
                if root.get_name(".sigpkg").is_none() {
                    // A glance at the root and at the manifest is enough.
                    bytes.objects.push(root.get_name("Project.toml").unwrap().id());
                    continue;
                }
                bytes.add_signed(&repository, tree);
                let chain = root.get_path(Path::new(".sigpkg/chain")).unwrap().id();
                let chain = repository.find_blob(chain).unwrap();
                bytes.add_links(std::str::from_utf8(chain.content()).unwrap(), &mut seen);
            }
        }
        let list: String = bytes.objects.iter().map(|id| id.to_string() + "\n").collect();
        fs::write(place.join("objects"), list).unwrap();
        bytes
    }

    fn add_signed(&mut self, repository: &Repository, tree: Oid) {
        for entry in &repository.find_tree(tree).unwrap() {
            self.objects.push(entry.id());
            if entry.kind() == Some(ObjectType::Tree) {
                self.add_signed(repository, entry.id());
            } else {
                self.files.push(repository.find_blob(entry.id()).unwrap().content().to_vec());
            }
        }
    }

    /// A parent stands somewhere before its children; here the one before with the seq before is meant by all.
    fn add_links(&mut self, chain: &str, seen: &mut BTreeSet<String>) {
        let mut announced: Vec<LookAhead> = Vec::new();
        for record in chain.split_inclusive("sigpkg = 1\n").skip(1) {
            // The line that begins the next record stands at the end of each but the last.
            let record = record.strip_suffix("sigpkg = 1\n").unwrap_or(record);
            let (text, blocks) = record.split_at(record.find("untrusted comment: ").unwrap());
            let text = format!("sigpkg = 1\n{text}");
            let unverified = Unverified::new(text.as_bytes(), blocks).unwrap();
            let seq = unverified.claimed_seq().get() as usize;
            let statement = unverified.claimed();
            let key = announced.get(seq.wrapping_sub(2)).map(|keys| keys.next);
            if announced.len() < seq {
                announced.push(statement.look_ahead().clone());
            }
            let (Some(key), true) = (key, seen.insert(text.clone())) else { continue };
            let signature = block::parse(blocks).unwrap();
            self.links.push((*key.as_bytes(), text, Signature::from_slice(signature.as_bytes()).unwrap()));
        }
    }

    fn check(&self) {
        for (key, text, signature) in &self.links {
            VerifyingKey::from_bytes(key).unwrap().verify_strict(text.as_bytes(), signature).unwrap();
        }
        for file in &self.files {
            std::hint::black_box(blake3::hash(file));
        }
    }
}

/// Every `Versions.toml` of a registry.
fn version_files(registry: &Path) -> Vec<toml::Table> {
    let folders = |folder: &Path| -> Vec<_> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.is_dir() && !path.ends_with(".git")).collect()
    };
    let packages = folders(registry).into_iter().flat_map(|letter| folders(&letter));
    packages.map(|package| fs::read_to_string(package.join("Versions.toml")).unwrap().parse().unwrap()).collect()
}

fn cat_file(place: &Path) {
    let mut command = Command::new("git");
    command.arg("-C").arg(place.join("packages.git")).args(["cat-file", "--batch", "--buffer"]);
    run(command.stdin(File::open(place.join("objects")).unwrap()));
}

fn audit(place: &Path, heads: &Path, revision: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sigpkg"));
    command.args(["registry", "audit", "--update-heads", "--at", revision]);
    command.arg("--registry").arg(place.join("registry")).arg("--packages").arg(place).arg("--heads").arg(heads);
    run(&mut command);
}

fn run(command: &mut Command) {
    let status = command.stdout(Stdio::null()).status().unwrap();
    assert!(status.success(), "{command:?} ended with {status}");
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn report(what: &str, time: Duration, git: Duration) {
    println!("{what:<42} {:>8.2} s {:>6.2} x", time.as_secs_f64(), time.as_secs_f64() / git.as_secs_f64());
}
