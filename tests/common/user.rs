//! A user who verifies trees and chain files, and what comes of it.

#![allow(dead_code, unreachable_pub, missing_docs)]
#![allow(clippy::struct_excessive_bools, reason = "each is a switch that a test sets by its name")]

use std::path::{Path, PathBuf};

use sigpkg::digest::{Digest, SignatoryId};
use sigpkg::rule::Rule;
use sigpkg::signature::{Scheme, Standard};
use sigpkg::source::{Options, SourceTree, dir};
use sigpkg::time::Timestamp;
use sigpkg::trust::{Grade, ReservePolicy, TrustStore, Trusted};
use sigpkg::verify::{self, Expectation, Installed, Question, Reason, Step, Target, TreeTarget, Verdict};

use super::testing::{Files, Fixture, Record};

/// A user with a store of their own.
pub struct User {
    pub folder: tempfile::TempDir,
    pub store: TrustStore,
    pub now: Timestamp,
    pub id: Option<SignatoryId>,
    pub expectation: Expectation,
    pub installed_version: Option<String>,
    pub installed_tree: Option<PathBuf>,
    pub allow_downgrade: bool,
    pub strict: bool,
    pub update: bool,
    /// What the user has said, beyond what the store has: that the signing has ended, the distrust mark, the policy.
    pub ended: bool,
    pub distrust: Option<Digest>,
    pub policy: Option<ReservePolicy>,
    pub scheme: &'static dyn Scheme,
}

impl User {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            store: TrustStore::open(folder.path().join("trust")),
            folder,
            now: "2026-06-01T12:00:00Z".parse().unwrap(),
            id: None,
            expectation: Expectation::default(),
            installed_version: None,
            installed_tree: None,
            allow_downgrade: false,
            strict: false,
            update: true,
            ended: false,
            distrust: None,
            policy: None,
            scheme: &Standard,
        }
    }

    /// A user who trusts the signatory of these records, after comparing the id.
    pub fn trusting(fixture: &Fixture, records: &[Record]) -> Self {
        let user = Self { scheme: fixture.scheme(), ..Self::new() };
        user.store.add(&fixture.admit(records).unwrap(), Grade::Confirmed, user.now).unwrap();
        user
    }

    pub fn place(&self, files: &Files) -> PathBuf {
        let place = tempfile::Builder::new().tempdir_in(self.folder.path()).unwrap().keep();
        files.write_to(&place);
        place
    }

    pub fn verify(&self, files: &Files) -> Verdict {
        self.verify_folder(&self.place(files))
    }

    pub fn verify_folder(&self, place: &Path) -> Verdict {
        match read(place) {
            Ok(tree) => self.judge(&Target::Tree(TreeTarget::of(&tree))),
            Err(error) => verify::refuse_unread(error.rule().unwrap(), error.to_string()),
        }
    }

    pub fn judge(&self, target: &Target<'_>) -> Verdict {
        let mut trusted = Vec::new();
        for name in target.names(&self.expectation) {
            trusted.extend(self.store.named(&name).unwrap());
        }
        for trusted in &mut trusted {
            let mut decisions = trusted.decisions().clone();
            decisions.ended |= self.ended;
            decisions.distrust = self.distrust.or(decisions.distrust);
            decisions.reserve = self.policy.unwrap_or(decisions.reserve);
            *trusted = Trusted::new(trusted.chain().clone(), decisions);
        }
        let installed_tree = self.installed_tree.as_ref().map(|place| read(place).unwrap());
        let folder = installed_tree.as_ref().and_then(SourceTree::folder);
        let version = self.installed_version.clone();
        let question = Question {
            id: self.id,
            expectation: self.expectation.clone(),
            installed: (folder.is_some() || version.is_some()).then_some(Installed { folder, version }),
            allow_downgrade: self.allow_downgrade,
            strict: self.strict,
            distrusts_ed25519: self.store.distrusts_ed25519().unwrap().is_some(),
            ..Question::new(&trusted, self.now)
        };
        let verdict = verify::verify(target, &question, self.scheme);
        if self.update {
            for chain in verdict.admitted() {
                // An id that is not trusted is not kept.
                let _ = self.store.update(chain, self.now);
            }
        }
        verdict
    }

    /// How many statements the store has of a signatory.
    pub fn known(&self, id: SignatoryId) -> usize {
        self.store.find(id).unwrap().map_or(0, |trusted| trusted.chain().len())
    }
}

pub fn read(place: &Path) -> Result<SourceTree, sigpkg::source::SourceError> {
    dir::read(place, &Options { manifests: &TreeTarget::MANIFESTS, ..Options::default() })
}

#[track_caller]
pub fn assert_not_accepted(verdict: &Verdict, rule: Rule, word: &str, step: Step) {
    let found = verdict.reason().map(Reason::rule);
    assert_eq!((found, verdict.word(), verdict.reached()), (Some(rule), word, step), "{:?}", verdict.reason());
    assert!(verdict.verified_tree().is_none());
}

#[track_caller]
pub fn assert_refused(verdict: &Verdict, rule: Rule, step: Step) {
    assert_not_accepted(verdict, rule, "refused", step);
}

#[track_caller]
pub fn assert_accepted(verdict: &Verdict) {
    assert!(verdict.is_accepted(), "{:?}", verdict.reason());
    assert_eq!(verdict.reached(), Step::Expectation);
}

pub fn notes(verdict: &Verdict) -> Vec<&str> {
    let mut notes: Vec<_> = verdict.notes().iter().map(verify::Note::word).collect();
    notes.sort_unstable();
    notes
}

pub fn source(text: &str) -> Files {
    Files::new([("README", "read me\n"), ("src/example", text)])
}

/// Three releases of a generic package, and a user who trusts the first.
pub fn three_releases(seed: u64) -> (Fixture, Vec<Record>, [Files; 3], User) {
    let mut fixture = Fixture::new(seed);
    let mut chain = vec![fixture.genesis()];
    let trees = ["1.0.0", "1.1.0", "1.2.0"].map(|version| fixture.release_tree(&mut chain, version, &source(version)));
    let user = User::trusting(&fixture, &chain[..2]);
    (fixture, chain, trees, user)
}
