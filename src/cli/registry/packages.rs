//! Clones of packages: a folder of them, and what is fetched into it.

use std::path::{Path, PathBuf};

use sigpkg::digest::TreeHash;
use sigpkg::ecosystem::registry::PackageFile;
use sigpkg::interrupt::TemporaryFolder;
use sigpkg::registry::Packages;
use sigpkg::source::Clones;

use super::fetch::{self, Protocol};
use crate::cli::context::Context;
use crate::cli::failure::Failure;

pub(super) struct PackagesFolder<'a> {
    folder: PathBuf,
    /// By which protocols to fetch what is missing; `None` if nothing is fetched.
    protocols: Option<&'a [Protocol]>,
    /// Where the folder is made for this run alone, it goes with it.
    _made: Option<TemporaryFolder>,
}

impl<'a> PackagesFolder<'a> {
    pub(super) fn new(
        context: &Context,
        folder: Option<&Path>,
        protocols: Option<&'a [Protocol]>,
    ) -> Result<Self, Failure> {
        let Some(folder) = folder else {
            let made = TemporaryFolder::new()
                .map_err(|error| Failure::could_not_tell(format!("no temporary folder can be made: {error}")))?;
            return Ok(Self { folder: made.path().to_owned(), protocols, _made: Some(made) });
        };
        let folder = context.path(folder);
        if !folder.is_dir() {
            return Err(Failure::could_not_tell(format!("--packages {} is no folder", folder.display())));
        }
        Ok(Self { folder, protocols, _made: None })
    }

    /// The folders that may hold a clone of a package.
    fn places(&self, package: &PackageFile) -> Vec<PathBuf> {
        let name = package.package.name().as_str();
        let mut names = vec![name.to_owned(), format!("{name}.jl")];
        names.extend(package.package.uuid().map(|uuid| uuid.to_string()));
        // Several packages of one repository have a clone of the name that the repository has.
        let address = package.repository.as_ref().map_or("", |address| address.as_str());
        let last = address.rsplit(['/', ':']).next().unwrap_or_default();
        names.push(last.strip_suffix(".git").unwrap_or(last).to_owned());
        let is_name = |name: &String| {
            name.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_')
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        };
        names.retain(is_name);
        names.sort_unstable();
        names.dedup();
        let places = names.iter().flat_map(|name| [self.folder.join(name), self.folder.join(format!("{name}.git"))]);
        places.filter(|place| place.is_dir()).collect()
    }

    fn open(&self, package: &PackageFile) -> Result<Clones, String> {
        Clones::open(self.places(package)).map_err(|error| {
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
            format!("a clone of {} cannot be opened: {error}{cause}", package.package)
        })
    }
}

impl Packages for PackagesFolder<'_> {
    fn clones(&self, package: &PackageFile, wanted: &[TreeHash]) -> Result<Clones, String> {
        let clones = self.open(package)?;
        let missing = |clones: &Clones| wanted.iter().copied().filter(|tree| !clones.has(*tree)).collect::<Vec<_>>();
        let trees = missing(&clones);
        let (Some(protocols), false, Some(uuid)) = (self.protocols, trees.is_empty(), package.package.uuid()) else {
            return Ok(clones);
        };
        let address = package.repository.as_ref();
        let address = address.ok_or_else(|| format!("{} has no address to fetch it from", package.package))?;
        let place = self.folder.join(format!("{uuid}.git"));
        fetch::trees(address, protocols, &place, &trees)?;
        let fetched = self.open(package)?;
        if !missing(&fetched).is_empty() {
            // Most hosts give a tree by its name; from others everything that has a name is taken.
            fetch::all(address, protocols, &place)?;
        }
        self.open(package)
    }
}
