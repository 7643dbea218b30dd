//! Chapter 6: the folder `.sigpkg`, in trees that are otherwise those of a good release.

use sigpkg::rule::Rule;

use super::build::{Corpus, Kind, Source, Vector};
use super::forest::{Forest, GITATTRIBUTES, Package, signed, sources};
use super::raw::{Record, edit};

pub(crate) fn add(corpus: &mut Corpus) {
    let package = Package::new(corpus, "folder");
    add_shapes(corpus, &package);
    add_sizes(corpus, &package);
    add_listings(corpus, &package);
    add_form(corpus, &package);
    add_detached(corpus, &package);
}

/// What is known of the user: the first release was accepted.
fn judged(corpus: &mut Corpus, package: &Package, vector: Vector, name: &str, tree: &Forest) -> Vector {
    let (input, store) = (tree.store(corpus, name), package.chain(corpus, 1));
    vector.input("tree", input).context(|context| {
        context.id = Some(package.id());
        context.store = Some(store);
    })
}

fn refuse(corpus: &mut Corpus, package: &Package, rule: Rule, name: &str, summary: &str, tree: &Forest) {
    let vector = Vector::refused(Kind::ReleaseTree, rule, &format!("folder-{name}"), summary);
    let vector = judged(corpus, package, vector, &format!("{rule}-folder-{name}"), tree);
    corpus.add(vector);
}

/// DIR-2 to DIR-5.
fn add_shapes(corpus: &mut Corpus, package: &Package) {
    let tree = &package.trees[1];
    let mut refuse =
        |rule, name: &str, summary: &str, tree: Forest| refuse(corpus, package, rule, name, summary, &tree);
    let only = sources("1.1.0");
    refuse(Rule::Dir3, "file", "a file called .sigpkg", only.clone().file(".sigpkg", "x"));
    refuse(Rule::Dir3, "link", "a link called .sigpkg", only.clone().link(".sigpkg", "src"));
    refuse(Rule::Dir3, "extra", "a file that does not belong there", tree.clone().file(".sigpkg/notes", "x"));
    refuse(
        Rule::Dir3,
        "case",
        "a file whose name folds to one that belongs there",
        tree.clone().without(".sigpkg/files").file(".sigpkg/Files", "x"),
    );
    refuse(Rule::Dir3, "folder", "a folder in the folder", tree.clone().file(".sigpkg/old/chain", "x"));
    refuse(
        Rule::Dir3,
        "link-within",
        "a link in the folder",
        tree.clone().without(".sigpkg/files").link(".sigpkg/files", "chain"),
    );
    refuse(Rule::Dir2, "second", "a second folder that folds to .sigpkg", tree.clone().file(".SIGPKG/chain", "x"));

    let attributes = |text: &str| tree.clone().with(".sigpkg/.gitattributes", text);
    refuse(Rule::Dir4, "empty", "the attributes are empty", attributes(""));
    refuse(Rule::Dir4, "export-ignore", "archives would leave the folder out", attributes("* export-ignore\n"));
    refuse(
        Rule::Dir4,
        "ident",
        "checkouts would rewrite the files",
        attributes(&edit(GITATTRIBUTES, "-ident", "ident")),
    );
    refuse(Rule::Dir4, "comment", "a comment after the fixed text", attributes(&format!("{GITATTRIBUTES}# more\n")));
    refuse(
        Rule::Dir4,
        "crlf",
        "the attributes end with CR LF, in a git tree",
        attributes(&GITATTRIBUTES.replace('\n', "\r\n")),
    );

    refuse(Rule::Dir5, "attributes", "no attributes", tree.clone().without(".sigpkg/.gitattributes"));
    refuse(Rule::Dir5, "chain", "no chain", tree.clone().without(".sigpkg/chain"));
    refuse(Rule::Dir5, "files", "a release without a listing", tree.clone().without(".sigpkg/files"));
    refuse(Rule::Dir5, "statement", "a release without its statement", tree.clone().without(".sigpkg/release.toml"));
    let vector =
        Vector::refused(Kind::ReleaseTree, Rule::Dir5, "folder-minisig", "a release without its signature file");
    let tree = tree.clone().without(".sigpkg/release.toml.minisig");
    let vector = judged(corpus, package, vector, "DIR-5-folder-minisig", &tree);
    // Whether there is one is known only when the key is.
    corpus.add(vector.expect(|expect| expect.reached = "chain"));
}

/// DIR-6: sizes come before everything else.
fn add_sizes(corpus: &mut Corpus, package: &Package) {
    let tree = &package.trees[1];
    for (name, path, most) in [
        ("attributes", ".sigpkg/.gitattributes", 256),
        ("statement", ".sigpkg/release.toml", 4096),
        ("minisig", ".sigpkg/release.toml.minisig", 1024),
        ("links", ".sigpkg/links", 1 << 20),
        ("files", ".sigpkg/files", 64 << 20),
    ] {
        let tree = if name == "links" { tree.clone() } else { tree.clone().without(path) };
        let long = tree.source(path, Source::text("\n").repeat(most + 1), Vec::new());
        refuse(corpus, package, Rule::Dir6, name, &format!("{path} has {most} bytes and one more"), &long);
    }
}

/// DIR-7, and listings that are malformed where a release has them.
fn add_listings(corpus: &mut Corpus, package: &Package) {
    let linked = sources("1.1.0").link("latest", "src");
    let [first, ..] = &package.releases;
    let release = first.child(" linked", "release", linked.body("1.1.0")).sign();
    let tree = signed(corpus, &linked, &[&package.genesis, first, &release], &release);
    let vector = Vector::accepted(Kind::ReleaseTree, "folder-links", "a release with a link");
    let vector = judged(corpus, package, vector, "accept-folder-links", &tree);
    corpus.add(vector.expect(|expect| expect.seq = Some(3)));

    let mut refuse =
        |rule, name: &str, summary: &str, tree: Forest| refuse(corpus, package, rule, name, summary, &tree);
    refuse(
        Rule::Dir7,
        "links-missing",
        "the listing names links, and there are none",
        tree.clone().without(".sigpkg/links"),
    );
    refuse(
        Rule::Dir7,
        "links-other",
        "the links are not the listed ones",
        tree.clone().with(".sigpkg/links", "latest\tsrc2\n"),
    );
    let plain = &package.trees[1];
    refuse(
        Rule::Dir7,
        "links-not-listed",
        "links that the listing does not name",
        plain.clone().file(".sigpkg/links", "latest\tsrc\n"),
    );
    let files = String::from_utf8(plain.bytes_of(".sigpkg/files").to_vec()).unwrap();
    refuse(
        Rule::Tree12,
        "listing-empty-line",
        "an empty line at the end of the listing",
        plain.clone().with(".sigpkg/files", format!("{files}\n")),
    );
}

/// The form of the chain, of the statement and of the signature file.
fn add_form(corpus: &mut Corpus, package: &Package) {
    let tree = &package.trees[1];
    let [_, second, _] = &package.releases;
    let mut refuse =
        |rule, name: &str, summary: &str, tree: Forest| refuse(corpus, package, rule, name, summary, &tree);
    let text = |record: &Record| record.text.clone();
    refuse(Rule::Chn2, "chain-empty", "the chain is empty", tree.clone().with(".sigpkg/chain", ""));
    refuse(
        Rule::Stm4,
        "statement-space",
        "release.toml is not canonical",
        tree.clone().with(".sigpkg/release.toml", edit(&text(second), "seq = 3\n", "seq = 3 \n")),
    );
    refuse(Rule::Stm3, "statement-empty", "release.toml is empty", tree.clone().with(".sigpkg/release.toml", ""));
    let minisig = String::from_utf8(tree.bytes_of(".sigpkg/release.toml.minisig").to_vec()).unwrap();
    refuse(
        Rule::Sig10,
        "minisig-line",
        "a line after the signature file",
        tree.clone().with(".sigpkg/release.toml.minisig", format!("{minisig}\n")),
    );
    let other = second.draft.signer.minisig(second.text.as_bytes(), &format!("sigpkg {} 4", package.id()));
    refuse(
        Rule::Sig15,
        "minisig-seq",
        "the signature file speaks of another seq",
        tree.clone().with(".sigpkg/release.toml.minisig", other),
    );
    let thief = super::raw::key("folder thief");
    let stolen = thief.minisig(second.text.as_bytes(), &format!("sigpkg {} 3", package.id()));
    refuse(
        Rule::Sig7,
        "minisig-key",
        "the signature file is by another key than the block",
        tree.clone().with(".sigpkg/release.toml.minisig", stolen),
    );
    let missing =
        Source::parts([package.genesis.clone(), second.clone()].map(|record| Source::text(record.file_text())));
    let bytes = format!("{}{}", package.genesis.file_text(), second.file_text());
    refuse(
        Rule::Chn6,
        "chain-gap",
        "statement 2 is missing, which the user's store has",
        tree.clone().without(".sigpkg/chain").source(".sigpkg/chain", missing, bytes.into_bytes()),
    );
}

/// A folder that is kept outside of the tree.
fn add_detached(corpus: &mut Corpus, package: &Package) {
    let good = package.trees[1].folder();
    let signatures = good.store(corpus, "detached");
    let vector = Vector::accepted(Kind::ReleaseTree, "folder-detached", "a folder that is kept outside of the tree");
    let vector = judged(corpus, package, vector, "accept-folder-detached", &sources("1.1.0"));
    let vector = vector.input("signatures", signatures.clone()).expect(|expect| {
        expect.seq = Some(3);
        expect.notes = vec!["detached".to_owned()];
    });
    corpus.add(vector);
    let vector = Vector::accepted(
        Kind::ReleaseTree,
        "folder-overridden",
        "it takes the place of the one in the tree, which is broken",
    );
    let broken = sources("1.1.0").file(".sigpkg/chain", "broken");
    let vector = judged(corpus, package, vector, "accept-folder-overridden", &broken);
    let vector = vector.input("signatures", signatures).expect(|expect| {
        expect.seq = Some(3);
        expect.notes = vec!["detached".to_owned()];
    });
    corpus.add(vector);
    let extra = good.file("notes", "x").store(corpus, "detached-extra");
    let vector = Vector::refused(
        Kind::ReleaseTree,
        Rule::Dir3,
        "folder-detached-extra",
        "a file that does not belong there, outside of the tree",
    );
    let vector = judged(corpus, package, vector, "DIR-3-folder-detached-extra", &sources("1.1.0"));
    corpus.add(vector.input("signatures", extra));
}
