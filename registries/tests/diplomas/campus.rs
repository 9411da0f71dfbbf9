//! A campus: a town with universities, those who study there, and those who watch over it.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Change;
use chancery_ledger::hash::Hash;
use chancery_registries::diplomas::{Credential, CredentialStatus, Standing};
use chancery_registries::shape::AskedOfState;
use chancery_registries::text::Date;
use serde_json::{Value, json};

use crate::common::{Actor, DAY, Town};

/// The town in its second month, and who is in it.
pub(crate) struct Campus {
    pub(crate) town: Town,
    pub(crate) university: Actor,
    pub(crate) rival: Actor,
    pub(crate) court: Actor,
    pub(crate) regulator: Actor,
    pub(crate) ana: Actor,
    pub(crate) bo: Actor,
    serials: u32,
}

impl Campus {
    pub(crate) fn new() -> Self {
        let mut town = Town::new();
        let university = town.institution("university", "university", "diplomas");
        let mut campus = Self {
            university,
            rival: town.institution("rival", "university", "diplomas"),
            court: town.institution("court", "court", "diplomas"),
            regulator: town.institution("regulator", "regulator", "diplomas"),
            ana: town.person("Ana"),
            bo: town.person("Bo"),
            town,
            serials: 0,
        };
        campus.does(campus.programme("bsc"), &[university]);
        campus.town.passes(40 * DAY);
        campus
    }

    /// The day by block time.
    pub(crate) fn today(&self) -> Date {
        Date::of(self.town.time)
    }

    /// The day this many days ago.
    pub(crate) fn days_ago(&self, days: u64) -> Date {
        let ms = self.town.time.as_ms() - days * DAY;
        Date::of(chancery_ledger::time::Time::from_ms(ms).unwrap())
    }

    /// A number not given before.
    pub(crate) fn serial(&mut self) -> String {
        self.serials += 1;
        format!("D-{:04}", self.serials)
    }

    /// A commitment like no other.
    pub(crate) fn record(of: &str) -> Hash {
        Hash::of(&[b"record of ", of.as_bytes()])
    }

    /// The name of one of the university's credentials.
    pub(crate) fn id(&self, serial: &str) -> String {
        format!("{}.{serial}", self.university.id)
    }

    pub(crate) fn programme(&self, id: &str) -> Value {
        json!({
            "register": "diplomas", "action": "register-programme",
            "institution": self.university.id, "programme": id, "title": "Physics",
            "level": "EQF 6", "opened": "2026-01-01",
        })
    }

    pub(crate) fn closing(&self, id: &str, last_day: Date) -> Value {
        json!({
            "register": "diplomas", "action": "close-programme", "reason": "no demand",
            "institution": self.university.id, "programme": id, "last_day": last_day,
        })
    }

    /// Ana's award of today.
    pub(crate) fn award(&self, serial: &str) -> Value {
        json!({
            "register": "diplomas", "action": "issue", "institution": self.university.id,
            "serial": serial, "kind": "award", "holder": self.ana.id, "awarded": self.today(),
            "record": Self::record(serial),
        })
    }

    /// Ana's transcript that belongs to an award.
    pub(crate) fn transcript(&self, serial: &str, award: &str) -> Value {
        let mut action = self.award(serial);
        action["kind"] = json!("transcript");
        action["award"] = json!(award);
        action
    }

    pub(crate) fn batch(&self, awards: &[(&str, Actor)]) -> Value {
        let award = |(serial, holder): &(&str, Actor)| json!({ "serial": serial, "holder": holder.id, "record": Self::record(serial) });
        json!({
            "register": "diplomas", "action": "issue-batch", "institution": self.university.id,
            "kind": "award", "awarded": self.today(), "programme": "bsc",
            "awards": awards.iter().map(award).collect::<Vec<_>>(),
        })
    }

    pub(crate) fn correction(&self, of: &str, serial: &str) -> Value {
        json!({
            "register": "diplomas", "action": "correct", "credential": self.id(of),
            "serial": serial, "awarded": self.today(), "record": Self::record(serial),
        })
    }

    pub(crate) fn reissue(&self, of: &str, serial: &str) -> Value {
        json!({
            "register": "diplomas", "action": "reissue", "credential": self.id(of),
            "serial": serial, "record": Self::record(serial),
        })
    }

    pub(crate) fn revocation(&self, of: &str, by: Actor) -> Value {
        json!({
            "register": "diplomas", "action": "revoke", "credential": self.id(of), "by": by.id,
            "reason": "obtained-by-deceit",
        })
    }

    pub(crate) fn answer(&self, of: &str, answer: &str) -> Value {
        json!({ "register": "diplomas", "action": answer, "credential": self.id(of) })
    }

    /// The university issues an award to Ana under a new number.
    pub(crate) fn issues(&mut self) -> String {
        let serial = self.serial();
        self.does(self.award(&serial), &[self.university]);
        serial
    }

    /// A correction that is accepted, under a new number.
    pub(crate) fn corrects(&mut self, of: &str) -> String {
        let serial = self.serial();
        self.does(self.correction(of, &serial), &[self.university]);
        serial
    }

    #[track_caller]
    pub(crate) fn revokes(&mut self, of: &str) {
        self.does(self.revocation(of, self.university), &[self.university]);
    }

    /// Root changes the university's accreditation from now on.
    #[track_caller]
    pub(crate) fn accreditation(&mut self, change: &str) {
        let change = json!({
            "register": "authorities", "action": change, "accreditation": "university-university",
            "by": self.town.root().id, "reason": "an inspection",
        });
        self.town.does(change, &self.town.root_signs());
    }

    /// An authority freezes an object, or directs something about it, for a hundred days.
    #[track_caller]
    pub(crate) fn orders(&mut self, id: &str, what: &str, by: Actor, kind: &str, target: &str) {
        let (register, kind) = kind.split_once('/').unwrap();
        let mut order = json!({
            "register": "authorities", "action": what, "order": id, "by": by.id,
            "target": { "register": register, "kind": kind, "id": target },
            "scope": "all of it", "reference": "C 7/2026", "until": self.town.in_ms(100 * DAY),
        });
        if what == "direct" {
            order["instruction"] = json!("let it be done");
        }
        self.does(order, &[by]);
    }

    #[track_caller]
    pub(crate) fn does(&mut self, action: Value, signers: &[Actor]) {
        let signers: Vec<_> = signers.iter().map(Actor::signs).collect();
        self.town.does(action, &signers);
    }

    #[track_caller]
    pub(crate) fn refuses(&mut self, action: Value, signers: &[Actor]) -> &'static str {
        let signers: Vec<_> = signers.iter().map(Actor::signs).collect();
        let before = self.town.state.0.clone();
        let code = self.town.refuses(action, &signers);
        assert_eq!(before, self.town.state.0, "a refusal changes nothing");
        code
    }

    pub(crate) fn try_all(
        &mut self,
        actions: &[Value],
        signers: &[Actor],
    ) -> Result<Vec<Change>, Rejection> {
        let signers: Vec<_> = signers.iter().map(Actor::signs).collect();
        self.town.try_all(actions, &signers)
    }

    pub(crate) fn credential(&self, serial: &str) -> Credential {
        self.town.get(&self.id(serial)).unwrap()
    }

    pub(crate) fn status(&self, serial: &str) -> CredentialStatus {
        self.credential(serial).status
    }

    pub(crate) fn standing(&self, serial: &str) -> Standing {
        let id = self.id(serial);
        self.town.asks(|draft| Standing::answer(draft, &id)).unwrap()
    }
}

/// An action with one member changed; a null takes the member away.
pub(crate) fn with(mut action: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let members = action.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Value::Null => members.remove(name),
        value => members.insert(name.to_owned(), value),
    };
    action
}
