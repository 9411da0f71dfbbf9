//! A post office: a town with a carrier, its couriers and stations, and people who send.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Object;
use chancery_ledger::hash::Hash;
use chancery_ledger::key::KeyId;
use chancery_ledger::time::Time;
use chancery_registries::parcels::{Container, Direction, Parcel, State};
use chancery_registries::shape::Version;
use serde_json::{Value, json};

use crate::common::{Actor, Town};

/// A bag's number.
pub(crate) const BAG: &str = "106141412345678908";

/// The town, who is in it, and every version of every parcel.
pub(crate) struct Post {
    pub(crate) town: Town,
    pub(crate) carrier: Actor,
    pub(crate) rival: Actor,
    pub(crate) courier: Actor,
    pub(crate) hauler: Actor,
    pub(crate) origin: Actor,
    pub(crate) hub: Actor,
    pub(crate) terminal: Actor,
    pub(crate) ana: Actor,
    pub(crate) bo: Actor,
    pub(crate) proxy: Actor,
    pub(crate) customs: Actor,
    pub(crate) court: Actor,
    pub(crate) regulator: Actor,
    history: Vec<(String, Version)>,
    numbers: u32,
}

impl Post {
    pub(crate) fn new() -> Self {
        let mut town = Town::new();
        let carrier = town.institution("carrier", "carrier", "parcels");
        let rival = town.institution("rival", "carrier", "parcels");
        let mut post = Self {
            carrier,
            rival,
            courier: town.person("courier"),
            hauler: town.person("hauler"),
            origin: town.organisation("origin"),
            hub: town.organisation("hub"),
            terminal: town.organisation("terminal"),
            ana: town.person("Ana"),
            bo: town.person("Bo"),
            proxy: town.person("proxy"),
            customs: town.institution("customs", "customs", "parcels"),
            court: town.institution("court", "court", "parcels"),
            regulator: town.institution("regulator", "regulator", "parcels"),
            town,
            history: Vec::new(),
            numbers: 0,
        };
        for (id, who, role) in [
            ("courier", post.courier, "courier"),
            ("hauler", post.hauler, "courier"),
            ("origin", post.origin, "station"),
            ("hub", post.hub, "station"),
            ("terminal", post.terminal, "station"),
        ] {
            post.carrier_accredits(id, carrier, who, role);
        }
        post
    }

    /// A carrier accredits one of its people.
    pub(crate) fn carrier_accredits(&mut self, id: &str, by: Actor, who: Actor, role: &str) {
        let mut grant = self.town.accreditation(id, who, role, "parcels");
        grant["by"] = json!(by.id);
        self.does(grant, &[by]);
    }

    /// A number that was not given out before: an S10.
    pub(crate) fn number(&mut self) -> String {
        self.numbers += 1;
        s10(self.numbers)
    }

    /// The commitment to a parcel's record.
    pub(crate) fn record(number: &str) -> Hash {
        Hash::of(&[b"record of ", number.as_bytes()])
    }

    /// Applies an action, which must be accepted.
    #[track_caller]
    pub(crate) fn does(&mut self, action: Value, signers: &[Actor]) {
        if let Err(rejection) = self.try_all(std::slice::from_ref(&action), signers) {
            panic!("{rejection}\n{action:#}");
        }
    }

    /// Tries an action, which must be refused; gives the code.
    #[track_caller]
    pub(crate) fn refuses(&mut self, action: Value, signers: &[Actor]) -> &'static str {
        match self.try_all(std::slice::from_ref(&action), signers) {
            Ok(()) => panic!("accepted: {action:#}"),
            Err(rejection) => rejection.code.name,
        }
    }

    /// Tries a transition; a second passes when it is applied.
    pub(crate) fn try_all(
        &mut self,
        actions: &[Value],
        signers: &[Actor],
    ) -> Result<(), Rejection> {
        let signers: Vec<KeyId> = signers.iter().map(Actor::signs).collect();
        self.try_signed(actions, &signers)
    }

    /// The same with signatures by any key.
    pub(crate) fn try_signed(
        &mut self,
        actions: &[Value],
        signers: &[KeyId],
    ) -> Result<(), Rejection> {
        let (id, position, time) = (self.next_id(), self.town.position, self.town.time);
        for change in self.town.try_all(actions, signers)? {
            if (change.register, change.kind) == (Parcel::REGISTER, Parcel::KIND) {
                let stored = change.after.to_vec();
                let (transition, height) = (Some(id), position + 1);
                let version = Version { transition, position, height, time, stored };
                self.history.push((change.id.clone(), version));
            }
        }
        Ok(())
    }

    /// The id of the transition that comes next, were it applied.
    pub(crate) fn next_id(&self) -> Hash {
        self.town.next_id()
    }

    /// Every version of a parcel.
    pub(crate) fn history(&self, number: &str) -> Vec<Version> {
        let of_it = self.history.iter().filter(|(id, _)| id == number);
        of_it.map(|(_, version)| version.clone()).collect()
    }

    pub(crate) fn parcel(&self, number: &str) -> Parcel {
        self.town.get(number).unwrap()
    }

    pub(crate) fn container(&self, number: &str) -> Container {
        self.town.get(number).unwrap()
    }

    pub(crate) fn now(&self) -> Time {
        self.town.time
    }

    /// `parcels` as the register, and the time and place that every device adds.
    fn action(&self, action: &str, fields: Value, seen: bool) -> Value {
        let mut action = json!({ "register": "parcels", "action": action });
        if seen {
            action["place"] = json!("here");
            action["device_time"] = json!(self.now());
        }
        for (name, value) in fields.as_object().unwrap() {
            action[name] = value.clone();
        }
        action
    }

    /// What somebody with a device states.
    pub(crate) fn seen(&self, action: &str, fields: Value) -> Value {
        self.action(action, fields, true)
    }

    /// What somebody states at a desk.
    pub(crate) fn stated(&self, action: &str, fields: Value) -> Value {
        self.action(action, fields, false)
    }

    /// Ana sends something to Bo.
    pub(crate) fn registration(&self, number: &str) -> Value {
        self.seen(
            "register",
            json!({
                "parcel": number, "carrier": self.carrier.id, "sender": self.ana.id,
                "recipient": self.bo.id, "proxies": [self.proxy.id],
                "record": Self::record(number), "condition": "sound",
            }),
        )
    }

    pub(crate) fn handoff(&self, number: &str, step: &str, from: Actor, to: Actor) -> Value {
        let line = json!({
            "number": number, "record": Self::record(number), "condition": "sound",
        });
        let fields =
            json!({ "of": { "parcel": line }, "step": step, "from": from.id, "to": to.id });
        self.seen("handoff", fields)
    }

    pub(crate) fn packing(&self, container: &str, by: Actor, parcels: &[String]) -> Value {
        let fields = json!({ "container": container, "by": by.id, "parcels": parcels });
        self.seen("pack", fields)
    }

    /// The handoff of a container as it stands.
    pub(crate) fn bag_handoff(&self, container: &str, step: &str, from: Actor, to: Actor) -> Value {
        let record = self.container(container).record;
        let line = json!({ "number": container, "record": record, "condition": "sound" });
        let fields =
            json!({ "of": { "container": line }, "step": step, "from": from.id, "to": to.id });
        self.seen("handoff", fields)
    }

    /// Ana registers a parcel of a new number.
    pub(crate) fn registers(&mut self) -> String {
        let number = self.number();
        self.does(self.registration(&number), &[self.ana, self.carrier]);
        number
    }

    /// A handoff that both sides sign and that must be accepted.
    #[track_caller]
    pub(crate) fn hands(&mut self, number: &str, step: &str, from: Actor, to: Actor) {
        self.does(self.handoff(number, step, from, to), &[from, to]);
    }

    #[track_caller]
    pub(crate) fn returns(&mut self, number: &str, by: Actor) {
        let fields = json!({ "parcel": number, "by": by.id, "reason": "sender asks for it" });
        self.does(self.stated("return", fields), &[by]);
    }

    #[track_caller]
    pub(crate) fn attempt_fails(&mut self, number: &str, by: Actor) {
        let fields = json!({ "parcel": number, "by": by.id, "reason": "nobody in" });
        self.does(self.seen("attempt-failed", fields), &[by]);
    }

    #[track_caller]
    pub(crate) fn loses(&mut self, number: &str) {
        let regulator = self.regulator;
        let fields = json!({ "parcel": number, "by": regulator.id, "reason": "a wreck" });
        self.does(self.stated("declare-lost", fields), &[regulator]);
    }

    /// An accreditation ends.
    pub(crate) fn closes(&mut self, accreditation: &str, by: Actor) {
        let end = json!({
            "register": "authorities", "action": "end", "accreditation": accreditation,
            "by": by.id, "reason": "closed",
        });
        self.does(end, &[by]);
    }

    /// The terminal station's accreditation ends.
    pub(crate) fn closes_terminal(&mut self) {
        self.closes("terminal", self.carrier);
    }

    /// A new parcel that has come this far, and who has it.
    pub(crate) fn parcel_that_is(&mut self, state: State, direction: Direction) -> (String, Actor) {
        let number = self.registers();
        let way: &[&str] = match (state, direction) {
            (State::Registered, _) => &[],
            (State::Collected, _) => &["collected"],
            (State::AtOrigin, Direction::Forward) => &["collected", "at-origin"],
            (State::InTransit, _) => &["collected", "at-origin", "in-transit"],
            (State::AtTerminal, _) => &["collected", "at-origin", "in-transit", "at-terminal"],
            (State::AtOrigin, Direction::Return) => &["collected", "turn", "at-origin"],
            (State::OutForDelivery, Direction::Return) => {
                &["collected", "turn", "at-origin", "out-for-delivery"]
            }
            (State::Returned, _) => &["collected", "turn", "returned"],
            (State::Lost, _) => &["collected", "lost"],
            _ => &["collected", "at-origin", "in-transit", "at-terminal", "out-for-delivery"],
        };
        let mut holder = self.ana;
        for step in way {
            holder = self.goes(&number, step, holder);
        }
        match state {
            State::AttemptFailed => self.attempt_fails(&number, holder),
            State::Refused => {
                let fields = json!({ "parcel": number, "by": holder.id, "reason": "not mine" });
                self.does(self.seen("refuse", fields), &[holder]);
            }
            State::Delivered => holder = self.goes(&number, "delivered", holder),
            _ => {}
        }
        if direction == Direction::Return && self.parcel(&number).direction == Direction::Forward {
            self.returns(&number, holder);
        }
        assert_eq!(
            (self.parcel(&number).state, self.parcel(&number).direction),
            (state, direction)
        );
        (number, holder)
    }

    /// Takes a step with whoever usually receives in it. Gives the receiver.
    #[track_caller]
    pub(crate) fn goes(&mut self, number: &str, step: &str, from: Actor) -> Actor {
        let to = match step {
            "collected" | "out-for-delivery" => self.courier,
            "at-origin" => self.origin,
            "in-transit" => self.hauler,
            "at-terminal" => self.terminal,
            "delivered" => self.bo,
            "returned" => self.ana,
            "turn" => {
                self.returns(number, from);
                return from;
            }
            _ => {
                self.loses(number);
                return from;
            }
        };
        self.hands(number, step, from, to);
        to
    }
}

/// The S10 with this serial number.
pub(crate) fn s10(serial: u32) -> String {
    (0..10)
        .map(|check| format!("RB{serial:08}{check}TW"))
        .find(|text| text.parse::<chancery_registries::parcels::S10>().is_ok())
        .unwrap()
}

/// An action with one value changed; a null takes the member away.
pub(crate) fn with(mut action: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let members = action.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Value::Null => members.remove(name),
        value => members.insert(name.to_owned(), value),
    };
    action
}
