//! What is where on the page: one drawing for all file formats.
//!
//! Lengths are in points, 1/72 inch, from the top left corner. The page is A4. What is on it stays within what Letter
//! shows too, with half an inch to spare, which every printer reaches.

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

/// Where everything begins at the top, and ends at the bottom: Letter is not as long as A4.
const TOP: f32 = 40.0;
const BOTTOM: f32 = 752.0;

/// How many words stand in a row.
const COLUMNS: usize = 4;
const COLUMN: f32 = (RIGHT - LEFT) / 4.0;

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
    power: &'static str,
    restore: &'static str,
    restore_where: &'static str,
    /// A sentence and a command.
    seen: [&'static str; 2],
}

const SEED: Wording = Wording {
    title: "SECRET: the seed of all signing keys",
    power: "Whoever reads this page can release in the name of this signatory, until the reserve stops it.",
    restore: "sigpkg key restore",
    restore_where: "in a clone of the package, or with --chain RELEASE.",
    seen: [
        "If somebody has seen this page, or it is gone, act now: only the reserve can name new keys.",
        "sigpkg reserve sign --cause stolen --after SEQ --reason TEXT --seeded",
    ],
};

const RESERVE: Wording = Wording {
    title: "SECRET: a reserve key",
    power: "Whoever reads this page, with as many others as it takes, says who signs from now on.",
    restore: "sigpkg reserve restore --out FOLDER",
    restore_where: "outside of every repository.",
    seen: [
        "If somebody has seen this page, or it is gone: tell the maintainer. Another key takes its place.",
        "sigpkg reserve sign --cause planned --reason TEXT --reserve KEY KEY KEY",
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
        let below_facts = page.facts(paper);
        let below_words = page.words(paper, below_facts + 4.0);
        let below_square = page.instructions(paper, wording, below_words + 10.0);
        page.notes(wording, below_square + 14.0);
        page
    }

    fn head(&mut self, wording: &Wording) {
        let no_money = "It is for sigpkg, which signs packages. It is no wallet, and there is no money behind it.";
        self.frame(LEFT, TOP, RIGHT - LEFT, 66.0, 2.0);
        self.text(LEFT + 12.0, TOP + 24.0, 18.0, Font::Bold, wording.title);
        self.text(LEFT + 12.0, TOP + 41.0, 9.5, Font::Plain, wording.power);
        self.text(LEFT + 12.0, TOP + 55.0, 9.5, Font::Plain, no_money);
    }

    /// Whose secret it is. Where this ends.
    fn facts(&mut self, paper: &Paper) -> f32 {
        let mut y = TOP + 86.0;
        let (label, id) = match &paper.subject {
            Subject::Seed { package, signatory } => {
                let uuid = package.uuid().map(|uuid| format!("  {uuid}")).unwrap_or_default();
                self.fact(&mut y, "Package", &format!("{}{uuid}  ({})", package.name(), package.ecosystem()));
                ("Signatory id", signatory.to_string())
            }
            Subject::Reserve { key } => {
                self.rule(LEFT + 86.0, y + 1.5, RIGHT - LEFT - 86.0);
                self.text(LEFT, y, 10.0, Font::Bold, "For packages");
                y += 18.0;
                ("Public key", key.to_string())
            }
        };
        // The same lines as wherever people compare (CMP-1).
        for (at, (_, line)) in representation::lines(&id).iter().enumerate() {
            self.fact(&mut y, if at == 0 { label } else { "" }, line);
        }
        y += 4.0;
        self.fact(&mut y, "Made on", &format!("{}, by the clock of the machine that made it", paper.claimed_day));
        y
    }

    fn fact(&mut self, y: &mut f32, label: &str, text: &str) {
        const MOST: usize = 64;
        self.text(LEFT, *y, 10.0, Font::Bold, label);
        // Names are of ASCII (STM-10), so that bytes are characters.
        for part in text.as_bytes().chunks(MOST) {
            self.text(LEFT + 86.0, *y, 10.5, Font::Fixed, &String::from_utf8_lossy(part));
            *y += 14.0;
        }
    }

    /// Row by row, so that whatever reads the page reads them in their order. Where the table ends.
    fn words(&mut self, paper: &Paper, top: f32) -> f32 {
        const ROW: f32 = 27.0;
        let rows = paper.words.len().div_ceil(COLUMNS);
        let height = count(rows) * ROW + 14.0;
        self.frame(LEFT, top, RIGHT - LEFT, height, 1.0);
        for (at, word) in paper.words.iter().enumerate() {
            let x = LEFT + 10.0 + count(at % COLUMNS) * COLUMN;
            let y = top + 25.0 + count(at / COLUMNS) * ROW;
            self.text(x, y, 9.0, Font::Fixed, &format!("{:>2}", at + 1));
            self.text(x + 16.0, y, 16.5, Font::FixedBold, word);
        }
        top + height
    }

    /// The square, and beside it what to do with the page. Where the square ends.
    fn instructions(&mut self, paper: &Paper, wording: &Wording, top: f32) -> f32 {
        if let Some(qr) = &paper.qr {
            self.square(qr, LEFT, top);
        }
        let lines = [
            (Font::Bold, "To restore it", 14.0),
            (Font::FixedBold, wording.restore, 14.0),
            (Font::Plain, wording.restore_where, 12.5),
            (Font::Plain, "Type the words in their order; four letters of each will do.", 12.5),
            (Font::Plain, "The square says the same. Scan it without a network, never", 12.5),
            (Font::Plain, "with a telephone, and paste the text as the first word.", 24.0),
            (Font::Bold, "Now", 14.0),
            (Font::Plain, "Restore it once from this paper, and compare the groups above.", 12.5),
            (Font::Plain, "Then erase the file, and what the printer keeps of it.", 12.5),
        ];
        let mut y = top + 22.0;
        for (font, text, step) in lines {
            self.text(LEFT + SQUARE + 14.0, y, 9.5, font, text);
            y += step;
        }
        top + SQUARE
    }

    fn notes(&mut self, wording: &Wording, top: f32) {
        let [sentence, command] = wording.seen;
        self.text(LEFT, top, 9.5, Font::Bold, sentence);
        self.text(LEFT, top + 13.0, 9.0, Font::Fixed, command);
        self.text(LEFT, top + 33.0, 9.5, Font::Plain, "Notes: where other copies are, whom to call");
        let mut y = top + 33.0 + 22.0;
        while y < BOTTOM {
            self.rule(LEFT, y, RIGHT - LEFT);
            y += 22.0;
        }
    }

    fn square(&mut self, qr: &Qr, left: f32, top: f32) {
        let module = SQUARE / count(qr.size() + 2 * QUIET_ZONE);
        let margin = count(QUIET_ZONE) * module;
        for row in 0..qr.size() {
            let mut column = 0;
            while column < qr.size() {
                let length = (column..qr.size()).take_while(|column| qr.is_dark(*column, row)).count();
                if length > 0 {
                    self.shapes.push(Shape::Filled {
                        x: left + margin + count(column) * module,
                        y: top + margin + count(row) * module,
                        width: count(length) * module,
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

/// A small number as a factor of lengths. Nothing on the page is counted beyond the modules of a QR code, 177 on a side.
pub(super) fn count(number: usize) -> f32 {
    f32::from(u16::try_from(number).unwrap_or(u16::MAX))
}
