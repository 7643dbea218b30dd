//! The folder in which a registry remembers its packages: one file for each, named by its UUID.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use sigpkg::package::Uuid;
use sigpkg::registry::{Heads, MAX_HEAD_BYTES, PackageReport};

use crate::cli::context::Context;
use crate::cli::failure::Failure;

pub(super) struct HeadsFolder<'a> {
    context: &'a Context,
    folder: Option<PathBuf>,
}

impl<'a> HeadsFolder<'a> {
    pub(super) fn new(context: &'a Context, folder: Option<&Path>) -> Self {
        Self { context, folder: folder.map(|folder| context.path(folder)) }
    }

    /// Writes what the registry should remember of a package, if there is anything.
    pub(super) fn keep(&self, report: &PackageReport) -> Result<(), Failure> {
        let (Some(folder), Some(head), Some(uuid)) = (&self.folder, &report.head, report.uuid) else { return Ok(()) };
        let unwritable =
            |error: io::Error| Failure::could_not_tell(format!("{} cannot be written: {error}", folder.display()));
        fs::create_dir_all(folder).map_err(unwritable)?;
        self.context.write(&path(folder, uuid), head.to_file().as_bytes())
    }
}

impl Heads for HeadsFolder<'_> {
    fn load(&self, package: Uuid) -> Result<Option<Vec<u8>>, String> {
        let Some(folder) = &self.folder else { return Ok(None) };
        let path = path(folder, package);
        let unreadable = |problem: String| format!("{} cannot be read: {problem}", path.display());
        match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(error.to_string())),
            // The folder is the registry's own, and it puts no links and no pipes there.
            Ok(metadata) if !metadata.is_file() => return Err(unreadable("it is no regular file".to_owned())),
            Ok(_) => {}
        }
        let mut bytes = Vec::new();
        fs::File::open(&path)
            .and_then(|file| file.take(MAX_HEAD_BYTES + 1).read_to_end(&mut bytes))
            .map_err(|error| unreadable(error.to_string()))?;
        if bytes.len() as u64 > MAX_HEAD_BYTES {
            return Err(unreadable(format!("it has more than {MAX_HEAD_BYTES} bytes")));
        }
        Ok(Some(bytes))
    }
}

fn path(folder: &Path, package: Uuid) -> PathBuf {
    folder.join(format!("{package}.head"))
}
