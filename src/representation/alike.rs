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
    let [exact, exact_other] = [one, other].map(varying);
    if exact == exact_other {
        return None;
    }
    let [folded, folded_other] = [&exact, &exact_other].map(|text| fold(text));
    let (beginning, end) = ends(&exact, &exact_other);
    let (folded_beginning, folded_end) = ends(&folded, &folded_other);
    let places = folded.iter().zip(&folded_other).filter(|(one, other)| one == other).count();
    let are_ends_alike = beginning + end >= ENDS.0 || folded_beginning + folded_end >= ENDS.1;
    let edits = strsim::generic_levenshtein(&folded, &folded_other);
    (are_ends_alike || places >= PLACES || edits <= EDITS).then_some(Resemblance { beginning, end, places, edits })
}

/// The 52 characters after the first group.
fn varying(id: &SignatoryId) -> Vec<char> {
    id.to_string().chars().skip(4).collect()
}

fn fold(text: &[char]) -> Vec<char> {
    let first = |character: &char| {
        CLASSES.iter().find(|class| class.contains(*character)).and_then(|class| class.chars().next())
    };
    text.iter().map(|character| first(character).unwrap_or(*character)).collect()
}

/// The lengths of the common beginning and the common end.
fn ends(one: &[char], other: &[char]) -> (usize, usize) {
    let same = |pair: &(&char, &char)| pair.0 == pair.1;
    (one.iter().zip(other).take_while(same).count(), one.iter().rev().zip(other.iter().rev()).take_while(same).count())
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
        let folded: String =
            ID.chars().enumerate().map(|(at, own)| if at < 4 { own } else { fold(&[own])[0] }).collect();
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
    fn classes_do_not_overlap() {
        let mut all: Vec<_> = CLASSES.iter().flat_map(|class| class.chars()).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
