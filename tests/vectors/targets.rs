//! The library's answers about trees, archives and chain files: what a tree file describes is put where the library
//! reads it, into the objects of a git repository or into a directory.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use git2::{ObjectType, Oid, Repository};
use serde_json::Value;
use sigpkg::chain::{Chain, ChainError, Decided, Link, Vouchers};
use sigpkg::digest::{Digest, SignatoryId};
use sigpkg::listing::{Change, Mismatch};
use sigpkg::rule::Rule;
use sigpkg::signature::Standard;
use sigpkg::source::{self, FolderUse, Options, SourceError, SourceTree, dir, git, tar};
use sigpkg::statement::Cause;
use sigpkg::time::Timestamp;
use sigpkg::trust::{Decisions, Grade, ReservePolicy, SeenHead, Trusted};
use sigpkg::verify::{
    Expectation, Installed, Question, Reason, Target, TreeTarget, Verdict as Judged, refuse_unread, verify,
};

use super::build::{
    BeliefFields, Context, Corpus, Differences, Expect, Head, Kind, PackageFields, Source, Vector, Verdict,
    YankedFields,
};

/// The clock, where a vector does not set it.
const NOW: &str = "2026-12-01T00:00:00Z";

/// The whole verification of a release tree, an archive or a chain file.
pub(crate) fn judge(corpus: &Corpus, vector: &Vector) -> Expect {
    let user = User::of(corpus, &vector.context);
    let input = |name: &str| vector.input.get(name);
    let judged = match vector.kind {
        Kind::ChainFile => {
            let file = corpus.bytes(&vector.input["chain"]);
            user.ask(&Target::Chain(&file))
        }
        Kind::Archive => {
            let archive = corpus.bytes(&vector.input["archive"]);
            user.ask_tree(tar::read(&archive[..], archive.len() as u64, Path::new("archive"), &options()), None)
        }
        Kind::ReleaseTree => {
            let folder = input("signatures").map(|source| read_folder(corpus, source));
            let tree = entries(corpus, &vector.input["tree"]);
            let folder_use = if folder.is_some() { FolderUse::Override } else { FolderUse::Read };
            let options = Options { folder: folder_use, ..options() };
            let tree = match vector.context.source {
                Some("directory") => from_directory(&tree, &options),
                _ => from_git(&tree, &options),
            };
            user.ask_tree(tree, folder)
        }
        Kind::Text
        | Kind::Id
        | Kind::PublicKey
        | Kind::PublicKeyFile
        | Kind::ReserveKey
        | Kind::SecretKeyFile
        | Kind::Block
        | Kind::SignatureFile
        | Kind::Statement
        | Kind::Chain
        | Kind::Listing
        | Kind::Links
        | Kind::Tree
        | Kind::Pins
        | Kind::Dependency
        | Kind::Words
        | Kind::ShownId
        | Kind::PastedId
        | Kind::LookAlike => panic!("{:?} is no whole verification", vector.kind),
    };
    user.answer(&judged, vector)
}

/// A tree as git has it.
pub(crate) fn read_tree(corpus: &Corpus, source: &Source) -> Result<SourceTree, SourceError> {
    from_git(&entries(corpus, source), &options())
}

fn options() -> Options<'static> {
    Options { manifests: &TreeTarget::MANIFESTS, ..Options::default() }
}

fn read_folder(corpus: &Corpus, source: &Source) -> Result<(sigpkg::listing::folder::SigpkgFolder, bool), SourceError> {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &entries(corpus, source));
    dir::read_folder(folder.path())
}

type Folder = Result<(sigpkg::listing::folder::SigpkgFolder, bool), SourceError>;

/// What the user knows and wants.
pub(crate) struct User<'a> {
    context: &'a Context,
    pub(crate) trusted: Vec<Trusted>,
    installed_tree: Option<SourceTree>,
    pub(crate) now: Timestamp,
}

impl<'a> User<'a> {
    pub(crate) fn of(corpus: &Corpus, context: &'a Context) -> Self {
        let now: Timestamp = context.now.unwrap_or(NOW).parse().unwrap();
        let mut all = Vec::new();
        if let Some(id) = &context.id {
            let store = corpus.bytes(context.store.as_ref().expect("whoever trusts an id has its chain"));
            all.push(trusted(&store, id.parse().unwrap(), context, now));
        }
        for other in &context.others {
            let store = corpus.bytes(&other.store);
            let id = Chain::claimed_id(&store).unwrap();
            all.push(trusted(&store, id, &Context { ended: other.ended, ..Context::default() }, now));
        }
        let installed_tree = context.installed_tree.as_ref().map(|source| {
            let tree = from_directory(&entries(corpus, source), &options());
            tree.expect("an installed tree can be read")
        });
        Self { context, trusted: all, installed_tree, now }
    }

    fn ask_tree(&self, tree: Result<SourceTree, SourceError>, folder: Option<Folder>) -> Judged {
        let refuse = |error: &SourceError| refuse_unread(error.rule().unwrap(), error.to_string());
        match (tree, folder.transpose()) {
            (Err(error), _) | (_, Err(error)) => refuse(&error),
            (Ok(tree), Ok(None)) => self.ask(&Target::Tree(TreeTarget::of(&tree))),
            (Ok(tree), Ok(Some((folder, read_back)))) => {
                self.ask(&Target::Tree(TreeTarget::of(&tree).with_detached(&folder, read_back)))
            }
        }
    }

    fn ask(&self, target: &Target<'_>) -> Judged {
        let wanted = &self.context.expect;
        let question = Question {
            id: self.context.asked_id.as_ref().map(|id| id.parse().unwrap()),
            expectation: Expectation {
                ecosystem: wanted.ecosystem.map(|ecosystem| ecosystem.parse().unwrap()),
                name: wanted.name.map(ToOwned::to_owned),
                uuid: wanted.uuid.map(|uuid| uuid.parse().unwrap()),
                version: wanted.version.map(ToOwned::to_owned),
            },
            upstream: self.context.upstream.as_ref().map(|upstream| upstream.parse().unwrap()),
            installed: self.installed(),
            allow_downgrade: self.context.allow_downgrade,
            strict: self.context.strict,
            distrusts_ed25519: self.context.distrust_ed25519.is_some(),
            ..Question::new(&self.trusted, self.now)
        };
        verify(target, &question, &Standard)
    }

    fn installed(&self) -> Option<Installed<'_>> {
        let version = self.context.installed.as_ref().map(|installed| installed.version.to_owned());
        let Some(tree) = &self.installed_tree else {
            return version.map(|version| Installed { folder: None, version: Some(version) });
        };
        Some(Installed { folder: tree.folder(), version })
    }

    /// The answer in the words of an expectation. What the vector does not ask is taken from it.
    pub(crate) fn answer(&self, judged: &Judged, vector: &Vector) -> Expect {
        let claims = judged.claims();
        let mut notes: Vec<_> = judged.notes().iter().map(|note| note.word().to_owned()).collect();
        notes.sort();
        notes.dedup();
        let asked = &vector.expect;
        let package = claims.package.as_ref().map(|package| PackageFields {
            ecosystem: package.ecosystem().to_string(),
            name: package.name().to_string(),
            uuid: package.uuid().map(|uuid| uuid.to_string()),
        });
        Expect {
            verdict: match judged.word() {
                "accepted" => Verdict::Accepted,
                "refused" => Verdict::Refused,
                _ => Verdict::Undecided,
            },
            rule: judged.reason().map(|reason| reason.rule().id().to_owned()),
            reason: judged.reason().map(|reason| reason.rule().reason().to_owned()),
            reached: judged.reached().as_str(),
            notes,
            value: None,
            package: asked.package.as_ref().and(package),
            seq: asked.seq.and(claims.seq.map(sigpkg::statement::Seq::get)),
            version: asked.version.as_ref().and(claims.version.as_ref().map(ToString::to_string)),
            head: asked.head.as_ref().and(self.head_afterwards(judged)),
            files: asked.files.as_ref().and(judged.reason().and_then(differences)),
            belief: None,
        }
    }

    /// The head once the store has taken in what was admitted (VER-30).
    fn head_afterwards(&self, judged: &Judged) -> Option<Head> {
        let mut trusted = self.trusted.first()?.clone();
        let id = trusted.id();
        for chain in judged.admitted().iter().filter(|chain| chain.id() == id) {
            trusted.learn(chain, self.now).unwrap();
        }
        let belief = trusted.belief();
        Some(Head { seq: belief.head().seq().get(), digest: belief.head().digest().to_string() })
    }
}

/// A chain with the user's decisions about it: one acceptance after another, oldest first.
fn trusted(file: &[u8], id: SignatoryId, context: &Context, now: Timestamp) -> Trusted {
    let first_seen = context.first_seen.map_or(now, |instant| instant.parse().unwrap());
    let accepted: Option<Vec<Digest>> =
        context.accepted.as_ref().map(|accepted| accepted.iter().map(|digest| digest.parse().unwrap()).collect());
    let chain = match &accepted {
        None => Chain::admit_vouched(file, id, Vouchers::FirstTrust, &Standard).unwrap(),
        Some(accepted) => admit(file, id, accepted).unwrap(),
    };
    let first = chain.belief(&Decided::stranger()).head().digest();
    let mut trusted = Trusted::new(chain, decisions(context, first, first_seen));
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

fn decisions(context: &Context, head: Digest, first_seen: Timestamp) -> Decisions {
    Decisions {
        grade: if context.grade == Some("seen") { Grade::Seen } else { Grade::Confirmed },
        since: first_seen,
        accepted: Vec::new(),
        vouchers: Vec::new(),
        reserve: policy(context),
        distrust: context.distrust_ed25519.as_ref().map(|digest| digest.parse().unwrap()),
        ended: context.ended,
        before_signing: context.before_signing.iter().map(|tree| tree.parse().unwrap()).collect(),
        head: SeenHead { digest: head, first_seen },
    }
}

fn policy(context: &Context) -> ReservePolicy {
    match context.policy {
        None | Some("prompt") => ReservePolicy::Prompt,
        Some("accept") => ReservePolicy::Accept,
        Some("refuse") => ReservePolicy::Refuse,
        Some(other) => panic!("there is no policy {other}"),
    }
}

/// What is admitted of a chain file, and what is believed of it: without a store, and without a first trust.
pub(crate) fn believed(file: &[u8], id: SignatoryId, context: &Context) -> Result<(Head, BeliefFields), Rule> {
    let accepted: Vec<Digest> = context.accepted.iter().flatten().map(|digest| digest.parse().unwrap()).collect();
    let chain = admit(file, id, &accepted).map_err(|error| error.rule())?;
    let now = NOW.parse().unwrap();
    let mut trusted = Trusted::new(chain, decisions(context, Digest::of(b""), now));
    for digest in accepted {
        trusted.accept(digest, now);
    }
    let belief = trusted.belief();
    let place = |link: Link<'_>| {
        let place = trusted.chain().links().position(|other| other.digest() == link.digest());
        place.expect("the record is one of the chain") + 1
    };
    let links = || trusted.chain().links();
    let yanked = links().filter_map(|link| {
        let yanked = belief.yank(link)?;
        Some(YankedFields { record: place(link), severity: yanked.severity.as_str(), by: place(yanked.by) })
    });
    let fields = BeliefFields {
        states: links().map(|link| belief.state(link).expect("every record has a state").as_str()).collect(),
        newest: belief.newest_release().map(|release| place(release.link())),
        waiting: belief.waiting().map(place),
        rivals: sorted(belief.rivals().map(|rival| place(rival.first))),
        withdrawn: sorted(links().filter(|link| belief.is_withdrawn(*link)).map(place)),
        yanked: yanked.collect(),
        promise: belief.promise().map(|day| day.to_string()),
        is_final: belief.is_final(),
        successor: belief.successor().map(|id| id.to_string()),
        forks: sorted(trusted.chain().forks().map(|fork| place(fork.parent))),
    };
    Ok((Head { seq: belief.head().seq().get(), digest: belief.head().digest().to_string() }, fields))
}

/// A chain file, where these statements were accepted at some time (BEL-2, CHN-22).
fn admit(file: &[u8], id: SignatoryId, accepted: &[Digest]) -> Result<Chain, ChainError> {
    let is_change =
        |link: &Link<'_>| link.statement().reserve_change().is_some_and(|change| change.cause == Cause::Algorithm);
    // A store notes what vouches when a statement is accepted. Here it is found in the file itself.
    let vouchers = match Chain::admit_vouched(file, id, Vouchers::FirstTrust, &Standard) {
        Ok(chain) => {
            let links = accepted.iter().filter_map(|digest| chain.find(*digest));
            links.flat_map(Link::path).filter(is_change).map(Link::digest).collect()
        }
        Err(_) => accepted.to_vec(),
    };
    Chain::admit_vouched(file, id, Vouchers::Accepted(&vouchers), &Standard)
}

fn sorted(places: impl Iterator<Item = usize>) -> Vec<usize> {
    places.collect::<BTreeSet<_>>().into_iter().collect()
}

fn differences(reason: &Reason) -> Option<Differences> {
    let Reason::TreeMismatch(Mismatch { differences }) = reason else { return None };
    let mut files = Differences::default();
    for difference in differences {
        let paths = match difference.change {
            Change::Modified => &mut files.modified,
            Change::Missing => &mut files.missing,
            Change::Extra => &mut files.extra,
            Change::LineEnds => &mut files.line_ends,
        };
        paths.push(difference.path.to_string());
    }
    Some(files)
}

/// One entry of a tree file.
struct Entry {
    path: Vec<u8>,
    content: Content,
}

enum Content {
    File(Vec<u8>, bool),
    Link(Vec<u8>),
    Submodule,
    Directory,
}

fn entries(corpus: &Corpus, source: &Source) -> Vec<Entry> {
    let tree: Value = serde_json::from_slice(&corpus.bytes(source)).unwrap();
    let entries = tree["entries"].as_array().unwrap();
    entries
        .iter()
        .map(|entry| Entry {
            path: match entry["path-hex"].as_str() {
                Some(hex) => corpus.bytes(&Source::Hex { hex: hex.to_owned() }),
                None => entry["path"].as_str().unwrap().as_bytes().to_vec(),
            },
            content: if !entry["file"].is_null() {
                Content::File(corpus.bytes(&read_source(&entry["file"])), entry["executable"] == true)
            } else if !entry["link"].is_null() {
                Content::Link(corpus.bytes(&read_source(&entry["link"])))
            } else if !entry["submodule"].is_null() {
                Content::Submodule
            } else {
                Content::Directory
            },
        })
        .collect()
}

fn read_source(value: &Value) -> Source {
    let text = |key: &str| value[key].as_str().unwrap().to_owned();
    let (form, inner) = value.as_object().unwrap().iter().next().unwrap();
    match form.as_str() {
        "file" => Source::File { file: text("file") },
        "text" => Source::Text { text: text("text") },
        "hex" => Source::Hex { hex: text("hex") },
        "parts" => Source::parts(inner.as_array().unwrap().iter().map(read_source)),
        _ => read_source(&value["repeat"]).repeat(usize::try_from(value["times"].as_u64().unwrap()).unwrap()),
    }
}

/// Git trees made byte by byte, since no library would write some of their names.
fn from_git(entries: &[Entry], options: &Options<'_>) -> Result<SourceTree, SourceError> {
    let folder = tempfile::tempdir().unwrap();
    let repository = Repository::init_bare(folder.path()).unwrap();
    let tree = write_tree(&repository, b"", entries);
    git::read(&repository, tree, options)
}

fn write_tree(repository: &Repository, prefix: &[u8], entries: &[Entry]) -> Oid {
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
        let id = write_tree(repository, &[prefix, &name, b"/"].concat(), entries);
        lines.push(([&*name, b"/"].concat(), "40000", name, id));
    }
    lines.sort();
    let line = |(_, mode, name, id): &(Vec<u8>, &str, Vec<u8>, Oid)| {
        [mode.as_bytes(), b" ", name, b"\0", id.as_bytes()].concat()
    };
    odb.write(ObjectType::Tree, &lines.iter().flat_map(line).collect::<Vec<_>>()).unwrap()
}

fn from_directory(entries: &[Entry], options: &Options<'_>) -> Result<SourceTree, SourceError> {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), entries);
    source::open(folder.path(), options)
}

/// The id that git gives a tree.
pub(crate) fn tree_hash(corpus: &Corpus, source: &Source) -> String {
    let folder = tempfile::tempdir().unwrap();
    let repository = Repository::init_bare(folder.path()).unwrap();
    write_tree(&repository, b"", &entries(corpus, source)).to_string()
}

/// Puts what a tree file describes into a folder.
pub(crate) fn write_entries(root: &Path, corpus: &Corpus, source: &Source) {
    write(root, &entries(corpus, source));
}

fn write(root: &Path, entries: &[Entry]) {
    for Entry { path, content } in entries {
        let path = root.join(std::ffi::OsStr::from_bytes(path));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match content {
            Content::File(bytes, executable) => {
                fs::write(&path, bytes).unwrap();
                let mode = if *executable { 0o755 } else { 0o644 };
                fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
            }
            Content::Link(target) => std::os::unix::fs::symlink(std::ffi::OsStr::from_bytes(target), path).unwrap(),
            Content::Directory => fs::create_dir(path).unwrap(),
            Content::Submodule => panic!("no submodule can be checked out here"),
        }
    }
}
