//! What a package says of vesting.

use std::collections::BTreeSet;

use chancery_registries::equity::numbers::{Decimal, Quantity, Ratio};
use chancery_registries::equity::{
    AccelerateVesting, Action, Allocation, Condition, Conditions, CreateVestingTerms,
    MeetVestingCondition, Period, Schedule, SetVesting, Trigger, VestingBasis, VestingDate, Vests,
};
use chancery_registries::text::{Date, LocalId};
use serde_json::Value;

use super::super::package::Object;
use super::super::reading::{date_of, id_of, list, local, number, parse, plain, quantity, ratio};
use super::{Done, Planning, Step};

impl Planning<'_> {
    /// Why the register cannot follow vesting terms, where it cannot.
    pub(super) fn not_followed(&self, object: &Object) -> Option<String> {
        let is_terms = object.object_type() == "VESTING_TERMS";
        let why =
            || conditions(object).and_then(|_| allocation(object.text("allocation_type"))).err();
        is_terms.then(why).flatten()
    }

    /// Terms that the register can follow; `None` for others, which are filed.
    pub(super) fn terms_step(&self, object: &Object) -> Option<Result<Step, String>> {
        let conditions = conditions(object).ok()?;
        let allocation = allocation(object.text("allocation_type")).ok()?;
        let step = || {
            let terms = id_of(object, "id")?;
            let name: String = object.text("name").trim().chars().take(100).collect();
            let action = Action::CreateVestingTerms(Box::new(CreateVestingTerms {
                issuer: self.issuer,
                terms: terms.clone(),
                name: parse("name", name.trim())?,
                allocation,
                conditions,
                record: Some(self.commit(object)?),
            }));
            Ok(self.step(object, action, Done::Terms(terms)))
        };
        Some(step())
    }

    /// By what a security or instrument vests; `None` where its issuance says nothing, or where it is for no
    /// number of shares. What the register cannot follow is set as kept off the ledger, so that nobody
    /// takes it for vested.
    fn basis(&self, issuance: &Object) -> Option<VestingBasis> {
        let shares: Quantity = quantity(issuance).ok()?;
        if let Some(dates) = issuance.value["vestings"].as_array() {
            return Some(dates_of(dates, shares).unwrap_or(VestingBasis::OffLedger));
        }
        let id = issuance.text("vesting_terms_id");
        let followed = || self.conditions_of(id).map(|_| VestingBasis::Terms(local(id)));
        (!id.is_empty()).then(|| followed().unwrap_or(VestingBasis::OffLedger))
    }

    /// The conditions of the package's vesting terms, where the register can follow them.
    fn conditions_of(&self, terms: &str) -> Option<Conditions> {
        let object = self.of_type("VESTING_TERMS").find(|object| object.id() == terms)?;
        allocation(object.text("allocation_type")).ok()?;
        conditions(object).ok()
    }

    /// The same step, with which it is set how what an issuance is of vests. The holder signs it.
    pub(super) fn with_vesting(&self, mut step: Step, issuance: &Object) -> Step {
        if let Some(by) = self.basis(issuance) {
            step.by_issuer = true;
            step.actions.push(Action::SetVesting(SetVesting {
                issuer: self.issuer,
                security: local(issuance.text("security_id")),
                by,
                record: None,
            }));
        }
        step
    }

    /// The same step, with which it is set how all that an event makes vests.
    pub(super) fn with_vestings<'i>(
        &self,
        step: Step,
        mut results: impl Iterator<Item = &'i str>,
    ) -> Result<Step, String> {
        results.try_fold(step, |step, id| Ok(self.with_vesting(step, self.issuance(id)?)))
    }

    /// A start, an event or an acceleration of what the register follows; `None` for another, which is
    /// filed. What a split made goes on by what was stated of that from which it came.
    pub(super) fn vesting_event(&self, event: &Object) -> Option<Result<Step, String>> {
        let id = event.text("security_id");
        let basis = self.basis(self.issuance(id).ok()?)?;
        if self.split.contains(id) {
            return None;
        }
        match (event.object_type(), basis) {
            (_, VestingBasis::OffLedger) => None,
            ("TX_VESTING_ACCELERATION", _) => Some(self.acceleration(event)),
            (_, VestingBasis::Dates(_)) => None,
            (_, VestingBasis::Terms(_)) => {
                let terms = self.issuance(id).ok()?.text("vesting_terms_id");
                let condition = local(event.text("vesting_condition_id"));
                let conditions = self.conditions_of(terms)?;
                let stated = conditions.get(&condition)?.trigger.is_stated();
                stated.then(|| self.condition_met(event, condition))
            }
        }
    }

    fn condition_met(&self, event: &Object, condition: LocalId) -> Result<Step, String> {
        let (security, record) = (id_of(event, "security_id")?, self.commit(event)?);
        let action = Action::MeetVestingCondition(MeetVestingCondition {
            issuer: self.issuer,
            security: security.clone(),
            condition,
            date: day(event)?,
            record: Some(record),
        });
        Ok(self.step(event, action, Done::Vesting { security, record }))
    }

    fn acceleration(&self, event: &Object) -> Result<Step, String> {
        let (security, record) = (id_of(event, "security_id")?, self.commit(event)?);
        let action = Action::AccelerateVesting(AccelerateVesting {
            issuer: self.issuer,
            security: security.clone(),
            quantity: quantity(event)?,
            date: day(event)?,
            reason: None,
            record: Some(record),
        });
        Ok(self.step(event, action, Done::Vesting { security, record }))
    }
}

fn day(event: &Object) -> Result<Date, String> {
    date_of(event)?.ok_or_else(|| "it has no date".to_owned())
}

/// The days of a list that is within what there is.
fn dates_of(dates: &[Value], shares: Quantity) -> Result<VestingBasis, String> {
    let mut sum = Decimal::ZERO;
    let mut listed = Vec::new();
    for value in dates {
        let amount: Decimal = number(&value["amount"])?;
        let Ok(quantity) = Quantity::try_from(amount) else { continue };
        sum = sum.plus(amount).ok_or("they are too many")?;
        let date = parse("date", value["date"].as_str().unwrap_or_default())?;
        listed.push(VestingDate { date, quantity });
    }
    if sum > shares.get() {
        return Err(format!("{sum} vest of {shares}"));
    }
    list(listed).map(VestingBasis::Dates)
}

fn allocation(text: &str) -> Result<Allocation, String> {
    let name = Value::String(text.to_lowercase().replace('_', "-"));
    serde_json::from_value(name).map_err(|error| error.to_string())
}

/// The conditions of terms, each above those that may follow it.
fn conditions(object: &Object) -> Result<Conditions, String> {
    let members = object.value["vesting_conditions"].as_array();
    let mut left =
        members.into_iter().flatten().map(condition).collect::<Result<Vec<Condition>, _>>()?;
    let mut sorted: Vec<Condition> = Vec::new();
    while !left.is_empty() {
        let waits: BTreeSet<LocalId> =
            left.iter().flat_map(|condition| condition.next.iter().cloned()).collect();
        let first = left.iter().position(|it| !waits.contains(&it.condition));
        sorted.push(left.remove(first.ok_or("the conditions go round in a circle")?));
    }
    Conditions::try_from(sorted).map_err(|error| error.to_string())
}

fn condition(value: &Value) -> Result<Condition, String> {
    let id = |value: &Value| match value.as_str() {
        Some(id) if !id.is_empty() => Ok(local(id)),
        _ => Err("a condition without an id".to_owned()),
    };
    let next = value["next_condition_ids"].as_array().into_iter().flatten().map(id);
    Ok(Condition {
        condition: id(&value["id"])?,
        vests: vests(value)?,
        trigger: trigger(&value["trigger"])?,
        next: list(next.collect::<Result<Vec<LocalId>, _>>()?)?,
    })
}

fn vests(value: &Value) -> Result<Vests, String> {
    let portion = &value["portion"];
    if portion.is_null() {
        return number(&value["quantity"]).map(Vests::Quantity);
    }
    // A part of nothing is no ratio.
    if number::<Decimal>(&portion["numerator"])?.is_zero() {
        return Ok(Vests::Quantity(Decimal::ZERO));
    }
    let part: Ratio = ratio(portion)?;
    Ok(match portion["remainder"] {
        Value::Bool(true) => Vests::PortionOfRest(part),
        _ => Vests::Portion(part),
    })
}

fn trigger(value: &Value) -> Result<Trigger, String> {
    let text = |name: &str| value[name].as_str().unwrap_or_default();
    Ok(match text("type") {
        "VESTING_START_DATE" => Trigger::Start,
        "VESTING_EVENT" => Trigger::Event,
        "VESTING_SCHEDULE_ABSOLUTE" => Trigger::Date(parse("date", text("date"))?),
        "VESTING_SCHEDULE_RELATIVE" => {
            let period = &value["period"];
            let count = |name: &str| -> Result<u16, String> { number(&period[name]) };
            let every = match period["type"].as_str() {
                Some("MONTHS") => Period::Months(count("length")?),
                _ => Period::Days(count("length")?),
            };
            let day = plain(period["day_of_month"].as_str().unwrap_or_default());
            let day = day.split('_').next().unwrap_or_default();
            let cliff =
                if period["cliff_installment"].is_null() { 0 } else { count("cliff_installment")? };
            Trigger::Schedule(Schedule {
                after: local(text("relative_to_condition_id")),
                every,
                times: count("occurrences")?,
                // What is no number says the day on which vesting started.
                day: day.parse().ok(),
                cliff: (cliff > 1).then_some(cliff),
            })
        }
        other => return Err(format!("{other:?} is no trigger")),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn conditions_are_put_above_those_that_may_follow() {
        let condition = |id: &str, next: &[&str]| {
            json!({
                "id": id, "quantity": "0", "trigger": {"type": "VESTING_EVENT"},
                "next_condition_ids": next,
            })
        };
        let read = |conditions: Value| {
            let value = json!({ "vesting_conditions": conditions });
            conditions_of_value(value)
        };
        let sorted =
            read(json!([condition("c", &[]), condition("b", &["c"]), condition("a", &["b", "c"])]));
        let ids: Vec<String> =
            sorted.unwrap().iter().map(|condition| condition.condition.to_string()).collect();
        assert_eq!(ids, ["a", "b", "c"]);
        let circle = read(json!([condition("a", &["b"]), condition("b", &["a"])]));
        assert!(circle.unwrap_err().contains("circle"));
        let stray = read(json!([condition("a", &["x"])]));
        assert!(stray.unwrap_err().contains("no condition below it"));
    }

    fn conditions_of_value(value: Value) -> Result<Conditions, String> {
        conditions(&Object { file: String::new(), value })
    }
}
