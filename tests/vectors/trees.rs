//! Chapter 5: listings, links, the names of a tree, and archives.

use sigpkg::rule::Rule;

use super::build::{Corpus, Kind, Source, Vector};
use super::forest::{Forest, Member, Package, Tarball, gzip, header};
use super::raw::{digest, edit};

pub(crate) fn add(corpus: &mut Corpus) {
    add_listings(corpus);
    add_links(corpus);
    add_accepted(corpus);
    add_names(corpus);
    add_entries(corpus);
    add_archives(corpus);
}

fn line(path: &str) -> String {
    format!("{}  {path}\n", blake3::hash(path.as_bytes()).to_hex())
}

fn lines(paths: &[&str]) -> String {
    paths.iter().map(|path| line(path)).collect()
}

fn add_listings(corpus: &mut Corpus) {
    for (name, summary, text) in [
        ("three", "three files in the order of their bytes: a.b before a/b", lines(&["B", "a.b", "a/b"])),
        ("links", "the list of links is listed", lines(&[".gitignore", ".sigpkg/links", "a"])),
        ("empty", "a tree without files", String::new()),
        ("nested-folder", "a .sigpkg that is not at the top is ordinary", lines(&["lib/.sigpkg/chain"])),
    ] {
        let vector =
            Vector::accepted(Kind::Listing, &format!("listing-{name}"), summary).value(digest(text.as_bytes()));
        corpus.add(vector.input("files", Source::text(text)));
    }
    let good = line("a");
    let mut refuse = |rule, name: &str, summary: &str, text: String| {
        let vector = Vector::refused(Kind::Listing, rule, &format!("listing-{name}"), summary);
        corpus.add(vector.input("files", Source::text(text)));
    };
    let t12 = Rule::Tree12;
    refuse(
        t12,
        "upper-case",
        "hexadecimal digits are upper case",
        good.to_uppercase().replace('A', "a").replace("  a", "  A"),
    );
    refuse(t12, "short-digest", "a digest of 63 digits", good[1..].to_owned());
    refuse(t12, "one-space", "one space", edit(&good, "  ", " "));
    refuse(t12, "star", "the star that marks binary files for other tools", edit(&good, "  ", " *"));
    refuse(t12, "no-last-line-end", "no LF at the end", good.trim_end().to_owned());
    refuse(t12, "empty-line", "an empty line", format!("{good}\n"));
    refuse(t12, "prefix", "digests with the word of the algorithm", format!("blake3:{good}"));
    refuse(t12, "unsorted", "b before a", lines(&["b", "a"]));
    refuse(t12, "sorted-by-folder", "a/b before a.b, as if / came first", lines(&["a/b", "a.b"]));
    refuse(t12, "twice", "the same file twice", lines(&["a", "a"]));
    refuse(t12, "folder", "a file of .sigpkg", lines(&[".sigpkg/chain", "a"]));
    refuse(Rule::Tree2, "parent", "a path that leaves the tree", lines(&["../a"]));
    refuse(Rule::Tree2, "absolute", "an absolute path", lines(&["/etc/passwd"]));
    refuse(Rule::Tree2, "no-path", "an empty path", lines(&[""]));
    refuse(Rule::Tree3, "crlf", "lines end with CR LF", edit(&good, "\n", "\r\n"));
    refuse(Rule::Tree3, "escaped", "a name that b3sum would have escaped", format!("{}  a\\nb\n", &good[..64]));
    refuse(Rule::Tree9, "case", "two names that differ in case", lines(&["README", "readme"]));
    refuse(Rule::Dir2, "folder-case", "a folder that folds to .sigpkg", lines(&[".SIGPKG/chain"]));
}

fn add_links(corpus: &mut Corpus) {
    for (name, summary, text) in [
        ("one", "a link to a file beside it", "latest\tv1\n"),
        ("upward", "a link that goes up and stays in the tree", "docs/src\t../src\n"),
        ("nested-folder", "a .sigpkg that is not at the top is ordinary", "a/b\t.sigpkg/chain\n"),
    ] {
        let vector = Vector::accepted(Kind::Links, &format!("links-{name}"), summary).value(digest(text.as_bytes()));
        corpus.add(vector.input("links", Source::text(text)));
    }
    let mut refuse = |rule, name: &str, summary: &str, text: &str| {
        let vector = Vector::refused(Kind::Links, rule, &format!("links-{name}"), summary);
        corpus.add(vector.input("links", Source::text(text)));
    };
    refuse(Rule::Tree13, "empty", "a list of no links", "");
    refuse(Rule::Tree13, "no-tab", "a space instead of a tab", "latest v1\n");
    refuse(Rule::Tree13, "no-last-line-end", "no LF at the end", "latest\tv1");
    refuse(Rule::Tree13, "unsorted", "b before a", "b\tx\na\tx\n");
    refuse(Rule::Tree13, "twice", "the same link twice", "a\tx\na\tx\n");
    refuse(Rule::Tree2, "parent", "a link outside of the tree", "../a\tx\n");
    refuse(Rule::Tree14, "leaves", "a target outside of the tree", "a\t../b\n");
}

/// A tree that may be signed, whose listing is its value.
fn accept(corpus: &mut Corpus, name: &str, summary: &str, tree: &Forest) {
    let input = tree.store(corpus, &format!("accept-{name}"));
    let (files, ..) = tree.files();
    let links = tree.links();
    let value = digest(files.as_bytes());
    let mut vector = Vector::accepted(Kind::Tree, &format!("tree-{name}"), summary).input("tree", input).value(value);
    vector = vector.input("files", Source::text(files));
    if !links.is_empty() {
        vector = vector.input("links", Source::text(links));
    }
    corpus.add(vector);
}

fn add_accepted(corpus: &mut Corpus) {
    accept(corpus, "empty", "a tree without files", &Forest::default());
    let tree = Forest::of(&[("a.b", "1"), ("a/b", "2"), ("B", "3"), (".gitignore", "4"), ("-rf", "5"), (" lead", "6")]);
    accept(corpus, "order", "files in the order of their bytes", &tree);
    let tree = Forest::of(&[("Grüße", "1"), ("日本語/日", "2"), ("\u{430}", "3"), ("ａ", "4"), ("a", "5")]);
    accept(corpus, "scripts", "names in many scripts; some look alike and do not fold to one", &tree);
    let names = ["con_", "com10", "auxiliary", "a.con", "git~", ".github/x", "*?\"<>|", "..a", "lib/.sigpkg/chain"];
    accept(corpus, "nearly", "names that are nearly refused", &Forest::of(&names.map(|name| (name, "x"))));
    let tree = Forest::of(&[("src/a", "1")]).link("latest", "src").link("docs/src", "../src").link("gone", "not/there");
    accept(corpus, "links", "links that stay in the tree, one of them to nothing", &tree);
    let tree = Forest::of(&[("run", "#!/bin/sh\n")]).executable();
    accept(corpus, "executable", "the executable bit is not in the listing", &tree);
    let tree = Forest::of(&[("a", "1")]).directory("empty");
    accept(corpus, "empty-folder", "an empty folder is not in the listing", &tree);
    let component = "c".repeat(255);
    let path = format!("{component}/{component}/{component}/{}", &component[..255]);
    accept(corpus, "long-path", "components of 255 bytes and a path of 1023", &Forest::of(&[(&path, "x")]));
}

/// TREE-2 to TREE-9.
fn add_names(corpus: &mut Corpus) {
    let component = "c".repeat(255);
    let long_path = [component.as_str(); 4].join("/") + "/c";
    let long_component = format!("{component}c");
    for (rule, name, summary, path) in [
        (Rule::Tree2, "parent", "a path that leaves the tree", "../passwd"),
        (Rule::Tree2, "parent-within", "a path that goes up and down again", "a/../b"),
        (Rule::Tree2, "dot", "a component that is a dot", "a/./b"),
        (Rule::Tree3, "backslash", "a backslash is a separator on Windows", "src\\a"),
        (Rule::Tree3, "colon", "a colon names a stream on Windows", "a:b"),
        (Rule::Tree3, "line-end", "a line end would end the line of a listing", "a\nb"),
        (Rule::Tree3, "tab", "a tab would end the path in the list of links", "a\tb"),
        (Rule::Tree3, "escape", "a control sequence", "a\u{1b}[31m"),
        (Rule::Tree3, "override", "U+202E would reorder the name", "gnp\u{202e}lj.a"),
        (Rule::Tree3, "zero-width", "U+200D is left out by some file systems", ".gi\u{200d}t"),
        (Rule::Tree3, "replacement", "U+FFFD is what b3sum takes for a name that is not UTF-8", "a\u{fffd}b"),
        (Rule::Tree4, "nul", "a device of Windows", "nul"),
        (Rule::Tree4, "con-extension", "a device of Windows, whatever its extension", "src/CON.jl"),
        (Rule::Tree4, "com-superscript", "Windows takes a superscript for the digit", "com¹"),
        (Rule::Tree4, "aux-space", "spaces before the extension do not help", "aux .c"),
        (Rule::Tree5, "dot", "a dot at the end, which Windows drops", "a."),
        (Rule::Tree5, "space", "a space at the end, which Windows drops", "a /b"),
        (Rule::Tree6, "git", "the folder of git", "sub/.git/config"),
        (Rule::Tree6, "case", "the folder of git where case does not count", ".GIT/config"),
        (Rule::Tree6, "short", "the short name of the folder of git on NTFS", "git~1/config"),
        (
            Rule::Tree6,
            "variation-selector",
            "the folder of git where what is never shown does not count",
            ".g\u{fe0f}it/config",
        ),
        (Rule::Tree7, "component", "a component of 256 bytes", long_component.as_str()),
        (Rule::Tree7, "path", "a path of 1025 bytes", long_path.as_str()),
        (Rule::Dir2, "case", "a folder that folds to .sigpkg", ".Sigpkg/chain"),
        (Rule::Dir2, "long-s", "the long s folds to s", ".\u{17f}igpkg/chain"),
        (Rule::Dir2, "variation-selector", "what is never shown does not count", ".sig\u{fe0f}pkg/chain"),
        (Rule::Dir2, "dotless-i", "the dotless i counts as i", ".s\u{131}gpkg/chain"),
        (Rule::Dir2, "file", "a file that folds to .sigpkg", ".SIGPKG"),
        (Rule::Dir2, "short", "the short name of the folder on NTFS", "SIGPKG~1/chain"),
    ] {
        refuse(corpus, rule, name, summary, &Forest::of(&[("a-file", "x"), (path, "x")]));
    }
    refuse(corpus, Rule::Tree2, "not-utf-8", "a name in Latin-1", &Forest::of(&[("x", "x")]).named("4772fc6e"));
    refuse(corpus, Rule::Tree2, "overlong", "a slash in two bytes", &Forest::of(&[("x", "x")]).named("2e2ec0af61"));

    for (name, summary, one, other) in [
        ("case", "two names that differ in case", "README", "readme"),
        ("composition", "two names that differ in composition", "\u{e9}", "e\u{301}"),
        ("sharp-s", "two names that fold to one", "straße", "STRASSE"),
        ("kelvin", "the sign of the kelvin folds to k", "\u{212a}", "k"),
        ("both", "two names that differ in case and in composition", "\u{c9}", "e\u{301}"),
        ("dotless-i", "upper case does not tell the dotless i from i", "\u{131}", "i"),
        ("variation-selector", "some file systems leave out what is never shown", "ab", "a\u{fe0f}b"),
        ("variation", "a selector of a variant, which is never shown", "☃", "☃\u{fe0f}"),
        ("folder", "two folders that differ in case", "src/a", "Src/b"),
        ("file-and-folder", "a file and a folder that differ in case", "docs", "Docs/a"),
    ] {
        refuse(corpus, Rule::Tree9, name, summary, &Forest::of(&[(one, "1"), (other, "2")]));
    }
    let tree = Forest::of(&[("readme", "1")]).link("README", "readme");
    refuse(corpus, Rule::Tree9, "link", "a link and a file that differ in case", &tree);
}

/// TREE-10 and TREE-14.
fn add_entries(corpus: &mut Corpus) {
    let tree = Forest::of(&[("a", "1")]).submodule("deps/other");
    refuse(corpus, Rule::Tree10, "submodule", "a submodule, whose files are not in the tree", &tree);
    for (name, summary, path, target) in [
        ("absolute", "an absolute target", "a/link", "/etc/passwd"),
        ("leaves", "a target outside of the tree", "a/link", "../../passwd"),
        ("leaves-and-returns", "a target that leaves the tree and may come back", "link", "../tree/a"),
        ("within", "a .. after another component, which depends on what that is", "a/link", "b/../c"),
        ("root", "the root of the tree", "a/link", ".."),
        ("dot", "a component that is a dot", "link", "./b"),
        ("empty", "an empty target", "link", ""),
        ("last-slash", "a slash at the end", "link", "a/"),
        ("backslash", "a backslash is a separator on Windows", "link", "..\\..\\passwd"),
        ("drive", "a drive of Windows", "link", "C:/Windows"),
        ("folder", "a target in .sigpkg", "link", ".sigpkg/chain"),
        ("folder-case", "a target that folds to .sigpkg", "a/link", "../.SIGPKG"),
        ("git", "a target in the folder of git", "link", ".git/config"),
    ] {
        refuse(corpus, Rule::Tree14, name, summary, &Forest::of(&[("a/b", "1")]).link(path, target));
    }
    let tree = Forest::of(&[("a/b", "1")]).link("link", b"\xff\xfe");
    refuse(corpus, Rule::Tree14, "not-utf-8", "a target that is not UTF-8", &tree);
}

fn refuse(corpus: &mut Corpus, rule: Rule, name: &str, summary: &str, tree: &Forest) {
    let input = tree.store(corpus, &format!("{rule}-{name}"));
    corpus.add(Vector::refused(Kind::Tree, rule, &format!("tree-{name}"), summary).input("tree", input));
}

/// TREE-23 to TREE-26: the whole verification of an archive.
fn add_archives(corpus: &mut Corpus) {
    let package = Package::new(corpus, "archive");
    let store = package.chain(corpus, 1);
    let id = package.id();
    let judged = |vector: Vector, archive: Source| {
        vector.input("archive", archive).context(|context| {
            context.id = Some(id.clone());
            context.store = Some(store.clone());
            context.source = Some("archive");
        })
    };
    let tree = &package.trees[0];
    let good = Tarball::of(tree, "Example-1.0.0/");
    let body = corpus.file("archives/open.tar", &good.0);
    let end = || Source::text("\0").repeat(1024);
    let whole = Source::parts([body.clone(), end()]);
    let accept = |corpus: &mut Corpus, name: &str, summary: &str, archive: Source| {
        let vector = judged(Vector::accepted(Kind::Archive, &format!("archive-{name}"), summary), archive);
        corpus.add(vector.expect(|expect| {
            expect.seq = Some(2);
            expect.version = Some("1.0.0".to_owned());
        }));
    };
    accept(corpus, "tar", "a tarball with a top folder", whole.clone());
    let bytes = corpus.bytes(&whole);
    let mut packed = gzip(&bytes);
    let trailer = packed.split_off(packed.len() - 8);
    let stored = corpus.file("archives/stored.gz", packed);
    let packed = Source::parts([stored.clone(), Source::bytes(&trailer)]);
    accept(corpus, "tar-gz", "a gzipped tarball", packed.clone());
    let bare = Tarball::of(tree, "./").finish();
    let bare = corpus.file("archives/bare.tar", bare);
    accept(corpus, "bare", "a tarball without a top folder, whose paths begin with ./", bare);

    let refuse = |corpus: &mut Corpus, rule, name: &str, summary: &str, archive: Source| {
        corpus.add(judged(Vector::refused(Kind::Archive, rule, &format!("archive-{name}"), summary), archive));
    };
    let more = |corpus: &mut Corpus, rule, name: &str, summary: &str, add: &dyn Fn(&mut Tarball)| {
        let mut tail = Tarball::default();
        add(&mut tail);
        refuse(corpus, rule, name, summary, Source::parts([body.clone(), Source::sparse(&tail.0), end()]));
    };
    let (t24, t25) = (Rule::Tree24, Rule::Tree25);
    more(corpus, Rule::Tree2, "parent", "a path that leaves the tree", &|tail| {
        tail.add("Example-1.0.0/../../x", &Member::File(b"x".to_vec()));
    });
    more(corpus, Rule::Tree10, "hard-link", "a hard link", &|tail| {
        tail.entry("Example-1.0.0/x", b'1', b"Example-1.0.0/README.md", b"");
    });
    more(corpus, Rule::Tree10, "device", "a device", &|tail| tail.entry("Example-1.0.0/x", b'3', b"", b""));
    more(corpus, Rule::Tree10, "pipe", "a pipe", &|tail| tail.entry("Example-1.0.0/x", b'6', b"", b""));
    more(corpus, t25, "twice", "a file twice, with the same content", &|tail| {
        tail.add("Example-1.0.0/README.md", &Member::File(b"# Example\n".to_vec()));
    });
    more(corpus, t25, "twice-dot", "a file again, by a path that begins with ./", &|tail| {
        tail.add("./Example-1.0.0/README.md", &Member::File(b"# Example\n".to_vec()));
    });
    more(corpus, t25, "file-and-folder", "a folder with the path of a file", &|tail| {
        tail.add("Example-1.0.0/README.md", &Member::Directory);
    });
    more(corpus, t24, "pax-size", "a size in a pax header that is not that of the header", &|tail| {
        tail.pax(b'x', "size", "2");
        tail.add("Example-1.0.0/x", &Member::File(b"x".to_vec()));
    });
    more(corpus, t24, "pax-two-paths", "two extensions for the path of one entry", &|tail| {
        tail.pax(b'x', "path", "Example-1.0.0/x");
        tail.pax(b'x', "path", "Example-1.0.0/y");
        tail.add("Example-1.0.0/z", &Member::File(b"x".to_vec()));
    });
    more(corpus, t24, "global-path", "a global header that sets a path", &|tail| {
        tail.pax(b'g', "path", "Example-1.0.0/x");
    });
    more(corpus, t24, "extends-nothing", "a pax header before the end", &|tail| {
        tail.pax(b'x', "path", "Example-1.0.0/x");
    });
    more(corpus, t24, "link-with-data", "a link that has data", &|tail| {
        tail.0.extend(header("Example-1.0.0/x", b'2', b"README.md", 1));
        tail.data(b"x");
    });
    more(corpus, t24, "checksum", "a header with a wrong checksum", &|tail| {
        let mut header = header("Example-1.0.0/x", b'0', b"", 0);
        header[150] ^= 1;
        tail.0.extend(header);
    });
    more(corpus, Rule::Tree16, "too-large", "a file that is said to have 5 GiB", &|tail| {
        tail.0.extend(header("Example-1.0.0/x", b'0', b"", 5 << 30));
    });
    more(
        corpus,
        Rule::Tree26,
        "more-than-promised",
        "a file that is said to have 1 GiB, after a small release",
        &|tail| {
            tail.0.extend(header("Example-1.0.0/x", b'0', b"", 1 << 30));
        },
    );
    refuse(corpus, t24, "cut-short", "the end is missing", body.clone());
    refuse(
        corpus,
        t24,
        "one-block",
        "the end is one block of zeros instead of two",
        Source::parts([body.clone(), Source::text("\0").repeat(512)]),
    );
    refuse(
        corpus,
        t24,
        "something-after",
        "something follows the end",
        Source::parts([whole.clone(), Source::text("x").repeat(512)]),
    );
    refuse(
        corpus,
        t24,
        "long-end",
        "more zeros than a record may have follow the end",
        Source::parts([whole.clone(), Source::text("\0").repeat(2 << 20)]),
    );
    let mut damaged = trailer;
    damaged[0] ^= 1;
    let damaged = Source::parts([stored, Source::bytes(&damaged)]);
    refuse(corpus, t24, "gzip-checksum", "a wrong checksum in the gzip file", damaged);
    refuse(corpus, t24, "gzip-after", "something follows the gzip file", Source::parts([packed, Source::text("x")]));
    add_bomb(corpus, &body, &judged);
}

/// TREE-26: a tarball with a file of zeros, as a few gzip members and many equal ones.
fn add_bomb(corpus: &mut Corpus, body: &Source, judged: &impl Fn(Vector, Source) -> Vector) {
    /// 64 KiB of zeros as zlib packs them. Fixed here, so that no compressor decides it.
    const ZEROS: &str = "1f8b08000000000000ffedc101010000008090feafee080a000000000000000000000000000000000000000000000000\
        0000000000000000000000000000000000000000000000000000000000000000000000000000006aeb8e97d700000100";
    /// More than 64 MiB of them.
    const TIMES: usize = 1100;
    let mut start = corpus.bytes(body);
    start.extend(header("Example-1.0.0/zeros", b'0', b"", (TIMES as u64) << 16));
    let bomb = Source::parts([
        corpus.file("archives/bomb.gz", gzip(&start)),
        Source::Hex { hex: ZEROS.to_owned() }.repeat(TIMES),
        Source::bytes(&gzip(&[0; 1024])),
    ]);
    let summary = "a compressed archive whose tar stream is 500 times as long, and longer than 64 MiB";
    corpus.add(judged(Vector::refused(Kind::Archive, Rule::Tree26, "archive-bomb", summary), bomb));
}
