//! Workspaces: a project that has one lockfile for itself and for folders below it (PRJ-1).

use std::path::Path;

use super::place::{OnDisk, Place as _};
use super::{ProjectError, with_lockfiles};
use crate::source::MAX_MANIFEST_BYTES;

/// Sees that no project above has the folder in its workspace: newer versions of the language take its lockfile, and older
/// ones that of the folder, which could be there to be verified and never used.
///
/// # Errors
///
/// - [`ProjectError::InWorkspace`] if there is one.
/// - [`ProjectError::Read`], [`ProjectError::TooLarge`] if the folder or a project above cannot be read.
pub(super) fn check(folder: &Path) -> Result<(), ProjectError> {
    let whole = folder.canonicalize().map_err(|source| ProjectError::Read { path: folder.to_owned(), source })?;
    for above in whole.ancestors().skip(1) {
        let place = OnDisk(above);
        for ecosystem in with_lockfiles() {
            let manifest = ecosystem.manifest_paths().iter().find(|name| above.join(name).is_file());
            let manifest = manifest.map(|name| place.read(Path::new(name), MAX_MANIFEST_BYTES)).transpose()?.flatten();
            let members = manifest.map(|manifest| ecosystem.workspace_members(&manifest)).unwrap_or_default();
            let is_it = |member: &String| above.join(member).canonicalize().is_ok_and(|member| member == whole);
            if members.iter().any(is_it) {
                return Err(ProjectError::InWorkspace { folder: folder.to_owned(), root: above.to_owned() });
            }
        }
    }
    Ok(())
}
