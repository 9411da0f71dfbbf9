//! What happens to a credential after it was issued: every rule broken once.

use serde_json::{Value, json};

use crate::campus::{Campus, with};
use crate::cases::Case;
use crate::common::{DAY, actor};

/// The correction of a new award with one member changed, signed by the university.
fn correction(campus: &mut Campus, pointer: &str, value: Value) -> &'static str {
    let serial = campus.issues();
    let action = with(campus.correction(&serial, "D-2"), pointer, value);
    campus.refuses(action, &[campus.university])
}

/// The issue anew of an award, with one member changed, signed by the university.
fn reissue(campus: &mut Campus, pointer: &str, value: Value) -> &'static str {
    let serial = campus.issues();
    let action = with(campus.reissue(&serial, "D-2"), pointer, value);
    campus.refuses(action, &[campus.university])
}

/// An authority revokes a new award with one member changed.
fn by_authority(campus: &mut Campus, by: crate::common::Actor, order: Value) -> &'static str {
    let serial = campus.issues();
    let id = campus.id(&serial);
    campus.orders("O", "direct", campus.court, "diplomas/credential", &id);
    let action = with(campus.revocation(&serial, by), "/order", order);
    campus.refuses(action, &[by])
}

fn freezes(campus: &mut Campus) -> String {
    let serial = campus.issues();
    let id = campus.id(&serial);
    campus.orders("F", "freeze", campus.court, "diplomas/credential", &id);
    serial
}

pub(crate) const CASES: &[Case] = &[
    ("diploma-unknown", "corrects what there is not", |campus| {
        campus.refuses(campus.correction("D-9", "D-2"), &[campus.university])
    }),
    ("diploma-not-current", "corrects it twice", |campus| {
        let serial = campus.issues();
        campus.corrects(&serial);
        campus.refuses(campus.correction(&serial, "D-9"), &[campus.university])
    }),
    ("diploma-not-current", "corrects a revoked one", |campus| {
        let serial = campus.issues();
        campus.revokes(&serial);
        campus.refuses(campus.correction(&serial, "D-9"), &[campus.university])
    }),
    ("frozen", "corrects a frozen one", |campus| {
        let serial = freezes(campus);
        campus.refuses(campus.correction(&serial, "D-9"), &[campus.university])
    }),
    ("not-accredited", "corrects after the end", |campus| {
        let serial = campus.issues();
        campus.accreditation("end");
        campus.refuses(campus.correction(&serial, "D-9"), &[campus.university])
    }),
    ("not-accredited", "corrects while suspended", |campus| {
        let serial = campus.issues();
        campus.accreditation("suspend");
        campus.refuses(campus.correction(&serial, "D-9"), &[campus.university])
    }),
    ("order-not-for-this", "corrects under an order about another", |campus| {
        let other = campus.issues();
        let id = campus.id(&other);
        campus.orders("O", "direct", campus.court, "diplomas/credential", &id);
        correction(campus, "/order", json!("O"))
    }),
    ("signer-missing", "nobody signs the correction", |campus| {
        let serial = campus.issues();
        campus.refuses(campus.correction(&serial, "D-9"), &[])
    }),
    ("id-taken", "the correction has the old number", |campus| {
        correction(campus, "/serial", json!("D-0001"))
    }),
    ("diploma-record-unchanged", "the correction has the old record", |campus| {
        correction(campus, "/record", json!(Campus::record("D-0001")))
    }),
    ("diploma-awarded-in-future", "corrected to a day to come", |campus| {
        correction(campus, "/awarded", json!("2027-01-01"))
    }),
    ("diploma-not-accredited-then", "corrected to a day without accreditation", |campus| {
        correction(campus, "/awarded", json!("2025-01-01"))
    }),
    ("diploma-programme-unknown", "corrected to no programme", |campus| {
        correction(campus, "/programme", json!("msc"))
    }),
    ("diploma-award-not-for-this", "corrected to an award's award", |campus| {
        correction(campus, "/award", json!("D-0001"))
    }),
    ("bad-action", "corrected to another holder", |campus| {
        correction(campus, "/holder", json!(campus.bo.id))
    }),
    ("diploma-too-many-corrections", "corrected for the 33rd time", |campus| {
        let mut serial = campus.issues();
        for _ in 0..32 {
            serial = campus.corrects(&serial);
        }
        campus.refuses(campus.correction(&serial, "D-9"), &[campus.university])
    }),
    ("diploma-unknown", "issues anew what there is not", |campus| {
        campus.refuses(campus.reissue("D-9", "D-2"), &[campus.university])
    }),
    ("diploma-not-current", "issues anew what was corrected", |campus| {
        let serial = campus.issues();
        campus.corrects(&serial);
        campus.refuses(campus.reissue(&serial, "D-9"), &[campus.university])
    }),
    ("frozen", "issues a frozen one anew", |campus| {
        let serial = freezes(campus);
        campus.refuses(campus.reissue(&serial, "D-9"), &[campus.university])
    }),
    ("not-accredited", "issues anew while suspended", |campus| {
        let serial = campus.issues();
        campus.accreditation("suspend");
        campus.refuses(campus.reissue(&serial, "D-9"), &[campus.university])
    }),
    ("signer-missing", "the holder alone signs", |campus| {
        let serial = campus.issues();
        campus.refuses(campus.reissue(&serial, "D-9"), &[campus.ana])
    }),
    ("id-taken", "issued anew under the old number", |campus| {
        reissue(campus, "/serial", json!("D-0001"))
    }),
    ("diploma-record-unchanged", "issued anew with the old record", |campus| {
        reissue(campus, "/record", json!(Campus::record("D-0001")))
    }),
    ("diploma-award-not-for-this", "issued anew with an award", |campus| {
        reissue(campus, "/award", json!("D-0001"))
    }),
    ("diploma-award-does-not-fit", "a transcript issued anew with the old award", |campus| {
        let award = campus.issues();
        campus.does(campus.transcript("T-1", &award), &[campus.university]);
        campus.does(campus.reissue(&award, "D-2"), &[campus.university]);
        let action = with(campus.reissue("T-1", "T-2"), "/award", json!(award));
        campus.refuses(action, &[campus.university])
    }),
    ("diploma-unknown", "revokes what there is not", |campus| {
        campus.refuses(campus.revocation("D-9", campus.university), &[campus.university])
    }),
    ("diploma-not-current", "revokes it twice", |campus| {
        let serial = campus.issues();
        campus.revokes(&serial);
        campus.refuses(campus.revocation(&serial, campus.university), &[campus.university])
    }),
    ("diploma-not-current", "revokes what was corrected", |campus| {
        let serial = campus.issues();
        campus.corrects(&serial);
        campus.refuses(campus.revocation(&serial, campus.university), &[campus.university])
    }),
    ("frozen", "revokes a frozen one", |campus| {
        let serial = freezes(campus);
        campus.refuses(campus.revocation(&serial, campus.university), &[campus.university])
    }),
    ("not-accredited", "revokes after the end", |campus| {
        let serial = campus.issues();
        campus.accreditation("end");
        campus.refuses(campus.revocation(&serial, campus.university), &[campus.university])
    }),
    ("signer-missing", "nobody signs the revocation", |campus| {
        let serial = campus.issues();
        campus.refuses(campus.revocation(&serial, campus.university), &[])
    }),
    ("diploma-not-the-issuer", "another university revokes", |campus| {
        let serial = campus.issues();
        campus.refuses(campus.revocation(&serial, campus.rival), &[campus.rival])
    }),
    ("diploma-not-the-issuer", "a court revokes without an order", |campus| {
        by_authority(campus, campus.court, Value::Null)
    }),
    ("diploma-not-the-issuer", "a regulator carries out a court's order", |campus| {
        by_authority(campus, campus.regulator, json!("O"))
    }),
    ("order-unknown", "a court revokes under an order that there is not", |campus| {
        by_authority(campus, campus.court, json!("P"))
    }),
    ("order-not-in-force", "a court revokes too late", |campus| {
        let serial = campus.issues();
        let id = campus.id(&serial);
        campus.orders("O", "direct", campus.court, "diplomas/credential", &id);
        campus.town.passes(101 * DAY);
        let action = with(campus.revocation(&serial, campus.court), "/order", json!("O"));
        campus.refuses(action, &[campus.court])
    }),
    ("not-accredited", "a court that is none any more", |campus| {
        let serial = campus.issues();
        let id = campus.id(&serial);
        campus.orders("O", "direct", campus.court, "diplomas/credential", &id);
        let end = json!({ "register": "authorities", "action": "end", "reason": "merged",
            "accreditation": "court-court", "by": campus.town.root().id });
        campus.town.does(end, &campus.town.root_signs());
        let action = with(campus.revocation(&serial, campus.court), "/order", json!("O"));
        campus.refuses(action, &[campus.court])
    }),
    ("diploma-order-not-cited", "ordered by nobody", |campus| {
        let serial = campus.issues();
        let action = campus.revocation(&serial, campus.university);
        campus.refuses(with(action, "/reason", json!("ordered")), &[campus.university])
    }),
    ("bad-action", "revoked without a reason", |campus| {
        let serial = campus.issues();
        let action = campus.revocation(&serial, campus.university);
        campus.refuses(with(action, "/reason", Value::Null), &[campus.university])
    }),
    ("diploma-unknown", "accepts what there is not", |campus| {
        campus.refuses(campus.answer("D-9", "accept"), &[campus.ana])
    }),
    ("signer-missing", "another accepts it", |campus| {
        let serial = campus.issues();
        campus.refuses(campus.answer(&serial, "accept"), &[campus.bo])
    }),
    ("diploma-not-current", "accepts a revoked one", |campus| {
        let serial = campus.issues();
        campus.revokes(&serial);
        campus.refuses(campus.answer(&serial, "accept"), &[campus.ana])
    }),
    ("diploma-answered-so-already", "declines twice", |campus| {
        let serial = campus.issues();
        campus.does(campus.answer(&serial, "decline"), &[campus.ana]);
        campus.refuses(campus.answer(&serial, "decline"), &[campus.ana])
    }),
    ("bad-action", "a credential's name without its serial number", |campus| {
        let action = json!({ "register": "diplomas", "action": "accept",
            "credential": actor("university").id });
        campus.refuses(action, &[campus.ana])
    }),
];
