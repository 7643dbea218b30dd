//! The steps of section 7.3, in their order. Each is complete before the next begins.

mod installed;
mod standing;

pub(super) use self::standing::stale;

use super::about::Yanking;
use super::note::Note;
use super::question::{Question, Target, TreeTarget};
use super::reason::Reason;
use super::verdict::{Believed, Step, Verdict};
use crate::chain::{Belief, Chain, ChainError, Decided, Link, VerifiedRelease, Vouchers};
use crate::digest::{Digest, SignatoryId};
use crate::ecosystem;
use crate::listing::folder::{FolderError, FolderFile, ReleaseFiles};
use crate::listing::{Expected, compare};
use crate::package::{Package, Version};
use crate::signature::Scheme;
use crate::signature::minisign::SignatureFile;
use crate::signature::release::{ReleaseSignature, trusted_comment};
use crate::statement::{Release, Seq, Severity, Statement};
use crate::time::Timestamp;
use crate::trust::{Grade, Trusted};

pub(super) fn judge(target: &Target<'_>, question: &Question<'_>, scheme: &dyn Scheme) -> Verdict {
    let mut judge = Judge { question, scheme, verdict: Verdict::new() };
    let judged = match target {
        Target::Tree(target) => judge.tree(target),
        Target::Chain(file) => judge.chain_file(file),
    };
    match judged {
        Ok(()) => judge.verdict,
        Err(reason) => judge.verdict.refused(reason),
    }
}

/// A verification on its way.
struct Judge<'a> {
    question: &'a Question<'a>,
    scheme: &'a dyn Scheme,
    /// What is known so far.
    verdict: Verdict,
}

/// The release of a tree, in its right form and no more.
struct ReleaseForm<'a> {
    files: &'a ReleaseFiles,
    /// The text of `release.toml.minisig`.
    signature: Option<String>,
    /// The digest of `release.toml`.
    digest: Digest,
}

/// All that is known of the signatory: the records of the target together with those of the store.
struct Known {
    chain: Chain,
    decided: Decided,
    /// `None` if the user does not trust the id.
    grade: Option<Grade>,
    /// Whether the user has said that the signing has ended.
    is_ended: bool,
    head_first_seen: Timestamp,
    /// The releases that stand by the records of the store alone, oldest first.
    stood: Vec<(Seq, Version, Digest)>,
}

impl Judge<'_> {
    fn tree(&mut self, target: &TreeTarget<'_>) -> Result<(), Reason> {
        let folder = target.folder.ok_or_else(|| self.without_folder(target))?;
        let expected = folder.claimed_release().map(Expected::of).transpose().map_err(Reason::Listing)?;
        if target.detached {
            self.verdict.notes.push(Note::Detached);
        }

        let admission = self.chain_form(folder.claimed_chain())?;
        let form = folder.claimed_release().map(|files| self.release_form(files)).transpose()?;

        self.verdict.reached = Step::Chain;
        let known = self.know(admission.map_err(Reason::Chain)?)?;
        if let (Some(form), Some(admitted)) = (&form, self.verdict.admitted.first()) {
            check_release_signature(form, admitted)?;
        }

        let belief = known.chain.belief(&known.decided);
        self.enter_belief(&belief, &known);
        let digest = form.map(|form| form.digest);
        let Some((link, expected)) = digest.and_then(|digest| known.chain.find(digest)).zip(expected) else {
            self.note_waiting(&belief, &known);
            let newest = belief.newest_release().map(|newest| (newest.seq(), newest.version().clone()));
            return Err(Reason::NoRelease { newest });
        };
        let release = standing::release(&belief, link, known.decided.policy)?;
        self.note_belief(&belief, Some(release), &known);

        self.decision(&known)?;

        self.verdict.reached = Step::Release;
        check_not_withdrawn(&belief, release)?;
        self.check_not_yanked(&belief, release)?;
        self.note_adopted(release.release());

        self.verdict.reached = Step::Listing;
        let read_back = check_listing(target, &expected, release.release())?;
        let is_read_back = read_back > 0 || target.folder_read_back;
        if is_read_back {
            self.verdict.notes.push(Note::LineEnds { files: read_back });
        }

        self.verdict.reached = Step::Expectation;
        let package = known.chain.package();
        check_manifest(target, package, release.version())?;
        self.check_expected(package, Some(release.version()))?;
        self.check_upstream(release.release().upstream)?;
        let downgrade = self.check_downgrade(&belief, release)?;
        if is_read_back && self.question.strict {
            return Err(Reason::LineEnds { files: read_back });
        }
        self.check_fresh(&belief, &known)?;
        self.verdict.notes.extend(downgrade);
        self.note_installed(&belief);

        let digest = release.link().digest();
        let listing = expected.listing().clone();
        self.verdict.release = Some(Believed { decided: known.decided, chain: known.chain, digest, listing });
        Ok(())
    }

    fn chain_file(&mut self, file: &[u8]) -> Result<(), Reason> {
        let admission = self.chain_form(file)?;
        self.verdict.reached = Step::Chain;
        let known = self.know(admission.map_err(Reason::Chain)?)?;
        let belief = known.chain.belief(&known.decided);
        self.enter_belief(&belief, &known);
        self.note_belief(&belief, None, &known);
        self.note_forks();
        self.decision(&known)?;
        self.verdict.reached = Step::Expectation;
        self.check_expected(known.chain.package(), None)?;
        self.check_upstream(None)?;
        self.check_fresh(&belief, &known)
    }

    /// Step 1 for a tree without `.sigpkg`: VER-2, VER-3.
    fn without_folder(&mut self, target: &TreeTarget<'_>) -> Reason {
        let claimed = target.claimed_package();
        let is_asked_for =
            |package: &Package| claimed.as_ref() == Some(package) || self.question.expectation.names(package);
        let trusted = self.question.trusted.iter().filter(|trusted| is_asked_for(trusted.package()));
        let reason = match self.question.id {
            Some(id) => Reason::SignatureMissing { expected: vec![id] },
            // Without one, too, every one of them has ended.
            None if trusted.clone().all(|trusted| trusted.decisions().ended) => {
                Reason::Unsigned { ended: trusted.map(Trusted::id).collect() }
            }
            None => Reason::SignatureMissing { expected: trusted.map(Trusted::id).collect() },
        };
        self.verdict.claims.package = claimed;
        reason
    }

    /// Step 2 for the chain. An error is one of its form; the answer may hold one of a later step.
    fn chain_form(&mut self, file: &[u8]) -> Result<Result<Chain, ChainError>, Reason> {
        self.verdict.reached = Step::Form;
        self.verdict.claims.package = Chain::claimed_package(file).ok();
        let id = Chain::claimed_id(file).ok();
        self.verdict.claims.signatory = id;
        let admission = match (id, id.and_then(|id| self.trusted(id))) {
            (_, Some(trusted)) => Chain::admit_beside(file, trusted.chain(), trusted.vouchers(), self.scheme),
            (Some(id), None) => Chain::admit(file, id, self.scheme),
            // Without a genesis there is no id. Whichever is asked for, the file is refused: by its form or by CHN-4.
            (None, None) => Chain::admit(file, SignatoryId::of_genesis(b""), self.scheme),
        };
        match admission {
            Err(error) if is_of_form(&error) => Err(Reason::Chain(error)),
            admission => Ok(admission),
        }
    }

    /// Step 2 for the release.
    fn release_form<'files>(&mut self, files: &'files ReleaseFiles) -> Result<ReleaseForm<'files>, Reason> {
        let text = files.claimed_statement();
        let claimed = Statement::parse(text).map_err(Reason::Statement)?;
        self.verdict.claims.package = Some(claimed.package.clone());
        self.verdict.claims.seq = Some(claimed.seq);
        self.verdict.claims.version = claimed.release().map(|release| release.version.clone());
        // A byte that is no UTF-8 is refused like any other that does not belong there.
        let signature = files.claimed_signature().map(|file| String::from_utf8_lossy(file).into_owned());
        if let Some(file) = &signature {
            SignatureFile::parse(file).map_err(Reason::SignatureFile)?;
        }
        Ok(ReleaseForm { files, signature, digest: Digest::of(text) })
    }

    fn trusted(&self, id: SignatoryId) -> Option<&Trusted> {
        self.question.trusted.iter().find(|trusted| trusted.id() == id)
    }

    /// Takes the records of the store, of the target and of the installed tree together. The first chain of the
    /// verdict is that of the target from now on.
    fn know(&mut self, admitted: Chain) -> Result<Known, Reason> {
        let now = self.question.now;
        let trusted = self.trusted(admitted.id()).cloned();
        let grade = trusted.as_ref().map(|trusted| trusted.decisions().grade);
        let is_ended = trusted.as_ref().is_some_and(|trusted| trusted.decisions().ended);
        let stood = trusted.as_ref().map(standing::releases_of).unwrap_or_default();
        // For a stranger the only thing that is known is the target, and nothing of it is accepted.
        let mut known = trusted.unwrap_or_else(|| {
            if self.question.distrusts_ed25519 {
                Trusted::stranger_in_distrust(admitted.clone(), now)
            } else {
                Trusted::stranger(admitted.clone(), now)
            }
        });
        known.learn(&admitted, now).map_err(Reason::Chain)?;
        let installed = self.admit_installed(known.chain(), known.vouchers());
        if let Some(installed) = &installed {
            known.learn(installed, now).map_err(Reason::Chain)?;
        }
        self.verdict.admitted.push(admitted);
        self.verdict.admitted.extend(installed);
        let (decided, head_first_seen) = (known.decisions().decided(), known.head_first_seen(now));
        Ok(Known { decided, grade, is_ended, head_first_seen, stood, chain: known.into_chain() })
    }

    /// The chain of the installed tree, if it is one of the same signatory.
    fn admit_installed(&self, known: &Chain, vouchers: Vouchers<'_>) -> Option<Chain> {
        let file = self.question.installed.as_ref()?.folder?.claimed_chain();
        let has_id = Chain::claimed_id(file).is_ok_and(|id| id == known.id());
        has_id.then(|| Chain::admit_beside(file, known, vouchers, self.scheme).ok())?
    }

    /// Step 5: VER-9, VER-1, VER-10.
    fn decision(&mut self, known: &Known) -> Result<(), Reason> {
        self.verdict.reached = Step::Decision;
        let (found, package) = (known.chain.id(), known.chain.package());
        if let Some(expected) = self.question.id {
            return if expected == found {
                Ok(())
            } else {
                Err(Reason::OtherSignatory { expected: vec![expected], found })
            };
        }
        let Some(grade) = known.grade else {
            let of_package = self.question.trusted.iter().filter(|trusted| trusted.package() == package);
            let expected: Vec<_> = of_package.map(Trusted::id).collect();
            return Err(if expected.is_empty() {
                Reason::NotTrusted { package: Box::new(package.clone()), found }
            } else {
                Reason::OtherSignatory { expected, found }
            });
        };
        match (grade, self.question.strict) {
            (Grade::Confirmed, _) => {}
            (Grade::Seen, false) => self.verdict.notes.push(Note::Seen),
            (Grade::Seen, true) => return Err(Reason::NotConfirmed { id: found }),
        }
        Ok(())
    }

    /// VER-15
    fn check_expected(&self, package: &Package, version: Option<&Version>) -> Result<(), Reason> {
        let expectation = &self.question.expectation;
        if let Some((part, expected, found)) = expectation.first_difference(package) {
            return Err(Reason::NotExpected { part, expected, found });
        }
        match version.and_then(|version| expectation.version_difference(package, version)) {
            Some((expected, found)) => Err(Reason::NotExpected { part: "version", expected, found }),
            None => Ok(()),
        }
    }

    /// VER-60
    fn note_adopted(&mut self, release: &Release) {
        if let Some(upstream) = release.upstream {
            self.verdict.notes.push(Note::Adopted { upstream, is_unchanged: upstream == release.files });
        }
    }

    /// VER-61
    fn check_upstream(&self, found: Option<Digest>) -> Result<(), Reason> {
        match self.question.upstream {
            Some(expected) if found != Some(expected) => Err(Reason::OtherUpstream { expected, found }),
            Some(_) | None => Ok(()),
        }
    }

    /// VER-36, and the notes VER-37 and VER-38
    fn check_not_yanked(&mut self, belief: &Belief<'_>, release: VerifiedRelease<'_>) -> Result<(), Reason> {
        let Some(yanked) = belief.yank(release.link()) else {
            return Ok(());
        };
        let yanking = Yanking::of(belief, yanked);
        let note = match yanking.severity {
            Severity::Refuse => {
                let (seq, version) = (release.seq(), release.version().clone());
                return Err(Reason::Yanked { seq, version, yanking: Box::new(yanking) });
            }
            Severity::Warn => Note::YankWarning(yanking),
            Severity::Note => Note::YankNote(yanking),
        };
        self.verdict.notes.push(note);
        Ok(())
    }
}

/// The end of step 3: VER-5, and the signature file beside the release.
fn check_release_signature(form: &ReleaseForm<'_>, admitted: &Chain) -> Result<(), Reason> {
    let link = admitted.find(form.digest).filter(|link| link.statement().release().is_some());
    let (Some(link), Some(parent)) = (link, link.and_then(Link::parent)) else {
        return Err(Reason::NotInChain { digest: form.digest });
    };
    let key = &parent.statement().look_ahead().next;
    let Some(signature) = &form.signature else {
        return match key.to_public_key() {
            Some(_) => Err(Reason::Folder(FolderError::Missing { file: FolderFile::Signature })),
            None => Ok(()),
        };
    };
    let comment = trusted_comment(&admitted.id().to_string(), u64::from(link.seq().get()));
    ReleaseSignature::parse(signature, &comment)
        .and_then(|signature| signature.verify(key, form.files.claimed_statement()))
        .map_err(Reason::ReleaseSignature)
}

/// Step 6: VER-11
fn check_not_withdrawn(belief: &Belief<'_>, release: VerifiedRelease<'_>) -> Result<(), Reason> {
    match belief.withdrawal(release.link()) {
        Some(by) => Err(Reason::Withdrawn { seq: release.seq(), version: release.version().clone(), by: by.seq() }),
        None => Ok(()),
    }
}

/// Step 7: VER-12, VER-13, VER-19. Returns how many files were read back to LF.
fn check_listing(target: &TreeTarget<'_>, listed: &Expected, release: &Release) -> Result<usize, Reason> {
    let found = listed.listing().digest();
    if found != release.files {
        return Err(Reason::ListingDigest { expected: release.files, found });
    }
    let (expected, found) = (release.count, listed.listing().count());
    if found != expected {
        return Err(Reason::ListingCount { expected, found });
    }
    let comparison = compare(listed, target.tree, target.line_ends);
    let (expected, found) = (release.bytes, comparison.bytes);
    let read_back = comparison.into_result().map_err(Reason::TreeMismatch)?.len();
    if found != expected {
        return Err(Reason::Size { expected, found });
    }
    Ok(read_back)
}

/// VER-14
fn check_manifest(target: &TreeTarget<'_>, package: &Package, version: &Version) -> Result<(), Reason> {
    let expected = ecosystem::of(package.ecosystem()).manifest_paths();
    if expected.is_empty() {
        return Ok(());
    }
    let (name, manifest) = target.manifest(package.ecosystem()).ok_or(Reason::NoManifest { expected })?;
    let manifest = manifest.map_err(|error| Reason::Manifest { name, error })?;
    let or_none = |part: Option<String>| part.unwrap_or("none".to_owned());
    let uuid = |package: &Package| or_none(package.uuid().map(|uuid| uuid.to_string()));
    let parts = [
        ("name", package.name().to_string(), manifest.package.name().to_string()),
        ("uuid", uuid(package), uuid(&manifest.package)),
        ("version", version.to_string(), or_none(manifest.version.map(|version| version.to_string()))),
    ];
    match parts.into_iter().find(|(_, expected, found)| expected != found) {
        Some((part, expected, found)) => Err(Reason::ManifestMismatch { name, part, expected, found }),
        None => Ok(()),
    }
}

/// Whether an error belongs to step 2 (step 1 of section 4.2) and not to step 3.
fn is_of_form(error: &ChainError) -> bool {
    match error {
        ChainError::TooLarge { .. }
        | ChainError::Malformed { .. }
        | ChainError::Statement { .. }
        | ChainError::Block { .. }
        | ChainError::SignatureCount { .. } => true,
        ChainError::Duplicate { .. }
        | ChainError::NotAGenesis { .. }
        | ChainError::WrongSignatory { .. }
        | ChainError::Missing { .. }
        | ChainError::OutOfSequence { .. }
        | ChainError::PackageChanged { .. }
        | ChainError::LookAhead { .. }
        | ChainError::KeyReused { .. }
        | ChainError::VersionRepeated { .. }
        | ChainError::BadWithdrawal { .. }
        | ChainError::ReserveSignatureCount { .. }
        | ChainError::WrongSigner { .. }
        | ChainError::AlgorithmChanged { .. }
        | ChainError::NoSuchRelease { .. }
        | ChainError::Signature { .. } => false,
    }
}
