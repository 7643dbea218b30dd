//! Where the repository of a package is, as the registries in the depots say. It is a claim of the registry, and good enough:
//! whatever comes from there must be signed.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Component, Path, PathBuf};

use toml::Table;

use super::Problem;
use crate::package::{Package, Uuid};

/// The file of a registry that lists its packages, and that of one package.
const INDEX: &str = "Registry.toml";
const PACKAGE: &str = "Package.toml";

/// The largest list of packages that is read, in bytes. General has one of 1.6 MB for 15,000 packages.
const MAX_INDEX_BYTES: u64 = 16 << 20;

/// The largest file of one package, in bytes. It has four short values.
const MAX_PACKAGE_BYTES: u64 = 64 << 10;

/// The most that is unpacked of a packed registry, in bytes. General has 60 MB.
const MAX_UNPACKED_BYTES: u64 = 1 << 30;

/// The most members of a packed registry. General has 70,000.
const MAX_MEMBERS: usize = 2_000_000;

/// What a registry says of one package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) package: Package,
    pub(super) repository: String,
    pub(super) subdirectory: Option<PathBuf>,
}

/// What all registries of these depots say of these packages, in both forms that Pkg keeps them in: a folder, or a tarball
/// beside a small file that names it.
pub(super) fn sources(depots: &[PathBuf], wanted: &[Package]) -> (Vec<Source>, Vec<Problem>) {
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    let uuids: Vec<Uuid> = wanted.iter().filter_map(Package::uuid).collect();
    if uuids.is_empty() {
        return (found, problems);
    }
    for registry in depots.iter().flat_map(|depot| entries(&depot.join("registries"))) {
        let read = if registry.is_dir() {
            unpacked(&registry, &uuids)
        } else if registry.extension().is_some_and(|extension| extension == "toml") {
            packed(&registry, &uuids)
        } else {
            continue;
        };
        match read {
            Ok(sources) => found.extend(sources.into_iter().filter(|source| wanted.contains(&source.package))),
            Err(error) => problems.push(Problem::unreached(registry.display().to_string(), error.to_string())),
        }
    }
    (found, problems)
}

/// What a folder holds, in the order of the names; nothing if there is no such folder.
pub(super) fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn unpacked(folder: &Path, uuids: &[Uuid]) -> io::Result<Vec<Source>> {
    let index = folder.join(INDEX);
    if !index.is_file() {
        // Pkg leaves other folders there, such as one that it has not finished to write.
        return Ok(Vec::new());
    }
    let index = table(&read(File::open(index)?, MAX_INDEX_BYTES)?)?;
    let packages = index.get("packages").and_then(toml::Value::as_table).into_iter().flatten();
    let mut found = Vec::new();
    for (uuid, place) in packages {
        let is_wanted = uuid.to_ascii_lowercase().parse().is_ok_and(|uuid| uuids.contains(&uuid));
        let path = place.get("path").and_then(toml::Value::as_str).and_then(below);
        if let (true, Some(path)) = (is_wanted, path) {
            let file = read(File::open(folder.join(path).join(PACKAGE))?, MAX_PACKAGE_BYTES)?;
            found.extend(source(&table(&file)?));
        }
    }
    Ok(found)
}

fn packed(description: &Path, uuids: &[Uuid]) -> io::Result<Vec<Source>> {
    let described = table(&read(File::open(description)?, MAX_PACKAGE_BYTES)?)?;
    let name = described.get("path").and_then(toml::Value::as_str).and_then(below);
    let Some(name) = name else {
        return Ok(Vec::new());
    };
    let mut file = BufReader::new(File::open(description.with_file_name(name))?);
    let is_gzip = io::BufRead::fill_buf(&mut file)?.starts_with(&[0x1f, 0x8b]);
    let unpacked: Box<dyn Read> = if is_gzip {
        Box::new(flate2::bufread::MultiGzDecoder::new(file))
    } else {
        Box::new(zstd::stream::read::Decoder::with_buffer(file)?)
    };
    let uuids: Vec<_> = uuids.iter().map(ToString::to_string).collect();
    let mut archive = tar::Archive::new(unpacked.take(MAX_UNPACKED_BYTES));
    let mut found = Vec::new();
    for (count, member) in archive.entries()?.enumerate() {
        let member = member?;
        if count == MAX_MEMBERS {
            return Err(io::Error::other(format!("it has more than {MAX_MEMBERS} members")));
        }
        if !member.path_bytes().ends_with(format!("/{PACKAGE}").as_bytes()) || member.size() > MAX_PACKAGE_BYTES {
            continue;
        }
        let file = read(member, MAX_PACKAGE_BYTES)?;
        let text = String::from_utf8_lossy(&file).to_ascii_lowercase();
        // Cheaper than to parse every one of them.
        if uuids.iter().any(|uuid| text.contains(uuid)) {
            found.extend(source(&table(&file)?));
        }
    }
    Ok(found)
}

fn source(table: &Table) -> Option<Source> {
    let text = |key: &str| table.get(key).and_then(toml::Value::as_str);
    let uuid = text("uuid")?.to_ascii_lowercase().parse().ok()?;
    let package = Package::julia(text("name")?, uuid).ok()?;
    let subdirectory = text("subdir").filter(|path| !path.is_empty()).and_then(below);
    Some(Source { package, repository: text("repo")?.to_owned(), subdirectory })
}

/// A path that leads nowhere but down.
fn below(path: &str) -> Option<PathBuf> {
    let path = Path::new(path);
    path.components().all(|component| matches!(component, Component::Normal(_))).then(|| path.components().collect())
}

fn table(bytes: &[u8]) -> io::Result<Table> {
    let text = std::str::from_utf8(bytes).map_err(io::Error::other)?;
    text.parse().map_err(|error: toml::de::Error| io::Error::other(crate::text::printable(error.message())))
}

fn read(reader: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other(format!("a file has more than {most} bytes")));
    }
    Ok(bytes)
}
