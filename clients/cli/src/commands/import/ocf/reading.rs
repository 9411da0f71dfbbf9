//! What OCF writes, read as the register's own types.

use std::str::FromStr;

use chancery_registries::equity::Authorised;
use chancery_registries::equity::numbers::{Decimal, Money, Ratio};
use serde_json::{Value, json};

use super::package::Object;

/// A member of an object.
pub(super) fn read<T: FromStr<Err: std::fmt::Display>>(
    object: &Object,
    name: &str,
) -> Result<T, String> {
    parse(name, object.text(name))
}

/// A text, with what it is where it cannot be read.
pub(super) fn parse<T: FromStr<Err: std::fmt::Display>>(
    what: &str,
    text: &str,
) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| format!("{what} {text:?}: {error}"))
}

/// A number without the zeros that it does not need behind the point.
pub(super) fn plain(number: &str) -> &str {
    match number.contains('.') {
        true => number.trim_end_matches('0').trim_end_matches('.'),
        false => number,
    }
}

/// A number that OCF writes as a number or as a text.
pub(super) fn number<T: FromStr<Err: std::fmt::Display>>(value: &Value) -> Result<T, String> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    parse("number", plain(&text))
}

/// How many shares an object is about.
pub(super) fn quantity<T: FromStr<Err: std::fmt::Display>>(object: &Object) -> Result<T, String> {
    parse("quantity", plain(object.text("quantity")))
}

/// The number of a certificate, where an issuance has one.
pub(super) fn certificate<T: FromStr<Err: std::fmt::Display>>(
    issuance: &Object,
) -> Result<Option<T>, String> {
    match issuance.text("custom_id") {
        "" => Ok(None),
        id => parse("custom_id", id).map(Some),
    }
}

/// How many shares may be issued.
pub(super) fn authorised(text: &str) -> Result<Authorised, String> {
    match text {
        "" | "NOT APPLICABLE" => Ok(Authorised::NotApplicable),
        "UNLIMITED" => Ok(Authorised::Unlimited),
        number => parse("shares authorised", plain(number)),
    }
}

/// An amount of money.
pub(super) fn money(value: &Value) -> Result<Money, String> {
    let amount = plain(value["amount"].as_str().unwrap_or_default());
    let money = json!({ "amount": amount, "currency": value["currency"] });
    serde_json::from_value(money).map_err(|error| error.to_string())
}

/// OCF's ratio of two decimals, as one of two whole numbers.
pub(super) fn ratio(value: &Value) -> Result<Ratio, String> {
    let term = |name: &str| -> Result<Decimal, String> { number(&value[name]) };
    let (numerator, denominator) = (term("numerator")?, term("denominator")?);
    let decimals = numerator.decimals().max(denominator.decimals());
    let units = numerator.units(decimals).zip(denominator.units(decimals));
    let (numerator, denominator) = units.ok_or("the ratio is too fine")?;
    Ratio::of(numerator, denominator).map_err(|error| error.to_string())
}

/// A list as the register takes it.
pub(super) fn list<T, D>(members: Vec<T>) -> Result<D, String>
where
    D: TryFrom<Vec<T>, Error: std::fmt::Display>,
{
    D::try_from(members).map_err(|error| error.to_string())
}
