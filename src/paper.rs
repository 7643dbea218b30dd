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
///
/// ```
/// # use sigpkg::{digest::SignatoryId, package::Package, secret::Seed};
/// # let (seed, package) = (Seed::from_bytes([7; 32]), Package::generic("Tides")?);
/// # let id = SignatoryId::of_genesis(b"genesis");
/// use sigpkg::paper::Paper;
///
/// let paper = Paper::of_seed(&seed, &package, id, "2026-11-21".parse()?);
/// assert_eq!(paper.words().len(), 24);
/// assert!(!format!("{paper:?}").contains(paper.words()[0]), "no word in what is logged");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    ///
    /// ```
    /// # use sigpkg::{digest::SignatoryId, package::Package, secret::Seed};
    /// # let (seed, package) = (Seed::from_bytes([7; 32]), Package::generic("Tides")?);
    /// # let id = SignatoryId::of_genesis(b"genesis");
    /// use sigpkg::paper::Paper;
    /// use sigpkg::representation::words;
    ///
    /// let paper = Paper::of_seed(&seed, &package, id, "2026-11-21".parse()?);
    /// assert_eq!(paper.words(), words::encode(seed.as_bytes()), "a seed has the words of BIP 39");
    /// assert!(paper.svg().contains("Tides"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of_seed(seed: &Seed, package: &Package, signatory: SignatoryId, claimed_day: Date) -> Self {
        let secret = Secret::Seed(Seed::from_bytes(*seed.as_bytes()));
        Self::new(Subject::Seed { package: package.clone(), signatory }, &secret, claimed_day)
    }

    /// The page of a reserve key; `None` for any other secret.
    ///
    /// ```
    /// # let mut random = rand_core::UnwrapErr(getrandom::SysRng);
    /// # let today = "2026-11-21".parse()?;
    /// use sigpkg::key::Algorithm;
    /// use sigpkg::paper::Paper;
    /// use sigpkg::secret::{SecretKey, file::Secret};
    ///
    /// let reserve = Secret::Key(SecretKey::generate(Algorithm::Reserve, &mut random));
    /// assert_eq!(Paper::of_reserve(&reserve, today).map(|paper| paper.words().len()), Some(36));
    ///
    /// let link = Secret::Key(SecretKey::generate(Algorithm::Ed25519, &mut random));
    /// assert!(Paper::of_reserve(&link, today).is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    ///
    /// ```
    /// # use sigpkg::paper::Paper;
    /// # use sigpkg::{digest::SignatoryId, package::Package, secret::Seed};
    /// # let (seed, package) = (Seed::from_bytes([7; 32]), Package::generic("Tides")?);
    /// # let id = SignatoryId::of_genesis(b"genesis");
    /// # let paper = Paper::of_seed(&seed, &package, id, "2026-11-21".parse()?);
    /// // Whoever has no scanner copies them by hand.
    /// let copied: Vec<_> = (1..).zip(paper.words()).map(|(number, word)| format!("{number}. {word}")).collect();
    /// assert_eq!(copied[23], format!("24. {}", paper.words()[23]));
    /// assert!(sigpkg::paper::read(&copied.join("\n"), paper.kind()).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn words(&self) -> &[&'static str] {
        &self.words
    }

    /// What is on the page: a seed or a reserve key.
    ///
    /// ```
    /// # use sigpkg::paper::Paper;
    /// # use sigpkg::{digest::SignatoryId, package::Package, secret::Seed};
    /// # let (seed, package) = (Seed::from_bytes([7; 32]), Package::generic("Tides")?);
    /// # let id = SignatoryId::of_genesis(b"genesis");
    /// # let paper = Paper::of_seed(&seed, &package, id, "2026-11-21".parse()?);
    /// use sigpkg::secret::{Kind, words};
    ///
    /// assert_eq!(paper.kind(), Kind::Seed);
    /// assert_eq!(words::count_of(paper.kind()), Some(paper.words().len()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn kind(&self) -> Kind {
        match self.subject {
            Subject::Seed { .. } => Kind::Seed,
            Subject::Reserve { .. } => Kind::Reserve,
        }
    }

    /// The page as an SVG file.
    ///
    /// ```
    /// # use sigpkg::paper::Paper;
    /// # use sigpkg::{digest::SignatoryId, package::Package, secret::Seed};
    /// # let (seed, package) = (Seed::from_bytes([7; 32]), Package::generic("Tides")?);
    /// # let id = SignatoryId::of_genesis(b"genesis");
    /// # let paper = Paper::of_seed(&seed, &package, id, "2026-11-21".parse()?);
    /// let svg = paper.svg();
    /// assert!(svg.starts_with("<svg"));
    /// for word in paper.words() {
    ///     assert!(svg.contains(&format!(">{word}</text>")), "as text, which can be searched for");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn svg(&self) -> Zeroizing<String> {
        svg::write(&draw::Page::of(self))
    }

    /// The page as a PDF file, with the fonts that every reader has. (What is given back is wiped; the buffers of the
    /// library that writes it are not.)
    ///
    /// ```
    /// # use sigpkg::paper::Paper;
    /// # use sigpkg::{digest::SignatoryId, package::Package, secret::Seed};
    /// # let (seed, package) = (Seed::from_bytes([7; 32]), Package::generic("Tides")?);
    /// # let id = SignatoryId::of_genesis(b"genesis");
    /// # let paper = Paper::of_seed(&seed, &package, id, "2026-11-21".parse()?);
    /// let pdf = paper.pdf();
    /// assert!(pdf.starts_with(b"%PDF-"));
    ///
    /// // Its text is not compressed: a copy of the page in a repository is found.
    /// use sigpkg::secret::file::{Secret, plain_digest};
    /// use sigpkg::secret::scan;
    /// assert_eq!(scan::digest_of(&pdf), Some(plain_digest(&Secret::Seed(seed))));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
