//! The rules of the authorities register, each broken once.

use chancery_ledger::execution::Draft;
use chancery_registries::RegisterName::Identity;
use chancery_registries::authorities::{Role, accredited, directed, not_frozen};
use serde_json::{Value, json};

use crate::cases::Case;
use crate::common::{Actor, DAY, Town, actor, key};

/// The action that changes an accreditation, by root and from now on.
pub(crate) fn change(town: &Town, action: &str, accreditation: &str) -> Value {
    json!({
        "register": "authorities", "action": action, "accreditation": accreditation,
        "by": town.root().id, "reason": "as the file says",
    })
}

/// The order of a court over a party, for thirty days.
pub(crate) fn order(town: &Town, action: &str, id: &str, court: Actor, target: Actor) -> Value {
    json!({
        "register": "authorities", "action": action, "order": id, "by": court.id,
        "target": { "register": "identity", "kind": "party", "id": target.id },
        "scope": "everything", "reference": "HCA 1017/2026", "until": town.in_ms(30 * DAY),
    })
}

pub(crate) fn direction(town: &Town, id: &str, court: Actor, target: Actor) -> Value {
    with(order(town, "direct", id, court, target), "instruction", "hand it over")
}

pub(crate) fn release(id: &str, by: Actor) -> Value {
    json!({
        "register": "authorities", "action": "release", "order": id, "by": by.id,
        "reference": "HCA 1018/2026",
    })
}

/// The same action with a member set.
pub(crate) fn with(mut action: Value, member: &str, value: impl Into<Value>) -> Value {
    action[member] = value.into();
    action
}

/// The code with which a query refuses.
pub(crate) fn code_of<T>(
    town: &Town,
    question: impl FnOnce(&Draft<'_>) -> Result<T, chancery_ledger::code::Rejection>,
) -> &'static str {
    town.asks(|draft| question(draft).err().map_or("accepted", |rejection| rejection.code.name))
}

fn court_and_ana(town: &mut Town) -> (Actor, Actor) {
    (town.institution("court", "court", "identity"), town.person("Ana"))
}

pub(crate) const CASES: &[Case] = &[
    ("signer-missing", "root grants with one of two keys", |town| {
        let court = town.organisation("court");
        let grant = town.accreditation("a", court, "court", "identity");
        town.refuses(grant, &town.root_signs()[..1])
    }),
    ("signer-not-required", "the institution signs its own accreditation", |town| {
        let court = town.organisation("court");
        let grant = town.accreditation("a", court, "court", "identity");
        let signers = [town.root_signs(), vec![court.signs()]].concat();
        town.refuses(grant, &signers)
    }),
    ("id-taken", "an accreditation's id is used again", |town| {
        let court = town.institution("court", "court", "identity");
        let grant = town.accreditation("court-court", court, "court", "identity");
        town.refuses(grant, &town.root_signs())
    }),
    ("party-unknown", "nobody is accredited", |town| {
        let grant = town.accreditation("a", actor("nobody"), "court", "identity");
        town.refuses(grant, &town.root_signs())
    }),
    ("not-accredited", "a carrier grants what it may not", |town| {
        let carrier = town.institution("carrier", "carrier", "identity");
        let other = town.organisation("other");
        let grant = town.accreditation("a", other, "court", "identity");
        town.refuses(with(grant, "by", json!(carrier.id)), &[carrier.signs()])
    }),
    ("not-accredited", "a carrier grants beyond its registers", |town| {
        let carrier = town.institution("carrier", "carrier", "identity");
        let station = town.organisation("station");
        let grant = town.accreditation("a", station, "station", "authorities");
        town.refuses(with(grant, "by", json!(carrier.id)), &[carrier.signs()])
    }),
    ("signer-missing", "a carrier's grant without its signature", |town| {
        let carrier = town.institution("carrier", "carrier", "identity");
        let station = town.organisation("station");
        let grant = town.accreditation("a", station, "station", "identity");
        town.refuses(with(grant, "by", json!(carrier.id)), &[station.signs()])
    }),
    ("attests-do-not-fit", "an attester without types", |town| {
        let attester = town.organisation("attester");
        let grant = town.accreditation("a", attester, "attester", "identity");
        town.refuses(grant, &town.root_signs())
    }),
    ("attests-do-not-fit", "a court with types", |town| {
        let court = town.organisation("court");
        let grant = town.accreditation("a", court, "court", "identity");
        town.refuses(with(grant, "attests", json!(["kyc"])), &town.root_signs())
    }),
    ("period-empty", "valid until before it is valid", |town| {
        let court = town.organisation("court");
        let grant = town.accreditation("a", court, "court", "identity");
        let grant = with(grant, "valid_from", town.in_ms(DAY));
        let grant = with(grant, "valid_until", town.in_ms(DAY));
        town.refuses(grant, &town.root_signs())
    }),
    ("period-empty", "valid until a time that is past", |town| {
        let court = town.organisation("court");
        let grant = town.accreditation("a", court, "court", "identity");
        let grant = with(grant, "valid_from", "2020-01-01T00:00:00Z");
        let grant = with(grant, "valid_until", "2021-01-01T00:00:00Z");
        town.refuses(grant, &town.root_signs())
    }),
    ("too-many-accreditations", "the sixty-fifth of one institution", |town| {
        let court = town.organisation("court");
        for index in 0..64 {
            town.accredits(&format!("a{index}"), court, "court", "identity");
        }
        let grant = town.accreditation("a64", court, "court", "identity");
        town.refuses(grant, &town.root_signs())
    }),
    ("accreditation-unknown", "what does not exist is ended", |town| {
        town.refuses(change(town, "end", "nothing"), &town.root_signs())
    }),
    ("not-the-grantor", "an institution ends its own accreditation", |town| {
        let court = town.institution("court", "court", "identity");
        let end = with(change(town, "end", "court-court"), "by", json!(court.id));
        town.refuses(end, &[court.signs()])
    }),
    ("signer-missing", "root ends without signing", |town| {
        let court = town.institution("court", "court", "identity");
        town.refuses(change(town, "end", "court-court"), &[court.signs()])
    }),
    ("from-in-the-past", "an end yesterday", |town| {
        town.institution("court", "court", "identity");
        let yesterday = "2025-12-31T00:00:00Z";
        let end = with(change(town, "end", "court-court"), "from", yesterday);
        town.refuses(end, &town.root_signs())
    }),
    ("accreditation-over", "what was ended is suspended", |town| {
        town.institution("court", "court", "identity");
        town.does(change(town, "end", "court-court"), &town.root_signs());
        town.refuses(change(town, "suspend", "court-court"), &town.root_signs())
    }),
    ("accreditation-over", "what has run out is ended", |town| {
        let court = town.organisation("court");
        let grant = town.accreditation("a", court, "court", "identity");
        town.does(with(grant, "valid_until", town.in_ms(DAY)), &town.root_signs());
        town.passes(DAY);
        town.refuses(change(town, "end", "a"), &town.root_signs())
    }),
    ("accreditation-suspended", "suspended twice", |town| {
        town.institution("court", "court", "identity");
        town.does(change(town, "suspend", "court-court"), &town.root_signs());
        town.refuses(change(town, "suspend", "court-court"), &town.root_signs())
    }),
    ("accreditation-not-suspended", "reinstated without need", |town| {
        town.institution("court", "court", "identity");
        town.refuses(change(town, "reinstate", "court-court"), &town.root_signs())
    }),
    ("accreditation-not-suspended", "reinstated before the suspension begins", |town| {
        town.institution("court", "court", "identity");
        let suspend = with(change(town, "suspend", "court-court"), "from", town.in_ms(DAY));
        town.does(suspend, &town.root_signs());
        town.refuses(change(town, "reinstate", "court-court"), &town.root_signs())
    }),
    ("too-many-suspensions", "the thirty-third", |town| {
        town.institution("court", "court", "identity");
        for _ in 0..32 {
            town.does(change(town, "suspend", "court-court"), &town.root_signs());
            town.does(change(town, "reinstate", "court-court"), &town.root_signs());
        }
        town.refuses(change(town, "suspend", "court-court"), &town.root_signs())
    }),
    ("not-accredited", "a suspended court orders", |town| {
        let (court, ana) = court_and_ana(town);
        town.does(change(town, "suspend", "court-court"), &town.root_signs());
        town.refuses(order(town, "freeze", "o", court, ana), &[court.signs()])
    }),
    ("not-accredited", "a court of another register orders", |town| {
        let court = town.institution("court", "court", "authorities");
        let ana = town.person("Ana");
        town.refuses(order(town, "freeze", "o", court, ana), &[court.signs()])
    }),
    ("not-accredited", "an auditor orders", |town| {
        let auditor = town.institution("auditor", "auditor", "identity");
        let ana = town.person("Ana");
        town.refuses(order(town, "freeze", "o", auditor, ana), &[auditor.signs()])
    }),
    ("signer-missing", "a court's order without its signature", |town| {
        let (court, ana) = court_and_ana(town);
        town.refuses(order(town, "freeze", "o", court, ana), &[ana.signs()])
    }),
    ("signer-not-required", "the frozen party signs too", |town| {
        let (court, ana) = court_and_ana(town);
        let freeze = order(town, "freeze", "o", court, ana);
        town.refuses(freeze, &[court.signs(), ana.signs()])
    }),
    ("target-unknown", "nobody is frozen", |town| {
        let (court, _) = court_and_ana(town);
        town.refuses(order(town, "freeze", "o", court, actor("nobody")), &[court.signs()])
    }),
    ("target-unknown", "a kind that there is not", |town| {
        let (court, ana) = court_and_ana(town);
        let mut freeze = order(town, "freeze", "o", court, ana);
        freeze["target"]["kind"] = json!("weather");
        town.refuses(freeze, &[court.signs()])
    }),
    ("period-empty", "an order that has run out", |town| {
        let (court, ana) = court_and_ana(town);
        let freeze = with(order(town, "freeze", "o", court, ana), "until", town.in_ms(0));
        town.refuses(freeze, &[court.signs()])
    }),
    ("period-empty", "a direction that has run out", |town| {
        let (court, ana) = court_and_ana(town);
        let direct = with(direction(town, "o", court, ana), "until", town.in_ms(0));
        town.refuses(direct, &[court.signs()])
    }),
    ("id-taken", "an order's id is used again", |town| {
        let (court, ana) = court_and_ana(town);
        town.does(order(town, "freeze", "o", court, ana), &[court.signs()]);
        town.refuses(direction(town, "o", court, ana), &[court.signs()])
    }),
    ("too-many-freezes", "the seventeenth", |town| {
        let (court, ana) = court_and_ana(town);
        for index in 0..16 {
            town.does(order(town, "freeze", &format!("o{index}"), court, ana), &[court.signs()]);
        }
        town.refuses(order(town, "freeze", "o16", court, ana), &[court.signs()])
    }),
    ("order-unknown", "what was never ordered is released", |town| {
        let (court, _) = court_and_ana(town);
        town.refuses(release("o", court), &[court.signs()])
    }),
    ("order-not-in-force", "released twice", |town| {
        let (court, ana) = court_and_ana(town);
        town.does(order(town, "freeze", "o", court, ana), &[court.signs()]);
        town.does(release("o", court), &[court.signs()]);
        town.refuses(release("o", court), &[court.signs()])
    }),
    ("order-not-in-force", "released after it ran out", |town| {
        let (court, ana) = court_and_ana(town);
        town.does(order(town, "freeze", "o", court, ana), &[court.signs()]);
        town.passes(30 * DAY);
        town.refuses(release("o", court), &[court.signs()])
    }),
    ("not-accredited", "a regulator releases a court's order", |town| {
        let (court, ana) = court_and_ana(town);
        let regulator = town.institution("regulator", "regulator", "identity");
        town.does(order(town, "freeze", "o", court, ana), &[court.signs()]);
        town.refuses(release("o", regulator), &[regulator.signs()])
    }),
    ("signer-missing", "a release without the court's signature", |town| {
        let (court, ana) = court_and_ana(town);
        town.does(order(town, "freeze", "o", court, ana), &[court.signs()]);
        town.refuses(release("o", court), &[ana.signs()])
    }),
    ("frozen", "a frozen party adds a key", |town| {
        let (court, ana) = court_and_ana(town);
        town.does(order(town, "freeze", "o", court, ana), &[court.signs()]);
        let add = json!({
            "register": "identity", "action": "add-key", "party": ana.id, "key": key("phone"),
            "purposes": ["custody"],
        });
        town.refuses(add, &[ana.signs(), ana.signs_with(key("phone"))])
    }),
    ("frozen", "asked by another register", |town| {
        let (court, ana) = court_and_ana(town);
        town.does(order(town, "freeze", "o", court, ana), &[court.signs()]);
        code_of(town, |draft| not_frozen(draft, Identity, "party", &ana.id.to_string()))
    }),
    ("not-accredited", "asked by another register", |town| {
        let (court, _) = court_and_ana(town);
        let now = town.time;
        code_of(town, |draft| accredited(draft, &court.id, Role::Lender, Identity, now))
    }),
    ("order-not-for-this", "a freeze is cited as a direction", |town| {
        let (court, ana) = court_and_ana(town);
        town.does(order(town, "freeze", "o", court, ana), &[court.signs()]);
        let (id, ana) = ("o".parse().unwrap(), ana.id.to_string());
        code_of(town, |draft| directed(draft, &id, Identity, "party", &ana))
    }),
    ("order-not-for-this", "a direction about something else is cited", |town| {
        let (court, ana) = court_and_ana(town);
        town.does(direction(town, "o", court, ana), &[court.signs()]);
        let (id, court) = ("o".parse().unwrap(), court.id.to_string());
        code_of(town, |draft| directed(draft, &id, Identity, "party", &court))
    }),
    ("order-not-in-force", "a direction that ran out is cited", |town| {
        let (court, ana) = court_and_ana(town);
        town.does(direction(town, "o", court, ana), &[court.signs()]);
        town.passes(30 * DAY);
        let (id, ana) = ("o".parse().unwrap(), ana.id.to_string());
        code_of(town, |draft| directed(draft, &id, Identity, "party", &ana))
    }),
    ("order-unknown", "a direction that there is not is cited", |town| {
        let id = "o".parse().unwrap();
        code_of(town, |draft| directed(draft, &id, Identity, "party", "nobody"))
    }),
];
