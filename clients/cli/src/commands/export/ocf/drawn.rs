//! An object as it is drawn from the register: what it states as a fact, and what it is filled with.

use chancery_client::Time;
use chancery_registries::equity::Authorised;
use chancery_registries::equity::numbers::Ratio;
use chancery_registries::text::Date;
use serde_json::{Map, Value, json};

/// What stands where prices and considerations do.
pub(super) const OFF_LEDGER: &str = "Prices and considerations are kept off the ledger.";

/// An object of the format, drawn from the register.
pub(super) struct Drawn {
    /// When it took effect, by which events are put in order.
    pub(super) at: Time,
    /// The members that the register knows: an object that was kept must agree with these.
    pub(super) facts: Map<String, Value>,
    /// The members that the format asks for besides.
    pub(super) fill: Map<String, Value>,
}

impl Drawn {
    pub(super) fn new(at: Time, object_type: &str, facts: Value, fill: Value) -> Self {
        let mut facts = members(facts);
        facts.insert("object_type".to_owned(), json!(object_type));
        Self { at, facts, fill: members(fill) }
    }

    /// The same with one more fact, where there is one.
    pub(super) fn with(mut self, name: &str, value: Option<impl serde::Serialize>) -> Self {
        if let Some(value) = value {
            self.facts.insert(name.to_owned(), json!(value));
        }
        self
    }

    /// The same with a day: a fact where it was stated, else that of the block.
    pub(super) fn on(mut self, date: Option<Date>) -> Self {
        match date {
            Some(date) => self.facts.insert("date".to_owned(), json!(date)),
            None => self.fill.insert("date".to_owned(), json!(Date::of(self.at))),
        };
        self
    }

    pub(super) fn object_type(&self) -> &str {
        self.facts["object_type"].as_str().unwrap_or_default()
    }

    /// The object of the register alone.
    pub(super) fn filled_in(self) -> Value {
        let mut members = self.fill;
        members.extend(self.facts);
        Value::Object(members)
    }
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

pub(super) fn shares_authorised(authorised: Authorised) -> String {
    match authorised {
        Authorised::Unlimited => "UNLIMITED".to_owned(),
        Authorised::NotApplicable => "NOT APPLICABLE".to_owned(),
        Authorised::Shares(number) => number.to_string(),
    }
}

pub(super) fn ratio(ratio: Ratio) -> Value {
    json!({
        "numerator": ratio.numerator().to_string(),
        "denominator": ratio.denominator().to_string(),
    })
}

pub(super) fn no_price() -> Value {
    json!({ "amount": "0", "currency": "XXX" })
}
