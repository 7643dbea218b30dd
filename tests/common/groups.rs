//! Reads ids back that are shown to people in groups.

#![allow(unreachable_pub, reason = "it is for several tests")]

/// An id or a key that is shown in groups above or below another one, from the lines that begin with its label.
pub fn beside(shown: &str, label: &str) -> String {
    shown
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix(label)?.trim_start().split_once("  "))
        .filter(|(number, _)| number.bytes().all(|byte| byte.is_ascii_digit()))
        .flat_map(|(_, groups)| groups.split_whitespace())
        .collect()
}
