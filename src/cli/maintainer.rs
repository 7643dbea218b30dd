//! What the maintainer's commands share: hints for what stands against publishing, passphrases, and the words of options.

use std::io::{self, Write};

use clap::ValueEnum;
use rand_core::UnwrapErr;
use sigpkg::digest::SignatoryId;
use sigpkg::keystore::{KeyProtection, KeyStoreError, KeyStores, Mode, Store};
use sigpkg::publish::{self, AdoptionError, Event, PublishError, Stranger};
use sigpkg::release::reserve::ReserveDraftError;
use sigpkg::repository::{GitSigns, RepositoryError, Workplace};
use sigpkg::representation::lines;
use sigpkg::secret::file::SecretFileError;
use sigpkg::statement::Seq;
use zeroize::Zeroizing;

use super::context::{Context, Unopened};
use super::failure::Failure;
use super::progress::Progress;

/// What a guess at the passphrase costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kdf {
    /// 128 MiB of memory a guess
    #[default]
    Default,
    /// 1 GiB of memory a guess, as minisign has it
    Sensitive,
}

impl Kdf {
    pub(crate) fn protection(self, no_passphrase: bool) -> KeyProtection {
        match (no_passphrase, self) {
            (true, _) => KeyProtection::None,
            (false, Self::Default) => KeyProtection::Default,
            (false, Self::Sensitive) => KeyProtection::Sensitive,
        }
    }
}

/// The largest public key file that is read, in bytes: two lines, of which the first may be as long as it likes to be.
pub(crate) const MAX_KEY_FILE_BYTES: u64 = 64 << 10;

/// Asks before something that cannot be taken back; without a terminal, `--yes` must have said it.
pub(crate) fn confirm(context: &Context, yes: bool, question: &str, otherwise: &str) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !context.can_ask() {
        return Err(Failure::undecided(format!("there is no terminal to ask: {question}"))
            .hint("run it on a terminal; --yes is your answer in advance, to all that it would ask"));
    }
    if context.confirm(question)? { Ok(()) } else { Err(Failure::undecided(otherwise)) }
}

/// The random numbers of the operating system.
pub(crate) fn random() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}

/// The key stores of this user.
pub(crate) fn stores(context: &Context) -> Result<KeyStores, Failure> {
    context.keys_home().map(KeyStores::at)
}

/// The package in the folder that the command works in.
pub(crate) fn workplace(context: &Context) -> Result<Workplace, Failure> {
    Workplace::open(&context.directory).map_err(failure)
}

/// How key files are protected, and their new passphrase. That there is none is said loudly, whether an option or an empty
/// passphrase has said so.
pub(crate) fn new_passphrase(
    context: &Context,
    protection: KeyProtection,
    what: &str,
) -> Result<(KeyProtection, Option<Zeroizing<String>>), Failure> {
    let passphrase = match protection {
        KeyProtection::None => None,
        KeyProtection::Default | KeyProtection::Sensitive => context.new_passphrase(what)?,
    };
    if passphrase.is_none() {
        context.say(&format!(
            "sigpkg: WARNING: {what} will not be protected by a passphrase: whoever can read the file has the key."
        ));
        return Ok((KeyProtection::None, None));
    }
    Ok((protection, passphrase))
}

/// The passphrase of a store, if it has one: one that opens a key of it.
pub(crate) fn passphrase(context: &Context, store: &Store) -> Result<Option<Zeroizing<String>>, Failure> {
    if !store.is_encrypted() {
        return Ok(None);
    }
    let what = format!("the keys of {}", store.chain().package());
    context.open_with_passphrase(&what, |passphrase| {
        check_passphrase(store, passphrase.as_bytes())?;
        Ok(Some(passphrase.clone()))
    })
}

/// One key that it opens is enough: a change of the passphrase that was interrupted leaves files with the old one and with
/// the new (KEEP-15). What is wrong with a store without keys, whoever needs them says.
fn check_passphrase(store: &Store, passphrase: &[u8]) -> Result<(), Unopened> {
    let other = |error| Unopened::Other(store_failure(error));
    let seqs = match store.settings().mode {
        Mode::Fresh => store.key_seqs().map_err(other)?,
        // The seed opens whichever key is asked for.
        Mode::Seeded => vec![Seq::FIRST],
    };
    let mut wrong = Ok(());
    for seq in seqs {
        match store.open_keys(seq, Some(passphrase)) {
            Ok(_) => return Ok(()),
            Err(error) => wrong = Err(unopened(error)),
        }
    }
    wrong
}

/// Whether another passphrase may do.
pub(crate) fn unopened(error: KeyStoreError) -> Unopened {
    let is_wrong = matches!(&error, KeyStoreError::Secret { error: SecretFileError::Passphrase, .. });
    let failure = store_failure(error);
    if is_wrong { Unopened::Wrong(failure) } else { Unopened::Other(failure) }
}

/// Tells a human what takes time.
pub(crate) fn tell(context: &Context) -> impl FnMut(Event) {
    let progress = Progress::start("looking at the repository");
    move |event| {
        // Where nothing moves on the screen, somebody may wonder.
        if matches!(event, Event::Waiting) {
            context.say("sigpkg: another process is using the key store; waiting");
        }
        progress.hear(&event);
    }
}

/// The id whole, and in groups for the eye.
pub(crate) fn write_id(out: &mut dyn Write, id: SignatoryId) -> io::Result<()> {
    let id = id.to_string();
    writeln!(out, "{id}")?;
    lines(&id).into_iter().try_for_each(|(number, line)| writeln!(out, "  {number:>2}  {line}"))
}

/// The store that a command is about: the one that was named, or that of the package in this folder, or the only one.
pub(crate) fn named_store(context: &Context, stores: &KeyStores, id: Option<&str>) -> Result<Store, Failure> {
    if let Some(id) = id {
        return stores.open(typed_id(id)?).map_err(store_failure);
    }
    if let Ok(workplace) = Workplace::open(&context.directory)
        && let Ok(store) = publish::find_store(&workplace, stores)
    {
        return Ok(store);
    }
    let mut all = stores.all().map_err(store_failure)?;
    match (all.pop(), all.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(_), false) => {
            Err(Failure::usage("there are several key stores, and none is for the package in this folder")
                .hint("name one by its signatory id; `sigpkg key list` shows them"))
        }
        (None, _) => Err(Failure::blocked(format!("there is no key store in {}", stores.home().display()))
            .hint("`sigpkg init` begins a chain")),
    }
}

pub(crate) fn typed_id(id: &str) -> Result<SignatoryId, Failure> {
    SignatoryId::from_typed(id).map_err(|error| {
        Failure::refused(error.rule(), error)
            .hint("give the whole id; `sigpkg key list` shows those that you can sign for")
    })
}

/// What stands against publishing, with what to do about it.
pub(crate) fn failure(error: impl Into<PublishError>) -> Failure {
    let error = error.into();
    let failure = match (&error, error.rule()) {
        (PublishError::KeyStore(error), _) => return store_failure_of(error),
        (_, Some(rule)) => Failure::refused(rule, &error),
        (PublishError::Repository(problem), None) => match problem {
            RepositoryError::NoRepository { .. }
            | RepositoryError::Git { .. }
            | RepositoryError::Write { .. }
            | RepositoryError::NoGit { .. }
            | RepositoryError::GitFailed { .. }
            | RepositoryError::NotSigned { .. }
            | RepositoryError::Source(_) => Failure::could_not_tell(&error),
            RepositoryError::BadTag { .. } | RepositoryError::NotAPush { .. } => Failure::usage(&error),
            RepositoryError::Bare { .. }
            | RepositoryError::NoCommit { .. }
            | RepositoryError::Detached { .. }
            | RepositoryError::InProgress { .. }
            | RepositoryError::NoIdentity
            | RepositoryError::Changes { .. }
            | RepositoryError::NotCommitted { .. }
            | RepositoryError::NoManifest
            | RepositoryError::Manifest { .. }
            | RepositoryError::TagExists { .. }
            | RepositoryError::ForeignHook { .. }
            | RepositoryError::HooksInTree { .. }
            | RepositoryError::Attributes { .. } => Failure::blocked(&error),
        },
        (
            PublishError::NoVersion { .. }
            | PublishError::Version(_)
            | PublishError::NoSuchRelease { .. }
            | PublishError::AmbiguousRelease { .. }
            | PublishError::AfterNeeded
            | PublishError::NoSuchStatement { .. }
            | PublishError::SeveralStatements { .. },
            None,
        ) => Failure::usage(&error),
        (_, None) => Failure::blocked(&error),
    };
    match hint(&error) {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// What to do about it, preferably a command.
pub(crate) fn hint(error: &PublishError) -> Option<String> {
    let hint = match error {
        PublishError::FolderExists { .. } => {
            "if it is yours, `sigpkg release` makes the next release; to sign somebody else's package as your own, begin a chain \
             with --no-commit, and then `sigpkg adopt`"
                .to_owned()
        }
        PublishError::NoChain { .. } => {
            "`sigpkg init` begins a chain, and with --no-commit one for `sigpkg adopt`, which takes --as ID for one that is here"
                .to_owned()
        }
        PublishError::Ambiguous { .. } => {
            "check out a branch that has the right .sigpkg, or move the other store away with `sigpkg key move`".to_owned()
        }
        PublishError::ForeignFolder { .. } => {
            "if the package was handed over to you, the reserve must say so; to sign somebody else's package as your own: \
             `sigpkg adopt`; if .sigpkg came by mistake, `git rm -r .sigpkg`"
                .to_owned()
        }
        PublishError::Adoption(error) => return Some(adoption_hint(error).to_owned()),
        PublishError::OtherPackage { .. } => "a renamed package is another package: it begins a chain of its own".to_owned(),
        PublishError::NoVersion { .. } => "`sigpkg release VERSION`; or add a version to the manifest".to_owned(),
        PublishError::VersionMismatch { found, .. } => {
            format!("leave the version out to release {found}, or change the manifest and commit it")
        }
        PublishError::VersionReleased { .. } => {
            "if it was interrupted, it is done now: `sigpkg status` shows it; otherwise choose the next version; or, if the newest \
             release was a mistake, replace it with --redo"
                .to_owned()
        }
        PublishError::VersionLower { .. } => "a lower version is for those who stay on an older line; --back-port says that this is meant".to_owned(),
        PublishError::AlreadyReleased { .. } => "commit something first".to_owned(),
        PublishError::ForeignStatements { strangers, .. } => heal_hint(strangers),
        PublishError::CannotOutrank { head_digest, .. } => format!(
            "nothing was signed. `sigpkg log .` shows whether the reserve has spoken: then its new keys sign from now on, and those of this store no longer do. Otherwise somebody has two of your keys in a row, and `sigpkg reserve sign --cause stolen --after {head_digest} --reason TEXT` begins what settles it: everything that does not follow that statement of yours is void then"
        ),
        PublishError::NothingToHeal { .. } => "--heal takes what the alarm has shown, and nothing else".to_owned(),
        PublishError::NoSuchRelease { .. } => "name it by its version, or by the number of its statement, as `sigpkg log .` shows them".to_owned(),
        PublishError::AmbiguousRelease { named, of_version, .. } => {
            format!("@{of_version} is the release of version {named}, and @{named} is the other")
        }
        PublishError::YankWithoutEffect { .. } => {
            "nothing was signed; a yank can be made graver, and is never taken back but by a new release".to_owned()
        }
        PublishError::ForeignChain { reference, .. } => {
            format!("look at it with `git show {reference}`; if it is rubbish, delete that reference")
        }
        PublishError::Forked { .. } => "take the file from a backup or from the newest release".to_owned(),
        PublishError::LiveKeyLeaked { .. } => {
            "whoever has a copy of this repository has the key: only the reserve can take its power away".to_owned()
        }
        PublishError::KeysLeaked { leaks } => {
            let acknowledge: Vec<_> =
                leaks.iter().map(|leak| format!("--acknowledge {}", leak.found.digest)).collect();
            format!(
                "whoever has this repository has that key, so take it out and use another one; if everybody may have it, such as a test key: {}",
                acknowledge.join(" ")
            )
        }
        PublishError::SecretsInRepository { .. } => "name a folder elsewhere, best on a stick".to_owned(),
        PublishError::OtherKeys { .. } => {
            "the store is not the one that made the newest statement: bring that one with `sigpkg key move`; or, if a statement that was to be taken in is not yours, give its digest to --heal".to_owned()
        }
        PublishError::UnfinishedElsewhere { directory, .. } => {
            format!("run the command that was interrupted again, with -C {}", directory.display())
        }
        PublishError::AfterNeeded => {
            "--after SEQ or --after DIGEST: everything that does not descend from it becomes void".to_owned()
        }
        PublishError::NoSuchStatement { .. } | PublishError::SeveralStatements { .. } => {
            "--after takes a digest as well as a number".to_owned()
        }
        PublishError::Contested { .. } => {
            "name the last statement that is yours: --cause stolen --after DIGEST".to_owned()
        }
        PublishError::RivalReserve { .. } => {
            "if the holders have made both by mistake, agree on one and give up the other; if they have not, the reserve is in \
             wrong hands: tell the users, and begin a new chain"
                .to_owned()
        }
        PublishError::NotOurs { .. } => {
            "if all of it is yours, and this store is an old one, name the newest: --after DIGEST; if it is not, name your \
             own last one: --cause stolen --after DIGEST"
                .to_owned()
        }
        PublishError::OtherReserve { .. } => {
            "`sigpkg reserve join DRAFT…` ends that one, `sigpkg reserve drop` gives it up".to_owned()
        }
        PublishError::NothingBegun { .. } => {
            "join where it was begun: the new keys are there; `sigpkg reserve sign --cause CAUSE --reason TEXT` begins one".to_owned()
        }
        PublishError::ReserveDraft(error) | PublishError::InDraft { error, .. } => return draft_hint(error),
        PublishError::Chain(_) => "the file is damaged or forged, or of another signatory; get it from its source".to_owned(),
        PublishError::Version(_) | PublishError::Journal { .. } | PublishError::Draft(_) => return None,
        PublishError::KeyStore(error) => return store_hint(error),
        PublishError::Repository(error) => return repository_hint(error),
    };
    Some(hint)
}

fn adoption_hint(error: &AdoptionError) -> &'static str {
    match error {
        AdoptionError::NotReplaced { .. } => {
            "--replace, if that is meant; --signatures DIR leaves the tree as it is, and keeps yours outside"
        }
        AdoptionError::InTheWay { .. } => {
            "remove it or move it away; --signatures DIR leaves the tree as it is, and keeps yours outside"
        }
        AdoptionError::OwnPackage { .. } => {
            "`sigpkg release` makes the next release; if the newest one was somebody else's tree, and released as your own by \
             mistake, --redo makes an adoption of it"
        }
        AdoptionError::SignaturesInside { .. } => {
            "name a folder elsewhere: what is in the tree changes the tree; without --signatures, .sigpkg is added to it"
        }
        AdoptionError::SignaturesTaken { .. } => "name a new folder for each version, such as DIR/VERSION",
        AdoptionError::Signatures { .. } => "nothing was signed; name a folder that can be made",
    }
}

/// What statements of somebody else may mean, and the one command that goes on after each.
fn heal_hint(strangers: &[Stranger]) -> String {
    let heal: Vec<_> = strangers.iter().map(|stranger| format!("--heal {}", stranger.digest)).collect();
    format!(
        "nothing was signed. If you made it on another machine or before restoring a backup, this store is an old copy: sign nothing here, and bring the newest with `sigpkg key move`. If you did not make it, somebody has a key of yours: the same command again (or `sigpkg beat`) with {} keeps it as evidence, publishes it, and outranks it; --proof FILE writes the proof",
        heal.join(" ")
    )
}

fn draft_hint(error: &ReserveDraftError) -> Option<String> {
    Some(match error {
        ReserveDraftError::OtherChain { .. } => {
            "it is about another package, or another signatory of this one: do not sign it before you know why".to_owned()
        }
        ReserveDraftError::NoParent { .. } => {
            "get the newest chain of the package yourself, and name it with --chain".to_owned()
        }
        ReserveDraftError::Joined { .. } => "nothing is left to be done; `sigpkg log .` shows the chain where it is".to_owned(),
        ReserveDraftError::MovedOn { .. } => {
            "if the newer statements are good, begin again: `sigpkg reserve drop`, and then the same command; if they are \
             not, begin with --cause stolen"
                .to_owned()
        }
        ReserveDraftError::NotOfReserve { .. } => {
            "sign with a key that the chain names; `sigpkg reserve show DRAFT` says which ones are needed".to_owned()
        }
        ReserveDraftError::SignedAlready { .. } => "another holder has to sign; `sigpkg reserve show DRAFT` says who".to_owned(),
        ReserveDraftError::Complete { .. } | ReserveDraftError::Incomplete { .. } => {
            "`sigpkg reserve join DRAFT…`, where it was begun".to_owned()
        }
        ReserveDraftError::OtherText { .. } => {
            "each holder signs the same draft: send out the one that was begun here".to_owned()
        }
        ReserveDraftError::Signature { .. }
        | ReserveDraftError::UnknownSigner { .. }
        | ReserveDraftError::SignedTwice { .. }
        | ReserveDraftError::Block { .. } => "leave it out, and ask its holder for it again".to_owned(),
        ReserveDraftError::Chain(_)
        | ReserveDraftError::Statement(_)
        | ReserveDraftError::Kind { .. }
        | ReserveDraftError::Form { .. }
        | ReserveDraftError::TooLarge { .. }
        | ReserveDraftError::ChainFull => return None,
    })
}

fn repository_hint(error: &RepositoryError) -> Option<String> {
    let hint = match error {
        RepositoryError::NoRepository { .. } => "`git init` makes one; -C names another folder".to_owned(),
        RepositoryError::Bare { .. } => "run it in a clone that has a worktree".to_owned(),
        RepositoryError::NoCommit { .. } | RepositoryError::NotCommitted { .. } => {
            "commit the package first; what is signed is what is committed".to_owned()
        }
        RepositoryError::Detached { .. } => {
            "`git switch BRANCH`; or --side, which makes a commit that only a tag names".to_owned()
        }
        RepositoryError::InProgress { state } => format!("end or abort the {state} first; `git status` says how"),
        RepositoryError::NoIdentity => {
            "`git config user.name NAME` and `git config user.email ADDRESS`".to_owned()
        }
        RepositoryError::Changes { .. } => "commit them, or put them aside with `git stash`".to_owned(),
        RepositoryError::NoManifest => "--name NAME signs a package of no known ecosystem".to_owned(),
        RepositoryError::Manifest { path, .. } => format!("mend {path} and commit it"),
        RepositoryError::TagExists { name } => format!("choose another name; `git tag --delete {name}` removes it"),
        RepositoryError::Attributes { .. } => {
            "change .gitattributes and commit it; if the tree is somebody else's, name theirs with `sigpkg adopt --upstream TREE`"
                .to_owned()
        }
        RepositoryError::NoGit { .. } => "install git, or put it on PATH".to_owned(),
        RepositoryError::NotSigned { what, .. } => {
            let tried = match what {
                GitSigns::Commit => "git commit-tree -S -m try HEAD^{tree}",
                GitSigns::Tag => "git tag -s -m try try",
            };
            format!(
                "what sigpkg has signed is kept: mend the signing of git (`{tried}` tries it), or turn it off with `git config {} false`, and run the same command again: it goes on where it stopped",
                what.setting()
            )
        }
        RepositoryError::ForeignHook { .. } => {
            "add the line `sigpkg hook pre-push \"$@\" || exit` to it. If it reads its input, as that of Git LFS does, each needs a copy: docs/maintainers/releasing.md shows how".to_owned()
        }
        RepositoryError::HooksInTree { .. } => {
            "add the line `sigpkg hook pre-push \"$@\" || exit` to the pre-push hook of the project, where its hooks are kept, such as .husky/pre-push".to_owned()
        }
        RepositoryError::NotAPush { .. } => "it is for git to call; `sigpkg hook install` sets it up".to_owned(),
        RepositoryError::Git { source, .. } if source.code() == git2::ErrorCode::Locked => {
            "if no other git is at work here, a crash has left that lock: remove the file and run the same command again".to_owned()
        }
        RepositoryError::Write { .. } => "mend that and run the same command again: it goes on where it stopped".to_owned(),
        RepositoryError::BadTag { .. }
        | RepositoryError::Git { .. }
        | RepositoryError::GitFailed { .. }
        | RepositoryError::Source(_) => return None,
    };
    Some(hint)
}

/// What is wrong with a key store, with what to do about it.
#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
pub(crate) fn store_failure(error: KeyStoreError) -> Failure {
    store_failure_of(&error)
}

fn store_failure_of(error: &KeyStoreError) -> Failure {
    let mut failure = match error {
        KeyStoreError::Io { .. } | KeyStoreError::Damaged { .. } | KeyStoreError::Chain { .. } => {
            Failure::could_not_tell(error)
        }
        KeyStoreError::Secret { .. }
        | KeyStoreError::TooOpen { .. }
        | KeyStoreError::NoStore { .. }
        | KeyStoreError::StoreExists { .. }
        | KeyStoreError::Moved { .. }
        | KeyStoreError::Busy { .. }
        | KeyStoreError::Unfinished { .. }
        | KeyStoreError::ReserveBegun { .. }
        | KeyStoreError::ChainFull
        | KeyStoreError::NotSeeded { .. }
        | KeyStoreError::OtherSeed { .. }
        | KeyStoreError::PageExists { .. }
        | KeyStoreError::NotReserve { .. }
        | KeyStoreError::NotJoined { .. }
        | KeyStoreError::NoKey { .. }
        | KeyStoreError::KeyExists { .. }
        | KeyStoreError::SecondText { .. }
        | KeyStoreError::Key { .. } => Failure::blocked(error),
    };
    failure.rule = error.rule();
    match store_hint(error) {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

pub(crate) fn store_hint(error: &KeyStoreError) -> Option<String> {
    Some(match error {
        KeyStoreError::Io { .. } => "mend that and run the same command again: it goes on where it stopped".to_owned(),
        KeyStoreError::TooOpen { path, expected, .. } => {
            format!("`chmod {expected:03o} {}`, and think about who has read it", path.display())
        }
        KeyStoreError::NoStore { .. } => {
            "if the keys are on another machine, bring them with `sigpkg key move`, or release there; if they are lost, the \
             reserve names new ones: `sigpkg reserve sign --cause lost --reason TEXT`; if they never were yours, `sigpkg init \
             --no-commit` and `sigpkg adopt` sign the package as your own"
                .to_owned()
        }
        KeyStoreError::StoreExists { folder, .. } => format!("look at {} before anything else", folder.display()),
        KeyStoreError::Moved { to, .. } => {
            format!("finish it with `sigpkg key move --to {}`", to.parent().unwrap_or(to).display())
        }
        KeyStoreError::Busy { .. } => "wait until the other command has ended".to_owned(),
        KeyStoreError::Unfinished { .. } => "run the command that was interrupted again: it finishes it".to_owned(),
        KeyStoreError::ReserveBegun { .. } => {
            "`sigpkg reserve join DRAFT…` ends it, `sigpkg reserve drop` gives it up".to_owned()
        }
        KeyStoreError::NotSeeded { .. } => {
            "take the keys to another machine with `sigpkg key move`; put the reserve on paper with `sigpkg reserve paper \
             FILE --out PAGE`, for it names new keys if these are lost"
                .to_owned()
        }
        KeyStoreError::OtherSeed { earlier: Some(_), .. } => {
            "look for the newer page; if there is none, the reserve names new keys: `sigpkg reserve sign --cause lost --reason \
             TEXT`"
                .to_owned()
        }
        KeyStoreError::OtherSeed { earlier: None, .. } => {
            "compare the signatory id with the page: it may be of another chain; or the chain is not the newest: --chain TARGET names \
             another"
                .to_owned()
        }
        KeyStoreError::PageExists { .. } => "name another file, or erase that one".to_owned(),
        KeyStoreError::NotReserve { .. } => {
            "`sigpkg reserve new` made a .key file and a .pub file; the .key file signs".to_owned()
        }
        KeyStoreError::NoKey { .. } => {
            "the keys are lost or on another machine; the reserve can name new ones".to_owned()
        }
        KeyStoreError::Secret { error: SecretFileError::PassphraseMissing, .. } => {
            "set SIGPKG_PASSPHRASE_FILE to a file that holds the passphrase".to_owned()
        }
        KeyStoreError::SecondText { .. }
        | KeyStoreError::KeyExists { .. }
        | KeyStoreError::ChainFull
        | KeyStoreError::NotJoined { .. }
        | KeyStoreError::Key { .. }
        | KeyStoreError::Secret { .. }
        | KeyStoreError::Chain { .. }
        | KeyStoreError::Damaged { .. } => return None,
    })
}
