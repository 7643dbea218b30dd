//! Fetching what is not in the clones, from the address that the registry has.
//!
//! The address comes from whoever has written into the registry, so it is used by a few protocols alone, and within limits.

use std::fmt;
use std::path::Path;

use clap::ValueEnum;
use sigpkg::digest::TreeHash;
use sigpkg::ecosystem::registry;
use sigpkg::source::remote::{Address, Fetch, Limits, RemoteError};
use sigpkg::text::printable;

/// A protocol by which to fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Protocol {
    Https,
    Ssh,
    Git,
    File,
}

/// Brings trees into a folder, which may have others already. Most hosts give a tree by its name; from another one every
/// branch and tag is taken. `is_there` says whether all trees have come.
pub(super) fn bring(
    address: &registry::Address,
    protocols: &[Protocol],
    folder: &Path,
    trees: &[TreeHash],
    is_there: impl FnOnce() -> Result<bool, String>,
) -> Result<(), String> {
    let address = allowed(address, protocols)?;
    let failed = |error: RemoteError| {
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
        format!("{error}{cause}")
    };
    let fetch = if folder.join("objects").is_dir() {
        Fetch::again(&address, folder, Limits::WHOLE)
    } else {
        Fetch::new(&address, folder, Limits::WHOLE)
    };
    let fetch = fetch.map_err(failed)?;
    match fetch.trees(trees) {
        // That it does not give them so is no error yet.
        Ok(()) | Err(RemoteError::Failed { .. }) => {}
        Err(
            error @ (RemoteError::NoGit(_)
            | RemoteError::Io { .. }
            | RemoteError::TooSlow { .. }
            | RemoteError::TooMuch { .. }
            | RemoteError::Private { .. }
            | RemoteError::Source(_)),
        ) => return Err(failed(error)),
    }
    if is_there()? { Ok(()) } else { fetch.whole().map_err(failed) }
}

/// The address, if its protocol is one of those that may be used.
fn allowed(address: &registry::Address, protocols: &[Protocol]) -> Result<Address, String> {
    let written = address.as_str();
    let address = Address::parse(written).map_err(|error| error.to_string())?;
    let scheme = match written.split_once("://") {
        Some((scheme, _)) => scheme.to_ascii_lowercase(),
        // A path is a file; `host:path` is ssh.
        None if address.as_path().is_some() => "file".to_owned(),
        None => "ssh".to_owned(),
    };
    if protocols.iter().any(|protocol| protocol.to_string() == scheme) {
        return Ok(address);
    }
    let protocols: Vec<_> = protocols.iter().map(ToString::to_string).collect();
    let scheme = printable(&scheme);
    Err(format!(
        "{address} is not fetched: its protocol is {scheme}, and --protocols allows {}",
        protocols.join(" and ")
    ))
}

impl fmt::Display for Protocol {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Https => "https",
            Self::Ssh => "ssh",
            Self::Git => "git",
            Self::File => "file",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_allowed_protocols_are_fetched_by() {
        let protocol = |address: &str| {
            let address = registry::Address::read(address).expect("an address that a registry may have");
            allowed(&address, &[Protocol::Https, Protocol::Ssh]).map(|address| address.as_str().to_owned())
        };
        for good in ["https://example.org/A", "ssh://git@example.org/A", "git@example.org:A"] {
            assert_eq!(protocol(good).as_deref(), Ok(good));
        }
        for (bad, words) in [
            ("http://example.org/A", "http"),
            ("git://example.org/A", "its protocol is git"),
            ("file:///etc", "its protocol is file"),
            ("/etc", "its protocol is file"),
            ("../A", "relative"),
            ("ssh://-oProxyCommand=x/A", "host"),
            ("ssh://git@-oProxyCommand=x/A", "host"),
            ("git@-oProxyCommand=x:A", "host"),
        ] {
            let error = protocol(bad).expect_err("no address that is fetched");
            assert!(error.contains(words), "{bad}: {error}");
        }
    }
}
