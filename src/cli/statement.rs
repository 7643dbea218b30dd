//! What `release`, `yank` and `beat` share: the options, the summary before signing, and the answer.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use sigpkg::digest::Digest;
use sigpkg::keystore::KeyStores;
use sigpkg::package::Package;
use sigpkg::publish::{self, Adopted, Asked, Common, Content, Prepared, Published, Start, Unfinished};
use sigpkg::repository::Written;
use sigpkg::statement::{Beat, BeatState, Body, Seq, Statement, Yank};
use sigpkg::text;
use sigpkg::time::Date;

use super::context::Context;
use super::failure::Failure;
use super::maintainer;
use super::output::{Answer, CARE, GOOD};
use super::progress::Progress;

/// The options of every command that makes a statement.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
#[derive(Args)]
pub(crate) struct Options {
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Promise another statement by this day, such as 2027-12-20
    #[arg(long, value_name = "DATE")]
    next_by: Option<Date>,
    /// Leave .sigpkg in the worktree, and make no commit
    #[arg(long)]
    no_commit: bool,
    /// Leave the branch where it is, and make a commit that only the tag sigpkg-N names, where N is the statement: for a
    /// branch that nobody may push to
    #[arg(long, conflicts_with = "no_commit")]
    side: bool,
    /// Accept a secret key in the repository that is meant to be there, once and for all
    #[arg(long, value_name = "FINGERPRINT")]
    acknowledge: Vec<Digest>,
    /// Say that somebody else has signed this statement with a key of yours, and outrank it
    #[arg(long, value_name = "DIGEST")]
    heal: Vec<Digest>,
    /// Write a proof that the key has signed two texts
    #[arg(long, value_name = "FILE", requires = "heal")]
    proof: Option<PathBuf>,
}

impl Options {
    /// Whether a human sees what would be done before it is done, or nothing is done.
    pub(crate) fn shows_first(&self, context: &Context) -> bool {
        self.dry_run || (context.can_ask() && !self.yes)
    }

    pub(crate) fn common(&self) -> Common {
        Common {
            next_by: self.next_by,
            no_commit: self.no_commit,
            side: self.side,
            acknowledge: self.acknowledge.clone(),
            heal: self.heal.clone(),
        }
    }
}

enum Report {
    Done { published: Box<Published>, was_interrupted: bool, proof: Option<PathBuf> },
    WouldFinish(Box<Statement>),
    WouldMake(Box<Prepared>),
}

/// Makes the statement that is asked for, after what was interrupted.
pub(crate) fn make(asked: &Asked, options: &Options, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    match start(asked, context)? {
        Start::Unfinished(unfinished) => finish(asked, options, context, *unfinished),
        Start::Ready(prepared) => carry_out(options, context, prepared),
    }
}

fn start(asked: &Asked, context: &Context) -> Result<Start, Failure> {
    let workplace = maintainer::workplace(context)?;
    let stores = maintainer::stores(context)?;
    publish::prepare(workplace, &stores, asked.clone(), context.now()?, &mut maintainer::tell(context))
        .map_err(maintainer::failure)
}

/// Ends what an earlier call has begun; then does what this one asks for, if that is something else.
fn finish(
    asked: &Asked,
    options: &Options,
    context: &Context,
    unfinished: Unfinished,
) -> Result<Box<dyn Answer>, Failure> {
    let statement = unfinished.draft().statement();
    if options.dry_run {
        return Ok(Box::new(Report::WouldFinish(Box::new(statement.clone()))));
    }
    context.say(&format!("sigpkg: {} was interrupted; finishing it", what(statement)));
    let passphrase =
        if unfinished.needs_passphrase() { maintainer::passphrase(context, unfinished.store())? } else { None };
    let is_what_was_asked = unfinished.is_what_was_asked();
    let working = working(unfinished.is_signed_by_git());
    let published = unfinished
        .carry_out(passphrase.as_ref().map(|passphrase| passphrase.as_bytes()))
        .map_err(maintainer::failure)?;
    drop(working);
    if is_what_was_asked {
        return done(options, context, published, true);
    }
    context.say(&format!("sigpkg: {} is finished", what(&published.statement)));
    match start(asked, context)? {
        Start::Ready(prepared) => carry_out(options, context, prepared),
        Start::Unfinished(_) => {
            Err(Failure::could_not_tell("the statement that was just finished is still unfinished"))
        }
    }
}

fn carry_out(options: &Options, context: &Context, prepared: Box<Prepared>) -> Result<Box<dyn Answer>, Failure> {
    if options.dry_run {
        return Ok(Box::new(Report::WouldMake(prepared)));
    }
    for line in describe(&prepared) {
        context.say(&line);
    }
    if !options.yes {
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
    // A key signs once: what can be known to go wrong afterwards is seen before.
    if let Some(path) = &options.proof {
        context.check_writable(&context.path(path))?;
    }
    let passphrase = maintainer::passphrase(context, prepared.store())?;
    let passphrase = passphrase.as_ref().map(|passphrase| passphrase.as_bytes());
    let working = working(prepared.is_signed_by_git());
    let published = prepared.carry_out(passphrase, &mut maintainer::random()).map_err(maintainer::failure)?;
    drop(working);
    done(options, context, published, false)
}

/// With SLH-DSA it takes seconds. Where git signs too, it may ask for something on the same terminal.
fn working(is_signed_by_git: bool) -> Option<Progress> {
    (!is_signed_by_git).then(|| Progress::start("signing".to_owned()))
}

/// The proof comes last: whatever becomes of it, the statement is made.
fn done(
    options: &Options,
    context: &Context,
    published: Published,
    was_interrupted: bool,
) -> Result<Box<dyn Answer>, Failure> {
    let proof = options.proof.as_ref().map(|path| context.path(path));
    if let Some(path) = &proof {
        let stores: KeyStores = maintainer::stores(context)?;
        let store = stores.open(published.id).map_err(maintainer::store_failure)?;
        let proof = publish::proof(&store, &options.heal).ok_or_else(|| {
            Failure::could_not_tell(format!("statement {} is made, but there is no fork to prove", published.seq))
        })?;
        context.write(path, proof.as_bytes()).map_err(|failure| {
            let message = format!("statement {} is made and lasts, but its proof: {}", published.seq, failure.message);
            Failure { message, ..failure }
                .hint("`sigpkg beat` with the same --heal and another --proof FILE writes it with the next statement")
        })?;
    }
    Ok(Box::new(Report::Done { published: Box::new(published), was_interrupted, proof }))
}

/// What would be signed, and what a human should know before it is.
fn describe(prepared: &Prepared) -> Vec<String> {
    let package = prepared.store().chain().package();
    let seq = prepared.seq();
    let mut lines = match prepared.content() {
        Content::Release(release) => {
            let first = format!("{package} v{}, statement {seq}", release.version);
            let adopted = release.adopted.as_ref().map(describe_adopted).unwrap_or_default();
            [vec![first, format!("  {}", release.summary)], adopted].concat()
        }
        Content::Yank(yank) => describe_yank(prepared, yank),
        Content::Beat(beat) => describe_beat(prepared, beat),
    };
    if let Some(next_by) = prepared.next_by() {
        lines.push(format!("  another statement is promised by {next_by}"));
    }
    let is_detached = prepared.adopted().is_some_and(|adopted| adopted.signatures.is_some());
    lines.extend((!is_detached).then(|| match prepared.side_tag() {
        Some(tag) => format!("  tag {tag}; {} stays where it is; the hooks of git are not run", prepared.branch()),
        None => format!("  branch {}; the hooks of git are not run", prepared.branch()),
    }));
    for stranger in prepared.healed() {
        lines.push(format!("  not yours, and kept and published as evidence: {stranger}"));
    }
    if prepared.needs_beat() {
        lines.push(format!("  a beat goes first, so that statement {seq} outranks what somebody else has signed"));
    }
    lines.extend(prepared.notes().iter().map(|note| format!("  note: {note}")));
    lines
}

fn describe_adopted(adopted: &Adopted) -> Vec<String> {
    let how = if adopted.is_unchanged { "unchanged" } else { "with changes" };
    let mut lines = vec![format!("  adopts {how} an upstream tree with listing {}", adopted.upstream)];
    match (&adopted.signatures, &adopted.foreign) {
        (None, None) => {}
        (None, Some(replaced)) => lines.push(format!("  replaces {replaced}")),
        (Some(folder), foreign) => {
            lines.push(format!("  signatures go to {}; nothing in the repository is changed", folder.display()));
            lines.extend(foreign.as_ref().map(|foreign| {
                format!("  the tree keeps {foreign}, which is passed over where --signatures is given, and there alone")
            }));
        }
    }
    lines
}

fn describe_yank(prepared: &Prepared, yank: &Yank) -> Vec<String> {
    let named = |seq: &Seq| match prepared.release(*seq) {
        Some(version) => format!("{version} (statement {seq})"),
        None => format!("statement {seq}"),
    };
    let releases: Vec<_> = yank.releases.iter().map(named).collect();
    let mut lines = vec![
        format!("{} yank, statement {}", prepared.store().chain().package(), prepared.seq()),
        format!("  {} {}", yank.severity.as_str(), releases.join(", ")),
        format!("  reason: {}", text::printable(&yank.reason)),
    ];
    lines.extend(yank.advisory.as_ref().map(|advisory| format!("  advisory: {}", text::printable(advisory))));
    lines.extend(yank.replacement.as_ref().map(|seq| format!("  to be used instead: {}", named(seq))));
    lines
}

fn describe_beat(prepared: &Prepared, beat: &Beat) -> Vec<String> {
    let mut lines = vec![format!("{} beat, statement {}", prepared.store().chain().package(), prepared.seq())];
    match beat.state {
        BeatState::Here => {}
        BeatState::Final => lines.push("  final: users are told that no further release is planned".to_owned()),
    }
    lines.extend(beat.successor.map(|id| format!("  users are told that {id} goes on in its place")));
    lines
}

/// `the release of 1.1 (statement 3)`
pub(crate) fn what(statement: &Statement) -> String {
    let seq = statement.seq;
    match statement.release() {
        Some(release) => format!("the release of {} (statement {seq})", release.version),
        None => format!("the {} (statement {seq})", statement.kind()),
    }
}

impl Answer for Report {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::WouldFinish(statement) => writeln!(out, "would finish {}, which was interrupted", what(statement)),
            Self::WouldMake(prepared) => {
                describe(prepared).iter().try_for_each(|line| writeln!(out, "{line}"))?;
                writeln!(out, "nothing was signed (--dry-run)")
            }
            Self::Done { published, proof, .. } => {
                write_published(out, published)?;
                proof.as_ref().map_or(Ok(()), |path| writeln!(out, "proof      {}", path.display()))
            }
        }
    }

    fn json(&self) -> Vec<Value> {
        let says = match self {
            Self::WouldFinish(statement) => [statement_json(statement), vec![said("interrupted", true)]].concat(),
            Self::WouldMake(prepared) => prepared_json(prepared),
            Self::Done { published, was_interrupted, proof } => {
                let proof = proof.as_ref().map(|path| path.display().to_string());
                let more = vec![said("interrupted", *was_interrupted), said("proof", proof)];
                [statement_json(&published.statement), published_json(published), more].concat()
            }
        };
        let done = matches!(self, Self::Done { .. });
        let object = says.into_iter().chain([said("done", done)]).map(|(key, value)| (key.to_owned(), value));
        vec![Value::Object(object.collect())]
    }
}

fn write_published(out: &mut dyn Write, published: &Published) -> io::Result<()> {
    let (package, statement) = (published.package(), &published.statement);
    match &statement.body {
        Body::Release(release, _) => {
            let done = if release.upstream.is_some() { "adopted" } else { "released" };
            writeln!(out, "{GOOD}{done}{GOOD:#} {package} v{}", release.version)?;
        }
        Body::Yank(yank, _) => {
            let seqs: Vec<_> = yank.releases.iter().map(ToString::to_string).collect();
            let severity = yank.severity.as_str();
            writeln!(out, "{GOOD}yanked{GOOD:#} {package} statement {} ({severity})", seqs.join(", "))?;
        }
        Body::Beat(..) | Body::Genesis(_) | Body::Reserve(..) => {
            writeln!(out, "{GOOD}{}{GOOD:#} {package}", statement.kind())?;
        }
    }
    if let Some((seq, digest)) = &published.beat {
        writeln!(out, "beat       {seq} {digest}")?;
    }
    writeln!(out, "statement  {} {}", published.seq, published.digest)?;
    write_written(out, &published.written)?;
    // Of a yank or a beat there is nothing to register.
    if let (Some(tree), Some(_)) = (&published.tree, statement.release()) {
        let of = if published.below_root.is_empty() { String::new() } else { format!(" of {}", published.below_root) };
        writeln!(out, "tree       {tree}{}", text::printable(&of))?;
    }
    if let Some(tag) = &published.tag {
        writeln!(out, "tag        {tag}")?;
    }
    if let Some(tag) = &published.tag_taken {
        writeln!(out, "tag        {tag} was taken meanwhile, and was not moved")?;
    }
    if let (Some(_), Some(_)) = (statement.release(), &published.tree) {
        write_what_to_register(out, published)?;
    }
    if statement.release().is_none() {
        let kind = statement.kind();
        writeln!(out, "{CARE}this commit is no release{CARE:#}: users get the {kind} with the next one, or by")?;
        writeln!(out, "`sigpkg trust update`")?;
    }
    Ok(())
}

/// A registry knows a release by its commit or its tree; which branch has it does not matter.
fn write_what_to_register(out: &mut dyn Write, published: &Published) -> io::Result<()> {
    let folder = if published.below_root.is_empty() {
        String::new()
    } else {
        format!(", with subdir {}", text::printable(&published.below_root))
    };
    let push = match &published.written {
        Written::Side { tag, .. } => format!("push the tag {tag}"),
        Written::Commit { branch, .. } | Written::Aside { branch, .. } | Written::TagTaken { branch, .. } => {
            format!("push {}", short(branch))
        }
        Written::Worktree | Written::Folder { .. } | Written::Deferred | Written::Nowhere => return Ok(()),
    };
    writeln!(out, "{push}, and register this commit{folder}; a later commit is no release")
}

/// The lines that say where `.sigpkg` was written.
pub(crate) fn write_written(out: &mut dyn Write, written: &Written) -> io::Result<()> {
    match written {
        Written::Commit { commit, branch } => writeln!(out, "commit     {commit} on {}", short(branch)),
        Written::Aside { commit, branch, from } => {
            writeln!(out, "commit     {commit} on {}", short(branch))?;
            let from = short(from);
            writeln!(out, "{from} went on after the statement was interrupted, so it has a branch of its own")
        }
        Written::Side { commit, tag, from } => {
            writeln!(out, "commit     {commit}, which only the tag names; {} was not moved", short(from))?;
            writeln!(out, "tag        {tag}")
        }
        Written::TagTaken { commit, branch, tag } => {
            writeln!(out, "commit     {commit} on {}", short(branch))?;
            writeln!(out, "the tag {tag} was taken after the statement had begun, so it has a branch of its own")
        }
        Written::Worktree => {
            writeln!(out, "commit     none: .sigpkg is in the worktree, to be committed as it is")
        }
        Written::Folder { folder } => {
            writeln!(out, "signatures {}", folder.display())?;
            writeln!(out, "publish this folder beside the tree; users verify with `--signatures` and their copy of it")
        }
        Written::Deferred => writeln!(out, "commit     none: the next statement carries it"),
        Written::Nowhere => {
            writeln!(out, "commit     none: the commit that was signed is no longer in this repository")?;
            writeln!(out, "the statement is in the key store, and the next one carries it")
        }
    }
}

/// Keys of a JSON object with their values.
type Says = Vec<(&'static str, Value)>;

fn said(key: &'static str, value: impl Into<Value>) -> (&'static str, Value) {
    (key, value.into())
}

fn statement_json(statement: &Statement) -> Says {
    let says = match &statement.body {
        Body::Release(release, _) => {
            let upstream = release.upstream.map(|upstream| upstream.to_string());
            vec![said("version", release.version.as_str()), said("upstream", upstream)]
        }
        Body::Yank(yank, _) => yank_json(yank),
        Body::Beat(beat, _) => beat_json(beat),
        Body::Genesis(_) | Body::Reserve(..) => Vec::new(),
    };
    let next_by = statement.next_by.map(|day| day.to_string());
    let adopts = statement.release().is_some_and(|release| release.upstream.is_some());
    let command = if adopts { "adopt".to_owned() } else { statement.kind().to_string() };
    let head =
        vec![said("schema", format!("sigpkg.{command}/1")), said("seq", statement.seq.get()), said("next_by", next_by)];
    [head, says].concat()
}

fn prepared_json(prepared: &Prepared) -> Says {
    let (kind, says) = match prepared.content() {
        Content::Release(release) => (
            if release.adopted.is_some() { "adopt" } else { "release" },
            vec![
                said("version", release.version.as_str()),
                said("files", release.summary.files),
                said("bytes", release.summary.bytes),
                said("upstream", release.adopted.as_ref().map(|adopted| adopted.upstream.to_string())),
                said("foreign", release.adopted.as_ref().and_then(foreign_json)),
            ],
        ),
        Content::Yank(yank) => ("yank", yank_json(yank)),
        Content::Beat(beat) => ("beat", beat_json(beat)),
    };
    let healed: Vec<_> = prepared.healed().iter().map(|stranger| stranger.digest.to_string()).collect();
    let head = vec![
        said("schema", format!("sigpkg.{kind}/1")),
        said("interrupted", false),
        said("signatory", prepared.store().id().to_string()),
        said("package", package_json(prepared.store().chain().package())),
        said("seq", prepared.seq().get()),
        said("next_by", prepared.next_by().map(|day| day.to_string())),
        said("needs_beat", prepared.needs_beat()),
        said("side", prepared.side_tag()),
        said("healed", healed),
        said("notes", prepared.notes().iter().map(ToString::to_string).collect::<Vec<_>>()),
    ];
    [head, says].concat()
}

/// The `.sigpkg` of somebody else that the adopted tree has.
fn foreign_json(adopted: &Adopted) -> Option<Value> {
    let foreign = adopted.foreign.as_ref()?;
    Some(json!({
        "signatory": foreign.claimed_signatory.map(|id| id.to_string()),
        "version": foreign.claimed_version,
        "replaced": adopted.signatures.is_none(),
    }))
}

fn published_json(published: &Published) -> Says {
    let beat = published.beat.as_ref().map(|(seq, digest)| json!({"seq": seq.get(), "digest": digest.to_string()}));
    vec![
        said("signatory", published.id.to_string()),
        said("package", package_json(published.package())),
        said("digest", published.digest.to_string()),
        said("written", written_json(&published.written)),
        said("tree", published.tree.clone()),
        said("subdir", published.below_root.clone()),
        said("tag", published.tag.clone()),
        said("beat", beat),
    ]
}

fn yank_json(yank: &Yank) -> Says {
    vec![
        said("releases", yank.releases.iter().map(|seq| seq.get()).collect::<Vec<_>>()),
        said("severity", yank.severity.as_str()),
        said("reason", yank.reason.clone()),
        said("advisory", yank.advisory.clone()),
        said("replacement", yank.replacement.map(Seq::get)),
    ]
}

fn beat_json(beat: &Beat) -> Says {
    let successor = beat.successor.map(|id| id.to_string());
    vec![said("state", beat.state.as_str()), said("successor", successor)]
}

pub(crate) fn package_json(package: &Package) -> Value {
    json!({
        "ecosystem": package.ecosystem().as_str(),
        "name": package.name().as_str(),
        "uuid": package.uuid().map(|uuid| uuid.to_string()),
    })
}

pub(crate) fn written_json(written: &Written) -> Value {
    match written {
        Written::Commit { commit, branch }
        | Written::Aside { commit, branch, .. }
        | Written::TagTaken { commit, branch, .. } => {
            json!({ "commit": commit, "branch": branch })
        }
        Written::Side { commit, tag, .. } => json!({ "commit": commit, "branch": null, "tag": tag }),
        Written::Worktree => json!({ "commit": null, "branch": null }),
        Written::Folder { folder } => {
            json!({ "commit": null, "branch": null, "signatures": folder.display().to_string() })
        }
        Written::Deferred | Written::Nowhere => Value::Null,
    }
}

fn short(branch: &str) -> &str {
    branch.strip_prefix("refs/heads/").unwrap_or(branch)
}
