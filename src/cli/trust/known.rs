//! The chains that are known on this machine: those of the trust store, and those that installed packages carry.

use std::collections::BTreeMap;
use std::path::PathBuf;

use sigpkg::chain::{Chain, State, Vouchers};
use sigpkg::digest::{Digest, SignatoryId};
use sigpkg::ecosystem::{self, Lockfile};
use sigpkg::package::{EcosystemName, Package};
use sigpkg::project::review::Chains;
use sigpkg::signature::Standard;
use sigpkg::source::{dir, installed};
use sigpkg::time::Timestamp;
use sigpkg::trust::{Pin, Pins, TrustStore, Trusted};

use crate::cli::failure::Failure;

/// What is known of the signatories of some pins. Every record in it was admitted under its id.
pub(super) struct KnownChains {
    chains: BTreeMap<SignatoryId, Chain>,
    /// Those whom the user trusts.
    trusted: BTreeMap<SignatoryId, Trusted>,
    distrusts_ed25519: bool,
    now: Timestamp,
}

impl KnownChains {
    /// Reads what the store has of the signatories of all these pins, and what the packages of the lockfiles have that are
    /// installed in the depots. What is installed and cannot be read, or is not admitted, is as if it were not there.
    pub(super) fn read<'a>(
        store: &TrustStore,
        pins: &[&Pins],
        lockfiles: impl IntoIterator<Item = &'a Lockfile>,
        depots: &[PathBuf],
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let distrusts_ed25519 = store.distrusts_ed25519()?.is_some();
        let mut known = Self { chains: BTreeMap::new(), trusted: BTreeMap::new(), distrusts_ed25519, now };
        // What any of these pins accepts vouches, since a reviewer is about to see it.
        let mut accepted: BTreeMap<SignatoryId, Vec<Digest>> = BTreeMap::new();
        for pin in pins.iter().flat_map(|pins| pins.iter()) {
            accepted.entry(pin.id).or_default().extend(&pin.accepted);
        }
        for id in accepted.keys() {
            if let Some(trusted) = store.find(*id)? {
                known.chains.insert(*id, trusted.chain().clone());
                known.trusted.insert(*id, trusted);
            } else if let Some(kept) = store.kept(*id)? {
                known.chains.insert(*id, kept);
            }
        }
        let is_pinned = |package: &Package| pins.iter().any(|pins| pins.iter().any(|pin| pin.package == *package));
        let ecosystem = ecosystem::of(EcosystemName::Julia);
        for locked in lockfiles.into_iter().flat_map(|lockfile| &lockfile.entries).filter(|it| is_pinned(&it.package)) {
            if let Some(folder) = installed::find(depots, &ecosystem.installed_paths(locked))
                && let Ok((folder, _)) = dir::read_folder(&folder.join(".sigpkg"))
            {
                known.add(folder.claimed_chain(), &accepted);
            }
        }
        Ok(known)
    }

    fn add(&mut self, file: &[u8], accepted: &BTreeMap<SignatoryId, Vec<Digest>>) {
        let Some((id, accepted)) = Chain::claimed_id(file).ok().and_then(|id| accepted.get_key_value(&id)) else {
            return;
        };
        let admitted = match (self.trusted.get(id), self.chains.get(id)) {
            (Some(trusted), _) => Chain::admit_beside(file, trusted.chain(), trusted.vouchers(), &Standard),
            (None, Some(known)) => Chain::admit_beside(file, known, Vouchers::Accepted(accepted), &Standard),
            (None, None) => Chain::admit_vouched(file, *id, Vouchers::Accepted(accepted), &Standard),
        };
        let Ok(admitted) = admitted else {
            return;
        };
        if let Some(trusted) = self.trusted.get_mut(id) {
            // Only a chain of another signatory cannot be merged.
            let _ = trusted.learn(&admitted, self.now);
        }
        match self.chains.get_mut(id) {
            Some(known) => {
                let _ = known.merge(&admitted);
            }
            None => {
                self.chains.insert(*id, admitted);
            }
        }
    }
}

impl Chains for KnownChains {
    fn chain(&self, id: SignatoryId) -> Option<&Chain> {
        self.chains.get(&id)
    }

    /// As the user believes; of a signatory whom the user does not trust, as the project does by this pin.
    fn is_void(&self, pin: &Pin) -> bool {
        let is_void = |trusted: &Trusted| {
            let link = trusted.chain().find(pin.digest);
            link.is_some_and(|link| trusted.belief().state(link) == Some(State::Void))
        };
        if let Some(trusted) = self.trusted.get(&pin.id) {
            return is_void(trusted);
        }
        let Some(chain) = self.chains.get(&pin.id) else {
            return false;
        };
        let by_the_pin = pin.trusted(chain.to_file().as_bytes(), self.distrusts_ed25519, self.now, &Standard);
        by_the_pin.ok().flatten().is_some_and(|trusted| is_void(&trusted))
    }
}
