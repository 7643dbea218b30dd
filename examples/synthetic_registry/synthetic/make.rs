//! The trees of a package, version by version, with their signatures.

use git2::Oid;
use sigpkg::digest::SignatoryId;
use sigpkg::listing::folder::{FOLDER, FolderFile, GITATTRIBUTES};
use sigpkg::signature::release;
use sigpkg::statement::{Cause, Severity};
use sigpkg::time::Timestamp;

use super::Options;
use super::content::{self, Blob, Files};
use super::draw::Draw;
use super::objects;
use super::plan::{Misconduct, Plan, Step};
use super::testing::{Fixture, Record};

/// A version as it is registered.
pub struct Version<'a> {
    pub step: &'a Step,
    /// Its place among the steps of the package.
    pub number: usize,
    /// All files, `.sigpkg` included.
    pub files: &'a Files,
    pub tree: Oid,
    /// Whoever has signed it, and the seq of the release. A tree that is planted may say so and be another.
    pub signed: Option<(SignatoryId, u64)>,
    /// The reserve statement that its chain has more than the one before.
    pub reserve: Option<&'a Record>,
}

/// Makes every version of a package in its order.
pub fn make(plan: &Plan, plans: &[Plan], options: &Options, mut each: impl FnMut(&Version<'_>)) {
    let mut draw = Draw::of(options.seed, "content", plan.index);
    let mut files = Files::new();
    let mut signer: Option<Signer> = None;
    let mut trees = Vec::new();
    let replaced = plan.steps.last().filter(|last| last.misconduct == Some(Misconduct::ReplacedTree));
    let mut kept = Files::new();
    for (number, step) in plan.steps.iter().enumerate() {
        let mut reserve = None;
        match step.misconduct {
            None => {
                if number == 0 {
                    files = content::first(plan, plans, &mut draw);
                } else {
                    content::next(&mut files, plan, plans, step.version, &mut draw);
                }
                if plan.is_signed(number) {
                    let signer = signer.get_or_insert_with(|| Signer::new(plan, options, "keys", step));
                    reserve = signer.before(step);
                    signer.sign(&mut files, step);
                }
            }
            Some(kind) => {
                reserve = commit(kind, plan, plans, options, (&mut files, &mut kept), &mut signer, step, &mut draw);
            }
        }
        if replaced.is_some_and(|replaced| replaced.version == step.version) && step.misconduct.is_none() {
            kept = files.clone();
        }
        let tree = match step.misconduct {
            Some(Misconduct::OldTree) => draw.pick(&trees),
            _ => objects::tree_id(&files),
        };
        trees.push(tree);
        let author = signer.as_ref().filter(|signer| signer.has_signed(&files));
        let signed_by = author.map(|signer| (signer.signatory, signer.seq()));
        each(&Version { step, number, files: &files, tree, signed: signed_by, reserve: reserve.as_ref() });
    }
}

/// Does what must not be done.
#[expect(clippy::too_many_arguments, reason = "it is the last part of `make`")]
fn commit(
    kind: Misconduct,
    plan: &Plan,
    plans: &[Plan],
    options: &Options,
    (files, kept): (&mut Files, &mut Files),
    signer: &mut Option<Signer>,
    step: &Step,
    draw: &mut Draw,
) -> Option<Record> {
    match kind {
        Misconduct::ReplacedTree => {
            *files = std::mem::take(kept);
            content::edit(files, 1, draw);
            return None;
        }
        Misconduct::OldTree => return None,
        Misconduct::UnsignedAfterSigned
        | Misconduct::SignatoryChanged
        | Misconduct::ReserveWithoutConsent
        | Misconduct::EditedTree => content::next(files, plan, plans, step.version, draw),
    }
    if kind == Misconduct::UnsignedAfterSigned {
        files.retain(|path, _| !path.starts_with(".sigpkg/"));
        return None;
    }
    if kind == Misconduct::SignatoryChanged {
        *signer = Some(Signer::new(plan, options, "other keys", step));
    }
    let signer = signer.as_mut()?;
    let reserve = (kind == Misconduct::ReserveWithoutConsent).then(|| signer.reserve(step.date));
    signer.sign(files, step);
    if kind == Misconduct::EditedTree {
        content::edit(files, 1, draw);
    }
    reserve
}

/// Whoever signs a package, and what was signed.
struct Signer {
    fixture: Fixture,
    signatory: SignatoryId,
    tip: Record,
    chain: String,
    /// A rival of the newest release. It comes to light with the next one.
    rival: Option<Record>,
}

impl Signer {
    fn new(plan: &Plan, options: &Options, purpose: &str, step: &Step) -> Self {
        let seed = Draw::of(options.seed, purpose, plan.index).number();
        let mut fixture = Fixture::of(seed, plan.package());
        let has_reserve = |step: &Step| step.has_reserve || step.misconduct == Some(Misconduct::ReserveWithoutConsent);
        if plan.steps.iter().any(has_reserve) {
            fixture = fixture.with_reserve(1, 1);
        }
        fixture.date = date(step.date - 300);
        let tip = fixture.genesis();
        Self { fixture, signatory: tip.signatory(), chain: tip.to_file(), tip, rival: None }
    }

    /// Whether the newest statement is the release of these files, as far as their folder tells.
    fn has_signed(&self, files: &Files) -> bool {
        files.get(&path(FolderFile::Statement)).is_some_and(|file| file.bytes == self.tip.text.as_bytes())
    }

    fn seq(&self) -> u64 {
        u64::from(self.tip.statement.seq.get())
    }

    /// Everything that is said since the last release.
    fn before(&mut self, step: &Step) -> Option<Record> {
        if let Some(rival) = self.rival.take() {
            self.chain += &rival.to_file();
        }
        if step.yanks && self.tip.statement.release().is_some() {
            self.fixture.date = date(step.date - 200);
            let yank = self.fixture.yank(&self.tip, &[self.seq()], Severity::Refuse);
            self.append(yank);
        }
        step.has_reserve.then(|| self.reserve(step.date))
    }

    fn reserve(&mut self, step: i64) -> Record {
        self.fixture.date = date(step - 100);
        let record = self.fixture.reserve_record(&self.tip, Cause::Lost);
        self.append(record.clone());
        record
    }

    fn append(&mut self, record: Record) {
        self.chain += &record.to_file();
        self.tip = record;
    }

    /// Releases the files, and puts `.sigpkg` beside them.
    fn sign(&mut self, files: &mut Files, step: &Step) {
        files.retain(|path, _| !path.starts_with(".sigpkg/"));
        let listing = files
            .iter()
            .fold(String::new(), |listing, (path, blob)| listing + &blob.digest.to_hex() + "  " + path + "\n");
        let bytes = files.values().map(|blob| blob.bytes.len() as u64).sum();
        let count = files.len() as u64;
        self.fixture.date = date(step.date);
        let version = step.version.to_string();
        let record = self.fixture.release_of(&self.tip, &version, listing.as_bytes(), count, bytes);
        if step.has_rival {
            self.rival = Some(self.fixture.release_of(&self.tip, &version, b"", 0, 0));
        }
        let seq = u64::from(record.statement.seq.get());
        let comment = release::trusted_comment(&self.signatory.to_string(), seq);
        let secret = self.fixture.secret(&self.tip.next);
        let signature = release::sign(secret, record.text.as_bytes(), &comment).unwrap();
        self.append(record);
        let folder = [
            (FolderFile::Attributes, GITATTRIBUTES.to_owned()),
            (FolderFile::Chain, self.chain.clone()),
            (FolderFile::Statement, self.tip.text.clone()),
            (FolderFile::Signature, signature),
            (FolderFile::Files, listing),
        ];
        files.extend(folder.map(|(file, text)| (path(file), Blob::new(text.into_bytes()))));
    }
}

fn path(file: FolderFile) -> String {
    format!("{FOLDER}/{}", file.name())
}

fn date(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds).unwrap()
}
