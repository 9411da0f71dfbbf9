//! Where land lies, in whole numbers: coordinates, outlines, their areas and how they fit together.

mod outline;
mod overlay;
mod simple;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

pub use outline::{
    MAX_COORDINATE, MAX_POINTS, MAX_POLYGONS, MAX_RINGS, NotAnOutline, Outline, Point, Polygon,
    Ring,
};
pub use overlay::{Misfit, misfit, overlap};
pub use simple::{Crossing, crossing};

/// A coordinate reference system by its number in the EPSG register: `EPSG:2193`.
///
/// Coordinates are kept in the system they came in; the first is the easting or longitude, the
/// second the northing or latitude, as in GeoJSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crs(u32);

/// What a text must be to name a coordinate reference system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a coordinate reference system is named EPSG:NUMBER, as in EPSG:2193")]
pub struct NotACrs;

impl FromStr for Crs {
    type Err = NotACrs;

    fn from_str(text: &str) -> Result<Self, NotACrs> {
        let number = text.strip_prefix("EPSG:").ok_or(NotACrs)?;
        let plain = number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0');
        match number.parse() {
            Ok(number) if plain && (1024..=999_999).contains(&number) => Ok(Self(number)),
            _ => Err(NotACrs),
        }
    }
}

impl fmt::Display for Crs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EPSG:{}", self.0)
    }
}

/// What one step of a coordinate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = LandCoordinateStep)]
pub enum CoordinateStep {
    /// A thousandth of the system's metre.
    Millimetre,
    /// 10^-9 of a degree, in a system of latitude and longitude: about 0.1 mm.
    Nanodegree,
}

/// The exact area of an outline in square steps, to the half: `1254828100` or `17.5`.
///
/// For millimetres, a million square steps are a square metre.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Area {
    /// The shoelace formula gives twice the area as a whole number.
    twice: u128,
}

/// What a text must be to be an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an area is a whole number of square steps, or a half more, as in 17 or 17.5")]
pub struct NotAnArea;

impl Area {
    /// The area of which this is twice.
    pub fn of_twice(twice: u128) -> Self {
        Self { twice }
    }

    /// Twice the area, in square steps.
    pub fn twice(self) -> u128 {
        self.twice
    }

    /// The two together. Outlines are bounded, so that this never comes near the largest number.
    pub fn plus(self, other: Self) -> Self {
        Self { twice: self.twice.saturating_add(other.twice) }
    }

    /// Whether two areas differ by at most 0.1 % of the first.
    pub fn is_within_a_thousandth_of(self, other: Self) -> bool {
        self.twice.abs_diff(other.twice).saturating_mul(1000) <= other.twice
    }
}

impl FromStr for Area {
    type Err = NotAnArea;

    fn from_str(text: &str) -> Result<Self, NotAnArea> {
        let (whole, half) = match text.strip_suffix(".5") {
            Some(whole) => (whole, 1),
            None => (text, 0),
        };
        let plain = whole.bytes().all(|byte| byte.is_ascii_digit())
            && (whole == "0" || !whole.starts_with('0'));
        let whole: u128 = whole.parse().ok().filter(|_| plain).ok_or(NotAnArea)?;
        let twice = whole.checked_mul(2).and_then(|twice| twice.checked_add(half));
        twice.map(Self::of_twice).ok_or(NotAnArea)
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let half = if self.twice % 2 == 1 { ".5" } else { "" };
        write!(f, "{}{half}", self.twice / 2)
    }
}

/// Both travel as their text.
macro_rules! as_text {
    ($type:ident, $pattern:literal, $description:literal, $example:literal) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }

        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .pattern(Some($pattern))
                    .description(Some($description))
                    .examples([$example])
                    .into()
            }
        }

        impl ToSchema for $type {}
    };
}

as_text!(
    Crs,
    "^EPSG:[1-9][0-9]{3,5}$",
    "A coordinate reference system by its number in the EPSG register",
    "EPSG:2193"
);
as_text!(
    Area,
    "^(0|[1-9][0-9]*)(\\.5)?$",
    "An exact area in square steps of the coordinates, to the half; 1000000 square millimetres are a square metre",
    "1254828100"
);
