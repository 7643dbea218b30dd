//! Attributes of git that rewrite or strip files on their way out of a repository (TREE-27).
//!
//! They are read from the `.gitattributes` of the tree itself, as they will act wherever it is checked out or archived;
//! what the configuration of one machine adds is no property of the tree.

mod pattern;
mod rules;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use git2::{Odb, Oid, Repository};

use self::rules::{AttributesFile, Stack, State};
use super::SourceError;
use super::collect::printable;
use super::git::{Entry, EntryKind, read_small, walk};
use crate::listing::folder::FOLDER;

/// The largest `.gitattributes` that is read, in bytes; git ignores larger ones.
const MAX_ATTRIBUTES_BYTES: u64 = 100 << 20;

/// An attribute that makes a checkout or an archive differ from the tree.
///
/// ```
/// use sigpkg::source::Attribute;
///
/// assert_eq!(Attribute::Filter("lfs".to_owned()).to_string(), "filter=lfs");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    /// `export-ignore`: archives do not have the file.
    ExportIgnore,
    /// `export-subst`: archives have the commit filled in.
    ExportSubst,
    /// `ident`: checkouts have the id of the blob filled in.
    Ident,
    /// `filter`: checkouts have what some program makes of the file.
    Filter(String),
    /// `working-tree-encoding`: checkouts have another encoding.
    WorkingTreeEncoding(String),
    /// `eol=crlf`, for a file with LF ends: checkouts and archives have CRLF ends, on every system.
    EolCrlf,
}

impl fmt::Display for Attribute {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ExportIgnore => out.write_str("export-ignore"),
            Self::ExportSubst => out.write_str("export-subst"),
            Self::Ident => out.write_str("ident"),
            Self::Filter(driver) => write!(out, "filter={driver}"),
            Self::WorkingTreeEncoding(encoding) => write!(out, "working-tree-encoding={encoding}"),
            Self::EolCrlf => out.write_str("eol=crlf"),
        }
    }
}

/// A file or directory with such an attribute.
///
/// ```
/// use sigpkg::source::{Attribute, Finding};
///
/// let finding = Finding { path: "docs/".to_owned(), attribute: Attribute::ExportIgnore };
/// assert_eq!(format!("{} {}", finding.path, finding.attribute), "docs/ export-ignore");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Where it is, from the root of the repository, made printable. A directory ends with `/`.
    pub path: String,
    /// What it has.
    pub attribute: Attribute,
}

/// Finds what would make a checkout or an archive of a commit differ from its tree (TREE-27).
///
/// `root` is the tree of the commit, and `subdirectory` the place of the package in it, since attributes are inherited.
/// Nothing inside `.sigpkg` is looked at, because its own `.gitattributes` decides there (DIR-4); but the folder itself is,
/// even before it exists.
///
/// # Errors
///
/// [`SourceError::Git`], [`SourceError::Packed`], [`SourceError::Entry`], [`SourceError::Tree`] if the tree cannot be
/// read.
///
/// # Example
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::new()?;
/// # machine.commit(".gitattributes", "README export-ignore\n")?;
/// # let repository = git2::Repository::open(&machine.repository)?;
/// use sigpkg::source::{Attribute, attributes_that_rewrite};
///
/// let root = repository.head()?.peel_to_tree()?.id();
/// let found = attributes_that_rewrite(&repository, root, None)?;
/// assert_eq!((found[0].path.as_str(), &found[0].attribute), ("README", &Attribute::ExportIgnore));
/// # Ok::<(), doc::Error>(())
/// ```
pub fn attributes_that_rewrite(
    repository: &Repository,
    root: Oid,
    subdirectory: Option<&Path>,
) -> Result<Vec<Finding>, SourceError> {
    let scope = Scope::new(subdirectory);
    let odb = repository.odb().map_err(|error| SourceError::git("objects", error))?;
    let mut found = Vec::new();
    let mut files = BTreeMap::new();
    walk(repository, root, |entry| {
        let (directory, name) = split(entry.path);
        if name == b".gitattributes" && entry.kind == EntryKind::File {
            let text = read_small(&odb, &entry, MAX_ATTRIBUTES_BYTES)?;
            files.insert(directory.to_vec(), AttributesFile::parse(&text, directory.is_empty()));
        }
        if scope.has(&entry) {
            found.push((entry.path.to_vec(), entry.kind, entry.id));
        }
        Ok(())
    })?;
    let folder = scope.folder();
    if !found.iter().any(|(path, _, _)| *path == folder) {
        found.push((folder, EntryKind::Directory, root));
    }
    let stack = Stack::new(&files);
    let mut findings = Vec::new();
    for (path, kind, id) in found {
        let states = stack.states(&path, kind == EntryKind::Directory);
        let mut attributes = of_any(&states);
        if kind == EntryKind::File {
            attributes.extend(of_file(&states));
            if states.is_converted_to_crlf() && gains_cr(&odb, &Entry { path: &path, kind, id }, states.is_auto())? {
                attributes.push(Attribute::EolCrlf);
            }
        }
        let slash = if kind == EntryKind::Directory { "/" } else { "" };
        let path = printable(&path) + slash;
        findings.extend(attributes.into_iter().map(|attribute| Finding { path: path.clone(), attribute }));
    }
    findings.sort_unstable();
    Ok(findings)
}

/// The part of the repository that belongs to the package, and the directories that lead to it.
struct Scope {
    /// The path of the package with a trailing slash; empty for the root.
    prefix: Vec<u8>,
}

impl Scope {
    fn new(subdirectory: Option<&Path>) -> Self {
        let mut prefix = Vec::new();
        for component in subdirectory.into_iter().flat_map(Path::components) {
            prefix.extend_from_slice(component.as_os_str().as_encoded_bytes());
            prefix.push(b'/');
        }
        Self { prefix }
    }

    fn folder(&self) -> Vec<u8> {
        [&self.prefix, FOLDER.as_bytes()].concat()
    }

    fn has(&self, entry: &Entry<'_>) -> bool {
        if let Some(inner) = entry.path.strip_prefix(self.prefix.as_slice()) {
            return !inner.strip_prefix(FOLDER.as_bytes()).is_some_and(|rest| rest.starts_with(b"/"));
        }
        let leads_here = self.prefix.strip_prefix(entry.path).is_some_and(|rest| rest.starts_with(b"/"));
        entry.kind == EntryKind::Directory && leads_here
    }
}

/// What counts for directories and links too.
fn of_any(states: &rules::States) -> Vec<Attribute> {
    if states.get(b"export-ignore") == &State::Set { vec![Attribute::ExportIgnore] } else { Vec::new() }
}

fn of_file(states: &rules::States) -> Vec<Attribute> {
    let mut attributes = Vec::new();
    if states.get(b"export-subst") == &State::Set {
        attributes.push(Attribute::ExportSubst);
    }
    if states.get(b"ident") == &State::Set {
        attributes.push(Attribute::Ident);
    }
    if let State::Value(driver) = states.get(b"filter") {
        attributes.push(Attribute::Filter(printable(driver)));
    }
    if let State::Value(encoding) = states.get(b"working-tree-encoding")
        && !encoding.eq_ignore_ascii_case(b"UTF-8")
        && !encoding.eq_ignore_ascii_case(b"UTF8")
    {
        attributes.push(Attribute::WorkingTreeEncoding(printable(encoding)));
    }
    attributes
}

/// Whether git would put a CR before some LF of this file. With `text=auto` it leaves alone what has a CR or a NUL.
fn gains_cr(odb: &Odb<'_>, entry: &Entry<'_>, is_auto: bool) -> Result<bool, SourceError> {
    let content = read_small(odb, entry, u64::MAX)?;
    if is_auto && content.iter().any(|byte| matches!(byte, 0 | b'\r')) {
        return Ok(false);
    }
    let mut after_cr = false;
    Ok(content.iter().any(|byte| {
        let gains = *byte == b'\n' && !after_cr;
        after_cr = *byte == b'\r';
        gains
    }))
}

/// The directory and the name of a path; the directory is empty for the root.
fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(at) => (path.get(..at).unwrap_or_default(), path.get(at + 1..).unwrap_or_default()),
        None => (b"", path),
    }
}
