//! A town with a university that keeps records, a graduate, and a court.

use chancery_ledger::hash::Hash;
use chancery_registries::records::{Record, RecordId, RecordStatus};
use serde_json::{Value, json};

use crate::common::{Actor, DAY, Town};

pub(crate) struct Archive {
    pub town: Town,
    pub university: Actor,
    pub court: Actor,
    pub ana: Actor,
}

pub(crate) const SALT: &str = "45c48cce2e2d7fbdea1afc51c7c6ad26";

impl Archive {
    pub(crate) fn new() -> Self {
        let mut town = Town::new();
        let university = town.organisation("university");
        let court = town.institution("court", "court", "records");
        let ana = town.person("ana");
        Self { town, university, court, ana }
    }

    pub(crate) fn id(&self, name: &str) -> RecordId {
        RecordId { keeper: self.university.id, commitment: Hash::of(&[name.as_bytes()]) }
    }

    pub(crate) fn record(&self, name: &str) -> Record {
        self.town.get(&self.id(name).to_string()).unwrap()
    }

    pub(crate) fn status(&self, name: &str) -> RecordStatus {
        self.record(name).status
    }

    pub(crate) fn anchor(&self, name: &str) -> Value {
        json!({
            "register": "records", "action": "anchor", "keeper": self.university.id,
            "commitment": self.id(name).commitment, "salt": SALT, "schema": "transcript-1",
            "subjects": [self.ana.id],
        })
    }

    pub(crate) fn replace(&self, name: &str, by: &str) -> Value {
        json!({
            "register": "records", "action": "replace", "record": self.id(name),
            "commitment": self.id(by).commitment, "salt": SALT, "schema": "transcript-2",
        })
    }

    pub(crate) fn erase(&self, name: &str, reason: &str) -> Value {
        json!({
            "register": "records", "action": "erase", "record": self.id(name), "reason": reason,
        })
    }

    /// An order of the court about a record, `freeze` or `direct`.
    pub(crate) fn order(&self, action: &str, order: &str, name: &str) -> Value {
        let mut made = json!({
            "register": "authorities", "action": action, "order": order, "by": self.court.id,
            "scope": "until it is heard", "reference": "EDU 7/2026",
            "until": self.town.in_ms(30 * DAY),
            "target": {"register": "records", "kind": "record", "id": self.id(name)},
        });
        if action == "direct" {
            made["instruction"] = json!("Have it erased.");
        }
        made
    }

    /// The university does it.
    #[track_caller]
    pub(crate) fn does(&mut self, action: Value) {
        self.town.does(action, &[self.university.signs()]);
    }

    #[track_caller]
    pub(crate) fn refuses(&mut self, action: Value) -> &'static str {
        self.town.refuses(action, &[self.university.signs()])
    }

    /// The court does it.
    #[track_caller]
    pub(crate) fn rules(&mut self, action: Value) {
        self.town.does(action, &[self.court.signs()]);
    }
}
