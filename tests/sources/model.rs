//! A tree in memory, and ways to write it as a directory, a git tree and a tarball.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use git2::{Oid, Repository, Signature};
use sigpkg::rule::Rule;
use sigpkg::source::{Options, SourceError, SourceTree, dir, git, tar};

/// The fixed text of `.sigpkg/.gitattributes`, from spec/6-folder.md.
pub(crate) const ATTRIBUTES: &str =
    "* -text -ident -filter !working-tree-encoding -export-ignore -export-subst -merge\n";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    File(Vec<u8>),
    Link(String),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Model(pub(crate) BTreeMap<String, Entry>);

impl Model {
    /// Files with their content.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let mut model = Self::default();
        for (path, content) in files {
            model = model.file(path, content.as_bytes());
        }
        model
    }

    /// A small package with a folder that holds no release.
    pub(crate) fn package() -> Self {
        Self::of(&[
            ("Project.toml", "name = \"Example\"\n"),
            ("src/Example.jl", "module Example end\n"),
            (".sigpkg/.gitattributes", ATTRIBUTES),
            (".sigpkg/chain", "chain\n"),
        ])
    }

    pub(crate) fn file(mut self, path: &str, content: &[u8]) -> Self {
        self.0.insert(path.to_owned(), Entry::File(content.to_vec()));
        self
    }

    pub(crate) fn link(mut self, path: &str, target: &str) -> Self {
        self.0.insert(path.to_owned(), Entry::Link(target.to_owned()));
        self
    }

    pub(crate) fn write_directory(&self, root: &Path) {
        for (path, entry) in &self.0 {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            match entry {
                Entry::File(content) => fs::write(path, content).unwrap(),
                Entry::Link(target) => std::os::unix::fs::symlink(target, path).unwrap(),
            }
        }
    }

    /// Writes the objects and returns the id of the tree.
    pub(crate) fn write_tree(&self, repository: &Repository) -> Oid {
        write_tree(repository, "", self)
    }

    /// A plain tarball with its files below `prefix`, which is empty or ends with `/`.
    pub(crate) fn tarball(&self, prefix: &str) -> Vec<u8> {
        let mut builder = ::tar::Builder::new(Vec::new());
        let mut directories = BTreeSet::new();
        for (path, entry) in &self.0 {
            let path = format!("{prefix}{path}");
            for (at, _) in path.match_indices('/') {
                if directories.insert(path[..=at].to_owned()) {
                    let mut header = header(::tar::EntryType::Directory, 0);
                    builder.append_data(&mut header, &path[..=at], &[][..]).unwrap();
                }
            }
            match entry {
                Entry::File(content) => {
                    let mut header = header(::tar::EntryType::Regular, content.len() as u64);
                    builder.append_data(&mut header, &path, content.as_slice()).unwrap();
                }
                Entry::Link(target) => {
                    builder.append_link(&mut header(::tar::EntryType::Symlink, 0), &path, target).unwrap();
                }
            }
        }
        builder.into_inner().unwrap()
    }
}

pub(crate) fn header(kind: ::tar::EntryType, size: u64) -> ::tar::Header {
    let mut header = ::tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(0o644);
    header
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zstandard(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

pub(crate) const OPTIONS: Options<'static> = Options {
    manifests: &["Project.toml", "JuliaProject.toml"],
    folder: sigpkg::source::FolderUse::Read,
    limits: sigpkg::source::Limits { entries: 10_000, bytes: 1 << 24, free_bytes: 1 << 20, ratio: 200 },
    leave_out: &[],
    progress: None,
};

pub(crate) fn read_tarball(bytes: &[u8]) -> Result<SourceTree, SourceError> {
    tar::read(bytes, bytes.len() as u64, Path::new("archive"), &OPTIONS)
}

pub(crate) fn read_directory(model: &Model) -> Result<SourceTree, SourceError> {
    let root = tempfile::tempdir().unwrap();
    model.write_directory(root.path());
    dir::read(root.path(), &OPTIONS)
}

pub(crate) fn read_git(model: &Model) -> Result<SourceTree, SourceError> {
    let (_root, repository) = repository();
    let tree = model.write_tree(&repository);
    git::read(&repository, tree, &OPTIONS)
}

/// The rule that all three sources name.
pub(crate) fn refused_by_all(model: &Model) -> Rule {
    let rules = [read_git(model), read_directory(model), read_tarball(&model.tarball("top/"))]
        .map(|result| result.unwrap_err().rule().unwrap());
    assert!(rules.iter().all(|rule| *rule == rules[0]), "{rules:?}");
    rules[0]
}

pub(crate) fn repository() -> (tempfile::TempDir, Repository) {
    let root = tempfile::tempdir().unwrap();
    let repository = Repository::init(root.path()).unwrap();
    (root, repository)
}

pub(crate) fn commit(repository: &Repository, tree: Oid) -> Oid {
    let author = Signature::new("Test", "test@example.org", &git2::Time::new(1_700_000_000, 0)).unwrap();
    let parent = repository.head().ok().map(|head| head.peel_to_commit().unwrap());
    let tree = repository.find_tree(tree).unwrap();
    repository.commit(Some("HEAD"), &author, &author, "test", &tree, parent.as_ref().as_slice()).unwrap()
}

/// Runs a stock tool and returns what it printed. A missing tool fails with the name of its package.
pub(crate) fn run(tool: &str, package: &str, directory: &Path, arguments: &[&str]) -> Vec<u8> {
    let mut command = Command::new(tool);
    command.current_dir(directory).args(arguments);
    // The tests mean no configuration but their own.
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    let output = command.output().unwrap_or_else(|error| panic!("cannot run {tool} ({error}); install {package}"));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{tool} {arguments:?}: {}\n{stderr}", output.status);
    output.stdout
}

pub(crate) fn git_command(directory: &Path, arguments: &[&str]) -> Vec<u8> {
    run("git", "git", directory, arguments)
}

/// Writes the object byte by byte: libgit2 would refuse the names that these tests need.
fn write_tree(repository: &Repository, prefix: &str, model: &Model) -> Oid {
    let mut entries = BTreeMap::new();
    for (path, entry) in &model.0 {
        let Some(rest) = path.strip_prefix(prefix) else {
            continue;
        };
        // git sorts a directory as if its name ended with `/`.
        if let Some((directory, _)) = rest.split_once('/') {
            let name = format!("{directory}/");
            let inner = format!("{prefix}{name}");
            entries.entry(name).or_insert_with(|| ("40000", write_tree(repository, &inner, model)));
            continue;
        }
        let entry = match entry {
            Entry::File(content) => ("100644", repository.blob(content).unwrap()),
            Entry::Link(target) => ("120000", repository.blob(target.as_bytes()).unwrap()),
        };
        entries.insert(rest.to_owned(), entry);
    }
    let mut object = Vec::new();
    for (name, (mode, id)) in entries {
        object.extend_from_slice(format!("{mode} {}\0", name.trim_end_matches('/')).as_bytes());
        object.extend_from_slice(id.as_bytes());
    }
    repository.odb().unwrap().write(git2::ObjectType::Tree, &object).unwrap()
}
