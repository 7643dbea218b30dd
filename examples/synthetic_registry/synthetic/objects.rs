//! Git objects: their ids, and the stream that `git fast-import` reads.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use git2::{ObjectType, Oid};

use super::content::{Blob, Files};

/// The id of the tree that has these files.
pub fn tree_id(files: &Files) -> Oid {
    // The order of whole paths is that of git in every directory: a directory sorts as if its name ended with a slash.
    let entries: Vec<_> = files.iter().map(|(path, blob)| (path.as_str(), blob.id)).collect();
    tree_of(&entries)
}

/// `entries` are the files below one directory, by their path from there.
fn tree_of(entries: &[(&str, Oid)]) -> Oid {
    let mut tree = Vec::new();
    let mut rest = entries;
    while let Some((path, id)) = rest.first() {
        let Some((directory, _)) = path.split_once('/') else {
            write!(tree, "100644 {path}\0").unwrap();
            tree.extend_from_slice(id.as_bytes());
            rest = &rest[1..];
            continue;
        };
        let below = |path: &str| path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'));
        let end = rest.iter().position(|(path, _)| !below(path)).unwrap_or(rest.len());
        let inner: Vec<_> = rest[..end].iter().map(|(path, id)| (&path[directory.len() + 1..], *id)).collect();
        write!(tree, "40000 {directory}\0").unwrap();
        tree.extend_from_slice(tree_of(&inner).as_bytes());
        rest = &rest[end..];
    }
    Oid::hash_object(ObjectType::Tree, &tree).unwrap()
}

/// The objects of one branch, in the order that makes for small packs: all that a file has ever been stands together,
/// and then come the commits. `git fast-import` tries each blob as a change of the one before it.
#[derive(Default)]
pub struct Branch {
    blobs: BTreeMap<String, Vec<Arc<Blob>>>,
    seen: HashSet<Oid>,
    commits: String,
    last: Files,
}

impl Branch {
    /// Adds a commit with these files, by nobody.
    pub fn commit(&mut self, branch: &str, message: &str, date: i64, files: &Files) {
        writeln!(self.commits, "commit refs/heads/{branch}").unwrap();
        writeln!(self.commits, "committer Nobody <nobody@example.org> {date} +0000").unwrap();
        writeln!(self.commits, "data {}\n{message}", message.len()).unwrap();
        for path in self.last.keys().filter(|path| !files.contains_key(*path)) {
            writeln!(self.commits, "D {path}").unwrap();
        }
        for (path, blob) in files {
            if self.last.get(path).is_some_and(|last| last.id == blob.id) {
                continue;
            }
            writeln!(self.commits, "M 100644 {} {path}", blob.id).unwrap();
            if self.seen.insert(blob.id) {
                self.blobs.entry(path.clone()).or_default().push(blob.clone());
            }
        }
        self.commits.push('\n');
        self.last.clone_from(files);
    }

    /// What `git fast-import` is to read.
    pub fn into_stream(self) -> Vec<u8> {
        let blobs = || self.blobs.values().flatten();
        let size: usize = blobs().map(|blob| blob.bytes.len() + 30).sum();
        let mut stream = Vec::with_capacity(size + self.commits.len());
        for blob in blobs() {
            write_blob(&mut stream, &blob.bytes);
        }
        stream.extend_from_slice(self.commits.as_bytes());
        stream
    }
}

fn write_blob(stream: &mut Vec<u8>, bytes: &[u8]) {
    writeln!(stream, "blob\ndata {}", bytes.len()).unwrap();
    stream.extend_from_slice(bytes);
    stream.push(b'\n');
}

/// A running `git fast-import`.
pub struct Import(Child);

impl Import {
    /// Into this repository, as one pack.
    pub fn start(repository: &Path) -> Self {
        let mut command = git(repository);
        command.args(["-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", "--force", "--date-format=raw"]);
        Self(command.stdin(Stdio::piped()).spawn().unwrap())
    }

    pub fn write(&mut self, stream: &[u8]) {
        self.0.stdin.as_mut().unwrap().write_all(stream).unwrap();
    }

    pub fn finish(mut self) {
        drop(self.0.stdin.take());
        assert!(self.0.wait().unwrap().success(), "git fast-import failed");
    }
}

/// A new repository on branch `main`.
pub fn init(folder: &Path, bare: bool) {
    let mut command = Command::new("git");
    command.args(["init", "--quiet", "--initial-branch=main"]).args(bare.then_some("--bare")).arg(folder);
    run(command);
}

/// Git in this repository, whatever the machine has set.
pub fn git(repository: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(repository).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    command
}

pub fn run(mut command: Command) {
    let status = command.stdout(Stdio::null()).status().unwrap();
    assert!(status.success(), "{command:?} ended with {status}");
}
