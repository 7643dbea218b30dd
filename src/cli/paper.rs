//! What the commands about secrets on paper share: writing the page, and asking for the words.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sigpkg::keystore::{self, KeyStoreError};
use sigpkg::paper::{self, Entry, Paper, PaperError};
use sigpkg::publish::PublishError;
use sigpkg::repository::is_in_a_repository;
use sigpkg::representation;
use sigpkg::representation::words::WordsError;
use sigpkg::secret::file::Secret;
use sigpkg::secret::{Kind, words};
use zeroize::Zeroizing;

use super::context::Context;
use super::failure::Failure;
use super::output::Answer;
use super::{maintainer, signals};

/// The longest text with the words of one secret, in bytes: 36 words with numbers have less than 500.
const MAX_WORDS_BYTES: u64 = 16 << 10;

/// A page that is to be written.
pub(super) struct Target {
    path: PathBuf,
    format: Format,
}

#[derive(Clone, Copy)]
enum Format {
    Pdf,
    Svg,
}

/// A page that was written.
pub(super) struct Made {
    /// The public key or the signatory id.
    pub(super) whose: String,
    pub(super) path: PathBuf,
    kind: Kind,
    words: usize,
}

impl Target {
    /// Looks at the name of the page and at its folder, before anything is asked (KEEP-36).
    pub(super) fn new(context: &Context, out: &Path) -> Result<Self, Failure> {
        let format = match out.extension().map(|end| end.to_string_lossy().to_ascii_lowercase()).as_deref() {
            Some("pdf") => Format::Pdf,
            Some("svg") => Format::Svg,
            Some(_) | None => {
                return Err(Failure::usage(format!(
                    "expected a file name that ends in .pdf or .svg, found {}",
                    out.display()
                ))
                .hint("a page is never written to stdout, where it may go anywhere; /dev/shm keeps it off the disk"));
            }
        };
        let path = context.path(out);
        outside(&path)?;
        if path.symlink_metadata().is_ok() {
            return Err(maintainer::store_failure(KeyStoreError::PageExists { path }));
        }
        Ok(Self { path, format })
    }

    /// Writes the page.
    pub(super) fn write(self, paper: &Paper, whose: String) -> Result<Made, Failure> {
        let written = match self.format {
            Format::Pdf => keystore::write_page(&self.path, &paper.pdf()),
            Format::Svg => keystore::write_page(&self.path, paper.svg().as_bytes()),
        };
        written.map_err(maintainer::store_failure)?;
        Ok(Made { whose, path: self.path, kind: paper.kind(), words: paper.words().len() })
    }
}

/// Secrets are not put into a repository, whichever it is (KEEP-36).
pub(super) fn outside(path: &Path) -> Result<(), Failure> {
    if is_in_a_repository(path) {
        Err(maintainer::failure(PublishError::SecretsInRepository { path: path.to_owned() }))
    } else {
        Ok(())
    }
}

/// Reads the secret from a file, from stdin, or word by word from a human (KEEP-37).
pub(super) fn read(context: &Context, from: Option<&Path>, kind: Kind) -> Result<Secret, Failure> {
    match from {
        Some(from) => {
            let text = context.read_secret(from, MAX_WORDS_BYTES)?;
            paper::read(&text, kind).map_err(|error| failure(&error))
        }
        None if context.can_ask() => {
            signals::show_secret(true);
            let secret = ask(context, kind);
            context.clear_screen();
            signals::show_secret(false);
            secret
        }
        None => Err(Failure::undecided("there is no terminal to ask for the words")
            .hint("--words FILE reads them from a file, and --words - from stdin; they are never arguments")),
    }
}

fn ask(context: &Context, kind: Kind) -> Result<Secret, Failure> {
    let mut entry = Entry::new(kind);
    let count = entry.missing();
    context.say(&format!("The paper of {kind} has {count} words. Type one a line; the first four letters are enough."));
    context.say("`-` takes the last one back. The text of the square may be pasted in the place of the first word.");
    context.say("When all are there, the screen is cleared.");
    while entry.missing() > 0 {
        let place = entry.words().len() + 1;
        let typed = Zeroizing::new(context.ask(&format!("word {place:>2} of {count} >"))?);
        let typed = typed.trim();
        if typed.is_empty() {
            continue;
        }
        if typed == "-" {
            entry.pop();
            continue;
        }
        if Entry::is_code(typed) {
            match paper::read(typed, kind) {
                Ok(secret) => return Ok(secret),
                Err(error) => context.say(&format!("sigpkg: {error}")),
            }
            continue;
        }
        // Several words in one line are taken as if each had its own.
        for word in typed.split_whitespace() {
            match entry.push(word) {
                Ok(whole) if whole != word => context.say(&format!("           {whole}")),
                Ok(_) => {}
                Err(error) => {
                    context.say(&format!("sigpkg: {error}"));
                    break;
                }
            }
            if entry.missing() == 0 {
                break;
            }
        }
    }
    mend(context, &mut entry)
}

/// Until the checksum fits, lets single words be changed.
fn mend(context: &Context, entry: &mut Entry) -> Result<Secret, Failure> {
    loop {
        let error = match entry.secret() {
            Ok(secret) => return Ok(secret),
            Err(error @ PaperError::Words(WordsError::Checksum)) => error,
            Err(error) => return Err(failure(&error)),
        };
        context.say(&format!("sigpkg: {error}"));
        for (at, row) in entry.words().chunks(4).enumerate() {
            let row: Vec<_> =
                row.iter().enumerate().map(|(column, word)| format!("{:>4} {word:<10}", at * 4 + column + 1)).collect();
            context.say(row.concat().trim_end());
        }
        context.say(
            "Compare them with the paper. `7 word` puts another word into place 7, `7 8` lets two change places, and",
        );
        let typed = Zeroizing::new(context.ask("`stop` gives up >")?);
        let pieces: Vec<_> = typed.split_whitespace().collect();
        let (first, second) = match pieces.as_slice() {
            ["stop"] => return Err(failure(&error)),
            [first, second] => (first.parse::<usize>(), *second),
            [..] => continue,
        };
        let Ok(first) = first else { continue };
        match second.parse::<usize>() {
            Ok(second) => {
                if !entry.exchange(first, second) {
                    context.say(&format!("sigpkg: expected two numbers from 1 to {}", entry.words().len()));
                }
            }
            Err(_) => {
                if let Err(error) = entry.replace(first, second) {
                    context.say(&format!("sigpkg: {error}"));
                }
            }
        }
    }
}

/// What is wrong with what stands on a paper, with what to do about it.
fn failure(error: &PaperError) -> Failure {
    let failure = error.rule().map_or_else(|| Failure::blocked(error), |rule| Failure::refused(rule, error));
    let count = |kind| words::count_of(kind);
    let hint = match error {
        PaperError::Words(WordsError::Unknown { .. }) => {
            "compare it with the paper; without --words, on a terminal, each word is looked at when it is typed"
        }
        PaperError::Words(WordsError::Count { found, .. }) if Some(*found) == count(Kind::Seed) => {
            "24 words are those of a seed: `sigpkg key restore`"
        }
        PaperError::Words(WordsError::Count { found, .. }) if Some(*found) == count(Kind::Reserve) => {
            "36 words are those of a reserve key: `sigpkg reserve restore`"
        }
        PaperError::Words(WordsError::Count { .. }) => {
            "with its number before each word, the one that is missing is named"
        }
        PaperError::Words(WordsError::Checksum) => {
            "compare each word with the paper, and their order; without --words, on a terminal, single words can be changed"
        }
        PaperError::Missing { .. } | PaperError::Twice { .. } => "compare the numbers with the paper",
        PaperError::Code(_) => "scan the square again, or type the words",
        PaperError::Kind { found: Kind::Seed, .. } => "`sigpkg key restore` is for seeds",
        PaperError::Kind { found: Kind::Reserve, .. } => "`sigpkg reserve restore` is for reserve keys",
        PaperError::Kind { .. } => "keys of single statements are never on paper",
    };
    failure.hint(hint)
}

/// A public key or an id in groups, as it stands on the page.
pub(super) fn write_groups(out: &mut dyn Write, text: &str) -> io::Result<()> {
    for (_, line) in representation::lines(text) {
        writeln!(out, "    {line}")?;
    }
    Ok(())
}

impl Answer for Made {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.whose)?;
        write_groups(out, &self.whose)?;
        writeln!(out)?;
        writeln!(out, "page  {}  ({} words and a square)", self.path.display(), self.words)?;
        writeln!(out)?;
        writeln!(
            out,
            "Whoever sees the page has the secret. Print it on a printer of your own, on a cable and not through a queue of others. \
             Restore once from the paper, to see that it can be read. Then erase the file (`shred --remove`), and whatever the \
             printer keeps. Never photograph the page."
        )
    }

    fn json(&self) -> Vec<Value> {
        let (signatory, key) = match self.kind {
            Kind::Seed => (Some(&self.whose), None),
            Kind::Reserve | Kind::Minisign | Kind::Signify | Kind::Link => (None, Some(&self.whose)),
        };
        vec![json!({
            "schema": "sigpkg.paper/1",
            "signatory": signatory,
            "key": key,
            "words": self.words,
            "page": self.path.display().to_string(),
        })]
    }
}
