//! Every transition with everyone who signs it: without any one of them it is refused, with one more
//! it is refused, and with exactly these it is done.

use serde_json::{Value, json};

use crate::common::Actor;
use crate::office::{Office, TITLE, square};

/// A dealing: its name, and what it is with those who sign it, in an office made ready for it.
type Dealing = (&'static str, fn(&mut Office) -> (Value, Vec<Actor>));

const DEALINGS: &[Dealing] = &[
    ("survey", |office| (office.survey("L-9", &square(500, 0, 10, 10)), vec![office.surveyor])),
    ("extend-survey", |office| {
        office.surveys("L-9", &square(500, 0, 10, 10));
        let sheet = json!({
            "register": "land", "action": "extend-survey", "unit": "L-9",
            "by": office.surveyor.id, "outline": square(510, 0, 10, 10),
        });
        (sheet, vec![office.surveyor])
    }),
    ("register", |office| {
        let owners = office.shares(&[(office.ana, "1/1")]);
        let action = office.registration("T-9", &["L-1"], owners);
        (action, vec![office.registrar, office.surveyor])
    }),
    ("transfer", |office| {
        office.mortgages("M-1", office.bank, 1);
        office.mortgages("M-2", office.rival, 2);
        let action = office.transfer(
            TITLE,
            &[(office.ana, "1/2"), (office.bo, "1/4")],
            &[(office.chen, "3/4")],
        );
        let Office { ana, bo, chen, bank, rival, registrar, .. } = *office;
        (action, vec![ana, bo, chen, bank, rival, registrar])
    }),
    ("transmit", |office| {
        office.dies(office.ana);
        office.directs("O-1", office.court, TITLE);
        let action = office.transmission("O-1", &[(office.chen, "1/4"), (office.bo, "1/4")]);
        (action, vec![office.dora, office.chen, office.bo, office.registrar])
    }),
    ("mortgage", |office| {
        let mut action = office.mortgage(TITLE, "M-1", office.bank, 1);
        action["lenders"] = json!([office.bank.id, office.rival.id]);
        (action, vec![office.ana, office.bo, office.bank, office.rival, office.registrar])
    }),
    ("discharge", |office| {
        let mut action = office.mortgage(TITLE, "M-1", office.bank, 1);
        action["lenders"] = json!([office.bank.id, office.rival.id]);
        let Office { ana, bo, bank, rival, registrar, .. } = *office;
        office.does(action, &[ana, bo, bank, rival, registrar]);
        (office.ending("discharge", TITLE, "M-1", bank), vec![bank, rival])
    }),
    ("discharge by the court", |office| {
        office.mortgages("M-1", office.bank, 1);
        (ordered(office, "discharge", "M-1"), vec![office.registrar])
    }),
    ("lease", |office| {
        let fields = json!({
            "title": TITLE, "interest": "L-1", "lessees": [office.chen.id, office.bank.id],
        });
        let signers = vec![office.ana, office.bo, office.chen, office.bank, office.registrar];
        (office.land("lease", fields), signers)
    }),
    ("grant-servitude", |office| {
        (servitude(office), vec![office.ana, office.bo, office.chen, office.registrar])
    }),
    ("impose", |office| {
        let fields = json!({
            "title": TITLE, "interest": "H-1", "burden": "responsibility",
            "authority": office.heritage.id, "terms": "Keep the wall",
        });
        (office.land("impose", fields), vec![office.heritage, office.registrar])
    }),
    ("end", |office| {
        grants_servitude(office);
        let action = office.ending("end", TITLE, "S-1", office.registrar);
        (action, vec![office.chen, office.registrar])
    }),
    ("end by the court", |office| {
        grants_servitude(office);
        (ordered(office, "end", "S-1"), vec![office.registrar])
    }),
    ("caveat", |office| {
        let mut action = office.caveat(TITLE, "C-1", office.chen);
        action["caveators"] = json!([office.chen.id, office.bank.id]);
        (action, vec![office.chen, office.bank, office.registrar])
    }),
    ("remove-caveat", |office| {
        let mut action = office.caveat(TITLE, "C-1", office.chen);
        action["caveators"] = json!([office.chen.id, office.bank.id]);
        let Office { chen, bank, registrar, .. } = *office;
        office.does(action, &[chen, bank, registrar]);
        (office.ending("remove-caveat", TITLE, "C-1", chen), vec![chen, bank])
    }),
    ("remove-caveat by the court", |office| {
        office.caveats("C-1", office.chen);
        (ordered(office, "remove-caveat", "C-1"), vec![office.registrar])
    }),
    ("forced-sale", |office| {
        office.mortgages("M-1", office.bank, 1);
        office.directs("O-1", office.court, TITLE);
        let mut action = office.forced_sale("O-1", &[(office.ana, "1/2")], office.chen);
        action["to"] = office.shares(&[(office.chen, "1/4"), (office.rival, "1/4")]);
        (action, vec![office.chen, office.rival, office.registrar])
    }),
    ("rectify the tenure", |office| {
        (rectification(office, json!({"tenure": "Leasehold"})), vec![office.registrar])
    }),
    ("rectify the owners", |office| {
        office.mortgages("M-1", office.bank, 1);
        let owners = office.shares(&[(office.ana, "1/3"), (office.chen, "2/3")]);
        let action = rectification(office, json!({"owners": owners}));
        let Office { ana, bo, chen, bank, registrar, .. } = *office;
        (action, vec![ana, bo, chen, bank, registrar])
    }),
    ("rectify the owners by the court", |office| {
        office.directs("O-1", office.court, TITLE);
        let owners = office.shares(&[(office.chen, "1/1")]);
        let action = rectification(office, json!({"owners": owners, "order": "O-1"}));
        (action, vec![office.registrar])
    }),
    ("split", |office| {
        office.mortgages("M-1", office.bank, 1);
        office.surveys("L-2", &square(0, 0, 60, 50));
        office.surveys("L-3", &square(60, 0, 40, 50));
        let action = office.split(TITLE, &[("T-2", &["L-2"]), ("T-3", &["L-3"])]);
        (action, office.for_pieces().to_vec())
    }),
    ("merge", |office| {
        office.surveys("L-2", &square(100, 0, 10, 50));
        let owners = office.shares(&[(office.bo, "1/2"), (office.ana, "1/2")]);
        office.registers("T-2", &["L-2"], owners);
        let action = office.merge(&[TITLE, "T-2"], "T-3", &["L-1", "L-2"]);
        (action, office.for_pieces().to_vec())
    }),
];

fn servitude(office: &Office) -> Value {
    let fields = json!({
        "title": TITLE, "interest": "S-1", "beneficiaries": [office.chen.id], "terms": "A way",
    });
    office.land("grant-servitude", fields)
}

fn grants_servitude(office: &mut Office) {
    let action = servitude(office);
    let Office { ana, bo, chen, registrar, .. } = *office;
    office.does(action, &[ana, bo, chen, registrar]);
}

fn rectification(office: &Office, fields: Value) -> Value {
    let corrects = office.title(TITLE).trail[0];
    let mut action = office.land(
        "rectify",
        json!({"title": TITLE, "corrects": corrects, "statement": "It was wrong"}),
    );
    for (name, value) in fields.as_object().unwrap() {
        action[name] = value.clone();
    }
    action
}

/// Ends an interest as the court directs.
fn ordered(office: &mut Office, action: &str, interest: &str) -> Value {
    office.directs("O-1", office.court, TITLE);
    let mut action = office.ending(action, TITLE, interest, office.registrar);
    action["order"] = json!("O-1");
    action
}

#[test]
fn every_transition_needs_exactly_its_signers() {
    for (name, dealing) in DEALINGS {
        let mut office = Office::new();
        let (action, signers) = dealing(&mut office);
        for left_out in 0..signers.len() {
            let mut others = signers.clone();
            others.remove(left_out);
            let code = office.refuses(action.clone(), &others);
            let missing = ["signer-missing", "land-lender-has-not-signed"].contains(&code);
            assert!(missing, "{name} without the signer {left_out}: {code}");
        }
        let with_another = [signers.as_slice(), &[office.civil]].concat();
        let code = office.refuses(action.clone(), &with_another);
        assert_eq!(code, "signer-not-required", "{name}");
        office.does(action, &signers);
    }
}

#[test]
fn every_action_is_among_these() {
    let stated = |action: &&&str| DEALINGS.iter().any(|(name, _)| name.starts_with(**action));
    let all = chancery_registries::land::REGISTER.actions;
    assert_eq!(all.iter().filter(stated).count(), all.len());
}

/// Dealings that a caveat and a freeze leave alone, besides those that a court directs: what is no
/// dealing with this title, and for a caveat also further caveats and its own removal.
fn passes(name: &str, freeze: bool) -> bool {
    let elsewhere = ["survey", "extend-survey", "register"].contains(&name);
    let by_court = name.ends_with("by the court") || ["transmit", "forced-sale"].contains(&name);
    let claims = name == "caveat" || name == "remove-caveat";
    elsewhere || !freeze && (by_court || claims)
}

#[test]
fn a_caveat_blocks_every_other_dealing() {
    for (name, dealing) in DEALINGS {
        let mut office = Office::new();
        let (action, signers) = dealing(&mut office);
        // A claim of somebody else, which stays when another is removed.
        office.caveats("C-9", office.heritage);
        if passes(name, false) {
            office.does(action, &signers);
        } else {
            assert_eq!(office.refuses(action, &signers), "land-caveated", "{name}");
        }
    }
}

#[test]
fn a_freeze_blocks_every_dealing_that_was_not_directed_after_it() {
    for (name, dealing) in DEALINGS {
        let mut office = Office::new();
        let (action, signers) = dealing(&mut office);
        office.freezes("F-9", office.regulator, TITLE);
        if passes(name, true) {
            office.does(action, &signers);
        } else {
            assert_eq!(office.refuses(action, &signers), "frozen", "{name}");
        }
    }
}

#[test]
fn a_title_waits_for_the_heirs_with_whatever_its_owners_would_sign() {
    for wanted in ["transfer", "mortgage", "lease", "grant-servitude", "split", "merge"] {
        let (_, dealing) = DEALINGS.iter().find(|(name, _)| *name == wanted).unwrap();
        let mut office = Office::new();
        let (action, signers) = dealing(&mut office);
        office.dies(office.ana);
        assert_eq!(office.refuses(action, &signers), "land-owner-deceased", "{wanted}");
    }
}
