//! A release that adopts the tree of somebody else, and what the caller says of that tree.

use sigpkg::rule::Rule;

use super::super::build::{Corpus, Kind, Vector, Wanted};
use super::super::forest::{Package, signed, sources};
use super::super::raw::digest;
use super::{Case, accepted, refused};

/// VER-60 and VER-61.
pub(super) fn add(corpus: &mut Corpus, package: &Package) {
    let upstream = digest(b"the listing of an unsigned tree");
    let sources = sources("1.1.0");
    let body = format!("{}upstream = \"{upstream}\"\n", sources.body("1.1.0"));
    let record = package.releases[0].child(" adopted", "release", body).sign();
    let tree = signed(corpus, &sources, &[&package.genesis, &package.releases[0], &record], &record);
    let source = tree.store(corpus, "verdict-adopted");
    let own = digest(sources.files().0.as_bytes());

    let mut case = |vector: Vector, asked: Option<&String>| {
        let asked = asked.cloned();
        Case::new(corpus, package, vector.input("tree", source.clone()))
            .context(|context| context.upstream = asked)
            .notes(&["adopted"])
            .head(&record)
            .add();
    };
    case(accepted("adopted", "the release adopts another tree, and the caller gave that one"), Some(&upstream));
    case(
        refused(Rule::Ver61, "itself", "the caller gave the tree that was signed, which is not the adopted one"),
        Some(&own),
    );

    let earlier = digest(package.trees[0].bytes_of(".sigpkg/files"));
    case(refused(Rule::Ver61, "other-version", "the caller gave the tree of another version"), Some(&earlier));
    let expected = refused(Rule::Ver15, "adopted", "another version is expected, and the caller gave another tree too");
    let wanted = Wanted { version: Some("1.2.0"), ..Wanted::default() };
    case(expected.context(|context| context.expect = wanted), Some(&earlier));

    Case::new(
        corpus,
        package,
        refused(Rule::Ver61, "not-adopted", "a release that adopts nothing, not even this tree"),
    )
    .release(1)
    .context(|context| context.upstream = Some(own.clone()))
    .add();
    let file = Vector::refused(Kind::ChainFile, Rule::Ver61, "chain-file", "a chain file is no release that adopts it");
    Case::new(corpus, package, file)
        .chain(&package.records(2))
        .context(|context| context.upstream = Some(upstream.clone()))
        .add();
}
