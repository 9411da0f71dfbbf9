//! Shares and their events, drawn from the register.

use std::collections::BTreeSet;

use chancery_registries::equity::{Ending, Event, OnCancellation, Security, StockPlan};
use chancery_registries::text::LocalId;
use serde_json::{Value, json};

use super::drawn::{Drawn, OFF_LEDGER, no_price};
use super::register::Company;

/// Every event of shares; of one time, what ends a security after what began it.
pub(super) fn events(company: &Company) -> Vec<Drawn> {
    let Company { securities, plans, vesting, terms, .. } = company;
    let mut events = Vec::new();
    for security in securities {
        let set = vesting.get(&security.security);
        let is_split = security.origin.event == Event::Split;
        events.push(super::vesting::of_issuance(issuance(security), set, is_split));
        let stated = set.map(|set| super::vesting::events(set, security.issued, terms));
        events.extend(stated.into_iter().flatten());
    }
    // Several securities that became one ended together.
    let mut told = BTreeSet::new();
    for security in securities {
        let Some(ending) = &security.ended else { continue };
        let together: Vec<&LocalId> = securities
            .iter()
            .filter(|other| ending.event == Event::Reissuance && ended_with(other, ending))
            .map(|other| &other.security)
            .collect();
        if together.len() > 1 && !told.insert((ending.transition, ending.into.clone())) {
            continue;
        }
        events.push(end(security, ending, &together));
        events.extend(returned(&security.security, security.plan.as_ref(), ending, plans));
    }
    events
}

fn ended_with(security: &Security, ending: &Ending) -> bool {
    let ended = security.ended.as_ref();
    ended.is_some_and(|it| it.transition == ending.transition && it.into == ending.into)
}

fn issuance(security: &Security) -> Drawn {
    let facts = json!({
        "security_id": security.security, "stakeholder_id": security.holder,
        "stock_class_id": security.class, "quantity": security.quantity,
    });
    let fill = json!({
        "id": format!("issuance-{}", security.security), "custom_id": security.security,
        "share_price": no_price(), "security_law_exemptions": [], "stock_legend_ids": [],
        "comments": [OFF_LEDGER],
    });
    Drawn::new(security.issued, "TX_STOCK_ISSUANCE", facts, fill)
        .with("custom_id", security.certificate.as_ref())
        .with("stock_plan_id", security.plan.as_ref())
        .on(security.origin.date)
}

/// How a security ended; `together` are those that one event made one of.
fn end(security: &Security, ending: &Ending, together: &[&LocalId]) -> Drawn {
    let id = format!("end-{}", security.security);
    let reason = format!("as stated in transition {}", ending.transition);
    let (kind, facts, fill) = match ending.event {
        Event::Transfer => (
            "TX_STOCK_TRANSFER",
            json!({ "quantity": ending.quantity, "resulting_security_ids": ending.into }),
            json!({}),
        ),
        Event::Cancellation => (
            "TX_STOCK_CANCELLATION",
            json!({ "quantity": ending.quantity }),
            json!({ "reason_text": reason }),
        ),
        Event::Repurchase => (
            "TX_STOCK_REPURCHASE",
            json!({ "quantity": ending.quantity }),
            json!({ "price": no_price(), "comments": [OFF_LEDGER] }),
        ),
        Event::Conversion => (
            "TX_STOCK_CONVERSION",
            json!({ "quantity_converted": ending.quantity, "resulting_security_ids": ending.into }),
            json!({}),
        ),
        Event::Reissuance if together.len() > 1 => {
            let facts =
                json!({ "security_ids": together, "resulting_security_id": ending.into.first() });
            let drawn = Drawn::new(ending.at, "TX_STOCK_CONSOLIDATION", facts, json!({ "id": id }));
            return drawn.on(ending.date);
        }
        Event::Reissuance => {
            ("TX_STOCK_REISSUANCE", json!({ "resulting_security_ids": ending.into }), json!({}))
        }
        Event::Split => (
            "TX_STOCK_REISSUANCE",
            json!({
                "resulting_security_ids": ending.into, "split_transaction_id": ending.split,
            }),
            json!({}),
        ),
        // Shares end neither by an issuance nor by an exercise: those are there for completeness of the
        // match alone.
        Event::Retraction | Event::Issuance | Event::Exercise | Event::Release => {
            ("TX_STOCK_RETRACTION", json!({}), json!({ "reason_text": reason }))
        }
    };
    let drawn = Drawn::new(ending.at, kind, facts, fill)
        .with("security_id", Some(&security.security))
        .with("balance_security_id", ending.balance.as_ref())
        .on(ending.date);
    identified(drawn, id)
}

/// What came back to a pool, where that does not follow from the plan.
pub(super) fn returned(
    security: &LocalId,
    granted_under: Option<&LocalId>,
    ending: &Ending,
    plans: &[StockPlan],
) -> Option<Drawn> {
    let returned = ending.returned.as_ref()?;
    let follows = plans.iter().any(|plan| {
        plan.plan == returned.plan && plan.on_cancellation == OnCancellation::ReturnToPool
    });
    if follows
        && granted_under == Some(&returned.plan)
        && returned.quantity.get() == ending.quantity
        && returned.date == ending.date
    {
        return None;
    }
    let facts = json!({
        "security_id": security, "stock_plan_id": returned.plan, "quantity": returned.quantity,
    });
    let fill = json!({
        "id": format!("return-{security}"), "reason_text": "As the register has it",
    });
    let drawn = Drawn::new(returned.at, "TX_STOCK_PLAN_RETURN_TO_POOL", facts, fill);
    Some(drawn.on(returned.date))
}

/// The same with an id of its own, which an object that was kept need not have.
pub(super) fn identified(mut drawn: Drawn, id: String) -> Drawn {
    drawn.fill.insert("id".to_owned(), Value::String(id));
    drawn
}
