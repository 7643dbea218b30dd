//! A sign of life for whatever takes more than a second: on stderr, and only on a terminal.

use std::io::{self, IsTerminal as _};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How long the user waits before anything is shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// Shows that work is going on, until it is dropped.
pub(crate) struct Progress {
    running: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    pub(crate) fn start(what: String) -> Self {
        if !io::stderr().is_terminal() {
            return Self { running: None };
        }
        let (done, is_done) = mpsc::channel();
        let shown = thread::spawn(move || {
            if is_done.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                let spinner = ProgressBar::new_spinner().with_message(what);
                spinner.enable_steady_tick(Duration::from_millis(100));
                // Either way it is over.
                let _ = is_done.recv();
                spinner.finish_and_clear();
            }
        });
        Self { running: Some((done, shown)) }
    }
}

/// Shows how many of a known number are done, until it is dropped.
pub(crate) struct Counting {
    bar: ProgressBar,
}

impl Progress {
    /// A bar for `total` things. Nothing is drawn before a second has gone by, nor if there is no terminal.
    pub(crate) fn counting(what: &'static str, total: usize) -> Counting {
        let target =
            if io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(total as u64), target).with_message(what);
        // The template is a constant, and the default one would do.
        if let Ok(style) = ProgressStyle::with_template("{msg} {bar:30} {pos} of {len}") {
            bar.set_style(style);
        }
        Counting { bar }
    }
}

impl Counting {
    pub(crate) fn advance(&self) {
        if self.bar.elapsed() >= PATIENCE {
            self.bar.inc(1);
        } else {
            // Counted, and not drawn.
            self.bar.update(|state| state.set_pos(state.pos() + 1));
        }
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((done, shown)) = self.running.take() {
            drop(done);
            // A thread that only draws has nothing to tell.
            let _ = shown.join();
        }
    }
}

/// Shows how far the work has come, until it is dropped. It may be told from several threads.
pub(crate) struct Counter {
    bar: ProgressBar,
    _shown: Progress,
}

impl Counter {
    pub(crate) fn start(what: &'static str, things: &'static str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if !io::stderr().is_terminal() {
            return Self { bar, _shown: Progress { running: None } };
        }
        if let Ok(style) = ProgressStyle::with_template(&format!("{{spinner}} {what}: {{pos}} {things}, {{per_sec}}")) {
            bar.set_style(style);
        }
        let (done, is_done) = mpsc::channel();
        let revealed = bar.clone();
        let shown = thread::spawn(move || {
            if is_done.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                revealed.set_draw_target(ProgressDrawTarget::stderr());
                revealed.enable_steady_tick(Duration::from_millis(100));
                let _ = is_done.recv();
                revealed.finish_and_clear();
            }
        });
        Self { bar, _shown: Progress { running: Some((done, shown)) } }
    }

    /// One more is done.
    pub(crate) fn count(&self) {
        self.bar.inc(1);
    }
}
