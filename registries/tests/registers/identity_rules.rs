//! The rules of the identity register about parties and their keys, each broken once.

use serde_json::{Value, json};

use crate::authority_rules::{change, order, with};
use crate::cases::Case;
use crate::common::{Actor, DAY, Town, actor, key};

pub(crate) fn set_card(party: Actor) -> Value {
    json!({
        "register": "identity", "action": "set-card", "party": party.id, "card": "ab".repeat(32),
    })
}

pub(crate) fn set_controllers(party: Actor, names: &[&str], threshold: u32) -> Value {
    let keys: Vec<_> = names.iter().map(|name| key(name)).collect();
    json!({
        "register": "identity", "action": "set-controllers", "party": party.id,
        "threshold": threshold, "keys": keys,
    })
}

pub(crate) fn add_key(party: Actor, name: &str, purpose: &str) -> Value {
    json!({
        "register": "identity", "action": "add-key", "party": party.id, "key": key(name),
        "purposes": [purpose],
    })
}

pub(crate) fn revoke_key(party: Actor, name: &str) -> Value {
    json!({
        "register": "identity", "action": "revoke-key", "party": party.id, "key": key(name),
        "reason": "lost on the ferry",
    })
}

pub(crate) fn set_recovery(party: Actor, guardians: &[Actor], threshold: u32) -> Value {
    let guardians: Vec<_> = guardians.iter().map(|guardian| guardian.id).collect();
    json!({
        "register": "identity", "action": "set-recovery", "party": party.id,
        "guardians": guardians, "threshold": threshold, "delay_ms": 7 * DAY,
    })
}

pub(crate) fn recover(party: Actor, names: &[&str]) -> Value {
    let keys: Vec<_> = names.iter().map(|name| key(name)).collect();
    json!({
        "register": "identity", "action": "recover", "party": party.id, "threshold": 1,
        "keys": keys,
    })
}

pub(crate) fn object(party: Actor) -> Value {
    json!({ "register": "identity", "action": "object", "party": party.id })
}

pub(crate) fn object_by(party: Actor, by: Actor) -> Value {
    with(object(party), "by", json!(by.id))
}

pub(crate) fn set_status(party: Actor, by: Actor, status: &str) -> Value {
    json!({
        "register": "identity", "action": "set-status", "party": party.id, "by": by.id,
        "status": status, "reason": "as the file says",
    })
}

/// Ana, with Bo and Cy as her guardians, both of whom must sign.
pub(crate) fn ana_with_guardians(town: &mut Town) -> [Actor; 3] {
    let [ana, bo, cy] = ["Ana", "Bo", "Cy"].map(|name| town.person(name));
    town.does(set_recovery(ana, &[bo, cy], 2), &[ana.signs()]);
    [ana, bo, cy]
}

/// Ana, whose guardians have begun to recover her.
pub(crate) fn ana_in_recovery(town: &mut Town) -> [Actor; 3] {
    let [ana, bo, cy] = ana_with_guardians(town);
    let signers = [bo.signs(), cy.signs(), ana.signs_with(key("new"))];
    town.does(recover(ana, &["new"]), &signers);
    [ana, bo, cy]
}

pub(crate) const CASES: &[Case] = &[
    ("party-exists", "created twice", |town| {
        let ana = town.person("Ana");
        let create =
            json!({"register": "identity", "action": "create", "kind": "person", "key": ana.key});
        town.refuses(create, &[ana.signs()])
    }),
    ("signer-missing", "created without the key's own signature", |town| {
        let (ana, bo) = (actor("Ana"), town.person("Bo"));
        let create =
            json!({"register": "identity", "action": "create", "kind": "person", "key": ana.key});
        town.refuses(create, &[bo.signs()])
    }),
    ("signer-missing", "new controllers without the old ones", |town| {
        let ana = town.person("Ana");
        town.refuses(set_controllers(ana, &["new"], 1), &[ana.signs_with(key("new"))])
    }),
    ("signer-missing", "new controllers that have not signed", |town| {
        let ana = town.person("Ana");
        town.refuses(set_controllers(ana, &["Ana", "new"], 1), &[ana.signs()])
    }),
    ("threshold-out-of-range", "a threshold of none", |town| {
        let ana = town.person("Ana");
        town.refuses(set_controllers(ana, &["Ana"], 0), &[ana.signs()])
    }),
    ("threshold-out-of-range", "a threshold that cannot be met", |town| {
        let ana = town.person("Ana");
        town.refuses(set_controllers(ana, &["Ana"], 2), &[ana.signs()])
    }),
    ("key-revoked", "a revoked key becomes a controller again", |town| {
        let ana = town.person("Ana");
        let signers = [ana.signs(), ana.signs_with(key("new"))];
        town.does(set_controllers(ana, &["new"], 1), &signers);
        town.refuses(set_controllers(ana, &["Ana", "new"], 1), &signers)
    }),
    ("key-in-use", "a sub-key becomes a controller", |town| {
        let ana = town.person("Ana");
        let signers = [ana.signs(), ana.signs_with(key("phone"))];
        town.does(add_key(ana, "phone", "custody"), &signers);
        town.refuses(set_controllers(ana, &["Ana", "phone"], 1), &signers)
    }),
    ("key-in-use", "a controller becomes a sub-key", |town| {
        let ana = town.person("Ana");
        town.refuses(add_key(ana, "Ana", "custody"), &[ana.signs()])
    }),
    ("key-in-use", "a key of the recovery under way becomes a sub-key", |town| {
        let [ana, ..] = ana_in_recovery(town);
        let signers = [ana.signs(), ana.signs_with(key("new"))];
        town.refuses(add_key(ana, "new", "custody"), &signers)
    }),
    ("too-many-keys", "the two hundred and fifty-seventh", |town| {
        let ana = town.person("Ana");
        let mut last = "Ana".to_owned();
        for index in 0..255 {
            let next = format!("key {index}");
            let signers = [ana.signs_with(key(&last)), ana.signs_with(key(&next))];
            town.does(set_controllers(ana, &[&next], 1), &signers);
            last = next;
        }
        let signers = [ana.signs_with(key(&last)), ana.signs_with(key("new"))];
        town.refuses(set_controllers(ana, &["new"], 1), &signers)
    }),
    ("signer-missing", "a sub-key without the controllers", |town| {
        let ana = town.person("Ana");
        town.refuses(add_key(ana, "phone", "custody"), &[ana.signs_with(key("phone"))])
    }),
    ("signer-missing", "a sub-key that has not signed", |town| {
        let ana = town.person("Ana");
        town.refuses(add_key(ana, "phone", "custody"), &[ana.signs()])
    }),
    ("signer-missing", "a sub-key that signed as somebody else's", |town| {
        let (ana, bo) = (town.person("Ana"), town.person("Bo"));
        let signers = [ana.signs(), bo.signs_with(key("phone"))];
        town.refuses(add_key(ana, "phone", "custody"), &signers)
    }),
    ("period-empty", "a sub-key that has run out", |town| {
        let ana = town.person("Ana");
        let add = with(add_key(ana, "phone", "custody"), "valid_until", town.in_ms(0));
        town.refuses(add, &[ana.signs(), ana.signs_with(key("phone"))])
    }),
    ("too-many-sub-keys", "the thirty-third", |town| {
        let ana = town.person("Ana");
        for name in (0..32).map(|index| index.to_string()) {
            let signers = [ana.signs(), ana.signs_with(key(&name))];
            town.does(add_key(ana, &name, "device"), &signers);
        }
        let signers = [ana.signs(), ana.signs_with(key("phone"))];
        town.refuses(add_key(ana, "phone", "device"), &signers)
    }),
    ("too-few-controllers", "the last controller is revoked", |town| {
        let ana = town.person("Ana");
        town.refuses(revoke_key(ana, "Ana"), &[ana.signs()])
    }),
    ("too-few-controllers", "one of two of two is revoked", |town| {
        let ana = town.person("Ana");
        let signers = [ana.signs(), ana.signs_with(key("second"))];
        town.does(set_controllers(ana, &["Ana", "second"], 2), &signers);
        town.refuses(revoke_key(ana, "second"), &signers)
    }),
    ("key-unknown", "a key that the party never had is revoked", |town| {
        let ana = town.person("Ana");
        town.refuses(revoke_key(ana, "phone"), &[ana.signs()])
    }),
    ("key-revoked", "a key is revoked twice", |town| {
        let ana = town.person("Ana");
        let signers = [ana.signs(), ana.signs_with(key("phone"))];
        town.does(add_key(ana, "phone", "custody"), &signers);
        town.does(revoke_key(ana, "phone"), &[ana.signs()]);
        town.refuses(revoke_key(ana, "phone"), &[ana.signs()])
    }),
    ("signer-missing", "a key is revoked by another party", |town| {
        let (ana, bo) = (town.person("Ana"), town.person("Bo"));
        town.refuses(revoke_key(ana, "Ana"), &[bo.signs()])
    }),
    ("guardian-is-self", "one's own guardian", |town| {
        let ana = town.person("Ana");
        town.refuses(set_recovery(ana, &[ana], 1), &[ana.signs()])
    }),
    ("party-unknown", "a guardian who does not exist", |town| {
        let ana = town.person("Ana");
        town.refuses(set_recovery(ana, &[actor("nobody")], 1), &[ana.signs()])
    }),
    ("threshold-out-of-range", "two of one guardian", |town| {
        let (ana, bo) = (town.person("Ana"), town.person("Bo"));
        town.refuses(set_recovery(ana, &[bo], 2), &[ana.signs()])
    }),
    ("threshold-out-of-range", "one of no guardians", |town| {
        let ana = town.person("Ana");
        town.refuses(set_recovery(ana, &[], 1), &[ana.signs()])
    }),
    ("signer-missing", "a recovery plan without the controllers", |town| {
        let (ana, bo) = (town.person("Ana"), town.person("Bo"));
        town.refuses(set_recovery(ana, &[bo], 1), &[bo.signs()])
    }),
    ("recovery-not-arranged", "no plan", |town| {
        let ana = town.person("Ana");
        town.refuses(recover(ana, &["new"]), &[ana.signs_with(key("new"))])
    }),
    ("recovery-not-arranged", "an authority that the plan does not name", |town| {
        let [ana, ..] = ana_with_guardians(town);
        let office = town.institution("office", "identity-authority", "identity");
        let recover = with(recover(ana, &["new"]), "by", json!(office.id));
        town.refuses(recover, &[office.signs(), ana.signs_with(key("new"))])
    }),
    ("recovery-not-arranged", "guardians where the plan has none", |town| {
        let ana = town.person("Ana");
        town.does(set_recovery(ana, &[], 0), &[ana.signs()]);
        town.refuses(recover(ana, &["new"]), &[ana.signs_with(key("new"))])
    }),
    ("not-accredited", "an authority whose accreditation was ended", |town| {
        let ana = town.person("Ana");
        let office = town.institution("office", "identity-authority", "identity");
        let plan = with(set_recovery(ana, &[], 0), "authority", json!(office.id));
        town.does(plan, &[ana.signs()]);
        town.does(change(town, "end", "office-identity-authority"), &town.root_signs());
        let recover = with(recover(ana, &["new"]), "by", json!(office.id));
        town.refuses(recover, &[office.signs(), ana.signs_with(key("new"))])
    }),
    ("signer-missing", "one guardian of two", |town| {
        let [ana, bo, _] = ana_with_guardians(town);
        town.refuses(recover(ana, &["new"]), &[bo.signs(), ana.signs_with(key("new"))])
    }),
    ("key-not-for-this", "a guardian's sub-key", |town| {
        let [ana, bo, cy] = ana_with_guardians(town);
        let add = add_key(bo, "phone", "assertion");
        town.does(add, &[bo.signs(), bo.signs_with(key("phone"))]);
        let phone = bo.signs_with(key("phone"));
        town.refuses(recover(ana, &["new"]), &[phone, cy.signs(), ana.signs_with(key("new"))])
    }),
    ("signer-missing", "a recovery whose new key has not signed", |town| {
        let [ana, bo, cy] = ana_with_guardians(town);
        town.refuses(recover(ana, &["new"]), &[bo.signs(), cy.signs()])
    }),
    ("key-in-use", "a recovery to the key that was lost", |town| {
        let [ana, bo, cy] = ana_with_guardians(town);
        town.refuses(recover(ana, &["Ana"]), &[bo.signs(), cy.signs(), ana.signs()])
    }),
    ("recovery-pending", "a second recovery", |town| {
        let [ana, bo, cy] = ana_in_recovery(town);
        let signers = [bo.signs(), cy.signs(), ana.signs_with(key("newer"))];
        town.refuses(recover(ana, &["newer"]), &signers)
    }),
    ("status-final", "a recovery of the dead", |town| {
        let [ana, bo, cy] = ana_with_guardians(town);
        let registrar = town.institution("registrar", "civil-registrar", "identity");
        town.does(set_status(ana, registrar, "deceased"), &[registrar.signs()]);
        let signers = [bo.signs(), cy.signs(), ana.signs_with(key("new"))];
        town.refuses(recover(ana, &["new"]), &signers)
    }),
    ("frozen", "a recovery of a frozen party", |town| {
        let [ana, bo, cy] = ana_with_guardians(town);
        let court = town.institution("court", "court", "identity");
        town.does(order(town, "freeze", "o", court, ana), &[court.signs()]);
        let signers = [bo.signs(), cy.signs(), ana.signs_with(key("new"))];
        town.refuses(recover(ana, &["new"]), &signers)
    }),
    ("frozen", "keys revoked, controllers or recovery changed while frozen", |town| {
        let ana = town.person("Ana");
        let court = town.institution("court", "court", "identity");
        town.does(order(town, "freeze", "o", court, ana), &[court.signs()]);
        let actions = [set_controllers(ana, &["Ana"], 1), set_recovery(ana, &[], 0)];
        for action in actions {
            assert_eq!(town.refuses(action, &[ana.signs()]), "frozen");
        }
        town.refuses(revoke_key(ana, "Ana"), &[ana.signs()])
    }),
    ("no-recovery-pending", "an objection to nothing", |town| {
        let ana = town.person("Ana");
        town.refuses(object(ana), &[ana.signs()])
    }),
    ("signer-missing", "an objection by another", |town| {
        let [ana, bo, _] = ana_in_recovery(town);
        town.refuses(object(ana), &[bo.signs()])
    }),
    ("key-not-for-this", "an objection with a sub-key", |town| {
        let [ana, ..] = ana_in_recovery(town);
        let signers = [ana.signs(), ana.signs_with(key("phone"))];
        town.does(add_key(ana, "phone", "assertion"), &signers);
        town.refuses(object(ana), &signers[1..])
    }),
    ("key-revoked", "an objection after the delay", |town| {
        let [ana, ..] = ana_in_recovery(town);
        town.passes(7 * DAY);
        town.refuses(object(ana), &[ana.signs()])
    }),
    ("no-recovery-pending", "a court's objection after the delay", |town| {
        let court = town.institution("court", "court", "identity");
        let [ana, ..] = ana_in_recovery(town);
        town.passes(7 * DAY);
        town.refuses(object_by(ana, court), &[court.signs()])
    }),
    ("party-unknown", "a court objects for nobody", |town| {
        let court = town.institution("court", "court", "identity");
        town.refuses(object_by(actor("nobody"), court), &[court.signs()])
    }),
    ("not-accredited", "an identity authority objects", |town| {
        let office = town.institution("office", "identity-authority", "identity");
        let [ana, ..] = ana_in_recovery(town);
        town.refuses(object_by(ana, office), &[office.signs()])
    }),
    ("not-accredited", "a court of another register objects", |town| {
        let court = town.institution("court", "court", "authorities");
        let [ana, ..] = ana_in_recovery(town);
        town.refuses(object_by(ana, court), &[court.signs()])
    }),
    ("not-accredited", "a court objects whose accreditation was ended", |town| {
        let court = town.institution("court", "court", "identity");
        let [ana, ..] = ana_in_recovery(town);
        town.does(change(town, "end", "court-court"), &town.root_signs());
        town.refuses(object_by(ana, court), &[court.signs()])
    }),
    ("not-accredited", "root objects", |town| {
        let [ana, ..] = ana_in_recovery(town);
        town.refuses(object_by(ana, town.root()), &town.root_signs())
    }),
    ("not-accredited", "a party names itself as the authority that objects", |town| {
        let [ana, ..] = ana_in_recovery(town);
        town.refuses(object_by(ana, ana), &[ana.signs()])
    }),
    ("signer-missing", "a court's objection that a controller has signed", |town| {
        let court = town.institution("court", "court", "identity");
        let [ana, ..] = ana_in_recovery(town);
        town.refuses(object_by(ana, court), &[ana.signs()])
    }),
    ("signer-missing", "a controller's objection that a court has signed", |town| {
        let court = town.institution("court", "court", "identity");
        let [ana, ..] = ana_in_recovery(town);
        town.refuses(object(ana), &[court.signs()])
    }),
    ("signer-not-required", "a court's objection that a controller signs as well", |town| {
        let court = town.institution("court", "court", "identity");
        let [ana, ..] = ana_in_recovery(town);
        town.refuses(object_by(ana, court), &[court.signs(), ana.signs()])
    }),
    ("key-not-for-this", "a court objects with a sub-key for custody", |town| {
        let court = town.institution("court", "court", "identity");
        let desk = court.signs_with(key("desk"));
        town.does(add_key(court, "desk", "custody"), &[court.signs(), desk]);
        let [ana, ..] = ana_in_recovery(town);
        town.refuses(object_by(ana, court), &[desk])
    }),
    ("status-unchanged", "active as before", |town| {
        let ana = town.person("Ana");
        town.refuses(set_status(ana, town.root(), "active"), &town.root_signs())
    }),
    ("status-final", "the dead come back", |town| {
        let ana = town.person("Ana");
        town.does(set_status(ana, ana, "revoked"), &[ana.signs()]);
        town.refuses(set_status(ana, town.root(), "active"), &town.root_signs())
    }),
    ("status-not-for-kind", "an organisation dies", |town| {
        let registrar = town.institution("registrar", "civil-registrar", "identity");
        let firm = town.organisation("firm");
        town.refuses(set_status(firm, registrar, "deceased"), &[registrar.signs()])
    }),
    ("status-not-for-kind", "a person is dissolved", |town| {
        let registrar = town.institution("registrar", "company-registrar", "identity");
        let ana = town.person("Ana");
        town.refuses(set_status(ana, registrar, "dissolved"), &[registrar.signs()])
    }),
    ("status-not-for-root", "a regulator suspends root", |town| {
        let regulator = town.institution("regulator", "regulator", "identity");
        town.refuses(set_status(town.root(), regulator, "suspended"), &[regulator.signs()])
    }),
    ("not-accredited", "a court suspends", |town| {
        let court = town.institution("court", "court", "identity");
        let ana = town.person("Ana");
        town.refuses(set_status(ana, court, "suspended"), &[court.signs()])
    }),
    ("not-accredited", "root declares a death", |town| {
        let ana = town.person("Ana");
        town.refuses(set_status(ana, town.root(), "deceased"), &town.root_signs())
    }),
    ("not-accredited", "a party suspends itself", |town| {
        let ana = town.person("Ana");
        town.refuses(set_status(ana, ana, "suspended"), &[ana.signs()])
    }),
    ("signer-missing", "a suspension that the regulator has not signed", |town| {
        let regulator = town.institution("regulator", "regulator", "identity");
        let ana = town.person("Ana");
        town.refuses(set_status(ana, regulator, "suspended"), &[ana.signs()])
    }),
    ("party-not-active", "a suspended party revokes itself", |town| {
        let ana = town.person("Ana");
        town.does(set_status(ana, town.root(), "suspended"), &town.root_signs());
        town.refuses(set_status(ana, ana, "revoked"), &[ana.signs()])
    }),
];
