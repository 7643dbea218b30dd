//! A recording: clips of a voice, with pauses in between, as a WAV file.

use std::collections::HashMap;
use std::io::Cursor;

use hound::{SampleFormat, WavSpec, WavWriter};

use super::script;

/// What a voice says before the groups.
const OPENING: &str = "signatory id";

/// What it says before it says them again.
const AGAIN: &str = "once more";

/// Pauses in milliseconds: time to write a character down, to look up, and to turn the sheet.
const AFTER_CHARACTER: u32 = 350;
const AFTER_GROUP: u32 = 1000;
const AFTER_ALL: u32 = 2000;

/// Something that can say words: a program for speech, or a person who was recorded.
///
/// ```
/// use sigpkg::representation::spoken::{Clip, Recording, Voice};
///
/// /// Says everything with the same click.
/// struct Click;
///
/// impl Voice for Click {
///     type Error = std::convert::Infallible;
///
///     fn say(&mut self, _words: &str) -> Result<Clip, Self::Error> {
///         Ok(Clip { rate: 8000, samples: vec![i16::MAX; 10] })
///     }
/// }
///
/// let Ok(recording) = Recording::of("sigpABCD", &mut Click);
/// assert!(recording.seconds() > 10.0);
/// ```
pub trait Voice {
    /// Why words cannot be said.
    type Error;

    /// Says some English words. The same words are asked for many times: an implementation that remembers is fast.
    ///
    /// ```
    /// use std::convert::Infallible;
    /// use sigpkg::representation::spoken::{Clip, Voice};
    ///
    /// /// Takes a tenth of a second for each letter.
    /// struct Mumble;
    ///
    /// impl Voice for Mumble {
    ///     type Error = Infallible;
    ///
    ///     fn say(&mut self, words: &str) -> Result<Clip, Infallible> {
    ///         Ok(Clip { rate: 8000, samples: vec![0; 800 * words.len()] })
    ///     }
    /// }
    ///
    /// let Ok(clip) = Mumble.say("capital Sierra");
    /// assert_eq!(clip.samples.len(), 14 * 800);
    /// ```
    ///
    /// # Errors
    ///
    /// What keeps it from speaking.
    fn say(&mut self, words: &str) -> Result<Clip, Self::Error>;
}

/// Some words, said: one channel of 16-bit samples.
///
/// ```
/// let clip = sigpkg::representation::spoken::Clip { rate: 8000, samples: vec![0; 4000] };
/// assert_eq!(clip.samples.len() as u32 * 1000 / clip.rate, 500);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clip {
    /// Samples a second.
    pub rate: u32,
    /// The samples.
    pub samples: Vec<i16>,
}

/// How good a WAV file sounds, and how large it is.
///
/// ```
/// use sigpkg::representation::spoken::Depth;
///
/// assert!(Depth::Telephone != Depth::Full);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// 16 bits a sample, at the rate of the voice.
    Full,
    /// 8 bits a sample at half the rate of the voice: a quarter of the size, and as clear as a telephone.
    Telephone,
}

/// An id, read aloud twice (CMP-10).
///
/// ```
/// use sigpkg::representation::spoken::{Clip, Depth, Recording, Voice};
/// # struct Click;
/// # impl Voice for Click {
/// #     type Error = std::convert::Infallible;
/// #     fn say(&mut self, _words: &str) -> Result<Clip, Self::Error> {
/// #         Ok(Clip { rate: 8000, samples: vec![i16::MAX; 10] })
/// #     }
/// # }
///
/// let Ok(recording) = Recording::of("sigpABCD", &mut Click);
/// assert!(recording.to_wav(Depth::Full).starts_with(b"RIFF"));
/// assert!(recording.to_wav(Depth::Telephone).len() * 3 < recording.to_wav(Depth::Full).len());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    sound: Clip,
}

impl Recording {
    /// Lets a voice read an id or a key, group by group, and then once more.
    ///
    /// # Errors
    ///
    /// What keeps the voice from speaking.
    ///
    /// ```
    /// # use sigpkg::representation::spoken::{Clip, Recording, Voice};
    /// struct Hoarse;
    ///
    /// impl Voice for Hoarse {
    ///     type Error = &'static str;
    ///
    ///     fn say(&mut self, _words: &str) -> Result<Clip, Self::Error> {
    ///         Err("a sore throat")
    ///     }
    /// }
    ///
    /// assert_eq!(Recording::of("sigpABCD", &mut Hoarse), Err("a sore throat"));
    /// ```
    pub fn of<V: Voice>(text: &str, voice: &mut V) -> Result<Self, V::Error> {
        let mut speech = Speech { voice, said: HashMap::new(), sound: Clip { rate: 0, samples: Vec::new() } };
        for opening in [OPENING, AGAIN] {
            speech.say(opening, AFTER_GROUP)?;
            for group in script(text) {
                speech.say(&format!("group {}", group.number), AFTER_CHARACTER)?;
                group.characters.iter().try_for_each(|character| speech.say(character, AFTER_CHARACTER))?;
                speech.pause(AFTER_GROUP);
            }
            speech.pause(AFTER_ALL);
        }
        Ok(Self { sound: speech.sound })
    }

    /// How long it is.
    ///
    /// ```
    /// # use sigpkg::representation::spoken::{Clip, Recording, Voice};
    /// # struct Click;
    /// # impl Voice for Click {
    /// #     type Error = std::convert::Infallible;
    /// #     fn say(&mut self, _words: &str) -> Result<Clip, Self::Error> {
    /// #         Ok(Clip { rate: 8000, samples: vec![i16::MAX; 10] })
    /// #     }
    /// # }
    /// let Ok(recording) = Recording::of("", &mut Click);
    /// assert_eq!(recording.seconds().round(), 6.0);
    /// ```
    #[expect(clippy::cast_precision_loss, reason = "a recording has fewer than 2^52 samples")]
    pub fn seconds(&self) -> f64 {
        self.sound.samples.len() as f64 / f64::from(self.sound.rate.max(1))
    }

    /// The recording as a WAV file of one channel, a function of the clips and nothing else.
    ///
    /// ```
    /// # use sigpkg::representation::spoken::{Clip, Depth, Recording, Voice};
    /// # struct Click;
    /// # impl Voice for Click {
    /// #     type Error = std::convert::Infallible;
    /// #     fn say(&mut self, _words: &str) -> Result<Clip, Self::Error> {
    /// #         Ok(Clip { rate: 8000, samples: vec![i16::MAX; 10] })
    /// #     }
    /// # }
    /// let Ok(recording) = Recording::of("sigp", &mut Click);
    /// let wav = recording.to_wav(Depth::Full);
    /// assert_eq!(wav.get(8..12), Some(b"WAVE".as_slice()));
    /// ```
    pub fn to_wav(&self, depth: Depth) -> Vec<u8> {
        let (rate, bits, samples) = match depth {
            Depth::Full => (self.sound.rate, 16, self.sound.samples.clone()),
            Depth::Telephone => (self.sound.rate / 2, 8, halved(&self.sound.samples)),
        };
        write_wav(rate, bits, &samples)
    }
}

/// A WAV file of one channel.
fn write_wav(rate: u32, bits: u16, samples: &[i16]) -> Vec<u8> {
    let spec = WavSpec { channels: 1, sample_rate: rate, bits_per_sample: bits, sample_format: SampleFormat::Int };
    let mut file = Cursor::new(Vec::new());
    WavWriter::new(&mut file, spec)
        .and_then(|mut writer| {
            samples.iter().try_for_each(|sample| writer.write_sample(*sample))?;
            writer.finalize()
        })
        .expect("the samples fit the depth, and writing to a vector cannot fail");
    file.into_inner()
}

/// Half as many samples, of 8 bits: each is the mean of two.
fn halved(samples: &[i16]) -> Vec<i16> {
    samples
        .chunks(2)
        .map(|pair| {
            let sum: i32 = pair.iter().map(|sample| i32::from(*sample)).sum();
            let mean = sum / i32::try_from(pair.len()).unwrap_or(1) / 256;
            i16::try_from(mean).unwrap_or(0)
        })
        .collect()
}

/// A recording in the making.
struct Speech<'a, V> {
    voice: &'a mut V,
    said: HashMap<String, Clip>,
    sound: Clip,
}

impl<V: Voice> Speech<'_, V> {
    fn say(&mut self, words: &str, pause: u32) -> Result<(), V::Error> {
        if !self.said.contains_key(words) {
            let clip = self.voice.say(words)?;
            self.said.insert(words.to_owned(), clip);
        }
        if let Some(clip) = self.said.get(words) {
            // A voice speaks at one rate; one that does not is played at that of its first words.
            if self.sound.rate == 0 {
                self.sound.rate = clip.rate;
            }
            self.sound.samples.extend(&clip.samples);
        }
        self.pause(pause);
        Ok(())
    }

    fn pause(&mut self, milliseconds: u32) {
        let samples = u64::from(self.sound.rate) * u64::from(milliseconds) / 1000;
        let length = self.sound.samples.len() + usize::try_from(samples).unwrap_or(0);
        self.sound.samples.resize(length, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says each word as a constant of its own, and remembers what it was asked for.
    struct Typist(Vec<String>);

    impl Voice for Typist {
        type Error = std::convert::Infallible;

        fn say(&mut self, words: &str) -> Result<Clip, Self::Error> {
            self.0.push(words.to_owned());
            Ok(Clip { rate: 1000, samples: vec![i16::try_from(self.0.len()).unwrap() * 1000; 100] })
        }
    }

    #[test]
    fn a_recording_says_every_character_twice_and_asks_the_voice_once() {
        let mut voice = Typist(Vec::new());
        let Ok(recording) = Recording::of("sigpSIGp", &mut voice);
        let expected = [
            "signatory id",
            "group 1",
            "small sierra",
            "small india",
            "small golf",
            "small papa",
            "group 2",
            "capital sierra",
            "capital india",
            "capital golf",
            "once more",
        ];
        assert_eq!(voice.0, expected);
        let said: Vec<_> = recording
            .sound
            .samples
            .chunk_by(|one, other| one == other)
            .map(|run| run[0])
            .filter(|one| *one != 0)
            .collect();
        let once = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 6].map(|word| word * 1000);
        let again = once.map(|word| if word == 1000 { 11_000 } else { word });
        assert_eq!(said, [once, again].concat());
    }

    #[test]
    fn a_wav_file_reads_back() {
        let Ok(recording) = Recording::of("sigp", &mut Typist(Vec::new()));
        let wav = recording.to_wav(Depth::Full);
        let mut reader = hound::WavReader::new(Cursor::new(&wav)).unwrap();
        assert_eq!((reader.spec().sample_rate, reader.spec().channels), (1000, 1));
        assert_eq!(reader.samples::<i16>().collect::<Result<Vec<_>, _>>().unwrap(), recording.sound.samples);
        let small = recording.to_wav(Depth::Telephone);
        let mut reader = hound::WavReader::new(Cursor::new(&small)).unwrap();
        assert_eq!((reader.spec().sample_rate, reader.spec().bits_per_sample), (500, 8));
        assert_eq!(reader.samples::<i16>().count(), recording.sound.samples.len().div_ceil(2));
    }
}
