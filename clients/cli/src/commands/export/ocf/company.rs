//! The issuer, its holders, its classes and plans, drawn from the register.

use chancery_client::{PartyId, Time};
use chancery_registries::equity::{
    Adjustment, ClassSplit, ClassType, Issuer, OnCancellation, StockClass, StockPlan,
};
use chancery_registries::identity::PartyKind;
use serde_json::json;

use super::drawn::{Drawn, OFF_LEDGER, no_price, ratio, shares_authorised};

pub(super) fn issuer(issuer: &Issuer) -> Drawn {
    let facts = json!({
        "legal_name": issuer.name, "country_of_formation": issuer.country,
        "formation_date": issuer.formed,
    });
    let authorised = shares_authorised(issuer.initially_authorised);
    let fill = json!({ "id": issuer.issuer, "initial_shares_authorized": authorised });
    Drawn::new(issuer.registered, "ISSUER", facts, fill)
}

pub(super) fn issuer_adjustments(issuer: &Issuer) -> impl Iterator<Item = Drawn> {
    issuer.adjustments.iter().enumerate().map(|(index, made)| {
        let Adjustment { authorised, at, date } = made;
        let facts = json!({ "new_shares_authorized": shares_authorised(*authorised) });
        let fill = json!({ "id": format!("authorised-{}", index + 1), "issuer_id": issuer.issuer });
        Drawn::new(*at, "TX_ISSUER_AUTHORIZED_SHARES_ADJUSTMENT", facts, fill).on(*date)
    })
}

pub(super) fn stakeholder(party: &PartyId, kind: PartyKind) -> Drawn {
    let kind = if kind == PartyKind::Person { "INDIVIDUAL" } else { "INSTITUTION" };
    let fill = json!({
        "id": party, "stakeholder_type": kind, "name": { "legal_name": party },
        "comments": ["Names are kept off the ledger: this is the ID code."],
    });
    Drawn::new(Time::default(), "STAKEHOLDER", json!({}), fill)
}

pub(super) fn class(class: &StockClass) -> Drawn {
    let (class_type, prefix) = match class.class_type {
        ClassType::Common => ("COMMON", "CS-"),
        ClassType::Preferred => ("PREFERRED", "PS-"),
    };
    let rights = class.conversion_rights.iter().map(|right| {
        json!({
            "type": "STOCK_CLASS_CONVERSION_RIGHT", "converts_to_stock_class_id": right.into,
            "conversion_mechanism": {
                "type": "RATIO_CONVERSION", "ratio": ratio(right.ratio),
                "conversion_price": no_price(), "rounding_type": "NORMAL",
            },
        })
    });
    let facts = json!({
        "id": class.class, "name": class.name, "class_type": class_type,
        "initial_shares_authorized": shares_authorised(class.initially_authorised),
        "votes_per_share": class.votes_per_share, "seniority": class.seniority,
        "conversion_rights": rights.collect::<Vec<_>>(),
    });
    let fill = json!({ "default_id_prefix": prefix, "comments": [OFF_LEDGER] });
    Drawn::new(class.created, "STOCK_CLASS", facts, fill).with("par_value", class.par_value)
}

pub(super) fn class_events(class: &StockClass) -> impl Iterator<Item = Drawn> {
    let adjusted = class.adjustments.iter().enumerate().map(|(index, made)| {
        let facts = json!({
            "stock_class_id": class.class,
            "new_shares_authorized": shares_authorised(made.authorised),
        });
        let fill = json!({ "id": format!("authorised-{}-{}", class.class, index + 1) });
        let of = "TX_STOCK_CLASS_AUTHORIZED_SHARES_ADJUSTMENT";
        Drawn::new(made.at, of, facts, fill).on(made.date)
    });
    adjusted.chain(class.splits.iter().map(|split| {
        let ClassSplit { split, ratio: by, at, date, .. } = split;
        let facts =
            json!({ "id": split, "stock_class_id": class.class, "split_ratio": ratio(*by) });
        Drawn::new(*at, "TX_STOCK_CLASS_SPLIT", facts, json!({})).on(*date)
    }))
}

pub(super) fn plan(plan: &StockPlan) -> Drawn {
    let on_cancellation = match plan.on_cancellation {
        OnCancellation::Retire => "RETIRE",
        OnCancellation::ReturnToPool => "RETURN_TO_POOL",
        OnCancellation::HoldAsCapitalStock => "HOLD_AS_CAPITAL_STOCK",
        OnCancellation::DefinedPerPlanSecurity => "DEFINED_PER_PLAN_SECURITY",
    };
    let facts = json!({
        "id": plan.plan, "plan_name": plan.name,
        "initial_shares_reserved": plan.initially_reserved,
    });
    let fill = json!({
        "stock_class_ids": plan.classes, "default_cancellation_behavior": on_cancellation,
    });
    Drawn::new(plan.created, "STOCK_PLAN", facts, fill)
}

pub(super) fn plan_events(plan: &StockPlan) -> impl Iterator<Item = Drawn> {
    plan.adjustments.iter().enumerate().map(|(index, made)| {
        let facts = json!({ "stock_plan_id": plan.plan, "shares_reserved": made.reserved });
        let fill = json!({ "id": format!("pool-{}-{}", plan.plan, index + 1) });
        Drawn::new(made.at, "TX_STOCK_PLAN_POOL_ADJUSTMENT", facts, fill).on(made.date)
    })
}
