//! `sigpkg release`: sign the committed tree as a version.

use std::io::{self, Write};

use clap::Args;
use serde_json::{Value, json};
use sigpkg::digest::Digest;
use sigpkg::package::Package;
use sigpkg::publish::{self, Prepared, Released, Request, Start, Unfinished};
use sigpkg::repository::Written;
use sigpkg::time::Date;

use super::context::Context;
use super::failure::Failure;
use super::maintainer;
use super::output::{Answer, GOOD};

/// Sign the committed tree as a version, and commit .sigpkg
#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct Release {
    /// The version [default: that of the manifest]
    version: Option<String>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Replace the newest release, of this same version, which was made by mistake
    #[arg(long)]
    redo: bool,
    /// Allow a version that is lower than one released before
    #[arg(long)]
    back_port: bool,
    /// Promise another statement by this day, such as 2027-12-20
    #[arg(long, value_name = "DATE")]
    next_by: Option<Date>,
    /// Make a tag on the new commit
    #[arg(long, value_name = "NAME", conflicts_with = "no_commit")]
    tag: Option<String>,
    /// Leave .sigpkg in the worktree, and make no commit
    #[arg(long)]
    no_commit: bool,
    /// Accept a secret key in the repository that is meant to be there, once and for all
    #[arg(long, value_name = "FINGERPRINT")]
    acknowledge: Vec<Digest>,
}

enum Report {
    Released { released: Box<Released>, was_interrupted: bool },
    WouldFinish { version: String, seq: u32 },
    WouldRelease(Box<Prepared>),
}

pub(crate) fn run(arguments: &Release, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    match start(arguments, context)? {
        Start::Unfinished(unfinished) => finish(arguments, context, *unfinished),
        Start::Ready(prepared) => release(arguments, context, prepared),
    }
}

fn start(arguments: &Release, context: &Context) -> Result<Start, Failure> {
    let request = Request {
        version: arguments.version.clone(),
        redo: arguments.redo,
        back_port: arguments.back_port,
        next_by: arguments.next_by,
        tag: arguments.tag.clone(),
        no_commit: arguments.no_commit,
        acknowledge: arguments.acknowledge.clone(),
    };
    let workplace = maintainer::workplace(context)?;
    let stores = maintainer::stores(context)?;
    publish::prepare(workplace, &stores, request, context.now()?, &mut maintainer::tell(context))
        .map_err(maintainer::failure)
}

/// Ends what an earlier call has begun; then does what this one asks for, if that is something else.
fn finish(arguments: &Release, context: &Context, unfinished: Unfinished) -> Result<Box<dyn Answer>, Failure> {
    let statement = unfinished.draft().statement();
    let version = statement.release().map(|release| release.version.to_string()).unwrap_or_default();
    let seq = statement.seq.get();
    if arguments.dry_run {
        return Ok(Box::new(Report::WouldFinish { version, seq }));
    }
    context.say(&format!("sigpkg: the release of {version} (statement {seq}) was interrupted; finishing it"));
    let passphrase = if unfinished.needs_passphrase() {
        Some(context.passphrase(&format!("the keys of {}", statement.package))?)
    } else {
        None
    };
    let released = unfinished
        .carry_out(passphrase.as_ref().map(|passphrase| passphrase.as_bytes()))
        .map_err(maintainer::failure)?;
    let is_what_was_asked = arguments.version.as_deref().is_none_or(|asked| {
        let ecosystem = sigpkg::ecosystem::of(released.package.ecosystem());
        ecosystem.version(asked).is_ok_and(|asked| asked == released.version)
    });
    if is_what_was_asked {
        return Ok(Box::new(Report::Released { released: Box::new(released), was_interrupted: true }));
    }
    context.say(&format!("sigpkg: released {} v{} (statement {seq})", released.package, released.version));
    match start(arguments, context)? {
        Start::Ready(prepared) => release(arguments, context, prepared),
        Start::Unfinished(_) => Err(Failure::could_not_tell("the release that was just finished is still unfinished")),
    }
}

fn release(arguments: &Release, context: &Context, prepared: Box<Prepared>) -> Result<Box<dyn Answer>, Failure> {
    if arguments.dry_run {
        return Ok(Box::new(Report::WouldRelease(prepared)));
    }
    for line in describe(&prepared) {
        context.say(&line);
    }
    if !arguments.yes {
        if context.can_ask() {
            if !context.confirm("Sign it?")? {
                return Err(Failure::undecided("nothing was signed"));
            }
        } else if !context.has_passphrase_file() {
            return Err(
                Failure::undecided("there is no terminal to ask whether to sign").hint("--yes signs without asking")
            );
        }
    }
    let passphrase = maintainer::passphrase(context, prepared.store())?;
    let passphrase = passphrase.as_ref().map(|passphrase| passphrase.as_bytes());
    let released = prepared.carry_out(passphrase, &mut maintainer::random()).map_err(maintainer::failure)?;
    Ok(Box::new(Report::Released { released: Box::new(released), was_interrupted: false }))
}

/// What would be signed, and what a human should know before it is.
fn describe(prepared: &Prepared) -> Vec<String> {
    let package = prepared.store().chain().package();
    let mut lines = vec![
        format!("{package} v{}, statement {}", prepared.version(), prepared.seq()),
        format!("  {}", prepared.summary()),
        format!("  branch {}; the hooks of git are not run", prepared.branch()),
    ];
    lines.extend(prepared.notes().iter().map(|note| format!("  note: {note}")));
    lines
}

impl Answer for Report {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::WouldFinish { version, seq } => {
                writeln!(out, "would finish the interrupted release of {version} (statement {seq})")
            }
            Self::WouldRelease(prepared) => {
                describe(prepared).iter().try_for_each(|line| writeln!(out, "{line}"))?;
                writeln!(out, "nothing was signed (--dry-run)")
            }
            Self::Released { released, .. } => {
                writeln!(out, "{GOOD}released{GOOD:#} {} v{}", released.package, released.version)?;
                writeln!(out, "statement  {} {}", released.seq, released.digest)?;
                write_written(out, &released.written)?;
                if let Some(tag) = &released.tag {
                    writeln!(out, "tag        {tag}")?;
                }
                if let Some(tag) = &released.tag_taken {
                    writeln!(out, "tag        {tag} was taken meanwhile, and was not moved")?;
                }
                Ok(())
            }
        }
    }

    fn json(&self) -> Vec<Value> {
        vec![match self {
            Self::WouldFinish { version, seq } => json!({
                "schema": "sigpkg.release/1", "done": false, "interrupted": true, "version": version, "seq": seq,
            }),
            Self::WouldRelease(prepared) => json!({
                "schema": "sigpkg.release/1",
                "done": false,
                "interrupted": false,
                "signatory": prepared.store().id().to_string(),
                "package": package_json(prepared.store().chain().package()),
                "version": prepared.version().as_str(),
                "seq": prepared.seq().get(),
                "files": prepared.summary().files,
                "bytes": prepared.summary().bytes,
                "notes": prepared.notes().iter().map(ToString::to_string).collect::<Vec<_>>(),
            }),
            Self::Released { released, was_interrupted } => json!({
                "schema": "sigpkg.release/1",
                "done": true,
                "interrupted": was_interrupted,
                "signatory": released.id.to_string(),
                "package": package_json(&released.package),
                "version": released.version.as_str(),
                "seq": released.seq.get(),
                "digest": released.digest.to_string(),
                "written": written_json(&released.written),
                "tag": released.tag,
            }),
        }]
    }
}

pub(crate) fn package_json(package: &Package) -> Value {
    json!({
        "ecosystem": package.ecosystem().as_str(),
        "name": package.name().as_str(),
        "uuid": package.uuid().map(|uuid| uuid.to_string()),
    })
}

/// The lines that say where `.sigpkg` was written.
pub(crate) fn write_written(out: &mut dyn Write, written: &Written) -> io::Result<()> {
    match written {
        Written::Commit { commit, branch } => writeln!(out, "commit     {commit} on {}", short(branch)),
        Written::Aside { commit, branch, from } => {
            writeln!(out, "commit     {commit} on {}", short(branch))?;
            writeln!(out, "{} went on after the release was interrupted, so it has a branch of its own", short(from))
        }
        Written::Worktree => writeln!(out, "commit     none: .sigpkg is in the worktree, to be committed as it is"),
        Written::Nowhere => {
            writeln!(out, "commit     none: the commit that was signed is no longer in this repository")?;
            writeln!(out, "the statement is in the key store, and the next release carries it")
        }
    }
}

pub(crate) fn written_json(written: &Written) -> Value {
    match written {
        Written::Commit { commit, branch } | Written::Aside { commit, branch, .. } => {
            json!({ "commit": commit, "branch": branch })
        }
        Written::Worktree => json!({ "commit": null, "branch": null }),
        Written::Nowhere => Value::Null,
    }
}

fn short(branch: &str) -> &str {
    branch.strip_prefix("refs/heads/").unwrap_or(branch)
}
