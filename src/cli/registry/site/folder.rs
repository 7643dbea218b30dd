//! The folder of a site: made beside its place, and then put there as a whole. Whoever looks meanwhile sees the old one, and so
//! does whoever looks after this process was killed.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use sigpkg::registry::site::{MARKER, MARKER_TEXT, Pages};

use crate::cli::failure::Failure;

/// The folders of a site.
const FOLDERS: [&str; 4] = ["assets", "browse", "find", "s"];

/// A site in the making.
pub(super) struct Folder {
    out: PathBuf,
    /// Where it is made.
    new: PathBuf,
    /// Where the site before it goes, for a moment.
    old: PathBuf,
    /// Locked as long as somebody works on it.
    marker: Option<File>,
    files: AtomicU64,
    bytes: AtomicU64,
}

impl Folder {
    /// Begins a site that will be at `out`. What a process that was killed has left is mended or taken away.
    pub(super) fn begin(out: &Path) -> Result<Self, Failure> {
        let (Some(name), Some(parent)) = (out.file_name(), out.parent()) else {
            return Err(Failure::usage(format!("--out {} names no folder that can be replaced", out.display())));
        };
        fs::create_dir_all(parent).map_err(|error| unwritable(parent, &error))?;
        let beside = |word: &str| {
            let mut beside = std::ffi::OsString::from(".");
            beside.push(name);
            beside.push(word);
            parent.join(beside)
        };
        let (new, old) = (beside(".sigpkg-new"), beside(".sigpkg-old"));
        let mut folder = Self { out: out.to_owned(), new, old, marker: None, files: 0.into(), bytes: 0.into() };
        folder.make_place()?;
        folder.mend()?;
        folder.check_out()?;
        Ok(folder)
    }

    /// Makes the folder in which to work. A lock tells one that somebody works in from one that was left behind.
    fn make_place(&mut self) -> Result<(), Failure> {
        if state(&self.new)? != State::Nothing {
            if let State::Site = state(&self.new)? {
                let marker = self.new.join(MARKER);
                let marker = File::options().write(true).open(&marker).map_err(|error| unwritable(&marker, &error))?;
                lock(&marker, &self.new)?;
            }
            remove(&self.new)?;
        }
        fs::create_dir(&self.new).map_err(|error| unwritable(&self.new, &error))?;
        let path = self.new.join(MARKER);
        let marker = File::create(&path).and_then(|mut file| file.write_all(MARKER_TEXT.as_bytes()).map(|()| file));
        let marker = marker.map_err(|error| unwritable(&path, &error))?;
        lock(&marker, &self.new)?;
        self.marker = Some(marker);
        for folder in FOLDERS {
            let path = self.new.join(folder);
            fs::create_dir(&path).map_err(|error| unwritable(&path, &error))?;
        }
        Ok(())
    }

    /// After a process that was killed while it put one site in the place of another.
    fn mend(&self) -> Result<(), Failure> {
        match (state(&self.old)?, state(&self.out)?) {
            (State::Nothing, _) => Ok(()),
            (_, State::Nothing) => rename(&self.old, &self.out),
            (State::Empty | State::Site | State::Other, _) => remove(&self.old),
        }
    }

    fn check_out(&self) -> Result<(), Failure> {
        match state(&self.out)? {
            State::Nothing | State::Empty | State::Site => Ok(()),
            State::Other => Err(Failure::blocked(format!(
                "expected {} to be an empty folder or a site that was made before, found something else",
                self.out.display()
            ))
            .hint("name a folder that does not exist yet; what is there is left as it is")),
        }
    }

    /// Puts the site in its place. Returns how many files and bytes it has.
    pub(super) fn finish(mut self) -> Result<(u64, u64), Failure> {
        let had_one = state(&self.out)? != State::Nothing;
        self.check_out()?;
        if had_one {
            rename(&self.out, &self.old)?;
        }
        if let Err(failure) = rename(&self.new, &self.out) {
            if had_one {
                rename(&self.old, &self.out)?;
            }
            return Err(failure);
        }
        self.marker = None;
        if had_one {
            remove(&self.old)?;
        }
        Ok((self.files.load(Ordering::Relaxed) + 1, self.bytes.load(Ordering::Relaxed) + MARKER_TEXT.len() as u64))
    }
}

impl Pages for Folder {
    fn put(&self, path: &str, bytes: &[u8]) -> Result<(), String> {
        // Whatever the library thinks of, nothing is written elsewhere.
        let is_plain = |part: &str| {
            part.starts_with(|first: char| first.is_ascii_alphanumeric())
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        if !path.split('/').all(is_plain) {
            return Err("its name is none of a page".to_owned());
        }
        let place = self.new.join(path);
        let before = fs::metadata(&place).map(|metadata| metadata.len()).ok();
        fs::write(&place, bytes).map_err(|error| error.to_string())?;
        self.files.fetch_add(u64::from(before.is_none()), Ordering::Relaxed);
        self.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.bytes.fetch_sub(before.unwrap_or_default(), Ordering::Relaxed);
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.marker.take().is_some() {
            // It was not finished. What cannot be taken away now is taken away the next time.
            let _ = fs::remove_dir_all(&self.new);
        }
    }
}

/// What is at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Nothing,
    Empty,
    /// A folder with the marker of a site.
    Site,
    Other,
}

fn state(place: &Path) -> Result<State, Failure> {
    let unreadable = |error: io::Error| Failure::could_not_tell(format!("{} cannot be read: {error}", place.display()));
    match fs::symlink_metadata(place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::Nothing),
        Err(error) => return Err(unreadable(error)),
        Ok(metadata) if !metadata.is_dir() => return Ok(State::Other),
        Ok(_) => {}
    }
    if fs::read_dir(place).map_err(unreadable)?.next().is_none() {
        return Ok(State::Empty);
    }
    let first_line = MARKER_TEXT.lines().next().unwrap_or_default();
    let marker = place.join(MARKER);
    let is_file = fs::symlink_metadata(&marker).is_ok_and(|metadata| metadata.is_file());
    let has_marker = is_file && fs::read(&marker).is_ok_and(|bytes| bytes.starts_with(first_line.as_bytes()));
    Ok(if has_marker { State::Site } else { State::Other })
}

/// Takes away a site or an empty folder, and nothing else.
fn remove(place: &Path) -> Result<(), Failure> {
    match state(place)? {
        State::Nothing => Ok(()),
        State::Empty | State::Site => fs::remove_dir_all(place).map_err(|error| unwritable(place, &error)),
        State::Other => Err(Failure::blocked(format!("{} is in the way, and is none of sigpkg's", place.display()))
            .hint("move it away, or name another folder with --out")),
    }
}

fn lock(marker: &File, place: &Path) -> Result<(), Failure> {
    fs4::FileExt::try_lock(marker).map_err(|error| match error {
        fs4::TryLockError::WouldBlock => {
            Failure::blocked(format!("another sigpkg is making this site, in {}", place.display()))
                .hint("wait until it is done")
        }
        fs4::TryLockError::Error(error) => unwritable(place, &error),
    })
}

fn rename(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::rename(from, to).map_err(|error| {
        Failure::could_not_tell(format!("{} cannot be moved to {}: {error}", from.display(), to.display()))
    })
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::could_not_tell(format!("{} cannot be written: {error}", path.display()))
}
