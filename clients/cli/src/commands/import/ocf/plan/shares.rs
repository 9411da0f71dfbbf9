//! What a package says of shares.

use std::collections::BTreeSet;

use chancery_registries::equity::{
    Action, Convert, Issue, Part, Reissue, ReissueForSplit, Retract, Successor, SuccessorParts,
    Take, Transfer, Transferred,
};
use chancery_registries::text::LocalId;

use super::super::package::Object;
use super::super::reading::{
    RECORDED, amount_is, certificate, date_of, id_of, list, local, parse, plain, quantity,
};
use super::{Done, Planning, Step, results_of};

impl Planning<'_> {
    /// What an event comes to; `None` for one that the register has no rule for.
    pub(super) fn event_step(&self, event: &Object) -> Option<Result<Step, String>> {
        Some(match event.object_type() {
            "TX_ISSUER_AUTHORIZED_SHARES_ADJUSTMENT" => self.issuer_authorised(event),
            "TX_STOCK_CLASS_AUTHORIZED_SHARES_ADJUSTMENT" => self.class_authorised(event),
            "TX_STOCK_CLASS_CONVERSION_RATIO_ADJUSTMENT" => self.ratio_adjusted(event),
            "TX_STOCK_CLASS_SPLIT" => self.split(event),
            "TX_STOCK_PLAN_POOL_ADJUSTMENT" => self.pool_adjusted(event),
            "TX_STOCK_PLAN_RETURN_TO_POOL" => self.returned_to_pool(event),
            "TX_STOCK_ISSUANCE" => self.issue(event),
            "TX_STOCK_TRANSFER" => self.transfer(event),
            "TX_STOCK_CANCELLATION" => self.take(event, Action::Cancel),
            "TX_STOCK_REPURCHASE" => self.take(event, Action::Repurchase),
            "TX_STOCK_RETRACTION" => self.retract(event),
            "TX_STOCK_REISSUANCE" if !event.text("split_transaction_id").is_empty() => {
                self.reissue_for_split(event)
            }
            "TX_STOCK_REISSUANCE" => self.reissue(event, &[event.text("security_id")]),
            "TX_STOCK_CONSOLIDATION" => {
                self.reissue(event, &event.texts("security_ids").collect::<Vec<_>>())
            }
            "TX_STOCK_CONVERSION" => self.convert(event),
            "VESTING_TERMS" => return self.terms_step(event),
            "TX_VESTING_START" | "TX_VESTING_EVENT" | "TX_VESTING_ACCELERATION" => {
                return self.vesting_event(event);
            }
            _ => return self.instrument_step(event),
        })
    }

    fn issue(&self, event: &Object) -> Result<Step, String> {
        let security = id_of(event, "security_id")?;
        let holder = self.holder(event)?;
        let action = Action::Issue(Box::new(Issue {
            issuer: self.issuer,
            class: self.class(event, "stock_class_id")?,
            security: security.clone(),
            holder: (self.party)(holder),
            quantity: quantity(event)?,
            plan: self.plan_of(event)?,
            certificate: certificate(event),
            restricted: false,
            date: date_of(event)?,
            record: Some(self.commit(event)?),
        }));
        let mut step = self.step(event, action, Done::Issued(security));
        step.signers.insert(holder.to_owned());
        Ok(self.with_vesting(step, event))
    }

    fn transfer(&self, event: &Object) -> Result<Step, String> {
        let mut parties = BTreeSet::from([self.holder_of(event.text("security_id"))?.to_owned()]);
        let mut results = Vec::new();
        for id in event.texts("resulting_security_ids") {
            let issuance = self.issuance(id)?;
            let holder = self.holder(issuance)?;
            parties.insert(holder.to_owned());
            results.push(Transferred {
                security: local(id),
                holder: (self.party)(holder),
                quantity: quantity(issuance)?,
                certificate: certificate(issuance),
                record: Some(self.commit(issuance)?),
            });
        }
        let moved = results.iter().map(|result| result.quantity.get());
        amount_is(event.text("quantity"), moved)?;
        let security = id_of(event, "security_id")?;
        let action = Action::Transfer(Box::new(Transfer {
            issuer: self.issuer,
            security: security.clone(),
            results: list(results)?,
            balance: self.balance(event)?,
            order: None,
            date: date_of(event)?,
            record: Some(self.commit(event)?),
        }));
        let step = self.step(event, action, Done::Ended(security));
        let step = Step { by_issuer: false, signers: parties, ..step };
        self.with_balance(self.with_vestings(step, results_of(event))?, event)
    }

    fn take(&self, event: &Object, action: fn(Take) -> Action) -> Result<Step, String> {
        let take = Take {
            issuer: self.issuer,
            security: id_of(event, "security_id")?,
            quantity: quantity(event)?,
            balance: self.balance(event)?,
            order: None,
            reason: None,
            date: date_of(event)?,
            record: Some(self.commit(event)?),
        };
        let step = self.with_balance(self.ends(event, action(take))?, event)?;
        // What an event left is not a grant of its own.
        match self.left.contains(event.text("security_id")) {
            true => Ok(step),
            false => self.with_return(step, event),
        }
    }

    fn retract(&self, event: &Object) -> Result<Step, String> {
        let action = Action::Retract(self.retraction(event)?);
        self.filed(self.ends(event, action)?, event)
    }

    pub(super) fn retraction(&self, event: &Object) -> Result<Retract, String> {
        Ok(Retract {
            issuer: self.issuer,
            security: id_of(event, "security_id")?,
            reason: parse("reason", RECORDED)?,
            date: date_of(event)?,
        })
    }

    fn reissue_for_split(&self, event: &Object) -> Result<Step, String> {
        let security = id_of(event, "security_id")?;
        let from = self.issuance(event.text("security_id"))?;
        let parts = self.parts(event)?;
        let successor = match parts.as_slice() {
            [only] => Successor {
                security: security.clone(),
                into: Some(only.security.clone()),
                results: SuccessorParts::default(),
                certificate: only.certificate.clone(),
                record: only.record,
            },
            _ => Successor {
                security: security.clone(),
                into: None,
                results: list(parts)?,
                certificate: None,
                record: None,
            },
        };
        let action = Action::ReissueForSplit(ReissueForSplit {
            issuer: self.issuer,
            class: self.class(from, "stock_class_id")?,
            successors: list(vec![successor])?,
        });
        self.filed(self.step(event, action, Done::Ended(security)), event)
    }

    fn reissue(&self, event: &Object, securities: &[&str]) -> Result<Step, String> {
        let first = *securities.first().ok_or("it names no security")?;
        let known = |id: &&str| self.issuance(id).map(|_| local(id));
        let action = Action::Reissue(Reissue {
            issuer: self.issuer,
            securities: list(securities.iter().map(known).collect::<Result<Vec<LocalId>, _>>()?)?,
            results: list(self.parts(event)?)?,
            reason: None,
            date: date_of(event)?,
        });
        let mut step = self.step(event, action, Done::Ended(local(first)));
        step.signers.insert(self.holder_of(first)?.to_owned());
        self.filed(self.with_vestings(step, results_of(event))?, event)
    }

    fn convert(&self, event: &Object) -> Result<Step, String> {
        let first = results_of(event).next().ok_or("nothing comes of it")?;
        let converted = plain(event.text("quantity_converted"));
        let action = Action::Convert(Box::new(Convert {
            issuer: self.issuer,
            security: id_of(event, "security_id")?,
            quantity: parse("quantity_converted", converted)?,
            into: self.class(self.issuance(first)?, "stock_class_id")?,
            results: list(self.parts(event)?)?,
            balance: self.balance(event)?,
            date: date_of(event)?,
        }));
        let step = self.filed(self.ends(event, action)?, event)?;
        self.with_balance(self.with_vestings(step, results_of(event))?, event)
    }

    /// A step that the issuer and the holder sign, by which a security ends.
    fn ends(&self, event: &Object, action: Action) -> Result<Step, String> {
        let security = id_of(event, "security_id")?;
        let mut step = self.step(event, action, Done::Ended(security));
        step.signers.insert(self.holder_of(event.text("security_id"))?.to_owned());
        Ok(step)
    }

    /// The shares that an event makes.
    pub(super) fn parts(&self, event: &Object) -> Result<Vec<Part>, String> {
        let part = |id: &str| {
            let issuance = self.issuance(id)?;
            Ok(Part {
                security: local(id),
                quantity: quantity(issuance)?,
                certificate: certificate(issuance),
                record: Some(self.commit(issuance)?),
            })
        };
        results_of(event).map(part).collect()
    }
}
