//! What a package says of convertibles, warrants and equity compensation.

use std::collections::BTreeSet;

use chancery_registries::equity::numbers::{Currency, Decimal, Quantity};
use chancery_registries::equity::{
    Action, CancelInstrument, Exercise, InstrumentKind, IssueInstrument, TransferInstrument,
    TransferredInstrument,
};
use chancery_registries::text::LocalId;
use serde_json::Value;

use super::super::package::Object;
use super::super::reading::{
    amount_is, certificate, date_of, id_of, list, local, parse, plain, quantity,
};
use super::{Done, Planning, Step, results_of};

impl Planning<'_> {
    /// What an event of an instrument comes to; `None` for one that the register has no rule for.
    pub(super) fn instrument_step(&self, event: &Object) -> Option<Result<Step, String>> {
        // What OCF called a plan security is equity compensation now.
        let of = event.object_type().replace("PLAN_SECURITY", "EQUITY_COMPENSATION");
        let of = of.strip_prefix("TX_")?;
        let instruments = ["CONVERTIBLE_", "WARRANT_", "EQUITY_COMPENSATION_"];
        let what = instruments.iter().find_map(|instrument| of.strip_prefix(instrument))?;
        Some(match what {
            "ISSUANCE" => self.issue_instrument(event),
            "TRANSFER" => self.transfer_instrument(event),
            "CANCELLATION" => self.cancel_instrument(event),
            "RETRACTION" => self.retract_instrument(event),
            "EXERCISE" | "RELEASE" | "CONVERSION" => self.exercise(event),
            _ => return None,
        })
    }

    fn issue_instrument(&self, event: &Object) -> Result<Step, String> {
        let security = id_of(event, "security_id")?;
        let holder = self.holder(event)?;
        let (amount, currency) = measure(event)?;
        let action = Action::IssueInstrument(Box::new(IssueInstrument {
            issuer: self.issuer,
            security: security.clone(),
            kind: kind_of(event)?,
            holder: (self.party)(holder),
            amount,
            currency,
            class: self.class_of_instrument(event)?,
            plan: self.plan_of(event)?,
            certificate: certificate(event),
            date: date_of(event)?,
            record: Some(self.commit(event)?),
        }));
        let mut step = self.step(event, action, Done::InstrumentIssued(security));
        step.signers.insert(holder.to_owned());
        Ok(self.with_vesting(step, event))
    }

    /// The class that an issuance names, or the only one that its triggers name.
    fn class_of_instrument(&self, issuance: &Object) -> Result<Option<LocalId>, String> {
        if !issuance.text("stock_class_id").is_empty() {
            return self.class(issuance, "stock_class_id").map(Some);
        }
        let triggers = ["exercise_triggers", "conversion_triggers"];
        let triggers = triggers.iter().filter_map(|name| issuance.value[name].as_array()).flatten();
        let right = |trigger: &Value| -> Option<String> {
            let into = &trigger["conversion_right"]["converts_to_stock_class_id"];
            into.as_str().map(str::to_owned)
        };
        let named: BTreeSet<String> = triggers.filter_map(right).collect();
        let known = |id: &String| {
            let known = self.of_type("STOCK_CLASS").any(|class| class.id() == id);
            known.then(|| local(id)).ok_or_else(|| format!("the package has no stock class {id}"))
        };
        let classes = named.iter().map(known).collect::<Result<Vec<LocalId>, _>>()?;
        Ok(match classes.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        })
    }

    fn transfer_instrument(&self, event: &Object) -> Result<Step, String> {
        let mut parties = BTreeSet::from([self.holder_of(event.text("security_id"))?.to_owned()]);
        let mut results = Vec::new();
        for id in event.texts("resulting_security_ids") {
            let issuance = self.issuance(id)?;
            let holder = self.holder(issuance)?;
            parties.insert(holder.to_owned());
            results.push(TransferredInstrument {
                security: local(id),
                holder: (self.party)(holder),
                amount: measure(issuance)?.0,
                certificate: certificate(issuance),
                record: Some(self.commit(issuance)?),
            });
        }
        let amounts: Vec<Decimal> =
            results.iter().filter_map(|result| result.amount).map(Quantity::get).collect();
        if !amounts.is_empty() {
            amount_is(amount_text(event), amounts.into_iter())?;
        }
        let action = Action::TransferInstrument(Box::new(TransferInstrument {
            issuer: self.issuer,
            security: id_of(event, "security_id")?,
            results: list(results)?,
            balance: self.balance(event)?,
            order: None,
            date: date_of(event)?,
            record: Some(self.commit(event)?),
        }));
        let step = Step { signers: parties, ..self.ends_instrument(event, action)? };
        self.with_balance(self.with_vestings(step, results_of(event))?, event)
    }

    fn cancel_instrument(&self, event: &Object) -> Result<Step, String> {
        let (open, _) = measure(self.issuance(event.text("security_id"))?)?;
        let amount = match open {
            Some(_) => Some(parse("amount", plain(amount_text(event)))?),
            None => None,
        };
        let action = Action::CancelInstrument(Box::new(CancelInstrument {
            issuer: self.issuer,
            security: id_of(event, "security_id")?,
            amount,
            balance: self.balance(event)?,
            order: None,
            reason: None,
            date: date_of(event)?,
            record: Some(self.commit(event)?),
        }));
        let step = self.with_balance(self.ends_instrument(event, action)?, event)?;
        self.with_return(step, event)
    }

    fn retract_instrument(&self, event: &Object) -> Result<Step, String> {
        let action = Action::RetractInstrument(self.retraction(event)?);
        self.filed(self.ends_instrument(event, action)?, event)
    }

    /// An exercise, a release or a conversion.
    fn exercise(&self, event: &Object) -> Result<Step, String> {
        let parts = self.parts(event)?;
        let into = match results_of(event).next() {
            Some(first) => Some(self.class(self.issuance(first)?, "stock_class_id")?),
            None => None,
        };
        let action = Action::Exercise(Box::new(Exercise {
            issuer: self.issuer,
            security: id_of(event, "security_id")?,
            amount: self.exercised(event)?,
            into,
            results: list(parts)?,
            balance: self.balance(event)?,
            date: date_of(event)?,
            record: Some(self.commit(event)?),
        }));
        let mut times = self.exercised.borrow_mut();
        let times = times.entry(event.text("security_id").to_owned()).or_default();
        *times += 1;
        let step = self.with_vestings(self.ends_instrument(event, action)?, results_of(event))?;
        let done = Done::Exercised { security: id_of(event, "security_id")?, times: *times };
        self.with_balance(Step { done, ..step }, event)
    }

    /// How much of an instrument an event takes: what it says of shares; of money all but the balance, for
    /// what OCF calls converted is not money. None is all.
    fn exercised(&self, event: &Object) -> Result<Option<Quantity>, String> {
        let issuance = self.issuance(event.text("security_id"))?;
        match measure(issuance)? {
            (Some(whole), Some(_)) => {
                let id = event.text("balance_security_id");
                if id.is_empty() {
                    return Ok(None);
                }
                let (left, _) = measure(self.issuance(id)?)?;
                let taken = left.and_then(|left| whole.get().minus(left.get()));
                let taken = taken.ok_or("the balance is more than there was")?;
                Quantity::try_from(taken).map(Some).map_err(|error| error.to_string())
            }
            _ if event.text("quantity").is_empty() => Ok(None),
            _ => quantity(event).map(Some),
        }
    }

    /// A step that the issuer and the holder sign, by which an instrument ends.
    fn ends_instrument(&self, event: &Object, action: Action) -> Result<Step, String> {
        let security = id_of(event, "security_id")?;
        let mut step = self.step(event, action, Done::InstrumentEnded(security));
        step.signers.insert(self.holder_of(event.text("security_id"))?.to_owned());
        Ok(step)
    }
}

/// How much an instrument is for, and in what currency where it is for money.
fn measure(issuance: &Object) -> Result<(Option<Quantity>, Option<Currency>), String> {
    let money = &issuance.value["investment_amount"];
    if money.is_object() {
        let currency = parse("currency", money["currency"].as_str().unwrap_or_default())?;
        let amount = parse("amount", plain(money["amount"].as_str().unwrap_or_default()))?;
        return Ok((Some(amount), Some(currency)));
    }
    match issuance.text("quantity") {
        "" => Ok((None, None)),
        _ => Ok((Some(quantity(issuance)?), None)),
    }
}

/// The amount that an event is about: money of a convertible, shares of all others.
fn amount_text(event: &Object) -> &str {
    event.value["amount"]["amount"].as_str().unwrap_or_else(|| event.text("quantity"))
}

fn kind_of(issuance: &Object) -> Result<InstrumentKind, String> {
    use InstrumentKind as Kind;
    if issuance.object_type() == "TX_WARRANT_ISSUANCE" {
        return Ok(Kind::Warrant);
    }
    let kind = issuance.text("convertible_type").to_owned() + issuance.text("compensation_type");
    let grant = issuance.text("option_grant_type");
    Ok(match (kind.as_str(), grant) {
        ("NOTE", _) => Kind::Note,
        ("SAFE", _) => Kind::Safe,
        ("CONVERTIBLE_SECURITY", _) => Kind::ConvertibleSecurity,
        ("OPTION_ISO", _) | ("OPTION", "ISO") => Kind::OptionIso,
        ("OPTION_NSO", _) | ("OPTION", "NSO") => Kind::OptionNso,
        ("OPTION", _) => Kind::Option,
        ("RSU", _) => Kind::Rsu,
        ("CSAR", _) => Kind::Csar,
        ("SSAR", _) => Kind::Ssar,
        (other, _) => return Err(format!("{other:?} is no kind of instrument")),
    })
}
