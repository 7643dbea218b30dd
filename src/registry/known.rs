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

/// How many signatories of one package are looked at. A package changes hands a few times in its life; whoever can write
/// to a repository can put any number of chains into it.
const MAX_SIGNATORIES: usize = 16;

/// The signatories of one package, in the order in which they were met.
#[derive(Clone, Debug, Default)]
pub(super) struct Signatories {
    met: Vec<Trusted>,
    /// How many of them are settled: what is known of the others is not accepted yet.
    settled: usize,
    /// The one whose chain the package goes on with, and its last statement, by what was seen before.
    current: Option<(SignatoryId, Seq, Digest)>,
}

impl Signatories {
    /// With the one that the registry remembers, if it remembers one.
    pub(super) fn remembered(head: Option<Trusted>) -> Self {
        let met: Vec<_> = head.into_iter().collect();
        Self { settled: met.len(), met, current: None }
    }

    /// Takes in what a chain file says, as far as it is valid and speaks of this package. What is not valid is refused where
    /// it is judged, and tells the registry nothing.
    ///
    /// # Errors
    ///
    /// A sentence, if there are more signatories than anybody needs.
    pub(super) fn meet(&mut self, rules: Rules<'_>, file: &[u8]) -> Result<(), String> {
        let Some(id) = Chain::claimed_id(file).ok() else { return Ok(()) };
        let is_full = self.met.len() == MAX_SIGNATORIES;
        let known = self.met.iter_mut().find(|trusted| trusted.id() == id);
        let accepted = known.iter().flat_map(|known| known.decisions().vouchers.iter().copied());
        let vouchers: Vec<Digest> = accepted.chain(rules.policy.statements(rules.uuid)).collect();
        let vouchers = Vouchers::Accepted(&vouchers);
        let admitted = match &known {
            Some(known) => Chain::admit_beside(file, known.chain(), vouchers, rules.scheme),
            None => Chain::admit_vouched(file, id, vouchers, rules.scheme),
        };
        let Some(chain) = admitted.ok().filter(|chain| chain.package() == rules.package) else { return Ok(()) };
        match known {
            // It has the id that was looked for.
            Some(known) => drop(known.learn(&chain, rules.now)),
            None if is_full => {
                return Err(format!("{} has more than {MAX_SIGNATORIES} signatories", rules.package));
            }
            None => self.met.push(Trusted::stranger(chain, rules.now)),
        }
        Ok(())
    }

    /// The chains of all who were met, for whoever asks what they say and not what to believe.
    pub(super) fn into_chains(self) -> impl Iterator<Item = Chain> {
        self.met.into_iter().map(Trusted::into_chain)
    }

    /// Accepts of those who were met what was the head when all was taken in, and then what the policy consents to.
    pub(super) fn settle(&mut self, rules: Rules<'_>) {
        for new in self.met.iter_mut().skip(self.settled) {
            *new = Trusted::first(new.chain().clone(), Grade::Confirmed, rules.now);
        }
        self.settled = self.met.len();
        for trusted in &mut self.met {
            for statement in rules.policy.statements(rules.uuid) {
                trusted.accept(statement, rules.now);
            }
        }
    }

    /// Settles those whom the registry has seen before, and says which of them the package goes on with.
    ///
    /// # Errors
    ///
    /// A sentence, if there are several and no consent says which one it is now.
    pub(super) fn settle_seen(&mut self, rules: Rules<'_>) -> Result<(), String> {
        self.settle(rules);
        let ids: Vec<_> = self.met.iter().map(Trusted::id).collect();
        let goes_on =
            |from: SignatoryId| ids.iter().any(|to| *to != from && rules.policy.allows(rules.uuid, from, *to));
        let last: Vec<_> = self.met.iter().filter(|trusted| !goes_on(trusted.id())).collect();
        self.current = match last.as_slice() {
            [] if ids.is_empty() => None,
            [one] => Some((one.id(), one.belief().head().seq(), one.belief().head().digest())),
            _ => {
                let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
                return Err(format!(
                    "the registered versions of {} are signed by {}, and no consent in the policy says which one it is now",
                    rules.package,
                    ids.join(" and ")
                ));
            }
        };
        Ok(())
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
