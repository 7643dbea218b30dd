//! `sigpkg key paper`: the seed of a chain on a printable page.

use std::path::PathBuf;

use clap::Args;
use sigpkg::keystore::{KeyStoreError, KeyStores, Mode};
use sigpkg::paper::Paper;

use super::PATIENCE;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::output::Answer;
use crate::cli::{maintainer, paper};

/// Put the seed of a chain on a page to print: words and a QR code
#[derive(Args)]
#[command(
    after_help = "Only a chain begun with `init --seeded` has a seed. Fresh keys are used once and never copied; what \
    brings them back is the reserve: `sigpkg reserve paper`."
)]
pub(super) struct OnPaper {
    /// The signatory id [default: that of the package in this folder]
    id: Option<String>,
    /// The page, a new file outside of every repository: FILE.pdf or FILE.svg
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(super) fn run(arguments: &OnPaper, context: &Context, stores: &KeyStores) -> Result<Box<dyn Answer>, Failure> {
    let store = maintainer::named_store(context, stores, arguments.id.as_deref())?;
    if store.settings().mode != Mode::Seeded {
        return Err(maintainer::store_failure(KeyStoreError::NotSeeded { id: store.id() }));
    }
    let target = paper::Target::new(context, &arguments.out)?;
    let mut store = store
        .lock(PATIENCE, &mut || context.say("sigpkg: waiting for another process"))
        .map_err(maintainer::store_failure)?;
    let passphrase = maintainer::passphrase(context, store.store())?;
    let seed = store.store().open_seed(passphrase.as_ref().map(|passphrase| passphrase.as_bytes()));
    let seed = seed.map_err(maintainer::store_failure)?;
    let (id, package) = (store.store().id(), store.store().chain().package());
    let page = Paper::of_seed(&seed, package, id, context.now()?.date());
    // Before there is a page that could get into a repository.
    store.remember_paper(&seed).map_err(maintainer::store_failure)?;
    Ok(Box::new(target.write(&page, id.to_string())?))
}
