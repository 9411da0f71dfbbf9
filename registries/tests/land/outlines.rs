//! Outlines that are sound and that are not, and pieces that fit and that do not.

use chancery_registries::land::geometry::{Misfit, Outline, crossing, misfit, overlap};
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
