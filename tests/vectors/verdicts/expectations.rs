//! What the caller expects, what is installed, and how old the news are.

use sigpkg::rule::Rule;

use super::super::build::{Corpus, Installed, Vector, Wanted};
use super::super::forest::{Forest, Package, signed, sources};
use super::super::raw::{Draft, GENERIC, UUID, genesis};
use super::{Case, accepted, refused};

pub(super) fn add(corpus: &mut Corpus, package: &Package) {
    add_expectations(corpus, package);
    add_downgrades(corpus, package);
    add_generic(corpus);
    add_stale(corpus);
}

/// VER-15.
fn add_expectations(corpus: &mut Corpus, package: &Package) {
    let wanted = Wanted { ecosystem: Some("julia"), name: Some("Example"), uuid: Some(UUID), version: Some("1.1.0") };
    let mut case = |vector: Vector, wanted: Wanted| {
        Case::new(corpus, package, vector).release(1).context(|context| context.expect = wanted).add();
    };
    case(accepted("expected", "all that the caller expects"), wanted.clone());
    case(
        accepted("expected-spelling", "the caller spells the version as Julia reads it"),
        Wanted { version: Some("v1.1"), ..Wanted::default() },
    );
    case(
        refused(Rule::Ver15, "name", "the caller expects another name"),
        Wanted { name: Some("Exemple"), ..Wanted::default() },
    );
    case(
        refused(Rule::Ver15, "name-case", "the caller expects the name in lower case"),
        Wanted { name: Some("example"), ..Wanted::default() },
    );
    case(
        refused(Rule::Ver15, "uuid", "the caller expects another UUID"),
        Wanted { uuid: Some("7876af08-990d-54b4-ab0e-23690620f79a"), ..wanted.clone() },
    );
    case(
        refused(Rule::Ver15, "version", "the caller expects another version"),
        Wanted { version: Some("1.0.1"), ..wanted.clone() },
    );
    case(
        refused(Rule::Ver15, "ecosystem", "the caller expects another ecosystem"),
        Wanted { ecosystem: Some("generic"), ..Wanted::default() },
    );
}

/// VER-16 and VER-25.
fn add_downgrades(corpus: &mut Corpus, package: &Package) {
    let [_, second, third] = &package.releases;
    let installed = |version| Some(Installed { version, seq: None });
    Case::new(
        corpus,
        package,
        refused(Rule::Ver16, "older", "a lower version with a lower seq than what is installed"),
    )
    .release(0)
    .store(&package.records(2))
    .context(|context| context.installed = installed("1.1.0"))
    .notes(&["not-newest"])
    .head(second)
    .add();
    Case::new(corpus, package, accepted("downgrade-allowed", "the same, and the caller allows it"))
        .release(0)
        .store(&package.records(2))
        .context(|context| {
            context.installed = installed("1.1.0");
            context.allow_downgrade = true;
        })
        .notes(&["downgrade-allowed", "not-newest"])
        .add();
    Case::new(corpus, package, accepted("installed-same", "the installed version"))
        .release(1)
        .context(|context| context.installed = installed("1.1.0"))
        .add();
    Case::new(corpus, package, accepted("back-port-installed", "a lower version with a higher seq is a back-port"))
        .release(2)
        .context(|context| context.installed = installed("1.1.0"))
        .head(third)
        .add();
    Case::new(corpus, package, accepted("from-back-port", "a lower seq with a higher version"))
        .release(1)
        .store(&package.records(3))
        .context(|context| context.installed = installed("1.0.1"))
        .notes(&["not-newest"])
        .add();
    Case::new(
        corpus,
        package,
        accepted("installed-unknown", "an installed version that is no release of the chain is no floor"),
    )
    .release(1)
    .context(|context| context.installed = installed("9.9.9"))
    .add();
}

/// A package without a manifest, whose versions have no order.
fn add_generic(corpus: &mut Corpus) {
    let genesis = genesis("verdict generic", GENERIC).sign();
    let sources = Forest::of(&[("bin/tool", "#!/bin/sh\n")]);
    let first = genesis.child("", "release", sources.body("2")).sign();
    let second = first.child("", "release", sources.body("1")).sign();
    let trees = [
        signed(corpus, &sources, &[&genesis, &first], &first),
        signed(corpus, &sources, &[&genesis, &first, &second], &second),
    ];
    let package = Package {
        trees: [trees[0].clone(), trees[1].clone(), trees[1].clone()],
        releases: [first, second.clone(), second],
        genesis,
    };
    Case::new(corpus, &package, accepted("generic", "a package without a manifest"))
        .tree(&trees[1])
        .expect(|expect| expect.version = Some("1".to_owned()))
        .add();
    Case::new(
        corpus,
        &package,
        refused(Rule::Ver16, "generic", "versions of this ecosystem have no order: the seq decides"),
    )
    .tree(&trees[0])
    .store(&package.records(2))
    .context(|context| context.installed = Some(Installed { version: "1", seq: None }))
    .notes(&["not-newest"])
    .add();
}

/// VER-18 and VER-23.
fn add_stale(corpus: &mut Corpus) {
    let mut package = Package::new(corpus, "stale");
    let promised = package.releases[0].child(" promised", "release", sources("1.1.0").body("1.1.0"));
    let promised = Draft { next_by: Some("2026-06-30"), ..promised }.sign();
    package.trees[1] =
        signed(corpus, &sources("1.1.0"), &[&package.genesis, &package.releases[0], &promised], &promised);
    package.releases[1] = promised;
    let silent = Some("2025-10-27T00:00:00Z");
    let mut case = |vector: Vector, release: usize, now, first_seen, strict: bool| {
        let notes: &[&str] = if vector.id.contains("fresh") { &[] } else { &["stale"] };
        let tree = package.trees[release].clone();
        Case::new(corpus, &package, vector)
            .tree(&tree)
            .context(|context| {
                (context.now, context.first_seen, context.strict) = (now, first_seen, strict);
            })
            .notes(notes)
            .add();
    };
    case(accepted("fresh-promise", "the day by which more was promised"), 1, Some("2026-06-30T23:59:59Z"), None, true);
    case(accepted("stale-promise", "the day after it"), 1, Some("2026-07-01T00:00:00Z"), None, false);
    case(
        refused(Rule::Ver18, "promise", "under --strict, a promise was not kept"),
        1,
        Some("2026-07-01T00:00:00Z"),
        None,
        true,
    );
    case(
        accepted("fresh-silence", "the head was first seen 400 days ago"),
        0,
        Some("2026-12-01T00:00:00Z"),
        silent,
        true,
    );
    case(
        accepted("stale-silence", "the head was first seen 400 days and a second ago"),
        0,
        Some("2026-12-01T00:00:01Z"),
        silent,
        false,
    );
    case(
        refused(Rule::Ver18, "silence", "under --strict, nothing new was seen for more than 400 days"),
        0,
        Some("2026-12-01T00:00:01Z"),
        silent,
        true,
    );
}
