//! `sigpkg trust update`: records that came by another road.

use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::Path;

use clap::Args;
use serde_json::{Value, json};
use sigpkg::chain::Chain;
use sigpkg::digest::SignatoryId;
use sigpkg::rule::Rule;
use sigpkg::signature::Standard;
use sigpkg::time::Timestamp;
use sigpkg::trust::{EXPORT_FIRST_LINE, MAX_EXPORT_BYTES, TrustStore, Update as Updated, read_export};

use super::words::{change_json, update_lines};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Status};
use crate::cli::output::{Answer, BAD, CARE, failure_json};
use crate::cli::target::{self, admit_file};

/// Add the statements of chain files, export files or other targets to those of trusted signatories; nothing is decided
#[derive(Args)]
#[command(
    after_help = "Of several, each that can be taken in is; the others are named, and the exit status tells of them."
)]
pub(super) struct Update {
    /// Chain files, proofs of a fork, files of `trust export`, directories, tarballs, or REPO#REV
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
}

/// What came of one target, or of one chain of an export file.
struct Taken {
    target: String,
    outcome: Result<Updated, Failure>,
}

struct Done {
    taken: Vec<Taken>,
    /// Signatories of export files who are not trusted here.
    passed_over: Vec<(String, SignatoryId)>,
}

pub(super) fn run(arguments: &Update, store: &TrustStore, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let now = context.now()?;
    let mut done = Done { taken: Vec::new(), passed_over: Vec::new() };
    for file in &arguments.files {
        let outcome = if is_export(&context.path(Path::new(file))) {
            match take_export(file, &mut done, store, context, now) {
                Ok(()) => continue,
                Err(failure) => Err(failure),
            }
        } else {
            admit(store, context, file).and_then(|chain| Ok(store.update(&chain, now)?))
        };
        done.taken.push(Taken { target: file.clone(), outcome });
    }
    // A single failure is the answer of the command, and not one among others.
    if let [Taken { outcome: Err(_), .. }] = &done.taken[..]
        && arguments.files.len() == 1
        && let Some(Taken { outcome: Err(failure), .. }) = done.taken.pop()
    {
        return Err(failure);
    }
    Ok(Box::new(done))
}

/// Whether a file begins as an export file. What cannot be read is found out by whoever reads it.
fn is_export(path: &Path) -> bool {
    // A pipe would be waited for.
    if !path.is_file() {
        return false;
    }
    let mut beginning = Vec::new();
    let read = File::open(path).and_then(|file| file.take(EXPORT_FIRST_LINE.len() as u64).read_to_end(&mut beginning));
    read.is_ok() && beginning == EXPORT_FIRST_LINE.as_bytes()
}

/// PRJ-33: each chain as if it were a file of its own. Signatories who are not trusted are passed over, since an export is
/// made for more than one site.
fn take_export(
    file: &str,
    done: &mut Done,
    store: &TrustStore,
    context: &Context,
    now: Timestamp,
) -> Result<(), Failure> {
    let bytes = context.read(&context.path(Path::new(file)), MAX_EXPORT_BYTES as u64)?;
    let chains = read_export(&bytes).map_err(|error| {
        Failure::could_not_tell(format!("{file}: {error}")).hint("nothing of it was kept; get it from its source again")
    })?;
    for (id, chain) in chains {
        let target = format!("{file} ({id})");
        let outcome = match store.find(id)? {
            None => {
                done.passed_over.push((file.to_owned(), id));
                continue;
            }
            Some(trusted) => Chain::admit_beside(chain, trusted.chain(), trusted.vouchers(), &Standard)
                .map_err(|error| not_admitted(&target, error.rule(), &error.to_string()))
                .and_then(|chain| Ok(store.update(&chain, now)?)),
        };
        done.taken.push(Taken { target, outcome });
    }
    Ok(())
}

fn admit(store: &TrustStore, context: &Context, file: &str) -> Result<Chain, Failure> {
    let opened = target::open(context, file)?;
    let Some(chain) = opened.claimed_chain() else {
        return Err(Failure::undecided(format!("{file} has no .sigpkg, so it has no chain"))
            .hint("give a chain file, or a tree with .sigpkg"));
    };
    let trusted = Chain::claimed_id(chain).ok().map(|id| store.find(id)).transpose()?.flatten();
    let Some(trusted) = trusted else {
        return Err(not_trusted(file, &admit_file(chain)?));
    };
    Chain::admit_beside(chain, trusted.chain(), trusted.vouchers(), &Standard)
        .map_err(|error| not_admitted(file, error.rule(), &error.to_string()))
}

fn not_admitted(file: &str, rule: Rule, problem: &str) -> Failure {
    Failure::refused(rule, format!("{file}: {problem}")).hint("nothing of it was kept; get it from its source again")
}

fn not_trusted(file: &str, chain: &Chain) -> Failure {
    let message =
        format!("signatory {} of {} is not trusted, so there is nothing to update", chain.id(), chain.package());
    Failure { rule: Some(Rule::Ver1), ..Failure::undecided(message) }
        .hint(format!("compare the id with the one on the maintainer's own page, then: sigpkg trust add {file}"))
}

impl Done {
    fn failures(&self) -> impl Iterator<Item = (&str, &Failure)> {
        self.taken.iter().filter_map(|taken| Some((taken.target.as_str(), taken.outcome.as_ref().err()?)))
    }
}

impl Answer for Done {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        for update in self.taken.iter().filter_map(|taken| taken.outcome.as_ref().ok()) {
            update_lines(update).iter().try_for_each(|line| writeln!(out, "{line}"))?;
        }
        for (target, failure) in self.failures() {
            let word = match failure.status {
                Status::Done | Status::Undecided => "undecided",
                Status::Refused => "refused",
                Status::Usage | Status::CouldNotTell => "unreadable",
            };
            let rule = failure.rule.map(|rule| format!(" ({}, {})", rule.reason(), rule.id())).unwrap_or_default();
            let message = if failure.message.starts_with(target) {
                failure.message.clone()
            } else {
                format!("{target}: {}", failure.message)
            };
            writeln!(out, "{BAD}{word}{BAD:#} {message}{rule}")?;
            if let Some(hint) = &failure.hint {
                writeln!(out, "  {hint}")?;
            }
        }
        match self.passed_over.len() {
            0 => Ok(()),
            1 => writeln!(out, "{CARE}passed over{CARE:#}: the chain of a signatory who is not trusted here"),
            many => {
                writeln!(out, "{CARE}passed over{CARE:#}: the chains of {many} signatories who are not trusted here")
            }
        }
    }

    fn json(&self) -> Vec<Value> {
        let mut objects = Vec::new();
        for Taken { target, outcome } in &self.taken {
            objects.push(match outcome {
                Ok(update) => {
                    let mut object = change_json(&update.change());
                    object["schema"] = "sigpkg.trust-update/1".into();
                    object["target"] = target.as_str().into();
                    object["signatory"] = update.after.id().to_string().into();
                    object
                }
                Err(failure) => failure_json(failure, Some(target)),
            });
        }
        objects.extend(self.passed_over.iter().map(|(target, id)| {
            json!({ "schema": "sigpkg.trust-passed-over/1", "target": target, "signatory": id.to_string() })
        }));
        objects
    }

    fn status(&self) -> Status {
        Status::of_several(self.failures().map(|(_, failure)| failure.status))
    }
}
