//! `sigpkg key`: the key stores of this user.

mod paper;
mod restore;

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use sigpkg::chain::Decided;
use sigpkg::keystore::{KeyStores, Mode, Store};

use super::context::Context;
use super::failure::Failure;
use super::maintainer::{self, Kdf};
use super::output::Answer;
use super::progress::Progress;

/// List, move and protect the keys of this user, and put seeds on paper
#[derive(Args)]
pub(crate) struct Key {
    #[command(subcommand)]
    command: KeyCommand,
}

#[derive(Subcommand)]
enum KeyCommand {
    /// List the chains that this user can sign for
    List,
    /// Move the keys of a chain: to a stick, and from there to another machine
    Move(Move),
    /// Change the passphrase of the keys of a chain
    Passphrase(Protect),
    Paper(paper::OnPaper),
    Restore(restore::Restore),
}

#[derive(Args)]
struct Move {
    /// The signatory id [default: that of the package in this folder]
    id: Option<String>,
    /// Move them to this folder, and erase them here
    #[arg(long, value_name = "DIR", required_unless_present = "from", conflicts_with = "from")]
    to: Option<PathBuf>,
    /// Move them from this folder to their place here, and erase them there
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
}

#[derive(Args)]
struct Protect {
    /// The signatory id [default: that of the package in this folder]
    id: Option<String>,
    /// What a guess at the new passphrase costs
    #[arg(long, value_enum, default_value_t, value_name = "COST")]
    kdf: Kdf,
    /// Take the passphrase away
    #[arg(long, conflicts_with = "kdf")]
    no_passphrase: bool,
}

/// How long a store that another process has is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

struct List(Vec<Value>);

struct Done {
    action: &'static str,
    id: String,
    place: PathBuf,
}

pub(crate) fn run(arguments: &Key, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let stores = maintainer::stores(context)?;
    match &arguments.command {
        KeyCommand::List => list(&stores),
        KeyCommand::Move(arguments) => relocate(arguments, context, &stores),
        KeyCommand::Passphrase(arguments) => passphrase(arguments, context, &stores),
        KeyCommand::Paper(arguments) => paper::run(arguments, context, &stores),
        KeyCommand::Restore(arguments) => restore::run(arguments, context, &stores),
    }
}

fn list(stores: &KeyStores) -> Result<Box<dyn Answer>, Failure> {
    let ids = stores.ids().map_err(maintainer::store_failure)?;
    let rows = ids.iter().map(|id| match stores.open(*id) {
        Ok(store) => describe(&store),
        // One store that is damaged does not hide the others.
        Err(error) => json!({ "schema": "sigpkg.key/1", "signatory": id.to_string(), "problem": error.to_string() }),
    });
    Ok(Box::new(List(rows.collect())))
}

fn describe(store: &Store) -> Value {
    let belief = store.chain().belief(&Decided::stranger());
    let settings = store.settings();
    json!({
        "schema": "sigpkg.key/1",
        "signatory": store.id().to_string(),
        "package": super::statement::package_json(store.chain().package()),
        "display": store.chain().package().to_string(),
        "mode": settings.mode.as_str(),
        "protection": settings.protection.as_str(),
        "statements": store.chain().len(),
        "version": belief.newest_release().map(|release| release.version().to_string()),
        "keys": store.key_seqs().unwrap_or_default().iter().map(|seq| seq.get()).collect::<Vec<_>>(),
        "interrupted": store.journal().is_ok_and(|journal| journal.is_some()),
        "folder": store.folder().display().to_string(),
        "repository": settings.repository.as_ref().map(|path| path.display().to_string()),
        "problem": null,
    })
}

fn relocate(arguments: &Move, context: &Context, here: &KeyStores) -> Result<Box<dyn Answer>, Failure> {
    let id = arguments.id.as_deref().map(maintainer::typed_id).transpose()?;
    let (from, to, action) = match (&arguments.to, &arguments.from) {
        (Some(to), _) => (here.clone(), KeyStores::at(context.path(to)), "moved away"),
        (None, Some(from)) => (KeyStores::at(context.path(from)), here.clone(), "moved here"),
        (None, None) => return Err(Failure::usage("neither --to nor --from is given")),
    };
    let id = match id {
        Some(id) => id,
        None if arguments.to.is_some() => maintainer::named_store(context, here, None)?.id(),
        None => match from.ids().map_err(maintainer::store_failure)?.as_slice() {
            [only] => *only,
            several => {
                let found = several.len();
                return Err(Failure::usage(format!(
                    "expected one key store in {}, found {found}",
                    from.home().display()
                ))
                .hint("name one by its signatory id"));
            }
        },
    };
    let place = from.move_to(id, &to, PATIENCE).map_err(maintainer::store_failure)?;
    Ok(Box::new(Done { action, id: id.to_string(), place }))
}

fn passphrase(arguments: &Protect, context: &Context, stores: &KeyStores) -> Result<Box<dyn Answer>, Failure> {
    let store = maintainer::named_store(context, stores, arguments.id.as_deref())?;
    let mut store = store
        .lock(PATIENCE, &mut || context.say("sigpkg: waiting for another process"))
        .map_err(maintainer::store_failure)?;
    let old = maintainer::passphrase(context, store.store())?;
    let protection = arguments.kdf.protection(arguments.no_passphrase);
    let what = format!("the keys of {}", store.store().chain().package());
    let (protection, new) = maintainer::new_passphrase(context, protection, &what)?;
    let bytes = |passphrase: &Option<zeroize::Zeroizing<String>>| {
        passphrase.as_ref().map(|passphrase| zeroize::Zeroizing::new(passphrase.as_bytes().to_vec()))
    };
    let (old, new) = (bytes(&old), bytes(&new));
    let _working = Progress::start("encrypting the keys anew");
    store
        .change_passphrase(
            old.as_ref().map(|old| old.as_slice()),
            new.as_ref().map(|new| new.as_slice()),
            protection,
            &mut maintainer::random(),
        )
        .map_err(maintainer::store_failure)?;
    let (id, place) = (store.store().id().to_string(), store.store().folder().to_owned());
    Ok(Box::new(Done { action: "passphrase changed", id, place }))
}

impl Answer for List {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.0.is_empty() {
            return writeln!(out, "no keys; `sigpkg init` begins a chain");
        }
        for row in &self.0 {
            let text = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or("none").to_owned();
            writeln!(out, "{}", text("signatory"))?;
            if row.get("problem").is_some_and(Value::is_string) {
                writeln!(out, "    problem     {}", text("problem"))?;
                continue;
            }
            writeln!(out, "    package     {}", text("display"))?;
            writeln!(out, "    newest      {} ({} statements)", text("version"), row["statements"])?;
            let mode = text("mode");
            let keys = if mode == Mode::Seeded.as_str() { "seed".to_owned() } else { row["keys"].to_string() };
            writeln!(out, "    keys        {mode} {keys}, passphrase: {}", text("protection"))?;
            writeln!(out, "    folder      {}", text("folder"))?;
            writeln!(out, "    repository  {}", text("repository"))?;
            if row["interrupted"] == Value::Bool(true) {
                writeln!(out, "    a release was interrupted; `sigpkg release` finishes it")?;
            }
        }
        Ok(())
    }

    fn json(&self) -> Vec<Value> {
        self.0.clone()
    }
}

impl Answer for Done {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.id)?;
        writeln!(out, "{}: {}", self.action, self.place.display())
    }

    fn json(&self) -> Vec<Value> {
        vec![json!({
            "schema": "sigpkg.key/1",
            "signatory": self.id,
            "action": self.action,
            "folder": self.place.display().to_string(),
        })]
    }
}
