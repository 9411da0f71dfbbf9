//! Dates of the past as well as they are known: a subset of EDTF (ISO 8601-2:2019, Extended
//! Date/Time Format).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::text::Date;

/// A date of the past as well as it is known.
///
/// | written | means |
/// |---|---|
/// | `1946`, `1946-03`, `1946-03-05` | that year, month or day |
/// | `193X`, `18XX` | a year of the decade, of the years 1800 to 1899 |
/// | `1946~`, `1946?`, `1946%` | circa, uncertain, both |
/// | `[..1946]`, `[1946..]` | then or earlier, then or later: "by 1946", "from 1946 at the latest" |
/// | `1946/1949` | at some time between |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoricDate(Shape);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    At(Point),
    UpTo(Point),
    FromOn(Point),
    Between(Point, Point),
}

/// A day, month, year, decade or century, with how sure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    span: Span,
    doubt: Doubt,
}

/// What a point names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// The hundred years that begin with these two digits.
    Century(u8),
    /// The ten years that begin with these three digits.
    Decade(u16),
    /// A year.
    Year(u16),
    /// A month of a year.
    Month(u16, u8),
    /// A day.
    Day(Date),
}

/// How sure a point is (EDTF level 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Doubt {
    /// Stated without reserve.
    #[default]
    None,
    /// `?`: the source is not sure.
    Uncertain,
    /// `~`: about then.
    Circa,
    /// `%`: both.
    Both,
}

/// What a text must be to name a date of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a historic date is EDTF: 1946, 1946-03, 1946-03-05, 193X, 18XX, each with ?, ~ or % behind \
     it, [..1946], [1946..], or two with / between, the earlier first"
)]
pub struct NotAHistoricDate;

impl Point {
    /// What it names, and how sure that is; none for days and months that no calendar has.
    pub fn new(span: Span, doubt: Doubt) -> Result<Self, NotAHistoricDate> {
        let point = Self { span, doubt };
        match (span, point.first_day(), point.last_day()) {
            (Span::Decade(decade), _, _) if decade > 999 => Err(NotAHistoricDate),
            (Span::Century(century), _, _) if century > 99 => Err(NotAHistoricDate),
            (_, Some(_), Some(_)) => Ok(point),
            _ => Err(NotAHistoricDate),
        }
    }

    /// What it names.
    pub fn span(self) -> Span {
        self.span
    }

    /// How sure it is.
    pub fn doubt(self) -> Doubt {
        self.doubt
    }

    fn first_day(self) -> Option<Date> {
        let (year, month) = match self.span {
            // There is no year 0 in the calendar that dates are kept in.
            Span::Century(century) => ((u16::from(century) * 100).max(1), 1),
            Span::Decade(decade) => ((decade * 10).max(1), 1),
            Span::Year(year) => (year, 1),
            Span::Month(year, month) => (year, month),
            Span::Day(date) => return Some(date),
        };
        Date::new(year, month, 1).ok()
    }

    fn last_day(self) -> Option<Date> {
        let (year, month) = match self.span {
            Span::Century(century) => (u16::from(century) * 100 + 99, 12),
            Span::Decade(decade) => (decade * 10 + 9, 12),
            Span::Year(year) => (year, 12),
            Span::Month(year, month) => (year, month),
            Span::Day(date) => return Some(date),
        };
        (28..=31).rev().find_map(|day| Date::new(year, month, day).ok())
    }
}

impl HistoricDate {
    /// At that point.
    pub fn at(point: Point) -> Self {
        Self(Shape::At(point))
    }

    /// Then or earlier.
    pub fn up_to(point: Point) -> Self {
        Self(Shape::UpTo(point))
    }

    /// Then or later.
    pub fn from_on(point: Point) -> Self {
        Self(Shape::FromOn(point))
    }

    /// At some time between two points, of which the second is not the earlier.
    pub fn between(earlier: Point, later: Point) -> Result<Self, NotAHistoricDate> {
        if later.last_day() < earlier.first_day() {
            return Err(NotAHistoricDate);
        }
        Ok(Self(Shape::Between(earlier, later)))
    }

    /// The first day that it may mean; none when nothing bounds it.
    pub fn earliest(self) -> Option<Date> {
        match self.0 {
            Shape::At(point) | Shape::FromOn(point) | Shape::Between(point, _) => point.first_day(),
            Shape::UpTo(_) => None,
        }
    }

    /// The last day that it may mean; none when nothing bounds it.
    pub fn latest(self) -> Option<Date> {
        match self.0 {
            Shape::At(point) | Shape::UpTo(point) | Shape::Between(_, point) => point.last_day(),
            Shape::FromOn(_) => None,
        }
    }

    /// Whether any part of it is circa or uncertain, so that its days are no firm bounds.
    pub fn is_doubtful(self) -> bool {
        let doubtful = |point: Point| point.doubt != Doubt::None;
        match self.0 {
            Shape::At(point) | Shape::UpTo(point) | Shape::FromOn(point) => doubtful(point),
            Shape::Between(earlier, later) => doubtful(earlier) || doubtful(later),
        }
    }
}

impl FromStr for Point {
    type Err = NotAHistoricDate;

    fn from_str(text: &str) -> Result<Self, NotAHistoricDate> {
        let (text, doubt) = match text.strip_suffix(['?', '~', '%']) {
            Some(rest) if text.ends_with('?') => (rest, Doubt::Uncertain),
            Some(rest) if text.ends_with('~') => (rest, Doubt::Circa),
            Some(rest) => (rest, Doubt::Both),
            None => (text, Doubt::None),
        };
        let number = |part: &str| -> Result<u16, NotAHistoricDate> {
            let digits = part.bytes().all(|byte| byte.is_ascii_digit());
            if digits { part.parse().map_err(|_| NotAHistoricDate) } else { Err(NotAHistoricDate) }
        };
        // Only ASCII may be cut at fixed places.
        if !text.is_ascii() {
            return Err(NotAHistoricDate);
        }
        let span = match text.len() {
            4 if text.ends_with("XX") => Span::Century(number(&text[..2])? as u8),
            4 if text.ends_with('X') => Span::Decade(number(&text[..3])?),
            4 => Span::Year(number(text)?),
            7 if text.as_bytes()[4] == b'-' => {
                Span::Month(number(&text[..4])?, number(&text[5..])? as u8)
            }
            10 => Span::Day(text.parse().map_err(|_| NotAHistoricDate)?),
            _ => return Err(NotAHistoricDate),
        };
        Self::new(span, doubt)
    }
}

impl FromStr for HistoricDate {
    type Err = NotAHistoricDate;

    fn from_str(text: &str) -> Result<Self, NotAHistoricDate> {
        if let Some(point) = text.strip_prefix("[..").and_then(|rest| rest.strip_suffix(']')) {
            return Ok(Self::up_to(point.parse()?));
        }
        if let Some(point) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix("..]")) {
            return Ok(Self::from_on(point.parse()?));
        }
        match text.split_once('/') {
            Some((earlier, later)) => Self::between(earlier.parse()?, later.parse()?),
            None => Ok(Self::at(text.parse()?)),
        }
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.span {
            Span::Century(century) => write!(f, "{century:02}XX")?,
            Span::Decade(decade) => write!(f, "{decade:03}X")?,
            Span::Year(year) => write!(f, "{year:04}")?,
            Span::Month(year, month) => write!(f, "{year:04}-{month:02}")?,
            Span::Day(date) => write!(f, "{date}")?,
        }
        f.write_str(match self.doubt {
            Doubt::None => "",
            Doubt::Uncertain => "?",
            Doubt::Circa => "~",
            Doubt::Both => "%",
        })
    }
}

impl fmt::Display for HistoricDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Shape::At(point) => write!(f, "{point}"),
            Shape::UpTo(point) => write!(f, "[..{point}]"),
            Shape::FromOn(point) => write!(f, "[{point}..]"),
            Shape::Between(earlier, later) => write!(f, "{earlier}/{later}"),
        }
    }
}

impl Serialize for HistoricDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for HistoricDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl PartialSchema for HistoricDate {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(
                "EDTF: a day, month, year, decade (193X) or century (18XX), with ?, ~ or % behind \
                 it where it is uncertain, circa or both; [..1946] by then, [1946..] from then at \
                 the latest, 1946/1949 at some time between",
            ))
            .examples(["1946-03", "1930~", "[..1946]"])
            .into()
    }
}

impl ToSchema for HistoricDate {}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_date_is_written_one_way() {
        for text in [
            "1946",
            "0044",
            "1946-03",
            "1946-03-05",
            "193X",
            "18XX",
            "1946~",
            "1946-03?",
            "193X%",
            "[..1946]",
            "[..1946-03~]",
            "[1946..]",
            "1946/1949",
            "1946-03/1946",
            "18XX/190X?",
        ] {
            assert_eq!(text.parse::<HistoricDate>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in [
            "",
            "46",
            "1946-13",
            "1946-02-30",
            "0000",
            "XXXX",
            "1XXX",
            "1946-3",
            "1946/1939",
            "[..1946",
            "[1946]",
            "..1946",
            "1946??",
            "1946/",
            "/1946",
            "+946",
            "19é",
            "[..1946/1950]",
        ] {
            assert!(text.parse::<HistoricDate>().is_err(), "{text}");
        }
    }

    #[test]
    fn bounds_are_days() {
        let bounds = |text: &str| {
            let date: HistoricDate = text.parse().unwrap();
            let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
            (day(date.earliest()), day(date.latest()))
        };
        let pair = |from: &str, until: &str| (from.to_owned(), until.to_owned());
        assert_eq!(bounds("1946"), pair("1946-01-01", "1946-12-31"));
        assert_eq!(bounds("1948-02"), pair("1948-02-01", "1948-02-29"));
        assert_eq!(bounds("193X"), pair("1930-01-01", "1939-12-31"));
        assert_eq!(bounds("18XX"), pair("1800-01-01", "1899-12-31"));
        assert_eq!(bounds("[..1946]"), pair("", "1946-12-31"));
        assert_eq!(bounds("[1946..]"), pair("1946-01-01", ""));
        assert_eq!(bounds("1946/1949-05"), pair("1946-01-01", "1949-05-31"));
    }
}
