//! Whether an outline is sound (OGC Simple Features 6.1.11): decided exactly, by the signs of whole
//! numbers.

use std::cmp::Ordering;
use std::fmt;

use super::outline::{Outline, Point, Polygon, Ring};

/// Where an outline is not sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crossing {
    /// A ring meets itself, or two sides run over each other or cross, near this point.
    At(Point),
    /// A hole that is not in its polygon, or a polygon or hole in another; the ring begins here.
    Misplaced(Point),
}

impl fmt::Display for Crossing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(Point { x, y }) => write!(f, "two sides meet at or near {x}, {y}"),
            Self::Misplaced(Point { x, y }) => {
                write!(f, "the ring that begins at {x}, {y} lies where it cannot")
            }
        }
    }
}

/// What is not sound about an outline: a ring may not meet itself; two rings may touch in points but
/// neither cross nor share a side; holes lie in their polygon and in no other hole; polygons lie
/// apart. Polygons with a side in common are one polygon, or of two sheets.
pub fn crossing(outline: &Outline) -> Option<Crossing> {
    sides_that_meet(outline)
        .or_else(|| outline.polygons().iter().find_map(misplaced_hole))
        .or_else(|| first_not_apart(outline.polygons(), polygons_lie_apart, outer))
}

/// A side and where it stands: which ring, and which of how many sides of it.
struct Side {
    from: Point,
    to: Point,
    ring: usize,
    index: usize,
    count: usize,
}

impl Side {
    /// Whether the other follows it or goes before it in the same ring.
    fn is_next_to(&self, other: &Self) -> bool {
        let follows = |one: usize, other: usize| (one + 1) % self.count == other;
        self.ring == other.ring
            && (follows(self.index, other.index) || follows(other.index, self.index))
    }

    /// Rings touch each other, and a ring itself only where one side goes on into the next.
    fn may_touch(&self, other: &Self) -> bool {
        self.ring != other.ring || self.is_next_to(other)
    }

    fn left(&self) -> i64 {
        self.from.x.min(self.to.x)
    }

    fn right(&self) -> i64 {
        self.from.x.max(self.to.x)
    }

    fn is_apart_in_height(&self, other: &Self) -> bool {
        self.from.y.max(self.to.y) < other.from.y.min(other.to.y)
            || other.from.y.max(other.to.y) < self.from.y.min(self.to.y)
    }
}

fn sides_that_meet(outline: &Outline) -> Option<Crossing> {
    let mut sides = Vec::with_capacity(outline.point_count());
    for (ring, line) in outline.rings().enumerate() {
        let count = line.points().len();
        let of_ring = line.sides().enumerate();
        sides.extend(of_ring.map(|(index, (from, to))| Side { from, to, ring, index, count }));
    }
    sides.sort_by_key(Side::left);
    for (place, side) in sides.iter().enumerate() {
        let near = sides[place + 1..].iter().take_while(|other| other.left() <= side.right());
        for other in near.filter(|other| !side.is_apart_in_height(other)) {
            if !may_meet(side, other) {
                return Some(Crossing::At(other.from));
            }
        }
    }
    None
}

/// Whether two sides meet only as they may.
fn may_meet(one: &Side, other: &Side) -> bool {
    let (a, b) = (turn(one.from, one.to, other.from), turn(one.from, one.to, other.to));
    let (c, d) = (turn(other.from, other.to, one.from), turn(other.from, other.to, one.to));
    if a == Ordering::Equal && b == Ordering::Equal {
        return match common_on_line(one, other) {
            Common::Length => false,
            Common::Point => one.may_touch(other),
            Common::Nothing => true,
        };
    }
    let crosses_line = a != b && c != d;
    if !crosses_line {
        return true;
    }
    let touches_only = [a, b, c, d].contains(&Ordering::Equal);
    touches_only && one.may_touch(other)
}

/// What two sides on one line have in common.
enum Common {
    Length,
    Point,
    Nothing,
}

fn common_on_line(one: &Side, other: &Side) -> Common {
    // Along the line points are in the order of x, and of y where it is upright.
    let ends = |side: &Side| (side.from.min(side.to), side.from.max(side.to));
    let ((start, end), (other_start, other_end)) = (ends(one), ends(other));
    match start.max(other_start).cmp(&end.min(other_end)) {
        Ordering::Less => Common::Length,
        Ordering::Equal => Common::Point,
        Ordering::Greater => Common::Nothing,
    }
}

/// On which side of the line from `a` to `b` the point lies: `Greater` to the left.
fn turn(a: Point, b: Point, point: Point) -> Ordering {
    let less = |one: i64, other: i64| i128::from(one) - i128::from(other);
    let up = less(b.x, a.x) * less(point.y, a.y);
    up.cmp(&(less(b.y, a.y) * less(point.x, a.x)))
}

fn outer(polygon: &Polygon) -> &Ring {
    &polygon.rings()[0]
}

fn misplaced_hole(polygon: &Polygon) -> Option<Crossing> {
    let holes = &polygon.rings()[1..];
    let outside = holes.iter().find(|hole| !lies_in(hole, outer(polygon)));
    outside.map(begins).or_else(|| first_not_apart(holes, rings_lie_apart, |hole| hole))
}

/// The first of these that does not lie apart from one before it.
fn first_not_apart<T>(
    all: &[T],
    apart: impl Fn(&T, &T) -> bool,
    ring: impl Fn(&T) -> &Ring,
) -> Option<Crossing> {
    let place = (1..all.len()).find(|place| {
        let (earlier, one) = (&all[..*place], &all[*place]);
        earlier.iter().any(|other| !apart(one, other))
    });
    place.map(|place| begins(ring(&all[place])))
}

fn rings_lie_apart(one: &Ring, other: &Ring) -> bool {
    let outside = |one: &Ring, other: &Ring| lies(one, other) == Some(Place::Outside);
    outside(one, other) && outside(other, one)
}

/// Beside each other, or one as an island in a hole of the other.
fn polygons_lie_apart(one: &Polygon, other: &Polygon) -> bool {
    let in_a_hole = |one: &Polygon, other: &Polygon| {
        other.rings()[1..].iter().any(|hole| lies_in(outer(one), hole))
    };
    rings_lie_apart(outer(one), outer(other)) || in_a_hole(one, other) || in_a_hole(other, one)
}

fn lies_in(one: &Ring, other: &Ring) -> bool {
    lies(one, other) == Some(Place::Inside)
}

fn begins(ring: &Ring) -> Crossing {
    Crossing::Misplaced(ring.points()[0])
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Inside,
    Outside,
}

/// Where a ring lies of another that it does not cross, judged by the middle of each side; none where
/// some are inside and others outside: the two cross in a point of both.
fn lies(ring: &Ring, other: &Ring) -> Option<Place> {
    let mut found = None;
    for (from, to) in ring.sides() {
        let middle = Point { x: from.x + to.x, y: from.y + to.y };
        let place = place_of(middle, other);
        match (found, place) {
            (Some(before), Some(now)) if before != now => return None,
            (None, now) => found = now,
            _ => {}
        }
    }
    found
}

/// Where a point, in half steps, lies of a ring; none on it. Counts how often a ray to the right
/// passes over a side.
fn place_of(half: Point, ring: &Ring) -> Option<Place> {
    let mut inside = false;
    for (from, to) in ring.sides() {
        let double = |point: Point| Point { x: point.x * 2, y: point.y * 2 };
        let (from, to) = (double(from), double(to));
        let side = turn(from, to, half);
        let between = |a: i64, b: i64, value: i64| a.min(b) <= value && value <= a.max(b);
        if side == Ordering::Equal && between(from.x, to.x, half.x) && between(from.y, to.y, half.y)
        {
            return None;
        }
        let upwards = from.y <= half.y && half.y < to.y;
        let downwards = to.y <= half.y && half.y < from.y;
        if upwards && side == Ordering::Greater || downwards && side == Ordering::Less {
            inside = !inside;
        }
    }
    Some(if inside { Place::Inside } else { Place::Outside })
}
