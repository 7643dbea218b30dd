//! One run of `git`, within limits.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{Address, RemoteError, Terms, complaint_of};
use crate::interrupt;

/// How often a run is looked at, at most.
const PAUSE: Duration = Duration::from_millis(50);

/// The longest list of references that is read, in bytes: 200,000 of them.
const MAX_SAID_BYTES: u64 = 16 << 20;

/// How much of what git complains about is read, in bytes; the first lines of it are shown.
const MAX_COMPLAINT_BYTES: u64 = 64 << 10;

/// Settings that hold whatever the user has set: no hook, nothing that goes on in the background, and no command that a
/// setting names.
const SETTINGS: &[&str] = &[
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.bigFileThreshold=16m",
    "fetch.recurseSubmodules=false",
    "fetch.unpackLimit=1",
    "fetch.writeCommitGraph=false",
    "gc.auto=0",
    "http.lowSpeedLimit=1",
    "http.lowSpeedTime=30",
    "maintenance.auto=false",
    "protocol.ext.allow=never",
    "submodule.recurse=false",
    "transfer.bundleURI=false",
];

/// The same, where no credential helper is run.
const WITHOUT_HELPERS: &[&str] = &["core.askPass=", "credential.helper=", "credential.interactive=false"];

/// The environment of git: it asks for nothing, and speaks English so that its complaints can be told apart.
const ENVIRONMENT: &[(&str, &str)] = &[
    // No single piece of memory larger than this is asked for, whatever an object says of its size.
    ("GIT_ALLOC_LIMIT", "1g"),
    ("GIT_ASKPASS", ""),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GCM_INTERACTIVE", "never"),
    ("LC_ALL", "C"),
    ("SSH_ASKPASS", ""),
    ("SSH_ASKPASS_REQUIRE", "never"),
];

/// Variables that would lead git into another repository, as they do in a hook.
const REMOVED: &[&str] = &[
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// What git says, in any language that was asked for above, when it would ask for a password.
const ASKS: &[&str] = &[
    "could not read Username",
    "could not read Password",
    "terminal prompts disabled",
    "Authentication failed",
    "Permission denied (",
    "returned error: 401",
    "returned error: 403",
];

pub(super) struct Run<'a> {
    pub(super) address: &'a Address,
    pub(super) folder: &'a Path,
    pub(super) terms: Terms<'a>,
}

impl Run<'_> {
    /// Runs git in the folder, with these lines on its input. What it prints goes into files, so that neither side waits for
    /// the other, and nothing that it leaves behind keeps this program waiting.
    pub(super) fn git(&self, arguments: &[&str], lines: &str) -> Result<Vec<u8>, RemoteError> {
        let [mut input, mut said, mut complaint] =
            [self.temporary_file()?, self.temporary_file()?, self.temporary_file()?];
        input.write_all(lines.as_bytes()).and_then(|()| input.rewind()).map_err(|error| self.io(error))?;
        let mut command = Command::new("git");
        command.arg("--git-dir").arg(self.folder);
        let no_helpers = if self.terms.runs_helpers { &[] } else { WITHOUT_HELPERS };
        for setting in SETTINGS.iter().chain(no_helpers) {
            command.arg("-c").arg(setting);
        }
        command.arg("-c").arg(format!("remote.origin.url={}", self.address.as_str()));
        command.args(arguments).current_dir(self.folder);
        let protocols: Vec<_> = self.terms.protocols.iter().map(|protocol| protocol.as_str()).collect();
        command.env("GIT_ALLOW_PROTOCOL", protocols.join(":")).envs(ENVIRONMENT.iter().copied());
        for variable in REMOVED {
            command.env_remove(variable);
        }
        // A user who has another ssh has set it up; the usual one must not ask.
        if std::env::var_os("GIT_SSH_COMMAND").is_none() && std::env::var_os("GIT_SSH").is_none() {
            command.env("GIT_SSH_COMMAND", "ssh -oBatchMode=yes -oConnectTimeout=20");
        }
        command.stdin(Stdio::from(input));
        command.stdout(Stdio::from(said.try_clone().map_err(|error| self.io(error))?));
        command.stderr(Stdio::from(complaint.try_clone().map_err(|error| self.io(error))?));
        // Whoever ends this program waits until git has been stopped.
        let _whole = interrupt::Whole::begin();
        let mut child = command.spawn().map_err(RemoteError::NoGit)?;
        let ended = self.watch(&mut child, &said);
        if ended.is_err() {
            // It may have ended by itself; then there is nothing to kill.
            let _ = child.kill();
            let _ = child.wait();
        }
        if ended?.success() {
            return self.beginning(&mut said, MAX_SAID_BYTES);
        }
        let complaint = self.beginning(&mut complaint, MAX_COMPLAINT_BYTES)?;
        let asks = ASKS.iter().any(|words| String::from_utf8_lossy(&complaint).contains(words));
        let address = self.address.clone();
        Err(if asks {
            RemoteError::Private { address }
        } else {
            let reason = address.hide_in(&complaint_of(&complaint));
            RemoteError::Failed { address, reason }
        })
    }

    /// A file without a name, which goes when it is closed.
    fn temporary_file(&self) -> Result<File, RemoteError> {
        tempfile::tempfile().map_err(|error| self.io(error))
    }

    fn io(&self, source: io::Error) -> RemoteError {
        RemoteError::Io { path: self.folder.to_owned(), source }
    }

    /// The beginning of what git has written; what comes after `most` bytes is not looked at.
    fn beginning(&self, file: &mut File, most: u64) -> Result<Vec<u8>, RemoteError> {
        let mut bytes = Vec::new();
        file.rewind().and_then(|()| file.take(most).read_to_end(&mut bytes)).map_err(|error| self.io(error))?;
        Ok(bytes)
    }

    /// Waits for the end, and looks at the limits meanwhile and once more at the end.
    fn watch(&self, child: &mut Child, said: &File) -> Result<ExitStatus, RemoteError> {
        let begun = Instant::now();
        let mut pause = Duration::from_millis(1);
        loop {
            let ended = child.try_wait().map_err(RemoteError::NoGit)?;
            self.check_size(said)?;
            if let Some(status) = ended {
                return Ok(status);
            }
            if begun.elapsed() > self.terms.limits.time || interrupt::is_over() {
                return Err(RemoteError::TooSlow { address: self.address.clone(), most: self.terms.limits.time });
            }
            sleep(pause);
            pause = (pause * 2).min(PAUSE);
        }
    }

    fn check_size(&self, said: &File) -> Result<(), RemoteError> {
        let too_much = |what, most| RemoteError::TooMuch { address: self.address.clone(), what, most };
        if said.metadata().is_ok_and(|metadata| metadata.len() > MAX_SAID_BYTES) {
            return Err(too_much("bytes of references", MAX_SAID_BYTES));
        }
        let mut bytes = 0;
        for path in packs(&self.folder.join("objects/pack")) {
            // Git renames files while it works; what has gone is counted under its new name.
            bytes += fs::metadata(&path).map_or(0, |metadata| metadata.len());
            if claimed_objects(&path).is_some_and(|objects| objects > self.terms.limits.objects) {
                return Err(too_much("objects", self.terms.limits.objects));
            }
        }
        if bytes > self.terms.limits.bytes {
            return Err(too_much("bytes", self.terms.limits.bytes));
        }
        Ok(())
    }
}

fn packs(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.flatten().map(|entry| entry.path()).collect()
}

/// How many objects a pack says that it has, in its first 12 bytes; they are there long before the objects.
fn claimed_objects(path: &Path) -> Option<u64> {
    let mut header = [0; 12];
    let read = File::open(path).and_then(|mut file| io::Read::read_exact(&mut file, &mut header));
    let ([b'P', b'A', b'C', b'K', _, _, _, _, count @ ..], Ok(())) = (header, read) else { return None };
    Some(u32::from_be_bytes(count).into())
}
