//! A company: a town with an issuer of two classes, its shareholders, a bank and a court.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::{Object, Stored, state_key};
use chancery_ledger::key::KeyId;
use chancery_registries::equity::{Issuer, Security, SecurityIndex, StockClass, scoped};
use serde::Serialize;
use serde_json::{Value, json};

use crate::common::{Actor, Town};

/// The town and who is in it.
pub(crate) struct Company {
    pub(crate) town: Town,
    /// The issuer, accredited as one: 1,000 common and 500 preferred shares, 1,200 in all.
    pub(crate) acme: Actor,
    pub(crate) registrar: Actor,
    pub(crate) court: Actor,
    pub(crate) bank: Actor,
    pub(crate) ana: Actor,
    pub(crate) bo: Actor,
    pub(crate) cy: Actor,
}

impl Company {
    pub(crate) fn new() -> Self {
        let mut town = Town::new();
        let mut company = Self {
            acme: town.institution("acme", "issuer", "equity"),
            registrar: town.institution("registrar", "company-registrar", "equity"),
            court: town.institution("court", "court", "equity"),
            bank: town.organisation("bank"),
            ana: town.person("Ana"),
            bo: town.person("Bo"),
            cy: town.person("Cy"),
            town,
        };
        let acme = company.acme;
        company.does(company.registration(), &[acme]);
        company.does(company.class("common", "1000"), &[acme]);
        company.does(company.class("preferred", "500"), &[acme]);
        company
    }

    /// Applies an action, which must be accepted.
    #[track_caller]
    pub(crate) fn does(&mut self, action: Value, signers: &[Actor]) {
        self.does_all(&[action], signers);
    }

    /// Applies actions that take effect together.
    #[track_caller]
    pub(crate) fn does_all(&mut self, actions: &[Value], signers: &[Actor]) {
        if let Err(rejection) = self.tries(actions, signers) {
            panic!("{rejection}\n{actions:#?}");
        }
    }

    /// Tries an action, which must be refused; gives the code.
    #[track_caller]
    pub(crate) fn refuses(&mut self, action: Value, signers: &[Actor]) -> &'static str {
        match self.tries(std::slice::from_ref(&action), signers) {
            Ok(()) => panic!("accepted: {action:#}"),
            Err(rejection) => rejection.code.name,
        }
    }

    pub(crate) fn tries(&mut self, actions: &[Value], signers: &[Actor]) -> Result<(), Rejection> {
        let signers: Vec<KeyId> = signers.iter().map(Actor::signs).collect();
        self.town.try_all(actions, &signers).map(|_| ())
    }

    /// An action of the issuer's register.
    pub(crate) fn action(&self, action: &str, fields: Value) -> Value {
        let mut whole = json!({ "register": "equity", "action": action, "issuer": self.acme.id });
        for (name, value) in fields.as_object().unwrap() {
            whole[name] = value.clone();
        }
        whole
    }

    pub(crate) fn registration(&self) -> Value {
        let fields = json!({
            "name": "ACME Industries", "country": "US", "formed": "2010-01-01",
            "authorised": "1200",
        });
        self.action("register-issuer", fields)
    }

    pub(crate) fn class(&self, class: &str, authorised: &str) -> Value {
        let class_type = if class == "preferred" { "preferred" } else { "common" };
        let fields = json!({
            "class": class, "name": class, "class_type": class_type, "authorised": authorised,
            "votes_per_share": "1", "seniority": "1",
        });
        self.action("create-class", fields)
    }

    pub(crate) fn issue(&self, security: &str, holder: Actor, quantity: &str) -> Value {
        let fields = json!({
            "class": "common", "security": security, "holder": holder.id, "quantity": quantity,
        });
        self.action("issue", fields)
    }

    pub(crate) fn transfer(&self, from: &str, to: &[(&str, Actor, &str)], balance: &str) -> Value {
        let result = |(security, holder, quantity): &(&str, Actor, &str)| json!({ "security": security, "holder": holder.id, "quantity": quantity });
        let results: Vec<Value> = to.iter().map(result).collect();
        let mut action = self.action("transfer", json!({ "security": from, "results": results }));
        if !balance.is_empty() {
            action["balance"] = json!(balance);
        }
        action
    }

    pub(crate) fn take(&self, what: &str, security: &str, quantity: &str, balance: &str) -> Value {
        let mut action = self.action(what, json!({ "security": security, "quantity": quantity }));
        if !balance.is_empty() {
            action["balance"] = json!(balance);
        }
        action
    }

    pub(crate) fn reissue(&self, securities: &[&str], results: &[(&str, &str)]) -> Value {
        let fields = json!({ "securities": securities, "results": parts(results) });
        self.action("reissue", fields)
    }

    pub(crate) fn convert(
        &self,
        security: &str,
        quantity: &str,
        results: &[(&str, &str)],
    ) -> Value {
        let fields = json!({
            "security": security, "quantity": quantity, "into": "preferred",
            "results": parts(results),
        });
        self.action("convert", fields)
    }

    pub(crate) fn ratio(&self, class: &str, into: &str, ratio: &str) -> Value {
        let fields = json!({ "class": class, "into": into, "ratio": ratio });
        self.action("adjust-conversion-ratio", fields)
    }

    pub(crate) fn split(&self, split: &str, ratio: &str) -> Value {
        self.action("split", json!({ "class": "common", "split": split, "ratio": ratio }))
    }

    pub(crate) fn succession(&self, successors: &[(&str, Option<&str>)]) -> Value {
        let successor = |(security, into): &(&str, Option<&str>)| match into {
            Some(into) => json!({ "security": security, "into": into }),
            None => json!({ "security": security }),
        };
        let successors: Vec<Value> = successors.iter().map(successor).collect();
        let fields = json!({ "class": "common", "successors": successors });
        self.action("reissue-for-split", fields)
    }

    pub(crate) fn pledge(&self, security: &str) -> Value {
        self.action("pledge", json!({ "security": security, "pledgee": self.bank.id }))
    }

    pub(crate) fn dividend(&self, id: &str, amount: &str, record_time: impl Serialize) -> Value {
        let fields = json!({
            "dividend": id, "class": "common", "record_time": record_time,
            "total": { "amount": amount, "currency": "USD" },
        });
        self.action("declare-dividend", fields)
    }

    /// Shares that somebody has from the beginning.
    #[track_caller]
    pub(crate) fn issues(&mut self, security: &str, holder: Actor, quantity: &str) {
        self.does(self.issue(security, holder, quantity), &[self.acme, holder]);
    }

    /// Ana has 100 common shares under the id `a-1`.
    pub(crate) fn with_ana() -> Self {
        let mut company = Self::new();
        company.issues("a-1", company.ana, "100");
        company
    }

    /// An order of the court about an object of the register.
    pub(crate) fn order(&mut self, what: &str, id: &str, kind: &str, target: &str) {
        let mut order = json!({
            "register": "authorities", "action": what, "order": id, "by": self.court.id,
            "target": { "register": "equity", "kind": kind, "id": target }, "scope": "all of it",
            "reference": "HC 17/2026", "until": self.town.in_ms(crate::common::DAY),
        });
        if what == "direct" {
            order["instruction"] = json!("Do it");
        }
        self.does(order, &[self.court]);
    }

    /// The court's order about a security.
    pub(crate) fn orders(&mut self, what: &str, id: &str, security: &str) {
        let target = self.id(security);
        self.order(what, id, "security", &target);
    }

    pub(crate) fn id(&self, local: &str) -> String {
        scoped(&self.acme.id, &local.parse().unwrap())
    }

    pub(crate) fn issuer(&self) -> Issuer {
        self.town.get(&self.acme.id.to_string()).unwrap()
    }

    pub(crate) fn class_now(&self, class: &str) -> StockClass {
        self.town.get(&self.id(class)).unwrap()
    }

    pub(crate) fn security(&self, security: &str) -> Security {
        self.town.get(&self.id(security)).unwrap()
    }

    /// Every security that a class ever had.
    pub(crate) fn securities(&self, class: &str) -> Vec<Security> {
        let class = self.class_now(class);
        let parts = (0..).map_while(|part| {
            let id = SecurityIndex::id_of(&class.issuer, &class.class, part);
            self.town.get::<SecurityIndex>(&id)
        });
        let ids = parts.flat_map(|part| part.securities);
        ids.map(|id| self.security(id.as_str())).collect()
    }

    /// Puts an object into the state as if it had come to be like that.
    pub(crate) fn puts<T: Object>(&mut self, value: T) {
        let id = value.id();
        let stored = self.town.stored::<T>(&id).unwrap();
        let stored = Stored { value: &value, version: stored.version, position: stored.position };
        let bytes = serde_ipld_dagcbor::to_vec(&stored).unwrap();
        self.town.state.0.insert(state_key(T::REGISTER, T::KIND, &id), bytes.into());
    }
}

fn parts(results: &[(&str, &str)]) -> Vec<Value> {
    let part =
        |(security, quantity): &(&str, &str)| json!({ "security": security, "quantity": quantity });
    results.iter().map(part).collect()
}

/// An action with one value changed; a null takes the member away.
pub(crate) fn with(mut action: Value, name: &str, value: Value) -> Value {
    let members = action.as_object_mut().unwrap();
    match value {
        Value::Null => members.remove(name),
        value => members.insert(name.to_owned(), value),
    };
    action
}
