//! Trees as the vectors hold them, listings, release trees and archives, all made by hand.

use serde::Serialize;

use super::build::{Corpus, Source};
use super::raw::{JULIA, Record, digest, genesis};

/// The exact text of `.sigpkg/.gitattributes` (DIR-4).
pub(crate) const GITATTRIBUTES: &str =
    "* -text -ident -filter !working-tree-encoding -export-ignore -export-subst -merge\n";

/// A tree file.
#[derive(Clone, Default)]
pub(crate) struct Forest {
    entries: Vec<Entry>,
}

#[derive(Clone, Serialize)]
struct Entry {
    #[serde(flatten)]
    path: Path,
    #[serde(flatten)]
    content: Content,
    #[serde(skip_serializing_if = "Option::is_none")]
    executable: Option<bool>,
}

#[derive(Clone, PartialEq, Serialize)]
enum Path {
    #[serde(rename = "path")]
    Text(String),
    #[serde(rename = "path-hex")]
    Hex(String),
}

/// What stands at a path, with the bytes that it stands for.
#[derive(Clone, Serialize)]
enum Content {
    #[serde(rename = "file")]
    File(Held),
    #[serde(rename = "link")]
    Link(Held),
    #[serde(rename = "submodule")]
    Submodule(&'static str),
    #[serde(rename = "directory")]
    Directory(bool),
}

#[derive(Clone)]
struct Held {
    source: Source,
    bytes: Vec<u8>,
}

impl Serialize for Held {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.source.serialize(serializer)
    }
}

impl Forest {
    /// A tree of files with their text.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        files.iter().fold(Self::default(), |tree, (path, text)| tree.file(path, text))
    }

    pub(crate) fn file(self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        self.held(path, Content::File, Source::bytes(bytes), bytes.to_vec())
    }

    /// A file whose bytes are found elsewhere too.
    pub(crate) fn source(self, path: &str, source: Source, bytes: Vec<u8>) -> Self {
        self.held(path, Content::File, source, bytes)
    }

    pub(crate) fn link(self, path: &str, target: impl AsRef<[u8]>) -> Self {
        let target = target.as_ref();
        self.held(path, Content::Link, Source::bytes(target), target.to_vec())
    }

    pub(crate) fn submodule(mut self, path: &str) -> Self {
        self.push(path, Content::Submodule("0123456789abcdef0123456789abcdef01234567"));
        self
    }

    pub(crate) fn directory(mut self, path: &str) -> Self {
        self.push(path, Content::Directory(true));
        self
    }

    /// Marks the entry that was added last.
    pub(crate) fn executable(mut self) -> Self {
        self.entries.last_mut().expect("there is an entry").executable = Some(true);
        self
    }

    /// Gives the entry that was added last a path that is not UTF-8.
    pub(crate) fn named(mut self, hex: &str) -> Self {
        self.entries.last_mut().expect("there is an entry").path = Path::Hex(hex.to_owned());
        self
    }

    pub(crate) fn without(mut self, path: &str) -> Self {
        let before = self.entries.len();
        self.entries.retain(|entry| entry.path != Path::Text(path.to_owned()));
        assert_eq!(before, self.entries.len() + 1, "{path} is not there once");
        self
    }

    /// The same tree with another content at a path.
    pub(crate) fn with(self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.without(path).file(path, bytes)
    }

    /// The same tree with what another tree has at a path.
    pub(crate) fn adopt(mut self, path: &str, other: &Self) -> Self {
        let wanted = Path::Text(path.to_owned());
        let found = other.entries.iter().find(|entry| entry.path == wanted).expect("the other tree has this path");
        self.entries.retain(|entry| entry.path != wanted);
        self.entries.push(found.clone());
        self
    }

    /// What a tree has in its `.sigpkg`, as a folder that is kept outside of it.
    pub(crate) fn folder(&self) -> Self {
        let inner = self.entries.iter().filter_map(|entry| match &entry.path {
            Path::Text(path) => {
                Some(Entry { path: Path::Text(path.strip_prefix(".sigpkg/")?.to_owned()), ..entry.clone() })
            }
            Path::Hex(_) => None,
        });
        Self { entries: inner.collect() }
    }

    pub(crate) fn bytes_of(&self, path: &str) -> &[u8] {
        let wanted = Path::Text(path.to_owned());
        match &self.entries.iter().find(|entry| entry.path == wanted).expect("the tree has this path").content {
            Content::File(held) | Content::Link(held) => &held.bytes,
            Content::Submodule(_) | Content::Directory(_) => panic!("{path} has no bytes"),
        }
    }

    fn held(mut self, path: &str, kind: impl FnOnce(Held) -> Content, source: Source, bytes: Vec<u8>) -> Self {
        self.push(path, kind(Held { source, bytes }));
        self
    }

    fn push(&mut self, path: &str, content: Content) {
        self.entries.push(Entry { path: Path::Text(path.to_owned()), content, executable: None });
    }

    /// The tree as a file of `testvectors/trees/`.
    pub(crate) fn store(&self, corpus: &mut Corpus, name: &str) -> Source {
        corpus.file(&format!("trees/{name}.json"), self.to_json())
    }

    fn to_json(&self) -> String {
        let line = |entry| format!("    {}", serde_json::to_string(entry).expect("entries have string keys"));
        let lines: Vec<_> = self.entries.iter().map(line).collect();
        format!("{{\n  \"schema\": \"sigpkg.tree/1\",\n  \"entries\": [\n{}\n  ]\n}}\n", lines.join(",\n"))
    }

    fn texts(&self, wanted: impl Fn(&Content) -> Option<&Held>) -> Vec<(&str, &[u8])> {
        let mut found: Vec<_> = self
            .entries
            .iter()
            .filter_map(|entry| match (&entry.path, wanted(&entry.content)) {
                (Path::Text(path), Some(held)) if !path.starts_with(".sigpkg/") => Some((&**path, &*held.bytes)),
                _ => None,
            })
            .collect();
        found.sort_unstable();
        found
    }

    /// The text of `.sigpkg/links`; empty if there are none.
    pub(crate) fn links(&self) -> String {
        let links = self.texts(|content| match content {
            Content::Link(held) => Some(held),
            Content::File(_) | Content::Submodule(_) | Content::Directory(_) => None,
        });
        links.iter().map(|(path, target)| format!("{path}\t{}\n", std::str::from_utf8(target).unwrap())).collect()
    }

    /// The text of `.sigpkg/files`, how many files it lists, and how many bytes they have.
    pub(crate) fn files(&self) -> (String, usize, usize) {
        let links = self.links();
        let mut files = self.texts(|content| match content {
            Content::File(held) => Some(held),
            Content::Link(_) | Content::Submodule(_) | Content::Directory(_) => None,
        });
        if !links.is_empty() {
            files.push((".sigpkg/links", links.as_bytes()));
            files.sort_unstable();
        }
        let bytes = files.iter().map(|(_, bytes)| bytes.len()).sum();
        let text = files.iter().map(|(path, bytes)| format!("{}  {path}\n", blake3::hash(bytes).to_hex())).collect();
        (text, files.len(), bytes)
    }

    /// What a release says of this tree.
    pub(crate) fn body(&self, version: &str) -> String {
        let (text, count, bytes) = self.files();
        let files = digest(text.as_bytes());
        format!("[release]\nversion = \"{version}\"\nfiles = \"{files}\"\ncount = {count}\nbytes = {bytes}\n")
    }

    /// Every file and link with its path, in the order in which they were added.
    pub(crate) fn members(&self) -> Vec<(String, Member)> {
        self.entries
            .iter()
            .map(|entry| {
                let Path::Text(path) = &entry.path else { panic!("an archive of a path that is no text") };
                let member = match &entry.content {
                    Content::File(held) => Member::File(held.bytes.clone()),
                    Content::Link(held) => Member::Link(held.bytes.clone()),
                    Content::Directory(_) => Member::Directory,
                    Content::Submodule(_) => panic!("an archive of a submodule"),
                };
                (path.clone(), member)
            })
            .collect()
    }
}

pub(crate) enum Member {
    File(Vec<u8>),
    Link(Vec<u8>),
    Directory,
}

/// The tree of a release: the files, and a folder `.sigpkg` with these records.
pub(crate) fn signed(corpus: &mut Corpus, tree: &Forest, records: &[&Record], release: &Record) -> Forest {
    let name = format!("records/{}-{}", release.draft.label.replace(' ', "-"), release.draft.seq);
    let statement = corpus.file(&format!("{name}.toml"), &release.text);
    let (files, ..) = tree.files();
    let files_source = corpus.file(&format!("{name}.files"), &files);
    let links = tree.links();
    let mut signed =
        unreleased(corpus, tree, records).source(".sigpkg/release.toml", statement, release.text.clone().into_bytes());
    if release.draft.signer.is_ed25519() {
        let minisig = release.minisig();
        let source = corpus.file(&format!("{name}.toml.minisig"), &minisig);
        signed = signed.source(".sigpkg/release.toml.minisig", source, minisig.into_bytes());
    }
    let signed = signed.source(".sigpkg/files", files_source, files.into_bytes());
    if links.is_empty() { signed } else { signed.file(".sigpkg/links", links) }
}

/// A tree whose `.sigpkg` has a chain and no release.
pub(crate) fn unreleased(corpus: &mut Corpus, tree: &Forest, records: &[&Record]) -> Forest {
    let chain = super::raw::chain(corpus, records);
    let bytes = corpus.bytes(&chain);
    tree.clone().file(".sigpkg/.gitattributes", GITATTRIBUTES).source(".sigpkg/chain", chain, bytes)
}

/// The sources of a small Julia package.
pub(crate) fn sources(version: &str) -> Forest {
    let uuid = super::raw::UUID;
    Forest::of(&[
        ("Project.toml", &format!("name = \"Example\"\nuuid = \"{uuid}\"\nversion = \"{version}\"\n")),
        ("README.md", "# Example\n"),
        ("src/Example.jl", "module Example\n\nhello(who) = \"Hello, $who\"\n\nend\n"),
    ])
}

/// A genesis and three releases with their trees: 1.0.0, 1.1.0 and the back-port 1.0.1.
pub(crate) struct Package {
    pub(crate) genesis: Record,
    pub(crate) releases: [Record; 3],
    pub(crate) trees: [Forest; 3],
}

impl Package {
    pub(crate) fn new(corpus: &mut Corpus, label: &str) -> Self {
        let genesis = genesis(label, JULIA).sign();
        let versions = ["1.0.0", "1.1.0", "1.0.1"];
        let sources = versions.map(sources);
        let first = genesis.child("", "release", sources[0].body(versions[0])).sign();
        let second = first.child("", "release", sources[1].body(versions[1])).sign();
        let third = second.child("", "release", sources[2].body(versions[2])).sign();
        let trees = [
            signed(corpus, &sources[0], &[&genesis, &first], &first),
            signed(corpus, &sources[1], &[&genesis, &first, &second], &second),
            signed(corpus, &sources[2], &[&genesis, &first, &second, &third], &third),
        ];
        Self { genesis, releases: [first, second, third], trees }
    }

    /// The genesis and the first releases.
    pub(crate) fn records(&self, releases: usize) -> Vec<&Record> {
        std::iter::once(&self.genesis).chain(&self.releases[..releases]).collect()
    }

    /// The chain file with the first releases.
    pub(crate) fn chain(&self, corpus: &mut Corpus, releases: usize) -> Source {
        super::raw::chain(corpus, &self.records(releases))
    }

    pub(crate) fn id(&self) -> String {
        self.genesis.id()
    }
}

/// A tarball in the making: ustar headers, one after another.
#[derive(Clone, Default)]
pub(crate) struct Tarball(pub(crate) Vec<u8>);

impl Tarball {
    pub(crate) fn of(tree: &Forest, top: &str) -> Self {
        let mut tarball = Self::default();
        for (path, member) in tree.members() {
            tarball.add(&format!("{top}{path}"), &member);
        }
        tarball
    }

    pub(crate) fn add(&mut self, path: &str, member: &Member) {
        match member {
            Member::File(bytes) => self.entry(path, b'0', b"", bytes),
            Member::Link(target) => self.entry(path, b'2', target, b""),
            Member::Directory => self.entry(&format!("{path}/"), b'5', b"", b""),
        }
    }

    /// A header of this kind, and its data.
    pub(crate) fn entry(&mut self, path: &str, kind: u8, target: &[u8], data: &[u8]) {
        self.0.extend(header(path, kind, target, data.len() as u64));
        self.data(data);
    }

    /// Data, filled up to a block.
    pub(crate) fn data(&mut self, data: &[u8]) {
        self.0.extend(data);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
    }

    /// A pax header for the entry that follows, or for all.
    pub(crate) fn pax(&mut self, kind: u8, key: &str, value: &str) {
        let rest = format!(" {key}={value}\n");
        let digits = if rest.len() + 2 < 100 { 2 } else { 3 };
        self.entry("pax", kind, b"", format!("{}{rest}", rest.len() + digits).as_bytes());
    }

    /// The two blocks of zeros that end an archive.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.0.resize(self.0.len() + 1024, 0);
        self.0
    }
}

pub(crate) fn header(path: &str, kind: u8, target: &[u8], bytes: u64) -> [u8; 512] {
    let mut header = [0; 512];
    let mut put = |at: usize, field: &[u8]| header[at..at + field.len()].copy_from_slice(field);
    put(0, path.as_bytes());
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{bytes:011o}\0").as_bytes());
    put(136, b"00000000000\0");
    put(148, b"        ");
    put(156, &[kind]);
    put(157, target);
    put(257, b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}

/// A gzip file that stores its content as it is, so that no compressor decides its bytes.
pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let chunks: Vec<_> = content.chunks(0xffff).collect();
    for (number, chunk) in chunks.iter().enumerate() {
        let length = u16::try_from(chunk.len()).expect("a chunk is short");
        file.push(u8::from(number + 1 == chunks.len()));
        file.extend(length.to_le_bytes());
        file.extend((!length).to_le_bytes());
        file.extend(*chunk);
    }
    file.extend(crc32(content).to_le_bytes());
    file.extend(u32::try_from(content.len()).expect("the content is short").to_le_bytes());
    file
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |sum: u32, byte: &u8| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 })
    };
    !bytes.iter().fold(!0, step)
}
