//! Parcel numbers: hand-written vectors for the standards, and every number of the courier files.

use std::path::PathBuf;

use chancery_registries::parcels::number::{FORMATS, ParcelNumber, WhatIsWrong, recognise};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors {
    valid: Vec<Valid>,
    invalid: Vec<Invalid>,
}

#[derive(Deserialize)]
struct Valid {
    text: String,
    canonical: String,
}

#[derive(Deserialize)]
struct Invalid {
    text: String,
    error: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("numbers.json")).expect("the vectors parse")
}

#[test]
fn valid_numbers_have_one_canonical_text() {
    for case in vectors().valid {
        let number: ParcelNumber =
            case.text.parse().unwrap_or_else(|e| panic!("{}: {e}", case.text));
        assert_eq!(number.to_string(), case.canonical);
        assert_eq!(case.canonical.parse(), Ok(number.clone()));
        let json = serde_json::to_string(&number).expect("numbers are texts");
        assert_eq!(json, format!("{:?}", case.canonical));
        assert_eq!(serde_json::from_str::<ParcelNumber>(&json).expect("it reads back"), number);
    }
}

#[test]
fn an_error_says_which_rule_failed_and_what_would_be_right() {
    for case in vectors().invalid {
        let error = case.text.parse::<ParcelNumber>().expect_err(&case.text);
        assert_eq!(error.to_string(), case.error, "{}", case.text);
    }
}

/// S10 writes remainders 0 and 6 both as check digit 5, so only numbers that end otherwise find all.
#[test]
fn one_wrong_digit_of_an_s10_or_sscc_is_found() {
    for number in ["LX473124829DE", "106141412345678908"] {
        for (place, old) in number.char_indices().filter(|(_, old)| old.is_ascii_digit()) {
            for new in ('0'..='9').filter(|new| *new != old) {
                let wrong = format!("{}{new}{}", &number[..place], &number[place + 1..]);
                assert!(wrong.parse::<ParcelNumber>().is_err(), "{wrong}");
            }
        }
    }
}

#[test]
fn what_is_wrong_with_a_carriers_number_is_said() {
    let reading = |text: &str, format: &str| {
        recognise(text).into_iter().find(|one| one.format == format).map(|one| one.valid)
    };
    let wrong =
        |stated, right| Some(Err(WhatIsWrong::CheckCharacter { stated, right: Some(right) }));
    assert_eq!(reading("1Z5R89390357567127", "ups"), Some(Ok(())));
    assert_eq!(reading("1Z5R89390357567128", "ups"), wrong('8', '7'));
    assert_eq!(reading("09980000020033D", "dpd-14"), wrong('D', 'F'));
    assert_eq!(reading("2Z5R89390357567127", "ups"), None);
    assert_eq!(reading("RB123456785XX", "s10"), Some(Err(WhatIsWrong::Country("XX".into()))));
}

#[derive(Deserialize)]
struct Courier {
    courier_code: String,
    tracking_numbers: Vec<Tracking>,
}

#[derive(Deserialize)]
struct Tracking {
    name: String,
    id: Option<String>,
    test_numbers: TestNumbers,
}

#[derive(Deserialize)]
struct TestNumbers {
    valid: Vec<String>,
    invalid: Vec<String>,
}

/// What our table calls a format of the courier files.
fn our_name(tracking: &Tracking) -> String {
    match (&tracking.id, tracking.name.as_str()) {
        (Some(id), _) => id.replace('_', "-"),
        (None, "LaserShip 1LS7 (18)") => "lasership-1ls7-18".into(),
        (None, "Old Dominion") => "old-dominion".into(),
        (None, "Old Dominion Guaranteed Shipment") => "old-dominion-guaranteed".into(),
        (None, "UPS Waybill") => "ups-waybill".into(),
        (None, name) => panic!("{name} has no name in our table"),
    }
}

fn is_recognised(text: &str, carrier: &str, format: &str) -> bool {
    recognise(text)
        .iter()
        .any(|one| one.carrier == carrier && one.format == format && one.valid.is_ok())
}

#[test]
fn every_number_of_the_courier_files_is_judged_rightly() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data/parcels/tracking_number_data/couriers");
    let Ok(files) = std::fs::read_dir(&folder) else {
        println!("skipped: {} is not there", folder.display());
        return;
    };
    let mut judged = 0;
    let mut formats = std::collections::BTreeSet::new();
    for file in files {
        let text =
            std::fs::read_to_string(file.expect("the folder reads").path()).expect("it reads");
        let courier: Courier = serde_json::from_str(&text).expect("the file parses");
        let carrier = courier.courier_code.replace('_', "-");
        for tracking in &courier.tracking_numbers {
            let format = our_name(tracking);
            for number in &tracking.test_numbers.valid {
                assert!(is_recognised(number, &carrier, &format), "{format} {number}");
            }
            for number in &tracking.test_numbers.invalid {
                assert!(!is_recognised(number, &carrier, &format), "{format} {number}");
            }
            judged += tracking.test_numbers.valid.len() + tracking.test_numbers.invalid.len();
            formats.insert(format);
        }
    }
    let ours: std::collections::BTreeSet<_> =
        FORMATS.iter().map(|format| format.name.to_owned()).collect();
    assert_eq!(formats, ours, "the table has what the files have");
    println!("{judged} numbers in {} formats judged", formats.len());
    assert!(judged > 200, "{judged}");
}
