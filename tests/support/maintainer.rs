//! A maintainer for tests: a git repository, a folder of key stores, and the library between them. All keys that it makes
//! are test keys.

#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rand_core::UnwrapErr;
use sigpkg::keystore::{KeyProtection, KeyStores, Mode, ReserveSecret};
use sigpkg::package::Package;
use sigpkg::publish::{self, Beginning, Begun, PublishError, Published, Request, Start};
use sigpkg::repository::Workplace;
use sigpkg::statement::ReserveSet;
use sigpkg::time::Timestamp;

pub struct Maintainer {
    pub folder: tempfile::TempDir,
    pub keys: KeyStores,
}

pub fn random() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}

pub fn now() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

impl Maintainer {
    /// With an empty repository on branch `main`.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeyStores::at(folder.path().join("home/keys"));
        let maintainer = Self { folder, keys };
        fs::create_dir(maintainer.repository()).unwrap();
        maintainer.git(&["init", "--quiet", "--initial-branch=main"]);
        for (key, value) in [("user.name", "Test"), ("user.email", "test@example.org"), ("commit.gpgsign", "false")] {
            maintainer.git(&["config", key, value]);
        }
        maintainer
    }

    /// With one commit, a chain for the generic package `example`, and keys without a passphrase.
    pub fn begun() -> Self {
        let maintainer = Self::new();
        maintainer.commit("README", "an example\n");
        maintainer.init(Mode::Fresh).unwrap();
        maintainer
    }

    pub fn repository(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    pub fn workplace(&self) -> Workplace {
        Workplace::open(&self.repository()).unwrap()
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        git_in(&self.repository(), arguments)
    }

    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.repository().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn commit(&self, path: &str, content: impl AsRef<[u8]>) {
        self.write(path, content);
        self.git(&["add", "--force", path]);
        self.git(&["commit", "--quiet", "--message", "change"]);
    }

    pub fn init(&self, mode: Mode) -> Result<Begun, PublishError> {
        self.init_as(mode, Package::generic("example").unwrap())
    }

    pub fn init_as(&self, mode: Mode, package: Package) -> Result<Begun, PublishError> {
        let reserve = ReserveSecret::generate(&mut random()).unwrap();
        let reserve =
            reserve.write(&self.folder.path().join("reserve"), KeyProtection::None, None, &mut random()).unwrap();
        let beginning = Beginning {
            package,
            reserve: ReserveSet { threshold: 1, keys: vec![reserve.key] },
            reserve_files: vec![reserve.digest],
            reserve_place: None,
            mode,
            protection: KeyProtection::None,
            passphrase: None,
            now: now(),
        };
        publish::init(&self.workplace(), &self.keys, &beginning, &mut random())
    }

    pub fn prepare(&self, request: Request) -> Result<Start, PublishError> {
        publish::prepare(self.workplace(), &self.keys, request, now(), &mut |_| {})
    }

    pub fn release(&self, version: &str) -> Result<Published, PublishError> {
        self.release_as(request(version))
    }

    pub fn release_as(&self, request: Request) -> Result<Published, PublishError> {
        match self.prepare(request)? {
            Start::Ready(prepared) => prepared.carry_out(None, &mut random()),
            Start::Unfinished(unfinished) => unfinished.carry_out(None),
        }
    }

    pub fn chain_text(&self) -> String {
        let id = self.keys.ids().unwrap()[0];
        fs::read_to_string(self.keys.folder(id).join("chain")).unwrap()
    }

    pub fn store_folder(&self) -> PathBuf {
        self.keys.folder(self.keys.ids().unwrap()[0])
    }
}

pub fn request(version: &str) -> Request {
    Request { version: Some(version.to_owned()), ..Request::default() }
}

pub fn git_in(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git").current_dir(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
