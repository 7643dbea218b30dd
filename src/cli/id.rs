//! `sigpkg id`: a signatory id, in every form in which people compare one.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use sigpkg::digest::SignatoryId;
use sigpkg::representation::art::Art;
use sigpkg::representation::qr::{Ink, Qr};
use sigpkg::representation::spoken::{Depth, Recording, script};
use sigpkg::representation::{lines, words};
use sigpkg::text::{groups, printable};

use super::context::Context;
use super::failure::Failure;
use super::output::{Answer, ON_WHITE};
use super::target;
use super::voice::EspeakNg;

/// Show the signatory id of a target, in the forms in which people compare it
///
/// An id says nothing about whether to trust it: compare it with one that came another way.
#[derive(Args)]
#[command(after_help = "\
Examples:
  sigpkg id .                          the 56 characters, for a web page or a script
  sigpkg id . --groups --words         to read it out on the telephone, one way or the other
  sigpkg id . --qr --out id.svg        for a slide and a poster
  sigpkg id Example --out example.wav  read aloud, twice (needs espeak-ng)")]
#[expect(clippy::struct_excessive_bools, reason = "each is a form that can be asked for")]
pub(crate) struct Id {
    /// A directory, a tarball, REPO#REV, a chain file, an id, or the name of a package whose signatory is trusted
    #[arg(value_name = "TARGET")]
    target: String,
    /// In groups of four characters, four groups a line, each line with the number of its first group
    #[arg(long, help_heading = "Forms")]
    groups: bool,
    /// As thirty words of the list of BIP 39
    #[arg(long, help_heading = "Forms")]
    words: bool,
    /// As random art, beside the id: a help for noticing a change, and never enough to compare
    #[arg(long, help_heading = "Forms")]
    art: bool,
    /// As a QR code; its content is the id and nothing else
    #[arg(long, help_heading = "Forms")]
    qr: bool,
    /// As words to say: the spelling alphabet, capital or small
    #[arg(long, help_heading = "Forms")]
    spoken: bool,
    /// In all of these forms
    #[arg(long, help_heading = "Forms")]
    all: bool,
    /// Write it to a new file: .svg or .png for a QR code, .wav for a voice that reads it aloud, twice
    #[arg(long, value_name = "FILE", help_heading = "Forms")]
    out: Vec<PathBuf>,
}

/// Pixels a module of a QR code in a PNG file: 41 modules make a picture that a projector need not enlarge.
const PIXELS: u32 = 12;

struct Shown {
    target: String,
    id: SignatoryId,
    forms: Vec<Form>,
    written: Vec<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Whole,
    Groups,
    Words,
    Art,
    Qr,
    Spoken,
}

/// What a file is for, by the end of its name.
#[derive(Clone, Copy)]
enum File {
    Svg,
    Png,
    Wav,
}

pub(crate) fn run(arguments: &Id, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let files = arguments.out.iter().map(|path| Ok((path, File::of(path)?))).collect::<Result<Vec<_>, Failure>>()?;
    let id = target::signatory(context, &arguments.target)?;
    for (path, file) in files {
        context.write_new(&context.path(path), &file.contents(&id)?)?;
    }
    let written = arguments.out.clone();
    Ok(Box::new(Shown { target: arguments.target.clone(), id, forms: arguments.forms(), written }))
}

impl Id {
    /// The forms that were asked for, in the order in which they help; the id alone if none was.
    fn forms(&self) -> Vec<Form> {
        let asked = [
            (self.all || self.art, Form::Whole),
            (self.groups || self.all, Form::Groups),
            (self.words || self.all, Form::Words),
            (self.spoken || self.all, Form::Spoken),
            (self.art || self.all, Form::Art),
            (self.qr || self.all, Form::Qr),
        ];
        let forms: Vec<_> = asked.into_iter().filter(|(is_asked, _)| *is_asked).map(|(_, form)| form).collect();
        if forms.is_empty() { vec![Form::Whole] } else { forms }
    }
}

impl File {
    fn of(path: &Path) -> Result<Self, Failure> {
        let end = path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase);
        match end.as_deref() {
            Some("svg") => Ok(Self::Svg),
            Some("png") => Ok(Self::Png),
            Some("wav") => Ok(Self::Wav),
            Some(_) | None => Err(Failure::usage(format!("{} does not say what it is to hold", path.display()))
                .hint("let its name end with .svg or .png for a QR code, or .wav for a voice that reads the id aloud")),
        }
    }

    fn contents(self, id: &SignatoryId) -> Result<Vec<u8>, Failure> {
        Ok(match self {
            Self::Svg => square(id)?.svg(&format!("signatory id {id}")).into_bytes(),
            Self::Png => square(id)?.png(PIXELS),
            Self::Wav => Recording::of(&id.to_string(), &mut EspeakNg::find()?)?.to_wav(Depth::Full),
        })
    }
}

fn square(id: &SignatoryId) -> Result<Qr, Failure> {
    Qr::of(&id.to_string()).map_err(Failure::could_not_tell)
}

impl Answer for Shown {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        for (at, form) in self.forms.iter().enumerate() {
            if at > 0 {
                writeln!(out)?;
            }
            form.write(&self.id, out)?;
        }
        let mut written = self.written.iter();
        written.try_for_each(|path| writeln!(out, "written: {}", printable(&path.display().to_string())))
    }

    fn json(&self) -> Vec<Value> {
        let id = self.id.to_string();
        let mut object = json!({ "schema": "sigpkg.id/1", "target": self.target, "signatory": id });
        for form in &self.forms {
            match form {
                Form::Whole | Form::Qr => {}
                Form::Groups => object["groups"] = groups(&id).collect::<Vec<_>>().into(),
                Form::Words => object["words"] = words::of_id(&self.id).into(),
                Form::Art => object["art"] = Art::of(&id).rows().collect::<Vec<_>>().into(),
                Form::Spoken => {
                    object["spoken"] = script(&id).iter().map(ToString::to_string).collect::<Vec<_>>().into();
                }
            }
        }
        if !self.written.is_empty() {
            object["written"] = self.written.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().into();
        }
        vec![object]
    }
}

/// How many words stand on a line, each with its number: as wide as an id.
const WORDS_A_LINE: usize = 5;

impl Form {
    fn write(self, id: &SignatoryId, out: &mut dyn Write) -> io::Result<()> {
        let text = id.to_string();
        match self {
            Self::Whole => writeln!(out, "{text}"),
            Self::Groups => {
                lines(&text).into_iter().try_for_each(|(number, line)| writeln!(out, "{number:>2}  {line}"))
            }
            Self::Words => {
                let words: Vec<_> = words::of_id(id);
                words.chunks(WORDS_A_LINE).enumerate().try_for_each(|(at, line)| {
                    let line: Vec<_> = line.iter().map(|word| format!("{word:<8}")).collect();
                    writeln!(out, "{:>2}  {}", at * WORDS_A_LINE + 1, line.join("  ").trim_end())
                })
            }
            Self::Art => writeln!(out, "{}", Art::of(&text)),
            // Black on white where there are colours, so that a camera reads it on any ground; else with light ink.
            Self::Qr => {
                let square = Qr::of(&text).map_err(io::Error::other)?;
                let blocks =
                    if super::output::has_colours() { square.blocks(Ink::Dark) } else { square.blocks(Ink::Light) };
                blocks.lines().try_for_each(|line| writeln!(out, "{ON_WHITE}{line}{ON_WHITE:#}"))
            }
            Self::Spoken => script(&text).iter().try_for_each(|group| writeln!(out, "{group}")),
        }
    }
}
