//! What a signal must not leave behind: temporary folders, and files that are half written.
//!
//! A program that is told to end, by Ctrl-C for example, calls [`sweep`] and then ends. Nothing here listens for signals;
//! that is for the program to do. A transaction on a key store needs none of this to be safe: killed anywhere, the same
//! command finishes it. This is about not leaving rubbish.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long [`sweep`] waits for what must not be cut in two. The longest is a commit: some files made durable.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long it waits between two looks.
const PAUSE: Duration = Duration::from_millis(10);

static STATE: Mutex<State> = Mutex::new(State { is_over: false, whole: 0, folders: BTreeSet::new() });

/// Told when the number of things that must not be cut in two has fallen.
static FELL: Condvar = Condvar::new();

struct State {
    /// Whether the program is about to end.
    is_over: bool,
    /// How many things are under way that must not be cut in two.
    whole: usize,
    /// The temporary folders that are there.
    folders: BTreeSet<PathBuf>,
}

thread_local! {
    /// How many `Whole` this thread has.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Work that a signal must not cut in two, for as long as this lives: writing a file and giving it its name, or a program
/// that runs on our behalf. To be held for moments.
#[derive(Debug)]
#[must_use]
pub struct Whole {
    /// A thread that has begun must be the one that ends.
    _not_send: std::marker::PhantomData<*const ()>,
}

impl Whole {
    /// Begins it. If the program is about to end, nothing new is begun: this waits for the end, or for twice the patience
    /// of [`sweep`] if there is none.
    pub fn begin() -> Self {
        let is_inner = DEPTH.get() > 0;
        let mut state = state();
        let begun = Instant::now();
        while state.is_over && !is_inner && begun.elapsed() < 2 * PATIENCE {
            drop(state);
            thread::sleep(PAUSE);
            state = self::state();
        }
        state.whole += 1;
        DEPTH.set(DEPTH.get() + 1);
        Self { _not_send: std::marker::PhantomData }
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get().saturating_sub(1));
        let mut state = state();
        state.whole = state.whole.saturating_sub(1);
        FELL.notify_all();
    }
}

/// A temporary folder. It goes when this is dropped, and when [`sweep`] is called.
///
/// ```
/// use sigpkg::interrupt::TemporaryFolder;
///
/// let folder = TemporaryFolder::new()?;
/// let path = folder.path().to_owned();
/// std::fs::write(path.join("half"), "half of a file")?;
/// drop(folder);
/// assert!(!path.exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct TemporaryFolder {
    folder: tempfile::TempDir,
}

impl TemporaryFolder {
    /// Makes one where temporary files belong.
    ///
    /// # Errors
    ///
    /// As `std::fs::create_dir`.
    ///
    /// # Example
    ///
    /// ```
    /// use sigpkg::interrupt::TemporaryFolder;
    ///
    /// let [one, other] = [TemporaryFolder::new()?, TemporaryFolder::new()?];
    /// assert_ne!(one.path(), other.path());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new() -> io::Result<Self> {
        let _whole = Whole::begin();
        let folder = tempfile::Builder::new().prefix("sigpkg-").tempdir()?;
        state().folders.insert(folder.path().to_owned());
        Ok(Self { folder })
    }

    /// Where it is.
    ///
    /// ```
    /// use sigpkg::interrupt::TemporaryFolder;
    ///
    /// assert!(TemporaryFolder::new()?.path().is_absolute());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // Removed first and forgotten then, so that a signal in between finds it.
        let path = self.folder.path().to_owned();
        let _ = fs::remove_dir_all(&path);
        state().folders.remove(&path);
    }
}

/// Whether the program is about to end; whoever waits for another program stops it then.
///
/// ```
/// use sigpkg::interrupt::{is_over, sweep};
///
/// assert!(!is_over());
/// sweep(|| true);
/// assert!(is_over());
/// ```
pub fn is_over() -> bool {
    state().is_over
}

/// Lets what must not be cut in two come to its end, for two seconds at most, and removes the temporary folders. Nothing new is
/// begun after it. `hurries` is asked again and again whether to wait no longer.
///
/// What a program does that was told to end:
///
/// ```
/// use sigpkg::interrupt::{TemporaryFolder, sweep};
///
/// let folder = TemporaryFolder::new()?;
/// sweep(|| false);
/// assert!(!folder.path().exists(), "it goes, although somebody has it");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sweep(mut hurries: impl FnMut() -> bool) {
    let mut state = state();
    state.is_over = true;
    let begun = Instant::now();
    while state.whole > 0 && begun.elapsed() < PATIENCE && !hurries() {
        state = FELL.wait_timeout(state, PAUSE).unwrap_or_else(PoisonError::into_inner).0;
    }
    let folders = std::mem::take(&mut state.folders);
    drop(state);
    for folder in folders {
        // Another program may still be writing into it.
        while fs::remove_dir_all(&folder).is_err() && folder.exists() && begun.elapsed() < PATIENCE && !hurries() {
            thread::sleep(PAUSE);
        }
    }
}

/// What it holds is right at every moment, so a thread that has panicked has done no harm to it.
fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temporary_folder_goes_with_what_is_in_it() {
        let folder = TemporaryFolder::new().unwrap();
        let path = folder.path().to_owned();
        fs::write(path.join("file"), "content").unwrap();
        assert!(state().folders.contains(&path));
        drop(folder);
        assert!(!path.exists());
        assert!(!state().folders.contains(&path));
    }

    // `sweep` ends the process that it is called in, so tests/terminal calls it with real signals.
    #[test]
    fn whole_work_is_counted_while_it_lasts() {
        let before = DEPTH.get();
        let outer = Whole::begin();
        let inner = Whole::begin();
        assert_eq!(DEPTH.get(), before + 2);
        drop((outer, inner));
        assert_eq!(DEPTH.get(), before);
    }
}
