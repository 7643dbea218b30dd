//! The transaction of a release (KEEP-8), and its end after an interruption.

use rand_core::CryptoRng;

use super::PublishError;
use super::prepare::{Prepared, Unfinished, head};
use crate::digest::{Digest, SignatoryId};
use crate::failpoint::{self, Failpoint};
use crate::keystore::{Journal, KeyStoreError, Keys, LockedStore, Place, Signatures};
use crate::package::{Package, Version};
use crate::release::{Draft, Signed, folder_with_release};
use crate::repository::{Change, CommitId, Folder, Workplace, Written};
use crate::statement::Seq;

/// A release that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Released {
    /// The chain.
    pub id: SignatoryId,
    /// The package.
    pub package: Package,
    /// The version.
    pub version: Version,
    /// The number of the statement.
    pub seq: Seq,
    /// The digest of its text.
    pub digest: Digest,
    /// Where `.sigpkg` was written.
    pub written: Written,
    /// The tag that was made.
    pub tag: Option<String>,
    /// The tag that was not made, because its name was taken after the release had begun.
    pub tag_taken: Option<String>,
}

impl Prepared {
    /// Runs the transaction. Whenever it is interrupted, [`super::prepare`] finds it again.
    ///
    /// # Errors
    ///
    /// - [`PublishError::KeyStore`] if the passphrase is another one, a key is missing, or the store cannot be written.
    /// - [`PublishError::OtherKeys`] if the store does not have the announced keys.
    /// - [`PublishError::Draft`] if the signature does not verify.
    /// - [`RepositoryError::Git`](crate::repository::RepositoryError::Git), [`RepositoryError::Write`](crate::repository::RepositoryError::Write) if the commit cannot be made; the statement is signed then.
    pub fn carry_out(
        mut self,
        passphrase: Option<&[u8]>,
        random: &mut dyn CryptoRng,
    ) -> Result<Released, PublishError> {
        let parent = head(&self.chain);
        let seq = parent.seq().successor().ok_or(crate::release::DraftError::ChainFull)?;
        let next = seq.successor().ok_or(crate::release::DraftError::ChainFull)?;
        let after_next = next.successor().ok_or(crate::release::DraftError::ChainFull)?;
        // Opened before anything is made: it shows that the passphrase is the right one for all keys.
        let keys = self.store.store().open_keys(seq, passphrase)?;
        check_keys(&self, &keys, next)?;
        for record in &self.taken_in {
            self.store.add_record(record)?;
        }
        let after_next = self.store.make_key(after_next, &keys, passphrase, random)?;
        let draft = Draft::release(parent, &self.plan(), after_next, self.now)?;
        let links = self.tree.tree().links();
        let journal = Journal {
            text: draft.text().to_owned(),
            files: self.tree.tree().listing().text(),
            links: (!links.is_empty()).then(|| links.text()),
            place: Place {
                directory: self.workplace.directory().to_owned(),
                commit: self.commit.to_string(),
                branch: self.branch.clone(),
                makes_commit: !self.request.no_commit,
                tag: self.request.tag.clone(),
            },
        };
        self.store.open_journal(&journal)?;
        let signed = sign(&mut self.store, &draft, &keys)?;
        finish(&self.workplace, self.store, &draft, &journal, &signed)
    }
}

impl Unfinished {
    /// Finishes what was begun, with the same text. The passphrase is not needed if it was signed already.
    ///
    /// # Errors
    ///
    /// As [`Prepared::carry_out`].
    pub fn carry_out(mut self, passphrase: Option<&[u8]>) -> Result<Released, PublishError> {
        let before = self.signatures.as_ref().map(|made| self.draft.signed_before(&made.block, made.file.as_deref()));
        let signed = if let Some(signed) = before.transpose()? {
            signed
        } else {
            let keys = self.store.store().open_keys(self.draft.statement().seq, passphrase)?;
            sign(&mut self.store, &self.draft, &keys)?
        };
        finish(&self.workplace, self.store, &self.draft, &self.journal, &signed)
    }
}

/// The keys in the store are those that were announced: the one that signs now, and the one after it.
fn check_keys(prepared: &Prepared, keys: &Keys, next: Seq) -> Result<(), PublishError> {
    let parent = head(&prepared.chain);
    let announced = parent.statement().look_ahead();
    let other = |announced: String, found: String| PublishError::OtherKeys { parent: parent.seq(), announced, found };
    let found = crate::signer::Signer::link_key(keys).map_err(crate::release::DraftError::Signer)?;
    if found != announced.next {
        return Err(other(announced.next.to_string(), found.to_string()));
    }
    let store = prepared.store.store();
    match keys.derived(next)? {
        Some(found) if found != announced.after_next => Err(other(announced.after_next.to_string(), found.to_string())),
        Some(_) => Ok(()),
        // Whether an encrypted file holds the right key is only seen when it is opened, which is for its own turn.
        None if store.has_key(next)? => Ok(()),
        None => Err(KeyStoreError::NoKey { seq: next, folder: store.folder().to_owned() }.into()),
    }
}

fn sign(store: &mut LockedStore, draft: &Draft, keys: &Keys) -> Result<Signed, PublishError> {
    let signed = draft.sign(keys)?;
    failpoint::reach(Failpoint::Signed);
    store.write_signatures(&Signatures {
        block: signed.record().blocks_text().to_owned(),
        file: signed.signature_file().map(str::to_owned),
    })?;
    Ok(signed)
}

/// What comes after signing. Each step may have been done before.
fn finish(
    workplace: &Workplace,
    mut store: LockedStore,
    draft: &Draft,
    journal: &Journal,
    signed: &Signed,
) -> Result<Released, PublishError> {
    store.add_record(signed.record())?;
    let folder = folder_with_release(store.store().chain(), signed, &journal.files, journal.links.as_deref());
    let statement = draft.statement();
    let seq = statement.seq;
    let damaged = || PublishError::Journal { seq, problem: "expected a release, found another kind".to_owned() };
    let version = statement.release().ok_or_else(damaged)?.version.clone();
    let written = write(workplace, journal, &folder, &statement.package, &version, seq)?;
    let (tag, tag_taken) = match (&journal.place.tag, &written) {
        (Some(name), Written::Commit { commit, .. } | Written::Aside { commit, .. }) => {
            if workplace.make_tag(name, commit)? { (Some(name.clone()), None) } else { (None, Some(name.clone())) }
        }
        (Some(_), Written::Worktree | Written::Nowhere) | (None, _) => (None, None),
    };
    store.erase_key(seq)?;
    store.close_journal()?;
    let (id, digest) = (store.store().id(), signed.record().digest());
    let package = statement.package.clone();
    Ok(Released { id, package, version, seq, digest, written, tag, tag_taken })
}

fn write(
    workplace: &Workplace,
    journal: &Journal,
    folder: &Folder,
    package: &Package,
    version: &Version,
    seq: Seq,
) -> Result<Written, PublishError> {
    let commit = CommitId::from_str(&journal.place.commit)
        .map_err(|error| PublishError::Journal { seq, problem: error.message().to_owned() })?;
    if !workplace.has_commit(commit) {
        return Ok(Written::Nowhere);
    }
    if !journal.place.makes_commit {
        workplace.write_worktree(folder)?;
        return Ok(Written::Worktree);
    }
    let written = workplace.commit(&Change {
        folder,
        base: Some(commit),
        branch: &journal.place.branch,
        message: &format!("sigpkg: release {} v{version} (statement {seq})", package.name()),
        aside: &format!("refs/heads/sigpkg/statement-{seq}"),
    })?;
    Ok(written)
}
