//! The question that makes a human look at two sources: nothing of the id is shown, it has to come from elsewhere.

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
    /// Where the human finds it.
    pub(super) place: &'a str,
    /// The whole of it, which is not shown.
    pub(super) secret: &'a str,
    /// How many groups at its beginning are the same for all.
    pub(super) fixed_groups: usize,
}

impl Challenge<'_> {
    /// Asks until the answer is right, at most three times. The same groups are asked each time, so that trying again
    /// tells no more of them.
    pub(super) fn ask(&self, context: &Context) -> Result<(), Failure> {
        let numbers = self.pick()?;
        let listed = numbers.map(|number| number.to_string()).join(", ");
        context.say(&format!("Find the {} {}; it is not shown here.", self.what, self.place));
        context.say(&format!(
            "Paste it whole, or type its groups {listed} (each has four characters; the first group is number 1)."
        ));
        for attempt in 1..=ATTEMPTS {
            let answer: String = context.ask("> ")?.split_whitespace().collect();
            if self.is_right(&answer, numbers) {
                return Ok(());
            }
            context.say("That is not it.");
            if attempt == 2 {
                context.say(&format!(
                    "It may be a slip of the pen, or the {} of another package. It may also be that this is not from \
                     the maintainer. If in doubt stop here; nothing has changed.",
                    self.what
                ));
            }
        }
        Err(Failure::blocked(format!("the {} was not confirmed; nothing has changed", self.what)).hint(
            "ask the maintainer by another way than the one this came by; sigpkg compare shows two ids side by side",
        ))
    }

    fn is_right(&self, answer: &str, numbers: [usize; ASKED]) -> bool {
        let all: Vec<_> = groups(self.secret).collect();
        let asked: String = numbers.iter().filter_map(|number| all.get(number - 1)).copied().collect();
        answer == self.secret || answer == asked
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

#[cfg(test)]
mod tests {
    use super::*;

    const CHALLENGE: Challenge<'_> = Challenge {
        what: "signatory id",
        place: "",
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
        for wrong in ["", "BsrSBo9tMVAO", "bsrsbo9tmvaomw9g", "Bo9tBsrSMVAOMW9g", "BsrSBo9tMVAOMW9gMW9g", "sigp"] {
            assert!(!CHALLENGE.is_right(wrong, numbers), "{wrong}");
        }
    }
}
