//! Chapter 10: a dependency of a project, and pins.

use sigpkg::digest::Digest;
use sigpkg::rule::Rule;

use super::build::{Context, Corpus, Kind, Source, Vector};
use super::forest::{Forest, Package, signed, sources, unreleased};
use super::raw::{JULIA, Record, UUID, genesis};
use super::targets::tree_hash;

/// A tree hash that comes before that.
const EARLIER: &str = "06e44e869b4d90b96bd8ed1fdcf32244fddfb6cc";

/// A tree that nobody has.
const ANOTHER: &str = "46e44e869b4d90b96bd8ed1fdcf32244fddfb6cc";

const ANOTHER_UUID: &str = "7876af07-990d-54b4-ab0e-23690620f79b";

pub(crate) fn add(corpus: &mut Corpus) {
    let package = Package::new(corpus, "verdict");
    add_states(corpus, &package);
    add_tree_hashes(corpus, &package);
    add_pinned(corpus, &package);
    add_corners(corpus, &package);
    add_built(corpus, &package);
    add_before_signing(corpus, &package);
    add_pins(corpus, &package);
}

/// One entry of a lockfile, what is installed, and what the user and the project have decided.
struct Case<'a> {
    corpus: &'a mut Corpus,
    vector: Vector,
    version: &'static str,
    tree: Option<String>,
}

impl<'a> Case<'a> {
    fn new(corpus: &'a mut Corpus, vector: Vector) -> Self {
        Self { corpus, vector, version: "1.1.0", tree: None }
    }

    /// The user has accepted the first release, and trusts the signatory.
    fn trusting(mut self, package: &Package) -> Self {
        let store = package.chain(self.corpus, 1);
        self.vector.context.id = Some(package.id());
        self.vector.context.store = Some(store);
        self
    }

    /// What is installed; the lockfile names the same tree.
    fn installed(mut self, tree: &Forest) -> Self {
        let source = tree.store(self.corpus, &format!("{}-tree", self.vector.id));
        self.tree = Some(tree_hash(self.corpus, &source));
        self.vector = self.vector.input("tree", source);
        self
    }

    /// A release as it was signed.
    fn release(mut self, package: &Package, index: usize) -> Self {
        let source = package.trees[index].store(self.corpus, &format!("verdict-{}", package.releases[index].draft.seq));
        self.tree = Some(tree_hash(self.corpus, &source));
        self.version = ["1.0.0", "1.1.0", "1.0.1"][index];
        self.vector = self.vector.input("tree", source);
        self
    }

    /// What the lockfile names instead.
    fn locked(mut self, tree: impl Into<String>) -> Self {
        self.tree = Some(tree.into());
        self
    }

    fn version(mut self, version: &'static str) -> Self {
        self.version = version;
        self
    }

    fn pins(mut self, pins: impl Into<String>) -> Self {
        let pins = pins.into();
        // Most are the same ones.
        let name = Digest::of(pins.as_bytes()).to_hex();
        let source = self.corpus.file(&format!("pins/{}.toml", &name[..8]), pins);
        self.vector = self.vector.input("pins", source);
        self
    }

    fn strict(mut self) -> Self {
        self.vector.context.strict = true;
        self
    }

    fn context(mut self, change: impl FnOnce(&mut Context)) -> Self {
        change(&mut self.vector.context);
        self
    }

    fn state(mut self, state: &str) -> Self {
        self.vector.expect.value = Some(state.to_owned());
        self
    }

    fn notes(mut self, notes: &[&str]) -> Self {
        self.vector.expect.notes = notes.iter().map(|note| (*note).to_owned()).collect();
        self
    }

    /// With a lockfile that has this entry beside its name and UUID.
    fn add_with(self, entry: &str) {
        let lockfile = format!("manifest_format = \"2.0\"\n\n[[deps.Example]]\n{entry}uuid = \"{UUID}\"\n");
        self.corpus.add(self.vector.input("lockfile", Source::text(lockfile)));
    }

    fn add(self) {
        let tree = self.tree.clone().unwrap_or_else(|| ANOTHER.to_owned());
        let entry = format!("git-tree-sha1 = \"{tree}\"\nversion = \"{}\"\n", self.version);
        self.add_with(&entry);
    }
}

fn accepted(name: &str, summary: &str) -> Vector {
    Vector::accepted(Kind::Dependency, &format!("dependency-{name}"), summary)
}

fn refused(rule: Rule, name: &str, summary: &str) -> Vector {
    Vector::refused(Kind::Dependency, rule, name, summary)
}

fn undecided(rule: Rule, name: &str, summary: &str) -> Vector {
    Vector::undecided(Kind::Dependency, rule, name, summary)
}

/// Section 10.2: every state, and PRJ-14.
fn add_states(corpus: &mut Corpus, package: &Package) {
    Case::new(corpus, accepted("accepted", "a release of the signatory whom the user trusts"))
        .trusting(package)
        .release(package, 1)
        .state("accepted")
        .add();
    Case::new(corpus, refused(Rule::Ver15, "dependency-version", "the lockfile has the version of another release"))
        .trusting(package)
        .release(package, 1)
        .version("1.0.0")
        .state("refused")
        .add();
    Case::new(corpus, refused(Rule::Ver13, "dependency-edited", "an installed file was edited"))
        .trusting(package)
        .installed(&package.trees[1].clone().with("README.md", "# Edited\n"))
        .state("refused")
        .add();
    let unsigned = sources("1.1.0");
    Case::new(corpus, accepted("unsigned", "nobody has signed it, and nobody expects it"))
        .installed(&unsigned)
        .state("unsigned")
        .add();
    Case::new(corpus, accepted("newly-signed", "somebody has signed it whom nobody has trusted yet"))
        .release(package, 1)
        .state("newly-signed")
        .add();
    Case::new(corpus, accepted("not-installed", "there is no such folder")).state("not-installed").add();
    Case::new(corpus, accepted("developed", "a folder that is being worked on; the tree beside it does not count"))
        .state("developed")
        .add_with(&format!("git-tree-sha1 = \"{ANOTHER}\"\npath = \"../Example\"\nversion = \"1.1.0\"\n"));
    Case::new(
        corpus,
        accepted("stdlib", "it comes with the language, and is none of our business under --strict either"),
    )
    .strict()
    .state("stdlib")
    .add_with("");
    Case::new(corpus, accepted("by-url", "a package from a URL is judged like any other"))
        .trusting(package)
        .release(package, 1)
        .state("accepted")
        .add_url();
    for (name, summary, state) in [
        ("unsigned", "an unsigned package under --strict", "unsigned"),
        (
            "newly-signed",
            "a package under --strict that somebody has signed whom nobody has trusted yet",
            "newly-signed",
        ),
        ("not-installed", "a package under --strict that is not installed", "not-installed"),
    ] {
        let case = Case::new(corpus, refused(Rule::Prj14, name, summary)).strict().state(state);
        match state {
            "unsigned" => case.installed(&unsigned).add(),
            "newly-signed" => case.release(package, 1).add(),
            _ => case.add(),
        }
    }
    Case::new(corpus, refused(Rule::Prj14, "developed", "a developed package under --strict"))
        .strict()
        .state("developed")
        .add_with("path = \"../Example\"\n");
    let stranger = Package::new(corpus, "verdict-stranger");
    Case::new(corpus, refused(Rule::Ver9, "dependency-other", "another signatory than the one whom the user trusts"))
        .trusting(package)
        .release_of(&stranger, 1)
        .state("refused")
        .add();
    let another = another_package(corpus);
    Case::new(corpus, refused(Rule::Ver9, "dependency-another-package", "a signed release of another package"))
        .trusting(package)
        .installed(&another)
        .state("refused")
        .add();
    Case::new(corpus, accepted("same-name", "somebody is trusted for a package of this name with another UUID"))
        .trusting(package)
        .installed(&Forest::of(&[("README.md", "# Example\n")]))
        .notes(&["same-name"])
        .state("unsigned")
        .add_namesake();
}

/// A release that is as it should be, of a package that nobody has asked for.
fn another_package(corpus: &mut Corpus) -> Forest {
    let genesis = genesis("verdict-another", &JULIA.replace("Example", "Another").replace(UUID, ANOTHER_UUID)).sign();
    let project = format!("name = \"Another\"\nuuid = \"{ANOTHER_UUID}\"\nversion = \"1.1.0\"\n");
    let tree = Forest::of(&[("Project.toml", &project), ("src/Another.jl", "module Another\nend\n")]);
    let release = genesis.child("", "release", tree.body("1.1.0")).sign();
    signed(corpus, &tree, &[&genesis, &release], &release)
}

impl Case<'_> {
    fn add_url(self) {
        let tree = self.tree.clone().unwrap_or_default();
        let version = self.version;
        self.add_with(&format!(
            "git-tree-sha1 = \"{tree}\"\nrepo-rev = \"main\"\nrepo-url = \"../Example\"\nversion = \"{version}\"\n"
        ));
    }

    fn release_of(mut self, package: &Package, index: usize) -> Self {
        let source = package.trees[index].store(self.corpus, &format!("{}-tree", self.vector.id));
        self.tree = Some(tree_hash(self.corpus, &source));
        self.vector = self.vector.input("tree", source);
        self
    }

    fn add_namesake(self) {
        let tree = self.tree.clone().unwrap_or_default();
        let lockfile = format!(
            "[[Example]]\ngit-tree-sha1 = \"{tree}\"\nuuid = \"{}b\"\nversion = \"1.1.0\"\n",
            &UUID[..UUID.len() - 1]
        );
        self.corpus.add(self.vector.input("lockfile", Source::text(lockfile)));
    }
}

/// PRJ-5 to PRJ-9.
fn add_tree_hashes(corpus: &mut Corpus, package: &Package) {
    let release = package.trees[1].clone();
    let source = release.store(corpus, &format!("verdict-{}", package.releases[1].draft.seq));
    let hash = tree_hash(corpus, &source);
    let generated = release.clone().file("src/Example.jl.cov", "1\n").file("deps/build.log", "built\n");
    Case::new(corpus, accepted("generated", "a log and a file that counts lines were made after it was installed"))
        .trusting(package)
        .installed(&generated)
        .locked(&*hash)
        .notes(&["generated"])
        .state("accepted")
        .add();
    Case::new(corpus, refused(Rule::Ver13, "dependency-in-lockfile", "a log is in the tree of the lockfile, too"))
        .trusting(package)
        .installed(&generated)
        .state("refused")
        .add();
    Case::new(corpus, refused(Rule::Ver13, "dependency-deps", "a file below deps of a package without a build step"))
        .trusting(package)
        .installed(&release.clone().file("deps/deps.jl", "x\n"))
        .locked(&*hash)
        .state("refused")
        .add();
    let permitted = release.clone().without("README.md").file("README.md", "# Example\n").executable();
    Case::new(corpus, accepted("tree-hash", "a file was made executable after it was installed"))
        .trusting(package)
        .installed(&permitted)
        .locked(&*hash)
        .notes(&["tree-hash"])
        .state("accepted")
        .add();
    Case::new(corpus, refused(Rule::Prj6, "strict", "a file was made executable, under --strict"))
        .trusting(package)
        .installed(&permitted)
        .locked(&*hash)
        .strict()
        .state("refused")
        .add();
    let unsigned = sources("1.1.0");
    Case::new(corpus, refused(Rule::Prj6, "unsigned", "an unsigned package is another tree than that of the lockfile"))
        .installed(&unsigned)
        .locked(ANOTHER)
        .state("refused")
        .add();
    Case::new(
        corpus,
        refused(Rule::Prj6, "newly-signed", "a newly signed package is another tree than that of the lockfile"),
    )
    .release(package, 1)
    .locked(ANOTHER)
    .state("refused")
    .add();
    Case::new(corpus, accepted("built", "an unsigned package with a build step is another tree"))
        .installed(&unsigned.clone().file("deps/build.jl", "\n"))
        .locked(ANOTHER)
        .notes(&["built"])
        .state("unsigned")
        .add();
    let unix = unsigned.store(corpus, "dependency-unsigned-tree");
    let unix = tree_hash(corpus, &unix);
    let dos = unsigned
        .clone()
        .with("Project.toml", String::from_utf8_lossy(unsigned.bytes_of("Project.toml")).replace('\n', "\r\n"));
    Case::new(corpus, accepted("line-ends", "an unsigned package in which a file was turned to CRLF"))
        .installed(&dos)
        .locked(unix)
        .state("unsigned")
        .add();
}

/// PRJ-11 to PRJ-13, PRJ-15.
fn add_pinned(corpus: &mut Corpus, package: &Package) {
    let [first, second, _] = &package.releases;
    let pinned = pins(&[(package, first)]);
    Case::new(corpus, accepted("pinned", "the user trusts nobody, and the project pins the first release"))
        .release(package, 1)
        .pins(&*pinned)
        .state("accepted")
        .add();
    Case::new(corpus, refused(Rule::Ver10, "dependency-seen", "a pin of grade seen, under --strict"))
        .release(package, 1)
        .pins(pinned.replace("confirmed", "seen"))
        .strict()
        .state("refused")
        .add();
    Case::new(corpus, refused(Rule::Ver2, "dependency-stripped", "a pinned package without .sigpkg"))
        .installed(&sources("1.1.0"))
        .pins(&*pinned)
        .state("refused")
        .add();
    Case::new(corpus, refused(Rule::Prj11, "developed", "a pinned package is developed"))
        .pins(&*pinned)
        .state("refused")
        .add_with("path = \"../Example\"\n");
    Case::new(
        corpus,
        refused(Rule::Prj11, "stdlib", "the lockfile says that a pinned package comes with the language"),
    )
    .pins(&*pinned)
    .state("refused")
    .add_with("version = \"1.1.0\"\n");
    let stranger = Package::new(corpus, "verdict-stranger");
    Case::new(corpus, refused(Rule::Prj12, "target", "a pinned package has another signatory"))
        .release_of(&stranger, 1)
        .pins(&*pinned)
        .state("refused")
        .add();
    Case::new(
        corpus,
        refused(Rule::Prj12, "store", "the project pins another signatory than the one whom the user trusts"),
    )
    .trusting(package)
    .release(package, 1)
    .pins(pins(&[(&stranger, &stranger.releases[0])]))
    .state("refused")
    .add();
    Case::new(
        corpus,
        refused(
            Rule::Ver9,
            "dependency-second",
            "the target has a pinned signatory, but not the one whom the user trusts",
        ),
    )
    .trusting(package)
    .release_of(&stranger, 1)
    .pins(pins(&[(package, first), (&stranger, &stranger.releases[0])]))
    .state("refused")
    .add();
    let newer = pins(&[(package, second)]);
    Case::new(corpus, undecided(Rule::Prj13, "older", "a release that is older than the pin"))
        .release(package, 0)
        .pins(&*newer)
        .state("undecided")
        .add();
    Case::new(corpus, undecided(Rule::Prj13, "store", "neither the target nor the store reaches the pin"))
        .trusting(package)
        .release(package, 0)
        .pins(&*newer)
        .state("undecided")
        .add();
    let store = package.chain(corpus, 2);
    Case::new(corpus, accepted("pin-in-store", "the store reaches the pin, and the target is older"))
        .trusting(package)
        .release(package, 0)
        .context(|context| context.store = Some(store))
        .pins(&*newer)
        .notes(&["not-newest"])
        .state("accepted")
        .add();
    let tree = sources("1.1.0");
    let rival = first.child(" pinned", "release", tree.body("1.1.0")).sign();
    let forged = signed(corpus, &tree, &[&package.genesis, first, &rival], &rival);
    Case::new(corpus, undecided(Rule::Prj13, "fork", "a rival of the pinned statement"))
        .installed(&forged)
        .pins(&*newer)
        .state("undecided")
        .add();
}

/// What a verifier could overlook and still pass what is above.
fn add_corners(corpus: &mut Corpus, package: &Package) {
    let [first, second, _] = &package.releases;
    Case::new(corpus, undecided(Rule::Prj13, "number", "the digest of the pin is that of another number"))
        .release(package, 1)
        .pins(pins(&[(package, first)]).replace("seq = 2", "seq = 3"))
        .state("undecided")
        .add();
    let stranger = Package::new(corpus, "verdict-stranger");
    Case::new(
        corpus,
        refused(Rule::Prj12, "not-installed", "the project pins another signatory, and it is not installed"),
    )
    .trusting(package)
    .pins(pins(&[(&stranger, &stranger.releases[0])]))
    .state("refused")
    .add();
    let between = unreleased(corpus, &sources("1.1.0"), &[&package.genesis, first]);
    Case::new(corpus, accepted("between", "a commit between two releases of a signatory whom nobody has trusted"))
        .installed(&between)
        .state("newly-signed")
        .add();
    Case::new(
        corpus,
        refused(
            Rule::Ver4,
            "dependency-between",
            "a commit between two releases of the signatory whom the user trusts",
        ),
    )
    .trusting(package)
    .installed(&between)
    .state("refused")
    .add();
    let tree = sources("1.1.0");
    let rival = first.child(" pinned", "release", tree.body("1.1.0")).sign();
    let contested = signed(corpus, &tree, &[&package.genesis, first, second, &rival], &rival);
    Case::new(corpus, accepted("strangers-contest", "a contested release of a signatory whom nobody has trusted"))
        .installed(&contested)
        .state("newly-signed")
        .add();
    let odd = sources("1.1.0").file("a:b", "x\n");
    Case::new(corpus, accepted("no-tree", "an unsigned package with a file that none may have"))
        .installed(&odd)
        .notes(&["no-tree"])
        .state("unsigned")
        .add();
    Case::new(corpus, refused(Rule::Prj6, "no-tree", "the same, and another tree than that of the lockfile"))
        .installed(&odd)
        .locked(ANOTHER)
        .notes(&["no-tree"])
        .state("refused")
        .add();
    Case::new(corpus, refused(Rule::Tree3, "dependency", "a trusted package with a file that none may have"))
        .trusting(package)
        .installed(&odd)
        .state("refused")
        .add();
    Case::new(
        corpus,
        refused(
            Rule::Prj14,
            "reviewed",
            "an unsigned package that is in the lockfile at --base, and nobody is trusted",
        ),
    )
    .installed(&tree)
    .strict()
    .reviewed()
    .state("unsigned")
    .add();
}

impl Case<'_> {
    /// The tree that is installed is in the lockfile at `--base`, too.
    fn reviewed(mut self) -> Self {
        self.vector.context.reviewed = self.tree.clone();
        self
    }
}

/// PRJ-5 and PRJ-6 for what a build step makes.
fn add_built(corpus: &mut Corpus, package: &Package) {
    let [first, second, _] = &package.releases;
    let tree = sources("1.2.0").file("deps/build.jl", "\n");
    let release = second.child(" built", "release", tree.body("1.2.0")).sign();
    let tree = signed(corpus, &tree, &[&package.genesis, first, second, &release], &release);
    let source = tree.store(corpus, "dependency-built");
    let hash = tree_hash(corpus, &source);
    let built = tree.file("deps/deps.jl", "x\n");
    let generated = accepted("build-output", "a signed build step has made a file below deps");
    let strict = refused(Rule::Prj6, "build-output", "a signed build step has made a file below deps, under --strict");
    Case::new(corpus, generated)
        .trusting(package)
        .installed(&built)
        .version("1.2.0")
        .locked(&*hash)
        .notes(&["generated"])
        .state("accepted")
        .add();
    Case::new(corpus, strict)
        .trusting(package)
        .installed(&built)
        .version("1.2.0")
        .locked(&*hash)
        .notes(&["generated"])
        .strict()
        .state("refused")
        .add();
}

/// PRJ-10.
fn add_before_signing(corpus: &mut Corpus, package: &Package) {
    let old = sources("0.9.0");
    let source = old.store(corpus, "dependency-before");
    let hash = tree_hash(corpus, &source);
    let first = &package.releases[0];
    let pinned = pins(&[(package, first)]);
    Case::new(corpus, accepted("before-in-store", "an unsigned version that was recorded at first trust"))
        .trusting(package)
        .before(&source, &hash)
        .context(|context| context.before_signing = vec![hash.clone()])
        .add();
    Case::new(corpus, accepted("before-in-pin", "an unsigned version that is in a pin, under --strict"))
        .before(&source, &hash)
        .pins(format!("{pinned}before-signing = [\"{hash}\"]\n"))
        .strict()
        .add();
    Case::new(corpus, accepted("before-at-base", "an unsigned version that is in the lockfile at --base"))
        .trusting(package)
        .before(&source, &hash)
        .context(|context| context.reviewed = Some(hash.clone()))
        .add();
    Case::new(corpus, refused(Rule::Ver2, "dependency-not-recorded", "an unsigned version that is recorded nowhere"))
        .trusting(package)
        .before(&source, &hash)
        .state("refused")
        .add();
    Case::new(
        corpus,
        refused(
            Rule::Ver2,
            "dependency-before-in-pin-alone",
            "a pin records what the user who trusts has not recorded",
        ),
    )
    .trusting(package)
    .before(&source, &hash)
    .pins(format!("{pinned}before-signing = [\"{hash}\"]\n"))
    .state("refused")
    .add();
    Case::new(corpus, refused(Rule::Ver2, "dependency-before-edited", "a recorded version that was edited"))
        .trusting(package)
        .installed(&old.with("README.md", "# Edited\n"))
        .version("0.9.0")
        .locked(&*hash)
        .context(|context| context.before_signing = vec![hash.clone()])
        .state("refused")
        .add();
}

impl Case<'_> {
    fn before(mut self, source: &Source, hash: &str) -> Self {
        self.tree = Some(hash.to_owned());
        self.version = "0.9.0";
        self.vector = self.vector.input("tree", source.clone());
        self.state("before-signing")
    }
}

/// The text of a file of pins.
fn pins(pins: &[(&Package, &Record)]) -> String {
    let mut pins: Vec<_> = pins.iter().map(|(package, record)| (package.id(), *record)).collect();
    pins.sort_by(|one, other| one.0.cmp(&other.0));
    let pin = |(id, record): &(String, &Record)| {
        format!(
            "\n[[pin]]\nname = \"Example\"\nuuid = \"{UUID}\"\nid = \"{id}\"\nseq = {}\ndigest = \"{}\"\ngrade = \
             \"confirmed\"\n",
            record.draft.seq,
            record.digest()
        )
    };
    format!("sigpkg-pins = 1\n{}", pins.iter().map(pin).collect::<String>())
}

/// PRJ-16, PRJ-17.
fn add_pins(corpus: &mut Corpus, package: &Package) {
    let good = pins(&[(package, &package.releases[0])]);
    let mut accept = |name: &str, summary: &str, file: String, canonical: &str| {
        let vector = Vector::accepted(Kind::Pins, &format!("pins-{name}"), summary);
        corpus.add(vector.input("pins", Source::text(file)).value(Digest::of(canonical.as_bytes()).to_string()));
    };
    accept("one", "one pin", good.clone(), &good);
    accept("none", "a project that pins nothing", "sigpkg-pins = 1\n".to_owned(), "sigpkg-pins = 1\n");
    let other = good.replace("\"Example\"", "\"Another\"").replace("sigpkg-pins = 1\n", "");
    accept("unsorted", "two pins in another order, as a merge leaves them", format!("{good}{other}"), &{
        let rest = good.replace("sigpkg-pins = 1\n", "");
        format!("sigpkg-pins = 1\n{other}{rest}")
    });
    accept(
        "hashes",
        "tree hashes in another order, and one of them twice",
        format!("{good}before-signing = [\"{ANOTHER}\", \"{EARLIER}\", \"{ANOTHER}\"]\n"),
        &format!("{good}before-signing = [\"{EARLIER}\", \"{ANOTHER}\"]\n"),
    );
    let generic =
        good.lines().filter(|line| !line.starts_with("uuid")).map(|line| format!("{line}\n")).collect::<String>();
    accept("generic", "a pin of a generic package", generic.clone(), &generic);
    let refusals = [
        ("top-level", "a key beside the pins", good.replace("sigpkg-pins = 1\n", "sigpkg-pins = 1\nnote = \"x\"\n")),
        ("name", "a name that no Julia package has", good.replace("\"Example\"", "\"Ex/ample\"")),
        ("array", "tree hashes that are none of texts", format!("{good}before-signing = [1]\n")),
        ("accepted", "an accepted statement that is no digest", format!("{good}accepted = [\"{ANOTHER}\"]\n")),
        ("seq-text", "the number of a statement as a text", good.replace("seq = 2", "seq = \"2\"")),
        ("seq-large", "a statement that no chain has", good.replace("seq = 2", "seq = 100001")),
        ("toml", "a text that is no TOML", good.replace("[[pin]]", "[[pin]")),
        ("text", "a text in the place of the version", good.replace("sigpkg-pins = 1", "sigpkg-pins = \"1\"")),
        ("version", "another version of the form", good.replace("sigpkg-pins = 1", "sigpkg-pins = 2")),
        ("conflict", "the conflict markers of a merge", good.replace("seq =", "<<<<<<< HEAD\nseq =")),
        ("twice", "two pins of one package and signatory", format!("{good}{}", good.replace("sigpkg-pins = 1\n", ""))),
        ("key", "a key that no pin has", format!("{good}note = \"x\"\n")),
        ("id", "an id of 55 characters", good.replace("id = \"sigp", "id = \"sig")),
        ("seq", "a statement 0", good.replace("seq = 2", "seq = 0")),
        ("digest", "a digest without its prefix", good.replace("blake3:", "")),
        ("grade", "a grade that there is not", good.replace("confirmed", "certain")),
        ("uuid", "a UUID in capitals", good.replace(UUID, &UUID.to_uppercase())),
        (
            "missing",
            "a pin without an id",
            good.lines().filter(|line| !line.starts_with("id =")).map(|line| format!("{line}\n")).collect(),
        ),
        ("tree", "a tree hash in capitals", format!("{good}before-signing = [\"{}\"]\n", ANOTHER.to_uppercase())),
    ];
    for (name, summary, file) in refusals {
        assert_ne!(file, good, "{name} changes nothing");
        corpus.add(Vector::refused(Kind::Pins, Rule::Prj16, name, summary).input("pins", Source::text(file)));
    }
}
