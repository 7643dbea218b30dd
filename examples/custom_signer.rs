//! Signs a release with a signer of one's own: here a token that shows what it is asked to sign, counts, and stops.
//!
//! ```text
//! custom_signer
//! ```
//!
//! All of it happens in memory, with the core of the library alone: no file, no clock, no network
//! (`--no-default-features`). A real token would hold the key where no program can read it.

use std::cell::Cell;
use std::error::Error;

use sigpkg::chain::Chain;
use sigpkg::digest::Digest;
use sigpkg::key::{Algorithm, LinkKey, ReserveKey};
use sigpkg::listing::folder::SigpkgFolder;
use sigpkg::listing::{FileFacts, Tree, TreeBuilder, TreePath};
use sigpkg::package::{EcosystemName, Package, Version};
use sigpkg::release::{Draft, DraftError, Plan, folder_with_release};
use sigpkg::secret::{SecretKey, Seed};
use sigpkg::signature::{Signature, Standard};
use sigpkg::signer::{Signer, SignerError};
use sigpkg::statement::{LookAhead, ReserveSet};
use sigpkg::time::Timestamp;
use sigpkg::verify::{self, Question, Target, TreeTarget};

/// Holds one link key, and signs one statement with it.
struct Token {
    key: SecretKey,
    signatures: Cell<usize>,
}

/// A release takes two: over the statement, and over that signature in the file beside it. Both follow from the text.
const SIGNATURES_OF_A_RELEASE: usize = 2;

impl Token {
    fn holding(key: SecretKey) -> Self {
        Self { key, signatures: Cell::new(0) }
    }
}

impl Signer for Token {
    fn link_key(&self) -> Result<LinkKey, SignerError> {
        Ok(self.key.link_key()?)
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignerError> {
        let before = self.signatures.get();
        if before == SIGNATURES_OF_A_RELEASE {
            return Err(SignerError::new("this key has signed its one statement"));
        }
        self.signatures.set(before + 1);
        let shown = message.split(|byte| *byte == b'\n').find(|line| line.starts_with(b"version = "));
        match shown {
            Some(line) => println!("token: signs a statement with {}", String::from_utf8_lossy(line)),
            None => println!("token: signs {} bytes", message.len()),
        }
        Ok(self.key.sign(message))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let date: Timestamp = "2026-11-20T12:00:00Z".parse()?;
    let mut chain = begin(date)?;

    // The release is a text before anybody signs it.
    let tree = tree(&[("README", b"tides\n"), ("src/tides.txt", b"high tide at 6\n")])?;
    let version = Version::new(EcosystemName::Generic, "1.0.0")?;
    let draft = Draft::release(chain.genesis(), &Plan::new(version, &tree), link_key(4)?, date)?;

    // A token with another key is not even asked.
    let other = Token::holding(secret(3)?);
    match draft.sign(&other) {
        Err(DraftError::OtherKey { .. }) if other.signatures.get() == 0 => println!("another key: not asked"),
        outcome => return Err(format!("expected another key to be refused, found {outcome:?}").into()),
    }

    // The right one signs once, and never again.
    let token = Token::holding(secret(2)?);
    let signed = draft.sign(&token)?;
    match draft.sign(&token) {
        Err(DraftError::Signer(refusal)) => println!("asked again: {refusal}"),
        outcome => return Err(format!("expected the token to refuse, found {outcome:?}").into()),
    }

    // What was signed is verified like anybody's.
    chain.append(signed.record().clone(), &Standard)?;
    let folder = SigpkgFolder::new(folder_with_release(&chain, &signed, &tree.listing().text(), None))?;
    let target = Target::Tree(TreeTarget::new(&tree, Some(&folder)));
    let question = Question { id: Some(chain.id()), ..Question::new(&[], date) };
    let verdict = verify::verify(&target, &question, &Standard);
    match verdict.reason() {
        None => println!("{}: {} v1.0.0", verdict.word(), chain.package()),
        Some(reason) => return Err(format!("{}: {reason}", verdict.word()).into()),
    }
    Ok(())
}

/// The genesis, signed by K_1, which is then dropped.
fn begin(date: Timestamp) -> Result<Chain, Box<dyn Error>> {
    // Its secret half would be in a safe. Nothing is signed with it here, so nobody has it.
    let reserve = ReserveSet { threshold: 1, keys: vec![ReserveKey::new(*Digest::of(b"nobody").as_bytes())] };
    let look_ahead = LookAhead { next: link_key(2)?, after_next: link_key(3)? };
    let draft = Draft::genesis(Package::generic("Tides")?, reserve, link_key(1)?, look_ahead, date)?;
    let signed = draft.sign(&secret(1)?)?;
    Ok(Chain::begin(signed.record().clone(), &Standard)?)
}

fn tree(files: &[(&str, &[u8])]) -> Result<Tree, Box<dyn Error>> {
    let mut tree = TreeBuilder::new();
    for (path, content) in files {
        tree.add_file(TreePath::parse(path.as_bytes())?, FileFacts::of(content))?;
    }
    Ok(tree.finish()?)
}

/// K_n. These are test keys: the seed of real ones is 32 random bytes that nobody else has.
fn secret(seq: u64) -> Result<SecretKey, Box<dyn Error>> {
    Ok(Seed::from_bytes([42; 32]).link_secret(Algorithm::Ed25519, seq)?)
}

fn link_key(seq: u64) -> Result<LinkKey, Box<dyn Error>> {
    Ok(secret(seq)?.link_key()?)
}
