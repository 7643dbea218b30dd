//! Ids and keys as people compare them: whole, in groups of four, one above the other, with a line of marks (CMP-1, CMP-16).

use sigpkg::representation::GROUPS_A_LINE;
use sigpkg::text::{groups, printable};

/// The numbers, from 1, of the groups in which two texts differ.
pub(crate) fn differing(one: &str, other: &str) -> Vec<usize> {
    let (one, other): (Vec<_>, Vec<_>) = (groups(one).collect(), groups(other).collect());
    (0..one.len().max(other.len())).filter(|at| one.get(*at) != other.get(*at)).map(|at| at + 1).collect()
}

/// Two texts whole, line above line, each with a label, and below each pair a line that marks the groups that differ. A mark is a
/// character and no colour, so that it says the same to everyone and in a log. Each line ends with LF.
pub(crate) fn one_above_the_other(one: (&str, &str), other: (&str, &str), indent: &str) -> String {
    let different = differing(one.1, other.1);
    let (one_label, other_label) = (one.0, other.0);
    let width = one_label.len().max(other_label.len());
    let (one, other) = (lines(one.1), lines(other.1));
    let nothing = String::new();
    let mut shown = String::new();
    for at in 0..one.len().max(other.len()) {
        let first = at * GROUPS_A_LINE + 1;
        let line = |label: &str, groups: &str| format!("{indent}{label:width$}  {groups}").trim_end().to_owned() + "\n";
        let numbered = |lines: &[String]| format!("{first:>2}  {}", lines.get(at).unwrap_or(&nothing));
        shown.push_str(&line(one_label, &numbered(&one)));
        shown.push_str(&line(other_label, &numbered(&other)));
        let marks: Vec<_> = (first..first + GROUPS_A_LINE)
            .map(|number| if different.contains(&number) { "^^^^" } else { "    " })
            .collect();
        if marks.contains(&"^^^^") {
            shown.push_str(&line("", &format!("    {}", marks.join(" "))));
        }
    }
    shown
}

fn lines(text: &str) -> Vec<String> {
    let safe = printable(text);
    let groups: Vec<_> = groups(&safe).collect();
    groups.chunks(GROUPS_A_LINE).map(|line| line.join(" ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CMP-16
    #[test]
    fn differing_groups_are_marked_below_them() {
        let (one, other) = ("aaaabbbbccccddddeeee", "aaaabxbbccccdddxeeee");
        let shown = one_above_the_other(("expected", one), ("found", other), "  ");
        assert_eq!(
            shown,
            "  expected   1  aaaa bbbb cccc dddd\n  found      1  aaaa bxbb cccc dddx\n                     ^^^^      ^^^^\n  \
             expected   5  eeee\n  found      5  eeee\n"
        );
        assert_eq!(differing("aaaabbbb", "aaaabbbb"), [0; 0]);
        assert_eq!(differing("aaaabbbb", "aaaa"), [2]);
    }
}
