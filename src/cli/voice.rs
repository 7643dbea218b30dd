//! The voice that reads an id aloud: espeak-ng, where it is installed.

use std::collections::HashMap;
use std::io;
use std::process::{Command, Stdio};

use sigpkg::interrupt::TemporaryFolder;
use sigpkg::representation::spoken::{Clip, Voice};

use super::failure::Failure;

/// The program, which is not ours to bring: it and its languages are larger than sigpkg.
const PROGRAM: &str = "espeak-ng";

/// Words a minute: slow enough to write along.
const PACE: &str = "140";

/// The program espeak-ng. It is run once for different words, and what it said is remembered.
pub(crate) struct EspeakNg {
    folder: TemporaryFolder,
    said: HashMap<String, Clip>,
}

impl EspeakNg {
    /// Looks whether it is there.
    pub(crate) fn find() -> Result<Self, Failure> {
        let found = Command::new(PROGRAM).arg("--version").stdin(Stdio::null()).output();
        match found {
            Ok(output) if output.status.success() => {
                let folder = TemporaryFolder::new()
                    .map_err(|error| Failure::could_not_tell(format!("no temporary folder can be made: {error}")))?;
                Ok(Self { folder, said: HashMap::new() })
            }
            Ok(output) => Err(silent(&format!("`{PROGRAM} --version` ended with {}", output.status))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(silent(&format!("the program {PROGRAM}, which speaks, is not installed")))
            }
            Err(error) => Err(silent(&format!("{PROGRAM} cannot be run: {error}"))),
        }
    }

    fn speak(&self, words: &str) -> Result<Clip, Failure> {
        let file = self.folder.path().join("words.wav");
        let output = Command::new(PROGRAM)
            .args(["-v", "en", "-s", PACE, "-w"])
            .arg(&file)
            .args(["--", words])
            .stdin(Stdio::null())
            .output()
            .map_err(|error| silent(&format!("{PROGRAM} cannot be run: {error}")))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(silent(&format!("{PROGRAM} could not say \"{words}\": {}: {said}", output.status)));
        }
        read(&file).map_err(|error| silent(&format!("what {PROGRAM} has written cannot be read: {error}")))
    }
}

impl Voice for EspeakNg {
    type Error = Failure;

    fn say(&mut self, words: &str) -> Result<Clip, Failure> {
        if let Some(clip) = self.said.get(words) {
            return Ok(clip.clone());
        }
        let clip = self.speak(words)?;
        self.said.insert(words.to_owned(), clip.clone());
        Ok(clip)
    }
}

fn silent(message: &str) -> Failure {
    Failure::could_not_tell(message)
        .hint("install espeak-ng, or read the id out yourself: sigpkg id TARGET --spoken shows what to say")
}

fn read(file: &std::path::Path) -> Result<Clip, hound::Error> {
    let mut reader = hound::WavReader::open(file)?;
    let rate = reader.spec().sample_rate;
    // It writes one channel of 16 bits; `samples` refuses anything wider.
    let samples: Vec<_> = reader.samples::<i16>().collect::<Result<_, _>>()?;
    Ok(Clip { rate, samples: without_silence(&samples).to_vec() })
}

/// What is quieter than this, of 32767, is silence.
const SILENCE: u16 = 100;

/// The program leaves a pause around what it says; how long a pause is, the recording decides.
fn without_silence(samples: &[i16]) -> &[i16] {
    let is_loud = |sample: &i16| sample.unsigned_abs() > SILENCE;
    match (samples.iter().position(is_loud), samples.iter().rposition(is_loud)) {
        (Some(first), Some(last)) => samples.get(first..=last).unwrap_or_default(),
        (None, _) | (_, None) => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_taken_from_both_ends_alone() {
        assert_eq!(without_silence(&[0, -50, 3000, 0, i16::MIN, 99, 0]), [3000, 0, i16::MIN]);
        assert!(without_silence(&[0, 7]).is_empty());
    }
}
