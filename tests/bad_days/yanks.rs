//! Yanks: found wherever the release is, and gone with their branch alone.

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
        "it deletes files".clone_into(&mut yank.reason);
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
