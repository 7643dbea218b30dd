//! Verifies a folder: is it, byte for byte, what the signatory with this id has released?
//!
//! ```text
//! verify_package FOLDER ID
//! verify_package
//! ```
//!
//! Without arguments it makes a signed package first, and then shows an accepted verdict and two refused ones. This is
//! the whole of a verifier that has the id from elsewhere; one that remembers what it trusts adds a
//! [`sigpkg::trust::TrustStore`].

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use sigpkg::digest::SignatoryId;
use sigpkg::signature::Standard;
use sigpkg::source;
use sigpkg::time::Timestamp;
use sigpkg::verify::{self, Question, Target, TreeTarget, Verdict};

#[path = "../src/testing.rs"]
mod testing;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let is_as_expected = match arguments.as_slice() {
        [folder, id] => show(&judge(Path::new(folder), SignatoryId::from_typed(id)?)?),
        [] => demonstrate()?,
        _ => return Err("usage: verify_package [FOLDER ID]".into()),
    };
    Ok(if is_as_expected { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Reads the folder, and asks whether it is a release of this signatory.
fn judge(folder: &Path, id: SignatoryId) -> Result<Verdict, Box<dyn Error>> {
    let tree = match source::open(folder, &TreeTarget::options()) {
        Ok(tree) => tree,
        // A tree that breaks a rule is refused; one that cannot be read is an error, and no verdict.
        Err(error) => match error.rule() {
            Some(rule) => return Ok(verify::refuse_unread(rule, error.to_string())),
            None => return Err(error.into()),
        },
    };
    // Nothing is in a store here: the id is all that is trusted.
    let question = Question { id: Some(id), ..Question::new(&[], now()?) };
    Ok(verify::verify(&Target::Tree(TreeTarget::of(&tree)), &question, &Standard))
}

/// Prints a verdict, and says whether it is `accepted`. Nothing of a target may be used before it is.
fn show(verdict: &Verdict) -> bool {
    match (verdict.verified_tree(), verdict.reason()) {
        (Some(tree), _) => {
            let release = tree.release();
            println!("accepted: {} v{}", release.link().statement().package, release.version());
            for line in tree.listing().lines() {
                println!("  {}  {}", line.digest.to_hex(), line.path);
            }
        }
        (None, Some(reason)) => {
            println!("{}: {} ({}): {reason}", verdict.word(), reason.rule().reason(), reason.rule());
        }
        // `source::open` reads no chain files, which alone are accepted without a tree.
        (None, None) => println!("{}: there is no tree", verdict.word()),
    }
    for note in verdict.notes() {
        println!("  note: {note}");
    }
    verdict.verified_tree().is_some()
}

/// The library has no clock: it is told the time, for the note `stale` alone.
fn now() -> Result<Timestamp, Box<dyn Error>> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    Ok(Timestamp::from_unix_seconds(seconds.try_into()?).ok_or("the clock is wrong")?)
}

/// Verifies a release, the same release after a byte was changed, and the work of another signatory.
fn demonstrate() -> Result<bool, Box<dyn Error>> {
    let temporary = tempfile::tempdir()?;
    let ours = temporary.path().join("ours");
    let id = write_test_package(1, &ours);
    let theirs = temporary.path().join("theirs");
    write_test_package(2, &theirs);

    let accepted = show(&judge(&ours, id)?);
    fs::write(ours.join("src/tides.txt"), "high tide at 7\n")?;
    let edited = show(&judge(&ours, id)?);
    let other = show(&judge(&theirs, id)?);
    Ok(accepted && !edited && !other)
}

/// A package that is signed with test keys. `publish_release.rs` shows how a maintainer does it.
fn write_test_package(seed: u64, folder: &Path) -> SignatoryId {
    let mut maintainer = testing::Fixture::new(seed);
    let mut chain = vec![maintainer.genesis()];
    let files = testing::Files::new([("README", "tides\n"), ("src/tides.txt", "high tide at 6\n")]);
    maintainer.release_tree(&mut chain, "1.0.0", &files).write_to(folder);
    chain[0].signatory()
}
