//! Outlines: polygons with their holes, in whole numbers, written as steps from point to point.

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::Area;

/// The most points in one outline: what one transition and one object of the state hold.
pub const MAX_POINTS: usize = 2_000;
/// The most polygons in one outline.
pub const MAX_POLYGONS: usize = 64;
/// The most rings in one polygon: its outer one and its holes.
pub const MAX_RINGS: usize = 64;
/// The largest coordinate either way: more than 180 degrees in 10^-9, and a million kilometres in
/// millimetres.
pub const MAX_COORDINATE: i64 = 1 << 40;

/// A point in whole steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    /// The easting or longitude.
    pub x: i64,
    /// The northing or latitude.
    pub y: i64,
}

/// A closed line through at least three points, the last joined to the first.
///
/// In JSON and in the state it is one list of whole numbers: the first point's x and y, then for each
/// further point how far it is from the one before, in x and in y. The first point is not repeated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<i64>", into = "Vec<i64>")]
pub struct Ring(Vec<Point>);

/// A piece of land in one part: its outer ring, and a ring for each hole in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Ring>", into = "Vec<Ring>")]
pub struct Polygon(Vec<Ring>);

/// One or more polygons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Polygon>", into = "Vec<Polygon>")]
pub struct Outline(Vec<Polygon>);

/// Why numbers are no outline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAnOutline {
    /// Not two numbers for each of at least three points.
    #[error("a ring is x, y, dx, dy, ... of at least three points, the first not repeated")]
    Ring,
    /// Two points that follow each other are the same.
    #[error("two points of a ring that follow each other are the same")]
    Repeated,
    /// Too far away.
    #[error("a coordinate lies within 2^40 of zero")]
    Range,
    /// Too few or too many parts.
    #[error(
        "an outline has 1 to {MAX_POLYGONS} polygons of 1 to {MAX_RINGS} rings, and at most \
         {MAX_POINTS} points in all"
    )]
    Count,
}

impl Ring {
    /// The points, in order.
    pub fn points(&self) -> &[Point] {
        &self.0
    }

    /// The sides, each from a point to the next, the last back to the first.
    pub fn sides(&self) -> impl Iterator<Item = (Point, Point)> + '_ {
        let next = self.0.iter().cycle().skip(1);
        self.0.iter().copied().zip(next.copied())
    }

    /// Twice the area inside, by the shoelace formula about the first point, which keeps the
    /// numbers small: exact.
    pub fn twice_area(&self) -> u128 {
        let origin = self.0[0];
        let wide = |value: i64, from: i64| i128::from(value) - i128::from(from);
        let cross = |(a, b): (Point, Point)| {
            wide(a.x, origin.x) * wide(b.y, origin.y) - wide(b.x, origin.x) * wide(a.y, origin.y)
        };
        self.sides().map(cross).sum::<i128>().unsigned_abs()
    }
}

impl TryFrom<Vec<Point>> for Ring {
    type Error = NotAnOutline;

    fn try_from(points: Vec<Point>) -> Result<Self, NotAnOutline> {
        let far = |value: i64| !(-MAX_COORDINATE..=MAX_COORDINATE).contains(&value);
        if points.len() < 3 {
            return Err(NotAnOutline::Ring);
        }
        if points.len() > MAX_POINTS {
            return Err(NotAnOutline::Count);
        }
        if points.iter().any(|point| far(point.x) || far(point.y)) {
            return Err(NotAnOutline::Range);
        }
        let ring = Self(points);
        if ring.sides().any(|(from, to)| from == to) {
            return Err(NotAnOutline::Repeated);
        }
        Ok(ring)
    }
}

impl TryFrom<Vec<i64>> for Ring {
    type Error = NotAnOutline;

    fn try_from(steps: Vec<i64>) -> Result<Self, NotAnOutline> {
        if steps.len() % 2 == 1 {
            return Err(NotAnOutline::Ring);
        }
        let mut at = Point { x: 0, y: 0 };
        let mut points = Vec::with_capacity(steps.len() / 2);
        for step in steps.chunks_exact(2) {
            let go = |from: i64, by: i64| from.checked_add(by).ok_or(NotAnOutline::Range);
            at = Point { x: go(at.x, step[0])?, y: go(at.y, step[1])? };
            points.push(at);
        }
        points.try_into()
    }
}

impl From<Ring> for Vec<i64> {
    fn from(ring: Ring) -> Self {
        let mut before = Point { x: 0, y: 0 };
        let mut steps = Self::with_capacity(ring.0.len() * 2);
        for point in ring.0 {
            steps.extend([point.x - before.x, point.y - before.y]);
            before = point;
        }
        steps
    }
}

impl Polygon {
    /// The outer ring and the holes.
    pub fn rings(&self) -> &[Ring] {
        &self.0
    }

    /// The area of the outer ring without the holes.
    pub fn area(&self) -> Area {
        let (outer, holes) = (self.0[0].twice_area(), &self.0[1..]);
        let holes: u128 = holes.iter().map(Ring::twice_area).sum();
        Area::of_twice(outer.saturating_sub(holes))
    }
}

impl TryFrom<Vec<Ring>> for Polygon {
    type Error = NotAnOutline;

    fn try_from(rings: Vec<Ring>) -> Result<Self, NotAnOutline> {
        match (1..=MAX_RINGS).contains(&rings.len()) {
            true => Ok(Self(rings)),
            false => Err(NotAnOutline::Count),
        }
    }
}

impl From<Polygon> for Vec<Ring> {
    fn from(polygon: Polygon) -> Self {
        polygon.0
    }
}

impl Outline {
    /// The polygons.
    pub fn polygons(&self) -> &[Polygon] {
        &self.0
    }

    /// Every ring of every polygon.
    pub fn rings(&self) -> impl Iterator<Item = &Ring> {
        self.0.iter().flat_map(Polygon::rings)
    }

    /// How many points there are.
    pub fn point_count(&self) -> usize {
        self.rings().map(|ring| ring.points().len()).sum()
    }

    /// The area of all polygons together.
    pub fn area(&self) -> Area {
        self.0.iter().map(Polygon::area).fold(Area::default(), Area::plus)
    }
}

impl TryFrom<Vec<Polygon>> for Outline {
    type Error = NotAnOutline;

    fn try_from(polygons: Vec<Polygon>) -> Result<Self, NotAnOutline> {
        let outline = Self(polygons);
        let count = outline.0.len();
        if !(1..=MAX_POLYGONS).contains(&count) || outline.point_count() > MAX_POINTS {
            return Err(NotAnOutline::Count);
        }
        Ok(outline)
    }
}

impl From<Outline> for Vec<Polygon> {
    fn from(outline: Outline) -> Self {
        outline.0
    }
}

impl PartialSchema for Outline {
    fn schema() -> RefOr<Schema> {
        let number = ObjectBuilder::new().schema_type(Type::Integer);
        let ring = ArrayBuilder::new().items(number).min_items(Some(6));
        let polygon = ArrayBuilder::new().items(ring).min_items(Some(1)).max_items(Some(MAX_RINGS));
        ArrayBuilder::new()
            .items(polygon)
            .min_items(Some(1))
            .max_items(Some(MAX_POLYGONS))
            .description(Some(format!(
                "Polygons, each its outer ring and its holes; a ring is [x, y, dx, dy, ...] in whole \
                 steps, the first point not repeated; at most {MAX_POINTS} points"
            )))
            .into()
    }
}

impl ToSchema for Outline {
    fn name() -> std::borrow::Cow<'static, str> {
        "LandOutline".into()
    }
}
