//! [`Timestamp`]: an instant in UTC, as RFC 3339 writes it.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

/// An instant in UTC, to the nanosecond. Written as RFC 3339 with `Z`; read with any offset.
///
/// ```
/// # use hookspec_plugin::Timestamp;
/// let time: Timestamp = "2025-01-15T12:30:00.5+02:00".parse()?;
/// assert_eq!(time.to_string(), "2025-01-15T10:30:00.5Z");
/// # Ok::<(), hookspec_plugin::InvalidTimestamp>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(SystemTime);

impl Timestamp {
    /// The instant of a clock's reading.
    pub fn of(time: SystemTime) -> Self {
        Self(time)
    }

    /// What the clock of the system says now.
    pub fn now() -> Self {
        Self(SystemTime::now())
    }

    /// The instant, for computing.
    pub fn time(self) -> SystemTime {
        self.0
    }

    /// Seconds since 1970, rounded down, and nanoseconds beyond.
    fn parts(self) -> (i64, u32) {
        let whole = |elapsed: Duration| i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX);
        match self.0.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => (whole(after), after.subsec_nanos()),
            Err(before) => match before.duration() {
                before if before.subsec_nanos() == 0 => (-whole(before), 0),
                before => (-whole(before) - 1, 1_000_000_000 - before.subsec_nanos()),
            },
        }
    }
}

/// A text that is no instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidTimestamp(String);

impl fmt::Display for InvalidTimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.escape_debug();
        write!(f, "`{text}` is no time: write it as RFC 3339 does, as in `2025-01-15T10:30:00Z`")
    }
}

impl std::error::Error for InvalidTimestamp {}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, nanos) = self.parts();
        let (year, month, day) = date(seconds.div_euclid(DAY));
        let of_day = seconds.rem_euclid(DAY);
        let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if nanos != 0 {
            write!(f, ".{}", format!("{nanos:09}").trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        read(text).ok_or_else(|| InvalidTimestamp(text.into()))
    }
}

impl TryFrom<String> for Timestamp {
    type Error = InvalidTimestamp;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Timestamp> for String {
    fn from(time: Timestamp) -> Self {
        time.to_string()
    }
}

const DAY: i64 = 24 * 60 * 60;

fn read(text: &str) -> Option<Timestamp> {
    let (date, rest) = (text.get(..10)?, text.get(10..)?);
    let (time, rest) = (rest.get(1..9)?, rest.get(9..)?);
    if !matches!(text.as_bytes()[10], b'T' | b't' | b' ') {
        return None;
    }
    let (year, month, day) =
        (number(date, 0..4, b'-')?, number(date, 5..7, b'-')?, number(date, 8..10, 0)?);
    let (hour, minute, second) =
        (number(time, 0..2, b':')?, number(time, 3..5, b':')?, number(time, 6..8, 0)?);
    // A leap second is the last one of its minute here.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let days = days(year, month, day)?;
    let (nanos, zone) = match rest.strip_prefix('.') {
        None => (0, rest),
        Some(rest) => {
            let end = rest.find(|c: char| !c.is_ascii_digit())?;
            let (digits, zone) = rest.split_at(end);
            // More than nine digits are finer than an instant is kept.
            let kept = format!("{:0<9}", digits.get(..9).unwrap_or(digits));
            (if digits.is_empty() { return None } else { kept.parse::<u32>().ok()? }, zone)
        }
    };
    let offset = match zone {
        "Z" | "z" => 0,
        _ => {
            let sign = match zone.as_bytes().first()? {
                b'+' => 1,
                b'-' => -1,
                _ => return None,
            };
            let zone = zone.get(1..6).filter(|rest| rest.len() + 1 == zone.len())?;
            let (hours, minutes) = (number(zone, 0..2, b':')?, number(zone, 3..5, 0)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            sign * (hours * 3600 + minutes * 60)
        }
    };
    let seconds = days * DAY + hour * 3600 + minute * 60 + second.min(59) - offset;
    // What four digits can write.
    if !(FIRST..=LAST).contains(&seconds) {
        return None;
    }
    let (epoch, away) = (SystemTime::UNIX_EPOCH, Duration::from_secs(seconds.unsigned_abs()));
    let whole = if seconds < 0 { epoch.checked_sub(away)? } else { epoch.checked_add(away)? };
    Some(Timestamp(whole.checked_add(Duration::from_nanos(nanos.into()))?))
}

/// The digits of a part, which `after` has to follow (0: nothing is looked at).
fn number(text: &str, part: std::ops::Range<usize>, after: u8) -> Option<i64> {
    let digits = text.get(part.clone())?;
    let follows = after == 0 || text.as_bytes().get(part.end) == Some(&after);
    (follows && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok())?
}

/// Days from 1970-01-01 to a day of the Gregorian calendar; `None` if there is no such day.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    // Years start in March, so that the odd day is their last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let before = 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some(before + (153 * month + 2) / 5 + day - 1 - TO_EPOCH)
}

/// The first and the last second of the years that four digits can write.
const FIRST: i64 = -62_167_219_200;
const LAST: i64 = 253_402_300_799;

/// Days from the first of March of the year 0 to 1970-01-01.
const TO_EPOCH: i64 = 719_468;

/// The day of the Gregorian calendar that lies so many days after 1970-01-01.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + TO_EPOCH;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_instant_is_refused() {
        for text in [
            "",
            "now",
            "2025-01-15",
            "2025-01-15T10:30:00",
            "2025-13-01T00:00:00Z",
            "2025-02-29T00:00:00Z",
            "2025-01-15T24:00:00Z",
            "2025-01-15T10:30:00.Z",
            "2025-01-15T10:30:00+2:00",
            "2025-01-15T10:30:00+02:00x",
            "2025-01-15T1é:30:00Z",
            "2025/01/15T10:30:00Z",
            "+025-01-15T10:30:00Z",
            "0000-01-01T00:00:00+01:00",
            "9999-12-31T23:59:59-01:00",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    #[test]
    fn every_day_is_read_back() {
        for day in (-800_000..2_900_000).step_by(97) {
            let (year, month, of_month) = date(day);
            assert_eq!(days(year, month, of_month), Some(day), "{year}-{month}-{of_month}");
        }
    }

    #[test]
    fn instants_are_written_in_utc_and_read_back() {
        let rows = [
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
            ("1969-12-31T23:59:59.25Z", "1969-12-31T23:59:59.25Z"),
            ("2024-02-29T23:30:00-01:00", "2024-03-01T00:30:00Z"),
            ("2025-01-15t10:30:00.123456789123z", "2025-01-15T10:30:00.123456789Z"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
        ];
        for (text, expected) in rows {
            let time: Timestamp = text.parse().unwrap();
            assert_eq!(time.to_string(), expected);
            assert_eq!(expected.parse::<Timestamp>().unwrap(), time);
        }
    }
}
