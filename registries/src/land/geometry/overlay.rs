//! How pieces of land fit together: overlaps, holes and what sticks out, by the integer engine of
//! `i_overlay`, which uses no floating-point number (docs/adr/0012).

use i_overlay::core::fill_rule::FillRule;
use i_overlay::core::overlay::Overlay;
use i_overlay::core::overlay_rule::OverlayRule;
use i_overlay::i_float::int::point::IntPoint;
use i_overlay::i_shape::int::shape::IntShape;

use super::outline::{Outline, Point, Polygon, Ring};

/// How new pieces of land fail to cover the old ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// Old land that no new piece covers, near this point.
    Hole(Point),
    /// New land that was no old land, near this point.
    Overhang(Point),
}

/// Where new pieces do not cover exactly what the old ones did; slivers are let pass.
pub fn misfit(old: &[Outline], new: &[Outline]) -> Option<Misfit> {
    let (old, new) = (shapes(old), shapes(new));
    difference(&old, &new)
        .map(Misfit::Hole)
        .or_else(|| difference(&new, &old).map(Misfit::Overhang))
}

/// A point in two of these pieces of land; slivers are let pass. Each piece is one or more outlines.
pub fn overlap(pieces: &[Vec<Outline>]) -> Option<Point> {
    let pieces: Vec<Piece> = pieces.iter().map(|outlines| Piece::of(outlines)).collect();
    for (index, piece) in pieces.iter().enumerate() {
        for other in pieces[..index].iter().filter(|other| piece.is_near(other)) {
            let common = more_than_a_sliver(&piece.shapes, &other.shapes, OverlayRule::Intersect);
            if common.is_some() {
                return common;
            }
        }
    }
    None
}

fn difference(of: &[IntShape<i64>], without: &[IntShape<i64>]) -> Option<Point> {
    more_than_a_sliver(of, without, OverlayRule::Difference)
}

/// A piece of land with the box around it.
struct Piece {
    shapes: Vec<IntShape<i64>>,
    least: Point,
    most: Point,
}

impl Piece {
    fn of(outlines: &[Outline]) -> Self {
        let mut least = Point { x: i64::MAX, y: i64::MAX };
        let mut most = Point { x: i64::MIN, y: i64::MIN };
        for point in outlines.iter().flat_map(Outline::rings).flat_map(Ring::points) {
            least = Point { x: least.x.min(point.x), y: least.y.min(point.y) };
            most = Point { x: most.x.max(point.x), y: most.y.max(point.y) };
        }
        Self { shapes: shapes(outlines), least, most }
    }

    fn is_near(&self, other: &Self) -> bool {
        self.least.x < other.most.x
            && other.least.x < self.most.x
            && self.least.y < other.most.y
            && other.least.y < self.most.y
    }
}

fn shapes(outlines: &[Outline]) -> Vec<IntShape<i64>> {
    let polygon = |polygon: &Polygon| {
        let ring = |ring: &Ring| ring.points().iter().map(|at| IntPoint::new(at.x, at.y)).collect();
        polygon.rings().iter().map(ring).collect()
    };
    outlines.iter().flat_map(Outline::polygons).map(polygon).collect()
}

/// A corner of the first part of the result that is more than a sliver.
///
/// New corners are rounded to whole steps, by a surveyor on an old boundary and by the engine where
/// sides cross, so that strips about one step wide arise where pieces fit. A part is a sliver if its
/// area in square steps is at most its perimeter in steps: if it is at most two steps wide on the
/// average. Sides are measured by the larger of their extents in x and y, which is never more than
/// their length.
fn more_than_a_sliver(
    subject: &[IntShape<i64>],
    clip: &[IntShape<i64>],
    rule: OverlayRule,
) -> Option<Point> {
    let mut overlay = Overlay::from_subj_and_clip(subject, clip);
    // Sound outlines: a point is inside where it is inside one ring and no hole, whichever way
    // round the rings go.
    let parts = overlay.overlay(rule, FillRule::EvenOdd);
    let part = parts.iter().find(|part| !is_sliver(part))?;
    part.first()?.first().map(|point| Point { x: point.x, y: point.y })
}

fn is_sliver(part: &IntShape<i64>) -> bool {
    let mut twice_area: i128 = 0;
    let mut perimeter: i128 = 0;
    for ring in part {
        let Some(origin) = ring.first() else { continue };
        let next = ring.iter().cycle().skip(1);
        for (a, b) in ring.iter().zip(next) {
            let wide = |value: i64, from: i64| i128::from(value) - i128::from(from);
            // Holes run the other way round and so count against the outer ring.
            twice_area += wide(a.x, origin.x) * wide(b.y, origin.y)
                - wide(b.x, origin.x) * wide(a.y, origin.y);
            perimeter += wide(a.x, b.x).abs().max(wide(a.y, b.y).abs());
        }
    }
    twice_area.abs() <= 2 * perimeter
}
