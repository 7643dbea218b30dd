//! The bytes of an archive, unpacked, counted, and checked to their end.

use std::cell::{Cell, RefCell};
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;

use super::super::{Limits, Options, SourceError};
use crate::text;

/// Zeros that may follow the end of an archive, in bytes (TREE-24): GNU tar fills up to a record of at most 2048 blocks.
const MAX_PADDING_BYTES: u64 = 1 << 20;

/// The two blocks of zeros that end an archive, in bytes.
const END_BYTES: u64 = 1024;

/// Keeps the error if the reader fails: the unpackers turn both a broken disk and a broken archive into errors of one
/// type.
pub(super) struct Watched<'a, R> {
    reader: R,
    options: Options<'a>,
    failure: Rc<RefCell<Option<io::Error>>>,
}

/// The error of the reader, if it failed.
pub(super) struct Failure(Rc<RefCell<Option<io::Error>>>);

impl Failure {
    pub(super) fn take(&self) -> Option<io::Error> {
        self.0.borrow_mut().take()
    }
}

impl<'a, R> Watched<'a, R> {
    pub(super) fn new(reader: R, options: Options<'a>) -> Self {
        Self { reader, options, failure: Rc::default() }
    }

    pub(super) fn failure(&self) -> Failure {
        Failure(Rc::clone(&self.failure))
    }
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer);
        if let Ok(read) = &read {
            self.options.has_read(*read as u64);
        }
        read.map_err(|error| {
            let kind = error.kind();
            if kind != io::ErrorKind::Interrupted {
                *self.failure.borrow_mut() = Some(error);
            }
            kind.into()
        })
    }
}

/// The archive without its packing.
pub(super) struct Unpacked<'a> {
    reader: Box<dyn Read + 'a>,
    state: State,
}

/// What the readers on top share: how much was unpacked, and whether that was too much.
#[derive(Clone)]
pub(super) struct State {
    /// How much may be unpacked.
    most: u64,
    unpacked: Rc<Cell<u64>>,
    is_bomb: Rc<Cell<bool>>,
}

impl<'a> Unpacked<'a> {
    pub(super) fn new<R: Read>(
        packed: &'a mut BufReader<Watched<'a, R>>,
        packed_bytes: u64,
        name: &Path,
        limits: Limits,
    ) -> Result<Self, SourceError> {
        let most = packed_bytes.saturating_mul(limits.ratio).max(limits.free_bytes);
        let state = State { most, unpacked: Rc::default(), is_bomb: Rc::default() };
        let start = packed.fill_buf().map_err(|error| SourceError::io(name, error))?;
        let reader: Box<dyn Read + 'a> = if start.starts_with(b"\x1f\x8b") {
            Box::new(MultiGzDecoder::new(packed))
        } else if start.starts_with(b"\x28\xb5\x2f\xfd") {
            Box::new(zstd::Decoder::with_buffer(packed).map_err(|error| SourceError::io(name, error))?)
        } else if start.get(257..262) == Some(b"ustar") {
            Box::new(packed)
        } else {
            return Err(SourceError::NotATree { path: name.to_owned() });
        };
        Ok(Self { reader, state })
    }

    pub(super) fn state(&self) -> State {
        self.state.clone()
    }

    /// After the last entry, which ended at `end`: two blocks of zeros, and zeros alone until the end (TREE-24).
    pub(super) fn check_end(mut self, end: u64) -> Result<(), SourceError> {
        let state = self.state();
        // The reader of entries stops after the first block of zeros.
        let mut block = [0; 1024];
        loop {
            let read = self.read(&mut block).map_err(|error| state.classify(&error))?;
            if read == 0 {
                break;
            }
            if block.iter().take(read).any(|byte| *byte != 0) {
                return Err(SourceError::archive("something follows its end"));
            }
            if state.unpacked.get().saturating_sub(end) > MAX_PADDING_BYTES {
                return Err(SourceError::archive("more than a record of zeros follows its end"));
            }
        }
        if state.unpacked.get().saturating_sub(end) < END_BYTES {
            return Err(SourceError::archive("it is cut short"));
        }
        Ok(())
    }
}

impl Read for Unpacked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.state.unpacked(read)?;
        Ok(read)
    }
}

impl State {
    fn unpacked(&self, bytes: usize) -> io::Result<()> {
        self.unpacked.set(self.unpacked.get() + bytes as u64);
        if self.unpacked.get() > self.most {
            self.is_bomb.set(true);
            return Err(io::Error::other("a bomb"));
        }
        Ok(())
    }

    /// An error of the unpackers as one of ours.
    pub(super) fn classify(&self, error: &io::Error) -> SourceError {
        if self.is_bomb.get() {
            SourceError::TooMuch { what: "bytes to unpack for its size", limit: self.most }
        } else if error.kind() == io::ErrorKind::UnexpectedEof {
            SourceError::archive("it is cut short")
        } else {
            // It may repeat a path of the archive.
            SourceError::archive(text::printable(&error.to_string()))
        }
    }
}
