//! Export files: many chains in one file, for a site without a network.
//!
//! ```text
//! sigpkg-export = 1
//! chain <id> <bytes>
//! <as many bytes of a chain file>
//! chain <id> <bytes>
//! …
//! ```
//!
//! Source: spec/10-projects.md, PRJ-33.

use crate::chain::{Chain, MAX_CHAIN_BYTES};
use crate::digest::SignatoryId;

/// The first line of an export file.
pub const EXPORT_FIRST_LINE: &str = "sigpkg-export = 1\n";

/// The largest export file in bytes (PRJ-33): ten thousand chains of ordinary size, or four of the largest.
pub const MAX_EXPORT_BYTES: usize = 4 * MAX_CHAIN_BYTES;

/// The longest line before a chain, in bytes: `chain`, an id of 56 characters and a number of 8 digits, with blanks.
const MAX_LINE_BYTES: usize = 72;

/// Why a file is no export file (PRJ-33).
///
/// ```
/// use sigpkg::trust::{ExportError, read_export};
///
/// assert_eq!(read_export(b"a chain file\n"), Err(ExportError::FirstLine));
/// assert_eq!(read_export(b"sigpkg-export = 1\nno chain\n"), Err(ExportError::Line { at: 18 }));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// It has more bytes than it may.
    #[error("an export file has at most {MAX_EXPORT_BYTES} bytes, this one has {found}")]
    TooLarge {
        /// How many it has.
        found: usize,
    },
    /// It does not begin as one.
    #[error("expected an export file, which begins with \"sigpkg-export = 1\"")]
    FirstLine,
    /// A chain does not begin with a line of its own.
    #[error("expected a line \"chain ID BYTES\" at byte {at}")]
    Line {
        /// Where in the file.
        at: usize,
    },
    /// The file ends before the chain does.
    #[error("expected {expected} bytes of the chain of {id}, found {found}")]
    Short {
        /// Whose chain.
        id: SignatoryId,
        /// How many bytes were promised.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// The chains are not in ascending order of their ids.
    #[error("the chain of {id} does not come after that of {before}")]
    Order {
        /// The chain before.
        before: SignatoryId,
        /// The one that should not come after it.
        id: SignatoryId,
    },
}

/// Writes chains as an export file. Chains of one id are written as one; the order of the others makes no difference.
///
/// # Errors
///
/// - [`ExportError::TooLarge`] if they do not fit into one.
///
/// # Example
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let chains = [doc::chain(&["chain-1", "chain-2"])?, doc::chain(&["fork-1"])?];
/// use sigpkg::trust::{read_export, write_export};
///
/// let file = write_export(&chains)?;
/// assert_eq!(read_export(file.as_bytes())?.len(), 2);
/// # Ok::<(), doc::Error>(())
/// ```
pub fn write_export(chains: &[Chain]) -> Result<String, ExportError> {
    let mut by_id = std::collections::BTreeMap::<String, Chain>::new();
    for chain in chains {
        let merged = by_id.entry(chain.id().to_string()).or_insert_with(|| chain.clone());
        // Chains of one id always go together.
        let _ = merged.merge(chain);
    }
    let mut file = EXPORT_FIRST_LINE.to_owned();
    for (id, chain) in by_id {
        let chain = chain.to_file();
        file.push_str(&["chain ", &id, " ", &chain.len().to_string(), "\n", &chain].concat());
    }
    if file.len() > MAX_EXPORT_BYTES {
        return Err(ExportError::TooLarge { found: file.len() });
    }
    Ok(file)
}

/// Takes an export file apart: the chain files in it, each with the id that it claims to be of. Nothing is verified.
///
/// # Errors
///
/// - [`ExportError`] if the file has not the form of PRJ-33.
///
/// # Example
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/vectors.rs")); }
/// # let chain = doc::chain(&["chain-1", "chain-2"])?;
/// # let file = sigpkg::trust::write_export(&[chain.clone()])?;
/// use sigpkg::chain::Chain;
/// use sigpkg::signature::Standard;
/// use sigpkg::trust::read_export;
///
/// for (claimed_id, bytes) in read_export(file.as_bytes())? {
///     let admitted = Chain::admit(bytes, claimed_id, &Standard)?;
///     assert_eq!(admitted.len(), chain.len());
/// }
/// # Ok::<(), doc::Error>(())
/// ```
pub fn read_export(file: &[u8]) -> Result<Vec<(SignatoryId, &[u8])>, ExportError> {
    if file.len() > MAX_EXPORT_BYTES {
        return Err(ExportError::TooLarge { found: file.len() });
    }
    let mut rest = file.strip_prefix(EXPORT_FIRST_LINE.as_bytes()).ok_or(ExportError::FirstLine)?;
    let mut chains: Vec<(SignatoryId, &[u8])> = Vec::new();
    while !rest.is_empty() {
        let at = file.len() - rest.len();
        let (line, after) = split_line(rest).ok_or(ExportError::Line { at })?;
        let (id, bytes) = read_line(line).ok_or(ExportError::Line { at })?;
        if let Some((before, _)) = chains.last()
            && before.to_string() >= id.to_string()
        {
            return Err(ExportError::Order { before: *before, id });
        }
        let found = after.len();
        let (chain, after) = after.split_at_checked(bytes).ok_or(ExportError::Short { id, expected: bytes, found })?;
        chains.push((id, chain));
        rest = after;
    }
    Ok(chains)
}

fn split_line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.iter().take(MAX_LINE_BYTES + 1).position(|byte| *byte == b'\n')?;
    let (line, after) = bytes.split_at_checked(end)?;
    Some((std::str::from_utf8(line).ok()?, after.get(1..)?))
}

/// `chain <id> <bytes>`, the number without leading zeros.
fn read_line(line: &str) -> Option<(SignatoryId, usize)> {
    let (id, bytes) = line.strip_prefix("chain ")?.split_once(' ')?;
    let count: usize = bytes.parse().ok()?;
    let is_canonical = count.to_string() == bytes && (1..=MAX_CHAIN_BYTES).contains(&count);
    Some((id.parse().ok()?, count)).filter(|_| is_canonical)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;

    fn chain(seed: u64) -> Chain {
        let mut fixture = Fixture::new(seed);
        let records = fixture.line(&["1.0.0"]);
        fixture.admit(&records).unwrap()
    }

    /// PRJ-33
    #[test]
    fn an_export_has_every_chain_once_and_is_the_same_in_any_order() {
        let (one, other) = (chain(1), chain(2));
        let file = write_export(&[one.clone(), other.clone(), one.clone()]).unwrap();
        assert_eq!(file, write_export(&[other.clone(), one.clone()]).unwrap());
        let read = read_export(file.as_bytes()).unwrap();
        assert_eq!(read.len(), 2);
        for (id, bytes) in read {
            let chain = if id == one.id() { &one } else { &other };
            assert_eq!((id, bytes), (chain.id(), chain.to_file().as_bytes()));
        }
        assert_eq!(read_export(EXPORT_FIRST_LINE.as_bytes()).unwrap(), Vec::new());
    }

    /// PRJ-33
    #[test]
    fn a_file_of_another_form_is_no_export() {
        let (one, other) = (chain(1), chain(2));
        let file = write_export(&[one.clone(), other.clone()]).unwrap();
        let error = |text: &str| read_export(text.as_bytes()).unwrap_err();
        assert_eq!(error("sigpkg-export = 2\n"), ExportError::FirstLine);
        let at = EXPORT_FIRST_LINE.len();
        assert_eq!(error(&file.replacen(" = 1\nchain ", " = 1\nchains ", 1)), ExportError::Line { at });
        assert_eq!(error(&format!("{EXPORT_FIRST_LINE}chain {} 007\n", one.id())), ExportError::Line { at });
        assert_eq!(error(&format!("{EXPORT_FIRST_LINE}chain {} 0\n", one.id())), ExportError::Line { at });
        assert_eq!(error(&format!("{EXPORT_FIRST_LINE}{}", "x".repeat(1000))), ExportError::Line { at });
        for length in at + 1..file.len() {
            let cut = read_export(&file.as_bytes()[..length]);
            let whole = cut.as_ref().is_ok_and(|chains| chains.len() == 1);
            assert!(cut.is_err() || whole, "{length}");
        }
        let [first, second] = [&one, &other].map(|chain| {
            let text = chain.to_file();
            format!("chain {} {}\n{text}", chain.id(), text.len())
        });
        let (first, second) =
            if one.id().to_string() < other.id().to_string() { (first, second) } else { (second, first) };
        assert!(matches!(error(&format!("{EXPORT_FIRST_LINE}{second}{first}")), ExportError::Order { .. }));
        assert!(matches!(error(&format!("{EXPORT_FIRST_LINE}{first}{first}")), ExportError::Order { .. }));
    }
}
