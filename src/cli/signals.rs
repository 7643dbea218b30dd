//! Signals: what is told to end ends by the signal that told it, as shells expect, and leaves the terminal as it was, no
//! temporary files, and nothing half written.
//!
//! A transaction on a key store that is ended in the middle is finished by the same command run again.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether words of a secret are on the screen.
static IS_SECRET_SHOWN: AtomicBool = AtomicBool::new(false);

/// Wipes the screen of a terminal and what it has scrolled away. A terminal that does not know them shows them.
pub(super) const CLEAR: &[u8] = b"\x1b[H\x1b[2J\x1b[3J";

/// From now on, words of a secret are on the screen, or they are no more. What ends the program meanwhile wipes them away.
pub(super) fn show_secret(is_shown: bool) {
    IS_SECRET_SHOWN.store(is_shown, Ordering::SeqCst);
}

/// Begins to listen. A signal that is ignored by whoever started this program stays ignored, as `nohup` needs it.
pub(super) fn listen() {
    #[cfg(unix)]
    unix::listen();
}

/// Waits for the end, if a signal has told this program to end: nothing more is to be said.
pub(super) fn yield_to_end() {
    if sigpkg::interrupt::is_over() {
        wait_for_the_end();
    }
}

/// A prompt was interrupted: the signal is on its way. If none comes, this returns.
pub(super) fn wait_for_the_end() {
    // Longer than the sweep takes.
    #[cfg(unix)]
    std::thread::sleep(std::time::Duration::from_secs(10));
}

#[cfg(unix)]
mod unix {
    use std::fs::{self, File, OpenOptions};
    use std::io::Write as _;
    use std::sync::atomic::Ordering;
    use std::thread;

    use rustix::termios::{self, LocalModes, OptionalActions, Termios};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level;
    use sigpkg::interrupt;

    use crate::cli::progress;

    /// What a user, a service manager and a terminal that is closed send.
    const SIGNALS: [i32; 3] = [SIGINT, SIGTERM, SIGHUP];

    /// The first process of a container is not ended by its own signals.
    const INIT: u32 = 1;

    pub(super) fn listen() {
        let ignored = ignored();
        let Ok(mut signals) = Signals::new(SIGNALS.into_iter().filter(|signal| ignored & (1 << (signal - 1)) == 0))
        else {
            // Then they end the program at once, as they would without all this.
            return;
        };
        let terminal = Terminal::remember();
        thread::spawn(move || {
            if let Some(signal) = signals.forever().next() {
                // The same again means: at once.
                let hurries = || signals.pending().next().is_some();
                end(signal, terminal.as_ref(), hurries);
            }
        });
    }

    fn end(signal: i32, terminal: Option<&Terminal>, hurries: impl FnMut() -> bool) {
        progress::clear();
        if let Some(terminal) = terminal {
            terminal.restore();
            if super::IS_SECRET_SHOWN.load(Ordering::SeqCst) {
                terminal.clear();
            }
        }
        interrupt::sweep(hurries);
        // Once more: the main thread may have begun a prompt meanwhile.
        if let Some(terminal) = terminal {
            terminal.restore();
        }
        if std::process::id() != INIT {
            let _ = low_level::emulate_default_handler(signal);
        }
        low_level::exit(128 + signal);
    }

    /// The signals that are ignored, as a set of bits, where the system says so. There is no other way to ask without `unsafe`.
    fn ignored() -> u64 {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        line.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok()).unwrap_or_default()
    }

    /// The terminal and its settings, before any prompt has changed them.
    struct Terminal {
        terminal: File,
        settings: Termios,
    }

    impl Terminal {
        fn remember() -> Option<Self> {
            let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty").ok()?;
            let settings = termios::tcgetattr(&terminal).ok()?;
            Some(Self { terminal, settings })
        }

        fn clear(&self) {
            let _ = (&self.terminal).write_all(super::CLEAR);
        }

        /// Switches on what a prompt for a passphrase has switched off, and ends its line.
        fn restore(&self) {
            let echoes = |settings: &Termios| settings.local_modes.contains(LocalModes::ECHO);
            if let Ok(now) = termios::tcgetattr(&self.terminal)
                && echoes(&self.settings)
                && !echoes(&now)
                && termios::tcsetattr(&self.terminal, OptionalActions::Now, &self.settings).is_ok()
            {
                let _ = (&self.terminal).write_all(b"\n");
            }
        }
    }
}
