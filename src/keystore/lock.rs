//! The lock of a store: one process at a time (KEEP-7).

use std::fs::{File, OpenOptions};
use std::path::Path;
use std::time::{Duration, Instant};

use fs4::{FileExt, TryLockError};

use super::{KeyStoreError, LOCK};

/// Takes the lock of a store folder. The operating system releases it when the process ends, however it ends.
pub(super) fn take_lock(folder: &Path, patience: Duration, waiting: &mut dyn FnMut()) -> Result<File, KeyStoreError> {
    let path = folder.join(LOCK);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path).map_err(KeyStoreError::io("open", &path))?;
    let begun = Instant::now();
    let mut has_said_so = false;
    loop {
        match FileExt::try_lock(&file) {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if begun.elapsed() >= patience => {
                return Err(KeyStoreError::Busy { folder: folder.to_owned() });
            }
            Err(TryLockError::WouldBlock) => {
                if !has_said_so {
                    waiting();
                    has_said_so = true;
                }
                std::thread::sleep(Duration::from_millis(50));
            }
            Err(TryLockError::Error(error)) => return Err(KeyStoreError::io("lock", &path)(error)),
        }
    }
}
