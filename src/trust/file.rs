//! `trust.toml`: the decisions about one signatory, as the store keeps them; and `distrust-ed25519.toml`, the one decision
//! about all of them.
//!
//! ```toml
//! sigpkg-trust = 1
//! grade = "confirmed"
//! since = "2026-11-20T12:00:00Z"
//! accepted = ["blake3:…"]
//! vouchers = ["blake3:…"]          # absent: none
//! reserve = "refuse"               # absent: prompt
//! distrust-ed25519 = "blake3:…"    # absent: Ed25519 is trusted; the mark otherwise
//! ended = true                     # absent: the package is still signed
//!
//! [head]
//! digest = "blake3:…"
//! first-seen = "2026-11-20T12:00:00Z"
//! ```
//!
//! ```toml
//! sigpkg-distrust = 1
//! since = "2026-11-20T12:00:00Z"
//! ```

use serde::{Deserialize, Serialize};

use super::{Decisions, Grade, ReservePolicy, SeenHead};
use crate::time::Timestamp;

/// The version of these forms. Another one is refused, since it may hold decisions that this program would lose.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    sigpkg_trust: u32,
    grade: String,
    since: String,
    accepted: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    vouchers: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reserve: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    distrust_ed25519: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    ended: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    before_signing: Vec<String>,
    head: Head,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Head {
    digest: String,
    first_seen: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Distrust {
    sigpkg_distrust: u32,
    since: String,
}

pub(super) fn write_distrust(since: Timestamp) -> String {
    let file = Distrust { sigpkg_distrust: VERSION, since: since.to_string() };
    toml::to_string(&file).expect("an integer and a string are TOML")
}

/// Reads since when Ed25519 is distrusted; the error is one line of what is wrong.
pub(super) fn read_distrust(text: &str) -> Result<Timestamp, String> {
    let file: Distrust = parse(text)?;
    if file.sigpkg_distrust != VERSION {
        return Err(format!("expected sigpkg-distrust = {VERSION}, found {}", file.sigpkg_distrust));
    }
    parsed(&file.since)
}

pub(super) fn write(decisions: &Decisions) -> String {
    let file = File {
        sigpkg_trust: VERSION,
        grade: decisions.grade.to_string(),
        since: decisions.since.to_string(),
        accepted: decisions.accepted.iter().map(ToString::to_string).collect(),
        vouchers: decisions.vouchers.iter().map(ToString::to_string).collect(),
        distrust_ed25519: decisions.distrust.map(|mark| mark.to_string()),
        ended: decisions.ended,
        before_signing: decisions.before_signing.iter().map(ToString::to_string).collect(),
        reserve: (decisions.reserve != ReservePolicy::default()).then(|| decisions.reserve.to_string()),
        head: Head { digest: decisions.head.digest.to_string(), first_seen: decisions.head.first_seen.to_string() },
    };
    toml::to_string(&file).expect("strings, integers and one table last are TOML")
}

/// Reads the file; the error is one line of what is wrong.
pub(super) fn read(text: &str) -> Result<Decisions, String> {
    let file: File = parse(text)?;
    if file.sigpkg_trust != VERSION {
        return Err(format!("expected sigpkg-trust = {VERSION}, found {}", file.sigpkg_trust));
    }
    let grade = [Grade::Seen, Grade::Confirmed]
        .into_iter()
        .find(|grade| grade.as_str() == file.grade)
        .ok_or_else(|| format!("expected grade \"seen\" or \"confirmed\", found {:?}", file.grade))?;
    let reserve = match file.reserve {
        None => ReservePolicy::default(),
        Some(word) => ReservePolicy::ALL
            .into_iter()
            .find(|policy| policy.as_str() == word)
            .ok_or_else(|| format!("expected reserve \"prompt\", \"accept\" or \"refuse\", found {word:?}"))?,
    };
    Ok(Decisions {
        grade,
        since: parsed(&file.since)?,
        accepted: file.accepted.iter().map(|digest| parsed(digest)).collect::<Result<_, _>>()?,
        vouchers: file.vouchers.iter().map(|digest| parsed(digest)).collect::<Result<_, _>>()?,
        reserve,
        distrust: file.distrust_ed25519.map(|mark| parsed(&mark)).transpose()?,
        ended: file.ended,
        before_signing: file.before_signing.iter().map(|tree| parsed(tree)).collect::<Result<_, _>>()?,
        head: SeenHead { digest: parsed(&file.head.digest)?, first_seen: parsed(&file.head.first_seen)? },
    })
}

fn parse<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    toml::from_str(text).map_err(|error| error.message().lines().next().unwrap_or_default().to_owned())
}

fn parsed<T: std::str::FromStr<Err: ToString>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}
