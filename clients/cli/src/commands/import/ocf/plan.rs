//! What the register makes of an OCF package: steps in order, each one transition.
//!
//! In OCF every security has an issuance, also one that a transfer or a conversion left. Here such a
//! security comes of the event that left it, and its issuance says whose it is and how much. Whatever an
//! action does not commit to itself is filed with it, so that every object of the package is committed to.

mod company;
mod instruments;
mod shares;
mod vesting;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use chancery_client::{Hash, PartyId};
use chancery_registries::equity::numbers::{Decimal, Ratio};
use chancery_registries::equity::{Action, Authorised, File};
use chancery_registries::identity::PartyKind;
use chancery_registries::text::{Date, LocalId};

use super::package::{Object, Package, Refused};
use super::reading::{date_of, id_of, local};
use super::records::Records;

/// The steps of an import, and what is not among them.
pub(super) struct Plan {
    /// The steps, in the order in which they are taken.
    pub(super) steps: Vec<Step>,
    /// What does not come in, though the schema accepts it.
    pub(super) refused: Vec<Refused>,
    /// Vesting terms that are only filed, for the register cannot follow them.
    pub(super) only_filed: Vec<Refused>,
}

/// One transition, and who signs it besides the issuer.
pub(super) struct Step {
    /// What it comes of.
    pub(super) object: Object,
    /// What is asked for, all or nothing.
    pub(super) actions: Vec<Action>,
    /// Whether the issuer signs.
    pub(super) by_issuer: bool,
    /// Whether the company registrar signs.
    pub(super) by_registrar: bool,
    /// The stakeholders who sign.
    pub(super) signers: BTreeSet<String>,
    /// How it is seen that the register has what this asks for.
    pub(super) done: Done,
    /// The filing that its object gets with it, where it gets one.
    pub(super) files: Option<LocalId>,
}

/// How it is seen that a step was taken before.
pub(super) enum Done {
    /// The issuer is registered.
    Issuer,
    /// The class is there.
    Class(LocalId),
    /// The class converts into the other, by this ratio where one is named.
    Right { class: LocalId, into: LocalId, ratio: Option<Ratio> },
    /// The class has had this adjustment.
    ClassAuthorised { class: LocalId, authorised: Authorised, date: Option<Date> },
    /// The issuer has had this adjustment.
    IssuerAuthorised { authorised: Authorised, date: Option<Date> },
    /// The class was split by this.
    Split { class: LocalId, split: LocalId },
    /// The plan is there.
    Plan(LocalId),
    /// The plan has had this adjustment.
    Pool { plan: LocalId, reserved: Decimal, date: Option<Date> },
    /// What of this was cancelled has returned to a pool.
    Returned(LocalId),
    /// The shares are there.
    Issued(LocalId),
    /// The shares have ended.
    Ended(LocalId),
    /// The instrument is there.
    InstrumentIssued(LocalId),
    /// The instrument has ended.
    InstrumentEnded(LocalId),
    /// Shares were made of the instrument so often.
    Exercised { security: LocalId, times: usize },
    /// The vesting terms are there.
    Terms(LocalId),
    /// What is committed to by this was stated of its vesting.
    Vesting { security: LocalId, record: Hash },
    /// It is filed.
    Filed(LocalId),
}

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
    records: &RefCell<Records>,
) -> Plan {
    let planning = Planning::new(package, issuer, party, records);
    let mut plan = Plan { steps: Vec::new(), refused: Vec::new(), only_filed: Vec::new() };
    let take = |object: &Object, step: Result<Step, String>, plan: &mut Plan| match step {
        Ok(step) => plan.steps.push(step),
        Err(why) => plan.refused.push(object.refused(why)),
    };
    take(&package.issuer, planning.issuer_step(&package.issuer, registrar), &mut plan);
    for class in planning.of_type("STOCK_CLASS") {
        take(class, planning.class_step(class), &mut plan);
    }
    for class in planning.of_type("STOCK_CLASS") {
        for right in class.value["conversion_rights"].as_array().into_iter().flatten() {
            if let Some(step) = planning.right_step(class, right) {
                take(class, step, &mut plan);
            }
        }
    }
    for stock_plan in planning.of_type("STOCK_PLAN") {
        take(stock_plan, planning.plan_step(stock_plan), &mut plan);
    }
    for event in planning.events() {
        plan.only_filed.extend(planning.not_followed(event).map(|why| event.refused(why)));
        let step = planning.event_step(event).unwrap_or_else(|| planning.filing_step(event));
        take(event, step, &mut plan);
    }
    plan
}

/// A package, looked up by what its objects say.
struct Planning<'a> {
    objects: &'a [Object],
    issuer: PartyId,
    party: &'a dyn Fn(&str) -> PartyId,
    records: &'a RefCell<Records>,
    stakeholders: BTreeSet<&'a str>,
    /// The issuance of each security.
    issuances: BTreeMap<&'a str, &'a Object>,
    /// The securities that an event left.
    left: BTreeSet<&'a str>,
    /// The securities whose return to a pool is an event of its own.
    returned: BTreeSet<&'a str>,
    /// The securities that a split made.
    split: BTreeSet<&'a str>,
    /// How often shares were made of an instrument so far.
    exercised: RefCell<BTreeMap<String, usize>>,
}

fn is_issuance(object: &Object) -> bool {
    object.object_type().ends_with("_ISSUANCE") && !object.text("security_id").is_empty()
}

/// What an event makes of a security, and what it leaves.
fn results_of(event: &Object) -> impl Iterator<Item = &str> {
    let single = event.text("resulting_security_id");
    event.texts("resulting_security_ids").chain([single].into_iter().filter(|id| !id.is_empty()))
}

impl<'a> Planning<'a> {
    fn new(
        package: &'a Package,
        issuer: PartyId,
        party: &'a dyn Fn(&str) -> PartyId,
        records: &'a RefCell<Records>,
    ) -> Self {
        let of = |name: &'static str| {
            package.objects.iter().filter(move |object| object.object_type() == name)
        };
        let left = package.objects.iter().filter(|object| !is_issuance(object)).flat_map(|event| {
            let balance = [event.text("balance_security_id")].into_iter();
            results_of(event).chain(balance.filter(|id| !id.is_empty()))
        });
        let issuances = package.objects.iter().filter(|object| is_issuance(object));
        Self {
            objects: &package.objects,
            issuer,
            party,
            records,
            stakeholders: of("STAKEHOLDER").map(Object::id).collect(),
            issuances: issuances.map(|object| (object.text("security_id"), object)).collect(),
            left: left.collect(),
            returned: of("TX_STOCK_PLAN_RETURN_TO_POOL").map(|it| it.text("security_id")).collect(),
            split: of("TX_STOCK_REISSUANCE")
                .filter(|event| !event.text("split_transaction_id").is_empty())
                .flat_map(results_of)
                .collect(),
            exercised: RefCell::default(),
        }
    }

    fn of_type(&self, name: &'static str) -> impl Iterator<Item = &'a Object> + use<'a> {
        self.objects.iter().filter(move |object| object.object_type() == name)
    }

    /// All else, in the order of the days. OCF says the day and no more: on one day the order of the file
    /// counts, and what is only filed comes last, when what it is about is there.
    fn events(&self) -> Vec<&'a Object> {
        let left = |object: &&Object| {
            is_issuance(object) && self.left.contains(object.text("security_id"))
        };
        let mut events: Vec<&Object> = self
            .objects
            .iter()
            .filter(|object| !matches!(object.object_type(), "STOCK_CLASS" | "STOCK_PLAN"))
            .filter(|object| !left(object))
            .collect();
        // Vesting may have started before the grant was made: it is stated when there is the grant.
        let day = |event: &Object| {
            let vests = event.object_type().starts_with("TX_VESTING");
            let issuance = self.issuances.get(event.text("security_id")).filter(|_| vests);
            let issued = issuance.map_or("", |issuance| issuance.text("date"));
            event.text("date").max(issued).to_owned()
        };
        events.sort_by_cached_key(|event| (day(event), !is_event(event.object_type())));
        events
    }

    fn step(&self, object: &Object, action: Action, done: Done) -> Step {
        Step {
            object: object.clone(),
            actions: vec![action],
            by_issuer: true,
            by_registrar: false,
            signers: BTreeSet::new(),
            done,
            files: None,
        }
    }

    /// The commitment to an object.
    fn commit(&self, object: &Object) -> Result<Hash, String> {
        self.records.borrow_mut().commit(object).map_err(|error| error.to_string())
    }

    /// The same step, with which an object is filed that no action commits to.
    fn filed(&self, mut step: Step, object: &Object) -> Result<Step, String> {
        let filing = self.filing(object)?;
        if object.id() == step.object.id() {
            step.files = Some(filing.filing.clone());
        }
        step.actions.push(Action::File(filing));
        step.by_issuer = true;
        Ok(step)
    }

    fn filing(&self, object: &Object) -> Result<File, String> {
        let stakeholder = match object.object_type() {
            "STAKEHOLDER" => object.id(),
            _ if is_issuance(object) => "",
            _ => object.text("stakeholder_id"),
        };
        if !stakeholder.is_empty() && !self.stakeholders.contains(stakeholder) {
            return Err(format!("the package has no stakeholder {stakeholder}"));
        }
        let about = match object.text("security_id") {
            "" => None,
            id => Some(self.issuance(id).map(|_| local(id))?),
        };
        Ok(File {
            issuer: self.issuer,
            filing: id_of(object, "id")?,
            what: object.object_type().parse().map_err(|error| format!("{error}"))?,
            about,
            party: (!stakeholder.is_empty()).then(|| (self.party)(stakeholder)),
            date: date_of(object)?,
            record: self.commit(object)?,
        })
    }

    /// What the register needs no rule for is filed.
    fn filing_step(&self, object: &Object) -> Result<Step, String> {
        let filing = self.filing(object)?;
        let done = Done::Filed(filing.filing.clone());
        Ok(self.step(object, Action::File(filing), done))
    }

    fn issuance(&self, security: &str) -> Result<&'a Object, String> {
        let found = self.issuances.get(security).copied();
        found.ok_or_else(|| format!("the package has no issuance of security {security}"))
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

    /// The class that a member names, which the package must have.
    fn class(&self, object: &Object, name: &str) -> Result<LocalId, String> {
        let id = object.text(name);
        match self.of_type("STOCK_CLASS").any(|class| class.id() == id) {
            true => Ok(local(id)),
            false => Err(format!("the package has no stock class {id}")),
        }
    }

    /// The plan that an issuance names, which the package must have.
    fn plan_of(&self, issuance: &Object) -> Result<Option<LocalId>, String> {
        match issuance.text("stock_plan_id") {
            "" => Ok(None),
            id if self.of_type("STOCK_PLAN").any(|plan| plan.id() == id) => Ok(Some(local(id))),
            id => Err(format!("the package has no stock plan {id}")),
        }
    }

    /// The id of what an event leaves, where it leaves something.
    fn balance(&self, event: &Object) -> Result<Option<LocalId>, String> {
        match event.text("balance_security_id") {
            "" => Ok(None),
            id => self.issuance(id).map(|_| Some(local(id))),
        }
    }

    /// The same step, with which the issuance of the balance is filed, and set how it vests.
    fn with_balance(&self, step: Step, event: &Object) -> Result<Step, String> {
        match event.text("balance_security_id") {
            "" => Ok(step),
            id => {
                let issuance = self.issuance(id)?;
                Ok(self.with_vesting(self.filed(step, issuance)?, issuance))
            }
        }
    }
}

/// Whether the register has a rule for a type; if not, its objects are filed.
fn is_event(object_type: &str) -> bool {
    let object_type = object_type.replace("PLAN_SECURITY", "EQUITY_COMPENSATION");
    let filed = ["_ACCEPTANCE", "_REPRICING"];
    object_type.starts_with("TX_")
        && !object_type.starts_with("TX_VESTING")
        && !filed.iter().any(|end| object_type.ends_with(end))
}
