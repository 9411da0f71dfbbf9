//! A registry office: a town with a registrar, a court, and people who marry.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Change;
use chancery_ledger::hash::Hash;
use chancery_ledger::key::KeyId;
use chancery_ledger::party::PartyId;
use chancery_registries::marriages::{CivilStatus, Marriage, Opening, State};
use serde_json::{Value, json};

use crate::common::{Actor, DAY, Town};

/// The day on which an office opens.
pub(crate) const TODAY: &str = "2026-01-01";

/// The register's secret in these tests.
pub(crate) fn secret() -> String {
    Hash::of(&[b"a secret"]).to_string()
}

/// The town and who is in it.
pub(crate) struct Office {
    pub(crate) town: Town,
    pub(crate) registrar: Actor,
    pub(crate) court: Actor,
    pub(crate) regulator: Actor,
    pub(crate) ana: Actor,
    pub(crate) bo: Actor,
    pub(crate) cy: Actor,
    pub(crate) dee: Actor,
    pub(crate) wu: Actor,
    pub(crate) xi: Actor,
    ids: u32,
}

impl Office {
    /// An office whose register is open.
    pub(crate) fn new() -> Self {
        let mut office = Self::closed();
        let root = office.town.root_signs();
        office.try_signed(&[opening()], &root).unwrap();
        office
    }

    /// An office whose register nobody has opened.
    pub(crate) fn closed() -> Self {
        let mut town = Town::new();
        let registrar = town.institution("registrar", "civil-registrar", "marriages");
        town.accredits("registrar-identity", registrar, "civil-registrar", "identity");
        let [ana, bo, cy, dee, wu, xi] =
            ["Ana", "Bo", "Cy", "Dee", "Wu", "Xi"].map(|name| town.person(name));
        Self {
            registrar,
            court: town.institution("court", "court", "marriages"),
            regulator: town.institution("regulator", "regulator", "marriages"),
            ana,
            bo,
            cy,
            dee,
            wu,
            xi,
            town,
            ids: 0,
        }
    }

    /// Another registrar, the rules of whose place are these.
    pub(crate) fn registrar_with(&mut self, name: &str, parameters: Value) -> Actor {
        let registrar = self.town.organisation(name);
        let grant = self.town.accreditation(name, registrar, "civil-registrar", "marriages");
        let root = self.town.root_signs();
        self.town.does(with(grant, "/parameters", parameters), &root);
        registrar
    }

    /// An id that was not given before.
    pub(crate) fn id(&mut self) -> String {
        self.ids += 1;
        random_id(self.ids)
    }

    /// Applies an action, which must be accepted.
    #[track_caller]
    pub(crate) fn does(&mut self, action: Value, signers: &[Actor]) -> Vec<Change> {
        match self.try_all(std::slice::from_ref(&action), signers) {
            Ok(changes) => changes,
            Err(rejection) => panic!("{rejection}\n{action:#}"),
        }
    }

    /// Tries an action, which must be refused; gives the code.
    #[track_caller]
    pub(crate) fn refuses(&mut self, action: Value, signers: &[Actor]) -> &'static str {
        match self.try_all(std::slice::from_ref(&action), signers) {
            Ok(_) => panic!("accepted: {action:#}"),
            Err(rejection) => rejection.code.name,
        }
    }

    /// Tries a transition, which is signed with first keys.
    pub(crate) fn try_all(
        &mut self,
        actions: &[Value],
        signers: &[Actor],
    ) -> Result<Vec<Change>, Rejection> {
        let signers: Vec<KeyId> = signers.iter().map(Actor::signs).collect();
        self.try_signed(actions, &signers)
    }

    /// The same with signatures by any key; a second passes when it is applied.
    pub(crate) fn try_signed(
        &mut self,
        actions: &[Value],
        signers: &[KeyId],
    ) -> Result<Vec<Change>, Rejection> {
        self.town.try_all(actions, signers)
    }

    /// An action of this register.
    pub(crate) fn action(&self, action: &str, fields: Value) -> Value {
        let mut action = json!({ "register": "marriages", "action": action });
        for (name, value) in fields.as_object().unwrap() {
            action[name] = value.clone();
        }
        action
    }

    /// Two marry today with two witnesses.
    pub(crate) fn wedding(&mut self, one: Actor, other: Actor) -> Value {
        let id = self.id();
        self.action(
            "register",
            json!({
                "marriage": id, "registrar": self.registrar.id,
                "spouses": [
                    { "party": one.id, "born_by": "2000-12-31" },
                    { "party": other.id, "born_by": "1998-06-01" },
                ],
                "witnesses": [self.wu.id, self.xi.id], "celebrated": TODAY, "place": "Town hall",
                "record": Hash::of(&[b"record ", id.as_bytes()]),
            }),
        )
    }

    /// Those who sign a wedding.
    pub(crate) fn party_of(&self, one: Actor, other: Actor) -> Vec<Actor> {
        vec![self.registrar, one, other, self.wu, self.xi]
    }

    /// Two marry. Gives the marriage's id.
    #[track_caller]
    pub(crate) fn marries(&mut self, one: Actor, other: Actor) -> String {
        let mut wedding = self.wedding(one, other);
        wedding["celebrated"] = json!(self.town.time.to_string()[..10]);
        let signers = self.party_of(one, other);
        let id = wedding["marriage"].as_str().unwrap().to_owned();
        self.does(wedding, &signers);
        id
    }

    /// A marriage from elsewhere, which the two ask the registrar to recognise.
    pub(crate) fn recognition(&mut self, one: Actor, other: Actor) -> Value {
        let id = self.id();
        self.action(
            "recognise",
            json!({
                "marriage": id, "ground": { "agreement": { "registrar": self.registrar.id } },
                "spouses": [
                    { "party": one.id, "born_by": "1980-01-01" },
                    { "party": other.id, "born_by": "1980-01-01" },
                ],
                "celebrated": "2010-05-05", "place": "Lisbon, Portugal",
                "document": Hash::of(&[b"certidao"]),
            }),
        )
    }

    /// The ground that a court has decided.
    pub(crate) fn judgment(&self) -> Value {
        json!({ "judgment": { "court": self.court.id, "reference": "FAM 12/2026" } })
    }

    /// Two divorce by agreement.
    pub(crate) fn divorce(&self, marriage: &str, one: Actor, other: Actor) -> Value {
        let ground = json!({ "agreement": { "registrar": self.registrar.id } });
        let fields =
            json!({ "marriage": marriage, "spouses": [one.id, other.id], "ground": ground });
        self.action("divorce", fields)
    }

    /// A court annuls.
    pub(crate) fn annulment(&self, marriage: &str, one: Actor, other: Actor) -> Value {
        let fields = json!({
            "marriage": marriage, "spouses": [one.id, other.id], "ground": self.judgment(),
        });
        self.action("annul", fields)
    }

    /// A death, shown by a document.
    pub(crate) fn death(&self, marriage: &str, deceased: Actor) -> Value {
        let fields = json!({
            "marriage": marriage, "registrar": self.registrar.id, "deceased": deceased.id,
            "died": self.town.time.to_string()[..10], "document": Hash::of(&[b"certificate"]),
        });
        self.action("death", fields)
    }

    /// A correction of what was stated last.
    pub(crate) fn correction(&self, marriage: &str, by: Actor) -> Value {
        let corrects = self.marriage(marriage).events.last().unwrap().transition;
        let fields = json!({
            "marriage": marriage, "by": by.id, "corrects": corrects,
            "statement": "the name of the hall",
        });
        self.action("correct", fields)
    }

    pub(crate) fn free(&mut self, party: Actor) -> Value {
        let fields = json!({
            "party": party.id, "salt": self.id(), "purpose": "a wedding abroad",
            "until": self.town.in_ms(90 * DAY),
        });
        self.action("state-free-to-marry", fields)
    }

    pub(crate) fn married(&mut self, party: Actor, spouse: Actor) -> Value {
        let fields = json!({
            "party": party.id, "spouse": spouse.id, "salt": self.id(), "purpose": "a visa",
            "until": self.town.in_ms(90 * DAY),
        });
        self.action("state-married", fields)
    }

    /// A court's or regulator's freeze or direction.
    pub(crate) fn order(&self, action: &str, by: Actor, (kind, id): (&str, &str)) -> Value {
        let mut order = json!({
            "register": "authorities", "action": action, "order": "O-1", "by": by.id,
            "target": { "register": "marriages", "kind": kind, "id": id },
            "scope": "as decided", "reference": "FAM 7", "until": self.town.in_ms(9 * DAY),
        });
        if action == "direct" {
            order["instruction"] = json!("as decided");
        }
        order
    }

    /// The identity register learns of a death.
    pub(crate) fn dies(&mut self, person: Actor) {
        let status = json!({
            "register": "identity", "action": "set-status", "party": person.id,
            "by": self.registrar.id, "status": "deceased", "reason": "as certified",
        });
        self.does(status, &[self.registrar]);
    }

    /// A parent or guardian is stated.
    pub(crate) fn kin(&mut self, of: Actor, relation: &str, to: Actor) {
        let kinship = json!({
            "register": "identity", "action": "state-kinship", "by": self.registrar.id,
            "of": of.id, "relation": relation, "to": to.id,
        });
        self.does(kinship, &[self.registrar]);
    }

    pub(crate) fn marriage(&self, id: &str) -> Marriage {
        self.town.get(id).unwrap()
    }

    pub(crate) fn state(&self, id: &str) -> State {
        self.marriage(id).state
    }

    pub(crate) fn opening(&self) -> Opening {
        self.town.get(Opening::ID).unwrap()
    }

    /// Where somebody's civil status stands.
    pub(crate) fn status_id(&self, person: &PartyId) -> String {
        self.opening().civil_status_of(person).to_string()
    }

    pub(crate) fn status(&self, person: Actor) -> Option<CivilStatus> {
        self.town.get(&self.status_id(&person.id))
    }

    /// Whether somebody is married, as the register keeps it.
    pub(crate) fn is_married(&self, person: Actor) -> bool {
        self.status(person).is_some_and(|status| status.married.is_some())
    }
}

/// Root opens the register.
pub(crate) fn opening() -> Value {
    json!({ "register": "marriages", "action": "open", "secret": secret() })
}

/// What a device might draw.
pub(crate) fn random_id(number: u32) -> String {
    Hash::of(&[b"chance", &number.to_be_bytes()]).to_string()[..32].to_owned()
}

/// An action with one value changed; a null takes the member away.
pub(crate) fn with(mut action: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match action.pointer_mut(parent).unwrap() {
        Value::Array(members) => members[name.parse::<usize>().unwrap()] = value,
        parent if value.is_null() => drop(parent.as_object_mut().unwrap().remove(name)),
        parent => parent[name] = value,
    }
    action
}
