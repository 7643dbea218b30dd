//! What a shell asks at each TAB: `sigpkg __complete AT -- WORD…`, where AT is the word to be completed.
//!
//! The answer is a line for each word that could stand there, with a tab and what it is; and `:files` or `:folders` where
//! the shell is to complete paths, which it does better itself. Whatever goes wrong, there is no answer and no message; nothing is
//! written and nobody is asked for anything. Words that a shell could take for something else than a word are not offered.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Arg, Command};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use sigpkg::chain::Link;
use sigpkg::keystore::KeyStores;
use sigpkg::publish;
use sigpkg::repository::Workplace;
use sigpkg::trust::{TrustStore, Trusted};

use super::context::Context;

/// The first argument of the question. It is for the scripts of `sigpkg completions`, and may change with them.
const QUESTION: &str = "__complete";

/// In the place of a word: paths.
const FILES: &str = "\0files";
const FOLDERS: &str = "\0folders";

/// Answers a shell, if it is one that asks.
pub(super) fn answer(command: impl FnOnce() -> Command) -> Option<ExitCode> {
    let mut arguments = env::args_os().skip(1);
    if arguments.next()? != QUESTION {
        return None;
    }
    let at = arguments.next().and_then(|at| at.to_str().and_then(|at| at.parse().ok()));
    let words: Vec<_> = arguments.skip_while(|word| word != "--").skip(1).collect();
    if let Some(at) = at
        && let Some(lines) = candidates(command(), words, at)
    {
        // Nobody is there to be told.
        let _ = io::stdout().lock().write_all(lines.join("").as_bytes());
    }
    Some(ExitCode::SUCCESS)
}

fn candidates(command: Command, mut words: Vec<OsString>, at: usize) -> Option<Vec<String>> {
    words.truncate(at + 1);
    // Some shells lose an empty word on the way.
    if words.len() == at {
        words.push(OsString::new());
    }
    let current = words.get(at)?.to_string_lossy().into_owned();
    let context = Arc::new(Context::new(directory(&words), false).ok()?);
    let mut command = with_completers(command, "", &context);
    let found = clap_complete::engine::complete(&mut command, words, at, Some(&context.directory)).ok()?;
    let (options, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|found| is_option(found.get_value()));
    // Options are offered to whoever begins one, or where there is nothing else.
    let wanted: Vec<_> = if current.starts_with('-') || others.is_empty() {
        options.into_iter().chain(others).collect()
    } else {
        others
    };
    let mut lines: Vec<String> = Vec::new();
    for candidate in wanted {
        if let Some(line) = line(&candidate, &current)
            && !lines.contains(&line)
        {
            lines.push(line);
        }
    }
    Some(lines)
}

fn is_option(value: &OsStr) -> bool {
    value.as_encoded_bytes().starts_with(b"-")
}

fn line(candidate: &CompletionCandidate, current: &str) -> Option<String> {
    let value = candidate.get_value().to_str()?;
    // Whoever has begun an option means no path.
    let is_path = value.ends_with(FILES) || value.ends_with(FOLDERS);
    if is_path && current.starts_with('-') && !current.contains('=') {
        return None;
    }
    if value.ends_with(FILES) {
        return Some(":files\n".to_owned());
    }
    if value.ends_with(FOLDERS) {
        return Some(":folders\n".to_owned());
    }
    if !value.starts_with(current) || !value.chars().all(is_harmless) {
        return None;
    }
    let help = candidate.get_help().map(ToString::to_string).unwrap_or_default();
    let help: String =
        help.lines().next().unwrap_or_default().chars().filter(|character| !character.is_control()).collect();
    Some(if help.is_empty() { format!("{value}\n") } else { format!("{value}\t{help}\n") })
}

/// No shell takes it for anything but a part of a word.
fn is_harmless(character: char) -> bool {
    character.is_alphanumeric() || "-_.:=@+/,".contains(character)
}

/// The folder that `-C` names.
fn directory(words: &[OsString]) -> Option<PathBuf> {
    let at = words.iter().position(|word| word == "-C")?;
    words.get(at + 1).map(PathBuf::from).filter(|folder| folder.is_dir())
}

/// What may stand in the place of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Files,
    Folders,
    /// Names of packages whose signatory is trusted, or their ids.
    Trusted,
    /// The same, or a path.
    TrustedOrFiles,
    /// Ids of trusted signatories.
    TrustedIds,
    /// Ids of chains that this user can sign for.
    OwnIds,
    /// Names of trusted packages, and statements that wait for a decision.
    Deciding,
    /// Releases of the package in this folder.
    Releases,
}

/// By the command, the name of the argument, and the name of its value.
fn kind(command: &str, id: &str, value: &str) -> Option<Kind> {
    Some(match (command, id, value) {
        ("trust accept", "named" | "digest", _) => Kind::Deciding,
        ("log" | "id", "target", _) | ("compare", _, _) => Kind::TrustedOrFiles,
        ("verify", "expect", _) => Kind::Trusted,
        ("verify" | "trust add", "id", _) => Kind::TrustedIds,
        (_, _, "ID") => Kind::OwnIds,
        (_, _, "NAME|ID" | "NAME|UUID") => Kind::Trusted,
        (_, _, "VERSION|SEQ") => Kind::Releases,
        (_, _, "DIR" | "FOLDER") => Kind::Folders,
        (
            _,
            _,
            "FILE" | "CHAIN" | "DRAFT" | "KEY|FILE" | "PATH|VERSION" | "PROJECT" | "PUBFILE" | "SECRET" | "SIG"
            | "TARGET" | "TREE|DIGEST" | "URL|DIR",
        ) => Kind::Files,
        _ => return None,
    })
}

fn with_completers(command: Command, path: &str, context: &Arc<Context>) -> Command {
    let command = command.mut_subcommands(|inner| {
        let path = if path.is_empty() { inner.get_name().to_owned() } else { format!("{path} {}", inner.get_name()) };
        with_completers(inner, &path, context)
    });
    command.mut_args(|arg| match kind(path, arg.get_id().as_str(), value_name(&arg)) {
        Some(kind) => {
            let context = Arc::clone(context);
            arg.add(ArgValueCompleter::new(move |current: &OsStr| words(kind, &context, &current.to_string_lossy())))
        }
        None => arg,
    })
}

fn value_name(arg: &Arg) -> &str {
    arg.get_value_names().and_then(|names| names.first()).map_or("", |name| name.as_str())
}

fn words(kind: Kind, context: &Context, current: &str) -> Vec<CompletionCandidate> {
    let path = |marker: &str| vec![CompletionCandidate::new(marker)];
    match kind {
        Kind::Files => path(FILES),
        Kind::Folders => path(FOLDERS),
        Kind::Trusted => trusted_words(context, current),
        Kind::TrustedOrFiles => trusted_words(context, current).into_iter().chain(path(FILES)).collect(),
        Kind::TrustedIds => trusted(context).iter().map(id_of).collect(),
        Kind::OwnIds => own_ids(context),
        Kind::Deciding => deciding(context, current),
        Kind::Releases => releases(context),
    }
}

fn trusted(context: &Context) -> Vec<Trusted> {
    let each = context.trust_home().ok().and_then(|home| TrustStore::open(home).each().ok()).unwrap_or_default();
    // What is damaged hides nothing else.
    each.into_iter().filter_map(Result::ok).collect()
}

/// Names; and the ids, once somebody has begun one, or where two packages have one name.
fn trusted_words(context: &Context, current: &str) -> Vec<CompletionCandidate> {
    let trusted = trusted(context);
    let name = |trusted: &Trusted| trusted.package().name().as_str().to_owned();
    let is_several = |one: &Trusted| trusted.iter().filter(|other| name(other) == name(one)).count() > 1;
    let names = trusted.iter().filter(|one| !is_several(one));
    let names = names.map(|one| CompletionCandidate::new(name(one)).help(Some(one.package().to_string().into())));
    let ids = trusted.iter().filter(|one| is_several(one) || current.starts_with("sigp")).map(id_of);
    names.chain(ids).collect()
}

fn id_of(trusted: &Trusted) -> CompletionCandidate {
    CompletionCandidate::new(trusted.id().to_string()).help(Some(trusted.package().to_string().into()))
}

fn own_ids(context: &Context) -> Vec<CompletionCandidate> {
    let stores = context.keys_home().map(KeyStores::at).ok();
    let ids = stores.as_ref().and_then(|stores| stores.ids().ok()).unwrap_or_default();
    let candidate = |id| {
        let package =
            stores.as_ref().and_then(|stores| stores.open(id).ok()).map(|store| store.chain().package().to_string());
        CompletionCandidate::new(id.to_string()).help(package.map(Into::into))
    };
    ids.into_iter().map(candidate).collect()
}

fn deciding(context: &Context, current: &str) -> Vec<CompletionCandidate> {
    let mut words = Vec::new();
    for trusted in trusted(context) {
        let belief = trusted.belief();
        let contested = belief.contest().map(|contest| contest.children).unwrap_or_default();
        let links: Vec<Link<'_>> = belief.waiting().into_iter().chain(contested).collect();
        if !links.is_empty() {
            words.push(
                CompletionCandidate::new(trusted.package().name().as_str()).help(Some("needs a decision".into())),
            );
        }
        for link in links {
            let what = format!("{} statement {}, {}", trusted.package(), link.seq(), link.statement().kind());
            words.push(CompletionCandidate::new(link.digest().to_string()).help(Some(what.into())));
        }
    }
    if words.is_empty() { trusted_words(context, current) } else { words }
}

fn releases(context: &Context) -> Vec<CompletionCandidate> {
    let store = Workplace::open(&context.directory).ok().and_then(|workplace| {
        let stores = KeyStores::at(context.keys_home().ok()?);
        publish::find_store(&workplace, &stores).ok()
    });
    let Some(store) = store else { return Vec::new() };
    let mut releases: Vec<_> = store
        .chain()
        .links()
        .filter_map(|link| {
            let version = link.statement().release()?.version.as_str().to_owned();
            Some((link.seq(), version, link.statement().date.to_string()))
        })
        .collect();
    // The newest is the likeliest.
    releases.sort_by_key(|(seq, ..)| std::cmp::Reverse(*seq));
    let candidate = |(seq, version, date): (_, String, String)| {
        CompletionCandidate::new(version).help(Some(format!("statement {seq}, {date}").into()))
    };
    releases.into_iter().map(candidate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_offered_that_a_shell_could_misunderstand() {
        let offered = |value: &str| line(&CompletionCandidate::new(value), "");
        assert_eq!(offered("Example"), Some("Example\n".to_owned()));
        assert_eq!(offered("Ünïcode.jl"), Some("Ünïcode.jl\n".to_owned()));
        for hostile in
            ["$(reboot)", "a b", "a;b", "a\u{1b}[31mb", "a\nb", "`id`", "a'b", "a\u{202e}b", "*", "~root", "a|b", "!!"]
        {
            assert_eq!(offered(hostile), None, "{hostile:?}");
        }
        let described = CompletionCandidate::new("Example").help(Some("two\u{1}\tparts\nmore".into()));
        assert_eq!(line(&described, "Ex"), Some("Example\ttwoparts\n".to_owned()));
    }

    #[test]
    fn paths_are_left_to_the_shell() {
        assert_eq!(
            line(&CompletionCandidate::new(format!("--out={FOLDERS}")), "--out="),
            Some(":folders\n".to_owned())
        );
        assert_eq!(kind("verify", "targets", "TARGET"), Some(Kind::Files));
        assert_eq!(kind("reserve new", "out", "DIR"), Some(Kind::Folders));
    }
}
