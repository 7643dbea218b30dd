//! The ids, read aloud. A voice says each word once, however many ids there are.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::digest::SignatoryId;
use crate::representation::spoken::{Clip, Depth, Recording, Voice};

use super::{SiteError, lock};

/// Makes a recording of each id.
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
