//! Chapter 7: the whole verification.

mod adopted;
mod contents;
mod decided;
mod expectations;
mod known;

use sigpkg::rule::Rule;

use super::build::{Context, Corpus, Expect, Head, Installed, Kind, PackageFields, Source, Vector, Wanted};
use super::forest::{Forest, Package, signed, sources, unreleased};
use super::raw::{JULIA, Record, UUID, edit, genesis, key};

pub(crate) fn add(corpus: &mut Corpus) {
    let package = Package::new(corpus, "verdict");
    add_accepted(corpus, &package);
    add_without_folder(corpus, &package);
    add_release_records(corpus, &package);
    add_forks(corpus, &package);
    add_decisions(corpus, &package);
    add_withdrawn(corpus, &package);
    contents::add(corpus, &package);
    expectations::add(corpus, &package);
    adopted::add(corpus, &package);
    add_chain_files(corpus, &package);
    decided::add(corpus);
    known::add(corpus, &package);
}

/// What is asked about a tree.
struct Case<'a> {
    corpus: &'a mut Corpus,
    package: &'a Package,
    vector: Vector,
}

impl<'a> Case<'a> {
    /// The user has accepted the first release, and trusts the signatory.
    fn new(corpus: &'a mut Corpus, package: &'a Package, vector: Vector) -> Self {
        let store = package.chain(corpus, 1);
        let id = package.id();
        let vector = vector.context(|context| {
            context.id = Some(id);
            context.store = Some(store);
        });
        Self { corpus, package, vector }
    }

    fn tree(mut self, tree: &Forest) -> Self {
        let source = tree.store(self.corpus, &format!("{}-tree", self.vector.id));
        self.vector = self.vector.input("tree", source);
        self
    }

    /// A tree of the package that is as it was signed.
    fn release(mut self, index: usize) -> Self {
        let name = format!("verdict-{}", self.package.releases[index].draft.seq);
        let source = self.package.trees[index].store(self.corpus, &name);
        self.vector = self.vector.input("tree", source);
        self
    }

    fn chain(mut self, records: &[&Record]) -> Self {
        let chain = super::raw::chain(self.corpus, records);
        self.vector = self.vector.input("chain", chain);
        self
    }

    fn store(mut self, records: &[&Record]) -> Self {
        let chain = super::raw::chain(self.corpus, records);
        self.vector.context.store = Some(chain);
        self
    }

    fn context(mut self, change: impl FnOnce(&mut Context)) -> Self {
        change(&mut self.vector.context);
        self
    }

    /// The user has accepted these, the oldest first.
    fn accepting(self, records: &[&Record]) -> Self {
        self.context(|context| context.accepted = Some(records.iter().map(|record| record.digest()).collect()))
    }

    fn installed(self, version: &'static str) -> Self {
        self.context(|context| context.installed = Some(Installed { version, seq: None }))
    }

    fn policy(self, policy: &'static str) -> Self {
        self.context(|context| context.policy = Some(policy))
    }

    fn expect(mut self, change: impl FnOnce(&mut Expect)) -> Self {
        change(&mut self.vector.expect);
        self
    }

    fn notes(self, notes: &[&str]) -> Self {
        self.expect(|expect| expect.notes = notes.iter().map(|note| (*note).to_owned()).collect())
    }

    /// What `b3sum --check .sigpkg/files` says, and why if that is not what we say.
    fn b3sum(mut self, answer: &'static str, why: Option<&'static str>) -> Self {
        (self.vector.stock.b3sum, self.vector.stock.why) = (Some(answer), why);
        self
    }

    /// The head in the user's store afterwards.
    fn head(self, record: &Record) -> Self {
        self.expect(|expect| expect.head = Some(head(record)))
    }

    fn add(self) {
        self.corpus.add(self.vector);
    }
}

fn head(record: &Record) -> Head {
    Head { seq: record.draft.seq, digest: record.digest() }
}

fn accepted(name: &str, summary: &str) -> Vector {
    Vector::accepted(Kind::ReleaseTree, &format!("release-{name}"), summary)
}

fn refused(rule: Rule, name: &str, summary: &str) -> Vector {
    Vector::refused(Kind::ReleaseTree, rule, name, summary)
}

fn undecided(rule: Rule, name: &str, summary: &str) -> Vector {
    Vector::undecided(Kind::ReleaseTree, rule, name, summary)
}

fn example() -> PackageFields {
    PackageFields { ecosystem: "julia".to_owned(), name: "Example".to_owned(), uuid: Some(UUID.to_owned()) }
}

fn add_accepted(corpus: &mut Corpus, package: &Package) {
    let [first, second, third] = &package.releases;
    for (index, name, summary, version) in [
        (0, "same", "the release that the user has accepted", "1.0.0"),
        (1, "upgrade", "an upgrade", "1.1.0"),
        (2, "back-port", "two statements at once, the last with a lower version", "1.0.1"),
    ] {
        let record = &package.releases[index];
        Case::new(corpus, package, accepted(name, summary))
            .release(index)
            .b3sum("accept", None)
            .head(record)
            .expect(|expect| {
                expect.package = Some(example());
                expect.seq = Some(record.draft.seq);
                expect.version = Some(version.to_owned());
            })
            .add();
    }
    Case::new(corpus, package, accepted("not-newest", "the store knows a newer release"))
        .release(0)
        .store(&package.records(2))
        .notes(&["not-newest"])
        .head(second)
        .add();
    Case::new(
        corpus,
        package,
        accepted("not-newest-in-tree", "the chain in the tree has a newer release than the tree"),
    )
    .tree(&package.trees[0].clone().adopt(".sigpkg/chain", &package.trees[2]))
    .notes(&["not-newest"])
    .head(third)
    .add();
    Case::new(corpus, package, accepted("seen", "the id was taken as it came"))
        .release(1)
        .context(|context| context.grade = Some("seen"))
        .notes(&["seen"])
        .add();
    Case::new(corpus, package, accepted("asked-id", "the user trusts nobody, and the caller gave the id"))
        .release(1)
        .context(|context| *context = Context { asked_id: Some(package.id()), ..Context::default() })
        .add();
    Case::new(corpus, package, accepted("directory", "an installed directory"))
        .release(1)
        .context(|context| context.source = Some("directory"))
        .add();
    Case::new(corpus, package, accepted("empty-folder", "an empty folder more than was signed"))
        .tree(&package.trees[1].clone().directory("deps"))
        .add();
    Case::new(corpus, package, accepted("executable", "a file was made executable"))
        .tree(
            &package.trees[1]
                .clone()
                .file("x", "x")
                .without("x")
                .without("README.md")
                .file("README.md", "# Example\n")
                .executable(),
        )
        .add();
    Case::new(
        corpus,
        package,
        accepted("extension", "the tree has a branch of the chain that the store does not have"),
    )
    .tree(&package.trees[1])
    .store(&[&package.genesis])
    .head(second)
    .add();
    assert_eq!(first.draft.seq, 2);
}

/// VER-1 to VER-3.
fn add_without_folder(corpus: &mut Corpus, package: &Package) {
    let only = sources("1.1.0");
    let stripped = refused(Rule::Ver2, "stripped", "the manifest claims a package that is known to be signed");
    Case::new(corpus, package, stripped).tree(&only).head(&package.releases[0]).add();
    let nothing = Forest::of(&[("README.md", "# Example\n")]);
    Case::new(
        corpus,
        package,
        refused(Rule::Ver2, "stripped-expected", "the caller expects a package that is known to be signed"),
    )
    .tree(&nothing)
    .context(|context| context.expect = Wanted { name: Some("Example"), ..Wanted::default() })
    .add();
    Case::new(corpus, package, refused(Rule::Ver2, "stripped-asked", "the caller gave an id"))
        .tree(&nothing)
        .context(|context| *context = Context { asked_id: Some(package.id()), ..Context::default() })
        .add();
    Case::new(corpus, package, undecided(Rule::Ver3, "unsigned", "a package that nobody has signed"))
        .tree(&nothing)
        .context(|context| *context = Context::default())
        .add();
    let other = Forest::of(&[(
        "Project.toml",
        "name = \"Other\"\nuuid = \"7876af07-990d-54b4-ab0e-23690620f79b\"\nversion = \"1.0.0\"\n",
    )]);
    Case::new(corpus, package, undecided(Rule::Ver3, "other-package", "another package than the one that is known"))
        .tree(&other)
        .add();
    Case::new(corpus, package, undecided(Rule::Ver1, "stranger", "a good release of a signatory whom nobody trusts"))
        .release(1)
        .context(|context| *context = Context::default())
        .add();
}

/// VER-4 and VER-5.
fn add_release_records(corpus: &mut Corpus, package: &Package) {
    let tree = unreleased(corpus, &sources("1.1.0"), &package.records(2));
    let between = refused(Rule::Ver4, "between", "a commit between two releases");
    Case::new(corpus, package, between).tree(&tree).head(&package.releases[1]).add();
    let tree = unreleased(corpus, &sources("1.0.0"), &package.records(0));
    Case::new(corpus, package, refused(Rule::Ver4, "after-genesis", "the commit of the genesis")).tree(&tree).add();

    let [_, second, third] = &package.releases;
    let ahead = package.trees[2].clone().adopt(".sigpkg/chain", &package.trees[1]);
    Case::new(corpus, package, refused(Rule::Ver5, "not-in-chain", "the statement of the release is not in the chain"))
        .tree(&ahead)
        .head(second)
        .add();
    let text = &package.genesis.text;
    let trusted = format!("sigpkg {} 1", package.id());
    let minisig = package.genesis.draft.signer.minisig(text.as_bytes(), &trusted);
    let tree =
        package.trees[1].clone().with(".sigpkg/release.toml", text).with(".sigpkg/release.toml.minisig", minisig);
    Case::new(corpus, package, refused(Rule::Ver5, "genesis", "release.toml is the genesis")).tree(&tree).add();
    assert_eq!(third.draft.seq, 4);
}

/// A rival of the second release, with its tree.
struct Rival {
    record: Record,
    child: Record,
    sources: Forest,
}

impl Rival {
    fn new(package: &Package) -> Self {
        let sources = sources("6.6.6").with("README.md", "# Example, improved\n");
        let record = package.releases[0].child(" rival", "release", sources.body("6.6.6")).sign();
        let child = record.release("", "6.6.7").sign();
        Self { record, child, sources }
    }

    fn tree(&self, corpus: &mut Corpus, records: &[&Record]) -> Forest {
        signed(corpus, &self.sources, records, &self.record)
    }
}

/// VER-7, VER-8, VER-22.
fn add_forks(corpus: &mut Corpus, package: &Package) {
    let [first, second, third] = &package.releases;
    let rival = Rival::new(package);
    let path = [&package.genesis, first, &rival.record];
    let tree = rival.tree(corpus, &path);

    Case::new(corpus, package, refused(Rule::Ver7, "lone", "a lone release beside a branch that was extended"))
        .tree(&tree)
        .store(&package.records(3))
        .context(|context| context.accepted = Some(vec![first.digest()]))
        .head(third)
        .add();
    Case::new(corpus, package, refused(Rule::Ver7, "not-accepted", "the user has accepted the release beside it"))
        .tree(&tree)
        .store(&package.records(2))
        .head(second)
        .add();
    Case::new(corpus, package, undecided(Rule::Ver8, "two", "two releases by one key, and none was accepted"))
        .tree(&tree)
        .store(&package.records(2))
        .context(|context| context.accepted = Some(vec![first.digest()]))
        .head(first)
        .add();
    let both = rival.tree(corpus, &[&package.genesis, first, second, &rival.record]);
    Case::new(corpus, package, undecided(Rule::Ver8, "in-one-file", "the chain in the tree has both releases"))
        .tree(&both)
        .head(first)
        .add();
    Case::new(corpus, package, accepted("rival-voids", "the user has accepted this one of two releases"))
        .tree(&both)
        .store(&package.records(2))
        .context(|context| context.accepted = Some(vec![rival.record.digest()]))
        .notes(&["rival", "voided"])
        .head(&rival.record)
        .add();
    Case::new(corpus, package, accepted("later-acceptance", "an acceptance withdraws the earlier one of a rival"))
        .tree(&both)
        .store(&[&package.genesis, first, second, &rival.record])
        .context(|context| context.accepted = Some(vec![second.digest(), rival.record.digest()]))
        .notes(&["rival"])
        .head(&rival.record)
        .add();
    Case::new(
        corpus,
        package,
        refused(Rule::Ver7, "earlier-acceptance", "the acceptance of this release was withdrawn by a later one"),
    )
    .tree(&both)
    .store(&[&package.genesis, first, second, &rival.record])
    .context(|context| context.accepted = Some(vec![rival.record.digest(), second.digest()]))
    .head(second)
    .add();
    Case::new(corpus, package, accepted("contested-beyond", "two releases are contested beyond this one"))
        .tree(&package.trees[0].clone().adopt(".sigpkg/chain", &both))
        .notes(&["rival"])
        .head(first)
        .add();
    let extended = rival.tree(corpus, &[&package.genesis, first, &rival.record, &rival.child]);
    Case::new(
        corpus,
        package,
        accepted("outranks-voids", "a branch that was extended stands, whatever lone statement was accepted"),
    )
    .tree(&extended)
    .store(&package.records(2))
    .notes(&["not-newest", "voided"])
    .head(&rival.child)
    .add();
}

/// VER-9 and VER-10.
fn add_decisions(corpus: &mut Corpus, package: &Package) {
    let other = genesis("verdict other", JULIA).sign();
    Case::new(
        corpus,
        package,
        refused(Rule::Ver9, "trusted-other", "the user trusts another signatory for this package"),
    )
    .release(1)
    .store(&[&other])
    .context(|context| context.id = Some(other.id()))
    .head(&other)
    .add();
    Case::new(corpus, package, refused(Rule::Ver9, "asked-other", "the caller gave another id"))
        .release(1)
        .context(|context| context.asked_id = Some(other.id()))
        .add();
    let elsewhere = genesis("verdict elsewhere", &edit(JULIA, "7876af07", "7876af08")).sign();
    Case::new(
        corpus,
        package,
        undecided(Rule::Ver1, "same-name", "the user trusts a package of this name with another UUID"),
    )
    .release(1)
    .store(&[&elsewhere])
    .context(|context| context.id = Some(elsewhere.id()))
    .add();
    Case::new(corpus, package, refused(Rule::Ver10, "seen", "under --strict, the id was never compared"))
        .release(1)
        .context(|context| {
            context.grade = Some("seen");
            context.strict = true;
        })
        .add();
    Case::new(corpus, package, accepted("strict", "under --strict, nothing is to be said"))
        .release(1)
        .context(|context| context.strict = true)
        .add();
}

/// VER-11.
fn add_withdrawn(corpus: &mut Corpus, package: &Package) {
    let [first, second, third] = &package.releases;
    let sources = sources("1.0.1").with("README.md", "# Example, again\n");
    let body = format!("{}withdraws = 4\n", sources.body("1.0.1"));
    let redone = third.child(" redone", "release", body).sign();
    let records = [&package.genesis, first, second, third, &redone];
    let tree = signed(corpus, &sources, &records, &redone);
    Case::new(corpus, package, accepted("redone", "a release that replaces one that was made by mistake"))
        .tree(&tree)
        .head(&redone)
        .add();
    Case::new(corpus, package, refused(Rule::Ver11, "known", "the user knows that this release was withdrawn"))
        .release(2)
        .store(&records)
        .notes(&["not-newest"])
        .head(&redone)
        .add();
    let told = package.trees[2].clone().adopt(".sigpkg/chain", &tree);
    Case::new(corpus, package, refused(Rule::Ver11, "told", "the chain in the tree says so itself"))
        .tree(&told)
        .notes(&["not-newest"])
        .add();
}

/// A chain file as the target.
fn add_chain_files(corpus: &mut Corpus, package: &Package) {
    let [first, second, _] = &package.releases;
    let accepted =
        |name: &str, summary: &str| Vector::accepted(Kind::ChainFile, &format!("chain-file-{name}"), summary);
    let refused = |rule, name: &str, summary: &str| {
        Vector::refused(Kind::ChainFile, rule, &format!("chain-file-{name}"), summary)
    };
    Case::new(corpus, package, accepted("newer", "a chain that goes on"))
        .chain(&package.records(3))
        .head(&package.releases[2])
        .add();
    Case::new(corpus, package, accepted("older", "a chain that ends before the store does"))
        .chain(&package.records(1))
        .store(&package.records(2))
        .head(second)
        .add();
    let rival = Rival::new(package);
    Case::new(corpus, package, accepted("fork", "a chain that proves a fork"))
        .chain(&[&package.genesis, first, second, &rival.record])
        .notes(&["fork", "rival"])
        .head(first)
        .add();
    let stranger = Vector::undecided(
        Kind::ChainFile,
        Rule::Ver1,
        "chain-file-stranger",
        "a chain of a signatory whom nobody trusts",
    );
    Case::new(corpus, package, stranger)
        .chain(&package.records(1))
        .context(|context| *context = Context::default())
        .add();
    let other = genesis("verdict other", JULIA).sign();
    Case::new(corpus, package, refused(Rule::Ver9, "other", "a chain of another signatory for the same package"))
        .chain(&[&other])
        .head(first)
        .add();
    Case::new(corpus, package, refused(Rule::Ver10, "seen", "under --strict, the id was never compared"))
        .chain(&package.records(2))
        .context(|context| {
            context.grade = Some("seen");
            context.strict = true;
        })
        .add();
    Case::new(corpus, package, refused(Rule::Ver15, "name", "the caller expects another name"))
        .chain(&package.records(2))
        .context(|context| context.expect = Wanted { name: Some("Exemple"), ..Wanted::default() })
        .add();
    let stolen = super::raw::Draft { signer: key("verdict thief"), ..second.draft.clone() };
    let forged = stolen.sign();
    let parts = [package.genesis.source(corpus), first.source(corpus), Source::text(forged.file_text())];
    let mut case = Case::new(
        corpus,
        package,
        refused(Rule::Sig7, "forged", "a statement signed by a stranger: nothing of the file is kept"),
    );
    case.vector = case.vector.input("chain", Source::parts(parts));
    case.head(first).add();
}
