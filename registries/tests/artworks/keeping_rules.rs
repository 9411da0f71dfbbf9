//! Custody, place, condition, theft and destruction: every rule broken once.

use serde_json::json;

use crate::cases::Case;
use crate::gallery::{Gallery, WORK, act, condition};

fn look(by: crate::common::Actor) -> serde_json::Value {
    act("report-condition", json!({ "work": WORK, "by": by.id, "condition": condition() }))
}

/// The museum has the work on loan, and Ana has sold it to Bo.
fn sold_on_loan(gallery: &mut Gallery) {
    gallery.lends();
    gallery.does(gallery.sale(gallery.ana, gallery.bo), &[gallery.ana, gallery.bo]);
}

/// Bo takes the work over as a court directs.
fn directed(gallery: &mut Gallery) -> serde_json::Value {
    gallery.does(gallery.direction("o-1", "work", WORK), &[gallery.court]);
    let holder = gallery.work().custodian().unwrap();
    let mut action = gallery.handing_over(gallery.ana, gallery.bo);
    action["from"] = json!(holder);
    action["order"] = json!("o-1");
    action
}

pub(crate) const CASES: &[Case] = &[
    ("order-unknown", "handed over under no order", |gallery| {
        let mut action = gallery.handing_over(gallery.ana, gallery.bo);
        action["order"] = json!("o-1");
        gallery.refuses(action, &[gallery.bo])
    }),
    ("signer-missing", "handed over by a court's order to who does not take it", |gallery| {
        let action = directed(gallery);
        gallery.refuses(action, &[])
    }),
    ("artwork-disputed", "handed over by a court's order while disputed", |gallery| {
        let action = directed(gallery);
        gallery.is_disputed();
        gallery.refuses(action, &[gallery.bo])
    }),
    ("artwork-not-owner", "lent in another's name", |gallery| {
        let mut action = gallery.loan(gallery.ana, gallery.museum);
        action["owner"] = json!(gallery.bo.id);
        gallery.refuses(action, &[gallery.bo, gallery.ana, gallery.museum])
    }),
    ("artwork-not-custodian", "lent by who has it not", |gallery| {
        let action = gallery.loan(gallery.dealer, gallery.museum);
        gallery.refuses(action, &[gallery.ana, gallery.dealer, gallery.museum])
    }),
    ("artwork-same-party", "lent to oneself", |gallery| {
        gallery.refuses(gallery.loan(gallery.ana, gallery.ana), &[gallery.ana])
    }),
    ("signer-missing", "lent without the owner", |gallery| {
        gallery.does(
            gallery.handing_over(gallery.ana, gallery.dealer),
            &[gallery.ana, gallery.dealer],
        );
        let action = gallery.loan(gallery.dealer, gallery.museum);
        gallery.refuses(action, &[gallery.dealer, gallery.museum])
    }),
    ("signer-missing", "lent without the borrower", |gallery| {
        gallery.refuses(gallery.loan(gallery.ana, gallery.museum), &[gallery.ana])
    }),
    ("artwork-return-date-past", "to be returned yesterday", |gallery| {
        let mut action = gallery.loan(gallery.ana, gallery.museum);
        action["returns_by"] = json!("2025-12-31");
        gallery.refuses(action, &[gallery.ana, gallery.museum])
    }),
    ("artwork-out", "what is lent is lent on", |gallery| {
        gallery.lends();
        let action = gallery.loan(gallery.museum, gallery.dealer);
        gallery.refuses(action, &[gallery.ana, gallery.museum, gallery.dealer])
    }),
    ("artwork-out", "what is lent is consigned", |gallery| {
        gallery.lends();
        let action = gallery.consignment(gallery.museum, gallery.dealer);
        gallery.refuses(action, &[gallery.ana, gallery.museum, gallery.dealer])
    }),
    ("artwork-out", "what is lent is handed to somebody else", |gallery| {
        gallery.lends();
        let action = gallery.handing_over(gallery.museum, gallery.dealer);
        gallery.refuses(action, &[gallery.ana, gallery.museum, gallery.dealer])
    }),
    ("artwork-stolen", "lent while stolen", |gallery| {
        gallery.loses();
        let action = gallery.loan(gallery.ana, gallery.museum);
        gallery.refuses(action, &[gallery.ana, gallery.museum])
    }),
    ("artwork-disputed", "lent while disputed", |gallery| {
        gallery.is_disputed();
        let action = gallery.loan(gallery.ana, gallery.museum);
        gallery.refuses(action, &[gallery.ana, gallery.museum])
    }),
    ("frozen", "consigned while frozen", |gallery| {
        gallery.freezes();
        let action = gallery.consignment(gallery.ana, gallery.dealer);
        gallery.refuses(action, &[gallery.ana, gallery.dealer])
    }),
    ("artwork-disputed", "handed over while disputed", |gallery| {
        gallery.is_disputed();
        let action = gallery.handing_over(gallery.ana, gallery.dealer);
        gallery.refuses(action, &[gallery.ana, gallery.dealer])
    }),
    ("artwork-not-out", "returned though it is not lent", |gallery| {
        let action = gallery.giving_back(gallery.ana, gallery.bo);
        gallery.refuses(action, &[gallery.ana, gallery.bo])
    }),
    ("artwork-not-the-lender", "returned to the buyer, who did not lend it", |gallery| {
        sold_on_loan(gallery);
        let action = gallery.giving_back(gallery.museum, gallery.bo);
        gallery.refuses(action, &[gallery.museum, gallery.bo])
    }),
    ("artwork-not-custodian", "returned by another", |gallery| {
        gallery.lends();
        let action = gallery.giving_back(gallery.dealer, gallery.ana);
        gallery.refuses(action, &[gallery.dealer, gallery.ana])
    }),
    ("signer-missing", "returned without the lender", |gallery| {
        gallery.lends();
        gallery.refuses(gallery.giving_back(gallery.museum, gallery.ana), &[gallery.museum])
    }),
    ("frozen", "returned while frozen", |gallery| {
        gallery.lends();
        gallery.freezes();
        let action = gallery.giving_back(gallery.museum, gallery.ana);
        gallery.refuses(action, &[gallery.museum, gallery.ana])
    }),
    ("artwork-not-custodian", "moved by the owner, who has it not", |gallery| {
        gallery.lends();
        gallery.refuses(gallery.moving(gallery.ana), &[gallery.ana])
    }),
    ("signer-missing", "moved by nobody", |gallery| {
        gallery.refuses(gallery.moving(gallery.ana), &[])
    }),
    ("frozen", "moved while frozen", |gallery| {
        gallery.freezes();
        gallery.refuses(gallery.moving(gallery.ana), &[gallery.ana])
    }),
    ("artwork-disputed", "moved while disputed", |gallery| {
        gallery.is_disputed();
        gallery.refuses(gallery.moving(gallery.ana), &[gallery.ana])
    }),
    ("not-accredited", "looked at by anyone", |gallery| {
        gallery.refuses(look(gallery.bo), &[gallery.bo])
    }),
    ("artwork-stolen", "looked at while stolen", |gallery| {
        gallery.loses();
        gallery.refuses(look(gallery.expert), &[gallery.expert])
    }),
    ("signer-missing", "looked at by nobody", |gallery| gallery.refuses(look(gallery.ana), &[])),
    ("artwork-not-a-keeper", "reported stolen by a stranger", |gallery| {
        gallery.refuses(gallery.theft(gallery.bo), &[gallery.bo])
    }),
    ("signer-missing", "reported stolen by nobody", |gallery| {
        gallery.refuses(gallery.theft(gallery.ana), &[])
    }),
    ("artwork-stolen", "stolen twice", |gallery| {
        gallery.loses();
        gallery.refuses(gallery.theft(gallery.ana), &[gallery.ana])
    }),
    ("artwork-destroyed", "stolen when it is no more", |gallery| {
        gallery.burns();
        gallery.refuses(gallery.theft(gallery.ana), &[gallery.ana])
    }),
    ("artwork-stolen", "moved by who lost it", |gallery| {
        gallery.loses();
        gallery.refuses(gallery.moving(gallery.ana), &[gallery.ana])
    }),
    ("artwork-not-stolen", "recovered though nobody missed it", |gallery| {
        gallery.refuses(gallery.recovery(gallery.museum), &[gallery.ana, gallery.museum])
    }),
    ("signer-missing", "recovered without the owner", |gallery| {
        gallery.loses();
        gallery.refuses(gallery.recovery(gallery.museum), &[gallery.museum])
    }),
    ("artwork-not-owner", "recovered in another's name", |gallery| {
        gallery.loses();
        let mut action = gallery.recovery(gallery.museum);
        action["owner"] = json!(gallery.bo.id);
        gallery.refuses(action, &[gallery.bo, gallery.museum])
    }),
    ("order-not-for-this", "recovered under a direction about something else", |gallery| {
        gallery.registers("w-2", "unique");
        gallery.does(gallery.direction("o-1", "work", "w-2"), &[gallery.court]);
        gallery.loses();
        let mut action = gallery.recovery(gallery.museum);
        action["order"] = json!("o-1");
        gallery.refuses(action, &[gallery.museum])
    }),
    ("frozen", "recovered while frozen", |gallery| {
        gallery.loses();
        gallery.freezes();
        gallery.refuses(gallery.recovery(gallery.museum), &[gallery.ana, gallery.museum])
    }),
    ("artwork-not-custodian", "destroyed by the owner, who has it not", |gallery| {
        gallery.lends();
        gallery.refuses(gallery.destruction(gallery.ana), &[gallery.ana, gallery.expert])
    }),
    ("signer-missing", "destroyed without an assessor", |gallery| {
        gallery.refuses(gallery.destruction(gallery.ana), &[gallery.ana])
    }),
    ("artwork-expert-not-independent", "destroyed by its own assessor", |gallery| {
        let to_expert = gallery.loan(gallery.ana, gallery.expert);
        gallery.does(to_expert, &[gallery.ana, gallery.expert]);
        gallery.refuses(gallery.destruction(gallery.expert), &[gallery.expert])
    }),
    ("frozen", "destroyed while frozen", |gallery| {
        gallery.freezes();
        gallery.refuses(gallery.destruction(gallery.ana), &[gallery.ana, gallery.expert])
    }),
    ("artwork-destroyed", "destroyed twice", |gallery| {
        gallery.burns();
        gallery.refuses(gallery.destruction(gallery.ana), &[gallery.ana, gallery.expert])
    }),
];
