//! How people see an id: in groups, as words, as a picture, as a square for a camera, and read aloud; and how what they
//! bring back is read.
//!
//! Every form is a function of the 56 characters and of nothing else. Programs compare those, never one of the forms.
//!
//! | form | module | commits to |
//! |---|---|---|
//! | groups of four | [`lines`] | all 39 bytes |
//! | words | [`words`] | all 39 bytes |
//! | square | [`qr`] | all 39 bytes |
//! | read aloud | [`spoken`] | all 39 bytes |
//! | random art | [`art`] | far less than it seems, see spec/11-comparing.md, section 11.6 |
//!
//! Source: spec/11-comparing.md.

pub mod alike;
pub mod art;
pub mod pasted;
pub mod qr;
pub mod spoken;
pub mod words;

use crate::text::groups;

/// How many groups stand on a line (CMP-1): few enough for one breath on the telephone and for the smallest screen.
pub const GROUPS_A_LINE: usize = 4;

/// The lines of an id or a key in groups of four characters (CMP-1): the number of the first group, from 1, and the groups.
///
/// ```
/// let lines = sigpkg::representation::lines("sigpBsrSBo9t2pxyMVAOoCrNb3Y1TBBnsdAKRIo2A3UFrN4uFwfbMW9g");
/// assert_eq!(lines[1], (5, "MVAO oCrN b3Y1 TBBn".to_owned()));
/// assert_eq!(lines.len(), 4);
/// ```
pub fn lines(text: &str) -> Vec<(usize, String)> {
    let groups: Vec<_> = groups(text).collect();
    groups.chunks(GROUPS_A_LINE).enumerate().map(|(at, line)| (at * GROUPS_A_LINE + 1, line.join(" "))).collect()
}
