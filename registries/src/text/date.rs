//! Calendar dates, without a time of day or a zone.

use std::fmt;
use std::str::FromStr;

use chancery_ledger::time::Time;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A day of the Gregorian calendar from 0001-01-01 to 9999-12-31, written as RFC 3339 `full-date`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// What a text must be to name a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a date is YYYY-MM-DD, a day that the calendar has, as in 2026-01-31")]
pub struct NotADate;

const MS_PER_DAY: u64 = 24 * 60 * 60 * 1000;

impl Date {
    /// The day of this year, month and day of the month.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, NotADate> {
        let date = Self { year, month, day };
        let known = (1..=9999).contains(&year) && (1..=12).contains(&month);
        if known && (1..=date.days_in_month()).contains(&day) { Ok(date) } else { Err(NotADate) }
    }

    /// The day in UTC at a moment.
    pub fn of(time: Time) -> Self {
        // Days to civil date, by whole cycles of 400 years that begin in March.
        let days = time.as_ms() / MS_PER_DAY + 719_468;
        let (cycle, day_of_cycle) = (days / 146_097, days % 146_097);
        let year_of_cycle = (day_of_cycle - day_of_cycle / 1_460 + day_of_cycle / 36_524
            - day_of_cycle / 146_096)
            / 365;
        let day_of_year =
            day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_cycle + cycle * 400 + u64::from(month <= 2);
        // A time ends with the year 9999, so every part fits.
        Self { year: year as u16, month: month as u8, day: day as u8 }
    }

    /// The year.
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month, from 1.
    pub fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, from 1.
    pub fn day(self) -> u8 {
        self.day
    }

    /// The same day so many years later; the 29th of February becomes the 1st of March where the
    /// year has none. `None` beyond the year 9999.
    pub fn plus_years(self, years: u16) -> Option<Self> {
        let year = self.year.checked_add(years)?;
        match Self::new(year, self.month, self.day) {
            Ok(date) => Some(date),
            Err(NotADate) => Self::new(year, 3, 1).ok(),
        }
    }

    /// So many days later; `None` beyond the year 9999.
    pub fn plus_days(self, days: u16) -> Option<Self> {
        let (mut date, mut left) = (self, days);
        loop {
            let to_the_end = u16::from(date.days_in_month() - date.day);
            if left <= to_the_end {
                // At most the days of a month.
                return Some(Self { day: date.day + left as u8, ..date });
            }
            left -= to_the_end + 1;
            date = Self { day: 1, ..date }.in_months(1, 1)?;
        }
    }

    /// This day of the month so many months later, or the last one of a month that is shorter; `None`
    /// beyond the year 9999.
    pub fn in_months(self, months: u16, day: u8) -> Option<Self> {
        let months = u32::from(self.year) * 12 + u32::from(self.month) - 1 + u32::from(months);
        let year = u16::try_from(months / 12).ok().filter(|year| *year <= 9999)?;
        let first = Self { year, month: (months % 12) as u8 + 1, day: 1 };
        Self::new(year, first.month, day.min(first.days_in_month())).ok()
    }

    fn days_in_month(self) -> u8 {
        let leap = self.year.is_multiple_of(4)
            && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        match self.month {
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => 31,
        }
    }
}

impl FromStr for Date {
    type Err = NotADate;

    fn from_str(text: &str) -> Result<Self, NotADate> {
        let shape = |(index, byte): (usize, u8)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        };
        if text.len() != 10 || !text.bytes().enumerate().all(shape) {
            return Err(NotADate);
        }
        let part = |range: std::ops::Range<usize>| text[range].parse::<u16>().map_err(|_| NotADate);
        let (month, day) = (part(5..7)?, part(8..10)?);
        // Two digits each.
        Self::new(part(0..4)?, month as u8, day as u8)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl PartialSchema for Date {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
            .description(Some("A day of the calendar (RFC 3339 full-date)"))
            .examples(["2026-01-31"])
            .into()
    }
}

impl ToSchema for Date {}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_calendar_are_taken_and_no_others() {
        for text in ["2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"] {
            assert_eq!(text.parse::<Date>().unwrap().to_string(), text);
        }
        for text in
            ["2023-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "0000-01-01"]
        {
            assert_eq!(text.parse::<Date>(), Err(NotADate), "{text}");
        }
        for text in ["2026-1-31", "2026/01/31", "+026-01-31", "2026-01-3١", ""] {
            assert_eq!(text.parse::<Date>(), Err(NotADate), "{text}");
        }
    }

    #[test]
    fn a_moment_is_on_the_day_that_its_text_says() {
        let mut time = Time::default();
        while time.as_ms() < 253_402_000_000_000 {
            assert_eq!(Date::of(time).to_string(), time.to_string()[..10]);
            time = time.plus_ms(17 * MS_PER_DAY + 3_600_000);
        }
    }

    #[test]
    fn days_and_months_later_are_those_of_the_calendar() {
        let date = |text: &str| text.parse::<Date>().unwrap();
        for (days, text) in
            [(0, "2024-01-30"), (1, "2024-01-31"), (30, "2024-02-29"), (366, "2025-01-30")]
        {
            assert_eq!(date("2024-01-30").plus_days(days), Some(date(text)));
        }
        let mut day = date("2019-12-31");
        for days in 0..3000 {
            assert_eq!(date("2019-12-31").plus_days(days), Some(day));
            day = day.plus_days(1).unwrap();
        }
        assert_eq!(date("2022-01-30").in_months(1, 30), Some(date("2022-02-28")));
        assert_eq!(date("2022-02-28").in_months(1, 30), Some(date("2022-03-30")));
        assert_eq!(date("2022-11-15").in_months(14, 31), Some(date("2024-01-31")));
        assert_eq!(date("9999-12-31").plus_days(1), None);
        assert_eq!(date("9999-12-01").in_months(1, 1), None);
    }

    #[test]
    fn an_age_is_reached_on_the_birthday() {
        let born: Date = "2008-02-29".parse().unwrap();
        assert_eq!(born.plus_years(18).unwrap().to_string(), "2026-03-01");
        assert_eq!(born.plus_years(20).unwrap().to_string(), "2028-02-29");
        assert_eq!(born.plus_years(9000), None);
    }
}
