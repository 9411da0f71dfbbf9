//! What a package says of the issuer, its classes and its plans.

use chancery_client::PartyId;
use chancery_registries::equity::{
    Action, AdjustClassAuthorised, AdjustConversionRatio, AdjustIssuerAuthorised, AdjustPlanPool,
    ClassType, CreateClass, CreatePlan, Decimals, OnCancellation, RegisterIssuer, ReturnToPool,
    SplitClass,
};
use chancery_registries::text::LocalId;
use serde_json::Value;

use super::super::package::Object;
use super::super::reading::{
    authorised, date_of, id_of, list, local, money, number, plain, quantity, ratio, read,
};
use super::{Done, Planning, Step};

impl Planning<'_> {
    pub(super) fn issuer_step(&self, object: &Object, registrar: PartyId) -> Result<Step, String> {
        let action = Action::RegisterIssuer(Box::new(RegisterIssuer {
            issuer: self.issuer,
            name: read(object, "legal_name")?,
            country: read(object, "country_of_formation")?,
            formed: read(object, "formation_date")?,
            registrar: Some(registrar),
            authorised: authorised(object.text("initial_shares_authorized"))?,
            record: Some(self.commit(object)?),
        }));
        Ok(Step { by_registrar: true, ..self.step(object, action, Done::Issuer) })
    }

    pub(super) fn class_step(&self, object: &Object) -> Result<Step, String> {
        let class = id_of(object, "id")?;
        let of_class = |issuance: &&&Object| issuance.text("stock_class_id") == object.id();
        let fraction =
            |number: &str| plain(number).split_once('.').map_or(0, |(_, digits)| digits.len());
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
            record: Some(self.commit(object)?),
        }));
        Ok(self.step(object, action, Done::Class(class)))
    }

    /// A right to convert by a ratio; one by other means is behind the class's commitment alone.
    pub(super) fn right_step(&self, class: &Object, right: &Value) -> Option<Result<Step, String>> {
        let mechanism = &right["conversion_mechanism"];
        let into = right["converts_to_stock_class_id"].as_str()?;
        (mechanism["type"] == "RATIO_CONVERSION").then(|| {
            let into = self.class_called(into)?;
            self.ratio_step(class, local(class.id()), into, mechanism, false)
        })
    }

    fn class_called(&self, id: &str) -> Result<LocalId, String> {
        let known = self.of_type("STOCK_CLASS").any(|class| class.id() == id);
        known.then(|| local(id)).ok_or_else(|| format!("the package has no stock class {id}"))
    }

    fn ratio_step(
        &self,
        object: &Object,
        class: LocalId,
        into: LocalId,
        mechanism: &Value,
        adjusts: bool,
    ) -> Result<Step, String> {
        let ratio = ratio(&mechanism["ratio"])?;
        let action = Action::AdjustConversionRatio(AdjustConversionRatio {
            issuer: self.issuer,
            class: class.clone(),
            into: into.clone(),
            ratio,
            date: date_of(object)?,
        });
        // What a class began with may have been adjusted since.
        let ratio = adjusts.then_some(ratio);
        Ok(self.step(object, action, Done::Right { class, into, ratio }))
    }

    pub(super) fn issuer_authorised(&self, event: &Object) -> Result<Step, String> {
        let authorised = authorised(event.text("new_shares_authorized"))?;
        let date = date_of(event)?;
        let issuer = self.issuer;
        let action =
            Action::AdjustIssuerAuthorised(AdjustIssuerAuthorised { issuer, authorised, date });
        self.filed(self.step(event, action, Done::IssuerAuthorised { authorised, date }), event)
    }

    pub(super) fn class_authorised(&self, event: &Object) -> Result<Step, String> {
        let class = self.class(event, "stock_class_id")?;
        let authorised = authorised(event.text("new_shares_authorized"))?;
        let date = date_of(event)?;
        let action = Action::AdjustClassAuthorised(AdjustClassAuthorised {
            issuer: self.issuer,
            class: class.clone(),
            authorised,
            date,
        });
        let done = Done::ClassAuthorised { class, authorised, date };
        self.filed(self.step(event, action, done), event)
    }

    /// OCF does not say into which class: the ratio of the one right that the class has.
    pub(super) fn ratio_adjusted(&self, event: &Object) -> Result<Step, String> {
        let class = self.class(event, "stock_class_id")?;
        let of = event.text("stock_class_id");
        let rights = self.of_type("STOCK_CLASS").find(|object| object.id() == of);
        let rights = rights.and_then(|object| object.value["conversion_rights"].as_array());
        let Some([right]) = rights.map(Vec::as_slice) else {
            return Err(format!("the class {of} does not convert into exactly one other"));
        };
        let into = right["converts_to_stock_class_id"].as_str().unwrap_or_default();
        let into = self.class_called(into)?;
        let mechanism = &event.value["new_ratio_conversion_mechanism"];
        self.filed(self.ratio_step(event, class, into, mechanism, true)?, event)
    }

    pub(super) fn split(&self, event: &Object) -> Result<Step, String> {
        let class = self.class(event, "stock_class_id")?;
        let split = id_of(event, "id")?;
        let action = Action::Split(SplitClass {
            issuer: self.issuer,
            class: class.clone(),
            split: split.clone(),
            ratio: ratio(&event.value["split_ratio"])?,
            date: date_of(event)?,
        });
        self.filed(self.step(event, action, Done::Split { class, split }), event)
    }

    pub(super) fn plan_step(&self, object: &Object) -> Result<Step, String> {
        let plan = id_of(object, "id")?;
        let single = [object.text("stock_class_id")].into_iter().filter(|id| !id.is_empty());
        let classes = object.texts("stock_class_ids").chain(single);
        let classes = classes.map(|id| self.class_called(id)).collect::<Result<Vec<_>, _>>()?;
        let action = Action::CreatePlan(Box::new(CreatePlan {
            issuer: self.issuer,
            plan: plan.clone(),
            name: read(object, "plan_name")?,
            classes: list(classes)?,
            reserved: number(&object.value["initial_shares_reserved"])?,
            on_cancellation: match object.text("default_cancellation_behavior") {
                "RETIRE" => OnCancellation::Retire,
                "RETURN_TO_POOL" => OnCancellation::ReturnToPool,
                "HOLD_AS_CAPITAL_STOCK" => OnCancellation::HoldAsCapitalStock,
                _ => OnCancellation::DefinedPerPlanSecurity,
            },
            record: Some(self.commit(object)?),
        }));
        Ok(self.step(object, action, Done::Plan(plan)))
    }

    pub(super) fn pool_adjusted(&self, event: &Object) -> Result<Step, String> {
        let plan = self.plan_of(event)?.ok_or("it names no plan")?;
        let reserved = number(&event.value["shares_reserved"])?;
        let date = date_of(event)?;
        let action = Action::AdjustPlanPool(AdjustPlanPool {
            issuer: self.issuer,
            plan: plan.clone(),
            reserved,
            date,
        });
        self.filed(self.step(event, action, Done::Pool { plan, reserved, date }), event)
    }

    pub(super) fn returned_to_pool(&self, event: &Object) -> Result<Step, String> {
        let plan = self.plan_of(event)?.ok_or("it names no plan")?;
        self.issuance(event.text("security_id"))?;
        let security = id_of(event, "security_id")?;
        let action = Action::ReturnToPool(ReturnToPool {
            issuer: self.issuer,
            plan,
            security: security.clone(),
            quantity: quantity(event)?,
            date: date_of(event)?,
        });
        self.filed(self.step(event, action, Done::Returned(security)), event)
    }

    /// The same step, by which what is cancelled returns to the pool of its plan, where the plan says that
    /// it does and no event of the package says so itself.
    pub(super) fn with_return(&self, mut step: Step, event: &Object) -> Result<Step, String> {
        let id = event.text("security_id");
        let Some(plan) = self.plan_of(self.issuance(id)?)? else { return Ok(step) };
        let returns = self.of_type("STOCK_PLAN").any(|object| {
            local(object.id()) == plan
                && object.text("default_cancellation_behavior") == "RETURN_TO_POOL"
        });
        if returns && !self.returned.contains(id) {
            step.actions.push(Action::ReturnToPool(ReturnToPool {
                issuer: self.issuer,
                plan,
                security: local(id),
                quantity: quantity(event)?,
                date: date_of(event)?,
            }));
        }
        Ok(step)
    }
}
