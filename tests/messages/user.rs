//! The machine of a user, as the context of a vector describes it: the trust store as files, the target beside it, and the
//! real command on both, for people and as JSON.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use git2::{ObjectType, Oid, Repository};
use serde_json::Value;
use sigpkg::chain::{Chain, Decided, Vouchers};
use sigpkg::digest::Digest;
use sigpkg::signature::Standard;
use sigpkg::statement::Cause;
use sigpkg::time::Timestamp;
use sigpkg::trust::{Decisions, Grade, ReservePolicy, SeenHead, Trusted};

use crate::vectors::{Content, Entry, bytes, entries};

/// What a test has seen of one command.
#[derive(Clone)]
pub(crate) struct Shown {
    /// The command as a person types it.
    pub(crate) command: String,
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// The objects that the same command prints with `--json`.
    pub(crate) objects: Vec<Value>,
}

/// A folder with everything in it; `home` is for the stores.
pub(crate) struct User {
    folder: tempfile::TempDir,
    variables: Vec<(&'static str, String)>,
}

/// When the head of a store was first seen, unless a vector says so: never long ago, whatever the clock says.
const FIRST_SEEN: &str = "2199-01-01T00:00:00Z";

impl User {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), variables: Vec::new() }
    }

    /// In a folder that has something in it.
    pub(crate) fn in_folder(folder: tempfile::TempDir) -> Self {
        Self { folder, variables: Vec::new() }
    }

    /// Runs git in the folder `Example`.
    #[track_caller]
    pub(crate) fn git(&self, arguments: &[&str]) {
        let status = Command::new("git").current_dir(self.path("Example")).args(arguments).status().unwrap();
        assert!(status.success(), "git {arguments:?}");
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn set(&mut self, variable: &'static str, value: &str) {
        self.variables.push((variable, value.to_owned()));
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Puts a file into the folder that only its owner can read, whatever the umask is.
    pub(crate) fn write_private(&self, name: &str, content: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        self.write(name, content);
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// Puts a tree into a folder.
    pub(crate) fn write_tree(&self, name: &str, entries: &[Entry]) {
        for Entry { path, content } in entries {
            let path = self.path(name).join(std::str::from_utf8(path).expect("a folder has names of UTF-8"));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            match content {
                Content::File(bytes, is_executable) => {
                    fs::write(&path, bytes).unwrap();
                    set_executable(&path, *is_executable);
                }
                Content::Link(target) => link(target, &path),
                Content::Directory => fs::create_dir(path).unwrap(),
                Content::Submodule => panic!("no submodule can be checked out here"),
            }
        }
    }

    /// Puts a tree into a repository, byte by byte, since no library would write some of their names. The branch is `main`.
    pub(crate) fn commit(&self, name: &str, entries: &[Entry]) {
        let repository = Repository::init_bare(self.path(name)).unwrap();
        let tree = write_git_tree(&repository, b"", entries);
        let text = format!(
            "tree {tree}\nauthor Test <test@example.org> 0 +0000\ncommitter Test <test@example.org> 0 +0000\n\na tree\n"
        );
        let commit = repository.odb().unwrap().write(ObjectType::Commit, text.as_bytes()).unwrap();
        repository.reference("refs/heads/main", commit, true, "a tree").unwrap();
    }

    /// Writes the trust store that the context of a vector describes.
    pub(crate) fn trust(&self, context: &Value) {
        if let Some((id, store)) = context["id"].as_str().zip(context.get("store")) {
            self.trust_one(&bytes(store), id, context);
        }
        for other in context["others"].as_array().into_iter().flatten() {
            let store = bytes(&other["store"]);
            let id = Chain::claimed_id(&store).unwrap().to_string();
            self.trust_one(&store, &id, other);
        }
        if !context["distrust-ed25519"].is_null() {
            self.write("home/trust/distrust-ed25519.toml", "sigpkg-distrust = 1\nsince = \"2026-01-01T00:00:00Z\"\n");
        }
    }

    fn trust_one(&self, store: &[u8], id: &str, context: &Value) {
        let trusted = trusted(store, id, context);
        let package = trusted.package();
        let folder = format!("home/trust/{}/{}/{id}", package.ecosystem(), package.name());
        self.write(&format!("{folder}/chain"), trusted.chain().to_file());
        self.write(&format!("{folder}/trust.toml"), trust_file(trusted.decisions()));
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sigpkg"));
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        command
            .env_clear()
            .env("COLUMNS", "80")
            .env("SIGPKG_HOME", self.path("home"))
            .env("HOME", self.path("home"))
            .env("NO_COLOR", "1");
        command.env("GIT_CONFIG_GLOBAL", "none").env("GIT_CONFIG_NOSYSTEM", "1");
        for name in ["PATH", "SYSTEMROOT", "TMPDIR", "TEMP"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command that is to prepare something.
    #[track_caller]
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.command(arguments).output().unwrap();
        assert!(status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).unwrap()
    }

    /// Runs a command twice, for people and for scripts, with the same stores.
    pub(crate) fn show(&self, arguments: &[&str]) -> Shown {
        let (home, kept) = (self.path("home"), self.path("kept"));
        copy(&home, &kept);
        let human = self.command(arguments).output().unwrap();
        let _ = fs::remove_dir_all(&home);
        copy(&kept, &home);
        let json = self.command(&[arguments, &["--json"]].concat()).output().unwrap();
        let _ = fs::remove_dir_all(&kept);
        assert_eq!(human.status, json.status, "{arguments:?}");
        let json = self.without_places(&json.stdout);
        // What the parser of options says is for people alone.
        let json = if human.status.code() == Some(2) && !json.starts_with('{') { String::new() } else { json };
        Shown {
            command: std::iter::once("sigpkg".to_owned())
                .chain(arguments.iter().map(|word| quoted(word)))
                .collect::<Vec<_>>()
                .join(" "),
            status: human.status.code().expect("no signal ends it"),
            stdout: self.without_places(&human.stdout),
            stderr: self.without_places(&human.stderr),
            objects: json.lines().map(|line| serde_json::from_str(line).expect(line)).collect(),
        }
    }

    /// What a command has printed, where the folder of this test is called `/home/ada`.
    fn without_places(&self, printed: &[u8]) -> String {
        let printed = String::from_utf8(printed.to_vec()).unwrap();
        let folder = self.folder.path();
        let real = folder.canonicalize().unwrap();
        let escaped = |path: &Path| path.to_str().unwrap().replace('\\', "\\\\");
        let mut text = printed;
        for place in
            [escaped(&real), escaped(folder), real.to_str().unwrap().to_owned(), folder.to_str().unwrap().to_owned()]
        {
            text = text.replace(&place, "/home/ada");
        }
        text
    }
}

impl Shown {
    /// Ids and digests that no two runs have in common are left out.
    pub(crate) fn without_ids(mut self) -> Self {
        for text in [&mut self.stdout, &mut self.stderr] {
            *text = without_ids(text);
        }
        let objects =
            self.objects.iter().map(|object| serde_json::from_str(&without_ids(&object.to_string())).unwrap());
        self.objects = objects.collect();
        self
    }
}

/// Replaces the characters of `sigp…` and `blake3:…` by an ellipsis.
pub(crate) fn without_ids(text: &str) -> String {
    let mut rest = text;
    let mut left = String::new();
    while let Some(at) = ["sigp", "blake3:"].iter().filter_map(|start| Some((rest.find(start)?, start.len()))).min() {
        let (at, length) = at;
        let end = at + length;
        let tail =
            rest[end..].find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').unwrap_or(rest.len() - end);
        left.push_str(&rest[..end]);
        if tail == 52 || tail == 64 {
            left.push('…');
            rest = &rest[end + tail..];
        } else {
            rest = &rest[end..];
        }
    }
    without_commits(&(left + rest))
}

/// Replaces the ids of commits and trees by an ellipsis.
fn without_commits(text: &str) -> String {
    let is_id = |word: &&str| word.len() == 40 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let ids: Vec<_> = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(is_id).collect();
    ids.iter().fold(text.to_owned(), |text, id| text.replace(*id, "…"))
}

fn quoted(word: &str) -> String {
    if word.contains([' ', '\'', '"']) || word.is_empty() { format!("'{word}'") } else { word.to_owned() }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).into_iter().flatten() {
        let entry = entry.unwrap().path();
        let place = to.join(entry.file_name().unwrap());
        if entry.is_dir() {
            fs::create_dir_all(&place).unwrap();
            copy(&entry, &place);
            fs::set_permissions(&place, entry.metadata().unwrap().permissions()).unwrap();
        } else {
            fs::create_dir_all(to).unwrap();
            fs::copy(&entry, place).unwrap();
        }
    }
}

/// A chain with the decisions of a context about it: one acceptance after another, oldest first.
fn trusted(file: &[u8], id: &str, context: &Value) -> Trusted {
    let id = id.parse().unwrap();
    // Whoever has heard nothing since then has heard nothing for too long, whatever the clock says.
    let first_seen = timestamp(context.get("first-seen").map_or(FIRST_SEEN, |_| "2020-01-01T00:00:00Z"));
    let accepted: Option<Vec<Digest>> = context["accepted"]
        .as_array()
        .map(|digests| digests.iter().map(|digest| digest.as_str().unwrap().parse().unwrap()).collect());
    let first_trust = Chain::admit_vouched(file, id, Vouchers::FirstTrust, &Standard);
    let chain = match &accepted {
        None => first_trust.unwrap(),
        Some(accepted) => {
            let is_change = |link: &sigpkg::chain::Link<'_>| {
                link.statement().reserve_change().is_some_and(|change| change.cause == Cause::Algorithm)
            };
            let vouchers = match first_trust {
                Ok(chain) => {
                    let links = accepted.iter().filter_map(|digest| chain.find(*digest));
                    links
                        .flat_map(sigpkg::chain::Link::path)
                        .filter(is_change)
                        .map(sigpkg::chain::Link::digest)
                        .collect()
                }
                Err(_) => accepted.clone(),
            };
            Chain::admit_vouched(file, id, Vouchers::Accepted(&vouchers), &Standard).unwrap()
        }
    };
    let first = chain.belief(&Decided::stranger()).head().digest();
    let policy = context["policy"].as_str().unwrap_or("prompt");
    let texts = |name: &str| context[name].as_array().cloned().unwrap_or_default();
    let decisions = Decisions {
        grade: if context["grade"] == "seen" { Grade::Seen } else { Grade::Confirmed },
        since: first_seen,
        accepted: Vec::new(),
        vouchers: Vec::new(),
        reserve: *ReservePolicy::ALL.iter().find(|known| known.as_str() == policy).unwrap(),
        distrust: context["distrust-ed25519"].as_str().map(|digest| digest.parse().unwrap()),
        ended: context["ended"] == true,
        before_signing: texts("before-signing").iter().map(|tree| tree.as_str().unwrap().parse().unwrap()).collect(),
        head: SeenHead { digest: first, first_seen },
    };
    let mut trusted = Trusted::new(chain, decisions);
    for digest in accepted.unwrap_or_else(|| vec![first]) {
        // The rest of a fork may come with the target.
        if !trusted.accept(digest, first_seen) {
            let mut decisions = trusted.decisions().clone();
            decisions.accepted.push(digest);
            trusted = Trusted::new(trusted.chain().clone(), decisions);
        }
    }
    trusted
}

fn timestamp(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn trust_file(decisions: &Decisions) -> String {
    let Decisions { grade, since, accepted, vouchers, reserve, distrust, ended, before_signing, head } = decisions;
    let list =
        |digests: Vec<String>| digests.iter().map(|digest| format!("\"{digest}\"")).collect::<Vec<_>>().join(", ");
    let all = |digests: &[Digest]| list(digests.iter().map(ToString::to_string).collect());
    let distrust = distrust.map_or(String::new(), |mark| format!("distrust-ed25519 = \"{mark}\"\n"));
    let before = list(before_signing.iter().map(ToString::to_string).collect());
    format!(
        "sigpkg-trust = 1\ngrade = \"{grade}\"\nsince = \"{since}\"\naccepted = [{}]\nvouchers = [{}]\nreserve = \"{reserve}\"\n\
         {distrust}ended = {ended}\nbefore-signing = [{before}]\n\n[head]\ndigest = \"{}\"\nfirst-seen = \"{}\"\n",
        all(accepted),
        all(vouchers),
        head.digest,
        head.first_seen
    )
}

fn write_git_tree(repository: &Repository, prefix: &[u8], entries: &[Entry]) -> Oid {
    let odb = repository.odb().unwrap();
    let write = |bytes: &[u8]| odb.write(ObjectType::Blob, bytes).unwrap();
    // Sorted as git sorts them: a folder as if its name ended with a slash.
    let mut lines: Vec<(Vec<u8>, &str, Vec<u8>, Oid)> = Vec::new();
    let mut folders: BTreeSet<Vec<u8>> = BTreeSet::new();
    for entry in entries {
        let Some(name) = entry.path.strip_prefix(prefix) else { continue };
        if let Some(at) = name.iter().position(|byte| *byte == b'/') {
            folders.insert(name[..at].to_vec());
            continue;
        }
        let (mode, id) = match &entry.content {
            Content::File(bytes, true) => ("100755", write(bytes)),
            Content::File(bytes, false) => ("100644", write(bytes)),
            Content::Link(target) => ("120000", write(target)),
            Content::Submodule => ("160000", Oid::from_str("0123456789abcdef0123456789abcdef01234567").unwrap()),
            // Git has no empty folders.
            Content::Directory => continue,
        };
        lines.push((name.to_vec(), mode, name.to_vec(), id));
    }
    for name in folders {
        let id = write_git_tree(repository, &[prefix, &name, b"/"].concat(), entries);
        lines.push(([&*name, b"/"].concat(), "40000", name, id));
    }
    lines.sort();
    let line = |(_, mode, name, id): &(Vec<u8>, &str, Vec<u8>, Oid)| {
        [mode.as_bytes(), b" ", name, b"\0", id.as_bytes()].concat()
    };
    odb.write(ObjectType::Tree, &lines.iter().flat_map(line).collect::<Vec<_>>()).unwrap()
}

/// The tree file of a vector.
pub(crate) fn tree_of(vector: &Value, name: &str) -> Vec<Entry> {
    entries(&vector["input"][name])
}

#[cfg(unix)]
fn set_executable(path: &Path, is_executable: bool) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = if is_executable { 0o755 } else { 0o644 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn set_executable(_path: &Path, _is_executable: bool) {}

#[cfg(unix)]
fn link(target: &[u8], path: &Path) {
    std::os::unix::fs::symlink(std::str::from_utf8(target).unwrap(), path).unwrap();
}

#[cfg(not(unix))]
fn link(_target: &[u8], _path: &Path) {}
