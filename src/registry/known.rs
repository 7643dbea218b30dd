//! What a registry knows of the signatories of one package (REG-9): as a user would, whose decisions are the first
//! registration and the consents of the policy.

use crate::chain::{Chain, Vouchers};
use crate::digest::{Digest, SignatoryId};
use crate::package::{Package, Uuid};
use crate::signature::Scheme;
use crate::statement::Seq;
use crate::time::Timestamp;
use crate::trust::{Grade, Trusted};

use super::policy::Policy;

/// What decides about one package.
#[derive(Clone, Copy)]
pub(super) struct Rules<'a> {
    pub(super) package: &'a Package,
    pub(super) uuid: Uuid,
    pub(super) policy: &'a Policy,
    pub(super) now: Timestamp,
    pub(super) scheme: &'a dyn Scheme,
}

/// The signatories of one package, in the order in which they were met.
#[derive(Clone, Debug, Default)]
pub(super) struct Signatories {
    met: Vec<Trusted>,
    /// How many of them the registry has seen before.
    seen: usize,
    /// The one whose chain the package goes on with, and its last statement, by what was seen before.
    current: Option<(SignatoryId, Seq, Digest)>,
}

impl Signatories {
    /// Those that the registry has seen: in its head, and in the trees of registered versions, whose chain files these
    /// are.
    ///
    /// # Errors
    ///
    /// A sentence, if the registered versions have several signatories and no consent says which one it is now.
    pub(super) fn seen(rules: Rules<'_>, head: Option<Trusted>, files: &[Vec<u8>]) -> Result<Self, String> {
        let mut signatories = Self { met: head.into_iter().collect(), seen: 0, current: None };
        signatories.meet(rules, files);
        signatories.seen = signatories.met.len();
        let ids: Vec<_> = signatories.met.iter().map(Trusted::id).collect();
        let goes_on =
            |from: SignatoryId| ids.iter().any(|to| *to != from && rules.policy.allows(rules.uuid, from, *to));
        let last: Vec<_> = signatories.met.iter().filter(|trusted| !goes_on(trusted.id())).collect();
        signatories.current = match last.as_slice() {
            [] if ids.is_empty() => None,
            [one] => Some((one.id(), one.belief().head().seq(), one.belief().head().digest())),
            _ => {
                let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
                return Err(format!(
                    "its registered versions are signed by {}, and no consent in the policy says which one it is now",
                    ids.join(" and ")
                ));
            }
        };
        Ok(signatories)
    }

    /// Takes in what further chain files say, each as far as it is valid, and of those that are allowed alone.
    pub(super) fn meet(&mut self, rules: Rules<'_>, files: &[Vec<u8>]) {
        let statements = rules.policy.statements(rules.uuid);
        let first_new = self.met.len();
        for file in files {
            let Some(id) = Chain::claimed_id(file).ok() else { continue };
            let known = self.met.iter_mut().find(|trusted| trusted.id() == id);
            let vouchers: Vec<Digest> = known
                .iter()
                .flat_map(|known| known.decisions().vouchers.iter().copied())
                .chain(statements.iter().copied())
                .collect();
            let vouchers = Vouchers::Accepted(&vouchers);
            let admitted = match &known {
                Some(known) => Chain::admit_beside(file, known.chain(), vouchers, rules.scheme),
                None => Chain::admit_vouched(file, id, vouchers, rules.scheme),
            };
            // What is not valid is refused where it is judged, and tells the registry nothing.
            let Some(chain) = admitted.ok().filter(|chain| chain.package() == rules.package) else { continue };
            match known {
                // It has the id that was looked for.
                Some(known) => drop(known.learn(&chain, rules.now)),
                None => self.met.push(Trusted::stranger(chain, rules.now)),
            }
        }
        for new in self.met.iter_mut().skip(first_new) {
            *new = Trusted::first(new.chain().clone(), Grade::Confirmed, rules.now);
        }
        for trusted in &mut self.met {
            for statement in &statements {
                trusted.accept(*statement, rules.now);
            }
        }
    }

    /// Whether the package was signed before.
    pub(super) const fn is_signed(&self) -> bool {
        self.current.is_some()
    }

    /// The last statement of the chain with which the package goes on, as the registry has seen it before.
    pub(super) fn last_seen(&self, id: SignatoryId) -> Option<(Seq, Digest)> {
        self.current.filter(|(current, _, _)| *current == id).map(|(_, seq, digest)| (seq, digest))
    }

    /// The signatory whom a version by `claimed` is judged by: that one, if the package may go on with it; otherwise the
    /// one that was seen before, or that has begun now.
    pub(super) fn judge_of(&self, rules: Rules<'_>, claimed: Option<SignatoryId>) -> Option<&Trusted> {
        let begins = self.current.map(|(id, _, _)| id).or_else(|| self.source(rules))?;
        let allowed = claimed.filter(|claimed| self.leads(rules, begins, *claimed)).unwrap_or(begins);
        self.met.iter().find(|trusted| trusted.id() == allowed)
    }

    /// The signatory with whom the package goes on after versions by `accepted` have passed.
    pub(super) fn next(&self, rules: Rules<'_>, accepted: &[SignatoryId]) -> Option<&Trusted> {
        let current = self.current.map(|(id, _, _)| id);
        let candidates: Vec<_> = current.into_iter().chain(accepted.iter().copied()).collect();
        let is_last =
            |id: &&SignatoryId| candidates.iter().all(|other| other == *id || !self.leads(rules, **id, *other));
        let last = candidates.iter().find(is_last).or(candidates.first())?;
        self.met.iter().find(|trusted| trusted.id() == *last)
    }

    /// Of several that were met at once, the one that no consent leads to.
    fn source(&self, rules: Rules<'_>) -> Option<SignatoryId> {
        let ids = || self.met.iter().map(Trusted::id);
        let is_source = |to: &SignatoryId| ids().all(|from| from == *to || !rules.policy.allows(rules.uuid, from, *to));
        ids().find(is_source).or_else(|| ids().next())
    }

    /// Whether consents lead from one signatory to another, by way of any that were met.
    fn leads(&self, rules: Rules<'_>, from: SignatoryId, to: SignatoryId) -> bool {
        let mut reached = vec![from];
        let mut next = 0;
        while let Some(at) = reached.get(next).copied() {
            let further = self.met.iter().map(Trusted::id).filter(|id| rules.policy.allows(rules.uuid, at, *id));
            let further: Vec<_> = further.filter(|id| !reached.contains(id)).collect();
            reached.extend(further);
            next += 1;
        }
        reached.contains(&to)
    }
}
