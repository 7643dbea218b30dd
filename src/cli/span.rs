//! Spans of time between statements, in words. Dates are claims: what is odd about them is said, and decides nothing.

use sigpkg::chain::Link;
use sigpkg::time::{Date, Timestamp};

/// Half a year: nothing that is released now and then is silent for so long without somebody asking.
const LONG_DAYS: i64 = 183;
const SECONDS: i64 = 24 * 60 * 60;

/// Whole days from one instant to another; negative if that is earlier.
pub(crate) fn days(from: Timestamp, to: Timestamp) -> i64 {
    (to.unix_seconds() - from.unix_seconds()).div_euclid(SECONDS)
}

/// What there is to say about the time before a statement.
pub(crate) fn before(link: Link<'_>) -> Option<String> {
    let parent = link.parent()?.statement();
    let statement = link.statement();
    if statement.date < parent.date {
        return Some(format!(
            "dated {} before the statement that it follows",
            in_words(days(statement.date, parent.date))
        ));
    }
    let days = days(parent.date, statement.date);
    let silence = (days >= LONG_DAYS).then(|| format!("{} of silence", in_words(days)));
    let late = parent.next_by.filter(|promised| *promised < statement.date.date());
    let late = late.map(|promised| {
        format!("promised by {promised}, and came {} late", in_words(days_after(promised, statement.date)))
    });
    joined(silence, late)
}

/// What there is to say about the time since the newest statement.
pub(crate) fn since(head: Timestamp, promise: Option<Date>, now: Timestamp) -> Option<String> {
    let ahead = days(now, head);
    if ahead >= 1 {
        return Some(format!("dated {} after today, by the clock of this machine", in_words(ahead)));
    }
    let days = days(head, now);
    let silence = (days >= LONG_DAYS).then(|| format!("{} of silence until today", in_words(days)));
    let late = promise.filter(|promised| *promised < now.date());
    let late = late.map(|promised| {
        format!("another statement was promised by {promised}, and is {} late", in_words(days_after(promised, now)))
    });
    joined(silence, late)
}

fn joined(silence: Option<String>, late: Option<String>) -> Option<String> {
    let parts: Vec<_> = silence.into_iter().chain(late).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// Days since the end of a day.
pub(crate) fn days_after(day: Date, instant: Timestamp) -> i64 {
    let midnight = format!("{day}T00:00:00Z").parse::<Timestamp>();
    midnight.map_or(0, |midnight| days(midnight, instant))
}

/// `1 day`, `45 days`, `14 months`, `3 years`: as precise as people are.
pub(crate) fn in_words(days: i64) -> String {
    const MONTH: i64 = 30;
    const YEAR: i64 = 365;
    let (count, unit) = match days {
        ..60 => (days, "day"),
        60..730 => (days / MONTH, "month"),
        730.. => (days / YEAR, "year"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// `79,321`
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `+1,210` or `-7`
pub(crate) fn change(from: u64, to: u64) -> String {
    let sign = if to < from { '-' } else { '+' };
    format!("{sign}{}", thousands(to.abs_diff(from)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_as_precise_as_people_are() {
        for (days, words) in [
            (0, "0 days"),
            (1, "1 day"),
            (59, "59 days"),
            (60, "2 months"),
            (430, "14 months"),
            (729, "24 months"),
            (730, "2 years"),
            (3650, "10 years"),
        ] {
            assert_eq!(in_words(days), words);
        }
        assert_eq!([thousands(7), thousands(1000), thousands(1_234_567)], ["7", "1,000", "1,234,567"]);
        assert_eq!([change(10, 1220), change(10, 3), change(3, 3)], ["+1,210", "-7", "+0"]);
    }

    #[test]
    fn silence_and_broken_promises_are_said_and_short_spans_are_not() {
        let at = |text: &str| text.parse::<Timestamp>().expect("an instant");
        let day = |text: &str| text.parse::<Date>().expect("a day");
        let head = at("2025-01-01T12:00:00Z");
        assert_eq!(since(head, None, at("2025-03-01T12:00:00Z")), None);
        assert_eq!(since(head, None, at("2026-03-07T12:00:00Z")).as_deref(), Some("14 months of silence until today"));
        assert_eq!(
            since(head, Some(day("2025-02-01")), at("2025-02-03T00:00:00Z")).as_deref(),
            Some("another statement was promised by 2025-02-01, and is 2 days late")
        );
        assert_eq!(since(head, Some(day("2025-02-01")), at("2025-02-01T23:59:59Z")), None, "the day itself is in time");
        assert!(since(head, None, at("2024-12-01T12:00:00Z")).is_some_and(|said| said.contains("after today")));
    }
}
