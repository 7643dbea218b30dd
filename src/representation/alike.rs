//! Look-alikes: two different ids that a person may take for one.
//!
//! Source: spec/11-comparing.md, CMP-14. Ids made by chance are never alike; whoever sees two that are sees a forgery or a
//! slip of the pen.

use crate::digest::SignatoryId;

/// Characters that people take for each other, folded to the first of their class.
const CLASSES: &[&str] =
    &["0OoQD", "1lIijL", "5Ss", "8B", "2Zz", "6bG", "9gq", "uvUV", "cC", "kK", "mM", "pP", "wW", "xX", "yY", "-_"];

/// Length of the ends that are the same, as they are and folded; whoever compares casually looks at two groups.
const ENDS: (usize, usize) = (6, 8);

/// Folded characters that are the same in the same place, of 52. Chance gives two, and 17 less than once in 10^10 pairs.
const PLACES: usize = 17;

/// Edits, of 52. Chance needs about 40.
const EDITS: usize = 26;

/// The characters of the varying part.
const VARYING: usize = SignatoryId::LENGTH - 4;

/// How two different ids are alike (CMP-14).
///
/// ```
/// use sigpkg::digest::SignatoryId;
/// use sigpkg::representation::alike::{resemblance, Resemblance};
///
/// let id: SignatoryId = "sigpBsrSBo9t2pxyMVAOoCrNb3Y1TBBnsdAKRIo2A3UFrN4uFwfbMW9g".parse()?;
/// let other = "sigpBsrSBo9t2pxyMVAO0CrNb3Y1TBBnsdAKRIo2A3UFrN4uFwfbMW9g".parse()?;
/// let alike = resemblance(&id, &other).expect("an o has become a zero");
/// assert_eq!(alike, Resemblance { beginning: 16, end: 35, places: 52, edits: 0 });
/// assert_eq!(resemblance(&id, &SignatoryId::of_genesis(b"another")), None);
/// # Ok::<(), sigpkg::digest::IdError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resemblance {
    /// How many characters of the varying part are the same at its beginning.
    pub beginning: usize,
    /// How many are the same at its end.
    pub end: usize,
    /// How many of the 52 look the same in the same place.
    pub places: usize,
    /// How many edits make one look like the other.
    pub edits: usize,
}

/// How two ids are alike; `None` if they are the same, or as different as chance makes them.
///
/// ```
/// use sigpkg::digest::SignatoryId;
/// use sigpkg::representation::alike::resemblance;
///
/// let id = SignatoryId::of_genesis(b"one");
/// assert_eq!(resemblance(&id, &id), None);
/// ```
pub fn resemblance(one: &SignatoryId, other: &SignatoryId) -> Option<Resemblance> {
    Look::of(one).among(&[Look::of(other)]).next().map(|(_, resemblance)| resemblance)
}

/// How an id looks, for comparing it with many.
///
/// ```
/// use sigpkg::digest::SignatoryId;
/// use sigpkg::representation::alike::Look;
///
/// let id: SignatoryId = "sigpBsrSBo9t2pxyMVAOoCrNb3Y1TBBnsdAKRIo2A3UFrN4uFwfbMW9g".parse()?;
/// let forged = "sigpBsrSBo9t2pxyMVAOoCrNb3Y1TBBnsdAKRIo2A3UFrN4uFwfbMW9G".parse()?;
/// let all = [Look::of(&SignatoryId::of_genesis(b"another")), Look::of(&forged), Look::of(&id)];
/// assert_eq!(Look::of(&id).among(&all).map(|(at, _)| at).collect::<Vec<_>>(), [1]);
/// # Ok::<(), sigpkg::digest::IdError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    exact: [u8; VARYING],
    folded: [u8; VARYING],
}

impl Look {
    /// How this id looks.
    ///
    /// ```
    /// use sigpkg::digest::SignatoryId;
    /// use sigpkg::representation::alike::Look;
    ///
    /// assert!(Look::of(&SignatoryId::of_genesis(b"one")) != Look::of(&SignatoryId::of_genesis(b"other")));
    /// ```
    pub fn of(id: &SignatoryId) -> Self {
        let mut exact = [0; VARYING];
        for (place, character) in exact.iter_mut().zip(id.to_string().bytes().skip(4)) {
            *place = character;
        }
        Self { exact, folded: exact.map(fold) }
    }

    /// Which of these look alike, by their index, and how (CMP-14). An id is no look-alike of itself.
    ///
    /// ```
    /// use sigpkg::digest::SignatoryId;
    /// use sigpkg::representation::alike::Look;
    ///
    /// let look = Look::of(&SignatoryId::of_genesis(b"one"));
    /// assert_eq!(look.among(&[look]).count(), 0);
    /// ```
    pub fn among<'a>(&self, others: &'a [Self]) -> impl Iterator<Item = (usize, Resemblance)> + use<'a> {
        let (one, places_of) = (*self, places_of(&self.folded));
        let alike = move |other: &Self| {
            if one.exact == other.exact {
                return None;
            }
            let (beginning, end) = ends(&one.exact, &other.exact);
            let (folded_beginning, folded_end) = ends(&one.folded, &other.folded);
            let places = one.folded.iter().zip(&other.folded).filter(|(one, other)| one == other).count();
            let are_ends_alike = beginning + end >= ENDS.0 || folded_beginning + folded_end >= ENDS.1;
            let most = if are_ends_alike || places >= PLACES { VARYING } else { EDITS };
            edits(&places_of, &other.folded, most).map(|edits| Resemblance { beginning, end, places, edits })
        };
        others.iter().enumerate().filter_map(move |(at, other)| alike(other).map(|resemblance| (at, resemblance)))
    }
}

fn fold(character: u8) -> u8 {
    let is_in = |class: &&&str| class.as_bytes().contains(&character);
    CLASSES.iter().find(is_in).and_then(|class| class.bytes().next()).unwrap_or(character)
}

/// The lengths of the common beginning and the common end.
fn ends(one: &[u8; VARYING], other: &[u8; VARYING]) -> (usize, usize) {
    let same = |pair: &(&u8, &u8)| pair.0 == pair.1;
    (one.iter().zip(other).take_while(same).count(), one.iter().rev().zip(other.iter().rev()).take_while(same).count())
}

/// Of each ASCII character the places where it stands, a bit for each.
fn places_of(text: &[u8; VARYING]) -> [u64; 128] {
    let mut places_of = [0; 128];
    for (at, character) in text.iter().enumerate() {
        places_of[usize::from(character & 0x7f)] |= 1 << at;
    }
    places_of
}

/// The edits between two texts, if they are at most so many: a column of the table of distances at a time, of which only the
/// steps up and down are kept, a bit for each (Myers 1999, in the form of Hyyrö 2003). Fast enough for every pair of 15,000.
fn edits(places_of: &[u64; 128], other: &[u8; VARYING], most: usize) -> Option<usize> {
    const LAST: u64 = 1 << (VARYING - 1);
    let (mut up, mut down, mut distance) = (!0_u64, 0_u64, VARYING);
    for (at, character) in other.iter().enumerate() {
        let same = places_of[usize::from(character & 0x7f)];
        let diagonal = ((same & up).wrapping_add(up) ^ up) | same | down;
        let right_up = down | !(diagonal | up);
        let right_down = up & diagonal;
        distance += usize::from(right_up & LAST != 0);
        distance -= usize::from(right_down & LAST != 0);
        // Each character that is left makes it one less at best.
        if distance > most + (VARYING - 1 - at) {
            return None;
        }
        let right_up = right_up << 1 | 1;
        up = (right_down << 1) | !(diagonal | right_up);
        down = right_up & diagonal;
    }
    Some(distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "sigpBsrSBo9t2pxyMVAOoCrNb3Y1TBBnsdAKRIo2A3UFrN4uFwfbMW9g";

    fn alike(other: &str) -> Option<Resemblance> {
        resemblance(&ID.parse().unwrap(), &other.parse().unwrap())
    }

    /// The id with all that is not said replaced by characters that fit nowhere.
    fn keeping(is_kept: impl Fn(usize) -> bool) -> String {
        let other = |character: char| if character == 'h' { 'T' } else { 'h' };
        ID.chars().enumerate().map(|(at, own)| if at < 4 || is_kept(at) { own } else { other(own) }).collect()
    }

    #[test]
    fn six_characters_at_the_ends_are_alike_and_five_are_not() {
        assert!(alike(&keeping(|at| !(7..53).contains(&at))).is_some());
        assert_eq!(alike(&keeping(|at| !(6..53).contains(&at))), None);
        assert!(alike(&keeping(|at| at < 10)).is_some());
        assert!(alike(&keeping(|at| at >= 50)).is_some());
    }

    #[test]
    fn seventeen_places_are_alike_and_sixteen_are_not() {
        let places = |count: usize| move |at: usize| (6..6 + 2 * count).contains(&at) && at.is_multiple_of(2);
        assert_eq!(alike(&keeping(places(17))).map(|alike| alike.places), Some(17));
        assert_eq!(alike(&keeping(places(16))), None);
    }

    #[test]
    fn a_character_too_many_at_the_front_is_few_edits() {
        let shifted = format!("sigph{}", &ID[4..55]);
        assert_eq!(alike(&shifted).map(|alike| alike.edits), Some(2));
    }

    #[test]
    fn characters_that_look_alike_count_as_the_same() {
        let folded: String = ID
            .chars()
            .enumerate()
            .map(|(at, own)| if at < 4 { own } else { char::from(fold(u8::try_from(own).unwrap())) })
            .collect();
        assert!(ID != folded && alike(&folded).is_some_and(|alike| alike.places == 52 && alike.edits == 0));
    }

    #[test]
    fn ids_made_by_chance_are_not_alike() {
        let ids: Vec<_> = (0_u32..400).map(|seed| SignatoryId::of_genesis(&seed.to_le_bytes())).collect();
        for (at, one) in ids.iter().enumerate() {
            assert!(ids[..at].iter().all(|other| resemblance(one, other).is_none()));
        }
    }

    #[test]
    fn edits_are_those_of_another_implementation() {
        let mut seed = blake3::Hasher::new().finalize_xof();
        let mut text = |letters: u8| {
            let mut bytes = [0; VARYING];
            seed.fill(&mut bytes);
            bytes.map(|byte| b'A' + byte % letters)
        };
        for letters in [2, 3, 8, 40, 58] {
            for _ in 0..200 {
                let (one, other) = (text(letters), text(letters));
                let expected = strsim::generic_levenshtein(&one, &other);
                let places_of = places_of(&one);
                assert_eq!(edits(&places_of, &other, VARYING), Some(expected));
                assert_eq!(edits(&places_of, &other, expected), Some(expected));
                assert_eq!(edits(&places_of, &other, expected - 1), None);
            }
        }
    }

    #[test]
    fn classes_do_not_overlap() {
        let mut all: Vec<_> = CLASSES.iter().flat_map(|class| class.chars()).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
