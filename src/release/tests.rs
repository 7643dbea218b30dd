use super::*;
use crate::chain::Decided;
use crate::listing::{FileFacts, TreeBuilder, TreePath};
use crate::secret::{SecretKey, Seed};
use crate::signature::Standard;
use crate::testing::Fixture;

fn tree(files: &[(&str, &str)]) -> Tree {
    let mut builder = TreeBuilder::new();
    for (path, content) in files {
        let digest = Digest::of(content.as_bytes());
        let facts = FileFacts { digest, bytes: content.len() as u64, lf_form: None };
        builder.add_file(TreePath::parse(path.as_bytes()).unwrap(), facts).unwrap();
    }
    builder.finish().unwrap()
}

fn test_key(seq: u64) -> SecretKey {
    Seed::from_bytes([7; 32]).link_secret(Algorithm::Ed25519, seq).unwrap()
}

fn version(written: &str) -> Version {
    Version::new(crate::package::EcosystemName::Generic, written).unwrap()
}

fn plan<'tree>(tree: &'tree Tree, written: &str) -> Plan<'tree> {
    Plan::new(version(written), tree)
}

const DATE: &str = "2026-11-20T12:00:00Z";

#[test]
fn a_signed_draft_is_admitted_and_its_file_is_accepted_by_both_implementations() {
    let mut fixture = Fixture::new(1);
    let genesis = fixture.genesis();
    let mut chain = fixture.admit(std::slice::from_ref(&genesis)).unwrap();
    let tree = tree(&[("a", "1"), ("b", "2")]);
    let after_next = test_key(4).link_key().unwrap();
    let draft = Draft::release(chain.genesis(), &plan(&tree, "1.0"), after_next, DATE.parse().unwrap()).unwrap();
    let signed = draft.sign(fixture.secret(draft.key())).unwrap();
    assert!(signed.signature_file().unwrap().contains(&format!("sigpkg {} 2\n", chain.id())));
    chain.append(signed.record().clone(), &Standard).unwrap();
    assert_eq!(chain.len(), 2);
    let again = draft.signed_before(signed.record().blocks_text(), signed.signature_file()).unwrap();
    assert_eq!((again.record(), again.signature_file()), (signed.record(), signed.signature_file()));
    let folder = folder_with_release(&chain, &signed, &tree.listing().text(), None);
    assert_eq!(folder.len(), 5);
    crate::listing::folder::SigpkgFolder::new(folder).unwrap();
}

/// KEEP-8: what was journaled is what is signed.
#[test]
fn a_draft_read_back_has_the_same_text_and_the_same_key() {
    let mut fixture = Fixture::new(2);
    let genesis = fixture.genesis();
    let chain = fixture.admit(&[genesis]).unwrap();
    let tree = tree(&[("a", "1")]);
    let after_next = test_key(4).link_key().unwrap();
    let draft = Draft::release(chain.genesis(), &plan(&tree, "1.0"), after_next, DATE.parse().unwrap()).unwrap();
    let resumed = Draft::resume(draft.text(), &chain).unwrap();
    assert_eq!((resumed.text(), resumed.key()), (draft.text(), draft.key()));

    let mut stranger = Fixture::new(3);
    let other = stranger.genesis();
    let other = stranger.admit(&[other]).unwrap();
    assert!(matches!(Draft::resume(draft.text(), &other), Err(DraftError::OtherChain { .. })));
}

/// KEEP-9
#[test]
fn a_signer_with_another_key_or_a_bad_signature_is_refused() {
    struct Liar(LinkKey, SecretKey);
    impl Signer for Liar {
        fn link_key(&self) -> Result<LinkKey, SignerError> {
            Ok(self.0)
        }
        fn sign(&self, _message: &[u8]) -> Result<Signature, SignerError> {
            let bytes = self.1.sign(b"another message").as_bytes().to_vec();
            Signature::new(Algorithm::Ed25519, self.0.key_id(), &bytes).ok_or_else(|| SignerError::new("no length"))
        }
    }
    let mut fixture = Fixture::new(4);
    let genesis = fixture.genesis();
    let chain = fixture.admit(&[genesis]).unwrap();
    let tree = tree(&[]);
    let after_next = test_key(4).link_key().unwrap();
    let draft = Draft::release(chain.genesis(), &plan(&tree, "1.0"), after_next, DATE.parse().unwrap()).unwrap();
    assert!(matches!(draft.sign(&test_key(9)), Err(DraftError::OtherKey { .. })));
    let liar = Liar(*draft.key(), test_key(9));
    assert!(matches!(draft.sign(&liar), Err(DraftError::Signature(VerifyError::Invalid { .. }))));
}

#[test]
fn a_redo_withdraws_the_newest_release_and_no_other() {
    let mut fixture = Fixture::new(5);
    let records = fixture.line(&["1.0", "1.1"]);
    let chain = fixture.admit(&records).unwrap();
    let head = chain.belief(&Decided::stranger()).head();
    let tree = tree(&[]);
    let after_next = test_key(4).link_key().unwrap();
    let date = DATE.parse().unwrap();
    let redo = |written| Draft::release(head, &Plan { redo: true, ..plan(&tree, written) }, after_next, date);
    let draft = redo("1.1").unwrap();
    assert_eq!(draft.statement().release().unwrap().withdraws, Some(head.seq()));
    let refused = redo("1.0").unwrap_err();
    assert_eq!(refused, DraftError::NothingToRedo { version: version("1.0"), newest: "1.1 (statement 3)".to_owned() });
}

#[test]
fn a_summary_counts_what_came_went_and_changed() {
    let then = tree(&[("a", "1"), ("b", "2"), ("c", "3")]);
    let now = tree(&[("a", "1"), ("b", "other"), ("d", "4"), ("e", "5")]);
    let since = version("1.4.1");
    let summary =
        |tree, earlier: Option<&Tree>| Summary::new(tree, earlier.map(|then| (&since, then.listing()))).to_string();
    assert_eq!(summary(&now, Some(&then)), "4 files, +2 −1 ~1 since 1.4.1");
    assert_eq!(summary(&now, Some(&now)), "4 files, none changed since 1.4.1");
    assert_eq!(summary(&tree(&[("a", "")]), None), "1 file");
}
