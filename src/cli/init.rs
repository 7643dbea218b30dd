//! `sigpkg init`: begin a chain.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use sigpkg::key::ReserveKey;
use sigpkg::keystore::{KeyProtection, Mode, ReserveFile, ReserveSecret};
use sigpkg::package::Package;
use sigpkg::publish::{self, Beginning, Begun, PublishError};
use sigpkg::repository::Workplace;
use sigpkg::statement::ReserveSet;
use zeroize::Zeroizing;

use super::context::Context;
use super::failure::Failure;
use super::maintainer::{self, Kdf};
use super::output::Answer;
use super::progress::Progress;

/// Begin signing: make the first keys and commit .sigpkg
#[derive(Args)]
pub(crate) struct Init {
    /// Sign a package of no known ecosystem, under this name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Public reserve keys of other people, each from `sigpkg reserve new` on a machine of its own
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "reserve_out")]
    reserve_keys: Vec<PathBuf>,
    /// How many reserve keys must sign together [default: more than half]
    #[arg(long, value_name = "K", requires = "reserve_keys")]
    threshold: Option<u64>,
    /// Make one reserve key on the spot, and put it into this folder
    #[arg(long, value_name = "DIR")]
    reserve_out: Option<PathBuf>,
    /// Derive all keys from one seed, which may be kept in several places
    #[arg(long)]
    seeded: bool,
    /// What a guess at the passphrase costs
    #[arg(long, value_enum, default_value_t, value_name = "COST")]
    kdf: Kdf,
    /// Make the keys, and leave the repository as it is: to adopt somebody else's package
    #[arg(long)]
    no_commit: bool,
    /// Do not protect the keys by a passphrase
    #[arg(long, conflicts_with = "kdf")]
    no_passphrase: bool,
}

struct Report {
    begun: Begun,
    reserve: Option<ReserveFile>,
}

/// Who may change who signs, and the passphrase for what was made on this machine.
struct Reserve {
    set: ReserveSet,
    made: Option<ReserveFile>,
}

pub(crate) fn run(arguments: &Init, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let workplace = maintainer::workplace(context)?;
    let stores = maintainer::stores(context)?;
    let package = package(arguments, &workplace)?;
    if arguments.no_commit {
        if let Some(begun) = publish::begun_here(&workplace, &stores, &package).map_err(maintainer::failure)? {
            context.say("sigpkg: this chain has begun already, and nothing more was made");
            return Ok(Box::new(Report { begun, reserve: None }));
        }
    } else if let Some(unfinished) =
        publish::unfinished_init(&workplace, &stores, &package).map_err(maintainer::failure)?
    {
        context.say("sigpkg: an earlier init was interrupted; finishing it");
        let begun = unfinished.finish(&workplace).map_err(maintainer::failure)?;
        return Ok(Box::new(Report { begun, reserve: None }));
    }
    let protection = arguments.kdf.protection(arguments.no_passphrase);
    let reserve_keys = read_reserve_keys(arguments, context)?;
    check_outside(&workplace, stores.home().to_owned())?;
    if let Some(folder) = &arguments.reserve_out {
        check_outside(&workplace, context.path(folder))?;
    }
    let (protection, passphrase) = maintainer::new_passphrase(context, protection, &format!("the keys of {package}"))?;
    let _working = Progress::start("making the keys");
    let reserve = reserve(arguments, context, reserve_keys, protection, passphrase.as_ref())?;
    let beginning = Beginning {
        package,
        reserve: reserve.set,
        reserve_files: reserve.made.iter().map(|file| file.digest).collect(),
        reserve_place: arguments
            .reserve_out
            .as_ref()
            .map(|folder| std::path::absolute(context.path(folder)))
            .and_then(Result::ok),
        mode: if arguments.seeded { Mode::Seeded } else { Mode::Fresh },
        protection,
        passphrase: passphrase.as_ref().map(|passphrase| passphrase.as_bytes()),
        now: context.now()?,
    };
    let make = if arguments.no_commit { publish::init_without_commit } else { publish::init };
    let begun = make(&workplace, &stores, &beginning, &mut maintainer::random());
    Ok(Box::new(Report { begun: begun.map_err(maintainer::failure)?, reserve: reserve.made }))
}

fn package(arguments: &Init, workplace: &Workplace) -> Result<Package, Failure> {
    match &arguments.name {
        Some(name) => Package::generic(name).map_err(Failure::usage),
        None => workplace.detect().map_err(maintainer::failure),
    }
}

fn read_reserve_keys(arguments: &Init, context: &Context) -> Result<Vec<ReserveKey>, Failure> {
    let read = |path: &PathBuf| {
        let path = context.path(path);
        let file = std::fs::read_to_string(&path)
            .map_err(|error| Failure::could_not_tell(format!("{} cannot be read: {error}", path.display())))?;
        ReserveKey::from_file_text(&file).map_err(|error| {
            Failure::refused(error.rule(), format!("{}: {error}", path.display()))
                .hint("it takes the .pub files that their holders have made with `sigpkg reserve new`")
        })
    };
    let keys = arguments.reserve_keys.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    if keys.is_empty() && arguments.reserve_out.is_none() {
        return Err(Failure::usage("a chain needs a reserve: the only keys that can change who signs").hint(
            "--reserve-out DIR makes one key, for a stick that goes into a drawer; --reserve-keys FILE… takes public keys \
             that other people made with `sigpkg reserve new`",
        ));
    }
    Ok(keys)
}

/// Asked before anything is written.
fn check_outside(workplace: &Workplace, path: PathBuf) -> Result<(), Failure> {
    if workplace.holds(&path) { Err(maintainer::failure(PublishError::SecretsInRepository { path })) } else { Ok(()) }
}

fn reserve(
    arguments: &Init,
    context: &Context,
    keys: Vec<ReserveKey>,
    protection: KeyProtection,
    passphrase: Option<&Zeroizing<String>>,
) -> Result<Reserve, Failure> {
    let Some(folder) = &arguments.reserve_out else {
        let threshold = arguments.threshold.unwrap_or(keys.len() as u64 / 2 + 1);
        return Ok(Reserve { set: ReserveSet { threshold, keys }, made: None });
    };
    let mut random = maintainer::random();
    let made = ReserveSecret::generate(&mut random)
        .and_then(|secret| {
            let passphrase = passphrase.map(|passphrase| passphrase.as_bytes());
            secret.write(&context.path(folder), protection, passphrase, &mut random)
        })
        .map_err(maintainer::store_failure)?;
    Ok(Reserve { set: ReserveSet { threshold: 1, keys: vec![made.key] }, made: Some(made) })
}

impl Answer for Report {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        maintainer::write_id(out, self.begun.id())?;
        writeln!(out)?;
        writeln!(
            out,
            "This is the signatory id of {}. Publish it where people find it without going through the package: on your own \
             page, in a talk, in the footer of your mails. They compare it once, and every later release is checked against it.",
            self.begun.store.chain().package()
        )?;
        writeln!(out)?;
        writeln!(out, "keys     {}", self.begun.store.folder().display())?;
        if let Some(reserve) = &self.reserve {
            writeln!(out, "reserve  {}", reserve.secret_path.display())?;
        }
        writeln!(out)?;
        match self.begun.store.settings().mode {
            Mode::Fresh => {
                writeln!(
                    out,
                    "The keys of the next two statements are in this one place. They can be moved (`sigpkg key move`) and must \
                     not be copied: an old copy could rewrite history. If they are lost, the reserve names new ones."
                )?;
            }
            Mode::Seeded => {
                writeln!(
                    out,
                    "All keys come from one seed. Copies of it stay valid; and whoever steals one can sign in your name until the \
                     reserve stops it."
                )?;
            }
        }
        if self.reserve.is_some() {
            writeln!(out)?;
            writeln!(
                out,
                "The reserve key is the only way back if the keys are lost or stolen. Move its .key file now to a stick or to \
                 paper that is kept away from this machine, better two of them in two places, and then erase it here. Never put \
                 it into a repository or a CI system. `sigpkg reserve paper` makes the page. A passphrase that you gave just now \
                 protects this file, too."
            )?;
        }
        Ok(())
    }

    fn json(&self) -> Vec<Value> {
        let store = &self.begun.store;
        vec![json!({
            "schema": "sigpkg.init/1",
            "signatory": self.begun.id().to_string(),
            "package": super::statement::package_json(store.chain().package()),
            "keys": store.folder().display().to_string(),
            "mode": store.settings().mode.as_str(),
            "reserve": self.reserve.as_ref().map(|reserve| reserve.secret_path.display().to_string()),
            "written": super::statement::written_json(&self.begun.written),
        })]
    }
}
