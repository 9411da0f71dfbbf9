//! Instruments and their events, drawn from the register.

use chancery_registries::equity::numbers::Decimal;
use chancery_registries::equity::{Ending, Event, Exercised, Family, Instrument, InstrumentKind};
use serde_json::{Value, json};

use super::drawn::{Drawn, OFF_LEDGER, no_price};
use super::register::Company;
use super::shares::{identified, returned};
use super::vesting;

/// Every event of instruments; of one time, what ends one after what began it.
pub(super) fn events(company: &Company) -> Vec<Drawn> {
    let mut events = Vec::new();
    for instrument in &company.instruments {
        let set = company.vesting.get(&instrument.security);
        events.push(vesting::of_issuance(issuance(instrument), set, false));
        let stated = set.map(|set| vesting::events(set, instrument.issued, &company.terms));
        events.extend(stated.into_iter().flatten());
    }
    for instrument in &company.instruments {
        for (index, made) in instrument.exercises.iter().enumerate() {
            events.push(exercise(instrument, made, index));
        }
        let Some(ending) = &instrument.ended else { continue };
        if ending.event != instrument.kind.becomes_shares_by() {
            events.push(end(instrument, ending));
        }
        let plan = instrument.plan.as_ref();
        events.extend(returned(&instrument.security, plan, ending, &company.plans));
    }
    events
}

fn family(instrument: &Instrument) -> &'static str {
    match instrument.kind.family() {
        Family::Convertible => "CONVERTIBLE",
        Family::Warrant => "WARRANT",
        Family::Compensation => "EQUITY_COMPENSATION",
    }
}

fn issuance(instrument: &Instrument) -> Drawn {
    let (facts, fill) = match instrument.kind.family() {
        Family::Convertible => convertible(instrument),
        Family::Warrant => warrant(instrument),
        Family::Compensation => compensation(instrument),
    };
    let mut drawn =
        Drawn::new(instrument.issued, &format!("TX_{}_ISSUANCE", family(instrument)), facts, fill);
    drawn.fill.insert("custom_id".to_owned(), json!(instrument.security));
    drawn.fill.insert("security_law_exemptions".to_owned(), json!([]));
    drawn.fill.insert("comments".to_owned(), json!([OFF_LEDGER]));
    let drawn = drawn
        .with("security_id", Some(&instrument.security))
        .with("stakeholder_id", Some(instrument.holder))
        .with("custom_id", instrument.certificate.as_ref())
        .with("stock_plan_id", instrument.plan.as_ref())
        .on(instrument.origin.date);
    identified(drawn, format!("issuance-{}", instrument.security))
}

fn convertible(instrument: &Instrument) -> (Value, Value) {
    let of = match instrument.kind {
        InstrumentKind::Note => "NOTE",
        InstrumentKind::Safe => "SAFE",
        _ => "CONVERTIBLE_SECURITY",
    };
    let amount = instrument.amount.map(|amount| amount.get()).unwrap_or_default();
    let facts = json!({ "convertible_type": of, "investment_amount": money(instrument, amount) });
    (facts, json!({ "conversion_triggers": triggers(instrument, "CONVERTIBLE"), "seniority": 1 }))
}

fn warrant(instrument: &Instrument) -> (Value, Value) {
    let mut facts = json!({});
    if let Some(amount) = instrument.amount {
        facts["quantity"] = json!(amount);
    }
    let triggers = triggers(instrument, "WARRANT");
    (facts, json!({ "exercise_triggers": triggers, "purchase_price": no_price() }))
}

/// The one trigger that the format asks for. All that the register knows of it is the class of the shares,
/// where that is settled.
fn triggers(instrument: &Instrument, of: &str) -> Value {
    let mut right = json!({
        "type": format!("{of}_CONVERSION_RIGHT"),
        "conversion_mechanism": {
            "type": "CUSTOM_CONVERSION", "custom_conversion_description": OFF_LEDGER,
        },
    });
    if let Some(class) = &instrument.class {
        right["converts_to_stock_class_id"] = json!(class);
    }
    json!([{ "trigger_id": "as-kept", "type": "UNSPECIFIED", "conversion_right": right }])
}

fn compensation(instrument: &Instrument) -> (Value, Value) {
    let of = match instrument.kind {
        InstrumentKind::OptionIso => "OPTION_ISO",
        InstrumentKind::OptionNso => "OPTION_NSO",
        InstrumentKind::Rsu => "RSU",
        InstrumentKind::Csar => "CSAR",
        InstrumentKind::Ssar => "SSAR",
        _ => "OPTION",
    };
    let mut fill = json!({
        "compensation_type": of, "expiration_date": null, "termination_exercise_windows": [],
    });
    match instrument.kind {
        InstrumentKind::Rsu => {}
        InstrumentKind::Csar | InstrumentKind::Ssar => fill["base_price"] = no_price(),
        _ => fill["exercise_price"] = no_price(),
    }
    if let Some(class) = &instrument.class {
        fill["stock_class_id"] = json!(class);
    }
    (json!({ "quantity": instrument.amount }), fill)
}

fn money(instrument: &Instrument, amount: Decimal) -> Value {
    json!({ "amount": amount, "currency": instrument.currency })
}

fn exercise(instrument: &Instrument, made: &Exercised, index: usize) -> Drawn {
    let mut facts =
        json!({ "security_id": instrument.security, "resulting_security_ids": made.into });
    let reason = format!("as stated in transition {}", made.transition);
    let (kind, fill) = match (instrument.kind.family(), instrument.kind.becomes_shares_by()) {
        (Family::Convertible, _) => {
            ("TX_CONVERTIBLE_CONVERSION", json!({ "reason_text": reason, "trigger_id": "as-kept" }))
        }
        (Family::Warrant, _) => ("TX_WARRANT_EXERCISE", json!({ "trigger_id": "as-kept" })),
        (Family::Compensation, event) => {
            facts["quantity"] = json!(made.amount);
            match event {
                Event::Release => (
                    "TX_EQUITY_COMPENSATION_RELEASE",
                    json!({ "settlement_date": day(made), "release_price": no_price() }),
                ),
                _ => ("TX_EQUITY_COMPENSATION_EXERCISE", json!({})),
            }
        }
    };
    let ended = instrument.ended.as_ref().filter(|it| it.transition == made.transition);
    let drawn = Drawn::new(made.at, kind, facts, fill)
        .with("balance_security_id", ended.and_then(|ending| ending.balance.as_ref()))
        .on(made.date);
    identified(drawn, format!("exercise-{}-{}", instrument.security, index + 1))
}

fn day(made: &Exercised) -> chancery_registries::text::Date {
    made.date.unwrap_or_else(|| chancery_registries::text::Date::of(made.at))
}

/// How an instrument ended, where not by becoming shares.
fn end(instrument: &Instrument, ending: &Ending) -> Drawn {
    let what = match ending.event {
        Event::Transfer => "TRANSFER",
        Event::Cancellation => "CANCELLATION",
        _ => "RETRACTION",
    };
    let mut facts = json!({ "security_id": instrument.security });
    let mut fill = json!({});
    if what == "TRANSFER" {
        facts["resulting_security_ids"] = json!(ending.into);
    } else {
        fill["reason_text"] = json!(format!("as stated in transition {}", ending.transition));
    }
    if what != "RETRACTION" {
        match instrument.kind.family() {
            Family::Convertible => facts["amount"] = money(instrument, ending.quantity),
            // An instrument for no number of shares ends whole, whatever number the format asks for.
            _ if instrument.amount.is_none() => fill["quantity"] = json!("0"),
            _ => facts["quantity"] = json!(ending.quantity),
        }
    }
    let kind = format!("TX_{}_{what}", family(instrument));
    let drawn = Drawn::new(ending.at, &kind, facts, fill)
        .with("balance_security_id", ending.balance.as_ref())
        .on(ending.date);
    identified(drawn, format!("end-{}", instrument.security))
}
