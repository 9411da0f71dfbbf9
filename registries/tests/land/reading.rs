//! Fractions, areas and outlines: what is read, and what is not.

use chancery_registries::land::geometry::{Area, Crs, Outline, Ring};
use chancery_registries::land::{Fraction, MAX_DENOMINATOR, NotAFraction, Owners};
use proptest::prelude::*;
use serde_json::json;

fn fraction(text: &str) -> Fraction {
    text.parse().unwrap()
}

#[test]
fn fractions_are_in_lowest_terms() {
    for (text, lowest) in [("1/3", "1/3"), ("2/4", "1/2"), ("7/7", "1/1"), ("41404/41404", "1/1")] {
        assert_eq!(fraction(text).to_string(), lowest);
    }
    assert_eq!(serde_json::to_value(fraction("2/6")).unwrap(), json!("1/3"));
}

#[test]
fn what_is_no_fraction_is_refused() {
    for text in
        ["", "1", "1/", "/2", "1/2/3", "01/2", "+1/2", "-1/2", "1/ 2", "1.5/2", "0.5", "١/٢"]
    {
        assert_eq!(text.parse::<Fraction>(), Err(NotAFraction::Form), "{text}");
    }
    for text in ["3/2", "2/1"] {
        assert_eq!(text.parse::<Fraction>(), Err(NotAFraction::Range), "{text}");
    }
    for text in ["0/2", "1/0", "99999999999999999999/99999999999999999999"] {
        assert_eq!(text.parse::<Fraction>(), Err(NotAFraction::Form), "{text}");
    }
    let fine = format!("1/{}", MAX_DENOMINATOR + 1);
    assert_eq!(fine.parse::<Fraction>(), Err(NotAFraction::TooFine));
    assert!(serde_json::from_value::<Fraction>(json!(0.5)).is_err());
}

#[test]
fn sums_are_exact_or_refused() {
    let thirds = ["1/3", "1/3", "1/3"].map(fraction);
    assert_eq!(Fraction::sum(thirds), Ok(Fraction::WHOLE));
    assert_eq!(fraction("1/2").minus(fraction("1/3")), Ok(Some(fraction("1/6"))));
    assert_eq!(fraction("1/2").minus(fraction("1/2")), Ok(None));
    assert_eq!(fraction("1/3").minus(fraction("1/2")), Err(NotAFraction::Range));
    assert_eq!(fraction("2/3").plus(fraction("1/2")), Err(NotAFraction::Range));
    // Two large primes: the exact sum has a denominator of more than 2^53.
    let fine = fraction("1/9007199254740881").plus(fraction("1/9007199254740847"));
    assert_eq!(fine, Err(NotAFraction::TooFine));
}

proptest! {
    #[test]
    fn what_is_added_can_be_taken_away(a in 1u64..1000, b in 1u64..1000, d in 1u64..1000, e in 1u64..1000) {
        let (Ok(one), Ok(other)) = (Fraction::new(a, d), Fraction::new(b, e)) else { return Ok(()) };
        if let Ok(sum) = one.plus(other) {
            prop_assert_eq!(sum.minus(other), Ok(Some(one)));
            prop_assert_eq!(sum.minus(one), Ok(Some(other)));
            prop_assert_eq!(sum, other.plus(one).unwrap());
        }
    }

    #[test]
    fn an_outline_reads_back(points in proptest::collection::vec((-1000i64..1000, -1000i64..1000), 3..50)) {
        let mut steps = Vec::new();
        for (x, y) in points { steps.extend([x, y]); }
        let written = json!([[steps]]);
        if let Ok(outline) = serde_json::from_value::<Outline>(written.clone()) {
            prop_assert_eq!(serde_json::to_value(&outline).unwrap(), written);
        }
    }
}

#[test]
fn owners_are_the_whole_and_stand_once() {
    let key = crate::common::actor("Ana").id;
    let read = |value: serde_json::Value| serde_json::from_value::<Owners>(value);
    assert!(read(json!([{"party": key, "share": "1/1"}])).is_ok());
    assert!(read(json!([])).is_err());
    assert!(read(json!([{"party": key, "share": "1/2"}])).is_err());
    assert!(read(json!([{"party": key, "share": "1/2"}, {"party": key, "share": "1/2"}])).is_err());
    assert!(read(json!([{"party": key, "share": "1/1", "note": "x"}])).is_err());
}

#[test]
fn areas_and_systems_have_one_text() {
    for text in ["0", "17", "17.5", "1254828100"] {
        assert_eq!(text.parse::<Area>().unwrap().to_string(), text);
    }
    for text in ["", "-1", "1.25", "01", "1e3", ".5"] {
        assert!(text.parse::<Area>().is_err(), "{text}");
    }
    assert_eq!("EPSG:2193".parse::<Crs>().unwrap().to_string(), "EPSG:2193");
    for text in ["2193", "epsg:2193", "EPSG:0", "EPSG:", "EPSG:+2193", "EPSG:99999999"] {
        assert!(text.parse::<Crs>().is_err(), "{text}");
    }
}

#[test]
fn an_area_is_within_a_thousandth_or_not() {
    let area = |twice| Area::of_twice(twice);
    assert!(area(1_000_999).is_within_a_thousandth_of(area(1_000_000)));
    assert!(area(1_001_000).is_within_a_thousandth_of(area(1_000_000)));
    assert!(!area(1_001_001).is_within_a_thousandth_of(area(1_000_000)));
    assert!(!area(998_999).is_within_a_thousandth_of(area(1_000_000)));
    assert!(!area(1).is_within_a_thousandth_of(area(0)));
}

#[test]
fn what_is_no_ring_is_refused() {
    let read = |steps: serde_json::Value| serde_json::from_value::<Ring>(steps);
    assert!(read(json!([0, 0, 1, 0, 0, 1])).is_ok());
    for wrong in [
        json!([]),
        json!([0, 0, 1, 0]),
        json!([0, 0, 1, 0, 0]),
        json!([0, 0, 0, 0, 1, 0, 0, 1]),
        json!([0, 0, 1, 0, 0, 1, -1, -1]),
        json!([1i64 << 41, 0, 1, 0, 0, 1]),
        json!([i64::MAX, 0, i64::MAX, 0, 0, 1]),
        json!([0, 0, 1.5, 0, 0, 1]),
        json!([0, 0, "1", 0, 0, 1]),
    ] {
        assert!(read(wrong.clone()).is_err(), "{wrong}");
    }
    let many: Vec<i64> = (0..2_001).flat_map(|i| [1, if i % 2 == 0 { 2 } else { -2 }]).collect();
    assert!(read(json!(many)).is_err());
}
