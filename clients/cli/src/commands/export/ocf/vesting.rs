//! Vesting terms, and what was stated of a grant's vesting, drawn from the register.

use chancery_client::Time;
use chancery_registries::equity::numbers::Ratio;
use chancery_registries::equity::{
    Allocation, Condition, Period, Trigger, Vesting, VestingBasis, VestingTerms, Vests,
};
use serde_json::{Value, json};

use super::drawn::{Drawn, ratio};
use super::shares::identified;

/// The day of the month that the format asks for where the register has none.
const START_DAY: &str = "VESTING_START_DAY_OR_LAST_DAY_OF_MONTH";
/// What stands at a grant whose vesting the register cannot tell.
const OFF_LEDGER: &str = "How this vests is kept off the ledger.";

pub(super) fn terms(terms: &VestingTerms) -> Drawn {
    let facts = json!({ "id": terms.terms, "allocation_type": allocation(terms.allocation) });
    let conditions = terms.conditions.iter().map(condition);
    let fill = json!({
        "name": terms.name, "description": terms.name,
        "vesting_conditions": conditions.collect::<Vec<_>>(),
    });
    Drawn::new(terms.created, "VESTING_TERMS", facts, fill)
}

fn allocation(allocation: Allocation) -> &'static str {
    match allocation {
        Allocation::CumulativeRounding => "CUMULATIVE_ROUNDING",
        Allocation::CumulativeRoundDown => "CUMULATIVE_ROUND_DOWN",
        Allocation::FrontLoaded => "FRONT_LOADED",
        Allocation::BackLoaded => "BACK_LOADED",
        Allocation::FrontLoadedToSingleTranche => "FRONT_LOADED_TO_SINGLE_TRANCHE",
        Allocation::BackLoadedToSingleTranche => "BACK_LOADED_TO_SINGLE_TRANCHE",
        Allocation::Fractional => "FRACTIONAL",
    }
}

fn condition(condition: &Condition) -> Value {
    let mut drawn = json!({
        "id": condition.condition, "trigger": trigger(&condition.trigger),
        "next_condition_ids": condition.next,
    });
    let portion = |portion: Ratio, remainder: bool| {
        let mut portion = ratio(portion);
        portion["remainder"] = json!(remainder);
        portion
    };
    match condition.vests {
        Vests::Quantity(quantity) => drawn["quantity"] = json!(quantity),
        Vests::Portion(part) => drawn["portion"] = portion(part, false),
        Vests::PortionOfRest(part) => drawn["portion"] = portion(part, true),
    }
    drawn
}

fn trigger(trigger: &Trigger) -> Value {
    let schedule = match trigger {
        Trigger::Start => return json!({ "type": "VESTING_START_DATE" }),
        Trigger::Event => return json!({ "type": "VESTING_EVENT" }),
        Trigger::Date(date) => {
            return json!({ "type": "VESTING_SCHEDULE_ABSOLUTE", "date": date });
        }
        Trigger::Schedule(schedule) => schedule,
    };
    let mut period = match schedule.every {
        Period::Days(days) => json!({ "type": "DAYS", "length": days }),
        Period::Months(months) => {
            let day = match schedule.day {
                None => START_DAY.to_owned(),
                Some(day @ 29..) => format!("{day}_OR_LAST_DAY_OF_MONTH"),
                Some(day) => format!("{day:02}"),
            };
            json!({ "type": "MONTHS", "length": months, "day_of_month": day })
        }
    };
    period["occurrences"] = json!(schedule.times);
    if let Some(cliff) = schedule.cliff {
        period["cliff_installment"] = json!(cliff);
    }
    json!({
        "type": "VESTING_SCHEDULE_RELATIVE", "period": period,
        "relative_to_condition_id": schedule.after,
    })
}

/// An issuance with what it says of vesting. The days of shares that a split made are not those of their
/// issuance, and what was stated of these goes on.
pub(super) fn of_issuance(mut issuance: Drawn, vesting: Option<&Vesting>, is_split: bool) -> Drawn {
    let Some(vesting) = vesting else { return issuance };
    match &vesting.by {
        VestingBasis::Terms(terms) => issuance.with("vesting_terms_id", Some(terms)),
        VestingBasis::Dates(dates) if !is_split => {
            let listed = dates.iter().map(|on| json!({ "date": on.date, "amount": on.quantity }));
            issuance.with("vestings", Some(listed.collect::<Vec<_>>()))
        }
        VestingBasis::Dates(_) | VestingBasis::OffLedger => {
            issuance.fill.insert("comments".to_owned(), json!([OFF_LEDGER]));
            issuance
        }
    }
}

/// What was stated of a grant's vesting since it began.
pub(super) fn events(vesting: &Vesting, began: Time, all: &[VestingTerms]) -> Vec<Drawn> {
    let VestingBasis::Terms(terms) = &vesting.by else { return accelerations(vesting, began) };
    let terms = all.iter().find(|known| known.terms == *terms);
    let since = vesting.met.iter().filter(|met| met.at >= began);
    let mut events: Vec<Drawn> = since
        .map(|met| {
            let condition = terms.and_then(|terms| terms.conditions.get(&met.condition));
            let kind = match condition.map(|condition| &condition.trigger) {
                Some(Trigger::Start) => "TX_VESTING_START",
                _ => "TX_VESTING_EVENT",
            };
            let facts = json!({
                "security_id": vesting.security, "vesting_condition_id": met.condition,
            });
            let drawn = Drawn::new(met.at, kind, facts, json!({})).on(Some(met.date));
            identified(drawn, format!("met-{}-{}", vesting.security, met.condition))
        })
        .collect();
    events.extend(accelerations(vesting, began));
    events
}

fn accelerations(vesting: &Vesting, began: Time) -> Vec<Drawn> {
    let since = vesting.accelerations.iter().filter(|one| one.at >= began).enumerate();
    since
        .map(|(index, one)| {
            let facts = json!({ "security_id": vesting.security, "quantity": one.quantity });
            let reason = format!("as stated in transition {}", one.transition);
            let fill = json!({ "reason_text": reason });
            let drawn = Drawn::new(one.at, "TX_VESTING_ACCELERATION", facts, fill);
            let id = format!("accelerated-{}-{}", vesting.security, index + 1);
            identified(drawn.on(Some(one.date)), id)
        })
        .collect()
}
