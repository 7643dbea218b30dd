//! The transaction of a statement (KEEP-8), and its end after an interruption.

use rand_core::CryptoRng;

use super::PublishError;
use super::adopt;
use super::prepare::{Content, Prepared, Unfinished, head};
use crate::digest::{Digest, SignatoryId};
use crate::failpoint::{self, Failpoint};
use crate::keystore::{Journal, KeyStoreError, Keys, LockedStore, Place, Signatures, Writes};
use crate::listing::{Links, Tree};
use crate::package::{Package, Version};
use crate::release::{Draft, DraftError, Signed, folder_with_release, folder_without_release};
use crate::repository::{Change, CommitId, Folder, Target, Workplace, Written};
use crate::signer::Signer as _;
use crate::statement::{Beat, BeatState, Seq, Statement};

/// A statement that was made.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun()?;
/// # let keys = &machine.keys;
/// let published = machine.release("1.0.0")?;
/// let store = keys.open(published.id)?;
/// assert!(store.chain().find(published.digest).is_some());
/// assert_eq!(published.written.commit().map(str::len), Some(40));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The chain.
    pub id: SignatoryId,
    /// What it says.
    pub statement: Statement,
    /// The number of the statement.
    pub seq: Seq,
    /// The digest of its text.
    pub digest: Digest,
    /// Where `.sigpkg` was written.
    pub written: Written,
    /// The tree of the package in that commit, by its name in git: what a Julia registry records.
    pub tree: Option<String>,
    /// The folder of the package below the root of the worktree, with slashes; empty for the root itself.
    pub below_root: String,
    /// The tag that was made.
    pub tag: Option<String>,
    /// The tag that was not made, because its name was taken after the release had begun.
    pub tag_taken: Option<String>,
    /// The beat that was made before, so that the branch of the store outranks that of somebody else (KEEP-20).
    pub beat: Option<(Seq, Digest)>,
}

impl Published {
    /// What it is about.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let published = machine.release("1.0.0")?;
    /// assert_eq!(published.package().name().as_str(), "Tides");
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn package(&self) -> &Package {
        &self.statement.package
    }

    /// The version, if it is a release.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let published = machine.release("1.0.0")?;
    /// assert_eq!(published.version().map(|version| version.as_str()), Some("1.0.0"));
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn version(&self) -> Option<&Version> {
        self.statement.release().map(|release| &release.version)
    }
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
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::begun()?;
    /// # let prepared = machine.prepare(doc::version("1.0.0"))?;
    /// let published = prepared.carry_out(None, &mut doc::random())?;
    /// assert!(machine.store()?.chain().find(published.digest).is_some());
    /// assert!(machine.repository.join(".sigpkg/release.toml").exists());
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn carry_out(
        mut self,
        passphrase: Option<&[u8]>,
        random: &mut dyn CryptoRng,
    ) -> Result<Published, PublishError> {
        // Opened before anything is changed: it shows that the passphrase is the right one for all keys.
        let keys = self.open_keys(passphrase)?;
        for record in &self.found.taken_in {
            self.store.add_record(record)?;
        }
        if let Some(evidence) = &self.found.evidence {
            self.store.keep_foreign(evidence)?;
        }
        let signatures = self.adopted().and_then(|adopted| adopted.signatures.clone());
        if let Some(folder) = &signatures {
            adopt::make_folder(&self.workplace, folder)?;
        }
        let writes = match (signatures, self.common.no_commit, self.common.side) {
            (Some(_), ..) => Writes::Folder,
            (None, true, _) => Writes::Worktree,
            (None, false, true) => Writes::Side,
            (None, false, false) => Writes::Commit,
        };
        if !self.found.needs_beat {
            return self.transact(writes, &keys, passphrase, random);
        }
        let beat = self.transact(Writes::Nothing, &keys, passphrase, random)?;
        self.found.chain = self.store.store().chain().clone();
        let keys = self.open_keys(passphrase)?;
        let published = self.transact(writes, &keys, passphrase, random)?;
        Ok(Published { beat: Some((beat.seq, beat.digest)), ..published })
    }

    /// The keys for the statement that follows the head.
    fn open_keys(&self, passphrase: Option<&[u8]>) -> Result<Keys, PublishError> {
        let parent = head(&self.found.chain);
        let seq = parent.seq().successor().ok_or(DraftError::ChainFull)?;
        let keys = self.store.store().open_keys(seq, passphrase)?;
        check_keys(self, &keys, seq.successor().ok_or(DraftError::ChainFull)?)?;
        Ok(keys)
    }

    /// Makes the statement that is asked for; or, where nothing is to be written, a beat that says nothing but that the keys
    /// are here, and that what follows it brings along.
    fn transact(
        &mut self,
        writes: Writes,
        keys: &Keys,
        passphrase: Option<&[u8]>,
        random: &mut dyn CryptoRng,
    ) -> Result<Published, PublishError> {
        let (draft, journal) = self.begin(writes, keys, passphrase, random)?;
        let signed = sign(&mut self.store, &draft, keys)?;
        finish(&self.workplace, &mut self.store, &draft, &journal, &signed)
    }

    /// Fixes the text, and opens the journal with it.
    fn begin(
        &mut self,
        writes: Writes,
        keys: &Keys,
        passphrase: Option<&[u8]>,
        random: &mut dyn CryptoRng,
    ) -> Result<(Draft, Journal), PublishError> {
        let beat = Content::Beat(Beat { state: BeatState::Here, successor: None });
        let (content, next_by) = match writes {
            Writes::Commit | Writes::Side | Writes::Worktree | Writes::Folder => (&self.content, self.common.next_by),
            Writes::Nothing => (&beat, None),
        };
        let parent = head(&self.found.chain);
        let two_after = parent.seq().successor().and_then(Seq::successor).and_then(Seq::successor);
        let after_next = self.store.make_key(two_after.ok_or(DraftError::ChainFull)?, keys, passphrase, random)?;
        let draft = content.draft(parent, next_by, after_next, self.now)?;
        // What could not be stored is not signed.
        draft.as_if_signed(&self.found.chain)?;
        let tree = content.release().map(|release| release.tree.tree());
        let links = tree.map(Tree::links).filter(|links| !links.is_empty());
        let journal = Journal {
            text: draft.text().to_owned(),
            files: tree.map(|tree| tree.listing().text()),
            links: links.map(Links::text),
            place: Place {
                directory: self.workplace.directory().to_owned(),
                commit: self.commit.to_string(),
                branch: self.branch.clone(),
                below_root: self.workplace.below_root(),
                writes,
                signatures: content.release().and_then(|release| release.adopted.as_ref()?.signatures.clone()),
                tag: content.release().and_then(|release| release.tag.clone()),
            },
        };
        self.store.open_journal(&journal)?;
        Ok((draft, journal))
    }
}

impl Unfinished {
    /// Finishes what was begun, with the same text. The passphrase is not needed if it was signed already.
    ///
    /// # Errors
    ///
    /// As [`Prepared::carry_out`].
    ///
    /// # Example
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
    /// # let machine = doc::Machine::interrupted()?;
    /// # let unfinished = machine.unfinished()?;
    /// let text = unfinished.draft().text().to_owned();
    /// let published = unfinished.carry_out(None)?;
    /// assert_eq!(published.statement.to_text(), text, "the same text, and no other");
    /// assert_eq!(machine.store()?.journal()?, None);
    /// # Ok::<(), doc::Error>(())
    /// ```
    pub fn carry_out(mut self, passphrase: Option<&[u8]>) -> Result<Published, PublishError> {
        let before = self.signatures.as_ref().map(|made| self.draft.signed_before(&made.block, made.file.as_deref()));
        let signed = if let Some(signed) = before.transpose()? {
            signed
        } else {
            let keys = self.store.store().open_keys(self.draft.statement().seq, passphrase)?;
            sign(&mut self.store, &self.draft, &keys)?
        };
        finish(&self.workplace, &mut self.store, &self.draft, &self.journal, &signed)
    }
}

/// The keys in the store are those that were announced: the one that signs now, and the one after it.
fn check_keys(prepared: &Prepared, keys: &Keys, next: Seq) -> Result<(), PublishError> {
    let parent = head(&prepared.found.chain);
    let announced = parent.statement().look_ahead();
    let other = |announced: String, found: String| PublishError::OtherKeys { parent: parent.seq(), announced, found };
    let found = keys.link_key().map_err(DraftError::Signer)?;
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
    store: &mut LockedStore,
    draft: &Draft,
    journal: &Journal,
    signed: &Signed,
) -> Result<Published, PublishError> {
    store.add_record(signed.record())?;
    let published = store.store().published();
    let folder = match &journal.files {
        Some(files) => folder_with_release(&published, signed, files, journal.links.as_deref()),
        None => folder_without_release(&published),
    };
    let statement = draft.statement();
    let seq = statement.seq;
    let written = write(workplace, journal, &folder, statement)?;
    let (tag, tag_taken) = match (&journal.place.tag, written.commit()) {
        (Some(name), Some(commit)) if workplace.make_tag(name, commit, &subject(statement))? => {
            (Some(name.clone()), None)
        }
        (Some(name), Some(_)) => (None, Some(name.clone())),
        (Some(_), None) | (None, _) => (None, None),
    };
    let tree = written.commit().map(|commit| workplace.tree_name(commit)).transpose()?.flatten();
    store.erase_key(seq)?;
    store.close_journal()?;
    let (id, digest) = (store.store().id(), signed.record().digest());
    let (statement, below_root) = (statement.clone(), workplace.below_root());
    Ok(Published { id, statement, seq, digest, written, tree, below_root, tag, tag_taken, beat: None })
}

fn write(
    workplace: &Workplace,
    journal: &Journal,
    folder: &Folder,
    statement: &Statement,
) -> Result<Written, PublishError> {
    let seq = statement.seq;
    let commit = CommitId::from_str(&journal.place.commit)
        .map_err(|error| PublishError::Journal { seq, problem: error.message().to_owned() })?;
    match journal.place.writes {
        Writes::Nothing => Ok(Written::Deferred),
        Writes::Folder => {
            let problem = || PublishError::Journal { seq, problem: "it names no folder for the signatures".to_owned() };
            let directory = journal.place.signatures.clone().ok_or_else(problem)?;
            workplace.write_outside(&directory, folder)?;
            Ok(Written::Folder { folder: directory })
        }
        Writes::Commit | Writes::Side | Writes::Worktree if !workplace.has_commit(commit) => Ok(Written::Nowhere),
        Writes::Worktree => {
            workplace.clear_worktree(commit)?;
            workplace.write_worktree(folder)?;
            Ok(Written::Worktree)
        }
        writes @ (Writes::Commit | Writes::Side) => {
            let package = statement.package.name();
            let tag = workplace.side_tag(package, seq);
            Ok(workplace.commit(&Change {
                folder,
                base: Some(commit),
                branch: &journal.place.branch,
                target: if writes == Writes::Side { Target::Tag(&tag) } else { Target::Branch },
                message: &subject(statement),
                aside: &workplace.aside_branch(package, seq),
            })?)
        }
    }
}

/// The subject of the commit (KEEP-16, KEEP-21, KEEP-31).
fn subject(statement: &Statement) -> String {
    let (name, seq) = (statement.package.name(), statement.seq);
    match statement.release() {
        Some(release) => {
            let verb = if release.upstream.is_some() { "adopt" } else { "release" };
            format!("sigpkg: {verb} {name} v{} (statement {seq})", release.version)
        }
        None => format!("sigpkg: {} {name} (statement {seq})", statement.kind()),
    }
}
