//! Fetching what a registry names, with [`Fetch`]. The address comes from whoever has written into the registry, so it is
//! asked by the protocols alone that the operator allows.

use std::fmt;
use std::path::Path;

use clap::ValueEnum;
use sigpkg::digest::TreeHash;
use sigpkg::ecosystem::registry::Address;
use sigpkg::source::remote::{self, Fetch, Limits, RemoteError, Terms};

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
    let fetched = fetch(address, protocols, place, |fetch| fetch.trees(trees))?;
    match fetched {
        Ok(()) | Err(RemoteError::Failed { .. } | RemoteError::Private { .. }) => Ok(()),
        Err(
            error @ (RemoteError::Protocol { .. }
            | RemoteError::NoGit(_)
            | RemoteError::Io { .. }
            | RemoteError::TooSlow { .. }
            | RemoteError::TooMuch { .. }
            | RemoteError::Source(_)),
        ) => Err(error.to_string()),
    }
}

/// Fetches all branches and tags.
#[expect(clippy::redundant_closure_for_method_calls, reason = "the method itself is of one lifetime, and not of any")]
pub(super) fn all(address: &Address, protocols: &[Protocol], place: &Path) -> Result<(), String> {
    fetch(address, protocols, place, |fetch| fetch.whole())?.map_err(|error| error.to_string())
}

fn fetch(
    address: &Address,
    protocols: &[Protocol],
    place: &Path,
    what: impl FnOnce(&Fetch<'_>) -> Result<(), RemoteError>,
) -> Result<Result<(), RemoteError>, String> {
    let address = remote::Address::parse(address.as_str()).map_err(|error| error.to_string())?;
    let allowed: Vec<_> = protocols.iter().copied().map(remote::Protocol::from).collect();
    // The operator has set up git for this; a helper that would ask has no terminal.
    let terms = Terms { protocols: &allowed, runs_helpers: true, limits: Limits::WHOLE };
    let fetch = Fetch::new(&address, place, terms).map_err(|error| match error {
        RemoteError::Protocol { .. } => format!(
            "{address} is not fetched: its protocol is {}, and --protocols allows {}",
            address.protocol(),
            protocols.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
        ),
        RemoteError::NoGit(_)
        | RemoteError::Io { .. }
        | RemoteError::TooSlow { .. }
        | RemoteError::TooMuch { .. }
        | RemoteError::Private { .. }
        | RemoteError::Failed { .. }
        | RemoteError::Source(_) => error.to_string(),
    })?;
    Ok(what(&fetch))
}

impl From<Protocol> for remote::Protocol {
    fn from(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Https => Self::Https,
            Protocol::Ssh => Self::Ssh,
            Protocol::Http => Self::Http,
            Protocol::Git => Self::Git,
            Protocol::File => Self::File,
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(remote::Protocol::from(*self).as_str())
    }
}
