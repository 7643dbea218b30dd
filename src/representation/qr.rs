//! QR codes: a text as a square that a camera reads.
//!
//! Source: spec/11-comparing.md, CMP-9; ISO/IEC 18004.

use std::fmt::Write as _;

use fast_qr::qr::{QRBuilder, QRCode};
use fast_qr::{ECL, Mode};

/// How many light modules stand on every side, so that a camera finds the edge.
pub const QUIET_ZONE: usize = 4;

/// A QR code of a text, in byte mode, with error correction M: about a seventh of it may be unreadable.
///
/// ```
/// use sigpkg::representation::qr::Qr;
///
/// let qr = Qr::of("sigpBsrSBo9t2pxyMVAOoCrNb3Y1TBBnsdAKRIo2A3UFrN4uFwfbMW9g")?;
/// assert_eq!(qr.size(), 33);
/// assert!(qr.svg("signatory id").starts_with("<svg "));
/// # Ok::<(), sigpkg::representation::qr::QrError>(())
/// ```
pub struct Qr {
    code: Box<QRCode>,
}

/// The text is longer than a QR code can hold with this error correction: 2331 bytes.
///
/// ```
/// use sigpkg::representation::qr::Qr;
///
/// let refused = Qr::of(&"a".repeat(2332)).err().map(|error| error.to_string());
/// assert_eq!(refused.as_deref(), Some("a QR code holds at most 2331 bytes, and the text has 2332"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a QR code holds at most 2331 bytes, and the text has {0}")]
pub struct QrError(usize);

/// Which modules a terminal or a sheet draws with ink.
///
/// ```
/// use sigpkg::representation::qr::{Ink, Qr};
///
/// let qr = Qr::of("text")?;
/// assert!(qr.blocks(Ink::Light).starts_with('█'));
/// assert!(qr.blocks(Ink::Dark).starts_with(' '));
/// # Ok::<(), sigpkg::representation::qr::QrError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// The dark ones: ink is dark, as on paper.
    Dark,
    /// The light ones: ink is light, as on most terminals.
    Light,
}

impl Qr {
    /// The code of a text.
    ///
    /// # Errors
    ///
    /// - [`QrError`] if it has more than 2331 bytes.
    ///
    /// ```
    /// assert!(sigpkg::representation::qr::Qr::of("a text").is_ok());
    /// ```
    pub fn of(text: &str) -> Result<Self, QrError> {
        let code = QRBuilder::new(text).mode(Mode::Byte).ecl(ECL::M).build().map_err(|_| QrError(text.len()))?;
        Ok(Self { code: Box::new(code) })
    }

    /// How many modules it has on a side, the quiet zone not counted.
    ///
    /// ```
    /// assert_eq!(sigpkg::representation::qr::Qr::of("a")?.size(), 21);
    /// # Ok::<(), sigpkg::representation::qr::QrError>(())
    /// ```
    pub fn size(&self) -> usize {
        self.code.size
    }

    /// Whether a module is dark. Columns and rows count from 0, at the top left; outside all is light.
    ///
    /// ```
    /// let qr = sigpkg::representation::qr::Qr::of("a")?;
    /// assert!(qr.is_dark(0, 0) && !qr.is_dark(21, 0));
    /// # Ok::<(), sigpkg::representation::qr::QrError>(())
    /// ```
    pub fn is_dark(&self, column: usize, row: usize) -> bool {
        let size = self.code.size;
        column < size && row < size && self.code[row][column].value()
    }

    /// The code with its quiet zone in block characters, two rows of modules a line. Each line ends with LF.
    ///
    /// ```
    /// use sigpkg::representation::qr::{Ink, Qr};
    ///
    /// let blocks = Qr::of("a")?.blocks(Ink::Dark);
    /// assert_eq!((blocks.lines().count(), blocks.chars().filter(|block| *block == '\n').count()), (15, 15));
    /// # Ok::<(), sigpkg::representation::qr::QrError>(())
    /// ```
    pub fn blocks(&self, ink: Ink) -> String {
        let mut blocks = String::new();
        let side = self.size() + 2 * QUIET_ZONE;
        for row in (0..side).step_by(2) {
            for column in 0..side {
                // Below the last row of an odd side there is nothing, and nothing is drawn.
                let [upper, lower] = [row, row + 1].map(|row| match ink {
                    Ink::Dark => self.is_dark_inside(column, row),
                    Ink::Light => row < side && !self.is_dark_inside(column, row),
                });
                blocks.push(match (upper, lower) {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (false, false) => ' ',
                });
            }
            blocks.push('\n');
        }
        blocks
    }

    /// The code with its quiet zone as an SVG file that needs nothing else. `label` is what is read to those who do not see it.
    ///
    /// ```
    /// let svg = sigpkg::representation::qr::Qr::of("a")?.svg("the id of <Example>");
    /// assert!(svg.contains("<title>the id of &lt;Example&gt;</title>"));
    /// # Ok::<(), sigpkg::representation::qr::QrError>(())
    /// ```
    pub fn svg(&self, label: &str) -> String {
        let side = self.size() + 2 * QUIET_ZONE;
        let mut path = String::new();
        for row in 0..side {
            for column in (0..side).filter(|column| self.is_dark_inside(*column, row)) {
                // Writing to a string cannot fail.
                let _ = write!(path, "M{column} {row}h1v1h-1z");
            }
        }
        let label = label.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" role=\"img\" shape-rendering=\"crispEdges\">\
             <title>{label}</title><path fill=\"#fff\" d=\"M0 0h{side}v{side}h-{side}z\"/><path fill=\"#000\" d=\"{path}\"/></svg>\n"
        )
    }

    /// The code with its quiet zone as a PNG file in black and white, so many pixels a module (at least one, at most 64).
    ///
    /// ```
    /// let png = sigpkg::representation::qr::Qr::of("a")?.png(8);
    /// assert!(png.starts_with(b"\x89PNG\r\n"));
    /// # Ok::<(), sigpkg::representation::qr::QrError>(())
    /// ```
    #[cfg(feature = "io")]
    pub fn png(&self, pixels: u32) -> Vec<u8> {
        let pixels = pixels.clamp(1, 64) as usize;
        let side = (self.size() + 2 * QUIET_ZONE) * pixels;
        let mut rows = Vec::with_capacity(side * side.div_ceil(8));
        for row in 0..side {
            // One bit a pixel, the leftmost is the most significant; a set bit is white.
            let mut bits = vec![0xff_u8; side.div_ceil(8)];
            for column in (0..side).filter(|column| self.is_dark_inside(column / pixels, row / pixels)) {
                bits[column / 8] &= !(0x80 >> (column % 8));
            }
            rows.extend(bits);
        }
        write_png(side, &rows)
    }

    /// Columns and rows count from the edge of the quiet zone.
    fn is_dark_inside(&self, column: usize, row: usize) -> bool {
        match (column.checked_sub(QUIET_ZONE), row.checked_sub(QUIET_ZONE)) {
            (Some(column), Some(row)) => self.is_dark(column, row),
            (None, _) | (_, None) => false,
        }
    }
}

/// A square image of one bit a pixel.
#[cfg(feature = "io")]
fn write_png(side: usize, rows: &[u8]) -> Vec<u8> {
    let side = u32::try_from(side).expect("185 modules of 64 pixels");
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    encoder
        .write_header()
        .and_then(|mut writer| {
            writer.write_image_data(rows)?;
            writer.finish()
        })
        .expect("the sizes agree, and writing to a vector cannot fail");
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dark_and_light_ink_draw_the_same_code() {
        let qr = Qr::of("a text").unwrap();
        let (dark, light) = (qr.blocks(Ink::Dark), qr.blocks(Ink::Light));
        let inverted: String = light
            .chars()
            .map(|block| match block {
                '█' => ' ',
                '▀' => '▄',
                '▄' => '▀',
                ' ' => '█',
                other => other,
            })
            .collect();
        let all_but_the_last_line = |text: &str| text.lines().take(text.lines().count() - 1).collect::<String>();
        assert_eq!(all_but_the_last_line(&dark), all_but_the_last_line(&inverted));
    }

    #[test]
    fn the_longest_text_fits_and_one_byte_more_does_not() {
        assert_eq!(Qr::of(&"a".repeat(2331)).map(|qr| qr.size()).ok(), Some(177));
        assert_eq!(Qr::of(&"a".repeat(2332)).err(), Some(QrError(2332)));
    }
}
