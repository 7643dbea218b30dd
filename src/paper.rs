//! Secrets on paper: one printable page with the words and the QR code of a reserve key or a seed, and how the words are
//! read back.
//!
//! A [`Paper`] is drawn once, as lines, squares and texts, and written as [`Paper::svg`] or [`Paper::pdf`]; both say the
//! same in the same places. [`read`] takes what somebody typed or scanned, and [`Entry`] takes it word by word.
//!
//! ```
//! use sigpkg::paper::{self, Paper};
//! use sigpkg::secret::{Kind, Seed};
//! # use sigpkg::{digest::SignatoryId, package::Package};
//! # let (package, id) = (Package::generic("demo")?, SignatoryId::of_genesis(b"genesis"));
//!
//! let seed = Seed::from_bytes(*b"a seed of a doc test, not random");
//! let paper = Paper::of_seed(&seed, &package, id, "2026-11-21".parse()?);
//! assert!(paper.svg().contains("SECRET"));
//!
//! let typed = paper.words().join(" ");
//! assert!(paper::read(&typed, Kind::Seed).is_ok());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Source: spec/8-key-store.md, KEEP-34 to KEEP-37.

mod draw;
mod entry;
#[cfg(feature = "io")]
mod pdf;
mod read;
mod svg;

use std::fmt;

use zeroize::Zeroizing;

pub use self::entry::Entry;
pub use self::read::{PaperError, read};

use crate::digest::SignatoryId;
use crate::key::ReserveKey;
use crate::package::Package;
use crate::representation::qr::Qr;
use crate::secret::file::{Secret, plain_line};
use crate::secret::{Kind, Seed, words};
use crate::time::Date;

/// One page with a secret on it (KEEP-35).
pub struct Paper {
    subject: Subject,
    claimed_day: Date,
    words: Vec<&'static str>,
    /// `None` never: 212 characters have room in a QR code.
    qr: Option<Qr>,
}

/// Whose secret it is.
#[derive(Clone, Debug)]
enum Subject {
    Seed { package: Package, signatory: SignatoryId },
    Reserve { key: ReserveKey },
}

impl Paper {
    /// The page of the seed of a chain. `claimed_day` is the day by the clock of this machine.
    pub fn of_seed(seed: &Seed, package: &Package, signatory: SignatoryId, claimed_day: Date) -> Self {
        let secret = Secret::Seed(Seed::from_bytes(*seed.as_bytes()));
        Self::new(Subject::Seed { package: package.clone(), signatory }, &secret, claimed_day)
    }

    /// The page of a reserve key; `None` for any other secret.
    pub fn of_reserve(secret: &Secret, claimed_day: Date) -> Option<Self> {
        let Secret::Key(key) = secret else { return None };
        let key = key.reserve_key().ok()?;
        Some(Self::new(Subject::Reserve { key }, secret, claimed_day))
    }

    fn new(subject: Subject, secret: &Secret, claimed_day: Date) -> Self {
        let words = words::encode(secret).unwrap_or_default();
        Self { subject, claimed_day, words, qr: Qr::of(&plain_line(secret)).ok() }
    }

    /// The words, in their order.
    pub fn words(&self) -> &[&'static str] {
        &self.words
    }

    /// What is on the page: a seed or a reserve key.
    pub fn kind(&self) -> Kind {
        match self.subject {
            Subject::Seed { .. } => Kind::Seed,
            Subject::Reserve { .. } => Kind::Reserve,
        }
    }

    /// The page as an SVG file.
    pub fn svg(&self) -> Zeroizing<String> {
        svg::write(&draw::Page::of(self))
    }

    /// The page as a PDF file, with the fonts that every reader has. (What is given back is wiped; the buffers of the
    /// library that writes it are not.)
    #[cfg(feature = "io")]
    pub fn pdf(&self) -> Zeroizing<Vec<u8>> {
        pdf::write(&draw::Page::of(self))
    }
}

impl fmt::Debug for Paper {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Paper").field("subject", &self.subject).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
