//! Ids and keys as people compare them: whole, in groups of four, one above the other, with a line of marks.

use sigpkg::text;

/// An id or key in groups, with a space between two.
pub(crate) fn grouped(text: &str) -> String {
    text::groups(text).collect::<Vec<_>>().join(" ")
}

/// The numbers, from 1, of the groups in which two texts differ.
fn differing(one: &str, other: &str) -> Vec<usize> {
    let (one, other): (Vec<_>, Vec<_>) = (text::groups(one).collect(), text::groups(other).collect());
    (0..one.len().max(other.len())).filter(|at| one.get(*at) != other.get(*at)).map(|at| at + 1).collect()
}

/// Two texts whole, one above the other, and a third line that marks the groups that differ. Each line ends with LF.
pub(crate) fn one_above_the_other(one: (&str, &str), other: (&str, &str), indent: &str) -> String {
    let width = one.0.len().max(other.0.len());
    let line = |label: &str, groups: &str| format!("{indent}{label:width$}  {groups}\n");
    let mut lines: String = [one, other].map(|(label, text)| line(label, &grouped(&text::printable(text)))).concat();
    let different = differing(one.1, other.1);
    if let Some(last) = different.last() {
        let marks: Vec<_> = (1..=*last).map(|at| if different.contains(&at) { "^^^^" } else { "    " }).collect();
        lines.push_str(&line("", &marks.join(" ")));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differing_groups_are_marked_below_them() {
        let shown = one_above_the_other(("expected", "aaaabbbbccccdddd"), ("found", "aaaabxbbccccdddx"), "  ");
        assert_eq!(
            shown,
            "  expected  aaaa bbbb cccc dddd\n  found     aaaa bxbb cccc dddx\n                 ^^^^      ^^^^\n"
        );
        assert_eq!(differing("aaaabbbb", "aaaabbbb"), [0; 0]);
        assert_eq!(differing("aaaabbbb", "aaaa"), [2]);
    }
}
