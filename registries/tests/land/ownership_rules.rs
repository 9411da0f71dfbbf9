//! What is refused of registrations, transfers, transmissions, sales and rectifications.

use chancery_ledger::hash::Hash;
use serde_json::json;

use crate::cases::Case;
use crate::common::DAY;
use crate::office::{Office, TITLE, square};

fn both(office: &Office) -> serde_json::Value {
    office.shares(&[(office.ana, "1/2"), (office.bo, "1/2")])
}

fn ana_sells(office: &Office) -> serde_json::Value {
    office.transfer(TITLE, &[(office.ana, "1/2")], &[(office.chen, "1/2")])
}

fn rectification(office: &Office, corrects: Hash, fields: serde_json::Value) -> serde_json::Value {
    let mut action = office.land(
        "rectify",
        json!({"title": TITLE, "corrects": corrects, "statement": "It was wrong"}),
    );
    for (name, value) in fields.as_object().unwrap() {
        action[name] = value.clone();
    }
    action
}

fn registered(office: &Office) -> Hash {
    office.title(TITLE).trail[0]
}

pub(crate) const CASES: &[Case] = &[
    // First registration.
    ("id-taken", "a title's id is used again", |office| {
        let action = office.registration(TITLE, &["L-1"], both(office));
        office.refuses(action, &[office.registrar, office.surveyor])
    }),
    ("not-accredited", "a registrar who is none", |office| {
        let mut action = office.registration("T-2", &["L-1"], both(office));
        action["by"] = json!(office.bank.id);
        office.refuses(action, &[office.bank, office.surveyor])
    }),
    ("not-accredited", "a surveyor who is none", |office| {
        let mut action = office.registration("T-2", &["L-1"], both(office));
        action["surveyor"] = json!(office.bank.id);
        office.refuses(action, &[office.registrar, office.bank])
    }),
    ("signer-missing", "without the surveyor", |office| {
        let action = office.registration("T-2", &["L-1"], both(office));
        office.refuses(action, &[office.registrar])
    }),
    ("signer-missing", "without the registrar", |office| {
        let action = office.registration("T-2", &["L-1"], both(office));
        office.refuses(action, &[office.surveyor])
    }),
    ("signer-not-required", "an owner signs unasked", |office| {
        let action = office.registration("T-2", &["L-1"], both(office));
        office.refuses(action, &[office.registrar, office.surveyor, office.ana])
    }),
    ("land-shares-not-whole", "the shares are less than the whole", |office| {
        let owners = office.shares(&[(office.ana, "1/2"), (office.bo, "1/3")]);
        let action = office.registration("T-2", &["L-1"], owners);
        office.refuses(action, &[office.registrar, office.surveyor])
    }),
    ("land-shares-not-whole", "the shares are more than the whole", |office| {
        let owners = office.shares(&[(office.ana, "2/3"), (office.bo, "1/2")]);
        let action = office.registration("T-2", &["L-1"], owners);
        office.refuses(action, &[office.registrar, office.surveyor])
    }),
    ("land-shares-not-whole", "an owner stands twice", |office| {
        let owners = office.shares(&[(office.ana, "1/3"), (office.ana, "2/3")]);
        let action = office.registration("T-2", &["L-1"], owners);
        office.refuses(action, &[office.registrar, office.surveyor])
    }),
    ("frozen", "about land that is frozen", |office| {
        office.freezes_land("F-1", "L-1");
        let action = office.registration("T-2", &["L-1"], both(office));
        office.refuses(action, &[office.registrar, office.surveyor])
    }),
    ("party-unknown", "an owner whom nobody knows", |office| {
        let stranger = crate::common::actor("stranger");
        let action = office.registration("T-2", &["L-1"], office.shares(&[(stranger, "1/1")]));
        office.refuses(action, &[office.registrar, office.surveyor])
    }),
    ("land-unit-unknown", "a title to nothing", |office| {
        let action = office.registration("T-2", &["L-9"], both(office));
        office.refuses(action, &[office.registrar, office.surveyor])
    }),
    ("land-reference-systems-differ", "a title in two reference systems", |office| {
        let mut survey = office.survey("L-2", &square(0, 50, 10, 10));
        survey["crs"] = json!("EPSG:27200");
        office.does(survey, &[office.surveyor]);
        let action = office.registration("T-2", &["L-1", "L-2"], both(office));
        office.refuses(action, &[office.registrar, office.surveyor])
    }),
    ("land-rank-taken", "registered with two mortgages of one rank", |office| {
        let mortgage = |id: &str| {
            json!({"interest": id, "reference": "M",
                "nature": {"mortgage": {"lenders": [office.bank.id], "rank": 1}}})
        };
        let mut action = office.registration("T-2", &["L-1"], both(office));
        action["interests"] = json!([mortgage("M-1"), mortgage("M-2")]);
        office.refuses(action, &[office.registrar, office.surveyor])
    }),
    ("party-unknown", "registered with a lender whom nobody knows", |office| {
        let stranger = crate::common::actor("stranger").id;
        let mut action = office.registration("T-2", &["L-1"], both(office));
        action["interests"] = json!([{"interest": "M-1", "reference": "M",
            "nature": {"mortgage": {"lenders": [stranger], "rank": 1}}}]);
        office.refuses(action, &[office.registrar, office.surveyor])
    }),
    // Transfer.
    ("land-title-unknown", "no such title", |office| {
        let action = office.transfer("T-9", &[(office.ana, "1/2")], &[(office.chen, "1/2")]);
        office.refuses(action, &[office.ana, office.chen, office.registrar])
    }),
    ("signer-missing", "without who gives", |office| {
        office.refuses(ana_sells(office), &[office.chen, office.registrar])
    }),
    ("signer-missing", "without who receives", |office| {
        office.refuses(ana_sells(office), &[office.ana, office.registrar])
    }),
    ("signer-missing", "without the registrar's signature", |office| {
        office.refuses(ana_sells(office), &[office.ana, office.chen])
    }),
    ("signer-not-required", "a co-owner who gives nothing signs", |office| {
        office.refuses(ana_sells(office), &[office.ana, office.bo, office.chen, office.registrar])
    }),
    ("land-not-an-owner", "who gives owns nothing", |office| {
        let action = office.transfer(TITLE, &[(office.dora, "1/2")], &[(office.chen, "1/2")]);
        office.refuses(action, &[office.dora, office.chen, office.registrar])
    }),
    ("land-share-too-large", "more is given than owned", |office| {
        let action = office.transfer(TITLE, &[(office.ana, "2/3")], &[(office.chen, "2/3")]);
        office.refuses(action, &[office.ana, office.chen, office.registrar])
    }),
    ("land-share-too-fine", "what is left could not be written down", |office| {
        let tiny = "1/9007199254740991";
        let action = office.transfer(TITLE, &[(office.ana, tiny)], &[(office.chen, tiny)]);
        office.refuses(action, &[office.ana, office.chen, office.registrar])
    }),
    ("land-shares-do-not-balance", "less is received than given", |office| {
        let action = office.transfer(TITLE, &[(office.ana, "1/2")], &[(office.chen, "1/3")]);
        office.refuses(action, &[office.ana, office.chen, office.registrar])
    }),
    ("land-shares-do-not-balance", "somebody gives to themselves", |office| {
        let action = office.transfer(TITLE, &[(office.ana, "1/2")], &[(office.ana, "1/2")]);
        office.refuses(action, &[office.ana, office.registrar])
    }),
    ("land-lender-has-not-signed", "mortgaged, without the lender", |office| {
        office.mortgages("M-1", office.bank, 1);
        office.refuses(ana_sells(office), &[office.ana, office.chen, office.registrar])
    }),
    ("land-lender-has-not-signed", "of two lenders one has signed", |office| {
        office.mortgages("M-1", office.bank, 1);
        office.mortgages("M-2", office.rival, 2);
        let action = ana_sells(office);
        office.refuses(action, &[office.ana, office.chen, office.registrar, office.bank])
    }),
    ("land-caveated", "a caveat is on it", |office| {
        office.caveats("C-1", office.dora);
        office.refuses(ana_sells(office), &[office.ana, office.chen, office.registrar])
    }),
    ("land-caveated", "a caveat, though the caveator signs", |office| {
        office.caveats("C-1", office.dora);
        let action = ana_sells(office);
        office.refuses(action, &[office.ana, office.chen, office.registrar, office.dora])
    }),
    ("frozen", "the court has frozen it", |office| {
        office.freezes("F-1", office.court, TITLE);
        office.refuses(ana_sells(office), &[office.ana, office.chen, office.registrar])
    }),
    ("land-owner-deceased", "an owner has died", |office| {
        office.dies(office.ana);
        let action = office.transfer(TITLE, &[(office.bo, "1/2")], &[(office.chen, "1/2")]);
        office.refuses(action, &[office.bo, office.chen, office.registrar])
    }),
    // Transmission.
    ("land-owner-not-deceased", "the owner lives", |office| {
        office.directs("P-1", office.court, TITLE);
        let action = office.transmission("P-1", &[(office.chen, "1/2")]);
        office.refuses(action, &[office.dora, office.chen, office.registrar])
    }),
    ("land-not-an-owner", "the dead owned nothing", |office| {
        office.dies(office.dora);
        office.directs("P-1", office.court, TITLE);
        let mut action = office.transmission("P-1", &[(office.chen, "1/2")]);
        action["deceased"] = json!(office.dora.id);
        action["executor"] = json!(office.bo.id);
        office.refuses(action, &[office.bo, office.chen, office.registrar])
    }),
    ("order-unknown", "no grant of probate", |office| {
        office.dies(office.ana);
        let action = office.transmission("P-1", &[(office.chen, "1/2")]);
        office.refuses(action, &[office.dora, office.chen, office.registrar])
    }),
    ("land-not-of-a-court", "a regulator grants probate", |office| {
        office.dies(office.ana);
        office.directs("P-1", office.regulator, TITLE);
        let action = office.transmission("P-1", &[(office.chen, "1/2")]);
        office.refuses(action, &[office.dora, office.chen, office.registrar])
    }),
    ("signer-missing", "without the executor", |office| {
        office.dies(office.ana);
        office.directs("P-1", office.court, TITLE);
        let action = office.transmission("P-1", &[(office.chen, "1/2")]);
        office.refuses(action, &[office.chen, office.registrar])
    }),
    ("signer-missing", "without an heir", |office| {
        office.dies(office.ana);
        office.directs("P-1", office.court, TITLE);
        let action = office.transmission("P-1", &[(office.chen, "1/2")]);
        office.refuses(action, &[office.dora, office.registrar])
    }),
    ("land-shares-do-not-balance", "the heirs receive less", |office| {
        office.dies(office.ana);
        office.directs("P-1", office.court, TITLE);
        let action = office.transmission("P-1", &[(office.chen, "1/3")]);
        office.refuses(action, &[office.dora, office.chen, office.registrar])
    }),
    // Forced sale.
    ("order-unknown", "sold without a direction", |office| {
        let action = office.forced_sale("O-1", &[(office.ana, "1/2")], office.chen);
        office.refuses(action, &[office.chen, office.registrar])
    }),
    ("order-not-for-this", "sold under a freeze", |office| {
        office.freezes("O-1", office.court, TITLE);
        let action = office.forced_sale("O-1", &[(office.ana, "1/2")], office.chen);
        office.refuses(action, &[office.chen, office.registrar])
    }),
    ("order-not-in-force", "the direction has run out", |office| {
        office.directs("O-1", office.court, TITLE);
        office.town.passes(31 * DAY);
        let action = office.forced_sale("O-1", &[(office.ana, "1/2")], office.chen);
        office.refuses(action, &[office.chen, office.registrar])
    }),
    ("land-not-of-a-court", "a regulator directs a sale", |office| {
        office.directs("O-1", office.regulator, TITLE);
        let action = office.forced_sale("O-1", &[(office.ana, "1/2")], office.chen);
        office.refuses(action, &[office.chen, office.registrar])
    }),
    ("signer-missing", "sold without the buyer", |office| {
        office.directs("O-1", office.court, TITLE);
        let action = office.forced_sale("O-1", &[(office.ana, "1/2")], office.chen);
        office.refuses(action, &[office.registrar])
    }),
    ("land-order-carried-out", "sold twice under one direction", |office| {
        office.directs("O-1", office.court, TITLE);
        let action = office.forced_sale("O-1", &[(office.ana, "1/2")], office.chen);
        office.does(action, &[office.chen, office.registrar]);
        let action = office.forced_sale("O-1", &[(office.bo, "1/2")], office.chen);
        office.refuses(action, &[office.chen, office.registrar])
    }),
    ("frozen", "frozen after the direction", |office| {
        office.directs("O-1", office.court, TITLE);
        office.freezes("F-1", office.regulator, TITLE);
        let action = office.forced_sale("O-1", &[(office.ana, "1/2")], office.chen);
        office.refuses(action, &[office.chen, office.registrar])
    }),
    ("land-interest-unknown", "a sale clears what is not there", |office| {
        office.directs("O-1", office.court, TITLE);
        let mut action = office.forced_sale("O-1", &[(office.ana, "1/2")], office.chen);
        action["clears"] = json!(["M-1"]);
        office.refuses(action, &[office.chen, office.registrar])
    }),
    // Rectification.
    ("land-corrects-nothing", "no such transition", |office| {
        let action = rectification(office, Hash::default(), json!({"tenure": "Leasehold"}));
        office.refuses(action, &[office.registrar])
    }),
    ("land-rectifies-nothing", "everything stays", |office| {
        let action = rectification(office, registered(office), json!({"tenure": "Freehold"}));
        office.refuses(action, &[office.registrar])
    }),
    ("signer-missing", "other owners, without the present ones", |office| {
        let owners = office.shares(&[(office.chen, "1/1")]);
        let action = rectification(office, registered(office), json!({"owners": owners}));
        office.refuses(action, &[office.registrar, office.chen])
    }),
    ("land-lender-has-not-signed", "other owners of a mortgaged title", |office| {
        office.mortgages("M-1", office.bank, 1);
        let owners = office.shares(&[(office.ana, "2/3"), (office.bo, "1/3")]);
        let action = rectification(office, registered(office), json!({"owners": owners}));
        office.refuses(action, &[office.registrar, office.ana, office.bo])
    }),
    ("land-shares-not-whole", "other owners of less than the whole", |office| {
        let owners = office.shares(&[(office.ana, "2/3")]);
        let action = rectification(office, registered(office), json!({"owners": owners}));
        office.refuses(action, &[office.registrar, office.ana, office.bo])
    }),
    ("land-caveated", "a rectification under a caveat", |office| {
        office.caveats("C-1", office.dora);
        let action = rectification(office, registered(office), json!({"tenure": "Leasehold"}));
        office.refuses(action, &[office.registrar])
    }),
];
