//! What the register makes of an OCF package: steps in order, each one action.
//!
//! In OCF every security has an issuance, also one that a transfer or a conversion left. Here such a
//! security comes of the event that left it, and its issuance says whose it is and how much.

use std::collections::{BTreeMap, BTreeSet};

use chancery_client::PartyId;
use chancery_registries::equity::numbers::Ratio;
use chancery_registries::equity::{
    Action, AdjustClassAuthorised, AdjustConversionRatio, AdjustIssuerAuthorised, Authorised,
    ClassType, Convert, CreateClass, Decimals, Issue, Part, RegisterIssuer, Reissue,
    ReissueForSplit, Retract, SplitClass, Successor, Take, Transfer, Transferred,
};
use chancery_registries::identity::PartyKind;
use chancery_registries::text::{Date, LocalId};
use serde_json::Value;

use super::package::{Object, Package, Refused};
use super::reading::{authorised, certificate, list, money, number, parse, quantity, ratio, read};

/// The steps of an import, and what is not among them.
pub(super) struct Plan {
    /// The steps, in the order in which they are taken.
    pub(super) steps: Vec<Step>,
    /// What does not come in, though the schema accepts it.
    pub(super) refused: Vec<Refused>,
    /// Types that the register has no place for: how many, and why.
    pub(super) left_out: BTreeMap<(String, &'static str), usize>,
}

/// One action, and who signs it besides the issuer.
pub(super) struct Step {
    /// What it comes of.
    pub(super) object: Object,
    /// What is asked for.
    pub(super) action: Action,
    /// Whether the issuer signs.
    pub(super) by_issuer: bool,
    /// Whether the company registrar signs.
    pub(super) by_registrar: bool,
    /// The stakeholders who sign.
    pub(super) signers: BTreeSet<String>,
    /// How it is seen that it was taken before.
    pub(super) done: Done,
}

/// How it is seen that a step was taken before.
pub(super) enum Done {
    /// The issuer is registered.
    Issuer,
    /// The class is there.
    Class(LocalId),
    /// The class converts so.
    Right { class: LocalId, into: LocalId, ratio: Ratio },
    /// The class has had this adjustment.
    ClassAuthorised { class: LocalId, authorised: Authorised, date: Option<Date> },
    /// So many are authorised of all classes.
    IssuerAuthorised(Authorised),
    /// The class was split by this.
    Split { class: LocalId, split: LocalId },
    /// The security is there.
    Issued(LocalId),
    /// The security has ended.
    Ended(LocalId),
}

/// Why a type of object is no step.
const SIGNED_FOR: &str = "whoever is given a security signs for it";
const OFF_LEDGER: &str = "it stays off the ledger: the issuer's record is the package's hash";
const NO_PLACE: &str = "the register keeps shares alone: the issuer's record is the package's hash";

/// A stakeholder's kind of party.
pub(super) fn kind_of(stakeholder: &Object) -> PartyKind {
    match stakeholder.text("stakeholder_type") {
        "INDIVIDUAL" => PartyKind::Person,
        _ => PartyKind::Organisation,
    }
}

/// Makes the plan. `party` gives the party of a stakeholder.
pub(super) fn plan(
    package: &Package,
    issuer: PartyId,
    registrar: PartyId,
    party: &dyn Fn(&str) -> PartyId,
) -> Plan {
    let planning = Planning::new(package, issuer, party);
    let mut plan = Plan { steps: Vec::new(), refused: Vec::new(), left_out: BTreeMap::new() };
    let take = |object: &Object, step: Result<Step, String>, plan: &mut Plan| match step {
        Ok(step) => plan.steps.push(step),
        Err(why) => plan.refused.push(object.refused(why)),
    };
    take(&package.issuer, planning.issuer_step(package, registrar), &mut plan);
    for class in planning.of_type("STOCK_CLASS") {
        take(class, planning.class_step(class), &mut plan);
    }
    for class in planning.of_type("STOCK_CLASS") {
        for right in class.value["conversion_rights"].as_array().into_iter().flatten() {
            take(class, planning.right_step(class, right), &mut plan);
        }
    }
    // OCF says the day and no more: on one day the order of the file counts.
    let mut events: Vec<&Object> = package.objects.iter().collect();
    events.sort_by_key(|event| event.text("date"));
    for event in events {
        match event.object_type() {
            "STOCK_CLASS" | "STAKEHOLDER" => {}
            "TX_STOCK_ISSUANCE" if planning.left.contains(event.text("security_id")) => {}
            other => match planning.event_step(event) {
                Some(step) => take(event, step, &mut plan),
                None => *plan.left_out.entry((other.to_owned(), why_not(other))).or_default() += 1,
            },
        }
    }
    plan
}

fn why_not(object_type: &str) -> &'static str {
    match object_type {
        "TX_STOCK_ACCEPTANCE" => SIGNED_FOR,
        "DOCUMENT" | "FINANCING" | "STOCK_LEGEND_TEMPLATE" | "VALUATION" => OFF_LEDGER,
        name if name.starts_with("CE_STAKEHOLDER") => OFF_LEDGER,
        _ => NO_PLACE,
    }
}

/// A package, looked up by what its objects say.
struct Planning<'a> {
    objects: &'a [Object],
    issuer: PartyId,
    party: &'a dyn Fn(&str) -> PartyId,
    stakeholders: BTreeSet<&'a str>,
    /// The issuance of each security.
    issuances: BTreeMap<&'a str, &'a Object>,
    /// The securities that an event left.
    left: BTreeSet<&'a str>,
}

impl<'a> Planning<'a> {
    fn new(package: &'a Package, issuer: PartyId, party: &'a dyn Fn(&str) -> PartyId) -> Self {
        let of = |name: &'static str| {
            package.objects.iter().filter(move |object| object.object_type() == name)
        };
        let ends = |object: &&Object| object.object_type() != "TX_STOCK_ISSUANCE";
        let left = package.objects.iter().filter(ends).flat_map(|event| {
            let results = event.texts("resulting_security_ids");
            let single = [event.text("resulting_security_id"), event.text("balance_security_id")];
            results.chain(single).filter(|id| !id.is_empty())
        });
        let issuances = of("TX_STOCK_ISSUANCE").map(|object| (object.text("security_id"), object));
        Self {
            objects: &package.objects,
            issuer,
            party,
            stakeholders: of("STAKEHOLDER").map(Object::id).collect(),
            issuances: issuances.collect(),
            left: left.collect(),
        }
    }

    fn of_type(&self, name: &'static str) -> impl Iterator<Item = &'a Object> + use<'a> {
        self.objects.iter().filter(move |object| object.object_type() == name)
    }

    fn step(&self, object: &Object, action: Action, done: Done) -> Step {
        let (by_registrar, signers) = (false, BTreeSet::new());
        Step { object: object.clone(), action, by_issuer: true, by_registrar, signers, done }
    }

    fn issuer_step(&self, package: &Package, registrar: PartyId) -> Result<Step, String> {
        let object = &package.issuer;
        let action = Action::RegisterIssuer(Box::new(RegisterIssuer {
            issuer: self.issuer,
            name: read(object, "legal_name")?,
            country: read(object, "country_of_formation")?,
            formed: read(object, "formation_date")?,
            registrar: Some(registrar),
            authorised: authorised(object.text("initial_shares_authorized"))?,
            record: Some(package.hash),
        }));
        Ok(Step { by_registrar: true, ..self.step(object, action, Done::Issuer) })
    }

    fn class_step(&self, object: &Object) -> Result<Step, String> {
        let class: LocalId = read(object, "id")?;
        let of_class = |issuance: &&&Object| issuance.text("stock_class_id") == object.id();
        let fraction = |number: &str| {
            number.split_once('.').map_or(0, |(_, digits)| digits.trim_end_matches('0').len())
        };
        let finest =
            self.issuances.values().filter(of_class).map(|it| fraction(it.text("quantity")));
        let decimals = u8::try_from(finest.max().unwrap_or(0)).unwrap_or(u8::MAX);
        let par_value = match &object.value["par_value"] {
            Value::Null => None,
            value => Some(money(value)?),
        };
        let action = Action::CreateClass(Box::new(CreateClass {
            issuer: self.issuer,
            class: class.clone(),
            name: read(object, "name")?,
            class_type: match object.text("class_type") {
                "PREFERRED" => ClassType::Preferred,
                _ => ClassType::Common,
            },
            authorised: authorised(object.text("initial_shares_authorized"))?,
            votes_per_share: number(&object.value["votes_per_share"])?,
            seniority: number(&object.value["seniority"])?,
            par_value,
            decimals: Decimals::try_from(decimals).map_err(|error| error.to_string())?,
            restricted: false,
            record: Some(object.hash()),
        }));
        Ok(self.step(object, action, Done::Class(class)))
    }

    fn right_step(&self, class: &Object, right: &Value) -> Result<Step, String> {
        let into = right["converts_to_stock_class_id"].as_str().unwrap_or_default();
        self.ratio_step(class, class.id(), into, &right["conversion_mechanism"], None)
    }

    fn ratio_step(
        &self,
        object: &Object,
        class: &str,
        into: &str,
        mechanism: &Value,
        date: Option<Date>,
    ) -> Result<Step, String> {
        if mechanism["type"] != "RATIO_CONVERSION" {
            return Err("only a conversion by ratio has a place in the register".to_owned());
        }
        let (class, into): (LocalId, LocalId) = (parse("class", class)?, parse("class", into)?);
        let ratio = ratio(&mechanism["ratio"])?;
        let action = Action::AdjustConversionRatio(AdjustConversionRatio {
            issuer: self.issuer,
            class: class.clone(),
            into: into.clone(),
            ratio,
            date,
        });
        Ok(self.step(object, action, Done::Right { class, into, ratio }))
    }

    /// What an event comes to; `None` for one that has no place.
    fn event_step(&self, event: &Object) -> Option<Result<Step, String>> {
        Some(match event.object_type() {
            "TX_ISSUER_AUTHORIZED_SHARES_ADJUSTMENT" => self.issuer_authorised(event),
            "TX_STOCK_CLASS_AUTHORIZED_SHARES_ADJUSTMENT" => self.class_authorised(event),
            "TX_STOCK_CLASS_CONVERSION_RATIO_ADJUSTMENT" => self.ratio_adjusted(event),
            "TX_STOCK_CLASS_SPLIT" => self.split(event),
            "TX_STOCK_ISSUANCE" => self.issue(event),
            "TX_STOCK_TRANSFER" => self.transfer(event),
            "TX_STOCK_CANCELLATION" => {
                self.take(event).and_then(|take| self.ends(event, Action::Cancel(take)))
            }
            "TX_STOCK_REPURCHASE" => {
                self.take(event).and_then(|take| self.ends(event, Action::Repurchase(take)))
            }
            "TX_STOCK_RETRACTION" => self.retract(event),
            "TX_STOCK_REISSUANCE" if !event.text("split_transaction_id").is_empty() => {
                self.reissue_for_split(event)
            }
            "TX_STOCK_REISSUANCE" => self.reissue(event, &[event.text("security_id")]),
            "TX_STOCK_CONSOLIDATION" => {
                let securities: Vec<&str> = event.texts("security_ids").collect();
                self.reissue(event, &securities)
            }
            "TX_STOCK_CONVERSION" => self.convert(event),
            _ => return None,
        })
    }

    fn issuer_authorised(&self, event: &Object) -> Result<Step, String> {
        let authorised = authorised(event.text("new_shares_authorized"))?;
        let date = Some(read(event, "date")?);
        let action = Action::AdjustIssuerAuthorised(AdjustIssuerAuthorised {
            issuer: self.issuer,
            authorised,
            date,
        });
        Ok(self.step(event, action, Done::IssuerAuthorised(authorised)))
    }

    fn class_authorised(&self, event: &Object) -> Result<Step, String> {
        let class: LocalId = read(event, "stock_class_id")?;
        let authorised = authorised(event.text("new_shares_authorized"))?;
        let date = Some(read(event, "date")?);
        let action = Action::AdjustClassAuthorised(AdjustClassAuthorised {
            issuer: self.issuer,
            class: class.clone(),
            authorised,
            date,
        });
        Ok(self.step(event, action, Done::ClassAuthorised { class, authorised, date }))
    }

    fn ratio_adjusted(&self, event: &Object) -> Result<Step, String> {
        let class = event.text("stock_class_id");
        let rights = self.of_type("STOCK_CLASS").find(|object| object.id() == class);
        let rights = rights.and_then(|object| object.value["conversion_rights"].as_array());
        let Some([right]) = rights.map(Vec::as_slice) else {
            return Err("the class does not convert into exactly one other".to_owned());
        };
        let into = right["converts_to_stock_class_id"].as_str().unwrap_or_default();
        let date = Some(read(event, "date")?);
        self.ratio_step(event, class, into, &event.value["new_ratio_conversion_mechanism"], date)
    }

    fn split(&self, event: &Object) -> Result<Step, String> {
        let (class, split): (LocalId, LocalId) =
            (read(event, "stock_class_id")?, read(event, "id")?);
        let action = Action::Split(SplitClass {
            issuer: self.issuer,
            class: class.clone(),
            split: split.clone(),
            ratio: ratio(&event.value["split_ratio"])?,
            date: Some(read(event, "date")?),
        });
        Ok(self.step(event, action, Done::Split { class, split }))
    }

    fn issue(&self, event: &Object) -> Result<Step, String> {
        let security: LocalId = read(event, "security_id")?;
        let holder = self.holder(event)?;
        let action = Action::Issue(Box::new(Issue {
            issuer: self.issuer,
            class: read(event, "stock_class_id")?,
            security: security.clone(),
            holder: (self.party)(holder),
            quantity: quantity(event)?,
            certificate: certificate(event)?,
            restricted: false,
            date: Some(read(event, "date")?),
            record: Some(event.hash()),
        }));
        let mut step = self.step(event, action, Done::Issued(security));
        step.signers.insert(holder.to_owned());
        Ok(step)
    }

    fn transfer(&self, event: &Object) -> Result<Step, String> {
        let mut receivers = BTreeSet::from([self.holder_of(event.text("security_id"))?.to_owned()]);
        let mut results = Vec::new();
        for id in event.texts("resulting_security_ids") {
            let issuance = self.issuance(id)?;
            let holder = self.holder(issuance)?;
            receivers.insert(holder.to_owned());
            results.push(Transferred {
                security: parse("security", id)?,
                holder: (self.party)(holder),
                quantity: quantity(issuance)?,
                certificate: certificate(issuance)?,
                record: Some(issuance.hash()),
            });
        }
        let security: LocalId = read(event, "security_id")?;
        let action = Action::Transfer(Box::new(Transfer {
            issuer: self.issuer,
            security: security.clone(),
            results: list(results)?,
            balance: self.balance(event)?,
            order: None,
            date: Some(read(event, "date")?),
            record: Some(event.hash()),
        }));
        let step = self.step(event, action, Done::Ended(security));
        Ok(Step { by_issuer: false, signers: receivers, ..step })
    }

    fn take(&self, event: &Object) -> Result<Take, String> {
        let reason = event.text("reason_text");
        Ok(Take {
            issuer: self.issuer,
            security: read(event, "security_id")?,
            quantity: quantity(event)?,
            balance: self.balance(event)?,
            order: None,
            reason: (!reason.is_empty()).then(|| parse("reason_text", reason)).transpose()?,
            date: Some(read(event, "date")?),
            record: Some(event.hash()),
        })
    }

    fn retract(&self, event: &Object) -> Result<Step, String> {
        let action = Action::Retract(Retract {
            issuer: self.issuer,
            security: read(event, "security_id")?,
            reason: read(event, "reason_text")?,
            date: Some(read(event, "date")?),
        });
        self.ends(event, action)
    }

    fn reissue_for_split(&self, event: &Object) -> Result<Step, String> {
        let security: LocalId = read(event, "security_id")?;
        let results: Vec<&str> = event.texts("resulting_security_ids").collect();
        let [result] = results.as_slice() else {
            return Err("of a security that is split comes exactly one here".to_owned());
        };
        let issuance = self.issuance(result)?;
        let successors = vec![Successor {
            security: security.clone(),
            into: Some(parse("security", result)?),
            certificate: certificate(issuance)?,
            record: Some(issuance.hash()),
        }];
        let action = Action::ReissueForSplit(ReissueForSplit {
            issuer: self.issuer,
            class: read(issuance, "stock_class_id")?,
            successors: list(successors)?,
        });
        Ok(self.step(event, action, Done::Ended(security)))
    }

    fn reissue(&self, event: &Object, securities: &[&str]) -> Result<Step, String> {
        let first = *securities.first().ok_or("it names no security")?;
        let ids = securities.iter().map(|id| parse("security", id));
        let reason = event.text("reason_text");
        let action = Action::Reissue(Reissue {
            issuer: self.issuer,
            securities: list(ids.collect::<Result<Vec<LocalId>, _>>()?)?,
            results: list(self.parts(event)?)?,
            reason: (!reason.is_empty()).then(|| parse("reason_text", reason)).transpose()?,
            date: Some(read(event, "date")?),
        });
        let mut step = self.step(event, action, Done::Ended(parse("security", first)?));
        step.signers.insert(self.holder_of(first)?.to_owned());
        Ok(step)
    }

    fn convert(&self, event: &Object) -> Result<Step, String> {
        let results: Vec<&str> = results_of(event).collect();
        let first = self.issuance(results.first().ok_or("nothing comes of it")?)?;
        let action = Action::Convert(Box::new(Convert {
            issuer: self.issuer,
            security: read(event, "security_id")?,
            quantity: read(event, "quantity_converted")?,
            into: read(first, "stock_class_id")?,
            results: list(self.parts(event)?)?,
            balance: self.balance(event)?,
            date: Some(read(event, "date")?),
        }));
        self.ends(event, action)
    }

    /// A step that the issuer and the holder sign, by which a security ends.
    fn ends(&self, event: &Object, action: Action) -> Result<Step, String> {
        let security = event.text("security_id");
        let mut step = self.step(event, action, Done::Ended(parse("security", security)?));
        step.signers.insert(self.holder_of(security)?.to_owned());
        Ok(step)
    }

    fn parts(&self, event: &Object) -> Result<Vec<Part>, String> {
        let part = |id: &str| {
            let issuance = self.issuance(id)?;
            Ok(Part {
                security: parse("security", id)?,
                quantity: quantity(issuance)?,
                certificate: certificate(issuance)?,
                record: Some(issuance.hash()),
            })
        };
        results_of(event).map(part).collect()
    }

    fn balance(&self, event: &Object) -> Result<Option<LocalId>, String> {
        match event.text("balance_security_id") {
            "" => Ok(None),
            id => parse("balance_security_id", id).map(Some),
        }
    }

    fn issuance(&self, security: &str) -> Result<&'a Object, String> {
        let found = self.issuances.get(security).copied();
        found.ok_or_else(|| format!("no issuance in the package says what security {security} is"))
    }

    fn holder_of(&self, security: &str) -> Result<&'a str, String> {
        self.holder(self.issuance(security)?)
    }

    fn holder<'o>(&self, issuance: &'o Object) -> Result<&'o str, String> {
        match issuance.text("stakeholder_id") {
            id if self.stakeholders.contains(id) => Ok(id),
            id => Err(format!("the package has no stakeholder {id}")),
        }
    }
}

fn results_of(event: &Object) -> impl Iterator<Item = &str> {
    let single = event.text("resulting_security_id");
    event.texts("resulting_security_ids").chain([single].into_iter().filter(|id| !id.is_empty()))
}
