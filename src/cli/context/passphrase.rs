//! Passphrases: from a file, from a program that asks, or from the terminal, in the way of ssh (KEEP-15).
//!
//! | where from | when |
//! |---|---|
//! | the file `SIGPKG_PASSPHRASE_FILE` | always, if it is set: the way of machines |
//! | the program `SIGPKG_ASKPASS`, or else `SSH_ASKPASS` | if there is no terminal, or `SSH_ASKPASS_REQUIRE` says so |
//! | the terminal of the process | otherwise |
//!
//! `SSH_ASKPASS` is for programs with a window, and is taken as ssh takes it: only where `DISPLAY` or `WAYLAND_DISPLAY` is
//! set, unless `SSH_ASKPASS_REQUIRE` is `force`. Whoever sets `SIGPKG_ASKPASS` means sigpkg, so that one needs no display.
//! The environment is described in ssh(1).

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Once;

use zeroize::Zeroizing;

use super::{Context, non_empty};
use crate::cli::failure::Failure;
use crate::cli::signals;

/// The longest passphrase in bytes. Stock minisign reads one into 1,024 bytes, a line end and a NUL included, and has to
/// open what sigpkg has encrypted.
const MAX_BYTES: usize = 1022;

/// How often a human may try: as often as ssh lets them.
const TRIES: u32 = 3;

/// Why something was not opened by a passphrase.
pub(crate) enum Unopened {
    /// By this one; another one may do.
    Wrong(Failure),
    /// By none.
    Other(Failure),
}

/// Where a passphrase comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    File(PathBuf),
    Program(OsString),
    Terminal,
}

/// What the environment says about asking.
#[derive(Default)]
struct Environment {
    file: Option<OsString>,
    own_program: Option<OsString>,
    ssh_program: Option<OsString>,
    /// `SSH_ASKPASS_REQUIRE`, in lower case.
    require: String,
    has_display: bool,
    has_terminal: bool,
}

impl Context {
    /// Opens something with its passphrase, which is asked for again if it is a wrong one: three times, if there is somebody
    /// to ask. What is in a file is tried once.
    pub(crate) fn open_with_passphrase<T>(
        &self,
        what: &str,
        mut open: impl FnMut(&Zeroizing<String>) -> Result<T, Unopened>,
    ) -> Result<T, Failure> {
        let source = Environment::read().source(what)?;
        let mut left = if matches!(source, Source::File(_)) { 1 } else { TRIES };
        loop {
            let passphrase = self.from(&source, &format!("Passphrase for {what}: "))?;
            left -= 1;
            match open(&passphrase) {
                Ok(opened) => return Ok(opened),
                Err(Unopened::Other(failure)) => return Err(failure),
                Err(Unopened::Wrong(failure)) if left == 0 => return Err(with_origin(failure, &source)),
                Err(Unopened::Wrong(_)) => {
                    let tries = if left == 1 { "1 try" } else { "2 tries" };
                    self.say(&format!("sigpkg: that is not the passphrase for {what}; {tries} left"));
                }
            }
        }
    }

    /// A new passphrase, typed twice; `None` if a human has said that there is to be none.
    pub(crate) fn new_passphrase(&self, what: &str) -> Result<Option<Zeroizing<String>>, Failure> {
        let source = Environment::read().source(what)?;
        for left in (0..TRIES).rev() {
            let first = self.from(&source, &format!("New passphrase for {what}: "))?;
            if first.is_empty() {
                self.check_meant_empty(&source, what)?;
                return Ok(None);
            }
            if matches!(source, Source::File(_)) || first == self.from(&source, "The same passphrase again: ")? {
                return Ok(Some(first));
            }
            if left > 0 {
                self.say("sigpkg: the two are not equal; once more");
            }
        }
        Err(Failure::undecided(format!("there is no new passphrase for {what}: the two were not equal, three times")))
    }

    /// Nothing typed may be a slip; keys without a passphrase take a clear yes.
    fn check_meant_empty(&self, source: &Source, what: &str) -> Result<(), Failure> {
        if matches!(source, Source::File(_)) || !self.can_ask() {
            let from = source.in_words();
            return Err(Failure::usage(format!("the passphrase {from} is empty"))
                .hint("--no-passphrase keeps keys unencrypted, and says so"));
        }
        let question = format!(
            "An empty passphrase leaves {what} unprotected: whoever can read the file has the key. Is that meant?"
        );
        if self.confirm(&question)? { Ok(()) } else { Err(Failure::undecided("no passphrase was chosen")) }
    }

    fn from(&self, source: &Source, question: &str) -> Result<Zeroizing<String>, Failure> {
        let bytes = match source {
            Source::File(path) => {
                self.warn_of_open_file(path);
                read_file(path)?
            }
            Source::Program(program) => run_program(program, question)?,
            Source::Terminal => typed(question)?,
        };
        one_line(&bytes).map_err(|problem| Failure::usage(format!("the passphrase {} {problem}", source.in_words())))
    }

    /// Once a command.
    #[cfg(unix)]
    fn warn_of_open_file(&self, path: &Path) {
        use std::os::unix::fs::PermissionsExt as _;
        static WARNED: Once = Once::new();
        // What is not a file, such as the end of a pipe, has no permissions that mean anything.
        let Some(mode) = path.metadata().ok().filter(std::fs::Metadata::is_file).map(|file| file.permissions().mode())
        else {
            return;
        };
        if mode & 0o077 != 0 {
            let path = path.display();
            WARNED.call_once(|| {
                self.say(&format!(
                    "sigpkg: warning: others can read SIGPKG_PASSPHRASE_FILE {path}: mode {:04o}",
                    mode & 0o7777
                ));
                self.say(&format!("sigpkg: hint: `chmod 600 {path}`"));
            });
        }
    }

    #[cfg(not(unix))]
    #[expect(clippy::unused_self, reason = "as on Unix")]
    fn warn_of_open_file(&self, _path: &Path) {
        static _WARNED: Once = Once::new();
    }
}

impl Environment {
    fn read() -> Self {
        let has_terminal = has_terminal();
        Self {
            file: non_empty("SIGPKG_PASSPHRASE_FILE"),
            own_program: non_empty("SIGPKG_ASKPASS"),
            ssh_program: non_empty("SSH_ASKPASS"),
            require: non_empty("SSH_ASKPASS_REQUIRE").unwrap_or_default().to_string_lossy().to_ascii_lowercase(),
            has_display: non_empty("DISPLAY").or_else(|| non_empty("WAYLAND_DISPLAY")).is_some(),
            has_terminal,
        }
    }

    fn source(self, what: &str) -> Result<Source, Failure> {
        if let Some(file) = self.file {
            return Ok(Source::File(PathBuf::from(file)));
        }
        let (is_never, is_force) = (self.require == "never", self.require == "force");
        let ssh_program = self.ssh_program.filter(|_| self.has_display || is_force);
        let is_passed_over = is_never && (self.own_program.is_some() || ssh_program.is_some());
        let program = self.own_program.or(ssh_program).filter(|_| !is_never);
        let is_wanted = is_force || self.require == "prefer";
        match program {
            Some(program) if is_wanted || !self.has_terminal => Ok(Source::Program(program)),
            Some(_) | None if self.has_terminal => Ok(Source::Terminal),
            Some(_) | None => {
                let but = if is_passed_over {
                    "; the askpass program that is set is not asked, because SSH_ASKPASS_REQUIRE is never"
                } else if non_empty("SSH_ASKPASS").is_some() {
                    "; SSH_ASKPASS is not asked, because neither DISPLAY nor WAYLAND_DISPLAY is set (SSH_ASKPASS_REQUIRE=force asks it all the same)"
                } else {
                    ""
                };
                Err(Failure::could_not_tell(format!("there is no terminal to ask for the passphrase for {what}{but}"))
                    .hint(
                        "there are three ways: run it on a terminal; or set SIGPKG_PASSPHRASE_FILE to a file that holds \
                         the passphrase; or set SIGPKG_ASKPASS to a program that asks for it, as SSH_ASKPASS does for ssh",
                    ))
            }
        }
    }
}

impl Source {
    fn in_words(&self) -> String {
        match self {
            Self::File(path) => format!("in SIGPKG_PASSPHRASE_FILE {}", path.display()),
            Self::Program(program) => format!("from the askpass program {}", program.to_string_lossy()),
            Self::Terminal => "that was typed".to_owned(),
        }
    }
}

/// A wrong passphrase that nobody typed is in a place that can be looked at.
fn with_origin(failure: Failure, source: &Source) -> Failure {
    match source {
        Source::File(path) => {
            failure.hint(format!("the passphrase was read from SIGPKG_PASSPHRASE_FILE {}", path.display()))
        }
        Source::Program(_) | Source::Terminal => failure,
    }
}

/// A passphrase, without the end of its line; what is wrong with it otherwise. Spaces are part of it.
fn one_line(bytes: &[u8]) -> Result<Zeroizing<String>, String> {
    let line = bytes.strip_suffix(b"\n").map_or(bytes, |line| line.strip_suffix(b"\r").unwrap_or(line));
    if line.len() > MAX_BYTES {
        return Err(format!("has more than {MAX_BYTES} bytes, the most that minisign reads too"));
    }
    let text = std::str::from_utf8(line).map_err(|_| "is not UTF-8".to_owned())?;
    if text.starts_with('\u{feff}') {
        return Err("begins with a byte order mark, which nobody could type; save the file without one".to_owned());
    }
    if text.contains('\0') {
        return Err("has a NUL character".to_owned());
    }
    if text.contains(['\n', '\r']) {
        return Err("has more than one line".to_owned());
    }
    Ok(Zeroizing::new(text.to_owned()))
}

fn read_file(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    File::open(path).and_then(read_some).map_err(|error| {
        Failure::could_not_tell(format!("SIGPKG_PASSPHRASE_FILE {} cannot be read: {error}", path.display()))
    })
}

/// Reads enough to see that it is too long, with any end of the line, and nothing beyond.
fn read_some(from: impl io::Read) -> io::Result<Zeroizing<Vec<u8>>> {
    let most = MAX_BYTES + 3;
    // As long as it may become: growing would leave a copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(most + 1));
    from.take(most as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Runs a program that shows the question, given as its argument, and prints the answer: the way of ssh.
fn run_program(program: &OsStr, question: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let shown = program.to_string_lossy();
    let not_run = |error: io::Error| {
        Failure::could_not_tell(format!("the askpass program {shown} cannot be run: {error}"))
            .hint("SIGPKG_ASKPASS and SSH_ASKPASS name a program, without arguments")
    };
    let mut command = Command::new(program);
    command.arg(question.trim_end()).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(not_run)?;
    // One that prints without end is told so by the closed pipe.
    let answer = child.stdout.take().map_or_else(|| Ok(Zeroizing::default()), read_some).map_err(not_run)?;
    let status = child.wait().map_err(not_run)?;
    if !status.success() && answer.len() <= MAX_BYTES + 2 {
        return Err(Failure::undecided(format!("the askpass program {shown} ended without an answer ({status})")));
    }
    Ok(answer)
}

/// Reads what is typed, without showing it.
fn typed(question: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let text = rpassword::prompt_password(question).map_err(|error| {
        if error.kind() == io::ErrorKind::Interrupted {
            // Ctrl-C: rpassword has sent the signal itself.
            signals::wait_for_the_end();
        }
        if matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::Interrupted) {
            Failure::undecided("the question for the passphrase was not answered")
        } else {
            Failure::could_not_tell(format!("the terminal cannot be read: {error}"))
        }
    })?;
    Ok(Zeroizing::new(text.into_bytes()))
}

/// Whether the process has a terminal, wherever its input comes from.
fn has_terminal() -> bool {
    #[cfg(unix)]
    let found = std::fs::OpenOptions::new().read(true).write(true).open("/dev/tty").is_ok();
    #[cfg(not(unix))]
    let found = std::io::IsTerminal::is_terminal(&io::stdin());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(environment: Environment) -> Result<Source, String> {
        environment.source("the keys of demo").map_err(|failure| failure.message)
    }

    fn named(program: &str) -> OsString {
        OsString::from(program)
    }

    #[test]
    fn the_environment_decides_as_it_does_for_ssh() {
        let terminal = || Environment { has_terminal: true, ..Environment::default() };
        let ask = |program: &str| Ok(Source::Program(program.into()));
        assert_eq!(source(terminal()), Ok(Source::Terminal));
        // A file comes first, whatever else is there.
        let all = Environment {
            file: Some(named("f")),
            own_program: Some(named("a")),
            require: "force".to_owned(),
            ..terminal()
        };
        assert_eq!(source(all), Ok(Source::File("f".into())));
        // A program is for where there is no terminal, unless it is wanted.
        let own = |require: &str| Environment {
            own_program: Some(named("own")),
            ssh_program: Some(named("ssh")),
            require: require.to_owned(),
            ..Environment::default()
        };
        assert_eq!(source(own("")), ask("own"));
        for (require, expected) in
            [("", Ok(Source::Terminal)), ("never", Ok(Source::Terminal)), ("prefer", ask("own")), ("force", ask("own"))]
        {
            assert_eq!(source(Environment { has_terminal: true, ..own(require) }), expected, "{require}");
        }
        assert!(source(own("never")).is_err_and(|said| said.contains("SSH_ASKPASS_REQUIRE is never")));
        // The program of ssh needs a display, unless it is forced.
        let ssh = |require: &str, has_display| Environment {
            ssh_program: Some(named("ssh")),
            require: require.to_owned(),
            has_display,
            ..Environment::default()
        };
        assert_eq!(source(ssh("", true)), ask("ssh"));
        assert_eq!(source(ssh("force", false)), ask("ssh"));
        assert!(source(ssh("", false)).is_err_and(|said| said.contains("no terminal")));
        assert!(source(ssh("prefer", false)).is_err());
        assert_eq!(source(Environment { has_terminal: true, ..ssh("prefer", false) }), Ok(Source::Terminal));
    }

    #[test]
    fn a_passphrase_is_one_line_as_it_stands_without_its_end() {
        let read = |bytes: &[u8]| one_line(bytes).map(|text| text.to_string());
        for (bytes, passphrase) in [
            ("correct horse", "correct horse"),
            ("correct horse\n", "correct horse"),
            ("correct horse\r\n", "correct horse"),
            ("  spaces stay \n", "  spaces stay "),
            ("größer als 日本\n", "größer als 日本"),
            ("", ""),
            ("\n", ""),
        ] {
            assert_eq!(read(bytes.as_bytes()), Ok(passphrase.to_owned()), "{bytes:?}");
        }
        let long = "x".repeat(MAX_BYTES);
        assert_eq!(read(format!("{long}\r\n").as_bytes()), Ok(long.clone()));
        for (bytes, words) in [
            (format!("{long}x\n").into_bytes(), "more than 1022 bytes"),
            (vec![b'x'; 1 << 20], "more than 1022 bytes"),
            (b"a\0b\n".to_vec(), "NUL"),
            (b"one\ntwo\n".to_vec(), "more than one line"),
            (b"one\n\n".to_vec(), "more than one line"),
            (b"one\r\r\n".to_vec(), "more than one line"),
            (b"\xff\xfep\0\n\0".to_vec(), "not UTF-8"),
            ("\u{feff}p\n".into(), "byte order mark"),
        ] {
            assert!(read(&bytes).is_err_and(|said| said.contains(words)), "{words}");
        }
    }
}
