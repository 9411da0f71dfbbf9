//! Plans, convertibles, warrants, grants and filings: every rule broken once, and what holds where none is.

use chancery_registries::equity::{
    CapTable, Event, Instrument, IssuerIndex, Lineage, MAX_EXERCISES, MAX_PLANS,
    MAX_POOL_ADJUSTMENTS, MAX_SECURITIES, StockPlan,
};
use chancery_registries::shape::AskedOfState;
use serde_json::{Value, json};

use crate::cases::Case;
use crate::common::Actor;
use crate::company::{Company, with};

fn plan(company: &Company, plan: &str, reserved: &str) -> Value {
    let fields = json!({
        "plan": plan, "name": plan, "classes": ["common"], "reserved": reserved,
        "on_cancellation": "return-to-pool",
    });
    company.action("create-plan", fields)
}

fn instrument(company: &Company, kind: &str, security: &str, holder: Actor, amount: &str) -> Value {
    let mut action = company.action(
        "issue-instrument",
        json!({ "kind": kind, "security": security, "holder": holder.id }),
    );
    if !amount.is_empty() {
        action["amount"] = json!(amount);
    }
    if ["note", "safe"].contains(&kind) {
        action["currency"] = json!("USD");
    }
    action
}

/// The plan `pool` with 100 shares, and of it a grant `g-1` of 80 share units to Ana.
fn ana_has_a_grant(company: &mut Company) {
    company.does(plan(company, "pool", "100"), &[company.acme]);
    let grant = instrument(company, "rsu", "g-1", company.ana, "80");
    company.does(with(grant, "plan", json!("pool")), &[company.acme, company.ana]);
}

fn ana_has(company: &mut Company, kind: &str, security: &str, amount: &str) {
    let issue = instrument(company, kind, security, company.ana, amount);
    company.does(issue, &[company.acme, company.ana]);
}

fn exercise(company: &Company, security: &str, amount: &str, results: &[(&str, &str)]) -> Value {
    let part =
        |(security, quantity): &(&str, &str)| json!({ "security": security, "quantity": quantity });
    let results: Vec<Value> = results.iter().map(part).collect();
    let action = company.action("exercise", json!({ "security": security, "results": results }));
    match amount {
        "" => action,
        amount => with(action, "amount", json!(amount)),
    }
}

fn cancel(company: &Company, security: &str, amount: &str, balance: &str) -> Value {
    let mut action = company.action("cancel-instrument", json!({ "security": security }));
    for (name, value) in [("amount", amount), ("balance", balance)] {
        if !value.is_empty() {
            action[name] = json!(value);
        }
    }
    action
}

fn transfer(company: &Company, security: &str, amount: &str, balance: &str) -> Value {
    let mut result = json!({ "security": "to-bo", "holder": company.bo.id });
    if !amount.is_empty() {
        result["amount"] = json!(amount);
    }
    let action =
        company.action("transfer-instrument", json!({ "security": security, "results": [result] }));
    if balance.is_empty() { action } else { with(action, "balance", json!(balance)) }
}

fn returns(company: &Company, security: &str, quantity: &str) -> Value {
    let fields = json!({ "plan": "pool", "security": security, "quantity": quantity });
    company.action("return-to-pool", fields)
}

fn filing(company: &Company, about: Value) -> Value {
    let fields = json!({
        "filing": "f-1", "what": "TX_VESTING_START", "about": about,
        "record": "70ce871f8a3d3fb449bc3c3ace6547cef02dfc74ffe48d912532a724bfdbe5b9",
    });
    company.action("file", fields)
}

fn into_common(action: Value) -> Value {
    with(action, "into", json!("common"))
}

pub(crate) const CASES: &[Case] = &[
    ("signer-missing", "the issuer has not signed the plan", |company| {
        company.refuses(plan(company, "pool", "1"), &[company.ana])
    }),
    ("id-taken", "the issuer has this plan", |company| {
        company.does(plan(company, "pool", "1"), &[company.acme]);
        company.refuses(plan(company, "pool", "1"), &[company.acme])
    }),
    ("equity-class-unknown", "a plan for no class", |company| {
        let none = with(plan(company, "pool", "1"), "classes", json!(["none"]));
        company.refuses(none, &[company.acme])
    }),
    ("equity-too-many-plans", "one plan more than there may be", |company| {
        let mut issuer = company.issuer();
        issuer.plans = (0..MAX_PLANS).map(|one| format!("p{one}").parse().unwrap()).collect();
        company.puts(issuer);
        company.refuses(plan(company, "pool", "1"), &[company.acme])
    }),
    ("equity-plan-unknown", "a grant under no plan", |company| {
        let grant = instrument(company, "rsu", "g-1", company.ana, "1");
        company.refuses(with(grant, "plan", json!("none")), &[company.acme, company.ana])
    }),
    ("equity-plan-unknown", "shares under no plan", |company| {
        let issue = with(company.issue("a-1", company.ana, "1"), "plan", json!("none"));
        company.refuses(issue, &[company.acme, company.ana])
    }),
    ("equity-pool-exhausted", "one more than the pool has", |company| {
        ana_has_a_grant(company);
        let more = instrument(company, "option", "g-2", company.ana, "21");
        company.refuses(with(more, "plan", json!("pool")), &[company.acme, company.ana])
    }),
    ("equity-pool-exhausted", "shares are granted from the same pool", |company| {
        ana_has_a_grant(company);
        let issue = with(company.issue("a-1", company.ana, "21"), "plan", json!("pool"));
        company.refuses(issue, &[company.acme, company.ana])
    }),
    ("equity-pool-exhausted", "a pool smaller than what was granted", |company| {
        ana_has_a_grant(company);
        let fields = json!({ "plan": "pool", "reserved": "79" });
        company.refuses(company.action("adjust-plan-pool", fields), &[company.acme])
    }),
    ("equity-too-many-pool-adjustments", "one change too many", |company| {
        ana_has_a_grant(company);
        let fields = json!({ "plan": "pool", "reserved": "100" });
        let adjust = company.action("adjust-plan-pool", fields);
        company.does(adjust.clone(), &[company.acme]);
        let mut plan: StockPlan = company.town.get(&company.id("pool")).unwrap();
        plan.adjustments = vec![plan.adjustments[0].clone(); MAX_POOL_ADJUSTMENTS];
        company.puts(plan);
        company.refuses(adjust, &[company.acme])
    }),
    ("equity-class-not-of-plan", "a grant of preferred shares under it", |company| {
        company.does(plan(company, "pool", "100"), &[company.acme]);
        let grant = instrument(company, "option", "g-1", company.ana, "1");
        let grant = with(with(grant, "plan", json!("pool")), "class", json!("preferred"));
        company.refuses(grant, &[company.acme, company.ana])
    }),
    ("signer-missing", "the holder has not signed the grant", |company| {
        company.refuses(instrument(company, "option", "o-1", company.ana, "1"), &[company.acme])
    }),
    ("signer-missing", "the issuer has not signed the grant", |company| {
        company.refuses(instrument(company, "option", "o-1", company.ana, "1"), &[company.ana])
    }),
    ("id-taken", "shares have the id", |company| {
        company.issues("a-1", company.ana, "1");
        let option = instrument(company, "option", "a-1", company.ana, "1");
        company.refuses(option, &[company.acme, company.ana])
    }),
    ("id-taken", "an instrument has the id that shares are to have", |company| {
        ana_has(company, "option", "o-1", "1");
        company.refuses(company.issue("o-1", company.ana, "1"), &[company.acme, company.ana])
    }),
    ("equity-measure-wrong", "a convertible for shares", |company| {
        let note =
            with(instrument(company, "note", "n-1", company.ana, "1"), "currency", Value::Null);
        company.refuses(note, &[company.acme, company.ana])
    }),
    ("equity-measure-wrong", "an option for money", |company| {
        let option = instrument(company, "option", "o-1", company.ana, "1");
        company.refuses(with(option, "currency", json!("USD")), &[company.acme, company.ana])
    }),
    ("equity-measure-wrong", "an option for nothing", |company| {
        let option = instrument(company, "option", "o-1", company.ana, "");
        company.refuses(option, &[company.acme, company.ana])
    }),
    ("equity-measure-wrong", "a number of a warrant that has none", |company| {
        ana_has(company, "warrant", "w-1", "");
        company.refuses(cancel(company, "w-1", "1", ""), &[company.acme, company.ana])
    }),
    ("equity-measure-wrong", "a receiver of no amount", |company| {
        ana_has(company, "warrant", "w-1", "10");
        let signers = [company.acme, company.ana, company.bo];
        company.refuses(transfer(company, "w-1", "", ""), &signers)
    }),
    ("equity-index-full", "one instrument too many", |company| {
        let mut issuer = company.issuer();
        issuer.instruments = MAX_SECURITIES;
        company.puts(issuer);
        let option = instrument(company, "option", "o-1", company.ana, "1");
        company.refuses(option, &[company.acme, company.ana])
    }),
    ("equity-instrument-unknown", "no such instrument", |company| {
        company.refuses(cancel(company, "o-1", "", ""), &[company.acme, company.ana])
    }),
    ("equity-security-ended", "it was cancelled before", |company| {
        ana_has(company, "option", "o-1", "1");
        company.does(cancel(company, "o-1", "", ""), &[company.acme, company.ana]);
        company.refuses(cancel(company, "o-1", "", ""), &[company.acme, company.ana])
    }),
    ("frozen", "it is frozen", |company| {
        ana_has(company, "option", "o-1", "1");
        let target = company.id("o-1");
        company.order("freeze", "o", "instrument", &target);
        company.refuses(cancel(company, "o-1", "", ""), &[company.acme, company.ana])
    }),
    ("signer-missing", "the issuer has not consented to the transfer", |company| {
        ana_has(company, "warrant", "w-1", "10");
        company.refuses(transfer(company, "w-1", "10", ""), &[company.ana, company.bo])
    }),
    ("equity-quantity-exceeds", "more than is outstanding", |company| {
        ana_has(company, "warrant", "w-1", "10");
        let signers = [company.acme, company.ana, company.bo];
        company.refuses(transfer(company, "w-1", "11", ""), &signers)
    }),
    ("equity-balance-wrong", "what is left has no balance", |company| {
        ana_has(company, "warrant", "w-1", "10");
        let signers = [company.acme, company.ana, company.bo];
        company.refuses(transfer(company, "w-1", "9", ""), &signers)
    }),
    ("equity-not-from-issuance", "a balance is not taken back", |company| {
        ana_has(company, "option", "o-1", "10");
        company.does(cancel(company, "o-1", "4", "o-2"), &[company.acme, company.ana]);
        let fields = json!({ "security": "o-2", "reason": "so" });
        let retract = company.action("retract-instrument", fields);
        company.refuses(retract, &[company.acme, company.ana])
    }),
    ("equity-already-exercised", "shares were made of it", |company| {
        ana_has_a_grant(company);
        company.does(exercise(company, "g-1", "5", &[("a-1", "5")]), &[company.acme, company.ana]);
        let fields = json!({ "security": "g-1", "reason": "so" });
        let retract = company.action("retract-instrument", fields);
        company.refuses(retract, &[company.acme, company.ana])
    }),
    ("equity-class-missing", "nobody says which shares", |company| {
        ana_has(company, "option", "o-1", "10");
        let exercise = exercise(company, "o-1", "5", &[("a-1", "5")]);
        company.refuses(exercise, &[company.acme, company.ana])
    }),
    ("equity-class-differs", "an option for common becomes preferred", |company| {
        let option = instrument(company, "option", "o-1", company.ana, "10");
        company.does(with(option, "class", json!("common")), &[company.acme, company.ana]);
        let exercise = exercise(company, "o-1", "5", &[("a-1", "5")]);
        company.refuses(with(exercise, "into", json!("preferred")), &[company.acme, company.ana])
    }),
    ("equity-shares-exceed-exercise", "six shares of five", |company| {
        ana_has(company, "option", "o-1", "10");
        let exercise = into_common(exercise(company, "o-1", "5", &[("a-1", "6")]));
        company.refuses(exercise, &[company.acme, company.ana])
    }),
    ("equity-shares-exceed-exercise", "a share of what is settled in money", |company| {
        ana_has(company, "csar", "c-1", "10");
        let exercise = into_common(exercise(company, "c-1", "5", &[("a-1", "1")]));
        company.refuses(exercise, &[company.acme, company.ana])
    }),
    ("equity-quantity-exceeds", "more than is left after an exercise", |company| {
        ana_has_a_grant(company);
        company
            .does(exercise(company, "g-1", "50", &[("a-1", "50")]), &[company.acme, company.ana]);
        let more = exercise(company, "g-1", "31", &[("a-2", "31")]);
        company.refuses(more, &[company.acme, company.ana])
    }),
    ("equity-rest-not-kept", "half a warrant", |company| {
        ana_has(company, "warrant", "w-1", "10");
        let exercise = into_common(exercise(company, "w-1", "5", &[("a-1", "5")]));
        company.refuses(exercise, &[company.acme, company.ana])
    }),
    ("equity-balance-wrong", "half a note, and no balance", |company| {
        ana_has(company, "note", "n-1", "10");
        let convert = into_common(exercise(company, "n-1", "5", &[("a-1", "5")]));
        company.refuses(convert, &[company.acme, company.ana])
    }),
    ("equity-above-class-authorised", "a note that becomes too many shares", |company| {
        ana_has(company, "note", "n-1", "10");
        let convert = into_common(exercise(company, "n-1", "", &[("a-1", "1001")]));
        company.refuses(convert, &[company.acme, company.ana])
    }),
    ("equity-too-many-exercises", "one exercise too many", |company| {
        ana_has_a_grant(company);
        company.does(exercise(company, "g-1", "1", &[("a-1", "1")]), &[company.acme, company.ana]);
        let mut grant: Instrument = company.town.get(&company.id("g-1")).unwrap();
        grant.exercises = vec![grant.exercises[0].clone(); MAX_EXERCISES];
        company.puts(grant);
        let more = exercise(company, "g-1", "1", &[("a-2", "1")]);
        company.refuses(more, &[company.acme, company.ana])
    }),
    ("equity-nothing-to-return", "it is not cancelled", |company| {
        ana_has_a_grant(company);
        company.refuses(returns(company, "g-1", "1"), &[company.acme])
    }),
    ("equity-nothing-to-return", "more than was cancelled", |company| {
        ana_has_a_grant(company);
        company.does(cancel(company, "g-1", "30", "g-2"), &[company.acme, company.ana]);
        company.refuses(returns(company, "g-1", "31"), &[company.acme])
    }),
    ("equity-nothing-to-return", "a second time", |company| {
        ana_has_a_grant(company);
        company.does(cancel(company, "g-1", "30", "g-2"), &[company.acme, company.ana]);
        company.does(returns(company, "g-1", "10"), &[company.acme]);
        company.refuses(returns(company, "g-1", "10"), &[company.acme])
    }),
    ("equity-security-unknown", "a filing about nothing", |company| {
        company.refuses(filing(company, json!("o-1")), &[company.acme])
    }),
    ("id-taken", "a second filing of the id", |company| {
        company.does(filing(company, Value::Null), &[company.acme]);
        company.refuses(filing(company, Value::Null), &[company.acme])
    }),
];

/// Every story here, to be told once more with a look at the signatures.
pub(crate) const STORIES: &[fn()] = &[
    a_grant_is_released_in_parts_and_its_rest_returns_to_the_pool,
    money_is_conserved_when_a_note_converts_in_part,
    a_retracted_grant_is_as_if_it_had_not_been,
    an_order_stands_in_for_the_holder_of_an_instrument,
    a_warrant_changes_hands_and_a_pool_grows,
];

#[test]
fn a_warrant_changes_hands_and_a_pool_grows() {
    let mut company = Company::new();
    let Company { acme, ana, bo, .. } = company;
    ana_has(&mut company, "warrant", "w-1", "10");
    company.does(transfer(&company, "w-1", "10", ""), &[acme, ana, bo]);
    let now: Instrument = company.town.get(&company.id("to-bo")).unwrap();
    assert_eq!((now.holder, now.outstanding.to_string()), (bo.id, "10".to_owned()));

    company.does(plan(&company, "pool", "100"), &[acme]);
    let fields = json!({ "plan": "pool", "reserved": "150" });
    company.does(company.action("adjust-plan-pool", fields), &[acme]);
    let plan: StockPlan = company.town.get(&company.id("pool")).unwrap();
    assert_eq!(plan.available().unwrap().to_string(), "150");
}

#[test]
fn a_grant_is_released_in_parts_and_its_rest_returns_to_the_pool() {
    let mut company = Company::new();
    ana_has_a_grant(&mut company);
    let both = [company.acme, company.ana];
    company.does(filing(&company, json!("g-1")), &[company.acme]);
    // Of 30 units 20 shares: the rest pays the tax.
    company.does(exercise(&company, "g-1", "30", &[("a-1", "20")]), &both);
    company.does(cancel(&company, "g-1", "50", ""), &both);
    company.does(returns(&company, "g-1", "50"), &[company.acme]);

    let grant: Instrument = company.town.get(&company.id("g-1")).unwrap();
    assert_eq!(grant.exercises[0].amount.to_string(), "30");
    assert_eq!(grant.ended.unwrap().returned.unwrap().quantity.to_string(), "50");
    assert_eq!(company.security("a-1").origin.event, Event::Release);
    let plan: StockPlan = company.town.get(&company.id("pool")).unwrap();
    assert_eq!(plan.available().unwrap().to_string(), "70");
    let table = company.asks::<CapTable>(&company.acme.id.to_string());
    assert_eq!(
        (table.issued.to_string(), table.fully_diluted.to_string()),
        ("20".into(), "90".into())
    );

    // The shares' lineage leads to the grant, and the grant's to the shares.
    let lineage = company.asks::<Lineage>(&company.id("a-1"));
    assert_eq!(lineage.ancestors[0].security.as_str(), "g-1");
    let lineage = company.asks::<Lineage>(&company.id("g-1"));
    assert_eq!(lineage.descendants[0].security.as_str(), "a-1");
}

#[test]
fn money_is_conserved_when_a_note_converts_in_part() {
    let mut company = Company::new();
    let both = [company.acme, company.ana];
    ana_has(&mut company, "note", "n-1", "1000.50");
    let convert = exercise(&company, "n-1", "400.25", &[("a-1", "37")]);
    let convert = with(into_common(convert), "balance", json!("n-2"));
    company.does(convert, &both);
    let left: Instrument = company.town.get(&company.id("n-2")).unwrap();
    assert_eq!(left.outstanding.to_string(), "600.25");
    assert_eq!((left.holder, left.currency), (company.ana.id, "USD".parse().ok()));
    let table = company.asks::<CapTable>(&company.acme.id.to_string());
    assert_eq!((table.fully_diluted.to_string(), table.undetermined), ("37".into(), 1));
    let index: IssuerIndex = {
        let id = IssuerIndex::id_of(
            &company.acme.id,
            chancery_registries::equity::Indexed::Instruments,
            0,
        );
        company.town.get(&id).unwrap()
    };
    assert_eq!(index.ids.len(), 2);
}

#[test]
fn a_retracted_grant_is_as_if_it_had_not_been() {
    let mut company = Company::new();
    ana_has_a_grant(&mut company);
    let fields = json!({ "security": "g-1", "reason": "so" });
    let both = [company.acme, company.ana];
    company.does(company.action("retract-instrument", fields), &both);
    let plan: StockPlan = company.town.get(&company.id("pool")).unwrap();
    assert!(plan.granted.is_zero());
}

#[test]
fn an_order_stands_in_for_the_holder_of_an_instrument() {
    let mut company = Company::new();
    ana_has(&mut company, "warrant", "w-1", "10");
    let target = company.id("w-1");
    company.order("direct", "o-1", "instrument", &target);
    let ordered = with(transfer(&company, "w-1", "10", ""), "order", json!("o-1"));
    company.does(ordered, &[company.acme, company.bo]);
    let now: Instrument = company.town.get(&company.id("to-bo")).unwrap();
    assert_eq!(now.holder, company.bo.id);
}

impl Company {
    fn asks<T: AskedOfState>(&self, id: &str) -> T {
        self.town.asks(|draft| T::answer(draft, id)).unwrap()
    }
}
