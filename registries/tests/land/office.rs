//! A land office: a town with a registrar, a surveyor, a court, banks, and people who own land.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Object;
use chancery_ledger::hash::Hash;
use chancery_ledger::key::KeyId;
use chancery_registries::land::{SpatialUnit, Title};
use chancery_registries::shape::{Answer, Version};
use serde_json::{Value, json};

use crate::common::{Actor, DAY, Memory, Town};

/// The first title: the lot `L-1`, of 100 by 50 metres, of which Ana and Bo own a half each.
pub(crate) const TITLE: &str = "T-1";

/// The town, who is in it, and every version of every title.
pub(crate) struct Office {
    pub(crate) town: Town,
    pub(crate) registrar: Actor,
    pub(crate) surveyor: Actor,
    pub(crate) court: Actor,
    pub(crate) regulator: Actor,
    pub(crate) civil: Actor,
    pub(crate) bank: Actor,
    pub(crate) rival: Actor,
    pub(crate) heritage: Actor,
    pub(crate) ana: Actor,
    pub(crate) bo: Actor,
    pub(crate) chen: Actor,
    pub(crate) dora: Actor,
    history: Vec<(String, Version)>,
}

impl Office {
    /// An office with the title `T-1`.
    pub(crate) fn new() -> Self {
        let mut office = Self::without_land();
        office.surveys("L-1", &square(0, 0, 100, 50));
        let owners = office.shares(&[(office.ana, "1/2"), (office.bo, "1/2")]);
        office.registers(TITLE, &["L-1"], owners);
        office
    }

    /// An office in which nothing is registered.
    pub(crate) fn without_land() -> Self {
        let mut town = Town::new();
        Self {
            registrar: town.institution("registrar", "land-registrar", "land"),
            surveyor: town.institution("surveyor", "surveyor", "land"),
            court: town.institution("court", "court", "land"),
            regulator: town.institution("regulator", "regulator", "land"),
            civil: town.institution("civil", "civil-registrar", "identity"),
            bank: town.organisation("bank"),
            rival: town.organisation("rival"),
            heritage: town.organisation("heritage"),
            ana: town.person("Ana"),
            bo: town.person("Bo"),
            chen: town.person("Chen"),
            dora: town.person("Dora"),
            town,
            history: Vec::new(),
        }
    }

    /// Applies an action, which must be accepted.
    #[track_caller]
    pub(crate) fn does(&mut self, action: Value, signers: &[Actor]) -> Hash {
        match self.try_all(std::slice::from_ref(&action), signers) {
            Ok(id) => id,
            Err(rejection) => panic!("{rejection}\n{action:#}"),
        }
    }

    /// Tries an action, which must be refused and change nothing; gives the code.
    #[track_caller]
    pub(crate) fn refuses(&mut self, action: Value, signers: &[Actor]) -> &'static str {
        self.refuses_all(&[action], signers)
    }

    /// The same for several actions in one transition.
    #[track_caller]
    pub(crate) fn refuses_all(&mut self, actions: &[Value], signers: &[Actor]) -> &'static str {
        let before = self.town.state.clone();
        match self.try_all(actions, signers) {
            Ok(_) => panic!("accepted: {actions:#?}"),
            Err(rejection) => {
                assert!(before.0 == self.town.state.0, "a refusal changes nothing");
                rejection.code.name
            }
        }
    }

    /// Tries a transition; a second passes when it is applied. Gives its id.
    pub(crate) fn try_all(
        &mut self,
        actions: &[Value],
        signers: &[Actor],
    ) -> Result<Hash, Rejection> {
        let mut once: Vec<KeyId> = Vec::new();
        for signer in signers {
            if !once.contains(&signer.signs()) {
                once.push(signer.signs());
            }
        }
        let (id, position, time) = (self.town.next_id(), self.town.position, self.town.time);
        for change in self.town.try_all(actions, &once)? {
            assert!(change.after.len() < 65_536, "{} is too large", change.id);
            if (change.register, change.kind) == (Title::REGISTER, Title::KIND) {
                let stored = change.after.to_vec();
                let (transition, height) = (Some(id), position + 1);
                let version = Version { transition, position, height, time, stored };
                self.history.push((change.id.clone(), version));
            }
        }
        Ok(id)
    }

    /// Every version of a title.
    pub(crate) fn history(&self, title: &str) -> Vec<Version> {
        let of_it = self.history.iter().filter(|(id, _)| id == title);
        of_it.map(|(_, version)| version.clone()).collect()
    }

    /// The answer to a question about an object of a kind.
    #[track_caller]
    pub(crate) fn answer(&self, kind: &str, id: &str, question: &str) -> Value {
        let kind = chancery_registries::kind("land", kind).unwrap();
        match kind.question(question).unwrap().answer {
            Answer::OfState(ask) => self.town.asks(|draft| ask(draft, id)).unwrap(),
            Answer::OfHistory(ask) => ask(&self.history(id)).unwrap(),
        }
    }

    /// A title as it stands now.
    #[track_caller]
    pub(crate) fn title(&self, id: &str) -> Title {
        self.town.get::<Title>(id).unwrap().at(self.town.time)
    }

    #[track_caller]
    pub(crate) fn unit(&self, id: &str) -> SpatialUnit {
        self.town.get(id).unwrap()
    }

    /// An owner's share, as text.
    pub(crate) fn share(&self, title: &str, owner: Actor) -> Option<String> {
        self.title(title).owners.share_of(&owner.id).map(|share| share.to_string())
    }

    pub(crate) fn memory(&self) -> Memory {
        self.town.state.clone()
    }

    /// `land` as the register, the registrar, and an instrument.
    pub(crate) fn land(&self, action: &str, fields: Value) -> Value {
        let mut built = json!({
            "register": "land", "action": action, "by": self.registrar.id, "reference": "Instrument 1",
        });
        for (name, value) in fields.as_object().unwrap() {
            built[name] = value.clone();
        }
        built
    }

    pub(crate) fn shares(&self, shares: &[(Actor, &str)]) -> Value {
        let shares = shares.iter().map(|(party, share)| json!({"party": party.id, "share": share}));
        shares.collect()
    }

    pub(crate) fn survey(&self, unit: &str, outline: &Value) -> Value {
        json!({
            "register": "land", "action": "survey", "unit": unit, "by": self.surveyor.id,
            "crs": "EPSG:2193", "step": "millimetre", "outline": outline, "plan": "DP 1",
        })
    }

    pub(crate) fn surveys(&mut self, unit: &str, outline: &Value) {
        let survey = self.survey(unit, outline);
        self.does(survey, &[self.surveyor]);
    }

    pub(crate) fn registration(&self, title: &str, units: &[&str], owners: Value) -> Value {
        let fields = json!({
            "title": title, "surveyor": self.surveyor.id, "tenure": "Freehold", "units": units,
            "owners": owners,
        });
        self.land("register", fields)
    }

    pub(crate) fn registers(&mut self, title: &str, units: &[&str], owners: Value) -> Hash {
        let action = self.registration(title, units, owners);
        self.does(action, &[self.registrar, self.surveyor])
    }

    pub(crate) fn transfer(
        &self,
        title: &str,
        from: &[(Actor, &str)],
        to: &[(Actor, &str)],
    ) -> Value {
        let fields = json!({"title": title, "from": self.shares(from), "to": self.shares(to)});
        self.land("transfer", fields)
    }

    pub(crate) fn mortgage(&self, title: &str, id: &str, lender: Actor, rank: u32) -> Value {
        let fields = json!({"title": title, "interest": id, "lenders": [lender.id], "rank": rank});
        self.land("mortgage", fields)
    }

    /// Ana and Bo mortgage their title to the bank.
    pub(crate) fn mortgages(&mut self, id: &str, lender: Actor, rank: u32) -> Hash {
        let action = self.mortgage(TITLE, id, lender, rank);
        self.does(action, &[self.ana, self.bo, lender, self.registrar])
    }

    pub(crate) fn caveat(&self, title: &str, id: &str, caveator: Actor) -> Value {
        let fields = json!({"title": title, "interest": id, "caveators": [caveator.id]});
        self.land("caveat", fields)
    }

    pub(crate) fn caveats(&mut self, id: &str, caveator: Actor) {
        let action = self.caveat(TITLE, id, caveator);
        self.does(action, &[caveator, self.registrar]);
    }

    /// Ends an interest by one of its holders, or by the registrar.
    pub(crate) fn ending(&self, action: &str, title: &str, id: &str, by: Actor) -> Value {
        self.land(action, json!({"title": title, "interest": id, "by": by.id}))
    }

    /// The court, or who else may, directs something about a title.
    pub(crate) fn directs(&mut self, order: &str, by: Actor, title: &str) {
        let direction = self.order("direct", order, by, title);
        self.does(direction, &[by]);
    }

    pub(crate) fn freezes(&mut self, order: &str, by: Actor, title: &str) {
        let freeze = self.order("freeze", order, by, title);
        self.does(freeze, &[by]);
    }

    /// The court freezes a piece of land.
    pub(crate) fn freezes_land(&mut self, order: &str, unit: &str) {
        let mut freeze = self.order("freeze", order, self.court, unit);
        freeze["target"]["kind"] = json!("spatial-unit");
        self.does(freeze, &[self.court]);
    }

    fn order(&self, action: &str, order: &str, by: Actor, title: &str) -> Value {
        let mut built = json!({
            "register": "authorities", "action": action, "order": order, "by": by.id,
            "target": {"register": "land", "kind": "title", "id": title},
            "scope": "the title", "reference": "Case 1", "until": self.town.in_ms(30 * DAY),
        });
        if action == "direct" {
            built["instruction"] = json!("as the judgment says");
        }
        built
    }

    pub(crate) fn forced_sale(&self, order: &str, from: &[(Actor, &str)], to: Actor) -> Value {
        let whole = from.iter().map(|(_, share)| *share).collect::<Vec<_>>();
        let received = if whole.len() == 2 { "1/1" } else { whole[0] };
        let fields = json!({
            "title": TITLE, "order": order, "from": self.shares(from),
            "to": self.shares(&[(to, received)]),
        });
        self.land("forced-sale", fields)
    }

    /// Somebody has died.
    pub(crate) fn dies(&mut self, who: Actor) {
        let death = json!({
            "register": "identity", "action": "set-status", "party": who.id, "by": self.civil.id,
            "status": "deceased", "reason": "Died",
        });
        self.does(death, &[self.civil]);
    }

    pub(crate) fn transmission(&self, order: &str, heirs: &[(Actor, &str)]) -> Value {
        let fields = json!({
            "title": TITLE, "deceased": self.ana.id, "executor": self.dora.id, "order": order,
            "heirs": self.shares(heirs),
        });
        self.land("transmit", fields)
    }

    pub(crate) fn split(&self, title: &str, into: &[(&str, &[&str])]) -> Value {
        let part = |(title, units): &(&str, &[&str])| json!({"title": title, "units": units});
        let into: Vec<Value> = into.iter().map(part).collect();
        self.land("split", json!({"title": title, "surveyor": self.surveyor.id, "into": into}))
    }

    pub(crate) fn merge(&self, titles: &[&str], into: &str, units: &[&str]) -> Value {
        let fields = json!({
            "titles": titles, "surveyor": self.surveyor.id,
            "into": {"title": into, "units": units},
        });
        self.land("merge", fields)
    }

    /// Those who sign a split or a merge of what Ana and Bo own.
    pub(crate) fn for_pieces(&self) -> [Actor; 4] {
        [self.ana, self.bo, self.surveyor, self.registrar]
    }
}

/// A rectangle in metres from its lower left corner, as an outline in millimetres.
pub(crate) fn square(x: i64, y: i64, width: i64, height: i64) -> Value {
    let m = 1000;
    json!([[[x * m, y * m, width * m, 0, 0, height * m, -width * m, 0]]])
}
