//! Verdicts: every rule of chapter 7, and what is in the store afterwards. What happens on bad days is in `bad_days.rs`.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

mod common;

use common::testing::{Fixture, Record, chain_file, release_mut};
use common::user::{User, assert_accepted, assert_not_accepted, assert_refused, notes, read, source, three_releases};
use sigpkg::chain::Chain;
use sigpkg::digest::Digest;
use sigpkg::listing::folder::SigpkgFolder;
use sigpkg::package::{EcosystemName, Package};
use sigpkg::rule::Rule;
use sigpkg::trust::Grade;
use sigpkg::verify::{Expectation, Reason, Step, Target, TreeTarget};

const UUID: &str = "7876af07-990d-54b4-ab0e-23690620f79a";

#[test]
fn each_release_of_a_trusted_signatory_is_accepted_and_the_head_moves() {
    let (_fixture, chain, trees, user) = three_releases(101);
    let id = chain[0].signatory();
    for (index, tree) in trees.iter().enumerate() {
        let verdict = user.verify(tree);
        assert_accepted(&verdict);
        assert!(notes(&verdict).is_empty());
        let verified = verdict.verified_tree().unwrap();
        assert_eq!(verified.release().link().digest(), chain[index + 1].digest());
        assert_eq!(verified.listing().count(), 2);
        assert_eq!(verdict.claims().seq.map(|seq| seq.get() as usize), Some(index + 2));
        assert_eq!(user.known(id), index + 2);
    }
    let old = user.verify(&trees[0]);
    assert_accepted(&old);
    assert_eq!(notes(&old), ["not-newest"]);
    assert_eq!(old.head().unwrap().digest, chain[3].digest());
    assert_eq!(user.known(id), 4);
}

#[test]
fn a_signatory_that_nobody_trusts_is_undecided_and_nothing_is_kept() {
    let (_fixture, chain, trees, _) = three_releases(102);
    let user = User::new();
    assert_not_accepted(&user.verify(&trees[0]), Rule::Ver1, "undecided", Step::Decision);
    assert_eq!(user.known(chain[0].signatory()), 0);
    assert!(!user.store.home().exists());
}

#[test]
fn an_id_that_the_caller_gives_is_as_good_as_a_confirmed_one_and_is_not_kept() {
    let (_fixture, chain, trees, _) = three_releases(103);
    let user = User { id: Some(chain[0].signatory()), strict: true, ..User::new() };
    assert_accepted(&user.verify(&trees[2]));
    assert!(!user.store.home().exists());
    let (_other, other_chain, _, _) = three_releases(104);
    let user = User { id: Some(other_chain[0].signatory()), ..user };
    let verdict = user.verify(&trees[2]);
    assert_refused(&verdict, Rule::Ver9, Step::Decision);
    let expected = Reason::OtherSignatory { expected: vec![other_chain[0].signatory()], found: chain[0].signatory() };
    assert_eq!(verdict.reason(), Some(&expected));
}

#[test]
fn a_signed_package_that_comes_back_unsigned_is_refused() {
    let mut fixture = Fixture::of(105, Package::julia("Example", UUID.parse().unwrap()).unwrap());
    let manifest = format!("name = \"Example\"\nuuid = \"{UUID}\"\nversion = \"1.0.0\"\n");
    let unsigned = source("x").with("Project.toml", &manifest);
    let mut chain = vec![fixture.genesis()];
    fixture.release_tree(&mut chain, "1.0.0", &unsigned);
    let user = User::trusting(&fixture, &chain);
    // The manifest says which package it is.
    let verdict = user.verify(&unsigned);
    assert_refused(&verdict, Rule::Ver2, Step::Tree);
    assert_eq!(verdict.reason(), Some(&Reason::SignatureMissing { expected: vec![chain[0].signatory()] }));
    assert_eq!(user.known(chain[0].signatory()), 2);
    // Nobody knows this one.
    assert_not_accepted(&User::new().verify(&unsigned), Rule::Ver3, "undecided", Step::Tree);
    let other = unsigned.clone().with("Project.toml", &manifest.replace("7876af07", "00000000"));
    assert_not_accepted(&user.verify(&other), Rule::Ver3, "undecided", Step::Tree);
}

#[test]
fn a_name_or_id_that_the_caller_gives_makes_an_unsigned_tree_refused() {
    let (_fixture, chain, _, mut user) = three_releases(106);
    assert_not_accepted(&user.verify(&source("x")), Rule::Ver3, "undecided", Step::Tree);
    user.expectation.name = Some("example".to_owned());
    assert_refused(&user.verify(&source("x")), Rule::Ver2, Step::Tree);
    user.expectation.name = Some("another".to_owned());
    assert_not_accepted(&user.verify(&source("x")), Rule::Ver3, "undecided", Step::Tree);
    let stranger = User { id: Some(chain[0].signatory()), ..User::new() };
    assert_refused(&stranger.verify(&source("x")), Rule::Ver2, Step::Tree);
}

#[test]
fn a_tree_between_two_releases_is_refused_and_its_statements_are_kept() {
    let (_fixture, chain, _, user) = three_releases(107);
    let verdict = user.verify(&Fixture::folder(&chain, &source("later")));
    assert_refused(&verdict, Rule::Ver4, Step::Belief);
    let Some(Reason::NoRelease { newest: Some((seq, version)) }) = verdict.reason() else {
        panic!("{:?}", verdict.reason());
    };
    assert_eq!((seq.get(), version.as_str()), (4, "1.2.0"));
    assert_eq!(user.known(chain[0].signatory()), 4);
}

#[test]
fn a_statement_that_is_not_in_the_chain_is_refused() {
    let (fixture, chain, trees, user) = three_releases(108);
    let stale = trees[2].clone().with(".sigpkg/chain", &chain_file(&chain[..3]));
    assert_refused(&user.verify(&stale), Rule::Ver5, Step::Chain);
    let no_release = fixture.sign_folder(&chain[..1], &chain[0].next, &source("x"));
    assert_refused(&user.verify(&no_release), Rule::Ver5, Step::Chain);
    assert_eq!(user.known(chain[0].signatory()), 3, "the chain beside it was admitted");
}

#[test]
fn a_signature_file_of_another_key_or_text_is_refused() {
    let (fixture, chain, trees, user) = three_releases(109);
    let minisig = ".sigpkg/release.toml.minisig";
    // The next key is not the one that the parent announced for this statement: the old key must be asked.
    let by_next = fixture.sign_folder(&chain, &chain[3].next, &source("1.2.0"));
    assert_refused(&user.verify(&by_next), Rule::Sig7, Step::Chain);
    let of_another = trees[2].clone().with(minisig, trees[1].text(minisig));
    assert_refused(&user.verify(&of_another), Rule::Sig15, Step::Chain);
    let missing = trees[2].clone().without(minisig);
    assert_refused(&user.verify(&missing), Rule::Dir5, Step::Chain);
    let no_form = trees[2].clone().with(minisig, "untrusted comment: sigpkg signature\n");
    assert_refused(&user.verify(&no_form), Rule::Sig10, Step::Form);
    assert_eq!(user.known(chain[0].signatory()), 4, "the chain itself was admitted each time");
}

#[test]
fn form_is_judged_before_links_and_links_before_the_statement_beside_them() {
    let (_fixture, chain, trees, user) = three_releases(110);
    let broken_link = chain_file([&chain[0], &chain[2], &chain[3]]);
    let tree = trees[2].clone().with(".sigpkg/chain", &broken_link);
    assert_refused(&user.verify(&tree), Rule::Chn6, Step::Chain);
    // The form of release.toml comes before the links of the chain, and that of the chain before it.
    let tree = tree.with(".sigpkg/release.toml", "sigpkg = 2\n");
    assert_refused(&user.verify(&tree), Rule::Stm3, Step::Form);
    let tree = tree.with(".sigpkg/chain", "no statement\n");
    assert_refused(&user.verify(&tree), Rule::Chn2, Step::Form);
    let headless = trees[2].clone().with(".sigpkg/chain", &chain_file(&chain[1..]));
    assert_refused(&user.verify(&headless), Rule::Chn4, Step::Chain);
}

#[test]
fn a_tampered_statement_is_refused_and_no_state_is_kept() {
    let (_fixture, chain, trees, user) = three_releases(111);
    let forged = chain[2].text.replace("version = \"1.1.0\"", "version = \"1.1.1\"");
    let records = [chain[0].clone(), chain[1].clone(), chain[2].with_text(&forged)];
    let tree = trees[1].clone().with(".sigpkg/chain", &chain_file(&records)).with(".sigpkg/release.toml", &forged);
    assert_refused(&user.verify(&tree), Rule::Sig8, Step::Chain);
    let stolen = [chain[0].clone(), chain[1].clone(), chain[2].with_blocks_of(&chain[1])];
    let tree = trees[1].clone().with(".sigpkg/chain", &chain_file(&stolen));
    assert_refused(&user.verify(&tree), Rule::Sig7, Step::Chain);
    assert_eq!(user.known(chain[0].signatory()), 2);
    assert_eq!(user.store.list().unwrap()[0].belief().head().digest(), chain[1].digest());
    assert_accepted(&user.verify(&trees[1]));
}

#[test]
fn a_forged_release_is_contested_then_void_whatever_came_first() {
    let (mut fixture, chain, trees, _) = three_releases(112);
    // A thief of K_3 signs another statement 3.
    let mut forged_chain = chain[..2].to_vec();
    let forged = fixture.release_tree(&mut forged_chain, "1.1.0", &source("evil"));
    for first in ["owner", "thief"] {
        let user = User::trusting(&fixture, &chain[..2]);
        let (one, other) = if first == "owner" { (&trees[1], &forged) } else { (&forged, &trees[1]) };
        assert_accepted(&user.verify(one));
        assert_not_accepted(&user.verify(other), Rule::Ver8, "undecided", Step::Belief);
        assert_not_accepted(&user.verify(one), Rule::Ver8, "undecided", Step::Belief);
        let before = user.verify(&trees[0]);
        assert_accepted(&before);
        assert_eq!(notes(&before), ["rival"], "the fork beyond it is shown");
        // The owner's next release extends one branch.
        assert_accepted(&user.verify(&trees[2]));
        assert_refused(&user.verify(&forged), Rule::Ver7, Step::Belief);
        assert_accepted(&user.verify(&trees[1]));
    }
}

#[test]
fn a_decision_breaks_a_tie_and_the_rival_is_shown() {
    let (mut fixture, chain, trees, user) = three_releases(113);
    let mut forged_chain = chain[..2].to_vec();
    let forged = fixture.release_tree(&mut forged_chain, "1.1.0", &source("evil"));
    user.verify(&trees[1]);
    user.verify(&forged);
    user.store.accept(chain[0].signatory(), chain[2].digest(), user.now).unwrap();
    let verdict = user.verify(&trees[1]);
    assert_accepted(&verdict);
    assert_eq!(notes(&verdict), ["rival"]);
    assert_refused(&user.verify(&forged), Rule::Ver7, Step::Belief);
}

#[test]
fn another_signatory_of_the_same_package_is_refused_and_not_kept() {
    let (_fixture, chain, _, user) = three_releases(114);
    let (_other, other_chain, other_trees, _) = three_releases(115);
    let verdict = user.verify(&other_trees[2]);
    assert_refused(&verdict, Rule::Ver9, Step::Decision);
    let expected = Reason::OtherSignatory { expected: vec![chain[0].signatory()], found: other_chain[0].signatory() };
    assert_eq!(verdict.reason(), Some(&expected));
    assert_eq!(user.known(other_chain[0].signatory()), 0);
    assert_eq!(user.store.list().unwrap().len(), 1);
}

#[test]
fn what_a_stranger_has_withdrawn_or_voided_is_refused_with_an_explicit_id_too() {
    let (mut fixture, chain, _, _) = three_releases(134);
    let mut longer = chain.clone();
    let mistake = fixture.release_tree(&mut longer, "1.3.0", &source("mistake"));
    let withdrawn = longer[4].statement.seq;
    fixture.release_tree_as(&mut longer, "1.3.0", &source("right"), |statement| {
        release_mut(statement).withdraws = Some(withdrawn);
    });
    let user = User { id: Some(chain[0].signatory()), ..User::new() };
    let tree = mistake.with(".sigpkg/chain", &chain_file(&longer));
    assert_refused(&user.verify(&tree), Rule::Ver11, Step::Release);

    let mut forged_chain = chain[..2].to_vec();
    let forged = fixture.release_tree(&mut forged_chain, "1.1.0", &source("evil"));
    let all: Vec<_> = chain.iter().chain([&forged_chain[2]]).cloned().collect();
    let tree = forged.with(".sigpkg/chain", &chain_file(&all));
    assert_refused(&user.verify(&tree), Rule::Ver7, Step::Belief);
    assert!(!user.store.home().exists());
}

#[test]
fn an_id_that_was_only_seen_is_noted_and_refused_when_strict() {
    let (fixture, chain, trees, _) = three_releases(116);
    let mut user = User::new();
    user.store.add(&fixture.admit(&chain).unwrap(), Grade::Seen, user.now).unwrap();
    assert_eq!(notes(&user.verify(&trees[2])), ["seen"]);
    user.strict = true;
    assert_refused(&user.verify(&trees[2]), Rule::Ver10, Step::Decision);
    user.id = Some(chain[0].signatory());
    let verdict = user.verify(&trees[2]);
    assert_accepted(&verdict);
    assert!(notes(&verdict).is_empty());
}

#[test]
fn a_withdrawn_release_is_refused() {
    let (mut fixture, mut chain, _, user) = three_releases(117);
    let by_mistake = fixture.release_tree(&mut chain, "1.3.0", &source("mistake"));
    let withdrawn = chain[4].statement.seq;
    let redo = fixture.release_tree_as(&mut chain, "1.3.0", &source("right"), |statement| {
        release_mut(statement).withdraws = Some(withdrawn);
    });
    assert_accepted(&user.verify(&by_mistake));
    assert_accepted(&user.verify(&redo));
    let verdict = user.verify(&by_mistake);
    assert_refused(&verdict, Rule::Ver11, Step::Release);
    let Some(Reason::Withdrawn { seq, by, .. }) = verdict.reason() else { panic!("{:?}", verdict.reason()) };
    assert_eq!((seq.get(), by.get()), (5, 6));
}

#[test]
fn an_edited_listing_is_refused() {
    let (mut fixture, mut chain, trees, user) = three_releases(118);
    let edited = trees[0].clone().with("src/example", "evil");
    let listing = edited.listing();
    assert_refused(&user.verify(&edited.with(".sigpkg/files", &listing)), Rule::Ver12, Step::Listing);
    let miscounted =
        fixture.release_tree_as(&mut chain, "2.0.0", &source("x"), |statement| release_mut(statement).count += 1);
    assert_refused(&user.verify(&miscounted), Rule::Ver12, Step::Listing);
    let mismeasured =
        fixture.release_tree_as(&mut chain, "2.1.0", &source("x"), |statement| release_mut(statement).bytes += 1);
    assert_refused(&user.verify(&mismeasured), Rule::Ver19, Step::Listing);
}

#[test]
fn a_tampered_tree_is_refused_with_the_files_that_differ() {
    let (_fixture, chain, trees, user) = three_releases(119);
    let tampered = trees[1].clone().with("src/example", "evil").without("README").with("src/new", "x");
    let verdict = user.verify(&tampered);
    assert_refused(&verdict, Rule::Ver13, Step::Listing);
    let Some(Reason::TreeMismatch(mismatch)) = verdict.reason() else { panic!("{:?}", verdict.reason()) };
    let found: Vec<_> = mismatch.differences.iter().map(|difference| difference.path.as_str()).collect();
    assert_eq!(found, ["README", "src/example", "src/new"]);
    assert_eq!(user.known(chain[0].signatory()), 3, "its valid statements are kept");
}

#[test]
fn no_update_keeps_nothing() {
    let (_fixture, chain, trees, mut user) = three_releases(120);
    user.update = false;
    assert_accepted(&user.verify(&trees[2]));
    assert_eq!(user.known(chain[0].signatory()), 2);
}

#[test]
fn the_manifest_must_say_what_was_signed() {
    let mut fixture = Fixture::of(121, Package::julia("Example", UUID.parse().unwrap()).unwrap());
    let manifest = format!("name = \"Example\"\nuuid = \"{UUID}\"\nversion = \"1.0\"\n");
    let mut chain = vec![fixture.genesis()];
    let mut release = |chain: &mut Vec<Record>, version: &str, manifest: &str| {
        fixture.release_tree(chain, version, &source("x").with("Project.toml", manifest))
    };
    let good = release(&mut chain, "1.0.0", &manifest);
    let bad = [
        release(&mut chain, "1.0.1", &manifest),
        release(&mut chain, "1.0.2", &manifest.replace("Example", "Exemple").replace("1.0", "1.0.2")),
        release(&mut chain, "1.0.3", &manifest.replace("7876af07", "00000000").replace("1.0", "1.0.3")),
        release(&mut chain, "1.0.4", "name = \"Example\"\n"),
        release(&mut chain, "1.0.5", "not = toml = at all"),
        release(&mut chain, "1.0.6", &manifest.replace("version", "varsion")),
    ];
    let no_manifest = fixture.release_tree(&mut chain, "1.0.7", &source("x"));
    let user = User::trusting(&fixture, &chain[..1]);
    assert_accepted(&user.verify(&good));
    for tree in bad.iter().chain([&no_manifest]) {
        assert_refused(&user.verify(tree), Rule::Ver14, Step::Expectation);
    }
}

#[test]
fn what_the_caller_expects_must_be_what_is_there() {
    let (_fixture, _, trees, mut user) = three_releases(122);
    let expect = |name: Option<&str>, version: Option<&str>| Expectation {
        name: name.map(str::to_owned),
        version: version.map(str::to_owned),
        ..Expectation::default()
    };
    for (name, version) in [(Some("example"), None), (None, Some("1.1.0")), (Some("example"), Some("1.1.0"))] {
        user.expectation = expect(name, version);
        assert_accepted(&user.verify(&trees[1]));
    }
    for (name, version) in [(Some("exemple"), None), (Some("example"), Some("1.2.0")), (None, Some("1.1"))] {
        user.expectation = expect(name, version);
        assert_refused(&user.verify(&trees[1]), Rule::Ver15, Step::Expectation);
    }
    user.expectation = Expectation { ecosystem: Some(EcosystemName::Julia), ..Expectation::default() };
    assert_refused(&user.verify(&trees[1]), Rule::Ver15, Step::Expectation);
    user.expectation = Expectation { uuid: Some(UUID.parse().unwrap()), ..Expectation::default() };
    assert_refused(&user.verify(&trees[1]), Rule::Ver15, Step::Expectation);
}

#[test]
fn a_downgrade_is_refused_unless_it_is_allowed() {
    let (_fixture, _, trees, mut user) = three_releases(123);
    assert_accepted(&user.verify(&trees[2]));
    user.installed_version = Some("1.1.0".to_owned());
    assert_refused(&user.verify(&trees[0]), Rule::Ver16, Step::Expectation);
    for tree in &trees[1..] {
        assert_accepted(&user.verify(tree));
    }
    user.installed_version = Some("0.9.0".to_owned());
    assert_accepted(&user.verify(&trees[0]));
    user.installed_version = Some("1.1.0".to_owned());
    user.allow_downgrade = true;
    let verdict = user.verify(&trees[0]);
    assert_accepted(&verdict);
    assert_eq!(notes(&verdict), ["downgrade-allowed", "not-newest"]);
}

#[test]
fn what_is_installed_is_known_even_if_the_store_has_not_seen_it() {
    let (_fixture, chain, trees, mut user) = three_releases(124);
    user.installed_tree = Some(user.place(&trees[2]));
    assert_refused(&user.verify(&trees[1]), Rule::Ver16, Step::Expectation);
    assert_eq!(user.known(chain[0].signatory()), 4, "the statements of the installed tree are kept");
}

#[test]
fn a_back_port_is_no_downgrade_and_an_older_version_of_a_later_statement_neither() {
    let mut fixture = Fixture::of(125, Package::julia("Example", UUID.parse().unwrap()).unwrap());
    let manifest = |version: &str| format!("name = \"Example\"\nuuid = \"{UUID}\"\nversion = \"{version}\"\n");
    let mut chain = vec![fixture.genesis()];
    let trees = ["1.0.0", "2.0.0", "1.0.1"].map(|version| {
        fixture.release_tree(&mut chain, version, &source(version).with("Project.toml", &manifest(version)))
    });
    let mut user = User::trusting(&fixture, &chain);
    user.installed_version = Some("2.0.0".to_owned());
    assert_accepted(&user.verify(&trees[2]));
    assert_refused(&user.verify(&trees[0]), Rule::Ver16, Step::Expectation);
    user.installed_version = Some("1.0.1".to_owned());
    assert_accepted(&user.verify(&trees[1]));
}

#[test]
fn a_void_or_withdrawn_installed_release_is_no_floor() {
    let (mut fixture, chain, trees, _) = three_releases(126);
    let mut forged_chain = chain[..2].to_vec();
    let forged = fixture.release_tree(&mut forged_chain, "9.0.0", &source("evil"));
    let mut user = User::trusting(&fixture, &chain);
    user.installed_tree = Some(user.place(&forged));
    assert_accepted(&user.verify(&trees[0]));
    let mut longer = chain.clone();
    let mistake = fixture.release_tree(&mut longer, "1.3.0", &source("mistake"));
    let withdrawn = longer[4].statement.seq;
    fixture.release_tree_as(&mut longer, "1.3.0", &source("right"), |statement| {
        release_mut(statement).withdraws = Some(withdrawn);
    });
    let mut user = User::trusting(&fixture, &longer);
    user.installed_tree = Some(user.place(&mistake));
    assert_accepted(&user.verify(&trees[0]));
}

#[test]
fn line_ends_that_were_turned_are_read_back_and_refused_when_strict() {
    let (_fixture, _, trees, mut user) = three_releases(127);
    let mut crlf = trees[1].clone();
    for content in crlf.0.values_mut() {
        *content = String::from_utf8(content.clone()).unwrap().replace('\n', "\r\n").into_bytes();
    }
    let verdict = user.verify(&crlf);
    assert_accepted(&verdict);
    assert_eq!(notes(&verdict), ["line-ends"]);
    user.strict = true;
    assert_refused(&user.verify(&crlf), Rule::Ver17, Step::Expectation);
}

#[test]
fn a_stale_chain_is_noted_and_refused_when_strict() {
    let (mut fixture, chain, trees, mut user) = three_releases(128);
    let mut longer = chain.clone();
    user.verify(&trees[2]);
    user.now = "2027-07-06T12:00:00Z".parse().unwrap();
    assert!(notes(&user.verify(&trees[2])).is_empty(), "400 days");
    user.now = "2027-07-06T12:00:01Z".parse().unwrap();
    assert_eq!(notes(&user.verify(&trees[2])), ["stale"], "400 days and a second");
    user.strict = true;
    assert_refused(&user.verify(&trees[2]), Rule::Ver18, Step::Expectation);
    let promising = fixture.release_tree_as(&mut longer, "1.3.0", &source("x"), |statement| {
        statement.next_by = Some("2027-08-01".parse().unwrap());
    });
    assert_accepted(&user.verify(&promising));
    user.now = "2027-08-01T23:59:59Z".parse().unwrap();
    assert_accepted(&user.verify(&promising));
    user.now = "2027-08-02T00:00:00Z".parse().unwrap();
    assert_refused(&user.verify(&promising), Rule::Ver18, Step::Expectation);
    user.strict = false;
    assert_eq!(notes(&user.verify(&promising)), ["stale"]);
}

#[test]
fn signatures_from_elsewhere_take_the_place_of_those_in_the_tree_visibly() {
    let (_fixture, _, trees, user) = three_releases(129);
    let plain = user.place(&source("1.1.0"));
    let signed = read(&user.place(&trees[1])).unwrap();
    let folder: &SigpkgFolder = signed.folder().unwrap();
    let tree = read(&plain).unwrap();
    let verdict = user.judge(&Target::Tree(TreeTarget::of(&tree).with_detached(folder, false)));
    assert_accepted(&verdict);
    assert_eq!(notes(&verdict), ["detached"]);
    let other = read(&user.place(&trees[2])).unwrap();
    let verdict = user.judge(&Target::Tree(TreeTarget::of(&other).with_detached(folder, false)));
    assert_refused(&verdict, Rule::Ver13, Step::Listing);
}

#[test]
fn a_chain_file_is_judged_without_a_tree() {
    let (fixture, chain, _, mut user) = three_releases(130);
    let file = chain_file(&chain);
    let verdict = user.judge(&Target::Chain(file.as_bytes()));
    assert_accepted(&verdict);
    assert!(verdict.verified_tree().is_none());
    assert_eq!((verdict.claims().seq, &verdict.claims().version), (None, &None));
    assert_eq!(user.known(chain[0].signatory()), 4);
    user.expectation.name = Some("another".to_owned());
    assert_refused(&user.judge(&Target::Chain(file.as_bytes())), Rule::Ver15, Step::Expectation);
    let cut = &file[..file.len() - 1];
    assert_refused(&user.judge(&Target::Chain(cut.as_bytes())), Rule::Chn2, Step::Form);
    let stranger = User::new();
    let verdict = stranger.judge(&Target::Chain(file.as_bytes()));
    assert_not_accepted(&verdict, Rule::Ver1, "undecided", Step::Decision);
    assert!(fixture.admit(&chain).is_ok());
}

#[test]
fn what_is_no_tree_is_refused_in_the_first_step() {
    let (_fixture, _, trees, user) = three_releases(131);
    for (path, rule) in [(".sigpkg/surplus", Rule::Dir3), ("src/nul", Rule::Tree4), ("SRC/example", Rule::Tree9)] {
        assert_refused(&user.verify(&trees[1].clone().with(path, "x")), rule, Step::Tree);
    }
    let listing = trees[1].text(".sigpkg/files").to_uppercase();
    let tree = trees[1].clone().with(".sigpkg/files", &listing);
    assert_refused(&user.verify(&tree), Rule::Tree12, Step::Tree);
}

/// VER-30, VER-31, VER-32: what the store owes, seen from a verification.
#[test]
fn the_store_is_the_same_after_any_order_of_verifications() {
    let (mut fixture, chain, trees, _) = three_releases(132);
    let mut forged_chain = chain[..2].to_vec();
    let forged = fixture.release_tree(&mut forged_chain, "1.1.0", &source("evil"));
    let all = [&trees[0], &trees[1], &trees[2], &forged];
    let state_after = |order: [usize; 4]| {
        let user = User::trusting(&fixture, &chain[..2]);
        for index in order {
            user.verify(all[index]);
        }
        let trusted = user.store.find(chain[0].signatory()).unwrap().unwrap();
        (trusted.chain().to_file(), trusted.belief().head().digest(), trusted.decisions().accepted.clone())
    };
    let expected = state_after([0, 1, 2, 3]);
    for order in [[3, 2, 1, 0], [1, 3, 0, 2], [3, 0, 2, 1], [2, 3, 1, 0]] {
        assert_eq!(state_after(order), expected, "{order:?}");
    }
}

/// VER-34
#[test]
fn flags_in_the_store_are_not_believed() {
    let (_fixture, chain, trees, user) = three_releases(133);
    let entry = user.store.home().join("generic/example").join(chain[0].signatory().to_string()).join("trust.toml");
    let text = std::fs::read_to_string(&entry).unwrap();
    // Whatever is said to be the head, the head is computed.
    let nonsense = Digest::of(b"nonsense").to_string();
    std::fs::write(&entry, text.replace(&chain[1].digest().to_string(), &nonsense)).unwrap();
    let verdict = user.verify(&trees[0]);
    assert_accepted(&verdict);
    assert_eq!(verdict.head().unwrap().digest, chain[1].digest());
    assert!(Chain::claimed_id(chain_file(&chain).as_bytes()).is_ok());
}
