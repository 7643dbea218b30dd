//! What is where on the page: one drawing for all file formats.
//!
//! Lengths are in points, 1/72 inch, from the top left corner. The page is A4. What is on it stays within what Letter shows too, at the top left or in the middle of
//! the sheet, with half an inch to spare, which every printer reaches.

use super::{Paper, Subject};
use crate::representation;
use crate::representation::qr::{QUIET_ZONE, Qr};

/// A4, in points.
pub(super) const WIDTH: f32 = 595.0;
/// A4, in points.
pub(super) const HEIGHT: f32 = 842.0;

/// Where everything begins on the left, and ends on the right: Letter is wider than A4, a printer takes at most half an inch.
const LEFT: f32 = 51.0;
const RIGHT: f32 = WIDTH - LEFT;

/// How many words stand in a row.
const COLUMNS: usize = 4;
const COLUMN: f32 = (RIGHT - LEFT) / COLUMNS as f32;

/// The side of the QR code with its quiet zone: with the 57 modules that 212 characters take, a module is 0.9 mm.
const SQUARE: f32 = 166.0;

/// A page that is ready to be written.
#[derive(Default)]
pub(super) struct Page {
    /// What it is, for readers of files.
    pub(super) title: String,
    pub(super) shapes: Vec<Shape>,
}

/// One thing on the page, in black.
pub(super) enum Shape {
    /// A line of text, from its left end on its base line.
    Text { x: f32, y: f32, size: f32, font: Font, text: String },
    /// A filled rectangle.
    Filled { x: f32, y: f32, width: f32, height: f32 },
    /// A rectangle drawn as four lines of this width.
    Framed { x: f32, y: f32, width: f32, height: f32, line: f32 },
}

/// The fonts, which every reader of PDF has, and every browser has the like of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Font {
    Plain,
    Bold,
    Fixed,
    FixedBold,
}

/// What a page says about its kind of secret.
struct Wording {
    title: &'static str,
    power: &'static [&'static str],
    restore: &'static str,
    restore_where: &'static str,
    seen: &'static [&'static str],
}

const SEED: Wording = Wording {
    title: "SECRET: the seed of all signing keys",
    power: &["Whoever reads this page can release in the name of this signatory, until the reserve stops it."],
    restore: "sigpkg key restore",
    restore_where: "in a clone of the package; or anywhere with --chain FILE, a release or a chain file",
    seen: &[
        "Somebody has seen it, or it is lost: act now. The reserve names new keys, and nothing else helps:",
        "sigpkg reserve sign --cause stolen --after SEQ --reason TEXT     (docs/bad-days/keys-stolen.md)",
    ],
};

const RESERVE: Wording = Wording {
    title: "SECRET: a reserve key",
    power: &[
        "Whoever reads this page, and as many others as it takes, can say who signs from now on. It signs no release.",
    ],
    restore: "sigpkg reserve restore --out FOLDER",
    restore_where: "on the machine of its holder, and never in a repository",
    seen: &[
        "Somebody has seen it, or it is lost: tell the maintainer. The other holders put a new key in its place:",
        "sigpkg reserve sign --cause planned --reason TEXT --reserve KEY...     (docs/maintainers/paper.md)",
    ],
};

impl Page {
    pub(super) fn of(paper: &Paper) -> Self {
        let wording = match paper.subject {
            Subject::Seed { .. } => &SEED,
            Subject::Reserve { .. } => &RESERVE,
        };
        let mut page = Self { title: format!("sigpkg paper: {}", wording.title), shapes: Vec::new() };
        page.head(wording);
        page.facts(paper);
        let below = page.words(paper);
        page.foot(paper, wording, below);
        page
    }

    fn head(&mut self, wording: &Wording) {
        self.frame(LEFT, 40.0, RIGHT - LEFT, 66.0, 2.0);
        self.text(LEFT + 12.0, 64.0, 18.0, Font::Bold, wording.title);
        for (at, line) in wording.power.iter().enumerate() {
            self.text(LEFT + 12.0, 81.0 + 11.0 * at as f32, 9.5, Font::Plain, line);
        }
        self.text(
            LEFT + 12.0,
            96.0,
            9.5,
            Font::Plain,
            "It is for sigpkg, which signs packages. It is no wallet, and there is no money behind it.",
        );
    }

    fn facts(&mut self, paper: &Paper) {
        let mut y = 126.0;
        let (label, id) = match &paper.subject {
            Subject::Seed { package, signatory } => {
                let uuid = package.uuid().map(|uuid| format!("  {uuid}")).unwrap_or_default();
                let of = format!("{}{uuid}  ({})", package.name(), package.ecosystem());
                self.fact(&mut y, "Package", &of);
                ("Signatory id", signatory.to_string())
            }
            Subject::Reserve { key } => {
                self.fact(&mut y, "For packages", "______________________________________________________");
                ("Public key", key.to_string())
            }
        };
        // The same lines as wherever people compare (CMP-1).
        for (at, (_, line)) in representation::lines(&id).iter().enumerate() {
            self.fact(&mut y, if at == 0 { label } else { "" }, line);
        }
        self.fact(&mut y, "Made on", &format!("{}, by the clock of the machine that made it", paper.claimed_day));
    }

    fn fact(&mut self, y: &mut f32, label: &str, text: &str) {
        const MOST: usize = 64;
        self.text(LEFT, *y, 10.0, Font::Bold, label);
        // Names are of ASCII (STM-10), so that bytes are characters.
        for part in text.as_bytes().chunks(MOST) {
            self.text(LEFT + 86.0, *y, 10.0, Font::Fixed, &String::from_utf8_lossy(part));
            *y += 14.0;
        }
    }

    /// Row by row, so that whatever reads the page reads them in their order. Where the table ends.
    fn words(&mut self, paper: &Paper) -> f32 {
        const ROW: f32 = 23.0;
        let top = 230.0;
        let rows = paper.words.len().div_ceil(COLUMNS);
        let height = rows as f32 * ROW + 14.0;
        self.frame(LEFT, top, RIGHT - LEFT, height, 1.0);
        for (at, word) in paper.words.iter().enumerate() {
            let x = LEFT + 10.0 + (at % COLUMNS) as f32 * COLUMN;
            let y = top + 22.0 + (at / COLUMNS) as f32 * ROW;
            let number = format!("{:>2}", at + 1);
            self.text(x, y, 9.0, Font::Fixed, &number);
            self.text(x + 16.0, y, 15.0, Font::FixedBold, word);
        }
        top + height
    }

    fn foot(&mut self, paper: &Paper, wording: &Wording, below: f32) {
        let top = below + 10.0;
        if let Some(qr) = &paper.qr {
            self.square(qr, LEFT, top);
        }
        let x = LEFT + SQUARE + 14.0;
        let mut y = top + 14.0;
        let mut say = |page: &mut Self, font: Font, text: &str, step: f32| {
            page.text(x, y, 9.0, font, text);
            y += step;
        };
        say(self, Font::Bold, "To restore it", 13.0);
        say(self, Font::FixedBold, wording.restore, 13.0);
        say(self, Font::Plain, wording.restore_where, 13.0);
        say(
            self,
            Font::Plain,
            "Type the words in the order of their numbers. The first four letters are enough.",
            13.0,
        );
        say(
            self,
            Font::Plain,
            "The square has the same secret; scan it on a machine without a network, and paste",
            12.0,
        );
        say(self, Font::Plain, "the text in the place of the first word. Never scan it with a telephone.", 20.0);
        say(self, Font::Bold, "Try it", 13.0);
        say(
            self,
            Font::Plain,
            "Restore it once from this paper, on a machine without a network, and compare what is",
            12.0,
        );
        say(self, Font::Plain, "shown with the groups above. Then erase the file that was printed.", 20.0);
        say(self, Font::Bold, "Notes (where other copies are, whom to call)", 0.0);
        for line in 1..=2 {
            self.rule(x, y + 24.0 * line as f32, RIGHT - x);
        }
        let bottom = top + SQUARE + 14.0;
        for (at, line) in wording.seen.iter().enumerate() {
            let font = if at == 0 { Font::Bold } else { Font::Fixed };
            self.text(LEFT, bottom + 12.0 * at as f32, if at == 0 { 9.0 } else { 8.0 }, font, line);
        }
    }

    fn square(&mut self, qr: &Qr, left: f32, top: f32) {
        let module = SQUARE / (qr.size() + 2 * QUIET_ZONE) as f32;
        let margin = QUIET_ZONE as f32 * module;
        for row in 0..qr.size() {
            let mut column = 0;
            while column < qr.size() {
                let length = (column..qr.size()).take_while(|column| qr.is_dark(*column, row)).count();
                if length > 0 {
                    self.shapes.push(Shape::Filled {
                        x: left + margin + column as f32 * module,
                        y: top + margin + row as f32 * module,
                        width: length as f32 * module,
                        height: module,
                    });
                }
                column += length.max(1);
            }
        }
    }

    fn text(&mut self, x: f32, y: f32, size: f32, font: Font, text: &str) {
        if !text.is_empty() {
            self.shapes.push(Shape::Text { x, y, size, font, text: text.to_owned() });
        }
    }

    fn frame(&mut self, x: f32, y: f32, width: f32, height: f32, line: f32) {
        self.shapes.push(Shape::Framed { x, y, width, height, line });
    }

    fn rule(&mut self, x: f32, y: f32, width: f32) {
        self.shapes.push(Shape::Filled { x, y, width, height: 0.5 });
    }
}
