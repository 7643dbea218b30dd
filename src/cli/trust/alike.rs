//! Look-alikes of known ids: a forgery that hopes for a casual glance is pointed out before the decision (CMP-17).

use sigpkg::digest::SignatoryId;
use sigpkg::package::Package;
use sigpkg::representation::alike::{Resemblance, resemblance};
use sigpkg::trust::TrustStore;

use crate::cli::failure::Failure;
use crate::cli::output::BAD;

/// A known signatory whose id looks like that of a new one.
pub(super) struct LookAlike {
    package: Package,
    is_trusted: bool,
    resemblance: Resemblance,
}

/// The signatories that the store knows, trusted or once trusted, whose ids look like this one and are others.
pub(super) fn look_alikes(store: &TrustStore, id: SignatoryId) -> Result<Vec<LookAlike>, Failure> {
    let mut found = Vec::new();
    for known in store.ids()? {
        let Some(resemblance) = resemblance(&id, &known) else { continue };
        if let Some(trusted) = store.find(known)? {
            found.push(LookAlike { package: trusted.package().clone(), is_trusted: true, resemblance });
        } else if let Some(chain) = store.kept(known)? {
            found.push(LookAlike { package: chain.package().clone(), is_trusted: false, resemblance });
        }
    }
    Ok(found)
}

impl LookAlike {
    /// The warning, which shows nothing of the id.
    pub(super) fn warning(&self) -> String {
        let known = if self.is_trusted { "which you trust" } else { "which you once trusted" };
        let Resemblance { beginning, end, places, .. } = self.resemblance;
        format!(
            "{BAD}LOOK-ALIKE{BAD:#}: its id looks like that of {}, {known}, and is ANOTHER one: {places} of 52 characters look the same \
             in the same place, {beginning} at the beginning and {end} at the end are the same.\n    Ids that were made by chance are \
             never so alike: somebody may have made this one to be taken for the other. Compare every group.",
            self.package
        )
    }
}
