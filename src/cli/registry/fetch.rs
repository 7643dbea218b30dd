//! Fetching, by the program git: libgit2 is built here without TLS and SSH, and git knows the keys and proxies of this
//! machine.
//!
//! The address comes from whoever has written into the registry, so git is told which protocols it may use, asks nothing,
//! runs no hook, and is stopped when it takes too long or too much.

use std::fmt;
use std::fs;
use std::io::{Read as _, Seek as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use sigpkg::digest::TreeHash;
use sigpkg::ecosystem::registry::Address;
use sigpkg::text::printable;

/// How much one repository may take: ten minutes, and 4 GiB, which come in that time over a line of 60 megabits. Packages
/// of Julia that keep data in their history reach some gigabytes.
const LIMITS: Limits = Limits { time: Duration::from_secs(600), bytes: 4 << 30 };

/// What git is told beside the command. A host that falls silent is given up by git itself, whose helpers would wait for
/// it even after git was stopped.
const SETTINGS: [&str; 7] = [
    "core.hooksPath=/dev/null",
    "core.sshCommand=ssh -oBatchMode=yes -oConnectTimeout=30 -oServerAliveInterval=15",
    "fetch.unpackLimit=1",
    "gc.auto=0",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=60",
    "maintenance.auto=false",
];

/// How often the size is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// How many trees are asked for by name at once, which is far below what a command line holds.
const TREES_AT_ONCE: usize = 500;

/// How much of what git says is shown, in bytes.
const SAID_BYTES: u64 = 1 << 10;

/// When to stop git.
#[derive(Clone, Copy, Debug)]
struct Limits {
    time: Duration,
    bytes: u64,
}

/// A protocol by which to fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Protocol {
    Https,
    Ssh,
    Http,
    Git,
    File,
}

/// Fetches trees by their names. That a host does not give them so is no error.
pub(super) fn trees(address: &Address, protocols: &[Protocol], place: &Path, trees: &[TreeHash]) -> Result<(), String> {
    check_protocol(address, protocols)?;
    begin(protocols, place)?;
    for trees in trees.chunks(TREES_AT_ONCE) {
        let names: Vec<_> = trees.iter().map(ToString::to_string).collect();
        let names = names.iter().map(String::as_str);
        let arguments = ["fetch", "--quiet", "--no-tags", "--depth=1", "--no-write-fetch-head", "--", address.as_str()];
        match run(protocols, place, arguments.into_iter().chain(names)) {
            Ok(()) | Err(Stopped::Ended(_)) => {}
            Err(stopped @ (Stopped::Limit(_) | Stopped::NotRun(_))) => return Err(sentence(address, &stopped)),
        }
    }
    Ok(())
}

/// Fetches all branches and tags.
pub(super) fn all(address: &Address, protocols: &[Protocol], place: &Path) -> Result<(), String> {
    check_protocol(address, protocols)?;
    begin(protocols, place)?;
    let refs = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];
    let arguments = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--", address.as_str()];
    run(protocols, place, arguments.into_iter().chain(refs)).map_err(|stopped| sentence(address, &stopped))
}

/// Why git did not come to a good end.
enum Stopped {
    /// It ended by itself, and said this.
    Ended(String),
    /// It was stopped.
    Limit(String),
    /// It could not be run.
    NotRun(String),
}

fn sentence(address: &Address, stopped: &Stopped) -> String {
    let address = printable(address.as_str());
    match stopped {
        Stopped::Ended(said) => format!("{address} cannot be fetched: {}", printable(said)),
        Stopped::Limit(limit) => format!("{address} was not fetched to its end: it {limit}"),
        Stopped::NotRun(problem) => format!("the program git cannot be run: {problem}"),
    }
}

/// Whether the protocol of an address is one of those that may be used. Git is told the same.
fn check_protocol(address: &Address, protocols: &[Protocol]) -> Result<(), String> {
    let written = address.as_str();
    let refused = |what: &str| {
        let allowed: Vec<_> = protocols.iter().map(ToString::to_string).collect();
        Err(format!("{} is not fetched: {what}, and --protocols allows {}", printable(written), allowed.join(" and ")))
    };
    let (scheme, rest) = match written.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        // `host:path` is ssh; a path is a file.
        None => match (written.find(':'), written.find('/')) {
            (Some(colon), slash) if slash.is_none_or(|slash| colon < slash) => ("ssh".to_owned(), written),
            (_, _) => ("file".to_owned(), written),
        },
    };
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    if rest.starts_with('-') || host.starts_with('-') {
        return refused("its host begins like an option");
    }
    match protocols.iter().find(|protocol| protocol.to_string() == scheme) {
        Some(_) => Ok(()),
        None => refused(&format!("its protocol is {}", printable(&scheme))),
    }
}

/// Makes an empty repository, unless there is one.
fn begin(protocols: &[Protocol], place: &Path) -> Result<(), String> {
    let failed = |problem: String| format!("{} cannot be written: {problem}", place.display());
    if place.join("objects").is_dir() {
        return Ok(());
    }
    fs::create_dir_all(place).map_err(|error| failed(error.to_string()))?;
    match run(protocols, place, ["init", "--quiet", "--bare", "--template=", "."].into_iter()) {
        Ok(()) => Ok(()),
        Err(Stopped::Ended(said)) => Err(failed(said)),
        Err(Stopped::Limit(limit)) => Err(failed(limit)),
        Err(Stopped::NotRun(problem)) => Err(format!("the program git cannot be run: {problem}")),
    }
}

/// Runs git in a repository until it ends, or has taken too much.
fn run<'a>(protocols: &[Protocol], place: &Path, arguments: impl Iterator<Item = &'a str>) -> Result<(), Stopped> {
    run_within(LIMITS, protocols, place, arguments)
}

fn run_within<'a>(
    limits: Limits,
    protocols: &[Protocol],
    place: &Path,
    arguments: impl Iterator<Item = &'a str>,
) -> Result<(), Stopped> {
    let not_run = |error: std::io::Error| Stopped::NotRun(error.to_string());
    let mut said = tempfile::tempfile().map_err(not_run)?;
    let allowed: Vec<_> = protocols.iter().map(ToString::to_string).collect();
    let mut command = Command::new("git");
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    // In a hook these name the registry, and what is pushed to it.
    for variable in [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_COMMON_DIR",
        "GIT_INDEX_FILE",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_QUARANTINE_PATH",
        "GIT_PREFIX",
        "GIT_SHALLOW_FILE",
    ] {
        command.env_remove(variable);
    }
    let mut child = command
        .args(arguments)
        .current_dir(place)
        .env("GIT_ALLOW_PROTOCOL", allowed.join(":"))
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(said.try_clone().map_err(not_run)?)
        .spawn()
        .map_err(not_run)?;
    let started = Instant::now();
    let limit = loop {
        match child.try_wait().map_err(not_run)? {
            Some(status) if status.success() => return Ok(()),
            Some(_) => break None,
            None if started.elapsed() > limits.time => {
                break Some(format!("took more than {} seconds", limits.time.as_secs()));
            }
            None if bytes_in(&place.join("objects/pack")) > limits.bytes => {
                break Some(format!("has more than {} bytes", limits.bytes));
            }
            None => thread::sleep(LOOK),
        }
    };
    if let Some(limit) = limit {
        // What it has started ends with it, since nobody reads on.
        let _ = child.kill();
        let _ = child.wait();
        return Err(Stopped::Limit(limit));
    }
    let mut bytes = Vec::new();
    let _ = said.rewind();
    let _ = said.take(SAID_BYTES).read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    Err(Stopped::Ended(if lines.is_empty() { "git says nothing".to_owned() } else { lines.join("; ") }))
}

fn bytes_in(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.metadata().ok()).map(|metadata| metadata.len()).sum()
}

impl fmt::Display for Protocol {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Https => "https",
            Self::Ssh => "ssh",
            Self::Http => "http",
            Self::Git => "git",
            Self::File => "file",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(address: &str) -> Result<(), String> {
        check_protocol(
            &Address::read(address).expect("an address that a registry may have"),
            &[Protocol::Https, Protocol::Ssh],
        )
    }

    #[test]
    fn only_allowed_protocols_are_fetched_by() {
        for good in ["https://example.org/A", "HTTPS://example.org/A", "ssh://git@example.org/A", "git@example.org:A"] {
            assert_eq!(allowed(good), Ok(()), "{good}");
        }
        for (bad, words) in [
            ("http://example.org/A", "protocol is http"),
            ("git://example.org/A", "protocol is git"),
            ("file:///etc", "protocol is file"),
            ("/etc", "protocol is file"),
            ("../A", "protocol is file"),
            ("ssh://-oProxyCommand=x/A", "begins like an option"),
            ("ssh://git@-oProxyCommand=x/A", "begins like an option"),
            ("git@-oProxyCommand=x:A", "begins like an option"),
        ] {
            assert!(allowed(bad).is_err_and(|error| error.contains(words)), "{bad}: {:?}", allowed(bad));
        }
    }

    #[test]
    fn git_is_stopped_when_it_takes_too_long_or_too_much() {
        let folder = tempfile::tempdir().expect("a folder");
        let protocols = [Protocol::File];
        assert!(begin(&protocols, folder.path()).is_ok());
        // Any command of git takes a moment, and this one needs nobody else.
        let run = |limits| run_within(limits, &protocols, folder.path(), ["gc", "--quiet"].into_iter());
        let none = Limits { time: Duration::ZERO, ..LIMITS };
        assert!(matches!(run(none), Err(Stopped::Limit(limit)) if limit == "took more than 0 seconds"));
        fs::write(folder.path().join("objects/pack/tmp_pack_x"), [0; 100]).expect("a file");
        let small = Limits { bytes: 10, ..LIMITS };
        assert!(matches!(run(small), Err(Stopped::Limit(limit)) if limit == "has more than 10 bytes"));
    }
}
