//! The question that makes a human look at two sources: nothing of the id is shown, it has to come from elsewhere.

use sigpkg::digest::SignatoryId;
use sigpkg::representation::{pasted, words};
use sigpkg::text::groups;

use crate::cli::context::Context;
use crate::cli::failure::Failure;

/// How many groups the human types who does not paste everything.
const ASKED: usize = 4;

/// How often the human may answer.
const ATTEMPTS: usize = 3;

/// What is to be confirmed.
pub(super) struct Challenge<'a> {
    /// What it is, such as `signatory id`.
    pub(super) what: &'a str,
    /// Where the human may find it: a sentence.
    pub(super) places: &'a str,
    /// The whole of it, which is not shown.
    pub(super) secret: &'a str,
    /// How many groups at its beginning are the same for all.
    pub(super) fixed_groups: usize,
}

impl Challenge<'_> {
    /// Asks until the answer is right, at most three times. The same groups are asked each time, so that trying again
    /// tells no more of them (CMP-15).
    pub(super) fn ask(&self, context: &Context) -> Result<(), Failure> {
        let numbers = self.pick()?;
        let listed = numbers.map(|number| number.to_string()).join(", ");
        context.say(&format!("Find the {} elsewhere; it is not shown here. {}", self.what, self.places));
        context.say(&format!(
            "Paste it whole, or type its groups {listed} (each has four characters; the first group is number 1)."
        ));
        for attempt in 1..=ATTEMPTS {
            let answer = read_answer(context)?;
            if self.is_right(&answer, numbers) {
                return Ok(());
            }
            context.say(&self.mistake(&answer));
            if attempt == 2 {
                context.say(&format!(
                    "It may be a slip of the pen, or the {} of another package. It may also be that what you have here is not from \
                     the maintainer. If in doubt stop here (Ctrl-C); nothing has changed.",
                    self.what
                ));
            }
        }
        Err(Failure::blocked(format!("the {} was not confirmed; nothing has changed", self.what)).hint(
            "ask the maintainer by another way than the one this came by; `sigpkg compare TARGET -` shows both side by side",
        ))
    }

    fn is_right(&self, answer: &str, numbers: [usize; ASKED]) -> bool {
        let all: Vec<_> = groups(self.secret).collect();
        let asked: String = numbers.iter().filter_map(|number| all.get(number - 1)).copied().collect();
        let bare: String = answer.split_whitespace().collect();
        bare == self.secret || bare == asked || pasted::find(answer).is_ok_and(|id| id.to_string() == self.secret)
    }

    /// What is wrong with an answer, and nothing of what would be right.
    fn mistake(&self, answer: &str) -> String {
        let length = answer.split_whitespace().map(|piece| piece.chars().count()).sum::<usize>();
        let (some, whole) = (ASKED * 4, self.secret.len());
        if pasted::find(answer).is_ok() {
            format!("That is a {} of somebody else, or for another package.", self.what)
        } else if length == some || length == whole {
            "That is not it: at least one group is another one.".to_owned()
        } else {
            let characters = if length == 1 { "character" } else { "characters" };
            format!("That is not it: it has {length} {characters}, four groups have {some}, and all of it has {whole}.")
        }
    }

    /// Numbers of groups, from 1, in order, at random among those that vary.
    fn pick(&self) -> Result<[usize; ASKED], Failure> {
        let mut varying: Vec<_> = (self.fixed_groups + 1..=groups(self.secret).count()).collect();
        let mut picked = [0; ASKED];
        for number in &mut picked {
            let mut random = [0; 8];
            getrandom::fill(&mut random)
                .map_err(|error| Failure::could_not_tell(format!("this machine has no randomness: {error}")))?;
            // Fewer than 2^5 groups, so the remainder of 64 random bits is as good as even.
            let at = u64::from_le_bytes(random) % varying.len().max(1) as u64;
            *number = varying.remove(usize::try_from(at).unwrap_or(0));
        }
        picked.sort_unstable();
        Ok(picked)
    }
}

/// One answer, which is several lines if what was pasted is. An empty line ends it.
fn read_answer(context: &Context) -> Result<String, Failure> {
    let mut answer = context.ask(">")?;
    // What is pasted in several lines is there before anybody could read a question, so it is asked once.
    let mut is_told = false;
    while is_begun(&answer) {
        if !is_told {
            context.say("That is not all of it yet: go on, or press Enter to end it.");
            is_told = true;
        }
        let line = context.ask(">")?;
        if line.trim().is_empty() {
            break;
        }
        answer.push('\n');
        answer.push_str(&line);
    }
    Ok(answer)
}

/// Whether more of the answer is to come: it begins like an id, or with words, and is not yet as long as one.
fn is_begun(answer: &str) -> bool {
    let is_number = |piece: &&str| piece.len() <= 2 && piece.bytes().all(|byte| byte.is_ascii_digit());
    let pieces: Vec<_> = answer.split_whitespace().filter(|piece| !is_number(piece)).collect();
    let length = pieces.iter().map(|piece| piece.chars().count()).sum::<usize>();
    match pieces.first() {
        Some(first) if first.starts_with("sigp") => length < SignatoryId::LENGTH,
        // One or two words of the list may be anything.
        Some(_) => {
            (3..words::count(39)).contains(&pieces.len()) && pieces.iter().all(|word| words::look_up(word).is_some())
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHALLENGE: Challenge<'_> = Challenge {
        what: "signatory id",
        places: "",
        secret: "sigpBsrSBo9t2pxyMVAOoCrNb3Y1TBBnsdAKRIo2A3UFrN4uFwfbMW9g",
        fixed_groups: 1,
    };

    #[test]
    fn four_different_groups_that_vary_are_asked() {
        for _ in 0..100 {
            let picked = CHALLENGE.pick().expect("randomness");
            assert!(picked.is_sorted_by(|one, other| one < other), "{picked:?}");
            assert!(picked.iter().all(|number| (2..=14).contains(number)), "{picked:?}");
        }
    }

    #[test]
    fn the_whole_id_or_the_groups_that_were_asked_are_right_and_nothing_else() {
        let numbers = [2, 3, 5, 14];
        for right in ["sigpBsrSBo9t2pxyMVAOoCrNb3Y1TBBnsdAKRIo2A3UFrN4uFwfbMW9g", "BsrSBo9tMVAOMW9g"] {
            assert!(CHALLENGE.is_right(right, numbers), "{right}");
        }
        let lines = "sigp BsrS Bo9t 2pxy\nMVAO oCrN b3Y1 TBBn\nsdAK RIo2 A3UF rN4u\nFwfb MW9g";
        assert!(CHALLENGE.is_right(lines, numbers));
        for wrong in ["", "BsrSBo9tMVAO", "bsrsbo9tmvaomw9g", "Bo9tBsrSMVAOMW9g", "BsrSBo9tMVAOMW9gMW9g", "sigp"] {
            assert!(!CHALLENGE.is_right(wrong, numbers), "{wrong}");
        }
    }

    /// CMP-15
    #[test]
    fn what_is_said_of_a_mistake_tells_nothing_of_the_id() {
        let other = SignatoryId::of_genesis(b"another").to_string();
        for wrong in ["", "aaaa bbbb cccc dddd", &other, "sigp", "abandon"] {
            let said = CHALLENGE.mistake(wrong);
            assert!(groups(CHALLENGE.secret).skip(1).all(|group| !said.contains(group)), "{said}");
        }
        assert!(CHALLENGE.mistake("a").contains("it has 1 character,"), "{}", CHALLENGE.mistake("a"));
    }

    #[test]
    fn what_was_pasted_over_several_lines_is_one_answer() {
        for begun in ["sigp BsrS Bo9t 2pxy", "1  sigpBsrSBo9t2pxy", "abandon ability able", "6 legal winner thank"] {
            assert!(is_begun(begun), "{begun}");
        }
        for whole in [CHALLENGE.secret, "BsrS Bo9t MVAO MW9g", "", "no idea", &["zoo"; 30].join(" ")] {
            assert!(!is_begun(whole), "{whole}");
        }
    }
}
