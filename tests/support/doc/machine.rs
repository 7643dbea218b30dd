// What examples in the documentation of the library stand on: a maintainer's machine in a temporary folder, and what can be
// had from one. An example takes it in with `mod doc { include!(…) }`, as it does `vectors.rs`. All keys that it makes are
// test keys.

include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs"));

use std::path::PathBuf;

use sigpkg::digest::{Digest, TreeHash};
use sigpkg::ecosystem::registry::PackageFile;
use sigpkg::key::{Algorithm, ReserveKey};
use sigpkg::keystore::{KeyProtection, KeyStores, LockedStore, Mode, NewLinkKeys, NewReserve, Settings, Store};
use sigpkg::package::{Package, Uuid};
use sigpkg::project::Project;
use sigpkg::publish::{self, Asked, Beginning, Joining, Prepared, Published, Request, Start, Unfinished, YankRequest};
use sigpkg::release::reserve::ReserveDraft;
use sigpkg::registry::{self, Heads, PackageReport, Packages, Surroundings};
use sigpkg::repository::Workplace;
use sigpkg::source::{Revision, SourceTree};
use sigpkg::source::clones::Clones;
use sigpkg::source::remote::{Address, Limits, Protocol, Terms};
use sigpkg::statement::{ReserveSet, Severity};
use sigpkg::trust::TrustStore;

/// What may be fetched here: nothing that needs a network.
pub const TERMS: Terms<'static> = Terms { protocols: &[Protocol::File], runs_helpers: false, limits: Limits::TIPS };

pub type Random = rand_core::UnwrapErr<getrandom::SysRng>;

pub fn random() -> Random {
    rand_core::UnwrapErr(getrandom::SysRng)
}

/// A Julia project that depends on the package of the chain `chain-1`, which is not installed.
pub fn project() -> Result<tempfile::TempDir, Error> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("Project.toml"), "[deps]\nExample = \"7876af07-990d-54b4-ab0e-23690620f79a\"\n")?;
    let manifest = "julia_version = \"1.11.0\"\nmanifest_format = \"2.0\"\n\n[[deps.Example]]\n\
        git-tree-sha1 = \"1234567890123456789012345678901234567890\"\n\
        uuid = \"7876af07-990d-54b4-ab0e-23690620f79a\"\nversion = \"1.0.0\"\n";
    fs::write(folder.path().join("Manifest.toml"), manifest)?;
    Ok(folder)
}

/// The entry of that lockfile.
pub fn locked() -> Result<Locked, Error> {
    let project = project()?;
    Ok(Project::open(project.path(), None)?.lockfile().entries.first().ok_or("it has one entry")?.clone())
}

/// An accepted release of a Julia package as a dependency, and whom the user trusts.
pub fn accepted() -> Result<(Locked, Judged, Vec<Trusted>), Error> {
    let machine = Machine::new()?;
    let (name, uuid) = ("Example", "7876af07-990d-54b4-ab0e-23690620f79a");
    machine.commit("Project.toml", &format!("name = \"{name}\"\nuuid = \"{uuid}\"\nversion = \"1.0.0\"\n"))?;
    let beginning = Beginning { package: machine.workplace()?.detect()?, ..machine.beginning(Mode::Fresh)? };
    publish::init(&machine.workplace()?, &machine.keys, &beginning, &mut random())?;
    machine.release("1.0.0")?;
    let trusted = vec![Trusted::first(machine.store()?.chain().clone(), Grade::Confirmed, now())];
    let tree = sigpkg::source::open(&machine.repository, &TreeTarget::options())?;
    let locked = locked()?;
    let target = TreeTarget::of(&tree);
    let found = Found::Tree { target, hash: HashMatch::Equal, generated: Default::default(), is_built: false };
    let dependency = Dependency { locked: &locked, found, pins: &[], reviewed: None, has_namesake: false };
    let judged = judge_dependency(&dependency, &Question::new(&trusted, now()), &Standard);
    Ok((locked, judged, trusted))
}

/// The index of a registry of Julia packages that has none.
pub const REGISTRY: &str = "name = \"Test\"\nuuid = \"23338594-aafe-5451-b93e-139f81909106\"\n\n[packages]\n";

/// What a registry says of a package.
pub fn package_file() -> Result<PackageFile, Error> {
    let package = Package::julia("Tides", "7876af07-990d-54b4-ab0e-23690620f79a".parse()?)?;
    Ok(PackageFile { package, repository: None, subdirectory: None })
}

pub fn version(version: &str) -> Request {
    Request { version: Some(version.to_owned()), ..Request::default() }
}

pub fn yank(release: &str, severity: Severity) -> YankRequest {
    YankRequest {
        releases: vec![release.to_owned()],
        severity,
        reason: "it deletes files".to_owned(),
        advisory: None,
        replacement: None,
        common: Default::default(),
    }
}

/// A registry that remembers nothing and has no clones.
pub struct Nothing;

impl Heads for Nothing {
    fn load(&self, _package: Uuid) -> Result<Option<Vec<u8>>, String> {
        Ok(None)
    }
}

impl Packages for Nothing {
    fn clones(&self, package: &PackageFile, _wanted: &[TreeHash]) -> Result<Clones, String> {
        Err(format!("there is no clone of {}", package.package.name()))
    }
}

/// A machine with a git repository of the generic package `Tides`, and a folder of key stores outside of it.
pub struct Machine {
    pub folder: tempfile::TempDir,
    pub repository: PathBuf,
    pub keys: KeyStores,
}

impl Machine {
    /// With one commit, and no chain yet.
    pub fn new() -> Result<Self, Error> {
        let folder = tempfile::tempdir()?;
        let (repository, keys) = (folder.path().join("Tides"), KeyStores::at(folder.path().join("keys")));
        let mut options = git2::RepositoryInitOptions::new();
        options.initial_head("main").external_template(false);
        let mut config = git2::Repository::init_opts(&repository, &options)?.config()?;
        // Whatever the configuration of this machine says, nothing of it matters.
        let hooks = repository.join(".git/hooks").display().to_string();
        for (name, value) in [("user.name", "Ada"), ("user.email", "ada@example.org"), ("core.hooksPath", &hooks)] {
            config.set_str(name, value)?;
        }
        config.set_bool("commit.gpgSign", false)?;
        config.set_bool("tag.gpgSign", false)?;
        config.set_str("core.autocrlf", "false")?;
        let machine = Self { folder, repository, keys };
        machine.commit("README", "tides\n")?;
        Ok(machine)
    }

    /// With a chain that has begun.
    pub fn begun() -> Result<Self, Error> {
        Self::begun_in(Mode::Fresh)
    }

    pub fn begun_in(mode: Mode) -> Result<Self, Error> {
        let machine = Self::new()?;
        publish::init(&machine.workplace()?, &machine.keys, &machine.beginning(mode)?, &mut random())?;
        Ok(machine)
    }

    /// With version 1.0.0 released, as statement 2.
    pub fn released() -> Result<Self, Error> {
        let machine = Self::begun()?;
        machine.release("1.0.0")?;
        Ok(machine)
    }

    /// A reserve of one key, whose secret half nobody has; link keys without a passphrase.
    pub fn beginning(&self, mode: Mode) -> Result<Beginning<'static>, Error> {
        Ok(Beginning {
            package: Package::generic("Tides")?,
            reserve: ReserveSet { threshold: 1, keys: vec![ReserveKey::new([7; 32])] },
            reserve_files: Vec::new(),
            reserve_place: None,
            mode,
            protection: KeyProtection::None,
            passphrase: None,
            now: now(),
        })
    }

    pub fn workplace(&self) -> Result<Workplace, Error> {
        Ok(Workplace::open(&self.repository)?)
    }

    pub fn release(&self, version: &str) -> Result<Published, Error> {
        let request = Request { version: Some(version.to_owned()), ..Request::default() };
        Ok(match publish::prepare(self.workplace()?, &self.keys, request, now(), &mut |_| {})? {
            Start::Ready(prepared) => prepared.carry_out(None, &mut random())?,
            Start::Unfinished(unfinished) => unfinished.carry_out(None)?,
        })
    }

    /// What nothing stands against.
    pub fn prepare(&self, asked: impl Into<Asked>) -> Result<Prepared, Error> {
        match publish::prepare(self.workplace()?, &self.keys, asked, now(), &mut |_| {})? {
            Start::Ready(prepared) => Ok(*prepared),
            Start::Unfinished(_) => Err("something was interrupted".into()),
        }
    }

    /// The statement that was interrupted.
    pub fn unfinished(&self) -> Result<Unfinished, Error> {
        match publish::prepare(self.workplace()?, &self.keys, version("1.0.0"), now(), &mut |_| {})? {
            Start::Ready(_) => Err("nothing was interrupted".into()),
            Start::Unfinished(unfinished) => Ok(*unfinished),
        }
    }

    /// What is found of a change that edits the policy of a registry.
    pub fn policy_edited(&self) -> Result<Vec<PackageReport>, Error> {
        self.commit("Registry.toml", REGISTRY)?;
        self.commit("SigpkgPolicy.toml", "sigpkg-registry = 1\n")?;
        let revision = |revision| Revision::open(&self.repository, revision, None);
        let (heads, packages, scheme) = (&Nothing, &Nothing, &Standard);
        let surroundings = Surroundings { heads, packages, policy_reviewed: false, now: now(), scheme };
        Ok(registry::check(Some(&revision("HEAD~1")?), &revision("HEAD")?, &surroundings)?)
    }

    /// With a beat that was interrupted before it was signed.
    pub fn interrupted() -> Result<Self, Error> {
        let machine = Self::begun()?;
        let mut locked = machine.locked()?;
        let [second, fourth] = [2, 4].map(|seq| sigpkg::statement::Seq::new(seq).expect("a seq"));
        let keys = locked.store().open_keys(second, None)?;
        let after_next = locked.make_key(fourth, &keys, None, &mut random())?;
        let beat = sigpkg::statement::Beat { state: sigpkg::statement::BeatState::Here, successor: None };
        let draft = sigpkg::release::Draft::beat(locked.store().chain().genesis(), beat, None, after_next, now())?;
        let place = sigpkg::keystore::Place {
            directory: machine.workplace()?.directory().to_owned(),
            commit: git2::Repository::open(&machine.repository)?.refname_to_id("HEAD")?.to_string(),
            branch: "refs/heads/main".to_owned(),
            below_root: String::new(),
            writes: sigpkg::keystore::Writes::Commit,
            signatures: None,
            tag: None,
        };
        let text = draft.text().to_owned();
        locked.open_journal(&sigpkg::keystore::Journal { text, files: None, links: None, place })?;
        drop(locked);
        Ok(machine)
    }

    /// With a branch on which a thief, who has a copy of the keys, has released 6.6.6. The digest is that of the release.
    pub fn robbed() -> Result<(Self, Digest), Error> {
        let machine = Self::begun()?;
        let stolen = machine.folder.path().join("stolen");
        let store = stolen.join(machine.id()?.to_string());
        fs::create_dir_all(&store)?;
        for file in fs::read_dir(machine.store()?.folder())? {
            let file = file?;
            if file.file_type()?.is_file() {
                fs::copy(file.path(), store.join(file.file_name()))?;
            }
        }
        #[cfg(unix)]
        for folder in [&stolen, &store] {
            fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
        }
        let repository = git2::Repository::open(&machine.repository)?;
        let commit = repository.head()?.peel_to_commit()?;
        repository.branch("theirs", &commit, false)?;
        repository.set_head("refs/heads/theirs")?;
        let thief = Self { keys: KeyStores::at(&stolen), ..machine };
        let digest = thief.release("6.6.6")?.digest;
        repository.set_head("refs/heads/main")?;
        repository.checkout_head(Some(git2::build::CheckoutBuilder::new().force()))?;
        let keys = KeyStores::at(thief.folder.path().join("keys"));
        Ok((Self { keys, ..thief }, digest))
    }

    /// The tree in the worktree.
    pub fn tree(&self) -> Result<SourceTree, Error> {
        Ok(sigpkg::source::open(&self.repository, &TreeTarget::options())?)
    }

    /// The verdict on a tree by a user who knows all that is in the key store.
    pub fn judge(&self, tree: &SourceTree) -> Result<Verdict, Error> {
        let trusted = [self.trusted()?];
        Ok(verify(&Target::Tree(TreeTarget::of(tree)), &Question::new(&trusted, now()), &Standard))
    }

    /// The verdict on release 1.0.0 after it was yanked.
    pub fn judge_yanked(severity: Severity) -> Result<Verdict, Error> {
        let machine = Self::released()?;
        let tree = machine.tree()?;
        machine.prepare(yank("1.0.0", severity))?.carry_out(None, &mut random())?;
        machine.judge(&tree)
    }

    /// A reserve statement of another chain, signed by the holder of its reserve, about to be joined here.
    pub fn joining(&self) -> Result<Joining, Error> {
        use sigpkg::example::{self, FIRST, GENESIS, RESERVE, RESERVE_DRAFT};
        drop(self.reserve_begun_for(&example::chain(&[GENESIS, FIRST])?, RESERVE_DRAFT)?);
        let drafts = [("holder.draft".to_owned(), ReserveDraft::parse(RESERVE.as_bytes())?)];
        Ok(publish::prepare_join(self.workplace()?, &self.keys, example::id()?, &drafts, &mut |_| {})?)
    }

    /// Commits one file, and returns the id of the tree of the commit.
    pub fn commit(&self, path: &str, content: &str) -> Result<git2::Oid, Error> {
        let file = self.repository.join(path);
        fs::create_dir_all(file.parent().ok_or("the file has a folder")?)?;
        fs::write(&file, content)?;
        let repository = git2::Repository::open(&self.repository)?;
        let mut index = repository.index()?;
        index.add_path(Path::new(path))?;
        index.write()?;
        let tree = repository.find_tree(index.write_tree()?)?;
        let author = repository.signature()?;
        let parent = repository.head().ok().map(|head| head.peel_to_commit()).transpose()?;
        let parents: Vec<_> = parent.iter().collect();
        repository.commit(Some("HEAD"), &author, &author, "change", &tree, &parents)?;
        Ok(tree.id())
    }

    pub fn id(&self) -> Result<SignatoryId, Error> {
        Ok(*self.keys.ids()?.first().ok_or("a chain has begun")?)
    }

    pub fn store(&self) -> Result<Store, Error> {
        Ok(self.keys.open(self.id()?)?)
    }

    pub fn locked(&self) -> Result<LockedStore, Error> {
        Ok(self.store()?.lock(std::time::Duration::ZERO, &mut || {})?)
    }

    /// The repository, as one that is elsewhere.
    pub fn address(&self) -> Result<Address, Error> {
        Ok(Address::parse(&self.repository.display().to_string())?)
    }

    /// What a user knows who has trusted the chain just now.
    pub fn trusted(&self) -> Result<Trusted, Error> {
        Ok(Trusted::first(self.store()?.chain().clone(), Grade::Confirmed, now()))
    }

    /// An empty trust store of a user.
    pub fn trust(&self) -> TrustStore {
        TrustStore::open(self.folder.path().join("trust"))
    }

    pub fn clones(&self) -> Result<Clones, Error> {
        Ok(Clones::open([self.repository.clone()])?)
    }

    /// The store of a chain of the test vectors that lost its keys, with a reserve statement begun: `reserve-3` will follow.
    pub fn reserve_begun(&self) -> Result<LockedStore, Error> {
        self.reserve_begun_for(&chain(&["reserve-1", "reserve-2"])?, "a draft\n")
    }

    /// The store of a chain that has none here, with a reserve statement begun.
    pub fn reserve_begun_for(&self, chain: &Chain, draft: &str) -> Result<LockedStore, Error> {
        let seq = sigpkg::statement::Seq::new(3).ok_or("3 is a seq")?;
        let keys = NewLinkKeys::generate(Mode::Fresh, Algorithm::Ed25519, seq, &mut random())?;
        let protection = KeyProtection::None;
        let new = NewReserve { chain, draft, protection, passphrase: None };
        let settings = Settings {
            signatory: chain.id(),
            mode: Mode::Fresh,
            protection,
            created: now(),
            repository: None,
            acknowledged: Vec::new(),
            reserve_files: Vec::new(),
            reserve_place: None,
            papers: Vec::new(),
        };
        let store = self.keys.create_for_reserve(keys, &new, &settings, &mut random())?;
        Ok(store.lock(std::time::Duration::ZERO, &mut || {})?)
    }
}
