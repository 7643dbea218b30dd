//! What a vector is made of, and the files in memory. See testvectors/README.md for the meaning of each field.

use std::collections::BTreeMap;

use serde::Serialize;
use sigpkg::rule::Rule;

/// Every file of `testvectors/` that is generated, `index.json` aside, and the vectors.
#[derive(Default)]
pub(crate) struct Corpus {
    pub(crate) vectors: Vec<Vector>,
    files: BTreeMap<String, Vec<u8>>,
}

/// Where the bytes of an input come from.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Source {
    File { file: String },
    Text { text: String },
    Hex { hex: String },
    Parts { parts: Vec<Self> },
    Repeat { repeat: Box<Self>, times: usize },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    Text,
    Id,
    PublicKey,
    PublicKeyFile,
    ReserveKey,
    SecretKeyFile,
    Block,
    SignatureFile,
    Statement,
    Chain,
    Listing,
    Links,
    Tree,
    ReleaseTree,
    Archive,
    ChainFile,
    Pins,
    Dependency,
    Words,
    ShownId,
    PastedId,
    LookAlike,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Verdict {
    Accepted,
    Refused,
    Undecided,
}

#[derive(Clone, Debug)]
pub(crate) struct Vector {
    pub(crate) id: String,
    pub(crate) summary: String,
    pub(crate) kind: Kind,
    pub(crate) input: BTreeMap<&'static str, Source>,
    pub(crate) context: Context,
    pub(crate) expect: Expect,
    pub(crate) stock: Stock,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Context {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) grade: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) store: Option<Source>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) accepted: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) policy: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) distrust_ed25519: Option<String>,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) ended: bool,
    /// The tree hashes that were recorded at first trust.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) before_signing: Vec<String>,
    /// The tree of the package in the lockfile at `--base`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reviewed: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) others: Vec<Other>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) asked_id: Option<String>,
    #[serde(skip_serializing_if = "Wanted::is_empty")]
    pub(crate) expect: Wanted,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) upstream: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) installed: Option<Installed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) installed_tree: Option<Source>,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) allow_downgrade: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) strict: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) now: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_seen: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<&'static str>,
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    pub(crate) usage: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) form: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) passphrase: Option<&'static str>,
    /// How many bytes the words are expected to have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) length: Option<usize>,
}

/// One more signatory whom the user trusts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Other {
    pub(crate) store: Source,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) ended: bool,
}

/// What the caller asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Wanted {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ecosystem: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) uuid: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Installed {
    pub(crate) version: &'static str,
    pub(crate) seq: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Expect {
    pub(crate) verdict: Verdict,
    pub(crate) rule: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) reached: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) notes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) package: Option<PackageFields>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seq: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) head: Option<Head>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) files: Option<Differences>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) belief: Option<BeliefFields>,
}

/// What is believed of the records of a chain file. Records are named by their place in the file, from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct BeliefFields {
    pub(crate) states: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) newest: Option<usize>,
    /// The reserve statement because of which the standing line ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) waiting: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) rivals: Vec<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) withdrawn: Vec<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) yanked: Vec<YankedFields>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) promise: Option<String>,
    #[serde(rename = "final", skip_serializing_if = "is_false")]
    pub(crate) is_final: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) successor: Option<String>,
    /// The parents whose link key has signed two children.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) forks: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct YankedFields {
    pub(crate) record: usize,
    pub(crate) severity: &'static str,
    pub(crate) by: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct PackageFields {
    pub(crate) ecosystem: String,
    pub(crate) name: String,
    pub(crate) uuid: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Head {
    pub(crate) seq: u32,
    pub(crate) digest: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Differences {
    pub(crate) modified: Vec<String>,
    pub(crate) missing: Vec<String>,
    pub(crate) extra: Vec<String>,
    pub(crate) line_ends: Vec<String>,
}

/// What stock tools say to the same files: `accept` or `refuse`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Stock {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) minisign: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) signify: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) b3sum: Option<&'static str>,
    /// Why a tool and we differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) why: Option<&'static str>,
}

impl Corpus {
    pub(crate) fn add(&mut self, vector: Vector) {
        self.vectors.push(vector);
    }

    /// A source that names a file with these bytes. A path may be given again with the same bytes, never with others.
    pub(crate) fn file(&mut self, path: &str, bytes: impl AsRef<[u8]>) -> Source {
        let bytes = bytes.as_ref();
        let held = self.files.entry(path.to_owned()).or_insert_with(|| bytes.to_vec());
        assert!(held == bytes, "two vectors want different bytes in {path}");
        Source::File { file: path.to_owned() }
    }

    /// The bytes that a source stands for.
    pub(crate) fn bytes(&self, source: &Source) -> Vec<u8> {
        match source {
            Source::File { file } => self.files[file].clone(),
            Source::Text { text } => text.as_bytes().to_vec(),
            Source::Hex { hex } => from_hex(hex),
            Source::Parts { parts } => parts.iter().flat_map(|part| self.bytes(part)).collect(),
            Source::Repeat { repeat, times } => self.bytes(repeat).repeat(*times),
        }
    }

    /// Every generated file by its path in `testvectors/`, `index.json` included. What no vector uses is left out: some
    /// fixtures make more than their vectors need.
    pub(crate) fn all_files(&self) -> BTreeMap<String, Vec<u8>> {
        let index = self.index();
        let trees = self.files.iter().filter(|(path, _)| path.starts_with("trees/"));
        let trees = trees.filter_map(|(_, tree)| std::str::from_utf8(tree).ok());
        let texts: Vec<&str> = trees.chain([index.as_str()]).collect();
        let is_used = |path: &str| {
            let name = format!("\"{path}\"");
            texts.iter().any(|text| text.contains(&name))
        };
        let used = self.files.iter().filter(|(path, _)| is_used(path));
        let mut files: BTreeMap<_, _> = used.map(|(path, bytes)| (path.clone(), bytes.clone())).collect();
        files.insert("index.json".to_owned(), index.into_bytes());
        files
    }

    /// A field a line: short enough to compare two versions by eye, and any JSON reader takes it.
    fn index(&self) -> String {
        let vectors: Vec<_> = self.vectors.iter().map(Vector::to_json).collect();
        format!("{{\n  \"schema\": \"sigpkg.vectors/1\",\n  \"vectors\": [\n{}\n  ]\n}}\n", vectors.join(",\n"))
    }
}

impl Vector {
    pub(crate) fn accepted(kind: Kind, name: &str, summary: &str) -> Self {
        let expect = Expect::new(Verdict::Accepted, None, "expectation");
        Self::new(kind, format!("accept-{name}"), summary, expect)
    }

    pub(crate) fn refused(kind: Kind, rule: Rule, name: &str, summary: &str) -> Self {
        let expect = Expect::new(Verdict::Refused, Some(rule), step(rule));
        Self::new(kind, format!("{rule}-{name}"), summary, expect)
    }

    pub(crate) fn undecided(kind: Kind, rule: Rule, name: &str, summary: &str) -> Self {
        let expect = Expect::new(Verdict::Undecided, Some(rule), step(rule));
        Self::new(kind, format!("{rule}-{name}"), summary, expect)
    }

    /// A text that has not the form in question. No rule is broken as long as nobody uses it.
    pub(crate) fn not_of_form(form: &'static str, name: &str, summary: &str) -> Self {
        let expect = Expect::new(Verdict::Refused, None, "form");
        let mut vector = Self::new(Kind::Text, format!("text-{form}-{name}"), summary, expect);
        vector.context.form = Some(form);
        vector
    }

    fn new(kind: Kind, id: String, summary: &str, expect: Expect) -> Self {
        Self {
            id,
            summary: summary.to_owned(),
            kind,
            input: BTreeMap::new(),
            context: Context::default(),
            expect,
            stock: Stock::default(),
        }
    }

    pub(crate) fn input(mut self, name: &'static str, source: Source) -> Self {
        self.input.insert(name, source);
        self
    }

    pub(crate) fn value(mut self, value: impl Into<String>) -> Self {
        self.expect.value = Some(value.into());
        self
    }

    pub(crate) fn context(mut self, change: impl FnOnce(&mut Context)) -> Self {
        change(&mut self.context);
        self
    }

    pub(crate) fn expect(mut self, change: impl FnOnce(&mut Expect)) -> Self {
        change(&mut self.expect);
        self
    }

    pub(crate) fn stock(mut self, minisign: &'static str, signify: &'static str) -> Self {
        self.stock.minisign = Some(minisign);
        self.stock.signify = Some(signify);
        self
    }

    /// Why a stock tool answers otherwise.
    pub(crate) fn why(mut self, why: &'static str) -> Self {
        self.stock.why = Some(why);
        self
    }

    fn to_json(&self) -> String {
        fn line(name: &str, value: &impl Serialize) -> String {
            format!("      \"{name}\": {}", serde_json::to_string(value).expect("vectors have string keys"))
        }
        let mut lines = vec![
            line("id", &self.id),
            line("rule", &self.expect.rule),
            line("summary", &self.summary),
            line("kind", &self.kind),
            line("input", &self.input),
        ];
        if self.context != Context::default() {
            lines.push(line("context", &self.context));
        }
        lines.push(line("expect", &self.expect));
        if self.stock != Stock::default() {
            lines.push(line("stock", &self.stock));
        }
        format!("    {{\n{}\n    }}", lines.join(",\n"))
    }
}

impl Expect {
    fn new(verdict: Verdict, rule: Option<Rule>, reached: &'static str) -> Self {
        Self {
            verdict,
            rule: rule.map(|rule| rule.id().to_owned()),
            reason: rule.map(|rule| rule.reason().to_owned()),
            reached,
            notes: Vec::new(),
            value: None,
            package: None,
            seq: None,
            version: None,
            head: None,
            files: None,
            belief: None,
        }
    }
}

impl Wanted {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Source {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }

    pub(crate) fn parts(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::Parts { parts: parts.into_iter().collect() }
    }

    pub(crate) fn repeat(self, times: usize) -> Self {
        Self::Repeat { repeat: Box::new(self), times }
    }

    /// Bytes with long runs of zeros, such as the headers of a tarball.
    pub(crate) fn sparse(bytes: &[u8]) -> Self {
        let runs = bytes.chunk_by(|one, other| (*one == 0) == (*other == 0));
        Self::parts(runs.map(|run| match run {
            [0, ..] => Self::text("\0").repeat(run.len()),
            _ => Self::bytes(run),
        }))
    }

    /// Bytes as text where they are text, in hexadecimal otherwise.
    pub(crate) fn bytes(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) if !text.contains('\0') => Self::text(text),
            Ok(_) | Err(_) => Self::Hex { hex: bytes.iter().map(|byte| format!("{byte:02x}")).collect() },
        }
    }
}

/// The step of spec/7-verdicts.md section 7.3 in which a rule is checked.
pub(crate) fn step(rule: Rule) -> &'static str {
    let (chapter, number) = rule.id().split_once('-').expect("an id is a chapter and a number");
    let number: u32 = number.parse().expect("an id ends with a number");
    match (chapter, number) {
        ("KEY" | "STM" | "SEC" | "CMP", _) | ("CHN", 1 | 2 | 15) | ("SIG", 5 | 10 | 11 | 12) | ("PRJ", 16) => "form",
        ("CHN" | "SIG", _) | ("VER", 5 | 6) => "chain",
        ("TREE" | "DIR", _) | ("VER", 2 | 3) => "tree",
        ("VER", 4 | 7 | 8 | 27..=29) => "belief",
        ("VER", 1 | 9 | 10) => "decision",
        ("VER", 11 | 36) => "release",
        ("VER", 12 | 13 | 19) => "listing",
        ("VER" | "PRJ", _) => "expectation",
        _ => panic!("{rule} belongs to no step"),
    }
}

fn from_hex(hex: &str) -> Vec<u8> {
    let digits: Vec<_> = hex.chars().map(|digit| digit.to_digit(16).expect("hexadecimal")).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).expect("two digits are a byte")).collect()
}

// The signature is serde's.
#[expect(clippy::trivially_copy_pass_by_ref)]
fn is_false(flag: &bool) -> bool {
    !flag
}
