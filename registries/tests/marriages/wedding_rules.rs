//! Opening, registration and recognition: every rule broken once.

use serde_json::{Value, json};

use crate::cases::Case;
use crate::common::{Actor, DAY, actor};
use crate::office::{Office, opening, with};

/// Ana and Bo's wedding with one value changed, signed by whom it takes.
fn wedding(office: &mut Office, pointer: &str, value: Value) -> &'static str {
    let (ana, bo) = (office.ana, office.bo);
    let signers = office.party_of(ana, bo);
    let action = with(office.wedding(ana, bo), pointer, value);
    office.refuses(action, &signers)
}

/// Ana and Bo's wedding without somebody's signature.
fn without(office: &mut Office, who: Actor) -> &'static str {
    let (ana, bo) = (office.ana, office.bo);
    let mut signers = office.party_of(ana, bo);
    signers.retain(|signer| *signer != who);
    let action = office.wedding(ana, bo);
    office.refuses(action, &signers)
}

/// Two marry who should not.
fn marry(office: &mut Office, one: Actor, other: Actor) -> &'static str {
    let mut signers = office.party_of(one, other);
    signers.dedup();
    let action = office.wedding(one, other);
    office.refuses(action, &signers)
}

/// Ana and Bo's marriage from elsewhere with one value changed.
fn recognition(office: &mut Office, pointer: &str, value: Value) -> &'static str {
    let Office { ana, bo, registrar, .. } = *office;
    let action = with(office.recognition(ana, bo), pointer, value);
    office.refuses(action, &[registrar, ana, bo])
}

/// The same, decided by a court.
fn decided(office: &mut Office, pointer: &str, value: Value) -> &'static str {
    let Office { ana, bo, court, .. } = *office;
    let judgment = office.judgment();
    let action = with(office.recognition(ana, bo), "/ground", judgment);
    office.refuses(with(action, pointer, value), &[court])
}

/// Ana and Bo's wedding with a registrar whose accreditation has these parameters.
fn by_rules(office: &mut Office, parameters: Value, pointer: &str, value: Value) -> &'static str {
    let (ana, bo) = (office.ana, office.bo);
    let registrar = office.registrar_with("elsewhere", parameters);
    let action = with(office.wedding(ana, bo), "/registrar", json!(registrar.id));
    let signers = [registrar, ana, bo, office.wu, office.xi];
    office.refuses(with(action, pointer, value), &signers)
}

fn suspend(office: &mut Office, person: Actor, status: &str, by: Actor) {
    let change = json!({
        "register": "identity", "action": "set-status", "party": person.id, "by": by.id,
        "status": status, "reason": "as certified",
    });
    office.does(change, &[by]);
}

pub(crate) const CASES: &[Case] = &[
    ("marriage-register-open", "opened twice", |office| {
        let root = office.town.root_signs();
        office.try_signed(&[opening()], &root).unwrap_err().code.name
    }),
    ("signer-missing", "opened by the registrar", |office| {
        let registrar = office.registrar;
        office.refuses(opening(), &[registrar])
    }),
    ("marriage-register-not-open", "a wedding before the register is open", |office| {
        *office = Office::closed();
        let (ana, bo) = (office.ana, office.bo);
        marry(office, ana, bo)
    }),
    ("signer-missing", "the bride has not signed", |office| without(office, office.ana)),
    ("signer-missing", "the groom has not signed", |office| without(office, office.bo)),
    ("signer-missing", "the registrar has not signed", |office| without(office, office.registrar)),
    ("signer-missing", "a witness has not signed", |office| without(office, office.xi)),
    ("signer-not-required", "somebody signs who is not named", |office| {
        let Office { ana, bo, cy, .. } = *office;
        let mut signers = office.party_of(ana, bo);
        signers.push(cy);
        let action = office.wedding(ana, bo);
        office.refuses(action, &signers)
    }),
    ("not-accredited", "a court marries", |office| {
        let Office { ana, bo, court, wu, xi, .. } = *office;
        let action = with(office.wedding(ana, bo), "/registrar", json!(court.id));
        office.refuses(action, &[court, ana, bo, wu, xi])
    }),
    ("not-accredited", "a registrar of births alone marries", |office| {
        let Office { ana, bo, wu, xi, .. } = *office;
        let births = office.town.institution("births", "civil-registrar", "identity");
        let action = with(office.wedding(ana, bo), "/registrar", json!(births.id));
        office.refuses(action, &[births, ana, bo, wu, xi])
    }),
    ("not-accredited", "a registrar whose accreditation has ended", |office| {
        let (ana, bo, root) = (office.ana, office.bo, office.town.root().id);
        let end = json!({
            "register": "authorities", "action": "end", "by": root, "reason": "closed",
            "accreditation": "registrar-civil-registrar",
        });
        let signers = office.town.root_signs();
        office.try_signed(&[end], &signers).unwrap();
        marry(office, ana, bo)
    }),
    ("party-unknown", "one of the two is not there", |office| {
        let (ana, nobody) = (office.ana, actor("nobody"));
        marry(office, ana, nobody)
    }),
    ("party-not-active", "one of the two has died", |office| {
        let (ana, bo) = (office.ana, office.bo);
        office.dies(bo);
        marry(office, ana, bo)
    }),
    ("party-not-active", "one of the two has revoked themselves", |office| {
        let (ana, bo) = (office.ana, office.bo);
        suspend(office, bo, "revoked", bo);
        marry(office, ana, bo)
    }),
    ("marriage-with-self", "Ana marries Ana", |office| {
        let Office { ana, registrar, wu, xi, .. } = *office;
        let action = office.wedding(ana, ana);
        office.refuses(action, &[registrar, ana, wu, xi])
    }),
    ("marriage-of-persons", "Ana marries the court", |office| {
        let (ana, court) = (office.ana, office.court);
        marry(office, ana, court)
    }),
    ("marriage-of-persons", "the court is a witness", |office| {
        let Office { ana, bo, registrar, wu, court, .. } = *office;
        let action = with(office.wedding(ana, bo), "/witnesses/1", json!(court.id));
        office.refuses(action, &[registrar, ana, bo, wu, court])
    }),
    ("marriage-not-independent", "the groom is a witness", |office| {
        let Office { ana, bo, registrar, wu, .. } = *office;
        let action = with(office.wedding(ana, bo), "/witnesses/1", json!(bo.id));
        office.refuses(action, &[registrar, ana, bo, wu])
    }),
    ("marriage-not-independent", "the registrar is a witness", |office| {
        let Office { ana, bo, registrar, wu, .. } = *office;
        let action = with(office.wedding(ana, bo), "/witnesses/1", json!(registrar.id));
        office.refuses(action, &[registrar, ana, bo, wu])
    }),
    ("marriage-not-independent", "the registrar marries herself to Bo", |office| {
        let Office { bo, cy, wu, xi, .. } = *office;
        office.town.accredits("cy", cy, "civil-registrar", "marriages");
        let action = with(office.wedding(cy, bo), "/registrar", json!(cy.id));
        office.refuses(action, &[cy, bo, wu, xi])
    }),
    ("marriage-too-few-witnesses", "one witness", |office| {
        let Office { ana, bo, registrar, wu, .. } = *office;
        let action = with(office.wedding(ana, bo), "/witnesses", json!([wu.id]));
        office.refuses(action, &[registrar, ana, bo, wu])
    }),
    ("marriage-too-few-witnesses", "two where the place asks for three", |office| {
        by_rules(office, json!({ "witnesses": "3" }), "/place", json!("There"))
    }),
    ("marriage-under-age", "born a day too late", |office| {
        wedding(office, "/spouses/0/born_by", json!("2008-01-02"))
    }),
    ("marriage-under-age", "of age here, and not at that place", |office| {
        let born_by = json!("2005-01-02");
        by_rules(office, json!({ "minimum-age": "21" }), "/spouses/1/born_by", born_by)
    }),
    ("marriage-rules-unreadable", "the minimum age is no number", |office| {
        by_rules(office, json!({ "minimum-age": "eighteen" }), "/place", json!("There"))
    }),
    ("marriage-rules-unreadable", "a degree that nobody knows", |office| {
        let rules = json!({ "prohibited-degrees": "direct-line neighbours" });
        by_rules(office, rules, "/place", json!("There"))
    }),
    ("marriage-rules-unreadable", "more witnesses than can be named", |office| {
        by_rules(office, json!({ "witnesses": "9" }), "/place", json!("There"))
    }),
    ("marriage-prohibited-degree", "Ana marries her child", |office| {
        let (ana, bo) = (office.ana, office.bo);
        office.kin(ana, "parent-of", bo);
        marry(office, ana, bo)
    }),
    ("marriage-prohibited-degree", "a recognition of the same", |office| {
        let (ana, bo) = (office.ana, office.bo);
        office.kin(ana, "parent-of", bo);
        recognition(office, "/place", json!("Ruritania"))
    }),
    ("marriage-date-ahead", "the wedding is the day after tomorrow", |office| {
        wedding(office, "/celebrated", json!("2026-01-03"))
    }),
    ("marriage-dates-contradict", "a court recognises a wedding before the birth", |office| {
        decided(office, "/celebrated", json!("1979-12-31"))
    }),
    ("marriage-party-married", "a second marriage at a time", |office| {
        let Office { ana, bo, cy, .. } = *office;
        office.marries(ana, bo);
        marry(office, ana, cy)
    }),
    ("marriage-party-married", "the other side has a spouse", |office| {
        let Office { ana, bo, cy, .. } = *office;
        office.marries(ana, bo);
        marry(office, cy, bo)
    }),
    ("marriage-party-married", "they marry again though they are married", |office| {
        let (ana, bo) = (office.ana, office.bo);
        office.marries(ana, bo);
        marry(office, bo, ana)
    }),
    ("marriage-party-married", "a court recognises a second marriage", |office| {
        let Office { ana, cy, .. } = *office;
        office.marries(ana, cy);
        decided(office, "/place", json!("Ruritania"))
    }),
    ("marriage-overlaps-earlier", "the second wedding lies before the divorce", |office| {
        let Office { ana, bo, cy, registrar, .. } = *office;
        let marriage = office.marries(ana, bo);
        office.town.passes(30 * DAY);
        let action = office.divorce(&marriage, ana, bo);
        office.does(action, &[registrar, ana, bo]);
        // The wedding is stated for the first of January.
        marry(office, ana, cy)
    }),
    ("marriage-overlaps-earlier", "a wedding abroad during a marriage here", |office| {
        let Office { ana, cy, registrar, .. } = *office;
        let marriage = office.marries(ana, cy);
        office.town.passes(30 * DAY);
        let action = office.divorce(&marriage, ana, cy);
        office.does(action, &[registrar, ana, cy]);
        recognition(office, "/celebrated", json!("2026-01-15"))
    }),
    ("marriage-too-many", "a thirty-third marriage", |office| {
        let Office { ana, bo, registrar, .. } = *office;
        for _ in 0..32 {
            let marriage = office.marries(ana, bo);
            let action = office.divorce(&marriage, ana, bo);
            office.does(action, &[registrar, ana, bo]);
        }
        marry(office, ana, bo)
    }),
    ("id-taken", "an id is used again", |office| {
        let Office { ana, bo, cy, dee, .. } = *office;
        let taken = office.marries(ana, bo);
        let action = with(office.wedding(cy, dee), "/marriage", json!(taken));
        let signers = office.party_of(cy, dee);
        office.refuses(action, &signers)
    }),
    ("frozen", "a court has frozen a civil status", |office| {
        let Office { ana, bo, registrar, court, .. } = *office;
        let marriage = office.marries(ana, bo);
        let action = office.divorce(&marriage, ana, bo);
        office.does(action, &[registrar, ana, bo]);
        let status = office.status_id(&ana.id);
        let freeze = office.order("freeze", court, ("civil-status", &status));
        office.does(freeze, &[court]);
        marry(office, ana, bo)
    }),
    ("key-not-for-this", "a device says yes for Ana", |office| {
        let Office { ana, bo, .. } = *office;
        let phone = crate::common::key("Ana's phone");
        let add = json!({
            "register": "identity", "action": "add-key", "party": ana.id, "key": phone,
            "purposes": ["assertion"],
        });
        office.try_signed(&[add], &[ana.signs(), ana.signs_with(phone)]).unwrap();
        let action = office.wedding(ana, bo);
        let mut signers: Vec<_> = office.party_of(ana, bo).iter().map(Actor::signs).collect();
        signers[1] = ana.signs_with(phone);
        office.try_signed(&[action], &signers).unwrap_err().code.name
    }),
    ("signer-missing", "the registrar recognises without one of the two", |office| {
        let Office { ana, bo, registrar, .. } = *office;
        let action = office.recognition(ana, bo);
        office.refuses(action, &[registrar, ana])
    }),
    ("signer-not-required", "the two sign what a court has decided", |office| {
        let Office { ana, bo, court, .. } = *office;
        let judgment = office.judgment();
        let action = with(office.recognition(ana, bo), "/ground", judgment);
        office.refuses(action, &[court, ana])
    }),
    ("not-accredited", "a registrar decides like a court", |office| {
        let registrar = json!({ "court": office.registrar.id, "reference": "none" });
        decided(office, "/ground/judgment", registrar)
    }),
    ("marriage-under-age", "a child's marriage elsewhere", |office| {
        recognition(office, "/spouses/0/born_by", json!("1995-01-01"))
    }),
    ("marriage-date-ahead", "a recognition of what is to come", |office| {
        recognition(office, "/celebrated", json!("2026-01-03"))
    }),
    ("party-not-active", "a court recognises a marriage of the dead", |office| {
        let bo = office.bo;
        office.dies(bo);
        decided(office, "/place", json!("Ruritania"))
    }),
];
