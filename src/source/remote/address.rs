//! The address of a repository, as a registry, a lockfile or a user gives it.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::text;

/// The longest address, in bytes: what browsers and servers take.
const MAX_ADDRESS_BYTES: usize = 2048;

/// A protocol that an address may have. With `ext` and others it would name a program to be run.
///
/// ```
/// use sigpkg::source::remote::{Address, Protocol};
///
/// assert_eq!(Address::parse("http://example.org/Tides")?.protocol(), Protocol::Http);
/// assert_eq!(Protocol::Ssh.as_str(), "ssh");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// `https://…`
    Https,
    /// `ssh://…` and `HOST:PATH`
    Ssh,
    /// `http://…`, which tells the whole network what is asked for.
    Http,
    /// `git://…`, which does so too.
    Git,
    /// `file://…`, and a path.
    File,
}

/// An address that names a repository, and neither an option nor a program.
///
/// ```
/// use sigpkg::source::remote::{Address, Protocol};
///
/// let address = Address::parse("https://ada:secret@example.org/Tides.jl.git")?;
/// assert_eq!(address.protocol(), Protocol::Https);
/// assert_eq!(address.to_string(), "https://example.org/Tides.jl.git");
/// assert_eq!(Address::parse("git@example.org:ada/Tides.jl")?.protocol(), Protocol::Ssh);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(String);

/// Why a text is no such address.
///
/// ```
/// use sigpkg::source::remote::Address;
///
/// assert!(Address::parse("--upload-pack=touch").is_err(), "it would be an option of git");
/// assert!(Address::parse("ext::sh -c touch").is_err(), "it would be a program");
/// assert!(Address::parse("../Tides").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the address of a repository (https, ssh, http, git, file, or an absolute path), found \"{}\": {problem}", text::printable(.found))]
pub struct AddressError {
    /// What is there, or its beginning.
    pub found: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl Address {
    /// Takes an address.
    ///
    /// # Errors
    ///
    /// - [`AddressError`] if it is empty or longer than 2048 bytes, begins with `-`, holds a blank, a control or a hidden
    ///   character, has another protocol than those that are spoken, or a host that begins with `-`, or is a relative path.
    ///
    /// # Example
    ///
    /// ```
    /// use sigpkg::source::remote::Address;
    ///
    /// assert!(Address::parse("https://example.org/Tides.jl.git").is_ok());
    /// let refused = Address::parse("https://-oProxyCommand=touch/Tides").unwrap_err();
    /// assert_eq!(refused.found, "https://-oProxyCommand=touch/Tides");
    /// ```
    pub fn parse(written: &str) -> Result<Self, AddressError> {
        match problem_of(written) {
            Some(problem) => Err(AddressError { found: without_user(written).chars().take(100).collect(), problem }),
            None => Ok(Self(written.to_owned())),
        }
    }

    /// The address as git takes it. It may hold a password: [`Display`](fmt::Display) does not show it.
    ///
    /// ```
    /// use sigpkg::source::remote::Address;
    ///
    /// let address = Address::parse("https://ada:secret@example.org/Tides")?;
    /// assert_eq!(address.as_str(), "https://ada:secret@example.org/Tides");
    /// assert_eq!(address.to_string(), "https://example.org/Tides", "which may be shown");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// By which protocol git will ask for it.
    ///
    /// ```
    /// use sigpkg::source::remote::{Address, Protocol};
    ///
    /// assert_eq!(Address::parse("git@example.org:ada/Tides.jl")?.protocol(), Protocol::Ssh);
    /// assert_eq!(Address::parse("git://example.org/Tides.jl")?.protocol(), Protocol::Git);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn protocol(&self) -> Protocol {
        match self.0.split_once("://") {
            _ if self.as_path().is_some() => Protocol::File,
            // An address without a scheme is one of ssh, and one with another scheme is none.
            Some((scheme, _)) => Protocol::named(scheme).unwrap_or(Protocol::Ssh),
            None => Protocol::Ssh,
        }
    }

    /// The folder, if it names one of this machine by its path alone.
    ///
    /// ```
    /// use sigpkg::source::remote::Address;
    ///
    /// assert_eq!(Address::parse("https://example.org/Tides")?.as_path(), None);
    /// let folder = std::env::current_dir()?;
    /// # let folder = if cfg!(windows) { folder } else { "/srv/Tides".into() };
    /// assert_eq!(Address::parse(&folder.display().to_string())?.as_path(), Some(folder));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn as_path(&self) -> Option<PathBuf> {
        Path::new(&self.0).is_absolute().then(|| PathBuf::from(&self.0))
    }

    /// What somebody says of it, without the password that may be in the address.
    pub(super) fn hide_in(&self, said: &str) -> String {
        let shown = without_user(&self.0);
        let user = self.0.split_once("://").and_then(|(_, rest)| rest.split('/').next()?.rsplit_once('@'));
        let Some((user, _)) = user.filter(|_| shown != self.0) else {
            return said.to_owned();
        };
        let password = user.split_once(':').map_or(user, |(_, password)| password);
        let said = said.replace(&format!("{user}@"), "");
        if password.is_empty() { said } else { said.replace(password, "…") }
    }

    /// Whether two addresses are spellings of one repository, as far as that can be told from them.
    ///
    /// ```
    /// use sigpkg::source::remote::Address;
    ///
    /// let [one, other] = ["https://example.org/Tides.git", "https://ada@example.org/Tides/"].map(Address::parse);
    /// assert!(one?.is_same_as(&other?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.key() == other.key()
    }

    /// The address without what its spellings differ in: the ending and the user.
    fn key(&self) -> String {
        let shown = without_user(&self.0);
        let shown = shown.trim_end_matches('/');
        shown.strip_suffix(".git").unwrap_or(shown).to_owned()
    }
}

impl Protocol {
    const ALL: [Self; 5] = [Self::Https, Self::Ssh, Self::Http, Self::Git, Self::File];

    /// The word by which git knows it.
    ///
    /// ```
    /// use sigpkg::source::remote::Protocol;
    ///
    /// assert_eq!(Protocol::Https.as_str(), "https");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Ssh => "ssh",
            Self::Http => "http",
            Self::Git => "git",
            Self::File => "file",
        }
    }

    fn named(scheme: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.as_str().eq_ignore_ascii_case(scheme))
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&text::printable(&without_user(&self.0)))
    }
}

fn problem_of(written: &str) -> Option<&'static str> {
    if written.is_empty() || written.len() > MAX_ADDRESS_BYTES {
        return Some("it is empty or has more than 2048 bytes");
    }
    if written.starts_with('-') {
        return Some("it begins like an option");
    }
    if !written.chars().all(|character| text::is_plain(character) && !character.is_whitespace()) {
        return Some("it has a blank, a control or a hidden character");
    }
    if Path::new(written).is_absolute() {
        return None;
    }
    if let Some((scheme, rest)) = written.split_once("://") {
        let host = rest.split('/').next().unwrap_or_default();
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        return if Protocol::named(scheme).is_none() {
            Some("its protocol is none of these")
        } else if rest.starts_with('-') || host.starts_with('-') {
            Some("its host begins like an option")
        } else {
            None
        };
    }
    let Some((before, after)) = written.split_once(':') else {
        return Some("it is a relative path");
    };
    let host = before.rsplit_once('@').map_or(before, |(_, host)| host);
    if before.contains('/') {
        Some("it is a relative path")
    } else if after.starts_with(':') {
        Some("git would run a program for it")
    } else if host.is_empty() || host.starts_with('-') || after.starts_with('-') {
        Some("its host or its path begins like an option")
    } else {
        None
    }
}

/// `https://token@host/…` without the token.
fn without_user(written: &str) -> String {
    match written.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
            format!("{scheme}://{host}{path}")
        }
        None => written.to_owned(),
    }
}
