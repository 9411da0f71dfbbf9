//! A town with a gallery: an owner, a museum, a dealer, experts and a court.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::{Object, Stored};
use chancery_ledger::hash::Hash;
use chancery_registries::artworks::{Claim, Edition, Event, Impression, Opinion, Work};
use chancery_registries::shape::Question;
use serde_json::{Value, json};

use crate::common::{Actor, DAY, Town};

/// The work that most cases are about; Ana owns and has it.
pub(crate) const WORK: &str = "w-1";

/// The town and who is in it.
pub(crate) struct Gallery {
    pub(crate) town: Town,
    pub(crate) ana: Actor,
    pub(crate) bo: Actor,
    pub(crate) museum: Actor,
    pub(crate) dealer: Actor,
    pub(crate) expert: Actor,
    pub(crate) second_expert: Actor,
    pub(crate) court: Actor,
    pub(crate) registrar: Actor,
    pub(crate) artist: Actor,
    /// The names of the actions that were refused.
    pub(crate) refused: Vec<String>,
}

impl Gallery {
    /// A gallery on its first day, with one painting.
    pub(crate) fn new() -> Self {
        let mut town = Town::new();
        let mut gallery = Self {
            ana: town.person("Ana"),
            bo: town.person("Bo"),
            museum: town.organisation("museum"),
            dealer: town.organisation("dealer"),
            expert: town.institution("expert", "art-expert", "artworks"),
            second_expert: town.institution("second", "art-expert", "artworks"),
            court: town.institution("court", "court", "artworks"),
            registrar: town.institution("registrar", "civil-registrar", "identity"),
            artist: town.person("artist"),
            refused: Vec::new(),
            town,
        };
        gallery.registers(WORK, "unique");
        gallery
    }

    /// Ana registers a work that she has.
    pub(crate) fn registers(&mut self, work: &str, edition: &str) {
        let (action, signers) = (self.registration(work, edition), self.registering());
        self.does(action, &signers);
    }

    /// Who signs it.
    pub(crate) fn registering(&self) -> [Actor; 3] {
        [self.ana, self.expert, self.artist]
    }

    /// The registration of a work; those of one edition have one fingerprint.
    pub(crate) fn registration(&self, work: &str, edition: &str) -> Value {
        let conception = if edition == "unique" { work } else { "an edition" };
        act(
            "register",
            json!({
                "work": work, "owner": self.ana.id, "custodian": self.ana.id,
                "examiner": self.expert.id, "artist": self.artist.id, "rights_holder": self.artist.id,
                "description": description(), "record": hash("a record"),
                "files": [{ "hash": hash("an image"), "label": "Front" }],
                "fingerprint": hash(conception), "edition": edition, "place": "The house",
                "condition": condition(),
            }),
        )
    }

    pub(crate) fn sale(&self, from: Actor, to: Actor) -> Value {
        act(
            "sell",
            json!({
                "work": WORK, "from": from.id, "to": to.id, "with_custody": false,
                "contract": hash("a contract"),
            }),
        )
    }

    pub(crate) fn loan(&self, from: Actor, to: Actor) -> Value {
        let mut loan = self.passage("lend", from, to);
        loan["returns_by"] = json!("2026-12-31");
        loan["terms"] = json!(hash("terms"));
        loan
    }

    pub(crate) fn consignment(&self, from: Actor, to: Actor) -> Value {
        self.passage("consign", from, to)
    }

    pub(crate) fn handing_over(&self, from: Actor, to: Actor) -> Value {
        self.passage("hand-over", from, to)
    }

    fn passage(&self, action: &str, from: Actor, to: Actor) -> Value {
        let owner = self.work().owner;
        act(
            action,
            json!({
                "work": WORK, "owner": owner, "from": from.id, "to": to.id, "condition": condition(),
                "place": "Somewhere else",
            }),
        )
    }

    pub(crate) fn giving_back(&self, from: Actor, to: Actor) -> Value {
        act(
            "return",
            json!({
                "work": WORK, "from": from.id, "to": to.id, "condition": condition(),
            }),
        )
    }

    pub(crate) fn moving(&self, by: Actor) -> Value {
        act("move", json!({ "work": WORK, "by": by.id, "place": "The attic" }))
    }

    pub(crate) fn theft(&self, by: Actor) -> Value {
        act(
            "report-theft",
            json!({
                "work": WORK, "by": by.id, "circumstances": "A window was open",
                "reference": "Police 17", "occurred": "2026-01?", "notice": "A scar at the lower left",
            }),
        )
    }

    pub(crate) fn recovery(&self, to: Actor) -> Value {
        act(
            "recover",
            json!({
                "work": WORK, "owner": self.work().owner, "to": to.id, "condition": condition(),
            }),
        )
    }

    pub(crate) fn restitution(&self, from: Actor, to: Actor) -> Value {
        act("restitute", json!({ "work": WORK, "from": from.id, "to": to.id }))
    }

    pub(crate) fn destruction(&self, by: Actor) -> Value {
        act(
            "destroy",
            json!({
                "work": WORK, "by": by.id, "assessor": self.expert.id, "cause": "Fire",
                "report": hash("ashes"),
            }),
        )
    }

    pub(crate) fn dispute(&self, claimant: Actor) -> Value {
        act(
            "dispute",
            json!({
                "work": WORK, "dispute": "d-1", "claimant": claimant.id, "by": self.expert.id,
                "grounds": "It hung in my grandmother's house",
            }),
        )
    }

    pub(crate) fn settlement(&self, by: Actor) -> Value {
        act(
            "settle",
            json!({
                "work": WORK, "dispute": "d-1", "by": by.id, "reference": "Case 4",
            }),
        )
    }

    pub(crate) fn opinion(&self, number: u32) -> Value {
        act(
            "opine",
            json!({
                "work": WORK, "number": number, "expert": self.expert.id,
                "finding": { "attribution": { "qualifier": "workshop-of", "maker": "A Master" } },
                "grounds": "The brushwork", "report": hash("an opinion"),
            }),
        )
    }

    pub(crate) fn claims(&self, by: Actor, first: u32, claims: Value) -> Value {
        act(
            "state-claims",
            json!({
                "work": WORK, "by": by.id, "first": first, "source": hash("a catalogue"),
                "claims": claims,
            }),
        )
    }

    pub(crate) fn licence(&self, licence: &str, to: Actor, exclusive: bool) -> Value {
        act(
            "license",
            json!({
                "licence": licence, "fingerprint": hash(WORK), "licensor": self.artist.id,
                "licensee": to.id, "exclusive": exclusive, "scopes": ["reproduction", "online"],
                "territories": ["FR", "DE"], "until": self.town.in_ms(30 * DAY),
                "terms": hash("licence terms"),
            }),
        )
    }

    pub(crate) fn direction(&self, order: &str, kind: &str, id: &str) -> Value {
        json!({
            "register": "authorities", "action": "direct", "order": order, "by": self.court.id,
            "target": { "register": "artworks", "kind": kind, "id": id }, "scope": "the thing",
            "instruction": "Let it be done", "reference": "Case 9", "until": self.town.in_ms(DAY),
        })
    }

    pub(crate) fn freeze(&self, kind: &str, id: &str) -> Value {
        let mut freeze = self.direction(&format!("freeze-{kind}"), kind, id);
        freeze["action"] = json!("freeze");
        freeze.as_object_mut().unwrap().remove("instruction");
        freeze
    }

    /// The court freezes the work.
    pub(crate) fn freezes(&mut self) {
        self.does(self.freeze("work", WORK), &[self.court]);
    }

    /// Bo disputes the work.
    pub(crate) fn is_disputed(&mut self) {
        self.does(self.dispute(self.bo), &[self.bo, self.expert]);
    }

    /// Ana lends the work to the museum.
    pub(crate) fn lends(&mut self) {
        self.does(self.loan(self.ana, self.museum), &[self.ana, self.museum]);
    }

    /// Ana reports the work stolen.
    pub(crate) fn loses(&mut self) {
        self.does(self.theft(self.ana), &[self.ana]);
    }

    /// The work burns.
    pub(crate) fn burns(&mut self) {
        self.does(self.destruction(self.ana), &[self.ana, self.expert]);
    }

    /// Somebody dies.
    pub(crate) fn dies(&mut self, who: Actor) {
        let death = json!({
            "register": "identity", "action": "set-status", "party": who.id, "status": "deceased",
            "by": self.registrar.id, "reason": "Entry 5 of the register of deaths",
        });
        self.does(death, &[self.registrar]);
    }

    /// Applies an action, which must be accepted.
    #[track_caller]
    pub(crate) fn does(&mut self, action: Value, signers: &[Actor]) {
        if let Err(rejection) = self.tries(std::slice::from_ref(&action), signers) {
            panic!("{rejection}\n{action:#}");
        }
    }

    /// Tries an action, which must be refused and leave everything as it was; gives the code.
    #[track_caller]
    pub(crate) fn refuses(&mut self, action: Value, signers: &[Actor]) -> &'static str {
        let before = self.town.state.0.clone();
        let name = action["action"].as_str().unwrap().to_owned();
        let refusal = self.tries(std::slice::from_ref(&action), signers);
        assert!(before == self.town.state.0 || refusal.is_ok(), "a refusal leaves nothing");
        self.refused.push(name);
        match refusal {
            Ok(()) => panic!("accepted: {action:#}"),
            Err(rejection) => rejection.code.name,
        }
    }

    /// Tries a transition.
    pub(crate) fn tries(&mut self, actions: &[Value], signers: &[Actor]) -> Result<(), Rejection> {
        let signers: Vec<_> = signers.iter().map(Actor::signs).collect();
        self.town.try_all(actions, &signers).map(drop)
    }

    pub(crate) fn work(&self) -> Work {
        self.town.get(WORK).unwrap()
    }

    pub(crate) fn event(&self, number: u32) -> Event {
        self.town.get(&format!("{WORK}:{number}")).unwrap()
    }

    pub(crate) fn claim(&self, number: u32) -> Claim {
        self.town.get(&Claim::id_of(&WORK.parse().unwrap(), number)).unwrap()
    }

    pub(crate) fn the_opinion(&self, number: u32) -> Opinion {
        self.town.get(&Opinion::id_of(&WORK.parse().unwrap(), number)).unwrap()
    }

    pub(crate) fn edition(&self, conception: &str) -> Edition {
        self.town.get(&hash(conception).to_string()).unwrap()
    }

    pub(crate) fn impression(&self, conception: &str, number: &str) -> Impression {
        let number = number.parse().unwrap();
        self.town.get(&Impression::id_of(&hash(conception), number)).unwrap()
    }

    /// What the register answers to a question about the work.
    pub(crate) fn answers(&self, name: &str) -> Value {
        let kind = chancery_registries::kind("artworks", "work").unwrap();
        let question: &Question = kind.question(name).unwrap();
        let chancery_registries::shape::Answer::OfState(answer) = question.answer else {
            panic!("{name} is not asked of the state")
        };
        self.town.asks(|draft| answer(draft, WORK)).unwrap()
    }
}

/// An action of the register.
pub(crate) fn act(action: &str, mut fields: Value) -> Value {
    fields["register"] = json!("artworks");
    fields["action"] = json!(action);
    fields
}

pub(crate) fn description() -> Value {
    json!({
        "object_type": "painting", "title": "The News Boys", "maker": "A Master",
        "date_or_period": "c. 1850", "materials_and_techniques": "oil on canvas",
        "measurements": "29.75 x 25.75 in", "subject": "Two boys",
    })
}

pub(crate) fn condition() -> Value {
    json!({ "statement": "Nothing is seen to be wrong", "report": hash("a report") })
}

/// A step of a provenance.
pub(crate) fn step(follows: &str, to: &str) -> Value {
    json!({
        "follows": follows, "kind": "acquisition", "method": "purchase", "to": to,
        "since": "1946~", "certainty": "stated", "text": format!("purchased by {to}, c. 1946"),
    })
}

pub(crate) fn hash(text: &str) -> Hash {
    Hash::of(&[text.as_bytes()])
}

/// How large an object is in the state.
pub(crate) fn bytes_of<T: Object>(town: &Town, id: &str) -> usize {
    let key = chancery_ledger::execution::state_key(T::REGISTER, T::KIND, id);
    let bytes = &town.state.0[&key];
    Stored::<T>::decode(bytes).unwrap();
    bytes.len()
}
