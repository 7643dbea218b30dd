//! Random art: a picture in which a change leaps to the eye.
//!
//! It helps to notice that something is not as it was. It is never enough to compare by: far fewer pictures look different
//! than there are ids, so it is shown beside another form and never alone (CMP-18).
//!
//! Source: spec/11-comparing.md, CMP-8. The walk is that of OpenSSH's visual host keys, over another hash.

use std::fmt;

const COLUMNS: usize = 17;
const ROWS: usize = 9;

/// Where the walk starts.
const MIDDLE: (usize, usize) = (COLUMNS / 2, ROWS / 2);

/// A cell by how often it was visited; the last stands for any higher count.
const COUNTS: &[u8] = b" .o+=*BOX@%&#/^";

/// The random art of an id or a key: 17 columns and 9 rows.
///
/// ```
/// use sigpkg::representation::art::Art;
///
/// let art = Art::of("sigpBsrSBo9t2pxyMVAOoCrNb3Y1TBBnsdAKRIo2A3UFrN4uFwfbMW9g");
/// assert_eq!(art.rows().count(), 9);
/// assert!(art.rows().all(|row| row.len() == 17));
/// assert!(art.to_string().starts_with("+-----------------+\n|"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Art {
    cells: [[u8; COLUMNS]; ROWS],
}

impl Art {
    /// The picture of these characters, usually the 56 of an id. The walk is over their BLAKE3 hash, so that texts that are
    /// alike have pictures that are not.
    ///
    /// ```
    /// use sigpkg::representation::art::Art;
    ///
    /// assert!(Art::of("one text") != Art::of("one texT"));
    /// ```
    pub fn of(text: &str) -> Self {
        let mut counts = [[0_usize; COLUMNS]; ROWS];
        let (mut column, mut row) = MIDDLE;
        let steps = blake3::hash(text.as_bytes());
        for step in steps.as_bytes().iter().flat_map(|byte| [0, 2, 4, 6].map(|shift| byte >> shift)) {
            column = moved(column, step & 1 == 1, COLUMNS);
            row = moved(row, step & 2 == 2, ROWS);
            counts[row][column] += 1;
        }
        let mut cells = counts.map(|row| row.map(|count| COUNTS[count.min(COUNTS.len() - 1)]));
        cells[MIDDLE.1][MIDDLE.0] = b'S';
        cells[row][column] = b'E';
        Self { cells }
    }

    /// The nine rows, from the top, without a frame: 17 ASCII characters each.
    ///
    /// ```
    /// use sigpkg::representation::art::Art;
    ///
    /// let ends = Art::of("a text").rows().filter(|row| row.contains('E')).count();
    /// assert_eq!(ends, 1);
    /// ```
    pub fn rows(&self) -> impl Iterator<Item = String> + '_ {
        self.cells.iter().map(|row| row.iter().copied().map(char::from).collect())
    }
}

fn moved(at: usize, is_forward: bool, end: usize) -> usize {
    if is_forward { (at + 1).min(end - 1) } else { at.saturating_sub(1) }
}

/// The picture in its frame: eleven lines, the last without a line end.
impl fmt::Display for Art {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let edge = format!("+{}+", "-".repeat(COLUMNS));
        writeln!(out, "{edge}")?;
        self.rows().try_for_each(|row| writeln!(out, "|{row}|"))?;
        write!(out, "{edge}")
    }
}

impl fmt::Debug for Art {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "\n{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_stays_on_the_field_and_counts_its_128_steps() {
        for text in ["", "a", "b", "sigp"] {
            let shown = Art::of(text).to_string();
            assert_eq!(shown.lines().count(), ROWS + 2, "{shown}");
            assert!(shown.lines().all(|line| line.len() == COLUMNS + 2), "{shown}");
            assert_eq!(shown.matches('E').count(), 1, "{shown}");
        }
    }

    #[test]
    fn edges_hold() {
        assert_eq!((moved(0, false, 3), moved(2, true, 3), moved(1, true, 3), moved(1, false, 3)), (0, 2, 2, 0));
    }
}
