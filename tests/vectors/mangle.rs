//! Mangling: whatever is done to a file of `.sigpkg` in a release that is accepted, the release is accepted no more.
//!
//! All its comment lines are fixed by the specification, so that this can be true. A chain may have more records than
//! the release needs, so it may also end after any of them that follows the release; here none does.

use sigpkg::listing::folder::{FolderFile, SigpkgFolder};
use sigpkg::signature::Standard;
use sigpkg::source::SourceTree;
use sigpkg::verify::{Question, Target, TreeTarget, verify};

use super::build::{Kind, Verdict};
use super::targets::User;
use super::{corpus, targets};

const FILES: [FolderFile; 6] = FolderFile::ALL;

#[test]
fn each_byte_each_prefix_and_each_order_of_lines_counts() {
    let mut mangled = 0;
    for id in ["accept-release-upgrade", "accept-folder-links", "accept-release-generic"] {
        let release = Release::of(id);
        assert!(release.is_accepted(&release.files), "{id} is not accepted as it is");
        for file in FILES {
            let Some(at) = release.files.iter().position(|(found, _)| *found == file) else { continue };
            let good = release.files[at].1.clone();
            for (what, bad) in manglings(&good) {
                let mut files = release.files.clone();
                files[at].1 = bad;
                assert!(!release.is_accepted(&files), "{id}: {} is accepted with {what}", file.name());
                mangled += 1;
            }
        }
    }
    assert!(mangled > 10_000, "only {mangled} manglings were tried");
}

#[test]
fn no_file_can_be_left_out() {
    let release = Release::of("accept-folder-links");
    for left_out in 0..release.files.len() {
        let mut files = release.files.clone();
        let (file, _) = files.remove(left_out);
        assert!(!release.is_accepted(&files), "{} can be left out", file.name());
    }
}

/// Every byte changed, every prefix, one more byte, and every two unequal lines in each other's place.
fn manglings(good: &[u8]) -> impl Iterator<Item = (String, Vec<u8>)> + '_ {
    // One bit each, and not the same: changes that a lenient reader would not see differ from place to place.
    let changed = (0..good.len()).map(|at| {
        let mut bad = good.to_vec();
        bad[at] ^= 1 << (at % 7);
        (format!("byte {at} changed"), bad)
    });
    let prefixes = (0..good.len()).map(|length| (format!("its first {length} bytes alone"), good[..length].to_vec()));
    let longer = [b'\n', b' ', 0].map(|byte| (format!("byte {byte} at its end"), [good, &[byte]].concat()));
    changed.chain(prefixes).chain(longer).chain(swaps(good))
}

fn swaps(good: &[u8]) -> impl Iterator<Item = (String, Vec<u8>)> + '_ {
    let lines: Vec<_> = good.split_inclusive(|byte| *byte == b'\n').collect();
    let pairs = (0..lines.len()).flat_map(move |one| (0..one).map(move |other| (other, one)));
    let unequal: Vec<_> = pairs.filter(|(one, other)| lines[*one] != lines[*other]).collect();
    unequal.into_iter().map(move |(one, other)| {
        let mut swapped = lines.clone();
        swapped.swap(one, other);
        (format!("lines {one} and {other} swapped"), swapped.concat())
    })
}

/// A release that is accepted, its tree read once.
struct Release {
    user: User<'static>,
    tree: SourceTree,
    files: Vec<(FolderFile, Vec<u8>)>,
}

impl Release {
    fn of(id: &str) -> Self {
        let vector = corpus().vectors.iter().find(|vector| vector.id == id).unwrap();
        assert_eq!((vector.kind, vector.expect.verdict), (Kind::ReleaseTree, Verdict::Accepted));
        let tree = targets::read_tree(corpus(), &vector.input["tree"]).unwrap();
        let folder = tree.folder().unwrap();
        let release = folder.claimed_release().unwrap();
        let files = [
            (FolderFile::Attributes, Some(super::forest::GITATTRIBUTES.as_bytes())),
            (FolderFile::Chain, Some(folder.claimed_chain())),
            (FolderFile::Statement, Some(release.claimed_statement())),
            (FolderFile::Signature, release.claimed_signature()),
            (FolderFile::Files, Some(release.claimed_files())),
            (FolderFile::Links, release.claimed_links()),
        ];
        let files = files.into_iter().filter_map(|(file, bytes)| Some((file, bytes?.to_vec()))).collect();
        Self { user: User::of(corpus(), &vector.context), tree, files }
    }

    fn is_accepted(&self, files: &[(FolderFile, Vec<u8>)]) -> bool {
        let Ok(folder) = SigpkgFolder::new(files.iter().cloned().collect()) else { return false };
        let target = TreeTarget { folder: Some(&folder), ..TreeTarget::of(&self.tree) };
        let question = Question::new(&self.user.trusted, self.user.now);
        verify(&Target::Tree(target), &question, &Standard).is_accepted()
    }
}
