//! `sigpkg key restore`: a key store from a seed on paper.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use sigpkg::chain::Decided;
use sigpkg::keystore::{KeyStores, RestoredStore, Store};
use sigpkg::publish;
use sigpkg::secret::Kind;
use sigpkg::secret::file::Secret;

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::maintainer::{self, Kdf};
use crate::cli::output::Answer;
use crate::cli::paper;
use crate::cli::reserve::draft;

/// Bring the keys of a chain back from the words of its seed
#[derive(Args)]
#[command(
    after_help = "Call it in a clone of the package, or name a chain. The words are asked for one by one, and are never \
    arguments. They must be those of the keys that the newest statement announces."
)]
pub(super) struct Restore {
    /// A file with the words, or with the text of the QR code; `-` is stdin [default: they are asked for]
    #[arg(long, value_name = "FILE")]
    words: Option<PathBuf>,
    /// What is known of the chain: a directory, a tarball, REPO#REV, or a chain file; may be given again [default: the package in
    /// this folder]
    #[arg(long, value_name = "TARGET")]
    chain: Vec<String>,
    /// What a guess at the new passphrase costs
    #[arg(long, value_enum, default_value_t, value_name = "COST")]
    kdf: Kdf,
    /// Do not protect the seed by a passphrase
    #[arg(long, conflicts_with = "kdf")]
    no_passphrase: bool,
}

struct Restored(Store);

pub(super) fn run(arguments: &Restore, context: &Context, stores: &KeyStores) -> Result<Box<dyn Answer>, Failure> {
    let known = draft::gather_known(context, stores, None, &arguments.chain)?.ok_or_else(|| {
        Failure::undecided("there is no chain here, and the words alone do not say which statement is next").hint(
            "call it in a clone of the package; or --chain TARGET names a release of it, REPO#REV, or a chain file",
        )
    })?;
    let id = known.chain.id();
    if stores.contains(id).map_err(maintainer::store_failure)? {
        let folder = stores.folder(id);
        return Err(maintainer::store_failure(sigpkg::keystore::KeyStoreError::StoreExists { id, folder }));
    }
    let workplace = draft::workplace(context)?;
    paper::outside(&stores.folder(id))?;
    let seed = match paper::read(context, arguments.words.as_deref(), Kind::Seed)? {
        Secret::Seed(seed) => seed,
        Secret::Key(_) => return Err(Failure::blocked("expected the words of a seed, found those of a key")),
    };
    publish::check_restore(&known, stores, &seed).map_err(maintainer::failure)?;
    let protection = arguments.kdf.protection(arguments.no_passphrase);
    let (protection, passphrase) =
        maintainer::new_passphrase(context, protection, &format!("the keys of {}", known.chain.package()))?;
    let new = RestoredStore {
        protection,
        passphrase: passphrase.as_ref().map(|passphrase| passphrase.as_bytes()),
        now: context.now()?,
        repository: workplace.map(|workplace| workplace.directory().to_owned()),
    };
    let store = publish::restore(&known, stores, seed, &new, &mut maintainer::random()).map_err(maintainer::failure)?;
    Ok(Box::new(Restored(store)))
}

impl Answer for Restored {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        let belief = self.0.chain().belief(&Decided::stranger());
        let id = self.0.id().to_string();
        writeln!(out, "{id}")?;
        paper::write_groups(out, &id)?;
        writeln!(out)?;
        writeln!(out, "restored: the seed of {}", self.0.chain().package())?;
        writeln!(out, "newest    statement {}", belief.head().seq())?;
        writeln!(out, "keys      {}", self.0.folder().display())?;
        writeln!(out)?;
        writeln!(
            out,
            "The keys that the newest statement announces come from this seed. Compare the id with the paper. If the seed has \
             signed anything elsewhere that is not in this repository, fetch that before the next release: two texts of one number \
             would be evidence against you."
        )
    }

    fn json(&self) -> Vec<Value> {
        let belief = self.0.chain().belief(&Decided::stranger());
        vec![json!({
            "schema": "sigpkg.key/1",
            "signatory": self.0.id().to_string(),
            "action": "restored",
            "statements": belief.head().seq().get(),
            "folder": self.0.folder().display().to_string(),
        })]
    }
}
