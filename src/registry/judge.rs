//! The judgement about one package (sections 9.3 and 9.4).

use std::collections::BTreeMap;

use crate::chain::{Chain, Link};
use crate::digest::{Digest, SignatoryId, TreeHash};
use crate::ecosystem::{Ecosystem as _, Julia, registry::Versions};
use crate::listing::TreeBuilder;
use crate::package::{EcosystemName, Package, Uuid, Version};
use crate::source::{CloneError, Clones, Glance};
use crate::statement::Severity;
use crate::trust::Trusted;
use crate::verify::{self, Expectation, Note as VerifyNote, Question, Target, TreeTarget, Verdict, Yanking, verify};

use super::Surroundings;
use super::change::{self, Candidate, Difference};
use super::head::Head;
use super::known::{Rules, Signatories};
use super::policy::Policy;
use super::report::{Change, Fault, Finding, Outcome, PackageReport, Reason};
use super::state::{PackageState, sentence};

/// What is compared with what.
pub(super) enum Against<'a> {
    /// A change: with the package of the base revision, if it has one.
    Base(Option<&'a PackageState>),
    /// An audit: with what the registry remembers.
    Head,
}

/// A package on its way.
struct Judge<'a> {
    rules: Rules<'a>,
    surroundings: &'a Surroundings<'a>,
    signatories: Signatories,
    clones: &'a Clones,
}

/// A version that has passed, and who has signed it.
type Passed = Option<SignatoryId>;

/// Judges the package whose files these are. The report has no file and no name yet.
pub(super) fn judge(
    uuid: Uuid,
    state: &PackageState,
    against: &Against<'_>,
    policy: &Policy,
    surroundings: &Surroundings<'_>,
) -> PackageReport {
    let package = &state.file.package;
    let rules = Rules { package, uuid, policy, now: surroundings.now, scheme: surroundings.scheme };
    let head = load_head(rules, surroundings);
    let Difference { candidates, mut findings } = match (against, &head) {
        (Against::Base(base), _) => {
            let empty = Versions::default();
            change::between(base.map_or(&empty, |base| &base.versions), &state.versions)
        }
        (Against::Head, Ok(Some(head))) => {
            let seen: Vec<_> = remembered(head).collect();
            change::since(seen.iter().map(|(version, tree)| (version, *tree)), &state.versions)
        }
        (Against::Head, Ok(None) | Err(_)) => change::since(std::iter::empty(), &state.versions),
    };
    if let Against::Base(Some(base)) = against {
        findings.extend(change::of_package(&base.file, &state.file));
    }
    let mut new_head = None;
    if !candidates.is_empty() {
        let judged = head.and_then(|head| {
            let base =
                if let Against::Base(Some(base)) = against { base.versions.clone() } else { Versions::default() };
            let is_audit = matches!(against, Against::Head);
            candidates_of(rules, surroundings, state, head, &base, &candidates, is_audit)
        });
        match judged {
            Ok((judged, head)) => {
                findings.extend(judged);
                new_head = Some(head);
            }
            Err(problem) => {
                findings.extend(candidates.iter().map(|candidate| could_not_tell(candidate, problem.clone())));
            }
        }
    }
    let order = |finding: &Finding| finding.version.as_ref().and_then(|version| state.versions.position(version));
    findings.sort_by_key(order);
    let mut report =
        PackageReport { uuid: Some(uuid), claimed_name: String::new(), file: String::new(), findings, head: new_head };
    if !report.has_passed() {
        report.head = None;
    }
    report
}

pub(super) fn load_head(rules: Rules<'_>, surroundings: &Surroundings<'_>) -> Result<Option<Head>, String> {
    let Some(file) = surroundings.heads.load(rules.uuid)? else { return Ok(None) };
    Head::read(&file, rules.package, rules.now, rules.scheme)
        .map(Some)
        .map_err(|error| format!("what the registry remembers of {} cannot be used: {error}", rules.package))
}

fn remembered(head: &Head) -> impl Iterator<Item = (Version, TreeHash)> {
    // A head has canonical versions alone.
    head.versions.iter().filter_map(|(version, tree)| Some((Julia.version(version).ok()?, *tree)))
}

fn could_not_tell(candidate: &Candidate, problem: String) -> Finding {
    Finding::new(candidate.change, Outcome::CouldNotTell(problem)).about(&candidate.version, candidate.entry.tree)
}

/// Judges versions. An error is a sentence about all of them: nothing can be said.
fn candidates_of(
    rules: Rules<'_>,
    surroundings: &Surroundings<'_>,
    state: &PackageState,
    head: Option<Head>,
    base: &Versions,
    candidates: &[Candidate],
    is_audit: bool,
) -> Result<(Vec<Finding>, Head), String> {
    let trees = candidates.iter().map(|candidate| candidate.entry.tree).chain(base.iter().map(|(_, entry)| entry.tree));
    let wanted: Vec<TreeHash> = trees.collect();
    let clones = surroundings.packages.clones(&state.file, &wanted)?;
    let mut head = head.unwrap_or(Head { package: rules.package.clone(), signed: None, versions: BTreeMap::new() });
    let mut signatories = Signatories::remembered(head.signed.take());
    meet_registered(&mut signatories, rules, base, &head, &clones)?;
    signatories.settle_seen(rules)?;
    let mut judge = Judge { rules, surroundings, signatories, clones: &clones };
    // What a later version brings counts for an earlier one, too. One chain is looked at at a time: there may be as many
    // as there are versions, and each may be large.
    for candidate in candidates {
        if let Ok(Glance { chain: Some(chain), .. }) = judge.glance(candidate) {
            judge.signatories.meet(rules, &chain)?;
        }
    }
    judge.signatories.settle(rules);

    let mut findings = Vec::new();
    let mut accepted = Vec::new();
    for candidate in candidates {
        let (finding, passed) = match judge.glance(candidate) {
            Ok(glance) => judge.version(candidate, &glance),
            Err(finding) => (*finding, None),
        };
        if finding.outcome == Outcome::Passed {
            head.versions.insert(candidate.version.to_string(), candidate.entry.tree);
        }
        accepted.extend(passed);
        findings.push(finding);
    }
    head.signed = judge.signatories.next(rules, &accepted).cloned();
    if let Some(signed) = &head.signed {
        findings.extend(yanks_not_marked(signed, &state.versions, candidates, is_audit));
    }
    Ok((findings, head))
}

/// Takes in the chains in the trees of the versions that the base has. One that cannot be had is not needed if the registry
/// has judged it before, or knows that it is lost (REG-9).
fn meet_registered(
    signatories: &mut Signatories,
    rules: Rules<'_>,
    base: &Versions,
    head: &Head,
    clones: &Clones,
) -> Result<(), String> {
    for (version, entry) in base.iter() {
        match clones.glance(entry.tree, &[]) {
            Ok(Glance { chain: Some(chain), .. }) => signatories.meet(rules, &chain)?,
            Ok(Glance { chain: None, .. }) => {}
            Err(_) if head.has(version, entry.tree) || rules.policy.is_lost(rules.uuid, entry.tree) => {}
            Err(error) => {
                return Err(format!(
                    "whether {} was signed before cannot be said: its registered version {version} cannot be had: {}",
                    rules.package,
                    sentence(&error)
                ));
            }
        }
    }
    Ok(())
}

/// Registered releases that the chain yanks with severity `refuse`, and the registry does not mark (REG-16).
fn yanks_not_marked(signed: &Trusted, versions: &Versions, candidates: &[Candidate], is_audit: bool) -> Vec<Finding> {
    let belief = signed.belief();
    let mut findings = Vec::new();
    for release in belief.releases() {
        let Some(entry) = versions.get(release.version()).filter(|entry| !entry.yanked) else { continue };
        let Some(yanked) = belief.yank(release.link()).filter(|yanked| yanked.severity == Severity::Refuse) else {
            continue;
        };
        // A candidate has its own verdict.
        if candidates.iter().any(|candidate| candidate.version == *release.version()) {
            continue;
        }
        let yanking = Yanking {
            by: yanked.by.seq(),
            waits: false,
            severity: yanked.severity,
            reason: yanked.yank.reason.clone(),
            advisory: yanked.yank.advisory.clone(),
            replacement: None,
        };
        let note = format!("the signatory has yanked it, and the registry does not mark it: {yanking}");
        let (seq, version) = (release.seq(), release.version().clone());
        let outcome = if is_audit {
            Outcome::of(Reason::Release(verify::Reason::Yanked { seq, version, yanking: Box::new(yanking) }))
        } else {
            Outcome::Passed
        };
        let mut finding = Finding::new(Change::Present, outcome).about(release.version(), entry.tree);
        (finding.signatory, finding.seq) = (Some(signed.id()), Some(release.seq()));
        findings.push(if is_audit { finding } else { finding.noted("not-marked", note) });
    }
    findings
}

impl Judge<'_> {
    /// Looks at a tree. The error is the finding about a tree that cannot be looked at.
    fn glance(&self, candidate: &Candidate) -> Result<Glance, Box<Finding>> {
        let Candidate { version, entry, change } = candidate;
        let error = match self.clones.glance(entry.tree, &TreeTarget::MANIFESTS) {
            Ok(glance) => return Ok(glance),
            Err(error) => error,
        };
        let finding = match error {
            // Whoever registers a version must be able to show it.
            CloneError::Missing { .. }
                if *change == Change::Present && self.rules.policy.is_lost(self.rules.uuid, entry.tree) =>
            {
                Finding::new(*change, Outcome::Lost).about(version, entry.tree)
            }
            CloneError::NotATree { tree, found } => {
                let fault = Fault::NotATree { version: version.clone(), tree, found };
                Finding::fault(*change, fault).about(version, entry.tree)
            }
            error @ (CloneError::Missing { .. } | CloneError::Source(_)) => could_not_tell(candidate, sentence(&error)),
        };
        Err(Box::new(finding))
    }

    fn version(&self, candidate: &Candidate, glance: &Glance) -> (Finding, Passed) {
        let Candidate { version, entry, change } = candidate;
        if !glance.has_folder && !self.signatories.is_signed() {
            let mut finding = Finding::new(*change, Outcome::Passed).about(version, entry.tree);
            if self.signatories.judge_of(self.rules, None).is_some() {
                finding =
                    finding.noted("before-signing", "it is not signed, and comes together with the first that is");
            }
            if let Some(problem) = self.manifest_problem(glance, version) {
                finding = finding.noted("manifest-differs", problem);
            }
            return (finding, None);
        }
        let verdict = match self.verdict(candidate, glance) {
            Ok(verdict) => verdict,
            Err(problem) => return (could_not_tell(candidate, problem), None),
        };
        let mut finding = Finding::new(*change, Outcome::Passed).about(version, entry.tree);
        (finding.signatory, finding.seq) = (verdict.claims().signatory, verdict.claims().seq);
        for note in verdict.notes().iter().filter(|note| says_something_here(note)) {
            finding = finding.noted(note.word(), note.to_string());
        }
        if let Some(reason) = verdict.reason() {
            let is_marked =
                matches!(reason, verify::Reason::Yanked { .. }) && entry.yanked && *change == Change::Present;
            if is_marked {
                return (finding.noted("registry-yank", format!("the registry marks it as yanked: {reason}")), None);
            }
            finding.outcome = Outcome::of(Reason::Release(reason.clone()));
            return (finding, None);
        }
        let Some(release) = verdict.verified_tree().map(|tree| tree.release()) else {
            // An accepted tree has one.
            return (could_not_tell(candidate, "the verdict names no release".to_owned()), None);
        };
        let link = release.link();
        let Some(id) = verdict.claims().signatory else {
            return (could_not_tell(candidate, "the verdict names no signatory".to_owned()), None);
        };
        if let Some(seen) = self.signatories.last_seen(id)
            && !self.continues(id, seen.1, link.digest())
        {
            let fault = Fault::NotContinued { seen, seq: link.seq(), version: version.clone(), digest: link.digest() };
            finding.outcome = Outcome::of(Reason::Registry(fault));
            return (finding, None);
        }
        if self.signatories.last_seen(id).is_none() {
            finding = if self.signatories.is_signed() {
                finding.noted("signatory-changed", "the policy consents to this signatory")
            } else {
                finding.noted("first-signed", format!("the package is signed from now on, by {id}"))
            };
            let consents = self.rules.policy.statements(self.rules.uuid);
            let is_reserve = |link: &Link<'_>| link.statement().reserve_change().is_some();
            if let Some(reserve) = link.path().find(|link| is_reserve(link) && !consents.contains(&link.digest())) {
                let (seq, digest) = (reserve.seq(), reserve.digest());
                let message =
                    format!("it follows reserve statement {seq} ({digest}), to which the policy does not consent");
                finding = finding.noted("reserve-taken", message);
            }
        }
        (finding, Some(id))
    }

    /// The verdict of chapter 7. An error is a sentence about a tree that cannot be read.
    fn verdict(&self, candidate: &Candidate, glance: &Glance) -> Result<Verdict, String> {
        let claimed = glance.chain.as_deref().and_then(|chain| Chain::claimed_id(chain).ok());
        let speaks_of = glance.chain.as_deref().and_then(|chain| Chain::claimed_package(chain).ok());
        let trusted: Vec<Trusted> = self.signatories.judge_of(self.rules, claimed).cloned().into_iter().collect();
        let package = self.rules.package;
        let mut question = Question::new(&trusted, self.rules.now);
        question.expectation = Expectation {
            ecosystem: Some(EcosystemName::Julia),
            name: Some(package.name().to_string()),
            uuid: package.uuid(),
            version: Some(candidate.version.to_string()),
        };
        // Of a package that is not this one no signatory is expected, so that it is refused for what it is.
        if trusted.is_empty() || speaks_of.is_some_and(|found| found != *package) {
            question.id = claimed;
        }
        if !glance.has_folder {
            let tree = TreeBuilder::new().finish().map_err(|error| error.to_string())?;
            let manifests = glance.manifests.iter().map(|(name, content)| (*name, content.as_slice())).collect();
            let target = Target::Tree(TreeTarget { manifests, ..TreeTarget::new(&tree, None) });
            return Ok(verify(&target, &question, self.surroundings.scheme));
        }
        match self.clones.tree(candidate.entry.tree, &TreeTarget::options()) {
            Ok(tree) => Ok(verify(&Target::Tree(TreeTarget::of(&tree)), &question, self.surroundings.scheme)),
            Err(CloneError::Source(error)) => match error.rule() {
                Some(rule) => Ok(verify::refuse_unread(rule, sentence(&error))),
                None => Err(sentence(&error)),
            },
            Err(error @ (CloneError::Missing { .. } | CloneError::NotATree { .. })) => Err(sentence(&error)),
        }
    }

    /// REG-14: the release and the last statement that was seen are on one path; or the release is on a branch that
    /// somebody has consented to.
    fn continues(&self, id: SignatoryId, seen: Digest, release: Digest) -> bool {
        let Some(chain) = self.signatories.judge_of(self.rules, Some(id)).map(Trusted::chain) else { return false };
        let (Some(seen), Some(release)) = (chain.find(seen), chain.find(release)) else { return false };
        let consents = self.rules.policy.statements(self.rules.uuid);
        let is_before = |earlier: Link<'_>, later: Link<'_>| later.path().any(|link| link == earlier);
        let is_consented = |link: Link<'_>| consents.contains(&link.digest()) && !is_before(link, seen);
        is_before(seen, release) || is_before(release, seen) || release.path().any(is_consented)
    }

    /// What the manifest of an unsigned tree says otherwise than the registry, in words.
    fn manifest_problem(&self, glance: &Glance, version: &Version) -> Option<String> {
        let Some((name, content)) =
            Julia.manifest_paths().iter().find_map(|name| Some((*name, glance.manifests.get(name)?)))
        else {
            return Some("the tree has no manifest".to_owned());
        };
        let manifest = match Julia.read_manifest(content) {
            Ok(manifest) => manifest,
            Err(error) => return Some(format!("{name}: {error}")),
        };
        let full = |package: &Package| {
            format!("{} {}", package.name(), package.uuid().map(|uuid| uuid.to_string()).unwrap_or_default())
        };
        let found_version = manifest.version.map_or("none".to_owned(), |version| version.to_string());
        let parts = [
            ("package", full(self.rules.package), full(&manifest.package)),
            ("version", version.to_string(), found_version),
        ];
        let (part, expected, found) = parts.into_iter().find(|(_, expected, found)| expected != found)?;
        Some(format!("the registry says {part} {expected}, {name} in the tree says {found}"))
    }
}

/// Notes about what a user has or does say nothing in a registry.
fn says_something_here(note: &VerifyNote) -> bool {
    !matches!(note, VerifyNote::NotNewest { .. } | VerifyNote::Stale(_) | VerifyNote::Seen)
}
