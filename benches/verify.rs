//! What `sigpkg verify` costs as a process of its own, beside `minisign -V` over the `release.toml` of the same release,
//! in one run.
//!
//! `cargo bench --bench verify`, with the Debian package minisign installed. The package has the size that is the
//! median of Julia's General registry, 28 files with 79 kB together, and five releases; the goal is 2 times minisign's
//! time. The second part is about long chains: one that the trust store knows, and one that is new to it.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[path = "../src/testing.rs"]
mod testing;

use testing::{Files, Fixture, Record};

/// How often each is run; the medians count.
const ROUNDS: usize = 41;
/// The same for the long chain, which takes longer.
const LONG_ROUNDS: usize = 15;

const FILES: usize = 28;
const BYTES: usize = 79_321;
const RELEASES: usize = 5;
/// More than the longest history in Julia's General registry, which has some hundreds of releases.
const LONG: usize = 2_000;

fn main() {
    let place = tempfile::tempdir().unwrap();
    let package = Package::new(&place.path().join("small"), RELEASES);
    let key = minisign_key(&package);
    let statement = package.folder.join(".sigpkg/release.toml");
    let minisign: [&OsStr; 4] = ["-Vm".as_ref(), statement.as_os_str(), "-P".as_ref(), key.as_ref()];
    let nothing = place.path().join("nothing");
    fs::create_dir(&nothing).unwrap();

    let [mut known, mut stranger, mut version, mut theirs] = [(); 4].map(|()| Vec::new());
    // Interleaved, so that a slow moment of the machine meets all of them.
    for _ in 0..ROUNDS {
        theirs.push(timed(Command::new("minisign").args(minisign)));
        known.push(timed(&mut package.verify(&package.home, &[])));
        stranger.push(timed(&mut package.verify(&nothing, &["--id", &package.id])));
        version.push(timed(sigpkg().arg("--version")));
    }
    let theirs = median(theirs);
    println!("{FILES} files, {BYTES} bytes, {RELEASES} releases; medians of {ROUNDS} rounds beside minisign -V");
    report("minisign -V", theirs, theirs);
    report("sigpkg verify, chain in the store", median(known), theirs);
    report("sigpkg verify --id, empty store", median(stranger), theirs);
    report("sigpkg --version", median(version), theirs);

    let package = Package::new(&place.path().join("long"), LONG);
    let [mut known, mut stranger] = [(); 2].map(|()| Vec::new());
    for _ in 0..LONG_ROUNDS {
        known.push(timed(&mut package.verify(&package.home, &[])));
        stranger.push(timed(&mut package.verify(&nothing, &["--id", &package.id])));
    }
    println!("the same with {LONG} releases; medians of {LONG_ROUNDS} rounds");
    report("sigpkg verify, chain in the store", median(known), theirs);
    report("sigpkg verify --id, empty store", median(stranger), theirs);
}

/// A signed package, and a home whose trust store has its chain.
struct Package {
    folder: std::path::PathBuf,
    home: std::path::PathBuf,
    id: String,
    chain: Vec<Record>,
}

impl Package {
    fn new(place: &Path, releases: usize) -> Self {
        let mut maintainer = Fixture::new(1);
        let mut chain = vec![maintainer.genesis()];
        for number in 1..releases {
            let next = maintainer.release(&chain[number - 1], &format!("0.{number}.0"));
            chain.push(next);
        }
        let files =
            (0..FILES).map(|number| (format!("src/part{}/file{number}.jl", number % 4), content(number))).collect();
        let tree = maintainer.release_tree(&mut chain, "1.0.0", &Files(files));
        let package = Self {
            folder: place.join("package"),
            home: place.join("home"),
            id: chain[0].signatory().to_string(),
            chain,
        };
        tree.write_to(&package.folder);
        let added = sigpkg()
            .env("SIGPKG_HOME", &package.home)
            .args(["trust", "add", "--id", &package.id])
            .arg(&package.folder)
            .stdout(Stdio::null())
            .status();
        assert!(added.unwrap().success(), "sigpkg trust add failed");
        package
    }

    fn verify(&self, home: &Path, options: &[&str]) -> Command {
        let mut command = sigpkg();
        command.env("SIGPKG_HOME", home).arg("verify").arg(&self.folder).args(options);
        command
    }
}

fn sigpkg() -> Command {
    Command::new(env!("CARGO_BIN_EXE_sigpkg"))
}

/// The key that signed the release: what the parent has as `next`.
fn minisign_key(package: &Package) -> String {
    package.chain[package.chain.len() - 2].next.to_string()
}

/// Text of lines, different in each file.
fn content(seed: usize) -> Vec<u8> {
    let length = BYTES / FILES + usize::from(seed < BYTES % FILES);
    let lines = (0..).map(|line| format!("f{seed}_{line}(x) = x + {line} # a line of source code\n"));
    let mut text = Vec::with_capacity(length + 80);
    for line in lines {
        text.extend_from_slice(line.as_bytes());
        if text.len() >= length {
            break;
        }
    }
    text.truncate(length);
    text
}

/// From the start of the process to its end, which must be a good one.
fn timed(command: &mut Command) -> Duration {
    let start = Instant::now();
    let status = command.stdout(Stdio::null()).status();
    let elapsed = start.elapsed();
    match status {
        Ok(status) => assert!(status.success(), "{command:?} ended with {status}"),
        Err(error) => panic!("cannot run {}: {error}", command.get_program().display()),
    }
    elapsed
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn report(what: &str, time: Duration, theirs: Duration) {
    println!("{what:36} {:8.2} ms {:6.2} x", time.as_secs_f64() * 1e3, time.as_secs_f64() / theirs.as_secs_f64());
}
