//! Verdicts on bad days: yanks, reserve statements, distrust, farewells, and what a user is told of them.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

mod common;

use common::testing::{Files, Fixture, Record, beat_mut, chain_file, release_mut, yank_mut};
use common::user::{User, assert_accepted, assert_not_accepted, assert_refused, notes, source};
use sigpkg::digest::{Digest, SignatoryId};
use sigpkg::package::Package;
use sigpkg::rule::Rule;
use sigpkg::statement::{BeatState, Cause, Seq, Severity};
use sigpkg::trust::ReservePolicy;
use sigpkg::verify::{Fault, Instead, Note, Reason, Replacement, Step, Target, Verdict};

/// A maintainer with a reserve of two of three, and a signed tree for each of three releases: statements 2 to 4. The
/// user trusts them all.
struct Story {
    fixture: Fixture,
    chain: Vec<Record>,
    trees: Vec<Files>,
    user: User,
}

impl Story {
    fn new(seed: u64) -> Self {
        let mut fixture = Fixture::new(seed).fast().with_reserve(2, 3);
        let mut chain = vec![fixture.genesis()];
        let trees = ["1.0.0", "1.1.0", "1.2.0"];
        let trees = trees.map(|version| fixture.release_tree(&mut chain, version, &source(version))).into();
        let user = User::trusting(&fixture, &chain);
        Self { fixture, chain, trees, user }
    }

    fn id(&self) -> SignatoryId {
        self.chain[0].signatory()
    }

    /// Makes a yank after the last statement.
    fn yank(&mut self, releases: &[u64], severity: Severity) -> Record {
        let yank = self.fixture.yank(self.chain.last().unwrap(), releases, severity);
        self.chain.push(yank.clone());
        yank
    }

    /// Makes a reserve statement after `parent`, and a tree of a release that follows it. The chain ends with them.
    fn reserve(&mut self, parent: usize, cause: Cause, version: &str) -> (Record, Files) {
        self.chain.truncate(parent + 1);
        let reserve = self.fixture.reserve_record(&self.chain[parent], cause);
        self.chain.push(reserve.clone());
        let tree = self.fixture.release_tree(&mut self.chain, version, &source(version));
        (reserve, tree)
    }

    /// Lets the user see a chain file with these records.
    fn show(&self, records: &[Record]) -> Verdict {
        self.user.judge(&Target::Chain(chain_file(records).as_bytes()))
    }

    fn show_all(&self) -> Verdict {
        self.show(&self.chain)
    }
}

fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}

fn note<T>(verdict: &Verdict, find: impl Fn(&Note) -> Option<T>) -> T {
    verdict.notes().iter().find_map(find).unwrap_or_else(|| panic!("{:?}", verdict.notes()))
}

fn installed_fault(verdict: &Verdict) -> (u32, Fault) {
    note(verdict, |note| match note {
        Note::Installed { seq, fault, .. } => Some((seq.get(), fault.clone())),
        _ => None,
    })
}

mod yanks {
    use super::*;

    #[test]
    fn the_severity_decides_between_a_note_a_warning_and_a_refusal() {
        for (severity, word) in [(Severity::Note, "yank-note"), (Severity::Warn, "yank-warning")] {
            let mut story = Story::new(301);
            let by = story.yank(&[3], severity).statement.seq;
            story.show_all();
            let verdict = story.user.verify(&story.trees[1]);
            assert_accepted(&verdict);
            assert_eq!(notes(&verdict), ["not-newest", word]);
            let yanking = verdict.yanking().unwrap();
            assert_eq!((yanking.by, yanking.severity, yanking.reason.as_str()), (by, severity, "a test yanks it"));
            assert!(!yanking.waits);
        }
        let mut story = Story::new(301);
        story.yank(&[3], Severity::Refuse);
        assert_accepted(&story.user.verify(&story.trees[1]));
        story.show_all();
        assert_refused(&story.user.verify(&story.trees[1]), Rule::Ver36, Step::Release);
        let other = story.user.verify(&story.trees[2]);
        assert_accepted(&other);
        assert!(notes(&other).is_empty() && other.yanking().is_none());
    }

    #[test]
    fn a_yank_names_its_reason_its_advisory_and_its_replacement_and_what_became_of_that() {
        let mut story = Story::new(302);
        let last = story.chain.last().unwrap().clone();
        let yank = story.fixture.yank_as(&last, &[2, 3], Severity::Refuse, |statement| {
            let yank = yank_mut(statement);
            yank.reason = "it deletes files".to_owned();
            yank.advisory = Some("JLSEC-1".to_owned());
            yank.replacement = Some(seq(4));
        });
        story.chain.push(yank);
        story.show_all();
        let verdict = story.user.verify(&story.trees[0]);
        assert_refused(&verdict, Rule::Ver36, Step::Release);
        assert_eq!(
            verdict.reason().unwrap().to_string(),
            "release 1.0.0 (statement 2) is yanked by statement 5 (refuse): \"it deletes files\", advisory \"JLSEC-1\"; \
             use 1.2.0 (statement 4) instead"
        );
        story.yank(&[4], Severity::Warn);
        story.show_all();
        let verdict = story.user.verify(&story.trees[0]);
        let Some(Reason::Yanked { seq: yanked, yanking, .. }) = verdict.reason() else { panic!("{verdict:?}") };
        assert_eq!((yanked.get(), yanking.advisory.as_deref()), (2, Some("JLSEC-1")));
        let Some(Replacement { seq: named, version, yanked, withdrawn }) = &yanking.replacement else { panic!() };
        assert_eq!((named.get(), version.as_str(), *yanked, *withdrawn), (4, "1.2.0", Some(Severity::Warn), false));
        assert!(verdict.reason().unwrap().to_string().ends_with("which is yanked itself (warn)"));
    }

    #[test]
    fn the_gravest_yank_counts_whatever_comes_later() {
        let mut story = Story::new(303);
        let grave = story.yank(&[3], Severity::Refuse).statement.seq;
        story.yank(&[3], Severity::Note);
        story.show_all();
        let verdict = story.user.verify(&story.trees[1]);
        assert_refused(&verdict, Rule::Ver36, Step::Release);
        assert_eq!(verdict.yanking().unwrap().by, grave);
    }

    #[test]
    fn a_stranger_with_an_explicit_id_is_told_too() {
        let mut story = Story::new(304);
        story.yank(&[3], Severity::Refuse);
        let tree = story.trees[1].clone().with(".sigpkg/chain", &chain_file(&story.chain));
        let stranger = User { id: Some(story.id()), scheme: story.fixture.scheme(), ..User::new() };
        assert_refused(&stranger.verify(&tree), Rule::Ver36, Step::Release);
        // The copy from before the yank cannot say it.
        assert_accepted(&stranger.verify(&story.trees[1]));
        // But what is installed may.
        let mut stranger = stranger;
        let newer = story.fixture.release_tree(&mut story.chain, "1.3.0", &source("1.3.0"));
        stranger.installed_tree = Some(stranger.place(&newer));
        assert_refused(&stranger.verify(&story.trees[1]), Rule::Ver36, Step::Release);
    }

    #[test]
    fn an_installed_or_locked_release_that_is_yanked_is_said_of_the_one_that_is_to_replace_it() {
        for severity in [Severity::Warn, Severity::Refuse] {
            let mut story = Story::new(305);
            story.yank(&[3], severity);
            let newer = story.fixture.release_tree(&mut story.chain, "1.3.0", &source("1.3.0"));
            let installed = story.user.place(&story.trees[1]);
            for (tree, version) in [(Some(installed), None), (None, Some("1.1.0".to_owned()))] {
                story.user.installed_tree = tree;
                story.user.installed_version = version;
                let verdict = story.user.verify(&newer);
                assert_accepted(&verdict);
                assert_eq!(notes(&verdict), ["installed"]);
                let (number, Fault::Yanked(yanking)) = installed_fault(&verdict) else { panic!("{verdict:?}") };
                assert_eq!((number, yanking.severity), (3, severity));
            }
        }
        let mut story = Story::new(305);
        story.yank(&[3], Severity::Note);
        let newer = story.fixture.release_tree(&mut story.chain, "1.3.0", &source("1.3.0"));
        story.user.installed_version = Some("1.1.0".to_owned());
        assert!(notes(&story.user.verify(&newer)).is_empty(), "a note is no reason to replace it");
    }

    #[test]
    fn a_yanked_release_is_no_floor_and_one_that_is_warned_of_is() {
        for (severity, is_floor) in [(Severity::Refuse, false), (Severity::Warn, true), (Severity::Note, true)] {
            let mut story = Story::new(306);
            story.yank(&[4], severity);
            story.show_all();
            story.user.installed_tree = Some(story.user.place(&story.trees[2]));
            let verdict = story.user.verify(&story.trees[1]);
            if is_floor {
                assert_refused(&verdict, Rule::Ver16, Step::Expectation);
            } else {
                assert_accepted(&verdict);
                assert_eq!(notes(&verdict), ["installed", "not-newest"]);
            }
        }
    }

    #[test]
    fn no_older_copy_branch_or_merge_strips_a_yank() {
        let mut story = Story::new(307);
        let before = story.chain.clone();
        story.yank(&[3], Severity::Refuse);
        story.show_all();
        // An older copy of the chain, in the very tree that is yanked, and alone.
        story.show(&before);
        assert_refused(&story.user.verify(&story.trees[1]), Rule::Ver36, Step::Release);
        // A branch that has no yank: contested, and the yank counts meanwhile.
        let mut branch = before.clone();
        let beside = story.fixture.release_tree(&mut branch, "1.3.0", &source("1.3.0"));
        assert_not_accepted(&story.user.verify(&beside), Rule::Ver8, "undecided", Step::Belief);
        assert_refused(&story.user.verify(&story.trees[1]), Rule::Ver36, Step::Release);
        // A merge of the two in which either side was taken.
        for merged in [branch.clone(), story.chain.clone(), [story.chain.clone(), vec![branch[4].clone()]].concat()] {
            let tree = story.trees[1].clone().with(".sigpkg/chain", &chain_file(&merged));
            assert_refused(&story.user.verify(&tree), Rule::Ver36, Step::Release);
        }
        // And what is not kept is not forgotten either.
        story.user.update = false;
        assert_refused(&story.user.verify(&story.trees[1]), Rule::Ver36, Step::Release);
    }

    #[test]
    fn a_yank_falls_with_its_branch_and_not_before() {
        let mut story = Story::new(308);
        let mut forged = story.chain.clone();
        forged.push(story.fixture.yank(&forged[3], &[2, 3, 4], Severity::Refuse));
        story.show(&forged);
        let mut next = story.fixture.release_tree(&mut story.chain, "1.3.0", &source("1.3.0"));
        story.user.verify(&next);
        for tree in &story.trees {
            assert_refused(&story.user.verify(tree), Rule::Ver36, Step::Release);
        }
        // The owner's next statement extends the other branch.
        next = story.fixture.release_tree(&mut story.chain, "1.4.0", &source("1.4.0"));
        assert_accepted(&story.user.verify(&next));
        for tree in &story.trees {
            let verdict = story.user.verify(tree);
            assert_accepted(&verdict);
            assert_eq!(notes(&verdict), ["not-newest"]);
        }
    }

    #[test]
    fn a_yank_that_waits_warns_and_forces_nothing() {
        let mut story = Story::new(309);
        story.chain.push(story.fixture.reserve_record(&story.chain[3], Cause::Stolen));
        let yank = story.yank(&[4], Severity::Refuse);
        story.show_all();
        let verdict = story.user.verify(&story.trees[2]);
        assert_accepted(&verdict);
        assert_eq!(notes(&verdict), ["waiting", "yank-warning"]);
        let yanking = verdict.yanking().unwrap();
        assert_eq!((yanking.by, yanking.severity, yanking.waits), (yank.statement.seq, Severity::Warn, true));
        story.user.store.accept(story.id(), yank.digest(), story.user.now).unwrap();
        assert_refused(&story.user.verify(&story.trees[2]), Rule::Ver36, Step::Release);
    }

    #[test]
    fn an_installed_release_that_is_withdrawn_is_said() {
        let mut story = Story::new(310);
        let newer = story.fixture.release_tree_as(&mut story.chain, "1.2.0", &source("right"), |statement| {
            release_mut(statement).withdraws = Some(seq(4));
        });
        story.user.installed_tree = Some(story.user.place(&story.trees[2]));
        let verdict = story.user.verify(&newer);
        assert_accepted(&verdict);
        assert_eq!(installed_fault(&verdict), (4, Fault::Withdrawn));
    }
}

mod reserves {
    use super::*;

    #[test]
    fn what_follows_a_reserve_statement_waits_for_the_users_word() {
        let mut story = Story::new(321);
        let (reserve, tree) = story.reserve(3, Cause::Lost, "1.3.0");
        for _ in 0..2 {
            // A verdict accepts nothing, however often it is asked for.
            let verdict = story.user.verify(&tree);
            assert_not_accepted(&verdict, Rule::Ver27, "undecided", Step::Belief);
            let waiting = verdict.waiting().unwrap();
            assert_eq!((waiting.digest, waiting.cause), (reserve.digest(), Cause::Lost));
            assert_eq!((waiting.seq.get(), waiting.reason.as_str()), (5, "a test needs it"));
        }
        let before = story.user.verify(&story.trees[2]);
        assert_accepted(&before);
        assert_eq!(notes(&before), ["waiting"], "what is installed may stay");
        assert_eq!(before.waiting().unwrap().digest, reserve.digest());
        assert_eq!(before.head().unwrap().digest, story.chain[3].digest());

        story.user.store.accept(story.id(), reserve.digest(), story.user.now).unwrap();
        let verdict = story.user.verify(&tree);
        assert_accepted(&verdict);
        assert!(notes(&verdict).is_empty() && verdict.waiting().is_none());
    }

    #[test]
    fn who_refuses_to_follow_stays_at_the_last_release_before_it_and_is_told_each_time() {
        let mut story = Story::new(322);
        let (reserve, tree) = story.reserve(3, Cause::Handover, "1.3.0");
        story.user.store.set_policy(story.id(), ReservePolicy::Refuse).unwrap();
        for _ in 0..2 {
            let verdict = story.user.verify(&tree);
            assert_refused(&verdict, Rule::Ver28, Step::Belief);
            assert_eq!(verdict.waiting().unwrap().cause, Cause::Handover);
            let before = story.user.verify(&story.trees[2]);
            assert_accepted(&before);
            assert_eq!(notes(&before), ["not-followed"]);
            assert_eq!(before.waiting().unwrap().digest, reserve.digest());
        }
        // An acceptance goes before the policy.
        story.user.store.accept(story.id(), reserve.digest(), story.user.now).unwrap();
        assert_accepted(&story.user.verify(&tree));
    }

    #[test]
    fn who_follows_by_policy_is_not_asked() {
        let mut story = Story::new(323);
        let (_, tree) = story.reserve(3, Cause::Planned, "1.3.0");
        story.user.store.set_policy(story.id(), ReservePolicy::Accept).unwrap();
        let verdict = story.user.verify(&tree);
        assert_accepted(&verdict);
        assert!(notes(&verdict).is_empty());
        let stranger = User { id: Some(story.id()), scheme: story.fixture.scheme(), ..User::new() };
        assert_accepted(&stranger.verify(&tree));
    }

    /// A thief with every link key goes on after 1.1.0, and the owner's reserve goes back behind it.
    fn stolen(seed: u64) -> (Story, [Files; 2], Record, Files) {
        let mut story = Story::new(seed);
        let mut forged = story.chain[..3].to_vec();
        let evil = ["6.6.5", "6.6.6"];
        let evil = evil.map(|version| story.fixture.release_tree(&mut forged, version, &source(version)));
        // The user has accepted what was forged, and knows nothing else.
        story.user = User::trusting(&story.fixture, &forged);
        let (reserve, tree) = story.reserve(2, Cause::Stolen, "1.2.1");
        (story, evil, reserve, tree)
    }

    #[test]
    fn a_user_who_had_accepted_what_was_forged_is_told_what_is_void_now() {
        let (story, evil, reserve, tree) = stolen(324);
        assert_accepted(&story.user.verify(&evil[1]));
        let verdict = story.show_all();
        assert_accepted(&verdict);
        assert_eq!(notes(&verdict), ["voided", "waiting"]);
        let releases = note(&verdict, |note| match note {
            Note::Voided { releases } => Some(releases.clone()),
            _ => None,
        });
        let releases: Vec<_> = releases.iter().map(|(seq, version)| (seq.get(), version.as_str())).collect();
        assert_eq!(releases, [(4, "6.6.5"), (5, "6.6.6")]);
        // Nothing has to be removed from the store by hand.
        let again = story.show_all();
        assert_eq!(notes(&again), ["waiting"], "it stood before no more");
        for tree in &evil {
            let verdict = story.user.verify(tree);
            assert_refused(&verdict, Rule::Ver7, Step::Belief);
            let Some(Reason::Void { instead, .. }) = verdict.reason() else { panic!("{verdict:?}") };
            let Instead::Waiting(waiting) = &**instead else { panic!("{instead:?}") };
            assert_eq!((waiting.digest, waiting.cause), (reserve.digest(), Cause::Stolen));
        }
        assert_accepted(&story.user.verify(&story.trees[1]));
        story.user.store.accept(story.id(), reserve.digest(), story.user.now).unwrap();
        assert_accepted(&story.user.verify(&tree));
        let verdict = story.user.verify(&evil[0]);
        let Some(Reason::Void { instead, .. }) = verdict.reason() else { panic!("{verdict:?}") };
        assert!(matches!(&**instead, Instead::Reserve(stands) if stands.digest == reserve.digest()), "{instead:?}");
    }

    #[test]
    fn what_is_void_now_is_known_of_a_target_that_does_not_stand_too() {
        let (story, _, _, tree) = stolen(325);
        let verdict = story.user.verify(&tree);
        assert_not_accepted(&verdict, Rule::Ver27, "undecided", Step::Belief);
        assert!(verdict.notes().is_empty(), "the target has not passed the step of the note");
        let voided: Vec<_> = verdict.voided().iter().map(|(seq, _)| seq.get()).collect();
        assert_eq!(voided, [4, 5]);
    }

    #[test]
    fn a_void_installed_release_is_said_and_is_no_floor() {
        let (mut story, evil, reserve, tree) = stolen(326);
        story.user.store.update(&story.fixture.admit(&story.chain).unwrap(), story.user.now).unwrap();
        story.user.store.accept(story.id(), reserve.digest(), story.user.now).unwrap();
        story.user.installed_tree = Some(story.user.place(&evil[1]));
        let verdict = story.user.verify(&tree);
        assert_accepted(&verdict);
        assert_eq!(notes(&verdict), ["installed"]);
        assert_eq!(installed_fault(&verdict), (5, Fault::Void));
        let verdict = story.user.verify(&story.trees[0]);
        assert_accepted(&verdict);
        assert_eq!(notes(&verdict), ["installed", "not-newest"]);
    }

    #[test]
    fn an_acceptance_of_what_was_forged_does_not_outrank_the_reserve() {
        let (story, evil, ..) = stolen(327);
        let forged = story.user.verify(&evil[1]).head().unwrap().digest;
        story.show_all();
        story.user.store.accept(story.id(), forged, story.user.now).unwrap();
        assert_refused(&story.user.verify(&evil[1]), Rule::Ver7, Step::Belief);
    }

    #[test]
    fn a_branch_without_the_reserve_statement_is_void_beside_two_that_are_contested() {
        let mut story = Story::new(328);
        let (one, other) = (
            story.fixture.reserve_record(&story.chain[2], Cause::Stolen),
            story.fixture.reserve_record(&story.chain[2], Cause::Planned),
        );
        story.show(&[&story.chain[..3], &[one, other]].concat());
        let verdict = story.user.verify(&story.trees[2]);
        assert_refused(&verdict, Rule::Ver7, Step::Belief);
        let Some(Reason::Void { instead, .. }) = verdict.reason() else { panic!("{verdict:?}") };
        assert!(matches!(&**instead, Instead::Contested { parent } if parent.get() == 3), "{instead:?}");
    }
}

mod distrust {
    use super::*;

    #[test]
    fn what_ed25519_alone_has_signed_after_the_mark_is_undecided_until_the_reserve_speaks() {
        let mut story = Story::new(341);
        story.user.distrust = Some(story.chain[3].digest());
        let later = story.fixture.release_tree(&mut story.chain, "1.3.0", &source("1.3.0"));
        let verdict = story.user.verify(&later);
        assert_not_accepted(&verdict, Rule::Ver29, "undecided", Step::Belief);
        let Some(Reason::Distrusted { digest, .. }) = verdict.reason() else { panic!("{verdict:?}") };
        assert_eq!(*digest, story.chain[4].digest());
        for tree in &story.trees {
            assert_accepted(&story.user.verify(tree));
        }
        // The reserve vouches for what it builds on, and what follows is signed otherwise.
        let (reserve, tree) = story.reserve(4, Cause::Algorithm, "1.4.0");
        assert_not_accepted(&story.user.verify(&tree), Rule::Ver27, "undecided", Step::Belief);
        story.user.store.accept(story.id(), reserve.digest(), story.user.now).unwrap();
        let verdict = story.user.verify(&tree);
        assert_accepted(&verdict);
        assert!(notes(&verdict).is_empty());
        assert_accepted(&story.user.verify(&later));
    }

    #[test]
    fn a_forger_of_ed25519_makes_nothing_stand_after_the_mark() {
        let mut story = Story::new(342);
        story.user.distrust = Some(story.chain[3].digest());
        let mut forged = story.chain[..2].to_vec();
        for version in ["6.0.0", "6.1.0", "6.2.0", "6.3.0"] {
            let tree = story.fixture.release_tree(&mut forged, version, &source(version));
            assert_not_accepted(&story.user.verify(&tree), Rule::Ver29, "undecided", Step::Belief);
        }
        let head = story.user.verify(&story.trees[2]);
        assert_accepted(&head);
        assert!(notes(&head).is_empty(), "neither a fork nor a newer release");
    }
}

mod freshness {
    use super::*;

    const LATER: &str = "2028-01-01T12:00:00Z";

    /// The user at a later time; the statement is the last one that he has seen, months ago.
    fn after(story: &mut Story, record: Record) {
        story.chain.push(record);
        story.show_all();
        story.user.now = LATER.parse().unwrap();
    }

    #[test]
    fn a_beat_renews_the_promise_and_the_400_days() {
        let mut story = Story::new(351);
        let promising = story.fixture.release_tree_as(&mut story.chain, "1.3.0", &source("x"), |statement| {
            statement.next_by = Some("2026-12-01".parse().unwrap());
        });
        assert_accepted(&story.user.verify(&promising));
        story.user.now = "2027-01-01T12:00:00Z".parse().unwrap();
        story.user.strict = true;
        assert_refused(&story.user.verify(&promising), Rule::Ver18, Step::Expectation);
        story.user.strict = false;
        assert_eq!(notes(&story.user.verify(&promising)), ["stale"]);
        let beat = story.fixture.beat(&story.chain[4]);
        story.chain.push(beat);
        story.show_all();
        story.user.strict = true;
        let verdict = story.user.verify(&promising);
        assert_accepted(&verdict);
        assert!(notes(&verdict).is_empty());
    }

    #[test]
    fn a_promise_of_a_contested_branch_counts() {
        let mut story = Story::new(352);
        let beats = ["2027-06-01", "2026-12-01"].map(|day| {
            story.fixture.beat_as(&story.chain[3], |statement| statement.next_by = Some(day.parse().unwrap()))
        });
        story.show(&[&story.chain[..], &beats].concat());
        story.user.now = "2026-12-02T00:00:00Z".parse().unwrap();
        let verdict = story.user.verify(&story.trees[2]);
        assert_eq!(notes(&verdict), ["rival", "stale"]);
    }

    #[test]
    fn a_chain_that_its_signatory_has_ended_is_not_silent_but_keeps_its_promise() {
        let mut story = Story::new(353);
        let farewell = |statement: &mut _| beat_mut(statement).state = BeatState::Final;
        let beat = story.fixture.beat_as(&story.chain[3], farewell);
        after(&mut story, beat);
        story.user.strict = true;
        let verdict = story.user.verify(&story.trees[2]);
        assert_accepted(&verdict);
        assert_eq!(notes(&verdict), ["final"]);

        let mut story = Story::new(353);
        let beat = story.fixture.beat_as(&story.chain[3], |statement| {
            farewell(statement);
            statement.next_by = Some("2026-12-01".parse().unwrap());
        });
        after(&mut story, beat);
        assert_eq!(notes(&story.user.verify(&story.trees[2])), ["final", "stale"]);

        // A farewell that something follows was none.
        let mut story = Story::new(353);
        let beat = story.fixture.beat_as(&story.chain[3], farewell);
        story.chain.push(beat);
        let back = story.fixture.release_tree(&mut story.chain, "2.0.0", &source("2.0.0"));
        assert!(notes(&story.user.verify(&back)).is_empty());
    }

    #[test]
    fn a_successor_is_named_whole_and_is_trusted_no_more_than_any_other() {
        let mut story = Story::new(354);
        let mut other = Fixture::of(355, Package::generic("renamed").unwrap()).fast();
        let mut other_chain = vec![other.genesis()];
        let other_tree = other.release_tree(&mut other_chain, "1.0.0", &source("renamed"));
        let successor = other_chain[0].signatory();
        let beat = story.fixture.beat_as(&story.chain[3], |statement| beat_mut(statement).successor = Some(successor));
        story.chain.push(beat);
        let verdict = story.show_all();
        assert_eq!(notes(&verdict), ["successor"]);
        assert!(verdict.notes()[0].to_string().contains(&successor.to_string()));
        assert_not_accepted(&story.user.verify(&other_tree), Rule::Ver1, "undecided", Step::Decision);
    }

    #[test]
    fn of_a_package_whose_signing_has_ended_nothing_is_stale_and_unsigned_is_unsigned() {
        let mut story = Story::new(356);
        let promising = story.fixture.release_tree_as(&mut story.chain, "1.3.0", &source("x"), |statement| {
            statement.next_by = Some("2026-12-01".parse().unwrap());
        });
        story.user.verify(&promising);
        story.user.now = LATER.parse().unwrap();
        story.user.expectation.name = Some("example".to_owned());
        assert_refused(&story.user.verify(&source("unsigned")), Rule::Ver2, Step::Tree);
        assert_eq!(notes(&story.user.verify(&promising)), ["stale"]);

        story.user.ended = true;
        story.user.strict = true;
        let verdict = story.user.verify(&promising);
        assert_accepted(&verdict);
        assert_eq!(notes(&verdict), ["ended"]);
        let verdict = story.user.verify(&source("unsigned"));
        assert_not_accepted(&verdict, Rule::Ver3, "undecided", Step::Tree);
        assert_eq!(verdict.reason(), Some(&Reason::Unsigned { ended: vec![story.id()] }));
        // An id that the caller gives is asked for, whatever was said.
        story.user.id = Some(story.id());
        assert_refused(&story.user.verify(&source("unsigned")), Rule::Ver2, Step::Tree);
    }

    #[test]
    fn a_package_is_still_known_as_signed_if_only_one_of_its_signatories_has_ended() {
        let story = Story::new(357);
        let mut other = Fixture::new(358).fast();
        let chain = other.line(&["1.0.0"]);
        let user = story.user;
        user.store.add(&other.admit(&chain).unwrap(), sigpkg::trust::Grade::Seen, user.now).unwrap();
        let mut trusted = user.store.named("example").unwrap();
        assert_eq!(trusted.len(), 2);
        let mut judge = |ended: [bool; 2]| {
            for (trusted, ended) in trusted.iter_mut().zip(ended) {
                let mut decisions = trusted.decisions().clone();
                decisions.ended = ended;
                *trusted = sigpkg::trust::Trusted::new(trusted.chain().clone(), decisions);
            }
            let tree = sigpkg::listing::TreeBuilder::new().finish().unwrap();
            let target = Target::Tree(sigpkg::verify::TreeTarget::new(&tree, None));
            let expectation = sigpkg::verify::Expectation { name: Some("example".to_owned()), ..Default::default() };
            let question =
                sigpkg::verify::Question { expectation, ..sigpkg::verify::Question::new(&trusted, user.now) };
            sigpkg::verify::verify(&target, &question, user.scheme).reason().map(Reason::rule)
        };
        assert_eq!(judge([true, false]), Some(Rule::Ver2));
        assert_eq!(judge([false, true]), Some(Rule::Ver2));
        assert_eq!(judge([true, true]), Some(Rule::Ver3));
    }
}

mod proofs {
    use super::*;

    fn forks(verdict: &Verdict) -> Vec<(u32, String, Vec<Digest>)> {
        let fork = |note: &Note| match note {
            Note::Fork { parent, key, children, .. } => Some((parent.get(), key.to_string(), children.clone())),
            _ => None,
        };
        verdict.notes().iter().filter_map(fork).collect()
    }

    #[test]
    fn a_proof_of_a_fork_convinces_whoever_has_the_id() {
        let mut story = Story::new(371);
        let forged = story.fixture.release(&story.chain[2], "6.6.6");
        let chain = story.fixture.admit(&[story.chain.clone(), vec![forged.clone()]].concat()).unwrap();
        let proof = chain.forks().next().unwrap().proof();
        let stranger = User { id: Some(story.id()), scheme: story.fixture.scheme(), ..User::new() };
        let verdict = stranger.judge(&Target::Chain(proof.as_bytes()));
        assert_accepted(&verdict);
        assert_eq!(notes(&verdict), ["fork", "rival"]);
        let mut children = vec![story.chain[3].digest(), forged.digest()];
        children.sort();
        assert_eq!(forks(&verdict), [(3, story.chain[2].next.to_string(), children.clone())]);
        let message = verdict.notes().iter().find(|note| note.word() == "fork").unwrap().to_string();
        for part in children.iter().map(ToString::to_string).chain([story.chain[2].digest().to_string()]) {
            assert!(message.contains(&part), "{message}");
        }
        // It proves nothing under another id, and nothing if a byte is changed.
        let other = User { id: Some(Story::new(372).id()), scheme: story.fixture.scheme(), ..User::new() };
        assert_refused(&other.judge(&Target::Chain(proof.as_bytes())), Rule::Ver9, Step::Decision);
        let changed = proof.replacen("6.6.6", "6.6.7", 1);
        assert_refused(&stranger.judge(&Target::Chain(changed.as_bytes())), Rule::Sig8, Step::Chain);
    }

    #[test]
    fn it_is_about_the_target_alone_and_no_tree_has_it() {
        let mut story = Story::new(373);
        let forged = story.fixture.release(&story.chain[2], "6.6.6");
        let all = [story.chain.clone(), vec![forged.clone()]].concat();
        assert_eq!(forks(&story.show(&all)).len(), 1);
        assert!(forks(&story.show(&story.chain)).is_empty(), "the store has it, the target does not");
        let tree = story.trees[0].clone().with(".sigpkg/chain", &chain_file(&all));
        assert_eq!(notes(&story.user.verify(&tree)), ["not-newest", "rival"]);
    }

    #[test]
    fn a_reserve_statement_beside_another_child_proves_nothing() {
        let mut story = Story::new(374);
        let honest = story.chain.clone();
        let (reserve, _) = story.reserve(2, Cause::Planned, "1.3.0");
        let verdict = story.show(&[honest, vec![reserve]].concat());
        assert!(forks(&verdict).is_empty());
    }
}
