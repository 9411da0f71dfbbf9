//! What OCF writes, read as the register's own types.

use std::str::FromStr;

use chancery_client::Hash;
use chancery_registries::equity::numbers::{Decimal, Money, Ratio};
use chancery_registries::equity::{Authorised, Certificate};
use chancery_registries::text::{Date, LocalId};
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

/// A number without a plus sign and without the zeros that it does not need behind the point.
pub(crate) fn plain(number: &str) -> &str {
    let number = number.strip_prefix('+').unwrap_or(number);
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

/// The number of a certificate, where an issuance has one that the register can show.
pub(super) fn certificate(issuance: &Object) -> Option<Certificate> {
    issuance.text("custom_id").parse().ok()
}

/// What stands for a reason that is kept off the ledger.
pub(super) const RECORDED: &str = "As its record says";

/// An id of the register for one of the format: itself, or where it cannot be one, its hash.
pub(crate) fn local(id: &str) -> LocalId {
    id.parse().unwrap_or_else(|_| {
        let hash = Hash::of(&[id.as_bytes()]).to_string();
        // A short text of letters, digits and a hyphen, which is an id.
        format!("ocf-{}", &hash[..24]).parse().unwrap_or_else(|_| unreachable!())
    })
}

/// The id that a member has.
pub(super) fn id_of(object: &Object, name: &str) -> Result<LocalId, String> {
    match object.text(name) {
        "" => Err(format!("it has no {name}")),
        id => Ok(local(id)),
    }
}

/// The day that an object states.
pub(super) fn date_of(object: &Object) -> Result<Option<Date>, String> {
    match object.text("date") {
        "" => Ok(None),
        date => parse("date", date).map(Some),
    }
}

/// An event is about as much as its results have.
pub(super) fn amount_is(
    stated: &str,
    mut results: impl Iterator<Item = Decimal>,
) -> Result<(), String> {
    let sum = results.try_fold(Decimal::ZERO, Decimal::plus).ok_or("the results are too many")?;
    let stated: Decimal = parse("quantity", plain(stated))?;
    match stated == sum {
        true => Ok(()),
        false => Err(format!("it is about {stated}, and its results have {sum}")),
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
pub(crate) fn ratio(value: &Value) -> Result<Ratio, String> {
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
