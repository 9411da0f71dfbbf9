//! What is refused of surveys, splits and merges.

use serde_json::{Value, json};

use crate::cases::Case;
use crate::common::Actor;
use crate::office::{Office, TITLE, square};

/// Two halves of the first lot, of which the second may be made wrong.
fn split_with(office: &mut Office, second: &Value) -> &'static str {
    office.surveys("L-2", &square(0, 0, 60, 50));
    office.surveys("L-3", second);
    let action = office.split(TITLE, &[("T-2", &["L-2"]), ("T-3", &["L-3"])]);
    let signers = office.for_pieces();
    office.refuses(action, &signers)
}

/// A right split, to be signed by these.
fn split_by(office: &mut Office, signers: fn(&Office) -> Vec<Actor>) -> &'static str {
    office.surveys("L-2", &square(0, 0, 60, 50));
    office.surveys("L-3", &square(60, 0, 40, 50));
    let action = office.split(TITLE, &[("T-2", &["L-2"]), ("T-3", &["L-3"])]);
    let signers = signers(office);
    office.refuses(action, &signers)
}

fn surveyed(office: &mut Office, outline: &Value) -> &'static str {
    let action = office.survey("L-2", outline);
    office.refuses(action, &[office.surveyor])
}

fn extension(office: &Office, unit: &str, outline: &Value) -> Value {
    json!({
        "register": "land", "action": "extend-survey", "unit": unit, "by": office.surveyor.id,
        "outline": outline,
    })
}

/// A second title of these owners next to the first.
fn neighbour(office: &mut Office, owners: &[(Actor, &str)]) {
    office.surveys("L-2", &square(100, 0, 10, 50));
    let owners = office.shares(owners);
    office.registers("T-2", &["L-2"], owners);
}

fn merged(office: &mut Office, also: &[Actor]) -> &'static str {
    let action = office.merge(&[TITLE, "T-2"], "T-3", &["L-1", "L-2"]);
    let signers = [&office.for_pieces(), also].concat();
    office.refuses(action, &signers)
}

/// A ring of very many points along the lower side of the first lot.
fn comb(x: i64, y: i64, teeth: i64) -> Value {
    let mut steps = vec![x, y];
    for _ in 0..teeth {
        steps.extend([10, 20, 10, -20]);
    }
    steps.extend([0, 40, -20 * teeth, 0]);
    json!([[steps]])
}

pub(crate) const CASES: &[Case] = &[
    // Survey.
    ("id-taken", "a unit's id is used again", |office| {
        let action = office.survey("L-1", &square(0, 0, 1, 1));
        office.refuses(action, &[office.surveyor])
    }),
    ("not-accredited", "surveyed by the owner", |office| {
        let mut action = office.survey("L-2", &square(0, 0, 1, 1));
        action["by"] = json!(office.ana.id);
        office.refuses(action, &[office.ana])
    }),
    ("land-outline-crosses", "a bow tie", |office| {
        surveyed(office, &json!([[[0, 0, 1000, 1000, 0, -1000, -1000, 1000]]]))
    }),
    ("land-outline-crosses", "a hole outside", |office| {
        let ring = square(0, 0, 10, 10)[0][0].clone();
        let hole = square(20, 0, 5, 5)[0][0].clone();
        surveyed(office, &json!([[ring, hole]]))
    }),
    ("land-outline-crosses", "a polygon in another", |office| {
        let inner = square(2, 2, 5, 5)[0].clone();
        surveyed(office, &json!([square(0, 0, 10, 10)[0], inner]))
    }),
    ("bad-action", "a line", |office| surveyed(office, &json!([[[0, 0, 1000, 1000]]]))),
    ("bad-action", "a coordinate with a fraction", |office| {
        surveyed(office, &json!([[[0, 0, 1000.5, 0, 0, 1000]]]))
    }),
    ("land-unit-settled", "a sheet is added when there is a title", |office| {
        let action = extension(office, "L-1", &square(0, 50, 10, 10));
        office.refuses(action, &[office.surveyor])
    }),
    ("land-not-the-surveyor", "a sheet is added by another surveyor", |office| {
        office.surveys("L-2", &square(0, 50, 10, 10));
        let other = office.town.institution("rival-surveyor", "surveyor", "land");
        let mut action = extension(office, "L-2", &square(10, 50, 10, 10));
        action["by"] = json!(other.id);
        office.refuses(action, &[other])
    }),
    ("land-units-overlap", "a sheet lies over the one before", |office| {
        office.surveys("L-2", &square(0, 50, 10, 10));
        let action = extension(office, "L-2", &square(9, 50, 10, 10));
        office.refuses(action, &[office.surveyor])
    }),
    ("land-unit-full", "a ninth sheet", |office| {
        office.surveys("L-2", &square(0, 50, 10, 10));
        for sheet in 1..8 {
            let action = extension(office, "L-2", &square(10 * sheet, 50, 10, 10));
            office.does(action, &[office.surveyor]);
        }
        let action = extension(office, "L-2", &square(80, 50, 10, 10));
        office.refuses(action, &[office.surveyor])
    }),
    ("land-unit-unknown", "a sheet of nothing", |office| {
        let action = extension(office, "L-9", &square(80, 50, 10, 10));
        office.refuses(action, &[office.surveyor])
    }),
    ("land-unit-full", "a sixty-fifth title", |office| {
        let owners = office.shares(&[(office.ana, "1/1")]);
        for number in 2..=64 {
            office.registers(&format!("T-{number}"), &["L-1"], owners.clone());
        }
        let action = office.registration("T-65", &["L-1"], owners);
        office.refuses(action, &[office.registrar, office.surveyor])
    }),
    // Split.
    ("land-areas-differ", "the halves are smaller", |office| {
        split_with(office, &square(60, 0, 39, 50))
    }),
    ("land-units-overlap", "the halves lie over each other", |office| {
        // One metre over the other, and one metre left out: the areas are equal.
        split_with(office, &square(59, 0, 40, 50))
    }),
    ("land-leaves-a-hole", "a part is elsewhere", |office| {
        let main = square(60, 0, 39, 50)[0].clone();
        let away = square(200, 0, 1, 50)[0].clone();
        split_with(office, &json!([main, away]))
    }),
    ("land-reaches-out", "a little more than there was", |office| {
        // 4 square metres beyond 5,000: less than 0.1 %, and no sliver.
        let main = square(60, 0, 40, 50)[0].clone();
        let away = square(200, 0, 2, 2)[0].clone();
        split_with(office, &json!([main, away]))
    }),
    ("land-reference-systems-differ", "the halves are measured otherwise", |office| {
        office.surveys("L-2", &square(0, 0, 60, 50));
        let mut survey = office.survey("L-3", &square(60, 0, 40, 50));
        survey["step"] = json!("nanodegree");
        office.does(survey, &[office.surveyor]);
        let action = office.split(TITLE, &[("T-2", &["L-2"]), ("T-3", &["L-3"])]);
        let signers = office.for_pieces();
        office.refuses(action, &signers)
    }),
    ("signer-missing", "split without an owner", |office| {
        split_by(office, |office| vec![office.ana, office.surveyor, office.registrar])
    }),
    ("signer-missing", "split without the surveyor", |office| {
        split_by(office, |office| vec![office.ana, office.bo, office.registrar])
    }),
    ("signer-missing", "split without the registrar", |office| {
        split_by(office, |office| vec![office.ana, office.bo, office.surveyor])
    }),
    ("land-caveated", "split under a caveat", |office| {
        office.caveats("C-1", office.dora);
        split_by(office, |office| office.for_pieces().to_vec())
    }),
    ("frozen", "split while frozen", |office| {
        office.freezes("F-1", office.court, TITLE);
        split_by(office, |office| office.for_pieces().to_vec())
    }),
    ("frozen", "a sheet is added to land that is frozen", |office| {
        office.surveys("L-2", &square(0, 100, 50, 50));
        office.freezes_land("F-1", "L-2");
        let action = extension(office, "L-2", &square(50, 100, 50, 50));
        office.refuses(action, &[office.surveyor])
    }),
    ("frozen", "split while a lot that stays as it is is frozen", |office| {
        office.surveys("L-2", &square(100, 0, 10, 50));
        let owners = office.shares(&[(office.ana, "1/2"), (office.bo, "1/2")]);
        office.registers("T-2", &["L-1", "L-2"], owners);
        office.freezes_land("F-1", "L-2");
        let action = office.split("T-2", &[("T-3", &["L-1"]), ("T-4", &["L-2"])]);
        let signers = office.for_pieces();
        office.refuses(action, &signers)
    }),
    ("frozen", "split while its land is frozen", |office| {
        office.freezes_land("F-1", "L-1");
        split_by(office, |office| office.for_pieces().to_vec())
    }),
    ("land-unit-shared", "another title is about the land", |office| {
        let owners = office.shares(&[(office.chen, "1/1")]);
        office.registers("T-9", &["L-1"], owners);
        split_by(office, |office| office.for_pieces().to_vec())
    }),
    ("land-unit-settled", "into land of another title", |office| {
        office.surveys("L-2", &square(0, 0, 60, 50));
        office.surveys("L-3", &square(60, 0, 40, 50));
        let owners = office.shares(&[(office.chen, "1/1")]);
        office.registers("T-9", &["L-3"], owners);
        let action = office.split(TITLE, &[("T-2", &["L-2"]), ("T-3", &["L-3"])]);
        let signers = office.for_pieces();
        office.refuses(action, &signers)
    }),
    ("id-taken", "two halves of one name", |office| {
        office.surveys("L-2", &square(0, 0, 60, 50));
        office.surveys("L-3", &square(60, 0, 40, 50));
        let action = office.split(TITLE, &[("T-2", &["L-2"]), ("T-2", &["L-3"])]);
        let signers = office.for_pieces();
        office.refuses(action, &signers)
    }),
    ("land-title-cancelled", "split twice", |office| {
        office.surveys("L-2", &square(0, 0, 60, 50));
        office.surveys("L-3", &square(60, 0, 40, 50));
        let action = office.split(TITLE, &[("T-2", &["L-2"]), ("T-3", &["L-3"])]);
        let signers = office.for_pieces();
        office.does(action, &signers);
        let action = office.split(TITLE, &[("T-4", &["L-2"]), ("T-5", &["L-3"])]);
        office.refuses(action, &signers)
    }),
    ("land-unit-replaced", "a title to land that was split", |office| {
        office.surveys("L-2", &square(0, 0, 60, 50));
        office.surveys("L-3", &square(60, 0, 40, 50));
        let action = office.split(TITLE, &[("T-2", &["L-2"]), ("T-3", &["L-3"])]);
        let signers = office.for_pieces();
        office.does(action, &signers);
        let owners = office.shares(&[(office.ana, "1/1")]);
        let action = office.registration("T-4", &["L-1"], owners);
        office.refuses(action, &[office.registrar, office.surveyor])
    }),
    ("land-too-many-points", "combs", |office| {
        // Eleven sheets of nearly 2,000 points each.
        office.surveys("L-2", &comb(0, 0, 990));
        for sheet in 1..6 {
            let action = extension(office, "L-2", &comb(0, 100 * sheet, 990));
            office.does(action, &[office.surveyor]);
        }
        office.surveys("L-3", &comb(0, 1000, 990));
        for sheet in 1..6 {
            let action = extension(office, "L-3", &comb(0, 1000 + 100 * sheet, 990));
            office.does(action, &[office.surveyor]);
        }
        let action = office.split(TITLE, &[("T-2", &["L-2"]), ("T-3", &["L-3"])]);
        let signers = office.for_pieces();
        office.refuses(action, &signers)
    }),
    // Merge.
    ("land-owners-differ", "merged though owned otherwise", |office| {
        neighbour(office, &[(office.ana, "1/3"), (office.bo, "2/3")]);
        merged(office, &[])
    }),
    ("land-tenures-differ", "merged though held otherwise", |office| {
        office.surveys("L-2", &square(100, 0, 10, 50));
        let owners = office.shares(&[(office.ana, "1/2"), (office.bo, "1/2")]);
        let mut action = office.registration("T-2", &["L-2"], owners);
        action["tenure"] = json!("Leasehold");
        office.does(action, &[office.registrar, office.surveyor]);
        merged(office, &[])
    }),
    ("land-rank-taken", "merged with two first mortgages", |office| {
        neighbour(office, &[(office.ana, "1/2"), (office.bo, "1/2")]);
        office.mortgages("M-1", office.bank, 1);
        let action = office.mortgage("T-2", "M-2", office.rival, 1);
        office.does(action, &[office.ana, office.bo, office.rival, office.registrar]);
        merged(office, &[])
    }),
    ("land-interest-taken", "merged with two instruments of one number", |office| {
        neighbour(office, &[(office.ana, "1/2"), (office.bo, "1/2")]);
        office.mortgages("M-1", office.bank, 1);
        let action = office.mortgage("T-2", "M-1", office.rival, 2);
        office.does(action, &[office.ana, office.bo, office.rival, office.registrar]);
        merged(office, &[])
    }),
    ("signer-not-required", "the lender signs a merge", |office| {
        neighbour(office, &[(office.ana, "1/2"), (office.bo, "1/2")]);
        merged(office, &[office.bank])
    }),
    ("land-areas-differ", "merged into less land", |office| {
        neighbour(office, &[(office.ana, "1/2"), (office.bo, "1/2")]);
        let action = office.merge(&[TITLE, "T-2"], "T-3", &["L-1"]);
        let signers = office.for_pieces();
        office.refuses(action, &signers)
    }),
    ("bad-action", "one title is merged with itself", |office| {
        let action = office.merge(&[TITLE, TITLE], "T-3", &["L-1"]);
        let signers = office.for_pieces();
        office.refuses(action, &signers)
    }),
];
