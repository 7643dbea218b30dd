//! Publishing from a program: begin a chain in a git repository, and release what is committed.
//!
//! Run it with `cargo run --example publish_release`. It works in a temporary folder, and all keys are test keys.

use std::error::Error;
use std::fs;
use std::path::Path;

use rand_core::UnwrapErr;
use sigpkg::keystore::{KeyProtection, KeyStores, Mode, ReserveSecret};
use sigpkg::package::Package;
use sigpkg::publish::{self, Beginning, Request, Start};
use sigpkg::repository::Workplace;
use sigpkg::statement::ReserveSet;

fn main() -> Result<(), Box<dyn Error>> {
    let place = tempfile::tempdir()?;
    let package = place.path().join("package");
    repository_with_one_commit(&package)?;
    let keys = KeyStores::at(place.path().join("keys"));
    let mut random = UnwrapErr(getrandom::SysRng);
    let now = "2026-11-20T12:00:00Z".parse()?;

    // The reserve belongs on other machines; here it is made on the spot, and without a passphrase.
    let reserve = ReserveSecret::generate(&mut random)?;
    let reserve = reserve.write(&place.path().join("reserve"), KeyProtection::None, None, &mut random)?;
    let beginning = Beginning {
        package: Package::generic("example")?,
        reserve: ReserveSet { threshold: 1, keys: vec![reserve.key] },
        reserve_files: vec![reserve.digest],
        mode: Mode::Fresh,
        protection: KeyProtection::None,
        passphrase: None,
        now,
    };
    let begun = publish::init(&Workplace::open(&package)?, &keys, &beginning, &mut random)?;
    println!("publish this: {}", begun.id());

    let request = Request { version: Some("1.0".to_owned()), ..Request::default() };
    let released = match publish::prepare(Workplace::open(&package)?, &keys, request, now, &mut |_| {})? {
        Start::Ready(prepared) => {
            println!("{} {}: {}", begun.store.chain().package(), prepared.version(), prepared.summary());
            prepared.carry_out(None, &mut random)?
        }
        // What an earlier process has begun is finished first, with the same text.
        Start::Unfinished(unfinished) => unfinished.carry_out(None)?,
    };
    println!("statement {} {}: {:?}", released.seq, released.digest, released.written);
    Ok(())
}

fn repository_with_one_commit(folder: &Path) -> Result<(), Box<dyn Error>> {
    let repository = git2::Repository::init(folder)?;
    let mut config = repository.config()?;
    config.set_str("user.name", "Example")?;
    config.set_str("user.email", "example@example.org")?;
    fs::write(folder.join("main.py"), "print(1)\n")?;
    let mut index = repository.index()?;
    index.add_path(Path::new("main.py"))?;
    index.write()?;
    let tree = repository.find_tree(index.write_tree()?)?;
    let who = repository.signature()?;
    repository.commit(Some("HEAD"), &who, &who, "the first", &tree, &[])?;
    Ok(())
}
