//! Divorce, annulment, death and correction: every rule broken once.

use serde_json::json;

use crate::cases::Case;
use crate::office::{Office, random_id, with};

/// Ana and Bo are married.
fn married(office: &mut Office) -> String {
    let (ana, bo) = (office.ana, office.bo);
    office.marries(ana, bo)
}

/// And divorced.
fn divorced(office: &mut Office) -> String {
    let Office { ana, bo, registrar, .. } = *office;
    let marriage = married(office);
    office.does(office.divorce(&marriage, ana, bo), &[registrar, ana, bo]);
    marriage
}

/// The ground that a court has directed it by the order O-1.
fn direction(office: &Office) -> serde_json::Value {
    json!({ "direction": { "registrar": office.registrar.id, "order": "O-1" } })
}

pub(crate) const CASES: &[Case] = &[
    ("signer-missing", "divorced without one of the two", |office| {
        let Office { ana, bo, registrar, .. } = *office;
        let marriage = married(office);
        office.refuses(office.divorce(&marriage, ana, bo), &[registrar, ana])
    }),
    ("signer-missing", "divorced without the registrar", |office| {
        let Office { ana, bo, .. } = *office;
        let marriage = married(office);
        office.refuses(office.divorce(&marriage, ana, bo), &[ana, bo])
    }),
    ("not-accredited", "divorced by a regulator", |office| {
        let Office { ana, bo, regulator, .. } = *office;
        let marriage = married(office);
        let action = office.divorce(&marriage, ana, bo);
        let action = with(action, "/ground/agreement/registrar", json!(regulator.id));
        office.refuses(action, &[regulator, ana, bo])
    }),
    ("marriage-unknown", "a divorce from nobody", |office| {
        let Office { ana, bo, registrar, .. } = *office;
        let action = office.divorce(&random_id(99), ana, bo);
        office.refuses(action, &[registrar, ana, bo])
    }),
    ("marriage-spouses-differ", "two others divorce", |office| {
        let Office { ana, cy, registrar, .. } = *office;
        let marriage = married(office);
        office.refuses(office.divorce(&marriage, ana, cy), &[registrar, ana, cy])
    }),
    ("marriage-not-in-force", "divorced twice", |office| {
        let Office { ana, bo, registrar, .. } = *office;
        let marriage = divorced(office);
        office.refuses(office.divorce(&marriage, ana, bo), &[registrar, ana, bo])
    }),
    ("marriage-spouse-deceased", "a court divorces the dead", |office| {
        let Office { ana, bo, court, .. } = *office;
        let marriage = married(office);
        office.dies(bo);
        let judgment = office.judgment();
        let action = with(office.divorce(&marriage, ana, bo), "/ground", judgment);
        office.refuses(action, &[court])
    }),
    ("frozen", "a court keeps a marriage as it is", |office| {
        let Office { ana, bo, registrar, court, .. } = *office;
        let marriage = married(office);
        office.does(office.order("freeze", court, ("marriage", &marriage)), &[court]);
        office.refuses(office.divorce(&marriage, ana, bo), &[registrar, ana, bo])
    }),
    ("marriage-changed-already", "divorced and annulled at once", |office| {
        let Office { ana, bo, registrar, court, .. } = *office;
        let marriage = married(office);
        let actions = [office.divorce(&marriage, ana, bo), office.annulment(&marriage, ana, bo)];
        let refusal = office.try_all(&actions, &[registrar, ana, bo, court]).unwrap_err();
        assert_eq!(refusal.pointer, "/payload/actions/1");
        refusal.code.name
    }),
    ("order-unknown", "a direction that nobody gave", |office| {
        let Office { ana, bo, registrar, .. } = *office;
        let marriage = married(office);
        let ground = direction(office);
        let action = with(office.divorce(&marriage, ana, bo), "/ground", ground);
        office.refuses(action, &[registrar])
    }),
    ("order-not-for-this", "a direction about another marriage", |office| {
        let Office { ana, bo, cy, dee, registrar, court, .. } = *office;
        let (marriage, other) = (married(office), office.marries(cy, dee));
        office.does(office.order("direct", court, ("marriage", &other)), &[court]);
        let ground = direction(office);
        let action = with(office.annulment(&marriage, ana, bo), "/ground", ground);
        office.refuses(action, &[registrar])
    }),
    ("marriage-needs-court", "a regulator directs a divorce", |office| {
        let Office { ana, bo, registrar, regulator, .. } = *office;
        let marriage = married(office);
        office.does(office.order("direct", regulator, ("marriage", &marriage)), &[regulator]);
        let ground = direction(office);
        let action = with(office.divorce(&marriage, ana, bo), "/ground", ground);
        office.refuses(action, &[registrar])
    }),
    ("order-not-in-force", "a direction that has run out", |office| {
        let Office { ana, bo, registrar, court, .. } = *office;
        let marriage = married(office);
        office.does(office.order("direct", court, ("marriage", &marriage)), &[court]);
        office.town.passes(10 * crate::common::DAY);
        let ground = direction(office);
        let action = with(office.divorce(&marriage, ana, bo), "/ground", ground);
        office.refuses(action, &[registrar])
    }),
    ("not-accredited", "annulled by the registrar", |office| {
        let Office { ana, bo, registrar, .. } = *office;
        let marriage = married(office);
        let action = office.annulment(&marriage, ana, bo);
        let action = with(action, "/ground/judgment/court", json!(registrar.id));
        office.refuses(action, &[registrar])
    }),
    ("bad-action", "annulled by agreement", |office| {
        let Office { ana, bo, registrar, .. } = *office;
        let marriage = married(office);
        let ground = json!({ "agreement": { "registrar": registrar.id } });
        let action = with(office.annulment(&marriage, ana, bo), "/ground", ground);
        office.refuses(action, &[registrar, ana, bo])
    }),
    ("signer-missing", "annulled without the court", |office| {
        let Office { ana, bo, registrar, .. } = *office;
        let marriage = married(office);
        office.refuses(office.annulment(&marriage, ana, bo), &[registrar])
    }),
    ("marriage-annulled-already", "annulled twice", |office| {
        let Office { ana, bo, court, .. } = *office;
        let marriage = married(office);
        office.does(office.annulment(&marriage, ana, bo), &[court]);
        office.refuses(office.annulment(&marriage, ana, bo), &[court])
    }),
    ("marriage-not-in-force", "divorced from what never was", |office| {
        let Office { ana, bo, court, registrar, .. } = *office;
        let marriage = married(office);
        office.does(office.annulment(&marriage, ana, bo), &[court]);
        office.refuses(office.divorce(&marriage, ana, bo), &[registrar, ana, bo])
    }),
    ("frozen", "annulled under a freeze", |office| {
        let Office { ana, bo, court, .. } = *office;
        let marriage = married(office);
        office.does(office.order("freeze", court, ("marriage", &marriage)), &[court]);
        office.refuses(office.annulment(&marriage, ana, bo), &[court])
    }),
    ("signer-missing", "a death stated by the widow", |office| {
        let Office { ana, bo, .. } = *office;
        let marriage = married(office);
        office.refuses(office.death(&marriage, bo), &[ana])
    }),
    ("marriage-spouses-differ", "the death of somebody else", |office| {
        let Office { cy, registrar, .. } = *office;
        let marriage = married(office);
        office.refuses(office.death(&marriage, cy), &[registrar])
    }),
    ("marriage-not-in-force", "a death after the divorce", |office| {
        let Office { bo, registrar, .. } = *office;
        let marriage = divorced(office);
        office.refuses(office.death(&marriage, bo), &[registrar])
    }),
    ("marriage-death-not-shown", "neither register nor document", |office| {
        let Office { bo, registrar, .. } = *office;
        let marriage = married(office);
        let action = with(office.death(&marriage, bo), "/document", json!(null));
        office.refuses(action, &[registrar])
    }),
    ("marriage-date-ahead", "a death to come", |office| {
        let Office { bo, registrar, .. } = *office;
        let marriage = married(office);
        let action = with(office.death(&marriage, bo), "/died", json!("2026-01-03"));
        office.refuses(action, &[registrar])
    }),
    ("marriage-dates-contradict", "dead before the wedding", |office| {
        let Office { bo, registrar, .. } = *office;
        let marriage = married(office);
        let action = with(office.death(&marriage, bo), "/died", json!("2025-12-31"));
        office.refuses(action, &[registrar])
    }),
    ("not-accredited", "corrected by one of the two", |office| {
        let ana = office.ana;
        let marriage = married(office);
        office.refuses(office.correction(&marriage, ana), &[ana])
    }),
    ("marriage-corrects-nothing", "a correction of something else", |office| {
        let registrar = office.registrar;
        let marriage = married(office);
        let nothing = json!(chancery_ledger::hash::Hash::of(&[b"nothing"]));
        let action = with(office.correction(&marriage, registrar), "/corrects", nothing);
        office.refuses(action, &[registrar])
    }),
    ("marriage-too-many-corrections", "a thirteenth correction", |office| {
        let registrar = office.registrar;
        let marriage = married(office);
        for _ in 0..12 {
            office.does(office.correction(&marriage, registrar), &[registrar]);
        }
        office.refuses(office.correction(&marriage, registrar), &[registrar])
    }),
    ("frozen", "corrected under a freeze", |office| {
        let Office { registrar, court, .. } = *office;
        let marriage = married(office);
        office.does(office.order("freeze", court, ("marriage", &marriage)), &[court]);
        office.refuses(office.correction(&marriage, registrar), &[registrar])
    }),
    ("marriage-unknown", "a correction of nothing", |office| {
        let registrar = office.registrar;
        let marriage = married(office);
        let action = office.correction(&marriage, registrar);
        office.refuses(with(action, "/marriage", json!(random_id(99))), &[registrar])
    }),
];
