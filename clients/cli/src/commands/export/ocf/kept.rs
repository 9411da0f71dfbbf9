//! The package: of each object that the register has, the one that an import kept where it agrees with the
//! register and the ledger has its commitment; else the one that is drawn from the register alone.

use std::collections::BTreeMap;

use chancery_client::{Hash, PartyId, Time};
use chancery_registries::equity::numbers::{Decimal, Ratio};
use chancery_registries::equity::{Ending, Filing};
use serde_json::{Map, Value};

use super::drawn::Drawn;
use super::register::Company;
use super::{company, instruments, shares, vesting};
use crate::commands::import::ocf::reading::{local, plain, ratio};
use crate::commands::import::ocf::records::Records;

/// What is written.
pub(super) struct Package {
    /// The issuer.
    pub(super) issuer: Value,
    /// All else; events in the order in which they took effect.
    pub(super) objects: Vec<Value>,
    /// How many are as they came.
    pub(super) given_back: usize,
    /// How many are drawn from the register alone.
    pub(super) filled_in: usize,
    /// How many of each type are not there, for the ledger has their commitment and nobody kept them here.
    pub(super) missing: BTreeMap<String, usize>,
}

/// Puts the package together.
pub(super) fn put_together(company: &Company, records: &Records) -> Package {
    let mut putting = Putting::new(company, records);
    let issuer = putting.best(company::issuer(&company.issuer));
    let mut objects: Vec<(Time, Value)> = Vec::new();
    for (party, kind) in &company.holders {
        if !putting.stakeholders.contains_key(party) {
            let drawn = company::stakeholder(party, *kind).filled_in();
            putting.filled_in += 1;
            objects.push((Time::default(), drawn));
        }
    }
    for drawn in putting.all(company) {
        objects.push((drawn.at, putting.best(drawn)));
    }
    objects.extend(putting.filed(&company.filings));
    objects.sort_by_key(|(at, _)| *at);
    let Putting { given_back, filled_in, missing, .. } = putting;
    let objects = objects.into_iter().map(|(_, object)| object).collect();
    Package { issuer, objects, given_back, filled_in, missing }
}

/// An object that was kept, and whether it is in the package.
struct Kept {
    value: Value,
    is_used: bool,
}

struct Putting {
    /// By type, those that the ledger has the commitment of.
    kept: BTreeMap<String, Vec<Kept>>,
    /// The id that the format has for a party.
    stakeholders: BTreeMap<PartyId, String>,
    /// The format's ids that differ from the register's.
    names: BTreeMap<String, String>,
    given_back: usize,
    filled_in: usize,
    missing: BTreeMap<String, usize>,
    /// What is kept of each filing.
    of_filing: BTreeMap<Hash, Value>,
}

/// A type, in the name that it has now.
fn type_of(object: &Value) -> String {
    let of = object["object_type"].as_str().unwrap_or_default();
    of.replace("PLAN_SECURITY", "EQUITY_COMPENSATION")
}

impl Putting {
    fn new(company: &Company, records: &Records) -> Self {
        let mut putting = Self {
            kept: BTreeMap::new(),
            stakeholders: BTreeMap::new(),
            names: BTreeMap::new(),
            given_back: 0,
            filled_in: 0,
            missing: BTreeMap::new(),
            of_filing: BTreeMap::new(),
        };
        let mut seen = std::collections::BTreeSet::new();
        for commitment in commitments(company) {
            let Some(object) = records.object(&commitment) else { continue };
            if !seen.insert(commitment) {
                continue;
            }
            putting.name(object);
            let kept = Kept { value: object.clone(), is_used: false };
            putting.kept.entry(type_of(object)).or_default().push(kept);
        }
        for filing in &company.filings {
            let Some(object) = records.object(&filing.record) else { continue };
            putting.of_filing.insert(filing.record, object.clone());
            if let ("STAKEHOLDER", Some(party)) = (filing.what.as_str(), filing.party) {
                let id = object["id"].as_str().unwrap_or_default();
                putting.stakeholders.insert(party, id.to_owned());
            }
        }
        putting
    }

    /// Remembers the ids of an object that are others in the register.
    fn name(&mut self, object: &Value) {
        for name in ["id", "security_id"] {
            let Some(id) = object[name].as_str() else { continue };
            let here = local(id).to_string();
            if here != id {
                self.names.insert(here, id.to_owned());
            }
        }
    }

    /// Everything that the register has, apart from its holders and filings.
    fn all(&self, company: &Company) -> Vec<Drawn> {
        let mut all: Vec<Drawn> = Vec::new();
        all.extend(company.classes.iter().map(company::class));
        all.extend(company.plans.iter().map(company::plan));
        all.extend(company.terms.iter().map(vesting::terms));
        all.extend(company::issuer_adjustments(&company.issuer));
        all.extend(company.classes.iter().flat_map(company::class_events));
        all.extend(company.plans.iter().flat_map(company::plan_events));
        all.extend(instruments::events(company));
        all.extend(shares::events(company));
        all
    }

    /// The object that was kept, where one agrees; else the one that is drawn.
    fn best(&mut self, drawn: Drawn) -> Value {
        let of = drawn.object_type().to_owned();
        let found = self.kept.get(&of).into_iter().flatten().position(|kept| {
            !kept.is_used
                && drawn.facts.iter().all(|(name, fact)| {
                    name == "object_type" || self.agrees(name, fact, &kept.value)
                })
        });
        let found = found.and_then(|place| self.kept.get_mut(&of)?.get_mut(place));
        if let Some(kept) = found {
            kept.is_used = true;
            self.given_back += 1;
            return kept.value.clone();
        }
        self.filled_in += 1;
        self.in_the_formats_ids(drawn.filled_in())
    }

    /// Whether a kept object says what the register knows.
    fn agrees(&self, name: &str, fact: &Value, kept: &Value) -> bool {
        match name {
            "conversion_rights" => self.rights_agree(fact, kept),
            _ => self.same(fact, &kept[name]),
        }
    }

    /// Each right by ratio is among those that were kept, or was adjusted by an event that was.
    fn rights_agree(&self, fact: &Value, class: &Value) -> bool {
        let adjusted = self.kept.get("TX_STOCK_CLASS_CONVERSION_RATIO_ADJUSTMENT");
        let adjusted = adjusted
            .into_iter()
            .flatten()
            .any(|event| event.value["stock_class_id"] == class["id"]);
        let known = |right: &Value| {
            let kept = class["conversion_rights"].as_array().into_iter().flatten();
            kept.into_iter().any(|kept| {
                let into = "converts_to_stock_class_id";
                let by = |right: &Value| right["conversion_mechanism"]["ratio"].clone();
                self.same(&right[into], &kept[into])
                    && (adjusted || self.same(&by(right), &by(kept)))
            })
        };
        fact.as_array().into_iter().flatten().all(known)
    }

    /// Whether two values say the same: numbers by what they are, ids by what the register has for them.
    fn same(&self, fact: &Value, kept: &Value) -> bool {
        match (fact, kept) {
            (Value::String(fact), Value::String(kept)) => self.same_text(fact, kept),
            // A number of votes or a seniority may be either.
            (Value::String(fact), Value::Number(kept)) => self.same_text(fact, &kept.to_string()),
            (Value::Array(facts), Value::Array(kept)) => {
                facts.len() == kept.len()
                    && facts.iter().zip(kept).all(|(fact, kept)| self.same(fact, kept))
            }
            (Value::Object(facts), Value::Object(_)) => match read_ratio(fact) {
                Some(by) => read_ratio(kept) == Some(by),
                None => facts.iter().all(|(name, fact)| self.same(fact, &kept[name])),
            },
            _ => fact == kept,
        }
    }

    fn same_text(&self, fact: &str, kept: &str) -> bool {
        let number = |text: &str| plain(text).parse::<Decimal>().ok();
        let party = fact.parse::<PartyId>().ok();
        let stakeholder = party.and_then(|party| self.stakeholders.get(&party));
        fact == kept
            || number(fact).is_some_and(|fact| number(kept) == Some(fact))
            || local(kept).as_str() == fact
            || stakeholder.is_some_and(|id| id == kept)
    }

    /// The same object, with the format's ids where they are known.
    fn in_the_formats_ids(&self, value: Value) -> Value {
        match value {
            Value::String(text) => {
                let party = text.parse::<PartyId>().ok();
                let stakeholder = party.and_then(|party| self.stakeholders.get(&party));
                let id = stakeholder.or_else(|| self.names.get(&text)).cloned();
                Value::String(id.unwrap_or(text))
            }
            Value::Array(list) => {
                list.into_iter().map(|value| self.in_the_formats_ids(value)).collect()
            }
            Value::Object(members) => Value::Object(
                members
                    .into_iter()
                    .map(|(name, value)| (name, self.in_the_formats_ids(value)))
                    .collect::<Map<_, _>>(),
            ),
            other => other,
        }
    }

    /// What was filed and is not drawn from the register.
    fn filed(&mut self, filings: &[Filing]) -> Vec<(Time, Value)> {
        let mut objects = Vec::new();
        for filing in filings {
            let of = filing.what.to_string().replace("PLAN_SECURITY", "EQUITY_COMPENSATION");
            let kept = self.of_filing.get(&filing.record);
            let in_package = kept.is_some_and(|value| {
                let kept = self.kept.get(&of).into_iter().flatten();
                kept.into_iter().any(|kept| kept.is_used && kept.value == *value)
            });
            if in_package || is_drawn(&of) {
                continue;
            }
            match kept {
                Some(value) => {
                    self.given_back += 1;
                    objects.push((filing.filed, value.clone()));
                }
                // A holder is there by the ID code.
                None if of == "STAKEHOLDER" => {}
                None => *self.missing.entry(of).or_default() += 1,
            }
        }
        objects
    }
}

/// Whether objects of a type are drawn from the register: of these, what was kept and does not agree is not
/// written beside what the register has. A change of a ratio is in the class that is drawn.
fn is_drawn(object_type: &str) -> bool {
    let filed = ["_ACCEPTANCE", "_REPRICING", "_RATIO_ADJUSTMENT"];
    object_type.starts_with("TX_")
        && !object_type.starts_with("TX_VESTING")
        && !filed.iter().any(|end| object_type.ends_with(end))
}

fn read_ratio(value: &Value) -> Option<Ratio> {
    value.get("numerator").and_then(|_| ratio(value).ok())
}

/// Every commitment that stands on the ledger for the issuer.
fn commitments(company: &Company) -> impl Iterator<Item = Hash> {
    let ended = |ended: &Option<Ending>| ended.as_ref().and_then(|ending| ending.record);
    let mut all: Vec<Option<Hash>> = vec![company.issuer.record];
    all.extend(company.classes.iter().map(|class| class.record));
    all.extend(company.plans.iter().map(|plan| plan.record));
    all.extend(company.terms.iter().map(|terms| terms.record));
    for vesting in company.vesting.values() {
        all.extend(vesting.met.iter().map(|met| met.record));
        all.extend(vesting.accelerations.iter().map(|one| one.record));
    }
    for security in &company.securities {
        all.extend([security.record, ended(&security.ended)]);
    }
    for instrument in &company.instruments {
        all.extend([instrument.record, ended(&instrument.ended)]);
        all.extend(instrument.exercises.iter().map(|made| made.record));
    }
    all.extend(company.filings.iter().map(|filing| Some(filing.record)));
    all.into_iter().flatten()
}
