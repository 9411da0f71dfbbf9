//! Programmes and issuing: every rule broken once.

use chancery_registries::text::Date;
use serde_json::{Value, json};

use crate::campus::{Campus, with};
use crate::cases::Case;
use crate::common::{DAY, actor};

/// Ana's award with one member changed, signed by the university.
fn award(campus: &mut Campus, pointer: &str, value: Value) -> &'static str {
    let action = with(campus.award("D-1"), pointer, value);
    campus.refuses(action, &[campus.university])
}

/// A batch for Ana and Bo with one member changed, signed by the university.
fn batch(campus: &mut Campus, pointer: &str, value: Value) -> &'static str {
    let action = campus.batch(&[("D-1", campus.ana), ("D-2", campus.bo)]);
    campus.refuses(with(action, pointer, value), &[campus.university])
}

fn programme(campus: &mut Campus, pointer: &str, value: Value) -> &'static str {
    let action = with(campus.programme("msc"), pointer, value);
    campus.refuses(action, &[campus.university])
}

/// A transcript for an award of this serial number.
fn transcript(campus: &mut Campus, award: &str) -> &'static str {
    let action = campus.transcript("T-1", award);
    campus.refuses(action, &[campus.university])
}

pub(crate) const CASES: &[Case] = &[
    ("id-taken", "a programme of this id", |campus| programme(campus, "/programme", json!("bsc"))),
    ("signer-missing", "nobody has signed for the programme", |campus| {
        campus.refuses(campus.programme("msc"), &[])
    }),
    ("signer-not-required", "a regulator signs for a programme", |campus| {
        campus.refuses(campus.programme("msc"), &[campus.university, campus.regulator])
    }),
    ("not-accredited", "a programme of a person", |campus| {
        let action = with(campus.programme("msc"), "/institution", json!(campus.bo.id));
        campus.refuses(action, &[campus.bo])
    }),
    ("not-accredited", "a programme while suspended", |campus| {
        campus.accreditation("suspend");
        campus.refuses(campus.programme("msc"), &[campus.university])
    }),
    ("bad-action", "a programme without a title", |campus| {
        programme(campus, "/title", Value::Null)
    }),
    ("diploma-programme-unknown", "closes what there is not", |campus| {
        let action = campus.closing("msc", campus.today());
        campus.refuses(action, &[campus.university])
    }),
    ("signer-missing", "another closes it", |campus| {
        let action = campus.closing("bsc", campus.today());
        campus.refuses(action, &[campus.rival])
    }),
    ("diploma-programme-closed", "closes it twice", |campus| {
        let action = campus.closing("bsc", campus.today());
        campus.does(action.clone(), &[campus.university]);
        campus.refuses(action, &[campus.university])
    }),
    ("diploma-programme-closes-early", "closes it before it opened", |campus| {
        let action = campus.closing("bsc", campus.days_ago(100));
        campus.refuses(action, &[campus.university])
    }),
    ("frozen", "closes a frozen programme", |campus| {
        let id = campus.id("bsc");
        campus.orders("F", "freeze", campus.court, "diplomas/programme", &id);
        let action = campus.closing("bsc", campus.today());
        campus.refuses(action, &[campus.university])
    }),
    ("id-taken", "the serial number was given", |campus| {
        let serial = campus.issues();
        award(campus, "/serial", json!(serial))
    }),
    ("signer-missing", "the university has not signed", |campus| {
        campus.refuses(campus.award("D-1"), &[])
    }),
    ("signer-missing", "another university has signed", |campus| {
        campus.refuses(campus.award("D-1"), &[campus.rival])
    }),
    ("signer-not-required", "the holder signs as well", |campus| {
        campus.refuses(campus.award("D-1"), &[campus.university, campus.ana])
    }),
    ("diploma-awarded-in-future", "tomorrow's award", |campus| {
        let tomorrow = Date::of(campus.town.time.plus_ms(DAY));
        award(campus, "/awarded", json!(tomorrow))
    }),
    ("diploma-not-accredited-then", "an award from before the accreditation", |campus| {
        award(campus, "/awarded", json!("2025-12-31"))
    }),
    ("diploma-not-accredited-then", "an award from before 1970", |campus| {
        award(campus, "/awarded", json!("1931-05-01"))
    }),
    ("diploma-not-accredited-then", "an award of a day in a suspension", |campus| {
        campus.accreditation("suspend");
        campus.town.passes(3 * DAY);
        campus.accreditation("reinstate");
        let day = campus.days_ago(1);
        award(campus, "/awarded", json!(day))
    }),
    ("diploma-not-accredited-then", "accredited for another register", |campus| {
        let school = campus.town.institution("school", "university", "identity");
        let action = with(campus.award("D-1"), "/institution", json!(school.id));
        campus.refuses(action, &[school])
    }),
    ("diploma-not-accredited-then", "accredited as something else", |campus| {
        let action = with(campus.award("D-1"), "/institution", json!(campus.regulator.id));
        campus.refuses(action, &[campus.regulator])
    }),
    ("diploma-not-accredited-then", "recognised only since a later day", |campus| {
        recognised(campus, "1911-01-01");
        let action = with(campus.award("D-1"), "/awarded", json!("1910-12-31"));
        campus.refuses(action, &[campus.university])
    }),
    ("diploma-not-accredited-then", "recognised since no date", |campus| {
        recognised(campus, "always");
        let action = with(campus.award("D-1"), "/awarded", json!("1910-12-31"));
        campus.refuses(action, &[campus.university])
    }),
    ("not-accredited", "late, while suspended", |campus| {
        campus.accreditation("suspend");
        let day = campus.days_ago(1);
        award(campus, "/awarded", json!(day))
    }),
    ("not-accredited", "late, after the end", |campus| {
        campus.accreditation("end");
        let day = campus.days_ago(1);
        award(campus, "/awarded", json!(day))
    }),
    ("order-unknown", "late, under an order that there is not", |campus| {
        award(campus, "/order", json!("O"))
    }),
    ("order-not-for-this", "late, under an order about another", |campus| {
        let rival = campus.rival.id.to_string();
        orders_about_party(campus, &rival);
        award(campus, "/order", json!("O"))
    }),
    ("party-unknown", "nobody knows the holder", |campus| {
        award(campus, "/holder", json!(actor("nobody").id))
    }),
    ("diploma-holder-not-a-person", "a degree for a court", |campus| {
        award(campus, "/holder", json!(campus.court.id))
    }),
    ("diploma-programme-unknown", "no such programme", |campus| {
        award(campus, "/programme", json!("msc"))
    }),
    ("diploma-programme-not-open", "before the programme opened", |campus| {
        let later = with(campus.programme("msc"), "/opened", json!("2027-01-01"));
        campus.does(later, &[campus.university]);
        award(campus, "/programme", json!("msc"))
    }),
    ("diploma-programme-not-open", "after the programme closed", |campus| {
        let action = campus.closing("bsc", campus.days_ago(1));
        campus.does(action, &[campus.university]);
        award(campus, "/programme", json!("bsc"))
    }),
    ("frozen", "the programme is frozen", |campus| {
        let id = campus.id("bsc");
        campus.orders("F", "freeze", campus.regulator, "diplomas/programme", &id);
        award(campus, "/programme", json!("bsc"))
    }),
    ("diploma-award-not-for-this", "an award of an award", |campus| {
        let serial = campus.issues();
        award(campus, "/award", json!(serial))
    }),
    ("diploma-award-does-not-fit", "a transcript of nothing", |campus| transcript(campus, "D-9")),
    ("diploma-award-does-not-fit", "a transcript of a transcript", |campus| {
        let serial = campus.issues();
        campus.does(campus.transcript("T-0", &serial), &[campus.university]);
        transcript(campus, "T-0")
    }),
    ("diploma-award-does-not-fit", "a transcript of a revoked award", |campus| {
        let serial = campus.issues();
        campus.revokes(&serial);
        transcript(campus, &serial)
    }),
    ("diploma-award-does-not-fit", "a transcript of another's award", |campus| {
        let serial = campus.issues();
        let action = with(campus.transcript("T-1", &serial), "/holder", json!(campus.bo.id));
        campus.refuses(action, &[campus.university])
    }),
    ("bad-action", "no such kind", |campus| award(campus, "/kind", json!("title"))),
    ("bad-action", "a name on the ledger", |campus| award(campus, "/name", json!("Ana"))),
    ("bad-action", "no such day", |campus| award(campus, "/awarded", json!("2026-02-30"))),
    ("bad-action", "a serial number with a slash", |campus| award(campus, "/serial", json!("1/2"))),
    ("id-taken", "a serial number stands twice in a batch", |campus| {
        let action = campus.batch(&[("D-1", campus.ana), ("D-1", campus.bo)]);
        campus.refuses(action, &[campus.university])
    }),
    ("id-taken", "a serial number of a batch was given", |campus| {
        let serial = campus.issues();
        batch(campus, "/awards/1/serial", json!(serial))
    }),
    ("party-unknown", "nobody knows the last of a batch", |campus| {
        batch(campus, "/awards/1/holder", json!(actor("nobody").id))
    }),
    ("diploma-holder-not-a-person", "a court in a batch", |campus| {
        batch(campus, "/awards/1/holder", json!(campus.court.id))
    }),
    ("diploma-award-not-for-this", "an award of an award in a batch", |campus| {
        batch(campus, "/awards/1/award", json!("D-1"))
    }),
    ("diploma-awarded-in-future", "a batch of tomorrow", |campus| {
        let tomorrow = Date::of(campus.town.time.plus_ms(DAY));
        batch(campus, "/awarded", json!(tomorrow))
    }),
    ("diploma-not-accredited-then", "a batch from before the accreditation", |campus| {
        batch(campus, "/awarded", json!("2025-12-31"))
    }),
    ("not-accredited", "a batch after the end", |campus| {
        campus.accreditation("end");
        let day = campus.days_ago(1);
        batch(campus, "/awarded", json!(day))
    }),
    ("diploma-programme-unknown", "a batch in no programme", |campus| {
        batch(campus, "/programme", json!("msc"))
    }),
    ("signer-missing", "nobody has signed the batch", |campus| {
        let action = campus.batch(&[("D-1", campus.ana)]);
        campus.refuses(action, &[])
    }),
    ("bad-action", "an empty batch", |campus| batch(campus, "/awards", json!([]))),
    ("bad-action", "a batch of too many", |campus| {
        let award = |serial: u32| {
            json!({ "serial": serial.to_string(), "holder": campus.ana.id,
            "record": Campus::record("x") })
        };
        let awards: Vec<_> = (0..251).map(award).collect();
        batch(campus, "/awards", json!(awards))
    }),
];

/// Root accredits the university once more and recognises its awards since a day.
fn recognised(campus: &mut Campus, since: &str) {
    let (town, university) = (&mut campus.town, campus.university);
    let mut grant = town.accreditation("old", university, "university", "diplomas");
    grant["parameters"] = json!({ "recognised-since": since });
    town.does(grant, &town.root_signs());
}

/// A court that is accredited for identity directs something about a party: order `O`.
fn orders_about_party(campus: &mut Campus, party: &str) {
    let court = campus.town.institution("high-court", "court", "identity");
    campus.orders("O", "direct", court, "identity/party", party);
}
