//! Outlines that are sound and that are not, and pieces that fit and that do not.

use chancery_registries::land::geometry::{
    Misfit, Outline, Point, Polygon, Ring, crossing, misfit, overlap,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::office::square;

fn outline(value: &Value) -> Outline {
    serde_json::from_value(value.clone()).unwrap()
}

#[test]
fn sound_outlines_are_taken() {
    let hole = |x, y| square(x, y, 2, 2)[0][0].clone();
    let field = square(0, 0, 10, 10)[0][0].clone();
    for sound in [
        square(0, 0, 10, 10),
        // Clockwise is as good.
        json!([[[0, 0, 0, 10, 10, 0, 0, -10]]]),
        // A point in the middle of a side.
        json!([[[0, 0, 5, 0, 5, 0, 0, 10, -10, 0]]]),
        json!([[field, hole(1, 1), hole(5, 5)]]),
        // Two holes that touch in a corner, and one that touches the outer ring.
        json!([[field, hole(1, 1), hole(3, 3)]]),
        json!([[field, [10_000, 5_000, -3_000, 1_000, 0, -2_000]]]),
        // Two islands, one in the hole of the other, and two that touch in a corner.
        json!([[field, square(2, 2, 6, 6)[0][0]], [square(3, 3, 2, 2)[0][0]]]),
        json!([square(0, 0, 5, 5)[0], square(5, 5, 5, 5)[0]]),
        // A far corner of the world.
        json!([[[1_099_511_627_000i64, -1_099_511_627_000i64, 5, 0, 0, 5]]]),
    ] {
        assert_eq!(crossing(&outline(&sound)), None, "{sound}");
    }
}

#[test]
fn unsound_outlines_are_refused() {
    let field = square(0, 0, 10, 10)[0][0].clone();
    let ring = |x, y, w, h| square(x, y, w, h)[0][0].clone();
    for unsound in [
        // A bow tie, a spike, a side run twice, a ring that meets itself in a corner or on a side.
        json!([[[0, 0, 10, 10, 0, -10, -10, 10]]]),
        json!([[[0, 0, 10, 0, 5, 0, -5, 0, 0, 10]]]),
        json!([[[0, 0, 10, 0, 0, 10, -5, 0, 0, -5, 0, 5, -5, 0]]]),
        json!([[[0, 0, 5, 5, 5, -5, 0, 10, -5, -5, -5, 5]]]),
        json!([[[0, 0, 10, 0, 0, 10, -5, -10, -5, 10]]]),
        // Holes: outside, across, along the border, in a hole, the same twice.
        json!([[field, ring(20, 0, 2, 2)]]),
        json!([[field, ring(8, 8, 5, 5)]]),
        json!([[field, ring(0, 2, 2, 2)]]),
        json!([[field, ring(1, 1, 8, 8), ring(2, 2, 2, 2)]]),
        json!([[field, ring(1, 1, 2, 2), ring(1, 1, 2, 2)]]),
        // A hole larger than its polygon.
        json!([[ring(1, 1, 2, 2), field]]),
        // Polygons: across, in one another, side by side.
        json!([[field], [ring(5, 5, 10, 10)]]),
        json!([[field], [ring(2, 2, 2, 2)]]),
        json!([[ring(2, 2, 2, 2)], [field]]),
        json!([[field], [ring(10, 0, 5, 10)]]),
        // A triangle all of whose corners lie on the border: no side crosses another.
        json!([[field], [[0, 5_000, 10_000, -5_000, 0, 10_000]]]),
        // Two rings that cross in corners of both.
        json!([[[0, 0, 4, 4, -4, 4, -4, -4]], [[0, 0, 6, 4, -6, 4, 2, -4]]]),
    ] {
        assert!(crossing(&outline(&unsound)).is_some(), "{unsound}");
    }
}

#[test]
fn pieces_that_fit_leave_slivers_at_most() {
    let whole = outline(&square(0, 0, 100, 50));
    let (left, right) = (outline(&square(0, 0, 60, 50)), outline(&square(60, 0, 40, 50)));
    let old = std::slice::from_ref(&whole);
    assert_eq!(misfit(old, &[left.clone(), right.clone()]), None);
    assert_eq!(overlap(&[vec![left.clone()], vec![right.clone()]]), None);

    // The common corner lies a millimetre within the old side and half a one off for the other.
    let bent = outline(&json!([[[0, 0, 60_000, 1, 0, 49_999, -60_000, 0]]]));
    assert_eq!(misfit(old, &[bent.clone(), right.clone()]), None);
    assert_eq!(overlap(&[vec![bent], vec![right.clone()]]), None);
    // A strip of a millimetre over fifty metres is a sliver, of three it is none.
    let wider = |mm: i64| {
        let width = 60_000 + mm;
        outline(&json!([[[0, 0, width, 0, 0, 50_000, -width, 0]]]))
    };
    assert_eq!(overlap(&[vec![wider(1)], vec![right.clone()]]), None);
    assert_eq!(overlap(&[vec![wider(2)], vec![right.clone()]]), None);
    assert!(overlap(&[vec![wider(3)], vec![right.clone()]]).is_some());
    assert!(matches!(misfit(old, &[wider(-3), right.clone()]), Some(Misfit::Hole(_))));
    let over = outline(&json!([[[60_000, 0, 40_003, 0, 0, 50_000, -40_003, 0]]]));
    assert!(matches!(misfit(old, &[left.clone(), over]), Some(Misfit::Overhang(_))));
    // Small and compact is no sliver: half a metre square.
    let patch = outline(&json!([[[59_500, 0, 500, 0, 0, 500, -500, 0]]]));
    assert!(overlap(&[vec![left], vec![patch]]).is_some());
}

#[test]
fn holes_and_islands_count() {
    let ring = square(0, 0, 100, 100)[0][0].clone();
    let hole = square(40, 40, 20, 20)[0][0].clone();
    let around = outline(&json!([[ring, hole]]));
    let island = outline(&square(40, 40, 20, 20));
    let whole = outline(&square(0, 0, 100, 100));
    let old = std::slice::from_ref(&whole);
    assert_eq!(misfit(old, &[around.clone(), island.clone()]), None);
    assert_eq!(overlap(&[vec![around.clone()], vec![island.clone()]]), None);
    assert!(matches!(misfit(old, std::slice::from_ref(&around)), Some(Misfit::Hole(_))));
    assert!(overlap(&[vec![whole.clone()], vec![island]]).is_some());
    assert_eq!(around.area().to_string(), "9600000000");
}

/// A ring of corners around the origin in the order of their directions: sound, unless it is flat.
fn star(corners: Vec<(i64, i64)>) -> Vec<Point> {
    let half = |p: &Point| p.y < 0 || (p.y == 0 && p.x < 0);
    let mut points: Vec<Point> = corners.into_iter().map(|(x, y)| Point { x, y }).collect();
    let turn = |a: &Point, b: &Point| {
        i128::from(a.x) * i128::from(b.y) - i128::from(a.y) * i128::from(b.x)
    };
    points.retain(|point| (point.x, point.y) != (0, 0));
    points.sort_by(|a, b| half(a).cmp(&half(b)).then(0.cmp(&turn(a, b))));
    // Of corners in one direction the first is kept, so that no side lies along a ray.
    points.dedup_by(|a, b| half(a) == half(b) && turn(a, b) == 0);
    points
}

fn outline_of(points: Vec<Point>) -> Option<Outline> {
    let ring = Ring::try_from(points).ok()?;
    Outline::try_from(vec![Polygon::try_from(vec![ring]).ok()?]).ok()
}

/// Corners around the origin, from a few millimetres to the edge of what a coordinate may be.
fn corners() -> impl Strategy<Value = Vec<(i64, i64)>> {
    prop_oneof![Just(5i64), Just(1000), Just(1_000_000), Just(1i64 << 39), Just(1i64 << 40)]
        .prop_flat_map(|size| {
            let corner = (-size..=size, -size..=size);
            proptest::collection::vec(corner, 3..40)
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn what_is_cut_along_common_corners_fits_at_any_size(
        corners in corners(), other in corners(), cut in any::<proptest::sample::Index>(),
    ) {
        let points = star(corners);
        prop_assume!(points.len() >= 4);
        let Some(whole) = outline_of(points.clone()) else { return Ok(()) };
        prop_assume!(crossing(&whole).is_none());
        let old = std::slice::from_ref(&whole);
        prop_assert_eq!(misfit(old, old), None);

        // Cut from the first corner to another, over the middle.
        let cut = 1 + cut.index(points.len() - 2);
        let middle = Point { x: 0, y: 0 };
        let part = |corners: &[Point]| outline_of([&[middle], corners].concat());
        let (one, two) = (part(&points[..=cut]), part(&[&points[cut..], &points[..1]].concat()));
        if let (Some(one), Some(two)) = (one, two)
            && crossing(&one).is_none()
            && crossing(&two).is_none()
            && one.area().plus(two.area()) == whole.area()
        {
            prop_assert_eq!(misfit(old, &[one.clone(), two.clone()]), None);
            prop_assert_eq!(overlap(&[vec![one.clone()], vec![two.clone()]]), None);
            // One part alone leaves the other out, unless that is a sliver.
            let hole = matches!(misfit(old, std::slice::from_ref(&one)), Some(Misfit::Hole(_)));
            let shared = overlap(&[vec![whole.clone()], vec![two.clone()]]).is_some();
            prop_assert_eq!(hole, shared);
        }

        // Whatever two outlines are, the engine answers, and the same whichever comes first.
        if let Some(other) = outline_of(star(other)) {
            let pair = [vec![whole.clone()], vec![other.clone()]];
            let turned = [vec![other.clone()], vec![whole.clone()]];
            prop_assert_eq!(overlap(&pair).is_some(), overlap(&turned).is_some());
            let _ = misfit(old, std::slice::from_ref(&other));
        }
    }
}
