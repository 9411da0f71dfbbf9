//! What is refused of mortgages, leases, servitudes, caveats and burdens of public law.

use serde_json::{Value, json};

use crate::cases::Case;
use crate::common::Actor;
use crate::office::{Office, TITLE};

fn lease(office: &Office) -> Value {
    let fields = json!({
        "title": TITLE, "interest": "L-1", "lessees": [office.chen.id],
        "until": office.town.in_ms(1000 * 1000),
    });
    office.land("lease", fields)
}

fn servitude(office: &Office) -> Value {
    let fields = json!({
        "title": TITLE, "interest": "S-1", "beneficiaries": [office.chen.id],
        "terms": "A way over the northern edge",
    });
    office.land("grant-servitude", fields)
}

fn monument(office: &Office) -> Value {
    let fields = json!({
        "title": TITLE, "interest": "H-1", "burden": "historic-preservation",
        "authority": office.heritage.id, "terms": "The facade stays as it is",
    });
    office.land("impose", fields)
}

/// Those who sign a dealing of Ana and Bo with another.
fn with(office: &Office, other: Actor) -> [Actor; 4] {
    [office.ana, office.bo, other, office.registrar]
}

pub(crate) const CASES: &[Case] = &[
    ("signer-missing", "mortgaged without an owner", |office| {
        let action = office.mortgage(TITLE, "M-1", office.bank, 1);
        office.refuses(action, &[office.ana, office.bank, office.registrar])
    }),
    ("signer-missing", "mortgaged without the lender's signature", |office| {
        let action = office.mortgage(TITLE, "M-1", office.bank, 1);
        office.refuses(action, &[office.ana, office.bo, office.registrar])
    }),
    ("not-accredited", "mortgaged by a registrar who is none", |office| {
        let mut action = office.mortgage(TITLE, "M-1", office.bank, 1);
        action["by"] = json!(office.court.id);
        office.refuses(action, &[office.ana, office.bo, office.bank, office.court])
    }),
    ("land-rank-taken", "a second mortgage of the first rank", |office| {
        office.mortgages("M-1", office.bank, 1);
        let action = office.mortgage(TITLE, "M-2", office.rival, 1);
        office.refuses(action, &with(office, office.rival))
    }),
    ("land-interest-taken", "one instrument twice", |office| {
        office.mortgages("M-1", office.bank, 1);
        let action = office.mortgage(TITLE, "M-1", office.rival, 2);
        office.refuses(action, &with(office, office.rival))
    }),
    ("land-too-many-interests", "a thirty-third interest", |office| {
        for rank in 1..=32 {
            office.mortgages(&format!("M-{rank}"), office.bank, rank);
        }
        let action = office.mortgage(TITLE, "M-33", office.bank, 33);
        office.refuses(action, &with(office, office.bank))
    }),
    ("party-not-active", "leased to the dead", |office| {
        office.dies(office.chen);
        let action = lease(office);
        office.refuses(action, &with(office, office.chen))
    }),
    ("land-owner-deceased", "leased when an owner has died", |office| {
        office.dies(office.ana);
        office.refuses(lease(office), &with(office, office.chen))
    }),
    ("bad-action", "a mortgage of rank 0", |office| {
        let action = office.mortgage(TITLE, "M-1", office.bank, 0);
        office.refuses(action, &with(office, office.bank))
    }),
    ("signer-missing", "discharged by the owners", |office| {
        office.mortgages("M-1", office.bank, 1);
        let action = office.ending("discharge", TITLE, "M-1", office.bank);
        office.refuses(action, &[office.ana, office.bo])
    }),
    ("land-not-the-holder", "discharged by another bank", |office| {
        office.mortgages("M-1", office.bank, 1);
        let action = office.ending("discharge", TITLE, "M-1", office.rival);
        office.refuses(action, &[office.rival])
    }),
    ("land-interest-unknown", "discharged twice", |office| {
        office.mortgages("M-1", office.bank, 1);
        let action = office.ending("discharge", TITLE, "M-1", office.bank);
        office.does(action.clone(), &[office.bank]);
        office.refuses(action, &[office.bank])
    }),
    ("land-interest-other", "a mortgage is ended and not discharged", |office| {
        office.mortgages("M-1", office.bank, 1);
        let action = office.ending("end", TITLE, "M-1", office.registrar);
        office.refuses(action, &[office.bank, office.registrar])
    }),
    ("land-interest-other", "a caveat is discharged", |office| {
        office.caveats("C-1", office.dora);
        let action = office.ending("discharge", TITLE, "C-1", office.dora);
        office.refuses(action, &[office.dora])
    }),
    ("land-caveated", "a discharge under a caveat", |office| {
        office.mortgages("M-1", office.bank, 1);
        office.caveats("C-1", office.dora);
        let action = office.ending("discharge", TITLE, "M-1", office.bank);
        office.refuses(action, &[office.bank])
    }),
    ("land-caveated", "mortgaged under a caveat", |office| {
        office.caveats("C-1", office.dora);
        let action = office.mortgage(TITLE, "M-1", office.bank, 1);
        office.refuses(action, &with(office, office.bank))
    }),
    ("frozen", "mortgaged while frozen", |office| {
        office.freezes("F-1", office.regulator, TITLE);
        let action = office.mortgage(TITLE, "M-1", office.bank, 1);
        office.refuses(action, &with(office, office.bank))
    }),
    ("period-empty", "a lease that is over", |office| {
        let mut action = lease(office);
        action["until"] = json!(office.town.time);
        office.refuses(action, &with(office, office.chen))
    }),
    ("signer-missing", "a lease without the lessee", |office| {
        office.refuses(lease(office), &[office.ana, office.bo, office.registrar])
    }),
    ("signer-missing", "a lease ended without the lessee", |office| {
        office.does(lease(office), &with(office, office.chen));
        let action = office.ending("end", TITLE, "L-1", office.registrar);
        office.refuses(action, &[office.ana, office.bo, office.registrar])
    }),
    ("not-accredited", "a lease ended by its lessee alone", |office| {
        office.does(lease(office), &with(office, office.chen));
        let action = office.ending("end", TITLE, "L-1", office.chen);
        office.refuses(action, &[office.chen])
    }),
    ("signer-missing", "a servitude without an owner", |office| {
        office.refuses(servitude(office), &[office.ana, office.chen, office.registrar])
    }),
    ("signer-missing", "a servitude without who it is for", |office| {
        office.refuses(servitude(office), &[office.ana, office.bo, office.registrar])
    }),
    ("signer-missing", "a monument without the authority", |office| {
        office.refuses(monument(office), &[office.registrar])
    }),
    ("signer-not-required", "an owner signs a burden of public law", |office| {
        office.refuses(monument(office), &[office.ana, office.heritage, office.registrar])
    }),
    ("land-caveated", "a monument under a caveat", |office| {
        office.caveats("C-1", office.dora);
        office.refuses(monument(office), &[office.heritage, office.registrar])
    }),
    ("signer-missing", "a caveat without the registrar", |office| {
        let action = office.caveat(TITLE, "C-1", office.dora);
        office.refuses(action, &[office.dora])
    }),
    ("signer-missing", "a caveat without the caveator", |office| {
        let action = office.caveat(TITLE, "C-1", office.dora);
        office.refuses(action, &[office.registrar])
    }),
    ("frozen", "a caveat while frozen", |office| {
        office.freezes("F-1", office.court, TITLE);
        let action = office.caveat(TITLE, "C-1", office.dora);
        office.refuses(action, &[office.dora, office.registrar])
    }),
    ("land-not-the-holder", "a caveat removed by an owner", |office| {
        office.caveats("C-1", office.dora);
        let action = office.ending("remove-caveat", TITLE, "C-1", office.ana);
        office.refuses(action, &[office.ana])
    }),
    ("land-not-the-holder", "a caveat removed by the registrar alone", |office| {
        office.caveats("C-1", office.dora);
        let action = office.ending("remove-caveat", TITLE, "C-1", office.registrar);
        office.refuses(action, &[office.registrar])
    }),
    ("frozen", "a caveat removed while frozen", |office| {
        office.caveats("C-1", office.dora);
        office.freezes("F-1", office.court, TITLE);
        let action = office.ending("remove-caveat", TITLE, "C-1", office.dora);
        office.refuses(action, &[office.dora])
    }),
    ("order-not-for-this", "a caveat removed by an order on another title", |office| {
        office.caveats("C-1", office.dora);
        let owners = office.shares(&[(office.chen, "1/1")]);
        office.registers("T-2", &["L-1"], owners);
        office.directs("O-1", office.court, "T-2");
        let mut action = office.ending("remove-caveat", TITLE, "C-1", office.registrar);
        action["order"] = json!("O-1");
        office.refuses(action, &[office.registrar])
    }),
    ("not-accredited", "a court's order carried out by the owner", |office| {
        office.caveats("C-1", office.dora);
        office.directs("O-1", office.court, TITLE);
        let mut action = office.ending("remove-caveat", TITLE, "C-1", office.ana);
        action["order"] = json!("O-1");
        office.refuses(action, &[office.ana])
    }),
];
