//! Coordinates as they are written, in whole millimetres: exact, or refused.

use chancery_registries::land::geometry::{NotAnOutline, Outline, Point, Polygon, Ring};

use super::source::Geometry;

/// Why a geometry is no outline here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotTaken {
    #[error("its geometry is a {0}, not a MultiPolygon")]
    Kind(String),
    #[error("{0:?} is no coordinate in metres with at most three decimals")]
    Coordinate(String),
    #[error("a position has {0} numbers, not two")]
    Position(usize),
    #[error("a ring does not end where it begins")]
    Open,
    #[error("{0}")]
    Outline(#[from] NotAnOutline),
}

/// The outline of a geometry.
pub(super) fn outline(geometry: &Geometry) -> Result<Outline, NotTaken> {
    if geometry.kind != "MultiPolygon" {
        return Err(NotTaken::Kind(geometry.kind.clone()));
    }
    let polygon = |rings: &Vec<Vec<Vec<_>>>| -> Result<Polygon, NotTaken> {
        let rings = rings.iter().map(|ring| closed_ring(ring)).collect::<Result<Vec<_>, _>>()?;
        Ok(rings.try_into()?)
    };
    let polygons = geometry.coordinates.iter().map(polygon).collect::<Result<Vec<_>, _>>()?;
    Ok(polygons.try_into()?)
}

/// GeoJSON repeats the first position at the end (RFC 7946 3.1.6); a ring here does not.
fn closed_ring(positions: &[Vec<Box<serde_json::value::RawValue>>]) -> Result<Ring, NotTaken> {
    let mut points = Vec::with_capacity(positions.len());
    for position in positions {
        let [x, y] = position.as_slice() else {
            return Err(NotTaken::Position(position.len()));
        };
        points.push(Point { x: thousandths(x.get())?, y: thousandths(y.get())? });
    }
    if points.len() < 2 || points.first() != points.last() {
        return Err(NotTaken::Open);
    }
    points.pop();
    Ok(points.try_into()?)
}

/// A decimal number with at most three decimals, in thousandths: metres in millimetres.
pub(super) fn thousandths(text: &str) -> Result<i64, NotTaken> {
    let wrong = || NotTaken::Coordinate(text.to_owned());
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let decimals = decimals.trim_end_matches('0');
    if decimals.len() > 3 || !digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return Err(wrong());
    }
    format!("{whole}{decimals:0<3}").parse::<i64>().map(|value| sign * value).map_err(|_| wrong())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_taken_exactly_or_not_at_all() {
        for (text, value) in [
            ("1780233.811", 1_780_233_811),
            ("1780233.8", 1_780_233_800),
            ("-36.5", -36_500),
            ("12", 12_000),
            ("0.1230000", 123),
        ] {
            assert_eq!(thousandths(text), Ok(value), "{text}");
        }
        for text in ["1.2345", "1e3", "null", "\"1\"", "1.2.3", "99999999999999999999"] {
            assert!(thousandths(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_multipolygon_becomes_rings_that_do_not_repeat_their_first_point() {
        let read = |coordinates: &str| {
            let text = format!(r#"{{"type":"MultiPolygon","coordinates":{coordinates}}}"#);
            outline(&serde_json::from_str(&text).unwrap())
        };
        let square = read("[[[[0,0],[1.5,0],[1.5,1],[0,1],[0,0]]]]").unwrap();
        assert_eq!((square.point_count(), square.area().to_string()), (4, "1500000".to_owned()));
        assert_eq!(read("[[[[0,0],[1,0],[1,1],[0,1]]]]"), Err(NotTaken::Open));
        assert_eq!(read("[[[[0,0,7],[1,0,7],[1,1,7],[0,0,7]]]]"), Err(NotTaken::Position(3)));
        assert_eq!(read("[]"), Err(NotTaken::Outline(NotAnOutline::Count)));
    }
}
