//! `sigpkg reserve join`: put signatures together, and take the statement into the chain.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use sigpkg::publish::{self, Joined};

use super::draft;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Status};
use crate::cli::output::{Answer, GOOD};
use crate::cli::progress::Progress;
use crate::cli::{maintainer, statement};

/// Put the signatures of drafts together, take the statement into the chain, replace the keys, and commit .sigpkg
#[derive(Args)]
pub(super) struct Join {
    /// The drafts that the holders have sent back
    #[arg(value_name = "DRAFT")]
    drafts: Vec<PathBuf>,
    /// The signatory [default: that of the drafts, or of the package in this folder]
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Leave .sigpkg in the worktree, and make no commit
    #[arg(long)]
    no_commit: bool,
}

enum Report {
    Incomplete { missing: String, json: Value },
    Joined { joined: Box<Joined>, keys: PathBuf, repeats: Vec<String> },
}

pub(super) fn run(arguments: &Join, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let stores = maintainer::stores(context)?;
    let mut drafts = Vec::new();
    for path in &arguments.drafts {
        drafts.push((path.display().to_string(), draft::read(context, path)?));
    }
    let id = match (&arguments.id, drafts.first()) {
        (Some(id), _) => maintainer::typed_id(id)?,
        (None, Some((_, draft))) => draft.claimed_signatory(),
        (None, None) => maintainer::named_store(context, &stores, None)?.id(),
    };
    let workplace = maintainer::workplace(context)?;
    let joining = publish::prepare_join(workplace, &stores, id, &drafts, &mut maintainer::tell(context))
        .map_err(maintainer::failure)?;
    let keys = joining.store().folder().to_owned();
    let mut repeats = Vec::new();
    if let Some(checked) = joining.checked().map_err(maintainer::failure)? {
        if let Some(missing) = draft::missing(&checked) {
            let json = draft::draft_json("incomplete", &checked, None)?;
            return Ok(Box::new(Report::Incomplete { missing, json }));
        }
        for line in draft::describe(&checked)? {
            context.say(&line);
        }
        repeats = draft::repeats(&checked.effects().map_err(maintainer::failure)?.lapsed);
        let question = "Take it into the chain, and erase the old keys?";
        maintainer::confirm(context, arguments.yes, question, "nothing was joined")?;
    } else {
        context.say("sigpkg: an earlier join was interrupted; finishing it");
    }
    let working = Progress::start("joining".to_owned());
    let joined = joining.carry_out(!arguments.no_commit).map_err(maintainer::failure)?;
    drop(working);
    Ok(Box::new(Report::Joined { joined: Box::new(joined), keys, repeats }))
}

impl Answer for Report {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        let (joined, keys, repeats) = match self {
            Self::Incomplete { missing, .. } => return writeln!(out, "{missing}"),
            Self::Joined { joined, keys, repeats } => (joined, keys, repeats),
        };
        writeln!(out, "{GOOD}joined{GOOD:#} {}: the reserve has spoken ({})", joined.package, joined.cause.as_str())?;
        writeln!(out, "statement  {} {}", joined.seq, joined.digest)?;
        statement::write_written(out, &joined.written)?;
        writeln!(out, "keys       {}: the new ones; the old ones are erased", keys.display())?;
        for (index, command) in repeats.iter().enumerate() {
            writeln!(out, "{:<10} {command}", if index == 0 { "repeat" } else { "" })?;
        }
        writeln!(out)?;
        writeln!(out, "Push it now. Users see it at once, keep what they have, and follow when they say")?;
        writeln!(out, "    sigpkg trust accept {}", joined.digest)?;
        writeln!(out, "Publish that digest and the reason where you publish the id, so that they can compare it.")
    }

    fn json(&self) -> Vec<Value> {
        vec![match self {
            Self::Incomplete { json, .. } => json.clone(),
            Self::Joined { joined, keys, repeats } => json!({
                "schema": "sigpkg.reserve-joined/1",
                "signatory": joined.id.to_string(),
                "package": statement::package_json(&joined.package),
                "cause": joined.cause.as_str(),
                "seq": joined.seq.get(),
                "digest": joined.digest.to_string(),
                "written": statement::written_json(&joined.written),
                "keys": keys.display().to_string(),
                "repeat": repeats,
            }),
        }]
    }

    /// Undecided as long as signatures are missing.
    fn status(&self) -> Status {
        match self {
            Self::Incomplete { .. } => Status::Undecided,
            Self::Joined { .. } => Status::Done,
        }
    }
}
