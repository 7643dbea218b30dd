//! `store.toml`: what a store knows besides keys and statements.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::KeyStoreError;
use crate::digest::{Digest, SignatoryId};
use crate::secret::kdf::Cost;
use crate::time::Timestamp;

/// The number that the file begins with; another one is of a later sigpkg.
const FORMAT: u32 = 1;

/// What a store knows besides keys and statements.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let machine = doc::Machine::begun()?;
/// let store = machine.store()?;
/// let settings = store.settings();
/// assert_eq!(settings.signatory, store.id());
/// assert_eq!(settings.repository.as_deref(), Some(machine.workplace()?.directory()));
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whose chain it is.
    pub signatory: SignatoryId,
    /// How link keys are made.
    pub mode: Mode,
    /// How key files are protected.
    pub protection: KeyProtection,
    /// When it was made.
    pub created: Timestamp,
    /// The folder of the package that it was last used for.
    pub repository: Option<PathBuf>,
    /// Secret keys of other people that were found in the repository and accepted: digests as in
    /// [`crate::secret::scan::Found::digest`].
    pub acknowledged: Vec<Digest>,
    /// The reserve key files that `init` made: so that a copy of one is known for what it is, even encrypted.
    pub reserve_files: Vec<Digest>,
    /// The folder that `init` put them into: for `status` and `doctor`, which look whether they are still there.
    pub reserve_place: Option<PathBuf>,
    /// What is on the pages that were made of the seed: digests as in [`crate::secret::file::plain_digest`].
    pub papers: Vec<Digest>,
}

/// How link keys are made.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/doc/machine.rs")); }
/// # let [fresh, seeded] = [doc::Machine::begun()?, doc::Machine::begun_in(sigpkg::keystore::Mode::Seeded)?];
/// use sigpkg::keystore::Mode;
///
/// assert_eq!(fresh.store()?.settings().mode, Mode::Fresh);
/// assert_eq!(fresh.store()?.key_seqs()?.len(), 2);
/// assert!(seeded.store()?.key_seqs()?.is_empty(), "all keys follow from the seed");
/// # Ok::<(), doc::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// At random, and erased after use. A copy of the store could rewrite history, so it moves and is not copied.
    Fresh,
    /// Derived from one seed, which may be kept in several places. Whoever steals it has the chain until the reserve acts.
    Seeded,
}

/// How key files are protected.
///
/// ```
/// use sigpkg::keystore::KeyProtection;
///
/// assert_eq!(KeyProtection::Sensitive.cost(), Some(sigpkg::secret::kdf::Cost::SENSITIVE));
/// assert_eq!(KeyProtection::None.cost(), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyProtection {
    /// Not at all.
    None,
    /// By a passphrase at the usual cost of a guess.
    Default,
    /// By a passphrase at minisign's cost, which takes 1 GiB of memory.
    Sensitive,
}

impl Mode {
    /// The word in the file and on the command line.
    ///
    /// ```
    /// use sigpkg::keystore::Mode;
    ///
    /// assert_eq!(Mode::Seeded.as_str(), "seeded");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Seeded => "seeded",
        }
    }

    pub(super) fn from_word(word: &str) -> Result<Self, String> {
        let known = [Self::Fresh, Self::Seeded].into_iter().find(|mode| mode.as_str() == word);
        known.ok_or_else(|| format!("expected mode fresh or seeded, found {word:?}"))
    }
}

impl KeyProtection {
    /// The word in the file and on the command line.
    ///
    /// ```
    /// use sigpkg::keystore::KeyProtection;
    ///
    /// assert_eq!(KeyProtection::Default.as_str(), "default");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Default => "default",
            Self::Sensitive => "sensitive",
        }
    }

    pub(super) fn from_word(word: &str) -> Result<Self, String> {
        let known = [Self::None, Self::Default, Self::Sensitive].into_iter().find(|kdf| kdf.as_str() == word);
        known.ok_or_else(|| format!("expected kdf none, default or sensitive, found {word:?}"))
    }

    /// What a guess at the passphrase costs; `None` where there is no passphrase.
    ///
    /// ```
    /// use sigpkg::keystore::KeyProtection;
    /// use sigpkg::secret::kdf::Cost;
    ///
    /// assert_eq!(KeyProtection::Default.cost(), Some(Cost::DEFAULT));
    /// assert_eq!(KeyProtection::None.cost(), None);
    /// ```
    pub const fn cost(self) -> Option<Cost> {
        match self {
            Self::None => None,
            Self::Default => Some(Cost::DEFAULT),
            Self::Sensitive => Some(Cost::SENSITIVE),
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl fmt::Display for KeyProtection {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// The file as it is written.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Written {
    sigpkg_store: u32,
    signatory: String,
    mode: String,
    kdf: String,
    created: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    repository: Option<PathBuf>,
    #[serde(default)]
    acknowledged: Vec<String>,
    #[serde(default)]
    reserve_files: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reserve_place: Option<PathBuf>,
    #[serde(default)]
    papers: Vec<String>,
}

impl Settings {
    pub(super) fn to_text(&self) -> Result<String, KeyStoreError> {
        let digests = |digests: &[Digest]| digests.iter().map(Digest::to_string).collect();
        // A path that is not UTF-8 cannot be written, and is only a help.
        let path = |path: &Option<PathBuf>| path.clone().filter(|path| path.to_str().is_some());
        let written = Written {
            sigpkg_store: FORMAT,
            signatory: self.signatory.to_string(),
            mode: self.mode.to_string(),
            kdf: self.protection.to_string(),
            created: self.created.to_string(),
            repository: path(&self.repository),
            acknowledged: digests(&self.acknowledged),
            reserve_files: digests(&self.reserve_files),
            reserve_place: path(&self.reserve_place),
            papers: digests(&self.papers),
        };
        toml::to_string(&written).map_err(|error| KeyStoreError::damaged(Path::new("store.toml"), error.to_string()))
    }

    pub(super) fn parse(path: &Path, text: &str) -> Result<Self, KeyStoreError> {
        let wrong = |problem: String| KeyStoreError::damaged(path, problem);
        let written: Written = toml::from_str(text).map_err(|error| wrong(error.message().to_owned()))?;
        if written.sigpkg_store != FORMAT {
            return Err(wrong(format!("expected format {FORMAT}, found {}", written.sigpkg_store)));
        }
        let digests = |digests: &[String]| {
            digests
                .iter()
                .map(|digest| digest.parse())
                .collect::<Result<Vec<Digest>, _>>()
                .map_err(|error| wrong(error.to_string()))
        };
        Ok(Self {
            signatory: written.signatory.parse().map_err(|error| wrong(format!("{error}")))?,
            mode: Mode::from_word(&written.mode).map_err(wrong)?,
            protection: KeyProtection::from_word(&written.kdf).map_err(wrong)?,
            created: written.created.parse().map_err(|error| wrong(format!("{error}")))?,
            repository: written.repository,
            acknowledged: digests(&written.acknowledged)?,
            reserve_files: digests(&written.reserve_files)?,
            reserve_place: written.reserve_place,
            papers: digests(&written.papers)?,
        })
    }
}
