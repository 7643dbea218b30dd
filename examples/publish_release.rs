//! Begins a chain and publishes a release, in a git repository.
//!
//! ```text
//! publish_release
//! ```
//!
//! It makes a repository with one commit in a temporary folder, does what `sigpkg init` and `sigpkg release 1.0.0` do,
//! and verifies what was published as a user would. The keys have no passphrase and are gone in the end; whoever takes
//! this for a start gives them a [`KeyProtection`] and a place of their own.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use getrandom::SysRng;
use git2::{IndexAddOption, Repository, RepositoryInitOptions};
use rand_core::UnwrapErr;
use sigpkg::keystore::{KeyProtection, KeyStores, Mode, ReserveSecret};
use sigpkg::package::Package;
use sigpkg::publish::{self, Beginning, Content, Request, Start};
use sigpkg::repository::{Workplace, Written};
use sigpkg::signature::Standard;
use sigpkg::source::GitTarget;
use sigpkg::statement::ReserveSet;
use sigpkg::time::Timestamp;
use sigpkg::verify::{self, Question, Target, TreeTarget};

fn main() -> Result<(), Box<dyn Error>> {
    let temporary = tempfile::tempdir()?;
    let repository = temporary.path().join("Tides");
    commit_a_package(&repository)?;
    // Outside of the repository, each: the library refuses to sign where it finds its own keys.
    let keys = KeyStores::at(temporary.path().join("keys"));
    let reserve_folder = temporary.path().join("reserve");

    // Once: the reserve, which goes to a safe place, the first keys, and the genesis.
    let mut random = UnwrapErr(SysRng);
    let reserve =
        ReserveSecret::generate(&mut random)?.write(&reserve_folder, KeyProtection::None, None, &mut random)?;
    let beginning = Beginning {
        package: Package::generic("Tides")?,
        reserve: ReserveSet { threshold: 1, keys: vec![reserve.key] },
        reserve_files: vec![reserve.digest],
        reserve_place: None,
        mode: Mode::Fresh,
        protection: KeyProtection::None,
        passphrase: None,
        now: now()?,
    };
    let id = publish::init(&Workplace::open(&repository)?, &keys, &beginning, &mut random)?.id();
    println!("signatory {id}");

    // For each release: everything that stands against it comes first, as an error.
    let request = Request { version: Some("1.0.0".to_owned()), ..Request::default() };
    let released = match publish::prepare(Workplace::open(&repository)?, &keys, request, now()?, &mut |_| {})? {
        Start::Ready(prepared) => {
            if let Content::Release(release) = prepared.content() {
                println!("{} v{}: {}", prepared.store().chain().package(), release.version, release.summary);
            }
            for note in prepared.notes() {
                println!("  note: {note}");
            }
            prepared.carry_out(None, &mut random)?
        }
        // What an earlier run has begun is finished first, with the same text.
        Start::Unfinished(unfinished) => unfinished.carry_out(None)?,
    };
    let version = released.version().map(ToString::to_string).unwrap_or_default();
    let Written::Commit { commit, branch } = released.written else {
        return Err("expected a commit on the branch".into());
    };
    println!("released {version} as statement {} in commit {commit} on {branch}", released.seq);

    // What a user sees of it.
    let tree = GitTarget { repository, revision: commit }.read(&TreeTarget::options())?;
    let question = Question { id: Some(id), ..Question::new(&[], now()?) };
    let verdict = verify::verify(&Target::Tree(TreeTarget::of(&tree)), &question, &Standard);
    match verdict.reason() {
        None => println!("{}", verdict.word()),
        Some(reason) => return Err(format!("{}: {reason}", verdict.word()).into()),
    }
    Ok(())
}

/// The library has no clock: it is told the time.
fn now() -> Result<Timestamp, Box<dyn Error>> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    Ok(Timestamp::from_unix_seconds(seconds.try_into()?).ok_or("the clock is wrong")?)
}

/// A repository with one commit, as a maintainer has it before.
fn commit_a_package(folder: &Path) -> Result<(), Box<dyn Error>> {
    let repository = Repository::init_opts(folder, RepositoryInitOptions::new().initial_head("main"))?;
    let mut config = repository.config()?;
    config.set_str("user.name", "Ada")?;
    config.set_str("user.email", "ada@example.org")?;
    fs::write(folder.join("README"), "tides\n")?;
    let mut index = repository.index()?;
    index.add_all(["*"], IndexAddOption::DEFAULT, None)?;
    index.write()?;
    let tree = repository.find_tree(index.write_tree()?)?;
    let author = repository.signature()?;
    repository.commit(Some("HEAD"), &author, &author, "Tides", &tree, &[])?;
    Ok(())
}
