use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use git2::{IndexAddOption, Repository, Signature};

use super::pinning::{Allowed, NewPin, PinError, Pinned, after, plan};
use super::*;
use crate::digest::Digest;
use crate::package::Package;
use crate::testing::{Fixture, Record};
use crate::trust::{Grade, Pin};

const MANIFEST: &str = "manifest_format = \"2.0\"\n[[deps.Dates]]\nuuid = \"ade2ca70-3891-5945-98fb-dc099432e06a\"\n";

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn commit(repository: &Repository, name: &str) {
    let mut index = repository.index().unwrap();
    index.add_all(["*"], IndexAddOption::DEFAULT, None).unwrap();
    index.write().unwrap();
    let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
    let who = Signature::now("Test", "test@example.org").unwrap();
    let parent = repository.head().ok().and_then(|head| head.peel_to_commit().ok());
    let id = repository.commit(Some("HEAD"), &who, &who, name, &tree, &parent.iter().collect::<Vec<_>>()).unwrap();
    repository.tag_lightweight(name, repository.find_commit(id).unwrap().as_object(), true).unwrap();
}

fn pin_at(record: &Record) -> Pin {
    Pin {
        package: record.statement.package.clone(),
        id: record.signatory(),
        seq: record.statement.seq,
        digest: record.digest(),
        grade: Grade::Seen,
        accepted: Vec::new(),
        before_signing: Vec::new(),
    }
}

fn pins_of(pin: &Pin) -> String {
    Pins::of(vec![pin.clone()]).unwrap().to_text()
}

/// PRJ-1, PRJ-18: the revision says itself where its lockfile and its pins are.
#[test]
fn a_revision_is_read_by_its_own_manifest() {
    let folder = tempfile::tempdir().unwrap();
    let repository = Repository::init(folder.path()).unwrap();
    let app = folder.path().join("app");
    let line = Fixture::new(1).fast().line(&["1.0.0"]);
    write(&app, "Project.toml", "manifest = \"../locked/Manifest.toml\"\n");
    write(folder.path(), "locked/Manifest.toml", MANIFEST);
    write(folder.path(), "locked/Signatories.toml", &pins_of(&pin_at(&line[1])));
    commit(&repository, "one");
    write(&app, "Project.toml", "");
    write(&app, "Manifest.toml", MANIFEST);
    commit(&repository, "two");

    let one = Base::read(&app, "one", None).unwrap();
    assert_eq!((one.pins.len(), one.lockfile.as_ref().map(|lockfile| lockfile.entries.len())), (1, Some(1)));
    let two = Base::read(&app, "two", None).unwrap();
    assert_eq!((two.pins.len(), two.lockfile.is_some()), (0, true));
    assert_eq!(Base::read(&folder.path().join("locked/Manifest.toml"), "two", None).unwrap(), one);
    // What the working folder has makes no difference, nor whether there is one.
    fs::remove_dir_all(&app).unwrap();
    assert_eq!(Base::read(&app, "one", None).unwrap(), one);
    let nothing = Base::read(&folder.path().join("other"), "one", None).unwrap();
    assert_eq!((nothing.pins.len(), nothing.lockfile), (0, None));
    for (revision, path) in [("three", app.as_path()), ("one", folder.path().parent().unwrap())] {
        assert!(matches!(Base::read(path, revision, None), Err(ProjectError::Base { .. })), "{revision}");
    }
}

#[test]
fn a_revision_with_several_lockfiles_or_pins_that_are_none_says_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let repository = Repository::init(folder.path()).unwrap();
    write(folder.path(), "Manifest.toml", MANIFEST);
    write(folder.path(), "Manifest-v1.11.toml", MANIFEST);
    commit(&repository, "two");
    assert!(matches!(Base::read(folder.path(), "two", None), Err(ProjectError::Ambiguous { .. })));
    assert!(Base::read(folder.path(), "two", Some("1.11")).is_ok());
    write(folder.path(), "Signatories.toml", "<<<<<<< HEAD\n");
    commit(&repository, "conflict");
    assert!(matches!(Base::read(folder.path(), "conflict", Some("1.11")), Err(ProjectError::Pins { .. })));
}

#[test]
fn an_environment_has_neither_a_name_nor_an_id() {
    for (manifest, expected) in [
        ("", true),
        ("[deps]\n", true),
        ("manifest = \"x\"\n", true),
        ("name = \"Example\"\n", false),
        ("name = 1\n", false),
        ("uuid = \"\"\n", false),
        ("[name]\n", false),
        ("no toml", false),
    ] {
        assert_eq!(Project::names_no_package(manifest), expected, "{manifest}");
    }
}

/// PRJ-4
#[test]
fn an_empty_part_of_the_depot_path_is_the_usual_depot() {
    let home = Path::new("/home/user");
    let of = |variable: &str| depots_of(Some(variable.as_ref()), Some(home));
    let usual = home.join(".julia");
    assert_eq!(depots_of(None, Some(home)), [usual.clone()]);
    assert_eq!(of(""), [usual.clone()]);
    #[cfg(unix)]
    {
        assert_eq!(of("/depot:"), [Path::new("/depot"), &usual]);
        assert_eq!(of(":/depot:"), [&usual, Path::new("/depot")]);
        assert_eq!(of("~/depot"), [home.join("depot")]);
    }
    assert!(depots_of(None, None).is_empty());
}

/// PRJ-19
#[test]
fn a_plan_moves_pins_forward_and_names_all_that_stands_in_the_way() {
    let mut fixture = Fixture::new(2).fast();
    let line = fixture.line(&["1.0.0", "1.1.0"]);
    let other = Fixture::new(3).fast().line(&["1.0.0"]);
    let new = |record: &Record| NewPin { pin: pin_at(record), chain: fixture.admit(&line).unwrap() };
    let (none, all) = (BTreeSet::new(), BTreeSet::from([line[0].statement.package.clone()]));
    let nothing = Allowed { replace: &none, back: &none, prune: false };
    let planned = |old: &[Pin], new: &[NewPin], allowed: &Allowed<'_>| {
        plan(&Pins::of(old.to_vec()).unwrap(), new, |_: &Package| true, allowed)
    };
    let (early, late) = (pin_at(&line[1]), pin_at(&line[2]));
    assert_eq!(planned(&[], &[new(&line[1])], &nothing).unwrap(), [Pinned::Added(early.clone())]);
    assert_eq!(planned(&[early.clone()], &[new(&line[1])], &nothing).unwrap(), [Pinned::Same(early.clone())]);
    let forward = planned(&[early.clone()], &[new(&line[2])], &nothing).unwrap();
    assert_eq!(forward, [Pinned::Changed { from: Box::new(early.clone()), to: Box::new(late.clone()) }]);
    let back = planned(&[late.clone()], &[new(&line[1])], &nothing).unwrap_err();
    assert!(matches!(&back[..], [PinError::NotAfter { .. }]), "{back:?}");
    assert!(planned(&[late.clone()], &[new(&line[1])], &Allowed { replace: &all, ..nothing }).is_err());
    assert!(planned(&[late.clone()], &[new(&line[1])], &Allowed { back: &all, ..nothing }).is_ok());
    // A statement that the chain does not have may be anything.
    let unknown = Pin { digest: Digest::of(b""), ..late };
    assert!(planned(&[unknown], &[new(&line[2])], &nothing).is_err());
    let rival = pin_at(&other[1]);
    let changed = planned(&[rival.clone()], &[new(&line[2])], &nothing).unwrap_err();
    assert_eq!(changed[0].rule(), Some(crate::rule::Rule::Prj12));
    assert!(planned(&[rival.clone()], &[new(&line[2])], &Allowed { back: &all, ..nothing }).is_err());
    let replaced = planned(&[rival], &[new(&line[2])], &Allowed { replace: &all, ..nothing }).unwrap();
    assert_eq!(after(&replaced).unwrap(), Pins::of(vec![pin_at(&line[2])]).unwrap());
}

#[test]
fn what_a_colleague_has_decided_about_the_same_signatory_stays() {
    let mut fixture = Fixture::new(4).fast();
    let line = fixture.line(&["1.0.0", "1.1.0"]);
    let elsewhere = Digest::of(b"elsewhere");
    let old = Pin { grade: Grade::Confirmed, accepted: vec![line[0].digest(), elsewhere], ..pin_at(&line[1]) };
    let new = NewPin { pin: pin_at(&line[2]), chain: fixture.admit(&line).unwrap() };
    let none = BTreeSet::new();
    let allowed = Allowed { replace: &none, back: &none, prune: false };
    let planned = plan(&Pins::of(vec![old]).unwrap(), &[new], |_| true, &allowed).unwrap();
    let pins = after(&planned).unwrap();
    let pin = pins.iter().next().unwrap();
    assert_eq!((pin.grade, &pin.accepted[..]), (Grade::Confirmed, &[line[0].digest()][..]));
}

#[test]
fn a_pin_of_what_is_not_in_the_lockfile_goes_only_if_it_is_to_go() {
    let pin = pin_at(&Fixture::new(5).fast().line(&["1.0.0"])[1]);
    let (old, none) = (Pins::of(vec![pin.clone()]).unwrap(), BTreeSet::new());
    for (locked, prune, expected) in [
        (true, false, Pinned::Kept(pin.clone())),
        (true, true, Pinned::Kept(pin.clone())),
        (false, false, Pinned::Foreign(pin.clone())),
        (false, true, Pinned::Pruned(pin.clone())),
    ] {
        let allowed = Allowed { replace: &none, back: &none, prune };
        assert_eq!(plan(&old, &[], |_| locked, &allowed).unwrap(), [expected]);
    }
}
