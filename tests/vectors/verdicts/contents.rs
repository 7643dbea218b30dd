//! The tree of a release: against its listing, and against the manifest in it.

use sigpkg::rule::Rule;

use super::super::build::{Corpus, Differences, Vector};
use super::super::forest::{Forest, Package, signed, sources};
use super::super::raw::edit;
use super::{Case, accepted, refused};

pub(super) fn add(corpus: &mut Corpus, package: &Package) {
    add_listing(corpus, package);
    add_line_ends(corpus, package);
    add_manifests(corpus, package);
}

/// VER-12, VER-13 and VER-19.
fn add_listing(corpus: &mut Corpus, package: &Package) {
    let tree = &package.trees[1];
    let extra = tree.clone().file("evil.jl", "x");
    let (files, ..) = extra.files();
    Case::new(
        corpus,
        package,
        refused(Rule::Ver12, "other-listing", "a listing that fits the tree, but is not the signed one"),
    )
    .tree(&extra.clone().with(".sigpkg/files", files))
    .b3sum("accept", Some("b3sum does not know which listing was signed"))
    .add();
    let signing = |corpus: &mut Corpus, name: &str, old: &str, new: &str| {
        let sources = sources("1.1.0");
        let body = edit(&sources.body("1.1.0"), old, new);
        let record = package.releases[0].child(&format!(" {name}"), "release", body).sign();
        signed(corpus, &sources, &[&package.genesis, &package.releases[0], &record], &record)
    };
    let counted = signing(corpus, "count", "count = 3", "count = 4");
    Case::new(corpus, package, refused(Rule::Ver12, "count", "the statement counts four files, the listing has three"))
        .tree(&counted)
        .add();
    let (_, _, bytes) = sources("1.1.0").files();
    let sized = signing(corpus, "bytes", &format!("bytes = {bytes}"), &format!("bytes = {}", bytes + 1));
    Case::new(corpus, package, refused(Rule::Ver19, "bytes", "the files have one byte less than the statement says"))
        .tree(&sized)
        .add();

    let mut differs = |name: &str, summary: &str, tree: &Forest, change: &dyn Fn(&mut Differences)| {
        let mut files = Differences::default();
        change(&mut files);
        let case = Case::new(corpus, package, refused(Rule::Ver13, name, summary)).tree(tree);
        let case = match name {
            "extra" | "hidden" => case.b3sum("accept", Some("b3sum does not look for files that are not listed")),
            _ => case.b3sum("refuse", None),
        };
        case.head(&package.releases[1]).expect(|expect| expect.files = Some(files)).add();
    };
    let path = |path: &str| vec![path.to_owned()];
    differs("modified", "one byte of a file was changed", &tree.clone().with("README.md", "# Exemple\n"), &|files| {
        files.modified = path("README.md");
    });
    differs("missing", "a file is missing", &tree.clone().without("README.md"), &|files| {
        files.missing = path("README.md");
    });
    differs("extra", "a file is not listed", &extra, &|files| files.extra = path("evil.jl"));
    let git = tree.clone().file(".gitignore", "*\n");
    differs("hidden", "a hidden file is not listed", &git, &|files| files.extra = path(".gitignore"));
    differs(
        "line-ends",
        "a file with CR LF in a git tree",
        &tree.clone().with("README.md", "# Example\r\n"),
        &|files| files.line_ends = path("README.md"),
    );
    let linked = tree.clone().without("README.md").link("README.md", "src/Example.jl");
    differs("file-to-link", "a link where a file was signed", &linked, &|files| files.modified = path("README.md"));
    let moved = tree.clone().without("README.md").file("readme.md", "# Example\n");
    differs("renamed", "a file was renamed", &moved, &|files| {
        files.missing = path("README.md");
        files.extra = path("readme.md");
    });
    let many = tree.clone().with("README.md", "").without("src/Example.jl").file("src/a", "").file("src/b", "");
    differs("all", "files of every kind", &many, &|files| {
        files.modified = path("README.md");
        files.missing = path("src/Example.jl");
        files.extra = vec!["src/a".to_owned(), "src/b".to_owned()];
    });

    let sources = sources("1.1.0").link("latest", "src");
    let record = package.releases[0].child(" linked", "release", sources.body("1.1.0")).sign();
    let tree = signed(corpus, &sources, &[&package.genesis, &package.releases[0], &record], &record);
    let pointed = tree.without("latest").link("latest", "docs");
    Case::new(corpus, package, refused(Rule::Ver13, "link-pointed-elsewhere", "a link points elsewhere"))
        .tree(&pointed)
        .expect(|expect| expect.files = Some(Differences { modified: path("latest"), ..Differences::default() }))
        .add();
}

/// VER-17 and VER-24: installed directories with CR LF.
fn add_line_ends(corpus: &mut Corpus, package: &Package) {
    let crlf = |tree: &Forest, path: &str| {
        let text = String::from_utf8(tree.bytes_of(path).to_vec()).unwrap().replace('\n', "\r\n");
        tree.clone().with(path, text)
    };
    let tree = &package.trees[1];
    let readme = crlf(tree, "README.md");
    let everything = [".gitattributes", "chain", "release.toml", "release.toml.minisig", "files"]
        .iter()
        .fold(crlf(&readme, "src/Example.jl"), |tree, name| crlf(&tree, &format!(".sigpkg/{name}")));
    let mut judged = |vector: Vector, tree: &Forest, strict: bool| {
        let case = Case::new(corpus, package, vector).tree(tree).notes(&["line-ends"]);
        case.context(|context| {
            context.source = Some("directory");
            context.strict = strict;
        })
        .add();
    };
    judged(accepted("line-ends", "a file was turned to CR LF in an installed directory"), &readme, false);
    judged(accepted("all-line-ends", "every file was turned to CR LF, those of .sigpkg too"), &everything, false);
    judged(refused(Rule::Ver17, "file", "under --strict, a file was turned to CR LF"), &readme, true);
    judged(refused(Rule::Ver17, "everything", "under --strict, every file was turned to CR LF"), &everything, true);
    let mixed = tree.clone().with("src/Example.jl", "module Example\r\n\nhello(who) = \"Hello, $who\"\n\nend\n");
    Case::new(corpus, package, refused(Rule::Ver13, "some-line-ends", "one line of a file was turned to CR LF"))
        .tree(&mixed)
        .context(|context| context.source = Some("directory"))
        .expect(|expect| {
            expect.files = Some(Differences { modified: vec!["src/Example.jl".to_owned()], ..Differences::default() });
        })
        .add();
}

/// VER-14: trees that were signed with a manifest that says something else.
fn add_manifests(corpus: &mut Corpus, package: &Package) {
    let mut number = 0;
    let mut signing = |corpus: &mut Corpus, sources: &Forest| {
        number += 1;
        let record = package.releases[0].child(&format!(" manifest {number}"), "release", sources.body("1.1.0")).sign();
        signed(corpus, sources, &[&package.genesis, &package.releases[0], &record], &record)
    };
    let good = String::from_utf8(sources("1.1.0").bytes_of("Project.toml").to_vec()).unwrap();
    for (name, summary, old, new) in [
        ("version", "the manifest has another version", "1.1.0", "1.2.0"),
        ("name", "the manifest has another name", "\"Example\"", "\"Exemple\""),
        ("uuid", "the manifest has another UUID", "7876af07", "7876af08"),
        ("no-version", "the manifest has no version", "version = \"1.1.0\"\n", ""),
        ("no-uuid", "the manifest has no UUID", "uuid", "id"),
        ("no-toml", "the manifest is no TOML", "name = ", "name "),
    ] {
        let tree = signing(corpus, &sources("1.1.0").with("Project.toml", edit(&good, old, new)));
        Case::new(corpus, package, refused(Rule::Ver14, name, summary)).tree(&tree).add();
    }
    let tree = signing(corpus, &sources("1.1.0").without("Project.toml"));
    Case::new(corpus, package, refused(Rule::Ver14, "no-manifest", "there is no manifest")).tree(&tree).add();
    let first = edit(&good, "1.1.0", "1.2.0");
    let tree = signing(corpus, &sources("1.1.0").file("JuliaProject.toml", first));
    Case::new(
        corpus,
        package,
        refused(Rule::Ver14, "julia-project", "JuliaProject.toml comes first, and has another version"),
    )
    .tree(&tree)
    .add();
    let tree = signing(corpus, &sources("1.1.0").with("Project.toml", edit(&good, "1.1.0", "v1.1")));
    Case::new(corpus, package, accepted("manifest-spelling", "the manifest spells the version as Julia reads it"))
        .tree(&tree)
        .add();
}
