//! A sign of life for whatever takes more than a second: one line on stderr, on a terminal alone, and gone when it is done.
//!
//! ```text
//! reading big.tar.zst  [=======>      ]  412.00 MiB of 1.20 GiB, 812 files
//! verifying dependencies  [==>           ]  12 of 80
//! / searching the history for secret keys: 12,345 commits
//! / signing
//! ```
//!
//! Plain ASCII without colour, so that no terminal and no locale shows something else.

use std::env;
use std::io::{self, IsTerminal as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use sigpkg::publish::Event;
use sigpkg::source;
use unicode_width::UnicodeWidthStr as _;

use super::width;

/// How long the user waits before anything is shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often the line is drawn anew.
const TICK: Duration = Duration::from_millis(100);

/// How much of a line is for what is not the message: the bar and the numbers, in columns.
const NUMBERS: usize = 56;

/// The line that is shown now, if any.
static SHOWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Shows that work is going on, and how far it has come, until it is dropped. It may be told from several threads.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    files: Arc<AtomicU64>,
    counts: Counts,
    shown: Option<(Sender<()>, JoinHandle<()>)>,
}

/// What is counted.
#[derive(Clone, Copy, Debug)]
enum Counts {
    Nothing,
    Things(&'static str),
    Bytes,
}

impl Progress {
    /// Work of which nothing is known.
    pub(crate) fn start(what: impl Into<String>) -> Self {
        Self::new(what.into(), Counts::Nothing, None)
    }

    /// Work on `total` things.
    pub(crate) fn counting(what: &str, total: usize) -> Self {
        Self::new(what.to_owned(), Counts::Things(""), Some(total as u64))
    }

    /// Work on things that nobody has counted before.
    pub(crate) fn tallying(what: &str, things: &'static str) -> Self {
        Self::new(what.to_owned(), Counts::Things(things), None)
    }

    /// The reading of a source, which says itself how much of it there is.
    pub(crate) fn reading(what: impl Into<String>) -> Self {
        Self::new(what.into(), Counts::Bytes, None)
    }

    fn new(what: String, counts: Counts, total: Option<u64>) -> Self {
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
        let files = Arc::new(AtomicU64::new(0));
        let mut progress = Self { bar, files, counts, shown: None };
        if !is_wanted() {
            return progress;
        }
        progress.bar.set_message(what);
        let (done, is_done) = mpsc::channel();
        let (bar, files) = (progress.bar.clone(), Arc::clone(&progress.files));
        let shown = thread::spawn(move || {
            if is_done.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                // One line at a time: what is begun inside of something else is a part of it.
                let is_first = shown_now().is_none();
                if is_first {
                    *shown_now() = Some(bar.clone());
                    show(&bar, counts, &files, &is_done);
                    *shown_now() = None;
                }
            }
        });
        progress.shown = Some((done, shown));
        progress
    }

    /// One more is done.
    pub(crate) fn advance(&self) {
        self.bar.inc(1);
    }

    /// The work has come to its next part.
    pub(crate) fn now(&self, what: impl Into<String>) {
        if self.shown.is_some() {
            self.bar.set_message(what.into());
        }
    }

    /// Shows what a publication says of itself.
    pub(crate) fn hear(&self, event: &Event) {
        match event {
            Event::Waiting => self.now("another process is using the key store; waiting"),
            Event::Searching { commits } => {
                self.now(format!("searching the history for secret keys: {} commits", HumanCount(*commits as u64)));
            }
        }
    }
}

impl source::Progress for Progress {
    fn expect(&self, bytes: u64) {
        match self.counts {
            Counts::Bytes => self.bar.set_length(self.bar.length().unwrap_or_default().saturating_add(bytes)),
            Counts::Nothing | Counts::Things(_) => {}
        }
    }

    fn read(&self, bytes: u64) {
        match self.counts {
            Counts::Bytes => self.bar.inc(bytes),
            Counts::Nothing | Counts::Things(_) => {}
        }
    }

    fn file(&self) {
        self.files.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((done, shown)) = self.shown.take() {
            drop(done);
            // A thread that only draws has nothing to tell.
            let _ = shown.join();
        }
    }
}

/// Does something on the terminal that is no progress, such as a message, without the line in its way.
pub(crate) fn aside<T>(act: impl FnOnce() -> T) -> T {
    let bar = shown_now().clone();
    match bar {
        Some(bar) => bar.suspend(act),
        None => act(),
    }
}

/// Takes the line away for good.
#[cfg(unix)]
pub(super) fn clear() {
    let bar = shown_now().take();
    if let Some(bar) = bar {
        bar.finish_and_clear();
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
}

/// A terminal that can move its cursor.
fn is_wanted() -> bool {
    io::stderr().is_terminal() && env::var_os("TERM").is_none_or(|term| term != "dumb" && !term.is_empty())
}

fn shown_now() -> std::sync::MutexGuard<'static, Option<ProgressBar>> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Draws until there is no more to be done.
fn show(bar: &ProgressBar, counts: Counts, files: &AtomicU64, is_done: &mpsc::Receiver<()>) {
    bar.set_style(style(bar, counts, files.load(Ordering::Relaxed)));
    bar.set_draw_target(ProgressDrawTarget::stderr());
    while is_done.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
        if sigpkg::interrupt::is_over() {
            break;
        }
        bar.set_style(style(bar, counts, files.load(Ordering::Relaxed)));
        bar.tick();
    }
    bar.finish_and_clear();
}

fn style(bar: &ProgressBar, counts: Counts, files: u64) -> ProgressStyle {
    let columns = width::of_stderr();
    let (total, words) = (bar.length(), bar.message().width());
    // Of a long name the end is cut, before a number is.
    let message = |numbers: usize| match columns.saturating_sub(numbers).max(8) {
        room if words > room => format!("{{msg:{room}!}}"),
        _ => "{msg}".to_owned(),
    };
    let files = match files {
        0 => String::new(),
        1 => ", 1 file".to_owned(),
        files => format!(", {} files", HumanCount(files)),
    };
    let is_narrow = columns < NUMBERS + 16;
    let bar = if is_narrow { "{percent:>3} %" } else { "[{bar:16}]" };
    let template = match (counts, total) {
        (Counts::Nothing, _) => format!("{{spinner}} {}", message(3)),
        (Counts::Things(things), None) => {
            format!("{{spinner}} {}: {{human_pos}} {things}, {{per_sec}}", message(NUMBERS / 2))
        }
        (Counts::Things(_) | Counts::Bytes, Some(_)) if is_narrow => format!("{}  {bar}", message(10)),
        (Counts::Things(_), Some(_)) => format!("{}  {bar}  {{human_pos}} of {{human_len}}", message(NUMBERS)),
        (Counts::Bytes, None) => format!("{{spinner}} {}: {{binary_bytes}}{files}", message(NUMBERS / 2)),
        (Counts::Bytes, Some(total)) => {
            format!("{}  {bar}  {{binary_bytes}} of {}{files}", message(NUMBERS), HumanBytes(total))
        }
    };
    let style = ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_spinner());
    style.progress_chars("=> ").tick_chars("-\\|/ ")
}
