//! Those who try to get round the rules: with the policy, the memory, the files of the registry, and their size.

use sigpkg::package::Uuid;
use sigpkg::registry::{Head, HeadError};
use sigpkg::signature::Standard;

use crate::common::testing::chain_file;
use crate::world::{
    Author, OTHER_UUID, Registry, UUID, World, finding, many_versions, outcome, outcomes, policy, sentence, source,
    write_tree,
};

fn empty() -> Registry {
    Registry::default().with_package("Example", UUID)
}

#[test]
fn a_change_does_not_bring_its_own_consent() {
    let (mut world, mut author, mut thief) = (World::new(), Author::new(60), Author::new(61));
    world.policy_reviewed = true;
    let base = empty().with("Example", "1.0.0", &world.put("Example", &author.release("1.0.0")));
    let consent = format!("package = \"{UUID}\"\nfrom = \"{}\"\nto = \"{}\"\n", author.id(), thief.id());
    let head = base
        .clone()
        .with("Example", "1.1.0", &world.put("Example", &thief.release("1.1.0")))
        .with_raw("SigpkgPolicy.toml", policy(&[consent]));
    assert_eq!(outcome(&world.check(&base, &head), "1.1.0"), ("refused", Some("VER-9")));
    world.policy_reviewed = false;
    assert_eq!(outcomes(&world.check(&base, &head)), [("undecided", Some("REG-8")), ("refused", Some("VER-9"))]);
}

#[test]
fn a_memory_that_was_tampered_with_lets_nothing_pass() {
    let (world, mut author, mut thief) = (World::new(), Author::new(62), Author::new(63));
    let base = empty().with("Example", "1.0.0", &world.put("Example", &author.release("1.0.0")));
    world.take_in(&empty(), &base);
    let uuid: Uuid = UUID.parse().unwrap();
    let good = String::from_utf8(world.heads.lock().unwrap()[&uuid].clone()).unwrap();
    let next = base.clone().with("Example", "1.1.0", &world.put("Example", &author.release("1.1.0")));
    let stolen = base.clone().with("Example", "1.1.0", &world.put("Example", &thief.release("1.1.0")));
    let stripped = base.clone().with("Example", "1.1.0", &world.put("Example", &author.source("1.1.0")));

    // Whoever makes the package an unsigned one in the memory meets the registered tree, which is signed.
    let unsigned = good.split("signatory").next().unwrap().to_owned();
    // Whoever puts another signatory there meets the one of the registered tree.
    let other = Head {
        package: thief.fixture.package.clone(),
        signed: {
            let world = World::new();
            let head = empty().with("Example", "1.0.0", &world.put("Example", &Author::new(63).release("1.0.0")));
            world.take_in(&empty(), &head).remove(0).head.unwrap().signed
        },
        versions: std::collections::BTreeMap::new(),
    };
    for (tampered, expected) in [
        (unsigned, ["accepted", "refused", "refused"]),
        (other.to_file(), ["unreadable"; 3]),
        (good.replacen("seq = 2", "seq = 1", 1), ["accepted", "refused", "refused"]),
        (good.replace("sigpkg-head = 1", "sigpkg-head = 2"), ["unreadable"; 3]),
        (good.replace(UUID, OTHER_UUID), ["unreadable"; 3]),
        (good.replace(&author.id(), &thief.id()), ["unreadable"; 3]),
        (good.replacen("version = \"1.0.0\"", "version = \"1.0.7\"", 1), ["unreadable"; 3]),
        (good[..good.len() - 40].to_owned(), ["unreadable"; 3]),
        (String::new(), ["unreadable"; 3]),
    ] {
        assert_ne!(tampered, good);
        world.heads.lock().unwrap().insert(uuid, tampered.clone().into_bytes());
        let found = [&next, &stolen, &stripped].map(|head| outcome(&world.check(&base, head), "1.1.0").0);
        assert_eq!(found, expected, "{tampered}");
    }
    let package = &author.fixture.package;
    let now = "2026-11-20T12:00:00Z".parse().unwrap();
    assert!(matches!(Head::read(b"\xff", package, now, &Standard), Err(HeadError::Form { .. })));
    assert!(Head::read(good.as_bytes(), package, now, &Standard).is_ok());
}

#[test]
fn a_chain_of_another_package_is_no_signature() {
    let (world, mut other) = (World::new(), Author::of(64, "Other", OTHER_UUID));
    other.release("1.0.0");
    let files = source("Example", UUID, "1.0.0")
        .with(".sigpkg/.gitattributes", sigpkg::listing::folder::GITATTRIBUTES)
        .with(".sigpkg/chain", &chain_file(&other.chain));
    let reports = world.check(&empty(), &empty().with("Example", "1.0.0", &world.put("Example", &files)));
    assert_eq!(outcomes(&reports)[0].0, "refused");
    // Nor is it one that the registry would remember.
    let base = empty().with("Example", "1.0.0", &world.put("Example", &files));
    let head = base.clone().with("Example", "1.1.0", &world.put("Example", &source("Example", UUID, "1.1.0")));
    assert_eq!(outcomes(&world.check(&base, &head)), [("accepted", None)]);
}

#[test]
fn files_of_a_registry_that_are_not_what_they_should_be_are_refused() {
    let world = World::new();
    let tree = world.put("Example", &source("Example", UUID, "1.0.0"));
    let head = empty().with("Example", "1.0.0", &tree);
    let package = |text: &str| format!("name = \"Example\"\nuuid = \"{UUID}\"\n{text}\n");
    let version = |version: &str| format!("[\"{version}\"]\ngit-tree-sha1 = \"{tree}\"\n");
    let (p, v) = ("E/Example/Package.toml", "E/Example/Versions.toml");
    for (path, content, words) in [
        (p, package("repo = \"--upload-pack=touch x\""), "begins like an option"),
        (p, package("repo = \"ext::sh -c x\""), "a blank"),
        (p, package("repo = \"ext::sh\""), "helper program"),
        (p, package("subdir = \"../x\""), "subdir"),
        (p, package("").replace("Example", "Exemple"), "expected name Example"),
        (p, package("").replace(UUID, OTHER_UUID), "expected uuid"),
        (v, version("1.2.3") + &version("v1.2.3"), "are one version"),
        (v, version("1.2.3") + &version("1.2.3"), "TOML"),
        (v, version("1.2.3").replace(&tree, "HEAD"), "tree hash"),
        ("Registry.toml", "name = \"T\"\n".to_owned(), "uuid"),
    ] {
        let reports = world.check(&empty(), &head.clone().with_raw(path, &content));
        assert_eq!(outcomes(&reports), [("refused", Some("REG-2"))], "{path}: {content}");
        let sentence = sentence(&reports[0].findings[0]);
        assert!(sentence.contains(path) && sentence.contains(words), "{sentence}");
    }
    for (path, content) in [(p, b"\xff\xfe".as_slice()), (v, b"\xff"), ("Registry.toml", b"\xc3(")] {
        let reports = world.check(&empty(), &head.clone().with_raw(path, content));
        assert_eq!(outcomes(&reports), [("refused", Some("REG-2"))], "{path}");
        assert!(sentence(&reports[0].findings[0]).contains("UTF-8"));
    }
}

#[test]
fn two_packages_of_one_id_or_in_one_folder_are_refused() {
    let world = World::new();
    let index =
        |lines: &str| format!("name = \"Test\"\nuuid = \"23338594-aafe-5451-b93e-139f81909106\"\n[packages]\n{lines}");
    let line = |uuid: &str, path: &str| format!("{uuid} = {{ name = \"Example\", path = \"{path}\" }}\n");
    for (second, words) in [(line(&UUID.to_uppercase(), "F"), "one id"), (line(OTHER_UUID, "e/EXAMPLE"), "one folder")]
    {
        let head = empty().with_raw("Registry.toml", index(&(line(UUID, "E/Example") + &second)));
        let reports = world.check(&empty(), &head);
        assert_eq!(outcomes(&reports), [("refused", Some("REG-2"))]);
        assert!(sentence(&reports[0].findings[0]).contains(words));
    }
    // The same files under a second id contradict the index.
    let head = empty().with_raw("Registry.toml", index(&(line(UUID, "E/Example") + &line(OTHER_UUID, "O"))));
    let head = head.with_raw("O/Package.toml", format!("name = \"Example\"\nuuid = \"{UUID}\"\n"));
    assert_eq!(outcomes(&world.check(&empty(), &head)), [("refused", Some("REG-2"))]);
}

#[test]
fn a_link_in_place_of_a_file_is_refused() {
    let world = World::new();
    let head = empty().with("Example", "1.0.0", &world.put("Example", &source("Example", UUID, "1.0.0")));
    let registry = world.registry();
    let target = registry.blob(b"../../../secret").unwrap();
    for path in ["Registry.toml", "E/Example/Versions.toml", "E/Example", "SigpkgPolicy.toml"] {
        let mut files = head.files();
        files.retain(|file, _| !file.starts_with(&format!("{path}/")));
        let root = registry.find_tree(write_tree(&registry, &files)).unwrap();
        let mut update = git2::build::TreeUpdateBuilder::new();
        let linked = update.upsert(path, target, git2::FileMode::Link).create_updated(&registry, &root);
        let (base, commit) = (world.commit(&empty()), world.commit_tree(linked.unwrap()));
        let reports = world.check_commits(&base, &commit);
        assert!(outcomes(&reports).iter().any(|(word, _)| *word == "refused"), "{path}: {:?}", outcomes(&reports));
    }
}

#[test]
fn what_a_version_names_must_be_a_tree() {
    let world = World::new();
    let blob = world.clone_of("Example").blob(b"no tree").unwrap().to_string();
    let reports = world.check(&empty(), &empty().with("Example", "1.0.0", &blob));
    assert_eq!(outcomes(&reports), [("refused", Some("REG-2"))]);
    assert!(sentence(finding(&reports, "1.0.0")).contains("is a file"));
}

#[test]
fn files_beyond_every_measure_are_refused_unread() {
    let world = World::new();
    // A million versions.
    let tree = "1".repeat(40);
    let versions = many_versions(1_000_000, &tree);
    let reports = world.check(&empty(), &empty().with_raw("E/Example/Versions.toml", versions));
    assert_eq!(outcomes(&reports), [("refused", Some("REG-2"))]);
    assert!(sentence(&reports[0].findings[0]).contains("at most 4194304 bytes"));
    let large = vec![b'#'; (16 << 20) + 1];
    let reports = world.check(&empty(), &empty().with_raw("Registry.toml", &large));
    assert_eq!(outcomes(&reports), [("refused", Some("REG-2"))]);
    let reports = world.check(&empty(), &empty().with_raw("E/Example/Package.toml", &large[..=64 << 10]));
    assert_eq!(outcomes(&reports), [("refused", Some("REG-2"))]);
    let reports = world.check(&empty(), &empty().with_raw("SigpkgPolicy.toml", &large[..=1 << 20]));
    assert_eq!(outcomes(&reports), [("refused", Some("REG-4"))]);
}

#[test]
fn as_many_versions_as_fit_are_judged_without_delay() {
    let world = World::new();
    let tree = world.put("Example", &source("Example", UUID, "1.0.0"));
    let versions = many_versions(20_000, &tree);
    let reports = world.check(&empty(), &empty().with_raw("E/Example/Versions.toml", versions));
    assert_eq!(reports[0].findings.len(), 20_000);
}

#[test]
fn more_signatories_than_anybody_needs_are_not_looked_at() {
    let world = World::new();
    let release = |seed: u64| world.put("Example", &Author::new(seed).release(&format!("1.{seed}.0")));
    let with = |count: u64| {
        (100..100 + count)
            .fold(empty(), |registry, seed| registry.with("Example", &format!("1.{seed}.0"), &release(seed)))
    };
    let reports = world.check(&empty(), &with(16));
    assert_eq!(outcomes(&reports)[..2], [("accepted", None), ("refused", Some("VER-9"))]);
    let reports = world.check(&empty(), &with(17));
    assert_eq!(outcomes(&reports), [("unreadable", None); 17]);
    assert!(sentence(finding(&reports, "1.100.0")).contains("more than 16 signatories"));
}

#[test]
fn registered_versions_of_two_signatories_need_a_consent_that_orders_them() {
    let (world, mut one, mut two) = (World::new(), Author::new(66), Author::new(67));
    let base = empty().with("Example", "1.0.0", &world.put("Example", &one.release("1.0.0")));
    let base = base.with("Example", "1.1.0", &world.put("Example", &two.release("1.1.0")));
    let next = world.put("Example", &two.release("1.2.0"));
    let reports = world.check(&base, &base.clone().with("Example", "1.2.0", &next));
    assert_eq!(outcomes(&reports), [("unreadable", None)]);
    let words = sentence(finding(&reports, "1.2.0"));
    assert!(words.contains(&one.id()) && words.contains(&two.id()), "{words}");
    // With it, an audit that remembers nothing finds the order, too.
    let consent = format!("package = \"{UUID}\"\nfrom = \"{}\"\nto = \"{}\"\n", one.id(), two.id());
    let base = base.with_raw("SigpkgPolicy.toml", policy(&[consent]));
    assert_eq!(outcomes(&world.check(&base, &base.clone().with("Example", "1.2.0", &next))), [("accepted", None)]);
    assert_eq!(outcomes(&world.audit(&base).0), [("accepted", None); 2]);
}

#[test]
fn a_signed_form_in_any_spelling_is_judged_as_one() {
    let (world, mut author) = (World::new(), Author::new(65));
    let files = author.release("1.0.0");
    let renamed: std::collections::BTreeMap<_, _> =
        files.0.iter().map(|(path, content)| (path.replace(".sigpkg", ".SigPkg"), content.clone())).collect();
    let tree = write_tree(&world.clone_of("Example"), &renamed).to_string();
    let reports = world.check(&empty(), &empty().with("Example", "1.0.0", &tree));
    assert_eq!(outcomes(&reports)[0].0, "refused");
}
