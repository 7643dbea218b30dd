//! `sigpkg hook`: a look at what leaves, before git pushes it.

use std::io::{self, Read as _, Write};

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use sigpkg::publish::{self, Warning};
use sigpkg::repository::{Hook as HookFile, Push};

use super::context::Context;
use super::failure::{Failure, Status};
use super::maintainer;
use super::output::{Answer, BAD, CARE};

/// Look at what leaves, before git pushes it
#[derive(Args)]
pub(crate) struct Hook {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Install(Install),
    Remove(Remove),
    PrePush(PrePush),
}

/// Make a pre-push hook in this repository; one that is not sigpkg's is never touched
#[derive(Args)]
struct Install {}

/// Remove the pre-push hook that sigpkg has made
#[derive(Args)]
struct Remove {}

/// What the hook runs: reads the lines that git gives to a pre-push hook, refuses a push with a secret key that can sign for
/// you, and warns of a release that leaves together with a commit that changes its tree
#[derive(Args)]
struct PrePush {
    /// The remote, by its name
    remote: Option<String>,
    /// Its address, which is not used
    #[arg(hide = true)]
    _address: Option<String>,
}

/// The most bytes of lines that are read: 100,000 references with names of 300 bytes.
const MAX_INPUT_BYTES: u64 = 64 << 20;

pub(crate) fn run(arguments: &Hook, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    match &arguments.command {
        Command::Install(Install {}) => {
            let hook = maintainer::workplace(context)?.install_hook().map_err(maintainer::failure)?;
            Ok(Box::new(Changed { hook, is_there: true }))
        }
        Command::Remove(Remove {}) => {
            let hook = maintainer::workplace(context)?.remove_hook().map_err(maintainer::failure)?;
            Ok(Box::new(Changed { hook, is_there: false }))
        }
        Command::PrePush(arguments) => pre_push(arguments, context),
    }
}

fn pre_push(arguments: &PrePush, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let mut lines = String::new();
    let read = io::stdin().lock().take(MAX_INPUT_BYTES + 1).read_to_string(&mut lines);
    let unread = |problem: String| Failure::could_not_tell(format!("what is pushed cannot be read: {problem}"));
    read.map_err(|error| unread(error.to_string()))?;
    if lines.len() as u64 > MAX_INPUT_BYTES {
        return Err(unread(format!("expected at most {MAX_INPUT_BYTES} bytes of references, found more")));
    }
    let push = Push::parse(arguments.remote.clone(), &lines).map_err(maintainer::failure)?;
    let workplace = maintainer::workplace(context)?;
    let stores = maintainer::stores(context)?;
    let warnings = publish::judge_push(&workplace, &stores, &push, &mut maintainer::tell(context));
    Ok(Box::new(Judged { warnings: warnings.map_err(maintainer::failure)? }))
}

/// What to do about it.
pub(crate) fn hint(warning: &Warning) -> Option<String> {
    match warning {
        Warning::Leak(leak) if leak.is_live => Some(
            "do not push it: take it out of the history first; if it has left already, docs/bad-days/key-published.md"
                .to_owned(),
        ),
        Warning::Leak(leak) => Some(format!(
            "if it is meant to be there, such as a test key, the next release takes --acknowledge {}",
            leak.found.digest
        )),
        Warning::Overtaken { commit, .. } => {
            Some(format!("register {commit}, and not the branch; or make another release of what is there now"))
        }
        Warning::NoRelease { .. } => Some("`sigpkg release` before it is registered or tagged".to_owned()),
        Warning::Broken { .. } => Some("`sigpkg release` makes it anew from the key store".to_owned()),
        Warning::Unread { .. } => None,
    }
}

/// The kind of a warning, for scripts.
pub(crate) fn kind(warning: &Warning) -> &'static str {
    match warning {
        Warning::Leak(leak) if leak.is_live => "live-key",
        Warning::Leak(_) => "secret-key",
        Warning::Overtaken { .. } => "overtaken",
        Warning::NoRelease { .. } => "no-release",
        Warning::Broken { .. } => "broken",
        Warning::Unread { .. } => "unread",
    }
}

/// How grave it is. A branch that is developed on is between two releases most of the time.
fn word(warning: &Warning) -> &'static str {
    match warning {
        Warning::Leak(leak) if leak.is_live => "refused",
        Warning::Leak(_) | Warning::Overtaken { .. } | Warning::Broken { .. } | Warning::Unread { .. } => "warning",
        Warning::NoRelease { .. } => "note",
    }
}

struct Changed {
    hook: HookFile,
    is_there: bool,
}

impl Answer for Changed {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        let what = match (self.is_there, self.hook.is_changed) {
            (true, true) => "installed",
            (true, false) => "there already",
            (false, true) => "removed",
            (false, false) => "not there",
        };
        writeln!(out, "pre-push hook {what}: {}", self.hook.path.display())?;
        if self.is_there && self.hook.is_shared {
            writeln!(
                out,
                "That folder (core.hooksPath) serves every repository that is set to it. In one without a .sigpkg"
            )?;
            writeln!(out, "the hook looks for keys that can sign for you, and for nothing else.")?;
        }
        Ok(())
    }

    fn json(&self) -> Vec<Value> {
        vec![json!({
            "schema": "sigpkg.hook/1",
            "path": self.hook.path.display().to_string(),
            "present": self.is_there,
            "changed": self.hook.is_changed,
            "shared": self.hook.is_shared,
        })]
    }
}

struct Judged {
    warnings: Vec<Warning>,
}

impl Answer for Judged {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        for warning in &self.warnings {
            let style = if warning.is_grave() { BAD } else { CARE };
            writeln!(out, "sigpkg: {style}{}{style:#}: {warning}", word(warning))?;
            if let Some(hint) = hint(warning) {
                writeln!(out, "sigpkg: hint: {hint}")?;
            }
        }
        Ok(())
    }

    fn json(&self) -> Vec<Value> {
        let object = |warning: &Warning| {
            json!({
                "schema": "sigpkg.pre-push/1",
                "kind": kind(warning),
                "severity": word(warning),
                "message": warning.to_string(),
                "hint": hint(warning),
            })
        };
        self.warnings.iter().map(object).collect()
    }

    /// Refused if a key that can sign would leave.
    fn status(&self) -> Status {
        if self.warnings.iter().any(Warning::is_grave) { Status::Refused } else { Status::Done }
    }
}
