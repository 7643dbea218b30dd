//! What a registry is told about each rule of spec/9-registries.md.

use git2::Oid;

use crate::cases::Case;
use crate::user::User;
use crate::world::{Author, Registry, UUID, World, policy};

fn empty() -> Registry {
    Registry::default().with_package("Example", UUID)
}

/// The cases of the chapter about registries.
pub(crate) fn cases() -> Vec<Case> {
    vec![
        malformed(),
        malformed_policy(),
        replaced(),
        removed(),
        renamed(),
        policy_changed(),
        not_continued(),
        stripped(),
        stranger(),
        first_signed(),
        before_signing(),
        consented(),
        moved(),
        yanked(),
        other_manifest(),
    ]
}

fn case(id: &str, summary: &str, world: World, base: &Registry, head: &Registry) -> Case {
    let (base, head) = (world.commit(base), world.commit(head));
    {
        let registry = world.registry();
        for (name, commit) in [("main", &base), ("submitted", &head)] {
            registry.reference(&format!("refs/heads/{name}"), Oid::from_str(commit).unwrap(), true, "a state").unwrap();
        }
    }
    let user = User::in_folder(world.folder);
    let arguments = [
        "registry",
        "check",
        "--registry",
        "registry.git",
        "--packages",
        "packages",
        "--base",
        "main",
        "--head",
        "submitted",
    ];
    let rule = (!id.starts_with("accept")).then(|| id.splitn(3, '-').take(2).collect::<Vec<_>>().join("-"));
    Case { id: id.to_owned(), summary: summary.to_owned(), rule, shown: user.show(&arguments) }
}

fn malformed() -> Case {
    let (world, author) = (World::new(), Author::new(1));
    let head = empty().with("Example", "1.0.0", &world.put("Example", &author.source("1.0.0")));
    let versions = "[\"1.0.0\"]\ngit-tree-sha1 = \"HEAD\"\n";
    case(
        "REG-2-tree",
        "a version has no tree hash",
        world,
        &empty(),
        &head.with_raw("E/Example/Versions.toml", versions),
    )
}

fn malformed_policy() -> Case {
    let head = empty().with_raw("SigpkgPolicy.toml", "sigpkg-registry = 2\n");
    case("REG-4-version", "a policy of a version that there is not", World::new(), &empty(), &head)
}

fn replaced() -> Case {
    let (world, mut author) = (World::new(), Author::new(2));
    let base = empty().with("Example", "1.0.0", &world.put("Example", &author.release("1.0.0")));
    let head = base.clone().with("Example", "1.0.0", &world.put("Example", &author.source("1.0.0")));
    case("REG-5-replaced", "a version that is there gets another tree", world, &base, &head)
}

fn removed() -> Case {
    let (world, mut author) = (World::new(), Author::new(3));
    let base = empty().with("Example", "1.0.0", &world.put("Example", &author.release("1.0.0")));
    case("REG-6-removed", "a version is taken away", world, &base, &empty())
}

fn renamed() -> Case {
    let (world, mut author) = (World::new(), Author::new(4));
    let tree = world.put("Example", &author.release("1.0.0"));
    let base = empty().with("Example", "1.0.0", &tree);
    let head = Registry::default().with_package("Exemple", UUID).with("Exemple", "1.0.0", &tree);
    case("REG-7-renamed", "the id of a package gets another name", world, &base, &head)
}

fn policy_changed() -> Case {
    let (author, other) = (Author::new(5), Author::new(6));
    let consent = format!("package = \"{UUID}\"\nfrom = \"{}\"\nto = \"{}\"\n", author.id(), other.id());
    let head = empty().with_raw("SigpkgPolicy.toml", policy(&[consent]));
    case("REG-8-consent", "a change brings its own consent", World::new(), &empty(), &head)
}

fn not_continued() -> Case {
    let (world, mut author) = (World::new(), Author::new(7));
    let seen = author.release("1.0.0");
    let mut branch = vec![author.chain[0].clone()];
    let base = empty().with("Example", "1.0.0", &world.put("Example", &seen));
    let files = author.source("1.1.0");
    author.fixture.release_tree(&mut branch, "1.1.0", &files);
    let files = author.source("1.2.0");
    let extended = author.fixture.release_tree(&mut branch, "1.2.0", &files);
    let head = base.clone().with("Example", "1.2.0", &world.put("Example", &extended));
    case("REG-14-branch", "a branch that does not follow what the registry has seen", world, &base, &head)
}

fn stripped() -> Case {
    let (world, mut author) = (World::new(), Author::new(8));
    let base = empty().with("Example", "1.0.0", &world.put("Example", &author.release("1.0.0")));
    let head = base.clone().with("Example", "1.1.0", &world.put("Example", &author.source("1.1.0")));
    case("VER-2-registry", "a signed package comes without its signature", world, &base, &head)
}

fn stranger() -> Case {
    let (world, mut author, mut other) = (World::new(), Author::new(9), Author::new(10));
    let base = empty().with("Example", "1.0.0", &world.put("Example", &author.release("1.0.0")));
    let head = base.clone().with("Example", "1.1.0", &world.put("Example", &other.release("1.1.0")));
    case("VER-9-registry", "somebody else has signed the next version", world, &base, &head)
}

fn first_signed() -> Case {
    let (world, mut author) = (World::new(), Author::new(11));
    let base = empty().with("Example", "1.0.0", &world.put("Example", &author.source("1.0.0")));
    let head = base.clone().with("Example", "1.1.0", &world.put("Example", &author.release("1.1.0")));
    case("accept-registry-first-signed", "a package is signed from now on", world, &base, &head)
}

fn before_signing() -> Case {
    let (world, mut author) = (World::new(), Author::new(12));
    let head = empty().with("Example", "1.0.0", &world.put("Example", &author.source("1.0.0")));
    let head = head.with("Example", "1.1.0", &world.put("Example", &author.release("1.1.0")));
    case("accept-registry-before-signing", "an unsigned and a signed version come together", world, &empty(), &head)
}

fn consented() -> Case {
    let (world, mut author, mut other) = (World::new(), Author::new(13), Author::new(14));
    let consent = format!("package = \"{UUID}\"\nfrom = \"{}\"\nto = \"{}\"\n", author.id(), other.id());
    let base = empty().with_raw("SigpkgPolicy.toml", policy(&[consent]));
    let base = base.with("Example", "1.0.0", &world.put("Example", &author.release("1.0.0")));
    let head = base.clone().with("Example", "1.1.0", &world.put("Example", &other.release("1.1.0")));
    case("accept-registry-consent", "somebody else goes on, by consent of the registry", world, &base, &head)
}

fn moved() -> Case {
    let (world, mut author) = (World::new(), Author::new(15));
    let base = empty().with("Example", "1.0.0", &world.put("Example", &author.release("1.0.0")));
    let mut head = base.clone().with("Example", "1.1.0", &world.put("Example", &author.release("1.1.0")));
    "https://example.com/Example.jl.git".clone_into(&mut head.packages.get_mut("Example").unwrap().repository);
    case("accept-registry-moved", "the package has another repository", world, &base, &head)
}

fn yanked() -> Case {
    let (world, mut author) = (World::new(), Author::new(16));
    let base = empty().with("Example", "1.0.0", &world.put("Example", &author.release("1.0.0")));
    let head = base.clone().yanked("Example", "1.0.0", true);
    case("accept-registry-yank", "the registry marks a version as yanked", world, &base, &head)
}

fn other_manifest() -> Case {
    let (world, author) = (World::new(), Author::new(17));
    let head = empty().with("Example", "1.0.1", &world.put("Example", &author.source("1.0.0")));
    case("accept-registry-manifest", "an unsigned tree with the version of another", world, &empty(), &head)
}
