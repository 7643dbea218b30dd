//! The ids, read aloud. A voice says each word once, however many ids there are.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::digest::SignatoryId;
use crate::representation::spoken::{Clip, Depth, Recording, Voice};

use super::{SiteError, lock};

/// Makes a recording of each id.
///
/// A site with sound has a file for each signatory:
///
/// ```
/// # use sigpkg::chain::Chain;
/// # use sigpkg::example::{self, FIRST, GENESIS};
/// # struct Known(Vec<Chain>);
/// # impl sigpkg::registry::site::Source for Known {
/// #     fn each(
/// #         &self,
/// #         only: Option<&std::collections::BTreeSet<sigpkg::package::Package>>,
/// #         take: &(dyn Fn(&Chain, bool) + Sync),
/// #     ) -> Result<(), String> {
/// #         let is_wanted = |chain: &&Chain| only.is_none_or(|only| only.contains(chain.package()));
/// #         self.0.iter().filter(is_wanted).for_each(|chain| take(chain, true));
/// #         Ok(())
/// #     }
/// # }
/// # let source = Known(vec![example::chain(&[GENESIS, FIRST])?]);
/// # #[derive(Default)]
/// # struct Kept(std::sync::Mutex<std::collections::BTreeMap<String, Vec<u8>>>);
/// # impl sigpkg::registry::site::Pages for Kept {
/// #     fn put(&self, path: &str, bytes: &[u8]) -> Result<(), String> {
/// #         self.0.lock().map_err(|error| error.to_string())?.insert(path.to_owned(), bytes.to_vec());
/// #         Ok(())
/// #     }
/// # }
/// # impl Kept {
/// #     fn page(&self, path: &str) -> String {
/// #         let files = self.0.lock().expect("no thread has panicked");
/// #         String::from_utf8_lossy(files.get(path).expect("there is such a file")).into_owned()
/// #     }
/// # }
/// # let pages = Kept::default();
/// use sigpkg::registry::site::{Narrator, Settings, make};
/// use sigpkg::representation::spoken::Clip;
///
/// let click = Narrator::new(|_words| Ok(Clip { rate: 8000, samples: vec![i16::MAX; 10] }));
/// make(&source, &pages, &Settings { title: "Signatories", narrator: Some(&click) })?;
/// assert!(pages.page(&format!("s/{}.wav", example::ID)).starts_with("RIFF"));
/// assert!(pages.page(&format!("s/{}.html", example::ID)).contains(".wav"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Narrator {
    /// While one recording waits for the voice, so do those that need the same words.
    speaker: Mutex<Speaker>,
}

/// An error is a sentence.
type SaysWords = dyn FnMut(&str) -> Result<Clip, String> + Send;

struct Speaker {
    voice: Box<SaysWords>,
    said: HashMap<String, Clip>,
}

impl Narrator {
    /// One that asks this voice to say words. An error is a sentence.
    ///
    /// No words are asked for twice:
    ///
    /// ```
    /// # use sigpkg::chain::Chain;
    /// # use sigpkg::example::{self, FIRST, GENESIS};
    /// # struct Known(Vec<Chain>);
    /// # impl sigpkg::registry::site::Source for Known {
    /// #     fn each(
    /// #         &self,
    /// #         only: Option<&std::collections::BTreeSet<sigpkg::package::Package>>,
    /// #         take: &(dyn Fn(&Chain, bool) + Sync),
    /// #     ) -> Result<(), String> {
    /// #         let is_wanted = |chain: &&Chain| only.is_none_or(|only| only.contains(chain.package()));
    /// #         self.0.iter().filter(is_wanted).for_each(|chain| take(chain, true));
    /// #         Ok(())
    /// #     }
    /// # }
    /// # let source = Known(vec![example::chain(&[GENESIS, FIRST])?]);
    /// # struct Nowhere;
    /// # impl sigpkg::registry::site::Pages for Nowhere {
    /// #     fn put(&self, _path: &str, _bytes: &[u8]) -> Result<(), String> {
    /// #         Ok(())
    /// #     }
    /// # }
    /// # let pages = Nowhere;
    /// # use std::collections::BTreeSet;
    /// # use sigpkg::representation::spoken::Clip;
    /// use sigpkg::registry::site::{Narrator, Settings, make};
    ///
    /// let (sender, said) = std::sync::mpsc::channel();
    /// let narrator = Narrator::new(move |words| {
    ///     sender.send(words.to_owned()).map_err(|error| error.to_string())?;
    ///     Ok(Clip { rate: 8000, samples: vec![0; 10] })
    /// });
    /// make(&source, &pages, &Settings { title: "Signatories", narrator: Some(&narrator) })?;
    /// let said: Vec<String> = said.try_iter().collect();
    /// assert_eq!(said.iter().collect::<BTreeSet<_>>().len(), said.len());
    /// assert!(said.len() > 10, "an id has many characters");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(voice: impl FnMut(&str) -> Result<Clip, String> + Send + 'static) -> Self {
        Self { speaker: Mutex::new(Speaker { voice: Box::new(voice), said: HashMap::new() }) }
    }

    /// A WAV file as clear as a telephone (CMP-10).
    pub(super) fn narrate(&self, id: SignatoryId) -> Result<Vec<u8>, SiteError> {
        let recording = Recording::of(&id.to_string(), &mut Remembering(self));
        let recording = recording.map_err(|problem| SiteError::Face { id, problem })?;
        Ok(recording.to_wav(Depth::Telephone))
    }
}

/// The voice of a narrator, for one recording.
struct Remembering<'a>(&'a Narrator);

impl Voice for Remembering<'_> {
    type Error = String;

    fn say(&mut self, words: &str) -> Result<Clip, String> {
        let mut speaker = lock(&self.0.speaker);
        if let Some(clip) = speaker.said.get(words) {
            return Ok(clip.clone());
        }
        let clip = (speaker.voice)(words)?;
        speaker.said.insert(words.to_owned(), clip.clone());
        Ok(clip)
    }
}
