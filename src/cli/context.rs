//! The world outside: environment, clock, terminal, passphrases. Nothing else in sigpkg asks for them.

mod passphrase;

use std::env;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use sigpkg::interrupt::Whole;
use sigpkg::time::Timestamp;
use tempfile::NamedTempFile;

pub(crate) use self::passphrase::Unopened;

use zeroize::Zeroizing;

use super::failure::Failure;
use super::{progress, signals, width};

/// What a command knows of the world.
pub(crate) struct Context {
    /// The folder that `-C` names, or the current one.
    pub(crate) directory: PathBuf,
    /// Whether answers are JSON.
    pub(crate) json: bool,
    home: Option<PathBuf>,
}

#[expect(
    clippy::unused_self,
    reason = "whoever has no context has no door to the world, whether or not it keeps a key"
)]
impl Context {
    pub(crate) fn new(directory: Option<PathBuf>, json: bool) -> Result<Self, Failure> {
        let directory = match directory {
            Some(directory) => directory,
            None => env::current_dir()
                .map_err(|error| Failure::could_not_tell(format!("the current folder cannot be read: {error}")))?,
        };
        if !directory.is_dir() {
            return Err(Failure::usage(format!("-C {} is no folder", directory.display())));
        }
        Ok(Self { directory, json, home: home() })
    }

    /// Resolves a path that the user gave, which is relative to `-C`.
    pub(crate) fn path(&self, given: &Path) -> PathBuf {
        self.directory.join(given)
    }

    /// A path for people and annotations: as it is below the folder that they are in, if it is there.
    pub(crate) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.directory).unwrap_or(path).display().to_string()
    }

    /// Reads a file that may have `most` bytes and no more; a limit reached is an error.
    pub(crate) fn read(&self, path: &Path, most: u64) -> Result<Vec<u8>, Failure> {
        let unreadable =
            |error: io::Error| Failure::could_not_tell(format!("{} cannot be read: {error}", path.display()));
        let mut bytes = Vec::new();
        File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
        if bytes.len() as u64 > most {
            return Err(Failure::blocked(format!(
                "{} has more than {most} bytes, the most that is read here",
                path.display()
            ))
            .hint("see that it is the right file; none of this kind is that large"));
        }
        Ok(bytes)
    }

    /// Reads a secret text from a file, or with `-` from stdin, of at most so many bytes.
    pub(crate) fn read_secret(&self, given: &Path, most: u64) -> Result<Zeroizing<String>, Failure> {
        let place = if given == Path::new("-") { "stdin".to_owned() } else { self.path(given).display().to_string() };
        // As long as it may become: growing would leave a copy behind.
        let mut text = Zeroizing::new(String::with_capacity(usize::try_from(most).unwrap_or_default() + 1));
        let read = if given == Path::new("-") {
            io::stdin().lock().take(most + 1).read_to_string(&mut text)
        } else {
            File::open(self.path(given)).and_then(|file| file.take(most + 1).read_to_string(&mut text))
        };
        read.map_err(|error| Failure::could_not_tell(format!("{place} cannot be read: {error}")))?;
        if text.len() as u64 > most {
            return Err(Failure::blocked(format!("{place} has more than {most} bytes, the most that is read here")));
        }
        Ok(text)
    }

    /// Wipes the screen of a terminal and what it has scrolled away: words of a secret were on it.
    pub(crate) fn clear_screen(&self) {
        if self.can_ask() {
            // Not through what leaves out escapes where colours are not wanted.
            let mut stderr = io::stderr();
            let _ = stderr.write_all(signals::CLEAR).and_then(|()| stderr.flush());
        }
    }

    /// Writes a file, whole or not at all; one that is there is replaced.
    pub(crate) fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
        let _whole = Whole::begin();
        self.written(path, bytes)
            .and_then(|file| file.persist(path).map(drop).map_err(|error| unwritable(path, &error.error)))
    }

    /// Writes a file, whole or not at all; one that is there is left alone.
    pub(crate) fn write_new(&self, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
        let _whole = Whole::begin();
        self.written(path, bytes)
            .and_then(|file| file.persist_noclobber(path).map(drop).map_err(|error| unwritable(path, &error.error)))
    }

    /// Whether a file could be written there, for what must not fail once something else is done.
    pub(crate) fn check_writable(&self, path: &Path) -> Result<(), Failure> {
        if path.is_dir() {
            return Err(Failure::could_not_tell(format!("{} cannot be written: it is a folder", path.display())));
        }
        self.written(path, b"").map(drop)
    }

    fn written(&self, path: &Path, bytes: &[u8]) -> Result<NamedTempFile, Failure> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        // What is written here is public; a temporary file is private unless told otherwise.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(folder).and_then(|mut file| file.write_all(bytes).map(|()| file));
        file.map_err(|error| unwritable(path, &error))
    }

    /// Makes a folder; one that is there must be empty.
    pub(crate) fn create_empty_folder(&self, path: &Path) -> Result<(), Failure> {
        let mut entries =
            std::fs::create_dir_all(path).and_then(|()| path.read_dir()).map_err(|error| unwritable(path, &error))?;
        match entries.next() {
            None => Ok(()),
            Some(_) => Err(Failure::usage(format!("the folder {} is not empty", path.display()))),
        }
    }

    /// The folder of key stores.
    pub(crate) fn keys_home(&self) -> Result<PathBuf, Failure> {
        self.home("keys")
    }

    /// The folders in which Julia installs packages, in the order in which it looks for them (PRJ-4).
    pub(crate) fn depots(&self) -> Vec<PathBuf> {
        let home = non_empty("HOME").or_else(|| non_empty("USERPROFILE")).map(PathBuf::from);
        let depots = sigpkg::project::depots_of(env::var_os("JULIA_DEPOT_PATH").as_deref(), home.as_deref());
        depots.iter().map(|depot| self.path(depot)).collect()
    }

    /// The folder of the trust store.
    pub(crate) fn trust_home(&self) -> Result<PathBuf, Failure> {
        self.home("trust")
    }

    fn home(&self, store: &str) -> Result<PathBuf, Failure> {
        self.home.as_ref().map(|home| home.join(store)).ok_or_else(|| {
            Failure::could_not_tell(
                "no place for the stores: none of SIGPKG_HOME, XDG_DATA_HOME and HOME is an absolute path",
            )
            .hint("set SIGPKG_HOME to a folder that only you can read")
        })
    }

    /// Where git keeps the objects of a push, while the hook `pre-receive` decides about it.
    pub(crate) fn quarantine(&self) -> Option<PathBuf> {
        non_empty("GIT_QUARANTINE_PATH").map(|path| self.path(Path::new(&path)))
    }

    /// The time by this machine's clock.
    pub(crate) fn now(&self) -> Result<Timestamp, Failure> {
        let wrong = || Failure::could_not_tell("the clock of this machine is not set to a year from 1970 to 9999");
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| wrong())?;
        i64::try_from(since_epoch.as_secs()).ok().and_then(Timestamp::from_unix_seconds).ok_or_else(wrong)
    }

    /// Whether a human can be asked: the questions go to stderr, and the answers come from stdin.
    pub(crate) fn can_ask(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Whether a passphrase file was given: the way of machines, which are not asked.
    pub(crate) fn has_passphrase_file(&self) -> bool {
        non_empty("SIGPKG_PASSPHRASE_FILE").is_some()
    }

    /// Says something to the human, beside the answer.
    pub(crate) fn say(&self, text: &str) {
        // There is nowhere left to complain to if stderr is closed.
        let _ = progress::aside(|| writeln!(anstream::stderr(), "{}", width::for_stderr(text)));
    }

    /// Asks a question on the terminal and returns the line that was typed, without its end.
    pub(crate) fn ask(&self, question: &str) -> Result<String, Failure> {
        if !self.can_ask() {
            return Err(Failure::undecided(format!("there is no terminal to ask: {question}"))
                .hint("run it on a terminal, where you can answer"));
        }
        let mut stderr = anstream::stderr();
        let asked = write!(stderr, "{question} ").and_then(|()| stderr.flush());
        let mut line = Zeroizing::new(Vec::new());
        let read = asked.and_then(|()| io::stdin().lock().read_until(b'\n', &mut line));
        match read {
            Ok(0) => {
                // The cursor is behind the question.
                let _ = writeln!(stderr);
                Err(Failure::undecided("the question was not answered"))
            }
            // A byte that is no text makes an answer wrong, and is no reason to give up what was answered before it.
            Ok(_) => Ok(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned()),
            Err(error) => Err(Failure::could_not_tell(format!("the terminal cannot be read: {error}"))),
        }
    }

    /// Asks a question that has yes and no for answers; anything but a clear yes is a no.
    pub(crate) fn confirm(&self, question: &str) -> Result<bool, Failure> {
        Ok(matches!(self.ask(&format!("{question} [y/N]"))?.to_ascii_lowercase().as_str(), "y" | "yes"))
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::could_not_tell(format!("{} cannot be written: {error}", path.display()))
}

/// `SIGPKG_HOME`, or the place that the XDG base directory specification gives. A relative path is ignored, as that
/// specification says.
fn home() -> Option<PathBuf> {
    let absolute = |path: OsString| Some(PathBuf::from(path)).filter(|path| path.is_absolute());
    if let Some(home) = non_empty("SIGPKG_HOME") {
        return absolute(home);
    }
    let data_home = non_empty("XDG_DATA_HOME").and_then(absolute);
    let data_home = data_home.or_else(|| non_empty("HOME").and_then(absolute).map(|home| home.join(".local/share")));
    data_home.map(|data_home| data_home.join("sigpkg"))
}

fn non_empty(variable: &str) -> Option<OsString> {
    env::var_os(variable).filter(|value| !value.is_empty())
}
