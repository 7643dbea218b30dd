//! A signer of one's own: a stand-in for a token with a button. The library asks it for the two signatures of a release, and
//! verifies both before it makes anything of them.
//!
//! Run it with `cargo run --example custom_signer`. Nothing is written anywhere, and all keys are test keys.

use std::cell::Cell;
use std::error::Error;

use sigpkg::chain::Chain;
use sigpkg::digest::Digest;
use sigpkg::key::{Algorithm, LinkKey, ReserveKey};
use sigpkg::listing::{FileFacts, TreeBuilder, TreePath};
use sigpkg::package::{EcosystemName, Package, Version};
use sigpkg::release::{Draft, Plan};
use sigpkg::secret::{SecretKey, Seed};
use sigpkg::signature::{Signature, Standard};
use sigpkg::signer::{Signer, SignerError};
use sigpkg::statement::{LookAhead, ReserveSet};

/// Signs while its button is pressed. A real one would hand the message to a device and wait.
struct Token {
    key: SecretKey,
    presses_left: Cell<u32>,
}

impl Signer for Token {
    fn link_key(&self) -> Result<LinkKey, SignerError> {
        Ok(self.key.link_key()?)
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignerError> {
        let left =
            self.presses_left.get().checked_sub(1).ok_or_else(|| SignerError::new("nobody presses the button"))?;
        self.presses_left.set(left);
        println!("the button is pressed, {} bytes are signed", message.len());
        Ok(self.key.sign(message))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    // Test keys. A maintainer has keys from the random numbers of the operating system.
    let seed = Seed::from_bytes([42; 32]);
    let key = |seq| seed.link_secret(Algorithm::Ed25519, seq);
    let (k1, k2, k3, k4) = (key(1)?, key(2)?, key(3)?, key(4)?);

    let package = Package::generic("example")?;
    let reserve = ReserveSet { threshold: 1, keys: vec![ReserveKey::new([7; 32])] };
    let look_ahead = LookAhead { next: k2.link_key()?, after_next: k3.link_key()? };
    let date = "2026-11-20T12:00:00Z".parse()?;
    let genesis = Draft::genesis(package, reserve, k1.link_key()?, look_ahead, date)?.sign(&k1)?;
    let file = [genesis.record().text(), genesis.record().blocks_text()].concat();
    let mut chain = Chain::admit(file.as_bytes(), genesis.record().claimed_genesis_id()?, &Standard)?;

    let content = b"print(1)\n";
    let mut tree = TreeBuilder::new();
    let facts = FileFacts { digest: Digest::of(content), bytes: content.len() as u64, lf_form: None };
    tree.add_file(TreePath::parse(b"main.py")?, facts)?;
    let tree = tree.finish()?;
    let version = Version::new(EcosystemName::Generic, "1.0")?;
    let plan = Plan { version, tree: &tree, next_by: None, redo: false, upstream: None };
    let draft = Draft::release(chain.genesis(), &plan, k4.link_key()?, date)?;

    let token = Token { key: k2, presses_left: Cell::new(0) };
    match draft.sign(&token) {
        Err(refused) => println!("{refused}"),
        Ok(_) => return Err("a token that nobody touches has signed".into()),
    }
    token.presses_left.set(2);
    let signed = draft.sign(&token)?;
    chain.append(signed.record().clone(), &Standard)?;
    println!("\n{}{}", signed.record().text(), signed.signature_file().unwrap_or_default());
    Ok(())
}
