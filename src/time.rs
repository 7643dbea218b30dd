//! Instants and days as statements write them. Nothing here reads a clock: the caller says what time it is.

use std::fmt;
use std::str::FromStr;

use crate::text;

/// A second in UTC, written `2026-11-20T12:00:00Z` (TXT-5). In a statement it is a claim and never decides validity.
///
/// ```
/// use sigpkg::time::Timestamp;
///
/// let earlier: Timestamp = "2026-11-20T12:00:00Z".parse()?;
/// let later: Timestamp = "2026-11-20T12:00:01Z".parse()?;
/// assert!(earlier < later);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::civil::DateTime);

/// A day in UTC, written `2026-11-20` (TXT-5).
///
/// ```
/// use sigpkg::time::Date;
///
/// let promised: Date = "2027-12-20".parse()?;
/// assert_eq!(promised.to_string(), "2027-12-20");
/// assert!("2027-02-29".parse::<Date>().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(jiff::civil::Date);

/// Counted from here on the calendar alone: the instants of jiff end before the year 9999 does.
const EPOCH: jiff::civil::DateTime = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);

/// The text is no instant or day in the one form that sigpkg writes.
///
/// ```
/// use sigpkg::time::Timestamp;
///
/// let error = "2026-11-20 12:00".parse::<Timestamp>().unwrap_err();
/// assert_eq!(error.to_string(), r#"expected an instant such as 2026-11-20T12:00:00Z, found "2026-11-20 12:00""#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, found \"{}\"", text::printable(.found))]
pub struct TimeError {
    expected: &'static str,
    found: String,
}

impl Timestamp {
    const FORM: &'static str = "%Y-%m-%dT%H:%M:%SZ";

    /// The instant that lies this many seconds after 1970-01-01T00:00:00Z; `None` outside of the years 1 to 9999.
    ///
    /// ```
    /// use sigpkg::time::Timestamp;
    ///
    /// let noon = Timestamp::from_unix_seconds(1_767_268_800).map(|instant| instant.to_string());
    /// assert_eq!(noon.as_deref(), Some("2026-01-01T12:00:00Z"));
    /// assert_eq!(Timestamp::from_unix_seconds(i64::MAX), None);
    /// ```
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        let civil = EPOCH.checked_add(jiff::SignedDuration::from_secs(seconds)).ok()?;
        (1..=9999).contains(&civil.year()).then_some(Self(civil))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    ///
    /// ```
    /// use sigpkg::time::Timestamp;
    ///
    /// assert_eq!("1970-01-02T00:00:01Z".parse::<Timestamp>()?.unix_seconds(), 86_401);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn unix_seconds(self) -> i64 {
        self.0.duration_since(EPOCH).as_secs()
    }

    /// The day this instant lies in.
    ///
    /// ```
    /// use sigpkg::time::Timestamp;
    ///
    /// assert_eq!("2026-11-20T23:59:59Z".parse::<Timestamp>()?.date(), "2026-11-20".parse()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn date(self) -> Date {
        Date(self.0.date())
    }
}

impl Date {
    const FORM: &'static str = "%Y-%m-%d";

    /// The day that lies `days` after this one; `None` after the year 9999.
    ///
    /// ```
    /// use sigpkg::time::Date;
    ///
    /// let released: Date = "2026-12-31".parse()?;
    /// assert_eq!(released.plus_days(1), Some("2027-01-01".parse()?));
    /// assert_eq!("9999-12-31".parse::<Date>()?.plus_days(1), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn plus_days(self, days: u32) -> Option<Self> {
        use jiff::ToSpan as _;
        self.0.checked_add(i64::from(days).days()).ok().map(Self)
    }
}

impl FromStr for Timestamp {
    type Err = TimeError;

    fn from_str(written: &str) -> Result<Self, TimeError> {
        read_timestamp(written)
            .ok_or_else(|| TimeError { expected: "an instant such as 2026-11-20T12:00:00Z", found: written.to_owned() })
    }
}

impl FromStr for Date {
    type Err = TimeError;

    fn from_str(written: &str) -> Result<Self, TimeError> {
        read_date(written).ok_or_else(|| TimeError { expected: "a day such as 2026-11-20", found: written.to_owned() })
    }
}

/// The form is read here, by position, because every calendar library is lenient about it; what days there are is the
/// library's business.
fn read_date(written: &str) -> Option<Date> {
    let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = *written.as_bytes() else { return None };
    let year = number(&[y0, y1, y2, y3]).filter(|year| *year > 0)?;
    let (month, day) = (small_number([m0, m1])?, small_number([d0, d1])?);
    jiff::civil::Date::new(year, month, day).ok().map(Date)
}

fn read_timestamp(written: &str) -> Option<Timestamp> {
    let (date, time) = written.split_once('T')?;
    let [h0, h1, b':', m0, m1, b':', s0, s1, b'Z'] = *time.as_bytes() else { return None };
    let (hour, minute, second) = (small_number([h0, h1])?, small_number([m0, m1])?, small_number([s0, s1])?);
    let time = jiff::civil::Time::new(hour, minute, second, 0).ok()?;
    Some(Timestamp(read_date(date)?.0.to_datetime(time)))
}

fn number(digits: &[u8]) -> Option<i16> {
    digits.iter().try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + i16::from(digit - b'0')))
}

fn small_number(digits: [u8; 2]) -> Option<i8> {
    number(&digits).and_then(|number| i8::try_from(number).ok())
}

impl fmt::Display for Timestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0.strftime(Self::FORM))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0.strftime(Self::FORM))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_has_one_spelling() {
        let noon = "2026-11-20T12:00:00Z".parse::<Timestamp>().expect("the canonical form");
        assert_eq!(noon.to_string(), "2026-11-20T12:00:00Z");
        assert_eq!(Timestamp::from_unix_seconds(noon.unix_seconds()), Some(noon));
        assert_eq!(
            Timestamp::from_unix_seconds(0).map(|zero| zero.to_string()).as_deref(),
            Some("1970-01-01T00:00:00Z")
        );
        for (written, seconds) in [("9999-12-31T23:59:59Z", 253_402_300_799), ("0001-01-01T00:00:00Z", -62_135_596_800)]
        {
            let extreme = written.parse::<Timestamp>().expect("the canonical form");
            assert_eq!(extreme.unix_seconds(), seconds);
            assert_eq!(Timestamp::from_unix_seconds(seconds), Some(extreme));
        }
        assert_eq!(Timestamp::from_unix_seconds(253_402_300_800), None);
        assert_eq!(Timestamp::from_unix_seconds(-62_135_596_801), None);
        for other in [
            "2026-11-20T12:00:00z",
            "2026-11-20 12:00:00Z",
            "2026-11-20T12:00:00.0Z",
            "2026-11-20T12:00:00+00:00",
            "2026-02-30T12:00:00Z",
            "2026-11-20T24:00:00Z",
            "2026-11-20T12:00:60Z",
            "0000-01-01T00:00:00Z",
            "-001-01-01T00:00:00Z",
            "2026-11-20T12:00:00Z ",
            "+2026-11-20T12:00:00Z",
            "2026-1-20T12:00:00Z",
            "",
        ] {
            assert!(other.parse::<Timestamp>().is_err(), "{other:?}");
        }
    }

    #[test]
    fn a_day_has_one_spelling() {
        let day = "2028-02-28".parse::<Date>().expect("the canonical form");
        assert_eq!(day.plus_days(2).map(|day| day.to_string()).as_deref(), Some("2028-03-01"));
        for other in ["2027-02-29", "2026-2-03", "20260203", "0000-01-01", "2026-11-20T", " 2026-11-20"] {
            assert!(other.parse::<Date>().is_err(), "{other:?}");
        }
    }
}
