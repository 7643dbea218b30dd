//! `sigpkg status`: for a maintainer, in the folder of a package: what is signed, what is next, and where the keys are.
//!
//! It reads, and does nothing else: no network, no passphrase, nothing written. What other repositories have is known from
//! the last fetch.

mod here;

use std::io::{self, Write};

use clap::Args;
use serde_json::{Value, json};
use sigpkg::chain::{Belief, Chain, Decided};
use sigpkg::keystore::{KeyStoreError, Store};
use sigpkg::publish::{self, AtHead, Overview, PublishError};
use sigpkg::signature::Standard;
use sigpkg::statement::Statement;
use sigpkg::text::printable;
use sigpkg::time::Timestamp;

use super::context::Context;
use super::failure::Failure;
use super::output::Answer;
use super::statement::{package_json, what};
use super::{maintainer, span};

/// Show what is signed here, what is next, and where the keys are
#[derive(Args)]
pub(crate) struct Status {}

/// Lines for people, each with a label that several in a row may share, and the same for scripts.
pub(super) struct Sheet {
    lines: Vec<(&'static str, String)>,
    json: Value,
}

/// How many names a line has at most.
const NAMED: usize = 5;

pub(crate) fn run(_arguments: &Status, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let workplace = maintainer::workplace(context)?;
    let stores = maintainer::stores(context)?;
    let (store, problem) = match publish::find_store(&workplace, &stores) {
        Ok(store) => (Some(store), None),
        Err(error) => (None, Some(error)),
    };
    let overview = publish::overview(&workplace, store.as_ref()).map_err(maintainer::failure)?;
    let now = context.now()?;
    let mut sheet = Sheet { lines: Vec::new(), json: json!({ "schema": "sigpkg.status/1" }) };
    let published = match (&store, &overview.claimed_chain, overview.claimed_signatory) {
        (None, Some(file), Some(id)) => Some(Chain::admit(file, id, &Standard)),
        (Some(_) | None, _, _) => None,
    };
    let chain = match (&store, &published) {
        (Some(store), _) => Some(store.chain()),
        (None, Some(Ok(chain))) => Some(chain),
        (None, Some(Err(error))) => {
            sheet.line("chain", format!("the chain in .sigpkg cannot be verified: {error}"));
            None
        }
        (None, None) => None,
    };
    if let Some(chain) = chain {
        let belief = chain.belief(&Decided::stranger());
        sheet.line("package", chain.package().to_string());
        sheet.line("signatory", chain.id().to_string());
        sheet.add("signatory", chain.id().to_string());
        sheet.add("package", package_json(chain.package()));
        signed(&mut sheet, &belief, &overview, now);
    }
    at_head(&mut sheet, &overview);
    if let Some(store) = &store {
        let belief = store.chain().belief(&Decided::stranger());
        next(&mut sheet, store, &belief, &overview);
        promise(&mut sheet, &belief, now);
        here::keys(&mut sheet, store);
        here::reserve(&mut sheet, store);
    } else {
        without_store(&mut sheet, chain, problem.as_ref(), now);
    }
    Ok(Box::new(sheet))
}

/// What users can have, and where it is.
fn signed(sheet: &mut Sheet, belief: &Belief<'_>, overview: &Overview, now: Timestamp) {
    let head = belief.head();
    let Some(newest) = belief.newest_release() else {
        let begun = belief.chain().genesis().statement().date.date();
        sheet.line("signed", format!("no release so far; the chain began on {begun}"));
        sheet.add("release", Value::Null);
        newest_statement(sheet, belief, overview);
        return;
    };
    let link = newest.link();
    let date = link.statement().date;
    let mut text = format!("v{} (statement {}) on {}{}", newest.version(), newest.seq(), date.date(), ago(date, now));
    if let Some(yanked) = belief.yank(link) {
        text = format!("{text}; yanked ({}) by statement {}", yanked.severity.as_str(), yanked.by.seq());
    }
    sheet.line("signed", text);
    let found = overview.release.as_ref();
    match found {
        None => {
            sheet.line("", "no branch or tag here has its commit; `git fetch --tags` may bring it".to_owned());
        }
        Some(found) => {
            let tags = match found.tags.as_slice() {
                [] => String::new(),
                [tag] => format!(", tag {tag}"),
                several => format!(", tags {}", first_of(several)),
            };
            sheet.line("", format!("commit {}{tags}", found.commit));
            sheet.line(
                "",
                match found.is_published {
                    Some(true) => "a remote-tracking branch has it, so it was pushed".to_owned(),
                    Some(false) => "no remote-tracking branch has it: not pushed, or only as a tag".to_owned(),
                    None => "no remote-tracking branch is here, so it is not known whether it was pushed".to_owned(),
                },
            );
        }
    }
    sheet.add(
        "release",
        json!({
            "seq": newest.seq().get(),
            "version": newest.version().to_string(),
            "date": date.to_string(),
            "commit": found.map(|found| found.commit.clone()),
            "tags": found.map(|found| found.tags.clone()),
            "pushed": found.and_then(|found| found.is_published),
        }),
    );
    if head != link {
        newest_statement(sheet, belief, overview);
    }
}

fn newest_statement(sheet: &mut Sheet, belief: &Belief<'_>, overview: &Overview) {
    let head = belief.head();
    let pushed = match overview.is_head_published {
        Some(true) => "; pushed",
        Some(false) => "; in no remote-tracking branch yet: `git push`",
        None => "",
    };
    let date = head.statement().date.date();
    sheet.line("newest", format!("{}, on {date}{pushed}", what(head.statement())));
    sheet.add("newest", json!({ "seq": head.seq().get(), "pushed": overview.is_head_published }));
}

/// What the commit at HEAD is.
fn at_head(sheet: &mut Sheet, overview: &Overview) {
    let branch = overview.branch.as_deref().map(|branch| branch.strip_prefix("refs/heads/").unwrap_or(branch));
    let name = printable(branch.unwrap_or("HEAD, on no branch"));
    let state = match &overview.at_head {
        AtHead::Unsigned => "unsigned",
        AtHead::NoRelease => "no-release",
        AtHead::Release { .. } => "release",
        AtHead::Stale { .. } => "changed",
        AtHead::Broken(_) => "broken",
    };
    sheet.add(
        "head",
        json!({ "commit": overview.commit, "branch": branch, "state": state, "changes": overview.changes }),
    );
    let Some(commit) = &overview.commit else {
        sheet.line("head", format!("{name}, without a commit"));
        return;
    };
    sheet.line("head", format!("{name} ({commit})"));
    sheet.line(
        "",
        match &overview.at_head {
            AtHead::Unsigned => "has no .sigpkg: nothing of it is signed".to_owned(),
            AtHead::NoRelease => "carries the chain, and is no release".to_owned(),
            AtHead::Release { seq, version } => format!("is v{version} (statement {seq})"),
            AtHead::Stale { seq, version } => {
                format!("carries v{version} (statement {seq}), and the tree has changed since: it is no release")
            }
            AtHead::Broken(problem) => format!("its .sigpkg cannot be verified: {}", printable(problem)),
        },
    );
    if !overview.changes.is_empty() {
        let count = overview.changes.len();
        let files = if count == 1 { "1 file was" } else { "files were" };
        let count = if count == 1 { String::new() } else { format!("{count} ") };
        sheet.line("", format!("{count}{files} changed and not committed: {}", first_of(&overview.changes)));
    }
}

/// What the next statement is, and what `sigpkg release` would do.
fn next(sheet: &mut Sheet, store: &Store, belief: &Belief<'_>, overview: &Overview) {
    let is_begun = here::begun(sheet, store);
    let Some(seq) = belief.head().seq().successor() else {
        sheet.line("next", "nothing: the chain is full".to_owned());
        return;
    };
    let has_key = store.has_key(seq).unwrap_or(false);
    let key = if has_key { "whose key is here" } else { "whose key is NOT here" };
    sheet.line("next", format!("statement {seq}, {key}"));
    let would = match &overview.next_version {
        None => Ok("`sigpkg release VERSION` makes the next release".to_owned()),
        Some(Ok(version)) => Ok(format!("`sigpkg release` makes v{version}")),
        Some(Err(error)) => Err(error.to_string()),
    };
    if !is_begun {
        match &would {
            Ok(would) => sheet.line("", would.clone()),
            Err(problem) => sheet.line("", format!("`sigpkg release` would refuse now: {problem}")),
        }
        sheet.line("", "`sigpkg doctor` looks for all that stands against it".to_owned());
    }
    let version = overview.next_version.as_ref().and_then(|version| version.as_ref().ok());
    sheet.add(
        "next",
        json!({
            "seq": seq.get(),
            "has_key": has_key,
            "version": version.map(ToString::to_string),
            "problem": would.err(),
        }),
    );
    if belief.is_final() {
        sheet.line("", "you have said that no further release is planned".to_owned());
    }
}

fn promise(sheet: &mut Sheet, belief: &Belief<'_>, now: Timestamp) {
    let promise = belief.promise();
    sheet.add("promise", promise.map(|day| day.to_string()));
    let Some(day) = promise else { return };
    let late = span::days_after(day, now);
    let text = if day < now.date() {
        format!("another statement was promised by {day}, and is {} late: `sigpkg beat`", span::in_words(late))
    } else {
        format!("another statement is promised by {day}, in {}", span::in_words(-late))
    };
    sheet.line("promise", text);
}

/// A fresh clone, a co-maintainer, or nothing signed at all.
fn without_store(sheet: &mut Sheet, chain: Option<&Chain>, problem: Option<&PublishError>, now: Timestamp) {
    sheet.add("keys", Value::Null);
    let Some(chain) = chain else {
        let is_new = matches!(problem, Some(PublishError::NoChain { .. }));
        if !is_new && let Some(problem) = problem {
            sheet.line("keys", problem.to_string());
        }
        if is_new {
            sheet.line("signed", "nothing: this package has no chain".to_owned());
            sheet.line("", "`sigpkg init` begins one".to_owned());
        }
        sheet.add("problem", problem.map(ToString::to_string));
        return;
    };
    promise(sheet, &chain.belief(&Decided::stranger()), now);
    match problem {
        None | Some(PublishError::KeyStore(KeyStoreError::NoStore { .. })) => {
            sheet.line("keys", "not on this machine: who has them releases".to_owned());
            sheet.line("", "`sigpkg key move --from DIR` brings them here from a stick".to_owned());
            sheet.line("", "if they are lost: `sigpkg reserve sign --cause lost --reason TEXT`".to_owned());
        }
        Some(problem) => {
            sheet.line("keys", problem.to_string());
            sheet.line("", "`sigpkg doctor` says what to do".to_owned());
        }
    }
    sheet.line("reserve", here::quorum(chain.belief(&Decided::stranger()).head().reserve()));
    sheet.line("history", "`sigpkg log .` shows it; `sigpkg verify .` says whether you trust it".to_owned());
    sheet.add("problem", problem.map(ToString::to_string));
}

/// `, 202 days ago`
fn ago(date: Timestamp, now: Timestamp) -> String {
    match span::days(date, now) {
        0 => ", today".to_owned(),
        days if days < 0 => ", after today by the clock of this machine".to_owned(),
        days => format!(", {} ago", span::in_words(days)),
    }
}

/// The first of several names.
fn first_of(names: &[String]) -> String {
    let shown = names.get(..NAMED).unwrap_or(names).join(", ");
    if names.len() > NAMED { format!("{shown} and {} more", names.len() - NAMED) } else { shown }
}

impl Sheet {
    /// A line with a label; an empty one goes on with the one before.
    fn line(&mut self, label: &'static str, text: String) {
        self.lines.push((label, text));
    }

    fn add(&mut self, key: &str, value: impl Into<Value>) {
        self.json[key] = value.into();
    }

    /// Of a statement in a journal.
    fn interrupted(&mut self, statement: Option<&Statement>) {
        let what = statement.map_or_else(|| "a statement".to_owned(), what);
        self.line("begun", format!("{what} was interrupted; the same command finishes it, as does `sigpkg release`"));
    }
}

impl Answer for Sheet {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        self.lines.iter().try_for_each(|(label, text)| writeln!(out, "{label:<10} {text}"))
    }

    fn json(&self) -> Vec<Value> {
        vec![self.json.clone()]
    }
}
