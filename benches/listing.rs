//! Listing a tree beside `b3sum` over the same files, in one run: the goal is 1.2 times its time.
//!
//! `cargo bench --bench listing`, with the Debian package b3sum installed. Both read from the page cache, both use all
//! threads, and both start from the path of a directory; `b3sum` runs as a process of its own, since that is how it is
//! used, and its start counts for it.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sigpkg::source::{Options, dir};

/// How often each is run; the fastest run counts, as the one least disturbed.
const ROUNDS: u32 = 15;

fn main() {
    println!("{:<28} {:>12} {:>12} {:>7}", "tree", "sigpkg", "b3sum", "ratio");
    measure("20 files of 4 KiB", 20, 4 << 10);
    measure("2,000 files of 8 KiB", 2_000, 8 << 10);
    measure("200 files of 256 KiB", 200, 256 << 10);
    measure("4 files of 64 MiB", 4, 64 << 20);
}

fn measure(name: &str, files: usize, bytes: usize) {
    let root = tempfile::tempdir().unwrap();
    for index in 0..files {
        let directory = root.path().join(format!("d{:02}", index % 20));
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join(format!("file{index}.jl")), content(index, bytes)).unwrap();
    }
    // The names come on the standard input of xargs, as in the by-hand verification, and in one call of b3sum.
    let names = dir::read(root.path(), &Options::default()).unwrap();
    let names: Vec<&str> = names.tree().listing().lines().iter().map(|line| line.path.as_str()).collect();
    let names = names.join("\0");
    let (mut ours, mut theirs) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        ours = ours.min(time(|| {
            dir::read(root.path(), &Options::default()).unwrap();
        }));
        theirs = theirs.min(time(|| b3sum(root.path(), &names)));
    }
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    println!("{name:<28} {ours:>12.2?} {theirs:>12.2?} {ratio:>7.2}");
}

fn time(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

fn b3sum(root: &Path, names: &str) {
    let child = Command::new("xargs")
        .args(["-0", "b3sum", "--"])
        .current_dir(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn();
    let mut child = child.unwrap_or_else(|error| panic!("cannot run xargs ({error}); install findutils and b3sum"));
    child.stdin.take().unwrap().write_all(names.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success(), "b3sum failed; install the package b3sum");
}

/// Text of lines, different in each file.
fn content(seed: usize, bytes: usize) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes + 80);
    let mut line = 0;
    while text.len() < bytes {
        writeln!(text, "function f{seed}_{line}(x) return x + {line} end # a line of source code").unwrap();
        line += 1;
    }
    text.truncate(bytes);
    text
}
